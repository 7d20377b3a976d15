"""Digits somewhere on a canvas, among pieces of other digits, with exact boxes.

Every picture is a function of its split and its number alone: picture n shows digit n modulo N, and all that chance decides
comes from a hash of n. So the row of pictures has no end; training takes a new stretch of it in each epoch.

Sizes in shapes: B pictures, N digits of a split, D digits a picture, K pieces, M = BK, S side of the canvas, P side of a patch.

References:
    The cluttered digits of Mnih, Heess, Graves and Kavukcuoglu, "Recurrent models of visual attention", 2014, section 4.1:
    four pieces on a canvas three times as high as the digit. Here digits are scaled and turned as well, and have boxes.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from zoo.data.cluttered_options import PIECE, ClutteredOptions
from zoo.data.counter_random import uniform
from zoo.data.digits import load_digits
from zoo.data.mnist import load_mnist
from zoo.data.sets import Labelled, Splits
from zoo.metrics.localization import overlap

INK = 0.25  # share of full ink from which a pixel belongs to the digit
_SEED = 7  # of the pictures; a run's own seed only orders them
_HEIGHT = 20  # of a digit within MNIST's 28 pixels
_PLACES = 8  # tried for every further digit; the one with the least overlap is taken
_PER_DIGIT, _PER_PIECE = 3 + 2 * _PLACES, 7  # numbers that chance has to draw


@dataclass(frozen=True)
class Scenes:
    """Pictures with what is on them; a box is (left, top, right, bottom) in pixels, right and bottom exclusive."""

    image: UInt8[Tensor, "B 1 S S"]
    label: Int[Tensor, "B D"]
    box: Int[Tensor, "B D 4"]


def load_source(options: ClutteredOptions) -> Splits:
    """The digits that pictures are made of, 28 x 28.

    Raises:
        ValueError: MNIST is missing or damaged.
    """
    if options.kind == "cluttered-mnist":
        return load_mnist(options.root)
    splits = load_digits()
    return Splits(_as_mnist(splits.train), _as_mnist(splits.test), splits.labels)


def _as_mnist(small: Labelled) -> Labelled:
    """Digits of 8 x 8 pixels, enlarged to the 20 of 28 that MNIST's take."""
    large = F.interpolate(small.input.float(), (_HEIGHT, _HEIGHT), mode="bilinear", antialias=True)
    return Labelled(F.pad(large, (4, 4, 4, 4)).round().to(torch.uint8), small.label)


def draw_scenes(digits: Labelled, number: Int[Tensor, " B"], options: ClutteredOptions, *, stream: int, objects: int = 1) -> Scenes:
    """Draw the pictures with these numbers.

    Args:
        digits: N digits of a split, 28 x 28.
        number: Which pictures, from 0 without end.
        options: Sizes.
        stream: Which split; equal numbers of different streams have nothing in common.
        objects: Whole digits D in a picture; for users of the library, as recipes have pictures of one digit.
    """
    chance = uniform(number, count=objects * _PER_DIGIT + options.pieces * _PER_PIECE, seed=_SEED, epoch=stream)
    own, clutter = chance.split([objects * _PER_DIGIT, options.pieces * _PER_PIECE], dim=1)
    source = digits.input.float().div_(255) if digits.input.dtype == torch.uint8 else digits.input
    canvas = source.new_zeros(len(number), options.canvas**2)
    label: list[Tensor] = []
    boxes: list[Tensor] = []
    for place, drawn in enumerate(own.split(_PER_DIGIT, dim=1)):
        which = number % len(digits) if place == 0 else _index(drawn[:, 0], len(digits))
        box = _add_digit(canvas, source[which], drawn, options, taken=boxes)
        boxes.append(box)
        label.append(digits.label[which])
    if options.pieces:
        _add_pieces(canvas, source, number, clutter.unflatten(1, (options.pieces, _PER_PIECE)), options)
    image = canvas.mul_(255).round_().to(torch.uint8).view(-1, 1, options.canvas, options.canvas)
    return Scenes(image, torch.stack(label, dim=1), torch.stack(boxes, dim=1))


