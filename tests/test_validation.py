"""What documents state is recomputed exactly, and relations between facts are tried on every unit."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.validation import Recomputed, Validation, validate
from tests.conftest import ROOT, Done

Run = Callable[..., Done]

FACTS = """
facts:
  listed: {title: {sv: Listade, en: Listed}, type: count, per: month, stock: yes}
  visits: {title: {sv: Besök, en: Visits}, type: count, per: month}
  video: {title: {sv: Besök på video, en: Visits by video}, type: count, per: month}
  posts: {title: {sv: Tjänster, en: Posts}, type: number, per: month, stock: yes}
  answered: {title: {sv: Besvarade, en: Answered}, type: percent, per: month}
  hours: {title: {sv: Öppettider, en: Opening hours}, type: opening_hours, per: year}
  evening_hours: {title: {sv: Kvällstid, en: Evening hours}, type: opening_hours, per: year}
  result: {title: {sv: Resultat, en: Result}, type: number, per: period}
  budget: {title: {sv: Budget, en: Budget}, type: number, per: period}
  deviation: {title: {sv: Avvikelse, en: Deviation}, type: number, per: period}
  income: {title: {sv: Intäkter, en: Income}, type: number, per: year}
  costs: {title: {sv: Kostnader, en: Costs}, type: number, per: year}
"""
CONTRACT = """
id: {id}
title: {{sv: Kontraktet, en: The contract}}
period: {year}
documents: {{report: {{title: Bokslutet, file: report.txt}}}}
requirements:
  - id: "1"
    rule: listed
    obligation: monitor
    source: {{document: report, section: "1", quote: antal listade}}
