import json
import lzma
from pathlib import Path

import pytest

from zoo.data import source_code
from zoo.data.near_duplicates import near_duplicates
from zoo.data.source_code import Texts, load_texts
from zoo.data.text_module import build_text_data
from zoo.data.text_options import TextOptions
from zoo.errors import ZooError


def _folder(root, **options):
    return TextOptions(kind="folder", root=root, **options)


def test_the_embedded_programs_need_no_files():
    splits = load_texts(TextOptions(programs=40))
    assert (len(splits.train), len(splits.validation), splits.problems) == (36, 4, 18)


def test_a_folders_tenth_file_is_for_validation_and_hidden_ones_are_left_out(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.c").write_text(f"int a{number};")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/junk").write_bytes(b"\0")
    splits = load_texts(_folder(tmp_path))
    assert splits.validation.text == ["int a9;"]
    assert len(splits.train) == 9
    assert splits.train.problem is None


def test_a_files_last_tenth_is_for_validation(tmp_path):
    (tmp_path / "a.txt").write_bytes(("é" * 90 + "\r\n" * 10).encode())
    splits = load_texts(_folder(tmp_path / "a.txt"))
    assert splits.train.text == ["é" * 90]
    assert splits.validation.text == ["\n" * 10]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file or folder"),
        ([], "holds no text"),
        ([b""], "holds no text"),
        ([b"int main", b"\x7fELF\0\0"], r"1: a binary file \(byte 4 is zero\)"),
        ([b"int \xff main"], "byte 4 is no UTF-8"),
        ([b"x"], "too few"),
        ([b"short", b"also short"], "fewer than one window"),
        ([b"a" * 3000], "only the first 2,000 would be learnt from; add --data.layout stream"),
    ],
)
def test_what_is_no_text_to_learn_from_is_refused(content, message, tmp_path):
    root = tmp_path / "texts"
    if content is not None:
        root.mkdir()
    for number, each in enumerate(content or []):
        (root / str(number)).write_bytes(each)
    with pytest.raises(ZooError, match=message):
        build_text_data(_folder(root), seed=0)


def _write(root, name, rows):
    (root / f"{name}.jsonl.xz").write_bytes(lzma.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def test_characters_of_validation_texts_have_numbers_too(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text("ab" * 30 if number < 9 else "abc")
    assert build_text_data(_folder(tmp_path, window=20), seed=0).prepared.vocabulary.symbols[2:] == ["a", "b", "c"]


def test_more_text_than_is_read_is_refused(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).write_text("int x;")
    monkeypatch.setattr(source_code, "_LARGEST", 11)
    with pytest.raises(ZooError, match=r"b: with it there are more than 0 MiB of text"):
        load_texts(_folder(tmp_path))


def test_a_folder_is_found_again_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _folder(Path("texts")).root == tmp_path / "texts"


def test_students_programs_are_those_in_c_with_problems_from_zero(tmp_path):
    rows = [
        {"problem": 104, "lang": "c", "text": "a"},
        {"problem": 1, "lang": "c++", "text": "b"},
        {"problem": 1, "lang": "c", "text": "c"},
    ]
    _write(tmp_path, "train", rows)
    _write(tmp_path, "valid", rows[:1])
    splits = load_texts(TextOptions(kind="poj104", root=tmp_path))
    assert (splits.train.text, splits.train.problem) == (["a", "c"], [103, 0])
    assert splits.validation.text == ["a"]


@pytest.mark.parametrize(
    "row", [{"problem": 0, "text": "a"}, {"problem": 105, "text": "a"}, {"text": "a"}, {"problem": True, "text": "a"}, {"problem": 3}]
)
def test_damaged_rows_are_refused_with_their_line(row, tmp_path):
    _write(tmp_path, "train", [{"problem": 1, "lang": "c", "text": "fine"}, row | {"lang": "c"}])
    with pytest.raises(ZooError, match="line 2 has no text, or no problem"):
        load_texts(TextOptions(kind="poj104", root=tmp_path))


def test_a_missing_corpus_is_told_where_it_was_looked_for(tmp_path):
    with pytest.raises(ZooError, match=f"POJ-104 is not in {tmp_path}.*train.jsonl.xz.*--data c-programs"):
        load_texts(TextOptions(kind="poj104", root=tmp_path))


def test_renamed_copies_are_near_duplicates_and_other_programs_are_not():
    loop = 'int main(){int i,s=0;for(i=0;i<10;i++){s+=i;}printf("%d",s);return 0;}'
    other = 'int gcd(int a,int b){return b?gcd(b,a%b):a;} int main(){printf("%d",gcd(4,6));return 0;}'
    renamed = loop.replace("i", "k").replace("knt", "int").replace("maki", "main").replace("prkkf", "printf") + "\n// copied"
    found = near_duplicates(Texts([loop, other], [0, 1]), Texts([renamed, loop], [0, 1]))
    assert found.tolist() == [True, False], "only programs for the same problem are compared"
    assert near_duplicates(Texts([loop]), Texts([other])).tolist() == [False]


def test_real_shakespeare_has_its_known_size(texts_root):
    splits = load_texts(TextOptions(kind="tinyshakespeare", root=texts_root))
    assert (splits.train.characters, splits.validation.characters) == (1_003_854, 111_540)
    assert splits.train.text[0].startswith("First Citizen:")
