"""The engine on Spark: units are divided among tasks, and each task runs the same SQL on its own units.

    findings(session, observations, "jamtland-halsoval-2024")    # Spark data frames in and out

A unit's observations, waivers and previous figures stand in one partition, and no finding rests on another
unit's. So there is no second engine: a task makes a portfolio of its units and hands it to the one there is.
Whether everything could be laid to a cell (`defaults_hold`) concerns all units; the driver settles it first.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import pickle
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from compliance import __version__
from compliance.assessment import Audit, Older, open_portfolio, with_older_periods
from compliance.data.observations import Cell, Observations
from compliance.data.portfolio import (
    Portfolio,
    ReadyWaiver,
    read_observations,
    read_portfolio,
    settled_cells,
)
from compliance.data.units import Unit
from compliance.engine.run import evaluate
from compliance.findings.evidence import make_findings
from compliance.findings.history import previous_findings
from compliance.findings.records import Finding, Findings, Grade, Previous
from compliance.language.facts import Fact
from compliance.library import Library, shipped
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["FINDINGS", "InputWarning", "audit", "findings", "grade_on", "totals"]

TEXTS = ("unit", "fact", "period", "via", "quality", "comment")
NEEDED = ("unit", "fact", "value")
ALLOWED = ("unit", "fact", "period", "value", "via", "quality", "comment", "source")
AMOUNT = "decimal(38,6)"
FINDINGS = {
    "unit": "string",
    "requirement": "string",
    "rule": "string",
    "obligation": "string",
    "grade": "string",
    "unwaived_grade": "string",
    "value": AMOUNT,
    "numerator": AMOUNT,
    "denominator": AMOUNT,
    "comparison": "string",
    "threshold": AMOUNT,
    "points": AMOUNT,
    "previous_value": AMOUNT,
    "previous_grade": "string",
    "waiver": "string",
    "via": "string",
}
"""The columns of the findings: those of `Findings.to_arrow()`."""

MOST_UNITS = 1000
"""As many units to a partition at most: a task holds all of its observations in memory."""
TOGETHER = 100
"""As many units' findings come back in a row."""
WAIT = 10.0
"""Seconds in which a master must answer."""


class InputWarning(UserWarning):
    """Something is wrong with the input of `findings`; what could be graded is graded all the same."""


def findings(
    session: SparkSession,
    observations: DataFrame,
    contract: str | Path,
    *,
    units: DataFrame | Iterable[str] | None = None,
    portfolio: str | Path | Portfolio | None = None,
    library: str | Path | None = None,
    as_of: date | None = None,
    partitions: int | None = None,
) -> DataFrame:
    """Grades every requirement for every unit: a frame with the columns of `FINDINGS`, in no order.

    Args:
        observations: unit, fact and period (texts), value, and if need be via, quality and comment, as in a
            tidy file. `value` is a text as files have it (`46.5`, `ja`, `*`, `mon-fri 08:00-17:00`), or a
            number: a whole one or a DECIMAL(18,6) or smaller, in which ja is 1, delvis 1 and helt 2.
        contract: its id, or the path of its file in a folder `contracts` beside `rules`.
        units: ids, or a frame with the columns of units.csv. Without them (and without a portfolio) each
            unit in the observations is one.
        portfolio: a folder, a shipped name or one read before, for its units, waivers, agreements and
            predecessor; its own observations aren't used.
        library: a folder with `rules/` and `contracts/`; the shipped library if None.
        as_of: the day on which waivers count; the period's last day if None.
        partitions: how many tasks; at least twice the cores, and a thousand units to each at most, if None.

    Raises:
        InputError: the frame has other columns or types, or the contract or the portfolio can't be read.
            Lesser faults are warned of (`InputWarning`).
    """
    _needed()
    observations = _checked(observations)
    problems = Problems()
    read, books = _portfolio(observations, contract, units, portfolio, library, as_of, problems)
    lost, complete = _lost(observations, read, books, problems)
    read = read._replace(defaults_hold=complete)
    for problem in problems:
        warnings.warn(str(problem), InputWarning, stacklevel=2)
    core, shares = _divided(read._replace(cells=(), problems=()))
    task = pickle.dumps(_Task(__version__, core, dict(books.facts), books.whole, lost))

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        return _grade_observations(task, batches)

    from pyspark.sql import functions as f

    given = observations.withColumn("share", f.lit(None).cast("binary"))
    frame = given.unionByName(_frame(session, shares), allowMissingColumns=True)
    count = partitions or _partitions(session, len(shares))
    schema = ", ".join(f"{name} {kind}" for name, kind in FINDINGS.items())
    return frame.repartition(count, "unit").mapInArrow(work, schema)


