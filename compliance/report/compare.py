"""What changed between two portfolios: in the terminal, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rich.text import Text as Styled

from compliance.assessment import Audit
from compliance.comparison import CAUSES, REASONS, Amended, Changed, Comparison, Moved
from compliance.findings import phrases
from compliance.findings.history import same_measure
from compliance.findings.records import Finding, Grade
from compliance.findings.totals import RequirementTotal
from compliance.language.program import Ready
from compliance.report.csv import csv_of
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import EASED, STYLES, Screen, amount, clean, heading, mark, plain_table
from compliance.words import Text, decimal_of, listed, number

__all__ = [
    "COLUMNS",
    "comparison_csv",
    "comparison_json",
    "show_comparison",
    "written_audit",
    "written_finding",
]

ARROW = " → "
MOST_NAMED = 12
RANKS = {Grade.FAIL: 0, Grade.PARTIAL: 1, Grade.PASS: 2}
CAUSE_TITLES = {
    "unit": Text("Enheten har ändrats", "Because the unit changed"),
    "requirement": Text("Kravet har ändrats", "Because the requirement changed"),
    "waiver": Text("En dispens har ändrats", "Because a waiver changed"),
    "several": Text("Flera orsaker", "More than one cause"),
}
CAUSE_WORDS = {
    "unit": Text("enheten", "the unit"),
    "requirement": Text("kravet", "the requirement"),
    "waiver": Text("en dispens", "a waiver"),
    "several": Text("flera orsaker", "more than one cause"),
}
CHANGE_WORDS = {
    "new": Text("nytt", "new"),
    "dropped": Text("borttaget", "dropped"),
    "id": Text("nytt nummer", "another number"),
    "rule": Text("annan regel", "another rule"),
    "measure": Text("annat mått", "another measure"),
    "threshold": Text("andra nivåer", "other levels"),
    "scope": Text("gäller andra", "concerns others"),
    "period": Text("andra månader", "other months"),
    "agreements": Text("annat om avtal", "other terms on agreements"),
    "obligation": Text("annat slag", "another kind"),
}
WORDS = {
    "compared": Text(
        "Jämförda bedömningar: {n}. Ändrade: {changed}, varav bättre {better} och sämre {worse}.",
        "Findings compared: {n}. Changed: {changed}, of which better {better} and worse {worse}.",
    ),
    "causes": Text("Orsak: {causes}.", "Cause: {causes}."),
    "evened": Text(
        "Lika bara för att ändringar tar ut varandra: {n}.",
        "The same only because changes even out: {n}.",
    ),
    "incomparable": Text("Kan inte jämföras: {n}.", "Can't be compared: {n}."),
    "evened_title": Text("Oförändrade, för ändringarna tar ut varandra", "Unchanged, for changes even out"),
    "incomparable_title": Text("Kan inte jämföras", "Can't be compared"),
    "amended": Text("Krav som har ändrats", "Requirements that changed"),
    "not_amended": Text("Kraven är desamma.", "The requirements are the same."),
    "grades": Text("Enheter per bedömning", "Units by grade"),
    "against": Text("{new} jämfört med {old}", "{new} compared with {old}"),
    "difference": Text("ändring", "change"),
    "better": Text("bättre", "better"),
    "worse": Text("sämre", "worse"),
    "unchanged": Text("oförändrat", "unchanged"),
    "findings": Text("krav: {n}", "requirements: {n}"),
    "units": Text("enheter: {n}", "units: {n}"),
    "more": Text("och {n} till", "and {n} more"),
    "points": Text("p.e.", "pp"),
    "before": Text("Förut", "Before"),
    "after": Text("Nu", "Now"),
}
COLUMNS = (
    "unit",
    "name",
    "requirement",
    "earlier",
    "title",
    "obligation",
    "outcome",
    "causes",
    "how",
    "grade_before",
    "grade_after",
    "unwaived_before",
    "unwaived_after",
    "value_before",
    "value_after",
    "direction",
    "threshold_before",
    "threshold_after",
    "why_not",
    "reason",
    "provenance",
)


def turn(one: Changed) -> str | None:
    """better or worse, by the grade; None where the grades have no order."""
    if one.before is None or one.after is None:
        return None
    before, after = RANKS.get(one.before.grade), RANKS.get(one.after.grade)
    if before is None or after is None or before == after:
        return None
    return "better" if after > before else "worse"


def show_comparison(screen: Screen, comparison: Comparison) -> None:
    """What changed by its cause, what can't be compared, the requirements, and the totals."""
    _title(screen, comparison)
    _sum(screen, comparison)
    for cause in (*CAUSES, "several"):
        some = [one for one in comparison.changes if one.cause == cause]
        if some:
            heading(screen, f"{CAUSE_TITLES[cause][screen.lang]} ({len(some)})")
            _changes(screen, comparison, some, by_unit=cause != "requirement", told=cause != "unit")
    if comparison.evened_out:
        heading(screen, f"{WORDS['evened_title'][screen.lang]} ({len(comparison.evened_out)})")
        _changes(screen, comparison, comparison.evened_out, by_unit=True, told=True)
    _incomparable(screen, comparison)
    _requirements(screen, comparison)
    _grades(screen, comparison)
    _figures(screen, comparison)


