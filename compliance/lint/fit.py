"""Measures: that what is added up or divided belongs together, in unit and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compliance.language.facts import Fact
from compliance.language.program import Ready
from compliance.lint.desk import Desk, Use
from compliance.lint.problem import LintProblem
from compliance.problems import one_of

__all__ = ["CHECKS"]

YEAR = 12


def _measures(desk: Desk) -> Iterator[tuple[Use, Ready, list[Fact], list[Fact]]]:
    """Every measure that is made of more than one fact, with what it adds up above and below the line."""
    for use in desk.uses:
        if use.contract is not None and not use.clause.rule.takes and use.clause.requirement.applies is None:
            continue  # its measures are those of the rule by itself
        for ready in use.clause.measures:
            facts = {fact.name: fact for fact in ready.facts}
            sides: list[list[Fact]] = [[], []]
            for term in ready.terms:
                side = sides[not term.numerator]
                if facts[term.fact] not in side:
                    side.append(facts[term.fact])
            if len(ready.facts) > 1 and ready.measure.kind in ("value", "share", "rate"):
                yield use, ready, sides[0], sides[1]


def _unit(fact: Fact) -> str:
    """What a fact is counted in."""
    if fact.type in ("opening_hours", "minutes", "percent"):
        return fact.type
    return fact.unit.sv if fact.unit else ""


def units_differ(desk: Desk) -> Iterator[LintProblem]:
    for use, ready, above, below in _measures(desk):
        together = [above, below] if ready.measure.kind == "rate" else [[*above, *below]]
        for facts in together:
            units = {_unit(fact): fact for fact in facts}
            if len(units) > 1:
                told = one_of(f"{fact.name} ({unit or 'no unit'})" for unit, fact in units.items()).replace(
                    " or ", " and "
                )
                what = (
                    "divides what is counted in different units"
                    if ready.measure.kind == "share"
                    else "adds up different units"
                )
                yield LintProblem(
                    "units-differ",
                    ready.measure.place,
                    f"{use.name}: {use.measure(use.clause.measures.index(ready))} {what}: {told}. Use facts in one unit, or a 'rate'.",
                    use.about(),
                )


def periods_differ(desk: Desk) -> Iterator[LintProblem]:
    for use, ready, above, below in _measures(desk):
        flows = [fact for fact in (*above, *below) if not fact.stock]
        kinds = {fact.per: fact for fact in flows}
        whole_year = use.contract is None or use.contract.period.months == YEAR
        if ready.measure.window is not None:
            whole_year = ready.measure.window == YEAR
        adds = ready.measure.kind in ("share", "rate") or ready.measure.over == "total"
        if len(kinds) > 1 and not (whole_year and adds and "period" not in kinds):
            told = " and ".join(f"{fact.name} (per {per})" for per, fact in kinds.items())
            yield LintProblem(
                "periods-differ",
                ready.measure.place,
                f"{use.name}: {use.measure(use.clause.measures.index(ready))} puts together what is counted over different times: {told}. Use figures of "
                "the same time.",
                use.about(),
            )
        stocks = [fact for fact in (*above, *below) if fact.stock]
        if ready.measure.kind == "share" and flows and stocks:
            yield LintProblem(
                "periods-differ",
                ready.measure.place,
                f"{use.name}: {use.measure(use.clause.measures.index(ready))} is a share, and {flows[0].name} adds up over time while {stocks[0].name} is a "
                "level that stands. Use a 'rate', or correct 'stock'.",
                use.about(),
            )


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "units-differ": units_differ,
    "periods-differ": periods_differ,
}