"""
UNITS = "unit,name,operator\nA,Björken,region\nB,Eken,private\nC,Granen,private\n"
HEADER = "unit,fact,period,value,quality\n"
NB = "\N{NO-BREAK SPACE}"


def written(
    folder: Path,
    stated: str = "",
    checks: str = "",
    observations: str = "",
    before: str | None = None,
    more: str = "",
) -> Path:
    """A portfolio of the first quarter of 2024 beside its library, and perhaps that of the year before.

    Args:
        stated: what stands under `stated:`, one figure a line that begins with `- `.
        checks: what stands under `checks:`.
        observations, before: tidy CSV below its header.
        more: further keys of portfolio.yaml.
    """
    files = {
        "library/rules/facts.yaml": FACTS,
        "library/rules/rules.yaml": "rules: {listed: {title: Listade, measure: {value: listed, over: last}}}\n",
        "library/contracts/now.yaml": CONTRACT.format(id="now", year=2024),
        "library/contracts/then.yaml": CONTRACT.format(id="then", year=2023),
        "now/units.csv": UNITS,
        "now/facts.csv": HEADER + dedent(observations).lstrip(),
    }
    portfolio = "contract: {}\nperiod: {}-Q1\nunits: units.csv\nobservations: [facts.csv]\n"
    now = portfolio.format("now", 2024) + more
    if before is not None:
        files["then/portfolio.yaml"] = portfolio.format("then", 2023)
        files["then/units.csv"] = UNITS
        files["then/facts.csv"] = HEADER + dedent(before).lstrip()
        now += "previous: ../then\n"
    if stated:
        now += "stated:\n" + indent(dedent(stated).strip(), "  ") + "\n"
    files["now/portfolio.yaml"] = now
    if checks:
        files["library/rules/checks.yaml"] = "checks:\n" + indent(dedent(checks).strip(), "  ") + "\n"
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder / "now"


def validated(portfolio: Path) -> Validation:
    result = validate(portfolio, library=portfolio.parent / "library")
    assert () == result.errors
    return result


def figures(folder: Path, stated: str, **more: Any) -> tuple[Recomputed, ...]:
    return validated(written(folder, stated, **more)).stated


def figure(folder: Path, keys: str, **more: Any) -> Recomputed:
    (one,) = figures(folder, f"- {{title: A figure, {keys}}}", **more)
    return one


def command(run: Run, portfolio: Path, *arguments: str) -> Done:
    return run(
        "facts", "validate", str(portfolio), "--library", str(portfolio.parent / "library"), *arguments
    )


def months(unit: str, fact: str, *values: object, year: int = 2024) -> str:
    """Rows for January, February and March; None leaves one out."""
    return "".join(
        f"{unit},{fact},{year}-{number:02d},{value},\n"
        for number, value in enumerate(values, 1)
        if value is not None
    )


# A stated figure agrees up to half a unit of its last digit -----------------------------------------


@pytest.mark.parametrize(
    ("value", "total", "agrees"),
    [
        ("7.25", "7.25", True),
        ("7.25", "7.245", True),
        ("7.25", "7.255", True),
        ("7.25", "7.255001", False),
        ("7.25", "7.244999", False),
        ("7", "7.5", True),
        ("7", "6.5", True),
        ("7", "7.500001", False),
        ("7.0", "7.05", True),
        ("7.0", "7.050001", False),
        ("7.0", "7.5", False),
        ("-254", "-254.5", True),
        ("\N{MINUS SIGN}254", "-254", True),
        ("-254", "254", False),
        ("0", "-0.5", True),
        ("0.333333", "0.333333", True),
        ("999999999999", "999999999999", True),
    ],
)
def test_a_stated_figure_agrees_up_to_half_a_unit_of_its_last_digit(
    value: str, total: str, agrees: bool, tmp_path: Path
) -> None:
    assert figure(tmp_path, f'value: "{value}", total: ["{total}"]').agrees is agrees


@pytest.mark.parametrize(
    ("total", "agrees"),
    [("7350", True), ("7400", True), ("7450", True), ("7349.999999", False), ("7450.000001", False)],
)
def test_a_figure_that_was_rounded_to_hundreds_agrees_up_to_fifty(
    total: str, agrees: bool, tmp_path: Path
) -> None:
    assert figure(tmp_path, f"value: 7400, rounded_to: 100, total: [{total}]").agrees is agrees


def test_a_third_agrees_with_every_way_of_writing_it(tmp_path: Path) -> None:
    ways = figures(
        tmp_path,
        """
        - {title: A third, value: 33, share: [1, 3]}
        - {title: A third, value: 33.3, share: [1, 3]}
        - {title: A third, value: 33.333333, share: [1, 3]}
        - {title: A third, value: 33.333334, share: [1, 3]}
        - {title: A third, value: 33.0, share: [1, 3]}
        """,
    )
    assert [True, True, True, False, False] == [one.agrees for one in ways]
    assert {Fraction(100, 3)} == {one.recomputed for one in ways}


# Each way to recompute one --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "recomputed"),
    [
        ("total: [5, 10, 15]", Fraction(30)),
        ("total: [0.1, 0.2]", Fraction(3, 10)),
        ("difference: [170391, 171332]", Fraction(-941)),
        ("share: [88, 100]", Fraction(88)),
        ("share: [1, 7]", Fraction(100, 7)),
        ("change: [600261, 647364]", Fraction(4710300, 600261)),
        ("change: [100, 64]", Fraction(-36)),
        ("change: [-50, -75]", Fraction(-50)),
        ("mean: [1, 2, 4]", Fraction(7, 3)),
        ("mean: [{value: 7800, weight: 11}, {value: 7300, weight: 9}]", Fraction(7575)),
        ("mean: [1, {value: 4, weight: 2}]", Fraction(3)),
        ("mean: [{value: 1, weight: 0.1}, {value: 2, weight: 0.2}]", Fraction(5, 3)),
    ],
)
def test_figures_are_recomputed_from_others_in_the_document_exactly(
    way: str, recomputed: Fraction, tmp_path: Path
) -> None:
    assert recomputed == figure(tmp_path, f"value: 0, {way}").recomputed


QUARTER = (
    months("A", "listed", 7000, 7100, 7200)
    + months("B", "listed", 4000, 4000, 4100)
    + months("C", "listed", 3000, 3100, 3201)
    + months("A", "visits", 2000, 2100, 2200)
    + months("B", "visits", 1000, 900, 1100)
    + months("C", "visits", 500, 500, 501)
    + "A,hours,2024,mon-fri 08:00-17:00,\nB,hours,2024,mon-fri 08:00-16:00,\n"
)
BEFORE = (
    months("A", "listed", 7000, 7000, 7000, year=2023)
    + months("B", "listed", 4500, 4500, 4500, year=2023)
    + months("A", "visits", 2000, 2000, 2000, year=2023)
    + months("B", "visits", 1500, 1500, 1500, year=2023)
)
LAST = "measure: {value: listed, over: last}"
PER = "measure: {rate: [visits], per: [listed], scale: 1000}"


@pytest.mark.parametrize(
    ("way", "recomputed"),
    [
        (f"{LAST}, statistic: total", Fraction(14501)),
        (f"{LAST}, statistic: mean", Fraction(14501, 3)),
        (f"{LAST}, statistic: median", Fraction(4100)),
        (f"{LAST}, statistic: min", Fraction(3201)),
        (f"{LAST}, statistic: max", Fraction(7200)),
        (f"{LAST}, statistic: units", Fraction(3)),
        (f"{LAST}, statistic: median, for: {{operator: [private]}}", Fraction(7301, 2)),
        (f"{LAST}, statistic: total, for: {{unit: [A, C]}}", Fraction(10401)),
        (f"{LAST}, statistic: total, when: before, for: {{unit: [A, B]}}", Fraction(11500)),
        (f"{LAST}, statistic: total, when: difference, for: {{unit: [A, B]}}", Fraction(-200)),
        # C isn't known in 2023: a total that lacks a unit is none.
        (f"{LAST}, statistic: total, when: before", None),
        (f"{LAST}, statistic: total, when: difference", None),
        (f"{LAST}, statistic: units, when: before", Fraction(2)),
        (f"{LAST}, statistic: units, when: difference", Fraction(1)),
        (f"{LAST}, statistic: total, when: difference, for: {{operator: [region]}}", Fraction(200)),
        # All visits over all listed: not the mean of the units' own rates.
        (PER, Fraction(1000 * 10801, Fraction(21300 + 12100 + 9301, 3))),
        (f"{PER}, statistic: pooled", Fraction(1000 * 10801 * 3, 42701)),
        (
            f"{PER}, statistic: mean",
            (Fraction(6300000, 7100) + Fraction(9000000, 12100) + Fraction(4503000, 9301)) / 3,
        ),
        (f"{PER}, when: before", Fraction(1000 * 10500, 11500)),
        ("measure: {change: visits}", Fraction(100 * (6300 + 3000 - 10500), 10500)),
        ("measure: {value: hours}, statistic: mean", Fraction(85, 2)),
        ("measure: {value: hours}, statistic: units", Fraction(2)),
        ("measure: {months: visits, at_least: 1000}", Fraction(500, 9)),
        ("measure: {value: visits, over: total}, statistic: total", Fraction(10801)),
    ],
)
def test_figures_are_recomputed_from_the_units_facts_exactly(
    way: str, recomputed: Fraction | None, tmp_path: Path
) -> None:
    assert recomputed == figure(tmp_path, f"value: 0, {way}", observations=QUARTER, before=BEFORE).recomputed


def test_pooled_leads_and_the_period_is_now_where_nothing_else_is_said(tmp_path: Path) -> None:
    said, unsaid = figures(
        tmp_path,
        f"""
        - {{title: Said, value: 0, {PER}, statistic: pooled, when: now}}
        - {{title: Unsaid, value: 0, {PER}}}
        """,
        observations=QUARTER,
        before=BEFORE,
    )
    assert said.recomputed == unsaid.recomputed


def test_a_branch_counts_only_where_it_is_asked_for(tmp_path: Path) -> None:
    stated = f"""
        - {{title: All, value: 0, {LAST}, statistic: total}}
        - {{title: Branches, value: 0, {LAST}, statistic: total, for: {{kind: [unit, branch]}}}}
        """
    portfolio = written(tmp_path, stated, observations=QUARTER + months("D", "listed", 10, 10, 10))
    (portfolio / "units.csv").write_text("unit,kind,parent\nA,,\nB,,\nC,,\nD,branch,A\n", "utf-8")
    assert [14501, 14511] == [one.recomputed for one in validated(portfolio).stated]


def test_a_waiver_changes_no_stated_figure(tmp_path: Path) -> None:
    waiver = 'waivers: [{unit: A, requirement: "1", exempt: true, from: 2024-01-01, decision: D 1}]\n'
    one = figure(tmp_path, f"value: 14501, {LAST}, statistic: total", observations=QUARTER, more=waiver)
    assert one.agrees


def test_a_unit_that_has_closed_takes_no_part(tmp_path: Path) -> None:
    portfolio = written(
        tmp_path, f"- {{title: All, value: 0, {LAST}, statistic: units}}", observations=QUARTER
    )
    (portfolio / "units.csv").write_text("unit,closed\nA,\nB,2023-12-31\nC,\n", "utf-8")
    (one,) = validated(portfolio).stated
    assert 2 == one.recomputed


# What isn't known neither agrees nor disagrees ------------------------------------------------------


@pytest.mark.parametrize(
    ("march", "why"),
    [("", "missing"), ("A,listed,2024-03,*,\n", "suppressed"), ("A,listed,2024-03,7,doubtful\n", "doubtful")],
)
@pytest.mark.parametrize("when", ["now", "difference"])
def test_a_figure_can_not_be_recomputed_from_facts_that_are_missing_withheld_or_doubtful(
    march: str, why: str, when: str, tmp_path: Path
) -> None:
    one = figure(
        tmp_path,
        f"value: 7, {LAST}, statistic: total, when: {when}",
        observations=months("A", "listed", 7000, 7100) + march,
        before=BEFORE,
    )
    assert (None, None, False) == (one.recomputed, one.agrees, one.explained), why


@pytest.mark.parametrize("when", ["before", "difference"])
def test_a_figure_of_the_year_before_needs_a_previous_portfolio(when: str, tmp_path: Path) -> None:
    assert figure(tmp_path, f"value: 0, {LAST}, when: {when}", observations=QUARTER).recomputed is None


def test_a_change_needs_a_previous_portfolio(tmp_path: Path) -> None:
    assert figure(tmp_path, "value: 0, measure: {change: visits}", observations=QUARTER).recomputed is None


def test_units_that_are_not_known_take_no_part(tmp_path: Path) -> None:
    stated = f"""
        - {{title: Known, value: 2, {LAST}, statistic: units}}
        - {{title: Mean, value: 5500, {LAST}, statistic: mean}}
        """
    known = months("A", "listed", 7000, 7000, 7000) + months("B", "listed", None, None, 4000)
    assert [True, True] == [
        one.agrees for one in figures(tmp_path, stated, observations=known + "C,listed,2024-03,*,\n")
    ]


# A note explains ------------------------------------------------------------------------------------


def test_a_disagreement_with_a_note_is_explained_and_one_without_is_not(tmp_path: Path) -> None:
    stated = """
        - {title: Explained, value: 7.25, change: [600261, 647364], note: It is 7.85 %}
        - {title: Not explained, value: 7.25, change: [600261, 647364]}
        - {title: Right, value: 7.85, change: [600261, 647364], note: A remark}
        """
    result = validated(written(tmp_path, stated))
    assert [True, False, False] == [one.explained for one in result.stated]
    assert [False, False, True] == [one.agrees for one in result.stated]
    assert 1 == result.disagreements


def test_the_notes_of_stated_figures_stand_among_the_portfolios_own(run: Run, tmp_path: Path) -> None:
    stated = "- {title: Kontakter, value: 7.25, change: [600261, 647364], note: {sv: 'Det är 7,85 %.', en: It is 7.85 %.}}"
    portfolio = written(tmp_path, stated, observations=QUARTER, more="notes: [Påhittat]\n")
    done = run("audit", str(portfolio), "--library", str(tmp_path / "library"), "-f", "json")
    assert [
        {"sv": "Påhittat", "en": "Påhittat"},
        {"sv": "Det är 7,85 %.", "en": "It is 7.85 %."},
    ] == done.json["notes"]


# The exit status ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("", 0),
        ("- {title: Right, value: 30, total: [5, 10, 15]}", 0),
        ("- {title: Explained, value: 28, total: [5, 10, 15], note: It is 30}", 0),
        ("- {title: Unknown, value: 28, measure: {value: posts}}", 0),
        ("- {title: Wrong, value: 28, total: [5, 10, 15]}", 1),
        ("- {title: Wrong, value: 28, total: [5, 10, 15]}\n- {title: Right, value: 5, total: [5]}", 1),
        ("- {title: Faulty, value: 28, measure: {value: post}}", 2),
        ("- {title: Wrong, value: 28, total: [5]}\n- {title: Faulty, value: nan, total: [5]}", 2),
    ],
)
def test_the_exit_status_tells_whether_all_agrees_or_is_explained(
    stated: str, status: int, run: Run, tmp_path: Path
) -> None:
    done = command(run, written(tmp_path, stated, observations=QUARTER))
    assert status == done.status
    assert (2 == status) == bool(done.err)
    assert "Traceback" not in done.err


PART = "part: {title: {sv: Video är en del, en: Video is a part}, sum: [video], at_most: [visits]}"


def test_a_relation_that_does_not_hold_gives_exit_status_1(run: Run, tmp_path: Path) -> None:
    held = months("A", "video", 2000, 2100, 2200)
    assert 0 == command(run, written(tmp_path / "held", checks=PART, observations=QUARTER + held)).status
    broken = months("A", "video", 2000, 2100, 2201)
    assert 1 == command(run, written(tmp_path / "broken", checks=PART, observations=QUARTER + broken)).status


def test_a_portfolio_that_is_not_there_gives_exit_status_2(run: Run, tmp_path: Path) -> None:
    done = run("facts", "validate", str(tmp_path / "none"))
    assert 2 == done.status
    assert "There is no folder and no shipped portfolio of that name." in done.err


def test_a_file_beside_a_portfolio_may_name_it(tmp_path: Path) -> None:
    portfolio = written(tmp_path, "- {title: Right, value: 5, total: [5]}")
    result = validate(portfolio / "portfolio.yaml", library=tmp_path / "library")
    assert ((), [True]) == (result.errors, [one.agrees for one in result.stated])


# Quotes of stated figures ---------------------------------------------------------------------------

QUOTED = """- {title: Listade, value: 5, total: [5], source: {document: report, section: "1", quote: "fem listade"}}"""


def test_quotes_of_stated_figures_are_looked_up_in_the_documents(run: Run, tmp_path: Path) -> None:
    portfolio = written(tmp_path, QUOTED)
    assert 0 == command(run, portfolio).status
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "report.txt").write_text("1 Listade\nVi har fem lis-\ntade.\n", "utf-8")
    done = command(run, portfolio, "--documents", str(documents))
    assert (0, "") == (done.status, done.err)
    (documents / "report.txt").write_text("1 Listade\nVi har sex listade.\n", "utf-8")
    done = command(run, portfolio, "--documents", str(documents))
    assert (1, "portfolio.yaml:6:52: The quote 'fem listade' isn't in Bokslutet.") == (
        done.status,
        done.err[: done.err.index(" Quote the document")],
    )


def test_a_folder_of_documents_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = command(run, written(tmp_path, QUOTED), "--documents", str(tmp_path / "none"))
    assert 2 == done.status
    assert "There is no such folder. Name the folder with the documents." in done.err


# On the screen --------------------------------------------------------------------------------------

SHOWN = """
    - title: {sv: Ökning av kontakter, en: Rise in contacts}
      value: 7.25
      change: [600261, 647364]
      source: {document: report, section: "2.2.2", quote: "7,25%"}
      note: {sv: 'Det är 7,85 %.', en: It is 7.85 %.}
    - {title: {sv: Listade, en: Listed}, value: 14501, measure: {value: listed, over: last}, statistic: total}
    - {title: {sv: Besvarade, en: Answered}, value: 88.0, measure: {value: answered}}
    - {title: {sv: Enheter, en: Units}, value: 28, total: [5, 10, 15]}
    - {title: {sv: Tjänster, en: Posts}, value: 7.5, measure: {value: posts}}
    - {title: {sv: Fler, en: More}, value: 2.5, measure: {value: answered}, when: difference}
    """
ANSWERED = months("A", "answered", 88, 88, 88)
ANSWERED_BEFORE = months("A", "answered", 85.5, 85.5, 85.5, year=2023)


def shown(run: Run, folder: Path, lang: str) -> str:
    portfolio = written(
        folder,
        SHOWN,
        "deviation: {title: {sv: Resultat minus budget, en: Result less budget}, sum: [result, {budget: -1}],"
        " is: [deviation]}\n" + PART,
        QUARTER + ANSWERED + months("A", "video", 7, 7) + "A,result,,-1200.5,\nA,budget,,100,\n"
        "A,deviation,,-1300,\nC,result,,*,\n",
        before=BEFORE + ANSWERED_BEFORE,
        more="provenance: {sv: Påhittat, en: Made up}\n",
    )
    done = command(run, portfolio, "--lang", lang)
    assert (1, "") == (done.status, done.err)
    assert [] == [line for line in done.out.splitlines() if len(line) > 80 or line.endswith(" ")]
    return done.out


def test_the_screen_tells_in_swedish_what_agrees_and_what_does_not(run: Run, tmp_path: Path) -> None:
    text = shown(run, tmp_path, "sv")
    assert text.startswith("Kontraktet · 2024-Q1\nPåhittat\n\nAngivna siffror\n")
    for part in (
        f"≠ 2.2.2  Ökning av kontakter\n      angivet 7,25{NB}%, omräknat 7,85{NB}%\n      Det är 7,85 %.\n",
        f"  ✓ Listade  14{NB}501\n",
        f"  ✓ Besvarade  88,0{NB}%\n",
        "✗ Enheter\n      angivet 28, omräknat 30\n",
        "? Tjänster\n      angivet 7,5, kan inte räknas om\n",
        f"  ✓ Fler  2,5{NB}procentenheter\n",
        "Samband mellan uppgifter\n",
        f"A Björken, 2024-Q1: −1{NB}300,5 är inte lika med −1{NB}300\n",
    ):
        assert part in text


def test_the_screen_tells_in_english_what_agrees_and_what_does_not(run: Run, tmp_path: Path) -> None:
    text = shown(run, tmp_path, "en")
    assert text.startswith("The contract · 2024-Q1\nMade up\n\nStated figures\n")
    for part in (
        f"≠ 2.2.2  Rise in contacts\n      stated 7.25{NB}%, recomputed 7.85{NB}%\n      It is 7.85 %.\n",
        "  ✓ Listed  14,501\n",
        f"  ✓ Answered  88.0{NB}%\n",
        "✗ Units\n      stated 28, recomputed 30\n",
        "? Posts\n      stated 7.5, can't be recomputed\n",
        f"  ✓ More  2.5{NB}percentage points\n",
        "Relations between facts\n",
        "A Björken, 2024-Q1: −1,300.5 isn't equal to −1,300\n",
    ):
        assert part in text


def test_two_figures_that_differ_never_look_alike_on_the_screen(run: Run, tmp_path: Path) -> None:
    stated = """
        - {title: Nearly, value: 7.25, total: [7.255001]}
        - {title: Hundreds, value: 7400, rounded_to: 0.000001, total: [7400.000001]}
        - {title: Half, value: 7, total: [7.6]}
        """
    text = command(run, written(tmp_path, stated)).out
    assert "✗ Nearly\n      stated 7.25, recomputed 7.26\n" in text
    assert "✗ Hundreds\n      stated 7,400, recomputed 7,400.000001\n" in text
    assert "✗ Half\n      stated 7, recomputed 7.6\n" in text


@pytest.mark.parametrize(
    ("lang", "one", "two"), [("sv", "procentenhet", "er"), ("en", "percentage point", "s")]
)
def test_a_difference_of_percentages_is_in_percentage_points(
    lang: str, one: str, two: str, run: Run, tmp_path: Path
) -> None:
    stated = """
        - {title: One, value: 1, measure: {value: answered}, when: difference}
        - {title: Two, value: -2, measure: {value: answered}, when: difference, statistic: min}
        - {title: Units, value: 0, measure: {value: answered}, when: difference, statistic: units}
        """
    portfolio = written(
        tmp_path,
        stated,
        observations=months("A", "answered", 88, 88, 88),
        before=months("A", "answered", 87, 87, 87, year=2023),
    )
    text = command(run, portfolio, "--lang", lang).out
    assert f"✓ One  1{NB}{one}\n" in text
    assert re.search(rf"−2{NB}{one}{two}, .* 1{NB}{one}\n", text)
    assert "✓ Units  0\n" in text


def test_a_title_and_a_note_steer_no_terminal(run: Run, tmp_path: Path) -> None:
    stated = '- {title: "\\e[31mröd", value: 28, total: [5], note: "\\e[2J\\u202eevil"}'
    done = command(run, written(tmp_path, stated))
    assert "röd" in done.out
    assert not {"\x1b", "\u202e"} & set(done.out)


# As JSON --------------------------------------------------------------------------------------------


def test_the_json_holds_every_figure_as_it_was_stated_and_as_it_was_recomputed(
    run: Run, tmp_path: Path
) -> None:
    stated = """
        - title: {sv: Ökning, en: Rise}
          value: 7.20
          change: [600261, 647364]
          source: {document: report, section: "2.2.2", quote: "7,25%"}
          note: {sv: Fel, en: Wrong}
        - {title: Listed, value: 14501, measure: {value: listed, over: last}, statistic: total}
        - {title: Posts, value: 7.5, measure: {value: posts}}
        """
    observations = QUARTER + months("A", "video", 2000, 2101) + "A,posts,2024-01,*,\n"
    data = command(run, written(tmp_path, stated, PART, observations), "-f", "json").json
    assert {
        "contract": "now",
        "period": "2024-Q1",
        "provenance": None,
        "stated": [
            {
                "title": {"sv": "Ökning", "en": "Rise"},
                "stated": "7.20",
                "recomputed": "7.847087",
                "agrees": False,
                "units_missing": 0,
                "note": {"sv": "Fel", "en": "Wrong"},
                "source": {"document": "report", "section": "2.2.2", "quote": "7,25%"},
            },
            {
                "title": {"sv": "Listed", "en": "Listed"},
                "stated": "14501",
                "recomputed": "14501.000000",
                "agrees": True,
                "units_missing": 0,
                "note": None,
                "source": None,
            },
            {
                "title": {"sv": "Posts", "en": "Posts"},
                "stated": "7.5",
                "recomputed": None,
                "agrees": None,
                "units_missing": 3,
                "note": None,
                "source": None,
            },
        ],
        "checks": [
            {
                "check": "part",
                "title": {"sv": "Video är en del", "en": "Video is a part"},
                "held": 1,
                "broken": [
                    {
                        "unit": "A",
                        "period": "2024-02",
                        "left": "2101.000000",
                        "relation": "at_most",
                        "right": "2100.000000",
                    }
                ],
            }
        ],
        "observations": 23,
        "not_relied_on": 1,
        "errors": [],
    } == data


def test_the_json_holds_what_is_wrong_with_the_input(run: Run, tmp_path: Path) -> None:
    portfolio = written(tmp_path, "- {title: Posts, value: 7.5, measure: {value: post}}")
    done = command(run, portfolio, "--format", "json", "-o", str(tmp_path / "out.json"))
    assert (2, "") == (done.status, done.out)
    data = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [
        {
            "where": "portfolio.yaml:6:41",
            "message": "There is no fact 'post' in the catalogue. Did you mean 'posts'?",
        }
    ] == data["errors"]
    assert [None] == [one["agrees"] for one in data["stated"]]


def test_the_same_input_in_another_order_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    checks = PART + "\nhours: {title: Hours, sum: [hours], at_most: [{hours: 0.5}]}"
    rows = QUARTER + months("A", "video", 2000, 2101) + months("B", "video", 0, 0, 5000)
    one = written(tmp_path / "one", SHOWN, checks, rows, before=BEFORE)
    other = written(tmp_path / "other", SHOWN, checks, before=BEFORE)
    lines = rows.splitlines(keepends=True)[::-1]
    (other / "facts.csv").write_text(HEADER + "".join(lines[:9]), "utf-8")
    (other / "more.csv").write_text(HEADER + "".join(lines[9:]), "utf-8")
    units = UNITS.splitlines(keepends=True)
    (other / "units.csv").write_text(units[0] + "".join(units[:0:-1]), "utf-8")
    file = other / "portfolio.yaml"
    text = file.read_text("utf-8").replace("[facts.csv]", "[more.csv, facts.csv]")
    file.write_text(text, "utf-8")
    for form in ("json", "table"):
        outputs = {command(run, folder, "-f", form).out for folder in (one, other)}
        assert 1 == len(outputs)
        assert '"period": "2024-03"' in outputs.copy().pop() or form == "table"
    assert str(tmp_path) not in outputs.pop()


# Relations between facts ----------------------------------------------------------------------------


Broken = tuple[str, str, Fraction | int, Fraction | int]
"""Where a relation doesn't hold: unit, period and both sides."""


