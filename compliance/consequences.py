"""What other thresholds, all thresholds in a span or a new contract would lead to (docs/impact.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple

from compliance.assessment import (
    Audit,
    Older,
    Scenario,
    audit_of,
    clause_and_parameter,
    open_portfolio,
    overrides_of,
    reduced,
    with_older_periods,
)
from compliance.comparison import laid_on, nothing_in_common, unread
from compliance.data.observations import State
from compliance.data.portfolio import Portfolio, ReadyWaiver, check_scopes
from compliance.engine.run import Overrides, evaluate
from compliance.engine.scenarios import GradeTurn, grade_turns
from compliance.findings import phrases
from compliance.findings.evidence import measure_value
from compliance.findings.history import matched
from compliance.findings.records import Finding, Grade
from compliance.language.contracts import Contract
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Clause, Program, Ready, compile_contract, parameter_value
from compliance.library import Library, contract_file, named_contract
from compliance.problems import InputError, Place, Problem, Problems, shown
from compliance.remedy.records import Remedy, Step
from compliance.words import Text, number

__all__ = [
    "Change",
    "Cost",
    "Gap",
    "Impact",
    "Setting",
    "Shortfall",
    "Sweep",
    "Tip",
    "impact",
    "sweep",
]

RANKS = {Grade.FAIL: 0, Grade.PARTIAL: 1, Grade.PASS: 2}
MOST_THRESHOLDS = 10_000
ROWS = 20
"""About so many thresholds where no step is given."""
SUMMED = ("more", "less", "move", "add")
"""What can be added up over units."""
MOST_WAYS = 3
UNSWEPT = frozenset({*phrases.WORDED, "date"})


class Gap(NamedTuple):
    """What a value lacks of a level, in its own unit. `beyond`: and more than that, where the level must be passed.

    `under` is true where the value is too low, and false where it is too high.
    """

    ready: Ready
    amount: Fraction
    under: bool
    beyond: bool


class Shortfall(NamedTuple):
    """A finding under the changed contract that doesn't reach a rung (pass or partial) that it should."""

    finding: Finding
    rung: str

    @property
    def gap(self) -> Gap | None:
        """What the value lacks of the rung; None where no one number tells it."""
        return gap_of(self.finding, self.rung)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The ways to reach the rung, the cheapest first."""
        return _as_pass(self.finding, self.rung).remedies


class Cost(NamedTuple):
    """One way for all units that fall short of a requirement to reach it: what they need together.

    Attributes:
        kind: `more` or `less` of the fact, `move` from the first fact to the second, or `add` to the first, which
            is a part of the second.
        amount: the sum, in the facts' own unit.
        most: what the unit needs that needs most.
        beyond: it takes more than the amount.
        units: of how many units it is the sum; of: how many fall short.
    """

    requirement: str
    kind: str
    facts: tuple[Fact, ...]
    amount: Fraction
    most: Fraction
    beyond: bool
    units: int
    of: int

    @property
    def summed(self) -> bool:
        """The sum means something: hours and posts add up, percent and waiting times don't."""
        return self.facts[0].type not in ("percent", "minutes")


class Change(NamedTuple):
    """A finding whose grade differs between the contract as it is and the changed one."""

    before: Finding
    after: Finding

    @property
    def turn(self) -> str | None:
        """better or worse; None where the grades have no order."""
        before, after = RANKS.get(self.before.grade), RANKS.get(self.after.grade)
        if before is None or after is None or before == after:
            return None
        return "better" if after > before else "worse"

    @property
    def reason(self) -> Text:
        """Why, in words: the value against the old level and the new."""
        return Text(_reason(self, "sv"), _reason(self, "en"))


