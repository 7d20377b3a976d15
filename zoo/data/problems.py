"""Problems for optimisers: endless ones to learn on, and fixed ones for validation, for choosing learning rates and for tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
import torch

from zoo.data.digits import load_digits
from zoo.data.double_moon import load_double_moon, standardized
from zoo.data.endless import EndlessBatches, generator_of
from zoo.data.in_memory import cut_validation
from zoo.data.mnist import load_mnist
from zoo.data.problem_options import ProblemOptions
from zoo.data.sets import Splits
from zoo.optim.network_problem import NetworkTraining
from zoo.optim.problems import Family, LogisticRegression, Problems, Quadratic, Rosenbrock, randomly_scaled

FixedPart = Literal["validation", "tuning", "test"]
Part = Literal["train"] | FixedPart

_KEYS: dict[FixedPart, int] = {"validation": 1, "tuning": 2, "test": 3}
_VALIDATION = 0.2  # of the training samples
_SETS: dict[str, Callable[[Path | None], Splits]] = {
    "digits-network": lambda root: load_digits(),
    "mnist-network": load_mnist,
    "moons-network": lambda root: load_double_moon(),
}
_DRAWN: dict[str, Family] = {
    "quadratic": Quadratic(),
    "quadratic-uniform": Quadratic(entries="uniform"),
    "rosenbrock": Rosenbrock(),
    "logistic": LogisticRegression(),
}


def load_family(kind: str, part: Part, *, root: Path | None = None, **network: Any) -> Family:
    """The problems of a kind, on the samples of one part of the data where they have any.

    Args:
        kind: Such as ``quadratic`` or ``mnist-network``.
        part: Learning rates are tuned on the validation samples.
        root: Folder of the pictures.
        network: What differs from 20 sigmoid units: fields of ``NetworkTraining``.

    Raises:
        ZooError: The pictures are missing or damaged.
    """
    if kind in _DRAWN:
        return _DRAWN[kind]
    splits = _SETS[kind](root)
    train, validation = cut_validation(splits, _VALIDATION, 0)
    assert validation is not None
    chosen = {"train": train, "validation": validation, "tuning": validation, "test": splits.test}[part]
    x = standardized(chosen.input) if kind == "moons-network" else chosen.input.flatten(1) / 255
    return NetworkTraining(x, chosen.label, **network)


def fixed_problems(family: Family, part: FixedPart, count: int, *, steps: int) -> Problems:
    """The problems of a part other than training, the same whenever they are drawn."""
    return family.draw(count, steps=steps + 1, generator=generator_of(_KEYS[part], count, steps))


class ProblemData(pl.LightningDataModule):
    """Training and validation problems.

    Args:
        options: Which, and how many.
        seed: Seed of the run; validation does not depend on it.

    Raises:
        ZooError: The pictures are missing or damaged.
    """

    def __init__(self, options: ProblemOptions, *, seed: int) -> None:
        super().__init__()
        self.options, self.seed = options, seed
        self.train, self.validation = (load_family(options.kind, part, root=options.root) for part in ("train", "validation"))

    def train_dataloader(self) -> EndlessBatches:
        """Endless problems."""
        options = self.options
        order = {"problem": options.kind, "batch size": options.batch_size, "length": options.length, "spread": options.spread}
        return EndlessBatches(self._draw, steps=options.steps, seed=self.seed, order=order)

    def val_dataloader(self) -> "OneBatch":
        """The validation problems."""
        return OneBatch(fixed_problems(self.validation, "validation", self.options.validation, steps=self.options.length))

    def _draw(self, generator: torch.Generator) -> Problems:
        # A batch of data for each step, and for the place where the last one leads.
        problems = self.train.draw(self.options.batch_size, steps=self.options.length + 1, generator=generator)
        return randomly_scaled(problems, self.options.spread, generator=generator) if self.options.spread else problems


class OneBatch:
    """An epoch of a single batch; of a list, Lightning would take every item for a loader."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Problems]:
        yield self.problems
