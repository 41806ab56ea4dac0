"""One suggestion of the machine: its words, why it was made, how sure; and the three answers a person can give."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import clock_text
from ui import theme
from ui.pages.page import caption
from ui.review_desk.board import Board
from ui.review_desk.keys import shown_key
from ui.words import per_mille, word, words_of

P = theme.DARK
_DONE = {CandidateState.CONFIRMED: "Confirmed", CandidateState.REJECTED: "Rejected"}


class ReasonLine(QLineEdit):
    """The reason of a rejection. A digit in the empty field takes one of the usual reasons."""

    digit = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif not self.text() and event.text() in ("1", "2", "3", "4"):
            self.digit.emit(int(event.text()))
        else:
            super().keyPressEvent(event)


class SuggestionCard(QFrame):
    """Shows the board's current suggestion. Decides nothing: the answers are signals."""

    heard = Signal()
    not_heard = Signal(str)
    change_asked = Signal()
    next_asked = Signal()
    put_away = Signal()

    def __init__(self, board: Board, taxonomy: Taxonomy) -> None:
        super().__init__()
        self._board = board
        self._taxonomy = taxonomy
        self.setObjectName("card")
        self.setStyleSheet(
            f"QFrame#card {{ background: {P.raised}; border: 1px solid {P.line}; border-radius: 8px; }}"
        )
        self.setAccessibleName("Suggestion")
        self.count = caption("Suggestions")
        self.title = QLabel("")
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(theme.text_font(theme.BODY, strong=True))
        self.facts = QLabel("")
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setStyleSheet(f"color: {P.dim};")
        self.facts.setFont(theme.text_font(theme.SMALL + 1))
        self.next = _button("Next · U", "Play the next suggestion nobody decided (U)", self.next_asked)
        self.yes = _button(f"Heard it · {shown_key('confirm')}", "I listened and heard it: confirm (V)", self.heard)
        self.yes.setProperty("primary", True)
        self.no = _button("Not said · ⇧V", "I listened and it was not said: reject, with a reason (Shift+V)", None)
        self.other = _button("Other code · T", "Heard, but it is another code (T)", self.change_asked)
        self.next.setFont(theme.text_font(theme.SMALL + 1))
        self.next.setStyleSheet("padding: 1px 8px; min-height: 14px;")
        self.reason = ReasonLine()
        self.reason.setPlaceholderText("Why not? Type, or 1–4 · Enter")
        self.reason.setAccessibleName("Reason for rejecting")
        self._lay_out()
        self.no.clicked.connect(self.ask_reason)
        self.reason.returnPressed.connect(self._reject)
        self.reason.digit.connect(self._take_usual)
        self.reason.left.connect(self._leave)
        board.current_changed.connect(self.refresh)
        board.candidates_changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.count, 1)
        top.addWidget(self.next)
        answers = QHBoxLayout()
        answers.setSpacing(5)
        for part in (self.yes, self.no, self.other):
            answers.addWidget(part)
        answers.addStretch(1)
        self.why_not = QWidget()
        column = QVBoxLayout(self.why_not)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.reason)
        for row, reasons in enumerate(
            (list(words_of("reject_reasons").values())[:2], list(words_of("reject_reasons").values())[2:])
        ):
            line = QHBoxLayout()
            line.setSpacing(4)
            for place, text in enumerate(reasons):
                number = row * 2 + place + 1
                chip = QToolButton()
                chip.setText(f"{number}  {text}")
                chip.setAccessibleName(f"Reason {number}: {text}")
                chip.setToolTip(f"Reject: {text} ({number} in the empty field)")
                chip.setFont(theme.text_font(theme.SMALL))
                chip.setStyleSheet("padding: 2px 6px;")
                chip.clicked.connect(lambda _checked=False, n=number: self._take_usual(n))
                line.addWidget(chip)
            line.addStretch(1)
            column.addLayout(line)
        self.why_not.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.title)
        column.addWidget(self.facts, 1)
        column.addWidget(self.why_not)
        column.addLayout(answers)

    def refresh(self) -> None:
        """Show the current suggestion as it stands."""
        board, one = self._board, self._board.current
        left = len(board.open_candidates)
        self.why_not.hide()
        for part in (self.yes, self.no, self.other):
            part.setVisible(one is not None and board.states[one.id] is CandidateState.OPEN)
        self.next.setVisible(left > 0)
        if one is None:
            self.count.setText("SUGGESTIONS")
            total = len(board.candidates)
            self.title.setText(f"All {total} suggestions are decided." if total else "No suggestions here.")
            self.facts.setText(
                "" if total else "None were found, or nobody had these recordings listened to (Library, F3)."
            )
            return
        number = board.candidates.index(one) + 1
        self.count.setText(f"SUGGESTION {number} OF {len(board.candidates)} · {left} OPEN")
        state = board.states[one.id]
        label = self._taxonomy.events[one.code].label
        self.title.setText(label if state is CandidateState.OPEN else f"{_DONE[state]}: {label}")
        self.facts.setText(self._facts(state))
        self.facts.setToolTip(one.why)

    def _facts(self, state: CandidateState) -> str:
        one, case = self._board.current, self._board.case
        if one is None or case is None:
            return ""
        start = case.clip_of(one.recording).clock.to_incident(one.span.start)
        camera = case.track_of(one.recording).name
        flags = "; ".join(word("flags", flag) for flag in one.flags)
        lines = [
            f"“{one.words}” at {clock_text(start)[:-2]} · {camera}",
            f"word confidence {per_mille(one.confidence)}, weakest {per_mille(one.weakest)}",
        ]
        lines.append("; ".join(part for part in (f"Matches phrase {one.phrase}", flags) if part) + ".")
        if state is not CandidateState.OPEN:
            lines = [lines[0], "Ctrl+Z takes this back · U goes on"]
        return "\n".join(lines)

    # not said

    def ask_reason(self) -> None:
        """Open the line for the reason; playing goes on."""
        one = self._board.current
        if one is None or self._board.states[one.id] is not CandidateState.OPEN:
            return
        for part in (self.yes, self.no, self.other):
            part.hide()
        self.facts.setText(self.facts.text().partition("\n")[0])
        self.why_not.show()
        self.reason.clear()
        self.reason.setFocus()

    def _take_usual(self, number: int) -> None:
        usual = list(words_of("reject_reasons").values())
        if 1 <= number <= len(usual):
            self.not_heard.emit(usual[number - 1])
            self._leave()

    def _reject(self) -> None:
        text = self.reason.text().strip()
        if text:
            self.not_heard.emit(text)
            self._leave()
        else:
            self.reason.setPlaceholderText("A rejection needs a reason: type it, or press 1–4")

    def _leave(self) -> None:
        self.refresh()
        self.put_away.emit()


def _button(text: str, tip: str, signal: object) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setStyleSheet("padding: 4px 8px;")
    if signal is not None:
        made.clicked.connect(lambda: signal.emit())  # type: ignore[attr-defined]
    return made
