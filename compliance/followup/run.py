"""What follows from an audit: each unit's actions, themes and questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.data.observations import NOW, State
from compliance.followup import chainer, durable
from compliance.followup.language import FollowUpRule, Pattern
from compliance.followup.records import SEVERITIES, Action, Conclusion, Question, UnitFollowUp
from compliance.followup.symbols import (
    Drawn,
    Firing,
    RuleSet,
    Symbols,
    drawn_by,
    matches,
    targets,
)
from compliance.language.portfolios import Plan
from compliance.language.program import MILLION
from compliance.words import Text, day, listed

if TYPE_CHECKING:
    from compliance.assessment import Audit
    from compliance.findings.records import UnitResult
    from compliance.validation import Checked

__all__ = ["LONGEST_NUMBER", "FollowUps", "Reason", "Trace", "chainer_for", "follow_up"]

Chain = Callable[[Symbols], frozenset[Firing]]
TOLD = frozenset({"before", "direction", "doubtful", "failing_periods"})
"""What is told of a finding beside its grade, where a rule asks for it."""
LONGEST_NUMBER = 8
"""A requirement's id that is longer is a word, which its title says better."""
_chainers: dict[object, durable.Chainer] = {}


def chainer_for(rules: RuleSet) -> Chain:
    """What draws a rule set's conclusions: durable_rules, or plain Python where that can't be imported."""

    def plainly(symbols: Symbols) -> frozenset[Firing]:
        return chainer.chain(rules, symbols)

    if not durable.available():
        return plainly
    key = tuple(tuple((rule.name, rule.branches, rule.conclude) for rule in layer) for layer in rules.strata)
    if key not in _chainers:  # each keeps its memory for as long as the process lives
        _chainers[key] = durable.Chainer(rules)
    engine = _chainers[key]

    def chain(symbols: Symbols) -> frozenset[Firing]:
        try:
            return engine.chain(symbols)
        except durable.ChainError:
            return plainly(symbols)

    return chain


class Reason(NamedTuple):
    """A pattern that holds, and what it matches: requirements, facts and relations by id, conclusions."""

    pattern: Pattern
    found: tuple[str, ...]
    drawn: tuple[Drawn, ...] = ()


def _within(one: Reason, other: Reason) -> bool:
    """Another reason tells the same findings, and more."""
    kinds = {one.pattern.kind, other.pattern.kind}
    if kinds != {"finding"} or one.pattern.negated or other.pattern.negated or one is other:
        return False
    return set(one.found) < set(other.found) and not TOLD & {name for name, _ in one.pattern.criteria}


class Trace(NamedTuple):
    """What is known of a unit, and everything that fired for it."""

    unit: str
    symbols: Symbols
    firings: frozenset[Firing]
    drawn: frozenset[Drawn]


