"""Rules: measures, parameters and a ladder of grades, reusable between contracts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.language.facts import LEVELS, YES_NO
from compliance.language.reader import Document, Path_
from compliance.language.schedule import DAYS, read_clock
from compliance.language.shape import (
    Name,
    Number,
    Shape,
    Texts,
    Whole,
    Word,
    check,
    closed_list,
    is_name,
    read_decimal,
    typed,
)
from compliance.problems import Place, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "COMPARISONS",
    "THRESHOLD_WORDS",
    "Criterion",
    "Example",
    "Measure",
    "Rule",
    "Rung",
    "Weighted",
    "Wording",
    "WordingShape",
    "read_measure",
    "read_parameters",
    "read_rule",
    "read_rung",
    "read_terms",
]

COMPARISONS = ("above", "at_least", "below", "at_most", "equals")
THRESHOLD_WORDS = frozenset(
    {*LEVELS, *YES_NO, *COMPARISONS, "known", "period_end", "as_of", "null", "measure", "all", "any"}
)
_WORDS = frozenset({*COMPARISONS, "known", "measure", "all", "any"})
GRADES = ("pass", "partial", "fail", "unknown", "not_applicable", "info")


class Weighted(NamedTuple):
    """A fact in a measure, with its weight."""

    fact: str
    weight: Decimal = Decimal(1)


class Measure(NamedTuple):
    """A number computed from facts: a numerator over a denominator (the table in docs/language.md).

    `over` tells how months become one number: mean, last, min, max or total (for kind `value`);
    `figure` names the measure within a sentence of the summary.
    """

    name: str
    kind: str
    numerator: tuple[Weighted, ...]
    denominator: tuple[Weighted, ...] = ()
    over: str = "mean"
    scale: Decimal = Decimal(1)
    coverage: int | None = None
    window: int | None = None
    comparison: str | None = None
    threshold: str | None = None
    days: tuple[int, ...] = ()
    opens: int = 0
    closes: int = 0
    title: Text | None = None
    figure: Text | None = None
    place: Place = Place("")

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(term.fact for term in (*self.numerator, *self.denominator)))


class Criterion(NamedTuple):
    """A measure compared with a threshold, which is still text: a parameter's name or a value."""

    measure: str
    comparison: str
    threshold: str
    place: Place


Rung = tuple[tuple[Criterion, ...], ...]
"""Any of alls: the rung holds where all criteria of one branch do."""


class Example(NamedTuple):
    facts: dict[str, Any]
    grade: str
    parameters: dict[str, str | None]
    place: Place
    path: Path_


class Wording(NamedTuple):
    """How the board's summary words a requirement: noun phrases, and which statistic leads.

    `asks` completes "uppfyller kravet på …", with parameters in braces; `figure` names what is measured.
    """

    asks: Text | None = None
    figure: Text | None = None
    statistic: str | None = None
    split: str | None = None
    measures: tuple[str, ...] | None = None
    """The measures that are told of; all where it isn't said."""

    def over(self, other: Wording) -> Wording:
        """These words, and the other's where there are none."""
        return Wording(
            self.asks or other.asks,
            self.figure or other.figure,
            self.statistic or other.statistic,
            self.split or other.split,
            other.measures if self.measures is None else self.measures,
        )


class WordingShape(Shape):
    asks: Texts | None = None
    figure: Texts | None = None
    statistic: Annotated[str | None, closed_list("mean", "median", "pooled", "total")] = None
    split: Annotated[str | None, closed_list("operator", "municipality")] = None
    measures: list[Name] | None = None

    def wording(self) -> Wording:
        told = None if self.measures is None else tuple(self.measures)
        return Wording(self.asks, self.figure, self.statistic, self.split, told)


class Rule(NamedTuple):
    name: str
    title: Text
    measures: tuple[Measure, ...]
    parameters: dict[str, str | None]
    grade: dict[str, Rung]
    applies: Rung
    applies_measures: tuple[Measure, ...]
    takes: tuple[str, ...]
    question: Text | None
    wording: Wording
    examples: tuple[Example, ...]
    document: Document
    path: Path_

    @property
    def place(self) -> Place:
        return self.document.key_place(*self.path)


def read_terms(data: Any) -> tuple[Weighted, ...]:
    """Facts with their weights: `f`, or `[f, {g: -1}]`.

    Raises:
        ValueError: with a whole message.
    """
    items = data if isinstance(data, list) else [data]
    terms: list[Weighted] = []
    for item in items:
        if isinstance(item, str) and item:
            terms.append(Weighted(item))
        elif isinstance(item, dict) and len(item) == 1:
            ((fact, weight),) = item.items()
            terms.append(Weighted(fact, read_decimal(weight)))
        else:
            raise ValueError("Expected facts: a name, a list of names, or {fact: weight} in the list.")
    if not terms:
        raise ValueError("The list of facts is empty. Name at least one fact.")
    names = [term.fact for term in terms]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise ValueError(f"The fact {shown(double)} stands twice in one list. Name it once, with a weight.")
    return tuple(terms)


