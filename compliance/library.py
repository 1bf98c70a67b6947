"""Where rules, contracts and portfolios are found: the shipped library, another one, a portfolio's own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from compliance.followup.language import FollowUpRule, read_followup
from compliance.language.checks import Check, read_check
from compliance.language.contracts import Contract, read_contract
from compliance.language.facts import Fact, read_fact
from compliance.language.reader import Document, read_yaml
from compliance.language.rules import Rule, read_rule
from compliance.language.shape import is_name, mapping
from compliance.problems import InputError, Place, Problem, Problems, did_you_mean, one_of, shown

__all__ = [
    "Library",
    "contract_file",
    "find_portfolio",
    "has_own_rules",
    "named_contract",
    "sample_names",
    "shipped",
]

SECTIONS = ("facts", "rules", "checks", "followup", "lint")


def shipped() -> Path:
    """The folder that holds the shipped `rules/`, `contracts/` and `samples/`."""
    package = Path(__file__).resolve().parent
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent


@dataclass
class Library:
    """The fact catalogue, the rules and the contracts of one or more folders.

    Args:
        folders: each with `rules/` and `contracts/`, beside the prefix that its files' names get in errors.
        problems: takes what is wrong in them.

    `whole` is false where a file with facts and rules can't be read at all.
    """

    folders: tuple[tuple[Path, str], ...]
    problems: Problems = field(default_factory=Problems)
    whole: bool = field(default=True, init=False)
    _contracts: dict[str, Contract] = field(default_factory=dict, init=False)

    @classmethod
    def of(cls, library: Path | None, portfolio: Path | None, problems: Problems) -> Library:
        """The shipped library or `library` (or that of COMPLIANCE_LIBRARY), and a portfolio's additions."""
        chosen = library or (
            Path(os.environ["COMPLIANCE_LIBRARY"]) if os.environ.get("COMPLIANCE_LIBRARY") else None
        )
        folders = [(chosen or shipped(), "")]
        if (
            portfolio is not None
            and has_own_rules(portfolio)
            and portfolio.resolve() != folders[0][0].resolve()
        ):
            folders.append((portfolio, f"{portfolio.resolve().name}/"))
        return cls(tuple(folders), problems)

    @classmethod
    def holding(cls, facts: Mapping[str, Fact], rules: Mapping[str, Rule]) -> Library:
        """A library of just these, which were read before."""
        books = cls(())
        books.__dict__.update(facts=dict(facts), rules=dict(rules))
        return books

    def _files(self, kind: str) -> Iterator[tuple[Path, str]]:
        for folder, prefix in self.folders:
            if (folder / kind).is_dir():
                for file in sorted((folder / kind).glob("*.y*ml")):
                    yield file, f"{prefix}{kind}/{file.name}"

    @cached_property
    def _rule_documents(self) -> tuple[Document, ...]:
        documents: list[Document] = []
        for file, name in self._files("rules"):
            document = read_yaml(file, name, self.problems)
            if document is None:
                self.whole = False
                continue
            if document.data is None:
                self.problems.add(document.place(), "The file is empty. Remove it, or write facts or rules.")
                continue
            for key in mapping(document.data, document, (), self.problems):
                if key not in SECTIONS:
                    self.problems.add(
                        document.key_place(key),
                        f"Unknown key {shown(key)}. Allowed here: {one_of(SECTIONS)}."
                        f"{did_you_mean(key, SECTIONS)}",
                    )
            documents.append(document)
        return tuple(documents)

    def _entries(self, section: str) -> Iterator[tuple[str, object, Document]]:
        first: dict[str, Document] = {}
        for document in self._rule_documents:
            if not isinstance(document.data, dict) or section not in document.data:
                continue
            data = mapping(document.data[section], document, (section,), self.problems)
            for name, content in data.items():
                if name in first:
                    self.problems.add(
                        document.key_place(section, name),
                        f"{shown(name)} is defined here a second time; the first is at "
                        f"{first[name].key_place(section, name)}. Give one of them another name.",
                    )
                    continue
                first[name] = document
                if not is_name(name):
                    self.problems.add(
                        document.key_place(section, name),
                        f"{shown(name)} isn't a name. Names are snake_case: small letters a to z, "
                        "digits and underscores, beginning with a letter.",
                    )
                yield name, content, document

    @cached_property
    def facts(self) -> dict[str, Fact | None]:
        """Every fact by name; None for one that can't be read (the problem is reported)."""
        return {
            name: read_fact(name, data, document, ("facts", name), self.problems)
            for name, data, document in self._entries("facts")
        }

    @cached_property
    def rules(self) -> dict[str, Rule | None]:
        """Every rule by name; None for one that can't be read (the problem is reported)."""
        return {
            name: read_rule(name, data, document, ("rules", name), self.problems)
            for name, data, document in self._entries("rules")
        }

    @cached_property
    def checks(self) -> dict[str, Check | None]:
        """Every relation between facts by name; None for one that can't be read (it is reported)."""
        return {
            name: read_check(name, data, document, ("checks", name), self.facts, self.problems)
            for name, data, document in self._entries("checks")
        }

    @cached_property
    def followup(self) -> dict[str, FollowUpRule | None]:
        """Every follow-up rule by name; None for one that can't be read (the problem is reported)."""
        return {
            name: read_followup(name, data, document, ("followup", name), self.problems)
            for name, data, document in self._entries("followup")
        }

    def sources(self, section: str) -> dict[str, Document]:
        """The file of each entry of a section."""
        found: dict[str, Document] = {}
        for document in self._rule_documents:
            data = document.data.get(section) if isinstance(document.data, dict) else None
            for name in data if isinstance(data, dict) else ():
                found.setdefault(name, document)
        return found

    @property
    def lint_sections(self) -> Iterator[tuple[object, Document]]:
        """What the files say under `lint`, which `compliance rules lint` reads."""
        for document in self._rule_documents:
            if isinstance(document.data, dict) and "lint" in document.data:
                yield document.data["lint"], document

    @cached_property
    def contract_files(self) -> dict[str, tuple[Path, str]]:
        """Every contract's file by the contract's id."""
        files: dict[str, tuple[Path, str]] = {}
        for file, name in self._files("contracts"):
            if file.stem in files:
                self.problems.add(
                    Place(name),
                    f"There is a contract {shown(file.stem)} already, in {files[file.stem][1]}. "
                    "Give this one another id, and name its file so.",
                )
            files.setdefault(file.stem, (file, name))
        return files

    def contract(self, id_: str) -> Contract | None:
        """The contract `id_`, read and merged with what it extends.

        Returns None, and adds to `problems`, where its file can't be read.
        """
        found = self.find_contract(id_)
        if isinstance(found, str):
            return None
        if id_ in self._contracts:
            return self._contracts[id_]
        return read_contract(*found, self.find_contract, self._contracts, self.problems)

    def find_contract(self, id_: str) -> tuple[Path, str] | str:
        """A contract's file and its name in errors, or what to say where there is none."""
        found = self.contract_files.get(id_)
        if found:
            return found
        known = one_of(sorted(self.contract_files)) or "none"
        return (
            f"There is no contract {shown(id_)}. There are: {known}.{did_you_mean(id_, self.contract_files)}"
        )


