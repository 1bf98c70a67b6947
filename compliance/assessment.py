"""An audit: all findings for a portfolio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple

from compliance.data.portfolio import (
    Portfolio,
    ReadyWaiver,
    earlier_cells,
    in_parts,
    not_earlier,
    read_portfolio,
)
from compliance.engine.run import Evaluation, Overrides, evaluate
from compliance.findings.evidence import make_findings
from compliance.findings.history import matched, previous_findings
from compliance.findings.records import Finding, Findings, Grade, Previous, UnitResult
from compliance.findings.totals import RequirementTotal, Totals
from compliance.followup.records import UnitFollowUp
from compliance.language.program import Clause, Program, parameter_value
from compliance.library import find_portfolio
from compliance.problems import InputError, Place, Problem, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Audit",
    "Group",
    "Older",
    "Scenario",
    "Tally",
    "audit",
    "audit_in_parts",
    "audit_of",
    "check",
    "clause_and_parameter",
    "open_portfolio",
    "overrides_of",
    "reduced",
    "regrade",
    "with_older_periods",
    "worst_first",
]

Scenario = Mapping[str, object]
"""`{"2.2.7.minimum": 50}`: a requirement's parameter and its value, as a contract writes it, or None."""


class Group(NamedTuple):
    """The totals of the units that share an operator or a municipality."""

    by: str
    group: str | None
    units: int
    requirements: tuple[RequirementTotal, ...]


