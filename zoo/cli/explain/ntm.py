"""explain.py ntm --curves and explain.py MACHINE --length N: how machines learn, and what one does with its memory."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import tyro

from zoo.cli.common import make_folder, parse
from zoo.errors import ZooError
from zoo.records import find_record

_NAMES = {"ntm-copy": "NTM with LSTM controller", "ntm-copy-feed-forward": "NTM with feed-forward controller", "lstm-copy": "LSTM"}

Curve = list[tuple[int, float]]
"""Sequences trained on, bits a sequence."""


@dataclass(frozen=True)
class CurveOptions:
    """Draw the learning curves of all copying runs in a folder on one axis, as figure 3-4 of the slides."""

    curves: tyro.conf.FlagCreatePairsOff[bool] = False
    """What there is to draw of no machine in particular; is drawn without the flag too."""
    runs: Path = Path("runs")
    """Folder of the runs."""
    out: Path = Path("curves.png")
    """The drawing."""


@dataclass(frozen=True)
class MachineOptions:
    """Draw target and output, and what the heads of a machine write, read and look at, for one test sequence."""

    length: int | None = None
    """Size of the sequence: vectors to copy, repeats, or items; without it the largest of the test."""
    out: Path = Path("explained")
    """Folder for the drawings."""


def main(name: str, flags: list[str]) -> None:
    """Draw curves for the name ``ntm``, a machine at work for any other."""
    if name == "ntm":
        _draw_curves(parse(CurveOptions, flags, prog="explain.py ntm"))
    else:
        _draw_machine(name, parse(MachineOptions, flags, prog=f"explain.py {name}"))


def _draw_curves(options: CurveOptions) -> None:
    curves = read_curves(options.runs)
    if not curves:
        raise ZooError(f"{options.runs}: no finished run of {', '.join(_NAMES)}; train one, or name another folder with --runs")
    from zoo.figures.canvas import save
    from zoo.figures.transduction import learning_curves

    save(learning_curves(curves, title="copy"), options.out)
    print(", ".join(f"{name}: {len(seeds)} seed{'s' * (len(seeds) > 1)}" for name, seeds in curves.items()))
    print(f"picture     {options.out}")


def read_curves(runs: Path) -> dict[str, list[Curve]]:
    """The learning curves that finished runs recorded, by what was trained."""
    from zoo.recipes.kinds.contract import CURVE

    found: dict[str, list[Curve]] = defaultdict(list)
    for path in sorted(runs.glob("*/metrics.json")):
        record = find_record(str(path.parent))
        if record and record.recipe in _NAMES:
            curve = [(int(name.removeprefix(CURVE)), bits) for name, bits in record.metrics.items() if name.startswith(CURVE)]
            found[_NAMES[record.recipe]].append(sorted(curve))
    return {name: found[name] for name in _NAMES.values() if name in found}


def _draw_machine(name: str, options: MachineOptions) -> None:
    from zoo.models.ntm import NeuralTuringMachine
    from zoo.recipes.pictures import write_pictures
    from zoo.recipes.transduction_report import check_length, draw, recorded_options, shown_size
    from zoo.registry import load_trained

    trained = load_trained(name)
    if not isinstance(trained.model, NeuralTuringMachine):
        raise ZooError(f"{name} has no memory to look at; explain.py is for neural Turing machines")
    data = recorded_options(trained.meta)
    length = shown_size(data) if options.length is None else options.length
    check_length(trained.model, data, length)
    make_folder(options.out)
    for path in write_pictures(options.out, draw(trained.model, data, size=length)):
        print(f"picture     {path}")