class Setting(NamedTuple):
    """A parameter that was changed; the values are in millionths, and None leaves out what uses it."""

    clause: Clause
    parameter: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Impact:
    """An audit under the contract as it is, and under the changed one.

    Attributes:
        settings: the parameters that were changed.
        continued: each requirement of the changed contract -> the one that it continues; None where all
            requirements are the same.
    """

    before: Audit
    after: Audit
    settings: tuple[Setting, ...] = ()
    continued: Mapping[str, str] | None = None

    def earlier(self, requirement: str) -> str | None:
        """What a requirement of the changed contract is called in the one that is; None where it is new."""
        return requirement if self.continued is None else self.continued.get(requirement)

    @cached_property
    def pairs(self) -> tuple[Change, ...]:
        """The findings on requirements that are in both contracts, whether or not their grade differs."""
        before = {(f.unit, f.requirement): f for f in self.before.findings}
        keys = ((f, (f.unit, self.earlier(f.requirement) or "")) for f in self.after.findings)
        return tuple(Change(before[key], finding) for finding, key in keys if key in before)

    @cached_property
    def changes(self) -> list[Change]:
        """The findings whose grade differs, by unit and then in the contract's order."""
        return [pair for pair in self.pairs if pair.before.grade is not pair.after.grade]

    @cached_property
    def held(self) -> list[Change]:
        """The findings whose grade would differ, were it not for a waiver."""
        return [
            pair
            for pair in self.pairs
            if pair.before.grade is pair.after.grade
            and pair.before.unwaived_grade is not pair.after.unwaived_grade
        ]

    @cached_property
    def added(self) -> list[Finding]:
        """The findings that there are only under the changed contract."""
        known = {(pair.after.unit, pair.after.requirement) for pair in self.pairs}
        return [f for f in self.after.findings if (f.unit, f.requirement) not in known]

    @cached_property
    def dropped(self) -> list[Finding]:
        """The findings that there are only under the contract as it is."""
        known = {(pair.before.unit, pair.before.requirement) for pair in self.pairs}
        hidden = unread(self.after.portfolio.program)
        return [
            f
            for f in self.before.findings
            if (f.unit, f.requirement) not in known and f.requirement not in hidden
        ]

    @cached_property
    def shortfalls(self) -> list[Shortfall]:
        """The findings that are worse than before, and those on new requirements and levels that aren't met."""
        worse = [Shortfall(one.after, one.before.grade.value) for one in self.changes if one.turn == "worse"]
        new = [*(one.after for one in self.changes if one.before.grade is Grade.INFO), *self.added]
        return worse + [Shortfall(f, "pass") for f in new if f.grade in (Grade.FAIL, Grade.PARTIAL)]

    @cached_property
    def steps(self) -> dict[tuple[str, str], tuple[Step, ...]]:
        """(unit, requirement) -> the ways out of a shortfall that take one step and can be added up."""
        return {
            (one.finding.unit, one.finding.requirement): tuple(_single_steps(one.remedies))
            for one in self.shortfalls
        }

    @cached_property
    def costs(self) -> list[Cost]:
        """What it takes for all to be where they were, and to meet new requirements, in the facts' units.

        Of each requirement the ways that most units have, the first of them the cheapest for the first unit.
        """
        return list(_costs(self.shortfalls, self.steps))

    @cached_property
    def touched(self) -> tuple[Clause, ...]:
        """The requirements of the changed contract that were changed, or all of them where the contract was."""
        clauses = self.after.portfolio.program.clauses
        changed = {setting.clause.id for setting in self.settings}
        return tuple(c for c in clauses if self.continued is not None or c.id in changed)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(sorted({*self.before.errors, *self.after.errors}))


def impact(
    portfolio: str | Path,
    changes: Scenario | None = None,
    *,
    contract: str | Path | None = None,
    library: str | Path | None = None,
    as_of: date | None = None,
    option: str = "scenario",
) -> Impact:
    """Who would change grade if requirements changed.

    Args:
        changes: parameters with their new values, such as {"2.2.7.minimum": 50}.
        contract: another contract, by its id or its file; the changes are then made to that one. It is laid on
            the portfolio's period, and requirements are matched as `compare` matches them.
        option: what errors call the changes.

    Others and errors are as for `audit`.
    """
    read = open_portfolio(portfolio, library, as_of)
    older = Older(read, library)
    if contract is None:
        overrides = _overrides(read.program, changes or {}, option)
        evaluation, earlier = evaluate(read, [{}, overrides])
        now, then = audit_of(read, evaluation, earlier), audit_of(read, evaluation, earlier, scenario=1)
        settings = _settings(read.program, overrides)
        return Impact(with_older_periods(now, older), with_older_periods(then, older), settings)
    changed, continued = _under(read, contract, library)
    overrides = _overrides(changed.program, changes or {}, option)
    now = with_older_periods(audit_of(read, *evaluate(read)), older)
    then = audit_of(changed, *evaluate(changed, [overrides]))
    after = with_older_periods(then, Older(changed, library))
    return Impact(now, after, _settings(changed.program, overrides), continued)