@dataclass(frozen=True)
class Audit:
    """All findings for a portfolio. Units come by id, findings by unit and in the contract's order.

    `before` is the audit of the previous portfolio, in itself: its findings know nothing of what was before.
    """

    portfolio: Portfolio
    findings: Findings
    before: Audit | None

    @property
    def contract(self) -> str:
        return self.portfolio.contract.id

    @property
    def title(self) -> Text:
        return self.portfolio.contract.title

    @property
    def period(self) -> str:
        return self.portfolio.period.label

    @property
    def as_of(self) -> date:
        return self.portfolio.program.as_of

    @property
    def provenance(self) -> Text | None:
        """Where the data come from; every report shows it."""
        return self.portfolio.provenance

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Everything that was wrong with the input; the findings could be made all the same."""
        return tuple(sorted(self.portfolio.problems))

    @cached_property
    def units(self) -> tuple[UnitResult, ...]:
        grouped: dict[str, list[Finding]] = {unit.id: [] for unit in self.portfolio.units}
        for finding in self.findings:
            grouped[finding.unit].append(finding)
        return tuple(
            UnitResult(
                unit.id,
                unit.name,
                unit.kind,
                unit.operator,
                unit.municipality,
                tuple(grouped[unit.id]),
            )
            for unit in self.portfolio.units
            if self.portfolio.only in (None, unit.id)
        )

    @cached_property
    def requirements(self) -> tuple[RequirementTotal, ...]:
        """Totals per requirement over all units."""
        tally = Tally()
        tally.add(self)
        return tally.requirements()

    @cached_property
    def followup(self) -> dict[str, UnitFollowUp]:
        """What the findings lead to, by unit: actions, themes and questions for the dialogue."""
        from compliance.followup.run import follow_up

        return follow_up(self)

    def unit(self, id_: str) -> UnitResult:
        """A unit's findings.

        Raises:
            KeyError: there is no unit of that id.
        """
        for unit in self.units:
            if unit.unit == id_:
                return unit
        raise KeyError(id_)

    def groups(self, by: str) -> tuple[Group, ...]:
        """The totals per group of units; `by` is operator or municipality.

        Units without a value there come last, as the group None.
        """
        if by not in ("operator", "municipality"):
            raise ValueError(f"Units are grouped by operator or municipality, not by {shown(by)}.")
        tally = Tally(by)
        tally.add(self)
        return tally.groups()


class Tally:
    """The totals of an audit that comes by groups of units, whose findings needn't be kept.

    Attributes:
        grades: how many findings have each grade; `waived`: to how many of them a waiver gave it;
            `unwaived`: how it would be without waivers.
        graded: which grades and obligations there are together.
    """

    def __init__(self, by: str | None = None) -> None:
        """`by`: what units are grouped by."""
        self.grades, self.waived, self.unwaived = (dict.fromkeys(Grade, 0) for _ in range(3))
        self.graded: set[tuple[Grade, str]] = set()
        self._by = by
        self._parts: list[Portfolio] = []
        self._totals: Totals | None = None
        self._before: Tally | None = None
        self._groups: dict[str | None, tuple[Totals, list[int]]] = {}

    def add(self, audit: Audit) -> None:
        clauses = audit.portfolio.program.clauses
        if self._totals is None:
            self._totals = Totals(clauses)
        self._parts.append(audit.portfolio._replace(units=(), cells=(), earlier=(), previous=None))
        self._totals.add(audit.findings)
        for finding in audit.findings:
            self.grades[finding.grade] += 1
            self.unwaived[finding.unwaived_grade] += 1
            if finding.eased:
                self.waived[finding.grade] += 1
            self.graded.add((finding.grade, finding.obligation))
        for unit in audit.units if self._by else ():
            if unit.findings:
                totals, number = self._groups.setdefault(getattr(unit, self._by or ""), (Totals(clauses), []))
                totals.add(unit.findings)
                number.append(1)
        if audit.before:
            self._before = self._before or Tally(self._by)
            self._before.add(audit.before)

    @property
    def portfolio(self) -> Portfolio:
        """The portfolio, without its units and observations."""
        return self._parts[0]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(sorted({problem for part in self._parts for problem in part.problems}))

    def requirements(self) -> tuple[RequirementTotal, ...]:
        """Totals per requirement over all units."""
        earlier = self._before.requirements() if self._before else ()
        return self._totals.result({t.requirement: t for t in earlier}) if self._totals else ()

    def groups(self) -> tuple[Group, ...]:
        """As `Audit.groups`."""
        earlier: dict[str | None, dict[str, RequirementTotal]] = {}
        for group in self._before.groups() if self._before else ():
            earlier[group.group] = {t.requirement: t for t in group.requirements}
        return tuple(
            Group(self._by or "", name, len(number), totals.result(earlier.get(name, {})))
            for name, (totals, number) in sorted(
                self._groups.items(), key=lambda item: (item[0] is None, item[0] or "")
            )
        )


def audit(
    portfolio: str | Path,
    *,
    library: str | Path | None = None,
    as_of: date | None = None,
    scenario: Scenario | None = None,
) -> Audit:
    """Grades every requirement for every unit of a portfolio.

    Args:
        portfolio: a folder with `portfolio.yaml`, or the name of a shipped portfolio.
        library: a folder with `rules/` and `contracts/`; the shipped library if None.
        as_of: the day on which waivers count; the period's last day if None.
        scenario: parameters to be changed for this audit, such as {"2.2.7.minimum": 50}.

    Raises:
        InputError: the portfolio, its contract or its units can't be read at all, or the scenario names
            a parameter that isn't there. Lesser faults are in the audit's `errors`.
    """
    read = open_portfolio(portfolio, library, as_of)
    overrides = overrides_of(read.program, scenario or {})
    evaluation, earlier = evaluate(read, [overrides])
    return with_older_periods(audit_of(read, evaluation, earlier), Older(read, library))


def audit_in_parts(
    read: Portfolio, library: str | Path | None, done: Callable[[int, int], None] = lambda *_: None
) -> Iterator[Audit]:
    """An audit by groups of units, so that memory holds the findings of one group at a time.

    Args:
        read: what `open_portfolio` gave.
        done: told of how many units are graded, and of how many there are.
    """
    graded, older = 0, Older(read, library)
    for part in in_parts(read):
        evaluation, earlier = evaluate(part)
        yield with_older_periods(audit_of(part, evaluation, earlier), older)
        graded += len(part.units)
        done(graded, len(read.units))


def open_portfolio(
    portfolio: str | Path,
    library: str | Path | None = None,
    as_of: date | None = None,
    unit: str | None = None,
    leave_columns: bool = False,
) -> Portfolio:
    """A portfolio read from a folder or a shipped name; arguments and errors are as for `audit`.

    With `unit` (an id, a name or a part of one) only that unit's observations are read; `leave_columns` is
    as for `read_portfolio`.
    """
    folder = find_portfolio(portfolio)
    if isinstance(folder, str):
        raise InputError([Problem(Place(str(portfolio)), folder)])
    books = Path(library) if library is not None else None
    if books is not None and not books.is_dir():
        raise InputError([Problem(Place(str(library)), "There is no such library folder. Check the path.")])
    return read_portfolio(folder, library=books, as_of=as_of, unit=unit, leave_columns=leave_columns)


def check(
    portfolio: str | Path,
    unit: str,
    *,
    library: str | Path | None = None,
    as_of: date | None = None,
) -> tuple[Audit, Evaluation]:
    """One unit's findings (the totals are then that unit's), and the engine's proof of them.

    Args:
        unit: its id, its name, or a part of its name that only it has.

    Raises:
        InputError: as for `audit`, or there is no such unit.
    """
    read = open_portfolio(portfolio, library, as_of, unit)
    evaluation, earlier = evaluate(read)
    return with_older_periods(audit_of(read, evaluation, earlier), Older(read, library)), evaluation


def audit_of(
    portfolio: Portfolio,
    evaluation: Evaluation,
    earlier: Evaluation | None,
    scenario: int = 0,
) -> Audit:
    """One scenario's audit, from what the engine found of the portfolio and of its predecessor."""
    before: Audit | None = None
    previous: dict[tuple[str, str], Previous] = {}
    if portfolio.previous is not None and earlier is not None:
        before = audit_of(portfolio.previous, earlier, None)
        earlier_clauses = portfolio.previous.program.clauses
        previous = previous_findings(portfolio.program.clauses, earlier_clauses, before.findings)
    findings = make_findings(portfolio, evaluation, previous, scenario)
    return Audit(portfolio, Findings(findings), before)


