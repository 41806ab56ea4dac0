"""Asking a timestamp authority over HTTP (RFC 3161 section 3.4): one address, no redirects, no proxies, a deadline.

The address is the one in the settings; nothing in an answer can lead anywhere else.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import NoReturn

from bwc_review.errors import AuthorityUnreachable

SECONDS = 15.0
MAX_ANSWER_BYTES = 1 << 20
_CHUNK = 1 << 14


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: not a timestamp."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        """Follow nothing."""
        return None


def post(name: str, address: str, request: bytes, *, seconds: float = SECONDS) -> bytes:
    """Send a request and return the body of the answer. Raises AuthorityUnreachable for anything but a whole one."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
    query = urllib.request.Request(
        address,
        data=request,
        method="POST",
        headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
    )
    deadline = time.monotonic() + seconds
    try:
        with opener.open(query, timeout=seconds) as answer:
            if answer.headers.get_content_type() != "application/timestamp-reply":
                _unreachable(name, f"it answered with {ascii(answer.headers.get_content_type())[:80]}")
            return _read(name, answer, deadline)
    except urllib.error.HTTPError as refused:
        _unreachable(name, f"it answered {refused.code}", refused)
    except (OSError, http.client.HTTPException, ValueError) as failed:
        _unreachable(name, str(failed)[:200] or type(failed).__name__, failed)


def _read(name: str, answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """The body, bounded in size and in time: each read alone may be quick and all of them take for ever."""
    body = bytearray()
    while part := answer.read1(_CHUNK):
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            _unreachable(name, "its answer is far too long for a timestamp")
        if time.monotonic() > deadline:
            _unreachable(name, "its answer took too long")
    return bytes(body)


def _unreachable(name: str, why: str, cause: Exception | None = None) -> NoReturn:
    raise AuthorityUnreachable(
        f"The timestamp authority {name} gave no answer ({why}). The request waits in the queue: try again later, or "
        "take it there as a file with `bwc-review timestamps send --into FOLDER`."
    ) from cause
