"""The remedies of most findings, straight from the engine's sums: one measure of one or two facts.

`ways` would find the same, but it looks at single observations and tries the changes out; for reports with
many thousand findings that is too slow.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from compliance.data.observations import NOW
from compliance.engine.run import MeasureRow
from compliance.findings import phrases
from compliance.findings.evidence import Evidence
from compliance.findings.records import Finding, Grade
from compliance.language.facts import Fact
from compliance.language.periods import read_month
from compliance.language.program import MILLION, Ready, Term
from compliance.language.schedule import Schedule
from compliance.remedy.levers import WHOLE, Lever, bounds, grid_of, share_parts
from compliance.remedy.records import Found, Remedy, Step
from compliance.remedy.ways import Want, branches_of, step_of, wants_of

__all__ = ["Plan", "plan_of", "quick"]


class _Part(NamedTuple):
    """A fact that gains by the steps of a lever (or loses), and its term's weight."""

    fact: Fact
    sign: int
    term: Term


class _Way(NamedTuple):
    kind: str
    facts: tuple[str, ...]
    parts: tuple[_Part, ...]


class Plan(NamedTuple):
    """How a clause's remedies follow from one measure's sums: the ways up, and the ways down."""

    want: Want
    ready: Ready
    up: tuple[_Way, ...]
    down: tuple[_Way, ...]
    even: bool


def plan_of(evidence: Evidence) -> Plan | None:
    """The plan for findings of a clause under the same settings; None where it takes more."""
    if "plan" not in evidence.memo:
        evidence.memo["plan"] = _plan(evidence)
    plan: Plan | None = evidence.memo["plan"]
    return plan


def _plan(evidence: Evidence) -> Plan | None:
    clause = evidence.clause
    passing = [test for test in clause.tests if test.rung == "pass"]
    if len({test.measure for test in passing}) != 1 or any(test.comparison == "known" for test in passing):
        return None
    branches = list(branches_of(evidence))
    position = passing[0].measure
    if len(branches) != 1 or any(phrases.own_target(evidence, test) is not None for test in passing):
        return None
    wants, contradicted = wants_of(evidence, branches[0])
    ready = clause.measures[position]
    names = {fact.name for fact in ready.facts}
    for other in wants:
        if other.position != position and names & {f.name for f in clause.measures[other.position].facts}:
            return None  # what is changed might change whether the requirement applies
    want = next((want for want in wants if want.position == position), None)
    program = evidence.portfolio.program
    if want is None or contradicted is not None:
        return None
    if ready.monthly and (program.as_of < program.period.last_day or not all(f.monthly for f in ready.facts)):
        return None
    measure = ready.measure
    tops = [term for term in ready.terms if term.numerator]
    bottoms = [term for term in ready.terms if not term.numerator]
    facts = {fact.name: fact for fact in ready.facts}
    if any(fact.given for fact in ready.facts):
        return None
    if measure.kind == "value" and len(tops) == 1 and tops[0].weight and measure.over not in ("min", "max"):
        if measure.over == "last" and measure.coverage is not None:
            return None
        fact = facts[tops[0].fact]
        return Plan(want, ready, _one(fact, tops[0], True), _one(fact, tops[0], False), False)
    if measure.kind not in ("share", "rate") or len(tops) != 1 or len(bottoms) != 1 or len(facts) != 2:
        return None
    if not tops[0].weight or not bottoms[0].weight or len({fact.per for fact in ready.facts}) > 1:
        return None
    top, bottom = tops[0], bottoms[0]
    up, down = (_two(ready, facts, top, bottom, way) for way in (True, False))
    return Plan(want, ready, up, down, True)


def _one(fact: Fact, term: Term, up: bool) -> tuple[_Way, ...]:
    sign = 1 if (term.weight > 0) is up else -1
    return (_Way("more" if sign > 0 else "less", (fact.name,), (_Part(fact, sign, term),)),)


def _two(ready: Ready, facts: dict[str, Fact], top: Term, bottom: Term, up: bool) -> tuple[_Way, ...]:
    above, below = facts[top.fact], facts[bottom.fact]
    if share_parts(ready):
        sign = 1 if up else -1
        pair = (below.name, above.name) if up else (above.name, below.name)
        part = _Part(above, sign, top)
        both = (part, _Part(below, sign, bottom))
        kind = "add" if up else "drop"
        return (_Way("move", pair, (part,)), _Way(kind, (above.name, below.name), both))
    upper = _one(above, top, up)
    if ready.measure.kind == "share":
        return upper
    lower = _one(below, bottom, not up)
    return upper + lower if up else lower + upper


