"""evaluate.py NAME: a trained model on its test split."""

from zoo.cli.common import check_json, make_folder, parse, take_model, write_figures
from zoo.recipes.options import EvaluateOptions
from zoo.recipes.registry import evaluation_options
from zoo.records import find_record

_USAGE = """usage: evaluate.py NAME [--data.root DIR] [--pictures DIR] [--json FILE]

NAME is a released model (scripts/list_models.py --released) or the folder of a run; evaluate.py NAME --help
lists what can be asked of it. The test figures are those of the card, to every printed digit on the CPU."""


def main(args: list[str]) -> None:
    """Evaluate the model that ``args`` name."""
    name, flags = take_model(args, usage=_USAGE)
    record = find_record(name)
    options = parse(evaluation_options(record.kind) if record else EvaluateOptions, flags, prog=f"evaluate.py {name}")
    check_json(options.json)
    from zoo.recipes.kinds import kind_named
    from zoo.recipes.pictures import write_pictures
    from zoo.registry import load_trained

    trained = load_trained(name)
    if options.pictures:
        make_folder(options.pictures)
    report = kind_named(trained.meta.kind).evaluate(trained, options)
    print(f"{name} on {trained.meta.data['title']}")
    print("\n".join(report.lines))
    if options.pictures:
        if not report.pictures:
            print(f"picture     none: nothing is drawn of a {trained.meta.arch}")
        for path in write_pictures(options.pictures, report.pictures):
            print(f"picture     {path}")
    write_figures(options.json, report.figures)
