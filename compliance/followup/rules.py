"""A library's follow-up rules, made ready for a contract."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from compliance.followup.language import FollowUpRule, Names, check_names, check_requirements
from compliance.followup.strata import strata
from compliance.followup.symbols import RuleSet
from compliance.language.checks import Check
from compliance.language.program import Program
from compliance.library import Library
from compliance.problems import Problems

__all__ = ["ready_rules"]


def ready_rules(books: Library, problems: Problems, program: Program | None = None) -> RuleSet:
    """The follow-up rules of a library; those with errors are left out, and the errors reported.

    Args:
        program: the contract at hand; without one, requirements aren't looked up.
    """
    read = {name: rule for name, rule in books.followup.items() if rule}
    if not read:
        return RuleSet()
    names = Names(books.rules, books.facts, lambda: books.checks)
    kept = check_names(read, len(read) < len(books.followup), names, problems)
    if program is not None:
        ids = {requirement.id: None for requirement in program.contract.requirements}

        @cache
        def others() -> dict[str, None]:
            aside = Library(books.folders)  # what is wrong with other contracts is no matter here
            contracts = [aside.contract(id_) for id_ in aside.contract_files]
            return {r.id: None for contract in contracts if contract for r in contract.requirements}

        check_requirements(kept, ids | dict.fromkeys(program.contract.unreadable), others, problems)
    checks = _checks(books, kept.values())
    asked = [*_named(kept.values(), "fact"), *(name for check in checks for name in check.facts)]
    facts = {name: fact for name in dict.fromkeys(asked) if (fact := books.facts.get(name))}
    layers = strata(kept, problems)
    return RuleSet(layers, tuple(kept) if layers else (), facts, checks)


def _checks(books: Library, rules: Iterable[FollowUpRule]) -> tuple[Check, ...]:
    """The relations that rules look at; all where one looks at any."""
    patterns = [p for rule in rules for branch in rule.branches for p in branch.patterns if p.kind == "check"]
    if not patterns:
        return ()
    every = any(not pattern.criterion("name") for pattern in patterns)
    wanted = {name for pattern in patterns for name in pattern.criterion("name")}
    return tuple(check for name, check in books.checks.items() if check and (every or name in wanted))


def _named(rules: Iterable[FollowUpRule], kind: str) -> list[str]:
    """The names that patterns of a kind have."""
    patterns = (p for rule in rules for branch in rule.branches for p in branch.patterns)
    return list(dict.fromkeys(name for p in patterns if p.kind == kind for name in p.criterion("name")))
