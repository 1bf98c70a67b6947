"""The evaluator that the engine is held against, itself held against sums done by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle.evaluator import Finding, evaluate

Data = Mapping[str, Any]
Row = tuple[str, str, Any]  # fact, period, value

POSTS = {"type": "number", "per": "month", "stock": "yes"}
VISITS = {"type": "count", "per": "month"}
YEARLY = {"type": "number", "per": "year"}
YES_NO = {"type": "yes_no", "per": "month"}
ANSWER = {"type": "level", "per": "period"}


def rows(observed: Sequence[Row | Data]) -> list[Data]:
    """Observations of U1."""
    return [
        {"unit": "U1", **row}
        if isinstance(row, Mapping)
        else {"unit": "U1", "fact": row[0], "period": row[1], "value": row[2]}
        for row in observed
    ]


def monthly(fact: str, *values: str, start: int = 1) -> list[Row | Data]:
    """A fact's values from January 2024 on; an empty one is no observation."""
    return [(fact, f"2024-{start + index:02d}", value) for index, value in enumerate(values)]


def one(
    facts: Mapping[str, Data],
    measure: Data,
    observed: Sequence[Row | Data],
    *,
    period: Any = "2024-T1",
    requirement: Data | None = None,
    unit: Data | None = None,
    previous: Sequence[Row | Data] | None = None,
    waivers: Sequence[Data] = (),
    agreements: Sequence[Data] = (),
    as_of: str | None = None,
    scenario: Data | None = None,
    **rule: Any,
) -> Finding:
    """The one finding of one unit under one requirement, R1, for January to April 2024."""
    held = {"unit": "U1", **(unit or {})}
    contract = {"requirements": [{"id": "R1", "rule": "rule", **(requirement or {})}]}
    portfolio = {
        "period": period,
        "units": [held],
        "observations": rows(observed),
        "waivers": [{"unit": "U1", "requirement": "R1", **waiver} for waiver in waivers],
        "agreements": [{"unit": "U1", **agreement} for agreement in agreements],
    }
    before = None
    if previous is not None:
        before = {"period": "2023-T1", "units": [held], "observations": rows(previous)}
    (finding,) = evaluate(
        facts,
        {"rule": {"measure": measure, **rule}},
        contract,
        portfolio,
        before,
        as_of,
        scenario,
    )
    return finding


def fraction(finding: Finding) -> tuple[Any, Any]:  # of fractions, compared with integers
    """Numerator and denominator of the first measure."""
    return finding.first.numerator, finding.first.denominator


MEAN = {"value": "visits"}
FOUR_MONTHS = monthly("visits", "10", "20", "30", "41")


def test_a_mean_is_the_sum_over_the_number_of_months() -> None:
    finding = one({"visits": VISITS}, MEAN, FOUR_MONTHS)
    assert (101, 4) == fraction(finding)
    assert "info" == finding.grade


@pytest.mark.parametrize(("over", "expected"), [("last", 41), ("min", 10), ("max", 41), ("total", 101)])
def test_over_picks_a_month_or_the_total_with_a_denominator_of_one(over: str, expected: int) -> None:
    assert (expected, 1) == fraction(one({"visits": VISITS}, {**MEAN, "over": over}, FOUR_MONTHS))


def test_weights_multiply_and_a_negative_one_subtracts() -> None:
    measure = {"value": ["visits", {"other": "-0.5"}], "over": "total"}
    facts = {"visits": VISITS, "other": VISITS}
    observed = [*FOUR_MONTHS, *monthly("other", "1", "1", "1", "4")]
    assert (Fraction("97.5"), 1) == fraction(one(facts, measure, observed))


def test_exactly_half_is_not_more_than_half() -> None:
    measure = {"share": ["own"], "of": ["all"]}
    facts = {"own": POSTS, "all": POSTS}
    observed = [*monthly("own", *["0.3"] * 4), *monthly("all", *["0.6"] * 4)]
    grades = {
        comparison: one(facts, measure, observed, grade={"pass": {comparison: "50"}}).grade
        for comparison in ("above", "at_least", "at_most", "below", "equals")
    }
    assert {
        "above": "fail",
        "at_least": "pass",
        "at_most": "pass",
        "below": "fail",
        "equals": "pass",
    } == grades


