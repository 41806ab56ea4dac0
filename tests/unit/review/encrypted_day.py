"""A day at an encrypted workspace, to be watched from outside: import, derive, play, listen. ``workspace card``."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from bwc_review.bootstrap import VaultSettings, create_workspace
from bwc_review.playback.source import PlayerSource, open_frames, open_sound
from bwc_review.review.docking import import_card
from bwc_review.review.listening import sound_of
from bwc_review.review.sessions import start_session
from tests.desks import CLERK, PASSPHRASE, SETTINGS, Onlooker

ENCRYPTED = replace(SETTINGS, vault=VaultSettings("passphrase"))


def main() -> None:
    desk = create_workspace(Path(sys.argv[1]), ENCRYPTED, PASSPHRASE)
    session = start_session(desk, CLERK, "routine_docking")
    report = import_card(desk, session, Path(sys.argv[2]), watch=Onlooker())
    for recording in report.recordings:
        with desk.store.reading() as work:
            made = {one.kind: one for one in work.footage.derivatives(recording.id)}

        def opened(kind: str, made=made):  # type: ignore[no-untyped-def]
            return desk.vault.open_kept(desk.folder / made[kind].path, made[kind].sha256)

        with opened("index") as index:
            source = PlayerSource(
                recording, partial(desk.vault.open, recording.sha256), index.read(), partial(opened, "audio")
            )  # type: ignore[arg-type]
        frames = open_frames(source, (160, 96))
        print(recording.exhibit, sorted(made), type(frames.frame(17)).__name__)
        frames.close()
        sound = open_sound(source)
        print(len(sound.read(500_000, 1600)))
        sound.close()
        heard = sound_of(desk, recording.id)
        print(heard is not None)


if __name__ == "__main__":
    main()