def _add_digit(
    canvas: Float[Tensor, "B SS"],
    digit: Float[Tensor, "B 1 28 28"],
    chance: Float[Tensor, "B n"],
    options: ClutteredOptions,
    *,
    taken: list[Int[Tensor, "B 4"]],
) -> Int[Tensor, "B 4"]:
    """Scale, turn and place one digit a picture, where it overlaps least with the boxes taken; returns its boxes."""
    side = math.ceil(1.4 * 28 / _HEIGHT * options.largest)
    patch = _patches(digit, chance[:, 1:3], options, side=side)
    box = _bounds(patch[:, 0])
    size = (box[:, 2:] - box[:, :2])[:, None]  # B 1 2
    place = _index(chance[:, 3:].unflatten(1, (_PLACES, 2)), options.canvas + 1 - size)
    if taken:
        candidate = torch.cat([place, place + size], dim=2)
        best = torch.stack([overlap(candidate, other[:, None]) for other in taken]).sum(0).argmin(1)
    else:
        best = torch.zeros(len(place), dtype=torch.long, device=place.device)
    corner = place[torch.arange(len(place), device=place.device), best]
    _stamp(canvas, patch[:, None, 0], (corner - box[:, :2])[:, None], options.canvas)
    return torch.cat([corner, corner + size[:, 0]], dim=1)


def _add_pieces(
    canvas: Float[Tensor, "B SS"],
    source: Float[Tensor, "N 1 28 28"],
    number: Int[Tensor, " B"],
    chance: Float[Tensor, "B K 7"],
    options: ClutteredOptions,
) -> None:
    """Cut square windows out of other digits, scale and turn them as if they were digits, and place them anywhere."""
    other = (number[:, None] + 1 + _index(chance[..., 0], len(source) - 1)) % len(source)
    flat = chance.flatten(0, 1)
    center = (flat[:, 3:5] - 0.5) * (_HEIGHT / 2)  # of the cut, pixels from the digit's middle
    patch = _patches(source[other.flatten()], flat[:, 1:3], options, side=PIECE, center=center)
    _stamp(canvas, patch.view(*other.shape, PIECE, PIECE), _index(chance[..., 5:], options.canvas + 1 - PIECE), options.canvas)


def _patches(
    digit: Float[Tensor, "M 1 28 28"],
    chance: Float[Tensor, "M 2"],
    options: ClutteredOptions,
    *,
    side: int,
    center: Float[Tensor, "M 2"] | None = None,
) -> Float[Tensor, "M 1 P P"]:
    """Windows of ``side`` canvas pixels on digits of random height and turn."""
    height = options.smallest + chance[:, 0] * (options.largest - options.smallest)
    angle = (2 * chance[:, 1] - 1) * math.radians(options.rotation)
    step = side * _HEIGHT / height / 28  # grid_sample's units: half a source of 28 pixels
    cos, sin = (step * part(angle) for part in (torch.cos, torch.sin))
    shift = center * (2 / 28) if center is not None else torch.zeros_like(chance)
    # Broadcast by hand: affine_grid's batch of thin matrix products takes ten times as long.
    along = (2 * torch.arange(side, device=digit.device) + 1) / side - 1
    x, y = along[None, None, :], along[None, :, None]
    cos, sin, right, down = (number[:, None, None] for number in (cos, sin, shift[:, 0], shift[:, 1]))
    grid = torch.stack([cos * x - sin * y + right, sin * x + cos * y + down], dim=-1)
    return F.grid_sample(digit, grid, align_corners=False)


def _stamp(canvas: Float[Tensor, "B SS"], patch: Float[Tensor, "B K P P"], corner: Int[Tensor, "B K 2"], side: int) -> None:
    """Lay patches on the canvas, the darker ink wins; what hangs over the edge has none."""
    offset = torch.arange(patch.shape[-1], device=canvas.device)
    x, y = ((corner[..., axis, None] + offset).clamp_(0, side - 1) for axis in (0, 1))
    index = y[..., :, None] * side + x[..., None, :]
    canvas.scatter_reduce_(1, index.flatten(1), patch.flatten(1), "amax")


def _bounds(ink: Float[Tensor, "B P P"]) -> Int[Tensor, "B 4"]:
    """The smallest box around the pixels of each picture that belong to the digit."""
    sides = []
    for axis in (1, 2):
        line = (ink.amax(axis) >= INK).byte()
        sides.append((line.argmax(1), line.shape[1] - line.flip(1).argmax(1)))
    (left, right), (top, bottom) = sides
    return torch.stack([left, top, right, bottom], dim=1)


def _index(chance: Float[Tensor, "*shape"], count: int | Int[Tensor, "*other"]) -> Int[Tensor, "*shape"]:
    """Whole numbers from 0 up to, without, ``count``."""
    return (chance * count).long()
