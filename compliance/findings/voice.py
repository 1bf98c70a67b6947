"""How a careful official words a summary for the board, in Swedish and in English.

What is to be said comes as small records; nothing here looks at findings. Numbers of units below ten are
written in words, and differences between percentages are percentage points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import NamedTuple

from compliance.words import NO_BREAK, Text, capital, decimal_of, listed, number

__all__ = ["VOICES", "Apart", "Figure", "Moved", "Tally", "Voice"]

NAMES = {
    "nation": Text("riket", "the nation"),
    "region": Text("regionen", "the region"),
    "county": Text("länet", "the county"),
    "trainee": Text("en läkare under specialisering", "a trainee"),
}
"""What contracts call their references, in words."""


class Tally(NamedTuple):
    """How many units meet a requirement. `name` is the unit's where it concerns just one.

    waived, exempt: how many meet it under a waiver's level, and how many it doesn't bind at all;
    through: how many meet it by an agreement with another provider.
    """

    obligation: str
    asks: str
    one: str
    many: str
    passed: int
    partial: int
    failed: int
    unknown: int
    name: str | None = None
    why_unknown: str | None = None
    waived: int = 0
    exempt: int = 0
    through: int = 0
    names: tuple[tuple[str, ...], ...] = ()
    """Of few units: who meets it wholly, in part, not at all, and of whom it isn't known."""

    @property
    def units(self) -> int:
        return self.passed + self.partial + self.failed + self.unknown


class Moved(NamedTuple):
    """A change since `since`, the previous period: `by` in the measure's own unit, `percent` of what it was.

    `places` is how many decimals are shown.
    """

    since: str
    by: Fraction
    percent: Fraction | None
    places: int
    points: bool
    """The measure is a percentage, so that its differences are percentage points."""


class Apart(NamedTuple):
    """Units that weren't open all the time, left out of a range that they alone would have set.

    `opened`: they were opened during the period (False: closed; None: some of each).
    """

    units: int
    value: str | None
    opened: bool | None


class Figure(NamedTuple):
    """A measure over the units. `low` and `high` are None where there is no range to tell."""

    statistic: str
    subject: str
    named: bool
    """The contract words the subject itself, so that it can stand first in a sentence."""
    value: str
    one: str
    many: str
    low: str | None = None
    high: str | None = None
    apart: Apart | None = None
    moved: Moved | None = None
    unit: str | None = None
    """The only unit's name, where others are told of too."""
    each: tuple[tuple[str, str], ...] = ()
    """Of few units: each one's name and value, instead of statistics over them."""


class Voice(ABC):
    """One language's sentences, each without its full stop."""

    lang: str

    @abstractmethod
    def few(self, count: int, neuter: bool = False) -> str:
        """A number in words below ten, in digits from there on."""

    @abstractmethod
    def fulfilment(self, tally: Tally) -> list[str]:
        """Who meets a requirement, and by what leave."""

    @abstractmethod
    def figure(self, figure: Figure) -> str: ...

    @abstractmethod
    def outcome(self, value: str, target: str | None, moved: Moved | None) -> str:
        """What follows a single unit's verdict; `target` is its own, where that is a fact."""

    @abstractmethod
    def moved(self, moved: Moved) -> str:
        """`en ökning med 2,2 procentenheter jämfört med 2023`."""

    @abstractmethod
    def reference(self, name: str, value: str) -> str: ...

    @abstractmethod
    def missing(self, units: int, one: str, many: str, total: int) -> str: ...

    @abstractmethod
    def bands(self, counts: list[tuple[int, str]], one: str, many: str) -> str: ...

    @abstractmethod
    def answers(
        self, title: str, counts: list[tuple[int, str]], unknown: int, one: str, many: str
    ) -> str: ...

    @abstractmethod
    def split(self, parts: list[tuple[str, str]], many: str, shares: bool) -> str: ...

    @abstractmethod
    def lacking(self, facts: list[str]) -> str:
        """Which facts it takes that aren't there."""

    @abstractmethod
    def share_of(self, group: str) -> str: ...

    @abstractmethod
    def nobody(self, asks: str, many: str) -> str: ...

    @abstractmethod
    def scope(self, units: int, one: str, many: str, groups: list[tuple[int, str]]) -> str: ...

    @abstractmethod
    def opened(self, units: list[str], closed: bool, one: str, many: str) -> str: ...

    @abstractmethod
    def overall(self, units: int, whole: int, failing: int, one: str, many: str) -> str: ...

    @abstractmethod
    def counted(self, obligation: str, tally: Tally) -> str: ...

    @abstractmethod
    def hardest(self, asks: str, passed: int, units: int, many: str) -> str: ...

    @abstractmethod
    def trend(self, since: str, better: int, worse: int, same: int) -> str: ...

    def reference_name(self, name: str) -> str:
        return NAMES[name][self.lang] if name in NAMES else name.replace("_", " ")


