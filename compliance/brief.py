"""The paper for the follow-up dialogue with one unit, as data: what every format of it says."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from compliance.assessment import Audit
from compliance.comparison import REASONS as INCOMPARABLE
from compliance.comparison import Changed, Comparison, compare
from compliance.data.units import Unit
from compliance.findings import phrases
from compliance.findings.explain import REASONS
from compliance.findings.records import Finding, Grade, UnitResult
from compliance.followup.records import Action, Conclusion
from compliance.followup.run import LONGEST_NUMBER, FollowUps, Reason, Trace
from compliance.followup.words import SEVERITY_WORDS, Words
from compliance.language.contracts import OPERATORS
from compliance.language.periods import read_month
from compliance.language.portfolios import Plan
from compliance.language.program import MILLION, Clause
from compliance.problems import InputError
from compliance.register import Entry, waiver_register
from compliance.report.labels import LABELS, OBLIGATIONS
from compliance.words import Text, capital, day, listed, months, ordinal

__all__ = [
    "Block",
    "Brief",
    "Briefs",
    "Item",
    "Line",
    "Numbered",
    "Section",
    "Table",
    "file_names",
    "make_brief",
    "texts",
]


class Line(NamedTuple):
    """A paragraph. `style` is plain or quote; `label` stands before the text."""

    text: str
    label: str = ""
    style: str = "plain"


class Numbered(NamedTuple):
    items: tuple[str, ...]


class Table(NamedTuple):
    """Rows under a heading each column; the first column names what the row is about.

    Attributes:
        widths: of the columns, in percent.
        numbers: columns from this one on are numbers.
        blank: so many empty rows to write in follow.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: int = 99
    blank: int = 0


class Item(NamedTuple):
    """A deviation or an action: it isn't divided between pages.

    Attributes:
        symbol: tells the kind without colour; the word for it is in `tag`.
        kind: a grade or a severity, for the looks alone.
    """

    title: str
    tag: str
    symbol: str
    kind: str
    lines: tuple[Line, ...]


Block = Line | Numbered | Table | Item


class Section(NamedTuple):
    """`together`: it isn't divided between pages; `small`: it may be written smaller than the rest."""

    title: str
    blocks: tuple[Block, ...]
    together: bool = False
    small: bool = False


class Brief(NamedTuple):
    """A unit's paper for the meeting, in one language.

    Attributes:
        what: what kind of paper it is.
        about: who and what it concerns: labels and values.
        provenance: where the data come from; synthetic data say so here.
        running: what stands at the top of every page.
        page: `Sida {page} av {pages}`.
    """

    lang: str
    unit: str
    as_of: date
    what: str
    name: str
    about: tuple[tuple[str, str], ...]
    provenance: Line | None
    sections: tuple[Section, ...]
    running: str
    page: str

    @property
    def title(self) -> str:
        return f"{self.what}: {self.name}"


def texts(brief: Brief) -> Iterator[str]:
    """All that a reader sees on the paper, in its order: what every format must say."""
    yield from (brief.what, brief.name)
    for pair in brief.about:
        yield from pair
    if brief.provenance:
        yield from (brief.provenance.label, brief.provenance.text)
    for section in brief.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Line):
                yield from (block.label, block.text)
            elif isinstance(block, Numbered):
                yield from block.items
            elif isinstance(block, Table):
                for row in (block.head, *block.rows):
                    yield from row
            else:
                yield from (block.symbol, block.title, block.tag)
                for line in block.lines:
                    yield from (line.label, line.text)


