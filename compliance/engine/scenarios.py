"""Many scenarios at once: the grades under thousands of thresholds, in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from compliance.data.portfolio import Portfolio
from compliance.engine.run import Engine, Overrides, in_memory

__all__ = ["GradeCount", "GradeTurn", "grade_counts", "grade_turns"]

MOST_GRADES = 2_000_000
"""So many grades are put in order at a time: about 150 MB."""


class GradeCount(NamedTuple):
    """So many units have this grade of this requirement in the scenario of this number."""

    scenario: int
    requirement: str
    grade: str
    units: int


class GradeTurn(NamedTuple):
    """From this scenario on, until its next turn, the finding has this grade."""

    unit: str
    requirement: str
    scenario: int
    grade: str


def grade_counts(portfolio: Portfolio, scenarios: Iterable[Overrides]) -> list[GradeCount]:
    """Grades every finding under every scenario and counts the grades, by scenario and in the contract's order.

    The sums are made once; a scenario costs the comparing of its findings, and no room for them.

    Args:
        portfolio: its waivers hold in all scenarios.
        scenarios: for each, (requirement, parameter) -> value in millionths, or None to leave out what uses it.
    """
    ids = [clause.id for clause in portfolio.program.clauses]
    return [
        GradeCount(scenario, ids[requirement], grade, units)
        for scenario, requirement, grade, units in _rows(portfolio, scenarios, "grade_counts")
    ]


def grade_turns(portfolio: Portfolio, scenarios: Iterable[Overrides]) -> list[GradeTurn]:
    """Each finding's grade in the first scenario, and in each later one where it isn't that of the one before.

    They come by unit, then in the contract's order, then by scenario. Args as for `grade_counts`.
    """
    units, clauses, asked = portfolio.units, portfolio.program.clauses, list(scenarios)
    step = max(1, MOST_GRADES // max(1, len(clauses) * len(asked)))
    parts = [(first, first + step) for first in range(0, len(units), step)]
    return [
        GradeTurn(units[unit].id, clauses[requirement].id, scenario, grade)
        for unit, requirement, scenario, grade in _rows(portfolio, asked, "grade_turns", parts)
    ]


def _rows(
    portfolio: Portfolio,
    scenarios: Iterable[Overrides],
    query: str,
    parts: Iterable[tuple[int, ...]] = ((),),
) -> Iterator[Any]:
    """What the query finds, asked once for each part of the units."""
    with in_memory() as connection:
        engine = Engine(connection, portfolio, list(scenarios))
        engine.take_cells()
        engine.sum()
        engine.measure()
        for part in parts:
            yield from connection.execute(_query(query), part).fetchall()


@cache
def _query(name: str) -> str:
    folder = resources.files("compliance.engine") / "sql" / "scenarios"
    return (folder / f"{name}.sql").read_text("utf-8")
