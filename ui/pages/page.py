"""What the shell knows of a page, and the few looks all paperwork pages share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from ui import theme
from ui.context import Context


class Page(QWidget):
    """One tab. ``name`` is what ``--page`` takes, ``title`` what the tab says."""

    name = ""
    title = ""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName(f"page-{self.name}")
        self.setStyleSheet(f"#page-{self.name} {{ background: {theme.DARK.base}; }}")

    def enter(self) -> None:
        """The page is shown: read what it shows again."""

    def leave(self) -> None:
        """Another page is shown."""

    def close_down(self) -> None:
        """The program ends: write what is not written yet, let go of files. May raise ReviewError."""


def heading(text: str) -> QLabel:
    """The title of a page or of a part of it."""
    label = QLabel(text)
    label.setFont(theme.text_font(theme.LARGE, strong=True))
    return label


def caption(text: str) -> QLabel:
    """Small capitals over a list."""
    label = QLabel(text.upper())
    label.setFont(theme.text_font(theme.SMALL, strong=True))
    label.setStyleSheet(f"color: {theme.DARK.dim}; letter-spacing: 1px;")
    return label


def quiet(text: str = "", *, wrap: bool = True) -> QLabel:
    """Explaining words beside the thing itself."""
    label = QLabel(text)
    label.setWordWrap(wrap)
    label.setStyleSheet(f"color: {theme.DARK.dim};")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def button(text: str, tip: str, *, primary: bool = False) -> QPushButton:
    """A push button whose tool tip says what it does and which key does it."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text.replace("&", ""))
    made.setAccessibleDescription(tip)
    made.setAutoDefault(True)
    if primary:
        made.setProperty("primary", True)
    return made
