"""The report on the gradients: tables for people, rows for ``--json``, a page for docs/."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from zoo.benchmarks.gradients import CONTENDERS, SEQUENCE_CONTENDERS, SpeedRow
from zoo.functions.draw import Draw
from zoo.functions.errata import Erratum, Finding, all_errata
from zoo.verification.functions import FunctionRow

Table = list[list[str]]


@dataclass(frozen=True)
class Report:
    """Everything that was found on one device."""

    device: str
    dtype: str
    functions: list[FunctionRow]
    errata: list[tuple[Erratum, Finding]]
    speed: list[SpeedRow]
    sequences: list[SpeedRow]

    @property
    def failures(self) -> list[str]:
        """Names of the functions and numbers of the errata that did not pass."""
        functions = [row.name for row in self.functions if not row.passed]
        return functions + [erratum.number for erratum, finding in self.errata if not finding.shown]


def check_errata() -> list[tuple[Erratum, Finding]]:
    """Compare the literal and the corrected formula of every erratum, in double precision on the CPU."""
    return [(erratum, erratum.show(Draw())) for erratum in all_errata()]


def function_table(rows: Sequence[FunctionRow]) -> Table:
    """A row a function, with its largest errors."""
    head = ["function", "formula", "native twin", "extremes", "differences", "toolbox", "gradcheck", "2nd order", "vmap", ""]
    return [head, *(_function_cells(row) for row in rows)]


def _function_cells(row: FunctionRow) -> list[str]:
    errors = [f"{error:.1e}" for error in (row.twin, row.extremes, row.difference)]
    second = "once" if row.second is None else _yes(row.second)
    checks = [_error(row.toolbox), _yes(row.jacobian), second, _error(row.vmap)]
    return [row.name, row.formula, *errors, *checks, "ok" if row.passed else "FAILED"]


def errata_table(rows: Sequence[tuple[Erratum, Finding]]) -> Table:
    """A row an erratum, with the relative errors of both formulas."""
    return [["erratum", "slide", "literal", "its error", "corrected", "its error", ""], *(_erratum_cells(*row) for row in rows)]


def _erratum_cells(erratum: Erratum, finding: Finding) -> list[str]:
    literal, corrected = [erratum.literal, _size(finding.literal)], [erratum.corrected, f"{finding.corrected:.1e}"]
    return [erratum.number, erratum.where, *literal, *corrected, "ok" if finding.shown else "FAILED"]


def speed_table(rows: Sequence[SpeedRow], contenders: tuple[str, ...] = CONTENDERS) -> Table:
    """A row a function, in milliseconds, with the manual time as a multiple of the others'."""
    head = ["forward + backward, ms (threads)", "size", *contenders, *(f"manual / {name}" for name in contenders[1:])]
    return [head, *(_speed_cells(row, contenders) for row in rows)]


def _speed_cells(row: SpeedRow, contenders: tuple[str, ...]) -> list[str]:
    times = [f"{row.milliseconds[name]:.3f} ({row.threads[name]})" if name in row.milliseconds else "-" for name in contenders]
    ratios = [f"{row.ratio(name):.2f}" if name in row.milliseconds else "-" for name in contenders[1:]]
    return [row.name, row.size, *times, *ratios]


def plain(table: Table) -> str:
    """A table in aligned columns."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)


def markdown(report: Report) -> str:
    """The page that docs/ keeps."""
    return f"""# Gradients, checked on {report.device}

Written by `scripts/verify_gradients.py`, never by hand: {datetime.now(UTC).date()}, torch {version("torch")}, Python
{platform.python_version()}.
Formula numbers are those of [the mathematics](MATHS.md).

## Functions

Largest relative errors of values and gradients, {report.dtype}: against the native twin (PyTorch's own operators and
derivatives), against it on degenerate arguments, against central differences, against DeepLearnToolbox run in GNU
Octave. `gradcheck` compares the whole Jacobian, `2nd order` that of the gradient.

{_markdown(function_table(report.functions))}

## Errata of the slides

Relative error of the slide's literal formula and of the corrected one, against automatic differentiation or a definition.

{_markdown(errata_table(report.errata))}
{_speed_section(report)}"""


def rows(report: Report) -> dict[str, Any]:
    """What ``--json`` writes."""
    return {
        "device": report.device,
        "dtype": report.dtype,
        "functions": {row.name: {**asdict(row), "dtype": report.dtype, "passed": row.passed} for row in report.functions},
        "errata": {
            erratum.number: {"literal": finding.literal, "corrected": finding.corrected, "shown": finding.shown}
            for erratum, finding in report.errata
        },
        "speed": {row.name: _speed_figures(row) for row in report.speed},
        "sequences": {row.size: _speed_figures(row) for row in report.sequences},
    }


def _speed_figures(row: SpeedRow) -> dict[str, Any]:
    return asdict(row) | {"ratio": {name: row.ratio(name) for name in row.milliseconds if name != "manual"}}


def device_name(device: str) -> str:
    """What the device calls itself."""
    return torch.cuda.get_device_name() if device == "cuda" else f"the CPU ({platform.machine()}, {os.cpu_count()} cores)"


def _speed_section(report: Report) -> str:
    if not report.speed:
        return ""
    return f"""
## Speed

Forward and backward pass, float32: medians of interleaved rounds, on the number of CPU threads that suits each
contender best, which stands in brackets.

{_markdown(speed_table(report.speed))}

{_markdown(speed_table(report.sequences, SEQUENCE_CONTENDERS))}
"""


def _markdown(table: Table) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]
    return "\n".join([lines[0], "| " + " | ".join("---" for _ in table[0]) + " |", *lines[1:]])


def _error(value: float | None) -> str:
    return "-" if value is None else f"{value:.1e}"


def _size(error: float) -> str:
    return "not computable" if error == float("inf") else f"{error:.2g}"


def _yes(passed: bool) -> str:
    return "yes" if passed else "NO"
