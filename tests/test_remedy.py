"""What it would take to pass: put into the observations it makes a pass, and anything less doesn't."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import compliance
from compliance.data.portfolio import Portfolio
from compliance.engine.run import evaluate
from compliance.findings.records import Finding, Grade
from compliance.remedy.figures import Figures
from compliance.remedy.quick import plan_of, quick
from compliance.remedy.records import Held, Key, Remedy, Setting
from compliance.remedy.settings import changed, read_settings, settings_of
from compliance.remedy.ways import Move, Search, branches_of, ways
from compliance.remedy.words import told
from tests.conftest import Done
from tests.oracle.strategies import Case, cases
from tests.oracle.writer import write
from tests.small import Year, every_month, small, years

Run = Callable[..., Done]
EXAMPLES = int(os.environ.get("COMPLIANCE_EXAMPLES", "150"))
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
RANDOM_CASES = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW, print_blob=True)
SAMPLES = ("jamtland-2024", "halland-2024", "narsjukvarden-halland-2024-t1", "god-och-nara-vard-2024")
TROUBLE = (Grade.FAIL, Grade.PARTIAL, Grade.UNKNOWN)


def audited(case: Case) -> compliance.Audit:
    with tempfile.TemporaryDirectory() as folder:
        folders = write(case, Path(folder))
        as_of = None if case.as_of is None else date.fromisoformat(case.as_of)
        return compliance.audit(folders.portfolio, library=folders.library, as_of=as_of)


def regraded(portfolio: Portfolio, by_unit: Mapping[str, Iterable[Setting]]) -> dict[tuple[str, str], Grade]:
    """The grades with facts set, through the engine."""
    for unit, chosen in by_unit.items():
        portfolio = changed(portfolio, unit, chosen)
    clauses = portfolio.program.clauses
    return {
        (portfolio.units[row.unit].id, clauses[row.requirement].id): Grade(row.grade)
        for row in evaluate(portfolio)[0].findings
    }


class Recorded(Search):
    """Keeps how each remedy was made."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(Figures(finding.evidence))
        self.made: dict[Remedy, tuple[dict[Key, Held], tuple[Move, ...]]] = {}

    def _remedy(self, wants: Any, filled: Any, changes: Any, moves: Any, reported: Any) -> Remedy:
        remedy = super()._remedy(wants, filled, changes, moves, reported)
        self.made[remedy] = (filled, moves)
        return remedy


def one_step_less(search: Recorded, remedy: Remedy) -> tuple[Setting, ...] | None:
    """The settings with one step less of the last change; None where only reporting is asked for."""
    filled, moves = search.made[remedy]
    if not moves:
        return None
    changes = dict(filled)
    for move in moves[:-1]:
        changes.update(move.lever.at(move.steps))
    changes.update(moves[-1].lever.at(moves[-1].steps - 1))
    return settings_of(search.figures, changes)


def troubled(audit: compliance.Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.grade in TROUBLE]


def graded(finding: Finding) -> bool:
    """There is a level to pass; else the most that can come of it is `info` or `partial`."""
    return any(True for _ in branches_of(finding.evidence))


# Random contracts -----------------------------------------------------------------------------------


@RANDOM_CASES
@given(cases())
def test_a_clause_is_worked_out_here_as_the_engine_does_it(case: Case) -> None:
    for finding in audited(case).findings:
        evidence = finding.evidence
        if not evidence.unit.readable or evidence.clause.first > evidence.clause.last:
            continue
        figures = Figures(evidence)
        for ready, row in zip(evidence.clause.measures, evidence.rows, strict=True):
            sums = figures.sums(ready)
            assert (row.enough, row.known) == (sums.enough, sums.known)
            if row.enough and row.top is not None:
                assert (row.top, row.bottom, row.counted) == (sums.top, sums.bottom, len(sums.counted))


