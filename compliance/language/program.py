"""A contract made ready for the engine: every name looked up, every threshold a number.

Numbers are whole from here on: a value of 46.5 is held as 46,500,000 millionths, an hour of opening
hours as 60 minutes, and weights as whole numbers over the measure's common denominator. Both sums of a
measure carry the same factor (`unit`), so that their quotient is the measure's value, exactly.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from compliance.language.contracts import Band, Contract, Points, Requirement, Scope
from compliance.language.facts import LEVELS, NUMERIC, YES_NO, Fact
from compliance.language.periods import Period
from compliance.language.rules import THRESHOLD_WORDS, Measure, Rule, Rung, Weighted, Wording, read_rung
from compliance.language.shape import read_date, read_decimal
from compliance.library import Library
from compliance.problems import Place, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "BRACES",
    "MILLION",
    "Clause",
    "Layer",
    "Program",
    "Ready",
    "ReadyBand",
    "ReadyPoints",
    "Term",
    "Test",
    "Threshold",
    "compile_contract",
    "compile_rule",
    "parameter_value",
]

MILLION = 10**6
ROOM = 10**13
"""What weights, months and scale may multiply a value by: 10^18 × 10^13 × 10^6 stays within 128 bits."""
MOST_SCALE = 10**6

BRACES = re.compile(r"\{(\w+)\}")
"""A parameter in a text."""
FIRST = "Correct the files with facts and rules first."
WHOLE_KINDS = frozenset({"months", "open", "answered"})
"""Kinds that count months, days or answers: the facts' own units play no part in them."""
RUNGS = ("rule_applies", "applies", "pass", "partial")


class Threshold(NamedTuple):
    """A parameter's name, or a constant in millionths."""

    parameter: str | None = None
    value: int | None = None


class Term(NamedTuple):
    """A fact's part in a measure's numerator or denominator.

    by_months: its sum is multiplied by the number of months that count.
    earlier: it is taken from the previous portfolio's period (for `change`).
    """

    fact: str
    weight: int
    numerator: bool
    by_months: bool = False
    earlier: bool = False


class Ready(NamedTuple):
    """A measure ready for the engine.

    Attributes:
        type: of its value, which thresholds are written in: number, percent, count, level, yes_no, choice,
            date, minutes, hours, days.
        monthly: it has at least one monthly fact.
        first, last: the months that it asks for, before the unit's own opening and exemptions.
        each, once: what each counted month, and the whole, add to the denominator.
        unit: what numerator and denominator are multiplied by in the engine.
    """

    measure: Measure
    facts: tuple[Fact, ...]
    type: str
    monthly: bool
    first: int
    last: int
    terms: tuple[Term, ...]
    each: int
    once: int
    unit: int
    threshold: Threshold | None = None
    part: str = "measure"
    """`measure`, or `applies` for one that a condition brought with it."""

    @property
    def name(self) -> str:
        return self.measure.name

    @property
    def options(self) -> tuple[str, ...]:
        return self.facts[0].options if self.type == "choice" else ()


class Test(NamedTuple):
    """One criterion on one rung; all tests of one branch hold, or the next branch is tried."""

    rung: str
    branch: int
    measure: int
    comparison: str
    threshold: Threshold


class Layer(NamedTuple):
    """Parameters that apply within a scope, in millionths; None leaves out the rungs that use them."""

    scope: Scope
    parameters: dict[str, int | None]


class ReadyPoints(NamedTuple):
    points: Points
    from_: Threshold | None
    to: Threshold | None


class ReadyBand(NamedTuple):
    comparisons: tuple[tuple[str, int], ...]


class Clause(NamedTuple):
    """A requirement with its rule, ready for the engine. `types` holds each parameter's type."""

    requirement: Requirement
    rule: Rule
    title: Text
    measures: tuple[Ready, ...]
    tests: tuple[Test, ...]
    parameters: dict[str, int | None]
    vary: tuple[Layer, ...]
    types: dict[str, Ready]
    points: ReadyPoints | None
    bands: tuple[ReadyBand, ...]
    first: int
    last: int
    wording: Wording = Wording()

    @property
    def id(self) -> str:
        return self.requirement.id

    def own_measures(self) -> tuple[Ready, ...]:
        """The rule's measures, without those that conditions brought with them."""
        return tuple(ready for ready in self.measures if ready.part == "measure")


