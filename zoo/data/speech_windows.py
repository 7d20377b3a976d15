"""Recordings as an acoustic model sees them: windows of frames, each labelled with the word it is from.

Sizes in shapes: N windows, W values of a window, F features of a frame.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from zoo.data.sets import Labelled
from zoo.data.speech import Recordings
from zoo.data.speech_features import log_mel, mfcc
from zoo.data.speech_options import SpeechOptions
from zoo.errors import ZooError
from zoo.layers.context_windows import context_windows


@dataclass(frozen=True)
class Windows:
    """The windows of some recordings, one after the other."""

    frames: Labelled
    """Windows N x W with the word's class."""
    recording: Int[Tensor, " N"]
    """Which of the recordings each is from, counted from 0."""


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each feature, over the frames of the training recordings."""

    mean: Float[Tensor, " F"]
    deviation: Float[Tensor, " F"]


def frame_features(recordings: Recordings, number: Int[Tensor, " R"], options: SpeechOptions) -> list[Float[Tensor, "_ F"]]:
    """The features of some recordings, frame by frame.

    Raises:
        ZooError: No recordings.
    """
    if len(number) == 0:
        raise ZooError("there are no recordings to take features of")
    rate, bands = recordings.sample_rate, options.bands
    energy = [log_mel(recordings.wave(each), sample_rate=rate, bands=bands) for each in number.tolist()]
    return energy if options.features == "log-mel" else [mfcc(each, coefficients=options.coefficients) for each in energy]


def fit_scale(features: list[Float[Tensor, "_ F"]]) -> Scale:
    """What brings the features to zero mean and unit variance, as Gaussian visible units want them."""
    frame = torch.cat(features)
    return Scale(frame.mean(0), frame.std(0, correction=0).clamp(min=1e-3))


def cut_windows(features: list[Float[Tensor, "_ F"]], label: Int[Tensor, " R"], *, scale: Scale, width: int = 11) -> Windows:
    """Standardised windows of recordings.

    Args:
        features: Of each recording.
        label: Its class.
        scale: Of the training recordings, for training and test alike.
        width: Frames of a window; odd.
    """
    count = torch.tensor([len(each) for each in features])
    window = torch.cat([context_windows((each - scale.mean) / scale.deviation, width=width) for each in features])
    return Windows(Labelled(window, label.repeat_interleave(count)), torch.arange(len(features)).repeat_interleave(count))
