"""The generalized similarity measure with its parameters, and the measures that it has as special cases.

Sizes in shapes: B and D batches of the two domains, X and Y their features, R rank.
"""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from zoo.errors import ZooError, check_range
from zoo.functions.similarity import Measure, generalized_similarities, generalized_similarity

_LENGTH = 4.0  # of the features; at it, all measures start near 4 less 8 times the cosine, which reaches beyond both margins of the hinge
_OFFSET = _LENGTH**2 / 4  # puts the boundary at the start at 60 degrees: without it, no distance is below the lower margin
_RIDGE = 0.3  # share of a pair's mean variance
_SPREAD = 0.1  # of a factor's rows around the identity, at the start


class FixedLength(nn.Module):
    """Stretches every vector to one length: directions alone count."""

    def __init__(self, length: float = _LENGTH) -> None:
        super().__init__()
        self.length = length

    def forward(self, x: Float[Tensor, "B F"]) -> Float[Tensor, "B F"]:
        return self.length * nn.functional.normalize(x, dim=1)


class PairMeasure(nn.Module):
    """A distance between vectors of two domains, by the parameters that ``measure`` gives; subclasses own them.

    In mixed precision, too, it is computed in that of the parameters: small distances are differences of large squares.
    """

    def measure(self) -> Measure:
        """The parameters of the generalized measure that this one is."""
        raise NotImplementedError

    def represent(self, x: Float[Tensor, "B F"]) -> Float[Tensor, "B F"]:
        """What is measured of the features; they themselves but for the cosine."""
        return x

    def forward(self, x: Float[Tensor, "B X"], y: Float[Tensor, "B Y"]) -> Float[Tensor, " B"]:
        """The distance of each pair."""
        return self._measured(generalized_similarity, x, y)

    def table(self, x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"]) -> Float[Tensor, "B D"]:
        """The distance of every ``x`` to every ``y``."""
        return self._measured(generalized_similarities, x, y)

    def _measured(self, distance: Callable[[Tensor, Tensor, Measure], Tensor], x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            measure = self.measure()
            x, y = (self.represent(each.to(measure.f.dtype)) for each in (x, y))
            return distance(x, y, measure)

    def rows(self, x: Float[Tensor, "B X"], y: Float[Tensor, "D Y"], *, block: int = 1024) -> Iterator[Float[Tensor, "b D"]]:
        """The same, ``block`` rows at a time: the memory does not grow with the number of rows."""
        check_range("block", block, least=1)
        for part in x.split(block):
            yield self.table(part, y)


class GeneralizedSimilarity(PairMeasure):
    r"""All of :math:`\|L_A x\|^2 + \|L_B y\|^2 + 2 d^T x - 2 (L_C^x x)^T L_C^y y + 2 e^T y + f`.

    Starts near a quarter of the squared Euclidean distance of the first R features, less an offset.

    Args:
        x_features: Number X of the first domain's features.
        y_features: Number Y of the second's.
        rank: Number R of rows of each factor.

    References:
        Lin et al., "Cross-Domain Visual Matching via Generalized Similarity Measure and Feature Learning", 2016;
        slides D0:1457-1485 (erratum E48).
    """

    def __init__(self, x_features: int, y_features: int, *, rank: int) -> None:
        super().__init__()
        check_range("rank", rank, least=1)
        self.a, self.c_x = (nn.Parameter(_near_identity(rank, x_features)) for _ in range(2))
        self.b, self.c_y = (nn.Parameter(_near_identity(rank, y_features)) for _ in range(2))
        self.d, self.e = nn.Parameter(torch.zeros(x_features)), nn.Parameter(torch.zeros(y_features))
        self.f = nn.Parameter(torch.tensor(-_OFFSET))

    def measure(self) -> Measure:
        return Measure(self.a, self.b, self.c_x, self.c_y, self.d, self.e, self.f)

    @torch.no_grad()
    def start_from_pairs(self, x: Float[Tensor, "B X"], y: Float[Tensor, "B X"]) -> None:
        r"""Put the parameters where Gaussian differences have their log-likelihood ratio, as far as that is a distance.

        :math:`A = B = -C = (W^{-1} - D^{-1})_+` with the covariances W of differences within pairs and D between them, each with a share of
        W's mean variance on its diagonal. Scale and offset put the mean distance of pairs at -1 and that of the others at 1.

        Args:
            x: Training samples of the first domain.
            y: Those of the second that belong to them, one by one.

        Raises:
            ZooError: The domains have unlike features, or there are fewer ranks than features.

        References:
            Koestinger, Hirzer, Wohlhart, Roth and Bischof, "Large scale metric learning from equivalence constraints", CVPR 2012 (KISSME).
        """
        rank, features = self.a.shape
        if self.b.shape != self.a.shape or rank < features:
            raise ZooError(f"a start from pairs wants as many ranks as features, {features}, in both domains")
        difference, x_mean, y_mean = x - y, x.mean(0), y.mean(0)
        within = difference.T @ difference / len(x)
        between = (x.T @ x + y.T @ y) / len(x) - torch.outer(x_mean, y_mean) - torch.outer(y_mean, x_mean)
        ridge = _RIDGE * within.diagonal().mean() * torch.eye(features, device=x.device)
        value, axis = torch.linalg.eigh(torch.linalg.inv(within + ridge) - torch.linalg.inv(between + ridge))
        factor = value.clamp(min=0).sqrt()[:, None] * axis.T
        distance = torch.cdist(x @ factor.T, y @ factor.T).square()
        near = distance.diagonal().mean()
        far = (distance.sum() - distance.diagonal().sum()) / (distance.numel() - len(x))
        factor *= (2 / (far - near)).sqrt()
        for part in (self.a, self.b, self.c_x, self.c_y):
            part.zero_()[:features] = factor
        self.d.zero_(), self.e.zero_()
        self.f.fill_(-(far + near) / (far - near))


class Euclidean(PairMeasure):
    """The squared Euclidean distance, scaled and shifted: two parameters."""

    def __init__(self, x_features: int, y_features: int) -> None:
        super().__init__()
        _check_alike(x_features, y_features, "a Euclidean distance")
        self.register_buffer("identity", torch.eye(x_features), persistent=False)
        self.scale, self.f = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(-_OFFSET))

    identity: Tensor

    def measure(self) -> Measure:
        factor, zero = self.scale * self.identity, self.identity.new_zeros(len(self.identity))
        return Measure(factor, factor, factor, factor, zero, zero, self.f)


class Bilinear(PairMeasure):
    """The bilinear form ``-2 x^T M y``, with a factored ``M``, shifted."""

    def __init__(self, x_features: int, y_features: int, *, rank: int) -> None:
        super().__init__()
        check_range("rank", rank, least=1)
        self.c_x, self.c_y = nn.Parameter(_near_identity(rank, x_features)), nn.Parameter(_near_identity(rank, y_features))
        self.f = nn.Parameter(torch.tensor(_OFFSET))

    def measure(self) -> Measure:
        x, y = self.c_x.new_zeros(self.c_x.shape[1]), self.c_y.new_zeros(self.c_y.shape[1])
        return Measure(x[None], y[None], self.c_x, self.c_y, x, y, self.f)


class Cosine(PairMeasure):
    """Minus the cosine of the angle between the features, scaled and shifted: two parameters."""

    def __init__(self, x_features: int, y_features: int) -> None:
        super().__init__()
        _check_alike(x_features, y_features, "a cosine")
        self.register_buffer("identity", torch.eye(x_features), persistent=False)
        self.scale, self.f = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.tensor(_OFFSET))

    identity: Tensor

    def represent(self, x: Float[Tensor, "B F"]) -> Float[Tensor, "B F"]:
        return nn.functional.normalize(x, dim=1)

    def measure(self) -> Measure:
        factor, zero = self.scale * self.identity, self.identity.new_zeros(len(self.identity))
        return Measure(zero[None], zero[None], factor, factor, zero, zero, self.f)


MEASURES: dict[str, Callable[[int, int, int], PairMeasure]] = {
    "generalized": lambda x, y, rank: GeneralizedSimilarity(x, y, rank=rank),
    "euclidean": lambda x, y, rank: Euclidean(x, y),
    "cosine": lambda x, y, rank: Cosine(x, y),
    "bilinear": lambda x, y, rank: Bilinear(x, y, rank=rank),
}


def _near_identity(rows: int, columns: int) -> Tensor:
    return 0.5 * torch.eye(rows, columns) + _SPREAD / columns**0.5 * torch.randn(rows, columns)


def _check_alike(x_features: int, y_features: int, what: str) -> None:
    if x_features != y_features:
        raise ZooError(f"branches of {x_features} and {y_features} features: {what} needs as many of each; take the generalized measure")
