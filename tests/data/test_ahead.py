import threading

import pytest

from zoo.data.ahead import ahead


def test_workers_are_ahead_by_one_each_and_no_more():
    begun, threads = [], threading.active_count()
    done = threading.Event()

    def work(item):
        begun.append(item)
        if len(begun) == 4:
            done.set()
        return -item

    results = ahead(work, range(100), workers=2)
    assert next(results) == 0
    assert done.wait(10)
    results.close()
    assert len(begun) == 4, "one that was given, two under way, one in line"
    assert threading.active_count() == threads


def test_two_workers_work_at_the_same_time():
    meeting = threading.Barrier(2, timeout=10)
    assert list(ahead(lambda item: meeting.wait() >= 0, range(4), workers=2)) == [True] * 4


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_error_comes_where_its_result_would(workers):
    threads = threading.active_count()
    results = ahead(lambda item: 1 / (2 - item), range(10), workers=workers)
    assert [next(results), next(results)] == [0.5, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert threading.active_count() == threads
