"""SQLite behind SQLAlchemy's async driver, with one visit to the connection's thread for a whole statement.

aiosqlite makes a visit each for opening a cursor, executing, fetching and closing; a visit costs more than
most statements. Nobody here streams rows, so everything can be done at once.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite


class GivesBack(sqlite3.Connection):
    """Closing it ends its transaction.

    Of a task that is cut off in the middle of a statement a cursor may remain until the garbage is collected,
    and SQLite keeps a closed connection's transaction, lock and all, as long as there is one.
    """

    def close(self) -> None:
        """Roll back, then close; one that is closed already stays so."""
        with contextlib.suppress(sqlite3.ProgrammingError):
            if self.in_transaction:
                self.rollback()
        super().close()


class Cursor:
    """The part of a cursor that SQLAlchemy's adapter asks for; all rows are in memory after ``execute``."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount, self.lastrowid = -1, 0

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "Cursor":
        """Run one statement and fetch what it gives."""
        return await self._visit(lambda raw: raw.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        """Run one statement for each set of values."""
        return await self._visit(lambda raw: raw.executemany(sql, parameters))

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    async def _visit(self, work: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> "Cursor":
        await self._connection.visit(lambda raw: self._run(raw, work))
        return self

    def _run(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> None:
        """In the connection's thread."""
        raw = connection.cursor()
        try:
            work(raw)
            self._rows = raw.fetchall() if raw.description else []
            self.description, self.rowcount, self.lastrowid = raw.description, raw.rowcount, raw.lastrowid or 0
        finally:
            raw.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors need one visit."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor; nothing is asked of the thread yet."""
        return Cursor(self)

    async def visit(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do something in the connection's thread."""
        return await self._execute(work, self._conn)  # type: ignore[no-untyped-call]


def connect(path: str, **options: Any) -> Connection:
    """What SQLAlchemy awaits to have a connection. ``options`` are those of ``sqlite3.connect``."""
    connection = Connection(lambda: sqlite3.connect(path, factory=GivesBack, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy has it: a lost connection must not keep the process alive
    return connection
