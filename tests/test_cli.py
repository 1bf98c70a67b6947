"""The command as a contract manager uses it: what stands on the screen, and the exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done
from tests.small import small

Run = Callable[..., Done]
LEVEL = "measure: {value: answer}\ngrade: {pass: {at_least: fully}, partial: {at_least: partly}}"


def level(folder: Path, answer: str, **more: str) -> Path:
    return small(folder, LEVEL, f"U1,answer,2024,{answer},,,\n", **more)


def test_audit_shows_whom_to_talk_with_first_the_matrix_and_the_totals(run: Run) -> None:
    done = run("audit", "jamtland-2024", "--lang", "sv")
    assert 1 == done.status
    assert "" == done.err
    parts = ["Syntetiska uppgifter", "Att tala med först", "Enheter och krav", "Krav och mål", "Värden"]
    places = [done.out.index(part) for part in parts]
    assert sorted(places) == places
    assert re.search(r"U14 Fjällsjö hälsocentral +● ◐ ● ●  ○ ◐", done.out)
    assert re.search(r"2\.1\.1 +Listade +28 .* Σ 132\s440\n", done.out)


def test_tables_stay_within_80_columns_in_a_pipe(run: Run) -> None:
    for arguments in (
        ("audit", "jamtland-2024", "--by", "operator"),
        ("check", "jamtland-2024", "U14"),
        ("explain", "jamtland-2024", "U27", "2.2.7"),
        ("contract", "show", "jamtland-halsoval-2024"),
        ("rules", "list"),
    ):
        for lang in ("sv", "en"):
            lines = run(*arguments, "--lang", lang).out.splitlines()
            assert lines
            assert [] == [line for line in lines if len(line) > 80]
            assert [] == [line for line in lines if line.endswith(" ")]


def test_a_pipe_gets_no_colours_and_no_progress(run: Run) -> None:
    done = run("audit", "jamtland-2024", FORCE_COLOR="")
    assert "\x1b" not in done.out + done.err


def test_check_tells_what_is_amiss_first_with_the_source_and_a_question(run: Run) -> None:
    done = run("check", "jamtland-2024", "U14", "--lang", "sv")
    assert 1 == done.status
    assert done.out.index("Uppfyller inte (") < done.out.index("Uppfyller delvis (")
    assert done.out.index("Uppfyller delvis (") < done.out.index("Uppfyller (")
    text = " ".join(done.out.split())
    assert "46,2 % (mer än 50 %) ska-krav" in text
    assert "i snitt 1 av 2,17 tjänster över 12 månader (januari–december 2024)" in text
    assert "”mer än 50% specialister i allmänmedicin av totalt läkarantal”" in text
    assert "Fråga: Hur ser planen för fast specialistbemanning ut?" in text


def test_a_unit_is_found_by_its_name_or_a_part_of_it(run: Run) -> None:
    by_id = run("check", "jamtland-2024", "U28")
    assert by_id.out == run("check", "jamtland-2024", "Torvalla hälsocentral").out
    assert by_id.out == run("check", "jamtland-2024", "torvalla").out


def test_an_unknown_unit_gets_the_nearest_one_suggested(run: Run) -> None:
    done = run("check", "jamtland-2024", "Torvala hälsocentral")
    assert 2 == done.status
    assert "Did you mean 'Torvalla hälsocentral'?" in done.err
    several = run("check", "jamtland-2024", "hälsocentral")
    assert 2 == several.status
    assert "More than one unit is called 'hälsocentral'" in several.err


def test_explain_shows_the_whole_proof(run: Run) -> None:
    done = run("explain", "jamtland-2024", "U14", "2.3.2")
    assert 0 == done.status
    text = " ".join(done.out.split())
    assert "2024-09 0 facts/staff.csv:166:4" in text
    assert "numerator 1,200 / denominator 26 = 46.153846" in text
    assert "Pass: GP specialists of its own: more than 50 % – false" in text
    assert "partial_from: 40 % (assumed)" in text
    assert "rule: gp_specialist_share (rules/staffing.yaml:4:3)" in text


def test_explain_names_a_waiver_and_the_grade_without_it(run: Run) -> None:
    text = " ".join(run("explain", "jamtland-2024", "U27", "2.2.7", "--lang", "sv").out.split())
    assert "Dispens HSN 2023/114 (2024-01-01–2024-12-31) ger minst 28" in text
    assert "i stället för minst 45" in text
    assert "Utan den: uppfyller inte." in text


def test_explain_says_that_a_waiver_has_expired(run: Run) -> None:
    text = " ".join(run("explain", "jamtland-2024", "U11", "2.2.7").out.split())
    assert "Waiver HSN 2021/87 (2022-01-01–2023-12-31) expired on 2023-12-31" in text


def test_an_unknown_requirement_is_a_mistake_with_a_hint(run: Run) -> None:
    done = run("explain", "jamtland-2024", "U14", "2.3.22")
    assert 2 == done.status
    assert "There is no finding on '2.3.22' for U14. Did you mean '2.3.2'?" in done.err


def test_an_unknown_portfolio_names_those_that_are_shipped(run: Run) -> None:
    done = run("audit", "jamtland-204")
    assert 2 == done.status
    assert "jamtland-204: There is no folder and no shipped portfolio of that name." in done.err
    assert "Did you mean 'jamtland-2024'?" in done.err
    assert "Traceback" not in done.err


def test_an_unknown_command_and_option_are_mistakes(run: Run) -> None:
    assert "Did you mean 'audit'?" in run("audti", "jamtland-2024").err
    done = run("audit", "jamtland-2024", "--lnag", "sv")
    assert 2 == done.status
    assert "--lang" in done.err


@pytest.mark.parametrize(
    ("answer", "fail_on", "status"),
    [
        ("inte", "fail", 1),
        ("inte", "never", 0),
        ("delvis", "fail", 0),
        ("delvis", "partial", 1),
        ("helt", "unknown", 0),
        ("", "partial", 0),
        ("", "unknown", 1),
    ],
)
def test_the_exit_status_says_whether_a_must_is_graded_so(
    tmp_path: Path, run: Run, answer: str, fail_on: str, status: int
) -> None:
    folder = str(level(tmp_path, answer))
    done = run("audit", folder, "--library", folder, "--fail-on", fail_on)
    assert (status, "") == (done.status, done.err)


def test_a_target_that_is_missed_does_not_change_the_exit_status(tmp_path: Path, run: Run) -> None:
    folder = level(tmp_path, "inte")
    file = folder / "contracts" / "c.yaml"
    file.write_text(file.read_text("utf-8").replace("must", "target"), "utf-8")
    assert 0 == run("audit", str(folder), "--library", str(folder)).status


def test_findings_that_could_be_made_are_written_beside_the_errors(tmp_path: Path, run: Run) -> None:
    rows = "U1,answer,2024,helt,,,\nU2,answer,2024,kanske,,,\n"
    folder = str(small(tmp_path, LEVEL, rows, units="unit,name\nU1,Ett\nU2,Två\n"))
    done = run("audit", folder, "--library", folder, "-f", "json")
    assert 2 == done.status
    assert done.err.startswith("facts/all.csv:3:4: 'kanske' isn't an answer to 'answer'.")
    assert ["pass", "unknown"] == [finding["grade"] for finding in done.json["findings"]]
    assert ["facts/all.csv:3:4"] == [error["where"] for error in done.json["errors"]]


def test_output_goes_to_a_file_whole_or_not_at_all(tmp_path: Path, run: Run) -> None:
    target = tmp_path / "audit.json"
    done = run("audit", "jamtland-2024", "-f", "json", "-o", str(target))
    assert (1, "", "") == (done.status, done.out, done.err)
    assert 28 == sum(sum(u["grades"].values()) > 0 for u in json.loads(target.read_text("utf-8"))["units"])
    assert [target] == list(tmp_path.iterdir())
    done = run("audit", "jamtland-2024", "-o", str(tmp_path / "nowhere" / "audit.txt"))
    assert 2 == done.status
    assert "The file can't be written" in done.err


def test_csv_opens_in_a_swedish_spreadsheet(run: Run) -> None:
    done = run("audit", "jamtland-2024", "-f", "csv", "--lang", "sv")
    first, *rows = done.out.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()
    assert first.startswith("unit;name;requirement;title;")
    (row,) = (row for row in rows if row.startswith("U14;Fjällsjö hälsocentral;2.3.2;"))
    assert ";46,153846;1200,000000;26,000000;above;50,000000;" in row
    assert "Syntetiska uppgifter" in row


def test_csv_holds_no_formulas(tmp_path: Path, run: Run) -> None:
    units = 'unit,name\nU1,"=HYPERLINK(""x"")"\n'
    folder = str(level(tmp_path, "helt", units=units))
    out = run("audit", folder, "--library", folder, "-f", "csv").out
    assert "\"'=HYPERLINK(" in out


def test_names_cannot_steer_the_terminal(tmp_path: Path, run: Run) -> None:
    units = "unit,name\nU1,[red]Ond[/red] \x1b[2Jenhet <b>x</b>\n"
    folder = str(level(tmp_path, "inte", units=units))
    for command in (("audit", folder), ("check", folder, "U1")):
        out = run(*command, "--library", folder).out
        assert "[red]Ond[/red]" in out
        assert "\x1b" not in out


def test_the_language_follows_the_locale(run: Run) -> None:
    assert "Units to talk with first" in run("audit", "jamtland-2024").out
    assert "Att tala med först" in run("audit", "jamtland-2024", LC_ALL="sv_SE.UTF-8").out


def test_as_of_moves_the_day_on_which_waivers_count(run: Run) -> None:
    done = run("check", "jamtland-2024", "U27", "--as-of", "2025-01-01", "-f", "json")
    (finding,) = (f for f in done.json["findings"] if f["requirement"] == "2.2.7")
    assert ("fail", None) == (finding["grade"], finding["waiver"])
    assert "2025-01-01" == done.json["as_of"]
    done = run("check", "jamtland-2024", "U27", "--as-of", "1 januari")
    assert 2 == done.status


def test_a_console_that_cannot_show_the_symbols_still_shows_the_rest(run: Run) -> None:
    done = run("check", "jamtland-2024", "U14", PYTHONIOENCODING="ascii")
    assert 1 == done.status
    assert "Traceback" not in done.err
    assert "Share of GP specialists" in done.out


def test_grades_can_be_read_without_colour(run: Run) -> None:
    """On a terminal with NO_COLOR, symbols and words tell the grade."""
    done = run("audit", "jamtland-2024")
    for symbol in "●◐○?·":
        assert symbol in done.out


def test_a_terminal_gets_colours_unless_no_color_is_set() -> None:
    def on_a_terminal(**environment: str) -> bytes:
        leader, follower = pty.openpty()
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "GITHUB_ACTIONS")}
        env |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
        process = subprocess.Popen(
            [sys.executable, "-m", "compliance", "check", "jamtland-2024", "U14"],
            stdout=follower,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        os.close(follower)
        seen = b""
        while select.select([leader], [], [], 60)[0]:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait(60)
        os.close(leader)
        return seen

    colour = re.compile(rb"\x1b\[(?:\d+;)*3[0-7]m")
    assert colour.search(on_a_terminal())
    assert not colour.search(on_a_terminal(NO_COLOR="1"))


def test_a_reader_that_stops_early_causes_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} -m compliance audit jamtland-2024 | head -1",
        shell=True,
        capture_output=True,
        cwd=ROOT,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_completion_offers_commands_portfolios_and_units() -> None:
    # The variable's name follows the program's; `python -m compliance` is another program.
    def offered(words: str, position: int) -> str:
        code = "import sys; sys.argv = ['compliance']; from compliance.cli.main import run; run()"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "_COMPLIANCE_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(position),
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.stdout

    assert "plain,audit" in offered("compliance au", 1)
    assert "jamtland-2024" in offered("compliance check jam", 2)
    assert "U14" in offered("compliance check jamtland-2024 U1", 3)


def test_contract_list_and_show_tell_what_is_required(run: Run) -> None:
    assert "jamtland-halsoval-2024" in run("contract", "list").out
    text = " ".join(run("contract", "show", "jamtland-halsoval-2024", "--lang", "sv").out.split())
    assert "2.3.2 Andel specialister i allmänmedicin ska-krav Uppfyller: mer än 50 %" in text
    assert "minst 40 % (antagen gräns)" in text
    assert "Utanför granskningen 1 " in text
    assert "2.3.8 Fritext om utbildning" in text
    done = run("contract", "show", "jamtland-2024")
    assert 2 == done.status
    assert "Did you mean 'jamtland-halsoval-2024'?" in done.err


def test_contract_sources_without_the_documents_checks_nothing_and_says_so(run: Run) -> None:
    done = run("contract", "sources", "jamtland-halsoval-2024")
    assert 0 == done.status
    assert "0 quotes stand in the documents, 0 don't, 44 weren't checked." in done.out


def test_rules_test_runs_every_example(run: Run) -> None:
    done = run("rules", "test")
    assert 0 == done.status
    assert re.search(r"\n\d+ examples hold, 0 don't, in \d+ rules\.\n", done.out)


def test_a_wrong_example_is_shown_with_its_place(tmp_path: Path, run: Run) -> None:
    folder = level(tmp_path, "helt")
    with (folder / "rules" / "r.yaml").open("a", encoding="utf-8") as file:
        file.write("    examples:\n      - {facts: {answer: partly}, grade: pass}\n")
    done = run("rules", "test", "--library", str(folder))
    assert 1 == done.status
    assert "rules/r.yaml:7:9: expected pass, got partial" in done.out


def test_help_tells_what_each_command_does(run: Run) -> None:
    done = run("--help")
    assert 0 == done.status
    for command in ("check", "audit", "explain", "contract", "rules"):
        assert re.search(rf"\n  {command} +\S", done.out)
        assert "Usage:" in run(command, "--help").out
