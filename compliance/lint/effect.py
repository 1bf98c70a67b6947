"""Follow-up rules and waivers that can match nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from compliance.data.units import Unit, read_units
from compliance.followup.language import Branch, FollowUpRule, Pattern
from compliance.language.contracts import Scope
from compliance.language.portfolios import PortfolioFile, Waiver, read_portfolio_file
from compliance.language.program import Clause, Program, compile_contract, parameter_value
from compliance.library import Library
from compliance.lint.desk import Desk, Use
from compliance.lint.problem import LintProblem, about
from compliance.lint.situation import Situation
from compliance.problems import Problems, shown

__all__ = ["CHECKS"]

ALWAYS = frozenset({"unknown", "not_applicable"})
"""Any figure may be missing, and any unit be closed or exempt."""


class _Possible(NamedTuple):
    """What may be known of a requirement's finding."""

    requirement: str
    obligation: str
    rule: str
    section: tuple[str, ...]
    uses: frozenset[str]
    grades: frozenset[str]


def followup_matches_nothing(desk: Desk) -> Iterator[LintProblem]:
    if not desk.contracts:
        return
    contracts = _possible(desk)
    rules = {name: rule for name, rule in desk.books.followup.items() if rule}
    drawn: set[str] = set()
    more = True
    while more:
        found = {
            rule.conclude
            for rule in rules.values()
            if rule.conclude
            and any(_may_hold(branch, known, drawn) for branch in rule.branches for known in contracts)
        }
        more, drawn = found > drawn, drawn | found
    for rule in rules.values():
        yield from _of_rule(rule, contracts, drawn)


def _of_rule(rule: FollowUpRule, contracts: list[list[_Possible]], drawn: set[str]) -> Iterator[LintProblem]:
    told: set[Pattern] = set()
    for index, branch in enumerate(rule.branches):
        lone = [
            pattern
            for pattern in branch.patterns
            if not any(_count(pattern, known, drawn) >= pattern.at_least for known in contracts)
        ]
        for pattern in lone:
            if pattern not in told:
                told.add(pattern)
                what = (
                    "never matches anything, so it always holds" if pattern.negated else "can match nothing"
                )
                yield LintProblem(
                    "followup-matches-nothing",
                    pattern.place,
                    f"The follow-up rule {rule.name!r}: in no contract of the library is there what this {pattern.kind!r} asks "
                    f"for: it {what}. Correct it, or remove it.",
                    about(followup=rule.name),
                )
        if not lone and not any(_may_hold(branch, known, drawn) for known in contracts):
            way = f" (in its way {index + 1})" if len(rule.branches) > 1 else ""
            yield LintProblem(
                "followup-matches-nothing",
                branch.patterns[0].place,
                f"The follow-up rule {rule.name!r}{way}: in no contract of the library can its conditions hold together. "
                "Correct them, or remove the rule.",
                about(followup=rule.name),
            )


def _possible(desk: Desk) -> list[list[_Possible]]:
    uses: dict[tuple[str, str], Use] = {
        (use.contract.id, use.clause.id): use for use in desk.uses if use.contract is not None
    }
    return [
        [_about(uses[program.contract.id, clause.id]) for clause in program.clauses]
        for program in desk.programs
    ]


def _about(use: Use) -> _Possible:
    clause = use.clause
    grades = set(ALWAYS)
    for setting in use.settings:
        situation = setting.situation
        if not {"pass", "partial"} & set(situation.rungs):
            grades.add("info")
        states = situation.states
        grades.update({"pass", "partial", "fail"} if states is None else {state.grade for state in states})
    return _Possible(
        clause.id,
        clause.requirement.obligation,
        clause.rule.name,
        tuple(source.section for source in clause.requirement.sources),
        frozenset(fact.name for ready in clause.measures for fact in ready.facts),
        frozenset(grades),
    )


def _fits(pattern: Pattern, known: _Possible) -> bool:
    for name, allowed in pattern.criteria:
        if name in ("grade", "before"):
            if not known.grades & set(allowed):
                return False
        elif name == "failing_periods":
            if "fail" not in known.grades:
                return False
        elif name == "section":
            if not any(one == a or one.startswith(a + ".") for one in known.section for a in allowed):
                return False
        elif name == "uses":
            if not known.uses & set(allowed):
                return False
        elif name in ("requirement", "obligation", "rule") and getattr(known, name) not in allowed:
            return False
    return True


