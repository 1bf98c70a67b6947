"""Every figure that is published on care choice in Halland 2024 comes out of the audit, as precise as printed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.language.reader import read_yaml
from compliance.problems import Problems
from tests.conftest import ROOT, run_command

FILE = Path(__file__).with_name("published.yaml")
FIGURES = {
    ("listed", "mean_about"): ("listed", "listed", "mean", 100),
    ("listed", "min"): ("listed", "listed", "min", 100),
    ("listed", "max"): ("listed", "listed", "max", 100),
    ("visits", "total"): ("visits", "total", "total", 1),
    ("visits", "at_a_distance_about"): ("distance_visits", "total", "total", 1000),
    ("home_visits_by_physician", "about"): ("home_visits_by_physician", "total", "total", 100),
    ("home_visits_by_physician", "directed_share_about"): (
        "home_visits_by_physician",
        "directed_share",
        "pooled",
        1,
    ),
    ("same_day_contact", "mean_july_to_december"): ("same_day_contact", "mean", "mean", 1),
    ("assessment_within_three_days", "pooled"): ("assessment_within_three_days", "together", "pooled", 1),
}
"""Requirement, measure and statistic of a published figure, and what it was rounded to."""

JUST_OVER = {("visits", "share_at_a_distance_just_over"): ("distance_visits", "share", "pooled")}
KINDS = {"municipalities_2022": "unit", "branches_2022": "branch"}
NOT_OF_2024 = {
    ("municipalities_2022", "Halmstad"): (
        13,
        "Of the 47 health centres in 2022, 46 are left; which one is gone isn't published. It is taken "
        "to have been in Halmstad.",
    ),
}
"""Figures that can't come out, what the portfolio has instead, and why."""


def published() -> Iterator[tuple[str, str, str]]:
    """(section, figure, what is published), numbers as text with the decimals that they were printed with."""
    document = read_yaml(FILE, FILE.name, Problems())
    assert document is not None
    for section, figures in document.data["halland-2024"].items():
        for figure, value in figures.items():
            yield section, figure, value


PUBLISHED = [pytest.param(*item, id=f"{item[0]} {item[1]}") for item in published()]


@pytest.fixture(scope="module")
def halland() -> Any:
    """The shipped portfolio's audit as the command writes it."""
    return run_command("audit", "halland-2024", "-f", "json", "--by", "operator").json


def statistic(data: Any, requirement: str, measure: str, name: str) -> Decimal:
    (total,) = (t for t in data["requirements"] if t["requirement"] == requirement)
    (found,) = (m for m in total["measures"] if m["measure"] == measure)
    return Decimal(found[name])


def count(data: Any, **wanted: str) -> int:
    """How many units have all these attributes."""
    return sum(all(unit[key] == value for key, value in wanted.items()) for unit in data["units"])


def rounded(value: Decimal, step: int) -> Decimal:
    return (value / step).quantize(Decimal(1)) * step


@pytest.mark.parametrize(("section", "figure", "expected"), PUBLISHED)
def test_the_audit_shows_every_published_figure(
    section: str, figure: str, expected: str, halland: Any
) -> None:
    if (section, figure) in FIGURES:
        requirement, measure, name, step = FIGURES[section, figure]
        assert Decimal(expected) == rounded(statistic(halland, requirement, measure, name), step)
    elif (section, figure) in JUST_OVER:
        value = statistic(halland, *JUST_OVER[section, figure])
        assert 0 < value - Decimal(expected) < Decimal("0.5")
    elif section == "units":
        operator = {"regional": "region", "private": "private"}[figure]
        assert int(expected) == count(halland, kind="unit", operator=operator)
    else:
        instead, _ = NOT_OF_2024.get((section, figure), (int(expected), ""))
        assert instead == count(halland, kind=KINDS[section], municipality=figure)


def test_what_cannot_come_out_is_published_and_has_a_reason() -> None:
    figures = {(section, figure): expected for section, figure, expected in published()}
    for key, (instead, why) in NOT_OF_2024.items():
        assert int(figures[key]) != instead
        assert why


def test_the_directed_visits_are_just_under_a_fifth(halland: Any) -> None:
    share = statistic(halland, "home_visits_by_physician", "directed_share", "pooled")
    assert Decimal("19") < share < 20


def test_half_of_the_listed_are_with_private_centres_and_half_with_the_regions(halland: Any) -> None:
    whole = statistic(halland, "listed", "listed", "total")
    for group in halland["groups"]:
        if group["group"]:
            assert Decimal(50) == (100 * statistic(group, "listed", "listed", "total") / whole).quantize(
                Decimal(1)
            )


@pytest.mark.parametrize(
    ("requirement", "measure", "expected"),
    [
        ("visits", "total", -8),
        ("visits", "to_physician", None),
        ("visits", "to_nurse", None),
        ("distance_visits", "total", 9),
        ("home_visits_by_physician", "total", 10),
        ("home_visits_by_physician", "directed", 0),
    ],
)
def test_what_has_changed_since_2023_is_as_the_report_says(
    requirement: str, measure: str, expected: int | None, halland: Any
) -> None:
    now = statistic(halland, requirement, measure, "total")
    before = statistic(halland, requirement, measure, "previous_total")
    change = 100 * (now - before) / before
    if expected is None:
        assert change < 0
    else:
        assert expected == int(change.quantize(Decimal(1)))


@pytest.mark.parametrize(
    ("requirement", "measure", "points"),
    [("distance_visits", "share", 1), ("assessment_within_three_days", "together", 2)],
)
def test_percentage_points_since_2023_are_as_the_report_says(
    requirement: str, measure: str, points: int, halland: Any
) -> None:
    now = statistic(halland, requirement, measure, "pooled")
    before = statistic(halland, requirement, measure, "previous_pooled")
    assert points == int((now - before).quantize(Decimal(1)))


def test_every_must_requirement_has_units_that_meet_it_and_units_that_do_not(halland: Any) -> None:
    musts = {f["requirement"] for f in halland["findings"] if f["obligation"] == "must"}
    for total in halland["requirements"]:
        if total["requirement"] in musts:
            assert {"pass", "fail", "unknown"} <= {grade for grade, n in total["grades"].items() if n}


def test_an_agreement_that_has_expired_makes_the_grade_unknown(halland: Any) -> None:
    (finding,) = (f for f in halland["findings"] if (f["unit"], f["requirement"]) == ("U24", "assignments"))
    assert "unknown" == finding["grade"]
    assert ["no_agreement"] == [doubt["reason"] for doubt in finding["doubtful"]]


def test_what_stands_in_the_portfolio_has_no_errors(halland: Any) -> None:
    assert [] == halland["errors"]
    done = run_command("facts", "validate", "halland-2024")
    assert (0, "") == (done.status, done.err)
    assert 0 == run_command("facts", "validate", "halland-2023").status


def test_the_halland_samples_are_what_their_generator_makes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "samples" / "make_halland.py"), str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    made = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    assert len(made) == 14
    for file in made:
        assert (tmp_path / file).read_bytes() == (ROOT / "samples" / file).read_bytes(), file
