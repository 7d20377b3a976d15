import pytest
import torch

from zoo.data.speech import Recordings
from zoo.data.speech_options import SpeechOptions
from zoo.data.speech_windows import cut_windows, fit_scale, frame_features
from zoo.errors import ZooError

_REST = ("offsets", "digit", "speaker", "index", "speakers", "sample_rate")


def _recordings(*lengths):
    generator = torch.Generator().manual_seed(0)
    samples = torch.randint(-9000, 9000, (sum(lengths),), generator=generator, dtype=torch.int16)
    number = torch.arange(len(lengths))
    return Recordings(samples, torch.tensor([0, *lengths]).cumsum(0), number, number, number, ["ada", "bob", "eve"], 8000)


def test_windows_carry_the_class_and_the_recording_they_are_from():
    recordings = _recordings(200 + 3 * 80, 200, 200 + 80)
    features = frame_features(recordings, torch.tensor([0, 2]), SpeechOptions(bands=6))
    found = cut_windows(features, torch.tensor([7, 4]), scale=fit_scale(features), width=3)
    assert found.frames.input.shape == (6, 18)
    assert found.frames.label.tolist() == [7] * 4 + [4] * 2
    assert found.recording.tolist() == [0] * 4 + [1] * 2


def test_training_windows_have_zero_mean_and_unit_variance():
    features = frame_features(_recordings(9000, 7000), torch.arange(2), SpeechOptions(bands=5))
    window = cut_windows(features, torch.arange(2), scale=fit_scale(features), width=1).frames.input
    assert torch.allclose(window.mean(0), torch.zeros(5), atol=1e-4)
    assert torch.allclose(window.std(0, correction=0), torch.ones(5), atol=1e-4)


def test_silence_alone_is_scaled_to_zeros():
    recordings = _recordings(2000)
    silent = Recordings(torch.zeros_like(recordings.samples), *[getattr(recordings, name) for name in _REST])
    features = frame_features(silent, torch.arange(1), SpeechOptions())
    assert cut_windows(features, torch.arange(1), scale=fit_scale(features)).frames.input.abs().max() < 0.01


def test_cepstra_are_as_many_as_asked_for():
    features = frame_features(_recordings(2000), torch.arange(1), SpeechOptions(features="mfcc", coefficients=5))
    assert features[0].shape[1] == 5


def test_no_recordings_are_refused():
    with pytest.raises(ZooError, match="no recordings"):
        frame_features(_recordings(2000), torch.arange(0), SpeechOptions())
