"""What other requirements would lead to: in the terminal, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from rich.text import Text as Styled

from compliance.amendments import differences
from compliance.assessment import Audit
from compliance.comparison import in_words, unread
from compliance.consequences import Change, Cost, Gap, Impact, Setting, Shortfall, Sweep, Tip
from compliance.findings import phrases
from compliance.findings.records import Finding, Grade, MeasureValue, UnitResult
from compliance.findings.totals import RequirementTotal
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Clause, Ready
from compliance.report.amendments import show_difference
from compliance.report.compare import ARROW, written_audit, written_finding
from compliance.report.csv import csv_of
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import STYLES, Screen, clean, heading, mark, plain_table, symbol, title
from compliance.words import MINUS, NO_BREAK, Text, capital, decimal_of, number, small

__all__ = [
    "COLUMNS",
    "CURVE_COLUMNS",
    "impact_csv",
    "impact_json",
    "show_impact",
    "show_sweep",
    "sweep_csv",
    "sweep_json",
]

TIGHT = (Grade.FAIL, Grade.PARTIAL)
PLOTTED = (Grade.FAIL, Grade.PARTIAL, Grade.PASS, Grade.UNKNOWN, Grade.INFO, Grade.NOT_APPLICABLE)
"""From the bottom of the plot upwards: what is amiss stands on the axis."""
HEIGHT = 12
WORDS = {
    "if": Text("Om kraven ändras", "If the requirements change"),
    "contract": Text("Om {title} hade gällt", "If {title} had held"),
    "instead": Text("{new} i stället för {old}", "{new} instead of {old}"),
    "left_out": Text("ingen nivå", "no level"),
    "same": Text("{name} är redan {value}.", "{name} is {value} already."),
    "sum": Text(
        "{worse} av {n} {units} får en sämre bedömning, {better} får en bättre.",
        "{worse} of {n} {units} would get a worse grade, {better} a better one.",
    ),
    "new": Text(
        "{unmet} av {n} {units} uppfyller inte ett nytt krav.",
        "{unmet} of {n} {units} wouldn't meet a new requirement.",
    ),
    "first": Text(
        "{n} {units} bedöms i stället för att bara redovisas; {unmet} av dem uppfyller inte nivån.",
        "{n} {units} would be graded instead of only reported; {unmet} of them wouldn't meet the level.",
    ),
    "other": Text("Bedömningar som ändras: {n}.", "Grades that change: {n}."),
    "none": Text("Ingen bedömning ändras.", "No grade changes."),
    "added": Text("Nya krav ({n})", "New requirements ({n})"),
    "concerned": Text("Krav som börjar gälla för fler ({n})", "Requirements that come to concern more ({n})"),
    "dropped": Text("Krav som inte längre finns ({n})", "Requirements that are gone ({n})"),
    "not_met": Text("Uppfylls inte av {n} av {all}.", "Not met by {n} of {all}."),
    "all_meet": Text("Uppfylls av alla {all}.", "Met by all {all}."),
    "one_meets": Text("Uppfylls av {all}.", "Met by {all}."),
    "one_not": Text("Uppfylls inte av {all}.", "Not met by {all}."),
    "unknown": Text("Går inte att avgöra ({n}): {names}.", "Can't be told ({n}): {names}."),
    "all_unknown": Text("Går inte att avgöra för någon ({n}).", "Can't be told for any ({n})."),
    "held": Text("Oförändrat tack vare dispens: {names}.", "Unchanged because of a waiver: {names}."),
    "held_one": Text(
        "{unit} ({grade} genom {decision}, annars {new})", "{unit} ({grade} by {decision}, else {new})"
    ),
    "own": Text(
        "Ändringen når inte dem som har en egen nivå: {names}.",
        "The change doesn't reach those with a level of their own: {names}.",
    ),
    "by_contract": Text("enligt kontraktet", "by the contract"),
    "by_waiver": Text("dispens {decision}", "waiver {decision}"),
    "of_which": Text("varav med dispens {n}", "of which under a waiver {n}"),
    "back": Text("För att alla ska vara tillbaka där de var:", "For all to be where they were:"),
    "to_meet": Text("För att alla ska uppfylla kravet:", "For all to meet the requirement:"),
    "in_all": Text("sammanlagt {amount}", "{amount} in all"),
    "each": Text("i snitt {mean}, som mest {most}", "{mean} on average, {most} at most"),
    "either": Text("eller ", "or "),
    "of": Text("{n} av {all} {units}", "{n} of {all} {units}"),
    "every": Text("{n} {units}", "{n} {units}"),
    "cost": Text("{a}: {amount}", "{a}: {amount}"),
    "cost_move": Text("från {a} till {b}: {amount}", "from {a} to {b}: {amount}"),
    "beyond": Text("mer än {amount}", "more than {amount}"),
    "at_least": Text("minst {amount}", "at least {amount}"),
    "under": Text("saknas", "short by"),
    "over": Text("för mycket", "too much"),
    "at_limit": Text("på gränsen", "at the limit"),
    "points": Text("p.e.", "pp"),
    "value": Text("värde", "value"),
    "today": Text("i dag", "today"),
    "sweep": Text("{parameter} från {low} till {high}", "{parameter} from {low} to {high}"),
    "curve": Text("Enheter per bedömning och nivå", "Units by grade and threshold"),
    "threshold": Text("nivå", "threshold"),
    "tips": Text("Där bedömningar tippar över", "Where grades tip"),
    "no_tips": Text("Ingen bedömning ändras på sträckan.", "No grade changes on the way."),
    "from": Text("från {value}", "from {value}"),
    "above": Text("över {value}", "above {value}"),
}
WAYS = {
    "more": (Text("mer", "more"), Text("fler", "more")),
    "less": (Text("mindre", "less"), Text("färre", "fewer")),
    "add": (Text("till", "added"), Text("till", "added")),
    "move": (Text("", ""), Text("", "")),
}
"""How a step is told, of amounts and of what is counted."""
GRADED = (
    *("pass", "partial", "applies", "months", "obligation", "scope", "agreements"),
    *("coverage", "window", "period", "measure"),
)
"""What of a difference between two contracts may change a grade."""
COLUMNS = (
    "unit",
    "name",
    "operator",
    "municipality",
    "requirement",
    "earlier",
    "title",
    "obligation",
    "turn",
    "grade_before",
    "grade_after",
    "unwaived_before",
    "unwaived_after",
    "value_before",
    "value_after",
    "threshold_before",
    "threshold_after",
    "lacking",
    "waiver",
    "reason",
    "provenance",
)
CURVE_COLUMNS = ("threshold", *(grade.value for grade in Grade), "tips", "provenance")


# One change of requirements -----------------------------------------------------------------------


def show_impact(screen: Screen, impact: Impact) -> None:
    """Who changes grade and why, the totals before and after, and what it would take to be where one was."""
    lang = screen.lang
    title(screen, impact.before)
    if impact.continued is None:
        heading(screen, WORDS["if"][lang])
    else:
        contract = impact.after.portfolio.contract
        heading(screen, WORDS["contract"][lang].format(title=f"{contract.title[lang]} ({contract.id})"))
    for line in _sums(impact, lang):
        screen.line(line, indent=2)
    for clause in impact.touched:
        _requirement(screen, impact, clause)
    _added(screen, impact)
    _dropped(screen, impact)


def _sums(impact: Impact, lang: str) -> Iterator[str]:
    """How many get another grade, how many are graded for the first time, and how many don't meet what is new."""
    if impact.changes:
        yield from _changed(impact, lang)
    else:
        yield WORDS["none"][lang]
    ids = {clause.id for clause in impact.touched if impact.earlier(clause.id) is None}
    new = [f for f in impact.added if f.requirement in ids]
    if unmet := {f.unit for f in new if f.grade in TIGHT}:
        units = {f.unit for f in new}
        yield WORDS["new"][lang].format(
            unmet=len(unmet), n=len(units), units=_units(impact.after, units, lang)
        )


