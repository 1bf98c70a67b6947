"""How the engine grows: findings a second, memory and exactness, beside a floor and rivals, in one run on the same work.

python -m benchmarks.scale                       everything
python -m benchmarks.scale --questions engines --units 1200

Each question is a table. The sides take turns (A B C A B C …), so that noise hits all alike; times are medians, with the
shortest and the longest. Peak memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rivals import FLOOR, RIVALS, Given, Rival, differing, floor, query_sums
from benchmarks.workload import NEEDS, OBSERVATIONS_A_UNIT, Workload

QUESTIONS = ("memory", "engines", "files", "peak")
PATIENCE = 2.0
"""Seconds that a rival may take for one round; slower ones are given fewer units."""


# Our engine ------------------------------------------------------------------------------------------

Grade = Callable[[Any, Any], pa.Table]


def our_grade() -> Grade | None:
    """`compliance.engine.batch.grade`, or None where there is none yet."""
    try:
        grade: Grade = import_module("compliance.engine.batch").grade
    except (ImportError, AttributeError):
        return None
    return grade


def our_portfolio(workload: Workload, folder: Path) -> Any:
    """The workload's portfolio without its observations."""
    from compliance.data.portfolio import read_portfolio

    return read_portfolio(workload.write(folder / f"portfolio-{workload.units}", None))


# Taking turns ----------------------------------------------------------------------------------------


class Side(NamedTuple):
    """One of those who are compared. `units` it grades; `check` counts what is wrong in what `run` returned."""

    name: str
    units: int
    run: Callable[[], Any]
    check: Callable[[Any], int] | None = None


class Timing(NamedTuple):
    side: Side
    seconds: list[float]
    wrong: int | None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def findings_a_second(self) -> float:
        return self.side.units * len(NEEDS) / self.median


def take_turns(sides: Sequence[Side], repeats: int) -> list[Timing]:
    """Runs each side once unmeasured, and then all in turn."""
    seconds: dict[str, list[float]] = {side.name: [] for side in sides}
    wrong: dict[str, int | None] = {}
    for side in sides:
        result = side.run()
        wrong[side.name] = side.check(result) if side.check else None
        del result
    for _ in range(repeats):
        for side in sides:
            # As timeit does: what the others keep in memory isn't gone through at this side's cost.
            gc.collect()
            gc.disable()
            begun = time.perf_counter()
            result = side.run()
            seconds[side.name].append(time.perf_counter() - begun)
            gc.enable()
            del result
    return [Timing(side, seconds[side.name], wrong[side.name]) for side in sides]


def _rows(timings: Sequence[Timing], base: Timing) -> list[list[str]]:
    return [
        [
            timing.side.name,
            f"{timing.side.units:,}",
            _seconds(timing.median),
            f"{_seconds(min(timing.seconds))} to {_seconds(max(timing.seconds))}",
            f"{timing.findings_a_second:,.0f}" if timing.wrong is not None else "",
            f"{timing.median * base.side.units / (base.median * timing.side.units):.2f}",
            "" if timing.wrong is None else f"{timing.wrong:,}",
        ]
        for timing in timings
    ]


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.3f} s"


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [
            text.ljust(w) if i == 0 else text.rjust(w)
            for i, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())
    sys.stdout.flush()


HEADER = ["side", "units", "median", "shortest to longest", "findings/s", "× floor", "not exact"]


# The questions ---------------------------------------------------------------------------------------


def _rival_side(rival: Rival, given: Given) -> Side:
    prepared = rival.prepare(given)
    return Side(
        rival.title,
        given.workload.units,
        lambda: rival.run(prepared),
        lambda result: differing(result, given),
    )


def _our_sides(given: Given, folder: Path) -> list[Side]:
    grade = our_grade()
    if grade is None:
        return []
    portfolio = our_portfolio(given.workload, folder)
    return [
        Side(
            "compliance",
            given.workload.units,
            lambda: grade(portfolio, given.table),
            lambda result: differing(result, given),
        )
    ]


