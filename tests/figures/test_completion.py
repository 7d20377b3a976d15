from zoo.figures.completion import error_curves


def test_each_method_has_its_curves_in_per_cent():
    figure = error_curves({"ours": {0.1: 0.02, 0.3: 0.05}, "other": {0.1: 0.5, 0.3: 0.75}}, {"ours": {0.1: 0.0, 0.3: 0.01}})
    completion, clustering = figure.axes
    assert completion.lines[1].get_xydata().tolist() == [[10, 50], [30, 75]]
    assert [line.get_label() for line in clustering.lines] == ["ours"]
