"""explain.py READER --text ...: what the gates and the memory of a character LSTM do while it reads."""

from dataclasses import dataclass
from pathlib import Path

from zoo.cli.common import make_folder, parse
from zoo.errors import ZooError, check_range

_MOST = 400  # characters that a picture has room for


@dataclass(frozen=True)
class ReadingOptions:
    """Draw the gates of one layer, and the cell states that vary most, below every character of a text."""

    text: str
    """What is read, letter by letter; most shells take $'a\\nb' for two lines."""
    problem: int = 1
    """Number of the problem that the text is for, where the model knows problems."""
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
    make_folder(options.out)
    import torch

    from zoo.figures.canvas import save
    from zoo.figures.language import gate_picture, unit_traces
    from zoo.models.char_lstm import CharLSTM
    from zoo.models.vocabulary import START, Vocabulary
    from zoo.registry import load_trained

    trained = load_trained(name)
    assert isinstance(trained.model, CharLSTM)
    known, layers = trained.meta.options["problems"], trained.meta.options["layers"]
    check_range("--layer", options.layer, least=0, below=layers + 1)
    if known:
        check_range("--problem", options.problem, least=1, below=known + 1)
    code = Vocabulary(trained.meta.labels).encode(options.text, what="--text").long()
    begun = torch.cat([torch.tensor([START]), code])[None]
    trace = trained.model.trace(begun, torch.tensor([options.problem - 1]) if known else None)[options.layer - 1]
    read = ["", *options.text]  # the mark of the start has no letter
    for drawing, figure in (("gates", gate_picture(trace, read)), ("units", unit_traces(trace, read))):
        path = options.out / f"{drawing}.png"
        save(figure, path)
        print(f"picture     {path}")
