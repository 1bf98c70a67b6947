"""A forward chainer in plain Python, stratum by stratum: the yardstick, and where durable_rules isn't to be had."""

from __future__ import annotations

from compliance.followup.symbols import Drawn, Firing, RuleSet, Symbols, holds, subjects

__all__ = ["chain"]


def chain(rules: RuleSet, symbols: Symbols) -> frozenset[Firing]:
    """Everything that fires for one unit."""
    firings: set[Firing] = set()
    drawn: set[Drawn] = set()
    for stratum in rules.strata:
        waiting = [
            (rule, index, branch, requirement)
            for rule in stratum
            for index, branch in enumerate(rule.branches)
            for requirement in subjects(branch, symbols)
        ]
        more = True
        while more:
            more = False
            rest = []
            for entry in waiting:
                rule, index, branch, requirement = entry
                if not all(holds(pattern, requirement, symbols, drawn) for pattern in branch.others):
                    rest.append(entry)
                    continue
                firings.add(Firing(rule.name, index, requirement))
                if rule.conclude and Drawn(rule.conclude, requirement) not in drawn:
                    drawn.add(Drawn(rule.conclude, requirement))
                    more = True
            waiting = rest
    return frozenset(firings)
