"""What changed between two portfolios, and why: the unit, the requirement or a waiver (docs/history.md).

Causes are told apart by grading again: the earlier facts under the later requirement, the later facts under the
earlier one, and each with the other period's waivers. Nothing is guessed from texts or values.
"""

from __future__ import annotations

import calendar
import os.path
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from compliance.assessment import Audit, regrade
from compliance.data.portfolio import Portfolio, ReadyWaiver
from compliance.findings import phrases
from compliance.findings.history import direction, grows, matched, same_measure, sense
from compliance.findings.records import Finding, Grade
from compliance.findings.totals import RequirementTotal, Statistics, statistics
from compliance.language.facts import Fact
from compliance.language.periods import Period
from compliance.language.program import MILLION, Clause, Layer, Program, Ready, Test, compile_clause
from compliance.library import Library
from compliance.problems import InputError, Place, Problem, Problems
from compliance.words import Text, listed

__all__ = [
    "CAUSES",
    "REASONS",
    "Amended",
    "Changed",
    "Comparison",
    "Moved",
    "compare",
    "in_words",
    "laid_on",
    "later",
    "nothing_in_common",
    "rung_in_words",
    "unread",
]

CAUSES = ("unit", "requirement", "waiver")
REASONS = {
    "unit_new": Text("enheten fanns inte i {old}", "the unit wasn't in {old}"),
    "unit_gone": Text("enheten finns inte i {new}", "the unit isn't in {new}"),
    "closed_before": Text("enheten var inte öppen i {old}", "the unit wasn't open in {old}"),
    "closed_after": Text("enheten var inte öppen i {new}", "the unit wasn't open in {new}"),
    "requirement_new": Text("kravet fanns inte i {old}", "the requirement wasn't there in {old}"),
    "requirement_dropped": Text("kravet finns inte i {new}", "the requirement isn't there in {new}"),
    "not_concerned_before": Text(
        "kravet gällde inte enheten i {old}", "the requirement didn't concern the unit in {old}"
    ),
    "not_concerned_after": Text(
        "kravet gäller inte enheten i {new}", "the requirement doesn't concern the unit in {new}"
    ),
    "unknown_before": Text("gick inte att avgöra i {old}", "couldn't be told in {old}"),
    "unknown_after": Text("går inte att avgöra i {new}", "can't be told in {new}"),
    "unknown_both": Text(
        "går inte att avgöra i någon av perioderna", "can't be told in either of the periods"
    ),
    "other_measure": Text(
        "kravet mäter något annat än förut, och ingen av periodernas uppgifter räcker till båda måtten",
        "the requirement measures something else than before, and neither period has the facts for both",
    ),
    "other_length": Text(
        "perioderna är olika långa, och värdet växer med tiden",
        "the periods differ in length, and the value grows with time",
    ),
}
"""Why two findings can't be compared; {old} and {new} are the periods."""


class Changed(NamedTuple):
    """One requirement's grade for one unit, in both periods.

    Attributes:
        requirement, earlier: its id now and before; the same but where contracts are renumbered, and one of
            them None where it is new or dropped.
        outcome: same, changed, evened_out (the grade is the same, though one cause alone would have changed
            it) or incomparable.
        causes: of CAUSES, what made the difference (or would have); none where the outcome is same.
        how: alone, together (neither would have done by itself) or either (each would have done by itself);
            empty without causes.
        reason: why, or why not comparable.
        why_not: the key in REASONS, where it can't be compared.
        direction: of the value, as a finding has it.
        only: what the grade would be if nothing but that cause had changed; back: if all but that one had.
            None where the requirement wouldn't concern the unit.
    """

    unit: str
    requirement: str | None
    earlier: str | None
    before: Finding | None
    after: Finding | None
    outcome: str
    causes: tuple[str, ...]
    how: str
    reason: Text
    why_not: str | None = None
    direction: str | None = None
    only: Mapping[str, Grade | None] = MappingProxyType({})
    back: Mapping[str, Grade | None] = MappingProxyType({})

    @property
    def cause(self) -> str | None:
        """The only cause, or `several`."""
        if not self.causes:
            return None
        return self.causes[0] if len(self.causes) == 1 else "several"

    @property
    def id(self) -> str:
        """What to call the requirement: as now, if it still is."""
        return self.requirement or self.earlier or ""


