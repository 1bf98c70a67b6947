"""How much is graded in how long: in memory, beside rule engines, from file to file; and the memory that it takes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.alone import SIDES, alone
from benchmarks.case import Case, floor_files
from benchmarks.rivals import RIVALS, Given, Rival, differing, floor, polars_sums, query_sums
from benchmarks.turns import (
    Answer,
    Side,
    Timing,
    figures_of,
    findings_a_second,
    seconds,
    spread,
    take_turns,
)

__all__ = ["ask_engines", "ask_files", "ask_memory", "ask_peak"]

PATIENCE = 2.0
"""Seconds that a rival may take for one round; slower ones are given fewer units."""
FLOOR = "floor"
OURS = "compliance"
OURS_EACH_TIME = "compliance, contract made ready each time"
OURS_FROM_SUMS = "compliance, from sums made beforehand"
SUMS = {"the sums, as dictionaries, by DuckDB": query_sums, "the same by polars": polars_sums}
FILES_FLOOR = "floor, Parquet to Parquet"
FILES_OURS = "compliance, Parquet to Parquet"
COMMAND_PARQUET = "compliance audit, Parquet to Parquet"
COMMAND_JSON = "compliance audit, CSV to JSON"
HEADER = ["side", "units", "median", "shortest to longest", "findings/s", "× floor", "not exact"]


def _rows(timings: Sequence[Timing], base: Timing) -> list[list[str]]:
    return [
        [
            timing.side.name,
            f"{timing.side.units:,}",
            seconds(timing.median),
            spread(timing.seconds),
            findings_a_second(timing),
            f"{timing.a_unit / base.a_unit:.2f}",
            "" if timing.wrong is None else f"{timing.wrong:,}",
        ]
        for timing in timings
    ]


def _floor_side(given: Given) -> Side:
    return Side(FLOOR, given.workload.units, 0, lambda: floor(given))


def _rival_side(rival: Rival, given: Given) -> Side:
    prepared = rival.prepare(given)
    return Side(
        rival.name,
        given.workload.units,
        given.workload.findings,
        lambda: rival.run(prepared),
        lambda result: differing(result, given),
    )


def _our_sides(case: Case, *, each_time: bool) -> list[Side]:
    from compliance.engine.batch import Batch, grade

    given, portfolio = case.given, case.portfolio
    batch = Batch(portfolio)
    size = (given.workload.units, given.workload.findings)
    sides = [
        Side(OURS, *size, lambda: batch.grade(given.table), lambda found: differing(found, given)),
        Side(
            OURS_EACH_TIME,
            *size,
            lambda: grade(portfolio, given.table),
            lambda found: differing(found, given),
        ),
    ]
    return sides if each_time else sides[:1]


def _from_sums(case: Case) -> Side:
    """Our grading alone, from the sums that our engine holds."""
    from compliance.engine.batch import TOGETHER, Batch, _Source

    given, batch = case.given, Batch(case.portfolio)
    if not batch._gather(_Source(given.table), lambda rows: None):
        raise AssertionError("These observations can be summed.")

    def run() -> pa.Table:
        return pa.concat_tables(
            part for span in batch._spans(TOGETHER // 2) if (part := batch._graded(span)) is not None
        )

    return Side(
        OURS_FROM_SUMS,
        given.workload.units,
        given.workload.findings,
        run,
        lambda found: differing(found, given),
    )


def ask_memory(case: Case, repeats: int) -> Answer:
    """Observations in memory to findings in memory, all from the same Arrow table."""
    given = case.given
    sides = [_floor_side(given), *_our_sides(case, each_time=True)]
    sides += [_rival_side(rival, given) for rival in RIVALS if rival.installed and not rival.sums]
    timings = take_turns(sides, repeats)
    return Answer(
        f"memory {given.workload.units}",
        f"Grading {given.table.num_rows:,} observations in memory: {given.workload.findings:,} findings "
        f"(the floor is the bare GROUP BY unit, fact)",
        HEADER,
        _rows(timings, timings[0]),
        figures_of(timings),
    )


def ask_engines(case: Case, repeats: int) -> Answer:
    """Rule engines, from sums that were made beforehand, beside our engine from the observations."""
    given = case.given
    units = given.workload.units
    makers = [query_sums, *(polars_sums for rival in RIVALS if rival.package == "polars" and rival.installed)]
    sides = [
        _floor_side(given),
        *(Side(name, units, 0, partial(make, given)) for name, make in SUMS.items() if make in makers),
        *_our_sides(case, each_time=False),
        _from_sums(case),
    ]
    for rival in RIVALS:
        if rival.installed and rival.sums:
            sides.append(_rival_side(rival, given.part(_bearable(rival, given))))
    timings = take_turns(sides, repeats)
    sums = min(timing.a_unit for timing in timings if timing.side.name in SUMS)
    rivals = {rival.name for rival in RIVALS if rival.sums}
    rows, more = _rows(timings, timings[0]), {}
    for timing, row in zip(timings, rows, strict=True):
        whole = timing.a_unit + (sums if timing.side.name in rivals else 0)
        more[timing.side.name] = {"with_sums": whole * timing.side.units}
        a_second = timing.side.findings / timing.side.units / whole
        row.append(f"{a_second:,.0f}" if timing.side.findings else "")
    return Answer(
        f"engines {units}",
        f"Rule engines, {units:,} units (fewer where a round would take over {PATIENCE:.0f} s). findings/s: from sums "
        "made beforehand, ours also from the observations; with the sums/s: all from the observations, by the faster of the two sums",
        [*HEADER, "with the sums/s"],
        rows,
        figures_of(timings, **more),
    )


def _bearable(rival: Rival, given: Given) -> int:
    """How many units a rival can grade in a round."""
    few = given.part(min(given.workload.units, 200))
    prepared = rival.prepare(few)
    rival.run(prepared)
    begun = time.perf_counter()
    rival.run(prepared)
    taken = time.perf_counter() - begun
    fit = int(few.workload.units * PATIENCE / taken) // 100 * 100
    return max(min(given.workload.units, fit), few.workload.units)


def ask_files(case: Case, repeats: int, *, with_csv: bool) -> Answer:
    """From memory, Parquet and CSV to memory, Parquet and JSON; the floor is DuckDB's grouping of the Parquet file."""
    import compliance
    from compliance.engine.batch import Batch
    from compliance.report.parquet import write_findings

    given, portfolio, folder = case.given, case.portfolio, case.folder
    batch = Batch(portfolio)
    out, written = folder / "out.parquet", folder / "out.json"
    size = (given.workload.units, given.workload.findings)

    def check(found: pa.Table) -> int:
        return differing(found, given)

    def each_time() -> None:
        with Batch(portfolio) as ready:
            write_findings(ready.parts(case.parquet), portfolio, out)

    def command(source: Path, *arguments: str) -> None:
        line = [sys.executable, "-m", "compliance", "audit", str(source), "--fail-on", "never"]
        subprocess.run([*line, *arguments], check=True, stdout=subprocess.DEVNULL)

    def in_parquet(_: object) -> int:
        return check(pq.read_table(out))

    def in_json(_: object) -> int:
        return check(_from_json(written))

    to_json = ("-f", "json", "-o", str(written))
    sides = [
        Side(FILES_FLOOR, given.workload.units, 0, lambda: floor_files(case.parquet, out)),
        Side(
            "compliance, memory to Parquet",
            *size,
            lambda: write_findings(batch.parts(given.table), portfolio, out),
            in_parquet,
        ),
        Side("compliance, Parquet to memory", *size, lambda: batch.grade(case.parquet), check),
        Side(
            FILES_OURS, *size, lambda: write_findings(batch.parts(case.parquet), portfolio, out), in_parquet
        ),
        Side(
            f"{FILES_OURS}, contract made ready each time",
            *size,
            each_time,
            in_parquet,
        ),
        Side(COMMAND_PARQUET, *size, lambda: command(case.in_parquet, "-f", f"parquet:{out}"), in_parquet),
    ]
    for rival in RIVALS:
        if rival.installed and rival.files is not None:
            run = partial(rival.files, case.parquet, out)
            sides.append(Side(f"{rival.name}, Parquet to Parquet", *size, run, in_parquet))
    notes = []
    if with_csv:
        sides += [
            Side(
                "compliance.audit, CSV to memory",
                *size,
                lambda: compliance.audit(case.in_csv),
                lambda audit: check(_from_audit(audit.findings)),
            ),
            Side(
                "compliance audit, CSV to Parquet",
                *size,
                lambda: command(case.in_csv, "-f", f"parquet:{out}"),
                in_parquet,
            ),
            Side(
                "compliance audit, Parquet to JSON",
                *size,
                lambda: command(case.in_parquet, *to_json),
                in_json,
            ),
            Side(COMMAND_JSON, *size, lambda: command(case.in_csv, *to_json), in_json),
        ]
        notes.append("JSON holds every explanation in both languages. compliance audit is the whole process.")
    else:
        notes.append("CSV and JSON are left out here: they are measured with fewer units.")
    timings = take_turns(sides, repeats)
    if with_csv:
        by_name = {timing.side.name: timing.median for timing in timings}
        notes.append(
            f"CSV to JSON takes {by_name[COMMAND_JSON] / by_name[FILES_OURS]:.1f} times Parquet to Parquet, and "
            f"{by_name[COMMAND_JSON] / by_name[COMMAND_PARQUET]:.1f} times the whole process from Parquet to Parquet."
        )
    return Answer(
        f"files {given.workload.units}",
        f"From file to file, {given.table.num_rows:,} observations (the floor is DuckDB's reading and grouping of the "
        "Parquet file, and writing of the sums)",
        HEADER,
        _rows(timings, timings[0]),
        figures_of(timings),
        notes,
    )


