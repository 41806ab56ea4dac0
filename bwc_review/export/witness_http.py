"""The witnesses of the settings, asked over HTTP (C2SP tlog-witness, add-checkpoint)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwc_review.errors import WitnessUnreachable
from bwc_review.export import http_post
from bwc_review.export.http_post import SECONDS, NoAnswer
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.witnesses import KnownWitness, WitnessAnswer, WitnessMemory
from chain_of_custody.policy import Policy
from chain_of_custody.witness_http import PATH
from chain_of_custody.witness_request import MAX_REQUEST_BYTES

SPOKEN = frozenset({200, 400, 403, 404, 409, 422})
"""What a witness answers; any other status comes from something in between (docs/custody-format.md section 14)."""


class WitnessesFromSettings:
    """``ports.witnesses.Witnesses``. ``seconds``: how long one answer may take."""

    def __init__(
        self, settings: WitnessSettings, workspace: Path, memory: WitnessMemory, *, seconds: float = SECONDS
    ) -> None:
        self._settings = settings
        self._workspace = workspace
        self._seconds = seconds
        self.memory = memory

    def known(self) -> Mapping[str, KnownWitness]:
        """The witnesses in the settings, by name."""
        return {one.name: one for one in self._settings.witnesses}

    def policy(self) -> Policy | None:
        """How many of them make a quorum; None where the settings name no witness. Raises PolicyRefused."""
        return self._settings.policy(self._workspace)

    def ask(self, witness: KnownWitness, request: bytes) -> WitnessAnswer:
        """Send an add-checkpoint request. Raises WitnessUnreachable for anything but a whole answer."""
        address = witness.address.rstrip("/") + PATH
        kind = {"Content-Type": "application/octet-stream"}
        try:
            if witness.by_files:
                raise NoAnswer("it is reached by files only")
            answer = http_post.post(address, request, kind, limit=MAX_REQUEST_BYTES, seconds=self._seconds)
        except NoAnswer as silent:
            raise _unreachable(witness, str(silent)) from silent
        if answer.status not in SPOKEN:
            raise _unreachable(witness, f"it answered {answer.status}")
        return WitnessAnswer(answer.status, answer.body)


def _unreachable(witness: KnownWitness, why: str) -> WitnessUnreachable:
    return WitnessUnreachable(
        f"The witness {witness.name} gave no answer ({why}). What it has not cosigned waits; send again later, or "
        f"carry it there with `bwc-review witness request {witness.name} --into FOLDER`."
    )
