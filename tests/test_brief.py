"""The brief for the follow-up dialogue: what it says, and that both formats say the same."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import compliance
from compliance.brief import (
    Brief,
    Briefs,
    Item,
    Line,
    Numbered,
    Section,
    Table,
    file_names,
    make_brief,
    texts,
)
from compliance.cli.main import cli
from compliance.findings.records import Finding
from compliance.report import brief_html as html_module
from compliance.report.brief_html import brief_html
from tests.conftest import require
from tests.small import small

SAMPLES = ("jamtland-2024", "halland-2024", "narsjukvarden-halland-2024-t1", "god-och-nara-vard-2024")
SHOWN = ("B01", "U05", "U13", "U14", "U17", "U27", "U28")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVEL = "measure: {value: answer}\ngrade: {pass: {at_least: fully}, partial: {at_least: partly}}"
HOSTILE = (
    'Cafe\u0301 <script>alert("x")</script> </style>&amp; =HYPERLINK("//x","y") \u202eatnafE\u202c '
    "\ufffe\u0007 {page} " + "Lång" * 60
)


def brief_docx(brief: Brief) -> bytes:
    require("docx")
    from compliance.report.brief_docx import brief_docx as made

    return made(brief)


class Page(HTMLParser):
    """What stands in a document's body, and its elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "col"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if "body" in self.inside:
            self.text.append(data)

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def said_in_html(brief: Brief) -> str:
    return " ".join(Page(brief_html(brief)).text)


def parts(made: bytes) -> dict[str, ElementTree.Element]:
    """The XML of a Word document; what isn't XML fails."""
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        return {
            name: ElementTree.fromstring(packed.read(name))
            for name in packed.namelist()
            if name.endswith((".xml", ".rels"))
        }


def said_in_word(brief: Brief) -> str:
    document = parts(brief_docx(brief))["word/document.xml"]
    return " ".join(
        "".join(
            " " if part.tag == f"{WORD}br" else part.text or ""
            for part in paragraph.iter()
            if part.tag in (f"{WORD}t", f"{WORD}br")
        )
        for paragraph in document.iter(f"{WORD}p")
    )


def words(text: str) -> list[str]:
    """Without spaces and the colons behind labels."""
    return text.replace(":", " ").split()


def section(brief: Brief, title: str) -> Section:
    (found,) = [one for one in brief.sections if one.title == title]
    return found


def told(part: Section) -> str:
    return " | ".join(texts(empty()._replace(sections=(part,))))


def empty() -> Brief:
    return Brief("sv", "", compliance.audit("jamtland-2024").as_of, "", "", (), None, (), "", "")


@pytest.fixture(scope="module")
def swedish(jamtland: compliance.Audit) -> Briefs:
    return Briefs(jamtland, "sv")


@pytest.fixture(scope="module")
def english(jamtland: compliance.Audit) -> Briefs:
    return Briefs(jamtland, "en")


def one_unit(
    folder: Path, name: str = "Enhet 1", units: str = "", answer: str = "partly"
) -> compliance.Audit:
    """A portfolio with a unit of that name."""
    quoted = name.replace('"', '""')
    rows = f'unit,name\nU1,"{quoted}"\n{units}'
    ids = [row.split(",")[0] for row in rows.splitlines()[1:]]
    cells = "".join(f"{id_},answer,2024,{answer},,,\n" for id_ in ids)
    at = small(folder, LEVEL, cells, units=rows)
    return compliance.audit(at, library=at)


# What it says ------------------------------------------------------------------------------------


def test_it_says_who_the_unit_is_and_that_the_data_are_synthetic(swedish: Briefs, english: Briefs) -> None:
    brief = swedish.unit("U14")
    assert dict(brief.about) == {
        "Enhet": "U14",
        "Slag": "Hälsocentral",
        "Driftsform": "Regiondriven",
        "Kommun": "Strömsund",
        "Kontrakt": "Hälsoval Jämtland Härjedalen 2024",
        "Period": "2024",
        "Per den": "31 december 2024",
        "Jämförs med": "2023",
    }
    assert brief.provenance
    assert brief.provenance.text.startswith("Syntetiska uppgifter.")
    other = english.unit("U14").provenance
    assert other
    assert other.text.startswith("Synthetic data.")


