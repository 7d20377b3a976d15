"""Language models of characters: what comes next in a program or a play."""

import math
from dataclasses import asdict
from typing import Any

from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.text_module import TextData, build_text_data
from zoo.data.text_options import TextOptions
from zoo.errors import ZooError
from zoo.recipes.char_lstm import CharLSTMRecipe
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.release import Provenance
from zoo.registry import get_model
from zoo.tasks.char_language_model import CharLanguageModel, nats_a_symbol
from zoo.tasks.language_board import LanguageBoard
from zoo.tasks.stopping import stopping_callbacks


class CharLanguageModelKind:
    """How character networks are trained, measured and shown."""

    measures = (Measure("val/loss", "validation", "nats a character", digits=4), Measure("val/bits", "the same", "bits", digits=4))
    chosen_by = "val/loss"

    def prepare(self, recipe: CharLSTMRecipe) -> Job:
        """Read the texts and build the network for their characters and problems."""
        if recipe.trainer.devices > 1:
            raise ZooError(f"--trainer.devices {recipe.trainer.devices}: a carried state is on one device; use 1")
        data = build_text_data(recipe.data, seed=recipe.seed)
        vocabulary, problems = data.prepared.vocabulary, data.prepared.splits.problems
        options = asdict(recipe.model) | {"characters": len(vocabulary), "problems": problems if recipe.data.layout == "programs" else 0}
        task = CharLanguageModel(get_model(recipe.model.arch, **options), recipe.task)
        return Job(
            task,
            data,
            Provenance(
                kind=recipe.kind,
                arch=recipe.model.arch,
                options=options,
                recipe=recipe.name,
                loss="cross-entropy",
                labels=vocabulary.symbols,
                data=_data_record(recipe.data),
            ),
            about=_sizes(recipe.data.kind, data),
            finish=lambda: _finish(task, data),
            callbacks=[LearningRateMonitor(), *stopping_callbacks(recipe.task.stopping), LanguageBoard(vocabulary)],
            monitor="val/loss" if recipe.task.stopping.patience else None,
        )


KIND = CharLanguageModelKind()


def _data_record(options: TextOptions) -> dict[str, Any]:
    """Enough to read the same texts again, and whose they are."""
    about = ABOUT["texts" if options.kind == "folder" else options.kind]
    record = {"kind": options.kind, "title": about.title, "licence": about.licence, "layout": options.layout, "programs": options.programs}
    return record | {"root": str(options.root) if options.kind == "folder" else None}


def _sizes(kind: str, data: TextData) -> str:
    splits = data.prepared.splits
    parts = [f"{part.characters:,} characters in {len(part):,} texts" for part in (splits.train, splits.validation)]
    return f"{kind}: training {parts[0]}, validation {parts[1]}, {len(data.prepared.vocabulary)} symbols"


def _finish(task: CharLanguageModel, data: TextData) -> Report:
    task.model.eval()
    nats = nats_a_symbol(task.model, data.val_dataloader())
    return Report({"train/loss": task.epoch_loss.compute(), "val/loss": nats, "val/bits": nats / math.log(2)})
