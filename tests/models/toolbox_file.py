"""What DeepLearnToolbox saves, made from models of the zoo."""

import numpy as np


def cell(values):
    cell = np.empty((1, len(values)), dtype=object)
    cell[0, :] = values
    return cell


def network(model):
    """A model as the struct that cnnsetup makes: k{i}{j} and b{j} in cells."""

    def conv(layer):
        weight = layer.weight.detach().double().numpy()
        kernels = cell([cell([weight[out, into] for out in range(weight.shape[0])]) for into in range(weight.shape[1])])
        bias = cell(layer.bias.tolist())
        return {"type": "c", "outputmaps": float(len(weight)), "kernelsize": float(weight.shape[-1]), "k": kernels, "b": bias}

    layers = [{"type": "i"}]
    for layer in model.features:
        if hasattr(layer, "weight"):
            layers.append(conv(layer))
        elif hasattr(layer, "kernel_size"):
            layers.append({"type": "s", "scale": float(layer.kernel_size), "b": cell([0.0])})
    head = model.head
    return {"layers": cell(layers).T, "ffW": head.weight.detach().numpy(), "ffb": head.bias.detach().numpy()[:, None], "rL": [0.5]}
