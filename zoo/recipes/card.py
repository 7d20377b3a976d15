"""The card of released weights and the README's table of them all, from their records alone."""

import importlib
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from zoo.data.about import ABOUT
from zoo.recipes.kinds import kind_named
from zoo.recipes.kinds.contract import Measure
from zoo.recipes.registry import all_recipes
from zoo.records import ModelMeta
from zoo.registry import describe, entry, list_models


def render_card(meta: ModelMeta) -> str:
    """The card of a release, from its record and its figures."""
    kind, recipe = kind_named(meta.kind), all_recipes()[meta.recipe]
    module = importlib.import_module(entry(meta.arch).build.__module__)
    seeds = ", ".join(map(str, meta.metrics["seeds"]))
    measured = [measure for measure in kind.measures if measure.metric in meta.metrics]
    usage = kind.usage(meta)
    modules = ["zoo", *sorted(set(re.findall(r"(zoo\.(?:data|models|optim)\.\w+)\.", usage)))]
    imports = "\n".join(["import torch\n"] * ("torch." in usage) + [f"import {name}" for name in modules])
    minutes = meta.metrics["seconds"]["median"] / 60
    each = " a seed (median)" if len(meta.metrics["seeds"]) > 1 else ""
    facts = {
        "the paper": recipe.paper or "no figure",
        "parameters": f"{meta.parameters:,} trainable",
        "data": meta.data["title"],
        "licence of the data": meta.data["licence"],
        **kind.facts(meta),
        "training time": f"{minutes:.1f} minutes{each}, {_hardware_text(meta.metrics['hardware'])}",
        "sha256": f"`{meta.sha256}`",
    }
    rows = "\n".join(f"| {name} | {fact} |" for name, fact in facts.items())
    return f"""# {meta.name}

{recipe.about}

{_figures(meta, measured)}

The released file is the seed with the lowest {kind.chosen_by}; {_how_measured(measured)}.

| | |
| --- | --- |
{rows}

## Use

```python
{imports}

model = zoo.get_model("{meta.name}")
{usage}
```

## Reproduce

```
python scripts/evaluate.py {meta.name}   # the figures of this file, {_how_exactly(measured)}
python scripts/train.py {meta.recipe} --seed N   # N = {seeds}; bit for bit the same on such a processor, with PyTorch and code of the time
```
{_section(kind.notes(meta))}{_section(_beside(meta))}
## The model

{inspect.cleandoc(module.__doc__ or "")}

## Limits

{ABOUT[meta.data["kind"]].limits}
"""


def _figures(meta: ModelMeta, measures: Sequence[Measure]) -> str:
    """A row a figure: this file, and of several seeds the median, the spread, and each."""
    released, count = meta.metrics["released"], len(meta.metrics["seeds"])
    head = ["figure", f"this file (seed {released['seed']})"]
    if count > 1:
        head += [f"median of {count} seeds", "lowest to highest", "each"]
    rows = [head, ["---"] * len(head)]
    for measure in measures:
        row = [measure.title, f"**{measure.text(released[measure.metric])}**"]
        if count > 1:
            found = meta.metrics[measure.metric]
            spread = f"{measure.number(found['min'])} to {measure.text(found['max'])}"
            row += [f"**{measure.text(found['median'])}**", spread, ", ".join(map(measure.number, found["values"]))]
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _how_measured(measures: Sequence[Measure]) -> str:
    tested = any(measure.metric.startswith("test/") for measure in measures)
    return (
        "the test set was used once a run, after training"
        if tested
        else "there is no other test: its figures are the ones it was chosen by"
    )


def _how_exactly(measures: Sequence[Measure]) -> str:
    widest = max(measures, key=lambda measure: measure.chance)
    within = f"{widest.scale * widest.chance:g} {widest.unit}".rstrip()
    return f"within {within}: rounding decides what is drawn" if widest.chance else "to every digit"


def _beside(meta: ModelMeta) -> str:
    """What benchmarks measured, group by group."""
    parts = []
    for command, figures in meta.metrics.get("beside", {}).items():
        rows = [f"| {group} | {'; '.join(lines)} |" for group, lines in flat_figures(figures).items()]
        parts.append("\n".join([f"## Measured by {command}", "", "| what | figures |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def flat_figures(figures: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """The figures of every group, those of a group within a group under both names.

    Raises:
        TypeError: Something is no number.
    """
    groups: dict[str, list[str]] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            groups |= flat_figures(value, f"{prefix}{name}, ")
        else:
            groups.setdefault(prefix.removesuffix(", ") or "all", []).append(f"{name} {float(value):.4g}")
    return groups


def _section(notes: str) -> str:
    return f"\n{notes}\n" if notes else ""


def _hardware_text(hardware: dict[str, Any]) -> str:
    """What the released seed was trained on, as its run recorded it."""
    if hardware["device"] != "cpu":
        return str(hardware["device"])
    return "one CPU thread" if hardware["threads"] == 1 else f"{hardware['threads']} CPU threads"


def render_table() -> str:
    """The README's table of released models, from their records alone."""
    rows = ["| model | recipe | paper | zoo, median of seeds (spread) | this file | card |", "| --- | --- | --- | --- | --- | --- |"]
    for name in list_models(pretrained=True):
        meta = describe(name)
        measure = kind_named(meta.kind).measures[0]
        found, released = meta.metrics[measure.metric], meta.metrics["released"][measure.metric]
        count = len(found["values"])
        spread = f"{measure.number(found['min'])} to {measure.number(found['max'])}, {count} seeds" if count > 1 else "1 seed"
        median = f"{measure.title} **{measure.text(found['median'])}** ({spread})"
        paper = all_recipes()[meta.recipe].paper or "-"
        card = f"[card](checkpoints/{name}/README.md)"
        rows.append(f"| `{name}` | `{meta.recipe}` | {paper} | {median} | {measure.text(released)} | {card} |")
    return "\n".join(rows)
