"""The decoding thread: newest wish wins, a bounded queue, refusals and damage as values, an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwc_review.errors import MediaUnreadable
from bwc_review.playback.exact import ExactReader
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.table import read_table
from bwc_review.playback.worker import QUEUE, DecodeWorker, Delivery, Failed, Finished, Opened
from ingest.index import build_index
from tests.unit.playback.clips import opened, tear


def next_of(worker: DecodeWorker, seconds: float = 10.0) -> Delivery:
    """The next delivery; fails the test when none comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        got = worker.take()
        if got is not None:
            return got
        time.sleep(0.001)
    raise AssertionError("the worker delivered nothing")


@pytest.fixture
def started() -> Iterator[Callable[[Path | bytes, Path], DecodeWorker]]:
    workers: list[DecodeWorker] = []

    def start(clip: Path | bytes, whole: Path) -> DecodeWorker:
        table = read_table(build_index(opened(whole)))
        worker = DecodeWorker(lambda: ExactReader(opened(clip), table, size=(160, 90)))
        workers.append(worker)
        worker.start()
        assert isinstance(next_of(worker), Opened)
        return worker

    yield start
    assert all(worker.close() for worker in workers)


def test_only_the_newest_of_many_wishes_is_delivered(started, numbered) -> None:
    worker = started(numbered["long"], numbered["long"])
    for n in range(100, 20, -7):
        worker.show(n)
    worker.show(3)
    got = next_of(worker)
    time.sleep(0.3)
    assert isinstance(got, Frame) and got.n == 3
    assert worker.take() is None


def test_playing_delivers_every_frame_in_order_and_then_says_it_is_finished(started, numbered) -> None:
    worker = started(numbered["variable"], numbered["variable"])
    worker.play(100)
    got = [next_of(worker) for _ in range(21)]
    assert [frame.n for frame in got[:20] if isinstance(frame, Frame)] == list(range(100, 120))
    assert isinstance(got[20], Finished)


def test_playing_backwards_delivers_every_frame_down_to_the_first(started, numbered) -> None:
    worker = started(numbered["plain"], numbered["plain"])
    worker.play(70, backwards=True)
    got = [next_of(worker) for _ in range(72)]
    assert [frame.n for frame in got[:71] if isinstance(frame, Frame)] == list(range(70, -1, -1))
    assert isinstance(got[71], Finished)


def test_no_more_than_eight_pictures_wait(started, numbered) -> None:
    worker = started(numbered["plain"], numbered["plain"])
    worker.play(0)
    time.sleep(0.5)
    waiting = []
    while (got := worker.take()) is not None and len(waiting) < QUEUE:
        waiting.append(got)
    assert len(waiting) == QUEUE


def test_what_the_clock_has_passed_is_left_out(started, numbered) -> None:
    worker = started(numbered["plain"], numbered["plain"])
    worker.play(0)
    worker.hurry(2_000_000)
    numbers = [shown.n for shown in (next_of(worker) for _ in range(QUEUE + 4)) if isinstance(shown, Frame)]
    assert max(numbers) >= 60
    assert len(numbers) < 60


def test_a_damaged_stretch_is_played_across_in_words(started, numbered) -> None:
    whole = numbered["plain"]
    worker = started(tear(whole.read_bytes(), 0.35, 0.6), whole)
    worker.play(30)
    got = [next_of(worker) for _ in range(91)]
    assert any(isinstance(shown, Damage) for shown in got)
    assert isinstance(got[-1], Finished)


def test_a_recording_that_cannot_be_opened_is_a_sentence_not_a_traceback() -> None:
    def refuse() -> ExactReader:
        raise MediaUnreadable("This recording has no picture.")

    worker = DecodeWorker(refuse)
    worker.start()
    assert next_of(worker) == Failed("This recording has no picture.")
    assert worker.close()


def test_closing_while_the_queue_is_full_ends_the_thread(started, numbered) -> None:
    worker = started(numbered["plain"], numbered["plain"])
    worker.play(0)
    time.sleep(0.2)
    assert worker.close(timeout=5)