def totals(findings: DataFrame) -> DataFrame:
    """The totals per requirement, summed by Spark: how many findings have each grade, and the values' sums.

    `waived` is how many of the grades a waiver gave: a waived failure is no plain pass.
    `units` counts the findings whose value is known and that apply; over these are sum, min and max of the
    values, and the sums of numerators and denominators (`numerator` / `denominator` is the pooled value).
    All are of the six decimals that the findings have.
    """
    from pyspark.sql import functions as f

    counts = f.col("value").isNotNull() & (f.col("grade") != Grade.NOT_APPLICABLE.value)

    def known(name: str) -> Any:
        return f.when(counts, f.col(name))

    grades = [f.count(f.when(f.col("grade") == grade.value, 1)).alias(grade.value) for grade in Grade]
    waived = f.when(f.col("grade") != f.col("unwaived_grade"), 1)
    return findings.groupBy("requirement").agg(
        *grades,
        f.count(waived).alias("waived"),
        f.count(known("value")).alias("units"),
        f.sum(known("value")).alias("sum"),
        f.min(known("value")).alias("min"),
        f.max(known("value")).alias("max"),
        f.sum(known("numerator")).alias("numerator"),
        f.sum(known("denominator")).alias("denominator"),
    )


def audit(
    portfolio: str | Path,
    *,
    master: str | None = None,
    library: str | Path | None = None,
    as_of: date | None = None,
) -> Audit:
    """`compliance.audit` with Spark's help: the same findings, whose grades were made on its workers.

    Args:
        master: spark://host:7077, local[2], yarn, k8s://https://host. Without it the environment's
            `SPARK_MASTER` is taken, or else what Spark itself is configured with (all cores of this machine
            where nothing is written).
        portfolio, library, as_of: as for `compliance.audit`.

    Raises:
        InputError: also where Spark isn't installed, can't be reached or fails.
    """
    read = open_portfolio(portfolio, library, as_of)
    try:
        with _session(master) as session:
            return with_older_periods(grade_on(session, read), Older(read, library))
    except Exception as error:
        if isinstance(error, InputError) or not _of_spark(error):
            raise
        raise _failed(_plainly(str(error))) from error


def grade_on(session: SparkSession, portfolio: Portfolio, partitions: int | None = None) -> Audit:
    """All findings for a portfolio that was read here, with everything that explains them."""
    core, shares = _divided(portfolio)
    task = pickle.dumps(_Task(__version__, core, {}, True))

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        return _grade_shares(task, batches)

    count = partitions or _partitions(session, len(shares))
    frame = (
        _frame(session, shares).repartition(count, "unit").mapInArrow(work, "unit string, findings binary")
    )
    graded: list[_Graded] = []
    for row in frame.toArrow().column("findings"):
        graded += pickle.loads(row.as_py())  # noqa: S301  our own task pickled it
    graded.sort(key=lambda unit: unit.unit)
    before = None
    if portfolio.previous is not None:
        earlier = [finding for unit in graded for finding in unit.before]
        before = Audit(portfolio.previous, Findings(_with_evidence(portfolio.previous, earlier)), None)
    now = [finding for unit in graded for finding in unit.now]
    return Audit(portfolio, Findings(_with_evidence(portfolio, now)), before)


