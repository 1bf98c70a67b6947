"""The fact catalogue: what can be known about a unit, and how its values are written."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.language.reader import Document, Path_
from compliance.language.schedule import Schedule, read_schedule
from compliance.language.shape import (
    Flag,
    Shape,
    Texts,
    check,
    closed_list,
    read_date,
    read_decimal,
    typed,
)
from compliance.problems import Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "LEVELS",
    "NUMERIC",
    "PLAIN_NUMBER",
    "PLAIN_TYPES",
    "SUPPRESSED",
    "YES_NO",
    "Fact",
    "as_number",
    "plain_number",
    "read_fact",
    "read_value",
]

TYPES = (
    "number",
    "percent",
    "count",
    "yes_no",
    "level",
    "choice",
    "minutes",
    "date",
    "opening_hours",
    "text",
)
NUMERIC = frozenset({"number", "percent", "count", "minutes", "opening_hours"})
LEVELS = {
    "helt": 2,
    "fully": 2,
    "ja": 2,
    "yes": 2,
    "delvis": 1,
    "partly": 1,
    "inte": 0,
    "not": 0,
    "nej": 0,
    "no": 0,
}
YES_NO = {"ja": 1, "yes": 1, "true": 1, "nej": 0, "no": 0, "false": 0}
SUPPRESSED = frozenset({"*", "-", "x", ".."})
RESERVED = frozenset({"unit", "fact", "period", "value", "via", "quality", "comment", "source"})
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?", re.ASCII)


PLAIN_NUMBER = r"(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?"
"""How nearly all numbers are written. DuckDB reads it, too."""
_PLAIN = re.compile(PLAIN_NUMBER)
PLAIN_TYPES = frozenset({"number", "percent", "count", "minutes"})


def _range(data: Any) -> tuple[Decimal, Decimal]:
    if isinstance(data, list) and len(data) == 2:
        low, high = read_decimal(data[0]), read_decimal(data[1])
        if low <= high:
            return low, high
    raise ValueError("A range has its smallest value first and its largest last. Write [0, 100].")


class _FactShape(Shape):
    title: Texts
    type: Annotated[str, closed_list(*TYPES)]
    unit: Texts | None = None
    per: Annotated[str, closed_list("month", "year", "period")]
    stock: Flag = False
    given: Flag = False
    range: Annotated[tuple[Decimal, Decimal] | None, typed(_range)] = None
    default: Any = None
    origin: Texts | None = None
    options: list[str] = Field(default=[])


class Fact(NamedTuple):
    """One typed, named thing that can be known about a unit."""

    name: str
    title: Text
    type: str
    unit: Text | None
    per: str
    stock: bool
    range: tuple[Decimal, Decimal] | None
    default: Decimal | None
    origin: Text | None
    options: tuple[str, ...]
    given: bool = False

    @property
    def monthly(self) -> bool:
        return self.per == "month"

    @property
    def divisor(self) -> int:
        """Held values are this many times the fact's own: opening hours are held in minutes."""
        return 60 if self.type == "opening_hours" else 1


def read_fact(name: str, data: Any, document: Document, path: Path_, problems: Problems) -> Fact | None:
    """The fact `name` from the catalogue, or None and problems."""
    raw = check(_FactShape, data, document, path, problems)
    if raw is None:
        return None
    if name in RESERVED:
        problems.add(
            document.key_place(*path),
            f"A fact can't be named {shown(name)}: in files with observations that is a column of "
            "its own. Choose another name.",
        )
        return None
    if (raw.type == "choice") != bool(raw.options):
        problems.add(
            document.place(*path, "options"),
            "A choice needs its options, worst first: options: [none, some, all]."
            if raw.type == "choice"
            else f"Only a choice has options, and {name!r} is of type {raw.type}. Remove them.",
        )
        return None
    if len(set(raw.options)) != len(raw.options):
        problems.add(document.place(*path, "options"), "An option stands twice. Keep one of them.")
        return None
    fact = Fact(
        name=name,
        title=raw.title,
        type=raw.type,
        unit=raw.unit,
        per=raw.per,
        stock=raw.stock,
        range=raw.range,
        default=None,
        origin=raw.origin,
        options=tuple(raw.options),
        given=raw.given,
    )
    if raw.default is None:
        return fact
    try:
        value = as_number(fact, read_value(fact, raw.default))
    except ValueError as error:
        problems.add(document.place(*path, "default"), str(error))
        return None
    if fact.type in ("text", "opening_hours"):
        problems.add(document.place(*path, "default"), f"A fact of type {fact.type} has no default.")
        return None
    return fact._replace(default=value)