def _count(pattern: Pattern, contract: list[_Possible], drawn: set[str]) -> int:
    """How many things of a contract a pattern can match at most."""
    if pattern.kind in ("finding", "previous", "plan"):
        return sum(_fits(pattern, known) for known in contract)
    if pattern.kind == "conclusion":
        return int(pattern.criterion("name")[0] in drawn)
    return pattern.at_least


def _may_hold(branch: Branch, contract: list[_Possible], drawn: set[str]) -> bool:
    positive = [pattern for pattern in branch.others if not pattern.negated]
    if any(_count(pattern, contract, drawn) < pattern.at_least for pattern in positive):
        return False
    if branch.subject is None:
        return True
    same = [pattern for pattern in positive if pattern.same and pattern.kind in ("previous", "plan")]
    return any(
        _fits(branch.subject, known) and all(_fits(pattern, known) for pattern in same) for known in contract
    )


# Waivers --------------------------------------------------------------------------------------


def waiver_matches_nothing(desk: Desk) -> Iterator[LintProblem]:
    for folder in desk.portfolios:
        name = f"{folder.resolve().name}/portfolio.yaml"
        file = read_portfolio_file(folder, name, Problems())
        if file is None:
            continue
        books = desk.books
        if file.contract not in books.contract_files:
            books = Library.of(desk.books.folders[0][0], folder, Problems())
        contract = books.contract(file.contract)
        units = read_units(folder / file.units, file.units, Problems())
        if contract is None or units is None or (desk.chosen and contract.id not in desk.chosen):
            continue
        period = file.period or contract.period
        program = compile_contract(contract, books, period, period.last_day, Problems())
        for waiver in file.waivers:
            yield from _waiver(waiver, file, program, {unit.id: unit for unit in units})


def _waiver(
    waiver: Waiver, file: PortfolioFile, program: Program, units: Mapping[str, Unit]
) -> Iterator[LintProblem]:
    clause, unit = program.clause(waiver.requirement), units.get(waiver.unit)
    if clause is None or unit is None:
        return  # which is an error of the portfolio, and told there
    what = None
    if not _concerns(clause.requirement.scope, unit):
        what = f"the requirement doesn't concern {unit.id}. Correct the unit or the requirement"
    elif not waiver.exempt:
        what = _no_change(waiver, clause, unit, program)
    if what:
        yield LintProblem(
            "waiver-matches-nothing",
            waiver.place,
            f"The waiver {shown(waiver.decision)} from {waiver.requirement!r} does nothing: {what}.",
            about(portfolio=file.folder.resolve().name, unit=waiver.unit, requirement=waiver.requirement),
        )


def _concerns(scope: Scope, unit: Unit) -> bool:
    own = {"kind": unit.kind, "operator": unit.operator, "municipality": unit.municipality, "unit": unit.id}
    return all(own[attribute] in values for attribute, values in scope.attributes)


def _no_change(waiver: Waiver, clause: Clause, unit: Unit, program: Program) -> str | None:
    """Why a waiver's parameters change nothing; None where they do."""
    plain = dict(clause.parameters)
    for layer in clause.vary:
        if _concerns(layer.scope, unit):
            plain |= layer.parameters
    eased = dict(plain)
    for name, text in waiver.parameters.items():
        if name not in plain:
            return None  # an error of the portfolio
        ready = clause.types.get(name)
        try:
            value = None if text is None else parameter_value(text, ready, program.period, program.as_of)
        except ValueError:
            return None
        eased[name] = value
    if eased == plain:
        told = " and ".join(f"{name} is {text or 'null'}" for name, text in waiver.parameters.items())
        return f"{told} without it, too. Remove it, or correct its parameters"
    changed = {name for name in eased if eased[name] != plain[name]}
    used = {
        test.threshold.parameter
        for parameters in (plain, eased)
        for branches in Situation(clause, parameters).rungs.values()
        for tests in branches
        for test in tests
    } | {ready.threshold.parameter for ready in clause.measures if ready.threshold}
    points = clause.points
    used |= {end.parameter for end in (points.from_, points.to) if end} if points else set()
    if not changed & used:
        return "nothing is compared with what it changes. Correct its parameters"
    return None


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "followup-matches-nothing": followup_matches_nothing,
    "waiver-matches-nothing": waiver_matches_nothing,
}
