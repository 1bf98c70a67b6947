"""The audit as JSON (docs/json.md): numbers are strings, so that nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from compliance.assessment import Audit, Group
from compliance.findings.records import Finding, Grade, MeasureValue, UnitResult
from compliance.findings.totals import MeasureTotal, RequirementTotal
from compliance.language.program import Ready

__all__ = ["audit_json"]


def audit_json(audit: Audit, groups: Sequence[Group] = ()) -> str:
    """The audit as one JSON object, with a line feed at the end."""
    provenance = audit.provenance
    data: dict[str, Any] = {
        "contract": audit.contract,
        "title": audit.title.as_dict,
        "period": audit.period,
        "as_of": audit.as_of.isoformat(),
        "provenance": provenance.as_dict if provenance else None,
        "notes": [note.as_dict for note in audit.portfolio.file.all_notes],
        "units": [_unit(unit) for unit in audit.units],
        "findings": [_finding(finding) for finding in audit.findings],
        "requirements": [_requirement(total) for total in audit.requirements],
        "followup": [],
        "errors": [{"where": str(problem.place), "message": problem.message} for problem in audit.errors],
    }
    if groups:
        data["groups"] = [
            {
                "by": group.by,
                "group": group.group,
                "units": group.units,
                "requirements": [_requirement(total) for total in group.requirements],
            }
            for group in groups
        ]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _value(value: Decimal | None, exact: Fraction | None, ready: Ready) -> str | None:
    """A value as text; a date as a date."""
    whole = exact is not None and exact.denominator == 1 and 0 < exact <= date.max.toordinal()
    if ready.type == "date" and whole:
        return date.fromordinal(int(exact or 0)).isoformat()
    return _text(value)


def _grades(grades: dict[Grade, int]) -> dict[str, int]:
    return {grade.value: count for grade, count in grades.items()}


def _unit(unit: UnitResult) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "name": unit.name,
        "kind": unit.kind,
        "operator": unit.operator,
        "municipality": unit.municipality,
        "grades": _grades(unit.grades),
        "points": _text(unit.points),
    }


def _measure(value: MeasureValue, ready: Ready) -> dict[str, Any]:
    return {
        "measure": value.measure,
        "value": _value(value.value, value.exact, ready),
        "numerator": _text(value.numerator),
        "denominator": _text(value.denominator),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    clause = finding.evidence.clause
    lead = finding.evidence.lead()
    measures = clause.own_measures()
    first = _measure(finding.measures[0], measures[0])
    previous, waiver = finding.previous, finding.waiver
    threshold = finding.threshold
    return {
        "unit": finding.unit,
        "requirement": finding.requirement,
        "rule": finding.rule,
        "obligation": finding.obligation,
        "grade": finding.grade.value,
        "value": first["value"],
        "numerator": first["numerator"],
        "denominator": first["denominator"],
        "comparison": finding.comparison,
        "threshold": None
        if threshold is None or lead is None
        else _value(threshold, Fraction(threshold), clause.measures[lead.measure]),
        "points": _text(finding.points),
        "measures": [_measure(value, ready) for value, ready in zip(finding.measures, measures, strict=True)],
        "previous": None
        if previous is None
        else {
            "value": _value(
                previous.value,
                None if previous.value is None else Fraction(previous.value),
                measures[0],
            ),
            "grade": previous.grade.value,
        },
        "waiver": None
        if waiver is None
        else {
            "decision": waiver.decision,
            "from": waiver.first.isoformat(),
            "to": waiver.last.isoformat() if waiver.last else None,
            "exempt": waiver.exempt,
            "parameters": waiver.parameters,
        },
        "unwaived_grade": finding.unwaived_grade.value,
        "via": list(finding.via),
        "missing": [{"fact": gap.fact, "period": gap.period} for gap in finding.missing],
        "doubtful": [
            {
                "fact": doubt.fact,
                "period": doubt.period,
                "reason": doubt.reason,
                "comment": doubt.comment,
            }
            for doubt in finding.doubtful
        ],
        "explanation": {lang: finding.explanation(lang) for lang in ("sv", "en")},
        "remedy": None,
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
        "unwaived_grades": _grades(total.unwaived),
        "references": {name: f"{value:f}" for name, value in total.references.items()},
        "bands": list(total.bands),
        "measures": [_measure_total(measure) for measure in total.measures],
    }
