"""What a library accepts: checks that are turned off and mutants that may survive, each with its reason.

They stand under `lint:` in a file of `rules/`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from compliance.language.shape import Id, Name, Shape, Texts, Word, check
from compliance.library import Library
from compliance.lint.problem import About
from compliance.problems import Place, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = ["Accepted", "read_accepted"]


class OffShape(Shape):
    """A check that is turned off, or a mutant that may survive, for what the other keys name."""

    check: Word | None = None
    mutant: Word | None = None
    rule: Name | None = None
    fact: Name | None = None
    followup: Name | None = None
    relation: Name | None = None
    contract: Id | None = None
    requirement: Id | None = None
    parameter: Name | None = None
    portfolio: Word | None = None
    unit: Word | None = None
    why: Texts


class Accepted(NamedTuple):
    """One entry under `lint`; `about` is empty where it holds for the whole library."""

    check: str | None
    mutant: str | None
    about: About
    why: Text
    place: Place

    def covers(self, about: About) -> bool:
        """Whether what a problem concerns is all that this entry names."""
        return set(self.about) <= set(about)


def read_accepted(books: Library, checks: Collection[str]) -> tuple[Accepted, ...]:
    """The entries under `lint`; what is wrong with them is reported to the library's problems."""
    found: list[Accepted] = []
    problems = books.problems
    for data, document in books.lint_sections:
        if not isinstance(data, list):
            problems.add(
                document.place("lint"),
                "'lint' takes a list of what is turned off, each with its reason: [{check: unused-fact, fact: …, why: …}].",
            )
            continue
        for index, item in enumerate(data):
            path = ("lint", index)
            raw = check(OffShape, item, document, path, problems)
            if raw is None:
                continue
            if (raw.check is None) == (raw.mutant is None):
                problems.add(
                    document.place(*path),
                    "Write either 'check', a check's name, or 'mutant', what `compliance rules test --mutate` calls it.",
                )
                continue
            if raw.check is not None and raw.check not in checks:
                problems.add(
                    document.place(*path, "check"),
                    f"There is no check {shown(raw.check)}. There are: {one_of(checks)}.{did_you_mean(raw.check, checks)}",
                )
                continue
            if raw.mutant is not None and raw.rule is None and raw.followup is None:
                problems.add(
                    document.place(*path),
                    "Name the mutant's rule: 'rule' or 'followup'. The same may befall others.",
                )
                continue
            names = (
                "rule",
                "fact",
                "followup",
                "relation",
                "contract",
                "requirement",
                "parameter",
                "portfolio",
                "unit",
            )
            about = tuple((name, value) for name in names if (value := getattr(raw, name)) is not None)
            found.append(Accepted(raw.check, raw.mutant, about, raw.why, document.place(*path)))
    return tuple(found)
