"""DeepLearnToolbox's convolutional network on digits."""

from dataclasses import dataclass, field
from typing import ClassVar

from zoo.data.options import ImageOptions
from zoo.recipes.options import ClassifierRecipe, ModelOptions, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.options import ClassificationOptions, OptimizerOptions


@dataclass(frozen=True)
class DeepLearnToolboxOptions(ModelOptions):
    """DeepLearnToolbox's convolutional network."""

    arch: ClassVar[str] = "deep_learn_toolbox_cnn"
    side: int = 28
    """Side of the picture, pixels."""
    maps: tuple[int, ...] = (6, 12)
    """Output maps of each convolution."""
    kernels: tuple[int, ...] = (5, 5)
    """Side of each convolution's kernels."""
    scales: tuple[int, ...] = (2, 2)
    """Side of each pooling's windows."""


@dataclass(frozen=True, kw_only=True)
class DeepLearnToolboxRecipe(ClassifierRecipe):
    """DeepLearnToolbox's convolutional network on pictures."""

    model: DeepLearnToolboxOptions = field(default_factory=DeepLearnToolboxOptions)
    data: ImageOptions = field(default_factory=ImageOptions)


@register_recipe(paper="about 11 %, the toolbox's test_example_CNN")
def deep_learn_toolbox_mnist() -> DeepLearnToolboxRecipe:
    """The toolbox's own example, 6c-2s-12c-2s on MNIST: median test error 11.26 % over three seeds in half a minute on one core.

    One epoch of plain gradient descent on all 60,000 pictures, at rate 1 in batches of 50. The toolbox transposes the pictures;
    here they stand upright.
    """
    return DeepLearnToolboxRecipe(
        name="deep-learn-toolbox-mnist",
        data=ImageOptions(kind="mnist", validation=0, batch_size=50),
        task=ClassificationOptions(loss="squared-error", optimizer=OptimizerOptions(name="sgd", lr=1.0, momentum=0.0, schedule="constant")),
        trainer=TrainerOptions(max_epochs=1, threads=1),
    )
