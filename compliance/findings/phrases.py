"""Quantities, comparisons and requirements in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from compliance.findings.evidence import Evidence, measure_value
from compliance.language.facts import Fact
from compliance.language.program import Clause, Ready, Test
from compliance.words import NO_BREAK, Text, day, number, rounded, small

__all__ = [
    "ASSUMED",
    "DIGITS",
    "KIND_WORDS",
    "WORDED",
    "WORDS",
    "comparison",
    "criterion",
    "digits",
    "has_own_targets",
    "known",
    "label",
    "own_target",
    "places_of",
    "quantity",
    "remedy_label",
    "rung",
    "side",
    "side_unit",
    "threshold",
    "unit_of",
]

WORDS = {
    "above": Text("mer än", "more than"),
    "at_least": Text("minst", "at least"),
    "below": Text("mindre än", "less than"),
    "at_most": Text("högst", "at most"),
    "equals": Text("exakt", "exactly"),
}
DATE_WORDS = {
    "above": Text("efter", "after"),
    "at_least": Text("tidigast", "no earlier than"),
    "below": Text("före", "before"),
    "at_most": Text("senast", "no later than"),
    "equals": Text("den", "on"),
}
ANSWERS = {
    "level": (Text("inte", "not"), Text("delvis", "partly"), Text("helt", "fully")),
    "yes_no": (Text("nej", "no"), Text("ja", "yes")),
}
ASSUMED = Text(" (antagen gräns)", " (assumed threshold)")
KIND_WORDS = {"branch": (Text("filial", "branch"), Text("filialer", "branches"))}
"""What units of a kind are called, where the contract's own word doesn't do."""
WORDED = frozenset({"level", "yes_no", "choice"})
"""Types whose values are answers in words."""
DIGITS = {"percent": 1, "number": 2, "count": 1, "minutes": 1, "hours": 2, "days": 1}


def unit_of(ready: Ready, lang: str) -> str:
    """The unit that the measure's value is written in, such as ` %` or ` timmar per vecka`."""
    measure = ready.measure
    if ready.type == "percent":
        return f"{NO_BREAK}%"
    if ready.type == "days":
        return f"{NO_BREAK}dagar i veckan" if lang == "sv" else f"{NO_BREAK}days a week"
    if measure.kind == "count":
        return f" av {len(ready.terms)}" if lang == "sv" else f" of {len(ready.terms)}"
    if measure.kind == "rate":
        return _rate_unit(ready, lang)
    unit = common_unit(ready, lang)
    return f"{NO_BREAK}{unit}" if unit else ""


def _rate_unit(ready: Ready, lang: str) -> str:
    top, bottom = side_unit(ready, lang, True), side_unit(ready, lang, False)
    scale = Fraction(ready.measure.scale)
    if scale == 1:
        return ""
    return f" {top}".rstrip() + f" per {number(scale, lang, 6)}{NO_BREAK}{bottom}".rstrip()


def side(ready: Ready, numerator: bool) -> list[Fact]:
    """The facts of a measure's numerator or denominator."""
    facts = dict(zip(ready.measure.facts, ready.facts, strict=True))
    terms = ready.measure.numerator if numerator else ready.measure.denominator
    return [facts[term.fact] for term in terms]


def side_unit(ready: Ready, lang: str, numerator: bool) -> str:
    """The unit of a numerator's or denominator's facts, where they share one."""
    units = {fact.unit[lang] if fact.unit else "" for fact in side(ready, numerator)}
    return units.pop() if len(units) == 1 else ""


def common_unit(ready: Ready, lang: str) -> str:
    """The unit of the facts, where they share one."""
    units = {fact.unit[lang] if fact.unit else "" for fact in ready.facts}
    return units.pop() if len(units) == 1 else ""


def digits(ready: Ready, value: Fraction | None, limits: Sequence[Fraction]) -> int:
    """How many decimals it takes for a value not to look like a threshold that it isn't."""
    least = DIGITS.get(ready.type, 2)
    return least if value is None else places_of(value.numerator, value.denominator, limits, least)


def places_of(top: int, bottom: int, limits: Sequence[Fraction], least: int) -> int:
    """As `digits`, of `top / bottom` and with `least` decimals at least."""
    for places in range(least, 7):
        shown = rounded(top, bottom, places)
        if all(
            rounded(limit.numerator, limit.denominator, places) != shown
            or limit.numerator * bottom == top * limit.denominator
            for limit in limits
        ):
            return places
    return 6


def quantity(ready: Ready, value: Fraction, lang: str, places: int | None = None) -> str:
    """A measure's value, or a threshold for it, with its unit: `46,2 %`, `delvis`, `31 mars 2025`."""
    if ready.type == "date" and value.denominator == 1 and 0 < value < date.max.toordinal():
        return day(date.fromordinal(int(value)), lang)
    answers: tuple[str, ...] = ready.options or tuple(text[lang] for text in ANSWERS.get(ready.type, ()))
    if answers and value.denominator == 1 and 0 <= value < len(answers):
        return answers[int(value)]
    most = DIGITS.get(ready.type, 2) if places is None else places
    text = number(value, lang, most)
    return text + unit_of(ready, lang)


