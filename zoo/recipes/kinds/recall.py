"""What two networks recall of the beginning of a sequence."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict

import torch
from matplotlib.figure import Figure
from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.recall import KEYS, NOISE, RecallData, held_out
from zoo.errors import ZooError
from zoo.figures.language import recall_picture
from zoo.models.recall import CELLS, Recall
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.recall import RecallRecipe
from zoo.recipes.release import Provenance
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.recall import RecallTask

_SEQUENCES = 500  # of each length
_STEPS = 10  # lengths that are measured, up to the longest


class RecallKind:
    """How both are trained, measured and shown."""

    measures = (
        Measure("val/lstm", "LSTM recalls the longest", "%", scale=100, digits=1),
        Measure("val/plain", "plain network recalls the longest", "%", scale=100, digits=1),
    )
    chosen_by = "val/lstm_error"

    def prepare(self, recipe: RecallRecipe) -> Job:
        """Build both networks."""
        if recipe.trainer.devices > 1:
            raise ZooError(f"--trainer.devices {recipe.trainer.devices}: this comparison runs on one; use 1")
        options = asdict(recipe.model) | {"keys": KEYS, "noise": NOISE}
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, Recall)
        task = RecallTask(model, recipe.task)
        about = ABOUT["symbol-recall"]
        return Job(
            task,
            RecallData(recipe.data, seed=recipe.seed),
            Provenance(
                kind=recipe.kind,
                arch=recipe.model.arch,
                options=options,
                recipe=recipe.name,
                loss="cross-entropy",
                labels=[],
                data={"kind": "symbol-recall", "title": about.title, "licence": about.licence, "longest": recipe.data.longest},
            ),
            about=f"recall: a key and up to {recipe.data.longest - 1} symbols of noise, {recipe.data.batches:,} batches an epoch",
            finish=lambda: _measure(task.model.cpu(), recipe.data.longest),
            callbacks=[LearningRateMonitor()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure both on held-out sequences."""
        assert isinstance(trained.model, Recall)
        return _measure(trained.model, trained.meta.data["longest"])

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in."""
        return {"input": f"sequences of numbers: a key below {KEYS}, then noise below {KEYS + NOISE}"}

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        return "score = model(symbol)  # of the keys, by the plain network and by the LSTM; symbol: B x T"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = RecallKind()


def _measure(model: Recall, longest: int) -> Report:
    """Accuracy by length; gradients by lag on the longest."""
    model.eval()
    lengths = sorted({max(2, round(longest * step / _STEPS)) for step in range(1, _STEPS + 1)})
    accuracy: dict[str, dict[int, float]] = {name: {} for name in CELLS}
    lines = [f"{'length':>8}" + "".join(f"{title:>16}" for title in CELLS.values())]
    for length in lengths:
        right = _recalled(model, length)
        for name, share in zip(CELLS, right, strict=True):
            accuracy[name][length] = share
        lines.append(f"{length:>8}" + "".join(f"{100 * share:>15.1f}%" for share in right))
    precise = deepcopy(model).double()  # the square of a gradient that has nearly vanished is no number of single precision
    lines.append(f"guessing is right in {100 / KEYS:.1f} %")
    gradient = precise.input_gradients(*held_out(_SEQUENCES, longest)).flip(1)
    figures = {f"val/{name}": found[lengths[-1]] for name, found in accuracy.items()}
    figures["val/lstm_error"] = 1 - figures["val/lstm"]
    for name, norm in zip(CELLS, gradient, strict=True):
        figures[f"gradient/{name}"] = float(norm[-1] / norm[0])
        lines.append(f"gradient at the first symbol, as a share of that at the last: {figures[f'gradient/{name}']:.1e}   ({CELLS[name]})")
    return Report(figures, lines, {"recall": _picture(accuracy, gradient)})


@torch.no_grad()
def _recalled(model: Recall, length: int) -> list[float]:
    symbol, key = held_out(_SEQUENCES, length)
    return [float(share) for share in (model(symbol).argmax(-1) == key[:, None]).float().mean(0)]


def _picture(accuracy: Mapping[str, Mapping[int, float]], gradient: torch.Tensor) -> Figure:
    titled = {CELLS[name]: found for name, found in accuracy.items()}
    return recall_picture(titled, dict(zip(CELLS.values(), gradient, strict=True)), chance=1 / KEYS)