def test_the_parts_come_in_the_order_of_the_meeting(swedish: Briefs) -> None:
    assert [one.title for one in swedish.unit("U14").sections] == [
        "Bedömningarna i korthet",
        "Förändringar sedan 2023",
        "Avvikelser",
        "Övrigt",
        "Dispenser, avtal och handlingsplaner",
        "Förslag till uppföljning",
        "Frågor till dialogen",
        "Överenskommelser",
    ]


def test_the_grades_are_counted_by_obligation_beside_the_period_before(swedish: Briefs) -> None:
    (table,) = section(swedish.unit("U14"), "Bedömningarna i korthet").blocks
    assert isinstance(table, Table)
    assert table.head == ("Bedömning", "Ska-krav", "Mål", "Redovisas", "Totalt", "2023")
    assert table.rows[1:3] == (
        ("◐ uppfyller delvis", "5", "0", "2", "7", "7"),
        ("○ uppfyller inte", "1", "4", "1", "6", "2"),
    )


def test_what_has_changed_tells_the_way_and_for_how_long(swedish: Briefs) -> None:
    table, *lines = section(swedish.unit("U14"), "Förändringar sedan 2023").blocks
    assert isinstance(table, Table)
    assert ("2.3.5 Täckningsgrad", "70,7\xa0%, uppfyller", "66,1\xa0%, uppfyller inte", "Sämre") in table.rows
    assert (
        "2.3.6 Läkarkontinuitet",
        "0,18, uppfyller inte",
        "0,16, uppfyller inte",
        "Sämre; inte uppfyllt andra perioden i rad",
    ) in table.rows
    assert "2.3.7 Sjuksköterskekontinuitet (0,18 → 0,26)" in str(lines)


def test_a_grade_that_only_a_waiver_kept_is_among_the_changes(swedish: Briefs) -> None:
    table = section(swedish.unit("U27"), "Förändringar sedan 2023").blocks[0]
    assert isinstance(table, Table)
    (row,) = [row for row in table.rows if row[0] == "2.2.7 Öppettider"]
    assert row[2] == "28\xa0timmar i veckan, uppfyller med dispens"
    assert row[3].startswith("Sämre. ")
    assert row[3].endswith("Dispens HSN 2023/114 har kommit till.")


def test_a_unit_that_is_new_is_not_said_to_have_changed(swedish: Briefs) -> None:
    assert section(swedish.unit("U28"), "Förändringar sedan 2023").blocks == (
        Line("enheten fanns inte i 2023.", "Kan inte jämföras"),
    )


def test_every_deviation_has_its_explanation_threshold_and_source(
    jamtland: compliance.Audit, swedish: Briefs
) -> None:
    for unit in jamtland.units:
        wanted = {f.requirement for f in unit.findings if f.grade.value in ("fail", "partial")}
        if not unit.findings:
            continue
        items = [b for b in section(swedish.unit(unit.unit), "Avvikelser").blocks if isinstance(b, Item)]
        assert {item.title.split()[0] for item in items} == wanted
        for item in items:
            finding = unit.finding(item.title.split()[0])
            assert item.lines[0].text == finding.explanation("sv")
            assert "Årsbokslut hälsocentraler 2024" in item.lines[-1].text
            assert finding.grade.text.sv in item.tag


def test_what_must_be_met_comes_before_targets(swedish: Briefs) -> None:
    blocks = section(swedish.unit("U14"), "Avvikelser").blocks
    tags = [block.tag for block in blocks if isinstance(block, Item)]
    assert tags[0] == "uppfyller inte · ska-krav · nej (svaret ”ja”)"
    kinds = [tag.split(" · ")[1] for tag in tags]
    assert kinds == sorted(kinds, key=["ska-krav", "mål", "redovisas"].index)


