"""Records with other values than were written: one line, never a traceback, and nothing that was not asked for."""

import copy
import json
import random
import shutil

import pytest

from tests.faults.counts import times
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, train
from zoo.errors import RunError, ZooError

STRANGE = [None, True, -1, 0, 3, 10**9, 0.5, -1e308, "", "x", "../../x", "\ud800", [], [1], ["x"] * 1000, {}, {"x": 1}]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "moon"
    run(short("mlp-double-moon"), folder)
    return folder


def _places(value, path=()):
    """Every place of a nested value, and the value itself."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _places(item, (*path, key))


def _changed(record, draw):
    """The same with another value, or without one, somewhere."""
    record = copy.deepcopy(record)
    *way, last = draw.choice([place for place in _places(record) if place])
    parent = record
    for key in way:
        parent = parent[key]
    if draw.random() < 0.2:
        del parent[last]
    else:
        parent[last] = draw.choice(STRANGE)
    return record


def _write(path, record, draw):
    text = json.dumps(record)
    if draw.random() < 0.1:  # no JSON at all
        text = draw.choice([text[: draw.randrange(len(text))], "[" * 100_000, "", text + text])
    path.write_bytes(text.encode() + b"\xff" * (draw.random() < 0.02))


def _use(file, folder):
    if file in ("config.json", "metrics.json"):
        evaluate.main([str(folder)])
    else:
        (folder / "metrics.json").unlink()
        train.main(["--resume", str(folder)])


@times(5, 500)
@pytest.mark.parametrize("file", ["config.json", "metrics.json", "recipe.json", "environment.json"])
def test_a_record_with_other_values_is_refused_with_one_line_or_obeyed(file, count, finished, tmp_path, report, capsys):
    folder, draw, complaints = tmp_path / "run", random.Random(4), []
    original = json.loads((finished / file).read_text())
    for _ in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(finished, folder)
        _write(folder / file, _changed(original, draw), draw)
        try:
            _use(file, folder)
        except (ZooError, RunError) as error:
            complaints.append(str(error))
        capsys.readouterr()
    assert all(complaint and "\n" not in complaint for complaint in complaints)
    report.add(
        f"{file} with another value, or cut off", count=count, result=f"{len(complaints):,} refused with one line, the others obeyed"
    )
