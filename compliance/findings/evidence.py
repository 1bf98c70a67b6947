"""What a finding rests on, and how the engine's rows become findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compliance.data.observations import NOW, Cell, State, period_of
from compliance.data.portfolio import Portfolio, ReadyWaiver
from compliance.data.units import Unit
from compliance.engine.run import Evaluation, FindingRow, MeasureRow
from compliance.findings.records import (
    Doubtful,
    Finding,
    Grade,
    MeasureValue,
    Missing,
    Previous,
    WaiverUsed,
)
from compliance.language.program import MILLION, Clause, Ready, Test, Threshold
from compliance.words import decimal_of

__all__ = ["Evidence", "make_findings", "measure_value", "points_of"]

PreviousFindings = Mapping[tuple[str, str], Previous]


class Evidence(NamedTuple):
    """Everything that explains one finding.

    Attributes:
        rows: the engine's sums, one for each of the clause's measures.
        settings: the parameters that counted, in millionths.
        unwaived_settings: those without a waiver.
        waivers: all waivers for the unit and requirement, whether or not they count.
        observed: the unit's observations, also of earlier months.
    """

    portfolio: Portfolio
    clause: Clause
    unit: Unit
    rows: tuple[MeasureRow, ...]
    settings: dict[str, int | None]
    unwaived_settings: dict[str, int | None]
    waivers: tuple[ReadyWaiver, ...]
    observed: Sequence[Cell]

    def limit(self, threshold: Threshold | None, unwaived: bool = False) -> Fraction | None:
        """A threshold's value; None where its parameter is null."""
        return limit_of(threshold, self.unwaived_settings if unwaived else self.settings)

    def lead(self) -> Test | None:
        """The `pass` rung's first criterion; None where a null parameter leaves the rung out."""
        tests = [test for test in self.clause.tests if test.rung == "pass"]
        if any(test.threshold.parameter and self.limit(test.threshold) is None for test in tests):
            return None
        return tests[0] if tests else None

    def cells(self) -> Iterable[Cell]:
        """The unit's observations of the facts that the clause uses, also of earlier months."""
        names = {fact.name for ready in self.clause.measures for fact in ready.facts}
        return (cell for cell in self.observed if cell.fact in names)


def make_findings(
    portfolio: Portfolio,
    evaluation: Evaluation,
    previous: PreviousFindings,
    scenario: int = 0,
) -> list[Finding]:
    """The findings of one scenario, by unit and then in the contract's order."""
    cells = {(cell.unit, cell.fact, cell.slot): cell for cell in portfolio.earlier}
    cells.update({(cell.unit, cell.fact, cell.slot): cell for cell in portfolio.cells})
    observed: dict[str, list[Cell]] = {}
    for cell in (*portfolio.cells, *portfolio.earlier):
        observed.setdefault(cell.unit, []).append(cell)
    waivers: dict[tuple[str, str], list[ReadyWaiver]] = {}
    for ready in portfolio.waivers:
        waivers.setdefault((ready.waiver.unit, ready.waiver.requirement), []).append(ready)
    bare = _bare_settings(portfolio, evaluation, scenario)
    return [
        _finding(portfolio, evaluation, row, previous, cells, observed, waivers, bare)
        for row in evaluation.findings
        if row.scenario == scenario
    ]


def _bare_settings(
    portfolio: Portfolio, evaluation: Evaluation, scenario: int
) -> dict[tuple[int, int], dict[str, int | None]]:
    """(unit, requirement) -> parameters without a waiver, where there is one."""
    return {
        (unit, requirement): evaluation.settings.get((profile, scenario), {})
        for unit, requirement, profile in evaluation.unwaived_profiles
    }


def _finding(
    portfolio: Portfolio,
    evaluation: Evaluation,
    row: FindingRow,
    previous: PreviousFindings,
    cells: dict[tuple[str, str, int], Cell],
    observed: dict[str, list[Cell]],
    waivers: dict[tuple[str, str], list[ReadyWaiver]],
    bare: dict[tuple[int, int], dict[str, int | None]],
) -> Finding:
    clause = portfolio.program.clauses[row.requirement]
    unit = portfolio.units[row.unit]
    rows = tuple(evaluation.measures[row.scenario, row.unit, row.requirement])
    settings = evaluation.settings.get((row.profile, row.scenario), {})
    evidence = Evidence(
        portfolio=portfolio,
        clause=clause,
        unit=unit,
        rows=rows,
        settings=settings,
        unwaived_settings=bare.get((row.unit, row.requirement), settings),
        waivers=tuple(waivers.get((unit.id, clause.id), ())),
        observed=observed.get(unit.id, ()),
    )
    values = tuple(
        measure_value(ready, sums)
        for ready, sums in zip(clause.measures, rows, strict=True)
        if ready.part == "measure"
    )
    missing, doubtful = _gaps(portfolio, evaluation, row, cells)
    lead = evidence.lead()
    known = lead is not None and lead.comparison == "known"
    limit = evidence.limit(lead.threshold) if lead and not known else None
    grade = Grade(row.grade)
    return Finding(
        unit=unit.id,
        requirement=clause.id,
        rule=clause.rule.name,
        obligation=clause.requirement.obligation,
        grade=grade,
        unwaived_grade=Grade(row.unwaived_grade),
        measures=values,
        comparison=lead.comparison if lead and (known or limit is not None) else None,
        threshold=decimal_of(limit) if limit is not None else None,
        points=points_of(clause, grade, values[0].exact, settings),
        previous=previous.get((unit.id, clause.id)),
        waiver=_waiver_used(evidence, portfolio),
        via=_via(evaluation, row, unit, cells),
        missing=missing,
        doubtful=doubtful,
        evidence=evidence,
    )


