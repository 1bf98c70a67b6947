"""The engine's findings are those of the evaluator in plain fractions, for random contracts.

COMPLIANCE_EXAMPLES sets how many random cases are tried.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import compliance
from tests.oracle import evaluator
from tests.oracle.strategies import Case, cases
from tests.oracle.writer import ONE_FILE, Layout, shuffled, write

EXAMPLES = int(os.environ.get("COMPLIANCE_EXAMPLES", "150"))
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
RANDOM_CASES = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW, print_blob=True)
FEWER_CASES = settings(RANDOM_CASES, max_examples=max(1, EXAMPLES // 3))
SCATTERED = Layout(files=3, delimiters=(",", ";", "\t"), yaml=True)

Row = dict[str, Any]


def audited(
    case: Case, layout: Layout = ONE_FILE, scenario: Mapping[str, object] | None = None
) -> compliance.Audit:
    """What the engine makes of a case, written to a folder and read back."""
    with tempfile.TemporaryDirectory() as folder:
        folders = write(case, Path(folder), layout)
        return compliance.audit(
            folders.portfolio,
            library=folders.library,
            as_of=None if case.as_of is None else date.fromisoformat(case.as_of),
            scenario=scenario,
        )


def six(exact: Fraction | None) -> Fraction | None:
    """A number as it is shown: half-even to six decimals."""
    return None if exact is None else round(exact, 6)


def shown(number: Any) -> Fraction | None:
    """A number that was shown."""
    if number is None:
        return None
    assert isinstance(number, Decimal)
    assert number == round(number, 6)
    return Fraction(number)


def expected(finding: evaluator.Finding) -> Row:
    """What the evaluator says of a finding, as it is shown."""
    first = finding.first
    return {
        "unit": finding.unit,
        "requirement": finding.requirement,
        "grade": finding.grade,
        "unwaived_grade": finding.unwaived_grade,
        "value": six(first.value),
        "numerator": six(first.numerator),
        "denominator": six(first.denominator),
        "measures": [
            (each.measure, six(each.value), six(each.numerator), six(each.denominator))
            for each in finding.measures
        ],
        "comparison": finding.comparison,
        "threshold": six(finding.threshold),
        "points": six(finding.points),
        "via": sorted(finding.via),
        "missing": sorted(finding.missing),
        "doubtful": sorted(finding.doubtful),
    }


def found(finding: compliance.Finding) -> Row:
    """What the engine says of a finding."""
    return {
        "unit": finding.unit,
        "requirement": finding.requirement,
        "grade": str(finding.grade),
        "unwaived_grade": str(finding.unwaived_grade),
        "value": shown(finding.value),
        "numerator": shown(finding.numerator),
        "denominator": shown(finding.denominator),
        "measures": [
            (each.measure, shown(each.value), shown(each.numerator), shown(each.denominator))
            for each in finding.measures
        ],
        "comparison": finding.comparison,
        "threshold": shown(finding.threshold),
        "points": shown(finding.points),
        "via": sorted(finding.via),
        "missing": sorted((gap.fact, gap.period) for gap in finding.missing),
        "doubtful": sorted((doubt.fact, doubt.period, doubt.reason) for doubt in finding.doubtful),
    }


def assert_agree(findings: Sequence[evaluator.Finding], audit: compliance.Audit) -> None:
    """The engine's findings are the evaluator's, one by one and in the same order."""
    assert [expected(finding) for finding in findings] == [found(f) for f in audit.findings]


def reported(case: Case) -> bool:
    """Whether an observation of the case, or of the one before it, must be reported as an error."""
    facts = {name: evaluator.fact_of(name, fact) for name, fact in case.facts.items()}
    portfolios = [case.portfolio, *([case.previous] if case.previous else [])]
    cells = [cell for written in portfolios for cell in evaluator.portfolio_of(facts, written).cells.values()]
    return any(cell.doubt in {"conflict", "out_of_range", "unreadable"} for cell in cells)


@RANDOM_CASES
@given(cases())
def test_every_finding_is_that_of_the_evaluator(case: Case) -> None:
    audit = audited(case)
    findings = case.findings()
    for grade in sorted({finding.grade for finding in findings}):
        event(grade)
    assert_agree(findings, audit)
    if not reported(case):
        assert [] == list(audit.errors)


@FEWER_CASES
@given(cases(), st.integers(0, 2**32 - 1))
def test_neither_the_order_of_rows_nor_their_files_matter(case: Case, seed: int) -> None:
    scattered = audited(shuffled(case, Random(seed)), SCATTERED)
    assert [found(f) for f in audited(case).findings] == [found(f) for f in scattered.findings]


@FEWER_CASES
@given(cases(), st.data())
def test_a_scenario_is_the_contract_with_other_parameters(case: Case, data: st.DataObject) -> None:
    requirement = data.draw(st.sampled_from(case.contract["requirements"]))
    named = {
        name: value
        for name, value in case.rules[requirement["rule"]]["parameters"].items()
        if value is not None
    }
    if not named:
        return
    name = data.draw(st.sampled_from(sorted(named)))
    value = data.draw(st.sampled_from((named[name], "0", "50", "33.333333")))
    if evaluator.number(named[name]) is None:
        value = named[name]
    edited = {
        **requirement,
        "parameters": {**requirement.get("parameters", {}), name: value},
    }
    contract = {
        **case.contract,
        "requirements": [
            edited if other is requirement else other for other in case.contract["requirements"]
        ],
    }
    scenario = audited(case, scenario={f"{requirement['id']}.{name}": value})
    by_hand = audited(replace(case, contract=contract))
    assert [found(f) for f in by_hand.findings] == [found(f) for f in scenario.findings]
    assert_agree(replace(case, contract=contract).findings(), scenario)
