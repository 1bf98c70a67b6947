"""`compliance audit`: all units."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from compliance.cli import shared

if TYPE_CHECKING:
    from compliance.data.portfolio import Portfolio


@click.command(short_help="All units: the matrix, the totals, whom to talk with first.")
@shared.portfolio_argument
@click.option(
    "--by",
    type=click.Choice(["operator", "municipality"]),
    help="Add the same totals for each group of units.",
)
@click.option("--summary", is_flag=True, help="The sentences for the board, instead of the tables.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Grade here, or on a Spark cluster, which divides the units among its workers.",
)
@click.option(
    "--master",
    metavar="URL",
    help="The cluster for --engine spark, such as spark://host:7077 (default: $SPARK_MASTER, or what Spark "
    "is configured with).",
)
@shared.parquet_format_option("table", "json", "csv")
@shared.output_option
@shared.fail_on_option
@shared.as_of_option
@shared.common_options
def audit(
    portfolio: str,
    by: str | None,
    summary: bool,
    engine: str,
    master: str | None,
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
    if format_.startswith("parquet:") and (by or summary or output):
        shared.wrong("parquet:FILE holds the findings alone. Leave out --by, --summary and --output.")
    to_parquet = format_.startswith("parquet:")
    if to_parquet and find_spec("pyarrow") is None:
        shared.wrong("Parquet files are written with pyarrow. Install it: pip install 'compliance[frames]'.")
    if master and engine != "spark":
        shared.wrong("--master names a Spark cluster. Add --engine spark, or leave it out.")
    message = "Granskar" if chosen == "sv" else "Auditing"
    if format_ in ("json", "csv") and engine == "duckdb" and not summary:
        _in_parts(format_, portfolio, library, as_of, by, chosen, output, fail_on, message)
    try:
        if to_parquet and engine == "duckdb":
            _in_columns(format_, portfolio, library, as_of, fail_on, message)
        with working(f"{message} …"):
            if engine == "spark":
                from compliance import spark

                result = spark.audit(portfolio, master=master, library=library, as_of=as_of)
            else:
                result = compliance.audit(portfolio, library=library, as_of=as_of)
    except compliance.InputError as error:
        shared.stop(error)
    if to_parquet:
        _write_parquet(format_, [result.findings.to_arrow()], result.portfolio)
    elif summary:
        from compliance.report.summary import show_summary, summary_json

        if format_ == "json":
            shared.write(summary_json(result), output)
        else:
            shared.show(lambda screen: show_summary(screen, result), chosen, output)
    elif format_ == "json":
        from compliance.report.json import audit_json

        shared.write(audit_json(result, by), output)
    elif format_ == "csv":
        from compliance.report.csv import audit_csv

        shared.write(audit_csv(result, chosen), output)
    else:
        from compliance.report.audit import show_audit, show_groups
        from compliance.report.terminal import Screen

        def draw(screen: Screen) -> None:
            show_audit(screen, result)
            show_groups(screen, result, result.groups(by) if by else ())

        shared.show(draw, chosen, output)
    shared.report(result.errors)
    sys.exit(shared.status(result.findings, result.errors, fail_on))


def _in_parts(
    format_: str,
    portfolio: str,
    library: str | None,
    as_of: date | None,
    by: str | None,
    lang: str,
    output: str | None,
    fail_on: str,
    message: str,
) -> NoReturn:
    """Ends the command with JSON or CSV that is written by groups of units, whatever their number."""
    from compliance.assessment import Tally, audit_in_parts, open_portfolio
    from compliance.problems import InputError
    from compliance.report.csv import write_csv
    from compliance.report.json import write_json
    from compliance.report.terminal import progress

    tallies: list[Tally] = []
    gc.disable()  # there are no circles among findings, and looking for some takes a tenth of the time
    with progress(message) as done:
        try:
            read = open_portfolio(portfolio, library, as_of)
        except InputError as error:
            shared.stop(error)

        def write(out: TextIO) -> None:
            audits = audit_in_parts(read, library, done)
            tallies.append(write_json(out, audits, by) if format_ == "json" else write_csv(out, audits, lang))

        shared.write_text(write, output)
    (tally,) = tallies
    shared.report(tally.errors)
    bad = shared.bad_grades(fail_on)
    failing = any(grade in bad and obligation == "must" for grade, obligation in tally.graded)
    sys.exit(shared.BAD_INPUT if tally.errors else int(failing))


def _in_columns(
    format_: str, portfolio: str, library: str | None, as_of: date | None, fail_on: str, message: str
) -> None:
    """Ends the command where all observations lie in Parquet files, and nothing needs single objects."""
    from compliance.columns import audit_columns
    from compliance.problems import InputError
    from compliance.report.terminal import progress

    with progress(message) as done:
        columns = audit_columns(portfolio, library=library, as_of=as_of, done=done)
        if columns is None:
            return
        try:
            _write_parquet(format_, columns.parts(), columns.portfolio)
        except InputError:
            return  # a file is damaged: what can be read of the others is read one by one
    shared.report(columns.errors)
    bad = shared.bad_grades(fail_on)
    failing = any(grade in bad and obligation == "must" for grade, obligation in columns.graded)
    sys.exit(shared.BAD_INPUT if columns.errors else int(failing))


def _write_parquet(format_: str, parts: Iterable[Any], portfolio: Portfolio) -> None:
    from compliance.report.parquet import write_findings

    shared.write_file(format_.removeprefix("parquet:"), lambda draft: write_findings(parts, portfolio, draft))
