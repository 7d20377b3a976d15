"""Back-propagation through time of a neural Turing machine, written by hand.

Sizes in shapes: T steps, B batch, I inputs, C units of the controller, G = 4C (LSTM) or C (feed-forward), K = R M + C: what was read and
the controller's output, side by side.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from zoo.functions.lstm_through_time import double_candidate
from zoo.functions.ntm_controllers import Controller, FeedForwardController, LSTMController
from zoo.functions.ntm_emission import HeadSizes
from zoo.functions.ntm_heads import Heads


class NTMThroughTime(torch.autograd.Function):
    """From input, start and parameters, in the order of ``zoo.functions.ntm.ntm``, to states, weights and memories of every step."""

    @staticmethod
    def forward(ctx: Any, sizes: HeadSizes, x: Tensor, *tensors: Any) -> tuple[Tensor, ...]:
        memory, weight, state, cell, into, back, bias, emit, emit_bias = tensors
        steps, found = len(x), sizes.reads * sizes.width
        ctx.save_for_backward(x, into, back, emit)
        ctx.set_materialize_grads(False)  # else weights and memories would get zeros of their size
        states = x.new_empty(steps + 1, *state.shape)
        states[0] = state
        read, output = states[1:, :, :found].unflatten(-1, (sizes.reads, sizes.width)), states[1:, :, found:]
        controller = _controller(x, cell, into, bias, output)
        emission = x.new_empty(steps, x.shape[1], sizes.total)
        heads = Heads(emission, memory, weight, read, sizes)
        returned = states[:-1, :, : back.shape[1]]
        back = (back if cell is None else double_candidate(back, emit.shape[1])).T.contiguous()
        emit = emit.T.contiguous()  # contiguous: quicker where the rows are few
        for number, (before, said) in enumerate(zip(returned.unbind(), emission.unbind(), strict=True)):
            torch.addmm(emit_bias, controller.step(number, before, back), emit, out=said)
            heads.step(number)
        ctx.controller, ctx.heads, ctx.returned, ctx.output = controller, heads, returned, output
        weights, memories = heads.weight, heads.memory
        ctx.mark_non_differentiable(weights, memories)
        # They are views of what the way back reads: changes, which save_for_backward would see, are looked for there.
        ctx.kept, ctx.versions = (states, weights, memories), _versions(states, weights, memories)
        return states[1:], weights, memories

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Float[Tensor, "T B K"] | None, *_: None) -> tuple[Tensor | None, ...]:
        if grad is None:
            return (None,) * len(ctx.needs_input_grad)
        if _versions(*ctx.kept) != ctx.versions:
            raise RuntimeError(
                "a state, weight or memory that ntm returned was changed in place, and the gradient needs it: change a clone"
            )
        with torch.autocast(grad.device.type, enabled=False):  # backward() may be called within it, and steps in place cannot mix dtypes
            return _through_time(ctx, grad)


def _through_time(ctx: Any, grad: Float[Tensor, "T B K"]) -> tuple[Tensor | None, ...]:
    """The way back, from the gradient of the states to those of all arguments."""
    x, into, back, emit = ctx.saved_tensors
    controller, heads, sizes = ctx.controller, ctx.heads, ctx.heads.sizes
    found = sizes.reads * sizes.width
    controller.start_back()
    heads.start_back()
    by_state = grad[-1].clone()
    by_read, by_output, by_returned = by_state[:, :found], by_state[:, found:], by_state[:, : back.shape[1]]
    by_read = by_read.unflatten(-1, (sizes.reads, sizes.width))
    for number, before in reversed([*enumerate([torch.zeros_like(by_state), *grad[:-1].unbind()])]):
        by_output.addmm_(heads.step_back(number, by_read), emit)
        delta = controller.step_back(number, by_output)
        by_state.copy_(before)
        by_returned.addmm_(delta, back)
    # One product over all steps for each matrix.
    deltas, emissions = controller.delta.flatten(0, 1), heads.grad_emission.flatten(0, 1)
    return (
        None,
        (deltas @ into).view_as(x) if ctx.needs_input_grad[1] else None,
        *(heads.grad_memory.mT, heads.grad_weight, by_state, controller.grad_cell),
        *(deltas.T @ x.flatten(0, 1), deltas.T @ ctx.returned.flatten(0, 1), deltas.sum(0)),
        *(emissions.T @ ctx.output.flatten(0, 1), emissions.sum(0)),
    )


def _versions(*tensors: Tensor) -> list[int]:
    """How often each was changed in place; inference counts nothing, and has no way back."""
    return [0 if tensor.is_inference() else tensor._version for tensor in tensors]


def _controller(x: Tensor, cell: Tensor | None, into: Tensor, bias: Tensor, output: Tensor) -> Controller:
    """The controller, with what the inputs of all steps bring to it: one product."""
    hidden = output.shape[-1]
    if cell is not None:
        into, bias = double_candidate(into, hidden), double_candidate(bias, hidden)
    z = torch.addmm(bias, x.flatten(0, 1), into.T).view(*x.shape[:2], len(bias))
    return FeedForwardController(z, output) if cell is None else LSTMController(z, cell, output)
