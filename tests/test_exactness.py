"""Exact at every threshold: nothing is rounded, and no binary float takes part."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import compliance
from compliance import Grade
from tests.small import every_month, small

MORE_THAN_HALF = """
    measure: {share: [a], of: [b]}
    parameters: {minimum: 50, partial_from: 40}
    grade: {pass: {above: minimum}, partial: {at_least: partial_from}}
"""


def graded(folder: Path) -> compliance.Finding:
    (finding,) = compliance.audit(folder, library=folder).findings
    return finding


@pytest.mark.parametrize("months", [1, 12])
def test_exactly_half_is_not_more_than_half(tmp_path: Path, months: int) -> None:
    rows = every_month("U1", "a", "3") + every_month("U1", "b", "6")
    period = "2024" if months == 12 else "2024-05"
    if months == 1:
        rows = "U1,a,2024-05,3,,,\nU1,b,2024-05,6,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period=period))
    assert Grade.PARTIAL is finding.grade
    assert Decimal("50.000000") == finding.value
    assert "Exakt 50\N{NO-BREAK SPACE}% är inte mer än 50\N{NO-BREAK SPACE}%." in finding.explanation("sv")


@pytest.mark.parametrize("months", [1, 12])
def test_tenths_that_floats_put_above_one_half_are_exactly_one_half(tmp_path: Path, months: int) -> None:
    """(0.1 + 0.2) / 0.6 is 0.5000000000000001 in binary floating point."""
    assert (0.1 + 0.2) / 0.6 > 0.5
    rule = MORE_THAN_HALF.replace("[a]", "[a, c]")
    period = "2024" if months == 12 else "2024-05"
    chosen = range(1, 13) if months == 12 else [5]
    rows = "".join(
        f"U1,{fact},2024-{month:02d},{value},,,\n"
        for month in chosen
        for fact, value in (("a", "0.1"), ("c", "0.2"), ("b", "0.6"))
    )
    folder = small(tmp_path, rule, rows, period=period)
    with (folder / "rules" / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write("  c: {title: C, type: number, per: month, stock: yes}\n")
    finding = graded(folder)
    assert Grade.PARTIAL is finding.grade
    assert Decimal("50.000000") == finding.value


def test_a_millionth_above_one_half_is_more_than_half(tmp_path: Path) -> None:
    rows = "U1,a,2024-05,500000.000001,,,\nU1,b,2024-05,1000000,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period="2024-05"))
    assert Grade.PASS is finding.grade
    assert "50" == str(finding.value)[:2]


def test_a_value_that_rounds_to_the_threshold_is_shown_with_more_decimals(tmp_path: Path) -> None:
    """49.96 % must not be called 50 % and then fail."""
    rows = "U1,a,2024-05,49.96,,,\nU1,b,2024-05,100,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period="2024-05"))
    assert Grade.PARTIAL is finding.grade
    assert "49.96\N{NO-BREAK SPACE}%" in finding.explanation("en")


def test_hours_in_thirds_of_an_hour_add_up_exactly(tmp_path: Path) -> None:
    """Three days of 5 h 20 min are 16 hours, which six-decimal hours would miss."""
    rule = "measure: {value: hours}\nparameters: {minimum: 16}\ngrade: {pass: {at_least: minimum}}"
    rows = "U1,hours,,mon-wed 08:00-13:20,,,\n"
    finding = graded(small(tmp_path, rule, rows, period="2024-05"))
    assert Grade.PASS is finding.grade
    assert Decimal("16.000000") == finding.value


def test_the_largest_numbers_are_compared_exactly(tmp_path: Path) -> None:
    rule = MORE_THAN_HALF.replace("minimum: 50", "minimum: 99.999999")
    big = "999999999999.999999"
    less = "999999989999.999999"
    rows = every_month("U1", "a", big) + every_month("U1", "b", big)
    assert Grade.PASS is graded(small(tmp_path / "equal", rule, rows)).grade
    rows = every_month("U1", "a", less) + every_month("U1", "b", big)
    finding = graded(small(tmp_path / "less", rule, rows))
    assert Grade.PARTIAL is finding.grade
    assert Decimal("99.999999") == finding.value


def test_a_weight_of_a_third_written_with_six_decimals_stays_exact(tmp_path: Path) -> None:
    rule = """
        measure: {value: [{a: 0.333333}, {b: -0.000001}]}
        parameters: {minimum: 0.999998}
        grade: {pass: {above: minimum}}
    """
    rows = "U1,a,2024-05,3,,,\nU1,b,2024-05,1,,,\n"
    finding = graded(small(tmp_path, rule, rows, period="2024-05"))
    assert Decimal("0.999998") == finding.value
    assert Grade.FAIL is finding.grade


def test_a_denominator_of_zero_is_unknown_and_says_so(tmp_path: Path) -> None:
    rows = "U1,a,2024-05,0,,,\nU1,b,2024-05,0,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period="2024-05"))
    assert Grade.UNKNOWN is finding.grade
    assert Decimal(0) == finding.denominator
    assert "nämnaren är noll" in finding.explanation("sv")


@pytest.mark.parametrize("seen", ["", "*", "-", "x", ".."])
def test_what_is_missing_or_withheld_is_never_a_pass_and_never_a_fail(tmp_path: Path, seen: str) -> None:
    rows = f"U1,a,2024-05,{seen},,,\nU1,b,2024-05,6,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period="2024-05"))
    assert Grade.UNKNOWN is finding.grade
    if seen:
        assert ["suppressed"] == [doubt.reason for doubt in finding.doubtful]
        assert not finding.missing
    else:
        assert ["a"] == [gap.fact for gap in finding.missing]


def test_a_doubtful_value_is_not_relied_on_and_its_comment_is_quoted(tmp_path: Path) -> None:
    rows = "U1,a,2024-05,6,,doubtful,nytt schemasystem\nU1,b,2024-05,6,,,\n"
    finding = graded(small(tmp_path, MORE_THAN_HALF, rows, period="2024-05"))
    assert Grade.UNKNOWN is finding.grade
    assert "nytt schemasystem" in finding.explanation("sv")


def test_an_unknown_that_cannot_change_the_grade_does_not_spoil_it(tmp_path: Path) -> None:
    rule = """
        measures: {own: {share: [a], of: [b]}, report: {value: report}}
        grade: {pass: {any: [{own: {above: 50}}, {report: {at_most: 2024-12-31}}]}}
    """
    rows = "U1,a,2024-05,4,,,\nU1,b,2024-05,6,,,\n"
    assert Grade.PASS is graded(small(tmp_path, rule, rows, period="2024-05")).grade
