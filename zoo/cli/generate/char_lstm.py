"""generate.py char_lstm.TAG: programs and other texts, character by character, and where they come from."""

import itertools
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zoo.cli.common import parse
from zoo.cli.side_by_side import printable
from zoo.errors import ZooError, check_range

if TYPE_CHECKING:
    import torch

    from zoo.cli.provenance import Sources
    from zoo.registry import Trained

_LINES, _WIDEST = 100, 1_000  # of a program's output


@dataclass(frozen=True)
class WriteOptions:
    """Write texts, and tell of programs whether they compile and what they resemble."""

    problem: int | None = None
    """Number of the problem that the programs are for, from 1; without it one is drawn for each."""
    prompt: str = ""
    """What every text begins with, letter by letter; most shells take $'a\\nb' for two lines."""
    temperature: float = 0.6
    """Below 1 the likely becomes likelier; 0 always takes the likeliest character."""
    top_k: int = 0
    """Draw from so many of the likeliest characters only; 0 for all."""
    top_p: float = 1.0
    """Draw from the fewest characters that have so much probability together."""
    count: int = 1
    """How many texts."""
    max_length: int = 2_000
    """Characters after the prompt; a text that has not ended by then is left as it is."""
    seed: int = 0
    """Seed of all that is drawn."""
    compare: bool = True
    """Look for the nearest training texts and what was copied from them."""
    run: bool = False
    """Run programs that compile: without network, under limits, and where they see no file but the system's programs and
    libraries (Linux alone). Nothing is run otherwise."""
    given: Annotated[str, tyro.conf.arg(name="input")] = ""
    """What a program that is run reads from its standard input."""
    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the training texts; without it $ZOO_DATA and the cache are searched."""

    def __post_init__(self) -> None:
        check_range("--count", self.count, least=1)
        check_range("--max-length", self.max_length, least=1)
        check_range("--seed", self.seed, least=0, below=2**32)
        if self.given and not self.run:
            raise ZooError("--input: is read by programs that are run; add --run")


def main(name: str, flags: list[str]) -> None:
    """Let the model ``name`` write."""
    options = parse(WriteOptions, flags, prog=f"generate.py {name}")
    import torch

    from zoo.cli.provenance import describe_text, find_sources
    from zoo.metrics.code import check, check_running
    from zoo.models.char_lstm import CharLSTM
    from zoo.models.char_sampling import Sampling, Stepper, write
    from zoo.models.vocabulary import Vocabulary
    from zoo.recipes.kinds.char_language_model import PROGRAMS, problem_titles
    from zoo.registry import load_trained

    sampling = Sampling(options.temperature, options.top_k, options.top_p)
    trained = load_trained(name)
    assert isinstance(trained.model, CharLSTM)
    vocabulary = Vocabulary(trained.meta.labels)
    prompt = vocabulary.encode(options.prompt, what="--prompt")
    problems, titles = known_problems(trained, options.problem), problem_titles(trained.meta)
    if options.run:
        if trained.meta.data["kind"] not in PROGRAMS:
            raise ZooError(f"--run: {name} writes no C programs; leave it out")
        check_running()
    generator = torch.Generator().manual_seed(options.seed)
    sources: Sources | None = None
    for number in range(options.count):
        problem = _choose(problems, generator)
        title = f" ({titles[problem]})" if problem is not None and titles else ""
        print(f"--- {number + 1} of {options.count}" + ("" if problem is None else f", for problem {problem + 1}{title}"))
        stepper = Stepper(trained.model, None if problem is None else torch.tensor([problem]), count=1)
        steps = write(stepper, prompt, count=1, most=options.max_length, sampling=sampling, generator=generator)
        text, ended = _stream(options.prompt, (vocabulary.decode(step.symbol) for step in steps))
        if not ended:
            print(f"unfinished  left as it is after {options.max_length:,} characters (--max-length)")
        if sources is None:
            sources = find_sources(trained.meta, root=options.root, compare=options.compare)
        verdict = check(text) if sources.programs else None
        width = shutil.get_terminal_size((150, 40)).columns
        for line in describe_text(text, verdict, problem, sources, width=width, colour=sys.stdout.isatty()):
            print(line)
        if options.run and verdict:
            print(_run(text, options.given) if verdict.compiles else "not run     it does not compile")


def known_problems(trained: "Trained", asked: int | None) -> int | range | None:
    """The problem that was asked for, counted from 0; all of them if none was; None where the model knows none.

    Raises:
        ZooError: The model does not know it.
    """
    from zoo.recipes.kinds.char_language_model import problem_titles

    known = trained.meta.options["problems"]
    if asked is None:
        return range(known) if known else None
    if not known:
        raise ZooError(f"--problem {asked}: {trained.meta.name} knows no problems; leave it out")
    if not 1 <= asked <= known:
        titles = problem_titles(trained.meta)
        listed = ": " + ", ".join(f"{number} {title}" for number, title in enumerate(titles, 1)) if titles else ""
        raise ZooError(f"--problem {asked}: {trained.meta.name} knows problems 1 to {known}{listed}")
    return asked - 1


def _choose(problems: int | range | None, generator: "torch.Generator") -> int | None:
    import torch

    return int(torch.randint(len(problems), (), generator=generator)) if isinstance(problems, range) else problems


def _stream(prompt: str, characters: Iterable[str]) -> tuple[str, bool]:
    """Print one text, every character as soon as it is drawn; returns it, and whether it came to its end mark."""
    text, piece = "", " "
    for piece in itertools.chain([prompt], characters):
        print(printable(piece), end="", flush=True)
        text += piece
    print()
    return text, not piece  # of the end mark there is nothing to see


def _run(text: str, given: str) -> str:
    """What came of running a program, its first lines of output alone."""
    from zoo.metrics.code import run

    outcome = run(text, given=given)
    lines = printable(outcome.output.rstrip()).split("\n")
    more = f"\n... and {len(lines) - _LINES:,} more lines" if len(lines) > _LINES else ""
    return f"run         {outcome.ending}; it printed:\n" + "\n".join(line[:_WIDEST] for line in lines[:_LINES]) + more
