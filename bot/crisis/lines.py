"""Lines of an incident's thread that are about the incident itself, not about one of its messages."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.crisis import cases, tell
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from storage import log
from storage.log import Entry

LIFE = "crisis.life"


async def happened(
    session: AsyncSession, incident_id: int, what: str, actor: str, now: datetime, **more: str
) -> Entry:
    """Log what somebody did to an incident, tell it in the thread, and let every card follow."""
    topic = cases.topic(incident_id)
    entry = await log.append(session, case=topic, at=now, actor=actor, action=f"incident.{what}", role="", **more)
    args = {"incident": incident_id, "what": what, "by": actor, "at": now.isoformat()}
    await below(session, incident_id, LIFE, f"{topic}/life/{entry.seq}", args, now)
    await outbox.follow(session, topic)
    return entry


async def below(
    session: AsyncSession,
    incident_id: int,
    kind: str,
    topic: str,
    args: dict[str, object],
    now: datetime,
    *,
    seq: int = 0,
    dies: datetime | None = None,
    card: bool = False,
) -> None:
    """Owe the thread under every live board a message; each once, by topic and ``seq``."""
    for root in await tell.roots(session, incident_id):
        await outbox.send(
            session,
            kind=kind,
            dest=root.dest,
            topic=topic,
            args=args,
            now=now,
            seq=seq,
            thread=root,
            prio=Priority.CRISIS,
            dies=dies,
            card=card,
        )
