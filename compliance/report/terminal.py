"""What all terminal output shares: the console, grades as symbols, headings, safe text."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text as Styled

from compliance.assessment import Audit
from compliance.findings import phrases
from compliance.findings.records import Finding, Grade
from compliance.language.program import Ready
from compliance.report.labels import LABELS
from compliance.words import Text, day, number

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "EASED",
    "Screen",
    "amount",
    "captured",
    "clean",
    "counts",
    "heading",
    "mark",
    "plain_table",
    "progress",
    "show_remedy",
    "symbol",
    "title",
    "working",
]

STYLES = {
    Grade.PASS: "green",
    Grade.PARTIAL: "yellow",
    Grade.FAIL: "bold red",
    Grade.UNKNOWN: "magenta",
    Grade.NOT_APPLICABLE: "dim",
    Grade.INFO: "dim",
}
EASED = {
    Grade.PASS: ("◉", Text("uppfyller med dispens", "pass under a waiver")),
    Grade.PARTIAL: ("◒", Text("uppfyller delvis med dispens", "partial under a waiver")),
    Grade.NOT_APPLICABLE: ("⊖", Text("undantagen genom dispens", "exempt by a waiver")),
}
"""How a grade is told that only a waiver gave, so that nobody takes it for a plain one."""
NARROWEST = 60
SPACES = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_HELD = {0x00A0: 0xE000, 0x202F: 0xE001}
_FREED = {held: space for space, held in _HELD.items()}


class Screen:
    """A console and the language that it speaks."""

    def __init__(self, console: Console, lang: str) -> None:
        self.console, self.lang = console, lang

    def say(self, key: str) -> str:
        return LABELS[key][self.lang]

    def line(self, content: Styled | str = "", indent: int = 0) -> None:
        """A line, wrapped within the width and indented as a whole."""
        styled = Styled(clean(content)) if isinstance(content, str) else content
        if styled.cell_len + indent <= self.console.width and "\n" not in styled.plain:
            styled.rstrip()
            self.console.print(Styled(" " * indent) + styled, highlight=False, soft_wrap=True)
            return
        styled.plain = styled.plain.translate(_HELD)  # rich would break lines at them
        for row in styled.wrap(self.console, max(self.console.width - indent, 20)) or [Styled()]:
            row.plain = row.plain.translate(_FREED)
            row.rstrip()
            self.console.print(Styled(" " * indent) + row, highlight=False, soft_wrap=True)

    def table(self, table: Table) -> None:
        """A table, without the blanks that fill its rows to the right."""
        for row in self.console.render_lines(table, pad=False):
            line = Styled.assemble(*((segment.text, segment.style or "") for segment in row))
            line.rstrip()
            self.console.print(line, highlight=False, soft_wrap=True)


def screen(lang: str) -> Screen:
    """Standard output. A terminal's width is used up to 120 columns; in a pipe 80, or COLUMNS."""
    console = Console(highlight=False, emoji=False, markup=False)
    if console.is_terminal and console.width > 120:
        console.width = 120
    console.width = max(console.width, NARROWEST)
    return Screen(console, lang)


@contextmanager
def captured(lang: str, width: int = 100) -> Iterator[tuple[Screen, io.StringIO]]:
    """A screen that writes plain text to a buffer, for `-o FILE`."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False, color_system=None)
    yield Screen(console, lang), out


@contextmanager
def working(message: str) -> Iterator[None]:
    """A spinner on standard error while something takes time; nothing at all in a pipe."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    with Console(stderr=True).status(message):
        yield


@contextmanager
def progress(message: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error with the remaining time, for what takes long; nothing at all in a pipe.

    What it gives is told how much is done, and of how much.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(message, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def clean(text: str) -> str:
    """Text without characters that could steer a terminal."""
    return "".join(c if c.isprintable() or c in SPACES else "\N{REPLACEMENT CHARACTER}" for c in text)


def symbol(grade: Grade) -> Styled:
    return Styled(grade.symbol, STYLES[grade])


def mark(finding: Finding) -> Styled:
    """The grade's symbol, or another one where a waiver gave the grade."""
    plain = finding.grade.symbol
    return Styled(
        EASED[finding.grade][0] if finding.eased and finding.grade in EASED else plain, STYLES[finding.grade]
    )


def show_remedy(screen: Screen, finding: Finding, indent: int) -> None:
    """What it would take to pass, where it isn't a pass."""
    told = finding.remedy(screen.lang)
    if told:
        label = phrases.remedy_label(finding.evidence, screen.lang)
        screen.line(Styled(clean(f"{label}: {told}"), "green"), indent=indent)


def counts(grades: dict[Grade, int], lang: str, waived: Mapping[Grade, int] | None = None) -> Styled:
    """`23 uppfyller, varav 1 med dispens · 2 uppfyller delvis`, without what is zero."""
    parts: list[Styled] = []
    for grade, count in grades.items():
        eased = (waived or {}).get(grade, 0)
        told = {"sv": f", varav {eased} med dispens", "en": f", of which {eased} under a waiver"}[lang]
        if count:
            parts.append(
                Styled.assemble(f"{count} ", (grade.text[lang], STYLES[grade]), told if eased else "")
            )
    return Styled(" · ").join(parts)


def heading(screen: Screen, text: str) -> None:
    screen.line()
    screen.line(Styled(clean(text), "bold"))


def title(screen: Screen, audit: Audit, what: str | None = None) -> None:
    """Who and what is looked at, for which period, and where the data come from."""
    lang = screen.lang
    parts = [what] if what else []
    parts += [
        audit.title[lang],
        f"{screen.say('period')} {audit.period}",
        f"{screen.say('as_of')} {day(audit.as_of, lang)}",
    ]
    screen.line(Styled(clean(" · ".join(parts)), "bold"))
    if audit.provenance:
        screen.line(Styled(clean(audit.provenance[lang]), "italic"))


def plain_table(*columns: str, numbers_from: int = 99) -> Table:
    """A table without boxes, whose columns from `numbers_from` on are right-aligned numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for index, column in enumerate(columns):
        if index >= numbers_from:
            table.add_column(column, justify="right", no_wrap=True)
        else:
            table.add_column(column, overflow="fold")
    return table


def amount(value: Decimal | None, ready: Ready, lang: str) -> str:
    """A value in a table: its number, with `%` for percentages."""
    if value is None:
        return ""
    if ready.type in phrases.WORDED:
        return number(value, lang, 2)
    if ready.type == "date":
        return phrases.quantity(ready, Fraction(value), lang)
    text = number(value, lang, phrases.DIGITS.get(ready.type, 2))
    return text + "\N{NO-BREAK SPACE}%" if ready.type == "percent" else text
