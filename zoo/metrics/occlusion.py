"""What a classifier makes of pictures in which the places that its maps name are hidden, or alone are shown.

Sizes in shapes: B pictures, I channels, H and W height and width, h and w those of a map, S steps.

References:
    Petsiuk, Das and Saenko, "RISE: randomized input sampling for explanation of black-box models", BMVC 2018, section 4.2
    (deletion and insertion).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

SHARES = tuple(step / 10 for step in range(11))  # of a map's cells that are hidden or shown


@dataclass(frozen=True)
class OcclusionCurves:
    """Mean probability of the class against the share of cells, from 0 to 1 in tenths."""

    deletion: list[float]
    """The most active cells are hidden."""
    insertion: list[float]
    """Only the most active cells are shown."""
    random: list[float]
    """Random cells are hidden."""

    def metrics(self, split: str) -> dict[str, float]:
        """Areas under the curves, and what hiding a tenth takes from the probability."""
        return {
            f"{split}/deletion_area": _area(self.deletion),
            f"{split}/insertion_area": _area(self.insertion),
            f"{split}/random_deletion_area": _area(self.random),
            f"{split}/drop_active_tenth": self.deletion[0] - self.deletion[1],
            f"{split}/drop_random_tenth": self.random[0] - self.random[1],
        }


@torch.no_grad()
def occlusion_curves(
    probability: Callable[[Tensor], Tensor],
    image: Float[Tensor, "B I H W"],
    maps: Float[Tensor, "B h w"],
    label: Int[Tensor, " B"],
    *,
    background: Float[Tensor, "*channels"],
    generator: torch.Generator,
) -> OcclusionCurves:
    """Hide and show cells of a map, the most active first, and random ones.

    Args:
        probability: Takes pictures to the probabilities of the classes.
        image: Inputs.
        maps: Of the classes in question.
        label: These classes.
        background: What a hidden place is filled with; broadcasts to a picture.
        generator: Source of the random order.
    """
    chance = torch.rand(maps.shape, generator=generator).to(maps.device)

    def mean(shown: Bool[Tensor, "B h w"]) -> float:
        mask = F.interpolate(shown[:, None].float(), image.shape[2:], mode="nearest")
        share = probability(image * mask + background * (1 - mask))
        return float(share.gather(1, label[:, None]).double().mean())

    return OcclusionCurves(
        deletion=[mean(~_top(maps, share)) for share in SHARES],
        insertion=[mean(_top(maps, share)) for share in SHARES],
        random=[mean(~_top(chance, share)) for share in SHARES],
    )


def _top(maps: Float[Tensor, "B h w"], share: float) -> Bool[Tensor, "B h w"]:
    """The ``share`` of each map's cells with the largest values."""
    rank = maps.flatten(1).argsort(dim=1, descending=True, stable=True).argsort(1)
    return (rank < round(share * rank.shape[1])).view(maps.shape)


def _area(curve: list[float]) -> float:
    return sum(curve[:-1] + curve[1:]) / 2 / (len(curve) - 1)
