"""The codes under the digits: which palette is on, what each digit writes, what is open. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from bwc_review.domain.ids import EventCode
from bwc_review.domain.taxonomy import Kind, Layer, Taxonomy
from ui import theme
from ui.data import load
from ui.words import short_code

P = theme.DARK
DIGITS = "1234567890"


@dataclass(frozen=True, slots=True)
class CodePalette:
    """Up to ten codes, in the order of the digits."""

    name: str
    codes: tuple[EventCode, ...]


def palettes() -> tuple[CodePalette, ...]:
    """The palettes of ``ui/data/palettes.toml``."""
    return tuple(
        CodePalette(str(one["name"]), tuple(EventCode(code) for code in one["codes"]))
        for one in load("palettes")["palette"]
    )


class PaletteBar(QWidget):
    """``chosen`` carries the code whose key was pressed or whose button was clicked."""

    chosen = Signal(str)

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self._taxonomy = taxonomy
        self._palettes = palettes()
        self._at = 0
        self._open: frozenset[EventCode] = frozenset()
        self.name = QToolButton()
        self.name.setFixedWidth(136)
        self.name.setStyleSheet("padding: 4px 4px;")
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.clicked.connect(self._choose)
        self._buttons: list[QToolButton] = []
        self._dressed: dict[str, tuple[EventCode, bool]] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 16, 4)
        row.setSpacing(6)
        row.addWidget(self.name)
        for number in range(len(DIGITS)):
            button = QToolButton()
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet("padding: 4px 2px;")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _checked=False, n=number: self._press(n))
            self._buttons.append(button)
            row.addWidget(button, 1)
        self.show_palette(1)

    @property
    def codes(self) -> tuple[EventCode, ...]:
        """The codes of the palette on."""
        return self._palettes[self._at].codes

    def show_palette(self, number: int) -> None:
        """Turn palette 1 to 6 on."""
        self._at = min(max(0, number - 1), len(self._palettes) - 1)
        palette = self._palettes[self._at]
        self.name.setText(f"{palette.name} · Ctrl+{self._at + 1}")
        self.name.setAccessibleName(f"Palette {palette.name}")
        self.name.setToolTip("Which codes the digits write. Ctrl+1 to Ctrl+6 choose another palette.")
        self._refresh()

    def show_open(self, codes: frozenset[EventCode]) -> None:
        """Which codes have an open interval."""
        if codes != self._open:
            self._open = codes
            self._refresh()

    def code_of(self, digit: int) -> EventCode | None:
        """What a digit writes now."""
        place = (digit - 1) % 10
        return self.codes[place] if place < len(self.codes) else None

    def _press(self, number: int) -> None:
        if number < len(self.codes):
            self.chosen.emit(self.codes[number])

    def _refresh(self) -> None:
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(self.codes))
            if number < len(self.codes):
                self._dress(button, DIGITS[number], self.codes[number])

    def _dress(self, button: QToolButton, digit: str, code: EventCode) -> None:
        event = self._taxonomy.events[code]
        is_open = code in self._open
        if self._dressed.get(digit) == (code, is_open):
            return  # styling a button anew is what costs
        self._dressed[digit] = (code, is_open)
        judged = event.layer is Layer.JUDGEMENT
        button.setText(f"{digit}  {short_code(code)}{' · open' if is_open else ' ?' if judged else ''}")
        button.setIcon(_dot(theme.family_colour(code), filled=is_open))
        kinds = {
            Kind.POINT: "one moment",
            Kind.INTERVAL: "an interval; the same key closes it",
            Kind.EITHER: "a moment, or an interval between the marks I and O",
        }
        reason = ". A judgement: it asks for a reason" if judged else ""
        button.setToolTip(f"{event.label} ({digit}): {kinds[event.kind]}{reason}")
        button.setAccessibleName(f"{digit}: {event.label}{', open' if is_open else ''}")
        if bool(button.property("primary")) != is_open:
            button.setProperty("primary", is_open)
            button.style().unpolish(button)
            button.style().polish(button)

    def _choose(self) -> None:
        menu = QMenu(self)
        for number, palette in enumerate(self._palettes, start=1):
            action = menu.addAction(f"{palette.name}\tCtrl+{number}")
            action.triggered.connect(lambda _checked=False, n=number: self.show_palette(n))
        menu.popup(self.name.mapToGlobal(self.name.rect().topLeft()))


def _dot(colour: str, *, filled: bool) -> QIcon:
    picture = QPixmap(24, 24)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(QColor("#ffffff") if filled else QColor(colour))
    painter.drawEllipse(5, 5, 14, 14)
    painter.end()
    return QIcon(picture)
