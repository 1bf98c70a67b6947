"""`compliance contract`: the contracts in the library."""

from __future__ import annotations

import sys
from pathlib import Path

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


@click.group(short_help="The contracts: list, show, sources.")
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


@contract.command(short_help="Quotes looked up in the documents.")
@contract_argument
@click.option(
    "--documents",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder with the documents that the contract names; else they are looked for beside it.",
)
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

    The documents aren't shipped. Where one isn't at hand, its quotes are listed as not checked.
    Exit status 1 when a quote isn't in its document.
    """
    from compliance.language.sources import check_sources
    from compliance.report.contracts import show_sources

    if documents is not None and not Path(documents).is_dir():
        shared.wrong(f"{documents}: There is no such folder. Name the folder with the documents.")
    books = shared.library_of(library)
    found = shared.contract_of(books, contract_id)
    beside = books.contract_files[contract_id][0].parent
    folders = (Path(documents),) if documents is not None else (beside,)
    checked, problems = check_sources(found, folders)
    shared.show(lambda screen: show_sources(screen, found, checked), shared.language(lang), output)
    shared.report([*books.problems, *problems])
    sys.exit(shared.BAD_INPUT if len(books.problems) else int(bool(problems)))
