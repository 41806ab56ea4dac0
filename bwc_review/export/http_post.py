"""Posting to one address of the settings: no redirects, no proxies, bounded in size, with a deadline.

Nothing in an answer can lead anywhere else. Timestamp authorities and witnesses are asked this way.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

SECONDS = 15.0
_CHUNK = 1 << 14


class NoAnswer(Exception):
    """No whole answer came; the text says why. Callers turn it into their own error."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Status, media type (lower case, without parameters) and body of an answer."""

    status: int
    kind: str
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        """Follow nothing."""
        return None


def post(address: str, body: bytes, headers: Mapping[str, str], *, limit: int, seconds: float = SECONDS) -> Answered:
    """Send ``body`` and return the answer, whatever its status. Raises NoAnswer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
    query = urllib.request.Request(address, data=body, method="POST", headers=dict(headers))
    deadline = time.monotonic() + seconds
    try:
        try:
            answer = opener.open(query, timeout=seconds)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return Answered(answer.status, answer.headers.get_content_type(), _read(answer, limit, deadline))
    except (OSError, http.client.HTTPException, ValueError) as failed:
        raise NoAnswer(str(failed)[:200] or type(failed).__name__) from failed


def _read(answer: http.client.HTTPResponse, limit: int, deadline: float) -> bytes:
    """The body, bounded in size and in time: each read alone may be quick and all of them take for ever."""
    body = bytearray()
    while part := answer.read1(_CHUNK):
        body += part
        if len(body) > limit:
            raise NoAnswer("its answer is far too long")
        if time.monotonic() > deadline:
            raise NoAnswer("its answer took too long")
    return bytes(body)
