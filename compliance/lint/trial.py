"""How well the examples of a library test its rules: what they reach, and which altered rules they let pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from compliance.followup.rules import ready_rules
from compliance.language.examples import graded_examples
from compliance.library import Library
from compliance.lint.coverage import Reach, followup_reach, rule_reach
from compliance.lint.followup_mutants import followup_survivors
from compliance.lint.mutants import Survivor, rule_survivors
from compliance.lint.off import Accepted, read_accepted
from compliance.lint.run import CHECKS

__all__ = ["Mutation", "coverage_of", "mutation_of"]


class Mutation(NamedTuple):
    """The mutants that survive.

    Attributes:
        total: how many mutants there were.
        accepted: those that may survive, each with the library's reason.
        idle: entries under `lint` whose mutant doesn't survive, or isn't there.
    """

    total: int
    survivors: tuple[Survivor, ...]
    accepted: tuple[tuple[Survivor, Accepted], ...]
    idle: tuple[Accepted, ...]


def coverage_of(books: Library, names: Sequence[str] = ()) -> tuple[Reach, ...]:
    """Everything that examples should reach, of all rules or those named."""
    rules = ready_rules(books, books.problems)
    graded = graded_examples(books, tuple(names))
    return (*rule_reach(books, graded, names), *followup_reach(rules, names))


def mutation_of(books: Library, names: Sequence[str] = ()) -> Mutation:
    """The mutants of all rules, or of those named."""
    entries = [one for one in read_accepted(books, CHECKS) if one.mutant is not None]
    plain, count = rule_survivors(books, graded_examples(books, tuple(names)), names)
    follow, more = followup_survivors(ready_rules(books, books.problems), names)
    survivors: list[Survivor] = []
    accepted: list[tuple[Survivor, Accepted]] = []
    used: set[Accepted] = set()
    for survivor in (*plain, *follow):
        held = [one for one in entries if one.mutant == survivor.mutant and one.covers(survivor.about)]
        used.update(held)
        if held:
            accepted.append((survivor, held[0]))
        else:
            survivors.append(survivor)
    idle = () if names else tuple(one for one in entries if one not in used)
    return Mutation(count + more, tuple(survivors), tuple(accepted), idle)
