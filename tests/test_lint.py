"""What `compliance rules lint` proves of a library.

Each folder of tests/lint lies over tests/lint/_base, a library that is clean, and holds the remarks that it must
give. Those that begin with `wrong` have a `lint:` section that can't be read.
"""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import compliance
from compliance.cli.main import cli
from compliance.language.examples import alone
from compliance.language.program import MILLION
from compliance.library import Library
from compliance.lint.desk import Desk
from compliance.lint.ladders import grade, ladder_of
from compliance.lint.linear import Condition, Variable, largest, solution
from compliance.lint.run import CHECKS, WITHOUT_EFFECT, lint
from compliance.lint.situation import Situation
from compliance.problems import Problems
from tests.oracle.strategies import Case, cases
from tests.oracle.writer import ONE_FILE, write

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "lint"
BASE = CASES / "_base"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder != BASE)
WRONG = [name for name in NAMES if name.startswith("wrong")]
DOUBTFUL = [name for name in NAMES if name not in WRONG]
ALL = (*CHECKS, WITHOUT_EFFECT)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lint")


@cache
def overlaid(case: str, workshop: Path) -> Path:
    folder = workshop / case
    shutil.copytree(BASE, folder)
    shutil.copytree(CASES / case, folder, dirs_exist_ok=True)
    return folder


def expected(case: str) -> list[str]:
    return (CASES / case / "message.txt").read_text("utf-8").splitlines()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["rules", *words])


# Each check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", DOUBTFUL)
def test_exactly_this_is_remarked(case: str, workshop: Path) -> None:
    books = Library.of(overlaid(case, workshop), None, Problems())
    remarks = [str(problem) for problem in lint(books).problems]
    assert remarks == expected(case)
    assert list(books.problems) == []


@pytest.mark.parametrize("case", DOUBTFUL)
def test_the_command_tells_it_and_exits_with_1(case: str, workshop: Path) -> None:
    result = run("lint", "--library", str(overlaid(case, workshop)), "--format", "json")
    told = json.loads(result.stdout)["remarks"]
    assert [f"{one['where']}: {one['check']}: {one['message']}" for one in told] == expected(case)
    assert result.exit_code == 1
    assert result.stderr == ""


@pytest.mark.parametrize("case", WRONG)
def test_a_lint_section_that_cannot_be_read_exits_with_2(case: str, workshop: Path) -> None:
    result = run("lint", "--library", str(overlaid(case, workshop)))
    assert result.stderr.splitlines() == expected(case)
    assert result.exit_code == 2


@pytest.mark.parametrize("check", ALL)
def test_every_check_has_a_case_and_a_section_of_its_own(check: str) -> None:
    assert any(f": {check}: " in line for case in DOUBTFUL for line in expected(case))
    assert (ROOT / "docs" / "lint.md").read_text("utf-8").count(f"\n### {check}\n") == 1


def test_every_section_on_the_page_is_a_check() -> None:
    lines = (ROOT / "docs" / "lint.md").read_text("utf-8").splitlines()
    assert [line[4:] for line in lines if line.startswith("### ")] == list(ALL)


def test_the_base_is_clean() -> None:
    books = Library.of(BASE, None, Problems())
    assert lint(books).problems == ()
    assert list(books.problems) == []


# What is turned off -------------------------------------------------------------------------------


def turned_off(case: str, workshop: Path, check: str, tmp_path: Path) -> list[str]:
    """A case's remarks, with one check turned off everywhere."""
    folder = tmp_path / case
    shutil.copytree(overlaid(case, workshop), folder)
    (folder / "rules" / "off.yaml").write_text(
        f"lint: [{{check: {check}, why: {{sv: För att., en: Because.}}}}]\n"
    )
    return [str(problem) for problem in lint(Library.of(folder, None, Problems())).problems]


@pytest.mark.parametrize("case", [case for case in DOUBTFUL if not case.startswith("off-")])
def test_a_check_that_is_turned_off_hides_no_other(case: str, workshop: Path, tmp_path: Path) -> None:
    for number, check in enumerate({line.split(": ")[1] for line in expected(case)}):
        left = turned_off(case, workshop, check, tmp_path / str(number))
        assert left == [line for line in expected(case) if f": {check}: " not in line]


def test_what_is_turned_off_is_listed_with_its_reason() -> None:
    result = run("lint", "--format", "json")
    assert all(one["why"]["sv"] and one["remarks"] > 0 for one in json.loads(result.stdout)["turned_off"])
    assert "Turned off with a reason:" in run("lint", "--lang", "en").stdout


# The shipped library ------------------------------------------------------------------------------


def test_the_shipped_library_is_clean() -> None:
    books = Library.of(None, None, Problems())
    report = lint(books)
    assert [str(problem) for problem in report.problems] == []
    assert [str(problem) for problem in books.problems] == []


def test_the_command_exits_with_0_where_there_is_nothing_to_remark_on() -> None:
    for words in ([], ["--contract", "jamtland-halsoval-2024"], ["--portfolio", "halland-2024"]):
        result = run("lint", "--lang", "en", *words)
        assert result.exit_code == 0, result.output
        assert "Nothing to remark on" in result.stdout


def test_an_unknown_contract_or_portfolio_exits_with_2() -> None:
    for option in ("--contract", "--portfolio"):
        result = run("lint", option, "jamtland-2042")
        assert result.exit_code == 2
        assert "There is no" in result.stderr


def test_junit_has_a_failure_for_each_remark_and_skips_what_is_turned_off(workshop: Path) -> None:
    folder = overlaid("off-hides-no-other", workshop)
    result = run("lint", "--library", str(folder), "--format", "junit")
    suite = ET.fromstring(result.stdout)
    assert (suite.get("failures"), suite.get("skipped"), suite.get("errors")) == ("3", "2", "0")
    assert len(suite.findall("testcase/failure")) == 3
    assert len(suite.findall("testcase")) == int(suite.get("tests") or 0)
    named = {case.get("classname", "").rpartition(".")[2] for case in suite}
    assert named == set(ALL)


