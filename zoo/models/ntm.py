"""The neural Turing machine: a controller with a memory that it reads and writes by attention.

Sizes in shapes: B batch, T steps, I inputs, O outputs, H heads of which the first R read and the last W write, N rows of the memory,
M numbers a row.

Reference: Graves, Wayne and Danihelka, "Neural Turing Machines", 2014; slides D0:1358-1377. It differs from the paper, or decides
what the paper leaves open, in that

- heads write before others read in the same step, all having addressed the memory of the step before;
- outputs are a linear map of the controller's output and of what was read in the same step, as logits;
- what was read before the first step is learned, as are the controller's output and cell then, and not read from the first memory;
- keys and what is added are linear in the controller's output, squashed by nothing;
- lengths in the cosine are softened by 1e-3, so that a blank memory has a gradient;
- the memory starts at 1e-6 everywhere, or is learned; the heads start at the first row (with a weight of 0.99 or more of up to
  223 rows), or where they learn to, at first with a half of the weight there: always at a distribution;
- heads begin by ``waiting``: interpolation gates start nearly shut, at 0.05, and read heads nearly still; or by ``searching``: gates
  start half open, and content decides sharply, with a strength of 5, where among 128 rows one of 0.7 would say nothing;
- an LSTM's forget gates start at about a quarter, or where ``forget`` says;
- the feed-forward controller is one layer of tanh units.
"""

import math
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.ntm import NTMParameters, NTMStart
from zoo.functions.ntm import ntm as run_machine
from zoo.functions.ntm_emission import HeadSizes, cut
from zoo.layers.linear import Linear
from zoo.models.transduction_checks import check_input
from zoo.registry import register_model

_BLANK = 1e-6
_FIRST_ROW = 10.0  # a softmax gives it 0.994 of 128 rows
_SHUT = -3.0  # interpolation gates begin at 0.05: a head that waits for long keeps its place, so that lengths beyond training are no harder
_SHARP = 5.0  # strength of the content: a row like the key then outweighs 100 blank ones
_STILL = 2.0  # a softmax over three shifts gives "stay" 0.79: sharpening then wins over blurring, for as long as the head waits


class NTMTrace(NamedTuple):
    """What a machine does, step by step."""

    output: Float[Tensor, "B T O"]
    """Logits."""
    weight: Float[Tensor, "B T H N"]
    """Where each head looks."""
    memory: Float[Tensor, "B T N M"]
    read: Float[Tensor, "B T R M"]
    add: Float[Tensor, "B T W M"]
    """What the write heads add."""