# What a task gets, and gives ---------------------------------------------------------------------


class _Share(NamedTuple):
    """What a portfolio holds of one unit: it travels in the unit's row. `unit` is None where it isn't in it."""

    unit: Unit | None = None
    cells: tuple[Cell, ...] = ()
    earlier: tuple[Cell, ...] = ()
    waivers: tuple[ReadyWaiver, ...] = ()
    unsettled: tuple[str, ...] = ()
    before: _Share | None = None


class _Task(NamedTuple):
    """What all tasks share: the portfolio without its units, and the catalogue of facts."""

    version: str
    portfolio: Portfolio
    facts: dict[str, Fact | None]
    whole: bool
    lost: frozenset[tuple[str | None, str | None]] = frozenset()
    """Fact and period of the rows that can't be laid to a cell; they are reported already."""


class _Graded(NamedTuple):
    """One unit's findings, without the portfolio in their evidence."""

    unit: str
    now: list[Finding]
    before: list[Finding]


def _divided(portfolio: Portfolio) -> tuple[Portfolio, dict[str, bytes]]:
    """The portfolio without what concerns single units, and that by unit."""
    shares = _shares(portfolio)
    return _bare(portfolio), {unit: zlib.compress(pickle.dumps(share), 1) for unit, share in shares.items()}


def _shares(portfolio: Portfolio) -> dict[str, _Share]:
    cells: dict[str, list[Cell]] = {}
    earlier: dict[str, list[Cell]] = {}
    waivers: dict[str, list[ReadyWaiver]] = {}
    unsettled: dict[str, list[str]] = {}
    for cell in portfolio.cells:
        cells.setdefault(cell.unit, []).append(cell)
    for cell in portfolio.earlier:
        earlier.setdefault(cell.unit, []).append(cell)
    for ready in portfolio.waivers:
        waivers.setdefault(ready.waiver.unit, []).append(ready)
    for id_, requirement in sorted(portfolio.unsettled):
        unsettled.setdefault(id_, []).append(requirement)
    shares = {
        unit.id: _Share(
            unit,
            tuple(cells.get(unit.id, ())),
            tuple(earlier.get(unit.id, ())),
            tuple(waivers.get(unit.id, ())),
            tuple(unsettled.get(unit.id, ())),
        )
        for unit in portfolio.units
    }
    if portfolio.previous is not None:
        empty = _Share()
        for unit, share in _shares(portfolio.previous).items():
            shares[unit] = shares.get(unit, empty)._replace(before=share)
    return shares


def _bare(portfolio: Portfolio) -> Portfolio:
    return portfolio._replace(
        file=portfolio.file._replace(waivers=(), plans=(), stated=(), notes=()),
        units=(),
        cells=(),
        earlier=(),
        waivers=(),
        unsettled=frozenset(),
        previous=_bare(portfolio.previous) if portfolio.previous else None,
        problems=(),
    )


def _joined(core: Portfolio, shares: Iterable[_Share]) -> Portfolio:
    """The portfolio of these units alone, as if no others were in it."""
    have = sorted(
        ((share.unit, share) for share in shares if share.unit is not None), key=lambda pair: pair[0].id
    )
    return core._replace(
        units=tuple(unit for unit, _ in have),
        cells=tuple(cell for _, share in have for cell in share.cells),
        earlier=tuple(cell for _, share in have for cell in share.earlier),
        waivers=tuple(ready for _, share in have for ready in share.waivers),
        unsettled=frozenset((unit.id, id_) for unit, share in have for id_ in share.unsettled),
    )


def _part(core: Portfolio, shares: Sequence[_Share]) -> Portfolio:
    part = _joined(core, shares)
    if core.previous is None:
        return part
    return part._replace(
        previous=_part(core.previous, [share.before for share in shares if share.before is not None])
    )