def tried(folder: Path, check: str, observations: str) -> tuple[int, list[Broken]]:
    """How often a relation held, and where it didn't."""
    result = validated(written(folder, "", f"one: {{title: A relation, {check}}}", observations))
    broken: list[Broken] = [(one.unit, one.period, one.left, one.right) for one in result.broken]
    assert len(broken) == result.disagreements
    return result.held.get("one", 0), broken


@pytest.mark.parametrize(
    ("check", "deviation", "holds"),
    [
        ("is: [deviation]", "-1300.5", True),
        ("is: [deviation]", "-1300.499999", False),
        ("is: [deviation], within: 0.5", "-1301", True),
        ("is: [deviation], within: 0.5", "-1300", True),
        ("is: [deviation], within: 0.5", "-1299.999999", False),
        ("is: [deviation], within: 0.5", "-1301.000001", False),
        ("at_most: [deviation]", "-1300.5", True),
        ("at_most: [deviation]", "0", True),
        ("at_most: [deviation]", "-1300.500001", False),
        ("at_most: [deviation], within: 0.5", "-1301", True),
        ("at_most: [deviation], within: 0.5", "-1301.000001", False),
        ("is: [{deviation: 0.5}]", "-2601", True),
        ("is: [{deviation: -1}]", "1300.5", True),
        ("is: deviation", "-1300.5", True),
    ],
)
def test_a_relation_holds_exactly_up_to_what_is_allowed(
    check: str, deviation: str, holds: bool, tmp_path: Path
) -> None:
    rows = f"A,result,2024-Q1,-1200.5,\nA,budget,,100,\nA,deviation,,{deviation},\n"
    held, broken = tried(tmp_path, f"sum: [result, {{budget: -1}}], {check}", rows)
    assert (int(holds), int(not holds)) == (held, len(broken))


