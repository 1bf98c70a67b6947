"""The shipped library: rules, contracts and samples hold what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from compliance.language.examples import run_examples
from compliance.language.sources import check_sources, cover
from compliance.library import Library, sample_names
from compliance.problems import Problems
from compliance.words import Text
from tests.conftest import ROOT, run_command

DOCUMENTS = os.environ.get("COMPLIANCE_DOCUMENTS")
CONTRACTS = sorted(file.stem for file in (ROOT / "contracts").glob("*.yaml"))


@pytest.fixture
def library() -> Library:
    return Library.of(None, None, Problems())


def test_every_example_of_every_rule_holds(library: Library) -> None:
    outcomes, problems = run_examples(library)
    assert [] == problems
    assert [] == [outcome for outcome in outcomes if not outcome.passed]
    assert set(library.rules) == {outcome.rule for outcome in outcomes}


def test_every_rule_is_used_and_has_a_question(library: Library) -> None:
    used = {
        requirement.rule
        for id_ in CONTRACTS
        if (contract := library.contract(id_))
        for requirement in contract.requirements
    }
    assert set(library.rules) == used
    assert [] == [name for name, rule in library.rules.items() if rule is None or not rule.question]
    assert [] == list(library.problems)


def test_every_title_is_in_both_languages(library: Library) -> None:
    titles: list[Text] = [fact.title for fact in library.facts.values() if fact]
    titles += [rule.title for rule in library.rules.values() if rule]
    same = {title.sv for title in titles if title.sv == title.en}
    assert same <= {"CNI, Care Need Index"}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_section_of_the_documents_is_a_requirement_or_out_of_scope(
    contract: str, library: Library
) -> None:
    """Where the documents are at hand, their headings are looked up as well."""
    read = library.contract(contract)
    assert read is not None
    covered, problems = cover(read, (Path(DOCUMENTS),) if DOCUMENTS else ())
    assert [] == problems
    assert covered
    assert [] == [one.section.section for one in covered if not one.accounted_for]
    assert {True if DOCUMENTS else None} == {one.found for one in covered}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_quote_stands_in_its_document(contract: str, library: Library) -> None:
    if DOCUMENTS is None:
        pytest.skip("COMPLIANCE_DOCUMENTS names no folder with the documents")
    read = library.contract(contract)
    assert read is not None
    checked, problems = check_sources(read, (Path(DOCUMENTS),))
    assert [] == problems
    assert {True} == {source.found for source in checked}


def test_a_quote_is_found_across_line_breaks_and_hyphens_and_a_wrong_one_is_not(
    tmp_path: Path, library: Library
) -> None:
    contract = library.contract("jamtland-halsoval-2024")
    assert contract is not None
    words = "\n".join(
        s.quote.replace("allmän", "all-\nmän") for r in contract.requirements for s in r.sources
    )
    (tmp_path / "003_409744219f79e201.txt").write_text(words, "utf-8")
    checked, problems = check_sources(contract, (tmp_path,))
    assert {True} == {source.found for source in checked}
    (digest,) = problems
    assert "isn't the one that the contract was written from" in digest.message
    (tmp_path / "003_409744219f79e201.txt").write_text(words.replace("810 veckor", "811 veckor"), "utf-8")
    checked, problems = check_sources(contract, (tmp_path,))
    assert ["2.5.3"] == [source.requirement for source in checked if not source.found]
    assert any("isn't in Årsbokslut hälsocentraler 2024" in problem.message for problem in problems)


@pytest.mark.parametrize("sample", sample_names())
def test_every_sample_says_that_it_is_synthetic_wherever_it_is_shown(sample: str) -> None:
    for arguments in (("audit", sample), ("check", sample, "U14"), ("explain", sample, "U14", "2.3.2")):
        assert "Syntetiska uppgifter" in run_command(*arguments, "--lang", "sv").out
    assert "Synthetic data" in run_command("audit", sample, "-f", "json").json["provenance"]["en"]


def test_the_samples_are_what_their_generator_makes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "samples" / "make_jamtland.py"), str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    made = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    assert len(made) >= 18
    for file in made:
        assert (tmp_path / file).read_bytes() == (ROOT / "samples" / file).read_bytes(), file


def test_the_wheel_carries_rules_contracts_and_samples(tmp_path: Path) -> None:
    """Installed from the wheel, a shipped name works from any directory."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            "-q",
            "-w",
            tmp_path,
            ROOT,
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = archive.namelist()
    assert "compliance/shipped/rules/facts.yaml" in names
    assert "compliance/py.typed" in names
    done_audit = run_command("contract", "list", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert (0, "") == (done_audit.status, done_audit.err)
    assert "jamtland-halsoval-2024" in done_audit.out
    audit = run_command(
        "audit", "jamtland-2024", "--fail-on", "never", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site")
    )
    assert (0, "") == (audit.status, audit.err)
