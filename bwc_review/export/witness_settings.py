"""The witnesses that ``workspace.toml`` names, how many of them make a quorum, and where their answers are kept too.

quorum = "any"                     # or "all", or how many; or a C2SP tlog-policy file in quorum_policy
quorum_policy = ""                 # relative to the workspace
witness_memory = ""                # a second folder, best on another disk

[[witnesses]]
name = "commission"
key = "commission.example/w1+..."  # its verifier key, handed over in person
address = "https://..."            # or "files"
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bwc_review.errors import InputRefused
from bwc_review.ports.witnesses import KnownWitness
from chain_of_custody.errors import BundleUnreadable, CustodyError, PolicyRefused
from chain_of_custody.files import read_bounded
from chain_of_custody.policy import MAX_POLICY_BYTES, Policy
from chain_of_custody.vkey import COSIGNATURE, VerifierKey

BY_FILES = "files"
ANY, ALL = "any", "all"
_NAME = re.compile(r"[a-z0-9_]{1,32}")  # it becomes part of file names and an id in the custody log
_COUNT = re.compile(r"[1-9][0-9]?")
_TOP = ("quorum", "quorum_policy", "witness_memory")


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """What the settings say of witnesses. Raises InputRefused for what cannot be used."""

    witnesses: tuple[KnownWitness, ...] = ()
    quorum: str = ANY
    quorum_policy: str = ""
    witness_memory: str = ""

    def __post_init__(self) -> None:
        names = [one.name for one in self.witnesses]
        if len(set(names)) < len(names) or len({one.vkey for one in self.witnesses}) < len(names):
            raise InputRefused("Two [[witnesses]] in workspace.toml have the same name or key. Give each its own.")
        if self.quorum not in (ANY, ALL) and not _COUNT.fullmatch(self.quorum):
            raise InputRefused(f"quorum = {self.quorum!a} in workspace.toml is none of: any, all, a number up to 99.")
        if self.quorum.isdecimal() and self.witnesses and int(self.quorum) > len(names):
            raise InputRefused(
                f"A quorum of {self.quorum} cannot be met by the {len(names)} witnesses in the settings."
            )

    @classmethod
    def from_mapping(cls, raw: Mapping[str, object]) -> WitnessSettings:
        """Read the whole of ``workspace.toml``. Raises InputRefused, TypeError."""
        tables = raw.get("witnesses", ())
        if not isinstance(tables, list | tuple) or not all(isinstance(one, Mapping) for one in tables):
            raise InputRefused("`witnesses` in workspace.toml must be [[witnesses]] tables.")
        top = {name: str(raw[name]) for name in _TOP if name in raw}
        return cls(tuple(_witness(one) for one in tables), **top)

    def to_lines(self) -> tuple[list[str], list[str]]:
        """The lines for the top of ``workspace.toml``, and its tables."""
        bare = WitnessSettings()
        changed = [name for name in _TOP if getattr(self, name) != getattr(bare, name)]
        top = [f"{name} = {json.dumps(getattr(self, name))}" for name in changed]
        tables: list[str] = []
        for one in self.witnesses:
            values = {"name": one.name, "key": one.vkey.format(), "address": one.address or BY_FILES}
            tables += ["", "[[witnesses]]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
        return top, tables

    def policy(self, workspace: Path) -> Policy | None:
        """The quorum; None where no witness is named. Raises PolicyRefused for a policy file that cannot be used."""
        if self.quorum_policy:
            return self._from_file(workspace / self.quorum_policy)
        if not self.witnesses:
            return None
        members = tuple(one.name for one in self.witnesses)
        counts = {ANY: 1, ALL: len(members)}
        count = counts.get(self.quorum) or int(self.quorum)
        keys = {one.name: one.vkey for one in self.witnesses}
        return Policy("quorum_of", (), keys, {"quorum_of": (count, members)})

    def _from_file(self, file: Path) -> Policy:
        try:
            policy = Policy.parse(read_bounded(file, MAX_POLICY_BYTES))
        except (OSError, BundleUnreadable) as unreadable:
            raise PolicyRefused("unreadable", str(file), str(unreadable)) from unreadable
        strangers = set(policy.witnesses.values()) - {one.vkey for one in self.witnesses}
        if strangers:
            named = min(key.name for key in strangers)
            raise PolicyRefused("witness_not_in_settings", str(file), f"{named} has no [[witnesses]] table")
        return policy


def _witness(raw: Mapping[str, object]) -> KnownWitness:
    odd = set(raw) - {"name", "key", "address"}
    name, key, address = (str(raw.get(field, "")) for field in ("name", "key", "address"))
    if odd or not _NAME.fullmatch(name):
        raise InputRefused(
            f"The [[witnesses]] table {name!a} must have a name (up to 32 of a-z, 0-9 and '_'), a key and an "
            "address, nothing else."
        )
    try:
        vkey = VerifierKey.parse(key)
    except CustodyError as refused:
        raise InputRefused(f"The key of the witness {name} cannot be used. {refused.message()}") from refused
    if vkey.alg != COSIGNATURE:
        raise InputRefused(f"The key of the witness {name} is no witness's key: it must be of type 0x04.")
    if address != BY_FILES and not _is_web(address):
        raise InputRefused(f'The address of the witness {name} is neither "files" nor one of http or https.')
    return KnownWitness(name, vkey, "" if address == BY_FILES else address)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return fit and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        return False