TROUBLE = (Grade.FAIL, Grade.PARTIAL)
OBLIGATION_ORDER = tuple(OBLIGATIONS)
ROWS_TO_WRITE_IN = 5
LONGEST_HEADING = 60
MOST_NAMED = 6
"""So many requirements that can't be compared are named; of more, their number is told."""
SEVERITY_SYMBOLS = {"critical": "■", "high": "▲", "medium": "◆", "low": "▷", None: "◇"}
SAYS = {
    "what": Text("Underlag för uppföljningsdialog", "Brief for the follow-up dialogue"),
    "page": Text("Sida {page} av {pages}", "Page {page} of {pages}"),
    "unit": Text("Enhet", "Unit"),
    "kind": Text("Slag", "Kind"),
    "operator": Text("Driftsform", "Operator"),
    "municipality": Text("Kommun", "Municipality"),
    "contract": Text("Kontrakt", "Contract"),
    "period": Text("Period", "Period"),
    "as_of": Text("Per den", "As of"),
    "compared": Text("Jämförs med", "Compared with"),
    "opened": Text("Öppnade", "Opened"),
    "closed": Text("Stängde", "Closed"),
    "branch_of": Text("{kind} till {parent}", "{kind} of {parent}"),
    "provenance": Text("Uppgifternas ursprung", "Where the data come from"),
    "no_finding": LABELS["no_finding"],
    "glance": Text("Bedömningarna i korthet", "The grades at a glance"),
    "grade": Text("Bedömning", "Grade"),
    "all": Text("Totalt", "In total"),
    "waived": Text("Med dispenser. Utan dem: {text}.", "Under waivers. Without them: {text}."),
    "points": Text("Poäng", "Points"),
    "changes": Text("Förändringar sedan {before}", "What has changed since {before}"),
    "history": Text("Förändringar sedan föregående period", "What has changed since the period before"),
    "nothing_compared": Text(
        "Inget krav kan jämföras med den perioden.", "No requirement can be compared with that period."
    ),
    "no_before": Text(
        "Det finns ingen tidigare period att jämföra med.", "There is no earlier period to compare with."
    ),
    "no_changes": Text("Ingen bedömning har ändrats.", "No grade has changed."),
    "requirement": Text("Krav", "Requirement"),
    "change": Text("Förändring", "Change"),
    "running": Text("inte uppfyllt {which} perioden i rad", "not met for the {which} period running"),
    "better": Text("bättre", "better"),
    "worse": Text("sämre", "worse"),
    "unchanged": Text("oförändrat", "unchanged"),
    "better_same": Text("Bättre värde, samma bedömning", "Better value, same grade"),
    "worse_same": Text("Sämre värde, samma bedömning", "Worse value, same grade"),
    "incomparable": Text("Kan inte jämföras", "Can't be compared"),
    "count": Text("{n} krav", "{n} requirements"),
    "deviations": Text("Avvikelser", "Deviations"),
    "no_deviations": Text(
        "Inga avvikelser: inget krav eller mål bedöms som att det inte uppfylls eller bara delvis uppfylls.",
        "No deviations: no requirement or target is graded as not met or only partly met.",
    ),
    "missing": Text("Uppgifter att begära in", "Missing, and to be asked for"),
    "fact": Text("Uppgift", "Figure"),
    "when": Text("Period", "Period"),
    "why": Text("Varför", "Why"),
    "needed": Text("Behövs för", "Needed for"),
    "lacks": Text("saknas", "missing"),
    "no_difference": Text("ändrar inte bedömningen", "doesn't change the grade"),
    "origin": Text("Hämtas från", "Found in"),
    "nothing_missing": Text("Inga uppgifter saknas.", "Nothing is missing."),
    "undecided": Text("Går inte att avgöra", "Can't be told"),
    "decided": Text("Dispenser, avtal och handlingsplaner", "Waivers, agreements and action plans"),
    "nothing_decided": Text(
        "Enheten har inga dispenser, avtal med annan utförare eller begärda handlingsplaner.",
        "The unit has no waivers, agreements with other providers or action plans asked for.",
    ),
    "waiver": Text("Dispens för", "Waiver for"),
    "decision": Text("Beslut", "Decision"),
    "span": Text("Gäller", "Holds"),
    "gives": Text("Innebär", "What it gives"),
    "from_on": Text("från {first}, tills vidare", "from {first}, until further notice"),
    "from_to": Text("{first} till {last}", "{first} to {last}"),
    "days_left": Text("går ut om {n} dagar", "ends in {n} days"),
    "last_day": Text("går ut i dag", "ends today"),
    "in_force": Text("gäller", "in force"),
    "upcoming": Text("gäller inte än", "not yet in force"),
    "expired": Text("har gått ut", "expired"),
    "exempt": Text("Undantag från kravet.", "Exempt from the requirement."),
    "instead": Text("{now} i stället för {usual}.", "{now} instead of {usual}."),
    "not_asked": Text("ingen nivå", "no level"),
    "reason": Text("Skäl: {text}", "Reason: {text}"),
    "condition": Text("Villkor: {text}", "Condition: {text}"),
    "effect": Text("Utan dispensen: {grade}.", "Without the waiver: {grade}."),
    "overlapping": Text(
        "Överlappar {decisions}: ingen av dem räknas förrän det är utrett.",
        "Overlaps {decisions}: neither counts until that is settled.",
    ),
    "unused": Text(
        "Oanvänd: kravet gäller inte enheten.", "Unused: the requirement doesn't concern the unit."
    ),
    "without_effect": Text(
        "Utan verkan: enheten hade klarat sig ändå.", "Without effect: the unit would have passed anyway."
    ),
    "not_enough": Text(
        "Räcker inte: bedömningen är densamma utan den.", "Not enough: the grade is the same without it."
    ),
    "agreement": Text("Avtal om", "Agreement on"),
    "provider": Text("Utförare", "Provider"),
    "last_days_state": Text("På periodens sista dag", "On the period's last day"),
    "plan": Text("Handlingsplan för", "Action plan for"),
    "asked_by": Text("Begärd till", "Asked for by"),
    "received": Text("Inlämnad", "Handed in"),
    "state": Text("Läge", "State"),
    "no_day": Text("utan datum", "no date"),
    "not_yet": Text("inte än", "not yet"),
    "plan_received": Text("inlämnad", "handed in"),
    "plan_overdue": Text("försenad", "overdue"),
    "plan_asked": Text("begärd, tiden har inte gått ut", "asked for, within its time"),
    "met": Text("Övrigt", "The rest"),
    "followup": Text("Förslag till uppföljning", "Proposed follow-up"),
    "no_followup": Text("Bedömningarna leder inte till någon åtgärd.", "The grades lead to no action."),
    "severity": Text("allvar: {word}", "severity: {word}"),
    "theme": Text("tema", "theme"),
    "by_day": Text("senast {day}", "by {day}"),
    "because": Text("Grund", "Because of"),
    "questions": Text("Frågor till dialogen", "Questions for the dialogue"),
    "no_questions": Text("Inga frågor följer av bedömningarna.", "No questions follow from the grades."),
    "agreed": Text("Överenskommelser", "What is agreed"),
    "day": Text("Dialogen hölls den", "Day of the dialogue"),
    "for_region": Text("För regionen", "For the region"),
    "for_unit": Text("För enheten", "For the unit"),
    "what_agreed": Text("Överenskommet", "Agreed"),
    "who": Text("Ansvarig", "Responsible"),
    "done_by": Text("Klart senast", "Done by"),
}
KINDS = {
    "branch": phrases.KIND_WORDS["branch"][0],
    "area": Text("verksamhetsområde", "business area"),
    "region": Text("region", "region"),
}
EASED = Text("med dispens", "under a waiver")
OTHERS = {
    Grade.PASS: Text("Uppfyller", "Met"),
    Grade.INFO: Text("Redovisas utan nivå", "Reported, without a level"),
    Grade.NOT_APPLICABLE: Text("Ej tillämpligt", "Not applicable"),
}


