"""Two branches and a measure, which say what belongs together in two domains."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, cast

import torch
from pytorch_lightning.callbacks import LearningRateMonitor
from torch import Tensor

from zoo.data.about import ABOUT
from zoo.data.cross_domain import CrossDomainData, Domains, build_cross_domain
from zoo.data.metric_options import CrossDomainOptions
from zoo.data.pairing import check_last_batch
from zoo.errors import ZooError
from zoo.layers.mode import evaluating
from zoo.layers.similarity import GeneralizedSimilarity
from zoo.metrics.verification import Retrieval, retrieve
from zoo.models.generalized_similarity import GeneralizedSimilarityNet
from zoo.recipes.kinds.contract import Job, Report
from zoo.recipes.metric_learning import SimilarityRecipe
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance
from zoo.recipes.verification_report import AUC, EER, PAIR_ACCURACY, PRECISION, RANK_5, RANK_10, RANK_20, RECALL, verification_report
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.similarity import SimilarityTraining

_CHUNK = 500  # things that go through a branch at once


class SimilarityKind:
    """How similarities are trained, measured and shown."""

    measures = (RECALL, RANK_5, RANK_10, RANK_20, PRECISION, EER, AUC, PAIR_ACCURACY)
    chosen_by = "val/error"

    def prepare(self, recipe: SimilarityRecipe) -> Job:
        """Read both domains and build a branch for each."""
        recipe.trainer.check_share(recipe.data.batch_size)
        splits = build_cross_domain(recipe.data, seed=recipe.seed)
        check_last_batch(len(splits.train.x), batch_size=recipe.data.batch_size, world=recipe.trainer.devices)
        shapes = {"x_shape": tuple(splits.train.x.input.shape[1:]), "y_shape": tuple(splits.train.y.input.shape[1:])}
        options = asdict(recipe.model) | shapes
        model = cast(GeneralizedSimilarityNet, get_model(recipe.model.arch, **options))
        if recipe.task.start == "likelihood-ratio":
            _start(model, splits.train)

        def finish() -> Report:
            validation = (
                {"val/error": 1 - _retrieve(_rows(model, splits.validation), splits.validation).recall_at(1)} if splits.validation else {}
            )
            report = _measure(model, splits.test)
            return Report(validation | report.figures, report.lines, report.pictures)

        return Job(
            SimilarityTraining(model, recipe.task),
            CrossDomainData(splits, batch_size=recipe.data.batch_size, seed=recipe.seed),
            _provenance(recipe, options),
            about=f"{recipe.data.kind}: {_sizes(splits.train)} training, {_sizes(splits.test)} test",
            finish=finish,
            callbacks=[LearningRateMonitor()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Find the test things of the one domain among those of the other."""
        record = trained.meta.data
        cut = {name: record[name] for name in ("validation", "split_seed")}  # what was trained on has a part in VIPeR's coordinates
        data = CrossDomainOptions(kind=record["kind"], root=options.root, **cut)
        return _measure(cast(GeneralizedSimilarityNet, trained.model), build_cross_domain(data, seed=record["seed"]).test)

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What the branches take, and the measure."""
        x, y = ("x".join(map(str, meta.options[name])) for name in ("x_shape", "y_shape"))
        return {"input": f"{x} of the first domain, {y} of the second", "measure": meta.options["measure"], "loss": meta.loss}

    def usage(self, meta: ModelMeta) -> str:
        """A table of distances."""
        return "distance = model.table(x, y)  # of every x to every y, as zoo.data.cross_domain makes them; below 0: they belong together"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = SimilarityKind()


def _start(model: GeneralizedSimilarityNet, train: Domains) -> None:
    if not torch.equal(train.x.label, train.y.label):
        raise ZooError("--task.start likelihood-ratio: wants domains whose things belong together one by one; start near-euclidean")
    if not isinstance(model.measure, GeneralizedSimilarity):
        raise ZooError("--task.start likelihood-ratio: only the generalized measure can start there")
    model.measure.start_from_pairs(*_features(model, train))


@torch.no_grad()
def _features(model: GeneralizedSimilarityNet, domains: Domains) -> tuple[Tensor, Tensor]:
    """What both branches make of a split, in evaluation mode."""
    device = next(model.parameters()).device
    with evaluating(model):
        x, y = (
            torch.cat([branch(chunk.to(device)) for chunk in domain.input.split(_CHUNK)])
            for branch, domain in ((model.x_branch, domains.x), (model.y_branch, domains.y))
        )
    return x, y


@torch.no_grad()
def _rows(model: GeneralizedSimilarityNet, domains: Domains) -> Iterator[Tensor]:
    x, y = _features(model, domains)
    for rows in model.measure.rows(x, y):
        yield rows.cpu()


def _retrieve(rows: Iterable[Tensor], domains: Domains) -> Retrieval:
    return retrieve(rows, domains.x.label, domains.y.label)


def _measure(model: GeneralizedSimilarityNet, domains: Domains) -> Report:
    table = torch.cat(list(_rows(model, domains)))
    same = domains.x.label[:, None] == domains.y.label
    return verification_report(table.flatten(), same.flatten(), _retrieve(table.split(_CHUNK), domains))


def _provenance(recipe: SimilarityRecipe, options: dict[str, Any]) -> Provenance:
    about = ABOUT[recipe.data.kind]
    return Provenance(
        kind=recipe.kind,
        arch=recipe.model.arch,
        options=options,
        recipe=recipe.name,
        loss="hinge of all pairs of a batch",
        labels=[],
        data={"kind": recipe.data.kind, "title": about.title, "licence": about.licence, "root": None, "seed": recipe.seed}
        | {"validation": recipe.data.validation, "split_seed": recipe.data.split_seed},
    )


def _sizes(domains: Domains) -> str:
    return f"{len(domains.x):,} and {len(domains.y):,}"
