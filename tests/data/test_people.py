import numpy as np
import pytest
import torch

from zoo.data.metric_options import EmbeddingOptions
from zoo.data.open_set import read_open_set
from zoo.data.pedestrians import describe_pedestrians
from zoo.data.people import load_faces, load_pedestrians
from zoo.data.stripes import stripe_features
from zoo.errors import ZooError


def test_forty_people_have_eight_training_and_two_test_faces_each(people_root):
    splits = load_faces(people_root)
    assert splits.train.input.shape == (320, 1, 112, 92)
    assert splits.train.label.bincount().tolist() == [8] * 40
    assert splits.test.label.bincount().tolist() == [2] * 40


def test_unseen_people_are_in_no_training_picture_and_all_their_pictures_are_verified(people_root):
    options = EmbeddingOptions(kind="orl", root=people_root, unseen=10)
    pictures = read_open_set(options, seed=1)
    assert (len(pictures.seen.labels), len(pictures.unseen), len(pictures.verified)) == (30, 10, 100)
    assert not set(pictures.seen.labels) & set(pictures.unseen)
    assert pictures.seen.train.label.bincount().tolist() == [8] * 30
    shown = {tuple(row) for row in pictures.seen.train.input.flatten(1)[:, ::97].tolist()}
    assert not shown & {tuple(row) for row in pictures.verified.input.flatten(1)[:, ::97].tolist()}
    assert read_open_set(options, seed=2).unseen != pictures.unseen


def test_open_set_digits_keep_their_classes_in_order():
    pictures = read_open_set(EmbeddingOptions(unseen=3), seed=0)
    assert len(pictures.seen.labels) == 7
    assert sorted(pictures.seen.labels + pictures.unseen) == [str(digit) for digit in range(10)]
    assert int(pictures.seen.train.label.max()) == 6
    assert set(pictures.verified.label.tolist()) == {0, 1, 2}


def test_without_unseen_classes_the_test_split_is_verified():
    pictures = read_open_set(EmbeddingOptions(), seed=0)
    assert torch.equal(pictures.verified.input, pictures.seen.test.input)
    assert pictures.unseen == []


@pytest.mark.parametrize(("unseen", "complaint"), [(1, "one class has no pairs"), (9, "must be at least 0 and below 9"), (-1, "must be")])
def test_impossible_numbers_of_unseen_classes_are_refused(unseen, complaint):
    with pytest.raises(ZooError, match=complaint):
        EmbeddingOptions(unseen=unseen)


def test_both_views_of_a_person_are_in_the_same_row(people_root):
    first, second = load_pedestrians(people_root)
    assert first.shape == second.shape == (632, 3, 128, 48)


@pytest.mark.slow
def test_half_the_people_are_trained_on_and_matched_better_than_by_chance(people_root):
    (x_train, _), (x, y) = describe_pedestrians(people_root, seed=0)
    assert len(x_train) == len(x) == 316
    assert not set(x_train.label.tolist()) & set(x.label.tolist())
    nearest = torch.cdist(x.input, y.input).argmin(1)
    assert (nearest == torch.arange(316)).float().mean() > 0.1


def test_stripes_do_not_mind_where_in_the_stripe_something_is():
    """Whole windows moved sideways: the largest counts stay."""
    image = torch.zeros(2, 3, 40, 40, dtype=torch.uint8)
    image[0, 0, 10:20, 10:20] = 255
    image[1, 0, 10:20, 20:30] = 255
    first, second = stripe_features(image)
    colors = (512 * (7 + 3 + 1),)[0]
    assert torch.allclose(first[:colors], second[:colors])
    moved = image[:1].roll(15, 2)
    assert not torch.allclose(first, stripe_features(moved)[0])


def _write(folder, **arrays):
    np.savez(folder / "orl_faces.npz", **arrays)
    return folder


def test_files_that_are_not_the_set_are_refused(tmp_path):
    with pytest.raises(ZooError, match=f"orl_faces.npz is not in {tmp_path}"):
        load_faces(tmp_path)
    with pytest.raises(ZooError, match=r"pictures of shape \(3, 2\)"):
        load_faces(_write(tmp_path, images=np.zeros((3, 2), np.uint8)))
    with pytest.raises(ZooError, match="damaged"):
        load_faces(_write(tmp_path, other=np.zeros(3)))
    (tmp_path / "orl_faces.npz").write_bytes(b"PK no zip")
    with pytest.raises(ZooError, match="damaged"):
        load_faces(tmp_path)
