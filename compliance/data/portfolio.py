"""A portfolio read whole: its contract made ready, its units, observations, waivers and predecessor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from compliance.data.observations import BEFORE, NOW, Cell, Expected, Observations, State
from compliance.data.units import Unit, find_unit, read_units
from compliance.language.contracts import Contract, Scope
from compliance.language.periods import Period
from compliance.language.portfolios import (
    Agreement,
    Plan,
    PortfolioFile,
    Waiver,
    read_portfolio_file,
)
from compliance.language.program import Clause, Program, compile_contract, parameter_value
from compliance.language.reader import Path_
from compliance.language.schedule import Schedule
from compliance.library import Library, has_own_rules
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Portfolio",
    "ReadyWaiver",
    "check_scopes",
    "earlier_cells",
    "read_observations",
    "read_portfolio",
    "settled_cells",
]


class ReadyWaiver(NamedTuple):
    """A waiver with its parameters in millionths."""

    waiver: Waiver
    parameters: dict[str, int | None]


class Portfolio(NamedTuple):
    """Everything that is evaluated for one period.

    Attributes:
        cells: the observations, one for each unit, fact and period, settled where several stood there.
        earlier: those of the previous portfolio that a window or a change needs.
        unsettled: (unit, requirement) whose waivers contradict each other.
        defaults_hold: every observation could be laid to a cell, so that an empty cell is really empty.
    """

    folder: Path
    file: PortfolioFile
    program: Program
    units: tuple[Unit, ...]
    cells: tuple[Cell, ...]
    earlier: tuple[Cell, ...]
    schedules: dict[str, Schedule]
    waivers: tuple[ReadyWaiver, ...]
    unsettled: frozenset[tuple[str, str]]
    previous: Portfolio | None
    defaults_hold: bool
    only: str | None = None
    """The one unit whose observations were read and whose findings are wanted; None for all."""
    problems: tuple[Problem, ...] = ()
    columns: tuple[Path, ...] = ()
    """Parquet files with observations that were left to be read in columns (see `read_portfolio`)."""

    @property
    def contract(self) -> Contract:
        return self.program.contract

    @property
    def period(self) -> Period:
        return self.program.period

    @property
    def provenance(self) -> Text | None:
        return self.file.provenance

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        return self.file.agreements

    @property
    def plans(self) -> tuple[Plan, ...]:
        return self.file.plans

    @property
    def shift(self) -> int:
        """How many months back the previous portfolio's period begins; zero without one."""
        return self.period.first - self.previous.period.first if self.previous else 0


