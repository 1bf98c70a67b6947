"""What people may write, and what it means: files, numbers, periods, opening hours, contracts."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

import compliance
from compliance.data.observations import State
from compliance.data.portfolio import Portfolio, read_portfolio
from compliance.language.contracts import Contract
from compliance.language.facts import Fact, read_fact, read_value
from compliance.language.periods import month_label, read_period
from compliance.language.program import MILLION
from compliance.language.reader import Document, read_yaml
from compliance.language.schedule import read_schedule
from compliance.library import Library
from compliance.problems import Problems
from compliance.words import Text

BASE = Path(__file__).parent / "bad" / "_base"


def yaml(tmp_path: Path, text: str | bytes) -> Document:
    """A text read as YAML, without a problem."""
    file, problems = tmp_path / "a.yaml", Problems()
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    document = read_yaml(file, "a.yaml", problems)
    assert list(problems) == []
    assert document is not None
    return document


def fact(type_: str, **more: object) -> Fact:
    problems = Problems()
    data = {"title": "A fact", "type": type_, "per": "year", **more}
    read = read_fact("a_fact", data, Document("facts.yaml", data), (), problems)
    assert list(problems) == []
    assert read is not None
    return read


Made = Callable[[dict[str, str | bytes]], Portfolio]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A portfolio from tests/bad/_base with some of its files replaced, read without a problem."""

    def make(files: dict[str, str | bytes]) -> Portfolio:
        folder = tmp_path / "portfolio"
        shutil.copytree(BASE, folder)
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        portfolio = read_portfolio(folder, library=folder)
        assert list(portfolio.problems) == []
        return portfolio

    return make


def value(portfolio: Portfolio, fact_name: str, month: str = "") -> Decimal | None:
    """U01's one observation of a fact (in a month), as it was written."""
    for cell in portfolio.cells:
        if (cell.unit, cell.fact) == ("U01", fact_name) and (
            not month or (cell.slot > 0 and month_label(cell.slot) == month)
        ):
            return None if cell.value is None else Decimal(cell.value) / MILLION
    return None


# YAML


def test_scalars_stay_text_until_their_key_says_what_they_are(tmp_path: Path) -> None:
    document = yaml(tmp_path, "a: 2.10\nb: 12:30\nc: no\nd: 2024-01-01\ne: 0x10\nf: 1_000\n")
    assert document.data == {
        "a": "2.10",
        "b": "12:30",
        "c": "no",
        "d": "2024-01-01",
        "e": "0x10",
        "f": "1_000",
    }


def test_nothing_and_a_tilde_are_nothing_but_quoted_null_is_a_word(tmp_path: Path) -> None:
    document = yaml(tmp_path, "a:\nb: ~\nc: null\nd: 'null'\ne: ''\n")
    assert document.data == {"a": None, "b": None, "c": None, "d": "null", "e": ""}


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    document = yaml(tmp_path, b"\xef\xbb\xbfa: 1\r\nb:\r\n  - c\r\n")
    assert document.data == {"a": "1", "b": ["c"]}
    assert str(document.place("b", 0)) == "a.yaml:3:5"


def test_decomposed_letters_are_composed(tmp_path: Path) -> None:
    document = yaml(tmp_path, unicodedata.normalize("NFD", "namn: Fjällsjö\n"))
    assert document.data == {"namn": "Fjällsjö"}


def test_an_anchor_may_be_used_again(tmp_path: Path) -> None:
    document = yaml(tmp_path, "a: &hours {mon: closed}\nb: *hours\nc: [&x one, *x]\n")
    assert document.data == {"a": {"mon": "closed"}, "b": {"mon": "closed"}, "c": ["one", "one"]}


def test_forty_levels_of_nesting_can_be_read(tmp_path: Path) -> None:
    assert yaml(tmp_path, "[" * 40 + "]" * 40).data


def test_a_place_that_is_not_there_is_that_of_its_nearest_parent(tmp_path: Path) -> None:
    document = yaml(tmp_path, "a:\n  b: {c: 1}\n")
    assert str(document.place("a", "b", "x", "y")) == "a.yaml:2:6"
    assert str(document.key_place("a", "b", "c")) == "a.yaml:2:7"


