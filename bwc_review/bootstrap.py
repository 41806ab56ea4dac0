"""The composition root: the only place that names concrete classes, reads the settings and hands out ids.

A workspace is one folder: ``workspace.toml`` (settings, written last, so that it marks a whole workspace),
``bwc.db`` (catalogue and custody log, unless ``database`` names PostgreSQL), ``keys/`` (sealed keys),
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
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from bwc_review.access.key_files import KeyFolder
from bwc_review.access.log_signer import LogSigner
from bwc_review.access.os_keyring import OsKeyring
from bwc_review.access.passphrases import AskOperator, AskPassphrase, PassphraseSources, nobody_to_ask
from bwc_review.access.verified_file import VerifiedFile
from bwc_review.access.whole_files import PRIVATE, write_whole
from bwc_review.data import load_lexicon, load_taxonomy
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.operators import check_unit, read_operators
from bwc_review.errors import InputRefused, WorkspaceMissing
from bwc_review.export.folder import FolderBundleWriter
from bwc_review.export.receipt_files import ReceiptFiles
from bwc_review.export.timestamp_settings import AuthoritiesFromSettings, AuthoritySettings
from bwc_review.ports.transcriber import Transcriber
from bwc_review.review.desk import Desk
from bwc_review.review.unlocked import OpenKeys, rotated_log_key
from bwc_review.store.engine import SqliteDatabase
from bwc_review.store.log import LogWriter
from bwc_review.store.postgres import PostgresDatabase
from bwc_review.store.presence import LockFiles
from bwc_review.store.sql import SqlStore
from bwc_review.transcript.engines import DEFAULT, engine_named
from bwc_review.transcript.heard_json import from_json, to_json
from bwc_review.transcript.webvtt import to_webvtt
from chain_of_custody.clock import SystemClock
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.keys import LogKey, generate_log_key, open_key, seal_key
from ingest.vault import Vault

SETTINGS = "workspace.toml"
DATABASE = "bwc.db"
PASSPHRASE_FILE_VARIABLE = "BWC_REVIEW_PASSPHRASE_FILE"
OPERATOR_PASSPHRASE_FILE_VARIABLE = "BWC_REVIEW_OPERATOR_PASSPHRASE_FILE"

PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
OPERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``workspace.toml`` holds. The passphrase files are relative to the workspace and empty for "ask"; one for
    the operators' keys is for a demo or a robot, since whoever reads it signs in their name.

    ``model_folder`` is a CTranslate2 Whisper model to use instead of the pinned one; its digest is recorded.
    ``database`` is the address of a PostgreSQL database without a password, empty for the workspace's own file.
    ``operators`` and ``units`` are role and unit by operator; one without a unit stands in ``operators`` alone.
    """

    agency: str
    workstation: str
    operators: Mapping[str, str]
    passphrase_file: str = ""
    model_folder: str = ""
    database: str = ""
    timestamps: tuple[AuthoritySettings, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    operator_passphrase_file: str = ""

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
        write_whole(sealed, seal_key(generate_log_key(settings.origin), passphrase), PRIVATE)
    key = open_key(sealed.read_bytes(), passphrase)
    write_whole(keys / "log.vkey", key.vkey.format().encode() + b"\n")
    store = _store(folder, settings)
    _begin_log(store, settings, key)
    write_whole(folder / SETTINGS, _to_toml(settings).encode())
    sources = _passphrases(folder, settings, lambda: passphrase, nobody_to_ask)
    return _desk(folder, settings, store, sources, key)


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
    for unit in settings.units.values():
        check_unit(unit)


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


def open_workspace(folder: Path, ask_passphrase: AskPassphrase, ask_operator: AskOperator = nobody_to_ask) -> Desk:
    """Open a workspace. The log key's passphrase is only asked for when something has to be signed, an operator's
    when a session starts. A rotation of the log key that was cut short is finished first.

    Raises WorkspaceMissing, WorkspaceTooNew, StoreDamaged, InputRefused (settings that cannot be read), KeyUnusable.
    """
    settings = _settings(folder)
    sources = _passphrases(folder, settings, ask_passphrase, ask_operator)
    store = _store(folder, settings)
    with store.reading() as work:
        rotated = rotated_log_key(work.log)
    if rotated is not None:
        sources.keys.settle_log_key(rotated)
    return _desk(folder, settings, store, sources)


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


def _store(folder: Path, settings: Settings) -> SqlStore:
    writer = LogWriter(settings.origin, settings.workstation, app_name(), SystemClock(), os.urandom)
    database = PostgresDatabase(settings.database) if settings.database else SqliteDatabase(folder / DATABASE)
    return SqlStore(database, writer, from_json)


def _desk(
    folder: Path, settings: Settings, store: SqlStore, sources: PassphraseSources, opened: LogKey | None = None
) -> Desk:
    vault = Vault(folder / "vault")
    return Desk(
        folder=folder,
        store=store,
        presence=LockFiles(folder / "sessions"),
        vault=vault,
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
        signer=LogSigner(sources.keys, sources, opened),
        key_files=sources.keys,
        passphrases=sources,
        keeper=sources.keeper,
        open_keys=OpenKeys(),
        verified=VerifiedFile(folder / "last-verified.note"),
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
        operators, units = read_operators(raw["operators"])
        names = ("passphrase_file", "model_folder", "database", "operator_passphrase_file")
        passphrase_file, model_folder, database, of_operators = (str(raw.get(name, "")) for name in names)
        stamping = tuple(AuthoritySettings.from_mapping(one) for one in raw.get("timestamps", ()))
        named = str(raw["agency"]), str(raw["workstation"])
        for unit in units.values():
            check_unit(unit)
        return Settings(*named, operators, passphrase_file, model_folder, database, stamping, units, of_operators)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as broken:
        raise InputRefused(
            f"The settings in {file} cannot be read ({broken}). Restore the file from a backup."
        ) from broken


def _to_toml(settings: Settings) -> str:
    lines = [
        f"agency = {json.dumps(settings.agency)}",
        f"workstation = {json.dumps(settings.workstation)}",
        f"passphrase_file = {json.dumps(settings.passphrase_file)}",
        f"operator_passphrase_file = {json.dumps(settings.operator_passphrase_file)}",
        f"model_folder = {json.dumps(settings.model_folder)}",
        f"database = {json.dumps(settings.database)}",
        "",
        "[operators]",
        *(
            f"{json.dumps(who)} = {_operator(role, settings.units.get(who, ''))}"
            for who, role in settings.operators.items()
        ),
    ]
    for one in settings.timestamps:
        lines += ["", "[[timestamps]]"]
        lines += [f"{name} = {json.dumps(getattr(one, name))}" for name in AuthoritySettings.__slots__]
    return "\n".join(lines) + "\n"


def _operator(role: str, unit: str) -> str:
    return f"{{role = {json.dumps(role)}, unit = {json.dumps(unit)}}}" if unit else json.dumps(role)