def _title(screen: Screen, comparison: Comparison) -> None:
    lang = screen.lang
    old, new = comparison.old, comparison.new
    against = WORDS["against"][lang].format(old=old.period, new=new.period)
    screen.line(Styled(clean(f"{new.title[lang]} · {against}"), "bold"))
    told = dict.fromkeys(
        f"{audit.period}: {audit.provenance[lang]}" for audit in (old, new) if audit.provenance
    )
    for line in told:
        screen.line(Styled(clean(line), "italic"))


def _sum(screen: Screen, comparison: Comparison) -> None:
    lang, changes = screen.lang, comparison.changes
    turns = [turn(one) for one in changes]
    compared = len(comparison.findings) - len(comparison.incomparable)
    sentences = [
        WORDS["compared"][lang].format(
            n=number(compared, lang, 0),
            changed=len(changes),
            better=turns.count("better"),
            worse=turns.count("worse"),
        )
    ]
    causes = [
        f"{CAUSE_WORDS[cause][lang]} {count}"
        for cause in (*CAUSES, "several")
        if (count := sum(one.cause == cause for one in changes))
    ]
    if causes:
        sentences.append(WORDS["causes"][lang].format(causes=", ".join(causes)))
    if comparison.evened_out:
        sentences.append(WORDS["evened"][lang].format(n=len(comparison.evened_out)))
    if comparison.incomparable:
        sentences.append(WORDS["incomparable"][lang].format(n=len(comparison.incomparable)))
    screen.line(" ".join(sentences))


def _changes(
    screen: Screen, comparison: Comparison, changes: Sequence[Changed], by_unit: bool, told: bool
) -> None:
    """Grouped by unit or by requirement, most worsened first."""
    groups: dict[str, list[Changed]] = {}
    for one in changes:
        groups.setdefault(one.unit if by_unit else one.id, []).append(one)
    worst = sorted(groups.values(), key=lambda some: -sum(turn(one) == "worse" for one in some))
    names = {unit.unit: unit.name for audit in (comparison.old, comparison.new) for unit in audit.units}
    for some in worst:
        first = some[0]
        head = f"{first.unit} {names[first.unit]}" if by_unit else f"{first.id} {_titled(first, screen.lang)}"
        screen.line(Styled(clean(head), "bold"), indent=2)
        if told and not by_unit and len({one.reason for one in some}) == 1:
            screen.line(clean(first.reason[screen.lang]), indent=4)
        for one in some:
            what = f"{one.id} {_titled(one, screen.lang)}" if by_unit else f"{one.unit} {names[one.unit]}"
            _change(screen, one, what)
            if told and (by_unit or len({other.reason for other in some}) > 1):
                screen.line(clean(one.reason[screen.lang]), indent=10)


def _change(screen: Screen, one: Changed, what: str) -> None:
    assert one.before is not None
    assert one.after is not None
    lang = screen.lang
    left = Styled.assemble("    ", mark(one.before), ARROW, mark(one.after), f"  {clean(what)}")
    right = Styled.assemble(
        clean(_values(one, lang)), (f"  {OBLIGATIONS[one.after.obligation][lang]}", "dim")
    )
    room = screen.console.width - left.cell_len - right.cell_len
    if room >= 2:
        screen.line(Styled.assemble(left, " " * room, right))
    else:
        screen.line(left)
        screen.line(Styled.assemble(" " * max(screen.console.width - right.cell_len, 10), right))