class Program(NamedTuple):
    """A contract's clauses for one period, and the facts that they use."""

    contract: Contract
    period: Period
    as_of: date
    clauses: tuple[Clause, ...]
    facts: dict[str, Fact]

    def clause(self, id_: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.id == id_), None)

    @property
    def earliest(self) -> int:
        """The first month that any measure asks for."""
        return min((m.first for c in self.clauses for m in c.measures), default=self.period.first)

    @property
    def looks_back(self) -> bool:
        """Some measure compares with the previous portfolio's period."""
        return any(t.earlier for c in self.clauses for m in c.measures for t in m.terms)


class _RefusedError(Exception):
    """What is wrong with a clause; the clause is left out and reported."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place, self.message = place, message


def compile_contract(
    contract: Contract, library: Library, period: Period, as_of: date, problems: Problems
) -> Program:
    """The contract's clauses; one that can't be made ready is reported and left out."""
    clauses: list[Clause] = []
    for requirement in contract.requirements:
        clause = compile_clause(requirement, library, contract.period, period, as_of, problems)
        if clause:
            clauses.append(clause)
    facts = {fact.name: fact for c in clauses for m in c.measures for fact in m.facts}
    return Program(contract, period, as_of, tuple(clauses), facts)


def compile_clause(
    requirement: Requirement,
    library: Library,
    contracted: Period,
    period: Period,
    as_of: date,
    problems: Problems,
) -> Clause | None:
    """One requirement with its rule; None, and problems, where a name or a threshold is wrong."""
    if requirement.rule not in library.rules:
        problems.add(
            requirement.place("rule"),
            f"There is no rule {shown(requirement.rule)}."
            f"{did_you_mean(requirement.rule, library.rules) or ' See `compliance rules list`.'}"
            if library.whole
            else f"There is no rule {shown(requirement.rule)} in what could be read. {FIRST}",
        )
        return None
    rule = library.rules[requirement.rule]
    if rule is None:
        problems.add(
            requirement.place("rule"),
            f"The rule {requirement.rule!r} has errors, so this requirement can't be evaluated. "
            "Correct the rule.",
        )
        return None
    try:
        return _Compiler(requirement, rule, library, contracted, period, as_of, problems).clause()
    except _RefusedError as refusal:
        problems.add(refusal.place, refusal.message)
        return None


def compile_rule(
    rule: Rule,
    requirement: Requirement,
    library: Library,
    period: Period,
    as_of: date,
    problems: Problems,
) -> Clause | None:
    """A rule by itself, as its examples run it."""
    try:
        return _Compiler(requirement, rule, library, period, period, as_of, problems).clause()
    except _RefusedError as refusal:
        problems.add(refusal.place, refusal.message)
        return None


class _Compiler:
    def __init__(
        self,
        requirement: Requirement,
        rule: Rule,
        library: Library,
        contracted: Period,
        period: Period,
        as_of: date,
        problems: Problems,
    ) -> None:
        self.requirement, self.rule, self.library = requirement, rule, library
        self.as_of, self.problems = as_of, problems
        self.types: dict[str, Ready] = {}
        own = requirement.period
        if own and not contracted.holds(own):
            raise _RefusedError(
                requirement.place("period"),
                f"The requirement's period {own} isn't within the contract's, {contracted}. Narrow it.",
            )
        # A portfolio may be of a part of the contract's time, and so of a part of the requirement's or none.
        self.contracted = contracted
        self.period = (
            period
            if own is None
            else Period(max(own.first, period.first), min(own.last, period.last), own.label)
        )

    def clause(self) -> Clause | None:
        requirement, rule = self.requirement, self.rule
        self._check_bindings()
        self._check_parameters()
        measures = [self._ready(measure, "measure") for measure in rule.measures]
        names = tuple(measure.name for measure in rule.measures)
        measures += [self._ready(measure, "applies") for measure in rule.applies_measures]
        rungs: list[tuple[str, Rung]] = [("rule_applies", rule.applies)] if rule.applies else []
        if requirement.applies is not None:
            path = (*requirement.path, "applies")
            read = read_rung(
                requirement.applies, requirement.document, path, self.problems, names, "condition"
            )
            if read is None:
                return None
            measures += [self._ready(measure, "applies") for measure in read[1]]
            rungs.append(("applies", read[0]))
        rungs += [(name, rule.grade[name]) for name in ("pass", "partial") if name in rule.grade]
        index = {ready.name: position for position, ready in enumerate(measures)}
        tests: list[Test] = []
        for rung, branches in rungs:
            for branch, criteria in enumerate(branches):
                for criterion in criteria:
                    ready = measures[index[criterion.measure]]
                    threshold = self._threshold(
                        criterion.comparison, criterion.threshold, ready, criterion.place
                    )
                    tests.append(
                        Test(rung, branch, index[criterion.measure], criterion.comparison, threshold)
                    )
        points = self._points(measures[0])
        merged = {**rule.parameters, **requirement.parameters}
        parameters = {name: self._parameter(name, text, self._where(name)) for name, text in merged.items()}
        self._check_points(points, parameters)
        return Clause(
            requirement=requirement,
            rule=rule,
            title=requirement.title or rule.title,
            measures=tuple(measures),
            tests=tuple(tests),
            parameters=parameters,
            vary=tuple(
                Layer(
                    entry.scope,
                    {
                        name: self._parameter(
                            name, text, requirement.place("vary", index, "parameters", name)
                        )
                        for name, text in entry.parameters.items()
                    },
                )
                for index, entry in enumerate(requirement.vary)
            ),
            types=self.types,
            points=points,
            bands=tuple(self._band(band, measures[0]) for band in requirement.bands),
            first=self.period.first,
            last=self.period.last,
            wording=self._wording(),
        )

    def _wording(self) -> Wording:
        """The requirement's words for the summary, else the rule's; braces hold parameters."""
        wording = self.requirement.wording.over(self.rule.wording)
        own = self.requirement.wording
        names = tuple(measure.name for measure in self.rule.measures)
        for index, name in enumerate(wording.measures or ()):
            if name not in names:
                self.problems.add(
                    self.requirement.place("summary", "measures", index)
                    if own.measures is not None
                    else self.rule.document.place(*self.rule.path, "summary", "measures", index),
                    f"The rule {self.rule.name!r} has no measure {shown(name)}. It has: {one_of(names)}."
                    f"{did_you_mean(name, names)}",
                )
        for text in (wording.asks.sv, wording.asks.en) if wording.asks else ():
            for name in BRACES.findall(text):
                if name not in self.rule.parameters:
                    known = self.rule.parameters
                    self.problems.add(
                        self.requirement.place("summary", "asks")
                        if own.asks
                        else self.rule.document.place(*self.rule.path, "summary", "asks"),
                        f"The rule {self.rule.name!r} has no parameter {shown(name)} to put in. It has: "
                        f"{one_of(known) or 'none'}.{did_you_mean(name, known)}",
                    )
                    return wording._replace(asks=None)
        return wording

    # Names

    def _check_bindings(self) -> None:
        rule, bind = self.rule, self.requirement.bind
        for name in bind:
            if name not in rule.takes:
                raise _RefusedError(
                    self.requirement.place("with", name),
                    f"The rule {rule.name!r} doesn't take {shown(name)}. It takes: "
                    f"{one_of(rule.takes) or 'nothing'}.{did_you_mean(name, rule.takes)}",
                )
        for name in rule.takes:
            if name not in bind:
                raise _RefusedError(
                    self.requirement.place("rule"),
                    f"The rule {rule.name!r} takes the fact {name!r} from the requirement. "
                    f"Write with: {{{name}: …}}.",
                )

    def _check_parameters(self) -> None:
        known = self.rule.parameters
        places = [("parameters", name) for name in self.requirement.parameters]
        for index, entry in enumerate(self.requirement.vary):
            for name in entry.parameters:
                if name not in known:
                    self._unknown_parameter(name, self.requirement.place("vary", index, "parameters", name))
        for key, name in places:
            if name not in known:
                self._unknown_parameter(name, self.requirement.place(key, name))
        for index, name in enumerate(self.requirement.assumed):
            if name not in known:
                self._unknown_parameter(name, self.requirement.place("assumed", index))

    def _unknown_parameter(self, name: str, place: Place) -> None:
        known = self.rule.parameters
        raise _RefusedError(
            place,
            f"The rule {self.rule.name!r} has no parameter {shown(name)}. It has: "
            f"{one_of(known) or 'none'}.{did_you_mean(name, known)}",
        )

    def _where(self, name: str) -> Place:
        if name in self.requirement.parameters:
            return self.requirement.place("parameters", name)
        return self.rule.document.place(*self.rule.path, "parameters", name)

    def _fact(self, name: str, measure: Measure) -> Fact:
        bound = self.requirement.bind.get(name, name)
        facts = self.library.facts
        if bound not in facts:
            place = self.requirement.place("with", name) if name in self.requirement.bind else measure.place
            raise _RefusedError(
                place,
                f"There is no fact {shown(bound)} in the catalogue."
                f"{did_you_mean(bound, facts) or ' See rules/facts.yaml.'}"
                if self.library.whole
                else f"There is no fact {shown(bound)} in what could be read. {FIRST}",
            )
        fact = facts[bound]
        if fact is None:
            raise _RefusedError(
                self.requirement.place("rule"),
                f"The fact {bound!r} has errors, so this requirement can't be evaluated. Correct it.",
            )
        return fact

    # Measures

    def _ready(self, measure: Measure, part: str) -> Ready:
        facts = {name: self._fact(name, measure) for name in measure.facts}
        used = tuple(facts.values())
        if len({fact.name for fact in used}) < len(used):
            raise _RefusedError(
                measure.place, f"Two terms of {measure.name!r} are the same fact. Bind others."
            )
        self._check_kind(measure, used)
        monthly = any(fact.monthly for fact in used)
        first, last = self._months(measure)
        common = lcm(
            *(
                Fraction(t.weight).denominator * facts[t.fact].divisor
                for t in (*measure.numerator, *measure.denominator)
            )
        )
        scale = Fraction(measure.scale)
        if measure.kind in WHOLE_KINDS:
            common = 1
        terms, each, once = self._terms(measure, facts, monthly, common, scale)
        ready = Ready(
            measure=measure,
            facts=used,
            type=self._type(measure, used),
            monthly=monthly,
            first=first,
            last=last,
            terms=terms,
            each=each,
            once=once,
            unit=1 if measure.kind == "months" else MILLION * common * scale.denominator,
            part=part,
        )
        self._check_room(ready)
        if measure.kind == "months" and measure.threshold is not None:
            plain = Ready(measure, used, _type_of(used[0]), True, first, last, (), 0, 0, 1)
            limit = self._threshold(str(measure.comparison), measure.threshold, plain, measure.place)
            return ready._replace(threshold=limit)
        return ready

    def _check_kind(self, measure: Measure, facts: tuple[Fact, ...]) -> None:
        kind, place = measure.kind, measure.place
        if kind in ("share", "rate", "change"):
            self._only(facts, NUMERIC, f"A {kind} is made of numbers", place)
        elif kind in ("met", "count"):
            self._only(facts, frozenset({"yes_no"}), f"'{kind}' counts yes/no facts", place)
        elif kind == "open":
            self._only(facts, frozenset({"opening_hours"}), "'open' looks at opening hours", place)
        elif kind == "months":
            self._only(facts, frozenset(_TYPES), "A text can only be 'answered'", place)
            if not facts[0].monthly:
                raise _RefusedError(
                    place,
                    f"'months' looks at a monthly fact, and {facts[0].name!r} is per "
                    f"{facts[0].per}. Use another measure.",
                )
        elif kind == "value":
            self._only(facts, frozenset(_TYPES), "A text can only be 'answered'", place)
            weighted = len(facts) > 1 or measure.numerator[0].weight != 1
            if weighted and not all(fact.type in (*NUMERIC, "yes_no", "level") for fact in facts):
                raise _RefusedError(place, "Only numbers are added up or weighted. Use one fact alone.")

    def _only(self, facts: tuple[Fact, ...], types: frozenset[str], why: str, place: Place) -> None:
        for fact in facts:
            if fact.type not in types:
                raise _RefusedError(
                    place,
                    f"{why}, and {fact.name!r} is of type {fact.type}. Use facts of type "
                    f"{one_of(sorted(types))}.",
                )

    def _months(self, measure: Measure) -> tuple[int, int]:
        """The first and last month that a measure asks for."""
        last = self.period.last
        first = last - measure.window + 1 if measure.window else self.period.first
        length = measure.window or self.contracted.months
        if measure.coverage and measure.coverage > length:
            raise _RefusedError(
                measure.place,
                f"{measure.name!r} wants coverage of {measure.coverage} months, and there are "
                f"{length}. Lower the coverage.",
            )
        if first < 12:
            raise _RefusedError(
                measure.place,
                f"The window of {measure.name!r} begins before the year 1. Shorten it.",
            )
        return first, last

    def _terms(
        self,
        measure: Measure,
        facts: dict[str, Fact],
        monthly: bool,
        common: int,
        scale: Fraction,
    ) -> tuple[tuple[Term, ...], int, int]:
        kind = measure.kind

        def term(item: Weighted, top: bool, by_months: bool, earlier: bool, factor: int) -> Term:
            fact = facts[item.fact]
            weight = Fraction(item.weight) * common * factor
            if kind not in WHOLE_KINDS:
                weight /= fact.divisor
            assert weight.denominator == 1
            return Term(fact.name, weight.numerator, top, by_months, earlier)

        if kind in ("share", "rate"):
            stocky = any(fact.monthly and fact.stock for fact in facts.values())
            top, bottom = scale.numerator, scale.denominator

            def multiplied(item: Weighted) -> bool:
                fact = facts[item.fact]
                return stocky and not (fact.monthly and fact.stock)

            return (
                tuple(term(t, True, multiplied(t), False, top) for t in measure.numerator)
                + tuple(term(t, False, multiplied(t), False, bottom) for t in measure.denominator),
                0,
                0,
            )
        if kind == "change":
            item = measure.numerator[0]
            return (
                (
                    term(item, True, False, False, 100),
                    term(item, True, False, True, -100),
                    term(item, False, False, True, 1),
                ),
                0,
                0,
            )
        spread = kind != "value" or measure.over == "mean"
        factor = 100 if kind in ("met", "answered") else 1
        terms = tuple(
            term(t, True, spread and monthly and not facts[t.fact].monthly, False, factor)
            for t in measure.numerator
        )
        if kind in ("met", "answered"):
            return terms, len(terms) * MILLION, 0
        if kind == "months":
            return terms, 1, 0
        if kind == "count" or (kind == "value" and measure.over == "mean"):
            return terms, common * MILLION, 0
        return terms, 0, common * MILLION

    def _check_room(self, ready: Ready) -> None:
        months = ready.last - ready.first + 1 if ready.monthly else 1
        for side in (True, False):
            size = sum(abs(t.weight) for t in ready.terms if t.numerator is side) * months * months
            if size > ROOM * (MOST_SCALE if side else 1):
                raise _RefusedError(
                    ready.measure.place,
                    f"The weights or the scale of {ready.name!r} are too large to be added up "
                    f"exactly over {months} months. Use smaller ones, or fewer decimals.",
                )

    def _type(self, measure: Measure, facts: tuple[Fact, ...]) -> str:
        if measure.kind in ("share", "met", "answered", "months", "change"):
            return "percent"
        if measure.kind == "open":
            return "days"
        if measure.kind == "count":
            return "count"
        if measure.kind == "value":
            types = {_type_of(fact) for fact in facts}
            weighted = len(facts) > 1 or measure.numerator[0].weight != 1
            if len(types) == 1 and not (weighted and types & {"level", "yes_no"}):
                return types.pop()
        return "number"

    # Thresholds

    def _threshold(self, comparison: str, text: str, ready: Ready, place: Place) -> Threshold:
        if comparison == "known":
            if text.lower() not in YES_NO:
                raise _RefusedError(place, f"'known' is yes or no, not {shown(text)}.")
            return Threshold(value=YES_NO[text.lower()])
        if text in self.rule.parameters:
            before = self.types.setdefault(text, ready)
            if (before.type in _WORDED or ready.type in _WORDED) and before.type != ready.type:
                raise _RefusedError(
                    place,
                    f"The parameter {text!r} is compared with {before.type} and with {ready.type}. "
                    "Use two parameters.",
                )
            return Threshold(parameter=text)
        try:
            return Threshold(value=parameter_value(text, ready, self.period, self.as_of))
        except ValueError as error:
            said, known = str(error), (*self.rule.parameters, *_words_for(ready))
        if text.isidentifier() and not _words_for(ready) and text not in THRESHOLD_WORDS:
            said = (
                f"{shown(text)} is neither a number nor a parameter of the rule. Its parameters: "
                f"{one_of(self.rule.parameters) or 'none'}."
            )
        raise _RefusedError(place, f"{said}{did_you_mean(text, known)}")

    def _parameter(self, name: str, text: str | None, place: Place) -> int | None:
        if text is None:
            return None
        ready = self.types.get(name)
        try:
            return parameter_value(text, ready, self.period, self.as_of)
        except ValueError as error:
            raise _RefusedError(place, str(error)) from None

    def _points(self, first: Ready) -> ReadyPoints | None:
        points = self.requirement.points
        if points is None:
            return None
        if points.largest is None:
            return ReadyPoints(points, None, None)
        at = ("points", "from"), ("points", "to")
        from_ = self._threshold("at_least", points.from_, first, self.requirement.place(*at[0]))
        to = self._threshold("at_least", points.to, first, self.requirement.place(*at[1]))
        return ReadyPoints(points, from_, to)

    def _check_points(self, points: ReadyPoints | None, parameters: dict[str, int | None]) -> None:
        if points and points.from_ and points.to:
            from_, to = (
                parameters[end.parameter] if end.parameter else end.value for end in (points.from_, points.to)
            )
            if from_ is not None and from_ == to:
                raise _RefusedError(
                    points.points.place,
                    "'from' and 'to' of the points are the same. They must differ.",
                )

    def _band(self, band: Band, first: Ready) -> ReadyBand:
        if first.type == "date":
            raise _RefusedError(band.place, "Dates can't be counted in bands. Remove the bands.")
        return ReadyBand(
            tuple(
                (word, parameter_value(str(value), first, self.period, self.as_of))
                for word, value in band.comparisons
            )
        )


_TYPES = ("number", "percent", "count", "yes_no", "level", "choice", "minutes", "date", "opening_hours")
_WORDED = frozenset({"level", "yes_no", "choice", "date"})


def _type_of(fact: Fact) -> str:
    return "hours" if fact.type == "opening_hours" else fact.type


def _words_for(ready: Ready) -> tuple[str, ...]:
    if ready.type == "level":
        return tuple(LEVELS)
    if ready.type == "yes_no":
        return tuple(YES_NO)
    if ready.type == "choice":
        return ready.options
    if ready.type == "date":
        return ("period_end", "as_of")
    return ()


def parameter_value(text: str, ready: Ready | None, period: Period, as_of: date) -> int:
    """A threshold in millionths, read as the type of the measure that it is compared with.

    Raises:
        ValueError: with a whole message that says what is allowed.
    """
    kind = ready.type if ready else "number"
    if kind == "date":
        if text == "period_end":
            return period.last_day.toordinal() * MILLION
        if text == "as_of":
            return as_of.toordinal() * MILLION
        try:
            return read_date(text).toordinal() * MILLION
        except ValueError as error:
            raise ValueError(f"{error} Or write period_end or as_of.") from None
    words: dict[str, int] = {}
    if kind == "level":
        words = LEVELS
    elif kind == "yes_no":
        words = YES_NO
    elif kind == "choice" and ready:
        words = {option: index for index, option in enumerate(ready.options)}
    if text.lower() in words:
        return words[text.lower()] * MILLION
    if text in words:
        return words[text] * MILLION
    try:
        return int(read_decimal(text) * MILLION)
    except ValueError as error:
        if words:
            raise ValueError(f"{shown(text)} isn't a threshold here. Write {one_of(words)}.") from None
        if text in THRESHOLD_WORDS:
            raise ValueError(f"{shown(text)} can't be compared with {kind}. Write a number.") from None
        raise ValueError(str(error)) from None
