"""The operating system's keyring: used where it protects what it keeps, refused in words everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from bwc_review.access.os_keyring import OsKeyring
from bwc_review.errors import KeyringUnusable
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.signing import OperatorKey, generate
from tests.fakes.machine_keyring import FromAlternatives, MachineKeyring, PlaintextFile

VKEY = generate(OperatorKey, "clerk-1").vkey
KEEPER = OsKeyring()


class Chained(chainer.ChainerBackend):
    """keyring's own chain, over backends named here instead of those installed."""

    backends: list[KeyringBackend] = []  # noqa: RUF012


def chain(*found: KeyringBackend) -> KeyringBackend:
    made = Chained()
    made.backends = list(found)
    return made


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_passphrase_is_kept_found_and_removed_under_the_keys_id() -> None:
    machine = MachineKeyring()
    keyring.set_keyring(machine)
    assert KEEPER.recall(VKEY) is None
    KEEPER.remember(VKEY, "invented words")
    assert machine.kept == {("bwc-review", key_id(VKEY)): "invented words"}
    assert KEEPER.recall(VKEY) == "invented words"
    assert KEEPER.forget(VKEY)
    assert not KEEPER.forget(VKEY)
    assert machine.kept == {}


@pytest.mark.parametrize(
    "made",
    [
        null.Keyring,
        fail.Keyring,
        PlaintextFile,
        FromAlternatives,
        lambda: chain(),
        lambda: chain(PlaintextFile(), FromAlternatives(), null.Keyring()),
    ],
)
def test_no_keyring_and_one_that_keeps_in_the_clear_are_refused_and_nothing_is_kept(
    made: Callable[[], KeyringBackend],
) -> None:
    backend = made()
    keyring.set_keyring(backend)
    with pytest.raises(KeyringUnusable) as refused:
        KEEPER.remember(VKEY, "invented words")
    assert "Nothing was kept" in refused.value.message()
    assert "BWC_REVIEW_OPERATOR_PASSPHRASE_FILE" in refused.value.message()
    with pytest.raises(KeyringUnusable):
        KEEPER.forget(VKEY)
    assert KEEPER.recall(VKEY) is None
    held = getattr(backend, "backends", [backend])
    assert not any(getattr(one, "kept", {}) for one in held)


def test_a_chain_uses_the_first_that_protects_and_never_falls_through_to_a_file() -> None:
    clear, safe = PlaintextFile(), MachineKeyring()
    keyring.set_keyring(chain(clear, safe))
    KEEPER.remember(VKEY, "invented words")
    assert (clear.kept, list(safe.kept.values())) == ({}, ["invented words"])
    safe.locked = True
    with pytest.raises(KeyringUnusable):
        KEEPER.remember(VKEY, "invented words")
    assert clear.kept == {}


def test_a_locked_keyring_is_said_in_words_and_asking_goes_on_to_the_person() -> None:
    machine = MachineKeyring()
    machine.locked = True
    keyring.set_keyring(machine)
    with pytest.raises(KeyringUnusable, match="KeyringLocked"):
        KEEPER.remember(VKEY, "x")
    assert KEEPER.recall(VKEY) is None


def test_a_keyring_that_does_not_keep_what_it_took_is_found_out() -> None:
    class Forgetful(MachineKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            return

    keyring.set_keyring(Forgetful())
    with pytest.raises(KeyringUnusable, match="did not keep"):
        KEEPER.remember(VKEY, "x")
