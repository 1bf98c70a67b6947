"""The waiver register: which decisions hold, which are about to end, and which do nothing."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from compliance.assessment import Audit, regrade
from compliance.data.portfolio import ReadyWaiver
from compliance.findings.records import Finding, Grade
from compliance.language.portfolios import Waiver
from compliance.language.program import Clause

__all__ = ["REMARKS", "STATUSES", "Entry", "waiver_register"]

STATUSES = ("about_to_expire", "in_force", "upcoming", "expired")
REMARKS = ("overlapping", "unused", "without_effect", "not_enough")


class Entry(NamedTuple):
    """A waiver on the day that counts.

    Attributes:
        status: about_to_expire (and in force until then), in_force, upcoming or expired.
        remarks: of REMARKS. unused: nothing matches, for there is no such unit or requirement, or it doesn't
            concern the unit; without_effect: the unit would have passed anyway; not_enough: the unit doesn't
            pass with it either; overlapping: another one stands beside it, and neither counts.
        days_left: until the last day, where it is in force and has one.
        finding: what it is about; None where there is no such finding.
        without: the grade if this waiver were away; None where it plays no part in the period.
        overlaps: the decisions of those that it overlaps.
    """

    waiver: Waiver
    status: str
    remarks: tuple[str, ...]
    days_left: int | None
    finding: Finding | None
    without: Grade | None
    overlaps: tuple[str, ...]


def waiver_register(audit: Audit, within: int = 90) -> tuple[Entry, ...]:
    """All waivers of a portfolio on the audit's `as_of`, by unit, requirement and first day.

    Args:
        within: one that is in force and ends within so many days is about to expire.
    """
    portfolio = audit.portfolio
    findings = {(f.unit, f.requirement): f for f in audit.findings}
    clauses = {clause.id: clause for clause in portfolio.program.clauses}
    waivers = sorted(
        (w for w in portfolio.file.waivers if portfolio.only in (None, w.unit)),
        key=lambda w: (w.unit, w.requirement, w.first, w.place),
    )
    entries: list[Entry] = []
    for waiver in waivers:
        key = (waiver.unit, waiver.requirement)
        finding, clause = findings.get(key), clauses.get(waiver.requirement)
        others = [
            other for other in waivers if (other.unit, other.requirement) == key and other is not waiver
        ]
        overlaps = tuple(other.decision for other in others if other.overlaps(waiver))
        without = None
        if finding is not None and clause is not None and not overlaps and _counts(waiver, clause, audit):
            without = finding.unwaived_grade
            if any(_counts(other, clause, audit) for other in others):
                without = _without(waiver, clause, audit)
        status, days_left = _status(waiver, audit.as_of, within)
        remarks = _remarks(finding, without, bool(overlaps))
        entries.append(Entry(waiver, status, remarks, days_left, finding, without, overlaps))
    return tuple(entries)


def _status(waiver: Waiver, day: date, within: int) -> tuple[str, int | None]:
    if waiver.first > day:
        return "upcoming", None
    if waiver.last is None:
        return "in_force", None
    left = (waiver.last - day).days
    if left < 0:
        return "expired", None
    return ("about_to_expire" if left <= within else "in_force"), left


def _counts(waiver: Waiver, clause: Clause, audit: Audit) -> bool:
    """It is in force on the day that counts, or takes months out of the period."""
    return waiver.in_force(audit.as_of) or (waiver.exempt and waiver.touches(clause.first, clause.last))


def _without(waiver: Waiver, clause: Clause, audit: Audit) -> Grade:
    """The grade with the unit's other waivers, but not this one."""
    portfolio = audit.portfolio
    left: list[ReadyWaiver] = [ready for ready in portfolio.waivers if ready.waiver is not waiver]
    return regrade(portfolio, [clause], left)[waiver.unit, clause.id]


def _remarks(finding: Finding | None, without: Grade | None, overlapping: bool) -> tuple[str, ...]:
    found: list[str] = []
    if overlapping:
        found.append("overlapping")
    if finding is None or without is Grade.NOT_APPLICABLE:
        found.append("unused")
    elif without in (Grade.PASS, Grade.INFO):
        found.append("without_effect")
    elif without is not None and without is finding.grade:
        found.append("not_enough")
    return tuple(found)
