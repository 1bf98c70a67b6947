"""The benchmark's work is a valid portfolio, and exact arithmetic, our engine and the rivals can be compared on it."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import compliance
from benchmarks.rivals import RIVALS, Given, Rival, differing, floor, query_sums
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
    parquet = duckdb.connect().sql(f"FROM '{tmp_path / 'observations.parquet'}'")
    assert [str(kind) for kind in parquet.types] == ["VARCHAR", "VARCHAR", "VARCHAR", "DECIMAL(18,6)"]
    assert parquet.fetchall() == rows(given.table)
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


def test_a_part_of_the_work_is_the_work_of_fewer_units(given: Given) -> None:
    part = given.part(9)
    assert rows(part.table) == rows(Workload(9, seed=7).table())
    assert part.sums == given.sums[:9]


def test_the_runner_prints_a_table_for_each_question() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.scale",
        "--units",
        "20",
        "--questions",
        "memory",
        "engines",
        "peak",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    for said in (
        "Grading 14,",
        "Rule engines, 20 units",
        "Peak memory",
        "SQL by hand",
        "plain Python",
        "DuckDB",
    ):
        assert said in done.stdout
    assert done.stderr == ""
