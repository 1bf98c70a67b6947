"""What differs between two contracts, and which of the two is stricter (docs/impact.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from compliance.comparison import laid_on, nothing_in_common, rung_in_words, unread
from compliance.findings import phrases
from compliance.findings.history import matched
from compliance.findings.voice import NAMES
from compliance.language.contracts import Band, Points, Requirement, Scope
from compliance.language.program import MILLION, Clause, Program, Ready, Test, compile_contract
from compliance.language.rules import Measure, Rule, Rung
from compliance.library import contract_file, named_contract
from compliance.problems import InputError, Place, Problem, Problems
from compliance.report.labels import OBLIGATIONS as OBLIGATION_WORDS
from compliance.words import Text, listed, months, number

__all__ = [
    "KINDS",
    "Amendment",
    "Difference",
    "Renewal",
    "contract_difference",
    "counts",
    "differences",
    "renewal",
]

KINDS = ("added", "dropped", "tightened", "eased", "changed", "reworded", "moved", "renumbered")
NOTHING = Text("", "")
NO_LEVEL = Text("ingen nivå", "no level")
OBLIGATIONS = ("monitor", "target", "must")
SCOPE_WORDS = {
    "unit": Text("enheter", "units"),
    "branch": phrases.KIND_WORDS["branch"][1],
    "area": Text("områden", "areas"),
    "region": Text("regioner", "regions"),
}
OPERATOR_WORDS = {"region": Text("regiondrivna", "region-run"), "private": Text("privata", "private")}
ALL_MONTHS = 10**6


class Difference(NamedTuple):
    """One thing that differs.

    Attributes:
        kind: of KINDS: tightened, eased, changed (neither can be told), reworded, moved or renumbered.
        aspect: pass, partial, applies, months, obligation, scope, agreements, coverage, window, period, measure,
            rule, points, bands, references, assumed, title, question, quote, section or id.
        about: which measure, or whom it is about, where that must be said.
    """

    kind: str
    aspect: str
    before: Text
    after: Text
    about: Text | None = None


class Amendment(NamedTuple):
    """A requirement of either contract, or of both; `differences` is empty where it is as it was."""

    before: Clause | None
    after: Clause | None
    differences: tuple[Difference, ...]

    @property
    def clause(self) -> Clause:
        """As it is now, if it still is."""
        clause = self.after or self.before
        assert clause is not None
        return clause

    @property
    def kinds(self) -> tuple[str, ...]:
        """What has become of it, of KINDS; nothing where it is as it was."""
        if self.before is None or self.after is None:
            return ("dropped",) if self.after is None else ("added",)
        found = {difference.kind for difference in self.differences}
        return tuple(kind for kind in KINDS if kind in found)


class Renewal(NamedTuple):
    """Two contracts, and their requirements: those of the new one in its order, then those that are gone."""

    old: Program
    new: Program
    amendments: tuple[Amendment, ...]
    errors: tuple[Problem, ...] = ()

    def of(self, kind: str) -> tuple[Amendment, ...]:
        return tuple(one for one in self.amendments if kind in one.kinds)

    @property
    def unchanged(self) -> tuple[Amendment, ...]:
        return tuple(one for one in self.amendments if not one.kinds)


def contract_difference(old: str | Path, new: str | Path, library: str | Path | None = None) -> Renewal:
    """What differs between two contracts, named by their ids or their files.

    A file in another library's `contracts/` is read with the rules of that library, so that rules that differ show.

    Raises:
        InputError: one of them isn't there, or can't be read. Lesser faults are in `errors`.
    """
    problems = Problems()
    programs: list[Program] = []
    files: list[Path] = []
    for name in (old, new):
        contract, books = named_contract(name, problems, Path(library) if library is not None else None)
        files.append(contract_file(name, books))
        period = contract.period
        programs.append(compile_contract(contract, books, period, period.last_day, problems))
    if files[0] == files[1]:
        message = "Both contracts are the same. Name an earlier one first, and then a later one."
        raise InputError([Problem(Place(str(new)), message)])
    if problem := nothing_in_common(programs[0], programs[1], new):
        raise InputError([problem, *problems])
    return renewal(*programs)._replace(errors=tuple(sorted(problems)))


def renewal(old: Program, new: Program) -> Renewal:
    """What differs between two contracts. Requirements are matched as `compare` matches them.

    One that has errors in either is left out.
    """
    pairs = matched(old.clauses, new.clauses)
    before = {clause.id: clause for clause in old.clauses}
    hidden = unread(old) | unread(new)
    found: list[Amendment] = []
    for clause in new.clauses:
        earlier = before.get(pairs.get(clause.id, ""))
        if earlier is None:
            if clause.id not in hidden:
                found.append(Amendment(None, clause, ()))
            continue
        found.append(Amendment(earlier, clause, differences(old, earlier, new, clause)))
    kept = {*pairs.values(), *hidden}
    found += [Amendment(clause, None, ()) for clause in old.clauses if clause.id not in kept]
    return Renewal(old, new, tuple(found))


def differences(old: Program, before: Clause, new: Program, after: Clause) -> tuple[Difference, ...]:
    """What differs between a requirement of the old contract and the one of the new that continues it."""
    months_later = new.period.first - old.period.first
    laid = laid_on(before, old.contract.period, new, months_later, {}) or before
    return tuple(_differences(before, laid, after))


def _differences(own: Clause, before: Clause, after: Clause) -> Iterator[Difference]:
    """What differs between a requirement (`own` as it was, `before` as it would read now) and its successor."""
    yield from _levels(before, after)
    yield from _terms(before, after)
    yield from _measures(before, after)
    if (before.first, before.last) != (after.first, after.last):
        yield _both("changed", "period", own, after, _period)
    yield from _beside(before.requirement, after.requirement)
    yield from _rule(before.rule, after.rule)
    yield from _texts(own, after)


def _both(
    kind: str, aspect: str, before: Clause, after: Clause, words: Callable[[Clause, str], str]
) -> Difference:
    old, new = (Text(*(words(clause, lang) for lang in ("sv", "en"))) for clause in (before, after))
    return Difference(kind, aspect, old, new)


def _period(clause: Clause, lang: str) -> str:
    return months(range(clause.first, clause.last + 1), lang)


# Levels: each rung as the set of values that reach it -------------------------------------------------


class _Span(NamedTuple):
    """Values from `low` to `high`; None where there is no end. `known` is false for a value that isn't known."""

    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False
    known: bool = True

    def within(self, other: _Span) -> bool:
        if self.known is not other.known:
            return False
        above = other.low is None or (
            self.low is not None and (self.low, self.low_open) >= (other.low, other.low_open)
        )
        below = other.high is None or (
            self.high is not None and (-self.high, self.high_open) >= (-other.high, other.high_open)
        )
        return above and below

    def both(self, other: _Span) -> _Span:
        lows = [(end.low, end.low_open) for end in (self, other) if end.low is not None]
        highs = [(-end.high, end.high_open) for end in (self, other) if end.high is not None]
        low, low_open = max(lows) if lows else (None, False)
        high, high_open = max(highs) if highs else (None, False)
        known = self.known and other.known
        return _Span(low, low_open, None if high is None else -high, high_open, known)


