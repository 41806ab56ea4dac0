"""Asking a timestamp authority over HTTP (RFC 3161 section 3.4), at the one address in the settings."""

from __future__ import annotations

from typing import NoReturn

from bwc_review.errors import AuthorityUnreachable
from bwc_review.export import http_post
from bwc_review.export.http_post import SECONDS, NoAnswer

MAX_ANSWER_BYTES = 1 << 20
REPLY = "application/timestamp-reply"
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": REPLY}


def post(name: str, address: str, request: bytes, *, seconds: float = SECONDS) -> bytes:
    """Send a request and return the body of the answer. Raises AuthorityUnreachable for anything but a whole one."""
    try:
        answer = http_post.post(address, request, HEADERS, limit=MAX_ANSWER_BYTES, seconds=seconds)
    except NoAnswer as silent:
        _unreachable(name, str(silent), silent)
    if not 200 <= answer.status < 300:
        _unreachable(name, f"it answered {answer.status}")
    if answer.kind != REPLY:
        _unreachable(name, f"it answered with {ascii(answer.kind)[:80]}")
    return answer.body


def _unreachable(name: str, why: str, cause: Exception | None = None) -> NoReturn:
    raise AuthorityUnreachable(
        f"The timestamp authority {name} gave no answer ({why}). The request waits in the queue: try again later, or "
        "take it there as a file with `bwc-review timestamps send --into FOLDER`."
    ) from cause
