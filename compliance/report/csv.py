"""The findings as CSV for a spreadsheet: in Swedish with semicolons and decimal commas, else with commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TextIO

from compliance.assessment import Audit, Tally

__all__ = ["audit_csv", "csv_of", "write_csv"]

COLUMNS = (
    "unit",
    "name",
    "requirement",
    "title",
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
    "explanation",
)


def audit_csv(audit: Audit, lang: str) -> str:
    """One row a finding."""
    return csv_of((*COLUMNS, "provenance"), _rows(audit, lang), lang)


def write_csv(out: TextIO, audits: Iterable[Audit], lang: str) -> Tally:
    """Writes an audit that comes by groups of units; returns the totals of the whole."""
    tally = Tally()

    def rows() -> Iterator[Sequence[str | Decimal | None]]:
        for audit in audits:
            tally.add(audit)
            yield from _rows(audit, lang)

    _write(out, (*COLUMNS, "provenance"), rows(), lang)
    return tally


def _rows(audit: Audit, lang: str) -> Iterator[Sequence[str | Decimal | None]]:
    provenance = audit.provenance[lang] if audit.provenance else ""
    return (
        (
            unit.unit,
            unit.name,
            finding.requirement,
            finding.evidence.clause.title[lang],
            finding.obligation,
            finding.grade.value,
            finding.unwaived_grade.value,
            finding.value,
            finding.numerator,
            finding.denominator,
            finding.comparison,
            finding.threshold,
            finding.points,
            finding.waiver.decision if finding.waiver else None,
            ", ".join(finding.via),
            finding.explanation(lang),
            provenance,
        )
        for unit in audit.units
        for finding in unit.findings
    )


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[str | Decimal | None]], lang: str) -> str:
    """A header and rows. Begins with a byte order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    _write(out, columns, rows, lang)
    return out.getvalue()


def _write(
    out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str | Decimal | None]], lang: str
) -> None:
    out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(out, delimiter=";" if lang == "sv" else ",", lineterminator="\r\n")
    writer.writerow(columns)

    def cell(value: str | Decimal | None) -> str:
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", ",") if lang == "sv" else f"{value:f}"
        return harmless(value or "")

    writer.writerows([cell(value) for value in row] for row in rows)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
