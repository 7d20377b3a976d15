"""Learning to learn: an LSTM that is trained to train."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import tyro

from zoo.data.problem_options import ProblemOptions
from zoo.errors import check_range
from zoo.recipes.options import EvaluateOptions, ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.meta_options import MetaOptions
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class MetaEvaluateOptions(EvaluateOptions):
    """Race a learned optimiser against tuned hand-made ones, on its own problems and on others."""

    seeds: Annotated[int, tyro.conf.arg(name="seeds")] = 20
    """Independent sets of test problems: of one network, or of 100 drawn problems."""
    transfers: bool = True
    """Also measure on problems that it was not trained on."""
    rivals: bool = True
    """Race against hand-made optimisers, whose learning rates take most of the time to choose."""

    def __post_init__(self) -> None:
        check_range("--seeds", self.seeds, least=2)


@dataclass(frozen=True)
class L2LOptions(ModelOptions):
    """A coordinatewise LSTM."""

    arch: ClassVar[str] = "l2l"
    hidden: int = 20
    """Units of every layer."""
    layers: int = 2
    """Number of layers."""
    p: float = 10.0
    """Gradients below exp(-p) count as small."""
    scale: float = 0.1
    """Size of the changes of an untrained network."""


@dataclass(frozen=True, kw_only=True)
class MetaRecipe(Recipe):
    """A learned optimiser on one kind of problems."""

    kind: ClassVar[str] = "meta_learning"
    evaluation: ClassVar[type[EvaluateOptions]] = MetaEvaluateOptions

    model: L2LOptions = field(default_factory=L2LOptions)
    data: ProblemOptions = field(default_factory=ProblemOptions)
    task: MetaOptions = field(default_factory=MetaOptions)


_CALM = OptimizerOptions(name="adam", lr=2e-3, schedule="cosine")


@register_recipe(paper="below every hand-made optimiser after 100 steps, Andrychowicz et al. 2016, figure 4")
def l2l_quadratic() -> MetaRecipe:
    """An LSTM learns to go down random quadratics of 10 dimensions.

    It makes the logarithm of the loss small, and not the loss as in the paper: what is steep at first would else drown all that comes
    after. After 100 steps it is level with tuned momentum, the best of the hand-made (0.211 and 0.213), after 200 below it (0.156 and
    0.166).
    """
    return MetaRecipe(
        name="l2l-quadratic",
        data=ProblemOptions(batch_size=32),
        task=MetaOptions(optimizer=_CALM, objective="log-loss"),
        trainer=TrainerOptions(max_epochs=40, threads=1),
    )


@register_recipe()
def l2l_digits() -> MetaRecipe:
    """An LSTM learns to train a network of 20 sigmoid units on the embedded digits.

    After 100 steps it ends at a third of the loss of the best hand-made optimiser, on networks of 40 units at a twentieth; as in the paper,
    it fails on units of another kind (ReLU).
    """
    return MetaRecipe(
        name="l2l-digits",
        data=ProblemOptions(kind="digits-network", batch_size=1, validation=8),
        task=MetaOptions(optimizer=_CALM),
        trainer=TrainerOptions(max_epochs=20, threads=1),
    )


@register_recipe(paper="below every hand-made optimiser after 100 and 200 steps, Andrychowicz et al. 2016, figure 4")
def l2l_mnist() -> MetaRecipe:
    """An LSTM learns to train a network of 20 sigmoid units on MNIST.

    Of the network's 15,910 numbers 2,000, other ones each time, tell how the optimiser must change.
    """
    return MetaRecipe(
        name="l2l-mnist",
        model=L2LOptions(scale=0.01),
        data=ProblemOptions(kind="mnist-network", batch_size=1, validation=4),
        task=MetaOptions(optimizer=_CALM, objective="log-loss", coordinates=2000),
        trainer=TrainerOptions(max_epochs=12, threads=1),
    )
