"""`compliance contract`: the contracts in the library."""

from __future__ import annotations

import sys

import click
from click.shell_completion import CompletionItem

from compliance.cli import shared


class ContractName(click.ParamType[str]):
    """A contract's id."""

    name = "contract"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from compliance.library import Library
        from compliance.problems import Problems

        ids = Library.of(None, None, Problems()).contract_files
        return [CompletionItem(id_) for id_ in sorted(ids) if id_.startswith(incomplete)]


contract_argument = click.argument("contract_id", type=ContractName(), metavar="CONTRACT")


@click.group(short_help="The contracts: list, show, diff, sources, coverage.")
def contract() -> None:
    """The contracts in the library: what they require, and where that stands."""


@contract.command("list", short_help="All contracts.")
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def list_(format_: str, output: str | None, lang: str | None, library: str | None) -> None:
    """All contracts, with their periods and how many requirements they have."""
    from compliance.report.contracts import contracts_json, show_contracts

    books = shared.library_of(library)
    found = [contract for id_ in sorted(books.contract_files) if (contract := books.contract(id_))]
    if format_ == "json":
        shared.write(contracts_json(found), output)
    else:
        shared.show(lambda screen: show_contracts(screen, found), shared.language(lang), output)
    shared.report(books.problems)
    sys.exit(shared.BAD_INPUT if len(books.problems) else 0)


@contract.command(short_help="One contract's requirements.")
@contract_argument
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def show(contract_id: str, format_: str, output: str | None, lang: str | None, library: str | None) -> None:
    """One contract's requirements: obligation, levels, assumed thresholds, and sources."""
    from compliance.language.program import compile_contract
    from compliance.report.contracts import contract_json, show_contract

    books = shared.library_of(library)
    found = shared.contract_of(books, contract_id)
    program = compile_contract(found, books, found.period, found.period.last_day, books.problems)
    if format_ == "json":
        shared.write(contract_json(program), output)
    else:
        shared.show(lambda screen: show_contract(screen, program), shared.language(lang), output)
    shared.report(books.problems)
    sys.exit(shared.BAD_INPUT if len(books.problems) else 0)


@contract.command(short_help="What differs between two contracts.")
@click.argument("old", type=ContractName(), metavar="OLD")
@click.argument("new", type=ContractName(), metavar="NEW")
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def diff(old: str, new: str, format_: str, output: str | None, lang: str | None, library: str | None) -> None:
    """Tell what differs between the contract NEW and the earlier OLD: ids, or files.

    Shows which requirements are new, dropped, tightened, eased, changed in another way, reworded, moved and
    renumbered. What is stricter follows from the comparisons: more of what must be at least so much.
    """
    from compliance.amendments import contract_difference
    from compliance.problems import InputError
    from compliance.report.amendments import amendments_json, show_amendments

    shared.library_of(library)  # ends here where there is no such folder
    try:
        result = contract_difference(old, new, library)
    except InputError as error:
        shared.stop(error)
    if format_ == "json":
        shared.write(amendments_json(result), output)
    else:
        shared.show(lambda screen: show_amendments(screen, result), shared.language(lang), output)
    shared.report(result.errors)
    sys.exit(shared.BAD_INPUT if result.errors else 0)


@contract.command(short_help="Quotes looked up in the documents.")
@contract_argument
@shared.documents_option
@shared.output_option
@shared.common_options
def sources(
    contract_id: str,
    documents: str | None,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """Look every quote up in its document, and check the document's digest.

    The documents aren't shipped. They are looked for beside the contract, or in --documents DIR; where
    one isn't at hand, its quotes are listed as not checked.
    Exit status 1 when a quote isn't in its document.
    """
    from compliance.language.sources import check_sources
    from compliance.report.contracts import show_sources

    books = shared.library_of(library)
    found = shared.contract_of(books, contract_id)
    folders = shared.documents_of(documents, books.contract_files[contract_id][0].parent)
    checked, problems = check_sources(found, folders)
    shared.show(lambda screen: show_sources(screen, found, checked), shared.language(lang), output)
    shared.report([*books.problems, *problems])
    sys.exit(shared.BAD_INPUT if len(books.problems) else int(bool(problems)))


@contract.command(short_help="Which requirement covers each section.")
@contract_argument
@shared.documents_option
@shared.format_option("table", "json")
@shared.output_option
@shared.common_options
def coverage(
    contract_id: str,
    documents: str | None,
    format_: str,
    output: str | None,
    lang: str | None,
    library: str | None,
) -> None:
    """List the documents' sections: the requirements that rest on each, or why none does.

    With the documents beside the contract, or in --documents DIR, the sections are looked up in them,
    and a numbered heading that the contract doesn't list is reported. Exit status 1 when something is
    unaccounted for.
    """
    from compliance.language.sources import cover
    from compliance.report.contracts import coverage_json, show_coverage

    books = shared.library_of(library)
    found = shared.contract_of(books, contract_id)
    folders = shared.documents_of(documents, books.contract_files[contract_id][0].parent)
    covered, problems = cover(found, folders)
    if format_ == "json":
        shared.write(coverage_json(found, covered, problems), output)
    else:
        shared.show(lambda screen: show_coverage(screen, found, covered), shared.language(lang), output)
    shared.report([*books.problems, *problems])
    sys.exit(shared.BAD_INPUT if len(books.problems) else int(bool(problems)))
