"""train.py NAME [--field value ...]: train a recipe."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.common import nearest, outliving_readers, parse, take_name
from zoo.cli.generate import generators
from zoo.errors import ZooError
from zoo.recipes.options import Recipe
from zoo.recipes.registry import all_recipes

if TYPE_CHECKING:
    from zoo.recipes.kinds.contract import Job


def main(args: list[str]) -> None:
    """Train the recipe that ``args`` name, or go on with an interrupted run."""
    if args and args[0].partition("=")[0] == "--resume":
        resume([*args[0].split("=", 1)[1:], *args[1:]])
        return
    if not args:
        print(_usage())
        return
    name, flags = take_name(args, usage=_usage())
    entries = all_recipes()
    if name not in entries:
        raise nearest(name, list(entries), what="recipe")
    default = entries[name].make()
    recipe = parse(type(default), flags, prog=f"train.py {name}", about=entries[name].about, default=default)
    train(recipe)


def _usage() -> str:
    entries = all_recipes()
    width = max(map(len, entries)) + 2
    recipes = [f"  {name:{width}}{entry.about.splitlines()[0]}" for name, entry in entries.items()]
    usage = ["usage: train.py NAME [--field value ...]", "       train.py --resume RUN [--data.root DIR] [--trainer.threads N] ..."]
    return "\n".join([*usage, "", "recipes (NAME --help lists the fields):", *recipes])


def resume(args: list[str]) -> None:
    """Go on with a run that was interrupted, after the last step that it saved."""
    if not args or args[0].startswith("-"):
        raise ZooError("--resume takes the folder of a run")
    from zoo.recipes.comparison import differences, what_counts
    from zoo.recipes.processes import check_processes, end_with_first
    from zoo.recipes.record import read_recipe
    from zoo.recipes.run_folder import claim_run_folder, release_run_folder

    folder = Path(args[0])
    began = read_recipe(folder)
    recipe = parse(type(began), args[1:], prog="train.py --resume RUN", default=began) if args[1:] else began
    if changed := differences(what_counts(began), what_counts(recipe)):
        raise ZooError(f"--resume: a run goes on as it began; leave out what changes {', '.join(changed)}")
    end_with_first()
    check_processes(recipe.trainer.devices)
    claim_run_folder(folder)
    try:
        if (folder / "metrics.json").exists():  # looked for under the lock: another process may just have finished
            raise ZooError(f"{folder}: this run is finished; evaluate it with scripts/evaluate.py {folder}")
        with outliving_readers():
            _run(recipe, folder, _newest(folder))
    finally:
        release_run_folder(folder)


def _newest(folder: Path) -> Path | None:
    from zoo.recipes.checkpoints import find_checkpoint, set_aside
    from zoo.recipes.processes import is_first_process

    checkpoint, complaint = find_checkpoint(folder)
    if is_first_process():
        if complaint and checkpoint:
            set_aside(folder, newer_than=checkpoint)
            print(f"{complaint}; going on from the one before it, {checkpoint.name}")
        elif not checkpoint:
            print(f"{folder}: nothing was saved yet; beginning again")
    return checkpoint


def train(recipe: Recipe) -> None:
    """Run a recipe and say what came of it and what to type next."""
    from zoo.recipes.processes import check_processes, end_with_first
    from zoo.recipes.run_folder import create_run_folder, release_run_folder

    end_with_first()
    check_processes(recipe.trainer.devices)
    folder = create_run_folder(recipe.name, recipe.run)
    try:
        with outliving_readers():
            _run(recipe, folder, None)
    finally:
        release_run_folder(folder)


def _run(recipe: Recipe, folder: Path, checkpoint: Path | None) -> None:
    from zoo.recipes.interruption import Interrupted
    from zoo.recipes.preparation import prepare
    from zoo.recipes.processes import is_first_process
    from zoo.recipes.run import fit

    try:
        job = prepare(recipe)
        if is_first_process():
            _announce(job, folder)
        metrics = fit(recipe, job, folder, resume=checkpoint)
    except Interrupted as stop:
        if not is_first_process():
            sys.exit(0)  # the first one speaks for all, and must not be taken for the victim of a dead one
        print(f"\nstopped by {stop}, everything is saved; {_go_on(folder)}", flush=True)
        sys.exit(128 + stop.number)
    except KeyboardInterrupt:
        if (folder / "recipe.json").is_file():
            print(f"\nstopped; {_go_on(folder)}", flush=True)
        raise
    if metrics:
        _conclude(recipe, job.provenance.arch, folder, metrics)


def _go_on(folder: Path) -> str:
    return f"go on with:\n  python scripts/train.py --resume {folder}"


def _announce(job: "Job", folder: Path) -> None:
    parameters = sum(parameter.numel() for parameter in job.model.parameters() if parameter.requires_grad)
    print(f"model    {job.provenance.arch}, {parameters:,} trainable parameters")
    print(f"data     {job.about}")
    print(f"run      {folder}", flush=True)


def _conclude(recipe: Recipe, arch: str, folder: Path, metrics: dict[str, float]) -> None:
    from zoo.recipes.kinds import kind_named

    for measure in kind_named(recipe.kind).measures:
        if measure.metric in metrics:
            print(f"{measure.title:11} {measure.text(metrics[measure.metric])}")
    print(f"took        {metrics['seconds']:.0f} s")
    print(f"run folder  {folder}")
    print(f"look at it  tensorboard --logdir {folder}")
    print(f"next        python scripts/evaluate.py {folder}")
    if arch in generators():
        print(f"            python scripts/generate.py {folder}")
