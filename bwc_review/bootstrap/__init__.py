"""The composition root: the only place that names concrete classes, reads the settings and hands out ids.

A workspace is one folder: ``workspace.toml`` (settings, written last, so that it marks a whole workspace),
``bwc.db`` (catalogue and custody log, unless ``database`` names PostgreSQL), ``keys/`` (sealed keys),
``witnessed/`` (what witnesses saw of the log), ``vault/`` and ``bundles/``.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from datetime import tzinfo
from functools import cache
from importlib.metadata import version
from pathlib import Path

from bwc_review.access.key_files import KeyFolder
from bwc_review.access.log_signer import LogSigner
from bwc_review.access.os_keyring import OsKeyring
from bwc_review.access.passphrases import AskOperator, AskPassphrase, PassphraseSources, nobody_to_ask
from bwc_review.access.verified_file import VerifiedFile
from bwc_review.bootstrap.settings import SETTINGS, Settings, check_settings, read_settings, to_toml
from bwc_review.data import load_lexicon, load_taxonomy
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.zones import zone_named
from bwc_review.errors import InputRefused
from bwc_review.export.folder import FolderBundleWriter
from bwc_review.export.receipt_files import ReceiptFiles
from bwc_review.export.timestamp_settings import AuthoritiesFromSettings
from bwc_review.export.witness_http import WitnessesFromSettings
from bwc_review.ports.transcriber import Transcriber
from bwc_review.review.desk import Desk
from bwc_review.review.log_watch import LogWatch
from bwc_review.review.succession import Predecessor, lost, predecessor, succession
from bwc_review.review.unlocked import OpenKeys, rotated_log_key
from bwc_review.store.engine import SqliteDatabase
from bwc_review.store.log import LogWriter
from bwc_review.store.postgres import PostgresDatabase
from bwc_review.store.presence import LockFiles
from bwc_review.store.sql import SqlStore
from bwc_review.store.vault_access import VaultAccess, VaultSettings
from bwc_review.store.witnessed_memory import FileMemory
from bwc_review.transcript.engines import DEFAULT, engine_named
from bwc_review.transcript.heard_json import from_json, to_json
from bwc_review.transcript.webvtt import to_webvtt
from chain_of_custody.clock import SystemClock
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.keys import LogKey, generate_log_key, open_key, seal_key
from chain_of_custody.payload import SALT_BYTES, Payload
from ingest.crew import Crew
from ingest.files import PRIVATE, write_whole

__all__ = [
    "DATABASE",
    "SETTINGS",
    "Settings",
    "VaultSettings",
    "check_settings",
    "create_workspace",
    "engine",
    "open_workspace",
]

DATABASE = "bwc.db"
PASSPHRASE_FILE_VARIABLE = "BWC_REVIEW_PASSPHRASE_FILE"
OPERATOR_PASSPHRASE_FILE_VARIABLE = "BWC_REVIEW_OPERATOR_PASSPHRASE_FILE"
_ROOT = Path(__file__).resolve().parents[2]


def new_id() -> str:
    """A fresh identifier. Injected everywhere else."""
    return str(uuid.uuid4())


@cache
def app_name() -> str:
    """Program, version and the first 16 hex digits of the SHA-256 over its own source files."""
    digest = hashlib.sha256()
    for package in ("chain_of_custody", "ingest", "bwc_review", "ui"):
        for file in sorted((_ROOT / package).rglob("*.py")):
            digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return f"bwc_review/{version('bwc-review')}+{digest.hexdigest()[:16]}"


def create_workspace(
    folder: Path, settings: Settings, passphrase: str, *, succeeds: Predecessor | None = None, why: str = ""
) -> Desk:
    """Make a workspace, or finish one whose making was cut short, and open it.

    ``succeeds``: the log that this one takes the place of, and ``why``; its first entries then say so.

    Raises InputRefused when one stands there already, WrongPassphrase when an unfinished one has another passphrase.
    """
    check_settings(folder, settings)
    keys = folder / "keys"
    try:
        keys.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise InputRefused(
            f"No workspace can be made in {folder} ({refused.strerror}). Name a folder that can be written to."
        ) from refused
    sealed = keys / "log.key"
    if not sealed.exists():
        write_whole(sealed, seal_key(generate_log_key(settings.origin), passphrase), PRIVATE)
    key = open_key(sealed.read_bytes(), passphrase)
    write_whole(keys / "log.vkey", key.vkey.format().encode() + b"\n")
    sources = _passphrases(folder, settings, lambda: passphrase, nobody_to_ask)
    signer = LogSigner(sources.keys, sources, key)
    VaultAccess(folder / "vault", settings.vault, signer.passphrase).make()
    store = _store(folder, settings, signer)
    _begin_log(store, settings, key, succeeds, why)
    write_whole(folder / SETTINGS, to_toml(settings).encode())
    return _desk(folder, settings, store, sources, signer)


def _begin_log(store: SqlStore, settings: Settings, key: LogKey, old: Predecessor | None, why: str) -> None:
    with store.writing() as work:
        if work.log.started():
            return
        work.log.start()
        actor = Actor(id=settings.workstation, role="workstation", session="", auth="none", key="")
        data: dict[str, object] = {"vkey": key.vkey.format(), "operators": sorted(settings.operators)}
        for act, kind in (("log.started", "log"), ("key.created", "key")):
            subject = Subject(kind, settings.origin)
            work.log.append(Draft(act, "ok", actor, subject, "workspace_created", data, {}))
        if old is not None:
            reason = Payload(os.urandom(SALT_BYTES), why.encode())
            work.log.append(succession(old, actor, reason), [reason])


def zone_at(folder: Path) -> tzinfo | None:
    """The agency's time zone as a workspace's settings say; None where there is no workspace or nothing is said."""
    return zone_named(read_settings(folder).zone) if (folder / SETTINGS).is_file() else None


def predecessor_at(folder: Path) -> Predecessor:
    """The log of the workspace in ``folder``, to be succeeded. Nothing in it is changed, nor made where it is lost.

    Raises WorkspaceMissing, StoreDamaged, MemoryDamaged, InputRefused.
    """
    settings = read_settings(folder)
    if not settings.database and not (folder / DATABASE).is_file():
        return lost(settings.origin, _memory(folder, settings))
    return predecessor(open_workspace(folder, lambda: ""))


def open_workspace(folder: Path, ask_passphrase: AskPassphrase, ask_operator: AskOperator = nobody_to_ask) -> Desk:
    """Open a workspace. The log key's passphrase is only asked for when something has to be signed, an operator's
    when a session starts. A rotation of the log key that was cut short is finished first.

    Raises WorkspaceMissing, WorkspaceTooNew, StoreDamaged, InputRefused (settings that cannot be read), KeyUnusable.
    """
    settings = read_settings(folder)
    sources = _passphrases(folder, settings, ask_passphrase, ask_operator)
    signer = LogSigner(sources.keys, sources)
    store = _store(folder, settings, signer)
    with store.reading() as work:
        rotated = rotated_log_key(work.log)
    if rotated is not None:
        sources.keys.settle_log_key(rotated)
    return _desk(folder, settings, store, sources, signer)


def _passphrases(
    folder: Path, settings: Settings, ask_log: AskPassphrase, ask_operator: AskOperator
) -> PassphraseSources:
    def named(variable: str, setting: str) -> Callable[[], Path | None]:
        def look() -> Path | None:
            return Path(given) if (given := os.environ.get(variable, "")) else (folder / setting if setting else None)

        return look

    return PassphraseSources(
        keys=KeyFolder(folder / "keys"),
        keeper=OsKeyring(),
        log_file=named(PASSPHRASE_FILE_VARIABLE, settings.passphrase_file),
        operator_file=named(OPERATOR_PASSPHRASE_FILE_VARIABLE, settings.operator_passphrase_file),
        ask_log=ask_log,
        ask_operator=ask_operator,
    )


def _memory(folder: Path, settings: Settings) -> FileMemory:
    further = settings.witnessing.witness_memory
    return FileMemory(settings.origin, (folder / "witnessed", *((folder / further,) if further else ())))


def _store(folder: Path, settings: Settings, signer: LogSigner) -> SqlStore:
    keys = [one.vkey for one in settings.witnessing.witnesses]
    watch = LogWatch(_memory(folder, settings), keys, signer.held, SystemClock())
    writer = LogWriter(settings.origin, settings.workstation, app_name(), SystemClock(), os.urandom)
    database = PostgresDatabase(settings.database) if settings.database else SqliteDatabase(folder / DATABASE)
    return SqlStore(database, writer, from_json, watch)


def _desk(folder: Path, settings: Settings, store: SqlStore, sources: PassphraseSources, signer: LogSigner) -> Desk:
    access = VaultAccess(folder / "vault", settings.vault, signer.passphrase)
    vault = access.open()
    return Desk(
        folder=folder,
        store=store,
        presence=LockFiles(folder / "sessions"),
        vault=vault,
        vault_access=access,
        crew=Crew(vault, access.verify),
        docks=lambda: settings.docks.poller(own=folder),
        clock=SystemClock(),
        ids=new_id,
        salt=os.urandom,
        taxonomy=load_taxonomy(),
        lexicon=load_lexicon(),
        operators={OperatorId(who): role for who, role in settings.operators.items()},
        units={OperatorId(who): unit for who, unit in settings.units.items()},
        transcriber=lambda: engine(DEFAULT, settings.model_folder),
        encode_heard=to_json,
        bundles=FolderBundleWriter(
            vault,
            transcript_vtt=to_webvtt,
            transcript_json=to_json,
            workspace=folder,
        ),
        receipts=ReceiptFiles(),
        authorities=AuthoritiesFromSettings(settings.timestamps, folder),
        witnesses=WitnessesFromSettings(settings.witnessing, folder, _memory(folder, settings)),
        signer=signer,
        key_in_hand=signer.held,
        key_files=sources.keys,
        passphrases=sources,
        keeper=sources.keeper,
        open_keys=OpenKeys(),
        verified=VerifiedFile(folder / "last-verified.note"),
        workstation=settings.workstation,
        app=app_name(),
        zone=zone_named(settings.zone),
    )


@cache
def engine(name: str, model_folder: str = "") -> Transcriber:
    """The speech engine of that name, loaded once. Raises InputRefused, ModelRefused."""
    return engine_named(name, Path(model_folder) if model_folder else None)
