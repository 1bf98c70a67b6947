"""A finding's remedies, worked out when they are asked for."""

from __future__ import annotations

from compliance.findings.records import Finding, Grade
from compliance.remedy.quick import Plan, plan_of, quick
from compliance.remedy.records import Found
from compliance.remedy.ways import ways
from compliance.remedy.words import told

__all__ = ["remedies", "remedy"]

SETTLED = frozenset({Grade.PASS, Grade.INFO, Grade.NOT_APPLICABLE})


def remedies(finding: Finding) -> Found:
    """The ways to pass with the settings that do it, or why there is none."""
    return ways(finding)


def remedy(finding: Finding, lang: str) -> str | None:
    """The ways to pass in words."""
    if finding.grade in SETTLED:
        return None
    lang = "sv" if lang == "sv" else "en"
    evidence = finding.evidence
    memo = evidence.memo
    plan = plan_of(evidence)
    if plan is None or plan.ready.monthly or finding.grade is Grade.UNKNOWN:
        return told(finding, _last(finding, plan), lang)
    # What is observed once leads to the same words wherever the sums are the same.
    row = evidence.rows[plan.want.position]
    key = ("remedy", lang, row.top, row.bottom)
    if key not in memo:
        memo[key] = told(finding, _last(finding, plan), lang)
    text: str | None = memo[key]
    return text


def _last(finding: Finding, plan: Plan | None) -> Found:
    """What is found, or was just found: a finding's second language follows its first at once."""
    memo = finding.evidence.memo
    last: tuple[Finding, Found] | None = memo.get("ways")
    if last is None or last[0] is not finding:
        found = quick(finding, plan) if plan else None
        last = memo["ways"] = (finding, found or ways(finding))
    return last[1]
