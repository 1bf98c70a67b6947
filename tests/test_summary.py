"""The sentences for the board: what they say, how they count, and that nothing the document says is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from compliance.language.sources import folded
from compliance.library import sample_names
from tests.conftest import run_command
from tests.small import small

DOCUMENTS = os.environ.get("COMPLIANCE_DOCUMENTS")
BY_UNIT = "rests on single units' words, which no fact carries"

SECTION_1: list[tuple[str, str | None, str]] = [
    # How the document's sentence begins; our counterpart, or None and why there is none.
    ("Årsbokslutet bygger på", None, "is about the report itself"),
    (
        "Antal listade i länet har minskat",
        "Antalet listade patienter är 132 440, en minskning med 1 159 (0,9 %) jämfört med 2023",
        "",
    ),
    (
        "Andelen invånare som är listade hos hälsocentraler i extern regi",
        "17,9 % hos privata hälsocentraler; för de privata är det en ökning med 0,4 procentenheter",
        "the document has 18.0 less 17.5, both rounded",
    ),
    ("CNI skiljer sig med 0,55", "CNI är 1,02, lägst 0,69 och högst 1,24, frånsett den nyöppnade (1,56)", ""),
    ("Det innebär att CNI är näst intill", "en ökning med 0,02 jämfört med 2023", ""),
    (
        "I slutet av 2024 öppnades en ny",
        "Under perioden har en hälsocentral öppnat: Torvalla hälsocentral (2 december 2024).",
        "",
    ),
    (
        "Produktionen i form av vårdkontakter",
        "Antalet vårdkontakter är 647 364, en ökning med 47 103 (7,8 %) jämfört med 2023",
        "7.25 % is a slip: the portfolio's stated figures say so",
    ),
    (
        "Flera enheter beskriver att de har fasta läkare",
        "Läkare i den kommunala vården: helt hos 25 hälsocentraler och delvis hos tre.",
        "",
    ),
    (
        "Endast tre enheter beskriver att de följer riktlinjen delvis",
        "Samtliga hälsocentraler utom tre uppfyller kravet på läkarmedverkan på särskilt boende; "
        "de gör det delvis.",
        "",
    ),
    (
        "Samtliga hälsocentraler uppfyller kravet på mer än 50% specialister",
        "Samtliga hälsocentraler utom en uppfyller kravet på mer än 50 % specialister i allmänmedicin; "
        "den gör det delvis.",
        "",
    ),
    (
        "Alla hälsocentraler utom en uppfyller kravet på mer än 50% distriktssköterskor",
        "Samtliga hälsocentraler utom en uppfyller kravet på mer än 50 % distriktssköterskor",
        "",
    ),
    (
        "Kontinuiteten för läkare i länet har höjts",
        "Medelvärdet för läkarkontinuiteten är 0,36, lägst 0,16 och högst 0,91, en ökning med 0,03",
        "an index between 0 and 1 has no percentage points",
    ),
    ("Samtliga enheter som har något sämre kontinuitet", None, BY_UNIT),
    (
        "Kontinuiteten för sjuksköterska i länet har sjunkit",
        "Medelvärdet för sjuksköterskekontinuiteten är 0,31, lägst 0,16 och högst 0,69, en minskning med 0,02",
        "",
    ),
    ("Flera anledningar lyfts som bidragande", None, BY_UNIT),
    (
        "Alla hälsocentraler utom två uppfyller kraven för psykosocial verksamhet",
        "Samtliga hälsocentraler utom två uppfyller kravet på psykosocial verksamhet; de gör det delvis.",
        "",
    ),
    ("Tillgången till kurator/psykolog varierar", None, BY_UNIT),
    (
        "Medelvärdet för telefontillgänglighet",
        "Medelvärdet för kontakt samma dag är 86 %, lägst 70 % och högst 100 %, oförändrat jämfört med 2023.",
        "",
    ),
    (
        "Som lägst har en av hälsocentralerna legat på 55%",
        "Den lägsta månadsnoteringen hos en enskild hälsocentral är 55 %",
        "its other months are in `check`",
    ),
    (
        "I regionen är medelvärdet för en medicinsk bedömning",
        "Medelvärdet för medicinsk bedömning inom tre dagar är 72,2 %, lägst 52 % och högst 91 %, en ökning "
        "med 2,2 procentenheter jämfört med 2023.",
        "",
    ),
    ("Det framkommer att flera hälsocentraler", None, BY_UNIT),
    (
        "Under 2024 har 66% av invånarna",
        "andelen av målgruppen som bjudits in till hälsosamtal 66 %",
        "and of the talks held: 36 %, nine percentage points more, asserted below",
    ),
    ("De enheter som har genomfört flest samtal", None, BY_UNIT),
    ("Ett par hälsocentraler beskriver att de har behövt prioritera", None, BY_UNIT),
    ("För övrigt har enheterna arbetat med AI-diktering", None, BY_UNIT),
    ("Utmaningar under året har varit", None, BY_UNIT),
    ("På vissa håll är det fortsatt svårt", None, BY_UNIT),
    ("De som har förlorat mycket personal", None, BY_UNIT),
    ("Även om vissa hälsocentraler har haft", None, BY_UNIT),
    (
        "Positivt är att det har blivit ett förbättrat resultat",
        "Av 19 resultat som kan jämföras med 2023 har åtta förbättrats och nio försämrats; två är oförändrade.",
        "",
    ),
]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def said(*arguments: str, lang: str = "sv") -> str:
    """A summary's whole text as JSON gives it, with ordinary spaces."""
    data = run_command("audit", *arguments, "--summary", "-f", "json").json
    return plain("\n".join(sentence["text"][lang] for sentence in data["summary"]))


