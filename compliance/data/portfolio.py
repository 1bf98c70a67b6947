"""A portfolio read whole: its contract made ready, its units, observations, waivers and predecessor."""

from __future__ import annotations

import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from compliance.data.observations import BEFORE, NOW, Cell, Cells, Expected, Observations, State
from compliance.data.units import Unit, find_unit, read_units
from compliance.followup.rules import ready_rules
from compliance.followup.symbols import RuleSet
from compliance.language.contracts import Contract, Scope
from compliance.language.facts import Fact
from compliance.language.periods import Period
from compliance.language.portfolios import (
    Agreement,
    Plan,
    PortfolioFile,
    Waiver,
    read_portfolio_file,
)
from compliance.language.program import Clause, Program, compile_contract, parameter_value
from compliance.language.reader import Path_, read_yaml
from compliance.language.schedule import Schedule
from compliance.library import Library, has_own_rules
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Portfolio",
    "ReadyWaiver",
    "check_scopes",
    "earlier_cells",
    "in_parts",
    "not_earlier",
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
    cells: Sequence[Cell]
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
    older: tuple[tuple[Path, str], ...] = ()
    """Folders of the portfolios before the previous one, the latest first, and what errors call them."""
    followup: RuleSet = RuleSet()
    """What findings lead to; of portfolios that others name as previous, nothing."""
    catalogue: Mapping[str, Fact | None] = MappingProxyType({})
    """All facts that there are, used or not; None for one with errors."""

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

    def cells_of(self, facts: Collection[str]) -> Iterator[Cell]:
        """The observations of some facts."""
        if isinstance(self.cells, Cells):
            return self.cells.of(facts)
        return (cell for cell in self.cells if cell.fact in facts)

    @property
    def shift(self) -> int:
        """How many months back the previous portfolio's period begins; zero without one."""
        return self.period.first - self.previous.period.first if self.previous else 0


def read_portfolio(
    folder: Path,
    *,
    library: Path | None = None,
    as_of: date | None = None,
    behind: Chain = (),
    prefix: str = "",
    books: Library | None = None,
    unit: str | None = None,
    only: str | None = None,
    leave_columns: bool = False,
) -> Portfolio:
    """Reads a portfolio; whatever is wrong in it is in `problems`, and the rest is there.

    Args:
        as_of: the day on which waivers count; the period's last day if None.
        behind: the portfolios that lead here by `previous`. The first one's predecessor is read in any case,
            and that one's where it is needed to grade it; how it goes on from there is in `older`.
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
    chain = (*behind, (folder.resolve(), file.document.name))
    looks_back = program.looks_back or program.earliest < period.first
    wanted = not behind or (len(behind) == 1 and looks_back)
    previous = _previous(file, program, library, books, problems, only, chain) if wanted else None
    followup = RuleSet() if behind else ready_rules(books, problems, program)
    columns: list[Path] | None = [] if leave_columns else None
    observations = read_observations(file, prefix, program, books, known, previous, problems, only, columns)
    waivers, unsettled = _waivers(file, program, known, problems)
    _check_agreements(file, known, books, problems)
    _check_plans(file, program, known, problems)
    older = _older(previous.file, chain, problems) if previous is not None and not behind else ()
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
        # What lies two periods back isn't graded: its figures that are needed are in `earlier`.
        previous=previous._replace(cells=()) if previous and behind else previous,
        defaults_hold=observations.complete,
        only=only,
        problems=tuple(problems),
        columns=tuple(columns or ()),
        older=older,
        followup=followup,
        catalogue=books.facts,
    )


UNITS_AT_ONCE = 1_000


def in_parts(portfolio: Portfolio) -> Iterator[Portfolio]:
    """The portfolio by groups of units, each as if it were of no others.

    One whose older periods must be looked at is one group: each would read them again.
    """
    ids = sorted({unit.id for book in (portfolio, portfolio.previous) if book for unit in book.units})
    if len(ids) <= UNITS_AT_ONCE * 3 // 2 or portfolio.older or portfolio.only is not None:
        yield portfolio
        return
    for first in range(0, len(ids), UNITS_AT_ONCE):
        yield _part(portfolio, frozenset(ids[first : first + UNITS_AT_ONCE]))


def _part(portfolio: Portfolio, ids: frozenset[str]) -> Portfolio:
    units = tuple(unit for unit in portfolio.units if unit.id in ids)
    cells, previous = portfolio.cells, portfolio.previous
    return portfolio._replace(
        units=units,
        cells=cells.part([unit.id for unit in units])
        if isinstance(cells, Cells)
        else tuple(cell for cell in cells if cell.unit in ids),
        earlier=tuple(cell for cell in portfolio.earlier if cell.unit in ids),
        waivers=tuple(ready for ready in portfolio.waivers if ready.waiver.unit in ids),
        unsettled=frozenset(key for key in portfolio.unsettled if key[0] in ids),
        previous=_part(previous, ids) if previous else None,
    )


def _leads_out(name: str) -> bool:
    return Path(name).is_absolute() or ".." in Path(name).parts


def _is_portfolio(folder: Path) -> bool:
    try:
        return (folder / "portfolio.yaml").is_file()
    except OSError:  # the name is too long, or the folder isn't ours to look into
        return False


Chain = tuple[tuple[Path, str], ...]
"""Portfolios, each of which names the next as `previous`: their folders, and their files' names in errors."""


def _step(folder: Path, name: str, previous: str, place: Place, chain: Chain, problems: Problems) -> str:
    """What errors call the folder that a portfolio file names as `previous`; empty where it leads nowhere."""
    if not _is_portfolio(folder / previous):
        problems.add(
            place,
            f"There is no portfolio in {shown(previous)}: it has no portfolio.yaml. Correct "
            "the path, or remove 'previous'.",
        )
        return ""
    folders = [passed for passed, _ in chain]
    found = (folder / previous).resolve()
    if found in folders:
        names = [file for _, file in chain[folders.index(found) :]]
        circle = " -> ".join((*names, names[0]))
        problems.add(
            place, f"The portfolios name each other as 'previous' in a circle: {circle}. Remove one of them."
        )
        return ""
    return os.path.normpath(f"{os.path.dirname(name)}/{previous}" if "/" in name else previous) + "/"


def _older(file: PortfolioFile, chain: Chain, problems: Problems) -> Chain:
    """The portfolios before the previous one, whose file this is, as far as `previous` leads."""
    chain = (*chain, (file.folder.resolve(), file.document.name))
    document, folder, previous = file.document, file.folder, file.previous
    older: list[tuple[Path, str]] = []
    while previous is not None:
        prefix = _step(folder, document.name, previous, document.place("previous"), chain, problems)
        if not prefix:
            break
        folder = folder / previous
        older.append((folder, prefix))
        read = read_yaml(folder / "portfolio.yaml", f"{prefix}portfolio.yaml", Problems())
        if read is None:  # said when it is read for its figures
            break
        document = read
        chain = (*chain, (folder.resolve(), document.name))
        named = document.data.get("previous") if isinstance(document.data, dict) else None
        previous = named if isinstance(named, str) else None
    return tuple(older)


def _previous(
    file: PortfolioFile,
    program: Program,
    library: Path | None,
    books: Library,
    problems: Problems,
    only: str | None,
    chain: Chain,
) -> Portfolio | None:
    if file.previous is None:
        return None
    place = file.document.place("previous")
    prefix = _step(file.folder, file.document.name, file.previous, place, chain, problems)
    if not prefix:
        return None
    folder = file.folder / file.previous
    try:
        previous = read_portfolio(
            folder,
            library=library,
            behind=chain,
            prefix=prefix,
            books=books if len(books.folders) == 1 and not has_own_rules(folder) else None,
            only=only,
        )
    except InputError as error:
        for problem in error.problems:
            problems.add(problem.place, problem.message)
        return None
    if previous.period.first >= program.period.first:
        problems.add(place, not_earlier(previous.period, program.period))
        return None
    for problem in previous.problems:
        problems.add(problem.place, problem.message)
    return previous


def not_earlier(previous: Period, period: Period) -> str:
    """What to say of a predecessor that isn't one."""
    return (
        f"The previous portfolio's period {previous} doesn't begin before this one's, {period}. "
        "Name an earlier portfolio."
    )


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


def settled_cells(observations: Observations, problems: Problems) -> Cells:
    """One cell for each unit, fact and period; contradicting ones become a conflict."""
    plain = observations.take_plain()
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
    return Cells(tuple(settled[key] for key in sorted(settled)), plain, sorted(observations.expected.units))


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
        for cell in previous.cells_of(wanted)
        if cell.unit in units
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