def test_a_remedy_is_told_where_there_is_one(
    jamtland: compliance.Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Finding, "remedy", lambda self, lang: f"Gör {self.requirement}.", raising=False)
    found = told(section(make_brief(jamtland, "U14", "sv"), "Avvikelser"))
    assert "För att uppfylla | Gör 2.3.2." in found


def test_what_is_missing_tells_where_it_is_found_and_what_needs_it(swedish: Briefs) -> None:
    (table,) = section(swedish.unit("U05"), "Uppgifter att begära in").blocks
    assert isinstance(table, Table)
    assert table.rows == (
        (
            "Läkemedelsgenomgångar dokumenteras enligt rutin",
            "Enhetens eget svar",
            "2024",
            "Värdet är osäkert (”Fyller i enligt rutin, men statistiken från Cosmic saknas.”)",
            "2.4.5",
        ),
    )


def test_waivers_agreements_and_plans_are_told_with_their_dates(swedish: Briefs) -> None:
    heading = "Dispenser, avtal och handlingsplaner"
    found = told(section(swedish.unit("U27"), heading))
    assert "HSN 2023/114, Hälso- och sjukvårdsnämnden" in found
    assert "28 timmar i veckan i stället för 45 timmar i veckan." in found.replace("\xa0", " ")
    assert "1 januari 2024 till 31 december 2024 (går ut i dag)" in found
    assert "Utan dispensen: uppfyller inte." in found
    assert "Rehabiliteringskoordinator finns och Jour och beredskap ordnad | Bräcke hälsocentral" in found
    assert "30 april 2025 | inte än | Begärd, tiden har inte gått ut" in told(
        section(swedish.unit("U14"), heading)
    )
    assert "20 mars 2025" in told(section(swedish.unit("U18"), heading))
    assert "Undantag från kravet." in told(section(swedish.unit("U13"), heading))
    assert not [one for one in swedish.unit("U17").sections if one.title == heading]


def test_a_pass_under_a_waiver_is_no_plain_pass(swedish: Briefs, english: Briefs) -> None:
    assert "2.2.7 Öppettider (28\xa0timmar i veckan, med dispens)" in told(
        section(swedish.unit("U27"), "Övrigt")
    )
    found = told(section(swedish.unit("U27"), "Bedömningarna i korthet"))
    assert "● uppfyller (varav 1 med dispens)" in found
    assert "Med dispenser. Utan dem: 21 uppfyller" in found
    assert "under a waiver" in told(section(english.unit("U27"), "The rest"))


def test_the_follow_up_names_the_pattern_the_action_and_why(swedish: Briefs) -> None:
    items = section(swedish.unit("U14"), "Förslag till uppföljning").blocks
    by_title = {item.title: item for item in items if isinstance(item, Item)}
    assert by_title["Beroende av hyrläkare"].tag == "tema · allvar: hög"
    asked = by_title["Begär handlingsplan"]
    assert asked.tag == "allvar: hög · senast 30 januari 2025"
    assert asked.lines[-1].text.startswith("2.2.6, 2.4.4, 2.4.11 och 2.4.12: uppfyller delvis; 2.5.4")
    assert "2.3.2" not in asked.lines[-1].text
    assert "30 april 2025" in by_title["Invänta handlingsplanen"].lines[-1].text


def test_each_question_stands_once_with_what_it_is_about(swedish: Briefs) -> None:
    (questions,) = section(swedish.unit("U14"), "Frågor till dialogen").blocks
    assert isinstance(questions, Numbered)
    assert len(set(questions.items)) == len(questions.items)
    assert "Hur ser planen för fast specialistbemanning ut? (2.3.2)" in questions.items


def test_there_is_room_for_what_is_agreed_by_whom_and_when(swedish: Briefs) -> None:
    agreed = section(swedish.unit("U17"), "Överenskommelser").blocks[-1]
    assert isinstance(agreed, Table)
    assert agreed.head == ("Överenskommet", "Ansvarig", "Klart senast")
    assert agreed.blank >= 4


