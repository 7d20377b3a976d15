"""Errata of objective functions and of the steps that go down them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.sgd import haykin_step, sgd_step

_LR, _DECAY, _MOMENTUM = 0.01, 0.1, 0.9


@register_erratum("E1", where="D0:907", literal="W − α Σ∂J − λW", corrected="W − α (Σ∂J + λW)")
def decay_without_the_rate(draw: Draw) -> Finding:
    """The learning rate before the decay is lost: at λ = 0.1, α = 0.01 a weight shrinks to 0.900 instead of 0.999 of itself."""
    w, x, t = draw(2, 3), draw.constant(5, 3), draw.constant(5, 2)
    loss = 0.5 * (F.linear(x, w) - t).square().sum()
    (grad,) = torch.autograd.grad(loss, w, retain_graph=True)
    (full,) = torch.autograd.grad(loss + 0.5 * _DECAY * w.square().sum(), w)
    weight = w.detach()
    return find(
        literal=lambda: weight - _LR * grad - _DECAY * weight,
        corrected=lambda: sgd_step(weight, grad, lr=_LR, weight_decay=_DECAY),
        truth=weight - _LR * full,
    )


@register_erratum("E2", where="D3:276", literal="θ + η ∇E", corrected="θ − η ∇E")
def climbing(draw: Draw) -> Finding:
    """The step goes up the slope; the truth is the minimum, which the right sign reaches."""
    minimum = draw.constant(4)

    def walk(sign: float) -> Tensor:
        theta = torch.zeros_like(minimum)
        for _ in range(300):
            theta = sgd_step(theta, theta - minimum, lr=-sign * 0.1)
        return theta

    return find(literal=lambda: walk(1.0), corrected=lambda: walk(-1.0), truth=minimum)


@register_erratum("E4", where="D3:328", literal="w + α Δw(n−1) + η δ y, δ = φ' (x − y)", corrected="w + α Δw(n−1) − η δ y")
def momentum_with_the_other_delta(draw: Draw) -> Finding:
    """The rule is right for Haykin's δ = φ'(y − x) alone; with the δ of D3:290, which is the gradient, the last sign flips."""
    start, x, t = draw.constant(1, 3), draw.constant(5, 3), draw.binary(5, 1)

    def gradient(w: Tensor) -> Tensor:
        out = torch.sigmoid(F.linear(x, w))
        return ((out - t) * out * (1 - out)).T @ x

    def walk(sign: float) -> Tensor:
        w, change = start, torch.zeros_like(start)
        for _ in range(3):
            w, change = haykin_step(w, -sign * gradient(w), change, lr=0.5, momentum=_MOMENTUM)
        return w

    truth = start.clone().requires_grad_()
    optimizer = torch.optim.SGD([truth], lr=0.5, momentum=_MOMENTUM)
    for _ in range(3):
        optimizer.zero_grad()
        (0.5 * (torch.sigmoid(F.linear(x, truth)) - t).square().sum()).backward()
        optimizer.step()
    return find(literal=lambda: walk(1.0), corrected=lambda: walk(-1.0), truth=truth.detach())


@register_erratum("E8a", where="D0:900", literal="∂(mean L) + λW", corrected="∂(mean L) + λW / N")
def decay_beside_a_mean(draw: Draw) -> Finding:
    """The objective adds λ to a sum over N examples; beside a mean over the batch it must be divided by N as well."""
    w, x, t = draw(2, 3), draw.constant(5, 3), draw.constant(5, 2)
    loss = 0.5 * (F.linear(x, w) - t).square().sum()
    (mean_grad,) = torch.autograd.grad(loss / len(x), w, retain_graph=True)
    (truth,) = torch.autograd.grad((loss + 0.5 * _DECAY * w.square().sum()) / len(x), w)
    weight = w.detach()
    return find(
        literal=lambda: mean_grad + _DECAY * weight,
        corrected=lambda: mean_grad + _DECAY / len(x) * weight,
        truth=truth,
    )


@register_erratum("E8b", where="D3:248", literal="½ Σ ‖ŷ − y‖²", corrected="½ Σ ‖ŷ − y‖² / N")
def an_average_that_is_a_sum(draw: Draw) -> Finding:
    """What is called the average over the sample is the sum: it grows with the sample."""
    out, t = draw.constant(5, 2), draw.constant(5, 2)
    half = 0.5 * (out - t).square().sum()
    return find(
        literal=lambda: half,
        corrected=lambda: half / len(t),
        truth=torch.stack([0.5 * F.mse_loss(o, y, reduction="sum") for o, y in zip(out, t, strict=True)]).mean(),
    )


@register_erratum("E9", where="D3:252", literal="θ = Arg Min E ⇔ ∇E(θ) = 0", corrected="θ = Arg Min E ⇒ ∇E(θ) = 0")
def stationary_but_no_minimum(draw: Draw) -> Finding:
    """The arrow holds one way only: E = x⁴/4 − a x²/2 + y²/2 is flat at the saddle (0, 0) as well as at its minima."""
    a = draw.positive().detach()

    def energy(point: Tensor) -> Tensor:
        x, y = point.unbind()
        return x**4 / 4 - a * x**2 / 2 + y**2 / 2

    stationary = [torch.stack([x, torch.zeros_like(a)]) for x in (torch.zeros_like(a), a.sqrt())]
    minima = [point for point in stationary if torch.linalg.eigvalsh(torch.func.hessian(energy)(point)).min() > 0]
    point = draw.constant(2)
    for _ in range(500):
        point = point - 0.1 * torch.func.grad(energy)(point)
    return find(literal=lambda: energy(stationary[0]), corrected=lambda: energy(minima[0]), truth=energy(point))