def _changed(impact: Impact, lang: str) -> Iterator[str]:
    concerned = {pair.after.unit for pair in impact.pairs if pair.after.requirement in _ids(impact.touched)}
    worse, better = (
        len({one.after.unit for one in impact.changes if one.turn == turn}) for turn in ("worse", "better")
    )
    first = [one.after for one in impact.changes if one.before.grade is Grade.INFO]
    if first:
        graded, unmet = ({f.unit for f in first if f.grade in some} for some in (tuple(Grade), TIGHT))
        counted = {
            "n": len(graded),
            "units": _units(impact.before, graded, lang),
            "unmet": _many(len(unmet), lang),
        }
        yield WORDS["first"][lang].format(**counted)
    if not worse and not better:
        if not first:
            yield WORDS["other"][lang].format(n=len(impact.changes))
        return
    units = _units(impact.before, concerned, lang)
    counted = {
        "worse": _many(worse, lang),
        "better": _many(better, lang),
        "n": len(concerned),
        "units": units,
    }
    yield capital(WORDS["sum"][lang].format(**counted))


def _ids(clauses: Iterable[Clause]) -> set[str]:
    return {clause.id for clause in clauses}


def _many(count: int, lang: str) -> str:
    return str(count) if count else {"sv": "ingen", "en": "none"}[lang]


def _units(audit: Audit, ids: Collection[str], lang: str) -> str:
    """`vårdcentraler`, or `enheter` where there are others among them."""
    kinds = {unit.kind for unit in audit.units if unit.unit in ids}
    one, many = audit.portfolio.contract.unit_word
    if kinds == {"branch"}:
        one, many = phrases.KIND_WORDS["branch"]
    elif "branch" in kinds:
        one, many = Text("enhet", "unit"), Text("enheter", "units")
    return clean((one if len(ids) == 1 else many)[lang])


