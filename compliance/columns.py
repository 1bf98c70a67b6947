"""Many units at once: a portfolio whose observations all lie in Parquet files, graded as they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.assessment import open_portfolio
from compliance.data.portfolio import Portfolio
from compliance.findings.records import AMOUNTS, RECORD
from compliance.problems import InputError, Problem, Problems

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Columns", "audit_columns"]


class Columns:
    """Findings as Arrow tables with the columns of `Findings.to_arrow`, some thousand units at a time.

    Attributes:
        graded: the grades and obligations in the parts that have been taken.
    """

    def __init__(self, portfolio: Portfolio, parts: Iterator[pyarrow.Table], problems: Problems) -> None:
        self.portfolio = portfolio
        self.graded: set[tuple[str, str]] = set()
        self._parts = parts
        self._problems = problems

    def parts(self) -> Iterator[pyarrow.Table]:
        """The findings by unit and in the contract's order; they can be taken once.

        Raises:
            InputError: a file is damaged.
        """
        for part in self._parts:
            pairs = part.group_by(["grade", "obligation"]).aggregate([]).to_pylist()
            self.graded.update((pair["grade"], pair["obligation"]) for pair in pairs)
            yield _as_records(part)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What was wrong with the input, as far as parts have been taken."""
        return tuple(sorted({*self.portfolio.problems, *self._problems}))


def audit_columns(
    portfolio: str | Path,
    *,
    library: str | Path | None = None,
    as_of: date | None = None,
    done: Callable[[int, int], object] = lambda *_: None,
) -> Columns | None:
    """Grades a portfolio in columns, without an object for each observation or finding.

    Args:
        done: is told how much is done, and of how much.

    Returns:
        None where that can't be: not all of its observations lie in Parquet files whose columns are exact, or
        it has a predecessor. `compliance.audit` does it then.

    Raises:
        InputError: as for `compliance.audit`.
    """
    from compliance.engine.batch import Batch

    read = open_portfolio(portfolio, library, as_of, leave_columns=True)
    if not read.columns or read.cells or read.previous is not None:
        return None
    problems = Problems()
    try:
        parts = Batch(read).parts(list(read.columns), problems, done)
    except InputError:
        return None  # such as binary floats, which are read one by one
    return Columns(read, parts, problems)


def _as_records(findings: pyarrow.Table) -> pyarrow.Table:
    import pyarrow

    columns = {name: findings.column(name) for name in findings.column_names}
    for name in RECORD:
        if name not in columns:
            type_ = pyarrow.decimal128(38, 6) if name in AMOUNTS else pyarrow.string()
            columns[name] = pyarrow.nulls(findings.num_rows, type_)
    return pyarrow.table({name: columns[name] for name in RECORD})
