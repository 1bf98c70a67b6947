"""Random contracts and portfolios: small, valid, and with thresholds that are often hit exactly.

A case is drawn in the order in which its parts depend on each other: facts, measures, units,
observations; then the evaluator says what the measures come to, and the ladders are built from
thresholds at, just above and just below those values. Only observations may be in error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from . import evaluator
from .evaluator import Month, Period, last_day, month_text

Written = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Plain data that stands for a library and a portfolio."""

    facts: Mapping[str, Written]
    rules: Mapping[str, Written]
    contract: Written
    portfolio: Written
    previous: Written | None = None
    as_of: str | None = None

    def findings(self, scenario: Mapping[str, Any] | None = None) -> list[evaluator.Finding]:
        """What the evaluator makes of it."""
        return evaluator.evaluate(
            self.facts,
            self.rules,
            self.contract,
            self.portfolio,
            self.previous,
            self.as_of,
            scenario,
        )


def chance(draw: DrawFn, of: int) -> bool:
    """True once in so many times; False where an example is made as small as can be."""
    return draw(st.integers(0, of - 1)) == of - 1


def some(draw: DrawFn, items: Sequence[Any], least: int = 1, most: int = 2) -> list[Any]:
    """A few different ones of the items."""
    return draw(st.lists(st.sampled_from(items), min_size=least, max_size=min(most, len(items)), unique=True))


# --------------------------------------------------------------------------------------------------
# Periods
# --------------------------------------------------------------------------------------------------


def span(first: str, last: str) -> Written:
    """A period written with its first and last month."""
    return {"from": first, "to": last}


# (the portfolio's period, a contract's period that holds it, previous portfolios' periods)
PERIODS: tuple[tuple[Any, Any, tuple[Any, ...]], ...] = (
    ("2024-05", "2024", ("2023-05", "2024-04", "2023")),
    ("2024-T1", "2024", ("2023-T1", "2023-T3", "2023")),
    ("2024", "2024", ("2023", span("2023-01", "2023-10"))),
    (span("2023-11", "2024-02"), span("2023-07", "2024-06"), (span("2022-11", "2023-02"),)),
    ("2023-Q4", "2023", ("2022-Q4", "2023-Q3")),
    (span("2023-07", "2024-06"), span("2023-07", "2024-06"), (span("2022-07", "2023-06"), "2022")),
)


def a_day(draw: DrawFn, months: Sequence[Month]) -> date:
    """A day at the edge or in the middle of one of the months."""
    number = draw(st.sampled_from(months))
    end = last_day(number)
    return draw(st.sampled_from([end.replace(day=1), end.replace(day=15), end]))


def around(months: range, before: int, after: int) -> range:
    """The months with some more on either side."""
    return range(months.start - before, months.stop + after)


# --------------------------------------------------------------------------------------------------
# The catalogue and its values
# --------------------------------------------------------------------------------------------------

NUMBERS = ("number", "count", "percent", "minutes")
WORDS: Mapping[str, tuple[str, ...]] = {
    "yes_no": ("ja", "nej", "yes", "no", "true", "false"),
    "level": ("helt", "delvis", "inte", "fully", "partly", "not", "ja", "nej"),
    "choice": ("never", "sometimes", "always"),
}
TYPES = (
    *("number", "number", "count", "count", "percent", "minutes", "yes_no", "yes_no"),
    *("level", "level", "choice", "date", "opening_hours", "opening_hours", "text"),
)
SCHEDULES = (
    "mon-fri 08:00-17:00",
    "mån-tors 08:00-12:00, 13:00-17:00; fre 08:00-15:20",
    "mon-thu 09:00-16:00; fri 08:00-12:00, 12:00-17:00; sat stängt",
    "mon-sun 00:00-24:00",
    "tue closed",
    "mon 07:50-18:10; wed-fri 08:00–16:30; sun 10:00-14:00",
)
TEXTS = ("Enligt plan", "see the annex, page 2", "Ännu inte; kommer i höst")
RANGE = ("0", "1000")


def a_fact(draw: DrawFn) -> Written:
    """One entry of the catalogue."""
    kind = draw(st.sampled_from(TYPES))
    fact: Written = {
        "type": kind,
        "per": draw(st.sampled_from(("month", "month", "month", "period", "year"))),
    }
    if kind in (*NUMBERS, "opening_hours") and chance(draw, 2):
        fact["stock"] = "yes"
    if kind in NUMBERS and chance(draw, 4):
        fact["range"] = list(RANGE)
    if kind == "choice":
        fact["options"] = list(WORDS["choice"])
    if kind in NUMBERS and chance(draw, 5):
        fact["default"] = draw(st.sampled_from(("0", "1", "7.5")))
        if kind == "count":
            fact["default"] = "0"
    elif kind in ("yes_no", "level") and chance(draw, 6):
        fact["default"] = draw(st.sampled_from(("nej", "ja")))
    return fact


def small_numbers() -> SearchStrategy[str]:
    """Numbers that often add up to something round."""
    return st.integers(0, 12).map(str) | st.sampled_from(("0.5", "2.25", "37.5", "100"))


