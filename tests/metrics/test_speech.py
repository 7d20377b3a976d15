import torch

from zoo.metrics.speech import recording_labels, recording_scores

RECORDING = torch.tensor([0, 0, 1, 2, 2, 2])


def test_a_recordings_scores_are_the_sums_of_its_windows_log_probabilities():
    score = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    log = score.log_softmax(1)
    assert torch.allclose(recording_scores(score, RECORDING), torch.stack([log[:2].sum(0), log[2], log[3:].sum(0)]))


def test_a_recording_has_the_class_of_its_windows():
    assert recording_labels(torch.tensor([4, 4, 9, 4, 4, 4]), RECORDING).tolist() == [4, 9, 4]