class FollowUps:
    """The follow-up of an audit's units; each unit's is worked out when it is asked for."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.rule_set = audit.portfolio.followup
        self.rules = self.rule_set.rules
        self.order = {name: index for index, name in enumerate(self.rule_set.order)}
        self._requirements = {c.id: index for index, c in enumerate(audit.portfolio.program.clauses)}
        self._units = {unit.unit: unit for unit in audit.units}

    def unit(self, unit: str) -> UnitFollowUp:
        """A unit's actions, themes and questions."""
        return self.told(self.trace(unit))

    def trace(self, unit: str) -> Trace:
        """What fires for a unit."""
        symbols = self.symbols(self._units[unit])
        firings = self._chain(symbols) if self.rules else frozenset()
        return Trace(unit, symbols, firings, targets(firings, self.rules))

    @cached_property
    def _chain(self) -> Chain:
        return chainer_for(self.rule_set)

    # What is known ----------------------------------------------------------------------------

    def symbols(self, unit: UnitResult) -> Symbols:
        """What is known of a unit, as symbols."""
        findings: list[dict[str, Any]] = []
        previous: list[dict[str, Any]] = []
        for finding in unit.findings:
            about = {
                "requirement": finding.requirement,
                "obligation": finding.obligation,
                "rule": finding.rule,
            }
            before = finding.previous
            sections, facts = self._clauses[finding.requirement]
            findings.append(
                {
                    **about,
                    "grade": finding.grade.value,
                    "before": before.grade.value if before else None,
                    "direction": finding.direction,
                    "failing_periods": finding.failing_periods,
                    "section": sections,
                    "uses": facts,
                    "doubtful": tuple({doubt.reason for doubt in finding.doubtful}),
                }
            )
            if before:
                previous.append({**about, "grade": before.grade.value})
        return Symbols(
            {
                "finding": findings,
                "previous": previous,
                "plan": [self._plan(plan) for plan in self.plans.get(unit.unit, ())],
                "fact": [
                    {"name": name, "is": answer} for name, answer in self._answers.get(unit.unit, {}).items()
                ],
                "check": [{"name": name} for name in self.broken.get(unit.unit, ())],
            }
        )

    @cached_property
    def _clauses(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Each requirement's sections and facts."""
        return {
            clause.id: (
                tuple(source.section for source in clause.requirement.sources),
                tuple({fact.name for ready in clause.measures for fact in ready.facts}),
            )
            for clause in self.audit.portfolio.program.clauses
        }

    @cached_property
    def plans(self) -> dict[str, list[Plan]]:
        """The action plans that were asked for, by unit."""
        plans: dict[str, list[Plan]] = {}
        for plan in self.audit.portfolio.plans:
            plans.setdefault(plan.unit, []).append(plan)
        return plans

    def _plan(self, plan: Plan) -> dict[str, Any]:
        """A plan that has come is there whenever that was: what is recorded is known."""
        today = self.audit.as_of
        symbol: dict[str, Any] = {"requirement": plan.requirement}
        if plan.received is not None:
            return symbol | {"state": "received", "received_days": (today - plan.received).days}
        if plan.due is not None and plan.due < today:
            return symbol | {"state": "overdue", "overdue_days": (today - plan.due).days}
        return symbol | {"state": "asked"}

    @cached_property
    def _answers(self) -> dict[str, dict[str, str]]:
        """unit -> fact -> what it answers: the year's or period's, or the last month's in which it was open."""
        facts, period = self.rule_set.facts, self.audit.portfolio.period
        last = {unit.id: min(unit.open_months[1], period.last) for unit in self.audit.portfolio.units}
        answers: dict[str, dict[str, str]] = {}
        if not facts:
            return answers
        asked = {
            name for name, fact in facts.items() if fact is not None and fact.type in ("yes_no", "level")
        }
        for cell in self.audit.portfolio.cells_of(asked):
            fact = facts[cell.fact]
            if fact is None or cell.state is not State.GOOD or cell.value is None:
                continue
            if cell.slot == (last[cell.unit] if fact.monthly else NOW):
                answers.setdefault(cell.unit, {})[cell.fact] = str(cell.value // MILLION)
        return answers

    @cached_property
    def broken(self) -> dict[str, dict[str, Checked]]:
        """unit -> relations between facts that don't hold, each with where it first doesn't."""
        checks = self.rule_set.checks
        if not checks:
            return {}
        from compliance.validation import broken_relations

        found: dict[str, dict[str, Checked]] = {}
        for one in broken_relations(self.audit.portfolio, checks, self.rule_set.facts)[0]:
            found.setdefault(one.unit, {}).setdefault(one.check.name, one)
        return found

    # What follows -----------------------------------------------------------------------------

    def reasons(self, trace: Trace, rule: FollowUpRule, requirement: str | None) -> list[Reason]:
        """The patterns by which a rule holds for a requirement, or for the unit; those with `none` too."""
        reasons: dict[Reason, None] = {}
        for index, branch in enumerate(rule.branches):
            if Firing(rule.name, index, requirement) not in trace.firings:
                continue
            if branch.subject is not None and requirement is not None:
                reasons[Reason(branch.subject, (requirement,))] = None
            for pattern in branch.others:
                reasons[self._reason(trace, pattern, requirement)] = None
        return [one for one in reasons if not any(_within(one, other) for other in reasons)]

    def _reason(self, trace: Trace, pattern: Pattern, requirement: str | None) -> Reason:
        if pattern.negated:
            return Reason(pattern, ())
        if pattern.kind == "conclusion":
            drawn = drawn_by(pattern, requirement, trace.drawn)
            return Reason(pattern, (), tuple(sorted(drawn, key=self._place)))
        key = "requirement" if pattern.kind in ("finding", "previous", "plan") else "name"
        found = {symbol[key] for symbol in matches(pattern, requirement, trace.symbols)}
        return Reason(pattern, self.in_order(found))

    def _place(self, drawn: Drawn) -> tuple[str, int]:
        return drawn.name, self._requirements.get(drawn.requirement or "", -1)

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Requirements as in the contract, then other names by the alphabet."""
        return tuple(
            sorted(set(names), key=lambda name: (self._requirements.get(name, len(self._requirements)), name))
        )

    def told(self, trace: Trace) -> UnitFollowUp:
        """What fired, in words."""
        actions: list[Action] = []
        conclusions: list[Conclusion] = []
        fired = {(firing.rule, firing.requirement) for firing in trace.firings}
        for name, requirement in sorted(
            fired, key=lambda f: (self.order[f[0]], self._requirements.get(f[1] or "", -1))
        ):
            rule = self.rules[name]
            because, requirements = self._because(trace, rule, requirement)
            due = _days_after(self.audit.as_of, rule.due_days)
            text = self._filled(rule.text, rule, requirements, due)
            question = self._filled(rule.question, rule, requirements, due)
            if rule.action is not None and rule.severity is not None and text is not None:
                actions.append(
                    Action(
                        trace.unit,
                        name,
                        rule.action,
                        rule.severity,
                        due,
                        requirements,
                        because,
                        rule.title,
                        text,
                        question,
                    )
                )
            elif rule.conclude is not None and text is not None:
                conclusions.append(
                    Conclusion(
                        trace.unit,
                        name,
                        rule.conclude,
                        requirements,
                        because,
                        rule.title,
                        text,
                        question,
                        rule.severity,
                    )
                )
        actions.sort(key=lambda action: -SEVERITIES.index(action.severity))
        return UnitFollowUp(
            trace.unit, tuple(actions), tuple(conclusions), self._questions([*actions, *conclusions])
        )

    def _questions(self, told: Iterable[Action | Conclusion]) -> tuple[Question, ...]:
        """The questions, each once."""
        questions: dict[Text, Question] = {}
        for one in told:
            if one.question is not None:
                same = questions.get(one.question)
                because = self.in_order([*(same.because if same else ()), *one.because])
                questions[one.question] = Question(one.question, because, same.rule if same else one.rule)
        return tuple(questions.values())

    def _because(
        self, trace: Trace, rule: FollowUpRule, requirement: str | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What led to a rule, and the requirements that it concerns: also those behind its conclusions."""
        because: set[str] = set()
        requirements: set[str] = set()
        seen: set[tuple[str, str | None]] = set()
        waiting = [(rule.name, requirement)]
        for name, about in waiting:
            if (name, about) in seen:
                continue
            seen.add((name, about))
            for reason in self.reasons(trace, self.rules[name], about):
                if reason.pattern.kind in ("finding", "previous", "plan"):
                    requirements.update(reason.found)
                if name == rule.name and about == requirement:
                    because.update(reason.found)
                    because.update(drawn.name for drawn in reason.drawn)
                for drawn in reason.drawn:
                    waiting += self.drawers(trace, drawn)
        return self.in_order(because), self.in_order(requirements)

    def concerned(self, trace: Trace, rule: FollowUpRule, requirement: str | None) -> tuple[str, ...]:
        """The requirements that a rule which fired concerns."""
        return self._because(trace, rule, requirement)[1]

    def drawers(self, trace: Trace, drawn: Drawn) -> list[tuple[str, str | None]]:
        """The rules that drew a conclusion, in their order."""
        found = {
            (firing.rule, firing.requirement)
            for firing in trace.firings
            if self.rules[firing.rule].conclude == drawn.name and firing.requirement == drawn.requirement
        }
        return sorted(found, key=lambda one: self.order[one[0]])

    def _filled(
        self, text: Text | None, rule: FollowUpRule, requirements: tuple[str, ...], due: date | None
    ) -> Text | None:
        if text is None:
            return None
        parts: dict[str, str] = {}
        for lang in ("sv", "en"):
            filled = text[lang]
            for name, value in rule.parameters.items():
                filled = filled.replace(f"{{{name}}}", value or "")
            if due is not None:
                filled = filled.replace("{due}", day(due, lang))
            titles = listed([self.titled(id_, lang) for id_ in requirements], lang)
            parts[lang] = filled.replace("{requirements}", titles)
        return Text(parts["sv"], parts["en"])

    def titled(self, requirement: str, lang: str) -> str:
        """`2.3.2 Andel specialister i allmänmedicin`, or the title alone where the id is a word."""
        index = self._requirements.get(requirement)
        if index is None:
            return requirement
        title = self.audit.portfolio.program.clauses[index].title[lang]
        return title if len(requirement) > LONGEST_NUMBER else f"{requirement} {title}"


def _days_after(day_: date, days: int | None) -> date | None:
    if days is None:
        return None
    return day_ + timedelta(min(days, (date.max - day_).days))


def follow_up(audit: Audit) -> dict[str, UnitFollowUp]:
    """The follow-up of all of an audit's units."""
    worker = FollowUps(audit)
    return {unit.unit: worker.unit(unit.unit) for unit in audit.units}
