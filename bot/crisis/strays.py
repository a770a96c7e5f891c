"""Posts of our own that went out while an incident was on, and not by crisis mode: told once each."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.meta import normal
from bot.channels.scheduled import Published
from bot.crisis import cases, lines, timers
from bot.desk import Desk
from bot.people import Role
from storage import held, incidents, log, posts
from storage.incidents import Incident

STRAY = "crisis.stray"
WORDS = 160  # characters shown of its text


async def report(desk: Desk, incident_id: int, channel: str, found: Iterable[Published], now: datetime) -> bool:
    """Tell of what nobody in crisis mode has sent. False while a delivery of ours may be among them."""
    stood = list(found)
    if not stood:
        return True
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        if incident.state != incidents.ON:
            return True
        if await held.unsure(session, channel):
            return False
        for one in await _strays(session, incident, channel, stood):
            await _tell(session, incident_id, channel, one, now)
    return True


async def _strays(
    session: AsyncSession, incident: Incident, channel: str, stood: list[Published]
) -> list[Published]:
    ours = await held.ours(session, channel, [one.remote for one in stood])
    sent = [normal(one) for one in await held.nameless(session, channel)]
    began = incident.began or incident.opened
    return [
        one
        for one in stood
        if one.at >= began.replace(microsecond=0) and one.remote not in ours and not _is_one_of(one, sent)
    ]


def _is_one_of(one: Published, sent: Iterable[str]) -> bool:
    """Whether its text begins as one that the desk has sent; platforms put the link at the end."""
    return any(text and normal(one.text).startswith(text) for text in sent)


async def _tell(session: AsyncSession, incident_id: int, channel: str, one: Published, now: datetime) -> None:
    mark = hashlib.sha256(one.remote.encode()).hexdigest()[:16]
    topic = f"{cases.topic(incident_id)}/stray/{channel}/{mark}"
    if await posts.of_topic(session, topic):
        return
    args: dict[str, object] = {
        "incident": incident_id,
        "channel": channel,
        "link": one.link,
        "words": " ".join(one.text.split())[:WORDS],
        "at": one.at.isoformat(),
    }
    await lines.below(session, incident_id, STRAY, topic, args, now)
    await _went(session, incident_id, channel, one.remote, now)
    await log.append(
        session,
        case=cases.topic(incident_id),
        at=now,
        actor=Role.DESK,
        action="incident.stray",
        role="",
        channel=channel,
        post=one.remote,
    )


async def _went(session: AsyncSession, incident_id: int, channel: str, remote: str, now: datetime) -> None:
    """It was one that waited for its time."""
    for row in await held.of_incident(session, incident_id):
        if (row.channel, row.remote) == (channel, remote) and held.WENT in held.MOVES[row.state]:
            await timers.settle(session, row, held.WENT, Role.DESK, now)
