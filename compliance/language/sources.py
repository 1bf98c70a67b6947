"""The documents that a contract rests on: whether its quotes stand in them, and whether all is covered."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from compliance.language.contracts import Contract, Section, Source, SourceDocument
from compliance.problems import Place, Problem, shown
from compliance.words import Text

__all__ = ["Checked", "Covered", "Documents", "Quote", "check_sources", "cover"]

_IGNORED = re.compile("[\\s\\-\N{SOFT HYPHEN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}]+")
_NUMBERED = re.compile(r"\s*(\d+(?:\.\d+)+|\d{1,2}(?=\.))\.?\s+[\"”]?[A-ZÅÄÖ]")
"""How a line begins that is a numbered heading: `2.3.2 Uppfylls …`, `12. Regioner och …`."""


class Quote(NamedTuple):
    """A source, and what rests on it: a requirement's id, or a stated figure's title."""

    of: str
    source: Source


class Checked(NamedTuple):
    """One source of one requirement. `found` is None where the document isn't at hand."""

    requirement: str
    document: str
    section: str
    quote: str
    found: bool | None


class Covered(NamedTuple):
    """A section of a document: the requirements that rest on it, or why none does.

    Attributes:
        part: the part of the document that it stands in.
        found: whether the section was found in the document; None where that isn't at hand.
    """

    document: str
    section: Section
    part: Section | None
    requirements: tuple[str, ...]
    why: Text | None
    found: bool | None

    @property
    def accounted_for(self) -> bool:
        return self.section.part or bool(self.requirements) or self.why is not None


class _Lines(NamedTuple):
    """A document without white space and hyphens, and where each of its lines begins in that."""

    folded: str
    starts: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, text: str) -> _Lines:
        starts: list[tuple[int, str]] = []
        parts: list[str] = []
        length = 0
        for line in text.splitlines():
            starts.append((length, line))
            parts.append(folded(line))
            length += len(parts[-1])
        return cls("".join(parts), tuple(starts))

    def where(self, section: Section) -> int | None:
        """Where a section begins: its heading, or the first line that begins with its number."""
        if section.heading is not None:
            at = self.folded.find(folded(section.heading))
            return None if at < 0 else at
        number = re.compile(rf"\s*{re.escape(section.section)}\.?(\s|$)")
        return next((at for at, line in self.starts if number.match(line)), None)

    def numbered(self) -> dict[str, str]:
        """The numbers of the headings, each with its line."""
        found: dict[str, str] = {}
        for _, line in self.starts:
            match = _NUMBERED.match(line)
            if match:
                found.setdefault(match.group(1), line.strip())
        return found


class Documents:
    """A contract's documents, as far as they lie in one of the folders.

    Quotes are compared without white space and hyphens, for documents break their lines and words. A
    digest that doesn't fit, and a file that can't be read, are in `problems`.
    """

    def __init__(self, contract: Contract, folders: tuple[Path, ...]) -> None:
        self.contract = contract
        self.problems: list[Problem] = []
        self._texts = {
            key: _text(key, document, contract, folders, self.problems)
            for key, document in contract.documents.items()
        }

    def lines(self, key: str) -> _Lines | None:
        """The document `key`; None where it isn't at hand."""
        return self._texts.get(key)

    def check(self, quotes: Iterable[Quote]) -> list[Checked]:
        """Looks quotes up; one that isn't in its document is a problem."""
        checked: list[Checked] = []
        for of, (key, section, quote, place) in quotes:
            lines = self._texts.get(key)
            found = None if lines is None else folded(quote) in lines.folded
            checked.append(Checked(of, key, section, quote, found))
            if found is False:
                title = self.contract.documents[key].title.sv
                self.problems.append(
                    Problem(
                        place,
                        f"The quote {shown(quote, 100)} isn't in {title}. Quote the document word for "
                        "word, or correct the section.",
                    )
                )
        return checked


