"""What the commands share: options, reading the portfolio, output, errors and exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from compliance.findings.records import Finding
    from compliance.language.contracts import Contract
    from compliance.library import Library
    from compliance.problems import InputError, Problem
    from compliance.report.terminal import Screen

__all__ = [
    "BAD_INPUT",
    "as_of_option",
    "bad_grades",
    "common_options",
    "contract_of",
    "documents_of",
    "documents_option",
    "fail_on_option",
    "format_option",
    "language",
    "library_of",
    "output_option",
    "parquet_format_option",
    "portfolio_argument",
    "put",
    "put_file",
    "report",
    "show",
    "status",
    "stop",
    "unit_argument",
    "write",
    "write_file",
    "write_text",
    "wrong",
]

BAD_INPUT = 2
MOST_SHOWN = 200
F = TypeVar("F", bound=Callable[..., Any])


def language(chosen: str | None) -> str:
    """The language asked for, else the locale's (Swedish or English), else English."""
    if chosen:
        return chosen
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "sv" if value.lower().startswith("sv") else "en"
    return "en"


class Portfolio(click.ParamType[str]):
    """A folder or a shipped name."""

    name = "portfolio"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from compliance.library import sample_names

        names = [name for name in sample_names() if name.startswith(incomplete)]
        return [CompletionItem(name) for name in names] or [CompletionItem(incomplete, type="dir")]


class Unit(click.ParamType[str]):
    """A unit's id, or its name."""

    name = "unit"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from compliance.data.units import read_units
        from compliance.library import find_portfolio
        from compliance.problems import Problems

        folder = find_portfolio(ctx.params.get("portfolio", ""))
        if isinstance(folder, str):
            return []
        units = read_units(folder / "units.csv", "units.csv", Problems()) or ()
        return [CompletionItem(u.id, help=u.name) for u in units if u.id.startswith(incomplete)]


portfolio_argument = click.argument("portfolio", type=Portfolio(), metavar="PORTFOLIO")
unit_argument = click.argument("unit", type=Unit(), metavar="UNIT")


class Format(click.ParamType[str]):
    """A word, or parquet:FILE."""

    name = "format"

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self.words)}|parquet:FILE]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(word) for word in (*self.words, "parquet:") if word.startswith(incomplete)]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if text in self.words or (text.startswith("parquet:") and text != "parquet:"):
            return text
        said = (
            "Name the file to write: parquet:findings.parquet."
            if text.startswith("parquet")
            else f"{text!r} is no format. Write {', '.join(self.words)} or parquet:FILE."
        )
        raise click.BadParameter(said, ctx, param)


class Day(click.ParamType[date]):
    """A day, written 2024-12-31."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from compliance.language.shape import read_date

        try:
            return value if isinstance(value, date) else read_date(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


as_of_option = click.option(
    "--as-of",
    type=Day(),
    metavar="DATE",
    help="The day on which waivers count (2024-12-31; default: the period's last day).",
)
output_option = click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file."
)
documents_option = click.option(
    "--documents",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder with the documents that the contract names.",
)
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["fail", "partial", "unknown", "never"]),
    default="fail",
    show_default=True,
    help="Exit with status 1 when a `must` requirement is graded so, or worse: unknown counts "
    "partial and fail too.",
)


def format_option(*formats: str) -> Callable[[F], F]:
    return click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to write the result.",
    )


def parquet_format_option(*formats: str) -> Callable[[F], F]:
    """As `format_option`, and parquet:FILE."""
    return click.option(
        "-f",
        "--format",
        "format_",
        type=Format(formats),
        default=formats[0],
        show_default=True,
        help="How to write the result.",
    )


def common_options(function: F) -> F:
    """`--lang` and `--library`, on every command."""
    function = click.option(
        "--library",
        type=click.Path(),
        envvar="COMPLIANCE_LIBRARY",
        metavar="DIR",
        help="A folder with rules/ and contracts/ instead of the shipped ones.",
    )(function)
    return click.option(
        "--lang", type=click.Choice(["sv", "en"]), help="Swedish or English (default: the locale's)."
    )(function)


def report(problems: Iterable[Problem]) -> None:
    """Writes problems to standard error, a line each."""
    lines = [str(problem) for problem in problems]
    for line in lines[:MOST_SHOWN]:
        click.echo(line.replace("\n", " "), err=True)
    if len(lines) > MOST_SHOWN:
        click.echo(f"… and {len(lines) - MOST_SHOWN} more; --format json lists them all.", err=True)


def stop(error: InputError) -> NoReturn:
    """Ends the command: nothing could be evaluated."""
    report(error.problems)
    sys.exit(BAD_INPUT)


def wrong(message: str) -> NoReturn:
    """Ends the command because of what was typed."""
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


def write(text: str, output: str | None) -> None:
    """Writes to standard output, or to a file that is whole or not there at all."""
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, lambda draft: draft.write_bytes(text.encode("utf-8")))


def write_text(fill: Callable[[TextIO], object], output: str | None) -> None:
    """As `write`, of a text that needn't be in memory as a whole."""
    if output is None:
        fill(sys.stdout)
        return

    def into(draft: Path) -> None:
        with draft.open("w", encoding="utf-8", newline="") as out:
            fill(out)

    write_file(output, into)


