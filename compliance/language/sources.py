"""Whether a contract's quotes stand in the documents that they name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from compliance.language.contracts import Contract, SourceDocument
from compliance.problems import Place, Problem, shown

__all__ = ["Checked", "check_sources"]

_IGNORED = re.compile("[\\s\\-\N{SOFT HYPHEN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}]+")


class Checked(NamedTuple):
    """One source of one requirement. `found` is None where the document isn't at hand."""

    requirement: str
    document: str
    section: str
    quote: str
    found: bool | None


def check_sources(contract: Contract, folders: tuple[Path, ...]) -> tuple[list[Checked], list[Problem]]:
    """Looks every quote up in its document, where that lies in one of the folders.

    Quotes are compared without white space and hyphens, for documents break their lines and words.

    Returns:
        Every source with what was found, and what is wrong: a quote that isn't there, a document with
        another digest than the contract says, a file that can't be read.
    """
    problems: list[Problem] = []
    texts = {
        key: _text(key, document, contract, folders, problems) for key, document in contract.documents.items()
    }
    checked: list[Checked] = []
    for requirement, quote, section, key, place in _sources(contract):
        text = texts.get(key)
        found = None if text is None else folded(quote) in text
        checked.append(Checked(requirement, key, section, quote, found))
        if found is False:
            title = contract.documents[key].title.sv
            problems.append(
                Problem(
                    place,
                    f"The quote {shown(quote, 100)} isn't in {title}. Quote the document word for "
                    "word, or correct the section.",
                )
            )
    return checked, problems


def folded(text: str) -> str:
    """Text without white space, hyphens and differences of composition."""
    return _IGNORED.sub("", unicodedata.normalize("NFC", text))


def _sources(contract: Contract) -> Iterator[tuple[str, str, str, str, Place]]:
    for requirement in contract.requirements:
        for source in requirement.sources:
            yield requirement.id, source.quote, source.section, source.document, source.place


def _text(
    key: str,
    document: SourceDocument,
    contract: Contract,
    folders: tuple[Path, ...],
    problems: list[Problem],
) -> str | None:
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
        return folded(text)
    return None