def _name(clause: Clause, lang: str, earlier: str | None = None) -> Styled:
    id_ = f"{clause.id} ({earlier})" if earlier not in (None, clause.id) else clause.id
    kind = OBLIGATIONS[clause.requirement.obligation][lang]
    return Styled.assemble((clean(f"{id_}  {clause.title[lang]}"), "bold"), (f"  {kind}", "dim"))


def _requirement(screen: Screen, impact: Impact, clause: Clause) -> None:
    """One requirement: what it was and is, the totals, and each unit whose grade changes."""
    lang = screen.lang
    changes = [one for one in impact.changes if one.after.requirement == clause.id]
    held = [one for one in impact.held if one.after.requirement == clause.id]
    earlier = impact.earlier(clause.id)
    before = impact.before.portfolio.program.clause(earlier or "")
    if before is None or (impact.continued is not None and not changes and not held):
        return
    screen.line()
    screen.line(_name(clause, lang, earlier), indent=2)
    _levels(screen, impact, before, clause)
    _totals(screen, impact, clause.id)
    _rows(screen, impact, [(one.before, one.after) for one in sorted(changes, key=_worst_first)])
    graded = [f for f in impact.after.findings if f.requirement == clause.id]
    _unknown(screen, impact, [f for f in graded if f.grade is Grade.UNKNOWN], len(graded))
    _costs(screen, impact, clause.id, "back" if any(one.turn for one in changes) else "to_meet")
    _held(screen, impact, held)
    _own(screen, impact, before, clause)


def _worst_first(one: Change) -> tuple[object, ...]:
    order = list(Grade)
    return (one.turn != "worse", -order.index(one.after.grade), order.index(one.before.grade))


def _levels(screen: Screen, impact: Impact, before: Clause, after: Clause) -> None:
    """`Skärpt, uppfyller: minst 50 timmar i veckan (förut minst 45 timmar i veckan)`"""
    lang = screen.lang
    own = [setting for setting in impact.settings if setting.clause.id == after.id]
    old, new = (audit.portfolio.program for audit in (impact.before, impact.after))
    told = differences(old, before, new, after._replace(parameters=_settings(impact, after)))
    told = tuple(one for one in told if one.aspect in GRADED)
    for one in told:
        show_difference(screen, one)
    for setting in () if told else own:
        value = _threshold(after, setting.parameter, setting.after, lang)
        if setting.before == setting.after:
            screen.line(clean(WORDS["same"][lang].format(name=setting.parameter, value=value)), indent=4)
        else:
            _instead(screen, setting, indent=4)


def _instead(screen: Screen, setting: Setting, indent: int = 0) -> None:
    """`partial_from: 30 timmar i veckan i stället för 40 timmar i veckan.`"""
    lang = screen.lang
    new, old = (
        _threshold(setting.clause, setting.parameter, value, lang)
        for value in (setting.after, setting.before)
    )
    told = WORDS["instead"][lang].format(new=new, old=old)
    screen.line(clean(f"{setting.parameter}: {told}."), indent=indent)


def _settings(impact: Impact, clause: Clause) -> dict[str, int | None]:
    """A requirement's parameters, with those that were set."""
    own = [setting for setting in impact.settings if setting.clause.id == clause.id]
    return {**clause.parameters, **{setting.parameter: setting.after for setting in own}}


def _threshold(clause: Clause, parameter: str, value: int | None, lang: str) -> str:
    ready = clause.types.get(parameter)
    if value is None:
        return WORDS["left_out"][lang]
    limit = Fraction(value, MILLION)
    return phrases.quantity(ready, limit, lang, 6) if ready else number(limit, lang, 6)


def _totals(screen: Screen, impact: Impact, requirement: str) -> None:
    """`uppfyller 39 → 1 (varav med dispens 1) · uppfyller delvis 3 → 41 · uppfyller inte 2`"""
    lang = screen.lang
    before, after = (
        _total(impact.before, impact.earlier(requirement) or ""),
        _total(impact.after, requirement),
    )
    parts: list[Styled] = []
    for grade in Grade:
        counts = dict.fromkeys((before.grades[grade], after.grades[grade]))
        if not any(counts):
            continue
        eased = dict.fromkeys((before.waived[grade], after.waived[grade]))
        waived = WORDS["of_which"][lang].format(n=ARROW.join(map(str, eased)))
        counted = ARROW.join(map(str, counts)) + (f" ({waived})" if any(eased) else "")
        told = f"{grade.symbol} {grade.text[lang]} {counted}".replace(" ", NO_BREAK)
        parts.append(Styled(told, STYLES[grade]))
    screen.line(Styled("  ").join(parts), indent=4)


def _total(audit: Audit, requirement: str) -> RequirementTotal:
    return next(total for total in audit.requirements if total.requirement == requirement)


