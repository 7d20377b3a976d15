"""explain.py WHAT ...: look into a model; each file beside this one explains one thing.

A file is found by the first argument itself (``filters``), else by the kind or the architecture of the model that it names;
a classifier of pictures has none of its own, and is for ``cam``. A file holds ``main(name, flags)``: the first argument and the rest.
"""

import importlib
import pkgutil
from pathlib import Path

from zoo.cli.common import take_model
from zoo.errors import ZooError
from zoo.records import find_record

_USAGE = """usage: explain.py MODEL PICTURE ... [--classes top5] [--out overlay.png] [--field value ...]
       explain.py filters PICTURE [--out filters.png]
       explain.py ntm --curves [--runs DIR]
       explain.py MACHINE --length 120 [--out DIR]
       explain.py STACK [--layer 1] [--units 100] [--out filters.png]
       explain.py EMBEDDING [EMBEDDING ...] [--out features.png]
       explain.py READER --text "int main()" [--problem 1] [--layer 1] [--out DIR]

MODEL is a released model (scripts/list_models.py --released), the folder of a run, or torchvision/NAME; MACHINE is one that
is a neural Turing machine or the LSTM beside it, STACK one that is a restricted Boltzmann machine or a deep
belief network, EMBEDDING one trained with center loss, READER one of char_lstm.
explain.py MODEL --help and explain.py filters --help list the fields."""

_TOPICS = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])}


def main(args: list[str]) -> None:
    """Explain what ``args`` name."""
    name, flags = take_model(args, usage=_USAGE)
    importlib.import_module(f"{__name__}.{_topic(name)}").main(name, flags)


def _topic(name: str) -> str:
    """The file that explains ``name``; what is no trained model is taken for a classifier of pictures, and answered there."""
    record = None if name in _TOPICS else find_record(name)
    candidates = (name, record.kind, record.arch) if record else (name,)
    topic = next((word for word in candidates if word in _TOPICS), None)
    if topic is None and record and record.transform is None:
        raise ZooError(f"{name}: nothing is drawn of a {record.arch}; explain.py --help names what is explained")
    return topic or "cam"
