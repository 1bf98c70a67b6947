"""What the checks look at: the library, and each rule as it stands and as each contract uses it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from compliance.language.checks import Check
from compliance.language.contracts import Contract, Requirement, Scope
from compliance.language.examples import alone
from compliance.language.program import Clause, Program, Test, compile_contract
from compliance.language.reader import Document, read_yaml
from compliance.language.rules import Criterion, read_rung
from compliance.library import Library
from compliance.lint.problem import About, about
from compliance.lint.situation import Situation
from compliance.problems import Place, Problems

__all__ = ["Desk", "Setting", "Use"]

MOST_LAYERS = 6


class Setting(NamedTuple):
    """The parameters of a use for some units, and where each of them is written."""

    parameters: dict[str, int | None]
    written: dict[str, str | None]
    places: dict[str, Place]
    situation: Situation


class Use(NamedTuple):
    """A rule as it stands (`contract` is None), or a requirement that uses it."""

    contract: Contract | None
    clause: Clause
    settings: tuple[Setting, ...]

    @property
    def place(self) -> Place:
        return self.clause.rule.place if self.contract is None else self.clause.requirement.place("id")

    @property
    def name(self) -> str:
        rule = self.clause.rule.name
        return (
            f"The rule {rule!r}" if self.contract is None else f"The requirement {self.clause.id!r} ({rule})"
        )

    def measure(self, index: int) -> str:
        """What a message calls a measure: by its name where the rule has several."""
        ready = self.clause.measures[index]
        if ready.part != "measure":
            return "the condition's measure"
        return repr(ready.name) if len(self.clause.rule.measures) > 1 else "its measure"

    def about(self, **more: str) -> About:
        requirement = None if self.contract is None else self.clause.id
        contract = None if self.contract is None else self.contract.id
        return about(rule=self.clause.rule.name, contract=contract, requirement=requirement, **more)

    def criteria(self) -> dict[Test, Criterion]:
        """Where each test is written."""
        clause = self.clause
        names = tuple(measure.name for measure in clause.rule.measures)
        own: list[Criterion] = []
        if clause.requirement.applies is not None:
            requirement = clause.requirement
            path = (*requirement.path, "applies")
            read = read_rung(requirement.applies, requirement.document, path, Problems(), names, "condition")
            own = [criterion for branch in read[0] for criterion in branch] if read else []
        rule = clause.rule
        written = [
            *(c for branch in rule.applies for c in branch),
            *own,
            *(c for rung in ("pass", "partial") for branch in rule.grade.get(rung, ()) for c in branch),
        ]
        found: dict[Test, Criterion] = {}
        for test, criterion in zip(clause.tests, written, strict=True):
            found.setdefault(test, criterion)
        return found

    def place_of(self, test: Test, setting: Setting) -> Place:
        """Where what a test compares with is written: the parameter, or the threshold itself."""
        if test.threshold.parameter is not None:
            return setting.places[test.threshold.parameter]
        return self.criteria()[test].place


class Desk:
    """A library on the desk.

    Args:
        ids: the contracts that are looked at; all if empty.
        portfolios: the folders of those whose waivers are looked at.
    """

    def __init__(self, books: Library, ids: tuple[str, ...] = (), portfolios: tuple[Path, ...] = ()) -> None:
        self.books, self.chosen, self.portfolios = books, ids, portfolios
        self.contracts = [c for id_ in sorted(ids or books.contract_files) if (c := books.contract(id_))]
        self.relations: tuple[Check, ...] = tuple(check for check in books.checks.values() if check)
        self._situations: dict[object, Situation] = {}

    @cached_property
    def programs(self) -> list[Program]:
        problems = self.books.problems
        return [
            compile_contract(contract, self.books, contract.period, contract.period.last_day, problems)
            for contract in self.contracts
        ]

    @cached_property
    def uses(self) -> list[Use]:
        """Every rule by itself, then every requirement whose thresholds or facts are its own."""
        found: list[Use] = []
        for rule in self.books.rules.values():
            clause = alone(rule, self.books, self.books.problems) if rule else None
            if clause is not None:
                plain = clause._replace(vary=())  # its examples' own parameters are no part of it
                found.append(Use(None, plain, tuple(self._settings(plain))))
        found += [
            Use(program.contract, clause, tuple(self._settings(clause)))
            for program in self.programs
            for clause in program.clauses
        ]
        return found

    @cached_property
    def distinct(self) -> list[Use]:
        """The uses without requirements that take a rule as it stands."""
        return [
            use
            for use in self.uses
            if use.contract is None
            or use.clause.rule.takes
            or use.clause.requirement.applies is not None
            or any(setting.written != use.clause.rule.parameters for setting in use.settings)
        ]

    def _settings(self, clause: Clause) -> Iterator[Setting]:
        """The parameters as they are, and as each group of units that `vary` names has them."""
        requirement, rule = clause.requirement, clause.rule
        places = {name: rule.document.place(*rule.path, "parameters", name) for name in rule.parameters}
        places |= {name: requirement.place("parameters", name) for name in requirement.parameters}
        plain = {**rule.parameters, **requirement.parameters}
        layers = list(enumerate(clause.vary))[:MOST_LAYERS]
        for count in range(len(layers) + 1):
            for chosen in combinations(layers, count):
                if not _together([layer.scope for _, layer in chosen]):
                    continue
                parameters, written, where = dict(clause.parameters), dict(plain), dict(places)
                for index, layer in chosen:
                    parameters |= layer.parameters
                    written |= requirement.vary[index].parameters
                    where |= {
                        name: requirement.place("vary", index, "parameters", name)
                        for name in layer.parameters
                    }
                yield Setting(parameters, written, where, self._situation(clause, parameters))

    def _situation(self, clause: Clause, parameters: dict[str, int | None]) -> Situation:
        key = (
            tuple(
                ready._replace(measure=ready.measure._replace(place=Place(""))) for ready in clause.measures
            ),
            clause.tests,
            tuple(sorted(parameters.items(), key=str)),
        )
        if key not in self._situations:
            self._situations[key] = Situation(clause, parameters, self.relations)
        return self._situations[key]

    def document(self, contract: Contract) -> Document | None:
        """The contract's own file, as it is written."""
        file, name = self.books.contract_files[contract.id]
        return read_yaml(file, name, Problems())

    def requirements(self) -> Iterator[tuple[Contract, Requirement]]:
        for contract in self.contracts:
            for requirement in contract.requirements:
                yield contract, requirement


def _together(scopes: list[Scope]) -> bool:
    """Whether one unit may be in all of the scopes."""
    allowed: dict[str, set[str]] = {}
    for scope in scopes:
        for attribute, values in scope.attributes:
            allowed[attribute] = allowed.get(attribute, set(values)) & set(values)
    return all(allowed.values())
