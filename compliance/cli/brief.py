"""`compliance brief`: the paper for the follow-up dialogue."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli import shared

if TYPE_CHECKING:
    from compliance.brief import Brief, Briefs
    from compliance.problems import Problem

Render = Callable[["Brief"], bytes]


@click.command(short_help="The paper for the follow-up dialogue with a unit, or with each.")
@shared.portfolio_argument
@click.argument("unit", type=shared.Unit(), metavar="[UNIT]", required=False)
@click.option("--all", "every", is_flag=True, help="One file for each unit, in the folder that -o names.")
@shared.format_option("html", "docx")
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE|DIR", help="Write to a file; with --all, to a folder."
)
@shared.as_of_option
@shared.common_options
def brief(
    portfolio: str,
    unit: str | None,
    every: bool,
    format_: str,
    output: str | None,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Write the brief for the follow-up dialogue with UNIT (its id or name) in PORTFOLIO.

    Who the unit is, its grades, what has changed, each deviation with its explanation and source, what is to
    be asked for, waivers, agreements and plans, the proposed follow-up, questions, and room for what is agreed.
    The HTML is one file that prints on A4; the DOCX can be edited in Word.
    """
    chosen = shared.language(lang)
    if every and unit is not None:
        shared.wrong("Name a unit, or write --all for all of them; not both.")
    if not every and unit is None:
        shared.wrong("Whose brief? Name a unit, or write --all -o DIR for all of them.")
    if every and output is None:
        shared.wrong("--all writes a file for each unit. Name the folder for them: -o DIR.")
    if output is None and format_ == "docx":
        shared.wrong("A Word document isn't text to be shown. Name the file: -o brief.docx.")
    render = _renderer(format_)
    errors = (
        _all(portfolio, library, as_of, chosen, format_, render, Path(output or ""))
        if every
        else _one(portfolio, unit or "", library, as_of, chosen, render, output)
    )
    shared.report(errors)
    sys.exit(shared.BAD_INPUT if errors else 0)


def _renderer(format_: str) -> Render:
    if format_ == "docx":
        if find_spec("docx") is None:
            shared.wrong(
                "Word documents are written with python-docx. Install it: pip install 'compliance[docx]'."
            )
        from compliance.report.brief_docx import brief_docx

        return brief_docx
    from compliance.report.brief_html import brief_html

    return lambda brief: brief_html(brief).encode("utf-8")


def _one(
    portfolio: str,
    unit: str,
    library: str | None,
    as_of: date | None,
    lang: str,
    render: Render,
    output: str | None,
) -> tuple[Problem, ...]:
    from compliance.assessment import check
    from compliance.brief import make_brief
    from compliance.problems import InputError

    try:
        result, _ = check(portfolio, unit, library=library, as_of=as_of)
    except InputError as error:
        shared.stop(error)
    (found,) = result.units
    made = render(make_brief(result, found.unit, lang))
    if output is None:
        shared.write(made.decode("utf-8"), None)
    else:
        shared.write_file(output, lambda draft: draft.write_bytes(made))
    return result.errors


def _all(
    portfolio: str,
    library: str | None,
    as_of: date | None,
    lang: str,
    format_: str,
    render: Render,
    folder: Path,
) -> tuple[Problem, ...]:
    """A file for each unit. What is wrong with one is told, and the others are written all the same."""
    from compliance.assessment import audit_in_parts, open_portfolio
    from compliance.brief import Briefs, file_names
    from compliance.problems import InputError, Place, Problem
    from compliance.report.terminal import progress

    problems: dict[Problem, None] = {}
    written = tried = 0
    with progress("Skriver underlag" if lang == "sv" else "Writing briefs") as done:
        try:
            read = open_portfolio(portfolio, library, as_of)
        except InputError as error:
            shared.stop(error)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            shared.wrong(
                f"{folder}: The folder can't be made ({error.strerror or error}). Choose another place."
            )
        names = file_names(unit.id for unit in read.units)
        for audit in audit_in_parts(read, library):
            problems.update(dict.fromkeys(audit.errors))
            briefs = Briefs(audit, lang)
            for unit in audit.units:
                file = folder / f"{names[unit.unit]}.{format_}"
                try:
                    shared.put_file(file, partial(_write, briefs, unit.unit, render))
                    written += 1
                except Exception as error:
                    why = error.strerror if isinstance(error, OSError) and error.strerror else repr(error)
                    said = f"The brief of {unit.unit} can't be written ({why}). The others are there."
                    problems[Problem(Place(str(file)), said)] = None
                tried += 1
                done(tried, len(read.units))
    told = {"sv": f"{written} underlag i {folder}.", "en": f"{written} briefs in {folder}."}
    click.echo(told[lang])
    return tuple(sorted(problems))


def _write(briefs: Briefs, unit: str, render: Render, draft: Path) -> None:
    draft.write_bytes(render(briefs.unit(unit)))
