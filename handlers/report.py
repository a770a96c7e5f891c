"""The monthly report: `/komm rapport`, the draft's three buttons, and the messages it owes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.report import drafting, links
from bot.report.drafting import Report
from bot.report.links import For
from bot.report.period import Period
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import report as cards
from handlers.cards.report import Setting
from handlers.click import Click, Close, Outcome, number
from handlers.words import HOME, Words
from storage import posts, reports
from storage.posts import Post

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class MonthlyReports:
    """Listeners of the monthly report."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(HOME, "rapport", "report", self.report, "month.help")
        boundary.action(cards.WRITE, self.write)
        boundary.action(cards.PREVIEW, self.preview)
        boundary.action(cards.SEND, self.send)
        boundary.view(cards.WRITTEN, self.written)

    async def report(self, click: Click) -> None:
        """The figures of last month, or of the month typed."""
        found = await drafting.opened(self.desk, click.person, click.text, now=click.now)
        async with self.desk.db.read() as session:
            around = await setting(session, self.desk, found, For.DEPARTMENT, click.person, click.now)
        await click.say(cards.draft(click.t, found, around))

    async def write(self, click: Click) -> None:
        """*Skriv kommentar*."""
        found = await drafting.to_write(self.desk, click.person, period(click), now=click.now)
        await click.open(cards.form(click.t, found))

    async def written(self, click: Click) -> Outcome:
        """The form was sent."""
        given = [str(click.values.get(name) or "") for name in ("comment", "asks")]
        wanted, version = Period.read(str(click.meta.get("m", ""))), number(click.meta, "v")
        await drafting.write(self.desk, click.person, wanted, *given, version=version, now=click.now)
        return Close()

    async def preview(self, click: Click) -> None:
        """*Förhandsgranska*: what management would get."""
        found = await drafting.opened(self.desk, click.person, str(period(click)), now=click.now)
        async with self.desk.db.read() as session:
            around = await setting(session, self.desk, found, For.DEPARTMENT, click.person, click.now)
        await click.open(cards.preview(click.t, found, around))

    async def send(self, click: Click) -> None:
        """*Skicka till ledningen*."""
        digest = str(click.payload.get("h", ""))
        unknown = await drafting.send(self.desk, click.person, period(click), digest, now=click.now)
        thanks = click.t("month.thanks.unknown", who=click.t.names(unknown)) if unknown else click.t("month.thanks")
        await click.tell(thanks)


def period(click: Click) -> Period:
    """The month that a button carries."""
    return Period.read(str(click.payload.get("m", "")))


async def setting(
    session: AsyncSession, desk: Desk, report: Report, whom: For, person: str, now: datetime
) -> Setting:
    """What surrounds a report for this reader."""
    dests, _ = await drafting.recipients(session, desk)
    owed = await posts.of_topic(session, drafting.out(report.period))
    return Setting(
        page=links.address(desk, report.period, whom, now),
        heavy_from=desk.settings.report.balance_percent,
        acts=drafting.acts(report, person),
        recipients=len(dests),
        reached=(sum(one.state == posts.DONE for one in owed), len(owed)),
    )


class ReportRenderer:
    """Draws the draft and what management gets."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {drafting.CARD: self._draft, drafting.OUT: self._out}

    async def _draft(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        found, around = await self._read(session, post, For.DEPARTMENT)
        return cards.draft(t, found, around)

    async def _out(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        found, around = await self._read(session, post, For.MANAGEMENT)
        return cards.sent(t, found, around)

    async def _read(self, session: AsyncSession, post: Post, whom: For) -> tuple[Report, Setting]:
        row = await reports.of_month(session, post.args["month"])
        assert row is not None
        found = await drafting.view(session, row)
        return found, await setting(session, self.desk, found, whom, post.dest, self.desk.now())
