"""What it would take to pass: the smallest changes of facts, as plain records."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

__all__ = ["Found", "Held", "Key", "Remedy", "Setting", "Step", "Why"]

from compliance.language.schedule import Schedule

Held = int | Schedule
"""A fact's value as the engine holds it: millionths, or a week's opening hours."""
Key = tuple[str, int]
"""A fact and its slot: a month, or `NOW` for what is observed once."""


class Step(NamedTuple):
    """One change. A remedy's steps are all needed.

    Attributes:
        kind: `more` or `less` of one of `facts`; `move` from the first of them to the second; `add` to the first,
            which is a part of the second; `floor` (each of the months at least `to`) and `ceiling`; `hold`, `yes`,
            `days` or `answer`: so many more months, yeses, weekdays or answers (`fewer …`: so many fewer);
            `report`: what is missing must be reported.
        position: the measure that it is for.
        by: how much, in the fact's own unit: of a level that stands its mean over the months, else the sum.
        beyond: more than `by` and `to`; not just as much.
        to: the new value where the measure is that of the one fact, on the same basis as `by`.
        slots: the months that it is about; `NOW` for what is observed once.
        mean: `by` and `to` are means over several months.
        share: `by` as a part of what there is; how remedies are put in order.
    """

    kind: str
    position: int
    facts: tuple[str, ...]
    by: Fraction = Fraction(0)
    beyond: bool = False
    to: Fraction | None = None
    slots: tuple[int, ...] = ()
    mean: bool = False
    share: Fraction = Fraction(0)


class Setting(NamedTuple):
    """A fact's new value, as `--with` takes it; `month` is None where it holds for the whole period.

    `text` is the value as a file has it; `value` is None where it is withheld.
    """

    fact: str
    month: int | None
    value: Held | None
    text: str

    def __str__(self) -> str:
        from compliance.language.periods import month_label

        return f"{self.fact}{'' if self.month is None else '@' + month_label(self.month)}={self.text}"


class Remedy(NamedTuple):
    """One way to pass: all steps are needed.

    `settings` are the least values that make it pass; empty where only words can tell what to do.
    """

    steps: tuple[Step, ...]
    settings: tuple[Setting, ...]


class Why(NamedTuple):
    """Why there is no way to pass.

    `kind` is range, whole, contradiction, no_level, no_month, unit, waivers, before or known; `fact`, `most` and
    `value` tell of a range: with the fact at most there, the measure at `position` comes to `value`.
    """

    kind: str
    position: int = 0
    fact: str | None = None
    most: Fraction | None = None
    value: Fraction | None = None
    slots: tuple[int, ...] = ()


class Found(NamedTuple):
    """All ways to pass, the cheapest first, or why there is none."""

    remedies: tuple[Remedy, ...]
    why: Why | None
