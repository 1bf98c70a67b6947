"""CSV files as people save them: commas, semicolons or tabs, with or without a byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from compliance.language.reader import decode
from compliance.problems import Place, Problems, did_you_mean, one_of, shown

__all__ = ["Row", "Table", "read_table"]

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
LONGEST_CELL = csv.field_size_limit()


class Row(NamedTuple):
    """A row's cells by column name, stripped; `line` counts from one in the file.

    `fits` is false where cells stand beside the header's columns, so that any may be misplaced.
    """

    line: int
    cells: dict[str, str]
    fits: bool


class Table:
    """A CSV file's header, and its rows one at a time.

    Attributes:
        columns: the header, in small letters.
        complete: every row was read and fits the header.
        cut_short: reading ended before the end of the file.
        decimal_comma: columns are apart by semicolons or tabs, so that 46,5 is a number.
    """

    def __init__(self, name: str, text: str, problems: Problems) -> None:
        self.name, self.problems = name, problems
        self.complete, self.cut_short = True, False
        self._lines: Iterable[tuple[int, str]] | None = None
        first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
        delimiter = max(DELIMITERS, key=first.count)
        self.delimiter = delimiter if first.count(delimiter) else ","
        self.decimal_comma = self.delimiter != ","
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True)
        header = next(self._raw(), None)
        self.header_line, names = header or (1, [])
        self.columns = tuple(cell.strip().lower() for cell in names)

    def _raw(self) -> Iterator[tuple[int, list[str]]]:
        start = self._reader.line_num + 1
        try:
            for cells in self._reader:
                if any(cell.strip() for cell in cells):
                    yield start, cells
                start = self._reader.line_num + 1
        except csv.Error as error:
            self.complete, self.cut_short = False, True
            message = f"{_plainly(error)} Nothing after it was read."
            self.problems.add(Place(self.name, start), message)

    def _single(self) -> Iterator[tuple[int, list[str]]]:
        for line, text in self._lines or ():
            cells = next(csv.reader([text], delimiter=self.delimiter, strict=True))
            if any(cell.strip() for cell in cells):
                yield line, cells

    def only_lines(self, lines: Iterable[tuple[int, str]]) -> None:
        """Lets `rows` give these lines alone, each of which is a whole row."""
        self._lines = lines

    def rows(self) -> Iterator[Row]:
        """The rows; one whose cells don't fit the header is reported."""
        width = len(self.columns)
        for line, cells in self._raw() if self._lines is None else self._single():
            fits = self._fits(line, cells, width)
            self.complete = self.complete and fits
            yield Row(line, dict(zip(self.columns, (c.strip() for c in cells), strict=False)), fits)

    def _fits(self, line: int, cells: list[str], width: int) -> bool:
        if any(cell.strip() for cell in cells[width:]):
            hint = ", and write numbers with a point (46.5)" if self.delimiter == "," else ""
            self.problems.add(
                Place(self.name, line, width + 1),
                f"The row has {len(cells)} cells, and the header {width}. Put a text that holds "
                f"{DELIMITERS[self.delimiter]} in quotation marks{hint}.",
            )
            return False
        for index, cell in enumerate(cells[:width]):
            if not self.columns[index] and cell.strip():
                self.problems.add(
                    Place(self.name, line, index + 1),
                    f"{shown(cell.strip())} stands in a column without a name. Name the column in "
                    "the first line, or empty the cell.",
                )
                return False
        return True

    def answer(self, type_: str, text: str) -> str:
        """What is written for a fact of a type; in text files just that."""
        return text

    def place(self, line: int, column: str) -> Place:
        """A cell's place: its line, and its column counted from one."""
        return Place(self.name, line, self.columns.index(column) + 1 if column in self.columns else 0)


def read_table(
    file: Path, name: str, problems: Problems, needed: tuple[str, ...], optional: tuple[str, ...] | None
) -> Table | None:
    """The table in `file`, or None where it has no readable header with the `needed` columns.

    Args:
        optional: the other columns there may be; None where any may.
    """
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        problems.add(Place(name), "The file doesn't exist. Check the name in portfolio.yaml.")
        return None
    except IsADirectoryError:
        problems.add(Place(name), "This is a folder, not a file. Name a file in portfolio.yaml.")
        return None
    except OSError as error:
        problems.add(Place(name), f"The file can't be opened ({error.strerror}). Check it.")
        return None
    text = decode(raw, name, problems)
    if text is None:
        return None
    if not text.strip():
        problems.add(Place(name), "The file is empty. Remove it, or name the columns in its first line.")
        return None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        problems.add(Place(name, line), "The file holds NUL bytes, so it isn't text. Save it as CSV.")
        return None
    table = Table(name, text, problems)
    if not _good_header(table, problems, needed, optional):
        return None
    return table


def _plainly(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said:
        return "A quotation mark opens in this row and is never closed. Close it."
    if "expected after" in said:
        return (
            "In this row something follows a closing quotation mark. Double the quotation marks "
            "inside a cell."
        )
    if "field limit" in said or "field larger" in said:
        return "A cell in this row is longer than 131,072 characters. Check the quotation marks."
    return f"The row can't be read ({said}). Check the quotation marks."


def _good_header(
    table: Table, problems: Problems, needed: tuple[str, ...], optional: tuple[str, ...] | None
) -> bool:
    before = len(problems)
    seen: set[str] = set()
    for index, column in enumerate(table.columns):
        if column and column in seen:
            problems.add(
                Place(table.name, table.header_line, index + 1),
                f"The column {shown(column)} stands a second time; the first is column "
                f"{table.columns.index(column) + 1}. Remove one of them.",
            )
        elif optional is not None and column and column not in (*needed, *optional):
            problems.add(
                Place(table.name, table.header_line, index + 1),
                f"Unknown column {shown(column)}. There are: {one_of((*needed, *optional))}."
                f"{did_you_mean(column, (*needed, *optional))}",
            )
        seen.add(column)
    for column in needed:
        if column not in table.columns:
            problems.add(
                Place(table.name, table.header_line),
                f"The column {column!r} is missing. The first line names the columns, among them "
                f"{one_of(needed)}.",
            )
    return len(problems) == before
