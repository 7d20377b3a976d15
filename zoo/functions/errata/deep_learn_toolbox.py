"""Errata of deck D4's walk through DeepLearnToolbox: what convolution is, its gradients, and sizes.

In the formulas A is an activation map, k a kernel, h = convn(A, k, 'valid') and v the gradient of the loss with respect to h.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import ZooError
from zoo.functions.draw import Draw
from zoo.functions.errata.registry import Finding, find, register_erratum
from zoo.functions.matlab import conv2, convn, rot180


def _frames(a: Tensor, kernel: Tensor) -> Tensor:
    """``A[i,j]``: the frame of the kernel's size with its upper left corner at each place (slide D4:1077)."""
    return a.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)


def _eq1(v: Tensor, frames: Tensor) -> Tensor:
    return (v[..., None, None] * frames).sum((0, 1))


@register_erratum("E28", where="D4:1125", literal="dy/dk = Σ v[i,j] A[i,j]", corrected="dy/dk = rot180(Σ v[i,j] A[i,j])")
def kernel_gradient_of_correlation(draw: Draw) -> Finding:
    """EQ1 is derived from ``sum(sum(A .* K))``, a correlation; the code's ``convn`` flips the kernel, and so its gradient."""
    a, k, v = draw(6, 6), draw(3, 3), draw.constant(4, 4)
    (truth,) = torch.autograd.grad(convn(a, k, "valid"), k, v)
    return find(
        literal=lambda: _eq1(v, _frames(a, k)),
        corrected=lambda: rot180(_eq1(v, _frames(a, k))),
        truth=truth,
    )


@register_erratum(
    "E29", where="D4:954", literal="dy/da[i,j] = sum(sum(V[i,j] .* flipall(k)))", corrected="dy/da = convn(v, rot180(k), 'full')"
)
def activation_gradient_of_correlation(draw: Draw) -> Finding:
    """EQ2 holds for a forward correlation and is ``convn(v, k, 'full')``, not the code beside it, which is right for ``convn``."""
    a, k, v = draw(6, 6), draw(3, 3), draw.constant(4, 4)
    (truth,) = torch.autograd.grad(convn(a, k, "valid"), a, v)
    return find(
        literal=lambda: (_frames(F.pad(v, (2, 2, 2, 2)), k) * k.flip(0, 1)).sum((-2, -1)),
        corrected=lambda: convn(v, rot180(k), "full"),
        truth=truth,
    )


@register_erratum("E30", where="D4:847", literal="∂h[1,1]/∂a[1,1] = k(1)", corrected="∂h[1,1]/∂a[1,1] = k(9)")
def corner_of_a_convolution(draw: Draw) -> Finding:
    """The drawing slides the kernel unflipped; ``convn`` joins the first activation and the first output by the last weight."""
    a, k = draw(10, 10), draw(3, 3)
    (truth,) = torch.autograd.grad(convn(a, k, "valid")[0, 0], a)
    return find(literal=lambda: k[0, 0], corrected=lambda: k[-1, -1], truth=truth[0, 0])


@register_erratum("E31", where="D4:816", literal="dy/dk from v = dy/da", corrected="dy/dk from u = dy/dz = v σ'(z)")
def missing_derivative_of_the_sigmoid(draw: Draw) -> Finding:
    """One v stands for dy/da, dy/dB and dy/dh in turn; with the first of them in EQ1 the sigmoid's derivative is lost."""
    a, k, v = draw(6, 6), draw(3, 3), draw.constant(4, 4)
    out = torch.sigmoid(convn(a, k, "valid"))
    (truth,) = torch.autograd.grad(out, k, v, retain_graph=True)
    return find(
        literal=lambda: rot180(_eq1(v, _frames(a, k))),
        corrected=lambda: rot180(_eq1(v * out * (1 - out), _frames(a, k))),
        truth=truth,
    )


