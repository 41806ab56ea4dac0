"""Paints one frame, letterboxed, with the camera's name and its three clocks. Decides nothing, decodes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from bwc_review.domain.times import clock_text
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.source import PlayerSource
from ui import theme

EDGE = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall_text(us: int) -> str:
    """Camera wall clock as people read it, tenths of a second, UTC."""
    moment = _EPOCH + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 100_000} UTC"


def grouped(number: int) -> str:
    """A count with thin gaps: ``1 625``."""
    return f"{number:,}".replace(",", " ")


class VideoView(QWidget):
    """The picture of one camera. ``size_wanted`` tells how large a picture it can use, in device pixels."""

    size_wanted = Signal(QSize)
    clicked = Signal()
    double_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Video")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 90)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._source: PlayerSource | None = None
        self._image: QImage | None = None
        self._frame: Frame | None = None
        self._words = "no recording"
        self._badge = ""
        self._at_us = 0
        self._n: int | None = None
        self._clocks_shown = True

    def sizeHint(self) -> QSize:
        return QSize(960, 540)

    def set_source(self, source: PlayerSource | None) -> None:
        """The recording whose name and clocks stand over the picture; takes the old picture away."""
        self._source = source
        self._image = self._frame = self._n = None
        self._words = "opening …" if source else "no recording"
        self.update()

    def set_badge(self, text: str) -> None:
        """A short fact top right, such as how well this camera is in step. Empty takes it away."""
        self._badge = text
        self.update()

    def show_clocks(self, shown: bool) -> None:
        """Show or hide the three clocks, for a look at what the camera burnt in beneath them."""
        self._clocks_shown = shown
        self.update()

    def show_frame(self, shown: Frame | Damage) -> None:
        """Show a frame, or say that it is damaged; a damaged frame never leaves the one before it standing."""
        self._n, self._at_us = shown.n, shown.us
        if isinstance(shown, Damage):
            self._image = self._frame = None
            self._words = shown.text
        else:
            high, wide, _ = shown.picture.shape
            self._frame = shown  # keeps the pixels alive for the QImage that borrows them
            self._image = QImage(shown.picture.data, wide, high, wide * 3, QImage.Format.Format_RGB888)
            self._words = ""
        self.update()

    def show_words(self, words: str) -> None:
        """Say why there is no picture."""
        self._image = self._frame = self._n = None
        self._words = words
        self.update()

    def picture_rect(self) -> QRect:
        """Where the picture lies in this widget."""
        if self._image is None:
            return self.rect()
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(*corner, size.width(), size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.VIDEO_BLACK))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._image is not None:
            painter.drawImage(self.picture_rect(), self._image)
        else:
            self._paint_words(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._source is not None:
            self._plate(painter, [self._source.label], theme.text_font(theme.BODY), right=False, top=True)
        if self._frame is not None and self._frame.doubt:
            self._warn(painter, self._frame.doubt)
        if self._badge:
            self._plate(painter, [self._badge], theme.digit_font(theme.SMALL), right=True, top=True)
        if self._source is not None and self._n is not None and self._clocks_shown:
            self._plate(painter, self._clocks(), theme.digit_font(theme.BODY - 1), right=True, top=False)
        painter.end()

    def _clocks(self) -> list[str]:
        source = self._source
        lines = [f"{clock_text(self._at_us)} · frame {grouped(self._n or 0)}{self._rate_text()}"]
        if source is not None:
            if source.wall_zero_us is None:
                lines.append("camera clock unknown")
            else:
                lines.append(f"{wall_text(source.wall_zero_us + self._at_us)} ({source.wall_note})")
        return lines

    def _rate_text(self) -> str:
        facts = self._source.recording.facts if self._source else None
        if facts is None or facts.video is None or not facts.video.rate_den:
            return ""
        thousandths = facts.video.rate_num * 1000 // facts.video.rate_den
        return f" · {thousandths // 1000}.{thousandths % 1000:03d} fps"

    def _paint_words(self, painter: QPainter) -> None:
        painter.setFont(theme.text_font(theme.BODY + 2))
        painter.setPen(QColor(theme.DARK.dim))
        box = self.rect().adjusted(40, 40, -40, -40)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)

    def _warn(self, painter: QPainter, words: str) -> None:
        area = self.picture_rect()
        strip = QRect(area.left(), area.top() + 44, area.width(), 26)
        painter.fillRect(strip, theme.tint(theme.DARK.alarm, 170))
        painter.setFont(theme.text_font(theme.BODY, strong=True))
        painter.setPen(QColor(theme.DARK.on_accent))
        painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, words)

    def _plate(self, painter: QPainter, lines: list[str], font: QFont, *, right: bool, top: bool) -> None:
        """Text on a dark plate in one corner of the picture, readable on any picture."""
        lines = [line for line in lines if line]
        if not lines:
            return
        metrics = QFontMetrics(font)
        area = self.rect()  # not the picture's corners: beside it nothing of the evidence is covered
        wide = min(max(metrics.horizontalAdvance(line) for line in lines) + 18, area.width() - 2 * EDGE)
        step = metrics.height() + 1
        high = step * len(lines) + 7
        left = area.right() - EDGE - wide if right else area.left() + EDGE
        upper = area.top() + EDGE if top else area.bottom() - EDGE - high
        plate = QPainterPath()
        plate.addRoundedRect(QRectF(left, upper, wide, high), 5, 5)
        painter.fillPath(plate, theme.tint("#05070a", 150))
        painter.setFont(font)
        painter.setPen(QColor(theme.DARK.text))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        for row, line in enumerate(lines):
            box = QRect(left + 7, upper + 4 + row * step, wide - 14, step)
            text = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, box.width())
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.size_wanted.emit(self.size() * self.devicePixelRatioF())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
