"""What was before: the earlier finding, which way the value went, and for how many periods it has failed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import compliance
from compliance import Finding, Grade
from compliance.findings.history import direction, sense
from tests.conftest import Done
from tests.small import Year, years

Run = Callable[..., Done]

AT_LEAST = """
r:
  title: {sv: Svaret, en: The answer}
  measure: {value: answer}
  grade: {pass: {at_least: fully}, partial: {at_least: partly}}
"""


def answers(*given: str, first: int = 2020) -> dict[int, Year]:
    """A year for each answer of U1; an empty one is no answer."""
    return {year: Year(f"U1,answer,{year},{answer},,,\n") for year, answer in enumerate(given, first)}


def audited(folder: Path, year: int) -> compliance.Audit:
    audit = compliance.audit(folder / str(year), library=folder)
    assert () == audit.errors
    return audit


def only(folder: Path, year: int) -> Finding:
    (finding,) = audited(folder, year).findings
    return finding


@pytest.mark.parametrize(
    ("given", "periods"),
    [
        (("inte",), 1),
        (("helt",), 0),
        (("inte", "inte"), 2),
        (("inte", "inte", "inte"), 3),
        (("inte", "inte", "inte", "inte", "inte"), 5),
        (("inte", "inte", "helt", "inte", "inte"), 2),
        (("inte", "helt", "inte", "inte", "inte"), 3),
        (("inte", "", "inte", "inte", "inte"), 3),
        (("inte", "delvis", "inte"), 1),
        (("inte", "inte", "helt"), 0),
        (("inte", "inte", "delvis"), 0),
    ],
)
def test_the_periods_are_counted_for_which_it_has_failed_without_a_break(
    given: tuple[str, ...], periods: int, tmp_path: Path
) -> None:
    folder = years(tmp_path, AT_LEAST, answers(*given))
    assert periods == only(folder, 2019 + len(given)).failing_periods


def test_explanations_tell_how_often_it_has_been_so(tmp_path: Path) -> None:
    finding = only(years(tmp_path, AT_LEAST, answers("inte", "inte", "inte")), 2022)
    assert "Det är tredje perioden i rad som enheten inte uppfyller kravet." in finding.explanation("sv")
    assert "It is the third period running in which the unit doesn't meet the requirement." in (
        finding.explanation("en")
    )


def test_explanations_tell_which_way_the_value_went(tmp_path: Path) -> None:
    finding = only(years(tmp_path, AT_LEAST, answers("delvis", "inte")), 2021)
    assert "Föregående period (2020): delvis (uppfyller delvis). Värdet har försämrats." in (
        finding.explanation("sv")
    )
    assert "perioden i rad" not in finding.explanation("sv")


def test_the_previous_finding_has_its_exact_value(tmp_path: Path) -> None:
    finding = only(years(tmp_path, AT_LEAST, answers("delvis", "helt")), 2021)
    assert finding.previous is not None
    assert (Grade.PARTIAL, Fraction(1)) == (finding.previous.grade, finding.previous.exact)
    assert "better" == finding.direction


def test_without_a_previous_portfolio_there_is_no_direction(tmp_path: Path) -> None:
    finding = only(years(tmp_path, AT_LEAST, answers("inte")), 2020)
    assert (None, None) == (finding.previous, finding.direction)


def test_one_unit_alone_has_the_same_history(tmp_path: Path, run: Run) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte", "inte", "inte"))
    done = run("check", str(folder / "2022"), "U1", "--library", str(folder), "-f", "json")
    (finding,) = done.json["findings"]
    assert (3, "unchanged") == (finding["failing_periods"], finding["direction"])
    told = run("explain", str(folder / "2022"), "U1", "R1", "--library", str(folder)).out
    assert "third period running" in " ".join(told.split())


def test_the_json_of_the_sample_has_direction_and_failing_periods(jamtland_json: Any) -> None:
    by_key = {(f["unit"], f["requirement"]): f for f in jamtland_json["findings"]}
    assert ("worse", 0) == tuple(by_key["U14", "2.3.2"][k] for k in ("direction", "failing_periods"))
    assert ("worse", 2) == tuple(by_key["U14", "2.3.6"][k] for k in ("direction", "failing_periods"))
    assert (None, 0) == tuple(by_key["U14", "2.1.1"][k] for k in ("direction", "failing_periods"))


# Better and worse ----------------------------------------------------------------------------------


PERCENTAGE = "facts:\n  percentage: {title: Andel, type: percent, per: year}\n"


def moved(folder: Path, grade: str, before: str, after: str, more: str = "") -> str | None:
    rule = f"r:\n  title: Andelen\n  measure: {{value: percentage}}\n{more}  {grade}\n"
    of = {year: Year(f"U1,percentage,{year},{value},,,\n") for year, value in ((2023, before), (2024, after))}
    years(folder, rule, of)
    (folder / "rules" / "more.yaml").write_text(PERCENTAGE, "utf-8")
    return only(folder, 2024).direction


@pytest.mark.parametrize(
    ("grade", "before", "after", "expected"),
    [
        ("grade: {pass: {at_least: 90}}", "80", "80.000001", "better"),
        ("grade: {pass: {above: 90}}", "80", "79", "worse"),
        ("grade: {pass: {at_most: 10}}", "8", "9", "worse"),
        ("grade: {pass: {below: 10}}", "12", "11", "better"),
        ("grade: {pass: {at_most: 10}}", "8", "8", "unchanged"),
        ("grade: {pass: {at_least: 40, at_most: 60}}", "45", "55", None),
        ("grade: {pass: {equals: 50}}", "45", "50", None),
        ("grade: {pass: {known: yes}}", "45", "50", None),
        ("question: Hur?", "45", "50", None),
    ],
)
def test_the_comparisons_of_the_rungs_tell_what_is_better(
    grade: str, before: str, after: str, expected: str | None, tmp_path: Path
) -> None:
    assert expected == moved(tmp_path, grade, before, after)


def test_a_rung_that_is_left_out_tells_what_is_better_all_the_same(tmp_path: Path) -> None:
    more = "  parameters: {maximum: null}\n"
    assert "better" == moved(tmp_path, "grade: {pass: {at_most: maximum}}", "8", "7", more)


def test_yes_is_better_than_no_where_yes_is_asked_for(jamtland: compliance.Audit) -> None:
    clause = jamtland.unit("U14").finding("2.5.4").evidence.clause
    assert 1 == sense(clause)
    assert "worse" == direction(sense(clause), Fraction(0), Fraction(1))
    assert None is direction(sense(clause), None, Fraction(1))


def test_another_measure_than_before_has_no_direction(tmp_path: Path) -> None:
    rules = """
        r: {title: A, measure: {value: a}, grade: {pass: {at_least: 1}}}
        s: {title: B, measure: {value: a, over: last}, grade: {pass: {at_least: 1}}}
    """
    other = Year(
        "", "- {id: R1, rule: s, obligation: must, source: {document: d, section: '1', quote: krav}}"
    )
    rows = {y: "".join(f"U1,a,{y}-{m:02d},{m},,,\n" for m in range(1, 13)) for y in (2023, 2024)}
    folder = years(tmp_path, rules, {2023: Year(rows[2023]), 2024: other._replace(rows=rows[2024])})
    finding = only(folder, 2024)
    assert finding.previous is not None
    assert (None, None) == (finding.previous.exact, finding.direction)


# Contracts that are renumbered -----------------------------------------------------------------------


def requirement(id_: str, rule: str = "r", more: str = "") -> str:
    return (
        f"- {{id: {id_}, rule: {rule}, obligation: must, source: {{document: d, section: '1', quote: krav}}"
        f"{more}}}\n"
    )


def test_a_requirement_under_another_number_is_found_by_its_rule_and_title(tmp_path: Path) -> None:
    rules = "r: {title: R, takes: [x], measure: {value: x}, grade: {pass: {at_least: fully}}}"
    first, second = ", with: {x: answer}, title: Svaret", ", with: {x: other}, title: Annat"
    of = {
        2022: Year("U1,answer,2022,inte,,,\n", requirement("1", more=first) + requirement("2", more=second)),
        2023: Year("U1,answer,2023,inte,,,\n", requirement("2", more=first) + requirement("3", more=second)),
        2024: Year("U1,answer,2024,inte,,,\n", requirement("3", more=first) + requirement("4", more=second)),
    }
    folder = years(tmp_path, rules, of)
    (folder / "rules" / "more.yaml").write_text(
        "facts:\n  other: {title: Annat, type: level, per: year}\n", "utf-8"
    )
    found = audited(folder, 2024).unit("U1").finding("3")
    assert found.previous is not None
    assert (Grade.FAIL, 3) == (found.previous.grade, found.failing_periods)
    assert None is audited(folder, 2024).unit("U1").finding("4").direction


# Chains ------------------------------------------------------------------------------------------------


def errors(folder: Path, year: int) -> list[str]:
    audit = compliance.audit(folder / str(year), library=folder)
    assert 1 == len(audit.findings)
    return [str(error) for error in audit.errors]


def add(folder: Path, year: int, line: str) -> None:
    with (folder / str(year) / "portfolio.yaml").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_a_circle_is_an_error_that_names_the_files(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte", "inte", "inte"))
    add(folder, 2020, "previous: ../2022")
    assert errors(folder, 2022) == [
        "../2020/portfolio.yaml:5:11: The portfolios name each other as 'previous' in a circle: "
        "portfolio.yaml -> ../2021/portfolio.yaml -> ../2020/portfolio.yaml -> portfolio.yaml. Remove one of "
        "them."
    ]


def test_a_circle_further_back_is_an_error_too(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte", "inte", "inte", "inte"))
    add(folder, 2020, "previous: ../2021")
    (error,) = errors(folder, 2023)
    assert error.endswith(
        "circle: ../2021/portfolio.yaml -> ../2020/portfolio.yaml -> ../2021/portfolio.yaml. Remove one of them."
    )
    assert error.startswith("../2020/portfolio.yaml:5:11: ")


def test_a_portfolio_that_names_itself_is_a_circle(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte"))
    add(folder, 2020, "previous: .")
    (error,) = errors(folder, 2020)
    assert "circle: portfolio.yaml -> portfolio.yaml." in error


def test_a_chain_that_leads_nowhere_is_reported_where_it_breaks(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("helt", "helt"))
    add(folder, 2020, "previous: ../gone")
    (error,) = errors(folder, 2021)
    assert error.startswith("../2020/portfolio.yaml:5:11: There is no portfolio in '../gone'")


def test_an_older_portfolio_that_is_later_is_reported_and_the_count_ends_there(tmp_path: Path) -> None:
    of = answers("inte", "inte", "inte")
    folder = years(tmp_path, AT_LEAST, {**of, 2030: Year("U1,answer,2030,inte,,,\n")})
    add(folder, 2020, "previous: ../2030")
    audit = compliance.audit(folder / "2022", library=folder)
    assert 3 == audit.findings[0].failing_periods
    (error,) = [str(error) for error in audit.errors]
    assert error == (
        "../2020/portfolio.yaml:5:11: The previous portfolio's period 2030 doesn't begin before this one's, "
        "2020. Name an earlier portfolio."
    )


def test_an_older_portfolio_that_cant_be_read_ends_the_count_and_is_reported(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte", "inte", "inte"))
    (folder / "2020" / "units.csv").write_text("namn\nEnhet 1\n", "utf-8")
    audit = compliance.audit(folder / "2022", library=folder)
    assert 2 == audit.findings[0].failing_periods
    assert audit.errors[0].place.file == "../2020/units.csv"


def test_older_portfolios_are_not_read_where_nothing_has_failed_again(tmp_path: Path) -> None:
    folder = years(tmp_path, AT_LEAST, answers("inte", "helt", "inte"))
    (folder / "2020" / "units.csv").write_text("namn\nEnhet 1\n", "utf-8")
    assert 1 == only(folder, 2022).failing_periods


def test_the_year_before_is_graded_with_the_year_before_it(tmp_path: Path) -> None:
    rule = """
        r:
          title: Besök
          measure: {change: visits}
          grade: {pass: {at_least: 0}}
    """

    def rows(year: int, visits: int) -> Year:
        return Year("".join(f"U1,visits,{year}-{month:02d},{visits},,,\n" for month in range(1, 13)))

    folder = years(tmp_path, rule, {2022: rows(2022, 30), 2023: rows(2023, 20), 2024: rows(2024, 10)})
    finding = only(folder, 2024)
    assert finding.previous is not None
    assert (Grade.FAIL, Fraction(-100, 3)) == (finding.previous.grade, finding.previous.exact)
    assert finding.previous.exact == only(folder, 2023).measures[0].exact
    assert 2 == finding.failing_periods
