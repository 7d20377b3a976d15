"""Random arguments for trying functions out, the same on every device."""

import torch
from torch import Tensor


class Draw:
    """Draws the arguments of one example, in order, from one seed.

    Calling it gives standard normal numbers. What a function is differentiated by requires a gradient; masks,
    targets and indices do not.

    Args:
        seed: Seed of the numbers.
        dtype: Type of the floating-point tensors.
        device: Where they are put; they are drawn on the CPU, so that every device sees the same.
    """

    def __init__(self, *, seed: int = 0, dtype: torch.dtype = torch.double, device: torch.device | str = "cpu") -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._dtype, self._device = dtype, device

    def __call__(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return self._variable(self._normal(shape))

    def positive(self, *shape: int) -> Tensor:
        """Numbers in [0.5, 1.5)."""
        return self._variable(self._uniform(shape) + 0.5)

    def probability(self, *shape: int) -> Tensor:
        """Numbers in (0.1, 0.9)."""
        return self._variable(self._uniform(shape) * 0.8 + 0.1)

    def distribution(self, *shape: int) -> Tensor:
        """Positive numbers that sum to one along the last axis."""
        return self._variable(self._normal(shape).softmax(-1))

    def saturated(self, *shape: int) -> Tensor:
        """Plus and minus 10,000, where squashing functions are flat and exponentials overflow."""
        return self._variable(1e4 * self._normal(shape).sign())

    def constant(self, *shape: int) -> Tensor:
        """Standard normal numbers that nothing is differentiated by."""
        return self._variable(self._normal(shape)).detach()

    def binary(self, *shape: int, share: float = 0.5) -> Tensor:
        """Zeros and ones, as floating-point numbers that nothing is differentiated by; ``share`` of them ones."""
        return self._variable((self._uniform(shape) < share).double()).detach()

    def index(self, *shape: int, below: int) -> Tensor:
        """Whole numbers in [0, below)."""
        return torch.randint(below, shape, generator=self._generator).to(self._device)

    def _normal(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self._generator, dtype=torch.double)

    def _uniform(self, shape: tuple[int, ...]) -> Tensor:
        return torch.rand(shape, generator=self._generator, dtype=torch.double)

    def _variable(self, value: Tensor) -> Tensor:
        return value.to(self._device, self._dtype).requires_grad_()
