"""`compliance check`: one unit."""

from __future__ import annotations

import sys
from datetime import date

import click

from compliance.cli import shared


@click.command(short_help="One unit: each requirement's grade, and why.")
@shared.portfolio_argument
@shared.unit_argument
@shared.format_option("table", "json", "csv")
@shared.output_option
@shared.fail_on_option
@shared.as_of_option
@shared.common_options
def check(
    portfolio: str,
    unit: str,
    format_: str,
    output: str | None,
    fail_on: str,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Grade every requirement for UNIT (its id or name) in PORTFOLIO, and say why.

    What isn't met, or can't be told, comes first, with the contract's words and a question for the
    dialogue.
    """
    import compliance
    from compliance.assessment import check as check_unit

    chosen = shared.language(lang)
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