def check_sources(contract: Contract, folders: tuple[Path, ...]) -> tuple[list[Checked], list[Problem]]:
    """Looks every quote of a contract up in its document, where that lies in one of the folders.

    Returns:
        Every source with what was found, and what is wrong: a quote that isn't there, a document with
        another digest than the contract says, a file that can't be read.
    """
    documents = Documents(contract, folders)
    quotes = (
        Quote(requirement.id, source)
        for requirement in contract.requirements
        for source in requirement.sources
    )
    return documents.check(quotes), documents.problems


def cover(contract: Contract, folders: tuple[Path, ...]) -> tuple[list[Covered], list[Problem]]:
    """Which requirement covers each section of the contract's documents.

    Returns:
        Every section that the contract lists, in the documents' order, and what is wrong: a section that
        nothing accounts for; and, for documents at hand, one that isn't found or not in its order, and a
        numbered heading that the contract doesn't list.
    """
    documents = Documents(contract, folders)
    problems = documents.problems
    place = Place(contract.name)
    resting: dict[tuple[str, str], list[str]] = {}
    for requirement in contract.requirements:
        for source in requirement.sources:
            ids = resting.setdefault((source.document, source.section), [])
            if requirement.id not in ids:
                ids.append(requirement.id)
    outside = {(item.document, item.section): item.why for item in contract.out_of_scope}
    covered: list[Covered] = []
    for key, document in contract.documents.items():
        title = document.title.sv
        lines = documents.lines(key)
        if not document.sections:
            problems.append(
                Problem(place, f"The document {shown(key)} has no list of sections. Write its 'sections'.")
            )
        last = -1
        for section in document.sections:
            at = lines.where(section) if lines else None
            one = Covered(
                key,
                section,
                document.part_of(section.section),
                tuple(resting.get((key, section.section), ())),
                outside.get((key, section.section)),
                None if lines is None else at is not None,
            )
            covered.append(one)
            name = f"The section {shown(section.section)} of {title}"
            if not one.accounted_for:
                problems.append(
                    Problem(place, f"{name} is covered by nothing. Add a requirement, or an 'out_of_scope'.")
                )
            if one.requirements and one.why is not None:
                problems.append(
                    Problem(
                        place,
                        f"{name} is covered by a requirement and stands in 'out_of_scope', too. Remove one.",
                    )
                )
            if one.found is False:
                problems.append(
                    Problem(place, f"{name} isn't found in it. Correct its number, or write its 'heading'.")
                )
            if at is not None and at < last:
                problems.append(
                    Problem(place, f"{name} stands before the one listed above it. Put them in order.")
                )
            last = max(last, -1 if at is None else at)
        known = {section.section for section in document.sections}
        numbered = lines.numbered() if lines and not document.excerpt else {}
        missing = {number: line for number, line in numbered.items() if number not in known}
        for line in missing.values():
            problems.append(
                Problem(
                    place,
                    f"{title} has the heading {shown(line, 60)}, which the contract doesn't list. Add it.",
                )
            )
    return covered, problems


def folded(text: str) -> str:
    """Text without white space, hyphens and differences of composition."""
    return _IGNORED.sub("", unicodedata.normalize("NFC", text))


def _text(
    key: str,
    document: SourceDocument,
    contract: Contract,
    folders: tuple[Path, ...],
    problems: list[Problem],
) -> _Lines | None:
    if document.file is None:
        return None
    place = Place(contract.name)
    for folder in folders:
        file = folder / Path(document.file).name
        if not file.is_file():
            continue
        try:
            raw = file.read_bytes()
            text = raw.decode("utf-8-sig")
        except OSError as error:
            problems.append(
                Problem(Place(file.name), f"The file can't be opened ({error.strerror}). Check it.")
            )
            return None
        except UnicodeDecodeError:
            problems.append(
                Problem(Place(file.name), "The document isn't text in UTF-8. Convert it, and check again.")
            )
            return None
        digest = hashlib.sha256(raw).hexdigest()
        if document.sha256 is not None and document.sha256.lower() != digest:
            problems.append(
                Problem(
                    place,
                    f"The document {key!r} ({file.name}) isn't the one that the contract was "
                    "written from: its "
                    f"sha256 is {digest}. Compare the two, and correct the contract.",
                )
            )
        return _Lines.of(text)
    return None
