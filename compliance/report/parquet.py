"""The findings as a Parquet file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.data.portfolio import Portfolio

if TYPE_CHECKING:
    import pyarrow

__all__ = ["write_findings"]


def write_findings(findings: pyarrow.Table, portfolio: Portfolio, file: Path) -> None:
    """Writes findings, one a row; the file's metadata tell the contract, the period and the provenance."""
    import pyarrow.parquet

    provenance = portfolio.provenance.as_dict if portfolio.provenance else None
    about = {
        "contract": portfolio.contract.id,
        "period": portfolio.period.label,
        "as_of": portfolio.program.as_of.isoformat(),
        "provenance": json.dumps(provenance, ensure_ascii=False),
    }
    with pyarrow.parquet.ParquetWriter(file, findings.schema, store_schema=False) as writer:
        writer.write_table(findings)
        writer.add_key_value_metadata(about)
