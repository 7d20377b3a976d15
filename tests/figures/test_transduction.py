import torch

from zoo.figures.transduction import answers, learning_curves, memory_contents, memory_use


def test_every_model_has_a_bold_curve_with_its_name():
    figure = learning_curves({"a": [[(1000, 5.0), (2000, 1.0)]] * 3, "b": [[(1000, 9.0)]]}, title="copy")
    (axes,) = figure.axes
    assert len(axes.lines) == 4
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert axes.lines[0].get_xdata().tolist() == [1.0, 2.0]
    assert [line.get_marker() for line in axes.lines] == ["None", "None", "None", "."], "a point is seen too"


def test_answers_show_where_they_differ():
    target = torch.eye(4)[:, :3]
    figure = answers(target, torch.zeros(4, 3))
    assert torch.equal(torch.tensor(figure.axes[2].images[0].get_array()), target.T)


def test_memory_use_has_six_pictures_of_the_rows_that_are_used():
    weight = torch.zeros(7, 1, 128)
    weight[:, :, 40] = 1
    figure = memory_use(torch.rand(7, 9), torch.rand(7, 8), weight, weight, torch.randn(7, 1, 20), torch.randn(7, 1, 20))
    assert len(figure.axes) == 6 + 6, "pictures and their scales"
    assert [axes.images[0].get_clim() for axes in figure.axes[:2]] == [(0, 1), (0, 1)], "a doubtful output is grey"
    assert figure.axes[4].images[0].get_array().shape == (45, 7)
    assert 40 in figure.axes[4].get_yticks(), "rows are numbered"


def test_of_several_heads_each_is_seen_and_their_number_said_and_where_no_row_stands_out_all_are_drawn():
    reading, writing = torch.full((7, 1, 128), 1 / 128), torch.zeros(7, 2, 128)
    writing[:, 1, 100] = 1
    figure = memory_use(torch.rand(7, 9), torch.rand(7, 8), reading, writing, torch.randn(7, 2, 20), torch.randn(7, 1, 20))
    assert [axes.get_title() for axes in figure.axes[2:6]] == ["adds of 2 heads", "reads", "write weights of 2 heads", "read weights"]
    assert figure.axes[4].images[0].get_array()[100].tolist() == [1.0] * 7
    blurred = memory_use(torch.rand(7, 9), torch.rand(7, 8), reading, reading, torch.randn(7, 1, 20), torch.randn(7, 1, 20))
    assert blurred.axes[4].images[0].get_array().shape == (128, 7)


def test_a_blank_memory_can_be_drawn():
    assert memory_contents(torch.zeros(128, 20)).axes[0].images[0].get_array().shape == (20, 128)
