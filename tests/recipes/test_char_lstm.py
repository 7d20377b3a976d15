"""The character network from training to what it writes."""

import os
import re
import signal
from dataclasses import replace

import pytest
import torch

from tests.cli.helpers import fails_with_one_line
from tests.recipes.helpers import run
from zoo.cli import evaluate, explain, export, generate, train
from zoo.cli.generate import char_lstm
from zoo.data.c_programs import PROBLEMS
from zoo.data.source_code import Texts, load_texts
from zoo.errors import ZooError
from zoo.metrics import code
from zoo.metrics.code import check_running
from zoo.models.char_sampling import Sampling
from zoo.models.vocabulary import Vocabulary
from zoo.recipes import language_report
from zoo.recipes.checkpoints import find_checkpoint
from zoo.recipes.interruption import Interrupted
from zoo.recipes.kinds.char_language_model import CharLanguageModelKind
from zoo.recipes.record import read_recipe
from zoo.recipes.registry import all_recipes
from zoo.registry import describe, get_model
from zoo.tasks.char_language_model import CharLanguageModel


def _recipe(**task):
    """The embedded recipe, small: dropout on, and windows that texts go on through."""
    recipe = all_recipes()["char-lstm-programs"].make()
    return replace(
        recipe,
        model=replace(recipe.model, hidden=24, dropout=0.1),
        data=replace(recipe.data, programs=60, batch_size=8, window=60),
        task=replace(recipe.task, **{"samples": 4, "ngrams": 3, "sample_every": 40} | task),
        trainer=replace(recipe.trainer, max_epochs=2, progress_bar=False, accelerator="cpu"),
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return folder, *run(_recipe(), folder)


def test_a_run_measures_all_that_its_card_tells(finished):
    _, metrics, _ = finished
    assert 0 < metrics["val/loss"] < 4
    assert metrics["val/bits"] == pytest.approx(metrics["val/loss"] / 0.693147, rel=1e-4)
    assert metrics["ngram/order"] == 3
    assert (metrics["sample/count"], metrics["sample/temperature"]) == (4, 0.6)
    for name in ("sample/compiles", "real/compiles", "sample/copied", "real/copied", "data/near_duplicates"):
        assert 0 <= metrics[name] <= 1


def test_a_run_that_was_stopped_within_a_text_ends_as_if_it_had_not_been(finished, tmp_path, monkeypatch):
    _, metrics, model = finished
    steps, step = [], CharLanguageModel.training_step

    def stopping(self, window, index):
        steps.append(window.begins)
        if len(steps) > 25 and not window.begins:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, window, index)

    with monkeypatch.context() as patch:
        patch.setattr(CharLanguageModel, "training_step", stopping)
        with pytest.raises(Interrupted):
            run(_recipe(), tmp_path / "run")
    checkpoint, complaint = find_checkpoint(tmp_path / "run")
    assert complaint is None
    assert not steps[-1], "the state had to be carried over"
    again, same = run(read_recipe(tmp_path / "run"), tmp_path / "run", resume=checkpoint)
    for mine, other in zip(model.parameters(), same.parameters(), strict=True):
        assert torch.equal(mine, other)
    assert {**again, "seconds": 0} == {**metrics, "seconds": 0}


def test_evaluation_says_again_what_the_run_measured(finished, capsys):
    folder, metrics, _ = finished
    evaluate.main([str(folder), "--samples", "4", "--ngrams", "3"])
    said = capsys.readouterr().out
    assert f"{metrics['val/loss']:.4f} nats a character" in said
    assert f"{metrics['ngram/loss']:.4f} with order 3" in said
    assert f"{100 * metrics['sample/compiles']:.1f} % of 4 programs at temperature 0.6" in said


def test_tensorboard_has_samples_gates_and_units(finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished[0]))
    events.Reload()
    tags = events.Tags()
    assert {"train/loss_step", "train/loss_epoch", "train/gradient_norm", "val/loss", "val/perplexity"} <= set(tags["scalars"])
    assert {"gates/last_layer", "units/last_layer"} <= set(tags["images"])
    assert any(tag.startswith("sample/text") for tag in tags["tensors"])


