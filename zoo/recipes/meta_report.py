"""A learned optimiser against hand-made ones at their best learning rates.

Sizes in shapes: S seeds, P problems of each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor
from tqdm import tqdm

from zoo.data.problems import fixed_problems, load_family
from zoo.figures.optimizer_race import optimizer_race
from zoo.metrics.medians import Median, median_interval
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.chebyshev import chebyshev_loss
from zoo.optim.contest import HAND_MADE, OptimizerFactory, hand_made, race, tuned
from zoo.optim.learned import LearnedOptimizer
from zoo.optim.problems import Quadratic
from zoo.recipes.kinds.contract import Report

LEARNED = "learned"
DOUBLE = "_double"
"""What the names of figures end with where the race takes twice as many steps as training."""
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


def learned(model: CoordinatewiseLSTM) -> OptimizerFactory:
    """A learned optimiser as one of the contenders."""
    return lambda params: LearnedOptimizer(params, model)


def measure(
    model: CoordinatewiseLSTM,
    settings: list[Setting],
    *,
    length: int,
    seeds: int,
    rivals: Iterable[str] = HAND_MADE,
    root: Path | None = None,
) -> Report:
    """Race on every setting, for as many steps as in training and for twice as many.

    Args:
        model: The learned optimiser.
        settings: Where to race.
        length: Steps of a problem in training.
        seeds: Sets of test problems.
        rivals: The hand-made optimisers beside it.
        root: Folder of the pictures.
    """
    figures: dict[str, float] = {}
    lines, pictures = [], {}
    races = [(setting, setting.name + suffix, steps) for setting in settings for suffix, steps in (("", length), (DOUBLE, 2 * length))]
    for setting, mark, steps in (bar := tqdm(races, leave=False, disable=None)):
        bar.set_description(f"measuring: {setting.name}, {steps} steps")
        outcome = _race(model, setting, rivals, steps=steps, seeds=seeds, root=root)
        figures |= _figures(outcome, mark)
        lines += _lines(outcome, title=f"{setting.name}, {steps} steps, final loss: median of {seeds} seeds, 95 % interval")
        what = setting.kind if setting.name in ("base", setting.kind) else f"{setting.kind}, {setting.name.replace('_', ' ')}"
        pictures[f"curves_{mark}"] = optimizer_race(outcome.curves, title=what)
    return Report(figures, lines, pictures)


@dataclass(frozen=True)
class _Outcome:
    """What became of a race; losses are the means over each seed's problems."""

    curves: dict[str, Float[Tensor, "T1 S"]]
    finals: dict[str, Float[Tensor, " S"]]
    rates: dict[str, float]
    """The learning rates of the hand-made."""
    chebyshev: Float[Tensor, " S"] | None
    """Of quadratics: final losses of Chebyshev's iteration, which is told each problem's curvatures."""


def _race(model: CoordinatewiseLSTM, setting: Setting, rivals: Iterable[str], *, steps: int, seeds: int, root: Path | None) -> _Outcome:
    each = 1 if setting.kind.endswith("-network") else 100
    family = load_family(setting.kind, "tuning", root=root, **setting.network)
    problems = fixed_problems(family, "tuning", 4 * each, steps=steps)
    rates = {name: tuned(name, family, problems, steps=steps) for name in rivals}
    family = load_family(setting.kind, "test", root=root, **setting.network)
    makes = {LEARNED: learned(model)} | {name: hand_made(name, rate, steps=steps) for name, rate in rates.items()}
    problems = fixed_problems(family, "test", seeds * each, steps=steps)
    results = race(makes, family, problems, steps=steps)
    return _Outcome(
        {name: result.curve.unflatten(1, (seeds, each)).mean(2) for name, result in results.items()},
        {name: result.final.view(seeds, each).mean(1) for name, result in results.items()},
        rates,
        chebyshev_loss(problems, steps=steps).view(seeds, each).mean(1) if isinstance(family, Quadratic) else None,
    )


def _figures(outcome: _Outcome, mark: str) -> dict[str, float]:
    """The learned optimiser, the best of the others, and how far below that one it ends on the same problems."""
    finals = outcome.finals
    medians = {name: median_interval(final) for name, final in finals.items()}
    figures = _named(f"test/{mark}", medians.pop(LEARNED))
    if outcome.chebyshev is not None:
        figures[f"test/{mark}_chebyshev"] = median_interval(outcome.chebyshev).value
    if not medians:
        return figures
    best = min(medians, key=lambda name: medians[name].value)
    figures |= _named(f"test/{mark}_best", medians[best])
    figures |= _named(f"test/{mark}_gain", median_interval(finals[best] - finals[LEARNED]))
    return figures | {f"test/{mark}_ratio": medians[best].value / figures[f"test/{mark}"]}


def _named(name: str, median: Median) -> dict[str, float]:
    return {name: median.value, f"{name}_low": median.low, f"{name}_high": median.high}


def _lines(outcome: _Outcome, *, title: str) -> list[str]:
    lines = [title]
    for name, final in outcome.finals.items():
        line = _line(name, final)
        if name in outcome.rates:
            gain = median_interval(final - outcome.finals[LEARNED])
            line += f"  learning rate {outcome.rates[name]:.3g}; the learned one gains {gain.value:.4g}  {gain.low:.4g} to {gain.high:.4g}"
        lines.append(line)
    if outcome.chebyshev is not None:
        lines.append(f"{_line('Chebyshev', outcome.chebyshev)}  told each problem's curvatures")
    return lines


def _line(name: str, final: Float[Tensor, " S"]) -> str:
    median = median_interval(final)
    return f"  {name:18}{median.value:10.4g}  {median.low:.4g} to {median.high:.4g}"
