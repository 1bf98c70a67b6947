"""A workload's files, and what our engine does with them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from benchmarks.rivals import FLOOR, Given
from benchmarks.workload import NEEDS, Workload

if TYPE_CHECKING:
    from compliance.data.portfolio import Portfolio

__all__ = ["Case", "floor_files", "scenario", "thresholds"]


class Case:
    """A workload in a folder; each file is made when it is first asked for, by whichever process."""

    def __init__(self, workload: Workload, folder: Path) -> None:
        self.workload = workload
        self.folder = folder

    @cached_property
    def given(self) -> Given:
        """The observations in memory, read from a file if there is one."""
        stored = self.folder / "observations.arrow"
        if stored.exists():
            with pa.OSFile(str(stored)) as file, pa.ipc.open_stream(file) as stream:
                return Given(self.workload, stream.read_all())
        return Given(self.workload)

    def store(self) -> Case:
        """Writes the observations for other processes: as they are in memory, and as Parquet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        table = self.given.table
        with pa.ipc.new_stream(self.folder / "observations.arrow", table.schema) as stream:
            stream.write_table(table)
        self.workload.write(self.in_parquet, self.parquet.name, table)
        return self

    @property
    def in_parquet(self) -> Path:
        """The portfolio's folder, with the observations in Parquet."""
        return self.folder / "parquet"

    @property
    def parquet(self) -> Path:
        return self.in_parquet / "observations.parquet"

    @cached_property
    def in_csv(self) -> Path:
        """The portfolio's folder, with the observations in CSV."""
        folder = self.folder / "csv"
        return folder if folder.exists() else self.workload.write(folder)

    @cached_property
    def portfolio(self) -> Portfolio:
        """The portfolio without its observations."""
        from compliance.data.portfolio import read_portfolio

        return read_portfolio(self.in_parquet, leave_columns=True)


def floor_files(observations: Path, sums: Path) -> None:
    """DuckDB's reading and grouping, and the writing of the sums."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW observations AS FROM read_parquet('{observations}')")
        connection.execute(f"COPY ({FLOOR}) TO '{sums}' (FORMAT parquet)")


def thresholds(number: int, at: int) -> list[int]:
    """The minimum of each requirement in one of so many scenarios, from half of its own to one and a half, in millionths."""
    return [int(need.minimum.scaleb(6)) * (number // 2 + at) // number for need in NEEDS]


def scenario(number: int, at: int) -> dict[tuple[str, str], int | None]:
    """The same as the engine takes it."""
    return {(need.id, "minimum"): limit for need, limit in zip(NEEDS, thresholds(number, at), strict=True)}
