"""Many units at once, in columns: observations as Arrow or Parquet in, findings as Arrow out.

The steps are those of `compliance/engine/run.py`; only the way in and the way out differ. Observations are
summed part by part as they are read, so that memory holds the sums and never all of the observations, and
nothing makes an object for each observation or finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from functools import cache
from glob import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from compliance.data.observations import NOW, State
from compliance.data.portfolio import Portfolio
from compliance.engine.run import DoubledError, Engine
from compliance.findings.evidence import points_of
from compliance.findings.records import Grade
from compliance.language.facts import Fact
from compliance.language.periods import month_label
from compliance.language.program import MILLION
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown

if TYPE_CHECKING:
    import pyarrow

__all__ = ["COLUMNS", "Batch", "grade"]

NEEDED = ("unit", "fact", "period", "value")
TEXTS = ("unit", "fact", "period", "via", "quality", "comment", "source")
AMOUNTS = ("value", "numerator", "denominator", "threshold")
COLUMNS = (
    "unit",
    "requirement",
    "rule",
    "obligation",
    "grade",
    "unwaived_grade",
    "value",
    "numerator",
    "denominator",
    "comparison",
    "threshold",
    "points",
    "waiver",
    "via",
)
PART = 1 << 24
"""So many observations are read at a time."""
LARGEST = Decimal("999999999999.999999")
HIGHEST = {"yes_no": Decimal(1), "level": Decimal(2)}
"""The largest answers."""
WHOLE = -2
"""What stands for the period's own label where that isn't the year's, until it is known that it is right."""


def grade(portfolio: Portfolio, observations: Any, problems: Problems | None = None) -> pyarrow.Table:
    """Grades a portfolio's units on observations in columns.

    Args:
        portfolio: its units, waivers, agreements and contract; its own observations play no part, but those
            of its predecessor do.
        observations: an Arrow table, or Parquet files (a path, a folder's path or a list of paths), with the columns
            unit, fact, period (texts) and value (DECIMAL(18,6) or a whole number); via and quality may be there.
        problems: takes what is wrong with single rows.

    Returns:
        The findings by unit and in the contract's order, with `COLUMNS`; amounts are decimals with six places.

    Raises:
        InputError: a column is missing or of a wrong type, or a file can't be read.
    """
    with Batch(portfolio) as batch:
        return batch.grade(observations, problems)