SV = ["noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"]
EN = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class Swedish(Voice):
    lang = "sv"

    def few(self, count: int, neuter: bool = False) -> str:
        if count == 1 and neuter:
            return "ett"
        return SV[count] if 0 <= count < 10 else number(count, "sv", 0)

    def _of(self, count: int, one: str, many: str) -> str:
        return f"{self.few(count)} {one if count == 1 else many}"

    def fulfilment(self, tally: Tally) -> list[str]:
        said = [self._alone(tally) if tally.name else self._together(tally)]
        verb = "når" if tally.obligation == "target" else "uppfyller"
        if tally.name is None and tally.waived:
            said.append(f"{capital(self.few(tally.waived))} {verb} det med stöd av dispens")
        if tally.name is None and tally.through:
            said.append(f"{capital(self.few(tally.through))} {verb} det genom avtal med annan utförare")
        if tally.exempt:
            exempt = "undantagen" if tally.exempt == 1 else "undantagna"
            who = self._of(tally.exempt, tally.one, tally.many)
            said.append(f"{capital(who)} är {exempt} genom dispens")
        return said

    def _alone(self, tally: Tally) -> str:
        if tally.unknown:
            why = tally.why_unknown or "uppgift saknas"
            verb = {"must": "uppfyller kravet", "target": "når målet"}.get(
                tally.obligation, "uppfyller kravet"
            )
            return f"Om {tally.name} {verb} på {tally.asks} kan inte bedömas: {why}"
        how = "" if tally.passed else "delvis " if tally.partial else "inte "
        if tally.obligation == "must":
            return f"{tally.name} uppfyller {how}kravet på {tally.asks}"
        if tally.obligation == "target":
            return f"{tally.name} når {how}målet på {tally.asks}"
        how = "helt" if tally.passed else "delvis" if tally.partial else "inte"
        return f"{capital(tally.asks)} uppfylls {how} av {tally.name}"

    def _together(self, tally: Tally) -> str:
        n, rest = tally.units, tally.units - tally.passed
        if tally.obligation == "monitor":
            return self._reported(tally)
        must = tally.obligation == "must"
        meets = f"{'uppfyller kravet' if must else 'når målet'} på {tally.asks}"
        if tally.unknown == n:
            begin = "Kravet" if must else "Målet"
            return f"{begin} på {tally.asks} kan inte bedömas: uppgift saknas för samtliga {tally.many}"
        if not rest:
            return f"Samtliga {tally.many} {meets}"
        if tally.names:
            return self._by_name(tally, meets, "uppfyller" if must else "når")
        if rest <= 3 and rest * 4 <= n:
            said = f"Samtliga {tally.many} utom {self.few(rest)} {meets}"
            if tally.failed == rest:
                return said
            them = "den" if rest == 1 else "de"
            if tally.partial == rest:
                return f"{said}; {them} gör det delvis"
            if tally.unknown == rest:
                return f"{said}; för {'den' if rest == 1 else 'dem'} saknas uppgift"
            return f"{said}; {listed(self._others(tally), 'sv')}"
        if not tally.passed:
            return f"Ingen av {self.few(n)} {tally.many} {meets}: {listed(self._others(tally), 'sv')}"
        return f"{capital(self.few(tally.passed))} av {self.few(n)} {tally.many} {meets}, " + listed(
            self._others(tally), "sv"
        )

    def _by_name(self, tally: Tally, meets: str, verb: str) -> str:
        wholly, partly, no, unknown = (listed(names, "sv") for names in tally.names)
        said = [f"{wholly} {meets}" if wholly else f"Ingen av {tally.many} {meets}"]
        if partly:
            said.append(f"{partly} {verb} det delvis")
        if no and (wholly or partly or unknown):
            said.append(f"{no} {verb} det inte")
        if unknown:
            said.append(f"för {unknown} saknas uppgift")
        return "; ".join(said)

    def _others(self, tally: Tally) -> list[str]:
        others: list[str] = []
        if tally.partial:
            others.append(f"{self.few(tally.partial)} gör det delvis")
        if tally.failed:
            others.append(f"{self.few(tally.failed)} gör det inte")
        if tally.unknown:
            others.append(f"för {self.few(tally.unknown)} saknas uppgift")
        return others

    def _reported(self, tally: Tally) -> str:
        pairs = [("helt", tally.passed), ("delvis", tally.partial), ("inte", tally.failed)]
        counts = [(how, count) for how, count in pairs if count]
        parts: list[str] = []
        for index, (how, count) in enumerate(counts):
            noun = f" {tally.one if count == 1 else tally.many}" if index == 0 else ""
            who = f"samtliga {tally.many}" if count == tally.units else self.few(count) + noun
            parts.append(f"{how} av {who}")
        said = f"{capital(tally.asks)} uppfylls {listed(parts, 'sv')}" if parts else ""
        if tally.unknown:
            lacks = f"för {self.few(tally.unknown)} saknas uppgift"
            if not said:
                return f"{capital(tally.asks)}: uppgift saknas för samtliga {tally.many}"
            return f"{said}; {lacks}"
        return said

    def figure(self, figure: Figure) -> str:
        if figure.each:
            values = [f"{value} för {name}" for name, value in figure.each]
            return f"{capital(figure.subject)} är {listed(values, 'sv')}"
        change = f", {self.moved(figure.moved)}" if figure.moved else ""
        if figure.unit is not None:
            return f"För {figure.unit} är {figure.subject} {figure.value}{change}"
        leads = {
            "mean": f"Medelvärdet för {figure.subject} är {figure.value}",
            "median": f"Medianen för {figure.subject} är {figure.value}",
            "pooled": f"Sammantaget är {figure.subject} {figure.value}",
            "lowest": f"Den lägsta månadsnoteringen hos en enskild {figure.one} är {figure.value}",
            "highest": f"Den högsta månadsnoteringen hos en enskild {figure.one} är {figure.value}",
            "alone": f"{capital(figure.subject)} är {figure.value}",
            "total": f"{capital(figure.subject)} är {figure.value}"
            if figure.named
            else f"Antalet {figure.subject} är {figure.value}",
        }
        lead = leads[figure.statistic]
        if figure.low is None or figure.high is None:
            return lead + change
        apart = self._apart(figure)
        if figure.low == figure.high:
            return f"{lead}, lika för samtliga{apart}{change}"
        if figure.statistic == "total":
            return (
                f"{lead}{change}; som mest har en {figure.one} {figure.high} och som minst "
                f"{figure.low}{apart}"
            )
        return f"{lead}, lägst {figure.low} och högst {figure.high}{apart}{change}"

    def _apart(self, figure: Figure) -> str:
        apart = figure.apart
        if apart is None:
            return ""
        what = {True: "nyöppnade", False: "nedlagda", None: "som inte var öppna hela perioden"}[apart.opened]
        who = "den" if apart.units == 1 else "de"
        return f", frånsett {who} {what}" + (f" ({apart.value})" if apart.value else "")

    def outcome(self, value: str, target: str | None, moved: Moved | None) -> str:
        against = f" mot målets {target}" if target else ""
        return f"utfallet är {value}{against}" + (f", {self.moved(moved)}" if moved else "")

    def moved(self, moved: Moved) -> str:
        since = f"jämfört med {moved.since}"
        if moved.by == 0:
            return f"oförändrat {since}"
        amount = decimal_of(abs(moved.by), moved.places)
        if amount == 0:
            return f"i stort sett oförändrat {since}"
        way = "en ökning" if moved.by > 0 else "en minskning"
        if moved.points:
            whole = amount == amount.to_integral_value()
            text = self.few(int(amount)) if whole else number(amount, "sv", moved.places)
            return f"{way} med {text} {'procentenhet' if amount == 1 else 'procentenheter'} {since}"
        text = number(amount, "sv", moved.places)
        if moved.percent is not None and decimal_of(abs(moved.percent), 1):
            text += f" ({number(abs(moved.percent), 'sv', 1)}{NO_BREAK}%)"
        return f"{way} med {text} {since}"

    def reference(self, name: str, value: str) -> str:
        return f"Motsvarande för {self.reference_name(name)} är {value}"

    def missing(self, units: int, one: str, many: str, total: int) -> str:
        if units == total:
            return f"Uppgift saknas för samtliga {many}" if total > 1 else "Uppgift saknas"
        return f"För {self._of(units, one, many)} saknas uppgift"

    def bands(self, counts: list[tuple[int, str]], one: str, many: str) -> str:
        first, *rest = [(self.few(count), count, text) for count, text in counts]
        parts = [f"{first[0]} {one if first[1] == 1 else many} har {first[2]}"]
        parts += [f"{words} {text}" for words, _, text in rest]
        return capital(listed(parts, "sv"))

    def answers(self, title: str, counts: list[tuple[int, str]], unknown: int, one: str, many: str) -> str:
        first, *rest = counts
        who = self._of(first[0], one, many) if rest or unknown else f"samtliga {many}"
        parts = [f"{first[1]} hos {who}"]
        parts += [f"{text} hos {self.few(count)}" for count, text in rest]
        lacks = f"; för {self.few(unknown)} saknas uppgift" if unknown else ""
        return f"{capital(title)}: {listed(parts, 'sv')}{lacks}"

    def split(self, parts: list[tuple[str, str]], many: str, shares: bool) -> str:
        if shares:
            of = [f"{value} hos {group}" for group, value in parts]
            return f"Av dem finns {listed(of, 'sv')} {many}"
        return f"Fördelat: {listed([f'{group} {value}' for group, value in parts], 'sv')}"

    def lacking(self, facts: list[str]) -> str:
        return f"uppgift saknas om {listed(facts, 'sv')}"

    def share_of(self, group: str) -> str:
        return f"för de {group} är det"

    def nobody(self, asks: str, many: str) -> str:
        return f"Ingen av {many} omfattas av kravet på {asks} under perioden"

    def scope(self, units: int, one: str, many: str, groups: list[tuple[int, str]]) -> str:
        parts = listed([f"{self.few(count)} {text}" for count, text in groups], "sv")
        return f"Granskningen omfattar {self._of(units, one, many)}" + (f", {parts}" if parts else "")

    def opened(self, units: list[str], closed: bool, one: str, many: str) -> str:
        what = "lagts ned" if closed else "öppnat"
        return f"Under perioden har {self._of(len(units), one, many)} {what}: {listed(units, 'sv')}"

    def overall(self, units: int, whole: int, failing: int, one: str, many: str) -> str:
        if whole == units:
            return f"Samtliga {many} uppfyller alla ska-krav helt"
        begin = capital(self.few(whole)) if whole else "Ingen"
        said = f"{begin} av {self.few(units)} {many} uppfyller alla ska-krav helt"
        if failing:
            said += f"; {self.few(failing)} har minst ett ska-krav som inte uppfylls"
        return said

    def counted(self, obligation: str, tally: Tally) -> str:
        noun = "ska-krav" if obligation == "must" else "mål"
        verb = "uppfylls" if obligation == "must" else "nås"
        parts = [
            f"{verb} {self.few(tally.passed, neuter=True)} helt" if tally.passed else f"{verb} inget helt"
        ]
        if tally.partial:
            parts.append(f"{self.few(tally.partial, neuter=True)} delvis")
        if tally.failed:
            parts.append(f"{self.few(tally.failed, neuter=True)} inte")
        said = f"Av {self.few(tally.units, neuter=True)} {noun} {listed(parts, 'sv')}"
        if tally.unknown:
            said += f"; för {self.few(tally.unknown, neuter=True)} saknas uppgift"
        return said

    def hardest(self, asks: str, passed: int, units: int, many: str) -> str:
        who = "ingen" if not passed else self.few(passed)
        return f"Lägst uppfyllelse har kravet på {asks}, som {who} av {self.few(units)} {many} uppfyller helt"

    def trend(self, since: str, better: int, worse: int, same: int) -> str:
        total = self.few(better + worse + same, neuter=True)
        parts = [
            f"{self.few(count, neuter=True)} {text}"
            for count, text in ((better, "förbättrats"), (worse, "försämrats"))
            if count
        ]
        said = f"Av {total} resultat som kan jämföras med {since} "
        if not parts:
            return f"{said}är alla oförändrade"
        said += f"har {listed(parts, 'sv')}"
        if same:
            said += f"; {self.few(same, neuter=True)} är {'oförändrat' if same == 1 else 'oförändrade'}"
        return said


