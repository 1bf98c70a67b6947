"""What other requirements would lead to: single thresholds, all of them in a span, and a new contract."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import compliance
from compliance import Grade
from compliance.assessment import open_portfolio
from compliance.comparison import in_words
from compliance.consequences import Impact, Sweep
from compliance.engine.scenarios import grade_counts, grade_turns
from compliance.findings.records import Finding
from compliance.report.impact import exactly
from tests.conftest import ROOT, Done
from tests.small import every_month, small

Run = Callable[..., Done]
MILLION = 1_000_000
HOURS = "opening_hours.minimum"
GUIDELINE = """
rules:
  listed_per_specialist:
    title: {sv: Listade per specialist i allmänmedicin, en: Listed per GP specialist}
    measure:
      rate: [listed_patients]
      per: [gp_specialist_fte]
      window: 1
    parameters: {maximum: 1100}
    grade: {pass: {at_most: maximum}}
"""
NEXT_YEAR = """
id: jamtland-halsoval-2025
extends: jamtland-halsoval-2024
title: {sv: Hälsoval Jämtland Härjedalen 2025, en: Care choice in Jämtland Härjedalen 2025}
period: 2025
documents:
  guideline: {title: {sv: Det nationella riktvärdet, en: The national guideline}}
drop: ["2.5.4"]
requirements:
  - id: "2.3.9"
    rule: listed_per_specialist
    obligation: must
    source: {document: guideline, section: "1", quote: "1100 invånare per specialist i primärvården"}
  - id: "2.2.7"
    parameters: {minimum: 50}
