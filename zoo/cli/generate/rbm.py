"""generate.py rbm.TAG: fantasies of a restricted Boltzmann machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.common import make_place, parse
from zoo.errors import ZooError, check_range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FantasyOptions:
    """Draw what a model believes in: the ends of Gibbs chains, as a PNG grid."""

    count: int = 50
    """How many, each from a chain of its own."""
    steps: int = 1000
    """Gibbs steps of every chain."""
    seed: int = 0
    """Seed of all chains."""
    out: Path = Path("fantasies.png")
    """The drawing."""

    def __post_init__(self) -> None:
        check_range("--count", self.count, least=1)
        check_range("--steps", self.steps, least=1)
        check_range("--seed", self.seed, least=0, below=2**32)


def main(name: str, flags: list[str]) -> None:
    """Draw fantasies of the machine ``name``."""
    options = parse(FantasyOptions, flags, prog=f"generate.py {name}")
    make_place(options.out)
    import torch

    from zoo.models.rbm import RBM
    from zoo.registry import load_trained

    model = load_trained(name).model
    assert isinstance(model, RBM)
    draw(model.sample(options.count, steps=options.steps, generator=torch.Generator().manual_seed(options.seed)), options.out)


def draw(picture: "Tensor", out: Path) -> None:
    """Write pictures in rows as a PNG grid.

    Raises:
        ZooError: They are no square pictures.
    """
    from zoo.figures.canvas import save
    from zoo.figures.rbm import fantasies, side_of

    if side_of(picture.shape[1]) is None:
        raise ZooError(f"this model's {picture.shape[1]} visible units are no square picture, so there is nothing to draw")
    save(fantasies(picture), out)
    print(f"drawing     {out}")
