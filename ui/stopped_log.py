"""What is shown instead of a sign-in when nothing may be added to the log: what happened and what to do.

Large and calm: whoever sits here has done nothing wrong, and nothing is lost by reading it twice.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from bwc_review.review.log_watch import KEPT_WHOLE, Standing
from ui import theme

P = theme.DARK
TITLE = "This log cannot be continued as it is"
READING = (
    "To read what is here: bwc-review list, log, measures and witness list, with --workspace and this folder. Change "
    "nothing in it, and tell the person who looks after this workstation and the commission."
)


class StoppedLog(QDialog):
    """Accepted: another workspace is to be opened. Rejected: the program closes."""

    def __init__(self, found: Standing, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Custody log · BWC Review")
        self.setMinimumSize(760, 460)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 40, 48, 32)
        column.setSpacing(18)
        title = QLabel(TITLE)
        title.setFont(theme.text_font(theme.LARGE, strong=True))
        column.addWidget(title)
        for name, text in (
            ("What happened", found.what_happened()),
            ("What that means", KEPT_WHOLE),
            ("What to do", found.what_to_do()),
            ("Reading", READING),
            ("Workspace", folder),
        ):
            column.addWidget(_part(name, text))
        column.addStretch(1)
        buttons = QDialogButtonBox()
        other = buttons.addButton("Open another workspace", QDialogButtonBox.ButtonRole.AcceptRole)
        other.setToolTip("Choose another folder")
        close = buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        close.setToolTip("Close the program (Esc)")
        close.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def _part(name: str, text: str) -> QWidget:
    """A small heading over its text."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    heading = QLabel(name)
    heading.setFont(theme.text_font(theme.SMALL + 1))
    heading.setStyleSheet(f"color: {P.dim};")
    said = QLabel(text)
    said.setAccessibleName(name)
    said.setTextFormat(Qt.TextFormat.PlainText)
    said.setWordWrap(True)
    said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    said.setFont(theme.text_font(theme.BODY))
    column.addWidget(heading)
    column.addWidget(said)
    return part
