"""Density models: how likely an RBM finds pictures that it has not seen."""

from collections.abc import Mapping
from dataclasses import asdict

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from pytorch_lightning.callbacks import LearningRateMonitor
from torch import Tensor

from zoo.data.binary import binarize
from zoo.data.module import InMemoryData, Prepared, build_data, training_pictures
from zoo.data.sets import Labelled
from zoo.errors import ZooError
from zoo.figures.rbm import fantasies, receptive_fields, reconstructions, side_of
from zoo.metrics.partition import LogPartition, annealed_log_partition, log_likelihood
from zoo.models.rbm import RBM
from zoo.recipes.evaluation import recorded_options
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.rbm import RBMRecipe
from zoo.recipes.release import Provenance, data_record
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.rbm_board import RBMBoard
from zoo.tasks.rbm_pretraining import RBMPretraining

_TRAIN, _VALIDATION, _TEST = range(3)  # parts of the data, whose pixels are drawn apart
_CHAINS, _TEMPERATURES = 100, 14_500  # of the estimate, as in Salakhutdinov and Murray 2008
_SHOWN = 30
_SEED = 0  # of what is drawn to measure, the same for every model
_CHANCE = 0.25  # nats: about three standard errors of the estimate for rbm.mnist_v1


class DensityKind:
    """How an RBM is trained, measured and shown as a model of pictures."""

    measures = (
        Measure("test/log_likelihood", "test log-likelihood", "nats", chance=_CHANCE),
        Measure("test/log_likelihood_low", "the estimate's lower end", "nats", chance=_CHANCE),
        Measure("test/log_likelihood_high", "the estimate's upper end", "nats", chance=_CHANCE),
    )
    chosen_by = "val/surprise"

    def prepare(self, recipe: RBMRecipe) -> Job:
        """Read the pictures, draw their pixels and build the machine."""
        if recipe.data.distortion.active:
            raise ZooError("--data.distortion: the likelihood is of binary pictures as they are; leave distortions out")
        data = _binary(build_data(recipe.data, seed=recipe.seed), batch_size=recipe.data.batch_size, seed=recipe.seed)
        options = asdict(recipe.model)
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, RBM)
        splits = data.prepared
        validation = len(splits.validation) if splits.validation else 0
        return Job(
            RBMPretraining(model, recipe.task, seed=recipe.seed),
            data,
            Provenance(
                kind=recipe.kind,
                arch=recipe.model.arch,
                options=options,
                recipe=recipe.name,
                loss="minus log-likelihood",
                labels=[],
                data=data_record(recipe.data, seed=recipe.seed),
            ),
            about=f"{recipe.data.kind}, binary: {len(splits.train):,} training, {validation:,} validation, {len(splits.test):,} test",
            finish=lambda: _measured(model, splits, base=training_pictures(recipe.data).mean(0)),
            transform=data.transform,
            callbacks=[LearningRateMonitor(), RBMBoard()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure released weights on the test pictures."""
        assert isinstance(trained.model, RBM)
        data = recorded_options(trained, root=options.root)
        prepared = _binary(build_data(data, seed=0, transform=trained.transform), batch_size=1, seed=0).prepared
        return _measured(trained.model, prepared, base=training_pictures(data).mean(0))

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in, and how it is measured."""
        return {
            "input": "binary pictures in one row: every pixel is drawn once, on with its grey level as the probability",
            "measured by": f"annealed importance sampling, {_CHAINS} chains at {_TEMPERATURES:,} temperatures; the ends are three "
            "standard errors away",
        }

    def usage(self, meta: ModelMeta) -> str:
        """Features, reconstruction and fantasies."""
        return (
            "feature = model.transform(picture)  # picture: B x V, values in [0, 1]; probabilities of the hidden units\n"
            "again = model.reconstruct(picture)\n"
            "fantasy = model.sample(10, generator=torch.Generator().manual_seed(0))"
        )

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = DensityKind()


def _binary(data: InMemoryData, *, batch_size: int, seed: int) -> InMemoryData:
    splits = data.prepared
    prepared = Prepared(
        binarize(splits.train, part=_TRAIN),
        binarize(splits.validation, part=_VALIDATION) if splits.validation else None,
        binarize(splits.test, part=_TEST),
        splits.labels,
    )
    return InMemoryData(prepared, batch_size=batch_size, seed=seed, transform=data.transform)


def _measured(model: RBM, splits: Prepared, *, base: Float[Tensor, " V"]) -> Report:
    """Log-likelihoods by one estimate of the partition function, and pictures."""
    model = model.cpu()
    generator = torch.Generator().manual_seed(_SEED)
    partition = annealed_log_partition(model, data_mean=base, generator=generator, chains=_CHAINS, temperatures=_TEMPERATURES)
    test = _log_likelihoods(model, splits.test, partition)
    figures = {"test/log_likelihood": test[0], "test/log_likelihood_low": test[1], "test/log_likelihood_high": test[2]}
    if splits.validation:
        figures["val/surprise"] = -_log_likelihoods(model, splits.validation, partition)[0]
    lines = [
        f"test log-likelihood  {test[0]:.2f} nats a picture, {test[1]:.2f} to {test[2]:.2f}",
        f"log Z                {partition.value:.2f}, {partition.low:.2f} to {partition.high:.2f}, three standard errors",
    ]
    return Report(figures, lines, _drawn(model, splits.test, generator))


def _log_likelihoods(model: RBM, split: Labelled, partition: LogPartition) -> tuple[float, float, float]:
    """By the estimate, and by both ends of its interval."""
    x = split.input.flatten(1)
    value = log_likelihood(model, x, partition.value)
    return value, value + partition.value - partition.high, value + partition.value - partition.low


def _drawn(model: RBM, test: Labelled, generator: torch.Generator) -> dict[str, Figure]:
    x = test.input[:_SHOWN].flatten(1)
    if side_of(x.shape[1]) is None:
        return {}
    return {
        "filters": receptive_fields(model.weight),
        "reconstructions": reconstructions(x, model.reconstruct(x)),
        "fantasies": fantasies(model.sample(_SHOWN, generator=generator)),
    }
