"""What can be changed about a unit's facts, step by step, and how far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from compliance.findings.evidence import Evidence
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Ready
from compliance.language.schedule import Schedule
from compliance.remedy.figures import Changes, Figures, compared, open_days
from compliance.remedy.records import Held, Key

__all__ = ["FARTHEST", "WHOLE", "Lever", "bounds", "grid_of", "levers", "longer", "share_parts"]

WHOLE = frozenset({"count", "level", "yes_no", "choice", "date", "opening_hours"})
"""Types that change in whole steps: answers, days, and whole minutes of opening hours."""
FARTHEST = 10**12 * MILLION
"""Beyond every value that can be written."""
MINUTES = 7 * 24 * 60
LATEST = 3_652_059


class Lever(NamedTuple):
    """A way to change facts in steps from 1 to `most`; the more steps, the further it goes.

    Attributes:
        at: what `n` steps change.
        base, size: of the first fact, what it is now and what a step adds, in millionths of held units.
        over: how many months `base` and `size` are the sums of.
        mean: they are told as means over these months.
        straight: each step adds the same to the measure's sums.
    """

    kind: str
    facts: tuple[str, ...]
    slots: tuple[int, ...]
    at: Callable[[int], dict[Key, Held]]
    most: int
    base: int = 0
    size: int = 0
    over: int = 1
    mean: bool = False
    straight: bool = True


Free = Callable[[Fact], tuple[int, ...]]
"""The slots of a fact that may be changed."""


def grid_of(fact: Fact) -> int:
    """The smallest step between two values of a fact, in millionths of held units."""
    return MILLION if fact.type in WHOLE else 1


def bounds(fact: Fact) -> tuple[int, int]:
    """The least and largest value that a fact can have, in millionths of held units."""
    if fact.type == "yes_no":
        return 0, MILLION
    if fact.type == "level":
        return 0, 2 * MILLION
    if fact.type == "choice":
        return 0, (len(fact.options) - 1) * MILLION
    if fact.type == "date":
        return MILLION, LATEST * MILLION
    low, high = -FARTHEST + 1, FARTHEST - 1
    if fact.type in ("count", "minutes"):
        low = 0
    if fact.type == "opening_hours":
        low, high = 0, MINUTES * MILLION
    if fact.range:
        scale = MILLION * fact.divisor
        low, high = max(low, int(fact.range[0] * scale)), min(high, int(fact.range[1] * scale))
        if fact.type in WHOLE:
            low, high = -(-low // MILLION) * MILLION, high // MILLION * MILLION
    elif fact.type in ("count", "minutes"):
        high -= high % MILLION
    return low, high


def levers(
    figures: Figures, ready: Ready, position: int, up: bool, changes: Changes, free: Free
) -> list[Lever]:
    """The ways to make a measure larger (or, not `up`, smaller), the most natural first."""
    kind, over = ready.measure.kind, ready.measure.over
    maker = _Maker(figures, ready, up, changes, free)
    if kind in ("share", "rate"):
        return maker.of_quotient()
    if kind == "value" and ready.monthly and over in ("min", "max"):
        return maker.of_extreme()
    if kind == "value":
        return maker.of_sum(_own(figures.evidence, position))
    if kind == "change":
        return maker.of_sum(frozenset(fact.name for fact in ready.facts))
    if kind in ("met", "count"):
        return maker.of_answers()
    if kind == "months":
        return maker.of_months()
    if kind == "open":
        return maker.of_days()
    return maker.unanswered() if up else []


def _own(evidence: Evidence, position: int) -> frozenset[str]:
    """The facts that can be changed in a sum: a target that the rule holds as a fact stays as it is."""
    from compliance.findings import phrases

    clause = evidence.clause
    facts = frozenset(fact.name for fact in clause.measures[position].facts)
    tests = [
        t for t in clause.tests if t.measure == position and t.rung == "pass" and t.comparison != "known"
    ]
    if any(phrases.own_target(evidence, test) is not None for test in tests):
        return frozenset(fact.name for fact in clause.measures[0].facts) & facts
    return facts


def share_parts(ready: Ready) -> bool:
    """A share of things that are moved about, such as posts, and not counted cases."""
    units = {str(fact.unit) for fact in ready.facts}
    return (
        ready.measure.kind == "share"
        and len(units) == 1
        and all(fact.type == "number" and fact.stock for fact in ready.facts)
        and len({fact.per for fact in ready.facts}) == 1
        and all(term.weight > 0 for term in ready.terms)
    )


class _Part(NamedTuple):
    """One fact in a lever: it gains (or loses) by the steps."""

    fact: Fact
    sign: int


class _Maker:
    def __init__(self, figures: Figures, ready: Ready, up: bool, changes: Changes, free: Free) -> None:
        self.figures, self.ready, self.up = figures, ready, up
        self.changes, self.free = changes, free
        terms = [t for t in ready.terms if not t.earlier and t.weight]
        # What is given stays as it is, unless there is nothing else that could change.
        self.open_terms = [t for t in terms if not figures.facts[t.fact].given] or terms

    def value(self, fact: Fact, slot: int) -> int:
        return self.figures.held(self.ready, fact, slot, self.changes) or 0

    def schedule(self, fact: Fact, slot: int) -> Schedule:
        key = (fact.name, slot)
        held = self.changes.get(key, self.figures.values.get(key))
        return held if isinstance(held, Schedule) else Schedule(((),) * 7)

    def put(self, fact: Fact, slot: int, value: int) -> Held:
        """A held value; of opening hours a week that is longer or shorter by what it takes."""
        if fact.type == "opening_hours":
            return longer(self.schedule(fact, slot), value // MILLION)
        return value

    def terms(self, numerator: bool) -> list[tuple[Fact, int]]:
        return [(self.figures.facts[t.fact], t.weight) for t in self.open_terms if t.numerator is numerator]

    # Sums and quotients

    def total(self, kind: str, *parts: _Part, even: bool = False, told: tuple[str, ...] = ()) -> list[Lever]:
        """A lever on the sums of facts over their free slots; none where there is nothing to change.

        even: whole facts change by the same whole number in each month, since their mean is told.
        """
        first = parts[0].fact
        slots = self.free(first)
        if not slots or any(self.free(part.fact) != slots for part in parts):
            return []
        n = len(slots)
        stock_of_many = even and n > 1 and first.stock
        size = max(
            grid_of(part.fact) * (n if stock_of_many and part.fact.type in WHOLE else 1) for part in parts
        )
        totals = [sum(self.value(part.fact, slot) for slot in slots) for part in parts]
        most = FARTHEST
        for part, total in zip(parts, totals, strict=True):
            low, high = bounds(part.fact)
            room = high * n - total if part.sign > 0 else total - low * n
            most = min(most, room // size)
        if most <= 0:
            most = 0

        def at(steps: int) -> dict[Key, Held]:
            made: dict[Key, Held] = {}
            for part, total in zip(parts, totals, strict=True):
                grid = grid_of(part.fact)
                values = _spread(total + part.sign * steps * size, n, grid)
                for slot, value in zip(slots, values, strict=True):
                    made[part.fact.name, slot] = self.put(part.fact, slot, value)
            return made

        names = told or tuple(part.fact.name for part in parts)
        mean = n > 1 and (
            stock_of_many or (self.ready.measure.kind == "value" and self.ready.measure.over == "mean")
        )
        return [Lever(kind, names, slots, at, most, totals[0], parts[0].sign * size, n, mean)]

    def of_sum(self, own: frozenset[str]) -> list[Lever]:
        found: list[Lever] = []
        for fact, weight in self.terms(True):
            if fact.name in own:
                sign = 1 if (weight > 0) is self.up else -1
                found += self.total("more" if sign > 0 else "less", _Part(fact, sign))
        return found

    def of_quotient(self) -> list[Lever]:
        above, below = self.terms(True), self.terms(False)
        tops, bottoms = [fact for fact, _ in above], [fact for fact, _ in below]
        found: list[Lever] = []
        if share_parts(self.ready):
            found = self._of_parts(tops, bottoms)
        if not found:
            upper = self._side(above, self.up)
            lower = self._side(below, not self.up)
            if self.ready.measure.kind == "rate":
                found = upper + lower if self.up else lower + upper
            else:
                found = upper or lower
                if found and not any(lever.most for lever in found):
                    found = upper + lower
        return found

    def _of_parts(self, tops: list[Fact], bottoms: list[Fact]) -> list[Lever]:
        """Moved from one to another, or added (or taken away)."""
        found: list[Lever] = []
        sign = 1 if self.up else -1
        named = {fact.name for fact in tops}
        others = [fact for fact in bottoms if fact.name not in named]
        inside = all(any(top.name == fact.name for fact in bottoms) for top in tops)
        if inside:
            for top in tops:
                for other in others:
                    pair = (other.name, top.name) if self.up else (top.name, other.name)
                    found += self.total("move", _Part(top, sign), _Part(other, -sign), even=True, told=pair)
            for top in tops:
                found += self.total("more" if self.up else "less", _Part(top, sign), even=True)
        elif len(tops) == len(bottoms) == 1:
            top, whole = tops[0], bottoms[0]
            pair = (whole.name, top.name) if self.up else (top.name, whole.name)
            found += self.total("move", _Part(top, sign), even=True, told=pair)
            kind = "add" if self.up else "drop"
            found += self.total(kind, _Part(top, sign), _Part(whole, sign), even=True)
        return found

    def _side(self, terms: list[tuple[Fact, int]], up: bool) -> list[Lever]:
        """Alike facts of one side stand for each other: any of them will do."""
        found: list[Lever] = []
        alike = len(terms) > 1 and len({weight for _, weight in terms}) == 1
        alike = alike and len({(f.type, f.per, f.stock, str(f.unit)) for f, _ in terms}) == 1
        names = tuple(fact.name for fact, _ in terms)
        for fact, weight in terms:
            sign = 1 if (weight > 0) is up else -1
            kind = "more" if sign > 0 else "less"
            made = self.total(kind, _Part(fact, sign), even=True, told=names if alike else ())
            found += made
        if alike:
            found = [max(found, key=lambda lever: lever.most)] if found else []
        return found

    # Months by themselves

    def of_extreme(self) -> list[Lever]:
        """The lowest month must be higher, or one month must be lower; and the same of the highest."""
        terms = self.terms(True)
        lowest = self.ready.measure.over == "min"
        found: list[Lever] = []
        for fact, weight in terms:
            slots = self.free(fact)
            sign = 1 if (weight > 0) is self.up else -1
            if not slots or not fact.monthly:
                found += self.total("more" if sign > 0 else "less", _Part(fact, sign)) if slots else []
                continue
            low, high = bounds(fact)
            grid = grid_of(fact)
            values = {slot: self.value(fact, slot) for slot in slots}
            if len(terms) == 1 and lowest is self.up:
                start = min(values.values()) if sign > 0 else max(values.values())
                found.append(self._limit(fact, slots, values, sign, start, grid))
            elif len(terms) == 1:
                near = max(slots, key=lambda slot: (sign * values[slot], -slot))
                most = ((high - values[near]) if sign > 0 else (values[near] - low)) // grid
                found.append(self._one(fact, near, values[near], sign, grid, most))
            else:
                most = max(((high - v) if sign > 0 else (v - low)) // grid for v in values.values())
                found.append(self._shifted(fact, slots, values, sign, grid, most))
        return found

    def _limit(
        self, fact: Fact, slots: tuple[int, ...], values: dict[int, int], sign: int, start: int, grid: int
    ) -> Lever:
        low, high = bounds(fact)

        def at(steps: int) -> dict[Key, Held]:
            limit = start + sign * steps * grid
            return {
                (fact.name, slot): self.put(fact, slot, limit)
                for slot, value in values.items()
                if (value < limit if sign > 0 else value > limit)
            }

        most = ((high - start) if sign > 0 else (start - low)) // grid
        kind = "floor" if sign > 0 else "ceiling"
        return Lever(kind, (fact.name,), slots, at, max(most, 0), start, sign * grid, straight=False)

    def _one(self, fact: Fact, slot: int, value: int, sign: int, grid: int, most: int) -> Lever:
        def at(steps: int) -> dict[Key, Held]:
            return {(fact.name, slot): self.put(fact, slot, value + sign * steps * grid)}

        kind = "more" if sign > 0 else "less"
        return Lever(kind, (fact.name,), (slot,), at, max(most, 0), value, sign * grid, straight=False)

    def _shifted(
        self, fact: Fact, slots: tuple[int, ...], values: dict[int, int], sign: int, grid: int, most: int
    ) -> Lever:
        low, high = bounds(fact)

        def at(steps: int) -> dict[Key, Held]:
            return {
                (fact.name, slot): self.put(fact, slot, min(max(value + sign * steps * grid, low), high))
                for slot, value in values.items()
            }

        kind = "more" if sign > 0 else "less"
        n = len(slots)
        return Lever(
            kind,
            (fact.name,),
            slots,
            at,
            max(most, 0),
            sum(values.values()),
            sign * grid * n,
            n,
            n > 1,
            False,
        )

    def of_months(self) -> list[Lever]:
        """So many more (or fewer) months in which a comparison holds, the nearest ones first."""
        fact = self.ready.facts[0]
        slots = self.free(fact)
        limit = self.figures.evidence.limit(self.ready.threshold)
        if limit is None or not slots:
            return []
        word = str(self.ready.measure.comparison)
        target = int(limit * MILLION) * fact.divisor
        wanted = _nearest(target, grid_of(fact), word, self.up)
        low, high = bounds(fact)
        wanted = [value for value in wanted if low <= value <= high]

        def holds(value: int) -> bool:
            return compared(value, MILLION * fact.divisor, word, int(limit * MILLION))

        values = {slot: self.value(fact, slot) for slot in slots}
        others = [slot for slot, value in values.items() if holds(value) is not self.up]
        others.sort(key=lambda slot: (abs(values[slot] - target), slot))

        def at(steps: int) -> dict[Key, Held]:
            return {
                (fact.name, slot): self.put(fact, slot, min(wanted, key=lambda v: (abs(v - values[slot]), v)))
                for slot in others[:steps]
            }

        kind = "hold" if self.up else "fewer hold"
        most = len(others) if wanted else 0
        return [Lever(kind, (fact.name,), tuple(others), at, most, 0, MILLION)]

    # Answers

    def of_answers(self) -> list[Lever]:
        """So many more (or fewer) yeses."""
        wanted = MILLION if self.up else 0
        keys = [
            (fact.name, slot)
            for fact in self.ready.facts
            for slot in self.free(fact)
            if self.value(fact, slot) != wanted
        ]
        alike = len({fact.monthly for fact in self.ready.facts}) == 1
        return self._chosen("yes" if self.up else "fewer yes", keys, lambda _: wanted, alike)

    def unanswered(self) -> list[Lever]:
        keys = [
            (fact.name, slot)
            for fact in self.ready.facts
            for slot in self.free(fact)
            if not self.value(fact, slot)
        ]
        return self._chosen("answer", keys, lambda key: any_value(self.figures.facts[key[0]]), False)

    def _chosen(
        self, kind: str, keys: Sequence[Key], value: Callable[[Key], Held], straight: bool
    ) -> list[Lever]:
        if not keys:
            return []

        def at(steps: int) -> dict[Key, Held]:
            return {key: value(key) for key in keys[:steps]}

        names = tuple(dict.fromkeys(name for name, _ in keys))
        slots = tuple(dict.fromkeys(slot for _, slot in keys))
        return [Lever(kind, names, slots, at, len(keys), 0, MILLION, straight=straight)]

    # Opening hours

    def of_days(self) -> list[Lever]:
        """So many more (or fewer) days with the hours asked for, first those that lack least."""
        fact = self.ready.facts[0]
        slots = self.free(fact)[-1:]
        if not slots:
            return []
        schedule = self.schedule(fact, slots[0])
        measure = self.ready.measure
        full = open_days(self.ready, schedule)
        days = [day for day in measure.days if (day in full) is not self.up]

        def lacks(day: int) -> int:
            inside = sum(
                max(0, min(end, measure.closes) - max(start, measure.opens))
                for start, end in schedule.days[day]
            )
            return measure.closes - measure.opens - inside

        days.sort(key=lambda day: (lacks(day), day))

        def at(steps: int) -> dict[Key, Held]:
            week = list(schedule.days)
            for day in days[:steps]:
                week[day] = _opened(week[day], measure.opens, measure.closes, self.up)
            return {(fact.name, slots[0]): Schedule(tuple(week))}

        low, high = bounds(fact)
        most = len(days)
        while most:
            held = at(most)[fact.name, slots[0]]
            assert isinstance(held, Schedule)
            if low <= held.minutes * MILLION <= high:
                break
            most -= 1
        kind = "days" if self.up else "fewer days"
        return [Lever(kind, (fact.name,), tuple(days), at, most, 0, MILLION)]


def any_value(fact: Fact) -> Held:
    """An answer, whichever; as low as it can be and not below zero."""
    if fact.type == "opening_hours":
        return Schedule(((),) * 7)
    low, high = bounds(fact)
    return min(max(low, 0), high)


def _spread(total: int, n: int, grid: int) -> list[int]:
    """A sum shared out over `n` months, as evenly as the grid allows."""
    each, rest = divmod(total // grid, n)
    return [(each + (index < rest)) * grid + (total % grid if index == 0 else 0) for index in range(n)]


def _nearest(limit: int, grid: int, word: str, holds: bool) -> list[int]:
    """The values next to a limit for which a comparison holds (or doesn't)."""
    at_or_above, at_or_below = -(-limit // grid) * grid, limit // grid * grid
    above, below = at_or_below + grid, at_or_above - grid
    same = [limit] if limit % grid == 0 else []
    if not holds:
        if word == "equals":
            return [above, below]
        word = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}[word]
    return {
        "above": [above],
        "at_least": [at_or_above],
        "below": [below],
        "at_most": [at_or_below],
        "equals": same,
    }[word]


DAY = 24 * 60


def longer(schedule: Schedule, minutes: int) -> Schedule:
    """The week with so many open minutes in all: each open day becomes longer, or shorter, by about as much.

    A week without an open day is opened from Monday to Friday, from eight o'clock.
    """
    week = [list(day) for day in schedule.days]
    lacking = minutes - schedule.minutes
    while lacking:
        days = [day for day in range(7) if _room(week[day], lacking > 0)]
        opened = [day for day in days if week[day]] or days[:5]
        for index, day in enumerate(opened):
            part = -(-abs(lacking) // (len(opened) - index))
            if lacking > 0:
                lacking -= _lengthened(week[day], min(part, _room(week[day], True)))
            else:
                lacking += _shortened(week[day], min(part, _room(week[day], False)))
    return Schedule(tuple(tuple((start, end) for start, end in day) for day in week))


def _room(day: list[tuple[int, int]], longer: bool) -> int:
    """How many minutes a day can become longer, or shorter."""
    open_for = sum(end - start for start, end in day)
    return DAY - open_for if longer else open_for


def _lengthened(day: list[tuple[int, int]], minutes: int) -> int:
    """Opens a day for so many more minutes, at its end and then before each time it is open."""
    lacking = minutes
    if not day:
        day.append((8 * 60, 8 * 60))
    start, end = day[-1]
    took = min(DAY - end, lacking)
    day[-1] = (start, end + took)
    lacking -= took
    for index in range(len(day) - 1, -1, -1):
        start, end = day[index]
        took = min(start - (day[index - 1][1] if index else 0), lacking)
        day[index] = (start - took, end)
        lacking -= took
    return minutes


def _shortened(day: list[tuple[int, int]], minutes: int) -> int:
    """Closes a day so many minutes earlier."""
    lacking = minutes
    while lacking:
        start, end = day.pop()
        if end - start > lacking:
            day.append((start, end - lacking))
            break
        lacking -= end - start
    return minutes


def _opened(
    day: tuple[tuple[int, int], ...], opens: int, closes: int, wholly: bool
) -> tuple[tuple[int, int], ...]:
    """A day that is open between two times (or, not `wholly`, closes a minute before the later one)."""
    if wholly:
        rest = [
            (start, end)
            for a, b in day
            for start, end in ((a, min(b, opens)), (max(a, closes), b))
            if start < end
        ]
        return tuple(sorted([*rest, (opens, closes)]))
    return tuple((a, min(b, closes - 1)) for a, b in day if a < closes - 1)
