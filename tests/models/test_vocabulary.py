import pytest
import torch

from zoo.errors import ZooError
from zoo.models.vocabulary import END, MARKS, START, Vocabulary


def test_texts_come_back_and_marks_are_left_out():
    vocabulary = Vocabulary.of(["int é;\n", "𝒳"])
    code = vocabulary.encode("é𝒳 int;")
    assert vocabulary.decode(code) == "é𝒳 int;"
    assert vocabulary.decode(torch.tensor([START, *code.tolist(), END])) == "é𝒳 int;"
    assert len(vocabulary) == len(MARKS) + len(set("int é;\n𝒳"))
    assert Vocabulary(vocabulary.symbols).encode("t").item() == vocabulary.encode("t").item()
    assert vocabulary.encode("").tolist() == []


def test_an_unknown_character_is_named_with_its_place():
    with pytest.raises(ZooError, match=r"--prompt has '@' at character 3, which the model never saw; .*'ab'"):
        Vocabulary.of(["ab"]).encode("ab@", what="--prompt")


@pytest.mark.parametrize("symbols", [["a", "b"], [*MARKS, "a", "a"], [*MARKS, "ab"], [MARKS[0]]])
def test_what_is_no_vocabulary_is_refused(symbols):
    with pytest.raises(ZooError, match="not those of a vocabulary"):
        Vocabulary(symbols)
