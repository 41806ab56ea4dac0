"""The composition root: the only place that names concrete classes, reads the settings and hands out ids.

A workspace is one folder: ``workspace.toml`` (settings, written last, so that it marks a whole workspace),
``bwc.db`` (catalogue and custody log, unless ``database`` names PostgreSQL), ``keys/`` (sealed log key),
``vault/`` and ``bundles/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from bwc_review.data import load_lexicon, load_taxonomy
from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, WorkspaceMissing
from bwc_review.export.folder import FolderBundleWriter
from bwc_review.export.receipt_files import ReceiptFiles
from bwc_review.export.timestamp_settings import AuthoritiesFromSettings, AuthoritySettings
from bwc_review.ports.transcriber import Transcriber
from bwc_review.review.desk import Desk
from bwc_review.store.engine import SqliteDatabase
from bwc_review.store.log import LogWriter
from bwc_review.store.postgres import PostgresDatabase
from bwc_review.store.presence import LockFiles
from bwc_review.store.sql import SqlStore
from bwc_review.store.vault_access import PLAIN_VAULT, VaultAccess, VaultSettings
from bwc_review.transcript.engines import DEFAULT, engine_named
from bwc_review.transcript.heard_json import from_json, to_json
from bwc_review.transcript.webvtt import to_webvtt
from chain_of_custody.clock import SystemClock
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.keys import LogKey, generate_log_key, open_key, seal_key

__all__ = ["Settings", "VaultSettings", "check_settings", "create_workspace", "engine", "new_id", "open_workspace"]

SETTINGS = "workspace.toml"
DATABASE = "bwc.db"
PASSPHRASE_FILE_VARIABLE = "BWC_REVIEW_PASSPHRASE_FILE"

PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
OPERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

AskPassphrase = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``workspace.toml`` holds. ``passphrase_file`` is relative to the workspace and empty for "ask".

    ``model_folder`` is a CTranslate2 Whisper model to use instead of the pinned one; its digest is recorded.
    ``database`` is the address of a PostgreSQL database without a password, empty for the workspace's own file.
    """

    agency: str
    workstation: str
    operators: Mapping[str, str]
    passphrase_file: str = ""
    model_folder: str = ""
    database: str = ""
    timestamps: tuple[AuthoritySettings, ...] = ()
    vault: VaultSettings = PLAIN_VAULT

    @property
    def origin(self) -> str:
        """The log's name, which is also the log key's (custody.md section 1)."""
        return f"{self.agency}/bwc/{self.workstation}"


def new_id() -> str:
    """A fresh identifier. Injected everywhere else."""
    return str(uuid.uuid4())


@cache
def app_name() -> str:
    """Program, version and the first 16 hex digits of the SHA-256 over its own source files."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for package in ("chain_of_custody", "ingest", "bwc_review", "ui"):
        for file in sorted((root / package).rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return f"bwc_review/{version('bwc-review')}+{digest.hexdigest()[:16]}"


def create_workspace(folder: Path, settings: Settings, passphrase: str) -> Desk:
    """Make a workspace, or finish one whose making was cut short, and open it.

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
        _write_whole(sealed, seal_key(generate_log_key(settings.origin), passphrase), mode=0o600)
    key = open_key(sealed.read_bytes(), passphrase)
    _write_whole(keys / "log.vkey", key.vkey.format().encode() + b"\n")
    access = VaultAccess(folder / "vault", settings.vault, lambda: passphrase)
    access.make()
    store = _store(folder, settings)
    _begin_log(store, settings, key)
    _write_whole(folder / SETTINGS, _to_toml(settings).encode())
    return _desk(folder, settings, store, _memo(lambda: key), access)


def check_settings(folder: Path, settings: Settings) -> None:
    """Raise InputRefused when a workspace stands in ``folder`` already or the settings could not be kept in a log."""
    if (folder / SETTINGS).exists():
        raise InputRefused(f"There is a workspace in {folder} already. Open it, or choose an empty folder.")
    for what, name in (("agency", settings.agency), ("workstation", settings.workstation)):
        if not PLAIN_NAME.fullmatch(name):
            raise InputRefused(f"'{name}' cannot be the {what}: use small letters, digits, dots and hyphens.")
    roles = load_taxonomy().roles
    for who, role in settings.operators.items():
        if not OPERATOR.fullmatch(who):
            raise InputRefused(f"'{who}' cannot be an operator's id: letters, digits, dots, hyphens, no spaces.")
        if role not in roles:
            raise InputRefused(f"There is no role '{role}'. Roles: {', '.join(roles)}.")