def regrade(
    portfolio: Portfolio, clauses: Sequence[Clause], waivers: Iterable[ReadyWaiver]
) -> dict[tuple[str, str], Grade]:
    """(unit, requirement) -> the grade of the portfolio's facts under these clauses and waivers, no others."""
    return {
        (portfolio.units[row.unit].id, clauses[row.requirement].id): Grade(row.grade)
        for row in evaluate(reduced(portfolio, clauses, waivers))[0].findings
    }


def reduced(portfolio: Portfolio, clauses: Sequence[Clause], waivers: Iterable[ReadyWaiver]) -> Portfolio:
    """The portfolio with these clauses and waivers, no others; its predecessor isn't graded again."""
    ids = {clause.id for clause in clauses}
    facts = {fact.name: fact for clause in clauses for ready in clause.measures for fact in ready.facts}
    program = portfolio.program._replace(clauses=tuple(clauses), facts=facts)
    previous = portfolio.previous
    if previous is not None:
        nothing = previous.program._replace(clauses=(), facts={})
        previous = previous._replace(program=nothing, cells=(), earlier=(), waivers=(), unsettled=frozenset())
    known = {unit.id: unit for unit in portfolio.units}
    return portfolio._replace(
        program=program,
        earlier=earlier_cells(program, portfolio.previous, known),
        waivers=tuple(ready for ready in waivers if ready.waiver.requirement in ids),
        unsettled=frozenset(key for key in portfolio.unsettled if key[1] in ids),
        previous=previous,
    )


class Older:
    """The portfolios before a portfolio's previous one, read and graded one by one when they are asked for.

    `problems` holds what was wrong with those that have been.
    """

    def __init__(self, portfolio: Portfolio, library: str | Path | None) -> None:
        self.problems: list[Problem] = []
        self._coming = _failed_before(portfolio, library, self.problems)
        self._failed: list[set[tuple[str, str]]] = []

    def failed(self) -> Iterator[set[tuple[str, str]]]:
        """The failed findings of each period, the latest first: units, and requirements as they are now."""
        for index in count():
            if index == len(self._failed):
                found = next(self._coming, None)
                if found is None:
                    return
                self._failed.append(found)
            yield self._failed[index]


def with_older_periods(audit: Audit, older: Older) -> Audit:
    """The audit with `failing_periods` counted on through the portfolios before the previous one.

    They are read for as long as something has failed in every period so far.
    """
    running = {(f.unit, f.requirement) for f in audit.findings if f.failing_periods == 2}
    if not running:
        return audit
    counts = dict.fromkeys(running, 2)
    for failed in older.failed():
        running &= failed
        if not running:
            break
        for key in running:
            counts[key] += 1
    findings = Findings(
        replace(f, failing_periods=periods) if (periods := counts.get((f.unit, f.requirement), 0)) > 2 else f
        for f in audit.findings
    )
    found = dict.fromkeys((*audit.portfolio.problems, *older.problems))
    return replace(audit, portfolio=audit.portfolio._replace(problems=tuple(found)), findings=findings)


