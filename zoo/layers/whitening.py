"""The slides' pre-processing: mean removal, decorrelation, variance equalisation.

Sizes in shapes: M samples, N features.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

Kind = Literal["center", "standardize", "pca", "zca"]


class Whitening(nn.Module):
    """An affine map of flattened inputs, fitted once and then fixed.

    - ``center``: mean removal.
    - ``standardize``: mean removal and variance equalisation, feature by feature.
    - ``pca``: the same after decorrelation; outputs are principal components, largest first.
    - ``zca``: decorrelated and equalised, then turned back, so that pictures still look like pictures.

    Args:
        features: Number of features N.
        kind: Which of the steps to take.

    References:
        Slide D3:311-316 (mean zero, decorrelation, "variance" equalisation: erratum E53), MATHS.md (32).
        LeCun et al., "Efficient BackProp", 1998, section 4.3.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, features: int, *, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.register_buffer("mean", torch.zeros(features))
        decorrelates = kind in ("pca", "zca")
        self.register_buffer("scale", torch.eye(features) if decorrelates else torch.ones(features))

    @torch.no_grad()
    def fit(self, x: Float[Tensor, "M *N"], *, epsilon: float = 1e-2) -> None:
        """Learn the map from training data.

        Args:
            x: Training inputs; trailing dimensions are flattened.
            epsilon: Added to every variance. Constant features (MNIST's corners) have none, and would
                otherwise divide by zero.
        """
        flat = x.flatten(1).double()  # small eigenvalues drown in float32
        mean = flat.mean(0)
        flat = flat - mean
        self.mean.copy_(mean)
        if self.kind == "standardize":
            self.scale.copy_((flat.var(0, correction=0) + epsilon).rsqrt())
        elif self.kind in ("pca", "zca"):
            variance, axis = torch.linalg.eigh(flat.T @ flat / len(flat))
            variance, axis = variance.flip(0), axis.flip(1)
            matrix = axis * (variance.clamp(min=0) + epsilon).rsqrt()
            self.scale.copy_(matrix @ axis.T if self.kind == "zca" else matrix)

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B *N"]:
        centered = x.flatten(1) - self.mean
        out = centered @ self.scale if self.scale.dim() == 2 else centered * self.scale
        return out.view(x.shape)
