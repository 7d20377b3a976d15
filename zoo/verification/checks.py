"""What is asked of a function: its twin's values and gradients, finite differences, second derivatives, vmap."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from zoo.functions.draw import Draw
from zoo.functions.registry import Example, FunctionEntry

_STEP = 1e-6  # of the central difference, in double precision: its error is about 1e-10
_TIGHT = 1e-6  # torch's default tolerance, 1e-3, lets a gradient pass that is off by a tenth of a percent

Arguments = tuple[Any, ...]


def relative_error(found: Tensor, expected: Tensor) -> float:
    """Largest difference as a share of the largest expected value; where that is below one, the difference itself.

    Infinite where the shapes differ, or where not the same entries are NaN, inf and -inf on both sides.
    """
    if found.shape != expected.shape:
        return float("inf")
    if not found.numel():
        return 0.0
    found, expected = found.detach().double(), expected.detach().double()
    finite = expected.isfinite()
    alike = torch.allclose(found[~finite], expected[~finite], equal_nan=True)
    if not alike or not found[finite].isfinite().all():
        return float("inf")
    if not finite.any():
        return 0.0
    return float((found - expected)[finite].abs().max() / expected[finite].abs().max().clamp(min=1.0))


def variables(arguments: Arguments) -> list[Tensor]:
    """The arguments that a function is differentiated by."""
    return [each for each in arguments if isinstance(each, Tensor) and each.requires_grad]


def outputs(value: Any) -> list[Tensor]:
    """The floating-point tensors that a function returns."""
    values = [value] if isinstance(value, Tensor) else list(value)
    return [each for each in values if isinstance(each, Tensor) and each.is_floating_point()]


def twin_error(entry: FunctionEntry, arguments: Arguments) -> float:
    """Largest relative error of values and gradients against the native twin."""
    manual = _values_and_gradients(entry.manual, arguments)
    native = _values_and_gradients(entry.native, arguments)
    return max(relative_error(ours, theirs) for ours, theirs in zip(manual, native, strict=True))


def _values_and_gradients(function: Callable[..., Any], arguments: Arguments) -> list[Tensor]:
    values = outputs(function(*arguments))
    differentiable = [value for value in values if value.requires_grad]
    upstream = _upstream(differentiable)
    wanted = variables(arguments)
    if not differentiable or not wanted:
        return values
    gradients = torch.autograd.grad(differentiable, wanted, upstream, allow_unused=True, materialize_grads=True)
    return values + list(gradients)


def _upstream(values: list[Tensor]) -> list[Tensor]:
    draw = Draw(seed=1)
    return [draw.constant(*value.shape).to(value) for value in values]


def difference_error(entry: FunctionEntry, arguments: Arguments) -> float:
    """Relative error of the gradient along a random direction against a central difference, in double precision."""
    wanted = variables(arguments)
    values = [value for value in outputs(entry.manual(*arguments)) if value.requires_grad]
    upstream = _upstream(values)
    gradients = torch.autograd.grad(values, wanted, upstream, allow_unused=True, materialize_grads=True)
    draw = Draw(seed=2)
    direction = [draw.constant(*variable.shape).to(variable) for variable in wanted]
    slope = sum((gradient * way).sum() for gradient, way in zip(gradients, direction, strict=True))

    def moved(step: float) -> Tensor:
        ways = iter(direction)
        there = [each + step * next(ways) if isinstance(each, Tensor) and each.requires_grad else each for each in arguments]
        found = [value for value in outputs(entry.manual(*there)) if value.requires_grad]
        return torch.stack([(value * weight).sum() for value, weight in zip(found, upstream, strict=True)]).sum().detach()

    return relative_error(torch.as_tensor(slope), (moved(_STEP) - moved(-_STEP)) / (2 * _STEP))


def gradcheck(entry: FunctionEntry, arguments: Arguments) -> bool:
    """PyTorch's own comparison of every entry of the Jacobian with finite differences."""
    return bool(torch.autograd.gradcheck(entry.manual, arguments, rtol=_TIGHT, atol=_TIGHT, raise_exception=False))


def gradgradcheck(entry: FunctionEntry, arguments: Arguments) -> bool:
    """The same for the second derivative."""
    return bool(torch.autograd.gradgradcheck(entry.manual, arguments, rtol=_TIGHT, atol=_TIGHT, raise_exception=False))


def vmap_error(entry: FunctionEntry, example: Example, *, dtype: torch.dtype = torch.double, device: str = "cpu") -> float:
    """Relative error of values and gradients of the vectorised function against one call after another."""
    several = [example(Draw(seed=seed, dtype=dtype, device=device)) for seed in range(3)]
    stacked = [torch.stack(each).detach() if isinstance(each[0], Tensor) else each[0] for each in zip(*several, strict=True)]
    axes = tuple(0 if isinstance(each, Tensor) else None for each in stacked)
    function = _with_gradients(entry, several[0])
    upstream = _upstream([value.expand(3, *value.shape) for value in outputs(entry.manual(*several[0]))])
    together = torch.vmap(function, in_dims=(0, *axes))(upstream, *stacked)
    calls = [function([each[number] for each in upstream], *arguments) for number, arguments in enumerate(several)]
    apart = [torch.stack(each) for each in zip(*calls, strict=True)]
    return max(relative_error(ours, theirs) for ours, theirs in zip(together, apart, strict=True))


def _with_gradients(entry: FunctionEntry, example: Arguments) -> Callable[..., tuple[Tensor, ...]]:
    """From upstream gradients and arguments to values and gradients, in a form that vmap takes."""
    wanted = [place for place, each in enumerate(example) if isinstance(each, Tensor) and each.requires_grad]

    def values_and_gradients(upstream: list[Tensor], *arguments: Any) -> tuple[Tensor, ...]:
        def values(*variables: Tensor) -> tuple[Tensor, ...]:
            moved = dict(zip(wanted, variables, strict=True))
            return tuple(outputs(entry.manual(*(moved.get(place, each) for place, each in enumerate(arguments)))))

        found, pull_back = torch.func.vjp(values, *(arguments[place] for place in wanted))[:2]
        return (*found, *pull_back(tuple(upstream)))

    return values_and_gradients


def rearranged(arguments: Arguments, layout: str) -> Arguments:
    """The same values in another memory layout: ``non-contiguous`` or ``channels-last`` (tensors of four axes)."""

    def rearrange(each: Any) -> Any:
        if not isinstance(each, Tensor) or not each.is_floating_point():
            return each
        if layout == "channels-last" and each.dim() == 4:
            value = each.detach().contiguous(memory_format=torch.channels_last)
        elif layout == "non-contiguous" and each.dim():
            value = torch.stack([each.detach(), torch.zeros_like(each)], dim=-1)[..., 0]
        else:
            value = each.detach().clone()
        return value.requires_grad_(each.requires_grad)

    return tuple(rearrange(each) for each in arguments)
