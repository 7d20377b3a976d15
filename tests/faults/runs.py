"""What two runs must have in common, and how they are compared."""

from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.checkpoints import generations

_OF_THE_CLOCK = frozenset({"Stopwatch", "final/seconds"})


def difference(first, second, where="", *, ignore=_OF_THE_CLOCK) -> str | None:
    """Where two nested values differ in a single bit; None if they do not. Folders may differ."""
    if isinstance(first, dict) and isinstance(second, dict):
        first, second = ({_plain(key): value for key, value in each.items()} for each in (first, second))
        if first.keys() != second.keys():
            return f"{where}: {first.keys() ^ second.keys()}"
        pairs = [(first[key], second[key], f"{where}.{key}") for key in first if key not in ignore]
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        if len(first) != len(second):
            return f"{where}: {len(first)} and {len(second)}"
        pairs = [(a, b, f"{where}.{number}") for number, (a, b) in enumerate(zip(first, second, strict=True))]
    elif isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return None if first.dtype == second.dtype and torch.equal(first, second) else where
    else:
        same = repr(_plain(first)) == repr(_plain(second))
        return None if same else f"{where}: {first} and {second}"
    return next((found for pair in pairs if (found := difference(*pair, ignore=ignore))), None)


def _plain(value):
    """A path without its folder."""
    return Path(value).name if isinstance(value, str) and "/checkpoints" in value else value


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Everything that TensorBoard shows as a curve."""
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def outcome(folder: Path) -> dict:
    """All that a finished run has come to: weights, optimiser, random state, loops, sums, logged scalars, released weights."""
    newest = generations(folder)[0]
    return {
        "name": newest.name,
        "checkpoint": read_checkpoint(newest) | {"recipe": None},  # which says with how many workers
        "scalars": scalars(folder),
        "weights": (folder / "model.safetensors").read_bytes(),
    }