@RANDOM_CASES
@given(cases(), st.data())
def test_with_a_remedy_in_the_observations_the_finding_passes_and_with_less_it_does_not(
    case: Case, data: st.DataObject
) -> None:
    audit = audited(case)
    chosen: dict[str, tuple[Finding, tuple[Setting, ...]]] = {}
    short: dict[str, tuple[Finding, tuple[Setting, ...]]] = {}
    for unit in audit.units:
        open_ones = [f for f in unit.findings if f.grade in TROUBLE and f.evidence.unit.readable]
        if not open_ones:
            continue
        finding = open_ones[data.draw(st.integers(0, len(open_ones) - 1))]
        if (finding.unit, finding.requirement) in audit.portfolio.unsettled:
            continue
        search = Recorded(finding)
        found = search.found()
        assert (found.why is None) is bool(found.remedies)
        assert finding.remedy("sv")
        assert finding.remedy("en")
        event("remedy" if found.remedies else f"none: {found.why.kind if found.why else ''}")
        if not found.remedies or not graded(finding):
            continue
        remedy = found.remedies[data.draw(st.integers(0, len(found.remedies) - 1))]
        for step in remedy.steps:
            event(step.kind)
        chosen[unit.unit] = finding, remedy.settings
        less = one_step_less(search, found.remedies[0])
        if less is not None:
            short[unit.unit] = finding, less
    for expected, some in ((True, chosen), (False, short)):
        if some:
            written = {
                id_: read_settings([str(setting) for setting in those], audit.portfolio)
                for id_, (_, those) in some.items()
            }
            grades = regraded(audit.portfolio, written)
            for id_, (finding, those) in some.items():
                passes = grades[id_, finding.requirement] is Grade.PASS
                assert passes is expected, (id_, finding.requirement, [str(setting) for setting in those])


@RANDOM_CASES
@given(cases())
def test_the_short_cut_says_what_the_search_says(case: Case) -> None:
    for finding in troubled(audited(case)):
        plan = plan_of(finding.evidence)
        shortly = quick(finding, plan) if plan else None
        if shortly is None:
            continue
        event("short cut")
        found = ways(finding)
        if finding.grade is not Grade.UNKNOWN:
            assert [remedy.steps for remedy in found.remedies] == [r.steps for r in shortly.remedies]
        if not found.why:
            assert told(finding, found, "sv") == told(finding, shortly, "sv")


# The samples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_every_finding_in_the_samples_that_is_no_pass_has_a_remedy_that_makes_it_one(name: str) -> None:
    audit = compliance.audit(name)
    todo: list[tuple[Finding, tuple[Setting, ...], bool]] = []
    for finding in troubled(audit):
        assert finding.remedy("sv")
        assert finding.remedy("en")
        search = Recorded(finding)
        found = search.found()
        assert found == ways(finding)
        assert found.remedies, (finding.unit, finding.requirement, found.why)
        for remedy in found.remedies:
            todo.append((finding, remedy.settings, True))
            less = one_step_less(search, remedy)
            if less is not None:
                todo.append((finding, less, False))
    assert {enough for *_, enough in todo} == {True, False}
    while todo:  # one change a unit at a time
        batch: dict[str, tuple[Finding, tuple[Setting, ...], bool]] = {}
        for one in todo:
            batch.setdefault(one[0].unit, one)
        todo = [one for one in todo if batch[one[0].unit] is not one]
        written = {
            unit: read_settings([str(setting) for setting in chosen], audit.portfolio)
            for unit, (_, chosen, _) in batch.items()
        }
        grades = regraded(audit.portfolio, written)
        for unit, (finding, chosen, enough) in batch.items():
            wanted = Grade.PASS if graded(finding) else Grade.INFO
            reached = grades[unit, finding.requirement] is wanted
            assert reached is enough, (unit, finding.requirement, [str(setting) for setting in chosen])


@pytest.mark.parametrize(
    ("name", "unit", "requirement"),
    [
        ("jamtland-2024", "U14", "2.3.2"),
        ("halland-2024", "U44", "evening_and_weekend_care"),
        ("narsjukvarden-halland-2024-t1", "VCH", "listed_patients"),
        ("god-och-nara-vard-2024", "HALLAND", "30"),
    ],
)
def test_the_command_takes_what_a_remedy_says(name: str, unit: str, requirement: str, run: Run) -> None:
    finding = compliance.audit(name).unit(unit).finding(requirement)
    for remedy in finding.remedies:
        options = [word for setting in remedy.settings for word in ("--with", str(setting))]
        told_of = run("check", name, unit, *options, "--format", "json", "--fail-on", "never").json[
            "findings"
        ]
        (pair,) = (pair for pair in told_of if pair["requirement"] == requirement)
        assert (finding.grade.value, "pass") == (pair["before"]["grade"], pair["after"]["grade"])


def test_where_there_is_no_level_a_value_needs_only_to_be_told(run: Run) -> None:
    told_of = " ".join(run("check", "halland-2024", "U45", "--lang", "sv", "--fail-on", "never").out.split())
    assert "För att kunna redovisas: begär ut antalet patienter med okontrollerad astma för 2024" in told_of


# In words -------------------------------------------------------------------------------------------


