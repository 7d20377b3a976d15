"""Pictures of what a neural Turing machine does with one sequence."""

from matplotlib.figure import Figure

from zoo.data.algorithmic import Sequences
from zoo.figures.transduction import answers, memory_contents, memory_use
from zoo.models.ntm import NeuralTuringMachine


def draw_use(model: NeuralTuringMachine, batch: Sequences) -> dict[str, Figure]:
    """Answer and target, memory, adds, reads and weights, by the names of their files."""
    x, target, asked = batch
    trace = model.trace(x)
    output = trace.output[0].sigmoid()
    weight = trace.weight[0][:, [0, model.sizes.reads]]
    return {
        "answers": answers(target[0, asked], output[asked]),
        "memory_use": memory_use(x[0], output, weight, trace.add[0, :, 0], trace.read[0, :, 0]),
        "memory": memory_contents(trace.memory[0, -1]),
    }
