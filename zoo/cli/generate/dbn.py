"""generate.py dbn.TAG: fantasies of a deep belief network, of any class or of one."""

from dataclasses import dataclass

from zoo.cli.common import make_place, parse
from zoo.cli.generate.rbm import FantasyOptions, draw


@dataclass(frozen=True)
class ClassFantasyOptions(FantasyOptions):
    """Draw what a model believes in: Gibbs chains in its top machine and a pass down, as a PNG grid."""

    digit: int | None = None
    """The class that the label units are held at; without it they follow the chains."""


def main(name: str, flags: list[str]) -> None:
    """Draw fantasies of the stack of ``name``."""
    options = parse(ClassFantasyOptions, flags, prog=f"generate.py {name}")
    make_place(options.out)
    import torch

    from zoo.models.dbn import DBN
    from zoo.registry import load_trained

    model = load_trained(name).model
    assert isinstance(model, DBN)
    generator = torch.Generator().manual_seed(options.seed)
    draw(model.sample(options.count, steps=options.steps, generator=generator, label=options.digit), options.out)