def test_tenths_add_up_as_they_do_on_paper(tmp_path: Path) -> None:
    assert 0.1 + 0.2 != 0.3
    rows = "A,result,,0.1,\nA,budget,,0.2,\nA,deviation,,0.3,\n"
    assert (1, []) == tried(tmp_path, "sum: [result, budget], is: [deviation]", rows)


def test_a_relation_is_tried_for_every_unit_and_month_in_which_all_is_observed(tmp_path: Path) -> None:
    rows = (
        months("A", "video", 10, 20, 30)
        + months("A", "visits", 10, 19, None)
        + months("B", "video", None, 5, 9)
        + months("B", "visits", 4, 5, 8)
    )
    held, broken = tried(tmp_path, "sum: [video], at_most: [visits]", rows)
    assert 2 == held
    assert [("A", "2024-02", 20, 19), ("B", "2024-03", 9, 8)] == broken


@pytest.mark.parametrize("row", ["A,visits,2024-01,*,\n", "A,visits,2024-01,5,doubtful\n"])
def test_what_is_withheld_or_doubtful_breaks_no_relation(row: str, tmp_path: Path) -> None:
    rows = months("A", "video", 10) + row
    assert (0, []) == tried(tmp_path, "sum: [video], at_most: [visits]", rows)


def test_a_relation_of_yearly_facts_is_tried_once_a_year(tmp_path: Path) -> None:
    rows = "A,income,,100,\nA,costs,2024,101,\nB,income,,100,\nB,costs,,100,\n"
    assert (1, [("A", "2024", 101, 100)]) == tried(tmp_path, "sum: costs, at_most: income", rows)


