"""Follow-up rules: patterns over a unit's findings, answers, plans and history, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.followup.records import SEVERITIES
from compliance.language.facts import LEVELS, YES_NO, Fact
from compliance.language.reader import Document, Path_
from compliance.language.rules import read_parameters
from compliance.language.shape import Name, Shape, Texts, Word, check, closed_list, typed
from compliance.problems import Place, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "AT_LEAST",
    "Branch",
    "FollowUpExample",
    "FollowUpRule",
    "Names",
    "Pattern",
    "Quote",
    "check_names",
    "check_requirements",
    "read_followup",
]

GRADES = ("pass", "partial", "fail", "unknown", "not_applicable", "info")
OBLIGATIONS = ("must", "target", "monitor")
DIRECTIONS = ("better", "worse", "unchanged")
REASONS = ("suppressed", "doubtful", "no_agreement", "conflict", "out_of_range", "unreadable")
STATES = ("asked", "received", "overdue")
AT_LEAST = frozenset({"failing_periods", "overdue_days", "received_days"})
"""Criteria that hold from a number on."""
MOST_PATTERNS = 14
MOST_BRANCHES = 64
"""durable_rules takes sixteen patterns in one rule, and two are ours; more branches are no rule to read."""
DEEPEST = 8

Criteria = tuple[tuple[str, tuple[str, ...]], ...]


class Pattern(NamedTuple):
    """One condition on what is known of a unit.

    Attributes:
        kind: finding, previous, plan, fact, check or conclusion.
        criteria: properties, each with the symbols that it may have (or the number that it has at least).
        same: it is about the requirement of the branch's first finding.
        at_least: how many must match.
        negated: it holds where the pattern doesn't.
    """

    kind: str
    criteria: Criteria
    same: bool = False
    at_least: int = 1
    negated: bool = False
    place: Place = Place("")

    def criterion(self, name: str) -> tuple[str, ...]:
        """What a property may be; empty where it may be anything."""
        return next((allowed for key, allowed in self.criteria if key == name), ())


class Branch(NamedTuple):
    """Patterns that hold together. With a `subject` they are tried for each finding that it matches."""

    subject: Pattern | None
    others: tuple[Pattern, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        return self.others if self.subject is None else (self.subject, *self.others)


class Quote(NamedTuple):
    """Where a document says what a rule does."""

    document: Text
    file: str | None
    section: str
    quote: str


class FollowUpExample(NamedTuple):
    """What is known of a unit, and whether the rule leads to something then."""

    findings: tuple[dict[str, Any], ...]
    previous: tuple[dict[str, Any], ...]
    plans: tuple[dict[str, Any], ...]
    facts: dict[str, Any]
    checks: tuple[str, ...]
    fires: bool
    place: Place


class FollowUpRule(NamedTuple):
    name: str
    title: Text
    branches: tuple[Branch, ...]
    action: str | None
    conclude: str | None
    severity: str | None
    due_days: int | None
    text: Text | None
    question: Text | None
    parameters: dict[str, str | None]
    assumed: tuple[str, ...]
    sources: tuple[Quote, ...]
    examples: tuple[FollowUpExample, ...]
    document: Document
    path: Path_

    @property
    def place(self) -> Place:
        return self.document.key_place(*self.path)

    def conclusions(self, negated: bool) -> set[str]:
        """The conclusions that it looks at: those that must be there, or that must not."""
        return {
            pattern.criterion("name")[0]
            for branch in self.branches
            for pattern in branch.patterns
            if pattern.kind == "conclusion" and pattern.negated is negated
        }


# Shapes ---------------------------------------------------------------------------------------


def _several(*words: str) -> Callable[[Any], tuple[str, ...]]:
    """One word or a list of them, from a closed list where there is one."""

    def read(data: Any) -> tuple[str, ...]:
        items = data if isinstance(data, list) else [data]
        if not items or not all(isinstance(item, str) and item for item in items):
            what = one_of(words) if words else "a name"
            raise ValueError(f"Expected {what}, or a list of such. Write one, or remove the key.")
        for item in items:
            if words and item not in words:
                raise ValueError(
                    f"{shown(item)} isn't allowed here. Write {one_of(words)}.{did_you_mean(item, words)}"
                )
        return tuple(dict.fromkeys(items))

    vars(read)["several"] = words
    return read


Several = Annotated[tuple[str, ...] | None, typed(_several())]


class _AtLeast(Shape):
    at_least: Word


class _Finding(Shape):
    obligation: Annotated[tuple[str, ...] | None, typed(_several(*OBLIGATIONS))] = None
    grade: Annotated[tuple[str, ...] | None, typed(_several(*GRADES))] = None
    rule: Several = None
    requirement: Several = None
    section: Several = None
    uses: Several = None
    before: Annotated[tuple[str, ...] | None, typed(_several(*GRADES))] = None
    direction: Annotated[tuple[str, ...] | None, typed(_several(*DIRECTIONS))] = None
    doubtful: Annotated[tuple[str, ...] | None, typed(_several(*REASONS))] = None
    failing_periods: _AtLeast | None = None


class _Findings(_Finding):
    at_least: Word


class _Previous(Shape):
    same: Annotated[str | None, closed_list("requirement")] = None
    obligation: Annotated[tuple[str, ...] | None, typed(_several(*OBLIGATIONS))] = None
    grade: Annotated[tuple[str, ...] | None, typed(_several(*GRADES))] = None
    rule: Several = None
    requirement: Several = None


class _Plan(Shape):
    same: Annotated[str | None, closed_list("requirement")] = None
    requirement: Several = None
    state: Annotated[tuple[str, ...] | None, typed(_several(*STATES))] = None
    overdue_days: _AtLeast | None = None
    received_days: _AtLeast | None = None


class _Fact(Shape):
    name: Name
    is_: Several = Field(default=None, alias="is")


class _Check(Shape):
    name: Several = None


class _Conclusion(Shape):
    name: Name
    same: Annotated[str | None, closed_list("requirement")] = None


_KINDS: dict[str, type[Shape]] = {
    "finding": _Finding,
    "findings": _Findings,
    "previous": _Previous,
    "plan": _Plan,
    "fact": _Fact,
    "check": _Check,
    "conclusion": _Conclusion,
}
_CONDITIONS = (*_KINDS, "none", "all", "any")


class _QuoteShape(Shape):
    document: Texts
    file: Word | None = None
    section: Word
    quote: Word


class _Then(Shape):
    action: Name | None = None
    conclude: Name | None = None
    severity: Annotated[str | None, closed_list(*SEVERITIES)] = None
    due_days: Word | None = None
    text: Texts | None = None
    question: Texts | None = None


class _ExampleFinding(Shape):
    requirement: Word | None = None
    obligation: Annotated[str, closed_list(*OBLIGATIONS)] = "must"
    grade: Annotated[str, closed_list(*GRADES)]
    rule: Word = ""
    section: Several = None
    uses: Several = None
    before: Annotated[str | None, closed_list(*GRADES)] = None
    direction: Annotated[str | None, closed_list(*DIRECTIONS)] = None
    doubtful: Annotated[tuple[str, ...] | None, typed(_several(*REASONS))] = None
    failing_periods: Word | None = None


class _ExamplePrevious(Shape):
    requirement: Word
    obligation: Annotated[str, closed_list(*OBLIGATIONS)] = "must"
    grade: Annotated[str, closed_list(*GRADES)]
    rule: Word = ""


class _ExamplePlan(Shape):
    requirement: Word
    state: Annotated[str, closed_list(*STATES)]
    overdue_days: Word | None = None
    received_days: Word | None = None


class _ExampleShape(Shape):
    findings: list[_ExampleFinding] = Field(default=[])
    previous: list[_ExamplePrevious] = Field(default=[])
    plans: list[_ExamplePlan] = Field(default=[])
    facts: dict[str, Any] = Field(default={})
    checks: list[Name] = Field(default=[])
    fires: Annotated[str, closed_list("yes", "no")]


class _RuleShape(Shape):
    title: Texts | None = None
    when: Any
    then: _Then
    parameters: dict[str, Any] = Field(default={})
    assumed: list[Name] = Field(default=[])
    source: Any = None
    examples: list[_ExampleShape] = Field(default=[])


# Reading --------------------------------------------------------------------------------------


def read_followup(
    name: str, data: Any, document: Document, path: Path_, problems: Problems
) -> FollowUpRule | None:
    """The follow-up rule `name`, or None and problems; names are looked up by `check_names`."""
    before = len(problems)
    raw = check(_RuleShape, data, document, path, problems)
    if raw is None:
        return None
    parameters = read_parameters(raw.parameters, document, (*path, "parameters"), problems)
    reader = _When(document, problems, parameters)
    branches = reader.branches(raw.when, (*path, "when"))
    for index, assumed in enumerate(raw.assumed):
        if assumed not in parameters:
            problems.add(
                document.place(*path, "assumed", index),
                f"The rule has no parameter {shown(assumed)}. It has: {one_of(parameters) or 'none'}."
                f"{did_you_mean(assumed, parameters)}",
            )
    due_days = _then(raw.then, reader, document, (*path, "then"), problems)
    examples = _examples(raw.examples, document, path, problems)
    sources = _sources(raw.source, document, path, problems)
    if len(problems) > before or not branches:
        return None
    plain = name.replace("_", " ")
    return FollowUpRule(
        name=name,
        title=raw.title or Text(plain, plain),
        branches=branches,
        action=raw.then.action,
        conclude=raw.then.conclude,
        severity=raw.then.severity,
        due_days=due_days,
        text=raw.then.text,
        question=raw.then.question,
        parameters=parameters,
        assumed=tuple(raw.assumed),
        sources=sources,
        examples=examples,
        document=document,
        path=path,
    )


PLACEHOLDERS = ("due", "requirements")


def _then(then: _Then, reader: _When, document: Document, path: Path_, problems: Problems) -> int | None:
    if then.action is None and then.conclude is None:
        problems.add(
            document.key_place(*path), "'then' leads to nothing. Write 'action', 'conclude' or both."
        )
    if then.action is not None:
        for key in ("severity", "text"):
            if getattr(then, key) is None:
                problems.add(
                    document.key_place(*path),
                    f"An action has a {key}. Add {key!r}"
                    + (f": {one_of(SEVERITIES)}." if key == "severity" else " in both languages."),
                )
    elif then.due_days is not None:
        problems.add(
            document.key_place(*path, "due_days"),
            "Only an action has 'due_days'. Remove it, or add an action.",
        )
    known = (*PLACEHOLDERS[then.due_days is None :], *reader.parameters)
    for key in ("text", "question"):
        text = getattr(then, key)
        for name in _placeholders(text) if text else ():
            if name not in known:
                problems.add(
                    document.place(*path, key),
                    f"Nothing fills in {shown('{' + name + '}')}. Allowed here: "
                    f"{one_of('{' + k + '}' for k in known)}.{did_you_mean(name, known)}",
                )
    if then.due_days is None:
        return None
    return reader.whole(then.due_days, (*path, "due_days"))


def _placeholders(text: Text) -> list[str]:
    return re.findall(r"\{([^{}]*)\}", text.sv + text.en)


def _sources(data: Any, document: Document, path: Path_, problems: Problems) -> tuple[Quote, ...]:
    if data is None:
        return ()
    items = data if isinstance(data, list) else [data]
    found: list[Quote] = []
    for index, item in enumerate(items):
        at = (*path, "source", index) if isinstance(data, list) else (*path, "source")
        raw = check(_QuoteShape, item, document, at, problems)
        if raw:
            found.append(Quote(raw.document, raw.file, raw.section, raw.quote))
    return tuple(found)


def _examples(
    raw: list[_ExampleShape], document: Document, path: Path_, problems: Problems
) -> tuple[FollowUpExample, ...]:
    result: list[FollowUpExample] = []
    for index, example in enumerate(raw):
        at: Path_ = (*path, "examples", index)
        reader = _When(document, problems, {})

        def symbols(
            shape: Shape, key: str, place: int, at: Path_ = at, reader: _When = reader
        ) -> dict[str, Any]:
            given = {k: v for k, v in shape.model_dump().items() if v is not None}
            for number in AT_LEAST & set(given):
                given[number] = reader.whole(given[number], (*at, key, place, number)) or 0
            return given

        findings = tuple(symbols(f, "findings", i) for i, f in enumerate(example.findings))
        for position, finding in enumerate(findings):
            finding.setdefault("requirement", f"R{position + 1}")
        result.append(
            FollowUpExample(
                findings=findings,
                previous=tuple(symbols(f, "previous", i) for i, f in enumerate(example.previous)),
                plans=tuple(symbols(f, "plans", i) for i, f in enumerate(example.plans)),
                facts=example.facts,
                checks=tuple(example.checks),
                fires=example.fires == "yes",
                place=document.place(*at),
            )
        )
    return tuple(result)


def _findings(patterns: Iterable[Pattern]) -> list[Pattern]:
    """Those that a rule may be tried for one by one: a `finding:` that must be there."""
    return [p for p in patterns if p.kind == "finding" and p.at_least == 0]


class _When:
    """Reads a rule's condition into branches: any of alls."""

    def __init__(self, document: Document, problems: Problems, parameters: Mapping[str, str | None]) -> None:
        self.document, self.problems, self.parameters = document, problems, parameters

    def fault(self, path: Path_, message: str, key: bool = False) -> None:
        place = self.document.key_place(*path) if key else self.document.place(*path)
        self.problems.add(place, message)

    def whole(self, text: str, path: Path_) -> int | None:
        """A whole number, or a parameter that is one."""
        value = self.parameters.get(text, text)
        if (
            value is not None
            and value.isascii()
            and value.isdigit()
            and len(value) < 10
            and 1 <= int(value) <= 1200
        ):
            return int(value)
        if text in self.parameters:
            now = "null" if value is None else shown(value)
            self.fault(
                path, f"The parameter {shown(text)} is {now}. Here it must be a whole number from 1 to 1200."
            )
        else:
            had = one_of(self.parameters) or "it has none"
            self.fault(
                path,
                f"{shown(text)} is neither a parameter of this rule ({had}) nor a whole number from 1 to 1200."
                f"{did_you_mean(text, self.parameters)}",
            )
        return None

    def branches(self, data: Any, path: Path_) -> tuple[Branch, ...]:
        before = len(self.problems)
        found = self._read(data, path, 0)
        if len(found) > MOST_BRANCHES:
            self.fault(
                path,
                f"Written out, this is {len(found)} ways in which the rule may hold; {MOST_BRANCHES} are allowed. "
                "Make several rules of it, or let one rule draw a conclusion that another looks at.",
            )
        longest = max((len(patterns) for patterns in found), default=0)
        if longest > MOST_PATTERNS:
            self.fault(
                path,
                f"{longest} conditions hold together here; {MOST_PATTERNS} are allowed. Let one rule draw a "
                "conclusion of some of them, and this one look at it.",
            )
        if len(self.problems) > before:
            return ()
        lone = all(any(p.same for p in patterns) or len(_findings(patterns)) == 1 for patterns in found)
        branches = [branch for patterns in found if (branch := self._branch(patterns, lone))]
        return tuple(branches) if len(branches) == len(found) else ()

    def _branch(self, patterns: tuple[Pattern, ...], lone: bool) -> Branch | None:
        """With `same: requirement`, or where each branch of the rule has one finding, it is tried for each."""
        findings = _findings(patterns)
        same = next((p for p in patterns if p.same), None)
        if same is not None and not findings:
            self.problems.add(
                same.place,
                "'same: requirement' needs a `finding:` in the same `all`, whose requirement it means. Add one, "
                "or name the requirement.",
            )
            return None
        subject = findings[0] if same or lone else None
        others = (p._replace(at_least=1) if p.at_least == 0 else p for p in patterns if p is not subject)
        return Branch(subject._replace(at_least=1) if subject else None, tuple(dict.fromkeys(others)))

    def _read(self, data: Any, path: Path_, depth: int) -> list[tuple[Pattern, ...]]:
        if depth > DEEPEST:
            self.fault(
                path, f"'all' and 'any' go {DEEPEST} levels deep at most. Write the condition flatter."
            )
            return []
        if not isinstance(data, dict) or len(data) != 1:
            found, what = "none of them", "Write one of them: {finding: {…}}."
            if isinstance(data, dict) and data:
                found = one_of(data).replace(" or ", " and ")
                what = "Join several with 'all': {all: [{…}, {…}]}."
            self.fault(path, f"A condition has one of {one_of(_CONDITIONS)}; found {found}. {what}")
            return []
        ((kind, content),) = data.items()
        at = (*path, kind)
        if kind in ("all", "any"):
            if not isinstance(content, list) or not content:
                self.fault(at, f"{kind!r} takes a list of conditions: [{{finding: {{…}}}}, …].")
                return []
            parts = [self._read(item, (*at, index), depth + 1) for index, item in enumerate(content)]
            if kind == "any":
                return [branch for part in parts for branch in part]
            size = 1
            for part in parts:
                size *= max(len(part), 1)
            if size > 4096:
                self.fault(at, "This holds in more than 4096 ways. Make several rules of it.")
                return []
            return [tuple(p for chosen in choice for p in chosen) for choice in product(*parts)]
        if kind == "none":
            return self._none(content, at)
        if kind not in _KINDS:
            self.fault(
                at,
                f"{shown(kind)} is no condition. Allowed here: {one_of(_CONDITIONS)}."
                f"{did_you_mean(kind, _CONDITIONS)}",
                key=True,
            )
            return []
        pattern = self._pattern(kind, content, at)
        return [(pattern,)] if pattern else []

    def _none(self, content: Any, path: Path_) -> list[tuple[Pattern, ...]]:
        kind = next(iter(content)) if isinstance(content, dict) and len(content) == 1 else None
        if kind not in _KINDS:
            near = did_you_mean(kind, _KINDS) if kind and kind not in ("all", "any", "none") else ""
            self.fault(
                path,
                f"'none' takes one pattern: {one_of(_KINDS)}. Write a 'none' of its own for each that must "
                f"not be there.{near}",
            )
            return []
        assert isinstance(content, dict)
        pattern = self._pattern(kind, content[kind], (*path, kind))
        return [(pattern._replace(negated=True, at_least=max(pattern.at_least, 1)),)] if pattern else []

    def _pattern(self, kind: str, content: Any, path: Path_) -> Pattern | None:
        if kind in ("conclusion", "fact", "check") and isinstance(content, str):
            content = {"name": content}
        raw: Any = check(_KINDS[kind], content, self.document, path, self.problems)
        if raw is None:
            return None
        criteria: list[tuple[str, tuple[str, ...]]] = []
        for field in type(raw).model_fields:
            value = getattr(raw, field)
            if value is None or field in ("same", "at_least"):
                continue
            name = "is" if field == "is_" else field
            if isinstance(value, _AtLeast):
                number = self.whole(value.at_least, (*path, field, "at_least"))
                value = (str(number or 1),)
            criteria.append((name, (value,) if isinstance(value, str) else value))
        at_least = 0 if kind == "finding" else 1  # zero marks what may become a branch's subject
        if kind == "findings":
            at_least = self.whole(raw.at_least, (*path, "at_least")) or 1
        same = getattr(raw, "same", None) is not None
        if same and (getattr(raw, "requirement", None) is not None):
            self.fault(
                path,
                "'same: requirement' and 'requirement' both say which requirement is meant. Keep one of them.",
            )
        place = self.document.place(*path)
        return Pattern(
            "finding" if kind == "findings" else kind, tuple(criteria), same, at_least, False, place
        )


