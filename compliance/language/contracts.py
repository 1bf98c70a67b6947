"""Contracts: the requirements of a procurement document, and how one contract extends another."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.language.periods import Period
from compliance.language.reader import Document, Path_, read_yaml
from compliance.language.rules import COMPARISONS, Wording, WordingShape, read_parameters
from compliance.language.shape import (
    Flag,
    Id,
    Name,
    Number,
    Shape,
    Span,
    Texts,
    Word,
    check,
    closed_list,
    typed,
)
from compliance.problems import Place, Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Band",
    "Contract",
    "Points",
    "Requirement",
    "Scope",
    "Section",
    "Source",
    "SourceDocument",
    "SourceShape",
    "Vary",
    "known_section",
    "read_contract",
    "read_quote",
    "read_scope",
]

KINDS = ("unit", "branch", "area", "region")
OPERATORS = ("region", "private")
MOST_WORDS = 12


class Scope(NamedTuple):
    """Whom something concerns: every attribute named must have one of its values."""

    attributes: tuple[tuple[str, tuple[str, ...]], ...]


EVERYONE_BUT_BRANCHES = Scope((("kind", ("unit", "area", "region")),))


class Vary(NamedTuple):
    scope: Scope
    parameters: dict[str, str | None]
    place: Place


class Points(NamedTuple):
    """Points by value (`largest`, `from_`, `to`: numbers or parameter names) or by grade."""

    largest: Decimal | None = None
    from_: str = ""
    to: str = ""
    by_grade: tuple[tuple[str, Decimal], ...] = ()
    place: Place = Place("")


class Band(NamedTuple):
    """Comparisons that all hold, with thresholds in the measure's own unit."""

    comparisons: tuple[tuple[str, str], ...]
    place: Place


class Source(NamedTuple):
    document: str
    section: str
    quote: str
    place: Place


class Section(Shape):
    """A place in a document, by the document's own number where it has one, with a label of ours.

    `heading` are the words by which the place is found, where its number isn't how the line begins. A
    `part` groups the sections after it, until the next one.
    """

    section: Word
    label: Texts
    heading: Word | None = None
    part: Flag = False


class SourceDocument(Shape):
    title: Texts
    file: Word | None = None
    sha256: Word | None = None
    sections: list[Section] = Field(default=[])
    excerpt: Flag = False
    """Only the sections that are listed are used of it; the rest is no part of the contract."""

    def part_of(self, section: str) -> Section | None:
        """The part that a section stands in."""
        part: Section | None = None
        for entry in self.sections:
            part = entry if entry.part else part
            if entry.section == section:
                return part
        return None


class Requirement(NamedTuple):
    """A clause of a contract: a rule with this contract's parameters, an obligation and a source."""

    id: str
    rule: str
    title: Text | None
    obligation: str
    parameters: dict[str, str | None]
    assumed: tuple[str, ...]
    bind: dict[str, str]
    scope: Scope
    vary: tuple[Vary, ...]
    period: Period | None
    applies: Any
    via_agreement: bool
    points: Points | None
    references: dict[str, Decimal]
    bands: tuple[Band, ...]
    sources: tuple[Source, ...]
    document: Document
    path: Path_
    wording: Wording = Wording()

    def place(self, *path: str | int) -> Place:
        return self.document.place(*self.path, *path)


class OutOfScope(NamedTuple):
    """A section that no requirement rests on, and why."""

    document: str
    section: str
    why: Text


class Contract(NamedTuple):
    id: str
    title: Text
    region: str | None
    unit_word: tuple[Text, Text]
    period: Period
    documents: dict[str, SourceDocument]
    requirements: tuple[Requirement, ...]
    out_of_scope: tuple[OutOfScope, ...]
    extends: str | None
    unreadable: frozenset[str]
    """Requirements that stand in the contract, but have errors."""
    name: str
    """The contract's file, as errors name it."""


class _RequirementShape(Shape):
    id: Id
    rule: Name
    title: Texts | None = None
    obligation: Annotated[str, closed_list("must", "target", "monitor")]
    parameters: dict[str, Any] = Field(default={})
    assumed: list[Name] = Field(default=[])
    with_: dict[str, Name] = Field(default={}, alias="with")
    for_: Any = Field(default=None, alias="for")
    vary: list[Any] = Field(default=[])
    period: Span | None = None
    applies: Any = None
    via_agreement: Flag = True
    points: Any = None
    references: dict[str, Number] = Field(default={})
    bands: list[Any] = Field(default=[])
    summary: WordingShape = Field(default=WordingShape())
    source: Any


