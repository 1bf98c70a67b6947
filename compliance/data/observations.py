"""Observations from tidy and wide CSV and Parquet files and from one unit's YAML, as cells for the engine."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import merge
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, Union, overload

from compliance.data.plain import Lines, Plain, PlainCell, Stream
from compliance.data.tables import Row, Table, read_table
from compliance.language.facts import (
    NUMERIC,
    SUPPRESSED,
    Fact,
    OutOfRangeError,
    as_number,
    plain_number,
    read_value,
)
from compliance.language.periods import Period, month_label, read_month
from compliance.language.program import MILLION
from compliance.language.reader import Document, Path_, read_yaml
from compliance.language.schedule import DAYS, Schedule
from compliance.problems import Place, Problems, did_you_mean, one_of, shown

if TYPE_CHECKING:
    from compliance.data.parquet import ParquetTable

__all__ = ["BEFORE", "NOW", "Cell", "Cells", "Expected", "Observations", "State", "period_of"]

NOW, BEFORE = 0, -1
"""Slots of yearly and period facts: this portfolio's, the previous one's. Months have their own index."""

TIDY = ("unit", "fact", "value")
TIDY_MORE = ("period", "via", "quality", "comment", "source")
DETAILS = ("value", "via", "quality", "comment", "source")


AnyTable = Union[Table, "ParquetTable"]


class State(IntEnum):
    """Whether an observation can be relied on; the larger wins where several stand in one cell."""

    GOOD = 0
    SUPPRESSED = 1
    DOUBTFUL = 2
    NO_AGREEMENT = 3
    CONFLICT = 4
    OUT_OF_RANGE = 5
    UNREADABLE = 6


class Cell(NamedTuple):
    """One observation. `value` is in millionths (opening hours: of minutes), None where it can't be used."""

    unit: str
    fact: str
    slot: int
    value: int | None
    text: str
    state: State
    via: str | None
    comment: str | None
    place: Place


class Expected(NamedTuple):
    """What observations may be about.

    Attributes:
        periods: the months that are allowed, as (first, last) pairs.
        agreed: (unit, fact, provider) of the agreements in force on the period's last day.
        all_facts: `facts` are all there are; else some can't be read, and none is called unknown.
        only: the one unit whose values are wanted; the other units' rows are checked for what they
            are about, but their values aren't read. None for all units.
    """

    period: Period
    units: Mapping[str, object]
    facts: Mapping[str, Fact | None]
    periods: tuple[tuple[int, int], ...]
    agreed: frozenset[tuple[str, str, str]]
    all_facts: bool = True
    only: str | None = None


