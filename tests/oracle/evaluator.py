"""What every finding must be: the language of contracts, in plain Python and exact fractions.

The engine is held against this file. It is written to be read beside the description of the
language, so it prefers the obvious to the fast, and imports nothing from the package it checks.

`evaluate` takes the plain data that would stand in the files. A scalar may be text, as a YAML
reader that doesn't guess would give it, or a number, a truth value or None. Errors in rules and
contracts aren't looked for here: a case is taken to be valid. Bad observations are, since they
decide grades.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

Data = Mapping[str, Any]

# --------------------------------------------------------------------------------------------------
# What comes out
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """One measure of one finding: a fraction, or nothing where too few periods count."""

    measure: str
    numerator: Fraction | None = None
    denominator: Fraction | None = None

    @property
    def value(self) -> Fraction | None:
        """The quotient, or None: too little is known, or the denominator isn't above zero."""
        if self.numerator is None or self.denominator is None or self.denominator <= 0:
            return None
        return self.numerator / self.denominator


@dataclass(frozen=True)
class Finding:
    """One requirement's grade for one unit, with what it rests on."""

    unit: str
    requirement: str
    grade: str
    unwaived_grade: str
    measures: tuple[Measured, ...]
    comparison: str | None
    threshold: Fraction | None
    points: Fraction | None
    via: tuple[str, ...]
    missing: frozenset[tuple[str, str]]
    doubtful: frozenset[tuple[str, str, str]]

    @property
    def first(self) -> Measured:
        """The measure whose numbers stand at the top of the finding."""
        return self.measures[0]


# --------------------------------------------------------------------------------------------------
# Months and periods
# --------------------------------------------------------------------------------------------------

Month = int  # months since year 0


def month(text: str) -> Month:
    """The month written as 2024-05."""
    year, number = text.split("-")
    return int(year) * 12 + int(number) - 1


def month_text(number: Month) -> str:
    """The month as it is written, 2024-05."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_of(day: date) -> Month:
    """The month in which a day lies."""
    return day.year * 12 + day.month - 1


def last_day(number: Month) -> date:
    """The last day of a month."""
    year, index = divmod(number, 12)
    return date(year, index + 1, calendar.monthrange(year, index + 1)[1])


@dataclass(frozen=True)
class Period:
    """Consecutive whole months, with the period's name as `per: period` facts write it."""

    text: str
    months: range

    @property
    def end(self) -> date:
        """The last day."""
        return last_day(self.months[-1])

    @property
    def year(self) -> str:
        """The year in which it ends: the period of a yearly fact."""
        return f"{self.months[-1] // 12:04d}"


def period(written: Any) -> Period:
    """A period written as 2024, 2024-T1, 2024-Q3, 2024-05 or {from: 2023-07, to: 2024-12}."""
    if isinstance(written, Mapping):
        first, last = str(written["from"]), str(written["to"])
        return Period(f"{first}--{last}", range(month(first), month(last) + 1))
    text = str(written)
    if match := re.fullmatch(r"(\d{4})", text):
        start, length = int(match[1]) * 12, 12
    elif match := re.fullmatch(r"(\d{4})-T([123])", text):
        start, length = int(match[1]) * 12 + (int(match[2]) - 1) * 4, 4
    elif match := re.fullmatch(r"(\d{4})-Q([1234])", text):
        start, length = int(match[1]) * 12 + (int(match[2]) - 1) * 3, 3
    else:
        start, length = month(text), 1
    return Period(text, range(start, start + length))


def day(written: Any) -> date | None:
    """A date, or None where nothing is written."""
    if written is None or written == "":
        return None
    return written if isinstance(written, date) else date.fromisoformat(str(written))


