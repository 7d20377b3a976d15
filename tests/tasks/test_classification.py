from dataclasses import replace
from unittest.mock import create_autospec

import pytest
import pytorch_lightning as pl
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zoo
from tests.recipes.helpers import run, short
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.recipes.checkpoint_file import read_checkpoint
from zoo.recipes.preparation import prepare
from zoo.tasks.classification import Classification
from zoo.tasks.optimizers import build_optimizer
from zoo.tasks.options import ClassificationOptions, OptimizerOptions, StoppingOptions
from zoo.tasks.stopping import ErrorChangeStopping, GradientNormStopping


@pytest.mark.parametrize(
    ("arch", "options", "loss"),
    [
        ("lenet5", {"head": "rbf"}, "map"),
        ("lenet5", {"head": "linear"}, "cross-entropy"),
        ("mlp", {"activation": "sigmoid"}, "squared-error"),
        ("mlp", {"activation": "relu"}, "cross-entropy"),
    ],
)
def test_one_batch_is_learnt_by_heart(arch, options, loss):
    torch.manual_seed(0)
    model = zoo.get_model(arch, **options)
    x, label = torch.randn(16, *zoo.registry.entry(arch).example().shape[1:]), torch.arange(16) % 10
    optimizer = build_optimizer(model.parameters(), OptimizerOptions(lr=3e-3))
    for _ in range(150):
        optimizer.zero_grad()
        LOSSES[loss](model(x), label).backward()
        optimizer.step()
    assert torch.equal(model(x).argmax(1), label)


class _Module(pl.LightningModule):
    """Two weights, and what was logged."""

    def __init__(self):
        super().__init__()
        self.weight, self.logged = torch.nn.Parameter(torch.zeros(2)), {}

    def log(self, name, value, **options):
        self.logged[name] = value


def _trainer(**attributes):
    """What a stopping criterion sees of a trainer."""
    trainer = create_autospec(pl.Trainer, instance=True)
    trainer.configure_mock(should_stop=False, **attributes)
    return trainer


@pytest.mark.parametrize(("threshold", "stops"), [(4.9, False), (5.1, True)])
def test_the_gradient_criterion_takes_the_norm_of_the_mean_over_an_epochs_steps(threshold, stops):
    """Steps of (6, 0) and (0, 8): their mean is (3, 4), of norm 5, while each alone is longer."""
    trainer, module, criterion = _trainer(num_training_batches=2), _Module(), GradientNormStopping(threshold)
    criterion.on_train_epoch_start(trainer, module)
    for step in ([6.0, 0.0], [0.0, 8.0]):
        module.weight.grad = torch.tensor(step)
        criterion.on_before_optimizer_step(trainer, module, torch.optim.SGD(module.parameters()))
    criterion.on_train_epoch_end(trainer, module)
    assert module.logged["train/epoch_gradient_norm"] == pytest.approx(5.0)
    assert trainer.should_stop == stops


@pytest.mark.parametrize(("threshold", "stops"), [(0.09, False), (0.11, True)])
def test_the_error_criterion_takes_the_change_as_a_share_of_the_last_epochs_loss(threshold, stops):
    """From 2.0 to 1.8 is a tenth; the first epoch has nothing to compare with."""
    trainer, criterion = _trainer(), ErrorChangeStopping(threshold)
    task = Classification(torch.nn.Linear(1, 1), ClassificationOptions(), labels=["a", "b"])
    for loss in (2.0, 1.8):
        assert not trainer.should_stop
        task.epoch_loss.reset(task.device)
        task.epoch_loss.update(torch.tensor(loss), weight=1)
        criterion.on_train_epoch_end(trainer, task)
    assert trainer.should_stop == stops


@pytest.mark.parametrize(("criterion", "epochs"), [("gradient_norm", 1), ("error_change", 2)])
def test_a_criterion_that_is_met_stops_the_training_and_the_last_epoch_is_drawn(criterion, epochs, tmp_path):
    metrics, _ = run(short("mlp-double-moon", epochs=5, stopping=StoppingOptions(**{criterion: 1e9})), tmp_path / "run")
    assert metrics["epochs"] == epochs
    steps = set()
    for file in (tmp_path / "run").glob("events*"):
        events = EventAccumulator(str(file), size_guidance={"histograms": 0}).Reload()
        if "weights/head.weight" in events.Tags()["histograms"]:
            steps |= {event.step for event in events.Histograms("weights/head.weight")}
    assert max(steps) == epochs * 90 - 1  # 900 training points in batches of 10, counted from 0


def test_patience_stops_and_keeps_the_best_weights(tmp_path):
    recipe = short("mlp-double-moon", epochs=20, stopping=StoppingOptions(patience=1))
    wild = replace(recipe.task.optimizer, lr=50.0, schedule="constant")
    metrics, model = run(replace(recipe, task=replace(recipe.task, optimizer=wild)), tmp_path / "run")
    assert metrics["epochs"] < 20
    kept = read_checkpoint(tmp_path / "run/checkpoints/best.ckpt")["state_dict"]
    assert torch.equal(model.head.weight, kept["model.head.weight"])
    data = prepare(recipe).data
    assert metrics["val/loss"] == evaluate(model, data.val_dataloader(), LOSSES[recipe.task.loss]).loss


@pytest.mark.parametrize("precision", ["bf16-mixed"])
@pytest.mark.parametrize("name", ["lenet5-digits", "mlp-digits"])
def test_mixed_precision_trains(name, precision, tmp_path):
    recipe = short(name)
    metrics, _ = run(replace(recipe, trainer=replace(recipe.trainer, precision=precision)), tmp_path / "run")
    assert metrics["test/error"] < 0.6


def test_max_norm_holds_after_training(tmp_path):
    recipe = short("mlp-digits")
    recipe = replace(recipe, model=replace(recipe.model, max_norm=0.5))
    _, model = run(recipe, tmp_path / "run")
    assert torch.linalg.vector_norm(model.features[1].weight, dim=1).max() <= 0.5 + 1e-6
