"""Errata of back-propagation: signs, meanings of delta, and which way round a weight matrix lies.

They all use one layer of sigmoid units under half the squared error. Delta is ``dL/dz`` throughout the zoo.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.sigmoid import sigmoid_delta

_LR = 0.5


class _Layer(NamedTuple):
    """One example's way through the layer, and the gradient that autograd finds."""

    w: Tensor
    a: Tensor
    out: Tensor
    target: Tensor
    grad: Tensor

    @property
    def delta(self) -> Tensor:
        return sigmoid_delta(self.out - self.target, self.out)


def _layer(draw: Draw) -> _Layer:
    w, a, target = draw(3, 3), draw.constant(3), draw.binary(3)
    out = torch.sigmoid(w @ a)
    (grad,) = torch.autograd.grad(0.5 * (out - target).square().sum(), w)
    return _Layer(w.detach(), a, out.detach(), target, grad)


@register_erratum("E3", where="D3:288", literal="Δw = η δ x, δ = φ' (x − y)", corrected="Δw = −η δ x")
def change_of_the_wrong_sign(draw: Draw) -> Finding:
    """This δ is +∂E/∂S, so the change must carry a minus, or δ the opposite difference."""
    layer = _layer(draw)
    return find(
        literal=lambda: _LR * torch.outer(layer.delta, layer.a),
        corrected=lambda: -_LR * torch.outer(layer.delta, layer.a),
        truth=-_LR * layer.grad,
    )


@register_erratum("E5", where="D1:308", literal="Δw = η δ f'(e) y, δ = ∂J/∂z", corrected="Δw = −η δ y")
def delta_of_another_slide(draw: Draw) -> Finding:
    """D1's update is for δ = target − output; with the δ of D1:354, which has the derivative and the sign in it, both come twice."""
    layer = _layer(draw)
    slope = layer.out * (1 - layer.out)
    return find(
        literal=lambda: _LR * torch.outer(layer.delta * slope, layer.a),
        corrected=lambda: -_LR * torch.outer(layer.delta, layer.a),
        truth=-_LR * layer.grad,
    )


@register_erratum("E13", where="D1:308", literal="z = W y, W_jk: from j to k", corrected="z = Wᵀ y, or W[out, in]")
def weights_named_from_source_to_destination(draw: Draw) -> Finding:
    """D1's w_14 leads from unit 1 to unit 4, D0's W_ij to i: in D0's formula D1's matrix lies across, and fits only if square."""
    w, y = draw.constant(3, 2), draw.constant(3)
    arriving = [sum(w[source, destination] * y[source] for source in range(3)) for destination in range(2)]
    truth = torch.stack([torch.as_tensor(z) for z in arriving])
    return find(literal=lambda: w @ y, literal_raises="size mismatch", corrected=lambda: w.T @ y, truth=truth)


@register_erratum("E14", where="D3:92", literal="y = φ(wᵀx)", corrected="y = φ(wᵀ[1, x]), w₀ = b")
def no_bias(draw: Draw) -> Finding:
    """D3's neuron has no bias, D1's has w₀ on an input of one, D0's has b: the last two are the same, the first is another."""
    w, b, x = draw.constant(1, 3), draw.constant(1), draw.constant(4, 3)
    augmented = torch.cat([torch.ones_like(x[:, :1]), x], dim=1)
    return find(
        literal=lambda: torch.sigmoid(x @ w.T),
        corrected=lambda: torch.sigmoid(augmented @ torch.cat([b[:, None], w], dim=1).T),
        truth=torch.sigmoid(F.linear(x, w, b)),
    )
