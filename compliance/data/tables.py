"""CSV files as people save them: commas, semicolons or tabs, with or without a byte order mark."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance.language.reader import decode
from compliance.problems import Place, Problems, did_you_mean, one_of, shown

__all__ = ["Row", "Table", "read_table"]

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells by column name, stripped; `line` counts from one in the file."""

    line: int
    cells: dict[str, str]


class Table:
    """A CSV file's header, and its rows one at a time.

    Attributes:
        columns: the header, in small letters.
        decimal_comma: columns are apart by semicolons or tabs, so that 46,5 is a number.
    """

    def __init__(self, name: str, text: str, problems: Problems) -> None:
        self.name, self.problems = name, problems
        self.complete = True
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        first = text.split("\n", 1)[0]
        delimiter = max(DELIMITERS, key=first.count)
        self.delimiter = delimiter if first.count(delimiter) else ","
        self.decimal_comma = self.delimiter != ","
        self._reader = csv.reader(text.splitlines(keepends=True), delimiter=self.delimiter, strict=True)
        header = next(self._raw(), None)
        self.columns = tuple(cell.strip().lower() for cell in header[1]) if header else ()

    def _raw(self) -> Iterator[tuple[int, list[str]]]:
        start = 1
        try:
            for cells in self._reader:
                if any(cells):
                    yield start, cells
                start = self._reader.line_num + 1
        except csv.Error as error:
            self.complete = False
            self.problems.add(
                Place(self.name, start),
                f"The row can't be read ({error}), and nothing after it was. Check the quotation marks.",
            )

    def rows(self) -> Iterator[Row]:
        """The rows; one whose cells don't fit the header is reported and left out."""
        width = len(self.columns)
        for line, cells in self._raw():
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                self.complete = False
                hint = (
                    " A number with a decimal comma (46,5) takes two columns here: write 46.5."
                    if self.delimiter == ","
                    else ""
                )
                self.problems.add(
                    Place(self.name, line, width + 1),
                    f"The row has {len(cells)} cells, and the header {width}.{hint} Put a cell that holds "
                    f"{DELIMITERS[self.delimiter]} in quotation marks.",
                )
                continue
            yield Row(line, dict(zip(self.columns, (c.strip() for c in cells), strict=False)))

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
    except OSError as error:
        problems.add(Place(name), f"The file can't be opened ({error.strerror}). Check it.")
        return None
    text = decode(raw, name, problems)
    if text is None:
        return None
    if not text.strip():
        problems.add(Place(name), f"The file is empty. Its first line names the columns: {', '.join(needed)}.")
        return None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        problems.add(Place(name, line), "The file holds NUL bytes, so it isn't text. Save it as CSV.")
        return None
    table = Table(name, text, problems)
    if not _good_header(table, problems, needed, optional):
        return None
    return table


def _good_header(
    table: Table, problems: Problems, needed: tuple[str, ...], optional: tuple[str, ...] | None
) -> bool:
    before = len(problems)
    for index, column in enumerate(table.columns):
        if column in table.columns[:index]:
            problems.add(
                Place(table.name, 1, index + 1),
                f"The column {shown(column)} stands a second time; the first is column "
                f"{table.columns.index(column) + 1}. Remove one of them.",
            )
        elif optional is not None and column and column not in (*needed, *optional):
            problems.add(
                Place(table.name, 1, index + 1),
                f"Unknown column {shown(column)}. There are: {one_of((*needed, *optional))}."
                f"{did_you_mean(column, (*needed, *optional))}",
            )
    for column in needed:
        if column not in table.columns:
            problems.add(
                Place(table.name, 1),
                f"The column {column!r} is missing. The first line names the columns, among them "
                f"{one_of(needed)}.",
            )
    return len(problems) == before
