"""Who acts and towards whom in the tags written next. Pseudonyms only; a person can be added."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from bwc_review.domain.ids import ParticipantId
from ui import theme
from ui.review_desk.board import Board
from ui.review_desk.keys import COMBO_KEYS, KeepsKeys

P = theme.DARK
MOST = 9
_CHIP = (
    f"QToolButton {{ padding: 1px 4px; min-height: 16px; min-width: 16px; border-radius: 5px; }}"
    f"QToolButton:checked {{ background: {P.accent}; color: {P.on_accent}; border-color: {P.accent}; }}"
)


class PeopleBar(QWidget):
    """Chips for who acts, a list for towards whom."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._chips = QHBoxLayout()
        self._chips.setSpacing(4)
        self.target = QComboBox()
        self.target.setAccessibleName("Towards whom")
        self.target.setFixedWidth(58)
        self.target.setStyleSheet("padding: 1px 4px;")
        self.target.setToolTip("Towards whom the next tags are (Alt+Shift+1 to 9)")
        self.target.installEventFilter(KeepsKeys(*COMBO_KEYS, parent=self))
        self.target.activated.connect(lambda _at: board.aim_at(self.target.currentData()))
        self.new = QLineEdit()
        self.new.setPlaceholderText("O3")
        self.new.setAccessibleName("Another person")
        self.new.setToolTip("A pseudonym for another person, then Enter")
        self.new.setFixedWidth(40)
        self.new.setStyleSheet("padding: 1px 4px;")
        self.new.setMaxLength(12)
        self.new.returnPressed.connect(self._add)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(_small("Who"))
        row.addLayout(self._chips)
        row.addWidget(self.new)
        row.addStretch(1)
        row.addWidget(_small("to"))
        row.addWidget(self.target)
        board.people_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show who is there and who is chosen."""
        while (item := self._chips.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        board = self._board
        for number, person in enumerate(board.people[:MOST], start=1):
            self._chips.addWidget(self._chip(number, person, person == board.actor))
        self.target.clear()
        self.target.addItem("–", None)
        for person in board.people:
            self.target.addItem(person, person)
        self.target.setCurrentIndex(max(0, self.target.findData(board.target)))

    def _chip(self, number: int, person: ParticipantId, chosen: bool) -> QToolButton:
        chip = QToolButton()
        chip.setText(person)
        chip.setCheckable(True)
        chip.setChecked(chosen)
        chip.setStyleSheet(_CHIP)
        chip.setFont(theme.text_font(theme.SMALL + 1))
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setToolTip(f"{person} acts in the next tags (Alt+{number}; again: nobody)")
        chip.setAccessibleName(f"{person} acts{', chosen' if chosen else ''}")
        chip.clicked.connect(lambda: self._board.act_as(None if chosen else person))
        return chip

    def _add(self) -> None:
        self._board.add_person(ParticipantId(self.new.text().strip()))
        self.new.clear()


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(theme.text_font(theme.SMALL))
    label.setStyleSheet(f"color: {P.dim};")
    return label
