"""Two sets of pictures of people, for research: the ORL faces and VIPeR's pedestrians. They are read, and shown nowhere."""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from zoo.data.location import search_roots
from zoo.data.npz import read_npz
from zoo.data.sets import Labelled, Splits
from zoo.errors import ZooError

_FACES, _PEDESTRIANS = Path("orl_faces/orl_faces.npz"), Path("viper/viper.npz")
_MOST_BYTES = 128 << 20  # unpacked; the larger file has 23 MB
_FACES_SHAPE, _PEDESTRIANS_SHAPE = (400, 112, 92), (632, 2, 128, 48, 3)
_PICTURES_EACH = 10  # of a person among the faces
_TEST_EACH = 2


def load_faces(root: Path | None = None) -> Splits:
    """Read the ORL faces: 40 people, ten grey pictures of 112 x 92 each; the last two of each are the test pictures.

    Args:
        root: Folder that holds ``orl_faces.npz``, itself or in ``orl_faces/``; None for ``$ZOO_DATA``, then the cache.

    Raises:
        ZooError: The file is missing, damaged, or not this set.

    References:
        Samaria and Harter, "Parameterisation of a stochastic model for human face identification", WACV 1994; credit for
        the database: Olivetti Research Laboratory, Cambridge.
    """
    image = _read(_FACES, _FACES_SHAPE, root)[:, None]
    person = torch.arange(len(image)) // _PICTURES_EACH
    test = torch.arange(len(image)) % _PICTURES_EACH >= _PICTURES_EACH - _TEST_EACH
    return Splits(
        train=Labelled(image[~test], person[~test]),
        test=Labelled(image[test], person[test]),
        labels=[f"person {number + 1}" for number in range(int(person.max()) + 1)],
    )


def load_pedestrians(root: Path | None = None) -> tuple[UInt8[Tensor, "N 3 H W"], UInt8[Tensor, "N 3 H W"]]:
    """Read VIPeR: 632 people as two cameras see them, in colour, 128 x 48; the same rows are the same people.

    Args:
        root: Folder that holds ``viper.npz``, itself or in ``viper/``; None for ``$ZOO_DATA``, then the cache.

    Raises:
        ZooError: The file is missing, damaged, or not this set.

    References:
        Gray, Brennan and Tao, "Evaluating appearance models for recognition, reacquisition, and tracking", PETS 2007.
    """
    image = _read(_PEDESTRIANS, _PEDESTRIANS_SHAPE, root).permute(1, 0, 4, 2, 3)
    return image[0], image[1]


def _read(name: Path, shape: tuple[int, ...], root: Path | None) -> Tensor:
    path = _find(name, root)
    image = read_npz(path, ["images"], largest=_MOST_BYTES)["images"]
    if image.shape != shape or image.dtype != np.uint8:
        raise ZooError(f"{path}: pictures of shape {image.shape} and type {image.dtype}, this set has {shape} bytes; fetch the file again")
    return torch.from_numpy(image)


def _find(name: Path, root: Path | None) -> Path:
    candidates = [base / inner for base in search_roots(root) for inner in (name.name, name)]
    for path in candidates:
        if path.is_file():
            return path
    looked = ", ".join(str(path) for path in candidates)
    raise ZooError(f"{name.name} is not in {looked}; give its folder with --data.root or ZOO_DATA")
