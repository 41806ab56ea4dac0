"""The steps of the demo, each through the use cases a person's acts go through. Every step may be run again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bwc_review.bootstrap import SETTINGS, Settings, create_workspace, open_workspace
from bwc_review.cli.bundles import export_under_bar
from bwc_review.cli.console import out, plain, progress_bar
from bwc_review.cli.demo.reviewer import ClockDecision, RecordedReview, read_review
from bwc_review.cli.demo.staff import ADMIN, hand_out_keys
from bwc_review.cli.demo.truth import Truth, read_truth
from bwc_review.cli.docking_bars import DockingBar, docking_bars
from bwc_review.cli.incidents import playable
from bwc_review.cli.passphrases import ask_log_passphrase, ask_operator_passphrase
from bwc_review.cli.speech import listen_to, with_sound
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.speech import Transcript
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session, StoredBundle
from bwc_review.review.desk import Desk
from bwc_review.review.docking import DockingReport, import_card
from bwc_review.review.incidents import best_claim, open_incident, place
from bwc_review.review.recorded import Applied, apply_review
from bwc_review.review.sessions import end_session, start_session

CLERK = OperatorId("clerk-0042")
PASSPHRASE_FILE = "demo-passphrase.txt"
OPERATOR_PASSPHRASE_FILE = "demo-operators-passphrase.txt"


@dataclass(frozen=True, slots=True)
class Samples:
    """The invented sample media: two cards, the recorded review and the scene's truth."""

    cards: tuple[Path, ...]
    review: RecordedReview
    truth: Truth


def find_samples(folder: Path | None) -> Samples:
    """Locate the sample media beside the project or where the caller says. Raises InputRefused."""
    root = folder or Path(__file__).resolve().parents[3] / "sample_media"
    cards = tuple(sorted(one for one in (root / "cards").glob("*") if one.is_dir()))
    if not cards:
        raise InputRefused(
            f"There are no sample cards in {root}. Run the demo from a clone of the project, or name the folder "
            "with --samples; `python sample_media/make_samples.py` builds the cards again."
        )
    truth = read_truth(root / "mill-street" / "truth.json")
    return Samples(cards, read_review(root / "reviewer.toml"), truth)


def demo_workspace(folder: Path, reviewer: OperatorId) -> tuple[Desk, bool]:
    """Open the demo's workspace, making it first where there is none. Returns whether it was there already.

    Its passphrases are drawn at random and lie in files beside it, so that nobody is asked: for a demo only.
    """
    if (folder / SETTINGS).exists():
        return open_workspace(folder, ask_log_passphrase, ask_operator_passphrase), True
    folder.mkdir(parents=True, exist_ok=True)
    passphrase = _drawn(folder / PASSPHRASE_FILE)
    _drawn(folder / OPERATOR_PASSPHRASE_FILE)
    people = {str(ADMIN): "admin", str(CLERK): "evidence_clerk", str(reviewer): "psd_investigator"}
    settings = Settings(
        "police.example",
        "ws1",
        people,
        passphrase_file=PASSPHRASE_FILE,
        operator_passphrase_file=OPERATOR_PASSPHRASE_FILE,
    )
    return create_workspace(folder, settings, passphrase), False


def _drawn(file: Path) -> str:
    """The passphrase in a file, drawn first where there is none."""
    if not file.exists() or not file.read_text(encoding="utf-8").strip():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


def keys(desk: Desk, folder: Path, reviewer: OperatorId) -> bool:
    """Hand out keys to the invented people; whether they have them now."""
    return hand_out_keys(desk, folder / OPERATOR_PASSPHRASE_FILE, (CLERK, reviewer))


def dock(desk: Desk, cards: Sequence[Path]) -> list[DockingReport]:
    """Take both cards, as the invented clerk."""
    session = start_session(desk, CLERK, "routine_docking")
    with docking_bars() as bars:
        reports = [
            import_card(desk, session, card, watch=DockingBar(bars, card.name, bars.console.print)) for card in cards
        ]
    end_session(desk, session)
    return reports


def listen(desk: Desk, session: Session) -> list[tuple[Recording, Transcript]]:
    """Transcribe everything that has sound and find candidates."""
    recordings = with_sound(desk)
    with progress_bar() as bar:
        made = listen_to(desk, session, recordings, bar)
    return list(zip(recordings, made, strict=True))


def put_on_one_clock(desk: Desk, session: Session, review: RecordedReview) -> Incident:
    """Open the incident from the two cameras' recordings and adopt the clock claims the reviewer chose."""
    cameras = {clock.camera: clock for clock in review.clocks}
    recordings = [one for one in playable(desk, []) if one.camera in cameras]
    opened = open_incident(desk, session, review.title, [one.id for one in recordings], review.incident)
    for one in recordings:
        _adopt(desk, session, opened, one, cameras[one.camera])
    with desk.store.reading() as work:
        return work.reviews.incident(review.incident)


def _adopt(desk: Desk, session: Session, incident: Incident, recording: Recording, clock: ClockDecision) -> None:
    place(
        desk,
        session,
        incident.id,
        recording.id,
        claim=best_claim(recording),
        uncertainty=clock.uncertainty,
        reason=clock.reason,
    )


def review(desk: Desk, session: Session, recorded: RecordedReview) -> tuple[Applied, ...]:
    """Carry out the recorded decisions."""
    return apply_review(desk, session, recorded.incident, recorded.decisions)


def export(desk: Desk, session: Session, recorded: RecordedReview, into: Path) -> StoredBundle:
    """Write and seal the bundle."""
    into.mkdir(parents=True, exist_ok=True)
    bundle = export_under_bar(desk, session, recorded.incident, into)
    out.print(plain(f"  sealed {bundle.name}"))
    return bundle