class Amended(NamedTuple):
    """A requirement in both contracts, or in one of them. `changes` is empty where it is as it was.

    changes: new, dropped, or what differs: id, rule, measure, threshold, scope, period, agreements, obligation.
    before, after: its levels in words.
    """

    requirement: str | None
    earlier: str | None
    title: Text
    changes: tuple[str, ...]
    before: Text
    after: Text


class Moved(NamedTuple):
    """A measure over all units in both periods, exactly. `comparable` is false where it isn't the same one."""

    requirement: str
    clause: Clause
    ready: Ready
    before: Statistics
    after: Statistics
    direction: str | None

    @property
    def statistic(self) -> str:
        """The one that tells most: total, pooled or mean, as an audit's table has it."""
        if self.after.total is not None and self.ready.measure.kind != "count":
            return "total"
        return "pooled" if self.ready.measure.kind in ("share", "rate") else "mean"

    def difference(self, statistic: str) -> Fraction | None:
        before: Fraction | None = getattr(self.before, statistic)
        after: Fraction | None = getattr(self.after, statistic)
        return None if before is None or after is None else after - before


class Comparison:
    """What changed between `old` and `new`. Findings come by unit, then in the later contract's order."""

    def __init__(
        self, old: Audit, new: Audit, findings: tuple[Changed, ...], requirements: tuple[Amended, ...]
    ) -> None:
        self.old, self.new, self.findings, self.requirements = old, new, findings, requirements

    def of(self, outcome: str) -> tuple[Changed, ...]:
        return tuple(one for one in self.findings if one.outcome == outcome)

    @cached_property
    def changes(self) -> tuple[Changed, ...]:
        """The findings whose grade changed."""
        return self.of("changed")

    @cached_property
    def evened_out(self) -> tuple[Changed, ...]:
        return self.of("evened_out")

    @cached_property
    def incomparable(self) -> tuple[Changed, ...]:
        return self.of("incomparable")

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What was wrong with either input; files of a portfolio are named with its folder."""
        return tuple(sorted({_placed(p, audit) for audit in (self.old, self.new) for p in audit.errors}))

    @cached_property
    def totals(self) -> tuple[tuple[RequirementTotal, RequirementTotal], ...]:
        """The totals of each requirement that is in both contracts, before and after."""
        before = {total.requirement: total for total in self.old.requirements}
        pairs = {one.requirement: one.earlier for one in self.requirements if one.earlier}
        return tuple(
            (before[then], after)
            for after in self.new.requirements
            if (then := pairs.get(after.requirement)) is not None
        )

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """The measures that are the same in both contracts, over the units of each."""
        found: list[Moved] = []
        before = {clause.id: clause for clause in self.old.portfolio.program.clauses}
        values = [_values(self.old), _values(self.new)]
        pairs = {one.requirement: one.earlier for one in self.requirements if one.earlier}
        for clause in self.new.portfolio.program.clauses:
            then = before.get(pairs.get(clause.id) or "")
            if then is None:
                continue
            earlier = {ready.name: (at, ready) for at, ready in enumerate(then.own_measures())}
            for at, ready in enumerate(clause.own_measures()):
                position, other = earlier.get(ready.name, (0, None))
                if other is None or not same_measure(other, ready):
                    continue
                one = statistics(other, (f.measures[position] for f in values[0].get(then.id, ())))
                two = statistics(ready, (f.measures[at] for f in values[1].get(clause.id, ())))
                found.append(Moved(clause.id, clause, ready, one, two, _way(clause, at, one, two)))
        return tuple(found)


def _values(audit: Audit) -> dict[str, list[Finding]]:
    """Each requirement's findings whose values count in a total."""
    found: dict[str, list[Finding]] = {}
    for finding in audit.findings:
        if finding.grade is not Grade.NOT_APPLICABLE:
            found.setdefault(finding.requirement, []).append(finding)
    return found


def _way(clause: Clause, position: int, before: Statistics, after: Statistics) -> str | None:
    way = sense(clause)
    if position or way is None:
        return None
    ready = clause.measures[0]
    pooled = ready.measure.kind in ("share", "rate")
    pair = (after.pooled, before.pooled) if pooled else (after.mean, before.mean)
    return direction(way, *pair)


