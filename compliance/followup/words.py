"""Follow-up in words: what a rule asks, what it rests on, and why it didn't fire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.findings.phrases import ANSWERS
from compliance.findings.records import Grade
from compliance.followup.language import Branch, FollowUpRule, Pattern
from compliance.followup.run import LONGEST_NUMBER, FollowUps, Reason, Trace
from compliance.followup.symbols import fits, holds, matches
from compliance.words import Text, day, listed

__all__ = ["SEVERITY_WORDS", "Words"]

SEVERITY_WORDS = {
    "low": Text("låg", "low"),
    "medium": Text("medel", "medium"),
    "high": Text("hög", "high"),
    "critical": Text("kritisk", "critical"),
}
OBLIGATIONS = {
    "must": Text("ska-krav", "must"),
    "target": Text("mål", "target"),
    "monitor": Text("krav som redovisas", "monitored requirement"),
}
DIRECTIONS = {
    "better": Text("bättre än förra perioden", "better than the period before"),
    "worse": Text("sämre än förra perioden", "worse than the period before"),
    "unchanged": Text("oförändrat sedan förra perioden", "unchanged since the period before"),
}
STATES = {
    "asked": Text("begärd och inom tiden", "asked for and within its time"),
    "received": Text("inlämnad", "handed in"),
    "overdue": Text("försenad", "overdue"),
}
STATIC = frozenset({"obligation", "rule", "requirement", "section", "uses"})
"""What a finding is about, whatever its grade."""
SHORT = 2
"""Up to so many requirements are told with their titles."""


class Words:
    """The words of one language for one audit's follow-up."""

    def __init__(self, followups: FollowUps, lang: str) -> None:
        self.followups, self.lang = followups, lang
        before = followups.audit.portfolio.previous
        self.before = f" ({before.period})" if before else ""

    def say(self, sv: str, en: str) -> str:
        return sv if self.lang == "sv" else en

    def quoted(self, text: str) -> str:
        return self.say(f"”{text}”", f"“{text}”")

    def either(self, words: Iterable[str]) -> str:
        *first, last = words
        return f"{', '.join(first)} {self.say('eller', 'or')} {last}" if first else last

    def grades(self, grades: Iterable[str]) -> str:
        return self.either(self.quoted(Grade(grade).text[self.lang]) for grade in grades)

    def named(self, requirements: Iterable[str]) -> str:
        """Requirements by id, with their titles where they are few."""
        ids = self.followups.in_order(requirements)
        if len(ids) > SHORT:
            return listed([self.short(id_) for id_ in ids], self.lang)
        return listed([self.followups.titled(id_, self.lang) for id_ in ids], self.lang)

    def short(self, requirement: str) -> str:
        """`2.3.2`, or the title in quotes where the id is a word."""
        if len(requirement) <= LONGEST_NUMBER:
            return requirement
        return self.quoted(self.followups.titled(requirement, self.lang))

    # What holds -------------------------------------------------------------------------------

    def reason(self, trace: Trace, reason: Reason) -> str:
        """What a pattern that holds rests on."""
        pattern = reason.pattern
        if pattern.negated:
            return self.asked(pattern)
        if pattern.kind == "finding":
            return self._findings(trace, reason)
        if pattern.kind == "previous":
            told = [
                f"{self.short(symbol['requirement'])}: {Grade(symbol['grade']).text[self.lang]}"
                for id_ in reason.found
                for symbol in trace.symbols.of("previous", id_)
            ]
            return (
                listed(told, self.lang)
                + self.say(" föregående period", " in the period before")
                + self.before
            )
        if pattern.kind == "plan":
            return listed(self._plans(trace.unit, reason.found), self.lang)
        if pattern.kind == "fact":
            return self._fact(trace, reason.found[0])
        if pattern.kind == "check":
            return listed([self._check(trace.unit, name) for name in reason.found], self.lang)
        return listed([self.quoted(title) for title in self._conclusions(pattern)], self.lang)

    def _findings(self, trace: Trace, reason: Reason) -> str:
        by_grade: dict[str, list[str]] = {}
        for id_ in reason.found:
            for symbol in trace.symbols.of("finding", id_):
                by_grade.setdefault(self._grade(symbol, reason.pattern), []).append(id_)
        return "; ".join(f"{self.named(ids)}: {told}" for told, ids in by_grade.items())

    def _grade(self, symbol: Mapping[str, Any], pattern: Pattern) -> str:
        told = [Grade(symbol["grade"]).text[self.lang]]
        periods = symbol.get("failing_periods")
        if pattern.criterion("failing_periods") and periods:
            told.append(self.say(f"{periods} perioder i rad", f"{periods} periods running"))
        if pattern.criterion("before"):
            grade = Grade(symbol["before"]).text[self.lang]
            told.append(
                self.say(f"föregående period{self.before} {grade}", f"the period before{self.before} {grade}")
            )
        if pattern.criterion("direction"):
            told.append(DIRECTIONS[symbol["direction"]][self.lang])
        return ", ".join(told)

    def _plans(self, unit: str, requirements: Iterable[str]) -> list[str]:
        wanted = set(requirements)
        told: list[str] = []
        for plan in self.followups.plans.get(unit, ()):
            if plan.requirement not in wanted:
                continue
            due = self.say(" till ", ", due ") + day(plan.due, self.lang) if plan.due else ""
            name = self.short(plan.requirement)
            text = self.say(f"handlingsplan för {name} begärd", f"action plan for {name} asked for")
            text += due
            if plan.received:
                text += self.say(", inlämnad ", ", handed in on ") + day(plan.received, self.lang)
            elif plan.due and plan.due < self.followups.audit.as_of:
                text += self.say(", försenad", ", overdue")
            else:
                text += self.say(", inte inlämnad än", ", not in yet")
            told.append(text)
        return told

    def _fact(self, trace: Trace, name: str) -> str:
        fact = self.followups.rule_set.facts[name]
        found = [symbol["is"] for symbol in trace.symbols.of("fact") if symbol["name"] == name]
        answer = self._answer(name, found[0]) if found else self.say("uppgift saknas", "unknown")
        return f"{fact.title[self.lang]}: {answer}"

    def _answer(self, name: str, value: str) -> str:
        return ANSWERS[self.followups.rule_set.facts[name].type][int(value)][self.lang]

    def _check(self, unit: str, name: str) -> str:
        one = self.followups.broken[unit][name]
        title = one.check.title[self.lang]
        told = self.quoted(title)
        return self.say(f"{told} stämmer inte ({one.period})", f"{told} doesn't hold ({one.period})")

    def _conclusions(self, pattern: Pattern) -> list[str]:
        name = pattern.criterion("name")[0]
        titles = [rule.title[self.lang] for rule in self.followups.rules.values() if rule.conclude == name]
        return list(dict.fromkeys(titles)) or [name]

    # What is asked ----------------------------------------------------------------------------

    def asked(self, pattern: Pattern) -> str:
        """What a pattern asks for, as one says it of a rule."""
        told = self._asked(pattern)
        if not pattern.negated:
            return told
        if pattern.kind == "plan" and not pattern.criteria:
            return self.say("ingen handlingsplan är begärd", "no action plan has been asked for")
        if pattern.kind == "plan":
            return self.say("ingen ", "no ") + told
        if pattern.kind == "finding":
            return self.say("inget ", "no ") + told
        if pattern.kind == "check":
            return self.say("inga ", "no ") + told
        return self.say("inte ", "not ") + (self.quoted(told) if pattern.kind == "fact" else told)

    def _asked(self, pattern: Pattern) -> str:
        if pattern.kind == "finding":
            return self._asked_finding(pattern)
        if pattern.kind == "previous":
            grades = self.grades(pattern.criterion("grade") or tuple(Grade))
            return self.say("föregående period", "the period before") + f"{self.before} {grades}"
        if pattern.kind == "plan":
            return self._asked_plan(pattern)
        if pattern.kind == "fact":
            name = pattern.criterion("name")[0]
            title = self.followups.rule_set.facts[name].title[self.lang]
            answers = [self._answer(name, value) for value in pattern.criterion("is")]
            told = self.either(answers) if answers else self.say("något svar", "any answer")
            return f"{title}: {told}"
        if pattern.kind == "check":
            wanted = pattern.criterion("name")
            titles = [c.title[self.lang] for c in self.followups.rule_set.checks if c.name in wanted]
            if not titles:
                return self.say("uppgifter som motsäger varandra", "figures that contradict each other")
            told = self.either(self.quoted(title) for title in titles)
            return self.say(f"uppgifter som bryter mot {told}", f"figures against {told}")
        return self.either(self.quoted(title) for title in self._conclusions(pattern))

    def _asked_finding(self, pattern: Pattern) -> str:
        parts: list[str] = []
        obligations = [OBLIGATIONS[word][self.lang] for word in pattern.criterion("obligation")]
        parts.append(self.either(obligations) if obligations else self.say("krav", "requirement"))
        if pattern.at_least > 1:
            several = self.either(f"{word}s" for word in obligations or ["requirement"])
            parts[0] = self.say(
                f"minst {pattern.at_least} {parts[0]}", f"at least {pattern.at_least} {several}"
            )
        if rules := pattern.criterion("rule"):
            library = self.followups.audit.portfolio.program.clauses
            titles = {clause.rule.name: clause.rule.title[self.lang] for clause in library}
            told = [titles[name] for name in rules if name in titles] or list(rules)
            parts.append(self.quoted(self.either(told)))
        for key in ("requirement", "section", "uses"):
            if names := pattern.criterion(key):
                parts.append(self.either(names))
        if grades := pattern.criterion("grade"):
            parts.append(self.say("med bedömningen ", "graded ") + self.grades(grades))
        if before := pattern.criterion("before"):
            parts.append(
                self.say(
                    f"och föregående period{self.before} {self.grades(before)}",
                    f"and the period before{self.before} {self.grades(before)}",
                )
            )
        if directions := pattern.criterion("direction"):
            parts.append(self.either(DIRECTIONS[word][self.lang] for word in directions))
        if periods := pattern.criterion("failing_periods"):
            parts.append(
                self.say(f"minst {periods[0]} perioder i rad", f"for at least {periods[0]} periods running")
            )
        if pattern.criterion("doubtful"):
            parts.append(
                self.say("med uppgifter som inte går att lita på", "with figures that can't be relied on")
            )
        return " ".join(parts)

    def _asked_plan(self, pattern: Pattern) -> str:
        told = self.say("begärd handlingsplan", "action plan asked for")
        states = [STATES[word][self.lang] for word in pattern.criterion("state")]
        if states:
            told = self.say(
                f"handlingsplan som är {self.either(states)}", f"action plan {self.either(states)}"
            )
        for key in ("overdue_days", "received_days"):
            if days := pattern.criterion(key):
                told += self.say(f" sedan minst {days[0]} dagar", f" for at least {days[0]} days")
        return told

    # What doesn't hold ------------------------------------------------------------------------

    def concerns(self, rule: FollowUpRule, symbol: Mapping[str, Any]) -> bool:
        """Whether a rule looks at a requirement at all, whatever it is graded."""
        return any(
            pattern.kind == "finding" and not pattern.negated and self._about(pattern, symbol)
            for branch in rule.branches
            for pattern in branch.patterns
        )

    def _about(self, pattern: Pattern, symbol: Mapping[str, Any]) -> bool:
        return all(fits(criterion, symbol) for criterion in pattern.criteria if criterion[0] in STATIC)

    def lacking(self, trace: Trace, rule: FollowUpRule, requirement: str) -> str:
        """Which conditions keep a rule from firing for a requirement: of its ways to hold, the nearest."""
        (symbol,) = trace.symbols.of("finding", requirement)
        near: list[tuple[int, int, str]] = []
        for index, branch in enumerate(rule.branches):
            patterns = [p for p in branch.patterns if p.kind == "finding" and not p.negated]
            if any(self._about(pattern, symbol) for pattern in patterns):
                told = self._unmet(trace, branch, symbol)
                near.append((len(told), index, "; ".join(told)))
        return min(near)[2] if near else ""

    def _unmet(self, trace: Trace, branch: Branch, symbol: Mapping[str, Any]) -> list[str]:
        requirement = symbol["requirement"]
        if branch.subject is not None and (differs := self._differs(branch.subject, symbol)):
            return differs  # the rest is about a finding that isn't looked at
        told: list[str] = []
        for pattern in branch.others:
            if holds(pattern, requirement, trace.symbols, trace.drawn):
                continue
            own = pattern.kind == "finding" and not pattern.negated and pattern.at_least == 1
            if own and self._about(pattern, symbol):
                told += self._differs(pattern, symbol)
            else:
                told.append(self._not(trace, pattern, requirement))
        return told

    def _needs(self, asked: str, there: str) -> str:
        return self.say(f"kräver {asked} ({there})", f"needs {asked} ({there})")

    def _differs(self, pattern: Pattern, symbol: Mapping[str, Any]) -> list[str]:
        """How a finding isn't what a pattern asks for."""
        told: list[str] = []
        for name, allowed in pattern.criteria:
            if fits((name, allowed), symbol):
                continue
            if name == "grade":
                grade = Grade(symbol["grade"]).text[self.lang]
                asked = self.say("bedömningen ", "the grade ") + self.grades(allowed)
                told.append(self._needs(asked, self.say("är ", "it is ") + self.quoted(grade)))
            elif name == "before":
                before = symbol.get("before")
                was = Grade(before).text[self.lang] if before else self.say("okänd", "unknown")
                asked = self.say(
                    f"att föregående period{self.before} bedömdes {self.grades(allowed)}",
                    f"the period before{self.before} graded {self.grades(allowed)}",
                )
                told.append(self._needs(asked, self.say("var ", "it was ") + self.quoted(was)))
            elif name == "failing_periods":
                count = symbol.get("failing_periods") or 0
                asked = self.say(
                    f"minst {allowed[0]} perioder i rad som inte uppfylls",
                    f"at least {allowed[0]} failed periods running",
                )
                told.append(self._needs(asked, self.say(f"är {count}", f"it is {count}")))
            elif name == "direction":
                asked = self.either(DIRECTIONS[word][self.lang] for word in allowed)
                now = symbol.get("direction")
                there = (
                    DIRECTIONS[now][self.lang] if now else self.say("kan inte jämföras", "can't be compared")
                )
                told.append(self._needs(asked, there))
            elif name == "doubtful":
                asked = self.say("uppgifter som inte går att lita på", "figures that can't be relied on")
                told.append(self._needs(asked, self.say("inga av det slaget", "none of that kind")))
            else:
                told.append(self.say("gäller andra krav", "is for other requirements"))
        return told

    def _not(self, trace: Trace, pattern: Pattern, requirement: str) -> str:
        """Why a pattern that isn't about the finding itself doesn't hold."""
        if pattern.negated:
            return self.say("hindras: ", "kept back: ") + self._hindrance(trace, pattern, requirement)
        asked = self._asked(pattern)
        if pattern.kind == "conclusion":
            return self._needs(asked, self.say("det är inte så", "it isn't so"))
        if pattern.kind == "fact":
            found = [s["is"] for s in trace.symbols.of("fact") if s["name"] == pattern.criterion("name")[0]]
            answer = self._answer(pattern.criterion("name")[0], found[0]) if found else ""
            there = (
                self.say(f"är {answer}", f"it is {answer}")
                if found
                else self.say("uppgift saknas", "unknown")
            )
        elif pattern.kind == "plan":
            had = self._plans(trace.unit, [requirement]) if pattern.same else []
            there = listed(had, self.lang) or self.say("ingen är begärd", "none is asked for")
        elif pattern.kind == "previous":
            grades = [Grade(s["grade"]).text[self.lang] for s in trace.symbols.of("previous", requirement)]
            there = listed(grades, self.lang) or self.say("det finns ingen", "there is none")
        elif pattern.kind == "check":
            there = self.say("inga", "there are none")
        else:
            count = len(matches(pattern, requirement, trace.symbols))
            there = (
                self.say(f"är {count}", f"there are {count}") if count else self.say("inget", "there is none")
            )
        return self._needs(asked, there)

    def _hindrance(self, trace: Trace, pattern: Pattern, requirement: str) -> str:
        """What is there though it must not be."""
        if pattern.kind == "conclusion":
            return self._asked(pattern)
        if pattern.kind == "fact":
            return self._fact(trace, pattern.criterion("name")[0])
        key = "name" if pattern.kind == "check" else "requirement"
        found = {symbol[key] for symbol in matches(pattern, requirement, trace.symbols)}
        return self.reason(trace, Reason(pattern._replace(negated=False), self.followups.in_order(found)))
