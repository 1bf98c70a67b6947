"""Runs the fixed SQL over a portfolio: rows in, grades and exact sums out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import duckdb

from compliance.data.observations import NOW, Cells, State
from compliance.data.portfolio import Portfolio
from compliance.data.units import Unit
from compliance.language.contracts import Scope
from compliance.language.facts import Fact
from compliance.language.periods import month_index
from compliance.language.program import MILLION, RUNGS, Ready

__all__ = [
    "UNSAFE",
    "DoubledError",
    "Engine",
    "Evaluation",
    "FindingRow",
    "Gap",
    "MeasureRow",
    "append",
    "evaluate",
    "in_memory",
]

WAIVER_LAYER = 1_000_000
WIDEST_FRAME = 40
"""So many months have a bit each in a mask whose highest bit a double can still tell."""
READY = ("contract", "whole_results", "grading")
"""The steps that don't depend on the observations: what is known of the contract, and views."""
IF_ANY = {
    "empty_cells": "FROM fact WHERE fallback IS NOT NULL",
    "waivers": "FROM eased",
    "months_that_hold": "FROM month_bar",
    "ladders": "FROM shape WHERE NOT simple",
    "settled_findings": "FROM settled",
    "eased_findings": "FROM eased",
}
"""Steps that some contracts don't need, and where to see it."""
UNSAFE = "join_filter_pushdown"
"""With it, DuckDB 2.0 can lose rows of joins that don't fit in memory."""
NEVER = MILLION
"""A month, or a shift of months, beyond every calendar."""

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


class Evaluation(NamedTuple):
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
def _scripts() -> dict[str, str]:
    """The engine's steps by name, in their order: `tables`, `contract`, `sums` …"""
    folder = resources.files("compliance.engine") / "sql"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name[3:].removesuffix(".sql"): file.read_text("utf-8")
        for file in files
        if file.name.endswith(".sql")
    }


def evaluate(
    portfolio: Portfolio, scenarios: Iterable[Overrides] = ({},)
) -> tuple[Evaluation, Evaluation | None]:
    """Grades every finding of a portfolio (or of its one unit) under each scenario, in one run.

    Returns:
        The portfolio's evaluation and, where it has a predecessor, that one's (under its own contract).
    """
    # A few hundred thousand rows don't repay the start of many threads; larger work gets them all.
    with in_memory(threads=1 if len(portfolio.cells) < 200_000 else None) as connection:
        engine = Engine(connection, portfolio, list(scenarios))
        engine.take_cells()
        engine.grade()
        engine.tell()
        found = _collected(connection, engine.books, engine.facts, proof=portfolio.only is not None)
    return found[0], found[1] if len(found) > 1 else None


def in_memory(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database. It need not keep rows in order, and has all threads unless a number is given."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "preserve_insertion_order": False,
        "disabled_optimizers": UNSAFE,
    }
    if threads is not None:
        config["threads"] = threads
    return duckdb.connect(":memory:", config=config)


class DoubledError(Exception):
    """The observations hold a cell twice; they must be settled first."""


class Engine:
    """A contract and its units made ready in a DuckDB connection, to grade observations once.

    What is observed comes in by `take_cells`, or is put into the table `observation` (and `doubt`,
    `through_other`, `opening`) by the caller; `grade` runs the other steps, and the view `finding` then holds
    what came out.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, portfolio: Portfolio, scenarios: list[Overrides]
    ) -> None:
        self.connection = connection
        self.books = [_Book(portfolio, 0, 0, 0, 0)]
        if portfolio.previous is not None:
            self.books.append(_after(self.books[0], portfolio.previous))
        self.facts = tuple(sorted({name for book in self.books for name in book.portfolio.program.facts}))
        connection.execute(_scripts()["tables"])
        self.numbers = {name: index for index, name in enumerate(self.facts)}
        _fill(connection, self.books, self.numbers, scenarios, portfolio.only is not None)
        for step in READY:
            self._run(step)
        self._needed = {step for step, where in IF_ANY.items() if self._any(where)}

    def take_cells(self) -> None:
        """Takes the observations that the portfolios hold."""
        tables: Tables = {}
        for book in self.books:
            _add_observations(tables, book, self.numbers)
            _add_plain(self.connection, book, self.numbers)
        for table, rows in tables.items():
            append(self.connection, table, rows)

    def take_earlier(self) -> None:
        """Takes the observations of earlier periods, where this one's come in another way."""
        now, *before = self.books
        tables: Tables = {}
        for book in (now._replace(portfolio=now.portfolio._replace(cells=())), *before):
            _add_observations(tables, book, self.numbers)
            _add_plain(self.connection, book, self.numbers)
        for table, rows in tables.items():
            append(self.connection, table, rows)

    def grade(self) -> None:
        """Runs the steps; one that has nothing to do is left out.

        Raises:
            DoubledError: a cell stands twice among the observations.
        """
        self.sum()
        self.measure()

    def sum(self) -> None:
        """The step `sums`: the facts' sums over the observations in the tables."""
        self._run("sums")

    def measure(self) -> None:
        """The steps after `sums`; the views `grading` and `finding` then tell the grades. See `grade`."""
        if self._any("FROM summed WHERE found <> bit_count(months)"):
            raise DoubledError
        self._run("whole_measures")
        if self._any("FROM measured WHERE enough IS NULL"):
            self._run("uneven_months")
        if "empty_cells" in self._needed:
            self._run("empty_cells")
        if self._any("FROM through_other"):
            self._run("other_providers")
        self._run("short")
        if self._any("FROM short"):
            self._run("nothing_observed")
        if self._any("FROM monthwise"):
            self._run("months")
        for step in ("waivers", "months_that_hold", "ladders", "settled_findings", "eased_findings"):
            if step in self._needed:
                self._run(step)

    def tell(self) -> None:
        """The step `evidence`: views on what findings rest on, `finding_measure`, `gap`, `through` and others."""
        self._run("evidence")

    def _run(self, step: str) -> None:
        self.connection.execute(_scripts()[step])

    def _any(self, query: str) -> bool:
        return bool(self.connection.execute(f"SELECT 1 {query} LIMIT 1").fetchall())


