"""A PostgreSQL server of the tests' own: a new cluster in a folder of its own, on a Unix socket, gone at the end.

The binaries come from Debian's package ``postgresql``. The server refuses to run as root, so root starts it as the
package's user ``postgres``. Without a server the tests are skipped and say why; where CI is set they fail.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

ADMIN = "bwc"
_numbers = count(1)


class NoServer(Exception):
    """Why there is none."""


@dataclass(frozen=True)
class Server:
    """A running server. ``folder`` holds its socket and its data."""

    folder: Path

    def url(self, database: str) -> str:
        """What workspace.toml would say."""
        return f"postgresql+psycopg://{ADMIN}@/{database}?host={self.folder}"

    def new_database(self, template: str = "") -> str:
        """The address of an empty database, or of a copy of another. Its language does not sort by bytes."""
        name = f"bwc_{os.getpid()}_{next(_numbers)}"
        english = "template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'"
        self.run(f"CREATE DATABASE {name} TEMPLATE {database_name(template) if template else english}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {database_name(url)} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Carry out one statement of the administrator."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user=ADMIN, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def database_name(url: str) -> str:
    """The name in an address made here."""
    return url.split("@/")[1].split("?")[0]


def server_or_skip() -> Server:
    """The server of this test run, started when first asked for."""
    try:
        return server()
    except NoServer as none:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"In CI the PostgreSQL tests must run, but: {none}")
        pytest.skip(f"no PostgreSQL: {none}")


@cache
def _start() -> Server | NoServer:
    try:
        return start()
    except NoServer as none:
        return none


def server() -> Server:
    """The server of this process. Raises NoServer."""
    found = _start()
    if isinstance(found, NoServer):
        raise found
    return found


def start(*, durable: bool = False) -> Server:
    """Start a new server that ends with this process. ``durable``: with fsync, as the benchmark needs it."""
    binaries = _binaries()
    # not pytest's tmp_path: a Unix socket's name holds 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="bwc-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    account = _account()
    if account:
        shutil.chown(folder, user=account["user"])
    folder.chmod(0o755)
    data, log = folder / "data", folder / "log"
    initdb = ["initdb", "-D", str(data), "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run([binaries / initdb[0], *initdb[1:]], cwd="/", capture_output=True, text=True, **account)
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr.strip()[-400:]}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "on" if durable else "off",
        "max_connections": "40",
        "shared_buffers": "64MB",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", str(data), *options], cwd="/", stdout=out, stderr=out, **account
        )
    atexit.register(_stop, process)
    started = Server(folder)
    _wait(started, process, log)
    return started


def _binaries() -> Path:
    if os.name != "posix":
        raise NoServer("the test server needs Unix sockets and users")
    try:
        import psycopg  # noqa: F401
    except ImportError as missing:
        raise NoServer("psycopg is not installed (extra `agency`)") from missing
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise NoServer("no initdb and postgres here; on Debian: apt-get install postgresql")


def _account() -> dict[str, Any]:
    """Whom to be: oneself, unless that is root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise NoServer("running as root, and there is no other user to start the server as")


def _wait(started: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    until = time.monotonic() + 30
    while True:
        try:
            return started.run("SELECT 1")
        except psycopg.OperationalError as not_yet:
            if process.poll() is not None or time.monotonic() > until:
                said = log.read_text("utf-8", "replace")[-400:]
                raise NoServer(f"the server did not start: {said}") from not_yet
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # fast shutdown: SIGTERM would wait for clients
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
