from dataclasses import replace

import pytest
import torch

import zoo
from tests.recipes.helpers import run, short
from zoo.functions.losses import LOSSES
from zoo.metrics.classification import evaluate
from zoo.recipes.run import prepare
from zoo.tasks.optimizers import build_optimizer
from zoo.tasks.options import OptimizerOptions, StoppingOptions


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


def test_a_small_gradient_stops_the_training(tmp_path):
    metrics, _ = run(short("mlp-double-moon", epochs=5, stopping=StoppingOptions(gradient_norm=1e9)), tmp_path / "run")
    assert metrics["epochs"] == 1


def test_a_loss_that_no_longer_changes_stops_the_training(tmp_path):
    metrics, _ = run(short("mlp-double-moon", epochs=5, stopping=StoppingOptions(error_change=1e9)), tmp_path / "run")
    assert metrics["epochs"] == 2


def test_patience_stops_and_keeps_the_best_weights(tmp_path):
    recipe = short("mlp-double-moon", epochs=20, stopping=StoppingOptions(patience=1))
    wild = replace(recipe.task.optimizer, lr=50.0, schedule="constant")
    metrics, model = run(replace(recipe, task=replace(recipe.task, optimizer=wild)), tmp_path / "run")
    assert metrics["epochs"] < 20
    kept = torch.load(tmp_path / "run/checkpoints/best.ckpt", weights_only=True)["state_dict"]
    assert torch.equal(model.head.weight, kept["model.head.weight"])
    data, _ = prepare(recipe)
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
