"""A recipe of every kind on data that need no download, cut down to seconds."""

from dataclasses import replace
from typing import Any

from zoo.recipes.options import Recipe
from zoo.recipes.registry import all_recipes

_Change = dict[str, dict[str, Any]]

_CHANGES: dict[str, _Change] = {
    "rbm-digits": {"data": {"batch_size": 100}},
    "dbn-digits": {"data": {"batch_size": 100}, "model": {"widths": (64, 16, 24)}, "trainer": {"max_epochs": 8}},
    "char-lstm-programs": {
        "data": {"programs": 60, "batch_size": 8, "window": 60},
        "model": {"hidden": 24, "dropout": 0.1},
        "task": {"samples": 2, "ngrams": 3, "sample_every": 20},
    },
    "long-term-dependency": {"data": {"longest": 12, "batches": 40}},
    "gap-net-digits": {"data": {"canvas": 48, "smallest": 16.0, "largest": 24.0}},
    "center-loss-digits": {"data": {"batch_size": 128}, "model": {"widths": (4, 6, 8)}},
    "generalized-similarity-digits": {"data": {"batch_size": 128}},
    "semc-synthetic": {"data": {"subspaces": 3, "rank": 2, "dimensions": 16, "points": 8}, "task": {"steps": 20}},
    "ntm-copy": {"data": {"steps": 20, "longest": 5, "validation": 2}, "model": {"hidden": 10, "rows": 12}},
    "l2l-quadratic": {"data": {"batch_size": 4, "steps": 20, "length": 6, "validation": 4}, "task": {"unroll": 3}},
    "l2l-digits": {"data": {"batch_size": 1, "steps": 20, "length": 6, "validation": 1}, "task": {"unroll": 3}},
    "lstm-copy": {"data": {"steps": 20, "longest": 5, "validation": 2}, "model": {"hidden": 8, "layers": 2}},
}

EVERY = 5  # steps between saves


def small_recipe(name: str) -> Recipe:
    """The registered recipe, with less of everything."""
    recipe = all_recipes()[name].make()
    trainer = replace(recipe.trainer, max_epochs=2, progress_bar=False, accelerator="cpu", checkpoint_every=EVERY)
    recipe = replace(recipe, trainer=trainer)
    return replace(recipe, **{part: replace(getattr(recipe, part), **changes) for part, changes in _CHANGES[name].items()})


NAMES = list(_CHANGES)
