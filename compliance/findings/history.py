"""What a finding was in the period before: which requirement it answers to, and which way its value went."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from fractions import Fraction

from compliance.findings.records import Finding, Previous
from compliance.language.program import MILLION, Clause, Ready, Test

__all__ = ["direction", "grows", "matched", "previous_findings", "same_measure", "sense"]

UP = frozenset({"above", "at_least"})
DOWN = frozenset({"below", "at_most"})


def matched(before: Sequence[Clause], now: Sequence[Clause]) -> dict[str, str]:
    """Each of today's requirements by id -> the earlier one that it continues.

    A requirement continues the one of its own id and rule; else, where contracts are renumbered, the one of its
    rule and title, or of its rule, if there is just one; else the one of its id, under whatever rule.
    """
    pairs: dict[str, str] = {}
    for key in (_id_and_rule, _rule_and_title, _rule, _id):
        open_now = _by_key((clause for clause in now if clause.id not in pairs), key)
        taken = set(pairs.values())
        open_before = _by_key((clause for clause in before if clause.id not in taken), key)
        for name, clauses in open_now.items():
            others = open_before.get(name, ())
            if len(clauses) == len(others) == 1:
                pairs[clauses[0].id] = others[0].id
    return pairs


def _by_key(clauses: Iterable[Clause], key: Callable[[Clause], Hashable]) -> dict[Hashable, list[Clause]]:
    found: dict[Hashable, list[Clause]] = {}
    for clause in clauses:
        found.setdefault(key(clause), []).append(clause)
    return found


def _rule(clause: Clause) -> Hashable:
    return clause.rule.name, tuple(sorted(clause.requirement.bind.items()))


def _id(clause: Clause) -> Hashable:
    return clause.id


def _id_and_rule(clause: Clause) -> Hashable:
    return clause.id, _rule(clause)


def _rule_and_title(clause: Clause) -> Hashable:
    return clause.title, _rule(clause)


def same_measure(one: Ready, other: Ready) -> bool:
    """Whether two measures' values can be laid beside each other: the same facts in the same sums."""
    return _made_of(one) == _made_of(other)


def _made_of(ready: Ready) -> Hashable:
    measure = ready.measure
    return (
        measure.kind,
        measure.over,
        measure.window,
        ready.type,
        ready.threshold if measure.kind == "months" else None,
        (measure.comparison, measure.days, measure.opens, measure.closes),
        tuple(
            (term.fact, Fraction(term.weight, ready.unit), term.numerator, term.by_months, term.earlier)
            for term in ready.terms
        ),
        tuple((fact.name, fact.type, fact.per, fact.stock, fact.options) for fact in ready.facts),
        ready.last - ready.first if grows(ready) else None,
    )


def grows(ready: Ready) -> bool:
    """A longer period makes the value larger: a year's visits aren't a tertial's."""
    if ready.measure.kind in ("share", "rate"):
        return len({term.by_months for term in ready.terms}) > 1
    if ready.measure.kind != "value":
        return False
    accumulated = any(
        fact.per == "period" and fact.type in ("count", "number") and not fact.stock for fact in ready.facts
    )
    return accumulated or (ready.monthly and ready.measure.over == "total")


def sense(clause: Clause) -> int | None:
    """1 where a higher value of the first measure is better, -1 where a lower one is, None where neither."""
    senses = {
        _sense(test, clause)
        for test in clause.tests
        if test.measure == 0 and test.rung in ("pass", "partial") and test.comparison != "known"
    }
    return senses.pop() if len(senses) == 1 else None


def _sense(test: Test, clause: Clause) -> int | None:
    if test.comparison in UP:
        return 1
    if test.comparison in DOWN:
        return -1
    ready, threshold = clause.measures[test.measure], test.threshold
    limit = threshold.value if threshold.parameter is None else clause.parameters[threshold.parameter]
    if limit is None:
        return None
    best = {"yes_no": 1, "level": 2, "choice": len(ready.options) - 1}.get(ready.type)
    if best is None or limit not in (0, best * MILLION):  # to equal something in between is neither
        return None
    return 1 if limit else -1


def direction(way: int | None, now: Fraction | None, before: Fraction | None) -> str | None:
    """better, worse or unchanged; None where a value is unknown or the measure has no sense of better.

    Args:
        way: the measure's `sense`.
    """
    if way is None or now is None or before is None:
        return None
    if now == before:
        return "unchanged"
    return "better" if (now - before) * way > 0 else "worse"


def previous_findings(
    clauses: Sequence[Clause], earlier: Sequence[Clause], findings: Iterable[Finding]
) -> dict[tuple[str, str], Previous]:
    """(unit, today's requirement) -> what the finding was in the period before.

    `exact` is left out where another measure was used then, so that nobody compares the two.
    """
    by_id = {clause.id: clause for clause in clauses}
    before = {clause.id: clause for clause in earlier}
    later: dict[str, tuple[str, bool]] = {}
    for now, then in matched(earlier, clauses).items():
        later[then] = (now, same_measure(by_id[now].measures[0], before[then].measures[0]))
    found: dict[tuple[str, str], Previous] = {}
    for finding in findings:
        if finding.requirement in later:
            id_, alike = later[finding.requirement]
            exact = finding.measures[0].exact if alike else None
            found[finding.unit, id_] = Previous(finding.value, finding.grade, exact)
    return found
