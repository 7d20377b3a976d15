from pathlib import Path

import pytest

import zoo
from zoo.data.about import ABOUT
from zoo.data.algorithmic import TASKS
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.recipes.kinds import kind_named
from zoo.recipes.transduction_report import AIMS, MEASURES, shown_size
from zoo.records import ModelMeta


def _meta(kind, **figures):
    released = {"seed": 1} | {name: values[1] for name, values in figures.items()}
    metrics = {name: {"values": values} for name, values in figures.items()} | {"seeds": [0, 1, 2], "released": released}
    return ModelMeta(
        **{"name": "ntm.x", "arch": "ntm", "recipe": "ntm-copy", "kind": "transduction", "loss": "", "labels": [], "options": {}},
        **{"transform": None, "sha256": "", "parameters": 0, "folder": Path(), "data": {"kind": kind}, "metrics": metrics},
    )


def test_a_card_says_which_seeds_reach_each_aim_and_what_became_of_every_seed():
    """The last seed never solved its task: having had nothing to lose is no aim reached."""
    figures = {"test/wrong_bits": [0.0, 0.0, 40.0], "test/wrong_bits_120": [0.3, 0.05, 400.0]}
    text = kind_named("transduction").notes(
        _meta("copy", **figures, **{"train/solved_at": [9000, 4000, -1], "train/relapse": [0.0, 1.5, -1.0]})
    )
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "| wrong bits a sequence, sizes as in training: at most 0.000 | 2 of 3 | reached |" in rows
    assert "| wrong bits a sequence, size 120: at most 0.100 | 1 of 3 | reached |" in rows
    assert "| sequences until solved (-1: not): at most 8000 | 1 of 3 | reached |" in rows
    assert "| worst validation in the 10,000 sequences after, wrong bits (-1: not solved): at most 1.000 | 1 of 3 | not reached |" in rows
    assert rows[-3:] == ["| 0 | 9,000 | 0.000 |", "| 1 | 4,000 | 1.500 |", "| 2 | not | - |"]


@pytest.mark.parametrize(
    ("kind", "metric", "values", "row"),
    [
        ("recall", "test/bits_12", [0.05, 0.2, 0.3], "| bits a sequence, size 12: at most 0.100 | 1 of 3 | not reached |"),
        ("sort", "test/bits", [9.0, 4.9, 5.1], "| bits a sequence, sizes as in training: at most 5.000 | 1 of 3 | reached |"),
        (
            "repeat-copy",
            "test/ended_20",
            [1.0, 0.95, 0.9],
            "| answers that end where they should, size 20: at least 95.00 % | 2 of 3 | reached |",
        ),
    ],
)
def test_every_task_has_aims_of_its_own(kind, metric, values, row):
    assert row in kind_named("transduction").notes(_meta(kind, **{metric: values})).splitlines()


def test_every_aim_is_of_a_figure_that_is_measured():
    shown = {measure.metric for measure in MEASURES}
    for kind, aims in AIMS.items():
        beyond = {f"test/{name}_{size}" for name in ("wrong_bits", "bits", "ended") for size in TASKS[kind].beyond}
        assert {aim.metric for aim in aims} <= shown & (beyond | {"test/wrong_bits", "test/bits", "train/solved_at", "train/relapse"})


def test_pictures_are_of_the_largest_test():
    assert [shown_size(zoo.get_model("ntm"), AlgorithmicOptions(kind=kind)) for kind in ("copy", "sort")] == [120, 20]
    assert shown_size(zoo.get_model("ntm", rows=90), AlgorithmicOptions()) == 80, "of those that the machine has rows for"
    assert shown_size(zoo.get_model("ntm", rows=70), AlgorithmicOptions(kind="recall", longest=6)) == 15, "an item takes four"
    assert shown_size(zoo.get_model("lstm_transducer"), AlgorithmicOptions(longest=200)) == 200


@pytest.mark.parametrize("kind", TASKS)
def test_a_card_calls_the_data_by_its_own_name(kind):
    """Two kinds of data once had one key."""
    assert ABOUT[kind].title.endswith("Graves et al. 2014")
