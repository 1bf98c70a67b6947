"""The summary for the board, in the terminal and as JSON."""

from __future__ import annotations

import json
from typing import Any

from compliance.assessment import Audit
from compliance.findings.summary import summarise
from compliance.report.terminal import Screen, clean, heading, title

__all__ = ["show_summary", "summary_json"]


def show_summary(screen: Screen, audit: Audit) -> None:
    """Paragraphs that can be copied as they are, each part of the contract under its own heading."""
    title(screen, audit)
    for part in summarise(audit):
        if part.title is not None:
            heading(screen, part.title[screen.lang])
        for sentence in part.sentences:
            screen.line()
            screen.line(clean(sentence.text[screen.lang]))


def summary_json(audit: Audit) -> str:
    data: dict[str, Any] = {
        "contract": audit.contract,
        "period": audit.period,
        "as_of": audit.as_of.isoformat(),
        "provenance": audit.provenance.as_dict if audit.provenance else None,
        "summary": [
            {
                "part": part.title.as_dict if part.title else None,
                "requirement": sentence.requirement,
                "text": sentence.text.as_dict,
            }
            for part in summarise(audit)
            for sentence in part.sentences
        ],
        "errors": [{"where": str(p.place), "message": p.message} for p in audit.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