def touched(number: Month, first: date | None, last: date | None) -> bool:
    """Whether any day of the month lies between two days, both included; either may be open."""
    begins = first is None or first <= last_day(number)
    ends = last is None or last >= date(number // 12, number % 12 + 1, 1)
    return begins and ends


def in_force(written: Data, on: date) -> bool:
    """Whether a waiver or an agreement with `from` and `to`, both included, holds on a day."""
    first, last = day(written.get("from")), day(written.get("to"))
    return (first is None or first <= on) and (last is None or on <= last)


# --------------------------------------------------------------------------------------------------
# Facts and their values
# --------------------------------------------------------------------------------------------------

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SWEDISH_DAYS = {
    **dict(zip(("mån", "tis", "ons", "tors", "fre", "lör", "sön"), DAYS, strict=True)),
    "tor": "thu",
}
CLOSED = {"", "closed", "stängt"}
YES_NO = {"ja": 1, "yes": 1, "true": 1, "nej": 0, "no": 0, "false": 0}
LEVELS = {
    **dict.fromkeys(("helt", "fully", "ja", "yes"), 2),
    **dict.fromkeys(("delvis", "partly"), 1),
    **dict.fromkeys(("inte", "not", "nej", "no"), 0),
}
SUPPRESSED = {"*", "-", "x", ".."}
MINUTES_OF_A_DAY = 24 * 60

Interval = tuple[int, int]  # minutes after midnight
Week = tuple[tuple[Interval, ...], ...]  # seven days, from Monday
Value = Fraction | Week | str


@dataclass(frozen=True)
class Fact:
    """One entry of the catalogue."""

    name: str
    type: str
    per: str
    stock: bool = False
    range: tuple[Fraction, Fraction] | None = None
    default: Fraction | None = None
    options: tuple[str, ...] = ()

    @property
    def monthly(self) -> bool:
        """Whether it is observed every month; else it has one value."""
        return self.per == "month"


def text_of(scalar: Any) -> str:
    """A scalar as it would be written."""
    if isinstance(scalar, bool):
        return "yes" if scalar else "no"
    return str(scalar)


def says_yes(scalar: Any) -> bool:
    """Whether a switch such as `stock` or `exempt` is on."""
    return text_of(scalar).lower() in {"yes", "true", "ja"}


def number(text: str) -> Fraction | None:
    """A number with a decimal point, six decimals at most, thousands grouped by a space or not."""
    if not re.fullmatch(r"[+-]?(\d+|\d{1,3}([ \u00a0\u202f]\d{3})+)(\.\d{1,6})?", text):
        return None
    return Fraction(re.sub(r"[ \u00a0\u202f]", "", text))


def iso_date(text: str) -> Fraction | None:
    """A date as the number of its day, so that dates compare as numbers do."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return Fraction(date.fromisoformat(text).toordinal())
    except ValueError:
        return None


def word(words: Mapping[str, int], text: str) -> Fraction | None:
    """A word's place in an order, in any case."""
    place = words.get(text.lower())
    return None if place is None else Fraction(place)


def clock(text: str) -> int | None:
    """Minutes after midnight, from 00:00 to 24:00."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    if not match or int(match[2]) > 59:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= MINUTES_OF_A_DAY else None


def intervals(text: str) -> tuple[Interval, ...] | None:
    """One day's hours, 08:00-12:00, 13:00-17:00; overlapping or reversed ones can't be read."""
    if text.strip().lower() in CLOSED:
        return ()
    found = []
    for part in text.split(","):
        first, _, last = part.replace("–", "-").partition("-")
        start, end = clock(first), clock(last)
        if start is None or end is None or start >= end:
            return None
        found.append((start, end))
    found.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        return None
    return tuple(found)


def day_numbers(text: str) -> range | None:
    """The days that mon or mon-fri names."""
    names = [name.strip() for name in text.lower().replace("–", "-").split("-")]
    names = [SWEDISH_DAYS.get(name, name) for name in names]
    if len(names) > 2 or any(name not in DAYS for name in names):
        return None
    return range(DAYS.index(names[0]), DAYS.index(names[-1]) + 1) or None


def week(written: Any) -> Week | None:
    """A weekly schedule, as a mapping by day or as `mon-fri 08:00-17:00; sun closed`."""
    if isinstance(written, Mapping):
        parts = [(str(name), text_of(hours)) for name, hours in written.items()]
    else:
        split = [part.strip().partition(" ") for part in str(written).split(";")]
        parts = [(name, hours) for name, _, hours in split]
    days: dict[int, tuple[Interval, ...]] = {}
    for name, hours in parts:
        numbers, opened = day_numbers(name), intervals(hours)
        if numbers is None or opened is None or any(number in days for number in numbers):
            return None
        days.update(dict.fromkeys(numbers, opened))
    return tuple(days.get(index, ()) for index in range(7))


def value(fact: Fact, written: Any) -> Value | None:
    """What an observation says, typed by its fact; None where it can't be read."""
    if fact.type == "opening_hours":
        return week(written)
    text = text_of(written).strip()
    match fact.type:
        case "text":
            return text
        case "yes_no":
            return word(YES_NO, text)
        case "level":
            return word(LEVELS, text)
        case "choice":
            return Fraction(fact.options.index(text)) if text in fact.options else None
        case "date":
            return iso_date(text)
        case "percent":
            return number(text.removesuffix("%").rstrip())
        case _:
            return number(text)


def amount(held: Value) -> Fraction:
    """A value as a number: of a weekly schedule, its hours."""
    if isinstance(held, Fraction):
        return held
    if isinstance(held, str):
        raise TypeError("text has no amount")
    return Fraction(sum(end - start for hours in held for start, end in hours), 60)


def fact_of(name: str, written: Data) -> Fact:
    """One entry of the catalogue, read."""
    options = tuple(text_of(option) for option in written.get("options", ()))
    bounds = written.get("range")
    bare = Fact(name, written["type"], written["per"], options=options)
    default = written.get("default")
    typed = None if default is None else value(bare, default)
    return Fact(
        name=name,
        type=bare.type,
        per=bare.per,
        stock=says_yes(written.get("stock", "no")),
        range=None if bounds is None else (Fraction(str(bounds[0])), Fraction(str(bounds[1]))),
        default=None if typed is None else amount(typed),
        options=options,
    )


# --------------------------------------------------------------------------------------------------
# Observations
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What stands for one unit, fact and period: a value, or the reason not to rely on it."""

    value: Value | None = None
    via: str | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class Entry:
    """One row of a cell, so typed that rows that say the same are equal."""

    value: Value | None
    via: str | None
    suppressed: bool = False
    unreadable: str | None = None


def stands(row: Data) -> bool:
    """Whether a row says anything: an empty cell is no observation."""
    written = row.get("value")
    return isinstance(written, Mapping) or (written is not None and str(written).strip() != "")


def entry(fact: Fact, row: Data) -> Entry:
    """One row, typed."""
    written, via = row["value"], row.get("via") or None
    if isinstance(written, str) and written.strip().lower() in SUPPRESSED:
        return Entry(None, via, suppressed=True)
    held = value(fact, written)
    return Entry(held, via, unreadable=str(written) if held is None else None)


def cell(fact: Fact, rows: Sequence[Data], agreed: Callable[[str], bool]) -> Cell:
    """What the rows of one unit, fact and period come to.

    Args:
        fact: the fact they are about
        rows: the rows, none of them empty
        agreed: tells whether an agreement with a provider is in force
    """
    entries = {entry(fact, row) for row in rows}
    if len(entries) > 1:
        return Cell(doubt="conflict")
    (said,) = entries
    if said.suppressed:
        return Cell(doubt="suppressed")
    if said.value is None:
        return Cell(doubt="unreadable")
    if fact.range is not None:
        low, high = fact.range
        if not low <= amount(said.value) <= high:
            return Cell(doubt="out_of_range")
    if any(row.get("quality") == "doubtful" for row in rows):
        return Cell(doubt="doubtful")
    if said.via is not None and not (fact.type in {"yes_no", "level"} and agreed(said.via)):
        return Cell(doubt="no_agreement")
    return Cell(said.value, said.via)


@dataclass(frozen=True)
class Portfolio:
    """Units and what is observed of them, in one period."""

    period: Period
    units: Mapping[str, Data]
    cells: Mapping[tuple[str, str, str], Cell]  # by unit, fact and period

    def label(self, fact: Fact, number: Month | None) -> str:
        """The period under which a fact stands in a month: its one period if it isn't monthly."""
        if fact.monthly and number is not None:
            return month_text(number)
        return self.period.year if fact.per == "year" else self.period.text


def observed_period(fact: Fact, row: Data, of: Period) -> str:
    """The period of a row, which may be left out where only one is possible."""
    written = row.get("period")
    if written is not None and written != "":
        return str(written)
    if fact.monthly:
        return month_text(of.months[-1])
    return of.year if fact.per == "year" else of.text


def portfolio_of(facts: Mapping[str, Fact], written: Data) -> Portfolio:
    """A portfolio, read: rows gathered into cells."""
    covered = period(written["period"])
    rows: dict[tuple[str, str, str], list[Data]] = defaultdict(list)
    for row in filter(stands, written.get("observations", ())):
        fact = facts[row["fact"]]
        rows[row["unit"], fact.name, observed_period(fact, row, covered)].append(row)

    def agreed(unit: str, fact: str) -> Callable[[str], bool]:
        return lambda provider: any(
            agreement["unit"] == unit
            and fact in agreement["facts"]
            and agreement["provider"] == provider
            and in_force(agreement, covered.end)
            for agreement in written.get("agreements", ())
        )

    cells = {key: cell(facts[key[1]], group, agreed(key[0], key[1])) for key, group in rows.items()}
    return Portfolio(covered, {unit["unit"]: unit for unit in written["units"]}, cells)


def with_earlier_months(facts: Mapping[str, Fact], present: Portfolio, before: Portfolio) -> Portfolio:
    """A portfolio with the months before its period, which a window needs, from the previous one.

    What the portfolio says of such a month itself comes first.
    """
    earlier = {
        key: found
        for key, found in before.cells.items()
        if facts[key[1]].monthly and month(key[2]) < present.period.months.start
    }
    return Portfolio(present.period, present.units, {**earlier, **present.cells})


# --------------------------------------------------------------------------------------------------
# Measures
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """A fact in a sum, with its weight."""

    fact: Fact
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, eq=False)
class Measure:
    """A measure with its facts looked up; a thing of its own, even if another reads the same."""

    name: str
    kind: str
    top: tuple[Term, ...]
    bottom: tuple[Term, ...]
    over: str
    scale: Fraction
    coverage: int | None
    window: int | None
    written: Data  # what only some kinds have: days, from, to, comparisons

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that it asks for, each once."""
        return tuple(dict.fromkeys(term.fact for term in self.top + self.bottom))


KINDS = ("value", "share", "rate", "met", "count", "answered", "months", "open", "change")
COMPARISONS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "above": lambda left, right: left > right,
    "at_least": lambda left, right: left >= right,
    "below": lambda left, right: left < right,
    "at_most": lambda left, right: left <= right,
    "equals": lambda left, right: left == right,
}


def terms(written: Any, find: Callable[[str], Fact]) -> tuple[Term, ...]:
    """A fact, or a list of facts and weighted facts."""
    found = []
    for item in written if isinstance(written, list) else [written]:
        weighted = item if isinstance(item, Mapping) else {item: 1}
        found += [Term(find(name), Fraction(str(weight))) for name, weight in weighted.items()]
    return tuple(found)


def measure(name: str, written: Data, find: Callable[[str], Fact]) -> Measure:
    """One measure, read."""
    (kind,) = [kind for kind in KINDS if kind in written]
    below = written.get({"share": "of", "rate": "per"}.get(kind, ""), [])
    scale = written.get("scale", 1) if kind == "rate" else 100 if kind == "share" else 1
    coverage, window = written.get("coverage"), written.get("window")
    return Measure(
        name=name,
        kind=kind,
        top=terms(written[kind], find),
        bottom=terms(below, find),
        over=str(written.get("over", "mean")),
        scale=Fraction(str(scale)),
        coverage=None if coverage is None else int(coverage),
        window=None if window is None else int(window),
        written=written,
    )


@dataclass(frozen=True)
class View:
    """What one requirement may see of one unit in one portfolio."""

    unit: str
    portfolio: Portfolio
    span: range  # the months of the requirement's period
    exemptions: tuple[Data, ...] = ()  # waivers that lift the requirement
    via_counts: bool = True

    def asked(self, window: int | None) -> list[Month]:
        """The months in which a measure needs its monthly facts."""
        end = self.span.stop
        wanted = self.span if window is None else range(end - window, end)
        unit = self.portfolio.units.get(self.unit, {})
        opened, closed = day(unit.get("opened")), day(unit.get("closed"))
        return [number for number in wanted if touched(number, opened, closed) and not self.exempt_in(number)]

    def exempt_in(self, number: Month) -> bool:
        """Whether any day of the month lies in an exemption, even one that has ended since."""
        return any(
            touched(number, day(waiver.get("from")), day(waiver.get("to"))) for waiver in self.exemptions
        )

    def cell(self, fact: Fact, number: Month | None) -> Cell | None:
        """What stands for a fact in a month, or in its one period; None where nothing does."""
        return self.portfolio.cells.get((self.unit, fact.name, self.portfolio.label(fact, number)))

    def fallback(self, fact: Fact) -> Fraction | None:
        """What an empty cell means; nothing for a unit that the portfolio doesn't name."""
        return fact.default if self.unit in self.portfolio.units else None

    def held(self, fact: Fact, number: Month | None) -> Value | None:
        """The value to use, the default where nothing stands, or None: not known."""
        found = self.cell(fact, number)
        if found is None:
            return self.fallback(fact)
        if found.via is not None and found.doubt is None and not self.via_counts:
            return Fraction(0)
        return found.value

    def amount(self, fact: Fact, number: Month | None) -> Fraction:
        """The value to use as a number, where it is known to be known."""
        held = self.held(fact, number)
        if held is None:
            raise ValueError(f"{fact.name} isn't known")
        return amount(held)

    def knows(self, fact: Fact, number: Month | None) -> bool:
        """Whether there is a value to use."""
        return self.held(fact, number) is not None


