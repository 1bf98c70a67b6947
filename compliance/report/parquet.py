"""The findings as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.data.portfolio import Portfolio

if TYPE_CHECKING:
    import pyarrow

__all__ = ["write_findings"]

ROWS_TOGETHER = 122_880
"""So many findings make a row group: as many as DuckDB hands over in a piece, so that hardly any are copied."""


def write_findings(parts: Iterable[pyarrow.Table], portfolio: Portfolio, file: Path) -> None:
    """Writes findings, one a row; the file's metadata tell the contract, the period and the provenance."""
    import pyarrow
    import pyarrow.parquet

    provenance = portfolio.provenance.as_dict if portfolio.provenance else None
    about = {
        "contract": portfolio.contract.id,
        "period": portfolio.period.label,
        "as_of": portfolio.program.as_of.isoformat(),
        "provenance": json.dumps(provenance, ensure_ascii=False),
    }
    rest = iter(parts)
    first = next(rest)
    # Nobody looks for findings by the size of their amounts.
    sought = ["unit", "requirement"]
    with pyarrow.parquet.ParquetWriter(
        file, first.schema, store_schema=False, write_statistics=sought
    ) as writer:

        def write(part: pyarrow.Table) -> None:
            for start in range(0, part.num_rows, ROWS_TOGETHER):
                # However many threads the table came from, the file is the same.
                writer.write_table(part.slice(start, ROWS_TOGETHER).combine_chunks(), ROWS_TOGETHER)

        # One part is written while the next is made.
        with ThreadPoolExecutor(1) as behind:
            written = None
            for part in chain([first], rest):
                if written is not None:
                    written.result()
                written = behind.submit(write, part)
            # Within: whoever interrupts the last one waits until it is written, and closes no file under it.
            if written is not None:
                written.result()
        writer.add_key_value_metadata(about)