def _overrides(program: Program, changes: Scenario, option: str) -> Overrides:
    """The changes in millionths, none of them beyond what is measured."""
    overrides = overrides_of(program, changes, option)
    problems: list[Problem] = []
    for key in changes:
        place = Place(f"{option} {key}")
        clause, name = clause_and_parameter(program, key, place)
        value = overrides[clause.id, name]
        if value is not None and (said := _beyond(clause, name, value)):
            problems.append(Problem(place, said))
    if problems:
        raise InputError(problems)
    return overrides


def _beyond(clause: Clause, name: str, value: int) -> str | None:
    """What to say of a threshold that no value can come to."""
    ready = clause.types.get(name)
    if ready is None or ready.type == "date":
        return None
    from compliance.lint.situation import Situation, domain

    situation = Situation(clause, clause.parameters)
    ends: list[tuple[Fraction | None, Fraction | None]] = [
        (situation.extreme(test.measure, -1), situation.extreme(test.measure, 1))
        for test in clause.tests
        if test.threshold.parameter == name
    ]
    for inner in clause.measures:  # the level that months must hold is one of their own values
        if inner.threshold is not None and inner.threshold.parameter == name:
            (fact,) = inner.facts
            low, high, _ = domain(fact)
            ends.append((low / fact.divisor, high / fact.divisor))
    limit = Fraction(value, MILLION)
    if not ends or any((a is None or a <= limit) and (b is None or limit <= b) for a, b in ends):
        return None
    least, most = ends[0]
    span = [None if end is None else number(end, "en", 6) for end in (least, most)]
    said = " and ".join(
        f"{word} {end}" for word, end in zip(("at least", "at most"), span, strict=True) if end is not None
    )
    unit = phrases.unit_of(ready, "en")
    return f"No value can come to {number(limit, 'en', 6)}{unit}: it is {said}. Write a threshold that it can come to."


def _settings(program: Program, overrides: Overrides) -> tuple[Setting, ...]:
    return tuple(
        Setting(clause, name, clause.parameters[name], overrides[clause.id, name])
        for clause in program.clauses
        for name in clause.parameters
        if (clause.id, name) in overrides
    )


# Another contract ---------------------------------------------------------------------------------


def _under(
    read: Portfolio, contract: str | Path, library: str | Path | None
) -> tuple[Portfolio, dict[str, str]]:
    """The portfolio as if the other contract had held, and each of its requirements -> the one it continues."""
    problems = Problems()
    own = Path(library) if library is not None else None
    found, books = named_contract(contract, problems, own, read.folder)
    held = Library.of(own, read.folder, Problems())
    if contract_file(contract, books) == contract_file(read.contract.id, held):
        message = "That is the portfolio's own contract. Name another version of it, or change it with --set."
        raise InputError([Problem(Place(str(contract)), message)])
    alike = {folder.resolve() for folder, _ in held.folders}
    facts = (books if alike <= {folder.resolve() for folder, _ in books.folders} else held).facts
    clauses: list[Clause] = []
    months = _moved(found, read)
    program = compile_contract(found, books, found.period, found.period.last_day, problems)
    problem = nothing_in_common(read.program, program, contract)
    if problem or not program.clauses:
        raise InputError([*filter(None, [problem]), *problems])
    for clause in program.clauses:
        laid = laid_on(clause, found.period, read.program, months, facts)
        if laid is None:
            problems.add(
                clause.requirement.place("rule"),
                f"The facts of {clause.rule.name!r} aren't of the type and period that they have in the "
                "portfolio's library, so that this requirement can't be graded. Give other facts other names.",
            )
        else:
            clauses.append(laid)
    used = {fact.name: fact for clause in clauses for ready in clause.measures for fact in ready.facts}
    program = Program(found, read.period, read.program.as_of, tuple(clauses), used)
    check_scopes(program, {unit.id: unit for unit in read.units}, problems)
    pairs = matched(read.program.clauses, clauses)
    names = {then: now for now, then in pairs.items()}
    changed = reduced(read, clauses, ())._replace(
        program=program,
        previous=read.previous,
        waivers=tuple(_laid_waivers(read.waivers, names, program)),
        unsettled=frozenset((unit, names[id_]) for unit, id_ in read.unsettled if id_ in names),
        problems=tuple(dict.fromkeys((*read.problems, *problems))),
    )
    return changed, pairs


