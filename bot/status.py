"""What does not work, in words that say who can mend it; for /komm status, the digest and the health page."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import log
from bot import people as roles
from bot import units as seats
from bot.accounts import register, tell
from bot.channels.slackapi import TOKEN_DEAD
from bot.comments import troubles as unread
from bot.crisis import pings
from bot.crisis.warnings import polling
from bot.delivery import outbox
from bot.delivery.room import Facts, LaneFacts
from bot.desk import Desk
from bot.errors import Refused, Text
from bot.seed import CASE
from bot.units import Row, Standing
from storage import absences, accounts, covers, duties, people, posts
from storage.posts import Body, Post

RoomState = Callable[[], Awaitable[Facts]]
LOOK_BACK = timedelta(days=7)  # refused posts older than this are history
SLOW = timedelta(minutes=10)  # a queue that has stood still for so long is a trouble
QUOTE = 150
DEPARTMENT, OPERATOR, SLACK_ADMIN = Text("mender.department"), Text("mender.operator"), Text("mender.slack_admin")
# Slack's words for which there is a sentence; the others are "other".
REASONS = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "missing_scope",
        "restricted_action",
        "user_deactivated",
        "user_not_found",
        "invalid_blocks",
    }
)
# Nobody in a place, or somebody who cannot be there: work for the department, but everything works.
VACANCIES = frozenset(
    {
        "absence.gap",
        "status.account.owner",
        "status.account.substitute",
        "status.deputy",
        "status.duty",
        "status.head",
        "status.unit.nobody",
        "status.unit.vacant",
    }
)
SEATED = (duties.DEPARTMENT, duties.MANAGER, duties.CRISIS_DECIDER)  # mailboxes need not be in Slack


@dataclass(frozen=True)
class Place:
    """A channel or a person that a message goes to."""

    id: str
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.id


@dataclass(frozen=True)
class Trouble:
    """One thing that does not work. ``mender``: who can mend it; ``post``: which a person must look for."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    mender: Text | None = None
    post: int | None = None

    @property
    def fault(self) -> bool:
        """Whether the desk itself does not work: that is what people outside the department are told of."""
        return self.key not in VACANCIES


async def troubles(desk: Desk, room_state: RoomState, now: datetime) -> list[Trouble]:
    """Everything that does not work, the most urgent first; empty when all does."""
    room, chosen = await room_state(), desk.settings.crisis.warnings
    async with desk.db.read() as session:
        return [
            *_lanes(room, now),
            *await _channel(session, desk, now),
            *await _asking(session, room),
            *await _refused(session, desk, now),
            *[Trouble(one.key, one.values, OPERATOR) for one in await pings.troubles(session, desk)],
            *[Trouble(one.key, one.values, OPERATOR) for one in await polling.troubles(session, chosen)],
            *[Trouble(one.key, one.values, OPERATOR) for one in await unread.troubles(session, desk, now)],
            *await _department(session, now),
            *unit_troubles(await seats.overview(session, desk, now)),
            *await _accounts(session, desk.office.local_date(now)),
        ]


async def inside(desk: Desk, actor_id: str, now: datetime) -> bool:
    """Whether somebody may read the details: the department only."""
    async with desk.db.read() as session:
        actor = await roles.actor(session, actor_id, now)
    return actor.full and actor.department


async def answer(desk: Desk, actor_id: str, post_id: int, *, there: bool, now: datetime) -> None:
    """A person has looked for a message where the desk cannot. Raises Refused."""
    async with desk.db.write() as session:
        register.only_department(await roles.actor(session, actor_id, now))
        if not await outbox.answer(session, post_id, there, now):
            raise Refused("status.answered")
        await log.by_department(session, CASE, actor_id, "post.answered", now, post=post_id, there=there)


def _lanes(room: Facts, now: datetime) -> list[Trouble]:
    found = [trouble for lane in room.lanes for trouble in lane_troubles(lane, now)]
    if room.parked:
        kinds = sorted({one.kind for one in room.parked.values()})
        found.append(Trouble("status.parked", {"n": len(room.parked), "kinds": kinds}, OPERATOR))
    return found