def _rows(screen: Screen, impact: Impact, findings: Sequence[tuple[Finding | None, Finding]]) -> None:
    """A unit a row: its grade, its value, and what that lacks."""
    if not findings:
        return
    lang = screen.lang
    units = {unit.unit: unit for unit in impact.after.units}
    gaps = {(one.finding.unit, one.finding.requirement): one.gap for one in impact.shortfalls}
    own = [gap for _, after in findings if (gap := gaps.get((after.unit, after.requirement)))]
    ready = _compared(findings[0][1])[0]
    unit = (
        phrases.unit_of(ready, lang).strip() if ready.type not in ("percent", *phrases.WORDED, "date") else ""
    )
    head = WORDS["under" if own[0].under else "over"][lang] if own else ""
    # What is lacking of a share or a rate says little; how many posts that is says more.
    costs = [c for c in impact.costs if c.requirement == findings[0][1].requirement]
    cost = costs[0] if costs and ready.measure.kind in ("share", "rate") else None
    takes = [f"{_fact_unit(cost.facts[0], lang)} {_way(cost, lang)}".strip()] if cost else []
    table = plain_table(
        "", "", "", clean(unit or WORDS["value"][lang]), head, *map(clean, takes), numbers_from=3
    )
    table.columns[0].no_wrap = True
    for before, after in findings:
        place = units[after.unit]
        grade = (
            Styled.assemble("    ", mark(before), ARROW, mark(after))
            if before
            else Styled("    ") + mark(after)
        )
        table.add_row(
            grade,
            clean(f"{place.unit} {place.name}"),
            Styled(clean(place.municipality or ""), "dim"),
            clean(
                _value(after, lang).removesuffix(phrases.unit_of(ready, lang))
                if unit
                else _value(after, lang)
            ),
            _gap(gaps.get((after.unit, after.requirement)), lang),
            *([_step(impact, after, cost, lang)] if cost else []),
        )
    screen.table(table)


def _step(impact: Impact, finding: Finding, cost: Cost, lang: str) -> str:
    """How much of a cost one unit stands for: `0,96`, or `> 0,12` where it takes more than that."""
    names = tuple(fact.name for fact in cost.facts)
    for step in impact.steps.get((finding.unit, finding.requirement), ()):
        if (step.kind, step.facts) == (cost.kind, names):
            exact = (step.by * 1000).denominator == 1
            told = step.by if exact else Fraction(ceil(step.by * 100), 100)
            return f"{'> ' if step.beyond and exact else ''}{number(told, lang, 3)}"
    return ""


def _compared(finding: Finding) -> tuple[Ready, MeasureValue]:
    """The measure that the level for `pass` is about."""
    clause = finding.evidence.clause
    lead = next((test.measure for test in clause.tests if test.rung == "pass"), 0)
    position = lead if lead < len(finding.measures) else 0
    return clause.measures[position], finding.measures[position]


def _value(finding: Finding, lang: str) -> str:
    evidence = finding.evidence
    ready, measured = _compared(finding)
    if measured.exact is None:
        return "?"
    limits = [
        limit for test in evidence.clause.tests if (limit := evidence.limit(test.threshold)) is not None
    ]
    return phrases.quantity(ready, measured.exact, lang, phrases.digits(ready, measured.exact, limits))


def _gap(gap: Gap | None, lang: str) -> str:
    if gap is None:
        return ""
    if not gap.amount:
        return WORDS["at_limit"][lang]
    text = number(gap.amount, lang, phrases.digits(gap.ready, gap.amount, [Fraction(0)]))
    return f"{text} {WORDS['points'][lang]}" if gap.ready.type == "percent" else text


def _unknown(screen: Screen, impact: Impact, findings: Sequence[Finding], of: int) -> None:
    if len(findings) == of > 1:
        screen.line(Styled(WORDS["all_unknown"][screen.lang].format(n=of), "dim"), indent=4)
    elif findings:
        names = {unit.unit: unit.name for unit in impact.after.units}
        listed = ", ".join(f"{f.unit} {names[f.unit]}" for f in findings)
        told = WORDS["unknown"][screen.lang].format(n=len(findings), names=listed)
        screen.line(Styled(clean(told), "dim"), indent=4)


def _costs(screen: Screen, impact: Impact, requirement: str, words: str) -> None:
    lang = screen.lang
    ids = {one.finding.unit for one in impact.shortfalls if one.finding.requirement == requirement}
    costs = [cost for cost in impact.costs if cost.requirement == requirement]
    if costs:
        screen.line(WORDS[words][lang], indent=4)
    for index, cost in enumerate(costs):
        every = WORDS["every" if cost.units == cost.of else "of"][lang]
        counted = every.format(n=cost.units, all=cost.of, units=_units(impact.after, ids, lang))
        told = f"{cost_words(cost)[lang]} ({counted})"
        screen.line(clean(WORDS["either"][lang] + told if index else told), indent=6)


def cost_words(cost: Cost) -> Text:
    """`öppettider: 173,5 timmar i veckan mer`"""
    return Text(*(_cost_in(cost, lang) for lang in ("sv", "en")))


