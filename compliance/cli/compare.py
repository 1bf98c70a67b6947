"""`compliance compare`: two portfolios."""

from __future__ import annotations

import sys

import click

from compliance.cli import shared


@click.command(short_help="What changed between two portfolios, and why.")
@click.argument("old", type=shared.Portfolio(), metavar="OLD")
@click.argument("new", type=shared.Portfolio(), metavar="NEW")
@shared.format_option("table", "json", "csv")
@shared.output_option
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "partial", "unknown", "never"]),
    default="fail",
    show_default=True,
    help="Exit with status 1 when a `must` requirement has come to be graded so, or worse, and wasn't before.",
)
@shared.common_options
def compare(
    old: str,
    new: str,
    format_: str,
    output: str | None,
    fail_on: str,
    lang: str | None,
    library: str | None,
) -> None:
    """Compare the portfolio NEW with the earlier OLD: folders, or shipped names.

    Shows per unit and requirement which grades changed, and keeps apart what changed because the unit did,
    because the requirement did and because a waiver did, and what can't be compared. The causes are told apart
    by grading again, with one thing exchanged at a time.
    """
    import compliance
    from compliance.comparison import compare as compare_audits
    from compliance.report.compare import comparison_csv, comparison_json, show_comparison
    from compliance.report.terminal import working

    chosen = shared.language(lang)
    try:
        with working("Jämför …" if chosen == "sv" else "Comparing …"):
            earlier = compliance.audit(old, library=library)
            result = compare_audits(earlier, compliance.audit(new, library=library))
    except compliance.InputError as error:
        shared.stop(error)
    shared.put(
        format_,
        output,
        chosen,
        lambda screen: show_comparison(screen, result),
        json=lambda: comparison_json(result),
        csv=lambda: comparison_csv(result, chosen),
    )
    shared.report(result.errors)
    if result.errors:
        sys.exit(shared.BAD_INPUT)
    bad = shared.bad_grades(fail_on)
    sys.exit(
        int(
            any(
                one.after.obligation == "must" and one.after.grade in bad and one.before.grade not in bad
                for one in result.findings
                if one.before is not None and one.after is not None
            )
        )
    )