def _moved(contract: Contract, read: Portfolio) -> int:
    """How many months later the portfolio's contract begins, where the other isn't of the portfolio's period."""
    if contract.period.holds(read.period):
        return 0
    return read.contract.period.first - contract.period.first


def _laid_waivers(
    waivers: Iterable[ReadyWaiver], names: Mapping[str, str], program: Program
) -> Iterator[ReadyWaiver]:
    """The waivers of requirements that go on, with those of their parameters that there still are."""
    for ready in waivers:
        clause = program.clause(names.get(ready.waiver.requirement, ""))
        if clause is not None:
            held = {name: value for name, value in ready.parameters.items() if name in clause.parameters}
            yield ReadyWaiver(ready.waiver._replace(requirement=clause.id), held)


# Why ----------------------------------------------------------------------------------------------


def gap_of(finding: Finding, rung: str) -> Gap | None:
    """What the finding's value lacks of a rung that is one comparison with a number; None of any other."""
    evidence = finding.evidence
    tests = [test for test in evidence.clause.tests if test.rung == rung]
    if len(tests) != 1 or tests[0].comparison in ("equals", "known"):
        return None
    (test,) = tests
    ready = evidence.clause.measures[test.measure]
    limit = evidence.limit(test.threshold)
    value = measure_value(ready, evidence.rows[test.measure]).exact
    if limit is None or value is None or ready.type in UNSWEPT:
        return None
    under = test.comparison in ("above", "at_least")
    amount = limit - value if under else value - limit
    beyond = test.comparison in ("above", "below")
    return Gap(ready, amount, under, beyond) if amount > 0 or (amount == 0 and beyond) else None


def _as_pass(finding: Finding, rung: str) -> Finding:
    """The finding, with `partial` taken for `pass` where that is what it should reach."""
    if rung == "pass":
        return finding
    clause = finding.evidence.clause
    tests = tuple(
        test._replace(rung="pass") if test.rung == rung else test
        for test in clause.tests
        if test.rung != "pass"
    )
    return replace(finding, evidence=finding.evidence._replace(clause=clause._replace(tests=tests), memo={}))


def _single_steps(remedies: Iterable[Remedy]) -> Iterator[Step]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for remedy in remedies:
        step = remedy.steps[0]
        if len(remedy.steps) == 1 and step.kind in SUMMED and (step.kind, step.facts) not in seen:
            seen.add((step.kind, step.facts))
            yield step


