"""Write the next migration: ``python -m storage.migrations 0002 "what changes"``.

Compares the tables in the code with a fresh database at the newest revision.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from storage import migrate
from storage.engine import Database


def write(connection: Connection, revision: str, message: str) -> None:
    """Write the file next to the earlier ones."""
    command.revision(migrate.config(connection), message, autogenerate=True, rev_id=revision)


async def main(revision: str, message: str) -> None:
    """Migrate an empty SQLite file to the newest revision and write down what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        await migrate.upgrade(database)
        async with database.engine.connect() as connection:
            await connection.run_sync(write, revision, message)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
