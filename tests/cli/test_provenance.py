from zoo.cli.provenance import Sources, describe_text
from zoo.data.source_code import Texts
from zoo.metrics.code import Verdict
from zoo.metrics.copying import CopyFinder

COPIED, SHARED, END = "\033[33m", "\033[32m", "\033[0m"
TRAIN = ["int main() { int total; total = 1; return total; }", "void other(char *text) { puts(text); }"]


def _lines(text, *, programs=True, colour=True):
    sources = Sources(programs, Texts(TRAIN), CopyFinder(TRAIN))
    return describe_text(text, Verdict(True, "") if programs else None, None, sources, width=300, colour=colour)


def test_the_copied_span_and_shared_tokens_are_painted():
    said = _lines("int sum() { int total; }")
    assert any(line.startswith("copied      16 of 24 characters (67%)") for line in said)
    rows = "\n".join(said)
    assert f"int sum{COPIED}() {{ int total; {END}}}" in rows
    assert f"{SHARED}main(){END} {SHARED}{{{END} {SHARED}int{END} {SHARED}total;{END} total = 1;" in rows, "by their kinds"
    identifiers = rows.split(" │ ")[-1]
    assert identifiers.count(f"{SHARED}total{END}") == 3
    assert identifiers.count(SHARED) == 3, "by their names alone"


def test_texts_that_are_no_programs_are_looked_up_alone():
    said = _lines("int total of us", programs=False)
    assert said == ["copied      9 of 15 characters (60%): the longest span that is in a training text, too"]


def test_what_is_missing_is_told():
    sources = Sources(True, None, None, missing="texts: there is no such folder")
    said = describe_text("int x;", Verdict(False, "there is no main()"), 3, sources, width=100, colour=False)
    assert said[0].startswith("compiles    no: there is no main()")
    assert said[1:] == ["not compared: texts: there is no such folder"]
