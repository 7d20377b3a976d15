"""Binary states drawn with given probabilities, at a price that does not show beside a matrix product."""

import torch
from jaxtyping import Float
from torch import Tensor

_WORD = 4  # 16-bit numbers in a 64-bit one
_STEP = 2.0**-16


class Coins:
    """Tosses coins with 16 random bits each, four from every call of the generator.

    A probability counts as the nearest multiple of 1/65,536, so that 0 and 1 are certain and what is lost on one side
    is won on the other. Whole words from the generator cost less than one float a coin.

    Args:
        generator: Where the bits come from; it decides the device.
    """

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator
        self._bits = torch.empty(0, dtype=torch.int64, device=generator.device)

    def toss(self, probability: Float[Tensor, "*shape"], *, out: Tensor | None = None) -> Float[Tensor, "*shape"]:
        """One state, 0 or 1, for each probability.

        Args:
            probability: Of a 1, in [0, 1].
            out: Where the states go, in other memory than the probabilities'; a new tensor if left out.
        """
        state = torch.empty_like(probability) if out is None else out
        words = -(-state.numel() // _WORD)
        if len(self._bits) < words:
            self._bits = self._bits.new_empty(words)
        bits = self._bits[:words].random_(-(2**63), None, generator=self.generator)
        state.copy_(bits.view(torch.int16)[: state.numel()].view(state.shape))
        # An integer u of [-32768, 32767] stands for the middle of its step, (u + 32768.5) / 65536.
        torch.sub(probability, state, alpha=_STEP, out=state)
        return torch.gt(state, 0.5 + _STEP / 2, out=state)
