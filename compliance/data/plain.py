"""Observations whose value is all there is to tell, in columns: a nation's figures without an object for each.

A CSV or Parquet file of some size is read in columns. A row is plain where its unit, fact and period are known, its value
can be read, and nothing else stands in it that would count; every other row is left to the reader that goes row by row. A
CSV file whose rows aren't simply its lines is left to it as a whole, and so is a Parquet file whose columns hold
anything but texts, numbers and dates.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from compliance.data.tables import DELIMITERS, LONGEST_CELL, Table
from compliance.language.facts import PLAIN_NUMBER, PLAIN_TYPES, Fact
from compliance.language.program import MILLION
from compliance.problems import Place, Problems

if TYPE_CHECKING:
    from compliance.data.parquet import Columns, ParquetTable

__all__ = ["Lines", "Plain", "PlainCell"]

SMALLEST = 1 << 18
"""A file of fewer bytes is read row by row, which takes no longer."""
CHUNK = 1 << 23
"""So many bytes are read at a time."""
ROWS_AT_ONCE = 1 << 22
"""So many observations are looked through for doubles at a time."""
PART = 1 << 19
"""So many rows of one are read at a time."""
WORDS = ("via", "comment")
"""Columns in which something makes a row one that isn't plain."""


class PlainCell(NamedTuple):
    """One plain observation; `file` counts the files as they were read."""

    unit: str
    fact: str
    slot: int
    value: int
    file: int
    place: Place


class Lines:
    """A CSV file that seems to have one row a line: its header, and its lines in chunks.

    Attributes:
        table: the header's table, without rows.
    """

    def __init__(self, file: Path, table: Table, skipped: int, begins: int) -> None:
        self.file, self.table, self._skipped, self._begins = file, table, skipped, begins

    @classmethod
    def of(cls, file: Path, name: str) -> Lines | None:
        """None where a file is small, or its beginning is anything but ordinary."""
        try:
            if file.stat().st_size < SMALLEST:
                return None
            with file.open("rb") as source:
                skipped = 0
                while True:
                    line = source.readline(LONGEST_CELL)
                    text = _text(line.removeprefix(b"\xef\xbb\xbf") if skipped == 0 else line)
                    if text is None or not line.endswith(b"\n"):
                        return None
                    skipped += 1
                    if text.strip():
                        break
                begins = source.tell()
        except OSError:
            return None
        if not _one_row(text, Table(name, text, Problems()).delimiter):
            return None
        table = Table(name, "\n" * (skipped - 1) + text, Problems())
        named = [column for column in table.columns if column]
        if table.header_line != skipped or "unit" not in named or len(set(named)) < len(named):
            return None
        return cls(file, table, skipped, begins)

    def chunks(self) -> Iterator[tuple[int, str | None]]:
        """(lines before it, text) of each chunk; a text of None where the file isn't ordinary after all."""
        before = self._skipped
        with self.file.open("rb") as source:
            source.seek(self._begins)
            while raw := source.read(CHUNK):
                raw += source.readline(LONGEST_CELL)
                cut = not raw.endswith(b"\n") and source.read(1)
                yield before, None if cut else _text(raw)
                before += raw.count(b"\n")