def _cost_in(cost: Cost, lang: str) -> str:
    unit, way = _fact_unit(cost.facts[0], lang), _way(cost, lang)

    def told(amount: Fraction, beyond: bool = False) -> str:
        parts = (_enough(amount, beyond, lang), unit.replace(" ", NO_BREAK))
        return f"{NO_BREAK.join(filter(None, parts))} {way}".rstrip()

    if cost.units == 1:
        amount = told(cost.amount, cost.beyond)
    elif cost.summed:
        amount = WORDS["in_all"][lang].format(amount=told(cost.amount, cost.beyond))
    else:
        mean = Fraction(round(cost.amount / cost.units * 100), 100)
        amount = WORDS["each"][lang].format(mean=told(mean), most=told(cost.most, cost.beyond))
    a, b = (_noun(one, lang) for one in (cost.facts[0], cost.facts[-1]))
    return WORDS["cost_move" if cost.kind == "move" else "cost"][lang].format(a=a, b=b, amount=amount)


def _way(cost: Cost, lang: str) -> str:
    return WAYS[cost.kind][cost.facts[0].type == "count"][lang]


def _fact_unit(fact: Fact, lang: str) -> str:
    if fact.type == "percent":
        return WORDS["points"][lang]
    return fact.unit[lang] if fact.unit else ""


def _enough(amount: Fraction, beyond: bool, lang: str) -> str:
    """An amount in words, rounded upwards where it must be, so that it is enough."""
    if (amount * MILLION).denominator == 1:
        text = number(amount, lang, 6)
        return WORDS["beyond"][lang].format(amount=text) if beyond else text
    return WORDS["at_least"][lang].format(amount=number(Fraction(ceil(amount * 100), 100), lang, 2))


def _noun(fact: Fact, lang: str) -> str:
    """A fact's title within a sentence, without its unit in front."""
    title, unit = fact.title[lang], fact.unit[lang] if fact.unit else ""
    head, _, rest = title.partition(", ")
    return small(rest if rest and head.lower() == unit.lower() else title)


def _held(screen: Screen, impact: Impact, held: Sequence[Change]) -> None:
    lang = screen.lang
    names = {unit.unit: unit.name for unit in impact.after.units}
    told = [
        WORDS["held_one"][lang].format(
            unit=f"{one.after.unit} {names[one.after.unit]}",
            grade=one.after.grade.text[lang],
            decision=one.after.waiver.decision if one.after.waiver else "?",
            new=one.after.unwaived_grade.text[lang],
        )
        for one in held
    ]
    if told:
        screen.line(Styled(clean(WORDS["held"][lang].format(names=", ".join(told))), "dim"), indent=4)


def _own(screen: Screen, impact: Impact, before: Clause, after: Clause) -> None:
    """Units for whom a changed parameter is set in another way, so that the change doesn't reach them."""
    lang = screen.lang
    names = {unit.unit: unit.name for unit in impact.after.units}
    for parameter, value in _settings(impact, after).items():
        if before.parameters.get(parameter) == value:
            continue
        told = [
            f"{now.unit} {names[now.unit]} ({_threshold(after, parameter, own, lang)}, {_by(now, lang)})"
            for then, now in impact.pairs
            if now.requirement == after.id
            and (own := now.evidence.settings.get(parameter)) != value
            and own == then.evidence.settings.get(parameter)
        ]
        if told:
            screen.line(Styled(clean(WORDS["own"][lang].format(names=", ".join(told))), "dim"), indent=4)


def _by(finding: Finding, lang: str) -> str:
    if finding.waiver is None:
        return WORDS["by_contract"][lang]
    return WORDS["by_waiver"][lang].format(decision=finding.waiver.decision)


def _added(screen: Screen, impact: Impact) -> None:
    """New requirements, and those that come to concern units that they didn't: who doesn't meet them."""
    lang = screen.lang
    new = [clause for clause in impact.touched if clause.id in {f.requirement for f in impact.added}]
    for known, words in ((False, "added"), (True, "concerned")):
        clauses = [clause for clause in new if (impact.earlier(clause.id) is not None) is known]
        if clauses:
            heading(screen, WORDS[words][lang].format(n=len(clauses)))
        for clause in clauses:
            findings = [f for f in impact.added if f.requirement == clause.id]
            screen.line(_name(clause, lang), indent=2)
            level = in_words(clause)[lang] or WORDS["left_out"][lang]
            screen.line(clean(f"{capital(level)}. {_met(impact.after, findings, lang)}").rstrip(), indent=4)
            unmet = [f for f in findings if f.grade in TIGHT]
            _rows(screen, impact, [(None, f) for f in sorted(unmet, key=lambda f: TIGHT.index(f.grade))])
            _unknown(screen, impact, [f for f in findings if f.grade is Grade.UNKNOWN], len(findings))
            _costs(screen, impact, clause.id, "to_meet")


def _met(audit: Audit, findings: Sequence[Finding], lang: str) -> str:
    """`Uppfylls inte av 12 av 28 hälsocentraler.`"""
    unmet = sum(finding.grade in TIGHT for finding in findings)
    met = sum(finding.grade is Grade.PASS for finding in findings)
    if not unmet and met < len(findings):
        return ""
    all_ = f"{len(findings)} {_units(audit, {finding.unit for finding in findings}, lang)}"
    if len(findings) == 1:
        return WORDS["one_not" if unmet else "one_meets"][lang].format(all=all_)
    return WORDS["not_met" if unmet else "all_meet"][lang].format(n=unmet, all=all_)


