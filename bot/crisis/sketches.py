"""Sketches: the facts of a message between its two forms, so that nothing typed is lost."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.crisis.facts import Facts, Kind
from bot.desk import Desk
from bot.errors import Refused
from storage import facts as stored

PREFIX = "sketch:"
KEEP = timedelta(days=2)


@dataclass(frozen=True)
class Sketch:
    """Facts that were typed. ``incident``: which they follow up; ``bulletin``: which they better."""

    person: str
    kind: Kind
    facts: Facts
    incident: int | None = None
    bulletin: int | None = None


async def save(desk: Desk, sketch: Sketch, *, now: datetime) -> str:
    """Keep it; gives the id that the next form carries."""
    number = uuid.uuid4().hex
    value: dict[str, Any] = {
        "person": sketch.person,
        "kind": str(sketch.kind),
        "facts": sketch.facts.to_json(),
        "incident": sketch.incident,
        "bulletin": sketch.bulletin,
        "at": now.isoformat(),
    }
    async with desk.db.write() as session:
        await stored.put(session, PREFIX + number, value)
    return number


async def load(desk: Desk, person: str, number: str) -> Sketch:
    """What was kept. Raises Refused for somebody else's, or for one that is gone."""
    async with desk.db.read() as session:
        value = await stored.get(session, PREFIX + number)
    if value is None or value["person"] != person:
        raise Refused("crisis.sketch_gone")
    return Sketch(
        person, Kind(value["kind"]), Facts.from_json(value["facts"]), value["incident"], value["bulletin"]
    )


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Forget what nobody finished."""
    for key, value in (await stored.starting(session, PREFIX)).items():
        if datetime.fromisoformat(value["at"]) + KEEP <= now:
            await stored.drop(session, key)
