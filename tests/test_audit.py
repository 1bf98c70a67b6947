"""The audit as a whole: the same bytes each time, the API in Python, scenarios, groups."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import compliance
from compliance.report.json import audit_json
from tests.conftest import ROOT, Done

SAMPLES = ROOT / "samples"


def shuffled(source: Path, target: Path, seed: int) -> None:
    """A portfolio whose CSV rows and files are in another order."""
    shutil.copytree(source, target)
    chance = random.Random(seed)
    for number, file in enumerate(sorted(target.glob("facts/*.csv"))):
        header, *rows = file.read_text("utf-8").splitlines(keepends=True)
        chance.shuffle(rows)
        file.unlink()
        half = len(rows) // 2
        for part, some in enumerate((rows[:half], rows[half:])):
            name = f"{chance.randrange(10**6):06d}-{number}-{part}.csv"
            (file.parent / name).write_text(header + "".join(some), "utf-8")
    units = target / "units.csv"
    header, *rows = units.read_text("utf-8").splitlines(keepends=True)
    chance.shuffle(rows)
    units.write_text(header + "".join(rows), "utf-8")


def test_the_audit_is_the_same_bytes_in_any_order_of_rows_and_files(tmp_path: Path) -> None:
    expected = audit_json(compliance.audit(SAMPLES / "jamtland-2024"))
    assert expected == audit_json(compliance.audit("jamtland-2024"))
    for seed in range(3):
        base = tmp_path / str(seed)
        for year in ("2023", "2024"):
            shuffled(SAMPLES / f"jamtland-{year}", base / f"jamtland-{year}", seed)
        assert expected == audit_json(compliance.audit(base / "jamtland-2024"))


def test_units_in_are_units_out(jamtland: compliance.Audit) -> None:
    lines = (SAMPLES / "jamtland-2024" / "units.csv").read_text("utf-8").splitlines()
    assert len(lines) - 1 == len(jamtland.units)
    assert 28 == sum(bool(unit.findings) for unit in jamtland.units)


def test_findings_come_by_unit_and_then_in_the_contracts_order(jamtland: compliance.Audit) -> None:
    order = [clause.id for clause in jamtland.portfolio.program.clauses]
    assert ["2.2.9", "2.3.1", "2.4.9", "2.4.10"] == [
        id_ for id_ in order if id_ in ("2.4.10", "2.4.9", "2.3.1", "2.2.9")
    ]
    keys = [(finding.unit, order.index(finding.requirement)) for finding in jamtland.findings]
    assert sorted(keys) == keys


def test_no_path_of_the_machine_and_no_clock_stands_in_the_output(jamtland: compliance.Audit) -> None:
    text = audit_json(jamtland)
    assert str(ROOT) not in text
    assert str(date.today().year) + "-" + date.today().strftime("%m-%d") not in text


def test_impact_grades_the_changed_contract_beside_the_one_that_is() -> None:
    impact = compliance.impact("jamtland-2024", {"2.2.7.minimum": 50})
    changed = {change.before.unit: change.after.grade for change in impact.changes}
    assert {"2.2.7"} == {change.after.requirement for change in impact.changes}
    # The two with longer hours still pass, and the waiver still decides for the one that has it.
    passing = {f.unit for f in impact.after.findings if f.requirement == "2.2.7" and f.grade == "pass"}
    assert 3 == len(passing)
    assert "U27" in passing
    assert compliance.Grade.PARTIAL is changed["U01"]


def test_impact_gives_what_an_edited_contract_gives(tmp_path: Path) -> None:
    for part in ("rules", "contracts", "samples"):
        shutil.copytree(ROOT / part, tmp_path / part)
    file = tmp_path / "contracts" / "jamtland-halsoval-2024.yaml"
    text = file.read_text("utf-8")
    assert "{minimum: 45, partial_from: 40}" in text
    file.write_text(
        text.replace("{minimum: 45, partial_from: 40}", "{minimum: 50, partial_from: 40}"), "utf-8"
    )
    edited = compliance.audit(tmp_path / "samples" / "jamtland-2024", library=tmp_path)
    impact = compliance.impact("jamtland-2024", {"2.2.7.minimum": "50"})
    assert [f.grade for f in edited.findings] == [f.grade for f in impact.after.findings]
    assert [f.threshold for f in edited.findings] == [f.threshold for f in impact.after.findings]


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ({"2.2.77.minimum": 50}, "has no requirement '2.2.77'"),
        ({"2.2.7.minimun": 50}, "has no parameter 'minimun'. It has: minimum or partial_from. Did you"),
        ({"2.2.7.minimum": "many"}, "'many' isn't a number"),
        ({"minimum": 50}, "Write REQUIREMENT.PARAMETER"),
    ],
)
def test_a_scenario_that_names_nothing_is_an_error(scenario: dict[str, object], message: str) -> None:
    with pytest.raises(compliance.InputError, match="scenario ") as error:
        compliance.impact("jamtland-2024", scenario)
    assert message in str(error.value)


def test_a_parameter_that_is_null_can_be_set(jamtland: compliance.Audit) -> None:
    assert {"info"} == {f.grade.value for f in jamtland.findings if f.requirement == "2.4.9"}
    audit = compliance.audit("jamtland-2024", scenario={"2.4.9.minimum": 86})
    grades = {f.grade.value for f in audit.findings if f.requirement == "2.4.9"}
    assert {"pass", "fail"} == grades


def test_the_python_of_the_documentation_works(jamtland: compliance.Audit) -> None:
    text = jamtland.unit("U01").finding("2.3.2").explanation("sv")
    assert text.startswith("Egna specialister i allmänmedicin: ")
    with pytest.raises(KeyError):
        jamtland.unit("U99")
    with pytest.raises(KeyError):
        jamtland.unit("U01").finding("9.9")


def test_findings_become_an_arrow_table(jamtland: compliance.Audit) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = jamtland.findings.to_arrow()
    assert isinstance(table, pyarrow.Table)
    assert len(jamtland.findings) == table.num_rows
    assert Decimal("46.153846") in table.column("value").to_pylist()


def test_groups_add_up_to_the_whole(jamtland: compliance.Audit) -> None:
    groups = jamtland.groups("municipality")
    assert 28 == sum(group.units for group in groups)
    for index, total in enumerate(jamtland.requirements):
        for grade, count in total.grades.items():
            assert count == sum(group.requirements[index].grades[grade] for group in groups)


def test_a_portfolio_without_a_predecessor_has_no_previous(tmp_path: Path) -> None:
    audit = compliance.audit("jamtland-2023")
    assert {None} == {finding.previous for finding in audit.findings}


def test_the_json_has_the_fields_that_others_rely_on(run: Callable[..., Done]) -> None:
    data = run("check", "jamtland-2024", "U14", "-f", "json").json
    assert {
        "contract",
        "period",
        "as_of",
        "units",
        "findings",
        "requirements",
        "followup",
        "errors",
    } <= set(data)
    (finding,) = (f for f in data["findings"] if f["requirement"] == "2.3.2")
    assert {
        "unit": "U14",
        "requirement": "2.3.2",
        "rule": "gp_specialist_share",
        "obligation": "must",
        "grade": "partial",
        "value": "46.153846",
        "numerator": "1200.000000",
        "denominator": "26.000000",
        "comparison": "above",
        "threshold": "50.000000",
        "points": None,
        "previous": {"value": "60.000000", "grade": "pass"},
        "waiver": None,
        "unwaived_grade": "partial",
        "via": [],
        "missing": [],
        "doubtful": [],
    }.items() <= finding.items()
    assert {"sv", "en"} == set(finding["explanation"])
    assert [{"measure", "value", "numerator", "denominator"}] * 2 == [
        set(measure) for measure in finding["measures"]
    ]