def read_portfolio(
    folder: Path,
    *,
    library: Path | None = None,
    as_of: date | None = None,
    with_previous: bool = True,
    prefix: str = "",
    books: Library | None = None,
    unit: str | None = None,
    only: str | None = None,
    leave_columns: bool = False,
) -> Portfolio:
    """Reads a portfolio; whatever is wrong in it is in `problems`, and the rest is there.

    Args:
        as_of: the day on which waivers count; the period's last day if None.
        prefix: put before file names in errors.
        books: a library that was read before, for a portfolio without rules and contracts of its own.
        unit: the id or name of the one unit that is wanted (see `find_unit`); None for all.
        only: the same as an id that there need not be.
        leave_columns: Parquet files aren't read but named in `columns`, to be graded as they are read.

    Raises:
        InputError: the portfolio file, its contract or its units can't be read at all.
    """
    problems = Problems()
    file = read_portfolio_file(folder, f"{prefix}portfolio.yaml", problems)
    if file is None:
        raise InputError(problems)
    books = books or Library.of(library, folder, problems)
    place = file.document.place("contract")
    found = books.find_contract(file.contract)
    if isinstance(found, str):
        problems.add(place, found)
        raise InputError(problems)
    contract = books.contract(file.contract)
    if contract is None:
        raise InputError(problems)
    period = file.period or contract.period
    if not contract.period.holds(period):
        problems.add(
            file.document.place("period"),
            f"The portfolio's period {period} isn't within the contract's, {contract.period}. Correct it.",
        )
        raise InputError(problems)
    day = as_of or period.last_day
    program = compile_contract(contract, books, period, day, problems)
    if _leads_out(file.units):
        problems.add(
            file.document.place("units"),
            f"{shown(file.units)} leads out of the portfolio's folder. Move the file into the folder.",
        )
        raise InputError(problems)
    units = read_units(folder / file.units, prefix + file.units, problems)
    if units is None:
        raise InputError(problems)
    known = {unit.id: unit for unit in units}
    check_scopes(program, known, problems)
    if unit is not None:
        only = find_unit(units, unit, prefix + file.units)
    previous = _previous(file, program, library, books, problems, only) if with_previous else None
    columns: list[Path] | None = [] if leave_columns else None
    observations = read_observations(file, prefix, program, books, known, previous, problems, only, columns)
    waivers, unsettled = _waivers(file, program, known, problems)
    _check_agreements(file, known, books, problems)
    _check_plans(file, program, known, problems)
    return Portfolio(
        folder=folder,
        file=file,
        program=program,
        units=units,
        cells=settled_cells(observations, problems),
        earlier=earlier_cells(program, previous, known),
        schedules=observations.schedules | (previous.schedules if previous else {}),
        waivers=waivers,
        unsettled=unsettled,
        previous=previous,
        defaults_hold=observations.complete,
        only=only,
        problems=tuple(problems),
        columns=tuple(columns or ()),
    )


def _leads_out(name: str) -> bool:
    return Path(name).is_absolute() or ".." in Path(name).parts


def _is_portfolio(folder: Path) -> bool:
    try:
        return (folder / "portfolio.yaml").is_file()
    except OSError:  # the name is too long, or the folder isn't ours to look into
        return False


def _previous(
    file: PortfolioFile,
    program: Program,
    library: Path | None,
    books: Library,
    problems: Problems,
    only: str | None,
) -> Portfolio | None:
    if file.previous is None:
        return None
    place = file.document.place("previous")
    folder = file.folder / file.previous
    if not _is_portfolio(folder):
        problems.add(
            place,
            f"There is no portfolio in {shown(file.previous)}: it has no portfolio.yaml. Correct "
            "the path, or remove 'previous'.",
        )
        return None
    try:
        previous = read_portfolio(
            folder,
            library=library,
            with_previous=False,
            prefix=f"{file.previous.rstrip('/')}/",
            books=books if len(books.folders) == 1 and not has_own_rules(folder) else None,
            only=only,
        )
    except InputError as error:
        for problem in error.problems:
            problems.add(problem.place, problem.message)
        return None
    if previous.period.first >= program.period.first:
        problems.add(
            place,
            f"The previous portfolio's period {previous.period} doesn't begin before this one's, "
            f"{program.period}. Name an earlier portfolio.",
        )
        return None
    for problem in previous.problems:
        problems.add(problem.place, problem.message)
    return previous


def read_observations(
    file: PortfolioFile,
    prefix: str,
    program: Program,
    books: Library,
    units: dict[str, Unit],
    previous: Portfolio | None,
    problems: Problems,
    only: str | None,
    columns: list[Path] | None = None,
) -> Observations:
    """The portfolio's observations, from all of its files.

    Args:
        prefix: put before file names in errors.
        only: the one unit whose values are wanted; None for all.
        columns: takes the Parquet files, which are then left unread; None to read them as well.
    """
    period = program.period
    periods = [(min(program.earliest, period.first), period.last)]
    if previous is not None and program.looks_back:
        periods.append((previous.period.first, previous.period.last))
    agreed = frozenset(
        (agreement.unit, fact, agreement.provider)
        for agreement in file.agreements
        if agreement.in_force(period.last_day)
        for fact in agreement.facts
    )
    expected = Expected(period, units, books.facts, tuple(periods), agreed, books.whole, only)
    observations = Observations(expected, problems)
    for index, pattern in enumerate(file.observations):
        place = file.document.place("observations", index)
        for path, name in _files(file.folder, pattern, place, observations, problems):
            if columns is not None and path.suffix.lower() == ".parquet":
                columns.append(path)
            else:
                observations.read(path, prefix + name)
    return observations


