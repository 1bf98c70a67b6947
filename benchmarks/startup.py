"""How long the command takes to start, beside Python itself and the libraries that it uses.

Whole processes in turn; what counts are the ratios, for machines differ and are noisy.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.turns import Answer, Side, figures_of, seconds, spread, take_turns

__all__ = ["ask_startup"]

PYTHON = "python -c pass"
IMPORTS = "the bare imports"
HELP = "compliance --help"
CHECK = "compliance check jamtland-2024 U14"
SAMPLES = ("jamtland-2024", "halland-2024", "narsjukvarden-halland-2024-t1", "god-och-nara-vard-2024")
COMMANDS = {
    PYTHON: ["-c", "pass"],
    IMPORTS: ["-c", "import duckdb, pydantic, rich, click"],
    HELP: ["-m", "compliance", "--help"],
    CHECK: ["-m", "compliance", "check", "jamtland-2024", "U14"],
    **{f"compliance audit {sample}": ["-m", "compliance", "audit", sample] for sample in SAMPLES},
}


def ask_startup(repeats: int) -> Answer:
    """Each command beside Python that does nothing, and beside the imports of its libraries."""

    def run(arguments: list[str]) -> None:
        # What it finds amiss with the units is of no account here.
        subprocess.run(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )

    sides = [Side(name, 1, 0, partial(run, line)) for name, line in COMMANDS.items()]
    timings = take_turns(sides, repeats)
    medians = {timing.side.name: timing.median for timing in timings}
    rows = [
        [
            timing.side.name,
            seconds(timing.median),
            spread(timing.seconds),
            f"{timing.median / medians[PYTHON]:.1f}",
            f"{timing.median / medians[IMPORTS]:.1f}",
        ]
        for timing in timings
    ]
    return Answer(
        "startup",
        "Start-up: whole processes (the bare imports are duckdb, pydantic, rich and click)",
        ["process", "median", "shortest to longest", "× python -c pass", "× the bare imports"],
        rows,
        figures_of(timings),
    )
