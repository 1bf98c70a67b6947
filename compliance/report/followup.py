"""Follow-up in the terminal: of one unit, of all, and why for one requirement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from rich.text import Text as Styled

from compliance.assessment import Audit, worst_first
from compliance.findings.records import Finding
from compliance.followup.records import SEVERITIES, Action, Conclusion
from compliance.followup.run import FollowUps, Reason, Trace
from compliance.followup.words import SEVERITY_WORDS, Words
from compliance.report.terminal import Screen, clean, heading, plain_table
from compliance.words import day

__all__ = ["show_actions", "show_follow_up", "show_why"]

STYLES = {"critical": "bold red", "high": "yellow", "medium": "cyan", "low": "dim"}
MOST_UNITS = 5
MOST_LINES = 6
DEEPEST = 22
Told = TypeVar("Told", Action, Conclusion)


def show_follow_up(screen: Screen, audit: Audit, unit: str) -> None:
    """What follows for one unit: actions, themes and questions, each with what led to it."""
    followups = FollowUps(audit)
    trace = followups.trace(unit)
    told = followups.told(trace)
    if not (told.actions or told.conclusions):
        return
    words = Words(followups, screen.lang)
    heading(screen, screen.say("followup"))
    for actions in _by_rule(told.actions):
        _group(screen, words, trace, actions)
    if told.conclusions:
        heading(screen, screen.say("themes"))
        for conclusions in _by_rule(told.conclusions):
            _group(screen, words, trace, conclusions)
    if told.questions:
        heading(screen, screen.say("questions"))
        for question in told.questions:
            screen.line(Styled(clean(f"· {question.text[screen.lang]}"), "cyan"), indent=2)


def _by_rule(told: Iterable[Told]) -> list[list[Told]]:
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(one.rule, []).append(one)
    return list(groups.values())


def _group(screen: Screen, words: Words, trace: Trace, told: Sequence[Action | Conclusion]) -> None:
    """What one rule leads to: its text once, and a line for each thing that led to it."""
    lang = screen.lang
    first = told[0]
    due = first.due if isinstance(first, Action) else None
    screen.line(
        Styled.assemble(
            "  ",
            (clean(first.title[lang]), "bold"),
            *(
                ("  ", (SEVERITY_WORDS[first.severity][lang], STYLES[first.severity]))
                if first.severity
                else ()
            ),
            *(("  ", f"{screen.say('by_day')} {day(due, lang)}") if due else ()),
        )
    )
    for text in dict.fromkeys(one.text[lang] for one in told):
        screen.line(text, indent=6)
    for reasons in _reasons(words.followups, trace, told):
        parts = [words.reason(trace, reason) for reason in reasons if not reason.pattern.negated]
        screen.line(Styled(clean(f"– {'; '.join(dict.fromkeys(parts))}"), "dim"), indent=6)


def _reasons(followups: FollowUps, trace: Trace, told: Sequence[Action | Conclusion]) -> list[list[Reason]]:
    """What led to each; in one where they are many and each rests on its own finding alone."""
    rule = followups.rules[told[0].rule]
    every = [followups.reasons(trace, rule, _subject(trace, one)) for one in told]
    alone = all(len([r for r in reasons if not r.pattern.negated]) == 1 for reasons in every)
    patterns = {reason.pattern for reasons in every for reason in reasons if not reason.pattern.negated}
    if len(told) <= MOST_LINES or not alone or len(patterns) > 1:
        return every
    (pattern,) = patterns
    found = (name for reasons in every for reason in reasons for name in reason.found)
    return [[Reason(pattern, followups.in_order(found))]]


def _subject(trace: Trace, one: Action | Conclusion) -> str | None:
    """The requirement that a rule fired for; None where it fired for the unit."""
    found = {firing.requirement for firing in trace.firings if firing.rule == one.rule}
    return next((id_ for id_ in one.requirements if id_ in found), None)


class _Row(NamedTuple):
    """What units get: a theme or an action, how severe, and the place of its rule."""

    theme: bool
    rank: int
    place: int
    title: str


def show_actions(screen: Screen, audit: Audit) -> None:
    """How many units get which action and have which theme, and those to begin with."""
    lang = screen.lang
    order = FollowUps(audit).order
    units = [unit.unit for unit in worst_first(audit.units)]
    units += [unit.unit for unit in audit.units if unit.unit not in set(units)]
    rows: dict[tuple[bool, str], _Row] = {}
    members: dict[tuple[bool, str], dict[str, None]] = {}
    for unit in units:
        told = audit.followup[unit]
        found = [
            (False, action.action, action.severity, action.rule, action.title) for action in told.actions
        ]
        found += [
            (True, theme.name, theme.severity or "low", theme.rule, theme.title) for theme in told.conclusions
        ]
        for theme, name, severity, rule, title in found:
            row = _Row(theme, -SEVERITIES.index(severity), order[rule], title[lang])
            rows[theme, name] = min(rows.get((theme, name), row), row)
            members.setdefault((theme, name), {})[unit] = None
    if not rows:
        return
    heading(screen, screen.say("followup"))
    table = plain_table("", "", screen.say("units"), screen.say("begin_with"))
    table.columns[2].justify = "right"
    for key, row in sorted(rows.items(), key=lambda item: item[1]):
        severity = SEVERITIES[-row.rank]
        first = list(members[key])[:MOST_UNITS]
        more = len(members[key]) - len(first)
        table.add_row(
            Styled(f"  {screen.say('theme')}", "dim")
            if row.theme
            else Styled(f"  {SEVERITY_WORDS[severity][lang]}", STYLES[severity]),
            Styled(clean(row.title)),
            str(len(members[key])),
            Styled(clean(", ".join(first) + (f" +{more}" if more else ""))),
        )
    screen.table(table)


def show_why(screen: Screen, audit: Audit, finding: Finding) -> None:
    """The chain from a finding to what follows, and why the other rules that look at it didn't fire."""
    followups = FollowUps(audit)
    if not followups.rules:
        return
    trace = followups.trace(finding.unit)
    words = Words(followups, screen.lang)
    (symbol,) = trace.symbols.of("finding", finding.requirement)
    fired = _fired(followups, trace, finding.requirement)
    heading(screen, screen.say("followup"))
    shown: set[tuple[str, str | None]] = set()
    for name, requirement in fired:
        if (name, requirement) not in shown:
            _chain(screen, words, trace, (name, requirement), shown)
    silent: dict[str, list[str]] = {}
    for name in followups.order:
        rule = followups.rules[name]
        if name not in {rule_ for rule_, _ in fired} and words.concerns(rule, symbol):
            why = words.lacking(trace, rule, finding.requirement)
            silent.setdefault(why, []).append(rule.title[screen.lang])
    if silent:
        screen.line(Styled(screen.say("not_fired"), "bold"), indent=2)
    for why, titles in silent.items():
        screen.line(Styled(clean(f"○ {', '.join(titles)}: {why}."), "dim"), indent=4)
    if not (fired or silent):
        screen.line(screen.say("no_followup"), indent=2)