def numbers(fact: Written) -> SearchStrategy[str]:
    """Values of a numeric fact: small ones mostly, then with six decimals, negative or large."""
    whole = fact["type"] == "count"
    ranged = "range" in fact
    choices = [st.integers(0, 12).map(str) if whole else small_numbers()]
    choices.append(st.integers(0, 1000).map(str))
    if not whole:
        choices.append(st.integers(0, 999_999_999).map(lambda n: decimal(Fraction(n, 1_000_000))))
        choices.append(st.sampled_from(("0.1", "0.2", "0.333333", "66.666667", "0.000001")))
    if not ranged:
        choices.append(st.sampled_from(("7400", "12 639", "1 287 279", "999999999")))
    if fact["type"] == "percent":
        choices.append(st.sampled_from(("46.5 %", "50%", "100", "81.123456")))
    if fact["type"] == "number" and not ranged:
        choices.append(st.sampled_from(("-1", "-2.5", "123456789.654321")))
    return st.one_of(choices[0], choices[0], *choices)


def values(fact: Written, covered: Period) -> SearchStrategy[str]:
    """Values of any fact, as text."""
    kind = fact["type"]
    if kind in NUMBERS:
        return numbers(fact)
    if kind == "opening_hours":
        return st.sampled_from(SCHEDULES)
    if kind == "text":
        return st.sampled_from(TEXTS)
    if kind == "date":
        return st.sampled_from(dates(covered))
    return st.sampled_from(WORDS[kind])


