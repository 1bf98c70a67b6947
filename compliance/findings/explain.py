"""Why a finding has its grade: sentences in Swedish or English, made from the measure and the ladder."""

from __future__ import annotations

from fractions import Fraction

from compliance.data.observations import NOW, State
from compliance.engine.run import MeasureRow
from compliance.findings import phrases
from compliance.findings.evidence import Evidence
from compliance.findings.records import Doubtful, Finding, Grade, MeasureValue
from compliance.language.periods import read_month
from compliance.language.portfolios import Waiver
from compliance.language.program import Ready
from compliance.words import Text, listed, month, months, number

__all__ = ["explain", "measure_sentence"]

AIM = {
    "must": Text("Kravet", "The requirement"),
    "target": Text("Målet", "The target"),
    "monitor": Text("Nivån", "The level"),
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
    return " ".join(part for part in parts if part)


class _Explanation:
    def __init__(self, finding: Finding, lang: str) -> None:
        self.finding, self.lang = finding, lang
        self.evidence = finding.evidence
        self.clause = finding.evidence.clause

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
            self._requirement(),
            self._applies(),
            self._verdict(),
            self._exactly(),
            self._comments(),
            self._gaps(),
            self._waivers(),
            self._agreements(),
            self._previous(),
        ]

    def _closed(self) -> bool:
        first, last = self.evidence.unit.open_months
        return first > self.clause.last or last < self.clause.first

    # What was measured

    def _measures(self) -> list[str]:
        used = {test.measure for test in self.clause.tests}
        sentences: list[str] = []
        for index, (ready, row) in enumerate(zip(self.clause.measures, self.evidence.rows, strict=True)):
            if ready.part != "measure":
                continue
            value = self.finding.measures[index]
            asked = (index == 0 or index in used) and self.finding.grade is not Grade.NOT_APPLICABLE
            if value.exact is not None or asked:
                sentence = measure_sentence(
                    self.evidence, ready, row, value, self.lang, doubted=self._doubted(ready)
                )
                sentences += [sentence, self._denied(ready)]
        return sentences

    def _doubted(self, ready: Ready) -> bool:
        """What is lacking of a measure is there, but can't be relied on."""
        facts = {fact.name for fact in ready.facts}
        missing = any(gap.fact in facts for gap in self.finding.missing)
        return not missing and any(doubt.fact in facts for doubt in self.finding.doubtful)

    def _denied(self, ready: Ready) -> str:
        """Of several yes/no answers, those that are no."""
        if ready.measure.kind not in ("met", "count") or ready.monthly or len(ready.facts) < 2:
            return ""
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
        names = {
            fact.name
            for test in self.clause.tests
            for fact in self.clause.measures[test.measure].facts
            if fact.type in phrases.WORDED
        }
        cells = [cell for cell in self.evidence.cells() if cell.fact in names and cell.state is State.GOOD]
        told = list(dict.fromkeys(cell.comment for cell in cells if cell.comment and cell.slot >= NOW))
        if not told:
            return ""
        words = listed([f"”{comment}”" for comment in told], self.lang)
        return self.say(f"Kommentar: {words}.", f"Comment: {words}.")

    # What was required

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
        lead = self.evidence.lead()
        if lead is None or lead.comparison not in ("above", "below"):
            return ""
        ready = self.clause.measures[lead.measure]
        row = self.evidence.rows[lead.measure]
        limit = self.evidence.limit(lead.threshold)
        if limit is None or not row.known or row.top is None or row.bottom is None:
            return ""
        if Fraction(row.top, row.bottom) != limit:
            return ""
        amount = phrases.quantity(ready, limit, self.lang, 6)
        words = phrases.WORDS[lead.comparison][self.lang]
        return self.say(
            f"Exakt {amount} är inte {words} {amount}.", f"Exactly {amount} is not {words} {amount}."
        )

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
            others = sorted({cell.via for cell in self.evidence.cells() if cell.via})
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
        return self.say(
            f"Föregående period ({previous.period}): {amount}{grade}.",
            f"Previous period ({previous.period}): {amount}{grade}.",
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
    name = phrases.label(evidence.clause, ready, lang)
    if value.exact is None:
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
        return f"{name}: {'okänt' if lang == 'sv' else 'unknown'} ({why})."
    limits = [
        limit
        for test in evidence.clause.tests
        if evidence.clause.measures[test.measure] is ready
        and test.comparison != "known"
        and (limit := evidence.limit(test.threshold)) is not None
    ]
    amount = phrases.quantity(ready, value.exact, lang, phrases.digits(ready, value.exact, limits))
    told = _sums(evidence, ready, row, value, lang)
    return f"{name}: {amount}{', ' + told if told else ''}."


def _sums(evidence: Evidence, ready: Ready, row: MeasureRow, value: MeasureValue, lang: str) -> str:
    top, bottom = value.exact_numerator, value.exact_denominator
    assert top is not None
    assert bottom is not None
    kind, over = ready.measure.kind, ready.measure.over
    when = _when(ready, row, lang)
    swedish = lang == "sv"
    if kind in ("share", "rate"):
        return _quotient(ready, row, top / Fraction(ready.measure.scale), bottom, lang) + when
    if kind == "met":
        a, b = number(top / 100, lang, 0), number(bottom, lang, 0)
        return (f"{a} av {b} är ja" if swedish else f"{a} of {b} are yes") + when
    if kind == "answered":
        a, b = number(top / 100, lang, 0), number(bottom, lang, 0)
        return (f"{a} av {b} är besvarade" if swedish else f"{a} of {b} are answered") + when
    if kind == "months":
        a, b = number(top / 100, lang, 0), number(bottom, lang, 0)
        limit = evidence.limit(ready.threshold)
        fact = ready.facts[0]
        unit = "%" if fact.type == "percent" else (fact.unit[lang] if fact.unit else "")
        words = phrases.WORDS[str(ready.measure.comparison)][lang]
        told = f"{fact.title[lang]} {words} {number(limit or 0, lang, 6)} {unit}".rstrip()
        return f"{a} av {b} månader med {told}" if swedish else f"{a} of {b} months with {told}"
    if kind == "open":
        span = f"{_clock(ready.measure.opens)}–{_clock(ready.measure.closes)}"
        return f"öppet hela tiden {span}" if swedish else f"open all the time {span}"
    if kind == "change":
        now = bottom + top / 100
        unit = phrases.common_unit(ready, lang)
        return (
            f"från {number(bottom, lang, 2)} till {number(now, lang, 2)} {unit}"
            if swedish
            else f"from {number(bottom, lang, 2)} to {number(now, lang, 2)} {unit}"
        ).rstrip()
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


def _quotient(ready: Ready, row: MeasureRow, top: Fraction, bottom: Fraction, lang: str) -> str:
    """`i snitt 3 av 6,5 tjänster`, `7 180 kontakter per i snitt 1 500,25 patienter`."""
    # With a monthly stock on board, both sums are those of the months' mean, times the months.
    stocks = {
        True: any(fact.monthly and fact.stock for fact in phrases.side(ready, True)),
        False: any(fact.monthly and fact.stock for fact in phrases.side(ready, False)),
    }
    n = row.counted if any(stocks.values()) else 1
    several = row.counted > 1
    mean = "i snitt " if lang == "sv" else "on average "
    a, b = number(top / n, lang, 2), number(bottom / n, lang, 2)
    first, second = phrases.side_unit(ready, lang, True), phrases.side_unit(ready, lang, False)
    if ready.measure.kind == "share" and first == second and stocks[True] == stocks[False]:
        of = "av" if lang == "sv" else "of"
        return f"{mean if stocks[True] and several else ''}{a} {of} {b} {second}".rstrip()
    one = f"{mean if stocks[True] and several else ''}{a} {first}".rstrip()
    other = f"{mean if stocks[False] and several else ''}{b} {second}".rstrip()
    if ready.measure.kind == "share":
        return f"{one} {'av' if lang == 'sv' else 'of'} {other}"
    return f"{one} {'på' if lang == 'sv' else 'to'} {other}"


def _when(ready: Ready, row: MeasureRow, lang: str) -> str:
    """`, 12 månader (januari–december 2024)`."""
    if not ready.monthly or row.first_month is None or row.last_month is None:
        return ""
    swedish = lang == "sv"
    if ready.measure.over == "last" or row.first_month == row.last_month:
        return f", {'i' if swedish else 'in'} {month(row.last_month, lang)}"
    span = months(range(row.first_month, row.last_month + 1), lang)
    whole = row.counted == row.last_month - row.first_month + 1
    if row.counted == row.asked and whole:
        told = f"{row.counted} {'månader' if swedish else 'months'}"
        return f" {'över' if swedish else 'over'} {told} ({span})"
    of = "av" if swedish else "of"
    told = f"{row.counted} {of} {max(row.asked, row.counted)} {'månader' if swedish else 'months'}"
    return f" {'över' if swedish else 'over'} {told} ({span})"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