class Batch:
    """A portfolio's contract and units made ready once, to grade observations any number of times."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.connection = duckdb.connect(":memory:", config={"preserve_insertion_order": False})
        self.engine = Engine(self.connection, portfolio, [{}])
        self.units = {unit.id: number for number, unit in enumerate(portfolio.units)}
        self.facts = {name: self.engine.numbers[name] for name in portfolio.program.facts}
        self.slots = dict(_slots(portfolio))
        self._name_everything()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def grade(self, observations: Any, problems: Problems | None = None) -> pyarrow.Table:
        """See `grade`."""
        problems = Problems() if problems is None else problems
        source = _Source(observations)
        try:
            with self._undone():
                self._sum(source)
                return self._findings()
        except _FaultError:  # what is wrong is told apart, cell by cell
            with self._undone():
                self._settle(source, problems)
                return self._findings()

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Whatever is put into the connection is taken out again."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")
            for name in ("coded", "given"):
                self.connection.unregister(name)

    def _run(self, script: str) -> None:
        self.connection.execute(_script(script))

    # What goes in

    def _name_everything(self) -> None:
        book, program = self.engine.books[0], self.portfolio.program
        measures = [ready for clause in program.clauses for ready in clause.measures]
        rows: dict[str, list[tuple[Any, ...]]] = {
            "unit_name": [(number, id_) for id_, number in self.units.items()],
            "fact_name": [self._fact_row(fact) for fact in program.facts.values()],
            "slot_name": list(self.slots.items()),
            "agreed": sorted(
                {
                    (self.units[agreement.unit], self.facts[fact], agreement.provider)
                    for agreement in self.portfolio.agreements
                    if agreement.in_force(self.portfolio.period.last_day) and agreement.unit in self.units
                    for fact in agreement.facts
                    if fact in self.facts
                }
            ),
            "scale": [(book.first_measure + at, ready.unit) for at, ready in enumerate(measures)],
            "decision": [(at, ready.waiver.decision) for at, ready in enumerate(self.portfolio.waivers)],
        }
        self._run("names")
        for table, content in rows.items():
            self._append(table, content)

    def _append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with self.connection.appender(table) as appender:
            for row in rows:
                appender.append_row(*row)

    def _fact_row(self, fact: Fact) -> tuple[Any, ...]:
        period = self.portfolio.period
        slot = None if fact.monthly else self.slots[str(period.year) if fact.per == "year" else period.label]
        low, high = fact.range or (-LARGEST, LARGEST)
        if fact.type in HIGHEST:
            low, high = max(low, Decimal(0)), min(high, HIGHEST[fact.type])
        return self.facts[fact.name], fact.name, fact.type, slot, int(low * MILLION), int(high * MILLION)

    def _sum(self, source: _Source) -> None:
        """Sums the observations part by part, where nothing is wrong with any of them."""
        if source.qualified or self.portfolio.period.months == 1 or self.portfolio.earlier:
            raise _FaultError
        parts = 0
        for part in source.parts():
            with self._part(part, "coded"):
                if any(
                    self.connection.execute(_script(check)).fetchall() for check in ("faults", "fractions")
                ):
                    raise _FaultError
                self._run("coded")
            parts += 1
        self._run("one_part" if parts == 1 else "united")
        if self.connection.execute(_script("doubles")).fetchall():
            raise _FaultError
        try:
            self.engine.finish()
        except DoubledError:
            raise _FaultError from None

    def _settle(self, source: _Source, problems: Problems) -> None:
        """Lays every observation to its cell, and tells apart what can't be relied on."""
        self._run("laid")
        for part in source.parts():
            with self._part(part, "given"):
                self._run("laying")
        self.engine.take_earlier()
        self._append(
            "provider",
            [
                (self.units[cell.unit], self.facts[cell.fact], cell.slot, cell.via)
                for cell in self.portfolio.earlier
                if cell.via is not None and cell.state is State.GOOD and cell.fact in self.facts
            ],
        )
        self._run("settled")
        self._report(source.name, problems)
        self.engine.grade()

    @contextmanager
    def _part(self, part: _Part, name: str) -> Iterator[None]:
        """A part of the observations as the table `coded` (numbers for names), or as `given`."""
        if isinstance(part, _Rows):
            columns = (
                "*"
                if "via" in part.columns and "quality" in part.columns
                else "*, "
                + ", ".join(
                    f"NULL::VARCHAR AS {column}"
                    for column in ("via", "quality")
                    if column not in part.columns
                )
            )
            rows = (escape(str(part.file)), part.first, part.last)
            try:
                self.connection.execute(_script(f"{name}_rows").replace("/* columns */", columns), rows)
            except duckdb.Error as error:
                raise InputError([_unreadable(part.file, error)]) from None
            yield
            self.connection.execute(f"DROP TABLE {name}")
            return
        self.connection.register(name, self._coded(part) if name == "coded" else _with_all_texts(part))
        yield
        self.connection.unregister(name)

    def _coded(self, part: pyarrow.Table) -> pyarrow.Table:
        """The engine's numbers for the names of units, facts and periods; other facts' rows left out."""
        import pyarrow

        units, facts = (
            _numbers(part.column(n), of) for n, of in (("unit", self.units), ("fact", self.facts))
        )
        slots = _numbers(part.column("period"), self.slots)
        amounts = _amounts(part.column("value"))
        coded = pyarrow.table({"unit": units, "fact": facts, "slot": slots, "value": amounts})
        return coded.filter(facts.is_valid()) if facts.null_count else coded

    def _report(self, name: str, problems: Problems) -> None:
        messages = {
            "unit": "There is no unit {} in the units' file.",
            "period": "{} isn't a period that this portfolio asks for.",
            "range": "Values of {} are outside its range, or aren't whole numbers where they should be.",
            "via": "'via' names another provider, and {} is no yes/no or level fact.",
            "type": "{} can't be a number in a column. Write it in the unit's YAML file.",
            "quality": "The quality of {} is neither doubtful nor good in some rows.",
            "words": "There is no value of {} in some rows, only words about it.",
            "conflict": "Rows contradict each other on {}. Keep the right ones.",
        }
        for what, about, rows in self.connection.execute("FROM lost ORDER BY ALL LIMIT 1000").fetchall():
            hint = did_you_mean(about, self.units) if what == "unit" else ""
            problems.add(Place(name), f"{messages[what].format(shown(about))} Rows: {rows}.{hint}")

    # What comes out

    def _findings(self) -> pyarrow.Table:
        import pyarrow

        self._run("findings")
        table = self.connection.sql("FROM shown").to_arrow_table()
        for name in AMOUNTS:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, _with_six_places(table.column(name)))
        points = pyarrow.array(self._points(table), pyarrow.decimal128(38, 6))
        units = [unit.id for unit in self.portfolio.units]
        clauses = self.portfolio.program.clauses
        told: dict[str, pyarrow.ChunkedArray] = {
            "unit": _named(table.column("unit"), units),
            "requirement": _named(table.column("requirement"), [clause.id for clause in clauses]),
            "rule": _named(table.column("requirement"), [clause.rule.name for clause in clauses]),
            "obligation": _named(
                table.column("requirement"), [clause.requirement.obligation for clause in clauses]
            ),
            "points": pyarrow.chunked_array([points]),
        }
        return pyarrow.table({name: told[name] if name in told else table.column(name) for name in COLUMNS})

    def _points(self, table: pyarrow.Table) -> list[Decimal | None]:
        clauses = self.portfolio.program.clauses
        if not any(clause.points for clause in clauses):
            return [None] * table.num_rows
        settings: dict[int, dict[str, int | None]] = {}
        for profile, name, value in self.connection.execute(
            "SELECT profile, name, value FROM setting"
        ).fetchall():
            settings.setdefault(profile, {})[name] = value
        columns = ("requirement", "grade", "known", "top", "bottom", "profile")
        return [
            points_of(
                clauses[number],
                Grade(grade),
                Fraction(int(top), int(bottom)) if known else None,
                settings.get(profile, {}),
            )
            for number, grade, known, top, bottom, profile in zip(
                *(table.column(name).to_pylist() for name in columns), strict=True
            )
        ]


