"""The benchmark's work is a valid portfolio, and exact arithmetic, our engine and the rivals can be compared on it."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

import compliance
from benchmarks.alone import alone
from benchmarks.case import Case, thresholds
from benchmarks.readme import BEGIN, END, Results, section, write_section
from benchmarks.rivals import RIVALS, Given, Rival, differing, floor, polars_sums, query_sums
from benchmarks.stages import STAGES, ask_stages
from benchmarks.turns import Answer
from benchmarks.workload import (
    FACTS,
    MONTHS,
    NEEDS,
    OBSERVATIONS_A_UNIT,
    Total,
    Workload,
    exact_grades,
    measure,
    threshold_hits,
    totals,
    totals_of_many,
)
from compliance.engine.batch import Batch
from tests.conftest import ROOT, run_command

UNITS = 50
Grades = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def given() -> Given:
    return Given(Workload(UNITS, seed=7))


@pytest.fixture(scope="module")
def folder(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return given.workload.write(tmp_path_factory.mktemp("workload") / "bench")


@pytest.fixture(scope="module")
def known(given: Given) -> dict[str, dict[str, Total]]:
    """Each unit's sums in plain Python."""
    return totals(rows(given.table))


@pytest.fixture(scope="module")
def right(given: Given, known: dict[str, dict[str, Total]]) -> Grades:
    grades: Grades = {}
    for unit in given.workload.unit_ids:
        for need, grade in zip(NEEDS, exact_grades(known.get(unit, {})), strict=True):
            grades[unit, need.id] = grade
    return grades


