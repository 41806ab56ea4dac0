"""The row under the picture: J K L, frame steps, speed, the time in large digits, what the sound is doing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from bwc_review.domain.times import clock_text
from ui import theme
from ui.player.controller import SPEEDS, PlayerController


def speed_text(speed: Fraction) -> str:
    """``1×``, ``0.25×``."""
    return f"{float(speed):g}×"


class TransportBar(QWidget):
    """Buttons over one PlayerController. ``show_note`` sets the quiet words on the right."""

    def __init__(self, player: PlayerController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.time = QLabel("0:00.000")
        self.time.setFont(theme.digit_font(theme.LARGE, strong=True))
        self.time.setAccessibleName("Media time")
        self.total = QLabel("")
        self.total.setFont(theme.text_font(theme.SMALL))
        self.note = QLabel("")
        self.note.setFont(theme.text_font(theme.SMALL))
        self.note.setAccessibleName("Sound")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for label in (self.total, self.note):
            label.setStyleSheet(f"color: {theme.DARK.dim};")
        self.back = self._button("J", "Play backwards (J; again for 2×, 4×)", "Play backwards", player.press_j)
        self.main = self._button("▶  K", "Play or pause (Space; K pauses)", "Play or pause", player.toggle)
        self.main.setProperty("primary", True)
        self.forth = self._button("L", "Play forwards (L; again for 2×, 4×)", "Play forwards", player.press_l)
        self.speed = self._button("1×", "Speed (− slower, = faster)", "Speed", self._choose_speed)
        self.earlier = self._button("◀", "One frame back (,  Shift: ten)", "One frame back", lambda: player.step(-1))
        self.later = self._button("▶", "One frame on (.  Shift: ten)", "One frame on", lambda: player.step(1))
        self._lay_out()
        player.position_changed.connect(self._show_position)
        player.state_changed.connect(self._show_state)
        player.speed_changed.connect(self._show_speed)
        player.audio_note.connect(self.show_note)
        self._show_state(player.state)
        self._show_speed(player.speed)

    def _lay_out(self) -> None:
        frame = QLabel("frame")
        frame.setStyleSheet(f"color: {theme.DARK.dim};")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        row.setSpacing(theme.GRID)
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("0:00:00.000"))
        row.addWidget(self.time)
        row.addWidget(self.total)
        row.addSpacing(theme.GRID)
        for button in (self.back, self.main, self.forth, self.speed):
            row.addWidget(button)
        row.addSpacing(theme.GRID)
        row.addWidget(self.earlier)
        row.addWidget(frame)
        row.addWidget(self.later)
        row.addSpacing(theme.GRID)
        row.addWidget(self.note, 1)

    def _button(self, text: str, tip: str, name: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button

    def show_note(self, words: str) -> None:
        """What the sound is doing, in words."""
        short = words.partition(":")[0]  # the rest does not fit beside the keys on a small screen
        self.note.setText(short)
        self.note.setToolTip(words)
        self.note.setAccessibleDescription(words)

    def _show_position(self, us: int) -> None:
        self.time.setText(clock_text(us))

    def _show_state(self, state: str) -> None:
        self.main.setText("❚❚  K" if state == "playing" else "▶  K")
        self.total.setText(f"of {clock_text(self._player.duration_us)}" if self._player.frames else "")
        ready = state in ("paused", "playing")
        for button in (self.back, self.main, self.forth, self.speed, self.earlier, self.later):
            button.setEnabled(ready)

    def _show_speed(self, speed: Fraction) -> None:
        self.speed.setText(speed_text(speed))

    def _choose_speed(self) -> None:
        menu = QMenu(self)
        for speed in SPEEDS:
            action = menu.addAction(speed_text(speed))
            action.setCheckable(True)
            action.setChecked(speed == self._player.speed)
            action.triggered.connect(lambda _checked, chosen=speed: self._player.set_speed(chosen))
        menu.popup(self.speed.mapToGlobal(self.speed.rect().topLeft()))
