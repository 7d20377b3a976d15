"""explain.py filters PICTURE: what the slides' kernels and poolings do to a picture (figures 2-12 to 2-19)."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from zoo.cli.common import make_place, parse
from zoo.errors import ZooError

_COLUMNS = 5
_LONGEST = 256  # side, pixels, to which a larger picture is made smaller


@dataclass(frozen=True)
class FilterOptions:
    """Draw a picture after every filter of slide D0:1048-1060, after a stride and padding, and after each pooling."""

    picture: tyro.conf.Positional[Path]
    """A picture file; colour becomes grey."""
    out: Path = Path("filters.png")
    """The drawing."""


def main(name: str, flags: list[str]) -> None:
    """Draw what the filters make of the picture that ``flags`` name."""
    options = parse(FilterOptions, flags, prog=f"explain.py {name}")
    make_place(options.out, inputs=[options.picture])
    from PIL import Image

    from zoo.data.pictures import read_colour, to_tensor
    from zoo.figures.canvas import save
    from zoo.figures.filters import KERNELS, correlate, filtered_pictures, pooled, worked_example

    picture = read_colour(options.picture).convert("L")
    size = f"{picture.width} x {picture.height} pixels"
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    level = to_tensor(picture)[0].float() / 255
    if min(level.shape) < 4:
        raise ZooError(f"{options.picture}: {size}; filters need 4 at least on each side once the longer is {_LONGEST} at most")
    edges = correlate(level, KERNELS["edge detection 3"], padding=1)
    drawings = [("picture", level)]
    drawings += [(kernel, correlate(level, weight, padding=1)) for kernel, weight in KERNELS.items()]
    drawings += [("sharpen, stride 2, no padding", correlate(level, KERNELS["sharpen"], stride=2))]
    drawings += [("edges, zero is grey", 0.5 + edges / 2), ("edges, rectified", edges.relu())]
    drawings += [(f"rectified, {kind} pooling", pooled(edges.relu(), kind=kind)) for kind in ("max", "average", "sum")]
    save(filtered_pictures(drawings, columns=_COLUMNS), options.out)
    image, kernel, result = worked_example()
    print("the slide's example: a picture of 5 x 5, a kernel of 3 x 3, and the 3 x 3 that come of it")
    for matrix in (image, kernel, result):
        print("\n".join("  " + " ".join(f"{int(value)}" for value in row) for row in matrix), end="\n\n")
    print(f"drawing     {options.out}")
