"""Many scenarios in one query, beside findings made one scenario at a time."""

from __future__ import annotations

from collections import Counter

import pytest

from compliance.assessment import open_portfolio
from compliance.engine.run import Overrides, evaluate
from compliance.engine.scenarios import grade_counts
from compliance.library import sample_names

MILLION = 1_000_000


def scenarios_of(sample: str) -> list[Overrides]:
    """The contract as it is; each parameter halved, doubled and left out; and all of them doubled at once."""
    clauses = open_portfolio(sample).program.clauses
    own = [(clause.id, name, value) for clause in clauses for name, value in clause.parameters.items()]
    made: list[Overrides] = [{}]
    for requirement, name, value in own:
        if value is not None:
            made += [{(requirement, name): value // 2}, {(requirement, name): value * 2}]
        made.append({(requirement, name): None})
    return [*made, {(requirement, name): value and value * 2 for requirement, name, value in own}]


@pytest.mark.parametrize("sample", sample_names())
def test_counts_are_those_of_the_findings(sample: str) -> None:
    portfolio, scenarios = open_portfolio(sample), scenarios_of(sample)
    ids = [clause.id for clause in portfolio.program.clauses]
    found, _ = evaluate(portfolio, scenarios)
    expected = Counter((row.scenario, ids[row.requirement], row.grade) for row in found.findings)
    counts = grade_counts(portfolio, scenarios)
    assert expected == {(count.scenario, count.requirement, count.grade): count.units for count in counts}


def test_a_thousand_thresholds_are_graded_in_one_query() -> None:
    """Nobody who passes at one threshold fails at a lower one."""
    portfolio = open_portfolio("halland-2024")
    clause = next(c for c in portfolio.program.clauses if c.parameters.get("minimum") == 45 * MILLION)
    thresholds = [40 * MILLION + step * 20_000 for step in range(1000)]
    counts = grade_counts(portfolio, [{}, *({(clause.id, "minimum"): at} for at in thresholds)])
    passes = {
        count.scenario: count.units
        for count in counts
        if count.requirement == clause.id and count.grade == "pass"
    }
    curve = [passes.get(scenario, 0) for scenario in range(1, 1001)]
    assert sorted(curve, reverse=True) == curve
    assert passes[0] == curve[thresholds.index(45 * MILLION)]
    assert curve[0] > curve[-1]
