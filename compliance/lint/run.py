"""Runs the checks of a rule library, and leaves out what the library turns off with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from compliance.library import Library, shipped
from compliance.lint import effect, fit, ladder, texts, thresholds, unused
from compliance.lint.desk import Desk
from compliance.lint.off import Accepted, read_accepted
from compliance.lint.problem import LintProblem

__all__ = ["CHECKS", "WITHOUT_EFFECT", "LintReport", "lint", "portfolios_beside"]

WITHOUT_EFFECT = "off-without-effect"
FAMILIES = (ladder, thresholds, fit, unused, texts, effect)
CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    name: run for family in FAMILIES for name, run in family.CHECKS.items()
}


class LintReport(NamedTuple):
    """What the checks found, and what was turned off: each entry with how many problems it holds back."""

    problems: tuple[LintProblem, ...]
    off: tuple[tuple[Accepted, int], ...]

    @property
    def checks(self) -> tuple[str, ...]:
        return (*CHECKS, WITHOUT_EFFECT)


def portfolios_beside(folder: Path) -> tuple[Path, ...]:
    """The portfolios that lie with a library: itself, in it, or in its `samples/`."""
    found = [
        file.parent
        for pattern in ("", "*/", "samples/*/")
        for file in folder.glob(f"{pattern}portfolio.yaml")
    ]
    return tuple(sorted(set(found)))


def lint(books: Library, ids: tuple[str, ...] = (), portfolios: tuple[Path, ...] = ()) -> LintReport:
    """Everything that the checks find; what is plainly wrong is in the library's problems.

    Args:
        ids: the contracts that are looked at; all, and what nothing uses too, if empty.
        portfolios: whose waivers are looked at, besides those that lie with the library.
    """
    beside = portfolios_beside(books.folders[0][0] if books.folders else shipped())
    desk = Desk(books, ids, tuple(dict.fromkeys((*beside, *portfolios))))
    accepted = read_accepted(books, CHECKS)
    counts = dict.fromkeys(accepted, 0)
    kept: dict[tuple[str, str, str], LintProblem] = {}
    for name, run in CHECKS.items():
        if ids and name.startswith("unused-"):
            continue  # what these contracts don't use, others may
        for problem in run(desk):
            held = [one for one in accepted if one.check == name and one.covers(problem.about)]
            for one in held:
                counts[one] += 1
            if not held:
                kept.setdefault((problem.check, str(problem.place), problem.message), problem)
    if not ids:
        for one, count in counts.items():
            if one.check is not None and not count:
                message = f"{one.check!r} is turned off here, and finds nothing that this would hold back. Remove the entry."
                problem = LintProblem(WITHOUT_EFFECT, one.place, message, one.about)
                kept[WITHOUT_EFFECT, str(one.place), message] = problem
    problems = sorted(kept.values(), key=lambda p: (p.place, p.check, p.message))
    return LintReport(tuple(problems), tuple((one, counts[one]) for one in accepted if one.check))
