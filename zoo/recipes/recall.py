"""The long-term dependency problem: a plain recurrent network against an LSTM."""

from dataclasses import dataclass, field
from typing import ClassVar

from zoo.data.text_options import RecallOptions
from zoo.recipes.options import ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.language_options import RecallTaskOptions


@dataclass(frozen=True)
class RecallModelOptions(ModelOptions):
    """Two networks of the same number of units."""

    arch: ClassVar[str] = "recall"
    hidden: int = 64
    """Units of each."""


@dataclass(frozen=True, kw_only=True)
class RecallRecipe(Recipe):
    """One reproducible comparison."""

    kind: ClassVar[str] = "recall"

    model: RecallModelOptions = field(default_factory=RecallModelOptions)
    data: RecallOptions = field(default_factory=RecallOptions)
    task: RecallTaskOptions = field(default_factory=RecallTaskOptions)


@register_recipe()
def long_term_dependency() -> RecallRecipe:
    """A plain recurrent network and an LSTM recall a sequence's first symbol, up to 200 steps later.

    Both see the same sequences; the figure shows how often each is right by length, and how far back its gradient goes.
    """
    return RecallRecipe(name="long-term-dependency", trainer=TrainerOptions(max_epochs=4, threads=1))