def lane_troubles(lane: LaneFacts, now: datetime) -> list[Trouble]:
    """What keeps one lane from sending."""
    via = lane.via.capitalize()
    found = [_pause(via, verb, reason) for verb, reason in sorted(lane.pauses.items())]
    if lane.trouble:
        found.append(Trouble("status.lane.trouble", {"via": via, "reason": lane.trouble}, OPERATOR))
    since = lane.oldest_waiting
    if since is not None and now - since > SLOW and not found:
        key = "status.lane.slow" if lane.owner else "status.lane.nobody"
        found.append(Trouble(key, {"via": via, "n": lane.waiting, "time": since}, OPERATOR))
    return found


def _pause(via: str, verb: str, reason: str) -> Trouble:
    if reason in TOKEN_DEAD:
        return Trouble("status.lane.dead", {"via": via, "reason": reason}, OPERATOR)
    if verb == "all":
        return Trouble("status.lane.unreachable", {"via": via}, OPERATOR)
    return Trouble("status.lane.pause", {"via": via})  # passes by itself


async def _channel(session: AsyncSession, desk: Desk, now: datetime) -> list[Trouble]:
    """The department's channel, when it is not set or the last message to it was refused."""
    channel = await tell.department_channel(session, desk)
    if not channel:
        return [Trouble("status.channel.none", {}, DEPARTMENT)]
    row = next((one for one in await _failing(session, now) if one.dest == channel), None)
    if row is None:
        return []
    values = {"channel": Place(channel), **_why(row.reason)}
    return [Trouble("status.channel.refused", values, _mender(row.reason))]


async def _refused(session: AsyncSession, desk: Desk, now: datetime) -> list[Trouble]:
    """Destinations other than the department's channel that refuse what is sent to them."""
    own = await tell.department_channel(session, desk)
    rows = [one for one in await _failing(session, now) if one.dest != own]
    names = await roles.names(session, [one.dest for one in rows])
    return [
        Trouble(
            "status.refused",
            {"dest": Place(one.dest, _named(one.dest, names)), "time": one.created, **_why(one.reason)},
            _mender(one.reason),
        )
        for one in rows
    ]


def _named(dest: str, names: Mapping[str, str]) -> str:
    return "" if names[dest] == dest else names[dest]


async def _failing(session: AsyncSession, now: datetime) -> list[Post]:
    """The last refused post to every destination to which nothing has come through since."""
    later = aliased(Post)
    through = select(later.id).where(
        later.dest == Post.dest,
        col(later.id) > col(Post.id),
        later.state == posts.DONE,
        col(later.remote).is_not(None),
    )
    refused = select(Post).where(text("post.state = 'refused'"), Post.created >= now - LOOK_BACK)
    query = refused.where(~through.exists()).order_by(col(Post.id))
    return list({one.dest: one for one in (await session.exec(query)).all()}.values())


def _why(reason: str | None) -> dict[str, Any]:
    """A vendor's word as a sentence, and the word itself for whoever must look it up."""
    code = (reason or "").partition(":")[0]
    return {"reason": Text(f"status.reason.{code if code in REASONS else 'other'}"), "code": reason or "?"}


def _mender(reason: str | None) -> Text:
    code = (reason or "").partition(":")[0]
    if code in ("missing_scope", "restricted_action"):
        return SLACK_ADMIN
    return OPERATOR if code == "invalid_blocks" else DEPARTMENT


async def _asking(session: AsyncSession, room: Facts) -> list[Trouble]:
    names = await roles.names(session, [one.dest for one in room.asking])
    return [
        Trouble(
            "status.asking",
            {
                "dest": Place(one.dest, _named(one.dest, names)),
                "time": one.started or one.created,
                "text": await _quote(session, one),
            },
            post=one.id,
        )
        for one in room.asking
    ]


async def _quote(session: AsyncSession, post: Post) -> str:
    """The beginning of what was sent, so that a person knows what to look for."""
    body = await session.get(Body, post.body) if post.body else None
    text = " ".join(str(body.content.get("text", "")).split()) if body else ""
    return text if len(text) <= QUOTE else text[:QUOTE].rstrip() + "…"


