"""explain.py MACHINE --length N: what a model that answers with bits says, and what a machine does with its memory."""

from dataclasses import dataclass
from pathlib import Path

from zoo.cli.common import make_folder, parse


@dataclass(frozen=True)
class WorkOptions:
    """Draw target and output for one test sequence and, of a machine with a memory, what its heads write, read and look at."""

    length: int | None = None
    """Size of the sequence: vectors to copy or sort, repeats of ten vectors, items, or bits of a chain; without it the largest of the test
    that fits the memory."""
    out: Path = Path("explained")
    """Folder for the drawings."""


def main(name: str, flags: list[str]) -> None:
    """Draw a model at work."""
    options = parse(WorkOptions, flags, prog=f"explain.py {name}")
    from zoo.recipes.pictures import write_pictures
    from zoo.recipes.transduction_report import check_length, draw, recorded_options, shown_size
    from zoo.registry import load_trained

    trained = load_trained(name)
    data = recorded_options(trained.meta)
    length = shown_size(trained.model, data) if options.length is None else options.length
    check_length(trained.model, data, length)
    make_folder(options.out)
    print(f"size        {length}")
    for path in write_pictures(options.out, draw(trained.model, data, size=length)):
        print(f"picture     {path}")