def said(folder: Path, rule: str, rows: str, as_of: date | None = None, **more: str) -> tuple[str, str]:
    """The remedy of the one finding, in both languages."""
    (finding,) = compliance.audit(small(folder, rule, rows, **more), library=folder, as_of=as_of).findings
    swedish, english = finding.remedy("sv"), finding.remedy("en")
    assert swedish
    assert english
    return swedish.replace("\N{NO-BREAK SPACE}", " "), english.replace("\N{NO-BREAK SPACE}", " ")


SHARE = """
measure: {share: [a], of: [b]}
grade: {pass: {above: 50}}
"""
MEAN = """
measure: {value: visits, coverage: 1}
grade: {pass: {at_least: 93}}
"""


def test_posts_are_moved_or_added_and_more_than_half_takes_more_than_that(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "3") + every_month("U1", "b", "6.5")
    assert (
        "mer än 0,25 från övriga B till A, eller mer än 0,5 nya för A.",
        "more than 0.25 moved from other B to A, or more than 0.5 added to A.",
    ) == said(tmp_path, SHARE, rows)


def test_what_does_not_come_out_even_is_rounded_so_that_it_holds(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "1") + every_month("U1", "b", "2.166666")
    assert "mer än 0,083333 från övriga" in said(tmp_path, SHARE, rows)[0]
    rule = "measure: {share: [a], of: [b]}\ngrade: {pass: {at_least: 30}}"
    rows = every_month("U1", "a", "1") + every_month("U1", "b", "7")
    assert "1,1 från övriga B till A, eller minst 1,58 nya för A." in said(tmp_path, rule, rows)[0]


def test_what_is_moved_during_a_period_says_over_which_months(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "3") + every_month("U1", "b", "6.5")
    assert (
        "minst 0,34 från övriga B till A april–december 2024, "
        "eller minst 0,67 nya för A april–december 2024." == said(tmp_path, SHARE, rows, date(2024, 3, 31))[0]
    )


def test_hours_are_told_by_the_week(tmp_path: Path) -> None:
    rule = "measure: {value: hours}\ngrade: {pass: {at_least: 45}}"
    assert (
        "öppettider: 5 timmar mer öppet per vecka, till minst 45 timmar i veckan.",
        "opening hours: 5 hours more open a week, to at least 45 hours a week.",
    ) == said(tmp_path, rule, "U1,hours,,mon-fri 08:00-16:00,,,\n")


@pytest.mark.parametrize(
    ("limit", "friday", "told_of"),
    [
        ("at_least: 45", "16:55", "5 minuter mer öppet per vecka, till minst 45 timmar i veckan."),
        ("at_least: 45", "16:59", "1 minut mer öppet per vecka, till minst 45 timmar i veckan."),
        ("at_least: 45", "16:00", "1 timme mer öppet per vecka, till minst 45 timmar i veckan."),
        ("at_least: 45", "14:30", "2,5 timmar mer öppet per vecka, till minst 45 timmar i veckan."),
        (
            "at_least: 45",
            "14:35",
            "2 timmar och 25 minuter mer öppet per vecka, till minst 45 timmar i veckan.",
        ),
        ("above: 45", "16:30", "mer än 30 minuter mer öppet per vecka, till mer än 45 timmar i veckan."),
        ("at_most: 42", "16:00", "2 timmar mindre öppet per vecka, till högst 42 timmar i veckan."),
    ],
)
def test_less_than_an_hour_is_told_in_minutes(tmp_path: Path, limit: str, friday: str, told_of: str) -> None:
    rule = f"measure: {{value: hours}}\ngrade: {{pass: {{{limit}}}}}"
    rows = f"U1,hours,,mon-thu 08:00-17:00; fri 08:00-{friday},,,\n"
    assert f"öppettider: {told_of}" == said(tmp_path, rule, rows)[0]


def test_of_one_there_is_no_plural(tmp_path: Path) -> None:
    rule = "measure: {value: visits, over: total}\ngrade: {pass: {at_least: 13}}"
    assert "besök: 1 fler, till minst 13 besök." == said(tmp_path, rule, every_month("U1", "visits", "1"))[0]


def test_the_days_that_lack_least_are_opened_first(tmp_path: Path) -> None:
    rule = 'measure: {open: hours, from: "08:00", to: "17:00"}\ngrade: {pass: {at_least: 4}}'
    rows = "U1,hours,,mon-tue 08:00-17:00; thu 08:00-16:00; fri 08:00-16:30,,,\n"
    assert "öppet hela tiden 08:00–17:00 även på fredag och torsdag." == said(tmp_path, rule, rows)[0]


