"""The file format of checkpoints: plain values as JSON, tensors as safetensors, a sha256 over both; no pickle.

A file is the magic, the sha256 of all that follows, the length of the JSON, the JSON, and the tensors. Nothing is parsed
before the hash is found right, nothing in it can name code, and what is allocated is bounded by the file's size.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError
from zoo.recipes.durable import write_durably

_MAGIC = b"zoo checkpoint 1\n"
_LENGTH = struct.Struct("<Q")
_START = len(_MAGIC) + hashlib.sha256().digest_size
_LARGEST = 16 << 30  # bytes of a file
_LARGEST_HEADER = 2 << 20  # bytes of JSON, which takes some 25 times as much memory once parsed
_PLAIN = (type(None), bool, int, float, str)


def write_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Write nested dicts, lists and tuples of plain values and tensors, replacing ``path`` in one step.

    Raises:
        RunError: The system refused; an older file is as it was.
        TypeError: There is something else in it.
    """
    tensors: dict[str, Tensor] = {}
    tree = json.dumps(_encode(checkpoint, tensors)).encode()
    if len(tree) > _LARGEST_HEADER:
        raise TypeError(f"a checkpoint holds its numbers in tensors; {len(tree)} bytes of plain values are too many")
    content = safetensors.torch.save(tensors)
    head = _LENGTH.pack(len(tree)) + tree
    digest = hashlib.sha256(head)
    digest.update(content)
    write_durably(path, _MAGIC + digest.digest() + head, content)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read what ``write_checkpoint`` wrote, tensors on the CPU.

    Raises:
        ZooError: The file cannot be read, is no checkpoint of this version, or is not as it was written.
    """
    try:
        file, size = open_bounded(path, _LARGEST)
        with file:
            start, head = file.read(_START), file.read(_LENGTH.size)
            if not start.startswith(_MAGIC):
                raise ZooError(f"{path}: not a checkpoint of this version of the zoo; train again")
            (length,) = _LENGTH.unpack(head.ljust(_LENGTH.size, b"\0"))
            if length > min(size, _LARGEST_HEADER):
                raise ZooError(f"{path}: the header at byte {_START} claims {length} bytes; the file is damaged")
            tree, content = file.read(length), file.read(size)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(head)
    digest.update(tree)
    digest.update(content)
    if digest.digest() != start[len(_MAGIC) :]:
        raise ZooError(f"{path}: its sha256 is not the recorded one; the file was damaged after it was saved")
    return _parse(path, tree, content)


def _parse(path: Path, tree: bytes, content: bytes) -> dict[str, Any]:
    try:
        (claimed,) = _LENGTH.unpack_from(content)
        if claimed > _LARGEST_HEADER:
            raise ZooError(f"{path}: the list of tensors claims {claimed} bytes; this is no checkpoint of the zoo")
        decoded = _decode(json.loads(tree), safetensors.torch.load(content))
    except (ValueError, LookupError, TypeError, RuntimeError, OverflowError, struct.error, SafetensorError) as error:
        if isinstance(error, ZooError):
            raise
        raise ZooError(f"{path}: not a checkpoint of the zoo ({type(error).__name__})") from error
    if not isinstance(decoded, dict):
        raise ZooError(f"{path}: not a checkpoint of the zoo")
    return decoded


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """JSON knows neither tuples, nor keys that are numbers, nor tensors: each container is a list that begins with its kind."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        return ["tensor", name]
    if isinstance(value, dict):
        return ["dict", *([_encode(key, tensors), _encode(item, tensors)] for key, item in value.items())]
    if isinstance(value, tuple | list):
        return [type(value).__name__ if type(value) in (tuple, list) else "list", *(_encode(item, tensors) for item in value)]
    if type(value) in _PLAIN:
        return value
    raise TypeError(f"a checkpoint holds plain values and tensors, not {type(value).__name__}")


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(value, list):
        return value
    kind, *items = value
    if kind == "tensor":
        return tensors[items[0]]
    if kind == "dict":
        return {_decode(key, tensors): _decode(item, tensors) for key, item in items}
    if kind in ("tuple", "list"):
        decoded = [_decode(item, tensors) for item in items]
        return tuple(decoded) if kind == "tuple" else decoded
    raise ValueError(kind)
