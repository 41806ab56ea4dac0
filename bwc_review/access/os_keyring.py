"""The operating system's keyring through the library ``keyring``; never one that keeps passphrases in the clear.

A machine may have none (a server, a container), one that cannot be unlocked, or only a file that calls itself a
keyring. Each is refused with a sentence; nothing is then kept anywhere.
"""

from __future__ import annotations

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, PasswordDeleteError

from bwc_review.errors import KeyringUnusable
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.vkey import VerifierKey

NO_KEEPERS = ("keyring.backends.fail", "keyring.backends.null")
FILES_THAT_CALL_THEMSELVES_KEYRINGS = ("keyrings.alt",)
INSTEAD = (
    "Type the passphrase each time, or name a file that only you can read in BWC_REVIEW_OPERATOR_PASSPHRASE_FILE."
)


class OsKeyring:
    """``ports.keys.PassphraseKeeper``. One secret a key: service "bwc-review", user name the key's id."""

    service = "bwc-review"

    def remember(self, vkey: VerifierKey, passphrase: str) -> None:
        """Keep the passphrase and read it back. Raises KeyringUnusable."""
        backend = trusted_backend()
        try:
            backend.set_password(self.service, key_id(vkey), passphrase)
            kept = backend.get_password(self.service, key_id(vkey))
        except KeyringError as refused:
            raise _unusable(f"The keyring of this machine refused ({type(refused).__name__}).", refused) from refused
        if kept != passphrase:
            raise _unusable("The keyring of this machine did not keep the passphrase.")

    def recall(self, vkey: VerifierKey) -> str | None:
        """The passphrase kept; None also where the keyring is locked or there is none: then the person is asked."""
        try:
            return trusted_backend().get_password(self.service, key_id(vkey))
        except (KeyringUnusable, KeyringError):
            return None

    def forget(self, vkey: VerifierKey) -> bool:
        """Remove it. Raises KeyringUnusable."""
        backend = trusted_backend()
        try:
            if backend.get_password(self.service, key_id(vkey)) is None:
                return False
            backend.delete_password(self.service, key_id(vkey))
        except PasswordDeleteError:
            return False
        except KeyringError as refused:
            raise _unusable(f"The keyring of this machine refused ({type(refused).__name__}).", refused) from refused
        return True


def trusted_backend() -> KeyringBackend:
    """The first backend that keyring would use and that protects what it keeps. Raises KeyringUnusable."""
    chosen = keyring.get_keyring()
    found = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in found:
        if not _keeps_nothing(backend) and not _keeps_in_the_clear(backend):
            return backend
    clear = [type(one).__name__ for one in found if _keeps_in_the_clear(one)]
    if clear:
        raise _unusable(f"The only keyring of this machine ({', '.join(clear)}) is a file, not a protected store.")
    raise _unusable("This machine has no keyring that this program can use.")


def _keeps_nothing(backend: KeyringBackend) -> bool:
    return _made_from(backend, NO_KEEPERS)


def _keeps_in_the_clear(backend: KeyringBackend) -> bool:
    named = any("plaintext" in kind.__name__.lower() for kind in type(backend).__mro__)
    return named or _made_from(backend, FILES_THAT_CALL_THEMSELVES_KEYRINGS)


def _made_from(backend: KeyringBackend, modules: tuple[str, ...]) -> bool:
    """Whether its class, or one that it was made from, comes from one of these modules or below."""
    return any(f"{kind.__module__}.".startswith(f"{module}.") for kind in type(backend).__mro__ for module in modules)


def _unusable(what: str, cause: Exception | None = None) -> KeyringUnusable:
    return KeyringUnusable(f"{what} Nothing was kept. {INSTEAD}", detail=repr(cause) if cause else "")
