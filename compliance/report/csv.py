"""The findings as CSV for a spreadsheet: in Swedish with semicolons and decimal commas, else with commas."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from compliance.assessment import Audit

__all__ = ["audit_csv"]

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
    """One row a finding. Begins with a byte order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if lang == "sv" else ",", lineterminator="\r\n")
    writer.writerow((*COLUMNS, "provenance"))
    provenance = audit.provenance[lang] if audit.provenance else ""

    def amount(value: Decimal | None) -> str:
        text = "" if value is None else f"{value:f}"
        return text.replace(".", ",") if lang == "sv" else text

    for unit in audit.units:
        for finding in unit.findings:
            writer.writerow(
                (
                    harmless(unit.unit),
                    harmless(unit.name),
                    harmless(finding.requirement),
                    harmless(finding.evidence.clause.title[lang]),
                    finding.obligation,
                    finding.grade.value,
                    finding.unwaived_grade.value,
                    amount(finding.value),
                    amount(finding.numerator),
                    amount(finding.denominator),
                    finding.comparison or "",
                    amount(finding.threshold),
                    amount(finding.points),
                    harmless(finding.waiver.decision if finding.waiver else ""),
                    harmless(", ".join(finding.via)),
                    harmless(finding.explanation(lang)),
                    harmless(provenance),
                )
            )
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