def _plain_terms(data: Any) -> tuple[Weighted, ...]:
    terms = read_terms(data)
    if any(term.weight != 1 for term in terms):
        raise ValueError("Facts that are counted have no weights. Write their names alone.")
    return terms


def _days(data: Any) -> tuple[int, ...]:
    if not isinstance(data, list) or not data:
        raise ValueError("Expected a list of days: [mon, tue, wed, thu, fri].")
    for item in data:
        if item not in DAYS:
            raise ValueError(f"{shown(str(item))} isn't a day. Write {one_of(DAYS)}.")
    return tuple(sorted({DAYS.index(item) for item in data}))


def _clock(data: Any) -> int:
    return read_clock(str(data))


Terms = Annotated[tuple[Weighted, ...], typed(read_terms)]
PlainTerms = Annotated[tuple[Weighted, ...], typed(_plain_terms)]
Clock = Annotated[int, typed(_clock)]
DayList = Annotated[tuple[int, ...], typed(_days)]


class _Months(Shape):
    coverage: Whole | None = None
    window: Whole | None = None
    title: Texts | None = None
    figure: Texts | None = None


class _Value(_Months):
    value: Terms
    over: Annotated[str, closed_list("mean", "last", "min", "max", "total")] = "mean"


class _Share(_Months):
    share: Terms
    of: Terms


class _Rate(_Months):
    rate: Terms
    per: Terms
    scale: Number = Decimal(1)


class _Met(_Months):
    met: PlainTerms


class _Count(_Months):
    count: PlainTerms


class _Answered(Shape):
    answered: PlainTerms
    window: Whole | None = None
    title: Texts | None = None
    figure: Texts | None = None


class _MonthsThat(_Months):
    months: Name
    above: Word | None = None
    at_least: Word | None = None
    below: Word | None = None
    at_most: Word | None = None
    equals: Word | None = None


class _OpenAt(Shape):
    open: Name
    days: DayList = (0, 1, 2, 3, 4)
    from_: Clock = Field(alias="from")
    to: Clock
    title: Texts | None = None
    figure: Texts | None = None


class _Change(Shape):
    change: Name
    window: Whole | None = None
    title: Texts | None = None
    figure: Texts | None = None


_KINDS: dict[str, type[Shape]] = {
    "value": _Value,
    "share": _Share,
    "rate": _Rate,
    "met": _Met,
    "count": _Count,
    "answered": _Answered,
    "months": _MonthsThat,
    "open": _OpenAt,
    "change": _Change,
}


def read_measure(name: str, data: Any, document: Document, path: Path_, problems: Problems) -> Measure | None:
    """The measure `name`, or None and problems."""
    kinds = [kind for kind in _KINDS if isinstance(data, dict) and kind in data]
    if len(kinds) != 1:
        found = "none of them" if not kinds else one_of(kinds).replace(" or ", " and ")
        near = ""
        if isinstance(data, dict) and not kinds:
            near = next((hint for key in data if (hint := did_you_mean(key, _KINDS))), "")
        problems.add(
            document.place(*path),
            f"A measure has one of {one_of(_KINDS)}; found {found}.{near}",
        )
        return None
    raw: Any = check(_KINDS[kinds[0]], data, document, path, problems)
    if raw is None:
        return None
    kind = kinds[0]
    place = document.place(*path)
    common: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "title": raw.title,
        "figure": raw.figure,
        "place": place,
    }
    months: dict[str, Any] = {key: getattr(raw, key, None) for key in ("coverage", "window")}
    if kind == "value":
        return Measure(numerator=raw.value, over=raw.over, **common, **months)
    if kind == "share":
        return Measure(numerator=raw.share, denominator=raw.of, scale=Decimal(100), **common, **months)
    if kind == "rate":
        if raw.scale <= 0:
            problems.add(document.place(*path, "scale"), "A scale is above zero, such as 1000.")
            return None
        return Measure(numerator=raw.rate, denominator=raw.per, scale=raw.scale, **common, **months)
    if kind in ("met", "count", "answered"):
        return Measure(numerator=getattr(raw, kind), **common, **months)
    if kind == "months":
        given = [word for word in COMPARISONS if getattr(raw, word) is not None]
        if len(given) != 1:
            problems.add(
                document.place(*path),
                f"A measure of months has one comparison: {one_of(COMPARISONS)}. Found {len(given)}.",
            )
            return None
        return Measure(
            numerator=(Weighted(raw.months),),
            comparison=given[0],
            threshold=getattr(raw, given[0]),
            **common,
            **months,
        )
    if kind == "open":
        if raw.to <= raw.from_:
            problems.add(document.place(*path, "to"), "'to' is a time after 'from'. Swap them.")
            return None
        return Measure(
            numerator=(Weighted(raw.open),),
            over="last",
            days=raw.days,
            opens=raw.from_,
            closes=raw.to,
            **common,
        )
    return Measure(numerator=(Weighted(raw.change),), **common, window=raw.window)