def compare(old: Audit, new: Audit) -> Comparison:
    """What changed from `old` to `new`, finding by finding, and because of what.

    Raises:
        InputError: they are the same portfolio, stand in the wrong order or have nothing in common.
    """
    _check(old, new)
    pairs = matched(old.portfolio.program.clauses, new.portfolio.program.clauses)
    if not pairs:
        raise InputError(
            [
                Problem(
                    Place(old.contract),
                    f"This contract and {new.contract} have no requirement in common, neither by id nor by rule "
                    "and title. Compare portfolios whose contracts follow on each other.",
                )
            ]
        )
    both = [
        _Both(old.portfolio, new.portfolio, before, after)
        for after in new.portfolio.program.clauses
        if (before := old.portfolio.program.clause(pairs.get(after.id, ""))) is not None
    ]
    grader = _Grader(old, new, both)
    return Comparison(old, new, grader.findings(), _amended(old, new, both))


def _check(old: Audit, new: Audit) -> None:
    first, second = _name(old), _name(new)
    if old.portfolio.folder.resolve() == new.portfolio.folder.resolve():
        message = "The two portfolios are the same. Name an earlier one first, and then a later one."
        raise InputError([Problem(Place(second), message)])
    names = {unit.unit: unit.name for unit in old.units}
    shared = [unit for unit in new.units if unit.unit in names]
    if not shared:
        message = (
            f"None of its units is in {first}: units are matched by their id. Use the same ids in both "
            "portfolios."
        )
        raise InputError([Problem(Place(second), message)])
    if not any(names[unit.unit] == unit.name for unit in shared) and len(shared) > 1:
        one = shared[0]
        message = (
            f"Not one of its units has the name that it has in {first}: {one.unit} is {one.name} here and "
            f"{names[one.unit]} there. Compare portfolios of the same units, or use the same names."
        )
        raise InputError([Problem(Place(second), message)])
    if old.portfolio.period.first > new.portfolio.period.first:
        message = (
            f"Its period, {old.period}, begins after that of {second}, {new.period}. Name the earlier "
            f"portfolio first: compliance compare {second} {first}."
        )
        raise InputError([Problem(Place(first), message)])


def _placed(problem: Problem, audit: Audit) -> Problem:
    place = problem.place
    if not (audit.portfolio.folder / place.file).exists():  # of the library
        return problem
    return Problem(place._replace(file=os.path.normpath(f"{_name(audit)}/{place.file}")), problem.message)


def _name(audit: Audit) -> str:
    return audit.portfolio.folder.resolve().name


# Requirements ------------------------------------------------------------------------------------


class _Both:
    """A requirement of both contracts, made ready for either period."""

    def __init__(self, old: Portfolio, new: Portfolio, before: Clause, after: Clause) -> None:
        self.before, self.after = before, after
        self.back = _laid_on(after, new, old, before.id)
        """The later requirement, for the earlier period."""
        self.on = _laid_on(before, old, new, after.id)
        self.same = self.back is not None and _graded_by(self.back) == _graded_by(before)
        """It grades as it did before, whatever else may be written otherwise."""
        self.grows = old.period.months != new.period.months and any(
            grows(ready) for clause in (before, after) for ready in clause.own_measures()
        )


def _laid_on(clause: Clause, own: Portfolio, other: Portfolio, id_: str) -> Clause | None:
    """A requirement as it would read for the other portfolio's period, under the id that it has there."""
    months = other.period.first - own.period.first
    return laid_on(clause, own.contract.period, other.program, months, other.program.facts, id_)


def unread(program: Program) -> set[str]:
    """Requirements that stand in the contract, but can't be graded because of errors: neither new nor dropped."""
    contract = program.contract
    there = {*contract.unreadable, *(requirement.id for requirement in contract.requirements)}
    return there - {clause.id for clause in program.clauses}


def nothing_in_common(old: Program, new: Program, name: object) -> Problem | None:
    """What to say where none of the new contract's requirements continues one of the old, all of them read."""
    if matched(old.clauses, new.clauses) or unread(old) or unread(new):
        return None
    message = (
        f"The contract {new.contract.id} has no requirement in common with {old.contract.id}, neither by id nor by "
        "rule and title. Name a version of the same contract."
    )
    return Problem(Place(str(name)), message)


