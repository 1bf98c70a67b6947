"""`compliance rules`: the rule library."""

from __future__ import annotations

import sys

import click

from compliance.cli import shared


@click.group(short_help="The rule library: list, test.")
def rules() -> None:
    """The rules: what they measure, and whether their examples hold."""


@rules.command("list", short_help="All rules.")
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def list_(format_: str, output: str | None, lang: str | None, library: str | None) -> None:
    """All rules, with the facts that they use and the contracts that use them."""
    from compliance.report.rules import rules_json, show_rules

    books = shared.library_of(library)
    found = [rule for rule in books.rules.values() if rule]
    _ = books.checks  # read, so that what is wrong with them is reported
    contracts = [c for id_ in sorted(books.contract_files) if (c := books.contract(id_))]
    if format_ == "json":
        shared.write(rules_json(found, contracts), output)
    else:
        shared.show(lambda screen: show_rules(screen, found, contracts), shared.language(lang), output)
    shared.report(books.problems)
    sys.exit(shared.BAD_INPUT if len(books.problems) else 0)


@rules.command("test", short_help="Run the rules' examples.")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def test(
    names: tuple[str, ...],
    format_: str,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Run the rules' examples (or those of the RULEs named). Exit status 1 when one fails."""
    from compliance.language.examples import run_examples
    from compliance.problems import did_you_mean, shown
    from compliance.report.rules import outcomes_json, show_outcomes

    books = shared.library_of(library)
    for name in names:
        if name not in books.rules and name not in books.followup:
            known = (*books.rules, *books.followup)
            shared.wrong(f"There is no rule {shown(name)}.{did_you_mean(name, known)}")
    _ = books.checks  # read, so that what is wrong with them is reported
    outcomes, problems = run_examples(books, names)
    every = [*books.rules.items(), *books.followup.items()]
    bare = [n for n, rule in every if rule and not rule.examples and n in (names or {n})]
    if format_ == "json":
        shared.write(outcomes_json(outcomes, bare), output)
    else:
        shared.show(lambda screen: show_outcomes(screen, outcomes, bare), shared.language(lang), output)
    shared.report(problems)
    failed = any(not outcome.passed for outcome in outcomes)
    sys.exit(shared.BAD_INPUT if problems else int(failed))
