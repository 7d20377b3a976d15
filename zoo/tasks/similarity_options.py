"""What a recipe says of learning a similarity. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field
from typing import Literal

from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class SimilarityOptions:
    """How two branches and a measure learn which things of two domains belong together."""

    gradient: Literal["sample", "pair"] = "sample"
    """sample: factors are applied once a thing. pair: once a pair, as the definition has it; the same gradient."""
    start: Literal["near-euclidean", "likelihood-ratio"] = "near-euclidean"
    """likelihood-ratio: where the training pairs' covariances say how much likelier a difference is of a pair that belongs together
    (Koestinger et al., CVPR 2012)."""
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
