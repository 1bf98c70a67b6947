"""Texts that a reader misses: titles, questions, units, and one of the two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from compliance.language.facts import Fact
from compliance.language.reader import Document, Path_
from compliance.lint.desk import Desk
from compliance.lint.problem import About, LintProblem, about
from compliance.problems import shown

__all__ = ["CHECKS"]

TEXTS = frozenset(
    {
        "title",
        "unit",
        "origin",
        "figure",
        "asks",
        "question",
        "text",
        "label",
        "why",
        "note",
        "reason",
        "condition",
    }
)
"""The keys that hold a text. A document's own title stands as it is printed."""
COUNTED = ("number", "count")


def missing_title(desk: Desk) -> Iterator[LintProblem]:
    for rule in desk.books.rules.values():
        for measure in rule.measures if rule and len(rule.measures) > 1 else ():
            if rule and measure.title is None and len(measure.facts) > 1:
                yield LintProblem(
                    "missing-title",
                    measure.place,
                    f"The rule {rule.name!r}: its measure {measure.name!r} is made of several facts and has no title, so "
                    "that tables call it by its name. Add a 'title'.",
                    about(rule=rule.name),
                )
    for contract, requirement in desk.requirements():
        rule = desk.books.rules.get(requirement.rule)
        if rule and rule.takes and requirement.title is None:
            yield LintProblem(
                "missing-title",
                requirement.place("rule"),
                f"The requirement {requirement.id!r} has no title, and its rule's, {shown(rule.title.en)}, holds for any "
                "question. Add a 'title'.",
                about(rule=rule.name, contract=contract.id, requirement=requirement.id),
            )
    for name, follow in desk.books.followup.items():
        if follow and follow.title.en == name.replace("_", " ") and (follow.text or follow.action):
            yield LintProblem(
                "missing-title",
                follow.place,
                f"The follow-up rule {name!r} has no title, so that reports call it by its name. Add a 'title'.",
                about(followup=name),
            )


def missing_question(desk: Desk) -> Iterator[LintProblem]:
    for rule in desk.books.rules.values():
        if rule and rule.question is None:
            yield LintProblem(
                "missing-question",
                rule.place,
                f"The rule {rule.name!r} has no question, so that the dialogue has nothing to ask. Add a 'question'.",
                about(rule=rule.name),
            )


def missing_unit(desk: Desk) -> Iterator[LintProblem]:
    sources = desk.books.sources("facts")
    for name, fact in desk.books.facts.items():
        if fact and fact.type in COUNTED and fact.unit is None and not _is_index(fact):
            yield LintProblem(
                "missing-unit",
                sources[name].key_place("facts", name),
                f"The fact {name!r} is a number of something, and no unit says of what. Add a 'unit'.",
                about(fact=name),
            )


def _is_index(fact: Fact) -> bool:
    """Of an index there is nothing to count."""
    return "index" in f"{fact.name} {fact.title.en} {fact.title.sv}".lower()


def missing_language(desk: Desk) -> Iterator[LintProblem]:
    seen: set[tuple[str, Path_]] = set()
    for document, path, whom in _places(desk):
        for at, missing in _one_sided(document, path):
            if (document.name, at) not in seen:
                seen.add((document.name, at))
                what = "is one text for both languages" if missing is None else f"has no {missing} text"
                yield LintProblem(
                    "missing-language",
                    document.place(*at),
                    f"{shown(str(at[-1]))} {what}. Write {{sv: …, en: …}}.",
                    whom,
                )


def _places(desk: Desk) -> Iterator[tuple[Document, Path_, About]]:
    """Everything that holds texts, and what they belong to."""
    for section, kind in (
        ("facts", "fact"),
        ("rules", "rule"),
        ("checks", "relation"),
        ("followup", "followup"),
    ):
        for name, document in desk.books.sources(section).items():
            yield document, (section, name), about(**{kind: name})
    for contract in desk.contracts:
        if (own := desk.document(contract)) is not None:
            yield own, (), about(contract=contract.id)


def _one_sided(document: Document, path: Path_) -> Iterator[tuple[Path_, str | None]]:
    """The texts below a path that are in one language only."""
    data: Any = document.data
    for step in path:
        data = data[step]
    stack: list[tuple[Any, Path_]] = [(data, path)]
    while stack:
        here, at = stack.pop()
        if isinstance(here, list):
            stack.extend((item, (*at, index)) for index, item in enumerate(here))
        elif isinstance(here, dict):
            for key, value in here.items():
                if key in ("examples", "source", "parameters", "with") or (
                    key == "title" and at[:1] == ("documents",)
                ):
                    continue
                if key == "unit_word" and isinstance(value, dict) and len(value) == 1:
                    yield (*at, key), "English" if "sv" in value else "Swedish"
                elif key in TEXTS and isinstance(value, str):
                    if any(letter.isalpha() for letter in value):
                        yield (*at, key), None
                elif key in TEXTS and isinstance(value, dict) and set(value) < {"sv", "en"}:
                    yield (*at, key), "English" if "sv" in value else "Swedish"
                else:
                    stack.append((value, (*at, key)))


CHECKS: dict[str, Callable[[Desk], Iterator[LintProblem]]] = {
    "missing-title": missing_title,
    "missing-question": missing_question,
    "missing-unit": missing_unit,
    "missing-language": missing_language,
}
