"""Where a generated text comes from: the training texts that it resembles, and what it copied from them."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz.distance import Indel

from zoo.cli.side_by_side import Column, side_by_side
from zoo.data.source_code import Texts, load_texts
from zoo.errors import ZooError
from zoo.metrics.clones import ProgramIndex, Tokens, read_tokens
from zoo.metrics.code import Verdict, checker
from zoo.metrics.copying import CopyFinder
from zoo.recipes.kinds.char_language_model import PROGRAMS, recorded_texts
from zoo.records import ModelMeta

_MANY = 1_000_000  # characters; to sort more takes a while


@dataclass
class Sources:
    """What generated texts are compared with."""

    programs: bool
    """Whether the texts are C programs."""
    train: Texts | None
    finder: CopyFinder | None
    missing: str = ""
    """Why there is nothing to compare with."""
    _indices: dict[int | None, tuple[list[str], ProgramIndex]] = field(default_factory=dict)

    def index(self, problem: int | None) -> tuple[list[str], ProgramIndex]:
        """The training programs for a problem, or all, and an index of them."""
        assert self.train is not None
        if problem not in self._indices:
            of = self.train.problem
            texts = [text for place, text in enumerate(self.train.text) if problem is None or of is None or of[place] == problem]
            self._indices[problem] = texts, ProgramIndex(texts)
        return self._indices[problem]


def find_sources(meta: ModelMeta, *, root: Path | None, compare: bool) -> Sources:
    """Read the texts that a model was trained on, where they are at hand."""
    programs = meta.data["kind"] in PROGRAMS
    if not compare:
        return Sources(programs, None, None)
    try:
        train = load_texts(recorded_texts(meta, root=root)).train
    except ZooError as error:
        return Sources(programs, None, None, missing=str(error))
    if train.characters > _MANY:
        print(f"reading {train.characters:,} characters of training texts to compare with ...", file=sys.stderr)
    return Sources(programs, train, CopyFinder(train.text))


def describe_text(text: str, verdict: Verdict | None, problem: int | None, sources: Sources, *, width: int, colour: bool) -> list[str]:
    """Lines on one text: whether it compiles, what it copied, what it resembles most.

    Args:
        text: What the model wrote.
        verdict: What the compiler says of it; None for what is no program.
        problem: What it is for.
        sources: The training texts.
        width: Of the terminal.
        colour: Whether it shows colours.
    """
    lines = []
    if verdict:
        lines.append(f"compiles    {'yes' if verdict.compiles else 'no: ' + verdict.complaint}   ({checker()})")
    if sources.missing:
        lines.append(f"not compared: {sources.missing}")
    if sources.finder is None:
        return lines
    copied = sources.finder.longest(text)
    share = len(copied) / max(len(text), 1)
    lines.append(f"copied      {len(copied)} of {len(text)} characters ({share:.0%}): the longest span that is in a training text, too")
    if not verdict:
        return lines
    mine = Column("generated", text, legend=("copied", "wrong"))
    mine.mark(text.index(copied), len(copied), "copied")
    if verdict.line is not None:
        mine.mark_line(verdict.line, "wrong")
    programs, index = sources.index(problem)
    for_it = "" if problem is None else f" for problem {problem + 1}"
    lines += [f"compared    with {len(programs):,} training programs{for_it}", ""]
    return [*lines, *side_by_side([mine, *_nearest(text, programs, index)], width=width, colour=colour), ""]


def _nearest(text: str, programs: list[str], index: ProgramIndex) -> list[Column]:
    """The programs nearest in structure and in identifiers, painted where they agree with the text."""
    tokens = read_tokens(text)
    columns = []
    for title, found, by_name in (
        ("structure", index.nearest_structure(tokens), False),
        ("identifiers", index.nearest_identifiers(tokens), True),
    ):
        column = Column(f"nearest in {title}, {found.likeness:.0%}", programs[found.index], legend=("shared",))
        _mark_shared(column, tokens, index.tokens[found.index], by_name=by_name)
        columns.append(column)
    return columns


def _mark_shared(column: Column, generated: Tokens, near: Tokens, *, by_name: bool) -> None:
    """Paint the tokens of the same kind in the same order; or the identifiers that the generated program has as well."""
    if by_name:
        shared = {place for place, text in enumerate(near.texts) if text in generated.identifiers}
    else:
        blocks = Indel.opcodes(generated.kinds, near.kinds)
        shared = {place for block in blocks if block.tag == "equal" for place in range(block.dest_start, block.dest_end)}
    for place in shared:
        column.mark(near.places[place], len(near.texts[place]), "shared")
