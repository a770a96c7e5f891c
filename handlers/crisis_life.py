"""What keeps an incident alive and what comes after: the watch, the report, the drill that is broken off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.crisis import ahead, cosigns, drills, lines, report, watching
from bot.crisis.facts import Facts, Kind
from bot.crisis.states import State
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import crisis_board as board_cards
from handlers.cards import crisis_forms as views
from handlers.cards import crisis_life as cards
from handlers.cards import crisis_report as reports
from handlers.click import Click, number
from handlers.words import Words
from storage import bulletins, incidents
from storage.incidents import Incident
from storage.posts import Post

COMMAND = "/kris"
Outcome = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Outcome]]


@dataclass(frozen=True)
class Lives:
    """Listeners of an incident's life."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "rapport", "report", self.report, "help.kris.report")
        boundary.action(board_cards.WATCH, self.watch)
        boundary.action(board_cards.ABORT, self.abort)
        boundary.action(board_cards.REPORT, self.report)

    async def watch(self, click: Click) -> None:
        """*Jag vakar*."""
        await watching.watch(self.desk, click.person, number(click.payload, "i"), now=click.now)
        await click.say(Message(click.t("life.watch.thanks")))

    async def abort(self, click: Click) -> None:
        """*Avbryt övningen*: the drill ends, and the form of the real thing opens."""
        await drills.abort(self.desk, click.person, number(click.payload, "i"), now=click.now)
        known = Facts(event="", confirmed_at=click.now)
        await click.open(views.facts(click.t, Kind.FIRST, known, {}, mode="real"))

    async def report(self, click: Click) -> None:
        """The newest incident's report, or that of the number typed; on a button: of its incident."""
        wanted = click.text.strip()
        incident = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else click.payload.get("i")
        found = await report.shown(self.desk, click.person, incident, now=click.now)
        await click.open(reports.view(click.t, found))


class LifeRenderer:
    """Draws what an incident's life owes people."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {
            lines.LIFE: self._line,
            watching.PROMISE: self._promise,
            watching.UNWATCHED: self._unwatched,
            report.REPORT: self._report,
            drills.ABORTED: self._aborted,
            ahead.AHEAD: self._ahead,
            cosigns.SIGN: self._sign,
        }

    async def _incident(self, session: AsyncSession, post: Post) -> Incident:
        found = await incidents.get(session, post.args["incident"])
        assert found is not None
        return found

    async def _line(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        args = post.args
        by = (await people.names(session, [args["by"]]))[args["by"]]
        return cards.line(t, args["what"], by, t.moment(datetime.fromisoformat(args["at"])))

    async def _promise(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """Not wanted any more once a newer message has come."""
        incident, newest = await self._incident(session, post), await watching.told(session, post.args["incident"])
        at = datetime.fromisoformat(post.args["at"])
        if newest is None or newest.id != post.args["bulletin"] or incident.next_at != at:
            return Drop("newer")
        return cards.promise(t, incident, at, self.desk.now())

    async def _unwatched(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        incident, now = await self._incident(session, post), self.desk.now()
        if not (await watching.vigil(session, self.desk, incident, now)).unwatched:
            return Drop("watched")
        return cards.unwatched(t, incident, self.desk.office.next_opening(now))

    async def _report(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        return reports.summary(t, await report.read(session, self.desk, post.args["incident"]))

    async def _aborted(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        return cards.aborted(t, await self._incident(session, post))

    async def _ahead(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """Before a drill; to those whom no message reaches somebody of the department goes."""
        incident, row = await self._incident(session, post), await bulletins.get(session, post.args["bulletin"])
        assert row is not None
        if row.state != State.APPROVED:
            return Drop("stopped")
        drill = Facts.from_json(row.facts)
        shown = [one.name for one in ahead.shown_in(self.desk)]
        words = cards.ahead_words(t, drill.ends_at, shown, post.args["missing"])
        if post.via != "slack":
            return Message(words, title=cards.name(t, incident))
        return cards.ahead(t, incident, words)

    async def _sign(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """To whoever shares a sign, or to the department when that is nobody in Slack."""
        incident, args = await self._incident(session, post), post.args
        sign = next((one for one in self.desk.outlets if one.key == args["sign"]), None)
        if sign is None:
            return Drop("no such sign")
        person = post.dest.startswith(("U", "W"))
        return cards.sign(t, incident, sign, args["what"], args["rows"], person=person)
