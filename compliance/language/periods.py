"""Periods in whole months: 2024, 2024-T1, 2024-Q3, 2024-05 or {from: 2023-07, to: 2024-12}."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import NamedTuple

from compliance.problems import shown

__all__ = ["Period", "month_index", "month_label", "read_month", "read_period"]

_FORMS = "2024, 2024-T1 (T1 to T3), 2024-Q3 (Q1 to Q4), 2024-05 or {from: 2023-07, to: 2024-12}"
_PERIOD = re.compile(r"(\d{4})(?:-(?:(T)([1-3])|(Q)([1-4])|(\d{2})))?", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def month_index(year: int, month: int) -> int:
    """The month as one number that counts on across years."""
    return year * 12 + month - 1


def month_label(index: int) -> str:
    """`2024-05`."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


class Period(NamedTuple):
    """Whole months from `first` to `last`, both included (see `month_index`)."""

    first: int
    last: int
    label: str

    @property
    def first_day(self) -> date:
        return date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        year, month = self.last // 12, self.last % 12 + 1
        return date(year, month, calendar.monthrange(year, month)[1])

    @property
    def year(self) -> int:
        """The year whose yearly facts belong to the period: that in which it ends."""
        return self.last // 12

    @property
    def months(self) -> int:
        return self.last - self.first + 1

    def holds(self, other: Period) -> bool:
        return self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        return self.label


def read_month(text: str) -> int | None:
    """`2024-05` as a month index, or None."""
    match = _MONTH.fullmatch(text)
    if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
        return None
    return month_index(int(match[1]), int(match[2]))


def read_period(data: object) -> Period:
    """A period from its text or its {from, to}.

    Raises:
        ValueError: with a message that says which forms there are.
    """
    if isinstance(data, dict) and set(data) == {"from", "to"}:
        first, last = (read_month(str(data[key])) for key in ("from", "to"))
        if first is None or last is None:
            raise ValueError("'from' and 'to' of a period are months. Write them as 2024-05.")
        if last < first:
            raise ValueError("The period ends before it begins. Swap 'from' and 'to'.")
        return Period(first, last, f"{month_label(first)}--{month_label(last)}")
    match = _PERIOD.fullmatch(data) if isinstance(data, str) else None
    if match and int(match[1]) >= 1:
        year, label = int(match[1]), str(data)
        if match[2]:
            first = month_index(year, 4 * int(match[3]) - 3)
            return Period(first, first + 3, label)
        if match[4]:
            first = month_index(year, 3 * int(match[5]) - 2)
            return Period(first, first + 2, label)
        if match[6]:
            index = read_month(label)
            if index is not None:
                return Period(index, index, label)
        else:
            first = month_index(year, 1)
            return Period(first, first + 11, label)
    said = shown(data) if isinstance(data, str) else "This"
    raise ValueError(f"{said} isn't a period. Write {_FORMS}.")