def named_contract(
    name: str | Path, problems: Problems, library: Path | None = None, portfolio: Path | None = None
) -> tuple[Contract, Library]:
    """A contract by its id or its file (a path wins), and the library that it is read with.

    A file that lies in a library's `contracts/` (beside a `rules/facts.yaml`) is read with that library. Other
    rules beside it add to the library; what it extends is looked for beside it first.

    Args:
        library: as for `Library.of`, as is portfolio.

    Raises:
        InputError: there is no such contract, or it can't be read; with what is in `problems`.
    """
    file = Path(name)
    if not _is_file(file):
        books = Library.of(library, portfolio, problems)
        found = books.find_contract(str(name))
        contract = books.contract(str(name))
        if isinstance(found, str) and file.suffix in (".yaml", ".yml"):
            found = "There is no such file. Name a contract's file, or its id."
        if contract is None:
            said = [Problem(Place(str(name)), found)] if isinstance(found, str) else []
            raise InputError([*said, *problems])
        return contract, books
    books = _beside(file, problems, library, portfolio)

    def find(id_: str) -> tuple[Path, str] | str:
        sibling = file.with_name(f"{id_}.yaml")
        return (sibling, str(sibling)) if _is_file(sibling) else books.find_contract(id_)

    contract = read_contract(file, str(file), find, {}, problems)
    if contract is None:
        raise InputError(problems)
    return contract, books


def contract_file(name: str | Path, books: Library) -> Path:
    """Where the contract lies that `named_contract` found."""
    file = Path(name)
    return (file if _is_file(file) else books.contract_files[str(name)][0]).resolve()


def _beside(file: Path, problems: Problems, library: Path | None, portfolio: Path | None) -> Library:
    folder = file.resolve().parent.parent
    rules = folder / "rules"
    if file.resolve().parent.name != "contracts" or not rules.is_dir():
        return Library.of(library, portfolio, problems)
    if (rules / "facts.yaml").is_file():
        return Library.of(folder, None, problems)
    books = Library.of(library, portfolio, problems)
    known = {known.resolve() for known, _ in books.folders}
    return books if folder in known else Library((*books.folders, (folder, f"{folder.name}/")), problems)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the name is too long, or the folder isn't ours to look into
        return False


def has_own_rules(portfolio: Path) -> bool:
    """A portfolio's folder may add rules and contracts to the library."""
    return any((portfolio / kind).is_dir() for kind in ("rules", "contracts"))


def sample_names() -> list[str]:
    """The shipped portfolios."""
    folder = shipped() / "samples"
    return sorted(file.parent.name for file in folder.glob("*/portfolio.yaml"))


def find_portfolio(name: str | Path) -> Path | str:
    """A portfolio's folder from a path or a shipped name (a path wins), or what to say where there is none."""
    path = Path(name)
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
        is_portfolio = is_folder and (path / "portfolio.yaml").is_file()
    except OSError as error:
        return f"This can't be opened ({error.strerror}). Name the folder of a portfolio."
    if is_portfolio or (is_file and path.name == "portfolio.yaml"):
        return path if is_folder else path.parent
    if is_folder:
        return "This folder isn't a portfolio: it has no portfolio.yaml. Name the folder that has one."
    if is_file:
        return "This is a file. Name the folder of a portfolio, or its portfolio.yaml."
    names = sample_names()
    inside = shipped() / "samples" / str(name)
    if str(name) in names:
        return inside
    return (
        f"There is no folder and no shipped portfolio of that name. Shipped are: {one_of(names)}."
        f"{did_you_mean(str(name), names)}"
    )
