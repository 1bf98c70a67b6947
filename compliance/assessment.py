"""An audit: all findings for a portfolio, and what changes under other thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from compliance.data.portfolio import Portfolio, read_portfolio
from compliance.engine.run import Evaluation, Overrides, evaluate
from compliance.findings.evidence import make_findings
from compliance.findings.records import Finding, Findings, Grade, Previous, UnitResult
from compliance.findings.totals import RequirementTotal, requirement_totals
from compliance.language.program import Program, parameter_value
from compliance.library import find_portfolio
from compliance.problems import InputError, Place, Problem, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Audit",
    "Change",
    "Group",
    "Impact",
    "audit",
    "check",
    "impact",
    "open_portfolio",
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
    """All findings for a portfolio. Units come by id, findings by unit and in the contract's order."""

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
        earlier = {t.requirement: t for t in self.before.requirements} if self.before else {}
        return requirement_totals(self.portfolio.program.clauses, self.findings, earlier)

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
        members: dict[str | None, list[UnitResult]] = {}
        for unit in self.units:
            if unit.findings:
                members.setdefault(getattr(unit, by), []).append(unit)
        earlier: dict[str | None, dict[str, RequirementTotal]] = {}
        if self.before:
            for group in self.before.groups(by):
                earlier[group.group] = {t.requirement: t for t in group.requirements}
        return tuple(
            Group(
                by,
                name,
                len(members[name]),
                requirement_totals(
                    self.portfolio.program.clauses,
                    [finding for unit in members[name] for finding in unit.findings],
                    earlier.get(name, {}),
                ),
            )
            for name in sorted(members, key=lambda name: (name is None, name or ""))
        )


class Change(NamedTuple):
    """A finding whose grade differs between the contract as it is and the changed one."""

    before: Finding
    after: Finding


class Impact(NamedTuple):
    """An audit under the contract as it is, and under changed thresholds."""

    before: Audit
    after: Audit

    @property
    def changes(self) -> list[Change]:
        return [
            Change(old, new)
            for old, new in zip(self.before.findings, self.after.findings, strict=True)
            if old.grade is not new.grade
        ]


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
    overrides = _overrides(read.program, scenario or {})
    evaluation, earlier = evaluate(read, [overrides])
    return _audit(read, evaluation, earlier)


def impact(
    portfolio: str | Path,
    changes: Scenario,
    *,
    library: str | Path | None = None,
    as_of: date | None = None,
) -> Impact:
    """Who would change grade if thresholds changed: both contracts graded in one query.

    Args and errors are as for `audit`.
    """
    read = open_portfolio(portfolio, library, as_of)
    evaluation, earlier = evaluate(read, [{}, _overrides(read.program, changes)])
    return Impact(_audit(read, evaluation, earlier), _audit(read, evaluation, earlier, scenario=1))


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
    return _audit(read, evaluation, earlier), evaluation


def _audit(
    portfolio: Portfolio,
    evaluation: Evaluation,
    earlier: Evaluation | None,
    scenario: int = 0,
) -> Audit:
    before: Audit | None = None
    previous: dict[tuple[str, str], Previous] = {}
    if portfolio.previous is not None and earlier is not None:
        before = _audit(portfolio.previous, earlier, None)
        previous = {(f.unit, f.requirement): Previous(f.value, f.grade) for f in before.findings}
    findings = make_findings(portfolio, evaluation, previous, scenario)
    return Audit(portfolio, Findings(findings), before)


def _overrides(program: Program, scenario: Scenario) -> Overrides:
    overrides: dict[tuple[str, str], int | None] = {}
    for key, value in scenario.items():
        place = Place(f"scenario {key}")
        id_, _, name = key.rpartition(".")
        clause = program.clause(id_)
        if clause is None:
            ids = [clause.id for clause in program.clauses]
            raise InputError(
                [
                    Problem(
                        place,
                        f"The contract {program.contract.id} has no requirement {shown(id_)}. Write "
                        f"REQUIREMENT.PARAMETER, such as {ids[0]}.minimum.{did_you_mean(id_, ids)}"
                        if ids
                        else "The contract has no requirements.",
                    )
                ]
            )
        if name not in clause.parameters:
            raise InputError(
                [
                    Problem(
                        place,
                        f"The requirement {id_} has no parameter {shown(name)}. It has: "
                        f"{one_of(clause.parameters) or 'none'}.{did_you_mean(name, clause.parameters)}",
                    )
                ]
            )
        try:
            overrides[id_, name] = (
                None
                if value is None
                else parameter_value(str(value), clause.types.get(name), program.period, program.as_of)
            )
        except ValueError as error:
            raise InputError([Problem(place, str(error))]) from None
    return overrides


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