Periods = list[Month | None]  # months; or [None], the one period of facts that aren't monthly


def asked_periods(wanted: Measure, view: View) -> Periods:
    """The periods that a measure needs."""
    if not any(fact.monthly for fact in wanted.facts):
        return [None]
    asked: Periods = [*view.asked(wanted.window)]
    return asked[-1:] if needs_only_last(wanted) else asked


def needs_only_last(wanted: Measure) -> bool:
    """Whether the last month is all that a measure needs of its monthly facts."""
    if wanted.kind == "change":
        return wanted.facts[0].stock
    return wanted.kind == "open" or (wanted.over == "last" and wanted.coverage is None)


def counted_periods(wanted: Measure, view: View) -> Periods:
    """The periods that count, or none at all where too few do."""
    asked = asked_periods(wanted, view)
    counted = [number for number in asked if all(view.knows(fact, number) for fact in wanted.facts)]
    needed = len(asked) if wanted.coverage is None else min(wanted.coverage, len(asked))
    return counted if len(counted) >= needed else []


def fraction(wanted: Measure, numerator: Fraction | int, denominator: Fraction | int) -> Measured:
    """A measure that is known, as far as its periods go."""
    return Measured(wanted.name, Fraction(numerator), Fraction(denominator))


def weighted_sum(wanted: Measure, view: View, number: Month | None) -> Fraction:
    """A month's value: a fact that isn't monthly stands in every month."""
    return sum((term.weight * view.amount(term.fact, number) for term in wanted.top), start=Fraction(0))


