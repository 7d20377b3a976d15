"""What the documents say is run."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

import zoo

ROOT = Path(__file__).parent.parent


def _python(document: str) -> list[str]:
    """The Python blocks of a document."""
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_readmes_three_lines_give_labels():
    block, *_ = _python("README.md")
    names = {"image": torch.zeros(2, 1, 28, 28, dtype=torch.uint8)}
    exec(block, names)
    assert len(names["label"]) == 2
    assert set(names["label"]) <= set(zoo.describe("lenet5.mnist_v1").labels)


def test_the_readmes_class_activation_maps_have_the_scores_as_means():
    _, block, *_ = _python("README.md")
    names = {"image": torch.rand(2, 3, 64, 64)}
    exec(block, names)
    assert names["heat"].shape == (2, 2, 2)
    found = names["found"]
    assert torch.allclose(found.map.mean((2, 3)) + found.bias, found.score, atol=1e-5)


def test_the_readmes_features_of_one_picture_lie_at_one_place():
    _, _, block, *_ = _python("README.md")
    names = {"zoo": zoo, "torch": torch, "image": torch.zeros(2, 1, 28, 28, dtype=torch.uint8)}
    exec(block, names)
    assert names["feature"].shape == (2, 2)
    assert not names["distance"].any()


def test_the_readmes_center_loss_pulls_features_and_centers_together():
    _, _, _, block, *_ = _python("README.md")
    feature, label = torch.rand(6, 64).requires_grad_(), torch.arange(6) % 2
    names = {"torch": torch, "feature": feature, "score": torch.zeros(6, 10), "label": label}
    exec(block, names)
    assert torch.allclose(feature.grad, 0.01 * feature.detach() / 6)  # centers begin at zero
    moved = names["center_loss"].center
    assert torch.allclose(moved[0], 0.5 * feature.detach()[label == 0].sum(0) / 4)  # three of its class, and one
    assert not moved[2:].any()


def test_the_readmes_learned_optimiser_lowers_a_loss():
    *_, block, _, _ = _python("README.md")
    torch.manual_seed(0)
    names = {"network": torch.nn.Linear(4, 1)}
    exec(block, names)
    losses = []
    for _ in range(30):
        names["optimizer"].zero_grad()
        loss = (names["network"](torch.eye(4)) - 1).square().mean()
        loss.backward()
        names["optimizer"].step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_readmes_completion_fills_and_clusters():
    *_, block, _ = _python("README.md")
    points = np.random.default_rng(0).normal(size=(40, 8))
    points[::3, 2] = np.nan
    names = {"points": points}
    exec(block, names)
    assert np.isfinite(names["estimator"].completed_).all()
    assert len(names["estimator"].labels_) == 40


def test_the_readmes_switch_to_native_gradients_works():
    *_, block = _python("README.md")
    names = {"model": zoo.get_model("lenet5"), "image": torch.zeros(2, 1, 32, 32)}
    exec(block, names)
    assert not _custom_functions(names["loss"])
    assert _custom_functions(names["model"](names["image"]).sum())


def _custom_functions(tensor):
    """Nodes of the graph that are the zoo's own functions: autograd marks Python's by a base class."""
    found, queue, seen = [], [tensor.grad_fn], set()
    while queue:
        node = queue.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        found += [node] if isinstance(node, torch.autograd.function.BackwardCFunction) else []
        queue += [parent for parent, _ in node.next_functions]
    return found


def test_the_model_that_the_guide_adds_trains(tmp_path):
    """In a process of its own, whose registries it may fill."""
    model, recipe = _python("docs/adding-a-model.md")
    (tmp_path / "added.py").write_text(f"{model}\n\n{recipe}\n\nfrom zoo.cli.train import main\nmain(['perceptron-digits'] + FLAGS)\n")
    flags = ["--trainer.max-epochs", "1", "--trainer.no-progress-bar", "--run", str(tmp_path / "run")]
    code = (tmp_path / "added.py").read_text().replace("FLAGS", repr(flags))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert zoo.describe(str(tmp_path / "run")).parameters == 7850


def test_every_file_that_the_documents_link_to_exists():
    for document in ("README.md", "docs/adding-a-model.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / document).read_text()):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document}: {target}"
