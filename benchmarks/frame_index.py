"""What indexing every frame of a long recording costs beside the floor: demuxing it and doing nothing.

The long recording is made by repeating a short one without encoding. Peer: a bare PyAV loop over the picture
track's packets. Runs are paired, so that the ratio holds when the machine is busy; memory is each child's peak.

    python benchmarks/frame_index.py CLIP [--minutes 120] [--runs 3]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import av

from ingest.index import build_index


def lengthen(clip: Path, minutes: int, out: Path) -> Path:
    """``clip`` again and again, bit for bit, until it is so long. Sound and picture keep their own times."""
    with av.open(str(clip)) as source, av.open(str(out), "w", format="mp4") as made:
        streams = {
            one.index: made.add_stream_from_template(one) for one in source.streams if one.type in ("video", "audio")
        }
        packets = [one for one in source.demux() if one.size and one.stream.index in streams and one.dts is not None]
        length = max((one.dts + (one.duration or 0)) * one.time_base for one in packets)
        length -= min(one.dts * one.time_base for one in packets)
        for turn in range(-(-minutes * 60 // max(1, int(length)))):
            for one in packets:
                copied = av.Packet(bytes(one))
                shift = round(turn * length / one.time_base)
                copied.pts, copied.dts, copied.duration = one.pts + shift, one.dts + shift, one.duration
                copied.time_base, copied.is_keyframe = one.time_base, one.is_keyframe
                copied.stream = streams[one.stream.index]
                made.mux(copied)
    return out


def demux_only(file: Path) -> int:
    """The floor: every packet of the picture track, looked at and let go."""
    with av.open(str(file)) as container:
        return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)


def index_it(file: Path) -> int:
    """Our index of the same file."""
    with file.open("rb") as opened:
        return len(build_index(opened))


def measured(act: Callable[[Path], int], file: Path) -> tuple[float, float, int]:
    """CPU seconds, peak memory in MiB and frames of one call in a process of its own."""
    receive, send = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_run, args=(act, file, send))
    child.start()
    found: tuple[float, float, int] = receive.recv()
    child.join()
    return found


def _run(act: Callable[[Path], int], file: Path, send: multiprocessing.connection.Connection) -> None:
    before = time.process_time()
    frames = act(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    send.send((time.process_time() - before, peak, frames))


def main() -> None:
    """Print CPU seconds, peak memory and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip", type=Path)
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = lengthen(wanted.clip, wanted.minutes, Path(folder) / "long.mp4")
        print(f"{file.stat().st_size / 2**20:.0f} MiB, {wanted.minutes} min")
        pairs = [(measured(index_it, file), measured(demux_only, file)) for _ in range(wanted.runs)]
    for ours, floor in pairs:
        print(
            f"index {ours[0]:6.2f} s CPU, {ours[1]:5.0f} MiB, {ours[2]} frames   "
            f"demux only {floor[0]:6.2f} s CPU, {floor[1]:5.0f} MiB, {floor[2]} packets"
        )
    print(f"median ratio {median(ours[0] / floor[0] for ours, floor in pairs):.2f}")


if __name__ == "__main__":
    main()
