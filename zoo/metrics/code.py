"""Whether generated C programs are programs: what the compiler or, where there is none, a parser says of them."""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zoo.errors import ZooError
from zoo.metrics.clones import parse, read_tokens
from zoo.metrics.sandbox import Limits, Outcome, limited, run_confined

HEADERS = ("stdio.h", "stdlib.h", "string.h", "math.h", "ctype.h", "limits.h", "float.h", "time.h", "stdbool.h", "malloc.h")
"""Put in front of every program: those of POJ-104 are handed out without theirs."""

_COMPILING = Limits(seconds=10, memory=512 << 20, file=16 << 20)
_RUNNING = Limits(seconds=2, memory=256 << 20, file=1 << 20, processes=8)
# Permissive: from version 14 on gcc refuses what students write, main() without a type say.
_FLAGS = ("-std=gnu11", "-fpermissive", "-w", "-fmax-errors=1", "-fno-diagnostics-show-caret")
_FREE = "Free Software Foundation"  # in what gcc says of itself; where another compiler has taken its name, it is not there
_NO_MAIN = "there is no main()"
_ENGLISH = os.environ | {"LC_ALL": "C.UTF-8"}  # its complaints are read
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
    """Who judges: gcc and its version, or ``tree-sitter``, which knows the grammar alone, where it is missing."""
    path = shutil.which("gcc")
    return _version(path) if path else "tree-sitter"


@cache
def _version(path: str) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, env=_ENGLISH).stdout
    return f"gcc {said.splitlines()[0].split()[-1]}" if _FREE in said else "tree-sitter"


def check(program: str) -> Verdict:
    """Whether a text is a C program that compiles: C11 with GNU extensions, standard headers in front, and a ``main``.

    It is neither linked nor run.
    """
    if not _has_main(program):
        return Verdict(False, _NO_MAIN)
    return _parse(program) if checker() == "tree-sitter" else _ask_gcc(program)


def compile_rate(programs: Sequence[str]) -> float:
    """Share of programs that compile; several are asked about at once."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(verdict.compiles for verdict in pool.map(check, programs)) / len(programs)


def with_headers(program: str) -> str:
    """A program as the compiler gets it; its own line numbers stay."""
    return "".join(f"#include <{header}>\n" for header in HEADERS) + "#line 1\n" + program


def run(program: str, *, given: str = "") -> Outcome:
    """Compile a program and run it, both confined as ``zoo.metrics.sandbox`` says.

    Args:
        program: One that ``check`` finds to compile.
        given: Its standard input.

    Raises:
        ZooError: It cannot be confined here, or there is no compiler.
    """
    if checker() == "tree-sitter":
        raise ZooError("--run needs gcc; install it, or leave --run out")
    compiler = ["gcc", *_FLAGS, "program.c", "-o", "program", "-lm"]
    return run_confined(with_headers(program), compiler, given=given, building=_COMPILING, running=_RUNNING)


def check_running() -> None:
    """Find out whether programs can be run here, before there is one.

    Raises:
        ZooError: They cannot.
    """
    found = run("int main() { return 0; }")
    if found.ending != "ended with code 0":
        raise ZooError(f"--run: a program that does nothing {found.ending} when confined; is gcc in /usr/bin?")


def _has_main(program: str) -> bool:
    texts = read_tokens(program).texts
    return ("main", "(") in itertools.pairwise(texts)


def _ask_gcc(program: str) -> Verdict:
    # A file that a program includes by its path would be read, and its lines quoted: only standard headers are let in.
    if foreign := _foreign_include(program):
        return Verdict(False, f"{foreign}: names no standard header")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = _gcc(Path(folder), program)
        except subprocess.TimeoutExpired:
            return Verdict(False, _ENDLESS)
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return Verdict(done.returncode == 0, "" if done.returncode == 0 else (errors or ["the compiler gave up"])[0])


def _gcc(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.c").write_text(with_headers(program), encoding="utf-8")
    command = limited(["gcc", *_FLAGS, "program.c", "-fsyntax-only"], _COMPILING)
    patience = 2 * _COMPILING.seconds
    return subprocess.run(command, cwd=folder, env=_ENGLISH, timeout=patience, capture_output=True, text=True, errors="replace")


def _foreign_include(program: str) -> str:
    """The first directive that lets another file in; even one within a string, as comments may hide where strings end."""
    found = _INCLUDING.search(_STANDARD.sub("", _CONTINUED.sub("", program)))
    return " ".join(found[0].split()) if found else ""


def _parse(program: str) -> Verdict:
    wrong = parse(program).has_error
    return Verdict(not wrong, "the parser finds an error" if wrong else "")
