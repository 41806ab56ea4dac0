"""add-checkpoint over HTTP, both ends: a small server on the loopback by default, and the log's call.

C2SP tlog-witness (c2sp.org/tlog-witness). No TLS here: put it behind a proxy, or use files (witness_command.py).
"""

from __future__ import annotations

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from chain_of_custody.errors import CustodyError, WitnessRefused
from chain_of_custody.witness import TEXT_TYPE, Answer, Witness
from chain_of_custody.witness_request import MAX_REQUEST_BYTES

PATH = "/add-checkpoint"
TIMEOUT_S = 20


class WitnessServer(ThreadingHTTPServer):
    """Answers POST /add-checkpoint (custody-format section 14). `port` 0 takes a free one; see `server_port`."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str = "127.0.0.1", port: int = 0) -> None:
        self.witness = witness
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_S
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > MAX_REQUEST_BYTES:
            self.close_connection = True  # the body is left unread
            self._send(Answer(413 if length.isdigit() else 411, "length", b"refused: length\n"))
            return
        body = self.rfile.read(int(length))
        if self.path != PATH:
            self._send(Answer(404, "path", b"refused: path\n"))
            return
        try:
            self._send(self.server.witness.add_checkpoint(body))
        except (CustodyError, OSError) as broken:
            print(f"witness state: {broken}", file=sys.stderr)
            self._send(Answer(500, "state", b"refused: the witness cannot read its state\n", TEXT_TYPE))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: what matters is kept in the state folder."""


def submit(prefix: str, request: bytes) -> bytes:
    """POST a request to `<prefix>/add-checkpoint`; the answer's body, for witness_request.accept_answer.

    Raises WitnessRefused (unreachable, answer_too_large, status) where there is no answer a witness gives.
    Custody-format section 14.
    """
    where = urlsplit(prefix)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    if where.scheme not in ("http", "https") or not where.hostname:
        raise WitnessRefused("address", prefix)
    connection = kind(where.hostname, where.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", where.path.rstrip("/") + PATH, body=request)
        response = connection.getresponse()
        body = response.read(MAX_REQUEST_BYTES + 1)
    except (OSError, http.client.HTTPException) as broken:
        raise WitnessRefused("unreachable", prefix, str(broken)) from broken
    finally:
        connection.close()
    if len(body) > MAX_REQUEST_BYTES:
        raise WitnessRefused("answer_too_large", prefix)
    if response.status not in (200, 400, 403, 404, 409, 422):
        raise WitnessRefused("status", prefix, str(response.status))
    return body
