"""What a hand on the timeline does: a mark clicked, double-clicked, or dragged by its edge."""

from __future__ import annotations

from bwc_review.domain.ids import CandidateId, TagId
from bwc_review.domain.tags import Tag
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.commands import Commands
from ui.review_desk.seeking import CONTEXT_US
from ui.review_desk.taggers import Tagger
from ui.review_desk.timeline_feed import CANDIDATE, TAG
from ui.timeline import TimelineView


class MarkHand:
    """Turns marks of the timeline back into tags and candidates."""

    def __init__(self, board: Board, deck: CameraDeck, tagger: Tagger, commands: Commands) -> None:
        self._board = board
        self._deck = deck
        self._tagger = tagger
        self._commands = commands

    def serve(self, timeline: TimelineView) -> None:
        """Answer a timeline's signals."""
        timeline.mark_selected.connect(self._select)
        timeline.mark_activated.connect(self._play)
        timeline.edge_dragged.connect(self._drag)

    def _tag(self, mark: str) -> Tag | None:
        return self._board.tags.get(TagId(mark[len(TAG) :])) if mark.startswith(TAG) else None

    def _select(self, mark: str) -> None:
        if mark.startswith(TAG):
            self._board.select(self._tag(mark))
        elif mark.startswith(CANDIDATE):
            wanted = CandidateId(mark[len(CANDIDATE) :])
            self._board.show_candidate(next((one for one in self._board.candidates if one.id == wanted), None))

    def _play(self, mark: str) -> None:
        self._select(mark)
        tag, one = self._tag(mark), self._board.current
        if tag is not None:
            end = tag.start if tag.end is None else tag.end
            self._deck.play_span(max(0, tag.start - CONTEXT_US), end + CONTEXT_US)
        elif mark.startswith(CANDIDATE) and one is not None:
            self._commands.play_candidate(one)

    def _drag(self, mark: str, start: int, end: int | None) -> None:
        tag = self._tag(mark)
        if tag is not None:
            self._tagger.drag(tag, start, end)
