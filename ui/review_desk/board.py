"""What stands on the desk now: current tags, open suggestions, persons. Changed by acts, watched by views.

Holds no rule; a tag still on its way to the disk is shown as "saving".
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.ids import CandidateId, EventCode, ParticipantId, TagId
from bwc_review.domain.tags import Tag, TagState
from ui.review_desk.case import ReviewCase

USUAL_PEOPLE = ("O1", "O2", "S", "B")


@dataclass(frozen=True, slots=True)
class Pending:
    """A mark shown before the disk has it. ``end`` None for an interval just opened."""

    key: str
    code: EventCode
    start: int
    end: int | None


class Board(QObject):
    """The mutable middle of the desk; GUI thread only."""

    tags_changed = Signal()
    candidates_changed = Signal()
    people_changed = Signal()
    selected = Signal(object)  # Tag or None
    current_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.case: ReviewCase | None = None
        self.tags: dict[TagId, Tag] = {}
        self.pending: dict[str, Pending] = {}
        self.states: dict[CandidateId, CandidateState] = {}
        self.people: tuple[ParticipantId, ...] = ()
        self.actor: ParticipantId | None = None
        self.target: ParticipantId | None = None
        self.tag: Tag | None = None
        self._current: CandidateId | None = None

    def show(self, case: ReviewCase | None) -> None:
        """Put another incident on the desk."""
        self.case = case
        self.pending = {}
        self.tag = None
        self.actor = self.target = None
        self.tags = {tag.id: tag for tag in case.tags if tag.state is TagState.CONFIRMED} if case else {}
        decided = case.decisions if case else {}
        self.states = {
            one.id: decided[one.id].state if one.id in decided else CandidateState.OPEN
            for one in (case.candidates if case else ())
        }
        self.people = self._people()
        self._current = next((one.id for one in self.open_candidates), None)
        for signal in (self.people_changed, self.tags_changed, self.candidates_changed, self.current_changed):
            signal.emit()
        self.selected.emit(None)

    def _people(self) -> tuple[ParticipantId, ...]:
        found = [ParticipantId(one) for one in USUAL_PEOPLE]
        if self.case is not None:
            found += [track.wearer for track in self.case.tracks if track.wearer]
            found += [one for tag in self.case.tags for one in (tag.actor, tag.target) if one]
        return tuple(dict.fromkeys(found))

    def add_person(self, name: ParticipantId) -> None:
        """One more person who can act."""
        if name and name not in self.people:
            self.people = (*self.people, name)
            self.people_changed.emit()

    def act_as(self, person: ParticipantId | None) -> None:
        """Who acts in the tags written from now on."""
        self.actor = person
        self.people_changed.emit()

    def aim_at(self, person: ParticipantId | None) -> None:
        """Towards whom."""
        self.target = person
        self.people_changed.emit()

    # tags

    @property
    def open_tags(self) -> tuple[Tag, ...]:
        """Intervals nobody has closed yet."""
        return tuple(tag for tag in self.tags.values() if tag.end is None)

    def in_order(self) -> tuple[Tag, ...]:
        """Every current tag by time."""
        return tuple(sorted(self.tags.values(), key=lambda tag: (tag.start, tag.id)))

    def put(self, tag: Tag, instead_of: TagId | None = None) -> None:
        """A tag is on disk, perhaps in the place of an earlier revision."""
        if instead_of is not None:
            self.tags.pop(instead_of, None)
        self.tags[tag.id] = tag
        self.pending.pop(tag.key, None)
        self.tags_changed.emit()
        if self.tag is None or self.tag.id in (instead_of, tag.id) or instead_of is None:
            self.select(tag)

    def take(self, tag: TagId) -> None:
        """A tag was withdrawn."""
        self.tags.pop(tag, None)
        self.tags_changed.emit()
        if self.tag is not None and self.tag.id == tag:
            self.select(None)

    def expect(self, pending: Pending) -> None:
        """Show a tag that is being saved."""
        self.pending[pending.key] = pending
        self.tags_changed.emit()

    def forget(self, key: str) -> None:
        """It was not saved after all."""
        if self.pending.pop(key, None) is not None:
            self.tags_changed.emit()

    def select(self, tag: Tag | None) -> None:
        """Show a tag in the inspector."""
        self.tag = tag
        self.selected.emit(tag)

    # suggestions

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every suggestion by time, decided ones included."""
        return self.case.candidates if self.case is not None else ()

    @property
    def open_candidates(self) -> tuple[Candidate, ...]:
        """Suggestions nobody has decided."""
        return tuple(one for one in self.candidates if self.states[one.id] is CandidateState.OPEN)

    @property
    def current(self) -> Candidate | None:
        """The suggestion on the card."""
        return next((one for one in self.candidates if one.id == self._current), None)

    def decide(self, candidate: CandidateId, state: CandidateState) -> None:
        """A suggestion was confirmed, rejected or reopened."""
        self.states[candidate] = state
        self.candidates_changed.emit()
        self.current_changed.emit()

    def show_candidate(self, candidate: Candidate | None) -> None:
        """Put a suggestion on the card."""
        self._current = candidate.id if candidate else None
        self.current_changed.emit()

    def step_candidate(self, by: int) -> Candidate | None:
        """The next (previous) suggestion nobody has decided, round the end; None when all are decided."""
        order = [one.id for one in self.candidates]
        here = order.index(self._current) if self._current in order else -1 if by > 0 else len(order)
        count = len(order)
        for distance in range(1, count + 1):
            found = self.candidates[(here + by * distance) % count]
            if self.states[found.id] is CandidateState.OPEN:
                self.show_candidate(found)
                return found
        return None
