"""ONNX files, checked against onnxruntime before they are called done."""

import tempfile
from pathlib import Path

import torch
from torch import nn

from zoo.errors import ZooError
from zoo.functions import native

TOLERANCE = 1e-4
"""Largest difference allowed between the two runtimes, relative to the largest score."""


def export_onnx(model: nn.Module, example: torch.Tensor, path: Path) -> float:
    """Write ``model`` with a free batch size and compare it with onnxruntime on batches of 1 and 7.

    Args:
        model: In eval mode.
        example: A batch of inputs.
        path: The file to write.

    Returns:
        The largest relative difference that was seen.

    Raises:
        ValueError: onnx or onnxruntime is not installed, the file cannot be written, or the runtimes disagree.
    """
    try:
        import onnxruntime
        import onnxscript  # noqa: F401  (torch's exporter needs it)
    except ImportError as error:
        raise ZooError(f"ONNX export needs {error.name}: pip install 'zoo[export]'") from error
    two = example[:1].repeat(2, *[1] * (example.dim() - 1))
    with tempfile.TemporaryDirectory() as folder, native():
        partial = Path(folder) / "model.onnx"
        torch.onnx.export(
            model, (two,), partial, dynamo=True, verbose=False, external_data=False,
            input_names=["input"], output_names=["score"], dynamic_shapes=({0: torch.export.Dim("batch")},),
        )  # fmt: skip
        content = partial.read_bytes()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    worst = max(_difference(session, model, example, batch) for batch in (1, 7))
    if not worst < TOLERANCE:
        raise ZooError(f"onnxruntime and PyTorch differ by {worst:.1e} (at most {TOLERANCE:.0e}); nothing was written")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ZooError(f"{path}: cannot be written ({error.strerror})") from error
    return worst


def _difference(session: object, model: nn.Module, example: torch.Tensor, batch: int) -> float:
    generator = torch.Generator().manual_seed(batch)
    x = torch.randn(batch, *example.shape[1:], generator=generator)
    with torch.no_grad():
        expected = model(x)
    (found,) = session.run(None, {"input": x.numpy()})  # type: ignore[attr-defined]
    return float((torch.from_numpy(found) - expected).abs().max() / expected.abs().max())
