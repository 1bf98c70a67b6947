"""What validating a portfolio found, in the terminal and as JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from rich.text import Text as Styled

from compliance.language.checks import Check
from compliance.language.periods import read_month
from compliance.report.terminal import Screen, clean, heading
from compliance.validation import Checked, Recomputed, Validation
from compliance.words import NO_BREAK, decimal_of, month, number

__all__ = ["show_validation", "validation_json"]

MARKS = {"agrees": ("✓", "green"), "explained": ("≠", "yellow"), "disagrees": ("✗", "bold red")}
UNKNOWN = ("?", "magenta")


def show_validation(screen: Screen, result: Validation, unchecked: int = 0) -> None:
    """The stated figures, those that don't agree with both numbers, and the relations.

    `unchecked`: how many quotes couldn't be looked up, for their document isn't at hand.
    """
    portfolio = result.portfolio
    screen.line(Styled(clean(f"{portfolio.contract.title[screen.lang]} · {portfolio.period.label}"), "bold"))
    if portfolio.provenance:
        screen.line(Styled(clean(portfolio.provenance[screen.lang]), "italic"))
    if result.stated:
        heading(screen, screen.say("stated"))
        marks = [(*MARKS[key], screen.say(key)) for key in MARKS] + [(*UNKNOWN, screen.say("no_recomputed"))]
        screen.line(
            Styled("  ").join(Styled.assemble((mark, style), f" {words}") for mark, style, words in marks)
        )
        for one in result.stated:
            _stated(screen, one)
    tried = {*result.held, *(one.check.name for one in result.broken)}
    if tried:
        heading(screen, screen.say("checks"))
        for check in result.checks:
            if check.name in tried:
                _check(screen, check, result)
    screen.line()
    if result.stated:
        screen.line(_sum(screen, result))
    if unchecked:
        screen.line(screen.say("quotes_unchecked").format(n=unchecked))
    total, shaky = result.observations
    screen.line(
        screen.say("relied").format(n=number(total, screen.lang, 0), shaky=number(shaky, screen.lang, 0))
    )


def _verdict(one: Recomputed) -> str:
    if one.agrees is None:
        return "no_recomputed"
    if one.agrees:
        return "agrees"
    return "explained" if one.explained else "disagrees"


def _stated(screen: Screen, one: Recomputed) -> None:
    lang = screen.lang
    figure, verdict = one.figure, _verdict(one)
    mark, style = MARKS.get(verdict, UNKNOWN)
    section = f"{figure.source.section}  " if figure.source else ""
    said = f" {clean(section)}{clean(figure.title[lang])}"
    if verdict == "agrees":
        value = clean(_amount(one, Fraction(figure.value), lang))
        screen.line(Styled.assemble((mark, style), said, (f"  {value}", "dim")), indent=2)
    else:
        values = f"{screen.say('stated_value')} {_amount(one, Fraction(figure.value), lang)}, "
        if one.recomputed is None:
            values += screen.say("no_recomputed")
        else:
            values += f"{screen.say('recomputed')} {_amount(one, one.recomputed, lang)}"
        screen.line(Styled.assemble((mark, style), said), indent=2)
        screen.line(clean(values), indent=6)
    if one.missing and verdict != "agrees":
        screen.line(screen.say("units_missing").format(n=one.missing), indent=6)
    if figure.note is not None:
        screen.line(Styled(clean(figure.note[lang]), "italic"), indent=6)


def _amount(one: Recomputed, value: Fraction, lang: str) -> str:
    """As many decimals as the stated figure has; where the two differ, what it takes to tell them apart."""
    figure = one.figure
    places = figure.decimals
    if one.agrees is False and one.recomputed is not None:
        places = places or 1
        stated = Fraction(figure.value)
        while places < 6 and decimal_of(one.recomputed, places) == decimal_of(stated, places):
            places += 1
    return number(value, lang, places, min(places, figure.decimals)) + _unit(one, value, lang)


def _unit(one: Recomputed, value: Fraction, lang: str) -> str:
    figure = one.figure
    if figure.way in ("share", "change"):
        return f"{NO_BREAK}%"
    if one.ready is not None and one.ready.type == "percent" and figure.statistic != "units":
        one_point = {"sv": "procentenhet", "en": "percentage point"}[lang]
        many = {"sv": "procentenheter", "en": "percentage points"}[lang]
        points = one_point if abs(value) == 1 else many
        return f"{NO_BREAK}{points}" if figure.when == "difference" else f"{NO_BREAK}%"
    return ""


def _check(screen: Screen, check: Check, result: Validation) -> None:
    lang = screen.lang
    broken = [one for one in result.broken if one.check == check]
    mark, style = MARKS["disagrees" if broken else "agrees"]
    times = result.held.get(check.name, 0)
    held = screen.say("check_held").format(n=number(times, lang, 0), all=number(times + len(broken), lang, 0))
    screen.line(
        Styled.assemble((mark, style), f" {clean(check.title[lang])}", (f"  {held}", "dim")), indent=2
    )
    for one in broken:
        screen.line(_broken(screen, one, result), indent=6)


def _broken(screen: Screen, one: Checked, result: Validation) -> str:
    lang = screen.lang
    unit = next(unit for unit in result.portfolio.units if unit.id == one.unit)
    return screen.say("check_broken").format(
        unit=f"{unit.id} {unit.name}",
        period=_period(one.period, lang),
        left=number(one.left, lang, 6),
        relation=screen.say(one.check.comparison),
        right=number(one.right, lang, 6),
    ) + (f" (±{number(one.check.within, lang, 6)})" if one.check.within else "")


def _period(label: str, lang: str) -> str:
    index = read_month(label)
    return label if index is None else month(index, lang)


def _sum(screen: Screen, result: Validation) -> str:
    verdicts = [_verdict(one) for one in result.stated]
    return screen.say("validated").format(
        n=len(verdicts),
        agree=verdicts.count("agrees"),
        explained=verdicts.count("explained"),
        wrong=verdicts.count("disagrees"),
        unknown=verdicts.count("no_recomputed"),
    )


def validation_json(result: Validation) -> str:
    portfolio = result.portfolio
    data: dict[str, Any] = {
        "contract": portfolio.contract.id,
        "period": portfolio.period.label,
        "provenance": portfolio.provenance.as_dict if portfolio.provenance else None,
        "stated": [
            {
                "title": one.figure.title.as_dict,
                "stated": str(one.figure.value),
                "recomputed": _exact(one.recomputed),
                "agrees": one.agrees,
                "units_missing": one.missing,
                "note": one.figure.note.as_dict if one.figure.note else None,
                "source": {
                    "document": one.figure.source.document,
                    "section": one.figure.source.section,
                    "quote": one.figure.source.quote,
                }
                if one.figure.source
                else None,
            }
            for one in result.stated
        ],
        "checks": [
            {
                "check": check.name,
                "title": check.title.as_dict,
                "held": result.held.get(check.name, 0),
                "broken": [
                    {
                        "unit": one.unit,
                        "period": one.period,
                        "left": _exact(one.left),
                        "relation": check.comparison,
                        "right": _exact(one.right),
                    }
                    for one in result.broken
                    if one.check.name == check.name
                ],
            }
            for check in result.checks
        ],
        "observations": result.observations[0],
        "not_relied_on": result.observations[1],
        "errors": [{"where": str(p.place), "message": p.message} for p in result.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(decimal_of(value))
