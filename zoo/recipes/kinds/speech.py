"""Acoustic models: whole words from the windows of their recordings."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import partial
from typing import Any

from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.module import evaluation_batches
from zoo.data.speech_options import SpeechOptions
from zoo.data.speech_windows import Scale, Windows
from zoo.data.spoken_digits import LABELS, SpokenDigits, build_spoken_digits, read_test_windows
from zoo.figures.classification import confusion_matrix
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import ClassificationReport, evaluate
from zoo.metrics.speech import recording_labels, recording_scores
from zoo.models.dbn import DBN
from zoo.models.dbn_acoustic import AcousticModel
from zoo.recipes.classification_report import print_lines
from zoo.recipes.dbn import AcousticRecipe
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.release import Provenance
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.fine_tuning import FineTuning, classify
from zoo.tasks.rbm_board import RBMBoard
from zoo.tasks.rbm_pretraining import RBMPretraining

_LOSS = "cross-entropy"


class SpeechKind:
    """How an acoustic model is trained, measured and shown."""

    measures = (
        Measure("test/error", "test error, words", "%", scale=100),
        Measure("test/window_error", "test error, single windows", "%", scale=100),
    )
    chosen_by = "val/loss"

    def prepare(self, recipe: AcousticRecipe) -> Job:
        """Read the recordings, cut the windows, build the model and the stack that it begins as."""
        digits = build_spoken_digits(recipe.data)
        arguments = {"features": recipe.data.frame_features, "width": recipe.data.width, "num_classes": len(LABELS)}
        options = asdict(recipe.model) | arguments
        model = get_model(recipe.model.arch, **options)
        widths = (recipe.data.frame_features * recipe.data.width, *recipe.model.widths)
        stack = get_model("dbn", widths=widths, units="gaussian")
        assert isinstance(model, AcousticModel)
        assert isinstance(stack, DBN)
        model.set_scale(digits.scale.mean, digits.scale.deviation)
        goal = partial(classify, smoothing=recipe.task.label_smoothing)
        tuning = FineTuning(model, lambda: model.start_at(stack), goal, recipe.task.optimizer, recipe.task.pretraining)
        provenance = Provenance(
            kind=recipe.kind,
            arch=recipe.model.arch,
            options=options,
            recipe=recipe.name,
            loss=_LOSS,
            labels=LABELS,
            data=_record(recipe.data),
        )
        return Job(
            RBMPretraining(model, recipe.task.rbm, seed=recipe.seed, stack=stack, fine_tuning=tuning),
            digits.batches(batch_size=recipe.data.batch_size, seed=recipe.seed),
            provenance,
            about=_sizes(recipe.data, digits),
            finish=lambda: _finish(model, digits),
            callbacks=[LearningRateMonitor(), RBMBoard()],
        )

    def evaluate(self, trained: Trained, options: EvaluateOptions) -> Report:
        """Score released weights on their test recordings."""
        assert isinstance(trained.model, AcousticModel)
        names = {field.name for field in fields(SpeechOptions)} - {"root"}
        recorded = SpeechOptions(**{name: value for name, value in trained.meta.data.items() if name in names})
        scale = Scale(trained.model.mean, trained.model.deviation)
        return _report(trained.model, read_test_windows(replace(recorded, root=options.root), scale))

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What goes in, what comes out, and who was tested."""
        data = meta.data
        who = f"all that {data['held_out']} says" if data["held_out"] else "the official ones, by the speakers of training"
        features = f"{meta.options['features']} {'log-mel energies' if data['features'] == 'log-mel' else 'cepstral coefficients'}"
        return {
            "input": f"windows of {data['width']} frames (25 ms, every 10 ms) of {features}, standardised by the model",
            "test recordings": who,
            "classes": ", ".join(meta.labels),
            "loss": meta.loss,
        }

    def usage(self, meta: ModelMeta) -> str:
        """From a waveform to the scores of its word."""
        module = "zoo.data.speech_features"
        frame = f"{module}.log_mel(wave, sample_rate=8000, bands={meta.data['bands']})"
        if meta.data["features"] == "mfcc":
            frame = f"{module}.mfcc({frame}, coefficients={meta.data['coefficients']})"
        return f"frame = {frame}  # wave: 8,000 samples a second, amplitudes in [-1, 1)\nscore = model.word_scores(frame)"

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = SpeechKind()


def _record(options: SpeechOptions) -> dict[str, Any]:
    """What a record says of the data: enough to cut the test windows again, and whose they are."""
    about = ABOUT[options.kind]
    return asdict(options) | {"root": None, "title": about.title, "licence": about.licence}


def _sizes(options: SpeechOptions, digits: SpokenDigits) -> str:
    train, validation, test = (int(part.recording.max()) + 1 for part in (digits.train, digits.validation, digits.test))
    windows = len(digits.train.frames)
    return f"{options.kind}: {train:,} training ({windows:,} windows), {validation:,} validation, {test:,} test recordings"


def _words(model: AcousticModel, windows: Windows) -> tuple[ClassificationReport, float]:
    """Scores of the recordings, and the error of single windows."""
    single = evaluate(model.cpu(), evaluation_batches(windows.frames), LOSSES[_LOSS])
    score = recording_scores(single.score, windows.recording)
    label = recording_labels(single.label, windows.recording)
    return ClassificationReport(score, label, float(LOSSES[_LOSS](score.double(), label))), single.error


def _report(model: AcousticModel, test: Windows) -> Report:
    words, error = _words(model, test)
    lines = [*print_lines(words, LABELS, loss=_LOSS), f"windows     {100 * error:.2f} % wrong by themselves"]
    return Report(
        words.metrics("test") | {"test/window_error": error}, lines, {"confusion_matrix": confusion_matrix(words.confusion, LABELS)}
    )


def _finish(model: AcousticModel, digits: SpokenDigits) -> Report:
    validation, _ = _words(model, digits.validation)
    report = _report(model, digits.test)
    return replace(report, figures=validation.metrics("val") | report.figures)