def test_a_flow_beside_a_stock_is_multiplied_by_the_months() -> None:
    # 400 visits in four months, 50 listed on average: 8 visits per listed
    measure = {"rate": ["visits"], "per": ["listed"], "scale": "1"}
    facts = {"visits": VISITS, "listed": POSTS}
    observed = [
        *monthly("visits", "100", "100", "100", "100"),
        *monthly("listed", "40", "60", "40", "60"),
    ]
    finding = one(facts, measure, observed)
    assert (1600, 200) == fraction(finding)
    assert 8 == finding.first.value


def test_a_yearly_fact_beside_a_stock_is_multiplied_by_the_months() -> None:
    measure = {"share": ["budget"], "of": ["listed"]}
    observed = [("budget", "2024", "5"), *monthly("listed", "40", "60", "40", "60")]
    finding = one({"budget": YEARLY, "listed": POSTS}, measure, observed)
    assert (2000, 200) == fraction(finding)


def test_a_yearly_fact_beside_flows_alone_enters_once() -> None:
    measure = {"share": ["visits"], "of": ["budget"]}
    finding = one({"visits": VISITS, "budget": YEARLY}, measure, [*FOUR_MONTHS, ("budget", "", "200")])
    assert (10100, 200) == fraction(finding)


def test_a_yearly_fact_stands_in_every_month_of_a_mean_and_once_in_a_total() -> None:
    facts = {"visits": VISITS, "budget": YEARLY}
    observed = [*FOUR_MONTHS, ("budget", "2024", "1000")]
    measure = {"value": ["visits", "budget"]}
    assert (4101, 4) == fraction(one(facts, measure, observed))
    assert (1101, 1) == fraction(one(facts, {**measure, "over": "total"}, observed))
    assert (1010, 1) == fraction(one(facts, {**measure, "over": "min"}, observed))


def test_met_and_count_take_a_fact_of_the_period_in_every_month() -> None:
    facts = {"evening": YES_NO, "weekend": {"type": "yes_no", "per": "period"}}
    observed = [*monthly("evening", "ja", "nej", "ja", "ja"), ("weekend", "2024-T1", "yes")]
    names = ["evening", "weekend"]
    assert (700, 8) == fraction(one(facts, {"met": names}, observed))
    assert (7, 4) == fraction(one(facts, {"count": names}, observed))


def test_a_missing_month_makes_a_measure_unknown_and_is_named() -> None:
    finding = one({"visits": VISITS}, MEAN, monthly("visits", "1", "", "1", "1"))
    assert (None, None) == fraction(finding)
    assert "unknown" == finding.grade
    assert {("visits", "2024-02")} == finding.missing


@pytest.mark.parametrize(("coverage", "expected"), [("3", (63, 3)), ("4", (None, None))])
def test_coverage_is_enough_when_so_many_months_count(
    coverage: str, expected: tuple[int | None, int | None]
) -> None:
    observed = monthly("visits", "1", "", "21", "41")
    measure = {**MEAN, "coverage": coverage}
    assert expected == fraction(one({"visits": VISITS}, measure, observed))


def test_coverage_asks_for_no_more_months_than_the_unit_was_open() -> None:
    measure = {**MEAN, "coverage": "3"}
    unit = {"opened": "2024-03-31"}
    observed = monthly("visits", "3", "4", start=3)
    assert (7, 2) == fraction(one({"visits": VISITS}, measure, observed, unit=unit))
    assert (None, None) == fraction(
        one({"visits": VISITS}, measure, monthly("visits", "3", start=3), unit=unit)
    )


def test_the_last_month_needs_no_other_and_with_coverage_is_the_last_that_counts() -> None:
    last = {**MEAN, "over": "last"}
    assert (9, 1) == fraction(one({"visits": VISITS}, last, [("visits", "2024-04", "9")]))
    observed = monthly("visits", "7", "8")
    assert (None, None) == fraction(one({"visits": VISITS}, last, observed))
    covered = {**last, "coverage": "2"}
    assert (8, 1) == fraction(one({"visits": VISITS}, covered, observed))
    assert (None, None) == fraction(one({"visits": VISITS}, covered, monthly("visits", "7")))


