"""The JSON Schemas: committed as the command writes them, and in step with what reads the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from compliance.cli.main import cli
from compliance.language.reader import read_yaml
from compliance.problems import Problems
from compliance.report.schema import NAMES, schemas

ROOT = Path(__file__).parent.parent
BAD = ROOT / "tests" / "bad"
SCHEMAS = ROOT / "rules" / "schemas"
SHIPPED = sorted(
    str(file.relative_to(ROOT))
    for pattern in ("rules/*.yaml", "contracts/*.yaml", "samples/*/portfolio.yaml", "samples/*/units/*.yaml")
    for file in ROOT.glob(pattern)
)
PAGES = sorted((ROOT / "docs").glob("*.md"))


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{kind}.json").read_text("utf-8")))


def kind_of(file: Path) -> str:
    """What a file is, by where it lies."""
    if file.name == "portfolio.yaml":
        return "portfolio"
    return {"rules": "rules", "contracts": "contract"}.get(file.parent.name, "unit")


def as_an_editor_reads(text: str) -> Any:
    """YAML 1.2 with its own types, as a language server has it."""

    def plain(data: Any) -> Any:
        if isinstance(data, dict):
            return {str(key): plain(value) for key, value in data.items()}
        if isinstance(data, list):
            return [plain(item) for item in data]
        return data.isoformat() if isinstance(data, date) else data

    return plain(YAML(typ="safe").load(text))


def faults(kind: str, data: Any) -> list[str]:
    return [f"{list(fault.absolute_path)}: {fault.message}" for fault in validator(kind).iter_errors(data)]


def test_the_committed_schemas_are_those_that_the_command_writes(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["rules", "schema", "-o", str(tmp_path)])
    assert result.exit_code == 0
    assert {file.name for file in SCHEMAS.iterdir()} == {file.name for file in tmp_path.iterdir()}
    for file in tmp_path.iterdir():
        assert file.read_text("utf-8") == (SCHEMAS / file.name).read_text("utf-8")


def test_a_folder_that_cannot_be_made_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(cli, ["rules", "schema", "-o", str(tmp_path / "file" / "folder")])
    assert result.exit_code == 2
    assert "Choose another folder." in result.stderr


@pytest.mark.parametrize("name", schemas())
def test_a_schema_is_one_by_its_draft(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((SCHEMAS / name).read_text("utf-8")))


@pytest.mark.parametrize("file", SHIPPED)
def test_a_shipped_file_fits_its_schema_however_it_is_read(file: str) -> None:
    path = ROOT / file
    assert faults(kind_of(path), as_an_editor_reads(path.read_text("utf-8"))) == []
    document = read_yaml(path, file, Problems())
    assert document is not None
    assert faults(kind_of(path), document.data) == []


@pytest.mark.parametrize("file", SHIPPED)
def test_a_shipped_file_says_where_its_schema_lies(file: str) -> None:
    first = (ROOT / file).read_text("utf-8").split("\n", 1)[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert ((ROOT / file).parent / found[1]).resolve() == SCHEMAS / f"{kind_of(ROOT / file)}.json"


def blocks(page: Path) -> Iterator[tuple[Path, str]]:
    for text in re.findall(r"^```yaml\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        yield Path(text.split("\n", 1)[0].removeprefix("# ")), text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_in_the_docs_fit_their_schemas(page: Path) -> None:
    found = {str(file): faults(kind_of(file), as_an_editor_reads(text)) for file, text in blocks(page)}
    assert {file: told for file, told in found.items() if told and "faulty" not in file} == {}


def test_the_base_of_the_bad_inputs_fits_its_schemas() -> None:
    for file in (BAD / "_base").rglob("*.yaml"):
        document = read_yaml(file, file.name, Problems())
        assert document is not None
        assert faults(kind_of(file), document.data) == []


REFUSED = [
    "check-is-and-at-most",
    "check-unknown-key",
    "check-without-title",
    "contract-unknown-key",
    "fact-choice-without-options",
    "fact-options-of-a-number",
    "fact-unknown-key",
    "fact-unknown-type",
    "followup-action-without-severity",
    "followup-none-of-several",
    "followup-then-leads-nowhere",
    "followup-unknown-condition",
    "followup-unknown-grade",
    "followup-unknown-key-in-a-pattern",
    "followup-without-when",
    "portfolio-misspelled-key",
    "portfolio-missing-key",
    "requirement-for-nobody",
    "requirement-unknown-obligation",
    "requirement-without-id",
    "requirement-without-source",
    "rule-any-inside-all",
    "rule-fail-as-rung",
    "rule-measure-and-measures",
    "rule-measure-unknown-key",
    "rule-measure-unknown-kind",
    "rule-no-measures",
    "rule-open-on-no-day",
    "rule-parameter-named-like-a-threshold",
    "rule-unknown-comparison",
    "rule-unknown-key",
    "rules-file-unknown-section",
    "section-unknown-key",
    "stated-in-two-ways",
    "stated-value-with-exponent",
    "unit-yaml-unknown-key",
    "unit-yaml-without-facts",
    "waiver-of-neither-kind",
    "waiver-of-both-kinds",
]


@pytest.mark.parametrize("case", REFUSED)
def test_the_schema_refuses_what_the_reader_refuses(case: str) -> None:
    told: list[str] = []
    for file in (BAD / case).rglob("*.yaml"):
        document = read_yaml(file, file.name, Problems())
        if document is not None:
            told += faults(kind_of(file), document.data)
    assert told


def described(schema: Any, path: str) -> Iterator[tuple[str, bool]]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict) and schema.get("type") == "object":
            for key, value in properties.items():
                yield f"{path}.{key}", isinstance(value, dict) and bool(value.get("description"))
        for key, value in schema.items():
            yield from described(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from described(value, f"{path}.{index}")


PLAIN = re.compile(r"\.(sv|en|from|to)$")
"""The keys of a text and of a period say what they are."""


@pytest.mark.parametrize("name", schemas())
def test_every_key_has_a_description(name: str) -> None:
    schema = json.loads((SCHEMAS / name).read_text("utf-8"))
    bare = [path for path, told in described(schema, name) if not told and not PLAIN.search(path)]
    assert [path for path in bare if ".compared." not in path] == []


def test_every_shape_has_a_definition_in_some_schema() -> None:
    defined = {name for text in schemas().values() for name in json.loads(text)["$defs"]}
    assert sorted(set(NAMES.values()) - defined) == []