def _task(packed: bytes) -> _Task:
    task: _Task = pickle.loads(packed)  # noqa: S301  the driver pickled it
    if task.version != __version__:
        raise RuntimeError(f"compliance {task.version} was sent to a worker that has {__version__}.")
    return task


def _read(table: Any) -> list[_Share]:
    import pyarrow.compute

    rows = table.column("share").filter(pyarrow.compute.is_valid(table.column("share")))
    return [pickle.loads(zlib.decompress(row.as_py())) for row in rows]  # noqa: S301  the driver pickled it


def _table(batches: Iterable[Any]) -> Any | None:
    import pyarrow

    held = [batch for batch in batches if batch.num_rows]
    return pyarrow.Table.from_batches(held) if held else None


def _evaluated(part: Portfolio) -> tuple[list[Finding], list[Finding]]:
    """The findings of a portfolio and of its predecessor."""
    evaluation, earlier = evaluate(part)
    before: list[Finding] = []
    if part.previous is not None and earlier is not None:
        before = make_findings(part.previous, earlier, {})
    clauses = part.program.clauses
    earlier_clauses = part.previous.program.clauses if part.previous is not None else ()
    return make_findings(part, evaluation, previous_findings(clauses, earlier_clauses, before)), before


def _grade_shares(packed: bytes, batches: Iterable[Any]) -> Iterator[Any]:
    import pyarrow

    task, table = _task(packed), _table(batches)
    if table is None:
        return
    now, before = _evaluated(_part(task.portfolio, _read(table)))
    ids = sorted({finding.unit for finding in (*now, *before)})
    graded = {id_: _Graded(id_, [], []) for id_ in ids}
    for finding in now:
        graded[finding.unit].now.append(_light(finding))
    for finding in before:
        graded[finding.unit].before.append(_light(finding))
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        columns = {"unit": some[:1], "findings": [pickle.dumps([graded[id_] for id_ in some])]}
        yield from pyarrow.table(columns).to_batches()


def _light(finding: Finding) -> Finding:
    """A finding without what the driver has itself."""
    nothing: Any = None
    evidence = finding.evidence._replace(portfolio=nothing, clause=nothing, unit=nothing, observed=())
    return replace(finding, evidence=evidence)


def _with_evidence(portfolio: Portfolio, findings: list[Finding]) -> Iterator[Finding]:
    """Findings that came back from the workers, with this portfolio behind them."""
    units = {unit.id: unit for unit in portfolio.units}
    clauses = {clause.id: clause for clause in portfolio.program.clauses}
    observed: dict[str, list[Cell]] = {}
    for cell in (*portfolio.cells, *portfolio.earlier):
        observed.setdefault(cell.unit, []).append(cell)
    for finding in findings:
        evidence = finding.evidence._replace(
            portfolio=portfolio,
            clause=clauses[finding.requirement],
            unit=units[finding.unit],
            observed=observed.get(finding.unit, ()),
        )
        yield replace(finding, evidence=evidence)


# Observations from a data frame ------------------------------------------------------------------


@dataclass
class _Catalogue:
    """The facts of a library, where the library itself isn't."""

    facts: Mapping[str, Fact | None]
    whole: bool


def _grade_observations(packed: bytes, batches: Iterable[Any]) -> Iterator[Any]:
    import pyarrow
    import pyarrow.compute

    task, table = _task(packed), _table(batches)
    if table is None:
        return
    part = _part(task.portfolio, _read(table))
    if not part.units:
        return
    known = pyarrow.array([unit.id for unit in part.units], pyarrow.string())
    given = table.filter(
        pyarrow.compute.and_(
            pyarrow.compute.is_null(table.column("share")),
            pyarrow.compute.is_in(table.column("unit"), known),
        )
    ).drop_columns(["share"])
    if task.lost:
        pairs = zip(given.column("fact").to_pylist(), given.column("period").to_pylist(), strict=True)
        given = given.filter(pyarrow.array([pair not in task.lost for pair in pairs], pyarrow.bool_()))
    if pyarrow.types.is_string(given.schema.field("value").type):
        found = _grade_texts(part, given, _Catalogue(task.facts, task.whole))
    else:
        found = _grade_numbers(part, given)
    yield from found.to_batches()


