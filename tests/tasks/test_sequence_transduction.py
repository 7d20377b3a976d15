import json
from dataclasses import replace

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zoo
from tests.recipes.helpers import run, short
from zoo.cli import evaluate, train
from zoo.data.algorithmic import copy
from zoo.data.algorithmic_options import AlgorithmicOptions
from zoo.errors import RunError, ZooError
from zoo.recipes.checkpoints import find_checkpoint
from zoo.recipes.kinds import kind_named
from zoo.recipes.ntm import TransductionEvaluateOptions
from zoo.recipes.preparation import prepare
from zoo.recipes.transduction_report import check_length, draw
from zoo.registry import load_trained
from zoo.tasks.optimizers import build_optimizer, build_schedule
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.sequence_transduction import SequenceTransduction
from zoo.tasks.transduction_options import TransductionOptions


def shortened(name="ntm-copy", *, epochs=1, steps=3, **model):
    recipe = short(name, epochs=epochs)
    return replace(recipe, model=replace(recipe.model, **model), data=replace(recipe.data, steps=steps, longest=3, validation=2))


@pytest.mark.parametrize("arch", ["ntm", "lstm_transducer"])
def test_a_batch_is_learnt_by_heart(arch):
    torch.manual_seed(0)
    model = zoo.get_model(arch, **({"hidden": 64, "layers": 1} if arch == "lstm_transducer" else {}))
    x, target, asked = copy(4, 3, torch.Generator().manual_seed(0))
    optimizer = build_optimizer(model.parameters(), OptimizerOptions(name="adam", lr=1e-2))
    for _ in range(150):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(x)[:, asked], target[:, asked]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    assert torch.equal(model(x)[:, asked] > 0, target[:, asked] > 0.5)


class _Answers(torch.nn.Module):
    """Says what it is told to say."""

    def __init__(self):
        super().__init__()
        self.logit = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        return self.logit.expand(*x.shape[:2], 1)


def _validate(task, logit, *, sequences):
    task.model.logit.data.fill_(logit)
    task.sequences = sequences
    task.on_validation_epoch_start()
    with torch.no_grad():
        task.validation_step((torch.zeros(2, 3, 1), torch.ones(2, 3, 1), torch.ones(3, dtype=torch.bool)), 0)
    task.on_validation_epoch_end()


def _task(stop_after=-1):
    task = SequenceTransduction(_Answers(), TransductionOptions(stop_after=stop_after))
    task.log_dict = lambda *_, **__: None
    task.schedule = build_schedule(torch.optim.SGD(task.parameters(), lr=2.0), OptimizerOptions(schedule="constant"), steps=9)
    task.lr_schedulers = lambda: task.schedule
    task.trainer = type("Trainer", (), {"should_stop": False})()
    return task


def test_solved_is_the_first_validation_that_is_right_and_sure_and_later_errors_are_its_relapse():
    task = _task()
    for sequences, logit in ((100, -5.0), (200, 0.5), (300, 5.0), (400, 5.0), (500, -5.0), (10_400, -9.0)):
        _validate(task, logit, sequences=sequences)
        assert task.solved_at == (None if sequences < 300 else 300)
    assert task.relapse == 3.0  # the last validation is out of the span, the one before gets three bits wrong
    assert [wrong for _, _, wrong in task.curve] == [3.0, 0.0, 0.0, 0.0, 3.0, 3.0]


def test_the_rate_falls_once_when_the_task_is_solved():
    task, rates = _task(), []
    for sequences, logit in ((100, -5.0), (200, 5.0), (300, -5.0), (400, 5.0)):
        _validate(task, logit, sequences=sequences)
        task.schedule.optimizer.step()
        task.schedule.step()
        rates += task.schedule.get_last_lr()
    assert rates == pytest.approx([2.0, 0.6, 0.6, 0.6])


