"""What each action of the key map does, in terms of deck, board and acts. Knows which key none of them is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import EventCode, ParticipantId
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Layer
from bwc_review.domain.times import clock_text
from ui.context import Context
from ui.review_desk.acts import Acts
from ui.review_desk.ask_line import AskLine
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.seeking import CONTEXT_US, Seeker
from ui.review_desk.taggers import Tagger

SECOND = 1_000_000
REPLAY_US = 5 * SECOND


class Views(Protocol):
    """The parts of the page that commands move."""

    def ask_line(self) -> AskLine: ...
    def to_video(self) -> None: ...
    def next_part(self) -> None: ...
    def toggle_keys(self) -> None: ...
    def show_hits(self, moments: tuple[int, ...]) -> None: ...
    def back_to_now(self) -> None: ...
    def step_line(self, by: int) -> None: ...
    def zoom(self, way: str) -> None: ...
    def focus_attributes(self) -> None: ...
    def focus_note(self) -> None: ...
    def ask_reject_reason(self) -> None: ...
    def choose_palette(self, number: int) -> None: ...
    def code_of(self, digit: int) -> EventCode | None: ...


class Commands:
    """One method or one line per action of the key map."""

    def __init__(
        self, context: Context, views: Views, board: Board, acts: Acts, deck: CameraDeck, tagger: Tagger
    ) -> None:
        self._context = context
        self._views = views
        self._board = board
        self._acts = acts
        self._deck = deck
        self._tagger = tagger
        self._seeker = Seeker(context, views, board, deck)

    def actions(self) -> dict[str, Callable[..., object]]:
        """Every action by its name in ``ui/data/keys.toml``."""
        return {**self._playing(), **self._tagging(), **self._moving()}

    def _playing(self) -> dict[str, Callable[..., object]]:
        main = self._deck.main
        return {
            "play_pause": main.toggle,
            "pause": main.press_k,
            "backwards": main.press_j,
            "forwards": main.press_l,
            "frame_back": lambda: main.step(-1),
            "frame_on": lambda: main.step(1),
            "ten_back": lambda: main.step(-10),
            "ten_on": lambda: main.step(10),
            "second_back": lambda: self._by(-SECOND),
            "second_on": lambda: self._by(SECOND),
            "five_back": lambda: self._by(-5 * SECOND),
            "five_on": lambda: self._by(5 * SECOND),
            "thirty_back": lambda: self._by(-30 * SECOND),
            "thirty_on": lambda: self._by(30 * SECOND),
            "slower": main.slower,
            "faster": main.faster,
            "replay": self._replay,
            "loop": self._loop,
            "switch_camera": self._deck.focus_next,
        }

    def _tagging(self) -> dict[str, Callable[..., object]]:
        tagger, board = self._tagger, self._board
        return {
            "next_open": lambda: self.step_candidate(1),
            "previous_open": lambda: self.step_candidate(-1),
            "confirm": self.confirm,
            "reject": self._views.ask_reject_reason,
            "change_code": self.change_code,
            "code": self.press_digit,
            "palette": self._views.choose_palette,
            "person": lambda n: self._person(n, board.actor, board.act_as),
            "target": lambda n: self._person(n, board.target, board.aim_at),
            "tag_by_name": self._tag_by_name,
            "mark_in": tagger.set_in,
            "mark_out": tagger.set_out,
            "go_in": lambda: self._go(tagger.marks.start),
            "go_out": lambda: self._go(tagger.marks.end),
            "attributes": self._views.focus_attributes,
            "note": self._views.focus_note,
            "next_tag": lambda: self._step_tag(1),
            "previous_tag": lambda: self._step_tag(-1),
            "next_same": lambda: self._step_tag(1, same=True),
            "previous_same": lambda: self._step_tag(-1, same=True),
            "start_earlier": lambda: tagger.nudge(board.tag, start=-self._deck.frame_us),
            "start_later": lambda: tagger.nudge(board.tag, start=self._deck.frame_us),
            "end_earlier": lambda: tagger.nudge(board.tag, end=-self._deck.frame_us),
            "end_later": lambda: tagger.nudge(board.tag, end=self._deck.frame_us),
            "retract": self._retract,
            "undo": self._acts.stack.undo,
            "redo": self._acts.stack.redo,
        }

    def _moving(self) -> dict[str, Callable[..., object]]:
        views = self._views
        return {
            "line_up": lambda: views.step_line(-1),
            "line_down": lambda: views.step_line(1),
            "now": views.back_to_now,
            "find": self._seeker.find,
            "go_to": self._seeker.go_to,
            "zoom_in": lambda: views.zoom("in"),
            "zoom_out": lambda: views.zoom("out"),
            "fit": lambda: views.zoom("fit"),
            "next_part": views.next_part,
            "keys": views.toggle_keys,
            "to_video": views.to_video,
            "export": lambda: self._context.page_asked.emit("export"),
        }

    # playing

    def _by(self, us: int) -> None:
        self._deck.seek(max(0, self._deck.position_us + us))

    def _go(self, us: int | None) -> None:
        if us is not None:
            self._deck.seek(us)

    def _replay(self) -> None:
        here = self._deck.position_us
        self._deck.play_span(max(0, here - REPLAY_US), here)

    def _loop(self) -> None:
        span = self._tagger.marks.span() or self._tag_span(self._board.tag) or self._candidate_span()
        if span is not None:
            self._deck.play_span(*span, looping=True)

    def _tag_span(self, tag: Tag | None) -> tuple[int, int] | None:
        if tag is None:
            return None
        end = self._deck.position_us if tag.end is None else tag.end
        if end - tag.start < SECOND // 2:
            return max(0, tag.start - SECOND), tag.start + SECOND
        return tag.start, end

    def _candidate_span(self) -> tuple[int, int] | None:
        case, one = self._board.case, self._board.current
        if case is None or one is None:
            return None
        span = case.clip_of(one.recording).clock.span_to_incident(one.span)
        return span.start, span.end

    # suggestions

    def step_candidate(self, by: int) -> None:
        """Go to the next suggestion nobody decided and play it."""
        found = self._board.step_candidate(by)
        if found is not None:
            self.play_candidate(found)
        else:
            self._context.noticed.emit("Every suggestion of this incident is decided.")

    def play_candidate(self, one: Candidate) -> None:
        """Play a suggestion with two seconds before it, on the camera that heard it."""
        case = self._board.case
        if case is None:
            return
        track, clip = case.track_of(one.recording), case.clip_of(one.recording)
        span = clip.clock.span_to_incident(one.span)
        start = max(clip.span.start, span.start - CONTEXT_US)
        if self._deck.track is not track:
            self._deck.focus(track, start)
        self._deck.play_span(start, span.end + SECOND)

    def confirm(self) -> None:
        """Heard it."""
        one = self._board.current
        if one is not None and one in self._board.open_candidates:
            self._acts.confirm(one)

    def change_code(self) -> None:
        """Heard, but it is another code."""
        one = self._board.current
        if one is None or one not in self._board.open_candidates:
            self._tag_by_name()
            return
        self._views.ask_line().ask(
            f"“{one.words[:40]}” is",
            lambda code: self._acts.confirm(one, EventCode(code)),
            placeholder="type a part of the code's name",
            choices=self._codes(judgements=False),
        )

    # tags

    def press_digit(self, digit: int) -> None:
        """A digit of the palette."""
        code = self._views.code_of(digit)
        if code is not None and self._board.case is not None:
            self._tagger.press(code)

    def _tag_by_name(self) -> None:
        self._views.ask_line().ask(
            f"Tag at {clock_text(self._deck.position_us)[:-2]}",
            lambda code: self._tagger.press(EventCode(code)),
            placeholder="type a part of the code's name",
            choices=self._codes(judgements=True),
        )

    def _codes(self, *, judgements: bool) -> dict[str, str]:
        events = self._context.desk.taxonomy.events.values()
        wanted = (Layer.OBSERVATION, Layer.JUDGEMENT) if judgements else (Layer.OBSERVATION,)
        return {f"{one.label}  ·  {one.code}": str(one.code) for one in events if one.layer in wanted}

    def _person(
        self, number: int, chosen: ParticipantId | None, choose: Callable[[ParticipantId | None], object]
    ) -> None:
        people = self._board.people
        if number <= len(people):
            person = people[number - 1]
            choose(None if person == chosen else person)

    def _step_tag(self, by: int, *, same: bool = False) -> None:
        board, here = self._board, self._deck.position_us
        tags = [tag for tag in board.in_order() if not same or board.tag is None or tag.code == board.tag.code]
        if not tags:
            return
        if board.tag in tags:
            found = tags[(tags.index(board.tag) + by) % len(tags)]
        else:
            after = [tag for tag in tags if tag.start > here]
            before = [tag for tag in tags if tag.start <= here]
            found = (after or tags)[0] if by > 0 else (before or tags)[-1]
        board.select(found)
        self._deck.seek(found.start)

    def _retract(self) -> None:
        tag = self._board.tag
        if tag is None:
            self._context.noticed.emit("Choose a tag first: [ and ] go from tag to tag.")
            return
        label = self._context.desk.taxonomy.events[tag.code].label
        self._views.ask_line().ask(
            f"Withdraw “{label}”: why?",
            lambda text: self._acts.withdraw(tag, text),
            placeholder="The tag stays on record as withdrawn, with this reason",
        )