def _values(one: Changed, lang: str) -> str:
    """`60 % → 46,2 %`; one of them where they are the same, none where they measure different things."""
    assert one.before is not None
    assert one.after is not None
    ready = _ready(one.after)
    values = [one.before.measures[0].exact, one.after.measures[0].exact]
    if not same_measure(_ready(one.before), ready):
        return ""
    limits = [Fraction(t) for t in (one.before.threshold, one.after.threshold) if t is not None]
    texts = [
        "?" if value is None else phrases.quantity(ready, value, lang, phrases.digits(ready, value, limits))
        for value in values
    ]
    return ARROW.join(dict.fromkeys(texts)) if texts[0] != texts[1] else texts[0]


def _ready(finding: Finding) -> Ready:
    return finding.evidence.clause.measures[0]


def _titled(one: Changed, lang: str) -> str:
    finding = one.after or one.before
    assert finding is not None
    title = finding.evidence.clause.title[lang]
    return f"{title} ({one.earlier})" if one.earlier and one.earlier != one.id else title


def _incomparable(screen: Screen, comparison: Comparison) -> None:
    if not comparison.incomparable:
        return
    heading(screen, f"{WORDS['incomparable_title'][screen.lang]} ({len(comparison.incomparable)})")
    periods = {"old": comparison.old.period, "new": comparison.new.period}
    for why, words in REASONS.items():
        some = [one for one in comparison.incomparable if one.why_not == why]
        if some:
            told = words[screen.lang].format(**periods)
            screen.line(clean(f"{told}: {_who(some, why, screen.lang)}"), indent=2)


def _who(some: Sequence[Changed], why: str, lang: str) -> str:
    """Whom it is about: units, requirements, or findings one by one."""
    if why in ("unit_new", "unit_gone", "closed_before", "closed_after"):
        names = [
            f"{unit} ({WORDS['findings'][lang].format(n=sum(one.unit == unit for one in some))})"
            for unit in dict.fromkeys(one.unit for one in some)
        ]
    elif why in ("requirement_new", "requirement_dropped", "other_measure", "other_length"):
        names = [
            f"{id_} ({WORDS['units'][lang].format(n=sum(one.id == id_ for one in some))})"
            for id_ in dict.fromkeys(one.id for one in some)
        ]
    else:
        names = [f"{one.unit} {one.id}" for one in some]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], WORDS["more"][lang].format(n=len(names) - MOST_NAMED)]
    return ", ".join(names)


def _requirements(screen: Screen, comparison: Comparison) -> None:
    lang = screen.lang
    amended = [one for one in comparison.requirements if one.changes]
    heading(screen, WORDS["amended"][lang])
    if not amended:
        screen.line(WORDS["not_amended"][lang], indent=2)
    for one in amended:
        words = listed([CHANGE_WORDS[change][lang] for change in one.changes], lang)
        name = one.requirement or one.earlier or ""
        renamed = f" ({one.earlier})" if one.requirement and one.earlier not in (None, name) else ""
        screen.line(
            Styled.assemble((clean(f"{name}{renamed} {one.title[lang]}"), "bold"), f": {words}"), indent=2
        )
        if one.before != one.after and one.requirement:
            for key, text in (("before", one.before), ("after", one.after)):
                if text[lang]:
                    screen.line(clean(f"{WORDS[key][lang]}: {text[lang]}."), indent=4)


def _grades(screen: Screen, comparison: Comparison) -> None:
    moved = [(old, new) for old, new in comparison.totals if _counted(old) != _counted(new)]
    moved = [pair for pair in moved if any(grade in RANKS for total in pair for grade, _ in _counted(total))]
    if not moved:
        return
    lang = screen.lang
    heading(screen, WORDS["grades"][lang])
    clauses = {clause.id: clause for clause in comparison.new.portfolio.program.clauses}
    columns = [
        (grade, eased)
        for grade in Grade
        if grade is not Grade.INFO
        for eased in (False, True)
        if any(_counted(total).get((grade, eased)) for pair in moved for total in pair)
    ]
    heads = [EASED[grade][0] if eased else grade.symbol for grade, eased in columns]
    table = plain_table("", screen.say("requirement"), *heads, numbers_from=2)
    table.columns[0].no_wrap = True
    for old, new in moved:
        cells = []
        for key in columns:
            then, now = _counted(old).get(key, 0), _counted(new).get(key, 0)
            text = f"{then}{ARROW}{now}" if then != now else str(now or "")
            cells.append(Styled(text, STYLES[key[0]]))
        clause = clauses[new.requirement]
        table.add_row(Styled(clean(clause.id)), Styled(clean(clause.title[lang])), *cells)
    screen.table(table)


