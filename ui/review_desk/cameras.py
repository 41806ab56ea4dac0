"""Two pictures on the incident's one clock: the focused camera exactly, another beside it that follows. No tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Signal

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.times import Micros, Span
from bwc_review.playback.source import PlayerSource
from ui.player import PlayerController
from ui.review_desk.case import Clip, ReviewCase, Track
from ui.words import why_not_played

OUT_OF_STEP_US = 60_000  # a follower further off than about two frames seeks again
FOLLOW_MS = 100
NEXT_CLIP_US = 3_000_000  # a clip that follows within this is the same continuous recording to a viewer


class CameraDeck(QObject):
    """Times are microseconds of the incident's clock. ``side_words`` says why there is no second picture."""

    moved = Signal(object)
    focused = Signal(object)  # the Track whose exact picture is shown
    main_loaded = Signal(object)  # PlayerSource
    side_loaded = Signal(object)  # PlayerSource
    side_words = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.main = PlayerController(self)
        self.side = PlayerController(self)
        self._case: ReviewCase | None = None
        self._track: Track | None = None
        self._clip: Clip | None = None
        self._side_clip: Clip | None = None
        self._side_known = False
        self._resume: Fraction | None = None
        self._range: tuple[int, int, bool] | None = None  # to be played once its clip is open
        self._was_playing = False
        self._played: dict[RecordingId, list[Span]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(FOLLOW_MS)
        self._timer.timeout.connect(self._follow)
        self.main.position_changed.connect(self._tell)
        self.main.loaded.connect(self._loaded)
        self.main.state_changed.connect(self._state_changed)
        self.main.played.connect(self._keep_played)

    # what others may ask

    @property
    def track(self) -> Track | None:
        """The focused camera."""
        return self._track

    @property
    def clip(self) -> Clip | None:
        """The recording whose exact picture is shown."""
        return self._clip

    @property
    def side_clip(self) -> Clip | None:
        """The recording shown beside it."""
        return self._side_clip

    @property
    def position_us(self) -> int:
        """Where the picture stands on the incident's clock."""
        clip = self._clip
        return 0 if clip is None else clip.clock.to_incident(Micros(self.main.position_us))

    @property
    def frame_us(self) -> int:
        """Length of one frame here; a thirtieth of a second where nothing is known."""
        facts = self._clip.recording.facts if self._clip else None
        video = facts.video if facts else None
        return 1_000_000 * video.rate_den // video.rate_num if video and video.rate_num else 33_333

    # what a person asks for

    def open(self, case: ReviewCase) -> None:
        """Show an incident from its first moment a camera covers."""
        self.close()
        self._case = case
        with_picture = [track for track in case.tracks if any(clip.playable for clip in track.clips)]
        if not with_picture:
            self.side_words.emit(why_no_picture(case))
            return
        self._track = max(with_picture, key=lambda one: sum(c.span.length for c in one.clips if c.playable))
        self.focused.emit(self._track)
        first = next(clip for clip in self._track.clips if clip.playable)
        self._load(first, first.span.start)
        self._timer.start()

    def close(self) -> None:
        """Stop and let go of the files."""
        self._timer.stop()
        self.main.unload()
        self.side.unload()
        self._case = self._track = self._clip = self._side_clip = None
        self._side_known = False
        self._resume = self._range = None

    def seek(self, us: int) -> None:
        """Go to a moment of the incident. Where the focused camera has nothing, another that has takes over."""
        if self._case is None or self._track is None:
            return
        clip = self._track.clip_at(us)
        if clip is None:
            clip = self._elsewhere(us)
        if clip is None:
            return
        if clip is self._clip:
            self.main.seek_us(clip.clock.to_media(Micros(us)))
        else:
            self._load(clip, us)

    def _elsewhere(self, us: int) -> Clip | None:
        """Another camera's clip at this moment, else the nearest of the focused camera."""
        case, track = self._case, self._track
        if case is None or track is None:
            return None
        for other in case.tracks:
            found = other.clip_at(us)
            if found is not None:
                self._track = other
                self.focused.emit(other)
                return found
        playable = [clip for clip in track.clips if clip.playable]
        return min(playable, key=lambda one: min(abs(us - one.span.start), abs(us - one.span.end)), default=None)

    def focus_next(self) -> None:
        """Show the next camera's exact picture at the same moment."""
        case, track = self._case, self._track
        if case is None or track is None:
            return
        tracks = [one for one in case.tracks if any(clip.playable for clip in one.clips)]
        other = tracks[(tracks.index(track) + 1) % len(tracks)]
        if other is not track:
            self.focus(other)

    def focus(self, track: Track, at_us: int | None = None) -> None:
        """Show this camera's exact picture, at the same moment where it was recording then, else nearest to it."""
        here = self.position_us if at_us is None else at_us
        self._track = track
        self.focused.emit(track)
        clip = track.clip_at(here) or track.clip_after(here) or track.clips[-1]
        if clip is self._clip:
            self.seek(here)
        elif clip.playable:
            self._load(clip, max(here, clip.span.start))

    def play_span(self, start: int, end: int, *, looping: bool = False) -> None:
        """Play a stretch of the incident once, or again and again."""
        self.seek(start)
        clip = self._clip
        if clip is None:
            return
        if self.main.state == "loading":
            self._range = (start, end, looping)
            return
        span = Span(clip.clock.to_media(Micros(start)), clip.clock.to_media(Micros(max(start, end))))
        (self.main.loop_range if looping else self.main.play_range)(span)

    def take_played(self) -> Mapping[RecordingId, tuple[Span, ...]]:
        """The stretches really played since this was last asked, by recording, on its media clock."""
        played = {recording: tuple(spans) for recording, spans in self._played.items()}
        self._played = {}
        return played

    # inside

    def _load(self, clip: Clip, us: int) -> None:
        if self.main.state == "playing":
            self._resume = self.main.rate
        self._range = None
        media = min(max(0, clip.clock.to_media(Micros(us))), clip.recording.span.end)
        self.main.unload()
        self._clip = clip
        self._was_playing = False
        self.main_loaded.emit(clip.source)
        self.main.load(clip.source, at_us=media)
        self.moved.emit(clip.clock.to_incident(Micros(media)))

    def _loaded(self, _source: object) -> None:
        # the player stands on its first frame after it has told this; going on before would be taken back by it
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        resume, self._resume = self._resume, None
        wanted, self._range = self._range, None
        if wanted is not None:
            self.play_span(wanted[0], wanted[1], looping=wanted[2])
        elif resume:
            self.main.play_backwards() if resume < 0 else self.main.play()
        self._follow()

    def _tell(self, _media: object) -> None:
        if self.main.state != "loading":
            self.moved.emit(self.position_us)

    def _state_changed(self, state: str) -> None:
        ended = self._was_playing and state == "paused" and self._at_end()
        self._was_playing = state == "playing"
        if ended and self._track is not None and self._clip is not None:
            following = self._track.clip_after(self._clip.span.end - OUT_OF_STEP_US)
            if following is not None and following.span.start - self._clip.span.end < NEXT_CLIP_US:
                self._resume = Fraction(1)
                self._load(following, following.span.start)
        self._follow()

    def _at_end(self) -> bool:
        return self.main.frames > 0 and self.main.position_us >= self.main.frame_us(self.main.frames - 1)

    def _keep_played(self, span: Span, _rate: object) -> None:
        if self._clip is not None:
            self._played.setdefault(self._clip.recording.id, []).append(span)

    def _follow(self) -> None:
        """Keep the second picture in step with the first."""
        case, track = self._case, self._track
        if case is None or track is None or self.main.state == "loading":
            return
        here = self.position_us
        others = [one for one in case.tracks if one is not track]
        clip = next((found for one in others if (found := one.clip_at(here)) is not None), None)
        if clip is not self._side_clip or not self._side_known:
            self._side_clip, self._side_known = clip, True
            self._load_side(clip, here, bool(others))
            return
        if clip is None or self.side.state not in ("paused", "playing"):
            return
        self._keep_in_step(clip.clock.to_media(Micros(here)))

    def _load_side(self, clip: Clip | None, here: int, others: bool) -> None:
        self.side.unload()
        if clip is None:
            self.side_words.emit("not recording here" if others else "no other camera in this incident")
            return
        source = silent(clip.source)
        self.side_loaded.emit(source)
        self.side.load(source, at_us=clip.clock.to_media(Micros(here)))

    def _keep_in_step(self, wanted: int) -> None:
        main, side = self.main, self.side
        off = abs(side.position_us - wanted)
        if main.state != "playing":
            side.pause()
            if side.frame_at(side.position_us) != side.frame_at(wanted):
                side.seek_us(wanted)
            return
        if side.speed != main.speed:
            side.set_speed(main.speed)
        if side.rate != main.rate:
            side.seek_us(wanted)
            side.play_backwards() if main.rate < 0 else side.play()
        elif off > OUT_OF_STEP_US:
            side.seek_us(wanted)


def silent(source: PlayerSource) -> PlayerSource:
    """The same picture without its sound: only one camera is heard at a time."""
    recording = source.recording
    facts = replace(recording.facts, audio=None) if recording.facts else None
    camera = source.label.partition(" · original")[0]
    verified = source.wall_note.rpartition(", ")[2]
    return replace(
        source, recording=replace(recording, facts=facts), label=camera, open_audio=None, wall_note=verified
    )


def why_no_picture(case: ReviewCase) -> str:
    """What to say where no recording of an incident has a picture: not ready yet, or why each cannot be played."""
    waiting = [one.recording.exhibit for one in case.clips if not why_not_played(one.recording)]
    if waiting:
        return f"no picture yet: {', '.join(waiting)} is being made ready in the background. Open it again shortly."
    why = "; ".join(f"{one.recording.exhibit}: {why_not_played(one.recording)}" for one in case.clips)
    return f"no picture: none of these recordings can be played. {why}"
