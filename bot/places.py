"""Direct-message channels, remembered with the person, so that a restart needs not open them anew."""

from storage import people
from storage.engine import Database


class StoredPlaces:
    """Where a person's direct messages are."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, str] = {}

    async def get(self, dest: str) -> str | None:
        """The channel of a person's direct messages, if it is known."""
        if dest not in self._known:
            async with self._db.read() as session:
                person = await people.get(session, dest)
            if person is None or not person.place:
                return None
            self._known[dest] = person.place
        return self._known[dest]

    async def put(self, dest: str, place: str) -> None:
        """Remember it; for somebody the desk does not know yet, only until the next start."""
        self._known[dest] = place
        async with self._db.write() as session:
            await people.remember_place(session, dest, place)
