"""explain.py READER --text ...: what the gates and the memory of a character LSTM do while it reads."""

from dataclasses import dataclass
from pathlib import Path

from zoo.cli.common import make_folder, parse
from zoo.errors import ZooError

_MOST = 400  # characters that a picture has room for


@dataclass(frozen=True)
class ReadingOptions:
    """Draw the gates of one layer, and the cell states that vary most, below every character of a text."""

    text: str
    """What is read, letter by letter; most shells take $'a\\nb' for two lines."""
    problem: int | None = None
    """Number of the problem that the text is for, where the model knows problems; the first if none is given."""
    layer: int = 0
    """Which layer, from 1; 0 for the last."""
    out: Path = Path("reading")
    """Folder for the pictures."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= _MOST:
            raise ZooError(f"--text: {len(self.text):,} characters; give 1 to {_MOST}")


def main(name: str, flags: list[str]) -> None:
    """Read the text, and draw."""
    options = parse(ReadingOptions, flags, prog=f"explain.py {name}")
    import torch

    from zoo.cli.generate.char_lstm import known_problems
    from zoo.figures.canvas import save
    from zoo.figures.language import gate_picture, unit_traces
    from zoo.models.char_lstm import CharLSTM
    from zoo.models.vocabulary import START, Vocabulary
    from zoo.registry import load_trained

    trained = load_trained(name)
    assert isinstance(trained.model, CharLSTM)
    if not 0 <= options.layer <= (layers := trained.meta.options["layers"]):
        raise ZooError(f"--layer {options.layer}: {name} has layers 1 to {layers}; 0 is the last")
    if trained.meta.options["cell"] != "lstm":
        raise ZooError(f"{name} is a plain recurrent network, which has no gates to draw")
    problems = known_problems(trained, options.problem)
    problem = problems[0] if isinstance(problems, range) else problems
    code = Vocabulary(trained.meta.labels).encode(options.text, what="--text").long()
    begun = torch.cat([torch.tensor([START]), code])[None]
    trace = trained.model.trace(begun, None if problem is None else torch.tensor([problem]))[options.layer - 1]
    make_folder(options.out)
    read = ["", *options.text]  # the mark of the start has no letter
    print(f"read        by layer {options.layer or layers}" + ("" if problem is None else f", for problem {problem + 1}"))
    for drawing, figure in (("gates", gate_picture(trace, read)), ("units", unit_traces(trace, read))):
        path = options.out / f"{drawing}.png"
        save(figure, path)
        print(f"picture     {path}")
