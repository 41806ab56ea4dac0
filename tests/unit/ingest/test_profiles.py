"""Camera profiles: loading, refusing, recognising a card."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import pytest

from ingest.errors import ProfileRefused
from ingest.listing import list_dock
from ingest.names import FoundName
from ingest.patterns import MAX_MATCHED_CHARACTERS, from_glob, match
from ingest.profiles import Grade, Role, load_profiles, parse_profile, recognise

MINIMAL = b"""
schema = 1
id = "acme"
vendor = "Acme"
model = "One"
evidence = "unverified"
[detect]
min = 50
tree = [{ glob = "ACME.ID", weight = 50 }]
[files]
include = ["**/*.mp4"]
"""


def test_every_profile_of_the_package_loads_and_carries_the_digest_of_its_file() -> None:
    profiles = {p.id: p for p in load_profiles()}
    assert set(profiles) >= {"generic", "kestrel-kb2", "orrery-p5"}
    for name, profile in profiles.items():
        data = resources.files("ingest").joinpath("profiles", f"{name}.toml").read_bytes()
        assert profile.digest == hashlib.sha256(data).hexdigest()


def test_invented_families_say_so_wherever_they_are_named() -> None:
    for profile in load_profiles():
        assert ("invented" in profile.model) is (profile.id in {"kestrel-kb2", "orrery-p5"})
        assert (profile.grade is Grade.OBSERVED_SAMPLE) is (profile.id in {"kestrel-kb2", "orrery-p5"})


def test_a_profile_of_a_real_camera_says_what_each_of_its_facts_rests_on() -> None:
    for profile in load_profiles():
        if profile.id not in {"generic", "kestrel-kb2", "orrery-p5"}:
            assert profile.known
            assert profile.grade is not Grade.OBSERVED_SAMPLE, "nobody here has had such a card in hand"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"schema = 1", b"schema = 2"),
        (b'id = "acme"', b""),
        (b'"unverified"', b'"trust me"'),
        (b"[files]", b"[[files]]"),
        (b"weight = 50", b'weight = "heavy"'),
        (b"Acme", b"\xff"),
        (b"[detect]", b"[detect"),
        (b"[files]", b"[[name]]\nre = '('\n[files]"),
        (b"[files]", b"[[sidecar]]\nre = 'no stem'\n[files]"),
        (b"[files]", b"[[sidecar]]\nre = '(?P<stem>x)'\nparse = 'exe'\n[files]"),
        (b"[files]", b"[[name]]\nre='x'\ntime=[{field='a',format='b',means='start',zone='Mars/Base'}]\n[files]"),
    ],
)
def test_a_profile_that_is_not_understood_is_refused_by_its_file_name(old: bytes, new: bytes) -> None:
    assert old in MINIMAL
    with pytest.raises(ProfileRefused, match=r"acme\.toml|camera profile"):
        parse_profile("acme.toml", MINIMAL.replace(old, new))


def test_an_agencys_own_profiles_join_and_may_not_take_an_id_twice(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_bytes(MINIMAL)
    assert "acme" in {p.id for p in load_profiles(tmp_path)}
    (tmp_path / "again.toml").write_bytes(MINIMAL)
    with pytest.raises(ProfileRefused, match="Two camera profiles"):
        load_profiles(tmp_path)


def test_a_card_is_recognised_with_the_paths_that_spoke_for_it(tmp_path: Path, card: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "acme.toml").write_bytes(MINIMAL)
    profiles = load_profiles(tmp_path / "profiles")
    assert [m.profile.id for m in recognise(list_dock(card), profiles)] == ["generic"]
    (card / "acme.id").write_bytes(b"1")
    best, last = recognise(list_dock(card), profiles)
    assert (best.profile.id, best.score, best.why) == ("acme", 50, ("acme.id (as ACME.ID, 50)",))
    assert last.profile.id == "generic"


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("**/*.mp4", "a.mp4", True),
        ("**/*.mp4", "x/y/a.MP4", True),
        ("*.mp4", "x/a.mp4", False),
        ("DCIM/[0-9][0-9]?/*", "DCIM/10A/b", True),
        ("DCIM/[!0-9]/*", "DCIM/1/b", False),
        ("FOUND.000/**", "FOUND.000/a/b", True),
        ("a+b(c).mp4", "a+b(c).mp4", True),
        ("a.mp4", "axmp4", False),
    ],
)
def test_globs_match_whole_names_whatever_their_case(glob: str, name: str, matches: bool) -> None:
    assert (match(from_glob(glob), FoundName(name.encode())) is not None) is matches


def test_a_name_longer_than_the_bound_matches_no_pattern_and_is_still_taken_as_other() -> None:
    (generic,) = (p for p in load_profiles() if p.id == "generic")
    long_name = FoundName(b"a" * MAX_MATCHED_CHARACTERS + b".mp4")
    assert generic.role_of(long_name) is Role.OTHER
    assert generic.role_of(FoundName(b"a.mp4")) is Role.VIDEO
