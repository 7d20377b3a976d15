"""A convolution whose output maps see only the input maps that a table names."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.functions.table_convolution import table_conv2d


class TableConv2d(nn.Module):
    """One K x K kernel a connected pair of maps, one bias an output map.

    Args:
        table: For each output map the input maps that it sees.
        kernel_size: Side K of the square kernels.

    Raises:
        ZooError: An output map sees an input map twice.
    """

    pair: Tensor

    def __init__(self, table: Sequence[Sequence[int]], *, kernel_size: int) -> None:
        super().__init__()
        pair = [(out, into) for out, row in enumerate(table) for into in row]
        twice = next((each for each in pair if pair.count(each) > 1), None)
        if twice:
            raise ZooError(f"the table connects output map {twice[0]} to input map {twice[1]} twice; name each pair once")
        self.register_buffer("pair", torch.tensor(pair).T.contiguous(), persistent=False)
        self.fan_in = [len(table[out]) * kernel_size**2 for out, _ in pair]
        self.weight = nn.Parameter(torch.empty(len(pair), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw each kernel for the number of inputs that its own output map has (LeCun et al. 1998, appendix A)."""
        spread = torch.tensor(self.fan_in, device="cpu").sqrt()
        with torch.no_grad():
            self.weight.normal_().div_(spread.to(self.weight.device)[:, None, None])
            self.bias.zero_()

    def forward(self, x: Float[Tensor, "B I H W"]) -> Float[Tensor, "B O H2 W2"]:
        return table_conv2d(x, self.weight, self.bias, pair=self.pair)