def write_file(output: str, fill: Callable[[Path], object]) -> None:
    """Lets `fill` write a draft beside `output`, which takes its place when it is whole."""
    try:
        put_file(Path(output), fill)
    except OSError as error:
        wrong(f"{output}: The file can't be written ({error.strerror or error}). Choose another place.")


def put_file(target: Path, fill: Callable[[Path], object]) -> None:
    """As `write_file`, where the caller tells what went wrong.

    Raises:
        OSError: the file can't be written.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        fill(draft)
        draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def show(draw: Callable[[Screen], None], lang: str, output: str | None) -> None:
    """Draws on the terminal, or as plain text into a file."""
    from compliance.report.terminal import captured, screen

    if output is None:
        draw(screen(lang))
        return
    with captured(lang) as (paper, out):
        draw(paper)
    write(out.getvalue(), output)


def put(
    format_: str,
    output: str | None,
    lang: str,
    draw: Callable[[Screen], None],
    **written: Callable[[], str],
) -> None:
    """Writes a result as one of the formats that there are, or draws it."""
    if format_ in written:
        write(written[format_](), output)
    else:
        show(draw, lang, output)


def status(findings: Iterable[Finding], errors: Iterable[Problem], fail_on: str) -> int:
    """0, or 1 when a `must` is graded as `fail_on` says, or 2 when an input was wrong."""
    if tuple(errors):
        return BAD_INPUT
    bad = bad_grades(fail_on)
    return int(any(f.grade in bad and f.obligation == "must" for f in findings))


def bad_grades(fail_on: str) -> tuple[str, ...]:
    """The grades of a `must` that end a command with status 1."""
    worse = ("fail", "partial", "unknown")
    return () if fail_on == "never" else worse[: worse.index(fail_on) + 1]


def documents_of(folder: str | None, *beside: Path) -> tuple[Path, ...]:
    """Where documents are looked for; ends the command where there is no folder of that name."""
    if folder is None:
        return beside
    if not Path(folder).is_dir():
        wrong(f"{folder}: There is no such folder. Name the folder with the documents.")
    return (Path(folder),)


def library_of(folder: str | None) -> Library:
    """The shipped library, or that of `--library`; ends the command where there is no such folder."""
    from compliance.library import Library
    from compliance.problems import Problems

    if folder is not None and not Path(folder).is_dir():
        wrong(f"{folder}: There is no such library folder. Check the path.")
    return Library.of(Path(folder) if folder is not None else None, None, Problems())


def contract_of(books: Library, id_: str) -> Contract:
    """A contract by its id; ends the command, saying which there are, where there is none."""
    found = books.find_contract(id_)
    if isinstance(found, str):
        wrong(found)
    contract = books.contract(id_)
    if contract is None:
        report(books.problems)
        sys.exit(BAD_INPUT)
    return contract
