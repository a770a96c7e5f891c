"""The crisis log: what people write down while it happens."""

from datetime import datetime

from bot import people
from bot.crisis import cases, duty, rules
from bot.delivery import outbox
from bot.desk import Desk
from storage import log
from storage.notes import Note


async def write_down(
    desk: Desk, actor_id: str, incident_id: int, text: str, *, source: str = "", now: datetime
) -> Note:
    """A line in the crisis log. Raises Refused for who has no part in crisis mode."""
    async with desk.db.write() as session:
        await cases.take_incident(session, incident_id)
        cast = await duty.cast(session, desk, now)
        rules.belongs(await people.actor(session, actor_id, now), cast.everybody)
        row = Note(incident_id=incident_id, at=now, by=actor_id, text=text.strip(), source=source)
        session.add(row)
        await log.append(
            session,
            case=cases.topic(incident_id),
            at=now,
            actor=actor_id,
            action="incident.noted",
            text=desk.fingerprint(text.strip()),
        )
        await outbox.follow(session, cases.topic(incident_id))
        return row
