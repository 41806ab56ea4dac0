"""A timestamp authority made with openssl in a folder: asked by hand, or over HTTP on this machine."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[clock]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = answering
[answering]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
certs = {folder}/root.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """One authority: ``pem`` is its certificate and its root, as a workstation is given them."""

    folder: Path

    @property
    def pem(self) -> bytes:
        return (self.folder / "tsa.crt").read_bytes() + (self.folder / "root.crt").read_bytes()

    @property
    def root(self) -> Path:
        return self.folder / "root.crt"

    def answer(self, request: bytes) -> bytes:
        """What `openssl ts -reply` says to a request."""
        (self.folder / "in.tsq").write_bytes(request)
        run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "in.tsq", "-out", "out.tsr", cwd=self.folder)
        return (self.folder / "out.tsr").read_bytes()


def run(*arguments: str, cwd: Path) -> str:
    """openssl, and what it said. Fails the test when it fails."""
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def make_authority(folder: Path, *, usage: str = "critical,timeStamping", days: str = "30") -> Authority:
    """A root, and an authority it vouches for."""
    folder.mkdir(parents=True)
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder.as_posix(), name=folder.name, usage=usage))
    (folder / "serial").write_text("01\n")
    new = ("req", "-config", "tsa.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(*new, "-x509", "-days", "30", "-extensions", "root", "-keyout", "root.key", "-out", "root.crt", cwd=folder)
    run(*new, "-subj", f"/CN={folder.name} clock", "-keyout", "tsa.key", "-out", "tsa.csr", cwd=folder)
    sign = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial")
    run(*sign, "-days", days, "-extfile", "tsa.cnf", "-extensions", "clock", "-out", "tsa.crt", cwd=folder)
    return Authority(folder)


@dataclass
class Answering:
    """What an HTTP server says: the answer's bytes, its type, its status, and where it sends one to."""

    answer: Callable[[bytes], bytes]
    kind: str = "application/timestamp-reply"
    status: int = 200
    location: str = ""
    asked: int = 0


@contextmanager
def serving(says: Answering) -> Iterator[str]:
    """The address of a server on this machine that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            says.asked += 1
            body = says.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(says.status)
            self.send_header("Content-Type", says.kind)
            if says.location:
                self.send_header("Location", says.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            says.asked += 1000

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
