"""Every kind of message the desk owes somebody, rendered from the database as it stands."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import cases, rules, tell
from bot.accounts.rules import Case, GateView
from bot.accounts.states import Act, Gate
from bot.channels.message import Message
from bot.crisis import pings
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.directory import Directory
from bot.texts import Speak, Texts
from handlers.asking import AskingRenderer
from handlers.cards import application, ping
from handlers.cards.application import Application
from handlers.comment import CommentRenderer
from handlers.comment_answering import ReadingRenderer
from handlers.comment_block import BlockRenderer
from handlers.comment_forward import ForwardRenderer
from handlers.comment_guard import GuardRenderer
from handlers.comment_session import SessionRenderer
from handlers.cover import CoverRenderer
from handlers.crisis_life import LifeRenderer
from handlers.crisis_render import CrisisRenderer
from handlers.duty import DutyRenderer
from handlers.report import ReportRenderer
from handlers.scheduled import SchedulingRenderer
from handlers.unread import UnreadRenderer
from handlers.weekend import WeekendRenderer
from storage import decisions
from storage.posts import Post

Outcome = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Outcome]]


class Renderer:
    """Loads what a post speaks of and lets a card draw it, in the language of its destination."""

    def __init__(self, desk: Desk, directory: Directory, texts: Texts) -> None:
        self.desk, self.directory, self.texts = desk, directory, texts
        self.kinds: dict[str, Draw] = {
            tell.CARD: self._card,
            tell.ASK: self._ask,
            tell.HEAD: self._head,
            tell.MINE: self._mine,
            tell.LINE: self._line,
            tell.TOLD: self._told,
            tell.REMINDER: self._reminder,
            pings.KIND: self._ping,
            **CrisisRenderer(desk, texts).kinds,
            **LifeRenderer(desk).kinds,
            **AskingRenderer().kinds,
            **CommentRenderer(desk).kinds,
            **GuardRenderer(desk).kinds,
            **BlockRenderer(desk).kinds,
            **CoverRenderer(desk).kinds,
            **ReadingRenderer(desk).kinds,
            **ForwardRenderer(desk).kinds,
            **DutyRenderer(desk).kinds,
            **ReportRenderer(desk).kinds,
            **SchedulingRenderer(desk).kinds,
            **UnreadRenderer(desk).kinds,
            **WeekendRenderer(desk).kinds,
            **SessionRenderer(desk, texts).kinds,
        }

    async def __call__(self, session: AsyncSession, post: Post) -> Outcome:
        """The message, or why there is none now. Raises KeyError for a kind nobody draws."""
        return await self.kinds[post.kind](session, post, self._voice(post.dest))

    def _voice(self, dest: str) -> Speak:
        person = dest.startswith(("U", "W"))
        language = self.directory.language(dest) if person else self.desk.settings.slack.language
        return self.texts.language(language)

    async def _case(self, session: AsyncSession, post: Post) -> Case:
        return await cases.read(session, self.desk, post.args["application"], self.desk.now())

    async def _drawn(self, session: AsyncSession, post: Post, t: Speak) -> Application:
        case = await self._case(session, post)
        return Application(t, case, self.desk.settings.accounts.platforms, self.desk.public_url)

    async def _card(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        return (await self._drawn(session, post, t)).card()

    async def _ask(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        drawn = await self._drawn(session, post, t)
        if drawn.case.version != post.args["version"]:
            return drawn.older()
        return drawn.ask(await self._department(session))

    async def _head(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        drawn = await self._drawn(session, post, t)
        if drawn.case.version != post.args["version"]:
            return drawn.older()
        return drawn.head(post.args["person"])

    async def _mine(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        return (await self._drawn(session, post, t)).mine()

    async def _line(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case, args = await self._case(session, post), post.args
        given = await self._given(session, args.get("decision"))
        by = (await people.names(session, [args["by"]]))[args["by"]]
        when = t.moment(datetime.fromisoformat(args["at"]))
        return application.line(t, case, args["what"], by, given, when)

    async def _told(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case = await self._case(session, post)
        given = await self._given(session, post.args.get("decision"))
        url = f"{self.desk.public_url}/register"
        days = self.desk.settings.accounts.expires_after_days
        return application.told(t, case, post.args["what"], given, url, days)

    async def _reminder(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case, gate = await self._case(session, post), Gate(post.args["gate"])
        if case.version != post.args["version"] or not rules.may(rules.check_open, case, Act.YES, gate):
            return Drop("decided")
        if gate is Gate.HEAD and all(one.id != post.dest for one in case.head.deciders):
            return Drop("not asked any more")
        return application.reminder(t, case, gate, await self._department(session))

    async def _ping(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """That a channel does not work, or no longer; nobody is told of what was over before they knew."""
        heard, outlet = await pings.broken(session, post), pings.named(self.desk, post.args["channel"])
        if outlet is None or (heard is None and post.remote is None):
            return Drop("over")
        where = pings.secrets(self.desk, outlet.key)
        return ping.broken(t, outlet.name, heard, where) if heard else ping.works(t, outlet.name)

    async def _department(self, session: AsyncSession) -> tuple[str, ...]:
        staff = await people.department(session, self.desk.now())
        return tuple(member.slack_id for member in staff.members)

    async def _given(self, session: AsyncSession, decision_id: int | None) -> GateView | None:
        row = await session.get(decisions.Decision, decision_id) if decision_id else None
        if row is None:
            return None
        names = await people.names(session, [row.decided_by or ""])
        return GateView(
            gate=Gate(row.gate),
            outcome=row.outcome,
            by=row.decided_by,
            by_name=names.get(row.decided_by or "", ""),
            at=row.decided,
            role=row.role,
            reason=row.reason,
        )