def ask_memory(given: Given, repeats: int, folder: Path) -> None:
    """Observations in memory to findings in memory, all from the same Arrow table."""
    units = given.workload.units
    sides = [Side("floor: GROUP BY unit, fact", units, lambda: floor(given)), *_our_sides(given, folder)]
    sides += [_rival_side(rival, given) for rival in RIVALS if rival.installed and not rival.sums]
    timings = take_turns(sides, repeats)
    print_table(
        f"Grading {given.table.num_rows:,} observations in memory: {given.workload.findings:,} findings",
        HEADER,
        _rows(timings, timings[0]),
    )


def ask_engines(given: Given, repeats: int, folder: Path) -> None:
    """Rule engines, from sums that were made beforehand, beside our engine from the observations."""
    units = given.workload.units
    sides = [
        Side("floor: GROUP BY unit, fact", units, lambda: floor(given)),
        Side("the sums, as dictionaries", units, lambda: query_sums(given)),
        *_our_sides(given, folder),
    ]
    for rival in RIVALS:
        if rival.installed and rival.sums:
            sides.append(_rival_side(rival, given.part(_bearable(rival, given))))
    timings = take_turns(sides, repeats)
    sums = timings[1].median / units
    engines = {rival.title for rival in RIVALS if rival.sums}
    rows = _rows(timings, timings[0])
    for timing, row in zip(timings, rows, strict=True):
        a_unit = timing.median / timing.side.units + (sums if timing.side.name in engines else 0)
        row.append(f"{len(NEEDS) / a_unit:,.0f}" if timing.wrong is not None else "")
    print_table(
        f"Rule engines, {units:,} units (fewer where one round of all would take over {PATIENCE:.0f} s); "
        "their sums made beforehand, ours from the observations",
        [*HEADER, "with the sums/s"],
        rows,
    )


def _bearable(rival: Rival, given: Given) -> int:
    """How many units a rival can grade in a round."""
    few = given.part(min(given.workload.units, 200))
    prepared = rival.prepare(few)
    rival.run(prepared)
    begun = time.perf_counter()
    rival.run(prepared)
    seconds = time.perf_counter() - begun
    fit = int(few.workload.units * PATIENCE / seconds) // 100 * 100
    return max(min(given.workload.units, fit), few.workload.units)


def ask_files(given: Given, repeats: int, folder: Path, *, with_csv: bool) -> None:
    """Parquet to Parquet, beside DuckDB's reading and grouping of it; and CSV to JSON with every explanation."""
    workload, units = given.workload, given.workload.units
    observations, out = folder / f"{units}.parquet", folder / "out.parquet"
    workload.write_parquet(observations)

    def group() -> None:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW observations AS FROM read_parquet('{observations}')")
            connection.execute(f"COPY ({FLOOR}) TO '{out}' (FORMAT parquet)")

    sides = [Side("floor: DuckDB groups the Parquet file", units, group)]
    grade = our_grade()
    if grade is not None:
        portfolio, ours = our_portfolio(workload, folder / "parquet"), folder / "ours.parquet"

        def to_parquet() -> None:
            with duckdb.connect() as connection:
                pq.write_table(grade(portfolio, connection.read_parquet(str(observations))), ours)

        sides.append(
            Side(
                "compliance, Parquet to Parquet",
                units,
                to_parquet,
                lambda _: differing(pq.read_table(ours), given),
            )
        )
    if with_csv:
        csv, written = workload.write(folder / f"csv-{units}"), folder / "out.json"
        command = [sys.executable, "-m", "compliance", "audit", str(csv)]
        command += ["--format", "json", "-o", str(written), "--fail-on", "never"]
        sides.append(
            Side(
                "compliance audit, CSV to JSON",
                units,
                lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL),
                lambda _: differing(_from_json(written), given),
            )
        )
    timings = take_turns(sides, repeats)
    title = f"From file to file, {given.table.num_rows:,} observations"
    print_table(title, HEADER, _rows(timings, timings[0]))
    if grade is not None and with_csv:
        times = timings[2].median / timings[1].median
        print(f"\n  CSV to JSON, with all explanations, takes {times:.1f} times Parquet to Parquet.")


