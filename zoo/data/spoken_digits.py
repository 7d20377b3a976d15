"""The spoken digits as the splits of a run.

Sizes in shapes: R recordings, F features of a frame.
"""

from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from zoo.data.module import InMemoryData, Prepared
from zoo.data.speech import Recordings, load_spoken_digits
from zoo.data.speech_options import SpeechOptions
from zoo.data.speech_windows import Scale, Windows, cut_windows, fit_scale, frame_features
from zoo.errors import ZooError

LABELS = [str(digit) for digit in range(10)]


@dataclass(frozen=True)
class SpokenDigits:
    """Windows of the three splits, and what their features were scaled by."""

    train: Windows
    validation: Windows
    test: Windows
    scale: Scale

    def batches(self, *, batch_size: int, seed: int) -> InMemoryData:
        """Their windows, to train on."""
        splits = Prepared(self.train.frames, self.validation.frames, self.test.frames, LABELS)
        return InMemoryData(splits, batch_size=batch_size, seed=seed)


def build_spoken_digits(options: SpeechOptions) -> SpokenDigits:
    """Read the recordings, split them, and cut them into windows that are scaled by the training recordings.

    Raises:
        ZooError: The file is missing or damaged, there is no such speaker, or nothing is left to train on.
    """
    recordings = load_spoken_digits(options.root)
    train, validation, test = split(recordings, options)
    features = [frame_features(recordings, number, options) for number in (train, validation, test)]
    scale = fit_scale(features[0])

    def cut(part: int, number: Tensor) -> Windows:
        return cut_windows(features[part], recordings.digit[number], scale=scale, width=options.width)

    return SpokenDigits(cut(0, train), cut(1, validation), cut(2, test), scale)


def read_test_windows(options: SpeechOptions, scale: Scale) -> Windows:
    """The test recordings alone, scaled as a trained model wants them.

    Raises:
        ZooError: The file is missing or damaged, or there is no such speaker.
    """
    recordings = load_spoken_digits(options.root)
    _, _, test = split(recordings, options)
    return cut_windows(frame_features(recordings, test, options), recordings.digit[test], scale=scale, width=options.width)


def split(recordings: Recordings, options: SpeechOptions) -> tuple[Int[Tensor, " R"], Int[Tensor, " _"], Int[Tensor, " _"]]:
    """Numbers of the training, validation and test recordings; the last ones of each speaker and digit are for validation.

    Raises:
        ZooError: There is no such speaker, or nothing is left to train on.
    """
    train, test = recordings.official_split() if options.held_out is None else recordings.held_out_split(options.held_out)
    first = int(recordings.index.max()) + 1 - options.validation
    kept = recordings.index[train] >= first
    if kept.all():
        raise ZooError(f"--data.validation {options.validation}: no recordings are left to train on; keep fewer")
    return train[~kept], train[kept], test
