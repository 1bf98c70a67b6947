"""Runs the fixed SQL over a portfolio: rows in, grades and exact sums out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import duckdb

from compliance.data.observations import State
from compliance.data.portfolio import Portfolio
from compliance.language.contracts import Scope
from compliance.language.periods import month_index
from compliance.language.program import MILLION, RUNGS, Ready

__all__ = ["Evaluation", "FindingRow", "Gap", "MeasureRow", "evaluate"]

WAIVER_LAYER = 1_000_000

Overrides = Mapping[tuple[str, str], int | None]
"""A scenario: (requirement, parameter) -> value in millionths, None to leave out what uses it."""


class FindingRow(NamedTuple):
    scenario: int
    unit: int
    requirement: int
    version: int
    profile: int
    grade: str
    unwaived_grade: str


class MeasureRow(NamedTuple):
    """top and bottom are None where nothing counted; enough: so many periods count as are needed.

    asked, counted: months; first_month, last_month: of those that count.
    """

    position: int
    asked: int
    counted: int
    first_month: int | None
    last_month: int | None
    enough: bool
    known: bool
    top: int | None
    bottom: int | None


class Gap(NamedTuple):
    """A cell that was asked for and holds nothing (or, doubted, nothing to rely on)."""

    fact: int
    slot: int
    doubted: bool


class Reading(NamedTuple):
    """What one term of a measure found in one slot; value is None where nothing can be relied on."""

    requirement: int
    position: int
    numerator: bool
    fact: int
    weight: int
    month: int | None
    slot: int
    seen: bool
    doubted: bool
    via: bool
    value: int | None


@dataclass(frozen=True)
class Evaluation:
    """What the engine found. Keys are (scenario, unit, requirement) or (unit, requirement) positions.

    Attributes:
        unwaived_profiles: (unit, requirement, profile) without waivers, of those that have waivers.
        facts: the names behind the facts' numbers.
        settings: (profile, scenario) -> parameter -> value in millionths.
    """

    findings: list[FindingRow]
    measures: dict[tuple[int, int, int], list[MeasureRow]]
    gaps: dict[tuple[int, int], list[Gap]]
    through: dict[tuple[int, int], list[tuple[int, int]]]
    settings: dict[tuple[int, int], dict[str, int | None]]
    unwaived_profiles: list[tuple[int, int, int]]
    facts: tuple[str, ...]
    readings: list[Reading]


@cache
def _scripts() -> tuple[str, ...]:
    folder = resources.files("compliance.engine") / "sql"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(file.read_text("utf-8") for file in files if file.name.endswith(".sql"))


def evaluate(
    portfolio: Portfolio, scenarios: Iterable[Overrides] = ({},), unit: str | None = None
) -> Evaluation:
    """Grades every finding of a portfolio, or of one unit, under each scenario, in one run."""
    # A few hundred thousand rows don't repay the start of many threads; larger work gets them all.
    config = {"threads": 1} if len(portfolio.cells) < 200_000 else {}
    with duckdb.connect(":memory:", config=config) as connection:
        tables, *views = _scripts()
        connection.execute(tables)
        facts = _fill(connection, portfolio, list(scenarios), unit)
        for script in views:
            connection.execute(script)
        return _collected(connection, facts, proof=unit is not None)


def _collected(
    connection: duckdb.DuckDBPyConnection, facts: tuple[str, ...], proof: bool
) -> Evaluation:
    def rows(query: str) -> list[Any]:
        return connection.execute(query).fetchall()

    measures: dict[tuple[int, int, int], list[MeasureRow]] = {}
    for scenario, unit, requirement, *rest in rows("FROM finding_measure"):
        measures.setdefault((scenario, unit, requirement), []).append(MeasureRow(*rest))
    gaps: dict[tuple[int, int], list[Gap]] = {}
    for unit, requirement, *rest in rows("FROM gap"):
        gaps.setdefault((unit, requirement), []).append(Gap(*rest))
    through: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for unit, requirement, fact, slot in rows("FROM through"):
        through.setdefault((unit, requirement), []).append((fact, slot))
    settings: dict[tuple[int, int], dict[str, int | None]] = {}
    for profile, scenario, name, value in rows("FROM setting"):
        settings.setdefault((profile, scenario), {})[name] = value
    return Evaluation(
        findings=[FindingRow(*row) for row in rows("FROM finding")],
        measures=measures,
        gaps=gaps,
        through=through,
        settings=settings,
        unwaived_profiles=rows("FROM unwaived_profile"),
        facts=facts,
        readings=[Reading(*row) for row in rows("FROM proof")] if proof else [],
    )


# Rows ----------------------------------------------------------------------------------------------


def _append(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    with connection.appender(table) as appender:
        for row in rows:
            appender.append_row(*row)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    portfolio: Portfolio,
    scenarios: list[Overrides],
    only: str | None,
) -> tuple[str, ...]:
    program = portfolio.program
    facts = {name: index for index, name in enumerate(sorted(program.facts))}
    units = {
        unit.id: index
        for index, unit in enumerate(portfolio.units)
        if only is None or unit.id == only
    }
    clauses = {clause.id: index for index, clause in enumerate(program.clauses)}
    before = {unit.id for unit in portfolio.previous.units} if portfolio.previous else set()
    _append(
        connection,
        "unit",
        (
            (
                index,
                unit.id,
                unit.kind,
                unit.operator,
                unit.municipality,
                *unit.open_months,
                unit.readable,
                unit.id in before,
            )
            for index, unit in enumerate(portfolio.units)
            if unit.id in units
        ),
    )
    _append(
        connection,
        "fact",
        (
            (index, _millionths(program.facts[name].default) if portfolio.defaults_hold else None)
            for name, index in facts.items()
        ),
    )
    _fill_observations(connection, portfolio, units, facts)
    _fill_contract(connection, portfolio, facts, clauses)
    _append(connection, "scenario", ((index,) for index in range(len(scenarios))))
    _append(connection, "parameter", _parameters(portfolio, clauses, scenarios))
    _append(connection, "waiver", _waivers(portfolio, units, clauses))
    _append(
        connection,
        "unsettled",
        ((units[unit], clauses[id_]) for unit, id_ in sorted(portfolio.unsettled) if unit in units),
    )
    return tuple(facts)


def _millionths(value: Any) -> int | None:
    return None if value is None else int(value * MILLION)


def _fill_observations(
    connection: duckdb.DuckDBPyConnection,
    portfolio: Portfolio,
    units: dict[str, int],
    facts: dict[str, int],
) -> None:
    good: list[tuple[Any, ...]] = []
    doubted: list[tuple[int, int, int]] = []
    opening: list[tuple[int, ...]] = []
    seen: set[tuple[str, str, int]] = set()
    # What the portfolio itself says of an earlier month wins over its predecessor.
    for cell in (*portfolio.cells, *portfolio.earlier):
        key = (cell.unit, cell.fact, cell.slot)
        if cell.fact not in facts or cell.unit not in units or key in seen:
            continue
        seen.add(key)
        at = (units[cell.unit], facts[cell.fact], cell.slot)
        if cell.state is not State.GOOD:
            doubted.append(at)
            continue
        good.append((*at, cell.value, cell.via is not None))
        schedule = portfolio.schedules.get(cell.text)
        if schedule and portfolio.program.facts[cell.fact].type == "opening_hours":
            opening.extend((*at, *row) for row in schedule.rows())
    _append(connection, "observation", good)
    _append(connection, "doubt", doubted)
    _append(connection, "opening", opening)


def _fill_contract(
    connection: duckdb.DuckDBPyConnection,
    portfolio: Portfolio,
    facts: dict[str, int],
    clauses: dict[str, int],
) -> None:
    requirements: list[tuple[Any, ...]] = []
    audience: list[tuple[Any, ...]] = []
    measures: list[tuple[Any, ...]] = []
    terms: list[tuple[Any, ...]] = []
    days: list[tuple[int, int]] = []
    tests: list[tuple[Any, ...]] = []
    for clause in portfolio.program.clauses:
        at = clauses[clause.id]
        requirements.append((at, clause.first, clause.last, clause.requirement.via_agreement))
        scopes = (clause.requirement.scope, *(layer.scope for layer in clause.vary))
        for layer, scope in enumerate(scopes):
            audience.extend((at, layer, *row) for row in _audience(scope))
        first = len(measures)
        for position, ready in enumerate(clause.measures):
            number = len(measures)
            measures.append(_measure_row(number, at, position, ready))
            terms.extend(
                (
                    number,
                    facts[term.fact],
                    term.numerator,
                    term.weight,
                    term.by_months,
                    (portfolio.shift or MILLION) if term.earlier else 0,
                    portfolio.program.facts[term.fact].monthly,
                )
                for term in ready.terms
            )
            days.extend((number, day) for day in ready.measure.days)
        tests.extend(
            (
                at,
                RUNGS.index(test.rung),
                test.branch,
                first + test.measure,
                test.comparison,
                test.threshold.parameter,
                test.threshold.value,
            )
            for test in clause.tests
        )
    _append(connection, "requirement", requirements)
    _append(connection, "audience", audience)
    _append(connection, "measure", measures)
    _append(connection, "term", terms)
    _append(connection, "open_day", days)
    _append(connection, "test", tests)


def _audience(scope: Scope) -> Iterable[tuple[str, str, int]]:
    for attribute, values in scope.attributes:
        for value in dict.fromkeys(values):
            yield attribute, value, len(scope.attributes)


def _measure_row(number: int, requirement: int, position: int, ready: Ready) -> tuple[Any, ...]:
    measure = ready.measure
    fact = ready.facts[0]
    last = measure.over == "last"
    threshold = ready.threshold
    return (
        number,
        requirement,
        position,
        measure.kind,
        measure.over if measure.over in ("last", "min", "max") else "sum",
        ready.monthly,
        not all(used.monthly for used in ready.facts),
        (last and measure.coverage is None) or (measure.kind == "change" and fact.stock),
        ready.first,
        ready.last,
        measure.coverage,
        ready.each,
        ready.once,
        measure.opens,
        measure.closes,
        measure.comparison,
        threshold.parameter if threshold else None,
        threshold.value if threshold else None,
        fact.divisor,
    )


def _parameters(
    portfolio: Portfolio, clauses: dict[str, int], scenarios: list[Overrides]
) -> Iterable[tuple[Any, ...]]:
    for clause in portfolio.program.clauses:
        at = clauses[clause.id]
        for name, value in clause.parameters.items():
            yield at, None, 0, None, name, value
        for index, layer in enumerate(clause.vary):
            for name, value in layer.parameters.items():
                yield at, None, 2 + index, None, name, value
    for scenario, overrides in enumerate(scenarios):
        for (id_, name), value in overrides.items():
            yield clauses[id_], scenario, 1, None, name, value
    for number, ready in enumerate(portfolio.waivers):
        for name, value in ready.parameters.items():
            yield clauses[ready.waiver.requirement], None, WAIVER_LAYER, number, name, value


def _waivers(
    portfolio: Portfolio, units: dict[str, int], clauses: dict[str, int]
) -> Iterable[tuple[Any, ...]]:
    for number, ready in enumerate(portfolio.waivers):
        waiver = ready.waiver
        if waiver.unit not in units:
            continue
        yield (
            number,
            units[waiver.unit],
            clauses[waiver.requirement],
            waiver.exempt,
            waiver.in_force(portfolio.program.as_of),
            month_index(waiver.first.year, waiver.first.month),
            month_index(waiver.last.year, waiver.last.month) if waiver.last else 12 * 10_000,
        )

