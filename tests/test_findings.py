"""What findings say: waivers, agreements, units that open and close, points, totals, explanations."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import compliance
from compliance import Grade
from tests.small import every_month, small

SHARE = """
    measure: {share: [a], of: [b]}
    parameters: {minimum: 50, partial_from: 40}
    grade: {pass: {above: minimum}, partial: {at_least: partial_from}}
"""
LEVEL = "measure: {value: answer}\ngrade: {pass: {at_least: fully}, partial: {at_least: partly}}"
COORDINATOR = "measure: {value: coordinator}\ngrade: {pass: {equals: yes}}"
HOURS = """
    measure: {value: hours}
    parameters: {minimum: 45}
    grade: {pass: {at_least: minimum}}
"""
WAIVER = """
    waivers:
      - {unit: U1, requirement: R1, parameters: {minimum: 28}, from: 2024-01-01, to: 2024-06-30, decision: D 7}
"""


def audited(folder: Path) -> compliance.Audit:
    audit = compliance.audit(folder, library=folder)
    assert () == audit.errors
    return audit


def only(folder: Path) -> compliance.Finding:
    (finding,) = audited(folder).findings
    return finding


def test_a_waiver_eases_the_threshold_and_the_unwaived_grade_stays_visible(tmp_path: Path) -> None:
    rows = "U1,hours,2024-T1,mon-thu 09:00-16:00,,,\n"
    finding = only(small(tmp_path, HOURS, rows, portfolio=WAIVER, period="2024-T1"))
    assert (Grade.PASS, Grade.FAIL) == (finding.grade, finding.unwaived_grade)
    assert Decimal(28) == finding.threshold
    assert finding.waiver is not None
    assert "D 7" == finding.waiver.decision
    assert "Dispens D 7 (2024-01-01–2024-06-30) ger minst 28 i stället för minst 45." in (
        finding.explanation("sv")
    )


def test_an_expired_waiver_does_not_count_but_is_named(tmp_path: Path) -> None:
    rows = "U1,hours,2024,mon-thu 09:00-16:00,,,\n"
    finding = only(small(tmp_path, HOURS, rows, portfolio=WAIVER))
    assert (Grade.FAIL, Grade.FAIL) == (finding.grade, finding.unwaived_grade)
    assert finding.waiver is None
    assert "Waiver D 7 (2024-01-01–2024-06-30) expired on 2024-06-30" in finding.explanation("en")


def test_months_of_an_exemption_are_left_out(tmp_path: Path) -> None:
    waiver = """
        waivers:
          - {unit: U1, requirement: R1, exempt: true, from: 2024-03-10, to: 2024-04-01, decision: D 8}
    """
    rows = "".join(
        f"U1,a,2024-{m:02d},{'0' if m in (3, 4) else '6'},,,\nU1,b,2024-{m:02d},10,,,\n" for m in range(1, 5)
    )
    finding = only(small(tmp_path, SHARE, rows, portfolio=waiver, period="2024-T1"))
    assert (Grade.PASS, Grade.FAIL) == (finding.grade, finding.unwaived_grade)
    assert Decimal(60) == finding.value
    assert "över 2 månader (januari–februari 2024)" in finding.explanation("sv")


def test_an_exemption_on_the_last_day_makes_the_requirement_not_applicable(tmp_path: Path) -> None:
    waiver = "waivers: [{unit: U1, requirement: R1, exempt: true, from: 2024-03-01, decision: D 9}]"
    finding = only(small(tmp_path, LEVEL, "U1,answer,2024,inte,,,\n", portfolio=waiver))
    assert (Grade.NOT_APPLICABLE, Grade.FAIL) == (finding.grade, finding.unwaived_grade)
    assert "Enheten är undantagen genom dispens D 9" in finding.explanation("sv")


def test_a_fact_met_through_an_agreement_counts_and_names_the_provider(tmp_path: Path) -> None:
    agreement = "agreements: [{unit: U1, facts: [coordinator], provider: Grannen, from: 2024-01-01}]"
    rows = "U1,coordinator,2024,ja,Grannen,,\n"
    finding = only(small(tmp_path, COORDINATOR, rows, portfolio=agreement))
    assert (Grade.PASS, ("Grannen",)) == (finding.grade, finding.via)
    assert "Uppfylls genom avtal med annan utförare: Grannen." in finding.explanation("sv")


def test_without_an_agreement_in_force_on_the_last_day_the_observation_is_doubtful(
    tmp_path: Path,
) -> None:
    agreement = (
        "agreements: [{unit: U1, facts: [coordinator], provider: Grannen, from: 2023-01-01, to: 2024-12-30}]"
    )
    rows = "U1,coordinator,2024,ja,Grannen,,\n"
    finding = only(small(tmp_path, COORDINATOR, rows, portfolio=agreement))
    assert Grade.UNKNOWN is finding.grade
    assert ["no_agreement"] == [doubt.reason for doubt in finding.doubtful]


def test_a_requirement_may_refuse_agreements(tmp_path: Path) -> None:
    agreement = "agreements: [{unit: U1, facts: [coordinator], provider: Grannen, from: 2024-01-01}]"
    rows = "U1,coordinator,2024,ja,Grannen,,\n"
    finding = only(small(tmp_path, COORDINATOR, rows, portfolio=agreement, requirement="via_agreement: no"))
    assert (Grade.FAIL, ()) == (finding.grade, finding.via)
    assert "det som Grannen utför räknas inte" in finding.explanation("sv")


def test_a_unit_that_opened_in_the_period_is_measured_over_its_own_months(tmp_path: Path) -> None:
    units = "unit,name,opened,closed\nU1,Ny,2024-12-02,\nU2,Stängd,,2023-12-31\n"
    rows = "U1,a,2024-12,6,,,\nU1,b,2024-12,10,,,\n"
    new, closed = audited(small(tmp_path, SHARE, rows, units=units)).findings
    assert (Grade.PASS, Decimal(60)) == (new.grade, new.value)
    assert Grade.NOT_APPLICABLE is closed.grade
    assert "Enheten var inte öppen under perioden." == closed.explanation("sv")


def test_missing_months_are_named(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "6") + "".join(
        f"U1,b,2024-{m:02d},10,,,\n" for m in (1, 2, 3, 6, 7, 8, 9, 10, 12)
    )
    finding = only(small(tmp_path, SHARE, rows))
    assert Grade.UNKNOWN is finding.grade
    assert "9 av 12 månader kan räknas" in finding.explanation("sv")
    assert "Uppgift saknas: B för april–maj och november 2024." in finding.explanation("sv")
    assert "Missing: B for April–May and November 2024." in finding.explanation("en")


def test_points_are_counted_by_value_and_by_grade(tmp_path: Path) -> None:
    rows = "U1,a,2024-05,46,,,\nU1,b,2024-05,100,,,\n"
    by_value = small(
        tmp_path / "v", SHARE, rows, period="2024-05", requirement="points: {max: 10, from: 40, to: 50}"
    )
    assert Decimal(6) == only(by_value).points
    by_grade = small(
        tmp_path / "g", SHARE, rows, period="2024-05", requirement="points: {pass: 10, partial: 2.5}"
    )
    assert Decimal("2.5") == only(by_grade).points
    assert Decimal("2.5") == audited(by_grade).unit("U1").points


def test_an_assumed_threshold_is_called_assumed(tmp_path: Path) -> None:
    rows = "U1,a,2024-05,46,,,\nU1,b,2024-05,100,,,\n"
    finding = only(small(tmp_path, SHARE, rows, period="2024-05", requirement="assumed: [partial_from]"))
    assert "Delvis uppfyllt: minst 40\N{NO-BREAK SPACE}% (antagen gräns)." in finding.explanation("sv")
    assert "at least 40\N{NO-BREAK SPACE}% (assumed threshold)" in finding.explanation("en")


def test_numbers_are_written_as_each_language_writes_them(tmp_path: Path) -> None:
    rule = "measure: {value: visits, over: total}"
    rows = "U1,visits,2024-05,1287279,,,\n"
    finding = only(small(tmp_path, rule, rows, period="2024-05"))
    nbsp = "\N{NO-BREAK SPACE}"
    assert f"1{nbsp}287{nbsp}279{nbsp}besök" in finding.explanation("sv")
    assert f"1,287,279{nbsp}visits" in finding.explanation("en")
    assert Grade.INFO is finding.grade


def test_totals_give_mean_median_pooled_and_bands(tmp_path: Path) -> None:
    units = "unit,name\n" + "".join(f"U{n},Enhet {n}\n" for n in range(1, 5))
    rows = "".join(
        f"U{n},a,2024-05,{a},,,\nU{n},b,2024-05,{b},,,\n"
        for n, a, b in ((1, 10, 100), (2, 30, 100), (3, 60, 100), (4, 500, 1000))
    )
    folder = small(
        tmp_path,
        SHARE,
        rows,
        period="2024-05",
        units=units,
        requirement="bands: [{below: 30}, {at_least: 30, at_most: 50}, {above: 50}]\n"
        "references: {nation: 45.5}",
    )
    (total,) = audited(folder).requirements
    (measure,) = total.measures
    assert Decimal("37.5") == measure.mean
    assert Decimal(40) == measure.median
    assert Decimal("46.153846") == measure.pooled
    assert (Decimal(10), Decimal(60)) == (measure.min, measure.max)
    assert (1, 2, 1) == total.bands
    assert {"nation": Decimal("45.5")} == total.references


def test_waivers_that_overlap_leave_the_grade_open(tmp_path: Path) -> None:
    both = """
        waivers:
          - {unit: U1, requirement: R1, parameters: {minimum: 28}, from: 2024-01-01, decision: D 1}
          - {unit: U1, requirement: R1, parameters: {minimum: 35}, from: 2024-06-01, decision: D 2}
    """
    folder = small(tmp_path, HOURS, "U1,hours,2024,mon-fri 08:00-17:00,,,\n", portfolio=both)
    audit = compliance.audit(folder, library=folder)
    assert 1 == len(audit.errors)
    assert Grade.UNKNOWN is audit.findings[0].grade
    assert "Dispenserna för kravet motsäger varandra" in audit.findings[0].explanation("sv")


def test_a_default_does_not_stand_for_a_file_that_could_not_be_read(tmp_path: Path) -> None:
    """An empty month means zero only where every observation could be laid to a cell."""
    rule = "measure: {value: visits, over: total}\ngrade: {pass: {at_most: 10}}"
    folder = small(tmp_path, rule, "", period="2024-05")
    facts = folder / "rules" / "facts.yaml"
    facts.write_text(
        facts.read_text("utf-8").replace("per: month}\n  answer", "per: month, default: 0}\n  answer"),
        "utf-8",
    )
    assert Grade.PASS is only(folder).grade
    (folder / "facts" / "more.csv").write_bytes(b"unit,fact,period,value\nU1,visits,2024-05,\xe4\n")
    audit = compliance.audit(folder, library=folder)
    assert 1 == len(audit.errors)
    assert Grade.UNKNOWN is audit.findings[0].grade


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_shipped_finding_is_explained_in_whole_sentences(jamtland: compliance.Audit, lang: str) -> None:
    for finding in jamtland.findings:
        text = finding.explanation(lang)
        assert text.endswith((".", ")."))
        assert not {"None", "null", "{", "}", "  "} & set(text.split(" ")), text
        assert "  " not in text, text


def test_the_unit_without_specialists_since_autumn_is_partial_and_the_locums_are_told(
    jamtland: compliance.Audit,
) -> None:
    finding = jamtland.unit("U14").finding("2.3.2")
    assert (Grade.PARTIAL, Decimal("46.153846")) == (finding.grade, finding.value)
    assert "Specialister, hyrda inräknade" in finding.explanation("sv")


def test_torvalla_is_measured_over_december_alone(jamtland: compliance.Audit) -> None:
    finding = jamtland.unit("U28").finding("2.1.1")
    assert Decimal(210) == finding.value
    assert "december 2024" in finding.explanation("sv")


def test_a_requirement_for_another_part_of_the_year_does_not_apply(tmp_path: Path) -> None:
    folder = small(
        tmp_path,
        LEVEL,
        "U1,answer,2024,inte,,,\n",
        portfolio="period: 2024-T1",
        requirement="period: {from: 2024-07, to: 2024-12}",
    )
    finding = only(folder)
    assert Grade.NOT_APPLICABLE is finding.grade
    assert "another part of the contract's time" in finding.explanation("en")


def test_a_yearly_contract_serves_a_tertial_with_what_coverage_there_can_be(tmp_path: Path) -> None:
    rule = "measure: {value: a, coverage: 9}\ngrade: {pass: {at_least: 5}}"
    rows = "".join(f"U1,a,2024-{m:02d},6,,,\n" for m in range(1, 5))
    assert Grade.PASS is only(small(tmp_path, rule, rows, portfolio="period: 2024-T1")).grade


def test_a_waivers_threshold_is_not_called_assumed(tmp_path: Path) -> None:
    rows = "U1,hours,2024-T1,mon-thu 09:00-16:00,,,\n"
    finding = only(
        small(
            tmp_path,
            HOURS,
            rows,
            portfolio=WAIVER,
            period="2024-T1",
            requirement="assumed: [minimum]",
        )
    )
    assert "minst 28 i stället för minst 45 (antagen gräns)." in finding.explanation("sv")
    assert "minst 28 (antagen gräns)" not in finding.explanation("sv")
