"""Restricted Boltzmann machines as density models of digits."""

from dataclasses import dataclass, field
from typing import ClassVar

from zoo.data.options import ImageOptions, TransformOptions
from zoo.errors import check_range
from zoo.recipes.options import ModelOptions, Recipe, TrainerOptions
from zoo.recipes.registry import register_recipe
from zoo.tasks.rbm_options import RBMOptions


@dataclass(frozen=True)
class RBMModelOptions(ModelOptions):
    """A restricted Boltzmann machine."""

    arch: ClassVar[str] = "rbm"
    visible: int = 784
    """Visible units: pixels of a picture."""
    hidden: int = 500
    """Hidden units."""

    def __post_init__(self) -> None:
        check_range("--model.visible", self.visible, least=1)
        check_range("--model.hidden", self.hidden, least=1)


@dataclass(frozen=True, kw_only=True)
class RBMRecipe(Recipe):
    """A restricted Boltzmann machine on pictures whose every pixel is drawn once from its grey level."""

    kind: ClassVar[str] = "density"

    model: RBMModelOptions = field(default_factory=RBMModelOptions)
    data: ImageOptions = field(default_factory=ImageOptions)
    task: RBMOptions = field(default_factory=RBMOptions)


@register_recipe()
def rbm_digits() -> RBMRecipe:
    """An RBM with 100 hidden units on the embedded digits as a density model.

    Persistent contrastive divergence with centred gradients, its learning rate falling to zero over 100 epochs.
    """
    return RBMRecipe(
        name="rbm-digits",
        model=RBMModelOptions(visible=64, hidden=100),
        data=ImageOptions(kind="digits", batch_size=50, transform=TransformOptions(size=8, content=8)),
        task=RBMOptions(persistent=True, centered=True, lr=0.02, final_lr=0.0, weight_decay=1e-4),
        trainer=TrainerOptions(max_epochs=100, threads=1),
    )


@register_recipe(paper="-86.3 nats (CD-25, 500 hidden units), Salakhutdinov and Murray 2008")
def rbm_mnist() -> RBMRecipe:
    """An RBM with 500 hidden units on MNIST as a density model.

    Persistent contrastive divergence with centred gradients and momentum, batches and chains of 100, the learning rate
    falling to zero along a straight line. 58,000 pictures are trained on and 2,000 kept for validation.
    """
    return RBMRecipe(
        name="rbm-mnist",
        data=ImageOptions(kind="mnist", validation=1 / 30, batch_size=100),
        task=RBMOptions(persistent=True, centered=True, lr=0.01, final_lr=0.0, weight_decay=0.0),
        trainer=TrainerOptions(max_epochs=100, threads=1),
    )
