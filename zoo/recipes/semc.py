"""Completion and clustering of points with gaps by self-expression."""

from dataclasses import dataclass, field
from typing import ClassVar

from zoo.data.completion_options import CompletionOptions, DigitGapOptions, SubspaceOptions
from zoo.recipes.options import ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.completion_options import PathOptions


@dataclass(frozen=True)
class SelfExpressionOptions(ModelOptions):
    """As many points as the data has."""

    arch: ClassVar[str] = "self_expression"


@dataclass(frozen=True, kw_only=True)
class CompletionRecipe(Recipe):
    """One reproducible completion."""

    kind: ClassVar[str] = "completion"

    model: SelfExpressionOptions = field(default_factory=SelfExpressionOptions)
    data: CompletionOptions
    task: PathOptions = field(default_factory=PathOptions)


@dataclass(frozen=True, kw_only=True)
class SubspaceRecipe(CompletionRecipe):
    """Points of random subspaces."""

    data: SubspaceOptions = field(default_factory=SubspaceOptions)


@dataclass(frozen=True, kw_only=True)
class DigitGapRecipe(CompletionRecipe):
    """Digits."""

    data: DigitGapOptions = field(default_factory=DigitGapOptions)


@register_recipe()
def semc_synthetic() -> SubspaceRecipe:
    """Completes and clusters 500 points of ten subspaces that together fill the space.

    A third of the entries is missing. The pictures compare with a low-rank completion, and with a clustering that takes
    what is missing for zeros, from a tenth missing to six.
    """
    return SubspaceRecipe(name="semc-synthetic", trainer=TrainerOptions(max_epochs=1))


@register_recipe()
def semc_digits() -> DigitGapRecipe:
    """Completes and clusters 500 embedded digits by one another, with a third of the pixels missing."""
    return DigitGapRecipe(name="semc-digits", trainer=TrainerOptions(max_epochs=1))
