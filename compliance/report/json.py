"""The audit as JSON (docs/json.md): numbers are strings, so that nothing is lost on the way."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from fractions import Fraction
from json.encoder import encode_basestring
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple, TextIO

from compliance.assessment import Audit, Tally
from compliance.findings.records import Finding, Grade, UnitResult
from compliance.findings.totals import MeasureTotal, RequirementTotal
from compliance.followup.records import Action, Conclusion
from compliance.language.program import Ready
from compliance.words import rounded

__all__ = ["audit_json", "finding_json", "unit_json", "write_json"]

IN_MEMORY = 1 << 26
"""A list of findings of more bytes is put on disk until its turn comes."""


def audit_json(audit: Audit, by: str | None = None) -> str:
    """The audit as one JSON object, with a line feed at the end."""
    out = io.StringIO()
    write_json(out, [audit], by)
    return out.getvalue()


def write_json(out: TextIO, audits: Iterable[Audit], by: str | None = None) -> Tally:
    """Writes an audit that comes by groups of units, of which one at a time is held in memory.

    Args:
        by: add the totals of the groups of units that share this.

    Returns:
        The totals of the whole.
    """
    tally = Tally(by)
    with ExitStack() as stack:
        lists = [stack.enter_context(_List()) for _ in range(4)]
        units, findings, actions, conclusions = lists
        for audit in audits:
            tally.add(audit)
            followup = audit.followup.values()
            units.add(_indented(unit_json(unit), "\n  ") for unit in audit.units)
            findings.add(finding_json(finding) for finding in audit.findings)
            actions.add(_indented(_action(one), "\n  ") for unit in followup for one in unit.actions)
            conclusions.add(
                _indented(_conclusion(one), "\n  ") for unit in followup for one in unit.conclusions
            )
        portfolio = tally.portfolio
        provenance = portfolio.provenance
        before: dict[str, Any] = {
            "contract": portfolio.contract.id,
            "title": portfolio.contract.title.as_dict,
            "period": portfolio.period.label,
            "as_of": portfolio.program.as_of.isoformat(),
            "provenance": provenance.as_dict if provenance else None,
            "notes": [note.as_dict for note in portfolio.file.all_notes],
            "units": units,
            "totals": {
                "grades": _grades(tally.grades),
                "waived_grades": _grades(tally.waived),
                "unwaived_grades": _grades(tally.unwaived),
            },
            "findings": findings,
            "requirements": [_requirement(total) for total in tally.requirements()],
            "followup": actions,
            "conclusions": conclusions,
            "errors": [{"where": str(found.place), "message": found.message} for found in tally.errors],
        }
        groups = tally.groups()
        if groups:
            before["groups"] = [
                {
                    "by": group.by,
                    "group": group.group,
                    "units": group.units,
                    "requirements": [_requirement(total) for total in group.requirements],
                }
                for group in groups
            ]
        comma = "{"
        for key, value in before.items():
            out.write(f"{comma}\n {_quoted(key)}: ")
            if isinstance(value, _List):
                value.copy_to(out)
            else:
                out.write(_indented(value, "\n "))
            comma = ","
        out.write("\n}\n")
    return tally


class _List:
    """A list in the making that stands further on in the file: from a size on it is on disk."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(  # noqa: SIM115  closed by __exit__
            IN_MEMORY, "w+", encoding="utf-8", newline=""
        )
        self._empty = True

    def __enter__(self) -> _List:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, items: Iterable[str]) -> None:
        """Adds items, as JSON with the indentation of the list's."""
        for item in items:
            self._file.write(("[\n  " if self._empty else ",\n  ") + item)
            self._empty = False

    def copy_to(self, out: TextIO) -> None:
        self._file.seek(0)
        copyfileobj(self._file, out, 1 << 20)
        out.write("[]" if self._empty else "\n ]")


