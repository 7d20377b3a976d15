"""explain.py on pictures of every kind, good and bad."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torchvision import models

from zoo.cli import explain
from zoo.cli.explain.cam import _named_classes
from zoo.errors import ZooError
from zoo.models import explanation
from zoo.models.cam import rescaled
from zoo.models.explanation import Explanation


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of weights of a small network."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "squeeze.pth"
    torch.save(models.get_model("shufflenet_v2_x0_5", weights=None).state_dict(), path)
    return path


def _drawing(size=(60, 40)):
    image = Image.new("RGB", size, "skyblue")
    ImageDraw.Draw(image).ellipse((5, 5, 30, 30), fill="tomato")
    return image


def _width(path):
    with Image.open(path) as image:
        return image.width


def _explain(weights, *args):
    explain.main(["torchvision/shufflenet_v2_x0_5", *map(str, args), "--weights", str(weights), "--classes", "top2"])


def test_a_picture_comes_out_with_its_likeliest_classes_and_their_boxes(weights, in_tmp, capsys):
    _drawing().save("a.png")
    _explain(weights, "a.png", "--out", "new/b.png", "--json", "a.json")
    out = capsys.readouterr().out
    assert "maps of network.conv5, pooled, weighed by network.fc" in out
    assert _width("new/b.png") > 400
    assert "boxes in pixels of the 224 x 224" in out
    assert "a.png  (colours; middle square)  new/b.png" in out
    found = json.loads((in_tmp / "a.json").read_text())["a.png"]
    assert found["method"] == "class activation maps: maps of network.conv5, pooled, weighed by network.fc"
    assert (found["size"], found["crop"]) == (224, [10, 0, 50, 40])
    assert len(found["classes"]) == 2
    assert all(0 < entry["probability"] < 1 and len(entry["box"]) == 4 for entry in found["classes"])


def test_classes_are_explained_once_in_the_order_of_their_names(weights, in_tmp):
    _drawing().save("a.png")
    explain.main(
        ["torchvision/shufflenet_v2_x0_5", "a.png", "--weights", str(weights), "--classes", "crane, tench,crane", "--json", "a.json"]
    )
    found = json.loads((in_tmp / "a.json").read_text())["a.png"]
    assert [entry["name"] for entry in found["classes"]] == ["crane", "tench"]
    assert _width("overlay.png") > 400


def _corner(monkeypatch, *args):
    """The box of LeNet-5's map of a three, made to be 1 on the first 4 x 4 pixels of the picture, 0.1 on others, -1 on one."""
    maps = torch.full((1, 1, 32, 32), 0.1)
    maps[..., 2:6, 2:6] = 1.0
    maps[..., 20, 20] = -1.0
    found = Explanation(torch.zeros(1, 10), torch.tensor([[3]]), maps, "by hand")
    monkeypatch.setattr(
        explanation,
        "explain",
        lambda *args, relu=False, normalize=False, **_: replace(found, map=rescaled(maps, relu=relu, normalize=normalize)),
    )
    _drawing().save("a.png")
    explain.main(["lenet5.mnist_v1", "a.png", "--classes", "3", "--json", "a.json", *args])
    return json.loads(Path("a.json").read_text())["a.png"]["classes"][0]["box"]


@pytest.mark.usefixtures("in_tmp")
def test_boxes_lie_on_the_picture_and_not_on_the_canvas_around_it(monkeypatch):
    assert _corner(monkeypatch) == [0, 0, 4, 4]


@pytest.mark.usefixtures("in_tmp")
def test_how_maps_are_shown_leaves_the_boxes_alone(monkeypatch):
    assert _corner(monkeypatch, "--relu", "--normalize") == [0, 0, 4, 4]


PICTURES = {
    "grey.png": lambda path: _drawing().convert("L").save(path),
    "alpha.png": lambda path: _drawing().convert("RGBA").save(path),
    "palette.gif": lambda path: _drawing().convert("P").save(path),
    "print.jpg": lambda path: _drawing().convert("CMYK").save(path),
    "deep.png": lambda path: Image.fromarray(np.full((30, 40), 60_000, np.uint16)).save(path),
    "dot.png": lambda path: _drawing((1, 1)).save(path),
    "wide.png": lambda path: Image.new("L", (8000, 20), 90).save(path),
    "turned.jpg": lambda path: _drawing().save(path, exif=_turned()),
}


def _turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def test_a_folder_of_pictures_of_every_kind_comes_out_and_bad_ones_get_a_line_each(weights, in_tmp, capsys):
    folder = in_tmp / "pictures"
    folder.mkdir()
    for name, write in PICTURES.items():
        write(folder / name)
    (folder / "text.png").write_text("hello")
    (folder / "cut.png").write_bytes((folder / "wide.png").read_bytes()[:60])
    with pytest.raises(ValueError, match="2 of 10 pictures could not be read"):
        _explain(weights, folder, "--out", "maps", "--batch-size", "3")
    out, said = capsys.readouterr()
    assert said.count("error: ") == said.count("\n") == 2
    assert out.count("class activation maps") == 1
    assert {path.stem for path in (in_tmp / "maps").iterdir()} == set(PICTURES)


