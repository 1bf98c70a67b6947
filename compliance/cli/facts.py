"""`compliance facts`: the facts of a portfolio."""

from __future__ import annotations

import sys

import click

from compliance.cli import shared


@click.group(short_help="A portfolio's facts: validate.")
def facts() -> None:
    """The facts of a portfolio: whether they hold together."""


@facts.command(short_help="Figures recomputed, relations tried.")
@shared.portfolio_argument
@shared.documents_option
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def validate(
    portfolio: str,
    documents: str | None,
    format_: str,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Check the figures of PORTFOLIO, a folder or a shipped name, against each other.

    Every figure under `stated:` in portfolio.yaml is recomputed, and every relation under `checks:` in
    the catalogue is tried for each unit and period. With --documents the stated figures' quotes are
    looked up as well. Exit status 1 when something doesn't agree and no note explains it.
    """
    from compliance.language.sources import Documents, Quote
    from compliance.problems import InputError
    from compliance.report.terminal import working
    from compliance.report.validation import show_validation, validation_json
    from compliance.validation import validate as run

    chosen = shared.language(lang)
    folders = shared.documents_of(documents)
    try:
        with working("Kontrollerar …" if chosen == "sv" else "Checking …"):
            result = run(portfolio, library=library)
    except InputError as error:
        shared.stop(error)
    sources = Documents(result.portfolio.contract, folders)
    checked = sources.check(
        Quote(figure.title.en, figure.source)
        for figure in result.portfolio.file.stated
        if figure.source is not None
    )
    if format_ == "json":
        shared.write(validation_json(result), output)
    else:
        unchecked = sum(one.found is None for one in checked) if documents else 0
        shared.show(lambda screen: show_validation(screen, result, unchecked), chosen, output)
    shared.report([*result.errors, *sources.problems])
    sys.exit(shared.BAD_INPUT if result.errors else int(bool(result.disagreements or sources.problems)))
