"""describe.py NAME: what a model is."""

from zoo.cli.common import take_model
from zoo.errors import ZooError

_USAGE = "usage: describe.py NAME\n\nNAME is an architecture, a released model or the folder of a run."


def main(args: list[str]) -> None:
    """Print the card of released weights, the record of a run, or the options of an architecture."""
    name, rest = take_model(args, usage=_USAGE)
    if rest:
        raise ZooError(f"describe.py takes one name, not also {' '.join(rest)}")
    import inspect
    import json
    from dataclasses import asdict

    import zoo
    from zoo.registry import entry

    if name in zoo.list_models(pretrained=False):
        build = entry(name).build
        print(f"{name}{inspect.signature(build)}\n\n{inspect.getdoc(build)}\n\n{zoo.get_model(name)}")
        return
    meta = zoo.describe(name)
    card = meta.folder / "README.md"
    print(card.read_text() if card.is_file() else json.dumps(asdict(meta), indent=2, default=str))
