"""The look: surfaces, one accent, family colours, type sizes, fixed-width digits, and the style sheet built of them.

No widget lives here. Dark beside video, light for paperwork. Source: desktop notes, section Looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

SMALL, BODY, LARGE = 11, 13, 20  # pixel sizes of type
GRID = 8
RADIUS = 6

TEXT_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
DIGIT_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "Consolas", "Menlo", "DejaVu Sans Mono", "Liberation Mono")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``. ``base``, ``raised`` and ``floating`` are the three surfaces, ``line`` the hairline."""

    base: str
    raised: str
    floating: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    on_accent: str
    selected: str
    playhead: str
    alarm: str


DARK = Palette(
    base="#12161b", raised="#181d24", floating="#1f262f", line="#2a323d",
    text="#e6eaef", dim="#98a2af", faint="#646f7d",
    accent="#2f6fde", on_accent="#ffffff", selected="#1d2a3a", playhead="#f4f6f8", alarm="#e25b5b",
)  # fmt: skip

LIGHT = Palette(
    base="#f4f5f7", raised="#ffffff", floating="#ffffff", line="#d9dde3",
    text="#1b2129", dim="#56606d", faint="#8a93a0",
    accent="#2360c8", on_accent="#ffffff", selected="#e3ecfa", playhead="#1b2129", alarm="#b3261e",
)  # fmt: skip

VIDEO_BLACK = "#07090c"

FAMILIES: dict[str, str] = {
    "WRN": "#e3a857",
    "CMD": "#7f9fcb",
    "FRC": "#e4715a",
    "RST": "#b68bd8",
    "DTI": "#52b5aa",
    "MED": "#93c169",
    "DES": "#6fb6cf",
    "ESC": "#d98aa6",
    "SUB": "#c3b27a",
    "IDN": "#8d9db5",
    "SPEECH": "#3f5062",
    "COVERAGE": "#3a4653",
}
"""Colour of each taxonomy family (the part of a code before the first dot). Never the only sign of the family."""

OTHER_FAMILY = "#8a94a3"

CAMERAS = ("#8fa3bb", "#7fae97", "#b59f7f", "#a08fb5", "#7fa9ae", "#ad8c8c")
"""Waveform colours, by the order of the cameras."""


def family_colour(code: str) -> str:
    """Colour of a taxonomy code or family name; a neutral grey for a family without one."""
    return FAMILIES.get(code.split(".", 1)[0].upper(), OTHER_FAMILY)


def text_font(size: int = BODY, *, strong: bool = False) -> QFont:
    """The text face at a pixel size."""
    font = QFont(list(TEXT_FAMILIES))
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


def digit_font(size: int = BODY, *, strong: bool = False) -> QFont:
    """The fixed-width face in which every time and frame number is set."""
    font = QFont(list(DIGIT_FAMILIES))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


def tint(colour: str, alpha: int) -> QColor:
    """``colour`` at an opacity of 0..255."""
    made = QColor(colour)
    made.setAlpha(alpha)
    return made


def load_fonts(folder: Path) -> tuple[str, ...]:
    """Register every font file of a folder with Qt; return the families found. A missing folder gives none."""
    names: list[str] = []
    for file in sorted((*folder.glob("*.ttf"), *folder.glob("*.otf"))):
        number = QFontDatabase.addApplicationFont(str(file))
        if number >= 0:
            names.extend(QFontDatabase.applicationFontFamilies(number))
    return tuple(names)


def apply_theme(app: QApplication, palette: Palette = DARK) -> None:
    """Give the whole program its font, palette and style sheet."""
    app.setStyle("Fusion")
    app.setFont(text_font())
    app.setPalette(qt_palette(palette))
    app.setStyleSheet(style_sheet(palette))


def qt_palette(palette: Palette) -> QPalette:
    """The same colours as Qt's own roles, for what the style sheet does not reach."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, colour in (
        (roles.Window, palette.base),
        (roles.Base, palette.raised),
        (roles.AlternateBase, palette.floating),
        (roles.Button, palette.floating),
        (roles.WindowText, palette.text),
        (roles.Text, palette.text),
        (roles.ButtonText, palette.text),
        (roles.PlaceholderText, palette.faint),
        (roles.ToolTipBase, palette.floating),
        (roles.ToolTipText, palette.text),
        (roles.Highlight, palette.accent),
        (roles.HighlightedText, palette.on_accent),
    ):
        made.setColor(role, QColor(colour))
    return made


def style_sheet(p: Palette) -> str:
    """Qt style sheet for buttons, fields, lists and tool tips. ``primary=true`` marks the one primary act."""
    return f"""
QWidget {{ color: {p.text}; }}
QMainWindow, QDialog {{ background: {p.base}; }}
QToolTip {{ background: {p.floating}; color: {p.text}; border: 1px solid {p.line}; padding: 6px 8px; }}
QPushButton, QToolButton {{ background: transparent; color: {p.text}; border: 1px solid {p.line};
  border-radius: {RADIUS}px; padding: 5px 11px; min-height: 18px; }}
QPushButton:hover, QToolButton:hover {{ background: {p.floating}; border-color: {p.faint}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {p.selected}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {p.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {p.faint}; }}
QPushButton[primary="true"], QToolButton[primary="true"] {{ background: {p.accent}; color: {p.on_accent};
  border-color: {p.accent}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{ background: {p.raised}; color: {p.text};
  border: 1px solid {p.line}; border-radius: {RADIUS}px; padding: 5px 8px; selection-background-color: {p.accent}; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{ border-color: {p.accent}; }}
QTreeView, QListView, QTableView {{ background: {p.base}; border: none; outline: 0;
  selection-background-color: {p.selected}; selection-color: {p.text}; }}
QHeaderView::section {{ background: {p.base}; color: {p.dim}; border: none; padding: 6px 8px;
  border-bottom: 1px solid {p.line}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {p.line}; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {p.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {p.floating}; border: none; border-radius: 3px; height: 6px; text-align: center; }}
QProgressBar::chunk {{ background: {p.accent}; border-radius: 3px; }}
QSplitter::handle {{ background: {p.line}; }}
"""