@pytest.fixture(scope="module")
def jamtland_sv() -> str:
    return said("jamtland-2024")


@pytest.mark.parametrize(("begins", "ours", "why"), SECTION_1, ids=[one[0] for one in SECTION_1])
def test_every_sentence_of_the_documents_own_summary_has_its_counterpart_or_a_reason(
    begins: str, ours: str | None, why: str, jamtland_sv: str
) -> None:
    assert (ours or why) != ""
    if ours is not None:
        assert ours in jamtland_sv


def test_the_list_holds_every_sentence_of_the_documents_section_1() -> None:
    if DOCUMENTS is None:
        pytest.skip("COMPLIANCE_DOCUMENTS names no folder with the documents")
    text = (Path(DOCUMENTS) / "003_409744219f79e201.txt").read_text("utf-8")
    section = text.split("1 Sammanfattning", 1)[1].split("2 Uppföljning", 1)[0]
    joined = " ".join(re.sub(r"-\s*\n\s*", "", section).split())
    sentences = re.split(r"(?<=[.])\s+(?=[A-ZÅÄÖ])", joined)
    assert len(SECTION_1) == len(sentences)
    for (begins, _, _), sentence in zip(SECTION_1, sentences, strict=True):
        assert folded(sentence).startswith(folded(begins))


def test_the_health_talks_rise_is_in_percentage_points(jamtland_sv: str) -> None:
    assert (
        "Sammantaget är andelen av målgruppen som haft ett hälsosamtal 36 %, lägst 0 % och högst 55,3 %, "
        "en ökning med nio procentenheter jämfört med 2023."
    ) in jamtland_sv


def test_an_assumed_threshold_is_marked_in_both_languages(jamtland_sv: str) -> None:
    assert "kravet på minst 45 timmars öppethållande i veckan (antagen gräns)" in jamtland_sv
    english = said("jamtland-2024", lang="en")
    assert "the requirement of at least 45 opening hours a week (assumed threshold)" in english


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("sample", sample_names())
def test_a_summary_says_where_its_data_come_from_and_follows_the_contracts_order(
    sample: str, lang: str
) -> None:
    shown = run_command("audit", sample, "--summary", "--lang", lang, "--fail-on", "never", COLUMNS="120")
    assert (0, "") == (shown.status, shown.err)
    data = run_command("audit", sample, "--summary", "-f", "json", "--fail-on", "never").json
    squeezed = " ".join(plain(shown.out).split())
    assert " ".join(plain(data["provenance"][lang]).split()) in squeezed
    place = 0
    for sentence in data["summary"]:
        place = squeezed.index(" ".join(plain(sentence["text"][lang]).split()), place)
    contract = run_command("contract", "show", data["contract"], "-f", "json").json
    order = [requirement["requirement"] for requirement in contract["requirements"]]
    told = [s["requirement"] for s in data["summary"] if s["requirement"]]
    assert told == [id_ for id_ in order if id_ in told]


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("sample", sample_names())
def test_every_sentence_is_whole(sample: str, lang: str) -> None:
    """Each begins with a capital or a digit, ends with one full stop, and has no leftovers in it."""
    data = run_command("audit", sample, "--summary", "-f", "json", "--fail-on", "never").json
    for sentence in data["summary"]:
        text = plain(sentence["text"][lang])
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith("."), text
        assert not re.search(r"\s,|\s\.|\.\.|,,|\(\)|\{|\}|None|  ", text), text


