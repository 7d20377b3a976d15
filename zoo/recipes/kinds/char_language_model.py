"""Language models of characters: what comes next in a program or a play."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.c_programs import PROBLEMS
from zoo.data.source_code import load_texts
from zoo.data.text_module import TextData, build_text_data, prepare_texts
from zoo.data.text_options import TextOptions
from zoo.errors import ZooError
from zoo.models.char_lstm import CharLSTM
from zoo.models.vocabulary import MARKS, Vocabulary
from zoo.recipes.char_lstm import CharLSTMRecipe, LanguageEvaluateOptions
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.language_report import Measuring, measure_language_model
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.char_language_model import CharLanguageModel
from zoo.tasks.language_board import LanguageBoard
from zoo.tasks.stopping import stopping_callbacks

PROGRAMS = ("c-programs", "poj104")
"""Kinds of data that are in C."""


_DRAWN = 0.03  # of 500 programs; a character that rounding draws otherwise makes another program
_MUCH = 0.1  # share of the training texts that is not read before it is advised on


class CharLanguageModelKind:
    """How character networks are trained, measured and shown."""

    measures = (
        Measure("val/loss", "validation", "nats a character", digits=4),
        Measure("val/bits", "validation", "bits a character", digits=4),
        Measure("val/loss_novel", "validation without near-duplicates of training programs", "nats a character", digits=4),
        Measure("ngram/loss", "best Kneser-Ney n-gram on the same text", "nats a character", digits=4),
        Measure("ngram/order", "its order", digits=0),
        Measure("sample/count", "programs that it wrote to be measured", digits=0),
        Measure("sample/temperature", "temperature at which it wrote them", digits=1),
        Measure("sample/compiles", "written programs that compile", "%", scale=100, digits=1, chance=_DRAWN),
        Measure("real/compiles", "held-out programs that compile", "%", scale=100, digits=1),
        Measure(
            "sample/copied",
            "longest span of a written program that is copied, median",
            "% of the program",
            scale=100,
            digits=1,
            chance=_DRAWN,
        ),
        Measure("real/copied", "the same of held-out programs", "% of the program", scale=100, digits=1),
        Measure("data/near_duplicates", "held-out programs with a near-duplicate in training", "%", scale=100, digits=1),
    )
    chosen_by = "val/loss"

    def prepare(self, recipe: CharLSTMRecipe) -> Job:
        """Read the texts and build the network for their characters and problems."""
        if recipe.trainer.devices > 1:
            raise ZooError(f"--trainer.devices {recipe.trainer.devices}: the carried state is on one device; use 1")
        data = build_text_data(recipe.data, seed=recipe.seed)
        vocabulary = data.prepared.vocabulary
        problems = data.prepared.splits.problems if recipe.data.layout == "programs" else 0
        options = asdict(recipe.model) | {"characters": len(vocabulary), "problems": problems}
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, CharLSTM)
        task = CharLanguageModel(model, recipe.task)
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
            about=_sizes(recipe.data, data),
            finish=lambda: _finish(task, data, recipe),
            callbacks=[LearningRateMonitor(), *stopping_callbacks(recipe.task.stopping), LanguageBoard(vocabulary, recipe.task)],
            monitor="val/loss" if recipe.task.stopping.patience else None,
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Measure released weights on their validation texts; the programs are the same for the same weights."""
        assert isinstance(options, LanguageEvaluateOptions)
        assert isinstance(trained.model, CharLSTM)
        data = recorded_texts(trained.meta, root=options.root)
        texts = prepare_texts(load_texts(data), data, Vocabulary(trained.meta.labels))
        what = Measuring(options.samples, options.temperature, options.ngrams, programs=data.kind in PROGRAMS)
        return measure_language_model(trained.model, texts, what)

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in."""
        problems = meta.options["problems"]
        condition = f", each with the number of one of {problems} problems" if problems else ""
        return {"input": f"characters, {len(meta.labels) - len(MARKS)} different ones{condition}"}

    def usage(self, meta: ModelMeta) -> str:
        """A call of the model."""
        problem = ", problem=torch.tensor([0])" if meta.options["problems"] else ""
        return (
            "vocabulary = zoo.models.vocabulary.Vocabulary(model.meta.labels)\n"
            "start = torch.tensor([[zoo.models.vocabulary.START]])\n"
            f"score, state = model.read(start{problem})  # then model.read(..., state=state)\n"
            "print(vocabulary.symbols[score[0, -1].argmax()])  # the likeliest first character"
        )

    def notes(self, meta: ModelMeta) -> str:
        """How to let it write."""
        problem = f" --problem {min(37, meta.options['problems'])}" if meta.options["problems"] else ""
        return f"## Let it write\n\n```\npython scripts/generate.py {meta.name}{problem} --temperature 0.6 --count 5\n```"


KIND = CharLanguageModelKind()


def recorded_texts(meta: ModelMeta, *, root: Path | None = None) -> TextOptions:
    """The options with which a model's texts are read again, however short."""
    recorded = meta.data["root"]
    return TextOptions(
        kind=meta.data["kind"],
        root=root or (Path(recorded) if recorded else None),
        layout=meta.data["layout"],
        programs=meta.data["programs"],
        batch_size=1,
    )


def problem_titles(meta: ModelMeta) -> tuple[str, ...]:
    """What the problems are, where they have names."""
    return PROBLEMS if meta.data["kind"] == "c-programs" else ()


def _data_record(options: TextOptions) -> dict[str, Any]:
    """Enough to read the same texts again, and whose they are."""
    about = ABOUT["texts" if options.kind == "folder" else options.kind]
    record = {"kind": options.kind, "title": about.title, "licence": about.licence, "layout": options.layout, "programs": options.programs}
    return record | {"root": str(options.root) if options.kind == "folder" else None}


def _sizes(options: TextOptions, data: TextData) -> str:
    splits = data.prepared.splits
    parts = [f"{part.characters:,} characters in {len(part):,} text{'s' * (len(part) > 1)}" for part in (splits.train, splits.validation)]
    unread = sum(max(len(text) - options.longest, 0) for text in splits.train.text) if options.layout == "programs" else 0
    but = f" ({unread:,} of them behind the {options.longest:,} that are read of each)" if unread else ""
    much = unread > _MUCH * splits.train.characters
    advice = "; to learn from all, add --data.layout stream or set --data.longest higher" if much else ""
    return f"{options.kind}: training {parts[0]}{but}, validation {parts[1]}, {len(data.prepared.vocabulary)} symbols{advice}"


def _finish(task: CharLanguageModel, data: TextData, recipe: CharLSTMRecipe) -> Report:
    options = recipe.task
    what = Measuring(options.samples, options.temperature, options.ngrams, programs=recipe.data.kind in PROGRAMS)
    report = measure_language_model(task.model.cpu(), data.prepared, what)
    return Report({"train/loss": task.epoch_loss.compute()} | report.figures, report.lines, report.pictures)
