import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from zoo.data.ink import frame_ink
from zoo.data.pictures import frame_middle, frame_whole, read_colour, read_picture
from zoo.errors import ZooError


def _digit(path, *, size=(90, 70), mode="L", dark_on_light=True):
    grey = np.full(size, 255 if dark_on_light else 0, np.uint8)
    grey[20:60, 30:36] = 0 if dark_on_light else 255
    Image.fromarray(grey).convert(mode).save(path)
    return path


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
@pytest.mark.parametrize("dark_on_light", [True, False])
def test_any_mode_becomes_light_on_dark(tmp_path, mode, dark_on_light):
    picture = read_picture(_digit(tmp_path / "a.png", mode=mode, dark_on_light=dark_on_light))
    assert picture.inverted == dark_on_light
    assert picture.image.getpixel((33, 40)) > 200
    assert picture.image.getpixel((2, 2)) < 50


@pytest.mark.parametrize("largest", [1, 4000, 60_000])
@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_grey_without_a_range_is_scaled_to_its_own(kind, largest, tmp_path):
    grey = np.zeros((20, 20), kind)
    grey[5:15, 8:12] = largest
    Image.fromarray(grey).save(tmp_path / "a.tif")
    picture = read_picture(tmp_path / "a.tif")
    assert (picture.image.getpixel((9, 9)), picture.image.getpixel((0, 0))) == (255, 0)


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
@pytest.mark.parametrize("largest", [9, 120, 255])
def test_sixteen_bits_give_what_eight_do(largest, suffix, tmp_path):
    grey = np.random.default_rng(0).integers(0, largest, (20, 20), np.uint8, endpoint=True)
    Image.fromarray(grey).save(tmp_path / "a.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / f"deep.{suffix}")
    for read in (lambda path: read_picture(path).image, read_colour):
        assert np.array_equal(read(tmp_path / f"deep.{suffix}"), read(tmp_path / "a.png"))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_picture_of_no_numbers_is_refused(value, tmp_path):
    Image.fromarray(np.full((20, 20), value, np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ZooError, match="no numbers"):
        read_picture(tmp_path / "a.tif")


@pytest.mark.parametrize(("mode", "suffix"), [("CMYK", "jpg"), ("CMYK", "tif"), ("YCbCr", "tif"), ("LA", "png")])
def test_other_colour_spaces_become_grey(mode, suffix, tmp_path):
    picture = read_picture(_digit(tmp_path / f"a.{suffix}", mode=mode, dark_on_light=False))
    assert picture.image.mode == "L"
    assert picture.image.getpixel((33, 40)) > 200
    assert picture.image.getpixel((2, 2)) < 50


def test_a_photograph_is_turned_as_its_camera_was_held(tmp_path):
    image, exif = Image.new("L", (40, 20)), Image.Exif()
    image.paste(255, (10, 5, 20, 15))
    exif[0x0112] = 6  # orientation: a quarter turn
    image.save(tmp_path / "a.jpg", exif=exif)
    assert read_picture(tmp_path / "a.jpg").image.size == (20, 40)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp", "ppm"])
def test_a_picture_that_ends_early_is_refused(suffix, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    Image.fromarray(noise).save(tmp_path / f"a.{suffix}")
    content = (tmp_path / f"a.{suffix}").read_bytes()
    (tmp_path / f"a.{suffix}").write_bytes(content[: len(content) // 2])
    with pytest.raises(ZooError, match=f"a.{suffix}: "):
        read_picture(tmp_path / f"a.{suffix}")


def test_a_header_that_claims_more_pixels_than_its_file_can_hold_is_refused_before_memory_is_taken(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = struct.pack(">2I", 8000, 8000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ZooError, match="claims 8000x8000 pixels, too many for a file of"):
        read_picture(tmp_path / "a.png")


def test_a_decompression_bomb_is_refused(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    with pytest.raises(ZooError, match="too large a picture"):
        read_picture(tmp_path / "a.png")


def test_a_large_blank_page_is_none(tmp_path):
    Image.new("L", (3000, 3000), 255).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").inverted


def test_transparency_counts_as_white_paper(tmp_path):
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:15, 8:12, 3] = 255  # opaque black on nothing
    Image.fromarray(rgba).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").inverted


def test_light_ink_on_transparency_counts_as_written_on_black(tmp_path):
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:15, 8:12] = 255  # opaque white on nothing
    Image.fromarray(rgba).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert not picture.inverted
    assert picture.image.getpixel((9, 9)) == 255


def test_framed_ink_is_centred_and_fills_its_box(tmp_path):
    picture = read_picture(_digit(tmp_path / "a.png"))
    out = frame_ink(picture.image, side=28, box=20 / 28)[0][0].float()
    rows = out.amax(1).nonzero()[:, 0]
    assert rows[-1] - rows[0] + 1 == 20
    mass = out.sum()
    assert (out.sum(0) * torch.arange(28.0)).sum() / mass == pytest.approx(13.5, abs=0.6)
    assert (out.sum(1) * torch.arange(28.0)).sum() / mass == pytest.approx(13.5, abs=0.6)


def _photograph(light, path):
    """A seven in dark ink on paper under ``light``, with the camera's noise."""
    drawing = Image.new("L", (300, 400))
    ImageDraw.Draw(drawing).line([(90, 120), (210, 120), (130, 300)], fill=255, width=24, joint="curve")
    ink = np.asarray(drawing) / 255
    noise = np.random.default_rng(0).normal(0, 3, ink.shape)
    Image.fromarray((light * (1 - 0.6 * ink) + noise).clip(0, 255).astype(np.uint8)).save(path)
    return frame_ink(read_picture(path).image, side=28, box=20 / 28)[0].float()


def test_uneven_light_hardly_changes_what_is_read(tmp_path):
    y, x = np.mgrid[:400, :300]
    even = _photograph(np.full((400, 300), 230.0), tmp_path / "even.png")
    slope = _photograph(100 + 130 * (x / 300 + y / 400) / 2, tmp_path / "slope.png")
    lamp = _photograph(90 + 150 * np.exp(-((x - 80) ** 2 + (y - 90) ** 2) / (2 * 160**2)), tmp_path / "lamp.png")
    for other in (slope, lamp):
        assert torch.corrcoef(torch.stack([even.flatten(), other.flatten()]))[0, 1] > 0.97


def test_paper_without_ink_is_blank_however_it_is_lit(tmp_path):
    y, _ = np.mgrid[:300, :300]
    noise = np.random.default_rng(0).normal(0, 3, (300, 300))
    Image.fromarray((120 + y / 3 + noise).astype(np.uint8)).save(tmp_path / "a.png")
    assert frame_ink(read_picture(tmp_path / "a.png").image, side=28, box=0.7)[0].sum() == 0


def test_a_blank_picture_stays_blank():
    image, crop = frame_ink(Image.new("L", (30, 30)), side=28, box=0.7)
    assert image.sum() == 0
    assert crop is None


def test_the_whole_picture_keeps_its_proportions():
    out = frame_whole(Image.new("L", (40, 20), 255), side=28)[0]
    assert out[14].min() == 255
    assert out[2].max() == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "not a picture"), (b"hello", "not a picture"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "picture")],
)
def test_a_file_that_is_no_picture_is_named(tmp_path, content, complaint):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as error:
        read_picture(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_truncated_picture_is_refused(tmp_path):
    _digit(tmp_path / "a.png", size=(300, 300))
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match="cannot be read"):
        read_picture(tmp_path / "a.png")


def test_a_missing_picture_is_named(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        read_picture(tmp_path / "a.png")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK", "1"])
def test_colours_are_read_from_any_mode(tmp_path, mode):
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new("RGB", (20, 10), (200, 30, 30)).convert(mode).save(path)
    picture = read_colour(path)
    assert (picture.mode, picture.size) == ("RGB", (20, 10))
    red, green, _ = picture.getpixel((5, 5))
    assert red >= green


def test_transparent_places_are_white(tmp_path):
    Image.new("RGBA", (5, 5), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert read_colour(tmp_path / "a.png").getpixel((2, 2)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(40, 20), (20, 40), (1, 1)])
def test_the_middle_square_fills_the_frame(size):
    out = frame_middle(Image.new("RGB", size, (9, 8, 7)), side=16)
    assert out.shape == (3, 16, 16)
    assert out[:, 8, 8].tolist() == [9, 8, 7]
    assert out.flatten(1).unique(dim=1).shape == (3, 1)
