"""Totals per requirement, over all units or a group of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compliance.findings.records import Finding, Grade, MeasureValue
from compliance.language.program import MILLION, Clause, Ready
from compliance.words import decimal_of, rounded

__all__ = [
    "MeasureTotal",
    "RequirementTotal",
    "Statistics",
    "Totals",
    "adds_up",
    "requirement_totals",
    "statistics",
]


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
    """`waived` is how many of `grades` a waiver gave, and `unwaived` how they would be without waivers."""

    requirement: str
    grades: dict[Grade, int]
    waived: dict[Grade, int]
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
    totals = Totals(clauses)
    totals.add(findings)
    return totals.result(previous)


class Totals:
    """Totals of findings that come part by part: of each only its grades and its measures' sums are kept."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._clauses = {clause.id: _ClauseTotals(clause) for clause in clauses}

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._clauses[finding.requirement].add(finding)

    def result(self, previous: Mapping[str, RequirementTotal]) -> tuple[RequirementTotal, ...]:
        """The totals of every clause, in the contract's order."""
        return tuple(totals.result(previous.get(id_)) for id_, totals in self._clauses.items())


class _ClauseTotals:
    def __init__(self, clause: Clause) -> None:
        self.clause, self.measures = clause, clause.own_measures()
        self.grades, self.waived, self.unwaived = (dict.fromkeys(Grade, 0) for _ in range(3))
        self.sums = [_Sums() for _ in self.measures]
        self.bands = [0] * len(clause.bands)

    def add(self, finding: Finding) -> None:
        self.grades[finding.grade] += 1
        self.unwaived[finding.unwaived_grade] += 1
        if finding.eased:
            self.waived[finding.grade] += 1
        if finding.grade is Grade.NOT_APPLICABLE:
            return
        for sums, value in zip(self.sums, finding.measures, strict=True):
            if value.known:
                sums.add(value.top or 0, value.bottom or 0)
        for at, band in enumerate(self.clause.bands):
            self.bands[at] += _within(finding.measures[0].exact, band.comparisons)

    def result(self, previous: RequirementTotal | None) -> RequirementTotal:
        before = {total.measure: total for total in previous.measures} if previous else {}
        return RequirementTotal(
            requirement=self.clause.id,
            grades=self.grades,
            waived=self.waived,
            unwaived=self.unwaived,
            references=self.clause.requirement.references,
            bands=tuple(self.bands),
            measures=tuple(
                _measure_total(ready, sums, before.get(ready.name))
                for ready, sums in zip(self.measures, self.sums, strict=True)
            ),
        )


class _Sums:
    """Numerators and denominators of known values, in eight bytes each where they fit."""

    def __init__(self) -> None:
        self._tops: array[int] | list[int] = array("q")
        self._bottoms: array[int] | list[int] = array("q")

    def add(self, top: int, bottom: int) -> None:
        if abs(top) > LARGEST or bottom > LARGEST:
            self._tops, self._bottoms = list(self._tops), list(self._bottoms)
        self._tops.append(top)
        self._bottoms.append(bottom)

    def pairs(self) -> list[tuple[int, int]]:
        return list(zip(self._tops, self._bottoms, strict=True))


LARGEST = 2**63 - 1


def _measure_total(ready: Ready, sums: _Sums, before: MeasureTotal | None) -> MeasureTotal:
    pairs = sums.pairs()
    told = _spread(ready, pairs)
    dates, number = ready.type == "date", len(pairs)
    return MeasureTotal(
        measure=ready.name,
        units=number,
        mean=_shown_sum(pairs, number) if pairs and not dates else None,
        median=_shown(told.median),
        min=_shown(told.min),
        max=_shown(told.max),
        total=_shown_sum(pairs, 1) if pairs and adds_up(ready) else None,
        pooled=_shown(told.pooled),
        previous_mean=before.mean if before else None,
        previous_pooled=before.pooled if before else None,
        previous_total=before.total if before else None,
    )


def statistics(ready: Ready, values: Iterable[MeasureValue]) -> Statistics:
    """A measure over units, exactly."""
    pairs = [(value.top or 0, value.bottom or 0) for value in values if value.known]
    told = _spread(ready, pairs)
    if not pairs or ready.type == "date":
        return told
    total = _sum(pairs)
    return told._replace(mean=total / len(pairs), total=total if adds_up(ready) else None)


def _spread(ready: Ready, pairs: list[tuple[int, int]]) -> Statistics:
    """What takes no sum of quotients."""
    if not pairs:
        return Statistics()
    # Two quotients that differ do so by a part in the product of their denominators, and so do their whole parts.
    shift = 2 * max(bottom for _, bottom in pairs).bit_length()
    ordered = sorted(pairs, key=lambda pair: (pair[0] << shift) // pair[1])
    low, high = Fraction(*ordered[0]), Fraction(*ordered[-1])
    if ready.type == "date":  # a mean of dates says nothing
        return Statistics(units=len(pairs), min=low, max=high)
    middle = len(ordered) // 2
    median = Fraction(*ordered[middle])
    if len(ordered) % 2 == 0:
        median = (Fraction(*ordered[middle - 1]) + median) / 2
    pooled = Fraction(sum(top for top, _ in pairs), sum(bottom for _, bottom in pairs))
    return Statistics(units=len(pairs), median=median, min=low, max=high, pooled=pooled)


def _sum(pairs: list[tuple[int, int]]) -> Fraction:
    """The exact sum of quotients."""
    tops: dict[int, int] = {}
    for top, bottom in pairs:
        tops[bottom] = tops.get(bottom, 0) + top
    parts = [Fraction(top, bottom) for bottom, top in tops.items()]
    while len(parts) > 1:  # by halves, so that few of the additions are of long numbers
        parts = [sum(parts[at : at + 2], Fraction(0)) for at in range(0, len(parts), 2)]
    return parts[0]


def _shown_sum(pairs: list[tuple[int, int]], divisor: int) -> Decimal:
    """The sum of quotients, divided and rounded half-even to six decimals."""
    # The exact sum of thousands of quotients has thousands of digits. It is at least `low` and less than one more for
    # each of them, in units of 2 ** -128; if both round to the same, so does what lies between.
    low = sum((top << 128) // bottom for top, bottom in pairs)
    units, highest = (rounded(edge, divisor << 128, 6) for edge in (low, low + len(pairs)))
    return Decimal(f"{units}E-6") if units == highest else decimal_of(_sum(pairs) / divisor)


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
