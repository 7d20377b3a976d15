"""A neural Turing machine as it is commonly written in PyTorch: what the zoo's speed is measured against.

Every head has its own layer, every operator its node in autograd's graph, and the shift is applied sample by sample; as in such
implementations it is a correlation, the other way round than equation 8 of the paper.
One read and one write head, LSTM controller, shifts of -1, 0 and 1.

Sizes in shapes: B batch, T steps, I inputs, O outputs, N rows of the memory, M numbers a row.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

_TINY = 1e-16  # as such implementations have it; in single precision it adds nothing to a one


class PlainHead(nn.Module):
    """A layer that says where to look, and the equations 5 to 9, the eighth reversed, that turn it into weights."""

    def __init__(self, controller: int, width: int, *, extra: int) -> None:
        super().__init__()
        self.parts = [width, 1, 1, 3, 1, *[width] * extra]
        self.layer = nn.Linear(controller, sum(self.parts))

    def forward(self, h: Tensor, memory: Tensor, previous: Tensor) -> tuple[Tensor, list[Tensor]]:
        key, strength, gate, shift, exponent, *extra = self.layer(h).split(self.parts, 1)
        cosine = F.cosine_similarity(memory + _TINY, key[:, None] + _TINY, dim=-1)
        content = torch.softmax(F.softplus(strength) * cosine, 1)
        gate = torch.sigmoid(gate)
        gated = gate * content + (1 - gate) * previous
        moved = _shift(gated, torch.softmax(shift, 1))
        power = moved ** (1 + F.softplus(exponent))
        return power / (power.sum(1, keepdim=True) + _TINY), extra


def _shift(weight: Tensor, shift: Tensor) -> Tensor:
    moved = torch.zeros_like(weight)
    for sample in range(len(weight)):
        row = weight[sample]
        around = torch.cat([row[-1:], row, row[:1]])
        moved[sample] = F.conv1d(around.view(1, 1, -1), shift[sample].view(1, 1, -1)).view(-1)
    return moved


class PlainNTM(nn.Module):
    """The machine, one step a call of every part."""

    def __init__(self, inputs: int, outputs: int, *, hidden: int = 100, rows: int = 128, width: int = 20) -> None:
        super().__init__()
        self.controller = nn.LSTM(inputs + width, hidden)
        self.h = nn.Parameter(0.05 * torch.randn(1, 1, hidden))
        self.c = nn.Parameter(0.05 * torch.randn(1, 1, hidden))
        self.reader = PlainHead(hidden, width, extra=0)
        self.writer = PlainHead(hidden, width, extra=2)
        self.output = nn.Linear(hidden + width, outputs)
        self.memory = nn.Buffer(torch.empty(rows, width).uniform_(-0.1, 0.1))
        self.read = nn.Buffer(torch.randn(1, width) * 0.01)

    def forward(self, x: Float[Tensor, "B T I"]) -> Float[Tensor, "B T O"]:
        batch = len(x)
        memory, read = self.memory.repeat(batch, 1, 1), self.read.repeat(batch, 1)
        state = self.h.repeat(1, batch, 1), self.c.repeat(1, batch, 1)
        read_weight = write_weight = x.new_zeros(batch, memory.shape[1])  # no distribution, as such implementations have it
        output = []
        for step in x.unbind(1):
            h, state = self.controller(torch.cat([step, read], 1)[None], state)
            h = h[0]
            read_weight, _ = self.reader(h, memory, read_weight)
            read = (read_weight[:, None] @ memory)[:, 0]
            write_weight, (erase, add) = self.writer(h, memory, write_weight)
            memory = memory * (1 - write_weight[..., None] @ torch.sigmoid(erase)[:, None]) + write_weight[..., None] @ add[:, None]
            output.append(self.output(torch.cat([h, read], 1)))
        return torch.stack(output, 1)