def dates(covered: Period) -> list[str]:
    """Dates in and around a period."""
    months = around(covered.months, 2, 3)
    return [
        covered.end.isoformat(),
        *(last_day(number).isoformat() for number in months[:: max(1, len(months) // 4)]),
        covered.end.replace(day=1).isoformat(),
    ]


def decimal(exact: Fraction) -> str:
    """A number as it would be written, if six decimals are enough for it."""
    millionths = exact * 1_000_000
    if millionths.denominator != 1:
        raise ValueError(f"{exact} has more than six decimals")
    return format(Decimal(millionths.numerator).scaleb(-6).normalize(), "f")


# --------------------------------------------------------------------------------------------------
# Measures
# --------------------------------------------------------------------------------------------------

WEIGHTS = ("0.5", "-1", "2", "0.333333", "-0.25", "1.5")
TIMES = (("08:00", "17:00"), ("09:00", "16:00"), ("10:00", "12:00"), ("08:00", "12:30"))
DAY_LISTS = (["mon"], ["sat", "sun"], ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])


@dataclass(frozen=True)
class Catalogue:
    """The facts of a case, by what they can be used for."""

    facts: Mapping[str, Written]

    def of(self, *types: str, per: str | None = None) -> list[str]:
        """The names of the facts of some types."""
        return [
            name for name, fact in self.facts.items() if fact["type"] in types and per in (None, fact["per"])
        ]

    def monthly(self, names: Iterable[str]) -> bool:
        """Whether any of the facts is observed every month."""
        return any(self.facts[name]["per"] == "month" for name in names)


def sum_of(draw: DrawFn, names: Sequence[str], most: int = 2, weighted: bool = True) -> list[Any]:
    """A list of facts, some with a weight."""
    return [
        {name: draw(st.sampled_from(WEIGHTS))} if weighted and chance(draw, 5) else name
        for name in some(draw, names, most=most)
    ]


def names_in(measure: Written) -> list[str]:
    """The facts that a measure names."""
    found: list[str] = []
    for key in (*evaluator.KINDS, "of", "per"):
        written = measure.get(key, [])
        for item in written if isinstance(written, list) else [written]:
            found += item if isinstance(item, Mapping) else [item]
    return list(dict.fromkeys(found))


def kind_of(measure: Written) -> str:
    """A measure's kind: the key under which its facts stand."""
    return next(kind for kind in evaluator.KINDS if kind in measure)


def possible_kinds(catalogue: Catalogue) -> list[str]:
    """The kinds of measures that the facts allow; the usual ones more than once."""
    kinds = ["answered"]
    if catalogue.of(*NUMBERS):
        kinds += ["number", "number", "share", "share", "rate", "change"]
    if catalogue.of(*NUMBERS, "opening_hours", "level", "yes_no", "choice", per="month"):
        kinds += ["months"]
    if catalogue.of("yes_no"):
        kinds += ["met", "count"]
    if catalogue.of("yes_no", "level", "choice", "date"):
        kinds += ["word", "word"]
    if catalogue.of("opening_hours"):
        kinds += ["open", "hours"]
    return kinds


def a_measure(draw: DrawFn, catalogue: Catalogue, length: int) -> Written:
    """A measure over facts of the catalogue, for periods of at least so many months."""
    kind = draw(st.sampled_from(possible_kinds(catalogue)))
    numeric = catalogue.of(*NUMBERS)
    measure: Written
    match kind:
        case "number":
            measure = {"value": sum_of(draw, numeric, most=3)}
        case "hours":
            measure = {"value": sum_of(draw, catalogue.of("opening_hours"))}
        case "word":
            measure = {"value": draw(st.sampled_from(catalogue.of("yes_no", "level", "choice", "date")))}
        case "share":
            measure = {"share": sum_of(draw, numeric), "of": sum_of(draw, numeric)}
        case "rate":
            measure = {"rate": sum_of(draw, numeric), "per": sum_of(draw, numeric)}
            if not chance(draw, 4):
                measure["scale"] = draw(st.sampled_from(("1000", "100000", "0.5")))
        case "met" | "count":
            measure = {kind: sum_of(draw, catalogue.of("yes_no"), most=3, weighted=False)}
        case "answered":
            measure = {kind: sum_of(draw, list(catalogue.facts), most=3, weighted=False)}
        case "months":
            monthly = catalogue.of(*NUMBERS, "opening_hours", *WORDS, per="month")
            measure = {"months": draw(st.sampled_from(monthly))}
        case "open":
            start, end = draw(st.sampled_from(TIMES))
            measure = {"open": draw(st.sampled_from(catalogue.of("opening_hours")))}
            measure |= {"from": start, "to": end}
            if chance(draw, 2):
                measure["days"] = draw(st.sampled_from(DAY_LISTS))
        case _:
            measure = {"change": draw(st.sampled_from(numeric))}
    over_what(draw, catalogue, kind, measure)
    if catalogue.monthly(names_in(measure)):
        over_which_months(draw, measure, length)
    return measure


def over_what(draw: DrawFn, catalogue: Catalogue, kind: str, measure: Written) -> None:
    """Give a `value` an `over`; dates have no mean and no total, words no total."""
    if kind in ("number", "hours"):
        over = draw(st.sampled_from(("mean", "mean", "last", "min", "max", "total")))
    elif kind == "word":
        is_date = catalogue.facts[measure["value"]]["type"] == "date"
        monthly = catalogue.monthly([measure["value"]])
        usual = "last" if is_date and monthly else "mean"
        over = draw(st.sampled_from((usual, usual, "last", "min", "max")))
    else:
        return
    if over != "mean":
        measure["over"] = over


def over_which_months(draw: DrawFn, measure: Written, length: int) -> None:
    """Give a measure with monthly facts a window or a coverage, now and then."""
    kind = kind_of(measure)
    if kind != "open" and chance(draw, 6):
        longest = length if kind == "change" else 14
        measure["window"] = str(draw(st.integers(1, longest)))
    if kind not in ("answered", "change", "open") and chance(draw, 3):
        longest = int(measure.get("window", length))
        measure["coverage"] = str(draw(st.integers(1, longest)))


# --------------------------------------------------------------------------------------------------
# Units and observations
# --------------------------------------------------------------------------------------------------


def a_unit(draw: DrawFn, index: int, months: range) -> Written:
    """A unit, open all the time or not; the first one can be another's parent."""
    kinds = ("unit", "", "unit", "branch", "area", "region") if index > 1 else ("unit", "")
    unit: Written = {
        "unit": f"U{index}",
        "name": f"Unit {index}",
        "kind": draw(st.sampled_from(kinds)),
        "operator": draw(st.sampled_from(("region", "private", ""))),
        "municipality": draw(st.sampled_from(("Åre", "Berg", ""))),
        "parent": "",
        "opened": "",
        "closed": "",
    }
    if unit["kind"] == "branch":
        unit["parent"] = "U1"
    match draw(st.sampled_from((*("always",) * 9, "opened", "closed", "both", "outside"))):
        case "opened":
            unit["opened"] = a_day(draw, around(months, 2, 0)).isoformat()
        case "closed":
            unit["closed"] = a_day(draw, around(months, 0, 2)).isoformat()
        case "both":
            days = sorted(a_day(draw, around(months, 1, 1)) for _ in range(2))
            unit["opened"], unit["closed"] = days[0].isoformat(), days[1].isoformat()
        case "outside" if chance(draw, 2):
            unit["opened"] = a_day(draw, around(range(months.stop, months.stop), 0, 3)).isoformat()
        case "outside":
            unit["closed"] = a_day(draw, range(months.start - 3, months.start)).isoformat()
    return unit


PROVIDERS = ("Närakuten", "Närakuten", "Kvällsmottagningen")
QUIRKS = (
    *("missing", "missing", "empty", "suppressed", "doubtful", "conflict", "twice"),
    *("twice, once doubtful", "suppressed beside a value", "out of range", "unreadable", "via"),
)


def quirky(draw: DrawFn, quirk: str, row: Written, fact: Written, others: Sequence[str]) -> list[Written]:
    """What stands in a cell in which something is out of the ordinary."""
    if "doubtful" in quirk:  # of two reasons to doubt, either may be given
        row = row | {"via": ""}
    again = {**row}
    match quirk:
        case "missing":
            return []
        case "empty":
            return [row | {"value": "", "via": ""}]
        case "suppressed":
            return [row | {"value": draw(st.sampled_from(("*", "..", "-", "x", "X")))}]
        case "doubtful":
            return [row | {"quality": "doubtful", "comment": "Ny mätmetod, se not 3"}]
        case "conflict" if others:
            return [row, again | {"value": others[0]}]
        case "twice":
            return [row, again]
        case "twice, once doubtful":
            return [row, again | {"quality": "doubtful"}]
        case "suppressed beside a value":
            return [row, again | {"value": "*"}]
        case "out of range" if "range" in fact:
            outside = ("-1", "1001", *(() if fact["type"] == "count" else ("1000.000001",)))
            return [row | {"value": draw(st.sampled_from(outside))}]
        case "unreadable" if fact["type"] != "text":
            return [row | {"value": draw(st.sampled_from(("omkring 40", "#N/A", "?")))}]
        case "via" if fact["type"] in ("yes_no", "level"):
            return [row | {"via": draw(st.sampled_from(PROVIDERS))}]
    return [row]


def differing(fact: Written, name: str, value: str, palette: Sequence[str]) -> list[str]:
    """Those values of a palette that say something else than a value does."""
    read = evaluator.fact_of(name, fact)
    said = evaluator.value(read, value)
    return [other for other in palette if evaluator.value(read, other) != said]


def a_series(
    draw: DrawFn, unit: str, name: str, fact: Written, labels: Sequence[str], covered: Period
) -> list[Written]:
    """All observations of one fact for one unit: a few values in turn, with a gap or two."""
    if chance(draw, 16):
        return []
    palette = draw(st.lists(values(fact, covered), min_size=1, max_size=3))
    holes: dict[int, str] = {}
    if chance(draw, 3):
        for _ in range(draw(st.integers(1, 2))):
            holes[draw(st.integers(0, len(labels) - 1))] = draw(st.sampled_from(QUIRKS))
    provider = ""
    if fact["type"] in ("yes_no", "level") and chance(draw, 4):
        provider = draw(st.sampled_from(PROVIDERS))
    rows: list[Written] = []
    for index, label in enumerate(labels):
        value = palette[index % len(palette)]
        row = {"unit": unit, "fact": name, "period": label, "value": value, "via": provider}
        row |= {"quality": "", "comment": ""}
        if fact["per"] != "month" and chance(draw, 4):
            row["period"] = ""
        if index in holes:
            others = differing(fact, name, value, palette)
            rows += quirky(draw, holes[index], row, fact, others)
        else:
            rows.append(row)
    return rows


def an_agreement(draw: DrawFn, unit: str, facts: Sequence[str], covered: Period) -> Written:
    """An agreement with a provider, in force on the period's last day or not."""
    agreement: Written = {
        "unit": unit,
        "facts": some(draw, facts),
        "provider": draw(st.sampled_from(PROVIDERS)),
        "from": "2020-01-01",
    }
    match draw(st.sampled_from(("open", "open", "until the end", "ended", "not yet"))):
        case "until the end":
            agreement["to"] = covered.end.isoformat()
        case "ended":
            agreement["to"] = covered.end.replace(day=1).isoformat()
        case "not yet":
            agreement["from"] = last_day(covered.months.stop).isoformat()
    return agreement


# --------------------------------------------------------------------------------------------------
# Ladders
# --------------------------------------------------------------------------------------------------

PARAMETERS = ("minimum", "partial_from", "maximum", "floor", "ceiling", "fifth", "sixth")
COMPARISONS = tuple(evaluator.COMPARISONS)


class Limits:
    """The thresholds of one rule: hands out literals and parameters, and keeps the latter."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw
        self.parameters: dict[str, str | None] = {}
        self.pools: dict[str, Sequence[str]] = {}

    def one(self, pool: Sequence[str], nullable: bool = True, of_rule: bool = True) -> str:
        """A threshold from a pool, written as itself or as the name of a new parameter.

        Where a requirement compares what its rule doesn't, a word stands as itself: the rule, to
        which the parameter would belong, couldn't tell that it isn't a number.
        """
        value = self.draw(st.sampled_from(pool))
        numeric = [item for item in pool if evaluator.number(item) is not None]
        if not of_rule and value not in numeric:
            return value
        free = [name for name in PARAMETERS if name not in self.parameters]
        if not free or value in ("period_end", "as_of") or chance(self.draw, 3):
            return value
        null = nullable and chance(self.draw, 12)
        self.parameters[free[0]] = None if null else value
        others = pool if of_rule else numeric
        self.pools[free[0]] = [item for item in others if item not in ("period_end", "as_of")]
        return free[0]

    def others(self, nullable: Iterable[str]) -> dict[str, str | None]:
        """Other values for some of the parameters, at least one."""
        names = some(self.draw, list(self.parameters), most=3)
        return {
            name: None
            if name in nullable and chance(self.draw, 10)
            else self.draw(st.sampled_from(self.pools[name]))
            for name in names
        }


def pool_of(found: Iterable[Fraction]) -> list[str]:
    """Thresholds at, just above and just below some values; round ones where there are none."""
    pool: list[str] = []
    for exact in sorted(set(found)):
        if abs(exact) > 10**10:
            continue
        below = Fraction(exact * 1_000_000 // 1) / 1_000_000
        step = Fraction(1, 1_000_000)
        near = [below] if below == exact else []
        pool += [decimal(value) for value in (*near * 4, below, below + step, below - step)]
    return [*pool, "50", "1"] if pool else ["0", "50", "1"]


def words_for(
    types: Iterable[str], found: Iterable[Fraction], covered: Period, means: bool, whole: bool
) -> list[str]:
    """The thresholds that suit a measure of facts of some types.

    Args:
        means: whether its value may lie between two words
        whole: whether the requirements cover the whole period; which end `period_end` is where one
            has a period of its own isn't settled
    """
    kind = next(iter(types))
    if kind == "date":
        return [*dates(covered), "as_of", *(["period_end"] if whole else [])]
    if kind == "choice":
        return list(WORDS[kind])
    if kind in WORDS:
        return [*WORDS[kind], *(pool_of(found) if means else [])]
    return pool_of(found)


def a_criterion(draw: DrawFn, limits: Limits, pool: Sequence[str], of_rule: bool = True) -> Written:
    """One or two comparisons with thresholds of a pool."""
    if chance(draw, 20):
        return {"known": draw(st.sampled_from(("yes", "no")))}
    return {
        comparison: limits.one(pool, of_rule=of_rule)
        for comparison in some(draw, COMPARISONS, most=2 if chance(draw, 6) else 1)
    }


def a_rung(
    draw: DrawFn,
    limits: Limits,
    pools: Mapping[str, Sequence[str]],
    named: bool,
    of_rule: bool = True,
) -> Written:
    """A criterion, an `all` of criteria, or an `any` of both."""

    def criterion() -> Written:
        name = draw(st.sampled_from(list(pools)))
        compared = a_criterion(draw, limits, pools[name], of_rule)
        return {name: compared} if named else compared

    def several() -> list[Written]:
        return [criterion() for _ in range(draw(st.integers(1, 3)))]

    match draw(st.sampled_from(("one", "one", "one", "all", "any", "any of alls"))):
        case "all":
            return {"all": several()}
        case "any":
            return {"any": several()}
        case "any of alls":
            return {"any": [{"all": several()}, criterion()]}
    return criterion()


def a_usual_ladder(draw: DrawFn, limits: Limits, pools: Mapping[str, Sequence[str]], named: bool) -> Written:
    """One measure that must reach `minimum` to pass and `partial_from` to pass in part."""
    name, pool = next(iter(pools.items()))
    numeric = sorted({item for item in pool if evaluator.number(item) is not None}, key=Fraction)
    better = draw(st.sampled_from(("above", "at_least")))
    if len(numeric) < 2:
        rungs = {grade: {better: limits.one(pool)} for grade in ("pass", "partial")}
    else:
        place = draw(st.integers(1, len(numeric) - 1))
        top = limits.one(numeric[place:], nullable=False)
        rungs = {"pass": {better: top}, "partial": {"at_least": limits.one(numeric[:place])}}
    return {grade: {name: rung} if named else rung for grade, rung in rungs.items()}


# --------------------------------------------------------------------------------------------------
# Rules, requirements and waivers
# --------------------------------------------------------------------------------------------------


def a_rule(draw: DrawFn, catalogue: Catalogue, length: int) -> Written:
    """A rule's measures, and the measure that it may need to tell whether it applies."""
    if chance(draw, 2):
        names = ["first", "second", "third"][: draw(st.integers(1, 3))]
        rule: Written = {"measures": {name: a_measure(draw, catalogue, length) for name in names}}
    else:
        rule = {"measure": a_measure(draw, catalogue, length)}
    rule["parameters"] = {}
    if chance(draw, 8):
        rule["applies"] = {"measure": a_measure(draw, catalogue, length)}
    elif chance(draw, 10):
        rule["applies"] = {}
    return rule


def measures_of(rule: Written) -> dict[str, Written]:
    """A rule's measures by name."""
    return dict(rule["measures"]) if "measures" in rule else {"measure": rule["measure"]}


def all_measures(rule: Written, requirements: Iterable[Written]) -> list[Written]:
    """All measures that a rule and its requirements ask for, those of `applies` too."""
    conditions = [holder.get("applies", {}) for holder in (rule, *requirements)]
    own = [condition["measure"] for condition in conditions if "measure" in condition]
    return [*measures_of(rule).values(), *own]


def taking(draw: DrawFn, catalogue: Catalogue, rule: Written, of_rule: list[Written]) -> None:
    """Let a rule take one of its facts from its requirements, now and then."""
    if not chance(draw, 6):
        return
    measures = all_measures(rule, [])
    name = draw(st.sampled_from(names_in(measures[0])))
    for measure in measures:
        for key in (*evaluator.KINDS, "of", "per"):
            if key in measure:
                measure[key] = renamed(measure[key], name, "answer")
    rule["takes"] = ["answer"]
    fact = catalogue.facts[name]
    alike = catalogue.of(fact["type"], per=fact["per"])
    others = {other for measure in measures for other in names_in(measure)}
    for requirement in of_rule:
        choices = [name, *(other for other in alike if other not in others)]
        requirement["with"] = {"answer": draw(st.sampled_from(choices))}


def renamed(written: Any, old: str, new: str) -> Any:
    """A measure's facts with one of them under another name."""
    if isinstance(written, list):
        return [renamed(item, old, new) for item in written]
    if isinstance(written, Mapping):
        return {new if name == old else name: weight for name, weight in written.items()}
    return new if written == old else written


def a_for(draw: DrawFn, units: Sequence[Written]) -> Written:
    """Whom a requirement concerns: always by kind, and perhaps by something else as well."""
    chosen: Written = {"kind": some(draw, ("unit", "branch", "area"), most=3)}
    match draw(st.sampled_from(("kind", "operator", "municipality", "unit"))):
        case "operator":
            chosen["operator"] = some(draw, ("region", "private"))
        case "municipality":
            chosen["municipality"] = some(draw, ("Åre", "Berg"))
        case "unit":
            chosen["unit"] = some(draw, [unit["unit"] for unit in units], most=3)
    return chosen


def a_narrower_period(draw: DrawFn, covered: Period) -> Written:
    """Some consecutive months of a period."""
    first, last = sorted(draw(st.sampled_from(covered.months)) for _ in range(2))
    return span(month_text(first), month_text(last))


def a_requirement(draw: DrawFn, index: int, units: Sequence[Written], covered: Period) -> Written:
    """A requirement's frame, before its rule is known."""
    requirement: Written = {
        "id": draw(st.sampled_from((f"R{index}", f"2.{index}.1"))),
        "rule": "",
        "obligation": draw(st.sampled_from(("must", "target", "monitor"))),
    }
    if len(covered.months) > 1 and chance(draw, 6):
        requirement["period"] = a_narrower_period(draw, covered)
    if chance(draw, 4):
        requirement["for"] = a_for(draw, units)
    if chance(draw, 3):
        requirement["via_agreement"] = draw(st.sampled_from(("no", "no", "yes")))
    return requirement


def months_of(requirement: Written, covered: Period) -> range:
    """The months of a requirement."""
    own = requirement.get("period")
    return covered.months if own is None else evaluator.period(own).months


def facts_of(measure: Written, requirement: Written) -> list[str]:
    """The facts that a measure asks for under a requirement."""
    bound = requirement.get("with", {})
    return [bound.get(name, name) for name in names_in(measure)]


def labels_needed(
    catalogue: Catalogue,
    covered: Period,
    rules: Mapping[str, Written],
    requirements: Sequence[Written],
) -> dict[str, list[str]]:
    """The periods of every fact: the portfolio's, and the months that windows reach back to."""
    first = dict.fromkeys(catalogue.facts, covered.months.start)
    for requirement in requirements:
        end = months_of(requirement, covered).stop
        for measure in all_measures(rules[requirement["rule"]], [requirement]):
            start = end - int(measure.get("window", 0))
            for name in facts_of(measure, requirement):
                first[name] = min(first[name], start)
    return {
        name: labels(fact, covered, range(first[name], covered.months.stop))
        for name, fact in catalogue.facts.items()
    }


def labels(fact: Written, covered: Period, months: range) -> list[str]:
    """The periods of a fact as they are written."""
    if fact["per"] == "month":
        return [month_text(number) for number in months]
    return [covered.year if fact["per"] == "year" else covered.text]


def some_waivers(
    draw: DrawFn,
    units: Sequence[Written],
    requirements: Sequence[Written],
    limits: Mapping[str, Limits],
    covered: Period,
    may_exempt: bool,
) -> list[Written]:
    """Waivers, of which two for one unit and requirement never overlap."""
    waivers: list[Written] = []
    for unit in units:
        for requirement in requirements:
            if not chance(draw, 6):
                continue
            middle = a_day(draw, covered.months)
            spans = [
                {"from": "2020-01-01", "to": middle.isoformat()},
                {"from": date.fromordinal(middle.toordinal() + 1).isoformat()},
            ]
            kept = draw(st.sampled_from((spans, spans[:1], spans[1:])))
            for dates_of in kept:
                waiver = {"unit": unit["unit"], "requirement": requirement["id"]}
                of_rule = limits[requirement["rule"]]
                if of_rule.parameters and not chance(draw, 3):
                    waiver["parameters"] = of_rule.others(nullable=())
                elif may_exempt:
                    waiver["exempt"] = "yes"
                else:
                    continue
                waivers.append(waiver | dates_of | {"decision": "HSN 2023/114"})
    return waivers


# --------------------------------------------------------------------------------------------------
# Cases
# --------------------------------------------------------------------------------------------------


def inner_limits(
    draw: DrawFn, case: Case, rule: Written, requirements: Sequence[Written], limits: Limits
) -> None:
    """Give the `months` measures of a rule their comparisons, with values that are observed."""
    of_rule = all_measures(rule, [])
    for measure in all_measures(rule, requirements):
        if "months" not in measure:
            continue
        names = {name for r in requirements for name in facts_of(measure, r)}
        fact = case.facts[min(names)]
        if fact["type"] in WORDS:
            pool = list(WORDS[fact["type"]])
        else:
            read = evaluator.fact_of("", fact)
            seen = [
                evaluator.value(read, row["value"])
                for row in case.portfolio["observations"]
                if row["fact"] in names
            ]
            pool = pool_of(evaluator.amount(value) for value in seen if value is not None)
        measure[draw(st.sampled_from(COMPARISONS))] = limits.one(
            pool, nullable=False, of_rule=any(measure is each for each in of_rule)
        )


def pools_of(
    case: Case, name: str, measures: Mapping[str, Written], requirements: Sequence[Written]
) -> dict[str, list[str]]:
    """Thresholds for measures, from what they come to for the units."""
    rule = {"measures": measures, "parameters": case.rules[name]["parameters"]}
    kept = ("id", "with", "period", "via_agreement")
    bare = [
        {key: requirement[key] for key in kept if key in requirement} | {"rule": name, "for": {}}
        for requirement in requirements
    ]
    findings = Case(
        case.facts, {name: rule}, {"requirements": bare}, case.portfolio, case.previous
    ).findings()
    pools: dict[str, list[str]] = {}
    for place, (measure_name, measure) in enumerate(measures.items()):
        found = [finding.measures[place].value for finding in findings]
        types = ["number"]
        if "value" in measure:
            types = [case.facts[fact]["type"] for fact in facts_of(measure, requirements[0])]
        pools[measure_name] = words_for(
            types,
            [value for value in found if value is not None],
            evaluator.period(case.portfolio["period"]),
            means=measure.get("over", "mean") == "mean",
            whole=all("period" not in requirement for requirement in requirements),
        )
    return pools


def a_ladder(draw: DrawFn, case: Case, name: str, requirements: Sequence[Written], limits: Limits) -> None:
    """Give a rule its rungs and conditions, and its requirements their parameters and points."""
    rule = case.rules[name]
    measures = measures_of(rule)
    inner_limits(draw, case, rule, requirements, limits)
    rule["parameters"] = limits.parameters
    pools = pools_of(case, name, measures, requirements)
    named = "measures" in rule
    shape = draw(st.sampled_from((*("usual",) * 4, *("any",) * 5, "pass", "partial", "none", "none")))
    if shape == "usual":
        rule["grade"] = a_usual_ladder(draw, limits, pools, named)
    elif shape != "none":
        grades = ("pass", "partial") if shape == "any" else (shape,)
        rule["grade"] = {grade: a_rung(draw, limits, pools, named) for grade in grades}
    for holder in (rule, *requirements):
        if "applies" not in holder:
            continue
        if "measure" in holder["applies"]:
            own = {"own": holder["applies"]["measure"]}
            bound = [holder] if holder is not rule else requirements
            of_own = pools_of(case, name, own, bound)
            holder["applies"] |= a_criterion(draw, limits, of_own["own"], holder is rule)
        else:
            holder["applies"] = a_rung(draw, limits, pools, named, holder is rule)
    for requirement in requirements:
        if chance(draw, 4):
            requirement["points"] = some_points(draw, next(iter(pools.values())), limits)


def some_points(draw: DrawFn, pool: Sequence[str], limits: Limits) -> Written:
    """Points by grade, or between two values where the first measure is a number."""
    numeric = list(dict.fromkeys(item for item in pool if evaluator.number(item) is not None))
    if len(numeric) < 2 or chance(draw, 3):
        return {"pass": "10", "partial": draw(st.sampled_from(("5", "2.5")))}
    start, end = some(draw, numeric, least=2)
    named = [name for name, others in limits.pools.items() if set(others) <= set(numeric)]
    if named and numeric == list(dict.fromkeys(pool)) and chance(draw, 3):
        start, end = "-7.25", draw(st.sampled_from(named))  # no unit's parameter is the same
    return {"max": draw(st.sampled_from(("10", "7.5"))), "from": start, "to": end}


def previous_of(
    draw: DrawFn, catalogue: Catalogue, portfolio: Written, before: Any, used: set[str]
) -> Written:
    """A previous portfolio with the facts whose change or whose earlier months are asked for.

    Of a month that both portfolios hold they say the same.
    """
    covered = evaluator.period(before)
    units = portfolio["units"]
    kept = [units[0], *(unit for unit in units[1:] if not chance(draw, 6))]
    present: dict[tuple[str, str, str], list[Written]] = {}
    for row in portfolio["observations"]:
        if catalogue.facts[row["fact"]]["per"] == "month":
            present.setdefault((row["unit"], row["fact"], row["period"]), []).append(row)
    rows: list[Written] = []
    for unit in kept:
        for name in sorted(used):
            fact = catalogue.facts[name]
            own = labels(fact, covered, covered.months)
            shared = [label for label in own if (unit["unit"], name, label) in present]
            rows += [row for label in shared for row in present[unit["unit"], name, label]]
            series = a_series(draw, unit["unit"], name, fact, own, covered)
            rows += [row for row in series if row["period"] not in shared]
    return {
        "contract": "before",
        "period": before,
        "units": kept,
        "observations": rows,
        "agreements": [
            agreement
            for agreement in portfolio["agreements"]
            if agreement["unit"] in {unit["unit"] for unit in kept}
        ],
    }


def asked_facts(
    rules: Mapping[str, Written], requirements: Sequence[Written], key: str | None = None
) -> set[str]:
    """The facts that measures ask for: all of them, or those with a key such as `window`."""
    return {
        fact
        for requirement in requirements
        for measure in all_measures(rules[requirement["rule"]], [requirement])
        if key is None or key in measure
        for fact in facts_of(measure, requirement)
    }


@st.composite
def cases(draw: DrawFn) -> Case:
    """A library with one contract, a portfolio, and a previous one where it is needed."""
    written, wider, earlier = draw(st.sampled_from(PERIODS))
    covered = evaluator.period(written)
    facts = {f"f{index}": a_fact(draw) for index in range(1, draw(st.integers(1, 8)) + 1)}
    catalogue = Catalogue(facts)
    count = draw(st.sampled_from((1, 2, 3, 4)))
    units = [a_unit(draw, index, covered.months) for index in range(1, count + 1)]

    requirements = [
        a_requirement(draw, index, units, covered) for index in range(1, draw(st.integers(1, 3)) + 1)
    ]
    rules: dict[str, Written] = {}
    of_rule: dict[str, list[Written]] = {}
    for requirement in requirements:
        name = draw(st.sampled_from(("one", "two")))
        requirement["rule"] = name
        of_rule.setdefault(name, []).append(requirement)
    for name, group in of_rule.items():
        shortest = min(len(months_of(requirement, covered)) for requirement in group)
        rules[name] = a_rule(draw, catalogue, shortest)
        taking(draw, catalogue, rules[name], group)
        for requirement in group:
            if chance(draw, 8):
                length = len(months_of(requirement, covered))
                requirement["applies"] = {"measure": a_measure(draw, catalogue, length)}
            elif chance(draw, 10):
                requirement["applies"] = {}

    needed = labels_needed(catalogue, covered, rules, requirements)
    changing = asked_facts(rules, requirements, "change")
    reaching = asked_facts(rules, requirements, "window")
    if changing:  # what a change compares where a unit opened or closed meanwhile isn't settled
        for unit in units:
            unit["opened"] = unit["closed"] = ""
    portfolio: Written = {
        "contract": "now",
        "period": written,
        "units": units,
        "observations": [
            row
            for unit in units
            for name in sorted(asked_facts(rules, requirements))
            for row in a_series(draw, unit["unit"], name, facts[name], needed[name], covered)
        ],
        "agreements": [],
    }
    reached = catalogue.of("yes_no", "level")
    for unit in units:
        if reached and chance(draw, 2):
            portfolio["agreements"].append(an_agreement(draw, unit["unit"], reached, covered))

    previous = None
    if not chance(draw, 8) if changing else reaching and chance(draw, 2):
        before = draw(st.sampled_from(earlier))
        previous = previous_of(draw, catalogue, portfolio, before, changing | reaching)
        if chance(draw, 2):
            portfolio["observations"] = [
                row
                for row in portfolio["observations"]
                if facts[row["fact"]]["per"] != "month"
                or evaluator.month(row["period"]) >= covered.months.start
            ]

    contract: Written = {
        "id": "now",
        "period": draw(st.sampled_from((written, wider))),
        "requirements": requirements,
    }
    case = Case(facts, rules, contract, portfolio, previous)
    limits = {name: Limits(draw) for name in rules}
    for name, group in of_rule.items():
        a_ladder(draw, case, name, group, limits[name])
    for requirement in requirements:
        override(draw, requirement, limits[requirement["rule"]], rules, units)
    portfolio["waivers"] = some_waivers(draw, units, requirements, limits, covered, may_exempt=not changing)
    for requirement in requirements:
        if points_meet(requirement, portfolio["waivers"]):
            del requirement["points"]
    as_of = a_day(draw, around(covered.months, 1, 2)).isoformat() if chance(draw, 4) else None
    return Case(facts, rules, contract, portfolio, previous, as_of)


def points_meet(requirement: Written, waivers: Sequence[Written]) -> bool:
    """Points whose `from` and `to` an override makes the same, which is an error."""
    points = requirement.get("points", {})
    end = points.get("to")
    holders = (requirement, *requirement.get("vary", ()), *waivers)
    values = [holder.get("parameters", {}).get(end) for holder in holders]
    return end is not None and any(
        value is not None and evaluator.number(value) == evaluator.number(points["from"]) for value in values
    )


def override(
    draw: DrawFn,
    requirement: Written,
    limits: Limits,
    rules: Mapping[str, Written],
    units: Sequence[Written],
) -> None:
    """Give a requirement parameters of its own, for all units or for some."""
    if not limits.parameters:
        return
    inner = {
        name
        for measure in all_measures(rules[requirement["rule"]], [requirement])
        if "months" in measure
        for name in measure.values()
    }
    nullable = [name for name in limits.parameters if name not in inner]
    if chance(draw, 3):
        requirement["parameters"] = limits.others(nullable)
    if chance(draw, 4):
        requirement["vary"] = [
            {"for": a_for(draw, units), "parameters": limits.others(nullable)}
            for _ in range(draw(st.integers(1, 2)))
        ]