Box = Mapping[str, _Span]
"""A measure's name -> the values that it may have; a measure that isn't named may have any, or none."""
Region = tuple[Box, ...]
"""Any of the boxes."""
EVERYWHERE: Region = ({},)


def _span(test: Test, ready: Ready, limit: Fraction) -> _Span:
    if test.comparison == "known":
        return _Span(known=bool(limit))
    top = {"level": 2, "yes_no": 1, "choice": len(ready.options) - 1}.get(ready.type)
    if test.comparison == "equals":
        # The best of the answers is as good as at least that, and the worst as at most that.
        return _Span(None if top and limit == 0 else limit, False, None if limit == top else limit, False)
    return {
        "above": _Span(limit, True),
        "at_least": _Span(limit),
        "below": _Span(None, False, limit, True),
        "at_most": _Span(None, False, limit),
    }[test.comparison]


def _region(clause: Clause, rung: str, settings: Mapping[str, int | None]) -> Region | None:
    """Where a rung holds; None where there is none, or where a null parameter leaves it out."""
    branches: dict[int, dict[str, _Span]] = {}
    for test in clause.tests:
        if test.rung != rung:
            continue
        ready, name = clause.measures[test.measure], test.threshold.parameter
        limit = settings.get(name) if name else test.threshold.value
        if limit is None:
            return None
        value = Fraction(limit) if test.comparison == "known" else Fraction(limit, MILLION)
        box = branches.setdefault(test.branch, {})
        span = _span(test, ready, value)
        box[ready.name] = box[ready.name].both(span) if ready.name in box else span
    return tuple(branches.values()) or None


