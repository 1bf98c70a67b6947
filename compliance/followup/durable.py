"""Follow-up rules as durable_rules definitions, and their conclusions drawn there.

That library answers wrongly, or not at all, outside a narrow path, so it is led along it: facts hold nothing
but short texts; every pattern is guarded by `kind`; comparisons of numbers and counts of findings are made
before and handed over as symbols; a requirement is joined only with conclusions on it, in patterns without
`$or`; a rule fires when `go` comes, after all that it could look at. Each stratum is a rule set of its own, in
parts small enough for the library to hold, and what one stratum concludes is a plain fact to the next.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from compliance.followup.language import Branch, FollowUpRule, Pattern
from compliance.followup.symbols import Drawn, Firing, RuleSet, Symbols, fits, matches, targets

__all__ = ["ChainError", "Chainer", "available"]

MOST_CONDITIONS = 300
"""In one part of a stratum; with more than 512 siblings the library never returns."""
GO = {"kind": "go"}
PLAIN = frozenset({"obligation", "grade", "rule", "before", "direction", "requirement"})
"""A finding's properties that are one text each; what is asked of others is decided before."""

_hosts: list[Any] = []
_numbers = itertools.count()
_lock = threading.Lock()


def available() -> bool:
    """Whether durable_rules can be imported here."""
    try:
        import durable.engine  # noqa: F401
    except ImportError:
        return False
    return True


def _host() -> Any:
    """The process's one host: each that is made keeps its memory and two threads."""
    if not _hosts:
        from durable import engine

        class Host(engine.Host):  # type: ignore[misc]
            def _run(self) -> None:
                """Starts no timers: nothing here waits for a time."""

        _hosts.append(Host())
    return _hosts[0]


class ChainError(RuntimeError):
    """durable_rules noted an exception of its own."""


class _Part(NamedTuple):
    """A rule set of the library: its name, and what its patterns look at."""

    name: str
    subjects: tuple[Pattern, ...]
    flags: dict[str, Pattern]
    """Patterns that are decided before, by the symbol that tells of them."""
    sames: dict[str, Pattern]
    """The same, of the finding's own requirement."""
    criteria: dict[str, tuple[str, tuple[str, ...]]]
    """What is asked of a finding beyond its plain properties, by symbol."""
    conclusions: frozenset[str]


