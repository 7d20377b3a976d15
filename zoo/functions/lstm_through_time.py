"""Back-propagation through time of a long short-term memory, written by hand.

Sizes in shapes: T steps, B batch, I input features, H hidden units, G = 4H: the four gates side by side, in torch's order i, f, g, o.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from zoo.functions.lstm_cell import cell_gradients, cell_step
from zoo.functions.products import add_product, factor_type

_MINUS_ONE = torch.tensor(-1.0, device="cpu")  # a scalar beside tensors of any device


class LSTMThroughTime(torch.autograd.Function):
    """From input, first states and parameters to output, last states, and what is kept: gates, cell states and their tanh."""

    @staticmethod
    def forward(x: Tensor, h: Tensor, c: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> tuple[Tensor, ...]:
        hidden, factor = h.shape[-1], factor_type(x)
        recurrent = double_candidate(weight_hh, hidden).T.to(factor).contiguous()  # contiguous: quicker where the rows are few
        gates = add_product(double_candidate(bias, hidden), x.flatten(0, 1), double_candidate(weight_ih, hidden).T.to(factor))
        gates = gates.view(*x.shape[:2], 4 * hidden)
        output, cell, squashed = (x.new_empty(*x.shape[:2], hidden) for _ in range(3))
        for gate, h_next, c_next, squash in zip(gates, output, cell, squashed, strict=True):
            i, f, g, o = add_product(gate, h, recurrent, out=gate).sigmoid_().chunk(4, -1)
            to_tanh_(g)
            torch.mul(f, c, out=c_next).addcmul_(i, g)
            to_tanh_(torch.mul(c_next, 2, out=squash).sigmoid_())
            torch.mul(o, squash, out=h_next)
            h, c = h_next, c_next
        return output, h.clone(), c.clone(), gates, cell, squashed

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        hidden, _, _, gates, cell, squashed = output
        ctx.mark_non_differentiable(gates, cell, squashed)
        ctx.set_materialize_grads(False)  # else the three would get zeros of their size
        ctx.factor = factor_type(inputs[0])  # back as forward, whatever is asked for by then
        ctx.save_for_backward(*inputs, hidden, gates, cell, squashed)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        inputs, kept = ctx.saved_tensors[:6], ctx.saved_tensors[6:]
        with torch.autocast(inputs[0].device.type, enabled=False):
            if torch.is_grad_enabled():
                return _differentiable_gradients(inputs, grads[:3], ctx.needs_input_grad)
            x, h, _, weight_ih, *_ = inputs
            factor = ctx.factor
            delta, grad_h, grad_c = _through_time(inputs, kept, grads[:3], factor)
            # One product over all steps for each weight matrix, and for the input.
            steps = delta.to(factor)
            rows = steps.flatten(0, 1)
            needs_x, _, _, needs_ih, needs_hh, needs_bias = ctx.needs_input_grad
            found = (
                (rows @ weight_ih.to(factor)).view_as(x) if needs_x else None,
                grad_h,
                grad_c,
                rows.T @ x.flatten(0, 1).to(factor) if needs_ih else None,
                _recurrent_gradient(steps, h.to(factor), kept[0].to(factor)) if needs_hh else None,
                delta.flatten(0, 1).sum(0) if needs_bias else None,
            )
            return tuple(None if each is None else each.to(x.dtype) for each in found)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *arguments: Tensor) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
        size = info.batch_size
        apart = [[each] * size if axis is None else each.unbind(axis) for each, axis in zip(arguments, in_dims, strict=True)]
        if in_dims[3:] == (None, None, None):  # shared weights: the mapped axis makes the batch larger
            together = LSTMThroughTime.apply(*(torch.cat(tuple(each), -2) for each in apart[:3]), *arguments[3:])
            found = [each.tensor_split(size, -2) for each in together]
        else:
            found = list(zip(*(LSTMThroughTime.apply(*each) for each in zip(*apart, strict=True)), strict=True))
        return tuple(torch.stack(each) for each in found), (0,) * len(found)


def _recurrent_gradient(delta: Tensor, h: Tensor, output: Tensor) -> Tensor:
    """One product over the steps that follow another, and the first step's with the first state."""
    return (delta[1:].flatten(0, 1).T @ output[:-1].flatten(0, 1)).addmm_(delta[0].T, h)