# Names ----------------------------------------------------------------------------------------


class Names(NamedTuple):
    """What follow-up rules may name."""

    rules: Mapping[str, object]
    facts: Mapping[str, Fact | None]
    checks: Callable[[], Mapping[str, object]]
    """Read only where a rule looks at one."""


def check_names(
    rules: Mapping[str, FollowUpRule], unreadable: bool, names: Names, problems: Problems
) -> dict[str, FollowUpRule]:
    """The rules whose names are all there, their answers as numbers; what isn't is reported.

    Args:
        unreadable: some follow-up rule can't be read, so that conclusions may be missing for that reason.
    """
    drawn = {rule.conclude for rule in rules.values() if rule.conclude}
    kept: dict[str, FollowUpRule] = {}
    for name, rule in rules.items():
        before = len(problems)
        branches = tuple(
            Branch(
                branch.subject and _settled(branch.subject, rule, drawn, unreadable, names, problems),
                tuple(_settled(p, rule, drawn, unreadable, names, problems) for p in branch.others),
            )
            for branch in rule.branches
        )
        examples = tuple(_settled_example(example, rule, names, problems) for example in rule.examples)
        if len(problems) == before:
            kept[name] = rule._replace(branches=branches, examples=examples)
    return kept


def _settled(
    pattern: Pattern,
    rule: FollowUpRule,
    drawn: set[str],
    unreadable: bool,
    names: Names,
    problems: Problems,
) -> Pattern:
    for key, kind, known in _named(pattern, drawn, names):
        for name in pattern.criterion(key):
            if name in known or (kind == "conclusion" and unreadable):
                continue
            problems.add(
                _spot(pattern, rule, name),
                f"There is no {kind} {shown(name)}"
                + (" that any follow-up rule draws." if kind == "conclusion" else " in the library.")
                + (did_you_mean(name, known) or " Correct the name, or remove it."),
            )
    if pattern.kind != "fact":
        return pattern
    (name,) = pattern.criterion("name")
    fact = names.facts.get(name)
    if fact is None:
        return pattern
    if fact.type not in ("yes_no", "level"):
        problems.add(
            _spot(pattern, rule, name),
            f"{name!r} is of type {fact.type}. Follow-up looks at yes/no facts and levels: make a rule of it, "
            "and look at its finding.",
        )
        return pattern
    words = YES_NO if fact.type == "yes_no" else LEVELS
    for answer in pattern.criterion("is"):
        if answer.lower() not in words:
            problems.add(
                _spot(pattern, rule, answer),
                f"{shown(answer)} isn't an answer to {name!r}. Write {one_of(words)}."
                f"{did_you_mean(answer.lower(), words)}",
            )
    answers = {str(words.get(answer.lower(), 0)) for answer in pattern.criterion("is")}
    criteria: Criteria = (("name", (name,)),)
    if answers:
        criteria += (("is", tuple(sorted(answers))),)
    return pattern._replace(criteria=criteria)


