"""The review desk on real recordings, driven by its keys: what a person does is stored and can be taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import EventCode
from bwc_review.domain.tags import TagSource
from bwc_review.review.desk import Desk
from tests.desks import AUDITOR
from tests.ui.desk_hands import WAIT_MS, acts, current_tags, decided, press, settle, window_of
from ui.review_desk.ask_line import ranked
from ui.review_desk.finding import typed_frame, typed_moment
from ui.review_desk.keys import KeysConflict, key_map, read_keys
from ui.review_desk.page import ReviewPage
from ui.review_desk.palette_bar import palettes
from ui.review_desk.transcript_rows import RowKind
from ui.shell import Shell

pytest_plugins = ("tests.ui.desk_kit",)

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def page(review: Shell) -> ReviewPage:
    found = review.pages["review"]
    assert isinstance(found, ReviewPage)
    return found


def test_confirming_by_key_writes_the_decision_and_its_tag(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    candidate = page.board.current
    assert candidate is not None
    press(qtbot, page, Qt.Key.Key_V)
    settle(qtbot, review)
    assert decided(desk) == {candidate.id: CandidateState.CONFIRMED}
    (tag,) = current_tags(desk)
    assert (tag.candidate, tag.source) == (candidate.id, TagSource.ASR_CANDIDATE)
    assert page.board.states[candidate.id] is CandidateState.CONFIRMED


def test_undo_of_a_confirmation_opens_the_candidate_again_and_withdraws_its_tag(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    candidate = page.board.current
    assert candidate is not None
    press(qtbot, page, Qt.Key.Key_V)
    press(qtbot, page, Qt.Key.Key_Z, CTRL)
    settle(qtbot, review)
    assert decided(desk)[candidate.id] is CandidateState.OPEN
    assert current_tags(desk) == []
    press(qtbot, page, Qt.Key.Key_Z, CTRL, SHIFT)
    settle(qtbot, review)
    assert decided(desk)[candidate.id] is CandidateState.CONFIRMED
    assert len(current_tags(desk)) == 1


def test_rejecting_by_key_asks_for_a_reason_and_writes_it(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    candidate = page.board.current
    assert candidate is not None
    press(qtbot, page, Qt.Key.Key_V, SHIFT)
    assert page.parts.card.reason.hasFocus()
    press(qtbot, page, Qt.Key.Key_2)
    settle(qtbot, review)
    with desk.store.reading() as work:
        decision = work.reviews.decisions()[candidate.id]
    assert (decision.state, decision.reason) == (CandidateState.REJECTED, "not said to the person")
    assert current_tags(desk) == []
    assert page.parts.video.hasFocus()


def test_stepping_goes_to_the_next_open_candidate_and_plays_it(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
) -> None:
    first = page.board.current
    press(qtbot, page, Qt.Key.Key_U)
    assert page.board.current is not first
    qtbot.waitUntil(lambda: page.deck.main.state == "playing", timeout=WAIT_MS)
    wanted = page.board.current
    assert wanted is not None
    assert page.deck.clip is not None
    assert page.deck.clip.recording.id == wanted.recording


def test_a_digit_writes_a_moment_while_it_plays_and_playing_goes_on(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_2, CTRL)
    press(qtbot, page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.deck.position_us > 300_000, timeout=WAIT_MS)
    press(qtbot, page, Qt.Key.Key_2)  # palette force: a strike
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert (tag.code, tag.source) == ("FRC.STRIKE", TagSource.HUMAN)
    assert tag.end == tag.start
    assert tag.start >= 300_000
    assert page.deck.main.state == "playing"


def test_the_key_of_an_interval_opens_it_and_closes_it_again(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_4, CTRL)
    press(qtbot, page, Qt.Key.Key_1)
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert (tag.code, tag.end) == ("RST.HANDCUFF", None)
    assert EventCode("RST.HANDCUFF") in {one.code for one in page.board.open_tags}
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: page.deck.position_us >= 900_000, timeout=WAIT_MS)
    press(qtbot, page, Qt.Key.Key_1)
    settle(qtbot, review)
    (closed,) = current_tags(desk)
    assert closed.supersedes == tag.id
    assert closed.end is not None
    assert closed.end > closed.start
    assert page.board.open_tags == ()


def test_two_presses_faster_than_the_disk_make_one_closed_interval(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_4, CTRL)
    press(qtbot, page, Qt.Key.Key_1)
    press(qtbot, page, Qt.Key.Key_1)
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert tag.end == tag.start


def test_undo_withdraws_a_tag_and_the_log_says_both(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_2, CTRL)
    press(qtbot, page, Qt.Key.Key_4)
    settle(qtbot, review)
    assert [tag.code for tag in current_tags(desk)] == ["FRC.PUSH"]
    press(qtbot, page, Qt.Key.Key_Z, CTRL)
    settle(qtbot, review)
    assert current_tags(desk) == []
    assert acts(desk)[-2:] == ["tag.added", "tag.withdrawn"]


def test_a_judgement_asks_why_and_keeps_the_moment_of_the_key_press(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_3, CTRL)
    press(qtbot, page, Qt.Key.Key_1)
    assert page.parts.ask.field.hasFocus()
    assert current_tags(desk) == []
    qtbot.keyClicks(page.parts.ask.field, "he was down 1 2 v")
    press(qtbot, page, Qt.Key.Key_Return)
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert (tag.code, tag.attrs["basis"], tag.start) == ("DTI.TRIGGER", "he was down 1 2 v", 0)
    assert decided(desk) == {}


def test_who_acts_is_chosen_by_key_and_stands_in_the_tag(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_2, ALT)
    press(qtbot, page, Qt.Key.Key_3, ALT, SHIFT)
    press(qtbot, page, Qt.Key.Key_2, CTRL)
    press(qtbot, page, Qt.Key.Key_4)
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert (tag.actor, tag.target) == ("O2", "S")


def test_an_attribute_set_in_the_inspector_is_a_new_revision(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_4, CTRL)
    press(qtbot, page, Qt.Key.Key_1)
    settle(qtbot, review)
    press(qtbot, page, Qt.Key.Key_A)
    press(qtbot, page, Qt.Key.Key_Down)  # the first needed attribute: position, its first value
    settle(qtbot, review)
    (tag,) = current_tags(desk)
    assert tag.attrs == {"position": "front"}
    assert tag.supersedes is not None


def test_withdrawing_asks_for_a_reason_inline(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_2, CTRL)
    press(qtbot, page, Qt.Key.Key_4)
    settle(qtbot, review)
    press(qtbot, page, Qt.Key.Key_Delete)
    qtbot.keyClicks(page.parts.ask.field, "wrong moment")
    press(qtbot, page, Qt.Key.Key_Return)
    settle(qtbot, review)
    assert current_tags(desk) == []


def test_what_was_played_is_logged_with_the_purpose_on_leaving(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.deck.position_us > 400_000, timeout=WAIT_MS)
    review.show_page("library")
    settle(qtbot, review)
    assert "media.viewed" in acts(desk)


def test_the_transcript_says_what_was_not_transcribed(page: ReviewPage) -> None:
    kinds = {row.kind for row in page.parts.transcript.lines.rows}
    assert {RowKind.SAID, RowKind.UNTRANSCRIBED} <= kinds
    texts = [row.text for row in page.parts.transcript.lines.rows]
    assert "speech, not transcribed · 0.4 s" in texts


def test_a_text_field_keeps_its_letters(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
    desk: Desk,
) -> None:
    press(qtbot, page, Qt.Key.Key_F, CTRL)
    field = page.parts.ask.field
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "knife v1")
    assert field.text() == "knife v1"
    assert decided(desk) == {}
    assert current_tags(desk) == []


def test_finding_says_how_many_and_how_much_was_searched(
    qtbot: QtBot,
    review: Shell,
    page: ReviewPage,
) -> None:
    press(qtbot, page, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(page.parts.ask.field, "taser")
    press(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "searched" in page.parts.ask.hint.text(), timeout=WAIT_MS)
    assert " of " in page.parts.ask.hint.text()


def test_the_overlay_lists_every_key_of_the_map(qtbot: QtBot, review: Shell, page: ReviewPage) -> None:
    press(qtbot, page, Qt.Key.Key_Question)
    assert page.keys.isVisible()
    press(qtbot, page, Qt.Key.Key_Escape)
    assert not page.keys.isVisible()


def test_every_code_of_a_palette_is_one_of_the_taxonomy_and_can_be_written_by_a_person(desk: Desk) -> None:
    for palette in palettes():
        assert len(palette.codes) <= 10
        for code in palette.codes:
            assert desk.taxonomy.events[code].layer.value in ("observation", "judgement"), code


def test_two_actions_on_one_key_are_refused() -> None:
    line = {"group": "Play", "action": "a", "keys": "Ctrl+K", "words": ""}
    with pytest.raises(KeysConflict):
        read_keys({"key": [line, {**line, "action": "b", "keys": "Ctrl+k"}]})


def test_nothing_in_the_key_map_needs_a_number_pad_and_every_line_has_words() -> None:
    for key in key_map():
        assert key.words
        assert "Num" not in key.keys


@pytest.mark.parametrize(
    ("typed", "us"),
    [("62", 62_000_000), ("1:02.5", 62_500_000), ("1:02:03", 3_723_000_000), ("soon", None), ("", None)],
)
def test_a_typed_moment_is_read_as_people_write_it(typed: str, us: int | None) -> None:
    assert typed_moment(typed) == us


def test_a_typed_frame_is_a_frame() -> None:
    assert (typed_frame("f 1625"), typed_frame("1625")) == (1625, None)


def test_a_code_typed_by_name_is_found_by_how_its_name_begins_before_what_it_merely_holds() -> None:
    choices = ["Encounter ends (handed over)", "Discharge call-out", "Handcuffs on", "Hit by hand"]
    assert ranked("hand", choices) == ["Handcuffs on", "Encounter ends (handed over)", "Hit by hand"]


def test_a_role_that_may_not_watch_is_shown_no_picture_and_the_refusal_is_logged(qtbot: QtBot, desk: Desk) -> None:
    window = window_of(qtbot, desk, AUDITOR, "audit", "review")
    page = window.pages["review"]
    assert isinstance(page, ReviewPage)
    qtbot.waitUntil(lambda: "access.denied" in acts(desk), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "may not do this" in page.parts.empty.text(), timeout=WAIT_MS)
    assert page.board.case is None
    assert page.deck.main.state == "empty"
    window.close()
