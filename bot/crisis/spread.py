"""Every Slack channel: one row becomes an announcement for each, once the website is there."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.errors import ChannelError, Refused
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.slackapi import SlackApi
from bot.crisis import board, cases, publishing
from bot.crisis.states import Kind, State
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import bulletins, facts, posts
from storage.bulletins import Bulletin
from storage.posts import Post

CHUNK: Final = 200  # rows in one transaction
LONGEST_PAGE: Final = 999  # that Slack takes; it allows few of these questions a minute
RECOUNT: Final = timedelta(hours=20)
AGAIN: Final = timedelta(minutes=10)  # after a count that failed
COUNT: Final = "slack.channels"  # the fact that says how many channels there were when last counted
log = structlog.get_logger(__name__)


class Spreader:
    """A carrier that posts nothing itself: it owes every channel the announcement, each once."""

    name = publishing.SPREADER
    lag = 0.0
    can = frozenset({Can.PUBLISH})
    idempotent = True

    def __init__(self, desk: Desk, api: SlackApi) -> None:
        self._desk, self._api = desk, api

    async def place(self, dest: str) -> str:
        """There is only one."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Expand the bulletin whose number the message carries."""
        bulletin_id = int(message.text)
        chosen, left_out = await channels(self._api)
        async with self._desk.db.read() as session:
            row = await bulletins.get(session, bulletin_id)
        if row is None or row.state != State.APPROVED:
            raise Refused("stopped")
        if row.drill:
            chosen, left_out = list(self._desk.settings.crisis.drill_channels), {}
        await self._owe(row, chosen, left_out)
        return Sent(str(len(chosen)), place)

    async def _owe(self, row: Bulletin, chosen: list[str], left_out: dict[str, int]) -> None:
        """In chunks, each of them a transaction; whoever stops the bulletin in between is heard."""
        now = self._desk.now()
        if row.kind == Kind.END and not row.drill:  # the announcements of before ask nobody to pause any more
            async with self._desk.db.write() as session:
                await posts.raise_want(session, publishing.slack(row.incident_id))
        for start in range(0, len(chosen), CHUNK):
            async with self._desk.db.write() as session:
                held = await bulletins.locked(session, row.id or 0)
                if held is None or held.state != State.APPROVED:
                    raise Refused("stopped")
                await self._chunk(session, row, chosen[start : start + CHUNK], now)
        async with self._desk.db.write() as session:
            await facts.put(session, board.spread_fact(row.id or 0), {"left_out": left_out})
            await facts.put(session, COUNT, len(chosen))
            if not row.anew:
                await posts.raise_want(session, publishing.slack(row.incident_id))

    async def _chunk(self, session: AsyncSession, row: Bulletin, channels: list[str], now: datetime) -> None:
        """New messages for what is new; otherwise only for channels that have had none."""
        topic = publishing.slack(row.incident_id)
        told = set() if row.anew else await posts.dests(session, topic)
        owed = [one for one in channels if one not in told]
        await posts.add_copies(session, announcement(row, topic, now), owed)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Announcements are rendered anew, each by itself."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Announcements are called off by the next one."""
        raise Refused("cannot_remove")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Expanding twice changes nothing, so nobody needs to look."""
        return None


class Headcount:
    """How many Slack channels there are, so that the first approver is told, too: at the start and once a day."""

    def __init__(self, desk: Desk, api: SlackApi) -> None:
        self._desk, self._api = desk, api
        self._next: datetime | None = None

    async def tick(self, now: datetime) -> None:
        """Count when it is time; counting twice is harmless, so no replica claims it."""
        if not self._desk.settings.crisis.announce or (self._next is not None and now < self._next):
            return
        self._next = now + AGAIN
        try:
            chosen, _ = await channels(self._api)
        except ChannelError as error:
            log.warning("channels not counted", action="channels_uncounted", error=repr(error))
            return
        self._next = now + RECOUNT
        async with self._desk.db.write() as session:
            await facts.put(session, COUNT, len(chosen))


async def channels(api: SlackApi) -> tuple[list[str], dict[str, int]]:
    """The ids of all channels that get announcements; of the others how many, by reason. Raises ChannelError."""
    chosen, left_out = [], Counter[str]()
    wanted = {"types": "public_channel,private_channel", "exclude_archived": "false"}
    async for channel in api.pages("conversations.list", "channels", size=LONGEST_PAGE, **wanted):
        why = reason_against(channel)
        if why is None:
            chosen.append(str(channel["id"]))
        else:
            left_out[why] += 1
    return chosen, dict(left_out)


def announcement(row: Bulletin, topic: str, now: datetime) -> Post:
    """What every Slack channel is owed."""
    return Post(
        via="slack",
        dest="",
        kind=publishing.ANNOUNCE,
        args={"bulletin": row.id, "incident": row.incident_id},
        card=True,
        prio=int(Priority.ALL_CLEAR if row.kind == Kind.END else Priority.ANNOUNCEMENT),
        topic=topic,
        seq=row.number,
        due=now,
        watch=cases.topic(row.incident_id),
        created=now,
    )


def reason_against(channel: Mapping[str, Any]) -> str | None:
    """Why a channel gets no announcement; None when it does."""
    restricted = (channel.get("properties") or {}).get("posting_restricted_to")
    reasons = {
        "archived": channel.get("is_archived"),
        "external": channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"),
        "frozen": channel.get("is_frozen"),
        "read_only": channel.get("is_read_only") or bool(restricted),
        "not_member": channel.get("is_private") and not channel.get("is_member"),
    }
    return next((why for why, so in reasons.items() if so), None)


async def about(session: AsyncSession, desk: Desk, *, drill: bool) -> int:
    """About how many Slack channels an announcement reaches."""
    if not desk.settings.crisis.announce:
        return 0
    if drill:
        return len(desk.settings.crisis.drill_channels)
    return int(await facts.get(session, COUNT, 0))
