"""A rule's ladder as data that can be altered, and its grade for given values of the measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compliance.language.program import MILLION, Clause, Threshold
from compliance.language.rules import Criterion
from compliance.lint.situation import grade_of, truth

__all__ = ["Item", "Ladder", "grade", "ladder_of", "step_of", "truths"]


class Item(NamedTuple):
    """A criterion: `shift` moves its threshold by so many of the smallest steps in which it is written."""

    measure: int
    comparison: str
    threshold: Threshold
    criterion: Criterion
    type: str
    shift: int = 0


Ladder = dict[str, tuple[tuple[Item, ...], ...]]
"""Each rung's branches, `rule_applies` among them."""


def ladder_of(clause: Clause) -> Ladder:
    """The ladder of a rule by itself."""
    rule = clause.rule
    written = [("rule_applies", rule.applies)] if rule.applies else []
    written += [(rung, rule.grade[rung]) for rung in ("pass", "partial") if rung in rule.grade]
    tests = iter(clause.tests)
    ladder: Ladder = {}
    for rung, branches in written:
        ladder[rung] = tuple(
            tuple(
                Item(
                    test.measure,
                    test.comparison,
                    test.threshold,
                    criterion,
                    clause.measures[test.measure].type,
                )
                for criterion in branch
                for test in (next(tests),)
            )
            for branch in branches
        )
    return ladder


def step_of(text: str | None, type_: str) -> int:
    """The smallest step in which a threshold is written, in millionths: 1 of 45, 0.01 of 0.48, a day, a level."""
    if type_ in ("level", "yes_no", "choice", "date") or text is None:
        return MILLION
    try:
        exponent = Decimal(text.strip().replace("\N{MINUS SIGN}", "-")).as_tuple().exponent
    except ArithmeticError:
        return MILLION
    return int(Decimal(MILLION).scaleb(min(0, exponent))) if isinstance(exponent, int) else MILLION


def at(item: Item, parameters: Mapping[str, int | None], written: Mapping[str, str | None]) -> int | None:
    """What an item compares with, in millionths; None where its parameter is null."""
    name = item.threshold.parameter
    value = item.threshold.value if name is None else parameters.get(name)
    if value is None or not item.shift:
        return value
    return value + item.shift * step_of(
        item.criterion.threshold if name is None else written.get(name), item.type
    )


def truths(
    ladder: Ladder,
    values: Sequence[Fraction | None],
    parameters: Mapping[str, int | None],
    written: Mapping[str, str | None],
) -> dict[str, list[list[int]]]:
    """How true each criterion of each branch is of values in millionths; rungs with a null parameter are left out."""
    found: dict[str, list[list[int]]] = {}
    for rung, branches in ladder.items():
        limits = [[at(item, parameters, written) for item in branch] for branch in branches]
        if any(limit is None for branch in limits for limit in branch):
            continue
        found[rung] = [
            [
                truth(item.comparison, limit, values[item.measure])
                for item, limit in zip(branch, own, strict=True)
            ]
            for branch, own in zip(branches, limits, strict=True)
        ]
    return found


def grade(
    ladder: Ladder,
    values: Sequence[Fraction | None],
    parameters: Mapping[str, int | None],
    written: Mapping[str, str | None],
) -> str:
    """The grade of values in millionths."""
    found = truths(ladder, values, parameters, written)
    whole = {rung: [min(branch) for branch in branches] for rung, branches in found.items()}
    return grade_of(whole, values[0] is not None)