def laid_on(
    clause: Clause,
    contracted: Period,
    program: Program,
    months: int,
    facts: Mapping[str, Fact | None],
    id_: str | None = None,
) -> Clause | None:
    """A requirement as it would read for a program's period.

    Its own dates and months are moved with the period. None where it can't be, or where facts of the same names
    are of another kind there, so that their values would be taken for something else.

    Args:
        contracted: the period of the requirement's own contract.
        months: how much later the program's period is.
        facts: those that are there.
        id_: what the requirement is to be called; its own id if None.
    """
    requirement = clause.requirement._replace(id=id_ or clause.id)
    if requirement.period is not None:
        requirement = requirement._replace(period=later(requirement.period, months))
    own = {fact.name: fact for ready in clause.measures for fact in ready.facts}
    if any(_kind(fact) != _kind(facts.get(name) or fact) for name, fact in own.items()):
        return None
    laid = compile_clause(
        requirement,
        Library.holding(own, {clause.rule.name: clause.rule}),
        later(contracted, months),
        program.period,
        program.as_of,
        Problems(),
    )
    return _with_dates_moved(laid, clause, months) if laid else None


def _kind(fact: Fact) -> Hashable:
    return fact.type, fact.per, fact.options


def later(period: Period, months: int) -> Period:
    """The same months so much later."""
    return Period(period.first + months, period.last + months, period.label)


