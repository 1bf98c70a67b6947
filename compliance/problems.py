"""What is wrong with an input, and where: `file:line:column: what is wrong. What to do.`"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["InputError", "Place", "Problem", "Problems", "did_you_mean", "one_of", "shown"]


class Place(NamedTuple):
    """A spot in a file; line and column count from one, zero where there is none to point at."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        spot = self.file
        if self.line:
            spot += f":{self.line}"
            if self.column:
                spot += f":{self.column}"
        return spot


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, with what to do about it in the same message."""

    place: Place
    message: str

    def __post_init__(self) -> None:
        # Names of files, options and parameters end up here: none may steer a terminal.
        if not (self.message.isprintable() and self.place.file.isprintable()):
            file = _printable(self.place.file)
            object.__setattr__(self, "place", Place(file, self.place.line, self.place.column))
            object.__setattr__(self, "message", _printable(self.message))

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(slots=True)
class Problems:
    """Collects problems while reading goes on, so that one fault never hides another."""

    found: dict[Problem, None] = field(default_factory=dict)

    def add(self, place: Place, message: str) -> None:
        self.found[Problem(place, message)] = None

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


class InputError(Exception):
    """Nothing can be evaluated: the portfolio or its contract can't be read at all.

    `problems` holds every reason, each with its place.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean …?' with the nearest known name, or nothing."""
    near = difflib.get_close_matches(word[:200], list(known), n=1, cutoff=0.7)
    return f" Did you mean {near[0]!r}?" if near else ""


def one_of(words: Iterable[str]) -> str:
    """`a, b or c`, as an error lists what is allowed."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return ", ".join(listed[:-1]) + " or " + listed[-1]


def shown(text: str, most: int = 60) -> str:
    """A piece of input as an error quotes it: short, in quotes, with nothing that could steer a terminal."""
    printable = _printable(text[: most + 1])
    return repr(printable if len(text) <= most else printable[: most - 1] + "…")


def _printable(text: str) -> str:
    return "".join(
        c if c.isprintable() else " " if unicodedata.category(c) == "Zs" else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )
