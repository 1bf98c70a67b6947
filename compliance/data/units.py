"""The units of a portfolio: who is checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from compliance.data.tables import Row, Table, read_table
from compliance.language.contracts import KINDS, OPERATORS
from compliance.language.periods import month_index
from compliance.language.shape import read_date
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown

__all__ = ["Unit", "find_unit", "read_units"]

OPTIONAL = ("name", "kind", "operator", "municipality", "parent", "opened", "closed")
ALWAYS = (12, 12 * 9999 + 11)


class Unit(NamedTuple):
    """A unit. `readable` is false where its row has errors: its findings are unknown then."""

    id: str
    name: str
    kind: str
    operator: str | None
    municipality: str | None
    parent: str | None
    opened: date | None
    closed: date | None
    readable: bool
    place: Place

    @property
    def open_months(self) -> tuple[int, int]:
        """The first and last month in which the unit was open for at least a day."""
        first = month_index(self.opened.year, self.opened.month) if self.opened else ALWAYS[0]
        last = month_index(self.closed.year, self.closed.month) if self.closed else ALWAYS[1]
        return first, last


def read_units(file: Path, name: str, problems: Problems) -> tuple[Unit, ...] | None:
    """The units by id; None where the file can't be read at all."""
    table = read_table(file, name, problems, ("unit",), OPTIONAL)
    if table is None:
        return None
    units: dict[str, Unit] = {}
    cells: dict[str, dict[str, str]] = {}
    for row in table.rows():
        unit = _unit(row, table, problems)
        if unit is None:
            continue
        first = units.get(unit.id)
        if first is None:
            units[unit.id], cells[unit.id] = unit, row.cells
            continue
        problems.add(
            unit.place,
            f"The unit {shown(unit.id)} stands here a second time; the first is at line "
            f"{first.place.line}. Give one of them another id, or remove it.",
        )
        if row.cells != cells[unit.id]:
            units[unit.id] = first._replace(readable=False)
    if table.cut_short:
        return None
    for unit in list(units.values()):
        if unit.parent == unit.id:
            problems.add(
                table.place(unit.place.line, "parent"),
                f"The unit {unit.id} is named as its own parent. Name the unit it belongs to.",
            )
        elif unit.parent is not None and unit.parent not in units:
            problems.add(
                table.place(unit.place.line, "parent"),
                f"There is no unit {shown(unit.parent)} to be the parent of {unit.id}."
                f"{did_you_mean(unit.parent, units) or ' Add it, or correct the id.'}",
            )
        elif unit.kind == "branch" and unit.parent is None:
            problems.add(
                unit.place, f"The branch {unit.id} has no parent. Name its unit in the column 'parent'."
            )
    if not units:
        problems.add(Place(name), "There are no units in the file. Write one on each line after the first.")
        return None
    return tuple(sorted(units.values(), key=lambda unit: unit.id))


def _unit(row: Row, table: Table, problems: Problems) -> Unit | None:
    before = len(problems)
    cells = {key: value or None for key, value in row.cells.items()}
    if not row.fits:  # the cells may stand in each other's columns
        cells = {key: cells.get(key) for key in ("unit", "name")}
    place = table.place(row.line, "unit")
    id_ = cells.get("unit")
    if id_ is None:
        problems.add(place, "The row names no unit. Write the unit's id, or remove the row.")
        return None
    if len(id_) > 80 or not id_.isprintable():
        problems.add(
            place,
            f"{shown(id_)} isn't a unit's id. Ids have 80 characters at most, and none that can't "
            "be printed.",
        )
        id_ = shown(id_, 80).strip("'\"")
    kind = cells.get("kind") or "unit"
    for column, value, allowed in (("kind", kind, KINDS), ("operator", cells.get("operator"), OPERATORS)):
        if value is not None and value not in allowed:
            problems.add(
                table.place(row.line, column),
                f"{shown(value)} is no {column}. Write {one_of(allowed)}.{did_you_mean(value, allowed)}",
            )
    dates: dict[str, date | None] = {}
    for column in ("opened", "closed"):
        text = cells.get(column)
        dates[column] = None
        if text is not None:
            try:
                dates[column] = read_date(text)
            except ValueError as error:
                problems.add(table.place(row.line, column), str(error))
    opened, closed = dates["opened"], dates["closed"]
    if opened and closed and closed < opened:
        problems.add(
            table.place(row.line, "closed"), "The unit closed before it opened. Correct one of the dates."
        )
    return Unit(
        id=id_,
        name=cells.get("name") or id_,
        kind=kind if kind in KINDS else "unit",
        operator=cells.get("operator"),
        municipality=cells.get("municipality"),
        parent=cells.get("parent"),
        opened=opened,
        closed=closed,
        readable=row.fits and len(problems) == before,
        place=place,
    )


def find_unit(units: tuple[Unit, ...], wanted: str, name: str) -> str:
    """A unit's id from its id, its name, or a part of its name that only one unit has.

    Raises:
        InputError: there is no such unit, or more than one; the message says which are near.
    """
    if any(unit.id == wanted for unit in units):
        return wanted
    low = wanted.casefold()
    same = [u for u in units if low in (u.id.casefold(), u.name.casefold())]
    part = [u for u in units if low in u.name.casefold()]
    for found in (same, part):
        if len(found) == 1:
            return found[0].id
    if len(part) > 1:
        names = ", ".join(f"{unit.id} {unit.name}" for unit in part[:8])
        said = f"More than one unit is called {shown(wanted)}: {names}. Write the id."
    else:
        known = [text for unit in units for text in (unit.id, unit.name)]
        hint = did_you_mean(wanted, known) or " Its units are listed in that file."
        said = f"There is no unit {shown(wanted)} in the portfolio.{hint}"
    raise InputError([Problem(Place(name), said)])