def test_texts_are_written_and_told_where_they_come_from(finished, capsys):
    folder = str(finished[0])
    generate.main([folder, "--problem", "2", "--prompt", "int main(", "--count", "2", "--max-length", "60", "--seed", "3"])
    said = capsys.readouterr().out
    assert f"--- 1 of 2, for problem 2 ({PROBLEMS[1]})\nint main(" in said
    assert said.count("unfinished  left as it is after 60 characters") == 2
    assert "--- 2 of 2" in said
    assert "training programs for problem 2\n" in said
    assert len(re.findall(r"^copied +\d+ of \d+ characters \(\d+%\)", said, re.M)) == 2
    assert "nearest in structure" in said
    assert "nearest in identifiers" in said
    generate.main([folder, "--problem", "2", "--prompt", "int main(", "--count", "2", "--max-length", "60", "--seed", "3"])
    assert capsys.readouterr().out == said, "the same seed writes the same"
    prompt = r'main() { printf("%d\n'
    generate.main([folder, "--prompt", prompt, "--max-length", "60", "--temperature", "0", "--no-compare"])
    said = capsys.readouterr().out
    assert prompt in said, "letter by letter, as the string of a program has it"
    assert "copied" not in said


def test_programs_are_run_when_they_compile(finished, monkeypatch, capsys):
    try:
        check_running()
    except ZooError as error:
        pytest.skip(str(error))
    flags = [str(finished[0]), "--run", "--no-compare", "--max-length", "20"]
    generate.main(flags)
    assert "not run     it does not compile" in capsys.readouterr().out
    program = 'int main() { for (int i = 0; i < 101; i++) puts("\\33[31malive"); return 3; }'
    monkeypatch.setattr(char_lstm, "_stream", lambda *_: (program, True))
    generate.main(flags)
    said = capsys.readouterr().out
    assert "unfinished" not in said
    assert "run         ended with code 3; it printed:\n␛[31malive\n" in said
    assert said.count("alive") == 100
    assert said.endswith("\n... and 1 more lines\n")


def test_what_cannot_be_run_is_refused_before_anything_is_written(finished, monkeypatch, capsys):
    monkeypatch.setattr(code, "checker", lambda: "tree-sitter")
    assert "--run needs gcc" in fails_with_one_line(generate.main, [finished[0], "--run"], capsys)
    assert capsys.readouterr().out == ""


def test_measured_programs_are_for_the_problems_of_the_training_texts(finished, monkeypatch):
    asked = []

    class Noting(language_report.Stepper):
        def __init__(self, model, problem, *, count):
            asked.append(problem)
            super().__init__(model, problem, count=count)

    monkeypatch.setattr(language_report, "Stepper", Noting)
    train = Texts(["a", "b", "c"], [4, 4, 7])
    vocabulary = Vocabulary(describe(str(finished[0])).labels)
    language_report.write_programs(finished[2], vocabulary, train, count=40, sampling=Sampling(0.6), seed=0)
    counts = torch.bincount(asked[0], minlength=8)
    assert set(counts.nonzero()[:, 0].tolist()) == {4, 7}
    assert counts[4] > counts[7]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--problem", "19"], "knows problems 1 to 18: 1 "),
        (["--problem", "0"], "knows problems 1 to 18"),
        (["--temperature", "-1"], "--temperature -1.0: must be at least 0"),
        (["--temperature", "nan"], "--temperature nan: must be a finite number"),
        (["--top-k", "-1"], "--top-k -1: must be at least 0"),
        (["--seed", str(2**64)], "must be at least 0 and below"),
        (["--top-p", "0"], "--top-p 0.0: must be above 0"),
        (["--prompt", "int é"], "'é' at character 5, which the model never saw"),
        (["--max-length", "0"], "--max-length 0: must be at least 1"),
        (["--input", "3 4"], "--input: is read by programs that are run; add --run"),
    ],
)
def test_what_cannot_be_written_is_refused_with_one_line(flags, message, finished, capsys):
    assert message in fails_with_one_line(generate.main, [finished[0], *flags], capsys)


def test_released_weights_read_like_the_trained_ones(finished):
    folder, _, model = finished
    loaded, text = get_model(str(folder)), torch.zeros(1, 3, dtype=torch.long)
    assert torch.equal(loaded(text, torch.tensor([1])), model.eval()(text, torch.tensor([1])))


def test_a_plain_network_on_a_stream_of_ones_own_text(tmp_path, capsys):
    (tmp_path / "text.txt").write_text("to be or not to be\n" * 60)
    flags = [
        "--data",
        "folder",
        "--data.root",
        tmp_path / "text.txt",
        "--data.layout",
        "stream",
        "--model.cell",
        "rnn",
        "--model.hidden",
        8,
    ]
    flags += ["--run", tmp_path / "run", "--trainer.max-epochs", 1, "--task.ngrams", 2, "--data.batch-size", 4, "--trainer.no-progress-bar"]
    train.main(["char-lstm-programs", *map(str, flags)])
    assert "training 1,026 characters in 1 text, validation 114" in capsys.readouterr().out
    evaluate.main([str(tmp_path / "run"), "--ngrams", "2"])
    assert "validation " in capsys.readouterr().out, "a text that was long enough to be learnt from can be read again"
    generate.main([str(tmp_path / "run"), "--max-length", "20"])
    said = capsys.readouterr().out
    assert "copied" in said
    assert "compiles" not in said
    assert "knows no problems" in fails_with_one_line(generate.main, [tmp_path / "run", "--problem", "1"], capsys)
    assert "writes no C programs" in fails_with_one_line(generate.main, [tmp_path / "run", "--run"], capsys)


