"""A user's own pictures: one folder a class."""

from collections.abc import Callable
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

from zoo.data.pictures import SUFFIXES, frame_middle, frame_whole, read_colour, read_picture
from zoo.data.sets import Labelled, Splits
from zoo.errors import ZooError

TEST_SHARE = 0.2
_NAMED = 10  # files that cannot be used, told in one line


def load_folder(root: Path | None, *, side: int, colour: bool = False) -> Splits:
    """Read ``root/CLASS/*.png`` and the like into memory, as grey squares of light ink on dark, or in colour.

    A folder that holds just ``train`` and ``test`` is split so; otherwise every fifth picture of each class,
    by name, is kept for the test.

    Args:
        root: The folder (``--data.root``).
        side: Side of the squares, pixels.
        colour: Keep colours, and cut the largest square out of the middle.

    Raises:
        ValueError: No folder, fewer than two classes, a class without pictures or with too few to be split,
            classes that differ between train and test, or a file that is no picture.
    """
    if root is None:
        raise ZooError("--data folder needs --data.root: a folder that holds one folder of pictures a class")
    if not root.is_dir():
        raise ZooError(f"{root}: there is no such folder; --data.root names a folder that holds one folder of pictures a class")

    def frame(path: Path) -> Tensor:
        return frame_middle(read_colour(path), side=side) if colour else frame_whole(read_picture(path).image, side=side)

    inner = {path.name for path in _folders(root)}
    if inner == {"train", "test"}:
        labels, train = _read(root / "train", frame)
        test_labels, test = _read(root / "test", frame)
        if test_labels != labels:
            raise ZooError(f"{root}: the classes of train and test differ ({', '.join(sorted({*labels} ^ {*test_labels}))})")
        return Splits(train, test, labels)
    labels, everything = _read(root, frame)
    is_test = _every_fifth(everything.label, labels, root)
    return Splits(everything.subset((~is_test).nonzero()[:, 0]), everything.subset(is_test.nonzero()[:, 0]), labels)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _read(root: Path, frame: Callable[[Path], Tensor]) -> tuple[list[str], Labelled]:
    classes = _folders(root)
    if len(classes) < 2:
        found = f"one class only ({classes[0].name})" if classes else "no folders"
        raise ZooError(f"{root}: {found}; a classifier needs at least two folders of pictures, one a class")
    image, label, faults = [], [], []
    for number, folder in enumerate(classes):
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        if not files:
            if _folders(folder):
                raise ZooError(
                    f"{folder}: holds folders, no pictures; --data.root holds one folder a class, or just train and test that do "
                    "(validation is cut from train)"
                )
            raise ZooError(f"{folder}: the class has no pictures; add some or remove the folder")
        for path in files:
            try:
                image.append(_framed(path, frame))
                label.append(number)
            except ZooError as error:
                faults.append((path, error))
    if faults:
        (_, first), *others = faults
        also = ", ".join(str(path) for path, _ in others[:_NAMED]) + (", ..." if len(others) > _NAMED else "")
        raise ZooError(f"{first}{f'; {len(others)} more files cannot be used: {also}' if others else ''}") from first
    return [folder.name for folder in classes], Labelled(torch.stack(image), torch.tensor(label))


def _framed(path: Path, frame: Callable[[Path], Tensor]) -> Tensor:
    if path.suffix.lower() not in SUFFIXES:
        raise ZooError(f"{path}: not a picture by its name; move it out of the class folder")
    return frame(path)


def _every_fifth(label: Int[Tensor, " N"], names: list[str], root: Path) -> Tensor:
    is_test = torch.zeros(len(label), dtype=torch.bool)
    step = round(1 / TEST_SHARE)
    for number, name in enumerate(names):
        member = (label == number).nonzero()[:, 0]
        if len(member) < step:
            raise ZooError(f"{root / name}: {len(member)} pictures, at least {step} are needed to keep one for the test")
        is_test[member[step - 1 :: step]] = True
    return is_test
