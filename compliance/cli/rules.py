"""`compliance rules`: the rule library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from compliance.cli import shared

if TYPE_CHECKING:
    from compliance.report.terminal import Screen


@click.group(short_help="The rule library: list, lint, test, schema.")
def rules() -> None:
    """The rules: what they measure, whether they can be trusted, and whether their examples hold."""


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


@rules.command("lint", short_help="What is doubtful in the library, proved.")
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    metavar="CONTRACT",
    help="Look at this contract's requirements only (may be given several times).",
)
@click.option(
    "--portfolio",
    "portfolios",
    multiple=True,
    metavar="PORTFOLIO",
    help="Look at this portfolio's waivers, too (may be given several times).",
)
@shared.format_option("table", "json", "junit")
@shared.output_option
@shared.common_options
def lint(
    contracts: tuple[str, ...],
    portfolios: tuple[str, ...],
    format_: str,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Check rules, facts, contracts, follow-up rules and waivers for what can't be meant.

    That each rung can be reached, that better is never graded worse, that thresholds lie in the facts' ranges:
    exactly, with facts that show it. Exit status 1 when there is a remark, 2 when a file can't be read.
    """
    from compliance.library import find_portfolio
    from compliance.lint.run import lint as checked
    from compliance.report.lint import lint_json, lint_junit, show_lint

    books = shared.library_of(library)
    for id_ in contracts:
        shared.contract_of(books, id_)
    folders = []
    for name in portfolios:
        found = find_portfolio(name)
        if isinstance(found, str):
            shared.wrong(f"{name}: {found}")
        folders.append(found)
    result = checked(books, contracts, tuple(folders))
    if format_ == "table":
        shared.show(lambda screen: show_lint(screen, result), shared.language(lang), output)
    else:
        shared.write((lint_json if format_ == "json" else lint_junit)(result), output)
    shared.report(books.problems)
    sys.exit(shared.BAD_INPUT if len(books.problems) else int(bool(result.problems)))


@rules.command("test", short_help="Run the rules' examples.")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@click.option(
    "--coverage", is_flag=True, help="Tell which rungs, criteria and conclusions no example reaches."
)
@click.option(
    "--mutate", is_flag=True, help="Alter each rule in one place at a time; tell what no example notices."
)
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def test(
    names: tuple[str, ...],
    coverage: bool,
    mutate: bool,
    format_: str,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Run the rules' examples (or those of the RULEs named).

    Exit status 1 when one fails, with --coverage also where no example reaches something, and with --mutate where
    an altered rule passes all its examples.
    """
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
    failed = any(not outcome.passed for outcome in outcomes)
    more: dict[str, Any] = {}
    draws: list[Callable[[Screen], None]] = [lambda screen: show_outcomes(screen, outcomes, bare)]
    if coverage or mutate:
        from compliance.lint.trial import coverage_of, mutation_of
        from compliance.report.lint import coverage_data, mutation_data, show_coverage, show_mutation

        if coverage:
            reaches = coverage_of(books, names)
            more["coverage"] = coverage_data(reaches)
            draws.append(lambda screen: show_coverage(screen, reaches))
            failed = failed or not all(reach.reached for reach in reaches)
        if mutate:
            mutation = mutation_of(books, names)
            more["mutation"] = mutation_data(mutation)
            draws.append(lambda screen: show_mutation(screen, mutation))
            failed = failed or bool(mutation.survivors or mutation.idle)
        problems = list(books.problems)
    if format_ == "json":
        shared.write(outcomes_json(outcomes, bare, more), output)
    else:

        def draw(screen: Screen) -> None:
            for part in draws:
                part(screen)

        shared.show(draw, shared.language(lang), output)
    shared.report(problems)
    sys.exit(shared.BAD_INPUT if problems else int(failed))


@rules.command("schema", short_help="JSON Schemas, for editors.")
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder to write them into (default: rules/schemas).",
)
def schema(output: str | None) -> None:
    """Write JSON Schemas (draft 2020-12) for all YAML files: rules, contracts, portfolios and units.

    With them an editor completes and checks while typing. A file says on its first line where its schema lies:
    `# yaml-language-server: $schema=schemas/rules.json`.
    """
    from pathlib import Path

    from compliance.report.schema import schemas

    folder = Path(output or "rules/schemas")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in schemas().items():
            shared.put_file(folder / name, lambda draft, text=text: draft.write_text(text, "utf-8"))  # type: ignore[misc]
            click.echo(str(folder / name))
    except OSError as error:
        shared.wrong(
            f"{folder}: The schemas can't be written ({error.strerror or error}). Choose another folder."
        )
