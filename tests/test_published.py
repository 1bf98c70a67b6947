"""Every figure that the year-end report publishes comes out of the audit, at the precision printed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.language.reader import read_yaml
from compliance.problems import Problems

FILE = Path(__file__).with_name("published.yaml")
MEASURES = {
    ("2.2.3", "total_emergency_referrals"): "emergency_referrals",
    ("2.2.3", "previous"): "emergency_referrals",
    ("2.2.3", "total_acute_visits"): "acute_visits",
    ("2.2.3", "previous_acute"): "acute_visits",
    ("2.4.1", "min_extent"): "extent",
    ("2.4.1", "max_extent"): "extent",
    ("2.4.9", "lowest_month"): "lowest_month",
}
"""Where a figure isn't of the requirement's first measure."""

TOTALS = {
    "total": "total",
    "previous_total": "previous_total",
    "total_emergency_referrals": "total",
    "total_acute_visits": "total",
    "previous_acute": "previous_total",
    "mean": "mean",
    "median": "median",
    "pooled": "pooled",
    "min": "min",
    "max": "max",
    "min_extent": "min",
    "max_extent": "max",
    "lowest_month": "min",
}
BANDS = {"units_below_65": 0, "units_65_to_85": 1, "units_at_most_25": 0}
TARGETS = {"target": "at_least", "target_at_least": "at_least", "target_at_most": "at_most"}


def published() -> Iterator[tuple[str, str, Any]]:
    """(section, figure, what is published), numbers as text with the decimals that they were printed with."""
    document = read_yaml(FILE, FILE.name, Problems())
    assert document is not None
    for section, figures in document.data["jamtland-2024"].items():
        if isinstance(figures, dict):
            for figure, value in figures.items():
                yield section, figure, value
        else:
            yield "", section, figures


class Shown:
    """The audit's JSON, by requirement."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.totals = {total["requirement"]: total for total in data["requirements"]}

    def findings(self, section: str) -> list[Any]:
        return [f for f in self.data["findings"] if f["requirement"] == section]

    def measure(self, section: str, figure: str) -> Any:
        wanted = MEASURES.get((section, figure))
        measures = self.totals[section]["measures"]
        return next(m for m in measures if wanted is None or m["measure"] == wanted)

    def values(self, section: str) -> list[Decimal]:
        return sorted(Decimal(f["value"]) for f in self.findings(section) if f["value"] is not None)

    def count(self, section: str, holds: Callable[[Any], bool]) -> Decimal:
        return Decimal(sum(holds(finding) for finding in self.findings(section)))

    def figure(self, section: str, figure: str) -> Any:
        """What the audit shows for a published figure."""
        if figure == "units":
            return Decimal(sum(sum(unit["grades"].values()) > 0 for unit in self.data["units"]))
        if figure in TOTALS:
            return Decimal(self.measure(section, figure)[TOTALS[figure]])
        if figure == "previous":
            measure = self.measure(section, figure)
            total = measure["previous_total"]
            return Decimal(measure["previous_pooled"] if total is None else total)
        if figure == "nation":
            return Decimal(self.totals[section]["references"]["nation"])
        if figure in BANDS:
            return Decimal(self.totals[section]["bands"][BANDS[figure]])
        if figure in TARGETS:
            thresholds = {(f["comparison"], f["threshold"]) for f in self.findings(section)}
            ((comparison, threshold),) = thresholds
            assert TARGETS[figure] == comparison
            return Decimal(threshold)
        return self._special(section, figure)

    def _special(self, section: str, figure: str) -> Decimal:
        if figure == "second_smallest":
            return self.values(section)[1]
        if figure == "second_largest":
            return self.values(section)[-2]
        if figure == "units_below_target":
            return self.count(section, lambda f: f["grade"] == "fail")
        if figure == "regional_share_of_listed":
            (group,) = (g for g in self.data["groups"] if g["group"] == "region")
            (total,) = (t for t in group["requirements"] if t["requirement"] == section)
            whole = Decimal(self.measure(section, "total")["total"])
            return 100 * Decimal(total["measures"][0]["total"]) / whole
        if figure == "units_at_45_hours_or_more":
            return self.count(section, lambda f: Decimal(f["value"]) >= 45)
        if figure == "units_at_40_hours":
            return self.count(section, lambda f: Decimal(f["value"]) == 40)
        if figure == "units_at_28_hours_with_waiver":
            return self.count(section, lambda f: Decimal(f["value"]) == 28 and f["waiver"] is not None)
        raise AssertionError(f"No check for the published figure {section} {figure}")


@pytest.mark.parametrize(
    ("section", "figure", "expected"),
    [pytest.param(*item, id=f"{item[0]} {item[1]}".strip()) for item in published()],
)
def test_the_audit_shows_every_published_figure(
    section: str, figure: str, expected: Any, jamtland_json: Any
) -> None:
    shown = Shown(jamtland_json)
    if figure == "grades":
        grades = shown.totals[section]["grades"]
        assert {grade: int(count) for grade, count in expected.items()} == {
            grade: grades[grade] for grade in expected
        }
        return
    printed = Decimal(expected)
    assert printed == shown.figure(section, figure).quantize(printed)


def test_none_of_the_published_figures_is_typed_into_the_program() -> None:
    """The long ones would be found: 132440, 647364 and their like."""
    package = Path(__file__).parent.parent / "compliance"
    text = "\n".join(
        file.read_text("utf-8")
        for pattern in ("**/*.py", "**/*.sql")
        for file in package.glob(pattern)
        if "shipped" not in file.parts
    )
    long = {value for _, _, value in published() if isinstance(value, str) and len(value) >= 5}
    assert len(long) >= 8
    assert not {value for value in long if value in text.replace("_", "")}