def make_brief(audit: Audit, unit: str, lang: str) -> Brief:
    """The paper for a unit of an audit; `Briefs` makes those of many units in less time.

    Raises:
        KeyError: there is no unit of that id.
    """
    return Briefs(audit, lang).unit(unit)


class Briefs:
    """The papers of an audit's units in one language; each is made when it is asked for."""

    def __init__(self, audit: Audit, lang: str) -> None:
        self.audit, self.lang = audit, lang
        self.followups = FollowUps(audit)
        self.words = Words(self.followups, lang)
        self.results = {unit.unit: unit for unit in audit.units}

    def unit(self, id_: str) -> Brief:
        """A unit's paper.

        Raises:
            KeyError: there is no unit of that id.
        """
        brief: Brief = _safe(_Maker(self, self.results[id_]).brief())
        return brief

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        return {unit.id: unit for unit in self.audit.portfolio.units}

    @cached_property
    def before(self) -> Mapping[str, UnitResult]:
        return {unit.unit: unit for unit in self.audit.before.units} if self.audit.before else {}

    @cached_property
    def changed(self) -> Mapping[str, list[Changed]]:
        """What changed since the period before, by unit; nothing where the periods can't be compared."""
        found: dict[str, list[Changed]] = {}
        for one in self._comparison.findings if self._comparison else ():
            found.setdefault(one.unit, []).append(one)
        return found

    @cached_property
    def _comparison(self) -> Comparison | None:
        if self.audit.before is None:
            return None
        try:
            return compare(self.audit.before, self.audit)
        except InputError:
            return None

    @cached_property
    def waivers(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in waiver_register(self.audit):
            found.setdefault(entry.waiver.unit, []).append(entry)
        return found


class _Maker:
    """One unit's paper."""

    def __init__(self, briefs: Briefs, result: UnitResult) -> None:
        self.briefs, self.result, self.lang = briefs, result, briefs.lang
        self.audit, self.portfolio = briefs.audit, briefs.audit.portfolio
        self.findings = result.findings

    def say(self, key: str, **parts: object) -> str:
        return SAYS[key][self.lang].format(**parts)

    def titled(self, requirement: str) -> str:
        return self.briefs.followups.titled(requirement, self.lang)

    def brief(self) -> Brief:
        what, name = self.say("what"), self.result.name
        provenance = self.audit.provenance
        sections = (
            [Section(self.say("glance"), (Line(self.say("no_finding")),))]
            if not self.findings
            else [
                Section(self.say("glance"), self._glance(), together=True),
                self._changes(),
                Section(self.say("deviations"), self._deviations()),
                Section(self.say("missing"), self._missing()),
                Section(self.say("met"), self._others(), small=True),
            ]
        )
        sections += [
            Section(self.say("decided"), self._decided()),
            Section(self.say("followup"), self._followup()),
            Section(self.say("questions"), self._questions(), together=True),
            Section(self.say("agreed"), self._agreed(), together=True),
        ]
        return Brief(
            lang=self.lang,
            unit=self.result.unit,
            as_of=self.audit.as_of,
            what=what,
            name=name,
            about=self._about(),
            provenance=Line(provenance[self.lang], self.say("provenance")) if provenance else None,
            sections=tuple(section for section in sections if section.blocks),
            running=f"{_shortened(name)} · {what} · {self.audit.period}",
            page=SAYS["page"][self.lang],
        )

    # Who the unit is

    def _about(self) -> tuple[tuple[str, str], ...]:
        unit, contract = self.briefs.units[self.result.unit], self.portfolio.contract
        operator = capital(LABELS[unit.operator][self.lang]) if unit.operator in OPERATORS else None
        rows = [
            ("unit", unit.id),
            ("kind", self._kind(unit)),
            ("operator", operator),
            ("municipality", unit.municipality),
            ("opened", self._day_within(unit.opened)),
            ("closed", self._day_within(unit.closed)),
            ("contract", contract.title[self.lang]),
            ("period", self._period()),
            ("as_of", day(self.audit.as_of, self.lang)),
            ("compared", str(self.portfolio.previous.period) if self.portfolio.previous else None),
        ]
        return tuple((self.say(key), value) for key, value in rows if value)

    def _kind(self, unit: Unit) -> str:
        word = KINDS.get(unit.kind, self.portfolio.contract.unit_word[0])[self.lang]
        parent = self.briefs.units.get(unit.parent or "")
        if parent is None:
            return capital(word)
        return self.say("branch_of", kind=capital(word), parent=parent.name)

    def _day_within(self, when: date | None) -> str | None:
        """A day of opening or closing, where it matters in the period."""
        if when is None or not self.portfolio.period.first <= when.year * 12 + when.month - 1:
            return None
        return day(when, self.lang)

    def _period(self) -> str:
        period = self.portfolio.period
        if period.label.isdigit():
            return period.label
        return f"{period.label} ({months(range(period.first, period.last + 1), self.lang)})"

    # The grades

    def _glance(self) -> tuple[Block, ...]:
        asked = [word for word in OBLIGATIONS if any(f.obligation == word for f in self.findings)]
        before = self.briefs.before.get(self.result.unit)
        earlier = before.grades if before and before.findings else None
        rows = []
        for grade in Grade:
            counted = [f for f in self.findings if f.grade is grade]
            if not counted and not (earlier and earlier[grade]):
                continue
            eased = sum(finding.eased for finding in counted)
            of_which = LABELS["of_which_waived"][self.lang].format(n=eased)
            row = [f"{grade.symbol} {grade.text[self.lang]}" + (f" ({of_which})" if eased else "")]
            row += [str(sum(f.obligation == word for f in counted)) for word in asked]
            row.append(str(len(counted)))
            if earlier:
                row.append(str(earlier[grade]))
            rows.append(tuple(row))
        head = [
            self.say("grade"),
            *(capital(OBLIGATIONS[word][self.lang]) for word in asked),
            self.say("all"),
        ]
        if earlier and self.portfolio.previous:
            head.append(str(self.portfolio.previous.period))
        share = 64 // (len(head) - 1)
        widths = (100 - share * (len(head) - 1), *[share] * (len(head) - 1))
        blocks: list[Block] = [Table(tuple(head), tuple(rows), widths, numbers=1)]
        if any(finding.eased for finding in self.findings):
            counts = ", ".join(
                f"{n} {grade.text[self.lang]}" for grade, n in self.result.unwaived_grades.items() if n
            )
            blocks.append(Line(self.say("waived", text=counts)))
        if self.result.points is not None:
            blocks.append(Line(str(self.result.points), self.say("points")))
        return tuple(blocks)

    # What has changed

    def _changes(self) -> Section:
        previous = self.portfolio.previous
        if previous is None:
            return Section(self.say("history"), (Line(self.say("no_before")),))
        heading = self.say("changes", before=previous.period)
        if self.result.unit not in self.briefs.before:
            reason = INCOMPARABLE["unit_new"][self.lang].format(old=previous.period)
            return Section(heading, (Line(f"{reason}.", self.say("incomparable")),))
        changes = self.briefs.changed.get(self.result.unit, ())
        reasons = {one.requirement: one for one in changes if one.requirement}
        rows: list[tuple[str, ...]] = []
        moved: dict[str, list[str]] = {"better": [], "worse": []}
        comparable = changed = False
        for finding in self.findings:
            if finding.previous is None:
                continue
            one = reasons.get(finding.requirement)
            incomparable = one is not None and one.outcome == "incomparable"
            comparable = comparable or not incomparable
            evened_out = one is not None and one.outcome == "evened_out"
            if (finding.previous.grade is not finding.grade or evened_out) and not incomparable:
                changed = True
                rows.append(self._change(finding, one))
            elif finding.failing_periods > 1:
                rows.append(self._change(finding, None))
            elif finding.direction in moved:
                told = f"{self._previous(finding)} → {self._value(finding)}"
                moved[finding.direction].append(f"{self.titled(finding.requirement)} ({told})")
        blocks: list[Block] = []
        if comparable and not changed:
            blocks.append(Line(self.say("no_changes")))
        if rows:
            head = (self.say("requirement"), str(previous.period), self.audit.period, self.say("change"))
            blocks.append(Table(head, tuple(rows), (31, 18, 18, 33)))
        for way in ("worse", "better"):
            if moved[way]:
                blocks.append(Line("; ".join(moved[way]) + ".", self.say(f"{way}_same")))
        incomparables = self._incomparable(changes)
        if incomparables:
            blocks.append(Line(incomparables, self.say("incomparable")))
        return Section(heading, tuple(blocks) or (Line(self.say("nothing_compared")),))

    def _change(self, finding: Finding, one: Changed | None) -> tuple[str, ...]:
        """`2.3.5 Täckningsgrad | 70,7 %, uppfyller | 66,1 %, uppfyller inte | sämre`."""
        assert finding.previous is not None
        before = ", ".join(
            part for part in (self._previous(finding), finding.previous.grade.text[self.lang]) if part
        )
        grade = finding.grade.text[self.lang] + (f" {EASED[self.lang]}" if finding.eased else "")
        now = ", ".join(part for part in (self._value(finding), grade) if part)
        told = [self.say(finding.direction)] if finding.direction else []
        if finding.failing_periods > 1:
            told.append(self.say("running", which=ordinal(finding.failing_periods, self.lang)))
        change = capital("; ".join(told))
        if one is not None and (one.causes not in ((), ("unit",)) or not told):
            change = f"{change}. {one.reason[self.lang]}" if told else one.reason[self.lang]
        return self.titled(finding.requirement), before, now, change

    def _incomparable(self, changes: Iterable[Changed]) -> str:
        """The requirements that can't be laid beside the period before, by the reason."""
        grouped: dict[str, list[str]] = {}
        for one in changes:
            if one.outcome == "incomparable":
                clause = self._clause(one.requirement) or self._earlier_clause(one.earlier)
                name = self._named(clause) if clause else one.id
                grouped.setdefault(one.reason[self.lang], []).append(name)
        told = []
        for reason, names in grouped.items():
            what = listed(names, self.lang)
            if len(names) > MOST_NAMED:
                what = self.say("count", n=len(names))
            told.append(reason if len(names) == len(self.findings) else f"{what}: {reason}")
        return "; ".join(told) + "." if told else ""

    def _clause(self, id_: str | None) -> Clause | None:
        return self.portfolio.program.clause(id_) if id_ else None

    def _earlier_clause(self, id_: str | None) -> Clause | None:
        previous = self.portfolio.previous
        return previous.program.clause(id_) if id_ and previous else None

    def _named(self, clause: Clause) -> str:
        title = clause.title[self.lang]
        return title if len(clause.id) > LONGEST_NUMBER else f"{clause.id} {title}"

    # Deviations

    def _deviations(self) -> tuple[Block, ...]:
        def place(finding: Finding) -> tuple[int, int]:
            return OBLIGATION_ORDER.index(finding.obligation), TROUBLE.index(finding.grade)

        found = sorted((f for f in self.findings if f.grade in TROUBLE), key=place)
        return tuple(self._deviation(f) for f in found) or (Line(self.say("no_deviations")),)

    def _deviation(self, finding: Finding) -> Item:
        evidence, lang = finding.evidence, self.lang
        tag = f"{finding.grade.text[lang]} · {OBLIGATIONS[finding.obligation][lang]}"
        if finding.eased:
            tag += f" · {EASED[lang]}"
        value, wanted = self._value(finding), phrases.rung(evidence, "pass", lang)
        if value:
            tag += f" · {value} ({wanted})" if wanted else f" · {value}"
        lines = [Line(finding.explanation(lang))]
        if told := finding.remedy(lang):
            lines.append(Line(told, phrases.remedy_label(evidence, lang)))
        lines += [Line(quote, style="quote") for quote in self._quotes(evidence.clause)]
        return Item(
            self.titled(finding.requirement),
            tag,
            finding.grade.symbol,
            finding.grade.value,
            tuple(lines),
        )

    def _quotes(self, clause: Clause) -> Iterator[str]:
        for source in clause.requirement.sources:
            document = self.portfolio.contract.documents.get(source.document)
            name = document.title[self.lang] if document else source.document
            yield f"{name}, {source.section}: {self.briefs.words.quoted(source.quote)}"

    def _value(self, finding: Finding) -> str:
        """The first measure's value, with as many decimals as it takes not to look like its threshold."""
        value = finding.measures[0].exact
        if value is None:
            return ""
        ready = finding.evidence.clause.measures[0]
        limits = [Fraction(finding.threshold)] if finding.threshold is not None else []
        return phrases.quantity(ready, value, self.lang, phrases.digits(ready, value, limits))

    def _previous(self, finding: Finding) -> str:
        """The value before; empty where another measure was used then."""
        if finding.previous is None or finding.previous.exact is None:
            return ""
        return phrases.quantity(finding.evidence.clause.measures[0], finding.previous.exact, self.lang)

    # What is missing

    def _missing(self) -> tuple[Block, ...]:
        """What lacks or can't be relied on; in one row what is alike in all else."""
        gaps: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
        for finding in self.findings:
            found = [(gap.fact, self.say("lacks"), gap.period) for gap in finding.missing]
            for doubt in finding.doubtful:
                note = f" ({self.briefs.words.quoted(doubt.comment)})" if doubt.comment else ""
                found.append((doubt.fact, REASONS[doubt.reason][self.lang] + note, doubt.period))
            for name, why, period in found:
                periods, needed = gaps.setdefault((name, why), ({}, {}))
                periods[period] = None
                needed[self._needed(finding)] = None
        rows: dict[tuple[str, ...], list[str]] = {}
        for (name, why), (periods, needed) in gaps.items():
            fact = self.portfolio.program.facts[name]
            origin = capital(fact.origin[self.lang]) if fact.origin else ""
            alike = (origin, self._periods(periods), capital(why), listed(needed, self.lang))
            rows.setdefault(alike, []).append(fact.title[self.lang])
        blocks: list[Block] = []
        if rows:
            head = tuple(self.say(key) for key in ("fact", "origin", "when", "why", "needed"))
            told = tuple(("; ".join(titles), *alike) for alike, titles in rows.items())
            blocks.append(Table(head, told, (32, 18, 15, 17, 18)))
        undecided = [f for f in self.findings if f.grade is Grade.UNKNOWN and not (f.missing or f.doubtful)]
        for finding in undecided:
            title = self.titled(finding.requirement)
            blocks.append(Line(f"{title}. {finding.explanation(self.lang)}", self.say("undecided")))
        return tuple(blocks)

    def _needed(self, finding: Finding) -> str:
        name = self.briefs.words.short(finding.requirement)
        return name if finding.grade is Grade.UNKNOWN else f"{name} ({self.say('no_difference')})"

    def _periods(self, periods: Iterable[str]) -> str:
        indices = [read_month(period) for period in periods]
        known = [index for index in indices if index is not None]
        return months(known, self.lang) if len(known) == len(indices) else listed(periods, self.lang)

    # What is met or reported

    def _others(self) -> tuple[Block, ...]:
        blocks: list[Block] = []
        for grade, heading in OTHERS.items():
            told = [self._other(f) for f in self.findings if f.grade is grade]
            if told:
                blocks.append(Line("; ".join(told) + ".", f"{heading[self.lang]} ({len(told)})"))
        if not self._missing():
            blocks.append(Line(self.say("nothing_missing")))
        if not self._decided():
            blocks.append(Line(self.say("nothing_decided")))
        return tuple(blocks)

    def _other(self, finding: Finding) -> str:
        ready = finding.evidence.clause.measures[0]
        told = finding.grade is Grade.INFO or (
            finding.grade is Grade.PASS and ready.type not in phrases.WORDED
        )
        value = self._value(finding) if told else ""
        parts = [part for part in (value, EASED[self.lang] if finding.eased else "") if part]
        name = self.titled(finding.requirement)
        return f"{name} ({', '.join(parts)})" if parts else name

    # What is decided

    def _decided(self) -> tuple[Block, ...]:
        unit, blocks = self.result.unit, list[Block]()
        waivers = self.briefs.waivers.get(unit, ())
        if waivers:
            head = tuple(self.say(key) for key in ("waiver", "decision", "span", "gives"))
            blocks.append(Table(head, tuple(self._waiver(entry) for entry in waivers), (22, 19, 19, 40)))
        agreements = [one for one in self.portfolio.agreements if one.unit == unit]
        if agreements:
            head = tuple(self.say(key) for key in ("agreement", "provider", "span", "last_days_state"))
            rows = []
            for one in agreements:
                last_day = self.portfolio.period.last_day
                state = "upcoming" if one.first > last_day else "expired"
                rows.append(
                    (
                        listed((self._fact_title(name) for name in one.facts), self.lang),
                        one.provider,
                        self._span(one.first, one.last),
                        capital(self.say("in_force" if one.in_force(last_day) else state)),
                    )
                )
            blocks.append(Table(head, tuple(rows), (34, 25, 25, 16)))
        plans = self.briefs.followups.plans.get(unit, ())
        if plans:
            head = tuple(self.say(key) for key in ("plan", "asked_by", "received", "state"))
            blocks.append(Table(head, tuple(self._plan(plan) for plan in plans), (40, 20, 20, 20)))
        return tuple(blocks)

    def _fact_title(self, name: str) -> str:
        fact = self.portfolio.program.facts.get(name)
        return fact.title[self.lang] if fact else name

    def _span(self, first: date, last: date | None) -> str:
        if last is None:
            return capital(self.say("from_on", first=day(first, self.lang)))
        return self.say("from_to", first=day(first, self.lang), last=day(last, self.lang))

    def _waiver(self, entry: Entry) -> tuple[str, ...]:
        waiver = entry.waiver
        state = self.say("in_force" if entry.status == "about_to_expire" else entry.status)
        if entry.status == "about_to_expire":
            state = self.say("days_left", n=entry.days_left) if entry.days_left else self.say("last_day")
        clause = self._clause(waiver.requirement)
        told = [self._eases(entry, clause)]
        for key, text in (("reason", waiver.reason), ("condition", waiver.condition)):
            if text is not None:
                told.append(self.say(key, text=text[self.lang]))
        finding = entry.finding
        if finding and entry.without and entry.without is not finding.grade:
            told.append(self.say("effect", grade=entry.without.text[self.lang]))
        told += [self.say(word, decisions=listed(entry.overlaps, self.lang)) for word in entry.remarks]
        return (
            self.titled(waiver.requirement),
            ", ".join(part for part in (waiver.decision, waiver.decided_by) if part),
            f"{self._span(waiver.first, waiver.last)} ({state})",
            " ".join(part for part in told if part),
        )

    def _eases(self, entry: Entry, clause: Clause | None) -> str:
        """`28 timmar i veckan i stället för 45 timmar i veckan`."""
        waiver = entry.waiver
        if waiver.exempt:
            return self.say("exempt")
        ready = next((ready for ready in self.portfolio.waivers if ready.waiver is waiver), None)
        if clause is None or ready is None:
            return "; ".join(f"{name}: {value}" for name, value in waiver.parameters.items()) + "."
        usual = entry.finding.evidence.unwaived_settings if entry.finding else clause.parameters

        def amount(name: str, value: int | None) -> str:
            if value is None:
                return self.say("not_asked")
            measure = clause.types.get(name, clause.measures[0])
            return phrases.quantity(measure, Fraction(value, MILLION), self.lang, 6)

        return " ".join(
            capital(self.say("instead", now=amount(name, value), usual=amount(name, usual.get(name))))
            for name, value in ready.parameters.items()
        )

    def _plan(self, plan: Plan) -> tuple[str, ...]:
        if plan.received is not None:
            state = "plan_received"
        elif plan.due is not None and plan.due < self.audit.as_of:
            state = "plan_overdue"
        else:
            state = "plan_asked"
        return (
            self.titled(plan.requirement),
            day(plan.due, self.lang) if plan.due else self.say("no_day"),
            day(plan.received, self.lang) if plan.received else self.say("not_yet"),
            capital(self.say(state)),
        )

    # What follows

    @cached_property
    def _trace(self) -> Trace:
        return self.briefs.followups.trace(self.result.unit)

    def _followup(self) -> tuple[Block, ...]:
        told = self.briefs.followups.told(self._trace)
        groups: dict[str, list[Action | Conclusion]] = {}
        every: list[Action | Conclusion] = [*told.actions, *told.conclusions]
        for one in every:
            groups.setdefault(one.rule, []).append(one)
        return tuple(self._group(group) for group in groups.values()) or (Line(self.say("no_followup")),)

    def _group(self, group: Sequence[Action | Conclusion]) -> Item:
        """What one rule leads to, for all requirements that it holds for."""
        first, lang = group[0], self.lang
        tags = [] if isinstance(first, Action) else [self.say("theme")]
        if first.severity:
            tags.append(self.say("severity", word=SEVERITY_WORDS[first.severity][lang]))
        if isinstance(first, Action) and first.due:
            tags.append(self.say("by_day", day=day(first.due, lang)))
        lines = [Line(text) for text in dict.fromkeys(one.text[lang] for one in group)]
        lines.append(Line("; ".join(self._because(first.rule)) + ".", self.say("because")))
        return Item(
            first.title[lang],
            " · ".join(tags),
            SEVERITY_SYMBOLS[first.severity],
            first.severity or "theme",
            tuple(lines),
        )

    def _because(self, name: str) -> list[str]:
        """What a rule rests on; in one where it holds for several requirements in the same way."""
        followups, trace = self.briefs.followups, self._trace
        rule = followups.rules[name]
        subjects = [firing.requirement for firing in trace.firings if firing.rule == name]
        found: dict[Any, dict[Reason, None]] = {}
        ordered = followups.in_order(subject for subject in subjects if subject is not None)
        for subject in ordered or (None,):
            for reason in followups.reasons(trace, rule, subject):
                if not reason.pattern.negated:
                    found.setdefault(reason.pattern, {})[reason] = None
        told: dict[str, None] = {}
        for pattern, reasons in found.items():
            if pattern.kind == "finding":
                ids = followups.in_order(id_ for reason in reasons for id_ in reason.found)
                told[self.briefs.words.reason(trace, Reason(pattern, ids))] = None
            else:
                told.update(dict.fromkeys(self.briefs.words.reason(trace, one) for one in reasons))
        return list(told)

    # The dialogue

    def _questions(self) -> tuple[Block, ...]:
        """Those of the follow-up first, then those of the rules that aren't met, each once."""
        asked: dict[str, dict[str, None]] = {}
        for question in self.briefs.followups.told(self._trace).questions:
            asked.setdefault(question.text[self.lang], {})
        for finding in self.findings:
            question_ = finding.evidence.clause.rule.question
            if finding.grade in TROUBLE and question_:
                ids = asked.setdefault(question_[self.lang], {})
                ids[self.briefs.words.short(finding.requirement)] = None
        items = tuple(f"{text} ({', '.join(ids)})" if ids else text for text, ids in asked.items())
        return (Numbered(items),) if items else (Line(self.say("no_questions")),)

    def _agreed(self) -> tuple[Block, ...]:
        meeting = tuple(self.say(key) for key in ("day", "for_region", "for_unit"))
        agreed = tuple(self.say(key) for key in ("what_agreed", "who", "done_by"))
        return (
            Table(meeting, (), (26, 37, 37), blank=1),
            Table(agreed, (), (60, 22, 18), blank=ROWS_TO_WRITE_IN),
        )


def _shortened(name: str) -> str:
    """Short enough for a line at the top of a page."""
    return name if len(name) <= LONGEST_HEADING else f"{name[: LONGEST_HEADING - 1]}…"


SPACES = "\t\n\r\f\v\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that set the direction of what follows them."""


def _safe(part: Any) -> Any:
    """The same without characters that no format can hold, or that would turn the text around."""
    if isinstance(part, str):
        return part if part.isascii() and part.isprintable() else _plain(part)
    if isinstance(part, tuple):
        parts = [_safe(one) for one in part]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    return part


def _plain(text: str) -> str:
    """Composed letters; a space for each line break, nothing for marks of direction, U+FFFD for the rest."""
    return "".join(_character(char) for char in unicodedata.normalize("NFC", text) if char not in TURNING)


def _character(char: str) -> str:
    if char in SPACES:
        return " "
    # Control characters, lone surrogates, U+FFFE and U+FFFF can't stand in XML.
    unfit = unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE
    return "\N{REPLACEMENT CHARACTER}" if unfit else char


RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")]
)
"""What Windows takes for a device, whatever the ending."""
LONGEST_NAME = 40


def file_names(units: Iterable[str]) -> dict[str, str]:
    """A file's name, without its ending, for each unit id: safe, and unique whatever the case of its letters.

    An id that can be a name is; of another the rest stands before a part of its hash.
    """
    ids = sorted(set(units))
    folded: dict[str, int] = {}
    for id_ in ids:
        key = _folded(id_)
        folded[key] = folded.get(key, 0) + 1
    names: dict[str, str] = {}
    for id_ in ids:
        kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in unicodedata.normalize("NFC", id_))
        kept = kept[:LONGEST_NAME].strip("-") or "unit"
        if kept != id_ or folded[_folded(id_)] > 1 or kept.casefold() in RESERVED:
            kept += "-" + hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        names[id_] = kept
    return names


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
