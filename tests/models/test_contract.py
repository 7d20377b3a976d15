"""What every registered model must satisfy; a new model is found by itself."""

import contextlib
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import zoo
from zoo.functions import native
from zoo.models.contract import Classifier
from zoo.records import checkpoint_root
from zoo.registry import entry, load_trained, register_model

ARCHS = zoo.list_models(pretrained=False)
RELEASED = zoo.list_models(pretrained=True)

QUICK = {kind: {"transfers": False, "rivals": False} for kind in ("digits-network", "quadratic")}
"""Where all figures together take minutes: what is left out, by the kind of the data."""


def _example(arch, seed=0):
    """Random input; whole numbers are indices, of which each model's example holds some that it takes."""
    example, generator = entry(arch).example(), torch.Generator().manual_seed(seed)
    if example.is_floating_point():
        return torch.randn(example.shape, generator=generator)
    return example.flatten()[torch.randint(example.numel(), example.shape, generator=generator)]


def _double(x):
    return x.double() if x.is_floating_point() else x


@pytest.fixture(params=ARCHS)
def arch(request):
    torch.manual_seed(0)
    return request.param


def test_every_parameter_is_reached_by_a_finite_gradient(arch):
    model = zoo.get_model(arch)
    model(_example(arch)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_an_example_does_not_see_its_neighbours(arch):
    model = zoo.get_model(arch).eval()
    x = _example(arch)
    other = x.clone()
    other[1] += 1
    assert torch.allclose(model(x)[0], model(other)[0], atol=1e-6)


def test_manual_and_native_sides_agree_in_value_and_gradient(arch):
    model = zoo.get_model(arch).double().eval()
    x = _double(_example(arch))
    gradients = []
    for context in (native, contextlib.nullcontext):
        model.zero_grad()
        with context():
            out = model(x)
            out.square().sum().backward()
        gradients.append([out, *(parameter.grad.clone() for parameter in model.parameters())])
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-10, rtol=1e-10)


def test_no_part_computes_with_pytorchs_own_module_where_the_zoo_has_one(arch):
    own = (nn.Linear, nn.Conv2d, nn.LSTM, nn.LSTMCell, nn.Embedding, nn.Dropout, nn.Sigmoid, nn.Tanh, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d)
    for name, module in zoo.get_model(arch).named_modules():
        assert type(module) not in own, name


def test_the_state_dict_moves_to_a_fresh_model(arch):
    first, second = zoo.get_model(arch).eval(), zoo.get_model(arch).eval()
    second.load_state_dict(first.state_dict(), strict=True)
    x = _example(arch)
    assert torch.equal(first(x), second(x))


def test_a_new_head_has_the_new_number_of_classes(arch):
    model = zoo.get_model(arch)
    if not isinstance(model, Classifier):
        pytest.skip("no classifier")
    model.reset_head(3)
    assert model(_example(arch)).shape[-1] == 3


def test_onnx_takes_it(arch, tmp_path):
    pytest.importorskip("onnxruntime")
    from zoo.recipes.onnx import TOLERANCE, export_onnx

    assert export_onnx(arch, tmp_path / "model.onnx").worst < TOLERANCE


_BOUNDED = """
import sys, zoo
from zoo.bounded import build_for
from zoo.registry import entry
for arch in zoo.list_models(pretrained=False):
    build_for(zoo.get_model(arch).state_dict(), entry(arch).build)
    assert "torch._dynamo" not in sys.modules, arch
"""


def test_a_models_size_is_known_before_it_takes_memory():
    """A builder may fill its parameters in place or by sums and products: PyTorch takes seconds to load whatever else has no memory."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", _BOUNDED], check=True)


_COMPILE = """
import torch, torch._dynamo, zoo
from zoo.registry import entry
torch._dynamo.config.allow_rnn = True  # otherwise it refuses every subclass of nn.LSTM, whatever it computes with
for arch in zoo.list_models(pretrained=False):
    torch.manual_seed(0)
    model, x = zoo.get_model(arch).eval(), entry(arch).example()
    x = torch.randn(x.shape) if x.is_floating_point() else x
    with torch.no_grad():
        compiled = torch.compile(model, backend="aot_eager", fullgraph=True)(x)
        assert torch.allclose(compiled, model(x), atol=1e-5), arch