# Numbers and answers


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("46.5", "46.5"),
        (" 7 ", "7"),
        ("+3", "3"),
        ("-0.000001", "-0.000001"),
        ("1e3", "1000"),
        ("1 287", "1287"),
        ("1\N{NO-BREAK SPACE}287\N{NARROW NO-BREAK SPACE}500.5", "1287500.5"),
        ("\N{MINUS SIGN}4", "-4"),
        ("\N{MINUS SIGN}1 287", "-1287"),
        ("999999999999.999999", "999999999999.999999"),
        ("1.500000000", "1.5"),
    ],
)
def test_a_number_may_be_written_so(written: str, meant: str) -> None:
    assert read_value(fact("number"), written) == Decimal(meant)


@pytest.mark.parametrize("written", ["46,5", "1 287,25", "-0,5"])
def test_a_decimal_comma_is_read_where_columns_are_apart_by_semicolons(written: str) -> None:
    meant = Decimal(written.replace(",", ".").replace(" ", ""))
    assert read_value(fact("number"), written, decimal_comma=True) == meant


@pytest.mark.parametrize("written", ["46,5", "1 28", "12 3456", "1.000.000", "٤٥", "1_000", ""])
def test_what_may_mean_two_things_is_no_number(written: str) -> None:
    with pytest.raises(ValueError, match=r"isn't a number|decimal comma"):
        read_value(fact("number"), written)


def test_decimals_beyond_the_sixth_are_seen_however_long_the_number() -> None:
    with pytest.raises(ValueError, match="more than six decimals"):
        read_value(fact("number"), "1.0000000000000000000000000000000000000001")


@pytest.mark.parametrize("written", ["46.5", "46.5 %", "46.5%", "46.5\N{NO-BREAK SPACE}%"])
def test_a_percentage_may_end_in_a_percent_sign(written: str) -> None:
    assert read_value(fact("percent"), written) == Decimal("46.5")


def test_only_a_percentage_ends_in_a_percent_sign() -> None:
    with pytest.raises(ValueError, match="has a percent sign"):
        read_value(fact("number"), "46.5 %")


@pytest.mark.parametrize(
    ("type_", "written", "meant"),
    [
        ("yes_no", "Ja", 1),
        ("yes_no", "TRUE", 1),
        ("yes_no", "nej", 0),
        ("level", "Helt", 2),
        ("level", "ja", 2),
        ("level", "partly", 1),
        ("level", "Delvis", 1),
        ("level", "inte", 0),
        ("level", "no", 0),
    ],
)
def test_answers_are_read_in_both_languages_and_any_case(type_: str, written: str, meant: int) -> None:
    assert read_value(fact(type_), written) == meant


def test_options_count_from_the_worst() -> None:
    stages = fact("choice", options=["inget", "påbörjat", "färdigt"])
    assert [read_value(stages, option) for option in stages.options] == [0, 1, 2]


def test_both_ends_of_a_range_are_within_it() -> None:
    share = fact("percent", range=["0", "100"])
    assert [read_value(share, end) for end in ("0", "100")] == [0, 100]


# Periods


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024", "2024-01", "2024-12"),
        ("2024-T1", "2024-01", "2024-04"),
        ("2024-T3", "2024-09", "2024-12"),
        ("2024-Q3", "2024-07", "2024-09"),
        ("2024-05", "2024-05", "2024-05"),
        ({"from": "2023-07", "to": "2024-12"}, "2023-07", "2024-12"),
    ],
)
def test_a_period_is_whole_months(written: object, first: str, last: str) -> None:
    period = read_period(written)
    assert (month_label(period.first), month_label(period.last)) == (first, last)


def test_a_yearly_fact_belongs_to_the_year_in_which_the_period_ends() -> None:
    assert read_period({"from": "2023-07", "to": "2024-06"}).year == 2024
    assert read_period({"from": "2023-07", "to": "2024-06"}).label == "2023-07--2024-06"


def test_february_ends_on_the_29th_in_a_leap_year() -> None:
    assert read_period("2024-02").last_day.day == 29
    assert read_period("1900-02").last_day.day == 28


# Opening hours


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("mon-fri 08:00-17:00", 45),
        ("mån-fre 08.00-17.00", 45),
        ("mån\N{EN DASH}tors 8:00\N{EN DASH}17:00; fre 08:00-16:00; lör stängt", 44),
        ("tis 08:00-12:00, 13:00-17:00; tor 10:00-12:00; sön closed", 10),
        ("mon-sun 00:00-24:00", 168),
        ("MON 08:00-12:00", 4),
        ("mon-sun closed", 0),
        ({"mon": "08:00-17:00", "tue": "", "wed": None, "sat": "stängt"}, 9),
    ],
)
def test_a_weeks_opening_hours_may_be_written_so(written: object, hours: int) -> None:
    assert read_schedule(written).minutes == hours * 60


