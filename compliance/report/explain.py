"""The whole proof of one finding in the terminal."""

from __future__ import annotations

from fractions import Fraction

from rich.text import Text as Styled

from compliance.assessment import Audit
from compliance.data.observations import Cell, State, period_of
from compliance.engine.run import MeasureRow, Reading
from compliance.findings import phrases
from compliance.findings.evidence import Evidence
from compliance.findings.explain import REASONS, measure_sentence
from compliance.findings.records import Finding
from compliance.findings.totals import compares
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Ready, Test
from compliance.language.schedule import Schedule
from compliance.report.followup import show_why
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import STYLES, Screen, clean, heading, mark, plain_table, show_remedy, title
from compliance.words import Text, day, month, number

__all__ = ["show_explanation"]

RUNG_TITLES = {
    "rule_applies": Text("Gäller (regeln)", "Applies (rule)"),
    "applies": Text("Gäller (kravet)", "Applies (requirement)"),
    "pass": Text("Uppfyller", "Pass"),
    "partial": Text("Uppfyller delvis", "Partial"),
}
TRUTHS = {
    True: Text("ja", "true"),
    False: Text("nej", "false"),
    None: Text("okänt", "unknown"),
}


def show_explanation(
    screen: Screen, audit: Audit, finding: Finding, readings: list[Reading], facts: tuple[str, ...]
) -> None:
    """Grade, observations, measures, criteria, parameters, waivers and the source's own words."""
    lang = screen.lang
    evidence = finding.evidence
    unit, clause = evidence.unit, evidence.clause
    title(screen, audit, f"{unit.id} {unit.name}")
    screen.line()
    screen.line(
        Styled.assemble(
            mark(finding),
            (f" {finding.grade.text[lang]}", STYLES[finding.grade]),
            (f"  {clean(clause.id)} {clean(clause.title[lang])}", "bold"),
            (f"  {OBLIGATIONS[finding.obligation][lang]}", "dim"),
        )
    )
    screen.line(finding.explanation(lang), indent=2)
    show_remedy(screen, finding, indent=2)
    _observations(screen, evidence)
    for position, (ready, row) in enumerate(zip(clause.measures, evidence.rows, strict=True)):
        _measure(
            screen,
            evidence,
            ready,
            row,
            [reading for reading in readings if reading.position == position],
            facts,
        )
    _criteria(screen, finding)
    _parameters(screen, evidence)
    _sources(screen, evidence)
    show_why(screen, audit, finding)


def _observations(screen: Screen, evidence: Evidence) -> None:
    cells = list(evidence.cells())
    heading(screen, screen.say("observations"))
    if not cells:
        screen.line(screen.say("unknown"), indent=2)
        return
    program = evidence.portfolio.program
    before = evidence.portfolio.previous.period if evidence.portfolio.previous else None
    for name in dict.fromkeys(fact.name for r in evidence.clause.measures for fact in r.facts):
        fact = program.facts[name]
        own = [cell for cell in cells if cell.fact == name]
        unit = f" ({fact.unit[screen.lang]})" if fact.unit else ""
        origin = f" – {fact.origin[screen.lang]}" if fact.origin else ""
        titled = (clean(f"{fact.title[screen.lang]}{unit}{origin}"), "bold")
        screen.line(Styled.assemble(titled, (f"  {name}", "dim")), indent=2)
        if not own:
            screen.line(f"– {screen.say('unknown')}", indent=4)
            continue
        table = plain_table("", screen.say("value"), screen.say("where"), screen.say("comment"))
        for cell in own:
            comment = [cell.via or "", cell.comment or ""]
            if cell.state is not State.GOOD:
                comment.insert(0, REASONS[State(cell.state).name.lower()][screen.lang])
            table.add_row(
                Styled("    " + period_of(fact, cell.slot, program.period, before)),
                Styled(clean(_cell_value(fact, cell, evidence.portfolio.schedules, screen.lang))),
                Styled(clean(str(cell.place)), "dim"),
                Styled(clean("; ".join(part for part in comment if part))),
            )
        screen.table(table)


def _cell_value(fact: Fact, cell: Cell, schedules: dict[str, Schedule], lang: str) -> str:
    if cell.value is None or fact.type == "text":
        return cell.text
    value = Fraction(cell.value, MILLION * fact.divisor)
    if fact.type == "opening_hours":
        return f"{number(value, lang, 2)} ({schedules[cell.text].text(lang)})"
    answers = fact.options or tuple(t[lang] for t in phrases.ANSWERS.get(fact.type, ()))
    if answers:
        return answers[int(value)]
    if fact.type == "date":
        from datetime import date

        return day(date.fromordinal(int(value)), lang)
    text = number(value, lang, 6)
    return text + "\N{NO-BREAK SPACE}%" if fact.type == "percent" else text


