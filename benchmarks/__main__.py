"""How long things take and how much memory, beside a floor and rivals, in one run on the same work.

python -m benchmarks                                            everything, as `make bench`
python -m benchmarks --questions memory engines --units 1200    some of it
python -m benchmarks --json benchmarks/latest.json --readme README.md
                                    the figures into a file, whose others stay; and the README's section from them all

Each question is a table. The sides take turns (A B C A B C …), so that noise hits all alike; times are medians, with the
shortest and the longest. Peak memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.case import Case
from benchmarks.growth import ask_growth, ask_scenarios
from benchmarks.readme import Results, write_section
from benchmarks.rivals import RIVALS
from benchmarks.scale import ask_engines, ask_files, ask_memory, ask_peak
from benchmarks.stages import ask_stages
from benchmarks.startup import ask_startup
from benchmarks.turns import Answer, print_answer
from benchmarks.workload import NEEDS, OBSERVATIONS_A_UNIT, Workload

OF_SIZES = ("memory", "engines", "files", "peak")
QUESTIONS = ("startup", *OF_SIZES, "growth", "scenarios", "stages")


def machine() -> str:
    """The machine and the versions that the figures belong to."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = sorted({rival.package for rival in RIVALS if rival.package and rival.installed})
    versions = [f"{package} {version(package)}" for package in ("duckdb", "pyarrow", *packages)]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How the engine grows, beside a floor and rivals.")
    parser.add_argument("--units", type=int, nargs="+", default=[28, 1_200, 10_000, 100_000])
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument("--repeats", type=int, default=5, help="rounds that are measured; fewer only to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine-units", type=int, default=10_000, help="the most units for rule engines")
    parser.add_argument("--csv-units", type=int, default=1_200, help="the most units from CSV and to JSON")
    parser.add_argument("--growth-units", type=int, default=1_250, help="the units from which growth starts")
    parser.add_argument("--scenario-units", type=int, default=1_200)
    parser.add_argument("--scenarios", type=int, default=1_000, help="so many thresholds of each requirement")
    parser.add_argument("--stage-units", type=int, default=100)
    parser.add_argument("--json", type=Path, help="the figures go here, beside those of other questions")
    parser.add_argument(
        "--readme", type=Path, help="write this file's section from all figures (with --json)"
    )
    arguments = parser.parse_args()
    if arguments.readme and (arguments.repeats < 5 or not arguments.json):
        parser.error("--readme is written from the file that --json names, with five --repeats at least")
    return arguments


def _answers(asked: argparse.Namespace, folder: Path) -> Iterator[Answer]:
    questions, repeats, seed = set(asked.questions), asked.repeats, asked.seed
    if "startup" in questions:
        yield ask_startup(2 * repeats)
    for units in asked.units if questions.intersection(OF_SIZES) else ():
        with tempfile.TemporaryDirectory(dir=folder) as name:
            case = Case(Workload(units, seed), Path(name) / "case").store()
            if "memory" in questions:
                yield ask_memory(case, repeats)
            if "engines" in questions and units <= asked.engine_units:
                yield ask_engines(case, repeats)
            if "files" in questions:
                yield ask_files(case, repeats, with_csv=units <= asked.csv_units)
            if "peak" in questions:
                yield ask_peak(case, with_csv=units <= asked.csv_units)
            del case
            gc.collect()
    if "growth" in questions:
        yield from ask_growth(asked.growth_units, seed, repeats, folder)
    if "scenarios" in questions:
        yield from ask_scenarios(asked.scenario_units, asked.scenarios, seed, repeats, folder)
    if "stages" in questions:
        for sample in ("jamtland-2024", "halland-2024"):
            yield ask_stages(sample, sample, repeats)
        made = Workload(asked.stage_units, seed).write(folder / "stages")
        yield ask_stages(f"the contract of {len(NEEDS)} requirements", made, repeats)


def main() -> None:
    """Print one table for each question, and keep the figures."""
    asked = _arguments()
    # Commands start as where they are installed: with modules that were compiled the first time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    here = machine()
    print(here)
    print(
        f"{len(NEEDS)} requirements; {OBSERVATIONS_A_UNIT} observations a unit, about one in a hundred of them "
        f"missing; {asked.repeats} rounds after one that isn't measured; seed {asked.seed}"
    )
    absent = [rival.name for rival in RIVALS if not rival.installed]
    if absent:
        print(f"Not installed: {', '.join(absent)}")
    results = Results.read(asked.json, here) if asked.json else Results(here, {})
    with tempfile.TemporaryDirectory() as folder:
        for answer in _answers(asked, Path(folder)):
            print_answer(answer)
            results.answers[answer.key] = answer
            if asked.json:
                results.write(asked.json)
    if asked.readme:
        write_section(results, asked.readme)
    print(f"\nAll this took {(time.perf_counter() - begun) / 60:.1f} minutes.")


if __name__ == "__main__":
    main()