def test_a_relation_of_period_facts_is_tried_once(tmp_path: Path) -> None:
    rows = "A,result,2024-Q1,100,\nA,budget,,99,\n"
    assert (0, [("A", "2024-Q1", 100, 99)]) == tried(tmp_path, "sum: result, is: budget", rows)


def test_opening_hours_are_compared_in_hours(tmp_path: Path) -> None:
    rows = (
        "A,hours,,mon-fri 08:00-17:20,\nA,evening_hours,,mon 17:00-17:20,\n"
        "B,hours,,mon-fri 08:00-17:00,\nB,evening_hours,,mon-fri 08:00-17:01,\n"
    )
    held, broken = tried(tmp_path, "sum: evening_hours, at_most: hours, within: 0.05", rows)
    assert 1 == held
    assert [("B", "2024", Fraction(45) + Fraction(5, 60), Fraction(45))] == broken
    held, _ = tried(tmp_path / "third", "sum: [{evening_hours: 140}], is: [hours]", rows)
    assert 1 == held


def test_every_unit_and_period_where_a_relation_is_broken_is_shown(run: Run, tmp_path: Path) -> None:
    rows = months("A", "video", 10, 20, 30) + months("A", "visits", 10, 19, 29)
    done = command(run, written(tmp_path, checks=PART, observations=rows))
    assert "✗ Video is a part" in done.out
    assert "      A Björken, February 2024: 20 isn't at most 19\n" in done.out
    assert "      A Björken, March 2024: 30 isn't at most 29\n" in done.out
    assert 1 == done.status


