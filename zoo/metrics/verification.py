"""Do two things belong together? How well distances tell it of pairs, and how well they rank a gallery.

Small distances mean yes. Where distances are equal, nothing is made of it: a pair is accepted with all its equals or not at all,
and in a ranking what does not belong to the query comes first, so that a constant distance earns nothing.

Sizes in shapes: P pairs, T thresholds, Q queries, G gallery entries, K folds.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from zoo.errors import ZooError, check_range


@dataclass(frozen=True)
class Roc:
    """Shares of pairs that are accepted, from the strictest threshold (none) to the widest (all)."""

    false_accept: Float[Tensor, " T"]
    """Of the pairs that do not belong together."""
    true_accept: Float[Tensor, " T"]
    """Of those that do."""
    threshold: Float[Tensor, " T"]
    """Largest distance accepted."""

    @property
    def auc(self) -> float:
        """Area under the curve: chance that a pair of the one kind lies nearer than one of the other, ties for half."""
        return float(torch.trapezoid(self.true_accept, self.false_accept))

    @property
    def eer(self) -> float:
        """Equal error rate: where as large a share is wrongly accepted as wrongly refused, on the line between two thresholds."""
        surplus = self.false_accept + self.true_accept - 1  # wrongly accepted less wrongly refused: rises from -1 to 1
        after = int((surplus >= 0).nonzero()[0])
        low, high = surplus[after - 1], surplus[after]
        share = -low / (high - low)
        return float(self.false_accept[after - 1] + share * (self.false_accept[after] - self.false_accept[after - 1]))

    def true_accept_at(self, false_accept: float) -> float:
        """Largest share rightly accepted with at most ``false_accept`` wrongly so (TAR at FAR).

        Raises:
            ZooError: It is no share.
        """
        check_range("false_accept", false_accept, least=0, below=1 + 1e-9)  # all of them is a share, too
        return float(self.true_accept[self.false_accept <= false_accept].max())


def roc(distance: Float[Tensor, " P"], same: Bool[Tensor, " P"]) -> Roc:
    """The curve over every distance that occurs.

    Raises:
        ZooError: There are not pairs of both kinds, or a distance is no number.
    """
    if not same.any() or same.all():
        raise ZooError(f"of {len(same)} pairs {int(same.sum())} belong together; give some of both kinds")
    if distance.isnan().any():
        raise ZooError(f"{int(distance.isnan().sum())} of {len(distance)} distances are not a number")
    ordered, order = distance.double().sort()
    right = same[order].double().cumsum(0)
    wrong = (~same[order]).double().cumsum(0)
    last = torch.cat([ordered[1:] != ordered[:-1], ordered.new_ones(1, dtype=torch.bool)])  # of those that are equal
    nothing = ordered.new_zeros(1)
    return Roc(
        torch.cat([nothing, wrong[last] / wrong[-1]]),
        torch.cat([nothing, right[last] / right[-1]]),
        torch.cat([nothing - torch.inf, ordered[last]]),
    )


def fold_accuracy(
    distance: Float[Tensor, " P"], same: Bool[Tensor, " P"], *, generator: torch.Generator, folds: int = 10
) -> Float[Tensor, " K"]:
    """Share of each fold's pairs that the threshold decides rightly that is best on all other folds, as in the protocol of LFW.

    LFW's folds share no person; these are of pairs, drawn at random, and hold equally many of each kind, as far as they can. Of
    thresholds that are equally good the smallest counts.

    References:
        Huang, Ramesh, Berg and Learned-Miller, "Labeled Faces in the Wild", 2007, section III.

    Raises:
        ZooError: There are fewer than two folds, or fewer pairs of a kind than folds.
    """
    check_range("folds", folds, least=2)
    least = min(int(same.sum()), int((~same).sum()))
    if least < folds:
        raise ZooError(f"{least} pairs of one kind are too few for {folds} folds; give at least {folds}")
    fold = torch.empty(len(same), dtype=torch.long)
    for kind in (same.cpu(), ~same.cpu()):
        count = int(kind.sum())
        fold[kind] = (torch.arange(count) % folds)[torch.randperm(count, generator=generator)]
    fold = fold.to(same.device)
    return torch.stack([_accuracy(distance, same, fold == number) for number in range(folds)])


def _accuracy(distance: Tensor, same: Tensor, tested: Tensor) -> Tensor:
    curve = roc(distance[~tested], same[~tested])
    right, count = same[~tested].double().sum(), (~tested).sum()
    correct = curve.true_accept * right + (1 - curve.false_accept) * (count - right)
    threshold = curve.threshold[correct.argmax()]
    return ((distance[tested] <= threshold) == same[tested]).double().mean()


@dataclass(frozen=True)
class Retrieval:
    """What each query found in the gallery."""

    rank: Int[Tensor, " Q"]
    """Place of the nearest entry that belongs to the query; 1 is the first."""
    average_precision: Float[Tensor, " Q"]

    def recall_at(self, k: int) -> float:
        """Share of the queries with such an entry among the ``k`` nearest: recall at k, and the CMC curve at rank k."""
        check_range("k", k, least=1)
        return float((self.rank <= k).double().mean())

    def cmc(self, most: int) -> Float[Tensor, " most"]:
        """The curve at ranks 1 to ``most``."""
        found = self.rank.clamp(max=most + 1).bincount(minlength=most + 2)[1 : most + 1]
        return found.cumsum(0).double() / len(self.rank)

    @property
    def mean_average_precision(self) -> float:
        """Mean over the queries of the precision at each entry that belongs to them."""
        return float(self.average_precision.mean())


def retrieve(
    rows: Iterable[Float[Tensor, "_ G"]], query: Int[Tensor, " Q"], gallery: Int[Tensor, " G"], *, among_itself: bool = False
) -> Retrieval:
    """Rank the gallery for each query.

    Args:
        rows: The distances, some queries at a time and in their order, so that the whole table need not be held.
        query: Class or person of each query.
        gallery: The same of each entry.
        among_itself: The queries are the gallery, and none counts as its own find.

    Raises:
        ZooError: Nothing in the gallery belongs to a query, a distance is no number, or the rows are not those of all queries and of the
            whole gallery.
    """
    ranks, precisions, done = [], [], 0
    for block in rows:
        if block.shape[1] != len(gallery) or done + len(block) > len(query):
            raise ZooError(f"rows {done} to {done + len(block)} of {block.shape[1]} distances: {_told(query, gallery)}")
        match = query[done : done + len(block), None] == gallery
        if among_itself:
            own = torch.arange(len(block), device=block.device)
            match[own, own + done] = False
            block = block.index_put((own, own + done), block.new_tensor(torch.inf))
        _check_matches(block, match, query[done : done + len(block)])
        found = _ranked(block, match)
        place = torch.arange(1, len(gallery) + 1, device=block.device)
        ranks.append(found.double().argmax(1) + 1)
        precisions.append((found.cumsum(1) / place * found).sum(1, dtype=torch.double) / found.sum(1))
        done += len(block)
    if done < len(query):
        raise ZooError(f"{done} rows of distances: {_told(query, gallery)}")
    return Retrieval(torch.cat(ranks), torch.cat(precisions))


def _told(query: Tensor, gallery: Tensor) -> str:
    return f"there are {len(query)} queries and {len(gallery)} entries; give each query one row, and each entry one column"


def _ranked(distance: Tensor, match: Tensor) -> Bool[Tensor, "_ G"]:
    """Which places of the ranking match: sorted by distance, and among equals mismatches first."""
    before = match.byte().argsort(dim=1, stable=True)
    order = distance.gather(1, before).argsort(dim=1, stable=True)
    return match.gather(1, before).gather(1, order)


def _check_matches(distance: Tensor, match: Tensor, query: Tensor) -> None:
    if distance.isnan().any():
        raise ZooError(f"{int(distance.isnan().sum())} of {distance.numel()} distances are not a number")
    if not match.any(1).all():
        lonely = int(query[~match.any(1)][0])
        raise ZooError(f"nothing in the gallery belongs to the query of class {lonely}; give each class two samples at least")
