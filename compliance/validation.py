"""Figures checked against each other: what is stated recomputed, and relations between facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from compliance.assessment import open_portfolio
from compliance.data.observations import Cell, State, period_of
from compliance.data.portfolio import Portfolio, check_scopes, earlier_cells
from compliance.engine.run import Evaluation, evaluate
from compliance.findings.evidence import make_findings
from compliance.findings.records import Grade, MeasureValue
from compliance.findings.totals import Statistics, statistics
from compliance.language.checks import Check, Stated
from compliance.language.contracts import Requirement, known_section
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Clause, Ready, compile_rule
from compliance.language.rules import Rule, Weighted, Wording
from compliance.library import Library, find_portfolio
from compliance.problems import Problem, Problems

__all__ = ["Checked", "Recomputed", "Validation", "broken_relations", "validate"]


class Recomputed(NamedTuple):
    """A stated figure beside what it comes to; `recomputed` is None where facts are missing.

    `ready` is the measure that it was recomputed by, None where it rests on numbers in the document;
    `missing` is how many of the units have no value that is known.
    """

    figure: Stated
    recomputed: Fraction | None
    ready: Ready | None
    missing: int = 0

    @property
    def agrees(self) -> bool | None:
        return None if self.recomputed is None else self.figure.agrees(self.recomputed)

    @property
    def explained(self) -> bool:
        """It doesn't agree, and the portfolio says why and what was assumed instead."""
        return self.agrees is False and self.figure.note is not None


class Checked(NamedTuple):
    """A relation between facts that doesn't hold for a unit and period: what both sides come to."""

    check: Check
    unit: str
    period: str
    left: Fraction
    right: Fraction


class Validation(NamedTuple):
    """What validating a portfolio found.

    Attributes:
        stated: every stated figure, in the portfolio's order.
        checks: the catalogue's relations between facts.
        broken: the relations that don't hold, by check, unit and period.
        held: how many times each check held.
        observations: how many observations there are, and how many of them aren't relied on.
    """

    portfolio: Portfolio
    stated: tuple[Recomputed, ...]
    checks: tuple[Check, ...]
    broken: tuple[Checked, ...]
    held: dict[str, int]
    observations: tuple[int, int]
    errors: tuple[Problem, ...]

    @property
    def disagreements(self) -> int:
        """How much doesn't agree and isn't explained."""
        return len(self.broken) + sum(r.agrees is False and not r.explained for r in self.stated)


def validate(portfolio: str | Path, *, library: str | Path | None = None) -> Validation:
    """Reads a portfolio, recomputes every figure that it states, and tries the catalogue's checks.

    Args and errors are as for `compliance.audit`.
    """
    read = open_portfolio(portfolio, library)
    folder = find_portfolio(portfolio)
    assert isinstance(folder, Path)
    problems = Problems()
    books = Library.of(Path(library) if library is not None else None, folder, problems)
    stated = _recompute(read, books, problems)
    checks = [check for check in books.checks.values() if check]
    broken, held = broken_relations(read, checks, books.facts)
    shaky = sum(cell.state is not State.GOOD for cell in read.cells)
    errors = sorted({*read.problems, *problems})
    return Validation(read, stated, tuple(checks), broken, held, (len(read.cells), shaky), tuple(errors))


def _recompute(portfolio: Portfolio, books: Library, problems: Problems) -> tuple[Recomputed, ...]:
    figures = portfolio.file.stated
    for figure in figures:
        if figure.source is not None:
            path = (*figure.path, "source")
            key, section = figure.source.document, figure.source.section
            known_section(key, section, portfolio.contract.documents, figure.document, path, problems)
    measured = {index: figure for index, figure in enumerate(figures) if figure.measure is not None}
    clauses = _clauses(measured, portfolio, books, problems)
    now, before = _statistics(portfolio, clauses, books, problems)
    return tuple(
        Recomputed(figure, figure.plain, None)
        if figure.measure is None
        else Recomputed(
            figure,
            _figure(figure, now.get(index), before.get(index)),
            clauses[index].measures[0] if index in clauses else None,
            _missing(index, figure, now, before),
        )
        for index, figure in enumerate(figures)
    )


def _missing(index: int, figure: Stated, now: _Sides, before: _Sides) -> int:
    """How many units lack a value, in what the figure is about: now, before or both."""
    sides = {"now": [now], "before": [before], "difference": [now, before]}[figure.when]
    return sum(side[index].unknown for side in sides if index in side)


class _Side(NamedTuple):
    """A figure's statistics in one portfolio, and how many units they lack."""

    statistics: Statistics
    unknown: int


_Sides = dict[int, _Side]


def _figure(figure: Stated, now: _Side | None, before: _Side | None) -> Fraction | None:
    values = [_one(figure.statistic, which) for which in (now, before)]
    if figure.when != "difference":
        return values[figure.when == "before"]
    later, earlier = values
    return None if later is None or earlier is None else later - earlier


def _one(statistic: str, side: _Side | None) -> Fraction | None:
    """One statistic; a total that lacks units is no total."""
    if side is None or (statistic == "total" and side.unknown):
        return None
    value: Fraction | int | None = getattr(side.statistics, statistic)
    return None if value is None else Fraction(value)


