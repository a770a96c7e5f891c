"""*Frågestund*: the plan of a post, the topics of its comments, and how it went."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.comments import book, session
from bot.comments.book import Book
from bot.comments.session import Given
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak, Texts
from handlers.boundary import Boundary
from handlers.cards import comment_session as cards
from handlers.click import Click, Outcome, Update, notice, number
from storage import sessions
from storage.posts import Post
from storage.sessions import QuestionSession

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Sessions:
    """Listeners of question sessions."""

    desk: Desk

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.action(cards.OPEN, self.open)
        boundary.action(cards.ROW, self.row)
        boundary.action(cards.DROP, self.drop)
        boundary.action(cards.SORT, self.sort)
        boundary.view(cards.PLANNED, self.planned)

    async def open(self, click: Click) -> None:
        """The plan, or an empty one."""
        publication = number(click.payload, "p")
        found = await session.look(self.desk, click.person, publication, now=click.now)
        await click.open(cards.form(click.t, publication, found))

    async def row(self, click: Click) -> None:
        """*En till som svarar*: room for one more; what is typed stays."""
        publication, rows = number(click.meta, "p"), number(click.meta, "n")
        found = await session.look(self.desk, click.person, publication, now=click.now)
        await click.update(cards.form(click.t, publication, found, rows + 1))

    async def planned(self, click: Click) -> Outcome:
        """The form was sent."""
        publication, given = number(click.meta, "p"), _given(click)
        found = await session.plan(self.desk, click.person, publication, given, now=click.now)
        return Update(cards.done(click.t, found))

    async def drop(self, click: Click) -> None:
        """*Ta bort planen*: the form says so."""
        await session.drop(self.desk, click.person, number(click.payload, "p"), now=click.now)
        await click.update(notice(click.t, Message(click.t("session.dropped"))))

    async def sort(self, click: Click) -> None:
        """A topic was chosen in the form for an answer."""
        chosen = None if click.value == cards.NO_TOPIC else click.value
        await session.sort(self.desk, click.person, number(click.meta, "c"), chosen, now=click.now)


def _given(click: Click) -> Given:
    values = click.values
    rows = [(str(values.get(f"host-{n}") or ""), _time(values.get(f"from-{n}"))) for n in range(session.HOSTS)]
    lines = str(values.get("topics") or "").splitlines()
    return Given(
        starts=_instant(values.get("starts")),
        ends=_instant(values.get("ends")),
        hosts=tuple((who, at) for n, (who, at) in enumerate(rows) if who or n == 0),
        topics=tuple(dict.fromkeys(" ".join(one.split()) for one in lines if one.strip())),
    )


def _instant(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None


def _time(value: object) -> time | None:
    return time.fromisoformat(str(value)) if value else None


class SessionRenderer:
    """Draws what a plan owes people."""

    def __init__(self, desk: Desk, texts: Texts) -> None:
        self.desk, self.book = desk, Book(desk, texts.language("sv"))
        self.kinds: dict[str, Draw] = {session.HOST: self._host, session.SUMMARY: self._summary}

    async def _host(self, db: AsyncSession, post: Post, t: Speak) -> Drawn:
        row = await db.get_one(QuestionSession, post.args["session"])
        plan = await session.shown(db, row, self.desk.now())
        mine = row.dropped is None and any(person == post.dest for _, person, _ in plan.hosts)
        if not mine and post.remote is None:
            return Drop("not wanted")
        return cards.host(t, plan, post.dest) if mine else cards.no_host(t, plan)

    async def _summary(self, db: AsyncSession, post: Post, t: Speak) -> Drawn:
        """One whose plan was changed before it went out is not told of."""
        row = await sessions.get(db, post.args["session"])
        if row is None or row.dropped or row.summed is None:
            return Drop("not wanted")
        one = await self.book.get(book.SESSION_OVER)
        text = self.book.filled(one, {**self.book.town(one), "signature": ""})
        return cards.summary(t, row.publication_id, await session.result(db, row), text)
