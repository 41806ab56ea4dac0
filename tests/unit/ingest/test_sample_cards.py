"""The two sample cards: recognised, taken, described, and exact to the frame number drawn into each picture."""

from __future__ import annotations

import shutil
from datetime import UTC
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from ingest.audio import SAMPLE_RATE
from ingest.clips import NamedClip, companions, describe, in_parts, with_companion, with_header
from ingest.copy import Taken, take_file
from ingest.derive import load_frame_index, make_audio, make_frame_index, make_still
from ingest.listing import Listing, list_dock
from ingest.plan import Settled, Take, plan, settle
from ingest.probe import Playability, probe
from ingest.profiles import Profile, Role, load_profiles, recognise
from ingest.sidecars import MAX_SIDECAR_BYTES
from ingest.times import Source
from ingest.vault import Vault
from sample_media.frame_strip import read_frame_number
from tests.unit.ingest.conftest import REPOSITORY

CARDS = REPOSITORY / "sample_media" / "cards"
pytestmark = pytest.mark.skipif(not (CARDS / "MANIFEST.sha256").exists(), reason="the sample cards are not here")


class Docked:
    """A sample card taken into a vault."""

    def __init__(self, card: Path, vault: Vault) -> None:
        self.vault = vault
        self.listing: Listing = list_dock(card)
        self.profile: Profile = recognise(self.listing, load_profiles())[0].profile
        self.plan = plan(self.listing, self.profile)
        self.taken: dict[str, tuple[Take, Taken, Settled]] = {}
        known: set[str] = set()
        for step in self.plan.takes:
            done = take_file(card, step.file, vault)
            settled = settle(done.digests.sha256, known)
            known.add(done.digests.sha256)
            self.taken[step.file.name.shown] = (step, done, settled)

    def sha256(self, name: str) -> str:
        return self.taken[name][1].digests.sha256

    def clips(self) -> list[NamedClip]:
        return [self.clip(name) for name, (step, _, _) in self.taken.items() if step.role is Role.VIDEO]

    def clip(self, name: str) -> NamedClip:
        found = self.taken[name][0].file
        clip = describe(found, self.profile, UTC)
        for companion in companions(found, self.listing, self.profile):
            with self.vault.open(self.sha256(companion.file.name.shown)) as reader:
                clip = with_companion(clip, companion, reader.read(MAX_SIDECAR_BYTES + 1), UTC)
        facts = probe(self.vault.path_for_child(self.sha256(name)))
        return with_header(clip, facts.creation_time, self.profile, UTC)


@pytest.fixture(scope="module")
def kestrel(tmp_path_factory: pytest.TempPathFactory) -> Docked:
    return Docked(CARDS / "kestrel-kb2", Vault(tmp_path_factory.mktemp("kestrel") / "vault"))


@pytest.fixture(scope="module")
def orrery(tmp_path_factory: pytest.TempPathFactory) -> Docked:
    return Docked(CARDS / "orrery-p5", Vault(tmp_path_factory.mktemp("orrery") / "vault"))


Sound = np.ndarray[tuple[int], np.dtype[np.float64]]
KB2 = "DCIM/100KSTRL/KB2_00417_20260314T09"
OP5 = "EVIDENCE/2026-03-14/OP5-0231/"


def test_each_card_is_recognised_by_its_own_profile_far_ahead_of_the_other(kestrel: Docked, orrery: Docked) -> None:
    assert (kestrel.profile.id, orrery.profile.id) == ("kestrel-kb2", "orrery-p5")
    for docked in (kestrel, orrery):
        assert [m.profile.id for m in recognise(docked.listing, load_profiles())][1:] == ["generic"]


def test_the_segment_never_written_is_listed_and_refused(kestrel: Docked) -> None:
    assert [r.file.name.shown for r in kestrel.plan.refusals] == [KB2 + "4210Z_004.MP4"]


def test_the_second_copy_of_the_satellite_log_is_a_duplicate_by_its_digest(orrery: Docked) -> None:
    settled = {name: s for name, (_, _, s) in orrery.taken.items() if s is Settled.DUPLICATE}
    assert list(settled) == [OP5 + "093937_OP5-0231.log"]
    assert orrery.taken["DIAG.BIN"][0].role is Role.OTHER


def test_three_files_of_one_recording_come_together_with_wearer_and_prebuffer(kestrel: Docked) -> None:
    (recording,) = in_parts(kestrel.clips())
    assert [clip.segment for clip in recording] == [1, 2, 3]
    assert {(clip.device_id, clip.officer_id) for clip in recording} == {("KB2-00417", "O1")}
    assert [clip.prebuffer_us for clip in recording] == [20_000_000, 0, 0]
    assert all(clip.notes == () for clip in recording)


def test_a_cameras_clock_and_the_satellites_stand_beside_each_other_as_claims(orrery: Docked) -> None:
    clip = orrery.clip(OP5 + "093937_OP5-0231.mp4")
    assert {c.source for c in clip.claims} == {Source.FILE_NAME, Source.SIDECAR, Source.GPS_LOG, Source.HEADER}
    starts = [c.start_us(153_085_000) for c in clip.claims]
    assert max(starts) - min(starts) <= 1_100_000


def test_the_torn_clip_is_preserved_and_said_to_lack_its_index(orrery: Docked) -> None:
    facts = probe(orrery.vault.path_for_child(orrery.sha256(OP5 + "081204_OP5-0231.mp4")))
    assert facts.playable is Playability.UNPLAYABLE
    assert "index (moov) is missing" in " ".join(facts.damage)


def test_a_still_shows_the_frame_number_that_was_asked_for(kestrel: Docked, orrery: Docked) -> None:
    for docked, name in ((kestrel, KB2 + "3930Z_001.MP4"), (orrery, OP5 + "093937_OP5-0231.mp4")):
        sha256 = docked.sha256(name)
        last = len(load_frame_index(docked.vault, make_frame_index(docked.vault, sha256))) - 1
        for frame in (0, 613, last):
            picture = cv2.imread(str(make_still(docked.vault, sha256, frame).path))
            assert picture is not None
            assert read_frame_number(picture) == frame


@pytest.mark.parametrize(("camera", "at_s"), [("cam1", 30.0), ("cam2", 5.0), ("cam2", 140.0)])
def test_the_sound_lies_on_media_time_to_the_sample(
    kestrel: Docked, orrery: Docked, camera: str, at_s: float
) -> None:
    docked, name = (kestrel, KB2 + "3930Z_001.MP4") if camera == "cam1" else (orrery, OP5 + "093937_OP5-0231.mp4")
    ours = np.frombuffer(make_audio(docked.vault, docked.sha256(name)).path.read_bytes(), "<i2")
    with av.open(str(REPOSITORY / "sample_media" / "mill-street" / f"{camera}.flac")) as container:
        truth = np.concatenate([f.to_ndarray().ravel() for f in container.decode(audio=0)])
    span = slice(int(at_s * SAMPLE_RATE), int((at_s + 8) * SAMPLE_RATE))
    assert lag_between(ours[span].astype(float), truth[span].astype(float)) == 0


def lag_between(one: Sound, two: Sound) -> int:
    """Samples by which ``one`` is late, by plain cross-correlation."""
    size = 2 * len(one)
    alike = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(two, size)), size)
    best = int(np.argmax(alike))
    return best if best < size // 2 else best - size


def test_taking_a_card_changes_nothing_on_it(tmp_path: Path) -> None:
    card = tmp_path / "card"
    shutil.copytree(CARDS / "orrery-p5", card)
    before = list_dock(card)
    Docked(card, Vault(tmp_path / "vault"))
    assert list_dock(card) == before
