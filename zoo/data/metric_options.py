"""What recipes of metric learning say of their data. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from zoo.data.options import ImageOptions
from zoo.errors import ZooError, check_range

_DATA = tyro.conf.arg(name="data", prefix_name=False)


@dataclass(frozen=True)
class EmbeddingOptions(ImageOptions):
    """Pictures with labels, of which some classes may be kept unseen."""

    kind: Annotated[Literal["digits", "mnist", "orl"], _DATA] = "digits"  # type: ignore[assignment]
    """digits: embedded, 1,797 of scikit-learn. mnist: IDX files. orl: the faces of 40 people."""
    unseen: int = 0
    """Classes that training never sees, drawn by the run's seed: verification is on them (open-set). 0 verifies on the test split."""

    def __post_init__(self) -> None:
        super().__post_init__()
        classes = 40 if self.kind == "orl" else 10
        check_range("--data.unseen", self.unseen, least=0, below=classes - 1)
        if self.unseen == 1:
            raise ZooError("--data.unseen 1: one class has no pairs that do not belong together; keep at least 2 unseen, or 0")


@dataclass(frozen=True)
class CrossDomainOptions:
    """Things of two domains, where equal classes belong together."""

    kind: Annotated[Literal["digits-edges", "mnist-usps", "viper"], _DATA] = "digits-edges"
    """digits-edges: the embedded digits against maps of their edges. mnist-usps: two sets of digits, of 28 x 28 and 16 x 16
    pixels. viper: people as two cameras see them, 316 to train on and 316 for the test, drawn by the run's seed."""
    root: Path | None = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    validation: float = 0.1
    """Share of the training things of either domain kept for validation; 0 trains on all."""
    split_seed: int = 0
    """Seed of the split into training and validation."""
    batch_size: int = 64
    """Things of either domain a training step, over all devices together; all their pairs are trained on."""

    def __post_init__(self) -> None:
        if self.root is not None:
            if self.kind == "digits-edges":
                raise ZooError("--data.root: the digits are embedded and read from no folder; leave it out")
            object.__setattr__(self, "root", self.root.absolute())  # a run's record holds wherever it is read
        check_range("--data.validation", self.validation, least=0, below=1)
        check_range("--data.batch-size", self.batch_size, least=2)
