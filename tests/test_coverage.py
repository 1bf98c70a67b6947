"""Every section of a contract's documents is the source of a requirement, or left out for a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest

from compliance.language.contracts import Contract
from compliance.language.sources import Covered, cover
from compliance.library import Library
from compliance.problems import Problems
from tests.conftest import ROOT, Done

Run = Callable[..., Done]

SECTIONS = """
- {section: "2", label: {sv: Bemanning, en: Staff}, part: yes}
- {section: "2.1", label: {sv: Läkare, en: Physicians}}
- {section: "2.2", label: {sv: Sjuksköterskor, en: Nurses}}
- {section: "3", label: {sv: Tillgänglighet, en: Access}, part: yes}
- {section: "3.1", label: {sv: Öppettider, en: Opening hours}}
- {section: "3.1 chatt", label: {sv: Chatt, en: Chat}, heading: "Svarstid i chatten"}
"""
REQUIREMENTS = """
- {id: "2.1", rule: r, obligation: must, source: {document: d, section: "2.1", quote: fler läkare}}
- {id: "2.2", rule: r, obligation: must, source: {document: d, section: "2.2", quote: fler}}
- {id: chat, rule: r, obligation: must, source: {document: d, section: "3.1 chatt", quote: svar}}
"""
OUTSIDE = """
- {section: "3.1", why: {sv: Inget krav, en: No requirement}}
"""
DOCUMENT = """Innehåll
Årets text börjar här.
2. Bemanning
2.1 Fler läkare
Mer än 3.1 stycken, om 2.2 gäller.
2.2 Sjuksköterskor
Text.
3 Tillgänglighet
3.1 Öppettider
Svarstid i chatten
Text.
"""


def library(
    folder: Path,
    sections: str = SECTIONS,
    requirements: str = REQUIREMENTS,
    outside: str = OUTSIDE,
    document: str | None = DOCUMENT,
    keys: str = "",
) -> Path:
    """A library with one contract `c` on one document `d`, whose text lies in `documents`.

    Args:
        sections, requirements, outside: lists in YAML.
        document: the document's text; None where it isn't at hand.
        keys: more keys of the document.
    """

    def listed(key: str, items: str, by: int) -> str:
        return indent(f"{key}:\n" + indent(dedent(items).strip(), "  "), " " * by) + "\n" if items else ""

    contract = (
        "id: c\ntitle: {sv: Kontraktet, en: The contract}\nperiod: 2024\n"
        "documents:\n  d:\n    title: {sv: Bokslutet, en: The report}\n    file: report.txt\n"
        + indent(dedent(keys), "    ")
        + listed("sections", sections, 4)
        + listed("requirements", requirements, 0)
        + listed("out_of_scope", outside, 0)
    )
    rules = (
        "facts: {y: {title: Y, type: yes_no, per: year}}\nrules: {r: {title: Regeln, measure: {value: y}}}\n"
    )
    for name, text in (
        ("rules/r.yaml", rules),
        ("contracts/c.yaml", contract),
        ("documents/report.txt", document),
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            file.write_text(text, "utf-8")
    return folder


def contract_of(folder: Path) -> Contract:
    books = Library.of(folder, None, Problems())
    contract = books.contract("c")
    assert [] == [str(problem) for problem in books.problems]
    assert contract
    return contract


def covered(folder: Path) -> tuple[dict[str, Covered], list[str]]:
    """The sections by their numbers, and what is wrong."""
    found, problems = cover(contract_of(folder), (folder / "documents",))
    return {one.section.section: one for one in found}, [str(problem) for problem in problems]


def coverage(run: Run, folder: Path, *arguments: str) -> Done:
    documents = ("--documents", str(folder / "documents"))
    return run("contract", "coverage", "c", "--library", str(folder), *documents, *arguments)


# What accounts for a section ------------------------------------------------------------------------


def test_a_section_is_covered_by_the_requirements_that_rest_on_it_or_lies_outside(tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path))
    assert [] == problems
    assert {
        "2": (),
        "2.1": ("2.1",),
        "2.2": ("2.2",),
        "3": (),
        "3.1": (),
        "3.1 chatt": ("chat",),
    } == {number: one.requirements for number, one in sections.items()}
    why = sections["3.1"].why
    assert why
    assert "No requirement" == why.en
    assert all(one.accounted_for and one.found for one in sections.values())


def test_a_section_that_nothing_accounts_for_is_reported(tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path, outside=""))
    assert not sections["3.1"].accounted_for
    assert [
        "contracts/c.yaml: The section '3.1' of Bokslutet is covered by nothing. "
        "Add a requirement, or an 'out_of_scope'."
    ] == problems


def test_a_requirement_with_two_sources_covers_both_and_is_named_once_for_each(tmp_path: Path) -> None:
    requirements = REQUIREMENTS + (
        '- {id: both, rule: r, obligation: must, source: [{document: d, section: "2.1", quote: en}, '
        '{document: d, section: "2.1", quote: två}, {document: d, section: "3.1", quote: tre}]}\n'
    )
    sections, problems = covered(library(tmp_path, requirements=requirements, outside=""))
    assert [] == problems
    assert ("2.1", "both") == sections["2.1"].requirements
    assert ("both",) == sections["3.1"].requirements


def test_a_part_needs_no_requirement_and_groups_the_sections_after_it(tmp_path: Path) -> None:
    before = '- {section: "1", label: Inledning}\n'
    outside = OUTSIDE + '- {section: "1", why: Inledning}\n'
    sections, problems = covered(
        library(tmp_path, sections=before + SECTIONS.strip(), outside=outside, document=None)
    )
    assert [] == problems
    parts = {number: one.part.section if one.part else None for number, one in sections.items()}
    assert {
        "1": None,
        "2": "2",
        "2.1": "2",
        "2.2": "2",
        "3": "3",
        "3.1": "3",
        "3.1 chatt": "3",
    } == parts


def test_a_part_may_be_the_source_of_a_requirement(tmp_path: Path) -> None:
    requirements = REQUIREMENTS + (
        '- {id: staff, rule: r, obligation: must, source: {document: d, section: "2", quote: x}}\n'
    )
    sections, problems = covered(library(tmp_path, requirements=requirements))
    assert ([], ("staff",)) == (problems, sections["2"].requirements)


def test_a_document_without_a_list_of_sections_is_reported(tmp_path: Path) -> None:
    _, problems = covered(library(tmp_path, sections="", document=None))
    assert ["contracts/c.yaml: The document 'd' has no list of sections. Write its 'sections'."] == problems


def test_what_an_extending_contract_changes_counts(tmp_path: Path) -> None:
    folder = library(tmp_path)
    (folder / "contracts" / "next.yaml").write_text(
        'id: next\nextends: c\nperiod: 2025\ntitle: Nästa\ndrop: ["2.2"]\n', "utf-8"
    )
    contract = Library.of(folder, None, Problems()).contract("next")
    assert contract
    _, problems = cover(contract, ())
    assert [
        "contracts/next.yaml: The section '2.2' of Bokslutet is covered by nothing. "
        "Add a requirement, or an 'out_of_scope'."
    ] == [str(problem) for problem in problems]


def test_out_of_scope_needs_no_document_where_there_is_one(tmp_path: Path) -> None:
    (item,) = contract_of(library(tmp_path)).out_of_scope
    assert ("d", "3.1") == (item.document, item.section)


# Sections looked up in the document -----------------------------------------------------------------


def test_a_section_that_is_not_in_the_document_is_reported(tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path, document=DOCUMENT.replace("3.1 Öpp", "3.4 Öpp")))
    assert False is sections["3.1"].found
    assert [
        "contracts/c.yaml: The section '3.1' of Bokslutet isn't found in it. "
        "Correct its number, or write its 'heading'.",
        "contracts/c.yaml: Bokslutet has the heading '3.4 Öppettider', which the contract doesn't list. "
        "Add it.",
    ] == problems


@pytest.mark.parametrize(
    "line", ["2.1 Fler läkare", "2.1", "2.1. Fler läkare", "   2.1\tFler läkare", '2.1 "Fler läkare"']
)
def test_a_number_is_found_at_the_beginning_of_a_line(line: str, tmp_path: Path) -> None:
    _, problems = covered(library(tmp_path, document=DOCUMENT.replace("2.1 Fler läkare", line)))
    assert [] == problems


@pytest.mark.parametrize("line", ["Se 2.1 Fler läkare", "2.11 fler", "2.1.1 fler", "12.1 fler", "2x1 Fler"])
def test_a_number_elsewhere_or_as_part_of_another_is_not_the_section(line: str, tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path, document=DOCUMENT.replace("2.1 Fler läkare", line)))
    assert False is sections["2.1"].found
    assert 1 == len(problems)


@pytest.mark.parametrize(
    "heading",
    [
        "Svarstid\ni chatten",
        "Svars-\ntid i chatten",
        "Svarstid  i\n\n chatten",
        "Svars\N{SOFT HYPHEN}tid i\N{NO-BREAK SPACE}chatten",
        "Om svaren: Svarstid i chatten.",
    ],
)
def test_a_heading_is_found_over_broken_lines_and_words(heading: str, tmp_path: Path) -> None:
    _, problems = covered(library(tmp_path, document=DOCUMENT.replace("Svarstid i chatten", heading)))
    assert [] == problems


@pytest.mark.parametrize("heading", ["svarstid i chatten", "Svarstid i en chatt", ""])
def test_a_heading_is_found_word_for_word(heading: str, tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path, document=DOCUMENT.replace("Svarstid i chatten", heading)))
    assert False is sections["3.1 chatt"].found
    assert 1 == len(problems)


def test_sections_stand_in_the_documents_order(tmp_path: Path) -> None:
    one, other = SECTIONS.strip().splitlines()[1:3]
    swapped = SECTIONS.replace(one, "x").replace(other, one).replace("x", other, 1)
    sections, problems = covered(library(tmp_path, sections=swapped))
    assert ["2", "2.2", "2.1", "3", "3.1", "3.1 chatt"] == list(sections)
    assert [
        "contracts/c.yaml: The section '2.1' of Bokslutet stands before the one listed above it. "
        "Put them in order."
    ] == problems


def test_a_numbered_heading_that_the_contract_does_not_list_is_reported_once(tmp_path: Path) -> None:
    more = '2.3 Tandvård\n2.3 Tandvård\n4.10.2 "Ledning och styrning\n12. Regioner i samverkan\n'
    _, problems = covered(library(tmp_path, document=DOCUMENT + more))
    assert [
        "contracts/c.yaml: Bokslutet has the heading '2.3 Tandvård', which the contract doesn't list. Add it.",
        "contracts/c.yaml: Bokslutet has the heading '4.10.2 \"Ledning och styrning', which the contract "
        "doesn't list. Add it.",
        "contracts/c.yaml: Bokslutet has the heading '12. Regioner i samverkan', which the contract doesn't "
        "list. Add it.",
    ] == problems


def test_of_an_excerpt_only_the_sections_that_are_listed_are_looked_for(tmp_path: Path) -> None:
    _, problems = covered(library(tmp_path, document=DOCUMENT + "2.3 Tandvård\n", keys="excerpt: yes\n"))
    assert [] == problems
    text = DOCUMENT.replace("3.1 Öpp", "3.4 Öpp")
    sections, problems = covered(library(tmp_path, document=text, keys="excerpt: yes\n"))
    assert (False, 1) == (sections["3.1"].found, len(problems))


@pytest.mark.parametrize(
    "line", ["2.5 procent fler", "45 Timmar", "2024. Det var", "3,1 Procent", "- 2.5 Fler", "17.30"]
)
def test_a_line_that_begins_with_a_figure_is_no_heading(line: str, tmp_path: Path) -> None:
    _, problems = covered(library(tmp_path, document=DOCUMENT + line + "\n"))
    assert [] == problems


# The document -----------------------------------------------------------------------------------------


def test_without_the_document_sections_are_not_looked_up(tmp_path: Path) -> None:
    sections, problems = covered(library(tmp_path, document=None))
    assert [] == problems
    assert {None} == {one.found for one in sections.values()}


def test_a_document_with_another_digest_is_reported(tmp_path: Path) -> None:
    digest = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    _, problems = covered(library(tmp_path / "right", keys=f"sha256: {digest.upper()}\n"))
    assert [] == problems
    _, problems = covered(library(tmp_path / "wrong", keys=f"sha256: {'0' * 64}\n"))
    assert [
        "contracts/c.yaml: The document 'd' (report.txt) isn't the one that the contract was written from: "
        f"its sha256 is {digest}. Compare the two, and correct the contract."
    ] == problems


def test_a_document_that_is_no_text_is_reported_and_not_looked_into(tmp_path: Path) -> None:
    folder = library(tmp_path)
    (folder / "documents" / "report.txt").write_bytes(DOCUMENT.encode("latin-1"))
    sections, problems = covered(folder)
    assert ["report.txt: The document isn't text in UTF-8. Convert it, and check again."] == problems
    assert {None} == {one.found for one in sections.values()}


def test_a_document_may_begin_with_a_byte_order_mark_and_end_its_lines_as_windows_does(
    tmp_path: Path,
) -> None:
    folder = library(tmp_path)
    text = DOCUMENT.removeprefix("Innehåll\nÅrets text börjar här.\n").replace("\n", "\r\n")
    (folder / "documents" / "report.txt").write_bytes(text.encode("utf-8-sig"))
    assert [] == covered(folder)[1]


# The command ----------------------------------------------------------------------------------------


def test_the_exit_status_is_0_where_everything_is_accounted_for(run: Run, tmp_path: Path) -> None:
    done = coverage(run, library(tmp_path))
    assert (0, "") == (done.status, done.err)


@pytest.mark.parametrize(
    ("outside", "document"),
    [("", DOCUMENT), (OUTSIDE, DOCUMENT + "2.3 Tandvård\n"), (OUTSIDE, "Ett annat dokument\n")],
)
def test_the_exit_status_is_1_where_something_is_not(
    outside: str, document: str, run: Run, tmp_path: Path
) -> None:
    done = coverage(run, library(tmp_path, outside=outside, document=document))
    assert 1 == done.status
    assert done.err
    assert "Traceback" not in done.err


def test_the_exit_status_is_2_where_the_contract_has_errors(run: Run, tmp_path: Path) -> None:
    done = coverage(run, library(tmp_path, sections=SECTIONS + "- {section: '2.1', label: Igen}\n"))
    assert 2 == done.status
    assert "The section '2.1' stands twice." in done.err
    done = run("contract", "coverage", "d", "--library", str(tmp_path))
    assert 2 == done.status
    assert "There is no contract 'd'. There are: c." in done.err
    done = run("contract", "coverage", "c", "--library", str(tmp_path), "--documents", str(tmp_path / "no"))
    assert 2 == done.status
    assert "There is no such folder. Name the folder with the documents." in done.err


def test_documents_are_looked_for_beside_the_contract(run: Run, tmp_path: Path) -> None:
    folder = library(tmp_path)
    (folder / "documents" / "report.txt").rename(folder / "contracts" / "report.txt")
    data = run("contract", "coverage", "c", "--library", str(folder), "-f", "json").json
    assert {True} == {one["found"] for one in data["sections"]}


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_screen_groups_the_sections_by_part_in_swedish(run: Run, tmp_path: Path) -> None:
    done = coverage(
        run, library(tmp_path, requirements=REQUIREMENTS.replace('"2.2", r', "nurses, r")), "--lang", "sv"
    )
    text = flat(done.out)
    for part in (
        "Bokslutet 2 Bemanning ✓ 2.1 Läkare ✓ 2.2 Sjuksköterskor",
        "3 Tillgänglighet – 3.1 Öppettider utanför: Inget krav ✓ 3.1 chatt Chatt chat",
        "4 avsnitt: 3 täcks av krav, 1 ligger utanför, 0 saknas.",
    ):
        assert part in text


def test_the_screen_tells_in_english_what_is_missing(run: Run, tmp_path: Path) -> None:
    done = coverage(run, library(tmp_path, outside="", document=None))
    text = flat(done.out)
    for part in (
        "The report 2 Staff ✓ 2.1 Physicians",
        "✗ 3.1 Opening hours covered by no requirement",
        "4 sections: 3 covered by requirements, 0 out of scope, 1 missing.",
        "Some document isn't at hand",
    ):
        assert part in text
    assert [] == [line for line in done.out.splitlines() if len(line) > 80 or line.endswith(" ")]


def test_labels_steer_no_terminal(run: Run, tmp_path: Path) -> None:
    sections = SECTIONS.replace("sv: Läkare", 'sv: "\\e[31mLäkare\\u202e"')
    done = coverage(run, library(tmp_path, sections=sections, document="\x1b[31m2.9 Rött\n2.8 \x1b[31mX\n"))
    assert "Läkare" in coverage(run, tmp_path, "--lang", "sv").out
    assert not {"\x1b", "\u202e"} & set(done.out + done.err)


def test_the_json_holds_every_section(run: Run, tmp_path: Path) -> None:
    data = coverage(run, library(tmp_path), "-f", "json").json
    assert "c" == data["contract"]
    assert ["2", "2.1", "2.2", "3", "3.1", "3.1 chatt"] == [one["section"] for one in data["sections"]]
    assert {
        "document": "d",
        "section": "2",
        "label": {"sv": "Bemanning", "en": "Staff"},
        "part": None,
        "is_part": True,
        "requirements": [],
        "out_of_scope": None,
        "found": True,
    } == data["sections"][0]
    assert {
        "document": "d",
        "section": "3.1",
        "label": {"sv": "Öppettider", "en": "Opening hours"},
        "part": "3",
        "is_part": False,
        "requirements": [],
        "out_of_scope": {"sv": "Inget krav", "en": "No requirement"},
        "found": True,
    } == data["sections"][4]


def test_the_json_goes_to_a_file_and_is_the_same_every_time(run: Run, tmp_path: Path) -> None:
    folder = library(tmp_path / "one")
    done = coverage(run, folder, "-f", "json", "-o", str(tmp_path / "out.json"))
    assert (0, "", "") == (done.status, done.out, done.err)
    text = (tmp_path / "out.json").read_text("utf-8")
    assert text == coverage(run, library(tmp_path / "other"), "-f", "json", "--lang", "sv").out
    assert str(tmp_path) not in text


# What is shipped ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(file.stem for file in ROOT.glob("contracts/*.yaml")))
def test_every_section_that_a_shipped_contract_lists_is_accounted_for(name: str) -> None:
    contract = Library.of(None, None, Problems()).contract(name)
    assert contract
    found, _ = cover(contract, ())
    assert [] == [f"{one.document} {one.section.section}" for one in found if not one.accounted_for]
