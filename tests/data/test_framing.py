"""Where a framed picture comes from."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.framing import frame_file
from zoo.layers.input_transform import InputTransform

LEFT, TOP, RIGHT, BOTTOM = 50, 16, 62, 56
GREY, COLOUR = InputTransform(), InputTransform(background=(0.0, 0.0, 0.0), ink=(1.0, 1.0, 1.0))


def _framed(tmp_path, transform, **how):
    level = np.zeros((80, 120), np.uint8)
    level[TOP:BOTTOM, LEFT:RIGHT] = 255
    Image.fromarray(level).save(tmp_path / "a.png")
    return frame_file(tmp_path / "a.png", transform, kind="mnist", **how)


@pytest.mark.parametrize(("transform", "how"), [(COLOUR, {}), (GREY, {"framing": "whole"}), (GREY, {"framing": "ink"})])
def test_a_place_in_the_square_is_found_again_in_the_picture(tmp_path, transform, how):
    framed = _framed(tmp_path, transform, **how)
    rows, columns = ((framed.image[0] > 127).any(axis).nonzero()[:, 0] for axis in (1, 0))
    left, top, right, bottom = framed.crop
    wide, high = (right - left) / 28, (bottom - top) / 28
    found = [left + wide * int(columns[0]), top + high * int(rows[0]), left + wide * int(columns[-1] + 1), top + high * int(rows[-1] + 1)]
    assert found == pytest.approx([LEFT, TOP, RIGHT, BOTTOM], abs=max(wide, high))


def test_the_middle_square_and_the_whole_picture_are_known_exactly(tmp_path):
    assert _framed(tmp_path, COLOUR).crop == (20, 0, 100, 80)
    assert _framed(tmp_path, GREY, framing="whole").crop == (0, -20, 120, 100)
