"""Errata of the mathematical preliminaries: gradients, expansions, graphs, pre-processing."""

import torch
from torch.func import grad, hessian, jacrev, vmap

from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum


@register_erratum("E53d", where="D3:45-62", literal="∇f = [∇g]ᵀ∇h, ∇h the 1×m Jacobian", corrected="∇h an m×1 column, ∇g the m×n Jacobian")
def gradient_as_row(draw: Draw) -> Finding:
    """The slide calls the derivative of a scalar function a 1 x n Jacobian and writes the gradient as a column; only the latter fits."""
    weight, x = draw.constant(4, 3), draw.constant(3)

    def inner(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(weight @ x)

    def outer(u: torch.Tensor) -> torch.Tensor:
        return u.pow(3).sum()

    row = grad(outer)(inner(x))[None]
    return find(
        literal=lambda: jacrev(inner)(x).T @ row,
        literal_raises="cannot be multiplied",
        corrected=lambda: jacrev(inner)(x).T @ row.T,
        truth=grad(lambda x: outer(inner(x)))(x)[:, None],
    )


@register_erratum("E53e", where="D3:52", literal="½ (x-x₀)ᵀ H(f) (x-x₀), H where x is", corrected="H(f)(x₀)")
def hessian_elsewhere(draw: Draw) -> Finding:
    """The gradient has its argument, the Hessian none; it belongs to the same point."""
    constant, slope, matrix, x = draw.constant(), draw.constant(3), draw.constant(3, 3), draw.constant(3)
    origin = torch.zeros_like(x)

    def quadratic(x: torch.Tensor) -> torch.Tensor:
        return constant + slope @ x + x @ matrix @ x

    def cubic(x: torch.Tensor) -> torch.Tensor:
        return quadratic(x) + x.pow(3).sum()

    first_order = cubic(origin) + grad(cubic)(origin) @ x
    return find(
        literal=lambda: first_order + 0.5 * x @ hessian(cubic)(x) @ x,
        corrected=lambda: first_order + 0.5 * x @ hessian(cubic)(origin) @ x,
        truth=quadratic(x),  # a polynomial's expansion at 0 is its lower terms
    )


@register_erratum("E53g", where="D0:824", literal="a perceptron can only learn linear functions", corrected="linearly separable decisions")
def linear_for_separable(draw: Draw) -> Finding:
    """AND is no linear function of its inputs, yet a perceptron decides it (and not XOR)."""
    x = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.double)] * 2)
    augmented = torch.cat([x, torch.ones(4, 1, dtype=x.dtype)], 1)
    truth = x.prod(1)
    scale = 0.5 + draw.probability().detach()  # any positive multiple decides alike
    return find(
        literal=lambda: augmented @ torch.linalg.lstsq(augmented, truth[:, None]).solution[:, 0],
        corrected=lambda: (augmented @ (scale * torch.tensor([1.0, 1.0, -1.5], dtype=x.dtype)) > 0).to(truth),
        truth=truth,
    )


@register_erratum("E53h", where="D3:368", literal="dy/dx = Σ over all nodes P_i", corrected="Σ over a cut set P_i, with total dP_i/dx")
def sum_over_every_node(draw: Draw) -> Finding:
    """With ``P_i`` undefined, nodes in a row count one path twice: u = sin x, v = u², y = u v."""
    x = draw.constant(5)
    u, v = torch.sin(x), torch.sin(x).square()
    by_u, by_v = v + 2 * u * u, u  # total derivatives of y
    along_u, along_v = torch.cos(x), 2 * u * torch.cos(x)  # total derivatives by x
    return find(
        literal=lambda: by_u * along_u + by_v * along_v,
        corrected=lambda: by_u * along_u,
        truth=vmap(grad(lambda x: torch.sin(x) * torch.sin(x).square()))(x),
    )
