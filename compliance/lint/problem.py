"""What a check of the rule library finds."""

from __future__ import annotations

from typing import NamedTuple

from compliance.problems import Place

__all__ = ["About", "LintProblem", "about"]

About = tuple[tuple[str, str], ...]
"""What a problem concerns: `(("rule", "opening_hours"), ("parameter", "minimum"))`."""


class LintProblem(NamedTuple):
    """One thing that is doubtful in the library.

    Attributes:
        check: its name, as docs/lint.md has it.
        message: what is wrong and what to do, with a counterexample where there is one.
        about: what it concerns, by which it can be turned off.
    """

    check: str
    place: Place
    message: str
    about: About

    def __str__(self) -> str:
        return f"{self.place}: {self.check}: {self.message}"


def about(**names: str | None) -> About:
    return tuple((kind, name) for kind, name in names.items() if name is not None)
