"""Neural Turing machines, and the LSTM that they are compared with, on algorithmic tasks."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import tyro

from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.errors import ZooError, check_range
from zoo.recipes.options import EvaluateOptions, ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.transduction_options import TransductionOptions

_TRAINER = TrainerOptions(max_epochs=80, threads=1)
_VARIED = AlgorithmicOptions(varied=True)
_ADAM = OptimizerOptions(name="adam", lr=3e-3, beta2=0.99, schedule="cosine")
_PAPER_RATE = OptimizerOptions(name="rmsprop", lr=1e-4, momentum=0.9, schedule="constant")


@dataclass(frozen=True)
class TransductionEvaluateOptions(EvaluateOptions):
    """Measure a machine on its test sequences, or on those of one size."""

    length: Annotated[int | None, tyro.conf.arg(name="length")] = None
    """Size of the sequences: vectors to copy or sort, repeats of ten vectors, items, or bits of a chain. Without it: the
    fixed test sets of the card."""
    count: int | None = None
    """Sequences of that size; as many as the fixed test sets have unless told otherwise."""

    def __post_init__(self) -> None:
        if self.count is None:
            return
        check_range("--count", self.count, least=1)
        if self.length is None:
            raise ZooError(f"--count {self.count}: goes with --length; the fixed test sets are as large as the card says")


@dataclass(frozen=True)
class NTMOptions(ModelOptions):
    """A neural Turing machine; the task sets its inputs and outputs."""

    arch: ClassVar[str] = "ntm"
    controller: Literal["lstm", "feed-forward"] = "lstm"
    """The network that speaks to the heads."""
    hidden: int = 100
    """Units of the controller."""
    rows: int = 128
    """Rows of the memory."""
    width: int = 20
    """Numbers a row."""
    reads: int = 1
    """Read heads."""
    writes: int = 1
    """Write heads."""
    shifts: int = 3
    """Offsets among which a head moves in a step: 3 for -1, 0 and 1."""
    memory: Literal["constant", "learned"] = "constant"
    """The first memory; a learned one decays as other matrices do."""
    address: Literal["first", "learned"] = "first"
    """Where the heads start."""
    begin: Literal["waiting", "searching"] = "waiting"
    """waiting: heads begin by keeping their place. searching: by looking up what is like their keys."""
    forget: float = -1.0
    """What is added to the bias of an LSTM's forget gates at the beginning: the less, the sooner it forgets."""


@dataclass(frozen=True)
class LSTMTransducerOptions(ModelOptions):
    """Layers of LSTM."""

    arch: ClassVar[str] = "lstm_transducer"
    hidden: int = 256
    """Units of every layer."""
    layers: int = 3
    """Number of layers."""


@dataclass(frozen=True, kw_only=True)
class TransductionRecipe(Recipe):
    """A machine on an algorithmic task."""

    kind: ClassVar[str] = "transduction"
    evaluation: ClassVar[type[EvaluateOptions]] = TransductionEvaluateOptions

    model: ModelOptions
    data: AlgorithmicOptions = field(default_factory=AlgorithmicOptions)
    task: TransductionOptions = field(default_factory=TransductionOptions)
    trainer: TrainerOptions = _TRAINER


@dataclass(frozen=True, kw_only=True)
class NTMRecipe(TransductionRecipe):
    """A neural Turing machine on an algorithmic task."""

    model: NTMOptions = field(default_factory=NTMOptions)


@dataclass(frozen=True, kw_only=True)
class LSTMTransducerRecipe(TransductionRecipe):
    """Layers of LSTM on an algorithmic task."""

    model: LSTMTransducerOptions = field(default_factory=LSTMTransducerOptions)


@register_recipe(paper="about 0 bits a sequence to 20 vectors; writes one of them twice at 120, Graves et al. 2014")
def ntm_copy() -> NTMRecipe:
    """A neural Turing machine learns to copy 1 to 20 vectors, and is then asked for 120.

    40,000 sequences, for a machine of the paper's sizes but for a memory of 160 rows: of 128, the 120 vectors leave none to the write
    head while it waits. Adam, four sequences a step, the gradient's norm clipped to 1, and a rate that falls along a cosine make it
    learn; gates that start nearly shut, and read heads that start nearly still, let one wait for 120 steps where it will begin to read;
    weight decay, and forget gates that start low, keep the controller from drifting while it answers for 120 steps. Biases do not decay:
    when they did, two seeds in ten failed at length 120, their read heads' gates open while they waited.

    What undoes a solved task are rare empty vectors: to a machine that listens for silence instead of the delimiter they sound like the
    answer's turn, it begins to read too soon, and the gradient leaps. In half of the training sequences the share of ones therefore
    varies from vector to vector, so that they are not rare. A short memory of squared gradients (beta2 = 0.99) lets Adam recover from
    such leaps, and the task is solved sooner; once it is, a long one (0.999) keeps the steps short while the loss vanishes, the rate
    falls to three tenths and the gradient's norm is clipped to a tenth. The weights are those with the lowest validation loss: long
    after the task is solved a leap may still undo it for a while.
    """
    decaying = OptimizerOptions(name="adamw", lr=3e-3, beta2=0.99, weight_decay=0.2, schedule="cosine")
    return NTMRecipe(
        name="ntm-copy",
        model=NTMOptions(rows=160),
        data=_VARIED,
        task=TransductionOptions(optimizer=decaying),
    )


