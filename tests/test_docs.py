"""The examples of README.md and docs/*.md are run, each page in a folder of its own.

What a fenced block is, its first line tells:

- ```yaml is a file. The block begins with a comment that names it: `# my-region/portfolio.yaml`.
- ```csv NAME is a file of that name.
- ```console holds commands after `$`, run in the page's folder, and below each what it must write
  (standard error included), line by line. A line that is `…` stands for any number of lines, a
  no-break space for a space. `$ make audit` runs what the Makefile has for it, and `$ echo $?`
  tells the exit status of the command before.
- ```python is a doctest.
- ```sh stands in the README only, and isn't run: it changes the reader's own shell.

All files of a page are there before its first command is run. Every portfolio among them is audited
and has no errors, unless its folder's name begins with `faulty`; then it has some. The examples of
a page's rules hold.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import compliance
from compliance.cli.main import cli
from compliance.language import checks, contracts, facts, portfolios, rules
from compliance.language.examples import run_examples
from compliance.language.shape import Shape
from compliance.library import Library
from compliance.problems import Problems
from compliance.report import compare, impact, waivers
from compliance.report import csv as csv_report

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ("yaml", "csv", "console", "python")
ANY_LINES = "…"


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, *kinds: str) -> Iterator[Block]:
    text = read(page)
    for found in FENCE.finditer(text):
        kind, info, content = found.groups()
        if not kinds or kind in kinds:
            yield Block(page, text[: found.start()].count("\n") + 1, kind, info, content)


def all_blocks(*kinds: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, *kinds)]


def file_name(block: Block) -> str:
    if block.kind == "csv":
        return block.info
    first = block.text.split("\n", 1)[0]
    return first.removeprefix("# ") if re.fullmatch(r"# \S+\.yaml", first) else ""


def written(page: str, folder: Path) -> Path:
    for block in blocks(page, "yaml", "csv"):
        target = folder / file_name(block)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, "utf-8")
    return folder


def written_portfolios(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    """Each portfolio, with the library that it lies in, if any."""
    for file in sorted(folder.rglob("portfolio.yaml")):
        beside = file.parent.parent
        yield file.parent, beside if (beside / "rules").is_dir() else None


# Blocks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_kind_that_is_run(page: str) -> None:
    allowed = (*RUN, "sh") if page == "README.md" else RUN
    assert [str(block) for block in blocks(page) if block.kind not in allowed] == []
    assert read(page).count("\n```") == 2 * len(list(blocks(page)))


@pytest.mark.parametrize("block", all_blocks("yaml", "csv"), ids=str)
def test_every_file_in_the_docs_has_a_name_that_no_other_on_its_page_has(block: Block) -> None:
    names = [file_name(other) for other in blocks(block.page, "yaml", "csv")]
    assert file_name(block)
    assert names.count(file_name(block)) == 1


@pytest.mark.parametrize("page", PAGES)
def test_every_portfolio_in_the_docs_can_be_audited(page: str, tmp_path: Path) -> None:
    for folder, library in written_portfolios(written(page, tmp_path)):
        errors = [str(error) for error in compliance.audit(folder, library=library).errors]
        if folder.name.startswith("faulty"):
            assert errors
        else:
            assert errors == []


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_rules_in_the_docs_hold(page: str, tmp_path: Path) -> None:
    for folder in sorted(path.parent for path in written(page, tmp_path).rglob("rules")):
        outcomes, problems = run_examples(Library.of(folder, None, Problems()))
        assert [str(problem) for problem in problems] == []
        assert [str(outcome.place) for outcome in outcomes if not outcome.passed] == []


# Commands -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    line: str
    output: str

    def matches(self, actual: str) -> bool:
        pattern = "".join(
            r"(?:[^\n]*\n)*?" if line == ANY_LINES else re.escape(line) + r"\n"
            for line in self.output.splitlines()
        )
        return re.fullmatch(pattern, actual) is not None


def commands(block: Block) -> Iterator[Command]:
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block}: the block begins with `$ `"
    for part in parts[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output)


def words_of(line: str) -> list[str]:
    """The words after `compliance`."""
    if line.startswith("make "):
        target = line.removeprefix("make ")
        recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
        assert recipe, f"There is no `{line}`."
        line = recipe[1].strip().removeprefix("@$(BIN)/")
    program, *words = shlex.split(line)
    assert program == "compliance", f"`{line}` isn't run here."
    return words


def run(words: list[str], folder: Path) -> tuple[str, int]:
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("COMPLIANCE_", "LC_", "LANG"))
        and key not in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS")
    }
    fixed = {
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PYTHONPATH": str(Path(compliance.__file__).parent.parent),
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "compliance", *words],
        cwd=folder,
        env=inherited | fixed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    text = done.stdout.replace("\N{NO-BREAK SPACE}", " ")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines()), done.returncode


@pytest.mark.parametrize("block", all_blocks("console"), ids=str)
def test_every_command_in_the_docs_writes_what_stands_below_it(block: Block, tmp_path: Path) -> None:
    folder = written(block.page, tmp_path)
    status = 0
    for command in commands(block):
        if command.line == "echo $?":
            assert command.output == f"{status}\n", f"{block}: the exit status is {status}"
            continue
        actual, status = run(words_of(command.line), folder)
        assert command.matches(actual), f"{block}: `{command.line}` writes\n{actual}"


@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page, "python"))])
def test_the_python_examples_of_the_docs_hold(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written(page, tmp_path))
    parser = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    names: dict[str, Any] = {}
    report: list[str] = []
    for block in blocks(page, "python"):
        test = parser.get_doctest(block.text, names, str(block), page, block.line)
        assert test.examples, f"{block}: there is no `>>>` here"
        runner.run(test, out=report.append, clear_globs=False)
        names = test.globs
    assert "".join(report) == ""


def test_the_shell_completes_portfolios_as_the_readme_says(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [line for block in blocks("README.md", "sh") for line in block.text.splitlines()]
    assert 'eval "$(_COMPLIANCE_COMPLETE=bash_source compliance)"' in told
    monkeypatch.setenv("_COMPLIANCE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "compliance audit jamt")
    monkeypatch.setenv("COMP_CWORD", "2")
    result = CliRunner().invoke(cli, prog_name="compliance")
    assert "plain,jamtland-2024" in result.output.splitlines()


# Nothing is left out ------------------------------------------------------------------------------


def documented(*pages: str) -> str:
    return "\n".join(read(page) for page in pages or PAGES)


def named(word: str, text: str) -> bool:
    """The word stands between back-ticks, alone or among others."""
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text))
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", quoted) is not None


def leaves(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(leaves(cli, "compliance"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(command: str) -> None:
    text = documented()
    assert command in text
    options = [o for parameter in COMMANDS[command].params for o in parameter.opts if o[0] == "-"]
    assert [option for option in options if not named(option, text)] == []


@pytest.mark.parametrize("kind", rules._KINDS)
def test_every_kind_of_measure_is_in_the_table_of_measures_with_its_keys(kind: str) -> None:
    page = read("docs/language.md")
    assert f"\n| `{{{kind}: " in page
    assert [key for key in rules._KINDS[kind].known_keys() if not named(key, page)] == []


def shapes(module: Any) -> dict[str, type[Shape]]:
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Shape)
        and value.__module__ == module.__name__
        and value.__name__ != "Fact"  # what is read from a file is its `_FactShape`
    }


SHAPES = {k: v for m in (facts, rules, checks, contracts, portfolios) for k, v in shapes(m).items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_key_of_the_yaml_files_is_documented(shape: str) -> None:
    text = documented("docs/language.md", "docs/data.md")
    assert [key for key in SHAPES[shape].known_keys() if not named(key, text)] == []


OWN_NAMES = ("references", "parameters")
"""Their keys are a contract's own names, and no part of the format."""