def rows(table: pa.Table) -> list[tuple[str, str, str, Decimal]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def graded(result: Any, given: Given) -> Grades:
    if isinstance(result, pa.Table):
        return {(row["unit"], row["requirement"]): row["grade"] for row in result.to_pylist()}
    return {
        (unit, need.id): grade
        for unit, grades in zip(given.workload.unit_ids, result, strict=True)
        for need, grade in zip(NEEDS, grades, strict=True)
    }


def test_the_workload_is_forty_requirements_and_sixty_facts_with_one_cell_in_a_hundred_missing() -> None:
    table = Workload(400).table()
    assert (len(NEEDS), len(set(FACTS)), OBSERVATIONS_A_UNIT) == (40, 60, 720)
    kinds = [need.kind for need in NEEDS]
    mix = {"share": 16, "rate": 8, "mean": 6, "total": 4, "last": 2, "met": 2, "min": 1, "months": 1}
    assert {kind: kinds.count(kind) for kind in kinds} == mix
    assert {need.coverage for need in NEEDS} == {9, MONTHS}
    assert {fact for need in NEEDS for fact in need.facts} == set(FACTS)
    assert 0.985 < table.num_rows / (400 * OBSERVATIONS_A_UNIT) < 0.995
    per_unit_and_month = table.group_by(["unit", "period"]).aggregate([("value", "count")])
    assert 400 * MONTHS - 100 < per_unit_and_month.num_rows < 400 * MONTHS, "some units lack whole months"
    assert table.schema.field("value").type == pa.decimal128(18, 6)
    assert table.nbytes / table.num_rows < 23


def test_the_same_seed_makes_the_same_observations_whatever_the_chunks() -> None:
    made = rows(Workload(7, seed=3).table())
    assert made == rows(Workload(7, seed=3).table(chunk=2))
    assert made == [row for row in rows(Workload(9, seed=3).table()) if row[0] <= "U000007"]
    assert made != rows(Workload(7, seed=4).table())
    assert made[0][:3] == ("U000001", FACTS[0], "2024-01")
    assert [(row[0], FACTS.index(row[1]), row[2]) for row in made] == sorted(
        (row[0], FACTS.index(row[1]), row[2]) for row in made
    )


def test_the_observations_are_those_that_this_seed_has_always_given() -> None:
    made = rows(Workload(3, seed=1).table())
    assert len(made) == 2146
    assert sum(value for *_, value in made) == Decimal("878723.390677")


def test_the_files_hold_the_rows_of_the_table(given: Given, folder: Path, tmp_path: Path) -> None:
    given.workload.write_parquet(tmp_path / "observations.parquet")
    written = duckdb.connect().sql(f"FROM '{tmp_path / 'observations.parquet'}'")
    assert [str(kind) for kind in written.types] == ["VARCHAR", "VARCHAR", "VARCHAR", "DECIMAL(18,6)"]
    assert written.fetchall() == rows(given.table)
    lines = (folder / "observations.csv").read_text("utf-8").splitlines()
    assert lines[0] == "unit,fact,period,value"
    words = {"yes": Decimal(1), "no": Decimal(0)}
    read = [line.split(",") for line in lines[1:]]
    assert [(u, f, p, words.get(v) if v in words else Decimal(v)) for u, f, p, v in read] == rows(given.table)


def test_the_contract_can_be_shown(folder: Path) -> None:
    shown = run_command("contract", "show", "bench", "--library", str(folder))
    assert (shown.status, shown.err) == (0, "")
    assert all(f"\n{need.id}  " in shown.out for need in NEEDS)


def test_our_engine_gives_the_exact_grade_of_every_finding(folder: Path, right: Grades) -> None:
    audit = compliance.audit(folder)
    assert audit.errors == ()
    assert {(f.unit, f.requirement): f.grade.value for f in audit.findings} == right
    assert set(right.values()) == {"pass", "partial", "fail", "unknown"}


def test_our_engine_gives_the_exact_value_of_every_finding(
    folder: Path, known: dict[str, dict[str, Total]]
) -> None:
    values = {(f.unit, f.requirement): f.measures[0].exact for f in compliance.audit(folder).findings}
    for unit, facts in known.items():
        for need in NEEDS:
            fraction, value = measure(need, facts), values[unit, need.id]
            assert (fraction is None) == (value is None)
            assert fraction is None or value is None or value * fraction[1] == fraction[0]


def test_sums_in_sql_are_those_in_plain_python(given: Given, known: dict[str, dict[str, Total]]) -> None:
    assert dict(totals_of_many(given.table)) == known
    exact = {(unit, fact): total.exact for unit, facts in known.items() for fact, total in facts.items()}
    sums = floor(given).to_pylist()
    assert {(row["unit"], row["fact"]): row["total"].scaleb(6) for row in sums} == exact
    by_query = query_sums(given)
    for unit, sums_of_unit in zip(given.workload.unit_ids, given.sums, strict=True):
        assert by_query[unit] == pytest.approx(sums_of_unit)


def test_every_sum_hits_a_threshold_exactly_for_some_units(known: dict[str, dict[str, Total]]) -> None:
    hits = threshold_hits(known)
    for need in NEEDS:
        if need.kind in ("share", "rate", "mean", "total"):
            assert hits[need.id] >= UNITS // 20, need
    # 0.1 and 0.2 of 0.6, and the like.
    tenths = next(need for need in NEEDS if need.facts[0] == "own_posts")
    assert hits[tenths.id]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_differs_from_exact_arithmetic_only_where_floats_do(
    rival: Rival, given: Given, known: dict[str, dict[str, Total]], right: Grades
) -> None:
    if not rival.installed:
        said = f"{rival.package} isn't installed: it comes with the extra bench"
        if os.environ.get("CI") and not (rival.package == "durable_rules" and sys.version_info >= (3, 13)):
            pytest.fail(said)
        pytest.skip(said)
    result = rival.run(rival.prepare(given))
    grades = graded(result, given)
    assert grades.keys() == right.keys()
    wrong = {key for key in right if grades[key] != right[key]}
    assert len(wrong) == differing(result, given)
    assert bool(wrong) == rival.floats
    needs = {need.id: need for need in NEEDS}
    for unit, id_ in wrong:
        assert threshold_hits({unit: known[unit]}, [needs[id_]])[id_] == 1


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_grades_under_other_thresholds(
    rival: Rival, given: Given, known: dict[str, dict[str, Total]]
) -> None:
    if not rival.installed:
        pytest.skip(f"{rival.package} isn't installed: it comes with the extra bench")
    # A value that no float comes near, so that all must agree.
    needs = [need._replace(minimum=need.minimum * Decimal("1.10731")) for need in NEEDS]
    grades = graded(rival.run(rival.prepare(given, needs)), given)
    for unit in given.workload.unit_ids:
        for need, grade in zip(needs, exact_grades(known.get(unit, {}), needs), strict=True):
            if threshold_hits({unit: known.get(unit, {})}, [need])[need.id] == 0:
                assert grades[unit, need.id] == grade


def test_a_part_of_the_work_is_the_work_of_fewer_units(given: Given) -> None:
    part = given.part(9)
    assert rows(part.table) == rows(Workload(9, seed=7).table())
    assert part.sums == given.sums[:9]


@pytest.mark.parametrize("rival", [rival for rival in RIVALS if rival.files], ids=lambda rival: rival.name)
def test_a_rival_grades_a_file_as_it_grades_memory(rival: Rival, given: Given, tmp_path: Path) -> None:
    if not rival.installed:
        pytest.skip(f"{rival.package} isn't installed: it comes with the extra bench")
    assert rival.files is not None
    given.workload.write_parquet(tmp_path / "observations.parquet", given.table)
    rival.files(tmp_path / "observations.parquet", tmp_path / "findings.parquet")
    found = parquet.read_table(tmp_path / "findings.parquet")
    assert graded(found, given) == graded(rival.run(rival.prepare(given)), given)


def test_sums_by_polars_are_those_by_duckdb(given: Given) -> None:
    pytest.importorskip("polars")
    by_polars, by_duckdb = polars_sums(given), query_sums(given)
    assert by_polars.keys() == by_duckdb.keys()
    for unit, sums in by_duckdb.items():
        assert by_polars[unit] == pytest.approx(sums)


def test_a_stored_case_is_read_as_it_was_made(given: Given, tmp_path: Path) -> None:
    stored = Case(given.workload, tmp_path).store()
    assert Case(given.workload, tmp_path).given.table.equals(given.table)
    assert duckdb.connect().sql(f"FROM '{stored.parquet}'").fetchall() == rows(given.table)
    assert differing(Batch(stored.portfolio).grade(stored.parquet), given) == 0


@pytest.mark.parametrize(
    "changed",
    [{"requirements": 10}, {"requirements": 80}, {"months": 6}, {"months": 24}, {"months": 48}],
    ids=lambda changed: " ".join(map(str, *changed.items())),
)
def test_fewer_and_more_requirements_and_months_make_a_portfolio_without_faults(
    changed: dict[str, int], tmp_path: Path
) -> None:
    workload = Workload(9, 3)._replace(**changed)
    audit = compliance.audit(workload.write(tmp_path / "bench"))
    assert audit.errors == ()
    assert len(audit.findings) == workload.findings == 9 * len(workload.needs)
    assert len({need.id for need in workload.needs}) == workload.requirements
    assert len({need.kind for need in workload.needs}) >= 5
    assert {grade.value for f in audit.findings if (grade := f.grade)} == {
        "pass",
        "partial",
        "fail",
        "unknown",
    }


def test_the_middle_scenario_is_the_contract_as_it_is() -> None:
    assert thresholds(10, 5) == [int(need.minimum.scaleb(6)) for need in NEEDS]
    assert len({tuple(thresholds(1000, at)) for at in range(1000)}) == 1000


def test_the_runner_answers_questions_keeps_the_figures_and_the_section_tells_them(tmp_path: Path) -> None:
    readme, figures = tmp_path / "README.md", tmp_path / "latest.json"
    readme.write_text(f"before\n{BEGIN}\nas it was\n{END}\nafter\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--units",
        "20",
        "--csv-units",
        "0",
        "--json",
        str(figures),
    ]
    command += ["--questions", "memory", "engines", "files", "scenarios", "--repeats", "1"]
    command += ["--scenario-units", "20", "--scenarios", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert done.stderr == ""
    for said in (
        "Grading 14,",
        "Rule engines, 20 units",
        "From file to file",
        "4 thresholds of each of 40 requirements",
        "Growth with scenarios",
        "SQL by hand",
        "plain Python",
        "duckdb",
    ):
        assert said in done.stdout
    results = Results.read(figures)
    assert [*results.answers] == [
        "memory 20",
        "engines 20",
        "files 20",
        "scenarios 20",
        "growth scenarios",
    ]
    ours = [
        row for answer in results.answers.values() for name, row in answer.figures.items() if name in OURS
    ]
    assert [row["wrong"] for row in ours] == [0] * len(ours)
    write_section(results, readme)
    before, told, after = readme.read_text("utf-8").partition(section(results))
    assert (before, after) == (f"before\n{BEGIN}\n", f"{END}\nafter\n")
    for said in (
        "| the bare `GROUP BY",
        "| SQL by hand",
        "| plain Python",
        "× the floor",
        "The fastest rule",
        "times as many as the fastest rule engine",
    ):
        assert said in " ".join(told.split())
    assert "as it was" not in told


OURS = (
    "compliance",
    "compliance, contract made ready each time",
    "compliance, Parquet to Parquet",
    "compliance, Parquet to memory",
    "compliance audit, Parquet to Parquet",
    "in one query",
    "one at a time, in columns",
    "one at a time, as impact does",
)


def test_a_side_alone_tells_its_memory_and_time(given: Given, tmp_path: Path) -> None:
    case = Case(given.workload, tmp_path).store()
    before, peak, taken = alone("compliance, Parquet to Parquet", case, 2)
    assert 20 < before <= peak < 2000
    assert len(taken) == 2
    assert differing(parquet.read_table(tmp_path / "alone.parquet"), given) == 0


def test_each_stage_is_handed_an_audit_that_nobody_has_looked_at() -> None:
    answer = ask_stages("one unit", "god-och-nara-vard-2024", 1)
    docx = [] if find_spec("docx") else ["briefs of all units, DOCX"]
    named = [stage.name for stage in STAGES if stage.name not in docx]
    assert [row[0] for row in answer.rows] == ["reading and grading", *named]
    assert all(row["seconds"] > 0 for row in answer.figures.values())


def test_figures_of_another_machine_are_not_mixed_with_this_ones(tmp_path: Path) -> None:
    answer = Answer("startup", "Start-up", ["process"], [["a"]], {"a": {"seconds": 1.0}})
    file = tmp_path / "latest.json"
    Results("one machine", {"startup": answer}).write(file)
    assert Results.read(file, "one machine").answers["startup"].figures == answer.figures
    assert Results.read(file, "another machine").answers == {}
    assert Results.read(file).machine == "one machine"


def test_the_readme_says_what_the_latest_figures_say() -> None:
    latest = ROOT / "benchmarks" / "latest.json"
    if not latest.exists():
        pytest.skip("make bench hasn't been run yet")
    stands = (ROOT / "README.md").read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert stands.strip() == section(Results.read(latest)).strip()
