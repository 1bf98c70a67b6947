"""Why a finding has its grade: sentences in Swedish or English, made from the measure and the ladder."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from compliance.data.observations import NOW, State
from compliance.engine.run import MeasureRow
from compliance.findings import phrases
from compliance.findings.evidence import Evidence
from compliance.findings.records import Doubtful, Finding, Grade, MeasureValue
from compliance.language.periods import read_month
from compliance.language.portfolios import Waiver
from compliance.language.program import Ready, Test
from compliance.words import Text, listed, month, months, number, ordinal, quotient

__all__ = ["explain", "measure_sentence"]

AIM = {
    "must": Text("Kravet", "The requirement"),
    "target": Text("Målet", "The target"),
    "monitor": Text("Nivån", "The level"),
}
MOVED = {
    "better": Text(" Värdet har förbättrats.", " The value is better now."),
    "worse": Text(" Värdet har försämrats.", " The value is worse now."),
    "unchanged": Text(" Värdet är oförändrat.", " The value is unchanged."),
}
REASONS = {
    "suppressed": Text("värdet är undanhållet", "the value is withheld"),
    "doubtful": Text("värdet är osäkert", "the value is doubtful"),
    "no_agreement": Text(
        "inget avtal med utföraren gällde på periodens sista dag",
        "no agreement with the provider was in force on the period's last day",
    ),
    "conflict": Text("uppgifterna motsäger varandra", "the figures contradict each other"),
    "out_of_range": Text("värdet är utanför det rimliga", "the value is outside its range"),
    "unreadable": Text("värdet går inte att läsa", "the value can't be read"),
}


def explain(finding: Finding, lang: str) -> str:
    """The numbers, the requirement, the verdict, and all that eases or disturbs it."""
    parts = _Explanation(finding, "sv" if lang == "sv" else "en").parts()
    return " ".join([part for part in parts if part])


class _Explanation:
    """What holds for all findings of a clause under the same settings is worked out once (`Evidence.memo`)."""

    def __init__(self, finding: Finding, lang: str) -> None:
        self.finding, self.lang = finding, lang
        self.evidence = finding.evidence
        self.clause = finding.evidence.clause
        self.memo = finding.evidence.memo

    def say(self, sv: str, en: str) -> str:
        return sv if self.lang == "sv" else en

    def parts(self) -> list[str]:
        finding = self.finding
        if not self.evidence.unit.readable:
            return [
                self.say(
                    "Enhetens rad i enhetsfilen har fel, så ingenting kan avgöras förrän den är rättad.",
                    "The unit's row in the units' file has errors, so nothing can be told until it is "
                    "corrected.",
                )
            ]
        if self.clause.first > self.clause.last:
            return [
                self.say(
                    "Kravet gäller en annan del av kontraktets tid än den granskade perioden.",
                    "The requirement holds for another part of the contract's time than this period.",
                )
            ]
        if self._closed():
            return [
                self.say("Enheten var inte öppen under perioden.", "The unit was not open in the period.")
            ]
        if finding.waiver and finding.waiver.exempt:
            return [self._waivers(), self._previous()]
        return [
            *self._measures(),
            self._asked(),
            self._exactly(),
            self._comments(),
            self._gaps() if finding.missing or finding.doubtful else "",
            self._waivers() if self.evidence.waivers else "",
            self._agreements(),
            self._previous() if finding.previous else "",
            self._running(),
        ]

    def _closed(self) -> bool:
        unit = self.evidence.unit
        if unit.opened is None and unit.closed is None:
            return False
        first, last = unit.open_months
        return first > self.clause.last or last < self.clause.first

    # What was measured

    def _measures(self) -> list[str]:
        finding, rows = self.finding, self.evidence.rows
        sentences: list[str] = []
        for index, ready, used, denies in self._told_measures():
            value = finding.measures[index]
            if value.known or (used and finding.grade is not Grade.NOT_APPLICABLE):
                doubted = not value.known and bool(finding.doubtful) and self._doubted(ready)
                sentences.append(
                    measure_sentence(self.evidence, ready, rows[index], value, self.lang, doubted=doubted)
                )
                if denies:
                    sentences.append(self._denied(ready))
        return sentences

    def _told_measures(self) -> list[tuple[int, Ready, bool, bool]]:
        """The measures: their place, whether they are told even where they are unknown, and `_denied` asks for them."""
        told: list[tuple[int, Ready, bool, bool]] | None = self.memo.get("measures")
        if told is None:
            used = {0, *(test.measure for test in self.clause.tests)}
            told = self.memo["measures"] = [
                (
                    index,
                    ready,
                    index in used,
                    ready.measure.kind in ("met", "count") and not ready.monthly and len(ready.facts) > 1,
                )
                for index, ready in enumerate(self.clause.measures)
                if ready.part == "measure"
            ]
        return told

    def _doubted(self, ready: Ready) -> bool:
        """What is lacking of a measure is there, but can't be relied on."""
        facts = {fact.name for fact in ready.facts}
        missing = any(gap.fact in facts for gap in self.finding.missing)
        return not missing and any(doubt.fact in facts for doubt in self.finding.doubtful)

    def _denied(self, ready: Ready) -> str:
        """Of several yes/no answers, those that are no."""
        no = {cell.fact for cell in self.evidence.cells() if cell.state is State.GOOD and cell.value == 0}
        titles = [fact.title[self.lang] for fact in ready.facts if fact.name in no]
        if not titles:
            return ""
        told = "; ".join(titles)
        return self.say(f"Nej på: {told}.", f"No to: {told}.")

    def _comments(self) -> str:
        """What the unit itself says of the answers that its grade rests on."""
        if self.finding.grade not in (Grade.PARTIAL, Grade.FAIL):
            return ""
        names = self.memo.get("worded")
        if names is None:
            names = self.memo["worded"] = {
                fact.name
                for test in self.clause.tests
                for fact in self.clause.measures[test.measure].facts
                if fact.type in phrases.WORDED
            }
        if not names:
            return ""
        cells = [c for c in self.evidence.singled() if c.fact in names and c.state is State.GOOD]
        told = list(dict.fromkeys(cell.comment for cell in cells if cell.comment and cell.slot >= NOW))
        if not told:
            return ""
        words = listed([f"”{comment}”" for comment in told], self.lang)
        return self.say(f"Kommentar: {words}.", f"Comment: {words}.")

    # What was required

    def _asked(self) -> str:
        """The requirement, when it applies and the verdict, in the same words for all units that they fit."""
        finding = self.finding
        unsettled = self.evidence.portfolio.unsettled
        key = (
            self.lang,
            finding.grade,
            finding.waiver is None,
            bool(unsettled) and (self.evidence.unit.id, self.clause.id) in unsettled,
        )
        told: str | None = self.memo.get(key)
        if told is None:
            parts = (self._requirement(), self._applies(), self._verdict())
            told = " ".join([part for part in parts if part])
            if not phrases.has_own_targets(self.evidence):
                self.memo[key] = told
        return told

    def _requirement(self) -> str:
        passing = phrases.rung(self.evidence, "pass", self.lang)
        partial = phrases.rung(self.evidence, "partial", self.lang)
        aim = AIM[self.finding.obligation][self.lang]
        text = ""
        if passing:
            text = f"{aim} {self.say('är', 'is')} {passing}."
        if partial and not (self.finding.waiver and self.finding.grade is Grade.PASS):
            text += self.say(f" Delvis uppfyllt: {partial}.", f" Partly met: {partial}.")
        return text.strip()

    def _applies(self) -> str:
        conditions = [
            text
            for name in ("rule_applies", "applies")
            if (text := phrases.rung(self.evidence, name, self.lang))
        ]
        if not conditions:
            return ""
        both = listed(conditions, self.lang)
        if self.finding.grade is Grade.NOT_APPLICABLE:
            return self.say(
                f"Kravet gäller inte enheten, för villkoret ({both}) är inte uppfyllt.",
                f"The requirement doesn't apply, for its condition ({both}) isn't met.",
            )
        return self.say(f"Villkor för att kravet gäller: {both}.", f"It applies where: {both}.")

    def _verdict(self) -> str:
        aim = AIM[self.finding.obligation][self.lang].lower()
        grade = self.finding.grade
        if (self.evidence.unit.id, self.clause.id) in self.evidence.portfolio.unsettled:
            return self.say(
                "Dispenserna för kravet motsäger varandra, så bedömningen väntar tills det är utrett.",
                "The waivers for the requirement contradict each other, so no grade is given until that is "
                "settled.",
            )
        if grade is Grade.PASS:
            return self.say(f"Enheten uppfyller {aim}.", f"The unit meets {aim}.")
        if grade is Grade.PARTIAL:
            return self.say(f"Enheten uppfyller {aim} delvis.", f"The unit partly meets {aim}.")
        if grade is Grade.FAIL:
            return self.say(f"Enheten uppfyller inte {aim}.", f"The unit doesn't meet {aim}.")
        if grade is Grade.INFO:
            return self.say(
                "Kontraktet anger ingen nivå: värdet redovisas.",
                "The contract states no level: the value is reported.",
            )
        if grade is Grade.UNKNOWN:
            return self.say("Det går inte att avgöra.", "That can't be told.")
        return ""

    def _exactly(self) -> str:
        if "strict" not in self.memo:
            self.memo["strict"] = self._strict()
        strict: tuple[Test, Fraction] | None = self.memo["strict"]
        if strict is None:
            return ""
        lead, limit = strict
        row = self.evidence.rows[lead.measure]
        if not row.known or row.top is None or row.bottom is None:
            return ""
        if row.top * limit.denominator != row.bottom * limit.numerator:
            return ""
        ready = self.clause.measures[lead.measure]
        amount = phrases.quantity(ready, limit, self.lang, 6)
        words = phrases.WORDS[lead.comparison][self.lang]
        return self.say(
            f"Exakt {amount} är inte {words} {amount}.", f"Exactly {amount} is not {words} {amount}."
        )

    def _strict(self) -> tuple[Test, Fraction] | None:
        """The first criterion, where being just as much isn't enough, and its threshold."""
        lead = self.evidence.lead()
        if lead is None or lead.comparison not in ("above", "below"):
            return None
        limit = self.evidence.limit(lead.threshold)
        return None if limit is None else (lead, limit)

    # What is missing

    def _gaps(self) -> str:
        sentences: list[str] = []
        grouped: dict[str, list[str]] = {}
        for gap in self.finding.missing:
            grouped.setdefault(gap.fact, []).append(gap.period)
        if grouped:
            told = listed([self._fact_periods(n, p) for n, p in grouped.items()], self.lang)
            if self.finding.grade is Grade.UNKNOWN:
                sentences.append(self.say(f"Uppgift saknas: {told}.", f"Missing: {told}."))
            else:
                sentences.append(
                    self.say(
                        f"Saknas, utan att det ändrar bedömningen: {told}.",
                        f"Missing, which doesn't change the grade: {told}.",
                    )
                )
        alike: dict[tuple[str, str, str | None], list[Doubtful]] = {}
        for doubt in self.finding.doubtful:
            alike.setdefault((doubt.fact, doubt.reason, doubt.comment), []).append(doubt)
        for (fact, reason, comment), doubts in alike.items():
            told = self._fact_periods(fact, [doubt.period for doubt in doubts])
            note = f" (”{comment}”)" if comment else ""
            why = REASONS[reason][self.lang]
            sentences.append(
                self.say(f"Räknas inte: {told}, för {why}{note}.", f"Not relied on: {told}, for {why}{note}.")
            )
        return " ".join(sentences)

    def _fact_periods(self, fact: str, periods: list[str]) -> str:
        title = self.evidence.portfolio.program.facts[fact].title[self.lang]
        indices = [read_month(period) for period in periods]
        if all(index is not None for index in indices):
            when = months([index for index in indices if index is not None], self.lang)
        else:
            when = listed(periods, self.lang)
        return self.say(f"{title} för {when}", f"{title} for {when}")

    # What eases it

    def _waivers(self) -> str:
        day = self.evidence.portfolio.program.as_of
        sentences: list[str] = []
        for ready in self.evidence.waivers:
            waiver = ready.waiver
            name = f"{waiver.decision} ({_span(waiver)})"
            if waiver.in_force(day):
                sentences.append(self._in_force(waiver, name, ready.parameters))
            elif waiver.first > day:
                sentences.append(
                    self.say(
                        f"Dispens {name} gäller först från {waiver.first} och räknas inte.",
                        f"Waiver {name} begins on {waiver.first} and doesn't count.",
                    )
                )
            else:
                sentences.append(
                    self.say(
                        f"Dispens {name} gick ut {waiver.last} och räknas inte.",
                        f"Waiver {name} expired on {waiver.last} and doesn't count.",
                    )
                )
            if waiver.exempt and not waiver.in_force(day):
                sentences.append(
                    self.say(
                        "Månaderna då enheten var undantagen är borträknade.",
                        "The months in which the unit was exempt are left out.",
                    )
                )
        return " ".join(sentences)

    def _in_force(self, waiver: Waiver, name: str, parameters: dict[str, int | None]) -> str:
        grade = self.finding.unwaived_grade.text[self.lang]
        if waiver.exempt:
            text = self.say(
                f"Enheten är undantagen genom dispens {name}.", f"The unit is exempt by waiver {name}."
            )
        else:
            changes = [text for key in parameters if (text := self._eased(key))]
            told = listed(changes, self.lang)
            text = self.say(f"Dispens {name} ger {told}.", f"Waiver {name} gives {told}.")
        if self.finding.unwaived_grade is self.finding.grade:
            return text + self.say(
                " Bedömningen vore densamma utan den.", " The grade would be the same without it."
            )
        return text + self.say(f" Utan den: {grade}.", f" Without it: {grade}.")

    def _eased(self, parameter: str) -> str:
        for test in self.clause.tests:
            if test.threshold.parameter == parameter:
                now = phrases.threshold(self.evidence, test, self.lang)
                was = phrases.threshold(self.evidence, test, self.lang, unwaived=True)
                if not now:
                    return self.say(f"att {parameter} inte gäller", f"that {parameter} doesn't count")
                if not was:
                    return now
                return self.say(f"{now} i stället för {was}", f"{now} instead of {was}")
        return parameter

    def _agreements(self) -> str:
        if self.finding.via:
            names = listed(self.finding.via, self.lang)
            return self.say(
                f"Uppfylls genom avtal med annan utförare: {names}.",
                f"Met through an agreement with another provider: {names}.",
            )
        if not self.clause.requirement.via_agreement:
            others = sorted({cell.via for cell in self.evidence.singled() if cell.via})
            if others:
                names = listed(others, self.lang)
                return self.say(
                    f"Kravet ska uppfyllas av enheten själv: det som {names} utför räknas inte.",
                    f"The unit itself must meet the requirement: what {names} does isn't counted.",
                )
        return ""

    def _previous(self) -> str:
        before, previous = self.finding.previous, self.evidence.portfolio.previous
        if before is None or previous is None or before.value is None:
            return ""
        ready = self.clause.measures[0]
        amount = phrases.quantity(ready, Fraction(before.value), self.lang)
        grade = f" ({before.grade.text[self.lang]})" if before.grade is not Grade.INFO else ""
        moved = MOVED[self.finding.direction][self.lang] if self.finding.direction else ""
        return self.say(
            f"Föregående period ({previous.period}): {amount}{grade}.{moved}",
            f"Previous period ({previous.period}): {amount}{grade}.{moved}",
        )

    def _running(self) -> str:
        """For how long it has been so, where it isn't the first time."""
        periods = self.finding.failing_periods
        if periods < 2:
            return ""
        which = ordinal(periods, self.lang)
        aim = AIM[self.finding.obligation][self.lang].lower()
        return self.say(
            f"Det är {which} perioden i rad som enheten inte uppfyller {aim}.",
            f"It is the {which} period running in which the unit doesn't meet {aim}.",
        )


