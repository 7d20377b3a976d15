"""The page of what the fault tests measured tells of one run alone."""

from tests.faults.report import Report


def test_rows_of_an_earlier_run_are_not_kept(tmp_path):
    page = tmp_path / "page.md"
    Report(page).add("a kill", count=2, result="went well")
    now = Report(page)
    now.add("a full disk", count=1, result="went well")
    assert "a kill" not in page.read_text()
    assert "| a full disk | 1 | went well |" in page.read_text()


def test_of_several_counts_the_largest_is_kept(tmp_path):
    page = tmp_path / "page.md"
    report = Report(page)
    for count in (2, 1000, 3):
        report.add("a kill", count=count, result=f"{count} done")
    assert page.read_text().endswith("| a kill | 1,000 | 1000 done |\n")
