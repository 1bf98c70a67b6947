"""The order in which follow-up rules are tried: what `none` looks at is settled before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.followup.language import FollowUpRule
from compliance.problems import Problems

__all__ = ["Strata", "strata"]

Strata = tuple[tuple[FollowUpRule, ...], ...]


def strata(rules: Mapping[str, FollowUpRule], problems: Problems) -> Strata:
    """The rules in strata, each in the order in which they are written.

    A rule stands no lower than those that draw the conclusions it looks at, and higher than those that
    draw one that must not be there. Where that can't be, for rules look at each other through `none`, the
    problem names them, and there are no strata.
    """
    draws: dict[str, list[str]] = {}
    for rule in rules.values():
        if rule.conclude:
            draws.setdefault(rule.conclude, []).append(rule.name)
    needs: dict[str, dict[str, bool]] = {}
    for rule in rules.values():
        before = needs.setdefault(rule.name, {})
        for negated in (False, True):
            for conclusion in rule.conclusions(negated):
                for drawer in draws.get(conclusion, ()):
                    before[drawer] = before.get(drawer, False) or negated
    circles = list(dict.fromkeys(frozenset(c) for c in _circles(needs)))
    if circles:
        for circle in circles:
            names = sorted(circle, key=list(rules).index)
            listed = f"{', '.join(names[:-1])} and {names[-1]}"
            said = (
                f"The follow-up rules {listed} wait for each other: through `none`, one draws its conclusion only "
                "where another hasn't drawn its own."
                if len(names) > 1
                else f"The follow-up rule {names[0]} waits for itself: through `none`, it draws its conclusion only "
                "where that isn't drawn."
            )
            what = "Remove the `none`, or let it look at findings instead of conclusions."
            problems.add(rules[names[0]].place, f"{said} {what}")
        return ()
    levels = _levels(needs)
    height = max(levels.values(), default=-1) + 1
    return tuple(
        tuple(rule for rule in rules.values() if levels[rule.name] == level) for level in range(height)
    )


def _circles(needs: Mapping[str, Mapping[str, bool]]) -> list[Sequence[str]]:
    """For each `none` within a circle, the rules on a shortest way round."""
    found: list[Sequence[str]] = []
    for name, before in needs.items():
        for drawer, negated in before.items():
            if negated and (way := _way(drawer, name, needs)):
                found.append(way)
    return found


def _way(start: str, end: str, needs: Mapping[str, Mapping[str, bool]]) -> list[str]:
    """The shortest way from a rule down to another; empty where there is none."""
    ways = {start: [start]}
    waiting = [start]
    for name in waiting:
        if name == end:
            return ways[name]
        for before in needs[name]:
            if before not in ways:
                ways[before] = [*ways[name], before]
                waiting.append(before)
    return []


def _levels(needs: Mapping[str, Mapping[str, bool]]) -> dict[str, int]:
    """The lowest stratum of each rule; there is one, for no circle goes through `none`."""
    levels = dict.fromkeys(needs, 0)
    changed = True
    while changed:
        changed = False
        for name, before in needs.items():
            least = max((levels[drawer] + negated for drawer, negated in before.items()), default=0)
            if least > levels[name]:
                levels[name], changed = least, True
    return levels
