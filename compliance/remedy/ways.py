"""The smallest changes that make a finding a pass, over its ladder and its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import NamedTuple

from compliance.data.observations import BEFORE, NOW
from compliance.findings.evidence import Evidence
from compliance.findings.records import Finding, Grade
from compliance.language.facts import Fact
from compliance.language.periods import month_index
from compliance.language.program import MILLION, Ready, Test
from compliance.language.schedule import Schedule
from compliance.remedy.figures import Changes, Figures, Sums
from compliance.remedy.levers import FARTHEST, WHOLE, Lever, bounds, grid_of, levers
from compliance.remedy.records import Found, Held, Key, Remedy, Step, Why
from compliance.remedy.settings import settings_of

__all__ = ["Move", "Search", "Want", "branches_of", "step_of", "wants_of", "ways"]

MOST_WAYS = 12
MOST_BRANCHES = 24
DEEPEST = 5
COUNTED = frozenset({"hold", "fewer hold", "yes", "fewer yes", "days", "fewer days", "answer"})
Branch = tuple[Test, ...]
Cost = tuple[Fraction, int, int, Fraction]
"""How much changes as parts of what there is, in how many steps and moves, and how much in the facts' units."""


def ways(finding: Finding) -> Found:
    """Every way for a finding to pass that was found, the cheapest first."""
    evidence = finding.evidence
    if finding.grade in (Grade.PASS, Grade.INFO, Grade.NOT_APPLICABLE):
        return Found((), None)
    if not evidence.unit.readable:
        return Found((), Why("unit"))
    if (evidence.unit.id, evidence.clause.id) in evidence.portfolio.unsettled:
        return Found((), Why("waivers"))
    return Search(Figures(evidence)).found()


class Want(NamedTuple):
    """What a branch asks of one measure. `low` and `high` in millionths; `known` is asked for, or isn't, or either."""

    position: int
    low: int | None
    low_open: bool
    high: int | None
    high_open: bool
    known: bool | None

    def side(self, sums: Sums) -> int:
        """-1: the value is too low, 1: too high, 0: it is right. Needs a value."""
        return self.side_of(sums.top, sums.bottom)

    def side_of(self, top: int, bottom: int) -> int:
        """As `side`, of a numerator and a denominator above zero."""
        left = top * MILLION
        if self.low is not None:
            right = self.low * bottom
            if left < right or (self.low_open and left == right):
                return -1
        if self.high is not None:
            right = self.high * bottom
            if left > right or (self.high_open and left == right):
                return 1
        return 0

    def holds(self, sums: Sums) -> bool:
        if self.known is False:
            return not sums.known
        return sums.known and self.side(sums) == 0


def wants_of(evidence: Evidence, branch: Branch) -> tuple[list[Want], int | None]:
    """What a branch asks of each measure, and the measure of which it asks for two things that can't both be."""
    wants: dict[int, Want] = {}
    for test in branch:
        want = wants.get(test.measure, Want(test.measure, None, False, None, False, None))
        known = bool(test.threshold.value) if test.comparison == "known" else True
        if want.known is not None and want.known is not known:
            return [], test.measure
        want = want._replace(known=known)
        limit = evidence.limit(test.threshold)
        if test.comparison != "known" and limit is not None:
            at = int(limit * MILLION)
            if test.comparison in ("above", "at_least", "equals"):
                strict = test.comparison == "above"
                if want.low is None or (at, strict) > (want.low, want.low_open):
                    want = want._replace(low=at, low_open=strict)
            if test.comparison in ("below", "at_most", "equals"):
                strict = test.comparison == "below"
                if want.high is None or (-at, strict) > (-want.high, want.high_open):
                    want = want._replace(high=at, high_open=strict)
        wants[test.measure] = want
    for want in wants.values():
        if want.low is not None and want.high is not None:
            open_ends = want.low_open or want.high_open
            if want.low > want.high or (want.low == want.high and open_ends):
                return [], want.position
    return list(wants.values()), None


