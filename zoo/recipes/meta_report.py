"""A learned optimiser against hand-made ones at their best learning rates.

Sizes in shapes: S seeds, P problems of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor

from zoo.data.problems import fixed_problems, load_family
from zoo.figures.learning_curves import learning_curves
from zoo.metrics.medians import Median, median_interval
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.contest import HAND_MADE, Make, hand_made, race, tuned
from zoo.optim.learned import LearnedOptimizer
from zoo.recipes.kinds.contract import Report

LEARNED = "learned"
_NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "units_40": {"hidden": (40,)},
    "two_layers": {"hidden": (20, 20)},
    "relu": {"activation": "relu"},
}


@dataclass(frozen=True)
class Setting:
    """Problems on which optimisers are measured."""

    name: str
    """``base`` for those that the optimiser was trained on."""
    kind: str
    network: Mapping[str, Any] = field(default_factory=dict)


def settings_of(kind: str, *, transfers: bool) -> list[Setting]:
    """The problems of training, and after them others that they may carry over to."""
    base = Setting("base", kind)
    if not transfers:
        return [base]
    if kind.endswith("-network"):
        other = Setting("other_data", "moons-network" if kind == "digits-network" else "digits-network")
        return [base, *(Setting(name, kind, network) for name, network in _NETWORKS.items()), other]
    return [base, *(Setting(name, name) for name in ("quadratic", "quadratic-uniform", "logistic", "rosenbrock") if name != kind)]


def learned(model: CoordinatewiseLSTM) -> Make:
    """A learned optimiser as one of the contenders."""
    return lambda params: LearnedOptimizer(params, model)


def measure(model: CoordinatewiseLSTM, settings: list[Setting], *, length: int, seeds: int, root: Path | None = None) -> Report:
    """Race on every setting, for as many steps as in training and for twice as many."""
    figures: dict[str, float] = {}
    lines, pictures = [], {}
    for setting in settings:
        for steps in (length, 2 * length):
            curves, finals, rates = _race(model, setting, steps=steps, seeds=seeds, root=root)
            mark = f"{setting.name}_{steps}"
            figures |= _figures(finals, mark)
            lines += _lines(finals, rates, title=f"{setting.name}, {steps} steps, final loss: median of {seeds} seeds, 95 % interval")
            pictures[f"curves_{mark}"] = learning_curves(curves, title=f"{setting.kind}, {setting.name}")
    return Report(figures, lines, pictures)


def _race(
    model: CoordinatewiseLSTM, setting: Setting, *, steps: int, seeds: int, root: Path | None
) -> tuple[dict[str, Float[Tensor, "T1 S"]], dict[str, Float[Tensor, " S"]], dict[str, float]]:
    """Curves and final losses, the mean over each seed's problems; and the learning rates of the hand-made."""
    each = 1 if setting.kind.endswith("-network") else 100
    family = load_family(setting.kind, "tuning", root=root, **setting.network)
    problems = fixed_problems(family, "tuning", 4 * each, steps=steps)
    rates = {name: tuned(name, family, problems, steps=steps) for name in HAND_MADE}
    family = load_family(setting.kind, "test", root=root, **setting.network)
    makes = {LEARNED: learned(model)} | {name: hand_made(name, rate, steps=steps) for name, rate in rates.items()}
    courses = race(makes, family, fixed_problems(family, "test", seeds * each, steps=steps), steps=steps)
    curves = {name: course.curve.unflatten(1, (seeds, each)).mean(2) for name, course in courses.items()}
    return curves, {name: course.final.view(seeds, each).mean(1) for name, course in courses.items()}, rates


def _figures(finals: Mapping[str, Float[Tensor, " S"]], mark: str) -> dict[str, float]:
    """The learned optimiser, the best of the others, and how far below that one it ends on the same problems."""
    medians = {name: median_interval(final) for name, final in finals.items()}
    best = _best(medians)
    gain = median_interval(finals[best] - finals[LEARNED])
    return {
        **_named(f"test/{mark}", medians[LEARNED]),
        **_named(f"test/{mark}_best", medians[best]),
        **_named(f"test/{mark}_gain", gain),
        f"test/{mark}_ratio": medians[best].value / medians[LEARNED].value,
    }


def _named(name: str, median: Median) -> dict[str, float]:
    return {name: median.value, f"{name}_low": median.low, f"{name}_high": median.high}


def _best(medians: Mapping[str, Median]) -> str:
    return min((name for name in medians if name != LEARNED), key=lambda name: medians[name].value)


def _lines(finals: Mapping[str, Float[Tensor, " S"]], rates: Mapping[str, float], *, title: str) -> list[str]:
    lines = [title]
    for name, final in finals.items():
        median = median_interval(final)
        line = f"  {name:18}{median.value:10.4g}  {median.low:.4g} to {median.high:.4g}"
        if name in rates:
            gain = median_interval(final - finals[LEARNED])
            line += f"  learning rate {rates[name]:.3g}; the learned one gains {gain.value:.4g}  {gain.low:.4g} to {gain.high:.4g}"
        lines.append(line)
    return lines
