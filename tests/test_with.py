"""`check --with`: a unit as it is, and with some facts set to other values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import compliance
from compliance.findings.records import Grade
from compliance.what_if import WhatIf, what_if
from tests.conftest import Done
from tests.small import every_month, small

Run = Callable[..., Done]
SHARE = """
measure: {share: [a], of: [b]}
parameters: {minimum: 50}
grade: {pass: {above: minimum}}
"""
MONTHS = every_month("U1", "a", "3") + every_month("U1", "b", "6")


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    return small(tmp_path, SHARE, MONTHS)


def tried(portfolio: Path, *settings: str) -> WhatIf:
    return what_if(portfolio, "U1", settings, library=portfolio)


def grade(found: WhatIf) -> tuple[Grade, Grade]:
    (pair,) = found.pairs
    return pair.before.grade, pair.after.grade


def test_a_fact_is_set_for_the_whole_period(portfolio: Path) -> None:
    found = tried(portfolio, "a=3.000001")
    assert (Grade.FAIL, Grade.PASS) == grade(found)
    assert "grade" == found.pairs[0].changed


def test_a_fact_is_set_for_one_month(portfolio: Path) -> None:
    found = tried(portfolio, "a@2024-05=3.000001")
    assert (Grade.FAIL, Grade.PASS) == grade(found)


def test_one_month_goes_before_the_whole_period_in_any_order(portfolio: Path) -> None:
    for settings in (("a=3", "a@2024-05=6"), ("a@2024-05=6", "a=3")):
        assert (Grade.FAIL, Grade.PASS) == grade(tried(portfolio, *settings))


def test_a_value_that_stays_within_the_grade_is_told_as_changed(portfolio: Path) -> None:
    found = tried(portfolio, "a=2")
    assert (Grade.FAIL, Grade.FAIL) == grade(found)
    assert "value" == found.pairs[0].changed


def test_what_is_set_to_what_it_was_changes_nothing(portfolio: Path) -> None:
    assert tried(portfolio, "a=3").pairs[0].changed is None


def test_a_withheld_value_makes_it_unknown(portfolio: Path) -> None:
    assert (Grade.FAIL, Grade.UNKNOWN) == grade(tried(portfolio, "a@2024-05=*"))


def test_what_contradicts_itself_in_the_files_is_settled_by_it(tmp_path: Path) -> None:
    folder = small(tmp_path, SHARE, MONTHS + "U1,a,2024-01,4,,,\n")
    assert (Grade.UNKNOWN, Grade.PASS) == grade(tried(folder, "a@2024-01=4"))


def test_other_units_stay_as_they_are(tmp_path: Path) -> None:
    more = every_month("U2", "a", "1") + every_month("U2", "b", "6")
    folder = small(tmp_path, SHARE, MONTHS + more, units="unit,name\nU1,Enhet 1\nU2,Enhet 2\n")
    found = tried(folder, "a=6")
    assert ["U1"] == [unit.unit for unit in found.after.units]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("a", "Write FACT=VALUE or FACT@2024-05=VALUE, such as gp_specialist_fte=4.5."),
        ("=4", "Write FACT=VALUE or FACT@2024-05=VALUE, such as gp_specialist_fte=4.5."),
        ("visit=4", "There is no fact 'visit' in the catalogue. Did you mean 'visits'?"),
        ("koordinator finns=ja", "There is no fact 'koordinator finns' in the catalogue. Write coordinator."),
        ("zzz=4", "'compliance explain' shows what a requirement's facts are called."),
        ("a=", "There is no value for 'a'. Write one behind the equals sign, or * for none."),
        ("a=many", "'many' isn't a number. Write it in digits, such as 45 or 46.5."),
        ("a=NaN", "'NaN' isn't a number. Write it in digits, such as 45 or 46.5."),
        ("a==1+1", "'=1+1' isn't a number. Write it in digits, such as 45 or 46.5."),
        ("a=1e400", "'1e400' is too large. Numbers stay below 1,000,000,000,000."),
        ("share=101", "'101' is outside the range of 'share'. Write a value from 0 to 100."),
        ("a=4,5", "'4,5' is written with a decimal comma. Write 4.5 with a point."),
        ("visits=4.5", "'4.5' isn't a whole number, and 'visits' is a count."),
        ("answer=kanske", "'kanske' isn't an answer to 'answer'. Write helt, fully, ja"),
        ("answer@2024-05=helt", "'answer' is observed once per year, and not by month."),
        ("a@maj=4", "'maj' isn't a month. Write it as 2024-12."),
        ("a@2023-05=4", "The month 2023-05 is outside those that count, 2024-01 to 2024-12."),
        ("hours=mon 17:00-08:00", "ends before it begins"),
        ("hours=45", "A week is written as 'mon-fri 08:00-17:00; sat 10:00-14:00'."),
        ("report=i maj", "isn't a date. Write it as 2024-12-31."),
    ],
)
def test_a_setting_that_cannot_be_read_is_an_error_that_says_what_to_write(
    portfolio: Path, run: Run, setting: str, message: str
) -> None:
    done = run("check", str(portfolio), "U1", "--library", str(portfolio), "--with", setting)
    assert 2 == done.status
    assert done.err.startswith(f"--with {setting}: ")
    assert message in done.err
    assert "" == done.out


def test_all_settings_that_cannot_be_read_are_told_at_once(portfolio: Path) -> None:
    with pytest.raises(compliance.InputError) as raised:
        tried(portfolio, "a=y", "nothing=1", "b=6", "b=7")
    assert 3 == len(raised.value.problems)


def test_old_and_new_stand_side_by_side_and_the_status_is_that_of_the_new(portfolio: Path, run: Run) -> None:
    done = run("check", str(portfolio), "U1", "--library", str(portfolio), "--with", "a=4", "--lang", "sv")
    assert 0 == done.status
    assert "Med A = 4 (hela perioden); förut 3" in done.out
    assert "▶ R1 Regeln ○ 50 % ● 66,7 %" in " ".join(done.out.replace("\N{NO-BREAK SPACE}", " ").split())
    worse = run("check", str(portfolio), "U1", "--library", str(portfolio), "--with", "a=1")
    assert 1 == worse.status
    assert "No grade changes." in worse.out


def test_a_part_that_becomes_larger_than_its_whole_is_remarked_on(portfolio: Path, run: Run) -> None:
    words = ["check", str(portfolio), "U1", "--library", str(portfolio), "--with", "a=7"]
    remark = "Note! R1: the part is larger than the whole, 116.7 %. Change the whole as well: b."
    assert remark in " ".join(run(*words).out.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Note!" not in run(*words, "--with", "b=7").out


def test_a_fact_that_no_requirement_uses_is_said_to_change_nothing(portfolio: Path, run: Run) -> None:
    done = run(
        "check", str(portfolio), "U1", "--library", str(portfolio), "--with", "visits=5", "--fail-on", "never"
    )
    assert "No requirement uses the fact." in done.out
    assert 0 == done.status


def test_json_holds_both_and_what_changed(portfolio: Path, run: Run) -> None:
    done = run(
        "check", str(portfolio), "U1", "--library", str(portfolio), "--with", "a@2024-03=9", "-f", "json"
    )
    told = done.json
    assert [{"fact": "a", "month": "2024-03", "value": "9"}] == told["with"]
    (finding,) = told["findings"]
    assert ("R1", "grade") == (finding["requirement"], finding["changed"])
    assert ("fail", "pass") == (finding["before"]["grade"], finding["after"]["grade"])
    assert (1, 1) == (told["before"]["grades"]["fail"], told["after"]["grades"]["pass"])


def test_csv_is_not_written_of_two_at_once(portfolio: Path, run: Run) -> None:
    done = run("check", str(portfolio), "U1", "--library", str(portfolio), "--with", "a=4", "-f", "csv")
    assert 2 == done.status
    assert "--with is written as a table or as JSON. Leave out --format csv.\n" == done.err