def test_during_a_period_it_is_the_months_that_are_left(tmp_path: Path) -> None:
    rows = "".join(f"U1,visits,2024-{month:02},86,,,\n" for month in range(1, 5))
    assert (
        "besök: i snitt minst 96,5 besök maj–december 2024.",
        "visits: on average at least 96.5 visits May–December 2024.",
    ) == said(tmp_path, MEAN, rows, date(2024, 4, 30))


def test_what_is_needed_is_told_also_while_nothing_can_be_told_yet(tmp_path: Path) -> None:
    rows = "".join(f"U1,visits,2024-{month:02},86,,,\n" for month in range(1, 5))
    rule = MEAN.replace(", coverage: 1", "")
    assert (
        "besök: i snitt minst 96,5 besök maj–december 2024."
        == said(tmp_path, rule, rows, date(2024, 4, 30))[0]
    )


def test_missing_months_of_a_mean_are_told_with_what_they_must_be(tmp_path: Path) -> None:
    rows = "".join(f"U1,visits,2024-{month:02},90,,,\n" for month in range(1, 12))
    rule = MEAN.replace(", coverage: 1", "")
    assert (
        "redovisa antalet besök för december 2024, med minst 126 besök.",
        "report the number of visits for December 2024, with at least 126 visits.",
    ) == said(tmp_path, rule, rows)


def test_the_months_that_are_too_low_are_named(tmp_path: Path) -> None:
    rule = "measure: {value: a, over: min}\ngrade: {pass: {at_least: 80}}"
    rows = (
        every_month("U1", "a", "90").replace("2024-03,90", "2024-03,70").replace("2024-06,90", "2024-06,79.9")
    )
    assert ("A: minst 80 i mars och juni 2024.", "A: at least 80 in March and June 2024.") == said(
        tmp_path, rule, rows
    )


def test_of_months_that_hold_it_is_told_how_many_more(tmp_path: Path) -> None:
    rule = "measure: {months: a, at_least: 90}\ngrade: {pass: {at_least: 75}}"
    rows = every_month("U1", "a", "95").replace("2024-0", "2024-0")
    for month in range(1, 6):
        rows = rows.replace(f"2024-{month:02},95", f"2024-{month:02},80")
    assert "2 fler månader med A minst 90." == said(tmp_path, rule, rows)[0]


def test_an_answer_is_told_as_it_is_and_as_it_must_be(tmp_path: Path) -> None:
    rule = "measure: {value: answer}\ngrade: {pass: {at_least: fully}}"
    assert (
        "att ”Svaret” kan besvaras med ”helt” (nu ”delvis”)."
        == said(tmp_path, rule, "U1,answer,,delvis,,,\n")[0]
    )


def test_a_date_is_told_with_the_days_that_it_was_late(tmp_path: Path) -> None:
    rule = "measure: {value: report}\ngrade: {pass: {at_most: 2025-01-31}}"
    assert (
        "rapport inlämnad senast 31 januari 2025, 2 dagar tidigare.",
        "report handed in no later than 31 January 2025, 2 days earlier.",
    ) == said(tmp_path, rule, "U1,report,,2025-02-02,,,\n")


def test_a_report_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    rule = "measure: {value: report}\ngrade: {pass: {at_most: 2025-01-31}}"
    assert (
        "redovisa ”Rapport inlämnad” för 2024 (kravet är senast 31 januari 2025)."
        == said(tmp_path, rule, "")[0]
    )


def test_the_cheapest_way_comes_first(tmp_path: Path) -> None:
    rule = """
    measures: {level: {value: a}, coordinator: {value: coordinator}}
    grade: {pass: {any: [{coordinator: {equals: yes}}, {level: {at_least: 90}}]}}
    """
    rows = every_month("U1", "a", "89") + "U1,coordinator,,nej,,,\n"
    assert (
        "A: i snitt minst 90, 1 mer än nu, eller att ”Koordinator finns” kan besvaras med ”ja” (nu ”nej”)."
        == said(tmp_path, rule, rows)[0]
    )


def test_parts_that_must_all_be_met_are_all_told(tmp_path: Path) -> None:
    rule = """
    measures: {level: {value: a}, coordinator: {value: coordinator}}
    grade: {pass: {all: [{coordinator: {equals: yes}}, {level: {at_least: 90}}]}}
    """
    rows = every_month("U1", "a", "89") + "U1,coordinator,,nej,,,\n"
    assert (
        "that “There is a coordinator” can be answered “yes” (now “no”) and A: on average at least 90, "
        "1 more than now." == said(tmp_path, rule, rows)[1]
    )


