"""What ``workspace.toml`` holds: read strictly, written whole. It is written last, so it marks a whole workspace."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bwc_review.data import load_taxonomy
from bwc_review.domain.operators import check_unit, read_operators
from bwc_review.domain.zones import zone_named
from bwc_review.errors import InputRefused, WorkspaceMissing
from bwc_review.export.timestamp_settings import AuthoritySettings
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.store.vault_access import PLAIN_VAULT, VaultSettings
from ingest.dock_settings import DockSettings

SETTINGS = "workspace.toml"
PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
OPERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TEXTS = ("passphrase_file", "model_folder", "database", "operator_passphrase_file", "zone")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``workspace.toml`` holds. The passphrase files are relative to the workspace and empty for "ask"; one for
    the operators' keys is for a demo or a robot, since whoever reads it signs in their name.

    ``model_folder`` is a CTranslate2 Whisper model to use instead of the pinned one; its digest is recorded.
    ``database`` is the address of a PostgreSQL database without a password, empty for the workspace's own file.
    ``zone`` is the IANA name of the agency's time zone, empty while nobody has said.
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
    witnessing: WitnessSettings = field(default_factory=WitnessSettings)
    zone: str = ""
    docks: DockSettings = field(default_factory=DockSettings)
    vault: VaultSettings = PLAIN_VAULT

    @property
    def origin(self) -> str:
        """The log's name, which is also the log key's (custody.md section 1)."""
        return f"{self.agency}/bwc/{self.workstation}"


def check_settings(folder: Path, settings: Settings) -> None:
    """Raise InputRefused when a workspace stands in ``folder`` already or the settings could not be kept in a log."""
    if (folder / SETTINGS).exists():
        raise InputRefused(f"There is a workspace in {folder} already. Open it, or choose an empty folder.")
    for what, name in (("agency", settings.agency), ("workstation", settings.workstation)):
        if not PLAIN_NAME.fullmatch(name):
            raise InputRefused(f"'{name}' cannot be the {what}: use small letters, digits, dots and hyphens.")
    zone_named(settings.zone)
    roles = load_taxonomy().roles
    for who, role in settings.operators.items():
        if not OPERATOR.fullmatch(who):
            raise InputRefused(f"'{who}' cannot be an operator's id: letters, digits, dots, hyphens, no spaces.")
        if role not in roles:
            raise InputRefused(f"There is no role '{role}'. Roles: {', '.join(roles)}.")
    for unit in settings.units.values():
        check_unit(unit)


def read_settings(folder: Path) -> Settings:
    """The settings of the workspace in ``folder``. Raises WorkspaceMissing, InputRefused."""
    file = folder / SETTINGS
    if not file.is_file():
        raise WorkspaceMissing(
            f"There is no workspace in {folder}. Make one with `bwc-review init`, or name another folder."
        )
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        operators, units = read_operators(raw["operators"])
        for unit in units.values():
            check_unit(unit)
        return Settings(
            agency=str(raw["agency"]),
            workstation=str(raw["workstation"]),
            operators=operators,
            units=units,
            timestamps=tuple(AuthoritySettings.from_mapping(one) for one in raw.get("timestamps", ())),
            witnessing=WitnessSettings.from_mapping(raw),
            docks=DockSettings.from_mapping(raw.get("docks", {})),
            vault=VaultSettings.from_mapping(raw.get("vault", {})),
            **{name: str(raw.get(name, "")) for name in _TEXTS},
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError, ValueError) as broken:
        raise InputRefused(
            f"The settings in {file} cannot be read ({broken}). Restore the file from a backup."
        ) from broken


def to_toml(settings: Settings) -> str:
    """The inverse of ``read_settings``."""
    top, witnesses = settings.witnessing.to_lines()
    lines = [
        f"agency = {json.dumps(settings.agency)}",
        f"workstation = {json.dumps(settings.workstation)}",
        *(f"{name} = {json.dumps(getattr(settings, name))}" for name in _TEXTS),
        *top,
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
    return "\n".join([*lines, *witnesses, *settings.docks.to_toml(), *settings.vault.lines()]) + "\n"


def _operator(role: str, unit: str) -> str:
    return f"{{role = {json.dumps(role)}, unit = {json.dumps(unit)}}}" if unit else json.dumps(role)
