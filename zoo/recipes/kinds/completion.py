"""Completion and clustering of points with gaps, beside two methods that do not complete by self-expression.

Sizes in shapes: N points, D dimensions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.data.about import ABOUT
from zoo.data.completion import Gapped, PenaltyPath, draw_gapped
from zoo.data.completion_options import CompletionOptions, DigitGapOptions, SubspaceOptions
from zoo.errors import ZooError
from zoo.estimators import SelfExpressiveCompletion, SoftImpute, ZeroFilledSubspaceClustering
from zoo.estimators.incomplete import Incomplete, read_incomplete
from zoo.estimators.self_expression import objective, penalties
from zoo.estimators.spectral import spectral_labels
from zoo.figures.completion import error_curves
from zoo.metrics.subspaces import clustering_error, completion_error
from zoo.models.self_expression import SelfExpression
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance
from zoo.recipes.restored import restored
from zoo.recipes.semc import CompletionRecipe
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.completion import Completion
from zoo.tasks.completion_options import PathOptions

_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # missing, in the pictures
_DATA = {options.kind: options for options in (SubspaceOptions, DigitGapOptions)}
_SELF, _NUCLEAR, _ZEROS = "self-expression", "nuclear norm", "zero filling"


class _Errors(NamedTuple):
    completion: float
    clustering: float | None = None


class CompletionKind:
    """How points are completed, measured and shown."""

    measures = (
        Measure("test/completion_error", "relative error in the gaps", "%", scale=100),
        Measure("test/clustering_error", "clustering error", "%", scale=100),
        Measure("nuclear-norm/completion_error", "nuclear norm's error in the gaps", "%", scale=100),
        Measure("zero-filling/clustering_error", "clustering error with zeros in the gaps", "%", scale=100),
    )
    chosen_by = "train/objective"

    def prepare(self, recipe: CompletionRecipe) -> Job:
        """Draw points and gaps."""
        if recipe.trainer.devices > 1:
            raise ZooError(f"--trainer.devices {recipe.trainer.devices}: a completion runs on one; use 1")
        gapped = draw_gapped(recipe.data, seed=recipe.seed)
        try:
            data = read_incomplete(gapped.points, gapped.observed)
        except ZooError as error:
            raise ZooError(f"--data.missing {recipe.data.missing}: hides too much or too little to be completed ({error})") from error
        options = {"points": len(data.points), "dimensions": data.points.shape[1]}
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, SelfExpression)
        task, about = Completion(model, data.normalized()), ABOUT[recipe.data.kind]
        path = penalties(recipe.task.first, recipe.task.last, recipe.task.steps)
        record = {"kind": recipe.data.kind, "title": about.title, "licence": about.licence, "seed": recipe.seed}
        return Job(
            task,
            PenaltyPath(path),
            Provenance(
                kind=recipe.kind,
                arch=recipe.model.arch,
                options=options,
                recipe=recipe.name,
                loss="self-expression",
                labels=[],
                data=record | {"options": asdict(recipe.data), "path": asdict(recipe.task)},
            ),
            about=f"{recipe.data.kind}: {len(data.points)} points, {100 * recipe.data.missing:.0f} % of their entries hidden",
            finish=lambda: _measure(model.cpu(), recipe.data, recipe.task, seed=recipe.seed),
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Draw the points again, compare, and complete with other shares missing."""
        assert isinstance(trained.model, SelfExpression)
        data = trained.meta.data
        drawn = restored(_DATA[data["kind"]](), data["options"])
        return _measure(trained.model, drawn, restored(PathOptions(), data["path"]), seed=data["seed"])

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """How much there is."""
        return {"points": f"{meta.options['points']} in {meta.options['dimensions']} dimensions"}

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        return "point = model(number)  # as the others express it, divided by the norm of what was known of it; number: B"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = CompletionKind()