def _within(one: Region, other: Region) -> bool:
    return all(
        any(all(name in box and box[name].within(span) for name, span in outer.items()) for outer in other)
        for box in one
    )


def _direction(before: Region, after: Region) -> str:
    """tightened where less satisfies it, eased where more does, else changed."""
    narrower, wider = _within(after, before), _within(before, after)
    if narrower is wider:
        return "changed"
    return "tightened" if narrower else "eased"


OPPOSITE = {"tightened": "eased", "eased": "tightened", "changed": "changed"}


def _levels(before: Clause, after: Clause) -> Iterator[Difference]:
    scopes = dict.fromkeys(layer.scope for clause in (before, after) for layer in clause.vary)
    for one in _rungs(before, after, before.parameters, after.parameters, None):
        yield one._replace(about=_but_for(before, after, one.aspect, scopes))
    for rung in ("rule_applies", "applies"):
        yield from _conditions(before, after, rung)
    for scope in scopes:
        old, new = (_varied(clause, scope) for clause in (before, after))
        if (old, new) != (before.parameters, after.parameters):
            who = Text(*(_scope(scope, lang) for lang in ("sv", "en")))
            base = list(_rungs(before, after, before.parameters, after.parameters, who))
            yield from (one for one in _rungs(before, after, old, new, who) if one not in base)


def _but_for(before: Clause, after: Clause, rung: str, scopes: Iterable[Scope]) -> Text | None:
    """Those with a level of their own that is as it was, where that of the others isn't."""
    spared = [
        scope
        for scope in scopes
        if rung_in_words(before, rung, _varied(before, scope), "sv")
        == rung_in_words(after, rung, _varied(after, scope), "sv")
    ]
    if not spared:
        return None
    sv, en = (listed([_scope(scope, lang) for scope in spared], lang) for lang in ("sv", "en"))
    return Text(f"utom {sv}", f"but for {en}")


def _varied(clause: Clause, scope: Scope) -> dict[str, int | None]:
    """The parameters of those whom the entries of this scope concern."""
    settings = dict(clause.parameters)
    for layer in clause.vary:
        if layer.scope == scope:
            settings.update(layer.parameters)
    return settings


def _rungs(
    before: Clause,
    after: Clause,
    old: Mapping[str, int | None],
    new: Mapping[str, int | None],
    about: Text | None,
) -> Iterator[Difference]:
    regions = [
        [_region(clause, rung, held) for rung in ("pass", "partial")]
        for clause, held in ((before, old), (after, new))
    ]
    had, has = (any(region is not None for region in some) for some in regions)
    for index, rung in enumerate(("pass", "partial")):
        words = [
            Text(*(rung_in_words(clause, rung, held, lang) for lang in ("sv", "en")))
            for clause, held in ((before, old), (after, new))
        ]
        compared = _comparable(before, after, ("pass", "partial")[: index + 1])
        if words[0] == words[1] or (compared and regions[0][index] == regions[1][index]):
            continue
        if not (had and has):
            kind = "tightened" if has else "eased"
        elif not compared:
            kind = "changed"
        else:  # who reaches `partial` is who reaches it or `pass`
            reached = [tuple(box for region in some[: index + 1] for box in region or ()) for some in regions]
            kind = _direction(*reached)
        yield Difference(
            kind, rung, words[0] if words[0].sv else NO_LEVEL, words[1] if words[1].sv else NO_LEVEL, about
        )


def _conditions(before: Clause, after: Clause, rung: str) -> Iterator[Difference]:
    """`applies`: the fewer it holds for, the fewer the requirement concerns."""
    regions = [_region(clause, rung, clause.parameters) for clause in (before, after)]
    words = [
        Text(*(rung_in_words(clause, rung, clause.parameters, lang) for lang in ("sv", "en")))
        for clause in (before, after)
    ]
    if words[0] == words[1]:
        return
    old, new = (EVERYWHERE if region is None else region for region in regions)
    told = _comparable(before, after, (rung,)) or None in regions
    kind = OPPOSITE[_direction(old, new)] if told else "changed"
    always = Text("alltid", "always")
    yield Difference(
        kind, "applies", words[0] if words[0].sv else always, words[1] if words[1].sv else always
    )


