"""What a finding rests on, and how the engine's rows become findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from compliance.data.observations import NOW, Cell, Cells, State, period_of
from compliance.data.portfolio import Portfolio, ReadyWaiver
from compliance.data.units import Unit
from compliance.engine.run import Evaluation, FindingRow, Gap, MeasureRow
from compliance.findings.history import direction, sense
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
GRADES = {grade.value: grade for grade in Grade}
NO_SETTINGS: dict[str, int | None] = {}


class Evidence(NamedTuple):
    """Everything that explains one finding.

    Attributes:
        rows: the engine's sums, one for each of the clause's measures.
        settings: the parameters that counted, in millionths.
        unwaived_settings: those without a waiver.
        waivers: all waivers for the unit and requirement, whether or not they count.
        observed: the unit's observations, also of earlier months.
        memo: what was worked out for one finding of the clause under these settings, and holds for all of them.
    """

    portfolio: Portfolio
    clause: Clause
    unit: Unit
    rows: tuple[MeasureRow, ...]
    settings: dict[str, int | None]
    unwaived_settings: dict[str, int | None]
    waivers: tuple[ReadyWaiver, ...]
    observed: Sequence[Cell] | Observed
    memo: dict[Any, Any]

    def limit(self, threshold: Threshold | None, unwaived: bool = False) -> Fraction | None:
        """A threshold's value; None where its parameter is null."""
        return limit_of(threshold, self.unwaived_settings if unwaived else self.settings)

    def lead(self) -> Test | None:
        """The `pass` rung's first criterion; None where a null parameter leaves the rung out."""
        if "lead" not in self.memo:
            self.memo["lead"] = self._lead()
        lead: Test | None = self.memo["lead"]
        return lead

    def _lead(self) -> Test | None:
        tests = [test for test in self.clause.tests if test.rung == "pass"]
        if any(test.threshold.parameter and self.limit(test.threshold) is None for test in tests):
            return None
        return tests[0] if tests else None

    def cells(self) -> Iterable[Cell]:
        """The unit's observations of the facts that the clause uses, also of earlier months."""
        names = {fact.name for ready in self.clause.measures for fact in ready.facts}
        if isinstance(self.observed, Observed):
            return self.observed.of(names)
        return (cell for cell in self.observed if cell.fact in names)

    def singled(self) -> Iterable[Cell]:
        """As `cells`, without the plain ones, of which nothing is told but their values."""
        observed = self.observed.single if isinstance(self.observed, Observed) else self.observed
        names = {fact.name for ready in self.clause.measures for fact in ready.facts} if observed else ()
        return (cell for cell in observed if cell.fact in names)


class Observed(NamedTuple):
    """One unit's observations, of which the plain ones are looked up when they are asked for.

    Attributes:
        single: the others, also of earlier months.
        own: how many of `single` aren't the previous portfolio's.
    """

    unit: str
    cells: Cells
    single: list[Cell]
    own: int

    def of(self, facts: Iterable[str]) -> Iterator[Cell]:
        """The observations of some facts."""
        wanted = set(facts)
        own = [cell for cell in self.single[: self.own] if cell.fact in wanted]
        own += [cell for fact in wanted for cell in self.cells.plain_of(self.unit, fact)]
        yield from sorted(own, key=lambda cell: (cell.fact, cell.slot))
        yield from (cell for cell in self.single[self.own :] if cell.fact in wanted)


def make_findings(
    portfolio: Portfolio,
    evaluation: Evaluation,
    previous: PreviousFindings,
    scenario: int = 0,
) -> list[Finding]:
    """The findings of one scenario, by unit and then in the contract's order."""
    maker = _Maker(portfolio, evaluation, previous, scenario)
    return [maker.finding(row) for row in evaluation.findings if row.scenario == scenario]


def _bare_settings(
    portfolio: Portfolio, evaluation: Evaluation, scenario: int
) -> dict[tuple[int, int], dict[str, int | None]]:
    """(unit, requirement) -> parameters without a waiver, where there is one."""
    return {
        (unit, requirement): evaluation.settings.get((profile, scenario), {})
        for unit, requirement, profile in evaluation.unwaived_profiles
    }