def _clauses(
    figures: Mapping[int, Stated], portfolio: Portfolio, books: Library, problems: Problems
) -> dict[int, Clause]:
    """The stated figures' measures as requirements without levels, for the engine to measure."""
    clauses = {index: _clause(index, figure, portfolio, books, problems) for index, figure in figures.items()}
    return {index: clause for index, clause in clauses.items() if clause is not None}


def _clause(
    index: int, figure: Stated, portfolio: Portfolio, books: Library, problems: Problems
) -> Clause | None:
    assert figure.measure is not None
    rule = Rule(
        name=f"stated-{index}",
        title=figure.title,
        measures=(figure.measure,),
        parameters={},
        grade={},
        applies=(),
        applies_measures=(),
        takes=(),
        question=None,
        wording=Wording(),
        examples=(),
        document=figure.document,
        path=figure.path,
    )
    requirement = Requirement(
        id=rule.name,
        rule=rule.name,
        title=figure.title,
        obligation="monitor",
        parameters={},
        assumed=(),
        bind={},
        scope=figure.scope,
        vary=(),
        period=None,
        applies=None,
        via_agreement=True,
        points=None,
        references={},
        bands=(),
        sources=(),
        document=figure.document,
        path=figure.path,
    )
    return compile_rule(rule, requirement, books, portfolio.period, portfolio.program.as_of, problems)


def _statistics(
    portfolio: Portfolio, clauses: Mapping[int, Clause], books: Library, problems: Problems
) -> tuple[dict[int, _Side], dict[int, _Side]]:
    """Each figure's statistics over its units, in the portfolio and in the previous one."""
    if not clauses:
        return {}, {}
    previous = portfolio.previous
    if previous is not None:
        figures = {index: portfolio.file.stated[index] for index in clauses}
        # What can't be measured in the previous portfolio is unknown there, and needs no error.
        previous = _measuring(previous, _clauses(figures, previous, books, Problems()))
    now = _measuring(portfolio, clauses)._replace(previous=previous)
    units = {unit.id: unit for unit in portfolio.units}
    check_scopes(now.program, units, problems)
    now = now._replace(earlier=earlier_cells(now.program, previous, units))
    evaluation, earlier = evaluate(now)
    before: dict[int, _Side] = {}
    if previous is not None and earlier is not None:
        before = _by_figure(previous, earlier)
    return _by_figure(now, evaluation), before


def _measuring(portfolio: Portfolio, clauses: Mapping[int, Clause]) -> Portfolio:
    program = portfolio.program
    facts = {fact.name: fact for c in clauses.values() for m in c.measures for fact in m.facts}
    measuring = program._replace(clauses=tuple(clauses.values()), facts=facts)
    return portfolio._replace(program=measuring, waivers=(), unsettled=frozenset())


def _by_figure(portfolio: Portfolio, evaluation: Evaluation) -> dict[int, _Side]:
    values: dict[str, list[MeasureValue]] = {clause.id: [] for clause in portfolio.program.clauses}
    for finding in make_findings(portfolio, evaluation, {}, 0):
        if finding.grade is not Grade.NOT_APPLICABLE:
            values[finding.requirement].append(finding.measures[0])
    return {
        int(clause.id.partition("-")[2]): _Side(
            statistics(clause.measures[0], values[clause.id]),
            sum(value.exact is None for value in values[clause.id]),
        )
        for clause in portfolio.program.clauses
    }


def broken_relations(
    portfolio: Portfolio, checks: Sequence[Check], catalogue: Mapping[str, Fact | None]
) -> tuple[tuple[Checked, ...], dict[str, int]]:
    """The relations that don't hold, and how often each held."""
    wanted = {fact for check in checks for fact in check.facts}
    cells: dict[tuple[str, int], dict[str, Cell]] = {}
    for cell in portfolio.cells_of(wanted):
        if cell.state is State.GOOD and cell.value is not None:
            cells.setdefault((cell.unit, cell.slot), {})[cell.fact] = cell
    broken: list[Checked] = []
    held: dict[str, int] = {}
    for check in checks:
        facts = {name: catalogue[name] for name in check.facts}
        for (unit, slot), observed in sorted(cells.items()):
            if not all(name in observed for name in check.facts):
                continue
            left, right = (_sum(terms, observed, facts) for terms in (check.left, check.right))
            over = left - right if check.comparison == "at_most" else abs(left - right)
            if over <= Fraction(check.within):
                held[check.name] = held.get(check.name, 0) + 1
                continue
            fact = facts[check.facts[0]]
            assert fact is not None
            broken.append(Checked(check, unit, period_of(fact, slot, portfolio.period, None), left, right))
    return tuple(broken), held


def _sum(
    terms: tuple[Weighted, ...], observed: Mapping[str, Cell], facts: Mapping[str, Fact | None]
) -> Fraction:
    total = Fraction(0)
    for term in terms:
        fact, value = facts[term.fact], observed[term.fact].value
        assert fact is not None
        assert value is not None
        total += Fraction(term.weight) * Fraction(value, MILLION * fact.divisor)
    return total
