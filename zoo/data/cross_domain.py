"""Two domains side by side: digits and their edges, MNIST and USPS, people before two cameras.

Sizes in shapes: N samples, h and w height and width.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from zoo.data.digits import load_digits
from zoo.data.metric_options import CrossDomainOptions
from zoo.data.mnist import load_mnist
from zoo.data.pairing import PairedBatches, check_partners
from zoo.data.pedestrians import describe_pedestrians, principal_components
from zoo.data.sets import Labelled
from zoo.data.usps import load_usps

MNIST_MEAN, MNIST_DEVIATION = 0.1307, 0.3081  # of the share of ink
_DIGIT_SIDE = 16


@dataclass(frozen=True)
class Domains:
    """The same split of both domains, as the branches take them."""

    x: Labelled
    y: Labelled


@dataclass(frozen=True)
class CrossDomainSplits:
    """What is trained on, chosen by and measured on. Validation is None where all is trained on."""

    train: Domains
    validation: Domains | None
    test: Domains


@dataclass(frozen=True)
class WholeSplit:
    """A loader of one batch: all queries, the whole gallery, and the classes of both."""

    batch: tuple[Tensor, Tensor, Tensor, Tensor]

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        yield self.batch


class CrossDomainData(pl.LightningDataModule):
    """Serves batches of both domains from memory.

    Args:
        splits: The splits.
        batch_size: Things of either domain a step, over all devices together.
        seed: Of the order of the first domain and of its partners.
    """

    def __init__(self, splits: CrossDomainSplits, *, batch_size: int, seed: int) -> None:
        super().__init__()
        self.splits, self.batch_size, self.seed = splits, batch_size, seed
        for part in (splits.train, splits.validation):
            if part:
                check_partners(part.x, part.y)

    def train_dataloader(self) -> PairedBatches:
        """Things of the first domain in the epoch's order, each with a partner of the second."""
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        train = self.splits.train
        return PairedBatches(train.x, train.y, batch_size=self.batch_size, seed=self.seed, rank=rank, world=world)

    def val_dataloader(self) -> Iterable[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """All queries and the whole gallery as one batch."""
        if (validation := self.splits.validation) is None:
            return []
        whole = (validation.x.input, validation.y.input, validation.x.label, validation.y.label)
        return WholeSplit(whole)


def build_cross_domain(options: CrossDomainOptions, *, seed: int) -> CrossDomainSplits:
    """Read both domains and cut validation from their training parts.

    Args:
        options: The recipe's.
        seed: Of VIPeR's people to train on.

    Raises:
        ZooError: The data is missing or damaged.
    """
    load = {"digits-edges": _digits_and_edges, "mnist-usps": _mnist_and_usps, "viper": _pedestrians}[options.kind]
    train, test = load(options.root, seed)
    rest, validation = _cut(train, options.validation, options.split_seed) if options.validation else (train, None)
    splits = CrossDomainSplits(rest, validation, test)
    return _in_components(splits) if options.kind == "viper" else splits


def _in_components(splits: CrossDomainSplits) -> CrossDomainSplits:
    """In the principal components of what is trained on: neither validation nor test has a part in them."""
    mean, axes = principal_components(splits.train.x.input, splits.train.y.input)

    def seen(domains: Domains) -> Domains:
        return Domains(*(Labelled((each.input - mean) @ axes, each.label) for each in (domains.x, domains.y)))

    return CrossDomainSplits(seen(splits.train), seen(splits.validation) if splits.validation else None, seen(splits.test))


def _cut(domains: Domains, share: float, seed: int) -> tuple[Domains, Domains]:
    """Keep a random ``share`` of either domain for validation; where the rows are pairs, they stay together."""
    generator = torch.Generator().manual_seed(seed)
    x_order, y_order = (torch.randperm(len(each), generator=generator) for each in (domains.x, domains.y))
    if torch.equal(domains.x.label, domains.y.label):
        y_order = x_order
    x_count, y_count = (max(1, round(len(order) * share)) for order in (x_order, y_order))
    rest = Domains(domains.x.subset(x_order[x_count:]), domains.y.subset(y_order[y_count:]))
    return rest, Domains(domains.x.subset(x_order[:x_count]), domains.y.subset(y_order[:y_count]))


def _digits_and_edges(root: Path | None, seed: int) -> tuple[Domains, Domains]:
    """Every digit belongs to the map of its own edges alone."""
    digits = load_digits()
    train, test = (_with_edges(split.input) for split in (digits.train, digits.test))
    return train, test


def _with_edges(image: UInt8[Tensor, "N 1 h w"]) -> Domains:
    ink, number = image.float() / 255, torch.arange(len(image))
    sides = (_DIGIT_SIDE, _DIGIT_SIDE)
    x, y = (F.interpolate(picture, sides, mode="bilinear") for picture in (ink, edge_map(ink)))
    return Domains(Labelled(x, number), Labelled(y, number))


def edge_map(image: Float[Tensor, "N 1 h w"]) -> Float[Tensor, "N 1 h w"]:
    """How steep the picture is at each pixel: the length of Sobel's gradient, an eighth of it a pixel."""
    across = image.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    kernel = torch.stack([across, across.T])[:, None]
    return torch.linalg.vector_norm(F.conv2d(F.pad(image, (1, 1, 1, 1)), kernel), dim=1, keepdim=True)


def _mnist_and_usps(root: Path | None, seed: int) -> tuple[Domains, Domains]:
    """Digits of the same class belong together."""
    mnist, usps = load_mnist(root), load_usps(root)
    train, test = (Labelled((split.input.float() / 255 - MNIST_MEAN) / MNIST_DEVIATION, split.label) for split in (mnist.train, mnist.test))
    return Domains(train, usps.train), Domains(test, usps.test)


def _pedestrians(root: Path | None, seed: int) -> tuple[Domains, Domains]:
    """The two views of a person belong together; the people to train on are drawn by ``seed``."""
    train, test = describe_pedestrians(root, seed=seed)
    return Domains(*train), Domains(*test)