def _text(raw: bytes) -> str | None:
    """Lines as text with composed letters and line feeds alone; None where they hold what isn't ordinary."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\0" in text or "\r" in text:
        return None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _one_row(line: str, delimiter: str) -> bool:
    """A line is a whole row of a CSV file, and no part of a cell with line breaks."""
    try:
        return len(list(csv.reader([line], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _has_outer_spaces(text: str, delimiter: str) -> bool:
    """Some cell may begin or end with a space."""
    edges = (f"{delimiter} ", f" {delimiter}", "\n ", " \n")
    return '"' in text or text.startswith(" ") or text.endswith(" ") or any(edge in text for edge in edges)


class Plain:
    """The plain observations of all files of a portfolio.

    Units and facts are numbered in their alphabetical order, so that the numbers' order is the names'.
    """

    def __init__(
        self, units: Iterable[str], facts: Mapping[str, Fact | None], slots: Mapping[str, Mapping[str, int]]
    ) -> None:
        """`slots`: by what facts are observed per, the periods as a file writes them, and their slots."""
        self.units = sorted(units)
        self.facts = sorted(name for name, fact in facts.items() if fact is not None)
        self._unit_numbers = {id_: number for number, id_ in enumerate(self.units)}
        self._files: list[tuple[str, int | dict[int, int]]] = []
        self._unpacked = 0
        """So many observations aren't compressed yet."""
        self._connection = connection = duckdb.connect(":memory:")
        # Held compressed: units, facts and lines that follow each other take next to nothing.
        connection.execute("ATTACH ':memory:' AS plain (COMPRESS); USE plain")
        connection.execute(_TABLES)
        self._append("unit_name", enumerate(self.units))
        self._append("slot_name", ((per, *row) for per, labels in slots.items() for row in labels.items()))
        self._append(
            "fact_name",
            ((at, *_fact_row(fact)) for at, name in enumerate(self.facts) if (fact := facts[name])),
        )

    def _append(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._connection.appender(table) as appender:
            for row in rows:
                appender.append_row(*row)

    def _execute(self, query: str, *values: Any) -> None:
        self._connection.execute(query, values)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    # Reading

    def take(
        self,
        lines: Lines,
        file: int,
        read: Callable[[str, str], int | None],
        only: str | None,
    ) -> tuple[int, list[tuple[int, str]]] | None:
        """Takes the plain rows of a file.

        Args:
            file: its number.
            read: the value of a fact that is no plain number, in millionths; None where that isn't all of it.
            only: the one unit whose values are wanted.

        Returns:
            How many values were laid to a cell, and the other rows with their line numbers; None where the
            file must be read as a whole, and nothing was taken.
        """
        table = lines.table
        how = _Layout.of(table.columns, self._numbers_of_facts())
        if how is None:
            return None
        self._begin(file, table.name, how)
        values = how.values | _split_values(table)
        wanted, laid = self._wanted(only), 0
        others: list[tuple[int, str]] = []
        for before, text in lines.chunks():
            if text is None:
                self._drop(file)
                return None
            self._execute(
                "CREATE OR REPLACE TABLE line AS SELECT unnest(string_split(?, chr(10))) AS text", text
            )
            # What no cell of the chunk needs isn't done in all of them.
            self._execute("SET VARIABLE quotes = ?", '"' in text)
            self._execute("SET VARIABLE spaces = ?", _has_outer_spaces(text, table.delimiter))
            self._connection.execute(_SPLIT + how.query, values)
            laid += self._settle(how, wanted, read)
            for number, row in self._rows(
                "SELECT rowid, text FROM line WHERE rowid IN (FROM odd) ORDER BY rowid"
            ):
                if len(row) > LONGEST_CELL or ('"' in row and not _one_row(row, table.delimiter)):
                    self._drop(file)
                    return None
                others.append((before + number + 1, row))
            self._keep(file, before + 1, wanted)
        return laid, others

    def take_rows(
        self,
        table: ParquetTable,
        columns: Columns,
        file: int,
        read: Callable[[str, str], int | None],
        only: str | None,
    ) -> tuple[int, list[int]] | None:
        """Takes the plain rows of a Parquet file, as `take` does; the other rows are told by their lines alone."""
        how = _Layout.of(table.columns, self._numbers_of_facts())
        if how is None:
            return None
        self._begin(file, table.name, how)
        self._execute("SET VARIABLE spaces = true")
        names = [f"c{at}" for at in range(columns.width)]
        cells = ", ".join(f"{names[at]}::VARCHAR" for at in columns.places)
        query = _PARQUET.format(names=", ".join(names), cells=cells, line=names[columns.line]) + how.query
        wanted, laid = self._wanted(only), 0
        others: list[int] = []
        for first in range(0, columns.rows, PART):
            values = how.values | {"file": str(table.file), "first": first, "last": first + PART - 1}
            try:
                self._connection.execute(query, values)
            except duckdb.InterruptException:
                raise
            except duckdb.Error:
                self._drop(file)  # to read it row by row will tell
                return None
            laid += self._settle(how, wanted, read)
            others += [line + 1 for (line,) in self._rows("FROM odd ORDER BY line")]
            self._keep(file, 1, wanted)
        return laid, others

    def _numbers_of_facts(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.facts)}

    def _wanted(self, only: str | None) -> int:
        """The number of the one unit whose values are wanted; -1: all are."""
        return -1 if only is None else self._unit_numbers.get(only, len(self.units))

    def _begin(self, file: int, name: str, how: _Layout) -> None:
        while len(self._files) <= file:
            self._files.append(("", 0))
        self._files[file] = (name, how.column)
        self._execute("DELETE FROM fact_column")
        self._append("fact_column", how.facts)

    def _drop(self, file: int) -> None:
        """Gives up what was taken of a file."""
        self._execute("DELETE FROM cell WHERE file = ?", file)

    def _settle(self, how: _Layout, only: int, read: Callable[[str, str], int | None]) -> int:
        """Tells plain rows from odd ones in what was laid; gives how many values the plain ones lay to a cell."""
        self._execute("DELETE FROM told")
        self._append(
            "told",
            (
                (fact, given, value)
                for fact, given in self._rows(_OTHERS, only, only)
                if (value := read(self.facts[fact], given)) is not None
            ),
        )
        self._execute(_ODD, how.tidy, only, only)
        laid: int = self._rows(_LAID, how.tidy)[0][0]
        return laid

    def _keep(self, file: int, first: int, only: int) -> None:
        """Keeps the plain rows' values. `first`: the line that the first of the rows stands in."""
        taken = self._rows(_TAKE, file, first, only, only)[0][0]
        self._unpacked += taken
        if self._unpacked > ROWS_AT_ONCE:
            self._execute("CHECKPOINT plain")
            self._unpacked = 0

    # Doubles

    def doubled(self, others: Iterable[tuple[str, str, int]]) -> list[PlainCell]:
        """Takes out the observations whose cell holds more than one, the `others` counted."""
        execute = self._connection.execute
        execute("CREATE OR REPLACE TABLE key (unit INTEGER, fact SMALLINT, slot INTEGER)")
        facts = {name: number for number, name in enumerate(self.facts)}
        self._append(
            "key",
            {
                (self._unit_numbers[unit], facts[fact], slot)
                for unit, fact, slot in others
                if fact in facts and unit in self._unit_numbers
            },
        )
        execute("CREATE OR REPLACE TABLE double AS FROM cell SEMI JOIN key USING (unit, fact, slot) LIMIT 0")
        count = self.count()
        step = max(len(self.units) * ROWS_AT_ONCE // max(count, 1), 1)
        for first in range(0, len(self.units), step):
            execute(_DOUBLED, [first, first + step - 1] * 2)
        rows = self._rows("FROM double ORDER BY file, line, unit, fact")
        if rows:
            execute("DELETE FROM cell WHERE (unit, fact, slot) IN (SELECT (unit, fact, slot) FROM double)")
        return [self._cell(row) for row in rows]

    # Looking up

    def count(self, first: int = 0, last: int | None = None) -> int:
        """How many observations there are of units by their numbers."""
        last = len(self.units) if last is None else last
        found: int = self._rows("SELECT count(*) FROM cell WHERE unit BETWEEN ? AND ?", first, last)[0][0]
        return found

    def span(self, units: Sequence[str]) -> tuple[int, int]:
        """The numbers of the first and last of some units, which follow each other."""
        if not units:
            return 0, -1
        return self._unit_numbers[units[0]], self._unit_numbers[units[-1]]

    def cells(self, span: tuple[int, int], facts: Iterable[str] | None = None) -> Iterator[PlainCell]:
        """The observations of some units, by unit, fact and slot; of all facts if None."""
        wanted = self.facts if facts is None else facts
        numbers = [number for number, name in enumerate(self.facts) if name in set(wanted)]
        found = self._connection.cursor().execute(_CELLS, [*span, numbers])
        while rows := found.fetchmany(10_000):
            yield from (self._cell(row) for row in rows)

    def numbered(self, units: Mapping[str, int], facts: Mapping[str, int]) -> Stream:
        """The observations of some units and facts as a stream of the columns unit, fact, slot and value.

        Units and facts have the numbers given.
        """
        self._connection.execute(_NUMBERED)
        known = self._unit_numbers
        self._append("unit_number", ((known[u], number) for u, number in units.items() if u in known))
        self._append("fact_number", ((at, facts[f]) for at, f in enumerate(self.facts) if f in facts))
        return Stream(self._connection.sql(_STREAM))

    def slots(self, among: Iterable[int]) -> set[tuple[str, str, int]]:
        """The cells that are filled in some slots."""
        return {
            (self.units[unit], self.facts[fact], slot)
            for unit, fact, slot in self._rows(
                "SELECT unit, fact, slot FROM cell WHERE slot IN (SELECT unnest(?))", sorted(among)
            )
        }

    def _cell(self, row: tuple[int, int, int, int, int, int]) -> PlainCell:
        unit, fact, slot, value, file, line = row
        name, column = self._files[file]
        at = column if isinstance(column, int) else column[fact]
        return PlainCell(self.units[unit], self.facts[fact], slot, value, file, Place(name, line, at))


class Stream:
    """What another connection reads as a table, without a copy in Python."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


class _Layout(NamedTuple):
    """What a file's columns hold.

    Attributes:
        column: the values' column, counted from one; by facts' numbers in a wide file.
        facts: (column, fact's number) of a wide file.
    """

    tidy: bool
    query: str
    values: dict[str, Any]
    column: int | dict[int, int]
    facts: list[tuple[int, int]]

    @classmethod
    def of(cls, columns: Sequence[str], facts: Mapping[str, int]) -> _Layout | None:
        """None where the header isn't one of observations."""
        at = {name: index + 1 for index, name in enumerate(columns) if name}
        tidy = "fact" in at or "value" in at
        if tidy and not ("fact" in at and "value" in at):
            return None
        wide = [] if tidy else [(index, facts[name]) for name, index in at.items() if name in facts]
        if not tidy and not wide:
            return None
        empty = [index + 1 for index, name in enumerate(columns) if not name]
        empty += [at[name] for name in WORDS if name in at] if tidy else []
        values: dict[str, Any] = {
            "empty": empty,
            "unit": at["unit"],
            "period": at.get("period", 0),
            "number": PLAIN_NUMBER,
            "point": ".",
        }
        if tidy:
            values |= {
                "fact": at["fact"],
                "value": at["value"],
                "quality": at.get("quality", 0),
                "source": at.get("source", 0),
            }
            return cls(True, _TIDY, values, at["value"], [])
        return cls(False, _WIDE, values, {fact: index for index, fact in wide}, wide)


def _split_values(table: Table) -> dict[str, Any]:
    """What the lines of a CSV file are split by."""
    cell = f'(?:"[^"{table.delimiter}]*"|[^"{table.delimiter}]*)'
    return {
        "delimiter": table.delimiter,
        "quoted": f"{cell}(?:{table.delimiter}{cell})*",
        "width": len(table.columns),
        "longest": LONGEST_CELL,
        "point": "," if table.decimal_comma else ".",
    }


def _fact_row(fact: Fact) -> tuple[Any, ...]:
    low, high = (int(limit * MILLION) for limit in fact.range) if fact.range else (None, None)
    return fact.name, fact.per, fact.type in PLAIN_TYPES, fact.type == "count", low, high


assert set(DELIMITERS) == {",", ";", "\t"}  # none means anything in a pattern

_TABLES = """
CREATE TABLE unit_name (unit INTEGER, id VARCHAR);
CREATE TABLE fact_name (
    fact SMALLINT, name VARCHAR, per VARCHAR, numeric BOOLEAN, whole BOOLEAN, low BIGINT, high BIGINT);
CREATE TABLE slot_name (per VARCHAR, label VARCHAR, slot INTEGER);
CREATE TABLE fact_column (place INTEGER, fact SMALLINT);
CREATE MACRO bare(text) AS CASE WHEN getvariable('spaces') THEN trim(text) ELSE text END;
CREATE TABLE told (fact SMALLINT, given VARCHAR, value BIGINT);
CREATE TABLE cell (unit INTEGER, fact SMALLINT, slot INTEGER, value BIGINT, file SMALLINT, line INTEGER);
"""

# A line's cells; `simple` where quotation marks, if any, stand around cells that would be the same without them.
_SPLIT = """
CREATE OR REPLACE TABLE laid AS
WITH split AS (
    SELECT rowid AS line,
        string_split(CASE WHEN quoted THEN replace(text, '"', '') ELSE text END, $delimiter) AS cells,
        (NOT quoted OR regexp_full_match(text, $quoted)) AND len(cells) <= $width
            AND strlen(text) <= $longest AND len(list_filter($empty, lambda i: bare(cells[i]) <> '')) = 0 AS simple
    FROM (SELECT rowid, text, getvariable('quotes') AND contains(text, '"') AS quoted FROM line WHERE text <> '')),
"""
# Some rows of a Parquet file, their cells as texts.
_PARQUET = """
CREATE OR REPLACE TABLE laid AS
WITH split AS (
    SELECT {line} AS line, [{cells}] AS cells, len(list_filter($empty, lambda i: bare(cells[i]) <> '')) = 0 AS simple
    FROM read_parquet($file, file_row_number = true) AS t({names})
    WHERE {line} BETWEEN $first AND $last),
"""
# A plain number in millionths, where its fact allows it.
_VALUE = """
named AS (
    SELECT w.line, u.unit, f.fact, p.slot, w.given, w.fits,
        CASE WHEN f.numeric AND regexp_full_match(w.written, $number)
            THEN (TRY_CAST(w.written AS DECIMAL(18, 6)) * 1000000)::BIGINT END AS value,
        f.whole, f.low, f.high
    FROM written w
    LEFT JOIN unit_name u ON u.id = w.unit
    LEFT JOIN fact_name f ON f.name = w.fact
    LEFT JOIN slot_name p ON p.per = f.per AND p.label = w.period)
SELECT line, unit, fact, slot, given, fits,
    CASE WHEN (low IS NULL OR value BETWEEN low AND high) AND NOT (whole AND value % 1000000 <> 0)
        THEN value END AS value
FROM named
"""
_TIDY = f"""
written AS (
    SELECT line, bare(cells[$unit]) AS unit, bare(cells[$fact]) AS fact, coalesce(bare(cells[$period]), '') AS period,
        coalesce(bare(cells[$value]), '') AS given, replace(given, $point, '.') AS written,
        simple AND coalesce(bare(cells[$quality]), '') IN ('', CASE WHEN given = '' THEN '' ELSE 'good' END)
            AND (coalesce(bare(cells[$source]), '') = '' OR regexp_matches(cells[$source], '[A-Za-z]')) AS fits
    FROM split),
{_VALUE}
"""  # noqa: S608  a constant
_WIDE = f"""
written AS (
    SELECT line, bare(cells[$unit]) AS unit, c.name AS fact, coalesce(bare(cells[$period]), '') AS period,
        coalesce(bare(cells[c.place]), '') AS given, replace(given, $point, '.') AS written, simple AS fits
    FROM split CROSS JOIN (FROM fact_column JOIN fact_name USING (fact)) c),
{_VALUE}
"""  # noqa: S608

# What isn't a plain number is read once for each way in which it is written.
_OTHERS = """
SELECT DISTINCT fact, given FROM laid
WHERE fits AND value IS NULL AND given <> '' AND unit IS NOT NULL AND fact IS NOT NULL AND slot IS NOT NULL
    AND (? < 0 OR unit = ?)
"""

# The lines that aren't plain, and how many values the others lay to a cell. Where a wide file's cell is empty, only the
# unit is looked at; a tidy file's row must name its fact and period as well.
_ODD = """
CREATE OR REPLACE TABLE odd AS
    SELECT DISTINCT line FROM laid l LEFT JOIN told t ON t.fact = l.fact AND t.given = l.given
    WHERE NOT fits OR unit IS NULL OR l.fact IS NULL OR (slot IS NULL AND (? OR l.given <> ''))
        OR (l.given <> '' AND l.value IS NULL AND t.value IS NULL AND (? < 0 OR unit = ?))
"""
_LAID = "SELECT count(*) FROM laid ANTI JOIN odd USING (line) WHERE ? OR given <> ''"
_TAKE = """
INSERT INTO cell
    SELECT unit, l.fact, slot, coalesce(l.value, t.value), ?, l.line + ?
    FROM laid l LEFT JOIN told t ON l.value IS NULL AND t.fact = l.fact AND t.given = l.given
    WHERE coalesce(l.value, t.value) IS NOT NULL AND (? < 0 OR unit = ?) AND l.line NOT IN (SELECT line FROM odd)
"""

_DOUBLED = """
INSERT INTO double
    SELECT c.* FROM cell c
    SEMI JOIN (
        SELECT unit, fact, slot FROM cell WHERE unit BETWEEN ? AND ? GROUP BY ALL HAVING count(*) > 1
        UNION
        FROM key
    ) k ON k.unit = c.unit AND k.fact = c.fact AND k.slot = c.slot
    WHERE c.unit BETWEEN ? AND ?
"""
_CELLS = """
SELECT unit, fact, slot, value, file, line FROM plain.cell
WHERE unit BETWEEN ? AND ? AND fact IN (SELECT unnest(?)) ORDER BY unit, fact, slot
"""
_NUMBERED = """
CREATE OR REPLACE TABLE unit_number (unit INTEGER, number INTEGER);
CREATE OR REPLACE TABLE fact_number (fact SMALLINT, number INTEGER);
"""
_STREAM = """
SELECT u.number AS unit, f.number AS fact, c.slot, c.value
FROM cell c JOIN unit_number u ON u.unit = c.unit JOIN fact_number f ON f.fact = c.fact
"""
