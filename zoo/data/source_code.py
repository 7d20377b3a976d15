"""Texts to learn from: C programs by templates or by students, Shakespeare, a user's own."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo.bounded_read import read_bounded
from zoo.data.c_programs import PROBLEMS, write_programs
from zoo.data.jsonl import read_jsonl_xz
from zoo.data.location import search_roots
from zoo.data.text_options import TextOptions
from zoo.data.xz import unpack_xz
from zoo.errors import ZooError

POJ104_PROBLEMS = 104
_VALIDATION = 0.1
_LARGEST = 256 << 20  # bytes of all texts together


@dataclass(frozen=True)
class Texts:
    """Some texts, and what each is for."""

    text: list[str]
    problem: list[int] | None = None
    """Counted from 0; None where texts are for no problem."""

    def __len__(self) -> int:
        return len(self.text)

    @property
    def characters(self) -> int:
        return sum(map(len, self.text))


@dataclass(frozen=True)
class TextSplits:
    """Texts to learn from and to validate on."""

    train: Texts
    validation: Texts
    problems: int = 0
    """Number of problems; 0 where there are none."""


def load_texts(options: TextOptions) -> TextSplits:
    """Read or write the texts that a recipe asks for.

    Raises:
        ZooError: They are missing, damaged, empty or no texts.
    """
    return _LOADERS[options.kind](options)


def _c_programs(options: TextOptions) -> TextSplits:
    text, problem = write_programs(options.programs, torch.Generator().manual_seed(0))
    cut = options.programs - round(_VALIDATION * options.programs)
    return TextSplits(Texts(text[:cut], problem[:cut]), Texts(text[cut:], problem[cut:]), len(PROBLEMS))


def _poj104(options: TextOptions) -> TextSplits:
    """The programs that are taken for C, not C++.

    References:
        L. Mou et al., "Convolutional neural networks over tree structures for programming language processing", AAAI 2016, in the
        edition of CodeXGLUE (C-UDA 1.0).
    """
    train, validation = (_read_programs(_find(f"{name}.jsonl.xz", "poj104", "POJ-104", options.root)) for name in ("train", "valid"))
    return TextSplits(train, validation, POJ104_PROBLEMS)


def _read_programs(path: Path) -> Texts:
    text, problem = [], []
    for number, row in enumerate(read_jsonl_xz(path), 1):
        if row.get("lang") != "c":
            continue
        if not isinstance(row.get("text"), str) or type(row.get("problem")) is not int or not 1 <= row["problem"] <= POJ104_PROBLEMS:
            raise ZooError(f"{path}: line {number} has no text, or no problem from 1 to {POJ104_PROBLEMS}; fetch the file again")
        text.append(row["text"])
        problem.append(row["problem"] - 1)
    if not text:
        raise ZooError(f"{path}: holds no program in C; fetch the file again")
    return Texts(text, problem)


def _tinyshakespeare(options: TextOptions) -> TextSplits:
    """All of it as one text, its last tenth for validation."""
    path = _find("input.txt.xz", "tinyshakespeare", "tiny Shakespeare", options.root)
    return _cut_in_two(_decode(b"".join(unpack_xz(path, largest=_LARGEST)), path), path)


def _folder(options: TextOptions) -> TextSplits:
    """A file, its last tenth for validation; or the files of a folder, every tenth by name for validation."""
    root = options.root or Path()
    if root.is_file():
        return _cut_in_two(next(_read_files([root])), root)
    if not root.is_dir():
        raise ZooError(f"{root}: there is no such file or folder; --data.root names a text or a folder of texts")
    files = sorted(
        path for path in root.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )
    text = [each for each in _read_files(files) if each]
    if not text:
        raise ZooError(f"{root}: holds no text; put some files there")
    if len(text) < 2:
        return _cut_in_two(text[0], root)
    step = round(1 / _VALIDATION)
    validation = set(range(step - 1, len(text), step)) or {len(text) - 1}
    parts = [[each for number, each in enumerate(text) if (number in validation) == kept] for kept in (False, True)]
    return TextSplits(Texts(parts[0]), Texts(parts[1]))


_LOADERS = {"c-programs": _c_programs, "poj104": _poj104, "tinyshakespeare": _tinyshakespeare, "folder": _folder}


def _cut_in_two(text: str, path: Path) -> TextSplits:
    cut = int(len(text) * (1 - _VALIDATION))
    if not 0 < cut < len(text):
        raise ZooError(f"{path}: {len(text)} characters are too few to learn from")
    return TextSplits(Texts([text[:cut]]), Texts([text[cut:]]))


def _read_files(paths: list[Path]) -> Iterator[str]:
    sizes = itertools.accumulate(path.stat().st_size for path in paths)
    for path, size in zip(paths, sizes, strict=True):
        if size > _LARGEST:
            raise ZooError(f"{path}: with it there are more than {_LARGEST >> 20} MiB of text; learn from fewer files")
        try:
            yield _decode(read_bounded(path, _LARGEST), path)
        except OSError as error:
            raise ZooError(f"{path}: cannot be read ({error.strerror})") from error


def _decode(content: bytes, path: Path) -> str:
    """UTF-8 with line ends of any kind."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ZooError(f"{path}: byte {error.start} is no UTF-8 text; convert the file, or leave it out if it is no text") from error
    if "\0" in text:
        raise ZooError(f"{path}: a binary file (byte {content.index(0)} is zero), no text; leave it out")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _find(name: str, folder: str, title: str, root: Path | None) -> Path:
    candidates = [base / inner for base in search_roots(root) for inner in (name, f"{folder}/{name}")]
    for path in candidates:
        if path.is_file():
            return path
    looked = ", ".join(str(path) for path in candidates)
    raise ZooError(f"{title} is not in {looked}; give the folder of {name} with --data.root or ZOO_DATA, or train on --data c-programs")
