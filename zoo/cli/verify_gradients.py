"""verify_gradients.py: every hand-written gradient against every other way to have it, and the slides' errata."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zoo.cli.common import check_json, check_writable, nearest, parse, write_figures
from zoo.errors import check_range
from zoo.recipes.durable import write_durably

if TYPE_CHECKING:
    from zoo.benchmarks.gradients import SpeedRow
    from zoo.functions.registry import FunctionEntry
    from zoo.verification.report import Report


@dataclass(frozen=True)
class VerifyOptions:
    """Check every function's gradient, then the errata, then the speed; exit code 1 if anything fails."""

    device: Literal["cpu", "cuda"] = "cpu"
    """Where to compute; on CUDA without TensorFloat-32."""
    dtype: Literal["float64", "float32", "bfloat16"] = "float64"
    """Precision of the comparison with the native twin; finite differences are always taken in float64."""
    function: str | None = None
    """Only this function."""
    toolbox: Path | None = None
    """Folder of DeepLearnToolbox's figures (inputs.npz, reference.npz); without it that column is empty."""
    speed: bool = True
    """Time forward and backward passes as well."""
    compile: bool = True
    """Time the native twin under torch.compile too, which takes some seconds a function."""
    threads: tuple[int, ...] = (1, 2)
    """Numbers of CPU threads to try; every contender is timed on the one that suits it best."""
    repeats: int = 20
    """Rounds of the timing, after one that is not counted."""
    page: Path | None = None
    """Markdown file for the report (docs/gradients-cpu.md)."""
    json: Path | None = None
    """File for the figures, a row a function."""

    def __post_init__(self) -> None:
        check_range("--repeats", self.repeats, least=1)
        for count in self.threads:
            check_range("--threads", count, least=1)


def main(args: list[str]) -> None:
    """Run the checks that ``args`` ask for and print their tables."""
    options = parse(VerifyOptions, args, prog="verify_gradients.py")
    check_writable(options.page)
    check_json(options.json)
    import torch

    from zoo.benchmarks.timing import check_device
    from zoo.functions.registry import all_functions
    from zoo.verification import report as reports

    check_device(options.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    entries = all_functions()
    if options.function is not None:
        if options.function not in entries:
            raise nearest(options.function, list(entries), what="function")
        entries = {options.function: entries[options.function]}
    report = _check(options, entries)
    if options.page is not None:
        write_durably(options.page, reports.markdown(report).encode())
    write_figures(options.json, reports.rows(report))
    if report.failures:
        print(f"\nfailed: {', '.join(report.failures)}")
        sys.exit(1)
    print(f"\nall {len(report.functions)} functions and {len(report.errata)} errata are as they should be")


def _check(options: VerifyOptions, entries: "dict[str, FunctionEntry]") -> "Report":
    import torch
    from tqdm import tqdm

    from zoo.benchmarks.gradients import SEQUENCE_CONTENDERS
    from zoo.verification import report as reports
    from zoo.verification.functions import check_function
    from zoo.verification.toolbox import toolbox_errors

    toolbox = toolbox_errors(options.toolbox) if options.toolbox else {}
    dtype = getattr(torch, options.dtype)
    functions = [
        check_function(entry, dtype=dtype, device=options.device, toolbox=toolbox.get(name))
        for name, entry in tqdm(entries.items(), desc="functions", leave=False)
    ]
    print(reports.plain(reports.function_table(functions)), end="\n\n")
    errata = reports.check_errata() if options.function is None else []
    if errata:
        print(reports.plain(reports.errata_table(errata)), end="\n\n")
    speed, sequences = _time(options, entries) if options.speed else ([], [])
    if speed:
        print(reports.plain(reports.speed_table(speed)), end="\n\n")
    if sequences:
        print(reports.plain(reports.speed_table(sequences, SEQUENCE_CONTENDERS)))
    return reports.Report(reports.device_name(options.device), options.dtype, functions, errata, speed, sequences)


def _time(options: VerifyOptions, entries: "dict[str, FunctionEntry]") -> "tuple[list[SpeedRow], list[SpeedRow]]":
    from tqdm import tqdm

    from zoo.benchmarks.gradients import SpeedOptions, benchmark_function, benchmark_lenet5, benchmark_sequence

    how = SpeedOptions(device=options.device, repeats=options.repeats, threads=options.threads, compiled=options.compile)
    timed = tqdm([entry for entry in entries.values() if entry.workload is not None], desc="speed", leave=False)
    rows = [benchmark_function(entry, how) for entry in timed]
    if options.function is not None:
        return rows, []
    return [*rows, benchmark_lenet5(how)], [benchmark_sequence(how, hidden=hidden) for hidden in (128, 256, 512)]
