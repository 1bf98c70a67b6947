"""Many units at once, in columns: observations as Arrow or Parquet in, findings as Arrow out.

The steps are those of `compliance/engine/run.py`; only the way in and the way out differ. Observations are
summed part by part as they are read, so that memory holds the sums and never all of the observations, and
nothing makes an object for each observation or finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from compliance.data.observations import NOW, State
from compliance.data.portfolio import Portfolio
from compliance.engine.run import UNSAFE, DoubledError, Engine, append, in_memory
from compliance.findings.evidence import points_of
from compliance.findings.records import Grade
from compliance.language.facts import Fact
from compliance.language.periods import month_label
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
PART = 1 << 23
"""About so many observations are read at a time."""
BATCH = 1 << 17
"""So many of them are worked on at once by a thread."""
TOGETHER = 20_000
"""So many units are graded at a time; half of them where the observations are in memory, too."""
MANY = 1 << 22
"""So many sums may be kept of units that have others, too, before they are put together."""
MASK = 62
"""So many periods have a bit each in a mask."""
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
        self.connection = in_memory()
        self.engine = Engine(self.connection, portfolio, [{}])
        self.units = {unit.id: number for number, unit in enumerate(portfolio.units)}
        self.facts = {name: self.engine.numbers[name] for name in portfolio.program.facts}
        self.slots = dict(_slots(portfolio))
        self.bits = {label: bit for bit, label in enumerate(self.slots)}
        self._name_everything()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def grade(self, observations: Any, problems: Problems | None = None) -> pyarrow.Table:
        """See `grade`."""
        import pyarrow

        return pyarrow.concat_tables(self.parts(observations, problems))

    def parts(
        self,
        observations: Any,
        problems: Problems | None = None,
        done: Callable[[int, int], object] = lambda *_: None,
    ) -> Iterator[pyarrow.Table]:
        """The same, `TOGETHER` units at a time, so that memory holds the sums of the observations and little more.

        Args:
            done: is told how much is done, and of how much.

        Raises:
            InputError: as for `grade`; at once what is wrong with a file's columns, and later what is wrong in it.
        """
        return self._parts(_Source(observations), Problems() if problems is None else problems, done)

    def _parts(
        self, source: _Source, problems: Problems, done: Callable[[int, int], object]
    ) -> Iterator[pyarrow.Table]:
        lost: dict[tuple[str, str], int] = {}
        number = len(self.portfolio.units)
        spans = self._spans(TOGETHER // 2 if source.in_memory else TOGETHER)
        read = 0

        def reading(rows: int) -> None:
            nonlocal read
            read += rows
            done(read, 2 * max(source.rows, 1))  # to read them takes about half of the time

        try:
            gathered = self._gather(source, reading)
            strange = not gathered and len(spans) > 1 and self._strange(source)
            for first, last in spans:
                found = self._graded((first, last)) if gathered else None
                yield self._settled((first, last), source, lost, strange) if found is None else found
                done(number + last + 1, 2 * max(number, 1))
        finally:
            self._run("ungathered")
        self._report(source.name, lost, problems)

    def _spans(self, together: int) -> list[tuple[int, int]]:
        """The first and the last unit of those that are graded together."""
        number, step = len(self.portfolio.units), max(together, 1)
        return [(first, min(first + step, number) - 1) for first in range(0, max(number, 1), step)]

    @contextmanager
    def _only(self, span: tuple[int, int]) -> Iterator[None]:
        """Some of the units, from the first to the last. Whatever is done to the tables is undone again."""
        self.connection.execute("BEGIN")
        try:
            for name, unit in zip(("first_unit", "last_unit"), span, strict=True):
                self.connection.execute(f"SET VARIABLE {name} = {unit}")
            if span != (0, len(self.portfolio.units) - 1):
                self._run("some_units")
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def _run(self, script: str) -> None:
        self.connection.execute(_script(script))

    # What goes in

    def _name_everything(self) -> None:
        book, program = self.engine.books[0], self.portfolio.program
        measures = [ready for clause in program.clauses for ready in clause.measures]
        rows: dict[str, list[tuple[Any, ...]]] = {
            "unit_name": [(number, id_) for id_, number in self.units.items()],
            "fact_name": [self._fact_row(fact) for fact in program.facts.values()],
            "slot_name": [
                (label, slot, 1 << self.bits[label] if self.bits[label] < MASK else None)
                for label, slot in self.slots.items()
            ],
            "slot_bit": [(bit, self.slots[label]) for label, bit in self.bits.items()],
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
        self._run("kept")
        self._run("told")
        self._run("findings")

    def _any(self, query: str) -> bool:
        return bool(self.connection.execute(f"SELECT 1 {query} LIMIT 1").fetchall())

    def _row(self, query: str) -> tuple[Any, ...]:
        (row,) = self.connection.execute(query).fetchall()
        return row

    def _append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        append(self.connection, table, rows)

    def _fact_row(self, fact: Fact) -> tuple[Any, ...]:
        period = self.portfolio.period
        slot = None if fact.monthly else self.slots[str(period.year) if fact.per == "year" else period.label]
        low, high = fact.range or (-LARGEST, LARGEST)
        if fact.type in HIGHEST:
            low, high = max(low, Decimal(0)), min(high, HIGHEST[fact.type])
        own = (label for label, at in self.slots.items() if (at > 0 if slot is None else at == slot))
        bits = sum(1 << self.bits[label] for label in own if self.bits[label] < MASK)
        return (
            self.facts[fact.name],
            fact.name,
            fact.type,
            slot,
            low,
            high,
            bits,
        )

    def _gather(self, source: _Source, reading: Callable[[int], object]) -> bool:
        """Sums the observations as they are read, and keeps those whose single months may matter.

        Args:
            reading: is told how many more rows have been read.

        Returns:
            False where they must be looked at one by one.
        """
        short = self.portfolio.period.months == 1
        if source.qualified or short or self.portfolio.earlier or len(self.bits) > MASK:
            return False
        self._run("gathered")
        twice = 0
        try:
            for number, rows in enumerate(source.views(self.connection)):
                self.connection.execute(f"SET VARIABLE part = {number}")
                self._run("named")
                self._run("gathering")
                if number:
                    twice += self._torn()
                if twice * len(self.facts) > MANY:
                    self._run("united")
                    twice = 0
                reading(rows)
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            if source.in_memory:
                raise
            return False  # a file is damaged: to look at its rows will tell
        # An observation of nobody knows whom or when may be any of those that are missing.
        self._run("faults")
        return not (self._any("FROM faulty") and self._strange(source))

    def _torn(self) -> int:
        """Notes which units may have observations in the last part and in those before it; returns how many."""
        first, last, reached = self._row(
            "SELECT min(unit) FILTER (part = getvariable('part')), max(unit) FILTER (part = getvariable('part')), "
            "max(unit) FILTER (part < getvariable('part')) FROM gathered"
        )
        if first is None or reached is None or first > reached:
            return 0
        shared = range(first, min(last, reached) + 1)
        self.connection.execute(f"INSERT INTO torn SELECT unnest(range({shared.start}, {shared.stop}))")
        return len(shared)

    def _graded(self, span: tuple[int, int]) -> pyarrow.Table | None:
        """Some units' findings, or None where their observations must be looked at one by one."""
        with self._only(span):
            if self._any(
                "FROM faulty WHERE unit BETWEEN getvariable('first_unit') AND getvariable('last_unit')"
            ):
                return None
            torn = self._any("FROM torn")
            self._run("taken")
            if torn:
                self._run("torn")
            self.engine.sum()
            if torn and self.connection.execute(_script("doubles")).fetchall():
                return None
            try:
                self.engine.measure()
            except DoubledError:
                return None
            return self._findings()

    def _settled(
        self, span: tuple[int, int], source: _Source, lost: dict[tuple[str, str], int], strange: bool
    ) -> pyarrow.Table:
        """Some units' findings: every observation is laid to its cell, and what can't be relied on is told apart."""
        with self._only(span):
            self.connection.execute(f"SET VARIABLE strange = {strange}")
            self._run("laid")
            for part in source.parts():
                with self._registered(given=_with_all_texts(part)):
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
            for what, about, rows in self.connection.execute("FROM lost").fetchall():
                lost[what, about] = lost.get((what, about), 0) + rows
            self.engine.grade()
            self.engine.tell()
            self._run("via")
            return self._findings()

    def _strange(self, source: _Source) -> bool:
        """Some observations are of unknown units or periods, so that empty cells may not really be empty."""
        for part in source.parts():
            with self._registered(given=part):
                if self.connection.execute(_script("strange")).fetchall():
                    return True
        return False

    @contextmanager
    def _registered(self, **tables: Any) -> Iterator[None]:
        for name, table in tables.items():
            self.connection.register(name, table)
        try:
            yield
        finally:
            for name in tables:
                self.connection.unregister(name)

    def _report(self, name: str, lost: dict[tuple[str, str], int], problems: Problems) -> None:
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
        for (what, about), rows in sorted(lost.items())[:1000]:
            hint = did_you_mean(about, self.units) if what == "unit" else ""
            problems.add(Place(name), f"{messages[what].format(shown(about))} Rows: {rows}.{hint}")

    # What comes out

    def _findings(self) -> pyarrow.Table:
        import pyarrow

        pointed = any(clause.points for clause in self.portfolio.program.clauses)
        # As the query is written, all findings pass by a few rows of the contract and the waivers. DuckDB can't tell how
        # few, and may do it the other way round.
        self.connection.execute(f"SET disabled_optimizers = '{UNSAFE},build_side_probe_side'")
        table = self.connection.sql(_script("telling_for_points" if pointed else "telling")).to_arrow_table()
        self.connection.execute(f"SET disabled_optimizers = '{UNSAFE}'")
        six_places = pyarrow.decimal128(38, 6)
        for name in AMOUNTS:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, _with_point(table.column(name), six_places))
        points = self._points(table) if pointed else pyarrow.nulls(table.num_rows, six_places)
        units = [unit.id for unit in self.portfolio.units]
        clauses = self.portfolio.program.clauses
        told: dict[str, pyarrow.ChunkedArray] = {
            "unit": _named(table.column("unit"), units),
            "requirement": _named(table.column("requirement"), [clause.id for clause in clauses]),
            "rule": _named(table.column("requirement"), [clause.rule.name for clause in clauses]),
            "obligation": _named(
                table.column("requirement"), [clause.requirement.obligation for clause in clauses]
            ),
            "points": pyarrow.chunked_array([pyarrow.array(points, six_places)]),
        }
        return pyarrow.table({name: told[name] if name in told else table.column(name) for name in COLUMNS})

    def _points(self, table: pyarrow.Table) -> list[Decimal | None]:
        """Each finding's points; None where there are none."""
        clauses = self.portfolio.program.clauses
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