def double_candidate(weight: Tensor, hidden: int) -> Tensor:
    """Double the rows of g: as tanh(z) = 2 sigmoid(2z) - 1, one sigmoid then serves all four gates, and is quicker than a tanh.

    Near zero the difference loses digits, as an absolute error that stays below 1e-7.
    """
    doubled = weight.clone()
    doubled[2 * hidden : 3 * hidden] *= 2
    return doubled


def to_tanh_(half: Tensor) -> None:
    """``2 y - 1`` in place, in one operator."""
    torch.add(_MINUS_ONE, half, alpha=2, out=half)


def _through_time(
    inputs: tuple[Tensor, ...], kept: tuple[Tensor, ...], grads: tuple[Tensor | None, ...], factor: torch.dtype
) -> tuple[Float[Tensor, "T B G"], Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    """The loss's gradient by the pre-activations of every step, and by the first states."""
    _, _, c, _, weight_hh, _ = inputs
    output, gates, *_ = kept
    grad_output, grad_h, grad_c = grads
    grad_output = torch.zeros_like(output) if grad_output is None else grad_output
    zeros = torch.zeros_like(c)
    delta_h = grad_output[-1] + (zeros if grad_h is None else grad_h)
    delta_c = zeros.clone() if grad_c is None else grad_c.clone()
    slope, to_cell = _slopes(c, *kept)
    blocks = slope.unflatten(-1, (4, -1))
    forget = gates.chunk(4, -1)[1]
    recurrent = weight_hh.to(factor)
    steps = [*zip([zeros, *grad_output[:-1]], slope, blocks[:, :, :3], blocks[:, :, 3], to_cell, forget, strict=True)]
    for grad_before, delta, delta_ifg, delta_o, way, f in reversed(steps):
        delta_c.addcmul_(delta_h, way)
        delta_ifg.mul_(delta_c[:, None])
        delta_o.mul_(delta_h)
        delta_c.mul_(f)
        add_product(grad_before, delta, recurrent, out=delta_h)
    return slope, delta_h, delta_c


def _slopes(
    c: Tensor, output: Tensor, gates: Tensor, cell: Tensor, squashed: Tensor
) -> tuple[Float[Tensor, "T B G"], Float[Tensor, "T B H"]]:
    """What does not depend on the gradient, for all steps at once.

    Returns:
        What each pre-activation's gradient has as a factor, beside that by the cell state (by the output, for o); and the
        derivative of the output by the cell state.
    """
    i, _, g, o = gates.chunk(4, -1)
    slope = torch.addcmul(gates, gates, gates, value=-1)  # y (1 - y) of the sigmoids
    by_i, by_f, by_g, by_o = slope.chunk(4, -1)
    by_i.mul_(g)
    by_f[0].mul_(c)
    by_f[1:].mul_(cell[:-1])
    by_o.mul_(squashed)
    scratch = i * g
    torch.addcmul(i, scratch, g, value=-1, out=by_g)  # i (1 - g^2)
    return slope, torch.addcmul(o, output, squashed, value=-1, out=scratch)  # o (1 - tanh^2 c) = o - h tanh c


def _differentiable_gradients(
    inputs: tuple[Tensor, ...], grads: tuple[Tensor | None, ...], needed: tuple[bool, ...]
) -> tuple[Tensor | None, ...]:
    """The same gradients from a loop over cells, in full precision, for second derivatives: steps in place have none."""
    x, h, c, weight_ih, weight_hh, bias = inputs
    kept = []
    for step in x:
        h_next, c_next, z = cell_step(step, h, c, weight_ih, weight_hh, bias)
        kept.append((step, h, c, weight_ih, weight_hh, c_next, z))
        h, c = h_next, c_next
    grad_h, grad_c = (torch.zeros_like(c) if grad is None else grad for grad in grads[1:])
    by_output = torch.zeros_like(c).expand(len(x), *c.shape) if grads[0] is None else grads[0]
    by_x, by_parameters = [], []
    for saved, by_step in zip(reversed(kept), by_output.flip(0), strict=True):
        grad_x, grad_h, grad_c, *parameters = cell_gradients(saved, grad_h + by_step, grad_c, torch.zeros_like(saved[-1]))
        by_x.append(grad_x)
        by_parameters.append(parameters)
    found = torch.stack(by_x[::-1]), grad_h, grad_c, *(torch.stack(each).sum(0) for each in zip(*by_parameters, strict=True))
    return tuple(each if needs else None for each, needs in zip(found, needed, strict=True))