def _costs(
    shortfalls: Iterable[Shortfall], steps: Mapping[tuple[str, str], tuple[Step, ...]]
) -> Iterator[Cost]:
    by_id: dict[str, list[Finding]] = {}
    for one in shortfalls:
        by_id.setdefault(one.finding.requirement, []).append(one.finding)
    for id_, findings in by_id.items():
        sums: dict[tuple[str, tuple[str, ...]], Cost] = {}
        for finding in findings:
            known = finding.evidence.portfolio.program.facts
            for step in steps[finding.unit, id_]:
                facts = tuple(known[name] for name in step.facts)
                nothing = Cost(id_, step.kind, facts, Fraction(0), Fraction(0), False, 0, len(findings))
                cost = sums.get((step.kind, step.facts), nothing)
                sums[step.kind, step.facts] = cost._replace(
                    amount=cost.amount + step.by,
                    most=max(cost.most, step.by),
                    beyond=cost.beyond or step.beyond,
                    units=cost.units + 1,
                )
        most = max((cost.units for cost in sums.values()), default=0)
        yield from [cost for cost in sums.values() if cost.units == most][:MOST_WAYS]


def _reason(change: Change, lang: str) -> str:
    """`46,5 timmar i veckan räcker till minst 45 timmar i veckan, men inte till minst 50 timmar i veckan.`"""
    before, after = change.before, change.after
    if after.grade is Grade.NOT_APPLICABLE:
        return Text("Kravet gäller inte längre.", "It no longer applies.")[lang]
    if before.grade is Grade.NOT_APPLICABLE:
        return Text("Kravet gällde inte förut.", "It didn't apply before.")[lang]
    decisive = after.grade if change.turn == "better" else before.grade
    for rung in ("partial", "pass") if decisive is Grade.PARTIAL else ("pass", "partial"):
        old, new = (phrases.rung(finding.evidence, rung, lang) for finding in (before, after))
        if old == new:
            continue
        if not old:
            said = Text("Det fanns ingen nivå; nu är den {new}.", "There was no level; it is {new} now.")
        elif not new:
            said = Text("Nivån {old} finns inte längre.", "The level {old} is no longer there.")
        elif (value := _value(after, rung, lang)) and change.turn is not None:
            met, unmet = (old, new) if change.turn == "worse" else (new, old)
            if lang == "sv":
                return f"{value} uppfyller nivån {met}, men inte {unmet}."
            return f"{value} meets the level {met}, but not {unmet}."
        else:
            said = Text("Kravet är {new} i stället för {old}.", "It is {new} instead of {old}.")
        return said[lang].format(old=old, new=new)
    sv, en = "Kravet ställs på ett annat sätt än förut.", "The requirement is put in another way than before."
    return sv if lang == "sv" else en


def _value(finding: Finding, rung: str, lang: str) -> str:
    """The value that the rung is about, in words; empty where it isn't the first measure's, or isn't one."""
    evidence = finding.evidence
    ready, value = evidence.clause.measures[0], finding.measures[0].exact
    tests = [test for test in evidence.clause.tests if test.rung == rung]
    if value is None or {test.measure for test in tests} != {0}:
        return ""
    limits = [limit for test in tests if (limit := evidence.limit(test.threshold)) is not None]
    return phrases.quantity(ready, value, lang, phrases.digits(ready, value, limits))


# All thresholds in a span -------------------------------------------------------------------------


class Tip(NamedTuple):
    """A threshold at which a unit's grade turns, as the threshold rises.

    Attributes:
        at: the exact value of the unit that the threshold meets there.
        reached: the new grade holds at the value itself; else from beyond it on, as where the value has more
            decimals than a threshold may have.
    """

    unit: str
    at: Fraction
    reached: bool
    before: Grade
    after: Grade


@dataclass(frozen=True)
class Sweep:
    """How the grades of one requirement go with one of its thresholds.

    Attributes:
        audit: of this requirement, as the contract is.
        ready: the measure that the parameter is compared with.
        span: the first and the last threshold, and the step.
        curve: the units by grade at each threshold.
        tips: every turn of every unit in the span, by the threshold.
        settings: other parameters that were changed.
    """

    audit: Audit
    clause: Clause
    parameter: str
    ready: Ready
    span: tuple[Fraction, Fraction, Fraction]
    curve: tuple[tuple[Fraction, dict[Grade, int]], ...]
    tips: tuple[Tip, ...]
    settings: tuple[Setting, ...] = ()

    @property
    def today(self) -> Fraction | None:
        """The threshold as the contract has it; None where it has none."""
        value = self.clause.parameters[self.parameter]
        return None if value is None else Fraction(value, MILLION)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return self.audit.errors

    def at(self, threshold: Fraction) -> dict[Grade, int]:
        """The units by grade at any threshold of the span, worked out from the exact turns."""
        counts = dict(self.curve[0][1])
        for tip in self.tips:
            if tip.at < threshold or (tip.at == threshold and tip.reached):
                counts[tip.before] -= 1
                counts[tip.after] += 1
        return counts


