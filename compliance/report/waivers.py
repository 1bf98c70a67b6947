"""The waiver register in the terminal, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rich.text import Text as Styled

from compliance.assessment import Audit
from compliance.findings import phrases
from compliance.language.program import MILLION, Clause
from compliance.register import REMARKS, STATUSES, Entry
from compliance.report.csv import csv_of
from compliance.report.terminal import STYLES, Screen, clean, heading, mark, title
from compliance.words import Text, day, listed

__all__ = ["COLUMNS", "register_csv", "register_json", "show_register"]

STATUS_TITLES = {
    "about_to_expire": Text("Går snart ut (inom {within} dagar)", "About to expire (within {within} days)"),
    "in_force": Text("Gäller", "In force"),
    "upcoming": Text("Gäller senare", "Not yet in force"),
    "expired": Text("Har gått ut", "Expired"),
}
STATUS_WORDS = {
    "about_to_expire": Text("går snart ut", "about to expire"),
    "in_force": Text("gäller", "in force"),
    "upcoming": Text("gäller senare", "not yet in force"),
    "expired": Text("har gått ut", "expired"),
}
REMARK_WORDS = {
    "overlapping": Text("överlappar", "overlapping"),
    "unused": Text("oanvänd", "unused"),
    "without_effect": Text("utan verkan", "without effect"),
    "not_enough": Text("räcker inte", "not enough"),
}
REMARK_SENTENCES = {
    "overlapping": Text(
        "Överlappar {decisions} för samma enhet och krav: ingen av dem räknas förrän det är utrett.",
        "Overlaps {decisions} for the same unit and requirement: neither counts until that is settled.",
    ),
    "unused": Text(
        "Oanvänd: enheten eller kravet finns inte, eller kravet gäller inte enheten.",
        "Unused: there is no such unit or requirement, or it doesn't concern the unit.",
    ),
    "without_effect": Text(
        "Utan verkan: enheten hade klarat sig ändå.", "Without effect: the unit would have passed anyway."
    ),
    "not_enough": Text(
        "Räcker inte: bedömningen är densamma utan den.", "Not enough: the grade is the same without it."
    ),
}
COLUMNS = (
    "unit",
    "name",
    "requirement",
    "title",
    "status",
    "remarks",
    "from",
    "to",
    "days_left",
    "decision",
    "decided_by",
    "reason",
    "condition",
    "exempt",
    "parameters",
    "grade",
    "grade_without",
    "provenance",
)


def show_register(screen: Screen, audit: Audit, entries: Sequence[Entry], within: int) -> None:
    """What is about to end comes first; each waiver with its decision and what it does."""
    title(screen, audit)
    if not entries:
        screen.line(screen.say("no_waivers"))
        return
    screen.line(_sum(screen, entries))
    for status in STATUSES:
        some = [entry for entry in entries if entry.status == status]
        if some:
            told = STATUS_TITLES[status][screen.lang].format(within=within)
            heading(screen, f"{told} ({len(some)})")
            for entry in some:
                _entry(screen, audit, entry)


def _sum(screen: Screen, entries: Sequence[Entry]) -> str:
    """`3 dispenser: 1 går snart ut, 2 har gått ut. Utan verkan: 1.`"""
    lang = screen.lang
    by_status = [
        f"{count} {STATUS_WORDS[status][lang]}"
        for status in STATUSES
        if (count := sum(entry.status == status for entry in entries))
    ]
    by_remark = [
        f"{REMARK_WORDS[remark][lang]} {count}"
        for remark in REMARKS
        if (count := sum(remark in entry.remarks for entry in entries))
    ]
    word = screen.say("waiver" if len(entries) == 1 else "waivers").lower()
    also = f" {screen.say('remarks')}: {', '.join(by_remark)}." if by_remark else ""
    return f"{len(entries)} {word}: {', '.join(by_status)}.{also}"


def _entry(screen: Screen, audit: Audit, entry: Entry) -> None:
    lang, waiver, finding = screen.lang, entry.waiver, entry.finding
    name, what = _named(audit, entry, lang)
    told = f" {waiver.unit} {name}  {waiver.requirement} {what}".rstrip()
    sign = mark(finding) if finding else Styled(" ")
    screen.line(Styled.assemble(sign, (clean(told), "bold")), indent=2)
    who = f", {waiver.decided_by}" if waiver.decided_by else ""
    screen.line(clean(f"{waiver.decision}{who}. {_span(screen, entry)}"), indent=6)
    screen.line(clean(_eases(screen, audit, entry)), indent=6)
    for key, text in (("reason", waiver.reason), ("condition", waiver.condition)):
        if text is not None:
            screen.line(clean(f"{screen.say(key)}: {text[lang]}"), indent=6)
    if finding and entry.without and entry.without is not finding.grade:
        screen.line(
            Styled.assemble(
                f"{screen.say('grade')}: ",
                (finding.grade.text[lang], STYLES[finding.grade]),
                f"; {screen.say('without_it')}: ",
                (entry.without.text[lang], STYLES[entry.without]),
            ),
            indent=6,
        )
    for remark in entry.remarks:
        sentence = REMARK_SENTENCES[remark][lang].format(decisions=listed(entry.overlaps, lang))
        screen.line(Styled(clean(sentence), "yellow"), indent=6)


def _named(audit: Audit, entry: Entry, lang: str) -> tuple[str, str]:
    """The unit's name and the requirement's title; empty where there are none."""
    waiver = entry.waiver
    name = next((unit.name for unit in audit.portfolio.units if unit.id == waiver.unit), "")
    clause = audit.portfolio.program.clause(waiver.requirement)
    return name, clause.title[lang] if clause else ""


def _span(screen: Screen, entry: Entry) -> str:
    lang, waiver = screen.lang, entry.waiver
    first = day(waiver.first, lang)
    if waiver.last is None:
        return screen.say("from_on").format(first=first)
    told = screen.say("from_to").format(first=first, last=day(waiver.last, lang))
    if entry.status == "about_to_expire":
        told += f" {screen.say('days_left').format(n=entry.days_left)}"
    return told


def _eases(screen: Screen, audit: Audit, entry: Entry) -> str:
    """`minimum: 28 timmar per vecka i stället för 45 timmar per vecka`, or that the unit is exempt."""
    waiver, lang = entry.waiver, screen.lang
    if waiver.exempt:
        if entry.status != "expired":
            return screen.say("exempt")
        return screen.say("was_exempt" if entry.without is None else "months_exempt")
    clause = audit.portfolio.program.clause(waiver.requirement)
    ready = next((ready for ready in audit.portfolio.waivers if ready.waiver is waiver), None)
    if clause is None or ready is None:
        return "; ".join(f"{name}: {value}" for name, value in waiver.parameters.items())
    usual = entry.finding.evidence.unwaived_settings if entry.finding else clause.parameters
    return "; ".join(
        f"{name}: {_amount(clause, name, value, lang)} {screen.say('instead_of')} "
        f"{_amount(clause, name, usual.get(name), lang)}"
        for name, value in ready.parameters.items()
    )


def _amount(clause: Clause, name: str, value: int | None, lang: str) -> str:
    if value is None:
        return "–"
    ready = clause.types.get(name, clause.measures[0])
    return phrases.quantity(ready, Fraction(value, MILLION), lang, 6)


def register_json(audit: Audit, entries: Sequence[Entry], within: int) -> str:
    provenance = audit.provenance
    data: dict[str, Any] = {
        "contract": audit.contract,
        "period": audit.period,
        "as_of": audit.as_of.isoformat(),
        "provenance": provenance.as_dict if provenance else None,
        "within_days": within,
        "waivers": [_data(audit, entry) for entry in entries],
        "errors": [{"where": str(problem.place), "message": problem.message} for problem in audit.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _data(audit: Audit, entry: Entry) -> dict[str, Any]:
    waiver, finding = entry.waiver, entry.finding
    clause = audit.portfolio.program.clause(waiver.requirement)
    return {
        "unit": waiver.unit,
        "name": _named(audit, entry, "en")[0] or None,
        "requirement": waiver.requirement,
        "title": clause.title.as_dict if clause else None,
        "status": entry.status,
        "remarks": list(entry.remarks),
        "from": waiver.first.isoformat(),
        "to": waiver.last.isoformat() if waiver.last else None,
        "days_left": entry.days_left,
        "decision": waiver.decision,
        "decided_by": waiver.decided_by,
        "reason": waiver.reason.as_dict if waiver.reason else None,
        "condition": waiver.condition.as_dict if waiver.condition else None,
        "exempt": waiver.exempt,
        "parameters": waiver.parameters,
        "grade": finding.grade.value if finding else None,
        "grade_without": entry.without.value if entry.without else None,
        "overlaps": list(entry.overlaps),
        "where": str(waiver.place),
    }


def register_csv(audit: Audit, entries: Sequence[Entry], lang: str) -> str:
    provenance = audit.provenance[lang] if audit.provenance else ""
    rows = []
    for entry in entries:
        waiver = entry.waiver
        name, what = _named(audit, entry, lang)
        rows.append(
            (
                waiver.unit,
                name,
                waiver.requirement,
                what,
                entry.status,
                ", ".join(entry.remarks),
                waiver.first.isoformat(),
                waiver.last.isoformat() if waiver.last else "",
                "" if entry.days_left is None else str(entry.days_left),
                waiver.decision,
                waiver.decided_by,
                waiver.reason[lang] if waiver.reason else "",
                waiver.condition[lang] if waiver.condition else "",
                "true" if waiver.exempt else "false",
                "; ".join(f"{key}: {value}" for key, value in waiver.parameters.items()),
                entry.finding.grade.value if entry.finding else "",
                entry.without.value if entry.without else "",
                provenance,
            )
        )
    return csv_of(COLUMNS, rows, lang)
