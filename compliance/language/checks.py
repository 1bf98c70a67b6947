"""Figures that can be checked: relations between facts, and what a document or a region states."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.language.contracts import Scope, Source, SourceShape, read_quote, read_scope
from compliance.language.facts import NUMERIC, Fact
from compliance.language.reader import Document, Path_
from compliance.language.rules import Measure, Weighted, read_measure, read_terms
from compliance.language.shape import Number, Shape, Texts, check, closed_list, read_decimal, typed
from compliance.problems import Place, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = ["STATISTICS", "Check", "Stated", "read_check", "read_stated"]

STATISTICS = ("pooled", "mean", "median", "min", "max", "total", "units")
PLAIN = ("total", "difference", "share", "change", "mean")
WAYS = (*PLAIN, "measure")


class Check(NamedTuple):
    """A relation between facts: a weighted sum is another one, or at most that."""

    name: str
    title: Text
    left: tuple[Weighted, ...]
    comparison: str
    right: tuple[Weighted, ...]
    within: Decimal
    place: Place

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(term.fact for term in (*self.left, *self.right)))


class _CheckShape(Shape):
    title: Texts
    sum: Annotated[tuple[Weighted, ...], typed(read_terms)]
    is_: Annotated[tuple[Weighted, ...] | None, typed(read_terms)] = Field(default=None, alias="is")
    at_most: Annotated[tuple[Weighted, ...] | None, typed(read_terms)] = None
    within: Number = Decimal(0)


def read_check(
    name: str,
    data: Any,
    document: Document,
    path: Path_,
    facts: dict[str, Fact | None],
    problems: Problems,
) -> Check | None:
    """The check `name` of the catalogue, or None and problems."""
    raw = check(_CheckShape, data, document, path, problems)
    if raw is None:
        return None
    if (raw.is_ is None) == (raw.at_most is None):
        problems.add(
            document.key_place(*path),
            "A check compares its sum with one thing. Write either 'is' or 'at_most'.",
        )
        return None
    if raw.within < 0:
        problems.add(document.place(*path, "within"), "'within' is zero or more, such as 0.5.")
        return None
    right = raw.is_ or raw.at_most or ()
    comparison = "is" if raw.is_ is not None else "at_most"
    made = Check(name, raw.title, raw.sum, comparison, right, raw.within, document.key_place(*path))
    return made if _comparable(made, document, path, facts, problems) else None


def _comparable(
    made: Check, document: Document, path: Path_, facts: dict[str, Fact | None], problems: Problems
) -> bool:
    used: list[Fact] = []
    for key, terms in (("sum", made.left), (made.comparison, made.right)):
        for term in terms:
            fact = facts.get(term.fact)
            if term.fact not in facts:
                problems.add(
                    document.place(*path, key),
                    f"There is no fact {shown(term.fact)} in the catalogue."
                    f"{did_you_mean(term.fact, facts) or ' See rules/facts.yaml.'}",
                )
            elif fact is not None and fact.type not in NUMERIC:
                problems.add(
                    document.place(*path, key),
                    f"{term.fact!r} is of type {fact.type}, which can't be added. Check numbers.",
                )
            elif fact is not None:
                used.append(fact)
    if len(used) < len(made.left) + len(made.right):
        return False
    if len({fact.per for fact in used}) > 1:
        problems.add(
            document.place(*path),
            "The facts of a check are observed equally often: all per month, per year or per period. "
            "Divide it into two checks.",
        )
        return False
    return True


class Stated(NamedTuple):
    """A figure that a document or a region states, and one way to recompute it.

    Attributes:
        value: as stated; `step` is the unit of its last digit, or what it was rounded to.
        plain: the figure recomputed from numbers that stand in the document, exactly.
        measure: else a measure over the units, of which `statistic` is taken.
        when: now, before (the previous portfolio), or difference (now less before).
        note: what is wrong with a figure that doesn't agree, and what was assumed instead.
    """

    title: Text
    value: Decimal
    step: Decimal
    way: str
    plain: Fraction | None
    operands: tuple[Decimal, ...]
    measure: Measure | None
    statistic: str
    when: str
    scope: Scope
    source: Source | None
    note: Text | None
    document: Document
    path: Path_

    @property
    def place(self) -> Place:
        return self.document.place(*self.path)

    @property
    def decimals(self) -> int:
        """How many decimals the stated value was written with."""
        exponent = self.value.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0

    def agrees(self, recomputed: Fraction) -> bool:
        """Whether the figure, rounded as the stated one is written, is the same (halves go either way)."""
        return abs(recomputed - Fraction(self.value)) <= Fraction(self.step) / 2


def _value(data: Any) -> Decimal:
    """A number with the decimals that it was written with."""
    value = read_decimal(data)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -6 <= exponent <= 0:
        raise ValueError(
            f"{shown(str(data))} isn't written as a figure is printed. Write its digits, with six decimals at "
            "most: 7.25."
        )
    return value


class _Weighed(Shape):
    value: Number
    weight: Number


class _StatedShape(Shape):
    title: Texts
    value: Annotated[Decimal, typed(_value)]
    rounded_to: Number | None = None
    total: list[Number] | None = None
    difference: list[Number] | None = None
    share: list[Number] | None = None
    change: list[Number] | None = None
    mean: list[Any] | None = None
    measure: Any = None
    statistic: Annotated[str | None, closed_list(*STATISTICS)] = None
    when: Annotated[str | None, closed_list("now", "before", "difference")] = None
    for_: Any = Field(default=None, alias="for")
    source: SourceShape | None = None
    note: Texts | None = None


def read_stated(data: Any, document: Document, path: Path_, problems: Problems) -> Stated | None:
    """A stated figure of a portfolio, or None and problems; facts are looked up when it is recomputed."""
    raw = check(_StatedShape, data, document, path, problems)
    if raw is None:
        return None
    before = len(problems)
    ways = [way for way in WAYS if getattr(raw, way) is not None]
    if len(ways) != 1:
        problems.add(
            document.place(*path),
            f"A stated figure is recomputed in one way: {one_of(WAYS)}. Found {len(ways)}.",
        )
        return None
    way = ways[0]
    operands: tuple[Decimal, ...] = ()
    plain: Fraction | None = None
    measure: Measure | None = None
    if way == "measure":
        measure = read_measure("figure", raw.measure, document, (*path, "measure"), problems)
    else:
        for key in ("statistic", "when", "for_"):
            if getattr(raw, key) is not None:
                name = key.rstrip("_")
                problems.add(
                    document.key_place(*path, name),
                    f"{name!r} belongs to a measure over the units. Remove it, or write 'measure'.",
                )
        try:
            operands, plain = _plain(way, raw, document, (*path, way), problems)
        except ValueError as error:
            problems.add(document.place(*path, way), str(error))
    if raw.rounded_to is not None and raw.rounded_to <= 0:
        problems.add(document.place(*path, "rounded_to"), "'rounded_to' is above zero, such as 100.")
    source: Source | None = None
    if raw.source is not None:
        place = document.place(*path, "source")
        read_quote(raw.source.quote, document.place(*path, "source", "quote"), problems)
        source = Source(raw.source.document, raw.source.section, raw.source.quote, place)
    scope = read_scope(raw.for_, document, (*path, "for"), problems)
    if len(problems) > before:
        return None
    exponent = raw.value.as_tuple().exponent
    return Stated(
        title=raw.title,
        value=raw.value,
        step=raw.rounded_to or Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0)),
        way=way,
        plain=plain,
        operands=operands,
        measure=measure,
        statistic=raw.statistic or "pooled",
        when=raw.when or "now",
        scope=scope,
        source=source,
        note=raw.note,
        document=document,
        path=path,
    )


def _plain(
    way: str, raw: _StatedShape, document: Document, path: Path_, problems: Problems
) -> tuple[tuple[Decimal, ...], Fraction | None]:
    """The numbers that a figure is recomputed from, and the figure; raises ValueError with a message."""
    if way == "mean":
        pairs: list[tuple[Decimal, Decimal]] = []
        for index, item in enumerate(raw.mean or ()):
            if isinstance(item, dict):
                weighed = check(_Weighed, item, document, (*path, index), problems)
                if weighed is None:
                    return (), None
                pairs.append((weighed.value, weighed.weight))
            else:
                pairs.append((read_decimal(item), Decimal(1)))
        weights = sum((Fraction(weight) for _, weight in pairs), Fraction(0))
        if weights <= 0:
            raise ValueError("The weights of a mean add up to more than zero. Write at least one number.")
        top = sum((Fraction(value) * Fraction(weight) for value, weight in pairs), Fraction(0))
        return tuple(value for value, _ in pairs), top / weights
    numbers = tuple(getattr(raw, way))
    if way == "total":
        if not numbers:
            raise ValueError("A total is of at least one number: [5, 10, 15].")
        return numbers, sum((Fraction(number) for number in numbers), Fraction(0))
    if len(numbers) != 2:
        raise ValueError(f"{way!r} takes two numbers, found {len(numbers)}. Write [{_ORDER[way]}].")
    first, second = (Fraction(number) for number in numbers)
    if way == "difference":
        return numbers, first - second
    whole = second if way == "share" else first
    if whole == 0:
        raise ValueError("Nothing can be a share or a change of zero. Correct the number.")
    return numbers, 100 * (first / second if way == "share" else (second - first) / abs(first))


_ORDER = {"difference": "first, second", "share": "part, whole", "change": "from, to"}