"""


def test_torch_compile_takes_every_model_in_one_graph():
    """In a process of its own: the shape checks of the tests are no part of the graph."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", _COMPILE], check=True)


@pytest.mark.skipif(not RELEASED, reason="nothing is released yet")
@pytest.mark.parametrize("name", RELEASED)
class TestReleased:
    def test_loads_in_eval_mode_with_its_record(self, name):
        model = zoo.get_model(name)
        assert not model.training
        assert model.meta == zoo.describe(name)

    def test_the_record_is_true(self, name):
        trained = load_trained(name)
        content = (trained.meta.folder / "model.safetensors").read_bytes()
        assert hashlib.sha256(content).hexdigest() == trained.meta.sha256
        assert sum(p.numel() for p in trained.model.parameters()) == trained.meta.parameters
        assert len(content) <= 16 << 20

    def test_the_card_is_what_the_record_says(self, name):
        from zoo.recipes.card import render_card
        from zoo.registry import describe

        assert (checkpoint_root() / name / "README.md").read_text() == render_card(describe(name))

    def test_the_figures_are_those_of_this_file(self, name, mnist_root, spoken_root, texts_root):
        from zoo.recipes.kinds import kind_named
        from zoo.recipes.registry import evaluation_options

        trained = load_trained(name)
        kind, released = kind_named(trained.meta.kind), trained.meta.metrics["released"]
        quick = QUICK.get(trained.meta.data["kind"], {})
        figures = kind.evaluate(trained, evaluation_options(trained.meta.kind)(**quick)).figures
        measured = [measure for measure in kind.measures if measure.metric in figures]
        assert kind.measures[0] in measured
        if not quick:
            of_training = [measure for measure in kind.measures if measure.metric.startswith("train/")]
            assert measured == [measure for measure in kind.measures if measure.metric in released and measure not in of_training]
        for measure in measured:
            assert figures[measure.metric] == pytest.approx(released[measure.metric], rel=0, abs=measure.chance or 5e-5)

    def test_the_figures_over_seeds_are_consistent(self, name):
        from zoo.recipes.kinds import kind_named

        metrics = json.loads((checkpoint_root() / name / "metrics.json").read_text())
        headline = kind_named(zoo.describe(name).kind).measures[0].metric
        figure = metrics[headline]
        assert figure["min"] == min(figure["values"])
        assert figure["max"] == max(figure["values"])
        assert len(metrics["seeds"]) == len(figure["values"])
        assert metrics["released"][headline] in figure["values"]


def test_the_readme_has_the_table_of_released_models():
    """After a release, put what ``scripts/export.py table`` prints between the README's marks."""
    from zoo.recipes.card import render_table

    readme = (Path(__file__).parent.parent.parent / "README.md").read_text()
    assert readme.split("<!-- models -->\n")[1].split("\n<!-- /models -->")[0] == render_table()


def test_all_checkpoints_together_stay_small():
    assert sum(path.stat().st_size for path in checkpoint_root().rglob("*") if path.is_file()) <= 64 << 20


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="no model 'lenet55'; did you mean lenet5"):
        zoo.get_model("lenet55")


def test_an_unknown_option_is_named():
    with pytest.raises(ValueError, match="lenet5 has no option 'colour'"):
        zoo.get_model("lenet5", colour=3)


def test_a_name_cannot_be_registered_twice():
    def lenet5():
        return None

    with pytest.raises(ValueError, match="registered twice"):
        register_model(example=lambda **_: torch.zeros(1))(lenet5)


def test_patterns_select_names():
    assert zoo.list_models("le*", pretrained=False) == ["lenet5"]
