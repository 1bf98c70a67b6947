"""One side in a process of its own: its time, and the largest memory that it held.

python -m benchmarks.alone SIDE FOLDER UNITS [ROUNDS]     the folder holds a stored `Case`
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.case import Case, floor_files, scenario
from benchmarks.rivals import RIVALS, floor
from benchmarks.workload import Workload

__all__ = ["SIDES", "Alone", "alone", "peak_mib"]


class Alone(NamedTuple):
    """MiB when everything was made ready, and at the peak; seconds of each round."""

    before: float
    peak: float
    seconds: list[float]


Ready = Callable[[], Any]


def _floor(case: Case) -> Ready:
    given = case.given
    return lambda: floor(given)


def _floor_files(case: Case) -> Ready:
    return lambda: floor_files(case.parquet, case.folder / "sums.parquet")


def _ours(case: Case) -> Ready:
    from compliance.engine.batch import Batch

    table, batch = case.given.table, Batch(case.portfolio)
    return lambda: batch.grade(table)


def _ours_from_parquet(case: Case) -> Ready:
    from compliance.engine.batch import Batch

    batch = Batch(case.portfolio)
    return lambda: batch.grade(case.parquet)


def _ours_files(case: Case) -> Ready:
    from compliance.engine.batch import Batch
    from compliance.report.parquet import write_findings

    batch, file = Batch(case.portfolio), case.folder / "alone.parquet"
    return lambda: write_findings(batch.parts(case.parquet), case.portfolio, file)


def _command(case: Case, folder: Path, *arguments: str) -> Ready:
    from compliance.cli.main import cli

    def run() -> None:
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
            cli(["audit", str(folder), "--fail-on", "never", *arguments], prog_name="compliance")

    return run


def _command_to_parquet(case: Case) -> Ready:
    return _command(case, case.in_parquet, "-f", f"parquet:{case.folder / 'alone.parquet'}")


def _command_to_json(case: Case) -> Ready:
    return _command(case, case.in_csv, "-f", "json", "-o", str(case.folder / "alone.json"))


def _rival(name: str) -> Callable[[Case], Ready]:
    rival = next(rival for rival in RIVALS if rival.name == name)

    def ready(case: Case) -> Ready:
        prepared = rival.prepare(case.given)
        return lambda: rival.run(prepared)

    return ready


def _scenarios(case: Case, number: int) -> Ready:
    from compliance.assessment import open_portfolio
    from compliance.engine.scenarios import grade_counts

    portfolio = open_portfolio(case.in_parquet)
    scenarios = [scenario(number, at) for at in range(number)]
    return lambda: grade_counts(portfolio, scenarios)


SIDES: dict[str, Callable[[Case], Ready]] = {
    "floor": _floor,
    "compliance": _ours,
    **{rival.name: _rival(rival.name) for rival in RIVALS if rival.installed and not rival.sums},
    "floor, Parquet to Parquet": _floor_files,
    "compliance, Parquet to memory": _ours_from_parquet,
    "compliance, Parquet to Parquet": _ours_files,
    "compliance audit, Parquet to Parquet": _command_to_parquet,
    "compliance audit, CSV to JSON": _command_to_json,
}


def alone(side: str, case: Case, rounds: int = 1) -> Alone:
    """What a side took in a process of its own.

    Args:
        side: one of `SIDES`, or `100 scenarios`.
        rounds: so many after one that isn't measured; a single one is measured itself.

    Raises:
        CalledProcessError: it didn't end well.
    """
    command = [sys.executable, "-m", "benchmarks.alone", side, str(case.folder), str(case.workload.units)]
    done = subprocess.run([*command, str(rounds)], stdout=subprocess.PIPE, text=True, check=True)
    return Alone(**json.loads(done.stdout))


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 2**10
    # Elsewhere; on Linux it would count what this process's parent held.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def main(side: str, folder: str, units: str, rounds: str = "1") -> None:
    """Print what `alone` reads."""
    case = Case(Workload(int(units)), Path(folder))
    run = SIDES[side](case) if side in SIDES else _scenarios(case, int(side.removesuffix(" scenarios")))
    before = peak_mib()
    if int(rounds) > 1:
        run()
    taken = []
    for _ in range(int(rounds)):
        gc.collect()
        begun = time.perf_counter()
        result = run()
        taken.append(time.perf_counter() - begun)
        del result
    print(json.dumps(Alone(before, peak_mib(), taken)._asdict()))


if __name__ == "__main__":
    main(*sys.argv[1:])