def test_an_impossible_remedy_says_why(tmp_path: Path) -> None:
    rule = """
    measure: {share: [visits], of: [visits]}
    grade: {pass: {above: 100}}
    """
    assert (
        "ingen ändring av uppgifterna räcker: " in said(tmp_path, rule, every_month("U1", "visits", "9"))[0]
    )
    rule = """
    measures: {level: {value: a}}
    grade: {pass: {all: [{level: {above: 5}}, {level: {below: 5}}]}}
    """
    other = tmp_path / "other"
    assert (
        "no change of the facts will do: the criteria can't be met at the same time."
        == said(other, rule, every_month("U1", "a", "5"))[1]
    )


def test_a_pass_has_no_remedy_and_neither_has_what_is_only_reported(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "4") + every_month("U1", "b", "6")
    (finding,) = compliance.audit(small(tmp_path, SHARE, rows), library=tmp_path).findings
    assert (None, ()) == (finding.remedy("sv"), finding.remedies)


def test_what_is_waited_for_during_the_year_can_be_too_much(tmp_path: Path) -> None:
    rule = """
    measure: {months: a, above: 10, coverage: 1}
    grade: {pass: {at_least: 75}}
    """
    rows = "".join(f"U1,a,2024-{month:02},1,,,\n" for month in range(1, 7))
    told_of = said(tmp_path, rule, rows, date(2024, 6, 30))[1]
    assert "as far as it goes July–December 2024, the value comes to 50 %." in told_of


def test_the_remedy_stands_in_the_json(tmp_path: Path) -> None:
    from compliance.report.json import audit_json

    rows = every_month("U1", "a", "3") + every_month("U1", "b", "6.5")
    audit = compliance.audit(small(tmp_path, SHARE, rows), library=tmp_path)
    assert '"en": "more than 0.25 moved from other B to A, or more than 0.5 added to A."' in audit_json(audit)


def test_exact_fractions_and_settings_are_there_for_programs(tmp_path: Path) -> None:
    rows = every_month("U1", "a", "3") + every_month("U1", "b", "6.5")
    (finding,) = compliance.audit(small(tmp_path, SHARE, rows), library=tmp_path).findings
    move, add = finding.remedies
    assert (Fraction(1, 4), True) == (move.steps[0].by, move.steps[0].beyond)
    assert (Fraction(1, 2), "add") == (add.steps[0].by, add.steps[0].kind)
    assert "a@2024-01=3.250001" == str(move.settings[0])


def test_what_is_given_is_changed_only_where_nothing_else_can_be(tmp_path: Path) -> None:
    rows = every_month("U1", "people", "1201") + every_month("U1", "a", "1")
    rule = "measure: {rate: [people], per: [a]}\ngrade: {pass: {at_most: 1100}}"
    assert "A: minst 0,092 ytterligare." == said(tmp_path, rule, rows)[0]
    rule = "measure: {value: people, over: last}\ngrade: {pass: {at_most: 1100}}"
    assert "invånare: 101 färre i december 2024, till högst 1 100." == said(tmp_path / "other", rule, rows)[0]


def test_the_earlier_months_that_a_change_is_compared_with_stay_as_they_were(tmp_path: Path) -> None:
    rules = """
    growth:
      title: Tillväxt
      measure: {change: visits}
      grade: {pass: {above: 0}}
    level:
      title: Nivå
      measure: {value: visits, window: 13, coverage: 1}
      grade: {pass: {above: 0}}
    """
    requirements = "\n".join(
        f"- {{id: {rule}, rule: {rule}, obligation: must, "
        "source: {document: d, section: '1', quote: krav}}"
        for rule in ("growth", "level")
    )
    folder = years(
        tmp_path,
        rules,
        {
            2023: Year("U1,visits,2023-05,10,,,\n", requirements, period="2023-05"),
            2024: Year("U1,visits,2024-05,10,,,\n", requirements, period="2024-05"),
        },
    )
    audit = compliance.audit(folder / "2024", library=folder)
    finding = audit.unit("U1").finding("growth")
    (remedy,) = finding.remedies
    assert ["visits@2024-05=11"] == [str(setting) for setting in remedy.settings]
    grades = regraded(audit.portfolio, {"U1": remedy.settings})
    assert Grade.PASS is grades["U1", "growth"]
