"""What went wrong, said calmly: the error's own words and what to do, never a traceback and never a dead window."""

from __future__ import annotations

import logging

from PySide6.QtWidgets import QMessageBox, QWidget

from bwc_review.errors import Cancelled, ReviewError

LOG = logging.getLogger("ui")
UNKNOWN = (
    "Something unexpected happened and this act did not take place. Nothing that was saved before is touched. "
    "Try again; if it happens again, close the program, open it again and tell your administrator: "
)


def in_words(error: BaseException) -> str:
    """The message an error of this house carries (``message()``), or plain words for any other."""
    message = getattr(error, "message", None)
    if callable(message):
        return str(message())
    return f"{UNKNOWN}{type(error).__name__}."


def was_stopped(error: BaseException) -> bool:
    """Whether a person stopped it, which is no failure."""
    return isinstance(error, Cancelled)


def log_detail(error: BaseException) -> None:
    """Keep the technical side for whoever reads the program's own output."""
    detail = getattr(error, "detail", "")
    expected = isinstance(error, ReviewError) or callable(getattr(error, "message", None))
    LOG.error("%s %s", in_words(error), detail, exc_info=None if expected else error)


def tell(parent: QWidget | None, error: BaseException, title: str = "This did not work") -> None:
    """Show a calm dialog with the message. Does not block the program behind it."""
    log_detail(error)
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, in_words(error), QMessageBox.StandardButton.Ok, parent)
    box.setAccessibleName(title)
    box.setInformativeText("" if callable(getattr(error, "message", None)) else str(error)[:300])
    box.open()
