"""Deep belief networks: stacks of RBMs that become classifiers, an autoencoder and an acoustic model."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from zoo.data.options import ImageOptions, TransformOptions
from zoo.data.speech_options import SpeechOptions
from zoo.errors import check_range
from zoo.recipes.options import ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.rbm_options import ClassifyingOptions, DeepBeliefOptions, GenerativeOptions, RBMOptions

_CD = RBMOptions(final_lr=0.0, momentum_epochs=3)
# For the machine whose chains fantasies come from: those of one that learnt by CD-1 for as many epochs ended in noise.
_PERSISTENT = RBMOptions(persistent=True, centered=True, lr=0.01, final_lr=0.0, momentum_epochs=3, weight_decay=1e-5)

_MNIST = GenerativeOptions(rbm=_CD, top=_PERSISTENT, optimizer=OptimizerOptions(name="adamw", lr=1e-3), label_smoothing=0.1)


@dataclass(frozen=True)
class DBNOptions(ModelOptions):
    """A stack of RBMs, and the classifier that it unfolds into."""

    arch: ClassVar[str] = "dbn"
    widths: tuple[int, ...] = (784, 500, 500, 2000)
    """Units of each layer, from the pixels up."""
    label_units: int = 10
    """Units for the classes beside the top machine's visible ones, by which digits of one class can be sampled; 0 for none."""
    input_dropout: float = 0.0
    """Share of inputs dropped in fine-tuning."""
    dropout: float = 0.0
    """Share of hidden units dropped in fine-tuning."""
    max_norm: float = 0.0
    """Largest length of a hidden unit's incoming weights in fine-tuning; 0 for no limit."""

    def __post_init__(self) -> None:
        check_range("--model.label-units", self.label_units, least=0)
        check_range("--model.input-dropout", self.input_dropout, least=0, below=1)
        check_range("--model.dropout", self.dropout, least=0, below=1)
        check_range("--model.max-norm", self.max_norm, least=0)


@dataclass(frozen=True)
class AutoencoderOptions(ModelOptions):
    """A deep autoencoder."""

    arch: ClassVar[str] = "autoencoder"
    widths: tuple[int, ...] = (784, 1000, 500, 250, 30)
    """Units of each layer, from the pixels to the code."""


