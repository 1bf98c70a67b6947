"""Runs the examples of rules: each says what grade some facts give.

All examples of all rules are graded in one run: every example is a unit of a portfolio made up for it,
and every rule a requirement that concerns just the units of its own examples.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from compliance.data.observations import Cell, Expected, Observations
from compliance.data.portfolio import Portfolio
from compliance.data.units import Unit
from compliance.engine.run import evaluate
from compliance.language.contracts import Contract, Requirement, Scope, Vary
from compliance.language.facts import Fact
from compliance.language.periods import Period, month_index, read_period
from compliance.language.portfolios import PortfolioFile
from compliance.language.program import Clause, Program, compile_rule
from compliance.language.reader import Document
from compliance.language.rules import Example, Rule
from compliance.library import Library
from compliance.problems import Place, Problem, Problems, did_you_mean, shown
from compliance.words import Text

__all__ = ["Graded", "Outcome", "alone", "graded_examples", "run_examples"]

LAST = month_index(2024, 12)
YEAR = 12
TAKEN_TYPES = ("yes_no", "level", "number", "date", "opening_hours", "text")
"""What a taken fact may be: the first type that fits the rule's thresholds and its examples."""


class Outcome(NamedTuple):
    """An example's expected and actual grade; `grade` is None where it couldn't be graded.

    Of a follow-up rule it is `yes` where the rule fires, and `no` where it doesn't.
    """

    rule: str
    number: int
    place: Place
    expected: str
    grade: str | None

    @property
    def passed(self) -> bool:
        return self.grade == self.expected


class Graded(NamedTuple):
    """An example as the engine sees it.

    Attributes:
        values: its clause's measures, None where unknown.
        parameters: in millionths, the example's own among them; `written` has them as text.
    """

    rule: Rule
    clause: Clause
    example: Example
    grade: str
    values: tuple[Fraction | None, ...]
    parameters: dict[str, int | None]
    written: dict[str, str | None]


class _Prepared(NamedTuple):
    clause: Clause
    units: tuple[Unit, ...]
    cells: tuple[Cell, ...]
    observations: Observations


def run_examples(library: Library, names: tuple[str, ...] = ()) -> tuple[list[Outcome], list[Problem]]:
    """Every example's outcome, and what is wrong with rules and examples.

    Args:
        names: the rules whose examples are run; all if empty.
    """
    problems = library.problems
    prepared = _prepared(library, names, problems)
    found = _evaluated([part for _, part in prepared if part is not None])
    outcomes = [
        Outcome(
            rule.name,
            index + 1,
            example.place,
            example.grade,
            found[rule.name, index].grade if (rule.name, index) in found else None,
        )
        for rule, _ in prepared
        for index, example in enumerate(rule.examples)
    ]
    return outcomes + _followup(library, names, problems), list(problems)


def graded_examples(library: Library, names: tuple[str, ...] = ()) -> list[Graded]:
    """Every example that can be graded, with what its measures come to; in one run."""
    prepared = _prepared(library, names, library.problems)
    return list(_evaluated([part for _, part in prepared if part is not None]).values())


def _prepared(
    library: Library, names: tuple[str, ...], problems: Problems
) -> list[tuple[Rule, _Prepared | None]]:
    return [
        (rule, _prepare(rule, library, problems))
        for name, rule in library.rules.items()
        if rule is not None and (not names or name in names) and rule.examples
    ]


def _followup(library: Library, names: tuple[str, ...], problems: Problems) -> list[Outcome]:
    """The examples of follow-up rules: their grade is whether the rule fires."""
    from compliance.followup.examples import try_examples
    from compliance.followup.rules import ready_rules

    answers = ("no", "yes")
    return [
        Outcome(one.rule, one.number, one.place, answers[one.expected], answers[one.fired])
        for one in try_examples(ready_rules(library, problems), names)
    ]


def alone(rule: Rule, library: Library, problems: Problems) -> Clause | None:
    """A rule by itself, as its examples use it, with made-up facts for those that it takes."""
    prepared = _prepare(rule, library, problems, YEAR)
    return prepared.clause if prepared else None


def _unit_id(rule: str, index: int) -> str:
    return f"{rule}#{index}"


def _prepare(rule: Rule, library: Library, problems: Problems, months: int = 1) -> _Prepared | None:
    """The rule as a requirement; with each type that its taken facts may have, until one fits."""
    for kind in TAKEN_TYPES if rule.takes else TAKEN_TYPES[:1]:
        tried = Problems()
        prepared = _prepare_as(rule, library, kind, tried, months)
        if prepared is not None and not tried.found:
            return prepared
    for problem in tried.found:
        problems.add(problem.place, problem.message)
    return prepared


def _prepare_as(rule: Rule, library: Library, kind: str, problems: Problems, least: int) -> _Prepared | None:
    taken = {name: _taken_fact(rule, name, kind) for name in rule.takes}
    months = max([least, *(measure.coverage or 1 for measure in _measures(rule))])
    period = Period(LAST - months + 1, LAST, "2024")
    facts: dict[str, Fact | None] = dict(library.facts)
    facts.update({fact.name: fact for fact in taken.values()})
    books = Library(library.folders, problems)
    books.__dict__["facts"] = facts
    requirement = _requirement(rule, taken)
    clause = compile_rule(rule, requirement, books, period, period.last_day, problems)
    if clause is None:
        return None
    first = min([period.first, *(ready.first for ready in clause.measures)])
    units = tuple(_unit(rule, index) for index in range(len(rule.examples)))
    observations = Observations(
        Expected(period, {unit.id: unit for unit in units}, facts, ((first, LAST),), frozenset()),
        problems,
    )
    used = {fact.name: fact for ready in clause.measures for fact in ready.facts}
    for index, example in enumerate(rule.examples):
        _observe(rule, index, example, taken, used, (first, LAST), observations)
    cells = tuple(sorted(observations.cells, key=lambda cell: (cell.unit, cell.fact, cell.slot)))
    return _Prepared(clause, units, cells, observations)


