"""Autoencoders of pictures: how much of a picture comes back through a short code."""

from collections.abc import Mapping
from dataclasses import asdict

import torch
from pytorch_lightning.callbacks import LearningRateMonitor
from sklearn.decomposition import PCA

from zoo.data.module import Prepared, build_data, evaluation_batches, training_pictures
from zoo.data.options import ImageOptions
from zoo.data.sets import Labelled
from zoo.figures.rbm import reconstructions, side_of
from zoo.models.autoencoder import DeepAutoencoder
from zoo.models.dbn import DBN
from zoo.models.unfolding import start_autoencoder
from zoo.recipes.dbn import AutoencoderRecipe
from zoo.recipes.evaluation import recorded_options
from zoo.recipes.kinds.classification import sizes
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance, data_record
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.fine_tuning import FineTuning, reconstruct
from zoo.tasks.rbm_board import RBMBoard
from zoo.tasks.rbm_pretraining import RBMPretraining

_SHOWN = 30


class AutoencodingKind:
    """How a deep autoencoder is trained, measured and shown."""

    measures = (
        Measure("test/squared_error", "squared error a picture"),
        Measure("test/components_squared_error", "with as many principal components"),
        Measure("test/cross_entropy", "cross-entropy a picture", "nats"),
    )
    chosen_by = "val/squared_error"

    def prepare(self, recipe: AutoencoderRecipe) -> Job:
        """Read the data, build the autoencoder and the stack that it begins as."""
        data = build_data(recipe.data, seed=recipe.seed)
        options = asdict(recipe.model) | {"code": "sigmoid"}
        model, stack = get_model(recipe.model.arch, **options), get_model("dbn", widths=recipe.model.widths)
        assert isinstance(model, DeepAutoencoder)
        assert isinstance(stack, DBN)
        tuning = FineTuning(
            model,
            lambda: start_autoencoder(model, [*stack.machines]),
            reconstruct,
            recipe.task.optimizer,
            recipe.task.pretraining,
        )
        provenance = Provenance(
            kind=recipe.kind,
            arch=recipe.model.arch,
            options=options,
            recipe=recipe.name,
            loss="cross-entropy of the pixels",
            labels=[],
            data=data_record(recipe.data, seed=recipe.seed),
        )
        return Job(
            RBMPretraining(model, recipe.task.rbm, seed=recipe.seed, stack=stack, fine_tuning=tuning),
            data,
            provenance,
            about=sizes(recipe.data.kind, data),
            finish=lambda: _measured(
                model, data.prepared, components=_components_error(recipe.data, data.prepared, recipe.model.widths[-1])
            ),
            transform=data.transform,
            callbacks=[LearningRateMonitor(), RBMBoard()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure released weights on their test split."""
        assert isinstance(trained.model, DeepAutoencoder)
        data = recorded_options(trained, root=options.root)
        prepared = build_data(data, seed=0, transform=trained.transform).prepared
        return _measured(trained.model, prepared, components=_components_error(data, prepared, trained.meta.options["widths"][-1]))

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """The code, and what was made small."""
        return {"code": f"{meta.options['widths'][-1]} sigmoid units", "loss": meta.loss}

    def usage(self, meta: ModelMeta) -> str:
        """Code and reconstruction."""
        return "code = model.encoder(picture)  # picture: B x V, values in [0, 1]\nagain = model.reconstruct(picture)"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = AutoencodingKind()


def _measured(model: DeepAutoencoder, splits: Prepared, *, components: float) -> Report:
    """Errors summed over a picture, mean over the pictures of a split; that of principal components beside them."""
    model = model.cpu().eval()
    test = _errors(model, splits.test)
    figures = {
        "test/squared_error": test["squared_error"],
        "test/components_squared_error": components,
        "test/cross_entropy": test["loss"],
    }
    if splits.validation:
        figures["val/squared_error"] = _errors(model, splits.validation)["squared_error"]
    lines = [
        f"squared error  {test['squared_error']:.2f} a picture; with as many principal components {components:.2f}",
        f"cross-entropy  {test['loss']:.2f} nats a picture",
    ]
    x = splits.test.input[:_SHOWN].flatten(1)
    pictures = {"reconstructions": reconstructions(x, model.reconstruct(x))} if side_of(x.shape[1]) else {}
    return Report(figures, lines, pictures)


@torch.no_grad()
def _errors(model: DeepAutoencoder, split: Labelled) -> dict[str, float]:
    total: dict[str, float] = {}
    for x, label in evaluation_batches(split):
        for name, value in reconstruct(model(x), x, label).items():
            total[name] = total.get(name, 0.0) + float(value) * len(x)
    return {name: value / len(split) for name, value in total.items()}


def _components_error(data: ImageOptions, splits: Prepared, count: int) -> float:
    """Squared error of the test pictures, rebuilt from principal components of the training pictures."""
    components = PCA(count, svd_solver="covariance_eigh").fit(training_pictures(data).numpy())
    test = splits.test.input.flatten(1).numpy()
    again = components.inverse_transform(components.transform(test))
    return float(((again - test) ** 2).sum(1).mean())
