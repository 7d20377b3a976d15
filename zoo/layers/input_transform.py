"""From stored pictures to a model's input: canvas, levels, whitening.

Sizes in shapes: B batch, I channels (1 grey, 3 colours), h and w stored height and width, S side of the canvas.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.layers.whitening import Kind, Whitening

_LARGEST_SIDE = 4096  # pixels


class InputTransform(nn.Module):
    """Enlarge or shrink the picture to ``content`` pixels, centre it on a canvas of ``size``, set the grey levels.

    The record of released weights holds these arguments, so that a picture is treated at prediction
    exactly as in training.

    Args:
        size: Side S of the canvas, which is what the model takes.
        content: Side of the picture on the canvas; the rest is background.
        background: Input value of an empty pixel; one for each channel where there are colours.
        ink: Input value of a full pixel; likewise.
        whitening: Pre-processing of the slides, fitted on training data; None for none.

    Raises:
        ZooError: A side is no number of pixels, the content is larger than the canvas, or a level is not finite.
    """

    low: Tensor
    contrast: Tensor

    def __init__(
        self,
        *,
        size: int = 28,
        content: int = 28,
        background: float | Sequence[float] = 0.0,
        ink: float | Sequence[float] = 1.0,
        whitening: Kind | None = None,
    ) -> None:
        super().__init__()
        if not all(type(side) is int and 1 <= side <= _LARGEST_SIDE for side in (size, content)) or content > size:
            raise ZooError(f"size {size!r}, content {content!r}: sides of 1 to {_LARGEST_SIDE:,} pixels, the content's within the canvas")
        self.size, self.content, self.background, self.ink = size, content, background, ink
        low, high = (torch.tensor(level, dtype=torch.float64).view(-1, 1, 1) for level in (background, ink))
        if not all(math.isfinite(value) for level in (background, ink) for value in (level if isinstance(level, Sequence) else [level])):
            raise ZooError(f"background {background}, ink {ink}: must be finite")
        self.register_buffer("low", low.float(), persistent=False)
        self.register_buffer("contrast", (high - low).float(), persistent=False)
        self.whitening = Whitening(size * size, kind=whitening) if whitening else None

    @property
    def colour(self) -> bool:
        """Whether pictures have three channels."""
        return self.low.numel() > 1

    @property
    def before(self) -> int:
        """Pixels of background to the left of the picture and above it."""
        return (self.size - self.content) // 2

    @property
    def options(self) -> dict[str, Any]:
        """The arguments, as JSON has them."""
        kind = self.whitening.kind if self.whitening else None
        levels = {"background": self.background, "ink": self.ink}
        plain = {name: list(level) if isinstance(level, Sequence) else level for name, level in levels.items()}
        return {"size": self.size, "content": self.content, **plain, "whitening": kind}

    def canvas(self, image: UInt8[Tensor, "B I h w"]) -> Float[Tensor, "B I S S"]:
        """Place pictures on the canvas; values are the share of ink, in [0, 1]."""
        picture = image.float().div_(255)
        if picture.shape[-2:] != (self.content, self.content):
            picture = F.interpolate(picture, (self.content, self.content), mode="bilinear", antialias=True)
        before, after = self.before, self.size - self.content - self.before
        return F.pad(picture, (before, after, before, after))

    def of_content(self, canvas: Float[Tensor, "N S S"]) -> Float[Tensor, "N _ _"]:
        """What lies where the picture is, at the picture's size, of maps of the whole canvas."""
        place = slice(self.before, self.before + self.content)
        return canvas[:, place, place]

    def normalize(self, canvas: Float[Tensor, "B I S S"]) -> Float[Tensor, "B I S S"]:
        """Map shares of ink to input values, and whiten."""
        x = canvas * self.contrast + self.low
        return self.whitening(x) if self.whitening else x

    def fit(self, canvas: Float[Tensor, "M I S S"]) -> None:
        """Fit the whitening, if there is one, to training canvases."""
        if self.whitening:
            self.whitening.fit(canvas * self.contrast + self.low)

    def forward(self, image: UInt8[Tensor, "B I h w"]) -> Float[Tensor, "B I S S"]:
        return self.normalize(self.canvas(image))
