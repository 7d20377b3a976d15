"""explain.py ntm --curves: how models learn to copy."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from zoo.cli.common import make_place, parse
from zoo.errors import ZooError
from zoo.records import ModelMeta, find_record

_USUAL = ("ntm-copy", "ntm-copy-feed-forward", "lstm-copy")

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


def main(name: str, flags: list[str]) -> None:
    """Draw the curves."""
    options = parse(CurveOptions, flags, prog=f"explain.py {name}")
    make_place(options.out)
    curves = read_curves(options.runs)
    if not curves:
        raise ZooError(f"{options.runs}: no finished run that learnt to copy; train ntm-copy, or name another folder with --runs")
    from zoo.figures.canvas import save
    from zoo.figures.transduction import learning_curves

    save(learning_curves(curves, title="copy"), options.out)
    print(", ".join(f"{name}: {len(seeds)} seed{'s' * (len(seeds) > 1)}" for name, seeds in curves.items()))
    print(f"picture     {options.out}")


def read_curves(runs: Path) -> dict[str, list[Curve]]:
    """The learning curves that finished copying runs recorded, by what was trained; machines come first."""
    from zoo.recipes.comparison import read_finished
    from zoo.recipes.kinds.contract import CURVE

    found: dict[str, list[Curve]] = defaultdict(list)
    for path in sorted(runs.glob("*/metrics.json")):
        record = find_record(str(path.parent))
        if record and record.kind == "transduction" and record.data["kind"] == "copy":
            curve = [(int(name.removeprefix(CURVE)), bits) for name, bits in record.metrics.items() if name.startswith(CURVE)]
            if curve:
                found[_title(record, read_finished(path.parent)[0])].append(sorted(curve))
    return dict(sorted(found.items(), key=lambda item: item[0].startswith("LSTM")))


def _title(record: ModelMeta, options: Mapping[str, Any]) -> str:
    """What was trained, by which recipe if it is not the usual one, and what was not as the recipe says."""
    from zoo.recipes.comparison import as_recorded, changed
    from zoo.recipes.registry import all_recipes

    title = "LSTM" if record.arch != "ntm" else f"NTM with {record.options['controller'].replace('lstm', 'LSTM')} controller"
    other = [record.recipe] if record.recipe not in _USUAL else []
    if entry := all_recipes().get(record.recipe):
        other += changed(options, as_recorded(entry.make()))
    return f"{title} ({', '.join(other)})" if other else title