class _FaultError(Exception):
    """Something among the observations must be looked at cell by cell."""


class _Source:
    """Observations in columns, read in parts.

    Attributes:
        name: what errors call it.
        qualified: single observations may be doubtful, or met through others.
    """

    def __init__(self, observations: Any) -> None:
        self._table: pyarrow.Table | None = None
        self._files: list[Path] = []
        if isinstance(observations, list | tuple):
            self._files = [Path(file) for file in observations]
            self.name = self._files[0].name if len(self._files) == 1 else "observations"
        elif isinstance(observations, str | Path):
            path = Path(observations)
            self.name = path.name
            self._files = _files_in(path) if path.is_dir() else [path]
        else:
            self.name, self._table = "observations", _table_of(observations)
        if self._table is None and not self._files:
            raise InputError([Problem(Place(self.name), "There are no files to read. Name at least one.")])
        schemas = (
            [(file.name, self._schema(file)) for file in self._files]
            if self._table is None
            else [(self.name, self._table.schema)]
        )
        for name, schema in schemas:
            _check_columns(schema, name)
        self.qualified = any({"via", "quality"} & set(schema.names) for _, schema in schemas)

    def _schema(self, file: Path) -> pyarrow.Schema:
        import pyarrow
        import pyarrow.parquet

        try:
            return pyarrow.parquet.read_schema(file)
        except FileNotFoundError:
            message = "There is no such file or folder. Check the path."
            raise InputError([Problem(Place(file.name), message)]) from None
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError([_unreadable(file, error)]) from None

    def parts(self) -> Iterator[_Part]:
        """The observations in parts of at most `PART` rows."""
        import pyarrow.parquet

        if self._table is not None:
            for start in range(0, max(self._table.num_rows, 1), PART):
                yield self._table.slice(start, PART)
            return
        for file in self._files:
            metadata = pyarrow.parquet.read_metadata(file)
            names = tuple(self._schema(file).names)
            for start in range(0, max(metadata.num_rows, 1), PART):
                yield _Rows(file, start, start + PART - 1, names)


def _table_of(observations: Any) -> pyarrow.Table:
    import pyarrow

    if isinstance(observations, pyarrow.Table):
        return observations
    if hasattr(observations, "__arrow_c_stream__") or hasattr(observations, "__arrow_c_array__"):
        return pyarrow.table(observations)
    raise TypeError(
        f"Observations are an Arrow table or Parquet files, and not {type(observations).__name__}."
    )


def _files_in(folder: Path) -> list[Path]:
    """The Parquet files in a folder and those below it, without what a programme hides or hasn't finished."""
    found = [
        file
        for file in sorted(folder.rglob("*.parquet"))
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    ]
    if not found:
        message = "There are no Parquet files in this folder. Their names end in .parquet."
        raise InputError([Problem(Place(folder.name), message)])
    return found


def _unreadable(file: Path, error: Exception) -> Problem:
    told = (str(error).splitlines() or [""])[0]
    return Problem(Place(file.name), f"This can't be read as a Parquet file ({told}).")


class _Rows(NamedTuple):
    """Rows of a Parquet file, both ends included."""

    file: Path
    first: int
    last: int
    columns: tuple[str, ...]


