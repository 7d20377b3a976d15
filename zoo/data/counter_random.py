"""Random numbers that are a function of (seed, epoch, sample index) alone.

A sequential generator would make a sample's distortion depend on which samples came before it; a hash of a
counter does not, so batches may be cut, resumed or spread over devices and every sample stays the same.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

_MASK = (1 << 64) - 1


def _signed(value: int) -> int:
    """The same 64 bits, read as a signed integer: torch has no full unsigned arithmetic."""
    value &= _MASK
    return value - (1 << 64) if value >> 63 else value


_STEP = _signed(0x9E3779B97F4A7C15)
_FIRST = _signed(0xBF58476D1CE4E5B9)
_SECOND = _signed(0x94D049BB133111EB)


def _mix(z: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """The finaliser of SplitMix64; products wrap around modulo 2**64."""
    z = (z ^ _shift(z, 30)) * _FIRST
    z = (z ^ _shift(z, 27)) * _SECOND
    return z ^ _shift(z, 31)


def _shift(z: Int[Tensor, "*shape"], bits: int) -> Int[Tensor, "*shape"]:
    """Logical right shift: torch's own copies the sign."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def uniform(index: Int[Tensor, " B"], *, count: int, seed: int, epoch: int) -> Float[Tensor, "B count"]:
    """``count`` numbers in [0, 1) for each sample, the same on every device.

    Args:
        index: Position of each sample in the data set.
        count: How many numbers a sample.
        seed: Seed of the run.
        epoch: Epoch of the run; each has numbers of its own.

    References:
        Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    key = _mix(_mix(torch.tensor(_signed(seed * 2 + 1), device=index.device) * _STEP) + epoch)
    stream = _mix(key + index.long() * _STEP)
    z = _mix(stream[:, None] + torch.arange(1, count + 1, device=index.device) * _STEP)
    return _shift(z, 40).float() * 2.0**-24
