"""How our engine's time and memory grow: with units, requirements, months and scenarios, the others held fixed."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.alone import Alone, alone
from benchmarks.case import Case, scenario, thresholds
from benchmarks.rivals import RIVALS, Result, Rival
from benchmarks.turns import Answer, Side, figures_of, findings_a_second, seconds, spread, take_turns
from benchmarks.workload import NEEDS, Need, Workload, exact_grades, totals_of_many

if TYPE_CHECKING:
    from compliance.data.portfolio import Portfolio

__all__ = ["ask_growth", "ask_scenarios"]

REQUIREMENTS = (10, 20, 40, 80, 160)
MONTHS = (6, 12, 24, 48)
GROWING = "compliance, Parquet to memory"
Counts = Counter[tuple[int, str, str]]
"""Scenario, requirement, grade -> units."""


def ask_growth(units: int, seed: int, rounds: int, folder: Path) -> Iterable[Answer]:
    """From Parquet to findings in memory: one of units, requirements and months doubles, the others stay."""
    base = Workload(units, seed)
    growing = {
        "units": [base._replace(units=units * 2**step) for step in range(5)],
        "requirements": [base._replace(requirements=number) for number in REQUIREMENTS],
        "months": [base._replace(months=number) for number in MONTHS],
    }
    for what, workloads in growing.items():
        found = {}
        for workload in workloads:
            size: int = getattr(workload, what)
            case = Case(workload, folder / what / str(size))
            workload.write(case.in_parquet, case.parquet.name)
            found[size] = alone(GROWING, case, rounds)
        fixed = [f"{units:,} units"] if what != "units" else []
        fixed += ["40 requirements"] if what != "requirements" else []
        fixed += ["12 months"] if what != "months" else []
        yield _grown(what, found, f"from Parquet to findings in memory, with {' and '.join(fixed)}")


def _grown(what: str, found: dict[int, Alone], how: str) -> Answer:
    rows, figures = [], {}
    before: Alone | None = None
    for size, now in found.items():
        median = statistics.median(now.seconds)
        grown = ["", ""]
        if before is not None:
            grown = [f"{median / statistics.median(before.seconds):.2f}", f"{now.peak / before.peak:.2f}"]
        figures[str(size)] = {
            "seconds": median,
            "rounds": len(now.seconds),
            "before": now.before,
            "peak": now.peak,
        }
        rows.append(
            [
                f"{size:,} {what}",
                *(seconds(median), spread(now.seconds), grown[0]),
                *(f"{now.before:,.0f} MiB", f"{now.peak:,.0f} MiB", grown[1]),
            ]
        )
        before = now
    return Answer(
        f"growth {what}",
        f"Growth with {what}: {how}",
        ["size", "median", "shortest to longest", "× time", "when ready to begin", "at the peak", "× memory"],
        rows,
        figures,
    )


def ask_scenarios(units: int, number: int, seed: int, rounds: int, folder: Path) -> Iterable[Answer]:
    """Every requirement graded under so many thresholds: in one query, one at a time and by others; and how that grows.

    Rule engines and plain Python are handed sums that were made beforehand, and their rules are made ready; ours starts
    from the observations. Their grades aren't counted while the clock runs.
    """
    from compliance.assessment import open_portfolio
    from compliance.engine.run import evaluate
    from compliance.engine.scenarios import grade_counts

    case = Case(Workload(units, seed), folder / "scenarios").store()
    portfolio = open_portfolio(case.in_parquet)
    scenarios = [scenario(number, at) for at in range(number)]
    sample = sorted(random.Random(seed).sample(range(number), min(10, number)))  # noqa: S311
    right = _right(case, number, sample)
    ids = [clause.id for clause in portfolio.program.clauses]

    def check(found: Counts) -> int:
        tried = {at for at, _, _ in found}.intersection(sample)
        return sum(found[key] != right[key] for key in found.keys() | right.keys() if key[0] in tried)

    def in_one_query() -> Counts:
        rows = grade_counts(portfolio, scenarios)
        return Counter({(at, requirement, grade): units for at, requirement, grade, units in rows})

    def by_batch(chosen: list[int]) -> Counts:
        from compliance.engine.batch import grade

        counts: Counts = Counter()
        for at in chosen:
            table = grade(_with_thresholds(portfolio, thresholds(number, at)), case.parquet)
            groups = table.group_by(["requirement", "grade"]).aggregate([([], "count_all")])
            for row in groups.to_pylist():
                counts[at, row["requirement"], row["grade"]] = row["count_all"]
        return counts

    def by_evaluate(chosen: list[int]) -> Counts:
        counts: Counts = Counter()
        for at in chosen:
            found, _ = evaluate(portfolio, [scenarios[at]])
            counts.update((at, ids[row.requirement], row.grade) for row in found.findings)
        return counts

    def by_rival(rival: Rival, prepared: list[Any]) -> list[Result]:
        return [rival.run(ready) for ready in prepared]

    def check_grades(chosen: list[int], found: list[Result]) -> int:
        counts: Counts = Counter()
        for at, grades in zip(chosen, found, strict=True):
            for row in grades:
                counts.update((at, need.id, grade) for need, grade in zip(NEEDS, row, strict=True))
        return check(counts)

    few, fewer = sample[:5], sample[:2]
    each = case.workload.findings
    sides = [
        Side("in one query", units, number * each, in_one_query, check),
        Side("one at a time, in columns", units, len(few) * each, partial(by_batch, few), check),
        Side("one at a time, as impact does", units, len(fewer) * each, partial(by_evaluate, fewer), check),
    ]
    for rival in RIVALS:
        if rival.installed and rival.sums:
            prepared = [rival.prepare(case.given, _needs(number, at)) for at in fewer]
            run, tell = partial(by_rival, rival, prepared), partial(check_grades, fewer)
            sides.append(Side(rival.name, units, len(fewer) * each, run, tell))
    timings = take_turns(sides, rounds)
    rows = []
    for timing in timings:
        tried = timing.side.findings // case.workload.findings
        rows.append(
            [
                timing.side.name,
                f"{tried:,}",
                seconds(timing.median),
                spread(timing.seconds),
                findings_a_second(timing),
                seconds(timing.median * number / tried),
                f"{timing.wrong:,}",
            ]
        )
    yield Answer(
        f"scenarios {units}",
        f"{number:,} thresholds of each of 40 requirements for {units:,} units: "
        f"{number * case.workload.findings:,} findings, counted by grade",
        ["side", "scenarios", "median", "shortest to longest", "findings/s", f"for {number:,}", "not exact"],
        rows,
        figures_of(timings),
        [
            "All but the one query are tried with a few thresholds. Rule engines and plain Python are handed sums, and their "
            f"grades aren't counted while the clock runs. Exact: {len(sample)} scenarios, drawn by the seed, are "
            "counted again in plain Python; those of them that a side grades are compared."
        ],
    )
    sizes = [size for step in (8, 4, 2, 1) if (size := number // step)]
    found = {size: alone(f"{size} scenarios", case, rounds) for size in sizes}
    yield _grown("scenarios", found, f"{units:,} units and 40 requirements, in one query")


def _with_thresholds(portfolio: Portfolio, limits: list[int]) -> Portfolio:
    program = portfolio.program
    clauses = tuple(
        clause._replace(parameters={**clause.parameters, "minimum": limit})
        for clause, limit in zip(program.clauses, limits, strict=True)
    )
    return portfolio._replace(program=program._replace(clauses=clauses))


def _needs(number: int, at: int) -> list[Need]:
    """The requirements in one of so many scenarios."""
    return [
        need._replace(minimum=Decimal(limit).scaleb(-6))
        for need, limit in zip(NEEDS, thresholds(number, at), strict=True)
    ]


def _right(case: Case, number: int, sample: list[int]) -> Counts:
    """The counts in plain Python, of some of the scenarios."""
    known = dict(totals_of_many(case.given.table))
    counts: Counts = Counter()
    for at in sample:
        needs = _needs(number, at)
        for unit in case.workload.unit_ids:
            grades = exact_grades(known.get(unit, {}), needs)
            counts.update((at, need.id, grade) for need, grade in zip(needs, grades, strict=True))
    return counts