@dataclass(slots=True)
class Observations:
    """Reads observation files into cells; what can't be read is reported and the rest goes on.

    `complete` is false where something couldn't be laid to any cell, so that an empty cell may not
    really be empty: defaults don't count then.
    """

    expected: Expected
    problems: Problems
    cells: list[Cell] = field(default_factory=list)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    complete: bool = True
    _laid: int = 0
    """How many values were laid to a cell, read or not."""
    _files: list[int] = field(default_factory=list)
    """How many cells there were before each file."""
    _plain: Plain | None = None
    _slots: dict[str, dict[str, int]] = field(default_factory=dict)
    _read: dict[tuple[str, str, bool], tuple[int | None, str, State, str]] = field(default_factory=dict)

    def read(self, file: Path, name: str) -> None:
        """Adds the observations of one file."""
        before, laid = len(self.problems), self._laid
        self._files.append(len(self.cells))
        if file.suffix.lower() in (".yaml", ".yml"):
            self._unit_file(file, name)
        elif file.suffix.lower() in (".csv", ".tsv", ".txt"):
            self._table(
                self._beside_plain(file, name) or read_table(file, name, self.problems, ("unit",), None)
            )
        elif file.suffix.lower() == ".parquet":
            from compliance.data.parquet import read_parquet

            table = read_parquet(file, name, self.problems)
            if table is not None:
                self._take_plain_rows(table)
            self._table(table)
        else:
            self.complete = False
            self.problems.add(
                Place(name),
                f"Files that end in {shown(file.suffix)} can't be read. Save it as CSV (UTF-8), Parquet or YAML."
                if file.suffix
                else "The file's name doesn't tell what it holds. Let it end in .csv, .parquet or .yaml.",
            )
        if len(self.problems) > before and self._laid == laid:
            self.complete = False

    # Tables

    def _beside_plain(self, file: Path, name: str) -> Table | None:
        """What is left of a file when its plain rows are taken; None where it is to be read as a whole."""
        lines = Lines.of(file, name)
        if lines is None:
            return None
        comma = lines.table.decimal_comma
        taken = self._plain_of_all().take(
            lines,
            len(self._files) - 1,
            lambda fact, text: self._simple(fact, text, comma),
            self.expected.only,
        )
        if taken is None:
            return None
        self._laid += taken[0]
        table = lines.table
        table.problems = self.problems
        table.only_lines(taken[1])
        return table

    def _take_plain_rows(self, table: ParquetTable) -> None:
        """Takes a Parquet file's plain rows, where it may; the table then gives the others alone."""

        def read(fact: str, text: str) -> int | None:
            known = self.expected.facts[fact]
            return None if known is None else self._simple(fact, table.answer(known.type, text), False)

        columns = table.in_columns()
        if columns is None:
            return
        taken = self._plain_of_all().take_rows(table, columns, len(self._files) - 1, read, self.expected.only)
        if taken is not None:
            self._laid += taken[0]
            table.only_lines(taken[1])

    def _plain_of_all(self) -> Plain:
        if self._plain is None:
            self._plain = Plain(
                self.expected.units,
                self.expected.facts,
                {per: self._slots_of(per) for per in ("month", "year", "period")},
            )
        return self._plain

    def _simple(self, fact: str, text: str, decimal_comma: bool) -> int | None:
        """The millionths of a value that needs no more to be told of it."""
        known, text = self.expected.facts[fact], text.strip()
        if known is None or not text:
            return None
        value, more, state, wrong = self._value_of(known, text, decimal_comma)
        return value if state is State.GOOD and not more and not wrong else None

    def _table(self, table: AnyTable | None) -> None:
        if table is None:
            self.complete = False
            return
        if "fact" in table.columns or "value" in table.columns:
            self._tidy(table)
        else:
            self._wide(table)
        self.complete = self.complete and table.complete

    def _tidy(self, table: AnyTable) -> None:
        for column in TIDY:
            if column not in table.columns:
                self._lost(
                    Place(table.name, table.header_line),
                    f"The column {column!r} is missing. A file with one observation a row has "
                    f"{', '.join(TIDY)} and may have {one_of(TIDY_MORE)}.",
                )
                return
        for index, column in enumerate(table.columns):
            if column and column not in (*TIDY, *TIDY_MORE):
                self.problems.add(
                    Place(table.name, table.header_line, index + 1),
                    f"Unknown column {shown(column)}. There are: {one_of((*TIDY, *TIDY_MORE))}."
                    f"{did_you_mean(column, (*TIDY, *TIDY_MORE))}",
                )
        only = self.expected.only
        for row in table.rows():
            if not row.fits:
                continue
            cells = row.cells
            unit = self._unit_in(cells.get("unit", ""), table, row.line)
            fact = self._fact_in(cells.get("fact", ""), table, row.line)
            if unit is None or fact is None:
                continue
            slot = self._slot_in(fact, cells.get("period") or None, table, row.line, "period")
            if slot is None:
                continue
            self._laid += 1
            if only is not None and unit != only:
                continue
            details = {key: value for key, value in cells.items() if key in DETAILS and value}
            if "value" in details and fact.type in ("yes_no", "level"):
                details["value"] = table.answer(fact.type, details["value"])
            place = table.place(row.line, "value")
            cut = self._cut(fact, table, row)
            self._add(unit, fact, slot, details, place, table.decimal_comma, cut)

    def _cut(self, fact: Fact, table: AnyTable, row: Row) -> str:
        """What is wrong where 46,5 between commas fills the cell beside the value, too; or nothing."""
        if not isinstance(table, Table) or table.decimal_comma or fact.type not in NUMERIC:
            return ""
        value, after = row.cells.get("value", ""), table.columns.index("value") + 1
        column = table.columns[after] if after < len(table.columns) else ""
        rest = row.cells.get(column, "")
        digits = rest.isascii() and rest.isdigit()
        if column not in ("comment", "source") or not digits or not value.lstrip("+-").isdigit():
            return ""
        return (
            f"The value {shown(value)} is followed by {shown(rest)} as its {column}. Write "
            f"{value}.{rest} if that is one number, or words in the {column}."
        )

    def _wide(self, table: AnyTable) -> None:
        facts: dict[str, Fact] = {}
        for index, column in enumerate(table.columns):
            if column and column not in ("unit", "period"):
                fact = self._fact(column, Place(table.name, table.header_line, index + 1))
                if fact:
                    facts[column] = fact
        only = self.expected.only
        for row in table.rows():
            if not row.fits:
                continue
            unit = self._unit_in(row.cells.get("unit", ""), table, row.line)
            if unit is None:
                continue
            period = row.cells.get("period") or None
            slots: dict[str, int | None] = {}
            for column, fact in facts.items():
                value = row.cells.get(column, "")
                if not value:
                    continue
                if fact.per not in slots:
                    where = "period" if period else column
                    slots[fact.per] = self._slot_in(fact, period, table, row.line, where)
                slot = slots[fact.per]
                if slot is None:
                    continue
                self._laid += 1
                if only is None or unit == only:
                    place = table.place(row.line, column)
                    value = table.answer(fact.type, value)
                    self._add(unit, fact, slot, {"value": value}, place, table.decimal_comma)

    # One unit's YAML

    def _unit_file(self, file: Path, name: str) -> None:
        document = read_yaml(file, name, self.problems)
        if document is None:
            self.complete = False
            return
        data = document.data
        if not isinstance(data, dict) or not isinstance(data.get("facts"), dict):
            self._lost(document.place(), "A unit's file has 'unit: U01' and 'facts: {…}'. Write both.")
            return
        for key in data:
            if key not in ("unit", "facts"):
                self.problems.add(
                    document.key_place(key),
                    f"Unknown key {shown(key)}. Allowed here: unit or facts."
                    f"{did_you_mean(key, ('unit', 'facts'))}",
                )
        unit = self._unit(str(data.get("unit") or ""), document.place("unit"))
        if unit is None:
            return
        for fact_name, content in data["facts"].items():
            path: Path_ = ("facts", fact_name)
            fact = self._fact(fact_name, document.key_place(*path))
            if fact:
                self.add_content(unit, fact, content, document, path)

    def add_content(self, unit: str, fact: Fact, content: Any, document: Document, path: Path_) -> None:
        """Adds what a YAML file says of a fact: one value, or one for each period."""
        by_period = isinstance(content, dict) and not set(content) & {*DETAILS, *DAYS}
        if by_period and any(key[:4].isdigit() for key in content):
            for period, item in content.items():
                at = (*path, period)
                slot = self._slot(fact, period, document.key_place(*at))
                if slot is not None:
                    self.add_value(unit, fact, slot, item, document, at)
            return
        slot = self._slot(fact, None, document.place(*path))
        if slot is not None:
            self.add_value(unit, fact, slot, content, document, path)

    def add_value(self, unit: str, fact: Fact, slot: int, item: Any, document: Document, path: Path_) -> None:
        """Adds one value from YAML: text, a schedule, or {value, via, quality, comment}."""
        self._laid += 1
        if self.expected.only not in (None, unit):
            return
        if isinstance(item, dict) and "value" in item:
            for key in item:
                if key not in DETAILS:
                    self.problems.add(
                        document.key_place(*path, key),
                        f"Unknown key {shown(key)}. Allowed here: {one_of(DETAILS)}."
                        f"{did_you_mean(key, DETAILS)}",
                    )
                elif key != "value" and not isinstance(item[key], (str, NoneType)):
                    self.problems.add(
                        document.place(*path, key),
                        f"{shown(key)} takes a text. Write it in quotes.",
                    )
                else:
                    continue
                item = {**item, key: None, "quality": "doubtful"}
            details = {key: text for key, text in item.items() if key in DETAILS}
            place = document.place(*path, "value")
        else:
            details, place = {"value": item}, document.place(*path)
        twice = any(at[: len(path)] == path or path[: len(at)] == at for at in document.doubles)
        if details["value"] is None:
            details["value"] = ""
        least = State.CONFLICT if twice else State.GOOD
        self._add(unit, fact, slot, details, place, False, least=least)

    # Single observations

    def _lost(self, place: Place, message: str) -> None:
        """Reports something that can't be laid to a cell."""
        self.complete = False
        self.problems.add(place, message)

    # In a table nearly every lookup succeeds, so that a place is only made for those that don't.

    def _unit_in(self, id_: str, table: AnyTable, line: int) -> str | None:
        if id_ in self.expected.units:
            return id_
        return self._unit(id_, table.place(line, "unit"))

    def _fact_in(self, name: str, table: AnyTable, line: int) -> Fact | None:
        return self.expected.facts.get(name) or self._fact(name, table.place(line, "fact"))

    def _slot_in(self, fact: Fact, period: str | None, table: AnyTable, line: int, column: str) -> int | None:
        slot = self._slots_of(fact.per).get(period or "")
        return self._slot(fact, period, table.place(line, column)) if slot is None else slot

    def _slots_of(self, per: str) -> dict[str, int]:
        """The periods of what is observed per month, year or period, as files write them, with their slots."""
        known = self._slots.get(per)
        if known is None:
            whole = self.expected.period
            if per == "month":
                known = {
                    month_label(index): index
                    for first, last in self.expected.periods
                    for index in range(first, last + 1)
                }
                if whole.months == 1:
                    known[""] = whole.first
            else:
                known = {"": NOW, str(whole.year) if per == "year" else whole.label: NOW}
            self._slots[per] = known
        return known

    def _unit(self, id_: str, place: Place) -> str | None:
        if id_ in self.expected.units:
            return id_
        hint = did_you_mean(id_, self.expected.units) or " Add it there, or correct the id."
        self._lost(
            place,
            f"There is no unit {shown(id_)} in the units' file.{hint}"
            if id_
            else "No unit is named here. Write its id, or remove the row.",
        )
        return None

    def _fact(self, name: str, place: Place) -> Fact | None:
        facts = self.expected.facts
        if name in facts:
            return facts[name]
        hint = did_you_mean(name, facts) or " See rules/facts.yaml."
        if not name:
            self._lost(place, "No fact is named here. Write its name, or remove the row.")
        elif self.expected.all_facts:
            self._lost(place, f"There is no fact {shown(name)} in the catalogue.{hint}")
        else:
            self.complete = False
        return None

    def _slot(self, fact: Fact, period: str | None, place: Place) -> int | None:
        whole = self.expected.period
        slot = self._slots_of(fact.per).get(period or "")
        if slot is not None:
            return slot
        if not fact.monthly:
            label = str(whole.year) if fact.per == "year" else whole.label
            self._lost(
                place,
                f"{shown(period or '')} isn't the period of {fact.name!r} here. It is observed per "
                f"{fact.per}: write {label}.",
            )
            return None
        if period is None:
            self._lost(
                place,
                f"{fact.name!r} is observed per month, and no month is named here. Write one, such "
                f"as {month_label(whole.last)}.",
            )
            return None
        index = read_month(period)
        if index is None:
            self._lost(place, f"{shown(period)} isn't a month. Write it as {month_label(whole.last)}.")
            return None
        self._lost(
            place,
            f"The month {period} is outside the portfolio's period {whole} "
            f"({month_label(whole.first)} to {month_label(whole.last)}), and nothing looks back to "
            "it. Remove the row, or correct the month.",
        )
        return None

    def _value_of(self, fact: Fact, raw: Any, decimal_comma: bool) -> tuple[int | None, str, State, str]:
        """As `_value`; each way to write something is read once."""
        if not isinstance(raw, str):
            return self._value(fact, raw, decimal_comma)
        key = (fact.name, raw, decimal_comma)
        known = self._read.get(key)
        if known is None:
            known = self._read[key] = self._value(fact, raw, decimal_comma)
        return known

    def _value(self, fact: Fact, raw: Any, decimal_comma: bool) -> tuple[int | None, str, State, str]:
        """(value, text, state, what is wrong)."""
        plain = plain_number(fact, raw) if isinstance(raw, str) else None
        if plain is not None:
            return plain, "", State.GOOD, ""
        if isinstance(raw, str) and raw.strip().lower() in SUPPRESSED:
            return None, raw.strip(), State.SUPPRESSED, ""
        try:
            value = read_value(fact, raw, decimal_comma)
        except OutOfRangeError as error:
            return None, str(raw), State.OUT_OF_RANGE, str(error)
        except ValueError as error:
            return None, str(raw), State.UNREADABLE, str(error)
        text = raw.strip() if isinstance(raw, str) and fact.type == "text" else ""
        if isinstance(value, Schedule):
            text = value.text("en")
            self.schedules[text] = value
        return int(as_number(fact, value) * MILLION), text, State.GOOD, ""

    def _add(
        self,
        unit: str,
        fact: Fact,
        slot: int,
        details: dict[str, Any],
        place: Place,
        decimal_comma: bool,
        cut: str = "",
        least: State = State.GOOD,
    ) -> None:
        raw = details.get("value", "")
        if raw == "" or (isinstance(raw, str) and not raw.strip()):
            if details.get("quality") or details.get("via"):
                self.problems.add(place, "There is no value here, only words about it. Write a value, or *.")
            return
        value, text, state, wrong = self._value_of(fact, raw, decimal_comma)
        state = max(state, least)
        if cut and not wrong:
            wrong, value, state = cut, None, State.UNREADABLE
        if wrong:
            self.problems.add(place, wrong)
        via, quality = details.get("via") or None, details.get("quality") or None
        if quality is not None and quality not in ("good", "doubtful"):
            self.problems.add(
                place, f"{shown(str(quality))} is no quality. Write doubtful, good, or nothing."
            )
            state = max(state, State.DOUBTFUL)
        if quality == "doubtful":
            state = max(state, State.DOUBTFUL)
        if via is not None:
            if fact.type not in ("yes_no", "level"):
                self.problems.add(
                    place,
                    f"'via' names another provider ({shown(str(via))}), and {fact.name!r} is of "
                    f"type {fact.type}. "
                    "Only yes/no and level facts are met through others: remove it, or check for a "
                    "decimal comma.",
                )
                state = max(state, State.UNREADABLE)
            elif state is State.GOOD and (unit, fact.name, str(via)) not in self.expected.agreed:
                state = State.NO_AGREEMENT
        comment = details.get("comment") or None
        self.cells.append(
            Cell(
                unit,
                fact.name,
                slot,
                value,
                text,
                state,
                str(via) if via is not None else None,
                str(comment) if comment is not None else None,
                place,
            )
        )

    def take_plain(self) -> Plain | None:
        """The plain observations; those whose cell holds others as well are then among `cells`."""
        if self._plain is not None:
            doubled = self._plain.doubled((cell.unit, cell.fact, cell.slot) for cell in self.cells)
            if doubled:
                self._put_in_order(doubled)
        return self._plain

    def _put_in_order(self, doubled: list[PlainCell]) -> None:
        """Adds cells where they would be if they had been read row by row."""
        by_file: dict[int, list[Cell]] = {}
        for plain in doubled:
            by_file.setdefault(plain.file, []).append(cell_of(plain))
        ends = [*self._files[1:], len(self.cells)]
        spans = [self.cells[first:end] for first, end in zip(self._files, ends, strict=True)]
        for file, cells in by_file.items():
            spans[file] = sorted((*spans[file], *cells), key=lambda cell: cell.place)
        self.cells = [cell for span in spans for cell in span]

    def conflicts(self) -> Iterator[tuple[Cell, Cell]]:
        """Pairs of cells that say different things of the same unit, fact and period."""
        together: dict[tuple[str, str, int], list[Cell]] = {}
        for cell in self.cells:
            together.setdefault((cell.unit, cell.fact, cell.slot), []).append(cell)
        useless = (State.UNREADABLE, State.OUT_OF_RANGE)
        for cells in together.values():
            if len(cells) == 1:
                continue
            first, *others = sorted(cells, key=lambda cell: cell.place)
            for cell in others:
                if first.state in useless or cell.state in useless:
                    continue
                if (first.value, first.via, first.text if first.value is not None else "") != (
                    cell.value,
                    cell.via,
                    cell.text if cell.value is not None else "",
                ):
                    yield first, cell


