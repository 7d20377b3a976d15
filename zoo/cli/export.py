"""export.py release | beside | card | table | onnx: make what others use of a trained model."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from zoo.cli.common import check_writable, nearest, parse
from zoo.errors import ZooError, check_range

_USAGE = """usage: export.py release NAME RUN ...      checkpoints/NAME from the runs of one recipe, one a seed
       export.py beside NAME FILE          keep what a benchmark measured (--json FILE) on the card of released weights
       export.py card NAME                 write the card of released weights again, from their record
       export.py table                     the README's table of released models
       export.py onnx NAME [--out FILE]    an ONNX file, compared with onnxruntime before it is written"""


@dataclass(frozen=True)
class ReleaseOptions:
    """Release weights: the run with the lowest validation error, with the figures of all."""

    name: tyro.conf.Positional[str]
    """arch.tag, such as lenet5.mnist_v1; a released tag is never changed."""
    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of finished runs of one recipe that differ in the seed alone."""


@dataclass(frozen=True)
class BesideOptions:
    """Keep what a benchmark measured on the card of released weights."""

    name: tyro.conf.Positional[str]
    """Released weights."""
    figures: tyro.conf.Positional[Path]
    """What benchmark.py wrote with --json; what the same command gave before is replaced."""


@dataclass(frozen=True)
class CardOptions:
    """Write the card of released weights again."""

    name: tyro.conf.Positional[str]
    """Released weights."""


@dataclass(frozen=True)
class OnnxOptions:
    """Write an ONNX file with a free batch size; of a model of sequences, for those of one length."""

    name: tyro.conf.Positional[str]
    """Released weights, a run's folder, or an architecture."""
    out: Path | None = None
    """File to write; NAME.onnx by default."""
    steps: int | None = None
    """Length of the sequences that the file will take (to copy 20 vectors is 41 steps); that of the architecture's example by default."""

    def __post_init__(self) -> None:
        if self.steps is not None:
            check_range("--steps", self.steps, least=1)


def main(args: list[str]) -> None:
    """Do what the first word of ``args`` says."""
    commands = {"release": _release, "beside": _beside, "card": _card, "table": _table, "onnx": _onnx}
    if not args or args[0] not in commands:
        print(_USAGE)
        if args[:1] in (["-h"], ["--help"]):
            return
        raise ZooError(f"the first word must be one of {', '.join(commands)}")
    commands[args[0]](args[1:])


def _release(args: list[str]) -> None:
    options = parse(ReleaseOptions, args, prog="export.py release")
    if not options.runs:
        raise ZooError("export.py release needs the folder of at least one run after the name")
    from zoo.recipes.publish import release

    print(f"released  {release(options.name, list(options.runs))}")


def _beside(args: list[str]) -> None:
    options = parse(BesideOptions, args, prog="export.py beside")
    from zoo.recipes.publish import keep_beside

    _check_released(options.name)
    print(f"card      {keep_beside(options.name, options.figures)}")


def _card(args: list[str]) -> None:
    options = parse(CardOptions, args, prog="export.py card")
    from zoo.recipes.publish import write_card

    _check_released(options.name)
    print(f"card      {write_card(options.name)}")


def _check_released(name: str) -> None:
    from zoo.records import released_names

    if name not in released_names():
        raise nearest(name, released_names(), what="released model")


def _table(args: list[str]) -> None:
    if args:
        raise ZooError("export.py table takes no options")
    from zoo.recipes.card import render_table

    print(render_table())


def _onnx(args: list[str]) -> None:
    options = parse(OnnxOptions, args, prog="export.py onnx")
    path = options.out or Path(f"{Path(options.name).name}.onnx")
    check_writable(path)
    from zoo.recipes.onnx import export_onnx
    from zoo.recipes.quiet import quiet

    quiet()
    done = export_onnx(options.name, path, steps=options.steps)
    print(f"onnx      {path}, {path.stat().st_size:,} bytes; onnxruntime agrees to {done.worst:.1e} on batches of 1 and 7")
    if done.steps:
        print(f"takes     sequences of {done.steps} steps, no more and no fewer; --steps says how many")