def _measures(rule: Rule) -> list[Any]:
    return [*rule.measures, *rule.applies_measures]


def _taken_fact(rule: Rule, name: str, kind: str) -> Fact:
    return Fact(
        name=f"{rule.name}.{name}",
        title=Text(name, name),
        type=kind,
        unit=None,
        per="period",
        stock=False,
        range=None,
        default=None,
        origin=None,
        options=(),
    )


def _requirement(rule: Rule, taken: dict[str, Fact]) -> Requirement:
    return Requirement(
        id=rule.name,
        rule=rule.name,
        title=None,
        obligation="must",
        parameters={},
        assumed=(),
        bind={name: fact.name for name, fact in taken.items()},
        scope=Scope((("unit", tuple(_unit_id(rule.name, index) for index in range(len(rule.examples)))),)),
        vary=tuple(
            Vary(Scope((("unit", (_unit_id(rule.name, index),)),)), example.parameters, example.place)
            for index, example in enumerate(rule.examples)
            if example.parameters
        ),
        period=None,
        applies=None,
        via_agreement=True,
        points=None,
        references={},
        bands=(),
        sources=(),
        document=rule.document,
        path=rule.path,
    )


def _unit(rule: Rule, index: int) -> Unit:
    id_ = _unit_id(rule.name, index)
    place = rule.examples[index].place
    return Unit(id_, id_, "unit", None, None, None, None, None, True, place)


def _observe(
    rule: Rule,
    index: int,
    example: Example,
    taken: dict[str, Fact],
    used: dict[str, Fact],
    months: tuple[int, int],
    observations: Observations,
) -> None:
    """The example's facts as observations: one given once stands for every month."""
    unit = _unit_id(rule.name, index)
    known = {*used, *taken}
    for name, content in example.facts.items():
        path = (*example.path, "facts", name)
        fact = taken.get(name) or used.get(name)
        if fact is None:
            observations.problems.add(
                rule.document.key_place(*path),
                f"The rule {rule.name!r} doesn't use the fact {shown(name)}.{did_you_mean(name, known)}",
            )
        elif content is None:
            continue
        elif fact.monthly and not _by_month(content):
            for month in range(months[0], months[1] + 1):
                observations.add_value(unit, fact, month, content, rule.document, path)
        else:
            observations.add_content(unit, fact, content, rule.document, path)


def _by_month(content: Any) -> bool:
    return isinstance(content, dict) and bool(content) and all(key[:4].isdigit() for key in content)


def _evaluated(prepared: list[_Prepared]) -> dict[tuple[str, int], Graded]:
    if not prepared:
        return {}
    clauses = tuple(part.clause for part in prepared)
    facts = {fact.name: fact for c in clauses for m in c.measures for fact in m.facts}
    period = read_period("2024")
    contract = Contract(
        id="examples",
        title=Text("Exempel", "Examples"),
        region=None,
        unit_word=(Text("exempel", "example"), Text("exempel", "examples")),
        period=period,
        documents={},
        requirements=tuple(clause.requirement for clause in clauses),
        out_of_scope=(),
        unreadable=frozenset(),
        extends=None,
        name="examples",
    )
    units = tuple(unit for part in prepared for unit in part.units)
    portfolio = Portfolio(
        folder=Path(),
        file=PortfolioFile(
            folder=Path(),
            contract="examples",
            period=None,
            provenance=None,
            notes=(),
            units="",
            observations=(),
            previous=None,
            waivers=(),
            unreadable_waivers=frozenset(),
            agreements=(),
            plans=(),
            document=Document("examples"),
        ),
        program=Program(contract, period, date(2024, 12, 31), clauses, facts),
        units=units,
        cells=tuple(cell for part in prepared for cell in part.cells),
        earlier=(),
        schedules={
            text: schedule for part in prepared for text, schedule in part.observations.schedules.items()
        },
        waivers=(),
        unsettled=frozenset(),
        previous=None,
        defaults_hold=True,
    )
    evaluation, _ = evaluate(portfolio)
    result: dict[tuple[str, int], Graded] = {}
    for row in evaluation.findings:
        rule, _, index = units[row.unit].id.rpartition("#")
        clause = clauses[row.requirement]
        example = clause.rule.examples[int(index)]
        values: list[Fraction | None] = [None] * len(clause.measures)
        for measure in evaluation.measures.get((row.scenario, row.unit, row.requirement), ()):
            if measure.known and measure.top is not None and measure.bottom:
                values[measure.position] = Fraction(measure.top, measure.bottom)
        parameters = dict(clause.parameters)
        for layer in clause.vary:
            if units[row.unit].id in dict(layer.scope.attributes)["unit"]:
                parameters |= layer.parameters
        written = {**clause.rule.parameters, **example.parameters}
        graded = Graded(clause.rule, clause, example, row.grade, tuple(values), parameters, written)
        result[rule, int(index)] = graded
    return result
