"""The learned optimiser: one small LSTM that turns the gradients of any parameter, step by step, into its changes.

Sizes in shapes: T steps, N coordinates (numbers that are optimised), L layers, H hidden units.

Reference: Andrychowicz et al., "Learning to learn by gradient descent by gradient descent", NeurIPS 2016, section 2.1 and appendix A;
slides D0:1387-1415. All coordinates share the weights, and each has states of its own: the network does not know how many there are.
What it gives is added to the parameters as it is, so that sign and scale of a step are its own (erratum E50: the slide puts it in the
place of the gradient alone).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.learning_to_learn import preprocess_gradient
from zoo.layers.linear import Linear
from zoo.layers.lstm import LSTM, States
from zoo.registry import register_model


class CoordinatewiseLSTM(nn.Module):
    """Layers of LSTM between a pre-processed gradient and a change.

    Args:
        hidden: Units H of every layer.
        layers: Number of layers L.
        p: Gradients below ``exp(-p)`` count as small, and are not put on a logarithmic scale.
        scale: Size of a change where the linear map on top gives one: keeps the first steps of an untrained network small.

    Raises:
        ZooError: A number is out of its range.
    """

    def __init__(self, *, hidden: int = 20, layers: int = 2, p: float = 10.0, scale: float = 0.1) -> None:
        super().__init__()
        for name, value in {"hidden": hidden, "layers": layers}.items():
            check_range(name, value, least=1)
        check_range("p", p, least=1e-3)
        check_range("scale", scale, least=1e-6)
        self.p, self.scale = p, scale
        self.lstm = LSTM(2, hidden, num_layers=layers)
        self.output = Linear(hidden, 1)

    def forward(self, gradient: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        """The changes that a whole history of gradients leads to."""
        return self.advance(gradient.T)[0].T

    def advance(self, gradient: Float[Tensor, "T N"], state: States | None = None) -> tuple[Float[Tensor, "T N"], States]:
        """Go on from where the last call left off.

        Args:
            gradient: Of each coordinate at each step; detached, unless what lies behind it is to be differentiated too.
            state: Hidden and cell states that the last call returned; None at the first step.

        Returns:
            What to add to each coordinate after each step, and the states to go on from.

        Raises:
            ZooError: The gradient has other axes.
        """
        if gradient.dim() != 2:
            raise ZooError(f"gradients of shape {tuple(gradient.shape)}: must be steps x coordinates")
        output, state = self.lstm(preprocess_gradient(gradient, p=self.p), state)
        return self.scale * self.output(output)[..., 0], state


@register_model(example=lambda **_: torch.zeros(2, 4))
def l2l(*, hidden: int = 20, layers: int = 2, p: float = 10.0, scale: float = 0.1) -> CoordinatewiseLSTM:
    """The coordinatewise LSTM optimiser of the paper: two layers of 20 units."""
    return CoordinatewiseLSTM(hidden=hidden, layers=layers, p=p, scale=scale)