class NeuralTuringMachine(nn.Module):
    """Controller, heads and memory.

    Args:
        inputs: Numbers I a step.
        outputs: Logits O a step.
        controller: ``lstm`` or ``feed-forward``, of ``hidden`` units.
        hidden: Units of the controller.
        rows: Rows N of the memory.
        width: Numbers M a row.
        reads: Read heads.
        writes: Write heads.
        shifts: Offsets among which a head moves in a step, an odd number: 3 for -1, 0 and 1.
        memory: Whether the first memory is ``constant`` or ``learned``.
        address: Whether the heads start at the ``first`` row or where is ``learned``.
        forget: What is added to the bias of an LSTM's forget gates at the beginning; a feed-forward controller has none. Cells that
            keep adding up drift in answers longer than those of training; cells that forget cannot count.
        begin: Whether the heads begin by ``waiting`` where they are or by ``searching`` for what is like their keys.

    Raises:
        ZooError: There is no such machine.
    """

    def __init__(
        self,
        *,
        inputs: int = 9,
        outputs: int = 8,
        controller: Literal["lstm", "feed-forward"] = "lstm",
        hidden: int = 100,
        rows: int = 128,
        width: int = 20,
        reads: int = 1,
        writes: int = 1,
        shifts: int = 3,
        memory: Literal["constant", "learned"] = "constant",
        address: Literal["first", "learned"] = "first",
        begin: Literal["waiting", "searching"] = "waiting",
        forget: float = -1.0,
    ) -> None:
        super().__init__()
        self.inputs, self.sizes, self.begin, self.forget = inputs, HeadSizes(reads, writes, width, shifts), begin, forget
        _check(*(controller, memory, address, begin), forget=forget, inputs=inputs, outputs=outputs, hidden=hidden, rows=rows)
        self.sizes.check_rows(rows)
        lstm, found = controller == "lstm", reads * width
        gates, returned = (4 * hidden, found + hidden) if lstm else (hidden, found)
        self.into, self.back = nn.Parameter(torch.empty(gates, inputs)), nn.Parameter(torch.empty(gates, returned))
        self.bias = nn.Parameter(torch.empty(gates))
        self.emit = Linear(hidden, self.sizes.total)
        self.output = Linear(found + hidden, outputs)
        self.state = nn.Parameter(torch.empty(found + hidden))
        self.cell = nn.Parameter(torch.empty(hidden)) if lstm else None
        start = torch.empty(rows, width)
        self.memory = nn.Parameter(start) if memory == "learned" else nn.Buffer(start)
        logit = torch.empty(self.sizes.heads, rows)
        self.address = nn.Parameter(logit) if address == "learned" else nn.Buffer(logit)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw new weights: as ``nn.LSTM`` or ``nn.Linear`` does for the controller, Glorot's for what follows it."""
        lstm = self.cell is not None
        bound = 1 / math.sqrt(self.emit.in_features if lstm else self.into.shape[1] + self.back.shape[1])
        for parameter in (self.into, self.back, self.bias):
            parameter.uniform_(-bound, bound)
        if lstm:
            self.bias.chunk(4)[1].add_(self.forget)
        nn.init.xavier_uniform_(self.emit.weight)
        self.emit.bias.normal_(std=0.01)
        said = cut(self.emit.bias, self.sizes)
        if self.begin == "waiting":
            said.gate.add_(_SHUT)
            said.shift[: self.sizes.reads, self.sizes.shifts // 2].add_(_STILL)
        else:
            said.strength.add_(_SHARP)
        nn.init.xavier_uniform_(self.output.weight)
        self.output.bias.zero_()
        self.state.normal_(std=0.05)
        if self.cell is not None:
            self.cell.normal_(std=0.05)
        if isinstance(self.memory, nn.Parameter):
            self.memory.normal_(std=0.05)
        else:
            self.memory.fill_(_BLANK)
        self.address.zero_()
        learned = isinstance(self.address, nn.Parameter)  # not nn.Buffer: a cast puts a plain tensor in its place
        self.address[:, 0] = math.log(self.address.shape[1]) if learned else _FIRST_ROW

    def forward(self, x: Float[Tensor, "B T I"]) -> Float[Tensor, "B T O"]:
        """Logits of every step.

        Raises:
            ZooError: The input is not of ``inputs`` numbers a step.
        """
        return self.output(self._run(x)[0]).transpose(0, 1)

    @torch.no_grad()
    def trace(self, x: Float[Tensor, "B T I"]) -> NTMTrace:
        """Run and keep all that can be looked at; nothing can be differentiated through it."""
        state, weight, memory = self._run(x)
        found = self.sizes.reads * self.sizes.width
        read = state[..., :found].unflatten(-1, (self.sizes.reads, self.sizes.width))
        add = cut(self.emit(state[..., found:]), self.sizes).add
        return NTMTrace(*(each.transpose(0, 1) for each in (self.output(state), weight, memory, read, add)))

    def _run(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        check_input(x, self.inputs)
        batch = x.shape[0]  # not len(x), which an exporter would fix
        start = NTMStart(
            self.memory.expand(batch, -1, -1),
            self.address.softmax(-1).expand(batch, -1, -1),
            self.state.expand(batch, -1),
            None if self.cell is None else self.cell.expand(batch, -1),
        )
        parameters = NTMParameters(self.into, self.back, self.bias, self.emit.weight, self.emit.bias)
        return run_machine(x.transpose(0, 1), self.sizes, *start, *parameters)


def _check(controller: str, memory: str, address: str, begin: str, *, forget: float, **counts: int) -> None:
    for name, value, known in (
        ("controller", controller, ("lstm", "feed-forward")),
        ("memory", memory, ("constant", "learned")),
        ("address", address, ("first", "learned")),
        ("begin", begin, ("waiting", "searching")),
    ):
        if value not in known:
            raise ZooError(f"{name} {value!r}: must be {' or '.join(known)}")
    for name, count in counts.items():
        check_range(name, count, least=1)
    if not math.isfinite(forget):
        raise ZooError(f"forget {forget}: must be a finite number")


@register_model(example=lambda *, inputs=9, **_: torch.zeros(2, 4, inputs), sequences=True)
def ntm(
    *,
    inputs: int = 9,
    outputs: int = 8,
    controller: Literal["lstm", "feed-forward"] = "lstm",
    hidden: int = 100,
    rows: int = 128,
    width: int = 20,
    reads: int = 1,
    writes: int = 1,
    shifts: int = 3,
    memory: Literal["constant", "learned"] = "constant",
    address: Literal["first", "learned"] = "first",
    begin: Literal["waiting", "searching"] = "waiting",
    forget: float = -1.0,
) -> NeuralTuringMachine:
    """A neural Turing machine of the paper's size for the copy task."""
    return NeuralTuringMachine(
        inputs=inputs,
        outputs=outputs,
        controller=controller,
        hidden=hidden,
        rows=rows,
        width=width,
        reads=reads,
        writes=writes,
        shifts=shifts,
        memory=memory,
        address=address,
        begin=begin,
        forget=forget,
    )
