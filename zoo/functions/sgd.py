"""One step of gradient descent, as the slides write it, corrected.

Pure functions of weights, gradient and state: nothing is changed in place. The gradient is ``dL/dW``, and every
step goes against it (slide D3:276 climbs: erratum E2). The slides' alpha is the learning rate in one place, the
momentum in another and a rate of centres in a third (erratum E7); here each has its own name.
"""

from jaxtyping import Float
from torch import Tensor


def decayed_gradient(weight: Float[Tensor, "*shape"], grad: Float[Tensor, "*shape"], *, weight_decay: float) -> Float[Tensor, "*shape"]:
    r"""Gradient of the loss and of :math:`\frac{1}{2} \lambda \lVert W \rVert^2` together.

    Args:
        weight: Weights ``W``.
        grad: Gradient of the loss. Where that is a mean over N examples and the objective is written as a
            sum, the decay to give is ``lambda / N`` (erratum E8).
        weight_decay: The slides' ``lambda``, which is also PyTorch's.
    """
    return grad + weight_decay * weight


def sgd_step(
    weight: Float[Tensor, "*shape"], grad: Float[Tensor, "*shape"], *, lr: float, weight_decay: float = 0.0
) -> Float[Tensor, "*shape"]:
    r"""Step down the slope: :math:`W - \eta (g + \lambda W)`.

    Args:
        weight: Weights ``W``.
        grad: Gradient of the loss.
        lr: Learning rate.
        weight_decay: The slides' ``lambda``.

    Returns:
        The new weights.

    References:
        Slides D0:905-908 and D1:338, where the learning rate before ``lambda W`` is missing (erratum E1). MATHS.md (6).
    """
    return weight - lr * decayed_gradient(weight, grad, weight_decay=weight_decay)


def momentum_step(
    weight: Float[Tensor, "*shape"], grad: Float[Tensor, "*shape"], velocity: Float[Tensor, "*shape"], *, lr: float, momentum: float
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    r"""Step along a running sum of gradients: :math:`v \leftarrow \mu v + g`, :math:`W \leftarrow W - \eta v`.

    Args:
        weight: Weights ``W``.
        grad: Gradient, with weight decay if there is any (``decayed_gradient``).
        velocity: The sum ``v`` so far; zeros at first.
        lr: Learning rate.
        momentum: Share ``mu`` of the velocity that stays.

    Returns:
        The new weights and the new velocity.

    References:
        Sutskever et al., ICML 2013, section 2, with the learning rate outside as in ``torch.optim.SGD``. MATHS.md (6).
    """
    velocity = momentum * velocity + grad
    return weight - lr * velocity, velocity


def haykin_step(
    weight: Float[Tensor, "*shape"], grad: Float[Tensor, "*shape"], change: Float[Tensor, "*shape"], *, lr: float, momentum: float
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    r"""Haykin's momentum, which remembers the last change: :math:`\Delta \leftarrow \mu \Delta - \eta g`, :math:`W \leftarrow W + \Delta`.

    It equals ``momentum_step`` while the learning rate is constant. When the rate drops, the old changes go on
    at the rate that they were made with.

    Args:
        weight: Weights ``W``.
        grad: Gradient, with weight decay if there is any (``decayed_gradient``).
        change: The last change; zeros at first.
        lr: Learning rate.
        momentum: Share ``mu`` of the last change that is repeated.

    Returns:
        The new weights and the change that led to them.

    References:
        Slide D3:328, where the last sign is plus because Haykin's delta is minus the gradient (erratum E4);
        Haykin, "Neural Networks and Learning Machines", 3rd edition, chapter 4. MATHS.md (6).
    """
    change = momentum * change - lr * grad
    return weight + change, change
