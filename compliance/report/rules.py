"""The rule library in the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text as Styled

from compliance.language.contracts import Contract
from compliance.language.examples import Outcome
from compliance.language.rules import Rule
from compliance.report.terminal import Screen, clean

__all__ = ["outcomes_json", "rules_json", "show_outcomes", "show_rules"]


def _uses(rule: Rule, contracts: Sequence[Contract]) -> list[str]:
    return [c.id for c in contracts if any(r.rule == rule.name for r in c.requirements)]


def show_rules(screen: Screen, rules: Sequence[Rule], contracts: Sequence[Contract]) -> None:
    for rule in rules:
        facts = ", ".join(dict.fromkeys(f for m in rule.measures for f in m.facts))
        screen.line(
            Styled.assemble((rule.name, "bold"), "  ", clean(rule.title[screen.lang])),
        )
        screen.line(Styled(clean(f"{screen.say('facts_used')}: {facts}"), "dim"), indent=4)
        used = ", ".join(_uses(rule, contracts)) or "–"
        told = f"{screen.say('used_by')}: {used}; {len(rule.examples)} {screen.say('examples')}"
        screen.line(Styled(clean(told), "dim"), indent=4)


def rules_json(rules: Sequence[Rule], contracts: Sequence[Contract]) -> str:
    data = [
        {
            "rule": rule.name,
            "title": rule.title.as_dict,
            "facts": list(dict.fromkeys(f for m in rule.measures for f in m.facts)),
            "takes": list(rule.takes),
            "parameters": rule.parameters,
            "question": rule.question.as_dict if rule.question else None,
            "examples": len(rule.examples),
            "contracts": _uses(rule, contracts),
            "where": str(rule.place),
        }
        for rule in rules
    ]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def show_outcomes(screen: Screen, outcomes: Sequence[Outcome], bare: Sequence[str]) -> None:
    """A line a rule; failed examples with their place, and what came out instead."""
    by_rule: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_rule.setdefault(outcome.rule, []).append(outcome)
    for rule, own in by_rule.items():
        failed = [outcome for outcome in own if not outcome.passed]
        mark, style = ("✗", "bold red") if failed else ("✓", "green")
        screen.line(
            Styled.assemble((mark, style), f" {rule}  ", (f"{len(own) - len(failed)}/{len(own)}", "dim"))
        )
        for outcome in failed:
            screen.line(
                screen.say("example_failed").format(
                    place=outcome.place, expected=outcome.expected, grade=outcome.grade or "–"
                ),
                indent=4,
            )
    for rule in bare:
        screen.line(Styled.assemble(("?", "magenta"), f" {rule}  {screen.say('no_examples')}"))
    passed = sum(outcome.passed for outcome in outcomes)
    screen.line()
    screen.line(
        screen.say("examples_done").format(passed=passed, failed=len(outcomes) - passed, rules=len(by_rule))
    )


def outcomes_json(
    outcomes: Sequence[Outcome], bare: Sequence[str], more: Mapping[str, Any] | None = None
) -> str:
    """The examples' outcomes, and what else was measured of them."""
    data: dict[str, Any] = {
        "examples": [
            {
                "rule": outcome.rule,
                "example": outcome.number,
                "where": str(outcome.place),
                "expected": outcome.expected,
                "grade": outcome.grade,
            }
            for outcome in outcomes
        ],
        "without_examples": list(bare),
        **(more or {}),
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
