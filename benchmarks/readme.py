"""The figures as a file, and the README's section on them.

python -m benchmarks.readme benchmarks/latest.json README.md      writes the section again, measuring nothing
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rivals import RIVALS
from benchmarks.turns import Answer

__all__ = ["BEGIN", "END", "Results", "section", "write_section"]

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


class Results(NamedTuple):
    """All answers of one machine, by their keys."""

    machine: str
    answers: dict[str, Answer]

    @classmethod
    def read(cls, file: Path, machine: str | None = None) -> Results:
        """Those in a file. Another machine's aren't mixed with this one's: they are left behind."""
        if not file.exists():
            return cls(machine or "", {})
        data = json.loads(file.read_text("utf-8"))
        if machine not in (None, data["machine"]):
            return cls(machine or "", {})
        return cls(data["machine"], {answer["key"]: Answer(**answer) for answer in data["answers"]})

    def write(self, file: Path) -> None:
        data = {"machine": self.machine, "answers": [answer._asdict() for answer in self.answers.values()]}
        file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")

    def figure(self, key: str, row: str, what: str = "seconds") -> float | None:
        answer = self.answers.get(key)
        return None if answer is None else answer.figures.get(row, {}).get(what)

    def a_unit(self, key: str, row: str, what: str = "seconds") -> float | None:
        return _over(self.figure(key, row, what), self.figure(key, row, "units"))

    def rounds(self) -> int:
        """So many times everything was measured, or more often."""
        rows = (row for answer in self.answers.values() for row in answer.figures.values())
        return int(min((row["rounds"] for row in rows if "rounds" in row), default=0))

    def sizes(self) -> list[int]:
        """Of how many units there are answers."""
        kinds = ("memory", "engines", "files", "peak")
        keys = (key.split() for key in self.answers)
        return sorted({int(key[1]) for key in keys if key[0] in kinds})


def _over(top: float | None, bottom: float | None) -> float | None:
    return None if top is None or not bottom else top / bottom


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    if ratio >= 0.95:
        return f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.1f}"
    return f"{ratio:.2g}"