def _comparable(before: Clause, after: Clause, rungs: Collection[str]) -> bool:
    """The measures that these levels are compared with are the same."""
    old, new = ({ready.name: ready for ready in clause.measures} for clause in (before, after))
    compared = {c.measures[t.measure].name for c in (before, after) for t in c.tests if t.rung in rungs}
    return all(
        name in old and name in new and _made_of(old[name]) == _made_of(new[name]) for name in compared
    )


def _made_of(ready: Ready) -> Hashable:
    """What a measure is made of, but for the months that it asks for and a threshold within it."""
    measure = ready.measure
    terms = tuple(
        (term.fact, Fraction(term.weight, ready.unit), term.numerator, term.by_months, term.earlier)
        for term in ready.terms
    )
    facts = tuple((fact.name, fact.type, fact.per, fact.stock, fact.options) for fact in ready.facts)
    return (
        measure.kind,
        measure.over,
        ready.type,
        measure.comparison,
        measure.days,
        measure.opens,
        measure.closes,
        terms,
        facts,
    )


# The other terms ------------------------------------------------------------------------------------


def _terms(before: Clause, after: Clause) -> Iterator[Difference]:
    """Obligation, whom it is for, agreements: each has an order of its own."""
    old, new = before.requirement, after.requirement
    if old.obligation != new.obligation:
        stricter = OBLIGATIONS.index(new.obligation) > OBLIGATIONS.index(old.obligation)
        kind = "tightened" if stricter else "eased"
        yield Difference(kind, "obligation", *(OBLIGATION_WORDS[one.obligation] for one in (old, new)))
    if old.scope != new.scope:
        fewer, more = _part_of(new.scope, old.scope), _part_of(old.scope, new.scope)
        kind = "changed" if fewer is more else "eased" if fewer else "tightened"
        if not (fewer and more):
            yield _both(
                kind, "scope", before, after, lambda clause, lang: _scope(clause.requirement.scope, lang)
            )
    if old.via_agreement != new.via_agreement:
        counts = Text("avtal med annan utförare räknas", "agreements with other providers count")
        not_so = Text("avtal med annan utförare räknas inte", "agreements with other providers don't count")
        words = (counts, not_so) if old.via_agreement else (not_so, counts)
        yield Difference("tightened" if old.via_agreement else "eased", "agreements", *words)


def _part_of(one: Scope, other: Scope) -> bool:
    """Whom one concerns, the other concerns, too."""
    own = dict(one.attributes)
    return all(name in own and set(own[name]) <= set(values) for name, values in other.attributes)


def _scope(scope: Scope, lang: str) -> str:
    parts: list[str] = []
    for attribute, values in scope.attributes:
        words = {"kind": SCOPE_WORDS, "operator": OPERATOR_WORDS}.get(attribute, {})
        parts.append(listed([words[value][lang] if value in words else value for value in values], lang))
    return "; ".join(parts)


def _measures(before: Clause, after: Clause) -> Iterator[Difference]:
    old = {ready.name: ready for ready in before.measures}
    new = {ready.name: ready for ready in after.measures}
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        about = _label(after, other) if other else _label(before, one)
        if (one is None and _conditional(after, name)) or (other is None and _conditional(before, name)):
            continue  # `applies` tells it
        if one is None or other is None or _made_of(one) != _made_of(other):
            none = Text("inget", "none")
            was, now = (_formula(ready) if ready else none for ready in (one, other))
            yield Difference("changed", "measure", was, now, about)
            continue
        first, then = one.measure, other.measure
        if first.coverage != then.coverage:
            kind = "tightened" if (then.coverage or ALL_MONTHS) > (first.coverage or ALL_MONTHS) else "eased"
            yield Difference(kind, "coverage", _coverage(first.coverage), _coverage(then.coverage), about)
        if first.window != then.window:
            yield Difference("changed", "window", _window(first.window), _window(then.window), about)
        yield from _within_months(before, after, one, other, about)


def _conditional(clause: Clause, name: str) -> bool:
    """The measure tells only whether the requirement applies."""
    rungs = {test.rung for test in clause.tests if clause.measures[test.measure].name == name}
    return bool(rungs) and not rungs & {"pass", "partial"}


def _label(clause: Clause, ready: Ready | None) -> Text:
    assert ready is not None
    return Text(*(phrases.label(clause, ready, lang) for lang in ("sv", "en")))


