"""*Avbryt övningen*: something real happens, so the drill ends at once."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.protocol import Can
from bot.crisis import ahead, cases, duty, handling, lines, publishing, rules
from bot.crisis.states import Act, State
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Refused
from storage import bulletins, incidents, posts
from storage.bulletins import Bulletin
from storage.incidents import Incident

ABORTED = "crisis.drill_aborted"


async def abort(desk: Desk, actor_id: str, incident_id: int, *, now: datetime) -> None:
    """End a drill in one step: nothing more goes out, what stands is taken away, everybody hears of it.

    Raises Refused for others, for what is no drill, and when it is over already.
    """
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        cast = await duty.cast(session, desk, now)
        rules.belongs(await people.actor(session, actor_id, now), cast.everybody)
        if not incident.drill or incident.state not in incidents.OPEN:
            raise Refused("drill.over")
        heard = incident.state == incidents.ON
        await _end(session, desk, incident, actor_id, now)
        await lines.happened(session, incident_id, "aborted", actor_id, now)
        if heard:
            await _announce(session, desk, incident_id, now)


async def _end(session: AsyncSession, desk: Desk, incident: Incident, actor_id: str, now: datetime) -> None:
    for row in await bulletins.in_state(session, incident.id or 0, State.ASKED, State.RETURNED):
        await cases.move(session, row, Act.WITHDRAW)
    out = await bulletins.in_state(session, incident.id or 0, State.APPROVED, State.STOPPED)
    if out:
        if out[-1].state == State.APPROVED:
            await handling.halt(session, out[-1], actor_id, now)
        await _clear(session, desk, out[-1], now)
    state = incidents.OVER if incident.state == incidents.ON else incidents.DROPPED
    await incidents.change(session, incident, state=state, ended=now, next_at=None)


async def _clear(session: AsyncSession, desk: Desk, row: Bulletin, now: datetime) -> None:
    """Take the drill's texts away wherever that is possible."""
    for outlet in desk.outlets:
        stands = await publishing.standing(session, row.incident_id, outlet.key)
        if stands is not None and stands.out and Can.REMOVE in outlet.can:
            await handling.take_away(session, row, outlet, stands, now)


async def _announce(session: AsyncSession, desk: Desk, incident_id: int, now: datetime) -> None:
    told = await posts.dests(session, ahead.topic(incident_id))
    people = sorted(one for one in told if one.startswith(("U", "W")))
    for channel in (*desk.settings.crisis.drill_channels, *people):
        await outbox.send(
            session,
            kind=ABORTED,
            dest=channel,
            topic=f"{cases.topic(incident_id)}/aborted",
            args={"incident": incident_id},
            now=now,
            prio=Priority.CRISIS,
        )