def test_a_check_that_can_not_be_read_leaves_the_others_to_be_tried(tmp_path: Path) -> None:
    rows = months("A", "video", 10) + months("A", "visits", 9)
    portfolio = written(
        tmp_path, checks=PART + "\nother: {title: Other, sum: [vide], is: [visits]}", observations=rows
    )
    result = validate(portfolio, library=tmp_path / "library")
    assert ["rules/checks.yaml"] == [error.place.file for error in result.errors]
    assert ["part"] == [one.check.name for one in result.broken]


# What is shipped ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", sorted(file.parent.name for file in ROOT.glob("samples/*/portfolio.yaml")))
def test_every_stated_figure_of_the_samples_agrees_or_is_explained(sample: str) -> None:
    result = validate(sample)
    assert () == result.errors
    assert 0 == result.disagreements


# Compared with fractions ----------------------------------------------------------------------------

EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DECIMALS = st.decimals(-(10**6), 10**6, places=3, allow_nan=False, allow_infinity=False)


def plainly(way: str, numbers: Sequence[Decimal], weights: Sequence[Decimal]) -> Fraction:
    parts = [Fraction(number) for number in numbers]
    if way == "total":
        return sum(parts, Fraction(0))
    if way == "mean":
        heavy = [Fraction(weight) for weight in weights]
        return sum((a * b for a, b in zip(parts, heavy, strict=True)), Fraction(0)) / sum(heavy)
    one, two = parts
    return {
        "difference": lambda: one - two,
        "share": lambda: one / two * 100,
        "change": lambda: (two - one) * 100 / abs(one),
    }[way]()


