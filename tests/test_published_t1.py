"""The tertial report's 19 indicators: value, target and verdict come out of the audit as they were published."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import compliance
from compliance.findings.records import Finding
from compliance.language.reader import read_yaml
from compliance.problems import Problems
from tests.conftest import run_command

NAME = "narsjukvarden-halland-2024-t1"
FILE = Path(__file__).with_name("published.yaml")
WHOLE = "NSH"
AREAS = {"health_centres": "VCH", "dental": "FTV"}
TARGETS = {"target_at_least": "at_least", "target_at_most": "at_most"}

OWN_TARGETS = ("visits_in_month", "chats_in_month", "record_reviews", "listed_patients")
"""Their target is a fact, for it is set anew for every month or period. So it isn't the finding's `threshold`,
which is that the outcome less the target is at least zero, but stands among its measures as `target`."""

OTHER_COLUMN = {
    "same_day_contact": "91.1",
    "assessment_within_three_days": "90",
    "chat_answer_minutes": "12",
    "orthodontics_wait_months": "13",
    "children_examined_in_time": "99.7",
    "adults_examined_in_time": "76.7",
    "visits_in_month": "248485",
    "visits_at_a_distance": "8",
    "chats_in_month": "25535",
    "dental_subscriptions": "32",
    "referrals_marked_svf": "88",
    "children_at_risk_with_plan": "58",
    "adults_at_risk_with_plan": "21",
}
"""What the report's tables print beside the column that decides."""


def published() -> Iterator[tuple[str, dict[str, str]]]:
    """(indicator, what is published of it), numbers as text with the decimals that they were printed with."""
    document = read_yaml(FILE, FILE.name, Problems())
    assert document is not None
    yield from document.data[NAME].items()


INDICATORS = [pytest.param(name, figures, id=name) for name, figures in published()]


@pytest.fixture(scope="module")
def findings() -> dict[tuple[str, str], Any]:
    """The audit's JSON, as the command writes it, by unit and requirement."""
    data = run_command("audit", NAME, "-f", "json").json
    assert [] == data["errors"]
    return {(finding["unit"], finding["requirement"]): finding for finding in data["findings"]}


@pytest.fixture(scope="module")
def audit() -> compliance.Audit:
    return compliance.audit(NAME)


def concerned(findings: dict[tuple[str, str], Any], indicator: str) -> Any:
    """The finding of the whole organisation, or of the one service that the indicator concerns."""
    units = [unit for unit, requirement in findings if requirement == indicator]
    (unit,) = [WHOLE] if WHOLE in units else units
    return findings[unit, indicator]


def measure(finding: Any, name: str) -> Decimal:
    (value,) = (m["value"] for m in finding["measures"] if m["measure"] == name)
    return Decimal(value)


def test_all_nineteen_indicators_are_published_and_nothing_else_is_asked(
    findings: dict[tuple[str, str], Any],
) -> None:
    indicators = [name for name, _ in published()]
    assert 19 == len(indicators)
    assert set(indicators) == {requirement for _, requirement in findings}
    assert {"target"} == {finding["obligation"] for finding in findings.values()}


@pytest.mark.parametrize(("indicator", "figures"), INDICATORS)
def test_the_audit_shows_every_indicators_published_value(
    indicator: str, figures: dict[str, str | None], findings: dict[tuple[str, str], Any]
) -> None:
    shown = concerned(findings, indicator)["value"]
    if figures["value"] is None:
        assert shown is None
    else:
        assert Decimal(figures["value"]) == Decimal(shown)


@pytest.mark.parametrize(("indicator", "figures"), INDICATORS)
def test_every_indicator_is_compared_with_its_published_target(
    indicator: str, figures: dict[str, str], findings: dict[tuple[str, str], Any]
) -> None:
    finding = concerned(findings, indicator)
    ((key, target),) = ((key, value) for key, value in figures.items() if key in TARGETS)
    assert TARGETS[key] == finding["comparison"]
    if indicator in OWN_TARGETS:
        assert Decimal(target) == measure(finding, "target")
        assert Decimal(figures["value"]) - Decimal(target) == measure(finding, "difference")
        assert 0 == Decimal(finding["threshold"])
    else:
        assert Decimal(target) == Decimal(finding["threshold"])