def _files(
    folder: Path, pattern: str, place: Place, observations: Observations, problems: Problems
) -> list[tuple[Path, str]]:
    outside = _leads_out(pattern)
    try:
        found = [] if outside else sorted(path for path in folder.glob(pattern) if path.is_file())
    except (ValueError, IndexError, OSError, RecursionError):  # how glob says that it is no pattern
        found = []
    if outside:
        observations.complete = False
        problems.add(
            place, f"{shown(pattern)} leads out of the portfolio's folder. Move the file into the folder."
        )
    elif not found:
        observations.complete = False
        problems.add(place, f"No file matches {shown(pattern)}. Correct the name, or remove it.")
    return [(path, path.relative_to(folder).as_posix()) for path in found]


def settled_cells(observations: Observations, problems: Problems) -> tuple[Cell, ...]:
    """One cell for each unit, fact and period; contradicting ones become a conflict."""
    conflicting: set[tuple[str, str, int]] = set()
    for first, second in observations.conflicts():
        conflicting.add((second.unit, second.fact, second.slot))
        problems.add(
            second.place,
            f"This contradicts {first.place} on {second.fact!r} for {second.unit}. Keep the right "
            "one; until then neither is relied on.",
        )
    settled: dict[tuple[str, str, int], Cell] = {}
    for cell in observations.cells:
        key = (cell.unit, cell.fact, cell.slot)
        before = settled.get(key)
        if key in conflicting:
            cell = cell._replace(state=max(cell.state, State.CONFLICT))
        if before is not None:
            comments = [c for c in (before.comment, cell.comment) if c]
            cell = max(before, cell, key=lambda c: (c.state, c.text, c.value or 0, c.via or ""))._replace(
                comment=min(comments, default=None)
            )
        settled[key] = cell
    return tuple(settled[key] for key in sorted(settled))


def earlier_cells(
    program: Program, previous: Portfolio | None, units: Mapping[str, Unit]
) -> tuple[Cell, ...]:
    """The previous portfolio's observations that the program's windows and changes need."""
    if previous is None:
        return ()
    wanted: set[str] = set()
    for clause in program.clauses:
        for ready in clause.measures:
            if ready.first < program.period.first or any(t.earlier for t in ready.terms):
                wanted.update(fact.name for fact in ready.facts)
    return tuple(
        cell._replace(slot=BEFORE if cell.slot == NOW else cell.slot)
        for cell in previous.cells
        if cell.fact in wanted and cell.unit in units
    )


def check_scopes(program: Program, units: Mapping[str, Unit], problems: Problems) -> None:
    """Reports units that a requirement names and that there aren't."""
    for clause in program.clauses:
        scopes: list[tuple[Scope, Path_]] = [(clause.requirement.scope, ("for", "unit"))]
        scopes += [
            (entry.scope, ("vary", index, "for", "unit"))
            for index, entry in enumerate(clause.requirement.vary)
        ]
        for scope, path in scopes:
            for attribute, values in scope.attributes:
                for position, value in enumerate(values if attribute == "unit" else ()):
                    place = clause.requirement.place(*path, position)
                    _known_unit(value, place, units, problems)


def _known_unit(unit: str, place: Place, units: Mapping[str, Unit], problems: Problems) -> bool:
    if unit not in units:
        problems.add(
            place,
            f"There is no unit {shown(unit)} in the units' file."
            f"{did_you_mean(unit, units) or ' Add it there, or correct the id.'}",
        )
    return unit in units