class SourceShape(Shape):
    """Where something stands in a document, with a few of its words."""

    document: Word
    section: Word
    quote: Word


class _VaryShape(Shape):
    for_: Any = Field(alias="for")
    parameters: dict[str, Any]


class _PointsShape(Shape):
    max: Number
    from_: Word = Field(alias="from")
    to: Word


class _GradePointsShape(Shape):
    pass_: Number | None = Field(default=None, alias="pass")
    partial: Number | None = None
    fail: Number | None = None


class _BandShape(Shape):
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None
    equals: Number | None = None


class _OutOfScopeShape(Shape):
    document: Word | None = None
    section: Word
    why: Texts


def _strings(data: Any) -> tuple[str, ...]:
    items = data if isinstance(data, list) else [data]
    if not items or not all(isinstance(item, str) for item in items):
        raise ValueError("Expected a word or a list of words: [unit, area].")
    return tuple(items)


class _ScopeShape(Shape):
    kind: Annotated[tuple[str, ...] | None, typed(_strings)] = None
    operator: Annotated[tuple[str, ...] | None, typed(_strings)] = None
    municipality: Annotated[tuple[str, ...] | None, typed(_strings)] = None
    unit: Annotated[tuple[str, ...] | None, typed(_strings)] = None


def _unit_word(data: Any) -> tuple[Text, Text]:
    if isinstance(data, dict) and set(data) <= {"sv", "en"} and data:
        forms = {
            key: value
            for key, value in data.items()
            if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)
        }
        if len(forms) == len(data):
            one, many = next(iter(forms.values()))
            sv, en = forms.get("sv", [one, many]), forms.get("en", [one, many])
            return Text(sv[0], en[0]), Text(sv[1], en[1])
    raise ValueError("Expected {sv: [hälsocentral, hälsocentraler], en: [health centre, health centres]}.")


class _ContractShape(Shape):
    id: Id
    title: Texts
    extends: Id | None = None
    drop: list[Id] = Field(default=[])
    region: Word | None = None
    unit_word: Annotated[tuple[Text, Text], typed(_unit_word)] = (
        Text("enhet", "unit"),
        Text("enheter", "units"),
    )
    period: Span
    documents: dict[str, Any] = Field(default={})
    requirements: list[Any] = Field(default=[])
    out_of_scope: list[Any] = Field(default=[])


class _ExtendingShape(_ContractShape):
    title: Texts | None = None  # type: ignore[assignment]
    unit_word: Annotated[tuple[Text, Text] | None, typed(_unit_word)] = None  # type: ignore[assignment]
    period: Span | None = None  # type: ignore[assignment]


def read_scope(data: Any, document: Document, path: Path_, problems: Problems) -> Scope:
    """Whom something concerns (`for`); everyone but branches where nothing is written."""
    if data is None:
        return EVERYONE_BUT_BRANCHES
    raw = check(_ScopeShape, data, document, path, problems)
    if raw is None:
        return EVERYONE_BUT_BRANCHES
    given = {key: values for key, values in raw if values is not None}
    for key, allowed in (("kind", KINDS), ("operator", OPERATORS)):
        for index, value in enumerate(given.get(key, ())):
            if value not in allowed:
                problems.add(
                    document.place(*path, key, index),
                    f"{shown(value)} is no {key}. Write {one_of(allowed)}.{did_you_mean(value, allowed)}",
                )
    if not given:
        problems.add(
            document.place(*path),
            "Say whom it concerns, by kind, operator, municipality or unit: {kind: [unit]}.",
        )
    return Scope(tuple(given.items()))


def known_section(
    key: str,
    section: str,
    documents: dict[str, SourceDocument],
    document: Document,
    path: Path_,
    problems: Problems,
) -> bool:
    """Whether the document is named under `documents` and lists the section; reports where it isn't so."""
    if key not in documents:
        problems.add(
            document.place(*path, "document"),
            f"No document {shown(key)} is named under 'documents'. There are: "
            f"{one_of(documents) or 'none'}.{did_you_mean(key, documents)}",
        )
        return False
    sections = [entry.section for entry in documents[key].sections]
    if sections and section not in sections:
        problems.add(
            document.place(*path, "section"),
            f"The document {shown(key)} lists no section {shown(section)}. Add it to its 'sections', "
            f"or correct it.{did_you_mean(section, sections)}",
        )
        return False
    return True