def quick(finding: Finding, plan: Plan) -> Found | None:
    """A finding's remedies by its plan; without settings, and None where it takes a closer look."""
    row = finding.evidence.rows[plan.want.position]
    if finding.grade is Grade.UNKNOWN:
        return _reported(finding, plan, row)
    if finding.grade not in (Grade.FAIL, Grade.PARTIAL) or not row.known:
        return None
    if row.top is None or row.bottom is None:
        return None
    slots = _slots(plan.ready, row)
    side = plan.want.side_of(row.top, row.bottom)
    if not slots or not side:
        return None
    remedies: list[Remedy] = []
    for way in plan.up if side < 0 else plan.down:
        step = _step(plan, way, row, row.top, row.bottom, slots, side < 0)
        if step is None:
            return None
        remedies.append(Remedy((step,), ()))
    return Found(tuple(remedies), None)


def _reported(finding: Finding, plan: Plan, row: MeasureRow) -> Found | None:
    """What must be reported, where that is all that is told: of a mean it is told how large it must be."""
    measure, evidence = plan.ready.measure, finding.evidence
    mean = measure.kind == "value" and measure.over == "mean" and plan.ready.monthly
    if mean or row.enough or measure.coverage is not None or not evidence.unit.readable:
        return None
    if (evidence.unit.id, evidence.clause.id) in evidence.portfolio.unsettled or not (
        row.asked or not plan.ready.monthly
    ):
        return None
    monthly = {fact.name: fact.monthly for fact in plan.ready.facts}
    gaps = [(gap.fact, gap.period) for gap in finding.missing]
    gaps += [(doubt.fact, doubt.period) for doubt in finding.doubtful]
    if not gaps or any(name not in monthly for name, _ in gaps):
        return None
    slots = {read_month(period) if monthly[name] else NOW for name, period in gaps}
    named = {name for name, _ in gaps}
    facts = tuple(name for name in monthly if name in named)
    known = tuple(sorted(slot for slot in slots if slot is not None))
    return Found((Remedy((Step("report", plan.want.position, facts, slots=known),), ()),), None)


def _slots(ready: Ready, row: MeasureRow) -> tuple[int, ...]:
    """The months that count, where they follow each other."""
    if not ready.monthly:
        return (NOW,)
    first, last = row.first_month, row.last_month
    if first is None or last is None:
        return ()
    if ready.measure.over == "last":
        return (last,)
    return tuple(range(first, last + 1)) if last - first + 1 == row.counted else ()


def _step(
    plan: Plan, way: _Way, row: MeasureRow, top: int, bottom: int, slots: tuple[int, ...], up: bool
) -> Step | None:
    n = len(slots)
    even = plan.even and n > 1 and way.parts[0].fact.stock
    size = max(grid_of(p.fact) * (n if even and p.fact.type in WHOLE else 1) for p in way.parts)
    rise = fall = 0
    totals: list[int] = []
    for part in way.parts:
        weight = part.term.weight * (row.counted if part.term.by_months and plan.ready.monthly else 1)
        total, rest = divmod(top if part.term.numerator else bottom, weight)
        if rest:
            return None
        totals.append(total)
        if part.term.numerator:
            rise += part.sign * size * weight
        else:
            fall += part.sign * size * weight
    limit, strict = (plan.want.low, plan.want.low_open) if up else (plan.want.high, plan.want.high_open)
    assert limit is not None
    slope, lacking = MILLION * rise - limit * fall, limit * bottom - MILLION * top
    if slope == 0 or (lacking and (slope > 0) is not (lacking > 0)):
        return None
    steps = lacking // slope + 1 if strict else -(-lacking // slope)
    steps = max(steps, 1)
    for part, total in zip(way.parts, totals, strict=True):
        low, high = bounds(part.fact)
        if not low * n <= total + part.sign * steps * size <= high * n:
            return None
    after = bottom + steps * fall
    if after <= 0 or plan.want.side_of(top + steps * rise, after) != 0:
        return None
    measure = plan.ready.measure
    mean = n > 1 and (even or (measure.kind == "value" and measure.over == "mean"))
    first = way.parts[0]
    lever = Lever(way.kind, way.facts, slots, _unused, steps, totals[0], first.sign * size, n, mean)
    return step_of(lever, plan.ready, plan.want.position, first.fact, steps, Fraction(lacking, slope), strict)


def _unused(_: int) -> dict[tuple[str, int], int | Schedule]:
    """The cells that would change: only the words are asked for."""
    return {}
