"""Reader of PyTorch's files of weights: what the zip and the pickle in it ask for is looked through before torch obeys."""

import pickletools
import zipfile
from pathlib import Path
from typing import Any

import torch

from zoo.bounded_read import open_bounded
from zoo.errors import ZooError

_LARGEST = 8 << 30  # bytes of a file
_LARGEST_PICKLE = 1 << 20
_STORAGES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
# PyTorch's own list has bytearray as well, which takes as much memory as its argument says.
_KNOWN = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    *(f"torch {name}Storage" for name in _STORAGES),
}


def read_torch_file(path: Path) -> Any:
    """What ``torch.save`` wrote, tensors on the CPU.

    Raises:
        ZooError: The file cannot be read, is none of PyTorch 1.6 or newer, or holds more than tensors in containers.
    """
    try:
        file, size = open_bounded(path, _LARGEST)
        with file:
            if file.read(4) != b"PK\x03\x04":  # else torch would take it for an older kind of file, and not for the zip at its end
                raise ValueError("it does not begin as a zip does")
            _look_through(zipfile.ZipFile(file), size)
            file.seek(0)
            found = torch.load(file, map_location="cpu", weights_only=True)
            _check_tensors(found, set())
            return found
    except ZooError:
        raise
    except FileNotFoundError as error:
        raise ZooError(f"{path}: there is no such file") from error
    except Exception as error:  # the unpickler raises whatever it runs into in a file that is none of its own
        raise ZooError(f"{path}: not a file of weights that can be read ({' '.join(str(error).split())[:120]})") from error


def _check_tensors(found: Any, seen: set[int]) -> None:
    """Refuse tensors of more numbers than are stored, which a stride of 0 makes of one: copies of them would take the memory."""
    if id(found) in seen:
        return  # lists that share lists would take for ever
    seen.add(id(found))
    if isinstance(found, torch.Tensor) and found.nbytes > found.untyped_storage().nbytes():
        raise ValueError(f"a tensor of shape {tuple(found.shape)} has fewer numbers than that")
    for item in found.values() if isinstance(found, dict) else found if isinstance(found, list | tuple) else ():
        _check_tensors(item, seen)


def _look_through(archive: zipfile.ZipFile, size: int) -> None:
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members) or sum(member.file_size for member in members) > size:
        raise ValueError("it is packed, or claims more bytes than it has")
    (description,) = (member for member in members if member.filename.endswith("data.pkl"))
    if description.file_size > _LARGEST_PICKLE:
        raise ValueError(f"its data.pkl is larger than {_LARGEST_PICKLE >> 10} KiB")
    for operation, argument, _ in pickletools.genops(archive.read(description)):
        if operation.name in ("STACK_GLOBAL", "INST") or (operation.name == "GLOBAL" and argument not in _KNOWN):
            raise ValueError(f"it asks for {argument or 'something'}, which is no part of weights")
