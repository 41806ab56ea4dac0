"""The quick way through an entry: one regular expression for the shape nearly all entries have.

What it accepts is canonical (docs/custody-format.md section 2) and keeps section 3, exactly as Entry.from_bytes says;
whatever it does not accept goes the long way, which names the reason. A million entries make the difference.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from chain_of_custody.canonical import canon, quick
from chain_of_custody.clock import format_at
from chain_of_custody.entry import FAMILIES, Entry

COLUMNS = (
    *("actor_id", "actor_role", "session", "app", "at", "outcome", "prev", "reason"),
    *("subject_id", "subject_kind", "type", "ws", "seq"),
)
"""Names of the copies a database keeps of an entry, in the order in which they are compared (section 11, L1).

Two more need no comparing: `leaf` is what the leaves are read from, `log` what the entries are chosen by.
"""
_COPIED = itemgetter(0, 2, 3, 4, 5, 9, 10, 11, 13, 14, 15, 16)  # all of COLUMNS but seq, as Seen has them


class Seen(NamedTuple):
    """The texts of an entry in the order of its bytes. `seq` in decimal, `commit` and `data` as canonical JSON.

    Custody-format section 3.
    """

    actor: str
    key: str
    role: str
    session: str
    app: str
    at: str
    commit: str
    data: str
    log: str
    outcome: str
    prev: str
    reason: str
    seq: str
    subject_id: str
    subject_kind: str
    type: str
    ws: str

    def columns(self) -> tuple[object, ...]:
        """The values of Entry.columns in the order of COLUMNS."""
        return (*_COPIED(self), int(self.seq))

    def commitments(self) -> list[str]:
        """The commitments of `commit`, 64 hexadecimal digits each."""
        return _COMMITMENT.findall(self.commit)


# Ids without quote and backslash: with them the bytes need escapes, and the entry goes the long way.
_ID, _CODE = r"[!#-\[\]-~]{1,256}", r"[a-z0-9_]{1,64}"
_MAYBE_ID, _MAYBE_CODE = r"[!#-\[\]-~]{0,256}", r"[a-z0-9_]{0,64}"
_NUMBER = r"(?:0|[1-9][0-9]{0,14})"  # sixteen digits may be above 2**53-1
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
_PROMISE = rf'"{_CODE}":"[0-9a-f]{{64}}"'
_SCALAR = rf'(?:"[ !#-\[\]-~]*"|{_NUMBER}|-[1-9][0-9]{{0,14}}|true|false|null)'
_LIST = rf"\[(?:{_SCALAR}(?:,{_SCALAR})*)?\]"
_LISTS = rf"\[(?:(?:{_SCALAR}|{_LIST})(?:,(?:{_SCALAR}|{_LIST}))*)?\]"
_MEMBER = rf'"[a-z0-9_]+":(?:{_SCALAR}|{_LISTS})'

_BEFORE_DATA = (
    rf'\{{"actor":\{{"auth":"{_CODE}","id":"({_ID})","key":"({_MAYBE_ID})","role":"({_CODE})","session":"({_MAYBE_ID})"\}},'
    rf'"app":"({_ID})","at":"({_TIME})",'
    rf'"clock":\{{"boot":"{_ID}","mono_us":{_NUMBER},"off_us":(?:null|-[1-9][0-9]{{0,14}}|{_NUMBER}),"src":"{_CODE}"\}},'
    rf'"commit":(\{{(?:{_PROMISE}(?:,{_PROMISE})*)?\}}),"data":'
)
_AFTER_DATA = (
    rf',"log":"([!#-*,-\[\]-~]{{1,255}})","outcome":"(ok|failed|refused)","prev":"([0-9a-f]{{64}})",'
    rf'"reason":"({_MAYBE_CODE})","salt":"[0-9a-f]{{32}}","seq":([1-9][0-9]{{0,14}}),'
    rf'"subject":\{{"id":"({_ID})","kind":"({_CODE})"\}},'
    rf'"type":"((?:{"|".join(sorted(FAMILIES))})\.[a-z][a-z0-9_]{{0,63}})","v":1,"ws":"({_ID})"\}}'
)
_FLAT = re.compile(rf"{_BEFORE_DATA}(\{{(?:{_MEMBER}(?:,{_MEMBER})*)?\}}){_AFTER_DATA}")
_DEEP = re.compile(rf"{_BEFORE_DATA}(\{{.*\}}){_AFTER_DATA}")
_NAME = re.compile(r'"([a-z0-9_]+)":')
_COMMITMENT = re.compile(r':"([0-9a-f]{64})"')
_INSIDE_ENTRY = 2
_QUICK_BYTES = 1 << 16


def look(raw: bytes) -> Seen:
    """What stands in the entry `raw`. Raises NotCanonical, EntryRefused or BadTime, as Entry.from_bytes.

    Custody-format section 3.
    """
    return glance(raw) or of_entry(Entry.from_bytes(raw))


def glance(raw: bytes) -> Seen | None:
    """What stands in `raw` if it certainly is a canonical entry of section 3, else None: look the long way."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if len(raw) > _QUICK_BYTES:
        return None
    if found := _FLAT.fullmatch(text):
        seen = Seen._make(found.groups())
        if not _in_order(seen.data):
            return None
    elif found := _DEEP.fullmatch(text):
        seen = Seen._make(found.groups())
        # what the regular expression took for `data` is one JSON object, so the rest is what it took it for
        if quick(seen.data, depth=_INSIDE_ENTRY) is None:
            return None
    else:
        return None
    return seen if _in_order(seen.commit) and _is_date(seen.at[:10]) else None


@lru_cache(maxsize=4096)
def _is_date(day: str) -> bool:
    """Whether the calendar has that day; the clock's hours, minutes and seconds were matched already."""
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _in_order(flat: str) -> bool:
    """Whether the names of an object without inner objects are sorted and unique. No string in it holds a quote."""
    if "," not in flat:
        return True  # one member at most
    names = _NAME.findall(flat)
    return names == sorted(set(names))


def of_entry(entry: Entry) -> Seen:
    """The same from an entry that was read the long way (custody-format section 3)."""
    return Seen(
        actor=entry.actor.id,
        key=entry.actor.key,
        role=entry.actor.role,
        session=entry.actor.session,
        app=entry.app,
        at=format_at(entry.at),
        commit=canon(entry.commit).decode(),
        data=canon(entry.data).decode(),
        log=entry.log,
        outcome=entry.outcome,
        prev=entry.prev,
        reason=entry.reason,
        seq=str(entry.seq),
        subject_id=entry.subject.id,
        subject_kind=entry.subject.kind,
        type=entry.type,
        ws=entry.ws,
    )