class _Source:
    """Observations in columns, read in parts.

    Attributes:
        name: what errors call it.
        qualified: single observations may be doubtful, or met through others.
        rows: how many there are.
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

    @property
    def in_memory(self) -> bool:
        return self._table is not None

    @cached_property
    def rows(self) -> int:
        import pyarrow.parquet

        if self._table is not None:
            return int(self._table.num_rows)
        return sum(pyarrow.parquet.read_metadata(file).num_rows for file in self._files)

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

    def views(self, connection: duckdb.DuckDBPyConnection) -> Iterator[int]:
        """The observations part by part, as the view `part` of a connection; gives how many rows that has."""
        if self._table is not None:
            for part in self._slices(self._table):
                connection.execute("DROP VIEW IF EXISTS part")
                connection.register("part", part)
                yield part.num_rows
            return
        for file in self._files:
            metadata = self._metadata(file)
            start = 0
            for groups in _row_groups(metadata):
                rows = sum(metadata.row_group(group).num_rows for group in groups)
                if _is_plain(file, metadata):
                    connection.execute("SET VARIABLE file = ?", [str(file.resolve())])
                    connection.execute(
                        f"SET VARIABLE first_row = {start}; SET VARIABLE next_row = {start + rows}"
                    )
                    connection.execute(_script("reading"))
                else:
                    connection.execute("DROP VIEW IF EXISTS part")
                    connection.register("part", self._read(file, groups))
                yield rows
                start += rows

    def parts(self) -> Iterator[pyarrow.Table]:
        """The observations in parts of about `PART` rows."""
        if self._table is not None:
            yield from self._slices(self._table)
            return
        for file in self._files:
            for groups in _row_groups(self._metadata(file)):
                yield self._read(file, groups)

    def _slices(self, table: pyarrow.Table) -> Iterator[pyarrow.Table]:
        import pyarrow

        for start in range(0, max(table.num_rows, 1), PART):
            batches = table.slice(start, PART).to_batches(max_chunksize=BATCH)
            yield pyarrow.Table.from_batches(batches, table.schema)

    def _metadata(self, file: Path) -> pyarrow.parquet.FileMetaData:
        import pyarrow
        import pyarrow.parquet

        try:
            return pyarrow.parquet.read_metadata(file)
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError([_unreadable(file, error)]) from None

    def _read(self, file: Path, groups: list[int]) -> pyarrow.Table:
        import pyarrow
        import pyarrow.parquet

        names = self._schema(file).names
        columns = [name for name in (*NEEDED, "via", "quality") if name in names]
        texts = [name for name in columns if name in TEXTS]
        try:
            with pyarrow.parquet.ParquetFile(file, read_dictionary=texts) as opened:
                return opened.read_row_groups(groups, columns)
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError([_unreadable(file, error)]) from None


def _is_plain(file: Path, metadata: pyarrow.parquet.FileMetaData) -> bool:
    """DuckDB takes neither the file's path nor its columns' names for anything else."""
    names = [metadata.schema.column(index).path.lower() for index in range(metadata.num_columns)]
    return not set("*?[]{}") & set(str(file.resolve())) and len({*names, "file_row_number"}) == len(names) + 1


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


def _row_groups(metadata: pyarrow.parquet.FileMetaData) -> Iterator[list[int]]:
    """A file's row groups, so many at a time that they hold about `PART` rows."""
    groups: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).num_rows
        if groups and rows + size > PART:
            yield groups
            groups, rows = [], 0
        groups.append(group)
        rows += size
    yield groups


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


