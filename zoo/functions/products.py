"""Matrix products of float32 that heed ``torch.set_float32_matmul_precision("medium")`` on the CPU.

torch's own switch finds a quicker product on processors with matrix registers (AMX) alone; these find it on others with bfloat16
instructions too, and for products too small for that. The price: factors are rounded to bfloat16, summed up in float32, and the
sum is rounded to bfloat16 once more (eight binary digits, 0.4 %).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def multiplying(precision: str) -> Iterator[None]:
    """Products of float32 at this precision within: "highest", "high" or "medium"."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def factor_type(x: Tensor) -> torch.dtype:
    """What the factors of a product with ``x`` are to be rounded to: bfloat16 where "medium" was asked for and that is quick."""
    asked = x.dtype == torch.float32 and x.device.type == "cpu" and torch.get_float32_matmul_precision() == "medium"
    return torch.bfloat16 if asked and has_bfloat16() else x.dtype


def add_product(c: Tensor, a: Tensor, b: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``c + a b`` in the type of ``c``; factors and product are rounded to that of ``b``."""
    if a.dtype == b.dtype:
        return torch.addmm(c, a, b, out=out)
    return torch.add(c, a.to(b.dtype) @ b, out=out)


def has_bfloat16() -> bool:
    """Whether the processor multiplies pairs of bfloat16 in one instruction."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
