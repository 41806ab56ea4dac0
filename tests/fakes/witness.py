"""A witness inside the test's own process, for tests of what the application makes of answers.

It is the ground package's witness over a state folder, without a network between; ``silent`` makes it unreachable and
``says`` puts an answer of the test's choice into its mouth. It passes tests/contract/test_witness.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bwc_review.errors import WitnessUnreachable
from bwc_review.ports.witnesses import KnownWitness, WitnessAnswer, WitnessMemory
from chain_of_custody.policy import Policy
from chain_of_custody.witness import Witness


@dataclass
class FakeWitnesses:
    """``ports.witnesses.Witnesses`` with one witness."""

    one: KnownWitness
    behind: Witness
    memory: WitnessMemory
    silent: bool = False
    says: list[WitnessAnswer] = field(default_factory=list)

    def known(self) -> Mapping[str, KnownWitness]:
        return {self.one.name: self.one}

    def policy(self) -> Policy | None:
        return Policy.any_of([self.one.vkey])

    def ask(self, witness: KnownWitness, request: bytes) -> WitnessAnswer:
        if self.silent or witness.by_files:
            raise WitnessUnreachable(f"The witness {witness.name} gave no answer (silent).")
        if self.says:
            return self.says.pop(0)
        answer = self.behind.add_checkpoint(request)
        return WitnessAnswer(answer.status, answer.body)
