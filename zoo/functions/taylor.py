"""Derivatives as products: along a direction, through a composition, and to second order.

None of them builds a Jacobian or Hessian matrix. Sizes in shapes: N arguments, M values.
References: slides D3:40-62 (erratum E53: gradients are columns here, Jacobians have a row a value). MATHS.md (31).
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad, jvp, vjp

Map = Callable[[Tensor], Tensor]


def directional_derivative(function: Map, x: Float[Tensor, " N"], direction: Float[Tensor, " N"]) -> Float[Tensor, "*M"]:
    """The derivative along a direction, the Jacobian times it.

    It runs forwards, which the zoo's functions can do inside ``zoo.functions.native()`` only.
    """
    return jvp(function, (x,), (direction,))[1]


def vector_jacobian_product(function: Map, x: Float[Tensor, " N"], cotangent: Float[Tensor, "*M"]) -> Float[Tensor, " N"]:
    """The Jacobian's transpose times a vector: one step of back-propagation."""
    return vjp(function, x)[1](cotangent)[0]


def chain_gradient(outer: Map, inner: Map, x: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
    r"""The gradient of :math:`f = h \circ g`, as :math:`\nabla f = [\nabla g]^T \nabla h` (slide D3:62).

    Args:
        outer: The scalar function ``h``.
        inner: The map ``g``.
        x: Where.
    """
    return vector_jacobian_product(inner, x, grad(outer)(inner(x)))


def hessian_vector_product(function: Map, x: Float[Tensor, " N"], direction: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
    """The Hessian of a scalar function times a vector, at the cost of two gradients."""
    return vector_jacobian_product(grad(function), x, direction)  # the Hessian is its own transpose


def second_order_expansion(function: Map, x: Float[Tensor, " N"], step: Float[Tensor, " N"]) -> Float[Tensor, ""]:
    r"""The Taylor expansion of a scalar function, :math:`f(x) + \nabla f(x)^T s + \frac12 s^T H(x) s` (slide D3:52).

    What it leaves out shrinks with the third power of the step.

    Args:
        function: The function ``f``.
        x: Where it is expanded.
        step: How far from there.
    """
    gradient, curvature = grad(function)(x), hessian_vector_product(function, x, step)
    return function(x) + torch.dot(gradient + 0.5 * curvature, step)