def value_of(wanted: Measure, view: View, periods: Periods) -> Measured:
    """`value`: the mean, or with `over` the last, least or greatest month's value, or the total."""
    sums = [weighted_sum(wanted, view, number) for number in periods]
    match wanted.over:
        case "last":
            return fraction(wanted, sums[-1], 1)
        case "min":
            return fraction(wanted, min(sums), 1)
        case "max":
            return fraction(wanted, max(sums), 1)
        case "total":
            return fraction(wanted, total_of(wanted.top, view, periods, 1, 1), 1)
        case _:
            return fraction(wanted, sum(sums), len(periods))


def total_of(
    summed: Sequence[Term], view: View, periods: Periods, flow_times: int, single_times: int
) -> Fraction:
    """A weighted total: monthly facts over the periods, a fact that isn't monthly once.

    Monthly flows are multiplied by `flow_times`, facts that aren't monthly by `single_times`.
    """
    total = Fraction(0)
    for term in summed:
        if not term.fact.monthly:
            total += term.weight * view.amount(term.fact, None) * single_times
            continue
        over_months = sum(view.amount(term.fact, number) for number in periods)
        total += term.weight * over_months * (1 if term.fact.stock else flow_times)
    return total


def ratio_of(wanted: Measure, view: View, periods: Periods) -> Measured:
    """`share` and `rate`: a flow enters as its sum over the periods, a stock as its mean.

    With N periods the mean of a stock is its sum over N; rather than divide the stocks, all else is
    multiplied by N. Where no monthly stock takes part there is nothing to level out.
    """
    levelled = any(fact.monthly and fact.stock for fact in wanted.facts)
    times = len(periods) if levelled else 1
    above = total_of(wanted.top, view, periods, times, times)
    below = total_of(wanted.bottom, view, periods, times, times)
    return fraction(wanted, wanted.scale * above, below)


