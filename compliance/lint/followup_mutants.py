"""Follow-up rules altered in one place each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from compliance.followup.chainer import chain
from compliance.followup.examples import symbols_of
from compliance.followup.language import AT_LEAST, Branch, FollowUpRule, Pattern
from compliance.followup.symbols import RuleSet
from compliance.lint.mutants import Survivor
from compliance.lint.problem import about
from compliance.problems import Place

__all__ = ["followup_survivors"]

CLOSED = ("grade", "before", "obligation", "state", "direction", "doubtful", "is")
"""Criteria with few possible values: each of them matters by itself."""


class _Mutant(NamedTuple):
    name: str
    place: Place
    branches: tuple[Branch, ...]


def followup_survivors(rules: RuleSet, names: Sequence[str] = ()) -> tuple[list[Survivor], int]:
    """The mutants that no example of their rule kills, and how many mutants there were."""
    survivors: list[Survivor] = []
    count = 0
    for name in rules.order:
        rule = rules.rules[name]
        if names and name not in names:
            continue
        known = [(symbols_of(example), example.fires) for example in rule.examples]
        for mutant in _mutants(rule):
            count += 1
            altered = _with(rules, rule._replace(branches=mutant.branches))
            if not any(
                any(firing.rule == name for firing in chain(altered, symbols)) is not fires
                for symbols, fires in known
            ):
                survivors.append(Survivor(name, mutant.name, mutant.place, about(followup=name)))
    return survivors, count


def _with(rules: RuleSet, altered: FollowUpRule) -> RuleSet:
    """The rules with one of them altered; what others conclude is settled before, as it was."""
    strata = tuple(
        tuple(altered if rule.name == altered.name else rule for rule in stratum) for stratum in rules.strata
    )
    return rules._replace(strata=strata)


def _mutants(rule: FollowUpRule) -> Iterator[_Mutant]:
    patterns: dict[Place, Pattern] = {}
    for branch in rule.branches:
        for pattern in branch.patterns:
            patterns.setdefault(pattern.place, pattern)
    kinds: dict[str, int] = {}
    for place, pattern in patterns.items():
        kinds[pattern.kind] = kinds.get(pattern.kind, 0) + 1
        number = (
            f" {kinds[pattern.kind]}" if sum(p.kind == pattern.kind for p in patterns.values()) > 1 else ""
        )
        said = f"{'none ' if pattern.negated else ''}{pattern.kind}{number}"
        if (left := _without(rule, place)) is not None:
            yield _Mutant(f"{said} left out", place, left)
        yield _Mutant(
            f"{said} → {'' if pattern.negated else 'none '}{pattern.kind}",
            place,
            _changed(rule, place, lambda p: p._replace(negated=not p.negated)),
        )
        for what, altered in _altered(pattern):
            criteria, at_least, same = altered
            yield _Mutant(
                f"{said}: {what}",
                place,
                _changed(
                    rule,
                    place,
                    lambda p, c=criteria, n=at_least, s=same: p._replace(criteria=c, at_least=n, same=s),  # type: ignore[misc]
                ),
            )
    if len(rule.branches) > 1:
        for index, branch in enumerate(rule.branches):
            rest = (*rule.branches[:index], *rule.branches[index + 1 :])
            yield _Mutant(f"way {index + 1} left out", branch.patterns[-1].place, rest)


Altered = tuple[tuple[tuple[str, tuple[str, ...]], ...], int, bool]


def _altered(pattern: Pattern) -> Iterator[tuple[str, Altered]]:
    criteria = pattern.criteria
    for index, (name, allowed) in enumerate(criteria):
        rest = (*criteria[:index], *criteria[index + 1 :])
        if name != "name":
            yield f"{name} left out", (rest, pattern.at_least, pattern.same)
        if name in AT_LEAST:
            for sign, word in ((1, "+"), (-1, "−")):
                value = (str(int(allowed[0]) + sign),)
                changed = (*criteria[:index], (name, value), *criteria[index + 1 :])
                yield f"{name} {word} one step", (changed, pattern.at_least, pattern.same)
        elif name in CLOSED and len(allowed) > 1:
            for value_ in allowed:
                fewer = tuple(one for one in allowed if one != value_)
                changed = (*criteria[:index], (name, fewer), *criteria[index + 1 :])
                yield f"{name} without {value_}", (changed, pattern.at_least, pattern.same)
    if pattern.at_least > 1:
        for sign, word in ((1, "+"), (-1, "−")):
            yield f"at_least {word} one step", (criteria, pattern.at_least + sign, pattern.same)
    if pattern.same:
        yield "same left out", (criteria, pattern.at_least, False)


def _changed(rule: FollowUpRule, place: Place, change: Callable[[Pattern], Pattern]) -> tuple[Branch, ...]:
    """The branches with the pattern at a place changed. One that is tried for each finding stays so unless negated."""
    branches: list[Branch] = []
    for branch in rule.branches:
        subject, others = branch.subject, [change(p) if p.place == place else p for p in branch.others]
        if subject is not None and subject.place == place:
            changed = change(subject)
            subject, others = (None, [changed, *others]) if changed.negated else (changed, others)
        branches.append(Branch(subject, tuple(others)))
    return tuple(branches)


def _without(rule: FollowUpRule, place: Place) -> tuple[Branch, ...] | None:
    """The branches without the pattern at a place: a finding that the others speak of becomes any finding."""
    branches: list[Branch] = []
    for branch in rule.branches:
        subject, others = branch.subject, tuple(p for p in branch.others if p.place != place)
        if subject is not None and subject.place == place:
            subject = subject._replace(criteria=()) if any(p.same for p in others) else None
        if subject is None and not others:
            continue
        branches.append(Branch(subject, others))
    return tuple(branches)
