"""The embedded texts: small, varied, correct C programs, written by templates."""

import re
from dataclasses import dataclass
from string import Template

import torch

from zoo.data.c_templates import ROLES, TEMPLATES
from zoo.errors import ZooError

PROBLEMS = tuple(TEMPLATES)
"""What the programs do; a program's problem is a place in this tuple."""

_TRIES = 1_000  # programs in a row that were all written before
_CHOICE = re.compile(r"⟨([^⟨⟩]*)⟩")  # an innermost choice
_NAME = re.compile(r"\$([a-z])\b")
_LITERAL = re.compile(r"""("(?:\\.|[^"])*"|'(?:\\.|[^'])*')""")
_OPERATOR = re.compile(r" ?(\+=|-=|\*=|/=|>>=|==|!=|<=|>=|&&|\|\||[=<>+*/%,?]|(?<=[\w\])]) -(?= )) ?")


class _Chance:
    """Choices from a generator."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def below(self, limit: int) -> int:
        return int(torch.randint(limit, (), generator=self.generator))

    def pick(self, things: list[str] | tuple[str, ...]) -> str:
        return things[self.below(len(things))]


@dataclass(frozen=True)
class _Style:
    """How a programmer lays a program out."""

    indent: str
    brace_below: bool
    tight: bool


def write_program(problem: int, generator: torch.Generator) -> str:
    """A program for a problem; names, constructs and layout are drawn.

    Args:
        problem: A place in ``PROBLEMS``.
        generator: Source of chance.

    Returns:
        The text, with its ``#include`` lines; C99, without warnings of ``gcc -Wall``.
    """
    chance = _Chance(generator)
    text = TEMPLATES[PROBLEMS[problem]]
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda choice: chance.pick(choice[1].split("¦")), text)
    text = Template(text).substitute(_draw_names(text, chance))
    style = _Style(chance.pick(("  ", "    ", "\t")), bool(chance.below(2)), bool(chance.below(2)))
    return _lay_out(text, style)


def write_programs(count: int, generator: torch.Generator) -> tuple[list[str], list[int]]:
    """Programs and their problems, which take turns; no text comes twice.

    Raises:
        ZooError: The templates of a problem do not give so many different ones.
    """
    texts: dict[str, int] = {}
    tries = 0
    while len(texts) < count:
        problem, known = len(texts) % len(PROBLEMS), len(texts)
        texts.setdefault(write_program(problem, generator), problem)
        tries = tries + 1 if len(texts) == known else 0
        if tries == _TRIES:
            raise ZooError(
                f"after {known:,} programs the template for {PROBLEMS[problem]!r} gives no new one; ask for fewer with --data.programs"
            )
    return list(texts), list(texts.values())


def _draw_names(text: str, chance: _Chance) -> dict[str, str]:
    """A name for every role that occurs, no two alike."""
    names: dict[str, str] = {}
    for role in sorted(set(_NAME.findall(text))):
        names[role] = chance.pick([name for name in ROLES[role] if name not in names.values()])
    return names


def _lay_out(text: str, style: _Style) -> str:
    """Headers, indentation by braces, and spaces as the style has them."""
    needed = ("stdio.h", "string.h") if "strlen(" in text else ("stdio.h",)
    lines = [f"#include <{header}>" for header in needed]
    depth = 0
    hanging = 0  # statements without braces stand one step further in
    for line in text.splitlines():
        depth -= line.startswith("}")
        inner = style.indent * (depth + hanging)
        content = _tighten(line) if style.tight else line
        opens = line.endswith("{")
        if opens and style.brace_below and line != "{":
            lines += [inner + content.removesuffix("{").rstrip(), inner + "{"]
        else:
            lines.append(inner + content)
        depth += opens
        hanging = hanging + 1 if re.match(r"(for|while|if) ?\(.*\)$", line) else 0
    return "\n".join(lines) + "\n"


def _tighten(line: str) -> str:
    """No spaces around operators, but in literals."""
    parts = _LITERAL.split(line)
    parts[::2] = [re.sub(r"\b(for|while|if) \(", r"\1(", _OPERATOR.sub(r"\1", part)) for part in parts[::2]]
    return "".join(parts)