def _span(waiver: Waiver) -> str:
    return f"{waiver.first}–{waiver.last or ''}"


def measure_sentence(
    evidence: Evidence,
    ready: Ready,
    row: MeasureRow,
    value: MeasureValue,
    lang: str,
    doubted: bool = False,
) -> str:
    """One measure's value and the sums that it rests on: `46,2 %: i snitt 3 av 6,5 tjänster …`.

    `doubted`: what it lacks is there, but can't be relied on.
    """
    told = _Told.of(evidence, ready, lang)
    if value.top is None or value.bottom is None or not value.known:
        if row.enough and row.bottom is not None and row.bottom <= 0:
            why = "nämnaren är noll" if lang == "sv" else "the denominator is zero"
        elif ready.monthly and row.asked == 0:
            why = "ingen månad att mäta" if lang == "sv" else "no month to measure"
        elif ready.monthly and row.counted < row.asked and row.asked > 1:
            why = (
                f"{row.counted} av {row.asked} månader kan räknas"
                if lang == "sv"
                else f"{row.counted} of {row.asked} months can be counted"
            )
        elif doubted:
            why = "uppgiften går inte att lita på" if lang == "sv" else "the figure can't be relied on"
        else:
            why = "uppgift saknas" if lang == "sv" else "not known"
        return f"{told.name}: {'okänt' if lang == 'sv' else 'unknown'} ({why})."
    if told.unit is None:
        exact = Fraction(value.top, value.bottom)
        amount = phrases.quantity(ready, exact, lang, phrases.digits(ready, exact, told.limits))
    else:
        places = phrases.places_of(value.top, value.bottom, told.limits, told.least)
        amount = quotient(value.top, value.bottom, lang, places) + told.unit
    sums = _sums(evidence, told, row, value.top, value.bottom, value.scale)
    return f"{told.name}: {amount}{', ' + sums if sums else ''}."