def _named(
    pattern: Pattern, drawn: set[str], names: Names
) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Which properties of a pattern are names, of what, and those there are."""
    if pattern.kind == "fact":
        yield "name", "fact", names.facts
    elif pattern.kind == "check":
        yield "name", "check", names.checks() if pattern.criterion("name") else {}
    elif pattern.kind == "conclusion":
        yield "name", "conclusion", dict.fromkeys(drawn)
    else:
        yield "rule", "rule", names.rules
        yield "uses", "fact", names.facts


def _spot(pattern: Pattern, rule: FollowUpRule, value: str) -> Place:
    """Where a pattern has a value: the nearest such text after where the pattern begins."""
    start = (pattern.place.line, pattern.place.column)
    here = [
        spot
        for path, spot in rule.document.values.items()
        if path[: len(rule.path)] == rule.path and spot >= start and _at(rule.document.data, path) == value
    ]
    return Place(rule.document.name, *min(here, default=start))


def _at(data: Any, path: Path_) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _settled_example(
    example: FollowUpExample, rule: FollowUpRule, names: Names, problems: Problems
) -> FollowUpExample:
    answers: dict[str, Any] = {}
    for name, answer in example.facts.items():
        fact = names.facts.get(name)
        words = LEVELS if fact and fact.type == "level" else YES_NO
        if fact is None or not isinstance(answer, str) or answer.lower() not in words:
            problems.add(
                example.place,
                f"{shown(name)}: {shown(str(answer))} is no answer to a yes/no fact or level in the library."
                f"{did_you_mean(name, names.facts) if fact is None else ''}",
            )
        else:
            answers[name] = str(words[answer.lower()])
    return example._replace(facts=answers)


def check_requirements(
    rules: Mapping[str, FollowUpRule],
    ids: Mapping[str, object],
    others: Callable[[], Mapping[str, object]],
    problems: Problems,
) -> None:
    """Reports requirements that neither the contract at hand has, nor any other of the library.

    Args:
        others: the other contracts' ids; asked for only where an id isn't among `ids`.
    """
    for rule in rules.values():
        for branch in rule.branches:
            for pattern in branch.patterns:
                for id_ in pattern.criterion("requirement"):
                    if id_ not in ids and id_ not in others():
                        problems.add(
                            _spot(pattern, rule, id_),
                            f"No contract of the library has a requirement {shown(id_)}."
                            + (did_you_mean(id_, ids) or " Correct the id, or remove it."),
                        )
