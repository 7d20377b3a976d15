import shutil
import subprocess

import pytest

from zoo.errors import ZooError
from zoo.metrics import code
from zoo.metrics.code import check, compile_rate, run

needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
GOOD = 'int main(){int a; scanf("%d",&a); printf("%d", a*2); return 3;}'  # no headers, as in POJ-104


@needs_gcc
def test_programs_compile_without_their_headers():
    assert check(GOOD).compiles
    assert check("#include<stdio.h>\nmain(){bool x=true; return sqrt(x);}").compiles


@needs_gcc
def test_a_broken_program_is_told_where_in_its_own_lines():
    verdict = check("int main()\n{\n  b = 1;\n}")
    assert not verdict.compiles
    assert "program.c:3" in verdict.complaint
    assert verdict.line == 3
    assert check(GOOD).line is None
    assert "b" in verdict.complaint


def test_the_rate_is_a_share():
    assert compile_rate([GOOD, "int main({"]) == 0.5


@needs_gcc
@pytest.mark.parametrize(
    "program",
    [
        '#include "/etc/passwd"\n',
        "#include </etc/passwd>\n",
        '#inc\\\nlude "x"\n',
        '#inc\\ \nlude "x"\n',
        "#  include MACRO\n",
        '/* a */ #include "x"\n',
        '#/*\n*/include "x"\n',
        '%:include "x"\n',
        '#import "x"\n',
        '#include_next "x"\n',
        'char *s = "/*";\n#include "x"\nchar *t = "*/";\n',
    ],
)
def test_no_other_file_is_let_in(program):
    assert "no standard header" in check(program + GOOD).complaint


@needs_gcc
def test_a_standard_header_may_stand_before_a_comment_or_in_a_string():
    assert check('#include <stdio.h> // to print\n#include<math.h>\nint main(){puts("#include <stdio.h>"); return 0;}').compiles


def test_without_a_compiler_the_parser_judges(monkeypatch):
    monkeypatch.setattr(code.shutil, "which", lambda name: None)
    assert code.checker() == "tree-sitter"
    assert check(GOOD).compiles
    assert not check("int main({").compiles
    with pytest.raises(ZooError, match="needs gcc"):
        run(GOOD)


@needs_gcc
def test_a_program_that_the_compiler_cannot_finish_does_not_compile(monkeypatch):
    monkeypatch.setattr(code, "_COMPILING", code.Limits(seconds=1, memory=16 << 20, file=1 << 10))
    assert not check(GOOD).compiles


@needs_gcc
def test_a_compiler_that_hangs_is_not_waited_for(monkeypatch):
    def hanging(*arguments):
        raise subprocess.TimeoutExpired("gcc", 20)

    monkeypatch.setattr(code, "_gcc", hanging)
    assert check(GOOD).complaint == "the compiler did not come to an end"
    assert run(GOOD).ending == "the compiler did not come to an end"


@pytest.fixture
def confined():
    """Skips where the system does not let a network be cut off."""
    try:
        return run("int main(){return 0;}")
    except ZooError as error:
        pytest.skip(str(error))


@needs_gcc
class TestRun:
    def test_output_and_ending_come_back(self, confined):
        outcome = run(GOOD, given="21")
        assert (outcome.output, outcome.ending) == ("42", "ended with code 3")

    def test_time_memory_files_and_network_are_limited(self, confined):
        assert "out of time" in run("int main(){for(;;);}").ending
        program = """#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
int main(){
  struct sockaddr_in a = {AF_INET, htons(80)}; a.sin_addr.s_addr = inet_addr("1.1.1.1");
  puts(malloc(1 << 30) ? "memory" : ""); puts(fopen("/etc/zoo", "w") ? "file" : "");
  puts(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof a) ? "" : "network");
  return 0; }"""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(code, "_foreign_include", lambda program: "")
            assert run(program).output.split() == []
        assert len(run('int main(){for(;;) puts("again and again");}').output) <= 1 << 20

    def test_what_it_starts_ends_with_it(self, confined, tmp_path):
        program = "#include <unistd.h>\nint main(){int n = 0; while (n < 100 && fork() >= 0) n++; return n < 100 ? 0 : 1;}"
        assert run(program).ending != "ended with code 1"