def _dropped(screen: Screen, impact: Impact) -> None:
    lang = screen.lang
    program = impact.after.portfolio.program
    kept = {*unread(program), *(impact.earlier(clause.id) for clause in program.clauses)}
    clauses = [c for c in impact.before.portfolio.program.clauses if c.id not in kept]
    if clauses:
        heading(screen, WORDS["dropped"][lang].format(n=len(clauses)))
    for clause in clauses:
        screen.line(_name(clause, lang), indent=2)
        told = _met(impact.before, [f for f in impact.dropped if f.requirement == clause.id], lang)
        if told:
            screen.line(told, indent=4)


# Thresholds in a span -----------------------------------------------------------------------------


def show_sweep(screen: Screen, sweep: Sweep) -> None:
    """How many units have each grade at each threshold: a plot, a table, and where each unit tips."""
    lang = screen.lang
    title(screen, sweep.audit)
    screen.line()
    screen.line(_name(sweep.clause, lang))
    low, high, _ = sweep.span
    spanned = WORDS["sweep"][lang].format(
        parameter=sweep.parameter, low=number(low, lang, 6), high=phrases.quantity(sweep.ready, high, lang, 6)
    )
    today = "" if sweep.today is None else f" ({WORDS['today'][lang]} {number(sweep.today, lang, 6)})"
    screen.line(f"{spanned}{today}.")
    for setting in sweep.settings:
        _instead(screen, setting)
    _plot(screen, sweep)
    _table(screen, sweep)
    _tips(screen, sweep)


def _present(sweep: Sweep) -> list[Grade]:
    return [grade for grade in Grade if any(counts[grade] for _, counts in sweep.curve)]


