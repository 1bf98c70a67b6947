"""The brief as a Word document: headings, tables and lists that can be edited."""

from __future__ import annotations

import gc
import io
import zipfile
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph

from compliance.brief import Block, Brief, Item, Line, Numbered, Section, Table

__all__ = ["brief_docx"]

FONT = "Arial"
GREY = RGBColor(0x4A, 0x4A, 0x4A)
BLACK = RGBColor(0x1A, 0x1A, 0x1A)
WIDTH = Mm(180)
ABOUT_COLUMNS = 4
LOCALES = {"sv": "sv-SE", "en": "en-GB"}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""What a zip archive calls no time at all: the same brief is the same bytes."""


def brief_docx(brief: Brief) -> bytes:
    """The whole document."""
    made = _Writer(brief).bytes()
    gc.collect(1)  # a document's parts refer to each other, and what lxml holds of them isn't counted
    return made


class _Writer:
    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.document: Any = Document()
        self._properties()
        self._styles()
        self._page()
        self._beginning()
        for section in brief.sections:
            self._section(section)

    def bytes(self) -> bytes:
        made, packed = io.BytesIO(), io.BytesIO()
        self.document.save(made)
        with zipfile.ZipFile(made) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                info = zipfile.ZipInfo(name, FIRST_DAY)
                info.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(info, old.read(name))
        return packed.getvalue()

    # What holds for all of it

    def _properties(self) -> None:
        properties = self.document.core_properties
        properties.title, properties.subject = self.brief.title[:255], self.brief.running[:255]
        properties.language = LOCALES[self.brief.lang]
        properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
        made = datetime.combine(self.brief.as_of, time())
        properties.created = properties.modified = made

    def _styles(self) -> None:
        styles = self.document.styles
        language = OxmlElement("w:lang")
        for key in ("val", "eastAsia"):
            language.set(qn(f"w:{key}"), LOCALES[self.brief.lang])
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        defaults.append(language)
        sizes = {
            "Normal": (9, 0, 2),
            "Title": (17, 0, 4),
            "Subtitle": (9, 0, 0),
            "Heading 1": (11.5, 8, 3),
            "Heading 2": (9.5, 4, 0),
            "Quote": (8.5, 0, 2),
            "List Number": (9, 0, 1),
            "Header": (8, 0, 0),
            "Footer": (8, 0, 0),
        }
        for name, (size, before, after) in sizes.items():
            style = styles[name]
            style.font.size, style.font.name = Pt(size), FONT
            style.font.color.rgb = GREY if name in ("Subtitle", "Quote", "Header", "Footer") else BLACK
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
            style.paragraph_format.line_spacing = 1.03
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for key in list(fonts.attrib):
                if key.endswith("Theme"):
                    del fonts.attrib[key]
            for key in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{key}"), FONT)
            for spacing in style.element.rPr.findall(qn("w:spacing")):
                style.element.rPr.remove(spacing)
        styles["Subtitle"].font.italic = False
        for border in styles["Table Grid"].element.iter(qn("w:tblBorders")):
            for side in border:
                side.set(qn("w:color"), "767676")
        for name in ("Title", "Heading 1"):
            _line_below(styles[name].element.get_or_add_pPr(), name == "Heading 1")
        for name in ("Title", "Heading 1", "Heading 2"):
            styles[name].font.bold = True
            styles[name].paragraph_format.keep_with_next = True

    def _page(self) -> None:
        page = self.document.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(15)
        page.top_margin, page.bottom_margin = Mm(17), Mm(15)
        page.header_distance = page.footer_distance = Mm(8)
        page.header.paragraphs[0].text = self.brief.running
        footer = page.footer.paragraphs[0]
        for stop in list(footer.style.paragraph_format.tab_stops):
            footer.paragraph_format.tab_stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
        footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        before, _, rest = self.brief.page.partition("{page}")
        between, _, after = rest.partition("{pages}")
        for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            footer.add_run(text)
            if field:
                _field(footer, field)

    def _beginning(self) -> None:
        brief = self.brief
        self.document.add_paragraph(brief.what, "Subtitle")
        self.document.add_paragraph(brief.name, "Title")
        rows = -(-len(brief.about) // ABOUT_COLUMNS)
        table = self._grid(rows, [100 // ABOUT_COLUMNS] * ABOUT_COLUMNS)
        for index, (label, value) in enumerate(brief.about):
            cell = table.cell(*divmod(index, ABOUT_COLUMNS))
            told = cell.paragraphs[0]
            run = told.add_run(label)
            run.font.size, run.font.color.rgb = Pt(8), GREY
            run.add_break()
            told.add_run(value).bold = True
        if brief.provenance:
            _boxed(self._line(brief.provenance))

    # The sections

    def _section(self, section: Section) -> None:
        start = len(self.document.element.body)
        self.document.add_heading(section.title, 1)
        for block in section.blocks:
            self._block(block)
        if section.together:
            paragraphs = [
                p for part in list(self.document.element.body)[start - 1 :] for p in part.iter(qn("w:p"))
            ]
            for paragraph in paragraphs[:-1]:
                Paragraph(paragraph, self.document).paragraph_format.keep_with_next = True

    def _block(self, block: Block) -> None:
        if isinstance(block, Line):
            self._line(block)
        elif isinstance(block, Numbered):
            self._numbered(block)
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._item(block)

    def _line(self, line: Line) -> Paragraph:
        paragraph: Paragraph = self.document.add_paragraph(
            style="Quote" if line.style == "quote" else "Normal"
        )
        if line.label:
            paragraph.add_run(f"{line.label}: ").bold = True
        paragraph.add_run(line.text)
        return paragraph

    def _numbered(self, block: Numbered) -> None:
        for item in block.items:
            self.document.add_paragraph(item, "List Number").paragraph_format.keep_together = True

    def _item(self, item: Item) -> None:
        """A heading, and paragraphs that stay with it."""
        heading = self.document.add_heading(f"{item.symbol} {item.title} ", 2)
        tag = heading.add_run(item.tag)
        tag.bold, tag.font.color.rgb = False, GREY
        paragraphs = [self._line(line) for line in item.lines]
        for paragraph in paragraphs:
            paragraph.paragraph_format.keep_together = True
        for paragraph in paragraphs[:-1]:
            paragraph.paragraph_format.keep_with_next = True

    def _table(self, table: Table) -> None:
        grid = self._grid(1 + len(table.rows) + table.blank, table.widths)
        grid.style = "Table Grid"
        indent = OxmlElement("w:tblInd")  # the template lets tables stick out by the cells' margin
        indent.set(qn("w:w"), "108")
        indent.set(qn("w:type"), "dxa")
        grid._tbl.tblPr.insert_element_before(indent, "w:tblBorders", "w:tblLayout", "w:tblLook")
        for number, row in enumerate((table.head, *table.rows)):
            for index, (cell, text) in enumerate(zip(grid.rows[number].cells, row, strict=True)):
                paragraph = cell.paragraphs[0]
                run = paragraph.add_run(text)
                run.font.size = Pt(8.5)
                run.bold = number == 0 or index == 0
                if index >= table.numbers:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        head = grid.rows[0]._tr.get_or_add_trPr()
        head.append(OxmlElement("w:tblHeader"))
        for empty in list(grid.rows)[1 + len(table.rows) :]:
            empty.height = Mm(8)
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)
        self.document.paragraphs[-1].paragraph_format.line_spacing = Pt(5)

    def _grid(self, rows: int, widths: Any) -> WordTable:
        """A table whose columns have these widths in percent, and whose rows aren't divided."""
        table: WordTable = self.document.add_table(rows, len(widths))
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        for column, share in zip(table.columns, widths, strict=True):
            column.width = Emu(WIDTH * share // 100)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, share in zip(row.cells, widths, strict=True):
                cell.width = Emu(WIDTH * share // 100)
                told = cell.paragraphs[0].paragraph_format
                told.space_before, told.space_after = Pt(1), Pt(1.5)
        return table


def _line_below(properties: Any, wanted: bool) -> None:
    """A paragraph style's line below it, instead of the template's."""
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    if wanted:
        _borders(properties, ("bottom",))


def _boxed(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(1.3)
    paragraph.paragraph_format.space_before = Pt(4)
    _borders(paragraph._p.get_or_add_pPr(), ("top", "left", "bottom", "right"))


def _borders(properties: Any, sides: tuple[str, ...]) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "3"), ("color", "4A4A4A")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties.insert_element_before(
        borders,
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:outlineLvl",
        "w:rPr",
    )


def _field(paragraph: Paragraph, name: str) -> None:
    """A number that Word works out: PAGE or NUMPAGES."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)
