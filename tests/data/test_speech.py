import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from zoo.data.speech import load_spoken_digits
from zoo.data.speech_features import log_mel, mel_filters, mfcc
from zoo.errors import ZooError

RATE = 8000


@pytest.fixture(scope="module")
def recordings():
    root = os.environ.get("ZOO_DATA")
    if not root or not (Path(root) / "fsdd").is_dir():
        pytest.skip("needs the spoken digits: set ZOO_DATA")
    return load_spoken_digits(Path(root))


def _arrays(**changes):
    """Two speakers who say one digit each."""
    arrays = {
        "samples": np.arange(10, dtype=np.int16),
        "offsets": np.array([0, 4, 10]),
        "digit": np.array([3, 7], np.uint8),
        "speaker": np.array([0, 1], np.uint8),
        "index": np.array([0, 6], np.uint8),
        "speakers": np.array(["ada", "bob"]),
        "sample_rate": np.array([RATE]),
    }
    return arrays | changes


def _written(folder, **changes):
    np.savez_compressed(folder / "fsdd.npz", **_arrays(**changes))
    return folder


def test_recordings_are_cut_where_the_file_says(tmp_path):
    found = load_spoken_digits(_written(tmp_path))
    assert len(found) == 2
    assert found.wave(1).tolist() == [number / 2**15 for number in range(4, 10)]
    assert [each.tolist() for each in found.official_split()] == [[1], [0]]
    assert [each.tolist() for each in found.held_out_split("bob")] == [[0], [1]]


def test_the_real_recordings_split_as_their_owners_say(recordings):
    assert len(recordings) == 3000
    assert recordings.sample_rate == RATE
    train, test = recordings.official_split()
    assert (len(train), len(test)) == (2700, 300)
    assert recordings.digit[test].bincount().tolist() == [30] * 10
    train, test = recordings.held_out_split("theo")
    assert (len(train), len(test)) == (2500, 500)
    assert not (recordings.speaker[train] == recordings.speakers.index("theo")).any()


def test_an_unknown_speaker_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(ZooError, match="no speaker 'boB'; did you mean bob"):
        load_spoken_digits(_written(tmp_path)).held_out_split("boB")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": np.zeros(10)}, "another shape or type"),
        ({"digit": np.array([0.5, 1])}, "no whole one"),
        ({"digit": np.array([1])}, "do not belong together"),
        ({"offsets": np.array([0, 4, 11])}, "do not divide the samples"),
        ({"offsets": np.array([0, 0, 10])}, "do not divide the samples"),
        ({"digit": np.array([1, 10])}, "out of range"),
        ({"speaker": np.array([0, 2])}, "out of range"),
        ({"sample_rate": np.array([0])}, "out of range"),
        ({"speakers": np.array([{}], dtype=object)}, "neither numbers nor strings"),
    ],
)
def test_contradictory_files_are_refused(tmp_path, changes, message):
    with pytest.raises(ZooError, match=message):
        load_spoken_digits(_written(tmp_path, **changes))


def test_a_missing_file_is_said_to_be_so(tmp_path):
    with pytest.raises(ZooError, match=r"fsdd/fsdd.npz; give the folder of fsdd.npz with --data.root"):
        load_spoken_digits(tmp_path)


def test_a_pure_tone_lights_the_band_of_its_frequency():
    time = torch.arange(RATE) / RATE
    for frequency in (300, 1000, 3000):
        energy = log_mel(torch.sin(2 * math.pi * frequency * time), sample_rate=RATE, bands=24)
        centre = 700 * (10 ** (torch.linspace(0, 2595 * math.log10(1 + 4000 / 700), 26) / 2595) - 1)[1:-1]
        assert (energy.argmax(1) == (centre - frequency).abs().argmin()).all()


def test_frames_come_every_ten_milliseconds_and_silence_has_a_floor():
    energy = log_mel(torch.zeros(RATE), sample_rate=RATE)
    assert energy.shape == (98, 40)
    assert torch.allclose(energy, torch.tensor(1e-8).log())
    assert log_mel(torch.ones(10), sample_rate=RATE).shape == (1, 40)


def test_ten_times_the_amplitude_is_twice_log_ten_more():
    wave = torch.randn(2000, generator=torch.Generator().manual_seed(0)).double()
    assert torch.allclose(log_mel(10 * wave, sample_rate=RATE) - log_mel(wave, sample_rate=RATE), torch.tensor(2 * math.log(10)).double())


def test_every_band_has_a_frequency_and_neighbours_share_theirs():
    filters = mel_filters(40, bins=512, sample_rate=RATE)
    assert filters.shape == (257, 40)
    assert (filters.amax(0) > 0.5).all()
    assert torch.allclose(filters[20:240].sum(1), torch.ones(220), atol=1e-5)


def test_all_coefficients_are_the_energies_turned_round():
    energy = torch.randn(5, 8, generator=torch.Generator().manual_seed(0)).double()
    turned = mfcc(energy, coefficients=8)
    assert torch.allclose(turned @ turned.T, energy @ energy.T)
    assert torch.allclose(turned[:, 0], energy.sum(1) / math.sqrt(8))
    assert torch.allclose(mfcc(energy, coefficients=3), turned[:, :3])
    with pytest.raises(ZooError, match="coefficients 9"):
        mfcc(energy, coefficients=9)