def _grade_numbers(part: Portfolio, given: Any) -> Any:
    """Grades observations in columns, and finds what the predecessor's own say beside them."""
    import pyarrow

    from compliance.engine.batch import grade

    found = grade(part, given)
    earlier: dict[tuple[str, str], Previous] = {}
    if part.previous is not None:
        before = make_findings(part.previous, evaluate(part.previous)[0], {})
        earlier = previous_findings(part.program.clauses, part.previous.program.clauses, before)
    keys = zip(found.column("unit").to_pylist(), found.column("requirement").to_pylist(), strict=True)
    previous = [earlier.get(key) for key in keys]
    more = {
        "previous_value": [p.value if p else None for p in previous],
        "previous_grade": [p.grade.value if p else None for p in previous],
    }
    schema = _schema()
    columns = [
        pyarrow.array(more[field.name], field.type)
        if field.name in more
        else found.column(field.name).cast(field.type)
        for field in schema
    ]
    return pyarrow.table(columns, schema=schema)


def _grade_texts(part: Portfolio, given: Any, books: _Catalogue) -> Any:
    """Grades observations as files have them, read by what reads files."""
    import pyarrow

    problems = Problems()  # those of single values: their findings are unknown and say so
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "observations.csv", given.column_names, _rows(given))
        read = _from_files(part, Path(folder), books, problems)
    schedules = read.schedules | (part.previous.schedules if part.previous else {})
    now, _ = _evaluated(part._replace(cells=settled_cells(read, problems), schedules=schedules))
    return pyarrow.Table.from_pylist(Findings(now).records(), _schema())


def _rows(given: Any) -> Iterator[tuple[Any, ...]]:
    for batch in given.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        for row in rows:
            writer.writerow("" if cell is None else str(cell).replace("\0", "\ufffd") for cell in row)


def _from_files(portfolio: Portfolio, folder: Path, books: Any, problems: Problems) -> Observations:
    """The observations in the files of a folder, as if they were the portfolio's own."""
    file = portfolio.file._replace(folder=folder, observations=("*.csv",))
    known = {unit.id: unit for unit in portfolio.units}
    return read_observations(file, "", portfolio.program, books, known, portfolio.previous, problems, None)


def _schema() -> Any:
    """`FINDINGS` as Arrow has it."""
    import pyarrow

    types = {"string": pyarrow.string(), AMOUNT: pyarrow.decimal128(38, 6)}
    return pyarrow.schema([(name, types[kind]) for name, kind in FINDINGS.items()])


def _checked(observations: DataFrame) -> DataFrame:
    """The observations with the columns that are needed, all there and of the right types."""
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    problems = Problems()
    place = Place("observations")
    kinds = {field.name: field.dataType for field in observations.schema.fields}
    for name in NEEDED:
        if name not in kinds:
            problems.add(
                place,
                f"The column {name!r} is missing. The frame has {', '.join(NEEDED)} and may have "
                f"{one_of(name for name in ALLOWED if name not in NEEDED)}.",
            )
    for name, kind in kinds.items():
        if name not in ALLOWED:
            problems.add(
                place,
                f"Unknown column {shown(name)}. There are: {one_of(ALLOWED)}."
                f"{did_you_mean(name, ALLOWED) or ' Drop it.'}",
            )
        elif name == "value":
            decimal = (
                isinstance(kind, t.DecimalType) and kind.scale <= 6 and kind.precision - kind.scale <= 12
            )
            if not decimal and not isinstance(kind, (t.StringType, t.IntegralType)):
                problems.add(
                    place,
                    f"The column 'value' is {kind.simpleString()}. Cast it to DECIMAL(18,6), or to STRING "
                    "if it also holds words, such as ja, 08:00-17:00 or *.",
                )
        elif name in TEXTS and not isinstance(kind, t.StringType):
            problems.add(place, f"The column {name!r} is {kind.simpleString()}. Cast it to STRING.")
    if len(set(observations.columns)) < len(observations.columns):
        problems.add(place, "A column stands twice. Drop one of the two.")
    if len(problems):
        raise InputError(problems)
    chosen = [f.col(name) for name in TEXTS if name in kinds]
    value = f.col("value")
    if isinstance(kinds["value"], t.DecimalType):
        value = value.cast("decimal(18,6)")
    if "period" not in kinds:
        chosen.append(f.lit(None).cast("string").alias("period"))
    return observations.select(*chosen, value)


