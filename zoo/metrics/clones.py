"""How alike two C programs are: in structure, in identifiers; and which program of many is nearest.

The slides' Figure 2-3 names a clone detector, CCFinder; here tree-sitter reads the tokens and rapidfuzz compares them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tree_sitter
import tree_sitter_c
from rapidfuzz import process
from rapidfuzz.distance import Indel

_LANGUAGE = tree_sitter.Language(tree_sitter_c.language())
_WHOLE = ("string_literal", "char_literal")  # one token each, though they have parts
_NAMES = ("identifier", "type_identifier", "field_identifier")


@dataclass(frozen=True)
class Tokens:
    """What a program consists of, but for its comments; each token's kind is one character, so that programs are strings."""

    kinds: str
    identifiers: tuple[str, ...]
    """Names of variables, functions, types and fields, in the order in which they occur."""
    texts: tuple[str, ...]
    """Every token as it is written."""
    places: tuple[int, ...]
    """Where each begins, in characters."""


@dataclass(frozen=True)
class Nearest:
    """One program among many."""

    index: int
    likeness: float
    """In [0, 1]."""


def parse(program: str) -> tree_sitter.Node:
    """The root of a C program's syntax tree; places in it are bytes."""
    return tree_sitter.Parser(_LANGUAGE).parse(program.encode()).root_node


def read_tokens(program: str) -> Tokens:
    """Take a C program apart, however broken it may be."""
    kinds, names, texts, places = [], [], [], []
    content = program.encode()
    stack = [parse(program)]
    while stack:
        node = stack.pop()
        if node.children and node.type not in _WHOLE:
            stack.extend(reversed(node.children))
        elif node.type != "comment" and node.text:
            text = node.text.decode()
            kinds.append(chr(node.kind_id))
            texts.append(text)
            places.append(node.start_byte if len(content) == len(program) else len(content[: node.start_byte].decode()))
            if node.type in _NAMES:
                names.append(text)
    return Tokens("".join(kinds), tuple(names), tuple(texts), tuple(places))


def structure_likeness(first: Tokens, second: Tokens) -> float:
    """Share of the kinds of tokens that the programs have in common, in the same order: 1 for equal but for names and numbers."""
    return float(Indel.normalized_similarity(first.kinds, second.kinds))


def identifier_likeness(first: Tokens, second: Tokens) -> float:
    """Share of the identifiers that the programs have in common, in the same order."""
    return float(Indel.normalized_similarity(first.identifiers, second.identifiers))


class ProgramIndex:
    """Programs among which the nearest to another is found, by comparison with every one.

    Args:
        programs: Their texts, at least one.
    """

    def __init__(self, programs: Iterable[str]) -> None:
        self.tokens = [read_tokens(program) for program in programs]
        self._number: dict[str, int] = {}
        self._kinds = [tokens.kinds for tokens in self.tokens]
        self._names = [self._spell(tokens.identifiers) for tokens in self.tokens]

    def nearest_structure(self, tokens: Tokens) -> Nearest:
        """The program most like it in the kinds of its tokens."""
        return _nearest(tokens.kinds, self._kinds)

    def nearest_identifiers(self, tokens: Tokens) -> Nearest:
        """The program most like it in its identifiers."""
        return _nearest(self._spell(tokens.identifiers), self._names)

    def _spell(self, names: Sequence[str]) -> list[int]:
        """A number for every name, so that comparing is quick."""
        return [self._number.setdefault(name, len(self._number)) for name in names]


def _nearest(query: Sequence[int] | str, choices: Sequence[Sequence[int] | str]) -> Nearest:
    _, likeness, index = process.extractOne(query, choices, scorer=Indel.normalized_similarity)
    return Nearest(index, likeness)