def measure_value(ready: Ready, sums: MeasureRow) -> MeasureValue:
    """A measure's sums in its own unit."""
    numerator = denominator = value = None
    if sums.enough and sums.top is not None and sums.bottom is not None:
        numerator, denominator = Fraction(sums.top, ready.unit), Fraction(sums.bottom, ready.unit)
        if sums.known:
            value = numerator / denominator
    return MeasureValue(
        measure=ready.name,
        value=None if value is None else decimal_of(value),
        numerator=None if numerator is None else decimal_of(numerator),
        denominator=None if denominator is None else decimal_of(denominator),
        exact=value,
        exact_numerator=numerator,
        exact_denominator=denominator,
    )


def _gaps(
    portfolio: Portfolio,
    evaluation: Evaluation,
    row: FindingRow,
    cells: dict[tuple[str, str, int], Cell],
) -> tuple[tuple[Missing, ...], tuple[Doubtful, ...]]:
    missing: list[Missing] = []
    doubtful: list[Doubtful] = []
    unit = portfolio.units[row.unit]
    before = portfolio.previous.period if portfolio.previous else None
    for gap in evaluation.gaps.get((row.unit, row.requirement), ()):
        if before is None and gap.slot < NOW:
            continue  # without a previous portfolio nothing is missing in it
        name = evaluation.facts[gap.fact]
        fact = portfolio.program.facts[name]
        period = period_of(fact, gap.slot, portfolio.period, before)
        cell = cells.get((unit.id, name, gap.slot))
        if gap.doubted and cell:
            doubtful.append(Doubtful(name, period, State(cell.state).name.lower(), cell.comment))
        else:
            missing.append(Missing(name, period))
    # Two portfolios of one year share the year's label.
    return tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(doubtful))


def _via(
    evaluation: Evaluation, row: FindingRow, unit: Unit, cells: dict[tuple[str, str, int], Cell]
) -> tuple[str, ...]:
    found = evaluation.through.get((row.unit, row.requirement), ())
    names = (cells[unit.id, evaluation.facts[fact], slot].via for fact, slot in found)
    return tuple(sorted({name for name in names if name}))


def _waiver_used(evidence: Evidence, portfolio: Portfolio) -> WaiverUsed | None:
    if (evidence.unit.id, evidence.clause.id) in portfolio.unsettled:
        return None
    day = portfolio.program.as_of
    for ready in evidence.waivers:
        waiver = ready.waiver
        if waiver.in_force(day):
            return WaiverUsed(waiver.decision, waiver.first, waiver.last, waiver.exempt, waiver.parameters)
    return None


def points_of(
    clause: Clause, grade: Grade, value: Fraction | None, settings: Mapping[str, int | None]
) -> Decimal | None:
    """A finding's points, by its first measure's value or its grade; None where there are none to give.

    Args:
        settings: the parameters that hold, in millionths.
    """
    ready = clause.points
    if ready is None or value is None or grade is Grade.NOT_APPLICABLE:
        return None
    if ready.points.largest is None:
        if grade is Grade.UNKNOWN:
            return None
        return _trimmed(dict(ready.points.by_grade).get(grade.value, Decimal(0)))
    low, high = limit_of(ready.from_, settings), limit_of(ready.to, settings)
    if low is None or high is None or low == high:
        return None
    part = min(max((value - low) / (high - low), Fraction(0)), Fraction(1))
    return _trimmed(decimal_of(Fraction(ready.points.largest) * part))


def limit_of(threshold: Threshold | None, settings: Mapping[str, int | None]) -> Fraction | None:
    """A threshold's value; None where its parameter is null."""
    if threshold is None:
        return None
    value = threshold.value if threshold.parameter is None else settings.get(threshold.parameter)
    return None if value is None else Fraction(value, MILLION)


def _trimmed(value: Decimal) -> Decimal:
    return value.normalize() if value else Decimal(0)
