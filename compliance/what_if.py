"""What if a unit changes: its findings as they are, and with some facts set to other values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from compliance.assessment import Audit, Older, audit_of, open_portfolio, with_older_periods
from compliance.engine.run import evaluate
from compliance.findings.records import Finding
from compliance.remedy.records import Setting
from compliance.remedy.settings import changed, read_settings

__all__ = ["Pair", "WhatIf", "what_if"]


class Pair(NamedTuple):
    """One requirement's finding before and after."""

    before: Finding
    after: Finding

    @property
    def changed(self) -> str | None:
        """`grade`, `value` (of any of its measures), or None where it is as it was."""
        if self.before.grade is not self.after.grade:
            return "grade"
        alike = all(
            (a.exact, a.known, a.top is None) == (b.exact, b.known, b.top is None)
            for a, b in zip(self.before.measures, self.after.measures, strict=True)
        )
        return None if alike else "value"


class WhatIf(NamedTuple):
    """A unit's audit as it is, and with some facts set."""

    before: Audit
    after: Audit
    settings: tuple[Setting, ...]

    @property
    def pairs(self) -> list[Pair]:
        return [Pair(*both) for both in zip(self.before.findings, self.after.findings, strict=True)]


def what_if(
    portfolio: str | Path,
    unit: str,
    settings: Sequence[str],
    *,
    library: str | Path | None = None,
    as_of: date | None = None,
) -> WhatIf:
    """One unit's findings as they are, and with facts set.

    Args:
        unit: its id, its name, or a part of its name that only it has.
        settings: `gp_specialist_fte=4.5` for the whole period, `gp_specialist_fte@2024-05=4.5` for a month.

    Raises:
        InputError: as for `check`, or a setting can't be read.
    """
    read = open_portfolio(portfolio, library, as_of, unit)
    chosen = read_settings(settings, read)
    assert read.only is not None
    older = Older(read, library)
    audits = [
        with_older_periods(audit_of(book, *evaluate(book)), older)
        for book in (read, changed(read, read.only, chosen))
    ]
    return WhatIf(audits[0], audits[1], chosen)