def _lost(
    observations: DataFrame, read: Portfolio, books: Library, problems: Problems
) -> tuple[frozenset[tuple[str | None, str | None]], bool]:
    """Fact and period of the rows that can't be laid to a cell, and whether all rows can, units included.

    What reads files judges them, by one row for each fact and period.
    """
    pairs = [
        (row["fact"], row["period"]) for row in observations.select("fact", "period").distinct().collect()
    ]
    strangers = {row["unit"] for row in observations.select("unit").distinct().collect()}
    strangers -= {unit.id for unit in read.units}
    found = Problems()
    laid: set[int] = set()
    complete = not strangers
    if pairs:
        with tempfile.TemporaryDirectory() as folder:
            rows = [(read.units[0].id, *pair, "*", str(index)) for index, pair in enumerate(pairs)]
            _write(Path(folder) / "observations.csv", (*NEEDED[:2], "period", "value", "comment"), rows)
            given = _from_files(read, Path(folder), books, found)
        laid = {int(cell.comment) for cell in given.cells if cell.comment}
        complete = complete and given.complete
    for problem in sorted(found):
        problems.add(Place("observations"), problem.message)
    known = [unit.id for unit in read.units]
    for unit in sorted(strangers, key=lambda unit: unit or ""):
        hint = did_you_mean(unit or "", known) or " Add it there, or correct the id."
        problems.add(
            Place("observations"),
            f"There is no unit {shown(unit)} among the units.{hint}"
            if unit
            else "Rows name no unit. Write its id, or remove them.",
        )
    return frozenset(pair for index, pair in enumerate(pairs) if index not in laid), complete


# The portfolio of a data frame -------------------------------------------------------------------


def _portfolio(
    observations: DataFrame,
    contract: str | Path,
    units: DataFrame | Iterable[str] | None,
    portfolio: str | Path | Portfolio | None,
    library: str | Path | None,
    as_of: date | None,
    problems: Problems,
) -> tuple[Portfolio, Library]:
    if portfolio is not None:
        if units is not None:
            _stop("units", "A portfolio has its own units. Leave out units, or the portfolio.")
        read = portfolio if isinstance(portfolio, Portfolio) else open_portfolio(portfolio, library, as_of)
        if read.contract.id not in (str(contract), Path(contract).stem):
            _stop("contract", f"The portfolio's contract is {shown(read.contract.id)}. Name that one.")
        for problem in read.problems:  # but not of its own observations, which aren't used
            if not any(Path(problem.place.file).match(pattern) for pattern in read.file.observations):
                problems.add(problem.place, problem.message)
        return read, Library.of(Path(library) if library is not None else None, read.folder, Problems())
    books, id_ = _library(contract, library)
    columns, rows = _units(observations, units)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _write(place / "units.csv", columns, rows)
        _write(place / "observations.csv", NEEDED, ())
        (place / "portfolio.yaml").write_text(
            f"contract: {json.dumps(id_)}\nunits: units.csv\nobservations: [observations.csv]\n", "utf-8"
        )
        read = read_portfolio(place, books=books, as_of=as_of)
    for problem in (*books.problems, *read.problems):
        problems.add(problem.place, problem.message)
    return read, books


