"""Winning back: sample cameras' own clips with their index cut off, compared with what the index would have given."""

from __future__ import annotations

import io
import json
import random
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.audio import read_pcm
from ingest.avc import Parameters, unit_from
from ingest.derivatives import DerivativeKind
from ingest.errors import DerivativeFailed, SalvageRefused
from ingest.more_derivatives import make_salvage, read_label, setup_from
from ingest.probe import Playability, probe
from ingest.salvage import Setup, label_of, setup_of, write_salvage
from ingest.vault import Vault
from tests.unit.ingest.conftest import REPOSITORY
from tests.unit.ingest.media_making import clicks, make_recording
from tests.unit.ingest.test_derive import preserved

CARDS = REPOSITORY / "sample_media" / "cards"
KESTREL = sorted((CARDS / "kestrel-kb2").rglob("*.MP4"))
ORRERY = CARDS / "orrery-p5" / "EVIDENCE" / "2026-03-14" / "OP5-0231"
PARENT = "ab" * 32


def without_index(whole: Path) -> bytes:
    """What a card holds whose power went before the index was written (it comes last)."""
    data = whole.read_bytes()
    cut = data.rindex(b"moov") - 4
    assert cut > data.index(b"mdat")
    return data[:cut]


def salvaged(remains: bytes, setup: Setup) -> io.BytesIO:
    out = io.BytesIO()
    write_salvage(io.BytesIO(remains), setup, PARENT, out)
    out.seek(0)
    return out


def pictures(file: io.BufferedIOBase) -> list[tuple[float | None, int]]:
    with av.open(file, "r") as container:
        return [(frame.time, hash(frame.to_ndarray().tobytes())) for frame in container.decode(video=0)]


def sound(file: io.BufferedIOBase) -> np.ndarray:  # type: ignore[type-arg]
    return np.frombuffer(b"".join(read_pcm(file)), "<i2")


def lent_by(file: Path) -> Setup:
    with file.open("rb") as healthy:
        return setup_of(healthy)


def test_a_camera_clip_without_index_is_won_back_picture_for_picture_and_sample_for_sample() -> None:
    healthy, whole = KESTREL[0], KESTREL[2]
    made = salvaged(without_index(whole), lent_by(healthy))
    with whole.open("rb") as original:
        assert pictures(made) == pictures(original)
        made.seek(0)
        assert np.array_equal(sound(made), sound(original))
    label = json.loads(label_of(made))
    assert (label["pictures"], label["not_decodable"], label["unknown_bytes"], label["torn_bytes"]) == (1215, 0, 0, 0)


def test_the_sample_card_pulled_while_recording_gives_what_it_holds_and_says_what_was_lost() -> None:
    broken, healthy = ORRERY / "081204_OP5-0231.mp4", ORRERY / "093937_OP5-0231.mp4"
    made = salvaged(broken.read_bytes(), lent_by(healthy))
    label = json.loads(label_of(made))
    assert label["pictures"] == 60
    assert label["unknown_bytes"] == 2197
    assert label["salvaged_from"] == PARENT
    assert "assumed" in label["times"]
    assert "assumed" in label["sound_starts"]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_pictures_shown_in_another_order_than_they_are_stored_keep_the_order_of_showing(
    tmp_path: Path, b_frames: int
) -> None:
    tone = [(0.0, (np.sin(np.arange(32_000) / 5) * 9_000).astype(np.int16))]
    healthy = make_recording(tmp_path / "healthy.mp4", sound=tone, b_frames=b_frames)
    lost = make_recording(tmp_path / "lost.mp4", sound=tone, b_frames=b_frames)
    made = salvaged(without_index(lost), lent_by(healthy))
    with lost.open("rb") as original:
        wanted = pictures(original)
        assert [picture for _, picture in pictures(made)] == [picture for _, picture in wanted]
    made.seek(0)
    times = [time for time, _ in pictures(made)]
    assert all(0.03 < b - a < 0.04 for a, b in pairwise(times))  # type: ignore[operator]


