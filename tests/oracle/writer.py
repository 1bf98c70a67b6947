"""Writes a case into the folders in which a contract manager would keep it."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from .strategies import Case, Written

PLAIN = re.compile(r"[A-Za-zÅÄÖåäö0-9_]([\w.-]*\w)?|-?\d+(\.\d+)?")
COLUMNS = ("unit", "fact", "period", "value", "via", "quality", "comment")
NUMBERS = ("number", "count", "percent", "minutes")


@dataclass(frozen=True)
class Folders:
    """Where a case was written."""

    portfolio: Path
    library: Path


@dataclass(frozen=True)
class Layout:
    """How observations are spread over files; it must not matter."""

    files: int = 1
    delimiters: tuple[str, ...] = (",",)
    yaml: bool = False  # one YAML file for each unit whose cells hold one row each


ONE_FILE = Layout()


def yaml_lines(data: Any, indent: str = "") -> Iterator[str]:
    """Plain data as YAML in block style, with scalars unquoted wherever YAML allows it."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if is_scalar(value):
                yield f"{indent}{scalar(key)}: {scalar(value)}"
            else:
                yield f"{indent}{scalar(key)}:"
                yield from yaml_lines(value, indent + "  ")
    else:
        for item in data:
            if is_scalar(item):
                yield f"{indent}- {scalar(item)}"
            else:
                first, *rest = yaml_lines(item, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest


def is_scalar(data: Any) -> bool:
    """Whether it fits on the line of its key."""
    return not data or not isinstance(data, Mapping | list)


def scalar(data: Any) -> str:
    """A scalar, or an empty list or mapping, as YAML."""
    if data is None:
        return "null"
    if not isinstance(data, str):
        return json.dumps(data)
    return data if PLAIN.fullmatch(data) else json.dumps(data, ensure_ascii=False)


def write_yaml(path: Path, data: Any) -> None:
    """Write plain data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(yaml_lines(data)) + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Written], delimiter: str = ",") -> None:
    """Write rows, each a mapping by column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def titled(written: Written, name: str) -> Written:
    """The same with the title that all but a test needs."""
    return {"title": name, **written}


def with_source(requirement: Written) -> Written:
    """The same with the source that all but a test needs."""
    source = {"document": "annex", "section": requirement["id"], "quote": "enligt bilagan"}
    return {**requirement, "source": source}


def contract_of(written: Written) -> Written:
    """A contract, complete."""
    return {
        "id": written["id"],
        "title": "A contract",
        "region": "A region",
        "period": written["period"],
        "documents": {"annex": {"title": "An annex", "file": "annex.txt"}},
        "requirements": [with_source(requirement) for requirement in written["requirements"]],
    }


def write_library(case: Case, folder: Path) -> None:
    """The facts, the rules and the contracts.

    A previous portfolio has a contract of its own, so that its period is within that contract's.
    """
    facts = {name: titled(fact, name) for name, fact in case.facts.items()}
    rules = {name: titled(rule, name) for name, rule in case.rules.items()}
    if case.previous is not None:
        asked = {"measure": {"answered": [next(iter(case.facts))]}}
        rules["was_answered"] = titled(asked, "was_answered")
        requirement = {"id": "P1", "rule": "was_answered", "obligation": "monitor"}
        before = {"id": "before", "period": case.previous["period"], "requirements": [requirement]}
        write_yaml(folder / "contracts" / "before.yaml", contract_of(before))
    write_yaml(folder / "rules" / "facts.yaml", {"facts": facts})
    write_yaml(folder / "rules" / "rules.yaml", {"rules": rules})
    write_yaml(folder / "contracts" / f"{case.contract['id']}.yaml", contract_of(case.contract))


def cells_of_one_row(rows: Sequence[Written]) -> set[str]:
    """The units whose cells hold one row each, so that a mapping can hold them."""
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    twice = set()
    for row in rows:
        cell = (row["fact"], row["period"])
        if cell in seen[row["unit"]]:
            twice.add(row["unit"])
        seen[row["unit"]].add(cell)
    return set(seen) - twice


def yaml_unit(unit: str, rows: Sequence[Written]) -> Written:
    """One unit's observations as a mapping by fact and period."""
    facts: Written = {}
    for row in rows:
        said = {key: row[key] for key in ("value", "via", "quality", "comment") if row[key]}
        held: Any = said.get("value", "") if set(said) <= {"value"} else said
        if row["period"]:
            facts.setdefault(row["fact"], {})[row["period"]] = held
        else:
            facts[row["fact"]] = held
    return {"unit": unit, "facts": facts}


def decimal_comma(case: Case, row: Written) -> Written:
    """A row as a Swedish spreadsheet writes it."""
    if case.facts[row["fact"]]["type"] not in NUMBERS or row["value"] == "..":
        return row
    return {**row, "value": row["value"].replace(".", ",")}


def write_portfolio(case: Case, written: Written, folder: Path, layout: Layout) -> None:
    """One portfolio and its observations."""
    top: Written = {
        key: written[key] for key in ("contract", "period", "waivers", "agreements") if key in written
    }
    rows = written["observations"]
    in_yaml = cells_of_one_row(rows) if layout.yaml else set()
    top |= {"provenance": "Random", "units": "units.csv"}
    top["observations"] = ["facts/*.csv", *(["units/*.yaml"] if in_yaml else [])]
    if written is case.portfolio and case.previous is not None:
        top["previous"] = "../previous"
    write_yaml(folder / "portfolio.yaml", top)
    write_csv(folder / "units.csv", list(written["units"][0]), written["units"])
    for unit in in_yaml:
        of_unit = [row for row in rows if row["unit"] == unit]
        write_yaml(folder / "units" / f"{unit}.yaml", yaml_unit(unit, of_unit))
    rest = [row for row in rows if row["unit"] not in in_yaml]
    for number in range(layout.files):
        delimiter = layout.delimiters[number % len(layout.delimiters)]
        share = rest[number :: layout.files]
        if delimiter != ",":
            share = [decimal_comma(case, row) for row in share]
        write_csv(folder / "facts" / f"part{number}.csv", COLUMNS, share, delimiter)


def write(case: Case, folder: Path, layout: Layout = ONE_FILE) -> Folders:
    """Write a case into an empty folder, and say where its portfolio and its library are."""
    folders = Folders(folder / "portfolio", folder / "library")
    write_library(case, folders.library)
    write_portfolio(case, case.portfolio, folders.portfolio, layout)
    if case.previous is not None:
        write_portfolio(case, case.previous, folder / "previous", layout)
    return folders


def shuffled(case: Case, random: Random) -> Case:
    """The same case with everything whose order means nothing in another order."""

    def anyhow(written: Written) -> Written:
        lists = ("units", "observations", "waivers", "agreements")
        return {
            key: random.sample(value, len(value)) if key in lists else value for key, value in written.items()
        }

    previous = None if case.previous is None else anyhow(case.previous)
    return replace(case, portfolio=anyhow(case.portfolio), previous=previous)
