"""LeNet-5 on digits."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from zoo.data.options import DistortionOptions, ImageOptions, TransformOptions
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.options import ClassificationOptions, OptimizerOptions

# The paper's canvas and grey levels: MNIST's mean becomes about 0 and its variance about 1.
_INPUT = TransformOptions(size=32, content=28, background=-0.1, ink=1.175)
_TASK = ClassificationOptions(loss="map", optimizer=OptimizerOptions(name="adamw", lr=3e-3))


@dataclass(frozen=True)
class LeNet5Options(ModelOptions):
    """LeNet-5."""

    arch: ClassVar[str] = "lenet5"
    head: Literal["rbf", "linear"] = "rbf"
    """rbf: the paper's distances to fixed codes (task.loss map). linear: logits (task.loss cross-entropy)."""


@dataclass(frozen=True, kw_only=True)
class LeNet5Recipe(ClassifierRecipe):
    """LeNet-5 on pictures."""

    model: LeNet5Options = field(default_factory=LeNet5Options)
    data: ImageOptions = field(default_factory=ImageOptions)


@register_recipe()
def lenet5_digits() -> LeNet5Recipe:
    """LeNet-5 on the embedded digits: median test error 2.44 % over five seeds.

    The quickest way to see everything work. 60 epochs with affine and elastic distortions.
    """
    return LeNet5Recipe(
        name="lenet5-digits",
        data=ImageOptions(
            kind="digits",
            batch_size=32,
            transform=_INPUT,
            distortion=DistortionOptions(rotation=12, scale=0.15, shear=0.2, translation=2, elastic=1),
        ),
        task=_TASK,
        trainer=TrainerOptions(max_epochs=60, threads=1),
    )


@register_recipe(paper="0.95 %, LeCun et al. 1998")
def lenet5_mnist() -> LeNet5Recipe:
    """LeNet-5 on MNIST without distortions: median test error 0.81 % in 7 minutes on one core.

    The paper's network and loss; AdamW on one cosine cycle, 20 epochs of batches of 64. 58,000 pictures are trained
    on and 2,000 kept for validation.
    """
    return LeNet5Recipe(
        name="lenet5-mnist",
        data=ImageOptions(kind="mnist", validation=1 / 30, transform=_INPUT),
        task=_TASK,
        trainer=TrainerOptions(max_epochs=20),
    )


@register_recipe(paper="0.8 %, LeCun et al. 1998")
def lenet5_mnist_distorted() -> LeNet5Recipe:
    """LeNet-5 on MNIST with affine and elastic distortions: median test error 0.54 % in 19 minutes on one core.

    As ``lenet5-mnist``, over 30 epochs of pictures that are never the same twice: turned by up to 8 degrees, scaled and
    sheared by a tenth, shifted by a pixel, bent by 0.8 pixels.
    """
    return LeNet5Recipe(
        name="lenet5-mnist-distorted",
        data=ImageOptions(
            kind="mnist",
            validation=1 / 30,
            transform=_INPUT,
            distortion=DistortionOptions(rotation=8, scale=0.1, shear=0.1, translation=1, elastic=0.8),
        ),
        task=_TASK,
        trainer=TrainerOptions(max_epochs=30),
    )