def graded(folder: Path, answers: str, **more: Any) -> str:
    """What is said of yes/no answers from a few units: `U1 yes`, a line each."""
    rows = [line.split() for line in answers.split(";")]
    units = "unit,name\n" + "".join(f"{unit},Enhet {unit[1:]}\n" for unit, *_ in rows)
    facts = "".join(f"{unit},answer,2024,{rest[0]}\n" for unit, *rest in rows if rest)
    path = small(
        folder,
        "measure: {value: answer}\ngrade: {pass: {at_least: fully}, partial: {at_least: partly}}",
        facts,
        units=units,
        **more,
    )
    lang = "en"
    sv, en = (said(str(path), "--fail-on", "never", lang=one) for one in ("sv", lang))
    return f"{sv.splitlines()[1]}\n{en.splitlines()[1]}"


ALL = ";".join(f"U{n} helt" for n in range(1, 9))


@pytest.mark.parametrize(
    ("answers", "swedish", "english"),
    [
        (
            ALL,
            "Samtliga enheter uppfyller kravet på regeln.",
            "All units meet the requirement of the rule.",
        ),
        (
            f"{ALL};U9 inte",
            "Samtliga enheter utom en uppfyller kravet på regeln.",
            "All units but one meet the requirement of the rule.",
        ),
        (
            f"{ALL};U9 delvis",
            "Samtliga enheter utom en uppfyller kravet på regeln; den gör det delvis.",
            "All units but one meet the requirement of the rule; it does so in part.",
        ),
        (
            f"{ALL};U9 delvis;U10 delvis",
            "Samtliga enheter utom två uppfyller kravet på regeln; de gör det delvis.",
            "All units but two meet the requirement of the rule; they do so in part.",
        ),
        (
            f"{ALL};U9",
            "Samtliga enheter utom en uppfyller kravet på regeln; för den saknas uppgift.",
            "All units but one meet the requirement of the rule; for it the figure is missing.",
        ),
        (
            f"{ALL};U9 delvis;U10",
            "Samtliga enheter utom två uppfyller kravet på regeln; en gör det delvis och för en saknas uppgift.",
            "All units but two meet the requirement of the rule; one does so in part and for one the figure "
            "is missing.",
        ),
        (
            "U1 helt;U2 delvis;U3 delvis;U4 inte;U5",
            "En av fem enheter uppfyller kravet på regeln, två gör det delvis, en gör det inte och för en saknas "
            "uppgift.",
            "One of five units meets the requirement of the rule, two do so in part, one does not and for one the "
            "figure is missing.",
        ),
        (
            "U1 inte;U2 delvis;U3 delvis;U4 inte",
            "Ingen av fyra enheter uppfyller kravet på regeln: två gör det delvis och två gör det inte.",
            "None of four units meet the requirement of the rule: two do so in part and two do not.",
        ),
        (
            "U1;U2;U3;U4",
            "Kravet på regeln kan inte bedömas: uppgift saknas för samtliga enheter.",
            "The requirement of the rule can't be judged: the figure is missing for all units.",
        ),
        (
            "U1 helt",
            "Enhet 1 uppfyller kravet på regeln.",
            "Enhet 1 meets the requirement of the rule.",
        ),
        (
            "U1 delvis",
            "Enhet 1 uppfyller delvis kravet på regeln.",
            "Enhet 1 meets the requirement of the rule in part.",
        ),
        (
            "U1 inte",
            "Enhet 1 uppfyller inte kravet på regeln.",
            "Enhet 1 doesn't meet the requirement of the rule.",
        ),
        (
            "U1",
            "Om Enhet 1 uppfyller kravet på regeln kan inte bedömas: uppgift saknas om svaret.",
            "Whether Enhet 1 meets the requirement of the rule can't be told: there is no figure for the answer.",
        ),
        (
            "U1 helt;U2 inte;U3",
            "Enhet 1 uppfyller kravet på regeln; Enhet 2 uppfyller det inte; för Enhet 3 saknas uppgift.",
            "Enhet 1 meets the requirement of the rule; Enhet 2 does not; for Enhet 3 the figure is missing.",
        ),
    ],
)
def test_who_meets_a_requirement_is_told_as_an_official_would(
    tmp_path: Path, answers: str, swedish: str, english: str
) -> None:
    assert f"{swedish}\n{english}" == graded(tmp_path, answers)


