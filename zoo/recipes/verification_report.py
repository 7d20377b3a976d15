"""What is measured of distances: figures by name, lines for the terminal, pictures.

Sizes in shapes: P pairs.
"""

import torch
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from torch import Tensor

from zoo.figures.verification import cmc_curve, roc_curve
from zoo.metrics.verification import Retrieval, Roc, fold_accuracy, roc
from zoo.recipes.kinds.contract import Measure, Report

_RANKS = (1, 5, 10, 20)
_FALSE_ACCEPTS = (0.1, 0.01, 0.001)
_LONGEST_CURVE = 50  # ranks
_MOST_PAIRS = 1_000_000  # for the curve
_LFW_PAIRS = 3000  # of each kind
_LEAST_PAIRS = 10  # of a kind, for ten folds

EER = Measure("test/eer", "equal error rate of pairs", "%", scale=100)
AUC = Measure("test/auc", "area under the ROC", digits=4)
TAR = Measure("test/tar_at_far_0.01", "true accept rate at 1 % false accept rate", "%", scale=100)
PAIR_ACCURACY = Measure("test/pair_accuracy", "verification accuracy, ten-fold threshold", "%", scale=100)
RECALL = Measure("test/recall_at_1", "recall at 1 (rank 1)", "%", scale=100)
RANK_5, RANK_10, RANK_20 = (Measure(f"test/recall_at_{k}", f"rank {k}", "%", scale=100) for k in _RANKS[1:])
PRECISION = Measure("test/map", "mean average precision", "%", scale=100)


def verification_report(distance: Float[Tensor, " P"], same: Bool[Tensor, " P"], retrieval: Retrieval) -> Report:
    """All figures of pairs and of ranking, the same ones for the same arguments.

    Of very many pairs a fixed random million makes the curve; accuracy is by LFW's ten folds of at most 3,000 pairs of each kind, except
    that pairs of different folds may share a picture.
    """
    generator = torch.Generator().manual_seed(0)
    curve = roc(*_some(distance, same, _MOST_PAIRS, generator))
    figures = {EER.metric: curve.eer, AUC.metric: curve.auc}
    figures |= {f"test/tar_at_far_{share:g}": curve.true_accept_at(share) for share in _FALSE_ACCEPTS}
    even = [_some(distance[kind], same[kind], _LFW_PAIRS, generator) for kind in (same, ~same)]
    if min(len(each) for _, each in even) >= _LEAST_PAIRS:
        chosen, told = (torch.cat(each) for each in zip(*even, strict=True))
        figures[PAIR_ACCURACY.metric] = float(fold_accuracy(chosen, told, generator=generator).mean())
    figures |= {f"test/recall_at_{k}": retrieval.recall_at(k) for k in _RANKS}
    figures[PRECISION.metric] = retrieval.mean_average_precision
    pairs = f"pairs                 {len(distance):,}" + (f", of which {_MOST_PAIRS:,} at random" if len(distance) > _MOST_PAIRS else "")
    return Report(figures, [pairs, *_lines(figures)], _pictures(curve, retrieval))


def _some(distance: Tensor, same: Tensor, most: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    if len(distance) <= most:
        return distance, same
    drawn = torch.randperm(len(distance), generator=generator)[:most]
    return distance[drawn], same[drawn]


def _lines(figures: dict[str, float]) -> list[str]:
    lines = [
        f"equal error rate      {100 * figures[EER.metric]:.2f} %   (area under the ROC {figures[AUC.metric]:.4f})",
        *(
            f"true accept rate      {100 * figures[f'test/tar_at_far_{share:g}']:.2f} % at {100 * share:g} % false accept rate"
            for share in _FALSE_ACCEPTS
        ),
    ]
    if PAIR_ACCURACY.metric in figures:
        lines.append(f"accuracy of pairs     {100 * figures[PAIR_ACCURACY.metric]:.2f} %   (ten-fold threshold)")
    found = "   ".join(f"{k}: {100 * figures[f'test/recall_at_{k}']:.2f} %" for k in _RANKS)
    return [*lines, f"matching rate (CMC)   {found}", f"mean avg precision    {100 * figures[PRECISION.metric]:.2f} %"]


def _pictures(curve: Roc, retrieval: Retrieval) -> dict[str, Figure]:
    return {"roc": roc_curve(curve.false_accept, curve.true_accept), "cmc": cmc_curve(retrieval.cmc(_LONGEST_CURVE))}
