"""The shipped library: rules, contracts and samples hold what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from compliance.findings.phrases import WORDED
from compliance.language.examples import run_examples
from compliance.language.program import MILLION, compile_contract
from compliance.language.sources import Documents, check_sources, cover
from compliance.library import Library, sample_names
from compliance.problems import Problems
from compliance.words import Text, decimal_of
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
    assert {*library.rules, *library.followup} == {outcome.rule for outcome in outcomes}


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


REAL = {
    "god-och-nara-vard-2023": "Verkliga uppgifter",
    "god-och-nara-vard-2024": "Verkliga uppgifter",
    "narsjukvarden-halland-2024-t1": "Verkliga, publicerade uppgifter",
}
"""Portfolios of published figures; all others are synthetic."""


@pytest.mark.parametrize("sample", sample_names())
def test_every_sample_says_wherever_it_is_shown_whether_it_is_synthetic(sample: str) -> None:
    data = run_command("audit", sample, "-f", "json").json
    provenance = data["provenance"]
    assert provenance["sv"].startswith(REAL.get(sample, "Syntetiska uppgifter"))
    assert provenance["en"].startswith("Real" if sample in REAL else "Synthetic data")
    unit, requirement = data["findings"][0]["unit"], data["findings"][0]["requirement"]
    for lang in ("sv", "en"):
        for arguments in (
            ("audit", sample),
            ("audit", sample, "--summary"),
            ("check", sample, unit),
            ("explain", sample, unit, requirement),
            ("facts", "validate", sample),
        ):
            shown = " ".join(run_command(*arguments, "--lang", lang).out.split())
            assert " ".join(provenance[lang].split()) in shown, arguments


BY_HAND = ("portfolio.yaml", "units/U14.yaml")
"""What isn't generated: where a portfolio's waivers and notes are written by hand."""


@pytest.mark.parametrize("region", ["jamtland", "halland"])
def test_the_samples_are_what_their_generator_makes(region: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "samples" / f"make_{region}.py"), str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    made = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    shipped = sorted(
        file.relative_to(ROOT / "samples")
        for folder in (ROOT / "samples").glob(f"{region}-*")
        for file in folder.rglob("*")
        if file.is_file()
    )
    by_hand = set(shipped) - set(made)
    assert set(made) <= set(shipped)
    assert by_hand <= {Path(f"{region}-{year}", name) for year in (2023, 2024) for name in BY_HAND}
    for file in made:
        assert (tmp_path / file).read_bytes() == (ROOT / "samples" / file).read_bytes(), file


@pytest.mark.parametrize("sample", sample_names())
def test_every_disagreement_of_a_samples_stated_figures_is_explained(sample: str) -> None:
    arguments = ("--documents", DOCUMENTS) if DOCUMENTS else ()
    done = run_command("facts", "validate", sample, "-f", "json", *arguments)
    assert (0, "") == (done.status, done.err)
    stated = done.json["stated"]
    assert [] == [one["title"] for one in stated if one["agrees"] is False and one["note"] is None]
    assert [] == [check["check"] for check in done.json["checks"] if check["broken"]]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_threshold_that_isnt_assumed_stands_in_the_document(contract: str, library: Library) -> None:
    if DOCUMENTS is None:
        pytest.skip("COMPLIANCE_DOCUMENTS names no folder with the documents")
    read = library.contract(contract)
    assert read is not None
    program = compile_contract(read, library, read.period, read.period.last_day, Problems())
    documents = Documents(read, (Path(DOCUMENTS),))
    lacking: list[str] = []
    for clause in program.clauses:
        lines = [documents.lines(source.document) for source in clause.requirement.sources]
        text = "".join(line.folded for line in lines if line)
        for test in clause.tests:
            name = test.threshold.parameter
            level = clause.parameters.get(name) if name else None
            if name is None or level is None or name in clause.requirement.assumed:
                continue
            if clause.measures[test.measure].type in WORDED:
                continue
            number = decimal_of(Fraction(level, MILLION)).normalize()
            if f"{number:f}".replace(".", ",") not in text:
                lacking.append(f"{clause.id}.{name} = {number:f}")
    assert [] == lacking


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