def test_a_window_reaches_back_before_the_period() -> None:
    measure = {**MEAN, "window": "6", "over": "total"}
    observed = [("visits", "2023-11", "100"), ("visits", "2023-12", "200"), *FOUR_MONTHS]
    assert (401, 1) == fraction(one({"visits": VISITS}, measure, observed))


def test_a_default_fills_an_empty_cell_but_not_a_suppressed_one() -> None:
    facts = {"visits": {**VISITS, "default": "0"}}
    assert (30, 4) == fraction(one(facts, MEAN, monthly("visits", "10", "", "20", "")))
    finding = one(facts, MEAN, monthly("visits", "10", "*", "20", ""))
    assert (None, None) == fraction(finding)
    assert {("visits", "2024-02", "suppressed")} == finding.doubtful


def test_answered_counts_neither_defaults_nor_what_cannot_be_relied_on() -> None:
    facts = {"visits": {**VISITS, "default": "0"}, "note": {"type": "text", "per": "period"}}
    observed = [*monthly("visits", "1", "..", "?", ""), ("note", "", "ja")]
    # one of four months, and the note, which stands in each of them
    finding = one(facts, {"answered": ["visits", "note"]}, observed)
    assert (500, 8) == fraction(finding)


def test_months_counts_those_in_which_the_comparison_holds() -> None:
    measure = {"months": "visits", "at_least": "floor", "below": "41"}
    finding = one({"visits": VISITS}, measure, FOUR_MONTHS, parameters={"floor": "20"})
    assert (200, 4) == fraction(finding)


def test_open_joins_touching_intervals_and_counts_the_days() -> None:
    facts = {"hours": {"type": "opening_hours", "per": "period"}}
    schedule = "mon-wed 08:00-12:00, 12:00-17:00; thu 08:00-12:00, 12:30-17:00; sat 08:00-17:00"
    measure = {"open": "hours", "from": "08:00", "to": "17:00"}
    assert (3, 1) == fraction(one(facts, measure, [("hours", "", schedule)]))
    weekend = {**measure, "days": ["sat", "sun"]}
    assert (1, 1) == fraction(one(facts, weekend, [("hours", "", schedule)]))


def test_opening_hours_are_exact_thirds() -> None:
    facts = {"hours": {"type": "opening_hours", "per": "period"}}
    finding = one(facts, {"value": "hours"}, [("hours", "", {"mon": "08:00-12:20", "sun": ""})])
    assert (Fraction(13, 3), 1) == fraction(finding)


def test_change_compares_totals_of_flows_and_last_values_of_stocks() -> None:
    before = [
        (fact, f"2023-{month:02d}", value)
        for month, value in enumerate("5678", 1)
        for fact in ("visits", "listed")
    ]
    observed = [*monthly("visits", "6", "6", "6", "9"), *monthly("listed", "6", "6", "6", "9")]
    facts = {"visits": VISITS, "listed": POSTS}
    assert (100, 26) == fraction(one(facts, {"change": "visits"}, observed, previous=before))
    assert (100, 8) == fraction(one(facts, {"change": "listed"}, observed, previous=before))
    assert "unknown" == one(facts, {"change": "visits"}, observed).grade


def test_a_denominator_of_zero_is_unknown_but_shown() -> None:
    facts = {"own": POSTS, "all": POSTS}
    observed = [*monthly("own", *"1111"), *monthly("all", *"0000")]
    finding = one(facts, {"share": ["own"], "of": ["all"]}, observed)
    assert (400, 0) == fraction(finding)
    assert (None, "unknown") == (finding.first.value, finding.grade)


def test_an_unknown_that_cannot_change_the_grade_does_not_spoil_it() -> None:
    facts = {"visits": VISITS, "gone": VISITS}
    rule: dict[str, Any] = {
        "parameters": {"minimum": "25"},
        "measures": {"seen": MEAN, "unseen": {"value": "gone"}},
    }
    comparisons = [{"seen": {"above": "minimum"}}, {"unseen": {"above": "minimum"}}]
    assert "pass" == one(facts, {}, FOUR_MONTHS, grade={"pass": {"any": comparisons}}, **rule).grade
    finding = one(facts, {}, FOUR_MONTHS, grade={"pass": {"all": comparisons}}, **rule)
    assert ("unknown", "above") == (finding.grade, finding.comparison)
    assert 25 == finding.threshold
    rungs = {"pass": {"unseen": {"known": "yes"}}, "partial": comparisons[0]}
    assert "partial" == one(facts, {}, FOUR_MONTHS, grade=rungs, **rule).grade


