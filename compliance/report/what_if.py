"""One unit as it is and with facts set to other values, side by side, in the terminal and as JSON."""

from __future__ import annotations

import json
from fractions import Fraction

from rich.text import Text as Styled

from compliance.data.observations import Cell, State
from compliance.findings import phrases
from compliance.findings.records import Finding
from compliance.language.facts import Fact
from compliance.language.program import MILLION
from compliance.language.schedule import Schedule
from compliance.remedy.records import Setting
from compliance.report.json import finding_json, unit_json
from compliance.report.terminal import Screen, clean, counts, mark, plain_table, title
from compliance.what_if import Pair, WhatIf
from compliance.words import Text, day, months, number

__all__ = ["show_what_if", "what_if_json"]

WORDS = {
    "with": Text("Med", "With"),
    "now": Text("nu", "now"),
    "then": Text("med ändringen", "with the change"),
    "unused": Text("Inget krav använder uppgiften.", "No requirement uses the fact."),
    "unchanged": Text("Ingen bedömning ändras.", "No grade changes."),
    "changed": Text("Ändrad bedömning", "Changed grade"),
    "whole": Text("hela perioden", "the whole period"),
    "was": Text("förut", "was"),
    "nothing": Text("uppgift saknas", "not known"),
    "beyond": Text(
        "Obs! {requirement}: delen är större än helheten, {value}. Ändra helheten också: {facts}.",
        "Note! {requirement}: the part is larger than the whole, {value}. Change the whole as well: {facts}.",
    ),
    "marks": Text(
        "▶ bedömningen ändras, ▷ bara värdet ändras, = som nu",
        "▶ the grade changes, ▷ only the value does, = as it is now",
    ),
}
MARKS = {"grade": "▶", "value": "▷", None: " "}


def show_what_if(screen: Screen, found: WhatIf) -> None:
    """What is set, the counts of grades, and every requirement with its old and its new grade and value."""
    lang = screen.lang
    before, after = found.before.units[0], found.after.units[0]
    title(screen, found.before, f"{before.unit} {before.name}")
    screen.line()
    for setting in found.settings:
        screen.line(f"{WORDS['with'][lang]} {_setting(found, setting, lang)}")
    screen.line()
    screen.line(Styled.assemble(f"{WORDS['now'][lang]}: ", counts(before.grades, lang, before.waived_grades)))
    screen.line(Styled.assemble(f"{WORDS['then'][lang]}: ", counts(after.grades, lang, after.waived_grades)))
    screen.line()
    table = plain_table("", screen.say("requirement"), WORDS["now"][lang], WORDS["then"][lang])
    for pair in found.pairs:
        old, new = pair.before, pair.after
        style = "bold" if pair.changed == "grade" else ""
        name = f"{old.requirement} {old.evidence.clause.title[lang]}"
        table.add_row(
            Styled(MARKS[pair.changed], "bold cyan"),
            Styled(clean(name), style),
            _graded(old, lang),
            _graded(new, lang) if pair.changed else Styled("="),
        )
    screen.table(table)
    screen.line(Styled(WORDS["marks"][lang], "dim"))
    for pair in found.pairs:
        if remark := _beyond(pair, lang):
            screen.line(Styled(remark, "yellow"))
    graded = [pair for pair in found.pairs if pair.changed == "grade"]
    screen.line()
    if not graded:
        screen.line(WORDS["unchanged"][lang])
        return
    screen.line(Styled(f"{WORDS['changed'][lang]} ({len(graded)})", "bold"))
    for old, new in graded:
        change = f"{old.requirement}: {old.grade.text[lang]} → {new.grade.text[lang]}."
        screen.line(f"{change} {new.explanation(lang)}", indent=2)


def _beyond(pair: Pair, lang: str) -> str | None:
    """That the change makes a share more than the whole: the facts that are set don't go together."""
    for old, new, ready in zip(
        pair.before.measures, pair.after.measures, pair.after.evidence.clause.measures, strict=True
    ):
        whole = [term.fact for term in ready.terms if not term.numerator]
        if ready.measure.kind != "share" or any(term.weight < 0 for term in ready.terms):
            continue
        if new.exact is None or new.exact <= 100 or (old.exact is not None and old.exact > 100):
            continue
        value = phrases.quantity(ready, new.exact, lang, 1)
        told = WORDS["beyond"][lang]
        return clean(told.format(requirement=pair.before.requirement, value=value, facts=", ".join(whole)))
    return None


