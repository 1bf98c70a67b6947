"""One finding's observations, so that its measures can be worked out under changes.

The engine grades whole portfolios in SQL; this works out one clause for one unit, exactly as
`compliance/engine/sql/09_months.sql` does it, many times over while a remedy is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from compliance.data.observations import BEFORE, NOW, State
from compliance.findings.evidence import Evidence
from compliance.language.facts import Fact
from compliance.language.periods import month_index
from compliance.language.program import MILLION, Ready, Term
from compliance.language.schedule import Schedule
from compliance.remedy.records import Held, Key

__all__ = ["Changes", "Figures", "Sums", "compared", "open_days"]

Changes = Mapping[Key, Held]
NOTHING: Changes = {}


class Sums(NamedTuple):
    """A measure's two sums. Months that are asked for and that count; `known`: there is a value."""

    asked: tuple[int, ...]
    counted: tuple[int, ...]
    enough: bool
    known: bool
    top: int
    bottom: int


class Figures:
    """What is known of one unit's facts, for the measures of one clause."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.clause = evidence.clause
        portfolio = evidence.portfolio
        self.values: dict[Key, Held] = {}
        self.doubted: set[Key] = set()
        through: set[Key] = set()
        for cell in evidence.cells():
            key = (cell.fact, cell.slot)
            if key in self.values or key in self.doubted:
                continue  # what the portfolio itself says of an earlier month wins over its predecessor
            if cell.state is not State.GOOD or cell.value is None:
                self.doubted.add(key)
                continue
            schedule = portfolio.schedules.get(cell.text) if cell.text else None
            self.values[key] = schedule or cell.value
            if cell.via is not None:
                through.add(key)
        self.refused = through if not self.clause.requirement.via_agreement else set()
        self.shift = portfolio.shift
        self._asked: dict[int, tuple[int, ...]] = {}

    @cached_property
    def before(self) -> bool:
        """The unit is one of the previous portfolio's."""
        previous = self.evidence.portfolio.previous
        return previous is not None and any(unit.id == self.evidence.unit.id for unit in previous.units)

    @cached_property
    def facts(self) -> dict[str, Fact]:
        return {fact.name: fact for ready in self.clause.measures for fact in ready.facts}

    @cached_property
    def _exempt(self) -> list[tuple[int, int]]:
        return [
            (
                month_index(w.waiver.first.year, w.waiver.first.month),
                month_index(w.waiver.last.year, w.waiver.last.month) if w.waiver.last else 10**6,
            )
            for w in self.evidence.waivers
            if w.waiver.exempt
        ]

    def asked(self, ready: Ready) -> tuple[int, ...]:
        """The months that a measure asks for, of this unit."""
        known = self._asked.get(id(ready))
        if known is None:
            known = self._asked[id(ready)] = self._months(ready)
        return known

    def _months(self, ready: Ready) -> tuple[int, ...]:
        if not ready.monthly:
            return ()
        first, last = self.evidence.unit.open_months
        months = [
            month
            for month in range(max(first, ready.first), min(last, ready.last) + 1)
            if not any(a <= month <= b for a, b in self._exempt)
        ]
        return tuple(months[-1:] if _only_last(ready) else months)

    def slot(self, term: Term, month: int | None) -> int:
        """Where a term looks for its value in a month (None: what is observed once)."""
        if month is None:
            return BEFORE if term.earlier else NOW
        if term.earlier:
            return month - self.shift if self.shift else -MILLION
        return month

    def held(
        self, ready: Ready, fact: Fact, slot: int, changes: Changes, earlier: bool = False
    ) -> int | None:
        """A value as the measure takes it; None where nothing that can be relied on is there."""
        key = (fact.name, slot)
        held = changes.get(key)
        changed = held is not None
        if held is None:
            held = self.values.get(key)
        if ready.measure.kind == "answered":
            return 0 if held is None else MILLION
        if held is None:
            if fact.default is None or key in self.doubted or not self.evidence.portfolio.defaults_hold:
                return None
            return int(fact.default * MILLION) if not earlier or self.before else None
        if not changed and key in self.refused:
            return 0
        if isinstance(held, Schedule):
            if ready.measure.kind == "open":
                return len(open_days(ready, held)) * MILLION
            return held.minutes * MILLION
        return held

    def missing(self, ready: Ready, changes: Changes) -> tuple[list[Key], list[Key]]:
        """The cells without which too little is known: what can be filled in, and what lies before the period.

        Of a measure that is content with some of the months, only so many as it lacks.
        """
        sums = self.sums(ready, changes)
        if sums.enough:
            return [], []
        gaps: list[Key] = []
        lost: list[Key] = []
        coverage = ready.measure.coverage
        lacking = [month for month in sums.asked if month not in set(sums.counted)]
        if coverage is not None:
            lacking = lacking[: max(0, min(coverage, len(sums.asked)) - len(sums.counted))]
        for term in ready.terms:
            fact = self.facts[term.fact]
            for month in lacking if fact.monthly else (None,):
                slot = self.slot(term, month)
                if self.held(ready, fact, slot, changes, term.earlier) is None:
                    (lost if term.earlier else gaps).append((fact.name, slot))
        return list(dict.fromkeys(gaps)), lost

    def sums(self, ready: Ready, changes: Changes = NOTHING) -> Sums:
        """A measure's sums with some cells changed."""
        asked = self.asked(ready)
        measure = ready.measure
        tops: list[int] = []
        counted: list[int] = []
        top = top_n = bottom = bottom_n = 0
        for month in asked:
            month_top = 0
            month_sums = [0, 0, 0]
            for term in ready.terms:
                fact = self.facts[term.fact]
                if not fact.monthly:
                    continue
                value = self.held(ready, fact, self.slot(term, month), changes, term.earlier)
                if value is None:
                    break
                part = term.weight * value
                if term.numerator and not term.by_months:
                    month_top += part
                elif term.numerator:
                    month_sums[0] += part
                else:
                    month_sums[2 if term.by_months else 1] += part
            else:
                counted.append(month)
                tops.append(month_top)
                top += month_top
                top_n += month_sums[0]
                bottom += month_sums[1]
                bottom_n += month_sums[2]
        single_top = 0
        singles = True
        for term in ready.terms:
            fact = self.facts[term.fact]
            if fact.monthly:
                continue
            value = self.held(ready, fact, self.slot(term, None), changes, term.earlier)
            if value is None:
                singles = False
                continue
            part = term.weight * value
            if term.numerator and term.by_months:
                top_n += part
            elif term.numerator:
                single_top += part
            elif term.by_months:
                bottom_n += part
            else:
                bottom += part
        needed = len(asked) if measure.coverage is None else min(measure.coverage, len(asked))
        enough = singles and (not ready.monthly or (len(counted) > 0 and len(counted) >= needed))
        n = len(counted) if ready.monthly else 1
        if measure.over in ("last", "min", "max") and tops:
            top = {"last": tops[-1], "min": min(tops), "max": max(tops)}[measure.over]
        top += single_top + n * top_n
        bottom += n * bottom_n + n * ready.each + ready.once
        known = enough and bottom > 0
        if measure.kind == "months":
            limit = self.evidence.limit(ready.threshold)
            if limit is None:
                return Sums(asked, tuple(counted), enough, False, 0, bottom)
            scale = MILLION * ready.facts[0].divisor
            holding = [t for t in tops if compared(t, scale, str(measure.comparison), int(limit * MILLION))]
            top = 100 * len(holding)
        return Sums(asked, tuple(counted), enough, known, top, bottom)


def _only_last(ready: Ready) -> bool:
    measure = ready.measure
    if measure.kind == "change":
        return ready.facts[0].stock
    return measure.over == "last" and measure.coverage is None


def compared(top: int, bottom: int, comparison: str, limit: int) -> bool:
    """Whether `top / bottom` compares so with a limit in millionths; without dividing."""
    left, right = top * MILLION, limit * bottom
    if comparison == "above":
        return left > right
    if comparison == "at_least":
        return left >= right
    if comparison == "below":
        return left < right
    if comparison == "at_most":
        return left <= right
    return left == right


def open_days(ready: Ready, schedule: Schedule) -> set[int]:
    """The days on which the unit is open all the time that the measure asks about."""
    opens, closes = ready.measure.opens, ready.measure.closes
    return {
        day
        for day, start, end in schedule.rows()
        if day in ready.measure.days and start <= opens and end >= closes
    }