class _Rungs:
    """Reads the rungs of one rule or requirement, and the measures that `applies` may define in them."""

    def __init__(
        self, document: Document, problems: Problems, measures: tuple[str, ...], own: str = ""
    ) -> None:
        self.document, self.problems = document, problems
        self.names = measures
        self.own = own
        self.made: list[Measure] = []
        self.broken = False

    def read(self, data: Any, path: Path_) -> Rung:
        if isinstance(data, dict) and set(data) & {"all", "any"}:
            if len(data) != 1:
                self._fault(path, "A rung is either 'all', 'any' or one criterion. Write one of them.")
                return ()
            if "all" in data:
                return (self._all(data["all"], (*path, "all")),)
            branches = self._list(data["any"], (*path, "any"))
            return tuple(self._branch(item, at) for item, at in branches)
        return (tuple(self._criterion(data, path)),)

    def _branch(self, data: Any, path: Path_) -> tuple[Criterion, ...]:
        if isinstance(data, dict) and "all" in data and len(data) == 1:
            return self._all(data["all"], (*path, "all"))
        return tuple(self._criterion(data, path))

    def _all(self, data: Any, path: Path_) -> tuple[Criterion, ...]:
        return tuple(
            criterion for item, at in self._list(data, path) for criterion in self._criterion(item, at)
        )

    def _list(self, data: Any, path: Path_) -> Iterator[tuple[Any, Path_]]:
        if not isinstance(data, list) or not data:
            self._fault(path, "Expected a list of criteria: [{measure: {above: threshold}}].")
            return
        for index, item in enumerate(data):
            yield item, (*path, index)

    def _criterion(self, data: Any, path: Path_) -> Iterator[Criterion]:
        if not isinstance(data, dict) or not data:
            self._fault(path, "Expected a criterion: {above: threshold} or {measure: {above: threshold}}.")
            return
        if set(data) & {"all", "any"}:
            self._fault(path, "'all' and 'any' go no deeper than an 'any' of 'all's. Write the rung flatter.")
            return
        words = (*COMPARISONS, "known")
        if self.own and "measure" in data:
            name = f"{self.own}-{len(self.made) + 1}"  # no measure of a rule can be named so
            measure = read_measure(name, data["measure"], self.document, (*path, "measure"), self.problems)
            if measure is None:
                self.broken = True
                return
            self.made.append(measure)
            rest = {key: value for key, value in data.items() if key != "measure"}
            yield from self._comparisons(name, rest, path)
        elif any(key in words for key in data):
            if len(self.names) != 1:
                self._fault(path, f"Name the measure that is compared: {{{self.names[0]}: {{…}}}}.")
                return
            yield from self._comparisons(self.names[0], data, path)
        else:
            for name, comparisons in data.items():
                if name not in self.names:
                    self._fault(
                        (*path, name),
                        f"{shown(name)} is neither a measure of this rule ({one_of(self.names)}) "
                        "nor a "
                        f"comparison ({one_of(words)}).{did_you_mean(name, (*self.names, *words))}",
                        key=True,
                    )
                    continue
                yield from self._comparisons(name, comparisons, (*path, name))

    def _comparisons(self, measure: str, data: Any, path: Path_) -> Iterator[Criterion]:
        words = (*COMPARISONS, "known")
        if not isinstance(data, dict) or not data:
            self._fault(path, f"Expected a comparison: {{above: threshold}} ({one_of(words)}).")
            return
        for word, threshold in data.items():
            at = (*path, word)
            if word not in words:
                self._fault(
                    at,
                    f"Unknown key {shown(word)}. Allowed here: {one_of(words)}.{did_you_mean(word, words)}",
                    key=True,
                )
            elif not isinstance(threshold, str):
                self._fault(at, f"{shown(word)} takes a threshold: a parameter's name or a value.")
            else:
                yield Criterion(measure, word, threshold, self.document.place(*at))

    def _fault(self, path: Path_, message: str, key: bool = False) -> None:
        self.broken = True
        place = self.document.key_place(*path) if key else self.document.place(*path)
        self.problems.add(place, message)