def yes_of(wanted: Measure, view: View, periods: Periods) -> Measured:
    """`met` and `count`: how many yes; a fact that isn't monthly stands in every month."""
    yes = sum(view.amount(term.fact, number) for number in periods for term in wanted.top)
    if wanted.kind == "count":
        return fraction(wanted, yes, len(periods))
    return fraction(wanted, 100 * yes, len(wanted.top) * len(periods))


def answered_of(wanted: Measure, view: View) -> Measured:
    """`answered`: how many facts have an observation that can be relied on; a default is none."""
    asked = asked_periods(wanted, view)
    if not asked:
        return Measured(wanted.name)
    cells = [view.cell(term.fact, number) for number in asked for term in wanted.top]
    answers = sum(found is not None and found.doubt is None for found in cells)
    return fraction(wanted, 100 * answers, len(cells))


def months_of(wanted: Measure, view: View, periods: Periods, thresholds: Thresholds) -> Measured:
    """`months`: in how many of the months the comparisons hold."""
    (term,) = wanted.top
    compared = {name: limit for name, limit in wanted.written.items() if name in COMPARISONS}
    limits = {name: thresholds.read(limit, (term.fact,)) for name, limit in compared.items()}
    if any(limit is None for limit in limits.values()):
        return Measured(wanted.name)
    holding = [
        number
        for number in periods
        if all(
            COMPARISONS[name](view.amount(term.fact, number), limit)
            for name, limit in limits.items()
            if limit is not None
        )
    ]
    return fraction(wanted, 100 * len(holding), len(periods))


def covers(hours: Sequence[Interval], start: int, end: int) -> bool:
    """Whether a unit is open from start to end without a break; touching intervals are joined."""
    covered = start
    for opens, closes in sorted(hours):
        if opens <= covered:
            covered = max(covered, closes)
    return covered >= end


def open_of(wanted: Measure, view: View, periods: Periods) -> Measured:
    """`open`: on how many of the days the unit is open all that time."""
    (term,) = wanted.top
    schedule = view.held(term.fact, periods[-1])
    start, end = clock(wanted.written["from"]), clock(wanted.written["to"])
    if not isinstance(schedule, tuple) or start is None or end is None:
        raise ValueError("`open` takes opening hours and two times of day")
    names = wanted.written.get("days", DAYS[:5])
    return fraction(wanted, sum(covers(schedule[DAYS.index(d)], start, end) for d in names), 1)


def reached(wanted: Measure, view: View) -> Fraction | None:
    """What `change` compares: a flow's total, a stock's last value or the one value there is."""
    periods = counted_periods(wanted, view)
    if not periods:
        return None
    (term,) = wanted.top
    return sum((view.amount(term.fact, number) for number in periods), start=Fraction(0))


def change_of(wanted: Measure, view: View, earlier: View | None) -> Measured:
    """`change`: how many percent more than in the previous portfolio."""
    now = reached(wanted, view)
    then = None if earlier is None else reached(wanted, earlier)
    if now is None or then is None:
        return Measured(wanted.name)
    return fraction(wanted, 100 * (now - then), then)


def measured(wanted: Measure, view: View, earlier: View | None, thresholds: Thresholds) -> Measured:
    """One measure for one unit."""
    if wanted.kind == "change":
        return change_of(wanted, view, earlier)
    if wanted.kind == "answered":
        return answered_of(wanted, view)
    periods = counted_periods(wanted, view)
    if not periods:
        return Measured(wanted.name)
    match wanted.kind:
        case "value":
            return value_of(wanted, view, periods)
        case "share" | "rate":
            return ratio_of(wanted, view, periods)
        case "months":
            return months_of(wanted, view, periods, thresholds)
        case "open":
            return open_of(wanted, view, periods)
        case _:
            return yes_of(wanted, view, periods)


