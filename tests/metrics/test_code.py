import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.errors import ZooError
from zoo.metrics import code, sandbox
from zoo.metrics.code import check, check_running, compile_rate, run

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


@pytest.mark.parametrize("text", ["", "int x;", "/* int main() {} */", 'char *s = "main()";'])
def test_what_has_no_main_is_no_program(text):
    assert check(text) == code.Verdict(False, "there is no main()")
    assert compile_rate([text, GOOD]) == 0.5


@needs_gcc
def test_complaints_are_in_english_and_name_who_judges(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "undeclared" in check("int main() { return x; }").complaint
    assert re.fullmatch(r"gcc \d+\.\S+", code.checker())


def test_another_compiler_by_the_name_of_gcc_does_not_judge(tmp_path, monkeypatch):
    (tmp_path / "gcc").write_text("#!/bin/sh\necho Apple clang version 16.0.0\n")
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert code.checker() == "tree-sitter"


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


@pytest.fixture
def confined():
    """Skips where the system does not let a program be confined."""
    try:
        check_running()
    except ZooError as error:
        pytest.skip(str(error))


@needs_gcc
@pytest.mark.usefixtures("confined")
class TestRun:
    def test_output_and_ending_come_back(self):
        outcome = run(GOOD, given="21")
        assert (outcome.output, outcome.ending) == ("42", "ended with code 3")

    @pytest.mark.parametrize(
        ("work", "ending"),
        [
            ("for(;;);", "stopped: out of time"),
            ("sleep(60);", "stopped: out of time"),
            ('for(;;) puts("again and again");', "stopped: wrote more than 1 MiB"),
            ("*(volatile int *)0 = 1;", "ended by a signal: Segmentation fault"),
            ("return 137;", "ended with code 137"),
        ],
    )
    def test_how_a_program_ends_is_told(self, work, ending, monkeypatch):
        monkeypatch.setattr(code, "_RUNNING", replace(code._RUNNING, seconds=1))
        outcome = run("#include <unistd.h>\nint main(){" + work + "}")
        assert outcome.ending.startswith(ending)
        assert len(outcome.output) <= 1 << 20

    @pytest.mark.parametrize(
        ("attempt", "possible"),
        [
            ("malloc(64 << 20) != NULL", True),
            ("malloc(1 << 30) != NULL", False),
            ('fopen("mine", "w") != NULL', True),
            ('fopen("/etc/passwd", "r") != NULL', False),
            ('fopen("/usr/bin/zoo", "w") != NULL', False),
            ('remove(PRECIOUS) == 0 || fopen(PRECIOUS, "a") != NULL', False),
            ('chroot("/") == 0', False),
            ("getuid() == 65534 || getuid() == 0", True),
            ("connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address) == 0 || errno != ENETUNREACH", False),
        ],
    )
    def test_what_a_program_can_do(self, attempt, possible, tmp_path):
        precious = tmp_path / "precious"
        precious.write_text("kept")
        precious.chmod(0o666)
        program = f"""#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>
#define PRECIOUS "{precious}"
int main(){{
  struct sockaddr_in address = {{AF_INET, htons(80)}}; address.sin_addr.s_addr = inet_addr("1.1.1.1");
  puts("alive"); puts({attempt} ? "possible" : "impossible"); return 0; }}"""
        assert run(program).output.split() == ["alive", "possible" if possible else "impossible"]
        assert precious.read_text() == "kept"

    def test_its_files_have_little_space_together(self):
        program = """int main(){
  static char block[1000000]; char name[20]; int n = 0;
  for (; n < 100; n++) {
    sprintf(name, "f%d", n); FILE *f = fopen(name, "w");
    if (!f || fwrite(block, 1, sizeof block, f) != sizeof block || fclose(f)) break;
  }
  printf("%d", n); return 0; }"""
        assert 1 <= int(run(program).output) <= 33

    def test_few_processes_can_be_started_and_none_outlives_it(self):
        program = """#include <unistd.h>
int main(){
  int n = 0;
  for (int p; n < 100 && (p = fork()) >= 0; n++) if (!p) { setsid(); sleep(60); _exit(0); }
  printf("%d", n); return 0; }"""
        assert 1 <= int(run(program).output) < 8
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it may end meanwhile
                assert process.read_bytes() != b"/program\0"

    def test_a_program_may_be_longer_than_an_argument(self):
        assert run("int main(){" + 'puts("again and again and again");' * 6000 + "return 5; }").ending == "ended with code 5"

    def test_the_compiler_reads_no_other_file(self):
        assert run('int main(){ asm(".incbin \\"/etc/passwd\\""); return 0; }').ending == "could not be built"


@needs_gcc
def test_where_nothing_can_be_confined_nothing_is_run(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None if name == "unshare" else f"/usr/bin/{name}")
    with pytest.raises(ZooError, match="does not let a program be confined"):
        check_running()
