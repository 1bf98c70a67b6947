"""The portfolio file: which contract, period, units and observations, and what eases the requirements."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from compliance.language.checks import Stated, read_stated
from compliance.language.periods import Period, month_index
from compliance.language.reader import Document, Path_, read_yaml
from compliance.language.rules import read_parameters
from compliance.language.shape import Day, Flag, Id, Name, Shape, Span, Texts, Word, check, typed
from compliance.problems import Place, Problems
from compliance.words import Text

__all__ = ["Agreement", "Plan", "PortfolioFile", "Waiver", "read_portfolio_file"]


class Waiver(NamedTuple):
    """A decision that eases one requirement for one unit; `last` is None where no end is set."""

    unit: str
    requirement: str
    exempt: bool
    parameters: dict[str, str | None]
    first: date
    last: date | None
    decision: str
    place: Place
    path: Path_
    decided_by: str | None = None
    reason: Text | None = None
    condition: Text | None = None

    def in_force(self, when: date) -> bool:
        return self.first <= when and (self.last is None or when <= self.last)

    def touches(self, first: int, last: int) -> bool:
        """Whether any day of these months (see `month_index`) lies within it."""
        return month_index(self.first.year, self.first.month) <= last and (
            self.last is None or month_index(self.last.year, self.last.month) >= first
        )

    def overlaps(self, other: Waiver) -> bool:
        return (self.last is None or other.first <= self.last) and (
            other.last is None or self.first <= other.last
        )


class Agreement(NamedTuple):
    """The unit meets yes/no or level facts through another provider."""

    unit: str
    facts: tuple[str, ...]
    provider: str
    first: date
    last: date | None
    place: Place
    path: Path_

    def in_force(self, when: date) -> bool:
        return self.first <= when and (self.last is None or when <= self.last)


class Plan(NamedTuple):
    """An action plan that was asked for."""

    unit: str
    requirement: str
    due: date | None
    received: date | None
    place: Place
    path: Path_


class PortfolioFile(NamedTuple):
    folder: Path
    contract: str
    period: Period | None
    provenance: Text | None
    notes: tuple[Text, ...]
    units: str
    observations: tuple[str, ...]
    previous: str | None
    waivers: tuple[Waiver, ...]
    unreadable_waivers: frozenset[tuple[str, str]]
    """(unit, requirement) of the waivers that can't be read: their findings can't be known."""
    agreements: tuple[Agreement, ...]
    plans: tuple[Plan, ...]
    document: Document
    stated: tuple[Stated, ...] = ()

    @property
    def all_notes(self) -> tuple[Text, ...]:
        """What was assumed: the notes, and those on stated figures that don't agree."""
        return (*self.notes, *(figure.note for figure in self.stated if figure.note))


class _WaiverShape(Shape):
    unit: Word
    requirement: Id
    parameters: dict[str, Any] = Field(default={})
    exempt: Flag = False
    from_: Day = Field(alias="from")
    to: Day | None = None
    decision: Word
    decided_by: Word | None = None
    reason: Texts | None = None
    condition: Texts | None = None


class _AgreementShape(Shape):
    unit: Word
    facts: list[Name]
    provider: Word
    from_: Day = Field(alias="from")
    to: Day | None = None


class _PlanShape(Shape):
    unit: Word
    requirement: Id
    due: Day | None = None
    received: Day | None = None


def _file(data: Any) -> str:
    if not isinstance(data, str) or not data.strip() or not data.isprintable():
        raise ValueError("Expected the name of a file or folder, such as units.csv.")
    return data


def _patterns(data: Any) -> list[str]:
    items = data if isinstance(data, list) else [data]
    if not all(isinstance(item, str) and item for item in items):
        raise ValueError("Expected file names or patterns: [facts/*.csv, units/*.yaml].")
    return items


class _PortfolioShape(Shape):
    contract: Id
    period: Span | None = None
    provenance: Texts | None = None
    notes: list[Texts] = Field(default=[])
    units: Annotated[str, typed(_file)]
    observations: Annotated[list[str], typed(_patterns)]
    previous: Annotated[str, typed(_file)] | None = None
    waivers: list[Any] = Field(default=[])
    agreements: list[Any] = Field(default=[])
    plans: list[Any] = Field(default=[])
    stated: list[Any] = Field(default=[])


