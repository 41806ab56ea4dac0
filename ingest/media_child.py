"""The child process that touches hostile media: limits itself, does one task, exits.

Standard input is the recording itself, so no path is ever handed over; of an encrypted one it is the ciphertext, and
the key comes over a pipe of its own. Standard output, a pipe, is the result: nothing is written to a disk from here.
Exit 0: done; 3: refused, with a sentence on standard error; 4: no room for the result; else it crashed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

from ingest.child_tasks import MORE_TASKS, load_engine
from ingest.errors import IngestError
from ingest.files import NO_ROOM
from ingest.object_keys import ObjectKey
from ingest.sealing import seal
from ingest.vault_reader import reader_of

REFUSED = 3
NO_ROOM_LEFT = 4
LOW_PRIORITY = 10

if sys.platform != "win32":
    import resource

    def _limit(limits: Mapping[str, int]) -> None:
        for name, value in {**limits, "RLIMIT_CORE": 0}.items():
            with contextlib.suppress(ValueError, OSError):  # a stricter limit is already in force
                resource.setrlimit(getattr(resource, name), (value, value))
        os.nice(LOW_PRIORITY)

else:

    def _limit(limits: Mapping[str, int]) -> None:
        """The platform has no such limits; the parent's time-out still holds."""


def _probe(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.examine import examine

    out.write(json.dumps(examine(recording)).encode())


def _embedded(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.embedded import read_embedded

    out.write(json.dumps(read_embedded(recording, [str(kind) for kind in wanted["kinds"]])).encode())


def _index(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.index import build_index

    out.write(build_index(recording).to_bytes())


def _pcm(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.audio import read_pcm

    for block in read_pcm(recording, int(wanted.get("track", 0))):
        out.write(block)


def _proxy(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.sealed_proxy import write_streamed

    write_streamed(recording, wanted, out)


def _still(recording: BinaryIO, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    from ingest.stills import picture_of

    out.write(picture_of(recording, int(wanted["frame"]), str(wanted["format"])))


# Each task imports its engine itself: the probe starts without numpy and OpenCV.
TASKS: Mapping[str, Callable[[BinaryIO, Mapping[str, Any], BinaryIO], None]] = {
    "probe": _probe,
    "embedded": _embedded,
    "frame-index": _index,
    "pcm": _pcm,
    "still": _still,
    "proxy": _proxy,
    **MORE_TASKS,
}


def _key(key_end: int | None) -> ObjectKey | None:
    """The key that came over a pipe; None when standard input is not sealed."""
    if key_end is None:
        return None
    with os.fdopen(key_end, "rb") as pipe:
        return ObjectKey.from_bytes(pipe.read())


def _recording(key: ObjectKey | None) -> BinaryIO:
    """Standard input as plaintext: the same reader as everywhere when it is sealed."""
    if key is None:
        return open(0, "rb", closefd=False)
    return cast("BinaryIO", reader_of(io.FileIO(0, "rb", closefd=False), "in the vault", key))


def main(task: str, wanted_json: str) -> int:
    """Do one task on standard input; returns the exit code."""
    request = json.loads(wanted_json)
    _limit(request["limits"])
    load_engine(task)
    key = _key(request["key"])
    seal()
    try:
        with _recording(key) as recording, open(1, "wb", closefd=False) as out:
            TASKS[task](recording, request["wanted"], out)
    except IngestError as error:
        sys.stderr.write(error.message())
        return REFUSED
    except MemoryError:
        sys.stderr.write("The recording asks for more memory than any recording needs.")
        return REFUSED
    except OSError as error:
        if error.errno in NO_ROOM:
            return NO_ROOM_LEFT
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
