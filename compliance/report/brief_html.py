"""The brief as one HTML file: no scripts, nothing fetched, made to be printed on A4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from compliance.brief import Block, Brief, Item, Line, Numbered, Section, Table

__all__ = ["brief_html"]

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #1a1a1a; }
body { font: 10pt/1.36 "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif;
  max-width: 186mm; margin: 8mm auto; padding: 0 4mm; overflow-wrap: anywhere; hyphens: manual; }
h1 { font-size: 20pt; line-height: 1.15; margin: 0 0 2.5mm; }
h1 span { display: block; font-size: 10pt; font-weight: 600; color: #4a4a4a; margin-bottom: 1mm; }
h2 { font-size: 12.5pt; line-height: 1.2; margin: 5mm 0 1.6mm; padding-bottom: .7mm;
  border-bottom: .35mm solid #1a1a1a; break-after: avoid; }
h3 { font-size: 10pt; line-height: 1.3; margin: 0 0 .6mm; break-after: avoid; }
p { margin: 0 0 1.2mm; orphans: 2; widows: 2; }
.about { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.4mm 5mm; margin: 0 0 2.5mm; }
.about dt { font-size: 8pt; color: #4a4a4a; }
.about dd { margin: 0; font-weight: 600; }
.provenance { border: .25mm solid #767676; padding: 1.4mm 2.2mm; margin: 0; font-size: 9pt; }
.label { font-weight: 600; }
.label::after, .tag::before { content: " "; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; margin: 0 0 2.2mm; font-size: 9.2pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { text-align: start; vertical-align: top; padding: .7mm 2mm .7mm 0;
  border-bottom: .2mm solid #9a9a9a; }
th { font-weight: 600; }
thead th { border-bottom: .35mm solid #4a4a4a; color: #4a4a4a; vertical-align: bottom; }
.number { text-align: end; font-variant-numeric: tabular-nums; padding-right: 4mm; }
.blank th, .blank td { border: .25mm solid #767676; padding: .8mm 1.6mm; }
.blank tbody td { height: 9.5mm; }
article { break-inside: avoid; border-left: 1mm solid #767676; padding-left: 2.6mm; margin: 0 0 2.8mm; }
.fail, .critical { border-left-color: #a3001b; }
.partial, .high { border-left-color: #8a5a00; }
.tag { font-weight: 400; color: #4a4a4a; white-space: normal; }
.quote { font-style: italic; color: #4a4a4a; font-size: 9pt; }
.rest p { font-size: 9pt; }
article p:last-child { margin-bottom: 0; }
ol { margin: 0 0 2mm; padding-left: 6mm; }
li { margin-bottom: .8mm; break-inside: avoid; }
.together { break-inside: avoid; }
@media (max-width: 150mm) {
  .about { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 9pt; line-height: 1.24; }
  h1 { font-size: 17pt; }
  h2 { font-size: 11.5pt; margin: 3.4mm 0 1.2mm; }
  h3 { font-size: 9.2pt; }
  p { margin-bottom: .8mm; }
  table, .provenance, .quote, .rest p { font-size: 8.6pt; }
  article { margin-bottom: 2mm; padding-left: 2.2mm; }
  article p:not(.quote) { display: inline; }
  article .quote { margin-top: .6mm; }
  th, td { padding-top: .45mm; padding-bottom: .45mm; }
  .blank tbody td { height: 8mm; }
  .about { grid-template-columns: repeat(4, 1fr); }
}
"""
PAGE = """
@page { size: A4; margin: 16mm 15mm 14mm;
  @top-left { content: %s; width: 100%%; font: 8pt Arial, "Liberation Sans", sans-serif; color: #4a4a4a; }
  @bottom-right { content: %s; font: 8pt Arial, "Liberation Sans", sans-serif; color: #4a4a4a; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def brief_html(brief: Brief) -> str:
    """The whole document."""
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{brief.lang}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(brief.title)}</title>",
        f"<style>{STYLE}{PAGE % (_css(brief.running), _page(brief.page))}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<header>\n<h1><span>{escape(brief.what)}</span> {escape(brief.name)}</h1>",
        _pairs(brief.about, "about"),
        *([_line(brief.provenance, "provenance")] if brief.provenance else []),
        "</header>",
        *(part for number, section in enumerate(brief.sections, 1) for part in _section(section, number)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _css(text: str) -> str:
    """A string in a style sheet, of which nothing but letters and digits stands as it is."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):06x}" for c in text) + '"'


def _page(text: str) -> str:
    """`Sida {page} av {pages}` with the counters in it."""
    before, _, rest = text.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"


def _section(section: Section, number: int) -> Iterator[str]:
    kinds = [word for word, so in (("together", section.together), ("rest", section.small)) if so]
    told = f' class="{" ".join(kinds)}"' if kinds else ""
    yield f'<section aria-labelledby="s{number}"{told}>'
    yield f'<h2 id="s{number}">{escape(section.title)}</h2>'
    for block in section.blocks:
        yield _block(block)
    yield "</section>"


def _block(block: Block) -> str:
    if isinstance(block, Line):
        return _line(block)
    if isinstance(block, Numbered):
        return "<ol>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in block.items) + "\n</ol>"
    return _table(block) if isinstance(block, Table) else _item(block)


def _line(line: Line, kind: str = "") -> str:
    label = f'<span class="label">{escape(line.label)}:</span>' if line.label else ""
    kind = kind or ("quote" if line.style == "quote" else "")
    told = f' class="{kind}"' if kind else ""
    return f"<p{told}>{label}{' ' if label else ''}{escape(line.text)}</p>"


def _pairs(pairs: Iterable[tuple[str, str]], kind: str) -> str:
    rows = (f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="{kind}">\n' + "\n".join(rows) + "\n</dl>"


def _table(table: Table) -> str:
    def cell(tag: str, index: int, text: str, more: str = "") -> str:
        number = ' class="number"' if index >= table.numbers else ""
        return f"<{tag}{more}{number}>{escape(text)}</{tag}>"

    columns = "".join(f'<col style="width: {width}%">' for width in table.widths)
    head = "".join(cell("th", index, text, ' scope="col"') for index, text in enumerate(table.head))
    rows = [
        "".join(
            cell("td", index, text) if index else cell("th", 0, text, ' scope="row"')
            for index, text in enumerate(row)
        )
        for row in table.rows
    ]
    rows += ["<td></td>" * len(table.head)] * table.blank
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    kind = ' class="blank"' if table.blank else ""
    return (
        f"<table{kind}>\n<colgroup>{columns}</colgroup>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _item(item: Item) -> str:
    lines = "\n".join(_line(line) for line in item.lines)
    return (
        f'<article class="{item.kind}">\n<h3>{escape(item.symbol)} {escape(item.title)} '
        f'<span class="tag">{escape(item.tag)}</span></h3>\n{lines}\n</article>'
    )