async def _department(session: AsyncSession, now: datetime) -> list[Trouble]:
    """Nobody in the department, a group that was read long ago, and people who cannot hold their duty."""
    staff = await roles.department(session, now)
    found = [] if staff.members else [Trouble("status.department.empty", {}, OPERATOR)]
    named = [one for one in await duties.everything(session) if one.role in SEATED]
    for group in (one.who for one in named if roles.is_group(one.who)):
        seen, _ = await people.group(session, group)
        if seen is None:
            found.append(Trouble("status.group.unread", {"group": group}, SLACK_ADMIN))
        elif now - seen > roles.GROUP_FRESH:
            found.append(Trouble("status.group.stale", {"group": group, "time": seen}, OPERATOR))
    single = [one for one in named if not roles.is_group(one.who)]
    known = await people.by_who(session, [one.who for one in single])
    for one in single:
        as_is = seats.standing(known.get(one.who))
        if as_is is not Standing.HERE:
            name = known[one.who].name if one.who in known else one.who
            values = {"duty": Text(f"duty.{one.role}"), "name": name, "state": Text(f"standing.{as_is}")}
            found.append(Trouble("status.duty", values, DEPARTMENT))
    return found


def unit_troubles(rows: Sequence[Row]) -> list[Trouble]:
    """Units where nobody can decide, and seats whose holder cannot; an absence alone is no trouble."""
    found = []
    for row in rows:
        if not decided_by_somebody(row, rows):
            found.append(Trouble("status.unit.nobody", {"unit": row.unit.name}, DEPARTMENT))
        elif row.head.standing is Standing.VACANT:
            found.append(Trouble("status.unit.vacant", {"unit": row.unit.name}, DEPARTMENT))
        found += [*_seat(row, "head", row.head), *_seat(row, "deputy", row.deputy)]
    return found


def _seat(row: Row, which: str, seat: seats.Seat) -> Iterable[Trouble]:
    if seat.standing in (Standing.OUTSIDE, Standing.DELETED, Standing.UNFIT):
        values = {"unit": row.unit.name, "name": seat.name, "state": Text(f"standing.{seat.standing}")}
        yield Trouble(f"status.{which}", values, DEPARTMENT)


def decided_by_somebody(row: Row, rows: Sequence[Row]) -> bool:
    """Whether somebody gives the head's decision for the unit now: head, deputy, the unit above, and so on.

    A head outside Slack counts: the department enters their answer.
    """
    if row.head.standing not in (Standing.VACANT, Standing.HERE, Standing.AWAY):
        return True
    by_id = {one.unit.id: one for one in rows}
    at, seen = by_id.get(row.unit.id), set()
    while at is not None and at.unit.id not in seen:
        if Standing.HERE in (at.head.standing, at.deputy.standing):
            return True
        seen.add(at.unit.id)
        at = by_id.get(at.unit.parent_id)
    return False


async def _accounts(session: AsyncSession, today: date) -> list[Trouble]:
    """Accounts on which nobody answers today, and accounts without a substitute who could."""
    away = await absences.away_until(session, today)
    covered = await covers.covering(session, today)
    live = await accounts.live(session)
    known = await people.many(session, [who for one, _ in live for who in (one.owner, one.substitute) if who])
    found = []
    for one, unit in live:
        owner, substitute = known.get(one.owner), known.get(one.substitute or "")
        here = [who for who in (owner, substitute) if who is not None and roles.usable(who)]
        if one.id in covered and covered[one.id] not in away:
            continue
        if here and all(who.slack_id in away for who in here):
            last = min(away[who.slack_id] for who in here)
            found.append(Trouble("absence.gap", {"account": one.name, "from": today, "to": last}, DEPARTMENT))
        elif not roles.usable(owner):
            values = {"account": one.name, "unit": unit.name}
            found.append(Trouble("status.account.owner", values, DEPARTMENT))
        elif not roles.usable(substitute):
            values = {"account": one.name, "unit": unit.name}
            found.append(Trouble("status.account.substitute", values, DEPARTMENT))
    return found