def read_rung(
    data: Any,
    document: Document,
    path: Path_,
    problems: Problems,
    measures: tuple[str, ...],
    own: str = "",
) -> tuple[Rung, tuple[Measure, ...]] | None:
    """A rung, and the measures that it defines itself (where `own` names them: in `applies`)."""
    reader = _Rungs(document, problems, measures, own)
    rung = reader.read(data, path)
    return None if reader.broken else (rung, tuple(reader.made))


class _ExampleShape(Shape):
    facts: dict[str, Any]
    grade: Annotated[str, closed_list(*GRADES)]
    parameters: dict[str, Any] = Field(default={})


class _RuleShape(Shape):
    title: Texts
    measure: Any = None
    measures: dict[str, Any] | None = None
    parameters: dict[str, Any] = Field(default={})
    grade: dict[str, Any] = Field(default={})
    applies: Any = None
    takes: list[Name] = Field(default=[])
    question: Texts | None = None
    summary: WordingShape = Field(default=WordingShape())
    examples: list[_ExampleShape] = Field(default=[])


def read_parameters(
    data: dict[str, Any], document: Document, path: Path_, problems: Problems
) -> dict[str, str | None]:
    """Parameters as text, for they are typed by what they are compared with."""
    result: dict[str, str | None] = {}
    for name, value in data.items():
        if name in THRESHOLD_WORDS or not name.isidentifier():
            problems.add(
                document.key_place(*path, name),
                f"A parameter can't be named {shown(name)}: that is a threshold's own word, or no "
                "name. Choose a name such as minimum.",
            )
        elif value is not None and not isinstance(value, str):
            problems.add(
                document.place(*path, name), f"The parameter {name!r} takes one value, not a list or mapping."
            )
        else:
            result[name] = value
    return result


def read_rule(name: str, data: Any, document: Document, path: Path_, problems: Problems) -> Rule | None:
    """The rule `name`, or None and problems; facts and thresholds are looked up where it is used."""
    before = len(problems)
    raw = check(_RuleShape, data, document, path, problems)
    if raw is None:
        return None
    if (raw.measure is None) == (raw.measures is None):
        problems.add(
            document.key_place(*path), "A rule has either 'measure' or 'measures'. Write one of them."
        )
        return None
    named = {"value": raw.measure} if raw.measures is None else raw.measures
    measures: list[Measure] = []
    for key, value in named.items():
        at = (*path, "measure") if raw.measures is None else (*path, "measures", key)
        measure = read_measure(key, value, document, at, problems)
        if measure:
            measures.append(measure)
        if raw.measures is not None and (key in _WORDS or not is_name(key)):
            problems.add(
                document.key_place(*at),
                f"A measure can't be named {shown(key)}. Choose a name in small letters, such as "
                "own_staff, that is no comparison's.",
            )
    names = tuple(named)
    if not named:
        problems.add(document.place(*path, "measures"), "There is no measure here. Write at least one.")
        return None
    parameters = read_parameters(raw.parameters, document, (*path, "parameters"), problems)
    grade: dict[str, Rung] = {}
    for rung, content in raw.grade.items():
        if rung not in ("pass", "partial"):
            problems.add(
                document.key_place(*path, "grade", rung),
                f"{shown(rung)} can't be a rung. The rungs are pass and partial; what is on neither is fail.",
            )
            continue
        read = read_rung(content, document, (*path, "grade", rung), problems, names)
        if read:
            grade[rung] = read[0]
    applies: Rung = ()
    applies_measures: tuple[Measure, ...] = ()
    if raw.applies is not None:
        both = read_rung(raw.applies, document, (*path, "applies"), problems, names, "applies")
        if both:
            applies, applies_measures = both
    if len(problems) > before or not measures:
        return None
    return Rule(
        name=name,
        title=raw.title,
        measures=tuple(measures),
        parameters=parameters,
        grade=grade,
        applies=applies,
        applies_measures=applies_measures,
        takes=tuple(raw.takes),
        question=raw.question,
        wording=raw.summary.wording(),
        examples=_examples(raw, document, path, problems),
        document=document,
        path=path,
    )


def _examples(raw: _RuleShape, document: Document, path: Path_, problems: Problems) -> tuple[Example, ...]:
    examples: list[Example] = []
    for index, example in enumerate(raw.examples):
        at = (*path, "examples", index)
        parameters = read_parameters(example.parameters, document, (*at, "parameters"), problems)
        examples.append(Example(example.facts, example.grade, parameters, document.place(*at), at))
    return tuple(examples)