def _fired(followups: FollowUps, trace: Trace, requirement: str) -> list[tuple[str, str | None]]:
    """The rules that fired for a requirement, or for the unit because of it: those that lead to something."""
    found = {
        (firing.rule, firing.requirement)
        for firing in trace.firings
        if firing.requirement == requirement
        or (
            firing.requirement is None
            and requirement in followups.concerned(trace, followups.rules[firing.rule], None)
        )
    }

    def rank(one: tuple[str, str | None]) -> tuple[bool, int, int]:
        """Actions before conclusions, which are shown where they led to one; the most severe first."""
        rule = followups.rules[one[0]]
        severity = SEVERITIES.index(rule.severity) if rule.severity else -1
        return rule.action is None, -severity, followups.order[one[0]]

    return sorted(found, key=rank)


def _chain(
    screen: Screen,
    words: Words,
    trace: Trace,
    fired: tuple[str, str | None],
    shown: set[tuple[str, str | None]],
    indent: int = 2,
) -> None:
    """A rule that fired, and below it what it rests on: for a conclusion the rule that drew it."""
    shown.add(fired)
    lang, followups = screen.lang, words.followups
    rule = followups.rules[fired[0]]
    severity = rule.severity
    screen.line(
        Styled.assemble(
            ("● ", STYLES[severity] if severity else ""),
            (clean(rule.title[lang]), "bold"),
            *(("  ", (SEVERITY_WORDS[severity][lang], STYLES[severity])) if severity else ()),
        ),
        indent=indent,
    )
    for reason in followups.reasons(trace, rule, fired[1]):
        screen.line(clean(f"– {words.reason(trace, reason)}"), indent=indent + 2)
        for drawn in reason.drawn:
            for drawer in followups.drawers(trace, drawn):
                if drawer not in shown:
                    _chain(screen, words, trace, drawer, shown, min(indent + 4, DEEPEST))
    if rule.assumed:
        assumed = ", ".join(f"{name} {rule.parameters[name]}" for name in rule.assumed)
        screen.line(
            Styled(clean(f"{screen.say('assumed').capitalize()}: {assumed}"), "dim"), indent=indent + 2
        )
    for source in rule.sources:
        quote = f"{source.document[lang]}, {source.section}: ”{source.quote}”"
        screen.line(Styled(clean(quote), "dim italic"), indent=indent + 2)
    screen.line(Styled(clean(f"{screen.say('rule')}: {rule.name} ({rule.place})"), "dim"), indent=indent + 2)