def test_a_solved_task_remembers_steep_gradients_for_longer():
    task = _task()
    adam = torch.optim.Adam(task.parameters(), betas=(0.9, 0.99))
    task.schedule = build_schedule(adam, OptimizerOptions(schedule="constant"), steps=9)
    for sequences, logit, beta2 in ((100, -5.0, 0.99), (200, 5.0, 0.999)):
        _validate(task, logit, sequences=sequences)
        assert adam.param_groups[0]["betas"] == (0.9, beta2)


@pytest.mark.parametrize(("stop_after", "stops"), [(-1, [False] * 3), (0, [False, True, True]), (50, [False, False, True])])
def test_a_run_stops_so_many_sequences_after_it_was_solved(stop_after, stops):
    task = _task(stop_after)
    for (sequences, logit), stop in zip(((60, -5.0), (100, 5.0), (150, -5.0)), stops, strict=True):
        _validate(task, logit, sequences=sequences)
        assert task.trainer.should_stop == stop


@pytest.mark.parametrize(
    ("options", "solved_at", "left"),
    [
        ({"clip": 1.0}, None, -1.0),
        ({"clip": 1.0, "calm_clip": 0.1}, 500, -0.1),
        ({"clip": 0.0, "clip_value": 2.0}, None, -2.0),
        ({"clip": 0.0, "calm_clip": 0.0}, 500, -5.0),
    ],
)
def test_a_long_gradient_is_shortened_the_more_once_the_task_is_solved_and_a_large_number_in_it_cut(options, solved_at, left):
    task = SequenceTransduction(_Answers(), TransductionOptions(**options))
    task.solved_at = solved_at
    task.model.logit.grad = torch.tensor(-5.0)
    task.configure_gradient_clipping(None)
    assert task.model.logit.grad.item() == pytest.approx(left, rel=1e-4)


def test_a_run_is_recorded_and_measured_again_alike(tmp_path):
    figures, _ = run(shortened(), tmp_path / "run")
    trained = load_trained(str(tmp_path / "run"))
    report = kind_named("transduction").evaluate(trained, TransductionEvaluateOptions(pictures=tmp_path))
    assert {name: value for name, value in figures.items() if name.startswith("test/")} == report.figures
    assert set(report.pictures) == {"answers", "memory_use", "memory"}
    one = kind_named("transduction").evaluate(trained, TransductionEvaluateOptions(length=30, count=5))
    assert 0 < one.figures["test/wrong_bits"] < 30 * 8
    assert not any("ended" in name for name in (*figures, *one.figures)), "a copy has no end mark"
    events = [EventAccumulator(str(file)).Reload() for file in (tmp_path / "run").glob("events*")]
    final = {tag for each in events for tag in each.Tags()["scalars"] if tag.startswith("final/")}
    assert "final/test/bits" in final
    assert {"test/answers", "test/memory_use", "test/memory"} <= {tag for each in events for tag in each.Tags()["images"]}
    assert (one.figures["length"], one.figures["count"]) == (30, 5)
    assert not any("curve" in tag for tag in final), "a curve's points are no figures to compare"


@pytest.mark.parametrize("solved", [False, True])
def test_a_resumed_run_ends_with_the_same_weights_and_the_same_curve(tmp_path, monkeypatch, solved):
    """Once solved, a run goes on calmly, also when it is resumed."""
    recipe = shortened(epochs=2)
    if solved:
        right = type("Right", (), {"figures": lambda self, split: {"val/bits": 0.5, "val/wrong_bits": 0.0}})()
        monkeypatch.setattr("zoo.tasks.sequence_transduction.join", lambda scores: right)
    whole, model = run(recipe, tmp_path / "whole")

    class Power(BaseException):
        pass

    def fail(self):
        if self.current_epoch == 1:
            raise Power

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SequenceTransduction, "on_train_epoch_start", fail)
        with pytest.raises(Power):
            run(recipe, tmp_path / "broken")
    figures, resumed = run(recipe, tmp_path / "broken", resume=find_checkpoint(tmp_path / "broken")[0])
    assert all(torch.equal(one, two) for one, two in zip(model.state_dict().values(), resumed.state_dict().values(), strict=True))
    assert {**whole, "seconds": 0} == {**figures, "seconds": 0}
    assert figures["train/solved_at"] == (12 if solved else -1)
    assert figures["train/relapse"] == (0 if solved else -1)