def _library(contract: str | Path, library: str | Path | None) -> tuple[Library, str]:
    """The library that has the contract, and the contract's id."""
    problems = Problems()
    if library is not None and not Path(library).is_dir():
        _stop(str(library), "There is no such library folder. Check the path.")
    books = Library.of(Path(library) if library is not None else None, None, problems)
    if isinstance(contract, str) and contract in books.contract_files:
        return books, contract
    file = Path(contract)
    if file.suffix.lower() not in (".yaml", ".yml"):
        found = books.find_contract(str(contract))
        return books, str(contract) if not isinstance(found, str) else _stop("contract", found)
    if not file.is_file():
        _stop(str(contract), "There is no such file. Name a contract's file, or its id.")
    if file.resolve().parent.name != "contracts":
        _stop(str(contract), "A contract lies in a folder 'contracts', beside 'rules'. Move it there.")
    folder = file.resolve().parent.parent
    if folder in (shipped().resolve(), *(known.resolve() for known, _ in books.folders)):
        return books, file.stem
    return Library((*books.folders, (folder, f"{folder.name}/")), problems), file.stem


def _units(
    observations: DataFrame, units: DataFrame | Iterable[str] | None
) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """The columns and rows of units.csv."""
    if units is None:
        found = observations.select("unit").distinct().collect()
        ids = [row["unit"] for row in found if row["unit"]]
        if not ids:
            _stop("observations", "There are no observations, and so no units. Give units, or observations.")
        return ("unit",), [(id_,) for id_ in ids]
    from pyspark.sql import DataFrame

    if isinstance(units, DataFrame):
        return units.columns, [tuple(row) for row in units.collect()]
    return ("unit",), [(str(id_),) for id_ in units]


# Spark itself ------------------------------------------------------------------------------------


def _frame(session: SparkSession, shares: Mapping[str, bytes]) -> DataFrame:
    """A row for each unit, so that one without observations gets its findings, too."""
    import pyarrow

    columns = {
        "unit": pyarrow.array(list(shares), pyarrow.string()),
        "share": pyarrow.array(list(shares.values()), pyarrow.binary()),
    }
    return session.createDataFrame(pyarrow.table(columns))


