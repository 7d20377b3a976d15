"""The character network on programs and plays."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from zoo.data.text_options import TextOptions
from zoo.errors import check_range
from zoo.recipes.options import EvaluateOptions, ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.language_options import LanguageOptions
from zoo.tasks.options import OptimizerOptions


@dataclass(frozen=True)
class CharLSTMOptions(ModelOptions):
    """A recurrent network over characters."""

    arch: ClassVar[str] = "char_lstm"
    hidden: int = 256
    """Units of each layer."""
    layers: int = 1
    """Recurrent layers, 1 to 3."""
    embedding: int = 64
    """Length of a character's vector, and of a problem's."""
    dropout: float = 0.0
    """Share of activations dropped before, between and after the layers, while training."""
    cell: Literal["lstm", "rnn"] = "lstm"
    """lstm: long short-term memory. rnn: the plain network that forgets."""


@dataclass(frozen=True)
class LanguageEvaluateOptions(EvaluateOptions):
    """Measure a language model on its validation texts."""

    samples: int = 500
    """Programs that are written, compiled and compared; 0 for none."""
    temperature: float = 0.6
    """Of those programs."""
    ngrams: int = 20
    """Highest order of the n-grams to compare with; 0 for none."""

    def __post_init__(self) -> None:
        check_range("--samples", self.samples, least=0)
        check_range("--ngrams", self.ngrams, least=0)
        check_range("--temperature", self.temperature, least=0)


@dataclass(frozen=True, kw_only=True)
class CharLSTMRecipe(Recipe):
    """One reproducible training run of a character network."""

    kind: ClassVar[str] = "char_language_model"
    evaluation: ClassVar[type[EvaluateOptions]] = LanguageEvaluateOptions

    model: CharLSTMOptions = field(default_factory=CharLSTMOptions)
    data: TextOptions = field(default_factory=TextOptions)
    task: LanguageOptions = field(default_factory=LanguageOptions)


@register_recipe()
def char_lstm_programs() -> CharLSTMRecipe:
    """A character LSTM on the embedded C programs.

    The way to see one write without a download: 12,000 programs for 18 problems, by templates. What it writes looks like C, and which
    names it declared is what it learns last: one in five of its programs compiles, after half as many steps one in eight.
    """
    return CharLSTMRecipe(
        name="char-lstm-programs",
        model=CharLSTMOptions(hidden=256),
        data=TextOptions(kind="c-programs", programs=12_000, batch_size=16),
        task=LanguageOptions(optimizer=OptimizerOptions(name="adamw", lr=6e-3)),
        trainer=TrainerOptions(max_epochs=12, threads=1, matmul="medium", checkpoint_every=500),
    )


@register_recipe()
def char_lstm_poj104() -> CharLSTMRecipe:
    """A character LSTM on students' C programs for 104 problems (POJ-104).

    One layer of 512 units, three passes over 16 million characters in batches of 32 programs. It predicts far better than n-grams, and
    writes what looks like a student's C; but most of its programs use a name that they did not declare, or declare one twice. To try
    something out, leave out the minutes of measuring at the end: --trainer.max-steps 100 --task.samples 0 --task.ngrams 0.
    """
    return CharLSTMRecipe(
        name="char-lstm-poj104",
        model=CharLSTMOptions(hidden=512),
        data=TextOptions(kind="poj104", batch_size=32),
        task=LanguageOptions(optimizer=OptimizerOptions(name="adamw", lr=2e-3)),
        trainer=TrainerOptions(max_epochs=3, threads=1, matmul="medium", checkpoint_every=200),
    )


@register_recipe(paper="1.4697 nats (a transformer, 3 minutes on an A100), nanoGPT's README")
def char_lstm_shakespeare() -> CharLSTMRecipe:
    """A character LSTM on a million characters of Shakespeare.

    Two layers of 384 units with dropout; the last tenth of the text, in its order, is for validation.
    """
    return CharLSTMRecipe(
        name="char-lstm-shakespeare",
        model=CharLSTMOptions(hidden=384, layers=2, dropout=0.4),
        data=TextOptions(kind="tinyshakespeare", layout="stream", batch_size=32),
        task=LanguageOptions(optimizer=OptimizerOptions(name="adamw", lr=2e-3, weight_decay=0.01)),
        trainer=TrainerOptions(max_epochs=22, threads=1, matmul="medium", checkpoint_every=200),
    )
