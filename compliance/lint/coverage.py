"""What no example reaches: rungs, ways and criteria of rules, and those and conclusions of follow-up rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compliance.followup.chainer import chain
from compliance.followup.examples import symbols_of
from compliance.followup.language import FollowUpRule, Pattern
from compliance.followup.symbols import RuleSet, holds, subjects, targets
from compliance.language.examples import Graded, alone
from compliance.language.program import MILLION
from compliance.language.rules import Rule
from compliance.library import Library
from compliance.lint.ladders import Ladder, ladder_of, truths
from compliance.lint.situation import FALSE, TRUE
from compliance.problems import Place, Problems

__all__ = ["Reach", "followup_reach", "rule_reach"]

NAMES = {"rule_applies": "applies"}


class Reach(NamedTuple):
    """Something of a rule that an example should reach: a rung, a way, a criterion, a conclusion."""

    rule: str
    what: str
    place: Place
    reached: bool


def rule_reach(library: Library, graded: Sequence[Graded], names: Sequence[str] = ()) -> Iterator[Reach]:
    """The grades that a rule can give, and each criterion both as it holds and as it doesn't."""
    by_rule: dict[str, list[Graded]] = {}
    for one in graded:
        by_rule.setdefault(one.rule.name, []).append(one)
    for name, rule in library.rules.items():
        if rule is None or (names and name not in names):
            continue
        clause = alone(rule, library, Problems())
        if clause is not None:
            yield from _of_rule(rule, ladder_of(clause), by_rule.get(name, []))


def _of_rule(rule: Rule, ladder: Ladder, own: list[Graded]) -> Iterator[Reach]:
    grades = {one.grade for one in own}
    seen: dict[tuple[str, int, int], set[int]] = {}
    for one in own:
        values = [None if value is None else value * MILLION for value in one.values]
        for rung, found in truths(ladder, values, one.parameters, one.written).items():
            for index, own_truths in enumerate(found):
                for position, truth in enumerate(own_truths):
                    seen.setdefault((rung, index, position), set()).add(truth)
    rungs = [rung for rung in ("pass", "partial") if rung in ladder]
    for rung in rungs:
        yield Reach(rule.name, f"{rung}", ladder[rung][0][0].criterion.place, rung in grades)
    if rungs:
        yield Reach(rule.name, "fail", rule.place, "fail" in grades)
    if "rule_applies" in ladder:
        place = ladder["rule_applies"][0][0].criterion.place
        yield Reach(rule.name, "not_applicable", place, "not_applicable" in grades)
    names = {c.threshold for branches in rule.grade.values() for branch in branches for c in branch}
    by_default = [
        rung for rung in rungs if all(_given(rule, c.threshold) for b in rule.grade[rung] for c in b)
    ]
    if not by_default or (rule.parameters and not names):
        yield Reach(rule.name, "info", rule.place, "info" in grades)
    for rung, branches in ladder.items():
        for index, branch in enumerate(branches):
            for position, item in enumerate(branch):
                ways = seen.get((rung, index, position), set())
                criterion = item.criterion
                who = f"{criterion.measure} " if len(rule.measures) > 1 else ""
                said = f"{NAMES.get(rung, rung)}: {who}{criterion.comparison} {criterion.threshold}"
                yield Reach(rule.name, f"{said} holds", criterion.place, TRUE in ways)
                yield Reach(rule.name, f"{said} doesn't hold", criterion.place, FALSE in ways)


def _given(rule: Rule, threshold: str) -> bool:
    return rule.parameters.get(threshold, threshold) is not None


def followup_reach(rules: RuleSet, names: Sequence[str] = ()) -> Iterator[Reach]:
    """Each way in which a follow-up rule may fire, its conditions as they hold and don't, and its conclusion."""
    for name in rules.order:
        if names and name not in names:
            continue
        rule = rules.rules[name]
        fired: set[int] = set()
        seen: dict[Place, set[bool]] = {}
        drawn_any = False
        for example in rule.examples:
            symbols = symbols_of(example)
            firings = chain(rules, symbols)
            drawn = targets(firings, rules.rules)
            own = [firing for firing in firings if firing.rule == name]
            fired.update(firing.branch for firing in own)
            drawn_any = drawn_any or bool(own)
            for branch in rule.branches:
                tried = subjects(branch, symbols)
                if branch.subject is not None:
                    findings = symbols.of("finding")
                    seen.setdefault(branch.subject.place, set()).update(
                        {True} if tried else set(), {False} if len(tried) < max(len(findings), 1) else set()
                    )
                for requirement in tried:
                    for pattern in branch.others:
                        true = holds(pattern, requirement, symbols, drawn)
                        seen.setdefault(pattern.place, set()).add(true)
        yield from _of_followup(rule, fired, seen, drawn_any)


def _of_followup(
    rule: FollowUpRule, fired: set[int], seen: dict[Place, set[bool]], drawn: bool
) -> Iterator[Reach]:
    for index, branch in enumerate(rule.branches):
        place = branch.patterns[-1].place if len(rule.branches) > 1 else rule.place
        way = f"way {index + 1} of {len(rule.branches)}" if len(rule.branches) > 1 else "fires"
        yield Reach(rule.name, way, place, index in fired)
    patterns: dict[Place, Pattern] = {p.place: p for branch in rule.branches for p in branch.patterns}
    for place, pattern in patterns.items():
        said = f"none {pattern.kind}" if pattern.negated else pattern.kind
        for true, word in ((True, "holds"), (False, "doesn't hold")):
            yield Reach(rule.name, f"{said} {word}", place, true in seen.get(place, set()))
    if rule.conclude is not None:
        yield Reach(rule.name, f"conclusion {rule.conclude}", rule.document.place(*rule.path, "then"), drawn)
