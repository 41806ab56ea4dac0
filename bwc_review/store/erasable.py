"""Triggers that let go of an erased text and of nothing else, for either engine. Migrations use them: frozen.

An erasure row can only be written for a tombstone entry that the log holds (docs/custody-format.md section 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alembic import op
from sqlalchemy import inspect

from bwc_review.store.append_only import FUNCTION

TOMBSTONE = "retention.payload_erased"
MARK = "erased-"
KEPT = "custody_payload is append-only: a content is erased with a tombstone or stays"


@dataclass(frozen=True, slots=True)
class Copies:
    """Columns of a table that copy a payload: column -> the payload's name; the columns that may be its subject."""

    table: str
    columns: Mapping[str, str]
    subjects: tuple[str, ...]
    may_change: tuple[str, ...] = ()


def erase_by_tombstone_only() -> None:
    """A payload goes when its erasure is on record, never comes back, and no erasure is without its tombstone."""
    on_record = "EXISTS (SELECT 1 FROM custody_erasure e WHERE e.commitment = {row}.commitment AND e.log = {row}.log)"
    entry = "SELECT 1 FROM custody_entry c WHERE c.log = NEW.log AND c.seq = NEW.tombstone AND c.outcome = 'ok'"
    _unless("custody_payload_no_delete", "DELETE", "custody_payload", on_record.format(row="OLD"), KEPT)
    _unless("custody_payload_gone", "INSERT", "custody_payload", f"NOT {on_record.format(row='NEW')}", KEPT)
    needed = f"EXISTS ({entry} AND c.type = '{TOMBSTONE}')"
    _unless("custody_erasure_on_record", "INSERT", "custody_erasure", needed, "an erasure needs its tombstone entry")
    if _postgresql():
        said = f"EXECUTE FUNCTION {FUNCTION}('custody_payload is append-only')"
        op.execute(f"CREATE TRIGGER custody_payload_no_truncate BEFORE TRUNCATE ON custody_payload {said}")


def let_go(copies: Copies, trigger: str, message: str) -> None:
    """Replace a table's trigger against change by one that lets these columns become an erasure's mark."""
    table = copies.table
    names = [column["name"] for column in inspect(op.get_bind()).get_columns(table)]
    op.execute(f"DROP TRIGGER {trigger}" + (f" ON {table}" if _postgresql() else ""))
    fixed = [name for name in names if name not in copies.columns and name not in copies.may_change]
    _unless(trigger, f"UPDATE OF {_quoted(fixed)}", table, "1 = 0", message)
    for column, payload in copies.columns.items():
        subjects = " OR ".join(f'c.subject_id = OLD."{one}"' for one in copies.subjects)
        said = _is_mark(column) if column != "attrs" else f"{_text(column)} = '{{}}'"
        allowed = (
            "EXISTS (SELECT 1 FROM custody_erasure e JOIN custody_entry c ON c.log = e.log AND c.seq = e.entry "
            f"WHERE e.name = '{payload}' AND ({subjects}) AND {said})"
        )
        _unless(f"{table}_{column}_erased_only", f'UPDATE OF "{column}"', table, allowed, message)


def _is_mark(column: str) -> str:
    """The mark of tombstone ``e``, with a file's suffix or without."""
    text, mark = _text(column), f"('{MARK}' || e.tombstone)"
    return f"({text} = {mark} OR ({text} LIKE {mark} || '.%' AND length({text}) <= length({mark}) + 6))"


def _text(column: str) -> str:
    return f'CAST(NEW."{column}" AS TEXT)'


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unless(name: str, event: str, table: str, allowed: str, message: str) -> None:
    """A trigger that refuses the event unless the condition holds."""
    if not _postgresql():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN NOT ({allowed}) {refuse}")
        return
    # PostgreSQL allows no query in WHEN, so the condition stands in a function of the trigger's own
    result = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {allowed} THEN RETURN {result}; "
        f"END IF; RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