_Part = Any
"""An Arrow table, or `_Rows`."""


def _slots(portfolio: Portfolio) -> Iterator[tuple[str, int]]:
    """Every period that observations may be of, as a file writes it, with its slot."""
    period, program = portfolio.period, portfolio.program
    months = set(range(min(program.earliest, period.first), period.last + 1))
    if portfolio.previous is not None and program.looks_back:
        months.update(range(portfolio.previous.period.first, portfolio.previous.period.last + 1))
    for month in sorted(months):
        yield month_label(month), month
    yield str(period.year), NOW
    if period.months == 1:
        yield "", period.first
    elif period.label != str(period.year):
        yield period.label, WHOLE


def _check_columns(schema: pyarrow.Schema, name: str) -> None:
    from pyarrow import types

    place = Place(name)
    faults = [
        Problem(place, f"The column {column!r} is missing. There must be {one_of(NEEDED)}.")
        for column in NEEDED
        if column not in schema.names
    ]
    faults += [
        Problem(place, f"The column {column!r} stands there twice. Remove one of them.")
        for column in (*TEXTS, "value")
        if schema.names.count(column) > 1
    ]
    for field in schema:
        plain = field.type.value_type if types.is_dictionary(field.type) else field.type
        if field.name == "value" and not (types.is_decimal(plain) or types.is_integer(plain)):
            message = f"The column 'value' is of type {plain}, which isn't exact. Make it DECIMAL(18,6)."
            faults.append(Problem(place, message))
        elif (
            field.name == "value"
            and types.is_decimal(plain)
            and (plain.scale > 6 or plain.precision > 18 or types.is_decimal256(plain))
        ):
            message = f"The column 'value' is of type {plain}. Make it DECIMAL(18,6): six decimals at most."
            faults.append(Problem(place, message))
        elif field.name in TEXTS and not any(
            is_text(plain) for is_text in (types.is_string, types.is_large_string, types.is_string_view)
        ):
            message = f"The column {field.name!r} is of type {plain}. Make it text."
            faults.append(Problem(place, message))
    if faults:
        raise InputError(faults)


def _numbers(column: pyarrow.ChunkedArray, numbers: dict[str, int]) -> pyarrow.ChunkedArray:
    """A text column's numbers, null where a text has none."""
    import pyarrow
    import pyarrow.compute

    names, values = (
        pyarrow.array(list(numbers), pyarrow.string()),
        pyarrow.array(numbers.values(), pyarrow.int32()),
    )

    def of(texts: pyarrow.Array) -> pyarrow.Array:
        return values.take(pyarrow.compute.index_in(texts.cast(pyarrow.string()), value_set=names))

    chunks = [
        of(chunk.dictionary).take(chunk.indices) if pyarrow.types.is_dictionary(chunk.type) else of(chunk)
        for chunk in column.chunks
    ]
    return pyarrow.chunked_array(chunks, pyarrow.int32())


def _amounts(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """A column as DECIMAL(18,6)."""
    import pyarrow

    six = pyarrow.decimal128(18, 6)
    if column.type == six:
        return column
    try:
        return column.cast(pyarrow.decimal128(38, 6)).cast(six)
    except pyarrow.ArrowInvalid:
        raise _FaultError from None  # one of them is too large


def _named(numbers: pyarrow.ChunkedArray, names: list[str]) -> pyarrow.ChunkedArray:
    """The names that numbers stand for, each name held once."""
    import pyarrow

    dictionary = pyarrow.array(names, pyarrow.string())
    chunks = [pyarrow.DictionaryArray.from_arrays(chunk, dictionary) for chunk in numbers.chunks]
    return pyarrow.chunked_array(chunks, pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))


def _with_all_texts(part: pyarrow.Table) -> pyarrow.Table:
    import pyarrow

    for name in ("via", "quality"):
        if name not in part.column_names:
            part = part.append_column(name, pyarrow.nulls(part.num_rows, pyarrow.string()))
    return part


def _with_six_places(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """Whole millionths as decimals: the same 128 bits, with the point six places further left."""
    import pyarrow

    chunks = [
        pyarrow.Array.from_buffers(
            pyarrow.decimal128(38, 6), len(chunk), chunk.buffers(), offset=chunk.offset
        )
        for chunk in column.chunks
    ]
    return pyarrow.chunked_array(chunks, pyarrow.decimal128(38, 6))


@cache
def _script(name: str) -> str:
    return (resources.files("compliance.engine") / "sql" / "batch" / f"{name}.sql").read_text("utf-8")