def _coverage(coverage: int | None) -> Text:
    if coverage is None:
        return Text("uppgift för alla månader", "figures for all months")
    return Text(f"uppgift för minst {coverage} månader", f"figures for at least {coverage} months")


def _window(window: int | None) -> Text:
    if window is None:
        return Text("periodens månader", "the period's months")
    if window == 1:
        return Text("den sista månaden", "the last month")
    return Text(f"de {window} senaste månaderna", f"the {window} latest months")


def _within_months(
    before: Clause, after: Clause, one: Ready, other: Ready, about: Text
) -> Iterator[Difference]:
    """The threshold that each month of a measure of months must hold."""
    limits = [
        None
        if ready.threshold is None
        else clause.parameters.get(ready.threshold.parameter)
        if ready.threshold.parameter
        else ready.threshold.value
        for clause, ready in ((before, one), (after, other))
    ]
    if limits[0] == limits[1] or one.measure.kind != "months":
        return
    was, now = (
        NO_LEVEL if limit is None else _month_level(ready, Fraction(limit, MILLION))
        for ready, limit in zip((one, other), limits, strict=True)
    )
    tests = [test for test in after.tests if after.measures[test.measure].name == other.name]
    ways = {
        1 if t.comparison in ("above", "at_least") else -1 if t.comparison in ("below", "at_most") else 0
        for t in tests
    }
    kind = "changed"
    if None not in limits and ways in ({1}, {-1}) and one.measure.comparison != "equals":
        raised = (limits[1] or 0) > (limits[0] or 0)
        fewer_hold = raised is (one.measure.comparison in ("above", "at_least"))
        kind = "tightened" if fewer_hold is (ways == {1}) else "eased"
    yield Difference(kind, "months", was, now, about)


def _month_level(ready: Ready, limit: Fraction) -> Text:
    (fact,) = ready.facts
    plain = ready._replace(type="hours" if fact.type == "opening_hours" else fact.type)
    plain = plain._replace(measure=plain.measure._replace(kind="value"))
    word = str(ready.measure.comparison)
    return Text(*(phrases.comparison(plain, word, limit, lang) for lang in ("sv", "en")))


def _formula(ready: Ready) -> Text:
    """What a measure is made of, as a formula of facts: `andel: A + B av C`."""
    return Text(_formula_in(ready, "sv"), _formula_in(ready, "en"))


FORMULAS = {
    "value": Text("{a}", "{a}"),
    "share": Text("andel {a} av {b}", "share of {a} in {b}"),
    "rate": Text("{a} per {scale}{b}", "{a} per {scale}{b}"),
    "met": Text("andel ja: {a}", "share of yes: {a}"),
    "count": Text("antal ja: {a}", "number of yes: {a}"),
    "answered": Text("andel besvarade: {a}", "share answered: {a}"),
    "months": Text("andel månader: {a}", "share of months: {a}"),
    "open": Text("dagar öppna hela tiden: {a}", "days open all the time: {a}"),
    "change": Text("förändring av {a}", "change in {a}"),
}
OVER = {
    "last": Text(", sista månaden", ", last month"),
    "min": Text(", lägsta månaden", ", lowest month"),
    "max": Text(", högsta månaden", ", highest month"),
    "total": Text(", summa", ", total"),
}


def _formula_in(ready: Ready, lang: str) -> str:
    measure = ready.measure
    titles = {name: fact.title[lang] for name, fact in zip(measure.facts, ready.facts, strict=True)}

    def side(top: bool) -> str:
        terms = measure.numerator if top else measure.denominator
        return " + ".join(
            titles[term.fact] if term.weight == 1 else f"{number(term.weight, lang, 6)} × {titles[term.fact]}"
            for term in terms
        )

    scale = "" if measure.scale == 1 else f"{number(measure.scale, lang, 6)} "
    told = FORMULAS[measure.kind][lang].format(a=side(True), b=side(False), scale=scale)
    if measure.kind == "open":
        told += f" {measure.opens // 60:02d}:{measure.opens % 60:02d}–{measure.closes // 60:02d}:{measure.closes % 60:02d}"
    return told + (OVER[measure.over][lang] if measure.kind == "value" and measure.over in OVER else "")


# What stands beside the level -----------------------------------------------------------------------


