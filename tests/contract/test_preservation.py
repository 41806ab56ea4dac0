"""Quarantines and scrubs as rows, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bwc_review.ports.preservation import QuarantineRow, ScrubRun
from bwc_review.ports.store import Store
from tests.contract.stores import KINDS, new_place, open_store

SHA, OTHER, LARGE = "ab" * 32, "cd" * 32, 2**53 - 1
ROW = QuarantineRow(SHA, "WS1-0001", "scrub_differs", LARGE)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with new_place(request.param) as place:
        opened = open_store(place)
        yield opened
        opened.close()


def test_what_is_set_aside_is_held_until_it_is_released_and_can_be_set_aside_again(store: Store) -> None:
    with store.writing() as work:
        work.preservation.set_aside(replace(ROW, sha256=OTHER, exhibit=""))
        work.preservation.set_aside(ROW)
    with store.reading() as work:
        assert work.preservation.quarantined() == [ROW, replace(ROW, sha256=OTHER, exhibit="")]
    with store.writing() as work:
        work.preservation.release(SHA, 7)
        assert [one.sha256 for one in work.preservation.quarantined()] == [OTHER]
        work.preservation.set_aside(replace(ROW, finding="orphan_differs"))
    with store.reading() as work:
        assert work.preservation.quarantined()[0] == replace(ROW, finding="orphan_differs")


def test_a_scrub_is_kept_as_it_goes_and_the_last_one_is_known(store: Store) -> None:
    first, second = ScrubRun("s-1", 10, 5), ScrubRun("s-2", 100, LARGE)
    with store.writing() as work:
        assert work.preservation.last_scrub() is None
        work.preservation.keep_scrub(first)
        work.preservation.keep_scrub(replace(first, last_sha256=SHA, done=1, failed=1))
        assert work.preservation.open_scrub() == replace(first, last_sha256=SHA, done=1, failed=1)
        work.preservation.keep_scrub(replace(first, state="done"))
        work.preservation.keep_scrub(replace(second, state="done"))
    with store.reading() as work:
        assert work.preservation.open_scrub() is None
        assert work.preservation.last_scrub() == replace(second, state="done")


def test_an_adoption_is_remembered(store: Store) -> None:
    with store.writing() as work:
        assert not work.preservation.adopted(SHA)
        work.preservation.adopt(SHA, LARGE)
    with store.reading() as work:
        assert work.preservation.adopted(SHA) and not work.preservation.adopted(OTHER)
