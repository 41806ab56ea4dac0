"""The Review page: deck, timeline, transcript, suggestion, inspector and palette around one incident."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut

from bwc_review.domain.ids import EventCode, IncidentId, RecordingId
from bwc_review.domain.times import Span
from bwc_review.review.reading import shelf
from bwc_review.review.viewing import log_viewing
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.page import Page
from ui.player import PlayerSource
from ui.review_desk.acts import Acts
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.case import ReviewCase, Track, read_case
from ui.review_desk.commands import Commands
from ui.review_desk.keys import BUTTON_KEYS, KeepsKeys, bind
from ui.review_desk.keys_overlay import KeysOverlay
from ui.review_desk.layout import Parts
from ui.review_desk.mark_hand import MarkHand
from ui.review_desk.taggers import Tagger
from ui.review_desk.timeline_feed import CANDIDATE, TAG, bands_of, model_of
from ui.review_desk.transcript_rows import TranscriptRow, heard_text, rows_of, rows_of_track
from ui.review_desk.views import DeskViews
from ui.tasks import Lane, Told
from ui.timeline import WaveBand


class ReviewPage(Page):
    """One incident at a time. ``incident_shown`` carries number and title, empty when it is put away."""

    name, title = "review", "Review"
    incident_shown = Signal(str, str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        taxonomy = context.desk.taxonomy
        self.board = Board(self)
        self.acts = Acts(context, self.board)
        self.deck = CameraDeck(self)
        self.parts = Parts(self, self.board, self.deck, taxonomy)
        self.keys = KeysOverlay(self)
        self.views = DeskViews(self.parts, self.keys, self.deck)
        self.tagger = Tagger(taxonomy, self.board, self.acts, self.deck, self.views.ask_line)
        self.commands = Commands(context, self.views, self.board, self.acts, self.deck, self.tagger)
        self.marks = MarkHand(self.board, self.deck, self.tagger, self.commands)
        self._bands: tuple[WaveBand, ...] = ()
        self._incident: IncidentId | None = None
        self._stale = False
        self._all_cameras = False
        self._paint_soon = QTimer(self)
        self._paint_soon.setSingleShot(True)
        self._paint_soon.timeout.connect(self._repaint)
        self.shortcuts = bind(self, self.commands.actions())
        for view in (self.parts.video, self.parts.timeline):
            tab = QShortcut(QKeySequence("Tab"), view, self.deck.focus_next)
            tab.setContext(Qt.ShortcutContext.WidgetShortcut)
        keeps = KeepsKeys(*BUTTON_KEYS, parent=self)
        for button in self.parts.buttons():
            button.installEventFilter(keeps)
        self._connect()
        self.parts.show_empty("Open an incident in the Library (F3): choose it and press Enter.")

    def _connect(self) -> None:
        parts, board, deck = self.parts, self.board, self.deck
        for signal in (board.tags_changed, board.candidates_changed):
            signal.connect(self._soon)
        board.selected.connect(self._show_selected)
        board.current_changed.connect(self._show_current)
        deck.moved.connect(self._moved)
        deck.focused.connect(self._focused)
        deck.main_loaded.connect(self._main_loaded)
        deck.main.state_changed.connect(lambda _state: self.say_state())
        self.tagger.marks_changed.connect(self._soon)
        parts.timeline.seek_requested.connect(deck.seek)
        self.marks.serve(parts.timeline)
        parts.timeline.edge_moving.connect(lambda us: None if us is None else deck.seek(us))
        parts.transcript.row_chosen.connect(self._row_chosen)
        parts.cameras.clicked.connect(self._toggle_cameras)
        parts.card.heard.connect(self.commands.confirm)
        parts.card.not_heard.connect(self._reject)
        parts.card.change_asked.connect(self.commands.change_code)
        parts.card.next_asked.connect(lambda: self.commands.step_candidate(1))
        parts.card.put_away.connect(self.views.to_video)
        parts.palette.chosen.connect(lambda code: self.tagger.press(EventCode(code)))
        parts.ask.put_away.connect(self.views.to_video)
        parts.all_keys.clicked.connect(self.keys.toggle)
        parts.inspector.changed.connect(lambda tag, seen: self.acts.change(self.acts.handle_of(tag), seen))
        self.acts.refused.connect(self.context.noticed.emit)
        self.context.review_asked.connect(lambda number: self.open(IncidentId(number)))
        self.context.footage_changed.connect(self._mark_stale)
        self.context.tasks.changed.connect(lambda _saving: self.say_state())

    # the incident

    def open(self, incident: IncidentId) -> None:
        """Read an incident and put it on the desk."""
        if incident == self._incident and not self._stale:
            return
        self._put_away()
        self._incident = incident
        self._stale = False
        self.parts.show_empty(f"Opening {incident} …")
        desk, session = self.context.desk, self.context.session

        def read(_told: Told[ReviewCase]) -> ReviewCase:
            return read_case(desk, session, incident)

        self.context.tasks.start(
            read,
            done=lambda case: self._show(case, incident),
            failed=self._not_opened,
        )

    def _show(self, case: ReviewCase, asked: IncidentId) -> None:
        if asked != self._incident:
            return
        self._bands = bands_of(case)
        self.parts.show_desk()
        self.board.show(case)
        self.acts.begin()
        self.deck.open(case)
        self._repaint()
        self.parts.timeline.zoom_fit()
        self.incident_shown.emit(str(case.incident.id), case.incident.title)
        self.views.to_video()
        self.say_state()

    def _not_opened(self, error: Exception) -> None:
        log_detail(error)
        self._incident = None
        self.parts.show_empty(in_words(error))

    def _mark_stale(self) -> None:
        self._stale = True
        if self.isVisible() and self._incident is not None:
            self.open(self._incident)

    def enter(self) -> None:
        if self._incident is not None and self._stale:
            self.open(self._incident)
        elif self._incident is None:
            self._open_the_only_one()
        self.views.to_video()
        self.say_state()

    def _open_the_only_one(self) -> None:
        desk, session = self.context.desk, self.context.session

        def numbers() -> tuple[IncidentId, ...]:
            with shelf(desk, session) as found:
                return tuple(one.id for one in found.incidents)

        def opened(found: tuple[IncidentId, ...]) -> None:
            if len(found) == 1 and self._incident is None and self.isVisible():
                self.open(found[0])

        self.context.tasks.start(lambda _told: numbers(), done=opened)

    def leave(self) -> None:
        self.deck.main.pause()
        self._log_viewing()

    def close_down(self) -> None:
        self._put_away()
        self._incident = None
        self.incident_shown.emit("", "")
        self.parts.show_empty("Open an incident in the Library (F3): choose it and press Enter.")

    def _put_away(self) -> None:
        self.deck.main.pause()
        self._log_viewing()
        self.deck.close()
        self.board.show(None)
        self.acts.begin()
        self.tagger.clear()

    def _log_viewing(self) -> None:
        """Say in the log what was really played, with the purpose of the session."""
        desk, session = self.context.desk, self.context.session
        for recording, spans in self.deck.take_played().items():

            def say(_told: Told[None], one: RecordingId = recording, played: tuple[Span, ...] = spans) -> None:
                log_viewing(desk, session, one, played, session.purpose)

            self.context.tasks.start(say, lane=Lane.ACTS)

    # from the parts

    def _soon(self) -> None:
        if not self._paint_soon.isActive():
            self._paint_soon.start(0)

    def _repaint(self) -> None:
        board, parts = self.board, self.parts
        parts.timeline.set_model(model_of(board, self.context.desk.taxonomy, self._bands))
        parts.fit_timeline()
        parts.timeline.select(f"{TAG}{board.tag.id}" if board.tag else "")
        waiting = {one.code for one in board.pending.values() if one.end is None}
        parts.palette.show_open(frozenset({tag.code for tag in board.open_tags} | waiting))
        self._mark_lines()
        self.say_state()

    def _mark_lines(self) -> None:
        case, board = self.board.case, self.board
        if case is None:
            return
        spans = [(tag.start, tag.end or tag.start, str(tag.code)) for tag in board.in_order()]
        for one in board.open_candidates:
            placed = case.clip_of(one.recording).clock.span_to_incident(one.span)
            spans.append((placed.start, placed.end, str(one.code)))
        self.parts.transcript.lines.mark(spans)

    def say_state(self) -> None:
        """Saved state, open intervals and marks, at the bottom right."""
        if not self.isVisible() or self.board.case is None:
            return
        saving = self.context.tasks.saving
        words = [f"saving {saving} …" if saving else "saved", f"{len(self.board.open_tags)} open"]
        marks = self.tagger.marks
        if marks.start is not None or marks.end is not None:
            words.insert(0, self.parts.marks_text(marks.start, marks.end))
        self.context.state_said.emit(" · ".join(words))

    def _moved(self, us: int) -> None:
        self.parts.show_moment(us)
        self.parts.timeline.follow(us)
        self.parts.transcript.follow(us + self.deck.frame_us)  # said while this frame is on screen

    def _focused(self, track: Track) -> None:
        self._show_transcript(track)

    def _main_loaded(self, source: PlayerSource) -> None:
        self.parts.video.set_source(source)

    def _show_transcript(self, track: Track) -> None:
        case = self.board.case
        if case is None:
            return
        if self._all_cameras:
            rows, said = rows_of(case.tracks), "all cameras · machine text"
        else:
            rows, said = rows_of_track(track, case.tracks.index(track) + 1), heard_text(track)
        self.parts.transcript.show_rows(rows)
        self.parts.heard.setText(said)
        self.parts.heard.setToolTip(said)
        self._mark_lines()

    def _toggle_cameras(self) -> None:
        self._all_cameras = not self._all_cameras
        self.parts.cameras.setText("All cameras" if self._all_cameras else "This camera")
        if self.deck.track is not None:
            self._show_transcript(self.deck.track)

    def _show_selected(self, tag: object) -> None:
        self.parts.timeline.select(f"{TAG}{self.board.tag.id}" if tag is not None and self.board.tag else "")

    def _show_current(self) -> None:
        one = self.board.current
        if one is not None and self.board.tag is None:
            self.parts.timeline.select(f"{CANDIDATE}{one.id}")

    def _row_chosen(self, row: TranscriptRow) -> None:
        self.deck.seek(row.start)

    def _reject(self, reason: str) -> None:
        one = self.board.current
        if one is not None and one in self.board.open_candidates:
            self.acts.reject(one, reason)

    # Qt

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_K and not event.isAutoRepeat():
            self.deck.main.release_k()
        super().keyReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.keys.isVisible():
            self.keys.setGeometry(self.rect())