def _plot(screen: Screen, sweep: Sweep) -> None:
    """Columns of the grades' own symbols, so that it reads without colour."""
    low, high, _ = sweep.span
    units = sum(sweep.curve[0][1].values())
    if not units:
        return
    room = screen.console.width - 10
    steps = len(sweep.curve) - 1
    wide = max(1, min(4, room // (steps + 1)))
    columns = steps + 1 if (steps + 1) * wide <= room else room
    at = [low + (high - low) * Fraction(index, columns - 1) for index in range(columns)]
    if columns == steps + 1:
        at = [threshold for threshold, _ in sweep.curve]
    height = min(HEIGHT, units)
    stacks = [_stack(sweep.at(threshold), units, height) for threshold in at]
    screen.line()
    edge = len(str(units)) + 1
    for row in range(height, 0, -1):
        tick = str(units) if row == height else str(units // 2) if row * 2 == height else ""
        line = Styled(f"{tick:>{edge}} ┤" if tick else " " * edge + " │")
        for stack in stacks:
            grade = stack[row - 1]
            line.append(grade.symbol * wide, STYLES[grade])
        screen.line(line)
    screen.line(f"{0:>{edge}} ┼{'─' * (columns * wide)}")
    ends = [number(low, screen.lang, 6), number(high, screen.lang, 6)]
    between = columns * wide - len(ends[0]) - len(ends[1])
    screen.line(f"{'':>{edge}}  {ends[0]}{' ' * max(between, 1)}{ends[1]}")
    if sweep.today is not None and low <= sweep.today <= high:
        nearest = min(range(columns), key=lambda index: abs(at[index] - (sweep.today or 0)))
        told = f"▲ {WORDS['today'][screen.lang]} {number(sweep.today, screen.lang, 6)}"
        indent = min(nearest * wide, max(columns * wide - len(told), 0))
        screen.line(f"{'':>{edge}}  {' ' * indent}{told}")
    grades = [Styled.assemble(symbol(g), f" {g.text[screen.lang]}") for g in _present(sweep)]
    screen.line()
    screen.line(Styled("  ").join(grades))


def _stack(counts: dict[Grade, int], units: int, height: int) -> list[Grade]:
    """The grade in each cell of a column, from the axis upwards; a cell stands for units / height of them."""
    stack: list[Grade] = []
    summed = 0
    for grade in PLOTTED:
        summed += counts[grade]
        stack += [grade] * ((2 * summed * height + units) // (2 * units) - len(stack))
    return stack


def _table(screen: Screen, sweep: Sweep) -> None:
    lang = screen.lang
    heading(screen, WORDS["curve"][lang])
    present = _present(sweep)
    table = plain_table(
        WORDS["threshold"][lang],
        *(grade.symbol for grade in present),
        "",
        numbers_from=0,
    )
    for first, last, counts in _runs(sweep):
        ends = dict.fromkeys(number(end, lang, 6) for end in (first, last))
        held = sweep.today is not None and first <= sweep.today <= last
        table.add_row(
            "–".join(ends),
            *(Styled(str(counts[grade] or ""), STYLES[grade]) for grade in present),
            Styled(f"◂ {WORDS['today'][lang]}" if held else "", "dim"),
        )
    screen.table(table)


def _runs(sweep: Sweep) -> list[tuple[Fraction, Fraction, dict[Grade, int]]]:
    """The curve, thresholds with the same counts taken together."""
    runs: list[tuple[Fraction, Fraction, dict[Grade, int]]] = []
    for threshold, counts in sweep.curve:
        if runs and runs[-1][2] == counts:
            runs[-1] = (runs[-1][0], threshold, counts)
        else:
            runs.append((threshold, threshold, counts))
    return runs


def _tips(screen: Screen, sweep: Sweep) -> None:
    lang = screen.lang
    heading(screen, WORDS["tips"][lang])
    if not sweep.tips:
        screen.line(WORDS["no_tips"][lang], indent=2)
        return
    names = {unit.unit: unit.name for unit in sweep.audit.units}
    groups: dict[tuple[Fraction, bool, Grade, Grade], list[Tip]] = {}
    for tip in sweep.tips:
        groups.setdefault(tip[1:], []).append(tip)
    for (at, reached, before, after), tips in groups.items():
        where = WORDS["from" if reached else "above"][lang].format(value=exactly(sweep.ready, at, lang))
        moved = Styled.assemble(symbol(before), ARROW, symbol(after))
        count = f" ({len(tips)})" if len(tips) > 1 else ""
        screen.line(Styled.assemble("  ", moved, (f"  {clean(where)}{count}", "bold")))
        screen.line(clean(", ".join(f"{tip.unit} {names[tip.unit]}" for tip in tips)), indent=9)


def exactly(ready: Ready, value: Fraction, lang: str) -> str:
    """A value as an exact decimal, or else as a fraction beside its first six decimals: `44,916667 (539/12)`."""
    if (value * MILLION).denominator == 1:
        return phrases.quantity(ready, value, lang, 6)
    whole = f"{MINUS if value < 0 else ''}{abs(value.numerator)}/{value.denominator}"
    return f"{phrases.quantity(ready, value, lang, 6)} ({whole})"


# JSON ---------------------------------------------------------------------------------------------


def impact_json(impact: Impact) -> str:
    """The impact as one JSON object, with a line feed at the end."""
    units = {unit.unit: unit for unit in impact.after.units}
    short = {(one.finding.unit, one.finding.requirement): one for one in impact.shortfalls}
    turns = [one.turn for one in impact.changes]
    before = {total.requirement: total for total in impact.before.requirements}
    after = {total.requirement: total for total in impact.after.requirements}
    data: dict[str, Any] = {
        **written_audit(impact.before),
        "new_contract": impact.after.contract if impact.continued is not None else None,
        "new_title": impact.after.title.as_dict if impact.continued is not None else None,
        "settings": _written(impact.settings),
        "changed": len(impact.changes),
        "better": turns.count("better"),
        "worse": turns.count("worse"),
        "requirements": [
            {
                "requirement": clause.id,
                "earlier": impact.earlier(clause.id),
                "title": clause.title.as_dict,
                "obligation": clause.requirement.obligation,
                **_grades_of(before.get(impact.earlier(clause.id) or ""), "before"),
                **_grades_of(after[clause.id], "after"),
            }
            for clause in impact.touched
        ],
        "changes": [
            {
                **_unit(units[one.after.unit]),
                "requirement": one.after.requirement,
                "earlier": one.before.requirement,
                "turn": one.turn,
                "before": written_finding(one.before),
                "after": written_finding(one.after),
                "lacking": _lacking(short.get((one.after.unit, one.after.requirement))),
                "takes": _takes(impact, one.after),
                "reason": one.reason.as_dict,
            }
            for one in impact.changes
        ],
        "held": [
            {
                **_unit(units[one.after.unit]),
                "requirement": one.after.requirement,
                "earlier": one.before.requirement,
                "before": written_finding(one.before),
                "after": written_finding(one.after),
            }
            for one in impact.held
        ],
        "added": [
            {
                **_unit(units[f.unit]),
                "requirement": f.requirement,
                "after": written_finding(f),
                "lacking": _lacking(short.get((f.unit, f.requirement))),
                "takes": _takes(impact, f),
            }
            for f in impact.added
        ],
        "dropped": [
            {"unit": f.unit, "requirement": f.requirement, "before": written_finding(f)}
            for f in impact.dropped
        ],
        "costs": [
            {
                "requirement": cost.requirement,
                "kind": cost.kind,
                "facts": [fact.name for fact in cost.facts],
                "amount": _exact(cost.amount),
                "most": _exact(cost.most),
                "beyond": cost.beyond,
                "units": cost.units,
                "of": cost.of,
                "text": cost_words(cost).as_dict,
            }
            for cost in impact.costs
        ],
        "errors": [{"where": str(p.place), "message": p.message} for p in impact.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def sweep_json(sweep: Sweep) -> str:
    """The curve and the exact values at which grades tip, as one JSON object."""
    names = {unit.unit: unit for unit in sweep.audit.units}
    low, high, step = (_exact(value) for value in sweep.span)
    data: dict[str, Any] = {
        **written_audit(sweep.audit),
        "requirement": sweep.clause.id,
        "parameter": sweep.parameter,
        "today": None if sweep.today is None else _exact(sweep.today),
        "from": low,
        "to": high,
        "step": step,
        "settings": _written(sweep.settings),
        "curve": [{"threshold": _exact(at), "grades": _grades(counts)} for at, counts in sweep.curve],
        "tips": [
            {
                **_unit(names[tip.unit]),
                "value": _exact(tip.at),
                "exact": str(tip.at),
                "reached": tip.reached,
                "grade_before": tip.before.value,
                "grade_after": tip.after.value,
            }
            for tip in sweep.tips
        ],
        "errors": [{"where": str(p.place), "message": p.message} for p in sweep.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _unit(unit: UnitResult) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "name": unit.name,
        "operator": unit.operator,
        "municipality": unit.municipality,
    }


def _written(settings: Iterable[Setting]) -> list[dict[str, Any]]:
    return [
        {
            "requirement": setting.clause.id,
            "parameter": setting.parameter,
            "before": _millionths(setting.before),
            "after": _millionths(setting.after),
        }
        for setting in settings
    ]


def _takes(impact: Impact, finding: Finding) -> list[dict[str, Any]]:
    return [
        {"kind": step.kind, "facts": list(step.facts), "amount": _exact(step.by), "beyond": step.beyond}
        for step in impact.steps.get((finding.unit, finding.requirement), ())
    ]


def _grades(grades: dict[Grade, int]) -> dict[str, int]:
    return {grade.value: count for grade, count in grades.items()}


def _grades_of(total: RequirementTotal | None, when: str) -> dict[str, Any]:
    return {
        f"grades_{when}": _grades(total.grades) if total else None,
        f"waived_{when}": _grades(total.waived) if total else None,
    }


def _exact(value: Fraction) -> str:
    return f"{decimal_of(value):f}"


def _millionths(value: int | None) -> str | None:
    return None if value is None else _exact(Fraction(value, MILLION))


def _lacking(short: Shortfall | None) -> str | None:
    return _exact(short.gap.amount) if short and short.gap else None


# CSV ----------------------------------------------------------------------------------------------


def impact_csv(impact: Impact, lang: str) -> str:
    """One row a finding on the requirements that were changed, those whose grade stays among them."""
    units = {unit.unit: unit for unit in impact.after.units}
    touched = {clause.id for clause in impact.touched}
    short = {(one.finding.unit, one.finding.requirement): one.gap for one in impact.shortfalls}
    provenance = impact.before.provenance[lang] if impact.before.provenance else ""
    rows: list[tuple[Finding | None, Finding | None, str, str]] = [
        (one.before, one.after, *_told(one, lang)) for one in impact.pairs if one.after.requirement in touched
    ]
    rows += [(None, finding, "new", "") for finding in impact.added]
    rows += [(finding, None, "dropped", "") for finding in impact.dropped]

    def row(
        before: Finding | None, after: Finding | None, turn: str, reason: str
    ) -> list[str | Decimal | None]:
        one = after or before
        assert one is not None
        unit, gap = units[one.unit], short.get((one.unit, one.requirement)) if after else None
        clause = one.evidence.clause
        return [
            unit.unit,
            unit.name,
            unit.operator,
            unit.municipality,
            after.requirement if after else None,
            before.requirement if before else None,
            clause.title[lang],
            one.obligation,
            turn,
            before.grade.value if before else None,
            after.grade.value if after else None,
            before.unwaived_grade.value if before else None,
            after.unwaived_grade.value if after else None,
            before.value if before else None,
            after.value if after else None,
            before.threshold if before else None,
            after.threshold if after else None,
            decimal_of(gap.amount) if gap else None,
            one.waiver.decision if one.waiver else None,
            reason,
            provenance,
        ]

    return csv_of(COLUMNS, (row(*parts) for parts in rows), lang)


def _told(one: Change, lang: str) -> tuple[str, str]:
    if one.before.grade is one.after.grade:
        return "same", ""
    return one.turn or "other", one.reason[lang]


def sweep_csv(sweep: Sweep, lang: str) -> str:
    """One row a threshold; `tips` names the units that have tipped since the row above."""
    provenance = sweep.audit.provenance[lang] if sweep.audit.provenance else ""
    rows: list[list[str | Decimal | None]] = []
    left = list(sweep.tips)
    for threshold, counts in sweep.curve:
        tipped: list[Tip] = []
        while left and (left[0].at < threshold or (left[0].at == threshold and left[0].reached)):
            tipped.append(left.pop(0))
        named = ", ".join(f"{tip.unit} ({exactly(sweep.ready, tip.at, lang)})" for tip in tipped)
        cells = [str(counts[grade]) for grade in Grade]
        rows.append([decimal_of(threshold), *cells, named, provenance])
    return csv_of(CURVE_COLUMNS, rows, lang)