def _measure(
    screen: Screen,
    evidence: Evidence,
    ready: Ready,
    row: MeasureRow,
    readings: list[Reading],
    facts: tuple[str, ...],
) -> None:
    from compliance.findings.evidence import measure_value

    lang = screen.lang
    heading(screen, f"{screen.say('measure')}: {phrases.label(evidence.clause, ready, lang)}")
    value = measure_value(ready, row)
    screen.line(measure_sentence(evidence, ready, row, value, lang), indent=2)
    if value.exact_numerator is not None and value.exact_denominator is not None:
        quotient = "" if value.value is None else f" = {number(value.value, lang, 6)}"
        screen.line(
            f"{screen.say('numerator')} {number(value.exact_numerator, lang, 6)} / "
            f"{screen.say('denominator')} {number(value.exact_denominator, lang, 6)}{quotient}",
            indent=2,
        )
    by_term: dict[tuple[bool, int, int], list[Reading]] = {}
    for reading in readings:
        by_term.setdefault((reading.numerator, reading.fact, reading.weight), []).append(reading)
    for (top, fact_number, _), terms in by_term.items():
        fact = evidence.portfolio.program.facts[facts[fact_number]]
        side = screen.say("numerator" if top else "denominator")
        known = [reading.value for reading in terms if reading.value is not None]
        total = Fraction(sum(known), MILLION * fact.divisor)
        gone = [reading.month for reading in terms if reading.value is None]
        told = f"{side}: {fact.title[lang]}: Σ {number(total, lang, 6)}"
        if len(terms) > 1:
            told += f" ({len(known)}/{len(terms)})"
        if gone and all(index is not None for index in gone):
            told += " – " + ", ".join(month(index, lang) for index in gone if index is not None)
        screen.line(told, indent=4)


def _criteria(screen: Screen, finding: Finding) -> None:
    evidence = finding.evidence
    lang = screen.lang
    if not evidence.clause.tests:
        return
    heading(screen, screen.say("criteria"))
    previous: tuple[str, int] | None = None
    for test in evidence.clause.tests:
        ready = evidence.clause.measures[test.measure]
        joined = "" if previous is None or previous[0] != test.rung else _join(previous, test, lang)
        previous = (test.rung, test.branch)
        words = phrases.threshold(evidence, test, lang)
        if not words:
            told, truth = ("gränsen är inte satt" if lang == "sv" else "no threshold is set"), None
            screen.line(f"{RUNG_TITLES[test.rung][lang]}: {joined}{told}", indent=2)
            continue
        truth = _truth(evidence, test)
        screen.line(
            Styled.assemble(
                clean(f"{RUNG_TITLES[test.rung][lang]}: {joined}"),
                clean(f"{phrases.label(evidence.clause, ready, lang)}: {words} – "),
                (TRUTHS[truth][lang], "bold"),
            ),
            indent=2,
        )
    screen.line(
        Styled.assemble(f"{screen.say('grade')}: ", (finding.grade.text[lang], STYLES[finding.grade])),
        indent=2,
    )


def _join(previous: tuple[str, int], test: Test, lang: str) -> str:
    if previous[1] == test.branch:
        return "och " if lang == "sv" else "and "
    return "eller " if lang == "sv" else "or "


def _truth(evidence: Evidence, test: Test) -> bool | None:
    row = evidence.rows[test.measure]
    if test.comparison == "known":
        return row.known is bool(test.threshold.value)
    limit = evidence.limit(test.threshold)
    if not row.known or row.top is None or row.bottom is None or limit is None:
        return None
    return compares(Fraction(row.top, row.bottom), test.comparison, limit)


def _parameters(screen: Screen, evidence: Evidence) -> None:
    requirement = evidence.clause.requirement
    if not evidence.settings:
        return
    heading(screen, screen.say("parameters").capitalize())
    for name, value in evidence.settings.items():
        ready = evidence.clause.types.get(name)
        text = "null"
        if value is not None:
            amount = Fraction(value, MILLION)
            text = (
                phrases.quantity(ready, amount, screen.lang, 6) if ready else number(amount, screen.lang, 6)
            )
        if evidence.unwaived_settings.get(name) != value:
            text += f" ({screen.say('by_waiver')})"
        elif name in requirement.assumed:
            text += f" ({screen.say('assumed')})"
        screen.line(f"{name}: {text}", indent=2)


def _sources(screen: Screen, evidence: Evidence) -> None:
    heading(screen, screen.say("quote"))
    contract = evidence.portfolio.contract
    for source in evidence.clause.requirement.sources:
        document = contract.documents.get(source.document)
        name = document.title[screen.lang] if document else source.document
        screen.line(f"{name}, {source.section}: ”{source.quote}”", indent=2)
    rule = evidence.clause.rule
    screen.line(f"{screen.say('rule')}: {rule.name} ({rule.place})", indent=2)
