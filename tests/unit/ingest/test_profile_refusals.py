"""A profile under construction: what is wrong is said with its line and key, and nothing hostile gets through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import ProfileRefused
from ingest.profiles import MAX_OWN_PROFILES, MAX_PROFILE_BYTES, load_profiles, parse_profile, read_profile

GOOD = """schema = 1
id = "acme"
vendor = "Acme"
model = "One"
evidence = "unverified"
[detect]
min = 50
tree = [{ glob = "ACME.ID", weight = 50 }]
[files]
include = ["**/*.mp4"]
[[name]]
re = '(?P<day>\\d{8})\\.mp4'
time = [{ field = "day", format = "%Y%m%d", means = "start", zone = "utc" }]
[[sidecar]]
re = '(?P<stem>.+)\\.json'
parse = "json"
fields = { device_id = "id" }
[segments]
prebuffer = { seconds = 30, audio = false }
"""


def test_the_example_is_a_profile() -> None:
    assert parse_profile("acme.toml", GOOD.encode()).prebuffer_us == 30_000_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "acme"', 'id = "Acme One"', "line 2, id: must be small letters"),
        ('vendor = "Acme"\n', "", "vendor: is missing"),
        ("[detect]", "colour = 3\n[detect]", "line 6, colour: is no key of this table"),
        ("min = 50", "min = 50\nlabel = 1", "line 8, detect label: is no key"),
        ("min = 50", "min = true", "line 7, detect min: must be a whole number"),
        ("min = 50", "min = 51", "line 7, detect min: is 51, and all weights together are 50"),
        ("weight = 50", "wieght = 50", "line 8, detect tree 1 weight: is missing"),
        ("weight = 50", "weight = 50, x = 1", "line 8, detect tree 1 x: is no key"),
        ("weight = 50", "weight = -50", "must be a whole number from 1 to 1000"),
        ('"ACME.ID"', '"/ACME.ID"', "must be a path relative to the card"),
        ('"ACME.ID"', '"a**b"', "stands alone between slashes"),
        ('include = ["**/*.mp4"]', "include = []", "line 10, files include: must be a list of 1"),
        ('include = ["**/*.mp4"]', 'include = ["a", 3]', "files include 2: must be a text of 1"),
        ("\\d{8}", "(\\d+)+", "line 12, name 1 re: this expression is refused: the group"),
        ('field = "day"', 'field = "start"', "line 13, name 1 time 1 field: 'start' is none of the fields"),
        ("%Y%m%d", "%Q", "line 13, name 1 time 1 format: '%Q' is not of strptime"),
        ("%Y%m%d", "yyyy", "is neither of strptime"),
        ('means = "start"', 'means = "begin"', "'begin' is none of start, end, within"),
        ('zone = "utc"', 'zone = "../../etc/passwd"', "is none of utc, camera"),
        ('zone = "utc"', 'zone = "utc", uncertainty_s = -1', "must be a number of seconds"),
        ('zone = "utc"', 'zone = "utc", uncertainty_s = nan', "must be a number of seconds"),
        ("(?P<stem>.+)", "(?P<stam>.+)", "line 15, sidecar 1 re: has no group"),
        ('parse = "json"', 'parse = "exec"', "line 16, sidecar 1 parse: 'exec' is none of"),
        (
            "fields = { device_id",
            "fields = { device_id = 3, officer_id",
            "sidecar 1 fields device_id: must be a text",
        ),
        ("seconds = 30", "seconds = 1e9", "segments prebuffer seconds: must be a number"),
        ("[segments]", "[segments]\nmax_gap_s = 2", "needs group_by"),
        ("[segments]", '[segments]\ngroup_by = ["model"]', "'model' is none of"),
        ("[detect]", "[detect", "is no TOML"),
        ("[segments]", "[[gps]]\nkind = 'sei'\n[segments]", "line 19, gps 1 kind: 'sei' is none of"),
        ("[segments]", "[[gps]]\nkind = 'subtitle-text'\nre = 'x'\n[segments]", "needs the groups lat, lon, utc"),
        ('vendor = "Acme"', 'vendor = "A\\u001b[31mcme"', "line 3, vendor: holds characters nobody can see"),
        ('["**/*.mp4"]', '["**/*.mp4", "a\\u202eb"]', "visible characters"),
        ("[detect]", '"k\\u001b[2J" = 1\n[detect]', "k\\u{1b}[2J: is no key"),
        ("[segments]", "x = " + "[" * 5000 + "\n[segments]", "nested deeper|is no TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_key(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(ProfileRefused, match=r"^The camera profile 'acme\.toml' cannot be used: ") as refused:
        parse_profile("acme.toml", GOOD.replace(old, new, 1).encode())
    assert any(part in refused.value.message() for part in said.split("|"))


def test_a_file_larger_than_any_profile_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "big.toml").write_bytes(b"#" * (MAX_PROFILE_BYTES + 10))
    with pytest.raises(ProfileRefused, match="larger"):
        load_profiles(tmp_path)


def test_a_folder_of_more_profiles_than_an_agency_has_is_refused(tmp_path: Path) -> None:
    for number in range(MAX_OWN_PROFILES + 1):
        (tmp_path / f"{number}.toml").write_text(GOOD.replace('"acme"', f'"acme-{number}"'), "utf-8")
    with pytest.raises(ProfileRefused, match="more than"):
        load_profiles(tmp_path)


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    with pytest.raises(ProfileRefused, match="no camera profile"):
        read_profile(tmp_path / "none.toml")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        with pytest.raises(ProfileRefused, match=r"pipe\.toml"):
            load_profiles(tmp_path)


def test_a_workspace_without_profiles_of_its_own_has_those_of_the_program(tmp_path: Path) -> None:
    assert load_profiles(tmp_path / "profiles") == load_profiles()