def test_a_unit_without_requirements_gets_a_paper_too(swedish: Briefs) -> None:
    found = told(section(swedish.unit("B01"), "Bedömningarna i korthet"))
    assert "Inget krav i kontraktet gäller enheten." in found


def test_a_unit_that_is_not_there_is_a_key_error(swedish: Briefs) -> None:
    with pytest.raises(KeyError):
        swedish.unit("U99")


# Both formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("unit", SHOWN)
def test_both_formats_say_the_same(unit: str, lang: str, jamtland: compliance.Audit) -> None:
    brief = make_brief(jamtland, unit, lang)
    wanted = words(" ".join(texts(brief)))
    assert words(said_in_html(brief)) == wanted
    assert words(said_in_word(brief)) == wanted


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_unit_of_the_samples_has_a_whole_paper_in_both_languages(sample: str) -> None:
    audit = compliance.audit(sample)
    for lang in ("sv", "en"):
        briefs = Briefs(audit, lang)
        for unit in audit.units:
            brief = briefs.unit(unit.unit)
            assert words(said_in_html(brief)) == words(" ".join(texts(brief)))
            assert " None" not in said_in_html(brief)
            assert not re.search(r"(?<![\w{])\{\w+\}", said_in_html(brief))


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_html_is_one_file_that_fetches_nothing(lang: str, jamtland: compliance.Audit) -> None:
    text = brief_html(make_brief(jamtland, "U14", lang))
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.of("html") == [{"lang": lang}]
    assert not page.of("script", "img", "link", "iframe", "object", "a", "form", "base")
    names = {name for _, attributes in page.elements for name in attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "id", "scope", "style"} | {
        "aria-labelledby"
    }
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_the_html_has_headings_in_order_and_tables_with_scopes(jamtland: compliance.Audit) -> None:
    page = Page(brief_html(make_brief(jamtland, "U14", "sv")))
    assert len(page.of("h1")) == len(page.of("main")) == len(page.of("title")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {attributes["scope"] for attributes in page.of("th")} == {"col", "row"}
    ids = [attributes["id"] for attributes in page.of("h2")]
    assert ids == [attributes["aria-labelledby"] for attributes in page.of("section")]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_has_the_contrast_of_wcag_aa_on_white() -> None:
    colours = set(re.findall(r"(?<![-\w])color: #(\w{6})", html_module.STYLE + html_module.PAGE))
    assert colours
    assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in colours)


