"""The pictures that a report comes with, as files and for TensorBoard."""

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from zoo.figures.canvas import save


def write_pictures(folder: Path, pictures: Mapping[str, Figure], *, show: Callable[[str, Figure], None] | None = None) -> list[Path]:
    """Save each picture as ``folder/NAME.png``.

    Args:
        folder: Where the PNG files go.
        pictures: The figures by name.
        show: Takes each figure with its name as well: TensorBoard, while the run's log is open.

    Returns:
        The files written.
    """
    paths = []
    for name, figure in pictures.items():
        paths.append(folder / f"{name}.png")
        save(figure, paths[-1])
        if show is not None:
            show(f"test/{name}", figure)
    return paths