def _with_dates_moved(laid: Clause, own: Clause, months: int) -> Clause:
    """Dates that the contract writes out (not period_end and as_of, which moved) move with the period."""

    def moved(now: int | None, then: int | None, ready: Ready | None) -> int | None:
        if ready is None or ready.type != "date" or now is None or now != then:
            return now
        return _moved_day(date.fromordinal(now // MILLION), months).toordinal() * MILLION

    def all_moved(now: Mapping[str, int | None], then: Mapping[str, int | None]) -> dict[str, int | None]:
        return {name: moved(value, then[name], laid.types.get(name)) for name, value in now.items()}

    tests: list[Test] = []
    for now, then in zip(laid.tests, own.tests, strict=True):
        value = moved(now.threshold.value, then.threshold.value, laid.measures[now.measure])
        tests.append(now._replace(threshold=now.threshold._replace(value=value)))
    return laid._replace(
        parameters=all_moved(laid.parameters, own.parameters),
        vary=tuple(
            Layer(now.scope, all_moved(now.parameters, then.parameters))
            for now, then in zip(laid.vary, own.vary, strict=True)
        ),
        tests=tuple(tests),
    )


def _moved_day(day: date, months: int) -> date:
    """The same day so many months later; a month's last day stays a month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not date.min.year <= year <= date.max.year:
        return day
    length = calendar.monthrange(year, month)[1]
    last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month, length if last else min(day.day, length))


def _measured(clause: Clause) -> Hashable:
    return tuple(
        (
            ready.measure.kind,
            ready.measure.over,
            ready.measure.coverage,
            (ready.measure.comparison, ready.measure.days, ready.measure.opens, ready.measure.closes),
            ready.part,
            ready.type,
            (ready.first, ready.last, ready.each, ready.once, ready.unit, ready.threshold, ready.terms),
            tuple((f.name, f.type, f.per, f.stock, f.options, f.default) for f in ready.facts),
        )
        for ready in clause.measures
    )


def _levels(clause: Clause) -> Hashable:
    """Thresholds as numbers, whatever the parameters are called."""
    names = tuple(dict.fromkeys(t.threshold.parameter for t in clause.tests if t.threshold.parameter))
    return (
        tuple(
            (test.rung, test.branch, test.measure, test.comparison)
            + (
                (names.index(test.threshold.parameter), clause.parameters[test.threshold.parameter])
                if test.threshold.parameter
                else (None, test.threshold.value)
            )
            for test in clause.tests
        ),
        tuple(
            (layer.scope.attributes, tuple(layer.parameters.get(name, "as it is") for name in names))
            for layer in clause.vary
        ),
        tuple(
            clause.parameters[ready.threshold.parameter]
            for ready in clause.measures
            if ready.threshold and ready.threshold.parameter
        ),
    )


def _graded_by(clause: Clause) -> Hashable:
    requirement = clause.requirement
    return (
        _measured(clause),
        _levels(clause),
        requirement.scope.attributes,
        requirement.via_agreement,
        (clause.first, clause.last),
    )


def _amended(old: Audit, new: Audit, both: Sequence[_Both]) -> tuple[Amended, ...]:
    continued = {pair.after.id: pair for pair in both}
    nothing = Text("", "")
    found: list[Amended] = []
    for clause in new.portfolio.program.clauses:
        pair = continued.get(clause.id)
        if pair is None:
            found.append(Amended(clause.id, None, clause.title, ("new",), nothing, in_words(clause)))
        else:
            before, after = in_words(pair.before), in_words(clause)
            found.append(Amended(clause.id, pair.before.id, clause.title, _differs(pair), before, after))
    kept = {pair.before.id for pair in both}
    for clause in old.portfolio.program.clauses:
        if clause.id not in kept:
            found.append(Amended(None, clause.id, clause.title, ("dropped",), in_words(clause), nothing))
    return tuple(found)


def _differs(pair: _Both) -> tuple[str, ...]:
    before, after, back = pair.before, pair.after, pair.back or pair.after
    one, other = before.requirement, after.requirement
    differences = {
        "id": before.id != after.id,
        "rule": before.rule.name != after.rule.name,
        "measure": _measured(before) != _measured(back),
        "threshold": _levels(before) != _levels(back),
        "scope": one.scope.attributes != other.scope.attributes,
        "period": (before.first, before.last) != (back.first, back.last),
        "agreements": one.via_agreement != other.via_agreement,
        "obligation": one.obligation != other.obligation,
    }
    return tuple(name for name, differs in differences.items() if differs)


def in_words(clause: Clause, settings: Mapping[str, int | None] | None = None) -> Text:
    """A requirement's levels: `minst 45 timmar, delvis minst 40 timmar`; empty where it has none."""
    return Text(
        *(
            _levels_in(clause, clause.parameters if settings is None else settings, lang)
            for lang in ("sv", "en")
        )
    )


def _levels_in(clause: Clause, settings: Mapping[str, int | None], lang: str) -> str:
    partly = "delvis" if lang == "sv" else "partly"
    met, in_part = (rung_in_words(clause, rung, settings, lang) for rung in ("pass", "partial"))
    return ", ".join(words for words in (met, f"{partly} {in_part}" if in_part else "") if words)


def rung_in_words(clause: Clause, rung: str, settings: Mapping[str, int | None], lang: str) -> str:
    """`minst 45 timmar`; empty where there is no such rung, or where a null parameter leaves it out.

    Args:
        settings: the parameters that hold, in millionths.
    """
    several = len({test.measure for test in clause.tests}) > 1
    both, either = (" och ", " eller ") if lang == "sv" else (" and ", " or ")
    branches: dict[int, list[str]] = {}
    for test in clause.tests:
        if test.rung != rung:
            continue
        name, ready = test.threshold.parameter, clause.measures[test.measure]
        limit = settings.get(name) if name else test.threshold.value
        if limit is None:
            return ""
        told = (
            phrases.known(bool(limit), lang)
            if test.comparison == "known"
            else phrases.comparison(ready, test.comparison, Fraction(limit, MILLION), lang)
        )
        label = f"{phrases.label(clause, ready, lang)}: " if several else ""
        branches.setdefault(test.branch, []).append(label + told)
    return either.join(both.join(parts) for parts in branches.values())


# Findings ----------------------------------------------------------------------------------------


Key = tuple[str, str]
"""A unit, and a requirement under the id that it has in the later contract."""
Corner = tuple[int, int, int]
"""Whose facts, whose requirement and whose waivers: 0 the earlier period's, 1 the later one's."""
CORNERS: tuple[Corner, ...] = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0))


