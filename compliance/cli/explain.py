"""`compliance explain`: one finding."""

from __future__ import annotations

import sys
from datetime import date

import click

from compliance.cli import shared


@click.command(short_help="The whole proof of one finding.")
@shared.portfolio_argument
@shared.unit_argument
@click.argument("requirement", metavar="REQUIREMENT")
@shared.output_option
@shared.as_of_option
@shared.common_options
def explain(
    portfolio: str,
    unit: str,
    requirement: str,
    output: str | None,
    as_of: date | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Prove one finding: UNIT's grade on REQUIREMENT in PORTFOLIO.

    Shows the observations with their files and lines, each measure's sums, each criterion, the
    parameters, and the source's own words.
    """
    import compliance
    from compliance.assessment import check as check_unit
    from compliance.problems import did_you_mean, shown
    from compliance.report.explain import show_explanation

    try:
        result, evaluation = check_unit(portfolio, unit, library=library, as_of=as_of)
    except compliance.InputError as error:
        shared.stop(error)
    (found,) = result.units
    findings = {finding.requirement: finding for finding in result.findings}
    if requirement not in findings:
        shared.report(result.errors)
        shared.wrong(
            f"There is no finding on {shown(requirement)} for {found.unit}.{did_you_mean(requirement, findings)} "
            f"See `compliance contract show {result.contract}`."
        )
    finding = findings[requirement]
    position = result.portfolio.program.clauses.index(finding.evidence.clause)
    readings = [reading for reading in evaluation.readings if reading.requirement == position]
    shared.show(
        lambda screen: show_explanation(screen, result, finding, readings, evaluation.facts),
        shared.language(lang),
        output,
    )
    shared.report(result.errors)
    sys.exit(shared.BAD_INPUT if result.errors else 0)
