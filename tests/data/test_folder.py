import pytest
from PIL import Image

from tests.data.idx_files import write_pictures
from zoo.data.folder import load_folder
from zoo.errors import ZooError


def test_every_fifth_picture_of_each_class_is_for_the_test(tmp_path):
    root = write_pictures(tmp_path / "p")
    for number in range(10):
        Image.new("L", (4, 4), 10 + number).save(root / f"dots/{number}.png")
    splits = load_folder(root, side=28)
    assert splits.labels == ["bars", "dots"]
    assert splits.train.label.bincount().tolist() == [8, 8]
    assert splits.test.label.bincount().tolist() == [2, 2]
    level = [int(image.max()) - 10 for image in splits.test.input[splits.test.label == 1]]
    assert level == [4, 9]


def test_train_and_test_folders_are_taken_as_they_are(tmp_path):
    write_pictures(tmp_path / "p/train", count=4)
    write_pictures(tmp_path / "p/test", count=1)
    splits = load_folder(tmp_path / "p", side=28)
    assert (len(splits.train), len(splits.test)) == (8, 2)


def _empty_class(root):
    (root / "empty").mkdir()


def _split_once_more(root):
    for name in ("train", "test", "val"):
        write_pictures(root / name)


def _one_class(root):
    for path in (root / "dots").iterdir():
        path.unlink()
    (root / "dots").rmdir()


def _no_picture(root):
    (root / "dots/notes.txt").write_text("hello")


def _false_picture(root):
    (root / "dots/0.png").write_bytes(b"hello")


def _too_few(root):
    for number in range(6):
        (root / f"dots/{number}.png").unlink()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (_empty_class, "empty: the class has no pictures"),
        (_one_class, "one class only"),
        (_split_once_more, r"test: holds folders, no pictures; .* just train and test that do"),
        (_no_picture, "notes.txt: not a picture"),
        (_false_picture, "0.png: not a picture"),
        (_too_few, "dots: 4 pictures, at least 5"),
    ],
)
def test_what_is_wrong_with_a_folder_is_named(tmp_path, spoil, complaint):
    root = write_pictures(tmp_path / "p")
    spoil(root)
    with pytest.raises(ValueError, match=complaint):
        load_folder(root, side=28)


def test_all_files_that_cannot_be_used_are_told_at_once(tmp_path):
    root = write_pictures(tmp_path / "p")
    for number in range(5):
        (root / f"dots/{number}.png").write_bytes(b"hello")
    _no_picture(root)
    names = ", ".join(rf"\S+{name}" for name in ("1.png", "2.png", "3.png", "4.png", "notes.txt"))
    with pytest.raises(ZooError, match=rf"0\.png: not a picture.*; 5 more files cannot be used: {names}$"):
        load_folder(root, side=28)
    for number in range(10):
        (root / f"bars/{number}.png").write_bytes(b"hello")
    with pytest.raises(ZooError, match=r"; 15 more files cannot be used: .*0.png, \.\.\.$"):
        load_folder(root, side=28)


def test_classes_that_differ_between_train_and_test_are_refused(tmp_path):
    write_pictures(tmp_path / "p/train")
    write_pictures(tmp_path / "p/test", classes=("bars", "stars"))
    with pytest.raises(ValueError, match=r"classes of train and test differ \(dots, stars\)"):
        load_folder(tmp_path / "p", side=28)


@pytest.mark.parametrize(("root", "complaint"), [(None, "needs --data.root"), ("nowhere", "no such folder")])
def test_a_missing_folder_is_named(tmp_path, root, complaint):
    with pytest.raises(ValueError, match=complaint):
        load_folder(tmp_path / root if root else None, side=28)