def test_a_waiver_and_an_exemption_are_told(tmp_path: Path) -> None:
    text = graded(
        tmp_path,
        f"{ALL};U9 inte;U10 inte",
        portfolio="""
            waivers:
              - {unit: U9, requirement: R1, exempt: true, from: 2024-01-01, decision: D 1}
        """,
    )
    assert (
        "Samtliga enheter utom en uppfyller kravet på regeln. En enhet är undantagen genom dispens.\n"
        "All units but one meet the requirement of the rule. One unit is exempt by a waiver."
    ) == text


def test_figures_have_their_range_and_percentages_their_percentage_points(tmp_path: Path) -> None:
    rule = "measure: {share: [a], of: [b]}"
    rows = "U{n},a,2024-0{m},{a}\nU{n},b,2024-0{m},40\n"
    months = [
        "".join(rows.format(n=n, m=month, a=a) for month in range(1, 10))
        + "".join(
            f"U{n},{fact},2024-{month},{value}\n"
            for month in (10, 11, 12)
            for fact, value in (("a", a), ("b", 40))
        )
        for n, a in ((1, 10), (2, 20), (3, 30), (4, 20))
    ]
    units = "unit,name\n" + "".join(f"U{n},Enhet {n}\n" for n in range(1, 5))
    before = small(
        tmp_path / "before",
        rule,
        "".join(months).replace("2024", "2023").replace(",30\n", ",18\n"),
        period="2023",
        units=units,
    )
    assert before.name == "before"
    path = small(tmp_path / "now", rule, "".join(months), units=units, portfolio="previous: ../before")
    (path / "contracts" / "c.yaml").write_text(
        (path / "contracts" / "c.yaml")
        .read_text("utf-8")
        .replace("period: 2024", "period: {from: 2023-01, to: 2024-12}"),
        "utf-8",
    )
    portfolio = (path / "portfolio.yaml").read_text("utf-8")
    (path / "portfolio.yaml").write_text(portfolio + "\nperiod: 2024\n", "utf-8")
    assert (
        "Sammantaget är regeln 50 %, lägst 25 % och högst 75 %, en ökning med 7,5 procentenheter jämfört med 2023."
        == said(str(path)).splitlines()[1]
    )


def test_summary_leaves_out_by_and_csv_and_says_so() -> None:
    for arguments in (("--by", "operator"), ("-f", "csv")):
        done = run_command("audit", "jamtland-2024", "--summary", *arguments)
        assert (2, "") == (done.status, done.out)
        assert (
            "--summary is written as text or JSON, of all units. Leave out --by and --format csv.\n"
            == done.err
        )


def test_a_unit_with_markup_in_its_name_is_shown_as_it_is_written(tmp_path: Path) -> None:
    path = small(
        tmp_path,
        "measure: {value: answer}\ngrade: {pass: {at_least: fully}}",
        "U1,answer,2024,helt\n",
        units="unit,name\nU1,<b>[red]=1+1\N{ESCAPE}[31m\n",
    )
    shown = run_command("audit", str(path), "--summary", "--lang", "sv").out
    assert "<b>[red]=1+1" in shown
    assert "\N{ESCAPE}" not in shown
