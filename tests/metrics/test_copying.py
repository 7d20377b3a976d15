import numpy as np
import pytest

from zoo.metrics.copying import CopyFinder


def _longest(text, texts):
    """By trying all spans."""
    spans = (text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1))
    return max((len(span) for span in spans if any(span in each for each in texts)), default=0)


@pytest.mark.parametrize("seed", range(5))
def test_the_longest_span_is_that_of_trying_them_all(seed):
    """Few letters, so that spans repeat and the sorting has to double often."""
    chance = np.random.default_rng(seed)
    texts = ["".join(chance.choice(list("ab\n"), size)) for size in (400, 30, 1)] + ["ab" * 100]
    finder = CopyFinder(texts)
    for size in (1, 20, 60):
        text = "".join(chance.choice(list("abc\n"), size)) + "ab" * 9
        found = finder.longest(text)
        assert found in text
        assert any(found in each for each in texts)
        assert len(found) == _longest(text, texts)


def test_no_span_goes_from_one_text_to_the_next():
    assert len(CopyFinder(["abc", "def"]).longest("abcdef")) == 3


def test_a_copy_is_wholly_copied_and_a_stranger_not_at_all():
    finder = CopyFinder(["int main(){return 0;}", "é"])
    assert finder.longest("int main(){return 0;}") == "int main(){return 0;}"
    assert finder.longest("") == ""
    assert finder.longest("@@@") == ""
    assert finder.longest("@é@") == "é"
