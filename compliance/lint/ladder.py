"""Ladders: that each rung can be reached, in the right order, and that better is never graded worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from compliance.language.program import Test
from compliance.lint.desk import Desk, Setting, Use
from compliance.lint.problem import LintProblem
from compliance.lint.situation import MOST_STATES, TRUE, Situation, State
from compliance.problems import Place

__all__ = ["CHECKS"]

ORDER = {"fail": 0, "partial": 1, "pass": 2}
UP, DOWN = ("above", "at_least"), ("below", "at_most")
TITLES = {"rule_applies": "applies", "applies": "applies"}


def _each(desk: Desk) -> Iterator[tuple[Use, Setting, Situation]]:
    for use in desk.distinct:
        for setting in use.settings:
            yield use, setting, setting.situation


def _rung_place(use: Use, setting: Setting, tests: tuple[Test, ...]) -> Place:
    """Where a branch is decided: at a parameter that the use itself sets, of the branch or beside it."""
    criteria = use.criteria()
    if use.contract is None:
        return criteria[tests[0]].place
    for test in (*tests, *criteria):
        name = test.threshold.parameter
        if name is not None and setting.places[name].file != use.clause.rule.document.name:
            return setting.places[name]
    return use.place


def _reached(situation: Situation, states: tuple[State, ...]) -> dict[tuple[str, int], list[State]]:
    """The states in which each branch of each rung holds."""
    found: dict[tuple[str, int], list[State]] = {
        (rung, index): [] for rung, branches in situation.rungs.items() for index in range(len(branches))
    }
    for state in states:
        for rung, truths in situation.truths(state.cells).items():
            for index, truth in enumerate(truths):
                if truth == TRUE:
                    found[rung, index].append(state)
    return found


def rung_unreachable(desk: Desk) -> Iterator[LintProblem]:
    for use, setting, situation in _each(desk):
        if situation.states is None:
            continue
        reached = _reached(situation, situation.states)
        for rung, branches in situation.rungs.items():
            missed = [index for index in range(len(branches)) if not reached[rung, index]]
            whole = len(missed) == len(branches)
            for index in missed[:1] if whole else missed:
                what = f"'{TITLES.get(rung, rung)}'" + ("" if whole else f" in its way {index + 1}")
                yield LintProblem(
                    "rung-unreachable",
                    _rung_place(use, setting, branches[index]),
                    f"{use.name}: no values within the facts' ranges reach {what}. Correct the thresholds, or remove it.",
                    use.about(),
                )


def partial_stricter_than_pass(desk: Desk) -> Iterator[LintProblem]:
    for use, setting, situation in _each(desk):
        states, branches = situation.states, situation.rungs.get("partial")
        if not states or not branches or "pass" not in situation.rungs:
            continue
        reached = _reached(situation, states)
        for index, tests in enumerate(branches):
            there = reached["partial", index]
            if there and not any(state.grade == "partial" for state in there):
                way = f" in its way {index + 1}" if len(branches) > 1 else ""
                yield LintProblem(
                    "partial-stricter-than-pass",
                    _rung_place(use, setting, tests),
                    f"{use.name}: what reaches 'partial'{way} has reached 'pass' already ({situation.told(there[0])}). "
                    "Make its threshold the weaker one.",
                    use.about(),
                )


def nothing_fails(desk: Desk) -> Iterator[LintProblem]:
    for use, setting, situation in _each(desk):
        states = situation.states
        rungs = [rung for rung in ("pass", "partial") if rung in situation.rungs]
        if not states or not rungs or any(state.grade in ("fail", "unknown") for state in states):
            continue
        rung = rungs[-1]
        yield LintProblem(
            "nothing-fails",
            _rung_place(use, setting, situation.rungs[rung][0]),
            f"{use.name}: every value within the facts' ranges reaches '{rung}', so that nothing can fail. Raise the "
            "threshold, or report the figure without a ladder.",
            use.about(),
        )


def _direction(situation: Situation, position: int) -> str:
    """Which way a measure gets better: up, down, towards a band, or (empty) it plays no part in the grade."""
    measure = situation.used[position]
    for rung in ("pass", "partial"):
        tests = [
            test
            for branch in situation.rungs.get(rung, ())
            for test in branch
            if test.measure == measure and test.comparison != "known"
        ]
        ways = {_way(situation, test, position) for test in tests}
        if ways:
            return ways.pop() if len(ways) == 1 else "band"
    return ""


def _way(situation: Situation, test: Test, position: int) -> str:
    if test.comparison in UP:
        return "up"
    if test.comparison in DOWN:
        return "down"
    at = situation.at(test)
    assert situation.states is not None
    known = [state.cells[position] for state in situation.states if state.cells[position].known]
    if all(cell.high is not None and at is not None and cell.high <= at for cell in known):
        return "up"
    if all(cell.low is not None and at is not None and cell.low >= at for cell in known):
        return "down"
    return "band"


def better_graded_worse(desk: Desk) -> Iterator[LintProblem]:
    for use, setting, situation in _each(desk):
        rungs = [rung for rung in ("pass", "partial") if rung in situation.rungs]
        if situation.states is None:
            yield LintProblem(
                "better-graded-worse",
                use.place,
                f"{use.name}: its measures can lie to the thresholds in more than {MOST_STATES} ways, too many to "
                "prove anything. Divide the rule.",
                use.about(),
            )
            continue
        for position in range(len(situation.used)) if rungs else ():
            found = _worse(situation, position)
            if found is None:
                continue
            better, worse = found
            name = use.measure(situation.used[position])
            yield LintProblem(
                "better-graded-worse",
                _rung_place(use, setting, situation.rungs[rungs[-1]][0]),
                f"{use.name}: a better value of {name} is graded worse: {situation.told(worse)} gives "
                f"{worse.grade}, and {situation.told(better)} gives {better.grade}. Correct the comparisons.",
                use.about(),
            )


def _worse(situation: Situation, position: int) -> tuple[State, State] | None:
    """A state, and one with a worse value in this measure, else alike, that is graded better than it."""
    direction = _direction(situation, position)
    if not direction:
        return None
    groups: dict[tuple[int, ...], list[State]] = {}
    for state in situation.states or ():
        if state.cells[position].known and state.grade in ORDER:
            others = tuple(cell.position for i, cell in enumerate(state.cells) if i != position)
            groups.setdefault(others, []).append(state)
    for group in groups.values():
        ordered = sorted(group, key=lambda state: state.cells[position].position)
        if direction == "band":
            # Towards the band it gets better, and away from it worse: there is no valley.
            for low, middle, high in combinations(ordered, 3):
                if ORDER[middle.grade] < min(ORDER[low.grade], ORDER[high.grade]):
                    return middle, low
            continue
        if direction == "down":
            ordered.reverse()
        for worse, better in combinations(ordered, 2):
            if ORDER[better.grade] < ORDER[worse.grade]:
                return better, worse
    return None


def points_against_grade(desk: Desk) -> Iterator[LintProblem]:
    for use in desk.uses:
        points = use.clause.points
        if points is None:
            continue
        graded = dict(points.points.by_grade)
        given = [(grade, graded[grade]) for grade in ("pass", "partial", "fail") if grade in graded]
        for (better, more), (worse, less) in combinations(given, 2):
            if more < less:
                yield LintProblem(
                    "points-against-grade",
                    points.points.place,
                    f"{use.name}: '{worse}' is worth {less} points, and '{better}' only {more}. Swap them.",
                    use.about(),
                )
        for setting in use.settings:
            situation = setting.situation
            ends = [
                end.value if end.parameter is None else setting.parameters.get(end.parameter)
                for end in (points.from_, points.to)
                if end is not None
            ]
            if len(ends) < 2 or 0 not in situation.used or situation.states is None:
                continue
            direction = _direction(situation, situation.used.index(0))
            if None in ends or direction not in ("up", "down"):
                continue
            first, last = ends
            assert first is not None
            assert last is not None
            if (last > first) is not (direction == "up"):
                yield LintProblem(
                    "points-against-grade",
                    points.points.place,
                    f"{use.name}: the points grow as the value gets worse: the ladder wants it "
                    f"{'higher' if direction == 'up' else 'lower'}. Swap 'from' and 'to'.",
                    use.about(),
                )


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "rung-unreachable": rung_unreachable,
    "partial-stricter-than-pass": partial_stricter_than_pass,
    "nothing-fails": nothing_fails,
    "better-graded-worse": better_graded_worse,
    "points-against-grade": points_against_grade,
}