def _counted(total: RequirementTotal) -> dict[tuple[Grade, bool], int]:
    """Units by grade, those apart that a waiver gave it."""
    found: dict[tuple[Grade, bool], int] = {}
    for grade, count in total.grades.items():
        eased = total.waived[grade] if grade in EASED else 0
        found |= {(grade, False): count - eased, (grade, True): eased}
    return {key: count for key, count in found.items() if count}


def _figures(screen: Screen, comparison: Comparison) -> None:
    lang = screen.lang
    heading(screen, screen.say("figures"))
    table = plain_table(
        "",
        screen.say("measure"),
        comparison.old.period,
        comparison.new.period,
        WORDS["difference"][lang],
        numbers_from=2,
    )
    table.columns[0].no_wrap = True
    table.add_column("")
    for moved in comparison.moved:
        difference = moved.difference(moved.statistic)
        if moved.ready.type in phrases.WORDED or difference is None:
            continue
        before, after = (_statistic(moved, side) for side in ("before", "after"))
        places = 0 if moved.statistic == "total" else phrases.DIGITS.get(moved.ready.type, 2)
        sign = "+" if decimal_of(difference, places) > 0 else ""
        points = f" {WORDS['points'][lang]}" if moved.ready.type == "percent" else ""
        alone = len(moved.clause.own_measures()) == 1 and moved.ready.measure.title is None
        name = moved.clause.title[lang] if alone else phrases.label(moved.clause, moved.ready, lang)
        table.add_row(
            Styled(clean(moved.clause.id)),
            Styled(clean(name)),
            _amount(before, moved, lang),
            _amount(after, moved, lang),
            f"{sign}{number(difference, lang, places)}{points}",
            Styled(WORDS[moved.direction][lang] if moved.direction else "", "dim"),
        )
    screen.table(table)


def _statistic(moved: Moved, side: str) -> Fraction | None:
    value: Fraction | None = getattr(getattr(moved, side), moved.statistic)
    return value


def _amount(value: Fraction | None, moved: Moved, lang: str) -> str:
    if value is None:
        return ""
    if moved.statistic == "total":
        return f"Σ {number(value, lang, 0)}"
    return amount(decimal_of(value), moved.ready, lang)


# JSON --------------------------------------------------------------------------------------------