# --------------------------------------------------------------------------------------------------
# Thresholds, criteria and rungs
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thresholds:
    """How thresholds are read: the parameters in force for one unit, and two days."""

    parameters: Mapping[str, Any]
    period_end: date
    as_of: date

    def read(self, written: Any, facts: Sequence[Fact]) -> Fraction | None:
        """A threshold for a measure of these facts; None for a parameter that is null."""
        text = text_of(written)
        if text in self.parameters:
            held = self.parameters[text]
            return None if held is None else self.literal(text_of(held), facts)
        return self.literal(text, facts)

    def literal(self, text: str, facts: Sequence[Fact]) -> Fraction:
        """A number, a date, a word for a day, or a word of the measure's type."""
        days = {"period_end": self.period_end, "as_of": self.as_of}
        if text in days:
            return Fraction(days[text].toordinal())
        typed = value(facts[0], text) if facts[0].type in {"yes_no", "level", "choice"} else None
        for found in (typed, number(text), iso_date(text)):
            if isinstance(found, Fraction):
                return found
        raise ValueError(f"{text} is no threshold")


@dataclass(frozen=True)
class Criterion:
    """A measure compared with a threshold."""

    measure: Measure
    comparison: str
    threshold: Fraction | None  # None: its parameter is null
    known: bool = False  # what `known` asks for