class _Told(NamedTuple):
    """What is the same in all sentences about a measure.

    Attributes:
        unit: behind the value; None where the value isn't told as a number.
        limits: what the value is compared with.
        least: the value has so many decimals at least.
        memo: words by what they depend on.
    """

    ready: Ready
    lang: str
    name: str
    unit: str | None
    limits: tuple[Fraction, ...]
    least: int
    memo: dict[Any, Any]

    @classmethod
    def of(cls, evidence: Evidence, ready: Ready, lang: str) -> _Told:
        key = (lang, ready.part, ready.name)
        told: _Told | None = evidence.memo.get(key)
        if told is None:
            told = evidence.memo[key] = cls(
                ready,
                lang,
                phrases.label(evidence.clause, ready, lang),
                None
                if ready.type == "date" or ready.options or ready.type in phrases.ANSWERS
                else phrases.unit_of(ready, lang),
                tuple(
                    limit
                    for test in evidence.clause.tests
                    if evidence.clause.measures[test.measure] is ready
                    and test.comparison != "known"
                    and (limit := evidence.limit(test.threshold)) is not None
                ),
                phrases.DIGITS.get(ready.type, 2),
                {},
            )
        return told


def _sums(evidence: Evidence, told: _Told, row: MeasureRow, top: int, bottom: int, scale: int) -> str:
    """What the value was worked out from: `top` and `bottom` are `scale` times the sums."""
    ready, lang = told.ready, told.lang
    kind, over = ready.measure.kind, ready.measure.over
    when = _when(told, row)
    swedish = lang == "sv"
    if kind in ("share", "rate"):
        return _quotient(told, row, top, bottom, scale) + when
    if kind in ("met", "answered", "months"):
        a, b = quotient(top, 100 * scale, lang, 0), quotient(bottom, scale, lang, 0)
        if kind == "met":
            return (f"{a} av {b} är ja" if swedish else f"{a} of {b} are yes") + when
        if kind == "answered":
            return (f"{a} av {b} är besvarade" if swedish else f"{a} of {b} are answered") + when
        limit = evidence.limit(ready.threshold)
        fact = ready.facts[0]
        unit = "%" if fact.type == "percent" else (fact.unit[lang] if fact.unit else "")
        words = phrases.WORDS[str(ready.measure.comparison)][lang]
        of = f"{fact.title[lang]} {words} {number(limit or 0, lang, 6)} {unit}".rstrip()
        return f"{a} av {b} månader med {of}" if swedish else f"{a} of {b} months with {of}"
    if kind == "open":
        span = f"{_clock(ready.measure.opens)}–{_clock(ready.measure.closes)}"
        return f"öppet hela tiden {span}" if swedish else f"open all the time {span}"
    if kind == "change":
        then, now = quotient(bottom, scale, lang, 2), quotient(100 * bottom + top, 100 * scale, lang, 2)
        unit = phrases.common_unit(ready, lang)
        return (f"från {then} till {now} {unit}" if swedish else f"from {then} to {now} {unit}").rstrip()
    if not ready.monthly:
        return ""
    if kind == "value" and over in ("min", "max", "total"):
        over_words = {
            "min": ("lägsta månaden", "the lowest month"),
            "max": ("högsta månaden", "the highest month"),
            "total": ("totalt", "in total"),
        }[over]
        return over_words[0 if swedish else 1] + when
    if over == "last":
        return when.removeprefix(", ")
    if row.counted == 1:
        return when.removeprefix(", ")
    return ("i snitt" if swedish else "on average") + when


