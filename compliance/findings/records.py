"""Findings: what an audit says of each unit and requirement, as plain records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.words import Text, rounded

if TYPE_CHECKING:
    from compliance.findings.evidence import Evidence
    from compliance.remedy.records import Remedy

__all__ = [
    "RECORD",
    "Doubtful",
    "Finding",
    "Findings",
    "Grade",
    "MeasureValue",
    "Missing",
    "Previous",
    "UnitResult",
    "WaiverUsed",
]


class Grade(StrEnum):
    PASS = "pass"
    PARTIAL = "partial"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    INFO = "info"

    @property
    def text(self) -> Text:
        return _GRADES[self][0]

    @property
    def symbol(self) -> str:
        """One character that tells the grade without colour."""
        return _GRADES[self][1]


_GRADES = {
    Grade.PASS: (Text("uppfyller", "pass"), "●"),
    Grade.PARTIAL: (Text("uppfyller delvis", "partial"), "◐"),
    Grade.FAIL: (Text("uppfyller inte", "fail"), "○"),
    Grade.UNKNOWN: (Text("uppgift saknas", "unknown"), "?"),
    Grade.NOT_APPLICABLE: (Text("ej tillämpligt", "not applicable"), "–"),
    Grade.INFO: (Text("redovisas", "info"), "·"),
}


class MeasureValue(NamedTuple):
    """A measure's value, rounded half-even to six decimals for display; None where it is unknown.

    `exact` is the value itself; numerator and denominator are given as soon as enough periods count.

    Attributes:
        top: the numerator, `scale` times; None where too few periods count.
        known: there is a value.
    """

    measure: str
    top: int | None
    bottom: int | None
    scale: int
    known: bool

    @property
    def value(self) -> Decimal | None:
        return _decimal(self.top, self.bottom) if self.known else None

    @property
    def numerator(self) -> Decimal | None:
        return _decimal(self.top, self.scale)

    @property
    def denominator(self) -> Decimal | None:
        return _decimal(self.bottom, self.scale)

    @property
    def exact(self) -> Fraction | None:
        return Fraction(self.top or 0, self.bottom) if self.known and self.bottom is not None else None

    @property
    def exact_numerator(self) -> Fraction | None:
        return None if self.top is None else Fraction(self.top, self.scale)

    @property
    def exact_denominator(self) -> Fraction | None:
        return None if self.bottom is None else Fraction(self.bottom, self.scale)


def _decimal(top: int | None, bottom: int | None) -> Decimal | None:
    return None if top is None or bottom is None else Decimal(f"{rounded(top, bottom, 6)}E-6")


class Missing(NamedTuple):
    fact: str
    period: str


class Doubtful(NamedTuple):
    """An observation that isn't relied on.

    `reason` is suppressed, doubtful, no_agreement, conflict, out_of_range or unreadable.
    """

    fact: str
    period: str
    reason: str
    comment: str | None


class Previous(NamedTuple):
    """The finding of the period before; `exact` is its value where the same measure was used."""

    value: Decimal | None
    grade: Grade
    exact: Fraction | None = None


class WaiverUsed(NamedTuple):
    """A waiver that counted in a finding."""

    decision: str
    first: date
    last: date | None
    exempt: bool
    parameters: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement's grade for one unit, with what it rests on.

    `comparison` and `threshold` are those of the `pass` rung's first criterion, under the waiver; value,
    numerator and denominator are the first measure's. `direction` tells where its value went since the
    period before: better, worse, unchanged, or None where that can't be told or the measure has no sense of
    better. `failing_periods` is for how many periods running the grade has been fail, this one included.
    """

    unit: str
    requirement: str
    rule: str
    obligation: str
    grade: Grade
    unwaived_grade: Grade
    measures: tuple[MeasureValue, ...]
    comparison: str | None
    threshold: Decimal | None
    points: Decimal | None
    previous: Previous | None
    waiver: WaiverUsed | None
    via: tuple[str, ...]
    missing: tuple[Missing, ...]
    doubtful: tuple[Doubtful, ...]
    evidence: Evidence = field(repr=False, compare=False)
    direction: str | None = None
    failing_periods: int = 0

    @property
    def eased(self) -> bool:
        """A waiver gave the grade: without one it would be another."""
        return self.grade is not self.unwaived_grade

    @property
    def value(self) -> Decimal | None:
        return self.measures[0].value

    @property
    def numerator(self) -> Decimal | None:
        return self.measures[0].numerator

    @property
    def denominator(self) -> Decimal | None:
        return self.measures[0].denominator

    def explanation(self, lang: str = "en") -> str:
        """Why the grade is what it is, in words that hold in a meeting (`lang`: sv or en)."""
        from compliance.findings.explain import explain

        return explain(self, lang)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The smallest changes of facts that would make it a pass, the cheapest first; none where it is one."""
        from compliance.remedy.found import remedies

        return remedies(self).remedies

    def remedy(self, lang: str = "en") -> str | None:
        """The same in words that complete "To pass:" (or, where there is no level, "To be reported:"), or why no change will do; None where it passes."""
        from compliance.remedy.found import remedy

        return remedy(self, lang)


AMOUNTS = frozenset({"value", "numerator", "denominator", "threshold", "points", "previous_value"})
RECORD = (
    "unit",
    "requirement",
    "rule",
    "obligation",
    "grade",
    "unwaived_grade",
    "value",
    "numerator",
    "denominator",
    "comparison",
    "threshold",
    "points",
    "previous_value",
    "previous_grade",
    "waiver",
    "via",
)
"""The columns of findings as flat rows."""


class Findings(list[Finding]):
    """A list of findings that data-frame libraries can take."""

    def records(self) -> list[dict[str, Any]]:
        """Flat rows, one a finding: numbers as decimals, lists as text."""
        return [
            {
                "unit": f.unit,
                "requirement": f.requirement,
                "rule": f.rule,
                "obligation": f.obligation,
                "grade": f.grade.value,
                "unwaived_grade": f.unwaived_grade.value,
                "value": f.value,
                "numerator": f.numerator,
                "denominator": f.denominator,
                "comparison": f.comparison,
                "threshold": f.threshold,
                "points": f.points,
                "previous_value": f.previous.value if f.previous else None,
                "previous_grade": f.previous.grade.value if f.previous else None,
                "waiver": f.waiver.decision if f.waiver else None,
                "via": ", ".join(f.via) or None,
            }
            for f in self
        ]

    def to_arrow(self) -> Any:
        """A pyarrow Table: texts, and decimals with six places; needs pyarrow (`pip install pyarrow`)."""
        import pyarrow

        types = {name: pyarrow.decimal128(38, 6) if name in AMOUNTS else pyarrow.string() for name in RECORD}
        return pyarrow.Table.from_pylist(self.records(), pyarrow.schema(list(types.items())))

    def to_pandas(self) -> Any:
        """A pandas DataFrame; needs pandas (`pip install pandas`)."""
        import pandas

        return pandas.DataFrame.from_records(self.records())


class UnitResult(NamedTuple):
    """A unit with its findings."""

    unit: str
    name: str
    kind: str
    operator: str | None
    municipality: str | None
    findings: tuple[Finding, ...]

    @property
    def grades(self) -> dict[Grade, int]:
        return grade_counts(self.findings)

    @property
    def unwaived_grades(self) -> dict[Grade, int]:
        """How many findings would have each grade if there were no waivers."""
        return unwaived_counts(self.findings)

    @property
    def waived_grades(self) -> dict[Grade, int]:
        """How many of `grades` a waiver gave."""
        return grade_counts(f for f in self.findings if f.eased)

    @property
    def points(self) -> Decimal | None:
        given = [finding.points for finding in self.findings if finding.points is not None]
        return sum(given, Decimal(0)) if given else None

    def finding(self, requirement: str) -> Finding:
        """The finding on a requirement.

        Raises:
            KeyError: the requirement doesn't concern the unit, or there is none of that id.
        """
        for finding in self.findings:
            if finding.requirement == requirement:
                return finding
        raise KeyError(requirement)


def grade_counts(findings: Iterable[Finding]) -> dict[Grade, int]:
    """How many findings have each grade, all six grades named."""
    counts = dict.fromkeys(Grade, 0)
    for finding in findings:
        counts[finding.grade] += 1
    return counts


def unwaived_counts(findings: Iterable[Finding]) -> dict[Grade, int]:
    """As `grade_counts`, if there were no waivers."""
    counts = dict.fromkeys(Grade, 0)
    for finding in findings:
        counts[finding.unwaived_grade] += 1
    return counts