@dataclass(frozen=True)
class Rung:
    """One grade's condition: any of its groups, each of which holds when all its criteria do."""

    groups: tuple[tuple[Criterion, ...], ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All of them, as written."""
        return tuple(criterion for group in self.groups for criterion in group)

    @property
    def left_out(self) -> bool:
        """Whether a parameter of any criterion is null."""
        return any(c.threshold is None for c in self.criteria if c.comparison != "known")


Truth = bool | None  # None: unknown


def all_of(truths: Iterable[Truth]) -> Truth:
    """The least of them, over false < unknown < true."""
    held = list(truths)
    return False if False in held else None if None in held else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """The greatest of them, over false < unknown < true."""
    held = list(truths)
    return True if True in held else None if None in held else False


def criteria(written: Data, measures: Sequence[Measure], thresholds: Thresholds) -> tuple[Criterion, ...]:
    """A criterion as written: a measure's name over comparisons, or comparisons alone."""
    by_name = {measure.name: measure for measure in measures}
    found: list[Criterion] = []
    if not any(name in COMPARISONS or name == "known" for name in written):
        for name, compared in written.items():
            found += criteria(compared, [by_name[name]], thresholds)
        return tuple(found)
    for comparison, limit in written.items():
        if comparison == "known":
            found.append(Criterion(measures[0], comparison, None, says_yes(limit)))
        else:
            facts = measures[0].facts if measures[0].kind == "value" else NUMERIC
            limit_read = thresholds.read(limit, facts)
            found.append(Criterion(measures[0], comparison, limit_read))
    return tuple(found)


NUMERIC = (Fact("", "number", "period"),)


def rung(written: Data, measures: Sequence[Measure], thresholds: Thresholds) -> Rung:
    """A rung as written: a criterion, `all` or `any`, an `any` of `all`s at most."""
    if "any" in written:
        return Rung(
            tuple(group for item in written["any"] for group in rung(item, measures, thresholds).groups)
        )
    if "all" in written:
        items = [criteria(item, measures, thresholds) for item in written["all"]]
        return Rung((tuple(criterion for item in items for criterion in item),))
    return Rung((criteria(written, measures, thresholds),))


def criterion_holds(criterion: Criterion, results: Mapping[Measure, Measured]) -> Truth:
    """Whether a criterion holds; only `known` can be told of a value that isn't known."""
    found = results[criterion.measure].value
    if criterion.comparison == "known":
        return (found is not None) == criterion.known
    if found is None or criterion.threshold is None:
        return None
    return COMPARISONS[criterion.comparison](found, criterion.threshold)


def rung_holds(held: Rung, results: Mapping[Measure, Measured]) -> Truth:
    """Whether a rung holds."""
    return any_of(all_of(criterion_holds(criterion, results) for criterion in group) for group in held.groups)


# --------------------------------------------------------------------------------------------------
# Requirements
# --------------------------------------------------------------------------------------------------

KEYS = ("kind", "operator", "municipality", "unit")


def kind_of(unit: Data) -> str:
    """A unit's kind: unit where nothing is written."""
    return unit.get("kind") or "unit"


def matches(written: Data, unit: Data) -> bool:
    """Whether a unit is among those that a `for` names: by every key, by any item of its list."""
    for key in KEYS:
        if key not in written:
            continue
        wanted = written[key] if isinstance(written[key], list) else [written[key]]
        found = kind_of(unit) if key == "kind" else unit.get(key, "")
        if found not in wanted:
            return False
    return True


def concerns(requirement: Data, unit: Data) -> bool:
    """Whether the requirement is put to the unit: by default to all but branches."""
    if "for" in requirement:
        return matches(requirement["for"], unit)
    return kind_of(unit) != "branch"


@dataclass(frozen=True)
class Setting:
    """All that findings are made from, read once."""

    facts: Mapping[str, Fact]
    rules: Mapping[str, Data]
    portfolio: Portfolio
    previous: Portfolio | None
    as_of: date
    scenario: Mapping[str, Any]


def parameters(setting: Setting, requirement: Data, unit: Data, waivers: Sequence[Data]) -> dict[str, Any]:
    """The parameters in force: rule, requirement, scenario, vary, waiver; the last one wins."""
    held = dict(setting.rules[requirement["rule"]].get("parameters", {}))
    held.update(requirement.get("parameters", {}))
    for name, changed in setting.scenario.items():
        of, _, parameter = name.rpartition(".")
        if of == requirement["id"]:
            held[parameter] = changed
    for varied in requirement.get("vary", ()):
        if matches(varied.get("for", {}), unit):
            held.update(varied["parameters"])
    for waiver in waivers:
        if in_force(waiver, setting.as_of):
            held.update(waiver.get("parameters", {}))
    return held


def exempts(waiver: Data) -> bool:
    """Whether a waiver lifts the requirement altogether."""
    return says_yes(waiver.get("exempt", "no"))


@dataclass(frozen=True)
class Clause:
    """A requirement as it reads for one unit under some waivers."""

    measures: tuple[Measure, ...]  # the rule's
    of_applies: tuple[Measure, ...]  # those that `applies` brings along
    applies: tuple[Rung, ...]
    rungs: Mapping[str, Rung]  # by grade, without those that are left out
    limits: Thresholds


def clause(setting: Setting, requirement: Data, unit: Data, waivers: Sequence[Data]) -> Clause:
    """Read a requirement for one unit."""
    rule = setting.rules[requirement["rule"]]
    limits = Thresholds(
        parameters(setting, requirement, unit, waivers), setting.portfolio.period.end, setting.as_of
    )

    def find(name: str) -> Fact:
        return setting.facts[requirement.get("with", {}).get(name, name)]

    written = rule["measures"] if "measures" in rule else {"value": rule["measure"]}
    measures = tuple(measure(name, of, find) for name, of in written.items())
    of_applies: list[Measure] = []
    applies: list[Rung] = []
    for holder in (rule, requirement):
        if "applies" not in holder:
            continue
        condition, compared = dict(holder["applies"]), measures
        if "measure" in condition:
            compared = (measure("applies", condition.pop("measure"), find),)
            of_applies += compared
        applies.append(rung(condition, compared, limits))
    rungs = {grade: rung(condition, measures, limits) for grade, condition in rule.get("grade", {}).items()}
    return Clause(
        measures=measures,
        of_applies=tuple(of_applies),
        applies=tuple(held for held in applies if not held.left_out),
        rungs={grade: held for grade, held in rungs.items() if not held.left_out},
        limits=limits,
    )


def views(
    setting: Setting, requirement: Data, unit: Data, waivers: Sequence[Data]
) -> tuple[View, View | None]:
    """What the requirement may see of the unit, now and in the previous portfolio.

    The months of the previous portfolio lie as far back as its period starts before this one.
    Months of exemption are left out of the present only. A unit that the previous portfolio
    doesn't name has no observations there, and all of them are missing.
    """
    own = requirement.get("period")
    span = setting.portfolio.period.months if own is None else period(own).months
    name, via_counts = unit["unit"], says_yes(requirement.get("via_agreement", "yes"))
    exemptions = tuple(filter(exempts, waivers))
    now = View(name, setting.portfolio, span, exemptions, via_counts)
    before = setting.previous
    if before is None:
        return now, None
    back = setting.portfolio.period.months[0] - before.period.months[0]
    shifted = range(span.start - back, span.stop - back)
    return now, View(name, before, shifted, (), via_counts)


@dataclass(frozen=True)
class Judged:
    """What a requirement comes to for one unit under some waivers."""

    grade: str
    clause: Clause
    results: Mapping[Measure, Measured]
    view: View
    earlier: View | None


def judge(setting: Setting, requirement: Data, unit: Data, waivers: Sequence[Data]) -> Judged:
    """Grade one requirement for one unit."""
    read = clause(setting, requirement, unit, waivers)
    view, earlier = views(setting, requirement, unit, waivers)
    results = {each: measured(each, view, earlier, read.limits) for each in read.measures + read.of_applies}
    exempt = any(exempts(waiver) and in_force(waiver, setting.as_of) for waiver in waivers)
    if exempt or not open_at_all(view):
        return Judged("not_applicable", read, results, view, earlier)
    return Judged(grade_of(read, results), read, results, view, earlier)


def open_at_all(view: View) -> bool:
    """Whether the unit was open on any day of the requirement's period, exempt or not."""
    return bool(View(view.unit, view.portfolio, view.span).asked(None))


def grade_of(read: Clause, results: Mapping[Measure, Measured]) -> str:
    """The grade: that of the first rung, from `pass` down, that isn't false."""
    applied = all_of(rung_holds(held, results) for held in read.applies)
    if applied is not True:
        return "unknown" if applied is None else "not_applicable"
    if not read.rungs:
        return "unknown" if results[read.measures[0]].value is None else "info"
    for grade in ("pass", "partial"):
        held = rung_holds(read.rungs[grade], results) if grade in read.rungs else False
        if held is not False:
            return "unknown" if held is None else grade
    return "fail"


def points(written: Data | None, judged: Judged) -> Fraction | None:
    """The points of a finding, unrounded."""
    found = judged.results[judged.clause.measures[0]].value
    if written is None or found is None or judged.grade == "not_applicable":
        return None
    if "max" not in written:
        # A grade that is unknown has no points: none at all isn't the same as zero.
        points = None if judged.grade == "unknown" else written.get(judged.grade, 0)
        return None if points is None else Fraction(str(points))
    limits = judged.clause.limits
    start, end = limits.read(written["from"], NUMERIC), limits.read(written["to"], NUMERIC)
    if start is None or end is None or start == end:  # a parameter may be null for some units
        return None
    part = (found - start) / (end - start)
    return Fraction(str(written["max"])) * min(max(part, Fraction(0)), Fraction(1))


@dataclass
class Evidence:
    """What a finding asked for: the providers, the gaps and the doubts."""

    via: set[str] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    doubtful: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, fact: Fact, label: str, found: Cell | None, filled: bool) -> None:
        """Take in one cell that was asked for, and whether a default fills it if it is empty."""
        if found is None:
            if not filled:
                self.missing.add((fact.name, label))
        elif found.doubt is not None:
            self.doubtful.add((fact.name, label, found.doubt))
        elif found.via is not None:
            self.via.add(found.via)