def comparison_json(comparison: Comparison) -> str:
    changes = comparison.changes
    turns = [turn(one) for one in changes]
    totals = {new.requirement: (old, new) for old, new in comparison.totals}
    measures: dict[str, list[Moved]] = {}
    for moved in comparison.moved:
        measures.setdefault(moved.requirement, []).append(moved)
    data: dict[str, Any] = {
        "old": written_audit(comparison.old),
        "new": written_audit(comparison.new),
        "compared": len(comparison.findings) - len(comparison.incomparable),
        "changed": len(changes),
        "better": turns.count("better"),
        "worse": turns.count("worse"),
        "causes": {cause: sum(one.cause == cause for one in changes) for cause in (*CAUSES, "several")},
        "evened_out": len(comparison.evened_out),
        "incomparable": len(comparison.incomparable),
        "requirements": [_amended(one, totals, measures) for one in comparison.requirements],
        "findings": [_changed(one) for one in comparison.findings],
        "errors": [{"where": str(p.place), "message": p.message} for p in comparison.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def written_audit(audit: Audit) -> dict[str, Any]:
    """Which contract, period and day an audit is of."""
    return {
        "contract": audit.contract,
        "title": audit.title.as_dict,
        "period": audit.period,
        "as_of": audit.as_of.isoformat(),
        "provenance": audit.provenance.as_dict if audit.provenance else None,
    }


def _amended(
    one: Amended,
    totals: dict[str, tuple[RequirementTotal, RequirementTotal]],
    measures: dict[str, list[Moved]],
) -> dict[str, Any]:
    pair = totals.get(one.requirement or "")
    return {
        "requirement": one.requirement,
        "earlier": one.earlier,
        "title": one.title.as_dict,
        "changes": list(one.changes),
        "levels_before": one.before.as_dict,
        "levels_after": one.after.as_dict,
        "grades_before": _by_grade(pair[0].grades) if pair else None,
        "grades_after": _by_grade(pair[1].grades) if pair else None,
        "waived_before": _by_grade(pair[0].waived) if pair else None,
        "waived_after": _by_grade(pair[1].waived) if pair else None,
        "measures": [_moved(moved) for moved in measures.get(one.requirement or "", ())],
    }


def _by_grade(grades: dict[Grade, int]) -> dict[str, int]:
    return {grade.value: count for grade, count in grades.items()}


def _moved(moved: Moved) -> dict[str, Any]:
    data: dict[str, Any] = {
        "measure": moved.ready.name,
        "units_before": moved.before.units,
        "units_after": moved.after.units,
        "statistic": moved.statistic,
        "direction": moved.direction,
    }
    for name in ("mean", "pooled", "total"):
        values = (getattr(moved.before, name), getattr(moved.after, name), moved.difference(name))
        data[name] = dict(zip(("before", "after", "difference"), map(_exact, values), strict=True))
    return data


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else f"{decimal_of(value):f}"


def _changed(one: Changed) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "requirement": one.requirement,
        "earlier": one.earlier,
        "outcome": one.outcome,
        "before": written_finding(one.before),
        "after": written_finding(one.after),
        "direction": one.direction,
        "causes": list(one.causes),
        "how": one.how or None,
        "only": {cause: grade.value if grade else None for cause, grade in one.only.items()},
        "back": {cause: grade.value if grade else None for cause, grade in one.back.items()},
        "why_not": one.why_not,
        "reason": one.reason.as_dict if one.reason.sv else None,
    }


def written_finding(finding: Finding | None) -> dict[str, Any] | None:
    """A finding as one of two."""
    if finding is None:
        return None
    return {
        "grade": finding.grade.value,
        "unwaived_grade": finding.unwaived_grade.value,
        "value": _written(finding.value, _ready(finding)),
        "comparison": finding.comparison,
        "threshold": _threshold(finding),
        "waiver": finding.waiver.decision if finding.waiver else None,
    }


def _threshold(finding: Finding) -> str | None:
    lead = finding.evidence.lead()
    if lead is None:
        return None
    return _written(finding.threshold, finding.evidence.clause.measures[lead.measure])


def _written(value: Decimal | None, ready: Ready) -> str | None:
    """A value as text; a date as a date."""
    if value is None:
        return None
    if ready.type == "date" and value == int(value) and 0 < value <= date.max.toordinal():
        return date.fromordinal(int(value)).isoformat()
    return f"{value:f}"


# CSV ---------------------------------------------------------------------------------------------


def comparison_csv(comparison: Comparison, lang: str) -> str:
    """One row a finding, those that didn't change among them."""
    names = {unit.unit: unit.name for audit in (comparison.old, comparison.new) for unit in audit.units}
    provenance = comparison.new.provenance[lang] if comparison.new.provenance else ""

    def rows(one: Changed) -> list[str | Decimal | None]:
        before, after = one.before, one.after
        latest = after or before
        assert latest is not None
        return [
            one.unit,
            names[one.unit],
            one.requirement,
            one.earlier,
            latest.evidence.clause.title[lang],
            latest.obligation,
            one.outcome,
            "+".join(one.causes),
            one.how,
            before.grade.value if before else None,
            after.grade.value if after else None,
            before.unwaived_grade.value if before else None,
            after.unwaived_grade.value if after else None,
            before.value if before else None,
            after.value if after else None,
            one.direction,
            before.threshold if before else None,
            after.threshold if after else None,
            one.why_not,
            one.reason[lang],
            provenance,
        ]

    return csv_of(COLUMNS, map(rows, comparison.findings), lang)
