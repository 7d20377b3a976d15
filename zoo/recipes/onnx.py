"""ONNX files, checked against onnxruntime before they are called done."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo.errors import ZooError
from zoo.functions import native
from zoo.recipes.durable import write_durably
from zoo.registry import describe, entry, get_model, list_models

TOLERANCE = 1e-4
"""Largest difference allowed between the two runtimes, relative to the largest score."""


@dataclass(frozen=True)
class Exported:
    """What was written."""

    worst: float
    """The largest difference seen between the runtimes, relative to the largest score."""
    steps: int | None
    """The one number of steps that the file takes; None where the input is no sequence."""


def export_onnx(name: str, path: Path, *, steps: int | None = None) -> Exported:
    """Write a model with a free batch size and compare it with onnxruntime on batches of 1 and 7.

    The file takes what ``model.transform`` gives. Its metadata hold the labels, that transform, the loss that says
    what the scores are, and the sha256 of the weights.

    Args:
        name: Released weights, a run's folder, or an architecture.
        path: The file to write.
        steps: How many steps the sequences have that the file will take, for a model of sequences: its loop is written out.

    Raises:
        ValueError: onnx or onnxruntime is not installed, the model wants more than one input or takes no sequences, the file cannot be
            written, or the runtimes disagree.
    """
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401  (torch's exporter needs it)
    except ImportError as error:
        raise ZooError(f"ONNX export needs {error.name}: pip install 'zoo[export]'") from error
    model, (example, sequences) = get_model(name).eval(), _example(name)
    if steps is not None:
        if not sequences:
            raise ZooError(f"--steps {steps}: {name} takes no sequences; leave it out")
        example = example[:, :1].repeat(1, steps, *[1] * (example.dim() - 2))
    _check_one_input(name, model, example)
    with tempfile.TemporaryDirectory() as folder, native():
        partial = Path(folder) / "model.onnx"
        torch.onnx.export(
            model, (example,), partial, dynamo=True, verbose=False, external_data=False,
            input_names=["input"], output_names=["score"], dynamic_shapes=({0: torch.export.Dim("batch")},),
        )  # fmt: skip
        proto = onnx.load(partial)
    onnx.helper.set_model_props(proto, _metadata(name))
    content = proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    worst = max(_difference(session, model, example, batch) for batch in (1, 7))
    if not worst < TOLERANCE:
        raise ZooError(f"onnxruntime and PyTorch differ by {worst:.1e} (at most {TOLERANCE:.0e}); nothing was written")
    write_durably(path, content)
    return Exported(worst, example.shape[1] if sequences else None)


def _example(name: str) -> tuple[Tensor, bool]:
    """Two inputs of the shape that the model was trained on, and whether they are sequences."""
    if name in list_models(pretrained=False):
        return entry(name).example(), entry(name).sequences
    meta = describe(name)
    if meta.transform:
        return torch.zeros(2, 1, meta.transform["size"], meta.transform["size"]), False
    return entry(meta.arch).example(**meta.options), entry(meta.arch).sequences


@torch.no_grad()
def _check_one_input(name: str, model: nn.Module, example: Tensor) -> None:
    try:
        model(example)
    except ZooError as error:
        raise ZooError(f"{name}: {error}; ONNX files are written of models with one input, so train one without") from error


def _metadata(name: str) -> dict[str, str]:
    if name in list_models(pretrained=False):
        return {"model": name}
    meta = describe(name)
    content = {"labels": json.dumps(meta.labels), "transform": json.dumps(meta.transform), "loss": meta.loss}
    return {"model": meta.arch, "sha256": meta.sha256} | content


def _difference(session: Any, model: nn.Module, example: Tensor, batch: int) -> float:
    generator = torch.Generator().manual_seed(batch)
    x = torch.randn(batch, *example.shape[1:], generator=generator)
    if not example.is_floating_point():  # indices, of which the example holds some that the model takes
        x = example.flatten()[torch.randint(example.numel(), x.shape, generator=generator)]
    with torch.no_grad():
        expected = model(x)
    (found,) = session.run(None, {"input": x.numpy()})
    return float((torch.from_numpy(found) - expected).abs().max() / expected.abs().max())
