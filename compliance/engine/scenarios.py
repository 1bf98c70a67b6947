"""Many scenarios at once: how many units would have each grade, under thousands of thresholds, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

from compliance.data.portfolio import Portfolio
from compliance.engine.run import Engine, Overrides, in_memory

__all__ = ["GradeCount", "grade_counts"]


class GradeCount(NamedTuple):
    """So many units have this grade of this requirement in the scenario of this number."""

    scenario: int
    requirement: str
    grade: str
    units: int


def grade_counts(portfolio: Portfolio, scenarios: Iterable[Overrides]) -> list[GradeCount]:
    """Grades every finding under every scenario and counts the grades, by scenario and in the contract's order.

    The sums are made once; a scenario costs the comparing of its findings, and no room for them.

    Args:
        portfolio: its waivers hold in all scenarios.
        scenarios: for each, (requirement, parameter) -> value in millionths, or None to leave out what uses it.
    """
    with in_memory() as connection:
        engine = Engine(connection, portfolio, list(scenarios))
        engine.take_cells()
        engine.sum()
        engine.measure()
        ids = [clause.id for clause in portfolio.program.clauses]
        return [
            GradeCount(scenario, ids[requirement], grade, units)
            for scenario, requirement, grade, units in connection.execute(_query()).fetchall()
        ]


@cache
def _query() -> str:
    folder = resources.files("compliance.engine") / "sql" / "scenarios"
    return (folder / "grade_counts.sql").read_text("utf-8")
