"""The main job from end to end on the sample cards: what came in, what was heard, what was found, what left."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median

import pytest

from bwc_review.domain.ids import IncidentId, ParticipantId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures import compute_all
from bwc_review.domain.recording import Playability
from bwc_review.domain.speech import Word
from bwc_review.domain.tags import TagState
from bwc_review.domain.times import Micros
from bwc_review.ports.records import Outcome
from bwc_review.ports.store import Work
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.measuring import case_in
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from chain_of_custody.verify import verify_bundle
from tests.e2e.demo_run import ROOT, DemoRun

CASE = IncidentId("IR-2026-0001")
TRUTH = json.loads((ROOT / "sample_media" / "mill-street" / "truth.json").read_text("utf-8"))
MANIFEST = (ROOT / "sample_media" / "cards" / "MANIFEST.sha256").read_text("utf-8")
SECOND = 1_000_000

pytestmark = pytest.mark.timeout(900)


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("’", ""))


def test_every_file_of_both_cards_is_in_the_acquisition_record_with_its_outcome(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        met = work.footage.acquisitions()
    names = {line.split("  ", 1)[1].split("/", 1)[1] for line in MANIFEST.splitlines()}
    assert {one.name for one in met} == names
    outcomes = Counter(one.outcome for one in met)
    assert outcomes[Outcome.REFUSED] == 1, "the zero-byte file"
    assert outcomes[Outcome.DUPLICATE] == 1, "the second copy of the GPS log"
    assert outcomes[Outcome.TAKEN] == len(met) - 2
    assert all(one.reason for one in met)


def test_every_original_lies_in_the_vault_bit_for_bit(first: DemoRun) -> None:
    expected = {line.split("  ")[0] for line in MANIFEST.splitlines()} - {hashlib.sha256().hexdigest()}
    desk = first.desk()
    with desk.store.reading() as work:
        held = {one.sha256 for one in work.footage.exhibits()}
    assert held == expected
    for digest in held:
        with desk.vault.open(digest) as reader:
            assert hashlib.sha256(reader.read()).hexdigest() == digest


def test_the_truncated_clip_is_preserved_and_said_to_be_unplayable(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        broken = [one for one in work.footage.recordings() if one.playability is Playability.UNPLAYABLE]
    assert [one.name.rpartition("/")[2] for one in broken] == ["081204_OP5-0231.mp4"]
    assert broken[0].facts is not None
    assert broken[0].facts.damage


def test_ingest_entries_and_rows_tell_the_same_story(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
        exhibits = {one.number: one for one in work.footage.exhibits()}
    ingested = [one for one in entries if one.type == "media.ingested"]
    assert {one.subject.id for one in ingested} == set(exhibits)
    for one in ingested:
        exhibit = exhibits[one.subject.id]  # type: ignore[index]
        told = (one.data["sha256"], one.data["sha512"], one.data["chunk_root"], one.data["size"])
        assert told == (exhibit.sha256, exhibit.sha512, exhibit.chunk_root, exhibit.size)


def words_on_clock(work: Work, wearer: str) -> list[tuple[Micros, Word]]:
    case = work.reviews.incident(CASE)
    found = []
    for placed in case.placements:
        if work.footage.recording(placed.recording).wearer == ParticipantId(wearer):
            transcript = work.reviews.transcript(placed.recording)
            assert transcript is not None
            found += [(placed.clock.to_incident(word.span.start), word) for word in transcript.words()]
    return sorted(found, key=lambda one: one[0])


def onset_errors(work: Work, wearer: str) -> tuple[int, list[int]]:
    """How many lines the wearer says, and the onset error in us of each that was found.

    Found: more than half of its words in order, from the first or, when that one was misheard, the second on.
    """
    heard = words_on_clock(work, wearer)
    camera = next(one["id"] for one in TRUTH["cameras"] if one["worn_by"] == wearer)
    lines = [one for one in TRUTH["utterances"] if one["speaker"] == wearer and camera in one["audible_on"]]
    errors = []
    for line in lines:
        start, end = round(line["start"] * SECOND), round(line["end"] * SECOND)
        near = [(at, word) for at, word in heard if start - SECOND <= at <= end + SECOND // 2]
        said = plain_words(line["text"])
        got = [(" ".join(plain_words(word.text)), at) for at, word in near]
        match = SequenceMatcher(a=said, b=[text for text, _ in got], autojunk=False)
        blocks = [block for block in match.get_matching_blocks() if block.size]
        shared = sum(block.size for block in blocks)
        begins = bool(blocks) and blocks[0].a <= min(1, blocks[0].b)
        if begins and shared * 2 > len(said):
            errors.append(abs(got[blocks[0].b - blocks[0].a][1] - start))
    return len(lines), errors


@pytest.mark.parametrize(("wearer", "least"), [("O1", 9), ("O2", 9)])
def test_the_wearers_lines_that_were_found_start_within_300_ms_of_the_truth(
    first: DemoRun, wearer: str, least: int
) -> None:
    with first.desk().store.reading() as work:
        lines, errors = onset_errors(work, wearer)
    assert len(errors) >= least, f"{len(errors)} of {lines} lines found"
    assert max(errors) <= 300_000
    assert median(errors) <= 100_000


def test_the_words_of_warnings_and_orders_were_heard(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        text = " ".join(" ".join(plain_words(word.text)) for _, word in words_on_clock(work, "O2"))
    for said in ("i will use my taser", "get on the ground", "drop the knife", "need an ambulance", "roll him on"):
        assert said in text


def test_the_muted_buffer_of_camera_1_is_no_usable_audio_and_not_silence(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        coverage = case_in(first.desk(), work, CASE).coverage
    own = next(camera for camera in coverage.cameras if camera.wearer == ParticipantId("O1"))
    assert own.audio[0].start >= 19 * SECOND
    assert own.video[0].start == 0


def measured(desk: Desk) -> tuple[Measure, ...]:
    with desk.store.reading() as work:
        return compute_all(case_in(desk, work, CASE), desk.taxonomy)


def by_code(measures: tuple[Measure, ...], code: str) -> list[Measure]:
    return [one for one in measures if one.code == code]


def test_measures_come_out_near_the_truth_of_the_scene_and_say_how_sure_they_are(first: DemoRun) -> None:
    """Holds the arithmetic from tags to measures. The reviewer's hand times are the script's, so it says nothing
    of how well anybody heard."""
    measures = measured(first.desk())
    gold = TRUTH["gold"]
    cycles = [one for one in by_code(measures, "M01") if isinstance(one.value, int)][:2]
    for measure, force in zip(cycles, gold["per_force"], strict=True):
        assert isinstance(measure.value, int)
        assert abs(measure.value - force["seconds_from_last_warning_end"] * SECOND) <= (measure.uncertainty or 0)
    (m23,) = [one for one in by_code(measures, "M23") if "/" not in one.subject]
    assert isinstance(m23.value, int)
    expected = gold["seconds_first_cant_breathe_to_first_intervention"] * SECOND
    assert abs(m23.value - expected) <= (m23.uncertainty or 0)
    (m03,) = [one for one in by_code(measures, "M03") if one.subject == "S"]
    assert isinstance(m03.value, Mapping)
    assert m03.value["utterances"] == gold["warnings_before_first_force"]["count"]
    (m08,) = [one for one in by_code(measures, "M08") if one.subject == "S"]
    pairs = len(gold["contradictory_simultaneous_orders"])
    assert isinstance(m08.value, Mapping)
    assert m08.value["contradictory"] == pairs


def test_handcuffs_still_on_at_the_end_are_a_lower_bound_and_never_a_duration(first: DemoRun) -> None:
    measures = measured(first.desk())
    (total,) = [one for one in by_code(measures, "M12") if one.subject == "S"]
    assert total.status is Status.RIGHT_CENSORED


def test_exculpatory_lines_and_quoted_warnings_stand_rejected_never_confirmed(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        tags = [one for one in work.reviews.tags(CASE) if one.state is TagState.CONFIRMED]
    traps = {one["id"]: one for one in TRUTH["utterances"]}
    for trap in TRUTH["gold"]["traps_not_warnings"]:
        start, end = traps[trap["id"]]["start"] * SECOND, traps[trap["id"]]["end"] * SECOND
        inside = [one for one in tags if start <= one.start <= end and one.code.startswith(("WRN.CED", "CMD."))]
        assert inside == []


def test_every_confirmed_tag_has_evidence_in_a_recording(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        tags = [one for one in work.reviews.tags(CASE) if one.state is TagState.CONFIRMED]
    assert len(tags) > 40
    assert all(one.evidence for one in tags)


def test_the_bundle_holds_for_tools_that_others_wrote(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        bundle = Path(work.reviews.bundles()[0].path)
    bagit = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", str(bundle)], capture_output=True, text=True, check=False
    )
    assert bagit.returncode == 0, bagit.stderr
    if shutil.which("sha256sum"):
        sums = ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
        assert subprocess.run(sums, cwd=bundle, check=False).returncode == 0


def test_the_verifier_copied_alone_refuses_the_bundle_once_a_single_byte_of_footage_is_flipped(
    first: DemoRun, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "chain_of_custody", tmp_path / "alone" / "chain_of_custody")
    with first.desk().store.reading() as work:
        bundle = Path(work.reviews.bundles()[0].path)
    copy = tmp_path / bundle.name
    shutil.copytree(bundle, copy)
    key = first.folder / "keys" / "log.vkey"
    command = [sys.executable, "-m", "chain_of_custody", "verify", str(copy), "--key", str(key)]
    held = subprocess.run(command, cwd=tmp_path / "alone", capture_output=True, text=True, check=False)
    assert held.returncode == 0, held.stdout
    clip = max((copy / "data" / "media").rglob("*.mp4"), key=lambda file: file.stat().st_size)
    clip.chmod(0o644)
    with clip.open("r+b") as file:
        file.seek(clip.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    refused = subprocess.run(command, cwd=tmp_path / "alone", capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert clip.name in refused.stdout


def test_clerk_and_reviewer_signed_what_they_did_and_the_bundle_carries_it(first: DemoRun) -> None:
    with first.desk().store.reading() as work:
        folder = Path(work.reviews.bundles()[0].path) / "data" / "custody" / "entries"
    for file in folder.glob("*.json"):
        entry = Entry.from_bytes(file.read_bytes())
        if entry.actor.id in ("clerk-0042", "psd-0007") and entry.type != "key.made":
            assert entry.actor.key, f"{entry.type} is not signed"
            assert file.with_suffix(".sig").exists()
    report = verify_bundle(folder.parents[2], trusted_vkey=first.desk().vkey)
    alone = [one.text for one in report.findings if one.code == "attested_by_the_workstation_only"]
    assert len(alone) == 1, "the log's beginning and the making of the keys"
    assert int(alone[0].split()[0]) <= 6


def test_the_live_log_verifies(first: DemoRun) -> None:
    report = check_log(first.desk(), trusted=(first.folder / "keys" / "log.vkey").read_text("utf-8"))
    assert report.verdict is Verdict.VERIFIED


def test_a_second_run_ends_the_same_and_adds_only_its_own_entries(first: DemoRun, again: DemoRun) -> None:
    assert again.code == 0, again.said
    assert "the same as the run before" in again.said
    with again.desk().store.reading() as work:
        types = [Entry.from_bytes(raw).type for raw in work.log.entries()]
        met = work.footage.acquisitions()
        transcripts = types.count("transcript.made")
        recordings = work.footage.recordings()
    assert transcripts == sum(1 for one in recordings if one.playability is not Playability.UNPLAYABLE)
    outcomes = Counter(one.outcome for one in met)
    assert outcomes[Outcome.DUPLICATE] == outcomes[Outcome.TAKEN] + 2, "every file again, and the GPS copy twice"
    assert types.count("bundle.sealed") == 2
    ended = len(types) - types[::-1].index("session.ended") - 1
    assert ended == len(types) - 1
