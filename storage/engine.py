"""The engine: one way to read, one way to write, the same on SQLite and PostgreSQL.

Writes on SQLite begin IMMEDIATE behind one in-process lock; with the driver's defaults two
deferred transactions can both read, both write, and one update is lost without an error.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import sqlite

BUSY_MS = 10_000


def normalise(url: str) -> URL:
    """Name the async driver whatever way the operator wrote the address."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    return parsed.set(drivername="postgresql+psycopg")


class Database:
    """Holds the engine. ``committed`` callbacks run after every successful write."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = normalise(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.committed: list[Callable[[], None]] = []
        self._writer = asyncio.Lock()
        self.engine = _engine(self.url, pool_size)
        self._quick = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._file = _file_reader(self.url) if self.is_sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A plain transaction for reading; nothing in it is kept."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A transaction for reading in which every statement sees the same moment."""
        async with self.read() as session:
            if not self.is_sqlite:  # which reads so anyway
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
        """One statement of its own: no transaction around it, no entities made of its rows."""
        if self._file:
            return await asyncio.to_thread(_rows, self._file, statement, values)
        async with self._quick.connect() as connection:
            return (await connection.execute(statement, values)).all()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits on leaving and rolls back on any error."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._writer)
            session = await stack.enter_async_context(AsyncSession(self.engine, expire_on_commit=False))
            await session.connection(execution_options={"writing": True})
            yield session
            await session.commit()
        for tell in self.committed:
            tell()

    @property
    def watched(self) -> tuple[Engine, ...]:
        """The engines whose statements one may listen to."""
        return (self.engine.sync_engine, *filter(None, (self._file,)))

    def exists(self) -> bool:
        """False for a SQLite file that is not there; a server is asked by connecting."""
        return not self.is_sqlite or Path(self.url.database or "").exists()

    async def create_all(self) -> None:
        """Create every table without migrations; for tests of single rooms."""
        async with self.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        if self._file:
            self._file.dispose()


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
        )
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={"async_creator_fn": sqlite.connect},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _file_reader(url: URL) -> Engine:
    """Reads a SQLite file in one visit to a thread; the async driver makes one for every step of a statement."""
    engine = create_engine(
        url.set(drivername="sqlite"), hide_parameters=True, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _rows(engine: Engine, statement: Executable, values: dict[str, Any]) -> Sequence[Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(statement, values).all()


def _prepare_sqlite(dbapi: Any, _record: Any) -> None:
    dbapi.isolation_level = None  # we say BEGIN ourselves
    cursor = dbapi.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