def _begin_log(store: SqlStore, settings: Settings, key: LogKey) -> None:
    with store.writing() as work:
        if work.log.started():
            return
        work.log.start()
        actor = Actor(id=settings.workstation, role="workstation", session="", auth="none", key="")
        data: dict[str, object] = {"vkey": key.vkey.format(), "operators": sorted(settings.operators)}
        for act, kind in (("log.started", "log"), ("key.created", "key")):
            subject = Subject(kind, settings.origin)
            work.log.append(Draft(act, "ok", actor, subject, "workspace_created", data, {}))


def open_workspace(folder: Path, ask_passphrase: AskPassphrase) -> Desk:
    """Open a workspace. The passphrase is only asked for when something has to be signed.

    Raises WorkspaceMissing, WorkspaceTooNew, StoreDamaged, InputRefused (settings that cannot be read).
    """
    settings = _settings(folder)
    key_file = folder / "keys" / "log.key"

    right: list[str] = []  # once it opened the log key, nobody is asked for the same passphrase again

    def passphrase() -> str:
        return right[0] if right else _passphrase(folder, settings, ask_passphrase)

    def unlock() -> LogKey:
        said = passphrase()
        key = open_key(key_file.read_bytes(), said)
        right.append(said)
        return key

    access = VaultAccess(folder / "vault", settings.vault, passphrase)
    return _desk(folder, settings, _store(folder, settings), _memo(unlock), access)


def _memo(unlock: Callable[[], LogKey]) -> Callable[[], LogKey]:
    return lru_cache(maxsize=1)(unlock)


def _passphrase(folder: Path, settings: Settings, ask: AskPassphrase) -> str:
    named = os.environ.get(PASSPHRASE_FILE_VARIABLE, "")
    file = Path(named) if named else (folder / settings.passphrase_file if settings.passphrase_file else None)
    if file is None:
        return ask()
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise InputRefused(
            f"The passphrase file {file} cannot be read. Name another or remove the setting."
        ) from unreadable


def _store(folder: Path, settings: Settings) -> SqlStore:
    writer = LogWriter(settings.origin, settings.workstation, app_name(), SystemClock(), os.urandom)
    database = PostgresDatabase(settings.database) if settings.database else SqliteDatabase(folder / DATABASE)
    return SqlStore(database, writer, from_json)


def _desk(
    folder: Path, settings: Settings, store: SqlStore, signer: Callable[[], LogKey], access: VaultAccess
) -> Desk:
    vault = access.open()
    return Desk(
        folder=folder,
        store=store,
        presence=LockFiles(folder / "sessions"),
        vault=vault,
        vault_access=access,
        clock=SystemClock(),
        ids=new_id,
        salt=os.urandom,
        taxonomy=load_taxonomy(),
        lexicon=load_lexicon(),
        operators={OperatorId(who): role for who, role in settings.operators.items()},
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
        signer=signer,
        vkey=(folder / "keys" / "log.vkey").read_text(encoding="ascii").strip(),
        workstation=settings.workstation,
        app=app_name(),
    )


@cache
def engine(name: str, model_folder: str = "") -> Transcriber:
    """The speech engine of that name, loaded once. Raises InputRefused, ModelRefused."""
    return engine_named(name, Path(model_folder) if model_folder else None)


def _settings(folder: Path) -> Settings:
    file = folder / SETTINGS
    if not file.is_file():
        raise WorkspaceMissing(
            f"There is no workspace in {folder}. Make one with `bwc-review init`, or name another folder."
        )
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        operators = {str(who): str(role) for who, role in raw["operators"].items()}
        optional = (str(raw.get(name, "")) for name in ("passphrase_file", "model_folder", "database"))
        passphrase_file, model_folder, database = optional
        stamping = tuple(AuthoritySettings.from_mapping(one) for one in raw.get("timestamps", ()))
        named = str(raw["agency"]), str(raw["workstation"])
        vault = VaultSettings.from_mapping(raw.get("vault", {}))
        return Settings(*named, operators, passphrase_file, model_folder, database, stamping, vault)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as broken:
        raise InputRefused(
            f"The settings in {file} cannot be read ({broken}). Restore the file from a backup."
        ) from broken


def _to_toml(settings: Settings) -> str:
    lines = [
        f"agency = {json.dumps(settings.agency)}",
        f"workstation = {json.dumps(settings.workstation)}",
        f"passphrase_file = {json.dumps(settings.passphrase_file)}",
        f"model_folder = {json.dumps(settings.model_folder)}",
        f"database = {json.dumps(settings.database)}",
        "",
        "[operators]",
        *(f"{json.dumps(who)} = {json.dumps(role)}" for who, role in settings.operators.items()),
    ]
    for one in settings.timestamps:
        lines += ["", "[[timestamps]]"]
        lines += [f"{name} = {json.dumps(getattr(one, name))}" for name in AuthoritySettings.__slots__]
    lines += settings.vault.lines()
    return "\n".join(lines) + "\n"


def _write_whole(file: Path, content: bytes, mode: int = 0o644) -> None:
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