def _measure(model: SelfExpression, options: CompletionOptions, path: PathOptions, *, seed: int) -> Report:
    """The model's errors and those of the others on the same points; then of all with more and with less missing."""
    gapped = draw_gapped(options, seed=seed)
    data = read_incomplete(gapped.points, gapped.observed)
    found = {_SELF: _errors(_filled(model, data), gapped, spectral_labels(model.coefficient, _classes(gapped), seed=seed))}
    found |= _others(gapped, seed=seed)
    figures = {"train/objective": float(objective(model.point.detach(), model.coefficient.detach(), penalty=path.last))}
    figures |= {f"test/{what}": value for what, value in _named(found[_SELF])}
    for method in (_NUCLEAR, _ZEROS):
        figures |= {f"{method.replace(' ', '-')}/{what}": value for what, value in _named(found[method])}
    others = {share: _at(replace(options, missing=share), path, seed=seed) for share in _SHARES if share != options.missing}
    curves = dict(sorted(({options.missing: found} | {share: errors for share, errors in others.items() if errors}).items()))
    for share, errors in curves.items():
        for method, each in errors.items():
            figures |= {f"missing-{100 * share:g}/{method.replace(' ', '-')}/{what}": value for what, value in _named(each)}
    methods = (_SELF, _NUCLEAR, _ZEROS)
    completion = {method: {share: errors[method].completion for share, errors in curves.items()} for method in methods}
    clustering = {
        method: {share: error for share, errors in curves.items() if (error := errors[method].clustering) is not None}
        for method in (_SELF, _ZEROS)
    }
    return Report(figures, [*_table(curves)], {"errors": error_curves(completion, clustering)})


def _at(options: CompletionOptions, path: PathOptions, *, seed: int) -> dict[str, _Errors] | None:
    """Everyone's errors with another share missing; None where few dimensions or points leave nothing to go by."""
    gapped = draw_gapped(options, seed=seed)
    try:
        read_incomplete(gapped.points, gapped.observed)
    except ZooError:
        return None
    estimator = SelfExpressiveCompletion(_classes(gapped), path=(path.first, path.last), steps=path.steps, random_state=seed)
    estimator.fit(gapped.points, observed=gapped.observed)
    label = torch.from_numpy(estimator.labels_)
    return {_SELF: _errors(torch.from_numpy(estimator.completed_), gapped, label)} | _others(gapped, seed=seed)


def _others(gapped: Gapped, *, seed: int) -> dict[str, _Errors]:
    nuclear = SoftImpute().fit(gapped.points, observed=gapped.observed)
    zeros = ZeroFilledSubspaceClustering(_classes(gapped), random_state=seed).fit(gapped.points, observed=gapped.observed)
    return {
        _NUCLEAR: _errors(torch.from_numpy(nuclear.completed_), gapped),
        _ZEROS: _errors(torch.from_numpy(zeros.completed_), gapped, torch.from_numpy(zeros.labels_)),
    }


def _filled(model: SelfExpression, data: Incomplete) -> Tensor:
    return torch.from_numpy(data.completed(model.point.detach() * data.scale))


def _errors(completed: Tensor, gapped: Gapped, label: Tensor | None = None) -> _Errors:
    completion = completion_error(completed, gapped.points, ~gapped.observed)
    return _Errors(completion, None if label is None else clustering_error(label, gapped.label))


def _named(errors: _Errors) -> Iterator[tuple[str, float]]:
    return ((f"{name}_error", value) for name, value in errors._asdict().items() if value is not None)


def _classes(gapped: Gapped) -> int:
    return len(gapped.label.unique())


def _table(rows: Mapping[float, Mapping[str, _Errors]]) -> Iterator[str]:
    """Per cent, error in the gaps before the clustering's, by share missing."""
    yield "error in the gaps, and of the clustering where there is one"
    yield f"{'missing':>9}" + "".join(f"{method:>22}" for method in (_SELF, _NUCLEAR, _ZEROS))
    for share, errors in rows.items():
        yield f"{100 * share:>7g} %" + "".join(f"{_cell(each):>22}" for each in errors.values())


def _cell(errors: _Errors) -> str:
    clustering = "" if errors.clustering is None else f"{100 * errors.clustering:8.1f} %"
    return f"{100 * errors.completion:.1f} %{clustering}"
