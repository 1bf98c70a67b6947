"""`compliance waivers`: the waiver register."""

from __future__ import annotations

import re
import sys
from datetime import date

import click

from compliance.cli import shared


class Span(click.ParamType[int]):
    """A number of days: 90d, or 12w for weeks."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,5})([dw]?)", str(value), re.ASCII)
        if not match:
            self.fail(f"{str(value)!r} is no span of time. Write days as 90d, or weeks as 12w.", param, ctx)
        return int(match[1]) * (7 if match[2] == "w" else 1)


@click.command(short_help="The waiver register: in force, about to expire, expired …")
@shared.portfolio_argument
@click.option(
    "--within",
    type=Span(),
    default="90d",
    show_default=True,
    metavar="DAYS",
    help="A waiver that ends within this time is about to expire: 90d, or 12w for weeks.",
)
@shared.format_option("table", "json", "csv")
@shared.output_option
@shared.as_of_option
@shared.common_options
def waivers(
    portfolio: str,
    within: int,
    format_: str,
    output: str | None,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """List the waivers of PORTFOLIO, a folder or a shipped name, as they are on the day that counts.

    Those about to expire come first, then those in force, those to come and those that have expired. A waiver
    is marked that has no effect (the unit would have passed anyway), that isn't enough, that is unused
    (nothing matches) or that overlaps another.
    """
    import compliance
    from compliance.register import waiver_register
    from compliance.report.terminal import working
    from compliance.report.waivers import register_csv, register_json, show_register

    chosen = shared.language(lang)
    try:
        with working("Granskar …" if chosen == "sv" else "Auditing …"):
            result = compliance.audit(portfolio, library=library, as_of=as_of)
            entries = waiver_register(result, within)
    except compliance.InputError as error:
        shared.stop(error)
    if format_ == "json":
        shared.write(register_json(result, entries, within), output)
    elif format_ == "csv":
        shared.write(register_csv(result, entries, chosen), output)
    else:
        shared.show(lambda screen: show_register(screen, result, entries, within), chosen, output)
    shared.report(result.errors)
    sys.exit(shared.BAD_INPUT if result.errors else 0)
