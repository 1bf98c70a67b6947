"""Contracts in the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rich.text import Text as Styled

from compliance.findings import phrases
from compliance.language.contracts import Contract
from compliance.language.program import MILLION, Clause, Program, Test
from compliance.language.sources import Checked, Covered
from compliance.problems import Problem
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import Screen, clean, heading, plain_table

__all__ = [
    "contract_json",
    "contracts_json",
    "coverage_json",
    "show_contract",
    "show_contracts",
    "show_coverage",
    "show_sources",
]

MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("?", "magenta")}


def show_contracts(screen: Screen, contracts: Sequence[Contract]) -> None:
    table = plain_table(
        screen.say("contract"), screen.say("period"), "", screen.say("title"), numbers_from=99
    )
    for contract in contracts:
        extends = f" ({screen.say('extends')} {contract.extends})" if contract.extends else ""
        table.add_row(
            Styled(clean(contract.id), "bold"),
            Styled(contract.period.label),
            Styled(f"{len(contract.requirements)} {screen.say('requirements')}"),
            Styled(clean(contract.title[screen.lang] + extends)),
        )
    screen.table(table)


def contracts_json(contracts: Sequence[Contract]) -> str:
    data = [
        {
            "contract": contract.id,
            "title": contract.title.as_dict,
            "region": contract.region,
            "period": contract.period.label,
            "extends": contract.extends,
            "requirements": len(contract.requirements),
        }
        for contract in contracts
    ]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def show_contract(screen: Screen, program: Program) -> None:
    contract, lang = program.contract, screen.lang
    region = f" · {contract.region}" if contract.region else ""
    screen.line(Styled(clean(f"{contract.title[lang]}{region} · {contract.period.label}"), "bold"))
    for document in contract.documents.values():
        file = f" ({document.file})" if document.file else ""
        screen.line(Styled(clean(f"{screen.say('source')}: {document.title[lang]}{file}"), "dim"))
    screen.line()
    for clause in program.clauses:
        _clause(screen, clause)
    if contract.out_of_scope:
        heading(screen, screen.say("out_of_scope"))
        for item in contract.out_of_scope:
            screen.line(f"{item.section}  {item.why[lang]}", indent=2)


def _clause(screen: Screen, clause: Clause) -> None:
    lang = screen.lang
    requirement = clause.requirement
    screen.line(
        Styled.assemble(
            (clean(clause.id), "bold"),
            "  ",
            clean(clause.title[lang]),
            (f"  {OBLIGATIONS[requirement.obligation][lang]}", "dim"),
        )
    )
    for name, words in (("pass", screen.say("pass")), ("partial", screen.say("partial"))):
        text = rung_text(clause, name, lang)
        if text:
            screen.line(f"{words}: {text}", indent=4)
    if not any(rung_text(clause, name, lang) for name in ("pass", "partial")):
        screen.line(Styled(screen.say("no_level"), "dim"), indent=4)
    for source in requirement.sources:
        screen.line(Styled(clean(f"{source.section}: ”{source.quote}”"), "dim italic"), indent=4)


def rung_text(clause: Clause, name: str, lang: str) -> str:
    """A rung in words as the contract has it; empty where a null parameter leaves it out."""
    branches: dict[int, list[str]] = {}
    for test in clause.tests:
        if test.rung != name:
            continue
        text = _test_text(clause, test, lang)
        if text is None:
            return ""
        branches.setdefault(test.branch, []).append(text)
    both, either = (" och ", ", eller ") if lang == "sv" else (" and ", ", or ")
    return either.join(both.join(parts) for parts in branches.values())


def _test_text(clause: Clause, test: Test, lang: str) -> str | None:
    ready = clause.measures[test.measure]
    if test.comparison == "known":
        return phrases.known(bool(test.threshold.value), lang)
    value = test.threshold.value
    if test.threshold.parameter is not None:
        value = clause.parameters.get(test.threshold.parameter)
    if value is None:
        return None
    text = phrases.comparison(ready, test.comparison, Fraction(value, MILLION), lang)
    if test.threshold.parameter in clause.requirement.assumed:
        text += phrases.ASSUMED[lang]
    if test.measure:
        text = f"{phrases.label(clause, ready, lang)}: {text}"
    return text


def contract_json(program: Program) -> str:
    contract = program.contract
    data: dict[str, Any] = {
        "contract": contract.id,
        "title": contract.title.as_dict,
        "region": contract.region,
        "period": contract.period.label,
        "extends": contract.extends,
        "requirements": [
            {
                "requirement": clause.id,
                "title": clause.title.as_dict,
                "rule": clause.rule.name,
                "obligation": clause.requirement.obligation,
                "parameters": {
                    **clause.rule.parameters,
                    **clause.requirement.parameters,
                },
                "assumed": list(clause.requirement.assumed),
                "pass": {lang: rung_text(clause, "pass", lang) for lang in ("sv", "en")},
                "partial": {lang: rung_text(clause, "partial", lang) for lang in ("sv", "en")},
                "sources": [
                    {"document": s.document, "section": s.section, "quote": s.quote}
                    for s in clause.requirement.sources
                ],
            }
            for clause in program.clauses
        ],
        "out_of_scope": [
            {"document": item.document, "section": item.section, "why": item.why.as_dict}
            for item in contract.out_of_scope
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def show_sources(screen: Screen, contract: Contract, checked: Sequence[Checked]) -> None:
    for source in checked:
        mark, style = MARKS[source.found]
        screen.line(
            Styled.assemble(
                (mark, style),
                (f" {clean(source.requirement)}", "bold"),
                clean(f"  {source.document} {source.section}: ”{source.quote}”"),
            )
        )
    found = sum(source.found is True for source in checked)
    lost = sum(source.found is False for source in checked)
    screen.line()
    screen.line(
        screen.say("sources_found").format(found=found, lost=lost, unchecked=len(checked) - found - lost)
    )


def show_coverage(screen: Screen, contract: Contract, covered: Sequence[Covered]) -> None:
    """Each document's sections in its order: what covers them, or why nothing does."""
    lang = screen.lang
    screen.line(Styled(clean(f"{contract.title[lang]} · {contract.period.label}"), "bold"))
    for key, document in contract.documents.items():
        heading(screen, document.title[lang])
        for one in covered:
            if one.document == key:
                _section(screen, one)
    whole = [one for one in covered if not one.section.part]
    screen.line()
    screen.line(
        screen.say("coverage_done").format(
            sections=len(whole),
            covered=sum(bool(one.requirements) for one in whole),
            outside=sum(not one.requirements and one.why is not None for one in whole),
            missing=sum(not one.accounted_for for one in whole),
        )
    )
    if any(one.found is None for one in covered):
        screen.line(Styled(screen.say("coverage_unchecked"), "dim"))