def keys_of(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from keys_of(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            if key not in OWN_NAMES:
                yield from keys_of(value)


@pytest.mark.parametrize(
    "line",
    [
        "audit jamtland-2024 --by operator",
        "audit faulty-region",
        "check jamtland-2024 U28",
        "compare halland-2023 halland-2024",
        "compare jamtland-2023 jamtland-2024",
        "impact jamtland-2024 --set 2.3.2.minimum=75",
        "impact halland-2024 --contract halland-narsjukvard-2023",
        "impact halland-2024 --sweep opening_hours.minimum=40..60",
        "waivers jamtland-2024",
        "contract list",
        "contract show jamtland-halsoval-2024",
        "contract coverage jamtland-halsoval-2024",
        "contract diff halland-narsjukvard-2023 halland-narsjukvard-2024",
        "facts validate our-region",
        "facts validate faulty-region",
        "rules lint",
        "rules list",
        "rules test --coverage --mutate",
    ],
)
def test_every_key_of_the_json_is_documented(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written("docs/data.md", tmp_path))
    result = CliRunner().invoke(cli, [*line.split(), "--format", "json"])
    keys = set(keys_of(json.loads(result.stdout)))
    text = read("docs/json.md")
    assert sorted(key for key in keys if not named(key, text)) == []


def test_every_column_of_the_csv_is_documented() -> None:
    text = read("docs/json.md")
    columns = (
        *csv_report.COLUMNS,
        "provenance",
        *compare.COLUMNS,
        *waivers.COLUMNS,
        *impact.COLUMNS,
        *impact.CURVE_COLUMNS,
    )
    assert [column for column in columns if not named(column, text)] == []


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_in_the_docs_leads_to_a_file_that_is_there(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(page))
    local = [target for target in targets if "://" not in target]
    assert [t for t in local if not ((ROOT / page).parent / t).exists()] == []
