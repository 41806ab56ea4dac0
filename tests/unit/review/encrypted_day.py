"""A day at an encrypted workspace, to be watched from outside: import, derive, win back, play, listen, align.

Called with the workspace to make and the cards to dock.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bwc_review.bootstrap import VaultSettings, create_workspace
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.recording import Playability, Recording
from bwc_review.playback.source import PlayerSource, open_frames, open_sound
from bwc_review.ports.records import Session
from bwc_review.review.aligning import propose_alignments
from bwc_review.review.deriving import work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.incidents import open_incident
from bwc_review.review.listening import transcribe
from bwc_review.review.rederiving import compare_again
from bwc_review.review.salvaged import ask_salvage
from bwc_review.review.sessions import start_session
from tests.desks import CLERK, PASSPHRASE, REVIEWER, SAID, SETTINGS, Onlooker
from tests.fakes.transcriber import FakeTranscriber
from ui.review_desk.case import read_case

ENCRYPTED = replace(SETTINGS, vault=VaultSettings("passphrase"))
INCIDENT = IncidentId("IR-1")


def main(workspace: Path, cards: Sequence[Path]) -> None:
    """Say line by line what was made and seen."""
    desk = replace(create_workspace(workspace, ENCRYPTED, PASSPHRASE), transcriber=lambda: FakeTranscriber(SAID))
    clerk = start_session(desk, CLERK, "routine_docking")
    for card in cards:
        import_card(desk, clerk, card, watch=Onlooker())
    for broken in [one for one in recordings(desk) if one.playability is Playability.UNPLAYABLE]:
        ask_salvage(desk, clerk, broken.id)
    watch = Onlooker()
    work_off(desk, clerk, watch)
    for exhibit, what, state, error in watch.ends:
        print("job", exhibit, what, state.value, error)
    for one in recordings(desk):
        look_at(desk, one)
        for compared in compare_again(desk, clerk, one.id):
            print("again", compared.what, compared.verdict.value, compared.words)
    listen_and_align(desk, start_session(desk, REVIEWER, "use_of_force_review"))


def recordings(desk: Desk) -> Sequence[Recording]:
    with desk.store.reading() as work:
        return tuple(work.footage.recordings())


def look_at(desk: Desk, recording: Recording) -> None:
    """Play a recording from its original or its salvaged copy, picture and sound."""
    with desk.store.reading() as work:
        made = {one.kind: one for one in work.footage.derivatives(recording.id)}

    def opened(kind: str):  # type: ignore[no-untyped-def]
        return desk.vault.open_kept(desk.folder / made[kind].path, made[kind].sha256)

    original = partial(opened, "salvage") if "salvage" in made else partial(desk.vault.open, recording.sha256)
    with opened("index") as index:
        source = PlayerSource(recording, original, index.read(), partial(opened, "audio"))  # type: ignore[arg-type]
    frames = open_frames(source, (160, 96))
    print("seen", recording.exhibit, sorted(made), type(frames.frame(17)).__name__)
    frames.close()
    sound = open_sound(source)
    print("heard", len(sound.read(500_000, 1600)))
    sound.close()


def listen_and_align(desk: Desk, session: Session) -> None:
    """Put every camera on one clock, listen, and open the case as the review desk does."""
    everything = [one.id for one in recordings(desk)]
    open_incident(desk, session, "Mill Street", everything, INCIDENT)
    for one in everything:
        heard = transcribe(desk, session, one, progress=lambda done, of: None, cancelled=lambda: False)
        print("listened", len(heard.heard.segments) > 0)
    proposed = propose_alignments(desk, session, INCIDENT)
    print("aligned", len(proposed), all(one.figures for one in proposed))
    case = read_case(desk, session, INCIDENT)
    clips = [clip for track in case.tracks for clip in track.clips]
    print("case", len(clips), all(clip.peaks is not None and clip.source.index for clip in clips))
    for clip in clips:
        with clip.source.open_original() as reader:
            reader.read(4096)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