def cell_of(plain: PlainCell) -> Cell:
    """A plain observation as one among others."""
    unit, fact, slot, value, _, place = plain
    return Cell(unit, fact, slot, value, "", State.GOOD, None, None, place)


class Cells(Sequence[Cell]):
    """A portfolio's observations by unit, fact and slot, of which the plain ones lie in columns.

    Attributes:
        single: those that don't.
    """

    def __init__(self, single: Sequence[Cell], plain: Plain | None, units: Sequence[str]) -> None:
        """`units`: those whose observations these are, by id, as they follow each other."""
        self.single, self._plain = single, plain
        self._units = units
        self._span = plain.span(units) if plain else (0, -1)
        self._held: dict[str, dict[str, list[Cell]]] = {}

    def __iter__(self) -> Iterator[Cell]:
        if self._plain is None:
            return iter(self.single)
        return merge(self.single, map(cell_of, self._plain.cells(self._span)), key=_place_among)

    def __len__(self) -> int:
        return len(self.single) + (self._plain.count(*self._span) if self._plain else 0)

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Cell]: ...
    def __getitem__(self, at: int | slice) -> Cell | Sequence[Cell]:
        return tuple(self)[at]

    def part(self, units: Sequence[str]) -> Cells:
        """Those of some of the units, which follow each other."""
        first, last = (units[0], units[-1]) if units else ("", "")
        low = bisect_left(self.single, first, key=lambda cell: cell.unit)
        high = bisect_right(self.single, last, key=lambda cell: cell.unit)
        return Cells(self.single[low:high], self._plain, units)

    def of(self, facts: Collection[str]) -> Iterator[Cell]:
        """Those of some facts."""
        single = (cell for cell in self.single if cell.fact in facts)
        if self._plain is None:
            return single
        return merge(single, map(cell_of, self._plain.cells(self._span, facts)), key=_place_among)

    def plain_of(self, unit: str, fact: str) -> Sequence[Cell]:
        """The plain ones of a unit and a fact. All units' are held once a fact is asked for."""
        if self._plain is None:
            return ()
        held = self._held.get(fact)
        if held is None:
            held = self._held[fact] = {}
            for plain in self._plain.cells(self._span, (fact,)):
                held.setdefault(plain.unit, []).append(cell_of(plain))
        return held.get(unit, ())

    def numbered(self, units: Mapping[str, int], facts: Mapping[str, int]) -> Stream | None:
        """The plain ones in columns, as `Plain.numbered` gives them; None where there are none."""
        return self._plain.numbered(units, facts) if self._plain else None

    def filled(self, slots: Collection[int]) -> set[tuple[str, str, int]]:
        """The cells of some slots that plain observations fill."""
        return self._plain.slots(slots) if self._plain and slots else set()


def _place_among(cell: Cell) -> tuple[str, str, int]:
    return cell.unit, cell.fact, cell.slot


def period_of(fact: Fact, slot: int, now: Period, before: Period | None) -> str:
    """A slot's period as a file writes it: 2024-05, 2024 or 2024-T1."""
    if slot > 0:
        return month_label(slot)
    period = now if slot == NOW or before is None else before
    return str(period.year) if fact.per == "year" else period.label
