"""All that a requirement's ladder can be faced with: each way in which measures lie to thresholds, and its grade.

A measure is a fraction of sums of facts, so `value >= t` is a linear condition on the facts: numerator - t ×
denominator >= 0, where the denominator is above zero. Which ways there are is therefore settled exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from compliance.language.checks import Check
from compliance.language.facts import Fact
from compliance.language.program import MILLION, Clause, Ready, Test, Threshold
from compliance.lint.linear import Condition, Variable, largest, solution

__all__ = ["MOST_STATES", "Cell", "Situation", "State", "domain", "grade_of", "written"]

MOST_STATES = 1000
"""More ways than this are not gone through: a ladder that has them isn't to be understood either."""
LIMIT = Fraction(10**12)
RUNGS = ("pass", "partial")
UNKNOWN, FALSE, TRUE = 1, 0, 2


class Cell(NamedTuple):
    """Where a measure's value lies: on a threshold, or between two; both None where it isn't known.

    `position` counts from the lowest; even ones lie between thresholds, odd ones on one.
    """

    position: int
    low: int | None
    high: int | None
    known: bool = True

    @property
    def typical(self) -> Fraction | None:
        """A value in it, in millionths."""
        if not self.known:
            return None
        if self.low is not None and self.high is not None:
            return Fraction(self.low + self.high, 2)
        if self.low is not None:
            return Fraction(self.low) + 1
        return Fraction(self.high or 0) - 1


class State(NamedTuple):
    """One way in which the measures lie, the grade that it gets, and facts that make it so."""

    cells: tuple[Cell, ...]
    grade: str
    values: tuple[Fraction, ...]


class _Slot(NamedTuple):
    """A number that measures are made of: a fact's, over some months in some way, or a measure's own."""

    name: str
    over: str
    first: int
    last: int
    earlier: bool = False


class _Fraction(NamedTuple):
    top: dict[int, Fraction]
    top_rest: Fraction
    bottom: dict[int, Fraction]
    bottom_rest: Fraction

    def against(self, threshold: Fraction) -> tuple[dict[int, Fraction], Fraction]:
        """What of numerator - threshold × denominator depends on facts, and the rest."""
        weights = dict(self.top)
        for index, weight in self.bottom.items():
            weights[index] = weights.get(index, Fraction(0)) - threshold * weight
        return weights, self.top_rest - threshold * self.bottom_rest


def domain(fact: Fact) -> tuple[Fraction, Fraction, bool]:
    """The least and largest value that a fact may have, as it is held (hours in minutes), and whether it is whole."""
    natural: dict[str, tuple[int, int]] = {
        "yes_no": (0, 1),
        "level": (0, 2),
        "choice": (0, len(fact.options) - 1),
        "percent": (0, 100),
        "opening_hours": (0, 168),
        "date": (1, date.max.toordinal()),
    }
    low, high = (Fraction(end) for end in natural.get(fact.type, (-LIMIT, LIMIT)))
    if fact.range is not None:
        low, high = Fraction(fact.range[0]), Fraction(fact.range[1])
    whole = fact.type not in ("number", "percent", "minutes")
    return low * fact.divisor, high * fact.divisor, whole


def setting(threshold: Threshold | None, parameters: Mapping[str, int | None]) -> int | None:
    """A threshold in millionths; None where its parameter is null."""
    if threshold is None:
        return None
    return threshold.value if threshold.parameter is None else parameters.get(threshold.parameter)