def _count(number: float | None, *, of: float | None = None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if of is None else f"{number:,.0f} of {of:,.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table, without the rows that have nothing to tell."""
    told = [row for row in rows if any(row[1:])]
    lines = [head, ["---", *("---:" for _ in head[1:])], *told]
    return ["| " + " | ".join(row) + " |" for row in lines] + [""] if told else []


def _wrapped(paragraph: str) -> str:
    return "\n".join([*textwrap.wrap(paragraph, 110, break_on_hyphens=False), ""]) if paragraph else ""


def section(results: Results) -> str:
    """What stands between the markers."""
    sizes = results.sizes()
    parts = [
        "`make bench` lets all sides take turns on the same work, made from a seed: a contract of 40 requirements, "
        f"and units with 60 monthly facts over 12 months. Medians of {results.rounds()} rounds or more; machines "
        f"differ, so that the ratios are what counts. On {results.machine}:",
        *_beside_others(results, sizes),
        *_ours(results, sizes),
        *_rest(results),
    ]
    return "\n".join(part if part.startswith("|") else _wrapped(part) for part in parts).strip() + "\n"


def _beside_others(results: Results, sizes: list[int]) -> list[str]:
    rows: list[list[str]] = []

    def row(name: str, kind: str, side: str) -> None:
        told, exact = [name], ""
        for size in sizes:
            key = f"{kind} {size}"
            ours = results.a_unit(key, "compliance")
            alone, whole = (_over(results.a_unit(key, side, what), ours) for what in ("seconds", "with_sums"))
            both = side != "compliance" and whole is not None
            told.append(f"{_times(whole)} ({_times(alone)})" if both else _times(alone))
            wrong = results.figure(key, side, "wrong")
            exact = _count(wrong, of=results.figure(key, side, "findings")) if wrong is not None else exact
        rows.append([*told, exact])

    row("the bare `GROUP BY unit, fact`, the floor", "memory", "floor")
    row("**compliance**", "memory", "compliance")
    row("compliance, contract made ready each time", "memory", "compliance, contract made ready each time")
    for rival in RIVALS:
        row(rival.name, "engines" if rival.sums else "memory", rival.name)
    table = _table(["", *(f"{size:,} units" for size in sizes), "not exact"], rows)
    if not table:
        return []
    return [
        "**Beside others.** From observations in memory to findings in memory: so many times as long as compliance "
        "takes a unit, its contract made ready beforehand as everybody's rules are. Rule engines and plain Python "
        "can't start from observations: they are handed each unit's sums as a dictionary. First comes the time with "
        "the making of those sums, by DuckDB or polars, whichever is faster: that is the work that ours does. In "
        "brackets stands their grading alone, from sums that somebody else has made. The last column counts the findings "
        "that differ from exact arithmetic, at the largest size.",
        *table,
        *_fastest(results, sizes),
    ]


def _fastest(results: Results, sizes: list[int]) -> list[str]:
    """What is said of the fastest rule engine, at the largest size at which all of them were tried."""
    for size in reversed(sizes):
        key = f"engines {size}"
        ours = results.a_unit(key, "compliance")
        summed = results.a_unit(key, "compliance, from sums made beforehand")
        engines = [
            (whole, alone, rival.name)
            for rival in RIVALS
            if rival.rules
            and (whole := results.a_unit(key, rival.name, "with_sums")) is not None
            and (alone := results.a_unit(key, rival.name)) is not None
        ]
        if ours and engines:
            whole, _, first = min(engines)
            _, alone, second = min(engines, key=lambda engine: engine[1])
            return [
                f"The fastest rule engine on the same work is {first}: with {size:,} units compliance grades "
                f"{_times(whole / ours)} times as many findings a second. From ready-made sums the fastest is {second}: "
                f"from its own ready-made sums compliance grades {_times(_over(alone, summed))} times as many."
            ]
    return []


def _ours(results: Results, sizes: list[int]) -> list[str]:
    files, whole = "compliance, Parquet to Parquet", "compliance audit, CSV to JSON"

    def row(name: str, tell: Iterable[str]) -> list[str]:
        return [name, *tell]

    def ratio(kind: str, top: str, bottom: str) -> list[str]:
        keys = [f"{kind} {size}" for size in sizes]
        return [_times(_over(results.a_unit(key, top), results.a_unit(key, bottom))) for key in keys]

    def beside(kind: str, side: str) -> list[str]:
        base = results.a_unit(f"{kind} 10000", side)
        return [_times(_over(results.a_unit(f"{kind} {size}", side), base)) for size in sizes]

    def peak(side: str) -> list[str]:
        found = [results.figure(f"peak {size}", side, "peak") for size in sizes]
        return ["" if mib is None else f"{mib:,.0f} MiB" for mib in found]

    def wrong(kind: str) -> list[str]:
        told = []
        for size in sizes:
            answer = results.answers.get(f"{kind} {size}")
            ours = [
                row
                for name, row in (answer.figures if answer else {}).items()
                if name.startswith("compliance")
            ]
            told.append(_count(sum(row.get("wrong", 0) for row in ours)) if ours else "")
        return told

    table = _table(
        ["compliance", *(f"{size:,} units" for size in sizes)],
        [
            row("in memory, × the floor", ratio("memory", "compliance", "floor")),
            row("Parquet to Parquet, × DuckDB's reading and grouping", ratio("files", files, "floor, Parquet to Parquet")),
            row("CSV to JSON with all explanations, × Parquet to Parquet", ratio("files", whole, files)),
            row("the same, both as whole processes", ratio("files", whole, "compliance audit, Parquet to Parquet")),
            row("time a finding in memory, × that at 10,000 units", beside("memory", "compliance")),
            row("time a finding in Parquet, × that at 10,000 units", beside("files", files)),
            row("peak memory, with the observations in it", peak("compliance")),
            row("peak memory, Parquet to Parquet", peak(files)),
            row("peak memory, `compliance audit` from Parquet to Parquet", peak("compliance audit, Parquet to Parquet")),
            row("findings that aren't exact, in memory", wrong("memory")),
            row("findings that aren't exact, from and to files", wrong("files")),
        ],
    )  # fmt: skip
    return ["**On its own.**", *table] if table else []


def _rest(results: Results) -> list[str]:
    told: list[str] = []
    grown = []
    for what in ("units", "requirements", "months", "scenarios"):
        answer = results.answers.get(f"growth {what}")
        if answer is not None and len(answer.figures) > 1:
            first, *_, last = answer.figures.values()
            steps = len(answer.figures) - 1
            time, memory = ((last[kind] / first[kind]) ** (1 / steps) for kind in ("seconds", "peak"))
            grown.append(f"{what}: {time:.2f} and {memory:.2f}")
    if grown:
        told.append(
            "**Growth.** Twice as many of these take so many times the time, and the peak memory: "
            f"{'; '.join(grown)}."
        )
    for answer in results.answers.values():
        if answer.key.startswith("scenarios "):
            rates = {name: row["findings"] / row["seconds"] for name, row in answer.figures.items()}
            one_query, one_at_a_time = list(rates.values())[:2]
            engines = [
                (rates[rival.name], rival.name) for rival in RIVALS if rival.rules and rival.name in rates
            ]
            beside = ""
            if engines:
                fastest, name = max(engines)
                beside = (
                    f", and {_times(one_query / fastest)} times as many as the fastest rule engine, {name}. That one is handed "
                    "ready-made sums and hands back each grade; ours starts from the observations and hands back the counts"
                )
            told.append(
                f"**Scenarios.** {answer.title}. One query does {_times(one_query / one_at_a_time)} times as many of them a "
                f"second as grading one threshold at a time{beside}."
            )
    stages = results.answers.get("stages halland-2024")
    if stages is not None:
        (_, base), *later = ((name, row["seconds"]) for name, row in stages.figures.items())
        shares = "; ".join(f"{name}: {_times(taken / base)}" for name, taken in later)
        told.append(f"**Later stages** of halland-2024, beside the reading and grading of it: {shares}.")
    start = results.answers.get("startup")
    if start is not None:
        python, imports, help_, check, *audits = (row["seconds"] for row in start.figures.values())
        told.append(
            f"**Start.** `compliance --help` takes {_times(help_ / python)} times as long as `python -c pass` (the aim is "
            f'below ten), `compliance check` of one unit {_times(check / imports)} times as long as `python -c "import duckdb, '
            f'pydantic, rich, click"` (the aim is below four), and `compliance audit` of the samples '
            f"{_times(min(audits) / imports)} to {_times(max(audits) / imports)} times."
        )
    return told


def write_section(results: Results, readme: Path) -> None:
    """Puts the section between the README's markers.

    Raises:
        ValueError: the markers aren't there.
    """
    before, begin, rest = readme.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme.name} has no {BEGIN} … {END}. Write them where the section is to stand.")
    readme.write_text(f"{before}{BEGIN}\n{section(results)}{END}{after}", "utf-8")


if __name__ == "__main__":
    write_section(Results.read(Path(sys.argv[1])), Path(sys.argv[2]))