def test_touching_intervals_are_one() -> None:
    assert read_schedule("mon 12:00-17:00, 08:00-12:00").rows() == [(0, 480, 1020)]


def test_days_that_are_alike_are_shown_together() -> None:
    week = read_schedule("mon-thu 08:00-17:00; fri 08:00-12:00")
    assert week.text("sv") == "mån\N{EN DASH}tors 08:00\N{EN DASH}17:00; fre 08:00\N{EN DASH}12:00"


def test_opening_hours_shown_are_opening_hours_that_can_be_read() -> None:
    week = read_schedule("mon-thu 08:00-12:00, 13:00-17:00; fri 08:00-12:00; sun 00:00-24:00")
    assert read_schedule(week.text("en")) == read_schedule(week.text("sv")) == week


# CSV


HEADER = "unit,fact,period,value\n"


def test_semicolons_bring_decimal_commas(made: Made) -> None:
    rows = "unit;fact;period;value\nU01;specialists;2024-01;2,5\nU01;visits;2024-Q1;1 287\n"
    portfolio = made({"facts/u01.csv": rows})
    assert value(portfolio, "specialists") == Decimal("2.5")
    assert value(portfolio, "visits") == 1287


def test_tabs_bring_decimal_commas(made: Made) -> None:
    rows = "unit\tfact\tperiod\tvalue\nU01\tspecialists\t2024-01\t2,5\n"
    portfolio = made({"facts/u01.csv": rows})
    assert value(portfolio, "specialists") == Decimal("2.5")


def test_a_table_as_excel_saves_it_can_be_read(made: Made) -> None:
    rows = (
        "\ufeffUnit;Fact;Period;Value;Comment;;\r\n"
        'U01;visits;2024-Q1;812;"räknat;\r\nej skattat";;\r\n'
        ";;;;;;\r\n"
    )
    portfolio = made({"facts/u01.csv": rows})
    assert value(portfolio, "visits") == 812
    assert [c.comment for c in portfolio.cells if c.unit == "U01"] == ["räknat;\r\nej skattat"]


def test_characters_that_only_look_like_line_ends_end_no_row(made: Made) -> None:
    rows = "unit,fact,period,value,comment\nU01,visits,2024-Q1,812,räknat\x0bej\u2028skattat\x85\n"
    assert value(made({"facts/u01.csv": rows}), "visits") == 812


def test_a_wide_table_has_a_column_for_each_fact(made: Made) -> None:
    rows = "unit,period,specialists,physicians\nU01,2024-01,2.5,5\nU01,2024-02,,6\n"
    portfolio = made({"facts/u01.csv": rows})
    assert value(portfolio, "specialists", "2024-01") == Decimal("2.5")
    assert value(portfolio, "physicians", "2024-02") == 6
    assert value(portfolio, "specialists", "2024-02") is None


def test_yearly_facts_need_no_period(made: Made) -> None:
    portfolio = made({"facts/u01.csv": "unit,guideline,visits\nU01,ja,812\n"})
    assert value(portfolio, "guideline") == 1
    assert value(portfolio, "visits") == 812


@pytest.mark.parametrize("mark", ["*", "-", "x", "X", ".."])
def test_a_withheld_value_is_an_observation_that_cant_be_used(mark: str, made: Made) -> None:
    portfolio = made({"facts/u01.csv": HEADER + f"U01,visits,2024-Q1,{mark}\n"})
    states = [cell.state for cell in portfolio.cells if cell.unit == "U01"]
    assert states == [State.SUPPRESSED]


def test_the_same_observation_twice_counts_once(made: Made) -> None:
    rows = "U01,specialists,2024-01,2.5\nU01,specialists,2024-01,2.50\n"
    portfolio = made({"facts/u01.csv": HEADER + rows})
    assert [cell.state for cell in portfolio.cells if cell.unit == "U01"] == [State.GOOD]


def test_decomposed_names_and_options_are_those_of_the_catalogue(made: Made) -> None:
    stage = "{title: Steg, type: choice, per: year, options: [ej påbörjat, färdigt]}"
    portfolio = made(
        {
            "rules/more.yaml": unicodedata.normalize("NFD", f"facts:\n  stage: {stage}\n"),
            "facts/u01.csv": HEADER + "U01,stage,2024,färdigt\n",
            "units.csv": unicodedata.normalize("NFD", "unit,name\nU01,Fjällsjö\nU02,Hoting\n"),
        }
    )
    assert value(portfolio, "stage") == 1
    assert portfolio.units[0].name == "Fjällsjö"