class Move(NamedTuple):
    """A lever, how many steps it takes (`bound`: exactly), and for which want."""

    lever: Lever
    want: Want
    steps: int
    bound: Fraction
    strict: bool


class Search:
    """Looks for the changes of one finding's facts that make it a pass."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.evidence: Evidence = figures.evidence
        self.clause = figures.clause
        self.whys: list[Why] = []
        self.left = _left(self.evidence)
        self.coming: dict[int, tuple[Key, ...]] = {}

    def found(self) -> Found:
        branches = list(islice(branches_of(self.evidence), MOST_BRANCHES))
        if not branches:
            return self._reported()
        found: list[tuple[Cost, int, Remedy]] = []
        for index, branch in enumerate(branches):
            wants = self._wants(branch)
            if wants is None:
                continue
            found += [(_cost(remedy, moves), index, remedy) for remedy, moves in self._ways(wants)]
        if len(branches) > 1:  # within a branch the most natural way comes first
            best: dict[int, Cost] = {}
            for cost, index, _ in found:
                best[index] = min(best.get(index, cost), cost)
            found.sort(key=lambda one: (best[one[1]], one[1]))
        remedies = list(dict.fromkeys(remedy for *_, remedy in found))
        if remedies:
            return Found(tuple(remedies[:MOST_WAYS]), None)
        return Found((), self._why())

    def _why(self) -> Why:
        order = ("no_month", "before", "range", "whole", "contradiction", "known", "no_level")
        return min(self.whys or [Why("contradiction")], key=lambda why: order.index(why.kind))

    def _reported(self) -> Found:
        """Without a level there is nothing to pass; what is missing can be reported all the same."""
        has_rung = any(test.rung in ("pass", "partial") for test in self.clause.tests)
        gaps, lost = self.figures.missing(self.clause.measures[0], {})
        if has_rung and any(self.evidence.limit(t.threshold) is not None for t in self.clause.tests):
            return Found((), Why("no_level"))
        want = Want(0, None, False, None, False, True)
        ways_ = self._ways([want, *self._applied()]) if gaps or not lost else iter(())
        found = tuple(remedy for remedy, _ in islice(ways_, 1))
        return Found(found, None if found else self._why())

    def _applied(self) -> list[Want]:
        """What the first branch of the conditions asks for."""
        applies = next(_conditions(self.evidence), ())
        return self._wants(applies) or []

    # Criteria

    def _wants(self, branch: Branch) -> list[Want] | None:
        wants, contradicted = wants_of(self.evidence, branch)
        if contradicted is not None:
            self.whys.append(Why("contradiction", contradicted))
            return None
        return wants

    def _ready(self, want: Want) -> Ready:
        return self.clause.measures[want.position]

    def _holds(self, want: Want, changes: Changes) -> bool:
        return want.holds(self.figures.sums(self._ready(want), changes))

    # Searching

    def _ways(self, wants: Sequence[Want]) -> Iterator[tuple[Remedy, int]]:
        """Each way to meet all wants, and how many moves it takes."""
        filled = self._fill(wants)
        if filled is None:
            return
        changes, reported = filled
        # First with what must be reported anyway, then with what has been reported.
        for only_new in (True, False) if changes else (False,):
            found = False
            for after, moves in self._search(wants, dict(changes), reported, only_new, 0):
                found = True
                yield self._remedy(wants, changes, after, moves, reported), len(moves)
            if found:
                return

    def _fill(self, wants: Sequence[Want]) -> tuple[dict[Key, Held], dict[int, tuple[Key, ...]]] | None:
        """Values for what is missing, and by measure what that is; None where it can't be filled in."""
        changes: dict[Key, Held] = {}
        reported: dict[int, tuple[Key, ...]] = {}
        self.coming = {}
        for want in wants:
            if want.known is not True:
                continue
            ready = self._ready(want)
            if ready.measure.kind == "months" and self.evidence.limit(ready.threshold) is None:
                self.whys.append(Why("no_level", want.position))
                return None
            if ready.monthly and not self.figures.asked(ready):
                self.whys.append(Why("no_month", want.position))
                return None
            gaps, lost = self.figures.missing(ready, {})
            if lost:
                self.whys.append(Why("before", want.position, lost[0][0], slots=(lost[0][1],)))
                return None
            coming = [key for key in gaps if key[1] in self.left]
            if ready.measure.kind != "answered" and ready.measure.over != "last":
                # The months that are left will be reported anyway, and then they count.
                asked = set(self.figures.asked(ready))
                coming += [
                    (fact.name, month)
                    for fact in ready.facts
                    for month in sorted(self.left & asked)
                    if fact.monthly and self.figures.held(ready, fact, month, {}) is None
                ]
            for name, slot in (*gaps, *coming):
                fact = self.figures.facts[name]
                changes.setdefault((name, slot), self._guess(ready, fact, want))
            self.coming[want.position] = tuple(dict.fromkeys(coming))
            gaps = [key for key in gaps if key not in set(coming)]
            if gaps:
                reported[want.position] = tuple(gaps)
        return changes, reported

    def _guess(self, ready: Ready, fact: Fact, want: Want) -> Held:
        """A value to begin with for what is missing."""
        if fact.type == "opening_hours":
            return Schedule(((),) * 7)
        low, high = bounds(fact)
        grid = grid_of(fact)
        if fact.type == "date":
            target = want.high if want.high is not None else want.low
            return target or self.evidence.portfolio.program.as_of.toordinal() * MILLION
        known = [
            held
            for (name, slot), held in self.figures.values.items()
            if name == fact.name and slot != BEFORE and isinstance(held, int)
        ]
        below = any(t.fact == fact.name and not t.numerator for t in ready.terms)
        value = sum(known) // len(known) if known else 100 * MILLION if below else 0
        value = value // grid * grid
        return min(max(value, low), high)

    def _search(
        self,
        wants: Sequence[Want],
        changes: dict[Key, Held],
        reported: dict[int, tuple[Key, ...]],
        only_new: bool,
        depth: int,
    ) -> Iterator[tuple[dict[Key, Held], tuple[Move, ...]]]:
        unmet = [want for want in wants if not self._holds(want, changes)]
        if not unmet:
            yield changes, ()
            return
        if depth >= DEEPEST:
            return
        want = unmet[0]
        for move in self._moves(want, changes, reported, only_new):
            after = {**changes, **move.lever.at(move.steps)}
            for done, moves in self._search(wants, after, reported, only_new, depth + 1):
                yield done, (move, *moves)
                if depth:
                    return  # the other ways differ in their first step
                break

    def _moves(
        self,
        want: Want,
        changes: Changes,
        reported: dict[int, tuple[Key, ...]],
        only_new: bool,
    ) -> Iterator[Move]:
        ready = self._ready(want)
        sums = self.figures.sums(ready, changes)
        if want.known is False:
            self.whys.append(Why("known", want.position))
            return
        new = {key for keys in (*reported.values(), *self.coming.values()) for key in keys}

        def free(fact: Fact) -> tuple[int, ...]:
            if not fact.monthly:
                return (NOW,) if not only_new or (fact.name, NOW) in new else ()
            asked = sums.asked if ready.measure.kind == "answered" else sums.counted
            months = [m for m in asked if not only_new or (fact.name, m) in new]
            left = [m for m in months if m in self.left]
            if ready.measure.over == "last" and ready.measure.kind in ("value", "open"):
                return tuple(months[-1:]) if months and months[-1] == asked[-1] else ()
            return tuple(left or months) if not only_new else tuple(months)

        if not sums.enough and ready.measure.kind != "answered":
            return
        if sums.bottom <= 0:
            yield from self._from_nothing(want, ready, changes, free)
            return
        up = want.side(sums) < 0
        for lever in levers(self.figures, ready, want.position, up, changes, free):
            move = self._least(want, ready, changes, lever, up)
            if move is not None:
                yield move

    def _from_nothing(self, want: Want, ready: Ready, changes: Changes, free: object) -> Iterator[Move]:
        """The denominator must be above zero before anything can be told."""
        assert callable(free)
        for term in ready.terms:
            fact = self.figures.facts[term.fact]
            slots = free(fact)
            if term.numerator or term.earlier or term.weight <= 0 or not slots:
                continue
            _low, high = bounds(fact)
            slot = slots[0]
            value = self.figures.held(ready, fact, slot, changes) or 0
            grid = MILLION if fact.type in WHOLE or high >= value + MILLION else 1

            def at(
                steps: int, fact: Fact = fact, slot: int = slot, value: int = value, grid: int = grid
            ) -> dict[Key, Held]:
                return {(fact.name, slot): value + steps * grid}

            lever = Lever(
                "more", (fact.name,), (slot,), at, max(0, (high - value) // grid), value, grid, straight=False
            )
            found = self._bisected(
                lambda steps, lever=lever: self._sums_at(ready, changes, lever, steps).bottom > 0, lever.most
            )
            if found is not None:
                yield Move(lever, want, found, Fraction(found), False)
            else:
                self._out_of_range(want, ready, changes, lever)

    def _sums_at(self, ready: Ready, changes: Changes, lever: Lever, steps: int) -> Sums:
        return self.figures.sums(ready, {**changes, **lever.at(steps)})

    def _least(self, want: Want, ready: Ready, changes: Changes, lever: Lever, up: bool) -> Move | None:
        """The fewest steps of a lever that bring a measure to where it is wanted."""
        limit, strict = (want.low, want.low_open) if up else (want.high, want.high_open)
        assert limit is not None

        def reached(steps: int) -> bool:
            sums = self._sums_at(ready, changes, lever, steps)
            side = want.side(sums)
            return sums.known and side != (-1 if up else 1)

        bound: Fraction | None = None
        steps: int | None = None
        if lever.most < 1:
            pass
        elif lever.straight:
            bound = self._crossing(ready, changes, lever, limit)
            if bound is not None:
                steps = (
                    bound.numerator // bound.denominator + 1
                    if strict
                    else -(-bound.numerator // bound.denominator)
                )
                steps = max(steps, 1)
                if steps > lever.most or not reached(steps):
                    steps = None
        elif lever.kind in ("floor", "ceiling"):
            # In steps: how far the limit is from the lowest (or highest) month.
            held = self._limit_of(ready, limit) * MILLION * self.figures.facts[lever.facts[0]].divisor
            bound = (held - lever.base) / lever.size
            steps = max(
                1,
                bound.numerator // bound.denominator + 1
                if strict
                else -(-bound.numerator // bound.denominator),
            )
            if steps > lever.most or not reached(steps):
                steps = None
        else:
            steps = self._bisected(reached, lever.most)
            bound = None if steps is None else Fraction(steps)
        if steps is None or bound is None:
            self._out_of_range(want, ready, changes, lever)
            return None
        if not want.holds(self._sums_at(ready, changes, lever, steps)):
            self.whys.append(Why("whole", want.position, lever.facts[0]))
            return None
        return Move(lever, want, steps, bound, strict and lever.straight)

    def _crossing(self, ready: Ready, changes: Changes, lever: Lever, limit: int) -> Fraction | None:
        """At how many steps, exactly, the measure comes to a limit that it isn't at yet."""
        bound = self._meeting(ready, changes, lever, limit)
        return bound if bound is not None and bound >= 0 else None

    def _meeting(self, ready: Ready, changes: Changes, lever: Lever, limit: int) -> Fraction | None:
        """At how many steps, which may be below zero, the measure is at a limit; None where it never is."""
        now = self._sums_at(ready, changes, lever, 0)
        then = self._sums_at(ready, changes, lever, 1)
        slope = MILLION * (then.top - now.top) - limit * (then.bottom - now.bottom)
        return Fraction(limit * now.bottom - MILLION * now.top, slope) if slope else None

    def _bisected(self, reached: object, most: int) -> int | None:
        """The fewest steps with which it is reached; further ones never undo it."""
        assert callable(reached)
        high = 1
        while high < most and not reached(high):
            high *= 4
        high = min(high, most)
        if high < 1 or not reached(high):
            return None
        low = high // 4
        while low + 1 < high:
            middle = (low + high) // 2
            if reached(middle):
                high = middle
            else:
                low = middle
        return high

    def _out_of_range(self, want: Want, ready: Ready, changes: Changes, lever: Lever) -> None:
        value: Fraction | None = None
        most: Fraction | None = None
        fact = self.figures.facts[lever.facts[0]]
        if lever.most < FARTHEST // max(abs(lever.size), 1) // 2:
            sums = (
                self._sums_at(ready, changes, lever, lever.most)
                if lever.most
                else self.figures.sums(ready, changes)
            )
            value = Fraction(sums.top, sums.bottom) if sums.known else None
            if lever.size:
                held = Fraction(lever.base + lever.most * lever.size, lever.over * MILLION * fact.divisor)
                most = held if lever.kind in ("more", "less", "floor", "ceiling") else None
        self.whys.append(Why("range", want.position, fact.name, most, value, lever.slots))

    # What it comes to

    def _remedy(
        self,
        wants: Sequence[Want],
        filled: dict[Key, Held],
        changes: dict[Key, Held],
        moves: tuple[Move, ...],
        reported: dict[int, tuple[Key, ...]],
    ) -> Remedy:
        steps: list[Step] = []
        new = {key for keys in reported.values() for key in keys}
        for want in wants:
            if want.position in reported:
                steps.append(self._report(want, reported[want.position], changes, filled))
        for move in moves:
            if all((name, slot) in new for name in move.lever.facts for slot in move.lever.slots):
                continue  # told with what must be reported
            steps.append(self._step(move, filled))
        told = {step.position for step in steps}
        for position, keys in self.coming.items():
            if keys and position not in told:
                want = next(want for want in wants if want.position == position)
                steps.append(self._report(want, keys, changes, filled))
        return Remedy(tuple(_joined(steps)), settings_of(self.figures, changes))

    def _report(
        self, want: Want, keys: tuple[Key, ...], changes: dict[Key, Held], filled: dict[Key, Held]
    ) -> Step:
        ready = self._ready(want)
        facts = tuple(dict.fromkeys(name for name, _ in keys))
        slots = tuple(sorted({slot for _, slot in keys}))
        step = Step("report", want.position, facts, slots=slots)
        if ready.measure.kind != "value" or len(ready.facts) > 1 or (want.low is None and want.high is None):
            return step
        fact = ready.facts[0]
        if fact.type in ("yes_no", "level", "choice", "date") or ready.measure.over != "mean":
            return step
        up = want.low is not None
        limit = want.low if up else want.high
        assert limit is not None
        lever = next(iter(levers(self.figures, ready, want.position, up, filled, lambda _: slots)), None)
        bound = self._meeting(ready, filled, lever, limit) if lever else None
        if lever is None or bound is None:
            return step
        scale = MILLION * fact.divisor
        held = (lever.base + bound * lever.size) / lever.over
        low, high = bounds(fact)
        if not low <= held <= high:
            return step
        return step._replace(
            to=held / scale,
            beyond=want.low_open if up else want.high_open,
            mean=lever.over > 1,
        )

    def _step(self, move: Move, filled: Changes) -> Step:
        lever, want = move.lever, move.want
        ready = self._ready(want)
        if lever.kind in COUNTED:
            count = Fraction(move.steps)
            return Step(lever.kind, want.position, lever.facts, count, slots=lever.slots, share=count)
        told = self.figures.facts[next(iter(lever.at(1)))[0]]
        step = step_of(lever, ready, want.position, told, move.steps, move.bound, move.strict)
        if lever.kind in ("floor", "ceiling"):
            low = want.side(self.figures.sums(ready, filled)) < 0
            limit, strict = (want.low, want.low_open) if low else (want.high, want.high_open)
            slots = tuple(slot for _, slot in lever.at(move.steps))
            return step._replace(to=self._limit_of(ready, limit), beyond=strict, slots=slots)
        return step

    def _limit_of(self, ready: Ready, limit: int | None) -> Fraction:
        """The limit of a measure of one fact, as that fact's value."""
        (term,) = ready.terms
        fact = self.figures.facts[term.fact]
        return Fraction((limit or 0) * ready.unit, MILLION * term.weight * MILLION * fact.divisor)


def _cost(remedy: Remedy, moves: int) -> Cost:
    """By what the ways of different branches are put in order."""
    steps = remedy.steps
    shares = sum((step.share for step in steps), Fraction(0))
    return shares, len(steps), moves, sum((step.by for step in steps), Fraction(0))


def step_of(
    lever: Lever, ready: Ready, position: int, told: Fact, steps: int, bound: Fraction, strict: bool
) -> Step:
    """What so many steps of a lever on sums come to, in the fact's own unit.

    Args:
        told: the lever's first fact, whose amounts are told.
        bound: where exactly the measure is at its limit; `strict`: it must be beyond.
    """
    over = lever.over if lever.mean else 1
    # Whole things are told whole; hours change by whole minutes, and their bound is told.
    whole = lever.size % (MILLION * over) == 0 and told.type != "opening_hours"
    taken, parts = (steps, 1) if whole else (bound.numerator, bound.denominator)
    scale = MILLION * told.divisor * over * parts
    gain, base = taken * lever.size, lever.base * parts
    single = ready.measure.kind == "value" and len(ready.terms) == 1
    return Step(
        lever.kind,
        position,
        lever.facts,
        Fraction(abs(gain), scale),
        strict and not whole,
        Fraction(base + gain, scale) if single else None,
        lever.slots,
        lever.mean,
        _relative(told, abs(base), abs(gain), scale),
    )


def _relative(fact: Fact, base: int, gain: int, scale: int) -> Fraction:
    """A change as a part of what there is: an answer that turns wholly is 1, as is all that comes from nothing."""
    if fact.type in ("yes_no", "level", "choice"):
        return Fraction(
            gain, scale * max(1, len(fact.options) - 1 if fact.options else 2 if fact.type == "level" else 1)
        )
    if fact.type == "date":
        return min(Fraction(1), Fraction(gain, scale * 365))
    return Fraction(gain, base) if gain < base else Fraction(1)


def _joined(steps: list[Step]) -> list[Step]:
    """Steps that do more of the same become one."""
    joined: list[Step] = []
    for step in steps:
        for index, other in enumerate(joined):
            if (other.kind, other.facts, other.slots, other.mean) == (
                step.kind,
                step.facts,
                step.slots,
                step.mean,
            ) and step.kind in ("more", "less", "move", "add", "drop"):
                joined[index] = step._replace(
                    by=other.by + step.by, share=other.share + step.share, position=other.position
                )
                break
        else:
            joined.append(step)
    return joined


def _left(evidence: Evidence) -> frozenset[int]:
    """The months that are left of the portfolio's period; none once it is over."""
    program = evidence.portfolio.program
    day, period = program.as_of, program.period
    if day >= period.last_day:
        return frozenset()
    return frozenset(range(max(period.first, month_index(day.year, day.month) + 1), period.last + 1))


def _rungs(evidence: Evidence, name: str) -> list[Branch]:
    """A rung's branches; none where there is no such rung, or a null parameter leaves it out."""
    tests = [test for test in evidence.clause.tests if test.rung == name]
    if any(test.threshold.parameter and evidence.limit(test.threshold) is None for test in tests):
        return []
    branches: dict[int, list[Test]] = {}
    for test in tests:
        branches.setdefault(test.branch, []).append(test)
    return [tuple(branch) for branch in branches.values()]


def _conditions(evidence: Evidence) -> Iterator[Branch]:
    """Each way in which the requirement applies."""
    rungs: Iterable[list[Branch]] = (_rungs(evidence, name) or [()] for name in ("rule_applies", "applies"))
    for first, second in product(*rungs):
        yield (*first, *second)


def branches_of(evidence: Evidence) -> Iterator[Branch]:
    """Each way to pass: the requirement applies, and a branch of the rung holds."""
    for branch in _rungs(evidence, "pass"):
        for condition in _conditions(evidence):
            yield (*condition, *branch)
