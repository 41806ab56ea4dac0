"""The overlay of all keys (?), made from the key map. Any key or click puts it away."""

from __future__ import annotations

from html import escape
from itertools import groupby

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import theme
from ui.review_desk.keys import Key, key_map

P = theme.DARK
COLUMNS = (("Play",), ("Tags",), ("Suggestions", "Move", "Program"))


class KeysOverlay(QFrame):
    """Lies over its parent and fills it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("keys")
        self.setAccessibleName("All keys")
        self.setStyleSheet(f"QFrame#keys {{ background: {P.base}; border: 1px solid {P.line}; }}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 16)
        title = QLabel("Keys")
        title.setFont(theme.text_font(theme.LARGE, strong=True))
        column.addWidget(title)
        row = QHBoxLayout()
        row.setSpacing(36)
        groups = {name: tuple(keys) for name, keys in groupby(key_map(), key=lambda key: key.group)}
        for names in COLUMNS:
            label = QLabel("".join(_table(name, groups[name]) for name in names))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
        column.addLayout(row, 1)
        hint = QLabel("Text fields keep their letters; Esc leads back to the picture. Any key closes this list.")
        hint.setStyleSheet(f"color: {P.dim};")
        column.addWidget(hint)
        self.hide()

    def toggle(self) -> None:
        """Show it, or put it away."""
        if self.isVisible():
            self.hide()
            return
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()  # no key acts on the desk behind the list
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        self.hide()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.hide()


def _table(name: str, keys: tuple[Key, ...]) -> str:
    cell = f"style='color:{P.text}; padding:2px 14px 2px 0; font-family:{theme.DIGIT_FAMILIES[0]},monospace'"
    lines = "".join(
        f"<tr><td {cell}>{escape(key.shown)}</td>"
        f"<td style='color:{P.dim}; padding:2px 0'>{escape(key.words)}</td></tr>"
        for key in keys
    )
    return f"<p style='color:{P.text}; font-weight:600; margin:8px 0 2px 0'>{escape(name)}</p><table>{lines}</table>"
