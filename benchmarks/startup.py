"""How long the command takes to start, beside Python itself and the libraries that it uses.

Whole processes in turn, medians of ten; what counts are the ratios, for machines differ and are noisy.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 10
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "compliance --help": ["-m", "compliance", "--help"],
    "the bare imports": ["-c", "import duckdb, pydantic, rich, click"],
    "compliance check": ["-m", "compliance", "check", "jamtland-2024", "U14"],
    "compliance audit": ["-m", "compliance", "audit", "jamtland-2024"],
}


def main() -> None:
    """Print a median for each command, and the two ratios that the README states."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS + 1):
        for name, arguments in COMMANDS.items():
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            taken[name].append(time.perf_counter() - begun)
    # The first round compiles and fills the caches.
    medians = {name: statistics.median(times[1:]) for name, times in taken.items()}
    for name, median in medians.items():
        print(f"{name:<20} {median * 1000:6.0f} ms")
    start = medians["compliance --help"] / medians["python -c pass"]
    check = medians["compliance check"] / medians["the bare imports"]
    print(f"--help takes {start:.1f} times python -c pass, check {check:.1f} times the bare imports")


if __name__ == "__main__":
    main()