def test_a_rung_with_a_null_parameter_is_left_out_whole() -> None:
    rungs = {"pass": {"any": [{"above": "minimum"}, {"above": "0"}]}, "partial": {"above": "20"}}
    held: dict[str, Any] = {"grade": rungs, "parameters": {"minimum": None}}
    assert "partial" == one({"visits": VISITS}, MEAN, FOUR_MONTHS, **held).grade
    held = {"grade": {"pass": {"above": "minimum"}}, "parameters": {"minimum": None}}
    assert "info" == one({"visits": VISITS}, MEAN, FOUR_MONTHS, **held).grade


def test_the_last_to_name_a_parameter_wins() -> None:
    def threshold(**more: Any) -> Fraction | None:
        return one(
            {"visits": VISITS},
            MEAN,
            FOUR_MONTHS,
            grade={"pass": {"above": "minimum"}},
            parameters={"minimum": "1"},
            **more,
        ).threshold

    own: dict[str, Any] = {"parameters": {"minimum": "2"}}
    varied = {**own, "vary": [{"for": {"unit": ["U1"]}, "parameters": {"minimum": "4"}}]}
    waiver = {"parameters": {"minimum": "5"}, "from": "2024-04-30"}
    assert 1 == threshold()
    assert 2 == threshold(requirement=own)
    assert 3 == threshold(requirement=own, scenario={"R1.minimum": 3})
    assert 4 == threshold(requirement=varied, scenario={"R1.minimum": 3})
    assert 5 == threshold(requirement=varied, waivers=[waiver])
    assert 4 == threshold(requirement=varied, waivers=[waiver], as_of="2024-04-29")


def test_months_of_exemption_are_left_out_and_the_unwaived_grade_has_them() -> None:
    waiver = {"exempt": "yes", "from": "2024-01-31", "to": "2024-02-01"}
    finding = one(
        {"visits": VISITS},
        MEAN,
        FOUR_MONTHS,
        waivers=[waiver],
        grade={"pass": {"above": "30"}},
    )
    assert (71, 2) == fraction(finding)
    assert ("pass", "fail") == (finding.grade, finding.unwaived_grade)
    during = one({"visits": VISITS}, MEAN, FOUR_MONTHS, waivers=[waiver], as_of="2024-02-01")
    assert ("not_applicable", "info") == (during.grade, during.unwaived_grade)


def test_applies_takes_a_measure_of_its_own_and_may_be_unknown() -> None:
    own = {"measure": {"value": "listed", "over": "last"}, "at_least": "5000"}
    facts = {"visits": VISITS, "listed": POSTS}

    def grade(listed: str) -> str:
        observed = [*FOUR_MONTHS, ("listed", "2024-04", listed)]
        return one(facts, MEAN, observed, requirement={"applies": own}).grade

    assert ["info", "not_applicable", "unknown"] == [grade("5000"), grade("4999"), grade("x")]


def test_a_provider_counts_under_an_agreement_in_force_on_the_last_day() -> None:
    observed = [{"fact": "answer", "period": "", "value": "helt", "via": "Närakuten"}]
    rungs = {"pass": {"at_least": "fully"}, "partial": {"at_least": "delvis"}}
    agreement = {"facts": ["answer"], "provider": "Närakuten", "from": "2024-04-30"}

    def finding(agreements: Sequence[Data], **requirement: str) -> Finding:
        return one(
            {"answer": ANSWER},
            {"value": "answer"},
            observed,
            agreements=agreements,
            requirement=requirement,
            grade=rungs,
        )

    assert ("pass", ("Närakuten",)) == (finding([agreement]).grade, finding([agreement]).via)
    assert "fail" == finding([agreement], via_agreement="no").grade
    assert {("answer", "2024-T1", "no_agreement")} == finding([]).doubtful


