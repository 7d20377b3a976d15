"""Pictures of what a model does with one sequence, and of what a neural Turing machine does with its memory."""

import torch
from matplotlib.figure import Figure
from torch import nn

from zoo.data.algorithmic import Sequences
from zoo.figures.transduction import answers, memory_contents, memory_use
from zoo.models.ntm import NeuralTuringMachine


@torch.no_grad()
def draw_use(model: nn.Module, batch: Sequences) -> dict[str, Figure]:
    """Answer and target; of a machine also memory, adds, reads and weights, by the names of their files."""
    x, target, asked = batch
    if not isinstance(model, NeuralTuringMachine):
        return {"answers": answers(target[0, asked], model(x)[0, asked].sigmoid())}
    trace = model.trace(x)
    output = trace.output[0].sigmoid()
    weight, reads = trace.weight[0], model.sizes.reads
    return {
        "answers": answers(target[0, asked], output[asked]),
        "memory_use": memory_use(x[0], output, weight[:, :reads], weight[:, reads:], trace.add[0], trace.read[0]),
        "memory": memory_contents(trace.memory[0, -1]),
    }