@st.composite
def plain_figures(draw: st.DrawFn) -> tuple[str, Fraction, bool]:
    """A stated figure in YAML, what it comes to, and whether it agrees."""
    way = draw(st.sampled_from(["total", "difference", "share", "change", "mean"]))
    count = draw(st.integers(1, 5)) if way in ("total", "mean") else 2
    numbers = draw(st.lists(DECIMALS.filter(bool), min_size=count, max_size=count))
    positive = st.decimals(Decimal("0.001"), 100, places=3)
    weights = draw(st.lists(positive, min_size=count, max_size=count))
    exact = plainly(way, numbers, weights)
    places = draw(st.integers(0, 6))
    unit = Fraction(1, 10**places)
    near = draw(st.sampled_from([Fraction(0), unit, -unit, unit / 2, -unit / 2, 2 * unit]))
    last = round((exact + near) / unit)
    value = Decimal(last).scaleb(-places)
    # The nearest whole number of last digits; a half belongs to the one below and to the one above.
    twice = 2 * exact / unit
    agrees = 2 * last - 1 <= twice <= 2 * last + 1
    items = [f'"{number}"' for number in numbers]
    if way == "mean":
        items = [f'{{value: {a}, weight: "{b}"}}' for a, b in zip(items, weights, strict=True)]
    if abs(value) >= 10**12:
        value, agrees = Decimal(0), 2 * abs(exact) <= 1
    text = f'- {{title: F, value: "{value:f}", {way}: [{", ".join(items)}]}}'
    return text, exact, agrees