class _Book(NamedTuple):
    """One of the portfolios in a run, and the first numbers of its units, clauses and measures."""

    portfolio: Portfolio
    number: int
    first_unit: int
    first_clause: int
    first_measure: int

    @property
    def units(self) -> dict[str, int]:
        return {
            unit.id: self.first_unit + index
            for index, unit in enumerate(self.portfolio.units)
            if self.portfolio.only in (None, unit.id)
        }

    @property
    def clauses(self) -> dict[str, int]:
        return {
            clause.id: self.first_clause + index
            for index, clause in enumerate(self.portfolio.program.clauses)
        }


def _after(book: _Book, portfolio: Portfolio) -> _Book:
    program = book.portfolio.program
    return _Book(
        portfolio,
        book.number + 1,
        book.first_unit + len(book.portfolio.units),
        book.first_clause + len(program.clauses),
        book.first_measure + sum(len(clause.measures) for clause in program.clauses),
    )


# What came out ----------------------------------------------------------------------------------


def _collected(
    connection: duckdb.DuckDBPyConnection, books: list[_Book], facts: tuple[str, ...], proof: bool
) -> list[Evaluation]:
    def rows(query: str) -> list[Any]:
        return connection.execute(query).fetchall()

    found = [Evaluation([], {}, {}, {}, {}, [], facts, []) for _ in books]
    starts = [book.first_clause for book in books]

    def at(unit: int, requirement: int) -> tuple[Evaluation, int, int]:
        number = bisect_right(starts, requirement) - 1
        book = books[number]
        return found[number], unit - book.first_unit, requirement - book.first_clause

    graded = "SELECT scenario, unit, requirement, version, profile, grade, unwaived_grade FROM finding"
    for row in rows(f"{graded} ORDER BY scenario, unit, requirement"):
        scenario, unit, requirement, *rest = row
        evaluation, unit, requirement = at(unit, requirement)
        evaluation.findings.append(FindingRow(scenario, unit, requirement, *rest))
    for scenario, unit, requirement, *rest in rows(
        "FROM finding_measure ORDER BY scenario, unit, requirement, position"
    ):
        evaluation, unit, requirement = at(unit, requirement)
        key = (scenario, unit, requirement)
        evaluation.measures.setdefault(key, []).append(MeasureRow(*rest))
    for unit, requirement, *rest in rows("FROM gap ORDER BY ALL"):
        evaluation, unit, requirement = at(unit, requirement)
        evaluation.gaps.setdefault((unit, requirement), []).append(Gap(*rest))
    for unit, requirement, *rest in rows("FROM through ORDER BY ALL"):
        evaluation, unit, requirement = at(unit, requirement)
        evaluation.through.setdefault((unit, requirement), []).append((rest[0], rest[1]))
    for unit, requirement, profile in rows("FROM unwaived_profile ORDER BY ALL"):
        evaluation, unit, requirement = at(unit, requirement)
        evaluation.unwaived_profiles.append((unit, requirement, profile))
    by_term = "FROM proof ORDER BY requirement, position, numerator DESC, fact, month, slot DESC"
    for unit, requirement, *rest in rows(by_term) if proof else ():
        evaluation, unit, requirement = at(unit, requirement)
        evaluation.readings.append(Reading(requirement, *rest))
    for profile, scenario, name, value in rows("FROM setting ORDER BY ALL"):
        for evaluation in found:
            evaluation.settings.setdefault((profile, scenario), {})[name] = value
    return found