def read_portfolio_file(folder: Path, name: str, problems: Problems) -> PortfolioFile | None:
    """`portfolio.yaml` in `folder`; names of units and requirements are looked up later."""
    document = read_yaml(folder / "portfolio.yaml", name, problems)
    if document is None:
        return None
    if document.data is None:
        problems.add(document.place(), "The file is empty. A portfolio has contract, units and observations.")
        return None
    raw = check(_PortfolioShape, document.data, document, (), problems)
    if raw is None:
        return None
    return PortfolioFile(
        folder=folder,
        contract=raw.contract,
        period=raw.period,
        provenance=raw.provenance,
        notes=tuple(raw.notes),
        units=raw.units,
        observations=tuple(raw.observations),
        previous=raw.previous,
        waivers=(waivers := _waivers(raw.waivers, document, problems)),
        unreadable_waivers=_unreadable(raw.waivers, waivers),
        agreements=_agreements(raw.agreements, document, problems),
        plans=_plans(raw.plans, document, problems),
        document=document,
        stated=tuple(
            figure
            for index, item in enumerate(raw.stated)
            if (figure := read_stated(item, document, ("stated", index), problems))
        ),
    )


def _ordered(first: date | None, last: date | None, place: Place, problems: Problems) -> bool:
    if first and last and last < first:
        problems.add(place, f"'to' ({last}) is before 'from' ({first}). Correct one of them.")
        return False
    return True


def _waivers(items: list[Any], document: Document, problems: Problems) -> tuple[Waiver, ...]:
    waivers: list[Waiver] = []
    for index, item in enumerate(items):
        path = ("waivers", index)
        raw = check(_WaiverShape, item, document, path, problems)
        if raw is None or not _ordered(raw.from_, raw.to, document.place(*path, "to"), problems):
            continue
        if raw.exempt == bool(raw.parameters):
            problems.add(
                document.place(*path),
                "A waiver either changes parameters or exempts. Write 'parameters: {…}' or 'exempt: true'.",
            )
            continue
        before = len(problems)
        parameters = read_parameters(raw.parameters, document, (*path, "parameters"), problems)
        if len(problems) > before:
            continue
        waivers.append(
            Waiver(
                raw.unit,
                raw.requirement,
                raw.exempt,
                parameters,
                raw.from_,
                raw.to,
                raw.decision,
                document.place(*path),
                path,
                raw.decided_by,
                raw.reason,
                raw.condition,
            )
        )
    return tuple(waivers)


def _unreadable(items: list[Any], read: tuple[Waiver, ...]) -> frozenset[tuple[str, str]]:
    good = {waiver.path for waiver in read}
    return frozenset(
        (str(item.get("unit")), str(item.get("requirement")))
        for index, item in enumerate(items)
        if isinstance(item, dict) and ("waivers", index) not in good
    )


def _agreements(items: list[Any], document: Document, problems: Problems) -> tuple[Agreement, ...]:
    agreements: list[Agreement] = []
    for index, item in enumerate(items):
        path = ("agreements", index)
        raw = check(_AgreementShape, item, document, path, problems)
        if raw and _ordered(raw.from_, raw.to, document.place(*path, "to"), problems):
            agreements.append(
                Agreement(
                    raw.unit,
                    tuple(raw.facts),
                    raw.provider,
                    raw.from_,
                    raw.to,
                    document.place(*path),
                    path,
                )
            )
    return tuple(agreements)


def _plans(items: list[Any], document: Document, problems: Problems) -> tuple[Plan, ...]:
    plans: list[Plan] = []
    for index, item in enumerate(items):
        path = ("plans", index)
        raw = check(_PlanShape, item, document, path, problems)
        if raw:
            plans.append(Plan(raw.unit, raw.requirement, raw.due, raw.received, document.place(*path), path))
    return tuple(plans)
