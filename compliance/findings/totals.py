"""Totals per requirement, over all units or a group of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compliance.findings.records import Finding, Grade, MeasureValue, grade_counts
from compliance.language.program import MILLION, Clause, Ready
from compliance.words import decimal_of

__all__ = ["MeasureTotal", "RequirementTotal", "Statistics", "adds_up", "requirement_totals", "statistics"]


class MeasureTotal(NamedTuple):
    """A measure over units: mean and median of the units' values, `pooled` from their sums.

    `units` counts those whose value is known and to which the requirement applies; the others take no
    part. `total` is given for counts and sums only.
    """

    measure: str
    units: int
    mean: Decimal | None
    median: Decimal | None
    min: Decimal | None
    max: Decimal | None
    total: Decimal | None
    pooled: Decimal | None
    previous_mean: Decimal | None = None
    previous_pooled: Decimal | None = None
    previous_total: Decimal | None = None


class Statistics(NamedTuple):
    """What `MeasureTotal` shows, exactly; None where no unit's value is known, or it would say nothing."""

    units: int = 0
    mean: Fraction | None = None
    median: Fraction | None = None
    min: Fraction | None = None
    max: Fraction | None = None
    total: Fraction | None = None
    pooled: Fraction | None = None


class RequirementTotal(NamedTuple):
    requirement: str
    grades: dict[Grade, int]
    unwaived: dict[Grade, int]
    references: dict[str, Decimal]
    bands: tuple[int, ...]
    measures: tuple[MeasureTotal, ...]


def requirement_totals(
    clauses: Sequence[Clause],
    findings: Iterable[Finding],
    previous: Mapping[str, RequirementTotal],
) -> tuple[RequirementTotal, ...]:
    """The totals of every clause, in the contract's order."""
    grouped: dict[str, list[Finding]] = {clause.id: [] for clause in clauses}
    for finding in findings:
        grouped[finding.requirement].append(finding)
    return tuple(_total(clause, grouped[clause.id], previous.get(clause.id)) for clause in clauses)


def _total(clause: Clause, findings: list[Finding], previous: RequirementTotal | None) -> RequirementTotal:
    concerned = [f for f in findings if f.grade is not Grade.NOT_APPLICABLE]
    before = {total.measure: total for total in previous.measures} if previous else {}
    unwaived = dict.fromkeys(Grade, 0)
    for finding in findings:
        unwaived[finding.unwaived_grade] += 1
    return RequirementTotal(
        requirement=clause.id,
        grades=grade_counts(findings),
        unwaived=unwaived,
        references=clause.requirement.references,
        bands=tuple(
            sum(_within(f.measures[0].exact, band.comparisons) for f in concerned) for band in clause.bands
        ),
        measures=tuple(
            _measure_total(ready, [f.measures[at] for f in concerned], before.get(ready.name))
            for at, ready in enumerate(clause.own_measures())
        ),
    )


def _measure_total(ready: Ready, values: list[MeasureValue], before: MeasureTotal | None) -> MeasureTotal:
    exact = statistics(ready, values)
    return MeasureTotal(
        measure=ready.name,
        units=exact.units,
        mean=_shown(exact.mean),
        median=_shown(exact.median),
        min=_shown(exact.min),
        max=_shown(exact.max),
        total=_shown(exact.total),
        pooled=_shown(exact.pooled),
        previous_mean=before.mean if before else None,
        previous_pooled=before.pooled if before else None,
        previous_total=before.total if before else None,
    )


def statistics(ready: Ready, values: Iterable[MeasureValue]) -> Statistics:
    """A measure over units, exactly."""
    known = [value for value in values if value.exact is not None]
    exact = sorted(value.exact for value in known if value.exact is not None)
    if not exact:
        return Statistics()
    middle = len(exact) // 2
    total = sum(exact, Fraction(0))
    if ready.type == "date":  # a mean of dates says nothing
        return Statistics(units=len(exact), min=exact[0], max=exact[-1])
    return Statistics(
        units=len(exact),
        mean=total / len(exact),
        median=exact[middle] if len(exact) % 2 else (exact[middle - 1] + exact[middle]) / 2,
        min=exact[0],
        max=exact[-1],
        total=total if adds_up(ready) else None,
        pooled=sum((v.exact_numerator or Fraction(0) for v in known), Fraction(0))
        / sum((v.exact_denominator or Fraction(0) for v in known), Fraction(0)),
    )


def adds_up(ready: Ready) -> bool:
    """The units' values make a sum that means something: counts, and totals over the period."""
    if ready.measure.kind == "count":
        return True
    if ready.measure.kind != "value" or ready.type == "date":
        return False
    return ready.measure.over == "total" or all(fact.type == "count" for fact in ready.facts)


def _shown(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal_of(value)


def _within(value: Fraction | None, comparisons: tuple[tuple[str, int], ...]) -> bool:
    return value is not None and all(
        compares(value, word, Fraction(limit, MILLION)) for word, limit in comparisons
    )


def compares(value: Fraction, comparison: str, limit: Fraction) -> bool:
    """The five comparisons, on exact numbers."""
    return {
        "above": value > limit,
        "at_least": value >= limit,
        "below": value < limit,
        "at_most": value <= limit,
        "equals": value == limit,
    }[comparison]
