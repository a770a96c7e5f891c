"""Migrations: one head, up and down on both databases, the same schema as the code says, once at a time."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from storage import absences, migrate, posts, tables
from storage.engine import Database
from storage.migrate import BrokenReference, SchemaTooNew

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
async def bare(empty_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    database = Database(empty_url)
    yield database
    await database.close()


async def names(db: Database) -> set[str]:
    async with db.engine.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return set(found) - {"alembic_version"}


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, SQLModel.metadata))


def test_there_is_one_head() -> None:
    """Two branches would leave it to chance which one runs."""
    script = ScriptDirectory.from_config(migrate.config())
    assert script.get_heads() == [migrate.head()]


async def test_up_down_and_up_again(bare: Database) -> None:
    """Down to nothing and up to everything, twice."""
    assert await migrate.current(bare) is None
    for _ in range(2):
        await migrate.upgrade(bare)
        assert await names(bare) == {table.__tablename__ for table in tables.ALL}
        assert await migrate.current(bare) == migrate.head()
        await migrate.downgrade(bare, "base")
        assert await names(bare) == set()
    assert await migrate.current(bare) is None


async def test_every_step_can_be_taken_back(bare: Database) -> None:
    """One revision at a time, down and up."""
    script = ScriptDirectory.from_config(migrate.config())
    await migrate.upgrade(bare)
    for revision in [one.revision for one in script.walk_revisions()]:
        await migrate.downgrade(bare, "-1")
        await migrate.upgrade(bare, revision)
        await migrate.downgrade(bare, "-1")
    assert await names(bare) == set()


async def test_the_migrated_schema_is_the_one_in_the_code(bare: Database) -> None:
    """A column that somebody forgot to migrate is found here."""
    await migrate.upgrade(bare)
    async with bare.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_forgotten_column_would_be_found(bare: Database) -> None:
    """The comparison above is not blind."""
    await migrate.upgrade(bare)
    async with bare.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE unit DROP COLUMN head_title"))
        await connection.execute(text("DROP INDEX ix_post_queue"))
    async with bare.engine.connect() as connection:
        found = await connection.run_sync(differences)
    assert sorted(str(one[0]) for one in found) == ["add_column", "add_index"]  # type: ignore[index]


async def test_indexes_with_a_condition_keep_it(bare: Database) -> None:
    """Alembic does not compare conditions; the queue of stale cards stays small because of one."""
    await migrate.upgrade(bare)
    catalogue = "sqlite_master WHERE name" if bare.is_sqlite else "pg_indexes WHERE indexname"
    column = "sql" if bare.is_sqlite else "indexdef"
    async with bare.engine.connect() as connection:
        query = text(f"SELECT {column} FROM {catalogue} = 'ix_post_stale'")
        definition = (await connection.execute(query)).scalar_one()
    assert "want > shown" in definition


async def test_an_up_to_date_schema_is_left_alone(bare: Database) -> None:
    """Every start runs it; what is stored stays."""
    await migrate.upgrade(bare)
    async with bare.write() as session:
        day = NOW.date()
        session.add(absences.Absence(slack_id="U1", first=day, last=day, entered_by="U1", entered=NOW))
    await migrate.upgrade(bare)
    async with bare.read() as session:
        assert await absences.away(session, NOW.date()) == {"U1"}


async def test_two_upgrades_at_once_migrate_once(empty_url: str) -> None:
    """Two replicas start in the same second."""
    several = [Database(empty_url) for _ in range(4)]
    await asyncio.gather(*(migrate.upgrade(one) for one in several))
    assert await migrate.current(several[0]) == migrate.head()
    for one in several:
        await one.close()


async def test_two_processes_at_once_migrate_once(bare: Database, empty_url: str) -> None:
    """Not only two tasks in one process: the lock is in the database."""
    code = (
        "import asyncio, sys; from storage import migrate; from storage.engine import Database\n"
        "async def main():\n"
        "    db = Database(sys.argv[1]); await migrate.upgrade(db); await db.close()\n"
        "asyncio.run(main())"
    )
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", code, empty_url, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await one.communicate())[1].decode() for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], said
    assert await migrate.current(bare) == migrate.head()


async def test_a_migration_that_fails_leaves_nothing_half_done(
    bare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is one transaction, also on SQLite."""

    def breaks(config: object, revision: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("killed here")

    monkeypatch.setattr(migrate.command, "upgrade", breaks)
    with pytest.raises(RuntimeError, match="killed here"):
        await migrate.upgrade(bare)
    assert await names(bare) == set()


async def test_a_database_from_the_future_is_refused(bare: Database) -> None:
    """An older program must not touch what a newer one has migrated."""
    await migrate.upgrade(bare)
    async with bare.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (migrate.upgrade(bare), migrate.downgrade(bare, "base")):
        with pytest.raises(SchemaTooNew, match="9999"):
            await act
    assert await names(bare) != set()


async def test_a_migration_that_orphans_rows_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's foreign keys rest while tables are rebuilt, so they are counted afterwards; then they work again."""
    db = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    await migrate.upgrade(db)

    def orphans(config: object, revision: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(
            text(
                "INSERT INTO unit (name, board, parent_id, head_name, head_title)"
                " VALUES ('Biblioteket', '', 99, '', '')"
            )
        )

    monkeypatch.setattr(migrate.command, "upgrade", orphans)
    with pytest.raises(BrokenReference, match="unit"):
        await migrate.upgrade(db)
    async with db.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM unit"))).scalar_one() == 0
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
    await db.close()


async def test_rows_of_the_first_release_survive(bare: Database) -> None:
    """A desk that has been at work is brought up to date with everything it holds."""
    await migrate.upgrade(bare, "0001")
    async with bare.engine.begin() as connection:
        columns = await connection.run_sync(lambda sync: inspect(sync).get_columns("post"))
        given = {one["name"]: _some(one) for one in columns if not one["nullable"]}
        names_, values = ", ".join(f'"{name}"' for name in given), ", ".join(f":{name}" for name in given)
        await connection.execute(text(f"INSERT INTO post ({names_}) VALUES ({values})"), given)
    await migrate.upgrade(bare)
    async with bare.read() as session:
        kept = await session.get_one(posts.Post, 1)
    assert ("waiting", "send", False) == (kept.state, kept.verb, kept.perhaps)


def _some(column: Any) -> object:
    """A value of the column's type; states as they are spelled."""
    known = {"state": "waiting", "verb": "send", "args": "{}", "id": 1}
    kinds = {"INTEGER": 1, "BOOLEAN": False, "JSON": "{}"}
    kind = str(column["type"]).split("(")[0]
    when = NOW if "TIME" in kind else "x"
    return known.get(column["name"], kinds.get(kind, when))
