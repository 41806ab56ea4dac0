"""A docking receipt as PDF: searchable, numbered pages, the signed checkpoint in words and as a QR code.

What it says is ``export.receipt``'s, how a sheet is made ``export.paper``'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwc_review.export.paper import BOTTOM, GREY, INK, INNER, MARGIN, TOTAL_PAGES, WIDTH, Sheets, Style
from bwc_review.export.receipt import MEANING, TITLE, checkpoint_facts, facts, note_lines, printed, safe
from bwc_review.ports.receipts import Receipt
from bwc_review.ports.records import Acquisition

QR_SIDE = 48.0  # millimetres
LABELS = 28.0

NAME = Style("text", "B", 17, 8)
NAME_AGAIN = Style("text", "B", 10, 8)
ORIGIN = Style("text", "", 8, 4, GREY, exact=True)
LABEL = Style("text", "", 7, 3.7, GREY)
VALUE = Style("text", "", 8, 3.7)
MONO = Style("mono", "", 7, 3.6, exact=True)
HEAD = Style("text", "B", 9.5, 5)
WARNING = Style("text", "B", 8.5, 4.4)
CELL = Style("text", "", 6.8, 3.2, exact=True)
CELL_BOLD = Style("text", "B", 6.8, 3.2)
REASON = Style("text", "", 6.4, 3.2, GREY)
DIGEST = Style("mono", "", 6.8, 3.2)
SMALL = Style("text", "", 7, 3.3, GREY)

COLUMNS: tuple[tuple[str, float], ...] = (
    ("No.", 7.5),
    ("Outcome, reason", 25.0),
    ("Exhibit", 20.0),
    ("Bytes", 20.0),
    ("Name on the source, SHA-256 of what was kept", 107.5),
)
REASONS = sum(width for _, width in COLUMNS[1:4])  # a reason runs on below outcome, exhibit and bytes
GAP = 2.0
TALL = 60.0  # a row higher than this is broken over the page's end, a lower one moves to the next page
CUT_SHORT = "The import was cut short: files on the source may not have been taken."
Line = tuple[str, Style]
Cell = tuple[float, float, str, list[Line]]  # from the left margin, width, alignment, lines


def render_pdf(receipt: Receipt) -> bytes:
    """The receipt as a PDF. The same receipt gives the same bytes."""
    sheets = _ReceiptSheets(receipt)
    title = f"{TITLE} {safe(receipt.docking.id)}"
    sheets.describe(title, safe(receipt.checkpoint.origin), safe(receipt.app), receipt.printed_at)
    sheets.add_page()
    sheets.docking()
    sheets.checkpoint()
    sheets.files()
    sheets.meaning()
    return bytes(sheets.output())


class _ReceiptSheets(Sheets):
    """One receipt under the pen, part by part from the top down."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__()
        self._receipt = receipt

    def header(self) -> None:
        """The title on every page, larger on the first; the log's name beside it."""
        first = self.page_no() == 1
        self.put(TITLE, NAME if first else NAME_AGAIN, MARGIN, 12, 100)
        lines = self.wrapped(safe(self._receipt.checkpoint.origin), ORIGIN, 100)
        shown = lines[0] if len(lines) == 1 else f"{lines[0][:-3]}..."  # it stands in full under the checkpoint
        self.put(shown, ORIGIN, WIDTH - MARGIN - 100, 14, 100, "R")
        self.rule(21.5)
        self.set_y(25)

    def footer(self) -> None:
        """Which receipt, which page of how many."""
        y = BOTTOM + 4
        self.rule(BOTTOM + 3)
        left = f"Docking {safe(self._receipt.docking.id)}, checkpoint of size {self._receipt.checkpoint.size}"
        self.put(self.wrapped(left, SMALL, 140)[0], SMALL, MARGIN, y, 140)
        self.put(f"Page {self.page_no()} of {TOTAL_PAGES}", SMALL, WIDTH - MARGIN - 35, y, 35, "R")

    def docking(self) -> None:
        """The docking on the left, the code on the right."""
        top = self.get_y()
        left = WIDTH - MARGIN - QR_SIDE
        below = self._code(left, top)
        self.set_y(top)
        width = left - MARGIN - 4
        if self._receipt.docking.state != "done":
            self.set_draw_color(*INK)
            self.rect(MARGIN, top, width, 8)
            self.put(CUT_SHORT, WARNING, MARGIN, top + 1.8, width, "C")
            self.set_y(top + 10)
        self._pairs(facts(self._receipt), width)
        self.set_y(max(self.get_y(), below) + 3)

    def _code(self, left: float, top: float) -> float:
        """The signed note as a code. Returns where its caption ends."""
        drawn = self.code(self._receipt.note.decode("utf-8"), left, top, QR_SIDE)
        caption = "The signed checkpoint printed below" if drawn else "The checkpoint is too long for a code."
        y = top + QR_SIDE if drawn else top
        self.put(caption, SMALL, left, y, QR_SIDE, "C")
        return y + SMALL.line

    def checkpoint(self) -> None:
        """What was signed, and the signed note in full."""
        self._title("Checkpoint of the custody log")
        self._pairs(checkpoint_facts(self._receipt), INNER, MONO)
        self.set_y(self.get_y() + 1)
        for number, line in enumerate(note_lines(self._receipt)):
            if number == 0:
                self.put("Signed note", LABEL, MARGIN, self.get_y(), LABELS)
            self.flow(line or " ", MONO, MARGIN + LABELS, INNER - LABELS)
        self.set_y(self.get_y() + 3)

    def files(self) -> None:
        """Every file met, what became of it, and its digest."""
        self._title("Files met on the source")
        self._columns()
        for number, one in enumerate(self._receipt.acquisitions, 1):
            self._row(self._cells(number, one))
        self.set_y(self.get_y() + 3)

    def _columns(self) -> None:
        x, y = MARGIN, self.get_y()
        for name, width in COLUMNS:
            self.put(name, LABEL, x, y, width - GAP, "R" if name == "Bytes" else "L")
            x += width
        self.rule(y + 4.2)
        self.set_y(y + 5)

    def _cells(self, number: int, one: Acquisition) -> list[Cell]:
        """What stands where in the row of one file; the digest in one piece, so that a search finds it."""
        starts = [sum(width for _, width in COLUMNS[:column]) for column in range(len(COLUMNS))]

        def cell(text: str, style: Style, column: int, align: str = "L") -> Cell:
            width = COLUMNS[column][1] - GAP
            return starts[column], width, align, [(line, style) for line in self.wrapped(text, style, width)]

        top = [
            cell(str(number), CELL, 0),
            cell(one.outcome.value, CELL if one.sha256 else CELL_BOLD, 1),
            cell(safe(one.exhibit or "-"), CELL, 2),
            cell(f"{one.size:,}", CELL, 3, "R"),
            cell(safe(one.name), CELL, 4),
        ]
        top[4][3].append((one.sha256, DIGEST) if one.sha256 else ("none: not kept", CELL))
        below: list[Line] = [("", CELL)] * max(len(lines) for _, _, _, lines in top[1:4])
        below += [(line, REASON) for line in self.wrapped(safe(one.reason), REASON, REASONS - GAP)]
        return [*top, (starts[1], REASONS - GAP, "L", below)]

    def _row(self, cells: list[Cell]) -> None:
        depth = max(len(lines) for _, _, _, lines in cells)
        height = depth * CELL.line
        if height < TALL and self.room(height + 1.6):
            self._columns()
        for number in range(depth):
            if self.room(CELL.line):
                self._columns()
            y = self.get_y()
            for x, width, align, lines in cells:
                if number < len(lines) and lines[number][0]:
                    text, style = lines[number]
                    self.put(text, style, MARGIN + x, y, width, align)
            self.set_y(y + CELL.line)
        self.rule(self.get_y() + 0.6)
        self.set_y(self.get_y() + 1.2)

    def meaning(self) -> None:
        """What the paper proves, and two lines to sign on; never torn from one another."""
        lines = sum(len(self.wrapped(text, SMALL, INNER)) for text in MEANING)
        self.room(lines * SMALL.line + len(MEANING) + HEAD.line + 24)
        self._title("What this shows, and what it does not")
        for text in MEANING:
            self.flow(text, SMALL, MARGIN, INNER)
            self.set_y(self.get_y() + 1)
        y = self.get_y() + 10
        for x, said in ((MARGIN, "Handed over by, date"), (MARGIN + 95, "Received by, date")):
            self.set_draw_color(*INK)
            self.line(x, y, x + 85, y)
            self.put(said, SMALL, x, y + 0.6, 85)
        self.put(printed(self._receipt), SMALL, MARGIN, y + 5.5, INNER)

    def _pairs(self, pairs: Sequence[tuple[str, str]], width: float, style: Style = VALUE) -> None:
        for label, value in pairs:
            self.room(LABEL.line)
            self.put(label, LABEL, MARGIN, self.get_y(), LABELS)
            self.flow(value, style, MARGIN + LABELS, width - LABELS)

    def _title(self, text: str) -> None:
        self.room(HEAD.line + 12)
        self.put(text, HEAD, MARGIN, self.get_y(), INNER)
        self.set_y(self.get_y() + HEAD.line + 0.8)