def _quotient(told: _Told, row: MeasureRow, top: int, bottom: int, scale: int) -> str:
    """`i snitt 3 av 6,5 tjänster`, `7 180 kontakter per i snitt 1 500,25 patienter`."""
    several = row.counted > 1
    shape: tuple[str, str, str, bool] | None = told.memo.get(several)
    if shape is None:
        shape = told.memo[several] = _shape(told.ready, several, told.lang)
    before, between, after, by_months = shape
    n = scale * row.counted if by_months else scale
    factor = told.ready.measure.scale.as_integer_ratio()
    a = quotient(top * factor[1], n * factor[0], told.lang, 2)
    return f"{before}{a}{between}{quotient(bottom, n, told.lang, 2)}{after}"


def _shape(ready: Ready, several: bool, lang: str) -> tuple[str, str, str, bool]:
    """The words around the two numbers of a quotient; and whether they are means of so many months."""
    # With a monthly stock on board, both sums are those of the months' mean, times the months.
    stocks = {
        True: any(fact.monthly and fact.stock for fact in phrases.side(ready, True)),
        False: any(fact.monthly and fact.stock for fact in phrases.side(ready, False)),
    }
    mean = {
        side: ("i snitt " if lang == "sv" else "on average ") if stocks[side] and several else ""
        for side in stocks
    }
    first, second = phrases.side_unit(ready, lang, True), phrases.side_unit(ready, lang, False)
    units = {True: f" {first}" if first else "", False: f" {second}" if second else ""}
    of = " av " if lang == "sv" else " of "
    by_months = any(stocks.values())
    if ready.measure.kind == "share" and first == second and stocks[True] == stocks[False]:
        return mean[True], of, units[False], by_months
    between = of if ready.measure.kind == "share" else (" på " if lang == "sv" else " to ")
    return mean[True], units[True] + between + mean[False], units[False], by_months


def _when(told: _Told, row: MeasureRow) -> str:
    """`, 12 månader (januari–december 2024)`."""
    ready, lang = told.ready, told.lang
    if not ready.monthly or row.first_month is None or row.last_month is None:
        return ""
    key = (row.asked, row.counted, row.first_month, row.last_month)
    words: str | None = told.memo.get(key)
    if words is None:
        words = told.memo[key] = _months_told(ready, lang, *key)
    return words


def _months_told(ready: Ready, lang: str, asked: int, counted: int, first: int, last: int) -> str:
    swedish = lang == "sv"
    if ready.measure.over == "last" or first == last:
        return f", {'i' if swedish else 'in'} {month(last, lang)}"
    span = months(range(first, last + 1), lang)
    whole = counted == last - first + 1
    if counted == asked and whole:
        told = f"{counted} {'månader' if swedish else 'months'}"
        return f" {'över' if swedish else 'over'} {told} ({span})"
    of = "av" if swedish else "of"
    told = f"{counted} {of} {max(asked, counted)} {'månader' if swedish else 'months'}"
    return f" {'över' if swedish else 'over'} {told} ({span})"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
