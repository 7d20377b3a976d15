"""Records with other values than were written: one line, never a traceback, and nothing that was not asked for."""

import copy
import json
import random
import shutil

import pytest

from tests.data.idx_files import write_pictures
from tests.faults.counts import times
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, predict, train
from zoo.cli.common import run_command

STRANGE = [None, True, -1, 0, 3, 10**9, 0.5, -1e308, "", "x", "../../x", "\ud800", [], [1], ["x"] * 1000, {}, {"x": 1}]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "moon"
    run(short("mlp-double-moon"), folder)
    return folder


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A run of a model that takes pictures, and a picture beside it."""
    folder = tmp_path_factory.mktemp("runs") / "lenet"
    run(short("lenet5-digits"), folder)
    write_pictures(folder.parent / "pictures")
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


def _said(main, folder, *args, capsys) -> str | None:
    """The one line of a command that refused its run; None where it went through."""
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["script", *args, str(folder)])
        try:
            run_command(main)
        except SystemExit as exit:
            code = exit.code
    said = capsys.readouterr().err
    assert code in (0, 1, 2)
    return said if code else None


def _refusals(finished, file, use, folder, count) -> int:
    """How many of ``count`` altered records were refused."""
    draw, complaints = random.Random(4), []
    original = json.loads((finished / file).read_text())
    for _ in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(finished, folder)
        _write(folder / file, _changed(original, draw), draw)
        complaints.append(use(folder))
    said = [complaint for complaint in complaints if complaint is not None]
    assert all(complaint.startswith("error: ") and complaint.count("\n") == 1 for complaint in said)
    return len(said)


def _use(file, folder, capsys):
    if file in ("config.json", "metrics.json"):
        return _said(evaluate.main, folder, capsys=capsys)
    (folder / "metrics.json").unlink()
    return _said(train.main, folder, "--resume", capsys=capsys)


@times(5, 500)
@pytest.mark.parametrize("file", ["config.json", "metrics.json", "recipe.json", "environment.json"])
def test_a_record_with_other_values_is_refused_with_one_line_or_obeyed(file, count, finished, tmp_path, report, capsys):
    refused = _refusals(finished, file, lambda folder: _use(file, folder, capsys), tmp_path / "run", count)
    report.add(f"{file} with another value, or cut off", count=count, result=f"{refused:,} refused with one line, the others obeyed")


@times(5, 500)
def test_a_picture_is_shown_to_a_model_whose_record_has_other_values(count, reader, tmp_path, report, capsys):
    def use(folder):
        return _said(lambda args: predict.main([*args, str(reader.parent / "pictures/bars/0.png")]), folder, capsys=capsys)

    refused = _refusals(reader, "config.json", use, tmp_path / "run", count)
    report.add(
        "config.json with another value, or cut off, then predict.py",
        count=count,
        result=f"{refused:,} refused with one line, the others obeyed",
    )