def test_a_number_that_is_none_stops_the_run_by_name(tmp_path):
    recipe = shortened()
    recipe = replace(recipe, task=replace(recipe.task, optimizer=replace(recipe.task.optimizer, lr=1e38)))
    with pytest.raises(RunError, match=r"the (loss|gradient) is (not a number|infinite) in step \d+"):
        run(recipe, tmp_path / "run")


def test_sizes_that_the_task_or_the_memory_has_not_and_several_devices_are_refused(tmp_path):
    recipe = shortened()
    with pytest.raises(ZooError, match=r"--trainer\.devices 2"):
        prepare(replace(recipe, trainer=replace(recipe.trainer, devices=2)))
    with pytest.raises(ZooError, match=r"--trainer\.compile: every length"):
        prepare(replace(recipe, trainer=replace(recipe.trainer, compile=True)))
    with pytest.raises(ZooError, match=r"--data\.longest 1001: must be at least 1 and below 1001"):
        prepare(replace(recipe, data=replace(recipe.data, longest=1001)))
    with pytest.raises(ZooError, match=r"--data\.longest 3: the memory has 2 rows.*raise --model\.rows"):
        prepare(replace(recipe, model=replace(recipe.model, rows=2, shifts=1)))
    run(recipe, tmp_path / "run")
    trained = load_trained(str(tmp_path / "run"))
    for length, complaint in ((0, "--length 0: must be at least 1 and below 1001"), (161, "--length 161: the model's memory has 160 rows")):
        with pytest.raises(ZooError, match=complaint):
            kind_named("transduction").evaluate(trained, TransductionEvaluateOptions(length=length))
    with pytest.raises(ZooError, match="--length 1001: must be at least 1 and below 1001"):
        check_length(zoo.get_model("lstm_transducer"), AlgorithmicOptions(), 1001)
    with pytest.raises(ZooError, match="--length 101: must be at least 1 and below 101"):  # of each ten vectors
        check_length(zoo.get_model("lstm_transducer"), AlgorithmicOptions(kind="repeat-copy"), 101)
    with pytest.raises(ZooError, match="--count 5: goes with --length"):
        evaluate.main([str(tmp_path / "run"), "--count", "5"])


def test_another_length_is_measured_by_a_command(tmp_path, capsys):
    run(shortened(), tmp_path / "run")
    evaluate.main([str(tmp_path / "run"), "--length", "7", "--count", "3", "--json", str(tmp_path / "figures.json")])
    assert "3 sequences of size 7" in capsys.readouterr().out
    assert json.loads((tmp_path / "figures.json").read_text())["length"] == 7


def test_an_lstm_has_a_picture_of_its_answer(tmp_path):
    _, model = run(shortened("lstm-copy", hidden=8, layers=1), tmp_path / "run")
    assert set(draw(model, AlgorithmicOptions(), size=9)) == {"answers"}


@pytest.mark.parametrize(
    ("recipe", "flags", "complaint"),
    [
        ("ntm-copy", ["--model.shifts", "4"], "4 shifts: must be an odd number"),
        ("ntm-copy", ["--model.rows", "3", "--model.shifts", "5"], "5 shifts over a memory of 3 rows"),
        ("lstm-copy", ["--model.layers", "0"], "layers 0: must"),
    ],
)
def test_sizes_of_the_model_are_flags_and_those_that_cannot_be_are_told(tmp_path, recipe, flags, complaint):
    with pytest.raises(ZooError, match=complaint):
        train.main([recipe, *flags, "--run", str(tmp_path / "run"), "--trainer.accelerator", "cpu"])