@register_erratum("E32", where="D4:767", literal="dy/dz of the output y", corrected="dL/dz of the loss, with label t")
def gradient_of_the_output(draw: Draw) -> Finding:
    """``y`` is the network's output where derivatives are announced and the label in ``e = o − y``; it is the loss that descends."""
    z, t = draw(4, 3), draw.binary(4, 3)
    o = torch.sigmoid(z)
    (truth,) = torch.autograd.grad(0.5 * (o - t).square().sum(), z, retain_graph=True)
    return find(literal=lambda: o * (1 - o), corrected=lambda: (o - t) * o * (1 - o), truth=truth)


@register_erratum("E33", where="D4:1121", literal="h[i,j] = sum(sum(A[i,j] * K))", corrected="h[i,j] = sum(sum(A[i,j] .* K))")
def matrix_product_for_an_elementwise_one(draw: Draw) -> Finding:
    """The line repeats D4:1117 without the dot, which in MATLAB is the matrix product."""
    a, k = draw.constant(6, 6), draw.constant(3, 3)
    return find(
        literal=lambda: (_frames(a, k) @ k).sum((-2, -1)),
        corrected=lambda: (_frames(a, k) * k).sum((-2, -1)),
        truth=F.conv2d(a[None, None], k[None, None])[0, 0],
    )


@register_erratum("E37", where="D4:513", literal="c3, s2, c2, s2 on 10 x 10", corrected="c3, s2, c3, s2 on 10 x 10")
def maps_of_one_and_a_half(draw: Draw) -> Finding:
    """10, 8, 4, 3, 1.5: the assertion of ``cnnsetup`` fails (slide D4:368)."""
    maps = draw(1, 1, 10, 10)
    for _ in range(2):
        maps = F.avg_pool2d(F.conv2d(maps, draw(1, 1, 3, 3)), 2)
    return find(
        literal=lambda: _cnnsetup(10, (3, 2)),
        literal_raises="cannot be halved",
        corrected=lambda: _cnnsetup(10, (3, 3)),
        truth=torch.tensor(float(maps.shape[-1])),
    )


def _cnnsetup(side: int, kernels: tuple[int, int]) -> Tensor:
    """Side of the last maps, as ``cnnsetup`` reckons it."""
    for kernel in kernels:
        side = side - kernel + 1
        if side % 2:
            raise ZooError(f"maps of side {side} cannot be halved; choose other kernels than {kernels}")
        side //= 2
    return torch.tensor(float(side))


@register_erratum("E38", where="D4:700", literal="conv2(small, big, 'valid')", corrected="conv2(big, small, 'valid')")
def image_and_kernel_exchanged(draw: Draw) -> Finding:
    """The letters A and B change roles between two slides; 'valid' does not commute, and gives nothing the other way round."""
    big, small = draw.constant(4, 4), draw.constant(3, 3)
    truth = torch.stack([(big[i : i + 3, j : j + 3] * rot180(small)).sum() for i in range(2) for j in range(2)]).view(2, 2)
    return find(
        literal=lambda: conv2(small, big, "valid"),
        literal_raises="the larger array comes first",
        corrected=lambda: conv2(big, small, "valid"),
        truth=truth,
    )


@register_erratum("E42", where="D4:583", literal="size(a) − [k−1 k−1 0]", corrected="[size(a,1)−k+1, size(a,2)−k+1, size(a,3)]")
def trailing_axis_of_one(draw: Draw) -> Finding:
    """MATLAB drops an axis of length one at the end: a batch of one has two sizes, from which three cannot be subtracted."""
    a, k = draw.constant(6, 5, 1), draw.constant(3, 3)
    return find(
        literal=lambda: torch.tensor(_size(a)) - torch.tensor([2.0, 2.0, 0.0]),
        literal_raises="must match the size",
        corrected=lambda: torch.tensor([a.shape[0] - 2.0, a.shape[1] - 2.0, a.shape[2]]),
        truth=torch.tensor([float(side) for side in convn(a, k, "valid").shape]),
    )


def _size(x: Tensor) -> list[float]:
    """MATLAB's ``size``."""
    size = [float(side) for side in x.shape]
    while len(size) > 2 and size[-1] == 1:
        size.pop()
    return size
