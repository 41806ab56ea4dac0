"""A made card for each camera family: recognised, read, and honest about what nobody confirmed. All invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clips import describe
from ingest.explain import CardExplained, FileSaid, explain, inside
from ingest.listing import FoundFile, FoundKind, list_dock
from ingest.names import FoundName
from ingest.plan import plan
from ingest.profiles import Role, best, load_profiles, parse_profile, recognise, weighed
from ingest.times import Doubt, Means, Source

PROFILES = load_profiles()
BY_ID = {one.id: one for one in PROFILES}
ZONE = ZoneInfo("America/Vancouver")
JUNK = ("System Volume Information/IndexerVolumeGuid", "DCIM/._hidden.MP4")

CARDS = {
    "dcf": ("DCIM/100ABCDE/CLIP0001.MP4", "DCIM/100ABCDE/CLIP0001.THM", "DCIM/101ABCDE/CLIP0002.MOV"),
    "axon-export": ("case 7/Axon_Body_3_Video_2026-03-14_0939_X60A00000.mp4", "case 7/report.pdf"),
    "motorola-v300": ("export/V300-000001_20260314_093930.mp4", "export/V300-000001_20260314_093930.xml"),
    "ambarella-a9": ("DCIM/20260314/0000007_0001_20260314093930_0001.MP4", "Power.txt"),
    "novatek": ("CARDV/MOVIE/2026_0314_093930_001F.MP4", "CARDV/MOVIE/RO/20260314094030_000002.MP4"),
    "drivepro-body": ("DCIM/DPB30/20260314_093930_0001.MP4",),
    "axis-dock": (
        "user-7_B8A44F000000_20260314T093930Z/20260314_093900_1A2B.mkv",
        "user-7_B8A44F000000_20260314T093930Z/20260314_093900_1A2B.key",
        "user-7_B8A44F000000_20260314T093930Z/20260314_093900_1A2B_B8A44F000000_gpstrail.json",
    ),
}
TRAIL = b"""{"CoordinateEntries": [
 {"LocationWKT": "POINT(1 2)", "SecondsFromStart": -5, "Timestamp": "2026-03-14T09:38:55Z"},
 {"LocationWKT": "POINT(1 2)", "SecondsFromStart": 12.5, "Timestamp": "2026-03-14T09:39:13Z"}]}"""


def made(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(TRAIL if name.endswith("_gpstrail.json") else b"invented")
    return folder


def explained(folder: Path, family: str) -> CardExplained:
    return explain(list_dock(made(folder, (*CARDS[family], *JUNK))), PROFILES, ZONE)


def first(card: CardExplained) -> FileSaid:
    return next(one for one in card.files if one.role is Role.VIDEO)


def us(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


@pytest.mark.parametrize("family", CARDS)
def test_a_familys_card_is_read_by_its_own_profile_and_no_other_is_as_sure(tmp_path: Path, family: str) -> None:
    card = explained(tmp_path, family)
    assert (card.profile.id, card.tied) == (family, ())
    assert [one for one in card.files if one.role is Role.VIDEO]
    assert {one.file.name.shown: one.role for one in card.files if one.role is None}.keys() >= {JUNK[0]}


@pytest.mark.parametrize("family", sorted(BY_ID.keys() - {"generic", "kestrel-kb2", "orrery-p5"}))
def test_every_family_has_a_card_here(family: str) -> None:
    assert family in CARDS


@pytest.mark.parametrize(
    ("family", "device", "officer", "start", "source"),
    [
        ("axon-export", "X60A00000", None, "2026-03-14T09:39:00-07:00", Source.FILE_NAME),
        ("motorola-v300", "V300-000001", None, "2026-03-14T09:39:30-07:00", Source.FILE_NAME),
        ("ambarella-a9", "0001", "0000007", "2026-03-14T09:39:30-07:00", Source.FILE_NAME),
        ("novatek", None, None, "2026-03-14T09:39:30-07:00", Source.FILE_NAME),
        ("drivepro-body", None, None, "2026-03-14T09:39:30-07:00", Source.FILE_NAME),
        ("axis-dock", "B8A44F000000", "user-7", "2026-03-14T09:39:00+00:00", Source.FILE_NAME),
    ],
)
def test_names_give_device_wearer_and_start_in_the_agencys_zone(
    tmp_path: Path, family: str, device: str | None, officer: str | None, start: str, source: Source
) -> None:
    clip = first(explained(tmp_path, family)).clip
    assert clip is not None
    assert (clip.device_id, clip.officer_id, clip.notes) == (device, officer, ())
    assert (clip.claims[0].source, clip.claims[0].at_us) == (source, us(start))


def test_an_axis_trail_gives_the_start_its_fix_was_counted_from_and_a_key_is_bound_unread(tmp_path: Path) -> None:
    said = first(explained(tmp_path, "axis-dock"))
    assert said.clip is not None
    assert [name.rpartition("_")[2] for name in said.companions] == ["1A2B.key", "gpstrail.json"]
    assert said.clip.claims[-1].at_us == us("2026-03-14T09:39:00.500+00:00")


def test_dcf_says_nothing_about_who_or_when(tmp_path: Path) -> None:
    said = first(explained(tmp_path, "dcf"))
    assert said.clip is not None
    assert (said.clip.device_id, said.clip.claims) == (None, ())


def test_what_axon_keeps_from_before_the_button_is_silent_for_thirty_seconds() -> None:
    assert (BY_ID["axon-export"].prebuffer_us, BY_ID["axon-export"].prebuffer_audio) == (30_000_000, False)


def test_a_header_of_an_unknown_camera_names_some_moment_of_it_in_some_zone() -> None:
    (rule,) = BY_ID["generic"].header_times
    assert (rule.means, rule.zone) == (Means.WITHIN, "unknown")


def test_two_profiles_that_fit_equally_are_a_tie_that_is_asked(tmp_path: Path) -> None:
    text = Path(__file__).with_name("test_profile_refusals.py").read_text("utf-8").partition('GOOD = """')[2]
    body = text.partition('"""')[0].replace("\\\\", "\\")
    twins = tuple(parse_profile(n, body.replace('"acme"', f'"{n}"').encode()) for n in ("one", "two"))
    card = explain(list_dock(made(tmp_path, ("ACME.ID", "20260314.mp4"))), (*PROFILES, *twins), ZONE)
    assert card.tied == ("one", "two")
    assert [one.id for one in best(card.matches)] == ["one", "two"]
    chosen = explain(card.listing, (*PROFILES, *twins), ZONE, twins[1])
    assert (chosen.profile.id, chosen.tied) == ("two", ())


