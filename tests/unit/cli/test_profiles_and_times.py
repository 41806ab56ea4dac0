"""``profiles`` and ``times`` as a person and as a program use them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bwc_review.cli.main import main
from bwc_review.cli.times import length_of
from bwc_review.errors import InputRefused
from ingest.profiles import load_profiles
from tests.desks import PASSPHRASE, write_clip

REPOSITORY = Path(__file__).resolve().parents[3]
DOCUMENT = (REPOSITORY / "docs" / "camera-profiles.md").read_text("utf-8")
NEWCOMER = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
SIDE = '{"user": {"badge": "K-7"}, "stopped": "2026-03-14T16:40:00Z"}'
GOLDEN = """\
Card 'CARD': 7 entries met.

Profiles
  mycam-100        fits         100 of 60 needed  <- reads this card
      + MYCAM.ID (as MYCAM.ID, 60)
      + VIDEO/20260314/CAM00417_093930_01.json (as VIDEO/*/CAM*.*, 40)
...
Files, as mycam-100 reads them (it rests on: unverified)
  no rule    MYCAM.ID
      no rule knows it: preserved as it is
  not taken  System Volume Information/x
      listed, the profile mycam-100 leaves it out: not the camera's own file
  side file  VIDEO/20260314/CAM00417_093930_01.json
  recording  VIDEO/20260314/CAM00417_093930_01.mp4
      device CAM00417, worn by K-7, recording 20260314, part 1
      starts 2026-03-14 16:39:30.000 UTC ± 1.000 s, by file name: start '20260314 093930' read as camera: America/Vancouver
      ends 2026-03-14 16:40:00.000 UTC ± 1.000 s, by VIDEO/20260314/CAM00417_093930_01.json: end '2026-03-14T16:40:00Z' read as +0000
      side file VIDEO/20260314/CAM00417_093930_01.json
  recording  VIDEO/20260314/CAM00417_094000_02.mp4
      device CAM00417, recording 20260314, part 2
      starts 2026-03-14 16:40:00.000 UTC ± 1.000 s, by file name: start '20260314 094000' read as camera: America/Vancouver
  side file  VIDEO/20260314/lonely.json
      no recording has the path its stem names: it is taken and bound to nothing
  recording  VIDEO/20260314/odd.mp4
      nothing says which camera or who
      nothing here says when
      note: the profile mycam-100 does not know this form of name
  one recording in 2 parts: CAM00417_093930_01.mp4, CAM00417_094000_02.mp4 (the camera gave them one recording id, 20260314)

3 recording, 2 side file, 1 no rule, 1 not taken.
"""  # noqa: E501 a line of the output is as long as its path


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The card of the document's invented camera, with real footage in two of its files."""
    folder = tmp_path_factory.mktemp("newcomer") / "CARD"
    day = folder / "VIDEO" / "20260314"
    write_clip(day / "CAM00417_093930_01.mp4", seconds=3)
    write_clip(day / "CAM00417_094000_02.mp4", seconds=2, tone=700)
    (day / "CAM00417_093930_01.json").write_text(SIDE, "utf-8")
    (day / "lonely.json").write_text("{}", "utf-8")
    (day / "odd.mp4").write_bytes(b"no footage")
    (folder / "MYCAM.ID").write_text("x", "utf-8")
    (folder / "System Volume Information").mkdir()
    (folder / "System Volume Information" / "x").write_text("x", "utf-8")
    return folder


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The document's own example, saved as it stands there."""
    assert NEWCOMER
    file = tmp_path / "mycam.toml"
    text = "\n".join(line.removeprefix("   ") for line in NEWCOMER[1].splitlines())
    file.write_text(text.replace("VIDEO/*/CAM*.mp4", "VIDEO/*/CAM*.*") + "\n", "utf-8")
    return file


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace in Vancouver's zone."""
    secret = tmp_path / "passphrase.txt"
    secret.write_text(PASSPHRASE, "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(secret))
    monkeypatch.setenv("BWC_REVIEW_OPERATOR", "psd-1")  # who looks things up where several could
    people = ["--operator", "clerk-1:evidence_clerk", "--operator", "psd-1:psd_investigator"]
    given = ["--agency", "police.example", "--passphrase-file", str(secret), "--zone", "America/Vancouver"]
    assert main(["init", "-w", str(tmp_path / "workspace"), *given, *people]) == 0
    return tmp_path / "workspace"


def output(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_check_explains_a_card_word_for_word(
    card: Path, profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = ["profiles", "check", str(card), "--profile", str(profile), "--zone", "America/Vancouver"]
    assert main([*tried, "-w", str(tmp_path)]) == 0
    said = output(capsys)
    for one in load_profiles():
        assert re.search(rf"^  {one.id} +(fits|does not fit) ", said, re.MULTILINE)
    head, rest = GOLDEN.split("...\n")
    assert said.startswith(head)
    assert said[said.index("Files, as") :] == rest


def test_check_tells_a_program_the_same(
    card: Path, profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profiles", "check", str(card), "--profile", str(profile), "-w", str(tmp_path), "--json"]) == 0
    told = json.loads(output(capsys))
    assert (told["profile"], told["tied"]) == ("mycam-100", [])
    recording = next(one for one in told["files"] if one["role"] == "video")
    assert recording["times"][0]["doubt"] == "no-zone", "no workspace, no zone: nobody has said which"
    assert {one["id"] for one in told["profiles"]} == {one.id for one in load_profiles()} | {"mycam-100"}


def test_a_profile_under_construction_is_told_its_line_and_key(
    card: Path, profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile.write_text(profile.read_text("utf-8").replace("include =", "inclued ="), "utf-8")
    assert main(["profiles", "check", str(card), "--profile", str(profile), "-w", str(tmp_path)]) == 48
    assert "'mycam.toml' cannot be used: line 14, files include: is missing; this table has inclued" in " ".join(
        output(capsys).split()
    )
    assert main(["profiles", "check", str(card), "--profile", str(tmp_path / "none.toml"), "-w", str(tmp_path)]) == 48


def test_list_and_show_say_what_each_profile_rests_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles", "list", "-w", str(tmp_path)]) == 0
    said = output(capsys)
    assert "axis-dock" in said
    assert "vendor-doc" in said
    assert main(["profiles", "show", "novatek", "-w", str(tmp_path)]) == 0
    assert "public-tool: freeGPS blocks" in output(capsys)
    assert main(["profiles", "show", "axis-dock", "-w", str(tmp_path), "--json"]) == 0
    assert json.loads(output(capsys))["evidence"] == "vendor-doc"
    assert main(["profiles", "show", "nobody", "-w", str(tmp_path)]) == 61


def test_the_documents_example_docks_its_card_and_a_person_adopts_the_start(
    card: Path, profile: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-w", str(workspace)]
    (workspace / "profiles").mkdir()
    (workspace / "profiles" / profile.name).write_bytes(profile.read_bytes())
    capsys.readouterr()
    assert main(["ingest", str(card), *at, "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert report["profile"] == "mycam-100"
    assert main(["list", *at]) == 0
    said = output(capsys)
    assert "one recording of CAM00417 in 2 parts" in said
    assert re.search(r"part 2 of 2 \(gap before it 2[67]\.\d+ s ± 2\.000 s\)", said)
    exhibit = next(one["exhibit"] for one in report["recordings"] if one["name"].endswith("_01.mp4"))
    assert main(["times", "show", exhibit, *at]) == 0
    said = output(capsys)
    assert "1  starts 2026-03-14 16:39:30.000 UTC ± 1.000 s  by file-name, file name: start" in said
    assert "Nobody has adopted a start yet" in said
    adopt = ["times", "adopt", exhibit, "--claim", "1", "--reason", "the dispatcher's log agrees", *at]
    assert main([*adopt, "--as", "psd-1", "--camera-fast", "1.5s"]) == 0
    assert "2026-03-14 16:39:28.500 UTC ± 1.000 s (claim 1, file-name" in output(capsys).replace("\n", " ")
    enter = ["times", "enter", exhibit, "2026-03-14T09:39:29", "--reason", "a radio call", "--sure", "500ms", *at]
    assert main([*enter, "--as", "psd-1"]) == 0
    capsys.readouterr()
    assert main(["times", "show", exhibit, *at, "--json"]) == 0
    told = json.loads(output(capsys))
    assert [one["source"] for one in told["adopted"]] == ["file-name", "by-hand"]
    assert len(told["series"]["parts"]) == 2
    assert main(["list", *at, "--json"]) == 0
    listed = json.loads(output(capsys))
    assert len(listed["series"]) == len(listed["adopted"]) == 1


def test_a_refused_adoption_says_why_and_keeps_nothing(
    card: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-w", str(workspace)]
    capsys.readouterr()
    assert main(["ingest", str(card), *at, "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    exhibit = report["recordings"][0]["exhibit"]
    assert main(["times", "adopt", "WS1-9999", "--claim", "1", "--reason", "x", *at, "--as", "psd-1"]) == 61
    wrong = ["times", "enter", exhibit, "2026-11-01T01:30:00", "--reason", "x", "--sure", "2s", *at]
    assert main([*wrong, "--as", "psd-1"]) == 86
    assert "no single moment" in " ".join(output(capsys).split())


def test_a_zone_nobody_knows_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    made = ["init", "-w", str(tmp_path / "w"), "--agency", "police.example", "--operator", "a:evidence_clerk"]
    assert main([*made, "--zone", "Mars/Base"]) == 2
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("text", "us"),
    [("500ms", 500_000), ("2.5s", 2_500_000), ("-30s", -30_000_000), ("-0.5s", -500_000), ("5min", 300_000_000),
     ("3", 3_000_000)],
)  # fmt: skip
def test_a_typed_length_is_read_exactly(text: str, us: int) -> None:
    assert length_of(text) == us


@pytest.mark.parametrize("text", ["", "soon", "1e9s", "1 s", "٣s"])
def test_a_typed_length_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputRefused):
        length_of(text)
