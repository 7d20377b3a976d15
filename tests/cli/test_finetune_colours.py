"""A network of torchvision, fine-tuned on a folder of colour pictures, and asked what it sees."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models

import zoo
from zoo.cli import evaluate, explain, finetune, predict
from zoo.errors import ZooError

NAME = "shufflenet_v2_x0_5"


def _folder(root):
    chance = np.random.default_rng(0)
    for number, name in enumerate(("green", "red")):
        (root / name).mkdir(parents=True)
        for count in range(10):
            colour = chance.integers(0, 60, (30, 40, 3))
            colour[..., 1 - number] += 180
            Image.fromarray(colour.astype(np.uint8)).save(root / name / f"{count}.png")
    return root


def test_colours_are_learnt_predicted_and_explained(in_tmp, capsys):
    torch.manual_seed(0)
    torch.save(models.get_model(NAME, weights=None).state_dict(), "w.pth")
    root = _folder(in_tmp / "pictures")
    flags = ["--data", "folder", "--data.root", str(root), "--trainer.no-progress-bar", "--trainer.accelerator", "cpu", "--run", "tuned"]
    finetune.main([f"torchvision/{NAME}", "--weights", "w.pth", *flags, "--trainer.max-epochs", "3", "--task.optimizer.lr", "1e-3"])
    model = zoo.get_model("tuned")
    assert model.meta.arch == f"torchvision/{NAME}"
    assert model.meta.labels == ["green", "red"]
    assert model.meta.metrics["train/loss"] < 0.6
    recipe = json.loads((in_tmp / "tuned/recipe.json").read_text())
    assert recipe["weights"] == str(in_tmp / "w.pth")
    evaluate.main(["tuned"])
    predict.main(["tuned", str(root / "red/0.png")])
    assert "colours; middle square" in capsys.readouterr().out
    explain.main(["tuned", str(root / "red/0.png"), "--out", "o.png"])
    assert "network.conv5, pooled" in capsys.readouterr().out


def test_frozen_parts_keep_the_running_figures_of_their_batch_norms_too(in_tmp):
    torch.manual_seed(0)
    start = models.get_model(NAME, weights=None).state_dict()
    torch.save(start, "w.pth")
    flags = [
        "--data.root",
        str(_folder(in_tmp / "pictures")),
        "--trainer.no-progress-bar",
        "--trainer.accelerator",
        "cpu",
        "--run",
        "tuned",
    ]
    parts = ["network.conv1", "network.stage2"]
    finetune.main([f"torchvision/{NAME}", "--weights", "w.pth", *flags, "--trainer.max-epochs", "2", "--freeze", *parts])
    network = zoo.get_model("tuned").network.state_dict()
    same = {name for name, value in network.items() if value.shape == start[name].shape and torch.equal(value, start[name])}
    assert {name for name in network if name.startswith(("conv1.", "stage2."))} <= same
    assert not [name for name in same if name.startswith("stage3.") and name.endswith(("running_mean", "running_var"))]


def test_a_network_with_dense_layers_gets_a_head_for_class_activation_maps(in_tmp, capsys):
    torch.manual_seed(0)
    start = models.get_model("alexnet", weights=None).state_dict()
    torch.save(start, "w.pth")
    root = _folder(in_tmp / "pictures")
    name, picture = "torchvision-gap/alexnet", str(root / "red/0.png")
    with pytest.raises(ZooError, match="has learnt no classes yet"):  # the new layers have learnt nothing, so none are read or downloaded
        explain.main([name, picture])
    flags = ["--data.root", str(root), "--trainer.no-progress-bar", "--trainer.accelerator", "cpu", "--run", "tuned"]
    finetune.main([name, "--weights", "w.pth", *flags, "--trainer.max-epochs", "1", "--freeze", "features"])
    model = zoo.get_model("tuned")
    assert all(torch.equal(value, start[f"features.{key}"]) for key, value in model.features.state_dict().items())
    explain.main(["tuned", picture, "--out", "o.png"])
    assert "class activation maps: maps of relu, pooled, weighed by head" in capsys.readouterr().out
