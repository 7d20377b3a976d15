"""What recurrent layers ask of their arguments.

Sizes in shapes: T steps, B batch, I input features, H hidden units, L layers; S1 and S2 are T and B, or B and T.
"""

from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError


def time_first(layer: nn.RNNBase, x: Float[Tensor, "S1 S2 _"]) -> Float[Tensor, "T B _"]:
    """A layer's input, step by step.

    Raises:
        ZooError: It has another shape, or no step; packed sequences are not taken.
    """
    if not isinstance(x, Tensor) or x.dim() != 3 or x.shape[2] != layer.input_size:
        found = f"an input of shape {tuple(x.shape)}" if isinstance(x, Tensor) else f"a {type(x).__name__}"
        axes = "batch x steps" if layer.batch_first else "steps x batch"
        raise ZooError(f"{found}: must be a tensor of {axes} x {layer.input_size} features")
    x = x.transpose(0, 1) if layer.batch_first else x
    if not len(x):
        raise ZooError(f"a sequence of shape {tuple(x.shape)}: at least one step is needed")
    return x


def first_state(layer: nn.RNNBase, x: Float[Tensor, "T B I"], state: Float[Tensor, "_ _ _"] | None, *, name: str) -> Float[Tensor, "L B H"]:
    """A state in which a layer begins to read: the one that was given, or zeros.

    Raises:
        ZooError: It has another shape than the layer's.
    """
    shape = (layer.num_layers, x.shape[1], layer.hidden_size)
    if state is None:
        return x.new_zeros(shape)
    if state.shape != shape:
        raise ZooError(f"a {name} state of shape {tuple(state.shape)}: must be layers x batch x units, {shape}")
    return state