def sweep(
    portfolio: str | Path,
    parameter: str,
    first: object,
    last: object,
    step: object = None,
    *,
    scenario: Scenario | None = None,
    library: str | Path | None = None,
    as_of: date | None = None,
    option: str = "scenario",
) -> Sweep:
    """The grades of a requirement at every threshold from `first` to `last`, all of them from one query.

    The values at which a unit's grade turns are the units' own, exactly; they don't depend on the step.

    Args:
        parameter: such as "2.2.7.minimum".
        first, last, step: as a contract writes thresholds; without a step, about twenty thresholds.
        scenario: other parameters that are changed, too.
        option: what errors call the scenario.

    Others and errors are as for `audit`.
    """
    read = open_portfolio(portfolio, library, as_of)
    place = Place(f"{'--sweep' if option.startswith('--') else 'sweep'} {parameter}")
    clause, name = clause_and_parameter(read.program, parameter, place)
    ready = _swept(clause, name, place)
    low, high, by = _span(first, last, step, ready, read.program, place)
    for end in (low, high):
        if said := _beyond(clause, name, end):
            raise InputError([Problem(place, said)])
    others = _overrides(read.program, scenario or {}, option)
    _only_of(clause, name, scenario or {}, others, option)
    alone = reduced(read, [clause], read.waivers)
    audit = audit_of(alone, *evaluate(alone, [others]))
    grid = [*range(low, high, by), high]
    candidates = {finding.unit: _candidates(finding, name) for finding in audit.findings}
    beside = {near for values in candidates.values() for value in values for near in _beside(value)}
    thresholds = sorted({*grid, *(near for near in beside if low < near < high)})
    turns = grade_turns(alone, [{**others, (clause.id, name): at} for at in thresholds])
    tips = tuple(
        sorted(_tips(turns, thresholds, candidates), key=lambda tip: (tip.at, not tip.reached, tip.unit))
    )
    return Sweep(
        audit,
        clause,
        name,
        ready,
        (Fraction(low, MILLION), Fraction(high, MILLION), Fraction(by, MILLION)),
        tuple(_curve(turns, thresholds, grid)),
        tips,
        _settings(alone.program, others),
    )


def _only_of(clause: Clause, name: str, scenario: Scenario, others: Overrides, option: str) -> None:
    """A change of another requirement would do nothing here, and one of what is swept is overwritten."""
    problems = [
        Problem(
            Place(f"{option} {key}"),
            "This is swept. Leave it out here."
            if (id_, parameter) == (clause.id, name)
            else f"The sweep is of {clause.id}, which {id_} has no part in. Leave this change out, or try it without --sweep.",
        )
        for key, (id_, parameter) in zip(scenario, others, strict=True)
        if id_ != clause.id or parameter == name
    ]
    if problems:
        raise InputError(problems)


def _swept(clause: Clause, name: str, place: Place) -> Ready:
    ready = clause.types.get(name)
    if ready is None:
        said = f"Nothing in the requirement is compared with {name!r}, so that no grade depends on it."
    elif ready.type in UNSWEPT:
        said = f"{name!r} is a {ready.type.replace('_', '/')}, and only numbers are swept. Use --set for each value."
    else:
        return ready
    raise InputError([Problem(place, said)])


