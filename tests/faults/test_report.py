"""The page of what the fault tests measured."""

from tests.faults.report import Report, Row


def test_a_test_that_runs_again_takes_its_rows_away_and_leaves_those_of_others(tmp_path):
    page = tmp_path / "page.md"
    before = Report(page)
    for test in ("test_kills.py", "test_disk.py"):
        before.begin(test)
        before.add(f"{test}'s deed", count=2000, result="went well", test=test)
    now = Report(page)
    now.begin("test_kills.py")  # and fails
    assert [row.what for row in Report(page).rows] == ["test_disk.py's deed"]
    now.add("another deed", count=1, result="went well", test="test_kills.py")
    assert [row.what for row in Report(page).rows] == ["test_disk.py's deed", "another deed"]
    assert Report(page).rows[0].count == 2000


def test_of_several_counts_the_largest_is_kept(tmp_path):
    page = tmp_path / "page.md"
    report = Report(page)
    for count in (2, 1000, 3):
        report.begin("test_kills.py")
        report.add("a kill", count=count, result=f"{count} done", test="test_kills.py")
    (row,) = Report(page).rows
    assert row[:4] == ("a kill", 1000, "1000 done", "test_kills.py")


def test_rows_come_back_as_they_were_written():
    row = Row("a kill -9", 10_000, "none wrong; 3 MiB", "test_kills.py", "2026-11-22, 0123456")
    assert Row.read(str(row)) == row