def test_bytes_lost_in_the_middle_cost_only_what_they_hit(tmp_path: Path) -> None:
    whole = KESTREL[2]
    data = bytearray(without_index(whole))
    data[1_000_000:1_020_000] = random.Random(3).randbytes(20_000)
    made = salvaged(bytes(data), lent_by(KESTREL[0]))
    label = json.loads(label_of(made))
    assert label["pictures"] > 1100
    assert label["unknown_bytes"] > 0


def test_a_clip_cut_in_the_middle_of_a_picture_names_the_torn_bytes() -> None:
    data = without_index(KESTREL[2])
    label = json.loads(label_of(salvaged(data[: len(data) // 2], lent_by(KESTREL[0]))))
    assert label["pictures"] > 100
    assert label["torn_bytes"] + label["unknown_bytes"] > 0


def test_settings_of_another_resolution_or_noise_win_nothing_back_and_say_so(tmp_path: Path) -> None:
    setup = lent_by(KESTREL[0])
    noise = (
        b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + b"\x00\x00\x00\x00mdat" + random.Random(1).randbytes(200_000)
    )
    with pytest.raises(SalvageRefused, match="No picture"):
        salvaged(noise, setup)


def test_only_h264_can_lend(tmp_path: Path) -> None:
    only_sound = make_recording(tmp_path / "s.mp4", (), sound=[(0.0, clicks(1.0, (0.5,)))])
    with only_sound.open("rb") as file, pytest.raises(SalvageRefused, match=r"H\.264"):
        setup_of(file)


def test_kept_in_the_vault_a_salvage_names_parent_tool_parameters_and_is_made_once(vault: Vault) -> None:
    broken = preserved(ORRERY / "081204_OP5-0231.mp4", vault)
    healthy = preserved(ORRERY / "093937_OP5-0231.mp4", vault)
    with vault.for_child(healthy) as handed:
        setup = setup_from(handed)
    made = make_salvage(vault, broken, setup, healthy)
    assert (made.kind, made.parent_sha256, made.tool) == (DerivativeKind.SALVAGE, broken, "PyAV")
    assert made.parameters["lender"] == healthy
    assert make_salvage(vault, broken, setup, healthy) == made
    with vault.kept_for_child(made.path, made.sha256) as handed:
        assert read_label(handed)["salvaged_from"] == broken
        assert probe(handed).playable is Playability.PLAYABLE
    assert probe(vault.path_for_child(broken)).playable is Playability.UNPLAYABLE


def test_what_is_encrypted_is_never_won_back_as_noise(vault: Vault) -> None:
    file = REPOSITORY.parent / "shared" / "media" / "mp4ff__cbcs.mp4"
    if not file.is_file():
        pytest.skip("the shared odd media files are not here")
    with pytest.raises(DerivativeFailed, match="camera's key"):
        make_salvage(vault, preserved(file, vault), lent_by(KESTREL[0]), PARENT)


def test_parameters_read_back_are_the_same_and_torn_ones_are_refused() -> None:
    record = bytes.fromhex(lent_by(KESTREL[0]).parameters)
    assert Parameters.from_avcc(record).to_avcc() == record
    for cut in range(len(record)):
        with pytest.raises((ValueError, IndexError)):
            Parameters.from_avcc(record[:cut])


def test_a_setup_survives_the_pipe_and_a_made_up_one_is_refused() -> None:
    setup = lent_by(KESTREL[0])
    assert Setup.from_plain(json.loads(json.dumps(setup.to_plain()))) == setup
    for field, value in (("width", 0), ("rate_num", 0), ("sound_rate", 1.5), ("parameters", "zz"), ("layout", 3)):
        with pytest.raises((ValueError, TypeError)):
            Setup.from_plain({**setup.to_plain(), field: value})


@given(st.binary(max_size=64))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_unit_or_none(data: bytes) -> None:
    unit = unit_from(data, 10, frozenset((0,)))
    assert unit is None or (unit.start == 10 and unit.end > 15)