@pytest.mark.parametrize(("indicator", "figures"), INDICATORS)
def test_every_indicator_has_the_documents_own_grade(
    indicator: str, figures: dict[str, str], findings: dict[tuple[str, str], Any]
) -> None:
    assert figures["grade"] == concerned(findings, indicator)["grade"]


@pytest.mark.parametrize(("indicator", "figures"), INDICATORS)
def test_april_the_year_to_date_and_twelve_months_are_kept_apart(
    indicator: str, figures: dict[str, str], audit: compliance.Audit
) -> None:
    """The fact that decides is of the column that the published figure stands in."""
    finding = next(f for f in audit.findings if f.requirement == indicator)
    (fact,) = finding.evidence.clause.measures[0].facts
    if figures["column"] == "april":
        assert "month" == fact.per
        return
    assert "period" == fact.per
    assert (figures["column"] == "R12") == fact.name.endswith("_r12")


@pytest.mark.parametrize("indicator", OTHER_COLUMN)
def test_the_other_published_column_stands_beside_the_one_that_decides(
    indicator: str, findings: dict[tuple[str, str], Any]
) -> None:
    finding = concerned(findings, indicator)
    name = "accumulated" if indicator in OWN_TARGETS else "beside"
    assert Decimal(OTHER_COLUMN[indicator]) == measure(finding, name)


@pytest.mark.parametrize("area", AREAS)
def test_the_services_staff_turnover_is_shown_beside_the_organisations(
    area: str, findings: dict[tuple[str, str], Any]
) -> None:
    figures = dict(published())["staff_turnover"]
    finding = findings[AREAS[area], "staff_turnover"]
    assert Decimal(figures[area]) == Decimal(finding["value"])
    assert {"health_centres": "pass", "dental": "fail"}[area] == finding["grade"]


def test_the_services_deviations_from_budget_are_shown_as_precisely_as_they_are_published(
    audit: compliance.Audit,
) -> None:
    def shown(unit: str) -> Finding:
        return audit.unit(unit).finding("budget_deviation_tkr")

    assert Decimal(5200) == shown("VCH").value
    assert Decimal(5400) == shown("FTV").value
    comments = [cell.comment or "" for unit in AREAS.values() for cell in shown(unit).evidence.cells()]
    assert 2 == len(comments)
    assert all("avrundat till hundra tkr" in comment for comment in comments)


def test_the_withheld_sick_leave_says_why(findings: dict[tuple[str, str], Any]) -> None:
    finding = findings[WHOLE, "sick_leave"]
    (doubt,) = finding["doubtful"]
    assert ("sick_leave", "2024-04", "suppressed") == (doubt["fact"], doubt["period"], doubt["reason"])
    assert "nytt schemasystem" in finding["explanation"]["sv"]
    assert "risk för felaktig data" in doubt["comment"]


def test_thresholds_that_the_report_does_not_state_are_called_assumed(audit: compliance.Audit) -> None:
    assumed = {c.id: c.requirement.assumed for c in audit.portfolio.program.clauses if c.requirement.assumed}
    assert {"dental_subscriptions": ("partial_from",), "record_reviews": ("partial_from",)} == assumed
    for unit, requirement in (("FTV", "dental_subscriptions"), (WHOLE, "record_reviews")):
        assert "antagen gräns" in audit.unit(unit).finding(requirement).explanation("sv")


def test_every_figure_that_the_report_states_agrees_or_is_explained() -> None:
    done = run_command("facts", "validate", NAME, "-f", "json")
    assert (0, "") == (done.status, done.err)
    stated = done.json["stated"]
    assert 30 <= len(stated)
    assert None not in [figure["agrees"] for figure in stated]
    wrong = [figure for figure in stated if not figure["agrees"]]
    assert {"8", "25000", "12", "99.7", "254", "8.3", "8252"} == {figure["stated"] for figure in wrong}
    assert all(figure["note"] for figure in wrong)


def test_the_report_says_in_both_languages_that_its_figures_are_real() -> None:
    for arguments in (("audit", NAME), ("check", NAME, "VCH"), ("explain", NAME, "VCH", "same_day_contact")):
        swedish = " ".join(run_command(*arguments, "--lang", "sv").out.split())
        english = " ".join(run_command(*arguments, "--lang", "en").out.split())
        assert "Verkliga, publicerade uppgifter" in swedish
        assert "Inga syntetiska uppgifter" in swedish
        assert "Real, published figures" in english
        assert "No synthetic data" in english
