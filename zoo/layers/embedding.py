"""Embedding with the zoo's gradient."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from zoo.functions.embedding import embedding


class Embedding(nn.Embedding):
    """``nn.Embedding`` on the zoo's own function; weights move both ways.

    Args:
        words: Size of the vocabulary.
        features: Length of a word's vector.
    """

    def __init__(self, words: int, features: int) -> None:
        super().__init__(words, features)

    def forward(self, index: Int[Tensor, "*shape"]) -> Float[Tensor, "*shape D"]:
        return embedding(index, self.weight)
