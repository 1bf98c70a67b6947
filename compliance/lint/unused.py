"""What nothing uses: parameters and facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compliance.followup.language import FollowUpRule
from compliance.language.contracts import Requirement
from compliance.language.program import BRACES
from compliance.language.rules import Rule, read_rung
from compliance.lint.desk import Desk
from compliance.lint.problem import LintProblem, about
from compliance.problems import Problems, shown
from compliance.words import Text

__all__ = ["CHECKS"]


def _in_texts(*texts: Text | None) -> set[str]:
    return {name for text in texts if text for name in BRACES.findall(text.sv + text.en)}


def _thresholds(rule: Rule) -> set[str]:
    """What the rungs and the measures of a rule compare with."""
    rungs = (*rule.grade.values(), rule.applies)
    return {c.threshold for rung in rungs for branch in rung for c in branch} | {
        measure.threshold for measure in (*rule.measures, *rule.applies_measures) if measure.threshold
    }


def _of_requirement(requirement: Requirement, rule: Rule) -> set[str]:
    """The parameters that a requirement's points and condition use."""
    used = {requirement.points.from_, requirement.points.to} if requirement.points else set()
    if requirement.applies is not None:
        names = tuple(measure.name for measure in rule.measures)
        path = (*requirement.path, "applies")
        read = read_rung(requirement.applies, requirement.document, path, Problems(), names, "condition")
        if read:
            used |= {criterion.threshold for branch in read[0] for criterion in branch}
            used |= {measure.threshold for measure in read[1] if measure.threshold}
    return used


def unused_parameter(desk: Desk) -> Iterator[LintProblem]:
    for rule in desk.books.rules.values():
        if rule is None:
            continue
        used = _thresholds(rule)
        for _, requirement in desk.requirements():
            if requirement.rule == rule.name:
                used |= _of_requirement(requirement, rule)
        for name in rule.parameters:
            if name not in used:
                yield LintProblem(
                    "unused-parameter",
                    rule.document.key_place(*rule.path, "parameters", name),
                    f"The rule {rule.name!r}: nothing is compared with the parameter {shown(name)}. Use it, or remove it.",
                    about(rule=rule.name, parameter=name),
                )
    for follow in desk.books.followup.values():
        if follow is None:
            continue
        used = _of_followup(follow)
        for name in follow.parameters:
            if name not in used:
                yield LintProblem(
                    "unused-parameter",
                    follow.document.key_place(*follow.path, "parameters", name),
                    f"The follow-up rule {follow.name!r}: nothing uses the parameter {shown(name)}. Use it, or remove it.",
                    about(followup=follow.name, parameter=name),
                )


def _of_followup(rule: FollowUpRule) -> set[str]:
    """The texts that stand in a follow-up rule's condition and outcome, and the names in braces."""
    found = _in_texts(rule.text, rule.question)
    stack = [_data(rule, "when"), _data(rule, "then")]
    while stack:
        data = stack.pop()
        if isinstance(data, dict):
            stack.extend(data.values())
        elif isinstance(data, list):
            stack.extend(data)
        elif isinstance(data, str):
            found.add(data)
    return found


def _data(rule: FollowUpRule, key: str) -> object:
    data = rule.document.data
    for step in (*rule.path, key):
        data = data[step]
    return data


def unused_fact(desk: Desk) -> Iterator[LintProblem]:
    books = desk.books
    used: set[str] = set()
    for rule in books.rules.values():
        for measure in (*rule.measures, *rule.applies_measures) if rule else ():
            used.update(measure.facts)
    for _, requirement in desk.requirements():
        used.update(requirement.bind.values())
    for program in desk.programs:
        used.update(program.facts)
    for check in books.checks.values():
        used.update(check.facts if check else ())
    for follow in books.followup.values():
        for branch in follow.branches if follow else ():
            for pattern in branch.patterns:
                if pattern.kind == "fact":
                    used.update(pattern.criterion("name"))
    for name, document in books.sources("facts").items():
        if name not in used:
            yield LintProblem(
                "unused-fact",
                document.key_place("facts", name),
                f"No rule, contract, relation or follow-up rule uses the fact {shown(name)}. Use it, or remove it.",
                about(fact=name),
            )


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "unused-parameter": unused_parameter,
    "unused-fact": unused_fact,
}