def asked_cells(wanted: Measure, view: View) -> Iterable[tuple[Fact, Month | None]]:
    """The cells that a measure asks for; a fact that isn't monthly is asked for in any case."""
    for fact in wanted.facts:
        for number in asked_periods(wanted, view) if fact.monthly else [None]:
            yield fact, number


def evidence(judged: Judged) -> Evidence:
    """Gather what all measures of a finding asked for, those of `applies` and of `change` too."""
    gathered = Evidence()
    for wanted in judged.results:
        seen = [judged.view]
        if wanted.kind == "change" and judged.earlier is not None:
            seen.append(judged.earlier)
        for view in seen:
            for fact, number in asked_cells(wanted, view):
                label = view.portfolio.label(fact, number)
                filled = view.fallback(fact) is not None and wanted.kind != "answered"
                gathered.add(fact, label, view.cell(fact, number), filled)
    if not judged.view.via_counts:
        gathered.via.clear()
    return gathered


def finding(setting: Setting, requirement: Data, unit: Data, waivers: Sequence[Data]) -> Finding:
    """One requirement's finding for one unit."""
    judged = judge(setting, requirement, unit, waivers)
    gathered = evidence(judged)
    top = judged.clause.rungs.get("pass")
    decisive = None if top is None else top.criteria[0]
    return Finding(
        unit=unit["unit"],
        requirement=requirement["id"],
        grade=judged.grade,
        unwaived_grade=judge(setting, requirement, unit, []).grade,
        measures=tuple(judged.results[each] for each in judged.clause.measures),
        comparison=None if decisive is None else decisive.comparison,
        threshold=None if decisive is None else decisive.threshold,
        points=points(requirement.get("points"), judged),
        via=tuple(sorted(gathered.via)),
        missing=frozenset(gathered.missing),
        doubtful=frozenset(gathered.doubtful),
    )


def evaluate(
    facts: Mapping[str, Data],
    rules: Mapping[str, Data],
    contract: Data,
    portfolio: Data,
    previous: Data | None = None,
    as_of: str | date | None = None,
    scenario: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """All findings of a portfolio, by unit, then in the contract's order.

    Args:
        facts: what stands under `facts:` in the catalogue
        rules: what stands under `rules:`
        contract: a contract without `extends`
        portfolio: what stands in portfolio.yaml, with `units` and `observations` (unit, fact,
            period, value, via, quality, comment) as lists
        previous: the previous portfolio, in the same form
        as_of: the day on which waivers must be in force, else the period's last
        scenario: parameters of requirements, {"2.3.2.minimum": 50}, that replace the contract's
    """
    catalogue = {name: fact_of(name, written) for name, written in facts.items()}
    present = portfolio_of(catalogue, portfolio)
    before = None if previous is None else portfolio_of(catalogue, previous)
    if before is not None:
        present = with_earlier_months(catalogue, present, before)
    setting = Setting(
        facts=catalogue,
        rules=rules,
        portfolio=present,
        previous=before,
        as_of=day(as_of) or present.period.end,
        scenario=scenario or {},
    )

    def waivers(unit: Data, requirement: Data) -> list[Data]:
        return [
            waiver
            for waiver in portfolio.get("waivers", ())
            if waiver["unit"] == unit["unit"] and waiver["requirement"] == requirement["id"]
        ]

    return [
        finding(setting, requirement, unit, waivers(unit, requirement))
        for unit in sorted(portfolio["units"], key=lambda unit: str(unit["unit"]))
        for requirement in contract["requirements"]
        if concerns(requirement, unit)
    ]
