"""Reading a month's rows: what was measured, what was written, and whose accounts they are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.lookalikes import address_key
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.desk import Desk
from bot.report import month
from bot.report.month import NEAREST, Followers, Rows, Said, Source
from bot.report.numbers import Numbers
from bot.report.period import Period
from storage import accounts, figures, reports
from storage.accounts import Account
from storage.units import Unit

HEARD_LATE: Final = timedelta(days=31)  # what a mended channel told of so late still counts where it was written
Owned = tuple[Account, Unit]


async def numbers(desk: Desk, period: Period, now: datetime) -> Numbers:
    """The month's numbers with last month's beside: as they were frozen, where they were."""
    async with desk.db.snapshot() as session:
        found = await _of(session, desk, period, now)
        frozen = await reports.of_month(session, str(period.before))
        before = Numbers.model_validate(frozen.numbers) if frozen else await _of(session, desk, period.before, now)
    return found.model_copy(update={"before": before.model_copy(update={"posts": (), "before": None})})


async def _of(session: AsyncSession, desk: Desk, period: Period, now: datetime) -> Numbers:
    goal = desk.settings.report.engagement_goal
    return month.compiled(await rows(session, desk, period), period, desk.office, goal, now)


async def rows(session: AsyncSession, desk: Desk, period: Period) -> Rows:
    """Everything there is of the month."""
    owned = await accounts.live(session)
    around = timedelta(days=NEAREST)
    followers: dict[str, dict[date, int]] = {}
    for one in await figures.of_accounts(session, period.first - around, period.last + around):
        if one.followers is not None:
            followers.setdefault(one.channel, {})[one.day] = one.followers
    posts = await figures.of_posts(session, period.begins, period.ends)
    return Rows(
        sources=sources(desk, owned, followers, [one.channel for one in posts]),
        followers=followers,
        posts=posts,
        comments=await _said(session, desk, period, owned),
        unmeasured=_unmeasured(desk, owned),
    )


def sources(desk: Desk, owned: Sequence[Owned], followers: Followers, posting: Sequence[str]) -> list[Source]:
    """The channels that are measured, or were in that month, in the file's order."""
    wanted = {one.key for one in desk.outlets if Can.METRICS in one.can} | set(followers) | set(posting)
    known = [one for one in desk.outlets if one.key in wanted]
    gone = sorted(wanted - {one.key for one in known})  # taken out of the file since
    return [_source(desk, one, owned) for one in known] + [Source(key, key) for key in gone]


def _source(desk: Desk, outlet: Outlet, owned: Sequence[Owned]) -> Source:
    place = desk.settings.comments.place(outlet.key)
    account, unit = _owner(outlet, owned) or (None, None)
    name = account.name if account else outlet.name
    platform = desk.settings.accounts.platforms.get(outlet.platform, outlet.platform)
    shown = name if platform.lower() in name.lower() else f"{name} ({platform})"
    return Source(outlet.key, shown, unit.name if unit else "", unit.board if unit else "", place.sensitive)


def _owner(outlet: Outlet, owned: Sequence[Owned]) -> Owned | None:
    key = address_key(outlet.account) if outlet.account else ""
    return next((one for one in owned if key and address_key(one[0].address) == key), None)


def _unmeasured(desk: Desk, owned: Sequence[Owned]) -> list[str]:
    """Accounts whose figures nobody can read from here."""
    measured = {address_key(one.account) for one in desk.outlets if one.account and Can.METRICS in one.can}
    return [one.name for one, _ in owned if address_key(one.address) not in measured]


async def _said(session: AsyncSession, desk: Desk, period: Period, owned: Sequence[Owned]) -> list[Said]:
    """Residents' comments written in the month; neither words nor authors are read."""
    units = {one.id: unit for one, unit in owned}
    by_key = {one.key: whose[1] for one in desk.outlets if (whose := _owner(one, owned))}
    found = await figures.of_comments(session, period.begins, period.ends, HEARD_LATE)
    return [_one(units.get(row.account_id) or by_key.get(row.channel), dict(row._mapping)) for row in found]


def _one(unit: Unit | None, row: Mapping[Any, Any]) -> Said:
    given = {name: row[name] for name in ("written", "state", "since", "due", "settled")}
    owner = (unit.name, unit.board) if unit else ("", "")
    return Said(unit=owner[0], board=owner[1], topic=str(row["topic"] or ""), **given)
