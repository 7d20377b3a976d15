import numpy as np
import pytest
import torch

from zoo.data.speech import load_spoken_digits
from zoo.data.speech_options import SpeechOptions
from zoo.data.spoken_digits import build_spoken_digits, read_test_windows, split
from zoo.errors import ZooError


@pytest.fixture
def root(tmp_path):
    """Two speakers who say two digits eight times each, a fifth of a second at a time."""
    speaker, digit, index = (each.ravel() for each in np.meshgrid([0, 1], [3, 7], range(8), indexing="ij"))
    noise = np.random.default_rng(0).integers(-9000, 9000, 1600 * len(digit))
    np.savez_compressed(
        tmp_path / "fsdd.npz",
        samples=noise.astype(np.int16),
        offsets=1600 * np.arange(len(digit) + 1),
        digit=digit.astype(np.uint8),
        speaker=speaker.astype(np.uint8),
        index=index.astype(np.uint8),
        speakers=np.array(["ada", "bob"]),
        sample_rate=np.array([8000]),
    )
    return tmp_path


def test_the_last_recordings_of_a_digit_are_for_validation(root):
    recordings = load_spoken_digits(root)
    train, validation, test = split(recordings, SpeechOptions(validation=2))
    assert [sorted(set(recordings.index[part].tolist())) for part in (train, validation, test)] == [[5], [6, 7], [0, 1, 2, 3, 4]]


def test_nothing_of_a_held_out_speaker_is_trained_on(root):
    recordings = load_spoken_digits(root)
    train, validation, test = split(recordings, SpeechOptions(validation=2, held_out="bob"))
    assert recordings.speaker[torch.cat([train, validation])].eq(0).all()
    assert recordings.speaker[test].eq(1).all()
    assert len(test) == 16


def test_a_speaker_without_a_name_is_no_official_split(root):
    with pytest.raises(ZooError, match="no speaker ''"):
        split(load_spoken_digits(root), SpeechOptions(held_out=""))


def test_windows_are_scaled_by_the_training_recordings(root):
    digits = build_spoken_digits(SpeechOptions(root=root, validation=1, width=1, bands=6))
    frame = digits.train.frames.input
    assert torch.allclose(frame.mean(0), torch.zeros(6), atol=1e-4)
    assert digits.test.frames.input.mean(0).abs().max() > 1e-4
    assert len(digits.validation.recording.unique()) == 4


def test_the_test_windows_alone_are_those_of_the_whole(root):
    options = SpeechOptions(root=root, validation=1)
    digits = build_spoken_digits(options)
    assert torch.equal(read_test_windows(options, digits.scale).frames.input, digits.test.frames.input)


def test_no_recording_left_to_train_on_is_an_error(root):
    with pytest.raises(ZooError, match=r"--data\.validation 3: no recordings are left to train on"):
        build_spoken_digits(SpeechOptions(root=root, validation=3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 4}, "--data.width 4"),
        ({"validation": 0}, "--data.validation 0"),
        ({"features": "mfcc", "bands": 10, "coefficients": 11}, "--data.coefficients 11: must be at least 1 and below 11"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ZooError, match=message):
        SpeechOptions(**options)
