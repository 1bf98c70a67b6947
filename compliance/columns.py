"""Many units at once: a portfolio whose observations all lie in Parquet files, graded as they are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compliance.assessment import open_portfolio
from compliance.data.portfolio import Portfolio
from compliance.findings.records import AMOUNTS, RECORD
from compliance.problems import InputError, Problem, Problems

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Columns", "audit_columns"]


class Columns(NamedTuple):
    """Findings as an Arrow table with the columns of `Findings.to_arrow`."""

    portfolio: Portfolio
    findings: pyarrow.Table
    errors: tuple[Problem, ...]


def audit_columns(
    portfolio: str | Path, *, library: str | Path | None = None, as_of: date | None = None
) -> Columns | None:
    """Grades a portfolio in columns, without an object for each observation or finding.

    Returns:
        None where that can't be: not all of its observations lie in Parquet files whose columns are exact, or
        it has a predecessor. `compliance.audit` does it then.

    Raises:
        InputError: as for `compliance.audit`.
    """
    from compliance.engine.batch import grade

    read = open_portfolio(portfolio, library, as_of, leave_columns=True)
    if not read.columns or read.cells or read.previous is not None:
        return None
    problems = Problems()
    try:
        findings = grade(read, list(read.columns), problems)
    except InputError:
        return None  # such as binary floats, which are read one by one
    return Columns(read, _as_records(findings), tuple(sorted({*read.problems, *problems})))


def _as_records(findings: pyarrow.Table) -> pyarrow.Table:
    import pyarrow

    columns = {name: findings.column(name) for name in findings.column_names}
    for name in RECORD:
        if name not in columns:
            type_ = pyarrow.decimal128(38, 6) if name in AMOUNTS else pyarrow.string()
            columns[name] = pyarrow.nulls(findings.num_rows, type_)
    return pyarrow.table({name: columns[name] for name in RECORD})
