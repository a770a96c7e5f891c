"""Brings the schema up to date. Works from an installed package: there is no alembic.ini.

Everything happens in one transaction behind a lock, so that two processes that start at once migrate
once, and one that is killed half-way leaves the schema as it was.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import BUSY_MS, Database

LOCK: Final = 0x6B616E61  # PostgreSQL's advisory lock: "kana"
PATIENCE_MS: Final = 120_000  # how long to wait for another process's migration


class SchemaTooNew(Exception):
    """The database was migrated by a newer version of the program."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database is at revision {revision}, which this version does not know")
        self.revision = revision


class BrokenReference(Exception):
    """After a migration a row of SQLite points at nothing; the migration was undone."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, with the connection to work on."""
    found = Config()
    found.set_main_option("script_location", "storage:migrations")
    found.attributes["connection"] = connection
    return found


def head() -> str | None:
    """The newest revision that this version of the program has."""
    return ScriptDirectory.from_config(config()).get_current_head()


async def current(db: Database) -> str | None:
    """The revision of the database; None when it has no tables yet."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_revision)


async def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the schema up to date; does nothing when it is. Raises `SchemaTooNew`."""
    await _run(db, command.upgrade, revision)


async def downgrade(db: Database, revision: str) -> None:
    """Bring the schema back to a revision; "base" drops every table. Raises `SchemaTooNew`."""
    await _run(db, command.downgrade, revision)


async def _run(db: Database, act: Callable[[Config, str], Any], revision: str) -> None:
    async with _alone(db) as connection:
        await connection.run_sync(_known)
        await connection.run_sync(lambda sync: act(config(sync), revision))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known(connection: Connection) -> None:
    """Raise `SchemaTooNew` for a database that a newer program has migrated."""
    here = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if here is not None and here not in known:
        raise SchemaTooNew(here)


@asynccontextmanager
async def _alone(db: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction that only one process at a time can have; commits on leaving."""
    async with db.engine.connect() as connection:
        if not db.is_sqlite:
            async with connection.begin():
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection
            return
        await _pragmas(connection, foreign_keys="OFF", busy_timeout=PATIENCE_MS)
        try:
            await connection.execution_options(writing=True)
            async with connection.begin():
                yield connection
                await _check_references(connection)
        finally:
            await _pragmas(connection, foreign_keys="ON", busy_timeout=BUSY_MS)


async def _pragmas(connection: AsyncConnection, **values: object) -> None:
    """Set them outside of any transaction, where alone ``foreign_keys`` takes effect.

    A table that is rebuilt is dropped first; with foreign keys on, that would empty its children.
    """
    raw = await connection.get_raw_connection()
    for name, value in values.items():
        cursor = await raw.driver_connection.execute(f"PRAGMA {name}={value}")  # type: ignore[union-attr]
        await cursor.close()


async def _check_references(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise BrokenReference(f"{broken[0]} → {broken[2]}")
