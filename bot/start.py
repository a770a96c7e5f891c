"""The first hour: what a new department still lacks, and who can mend it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import department
from bot import people as roles
from bot import units as seats
from bot.accounts import register, tell
from bot.channels import errors
from bot.channels.slackapi import SlackApi
from bot.clock import Span
from bot.desk import Desk
from bot.errors import Refused, Text
from bot.status import DEPARTMENT, OPERATOR, SLACK_ADMIN, Place
from bot.units import Standing
from storage import accounts

SHOWN = 5  # names in a sentence; the others are counted


class Mend(StrEnum):
    """What opens so that it can be mended in Slack."""

    DEPARTMENT = "department"
    UNITS = "units"
    ACCOUNT = "account"


class ChannelState(StrEnum):
    """The department's channel as Slack tells of it."""

    READY = "ready"
    NONE = "none"
    CLOSED = "closed"  # not found, or private and the bot is not in it
    ARCHIVED = "archived"
    UNREAD = "unread"  # Slack could not be asked


@dataclass(frozen=True)
class Seen:
    """What Slack answered when the desk looked."""

    channel: ChannelState = ChannelState.READY
    missing: tuple[str, ...] = ()  # scopes


@dataclass(frozen=True)
class Step:
    """One thing to have in place; ``name`` is the end of its text's key."""

    name: str
    done: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    mend: Mend | None = None
    mender: Text | None = None
    variant: str = "todo"

    @property
    def key(self) -> str:
        """The text: a short one when it is done, else what to do."""
        return f"start.{self.name}.{'done' if self.done else self.variant}"


async def steps(desk: Desk, actor_id: str, api: SlackApi, *, now: datetime) -> list[Step]:
    """The whole list. Raises Refused for everybody outside the department, as long as it has members."""
    async with desk.db.read() as session:
        await _may_read(session, actor_id, now)
        channel = await tell.department_channel(session, desk)
    seen = await look(api, channel, actor_id)
    async with desk.db.read() as session:
        return [
            _channel(channel, seen),
            *await _department(session, desk, now),
            *_units(await seats.overview(session, desk, now)),
            _accounts(len(await accounts.live(session))),
            *_settings(desk, now),
            Step("scopes", not seen.missing, {"scopes": list(seen.missing)}, mender=SLACK_ADMIN),
        ]


async def _may_read(session: AsyncSession, actor_id: str, now: datetime) -> None:
    """The department; before it has anybody in it, every full member may see what is missing."""
    actor = await roles.actor(session, actor_id, now)
    if (await roles.department(session, now)).members:
        register.only_department(actor)
    elif not actor.full:
        raise Refused("err.guest", names=DEPARTMENT)


async def look(api: SlackApi, channel: str, person: str) -> Seen:
    """Ask Slack about the channel, and by asking find scopes that are missing. Raises nothing."""
    answers = await asyncio.gather(
        _asked(api, "conversations.info", channel=channel) if channel else _nothing(),
        _asked(api, "users.info", user=person),
        _asked(api, "usergroups.list"),
    )
    missing = {one.detail for one in answers if isinstance(one, errors.Refused) and one.reason == "missing_scope"}
    return Seen(_channel_state(answers[0], channel), tuple(sorted(missing)))


async def _asked(api: SlackApi, method: str, **args: Any) -> dict[str, Any] | errors.ChannelError:
    try:
        return await api.call(method, **args)
    except errors.ChannelError as error:
        return error


async def _nothing() -> dict[str, Any]:
    return {}


def _channel_state(answer: dict[str, Any] | errors.ChannelError, channel: str) -> ChannelState:
    if not channel:
        return ChannelState.NONE
    if isinstance(answer, errors.Refused) and answer.reason != "missing_scope":
        return ChannelState.CLOSED
    if isinstance(answer, errors.ChannelError):
        return ChannelState.UNREAD
    found = answer.get("channel") or {}
    if found.get("is_archived"):
        return ChannelState.ARCHIVED
    inside = found.get("is_member") or not found.get("is_private")  # a public one the bot joins by itself
    return ChannelState.READY if inside else ChannelState.CLOSED


def _channel(channel: str, seen: Seen) -> Step:
    return Step(
        "channel",
        seen.channel is ChannelState.READY,
        {"channel": Place(channel)},
        Mend.DEPARTMENT if seen.channel in (ChannelState.NONE, ChannelState.ARCHIVED) else None,
        DEPARTMENT,
        variant=str(seen.channel),
    )


async def _department(session: AsyncSession, desk: Desk, now: datetime) -> list[Step]:
    staff = await roles.department(session, now)
    form = (await department.read(session, desk)).form
    mend, n = Mend.DEPARTMENT, len(staff.members)
    found = [Step("department", n >= 2, {"n": n}, mend, DEPARTMENT)]
    if staff.unresolved:
        found.append(Step("unresolved", False, {"names": list(staff.unresolved)}, mend, DEPARTMENT))
    found += [
        Step("manager", form.manager is not None, {}, mend, DEPARTMENT),
        Step("registrar", bool(form.registrar.email), {}, mend, DEPARTMENT),
        Step("contact_centre", bool(form.contact_centre.email), {}, mend, DEPARTMENT),
        Step("crisis", len(form.crisis_deciders) >= 2, {"n": len(form.crisis_deciders)}, mend, DEPARTMENT),
    ]
    return found


def _units(rows: list[seats.Row]) -> list[Step]:
    if not rows:
        return [Step("units", False, {}, Mend.UNITS, DEPARTMENT)]
    there = (Standing.HERE, Standing.AWAY)
    headless = [row.unit.name for row in rows if row.head.standing not in there]
    alone = [row.unit.name for row in rows if row.deputy.standing not in there]
    return [
        Step("units", True, {"n": len(rows)}),
        Step("heads", not headless, _some(headless), Mend.UNITS, DEPARTMENT),
        Step("deputies", not alone, _some(alone), Mend.UNITS, DEPARTMENT),
    ]


def _some(names: list[str]) -> dict[str, Any]:
    return {"names": names[:SHOWN] + ["…"] * (len(names) > SHOWN), "n": len(names)}


def _accounts(n: int) -> Step:
    return Step("accounts", n > 0, {"n": n}, Mend.ACCOUNT, DEPARTMENT)


def _settings(desk: Desk, now: datetime) -> list[Step]:
    town = desk.settings.municipality
    today = desk.office.hours.on(desk.office.local_date(now))
    hours: list[Any] = [clock(span) for span in today] or [Text("start.hours.closed")]
    return [
        Step("hours", True, {"hours": hours}),
        Step("guidelines", town.guidelines_url is not None, {}, mender=OPERATOR),
        Step("url", reachable(desk.public_url), {"url": desk.public_url}, mender=OPERATOR),
    ]


def clock(span: Span) -> str:
    """Opening hours by the wall clock: "08.00–16.30"."""
    return "–".join(f"{at // 60:02}.{at % 60:02}" for at in span)


def reachable(url: str) -> bool:
    """Whether residents could open an address of this form: https, and not this machine's own name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and "." in host and not host.startswith(("127.", "0.")) and ":" not in host
