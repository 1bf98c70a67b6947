"""One unit in the terminal: every requirement's grade, value, threshold, and why."""

from __future__ import annotations

from fractions import Fraction

from rich.text import Text as Styled

from compliance.assessment import Audit
from compliance.findings import phrases
from compliance.findings.records import Finding, Grade, UnitResult
from compliance.report.followup import show_follow_up
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import Screen, clean, counts, mark, show_remedy, title
from compliance.words import Text

__all__ = ["show_check"]

TROUBLE = (Grade.FAIL, Grade.PARTIAL, Grade.UNKNOWN)
HEADINGS = {
    Grade.FAIL: Text("Uppfyller inte", "Not met"),
    Grade.PARTIAL: Text("Uppfyller delvis", "Partly met"),
    Grade.UNKNOWN: Text("Uppgift saknas", "Can't be told"),
    Grade.PASS: Text("Uppfyller", "Met"),
    Grade.INFO: Text("Redovisas utan nivå", "Reported, without a level"),
    Grade.NOT_APPLICABLE: Text("Ej tillämpligt", "Not applicable"),
}


def show_check(screen: Screen, audit: Audit, unit: UnitResult) -> None:
    """What is amiss comes first and is explained; what is met or reported follows, a line each."""
    lang = screen.lang
    title(screen, audit, f"{unit.unit} {unit.name}")
    told = counts(unit.grades, lang, unit.waived_grades)
    screen.line(told if unit.findings else screen.say("no_finding"))
    if unit.points is not None:
        screen.line(f"{screen.say('points')}: {unit.points}")
    for grade in (*TROUBLE, Grade.PASS, Grade.INFO, Grade.NOT_APPLICABLE):
        findings = [finding for finding in unit.findings if finding.grade is grade]
        if not findings:
            continue
        screen.line()
        eased = unit.waived_grades[grade]
        of_which = f", {screen.say('of_which_waived').format(n=eased)}" if eased else ""
        screen.line(Styled(f"{HEADINGS[grade][lang]} ({len(findings)}{of_which})", "bold"))
        for finding in findings:
            _finding(screen, finding)
    show_follow_up(screen, audit, unit.unit)


def _finding(screen: Screen, finding: Finding) -> None:
    lang = screen.lang
    clause = finding.evidence.clause
    width = screen.console.width
    left = Styled.assemble(
        "  ",
        mark(finding),
        " ",
        (clean(finding.requirement), "bold"),
        "  ",
        clean(clause.title[lang]),
    )
    told = finding.grade in TROUBLE or finding.waiver is not None
    right = Styled.assemble(
        clean(f"{_value(finding, lang)}"), ("  " + OBLIGATIONS[finding.obligation][lang], "dim")
    )
    room = width - left.cell_len - right.cell_len
    if room >= 2:
        screen.line(Styled.assemble(left, " " * room, right))
    else:
        screen.line(left)
        screen.line(Styled.assemble(" " * max(width - right.cell_len, 4), right))
    if not told:
        return
    screen.line(finding.explanation(lang), indent=6)
    show_remedy(screen, finding, indent=6)
    for source in clause.requirement.sources:
        document = finding.evidence.portfolio.contract.documents.get(source.document)
        name = document.title[lang] if document else source.document
        screen.line(Styled(clean(f"{name}, {source.section}: ”{source.quote}”"), "dim italic"), indent=6)
    if finding.grade in (Grade.FAIL, Grade.PARTIAL) and clause.rule.question:
        question = f"{screen.say('question')}: {clause.rule.question[lang]}"
        screen.line(Styled(clean(question), "cyan"), indent=6)


def _value(finding: Finding, lang: str) -> str:
    evidence = finding.evidence
    ready = evidence.clause.measures[0]
    value = finding.measures[0].exact
    if value is None:
        return ""
    limits = [Fraction(finding.threshold)] if finding.threshold is not None else []
    text = phrases.quantity(ready, value, lang, phrases.digits(ready, value, limits))
    lead = evidence.lead()
    if lead is None or lead.comparison == "known" or ready.type in phrases.WORDED:
        return text
    of_first = lead.measure == 0 or phrases.own_target(evidence, lead) is not None
    wanted = phrases.criterion(evidence, lead, lang) if of_first else ""
    return f"{text} ({wanted})" if wanted else text