class _Grader:
    """Both periods' findings side by side, and what they would be if only some of it had changed."""

    def __init__(self, old: Audit, new: Audit, both: Sequence[_Both]) -> None:
        self.old, self.new = old, new
        self.both = {pair.after.id: pair for pair in both}
        names = {pair.before.id: pair.after.id for pair in both}
        self.before = {(f.unit, names[f.requirement]): f for f in old.findings if f.requirement in names}
        self.after = {(f.unit, f.requirement): f for f in new.findings if f.requirement in self.both}
        self.waived = {
            (ready.waiver.unit, names[ready.waiver.requirement])
            for ready in old.portfolio.waivers
            if ready.waiver.requirement in names
        } | {(ready.waiver.unit, ready.waiver.requirement) for ready in new.portfolio.waivers}
        self.units = [{unit.id for unit in audit.portfolio.units} for audit in (old, new)]
        self.cubes = self._cubes()

    # Counterfactuals

    def _cubes(self) -> dict[Corner, dict[Key, Grade]]:
        """(new facts, new requirement, new waivers) -> grades; only of what can differ in between."""
        amended = {id_ for id_, pair in self.both.items() if not pair.same}
        eased = {id_ for _, id_ in self.waived if id_ in self.both}
        return {
            corner: self._regraded(corner, wanted)
            for corner in CORNERS
            if (wanted := _to_try(corner, amended, eased))
        }

    def _regraded(self, corner: Corner, wanted: set[str]) -> dict[Key, Grade]:
        facts, requirement, waivers = corner
        portfolio = (self.new if facts else self.old).portfolio
        clauses: list[Clause] = []
        ids: dict[str, str] = {}
        for id_ in sorted(wanted):
            pair = self.both[id_]
            clause = (
                (pair.after if requirement else pair.on)
                if facts
                else (pair.back if requirement else pair.before)
            )
            if clause is not None:
                clauses.append(clause)
                ids[clause.id] = id_
        if not clauses:
            return {}
        lent = list(self._waivers(facts, waivers, {clause.id: clause for clause in clauses}))
        grades = regrade(portfolio, clauses, lent)
        return {(unit, ids[id_]): grade for (unit, id_), grade in grades.items()}

    def _waivers(self, facts: int, waivers: int, clauses: Mapping[str, Clause]) -> Iterable[ReadyWaiver]:
        """The waivers of one period, laid on the other where they aren't its own."""
        here, there = (self.new, self.old) if facts else (self.old, self.new)
        source = here if facts == waivers else there
        months = here.portfolio.period.first - source.portfolio.period.first
        names = {pair.before.id: id_ for id_, pair in self.both.items()}
        for ready in source.portfolio.waivers:
            id_ = ready.waiver.requirement if waivers else names.get(ready.waiver.requirement, "")
            pair = self.both.get(id_)
            clause = clauses.get((pair.after if facts else pair.before).id) if pair else None
            if clause is None:
                continue
            waiver = ready.waiver._replace(
                requirement=clause.id,
                first=_moved_day(ready.waiver.first, months),
                last=_moved_day(ready.waiver.last, months) if ready.waiver.last else None,
            )
            held = {name: value for name, value in ready.parameters.items() if name in clause.parameters}
            yield ReadyWaiver(waiver, held)

    def _grade(self, key: Key, facts: int, requirement: int, waivers: int) -> Grade | None:
        """The grade at a corner; None where the requirement wouldn't concern the unit."""
        before, after = self.before[key].grade, self.after[key].grade
        if self.both[key[1]].same:
            requirement = facts
        if key not in self.waived:
            waivers = facts
        corner = (facts, requirement, waivers)
        if corner == (0, 0, 0):
            return before
        return after if corner == (1, 1, 1) else self.cubes.get(corner, {}).get(key)

    # What comes of it

    def findings(self) -> tuple[Changed, ...]:
        order = {clause.id: at for at, clause in enumerate(self.new.portfolio.program.clauses)}
        rest = {f.requirement for f in self.old.findings} - {pair.before.id for pair in self.both.values()}
        found = [self._changed(key) for key in self.before.keys() | self.after.keys()]
        found += [self._alone(f, None) for f in self.old.findings if f.requirement in rest]
        found += [self._alone(None, f) for f in self.new.findings if f.requirement not in self.both]
        return tuple(sorted(found, key=lambda one: (one.unit, order.get(one.id, len(order)), one.id)))

    def _alone(self, before: Finding | None, after: Finding | None) -> Changed:
        """A finding on a requirement that is in one of the contracts only."""
        one = before or after
        assert one is not None
        if one.unit in self.units[1 if before else 0]:
            why = "requirement_dropped" if before else "requirement_new"
        else:
            why = "unit_gone" if before else "unit_new"
        ids = (None, one.requirement) if before else (one.requirement, None)
        return self._incomparable(one.unit, ids, before, after, why)

    def _incomparable(
        self,
        unit: str,
        ids: tuple[str | None, str | None],
        before: Finding | None,
        after: Finding | None,
        why: str,
    ) -> Changed:
        words = REASONS[why]
        periods = {"old": self.old.period, "new": self.new.period}
        reason = Text(words.sv.format(**periods), words.en.format(**periods))
        return Changed(unit, *ids, before, after, "incomparable", (), "", reason, why)

    def _changed(self, key: Key) -> Changed:
        pair = self.both[key[1]]
        before, after = self.before.get(key), self.after.get(key)
        ids = (pair.after.id, pair.before.id)
        why = self._why_not(key, before, after)
        if why is not None or before is None or after is None:
            return self._incomparable(key[0], ids, before, after, why or "unknown_both")
        only, back = self._tried(key)
        causes, how = self._causes(key, only, back)
        outcome = "changed" if before.grade is not after.grade else "evened_out" if causes else "same"
        way = None
        if same_measure(pair.before.measures[0], pair.after.measures[0]):
            way = direction(sense(pair.after), after.measures[0].exact, before.measures[0].exact)
        nothing = Text("", "")
        one = Changed(key[0], *ids, before, after, outcome, causes, how, nothing, None, way, only, back)
        return one._replace(reason=self._reason(pair, one)) if causes else one

    def _why_not(self, key: Key, before: Finding | None, after: Finding | None) -> str | None:
        unit = key[0]
        if before is None:
            return "not_concerned_before" if unit in self.units[0] else "unit_new"
        if after is None:
            return "not_concerned_after" if unit in self.units[1] else "unit_gone"
        if _closed(before):
            return "closed_before"
        if _closed(after):
            return "closed_after"
        unknown = [f.grade is Grade.UNKNOWN for f in (before, after)]
        if any(unknown):
            return "unknown_both" if all(unknown) else "unknown_before" if unknown[0] else "unknown_after"
        pair = self.both[key[1]]
        if pair.grows:
            return "other_length"
        corners = [self._grade(key, facts, 1 - facts, facts) for facts in (0, 1)]
        if not pair.same and all(grade in (None, Grade.UNKNOWN) for grade in corners):
            return "other_measure"
        return None

    def _tried(self, key: Key) -> tuple[dict[str, Grade | None], dict[str, Grade | None]]:
        """The grade if only one cause had changed, and if all but one had."""
        corners = {cause: [int(cause == other) for other in CAUSES] for cause in self._possible(key)}
        only = {cause: self._grade(key, *bits) for cause, bits in corners.items()}
        back = {cause: self._grade(key, *(1 - bit for bit in bits)) for cause, bits in corners.items()}
        return only, back

    def _possible(self, key: Key) -> tuple[str, ...]:
        amended, waived = not self.both[key[1]].same, key in self.waived
        return ("unit", *(["requirement"] if amended else []), *(["waiver"] if waived else []))

    def _causes(
        self, key: Key, only: Mapping[str, Grade | None], back: Mapping[str, Grade | None]
    ) -> tuple[tuple[str, ...], str]:
        """What made the difference, and how: see `Changed`. What can't be told counts for nothing."""
        before, after = self.before[key].grade, self.after[key].grade
        nothing = (None, Grade.UNKNOWN)
        needed = tuple(c for c in only if back[c] not in (*nothing, after))
        if before is after:
            return tuple(c for c in only if c in needed or only[c] not in (*nothing, before)), ""
        enough = tuple(c for c in only if only[c] is after)
        if needed or enough:
            causes = needed or enough
            return causes, "alone" if len(causes) == 1 else "together" if needed else "either"
        return tuple(only), "together"

    def _reason(self, pair: _Both, one: Changed) -> Text:
        assert one.before is not None
        assert one.after is not None
        parts = [Text("", "")]
        if one.outcome == "evened_out":
            parts.append(EVENED_OUT)
        elif one.how in HOW:
            parts.append(HOW[one.how])
        if "unit" in one.causes:
            parts.append(self._of_unit(pair, one.before, one.after))
        if "requirement" in one.causes:
            parts.append(_of_requirement(pair, one.before, one.after))
        if "waiver" in one.causes:
            parts.append(_of_waiver(one.before, one.after))
        return Text(*(" ".join(part[lang] for part in parts if part[lang]) for lang in ("sv", "en")))

    def _of_unit(self, pair: _Both, before: Finding, after: Finding) -> Text:
        ready = pair.after.measures[0]
        then, now = before.measures[0].exact, after.measures[0].exact
        if then is None or now is None or then == now or not same_measure(pair.before.measures[0], ready):
            return Text("Enhetens uppgifter är andra än förut.", "The unit's figures aren't what they were.")
        limits = [Fraction(t) for t in (before.threshold, after.threshold) if t is not None]
        places = max(phrases.digits(ready, value, limits) for value in (then, now))
        sv, en = (
            [phrases.quantity(ready, value, lang, places) for value in (then, now)] for lang in ("sv", "en")
        )
        return Text(
            f"Enhetens värde gick från {sv[0]} till {sv[1]}.",
            f"The unit's value went from {en[0]} to {en[1]}.",
        )


