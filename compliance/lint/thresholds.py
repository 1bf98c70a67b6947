"""Thresholds: within what the facts allow, in the right unit, and stated somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from compliance.language.program import MILLION, Ready, Threshold
from compliance.lint.desk import Desk, Setting, Use
from compliance.lint.problem import LintProblem, about
from compliance.lint.situation import Cell, domain, setting, written
from compliance.problems import Place, shown

__all__ = ["CHECKS"]

NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?")
WORDS = {
    word: number
    for number, words in enumerate(
        (
            "noll zero ingen no",
            "en ett one",
            "två two",
            "tre three",
            "fyra four",
            "fem five",
            "sex six",
            "sju seven",
            "åtta eight",
            "nio nine",
            "tio ten",
            "elva eleven",
            "tolv twelve",
        )
    )
    for word in words.split()
}
NUMERIC = ("number", "percent", "count", "minutes", "hours", "days")


def _compared(use: Use, one: Setting) -> Iterator[tuple[int, Threshold, Place, str]]:
    """What measures are compared with: the measure's index, the threshold, its place and its parameter's name."""
    clause = use.clause
    for branches in one.situation.rungs.values():
        for tests in branches:
            for test in tests:
                if test.comparison != "known":
                    yield test.measure, test.threshold, use.place_of(test, one), _name(test.threshold)
    for threshold in (clause.points.from_, clause.points.to) if clause.points else ():
        if threshold is not None:
            place = one.places[threshold.parameter] if threshold.parameter else clause.points.points.place  # type: ignore[union-attr]
            yield 0, threshold, place, _name(threshold)
    for written_band, band in zip(clause.requirement.bands, clause.bands, strict=True):
        for _, value in band.comparisons:
            yield 0, Threshold(value=value), written_band.place, ""


def _name(threshold: Threshold) -> str:
    return threshold.parameter or ""


def _labelled(name: str, value: Fraction, ready: Ready) -> str:
    text = written(value, ready.facts[0] if ready.type in ("yes_no", "level", "choice", "date") else None)
    return f"{name!r}, {text}," if name else text


def threshold_out_of_range(desk: Desk) -> Iterator[LintProblem]:
    for use in desk.distinct:
        for one in use.settings:
            situation = one.situation
            for measure, threshold, place, name in _compared(use, one):
                value = setting(threshold, one.parameters)
                if value is None:
                    continue
                ready = use.clause.measures[measure]
                beyond = situation.find({measure: Cell(1, value, value)}) is None and (
                    situation.find({measure: Cell(0, None, value)}) is None
                    or situation.find({measure: Cell(2, value, None)}) is None
                )
                if not beyond:
                    continue
                ends = [situation.extreme(measure, sign) for sign in (-1, 1)]
                if None in ends:
                    continue
                shown_ends = " to ".join(
                    written(
                        end, ready.facts[0] if ready.type in ("yes_no", "level", "choice", "date") else None
                    )
                    for end in ends
                    if end is not None
                )
                yield LintProblem(
                    "threshold-out-of-range",
                    place,
                    f"{use.name}: the threshold {_labelled(name, Fraction(value, MILLION), ready)} lies outside what "
                    f"{use.measure(measure)} can be: the facts' ranges allow {shown_ends}. Correct the threshold, or the ranges.",
                    use.about(**({"parameter": name} if name else {})),
                )
            for ready in use.clause.measures:
                yield from _inner(use, one, ready)


def _inner(use: Use, one: Setting, ready: Ready) -> Iterator[LintProblem]:
    """The threshold that a measure of months has inside it."""
    value = setting(ready.threshold, one.parameters)
    if value is None:
        return
    low, high, _ = domain(ready.facts[0])
    divisor = ready.facts[0].divisor
    if not low / divisor <= Fraction(value, MILLION) <= high / divisor:
        name = ready.threshold.parameter if ready.threshold else None
        fact = ready.facts[0]
        yield LintProblem(
            "threshold-out-of-range",
            one.places[name] if name else ready.measure.place,
            f"{use.name}: the threshold {written(Fraction(value, MILLION), fact)} within {use.measure(use.clause.measures.index(ready))} lies outside the "
            f"range of {fact.name!r}, {written(low / divisor, fact)} to {written(high / divisor, fact)}. Correct one of them.",
            use.about(**({"parameter": name} if name else {})),
        )


def fraction_for_percent(desk: Desk) -> Iterator[LintProblem]:
    for use in desk.distinct:
        for one in use.settings:
            for measure, threshold, place, name in _compared(use, one):
                value, ready = setting(threshold, one.parameters), use.clause.measures[measure]
                if value is None or ready.type != "percent" or not 0 < abs(value) <= MILLION:
                    continue
                if one.situation.find({measure: Cell(2, MILLION, None)}) is None:
                    continue
                number = Fraction(value, MILLION)
                yield LintProblem(
                    "fraction-for-percent",
                    place,
                    f"{use.name}: {use.measure(measure)} is in percent, and the threshold {_labelled(name, number, ready)} is less "
                    f"than or equal to one. If {written(100 * number, None)} % is meant, write {written(100 * number, None)}.",
                    use.about(**({"parameter": name} if name else {})),
                )


def threshold_without_source(desk: Desk) -> Iterator[LintProblem]:
    for use in desk.uses:
        if use.contract is None:
            yield from _constants(use)
            continue
        requirement = use.clause.requirement
        stated = {number for source in requirement.sources for number in _numbers(source.quote)}
        for one in use.settings:
            for measure, threshold, place, name in _compared(use, one):
                value, ready = setting(threshold, one.parameters), use.clause.measures[measure]
                if not name or value is None or ready.type not in NUMERIC or name in requirement.assumed:
                    continue
                if Fraction(value, MILLION) not in stated:
                    yield LintProblem(
                        "threshold-without-source",
                        place if place.file == requirement.document.name else requirement.place("rule"),
                        f"{use.name}: no quote of its sources states {_labelled(name, Fraction(value, MILLION), ready)} and it "
                        "isn't named under 'assumed'. Quote the words that state it, or add it to 'assumed'.",
                        use.about(parameter=name),
                    )
    for rule in desk.books.followup.values():
        if rule is None or rule.sources:
            continue
        for name in rule.parameters:
            if name not in rule.assumed:
                yield LintProblem(
                    "threshold-without-source",
                    rule.document.place(*rule.path, "parameters", name),
                    f"The follow-up rule {rule.name!r} rests on no document, and {shown(name)} isn't named under "
                    "'assumed'. Add it there, or name the 'source'.",
                    about(followup=rule.name, parameter=name),
                )


def _constants(use: Use) -> Iterator[LintProblem]:
    """A number within a rung, other than nought and a whole: no contract can state or assume it."""
    criteria = use.criteria()
    for test, criterion in criteria.items():
        ready = use.clause.measures[test.measure]
        value = test.threshold.value
        if test.comparison == "known" or value is None or ready.type not in NUMERIC or value == 0:
            continue
        whole = {"percent": 100, "days": len(ready.measure.days), "count": len(ready.facts)}.get(ready.type)
        if whole is not None and value == whole * MILLION:
            continue
        yield LintProblem(
            "threshold-without-source",
            criterion.place,
            f"{use.name}: the threshold {written(Fraction(value, MILLION), None)} stands in the rung itself, where no "
            "contract can state or assume it. Make it a parameter.",
            use.about(),
        )


def _numbers(quote: str) -> Iterator[Fraction]:
    """The numbers in a quote, in digits or in words."""
    for found in NUMBER.findall(quote):
        yield Fraction(re.sub(r"[ \u00a0\u202f]", "", found).replace(",", "."))
    for word in re.findall(r"\w+", quote.lower()):
        if word in WORDS:
            yield Fraction(WORDS[word])


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "threshold-out-of-range": threshold_out_of_range,
    "fraction-for-percent": fraction_for_percent,
    "threshold-without-source": threshold_without_source,
}
