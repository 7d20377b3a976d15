"""list_models.py [PATTERN]: architectures and released weights."""

from dataclasses import dataclass

import tyro

from zoo.cli.common import nearest, parse


@dataclass(frozen=True)
class ListOptions:
    """List architectures (without a dot) and released weights (arch.tag) with their figure of merit."""

    pattern: tyro.conf.Positional[str] = "*"
    """Which names, as in a shell: '*lstm*'."""
    released: bool = False
    """Only released weights."""


def main(args: list[str]) -> None:
    """Print the models that match."""
    options = parse(ListOptions, args, prog="list_models.py")
    import inspect

    import zoo
    from zoo.recipes.kinds import kind_named
    from zoo.registry import entry

    pretrained = True if options.released else None
    names = zoo.list_models(options.pattern, pretrained=pretrained)
    if not names:
        raise nearest(options.pattern, zoo.list_models(pretrained=pretrained), what="model that matches")
    width = max(map(len, names)) + 1
    for name in names:
        if name in zoo.list_models(pretrained=False):
            print(f"{name:{width}} {(inspect.getdoc(entry(name).build) or '').splitlines()[0]}")
        else:
            meta = zoo.describe(name)
            measure = kind_named(meta.kind).measures[0]
            figure = f"{measure.title} {measure.text(meta.metrics['released'][measure.metric])}"
            print(f"{name:{width}} {meta.recipe}: {figure}, {meta.parameters:,} parameters")