class Situation:
    """A clause under some parameters.

    Args:
        relations: what holds between facts: a part is at most its whole.
    """

    def __init__(
        self, clause: Clause, parameters: Mapping[str, int | None], relations: tuple[Check, ...] = ()
    ) -> None:
        self.clause, self.parameters = clause, dict(parameters)
        self._slots: dict[_Slot, int] = {}
        self.variables: list[Variable] = []
        self._facts: list[tuple[str, int, int, int]] = []
        """Name, divisor of the value, and months: those of its sum, and those in one of the variable's."""
        self.fractions = [self._fraction(ready) for ready in clause.measures]
        self.rungs = self._rungs()
        self.conditions = [*self._between_months(), *self._related(relations)]
        self.used = sorted({test.measure for branches in self.rungs.values() for b in branches for test in b})

    # What the ladder is under these parameters

    def _rungs(self) -> dict[str, tuple[tuple[Test, ...], ...]]:
        """The rungs that are left, each with its branches; one that uses a null parameter is left out."""
        rungs: dict[str, dict[int, list[Test]]] = {}
        for test in self.clause.tests:
            rungs.setdefault(test.rung, {}).setdefault(test.branch, []).append(test)
        return {
            rung: tuple(tuple(tests) for tests in branches.values())
            for rung, branches in rungs.items()
            if all(self.at(test) is not None for tests in branches.values() for test in tests)
        }

    def at(self, test: Test) -> int | None:
        """What a test compares with, in millionths."""
        return setting(test.threshold, self.parameters)

    # Measures as fractions of variables

    def _slot(self, slot: _Slot, variable: Variable, divisor: int, months: int, times: int) -> int:
        if slot not in self._slots:
            self._slots[slot] = len(self.variables)
            self.variables.append(variable)
            self._facts.append((slot.name, divisor, months, times))
        return self._slots[slot]

    def _fact_slot(self, fact: Fact, ready: Ready, earlier: bool, added: bool) -> int:
        """The variable for a fact in a measure: its sum over the months, its last, least or largest month.

        Args:
            added: fewer months (of a unit that opened late) make the measure smaller, too.
        """
        low, high, whole = domain(fact)
        over = ready.measure.over if ready.measure.kind == "value" else "mean"
        if not fact.monthly:
            over, first, last, months = "single", 0, 0, 1
        else:
            first, last = ready.first, ready.last
            if ready.measure.kind == "change" and fact.stock:
                over = "last"
            if over == "last" or first == last:
                over, first = "last", last
            elif over in ("mean", "total"):
                over = "total" if added and (low > 0 or high < 0) else "sum"
            months = last - first + 1 if over in ("sum", "total") else 1
        least, most = low * months, high * months
        if over == "total":
            least, most = min(low, least), max(high, most)
        # A sum of whole numbers is one; of others the mean is held, which reads better.
        variable = Variable(least, most, True) if whole else Variable(least / months, most / months, False)
        slot = _Slot(fact.name, over, first, last, earlier)
        return self._slot(slot, variable, fact.divisor, months, 1 if whole else months)

    def _own_slot(self, ready: Ready, low: Fraction, high: Fraction, step: Fraction) -> _Fraction:
        """A measure that no sum of facts makes: it goes from `low` to `high` by itself, in steps."""
        whole = step != 0
        factor = step if whole else Fraction(1)
        index = self._slot(
            _Slot(f"{ready.part} {ready.name}", ready.measure.kind, ready.first, ready.last),
            Variable(low / factor, high / factor, whole),
            1,
            1,
            1,
        )
        return _Fraction({index: factor}, Fraction(0), {}, Fraction(1))

    def _fraction(self, ready: Ready) -> _Fraction:
        measure = ready.measure
        months = ready.last - ready.first + 1 if ready.monthly else 1
        if measure.kind == "open":
            return self._own_slot(ready, Fraction(0), Fraction(len(measure.days)), Fraction(1))
        if measure.kind == "months":
            return self._own_slot(ready, Fraction(0), Fraction(100), Fraction(100, months))
        if measure.kind == "answered":
            return self._own_slot(ready, Fraction(0), Fraction(100), Fraction(100, months * len(ready.terms)))
        if measure.kind == "value" and measure.over in ("min", "max") and len(ready.terms) > 1:
            ends = [self._ends(ready, factor) for factor in (-1, 1)]
            return self._own_slot(ready, ends[0], ends[1], Fraction(0))
        facts = {fact.name: fact for fact in ready.facts}
        top: dict[int, Fraction] = {}
        bottom: dict[int, Fraction] = {}
        for term in ready.terms:
            added = term.by_months or (measure.kind == "value" and measure.over == "total")
            index = self._fact_slot(facts[term.fact], ready, term.earlier, added)
            side = top if term.numerator else bottom
            weight = Fraction(term.weight) * (months if term.by_months else 1) * self._facts[index][3]
            side[index] = side.get(index, Fraction(0)) + weight
        rest = Fraction(ready.each * months + ready.once, MILLION)
        return _Fraction(top, Fraction(0), bottom, rest)

    def _ends(self, ready: Ready, sign: int) -> Fraction:
        """The least or largest weighted sum of facts in any one month."""
        facts = {fact.name: fact for fact in ready.facts}
        total = Fraction(0)
        for term in ready.terms:
            low, high, _ = domain(facts[term.fact])
            ends = (low * term.weight, high * term.weight)
            total += max(ends) if sign > 0 else min(ends)
        return total * MILLION / (ready.each or ready.once)

    # What holds between the variables, whatever the thresholds

    def _between_months(self) -> Iterator[Condition]:
        """A fact's least month is at most its last, its mean and its largest."""
        minus, one = Fraction(-1), Fraction(1)
        slots = list(self._slots.items())
        for slot, index in slots:
            for other, beside in slots:
                if slot.name != other.name or slot.earlier != other.earlier:
                    continue
                inside = slot.first >= other.first and slot.last <= other.last
                months = other.last - other.first + 1
                if (slot.over, other.over) in (("min", "max"), ("min", "last"), ("last", "max")):
                    yield Condition({index: one, beside: minus}, Fraction(0))
                elif other.over == "sum" and slot.over in ("min", "max") and inside:
                    sign, of = (1 if slot.over == "min" else -1), self._facts[beside][3]
                    weights = {index: Fraction(sign * months), beside: Fraction(-sign * of)}
                    yield Condition(weights, Fraction(0))
                elif other.over == "sum" and slot.over == "last" and inside:
                    variable, times = self.variables[index], Fraction(self._facts[beside][3])
                    rest = months - 1
                    yield Condition({index: one, beside: -times}, -variable.low * rest)
                    yield Condition({index: minus, beside: times}, variable.high * rest)

    def _related(self, relations: tuple[Check, ...]) -> Iterator[Condition]:
        """Relations between facts, where all of their facts are here over the same months."""
        kinds: dict[tuple[str, int, int, bool], dict[str, int]] = {}
        for slot, index in self._slots.items():
            if slot.over in ("sum", "last", "single"):
                kinds.setdefault((slot.over, slot.first, slot.last, slot.earlier), {})[slot.name] = index
        for relation in relations:
            for (over, first, last, _), here in kinds.items():
                if not all(name in here for name in relation.facts):
                    continue
                weights: dict[int, Fraction] = {}
                for sign, terms in ((1, relation.left), (-1, relation.right)):
                    for term in terms:
                        index = here[term.fact]
                        _, divisor, _, times = self._facts[index]
                        part = sign * Fraction(term.weight) * times / divisor
                        weights[index] = weights.get(index, Fraction(0)) + part
                months = last - first + 1 if over == "sum" else 1
                room = Fraction(relation.within) * months
                yield Condition(weights, room)
                if relation.comparison == "is":
                    yield Condition({index: -weight for index, weight in weights.items()}, room)

    # Cells

    def thresholds(self, measure: int) -> list[int]:
        """What a measure is compared with on any rung, in millionths."""
        found = {
            value
            for branches in self.rungs.values()
            for tests in branches
            for test in tests
            if test.measure == measure and test.comparison != "known" and (value := self.at(test)) is not None
        }
        return sorted(found)

    def cells(self, measure: int, more: tuple[int, ...] = (), unknown: bool = False) -> list[Cell]:
        """Where a measure's value may lie; unknown only where a rung (or the caller) asks for it."""
        ends = sorted({*self.thresholds(measure), *more})
        found: list[Cell] = []
        for index, value in enumerate(ends):
            found.append(Cell(2 * index, ends[index - 1] if index else None, value))
            found.append(Cell(2 * index + 1, value, value))
        found.append(Cell(2 * len(ends), ends[-1], None) if ends else Cell(0, None, None))
        asked = unknown or any(
            test.measure == measure and test.comparison == "known"
            for branches in self.rungs.values()
            for tests in branches
            for test in tests
        )
        return [*found, Cell(-1, None, None, known=False)] if asked else found

    def _in_cell(self, measure: int, cell: Cell) -> list[Condition]:
        if not cell.known:
            return []
        value = self.fractions[measure]
        below_bottom = {index: -weight for index, weight in value.bottom.items()}
        found = [Condition(below_bottom, value.bottom_rest, strict=True)]  # the denominator is above zero
        on = cell.low == cell.high and cell.low is not None
        if cell.low is not None:
            weights, rest = value.against(Fraction(cell.low, MILLION))
            found.append(Condition({i: -w for i, w in weights.items()}, rest, strict=not on))
        if cell.high is not None:
            weights, rest = value.against(Fraction(cell.high, MILLION))
            found.append(Condition(weights, -rest, strict=not on))
        return found

    def find(self, placed: Mapping[int, Cell]) -> tuple[Fraction, ...] | None:
        """Values of the variables for which each measure lies in its cell; None where there are none."""
        conditions = list(self.conditions)
        for measure, cell in placed.items():
            conditions += self._in_cell(measure, cell)
        return solution(self.variables, conditions)

    @cached_property
    def states(self) -> tuple[State, ...] | None:
        """Every way in which the measures can lie; None where there are too many to go through."""
        return self.states_with({})

    def states_with(
        self, more: Mapping[int, tuple[int, ...]], unknown: bool = False
    ) -> tuple[State, ...] | None:
        """As `states`, with further thresholds for some measures, and measures that aren't known."""
        partial: list[tuple[tuple[Cell, ...], tuple[Fraction, ...]]] = [((), ())]
        for position, measure in enumerate(self.used):
            longer: list[tuple[tuple[Cell, ...], tuple[Fraction, ...]]] = []
            for cells, _ in partial:
                for cell in self.cells(measure, more.get(measure, ()), unknown):
                    placed = dict(zip(self.used[: position + 1], (*cells, cell), strict=True))
                    values = self.find(placed)
                    if values is not None:
                        longer.append(((*cells, cell), values))
                if len(longer) > MOST_STATES:
                    return None
            partial = longer
        return tuple(State(cells, grade_of(self.truths(cells)), values) for cells, values in partial)

    def truths(self, cells: tuple[Cell, ...]) -> dict[str, list[int]]:
        """How true each branch of each rung is in a state."""
        placed = dict(zip(self.used, cells, strict=True))
        return {
            rung: [
                min(truth(test.comparison, self.at(test), placed[test.measure].typical) for test in tests)
                for tests in branches
            ]
            for rung, branches in self.rungs.items()
        }

    # Values

    def extreme(self, measure: int, sign: int) -> Fraction | None:
        """The largest (or, with -1, least) value of a measure; None where it has no bound (Dinkelbach's method)."""
        start = self.find({measure: Cell(0, None, None)})
        if start is None:
            return None
        value = self.fractions[measure]
        least = min((abs(weight) for weight in value.bottom.values()), default=Fraction(0))
        least *= 1 if all(self.variables[i].whole for i in value.bottom) else Fraction(1, MILLION)
        above = Condition({i: -w for i, w in value.bottom.items()}, value.bottom_rest - least)
        known = [*self.conditions, above]
        best = self.value(measure, start)
        for _ in range(50):
            weights, rest = value.against(best)
            there = largest(self.variables, known, {i: sign * w for i, w in weights.items()})
            if there is None or self._part(value.bottom, value.bottom_rest, there) <= 0:
                return None
            gain = sign * (self._part(weights, rest, there))
            if gain <= 0:
                return best
            best = self.value(measure, there)
        return None

    def value(self, measure: int, values: tuple[Fraction, ...]) -> Fraction:
        """A measure's value, where the variables are these."""
        fraction = self.fractions[measure]
        return self._part(fraction.top, fraction.top_rest, values) / self._part(
            fraction.bottom, fraction.bottom_rest, values
        )

    def _part(
        self, weights: Mapping[int, Fraction], rest: Fraction, values: tuple[Fraction, ...]
    ) -> Fraction:
        return sum((w * values[i] for i, w in weights.items()), rest)

    def told(self, state: State) -> str:
        """The facts of a state: `gp_specialist_fte 3, physician_fte 6`."""
        slots = {index: slot for slot, index in self._slots.items()}
        involved: dict[int, None] = {}
        for position, measure in enumerate(self.used):
            if state.cells[position].known:
                fraction = self.fractions[measure]
                involved.update(dict.fromkeys((*fraction.top, *fraction.bottom)))
        kinds = {fact.name: fact for ready in self.clause.measures for fact in ready.facts}
        parts: list[str] = []
        for index in involved:
            name, divisor, months, times = self._facts[index]
            slot, fact = slots[index], kinds.get(name)
            value = state.values[index]
            how = {"min": " in the lowest month", "max": " in the highest month"}.get(slot.over, "")
            if months > 1 and (value / months).denominator == 1 and times == 1:
                value /= months
            elif months > 1 and times == 1:
                how = f" in {months} months"
                fact = fact._replace(type="number") if fact else None
            how += " in the period before" if slot.earlier else ""
            parts.append(f"{name} {written(value / divisor, fact)}{how}")
        return ", ".join(dict.fromkeys(parts))