def _indented(value: Any, line: str) -> str:
    """JSON with an indentation of one; `line` begins a line on which the value stands."""
    if isinstance(value, str):
        return _quoted(value)
    inner = line + " "
    if isinstance(value, dict) and value:
        items = [f"{inner}{_quoted(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return f"{{{','.join(items)}{line}}}"
    if isinstance(value, list) and value:
        return f"[{','.join([inner + _indented(item, inner) for item in value])}{line}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    return encode_basestring(text)


def _maybe(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _value(value: Decimal | None, exact: Fraction | None, ready: Ready) -> str | None:
    """A value as text; a date as a date."""
    return _day(value, exact) if ready.type == "date" else _text(value)


def _day(value: Decimal | None, exact: Fraction | None) -> str | None:
    if exact is not None and exact.denominator == 1 and 0 < exact <= date.max.toordinal():
        return date.fromordinal(int(exact)).isoformat()
    return _text(value)


def _grades(grades: dict[Grade, int]) -> dict[str, int]:
    return {grade.value: count for grade, count in grades.items()}


def unit_json(unit: UnitResult) -> dict[str, Any]:
    """A unit with its counts of grades."""
    return {
        "unit": unit.unit,
        "name": unit.name,
        "kind": unit.kind,
        "operator": unit.operator,
        "municipality": unit.municipality,
        "grades": _grades(unit.grades),
        "waived_grades": _grades(unit.waived_grades),
        "unwaived_grades": _grades(unit.unwaived_grades),
        "points": _text(unit.points),
    }


def _amount(top: int | None, bottom: int | None) -> str:
    """A quotient with six decimals, in quotation marks; null where it isn't known."""
    if top is None or bottom is None:
        return "null"
    units = rounded(top, bottom, 6)
    whole, part = divmod(abs(units), 1_000_000)
    return f'"{"-" if units < 0 else ""}{whole}.{part:06}"'


_MEASURE = """{
     "measure": %s,
     "value": %s,
     "numerator": %s,
     "denominator": %s
    }"""

_FINDING = """{
   "unit": %s,
   "requirement": %s,
   "rule": %s,
   "obligation": %s,
   "grade": "%s",
   "value": %s,
   "numerator": %s,
   "denominator": %s,
   "comparison": %s,
   "threshold": %s,
   "points": %s,
   "measures": [
    %s
   ],
   "previous": %s,
   "direction": %s,
   "failing_periods": %d,
   "waiver": %s,
   "unwaived_grade": "%s",
   "via": %s,
   "missing": %s,
   "doubtful": %s,
   "explanation": {
    "sv": %s,
    "en": %s
   },
   "remedy": %s
  }"""


def finding_json(finding: Finding) -> str:
    """One finding, with the indentation that it has in the list of findings."""
    same = finding.evidence.memo.get("json")
    if same is None:
        same = finding.evidence.memo["json"] = _same(finding)
    measures: list[tuple[str, str, str, str]] = []
    for value, (name, is_date) in zip(finding.measures, same.measures, strict=True):
        known = (
            "null"
            if not value.known
            else _indented(_day(value.value, value.exact), "")
            if is_date
            else _amount(value.top, value.bottom)
        )
        measures.append((name, known, _amount(value.top, value.scale), _amount(value.bottom, value.scale)))
    return _FINDING % (
        _quoted(finding.unit),
        same.requirement,
        same.rule,
        same.obligation,
        finding.grade.value,
        *measures[0][1:],
        same.comparison,
        same.threshold,
        _maybe(_text(finding.points)),
        ",\n    ".join([_MEASURE % measure for measure in measures]),
        _indented(_previous(finding), "\n   ") if finding.previous else "null",
        _maybe(finding.direction),
        finding.failing_periods,
        _indented(_waiver(finding), "\n   ") if finding.waiver else "null",
        finding.unwaived_grade.value,
        _indented(list(finding.via), "\n   ") if finding.via else "[]",
        _indented([gap._asdict() for gap in finding.missing], "\n   ") if finding.missing else "[]",
        _indented([doubt._asdict() for doubt in finding.doubtful], "\n   ") if finding.doubtful else "[]",
        _quoted(finding.explanation("sv")),
        _quoted(finding.explanation("en")),
        _remedy(finding),
    )


def _remedy(finding: Finding) -> str:
    swedish, english = finding.remedy("sv"), finding.remedy("en")
    if swedish is None or english is None:
        return "null"
    return f'{{\n    "sv": {_quoted(swedish)},\n    "en": {_quoted(english)}\n   }}'


class _Same(NamedTuple):
    """What is the same for all findings of a clause under the same settings, as JSON."""

    requirement: str
    rule: str
    obligation: str
    comparison: str
    threshold: str
    measures: list[tuple[str, bool]]
    """Names, and which values are dates."""


def _same(finding: Finding) -> _Same:
    clause, lead, limit = finding.evidence.clause, finding.evidence.lead(), finding.threshold
    threshold = (
        None
        if limit is None or lead is None
        else _value(limit, Fraction(limit), clause.measures[lead.measure])
    )
    return _Same(
        _quoted(finding.requirement),
        _quoted(finding.rule),
        _quoted(finding.obligation),
        _maybe(finding.comparison),
        _maybe(threshold),
        [(_quoted(ready.name), ready.type == "date") for ready in clause.own_measures()],
    )


def _previous(finding: Finding) -> dict[str, Any] | None:
    previous = finding.previous
    if previous is None:
        return None
    exact = None if previous.value is None else Fraction(previous.value)
    ready = finding.evidence.clause.own_measures()[0]
    return {"value": _value(previous.value, exact, ready), "grade": previous.grade.value}


def _waiver(finding: Finding) -> dict[str, Any] | None:
    waiver = finding.waiver
    return waiver and {
        "decision": waiver.decision,
        "from": waiver.first.isoformat(),
        "to": waiver.last.isoformat() if waiver.last else None,
        "exempt": waiver.exempt,
        "parameters": waiver.parameters,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "unit": action.unit,
        "rule": action.rule,
        "action": action.action,
        "severity": action.severity,
        "because": list(action.because),
        "requirements": list(action.requirements),
        "due": action.due.isoformat() if action.due else None,
        "title": action.title.as_dict,
        "text": action.text.as_dict,
        "question": action.question.as_dict if action.question else None,
    }


def _conclusion(conclusion: Conclusion) -> dict[str, Any]:
    return {
        "unit": conclusion.unit,
        "rule": conclusion.rule,
        "conclusion": conclusion.name,
        "severity": conclusion.severity,
        "because": list(conclusion.because),
        "requirements": list(conclusion.requirements),
        "title": conclusion.title.as_dict,
        "text": conclusion.text.as_dict,
        "question": conclusion.question.as_dict if conclusion.question else None,
    }


def _measure_total(total: MeasureTotal) -> dict[str, Any]:
    return {
        "measure": total.measure,
        "units": total.units,
        "mean": _text(total.mean),
        "median": _text(total.median),
        "min": _text(total.min),
        "max": _text(total.max),
        "total": _text(total.total),
        "pooled": _text(total.pooled),
        "previous_mean": _text(total.previous_mean),
        "previous_pooled": _text(total.previous_pooled),
        "previous_total": _text(total.previous_total),
    }


def _requirement(total: RequirementTotal) -> dict[str, Any]:
    return {
        "requirement": total.requirement,
        "grades": _grades(total.grades),
        "waived_grades": _grades(total.waived),
        "unwaived_grades": _grades(total.unwaived),
        "references": {name: f"{value:f}" for name, value in total.references.items()},
        "bands": list(total.bands),
        "measures": [_measure_total(measure) for measure in total.measures],
    }
