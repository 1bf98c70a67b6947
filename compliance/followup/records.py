"""What a unit's findings, taken together and over time, lead to."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from compliance.words import Text

__all__ = ["SEVERITIES", "Action", "Conclusion", "Question", "UnitFollowUp"]

SEVERITIES = ("low", "medium", "high", "critical")


class Action(NamedTuple):
    """Something to be done about a unit.

    Attributes:
        rule: the follow-up rule that leads to it.
        due: when what is asked for is to be there.
        requirements: those that it concerns.
        because: the requirements, conclusions, facts and relations that led to it, by id or name.
    """

    unit: str
    rule: str
    action: str
    severity: str
    due: date | None
    requirements: tuple[str, ...]
    because: tuple[str, ...]
    title: Text
    text: Text
    question: Text | None


class Conclusion(NamedTuple):
    """A theme that several findings have in common. `severity` is None where the rule tells none."""

    unit: str
    rule: str
    name: str
    requirements: tuple[str, ...]
    because: tuple[str, ...]
    title: Text
    text: Text
    question: Text | None
    severity: str | None


class Question(NamedTuple):
    """A question for the dialogue with the unit."""

    text: Text
    because: tuple[str, ...]
    rule: str


class UnitFollowUp(NamedTuple):
    """A unit's follow-up; actions come with the most severe first, else in the rules' order."""

    unit: str
    actions: tuple[Action, ...]
    conclusions: tuple[Conclusion, ...]
    questions: tuple[Question, ...]
