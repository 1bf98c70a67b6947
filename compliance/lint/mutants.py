"""Rules altered in one place each: an example that tells the altered rule from the written one kills the mutant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from compliance.language.examples import Graded, alone
from compliance.language.program import MILLION, Clause
from compliance.language.rules import Rule
from compliance.library import Library
from compliance.lint.ladders import Item, Ladder, at, grade, ladder_of, step_of
from compliance.lint.problem import About, about
from compliance.lint.situation import Situation
from compliance.problems import Place, Problems

__all__ = ["Mutant", "Survivor", "rule_mutants", "rule_survivors"]

SWAPS = {
    "at_least": ("above",),
    "above": ("at_least",),
    "at_most": ("below",),
    "below": ("at_most",),
    "equals": ("at_least", "at_most"),
}
NAMES = {"rule_applies": "applies"}


class Mutant(NamedTuple):
    """An altered rule: its ladder, or the value of one of its parameters (which examples may override)."""

    name: str
    place: Place
    ladder: Ladder
    parameter: tuple[str, int | None] | None = None


class Survivor(NamedTuple):
    """A mutant that no example tells from the rule."""

    rule: str
    mutant: str
    place: Place
    about: About


def rule_mutants(clause: Clause) -> Iterator[Mutant]:
    """A rule's mutants."""
    ladder = ladder_of(clause)
    for rung, branches in ladder.items():
        name = NAMES.get(rung, rung)
        for index, branch in enumerate(branches):
            for position, item in enumerate(branch):
                said = f"{name}: {_told(item, clause)}"
                for other, altered in _altered(item):
                    changed = (*branch[:position], altered, *branch[position + 1 :])
                    yield Mutant(
                        f"{said} → {other}", item.criterion.place, _with(ladder, rung, index, changed)
                    )
                rest = (*branch[:position], *branch[position + 1 :])
                yield Mutant(f"{said} left out", item.criterion.place, _with(ladder, rung, index, rest))
        place = branches[0][0].criterion.place
        if len(branches) > 1:
            yield Mutant(
                f"{name}: any → all", place, {**ladder, rung: (tuple(i for b in branches for i in b),)}
            )
        if any(len(branch) > 1 for branch in branches):
            yield Mutant(
                f"{name}: all → any", place, {**ladder, rung: tuple((i,) for b in branches for i in b)}
            )
        if sum(len(branch) for branch in branches) > 1:
            yield Mutant(f"{name} left out", place, {k: v for k, v in ladder.items() if k != rung})
    if "pass" in ladder and "partial" in ladder:
        swapped = {**ladder, "pass": ladder["partial"], "partial": ladder["pass"]}
        yield Mutant("pass ↔ partial", ladder["pass"][0][0].criterion.place, swapped)
    for name, value in clause.parameters.items():
        if value is None or name not in clause.types:
            continue
        rule = clause.rule
        place = rule.document.place(*rule.path, "parameters", name)
        step = step_of(rule.parameters[name], clause.types[name].type)
        for sign, word in ((1, "+"), (-1, "−")):
            yield Mutant(f"parameters: {name} {word} one step", place, ladder, (name, value + sign * step))


def _told(item: Item, clause: Clause) -> str:
    measure = clause.measures[item.measure].name
    lone = len(clause.own_measures()) == 1 and clause.measures[item.measure].part == "measure"
    who = "" if lone else f"{measure} "
    return f"{who}{item.comparison} {item.criterion.threshold}"


def _altered(item: Item) -> Iterator[tuple[str, Item]]:
    if item.comparison == "known":
        flipped = item.threshold._replace(value=0 if item.threshold.value else 1)
        yield "the opposite", item._replace(threshold=flipped)
        return
    for other in SWAPS[item.comparison]:
        yield other, item._replace(comparison=other)
    for sign, word in ((1, "+"), (-1, "−")):
        yield f"threshold {word} one step", item._replace(shift=sign)


def _with(ladder: Ladder, rung: str, index: int, branch: tuple[Item, ...]) -> Ladder:
    """The ladder with one branch replaced; an empty branch goes, and with the last one the rung."""
    branches = ladder[rung]
    changed = tuple(b for b in (*branches[:index], branch, *branches[index + 1 :]) if b)
    return {k: v for k, v in {**ladder, rung: changed}.items() if v}


def rule_survivors(
    library: Library, graded: Sequence[Graded], names: Sequence[str] = ()
) -> tuple[list[Survivor], int]:
    """The mutants that no example kills, and how many mutants there were.

    A mutant that gives no other grade for any values within the facts' ranges isn't one.
    """
    by_rule: dict[str, list[Graded]] = {}
    for one in graded:
        by_rule.setdefault(one.rule.name, []).append(one)
    survivors: list[Survivor] = []
    count = 0
    for name, rule in library.rules.items():
        if rule is None or (names and name not in names):
            continue
        clause = alone(rule, library, Problems())
        if clause is None:
            continue
        own = by_rule.get(name, [])
        for mutant in rule_mutants(clause):
            if any(_kills(mutant, one) for one in own):
                count += 1
            elif not _same(mutant, clause, rule, own):
                count += 1
                survivors.append(Survivor(name, mutant.name, mutant.place, about(rule=name)))
    return survivors, count


def _kills(mutant: Mutant, one: Graded) -> bool:
    values = [None if value is None else value * MILLION for value in one.values]
    parameters = one.parameters
    if mutant.parameter is not None and mutant.parameter[0] not in one.example.parameters:
        parameters = {**parameters, mutant.parameter[0]: mutant.parameter[1]}
    return grade(mutant.ladder, values, parameters, one.written) != one.grade


def _same(mutant: Mutant, clause: Clause, rule: Rule, own: Sequence[Graded]) -> bool:
    """Whether the mutant grades everything as the rule does, under the parameters of the rule and of its examples."""
    settings = [(clause.parameters, dict(rule.parameters)), *((one.parameters, one.written) for one in own)]
    if mutant.parameter is not None:
        settings = settings[:1]
    ladder = ladder_of(clause)
    return all(_same_under(mutant, clause, ladder, *setting) for setting in settings)


def _same_under(
    mutant: Mutant,
    clause: Clause,
    ladder: Ladder,
    parameters: dict[str, int | None],
    written: dict[str, str | None],
) -> bool:
    changed = parameters
    if mutant.parameter is not None:
        changed = {**parameters, mutant.parameter[0]: mutant.parameter[1]}
    more: dict[int, set[int]] = {}
    for rungs, settings in ((ladder, parameters), (mutant.ladder, changed)):
        for branches in rungs.values():
            for branch in branches:
                for item in branch:
                    limit = at(item, settings, written)
                    if limit is not None and item.comparison != "known":
                        more.setdefault(item.measure, set()).add(limit)
    situation = Situation(clause, parameters)
    states = situation.states_with({m: tuple(limits) for m, limits in more.items()}, unknown=True)
    if states is None:
        return False
    for state in states:
        values: list[Fraction | None] = [Fraction(0)] * len(clause.measures)
        for measure, cell in zip(situation.used, state.cells, strict=True):
            values[measure] = cell.typical
        if grade(ladder, values, parameters, written) != grade(mutant.ladder, values, changed, written):
            return False
    return True