def test_programs_may_be_read_as_a_stream(tmp_path):
    recipe = _recipe()
    metrics, model = run(replace(recipe, data=replace(recipe.data, layout="stream")), tmp_path / "run")
    assert model.problem is None
    assert 0 < metrics["val/loss"] < 4
    assert "val/loss_novel" not in metrics, "of six programs no mean is told"
    assert 0 <= metrics["sample/compiles"] <= 1


def test_what_is_behind_the_longest_text_that_is_read_is_told(tmp_path):
    recipe = _recipe()
    data = replace(recipe.data, longest=100)
    job = CharLanguageModelKind().prepare(replace(recipe, data=data))
    unread = sum(max(len(text) - 100, 0) for text in load_texts(data).train.text)
    assert f"({unread:,} of them behind the 100 that are read of each)" in job.about
    assert job.about.endswith("; to learn from all, add --data.layout stream or set --data.longest higher")
    assert "behind" not in CharLanguageModelKind().prepare(recipe).about
    little = CharLanguageModelKind().prepare(replace(recipe, data=replace(recipe.data, longest=450))).about
    assert "behind" in little
    assert "to learn from all" not in little


def test_a_network_that_wants_a_problem_is_no_onnx_file(finished, tmp_path, capsys):
    pytest.importorskip("onnxruntime")
    said = fails_with_one_line(export.main, ["onnx", finished[0], "--out", tmp_path / "model.onnx"], capsys)
    assert "wants the problem of every text, 0 to 17; ONNX files are written of models with one input" in said


def test_matrices_are_multiplied_less_precisely_in_training_alone(tmp_path, monkeypatch):
    recipe, used, step = _recipe(samples=0, ngrams=0), [], CharLanguageModel.training_step

    def noting(self, window, index):
        used.append(torch.get_float32_matmul_precision())
        return step(self, window, index)

    monkeypatch.setattr(CharLanguageModel, "training_step", noting)
    run(replace(recipe, trainer=replace(recipe.trainer, matmul="medium", max_steps=2)), tmp_path / "run")
    assert used == ["medium", "medium"]
    assert torch.get_float32_matmul_precision() == "highest"


def test_several_devices_are_refused(tmp_path):
    recipe = _recipe()
    with pytest.raises(ValueError, match="carried state is on one device"):
        run(replace(recipe, trainer=replace(recipe.trainer, devices=2)), tmp_path / "run")


def test_an_lstm_recalls_what_a_plain_network_forgets(tmp_path):
    recipe = all_recipes()["long-term-dependency"].make()
    recipe = replace(
        recipe, data=replace(recipe.data, longest=12, batches=80), trainer=replace(recipe.trainer, max_epochs=1, progress_bar=False)
    )
    metrics, _ = run(recipe, tmp_path / "run")
    assert metrics["val/lstm"] > 0.9
    assert metrics["val/lstm"] > metrics["val/plain"]
    assert metrics["val/lstm_error"] == 1 - metrics["val/lstm"]
    assert (tmp_path / "run/pictures/recall.png").stat().st_size > 5000
    with pytest.raises(ZooError, match="nothing is drawn of a recall"):
        explain.main([str(tmp_path / "run")])


def test_what_it_does_while_it_reads_is_drawn(finished, tmp_path, capsys):
    folder, *_ = finished
    explain.main([str(folder), "--text", "int main() {", "--out", str(tmp_path / "reading")])
    assert sorted(path.name for path in (tmp_path / "reading").iterdir()) == ["gates.png", "units.png"]
    for wrong, said in ((["int ä"], "--text has 'ä' at character 5"), (["i", "--layer", "2"], "--layer 2"), ([""], "--text: 0 characters")):
        assert said in fails_with_one_line(explain.main, [folder, "--text", *wrong], capsys)


def test_pictures_that_there_are_none_of_are_not_passed_over(finished, tmp_path, capsys):
    folder, *_ = finished
    evaluate.main([str(folder), "--pictures", str(tmp_path / "new"), "--samples", "0", "--ngrams", "0"])
    assert "none: nothing is drawn of a char_lstm" in capsys.readouterr().out
