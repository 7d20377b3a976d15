"""Texts on a terminal: in columns, parts of them in colour, as in the slides' Figure 2-3."""

import itertools
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

_COLOURS = {"shared": "\033[32m", "copied": "\033[33m", "wrong": "\033[31m"}
_END = "\033[0m"
_TAB = 4  # columns
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)} | {"\x7f": "\N{SYMBOL FOR DELETE}"}


@dataclass
class Column:
    """A program with a title, and how its characters are painted."""

    title: str
    text: str
    legend: Sequence[str] = ()
    """Colours that are explained beside the title, where there are any."""
    paint: dict[int, str] = field(default_factory=dict)
    """By place of the character: ``shared``, ``copied`` or ``wrong``."""

    def mark(self, start: int, size: int, colour: str) -> None:
        """Paint ``size`` characters from ``start``."""
        self.paint |= dict.fromkeys(range(start, start + size), colour)

    def mark_line(self, number: int, colour: str) -> None:
        """Paint a line, counted from 1; where there is none, as behind the last, nothing."""
        lines = self.text.split("\n")
        if number <= len(lines):
            self.mark(sum(len(line) + 1 for line in lines[: number - 1]), len(lines[number - 1]), colour)

    def rows(self, *, colour: bool) -> list[list[tuple[str, str]]]:
        """Title and lines, as pairs of a character and its colour; tabs are blanks."""
        legend = [(each, name) for name in self.legend for each in f" {name}"] if colour else []
        rows: list[list[tuple[str, str]]] = [[(each, "") for each in self.title] + legend, []]
        row: list[tuple[str, str]] = []
        for place, character in enumerate(printable(self.text)):
            if character == "\n":
                rows.append(row)
                row = []
            else:
                blanks = _TAB - len(row) % _TAB if character == "\t" else 1
                row += [(" " if character == "\t" else character, self.paint.get(place, ""))] * blanks
        return [*rows, row]


def printable(text: str) -> str:
    """A text whose control characters, but for tabs and ends of lines, are pictures of such: a terminal obeys none of it."""
    return "".join(each if each in "\n\t" or each.isprintable() else _PICTURES.get(each, "\N{REPLACEMENT CHARACTER}") for each in text)


def side_by_side(columns: Sequence[Column], *, width: int, colour: bool) -> list[str]:
    """Lines for a terminal of ``width`` columns; what does not fit into a program's share of them is cut.

    Args:
        columns: The programs.
        width: Of the terminal.
        colour: Whether it shows colours.
    """
    share = max((width - 3 * (len(columns) - 1)) // len(columns), 10)
    rows = [column.rows(colour=colour) for column in columns]
    lines = []
    for number in range(max(map(len, rows))):
        cells = [_cell(each[number] if number < len(each) else [], share, colour) for each in rows]
        lines.append(" │ ".join(cells).rstrip())
    return lines


def _cell(row: list[tuple[str, str]], width: int, colour: bool) -> str:
    used = list(itertools.accumulate(_columns(character) for character, _ in row))
    if used and used[-1] > width:
        row = [*row[: bisect_right(used, width - 1)], ("…", "")]
    text, last = "", ""
    for character, paint in row:
        if colour and paint != last:
            text += (_END if last else "") + _COLOURS.get(paint, "")
            last = paint
        text += character
    return text + (_END if last else "") + " " * (width - sum(_columns(character) for character, _ in row))


def _columns(character: str) -> int:
    """Columns of a terminal that a character takes."""
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
