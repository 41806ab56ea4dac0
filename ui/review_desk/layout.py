"""The widgets of the Review page and where they lie at 1366 x 768 and above. Wires only what is purely visual."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import clock_text
from ui import theme
from ui.pages.page import caption
from ui.player import PlayerSource, TransportBar, VideoView
from ui.review_desk.ask_line import AskLine
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.inspector import Inspector
from ui.review_desk.palette_bar import PaletteBar
from ui.review_desk.people_bar import PeopleBar
from ui.review_desk.suggestion_card import SuggestionCard
from ui.review_desk.transcript_view import TranscriptView
from ui.timeline import TimelineView
from ui.words import uncertainty_text

P = theme.DARK
RIGHT_WIDTH, MIDDLE_WIDTH, SIDE_HEIGHT = 386, 318, 128
TIMELINE_HEIGHT = 264


class Parts:
    """Every widget of the page by name."""

    def __init__(self, page: QWidget, board: Board, deck: CameraDeck, taxonomy: Taxonomy) -> None:
        self._page = page
        self._deck = deck
        self.video = VideoView()
        self.video.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.video.setToolTip("The focused camera, exact to the frame. Space plays, Tab shows the next camera.")
        self.side = VideoView()
        self.side.setAccessibleName("Second camera")
        self.side.setToolTip("Another camera at the same moment. Click, X or Tab to look through it.")
        self.transport = TransportBar(deck.main)
        self.timeline = TimelineView()
        self.timeline.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.transcript = TranscriptView()
        self.heard = QLabel("")
        self.cameras = _small("This camera", "Which cameras' words are listed")
        self.now = _small("Back to now · G", "Following is paused because you scrolled; G follows again")
        self.card = SuggestionCard(board, taxonomy)
        self.people = PeopleBar(board)
        self.inspector = Inspector(board, taxonomy)
        self.palette = PaletteBar(taxonomy)
        self.ask = AskLine()
        self.all_keys = _small("?  all keys", "Show every key (?)")
        self.moment = QLabel("")
        self.moment.setFont(theme.digit_font(theme.SMALL))
        self.moment.setStyleSheet(f"color: {P.dim};")
        self.moment.setToolTip("The same moment on the incident's clock, which the timeline and the transcript use")
        self.moment.setAccessibleName("Moment on the incident's clock")
        self.asking = False
        self._lanes = 0
        self._lay_out()
        self._wire(deck)

    # laying out

    def _lay_out(self) -> None:
        self.empty = QLabel("")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setStyleSheet(f"color: {P.dim};")
        desk = QWidget()
        split = self._split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(5)
        split.addWidget(self._top())
        split.addWidget(self.timeline)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([10_000, TIMELINE_HEIGHT])
        self._bottom = QStackedWidget()
        self._bottom.addWidget(self.palette)
        self._bottom.addWidget(self.ask)
        self._bottom.setFixedHeight(38)
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(split, 1)
        column.addWidget(self._bottom)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(desk)
        whole = QVBoxLayout(self._page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _top(self) -> QWidget:
        top = QWidget()
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        pictures.addWidget(self.video, 1)
        pictures.addWidget(self._middle())
        left = QVBoxLayout()
        left.setContentsMargins(16, 10, 10, 0)
        left.setSpacing(0)
        left.addLayout(pictures, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.transport, 1)
        foot.setSpacing(12)
        foot.addWidget(self.moment)
        foot.addWidget(self.all_keys)
        left.addLayout(foot)
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self._right())
        return top

    def _middle(self) -> QWidget:
        middle = QWidget()
        middle.setFixedWidth(MIDDLE_WIDTH)
        self.side.setFixedHeight(SIDE_HEIGHT)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.side)
        column.addWidget(self.people)
        column.addWidget(self.inspector, 1)
        return middle

    def _right(self) -> QWidget:
        right = QFrame()
        right.setObjectName("right")
        right.setStyleSheet(f"QFrame#right {{ border-left: 1px solid {P.line}; }}")
        right.setFixedWidth(RIGHT_WIDTH)
        self.heard.setFont(theme.text_font(theme.SMALL))
        self.heard.setStyleSheet(f"color: {P.dim};")
        self.heard.setAccessibleName("What the transcript is")
        self.heard.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.heard.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.addWidget(caption("Transcript"))
        head.addWidget(self.heard, 1)
        head.addWidget(self.now)
        head.addWidget(self.cameras)
        self.now.hide()
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.transcript, 1)
        column.addWidget(self.card)
        return right

    def _wire(self, deck: CameraDeck) -> None:
        self.video.size_wanted.connect(deck.main.set_picture_size)
        self.side.size_wanted.connect(deck.side.set_picture_size)
        self.video.clicked.connect(self.video.setFocus)
        self.video.double_clicked.connect(deck.main.toggle)
        self.side.clicked.connect(deck.focus_next)
        deck.main.frame_shown.connect(self.video.show_frame)
        deck.main.failed.connect(self.video.show_words)
        deck.side.frame_shown.connect(self.side.show_frame)
        deck.side.failed.connect(self.side.show_words)
        deck.side_words.connect(self._side_words)
        deck.side_loaded.connect(self._side_loaded)
        self.now.clicked.connect(self.transcript.back_to_now)
        self.transcript.follows.connect(lambda following: self.now.setVisible(not following))

    def _side_loaded(self, source: PlayerSource) -> None:
        self.side.set_source(source)
        self.side.set_badge(self._in_step())

    def _in_step(self) -> str:
        """How sure it is that both pictures show the same moment."""
        clips = (self._deck.clip, self._deck.side_clip)
        return f"in step {uncertainty_text(sum(one.clock.uncertainty for one in clips if one is not None))}"

    def _side_words(self, words: str) -> None:
        self.side.set_source(None)
        self.side.show_words(words)

    # showing

    def show_empty(self, words: str) -> None:
        """No incident lies on the desk; say what to do."""
        self.empty.setText(words)
        self._stack.setCurrentIndex(0)

    def show_desk(self) -> None:
        """An incident lies on the desk."""
        self._stack.setCurrentIndex(1)

    def fit_timeline(self) -> None:
        """Give the timeline the height all its lanes need, as long as the pictures keep the larger part."""
        wanted, (top, bottom) = self.timeline.sizeHint().height(), self._split.sizes()
        if self._lanes != wanted and bottom:
            self._lanes = wanted
            height = min(max(wanted, TIMELINE_HEIGHT), (top + bottom) // 2)
            self._split.setSizes([top + bottom - height, height])

    def show_moment(self, us: int) -> None:
        """Where the pictures stand on the incident's clock."""
        text = f"incident {clock_text(us)[:-2]}"
        if text != self.moment.text():
            self.moment.setText(text)

    def open_ask(self) -> AskLine:
        """The line that asks takes the palette's place."""
        self.asking = True
        self._bottom.setCurrentWidget(self.ask)
        return self.ask

    def close_ask(self) -> None:
        """The palette is back."""
        self.asking = False
        self._bottom.setCurrentWidget(self.palette)

    def focus_next_part(self) -> None:
        """Give the keys to the next part of the desk."""
        order = (self.video, self.timeline, self.transcript, self.card.next, self.inspector, self.palette.name)
        focused = self._page.window().focusWidget()
        here = next((n for n, part in enumerate(order) if focused is not None and _within(focused, part)), -1)
        target = order[(here + 1) % len(order)]
        if target is self.inspector:
            self.inspector.focus_first()
            if not _within(self._page.window().focusWidget(), self.inspector):
                target = self.palette.name
        if target is not self.inspector:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def buttons(self) -> Iterable[QAbstractButton]:
        """Every button of the page: they keep their Space while the focus is on them."""
        return self._page.findChildren(QAbstractButton)

    def marks_text(self, start: int | None, end: int | None) -> str:
        """The marks in words."""
        first = "…" if start is None else clock_text(start)[:-2]
        last = "…" if end is None else clock_text(end)[:-2]
        return f"marks {first} – {last}"


def _within(widget: QWidget | None, part: QWidget) -> bool:
    return widget is not None and (widget is part or part.isAncestorOf(widget))


def _small(text: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setFont(theme.text_font(theme.SMALL))
    made.setStyleSheet("padding: 2px 7px; min-height: 14px;")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
