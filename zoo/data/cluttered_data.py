"""Cluttered digits as batches to train on, and as held-out pictures with boxes.

Sizes in shapes: B batch, S side of the canvas.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from zoo.data.batches import Augment
from zoo.data.cluttered_mnist import draw_scenes, load_source
from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.in_memory import InMemoryData, Prepared, cut_validation
from zoo.data.located import Located
from zoo.data.sets import Labelled
from zoo.layers.input_transform import InputTransform

TEST_PICTURES, VALIDATION_PICTURES = 5_000, 1_000
_TRAIN, _VALIDATION, _TEST = range(3)  # streams of chance
_INK = 3.0  # input value of a full pixel, which gives these pictures a standard deviation of about 0.8
_AT_ONCE = 500  # pictures


def build_cluttered(options: ClutteredOptions, *, seed: int) -> InMemoryData:
    """Training pictures that are drawn as they are needed, and held-out ones with boxes.

    Args:
        options: The recipe's.
        seed: Seed of the run: order of the training pictures.

    Raises:
        ValueError: MNIST is missing or damaged.
    """
    transform = _transform(options)
    train, _ = cut_validation(load_source(options), options.validation, options.split_seed)
    validation, test, labels = held_out_pictures(options)
    prepared = Prepared(Labelled(train.input.float() / 255, train.label), validation, test, labels)
    augment = Augment(_drawing(prepared.train, options, transform), workers=options.workers)
    return InMemoryData(prepared, batch_size=options.batch_size, seed=seed, augment=augment, transform=transform)


def held_out_pictures(options: ClutteredOptions) -> tuple[Located | None, Located, list[str]]:
    """Validation and test pictures as model inputs, and the names of the classes; nothing is done to training pictures.

    Raises:
        ValueError: MNIST is missing or damaged.
    """
    splits = load_source(options)
    _, validation = cut_validation(splits, options.validation, options.split_seed)
    transform = _transform(options)
    return (
        _held_out(validation, options, transform, stream=_VALIDATION, count=VALIDATION_PICTURES) if validation else None,
        _held_out(splits.test, options, transform, stream=_TEST, count=TEST_PICTURES),
        splits.labels,
    )


def _transform(options: ClutteredOptions) -> InputTransform:
    return InputTransform(size=options.canvas, content=options.canvas, background=0.0, ink=_INK)


def _drawing(digits: Labelled, options: ClutteredOptions, transform: InputTransform) -> Callable[[Tensor, Tensor, int], Tensor]:
    """What turns the digits of a training batch into pictures, others in every epoch."""
    small = options.small if options.small_epochs else options

    def draw(digit: Tensor, index: Int[Tensor, " B"], epoch: int) -> Float[Tensor, "B 1 S S"]:
        nonlocal digits
        digits = Labelled(digits.input.to(digit.device), digits.label.to(digit.device))  # moves once
        size = small if epoch < options.small_epochs else options
        scenes = draw_scenes(digits, index + epoch * len(digits), size, stream=_TRAIN)
        return transform.to(digit.device).normalize(scenes.image.float().div_(255))

    return draw


def _held_out(digits: Labelled, options: ClutteredOptions, transform: InputTransform, *, stream: int, count: int) -> Located:
    """Pictures of one digit each, of digits from all over the split."""
    number = torch.arange(count) * max(1, len(digits) // count)
    scenes = [draw_scenes(digits, part, options, stream=stream) for part in number.split(_AT_ONCE)]
    image, label, box = (torch.cat([getattr(scene, name) for scene in scenes]) for name in ("image", "label", "box"))
    return Located(transform(image), label[:, 0], box[:, 0])