def truth(comparison: str, threshold: int | None, value: Fraction | None) -> int:
    """How true a comparison is of a value in millionths (None: unknown)."""
    assert threshold is not None
    if comparison == "known":
        return TRUE if (value is not None) == bool(threshold) else FALSE
    if value is None:
        return UNKNOWN
    holds = {
        "above": value > threshold,
        "at_least": value >= threshold,
        "below": value < threshold,
        "at_most": value <= threshold,
        "equals": value == threshold,
    }[comparison]
    return TRUE if holds else FALSE


def grade_of(truths: Mapping[str, list[int]], measured: bool = True) -> str:
    """The grade where the branches of the rungs that are left are so true.

    Args:
        measured: the rule's first measure is known, which matters where no rung is left.
    """
    applies = min((max(truths[rung]) for rung in ("rule_applies", "applies") if rung in truths), default=TRUE)
    if applies != TRUE:
        return "not_applicable" if applies == FALSE else "unknown"
    left = [rung for rung in RUNGS if rung in truths]
    if not left:
        return "info" if measured else "unknown"
    for rung in left:
        reached = max(truths[rung])
        if reached != FALSE:
            return rung if reached == TRUE else "unknown"
    return "fail"


def written(value: Fraction, fact: Fact | None) -> str:
    """A value as a rule's author writes it: yes, partly, 2024-12-31, 46.5."""
    if fact is not None and value.denominator == 1:
        whole = int(value)
        if fact.type == "yes_no":
            return ("no", "yes")[whole]
        if fact.type == "level":
            return ("not", "partly", "fully")[whole]
        if fact.type == "choice":
            return fact.options[whole]
        if fact.type == "date":
            return date.fromordinal(whole).isoformat()
    if fact is not None and fact.type == "opening_hours" and value.denominator != 1:
        return f"{int(value)} h {(value - int(value)) * 60} min"
    return str(int(value)) if value.denominator == 1 else _decimal(value)


def _decimal(value: Fraction) -> str:
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == value else f"{value.numerator}/{value.denominator}"