def _beside(old: Requirement, new: Requirement) -> Iterator[Difference]:
    for aspect, words in (
        ("points", _points),
        ("bands", _bands),
        ("references", _references),
        ("assumed", _assumed),
    ):
        if words(old) != words(new):
            yield Difference("changed", aspect, words(old), words(new))


def _points(requirement: Requirement) -> Text:
    points: Points | None = requirement.points
    if points is None:
        return Text("inga poäng", "no points")
    if points.largest is None:
        told = ", ".join(f"{grade} {amount:f}" for grade, amount in points.by_grade)
        return Text(f"poäng: {told}", f"points: {told}")
    told = f"{points.largest:f} ({points.from_}–{points.to})"
    return Text(f"poäng: högst {told}", f"points: at most {told}")


def _bands(requirement: Requirement) -> Text:
    def band(one: Band, lang: str) -> str:
        return " ".join(f"{phrases.WORDS[word][lang]} {limit}" for word, limit in one.comparisons)

    if not requirement.bands:
        return Text("ingen fördelning", "no bands")
    return Text(*("; ".join(band(one, lang) for one in requirement.bands) for lang in ("sv", "en")))


def _references(requirement: Requirement) -> Text:
    if not requirement.references:
        return Text("inget", "none")
    return Text(
        *(
            ", ".join(
                f"{NAMES[name][lang] if name in NAMES else name} {number(value, lang, 6)}"
                for name, value in requirement.references.items()
            )
            for lang in ("sv", "en")
        )
    )


def _assumed(requirement: Requirement) -> Text:
    names = sorted(requirement.assumed)
    return Text(*(listed(names, lang) for lang in ("sv", "en"))) if names else Text("ingen", "none")


def _rule(old: Rule, new: Rule) -> Iterator[Difference]:
    """Another rule, or the same one as another library has it."""
    if old.name != new.name:
        yield Difference("changed", "rule", Text(old.name, old.name), Text(new.name, new.name))
        return
    parts = {
        "measures": (Text("mått", "measures"), _plain(old.measures), _plain(new.measures)),
        "parameters": (Text("parametrar", "parameters"), old.parameters, new.parameters),
        "grade": (Text("nivåer", "levels"), _ladder(old.grade), _ladder(new.grade)),
        "applies": (
            Text("villkor", "conditions"),
            (_criteria(old.applies), _plain(old.applies_measures)),
            (_criteria(new.applies), _plain(new.applies_measures)),
        ),
    }
    differing = [words for words, one, other in parts.values() if one != other]
    if differing:
        sv, en = (listed([words[lang] for words in differing], lang) for lang in ("sv", "en"))
        yield Difference(
            "changed",
            "rule",
            Text(old.name, old.name),
            Text(f"{new.name} med andra {sv}", f"{new.name} with other {en}"),
        )
    if old.question != new.question:
        nothing = Text("ingen fråga", "no question")
        yield Difference("reworded", "question", old.question or nothing, new.question or nothing)


def _plain(measures: Sequence[Measure]) -> Hashable:
    return tuple(measure._replace(place=Place(""), title=None, figure=None) for measure in measures)


def _criteria(rung: Rung) -> Hashable:
    return tuple(tuple(criterion._replace(place=Place("")) for criterion in branch) for branch in rung)


def _ladder(grade: Mapping[str, Rung]) -> Hashable:
    return tuple((name, _criteria(grade[name])) for name in sorted(grade))


def _texts(before: Clause, after: Clause) -> Iterator[Difference]:
    if before.title != after.title:
        yield Difference("reworded", "title", before.title, after.title)
    sources = zip_longest(before.requirement.sources, after.requirement.sources)
    for one, other in sources:
        old, new = (Text(s.quote, s.quote) if s else Text("–", "–") for s in (one, other))
        if old != new:
            yield Difference("reworded", "quote", old, new)
    old, new = (_sections(clause) for clause in (before, after))
    if old != new:
        yield Difference("moved", "section", old, new)
    if before.id != after.id:
        yield Difference("renumbered", "id", *(Text(clause.id, clause.id) for clause in (before, after)))


def _sections(clause: Clause) -> Text:
    told = ", ".join(dict.fromkeys(source.section for source in clause.requirement.sources))
    return Text(told, told)


def counts(amendments: Iterable[Amendment]) -> dict[str, int]:
    """How many requirements are of each kind; one may be of several."""
    found = dict.fromkeys(KINDS, 0)
    for one in amendments:
        for kind in one.kinds:
            found[kind] += 1
    return found
