"""Errata of pooling and sub-sampling."""

import torch

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.mean_pooling import spread


@register_erratum("E23", where="D0:1113", literal="dX = up(w δ)", corrected="dX = up(w δ) / s²")
def plain_up_sampling(draw: Draw) -> Finding:
    """``up`` is left undefined; repeating the gradient without dividing by the window's area is 4 times too large for 2 x 2."""
    x, w, delta = draw(2, 3, 4, 6), draw(3), draw.constant(2, 3, 2, 3)
    weighted = w[:, None, None].detach() * delta
    (truth,) = torch.autograd.grad(torch.nn.functional.avg_pool2d(x, 2) * w[:, None, None], x, delta)
    return find(
        literal=lambda: spread(weighted, 2, x.shape),
        corrected=lambda: spread(weighted, 2, x.shape) / 4,
        truth=truth,
    )
