"""Which logs and witnesses a verifier trusts and how many witnesses must have cosigned: the quorum policy file.

C2SP tlog-policy (c2sp.org/tlog-policy): `log`, `witness`, `group`, `quorum` lines. docs/custody-format.md section 14.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from chain_of_custody.errors import CustodyError, PolicyRefused
from chain_of_custody.vkey import COSIGNATURE, VerifierKey

NONE = "none"
MAX_POLICY_BYTES = 64 << 10
MAX_LINES = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """`groups`: name -> (how many, of which members); `quorum`: a witness, a group, or `none`.

    Custody-format section 14.
    """

    quorum: str = NONE
    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def any_of(cls, keys: Sequence[VerifierKey]) -> Policy:
        """One cosignature of any of these witnesses is enough. Raises PolicyRefused for another kind of key."""
        named = {f"w{number}": _witness_key(key, f"key {number}") for number, key in enumerate(keys, 1)}
        return cls("any", (), named, {"any": (1, tuple(named))})

    def met_by(self, cosigners: Collection[VerifierKey]) -> bool:
        """Whether cosignatures of these keys make the quorum."""
        return self.quorum == NONE or self._witnessed(self.quorum, cosigners)

    def _witnessed(self, name: str, cosigners: Collection[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in cosigners
        threshold, members = self.groups[name]
        return sum(self._witnessed(member, cosigners) for member in members) >= threshold

    def format(self) -> bytes:
        """The policy file, one spelling of many."""
        lines = [f"log {key.format()}" for key in self.logs]
        lines += [f"witness {name} {key.format()}" for name, key in self.witnesses.items()]
        lines += [f"group {name} {count} {' '.join(members)}" for name, (count, members) in self.groups.items()]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}")).encode()

    @classmethod
    def parse(cls, raw: bytes) -> Policy:
        """Read a policy file. Raises PolicyRefused, naming the line."""
        text = raw.decode("utf-8", "surrogateescape")
        lines = text.split("\n")
        if len(raw) > MAX_POLICY_BYTES or len(lines) > MAX_LINES or lines[-1]:
            raise PolicyRefused("form", detail="too large, or the last line is not ended")
        if any(ord(c) < 0x20 and c not in "\t\n" for c in text):
            raise PolicyRefused("control_character")
        reading = _Reading()
        for number, line in enumerate(lines, 1):
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                reading.take(words, f"line {number}")
        if reading.quorum is None:
            raise PolicyRefused("no_quorum_line")
        return cls(reading.quorum, tuple(reading.logs), reading.witnesses, reading.groups)


class _Reading:
    """A policy half read: names must be defined before they are used, and only once."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum: str | None = None
        self._used: set[str] = set()

    def take(self, words: list[str], where: str) -> None:
        kinds = {"log": (self._log, 2, 3), "witness": (self._witness, 3, 4), "group": (self._group, 4, MAX_LINES)}
        kinds["quorum"] = (self._quorum, 2, 2)
        if words[0] not in kinds or not kinds[words[0]][1] <= len(words) <= kinds[words[0]][2]:
            raise PolicyRefused("line", where)
        kinds[words[0]][0](words[1:], where)

    def _log(self, words: list[str], where: str) -> None:
        key = _key(words[0], where)
        if key.alg == COSIGNATURE or any(key.public == one.public for one in self.logs):
            raise PolicyRefused("log_key", where)
        self.logs.append(key)

    def _witness(self, words: list[str], where: str) -> None:
        key = _witness_key(_key(words[1], where), where)
        if any(key.public == one.public for one in self.witnesses.values()):
            raise PolicyRefused("witness_twice", where)
        self.witnesses[self._new(words[0], where)] = key

    def _group(self, words: list[str], where: str) -> None:
        name, count, members = words[0], words[1], tuple(words[2:])
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise PolicyRefused("unknown_member", where)
            if member in self._used:
                raise PolicyRefused("member_used_twice", where)
            self._used.add(member)
        threshold = {"any": 1, "all": len(members)}.get(count) or _count(count, where)
        if threshold > len(members):
            raise PolicyRefused("threshold", where)
        self.groups[self._new(name, where)] = (threshold, members)

    def _quorum(self, words: list[str], where: str) -> None:
        if self.quorum is not None:
            raise PolicyRefused("quorum_twice", where)
        if words[0] != NONE and words[0] not in self.witnesses and words[0] not in self.groups:
            raise PolicyRefused("unknown_member", where)
        self.quorum = words[0]

    def _new(self, name: str, where: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyRefused("name_taken", where)
        return name


def _count(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or len(text) > 4:
        raise PolicyRefused("threshold", where)
    return int(text)


def _key(text: str, where: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except CustodyError as refused:
        raise PolicyRefused(refused.reason, where, refused.detail) from refused


def _witness_key(key: VerifierKey, where: str) -> VerifierKey:
    if key.alg != COSIGNATURE:
        raise PolicyRefused("not_a_witness_key", where)
    return key