def _graded(finding: Finding, lang: str) -> Styled:
    value = finding.measures[0].exact
    ready = finding.evidence.clause.measures[0]
    limits = [Fraction(finding.threshold)] if finding.threshold is not None else []
    told = ""
    if value is not None:
        told = " " + phrases.quantity(ready, value, lang, phrases.digits(ready, value, limits))
    return Styled.assemble(mark(finding), clean(told))


def _setting(found: WhatIf, setting: Setting, lang: str) -> str:
    fact = found.before.portfolio.catalogue[setting.fact]
    assert fact is not None
    new = WORDS["nothing"][lang] if setting.value is None else setting.text
    if isinstance(setting.value, Schedule):
        new = setting.value.text(lang)
    if fact.type not in ("opening_hours", "text") and isinstance(setting.value, int):
        new = _value(fact, Fraction(setting.value, MILLION), lang)
    when = ""
    if fact.monthly:
        when = f" ({WORDS['whole'][lang] if setting.month is None else months([setting.month], lang)})"
    told = f"{fact.title[lang]} = {new}{when}"
    used = any(
        used.name == fact.name
        for finding in found.before.findings
        for ready in finding.evidence.clause.measures
        for used in ready.facts
    )
    if not used:
        return f"{told}. {WORDS['unused'][lang]}"
    was = _was(found, fact, setting, lang)
    return f"{told}; {WORDS['was'][lang]} {was}"


def _cells(found: WhatIf, fact: Fact, setting: Setting) -> list[Cell]:
    portfolio = found.before.portfolio
    return [
        cell
        for cell in portfolio.cells
        if cell.unit == portfolio.only
        and cell.fact == fact.name
        and (setting.month is None or cell.slot == setting.month)
    ]


def _was(found: WhatIf, fact: Fact, setting: Setting, lang: str) -> str:
    good = [c for c in _cells(found, fact, setting) if c.state is State.GOOD and c.value is not None]
    if not good:
        return WORDS["nothing"][lang]
    if fact.type == "text":
        return good[0].text
    values = {c.value for c in good}
    schedule = found.before.portfolio.schedules.get(good[0].text) if len(values) == 1 else None
    if schedule is not None:
        return schedule.text(lang)
    mean = Fraction(sum(c.value or 0 for c in good), len(good) * MILLION * fact.divisor)
    if len(values) == 1:
        return _value(fact, mean, lang)
    low, high = (
        Fraction(end, MILLION * fact.divisor)
        for end in (min(v or 0 for v in values), max(v or 0 for v in values))
    )
    return f"{_value(fact, low, lang)}–{_value(fact, high, lang)}"


def _value(fact: Fact, value: Fraction, lang: str) -> str:
    answers = fact.options or tuple(text[lang] for text in phrases.ANSWERS.get(fact.type, ()))
    if answers:
        return answers[int(value)]
    if fact.type == "date":
        from datetime import date

        return day(date.fromordinal(int(value)), lang)
    unit = "\N{NO-BREAK SPACE}%" if fact.type == "percent" else ""
    return number(value, lang, 6) + unit


def what_if_json(found: WhatIf) -> str:
    """The same as JSON (docs/json.md), with a line feed at the end."""
    before, after = found.before, found.after
    provenance = before.provenance
    told = {
        "contract": before.contract,
        "title": before.title.as_dict,
        "period": before.period,
        "as_of": before.as_of.isoformat(),
        "provenance": provenance.as_dict if provenance else None,
        "with": [
            {"fact": setting.fact, "month": _label(setting), "value": setting.text}
            for setting in found.settings
        ],
        "before": unit_json(before.units[0]),
        "after": unit_json(after.units[0]),
        "findings": [
            {
                "requirement": pair.before.requirement,
                "changed": pair.changed,
                "before": json.loads(finding_json(pair.before)),
                "after": json.loads(finding_json(pair.after)),
            }
            for pair in found.pairs
        ],
        "errors": [{"where": str(found.place), "message": found.message} for found in before.errors],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _label(setting: Setting) -> str | None:
    from compliance.language.periods import month_label

    return None if setting.month is None else month_label(setting.month)