def test_columns_of_the_units_file_may_be_left_out(made: Made) -> None:
    portfolio = made({"units.csv": "unit\nU01\nU02\n"})
    assert [(unit.id, unit.name, unit.kind) for unit in portfolio.units] == [
        ("U01", "U01", "unit"),
        ("U02", "U02", "unit"),
    ]


# One unit's YAML


UNIT = """\
unit: U01
facts:
  specialists: {2024-01: 2.5, 2024-02: {value: 3, comment: vikarie inräknad}, 2024-03: "*"}
  visits: {value: 1 287, quality: doubtful, comment: skattat}
  hours: {mon: "08:00-12:00, 13:00-17:00", tue: closed}
  guideline: nej
  evening_clinic:
"""


def test_one_units_facts_may_be_written_in_yaml(made: Made) -> None:
    base = (BASE / "portfolio.yaml").read_text(encoding="utf-8")
    portfolio = made(
        {
            "portfolio.yaml": base.replace("[facts/*.csv]", "[facts/u02.csv, units/*.yaml]"),
            "units/u01.yaml": UNIT,
        }
    )
    cells = {(cell.fact, cell.slot): cell for cell in portfolio.cells if cell.unit == "U01"}
    assert len(cells) == 6
    assert value(portfolio, "specialists", "2024-01") == Decimal("2.5")
    assert value(portfolio, "specialists", "2024-02") == 3
    assert value(portfolio, "hours") == 8 * 60
    assert value(portfolio, "guideline") == 0
    assert [cell.state for cell in cells.values() if cell.fact == "visits"] == [State.DOUBTFUL]
    assert "vikarie inräknad" in {cell.comment for cell in cells.values()}


# Contracts


def contract(made: Made, text: str) -> Contract:
    portfolio = made({"contracts/d.yaml": text, "portfolio.yaml": EXTENDING})
    return portfolio.contract


EXTENDING = "contract: d\nperiod: 2024-Q1\nunits: units.csv\nobservations: facts/u02.csv\n"


def test_an_extending_contract_keeps_what_it_does_not_change(made: Made) -> None:
    read = contract(made, "id: d\nextends: c\ntitle: {sv: Ett avtal, en: An agreement}\n")
    assert read.title == Text("Ett avtal", "An agreement")
    assert [requirement.id for requirement in read.requirements] == ["1", "2", "3", "4"]
    assert read.period.label == "2024"


def test_parameters_merge_key_by_key_and_other_keys_are_replaced(made: Made) -> None:
    changed = 'requirements: [{id: "1", parameters: {partial_from: 45}, obligation: target}]'
    first = contract(made, f"id: d\nextends: c\n{changed}\n").requirements[0]
    assert first.parameters == {"minimum": "55", "partial_from": "45"}
    assert first.obligation == "target"
    assert first.sources[0].quote == "more than 55 % specialists"


def test_a_merged_requirements_parts_know_the_file_they_came_from(made: Made) -> None:
    changed = 'requirements: [{id: "1", parameters: {partial_from: 45}}]'
    first = contract(made, f"id: d\nextends: c\n{changed}\n").requirements[0]
    assert str(first.place("parameters", "minimum")) == "contracts/c.yaml:10:27"
    assert str(first.place("parameters", "partial_from")) == "contracts/d.yaml:3:53"


def test_requirements_can_be_dropped_and_added(made: Made) -> None:
    source = "{document: terms, section: 5, quote: open}"
    added = f'{{id: "5", rule: opening_hours, obligation: monitor, source: {source}}}'
    read = contract(made, f'id: d\nextends: c\ndrop: ["2", "3"]\nrequirements: [{added}]\n')
    assert [requirement.id for requirement in read.requirements] == ["1", "4", "5"]


def test_an_id_that_looks_like_a_number_stays_as_it_is_written(made: Made) -> None:
    source = "{document: terms, section: 2.10, quote: open}"
    added = f"{{id: 2.10, rule: opening_hours, obligation: must, source: {source}}}"
    read = contract(made, f"id: d\nextends: c\nrequirements: [{added}]\n")
    assert [requirement.id for requirement in read.requirements][-1] == "2.10"
    assert read.requirements[-1].sources[0].section == "2.10"


def test_the_base_contract_can_be_graded_from_any_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BASE)
    assert compliance.audit(".", library=".").errors == ()
    monkeypatch.chdir(tmp_path)
    assert Library.of(BASE, None, Problems()).contract("c") is not None
