"""Signs that are shared: whoever else owns one is told when it shows something of ours, and when no longer."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.outlet import Outlet
from bot.crisis import pings
from bot.crisis.standing import Board, Standing
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import facts, incidents

SIGN = "crisis.sign"
PREFIX = "sign:"  # the fact that says what a sign's co-owner was told last
TAKEN, GIVEN = "taken", "given"


class CoOwners:
    """Tells them at the tick, by what the signs show: whatever way it came there or went away."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Tell of every sign that shows something else than what was told last; ``now`` is UTC."""
        signs = [one for one in desk.outlets if one.platform == "sign" and one.co_owner]
        if not signs or not await _stirs(desk):
            return
        found = [one for one in await self._board.standing() if one.on(now)]
        for sign in signs:
            async with desk.db.write() as session:
                await _tell(session, desk, sign, shown_on(sign, found), now)


async def _stirs(desk: Desk) -> bool:
    """Whether something is on, or was when somebody was told last."""
    async with desk.db.read() as session:
        told = await facts.starting(session, PREFIX)
        return any(one and one["incident"] for one in told.values()) or bool(
            await incidents.in_state(session, incidents.ON)
        )


def shown_on(sign: Outlet, found: list[Standing]) -> Standing | None:
    """The message on a sign: a real one before a drill's, the newest first."""
    mine = [one for one in found if one.rows.get(sign.key) and (sign.drill or not one.drill)]
    return max(mine, key=lambda one: (not one.drill, one.sent), default=None)


async def _tell(session: AsyncSession, desk: Desk, sign: Outlet, shown: Standing | None, now: datetime) -> None:
    said: dict[str, Any] = await facts.locked(session, PREFIX + sign.key) or {"incident": None, "count": 0}
    incident = shown.incident if shown else None
    if said["incident"] == incident:
        return
    fresh = {"incident": incident, "count": said["count"] + 1}
    await facts.put(session, PREFIX + sign.key, fresh)
    dest = await pings.whom(session, desk, sign.co_owner)
    if dest:
        await _send(session, sign, dest, fresh["count"], incident or said["incident"], shown, now)


async def _send(
    session: AsyncSession,
    sign: Outlet,
    dest: str,
    count: int,
    incident: int,
    shown: Standing | None,
    now: datetime,
) -> None:
    await outbox.send(
        session,
        kind=SIGN,
        dest=dest,
        topic=f"{PREFIX}{sign.key}/{count}",
        args={
            "sign": sign.key,
            "incident": incident,
            "what": TAKEN if shown else GIVEN,
            "rows": list(shown.rows[sign.key]) if shown else [],
        },
        now=now,
        prio=Priority.CRISIS,
    )
