"""Errata of pooling and sub-sampling."""

import torch
import torch.nn.functional as F

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.global_average_pooling import global_average_pool
from zoo.functions.mean_pooling import spread


@register_erratum("E23", where="D0:1113", literal="dX = up(w δ)", corrected="dX = up(w δ) / s²")
def plain_up_sampling(draw: Draw) -> Finding:
    """``up`` is left undefined; repeating the gradient without dividing by the window's area is 4 times too large for 2 x 2."""
    x, w, delta = draw(2, 3, 4, 6), draw(3), draw.constant(2, 3, 2, 3)
    weighted = w[:, None, None].detach() * delta
    (truth,) = torch.autograd.grad(F.avg_pool2d(x, 2) * w[:, None, None], x, delta)
    return find(
        literal=lambda: spread(weighted, 2, x.shape),
        corrected=lambda: spread(weighted, 2, x.shape) / 4,
        truth=truth,
    )


@register_erratum("E24", where="D0:1137", literal="δ = f'(Z) ⊙ Σ_p δ_p ⊗ rot180(W)", corrected="δ = Σ_p δ_p ⊗ rot180(W)")
def derivative_of_no_function(draw: Draw) -> Finding:
    """D0's pooling layer is ``f(w down(X) + b)``; DeepLearnToolbox's (D4:594-599) is the mean alone, with no f' to go back through."""
    pooled, weight, delta = F.avg_pool2d(draw(2, 3, 8, 8), 2), draw(4, 3, 3, 3), draw.constant(2, 4, 2, 2)
    (truth,) = torch.autograd.grad(F.conv2d(pooled, weight), pooled, delta)
    back = F.conv_transpose2d(delta, weight)
    return find(literal=lambda: pooled * (1 - pooled) * back, corrected=lambda: back, truth=truth)


@register_erratum("E47", where="D0:1354", literal="S_c = Σ_k w_k Σ_xy f_k", corrected="S_c = b_c + Σ_k w_k Σ_xy f_k / HW")
def sum_for_an_average(draw: Draw) -> Finding:
    """Global *average* pooling divides by the number of places, and the layer behind it has a bias."""
    maps, weight, bias = draw(2, 3, 4, 5), draw(6, 3), draw(6)
    return find(
        literal=lambda: maps.sum((-2, -1)) @ weight.T,
        corrected=lambda: global_average_pool(maps) @ weight.T + bias,
        truth=F.linear(F.adaptive_avg_pool2d(maps, 1).flatten(1), weight, bias),
    )
