"""Each folder of tests/bad is one wrong input, beside the exact message that it must produce.

A case holds only the files that differ from tests/bad/_base, a portfolio that is its own library.
What is wrong with observations, units or waivers concerns U01: U02's findings must stand. What has
nothing to do with findings (relations between facts, stated figures) `facts validate` reports.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import compliance
from compliance.cli.main import cli
from compliance.findings.records import Finding
from compliance.problems import Problem
from compliance.validation import validate

BAD = Path(__file__).parent / "bad"
BASE = BAD / "_base"
CASES = sorted(folder.name for folder in BAD.iterdir() if folder != BASE)

NOTHING_CAN_BE_GRADED = {
    "contract-empty",
    "contract-extends-an-unknown-one",
    "contract-extends-in-a-circle",
    "contract-id-is-not-the-files-name",
    "contract-period-inverted",
    "portfolio-empty",
    "portfolio-is-a-list",
    "portfolio-list-for-text",
    "portfolio-list-left-empty",
    "portfolio-mapping-for-list",
    "portfolio-missing-key",
    "portfolio-misspelled-key",
    "portfolio-only-comments",
    "portfolio-period-outside-the-contract",
    "portfolio-period-runs-backwards",
    "portfolio-period-unreadable",
    "portfolio-text-for-list",
    "portfolio-unknown-contract",
    "portfolio-unknown-key",
    "units-column-twice",
    "units-empty-file",
    "units-file-is-a-folder",
    "units-file-missing",
    "units-file-outside-the-folder",
    "units-latin-1",
    "units-only-a-header",
    "units-unclosed-quote",
    "units-unknown-column",
    "units-without-the-column",
    "yaml-colon-in-text",
    "yaml-duplicate-key",
    "yaml-latin-1",
    "yaml-no-colon",
    "yaml-nul-byte",
    "yaml-tab-indentation",
    "yaml-two-documents",
    "yaml-unclosed-brace",
    "yaml-unclosed-bracket",
    "yaml-unclosed-quote",
    "yaml-utf-16",
    "yaml-wrong-indentation",
}
FOUND_BY_VALIDATING = {case for case in CASES if case.startswith("check")} | {
    "stated-measure-of-an-unknown-fact",
    "stated-measure-of-months-of-a-yearly-fact",
    "stated-measure-of-too-many-months",
    "stated-measure-with-a-parameter",
    "stated-source-in-a-section-not-listed",
    "stated-source-in-an-unknown-document",
}
GRADED = [case for case in CASES if case not in NOTHING_CAN_BE_GRADED]
ABOUT_THE_CONTRACT = {path.parents[1].name for path in BAD.glob("*/contracts/c.yaml")} | {
    "contract-drops-an-unknown-requirement",
    "facts-file-unreadable",
}
ABOUT_ONE_UNIT = [case for case in GRADED if case not in ABOUT_THE_CONTRACT]
BY_PROCESS = ("csv-out-of-range", "portfolio-unknown-key", "units-latin-1")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@cache
def overlaid(case: str, workshop: Path) -> Path:
    """The base with the case's files laid over it."""
    folder = workshop / case
    shutil.copytree(BASE, folder)
    shutil.copytree(BAD / case, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def portfolio(case: str, workshop: Path) -> Path:
    return overlaid(case, workshop)


@cache
def audited(portfolio: Path) -> compliance.Audit | compliance.InputError:
    """The audit of a case, or what it refuses with; any other exception fails the test."""
    try:
        return compliance.audit(portfolio, library=portfolio)
    except compliance.InputError as error:
        return error


@cache
def validated(portfolio: Path) -> tuple[Problem, ...]:
    """What `facts validate` reports of a case."""
    try:
        return validate(portfolio, library=portfolio).errors
    except compliance.InputError as error:
        return error.problems


@pytest.fixture
def audit(portfolio: Path) -> compliance.Audit:
    outcome = audited(portfolio)
    assert isinstance(outcome, compliance.Audit)
    return outcome


def expected(case: str) -> list[str]:
    return (BAD / case / "message.txt").read_text(encoding="utf-8").splitlines()


def findings_of(audit: compliance.Audit, unit: str) -> list[Finding]:
    return list(audit.unit(unit).findings)


@cache
def clean() -> compliance.Audit:
    return compliance.audit(BASE, library=BASE)


def test_the_base_of_all_cases_has_no_errors() -> None:
    assert clean().errors == ()
    assert len(clean().findings) == 8


def test_there_are_many_wrong_inputs() -> None:
    assert len(CASES) >= 300
    assert set(CASES) >= NOTHING_CAN_BE_GRADED
    assert set(CASES) >= FOUND_BY_VALIDATING


@pytest.mark.parametrize("case", CASES)
def test_exactly_this_is_reported(case: str, portfolio: Path) -> None:
    outcome = audited(portfolio)
    refused = isinstance(outcome, compliance.InputError)
    problems = outcome.problems if isinstance(outcome, compliance.InputError) else outcome.errors
    reported = [str(problem) for problem in problems]
    assert reported == ([] if case in FOUND_BY_VALIDATING else expected(case))
    assert refused == (case in NOTHING_CAN_BE_GRADED)


@pytest.mark.parametrize("case", CASES)
def test_validating_the_facts_reports_it_too(case: str, portfolio: Path) -> None:
    assert [str(problem) for problem in validated(portfolio)] == expected(case)


@pytest.mark.parametrize("case", CASES)
def test_a_message_is_a_sentence_that_steers_no_terminal(case: str) -> None:
    messages = expected(case)
    assert messages
    for message in messages:
        assert message.isprintable()
        assert message.endswith((".", "?"))


@pytest.mark.parametrize("case", GRADED)
def test_as_many_units_come_out_as_went_in(portfolio: Path, audit: compliance.Audit) -> None:
    rows = (portfolio / "units.csv").read_text(encoding="utf-8").splitlines()[1:]
    named = {row.split(",")[0].replace("\x1b", "\N{REPLACEMENT CHARACTER}") for row in rows}
    assert {unit.unit for unit in audit.units} == named - {""}


@pytest.mark.parametrize("case", ABOUT_ONE_UNIT)
def test_the_other_units_findings_stand(audit: compliance.Audit) -> None:
    assert findings_of(audit, "U02") == findings_of(clean(), "U02")


@pytest.mark.parametrize("case", CASES)
def test_the_command_reports_it_and_exits_with_2(case: str, portfolio: Path) -> None:
    command = ["facts", "validate"] if case in FOUND_BY_VALIDATING else ["audit"]
    result = CliRunner().invoke(cli, [*command, str(portfolio), "--library", str(portfolio)])
    assert result.stderr.splitlines() == expected(case)
    assert "Traceback" not in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize("case", BY_PROCESS)
def test_the_installed_program_reports_it_and_exits_with_2(case: str, portfolio: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compliance", "audit", portfolio, "--library", portfolio],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr.splitlines() == expected(case)
    assert done.returncode == 2


def test_a_folder_without_a_portfolio_is_named(tmp_path: Path) -> None:
    with pytest.raises(compliance.InputError, match=r"no portfolio\.yaml\. Name the folder that has one"):
        compliance.audit(tmp_path)


def test_a_name_that_is_neither_folder_nor_sample_says_what_is_shipped() -> None:
    with pytest.raises(compliance.InputError, match=r"Did you mean 'jamtland-2024'\?"):
        compliance.audit("jamtland-2042")


def test_a_name_too_long_for_any_folder_is_an_input_error() -> None:
    with pytest.raises(compliance.InputError):
        compliance.audit("x" * 5000)


def test_a_library_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(compliance.InputError, match="There is no such library folder"):
        compliance.audit(BASE, library=tmp_path / "none")


def test_a_portfolios_own_rules_are_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(BASE, folder)
    audit = compliance.audit(folder, library=BASE)
    assert [str(problem) for problem in audit.errors][-1] == (
        "mine/rules/rules.yaml:19:3: 'opening_hours' is defined here a second time; the first is "
        "at "
        "rules/rules.yaml:19:3. Give one of them another name."
    )


def test_a_contract_in_the_library_and_in_the_portfolio_is_a_conflict(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(BASE, folder)
    shutil.rmtree(folder / "rules")
    audit = compliance.audit(folder, library=BASE)
    assert [str(problem) for problem in audit.errors] == [
        "mine/contracts/c.yaml: There is a contract 'c' already, in contracts/c.yaml. Give this "
        "one another "
        "id, and name its file so."
    ]


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "=HYPERLINK(1)", "\x1b[31mröd\x1b[0m", "@SUM(A1)", "\u202eevil"],
)
def test_a_units_name_may_be_anything(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "portfolio"
    shutil.copytree(BASE, folder)
    units = (folder / "units.csv").read_text(encoding="utf-8")
    (folder / "units.csv").write_text(units.replace("Fjällsjö", name), encoding="utf-8")
    audit = compliance.audit(folder, library=folder)
    assert audit.errors == ()
    assert audit.unit("U01").name == name
