"""What a channel must not forget between two requests, such as a half-published picture."""

from storage import facts
from storage.engine import Database


class StoredMemory:
    """Keeps a word for a key, committed before it returns."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """The word kept under the key."""
        async with self._db.read() as session:
            found = await facts.get(session, f"memory:{key}")
        return None if found is None else str(found)

    async def put(self, key: str, value: str) -> None:
        """Keep it."""
        async with self._db.write() as session:
            await facts.put(session, f"memory:{key}", value)
