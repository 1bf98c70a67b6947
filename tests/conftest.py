"""What the tests share: running the command as a user does, and the samples audited once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import compliance

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Done:
    """What a command wrote, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_command(*arguments: str, cwd: Path = ROOT, **environment: str) -> Done:
    """`compliance` with these arguments, in a pipe of 80 columns, in English unless asked otherwise."""
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LC_", "LANG", "COMPLIANCE_")) and key not in ("NO_COLOR", "COLUMNS")
    }
    env |= {"LC_ALL": "C.UTF-8", "COLUMNS": "80", "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-m", "compliance", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return Done(done.stdout, done.stderr, done.returncode)


def require(*modules: str, programs: tuple[str, ...] = ()) -> None:
    """Skips what needs something that isn't installed here; where `CI` is set it fails instead."""
    lacking = [name for name in modules if find_spec(name) is None]
    lacking += [name for name in programs if shutil.which(name) is None]
    if not lacking:
        return
    said = f"not installed: {', '.join(lacking)}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(scope="session")
def durable_rules() -> None:
    """durable_rules is there; from Python 3.13 on it can't be imported anywhere."""
    if sys.version_info >= (3, 13):
        pytest.skip("durable_rules can't be imported on Python 3.13")
    require("durable")


@pytest.fixture(scope="session")
def run() -> Callable[..., Done]:
    return run_command


@pytest.fixture(scope="session")
def jamtland() -> compliance.Audit:
    """The shipped portfolio, audited."""
    return compliance.audit("jamtland-2024")


@pytest.fixture(scope="session")
def jamtland_json() -> Any:
    """The shipped portfolio's audit as the command writes it."""
    return run_command("audit", "jamtland-2024", "-f", "json", "--by", "operator").json
