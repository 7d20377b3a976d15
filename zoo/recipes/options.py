"""What every recipe is made of. No heavy import: ``--help`` reads this file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import tyro

from zoo.data.cluttered_options import ClutteredOptions
from zoo.data.options import DoubleMoonOptions, ImageOptions
from zoo.errors import ZooError, check_range
from zoo.tasks.options import ClassificationOptions


@dataclass(frozen=True)
class TrainerOptions:
    """How the training runs on this machine."""

    max_epochs: int = 20
    """Passes over the training split."""
    max_steps: int = -1
    """Stop after so many steps; -1 for no limit. For trying things out."""
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """What to compute on; auto takes a GPU if there is one."""
    devices: int = 1
    """Number of devices (processes, on the CPU)."""
    threads: int = 0
    """CPU threads; 0 lets torch choose. Small networks run as fast on one, and a busy machine slows one down less."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Arithmetic of the forward and backward pass; a processor without fast bfloat16 computes in 32 bits instead, and says so."""
    matmul: Literal["highest", "high", "medium"] = "highest"
    """How precisely float32 matrices are multiplied in training, where the hardware knows a quicker way: high takes TF32 or three
    bfloat16 products, medium one in bfloat16. All else stays in float32, sums too but for those of an LSTM on the CPU."""
    weights: Literal["float32", "float16"] = "float32"
    """How the trained numbers are kept; in half precision the file is half as large, and its rounded numbers are what is measured."""
    compile: bool = False
    """Compile the model with torch.compile; it then runs on native gradients."""
    checkpoint_every: int = 0
    """Save every so many steps within an epoch as well; 0 saves at the end of each epoch. A signal to stop always saves."""
    progress_bar: bool = True
    """Show a progress bar."""

    def __post_init__(self) -> None:
        check_range("--trainer.max-epochs", self.max_epochs, least=1)
        if self.max_steps != -1:
            check_range("--trainer.max-steps", self.max_steps, least=1)
        check_range("--trainer.devices", self.devices, least=1)
        check_range("--trainer.threads", self.threads, least=0, below=1025)
        check_range("--trainer.checkpoint-every", self.checkpoint_every, least=0)

    def check_share(self, batch_size: int) -> None:
        """Refuse a batch that the devices cannot share out evenly.

        Raises:
            ZooError: With both numbers.
        """
        if batch_size % self.devices:
            raise ZooError(f"--data.batch-size {batch_size}: must be a multiple of --trainer.devices {self.devices}")


@dataclass(frozen=True)
class ModelOptions:
    """Arguments of a registered builder; subclasses add them as fields."""

    arch: ClassVar[str]


@dataclass(frozen=True)
class EvaluateOptions:
    """Score a released model or a run on its test split."""

    root: Annotated[Path | None, tyro.conf.arg(name="data.root")] = None
    """Folder of the data; without it $ZOO_DATA and the cache are searched."""
    pictures: Path | None = None
    """Folder for PNG pictures of what is printed, and of more."""
    json: Path | None = None
    """File for the figures."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One reproducible training run. Every kind adds its model, data and task."""

    kind: ClassVar[str]
    """Names the file of ``zoo/recipes/kinds`` that knows how such a recipe is trained, evaluated and shown."""
    evaluation: ClassVar[type[EvaluateOptions]] = EvaluateOptions
    """What ``evaluate.py`` takes for models of this kind."""

    name: tyro.conf.Suppress[str]
    trainer: TrainerOptions = field(default_factory=TrainerOptions)
    seed: int = 0
    """Seed of the weights, of the order of samples and of every random choice in training."""
    run: Path | None = None
    """Folder of the run; by default runs/NAME-N with the next free number."""

    def __post_init__(self) -> None:
        check_range("--seed", self.seed, least=0, below=2**32)


@dataclass(frozen=True, kw_only=True)
class ClassifierRecipe(Recipe):
    """One reproducible training run of a classifier."""

    kind: ClassVar[str] = "classification"

    model: ModelOptions
    data: ImageOptions | DoubleMoonOptions | ClutteredOptions
    task: ClassificationOptions = field(default_factory=ClassificationOptions)
