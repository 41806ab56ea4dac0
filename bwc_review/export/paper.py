"""Sheets of A4 on fpdf2: fonts that travel with the document, exact wrapping, QR codes as vectors, PDF/A-2u.

Which words go on a sheet is its document's affair. Characters the fonts do not have are shown as ``\\u{hex}``; that
includes every script written from right to left, so that no name can turn a line around. QR: ISO/IEC 18004.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from xml.sax.saxutils import escape

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode

FONTS = {("text", ""): "DejaVuSans.ttf", ("text", "B"): "DejaVuSans-Bold.ttf", ("mono", ""): "DejaVuSansMono.ttf"}
MARGIN, WIDTH, HEIGHT = 15.0, 210.0, 297.0  # millimetres, as every length here
INNER = WIDTH - 2 * MARGIN
BOTTOM = HEIGHT - 17
QUIET = 4  # modules of white the standard asks for around a code
TOTAL_PAGES = "\ue000"  # put in place at the end; a private-use character, which ``safe`` lets no text contain
GREY, INK, RULE = (95, 95, 95), (20, 20, 20), (160, 160, 160)


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreatorTool>{program}</xmp:CreatorTool><xmp:CreateDate>{day}</xmp:CreateDate>
<xmp:ModifyDate>{day}</xmp:ModifyDate><xmp:MetadataDate>{day}</xmp:MetadataDate>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
"""What PDF/A asks for (ISO 19005-2 section 6.6). Written here because fpdf2's own takes the time of the machine."""


@dataclass(frozen=True, slots=True)
class Style:
    """A font, its size in points, the height of a line and its colour. ``exact`` breaks lines at any character."""

    family: str
    weight: str
    points: float
    line: float
    colour: tuple[int, int, int] = INK
    exact: bool = False


class Sheets(FPDF):
    """A document of A4 sheets. ``header`` and ``footer`` are called by fpdf2 for each."""

    def __init__(self) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-2U")
        fonts = resources.files("bwc_review") / "data" / "fonts"
        with ExitStack() as stack:
            for (family, weight), name in FONTS.items():
                file = stack.enter_context(resources.as_file(fonts / name))
                self.add_font(family, "B" if weight == "B" else "", file)
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(False)
        self.alias_nb_pages(TOTAL_PAGES)

    def describe(self, title: str, author: str, program: str, at: int) -> None:
        """Set what a catalogue shows of the document. ``at``: microseconds since 1970 UTC."""
        self.set_title(title)
        self.set_author(author)
        self.set_creator(program)
        self.set_lang("en")
        made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        self.set_creation_date(made)
        day = made.isoformat(timespec="seconds")
        self.set_xmp_metadata(
            XMP.format(title=escape(title), author=escape(author), program=escape(program), day=day)
        )

    def pen(self, style: Style) -> None:
        """Write in this style from now on."""
        self.set_font(style.family, "B" if style.weight == "B" else "", style.points)
        self.set_text_color(*style.colour)

    def wrapped(self, text: str, style: Style, width: float) -> list[str]:
        """``text`` in lines no wider than ``width``, with what the font lacks written out."""
        self.pen(style)
        known = self.fonts[style.family + style.weight].cmap  # type: ignore[union-attr]
        held = "".join(c if ord(c) in known or c == TOTAL_PAGES else f"\\u{{{ord(c):x}}}" for c in text)
        mode = WrapMode.CHAR if style.exact else WrapMode.WORD
        lines = self.multi_cell(
            width, style.line, held, align="L", wrapmode=mode, dry_run=True, output=MethodReturnValue.LINES
        )
        return [str(line) for line in lines]  # type: ignore[union-attr]

    def put(self, text: str, style: Style, x: float, y: float, width: float, align: str = "L") -> None:
        """One line at a place."""
        self.pen(style)
        self.set_xy(x, y)
        self.cell(width, style.line, text, align=align)

    def flow(self, text: str, style: Style, x: float, width: float) -> None:
        """Wrapped text downwards from here, over the page's end where need be."""
        for line in self.wrapped(text, style, width):
            self.room(style.line)
            self.put(line, style, x, self.get_y(), width)
            self.set_y(self.get_y() + style.line)

    def rule(self, y: float) -> None:
        """A thin line across the sheet."""
        self.set_draw_color(*RULE)
        self.set_line_width(0.15)
        self.line(MARGIN, y, WIDTH - MARGIN, y)

    def room(self, height: float) -> bool:
        """Begin a new sheet when ``height`` does not fit on this one; whether it did."""
        if self.get_y() + height <= BOTTOM:
            return False
        self.add_page()
        return True

    def code(self, text: str, x: float, y: float, side: float) -> bool:
        """A QR code, error correction M, with its quiet zone inside ``side``. False when ``text`` is too long."""
        try:
            modules = [bytes(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix]
        except segno.DataOverflowError:
            return False
        self._modules(modules, x, y, side / (len(modules) + 2 * QUIET))
        return True

    def _modules(self, rows: Sequence[bytes], left: float, top: float, side: float) -> None:
        """Dark modules as filled rectangles, one for each run: sharp at any size, no image in the file."""
        self.set_fill_color(0, 0, 0)
        for number, row in enumerate(rows):
            x = 0
            while x < len(row):
                run = 0
                while x + run < len(row) and row[x + run]:
                    run += 1
                if run:
                    self.rect(left + (x + QUIET) * side, top + (number + QUIET) * side, run * side, side, style="F")
                x += run or 1