def _from_json(file: Path) -> pa.Table:
    findings = json.loads(file.read_text("utf-8"))["findings"]
    return pa.table({key: [finding[key] for finding in findings] for key in ("unit", "requirement", "grade")})


PEAK_SIDES = ("floor", "compliance", *(rival.name for rival in RIVALS if not rival.sums))


def ask_peak(workload: Workload) -> None:
    """The largest resident memory of a process that makes the observations and grades them."""
    rows = []
    for side in PEAK_SIDES:
        command = [sys.executable, "-m", "benchmarks.scale", "--peak-of", side]
        command += ["--units", str(workload.units), "--seed", str(workload.seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout:
            before, after, seconds = json.loads(done.stdout)
            a_finding = f"{1e6 * seconds / workload.findings:.3f} µs" if side != "floor" else ""
            rows.append([side, f"{before:,.0f} MiB", f"{after:,.0f} MiB", a_finding])
        elif done.returncode:
            rows.append([side, "", f"ended with {done.returncode}", ""])
    print_table(
        f"Peak memory of a process, {workload.units:,} units, observations in memory",
        ["side", "with the observations", "at the peak", "time a finding"],
        rows,
    )


def print_peak_of(side: str, workload: Workload) -> None:
    """For `ask_peak`: [MiB before, MiB after, seconds], or nothing where the side isn't there."""
    given = Given(workload)
    if side == "floor":
        run: Callable[[], Any] = lambda: floor(given)  # noqa: E731
    elif side == "compliance":
        folder = tempfile.TemporaryDirectory()
        sides = _our_sides(given, Path(folder.name))
        if not sides:
            return
        run = sides[0].run
    else:
        rival = next(rival for rival in RIVALS if rival.name == side)
        if not rival.installed:
            return
        prepared = rival.prepare(given)
        run = lambda: rival.run(prepared)  # noqa: E731
    before = _peak_mib()
    begun = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - begun
    del result
    print(json.dumps([before, _peak_mib(), seconds]))


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


# The whole -------------------------------------------------------------------------------------------


def machine() -> str:
    """The machine and the versions that the figures belong to."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}, pyarrow {pa.__version__}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How the engine grows, beside a floor and rivals.")
    parser.add_argument("--units", type=int, nargs="+", default=[1_200, 10_000, 100_000])
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument("--repeats", type=int, default=5, help="rounds that are measured, five or more")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine-units", type=int, default=10_000, help="the most units for rule engines")
    parser.add_argument("--csv-units", type=int, default=1_200, help="the most units from CSV to JSON")
    parser.add_argument("--peak-of", choices=PEAK_SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.repeats < 5:
        parser.error("--repeats must be 5 at least")
    return arguments


def main() -> None:
    """Print one table for each question and number of units."""
    arguments = _arguments()
    if arguments.peak_of:
        print_peak_of(arguments.peak_of, Workload(arguments.units[0], arguments.seed))
        return
    print(machine())
    print(
        f"{len(NEEDS)} requirements; {OBSERVATIONS_A_UNIT} observations a unit, about one in a hundred of them "
        f"missing; {arguments.repeats} rounds after one that isn't measured; seed {arguments.seed}"
    )
    absent = [rival.name for rival in RIVALS if not rival.installed]
    if absent:
        print(f"Not installed: {', '.join(absent)}")
    if our_grade() is None:
        print("There is no compliance.engine.batch.grade: our engine is left out.")
    for units in arguments.units:
        workload = Workload(units, arguments.seed)
        # Before this process holds the observations itself.
        if "peak" in arguments.questions:
            ask_peak(workload)
        if not {"memory", "engines", "files"} & {*arguments.questions}:
            continue
        given = Given(workload)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if "memory" in arguments.questions:
                ask_memory(given, arguments.repeats, folder / "memory")
            if "engines" in arguments.questions and units <= arguments.engine_units:
                ask_engines(given, arguments.repeats, folder / "engines")
            if "files" in arguments.questions:
                ask_files(given, arguments.repeats, folder, with_csv=units <= arguments.csv_units)
        del given
        gc.collect()


if __name__ == "__main__":
    main()
