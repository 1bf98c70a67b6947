"""Runs the examples of follow-up rules: each says whether its rule fires, given what is known of a unit."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from compliance.followup.language import FollowUpExample
from compliance.followup.run import chainer_for
from compliance.followup.symbols import RuleSet, Symbols
from compliance.problems import Place

__all__ = ["Tried", "symbols_of", "try_examples"]


class Tried(NamedTuple):
    """An example, and whether its rule fired. `number` counts from one."""

    rule: str
    number: int
    place: Place
    expected: bool
    fired: bool


def try_examples(rules: RuleSet, names: Collection[str] = ()) -> list[Tried]:
    """Every example's outcome; all rules are there, for conclusions lead to conclusions.

    Args:
        names: the rules whose examples are tried; all if empty.
    """
    chosen = [rules.rules[name] for name in rules.order if not names or name in names]
    if not any(rule.examples for rule in chosen):
        return []
    chain = chainer_for(rules)
    return [
        Tried(
            rule.name,
            index + 1,
            example.place,
            example.fires,
            any(firing.rule == rule.name for firing in chain(symbols_of(example))),
        )
        for rule in chosen
        for index, example in enumerate(rule.examples)
    ]


def symbols_of(example: FollowUpExample) -> Symbols:
    """What an example says of its unit."""
    return Symbols(
        {
            "finding": example.findings,
            "previous": example.previous,
            "plan": example.plans,
            "fact": [{"name": name, "is": answer} for name, answer in example.facts.items()],
            "check": [{"name": name} for name in example.checks],
        }
    )