def _failed_before(
    portfolio: Portfolio, library: str | Path | None, problems: list[Problem]
) -> Iterator[set[tuple[str, str]]]:
    later = portfolio.previous
    if later is None:
        return
    names = _continued(portfolio, later, {clause.id: clause.id for clause in portfolio.program.clauses})
    for folder, prefix in portfolio.older:
        try:
            older = read_portfolio(
                folder,
                library=Path(library) if library is not None else None,
                behind=((portfolio.folder.resolve(), portfolio.file.document.name),),
                prefix=prefix,
                only=portfolio.only,
            )
        except InputError as error:
            problems += error.problems
            return
        problems += older.problems
        if older.period.first >= later.period.first:
            place = later.file.document.place("previous")
            problems.append(Problem(place, not_earlier(older.period, later.period)))
            return
        names = _continued(later, older, names)
        units, clauses = older.units, older.program.clauses
        yield {
            (units[row.unit].id, names[id_])
            for row in evaluate(older)[0].findings
            if row.grade == Grade.FAIL.value and (id_ := clauses[row.requirement].id) in names
        }
        later = older


def _continued(later: Portfolio, older: Portfolio, names: Mapping[str, str]) -> dict[str, str]:
    """The older portfolio's requirements by id -> what they are called now; `names` has the later one's."""
    pairs = matched(older.program.clauses, later.program.clauses)
    return {then: names[now] for now, then in pairs.items() if now in names}


def overrides_of(program: Program, scenario: Scenario, option: str = "scenario") -> Overrides:
    """A scenario in millionths.

    Args:
        option: what errors call it.

    Raises:
        InputError: it names what isn't there, or gives a value that a contract couldn't.
    """
    overrides: dict[tuple[str, str], int | None] = {}
    problems: list[Problem] = []
    for key, value in scenario.items():
        place = Place(f"{option} {key}")
        clause, name = clause_and_parameter(program, key, place)
        try:
            overrides[clause.id, name] = (
                None
                if value is None
                else parameter_value(str(value), clause.types.get(name), program.period, program.as_of)
            )
        except ValueError as error:
            problems.append(Problem(place, str(error)))
    if problems:
        raise InputError(problems)
    return overrides


def clause_and_parameter(program: Program, key: str, place: Place) -> tuple[Clause, str]:
    """What `2.2.7.minimum` names.

    Raises:
        InputError: there is no such requirement or parameter.
    """
    id_, dot, name = key.rstrip(".").rpartition(".")
    clause, whole = program.clause(id_), program.clause(key.rstrip("."))
    if clause is not None and name in clause.parameters:
        return clause, name
    found, ids = clause or whole, [clause.id for clause in program.clauses]
    if found is None:
        said = (
            f"The contract {program.contract.id} has no requirement {shown(id_ if dot else key)}. Write "
            f"REQUIREMENT.PARAMETER, such as {ids[0]}.minimum.{did_you_mean(id_ if dot else key, ids)}"
            if ids
            else "The contract has no requirements."
        )
    elif not found.parameters:
        said = (
            f"The requirement {found.id} has no parameter: its level stands in its rule, {found.rule.name}."
        )
    elif clause is None:
        names = [f"{found.id}.{name}" for name in found.parameters]
        said = f"{shown(found.id)} is a requirement. Name its parameter, too: {one_of(names)}."
    else:
        near = did_you_mean(name, clause.parameters)
        said = f"The requirement {id_} has no parameter {shown(name)}. It has: {one_of(clause.parameters)}.{near}"
    raise InputError([Problem(place, said)])


def worst_first(units: tuple[UnitResult, ...]) -> list[UnitResult]:
    """The units to talk with first: most failed ska-krav, then partial ones, then what is unknown."""

    def weight(unit: UnitResult) -> tuple[int, ...]:
        def count(grade: Grade, obligation: str) -> int:
            return sum(f.grade is grade and f.obligation == obligation for f in unit.findings)

        return (
            -count(Grade.FAIL, "must"),
            -count(Grade.PARTIAL, "must"),
            -count(Grade.UNKNOWN, "must"),
            -count(Grade.FAIL, "target"),
            -count(Grade.PARTIAL, "target"),
            -count(Grade.UNKNOWN, "target"),
        )

    return sorted((u for u in units if any(weight(u))), key=lambda u: (weight(u), u.unit))