def _span(
    first: object, last: object, step: object, ready: Ready, program: Program, place: Place
) -> tuple[int, int, int]:
    def threshold(value: object) -> int:
        try:
            return parameter_value(str(value), ready, program.period, program.as_of)
        except ValueError as error:
            raise InputError([Problem(place, str(error))]) from None

    low, high = threshold(first), threshold(last)
    if low >= high:
        said = (
            f"{shown(str(first))} isn't below {shown(str(last))}. Write the lower threshold first: "
            f"{last}..{first}."
            if low > high
            else f"The span begins and ends at {shown(str(first))}. Use --set for one threshold."
        )
        raise InputError([Problem(place, said)])
    by = _readable_step(high - low, ready) if step is None else threshold(step)
    if by <= 0:
        raise InputError(
            [Problem(place, f"The step {shown(str(step))} isn't above zero. Write one such as 0.5.")]
        )
    if (high - low) // by >= MOST_THRESHOLDS:
        said = (
            f"That makes {(high - low) // by + 1} thresholds, and at most {MOST_THRESHOLDS} are graded. Take a "
            "larger step. The values at which units tip are exact with any."
        )
        raise InputError([Problem(place, said)])
    return low, high, by


def _readable_step(span: int, ready: Ready) -> int:
    """1, 2 or 5 times a power of ten, of which there are about ROWS in the span."""
    least = MILLION if ready.type == "count" else 1
    steps: list[int] = [digit * 10**power for power in range(19) for digit in (1, 2, 5)]
    return next(step for step in steps if step >= least and span <= step * ROWS)


def _candidates(finding: Finding, parameter: str) -> tuple[Fraction, ...]:
    """The values that the parameter is compared with: only there can the unit's grade turn."""
    evidence, clause = finding.evidence, finding.evidence.clause
    values: set[Fraction] = set()
    compared = [test.measure for test in clause.tests if test.threshold.parameter == parameter]
    for position in compared:
        value = measure_value(clause.measures[position], evidence.rows[position]).exact
        if value is not None:
            values.add(value)
    for position, ready in enumerate(clause.measures):
        if ready.threshold is not None and ready.threshold.parameter == parameter:
            (fact,) = ready.facts
            values |= {
                Fraction(cell.value, MILLION * fact.divisor)
                for cell in evidence.cells()
                if cell.fact == fact.name and cell.value is not None and cell.state is State.GOOD
            }
            if position in compared:  # the share of such months is itself compared with the parameter
                months = evidence.rows[position].counted
                values |= {Fraction(100 * held, months) for held in range(months + 1) if months}
    return tuple(sorted(values))


def _beside(value: Fraction) -> tuple[int, ...]:
    """The thresholds, in whole millionths, on both sides of a value, and at it where there is one."""
    exact = value * MILLION
    if exact.denominator == 1:
        return (int(exact) - 1, int(exact), int(exact) + 1)
    return (floor(exact), ceil(exact))


def _tips(
    turns: Iterable[GradeTurn], thresholds: list[int], candidates: Mapping[str, tuple[Fraction, ...]]
) -> Iterator[Tip]:
    grade: dict[str, Grade] = {}
    for turn in turns:
        if turn.scenario:
            above, reached = (Fraction(thresholds[turn.scenario - back], MILLION) for back in (1, 0))
            at = next(
                (value for value in candidates[turn.unit] if above <= value <= reached and value != reached),
                reached,
            )
            yield Tip(turn.unit, at, at == reached, grade[turn.unit], Grade(turn.grade))
        grade[turn.unit] = Grade(turn.grade)


def _curve(
    turns: Iterable[GradeTurn], thresholds: list[int], grid: list[int]
) -> Iterator[tuple[Fraction, dict[Grade, int]]]:
    counts, grade = dict.fromkeys(Grade, 0), dict[str, Grade]()
    wanted = set(grid)
    coming: dict[int, list[GradeTurn]] = {}
    for turn in turns:
        coming.setdefault(turn.scenario, []).append(turn)
    for scenario, threshold in enumerate(thresholds):
        for turn in coming.get(scenario, ()):
            if turn.unit in grade:
                counts[grade[turn.unit]] -= 1
            grade[turn.unit] = Grade(turn.grade)
            counts[grade[turn.unit]] += 1
        if threshold in wanted:
            yield Fraction(threshold, MILLION), dict(counts)