def _named(numbers: pyarrow.ChunkedArray, names: list[str]) -> pyarrow.ChunkedArray:
    """The names that numbers stand for, each name held once."""
    import pyarrow

    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    dictionary = pyarrow.array(list(places), pyarrow.string())
    place_of = pyarrow.array([places[name] for name in names], pyarrow.int32())
    chunks = [
        pyarrow.DictionaryArray.from_arrays(
            chunk if len(places) == len(names) else place_of.take(chunk), dictionary
        )
        for chunk in numbers.chunks
    ]
    return pyarrow.chunked_array(chunks, pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))


def _with_all_texts(part: pyarrow.Table) -> pyarrow.Table:
    import pyarrow

    for name in ("via", "quality"):
        if name not in part.column_names:
            part = part.append_column(name, pyarrow.nulls(part.num_rows, pyarrow.string()))
    return part


def _with_point(column: pyarrow.ChunkedArray, type_: pyarrow.DataType) -> pyarrow.ChunkedArray:
    """The same 128 bits as decimals of another type, with the point somewhere else."""
    import pyarrow

    chunks = [
        pyarrow.Array.from_buffers(type_, len(chunk), chunk.buffers(), offset=chunk.offset)
        for chunk in column.chunks
    ]
    return pyarrow.chunked_array(chunks, type_)


@cache
def _script(name: str) -> str:
    return (resources.files("compliance.engine") / "sql" / "batch" / f"{name}.sql").read_text("utf-8")
