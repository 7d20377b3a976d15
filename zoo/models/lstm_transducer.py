"""Layers of LSTM that answer a sequence with a sequence: what the neural Turing machine is compared with.

Sizes in shapes: B batch, T steps, I inputs, O outputs.

Reference: Graves, Wayne and Danihelka, "Neural Turing Machines", 2014, section 4. For the copy task it has 1,328,136 parameters, the
paper's 1,352,969; what makes the difference the paper does not say.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import check_range
from zoo.layers.linear import Linear
from zoo.layers.lstm import LSTM
from zoo.models.transduction_checks import check_input
from zoo.registry import register_model


class LSTMTransducer(nn.Module):
    """Layers of LSTM with a linear map on top.

    Args:
        inputs: Numbers I a step.
        outputs: Logits O a step.
        hidden: Units of every layer.
        layers: Number of layers.

    Raises:
        ZooError: A number is below one.
    """

    def __init__(self, *, inputs: int = 9, outputs: int = 8, hidden: int = 256, layers: int = 3) -> None:
        super().__init__()
        for name, count in {"inputs": inputs, "outputs": outputs, "hidden": hidden, "layers": layers}.items():
            check_range(name, count, least=1)
        self.inputs = inputs
        self.lstm = LSTM(inputs, hidden, num_layers=layers, batch_first=True)
        self.output = Linear(hidden, outputs)

    def forward(self, x: Float[Tensor, "B T I"]) -> Float[Tensor, "B T O"]:
        """Logits of every step.

        Raises:
            ZooError: The input is not of ``inputs`` numbers a step.
        """
        check_input(x, self.inputs)
        return self.output(self.lstm(x)[0])


@register_model(example=lambda *, inputs=9, **_: torch.zeros(2, 4, inputs), sequences=True)
def lstm_transducer(*, inputs: int = 9, outputs: int = 8, hidden: int = 256, layers: int = 3) -> LSTMTransducer:
    """Three layers of 256 LSTM units, the paper's baseline."""
    return LSTMTransducer(inputs=inputs, outputs=outputs, hidden=hidden, layers=layers)
