"""Whether linear conditions can hold together: exactly, with fractions, and with numbers that show it.

The simplex method of G. B. Dantzig with R. G. Bland's rule, which ends always (Chvátal, Linear Programming, 1983).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, lcm
from typing import NamedTuple

__all__ = ["Condition", "Variable", "largest", "solution"]

DEEPEST = 60
"""How often a variable is narrowed down to whole numbers before the search gives up."""
ZERO, ONE = Fraction(0), Fraction(1)


class Variable(NamedTuple):
    """A number between two others, a whole one where `whole` says so."""

    low: Fraction
    high: Fraction
    whole: bool


class Condition(NamedTuple):
    """The weighted sum of variables is at most `bound`, or below it where `strict`."""

    weights: Mapping[int, Fraction]
    bound: Fraction
    strict: bool = False

    def holds(self, values: Sequence[Fraction]) -> bool:
        total = sum((weight * values[index] for index, weight in self.weights.items()), ZERO)
        return total < self.bound if self.strict else total <= self.bound


def solution(variables: Sequence[Variable], conditions: Iterable[Condition]) -> tuple[Fraction, ...] | None:
    """Values for which all conditions hold; None where there are none."""
    return _search(list(variables), list(conditions), DEEPEST)


def largest(
    variables: Sequence[Variable], conditions: Iterable[Condition], weights: Mapping[int, Fraction]
) -> tuple[Fraction, ...] | None:
    """Where a weighted sum is largest, `strict` taken as at most; None where nothing holds."""
    lows = [variable.low for variable in variables]
    rows, bounds = _rows(variables, conditions, strictly=False)
    aim = [weights.get(index, ZERO) for index in range(len(variables))]
    found = _simplex(rows, bounds, aim)
    return None if found is None else tuple(low + value for low, value in zip(lows, found, strict=True))


def _search(
    variables: list[Variable], conditions: list[Condition], depth: int
) -> tuple[Fraction, ...] | None:
    if any(variable.low > variable.high for variable in variables):
        return None
    found = _relaxed(variables, conditions)
    if found is None:
        return None
    for tried in _whole_near(found, variables):
        if _all_hold(tried, variables, conditions):
            return tried
    broken = [index for index, v in enumerate(variables) if v.whole and found[index].denominator != 1]
    if not broken or depth == 0:
        return None if broken else found
    index = broken[0]
    variable, value = variables[index], found[index]
    for narrowed in (
        variable._replace(low=Fraction(ceil(value))),
        variable._replace(high=Fraction(floor(value))),
    ):
        deeper = _search([*variables[:index], narrowed, *variables[index + 1 :]], conditions, depth - 1)
        if deeper is not None:
            return deeper
    return None


def _all_hold(
    values: Sequence[Fraction], variables: Sequence[Variable], conditions: Iterable[Condition]
) -> bool:
    return (
        all(v.low <= value <= v.high for value, v in zip(values, variables, strict=True))
        and all(value.denominator == 1 for value, v in zip(values, variables, strict=True) if v.whole)
        and all(condition.holds(values) for condition in conditions)
    )


def _whole_near(found: tuple[Fraction, ...], variables: Sequence[Variable]) -> Iterable[tuple[Fraction, ...]]:
    """Plain numbers first, as a reader likes them; then whole ones in the same proportion."""
    for decimals in range(7):
        yield tuple(
            Fraction(round(value)) if v.whole else Fraction(round(value * 10**decimals), 10**decimals)
            for value, v in zip(found, variables, strict=True)
        )
    for chosen in (found, [value for value, v in zip(found, variables, strict=True) if v.whole]):
        times = lcm(*(value.denominator for value in chosen))
        yield tuple(value * times for value in found)


def _relaxed(variables: Sequence[Variable], conditions: Iterable[Condition]) -> tuple[Fraction, ...] | None:
    """Values for which all conditions hold, whole or not, as far from the strict bounds as it goes, up to one."""
    rows, bounds = _rows(variables, conditions, strictly=True)
    found = _simplex(rows, bounds, [ZERO] * len(variables) + [ONE])
    if found is None or found[-1] == 0:
        return None
    return tuple(v.low + value for v, value in zip(variables, found[:-1], strict=True))


def _rows(
    variables: Sequence[Variable], conditions: Iterable[Condition], strictly: bool
) -> tuple[list[list[Fraction]], list[Fraction]]:
    """The conditions on what each variable has above its lowest value, and on the distance to strict bounds."""
    count = len(variables)
    rows: list[list[Fraction]] = []
    bounds: list[Fraction] = []
    for condition in conditions:
        row = [condition.weights.get(index, ZERO) for index in range(count)]
        bounds.append(
            condition.bound - sum((w * variables[i].low for i, w in condition.weights.items()), ZERO)
        )
        rows.append([*row, ONE if condition.strict else ZERO] if strictly else row)
    for index, variable in enumerate(variables):
        row = [ONE if other == index else ZERO for other in range(count)]
        rows.append([*row, ZERO] if strictly else row)
        bounds.append(variable.high - variable.low)
    if strictly:
        rows.append([*([ZERO] * count), ONE])
        bounds.append(ONE)
    return rows, bounds


def _simplex(
    rows: list[list[Fraction]], bounds: list[Fraction], aim: list[Fraction]
) -> list[Fraction] | None:
    """The non-negative x with rows · x <= bounds for which aim · x is largest; None where there is none."""
    count, size = len(aim), len(rows)
    # Each row says a basic variable: bound - sum(row · others). The column `count` is the artificial variable.
    table = [[*row, -ONE, bound] for row, bound in zip(rows, bounds, strict=True)]
    basis = [count + 1 + index for index in range(size)]
    outside = [*range(count), count]
    lowest = min(range(size), key=lambda index: bounds[index], default=0)
    if size and bounds[lowest] < 0:
        goal = [*([ZERO] * count), ONE, ZERO]  # the artificial variable, to be as small as can be
        _pivot(table, goal, basis, outside, lowest, outside.index(count))
        _improve(table, goal, basis, outside)
        if goal[-1] != 0:
            return None
        if count in basis:
            row = basis.index(count)
            column = next((j for j in range(count + 1) if table[row][j] != 0), None)
            if column is None:
                return None
            _pivot(table, goal, basis, outside, row, column)
    gone = outside.index(count)
    for row_ in table:
        row_[gone] = ZERO
    goal = [ZERO] * (count + 2)
    for index, weight in enumerate(aim):
        if index in outside:
            goal[outside.index(index)] -= weight
        else:
            row_ = table[basis.index(index)]
            for column in range(count + 1):
                goal[column] += weight * row_[column]
            goal[-1] += weight * row_[-1]
    goal[gone] = ZERO
    _improve(table, goal, basis, outside)
    values = [ZERO] * count
    for row, variable in enumerate(basis):
        if variable < count:
            values[variable] = table[row][-1]
    return values


def _improve(table: list[list[Fraction]], goal: list[Fraction], basis: list[int], outside: list[int]) -> None:
    """Pivots until no variable outside the basis would make the goal larger (all are bounded, so it ends)."""
    while True:
        better = [column for column in range(len(outside)) if goal[column] < 0]
        if not better:
            return
        column = min(better, key=lambda c: outside[c])
        ways = [(row[-1] / row[column], basis[i], i) for i, row in enumerate(table) if row[column] > 0]
        if not ways:
            return
        _pivot(table, goal, basis, outside, min(ways)[2], column)


def _pivot(
    table: list[list[Fraction]],
    goal: list[Fraction],
    basis: list[int],
    outside: list[int],
    row: int,
    column: int,
) -> None:
    own = table[row]
    divisor = own[column]
    own[column] = ONE
    table[row] = own = [value / divisor for value in own]
    for other in (*(line for index, line in enumerate(table) if index != row), goal):
        factor = other[column]
        if factor:
            other[column] = ZERO
            for index, value in enumerate(own):
                if value:
                    other[index] -= factor * value
    basis[row], outside[column] = outside[column], basis[row]