"""
COUNT = """
measure: {value: visits, over: total}
parameters: {minimum: 10, partial_from: 5}
grade: {pass: {at_least: minimum}, partial: {at_least: partial_from}}
"""
SHARE = """
measure: {share: [a], of: [b]}
parameters: {minimum: 50}
grade: {pass: {above: minimum}}
"""
THREE = "unit,name,kind,operator\nU1,Enhet 1,,region\nU2,Enhet 2,,private\nU3,Enhet 3,,private\n"


def draft(folder: Path) -> Path:
    """Next year's contract for Jämtland, with a rule that the shipped library lacks."""
    for name, text in (
        ("rules/guideline.yaml", GUIDELINE),
        ("contracts/jamtland-halsoval-2025.yaml", NEXT_YEAR),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / "contracts" / "jamtland-halsoval-2025.yaml"


def library(folder: Path) -> Path:
    """A copy of the shipped library and its portfolios, to be edited."""
    for part in ("rules", "contracts", "samples"):
        shutil.copytree(ROOT / part, folder / part)
    return folder


def edited(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / "contracts" / f"{name}.yaml"
    text = file.read_text("utf-8")
    assert 1 == text.count(old)
    file.write_text(text.replace(old, new), "utf-8")


def told(findings: list[Finding]) -> list[tuple[object, ...]]:
    return [(f.unit, f.requirement, f.grade, f.unwaived_grade, f.value, f.threshold) for f in findings]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def with_visits(folder: Path, values: dict[str, int | str], rule: str = COUNT, **more: str) -> Path:
    """Units whose only figure is a year's visits, made in January."""
    rows = ""
    for unit, value in values.items():
        rows += every_month(unit, "visits", "0").replace(
            f"{unit},visits,2024-01,0", f"{unit},visits,2024-01,{value}"
        )
    return small(folder, rule, rows, units=more.pop("units", THREE), **more)


@pytest.fixture(scope="module")
def fifty() -> Impact:
    return compliance.impact("halland-2024", {HOURS: 50})


# One change ---------------------------------------------------------------------------------------


def test_fifty_opening_hours_in_halland_are_what_an_edited_contract_gives(
    fifty: Impact, tmp_path: Path
) -> None:
    folder = library(tmp_path)
    edited(
        folder,
        "halland-narsjukvard-2024",
        "{minimum: 45, partial_from: 40}",
        "{minimum: 50, partial_from: 40}",
    )
    audit = compliance.audit(folder / "samples" / "halland-2024", library=folder)
    assert told(audit.findings) == told(fifty.after.findings)
    assert [t.grades for t in audit.requirements] == [t.grades for t in fifty.after.requirements]
    before = compliance.audit("halland-2024")
    assert told(before.findings) == told(fifty.before.findings)
    worse = {one.after.unit for one in fifty.changes}
    by_hand = {
        old.unit
        for old, new in zip(before.findings, audit.findings, strict=True)
        if old.grade is Grade.PASS and new.grade is Grade.PARTIAL
    }
    assert by_hand == worse
    assert 38 == len(worse)


def test_each_change_says_why_by_the_value_and_both_levels(fifty: Impact) -> None:
    (one,) = [change for change in fifty.changes if change.after.unit == "U01"]
    assert "worse" == one.turn
    assert (
        "46,5 timmar i veckan uppfyller nivån minst 45 timmar i veckan, men inte minst 50 timmar i veckan."
        == one.reason.sv.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "46.5 hours a week meets the level at least 45 hours" in one.reason.en.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_the_hours_that_all_lack_together_are_the_sum_of_what_each_lacks(fifty: Impact) -> None:
    (cost,) = fifty.costs
    lacking = [50 - (one.after.measures[0].exact or 0) for one in fifty.changes]
    assert sum(lacking) == cost.amount == Fraction(347, 2)
    assert ("more", ["opening_hours"], 38, 38, False) == (
        cost.kind,
        [fact.name for fact in cost.facts],
        cost.units,
        cost.of,
        cost.beyond,
    )


def test_a_unit_that_falls_to_fail_is_brought_back_to_partial_only(tmp_path: Path) -> None:
    folder = with_visits(tmp_path, {"U1": 7, "U2": 12, "U3": 3})
    impact = compliance.impact(folder, {"R1.partial_from": 9, "R1.minimum": 20}, library=folder)
    changed = {c.after.unit: (c.before.grade, c.after.grade) for c in impact.changes}
    assert {"U1": (Grade.PARTIAL, Grade.FAIL), "U2": (Grade.PASS, Grade.PARTIAL)} == changed
    rungs = {one.finding.unit: (one.rung, one.gap.amount if one.gap else None) for one in impact.shortfalls}
    assert {"U1": ("partial", Fraction(2)), "U2": ("pass", Fraction(8))} == rungs
    (cost,) = impact.costs
    assert (Fraction(10), 2) == (cost.amount, cost.units)
    assert "7 besök uppfyller nivån minst 5 besök, men inte minst 9 besök." == impact.changes[
        0
    ].reason.sv.replace("\N{NO-BREAK SPACE}", " ")


def test_an_eased_requirement_makes_grades_better_and_costs_nothing(tmp_path: Path) -> None:
    folder = with_visits(tmp_path, {"U1": 7, "U2": 12, "U3": 3})
    impact = compliance.impact(folder, {"R1.minimum": 6}, library=folder)
    assert [("U1", "better")] == [(one.after.unit, one.turn) for one in impact.changes]
    assert ([], []) == (impact.shortfalls, impact.costs)
    assert "7\N{NO-BREAK SPACE}visits meets the level at least 6" in impact.changes[0].reason.en


def test_null_leaves_the_level_out(tmp_path: Path) -> None:
    folder = with_visits(tmp_path, {"U1": 7, "U2": 12, "U3": 3})
    impact = compliance.impact(folder, {"R1.minimum": None, "R1.partial_from": None}, library=folder)
    assert {Grade.INFO} == {one.after.grade for one in impact.changes}
    assert {None} == {one.turn for one in impact.changes}
    assert "Nivån minst 5\N{NO-BREAK SPACE}besök finns inte längre." == impact.changes[0].reason.sv


def test_a_waiver_that_keeps_the_grade_is_told_and_a_level_of_ones_own_is_not_reached(
    run: Run, tmp_path: Path
) -> None:
    folder = with_visits(
        tmp_path,
        {"U1": 12, "U2": 12, "U3": 12},
        requirement="vary: [{for: {unit: [U3]}, parameters: {minimum: 3}}]",
        portfolio="waivers: [{unit: U1, requirement: R1, parameters: {minimum: 4}, from: 2024-01-01, decision: D 7}]",
    )
    impact = compliance.impact(folder, {"R1.minimum": 20}, library=folder)
    assert ["U2"] == [one.after.unit for one in impact.changes]
    assert ["U1"] == [one.after.unit for one in impact.held]
    text = flat(run("impact", str(folder), "--set", "R1.minimum=20", "--library", str(folder)).out)
    assert "Unchanged because of a waiver: U1 Enhet 1 (pass by D 7, else partial)." in text
    assert "U1 Enhet 1 (4 visits, waiver D 7), U3 Enhet 3 (3 visits, by the contract)" in text


def test_all_faults_of_a_change_are_told_at_once() -> None:
    with pytest.raises(compliance.InputError) as error:
        compliance.impact("jamtland-2024", {"2.2.7.minimum": "x", "2.2.7.partial_from": "1,5"})
    assert 2 == len(error.value.problems)


def test_the_command_shows_the_list_in_both_languages(run: Run, fifty: Impact) -> None:
    done = run("impact", "halland-2024", "--set", f"{HOURS}=50", "--lang", "sv")
    text = flat(done.out)
    assert (0, "") == (done.status, done.err)
    assert "38 av 46 vårdcentraler får en sämre bedömning, ingen får en bättre." in text
    assert "Skärpt, uppfyller: minst 50 timmar i veckan (förut minst 45 timmar i veckan)" in text
    assert "● uppfyller 39 → 1 (varav med dispens 1) ◐ uppfyller delvis 3 → 41" in text
    assert "● → ◐ U01 Gottskärs vårdcentral Kungsbacka 46,5 3,5" in text
    assert "öppettider: sammanlagt 173,5 timmar i veckan mer (38 vårdcentraler)" in text
    assert "U45 Skottorps vårdcentral (36 timmar i veckan, dispens HSU 2022/87)" in text
    assert all(f"{one.after.unit} " in text for one in fifty.changes)
    english = flat(run("impact", "halland-2024", "--set", f"{HOURS}=50", "--lang", "en").out)
    assert "38 of 46 health centres would get a worse grade, none a better one." in english
    assert "opening hours: 173.5 hours a week more in all (38 health centres)" in english


def test_json_and_csv_hold_what_the_table_does(run: Run, fifty: Impact) -> None:
    data = run("impact", "halland-2024", "--set", f"{HOURS}=50", "-f", "json").json
    assert [
        {"requirement": "opening_hours", "parameter": "minimum", "before": "45.000000", "after": "50.000000"}
    ] == (data["settings"])
    assert (38, 0, 38) == (data["changed"], data["better"], data["worse"])
    assert [one.after.unit for one in fifty.changes] == [one["unit"] for one in data["changes"]]
    assert ("3.500000", "pass", "partial") == (
        data["changes"][0]["lacking"],
        data["changes"][0]["before"]["grade"],
        data["changes"][0]["after"]["grade"],
    )
    assert [{"kind": "more", "facts": ["opening_hours"], "amount": "3.500000", "beyond": False}] == (
        data["changes"][0]["takes"]
    )
    assert "173.500000" == data["costs"][0]["amount"]
    text = run("impact", "halland-2024", "--set", f"{HOURS}=50", "-f", "csv", "--lang", "sv").out
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert 46 == len(rows)
    assert {"worse": 38, "same": 8} == Counter(row["turn"] for row in rows)
    assert ("46,500000", "3,500000") == (rows[0]["value_after"], rows[0]["lacking"])


@pytest.mark.parametrize(("fail_on", "status"), [("fail", 0), ("partial", 1), ("unknown", 1), ("never", 0)])
def test_the_exit_status_tells_whether_a_must_comes_to_be_graded_so(
    run: Run, fail_on: str, status: int
) -> None:
    done = run("impact", "halland-2024", "--set", f"{HOURS}=50", "--fail-on", fail_on, "-f", "json")
    assert status == done.status


def test_a_guideline_without_figures_can_not_be_told(run: Run) -> None:
    text = flat(run("impact", "god-och-nara-vard-2024", "--set", "30.maximum=1000", "--lang", "sv").out)
    assert "Ingen bedömning ändras." in text
    assert "Skärpt, uppfyller: högst 1 000 (förut högst 1 100)" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Går inte att avgöra (1): HALLAND Region Halland." in text


# A new contract -----------------------------------------------------------------------------------


def test_a_new_contract_tells_who_lacks_specialists_and_how_many(run: Run, tmp_path: Path) -> None:
    file = draft(tmp_path)
    impact = compliance.impact("jamtland-2024", contract=file)
    assert () == impact.errors
    by_hand = {}
    for unit in impact.before.units:
        facts = impact.before.portfolio.cells_of(["listed_patients", "gp_specialist_fte"])
        last = {
            c.fact: c.value
            for c in facts
            if c.unit == unit.unit and c.slot == impact.before.portfolio.period.last
        }
        listed, posts = last.get("listed_patients"), last.get("gp_specialist_fte")
        if listed is not None and posts:
            by_hand[unit.unit] = Fraction(listed, posts)
    found = {f.unit: f for f in impact.added if f.requirement == "2.3.9"}
    assert 28 == len(found)
    assert {u for u, value in by_hand.items() if value > 1100} == {
        u for u, f in found.items() if f.grade is Grade.FAIL
    }
    steps = {
        unit: step.by
        for (unit, id_), some in impact.steps.items()
        for step in some
        if id_ == "2.3.9" and step.facts == ("gp_specialist_fte",)
    }
    (total,) = [c.amount for c in impact.costs if [fact.name for fact in c.facts] == ["gp_specialist_fte"]]
    assert sum(steps.values()) == total
    for id_, by in steps.items():
        value = found[id_].measures[0]
        own = value.exact_denominator
        assert own is not None
        assert value.exact is not None
        needed = value.exact * own / 1100 - own
        assert 0 <= by - needed < Fraction(2, MILLION)
    text = flat(run("impact", "jamtland-2024", "--contract", str(file), "--lang", "sv").out)
    assert "Högst 1 100. Uppfylls inte av 26 av 28 hälsocentraler." in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "24 av 28 hälsocentraler får en sämre bedömning, ingen får en bättre. 26 av 28" in text
    assert "Ändringen når inte dem som har en egen nivå: U27 Kälarne hälsocentral (28" in text
    assert "Krav som inte längre finns (1) 2.5.4" in text
    assert (
        "egna specialister i allmänmedicin: sammanlagt minst 63,61 tjänster mer (26 hälsocentraler)" in text
    )


def test_a_new_contract_gives_what_a_portfolio_that_names_it_gives(tmp_path: Path) -> None:
    folder = library(tmp_path)
    draft(folder)
    edited(folder, "jamtland-halsoval-2025", "period: 2025", "period: 2024")
    portfolio = folder / "samples" / "jamtland-2024"
    file = portfolio / "portfolio.yaml"
    impact = compliance.impact(portfolio, contract="jamtland-halsoval-2025", library=folder)
    file.write_text(
        file.read_text("utf-8").replace(
            "contract: jamtland-halsoval-2024", "contract: jamtland-halsoval-2025"
        ),
        "utf-8",
    )
    audit = compliance.audit(portfolio, library=folder)
    assert told(audit.findings) == told(impact.after.findings)


def test_next_years_contract_is_laid_on_this_years_figures(tmp_path: Path) -> None:
    impact = compliance.impact("jamtland-2024", contract=draft(tmp_path))
    assert ("2024", "jamtland-halsoval-2025") == (impact.after.period, impact.after.contract)
    set_ = compliance.impact("jamtland-2024", {"2.2.7.minimum": 50})
    assert [(c.after.unit, c.after.grade) for c in set_.changes] == [
        (c.after.unit, c.after.grade) for c in impact.changes
    ]


def test_thresholds_can_be_set_in_the_new_contract(tmp_path: Path) -> None:
    impact = compliance.impact("jamtland-2024", {"2.3.9.maximum": 4000}, contract=draft(tmp_path))
    assert not [f for f in impact.added if f.grade is Grade.FAIL]


def test_a_renumbered_requirement_keeps_its_waiver(tmp_path: Path) -> None:
    folder = with_visits(
        tmp_path,
        {"U1": 12, "U2": 12, "U3": 2},
        portfolio="waivers: [{unit: U3, requirement: R1, parameters: {minimum: 1}, from: 2024-01-01, decision: D 7}]",
    )
    text = (folder / "contracts" / "c.yaml").read_text("utf-8")
    (folder / "contracts" / "d.yaml").write_text(
        text.replace("id: c\n", "id: d\n").replace("id: R1", "id: R9") + "    parameters: {minimum: 20}\n",
        "utf-8",
    )
    impact = compliance.impact(folder, contract="d", library=folder)
    assert [("R1", "R9", "U1"), ("R1", "R9", "U2")] == [
        (one.before.requirement, one.after.requirement, one.after.unit) for one in impact.changes
    ]
    assert Grade.PASS is impact.after.unit("U3").finding("R9").grade


def test_what_decides_whom_a_new_contract_concerns_is_told(run: Run, tmp_path: Path) -> None:
    """Under a contract that eases some and spares others, each requirement says what differs in it."""
    folder = library(tmp_path)
    (folder / "contracts" / "next.yaml").write_text(
        "id: next\nextends: jamtland-halsoval-2024\nperiod: 2025\nrequirements:\n"
        '  - id: "2.2.7"\n    parameters: {minimum: 50}\n    vary:\n'
        "      - {for: {operator: [private]}, parameters: {minimum: 45}}\n"
        "      - {for: {municipality: [Krokom]}, parameters: {minimum: 40}}\n"
        '  - id: "2.4.14"\n    applies: {measure: {value: listed_patients, over: last}, at_least: 3000}\n'
        '  - {id: "2.2.6", rule: none}\n',
        "utf-8",
    )
    done = run("impact", "jamtland-2024", "--contract", "next", "--library", str(folder), "--lang", "sv")
    text = flat(done.out).replace("\N{NO-BREAK SPACE}", " ")
    assert "Skärpt, uppfyller (utom privata): minst 50 timmar i veckan (förut minst 45" in text
    assert "Lättat, uppfyller (Krokom): minst 40 timmar i veckan (förut minst 45" in text
    assert "U07 Körfältets hälsocentral (45 timmar i veckan, enligt kontraktet), U08" in text
    assert "U09 Krokoms hälsocentral (" not in text
    assert "Lättat, gäller när: Listade patienter: minst 3 000 patienter (förut alltid)" in text
    # What can't be read is an error, and isn't taken for dropped.
    assert 2 == done.status
    assert "'none'" in done.err
    assert "inte längre finns" not in text
    impact = compliance.impact("jamtland-2024", contract="next", library=folder)
    assert [] == impact.dropped
    gone = {one.reason.sv for one in impact.changes if one.after.grade is Grade.NOT_APPLICABLE}
    assert {"Kravet gäller inte längre."} == gone


def test_a_fact_of_another_type_in_the_new_contracts_library_is_told(tmp_path: Path) -> None:
    folder = with_visits(tmp_path / "now", {"U1": 12, "U2": 12, "U3": 2})
    other = with_visits(tmp_path / "then", {"U1": 12, "U2": 12, "U3": 2})
    facts = other / "rules" / "facts.yaml"
    facts.write_text(facts.read_text("utf-8").replace("type: count, unit", "type: number, unit"), "utf-8")
    impact = compliance.impact(folder, contract=other / "contracts" / "c.yaml", library=folder)
    (problem,) = impact.errors
    assert (
        "The facts of 'r' aren't of the type and period that they have in the portfolio's" in problem.message
    )


# A span of thresholds -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("portfolio", "parameter", "first", "last"),
    [
        ("halland-2024", HOURS, 30, 60),
        ("halland-2024", "opening_hours.partial_from", 30, 60),
        ("jamtland-2024", "2.3.2.minimum", 40, 100),
        ("jamtland-2024", "2.3.2.partial_from", 20, 60),
        ("jamtland-2024", "2.4.15.maximum", 0, 30),
        ("jamtland-2024", "2.4.9.minimum", 60, 100),
    ],
)
def test_every_threshold_of_a_sweep_is_graded_as_a_contract_with_it(
    portfolio: str, parameter: str, first: int, last: int
) -> None:
    """And between thresholds, and on both sides of where a unit tips, the exact turns tell the same."""
    sweep = compliance.sweep(portfolio, parameter, first, last, "2.5")
    read = open_portfolio(portfolio)
    key = (sweep.clause.id, sweep.parameter)
    beside = [
        at
        for tip in sweep.tips
        for at in (tip.at - Fraction(1, MILLION), tip.at, tip.at + Fraction(1, MILLION))
        if first <= at <= last
    ]
    tried = [int(at * MILLION) for at in [*(at for at, _ in sweep.curve), *beside]]
    counts = grade_counts(read, [{key: at} for at in tried])
    for scenario, at in enumerate(tried):
        expected = {
            Grade(c.grade): c.units
            for c in counts
            if (c.scenario, c.requirement) == (scenario, sweep.clause.id)
        }
        assert expected == {grade: n for grade, n in sweep.at(Fraction(at, MILLION)).items() if n}
    assert all(sweep.at(at) == grades for at, grades in sweep.curve)


def test_the_values_at_which_units_tip_are_their_own_and_not_the_steps() -> None:
    coarse = compliance.sweep("jamtland-2024", "2.3.2.minimum", 40, 100, 20)
    fine = compliance.sweep("jamtland-2024", "2.3.2.minimum", 40, 100, "0.25")
    assert coarse.tips == fine.tips
    values = {f.unit: f.measures[0].exact for f in coarse.audit.findings}
    assert {tip.unit: tip.at for tip in coarse.tips} == {
        unit: values[unit] for unit in {t.unit for t in coarse.tips}
    }
    assert Fraction(600, 13) in {tip.at for tip in coarse.tips}


def test_a_unit_tips_at_its_value_or_just_beyond_it(tmp_path: Path) -> None:
    """At least 7 is met by 7; more than 50 % isn't met by 50 %."""
    folder = with_visits(tmp_path / "count", {"U1": 7, "U2": 12, "U3": 3})
    sweep = compliance.sweep(folder, "R1.minimum", 0, 20, library=folder)
    assert [("U3", Fraction(3), False), ("U1", Fraction(7), False), ("U2", Fraction(12), False)] == [
        tip[:3] for tip in sweep.tips
    ]
    rows = every_month("U1", "a", "1") + every_month("U1", "b", "2") + every_month("U2", "a", "1")
    folder = small(tmp_path / "share", SHARE, rows + every_month("U2", "b", "3"), units=THREE)
    sweep = compliance.sweep(folder, "R1.minimum", 0, 100, library=folder)
    assert [("U2", Fraction(100, 3), False), ("U1", Fraction(50), True)] == [tip[:3] for tip in sweep.tips]
    assert {"pass": 2, "unknown": 1} == {g.value: n for g, n in sweep.at(Fraction(100, 3)).items() if n}
    assert {"fail": 2, "unknown": 1} == {g.value: n for g, n in sweep.at(Fraction(50)).items() if n}


def test_thresholds_that_months_must_hold_tip_at_the_months_values(tmp_path: Path) -> None:
    rule = """
    measure: {months: a, at_least: level}
    parameters: {level: 2, minimum: 50}
    grade: {pass: {at_least: minimum}}
    """
    rows = every_month("U1", "a", "1").replace("2024-01,1", "2024-01,4.5").replace("2024-02,1", "2024-02,3")
    rows += every_month("U2", "a", "2.25")
    folder = small(tmp_path, rule, rows, units=THREE)
    sweep = compliance.sweep(folder, "R1.level", 0, 5, library=folder)
    assert [("U1", Fraction(1)), ("U2", Fraction(9, 4))] == [(tip.unit, tip.at) for tip in sweep.tips]


def test_one_that_must_be_equal_tips_twice(tmp_path: Path) -> None:
    rule = "measure: {value: visits, over: total}\nparameters: {exact: 5}\ngrade: {pass: {equals: exact}}\n"
    folder = with_visits(tmp_path, {"U1": 7, "U2": 12, "U3": 3}, rule)
    sweep = compliance.sweep(folder, "R1.exact", 5, 10, library=folder)
    assert [
        ("U1", 7, True, Grade.FAIL, Grade.PASS),
        ("U1", 7, False, Grade.PASS, Grade.FAIL),
    ] == list(map(tuple, sweep.tips))


def test_a_waiver_and_a_level_of_ones_own_do_not_tip(tmp_path: Path) -> None:
    folder = with_visits(
        tmp_path,
        {"U1": 7, "U2": 12, "U3": 3},
        requirement="vary: [{for: {unit: [U2]}, parameters: {minimum: 3}}]",
        portfolio="waivers: [{unit: U1, requirement: R1, parameters: {minimum: 4}, from: 2024-01-01, decision: D 7}]",
    )
    assert ["U3"] == [tip.unit for tip in compliance.sweep(folder, "R1.minimum", 0, 20, library=folder).tips]


def test_other_parameters_can_be_set_during_a_sweep(tmp_path: Path) -> None:
    folder = with_visits(tmp_path, {"U1": 7, "U2": 12, "U3": 3})
    sweep = compliance.sweep(folder, "R1.minimum", 4, 20, scenario={"R1.partial_from": None}, library=folder)
    assert {Grade.PASS, Grade.FAIL} == {g for _, counts in sweep.curve for g, n in counts.items() if n}


def test_what_else_was_set_is_told_with_the_sweep(run: Run) -> None:
    words = ("--sweep", f"{HOURS}=40..60", "--set", "opening_hours.partial_from=30")
    text = flat(run("impact", "halland-2024", *words, "--lang", "sv").out)
    assert "partial_from: 30 timmar i veckan i stället för 40 timmar i veckan." in text
    data: Any = run("impact", "halland-2024", *words, "-f", "json").json
    assert [("partial_from", "40.000000", "30.000000")] == [
        (one["parameter"], one["before"], one["after"]) for one in data["settings"]
    ]


def test_many_units_are_gone_through_in_parts_with_the_same_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    read = open_portfolio("jamtland-2024")
    tried = [{("2.3.2", "minimum"): at * MILLION} for at in range(30, 101, 5)]
    whole = grade_turns(read, tried)
    monkeypatch.setattr("compliance.engine.scenarios.MOST_GRADES", 5 * len(tried) * len(read.program.clauses))
    assert whole == grade_turns(read, tried)


def test_the_turns_add_up_to_the_counts() -> None:
    read = open_portfolio("jamtland-2024")
    scenarios = [{("2.3.2", "minimum"): at * MILLION} for at in range(30, 101, 5)]
    counts = {(c.scenario, c.requirement, c.grade): c.units for c in grade_counts(read, scenarios)}
    held: dict[tuple[str, str], str] = {}
    added: Counter[tuple[int, str, str]] = Counter()
    turns = grade_turns(read, scenarios)
    for scenario in range(len(scenarios)):
        held |= {(t.unit, t.requirement): t.grade for t in turns if t.scenario == scenario}
        added.update((scenario, requirement, grade) for (_, requirement), grade in held.items())
    assert counts == added


def test_without_a_step_there_are_about_twenty_thresholds_with_round_numbers() -> None:
    def steps(first: float, last: float) -> Fraction:
        return compliance.sweep("halland-2024", HOURS, first, last).span[2]

    assert [1, Fraction(1, 2), 5, Fraction(1, 20)] == [
        steps(40, 60),
        steps(40, 50),
        steps(0, 100),
        steps(45, 46),
    ]


def test_a_thousand_thresholds_and_their_ends_are_all_there() -> None:
    sweep = compliance.sweep("halland-2024", HOURS, 40, 60, "0.02")
    assert 1001 == len(sweep.curve)
    assert (Fraction(40), Fraction(60)) == (sweep.curve[0][0], sweep.curve[-1][0])
    odd = compliance.sweep("halland-2024", HOURS, 40, 41, "0.3")
    assert [40, Fraction(403, 10), Fraction(203, 5), Fraction(409, 10), 41] == [at for at, _ in odd.curve]


def test_exact_values_are_decimals_where_they_end_and_else_fractions() -> None:
    sweep: Sweep = compliance.sweep("jamtland-2024", "2.3.2.minimum", 40, 100)
    shown = {value: exactly(sweep.ready, value, "sv") for value in (Fraction(600, 13), Fraction(70))}
    assert ["46,153846 % (600/13)", "70 %"] == [
        text.replace("\N{NO-BREAK SPACE}", " ") for text in shown.values()
    ]


def test_the_sweep_is_drawn_with_the_grades_own_symbols(run: Run) -> None:
    done = run("impact", "halland-2024", "--sweep", f"{HOURS}=40..60", "--lang", "sv")
    assert (0, "") == (done.status, done.err)
    rows = [line for line in done.out.splitlines() if re.match(r" *(\d+ ┤|│)", line)]
    assert 12 == len(rows)
    assert {"●", "◐", "○", "?"} >= set("".join(re.sub(r"^[ \d┤│]*", "", row) for row in rows))
    assert all(len(line) <= 80 for line in done.out.splitlines())
    text = flat(done.out)
    assert "minimum från 40 till 60 timmar i veckan (i dag 45)." in text
    assert "▲ i dag 45" in text
    assert "45 39 3 2 2 ◂ i dag" in text
    assert "● → ◐ över 44,916667 timmar i veckan (539/12) U31 Harplinge vårdcentral" in text
    english = flat(run("impact", "halland-2024", "--sweep", f"{HOURS}=40..60", "--lang", "en").out)
    assert "above 44.916667 hours a week (539/12) U31 Harplinge vårdcentral" in english


def test_the_sweeps_json_and_csv_hold_the_curve_and_the_tips(run: Run) -> None:
    data: Any = run("impact", "halland-2024", "--sweep", f"{HOURS}=40..60", "-f", "json").json
    sweep = compliance.sweep("halland-2024", HOURS, 40, 60)
    assert ("40.000000", "60.000000", "1.000000", "45.000000") == tuple(
        data[key] for key in ("from", "to", "step", "today")
    )
    assert [str(tip.at) for tip in sweep.tips] == [tip["exact"] for tip in data["tips"]]
    assert {"pass": 39, "partial": 3} == {
        grade: data["curve"][5]["grades"][grade] for grade in ("pass", "partial")
    }
    text = run("impact", "halland-2024", "--sweep", f"{HOURS}=40..60", "-f", "csv").out
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert ["39", "41"] == [rows[5]["pass"], rows[-1]["partial"]]
    assert "U31 (44.916667\N{NO-BREAK SPACE}hours a week (539/12))" == rows[5]["tips"]


# What is refused ----------------------------------------------------------------------------------

REFUSED = json.loads((ROOT / "tests" / "bad_commands.json").read_text("utf-8"))["impact"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: " ".join(case["words"]) or "nothing")
def test_a_wrong_question_is_refused_with_what_to_do(run: Run, case: dict[str, Any]) -> None:
    done = run("impact", "halland-2024", *case["words"])
    assert (2, "") == (done.status, done.out)
    assert [case["message"]] == done.err.splitlines()


@pytest.mark.parametrize(
    ("parameter", "first", "last", "message"),
    [
        ("R1.minimum", "fully", "partly", "'minimum' is a level, and only numbers are swept. Use --set"),
        ("R1.unused", 1, 2, "Nothing in the requirement is compared with 'unused'"),
    ],
)
def test_what_is_no_number_is_not_swept(
    parameter: str, first: object, last: object, message: str, tmp_path: Path
) -> None:
    rule = (
        "measure: {value: answer}\nparameters: {minimum: fully, unused: null}\n"
        "grade: {pass: {at_least: minimum}}\n"
    )
    folder = small(tmp_path, rule, "U1,answer,2024,delvis,,,\n")
    with pytest.raises(compliance.InputError) as error:
        compliance.sweep(folder, parameter, first, last, library=folder)
    assert message in str(error.value)


def test_a_faulty_portfolio_is_still_tried_and_the_status_is_2(run: Run, tmp_path: Path) -> None:
    folder = with_visits(tmp_path, {"U1": 7, "U2": "many", "U3": 3})
    done = run("impact", str(folder), "--set", "R1.minimum=6", "--library", str(folder))
    assert 2 == done.status
    assert "1 of 3 units would get a better" in flat(done.out) or "None of 3 units" in flat(done.out)
    assert "facts/all.csv" in done.err


def test_levels_in_words_are_those_that_the_report_tells(fifty: Impact) -> None:
    clause = fifty.settings[0].clause
    assert in_words(clause, {**clause.parameters, "minimum": 50 * MILLION}).en.startswith("at least 50")


def test_percentages_of_units_are_not_added_up(run: Run) -> None:
    impact = compliance.impact("jamtland-2024", {"2.4.9.minimum": 85})
    (cost,) = impact.costs
    each = [step.by for some in impact.steps.values() for step in some]
    assert (False, 13, sum(each), max(each)) == (cost.summed, cost.units, cost.amount, cost.most)
    text = flat(run("impact", "jamtland-2024", "--set", "2.4.9.minimum=85", "--lang", "sv").out)
    assert "kontakt med enheten samma dag: i snitt 6,35 p.e. mer, som mest 15 p.e. mer (13" in text


def test_a_level_where_there_was_none_tells_who_would_not_meet_it(run: Run) -> None:
    impact = compliance.impact("jamtland-2024", {"2.4.9.minimum": 85})
    failing = {one.after.unit for one in impact.changes if one.after.grade is Grade.FAIL}
    assert failing == {one.finding.unit for one in impact.shortfalls}
    text = flat(run("impact", "jamtland-2024", "--set", "2.4.9.minimum=85", "--lang", "sv").out)
    assert (
        "28 hälsocentraler bedöms i stället för att bara redovisas; 13 av dem uppfyller inte nivån." in text
    )
    assert "Skärpt, uppfyller: minst 85 % (förut ingen nivå)" in text


def test_a_contract_with_nothing_in_common_is_refused(run: Run) -> None:
    done = run("impact", "god-och-nara-vard-2024", "--contract", "halland-narsjukvard-2023")
    assert (2, "") == (done.status, done.out)
    assert "has no requirement in common with god-och-nara-vard-2024" in done.err