class English(Voice):
    lang = "en"

    def few(self, count: int, neuter: bool = False) -> str:
        return EN[count] if 0 <= count < 10 else number(count, "en", 0)

    def _of(self, count: int, one: str, many: str) -> str:
        return f"{self.few(count)} {one if count == 1 else many}"

    def fulfilment(self, tally: Tally) -> list[str]:
        said = [self._alone(tally) if tally.name else self._together(tally)]
        if tally.name is None and tally.waived:
            does = "does" if tally.waived == 1 else "do"
            said.append(f"{capital(self.few(tally.waived))} of them {does} so under a waiver")
        if tally.name is None and tally.through:
            does = "does" if tally.through == 1 else "do"
            said.append(f"{capital(self.few(tally.through))} {does} so by an agreement with another provider")
        if tally.exempt:
            who = self._of(tally.exempt, tally.one, tally.many)
            said.append(f"{capital(who)} {'is' if tally.exempt == 1 else 'are'} exempt by a waiver")
        return said

    def _alone(self, tally: Tally) -> str:
        verb, noun = ("reach", "target") if tally.obligation == "target" else ("meet", "requirement")
        s = "es" if verb == "reach" else "s"
        if tally.unknown:
            why = tally.why_unknown or "the figure is missing"
            return f"Whether {tally.name} {verb}{s} the {noun} of {tally.asks} can't be told: {why}"
        if tally.obligation == "monitor":
            how = "wholly" if tally.passed else "in part" if tally.partial else "not"
            return f"{capital(tally.asks)} is {how} met by {tally.name}"
        if tally.failed:
            return f"{tally.name} doesn't {verb} the {noun} of {tally.asks}"
        part = " in part" if tally.partial else ""
        return f"{tally.name} {verb}{s} the {noun} of {tally.asks}{part}"

    def _together(self, tally: Tally) -> str:
        n, rest = tally.units, tally.units - tally.passed
        if tally.obligation == "monitor":
            return self._reported(tally)
        must = tally.obligation == "must"
        verb, noun = ("meet", "requirement") if must else ("reach", "target")
        obj = f"the {noun} of {tally.asks}"
        if tally.unknown == n:
            return f"{capital(obj)} can't be judged: the figure is missing for all {tally.many}"
        if not rest:
            return f"All {tally.many} {verb} {obj}"
        if tally.names:
            return self._by_name(tally, verb, obj)
        if rest <= 3 and rest * 4 <= n:
            said = f"All {tally.many} but {self.few(rest)} {verb} {obj}"
            if tally.failed == rest:
                return said
            if tally.partial == rest:
                return f"{said}; {'it does' if rest == 1 else 'they do'} so in part"
            if tally.unknown == rest:
                return f"{said}; for {'it' if rest == 1 else 'them'} the figure is missing"
            return f"{said}; {listed(self._others(tally), 'en')}"
        if not tally.passed:
            return f"None of {self.few(n)} {tally.many} {verb} {obj}: {listed(self._others(tally), 'en')}"
        s = ("es" if verb == "reach" else "s") if tally.passed == 1 else ""
        return (
            f"{capital(self.few(tally.passed))} of {self.few(n)} {tally.many} {verb}{s} {obj}, "
            f"{listed(self._others(tally), 'en')}"
        )

    def _by_name(self, tally: Tally, verb: str, obj: str) -> str:
        wholly, partly, no, unknown = (listed(names, "en") for names in tally.names)
        meets, part = (
            verb + ("" if len(names) > 1 else "es" if verb == "reach" else "s") for names in tally.names[:2]
        )
        said = [f"{wholly} {meets} {obj}" if wholly else f"None of the {tally.many} {verb} {obj}"]
        if partly:
            said.append(f"{partly} {part} it in part")
        if no and (wholly or partly or unknown):
            said.append(f"{no} {'do' if len(tally.names[2]) > 1 else 'does'} not")
        if unknown:
            said.append(f"for {unknown} the figure is missing")
        return "; ".join(said)

    def _others(self, tally: Tally) -> list[str]:
        others: list[str] = []
        if tally.partial:
            does = "does" if tally.partial == 1 else "do"
            others.append(f"{self.few(tally.partial)} {does} so in part")
        if tally.failed:
            others.append(f"{self.few(tally.failed)} {'does' if tally.failed == 1 else 'do'} not")
        if tally.unknown:
            others.append(f"for {self.few(tally.unknown)} the figure is missing")
        return others

    def _reported(self, tally: Tally) -> str:
        pairs = [("wholly", tally.passed), ("in part", tally.partial), ("not", tally.failed)]
        counts = [(how, count) for how, count in pairs if count]
        parts: list[str] = []
        for index, (how, count) in enumerate(counts):
            noun = f" {tally.one if count == 1 else tally.many}" if index == 0 else ""
            who = f"all {tally.many}" if count == tally.units else self.few(count) + noun
            parts.append(f"{how} by {who}")
        if not parts:
            return f"{capital(tally.asks)}: the figure is missing for all {tally.many}"
        said = f"{capital(tally.asks)} is met {listed(parts, 'en')}"
        if tally.unknown:
            said += f"; for {self.few(tally.unknown)} the figure is missing"
        return said

    def figure(self, figure: Figure) -> str:
        if figure.each:
            values = [f"{value} for {name}" for name, value in figure.each]
            return f"{capital(figure.subject)} is {listed(values, 'en')}"
        change = f", {self.moved(figure.moved)}" if figure.moved else ""
        if figure.unit is not None:
            return f"For {figure.unit} {figure.subject} is {figure.value}{change}"
        leads = {
            "mean": f"The mean for {figure.subject} is {figure.value}",
            "median": f"The median for {figure.subject} is {figure.value}",
            "pooled": f"Taken together, {figure.subject} is {figure.value}",
            "lowest": f"The lowest month of any one {figure.one} is {figure.value}",
            "highest": f"The highest month of any one {figure.one} is {figure.value}",
            "alone": f"{capital(figure.subject)} is {figure.value}",
            "total": f"{capital(figure.subject)} is {figure.value}"
            if figure.named
            else f"The total for {figure.subject} is {figure.value}",
        }
        lead = leads[figure.statistic]
        if figure.low is None or figure.high is None:
            return lead + change
        apart = self._apart(figure)
        if figure.low == figure.high:
            return f"{lead}, the same for all{apart}{change}"
        if figure.statistic == "total":
            return (
                f"{lead}{change}; one {figure.one} has {figure.high}, the most, and one has "
                f"{figure.low}, the fewest{apart}"
            )
        return f"{lead}, the lowest {figure.low} and the highest {figure.high}{apart}{change}"

    def _apart(self, figure: Figure) -> str:
        apart = figure.apart
        if apart is None:
            return ""
        what = {True: "newly opened", False: "closed"}.get(apart.opened) if apart.opened is not None else None
        ones = "one" if apart.units == 1 else "ones"
        who = f"the {what} {ones}" if what else f"the {ones} not open all the time"
        return f", apart from {who}" + (f" ({apart.value})" if apart.value else "")

    def outcome(self, value: str, target: str | None, moved: Moved | None) -> str:
        against = f" against the target's {target}" if target else ""
        return f"the outcome is {value}{against}" + (f", {self.moved(moved)}" if moved else "")

    def moved(self, moved: Moved) -> str:
        if moved.by == 0:
            return f"unchanged from {moved.since}"
        amount = decimal_of(abs(moved.by), moved.places)
        if amount == 0:
            return f"practically unchanged from {moved.since}"
        way = "up" if moved.by > 0 else "down"
        if moved.points:
            whole = amount == amount.to_integral_value()
            text = self.few(int(amount)) if whole else number(amount, "en", moved.places)
            points = "percentage point" if amount == 1 else "percentage points"
            return f"{way} {text} {points} from {moved.since}"
        text = number(amount, "en", moved.places)
        if moved.percent is not None and decimal_of(abs(moved.percent), 1):
            text += f" ({number(abs(moved.percent), 'en', 1)}{NO_BREAK}%)"
        return f"{way} {text} from {moved.since}"

    def reference(self, name: str, value: str) -> str:
        return f"The figure for {self.reference_name(name)} is {value}"

    def missing(self, units: int, one: str, many: str, total: int) -> str:
        if units == total:
            return f"The figure is missing for all {many}" if total > 1 else "The figure is missing"
        return f"For {self._of(units, one, many)} the figure is missing"

    def bands(self, counts: list[tuple[int, str]], one: str, many: str) -> str:
        first, *rest = counts
        has = "has" if first[0] == 1 else "have"
        parts = [f"{self._of(first[0], one, many)} {has} {first[1]}"]
        parts += [f"{self.few(count)} {text}" for count, text in rest]
        return capital(listed(parts, "en"))

    def answers(self, title: str, counts: list[tuple[int, str]], unknown: int, one: str, many: str) -> str:
        first, *rest = counts
        who = self._of(first[0], one, many) if rest or unknown else f"all {many}"
        parts = [f"{first[1]} at {who}"]
        parts += [f"{text} at {self.few(count)}" for count, text in rest]
        lacks = f"; for {self.few(unknown)} the figure is missing" if unknown else ""
        return f"{capital(title)}: {listed(parts, 'en')}{lacks}"

    def split(self, parts: list[tuple[str, str]], many: str, shares: bool) -> str:
        if shares:
            return f"Of them {listed([f'{value} are with {group}' for group, value in parts], 'en')} {many}"
        return f"By group: {listed([f'{group} {value}' for group, value in parts], 'en')}"

    def lacking(self, facts: list[str]) -> str:
        return f"there is no figure for {listed(facts, 'en')}"

    def share_of(self, group: str) -> str:
        return f"for the {group} ones that is"

    def nobody(self, asks: str, many: str) -> str:
        return f"The requirement of {asks} concerns none of the {many} in this period"

    def scope(self, units: int, one: str, many: str, groups: list[tuple[int, str]]) -> str:
        parts = listed([f"{self.few(count)} {text}" for count, text in groups], "en")
        return f"The audit covers {self._of(units, one, many)}" + (f", {parts}" if parts else "")

    def opened(self, units: list[str], closed: bool, one: str, many: str) -> str:
        what = "closed" if closed else "opened"
        return f"During the period {self._of(len(units), one, many)} {what}: {listed(units, 'en')}"

    def overall(self, units: int, whole: int, failing: int, one: str, many: str) -> str:
        if whole == units:
            return f"All {many} meet every must requirement wholly"
        begin = capital(self.few(whole)) if whole else "None"
        said = f"{begin} of {self.few(units)} {many} {'meets' if whole == 1 else 'meet'} every must requirement wholly"
        if failing:
            has = "has" if failing == 1 else "have"
            said += f"; {self.few(failing)} {has} at least one must requirement that isn't met"
        return said

    def counted(self, obligation: str, tally: Tally) -> str:
        noun = "must requirement" if obligation == "must" else "target"
        verb = "met" if obligation == "must" else "reached"
        if tally.units != 1:
            noun += "s"
        none = "none" if not tally.passed else self.few(tally.passed)
        parts = [f"{none} {'is' if tally.passed == 1 else 'are'} wholly {verb}"]
        if tally.partial:
            parts.append(f"{self.few(tally.partial)} in part")
        if tally.failed:
            parts.append(f"{self.few(tally.failed)} not")
        said = f"Of {self.few(tally.units)} {noun} {listed(parts, 'en')}"
        if tally.unknown:
            said += f"; for {self.few(tally.unknown)} the figure is missing"
        return said

    def hardest(self, asks: str, passed: int, units: int, many: str) -> str:
        who = "none" if not passed else self.few(passed)
        return f"Least met is the requirement of {asks}, by {who} of {self.few(units)} {many}"

    def trend(self, since: str, better: int, worse: int, same: int) -> str:
        total = better + worse + same
        pairs = ((better, "better"), (worse, "worse"), (same, "unchanged"))
        parts = [
            f"{self.few(count)} {'is' if count == 1 else 'are'} {text}" for count, text in pairs if count
        ]
        return f"Of {self.few(total)} results that can be compared with {since} {listed(parts, 'en')}"


VOICES: dict[str, Voice] = {"sv": Swedish(), "en": English()}
