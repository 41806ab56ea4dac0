"""The player: a picture with its three clocks, the transport's one owner, its buttons and its sound."""

from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.source import PlayerSource
from ui.player.controller import PlayerController
from ui.player.transport_bar import TransportBar
from ui.player.video_view import VideoView

__all__ = ["Damage", "Frame", "PlayerController", "PlayerSource", "TransportBar", "VideoView"]
