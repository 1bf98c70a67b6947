"""Sides that take turns, and what came out as a table and as figures."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = [
    "Answer",
    "Side",
    "Timing",
    "figures_of",
    "findings_a_second",
    "print_answer",
    "seconds",
    "spread",
    "take_turns",
]


class Side(NamedTuple):
    """One of those who are compared.

    Attributes:
        units, findings: how many it grades; no findings where it makes none.
        run: what is timed; what `fresh` makes for it beforehand isn't.
        check: counts what is wrong in what `run` returned.
    """

    name: str
    units: int
    findings: int
    run: Callable[..., Any]
    check: Callable[[Any], int] | None = None
    fresh: Callable[[], tuple[Any, ...]] = tuple


class Timing(NamedTuple):
    side: Side
    seconds: list[float]
    wrong: int | None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def a_unit(self) -> float:
        return self.median / self.side.units


class Answer(NamedTuple):
    """A question's table, and the figures behind it: row -> what -> number (seconds, MiB, counts)."""

    key: str
    title: str
    header: list[str]
    rows: list[list[str]]
    figures: dict[str, dict[str, float]]
    notes: Sequence[str] = ()


def take_turns(sides: Sequence[Side], repeats: int) -> list[Timing]:
    """Runs each side once unmeasured, and then all in turn."""
    taken: dict[str, list[float]] = {side.name: [] for side in sides}
    wrong: dict[str, int | None] = {}
    for side in sides:
        result = side.run(*side.fresh())
        wrong[side.name] = side.check(result) if side.check else None
        del result
    for _ in range(repeats):
        for side in sides:
            given = side.fresh()
            # As timeit does: what the others keep in memory isn't gone through at this side's cost.
            gc.collect()
            gc.disable()
            begun = time.perf_counter()
            result = side.run(*given)
            taken[side.name].append(time.perf_counter() - begun)
            gc.enable()
            del result, given
    return [Timing(side, taken[side.name], wrong[side.name]) for side in sides]


def seconds(time_taken: float) -> str:
    if time_taken >= 10:
        return f"{time_taken:.1f} s"
    return f"{time_taken:.3f} s" if time_taken >= 0.1 else f"{1000 * time_taken:.2f} ms"


def spread(times: Sequence[float]) -> str:
    return f"{seconds(min(times))} to {seconds(max(times))}"


def findings_a_second(timing: Timing) -> str:
    return f"{timing.side.findings / timing.median:,.0f}" if timing.side.findings else ""


def figures_of(timings: Sequence[Timing], **more: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """For each side its median, the shortest and longest time, rounds, units, findings and how many of those are wrong."""
    found: dict[str, dict[str, float]] = {}
    for timing in timings:
        side = timing.side
        found[side.name] = {
            "seconds": timing.median,
            "shortest": min(timing.seconds),
            "longest": max(timing.seconds),
            "rounds": len(timing.seconds),
            "units": side.units,
            "findings": side.findings,
            **({} if timing.wrong is None else {"wrong": timing.wrong}),
            **more.get(side.name, {}),
        }
    return found


def print_answer(answer: Answer) -> None:
    rows = [answer.header, ["-" for _ in answer.header], *answer.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(answer.header))]
    rows[1] = ["-" * width for width in widths]
    print(f"\n{answer.title}\n")
    for row in rows:
        cells = [
            text.ljust(w) if i == 0 else text.rjust(w)
            for i, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())
    for note in answer.notes:
        print(f"\n  {note}")
    sys.stdout.flush()
