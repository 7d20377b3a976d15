"""explain.py rbm.TAG or dbn.TAG: the pictures that hidden units look for."""

from dataclasses import dataclass
from pathlib import Path

from zoo.cli.common import make_place, parse
from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class FieldOptions:
    """Draw the receptive fields of hidden units, the strongest first: blue where ink speaks against a unit, red where for it."""

    layer: int = 1
    """Which layer of hidden units; above the first, the fields of the units below are added up by their weights."""
    units: int = 100
    """How many units."""
    out: Path = Path("filters.png")
    """The drawing."""

    def __post_init__(self) -> None:
        check_range("--layer", self.layer, least=1)
        check_range("--units", self.units, least=1)


def main(name: str, flags: list[str]) -> None:
    """Draw the fields of the model ``name``."""
    options = parse(FieldOptions, flags, prog=f"explain.py {name}")
    make_place(options.out)
    from zoo.figures.canvas import save
    from zoo.figures.rbm import receptive_fields, side_of
    from zoo.models.dbn import DBN
    from zoo.models.rbm import RBM
    from zoo.registry import load_trained

    model = load_trained(name).model
    assert isinstance(model, RBM | DBN)
    machines = [model] if isinstance(model, RBM) else [*model.machines]
    if options.layer > len(machines):
        raise ZooError(f"--layer {options.layer}: {name} has {len(machines)} layer{'s' * (len(machines) > 1)} of hidden units")
    field = machines[0].weight.detach()
    for machine in machines[1 : options.layer]:
        field = machine.weight.detach()[:, : len(field)] @ field
    if side_of(field.shape[1]) is None:
        raise ZooError(f"{name}: {field.shape[1]} visible units are no square picture, so there is nothing to draw")
    strongest = field.norm(dim=1).argsort(descending=True)[: options.units]
    save(receptive_fields(field[strongest]), options.out)
    print(f"units       {len(strongest)} of {len(field):,} in layer {options.layer}, the longest fields first")
    print(f"drawing     {options.out}")
