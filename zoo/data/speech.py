"""The Free Spoken Digit recordings: 3,000 English digits by six speakers, 8 kHz.

Sizes in shapes: N recordings, L samples of all recordings one after the other.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from zoo.data.location import search_roots
from zoo.data.npz import read_npz
from zoo.errors import ZooError, did_you_mean

NAME = Path("fsdd/fsdd.npz")
_OFFICIAL_TEST = 5  # of each speaker's fifty recordings of a digit
_ARRAYS = ("samples", "offsets", "digit", "speaker", "index", "speakers", "sample_rate")


@dataclass(frozen=True)
class Recordings:
    """Waveforms with who says which digit in them."""

    samples: Int[Tensor, " L"]
    """16-bit amplitudes."""
    offsets: Int[Tensor, " M"]
    """Recording ``i`` is ``samples[offsets[i] : offsets[i + 1]]``."""
    digit: Int[Tensor, " N"]
    speaker: Int[Tensor, " N"]
    index: Int[Tensor, " N"]
    """Number of the recording among those of the same digit and speaker."""
    speakers: list[str]
    sample_rate: int
    """Samples a second."""

    def __len__(self) -> int:
        return len(self.digit)

    def wave(self, number: int) -> Float[Tensor, " T"]:
        """The waveform of a recording, in [-1, 1)."""
        start, end = self.offsets[number : number + 2].tolist()
        return self.samples[start:end].float() / 2**15

    def official_split(self) -> tuple[Int[Tensor, " A"], Int[Tensor, " B"]]:
        """Numbers of the training and of the test recordings, as the data's owners split them: every speaker is in both."""
        return self._split(self.index < _OFFICIAL_TEST)

    def held_out_split(self, speaker: str) -> tuple[Int[Tensor, " A"], Int[Tensor, " B"]]:
        """The same with all that one speaker says in the test, and nothing of it in training.

        Raises:
            ZooError: There is no such speaker.
        """
        if speaker not in self.speakers:
            raise ZooError(f"no speaker {speaker!r}; {did_you_mean(speaker, self.speakers, otherwise=', '.join(self.speakers))}")
        return self._split(self.speaker == self.speakers.index(speaker))

    def _split(self, test: Tensor) -> tuple[Tensor, Tensor]:
        return (~test).nonzero()[:, 0], test.nonzero()[:, 0]


def load_spoken_digits(root: Path | None = None) -> Recordings:
    """Read ``fsdd.npz``.

    Args:
        root: Folder that holds it, itself or in ``fsdd/``; None for ``$ZOO_DATA``, then the cache.

    Raises:
        ZooError: The file is missing, too large, damaged, or contradicts itself.

    References:
        Z. Jackson et al., "Free Spoken Digit Dataset" (CC BY-SA 4.0).
    """
    path = _find(root)
    return _checked(read_npz(path, _ARRAYS), path)


def _find(root: Path | None) -> Path:
    candidates = [base / inner for base in search_roots(root) for inner in (NAME.name, NAME)]
    for path in candidates:
        if path.is_file():
            return path
    looked = ", ".join(str(path) for path in candidates)
    raise ZooError(f"the spoken digits are not in {looked}; give the folder of {NAME.name} with --data.root or ZOO_DATA")


def _checked(arrays: dict[str, np.ndarray], path: Path) -> Recordings:
    samples, offsets, speakers = arrays["samples"], arrays["offsets"], arrays["speakers"]
    digit, speaker, index, rate = (arrays[name] for name in ("digit", "speaker", "index", "sample_rate"))
    problem = None
    if any(array.ndim != 1 for array in arrays.values()) or samples.dtype != np.int16 or speakers.dtype.kind != "U":
        problem = "an array has another shape or type than the data's"
    elif any(array.dtype.kind not in "iu" for array in (offsets, digit, speaker, index, rate)):
        problem = "a number is no whole one"
    elif not len(digit) == len(speaker) == len(index) == len(offsets) - 1 or len(digit) == 0 or len(rate) != 1:
        problem = f"{len(offsets) - 1} recordings, {len(digit)} digits and {len(speaker)} speakers do not belong together"
    elif offsets[0] != 0 or offsets[-1] != len(samples) or (np.diff(offsets.astype(np.int64)) < 1).any():
        problem = "the recordings' limits do not divide the samples"
    elif digit.min() < 0 or digit.max() > 9 or speaker.min() < 0 or speaker.max() >= len(speakers) or rate[0] < 1000:
        problem = "a digit, speaker or sample rate is out of range"
    if problem:
        raise ZooError(f"{path}: {problem}; fetch the file again")
    offset, who, what, which = (torch.from_numpy(array.astype(np.int64)) for array in (offsets, speaker, digit, index))
    return Recordings(
        samples=torch.from_numpy(samples),
        offsets=offset,
        digit=what,
        speaker=who,
        index=which,
        speakers=[str(name) for name in speakers],
        sample_rate=int(rate[0]),
    )
