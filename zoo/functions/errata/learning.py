"""Errata of similarity, factorization and learned optimisers."""

import torch

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.learning_to_learn import quadratic_native


@register_erratum("E48a", where="D0:1485", literal="-2 (L_Cx f1)ᵀ (L_Cx f2)", corrected="-2 (L_Cx f1)ᵀ (L_Cy f2), as C = -L_Cxᵀ L_Cy")
def one_factor_twice(draw: Draw) -> Finding:
    """The second domain has a factor of its own."""
    x, y, a, b, cx, cy, d, e, f = _measure(draw)
    own = (a @ x).square().sum() + (b @ y).square().sum() + 2 * d @ x + 2 * e @ y + f
    return find(
        literal=lambda: own - 2 * (cx @ x) @ (cx @ y),
        corrected=lambda: own - 2 * (cx @ x) @ (cy @ y),
        truth=_block_form(x, y, a, b, cx, cy, d, e, f),
    )


@register_erratum("E48b", where="D0:1485", literal="... + 2eᵀf2(y) + ‖f2‖²", corrected="... + 2eᵀf2(y) + f")
def norm_for_the_constant(draw: Draw) -> Finding:
    """The expansion ends with a stray norm in the place of the constant ``f``."""
    x, y, a, b, cx, cy, d, e, f = _measure(draw)
    rest = (a @ x).square().sum() + (b @ y).square().sum() + 2 * d @ x + 2 * e @ y - 2 * (cx @ x) @ (cy @ y)
    return find(
        literal=lambda: rest + y.square().sum(),
        corrected=lambda: rest + f,
        truth=_block_form(x, y, a, b, cx, cy, d, e, f),
    )


def _measure(draw: Draw) -> tuple[torch.Tensor, ...]:
    factors = tuple(draw.constant(2, 3) for _ in range(4))
    return draw.constant(3), draw.constant(3), *factors, draw.constant(3), draw.constant(3), draw.constant()


def _block_form(*measure: torch.Tensor) -> torch.Tensor:
    """The definition, slide D0:1459: one quadratic form of ``[x, y, 1]``."""
    x, y, a, b, cx, cy, d, e, f = measure
    c = -cx.T @ cy
    rows = [torch.cat([a.T @ a, c, d[:, None]], 1), torch.cat([c.T, b.T @ b, e[:, None]], 1), torch.cat([d, e, f[None]])[None]]
    z = torch.cat([x, y, x.new_ones(1)])
    return z @ torch.cat(rows) @ z


@register_erratum("E49", where="D0:1431", literal="min ‖X - AS‖₂², the spectral norm", corrected="min ‖X - AS‖_F²: dA = 2(AS - X)Sᵀ")
def spectral_norm(draw: Draw) -> Finding:
    """A matrix's 2-norm is its largest singular value; the factorization sums the squared errors of all entries."""
    x, a, s = draw.constant(4, 5), draw(4, 2), draw.constant(2, 5)
    entries = sum((x[i, j] - a[i] @ s[:, j]) ** 2 for i in range(4) for j in range(5))
    (truth,) = torch.autograd.grad(torch.as_tensor(entries), a)
    return find(
        literal=lambda: torch.autograd.grad(torch.linalg.matrix_norm(x - a @ s, 2) ** 2, a)[0],
        corrected=lambda: 2 * (a.detach() @ s - x) @ s.T,
        truth=truth,
    )


@register_erratum("E50", where="D0:1395-1399", literal="θ + g, g in the place of α∇f", corrected="θ + g, g in the place of -α∇f")
def replaced_step(draw: Draw) -> Finding:
    """What replaces ``α∇f`` in ``θ - α∇f`` is subtracted; written with a plus, ``g`` must hold sign and scale (and a state)."""
    theta, weight, target, rate = draw(3), draw.constant(4, 3), draw.constant(4), 0.1
    (slope,) = torch.autograd.grad(quadratic_native(theta, weight, target), theta)
    truth = theta.detach().clone().requires_grad_()
    truth.grad = slope
    torch.optim.SGD([truth], lr=rate).step()
    return find(
        literal=lambda: theta.detach() + rate * slope,
        corrected=lambda: theta.detach() + -rate * slope,
        truth=truth.detach(),
    )
