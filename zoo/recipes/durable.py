"""Files that are either there, whole, or not there: what a kill, a full disk or a power cut leaves is the old file."""

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

from zoo.errors import RunError

_PARTIAL = ".partial"
_OURS = (".ckpt", ".json", ".safetensors", ".png", ".md", ".onnx")  # what is written so


def write_durably(path: Path, *parts: bytes) -> None:
    """Write ``parts`` one after the other, replacing ``path`` in one step once all of them are on the disk.

    Raises:
        RunError: The system refused; ``path`` is as it was.
    """
    partial = path.with_name(path.name + _PARTIAL)
    try:
        _write(partial, parts)
        os.replace(partial, path)  # noqa: PTH105  (tests make it fail)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise RunError(f"{path}: cannot be written ({error.strerror}); nothing that was there is lost") from error


def _write(path: Path, parts: tuple[bytes, ...]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Put the new name itself on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, content: Any) -> None:
    """Write plain values.

    Raises:
        RunError: The system refused, or a number is none that JSON has.
    """
    try:
        text = json.dumps(content, indent=2, default=str, allow_nan=False)
    except ValueError as error:
        strange = [name for name, value in content.items() if value in (math.inf, -math.inf) or value != value]
        raise RunError(f"{path}: not written, since {', '.join(strange) or 'a figure'} is infinite or not a number") from error
    write_durably(path, (text + "\n").encode())


def remove_leftovers(folder: Path) -> None:
    """Take away what interrupted writes of the zoo's own files left in a folder."""
    for path in folder.glob(f"*{_PARTIAL}"):
        if path.is_file() and path.name.removesuffix(_PARTIAL).endswith(_OURS):
            path.unlink(missing_ok=True)
