"""LeNet-5's training loop against a bare PyTorch loop and the usual DataLoader + PIL pipeline.

All train the same network with the same optimiser on the same number of 28 x 28 pictures. The pictures are random:
speed does not depend on what they show.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from PIL import Image
from pytorch_lightning.callbacks import Callback
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from zoo.benchmarks.timing import Timing, interleave, median_ratio
from zoo.data.module import InMemoryData, Prepared
from zoo.data.sets import Labelled
from zoo.functions import native
from zoo.functions.map_loss import map_loss
from zoo.layers.input_transform import InputTransform
from zoo.recipes.kinds.classification import classification_job
from zoo.recipes.lenet import lenet5_mnist
from zoo.recipes.starting_weights import Learner
from zoo.recipes.trainer import build_trainer
from zoo.registry import get_model

_TRANSFORM = InputTransform(size=32, content=28, background=-0.1, ink=1.175)


class _Pictures(Dataset[tuple[Tensor, int]]):
    """What torchvision's MNIST does with each sample: array to PIL picture to transforms."""

    def __init__(self, image: Tensor, label: Tensor) -> None:
        self.image, self.label = image, label
        self.transform = transforms.Compose([transforms.Pad(2), transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)])

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.image[index, 0].numpy())), int(self.label[index])


class _EpochClock(Callback):
    """Seconds from the start of the training epoch to the end of the training, callbacks and saves included."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._start = time.perf_counter()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds = time.perf_counter() - self._start


def benchmark_epoch(*, pictures: int, batch_size: int, repeats: int) -> dict[str, Any]:
    """Time one training epoch of each contender.

    Returns:
        Seconds and pictures a second of each, and the zoo's throughput as a ratio to the others'.
    """
    image, label = _random_pictures(pictures)
    x = _TRANSFORM(image)
    loader = DataLoader(_Pictures(image, label), batch_size=batch_size, shuffle=True)
    contenders: dict[str, Callable[[], float]] = {
        "zoo": lambda: _zoo_epoch(Labelled(x, label), batch_size),
        "bare loop": lambda: _plain_epoch(_bare_batches(x, label, batch_size)),
        "bare loop, native": lambda: _native_epoch(_bare_batches(x, label, batch_size)),
        "DataLoader + PIL": lambda: _plain_epoch(loader),
    }
    timing = interleave(contenders, repeats=repeats)
    figures: dict[str, Any] = {name: _with_rate(found, pictures) for name, found in timing.items()}
    figures["zoo / bare loop"] = median_ratio(timing["bare loop"], timing["zoo"])
    figures["zoo / bare loop, native"] = median_ratio(timing["bare loop, native"], timing["zoo"])
    figures["zoo / DataLoader + PIL"] = median_ratio(timing["DataLoader + PIL"], timing["zoo"])
    return figures


def benchmark_guards(*, pictures: int, batch_size: int, repeats: int) -> dict[str, Any]:
    """Time one training epoch with the look at every step's numbers and with saves, and without.

    Returns:
        Seconds of both and their ratio.
    """
    image, label = _random_pictures(pictures)
    train = Labelled(_TRANSFORM(image), label)
    contenders = {name: partial(_zoo_epoch, train, batch_size, guarded=name == "guarded") for name in ("guarded", "unguarded")}
    timing = interleave(contenders, repeats=repeats)
    figures: dict[str, Any] = {name: _with_rate(found, pictures) for name, found in timing.items()}
    return figures | {"seconds guarded / unguarded": median_ratio(timing["guarded"], timing["unguarded"])}


def _random_pictures(count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (count, 1, 28, 28), generator=generator, dtype=torch.uint8)
    return image, torch.randint(0, 10, (count,), generator=generator)


def _with_rate(found: Timing, pictures: int) -> dict[str, float]:
    return found.figures() | {"pictures a second": pictures / found.median}


def _zoo_epoch(train: Labelled, batch_size: int, *, guarded: bool = True) -> float:
    """An epoch as ``train.py`` runs it; unguarded, without the look at every step's numbers and without a save."""
    recipe, labels = lenet5_mnist(), [str(digit) for digit in range(10)]
    recipe = replace(recipe, trainer=replace(recipe.trainer, max_epochs=1, accelerator="cpu", progress_bar=False))
    data = InMemoryData(Prepared(train, None, train, labels), batch_size=batch_size, seed=0, transform=_TRANSFORM)
    clock = _EpochClock()
    with tempfile.TemporaryDirectory() as folder:
        job = classification_job(recipe, Learner(data, get_model("lenet5"), "lenet5", {}))
        build_trainer(recipe, job, Path(folder), guarded=guarded, extra=[clock]).fit(job.task, datamodule=data)
    return clock.seconds


def _bare_batches(x: Tensor, label: Tensor, batch_size: int) -> Any:
    for index in torch.randperm(len(label)).split(batch_size):
        yield x[index], label[index]


def _native_epoch(batches: Any) -> float:
    """The same loop on PyTorch's own operators and derivatives."""
    with native():
        return _plain_epoch(batches)


def _plain_epoch(batches: Any) -> float:
    model: nn.Module = get_model("lenet5")
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, fused=True)
    start = time.perf_counter()
    for x, label in batches:
        loss = map_loss(model(x), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start
