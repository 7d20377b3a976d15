import pytest
import torch

from zoo.figures.rbm import fantasies, receptive_fields, reconstructions


def _shown(figure):
    return torch.from_numpy(figure.axes[0].images[0].get_array().filled(-9))


def test_a_row_of_data_stands_above_its_reconstruction():
    data, mean = torch.ones(12, 16), torch.full((12, 16), 0.5)
    sheet = _shown(reconstructions(data, mean))
    assert [value for value in sheet[:, 0].tolist() if value >= 0] == [1.0] * 4 + [0.5] * 4 + [1.0] * 4 + [0.5] * 4
    assert [value for value in sheet[:, 10].tolist() if value >= 0] == [1.0] * 4 + [0.5] * 4  # the third: in the first row only


def test_no_more_than_a_hundred_fields_are_shown():
    sheet = _shown(receptive_fields(torch.randn(150, 16)))
    assert sheet.shape == (10 * 5, 10 * 5)


def test_fantasies_stand_close_together():
    assert _shown(fantasies(torch.rand(3, 16), columns=2)).shape == (2 * 5, 2 * 5)


def test_what_is_no_square_is_no_picture():
    with pytest.raises(ValueError, match="15 values are no square picture"):
        fantasies(torch.rand(3, 15))