class Chainer:
    """A rule set made ready once; `chain` then takes one unit after another."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.rules
        self._fired: list[Firing] = []
        self._strata = [[self._register(part) for part in _parts(stratum)] for stratum in rules.strata]

    def chain(self, symbols: Symbols) -> frozenset[Firing]:
        """Everything that fires for one unit.

        Raises:
            ChainError: durable_rules failed.
        """
        firings: set[Firing] = set()
        drawn: frozenset[Drawn] = frozenset()
        with _lock:
            for parts in self._strata:
                fired = self._stratum(parts, symbols, drawn)
                firings |= fired
                drawn |= targets(fired, self._rules)
        return frozenset(firings)

    def _stratum(self, parts: list[_Part], symbols: Symbols, drawn: frozenset[Drawn]) -> set[Firing]:
        host = _host()
        sid = f"unit-{next(_numbers)}"
        fired: set[Firing] = set()
        self._fired.clear()
        begun: list[_Part] = []
        try:
            for part in parts:
                begun.append(part)
                for fact in (*_conclusions(drawn, part), *_facts(part, symbols), GO):
                    _tell(host, part.name, sid, fact)
            known = drawn
            while self._fired:
                fired.update(self._fired)
                self._fired.clear()
                new = targets(fired, self._rules) - known
                for part in parts:
                    for fact in _conclusions(new, part, known):
                        _tell(host, part.name, sid, fact)
                known |= new
        finally:
            for part in begun:
                _forget(host, part.name, sid)
        return fired

    def _register(self, entries: list[tuple[FollowUpRule, int, Branch]]) -> _Part:
        part = _Part(f"followup-{next(_numbers)}", *_looked_at(entries))
        definition: dict[str, Any] = {}
        for rule, index, branch in entries:
            patterns = [{"go": {"kind": "go"}}, *_patterns(branch, part)]
            definition[f"{rule.name}-{index}"] = {
                "all": patterns,
                "run": self._note(rule.name, index, branch.subject is not None),
            }
        # A fact that no rule matches isn't kept: this one matches all, after the others.
        definition["sink"] = {"pri": 9, "all": [{"m": {"$ex": {"kind": 1}}}], "run": _nothing}
        _host().register_rulesets({part.name: definition})
        return part

    def _note(self, rule: str, branch: int, about_one: bool) -> Callable[[Any], None]:
        def fired(c: Any) -> None:
            requirement = c.subject["requirement"] if about_one else None
            self._fired.append(Firing(rule, branch, requirement))

        return fired


def _nothing(c: Any) -> None:
    pass


def _forget(host: Any, name: str, sid: str) -> None:
    from durable_rules_engine import error

    with suppress(error):  # nothing was kept of it
        host.delete_state(name, sid)


def _tell(host: Any, name: str, sid: str, fact: Mapping[str, str]) -> None:
    from durable.engine import MessageObservedException
    from durable_rules_engine import error

    for attempt in range(8):
        told = {**fact, "sid": sid}
        if attempt:
            told["again"] = str(attempt)
        try:
            state = host.assert_fact(name, told)
        except MessageObservedException:
            continue  # another fact has the same hash
        except error as failure:
            raise ChainError(str(failure)) from failure
        if state and "exception" in state:
            raise ChainError(str(state["exception"]))
        return
    raise ChainError("durable_rules takes every fact for one that it has seen.")


# Definitions ----------------------------------------------------------------------------------


def _parts(stratum: tuple[FollowUpRule, ...]) -> Iterator[list[tuple[FollowUpRule, int, Branch]]]:
    part: list[tuple[FollowUpRule, int, Branch]] = []
    size = 0
    for rule in stratum:
        for index, branch in enumerate(rule.branches):
            wanted = {_key(pattern) for pattern in branch.others if not pattern.negated}
            if any(_key(pattern) in wanted for pattern in branch.others if pattern.negated):
                continue  # never holds; but a fact that one pattern took would be hidden from the other
            here = 1 + sum(
                2 + sum(len(allowed) for _, allowed in pattern.criteria) for pattern in branch.patterns
            )
            if part and size + here > MOST_CONDITIONS:
                yield part
                part, size = [], 0
            part.append((rule, index, branch))
            size += here
    if part:
        yield part


def _looked_at(entries: list[tuple[FollowUpRule, int, Branch]]) -> tuple[Any, ...]:
    subjects: dict[Pattern, None] = {}
    flags: dict[tuple[Any, ...], tuple[str, Pattern]] = {}
    sames: dict[tuple[Any, ...], tuple[str, Pattern]] = {}
    criteria: dict[tuple[str, tuple[str, ...]], str] = {}
    conclusions: set[str] = set()
    for _, _, branch in entries:
        if branch.subject is not None:
            subjects[branch.subject] = None
            for criterion in branch.subject.criteria:
                if not _is_plain(criterion):
                    criteria.setdefault(criterion, f"has_{len(criteria)}")
        for pattern in branch.others:
            if pattern.kind == "conclusion":
                conclusions.add(pattern.criterion("name")[0])
            else:
                which, letter = (sames, "same") if pattern.same else (flags, "met")
                which.setdefault(_key(pattern), (f"{letter}_{len(which)}", pattern))
    return (
        tuple(subjects),
        dict(flags.values()),
        dict(sames.values()),
        {name: criterion for criterion, name in criteria.items()},
        frozenset(conclusions),
    )


def _is_plain(criterion: tuple[str, tuple[str, ...]]) -> bool:
    name, allowed = criterion
    return name in PLAIN and len(allowed) <= 8


def _key(pattern: Pattern) -> tuple[Any, ...]:
    return pattern.kind, pattern.criteria, pattern.at_least, pattern.same


def _patterns(branch: Branch, part: _Part) -> Iterator[dict[str, Any]]:
    flags = {_key(pattern): symbol for symbol, pattern in part.flags.items()}
    sames = {_key(pattern): symbol for symbol, pattern in part.sames.items()}
    if branch.subject is not None:
        symbols = {criterion: symbol for symbol, criterion in part.criteria.items()}
        tests: list[dict[str, Any]] = [{"kind": "finding"}]
        for criterion in branch.subject.criteria:
            if not _is_plain(criterion):
                tests.append({symbols[criterion]: "yes"})
                continue
            name, allowed = criterion
            either = [{name: value} for value in allowed]
            tests.append(either[0] if len(either) == 1 else {"$or": either})
        tests += [
            {sames[_key(pattern)]: "no" if pattern.negated else "yes"}
            for pattern in branch.others
            if pattern.same and pattern.kind != "conclusion"
        ]
        yield {"subject": {"$and": tests}}
    number = 0
    once = {_key(pattern): pattern for pattern in branch.others}
    for pattern in sorted(once.values(), key=lambda pattern: pattern.negated):
        if pattern.same and pattern.kind != "conclusion":
            continue
        number += 1
        name = f"p{number}$not" if pattern.negated else f"p{number}"
        if pattern.kind != "conclusion":
            yield {name: {"$and": [{"kind": "met"}, {"pattern": flags[_key(pattern)]}]}}
        elif pattern.same:
            conclusion = pattern.criterion("name")[0]
            about = {"requirement": {"subject": "requirement"}}
            yield {name: {"$and": [{"kind": "conclusion"}, {"name": conclusion}, about]}}
        else:
            yield {name: {"$and": [{"kind": "concluded"}, {"name": pattern.criterion("name")[0]}]}}


# Facts ----------------------------------------------------------------------------------------


def _facts(part: _Part, symbols: Symbols) -> Iterator[dict[str, str]]:
    """What a part's rules look at, once each; findings that no pattern could match are left out."""
    for name, pattern in part.flags.items():
        if len(matches(pattern, None, symbols)) >= pattern.at_least:
            yield {"kind": "met", "pattern": name}
    if not part.subjects:
        return
    for finding in symbols.of("finding"):
        if not any(all(fits(c, finding) for c in pattern.criteria) for pattern in part.subjects):
            continue
        requirement = finding["requirement"]
        fact = {"kind": "finding"}
        fact |= {name: value for name in PLAIN if isinstance(value := finding.get(name), str) and value}
        fact |= {name: "yes" for name, criterion in part.criteria.items() if fits(criterion, finding)}
        for name, pattern in part.sames.items():
            met = len(matches(pattern, requirement, symbols)) >= pattern.at_least
            fact[name] = "yes" if met else "no"
        yield fact


def _conclusions(
    drawn: frozenset[Drawn], part: _Part, known: frozenset[Drawn] = frozenset()
) -> Iterator[dict[str, str]]:
    """Conclusions as facts: each, and once that there is one of its name."""
    named = {one.name for one in known}
    for one in sorted(drawn, key=lambda one: (one.name, one.requirement or "")):
        if one.name not in part.conclusions:
            continue
        if one.name not in named:
            named.add(one.name)
            yield {"kind": "concluded", "name": one.name}
        if one.requirement is not None:
            yield {"kind": "conclusion", "name": one.name, "requirement": one.requirement}