def test_the_word_document_can_be_edited_and_speaks_its_language(jamtland: compliance.Audit) -> None:
    made = parts(brief_docx(make_brief(jamtland, "U14", "sv")))
    document = made["word/document.xml"]
    styles = {style.get(f"{WORD}val") for style in document.iter(f"{WORD}pStyle")}
    assert {"Title", "Heading1", "Heading2", "ListNumber", "Quote"} <= styles
    languages = {lang.get(f"{WORD}val") for lang in made["word/styles.xml"].iter(f"{WORD}lang")}
    assert languages == {"sv-SE"}
    assert list(document.iter(f"{WORD}tblHeader"))
    footer = next(part for name, part in made.items() if re.fullmatch(r"word/footer\d*\.xml", name))
    fields = [field.get(f"{WORD}instr") for field in footer.iter(f"{WORD}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    header = next(part for name, part in made.items() if re.fullmatch(r"word/header\d*\.xml", name))
    assert "Fjällsjö hälsocentral" in "".join(header.itertext())


def test_the_same_brief_is_the_same_bytes(jamtland: compliance.Audit) -> None:
    first, second = (brief_docx(make_brief(jamtland, "U14", "sv")) for _ in range(2))
    assert first == second


def test_a_hostile_name_is_only_a_name_in_both_formats(tmp_path: Path) -> None:
    brief = make_brief(one_unit(tmp_path, HOSTILE), "U1", "sv")
    assert brief.name.startswith("Café <script>")
    assert not {"\u202e", "\u202c", "\ufffe", "\u0007"} & set(brief.name)
    page = Page(brief_html(brief))
    assert not page.of("script")
    assert words(said_in_html(brief)) == words(" ".join(texts(brief))) == words(said_in_word(brief))
    made = parts(brief_docx(brief))
    fields = [one.get(f"{WORD}instr") for part in made.values() for one in part.iter(f"{WORD}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    assert not [part for part in made.values() for _ in part.iter(f"{WORD}instrText")]


@pytest.mark.parametrize("name", ["\ud800", "\x0b\x1b[31m", "\u2028x", "\ufeffx", "שלום", "a\u200db"])
def test_a_text_that_xml_cannot_hold_is_made_fit(name: str, jamtland: compliance.Audit) -> None:
    unit = jamtland.unit("U17")._replace(name=name)
    briefs = Briefs(jamtland, "sv")
    briefs.results["U17"] = unit
    brief = briefs.unit("U17")
    brief_html(brief).encode("utf-8")
    assert words(said_in_word(brief)) == words(" ".join(texts(brief)))


# Files -------------------------------------------------------------------------------------------


def test_an_id_that_can_be_a_files_name_is_it() -> None:
    assert file_names(["U14", "väst_2", "B-01"]) == {"U14": "U14", "väst_2": "väst_2", "B-01": "B-01"}


def test_files_names_are_safe_and_unique_whatever_the_case() -> None:
    ids = [
        "a",
        "A",
        "../x",
        "..",
        ".",
        "CON",
        "nul",
        "com1",
        "a/b",
        "a\\b",
        "å",
        "a\u030a",
        "ß",
        "SS",
        "x" * 80,
    ]
    ids += ["🏥" * 80, " ", "-", "'", "a:b", "U1.", "\udcff"]
    names = file_names(ids)
    assert set(names) == set(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[\w-]+", name)
        assert len(name.encode()) < 200
        assert name.casefold() not in ("con", "nul", "com1")
    assert file_names(reversed(ids)) == names


def invoke(*words_: str) -> Result:
    return CliRunner().invoke(cli, ["brief", *words_])


def test_all_units_get_a_file_as_each_alone_would(tmp_path: Path, run: Callable[..., Any]) -> None:
    folder = tmp_path / "new" / "folder"
    done = run("brief", "jamtland-2024", "--all", "-o", str(folder), "--lang", "sv")
    assert (done.out, done.err, done.status) == (f"31 underlag i {folder}.\n", "", 0)
    assert len(list(folder.iterdir())) == 31
    for unit in ("U14", "U27", "U28"):
        alone = run("brief", "jamtland-2024", unit, "--lang", "sv")
        assert alone.out == (folder / f"{unit}.html").read_text("utf-8")


def test_one_unit_that_fails_does_not_lose_the_others(tmp_path: Path) -> None:
    one_unit(tmp_path / "p", units="U2,Enhet 2\nU3,Enhet 3\n")
    target = tmp_path / "out"
    (target / "U2.html").mkdir(parents=True)
    at = str(tmp_path / "p")
    result = invoke(at, "--all", "-o", str(target), "--library", at, "--lang", "en")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert f"{target / 'U2.html'}: The brief of U2 can't be written (Is a directory)." in result.stderr
    assert sorted(file.name for file in target.iterdir()) == ["U1.html", "U2.html", "U3.html"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ["jamtland-2024", "Fjälsjö hälsocentral"],
            "units.csv: There is no unit 'Fjälsjö hälsocentral' in the portfolio. Did you mean 'Fjällsjö hälsocentral'?",
        ),
        (["jamtland-2024"], "Whose brief? Name a unit, or write --all -o DIR for all of them."),
        (
            ["jamtland-2024", "--all"],
            "--all writes a file for each unit. Name the folder for them: -o DIR.",
        ),
        (
            ["jamtland-2024", "U14", "--all", "-o", "out"],
            "Name a unit, or write --all for all of them; not both.",
        ),
        (
            ["jamtland-2024", "U14", "-f", "docx"],
            "A Word document isn't text to be shown. Name the file: -o brief.docx.",
        ),
        (
            ["jamtland-2024", "U14", "-o", "no/such/folder.html"],
            "no/such/folder.html: The file can't be written (No such file or directory). Choose another place.",
        ),
        (
            ["jamtland-2024", "--all", "-o", "README.md"],
            "README.md: The folder can't be made (File exists). Choose another place.",
        ),
    ],
)
def test_what_is_wrong_with_the_command_is_said(
    line: list[str], message: str, run: Callable[..., Any]
) -> None:
    done = run("brief", *line)
    assert (done.out, done.err, done.status) == ("", message + "\n", 2)


def test_without_python_docx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("compliance.cli.brief.find_spec", lambda name: None)
    result = invoke("jamtland-2024", "U14", "-f", "docx", "-o", str(tmp_path / "x.docx"))
    assert result.exit_code == 2
    assert "pip install 'compliance[docx]'" in result.stderr


def test_errors_in_the_input_are_told_and_the_brief_is_there(tmp_path: Path) -> None:
    one_unit(tmp_path / "p", answer="perhaps")
    at, out = str(tmp_path / "p"), tmp_path / "out.html"
    result = invoke(at, "U1", "--library", at, "-o", str(out), "--lang", "sv")
    assert result.exit_code == 2
    assert "facts/all.csv:2" in result.stderr
    assert "Värdet går inte att läsa" in out.read_text("utf-8")


# Opened ------------------------------------------------------------------------------------------

OPENED = (("jamtland-2024", "U05", "sv", 2), ("jamtland-2024", "U01", "en", 2), ("hostile", "U1", "sv", 2))


@pytest.fixture(scope="module")
def papers(
    tmp_path_factory: pytest.TempPathFactory, jamtland: compliance.Audit
) -> dict[str, tuple[Brief, int]]:
    """A few briefs, by a file's name, with the most pages that they may take."""
    hostile = one_unit(tmp_path_factory.mktemp("hostile"), HOSTILE)
    audits = {"jamtland-2024": jamtland, "hostile": hostile}
    return {f"{unit}-{lang}": (make_brief(audits[of], unit, lang), most) for of, unit, lang, most in OPENED}


def pages(file: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


@pytest.mark.xdist_group("spark")
def test_it_opens_in_chromium_and_prints_on_two_pages(
    papers: dict[str, tuple[Brief, int]], tmp_path: Path
) -> None:
    require(programs=("chromium",))
    for name, (brief, most) in papers.items():
        source, printed, picture = (tmp_path / f"{name}.{end}" for end in ("html", "pdf", "png"))
        source.write_text(brief_html(brief), "utf-8")
        for told_ in (f"--print-to-pdf={printed}", f"--screenshot={picture}"):
            subprocess.run(
                [
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    f"--user-data-dir={tmp_path / 'profile'}",
                    "--no-pdf-header-footer",
                    told_,
                    source.as_uri(),
                ],
                capture_output=True,
                timeout=120,
                check=True,
            )
        assert 1 <= pages(printed) <= most
        assert picture.stat().st_size > 10_000


@pytest.mark.xdist_group("spark")
def test_it_opens_in_libreoffice_and_prints_on_two_pages(
    papers: dict[str, tuple[Brief, int]], tmp_path: Path
) -> None:
    require("docx", programs=("soffice",))
    files = []
    for name, (brief, _) in papers.items():
        files.append(tmp_path / f"{name}.docx")
        files[-1].write_bytes(brief_docx(brief))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            *map(str, files),
        ],
        capture_output=True,
        timeout=240,
        check=True,
    )
    for name, (_, most) in papers.items():
        assert 1 <= pages(tmp_path / f"{name}.pdf") <= most