@EXAMPLES
@given(st.lists(plain_figures(), min_size=1, max_size=12))
def test_plain_figures_are_those_computed_with_fractions(cases: list[tuple[str, Fraction, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recomputed = figures(Path(folder), "\n".join(text for text, _, _ in cases))
    assert [exact for _, exact, _ in cases] == [one.recomputed for one in recomputed]
    assert [agrees for _, _, agrees in cases] == [one.agrees for one in recomputed]


Values = Mapping[tuple[str, str, int], int | str | None]
"""What is observed of a fact in a month: a number, a word that withholds it, or nothing."""

MEASURES = {
    "{value: listed}": ("mean", "listed", None),
    "{value: visits, over: last}": ("last", "visits", None),
    "{value: visits, over: min}": ("min", "visits", None),
    "{value: visits, over: max}": ("max", "visits", None),
    "{value: visits, over: total}": ("total", "visits", None),
    "{share: [video], of: [visits]}": ("share", "video", "visits"),
    "{rate: [visits], per: [listed], scale: 1000}": ("rate", "visits", "listed"),
}
STATISTICS = ("mean", "median", "min", "max", "total", "pooled", "units")
OPERATORS = {"A": "region", "B": "private", "C": "private"}


def of_one_unit(measure: str, values: Values, unit: str) -> tuple[Fraction, Fraction] | None:
    """A unit's numerator and denominator over the three months; None where they aren't known."""
    kind, top, bottom = MEASURES[measure]

    def observed(fact: str) -> list[Fraction] | None:
        wanted = [3] if kind == "last" else [1, 2, 3]
        found = [values.get((unit, fact, month)) for month in wanted]
        whole = [Fraction(value) for value in found if isinstance(value, int)]
        return whole if len(whole) == len(wanted) else None

    tops = observed(top)
    if tops is None:
        return None
    if bottom is None:
        if kind == "mean":
            return sum(tops, Fraction(0)), Fraction(3)
        over: dict[str, Callable[[list[Fraction]], Fraction]] = {
            "last": lambda one: one[-1],
            "min": min,
            "max": max,
            "total": lambda one: sum(one, Fraction(0)),
        }
        return over[kind](tops), Fraction(1)
    bottoms = observed(bottom)
    if bottoms is None or not any(bottoms):
        return None
    if kind == "share":
        return 100 * sum(tops, Fraction(0)), sum(bottoms, Fraction(0))
    return 1000 * sum(tops, Fraction(0)), sum(bottoms, Fraction(0)) / 3


def of_all(measure: str, statistic: str, values: Values, units: Sequence[str]) -> Fraction | None:
    parts = [of_one_unit(measure, values, unit) for unit in units]
    known = [part for part in parts if part is not None]
    if statistic == "units":
        return Fraction(len(known))
    if not known:
        return None
    each = sorted(top / bottom for top, bottom in known)
    if statistic == "total":
        return sum(each, Fraction(0)) if len(known) == len(units) else None
    if statistic == "pooled":
        return sum((top for top, _ in known), Fraction(0)) / sum((low for _, low in known), Fraction(0))
    half = (len(each) - 1) // 2
    return {
        "mean": sum(each, Fraction(0)) / len(each),
        "median": (each[half] + each[-1 - half]) / 2,
        "min": each[0],
        "max": each[-1],
    }[statistic]


def rows(values: Values, year: int) -> str:
    return "".join(
        f"{unit},{fact},{year}-{month:02d},{'5' if value == 'doubtful' else value},"
        f"{'doubtful' if value == 'doubtful' else ''}\n"
        for (unit, fact, month), value in values.items()
        if value is not None
    )


OBSERVED = st.fixed_dictionaries(
    {
        key: st.one_of(
            st.integers(0, 9), st.integers(0, 9000), st.sampled_from([7, 0, "*", "doubtful", None])
        )
        for key in product("ABC", ("listed", "visits", "video"), (1, 2, 3))
    }
)


@EXAMPLES
@given(OBSERVED, OBSERVED, st.sampled_from(["", "region", "private"]))
def test_statistics_over_units_are_those_computed_with_fractions(
    now: Values, before: Values, operator: str
) -> None:
    units = [unit for unit, own in OPERATORS.items() if operator in ("", own)]
    scope = f", for: {{operator: [{operator}]}}" if operator else ""
    cases = [
        (measure, statistic, when)
        for measure, statistic, when in product(MEASURES, STATISTICS, ("now", "before", "difference"))
        if statistic != "total" or "value" in measure  # shares and rates don't add up
    ]
    stated = "\n".join(
        f"- {{title: F, value: 0, measure: {measure}, statistic: {statistic}, when: {when}{scope}}}"
        for measure, statistic, when in cases
    )
    with tempfile.TemporaryDirectory() as folder:
        found = figures(Path(folder), stated, observations=rows(now, 2024), before=rows(before, 2023))
    for (measure, statistic, when), one in zip(cases, found, strict=True):
        later = of_all(measure, statistic, now, units)
        earlier = of_all(measure, statistic, before, units)
        gap = None if later is None or earlier is None else later - earlier
        assert {"now": later, "before": earlier, "difference": gap}[when] == one.recomputed


@EXAMPLES
@given(OBSERVED, st.integers(-3, 3), st.sampled_from(["is", "at_most"]), st.integers(0, 5))
def test_relations_are_those_computed_with_fractions(
    values: Values, weight: int, comparison: str, within: int
) -> None:
    keys = f"sum: [video, {{listed: {weight}}}], {comparison}: [{{visits: 0.5}}], within: {within}"
    with tempfile.TemporaryDirectory() as folder:
        held, broken = tried(Path(folder), keys, rows(values, 2024))
    expected: list[Broken] = []
    holding = 0
    for unit, month in product("ABC", (1, 2, 3)):
        three = [values[unit, fact, month] for fact in ("video", "listed", "visits")]
        whole = [value for value in three if isinstance(value, int)]
        if len(whole) < 3:
            continue
        video, listed, visits = whole
        left, right = Fraction(video + weight * listed), Fraction(visits, 2)
        within_reach = left <= right + within and (comparison == "at_most" or left >= right - within)
        holding += within_reach
        if not within_reach:
            expected.append((unit, f"2024-{month:02d}", left, right))
    assert (holding, expected) == (held, broken)
