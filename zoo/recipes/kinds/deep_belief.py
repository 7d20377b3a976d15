"""Deep belief networks on pictures: classifiers that also generate."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial

import torch
from matplotlib.figure import Figure
from pytorch_lightning.callbacks import LearningRateMonitor
from torch import nn

from zoo.data.module import InMemoryData, build_data
from zoo.errors import ZooError
from zoo.figures.rbm import fantasies, side_of
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.models.dbn import DBN
from zoo.recipes.classification_report import draw_pictures
from zoo.recipes.dbn import DBNRecipe
from zoo.recipes.kinds.classification import KIND as CLASSIFICATION
from zoo.recipes.kinds.classification import sizes
from zoo.recipes.kinds.contract import Job, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance, data_record
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.fine_tuning import FineTuning, classify
from zoo.tasks.rbm_board import RBMBoard
from zoo.tasks.rbm_pretraining import RBMPretraining

_LOSS = "cross-entropy"
_ROWS, _STEPS = 5, 1000  # fantasies of each class, and steps of their chains


class DeepBeliefKind:
    """How a deep belief network is trained and shown; it is measured as any classifier is."""

    measures = CLASSIFICATION.measures
    chosen_by = CLASSIFICATION.chosen_by

    def prepare(self, recipe: DBNRecipe) -> Job:
        """Read the data and build the stack with its classifier."""
        data = build_data(recipe.data, seed=recipe.seed)
        labels = data.prepared.labels
        if recipe.model.label_units not in (0, len(labels)):
            raise ZooError(f"--model.label-units {recipe.model.label_units}: the data has {len(labels)} classes; give as many, or 0")
        options = asdict(recipe.model) | {"num_classes": len(labels)}
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, DBN)
        assert model.classifier is not None, "there are classes"
        goal = partial(classify, smoothing=recipe.task.label_smoothing)
        tuning = FineTuning(model.classifier, model.unfold, goal, recipe.task.optimizer, recipe.task.pretraining)
        provenance = Provenance(
            kind=recipe.kind,
            arch=recipe.model.arch,
            options=options,
            recipe=recipe.name,
            loss=_LOSS,
            labels=labels,
            data=data_record(recipe.data, seed=recipe.seed),
        )
        return Job(
            RBMPretraining(model, recipe.task.rbm, top=recipe.task.top, seed=recipe.seed, fine_tuning=tuning),
            data,
            provenance,
            about=sizes(recipe.data.kind, data),
            finish=lambda: _finish(model, data),
            transform=data.transform,
            callbacks=[LearningRateMonitor(), RBMBoard()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Score released weights on their test split; let the stack draw."""
        report = CLASSIFICATION.evaluate(trained, options)
        return replace(report, pictures={**report.pictures, **_fantasies(trained.model)}) if options.pictures else report

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in, what comes out, and by which loss it was fine-tuned."""
        return CLASSIFICATION.facts(meta)

    def usage(self, meta: ModelMeta) -> str:
        """A call of the classifier, and of the stack."""
        fantasy = "fantasy = model.sample(10, label=3, generator=torch.Generator().manual_seed(0))  # pictures in rows"
        return "score = model(image / 255)  # image: float, B x 1 x h x w, light on dark, 0 to 255" + (
            f"\n{fantasy}" if meta.options["label_units"] else ""
        )

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = DeepBeliefKind()


def _finish(model: DBN, data: InMemoryData) -> Report:
    splits = data.prepared
    report = evaluate(model, data.whole(splits.test), LOSSES[_LOSS])
    validation = evaluate(model, data.whole(splits.validation), LOSSES[_LOSS]).metrics("val") if splits.validation else {}
    pictures = draw_pictures(report, model, splits.test, splits.labels) | _fantasies(model)
    return Report(validation | report.metrics("test"), pictures=pictures)


def _fantasies(model: nn.Module) -> dict[str, Figure]:
    """Fantasies of every class, one a column; of no class in particular where there are no label units."""
    assert isinstance(model, DBN)
    if model.machines[0].gaussian or side_of(len(model.machines[0].visible_bias)) is None:
        return {}
    device = model.machines[0].weight.device
    generator = torch.Generator(device).manual_seed(0)
    classes = max(model.label_units, 1)
    label = torch.arange(classes).repeat(_ROWS) if model.label_units else None
    mean = model.sample(_ROWS * classes, steps=_STEPS, generator=generator, label=label)
    return {"fantasies": fantasies(mean, columns=classes if model.label_units else _ROWS)}
