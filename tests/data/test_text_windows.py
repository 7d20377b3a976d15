import pytest
import torch

from zoo.data.text_windows import Windows, as_stream, encode
from zoo.errors import ZooError
from zoo.models.char_lstm import IGNORED
from zoo.models.vocabulary import END, START, Vocabulary

TEXTS = ["ab" * size for size in (1, 3, 3, 4, 9, 20, 33, 2, 5, 7)] + [""]
VOCABULARY = Vocabulary.of(TEXTS)


def _windows(texts=TEXTS, *, seed=0, batch_size=3, window=8, **options):
    return Windows(encode(texts, list(range(len(texts))), VOCABULARY, **options), batch_size=batch_size, window=window, seed=seed)


def _read(windows):
    """What a model sees of every text, and has to say, joined over the windows."""
    source, target, rows = {}, {}, None
    for window in windows:
        rows = window.problem.tolist() if window.begins else rows[: len(window.problem)]
        assert rows == window.problem.tolist(), "the first rows of the window before go on"
        for number, x, y in zip(rows, window.source, window.target, strict=True):
            source[number] = source.get(number, []) + x[y != IGNORED].tolist()
            target[number] = target.get(number, []) + y[y != IGNORED].tolist()
    return source, target


@pytest.mark.parametrize("seed", [None, 0, 1])
@pytest.mark.parametrize("window", [2, 8, 100])
def test_every_text_is_read_once_from_its_mark_to_its_end(seed, window):
    source, target = _read(_windows(seed=seed, window=window))
    for number, text in enumerate(TEXTS):
        code = VOCABULARY.encode(text).tolist()
        assert source[number] == [START, *code]
        assert target[number] == [*code, END]


def test_a_long_text_is_cut_without_an_end_mark():
    _, target = _read(_windows(longest=10))
    assert target[6] == VOCABULARY.encode(TEXTS[6][:10]).tolist()
    assert target[3][-1] == END


def test_what_is_behind_a_cut_is_not_among_what_is_read():
    texts = encode(["abab", "b", "aab"], None, VOCABULARY, longest=3)
    a, b = VOCABULARY.encode("ab").tolist()
    assert texts.read.tolist() == [START, a, b, a, START, b, END, START, a, a, b]
    stream = as_stream(encode(["abab", "b"], None, VOCABULARY), rows=2)
    assert torch.equal(stream.read, stream.code)


def test_windows_are_never_longer_than_asked_and_never_empty():
    for window in _windows():
        assert 0 < window.source.shape[1] <= 8
        assert bool((window.target != IGNORED).any(1).all())
        assert window.weight == pytest.approx(int((window.target != IGNORED).sum()) / 24)


def test_every_epoch_has_as_many_windows_in_another_order():
    windows, firsts = _windows(), []
    for epoch in range(4):
        windows.sampler.set_epoch(epoch)
        seen = list(windows)
        assert len(seen) == len(windows)
        firsts.append([window.problem.tolist() for window in seen])
    assert len({str(each) for each in firsts}) == 4


@pytest.mark.parametrize("taken", [0, 1, 5, 9])
def test_a_position_goes_on_where_it_was_taken(taken):
    whole, broken, resumed = _windows(), _windows(), _windows()
    for each in (whole, broken):
        each.sampler.set_epoch(2)
    iterator = iter(broken)
    for _ in range(taken):
        next(iterator)
    resumed.load_state_dict(broken.state_dict())
    rest = list(whole)[taken:]
    for mine, other in zip(list(resumed), rest, strict=True):
        assert torch.equal(mine.source, other.source)
        assert mine.begins == other.begins


def test_a_position_in_other_texts_is_refused():
    with pytest.raises(ZooError, match=r"data has changed.*train again"):
        _windows().load_state_dict(_windows(TEXTS[:5]).state_dict())
    with pytest.raises(ZooError, match="windows was"):
        _windows(window=4).load_state_dict(_windows().state_dict())


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_a_stream_is_read_once_from_several_places(rows):
    text = "abba" * 20 + "b"
    stream = as_stream(encode([text], None, VOCABULARY), rows=rows)
    (pieces,) = [[]]
    for window in Windows(stream, batch_size=rows, window=9):
        if window.begins:
            pieces = [[] for _ in window.source]
        for piece, y in zip(pieces, window.target, strict=False):
            piece += y[y != IGNORED].tolist()
    order = stream.length.argsort(descending=True, stable=True).tolist()
    joined = [code for place in range(rows) for code in pieces[order.index(place)]]
    assert joined == [*VOCABULARY.encode(text).tolist(), END]


@pytest.mark.parametrize("rows", [1, 4])
def test_a_stream_of_several_texts_says_each_ones_end_and_begins_each_after_a_start_mark(rows):
    stream = as_stream(encode(TEXTS[:4], None, VOCABULARY), rows=rows)
    source, target = {}, {}
    for window in Windows(stream, batch_size=rows, window=4):
        for row, (x, y) in enumerate(zip(window.source, window.target, strict=True)):
            source.setdefault(row, []).extend(x[y != IGNORED].tolist())
            target.setdefault(row, []).extend(y[y != IGNORED].tolist())
    order = stream.length.argsort(descending=True, stable=True).tolist()
    coded = [VOCABULARY.encode(text).tolist() for text in TEXTS[:4]]
    assert [code for row in range(rows) for code in source[order.index(row)]] == [code for text in coded for code in (START, *text)]
    assert [code for row in range(rows) for code in target[order.index(row)]] == [code for text in coded for code in (*text, END)]


def test_a_stream_shorter_than_its_rows_is_refused():
    with pytest.raises(ZooError, match="too few for 9 rows"):
        as_stream(encode(["abab"], None, VOCABULARY), rows=9)


def test_no_texts_are_refused():
    with pytest.raises(ZooError, match="no text to learn from"):
        encode([], None, VOCABULARY)