@register_recipe(paper="about 0 bits a sequence to 20 vectors; writes one of them twice at 120, Graves et al. 2014")
def ntm_copy_paper() -> NTMRecipe:
    """The copy task with the paper's settings: RMSprop at 1e-4 with momentum 0.9, gradients clipped to 10, one sequence a step.

    200,000 sequences, of the paper's million, and from this zoo's start: constant memory, gates nearly shut. The loss is the mean of all
    bits, where the paper's is their sum, so that clipping hardly ever acts.
    """
    return NTMRecipe(
        name="ntm-copy-paper",
        data=AlgorithmicOptions(batch_size=1, steps=1000),
        task=TransductionOptions(optimizer=_PAPER_RATE, clip=0.0, clip_value=10.0, calm=1.0, calm_clip=0.0),
        trainer=TrainerOptions(max_epochs=200, threads=1),
    )


@register_recipe(paper="about 0 bits a sequence from 100,000 sequences on, Graves et al. 2014")
def ntm_copy_feed_forward() -> NTMRecipe:
    """The copy task with a feed-forward controller, trained by Adam without weight decay, four sequences a step.

    40,000 sequences. It is solved after half as many as with an LSTM (medians 2,500 and 5,000), but copies no better beyond the lengths
    of training: of 120 vectors two seeds in three get more than 0.1 bits wrong, one of them from 80 on nearly everything.
    """
    return NTMRecipe(name="ntm-copy-feed-forward", model=NTMOptions(controller="feed-forward", rows=160), data=_VARIED)


@register_recipe(paper="about 0 bits a sequence; the end mark fails past 11 repeats, Graves et al. 2014")
def ntm_repeat_copy() -> NTMRecipe:
    """Repeat 1 to 10 vectors 1 to 10 times, then say that it is the end; size 20 of the test is 20 times ten vectors, 1,809 bits.

    64,000 sequences, 8 a step: up to 4 vectors and repeats in the first 20 epochs, then one more about every third epoch until they are
    10. Without these easy sequences nothing was learnt in 40,000, nor with forget gates that start low, with which a controller cannot
    count, in 56,000. As in the paper, what has learnt to count to 10 does not count to 20; unlike the paper's, it also loses the
    vectors, from about the 13th repeat on.
    """
    return NTMRecipe(
        name="ntm-repeat-copy",
        model=NTMOptions(forget=1.0),
        data=AlgorithmicOptions(kind="repeat-copy", longest=10, easy_epochs=20, grow_epochs=17, batch_size=8, steps=125),
        task=TransductionOptions(optimizer=_ADAM, calm=1.0, calm_clip=1.0, calm_beta2=0.99),
        trainer=TrainerOptions(max_epochs=64, threads=1),
    )


@register_recipe(paper="below 1 bit a sequence at 15 items (feed-forward controller), Graves et al. 2014")
def ntm_recall() -> NTMRecipe:
    """Given one of 2 to 6 items, recall the one that came after it; then among 20.

    240,000 sequences, 16 a step. Heads begin by searching: with gates nearly shut, or with content that decides weakly, as it does when
    nothing is said of its strength, the machine only ever learnt to recall the second of two items. Training does not calm down once
    the task is solved: it is solved at the sizes of training long before 12 items are told apart. After half as many sequences two of
    five seeds stayed below 0.1 bits at 12 items. What is left are rare sequences in which the wrong item is read; nearly all bits are
    theirs.
    """
    return NTMRecipe(
        name="ntm-recall",
        model=NTMOptions(begin="searching"),
        data=AlgorithmicOptions(kind="recall", longest=6, batch_size=16, steps=250, validation=40),
        task=TransductionOptions(optimizer=OptimizerOptions(name="adam", lr=1e-3, schedule="cosine"), calm=1.0, calm_clip=1.0),
        trainer=TrainerOptions(max_epochs=60, threads=1),
    )


@register_recipe(paper="below 10 bits a sequence, Graves et al. 2014")
def ntm_sort() -> NTMRecipe:
    """Of 20 vectors with priorities give the 16 highest, in order; 320,000 sequences, of 4 vectors at first and of 20 after half of them.

    There are two ways to do it, and a seed finds one of them. Seed 0 sorts by selection: it writes one row after another, then looks
    up the highest priority left and strikes it out; 3 of 128 bits are left. Seed 1 does what the paper saw: each vector goes to the row
    that its priority points at, and rows are read in their order; vectors that meet in a row are lost, and 40 bits are left. So did
    machines with 100 units: 25 bits, after three times as many sequences 21; eight heads of each kind did no better than four, and
    without easy sequences 33 were left.

    The first memory is learned: rows that are alike cannot be looked up.
    """
    return NTMRecipe(
        name="ntm-sort",
        model=NTMOptions(hidden=256, reads=4, writes=4, memory="learned", begin="searching", forget=1.0),
        data=AlgorithmicOptions(kind="sort", longest=20, easy_epochs=10, grow_epochs=30, batch_size=16, steps=250),
        task=TransductionOptions(optimizer=_ADAM, calm=1.0, calm_clip=1.0, calm_beta2=0.99),
        trainer=TrainerOptions(max_epochs=80, threads=1),
    )


@register_recipe(paper="more than 2 bits a sequence after a million sequences, Graves et al. 2014")
def lstm_copy() -> LSTMTransducerRecipe:
    """The copy task without a memory to address: three layers of 256 LSTM units, 40,000 sequences."""
    return LSTMTransducerRecipe(
        name="lstm-copy",
        data=_VARIED,
        task=TransductionOptions(optimizer=OptimizerOptions(name="adam", lr=1e-3, schedule="cosine")),
    )
