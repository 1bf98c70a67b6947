"""`compliance impact`: what other requirements would lead to."""

from __future__ import annotations

import sys
from datetime import date
from typing import NoReturn

import click

from compliance.cli import shared


@click.command(short_help="Who would change grade if requirements changed.")
@shared.portfolio_argument
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="R.PARAMETER=VALUE",
    help="A threshold and its new value, as a contract writes it; null leaves out what uses it. May be repeated.",
)
@click.option(
    "--sweep",
    "swept",
    metavar="R.PARAMETER=A..B[/STEP]",
    help="All thresholds from A to B: 2.2.7.minimum=40..60/0.5.",
)
@click.option("--contract", metavar="NEW", help="Another version of the contract: its id, or its file.")
@shared.format_option("table", "json", "csv")
@shared.output_option
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "partial", "unknown", "never"]),
    default="fail",
    show_default=True,
    help="Exit with status 1 when a `must` requirement comes to be graded so, or worse, and isn't now.",
)
@shared.as_of_option
@shared.common_options
def impact(
    portfolio: str,
    settings: tuple[str, ...],
    swept: str | None,
    contract: str | None,
    format_: str,
    output: str | None,
    fail_on: str,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Grade PORTFOLIO, a folder or a shipped name, under changed requirements, beside those that are.

    Shows who changes grade and why, the totals before and after, and what it would take for all to be where they
    were. --sweep draws how many units have each grade at every threshold, and tells at which value exactly each
    unit tips; its exit status is 0, or 2 where an input is wrong.
    """
    import compliance
    from compliance.report.impact import impact_csv, impact_json, show_impact
    from compliance.report.terminal import working

    chosen = shared.language(lang)
    changes = _changes(settings)
    if swept is not None and contract is not None:
        shared.wrong("--sweep and --contract are two questions. Ask one at a time.")
    if swept is None and contract is None and not changes:
        shared.wrong(
            "Say what is to change: --set 2.2.7.minimum=50, --sweep 2.2.7.minimum=40..60 or --contract NEW."
        )
    if swept is not None:
        _sweep(portfolio, swept, changes, format_, output, as_of, chosen, library)
    try:
        with working("Prövar …" if chosen == "sv" else "Trying …"):
            result = compliance.impact(
                portfolio, changes, contract=contract, library=library, as_of=as_of, option="--set"
            )
    except compliance.InputError as error:
        shared.stop(error)
    shared.put(
        format_,
        output,
        chosen,
        lambda screen: show_impact(screen, result),
        json=lambda: impact_json(result),
        csv=lambda: impact_csv(result, chosen),
    )
    shared.report(result.errors)
    if result.errors:
        sys.exit(shared.BAD_INPUT)
    bad = shared.bad_grades(fail_on)
    now = {(one.after.unit, one.after.requirement) for one in result.pairs if one.before.grade in bad}
    come = (f for f in result.after.findings if f.obligation == "must" and f.grade in bad)
    sys.exit(int(any((f.unit, f.requirement) not in now for f in come)))


def _sweep(
    portfolio: str,
    swept: str,
    changes: dict[str, str | None],
    format_: str,
    output: str | None,
    as_of: date | None,
    lang: str,
    library: str | None,
) -> NoReturn:
    import compliance
    from compliance.report.impact import show_sweep, sweep_csv, sweep_json
    from compliance.report.terminal import working

    parameter, equals, span = swept.partition("=")
    first, dots, rest = span.partition("..")
    last, slash, step = rest.partition("/")
    if not (equals and dots and first and last) or last.startswith(".") or (slash and not step):
        shared.wrong(
            f"--sweep {swept}: A sweep is written R.PARAMETER=A..B or R.PARAMETER=A..B/STEP, such as "
            "2.2.7.minimum=40..60/0.5."
        )
    try:
        with working("Prövar …" if lang == "sv" else "Trying …"):
            result = compliance.sweep(
                portfolio,
                parameter.strip(),
                first.strip(),
                last.strip(),
                step.strip() or None,
                scenario=changes,
                library=library,
                as_of=as_of,
                option="--set",
            )
    except compliance.InputError as error:
        shared.stop(error)
    shared.put(
        format_,
        output,
        lang,
        lambda screen: show_sweep(screen, result),
        json=lambda: sweep_json(result),
        csv=lambda: sweep_csv(result, lang),
    )
    shared.report(result.errors)
    sys.exit(shared.BAD_INPUT if result.errors else 0)


def _changes(settings: tuple[str, ...]) -> dict[str, str | None]:
    """`2.2.7.minimum=50` by its parameter."""
    changes: dict[str, str | None] = {}
    for text in settings:
        parameter, equals, value = (part.strip() for part in text.partition("="))
        if not (parameter and equals and value):
            shared.wrong(f"--set {text}: A change is written R.PARAMETER=VALUE, such as 2.2.7.minimum=50.")
        if parameter in changes:
            shared.wrong(f"--set {parameter} stands twice. Keep one of them.")
        changes[parameter] = None if value in ("null", "~") else value
    return changes
