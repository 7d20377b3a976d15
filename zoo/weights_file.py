"""Files of released weights: nothing of them is parsed before they are known to be the ones that were released."""

import hashlib
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from zoo.bounded_read import read_bounded
from zoo.errors import ZooError

TRANSFORM_PREFIX = "input_transform."
"""What the names of the fitted pre-processing's tensors start with."""

_LARGEST_HEADER = 1 << 20  # bytes
_LARGEST = 8 << 30


def load_weights(path: Path, *, sha256: str) -> dict[str, Tensor]:
    """Read a safetensors file after checking, before anything is parsed, that it is the one expected.

    Raises:
        ValueError: The file is missing, its hash differs, or it is no safetensors file.
    """
    try:
        content = read_bounded(path, _LARGEST)
    except OSError as error:
        raise ZooError(f"{path}: cannot be read ({error.strerror}); install the zoo again, or train again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ZooError(f"{path}: sha256 is {found[:12]}..., {sha256[:12]}... was recorded; it is damaged: install the zoo or train again")
    try:
        if int.from_bytes(content[:8], "little") > _LARGEST_HEADER:
            raise ZooError(f"{path}: the header at byte 0 claims more than {_LARGEST_HEADER >> 10} KiB; these are no weights of the zoo")
        return safetensors.torch.load(content)
    except (SafetensorError, LookupError, ValueError, TypeError, RuntimeError, OverflowError) as error:
        if isinstance(error, ZooError):
            raise
        raise ZooError(f"{path}: not a safetensors file ({' '.join(str(error).split())})") from error