Value = Decimal | date | Schedule | str


def read_value(fact: Fact, data: Any, decimal_comma: bool = False) -> Value:
    """What is written for `fact`, as its type has it: `46.5`, `ja`, `delvis`, a date, a schedule.

    Args:
        decimal_comma: the file is one in which 46,5 is a number (columns apart by semicolons or tabs).

    Raises:
        ValueError: with a whole message, also where the value is outside the fact's range.
    """
    if fact.type == "opening_hours":
        return read_schedule(data)
    if not isinstance(data, str):
        raise ValueError(
            f"Expected a value for {fact.name!r}, found a list. Write it without brackets."
            if isinstance(data, list)
            else f"Expected a value for {fact.name!r}, found a mapping. Write {{value: …}}."
        )
    text = data.strip()
    if fact.type == "text":
        return data
    if fact.type == "date":
        return read_date(text)
    if fact.type in ("yes_no", "level"):
        words = YES_NO if fact.type == "yes_no" else LEVELS
        if text.lower() not in words:
            raise ValueError(
                f"{shown(text)} isn't an answer to {fact.name!r}. Write {one_of(words)}."
                + did_you_mean(text.lower(), words)
            )
        return Decimal(words[text.lower()])
    if fact.type == "choice":
        if text not in fact.options:
            raise ValueError(
                f"{shown(text)} isn't an option of {fact.name!r}. Write {one_of(fact.options)}."
                + did_you_mean(text, fact.options)
            )
        return Decimal(fact.options.index(text))
    return _number(fact, text, decimal_comma)


def plain_number(fact: Fact, text: str) -> int | None:
    """The millionths of a number in plain digits that is within its fact's range; None for any other text.

    A shortcut through `read_value` for what nearly all observations are.
    """
    match = _PLAIN.fullmatch(text) if fact.type in PLAIN_TYPES else None
    if match is None:
        return None
    sign, whole, part = match.groups()
    value = int(whole) * 1_000_000 + int((part or "").ljust(6, "0"))
    if sign:
        value = -value
    if fact.type == "count" and value % 1_000_000:
        return None
    if fact.range and not fact.range[0] * 1_000_000 <= value <= fact.range[1] * 1_000_000:
        return None
    return value


def _number(fact: Fact, text: str, decimal_comma: bool) -> Decimal:
    if fact.type == "percent" and text.endswith("%"):
        text = text[:-1].rstrip(SPACES)
    text = text.replace("\N{MINUS SIGN}", "-")
    if _GROUPED.fullmatch(text):
        text = re.sub(f"[{SPACES}]", "", text)
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    value = read_decimal(text)
    if fact.type == "count" and value != value.to_integral_value():
        raise ValueError(f"{shown(text)} isn't a whole number, and {fact.name!r} is a count.")
    if fact.range and not fact.range[0] <= value <= fact.range[1]:
        low, high = fact.range
        raise OutOfRangeError(
            f"{shown(text)} is outside the range of {fact.name!r}, {low} to {high}. "
            "Correct the value, or mark it as doubtful until it is known."
        )
    return value


class OutOfRangeError(ValueError):
    """A number that can be read, but that can't be right."""


def as_number(fact: Fact, value: Value) -> Decimal:
    """The number that stands for a value: days since 0001-01-01 for a date, minutes for a schedule."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Schedule):
        return Decimal(value.minutes)
    if isinstance(value, date):
        return Decimal(value.toordinal())
    return Decimal(0)