def test_a_camera_turned_is_turned_back(tmp_path):
    from zoo.data.pictures import read_colour

    PICTURES["turned.jpg"](tmp_path / "a.jpg")
    assert read_colour(tmp_path / "a.jpg").size == (40, 60)


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["no.png"], "no.png: there is no such file"),
        ([], "no picture follows"),
        (["a.png", "--classes", "dog"], "the model has no class 'dog'; did you mean dough or hotdog"),
        (["a.png", "--classes", "§"], r"the model has no class '§'; it has tench, goldfish, .*, \.\.\.; topN"),
        (["empty"], "there are no pictures in this folder"),
        (["a.png", "a.png"], "two pictures are called a.png"),
        (["a.png", "--batch-size", "0"], "batch-size 0"),
        (["a.png", "--layer", "conv6"], "layer conv6: the model has no such part"),
        (["a.png", "--classes", "top51"], "top 51: must be at least 1 and below 51"),
        (["a.png", "--out", "a.gif"], "--out a.gif: drawings are PNG files"),
        (["a.png", "--out", "a.png"], "--out a.png: this is the picture that is read"),
        (["a.png", "--out", "empty/../a.png"], "this is the picture that is read"),
        (["overlay.png"], "--out overlay.png: this is the picture that is read"),
        (["two", "--out", "two"], "--out two: pictures are read from this folder"),
        (["one", "--out", "empty/../one"], "pictures are read from this folder"),
        (["a.png", "two/b.png", "--out", "."], "pictures are read from this folder"),
        (["two", "--out", "maps.png"], "--out maps.png: one file for the drawings of 2 pictures; name a folder"),
        (["a.png", "--classes", "top²"], "no class 'top²'"),
        (["a.png", "--json", "none/a.json"], "none/a.json: cannot be written"),
    ],
)
def test_a_mistake_is_one_line(weights, in_tmp, args, complaint):
    for folder in ("empty", "one", "two"):
        (in_tmp / folder).mkdir()
    for name in ("a.png", "overlay.png", "one/a.png", "two/b.png", "two/c.png"):
        _drawing().save(name)
    with pytest.raises(ZooError, match=complaint):
        explain.main(["torchvision/shufflenet_v2_x0_5", *args, "--weights", str(weights)])


@pytest.mark.parametrize(
    ("args", "place"), [([], "overlays/a.png.png"), (["--out", "maps"], "maps/a.png.png"), (["--out", "b.png"], "b.png")]
)
def test_a_folder_of_one_picture_is_drawn_as_a_folder_unless_a_file_is_named(weights, in_tmp, args, place):
    (in_tmp / "one").mkdir()
    _drawing().save("one/a.png")
    _explain(weights, "one", *args)
    assert (in_tmp / place).is_file()


def test_one_picture_may_be_drawn_into_a_folder(weights, in_tmp):
    _drawing().save("a.png")
    _explain(weights, "a.png", "--out", "maps", "--layer", "conv5")  # torchvision's own name of the part
    assert (in_tmp / "maps/a.png.png").is_file()


def test_a_class_that_no_place_speaks_for_has_no_box(in_tmp, capsys):
    _drawing().save("a.png")
    explain.main(["gap_net.cluttered_mnist_v1", "a.png", "--classes", "top10"])
    lines = capsys.readouterr().out.splitlines()
    assert "%   box (" in lines[2], "the likeliest"
    assert lines[-1].endswith("%   no place speaks for it: whole picture")


def test_a_class_whose_name_holds_a_comma_is_found():
    assert _named_classes("b, c", ["a", "b, c"]) == [1]
    assert _named_classes("b, a", ["a", "b"]) == [1, 0]


def test_what_explains_is_found_by_word_or_by_model(in_tmp):
    with pytest.raises(ValueError, match="did you mean lenet5"):
        explain.main(["lenet", "a.png"])
    with pytest.raises(ValueError, match="no such file"):
        explain.main(["filters", "a.png"])


def test_a_model_of_the_zoo_without_pooling_gets_grad_cam(in_tmp, capsys):
    _drawing().save("a.png")
    explain.main(["lenet5.digits_v1", "a.png", "--classes", "3,7", "--out", "b.png"])
    out = capsys.readouterr().out
    assert "Grad-CAM" in out
    assert "  7 " in out


def test_the_layer_whose_maps_are_weighed_can_be_chosen(weights, in_tmp, capsys):
    _drawing().save("a.png")
    _explain(weights, "a.png", "--layer", "network.stage3")
    assert "Grad-CAM: maps of network.stage3, weighed" in capsys.readouterr().out


def test_the_slides_filters_are_drawn(in_tmp, capsys):
    _drawing().save("a.png")
    explain.main(["filters", "a.png", "--out", "f.png"])
    assert "4 3 4" in capsys.readouterr().out
    assert _width("f.png") > 400


def test_a_picture_too_small_for_filters_is_refused(in_tmp):
    _drawing((3, 9)).save("a.png")
    with pytest.raises(ZooError, match="3 x 9 pixels"):
        explain.main(["filters", "a.png"])


def test_a_picture_too_thin_for_filters_is_refused_by_its_own_size(in_tmp):
    PICTURES["wide.png"]("a.png")
    with pytest.raises(ZooError, match="8000 x 20 pixels"):
        explain.main(["filters", "a.png"])


def test_filters_are_not_drawn_over_their_picture(in_tmp):
    _drawing().save("filters.png")
    before = (in_tmp / "filters.png").read_bytes()
    with pytest.raises(ZooError, match="this is the picture that is read"):
        explain.main(["filters", "filters.png"])
    assert (in_tmp / "filters.png").read_bytes() == before