def _to_try(corner: Corner, amended: set[str], eased: set[str]) -> set[str]:
    """The requirements that can be graded otherwise at a corner than where less has been exchanged."""
    facts, requirement, waivers = corner
    if facts != requirement:
        return amended & eased if facts != waivers else amended
    return eased if facts != waivers else set()


HOW = {
    "together": Text("Först tillsammans:", "Only together:"),
    "either": Text("Vart och ett hade räckt:", "Each would have been enough:"),
}
EVENED_OUT = Text("Tar ut varandra:", "They even out:")
DIFFERENCES = {
    "rule": Text("en annan regel", "another rule"),
    "measure": Text("ett annat mått", "another measure"),
    "scope": Text("andra som det gäller", "others whom it concerns"),
    "period": Text("andra månader", "other months"),
    "agreements": Text("annat om avtal", "other terms on agreements"),
    "threshold": Text("andra nivåer", "other levels"),
}


def _of_requirement(pair: _Both, before: Finding, after: Finding) -> Text:
    then = in_words(pair.before, before.evidence.unwaived_settings)
    now = in_words(pair.after, after.evidence.unwaived_settings)
    if then != now and then.sv and now.sv:
        return Text(
            f"Kravet är {now.sv} i stället för {then.sv}.",
            f"The requirement is {now.en} instead of {then.en}.",
        )
    if then != now:
        return Text(
            f"Kravet är nu {now.sv}." if now.sv else f"Kravet har ingen nivå längre; den var {then.sv}.",
            f"The requirement is now {now.en}."
            if now.en
            else f"The requirement has no level any more; it was {then.en}.",
        )
    names = [DIFFERENCES[name] for name in _differs(pair) if name in DIFFERENCES]
    sv, en = (listed([name[lang] for name in names], lang) for lang in ("sv", "en"))
    return Text(f"Kravet har ändrats: {sv}.", f"The requirement has changed: {en}.")