def _from_json(file: Path) -> pa.Table:
    findings = json.loads(file.read_text("utf-8"))["findings"]
    return pa.table({key: [finding[key] for finding in findings] for key in ("unit", "requirement", "grade")})


def _from_audit(findings: Sequence[object]) -> pa.Table:
    columns = ("unit", "requirement", "grade")
    return pa.table({key: [str(getattr(finding, key)) for finding in findings] for key in columns})


def ask_peak(case: Case, *, with_csv: bool) -> Answer:
    """The largest resident memory of a process that grades, with the observations where it holds them."""
    workload = case.workload
    rows, figures = [], {}
    for side in SIDES:
        if side == COMMAND_JSON and not with_csv:
            continue
        try:
            before, peak, (taken,) = alone(side, case)
        except subprocess.CalledProcessError as error:
            rows.append([side, "", f"ended with {error.returncode}", ""])
            continue
        figures[side] = {"before": before, "peak": peak, "seconds": taken}
        a_finding = "" if side.startswith("floor") else f"{1e6 * taken / workload.findings:.3f} µs"
        rows.append([side, f"{before:,.0f} MiB", f"{peak:,.0f} MiB", a_finding])
    return Answer(
        f"peak {workload.units}",
        f"Peak memory of a process of its own, {workload.units:,} units",
        ["side", "when ready to begin", "at the peak", "time a finding"],
        rows,
        figures,
    )