def _partitions(session: SparkSession, units: int) -> int:
    try:
        cores = int(session.sparkContext.defaultParallelism)
    except Exception:  # Spark Connect has no context
        cores = int(session.conf.get("spark.sql.shuffle.partitions", "8") or 8) // 2
    return max(1, min(units, max(2 * cores, -(-units // MOST_UNITS))))


@contextmanager
def _session(master: str | None = None) -> Iterator[SparkSession]:
    """A session on the cluster at `master`, which is ended afterwards; see `audit`."""
    _needed()
    address = master or os.environ.get("SPARK_MASTER") or None
    if address is not None:
        _reachable(address)
    if not _java():
        _stop(
            "spark", "Spark needs Java 17 or later, and none was found. Install it, or set JAVA_HOME to it."
        )
    silent = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what py4j logs is said here in plain words
    try:
        with tempfile.TemporaryFile() as log:
            try:
                with _errors_into(log), _uninterrupted():
                    session = _begin(address)
                # A master that turns the application away does so only after it was taken in.
                session.range(0).count()
            except Exception as error:
                log.seek(0)
                said = log.read().decode("utf-8", "replace")
                raise _failed(_plainly(f"{said}\n{error}")) from error
        yield session
        session.stop()
    except BaseException:
        _end_java()
        raise
    finally:
        logging.disable(silent)


def _begin(address: str | None) -> SparkSession:
    from pyspark.sql import SparkSession

    # Workers run the Python that runs here, unless the environment names another.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder
    builder = builder.appName("compliance").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false").config(
        "spark.driver.maxResultSize", "0"
    )
    if address is not None:
        builder = builder.master(address)
    session: SparkSession = builder.getOrCreate()
    return session


def _end_java() -> None:
    """Ends the Java that was started for this, which takes leave of the master itself.

    After an interruption nothing can be asked of it: it may be in the middle of a sentence.
    """
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is not None:
        process.terminate()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until this is over: Spark can't be left alone while its Java is about to start.

    It also undoes Spark's own way with Ctrl-C, which may wait for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if came:
        raise KeyboardInterrupt


def _needed() -> None:
    for module, name in (("pyspark", "Spark"), ("pandas", "pandas"), ("pyarrow", "pyarrow")):
        if find_spec(module) is None:
            _stop("spark", f"{name} isn't installed. Install it with pip install 'compliance[spark]'.")


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which(str(Path(home) / "bin" / "java") if home else "java") is not None


def _reachable(address: str) -> None:
    """Ends here where nothing answers at a master's address; Spark itself would try for a minute."""
    if re.fullmatch(r"local(\[.*\])?|local-cluster\[.*\]|yarn|k8s://.+", address):
        return
    servers = re.fullmatch(r"spark://([^/\s]+)", address)
    places = [server.rpartition(":") for server in servers[1].split(",")] if servers else []
    if not places or not all(host and port.isascii() and port.isdigit() for host, _, port in places):
        _stop(
            "--master",
            f"{shown(address)} isn't the address of a Spark master. Write it as spark://host:7077, or "
            "local[2] for two cores of this machine.",
        )
    wrong = ""
    for host, _, port in places:
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=WAIT):
                return
        except (OSError, OverflowError, UnicodeError) as error:
            wrong = getattr(error, "strerror", None) or str(error)
    _stop(
        "--master",
        f"No Spark master answers at {shown(address)} ({wrong}). Check the address, and that it is running.",
    )


@contextmanager
def _errors_into(log: Any) -> Iterator[None]:
    """What is written to standard error goes into `log`; that of programs started here, for good."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _of_spark(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("pyspark", "py4j") or isinstance(error, OSError)


def _plainly(said: str) -> str:
    """What Spark said, in a sentence and what to do."""
    module = re.search(r"No module named '([\w.]+)'", said)
    version = re.search(r"compliance \S+ was sent to a worker that has [\w.+]+\w", said)
    if module:
        return (
            f"The workers' Python has no {module[1]!r}. Install compliance[spark] there, or set "
            "PYSPARK_PYTHON to a Python that has it."
        )
    if version:
        return f"{version[0]}. Install the same version on both."
    if "PYTHON_VERSION_MISMATCH" in said:
        return "The workers have another version of Python. Set PYSPARK_PYTHON to the one that runs here."
    if "Cannot run program" in said:
        return "The workers can't start Python. Set PYSPARK_PYTHON to the path that Python has there."
    if "UnsupportedClassVersionError" in said:
        return "This Java is too old for Spark. Install Java 17 or later, or set JAVA_HOME to it."
    if "Could not parse Master URL" in said or "INVALID_MASTER" in said:
        return "The master's address can't be read. Write it as spark://host:7077."
    if "All masters are unresponsive" in said:
        return "The master doesn't answer. Check its address, and that it runs the same version of Spark."
    lines = [line.strip() for line in said.splitlines() if re.search(r"(Error|Exception)\b|ERROR", line)]
    told = [line for line in lines if not line.startswith("at ")] or [said.strip() or "it said nothing"]
    return f"Spark failed: {shown(told[-1], 300)}. See its log for more."


def _failed(message: str) -> InputError:
    return InputError([Problem(Place("spark"), message)])


def _stop(place: str, message: str) -> NoReturn:
    raise InputError([Problem(Place(place), message)])
