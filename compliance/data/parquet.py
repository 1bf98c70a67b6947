"""Observations in Parquet files, read as the same rows that a CSV file has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from compliance.data.tables import Row
from compliance.problems import Place, Problems

__all__ = ["ParquetTable", "read_parquet"]

ROWS_AT_ONCE = 10_000
ANSWERS = {"yes_no": {"0": "nej", "1": "ja"}, "level": {"0": "inte", "1": "delvis", "2": "helt"}}
NESTED = ("STRUCT", "MAP", "UNION", "BLOB")


class ParquetTable:
    """A Parquet file's columns, and its rows one at a time; the first row is line 1.

    Columns that a folder's name holds (`region=Z/…`) are there as well.
    """

    complete = True
    decimal_comma = False
    header_line = 0

    def __init__(self, name: str, file: Path, columns: tuple[str, ...]) -> None:
        self.name, self.columns, self._file = name, columns, file

    def rows(self) -> Iterator[Row]:
        with duckdb.connect(":memory:") as connection:
            found = connection.execute(_READ, [str(self._file)])
            line = 0
            while rows := found.fetchmany(ROWS_AT_ONCE):
                for cells in rows:
                    line += 1
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


def read_parquet(file: Path, name: str, problems: Problems) -> ParquetTable | None:
    """The table in a Parquet file, or None and a problem where it can't be read or has no column `unit`."""
    try:
        with duckdb.connect(":memory:") as connection:
            described = connection.execute(f"DESCRIBE {_READ}", [str(file)]).fetchall()
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        problems.add(Place(name), f"The file can't be read as Parquet ({told}). Check it.")
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
    return ParquetTable(name, file, columns)


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
