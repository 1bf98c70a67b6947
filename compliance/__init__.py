"""Follow up care-choice contracts: requirements as YAML rules, graded exactly, explained in words.

import compliance
audit = compliance.audit("jamtland-2024")
audit.unit("U01").finding("2.3.2").explanation("sv")
compliance.impact("jamtland-2024", {"2.2.7.minimum": 50}).changes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.assessment import Audit, audit
    from compliance.consequences import Change, Impact, Sweep, impact, sweep
    from compliance.findings.records import Finding, Findings, Grade, UnitResult
    from compliance.problems import InputError, Place, Problem

__all__ = [
    "Audit",
    "Change",
    "Finding",
    "Findings",
    "Grade",
    "Impact",
    "InputError",
    "Place",
    "Problem",
    "Sweep",
    "UnitResult",
    "audit",
    "impact",
    "sweep",
]
__version__ = "0.1.0"

_HOMES = {
    "Change": "compliance.consequences",
    "Impact": "compliance.consequences",
    "Sweep": "compliance.consequences",
    "impact": "compliance.consequences",
    "sweep": "compliance.consequences",
    "Finding": "compliance.findings.records",
    "Findings": "compliance.findings.records",
    "Grade": "compliance.findings.records",
    "UnitResult": "compliance.findings.records",
    "InputError": "compliance.problems",
    "Place": "compliance.problems",
    "Problem": "compliance.problems",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: `compliance --help` needs neither DuckDB nor pydantic.
    if name not in __all__:
        raise AttributeError(f"module 'compliance' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "compliance.assessment")), name)
