"""Distortions of whole batches on the device: affine maps and elastic fields.

Sizes in shapes: B batch, I channels, S side of the canvas, L side of the lattice of an elastic field.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from zoo.data.counter_random import uniform
from zoo.data.options import DistortionOptions

_LATTICE_STEP = 2  # pixels; an elastic field is smooth over several, so a coarser lattice of noise loses nothing


def distort(
    canvas: Float[Tensor, "B I S S"], index: Int[Tensor, " B"], options: DistortionOptions, *, seed: int, epoch: int
) -> Float[Tensor, "B I S S"]:
    """Distort each picture by numbers that follow from (seed, epoch, index) alone.

    Args:
        canvas: Pictures whose background is 0, which is what moves in from beyond the edge.
        index: Position of each picture in the data set.
        options: Sizes of the distortions.
        seed: Seed of the run.
        epoch: Epoch of the run.

    References:
        LeCun et al., Proc. IEEE 1998, section III.B (affine); Simard, Steinkraus and Platt, "Best practices for
        convolutional neural networks", ICDAR 2003 (elastic).
    """
    side = canvas.shape[-1]
    lattice = math.ceil(side / _LATTICE_STEP)
    noise = uniform(index, count=6 + 2 * lattice**2 * bool(options.elastic), seed=seed, epoch=epoch) * 2 - 1
    grid = F.affine_grid(_affine(noise[:, :6], side, options), list(canvas.shape), align_corners=False)
    if options.elastic:
        grid = grid + _field(noise[:, 6:].view(-1, 2, lattice, lattice), side, options).permute(0, 2, 3, 1)
    return F.grid_sample(canvas, grid, align_corners=False)


def _affine(noise: Float[Tensor, "B 6"], side: int, options: DistortionOptions) -> Float[Tensor, "B 2 3"]:
    angle = noise[:, 0] * math.radians(options.rotation)
    wide, high = 1 + noise[:, 1] * options.scale, 1 + noise[:, 2] * options.scale
    shear = noise[:, 3] * options.shear
    shift = noise[:, 4:6] * options.translation * 2 / side  # affine_grid spans [-1, 1]
    across = torch.stack([angle.cos() * wide, shear - angle.sin() * high, shift[:, 0]], dim=1)
    down = torch.stack([angle.sin() * wide, angle.cos() * high, shift[:, 1]], dim=1)
    return torch.stack([across, down], dim=1)


def _field(noise: Float[Tensor, "B 2 L L"], side: int, options: DistortionOptions) -> Float[Tensor, "B 2 S S"]:
    """White noise, smoothed by one small matrix product a direction, scaled to ``elastic`` pixels."""
    pixel = torch.arange(side, device=noise.device)
    node = torch.arange(noise.shape[-1], device=noise.device) * _LATTICE_STEP
    kernel = torch.exp(-((pixel[:, None] - node) ** 2) / (2 * options.smoothness**2))
    kernel = kernel / torch.linalg.vector_norm(kernel, dim=1, keepdim=True)  # keeps the variance
    unit = math.sqrt(3.0)  # of noise that is uniform in [-1, 1]
    return (kernel @ noise @ kernel.T) * (options.elastic * unit * 2 / side)
