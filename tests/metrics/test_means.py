import pytest

from zoo.errors import ZooError
from zoo.metrics.means import mean_interval


def test_the_interval_is_students():
    mean, low, high = mean_interval([1.0, 2.0, 3.0])
    assert mean == 2
    assert high - mean == pytest.approx(4.302653 / 3**0.5)  # the table's value for two degrees of freedom
    assert mean - low == pytest.approx(high - mean)


def test_one_value_has_no_interval():
    with pytest.raises(ZooError, match="1 value: an interval needs two"):
        mean_interval([1.0])
