"""Errata of the convolution layer on the slides D0 and D1: sizes, the connection table, and the backward recursion."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.functions.convolution import conv2d
from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.table_convolution import table_conv2d

# T[p, k] = 1 where input map p leads to output map k.
_TABLE = ((1, 1, 0), (0, 1, 1), (0, 0, 1))


@register_erratum("E15", where="D0:1097", literal="n^(l+1) = n^(l) − m + 1", corrected="n^(l) = n^(l−1) − m + 1")
def side_behind_a_filter(draw: Draw) -> Finding:
    """A filter ``w^(l)`` leads into layer l, not out of it: with kernels of 3 and then 5 the sizes come out one layer late."""
    first, second = 3, 5
    hidden = F.conv2d(draw(1, 1, 12, 12), draw(1, 1, first, first))
    top = F.conv2d(hidden, draw(1, 1, second, second))
    return find(
        literal=lambda: torch.tensor(hidden.shape[-1] - first + 1.0),
        corrected=lambda: torch.tensor(hidden.shape[-1] - second + 1.0),
        truth=torch.tensor(float(top.shape[-1])),
    )


@register_erratum("E17", where="D0:1101", literal="Z_k = Σ_p X_p ⊗ W_kp over all p", corrected="Z_k = Σ_p X_p ⊗ W_kp over T_pk = 1")
def every_map_or_those_of_the_table(draw: Draw) -> Finding:
    """The forward formula connects all maps, the one before the backward pass (D0:1132) only those of a table."""
    x, weight, zero = draw(2, 3, 5, 5), draw(3, 3, 3, 3), draw.constant(3) * 0
    pair = torch.tensor(_TABLE).T.nonzero().T.to(x.device)
    truth = torch.stack([_sum_over(k, x, weight) for k in range(3)], dim=1)
    return find(
        literal=lambda: conv2d(x, weight, zero),
        corrected=lambda: table_conv2d(x, weight[pair[0], pair[1]], zero, pair),
        truth=truth,
    )


def _sum_over(k: int, x: Tensor, weight: Tensor) -> Tensor:
    """Output map ``k`` by the definition: its inputs one by one."""
    return torch.cat([F.conv2d(x[:, p : p + 1], weight[k : k + 1, p : p + 1]) for p in range(3) if _TABLE[p][k]], dim=1).sum(1)


class _Layer:
    """Three maps over three maps, all connected or by the table: its kernels, the delta of its outputs, that of its inputs."""

    def __init__(self, draw: Draw, *, full: bool = True) -> None:
        self.weight, self.delta = draw.constant(3, 3, 3, 3), draw.constant(2, 3, 4, 4)
        x, table = draw(2, 3, 6, 6), torch.tensor(_TABLE).T[..., None, None].to(self.weight)
        (self.truth,) = torch.autograd.grad(F.conv2d(x, self.weight if full else self.weight * table), x, self.delta)

    def carried(self, p: int, kernel: Tensor) -> Tensor:
        """``δ^(p) ⊗_full rot180(kernel)``, with the slides' ⊗ that does not flip: output map p's share of an input map's delta."""
        return F.conv2d(F.pad(self.delta[:, p : p + 1], (2, 2, 2, 2)), kernel.flip(0, 1)[None, None])[:, 0]

    def back(self, p: int, k: int) -> Tensor:
        """The share of output map ``p`` in the delta of input map ``k``."""
        return self.carried(p, self.weight[p, k])


def _recursion(term: Callable[[int, int], Tensor], connected: Callable[[int, int], bool] = lambda p, k: True) -> Tensor:
    """The delta of every input map k: the terms of the output maps p that count."""
    return torch.stack([torch.stack([term(p, k) for p in range(3) if connected(p, k)]).sum(0) for k in range(3)], dim=1)


@register_erratum("E19", where="D0:1137", literal="Σ_p δ^(l+1,p) ⊗ rot180(W^(l,k,p))", corrected="Σ_p δ^(l+1,p) ⊗_full rot180(W^(l+1,p,k))")
def kernels_of_the_wrong_layer(draw: Draw) -> Finding:
    """The delta of layer l + 1 comes back through that layer's own kernels, in which k is the input, and by 'full'."""
    layer, below = _Layer(draw), draw.constant(3, 3, 3, 3)
    return find(
        literal=lambda: _recursion(lambda p, k: layer.carried(p, below[k, p])),
        corrected=lambda: _recursion(layer.back),
        truth=layer.truth,
    )


@register_erratum("E20", where="D0:1137", literal="δ^(l,k): sum over T_pk = 1", corrected="δ^(l,k): sum over T_kp = 1")
def table_read_the_wrong_way(draw: Draw) -> Finding:
    """Going forward ``T_pk`` leads from p to k; going back k is the input, so that the table is read the other way."""
    layer = _Layer(draw, full=False)
    return find(
        literal=lambda: _recursion(layer.back, lambda p, k: _TABLE[p][k] == 1),
        corrected=lambda: _recursion(layer.back, lambda p, k: _TABLE[k][p] == 1),
        truth=layer.truth,
    )


@register_erratum("E21", where="D0:1137", literal="∂Z^(l+1,k)/∂X^(l,k) · δ^(l+1,k)", corrected="Σ_p ∂Z^(l+1,p)/∂X^(l,k) · δ^(l+1,p)")
def chain_through_one_map(draw: Draw) -> Finding:
    """A map is seen by many: the chain rule sums over all of them, not over the one of the same number."""
    layer = _Layer(draw)
    return find(
        literal=lambda: _recursion(layer.back, lambda p, k: p == k),
        corrected=lambda: _recursion(layer.back),
        truth=layer.truth,
    )