@dataclass(frozen=True)
class AcousticOptions(ModelOptions):
    """An acoustic model; its inputs are the windows that the data are cut into."""

    arch: ClassVar[str] = "dbn_acoustic"
    widths: tuple[int, ...] = (512, 512, 512)
    """Units of each hidden layer."""
    dropout: float = 0.0
    """Share of hidden units dropped in fine-tuning."""

    def __post_init__(self) -> None:
        check_range("--model.dropout", self.dropout, least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class DBNRecipe(Recipe):
    """A deep belief network on pictures: pre-trained, unfolded into a classifier, fine-tuned."""

    kind: ClassVar[str] = "deep_belief"

    model: DBNOptions = field(default_factory=DBNOptions)
    data: ImageOptions = field(default_factory=ImageOptions)
    task: GenerativeOptions = field(default_factory=GenerativeOptions)


@dataclass(frozen=True, kw_only=True)
class AutoencoderRecipe(Recipe):
    """A deep autoencoder of pictures that begins as a stack of RBMs."""

    kind: ClassVar[str] = "autoencoding"

    model: AutoencoderOptions = field(default_factory=AutoencoderOptions)
    data: ImageOptions = field(default_factory=ImageOptions)
    task: DeepBeliefOptions = field(default_factory=DeepBeliefOptions)


@dataclass(frozen=True, kw_only=True)
class AcousticRecipe(Recipe):
    """An acoustic model of spoken digits that begins as a stack of RBMs."""

    kind: ClassVar[str] = "speech"

    model: AcousticOptions = field(default_factory=AcousticOptions)
    data: SpeechOptions = field(default_factory=SpeechOptions)
    task: ClassifyingOptions = field(default_factory=ClassifyingOptions)


@register_recipe()
def dbn_digits() -> DBNRecipe:
    """A deep belief network with 100, 100 and 300 hidden units on the embedded digits; under a minute.

    Each machine learns for 40 epochs: those below by CD-1, the top one, with the labels beside its visible units, by persistent CD. AdamW
    then fine-tunes the unfolded classifier for 60, a tenth of each label spread over all classes. 1,200 pictures teach it to classify
    better than to draw: what it draws of a digit looks like it in about half of the cases. With a tenth of
    the rates in pre-training, half of its epochs and without smoothed labels it erred nearly three times as often, and drew anything.
    """
    return DBNRecipe(
        name="dbn-digits",
        model=DBNOptions(widths=(64, 100, 100, 300)),
        data=ImageOptions(kind="digits", batch_size=20, transform=TransformOptions(size=8, content=8)),
        task=GenerativeOptions(
            pretraining=2 / 3,
            rbm=replace(_CD, lr=0.1, weight_decay=1e-5),
            top=replace(_PERSISTENT, lr=0.1),
            optimizer=OptimizerOptions(name="adamw", lr=5e-3),
            label_smoothing=0.1,
        ),
        trainer=TrainerOptions(max_epochs=180, threads=1),
    )


@register_recipe(paper="1.15 %, Hinton 2007 (1.25 % for the generative network, Hinton, Osindero and Teh 2006)")
def dbn_mnist() -> DBNRecipe:
    """Hinton's 784-500-500-2000-10 on MNIST.

    Each machine learns for 40 epochs: those below by CD-1, the top one, with the labels beside its visible units, by persistent CD.
    The stack then unfolds into a classifier that AdamW fine-tunes for 10 epochs, a tenth of each label spread over all classes. 58,000
    pictures are trained on and 2,000 kept for validation.
    """
    return DBNRecipe(
        name="dbn-mnist",
        data=ImageOptions(kind="mnist", validation=1 / 30, batch_size=100),
        task=replace(_MNIST, pretraining=120 / 130),
        trainer=TrainerOptions(max_epochs=130, threads=1),
    )


@register_recipe(paper="0.92 %, Srivastava et al. 2014")
def dbn_mnist_dropout() -> DBNRecipe:
    """Hinton's 784-500-500-2000-10 on MNIST, fine-tuned with dropout.

    Every machine learns by CD-1 for 20 epochs, the top one without labels: its units are then on 7 % of the time, where those of
    ``dbn-mnist``, which learn by persistent CD, are on half of it, and to drop them disturbs less. A fifth of the inputs and of the
    hidden units are dropped over 80 epochs of fine-tuning. With half of the hidden units dropped, as Srivastava et al. have it, the
    error on validation pictures was after 80 epochs no smaller than with none dropped.
    """
    return DBNRecipe(
        name="dbn-mnist-dropout",
        model=DBNOptions(label_units=0, input_dropout=0.2, dropout=0.2),
        data=ImageOptions(kind="mnist", validation=1 / 30, batch_size=250),
        task=GenerativeOptions(
            pretraining=60 / 140,
            rbm=replace(_CD, lr=0.1),
            top=replace(_CD, lr=0.1),
            optimizer=OptimizerOptions(name="adamw", lr=4e-3),
            label_smoothing=0.1,
        ),
        trainer=TrainerOptions(max_epochs=140, threads=1, matmul="medium"),
    )


@register_recipe(paper="squared error 3.00 a picture (13.87 with 30 principal components), Hinton and Salakhutdinov 2006")
def dbn_autoencoder_mnist() -> AutoencoderRecipe:
    """Hinton and Salakhutdinov's 784-1000-500-250-30 autoencoder on MNIST.

    Each machine learns by CD-1 for 10 epochs; the stack then unrolls into an autoencoder that AdamW fine-tunes for 40 epochs.
    """
    return AutoencoderRecipe(
        name="dbn-autoencoder-mnist",
        data=ImageOptions(kind="mnist", validation=1 / 30, batch_size=100),
        task=DeepBeliefOptions(pretraining=0.5, rbm=_CD, optimizer=OptimizerOptions(name="adamw", lr=1e-3)),
        trainer=TrainerOptions(max_epochs=80, threads=1, matmul="medium"),
    )


@register_recipe()
def dbn_fsdd() -> AcousticRecipe:
    """An acoustic model of spoken digits.

    Windows of 11 frames of 40 log-mel energies; a Gaussian-Bernoulli RBM and two Bernoulli RBMs of 512 units, 5 epochs each, then
    10 epochs of fine-tuning. A word is the digit with the largest sum of its windows' log-probabilities.
    """
    return AcousticRecipe(
        name="dbn-fsdd",
        task=ClassifyingOptions(pretraining=0.6, rbm=_CD, optimizer=OptimizerOptions(name="adamw", lr=1e-3)),
        trainer=TrainerOptions(max_epochs=25, threads=1),
    )
