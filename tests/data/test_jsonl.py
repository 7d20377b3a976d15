import json
import lzma

import pytest

from zoo.data.jsonl import read_jsonl_xz
from zoo.data.xz import unpack_xz
from zoo.errors import ZooError

OBJECTS = [{"text": "int main()\n{\r\n}" * 400, "id": number} for number in range(200)]
LINES = "".join(json.dumps(each) + "\n" for each in OBJECTS).encode()


def _written(path, content):
    path.write_bytes(content)
    return path


def test_objects_come_back_as_they_were_written(tmp_path):
    path = _written(tmp_path / "a.jsonl.xz", lzma.compress(LINES))
    assert list(read_jsonl_xz(path)) == OBJECTS
    assert list(read_jsonl_xz(_written(path, lzma.compress(LINES.rstrip(b"\n"))))) == OBJECTS, "the last line need not end"
    assert list(read_jsonl_xz(_written(path, lzma.compress(LINES.replace(b"\n", b"\r\n"))))) == OBJECTS
    assert list(read_jsonl_xz(_written(path, lzma.compress(b"")))) == []


def test_the_first_objects_come_before_the_rest_is_unpacked(tmp_path):
    packed = lzma.compress(LINES + bytes(64 << 20))
    assert next(iter(read_jsonl_xz(_written(tmp_path / "a.jsonl.xz", packed), largest=1 << 20))) == OBJECTS[0]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", r"line 3, at byte 19 unpacked, is no JSON \(Expecting"),
        (b"", "line 3, at byte 19 unpacked, is no JSON"),
        (b'{"a": "\xff"}', "is no JSON .*utf-8"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "is no JSON"),
        (b"[1]", "line 3, at byte 19 unpacked, is a JSON list"),
        (b'"' + bytes(2 << 20), "a line is longer than 1024 KiB"),
    ],
)
def test_a_line_that_is_no_object_is_named(line, complaint, tmp_path):
    path = _written(tmp_path / "a.jsonl.xz", lzma.compress(b'{"a": 1}\n{"a": 22}\n' + line + b"\n"))
    with pytest.raises(ZooError, match=complaint) as caught:
        list(read_jsonl_xz(path))
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


PACKED = lzma.compress(LINES)
DAMAGES = {
    "no xz": (b"hello" * 10, "no xz file, or a damaged one, before byte 50"),
    "nothing": (b"", "ends at byte 0"),
    "cut off": (PACKED[: len(PACKED) // 2], f"ends at byte {len(PACKED) // 2}"),
    "more behind": (PACKED + b"more", f"goes on after byte {len(PACKED)}"),
    "more, far behind": (PACKED + bytes(1 << 20), f"goes on after byte {len(PACKED)}"),
    "the older format": (lzma.compress(LINES, lzma.FORMAT_ALONE), "no xz file"),
    "a changed byte": (PACKED[:200] + bytes([PACKED[200] ^ 1]) + PACKED[201:], "no xz file, or a damaged one"),
    "a greedy window": (
        lzma.compress(LINES, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]),
        r"no xz file, or a damaged one, before byte \d+ \(Memory usage limit exceeded",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_one_clear_error(damage, tmp_path):
    content, complaint = DAMAGES[damage]
    path = _written(tmp_path / "a.xz", content)
    with pytest.raises(ZooError, match=complaint) as caught:
        list(unpack_xz(path, largest=1 << 30))
    assert str(caught.value).startswith(str(path))


def test_a_bomb_is_not_unpacked(tmp_path):
    path = _written(tmp_path / "a.xz", lzma.compress(bytes(32 << 20)))
    pieces = unpack_xz(path, largest=1 << 20)
    assert sum(len(next(pieces)) for _ in range(4)) <= 1 << 20
    with pytest.raises(ZooError, match="unpacks to more than 1,048,576 bytes"):
        list(pieces)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ZooError, match="cannot be read"):
        list(read_jsonl_xz(tmp_path / "a.jsonl.xz"))
