"""GapNet on digits among clutter: classified, and found by their class activation maps."""

from dataclasses import dataclass, field
from typing import ClassVar

from zoo.data.cluttered_options import ClutteredOptions
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.options import ClassificationOptions, OptimizerOptions

_TASK = ClassificationOptions(optimizer=OptimizerOptions(name="adamw", lr=4e-3))


@dataclass(frozen=True)
class GapNetOptions(ModelOptions):
    """GapNet."""

    arch: ClassVar[str] = "gap_net"


@dataclass(frozen=True, kw_only=True)
class LocalizationRecipe(ClassifierRecipe):
    """A classifier that knows no boxes, and is measured by those of its maps."""

    kind: ClassVar[str] = "localization"

    model: GapNetOptions = field(default_factory=GapNetOptions)
    data: ClutteredOptions = field(default_factory=ClutteredOptions)


@register_recipe()
def gap_net_digits() -> LocalizationRecipe:
    """GapNet on the embedded digits among clutter, 96 x 96: to see everything work in a few minutes, without MNIST.

    As ``gap-net-cluttered-mnist``, with digits of 8 x 8 pixels that are enlarged, in single precision, and over 60 epochs, of which each
    shows every digit of the training split once; 15 % of the training digits are kept for validation.
    """
    return LocalizationRecipe(
        name="gap-net-digits",
        data=ClutteredOptions(kind="cluttered-digits", validation=0.15),
        task=_TASK,
        trainer=TrainerOptions(max_epochs=60, threads=1),
    )


@register_recipe()
def gap_net_cluttered_mnist() -> LocalizationRecipe:
    """GapNet on cluttered MNIST, 96 x 96: learns classes alone, and is measured by the boxes of its maps as well.

    A digit fitted into a square of 28 to 48 pixels (a wide one is less high), turned by up to 15 degrees, anywhere among four
    pieces of other digits; no picture comes twice. AdamW on one cycle, 24 epochs of batches of 64, in bfloat16 wherever that is
    safe. 58,000 digits are trained on; validation has 1,000 pictures of others.
    """
    return LocalizationRecipe(
        name="gap-net-cluttered-mnist", task=_TASK, trainer=TrainerOptions(max_epochs=24, threads=1, precision="bf16-mixed")
    )
