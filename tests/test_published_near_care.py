"""Region Halland's published answers about good and close care come out of the audit as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.language.reader import read_yaml
from compliance.problems import Problems
from tests.conftest import ROOT, run_command

NAME = "god-och-nara-vard-2024"
FILE = Path(__file__).with_name("published.yaml")
SAMPLE = ROOT / "samples" / NAME

WHERE = {
    ("fixed_physician_contact", "value"): ("35", "value"),
    ("fixed_physician_contact", "persons"): ("36", "value"),
    ("fixed_physician_contact", "previous"): ("35", "previous"),
    ("fixed_physician_contact_care_homes", "value"): ("38", "value"),
    ("listed_per_gp_specialist", "guideline"): ("30", "at_most"),
    ("listed_per_gp_specialist", "per_trainee"): ("30", "reference"),
    ("discharge_ready_days", "value"): ("12.1", "value"),
    ("discharge_ready_days", "met"): ("12.1", "goal"),
    ("readmitted_within_30_days", "target_at_most"): ("10.1", "at_most"),
    ("readmitted_within_30_days", "met"): ("10.1", "goal"),
    ("routines_for_fixed_contacts", "physician"): ("33.1", "answer"),
    ("routines_for_fixed_contacts", "care"): ("33.2", "answer"),
    ("continued_care_at_home_routine", ""): ("13.1", "answer"),
    ("assessment_at_home_routine", ""): ("13.2", "answer"),
    ("discharge_support_routine", ""): ("13.3", "answer"),
}
"""The requirement that shows each published figure, and what of its finding does."""

NOT_SHOWN: dict[tuple[str, str], str] = {}
"""Figures that the audit can't show, and why: none."""


def published() -> Iterator[tuple[str, str, str]]:
    """(name, figure, what is published), as text with the decimals that were printed."""
    document = read_yaml(FILE, FILE.name, Problems())
    assert document is not None
    for name, figures in document.data[NAME].items():
        if isinstance(figures, dict):
            for figure, value in figures.items():
                yield name, figure, value
        else:
            yield name, "", figures


@pytest.fixture(scope="module")
def audit() -> Any:
    return run_command("audit", NAME, "-f", "json").json


def finding(audit: Any, requirement: str) -> Any:
    (one,) = (f for f in audit["findings"] if f["requirement"] == requirement)
    return one


def total(audit: Any, requirement: str) -> Any:
    (one,) = (t for t in audit["requirements"] if t["requirement"] == requirement)
    return one


def shown(audit: Any, requirement: str, what: str) -> str:
    """What the audit shows: a number, or yes or no."""
    one = finding(audit, requirement)
    if what == "value":
        return str(one["value"])
    if what == "previous":
        return str(one["previous"]["value"])
    if what == "at_most":
        assert one["comparison"] == "at_most"
        return str(one["threshold"])
    if what == "reference":
        return str(total(audit, requirement)["references"]["trainee"])
    if what == "goal":
        (value,) = (m["value"] for m in one["measures"] if m["measure"] == "goal")
        return {"1.000000": "yes", "0.000000": "no"}[value]
    assert what == "answer"
    return {"pass": "yes", "fail": "no"}[one["grade"]]


@pytest.mark.parametrize(
    ("name", "figure", "expected"),
    [pytest.param(*item, id=f"{item[0]} {item[1]}".strip()) for item in published()],
)
def test_the_audit_shows_every_published_answer(name: str, figure: str, expected: str, audit: Any) -> None:
    if (name, figure) in NOT_SHOWN:
        pytest.skip(NOT_SHOWN[name, figure])
    value = shown(audit, *WHERE[name, figure])
    if expected in ("yes", "no"):
        assert value == expected
    else:
        printed = Decimal(expected)
        assert Decimal(value) == printed


def test_the_audit_has_one_region_and_no_errors(audit: Any) -> None:
    assert [unit["unit"] for unit in audit["units"]] == ["HALLAND"]
    assert audit["errors"] == []
    assert "syntetiskt" in audit["provenance"]["sv"]


def test_a_goal_that_the_region_says_it_reaches_is_met_though_its_value_is_not_published(audit: Any) -> None:
    one = finding(audit, "10.1")
    assert one["grade"] == "pass"
    assert one["value"] is None
    assert [doubt["reason"] for doubt in one["doubtful"]] == ["suppressed"]


def test_the_guideline_is_unknown_and_says_that_residents_and_physicians_are_missing(audit: Any) -> None:
    one = finding(audit, "30")
    assert one["grade"] == "unknown"
    assert {gap["fact"] for gap in one["missing"]} == {"inhabitants", "gp_specialist_fte", "gp_trainee_fte"}


def test_what_the_survey_does_not_ask_is_neither_met_nor_unmet(audit: Any) -> None:
    assert {finding(audit, name)["grade"] for name in ("18.1", "31.1", "31.2")} == {"unknown"}


@pytest.mark.parametrize(
    ("inhabitants", "specialists", "trainees", "grade"),
    [
        (1100, "1", "0", "pass"),
        (550, "0", "1", "pass"),
        (551, "0", "1", "fail"),
        (1650, "1", "1", "pass"),
        (1651, "1", "1", "fail"),
    ],
)
def test_a_specialist_answers_for_1100_residents_and_a_trainee_for_550(
    inhabitants: int, specialists: str, trainees: str, grade: str, tmp_path: Path
) -> None:
    facts = {"inhabitants": inhabitants, "gp_specialist_fte": specialists, "gp_trainee_fte": trainees}
    rows = [
        f"HALLAND,{fact},{'2024' if fact == 'inhabitants' else '2024-12'},{value}"
        for fact, value in facts.items()
    ]
    (tmp_path / "units.csv").write_bytes((SAMPLE / "units.csv").read_bytes())
    (tmp_path / "physicians.csv").write_text("\n".join(["unit,fact,period,value", *rows]), "utf-8")
    (tmp_path / "portfolio.yaml").write_text(
        f"contract: {NAME}\nunits: units.csv\nobservations: physicians.csv\n", "utf-8"
    )
    done = run_command("check", str(tmp_path), "HALLAND", "-f", "json")
    assert finding(done.json, "30")["grade"] == grade


def test_every_answer_names_the_question_that_it_is_taken_from() -> None:
    header, *rows = (SAMPLE / "answers.csv").read_text("utf-8").splitlines()
    assert header.split(",")[-1] == "source"
    assert all(row.rpartition(",")[2].startswith("fråga ") for row in rows)


def test_what_the_answers_state_of_2023_agrees_with_the_previous_portfolio() -> None:
    done = run_command("facts", "validate", NAME)
    assert done.status == 0
    assert "Stated figures: 2. Agree: 2." in " ".join(done.out.split())