def test_observations_that_differ_conflict_and_equal_ones_count_once() -> None:
    def finding(*values: str) -> Finding:
        observed = [("budget", "2024", value) for value in values]
        return one({"budget": {**YEARLY, "range": ["0", "10"]}}, {"value": "budget"}, observed)

    assert 5 == finding("5", "5.0").first.value
    assert {("budget", "2024", "conflict")} == finding("5", "6").doubtful
    assert {("budget", "2024", "conflict")} == finding("5", "*").doubtful
    assert {("budget", "2024", "out_of_range")} == finding("11").doubtful
    assert {("budget", "2024", "unreadable")} == finding("about 5").doubtful


def test_points_are_clipped_between_two_values_or_given_by_grade() -> None:
    def points(written: Data, **more: Any) -> Fraction | None:
        return one(
            {"visits": VISITS},
            MEAN,  # 25.25
            more.pop("observed", FOUR_MONTHS),
            requirement={"points": written},
            grade={"pass": {"above": "25.25"}, "partial": {"equals": "25.25"}},
            **more,
        ).points

    assert Fraction("2.5") == points({"max": "10", "from": "25", "to": "26"})
    assert 10 == points({"max": "10", "from": "0", "to": "20"})
    assert 0 == points({"max": "10", "from": "26", "to": "30"})
    assert Fraction("7.5") == points({"max": "10", "from": "26", "to": "25"})
    assert 5 == points({"pass": "10", "partial": "5"})
    assert points({"pass": "10"}, observed=[]) is None
    assert points({"pass": "10"}, waivers=[{"exempt": "yes", "from": "2024-04-30"}]) is None


def test_a_requirement_asks_all_but_branches_unless_it_says_whom() -> None:
    units = [
        {"unit": "U2", "kind": "branch", "operator": "private"},
        {"unit": "U1", "operator": "region"},
        {"unit": "U3", "kind": "region", "operator": "private"},
    ]
    contract = {
        "requirements": [
            {"id": "all", "rule": "rule"},
            {
                "id": "some",
                "rule": "rule",
                "for": {"kind": ["unit", "branch"], "operator": "private"},
            },
        ]
    }
    portfolio = {"period": "2024", "units": units}
    findings = evaluate({"visits": VISITS}, {"rule": {"measure": MEAN}}, contract, portfolio)
    assert [("U1", "all"), ("U2", "some"), ("U3", "all")] == [
        (finding.unit, finding.requirement) for finding in findings
    ]


def test_a_unit_that_was_not_open_in_the_requirements_period_is_not_applicable() -> None:
    requirement = {"period": {"from": "2024-01", "to": "2024-02"}}
    facts = {"visits": VISITS}
    opened = {"opened": "2024-03-01"}
    assert "not_applicable" == one(facts, MEAN, FOUR_MONTHS, requirement=requirement, unit=opened).grade
    assert (30, 2) == fraction(one(facts, MEAN, FOUR_MONTHS, requirement=requirement))


def test_dates_and_options_are_compared_in_their_order() -> None:
    facts: dict[str, Data] = {
        "handed_in": {"type": "date", "per": "year"},
        "extent": {"type": "choice", "per": "year", "options": ["never", "sometimes", "always"]},
    }
    observed = [("handed_in", "", "2024-04-30"), ("extent", "", "sometimes")]

    def grade(fact: str, comparison: str, limit: str) -> str:
        rung = {"pass": {comparison: limit}}
        return one(facts, {"value": fact}, observed, grade=rung, as_of="2024-04-29").grade

    assert "pass" == grade("handed_in", "at_most", "period_end")
    assert "fail" == grade("handed_in", "at_most", "as_of")
    assert "fail" == grade("handed_in", "at_most", "2024-04-29")
    assert "pass" == grade("extent", "at_least", "sometimes")
    assert "fail" == grade("extent", "at_least", "always")


def test_a_rule_takes_its_fact_from_the_requirement() -> None:
    requirement = {"with": {"answer": "guideline"}}
    facts = {"guideline": ANSWER}
    rungs = {"pass": {"at_least": "fully"}, "partial": {"at_least": "partly"}}
    finding = one(
        facts,
        {"value": "answer"},
        [("guideline", "", "delvis")],
        requirement=requirement,
        takes=["answer"],
        grade=rungs,
    )
    assert "partial" == finding.grade
