"""Observations in Parquet files, read as the same rows that a CSV file has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from compliance.data.tables import Row
from compliance.problems import Place, Problems

__all__ = ["Columns", "ParquetTable", "read_parquet"]

ROWS_AT_ONCE = 10_000
FEWEST = 1 << 13
"""A file of fewer rows is read row by row, which takes no longer."""
ANSWERS = {"yes_no": {"0": "nej", "1": "ja"}, "level": {"0": "inte", "1": "delvis", "2": "helt"}}
LINE = "file_row_number"
ALIKE = (
    "VARCHAR",
    "DECIMAL",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "DOUBLE",
    "DATE",
)
"""Types whose values are the same texts in SQL and in Python."""
NESTED = ("STRUCT", "MAP", "UNION", "BLOB")


class Columns(NamedTuple):
    """How a file's rows can be read at once.

    Attributes:
        rows: how many there are.
        width: how many columns are read, with the row's number.
        places: where the file's own columns stand among them.
        line: where the row's number stands.
    """

    rows: int
    width: int
    places: tuple[int, ...]
    line: int


class ParquetTable:
    """A Parquet file's columns, and its rows one at a time; the first row is line 1.

    Columns that a folder's name holds (`region=Z/…`) are there as well.
    """

    decimal_comma = False
    header_line = 0

    def __init__(self, name: str, file: Path, columns: tuple[str, ...], problems: Problems) -> None:
        self.name, self.columns, self.file, self.problems = name, columns, file, problems
        self.complete = True
        self._lines: Sequence[int] | None = None

    def in_columns(self) -> Columns | None:
        """None where there are few rows, or a column's values might be other texts than row by row."""
        if set("*?[]{}") & set(str(self.file)):  # which DuckDB would take for patterns
            return None
        try:
            with duckdb.connect(":memory:") as connection:
                described = connection.execute(f"DESCRIBE {_NUMBERED}", [str(self.file)]).fetchall()
                rows = connection.execute(
                    "SELECT num_rows FROM parquet_file_metadata(?)", [str(self.file)]
                ).fetchall()
        except duckdb.Error:
            return None
        names = [str(row[0]) for row in described]
        places = tuple(at for at, name in enumerate(names) if name != LINE)
        if len(places) != len(self.columns) or len(names) != len(places) + 1:
            return None
        if not all(str(described[at][1]).startswith(ALIKE) for at in places):
            return None
        if rows[0][0] < FEWEST:
            return None
        return Columns(rows[0][0], len(names), places, names.index(LINE))

    def only_lines(self, lines: Sequence[int]) -> None:
        """Lets `rows` give these rows alone."""
        self._lines = lines

    def rows(self) -> Iterator[Row]:
        """The rows; where the file is damaged, that is told, and they end."""
        if self._lines == []:
            return
        try:
            yield from self._rows()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            self.complete = False
            self.problems.add(Place(self.name), _unreadable(error))

    def _rows(self) -> Iterator[Row]:
        with duckdb.connect(":memory:") as connection:
            found = connection.execute(_READ, [str(self.file)])
            line = 0
            wanted = None if self._lines is None else set(self._lines)
            while rows := found.fetchmany(ROWS_AT_ONCE):
                for cells in rows:
                    line += 1
                    if wanted is None or line in wanted:
                        texts = (_text(cell) for cell in cells)
                        yield Row(line, dict(zip(self.columns, texts, strict=True)), True)

    def answer(self, type_: str, text: str) -> str:
        """An answer that a column of numbers holds: 1 for ja, 0 for nej; of levels 2, 1 and 0."""
        words = ANSWERS.get(type_)
        number = text.partition(".")
        return words.get(number[0], text) if words and not number[2].strip("0") else text

    def place(self, line: int, column: str) -> Place:
        """A cell's place: its row, and its column counted from one."""
        return Place(self.name, line, self.columns.index(column) + 1 if column in self.columns else 0)


_READ = "FROM read_parquet(?)"
_NUMBERED = "FROM read_parquet(?, file_row_number = true)"


def read_parquet(file: Path, name: str, problems: Problems) -> ParquetTable | None:
    """The table in a Parquet file, or None and a problem where it can't be read or has no column `unit`."""
    try:
        with duckdb.connect(":memory:") as connection:
            described = connection.execute(f"DESCRIBE {_READ}", [str(file)]).fetchall()
    except duckdb.Error as error:
        problems.add(Place(name), _unreadable(error))
        return None
    columns = tuple(str(row[0]).strip().lower() for row in described)
    for index, (row, column) in enumerate(zip(described, columns, strict=True)):
        if str(row[1]).startswith(NESTED) or str(row[1]).endswith("]"):
            problems.add(
                Place(name, 0, index + 1),
                f"The column {column!r} holds {row[1]}. Write one value a cell: a number, a text or a date.",
            )
            return None
        if column in columns[:index]:
            problems.add(
                Place(name, 0, index + 1), f"The column {column!r} stands twice. Remove one of them."
            )
            return None
    if "unit" not in columns:
        problems.add(Place(name), "The column 'unit' is missing. Name the units in a column of that name.")
        return None
    return ParquetTable(name, file, columns, problems)


def _unreadable(error: duckdb.Error) -> str:
    told = (str(error).splitlines() or [""])[0]
    return f"The file can't be read as Parquet ({told}). Check it."


def _text(cell: Any) -> str:
    """A cell as a CSV file would have it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.isoformat() if cell.time() != datetime.min.time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
