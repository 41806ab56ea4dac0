"""PostgreSQL's own: where the password may stand, a server that is not there, commits that last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bwc_review.bootstrap import Settings, create_workspace, open_workspace
from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, ReviewError, StoreUnreachable
from bwc_review.review.sessions import start_session
from bwc_review.store.postgres import PostgresDatabase
from tests.contract.postgres import ADMIN, database_name, server
from tests.contract.stores import new_place, note, open_store

SECRET = "not-for-any-log"
PASSPHRASE = "an invented passphrase"


@pytest.fixture
def place() -> Iterator[str]:
    with new_place("postgresql") as made:
        yield made


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://bwc:{SECRET}@db.example/bwc",
        f"postgresql+psycopg://bwc@db.example/bwc?password={SECRET}",
        f"postgresql+psycopg://db.example/bwc?sslpassword={SECRET}",
        f"postgresql+psycopg://db.example/bwc?options={SECRET}",
        f"postgresql://bwc:{SECRET}@db.example/bwc",
        f"mysql://bwc:{SECRET}@db.example/bwc",
        f"{SECRET} is not an address",
    ],
)
def test_a_password_in_the_settings_is_refused_and_repeated_nowhere(url: str) -> None:
    with pytest.raises(InputRefused) as refused:
        PostgresDatabase(url)
    assert SECRET not in refused.value.message() + refused.value.detail + repr(refused.value)


def test_a_server_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable) as refused:
        open_store(f"postgresql+psycopg://bwc@/bwc?host={tmp_path}")
    assert "cannot be reached" in refused.value.message()
    assert str(tmp_path) in refused.value.message()


def test_a_server_that_goes_away_in_the_middle_of_an_act_leaves_nothing_of_it(place: str) -> None:
    store = open_store(place)
    with pytest.raises(ReviewError) as refused, store.writing() as work:
        work.log.append(note(0))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND state <> 'active'"
        server().run(others.format(database_name(place)))
        work.log.append(note(1))
    assert "did not take place" in refused.value.message()
    with store.writing() as work:
        assert work.log.append(note(0)).seq == 0
    store.close()


def test_a_password_from_a_password_file_opens_the_database_and_stands_in_no_message(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:{ADMIN}:{SECRET}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    store = open_store(place)
    server().run(f"DROP DATABASE {database_name(place)} WITH (FORCE)")
    for _ in range(2):
        with pytest.raises(ReviewError) as refused, store.writing() as work:
            work.log.append(note(0))
        assert SECRET not in refused.value.message() + refused.value.detail
    store.close()
    assert SECRET not in "".join(capfd.readouterr())


def test_a_commit_is_durable_even_where_the_server_is_set_to_forget(place: str) -> None:
    server().run(f"ALTER DATABASE {database_name(place)} SET synchronous_commit = off")
    with PostgresDatabase(place).writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    server().run(f"ALTER DATABASE {database_name(place)} SET synchronous_commit = remote_apply")
    with PostgresDatabase(place).writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "remote_apply"


def test_tables_cannot_be_emptied_by_mistake(place: str) -> None:
    with psycopg.connect(host=str(server().folder), user=ADMIN, dbname=database_name(place)) as connection:
        for table in ("custody_entry", "custody_checkpoint", "custody_head"):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                connection.execute(f"TRUNCATE {table}".encode())
            connection.rollback()


def test_a_workspace_of_two_workstations_lives_in_one_database(tmp_path: Path) -> None:
    with new_place("postgresql", empty=True) as place:
        operators = {"clerk-1": "evidence_clerk"}
        for name in ("ws1", "ws2"):
            made = Settings("police.example", name, operators, database=place)
            create_workspace(tmp_path / name, made, PASSPHRASE).store.close()  # type: ignore[attr-defined]
            assert not (tmp_path / name / "bwc.db").exists()
        for name in ("ws1", "ws2"):
            desk = open_workspace(tmp_path / name, lambda: PASSPHRASE)
            start_session(desk, OperatorId("clerk-1"), "routine_docking")
            with desk.store.reading() as work:
                assert (work.log.head().log, work.log.head().size) == (f"police.example/bwc/{name}", 3)
            desk.store.close()  # type: ignore[attr-defined]
