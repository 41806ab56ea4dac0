"""The folder ``keys/`` of a workspace: the log key, the one about to take over, those retired, and the operators'.

``log.key`` (sealed) and ``log.vkey`` (public) are the key in use; ``next-<key id>.key`` waits for its rotation entry;
``retired/<key id>.key`` are kept for ever; ``operators/<key id>-<operator>.key`` belong to people. Which key is in
use is what the log says, and the files follow it. File form: docs/custody-format.md section 6.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from bwc_review.errors import KeyUnusable
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import stated_vkey
from chain_of_custody.signing import LogKey, OperatorKey, SigningKey
from chain_of_custody.vkey import VerifierKey
from ingest.files import PRIVATE, sync_folder, write_whole

ID_SHOWN = 16
MAX_BYTES = 16_384  # of a key file, docs/custody-format.md section 6


class KeyFolder:
    """``ports.keys.KeyFiles`` over a folder."""

    def __init__(self, folder: Path) -> None:
        self._operators = folder / "operators"
        self._retired = folder / "retired"
        self._folder, self._log, self._vkey = folder, folder / "log.key", folder / "log.vkey"

    def log_vkey(self) -> str:
        """The line in ``log.vkey``."""
        return self._vkey.read_text(encoding="ascii").strip()

    def log_key(self) -> bytes:
        """The sealed file of the log key in use."""
        return self._log.read_bytes()

    def keep_next_log_key(self, vkey: VerifierKey, sealed: bytes) -> None:
        """Write it under its own id: two programs that rotate at once must not overwrite each other's."""
        write_whole(self._next(vkey), sealed, PRIVATE)

    def settle_log_key(self, in_use: VerifierKey) -> None:
        """See the port. Every step leaves a folder that the next call can go on from."""
        held = _stated(LogKey, self._log)
        if held != in_use and _stated(LogKey, self._next(in_use)) == in_use:
            if held is not None:
                self._retired.mkdir(exist_ok=True)
                write_whole(self._retired / f"{key_id(held)[:ID_SHOWN]}.key", self._log.read_bytes(), PRIVATE)
            with contextlib.suppress(FileNotFoundError):  # another program settled it between our two looks
                self._next(in_use).replace(self._log)
            sync_folder(self._folder)
        if _stated(LogKey, self._log) != in_use:
            raise KeyUnusable(
                f"The custody log says that its key is {in_use.format()}, but {self._log} is another. "
                "Put the sealed file of that key back in its place from the backup."
            )
        line = in_use.format()
        if not self._vkey.exists() or self.log_vkey() != line:
            write_whole(self._vkey, line.encode() + b"\n")

    def operator_keys(self) -> Sequence[VerifierKey]:
        """Public halves of the files in ``operators/`` that are whole, by operator and key id."""
        stated = (_stated(OperatorKey, file) for file in self._operators.glob("*.key"))
        return sorted((one for one in stated if one is not None), key=lambda one: (one.name, key_id(one)))

    def operator_key(self, vkey: VerifierKey) -> bytes:
        """The sealed file, found by what it states: whoever brings one along may name it as they like."""
        own = self._place(vkey)
        for file in (own, *sorted(self._operators.glob("*.key"))):
            if _stated(OperatorKey, file) == vkey:
                return file.read_bytes()
        raise KeyUnusable(
            f"The key {key_id(vkey)[:ID_SHOWN]} of {vkey.name} is enrolled, but its file is not in "
            f"{self._operators}. Bring it back as {own.name}, or have an administrator revoke the key."
        )

    def keep_operator_key(self, vkey: VerifierKey, sealed: bytes) -> None:
        """Write the file under the key's own id."""
        self._operators.mkdir(parents=True, exist_ok=True)
        write_whole(self._place(vkey), sealed, PRIVATE)

    def drop_operator_key(self, vkey: VerifierKey) -> None:
        """Remove the file under the key's own id."""
        self._place(vkey).unlink(missing_ok=True)

    def _next(self, vkey: VerifierKey) -> Path:
        return self._folder / f"next-{key_id(vkey)[:ID_SHOWN]}.key"

    def _place(self, vkey: VerifierKey) -> Path:
        # the id first: no operator's name can then be one that Windows keeps for itself
        return self._operators / f"{key_id(vkey)[:ID_SHOWN]}-{vkey.name}.key"


def _stated(kind: type[SigningKey], file: Path) -> VerifierKey | None:
    """What a key file says it holds; None where there is no file, or one that is damaged."""
    try:
        with file.open("rb") as handle:
            return stated_vkey(kind, handle.read(MAX_BYTES + 1))
    except (FileNotFoundError, CustodyError):
        return None