def _section(screen: Screen, one: Covered) -> None:
    lang = screen.lang
    label = clean(one.section.label[lang])
    number = clean(one.section.section)
    name = label if number.casefold() == label.casefold() else f"{number}  {label}"
    if one.found is False:
        name = f"{name}  ({screen.say('section_lost')})"
    if one.section.part:
        screen.line()
        screen.line(Styled(name, "bold"), indent=2)
        return
    mark, style = MARKS[one.accounted_for and one.found is not False]
    if one.requirements:
        by = Styled(clean(", ".join(one.requirements)))
    elif one.why is not None:
        mark, style = ("–", "dim") if one.found is not False else (mark, style)
        by = Styled(clean(f"{screen.say('outside')}: {one.why[lang]}"), "dim")
    else:
        by = Styled(screen.say("uncovered"), "bold red")
    screen.line(Styled.assemble((mark, style), f" {name}"), indent=4)
    # Most often a requirement has its section's number, and nothing more is to be said.
    if one.requirements != (one.section.section,):
        screen.line(by, indent=8)


def coverage_json(contract: Contract, covered: Sequence[Covered], problems: Sequence[Problem]) -> str:
    data = {
        "contract": contract.id,
        "sections": [
            {
                "document": one.document,
                "section": one.section.section,
                "label": one.section.label.as_dict,
                "part": one.part.section if one.part and not one.section.part else None,
                "is_part": one.section.part,
                "requirements": list(one.requirements),
                "out_of_scope": one.why.as_dict if one.why else None,
                "found": one.found,
            }
            for one in covered
        ],
        "errors": [{"where": str(p.place), "message": p.message} for p in problems],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
