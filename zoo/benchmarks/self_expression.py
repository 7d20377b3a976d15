"""What is claimed of completion by self-expression, beside nuclear norm's: data of low and of high rank, few points, any beginning.

Reference: Elhamifar, "High-rank matrix completion and clustering under self-expressive models", NeurIPS 2016.
"""

from dataclasses import replace
from itertools import combinations
from statistics import median

import torch
from tqdm import tqdm

from zoo.benchmarks.timing import check_counts
from zoo.data.completion import Gapped, draw_gapped
from zoo.data.completion_options import SubspaceOptions
from zoo.errors import check_range
from zoo.estimators import SelfExpressiveCompletion, SoftImpute
from zoo.metrics.subspaces import clustering_error, completion_error

_LOW_RANK = 2  # subspaces: together they fill a fifth of a space that ten fill


def measure_claims(
    options: SubspaceOptions, *, points: tuple[int, ...], seeds: int, beginnings: int, steps: int = 100
) -> dict[str, dict[str, float]]:
    """Errors on random unions of subspaces, in medians over seeds, and how far completions from random beginnings lie apart.

    Args:
        options: The subspaces, their points and gaps.
        points: Fewer points a subspace, to see how many are needed.
        seeds: Unions of each sort.
        beginnings: Random fillings of the gaps to begin with.
        steps: Steps of each completion.

    Raises:
        ZooError: A number is out of its range.
    """
    check_counts(points=points, seeds=seeds, beginnings=beginnings, steps=steps)
    check_range("--beginnings", beginnings, least=2)
    cases = {"high rank": options, "low rank": replace(options, subspaces=min(_LOW_RANK, options.subspaces))}
    cases |= {f"high rank, {count} points a subspace": replace(options, points=count) for count in points}
    figures = {name: _errors(case, seeds, steps) for name, case in tqdm(cases.items(), unit="case", leave=False)}
    return figures | {
        "random beginnings": {"largest distance in the gaps, as a share": _spread(draw_gapped(options, seed=0), beginnings, steps)}
    }


def _errors(options: SubspaceOptions, seeds: int, steps: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in ("self-expression", "nuclear norm", "clustering")}
    for seed in range(seeds):
        gapped = draw_gapped(options, seed=seed)
        fitted = SelfExpressiveCompletion(options.subspaces, steps=steps).fit(gapped.points, observed=gapped.observed)
        nuclear = SoftImpute().fit_transform(gapped.points, observed=gapped.observed)
        found["self-expression"].append(completion_error(torch.from_numpy(fitted.completed_), gapped.points, ~gapped.observed))
        found["nuclear norm"].append(completion_error(torch.from_numpy(nuclear), gapped.points, ~gapped.observed))
        found["clustering"].append(clustering_error(torch.from_numpy(fitted.labels_), gapped.label))
    measured = {name: "share of points" if name == "clustering" else "relative error in the gaps" for name in found}
    return {f"{name}, {measured[name]}": median(values) for name, values in found.items()}


def _spread(gapped: Gapped, beginnings: int, steps: int) -> float:
    """Largest distance in the gaps of two completions from each other, as a share of what is there."""
    completed = [
        SelfExpressiveCompletion(init="random", random_state=seed, steps=steps).fit_transform(gapped.points, observed=gapped.observed)
        for seed in range(beginnings)
    ]
    gaps = [torch.from_numpy(each)[~gapped.observed] for each in completed]
    return max(float((one - other).norm() / gapped.points[~gapped.observed].norm()) for one, other in combinations(gaps, 2))
