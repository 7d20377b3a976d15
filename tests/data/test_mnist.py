import hashlib

import numpy as np
import pytest
import torch

from tests.data.idx_files import idx_bytes, write_mnist
from zoo.data.mnist import load_mnist
from zoo.errors import ZooError


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("inner", ["", "raw", "MNIST/raw"])
def test_reads_both_layouts_raw_and_compressed(tmp_path, compress, inner):
    write_mnist(tmp_path / inner, compress=compress)
    splits = load_mnist(tmp_path)
    assert splits.train.input.shape == (60, 1, 28, 28)
    assert splits.test.label.tolist() == [digit % 10 for digit in range(20)]


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    write_mnist(tmp_path)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    assert len(load_mnist().train) == 60


MNIST_TRAIN_PIXELS = "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"


def _without_network(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr("torchvision.datasets.MNIST", fail)


def test_missing_data_offline_says_what_where_and_what_to_do(tmp_path, monkeypatch):
    _without_network(monkeypatch)
    with pytest.raises(ValueError, match="could not be downloaded") as error:
        load_mnist(tmp_path)
    assert str(tmp_path / "MNIST/raw") in str(error.value)
    assert "--data.root" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_download_that_fails_leaves_no_folder_behind(tmp_path, monkeypatch):
    def fail(root, **kwargs):
        (root / "MNIST/raw").mkdir(parents=True)
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr("torchvision.datasets.MNIST", fail)
    with pytest.raises(ZooError, match="could not be downloaded"):
        load_mnist(tmp_path)
    assert not [*tmp_path.iterdir()]


def test_one_missing_file_is_named(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte .* is missing"):
        load_mnist(tmp_path)


def test_labels_out_of_range_are_refused(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(np.full(20, 11)))
    with pytest.raises(ValueError, match="label 11 is out of range"):
        load_mnist(tmp_path)


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(19)))
    with pytest.raises(ValueError, match="20 pictures but 19 labels"):
        load_mnist(tmp_path)


def test_pictures_of_another_size_are_refused(tmp_path):
    write_mnist(tmp_path, side=30)
    with pytest.raises(ValueError, match="pictures of 30x30, MNIST has 28x28"):
        load_mnist(tmp_path)


def test_real_mnist_is_the_original(mnist_root):
    splits = load_mnist(mnist_root)
    assert splits.train.label[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert splits.test.label[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    digest = hashlib.sha256(splits.train.input.numpy().tobytes()).hexdigest()
    assert splits.train.input.dtype == torch.uint8
    assert digest == MNIST_TRAIN_PIXELS