# What goes in -----------------------------------------------------------------------------------


def append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Puts rows into a table."""
    if not rows:
        return
    with connection.appender(table) as appender:
        for row in rows:
            appender.append_row(*row)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    books: list[_Book],
    facts: dict[str, int],
    scenarios: list[Overrides],
    proof: bool,
) -> None:
    tables: dict[str, list[tuple[Any, ...]]] = {"mode": [(proof,)]}
    known: dict[str, Fact] = {}
    frames: dict[Frame, int] = {SINGLE: 0}
    cohorts: dict[tuple[Any, ...], int] = {}
    for book in books:
        known.update(book.portfolio.program.facts)
        _add_units(tables, book, cohorts)
        _add_contract(tables, book, facts, frames)
        # Only the portfolio that was asked about has scenarios beside the contract as it is.
        own = scenarios if book.number == 0 else [{}]
        tables.setdefault("scenario", []).extend((index, book.number) for index in range(len(own)))
        tables.setdefault("parameter", []).extend(_parameters(book, own))
        tables.setdefault("waiver", []).extend(_waivers(book))
    tables["frame"] = [(number, *span) for span, number in frames.items()]
    tables["cohort"] = [(number, *shared) for shared, number in cohorts.items()]
    tables["fact"] = [(number, _millionths(known[name].default)) for name, number in facts.items()]
    for table, rows in tables.items():
        append(connection, table, rows)


def _millionths(value: Decimal | None) -> int | None:
    return None if value is None else int(value * MILLION)


Tables = dict[str, list[tuple[Any, ...]]]


def _add_units(tables: Tables, book: _Book, cohorts: dict[tuple[Any, ...], int]) -> None:
    portfolio, numbers, clauses = book.portfolio, book.units, book.clauses
    named = {
        value
        for clause in portfolio.program.clauses
        for scope in (clause.requirement.scope, *(layer.scope for layer in clause.vary))
        for attribute, values in scope.attributes
        if attribute == "unit"
        for value in values
    }

    def cohort_of(unit: Unit) -> int:
        id_ = unit.id if unit.id in named else None
        shared = (book.number, id_, unit.kind, unit.operator, unit.municipality)
        return cohorts.setdefault(shared, len(cohorts))

    before = {unit.id for unit in portfolio.previous.units} if portfolio.previous else set()
    tables.setdefault("unit", []).extend(
        (
            numbers[unit.id],
            book.number,
            *unit.open_months,
            unit.readable,
            unit.id in before,
            portfolio.defaults_hold,
            cohort_of(unit),
        )
        for unit in portfolio.units
        if unit.id in numbers
    )
    tables.setdefault("unsettled", []).extend(
        (numbers[unit], clauses[id_]) for unit, id_ in sorted(portfolio.unsettled) if unit in numbers
    )


def _add_observations(tables: Tables, book: _Book, facts: dict[str, int]) -> None:
    portfolio, units = book.portfolio, book.units
    good = tables.setdefault("observation", [])
    doubted = tables.setdefault("doubt", [])
    through = tables.setdefault("through_other", [])
    opening = tables.setdefault("opening", [])
    seen: set[tuple[str, str, int]] = set()  # or filled by a plain observation
    # What the portfolio itself says of an earlier month wins over its predecessor.
    single = portfolio.cells
    if isinstance(single, Cells):
        seen = single.filled({cell.slot for cell in portfolio.earlier})
        single = single.single
    for cell in (*single, *portfolio.earlier):
        if cell.fact not in facts or cell.unit not in units:
            continue
        key = (cell.unit, cell.fact, cell.slot)
        if key in seen:
            continue
        seen.add(key)
        at = (units[cell.unit], facts[cell.fact], cell.slot)
        if cell.state is not State.GOOD:
            doubted.append(at)
            continue
        good.append((*at, cell.value))
        if cell.via is not None:
            through.append(at)
        schedule = portfolio.schedules.get(cell.text) if cell.text else None
        if schedule:
            opening.extend((*at, *row) for row in schedule.rows())


def _add_plain(connection: duckdb.DuckDBPyConnection, book: _Book, facts: dict[str, int]) -> None:
    cells = book.portfolio.cells
    plain = cells.numbered(book.units, facts) if isinstance(cells, Cells) else None
    if plain is not None:
        connection.register("plain", plain)
        connection.execute("INSERT INTO observation FROM plain")
        connection.unregister("plain")


def _add_contract(tables: Tables, book: _Book, facts: dict[str, int], frames: dict[Frame, int]) -> None:
    portfolio = book.portfolio
    requirements = tables.setdefault("requirement", [])
    audience = tables.setdefault("audience", [])
    measures = tables.setdefault("measure", [])
    terms = tables.setdefault("term", [])
    days = tables.setdefault("open_day", [])
    tests = tables.setdefault("test", [])
    clauses = book.clauses
    first = book.first_measure
    for clause in portfolio.program.clauses:
        at = clauses[clause.id]
        requirements.append((at, book.number, clause.first, clause.last, clause.requirement.via_agreement))
        scopes = (clause.requirement.scope, *(layer.scope for layer in clause.vary))
        for layer, scope in enumerate(scopes):
            audience.extend((at, layer, *row) for row in _audience(scope, book.number))
        for position, ready in enumerate(clause.measures):
            number = first + position
            measures.append(_measure_row(number, at, position, ready, frames))
            terms.extend(
                (
                    number,
                    facts[term.fact],
                    term.numerator,
                    term.weight,
                    term.by_months,
                    (portfolio.shift or NEVER) if term.earlier else 0,
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
                ordinal,
                first + test.measure,
                test.comparison,
                test.threshold.parameter,
                test.threshold.value,
            )
            for ordinal, test in enumerate(clause.tests)
        )
        first += len(clause.measures)


def _audience(scope: Scope, book: int) -> Iterable[tuple[str, str, int]]:
    attributes = (*scope.attributes, ("portfolio", (str(book),)))
    for attribute, values in attributes:
        for value in dict.fromkeys(values):
            yield attribute, value, len(attributes)


Frame = tuple[int, int, str]
"""First month, last month, and what is picked of the values: their sum, min or max."""
SINGLE: Frame = (NOW, NOW, "sum")


def _frame(ready: Ready, only_last: bool, frames: dict[Frame, int]) -> int | None:
    """The span of months whose whole sums will do for a measure; None where it goes month by month."""
    measure = ready.measure
    if measure.kind not in ("value", "share", "rate", "met", "count", "months"):
        return None
    if any(
        len({term.by_months for term in ready.terms if term.numerator is side}) > 1 for side in (True, False)
    ):
        return None
    if not ready.monthly:
        return frames[SINGLE]
    if measure.over == "last" and not only_last:
        return None
    pick = "sum"
    if measure.over in ("min", "max"):
        if len(ready.terms) > 1:
            return None
        pick = measure.over if ready.terms[0].weight >= 0 else {"min": "max", "max": "min"}[measure.over]
    first, last = ready.last if only_last else ready.first, ready.last
    if not 0 < last - first + 1 <= WIDEST_FRAME:
        return None
    return frames.setdefault((first, last, pick), len(frames))


def _measure_row(
    number: int, requirement: int, position: int, ready: Ready, frames: dict[Frame, int]
) -> tuple[Any, ...]:
    measure = ready.measure
    fact = ready.facts[0]
    only_last = (measure.over == "last" and measure.coverage is None) or (
        measure.kind == "change" and fact.stock
    )
    threshold = ready.threshold
    monthly = {used.name for used in ready.facts if used.monthly}
    return (
        number,
        requirement,
        position,
        measure.kind,
        measure.over if measure.over in ("last", "min", "max") else "sum",
        ready.monthly,
        not all(used.monthly for used in ready.facts),
        only_last,
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
        _frame(ready, only_last, frames),
        len(ready.terms),
        sum(term.fact in monthly for term in ready.terms),
        any(term.by_months for term in ready.terms if term.numerator),
        any(term.by_months for term in ready.terms if not term.numerator),
    )


def _parameters(book: _Book, scenarios: list[Overrides]) -> Iterable[tuple[Any, ...]]:
    portfolio, clauses = book.portfolio, book.clauses
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
            at = clauses[ready.waiver.requirement]
            yield at, None, WAIVER_LAYER, _waiver_number(book, number), name, value


def _waiver_number(book: _Book, number: int) -> int:
    return book.number * MILLION + number


def _waivers(book: _Book) -> Iterable[tuple[Any, ...]]:
    units, clauses = book.units, book.clauses
    for number, ready in enumerate(book.portfolio.waivers):
        waiver = ready.waiver
        if waiver.unit in units:
            yield (
                _waiver_number(book, number),
                units[waiver.unit],
                clauses[waiver.requirement],
                waiver.exempt,
                waiver.in_force(book.portfolio.program.as_of),
                month_index(waiver.first.year, waiver.first.month),
                month_index(waiver.last.year, waiver.last.month) if waiver.last else NEVER,
            )
