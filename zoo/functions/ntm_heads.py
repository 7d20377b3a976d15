"""The heads of a neural Turing machine, a step forward and a step back, on buffers that hold all steps.

Machines are small: calling an operator costs as much as its arithmetic. So what does not wait for the step before is computed for
all steps at once, the views of the buffers are cut once, and operators write where their result is needed. Write heads erase one
after another: they are few, and each wipes what the one before left.

Sizes in shapes: T steps, B batch, H heads of which the first R read and the last W write, N rows of the memory, M numbers a row, S shifts,
E numbers of an emission, P = N + S - 1: the rows, and those that come round at both ends.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.functions.content_addressing import EPSILON
from zoo.functions.ntm_buffers import Buffers, allocate
from zoo.functions.ntm_emission import HeadSizes

_FLOOR = 1e-30
"""What no weight falls below before its logarithm is taken, and no strength before it divides; a reciprocal is finite."""


class Heads:
    """Addressing, writing and reading.

    Args:
        emission: Where the controller puts what it says; it is squashed in place.
        memory: The memory at the start.
        weight: The heads' weights at the start.
        read: Where to put what is read.
        sizes: How many heads, of what sizes.
    """

    def __init__(
        self,
        emission: Float[Tensor, "T B E"],
        memory: Float[Tensor, "B N M"],
        weight: Float[Tensor, "B H N"],
        read: Float[Tensor, "T B R M"],
        sizes: HeadSizes,
    ) -> None:
        self.sizes, self._reach = sizes, sizes.shifts // 2
        self.emission = emission
        self._memory = emission.new_empty(len(emission) + 1, *memory.mT.shape)
        self._weight = emission.new_empty(len(emission) + 1, *weight.shape)
        self._memory[0], self._weight[0] = memory.mT, weight
        self._all = allocate(emission, self._memory, self._weight, read, sizes)
        self._steps = [Buffers(*each) for each in zip(*(each.unbind() for each in self._all), strict=True)]
        self._cells = torch.empty_like(self._memory[0])
        self._rows = torch.empty_like(self._weight[0])
        self._products = torch.empty_like(self._all.windows[0], memory_format=torch.contiguous_format)

    @property
    def weight(self) -> Float[Tensor, "T B H N"]:
        """The weights of every step."""
        return self._weight[1:]

    @property
    def memory(self) -> Float[Tensor, "T B N M"]:
        """The memory after every step."""
        return self._memory[1:].mT

    def step(self, number: int) -> None:
        """Squash a step's emission, address, write and read."""
        s = self._steps[number]
        s.sigmoids.sigmoid_()
        F.softplus(s.softpluses, out=s.softpluses)  # type: ignore[call-arg]  # the stub does not know it
        torch.softmax(s.emitted_shift, -1, out=s.shift)
        self._address(s)
        memory = s.before
        for head in range(self.sizes.writes):
            memory = torch.addcmul(memory, memory, self._wiped(s, head), value=-1, out=s.memory)
        s.memory.baddbmm_(s.add.mT, s.write_weight)
        s.read.copy_(torch.bmm(s.read_weight, s.memory.mT))  # not out=: a product that lies scattered is computed sample by sample

    def _address(self, s: Buffers) -> None:
        torch.sum(s.key * s.key, -1, keepdim=True, out=s.inverse_key)
        square = torch.mul(s.before, s.before, out=self._cells)
        torch.sum(square, -2, keepdim=True, out=s.inverse_row)
        s.inverse_lengths.add_(EPSILON**2).rsqrt_()
        torch.mul(s.inverse_key, s.strength, out=s.gain)
        torch.mul(s.key, s.gain, out=s.scaled)
        torch.bmm(s.scaled, s.before, out=s.score).mul_(s.inverse_row)
        torch.softmax(s.score, -1, out=s.content)
        torch.lerp(s.previous, s.content, s.gate, out=s.gated)
        _come_round(s.padded, self._reach)
        # A convolution: what stands o rows before takes the weight of the offset o.
        torch.mul(s.windows, s.shift.flip(-1)[..., None], out=self._products)
        torch.sum(self._products, -2, out=s.moved).clamp_min_(_FLOOR)
        torch.log(s.moved, out=s.log)
        torch.softmax(torch.addcmul(s.log, s.log, s.exponent, out=self._rows), -1, out=s.weight)

    def _wiped(self, s: Buffers, head: int) -> Float[Tensor, "B M N"]:
        """The share of every cell that a write head wipes."""
        one = slice(head, head + 1)
        return torch.mul(s.erase[:, one].mT, s.write_weight[:, one], out=self._cells)

    def start_back(self) -> None:
        """Compute what does not depend on the gradient, for all steps at once."""
        a = self._all
        self.grad_emission = torch.empty_like(self.emission)
        self.grad_memory = torch.zeros_like(self._memory[0])
        self.grad_weight = torch.zeros_like(self._weight[0])
        self._padded = torch.empty_like(a.padded[0])
        rows = self._weight.shape[-1]
        self._gated = self._padded[..., self._reach : self._reach + rows]
        self._windows = self._padded.unfold(-1, rows, 1)
        slope = self._slope()
        by_squashed = self.grad_emission[..., : slope.shape[-1]]
        key_pull = a.key * a.inverse_key.square()
        row_pull = a.inverse_row.square()
        moving = (1 + a.exponent) / a.moved
        choice = a.content - a.previous
        parts = (self.grad_emission, by_squashed, slope, key_pull, row_pull, moving, choice)
        self._back = [*zip(*(each.unbind() for each in parts), strict=True)]

    def _slope(self) -> Float[Tensor, "T B _"]:
        """What the gradients of gates, erase vectors, strengths and exponents are multiplied by to be those of what was emitted."""
        a = self._all
        gate, erase = (a.sigmoids - a.sigmoids.square()).split([self.sizes.heads, a.sigmoids.shape[-1] - self.sizes.heads], -1)
        strength, exponent = a.strength[..., 0], a.exponent[..., 0]
        # Backwards, the erase vector's gradient comes without its sign, and the strength's multiplied by it.
        by_strength = -torch.expm1(-strength) / strength.clamp_min(_FLOOR)
        return torch.cat([gate, -erase, by_strength, -torch.expm1(-exponent)], -1)

    def step_back(self, number: int, grad_read: Float[Tensor, "B R M"]) -> Float[Tensor, "B E"]:
        """Gradient of a step's emission, from that of what it read; the last step comes first.

        Those of the memory and of the weights before this step stay in ``grad_memory`` and ``grad_weight``.
        """
        s, memory = self._steps[number], self.grad_memory
        emission, by_squashed, slope, key_pull, row_pull, moving, choice = self._back[number]
        memory.baddbmm_(grad_read.mT, s.read_weight)
        add = torch.bmm(s.write_weight, memory.mT)
        by_write = torch.bmm(s.add, memory)
        erase = self._restore(s, by_write)
        by_weight = torch.cat([torch.bmm(grad_read, s.memory), by_write], 1).add_(self.grad_weight)

        by_power = _through_softmax(by_weight, s.weight)
        exponent = torch.sum(by_power * s.log, -1)
        by_moved = torch.mul(by_power, moving, out=self._gated)
        _come_round(self._padded, self._reach)
        by_gated = torch.sum(torch.mul(self._windows, s.shift[..., None], out=self._products), -2)
        by_shift = torch.sum(torch.mul(s.windows, by_moved[:, :, None], out=self._products), -1)
        by_content = by_gated * s.gate
        torch.sub(by_gated, by_content, out=self.grad_weight)
        gate = torch.sum(by_gated.mul_(choice), -1)

        by_score = _through_softmax(by_content, s.content)
        pull = by_score * s.score
        strength = torch.sum(pull, -1, keepdim=True)
        by_score.mul_(s.inverse_row)
        key = torch.bmm(by_score, s.before.mT).mul_(s.gain).addcmul_(key_pull, strength, value=-1)
        memory.baddbmm_(s.scaled.mT, by_score)
        memory.addcmul_(s.before, pull.sum(1, keepdim=True).mul_(row_pull), value=-1)
        shift = _through_softmax(by_shift.flip(-1), s.shift)
        parts = (gate, erase.flatten(1), strength[..., 0], exponent, shift.flatten(1), key.flatten(1), add.flatten(1))
        torch.cat(parts, -1, out=emission)
        by_squashed.mul_(slope)
        return emission

    def _restore(self, s: Buffers, by_write: Float[Tensor, "B W N"]) -> Float[Tensor, "B W M"]:
        """Go back through the erasing, from the last head to the first.

        Changes ``grad_memory`` and ``by_write``, the gradient of the writing weights.

        Returns:
            Gradient of the erase vectors, with the sign turned.
        """
        memory, writes = self.grad_memory, self.sizes.writes
        states = [s.before]
        for head in range(writes - 1):
            states.append(torch.addcmul(states[-1], states[-1], self._wiped(s, head), value=-1))
        found = []
        for head in reversed(range(writes)):
            one = slice(head, head + 1)
            by_wiped = torch.mul(memory, states[head], out=self._cells)
            by_write[:, one].baddbmm_(s.erase[:, one], by_wiped, alpha=-1)
            found.append(torch.bmm(s.write_weight[:, one], by_wiped.mT))
            memory.addcmul_(memory, self._wiped(s, head), value=-1)
        return found[0] if writes == 1 else torch.cat(found[::-1], 1)


def _come_round(padded: Float[Tensor, "B H P"], reach: int) -> None:
    """Continue the rows at both ends, in place."""
    if reach:
        padded[..., :reach] = padded[..., -2 * reach : -reach]
        padded[..., -reach:] = padded[..., reach : 2 * reach]


def _through_softmax(grad: Float[Tensor, "B H _"], weight: Float[Tensor, "B H _"]) -> Float[Tensor, "B H _"]:
    """Gradient of what went into a softmax, from that of the weights that came out."""
    pull = grad * weight
    return pull.addcmul_(weight, pull.sum(-1, keepdim=True), value=-1)
