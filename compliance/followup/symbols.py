"""What is known of one unit, as symbols, and which of it a pattern matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from compliance.followup.language import AT_LEAST, Branch, FollowUpRule, Pattern
from compliance.followup.strata import Strata
from compliance.language.checks import Check
from compliance.language.facts import Fact

__all__ = ["Drawn", "Firing", "RuleSet", "Symbols", "holds", "matches", "subjects", "targets"]

Symbol = Mapping[str, Any]
"""One thing that is known: properties, each a text, a whole number or a set of texts."""


class Drawn(NamedTuple):
    """A conclusion that was drawn, about one requirement or about the unit."""

    name: str
    requirement: str | None


class Firing(NamedTuple):
    """A rule that holds by one of its branches, for one requirement or for the unit."""

    rule: str
    branch: int
    requirement: str | None


class RuleSet(NamedTuple):
    """Follow-up rules, ready to be tried, with the facts and the relations between facts that they look at.

    `order` has the rules' names as they are written.
    """

    strata: Strata = ()
    order: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = {}
    checks: tuple[Check, ...] = ()

    @property
    def rules(self) -> dict[str, FollowUpRule]:
        return {rule.name: rule for stratum in self.strata for rule in stratum}


class Symbols:
    """What is known of one unit: findings, previous findings, plans, facts and broken checks."""

    __slots__ = ("_by_kind", "_by_requirement")

    def __init__(self, known: Mapping[str, Iterable[Symbol]]) -> None:
        self._by_kind = {kind: list(symbols) for kind, symbols in known.items()}
        self._by_requirement: dict[tuple[str, str], list[Symbol]] = {}
        for kind, symbols in self._by_kind.items():
            for symbol in symbols:
                if "requirement" in symbol:
                    self._by_requirement.setdefault((kind, symbol["requirement"]), []).append(symbol)

    def of(self, kind: str, requirement: str | None = None) -> Collection[Symbol]:
        if requirement is None:
            return self._by_kind.get(kind, ())
        return self._by_requirement.get((kind, requirement), ())


def fits(criterion: tuple[str, tuple[str, ...]], symbol: Symbol) -> bool:
    """Whether a symbol has one of a property's allowed values."""
    name, allowed = criterion
    value = symbol.get(name)
    if value is None:
        return False
    if name in AT_LEAST:
        return bool(value >= int(allowed[0]))
    if name == "section":
        return any(one == a or one.startswith(a + ".") for one in value for a in allowed)
    if isinstance(value, str):
        return value in allowed
    return any(one in allowed for one in value)


def matches(pattern: Pattern, requirement: str | None, symbols: Symbols) -> list[Symbol]:
    """The symbols that a pattern on anything but conclusions matches, whether or not it is negated.

    Args:
        requirement: what `same: requirement` means.
    """
    known = symbols.of(pattern.kind, requirement if pattern.same else None)
    return [symbol for symbol in known if all(fits(criterion, symbol) for criterion in pattern.criteria)]


def drawn_by(pattern: Pattern, requirement: str | None, drawn: Collection[Drawn]) -> list[Drawn]:
    """The conclusions that a pattern on conclusions matches."""
    name = pattern.criterion("name")[0]
    if pattern.same:
        one = Drawn(name, requirement)
        return [one] if one in drawn else []
    return [one for one in drawn if one.name == name]


def holds(pattern: Pattern, requirement: str | None, symbols: Symbols, drawn: Collection[Drawn]) -> bool:
    """Whether a pattern holds, given the conclusions drawn so far."""
    if pattern.kind == "conclusion":
        found = len(drawn_by(pattern, requirement, drawn))
    else:
        found = len(matches(pattern, requirement, symbols))
    return (found >= pattern.at_least) is not pattern.negated


def subjects(branch: Branch, symbols: Symbols) -> list[str | None]:
    """The requirements for which a branch is tried; None alone where it is tried for the unit."""
    if branch.subject is None:
        return [None]
    return [symbol["requirement"] for symbol in matches(branch.subject, None, symbols)]


def targets(firings: Iterable[Firing], rules: Mapping[str, FollowUpRule]) -> frozenset[Drawn]:
    """The conclusions that rules draw."""
    return frozenset(
        Drawn(conclude, firing.requirement)
        for firing in firings
        if (conclude := rules[firing.rule].conclude) is not None
    )
