"""`compliance check`: one unit."""

from __future__ import annotations

import sys
from datetime import date
from typing import NoReturn

import click

from compliance.cli import shared


@click.command(short_help="One unit: each requirement's grade, and why.")
@shared.portfolio_argument
@shared.unit_argument
@shared.format_option("table", "json", "csv")
@shared.output_option
@shared.fail_on_option
@shared.as_of_option
@click.option(
    "--with",
    "settings",
    multiple=True,
    metavar="FACT=VALUE",
    help="Show the unit as it is and with this fact set, side by side (for one month: FACT@2024-05=VALUE).",
)
@shared.common_options
def check(
    portfolio: str,
    unit: str,
    format_: str,
    output: str | None,
    fail_on: str,
    as_of: date | None,
    settings: tuple[str, ...],
    lang: str | None,
    library: str | None,
) -> None:
    """Grade every requirement for UNIT (its id or name) in PORTFOLIO, and say why.

    What isn't met, or can't be told, comes first, with the contract's words and a question for the
    dialogue. With --with, old and new stand side by side, and the exit status is that of the new.
    """
    import compliance
    from compliance.assessment import check as check_unit

    chosen = shared.language(lang)
    if settings:
        _check_with(portfolio, unit, settings, format_, output, fail_on, as_of, chosen, library)
    try:
        result, _ = check_unit(portfolio, unit, library=library, as_of=as_of)
    except compliance.InputError as error:
        shared.stop(error)
    (found,) = result.units
    if format_ == "json":
        from compliance.report.json import audit_json

        shared.write(audit_json(result), output)
    elif format_ == "csv":
        from compliance.report.csv import audit_csv

        shared.write(audit_csv(result, chosen), output)
    else:
        from compliance.report.check import show_check

        shared.show(lambda screen: show_check(screen, result, found), chosen, output)
    shared.report(result.errors)
    sys.exit(shared.status(result.findings, result.errors, fail_on))


def _check_with(
    portfolio: str,
    unit: str,
    settings: tuple[str, ...],
    format_: str,
    output: str | None,
    fail_on: str,
    as_of: date | None,
    lang: str,
    library: str | None,
) -> NoReturn:
    import compliance
    from compliance.report.what_if import show_what_if, what_if_json
    from compliance.what_if import what_if

    if format_ == "csv":
        shared.wrong("--with is written as a table or as JSON. Leave out --format csv.")
    try:
        found = what_if(portfolio, unit, settings, library=library, as_of=as_of)
    except compliance.InputError as error:
        shared.stop(error)
    if format_ == "json":
        shared.write(what_if_json(found), output)
    else:
        shared.show(lambda screen: show_what_if(screen, found), lang, output)
    shared.report(found.before.errors)
    sys.exit(shared.status(found.after.findings, found.before.errors, fail_on))