def test_only_the_contract_that_is_named_is_looked_at(workshop: Path) -> None:
    folder = str(overlaid("threshold-without-source", workshop))
    assert run("lint", "--library", folder, "--contract", "c").exit_code == 0
    assert run("lint", "--library", folder, "--contract", "d").exit_code == 1


# Proofs -------------------------------------------------------------------------------------------

NUMBERS = st.integers(-3, 3)
CONDITIONS = st.lists(
    st.tuples(st.lists(NUMBERS, min_size=3, max_size=3), st.integers(-6, 6), st.booleans()), max_size=4
)
BOUNDS = st.lists(st.tuples(NUMBERS, st.integers(0, 3)), min_size=3, max_size=3)


@given(BOUNDS, CONDITIONS, st.lists(NUMBERS, min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_system_has_a_whole_solution_where_trying_all_finds_one(
    bounds: list[tuple[int, int]], raw: list[tuple[list[int], int, bool]], aim: list[int]
) -> None:
    variables = [Variable(Fraction(low), Fraction(low + size), whole=True) for low, size in bounds]
    conditions = [
        Condition({i: Fraction(w) for i, w in enumerate(weights)}, Fraction(bound), strict)
        for weights, bound, strict in raw
    ]
    every = [
        tuple(map(Fraction, point))
        for point in product(*(range(low, low + size + 1) for low, size in bounds))
    ]
    good = [point for point in every if all(condition.holds(point) for condition in conditions)]
    found = solution(variables, conditions)
    assert (found in good) if good else (found is None)
    weights = {i: Fraction(w) for i, w in enumerate(aim)}
    top = largest(variables, conditions, weights)
    if good:
        assert top is not None
        assert sum(weights[i] * x for i, x in enumerate(top)) >= max(
            sum(weights[i] * x for i, x in enumerate(point)) for point in good
        )


CRITERION = st.tuples(
    st.sampled_from(["level", "part", "sum"]),
    st.sampled_from(["above", "at_least", "below", "at_most", "equals"]),
    st.integers(0, 3),
)
RUNG = st.lists(st.lists(CRITERION, min_size=1, max_size=2), min_size=1, max_size=2)
LEVELS = ("not", "partly", "fully")
LIBRARY = """
facts:
  answer: {title: Svar, type: level, per: year}
  some: {title: Några, type: count, per: year, range: [0, 3]}
  all_of_them: {title: Alla, type: count, per: year, range: [0, 3]}
rules:
  one:
    title: Regeln
    measures:
      level: {value: answer}
      part: {share: [some], of: [all_of_them]}
      sum: {value: [some, all_of_them]}
"""


def written_rung(rung: list[list[tuple[str, str, int]]]) -> str:
    def criterion(measure: str, word: str, number: int) -> str:
        threshold = (
            LEVELS[min(number, 2)]
            if measure == "level"
            else str(25 * number if measure == "part" else number)
        )
        return f"{{{measure}: {{{word}: {threshold}}}}}"

    ways = [f"{{all: [{', '.join(criterion(*one) for one in way)}]}}" for way in rung]
    return f"{{any: [{', '.join(ways)}]}}"


@given(RUNG, RUNG)
@settings(max_examples=60, deadline=None)
def test_the_grades_that_are_proved_possible_are_those_that_trying_all_facts_gives(
    first: list[list[tuple[str, str, int]]], second: list[list[tuple[str, str, int]]]
) -> None:
    with TemporaryDirectory() as name:
        (Path(name) / "rules").mkdir()
        (Path(name) / "rules" / "r.yaml").write_text(
            f"{LIBRARY}    grade:\n      pass: {written_rung(first)}\n      partial: {written_rung(second)}\n"
        )
        books = Library.of(Path(name), None, Problems())
        rule = books.rules["one"]
    assert rule is not None
    clause = alone(rule, books, books.problems)
    assert clause is not None
    states = Situation(clause, clause.parameters).states
    assert states is not None
    ladder = ladder_of(clause)
    least = 1 if "part" in {one[0] for rung in (first, second) for way in rung for one in way} else 0
    tried = {
        grade(
            ladder,
            [Fraction(value) * MILLION for value in (answer, Fraction(100 * s, n or 1), s + n)],
            {},
            {},
        )
        for answer, s, n in product(range(3), range(4), range(least, 4))
    }
    assert {state.grade for state in states} == tried


@given(cases())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_the_engine_grades_was_proved_possible(case: Case) -> None:
    # A percent without a range is taken to be from 0 to 100, and may be anything here.
    wide = {
        name: {"range": ["-100000000000", "100000000000"], **fact} if fact["type"] == "percent" else fact
        for name, fact in case.facts.items()
    }
    with TemporaryDirectory() as name:
        folders = write(replace(case, facts=wide), Path(name), ONE_FILE)
        audit = compliance.audit(folders.portfolio, library=folders.library)
        desk = Desk(Library.of(folders.library, folders.portfolio, Problems()))
        possible: dict[str, set[str]] = {}
        for use in desk.uses:
            if use.contract is not None and use.contract.id == audit.contract:
                for states in (setting.situation.states for setting in use.settings):
                    grades = (
                        {"pass", "partial", "fail"} if states is None else {state.grade for state in states}
                    )
                    possible.setdefault(use.clause.id, set()).update(grades)
    for finding in audit.findings:
        if finding.unwaived_grade in ("pass", "partial", "fail"):
            assert finding.unwaived_grade in possible[finding.requirement], finding
