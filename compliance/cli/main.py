"""The command line: one module a command, loaded when it is used."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from compliance import __version__

__all__ = ["cli", "run"]

COMMANDS = {
    "check": ("compliance.cli.check", "check", "One unit: each requirement's grade, and why."),
    "audit": ("compliance.cli.audit", "audit", "All units: the matrix, the totals, whom to talk with first."),
    "explain": ("compliance.cli.explain", "explain", "The whole proof of one finding."),
    "brief": ("compliance.cli.brief", "brief", "The paper for the follow-up dialogue, for Word or print."),
    "impact": ("compliance.cli.impact", "impact", "Who would change grade if requirements changed."),
    "compare": ("compliance.cli.compare", "compare", "What changed between two portfolios, and why."),
    "waivers": (
        "compliance.cli.waivers",
        "waivers",
        "The waiver register: in force, about to expire, expired …",
    ),
    "contract": (
        "compliance.cli.contract",
        "contract",
        "The contracts: list, show, diff, sources, coverage.",
    ),
    "facts": ("compliance.cli.facts", "facts", "A portfolio's facts: validate."),
    "rules": ("compliance.cli.rules", "rules", "The rule library: list, lint, test, schema."),
}


class LazyGroup(click.Group):
    """Lists its commands without loading them, so that `--help` is there at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from compliance.problems import did_you_mean

            ctx.fail(
                f"There is no command {args[0]!r}. There are: {', '.join(COMMANDS)}."
                f"{did_you_mean(args[0], COMMANDS)}"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="compliance")
def cli() -> None:
    """Follow up care-choice contracts: which units meet which requirements, and why.

    Begin with `compliance audit jamtland-2024`, then `compliance check jamtland-2024 U14`.
    """


def run() -> None:
    """The `compliance` command."""
    for stream in (sys.stdout, sys.stderr):
        # A console that can't show ● shows a question mark, rather than nothing at all.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    # Nearly everything that a command makes lives until its end: collecting garbage often is in vain.
    gc.set_threshold(200_000, 50, 50)
    # Looking for pydantic plug-ins among everything installed takes longer than a check.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        cli(prog_name="compliance")
    except Exception as error:
        if not _interrupted(error):
            raise
        click.echo("Aborted!", err=True)
        sys.exit(1)


def _interrupted(error: Exception) -> bool:
    """Ctrl-C in the middle of a query: DuckDB tells it as an error of its own."""
    return str(error) == "Query interrupted" or type(error).__name__ == "InterruptException"