def comparison(ready: Ready, word: str, limit: Fraction, lang: str) -> str:
    """`mer än 50 %`; of an ordered answer only what it takes: `helt`, `minst delvis`, `ja`."""
    amount = quantity(ready, limit, lang, 6)
    if ready.type == "date":
        return f"{DATE_WORDS[word][lang]} {amount}"
    if ready.type in WORDED and limit.denominator == 1:
        answer = f"svaret ”{amount}”" if lang == "sv" else f"the answer “{amount}”"
        top = {"level": 2, "yes_no": 1}.get(ready.type, len(ready.options) - 1)
        certain = (word == "at_least" and limit == top) or (word == "at_most" and limit == 0)
        return answer if word == "equals" or certain else f"{WORDS[word][lang]} {answer}"
    return f"{WORDS[word][lang]} {amount}"


def known(wanted: bool, lang: str) -> str:
    """The criterion that a measure is known, or isn't."""
    if lang == "sv":
        return "uppgiften finns" if wanted else "uppgiften saknas"
    return "the figure is known" if wanted else "the figure isn't known"


def label(clause: Clause, ready: Ready, lang: str) -> str:
    """What a measure is called: its own title, its fact's, or the requirement's."""
    if ready.measure.title:
        return ready.measure.title[lang]
    if len(ready.facts) == 1 and (ready.measure.kind == "value" or ready.part == "applies"):
        return ready.facts[0].title[lang]
    if len(clause.own_measures()) == 1 and ready.part == "measure":
        return clause.title[lang]
    names = [fact.title[lang] for fact in ready.facts]
    if ready.measure.kind in ("share", "rate"):
        top = [t.fact for t in ready.measure.numerator]
        titles = dict(zip(ready.measure.facts, names, strict=True))
        return " + ".join(titles[name] for name in top)
    return ", ".join(names)


def threshold(evidence: Evidence, test: Test, lang: str, unwaived: bool = False) -> str:
    """A criterion's comparison and threshold, marked where no document states it."""
    ready = evidence.clause.measures[test.measure]
    if test.comparison == "known":
        return known(bool(test.threshold.value), lang)
    limit = evidence.limit(test.threshold, unwaived)
    if limit is None:
        return ""
    text = comparison(ready, test.comparison, limit, lang)
    if is_assumed(evidence, test, unwaived):
        text += ASSUMED[lang]
    return text


def is_assumed(evidence: Evidence, test: Test, unwaived: bool = False) -> bool:
    """No document states the threshold. One that a waiver sets rests on the waiver's decision."""
    name = test.threshold.parameter
    waived = evidence.settings is not evidence.unwaived_settings and (
        name is not None and evidence.settings.get(name) != evidence.unwaived_settings.get(name)
    )
    return name in evidence.clause.requirement.assumed and (unwaived or not waived)


def criterion(evidence: Evidence, test: Test, lang: str, named: bool = False) -> str:
    """A criterion, with the measure's name where it isn't the first (or `named` asks for that one's, too)."""
    ready = evidence.clause.measures[test.measure]
    target = own_target(evidence, test)
    if target is not None:
        return comparison(evidence.clause.measures[0], test.comparison, target, lang)
    text = threshold(evidence, test, lang)
    if test.measure == 0 and ready.part == "measure" and not named:
        return text
    return f"{small(label(evidence.clause, ready, lang))}: {text}"


def own_target(evidence: Evidence, test: Test) -> Fraction | None:
    """The unit's own target, where the criterion is that the first measure less its target is zero or more.

    Such a target is a fact: the rule has it as a measure of its own. Telling "at least 171,332" then says
    the same as "the difference is at least 0", and says it better.
    """
    at = _target_of(evidence, test)
    return None if at is None else measure_value(evidence.clause.measures[at], evidence.rows[at]).exact


def _target_of(evidence: Evidence, test: Test) -> int | None:
    """Which of the measures is the target that `own_target` tells."""
    clause = evidence.clause
    first, difference = clause.measures[0].measure, clause.measures[test.measure].measure
    if test.measure == 0 or evidence.limit(test.threshold) != 0:
        return None
    shape = (difference.kind, difference.over, difference.coverage, difference.window)
    for at, ready in enumerate(clause.measures):
        target = ready.measure
        alike = all(
            (m.kind, m.over, m.coverage, m.window) == shape == ("value", *shape[1:]) for m in (first, target)
        )
        terms = {**dict(first.numerator), **{fact: -weight for fact, weight in target.numerator}}
        if alike and ready.part == "measure" and target is not first and dict(difference.numerator) == terms:
            return at
    return None


def has_own_targets(evidence: Evidence) -> bool:
    """Some criterion is told by the unit's own target, so that it is told differently of each unit."""
    if "own targets" not in evidence.memo:
        evidence.memo["own targets"] = any(
            _target_of(evidence, test) is not None for test in evidence.clause.tests
        )
    return bool(evidence.memo["own targets"])


def remedy_label(evidence: Evidence, lang: str) -> str:
    """What stands before a remedy: where there is no level, a value that is missing needs only to be told."""
    if rung(evidence, "pass", lang):
        return "För att uppfylla" if lang == "sv" else "To pass"
    return "För att kunna redovisas" if lang == "sv" else "To be reported"


def rung(evidence: Evidence, name: str, lang: str) -> str:
    """A whole rung in words; empty where there is none, or where a null parameter leaves it out."""
    tests = [test for test in evidence.clause.tests if test.rung == name]
    if not tests or any(
        test.threshold.parameter and evidence.limit(test.threshold) is None for test in tests
    ):
        return ""
    branches: dict[int, list[str]] = {}
    several = len({test.measure for test in tests}) > 1
    for test in tests:
        branches.setdefault(test.branch, []).append(criterion(evidence, test, lang, several))
    both, either = (" och ", ", eller ") if lang == "sv" else (" and ", ", or ")
    return either.join(both.join(parts) for parts in branches.values())
