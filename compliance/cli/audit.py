"""`compliance audit`: all units."""

from __future__ import annotations

import sys
from datetime import date

import click

from compliance.cli import shared


@click.command(short_help="All units: the matrix, the totals, whom to talk with first.")
@shared.portfolio_argument
@click.option(
    "--by",
    type=click.Choice(["operator", "municipality"]),
    help="Add the same totals for each group of units.",
)
@click.option("--summary", is_flag=True, help="The sentences for the board, instead of the tables.")
@shared.format_option("table", "json", "csv")
@shared.output_option
@shared.fail_on_option
@shared.as_of_option
@shared.common_options
def audit(
    portfolio: str,
    by: str | None,
    summary: bool,
    format_: str,
    output: str | None,
    fail_on: str,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Grade every requirement for every unit of PORTFOLIO, a folder or a shipped name.

    Shows the units to talk with first, the matrix of units and requirements, and the totals per
    requirement; with --summary the sentences that a region's office writes to its board.
    """
    import compliance
    from compliance.report.terminal import working

    chosen = shared.language(lang)
    if summary and (by or format_ == "csv"):
        shared.wrong("--summary is written as text or JSON, of all units. Leave out --by and --format csv.")
    try:
        with working("Granskar …" if chosen == "sv" else "Auditing …"):
            result = compliance.audit(portfolio, library=library, as_of=as_of)
    except compliance.InputError as error:
        shared.stop(error)
    groups = result.groups(by) if by else ()
    if summary:
        from compliance.report.summary import show_summary, summary_json

        if format_ == "json":
            shared.write(summary_json(result), output)
        else:
            shared.show(lambda screen: show_summary(screen, result), chosen, output)
    elif format_ == "json":
        from compliance.report.json import audit_json

        shared.write(audit_json(result, groups), output)
    elif format_ == "csv":
        from compliance.report.csv import audit_csv

        shared.write(audit_csv(result, chosen), output)
    else:
        from compliance.report.audit import show_audit, show_groups
        from compliance.report.terminal import Screen

        def draw(screen: Screen) -> None:
            show_audit(screen, result)
            show_groups(screen, result, groups)

        shared.show(draw, chosen, output)
    shared.report(result.errors)
    sys.exit(shared.status(result.findings, result.errors, fail_on))