def test_the_name_of_the_volume_can_speak_for_a_profile(tmp_path: Path) -> None:
    card = explained(tmp_path / "ABC123", "ambarella-a9")
    (match,) = (one for one in card.matches if one.profile.id == "ambarella-a9")
    assert match.why[-1] == "the name of the volume, ABC123 (as [A-Z0-9]{5,12}, 5)"
    assert match.missed == ()


def test_hostile_names_are_shown_safely_taken_as_other_and_read_as_nothing(tmp_path: Path) -> None:
    names = (b"DCIM/100ABCDE/CLIP0001.MP4", b"DCIM/100ABCDE/\xff\xfe.MP4", "DCIM/\u202e4PM.exe".encode(), b"-rf *")
    for name in names:
        target = tmp_path / name.decode("utf-8", "surrogateescape")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"x")
    card = explain(list_dock(tmp_path), PROFILES, None)
    assert all(one.file.name.shown.isprintable() for one in card.files)
    assert len(plan(card.listing, card.profile).takes) == len(names)


NAME = st.text(st.sampled_from("DCIM/0123456789_-VXAZ.mp4MKV éß\u202e"), min_size=1, max_size=80)


@given(NAME, st.sampled_from(PROFILES))
def test_any_name_is_read_or_noted_and_no_reading_leaves_its_bounds(name: str, profile: object) -> None:
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    if not parts:
        return
    file = FoundFile(FoundName("/".join(parts).encode()), 1, 0, FoundKind.FILE)
    clip = describe(file, BY_ID[profile.id], ZONE)  # type: ignore[attr-defined]
    for word in (clip.device_id, clip.officer_id, clip.recording_id):
        assert word is None or len(word) <= 64
    for claim in clip.claims:
        assert claim.doubt is not Doubt.AMBIGUOUS or len(claim.readings) == 2


@given(st.integers(2000, 2099), st.integers(1, 12), st.integers(1, 28), st.integers(0, 23), st.integers(0, 59))
def test_every_start_written_into_a_name_comes_out_of_it(y: int, mo: int, d: int, h: int, mi: int) -> None:
    name = f"DCIM/DPB30/{y:04}{mo:02}{d:02}_{h:02}{mi:02}07_0001.MP4"
    file = FoundFile(FoundName(name.encode()), 1, 0, FoundKind.FILE)
    (claim,) = describe(file, BY_ID["drivepro-body"], UTC).claims
    assert claim.at_us == us(f"{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:07+00:00")


def test_weighing_shows_every_profile_and_recognising_only_those_that_fit(tmp_path: Path) -> None:
    listing = list_dock(made(tmp_path, CARDS["novatek"]))
    assert {one.profile.id for one in weighed(listing, PROFILES)} == set(BY_ID)
    assert [one.profile.id for one in recognise(listing, PROFILES)] == ["novatek", "generic"]


def test_looking_inside_gives_lengths_gaps_and_header_and_names_damage(tmp_path: Path, recordings: Path) -> None:
    day = tmp_path / "DCIM" / "20260314"
    day.mkdir(parents=True)
    for number, clock in ((1, "093930"), (2, "093932")):
        target = day / f"0000007_0001_20260314{clock}_000{number}.MP4"
        target.write_bytes((recordings / "plain.mp4").read_bytes())
    (day / "0000007_0001_20260314094500_0003.MP4").write_bytes(b"torn")
    card = explain(list_dock(tmp_path), PROFILES, ZONE, None, inside)
    (joined,) = card.joined
    assert [part.gap_us for part in joined.parts] == [None, 0]
    assert "device and officer" in joined.why
    torn = card.files[-1].clip
    assert torn is not None
    assert "no recording format" in torn.notes[-1]
    assert explain(list_dock(tmp_path), PROFILES, ZONE).joined == (), "without lengths, times alone join nothing"


@pytest.mark.parametrize("family", CARDS)
def test_a_recording_in_an_unexpected_folder_is_still_a_recording(family: str) -> None:
    assert BY_ID[family].role_of(FoundName(b"ELSEWHERE/odd/one.mp4")) is Role.VIDEO