def _known_clause(id_: str, place: Place, program: Program, problems: Problems) -> Clause | None:
    clause = program.clause(id_)
    ids = [r.id for r in program.contract.requirements]
    if clause is None and id_ not in (*ids, *program.contract.unreadable):
        problems.add(
            place,
            f"The contract {program.contract.id} has no requirement {shown(id_)}. It has: "
            f"{one_of(ids) or 'none'}.{did_you_mean(id_, ids)}",
        )
    return clause


def _waivers(
    file: PortfolioFile, program: Program, units: dict[str, Unit], problems: Problems
) -> tuple[tuple[ReadyWaiver, ...], frozenset[tuple[str, str]]]:
    kept: list[ReadyWaiver] = []
    unsettled = {(u, r) for u, r in file.unreadable_waivers if u in units and program.clause(r)}
    for waiver in file.waivers:
        at = file.document.place
        if not _known_unit(waiver.unit, at(*waiver.path, "unit"), units, problems):
            continue
        requirement = at(*waiver.path, "requirement")
        clause = _known_clause(waiver.requirement, requirement, program, problems)
        if clause is None:
            continue
        for other in kept:
            before = other.waiver
            if (before.unit, before.requirement) == (
                waiver.unit,
                waiver.requirement,
            ) and before.overlaps(waiver):
                unsettled.add((waiver.unit, waiver.requirement))
                problems.add(
                    waiver.place,
                    f"This waiver overlaps the one at line {before.place.line} for {waiver.unit} "
                    f"and {waiver.requirement}. End one of them before the other begins.",
                )
                break
        parameters = _waived_parameters(waiver, clause, file, program, problems)
        if parameters is None:
            unsettled.add((waiver.unit, waiver.requirement))
        else:
            kept.append(ReadyWaiver(waiver, parameters))
    return tuple(kept), frozenset(unsettled)


def _waived_parameters(
    waiver: Waiver, clause: Clause, file: PortfolioFile, program: Program, problems: Problems
) -> dict[str, int | None] | None:
    parameters: dict[str, int | None] = {}
    for name, text in waiver.parameters.items():
        place = file.document.place(*waiver.path, "parameters", name)
        if name not in clause.parameters:
            problems.add(
                place,
                f"The requirement {clause.id} has no parameter {shown(name)}. It has: "
                f"{one_of(clause.parameters) or 'none'}.{did_you_mean(name, clause.parameters)}",
            )
            return None
        try:
            parameters[name] = (
                None
                if text is None
                else parameter_value(text, clause.types.get(name), program.period, program.as_of)
            )
        except ValueError as error:
            problems.add(place, str(error))
            return None
    return parameters


def _check_agreements(
    file: PortfolioFile, units: dict[str, Unit], books: Library, problems: Problems
) -> None:
    for agreement in file.agreements:
        at, path = file.document.place, agreement.path
        _known_unit(agreement.unit, at(*path, "unit"), units, problems)
        for index, name in enumerate(agreement.facts):
            fact = books.facts.get(name)
            if name not in books.facts and books.whole:
                problems.add(
                    at(*path, "facts", index),
                    f"There is no fact {shown(name)} in the catalogue."
                    f"{did_you_mean(name, books.facts) or ' See rules/facts.yaml.'}",
                )
            elif fact and fact.type not in ("yes_no", "level"):
                problems.add(
                    at(*path, "facts", index),
                    f"{name!r} is of type {fact.type}. Agreements are about yes/no and level "
                    "facts: remove it.",
                )


def _check_plans(file: PortfolioFile, program: Program, units: dict[str, Unit], problems: Problems) -> None:
    for plan in file.plans:
        at = file.document.place
        _known_unit(plan.unit, at(*plan.path, "unit"), units, problems)
        _known_clause(plan.requirement, at(*plan.path, "requirement"), program, problems)
