"""A card with every odd file the project was given: docked for real, preserved byte for byte, described."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from bwc_review.domain.recording import Playability
from bwc_review.ports.jobs import JobState
from bwc_review.ports.records import Outcome
from bwc_review.review.desk import Desk
from tests.desks import Onlooker, dock
from tests.unit.ingest.conftest import REPOSITORY

ODD = REPOSITORY.parent / "shared" / "media"
FILES = sorted(one for one in ODD.glob("*") if one.suffix != ".md") if ODD.is_dir() else []
UNPLAYABLE = {
    "go-mp4__sample_init.encv.mp4": "encrypted",
    "mp4ff__cbcs.mp4": "encrypted",
    "mp4ff__init_truncated.mp4": "615 bytes are missing",
    "mp4parse-rust__chunk_out_of_range.mp4": "structure of the recording",
    "mp4parse-rust__invalid_userdata.mp4": "No picture can be decoded",
}
DAMAGED = {
    "mp4ff__v300_multiple_segments.mp4": "The header claims 3900.0 s; 8.0 s are there.",
    "mp4parse-rust__no_timescale.mp4": "cannot be decoded",
}
NOT_MADE = {("mp4parse-rust__no_timescale.mp4", "proxy")}


@pytest.mark.skipif(not FILES, reason="the shared odd media files are not here")
def test_a_card_of_odd_files_is_taken_whole_described_and_made_ready_where_it_can_be(
    desk: Desk, tmp_path: Path
) -> None:
    card = tmp_path / "CARD" / "DCIM"
    card.mkdir(parents=True)
    for file in FILES:
        shutil.copyfile(file, card / file.name)
    watch = Onlooker()
    _, report = dock(desk, card.parent, watch)
    assert {one.outcome for one in report.acquisitions} == {Outcome.TAKEN}
    assert len(report.acquisitions) == len(FILES)
    for file in FILES:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        with desk.vault.open(sha256) as kept:
            assert kept.read() == file.read_bytes()
    names = {one.id: one.name.rpartition("/")[2] for one in report.recordings}
    assert set(names.values()) == {one.name for one in FILES}
    for recording in report.recordings:
        name = names[recording.id]
        assert recording.facts is not None
        said = " ".join(recording.facts.damage)
        assert UNPLAYABLE.get(name, DAMAGED.get(name, "")) in said
        assert (recording.playability is Playability.UNPLAYABLE) is (name in UNPLAYABLE)
        assert bool(said) is (name in UNPLAYABLE or name in DAMAGED)
    with desk.store.reading() as work:
        ends = {(names[one.recording], one.what): (one.state, one.error) for one in work.jobs.all()}
    assert {key for key, (state, _) in ends.items() if state is not JobState.DONE} == NOT_MADE
    assert all(error.endswith(".") for _, error in ends.values() if error)
    assert not {name for name, _ in ends} & set(UNPLAYABLE)
    assert ends["torchcodec__nasa_13013.mp4", "audio-2"][0] is JobState.DONE
