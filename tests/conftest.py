"""What every test runs under: no screen, no settings of its user, no model hub, no network beyond this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # never the keyring of whoever runs the tests
for _own in [name for name in os.environ if name.startswith("BWC_REVIEW_")]:
    del os.environ[_own]

_RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_reached: list[str] = []


class NetworkReached(RuntimeError):
    """A test asked for an address outside this machine."""


def _is_this_machine(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in ("", "localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in _RESOLVING:
        host = args[0]
    elif event in _SENDING and isinstance(args[1], tuple):  # a socket file's address is a string
        host = args[1][0]
    else:
        return
    if not _is_this_machine(host):
        _reached.append(str(host))
        raise NetworkReached(f"{event} to {host}: no test may use the network")


sys.addaudithook(_watch)


def pytest_runtest_setup() -> None:
    """Undo what a test module does that imports cv2 itself: it points Qt at OpenCV's own Qt 5."""
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(variable, None)


@pytest.fixture(scope="session", autouse=True)
def cheap() -> Iterator[None]:
    """Argon2 is slow on purpose. How slow stands in the key file, and the tests open keys by the hundred."""
    from bwc_review import bootstrap
    from bwc_review.review import keys, log_key
    from chain_of_custody.keys import KdfCost, seal_key

    lowest = partial(seal_key, cost=KdfCost(memory_kib=8192, passes=1, lanes=1))
    with pytest.MonkeyPatch.context() as patch:
        for module in (bootstrap, keys, log_key):
            patch.setattr(module, "seal_key", lowest)
        yield


@pytest.fixture(autouse=True)
def network_reached() -> Iterator[list[str]]:
    """Fail the test that reached for the network, even where its code swallowed the refusal."""
    _reached.clear()
    yield _reached
    assert not _reached, f"the network was reached for: {', '.join(_reached)}"
