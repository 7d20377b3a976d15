"""What all commands share: arguments, one-line errors, exit codes. No heavy import."""

import contextlib
import errno
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tyro

from zoo.errors import LostProcessError, RunError, ZooError, did_you_mean
from zoo.recipes.registry import all_recipes

T = TypeVar("T")

_RECORDS = ("recipe.json", "config.json", "metrics.json", "environment.json")


def run_command(command: Callable[[list[str]], None]) -> None:
    """Run a script: one line and code 2 for a user's mistake, 1 for a run that could not go on, 128 + signal for an interruption."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files and classes that the terminal cannot show
    try:
        command(sys.argv[1:])
        sys.stdout.flush()
    except ZooError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except LostProcessError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(1)
    except RunError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # the reader of our output (`| head`) has seen enough
        discard(sys.stdout)
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        if error.filename is None:
            discard(sys.stdout)  # it is what could not be written
        where = "the output" if error.filename is None else os.fsdecode(error.filename)
        print(f"error: {where}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        print(f"error: the memory is full ({first_line(error)}); take a smaller model, or fewer at a time", file=sys.stderr)
        sys.exit(1)


def discard(stream: Any) -> None:
    """Let all that is still written to a stream go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Outliving:
    """A stream whose reader may go away."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._without_reader():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._without_reader():
            self._stream.flush()

    @contextlib.contextmanager
    def _without_reader(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EIO):  # as `| tee` after Ctrl-C, and as a terminal that was closed
                raise
            discard(self._stream)


@contextlib.contextmanager
def outliving_readers() -> Iterator[None]:
    """Within, what nobody reads any more is not said, and stops nothing."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Outliving(stream) for stream in before)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def first_line(error: BaseException) -> str:
    """What a library says of an error, before it goes on to where in its sources that was."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _is_out_of_memory(error: MemoryError | RuntimeError) -> bool:
    """Whether Python, PyTorch's allocator of the CPU or that of a GPU has no more."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error)


def parse(kind: type[T], args: Sequence[str], *, prog: str, about: str = "", default: T | None = None) -> T:
    """Read the flags of a frozen dataclass.

    Raises:
        ZooError: An unknown flag (with the nearest) or a value that does not fit.
        SystemExit: ``--help`` was asked for and has been printed.
    """
    options: dict[str, Any] = {} if default is None else {"default": default}
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(kind, args=list(args), prog=prog, description=about or None, **options)
    except SystemExit as exit:
        if exit.code == 0:
            raise
        raise ZooError(_one_line(said.getvalue(), prog)) from None


def _one_line(box: str, prog: str) -> str:
    """The parser's boxed message as a sentence, with its hint where it has one.

    A box is a title, then sections between rules: the message, perhaps flags that were meant, advice. Terminals
    without box characters get dashes, and the title as a section of its own.
    """
    lines = [line.strip("│| ") for line in box.splitlines() if line and not line.startswith(("╭", "╰"))]
    sections: list[list[str]] = [[]]
    for line in lines:
        if line and set(line) <= {"─", "-"}:
            sections.append([])
        elif line:
            sections[-1].append(line)
    if "╭" not in box:
        sections = sections[1:]
    message = re.sub(r"^Error parsing \w+: (?=--)", "", " ".join(sections[0]))  # a check of ours names the flag itself
    message = re.sub(r"no type matching (?:\{None\}\|)?(\S+) could be instantiated from \[(.*?)\]\..*", r"\2 is not \1", message)
    hints = [line.split()[0].rstrip(",") for line in sections[1] if line.startswith("--")] if message.startswith("Unrecognized") else []
    near = f"; did you mean {hints[0]}?" if hints else ""
    return f"{message}{near} ({prog} --help lists the options)"


def nearest(name: str, known: Sequence[str], *, what: str) -> ZooError:
    """The error for a name that is not known."""
    otherwise = f"there are {', '.join(known)}"
    return ZooError(f"there is no {what} {name!r}; {did_you_mean(name, known, otherwise=otherwise)}")


def take_name(args: list[str], *, usage: str) -> tuple[str, list[str]]:
    """Split the leading NAME from the flags; without one, print ``usage`` and leave."""
    if args and not args[0].startswith("-"):
        return args[0], args[1:]
    print(usage)
    if any(flag in ("-h", "--help") for flag in args):
        sys.exit(0)
    raise ZooError("a NAME is needed before the options")


def take_model(args: list[str], *, usage: str) -> tuple[str, list[str]]:
    """The same for a NAME that is a model's.

    Raises:
        ZooError: It is that of a recipe, which is not trained yet.
    """
    name, flags = take_name(args, usage=usage)
    if name in all_recipes():
        raise ZooError(f"{name} is a recipe; name one of its runs, runs/{name}-0 say, or a released model (list_models.py --released)")
    return name, flags


def check_writable(*paths: Path | None) -> None:
    """Refuse, before there is anything to lose, files that could not be written in the end.

    Args:
        paths: Files of results; None for those that nobody asked for.
    """
    for path in paths:
        if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK)):
            raise ZooError(f"{path}: cannot be written; name a file, in a folder that is there")


def check_json(path: Path | None) -> None:
    """Refuse, before there is anything to lose, a file of figures that could not be written or that something else would be lost for.

    Raises:
        ZooError: It cannot be written, its name is not that of a JSON file, or it is a record of a run or of released weights.
    """
    check_writable(path)
    if path is not None and path.suffix.lower() != ".json":
        raise ZooError(f"--json {path}: figures are written as JSON; name a file that ends in .json")
    if path is not None and path.name in _RECORDS and path.exists():
        raise ZooError(f"--json {path}: a record of a run or of released weights has this name; name another file")


def make_place(drawing: Path, *, inputs: Sequence[Path] = ()) -> None:
    """Make the folder of a drawing before it is computed, and refuse a name that no drawing can have.

    Args:
        drawing: Its file.
        inputs: Files that are read, and must not be written over.

    Raises:
        ZooError: The name is that of a folder, of another kind of file or of an input, or there can be no such folder.
    """
    if drawing.is_dir() or drawing.suffix.lower() != ".png":
        raise ZooError(f"--out {drawing}: drawings are PNG files; name one that ends in .png")
    if drawing.exists() and any(file.exists() and drawing.samefile(file) for file in inputs):
        raise ZooError(f"--out {drawing}: this is the picture that is read; name another file for the drawing")
    make_folder(drawing.absolute().parent)


def write_figures(path: Path | None, figures: dict[str, Any]) -> None:
    """Write what was printed as JSON, where that was asked for."""
    if path is None:
        return
    from zoo.recipes.durable import write_json

    write_json(path, figures)


def make_folder(path: Path) -> None:
    """Make a folder for results before they are computed, so that none is lost."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ZooError(f"{path}: no folder can be made there ({error.strerror})") from error
