"""Whether generated C programs are programs: what the compiler or, where there is none, a parser says of them."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import ZooError
from zoo.metrics.clones import parse
from zoo.metrics.sandbox import Limits, Outcome, limited, run_confined

HEADERS = ("stdio.h", "stdlib.h", "string.h", "math.h", "ctype.h", "limits.h", "float.h", "time.h", "stdbool.h", "malloc.h")
"""Put in front of every program: those of POJ-104 are handed out without theirs."""

_COMPILING = Limits(seconds=10, memory=512 << 20, file=16 << 20)
_RUNNING = Limits(seconds=2, memory=256 << 20, file=1 << 20, processes=8)
_FLAGS = ("-std=gnu11", "-w", "-fmax-errors=1", "-fno-diagnostics-show-caret")
_ENDLESS = "the compiler did not come to an end"
_CONTINUED = re.compile(r"\\[ \t\f\v\r]*\n")
_STANDARD = re.compile(r"#[ \t]*include[ \t]*<\w+\.h>")
_INCLUDING = re.compile(r"(?:#|%:)(?:\s|/\*.*?\*/)*(?:include|import|embed)[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """What was said of a program."""

    compiles: bool
    complaint: str
    """The first error, in the compiler's words; empty where there is none."""

    @property
    def line(self) -> int | None:
        """Where that is in the program, from 1; None where the compiler names no line."""
        found = re.match(r"program\.c:(\d+):", self.complaint)
        return int(found[1]) if found else None


def checker() -> str:
    """Who judges: ``gcc``, or ``tree-sitter``, which knows the grammar alone, where it is missing."""
    return "gcc" if shutil.which("gcc") else "tree-sitter"


def check(program: str) -> Verdict:
    """Whether a C program compiles (C11 with GNU extensions, standard headers in front); it is neither linked nor run."""
    return _ask_gcc(program) if checker() == "gcc" else _parse(program)


def compile_rate(programs: Sequence[str]) -> float:
    """Share of programs that compile."""
    return sum(check(program).compiles for program in programs) / len(programs)


def with_headers(program: str) -> str:
    """A program as the compiler gets it; its own line numbers stay."""
    return "".join(f"#include <{header}>\n" for header in HEADERS) + "#line 1\n" + program


def run(program: str, *, given: str = "") -> Outcome:
    """Compile a program and run it, confined as ``zoo.metrics.sandbox`` says.

    Args:
        program: One that ``check`` finds to compile.
        given: Its standard input.

    Raises:
        ZooError: It cannot be confined here, or there is no compiler.
    """
    if checker() != "gcc":
        raise ZooError("--run needs gcc; install it, or leave --run out")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            failed = _gcc(program, folder, "-o", "program", "-lm").returncode
        except subprocess.TimeoutExpired:
            return Outcome("", _ENDLESS)
        if failed:
            return Outcome("", "could not be linked")
        return run_confined(folder / "program", given, _RUNNING)


def _ask_gcc(program: str) -> Verdict:
    # A file that a program includes by its path would be read, and its lines quoted: only standard headers are let in.
    if foreign := _foreign_include(program):
        return Verdict(False, f"{foreign}: names no standard header")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = _gcc(program, Path(folder), "-fsyntax-only")
        except subprocess.TimeoutExpired:
            return Verdict(False, _ENDLESS)
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return Verdict(done.returncode == 0, "" if done.returncode == 0 else (errors or ["the compiler gave up"])[0])


def _gcc(program: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.c").write_text(with_headers(program))
    command = limited(["gcc", *_FLAGS, "program.c", *flags], _COMPILING)
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=2 * _COMPILING.seconds, text=True, errors="replace")


def _foreign_include(program: str) -> str:
    """The first directive that lets another file in; even one within a string, as comments may hide where strings end."""
    found = _INCLUDING.search(_STANDARD.sub("", _CONTINUED.sub("", program)))
    return " ".join(found[0].split()) if found else ""


def _parse(program: str) -> Verdict:
    wrong = parse(program).has_error
    return Verdict(not wrong, "the parser finds an error" if wrong else "")
