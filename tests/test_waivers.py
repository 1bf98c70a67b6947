"""The waiver register, and what a waiver gives in the totals of an audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import compliance
from compliance import Grade
from compliance.register import Entry, waiver_register
from tests.conftest import Done
from tests.small import every_month, small

Run = Callable[..., Done]

LEVEL = "measure: {value: answer}\ngrade: {pass: {at_least: fully}, partial: {at_least: partly}}"
VISITS = """
    measure: {value: visits}
    parameters: {minimum: 10}
    grade: {pass: {at_least: minimum}}
"""


def registered(
    folder: Path, waivers: str, visits: int = 8, within: int = 90, errors: int = 0, **more: Any
) -> tuple[Entry, ...]:
    """The register of a unit with so many visits each month, ten being asked for."""
    rows = every_month("U1", "visits", str(visits))
    at = small(folder, VISITS, rows, portfolio="waivers:\n" + waivers, **more)
    audit = compliance.audit(at, library=at)
    assert errors == len(audit.errors)
    return waiver_register(audit, within)


def eased(
    minimum: int = 5, last: str | None = "2024-12-31", first: str = "2024-01-01", name: str = "D 1"
) -> str:
    to = f", to: {last}" if last else ""
    return (
        f"  - {{unit: U1, requirement: R1, parameters: {{minimum: {minimum}}}, from: {first}{to}, "
        f"decision: {name}}}\n"
    )


def exempt(first: str, last: str, name: str = "D 2") -> str:
    return f"  - {{unit: U1, requirement: R1, exempt: yes, from: {first}, to: {last}, decision: {name}}}\n"


@pytest.mark.parametrize(
    ("first", "last", "within", "status", "left"),
    [
        ("2024-01-01", "2025-03-31", 90, "about_to_expire", 90),
        ("2024-01-01", "2025-04-01", 90, "in_force", 91),
        ("2024-01-01", "2024-12-31", 0, "about_to_expire", 0),
        ("2024-01-01", "2025-01-01", 0, "in_force", 1),
        ("2024-01-01", None, 90, "in_force", None),
        ("2024-01-01", "2024-12-30", 90, "expired", None),
        ("2025-01-01", "2025-12-31", 90, "upcoming", None),
    ],
)
def test_a_waivers_status_is_that_of_the_periods_last_day(
    first: str, last: str | None, within: int, status: str, left: int | None, tmp_path: Path
) -> None:
    (entry,) = registered(tmp_path, eased(last=last, first=first), within=within)
    assert (status, left) == (entry.status, entry.days_left)


def test_as_of_is_the_day_that_counts(tmp_path: Path) -> None:
    rows = every_month("U1", "visits", "8")
    at = small(tmp_path, VISITS, rows, portfolio="waivers:\n" + eased(last="2025-06-30"))
    audit = compliance.audit(at, library=at, as_of=date(2025, 7, 1))
    assert "expired" == waiver_register(audit)[0].status


def test_a_waiver_that_helps_has_no_remark(tmp_path: Path) -> None:
    (entry,) = registered(tmp_path, eased(5))
    assert (Grade.FAIL, ()) == (entry.without, entry.remarks)


def test_a_unit_that_would_have_passed_anyway_has_a_waiver_without_effect(tmp_path: Path) -> None:
    (entry,) = registered(tmp_path, eased(5), visits=12)
    assert (Grade.PASS, ("without_effect",)) == (entry.without, entry.remarks)


def test_a_unit_that_does_not_pass_with_it_either_has_a_waiver_that_is_not_enough(tmp_path: Path) -> None:
    (entry,) = registered(tmp_path, eased(9))
    assert (Grade.FAIL, ("not_enough",)) == (entry.without, entry.remarks)


def test_an_exemption_of_a_unit_that_meets_the_requirement_is_without_effect(tmp_path: Path) -> None:
    (entry,) = registered(tmp_path, exempt("2024-10-01", "2025-12-31"), visits=12)
    assert ("without_effect",) == entry.remarks


def test_an_expired_waiver_plays_no_part_and_has_no_remark(tmp_path: Path) -> None:
    (entry,) = registered(tmp_path, eased(5, last="2023-12-31", first="2023-01-01"), visits=12)
    assert ("expired", None, ()) == (entry.status, entry.without, entry.remarks)


def test_an_exemption_that_ended_in_the_period_still_takes_its_months_out(tmp_path: Path) -> None:
    rows = "".join(f"U1,visits,2024-{month:02d},{2 if month < 7 else 12},,,\n" for month in range(1, 13))
    at = small(tmp_path, VISITS, rows, portfolio="waivers:\n" + exempt("2024-01-01", "2024-06-30"))
    (entry,) = waiver_register(compliance.audit(at, library=at))
    assert ("expired", Grade.FAIL, ()) == (entry.status, entry.without, entry.remarks)


def test_of_two_waivers_that_count_each_is_tried_without_the_other(tmp_path: Path) -> None:
    rows = "".join(f"U1,visits,2024-{month:02d},{2 if month < 7 else 8},,,\n" for month in range(1, 13))
    both = "waivers:\n" + exempt("2024-01-01", "2024-06-30") + eased(5, first="2024-07-01")
    at = small(tmp_path, VISITS, rows, portfolio=both)
    audit = compliance.audit(at, library=at)
    months, level = waiver_register(audit)
    assert Grade.PASS is audit.findings[0].grade
    # Without the exemption the mean is five, which passes under the lower level; without that, it is eight.
    assert (Grade.PASS, ("without_effect",)) == (months.without, months.remarks)
    assert (Grade.FAIL, ()) == (level.without, level.remarks)


def test_waivers_that_overlap_are_named_and_neither_counts(tmp_path: Path) -> None:
    two = eased(5, name="D 1") + eased(6, first="2024-06-01", last="2025-06-30", name="D 9")
    first, second = registered(tmp_path, two, errors=1)
    assert (("overlapping",), ("D 9",)) == (first.remarks, first.overlaps)
    assert (("overlapping",), ("D 1",)) == (second.remarks, second.overlaps)
    assert (None, None) == (first.without, second.without)


@pytest.mark.parametrize(
    ("unit", "requirement"),
    [("U7", "R1"), ("U1", "R7")],
)
def test_a_waiver_of_what_is_not_there_is_unused_and_an_error(
    unit: str, requirement: str, tmp_path: Path
) -> None:
    text = eased().replace("unit: U1", f"unit: {unit}").replace("R1", requirement)
    (entry,) = registered(tmp_path, text, errors=1)
    assert (("unused",), None) == (entry.remarks, entry.finding)


def test_a_waiver_of_a_requirement_that_does_not_concern_the_unit_is_unused(tmp_path: Path) -> None:
    units = "unit,name,operator\nU1,Enhet 1,region\nU2,Enhet 2,private\n"
    rows = every_month("U2", "visits", "8")
    private = "for: {operator: [private]}"
    at = small(tmp_path, VISITS, rows, requirement=private, units=units, portfolio="waivers:\n" + eased())
    (entry,) = waiver_register(compliance.audit(at, library=at))
    assert (("unused",), None) == (entry.remarks, entry.finding)


def test_a_waiver_of_a_unit_that_was_closed_is_unused(tmp_path: Path) -> None:
    units = "unit,name,closed\nU1,Enhet 1,2023-11-30\n"
    at = small(tmp_path, VISITS, "", units=units, portfolio="waivers:\n" + eased())
    (entry,) = waiver_register(compliance.audit(at, library=at))
    assert ("unused",) == entry.remarks


def test_a_waiver_has_a_decision_who_made_it_a_reason_and_a_condition(jamtland: compliance.Audit) -> None:
    found = {entry.waiver.unit: entry.waiver for entry in waiver_register(jamtland)}
    waiver = found["U27"]
    assert ("HSN 2023/114", "Hälso- och sjukvårdsnämnden") == (waiver.decision, waiver.decided_by)
    assert waiver.reason is not None
    assert waiver.reason.sv.startswith("En enda läkare, på deltid")
    assert waiver.condition is not None
    assert "Bräcke" in waiver.condition.en
    assert None is found["U11"].condition


# The command ---------------------------------------------------------------------------------------


def test_the_register_of_the_sample_is_listed_by_status(run: Run) -> None:
    done = run("waivers", "jamtland-2024", "--lang", "sv")
    text = " ".join(done.out.replace("\N{NO-BREAK SPACE}", " ").split())
    assert (0, "") == (done.status, done.err)
    assert "3 dispenser: 1 går snart ut, 2 har gått ut." in text
    assert "Går snart ut (inom 90 dagar) (1) ◉ U27 Kälarne hälsocentral 2.2.7 Öppettider" in text
    assert "minimum: 28 timmar i veckan i stället för 45 timmar i veckan" in text
    assert "Villkor: Akuta patienter tas emot av Bräcke hälsocentral på fredagar." in text
    assert "Bedömning: uppfyller; utan dispensen: uppfyller inte" in text


def test_a_waiver_without_effect_is_said_to_be_so(run: Run) -> None:
    text = " ".join(run("waivers", "halland-2024").out.split())
    assert "To look into: without effect 1." in text
    assert "Without effect: the unit would have passed anyway." in text


def test_within_and_as_of_move_the_line(run: Run) -> None:
    def status(*more: str) -> str:
        waivers = run("waivers", "halland-2024", "-f", "json", *more).json["waivers"]
        return next(str(one["status"]) for one in waivers if one["unit"] == "U46")

    assert "about_to_expire" == status()
    assert "in_force" == status("--within", "89d")
    assert "about_to_expire" == status("--within", "13w")
    assert "expired" == status("--as-of", "2025-04-01")


@pytest.mark.parametrize("within", ["soon", "-1d", "3m", "1.5d"])
def test_a_span_that_is_none_is_refused(within: str, run: Run) -> None:
    done = run("waivers", "jamtland-2024", "--within", within)
    assert 2 == done.status
    assert f"{within!r} is no span of time. Write days as 90d, or weeks as 12w." in done.err


def test_a_portfolio_without_waivers_says_so(run: Run) -> None:
    done = run("waivers", "narsjukvarden-halland-2024-t1")
    assert 0 == done.status
    assert done.out.endswith("There are no waivers.\n")


def test_the_csv_has_a_row_for_each_waiver(run: Run) -> None:
    done = run("waivers", "jamtland-2024", "-f", "csv", "--lang", "en")
    rows = list(csv.DictReader(io.StringIO(done.out.lstrip("\ufeff"))))
    assert ["U11", "U13", "U27"] == [row["unit"] for row in rows]
    assert ("2024-12-31", "0", "pass", "fail") == tuple(
        rows[2][key] for key in ("to", "days_left", "grade", "grade_without")
    )


# Totals --------------------------------------------------------------------------------------------


def test_a_waived_failure_is_no_plain_pass_in_a_total(jamtland_json: Any) -> None:
    (hours,) = [one for one in jamtland_json["requirements"] if one["requirement"] == "2.2.7"]
    assert (27, 1, 26, 1) == (
        hours["grades"]["pass"],
        hours["waived_grades"]["pass"],
        hours["unwaived_grades"]["pass"],
        hours["unwaived_grades"]["fail"],
    )
    (unit,) = [one for one in jamtland_json["units"] if one["unit"] == "U27"]
    assert (22, 1, 21, 2) == (
        unit["grades"]["pass"],
        unit["waived_grades"]["pass"],
        unit["unwaived_grades"]["pass"],
        unit["unwaived_grades"]["fail"],
    )


def test_the_totals_of_units_and_of_requirements_are_those_of_the_whole(jamtland_json: Any) -> None:
    for kind in ("grades", "waived_grades", "unwaived_grades"):
        for parts in (jamtland_json["units"], jamtland_json["requirements"]):
            for grade, count in jamtland_json["totals"][kind].items():
                assert count == sum(part[kind][grade] for part in parts)


def test_an_exemption_is_counted_as_not_applicable_by_a_waiver(tmp_path: Path) -> None:
    waiver = "waivers: [{unit: U1, requirement: R1, exempt: true, from: 2024-03-01, decision: D 9}]"
    at = small(tmp_path, LEVEL, "U1,answer,2024,inte,,,\n", portfolio=waiver)
    (unit,) = compliance.audit(at, library=at).units
    assert 1 == unit.waived_grades[Grade.NOT_APPLICABLE]
    assert (0, 1) == (unit.grades[Grade.FAIL], unit.unwaived_grades[Grade.FAIL])


def test_the_audit_shows_the_totals_with_and_without_waivers(run: Run) -> None:
    out = run("audit", "jamtland-2024", "--lang", "en", "--fail-on", "never").out
    text = " ".join(out.split())
    assert "538 pass, of which 2 under a waiver" in text
    assert "Without waivers: 536 pass · 58 partial · 70 fail" in text
    assert "◉ pass under a waiver" in text
    assert "2.2.7 Opening hours must 26 1 1" in text
    assert "2.2.7: With waivers; without them 26 pass · 1 partial · 1 fail." in text
    (row,) = [line for line in out.splitlines() if line.startswith("U27")]
    assert 1 == row.count("◉")


def test_a_check_marks_what_a_waiver_gave(run: Run) -> None:
    text = run("check", "jamtland-2024", "U27", "--fail-on", "never").out
    assert "22 pass, of which 1 under a waiver" in text
    assert "Met (22, of which 1 under a waiver)" in text
    assert "  ◉ 2.2.7  Opening hours" in text