def read_quote(quote: str, place: Place, problems: Problems, what: str = "quote") -> None:
    """Reports a quote (or a heading) that is empty or longer than is ours to publish."""
    if not quote.strip():
        problems.add(place, f"The {what} is empty. Copy the document's own words.")
    if len(quote.split()) > MOST_WORDS:
        problems.add(
            place,
            f"The {what} has {len(quote.split())} words. Keep it to {MOST_WORDS}: the "
            "document's text isn't ours to publish.",
        )


Find = Callable[[str], tuple[Path, str] | str]
"""From a contract's id to its file and the file's name in errors, or what to say where there is none."""


def read_contract(
    file: Path, name: str, find: Find, known: dict[str, Contract], problems: Problems
) -> Contract | None:
    """The contract in `file`, with what it extends merged in.

    Args:
        name: the file's name as errors show it.
        find: finds the contracts that it extends.
        known: contracts that were read before; those read now are added.
    """
    return _Reader(find, known, problems).read(file, name, ())


class _Reader:
    def __init__(self, find: Find, known: dict[str, Contract], problems: Problems) -> None:
        self.find, self.known, self.problems = find, known, problems

    def read(self, file: Path, name: str, chain: tuple[str, ...]) -> Contract | None:
        document = read_yaml(file, name, self.problems)
        if document is None:
            return None
        if document.data is None:
            self.problems.add(
                document.place(), "The file is empty. A contract has id, title, period and requirements."
            )
            return None
        extending = isinstance(document.data, dict) and document.data.get("extends") is not None
        shape = _ExtendingShape if extending else _ContractShape
        raw = check(shape, document.data, document, (), self.problems)
        if raw is None:
            return None
        if raw.id != file.stem:
            self.problems.add(
                document.place("id"),
                f"The contract {shown(raw.id)} lies in the file {file.name}. Name the file "
                f"{raw.id}.yaml, so that it is found by its id.",
            )
            return None
        parent: Contract | None = None
        if raw.extends is not None:
            parent = self._parent(raw, document, chain)
            if parent is None:
                return None
        self.known[raw.id] = self._merged(raw, parent, document)
        return self.known[raw.id]

    def _parent(self, raw: _ContractShape, document: Document, chain: tuple[str, ...]) -> Contract | None:
        assert raw.extends is not None
        place = document.place("extends")
        if raw.extends in (*chain, raw.id):
            circle = " -> ".join((*chain, raw.id, raw.extends))
            self.problems.add(
                place, f"The contracts extend each other in a circle: {circle}. Remove one 'extends'."
            )
            return None
        if raw.extends in self.known:
            return self.known[raw.extends]
        found = self.find(raw.extends)
        if isinstance(found, str):
            self.problems.add(place, found)
            return None
        file, name = found
        return self.read(file, name, (*chain, raw.id))

    def _merged(self, raw: _ContractShape, parent: Contract | None, document: Document) -> Contract:
        documents = dict(parent.documents) if parent else {}
        for key, data in raw.documents.items():
            one = self._source_document(data, document, ("documents", key))
            # One that can't be read is reported; what rests on it needs no more errors.
            documents[key] = one or SourceDocument.model_construct(title=Text(key, key))
        requirements, unreadable = self._requirements(raw, parent, document, documents)
        outside = {(item.document, item.section): item for item in parent.out_of_scope} if parent else {}
        for index, data in enumerate(raw.out_of_scope):
            item = self._out_of_scope(data, document, ("out_of_scope", index), documents)
            if item:
                outside[item.document, item.section] = item
        title: Text | None = raw.title
        period: Period | None = raw.period
        unit_word: tuple[Text, Text] | None = raw.unit_word
        if parent:  # then each of them may be left out
            title, period = title or parent.title, period or parent.period
            unit_word = unit_word or parent.unit_word
        assert title is not None
        assert period is not None
        assert unit_word is not None
        return Contract(
            id=raw.id,
            title=title,
            region=raw.region or (parent.region if parent else None),
            unit_word=unit_word,
            period=period,
            documents=documents,
            requirements=requirements,
            out_of_scope=tuple(outside.values()),
            extends=raw.extends,
            unreadable=unreadable,
            name=document.name,
        )

    def _source_document(self, data: Any, document: Document, path: Path_) -> SourceDocument | None:
        one = check(SourceDocument, data, document, path, self.problems)
        seen: set[str] = set()
        for index, entry in enumerate(one.sections if one else ()):
            at: Path_ = (*path, "sections", index)
            if entry.section in seen:
                self.problems.add(
                    document.place(*at, "section"),
                    f"The section {shown(entry.section)} stands twice. Keep one of them, or name them apart.",
                )
            seen.add(entry.section)
            if entry.heading is not None:
                read_quote(entry.heading, document.place(*at, "heading"), self.problems, "heading")
        return one

    def _out_of_scope(
        self, data: Any, document: Document, path: Path_, documents: dict[str, SourceDocument]
    ) -> OutOfScope | None:
        raw = check(_OutOfScopeShape, data, document, path, self.problems)
        if raw is None:
            return None
        if raw.document is None and len(documents) != 1:
            self.problems.add(
                document.place(*path),
                f"Say which document the section is in: document: {one_of(documents) or '…'}.",
            )
            return None
        key = raw.document or next(iter(documents))
        known_section(key, raw.section, documents, document, path, self.problems)
        return OutOfScope(key, raw.section, raw.why)

    def _requirements(
        self,
        raw: _ContractShape,
        parent: Contract | None,
        document: Document,
        documents: dict[str, SourceDocument],
    ) -> tuple[tuple[Requirement, ...], frozenset[str]]:
        broken = set(parent.unreadable) if parent else set()
        merged: dict[str, tuple[dict[str, Any], Document, Path_]] = {}
        for requirement in parent.requirements if parent else ():
            merged[requirement.id] = (
                _data_at(requirement.document, requirement.path),
                requirement.document,
                requirement.path,
            )
        for index, gone in enumerate(raw.drop):
            if gone not in merged and gone not in broken:
                self.problems.add(
                    document.place("drop", index),
                    f"There is no requirement {shown(gone)} to drop"
                    + (f" in {raw.extends}." if raw.extends else ": the contract extends none.")
                    + (did_you_mean(gone, merged) or " Remove it, or correct the id."),
                )
            merged.pop(gone, None)
            broken.discard(gone)
        own: dict[str, Path_] = {}
        for index, data in enumerate(raw.requirements):
            path: Path_ = ("requirements", index)
            if not isinstance(data, dict) or not isinstance(data.get("id"), str):
                self.problems.add(
                    document.place(*path),
                    'A requirement is a mapping with an id, the number of its clause. Write id: "2.3.2".',
                )
                continue
            key = data["id"]
            if key in own:
                first = document.place(*own[key])
                self.problems.add(
                    document.place(*path, "id"),
                    f"The requirement {shown(key)} stands here a second time; the first is at line "
                    f"{first.line}, column {first.column}. Give one of them another id.",
                )
                continue
            own[key] = path
            if key in merged:
                merged[key] = _overlaid(merged[key], data, document, path)
            elif key not in broken:
                merged[key] = (data, document, path)
        built: list[Requirement] = []
        for key, parts in merged.items():
            made = self._requirement(*parts, documents)
            if made:
                built.append(made)
            else:
                broken.add(key)
        return tuple(built), frozenset(broken)

    def _requirement(
        self, data: Any, document: Document, path: Path_, documents: dict[str, SourceDocument]
    ) -> Requirement | None:
        before = len(self.problems)
        problems = self.problems
        raw = check(_RequirementShape, data, document, path, problems)
        if raw is None:
            return None
        scope = read_scope(raw.for_, document, (*path, "for"), problems)
        vary: list[Vary] = []
        for index, item in enumerate(raw.vary):
            at: Path_ = (*path, "vary", index)
            entry = check(_VaryShape, item, document, at, problems)
            if entry:
                vary.append(
                    Vary(
                        read_scope(entry.for_, document, (*at, "for"), problems),
                        read_parameters(entry.parameters, document, (*at, "parameters"), problems),
                        document.place(*at),
                    )
                )
        requirement = Requirement(
            id=raw.id,
            rule=raw.rule,
            title=raw.title,
            obligation=raw.obligation,
            parameters=read_parameters(raw.parameters, document, (*path, "parameters"), problems),
            assumed=tuple(raw.assumed),
            bind=dict(raw.with_),
            scope=scope,
            vary=tuple(vary),
            period=raw.period,
            applies=raw.applies,
            via_agreement=raw.via_agreement,
            points=self._points(raw.points, document, (*path, "points")),
            references=dict(raw.references),
            bands=self._bands(raw.bands, document, (*path, "bands")),
            sources=self._sources(raw.source, document, (*path, "source"), documents),
            document=document,
            path=path,
            wording=raw.summary.wording(),
        )
        return requirement if len(problems) == before else None

    def _points(self, data: Any, document: Document, path: Path_) -> Points | None:
        if data is None:
            return None
        if isinstance(data, dict) and set(data) & {"max", "from", "to"}:
            raw = check(_PointsShape, data, document, path, self.problems)
            if raw is None:
                return None
            return Points(raw.max, raw.from_, raw.to, place=document.place(*path))
        if not isinstance(data, dict) or not data:
            self.problems.add(
                document.place(*path),
                "Points are given by value, {max: 10, from: 40, to: 50}, or by grade, {pass: 10, "
                "partial: 5}.",
            )
            return None
        graded = check(_GradePointsShape, data, document, path, self.problems)
        if graded is None:
            return None
        pairs = (("pass", graded.pass_), ("partial", graded.partial), ("fail", graded.fail))
        return Points(
            by_grade=tuple((grade, points) for grade, points in pairs if points is not None),
            place=document.place(*path),
        )

    def _bands(self, data: list[Any], document: Document, path: Path_) -> tuple[Band, ...]:
        bands: list[Band] = []
        for index, item in enumerate(data):
            raw = check(_BandShape, item, document, (*path, index), self.problems)
            if raw:
                words = [word for word in COMPARISONS if getattr(raw, word) is not None]
                given = [(word, item[word]) for word in words]
                if not given:
                    self.problems.add(
                        document.place(*path, index),
                        f"A band has at least one comparison ({one_of(COMPARISONS)}): {{below: 65}}.",
                    )
                bands.append(Band(tuple(given), document.place(*path, index)))
        return tuple(bands)

    def _sources(
        self, data: Any, document: Document, path: Path_, documents: dict[str, SourceDocument]
    ) -> tuple[Source, ...]:
        sources: list[Source] = []
        items = (
            [(item, (*path, index)) for index, item in enumerate(data)]
            if isinstance(data, list)
            else [(data, path)]
        )
        if not items:
            self.problems.add(
                document.place(*path),
                "The list of sources is empty. Name at least one: {document: …, section: …, quote: …}.",
            )
        for item, at in items:
            raw = check(SourceShape, item, document, at, self.problems)
            if raw is None:
                continue
            known_section(raw.document, raw.section, documents, document, at, self.problems)
            read_quote(raw.quote, document.place(*at, "quote"), self.problems)
            sources.append(Source(raw.document, raw.section, raw.quote, document.place(*at)))
        return tuple(sources)