class _Maker:
    """What the findings of one scenario are made from."""

    def __init__(
        self, portfolio: Portfolio, evaluation: Evaluation, previous: PreviousFindings, scenario: int
    ) -> None:
        self.portfolio, self.evaluation, self.previous, self.scenario = (
            portfolio,
            evaluation,
            previous,
            scenario,
        )
        held = portfolio.cells
        cells = held if isinstance(held, Cells) else Cells(held, None, ())
        self.cells = {_key(cell): cell for cell in (*portfolio.earlier, *cells.single)}
        self.observed = {unit.id: Observed(unit.id, cells, [], 0) for unit in portfolio.units}
        for cell in cells.single:
            self.observed[cell.unit].single.append(cell)
        for id_, observed in self.observed.items():
            self.observed[id_] = observed._replace(own=len(observed.single))
        for cell in portfolio.earlier:
            self.observed[cell.unit].single.append(cell)
        self.waivers: dict[tuple[str, str], list[ReadyWaiver]] = {}
        for ready in portfolio.waivers:
            self.waivers.setdefault((ready.waiver.unit, ready.waiver.requirement), []).append(ready)
        self.bare = _bare_settings(portfolio, evaluation, scenario)
        self.senses = [sense(clause) for clause in portfolio.program.clauses]
        self.memos: dict[tuple[int, int, int], dict[Any, Any]] = {}

    def finding(self, row: FindingRow) -> Finding:
        portfolio, evaluation = self.portfolio, self.evaluation
        clause, unit = portfolio.program.clauses[row.requirement], portfolio.units[row.unit]
        rows = tuple(evaluation.measures[row.scenario, row.unit, row.requirement])
        settings = evaluation.settings.get((row.profile, row.scenario), NO_SETTINGS)
        key = (row.unit, row.requirement)
        unwaived = self.bare.get(key, settings)
        about = (row.requirement, row.profile, id(unwaived))
        memo = self.memos.get(about)
        if memo is None:
            memo = self.memos[about] = {}
        evidence = Evidence(
            portfolio,
            clause,
            unit,
            rows,
            settings,
            unwaived,
            tuple(self.waivers.get((unit.id, clause.id), ())) if self.waivers else (),
            self.observed[unit.id],
            memo,
        )
        leading = memo.get("leading")
        if leading is None:
            leading = memo["leading"] = _leading(evidence)
        values = tuple(
            [
                measure_value(ready, sums)
                for ready, sums in zip(clause.measures, rows, strict=True)
                if ready.part == "measure"
            ]
        )
        gaps, through = evaluation.gaps.get(key), evaluation.through.get(key)
        missing, doubtful = self._gaps(unit.id, gaps) if gaps else ((), ())
        grade = GRADES[row.grade]
        before = self.previous.get((unit.id, clause.id)) if self.previous else None
        comparison, threshold = leading
        return Finding(
            unit=unit.id,
            requirement=clause.id,
            rule=clause.rule.name,
            obligation=clause.requirement.obligation,
            grade=grade,
            unwaived_grade=GRADES[row.unwaived_grade],
            measures=values,
            comparison=comparison,
            threshold=threshold,
            points=points_of(clause, grade, values[0].exact, settings) if clause.points else None,
            previous=before,
            waiver=_waiver_used(evidence, portfolio) if evidence.waivers else None,
            via=self._via(unit.id, through) if through else (),
            missing=missing,
            doubtful=doubtful,
            evidence=evidence,
            direction=direction(self.senses[row.requirement], values[0].exact, before.exact)
            if before
            else None,
            failing_periods=1 + bool(before and before.grade is Grade.FAIL) if grade is Grade.FAIL else 0,
        )

    def _gaps(self, unit: str, gaps: list[Gap]) -> tuple[tuple[Missing, ...], tuple[Doubtful, ...]]:
        portfolio = self.portfolio
        missing: list[Missing] = []
        doubtful: list[Doubtful] = []
        before = portfolio.previous.period if portfolio.previous else None
        for gap in gaps:
            if before is None and gap.slot < NOW:
                continue  # without a previous portfolio nothing is missing in it
            name = self.evaluation.facts[gap.fact]
            fact = portfolio.program.facts[name]
            period = period_of(fact, gap.slot, portfolio.period, before)
            cell = self.cells.get((unit, name, gap.slot)) if gap.doubted else None
            if cell:
                doubtful.append(Doubtful(name, period, State(cell.state).name.lower(), cell.comment))
            else:
                missing.append(Missing(name, period))
        # Two portfolios of one year share the year's label.
        return tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(doubtful))

    def _via(self, unit: str, through: list[tuple[int, int]]) -> tuple[str, ...]:
        names = (self.cells[unit, self.evaluation.facts[fact], slot].via for fact, slot in through)
        return tuple(sorted({name for name in names if name}))


def _key(cell: Cell) -> tuple[str, str, int]:
    return cell.unit, cell.fact, cell.slot


def _leading(evidence: Evidence) -> tuple[str | None, Decimal | None]:
    """The comparison and the threshold that a finding tells."""
    lead = evidence.lead()
    if lead is None:
        return None, None
    if lead.comparison == "known":
        return "known", None
    limit = evidence.limit(lead.threshold)
    return (None, None) if limit is None else (lead.comparison, decimal_of(limit))


def measure_value(ready: Ready, sums: MeasureRow) -> MeasureValue:
    """A measure's sums in its own unit."""
    told = sums.enough and sums.top is not None and sums.bottom is not None
    top, bottom = (sums.top, sums.bottom) if told else (None, None)
    return MeasureValue(ready.name, top, bottom, ready.unit, told and sums.known)


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