def _of_waiver(before: Finding, after: Finding) -> Text:
    then, now = _decisions(before), _decisions(after)
    came, went = [one for one in now if one not in then], [one for one in then if one not in now]
    parts: list[Text] = []
    if came:
        parts.append(Text("Dispens {} har kommit till.", "Waiver {} has come into force."))
    if went:
        parts.append(Text("Dispens {} gäller inte längre.", "Waiver {} is no longer in force."))
    if not parts:
        return Text("Dispenserna är andra än förut.", "The waivers aren't what they were.")
    names = [some for some in (came, went) if some]
    return Text(
        *(
            " ".join(part[lang].format(listed(some, lang)) for part, some in zip(parts, names, strict=True))
            for lang in ("sv", "en")
        )
    )


def _decisions(finding: Finding) -> list[str]:
    """The waiver in force, and those that took months out of the period."""
    clause, day = finding.evidence.clause, finding.evidence.portfolio.program.as_of
    return [
        ready.waiver.decision
        for ready in finding.evidence.waivers
        if ready.waiver.in_force(day)
        or (ready.waiver.exempt and ready.waiver.touches(clause.first, clause.last))
    ]


def _closed(finding: Finding) -> bool:
    first, last = finding.evidence.unit.open_months
    clause = finding.evidence.clause
    return finding.grade is Grade.NOT_APPLICABLE and (first > clause.last or last < clause.first)
