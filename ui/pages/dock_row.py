"""One dock as one line of the Dock page: name and facts, words and next step, bar and pace, one button. No rule."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.pages.dock_slot import PERMILLE, Slot
from ui.pages.page import button

P = theme.DARK
HEIGHT = 44
_LOOK = (
    f"QFrame#dock {{ background: {P.raised}; border: 1px solid transparent; border-radius: 6px; }}"
    f"QFrame#dock[chosen='true'] {{ background: {P.selected}; }}"
    f"QFrame#dock:focus {{ border-color: {P.accent}; }}"
)


class DockRow(QFrame):
    """Paints a slot. The line takes the focus; Enter or Space does what its button does."""

    chosen = Signal(str)
    pressed = Signal(str)

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.key = slot.key
        self.setObjectName("dock")
        self.setStyleSheet(_LOOK)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title, self.facts = _line(theme.BODY, strong=True), _line(theme.SMALL, colour=P.dim)
        self.words, self.next_step = _line(theme.BODY), _line(theme.SMALL, colour=P.dim)
        self.pace = QLabel("")
        self.pace.setFont(theme.digit_font(theme.SMALL))
        self.pace.setStyleSheet(f"color: {P.dim};")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.act = button("Start", "")
        self.act.setFixedWidth(84)
        keeping = self.act.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # or the words of lines without a button would stand elsewhere
        self.act.setSizePolicy(keeping)
        self.act.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the line itself is the stop for Tab
        self._lay_out()
        self.act.clicked.connect(lambda: self.pressed.emit(self.key))
        self.show_slot(slot)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 8, 3)
        row.setSpacing(16)
        row.addLayout(_stack(self.title, self.facts), 4)
        row.addLayout(_stack(self.words, self.next_step), 6)
        moving = QWidget()
        moving.setFixedWidth(250)
        column = QVBoxLayout(moving)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addWidget(self.pace)
        row.addWidget(moving)
        row.addWidget(self.act)

    def show_slot(self, slot: Slot) -> None:
        """Show what the slot says now."""
        text = slot.text()
        for label, said in (
            (self.title, text.title),
            (self.facts, text.facts),
            (self.words, text.words),
            (self.next_step, text.next_step),
        ):
            label.setText(said)
            label.setToolTip(said)
        self.facts.setToolTip("\n".join(filter(None, (text.facts, slot.view.advice if slot.view else ""))))
        self.words.setStyleSheet(f"color: {P.alarm if text.alarm else P.text};")
        self.pace.setText(text.pace)
        self.bar.setVisible(text.permille is not None)
        if text.permille is not None:
            self.bar.setRange(0, PERMILLE if text.permille >= 0 else 0)
            self.bar.setValue(max(0, text.permille))
        self.act.setText(text.action)
        self.act.setVisible(bool(text.action))
        self.act.setToolTip(f"{text.action} {text.title} (Enter on this line)")
        self.act.setAccessibleName(f"{text.action} {text.title}")
        self.setAccessibleName(f"Dock {text.title}")
        self.setAccessibleDescription(" ".join(filter(None, (text.facts, text.words, text.next_step, text.pace))))

    def mark(self, chosen: str) -> None:
        """Show whether this is the line whose files are listed."""
        self.setProperty("chosen", self.key == chosen)
        self.style().unpolish(self)
        self.style().polish(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.chosen.emit(self.key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.act.isVisible():
            self.pressed.emit(self.key)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class _Line(QLabel):
    """One line that ends in dots where it does not fit; the whole text is its tool tip."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fitting = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)


def _line(size: int, *, colour: str = P.text, strong: bool = False) -> QLabel:
    label = _Line("")
    label.setFont(theme.text_font(size, strong=strong))
    label.setStyleSheet(f"color: {colour};")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _stack(upper: QLabel, lower: QLabel) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(upper)
    column.addWidget(lower)
    return column
