"""Remedies in words that hold in a meeting, in Swedish and in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from compliance.data.observations import NOW, period_of
from compliance.findings import phrases
from compliance.findings.explain import AIM
from compliance.findings.records import Finding, Grade
from compliance.language.facts import Fact
from compliance.language.periods import month_index
from compliance.language.program import Ready
from compliance.remedy.records import Found, Remedy, Step, Why
from compliance.words import NO_BREAK, Text, day, listed, months, number, quotient, small

__all__ = ["told"]

MOST_TOLD = 4
ANSWERED = frozenset({"yes_no", "level", "choice"})
DAYS = {
    "sv": ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
WITH = ("med ", "with ")
MEND = {
    "suppressed": Text("begär ut", "obtain"),
    "doubtful": Text("bekräfta eller rätta", "confirm or correct"),
    "conflict": Text("reda ut vad som gäller för", "settle what is right of"),
    "out_of_range": Text("rätta", "correct"),
    "unreadable": Text("rätta", "correct"),
}
LACKING = Text("redovisa", "report")
NOTHING_DOES = Text("ingen ändring av uppgifterna räcker: ", "no change of the facts will do: ")


def told(finding: Finding, found: Found, lang: str) -> str | None:
    """All ways in one sentence fragment, the cheapest first, or why there is none."""
    if found.why is not None:
        return _Words(finding, lang).why(found.why)
    return _Words(finding, lang).ways(found.remedies) if found.remedies else None


class _Words:
    def __init__(self, finding: Finding, lang: str) -> None:
        self.finding, self.lang = finding, lang
        self.evidence = finding.evidence
        self.clause = finding.evidence.clause
        self.memo = finding.evidence.memo

    def say(self, sv: str, en: str) -> str:
        return sv if self.lang == "sv" else en

    def ways(self, remedies: Sequence[Remedy]) -> str:
        parts: list[str] = []
        both = self.say(" och ", " and ")
        for remedy in remedies:
            told = both.join([self.step(step) for step in self._told(remedy)])
            if told not in parts:
                parts.append(told)
                if len(parts) == MOST_TOLD:
                    break
        return self.say(", eller ", ", or ").join(parts) + "."

    def _told(self, remedy: Remedy) -> Sequence[Step]:
        """The steps in words: what hangs on values that nobody knows yet is left out, but for means."""
        if self.finding.grade is not Grade.UNKNOWN:
            return remedy.steps
        measures = self.clause.measures
        late = {
            step.position
            for step in remedy.steps
            if step.kind == "report"
            and (measures[step.position].measure.kind, measures[step.position].measure.over)
            != ("value", "mean")
        }
        return [step for step in remedy.steps if step.kind == "report" or step.position not in late]

    # Names

    def fact(self, name: str) -> Fact:
        return self.evidence.portfolio.program.facts[name]

    def noun(self, fact: Fact) -> str:
        """A fact's title within a sentence, without its unit in front and what stands in brackets behind."""
        key = ("noun", self.lang, fact.name)
        known: str | None = self.memo.get(key)
        if known is None:
            known = self.memo[key] = self._noun(fact)
        return known

    def _noun(self, fact: Fact) -> str:
        title = _bare(fact.title[self.lang])
        others = {f.title[self.lang] for ready in self.clause.measures for f in ready.facts if f is not fact}
        if any(_bare(other) == title for other in others):
            title = fact.title[self.lang]
        unit = fact.unit[self.lang] if fact.unit else ""
        head, _, rest = title.partition(", ")
        return small(rest if rest and head.lower() == unit.lower() else title)

    def counted(self, fact: Fact) -> str:
        """What is counted: `patienter med diabetes`, `besök (listades besök i primärvården)`."""
        noun = self.noun(fact)
        unit = fact.unit[self.lang] if fact.unit else ""
        words = noun.split()
        short = len(words) < 3 and noun.endswith(unit.lower())
        short |= len(words) < 4 and words[0] != "the" and unit.lower() in words[:-1]
        if not unit or short or noun.startswith(unit.lower()):
            return noun
        return self.whole(fact) if noun.startswith(WITH) else f"{unit} ({noun})"

    def whole(self, fact: Fact) -> str:
        """The noun, with what it is about in front where it begins as `med blodtryck under 140`."""
        noun = self.noun(fact)
        unit = fact.unit[self.lang] if fact.unit else ""
        return f"{unit} {noun}" if unit and noun.startswith(WITH) else noun

    def quoted(self, fact: Fact) -> str:
        title = fact.title[self.lang]
        return self.say(f"”{title}”", f"“{title}”")

    def asked(self, fact: Fact, alone: bool) -> str:
        """What is to be reported: of an answer the question."""
        if fact.type in ANSWERED:
            return self.say("svaret på ", "the answer to ") + self.quoted(fact)
        if fact.type in ("date", "text"):
            return self.quoted(fact)
        if not alone:
            title = small(_bare(fact.title[self.lang]))
            return self.whole(fact) if title.startswith(WITH) else title
        if fact.type == "count":
            noun = self.counted(fact)
            named = noun.startswith(("antal", "number of "))
            return noun if named else self.say(f"antalet {noun}", f"the number of {noun}")
        title = fact.title[self.lang]
        return self.quoted(fact) if ", " in title or title.count(" ") > 3 else small(_bare(title))

    def _points(self, one: bool) -> str:
        if one:
            return self.say("procentenhet", "percentage point")
        return self.say("procentenheter", "percentage points")

    def unit(self, fact: Fact, by: bool, one: bool = False) -> str:
        """A fact's unit behind a number; of a percentage its points where it is a difference (`by`)."""
        unit = fact.unit[self.lang] if fact.unit else ""
        if fact.type == "percent" or unit == "%":
            return NO_BREAK + (self._points(one) if by else "%")
        if not unit and fact.type == "opening_hours":
            unit = self.say("timmar i veckan", "hours a week")
        if not unit and fact.type == "minutes":
            unit = self.say("minuter", "minutes")
        return NO_BREAK + unit if unit else ""

    # Numbers

    def number(self, value: Fraction, up: bool = True) -> tuple[str, bool]:
        """A number, and whether it was rounded: upwards or downwards, so that it holds, to two places or two digits."""
        top, bottom = value.numerator, value.denominator
        if 1_000_000 % bottom == 0:
            return quotient(top, bottom, self.lang, 6), False
        places = 2
        while places < 6 and abs(top) * 10**places < 10 * bottom:
            places += 1
        power = 10**places
        units = -(-top * power // bottom) if up else top * power // bottom
        return quotient(units, power, self.lang, places), True

    def much(self, step: Step) -> str:
        """`mer än 0,25`, `minst 0,34` (rounded), `19`."""
        text, coarse = self.number(step.by)
        if coarse:
            return self.say("minst ", "at least ") + text
        return (self.say("mer än ", "more than ") if step.beyond else "") + text

    def level(self, fact: Fact, to: Fraction, beyond: bool, up: bool) -> str:
        """`minst 93 %`, `mer än 45 timmar i veckan`."""
        text, coarse = self.number(to, up)
        word = (
            ("above" if beyond and not coarse else "at_least")
            if up
            else "below"
            if beyond and not coarse
            else "at_most"
        )
        return f"{phrases.WORDS[word][self.lang]} {text}{self.unit(fact, False)}"

    # Steps

    def step(self, step: Step) -> str:
        kind = step.kind
        ready = self.clause.measures[step.position]
        if kind == "report":
            return self._report(step, ready)
        if kind in ("move", "add", "drop"):
            return self._moved(step, ready)
        if kind in ("hold", "fewer hold"):
            return self._held(step, ready)
        if kind in ("yes", "fewer yes", "answer"):
            return self._answers(step, ready)
        if kind in ("days", "fewer days"):
            return self._days(step, ready)
        fact = self.fact(step.facts[0])
        if kind in ("floor", "ceiling") and step.to is not None:
            wanted = self.level(fact, step.to, step.beyond, kind == "floor")
            return f"{self.noun(fact)}: {wanted} {self.say('i', 'in')} {months(step.slots, self.lang)}"
        if fact.type in ANSWERED and step.to is not None and not step.mean:
            return self._answer(step, fact)
        if fact.type == "date" and step.to is not None:
            return self._date(step, fact)
        if step.to is not None:
            return self._value(step, ready, fact)
        return self._amount(step, ready, fact)

    def when(self, step: Step, ready: Ready) -> str:
        """The months that a change is about, where it isn't simply the whole period."""
        if not ready.monthly or step.slots == (NOW,) or not step.slots:
            return ""
        program = self.evidence.portfolio.program
        if len(step.slots) > 1 and program.as_of >= program.period.last_day:
            return ""
        text = months(step.slots, self.lang)
        return text if len(step.slots) > 1 else f"{self.say('i', 'in')} {text}"

    def _value(self, step: Step, ready: Ready, fact: Fact) -> str:
        up = step.kind == "more"
        to = step.to or Fraction(0)
        wanted = self.level(fact, to, step.beyond, up)
        when = self.when(step, ready)
        text, coarse = self.number(step.by)
        counted = fact.type == "count"
        by = text if counted else text + self.unit(fact, True, step.by == 1)
        more = self.say("mer", "more") if up else self.say("mindre", "less")
        if counted:
            more = self.say("fler", "more") if up else self.say("färre", "fewer")
        about = (
            self.say("omkring ", "about ") if coarse else self.say("över ", "over ") if step.beyond else ""
        )
        if step.mean:
            span = f" {when}" if when else ""
            if when:
                return f"{self.noun(fact)}: {self.say('i snitt', 'on average')} {wanted}{span}"
            return f"{self.noun(fact)}: {self.say('i snitt', 'on average')} {wanted}, {about}{by} {more} {self.say('än nu', 'than now')}"
        month = f" {when}" if when else ""
        if fact.type == "opening_hours":
            return self._open(step, fact, month)
        if not step.by:
            return f"{self.noun(fact)}: {wanted}{month}"
        return f"{self.noun(fact)}: {about}{by} {more}{month}, {self.say('till', 'to')} {wanted}"

    def _open(self, step: Step, fact: Fact, month: str) -> str:
        """`öppettider: 5 timmar mer öppet per vecka, till minst 45 timmar`; below an hour in minutes."""
        up, to = step.kind == "more", step.to or Fraction(0)
        wanted = self.level(fact, to, step.beyond, up)
        if up and step.by == to:  # it isn't open at all now
            return f"{self.noun(fact)}: {wanted}{month}"
        minutes = -(-60 * step.by // 1)
        over = self.say("mer än ", "more than ") if step.beyond and minutes == 60 * step.by else ""
        hours, rest = divmod(minutes, 60)
        parts: list[str] = []
        if hours:
            half = rest == 30
            one = hours == 1 and not half
            told = number(Fraction(minutes, 60) if half else hours, self.lang)
            parts = [told + NO_BREAK + self.say("timme" if one else "timmar", "hour" if one else "hours")]
            rest = 0 if half else rest
        if rest:
            noun = self.say("minut" if rest == 1 else "minuter", "minute" if rest == 1 else "minutes")
            parts.append(f"{rest}{NO_BREAK}{noun}")
        more = self.say("mer öppet per vecka", "more open a week")
        if not up:
            more = self.say("mindre öppet per vecka", "less open a week")
        return f"{self.noun(fact)}: {over}{listed(parts, self.lang)} {more}{month}, {self.say('till', 'to')} {wanted}"

    def _amount(self, step: Step, ready: Ready, fact: Fact) -> str:
        up = step.kind == "more"
        when = self.when(step, ready)
        span = f" {when}" if when else ""
        whole = self._of(step, ready)
        if len(step.facts) > 1:
            names = [self.noun(self.fact(name)) for name in step.facts]
            either = ", ".join(names[:-1]) + self.say(" eller ", " or ") + names[-1]
            more = self.say("fler", "more") if up else self.say("färre", "fewer")
            if fact.type != "count":
                more = self.say("mer", "more") if up else self.say("mindre", "less")
            unit = f" {fact.unit[self.lang]}" if fact.unit else ""
            together = self.say("sammanlagt", "taken together")
            return f"{self.much(step)} {more}{unit}{span} {together}{whole} ({either})"
        if fact.type == "count":
            more = self.say("fler", "more") if up else self.say("färre", "fewer")
            mean = self.say("i snitt ", "on average ") if step.mean else ""
            if step.by == 1:  # there is no singular to put behind the number
                return f"{self.whole(fact)}: {mean}1 {more}{span}{whole}"
            return f"{mean}{self.much(step)} {more} {self.counted(fact)}{span}{whole}"
        more = self.say("mer", "more") if up else self.say("mindre", "less")
        if fact.stock and up:
            more = self.say("ytterligare", "in addition")
        return f"{self.noun(fact)}: {self.much(step)}{self.unit(fact, True)} {more}{span}"

    def _of(self, step: Step, ready: Ready) -> str:
        """`, av 412 patienter med diabetes`: the whole that a share is of."""
        bottoms = [term for term in ready.terms if not term.numerator]
        row = self.evidence.rows[step.position]
        if ready.measure.kind != "share" or row.bottom is None or not row.known:
            return ""
        if any(term.weight * 1_000_000 != ready.unit for term in bottoms):
            return ""
        by_months = any(fact.monthly and fact.stock for fact in ready.facts)
        scale = ready.unit * (row.counted if by_months and row.counted else 1)
        amount = quotient(row.bottom, scale, self.lang, 0 if not by_months else 1)
        of = self.say("av", "of")
        if len(bottoms) > 1:
            return f", {of} {amount}"
        fact = self.fact(bottoms[0].fact)
        return f", {of} {amount} {self.counted(fact)}"

    def _moved(self, step: Step, ready: Ready) -> str:
        first, second = (self.fact(name) for name in step.facts)
        unit = self.unit(first, True)
        when = self.when(step, ready)
        span = f" {when}" if when else ""
        if step.kind == "move":
            below = {term.fact for term in ready.terms if not term.numerator}
            parted = set(step.facts) <= below
            names = [self.noun(first), self.noun(second)]
            if not parted:
                whole = 0 if step.facts[0] in below else 1
                names[whole] = f"{self.say('övriga', 'other')} {names[whole]}"
            return self.say(
                f"{self.much(step)}{unit} från {names[0]} till {names[1]}{span}",
                f"{self.much(step)}{unit} moved from {names[0]} to {names[1]}{span}",
            )
        noun = self.noun(first) + span
        if step.kind == "add":
            return self.say(
                f"{self.much(step)} nya{unit} för {noun}", f"{self.much(step)}{unit} added to {noun}"
            )
        return self.say(
            f"{self.much(step)}{unit} mindre för {noun}", f"{self.much(step)}{unit} less of {noun}"
        )

    def _held(self, step: Step, ready: Ready) -> str:
        fact = self.fact(step.facts[0])
        limit = self.evidence.limit(ready.threshold) or Fraction(0)
        plain = Ready(ready.measure, ready.facts, _type(fact), True, 0, 0, (), 0, 0, 1)
        wanted = phrases.comparison(plain, str(ready.measure.comparison), limit, self.lang)
        count = number(step.by, self.lang, 0)
        fewer = step.kind != "hold"
        more = self.say("färre", "fewer") if fewer else self.say("fler", "more")
        one = step.by == 1
        noun = self.say("månad" if one else "månader", "month" if one else "months")
        return f"{count} {more} {noun} {self.say('med', 'with')} {self.noun(fact)} {wanted}"

    def _answers(self, step: Step, ready: Ready) -> str:
        names = [self.quoted(self.fact(name)) for name in step.facts]
        count = int(step.by)
        how = {
            "yes": self.say("kan besvaras med ”ja”", "can be answered “yes”"),
            "fewer yes": self.say("kan besvaras med ”nej”", "can be answered “no”"),
            "answer": self.say("besvaras", "is answered" if len(names) == 1 else "are answered"),
        }[step.kind]
        which = listed(names, self.lang)
        if ready.monthly:
            month = self.say("månad" if count == 1 else "månader", "month" if count == 1 else "months")
            if len(names) == 1:
                return self.say(
                    f"att {which} {how} i ytterligare {count} {month}",
                    f"that {which} {how} in another {count} {month}",
                )
            return self.say(
                f"att {which} {how}, sammanlagt {count} svar till",
                f"that {which} {how}, {count} more {'answers' if count > 1 else 'answer'} in all",
            )
        if count < len(names):
            which = self.say(f"ytterligare {count} av {which}", f"another {count} of {which}")
        return self.say(f"att {which} {how}", f"that {which} {how}")

    def _days(self, step: Step, ready: Ready) -> str:
        names = [DAYS[self.lang][index] for index in step.slots[: int(step.by)]]
        span = f"{_clock(ready.measure.opens)}–{_clock(ready.measure.closes)}"
        if step.kind == "days":
            return self.say(
                f"öppet hela tiden {span} även på {listed(names, 'sv')}",
                f"open all the time {span} on {listed(names, 'en')} too",
            )
        return self.say(
            f"inte öppet hela tiden {span} på {listed(names, 'sv')}",
            f"not open all the time {span} on {listed(names, 'en')}",
        )

    def _answer(self, step: Step, fact: Fact) -> str:
        to = step.to or Fraction(0)
        was = to - step.by if step.kind == "more" else to + step.by
        options = fact.options or tuple(text[self.lang] for text in phrases.ANSWERS[fact.type])
        now, then = options[int(was)], options[int(to)]
        title = fact.title[self.lang]
        return self.say(
            f"att ”{title}” kan besvaras med ”{then}” (nu ”{now}”)",
            f"that “{title}” can be answered “{then}” (now “{now}”)",
        )

    def _date(self, step: Step, fact: Fact) -> str:
        when = day(date.fromordinal(int(step.to or 1)), self.lang)
        later = step.kind == "more"
        count = number(step.by, self.lang, 0)
        noun = self.say("dag" if step.by == 1 else "dagar", "day" if step.by == 1 else "days")
        word = phrases.DATE_WORDS["at_least" if later else "at_most"][self.lang]
        than = self.say("senare", "later") if later else self.say("tidigare", "earlier")
        return f"{self.noun(fact)} {word} {when}, {count} {noun} {than}"

    # What is missing

    def _report(self, step: Step, ready: Ready) -> str:
        doubts = {(doubt.fact, doubt.period): doubt.reason for doubt in self.finding.doubtful}
        lacks = {(gap.fact, gap.period) for gap in self.finding.missing} | doubts.keys()
        portfolio = self.evidence.portfolio
        groups: dict[str, dict[str, list[int]]] = {}
        alone: list[str] = []
        for name in step.facts:
            fact = self.fact(name)
            for slot in step.slots if fact.monthly else (NOW,):
                if fact.monthly is (slot == NOW):
                    continue
                cell = (name, period_of(fact, slot, portfolio.period, None))
                if cell not in lacks:
                    continue
                reason = doubts.get(cell)
                if reason == "no_agreement":
                    alone.append(self._agreement(fact))
                    continue
                verb = (MEND[reason] if reason else LACKING)[self.lang]
                groups.setdefault(verb, {}).setdefault(name, []).append(slot)
        asked = list(dict.fromkeys(alone))
        for verb, facts in groups.items():
            by_span: dict[tuple[int, ...], list[str]] = {}
            for name, slots in facts.items():
                by_span.setdefault(tuple(slots), []).append(name)
            for span, names in by_span.items():
                nouns = [self.asked(self.fact(name), len(names) == 1) for name in names]
                when = f"{self.say('för', 'for')} {self._span(names[0], span)}"
                all_ = self.say("uppgifterna", "the figures")
                asked.append(
                    f"{verb} {nouns[0]} {when}"
                    if len(names) == 1
                    else f"{verb} {all_} {when}: {'; '.join(nouns)}"
                )
        text = self.say(" och ", " and ").join(asked)
        if step.to is not None and ready.monthly:
            fact = self.fact(step.facts[0])
            if step.mean and step.slots[0] > month_index(
                portfolio.program.as_of.year, portfolio.program.as_of.month
            ):
                wanted = self.level(fact, step.to, step.beyond, self._upwards(step))
                period = months(step.slots, self.lang)
                return f"{self.noun(fact)}: {self.say('i snitt', 'on average')} {wanted} {period}"
            mean = self.say("med i snitt", "with an average of") if step.mean else self.say("med", "with")
            return f"{text}, {mean} {self.level(fact, step.to, step.beyond, self._upwards(step))}"
        wanted = self._wanted(step)
        if not phrases.rung(self.evidence, "pass", self.lang):
            return text + self.say(
                " (kontraktet anger ingen nivå: värdet redovisas)",
                " (the contract states no level: the value is reported)",
            )
        if not wanted:
            return text
        aim = AIM[self.finding.obligation][self.lang].lower()
        return f"{text} ({aim} {self.say('är', 'is')} {wanted})"

    def _agreement(self, fact: Fact) -> str:
        title = fact.title[self.lang]
        return self.say(
            f"teckna avtal som gäller för ”{title}”, eller utför det i egen regi",
            f"make an agreement that holds for “{title}”, or provide it oneself",
        )

    def _wanted(self, step: Step) -> str:
        """What the pass rung asks of the measure."""
        tests = [t for t in self.clause.tests if t.rung == "pass" and t.measure == step.position]
        told = [phrases.threshold(self.evidence, t, self.lang) for t in tests if t.comparison != "known"]
        return listed(dict.fromkeys(text for text in told if text), self.lang)

    def _upwards(self, step: Step) -> bool:
        return any(
            test.measure == step.position
            and test.rung == "pass"
            and test.comparison in ("above", "at_least", "equals")
            for test in self.clause.tests
        )

    def _span(self, name: str, slots: Sequence[int]) -> str:
        fact = self.fact(name)
        if fact.monthly:
            return months(slots, self.lang)
        return period_of(fact, NOW, self.evidence.portfolio.period, None)

    # Why not

    def why(self, why: Why) -> str:
        kind = why.kind
        if kind == "unit":
            return self.say(
                "enhetens rad i enhetsfilen måste rättas.",
                "the unit's row in the units' file must be corrected.",
            )
        if kind == "waivers":
            return self.say(
                "dispenserna för kravet, som motsäger varandra, måste redas ut.",
                "the waivers for the requirement, which contradict each other, must be settled.",
            )
        ready = self.clause.measures[why.position]
        fact = self.fact(why.fact) if why.fact else ready.facts[0]
        reasons = {
            "no_level": Text("gränsen för att uppfylla är inte satt", "no threshold for a pass is set"),
            "no_month": Text("det finns ingen månad att mäta", "there is no month to measure"),
            "contradiction": Text(
                "villkoren går inte att uppfylla samtidigt", "the criteria can't be met at the same time"
            ),
            "known": Text(
                f"villkoret är att uppgiften saknas ({self.noun(fact)})",
                f"the criterion is that the figure isn't known ({self.noun(fact)})",
            ),
            "whole": Text(
                f"inget värde som kan anges för {self.noun(fact)} ger precis vad som krävs",
                f"no value that can be given for {self.noun(fact)} comes to just what is required",
            ),
        }
        if kind in reasons:
            return f"{NOTHING_DOES[self.lang]}{reasons[kind][self.lang]}."
        if kind == "before":
            return NOTHING_DOES[self.lang] + self.say(
                f"{self.noun(fact)} saknas för föregående period, som värdet jämförs med.",
                f"{self.noun(fact)} is missing for the previous period, with which the value is compared.",
            )
        return NOTHING_DOES[self.lang] + self._range(why, ready, fact)

    def _range(self, why: Why, ready: Ready, fact: Fact) -> str:
        if why.value is None:
            return self.say("uppgifterna räcker inte till det.", "the facts don't reach that far.")
        came = phrases.quantity(
            ready, why.value, self.lang, phrases.digits(ready, why.value, self._limits(why))
        )
        month = [slot for slot in why.slots if slot > 0]
        program = self.evidence.portfolio.program
        left = f" {months(month, self.lang)}" if month and program.as_of < program.period.last_day else ""
        if why.most is None:
            return self.say(
                f"så långt det går{left} blir värdet {came}.",
                f"as far as it goes{left}, the value comes to {came}.",
            )
        most = self.number(why.most)[0] + self.unit(fact, False)
        if fact.type in ANSWERED or fact.type == "date":
            return self.say(
                f"så långt det går{left} blir värdet {came}.",
                f"as far as it goes{left}, the value comes to {came}.",
            )
        return self.say(
            f"även med {self.noun(fact)} på {most}{left} blir värdet {came}.",
            f"even with {self.noun(fact)} at {most}{left} the value comes to {came}.",
        )

    def _limits(self, why: Why) -> list[Fraction]:
        limits = [
            self.evidence.limit(t.threshold)
            for t in self.clause.tests
            if t.measure == why.position and t.comparison != "known"
        ]
        return [limit for limit in limits if limit is not None]


def _bare(title: str) -> str:
    head, opened, _ = title.partition(" (")
    return head if opened and title.endswith(")") and head else title


def _type(fact: Fact) -> str:
    return "hours" if fact.type == "opening_hours" else fact.type


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