def _data_at(document: Document, path: Path_) -> Any:
    data = document.data
    for step in path:
        data = data[step]
    return data


_BY_KEY = ("parameters", "with", "summary")


def _overlaid(
    below: tuple[dict[str, Any], Document, Path_], over: dict[str, Any], document: Document, path: Path_
) -> tuple[dict[str, Any], Document, Path_]:
    """A requirement merged key by key: `over` wins, and its parameters join those below it.

    The result is a document of its own, so that every key still knows the file that it came from.
    """
    data, old_document, old_path = below
    merged = dict(data)
    sheet = _Overlay(document.name)
    sheet.take(old_document, old_path)
    for key, value in over.items():
        if key in _BY_KEY and isinstance(value, dict) and isinstance(data.get(key), dict):
            merged[key] = {**data[key], **value}
        else:
            merged[key] = value
    sheet.take(document, path)
    sheet.data = merged
    return merged, sheet, ()


class _Overlay(Document):
    """A requirement put together from several files."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.places: dict[Path_, Place] = {}
        self.key_places: dict[Path_, Place] = {}

    def take(self, document: Document, path: Path_) -> None:
        depth = len(path)
        self.doubles.update(at[depth:] for at in document.doubles if at[:depth] == path)
        if isinstance(document, _Overlay):
            self.places.update(document.places)
            self.key_places.update(document.key_places)
            return
        for at, spot in document.values.items():
            if at[:depth] == path:
                self.places[at[depth:]] = Place(document.name, *spot)
        for at, spot in document.keys.items():
            if at[:depth] == path:
                self.key_places[at[depth:]] = Place(document.name, *spot)

    def place(self, *path: str | int) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.name))

    def key_place(self, *path: str | int) -> Place:
        return self.key_places.get(path) or self.place(*path)
