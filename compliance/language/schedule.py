"""Opening hours: a weekly schedule such as {mon: "08:00-17:00"} or `mon-fri 08:00-17:00`."""

from __future__ import annotations

import re
from itertools import pairwise
from types import NoneType
from typing import NamedTuple

from compliance.problems import shown

__all__ = ["DAYS", "Schedule", "read_clock", "read_schedule"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = {name: index for index, name in enumerate(DAYS)} | {
    "mån": 0,
    "tis": 1,
    "ons": 2,
    "tors": 3,
    "tor": 3,
    "fre": 4,
    "lör": 5,
    "sön": 6,
}
_CLOSED = frozenset({"", "closed", "stängt"})
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})", re.ASCII)
_SWEDISH = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")

_DAY_NAMES = f"{', '.join(DAYS)} or {', '.join(_SWEDISH)}"

Interval = tuple[int, int]


class Schedule(NamedTuple):
    """A week's opening hours: for each day, Monday first, its open intervals in minutes from midnight."""

    days: tuple[tuple[Interval, ...], ...]

    @property
    def minutes(self) -> int:
        """Open minutes in the week."""
        return sum(end - start for day in self.days for start, end in day)

    def rows(self) -> list[tuple[int, int, int]]:
        """(day, start, end) with touching intervals joined, days counted from Monday as 0."""
        joined: list[tuple[int, int, int]] = []
        for day, intervals in enumerate(self.days):
            for start, end in intervals:
                if joined and joined[-1][0] == day and joined[-1][2] == start:
                    joined[-1] = (day, joined[-1][1], end)
                else:
                    joined.append((day, start, end))
        return joined

    def text(self, lang: str) -> str:
        """`mån–fre 08:00–17:00`, days alike written together."""
        names = _SWEDISH if lang == "sv" else DAYS
        parts: list[str] = []
        day = 0
        while day < 7:
            last = day
            while last < 6 and self.days[last + 1] == self.days[day]:
                last += 1
            if self.days[day]:
                hours = ", ".join(f"{_clock(a)}–{_clock(b)}" for a, b in self.days[day])
                span = names[day] if last == day else f"{names[day]}–{names[last]}"
                parts.append(f"{span} {hours}")
            day = last + 1
        return "; ".join(parts) or ("stängt" if lang == "sv" else "closed")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_clock(text: str) -> int:
    """`17:00` as minutes from midnight; 24:00 is allowed.

    Raises:
        ValueError: with a whole message.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match:
        minutes = int(match[1]) * 60 + int(match[2])
        if int(match[2]) < 60 and minutes <= 24 * 60:
            return minutes
    raise ValueError(f"{shown(text)} isn't a time of day. Write it as 08:00, at most 24:00.")


def read_schedule(data: object) -> Schedule:
    """A schedule from a mapping of days, or from text with the days apart by semicolons.

    Raises:
        ValueError: with a whole message, among others where intervals overlap or run backwards.
    """
    if isinstance(data, dict):
        if not data:
            raise ValueError('The opening hours are empty. Write {mon: "08:00-17:00"}, or {mon: closed}.')
        for value in data.values():
            if not isinstance(value, (str, NoneType)):
                raise ValueError('A day\'s opening hours are a text. Write mon: "08:00-12:00, 13:00-17:00".')
        return _schedule([(str(key), value or "") for key, value in data.items()])
    if not isinstance(data, str):
        raise ValueError('Expected opening hours by day, found a list. Write {mon: "08:00-17:00"}.')
    parts: list[tuple[str, str]] = []
    for part in data.split(";"):
        words = part.strip().split(None, 1)
        if words:
            parts.append((words[0], words[1] if len(words) > 1 else ""))
    if not parts:
        raise ValueError("The opening hours are empty. Write `mon-fri 08:00-17:00`, or `mon-sun closed`.")
    return _schedule(parts)


def _schedule(parts: list[tuple[str, str]]) -> Schedule:
    week: list[tuple[Interval, ...] | None] = [None] * 7
    for days, hours in parts:
        intervals = _intervals(days, hours)
        for day in _days(days):
            if week[day] is not None:
                raise ValueError(f"{DAYS[day]} has opening hours twice. Write each day once.")
            week[day] = intervals
    return Schedule(tuple(day or () for day in week))


def _days(text: str) -> range:
    ends = [part.strip().lower().rstrip(".") for part in re.split("[-–]", text)]
    for end in ends:
        if end not in _NAMES:
            raise ValueError(f"{shown(end)} isn't a day of the week. Write {_DAY_NAMES}.")
    first, last = _NAMES[ends[0]], _NAMES[ends[-1]]
    if len(ends) > 2 or last < first:
        raise ValueError(f"{shown(text)} isn't a run of days. Write it from the first to the last: mon-fri.")
    return range(first, last + 1)


def _intervals(days: str, hours: str) -> tuple[Interval, ...]:
    if hours.strip().lower() in _CLOSED:
        return ()
    intervals: list[Interval] = []
    for part in hours.split(","):
        ends = re.split("[-–]", part.strip())
        if len(ends) != 2:
            raise ValueError(f"{shown(part)} isn't an interval. Write it as 08:00-17:00.")
        start, end = read_clock(ends[0]), read_clock(ends[1])
        if end <= start:
            raise ValueError(f"On {days} the interval {part.strip()} ends before it begins. Swap its ends.")
        intervals.append((start, end))
    intervals.sort()
    for before, after in pairwise(intervals):
        if after[0] < before[1]:
            raise ValueError(
                f"On {days} the intervals {_clock(before[0])}-{_clock(before[1])} and "
                f"{_clock(after[0])}-{_clock(after[1])} overlap. Join or correct them."
            )
    return tuple(intervals)
