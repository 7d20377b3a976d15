"""LeNet-5, the convolutional digit reader.

Sizes in shapes: B batch, C classes.

Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proc. IEEE 86(11), 1998, section II.B; slides D0:1095-1160, D1:488-530. It differs from the paper in that

- sub-sampling averages its four inputs, as on the slides, where the paper sums them: the same functions,
  with coefficients four times as large;
- weights start normal with standard deviation 1/sqrt(fan-in), where the paper draws them uniformly from
  +-2.4/fan-in;
- the digits' 7 x 12 target codes are drawn anew after the paper's Figure 3;
- it is trained with a modern optimiser instead of the stochastic diagonal Levenberg-Marquardt method.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.layers.activation import ScaledTanh
from zoo.layers.convolution import Conv2d
from zoo.layers.initialization import lecun_normal_
from zoo.layers.linear import Linear
from zoo.layers.radial_basis import RadialBasisOutput
from zoo.layers.subsampling import Subsampling
from zoo.layers.table_convolution import TableConv2d
from zoo.registry import register_model

# The paper's Table I: which maps of S2 each of the sixteen maps of C3 sees.
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


class LeNet5(nn.Module):
    """Two convolutions, two trainable sub-samplings and three full layers over a 32 x 32 grey picture.

    Input values: about -0.1 for paper and 1.175 for ink, which gives MNIST zero mean and unit variance.

    Args:
        num_classes: Number of classes C; the ``rbf`` head knows only the ten digits.
        head: ``rbf``, the paper's distances to fixed codes (train with the ``map`` loss), or ``linear``,
            a trainable layer of logits (train with ``cross-entropy``).
    """

    def __init__(self, *, num_classes: int = 10, head: Literal["rbf", "linear"] = "rbf") -> None:
        super().__init__()
        if head == "rbf" and num_classes != 10:
            raise ZooError(f"the rbf head has codes for the ten digits, not for {num_classes} classes; choose head='linear'")
        self.features = nn.Sequential()
        self.features.c1 = Conv2d(1, 6, kernel_size=5)
        self.features.c1_squash = ScaledTanh()
        self.features.s2 = Subsampling(6)
        self.features.s2_squash = ScaledTanh()
        self.features.c3 = TableConv2d(C3_TABLE, kernel_size=5)
        self.features.c3_squash = ScaledTanh()
        self.features.s4 = Subsampling(16)
        self.features.s4_squash = ScaledTanh()
        self.features.flatten = nn.Flatten()
        self.features.c5 = Linear(16 * 5 * 5, 120)
        self.features.c5_squash = ScaledTanh()
        self.features.f6 = Linear(120, 84)
        self.features.f6_squash = ScaledTanh()
        for layer in (self.features.c1, self.features.c5, self.features.f6):
            lecun_normal_(layer)
        self.head: nn.Module = RadialBasisOutput()
        if head == "linear":
            self.reset_head(num_classes)

    def forward(self, image: Float[Tensor, "B 1 32 32"]) -> Float[Tensor, "B C"]:
        # 32 -> c1 28 -> s2 14 -> c3 10 -> s4 5 -> c5 1
        return self.head(self.features(image))

    def reset_head(self, num_classes: int) -> None:
        """Put a fresh linear layer of ``num_classes`` logits on top of the 84 features."""
        self.head = Linear(84, num_classes)
        lecun_normal_(self.head)


@register_model(example=lambda **_: torch.zeros(2, 1, 32, 32))
def lenet5(*, num_classes: int = 10, head: Literal["rbf", "linear"] = "rbf") -> LeNet5:
    """LeNet-5 for 32 x 32 grey pictures: 60,000 trainable parameters, as in the paper."""
    return LeNet5(num_classes=num_classes, head=head)
