"""What is measured of a language model at the end, and what people see of it."""

import math
import statistics
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from zoo.data.near_duplicates import LIKENESS, near_duplicates
from zoo.data.source_code import Texts
from zoo.data.text_module import PreparedTexts, evaluation_windows
from zoo.data.text_windows import encode
from zoo.metrics.code import checker, compile_rate
from zoo.metrics.copying import CopyFinder
from zoo.metrics.ngram import kneser_ney
from zoo.models.char_lstm import CharLSTM
from zoo.models.char_sampling import Sampling, Stepper, write_all
from zoo.models.vocabulary import START, Vocabulary
from zoo.recipes.kinds.contract import Report
from zoo.tasks.char_language_model import nats_a_symbol

Measured = tuple[dict[str, float], list[str]]
"""Figures by name, and what people read of them."""

_WIDTH = 80  # of a line of figures
_REAL = 500  # validation programs that are compiled, for comparison
_LEAST = 30  # programs on which a mean is told
_LONGEST = 2_000  # characters after which a program is left as it is


@dataclass(frozen=True)
class Measuring:
    """What is measured beside the nats a symbol."""

    samples: int
    """Programs that are written and looked at."""
    temperature: float
    ngrams: int
    """Highest order of the n-grams to compare with."""
    programs: bool
    """Whether the texts are C programs."""


def measure_language_model(model: CharLSTM, texts: PreparedTexts, what: Measuring) -> Report:
    """Validation loss; the n-grams' on the same text; and of programs, whether those that it writes are any good.

    Args:
        model: Trained, on the CPU.
        texts: Those that it was trained on.
        what: How much is measured.
    """
    model.eval()
    stages: dict[str, Callable[[], Measured]] = {"validation": lambda: _validation(model, texts)}
    if what.ngrams:
        stages["n-grams"] = lambda: _ngrams(texts, what.ngrams)
    if what.programs and what.samples:
        stages["near-duplicates"] = lambda: _duplicates(model, texts)
        stages[f"{what.samples} programs"] = lambda: _writing(model, texts, what)
    figures: dict[str, float] = {}
    lines: list[str] = []
    for name, stage in (bar := tqdm(stages.items(), leave=False, disable=None)):
        bar.set_description(f"measuring: {name}")
        more, said = stage()
        figures |= more
        lines += said
    return Report(figures, lines)


def _validation(model: CharLSTM, texts: PreparedTexts) -> Measured:
    nats = nats_a_symbol(model, evaluation_windows(texts.validation))
    line = f"validation  {nats:.4f} nats a character   ({nats / math.log(2):.4f} bits, perplexity {math.exp(nats):.3f})"
    return {"val/loss": nats, "val/bits": nats / math.log(2)}, [line]


def _ngrams(texts: PreparedTexts, highest: int) -> Measured:
    """The validation loss of n-grams of all orders, on the same text."""
    found = kneser_ney(texts.train.read, texts.validation.code, start=START, symbols=len(texts.vocabulary), orders=range(1, highest + 1))
    best = min(found, key=lambda order: found[order])
    orders = textwrap.wrap(", ".join(f"{order}: {value:.3f}" for order, value in found.items()), _WIDTH)
    return {"ngram/loss": found[best], "ngram/order": best}, [
        f"n-grams     {found[best]:.4f} with order {best}, the best up to {highest} (Kneser-Ney; they are told no problem)",
        *(f"            {line}" for line in orders),
    ]


def _duplicates(model: CharLSTM, texts: PreparedTexts) -> Measured:
    """The validation loss without the programs that are nearly in the training set."""
    splits = texts.splits
    double = near_duplicates(splits.train, splits.validation)
    share = float(double.mean())
    figures = {"data/near_duplicates": share}
    same = " for the same problem" if splits.problems else ""
    line = (
        f"copies      {100 * share:.1f} % of the validation programs share {LIKENESS:.0%} of their runs of tokens "
        f"with a training program{same}"
    )
    kept = np.flatnonzero(~double)
    if len(kept) < _LEAST:
        return figures, [line]
    problem = splits.validation.problem if model.problem is not None else None
    others = encode(
        [splits.validation.text[each] for each in kept], None if problem is None else [problem[each] for each in kept], texts.vocabulary
    )
    novel = nats_a_symbol(model, evaluation_windows(others))
    said = f"            {novel:.4f} nats a character on the other {len(kept):,}, each read from its start"
    return figures | {"val/loss_novel": novel}, [line, said]


def _writing(model: CharLSTM, texts: PreparedTexts, what: Measuring) -> Measured:
    """How many programs compile, and how much of each is copied."""
    train, held_out = texts.splits.train, texts.splits.validation.text
    drawn = torch.randperm(len(held_out), generator=torch.Generator().manual_seed(0))[:_REAL]  # they are in the order of the problems
    real = [held_out[each] for each in drawn.tolist()]
    programs = write_programs(model, texts.vocabulary, train, count=what.samples, sampling=Sampling(what.temperature), seed=0)
    rate, of_real = compile_rate(programs), compile_rate(real)
    finder = CopyFinder(train.text)
    copied, of_held_out = _share_copied(programs, finder), _share_copied(real, finder)
    figures = {"sample/count": len(programs), "sample/temperature": what.temperature}
    figures |= {"sample/compiles": rate, "real/compiles": of_real, "sample/copied": copied, "real/copied": of_held_out}
    return figures, [
        f"compile     {100 * rate:.1f} % of {len(programs)} programs at temperature {what.temperature:g}   "
        f"({100 * of_real:.1f} % of {len(real)} real ones; {checker()})",
        f"copied      {100 * copied:.1f} % of a program is copied in one span, at the median   ({100 * of_held_out:.1f} % of real ones)",
    ]


def _share_copied(programs: list[str], finder: CopyFinder) -> float:
    """The part of a program that its longest copied span makes up, at the median."""
    return statistics.median(len(finder.longest(program)) / max(len(program), 1) for program in programs)


def write_programs(model: CharLSTM, vocabulary: Vocabulary, train: Texts, *, count: int, sampling: Sampling, seed: int) -> list[str]:
    """Programs for problems that are as frequent as in training."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(len(train), (count,), generator=generator)
    problem = None if model.problem is None or train.problem is None else torch.tensor(train.problem)[drawn]
    nothing = torch.zeros(0, dtype=torch.long)
    stepper = Stepper(model, problem, count=count)
    written = write_all(stepper, nothing, count=count, most=_LONGEST, sampling=sampling, generator=generator)
    return [vocabulary.decode(code) for code in written]
