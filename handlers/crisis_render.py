"""What crisis mode owes people and channels, rendered from the database as it stands."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.crisis import board, cases, compose, drafting, gallery, publishing, rules, tell
from bot.crisis.states import Kind, State
from bot.crisis.warnings import keeping
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak, Texts
from handlers.cards import crisis, crisis_hand, warning
from storage import bulletins, incidents, posts
from storage import people as storage_people
from storage.bulletins import Bulletin
from storage.posts import Post

Outcome = Message | Drop | Later
PICTURED = frozenset({"mastodon", "bluesky"})  # where the picture goes beside a text that says it all
REST = timedelta(minutes=20)  # longer than a lane ever rests, which moves a card's time too
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Outcome]]


class CrisisRenderer:
    """Draws every kind of message of crisis mode."""

    def __init__(self, desk: Desk, texts: Texts) -> None:
        self.desk, self._public = desk, texts.language("sv")
        self.kinds: dict[str, Draw] = {
            tell.BOARD: self._board,
            tell.ASK: self._ask,
            tell.MINE: self._mine,
            tell.LINE: self._line,
            tell.TOLD: self._told,
            tell.ALARM: self._alarm,
            publishing.TEXT: self._text,
            publishing.MARK: self._mark,
            publishing.HAND: self._hand,
            publishing.SPREAD: self._spread,
            publishing.ANNOUNCE: self._announce,
            keeping.CARD: self._warning,
        }

    async def _case(self, session: AsyncSession, post: Post) -> rules.Bulletin:
        return await cases.read(session, self.desk, post.args["bulletin"], self.desk.now())

    async def _board(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        found = await board.read(session, self.desk, post.args["incident"], self.desk.now())
        return crisis.Incident(t, found, self.desk.settings.crisis.website).message()

    async def _ask(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case = await self._case(session, post)
        newer = case.version != post.args["version"]
        if post.remote is None and (newer or case.state is not State.ASKED):
            return Drop("decided")
        if _at_rest(post, case.asked if newer else _settled(case)):
            return Drop("says so already")
        if newer:
            return crisis.newer(t, case)
        return crisis.ask(t, case, post.dest, self.desk.settings.crisis.ask_next_after_min)

    async def _mine(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case = await self._case(session, post)
        newer = case.version != post.args["version"]
        if newer and post.remote is None:
            return Drop("newer")
        if _at_rest(post, case.asked if newer else _settled(case)):
            return Drop("says so already")
        if newer:
            return crisis.newer(t, case)
        known = await storage_people.many(session, [one.id for one in case.deciders])
        phones = {one: person.phone for one, person in known.items() if person.phone}
        step = timedelta(minutes=self.desk.settings.crisis.ask_next_after_min)
        return crisis.mine(t, case, phones, step)

    async def _line(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case, args = await self._case(session, post), post.args
        by, when = await self._who(session, args), t.moment(datetime.fromisoformat(args["at"]))
        names = {one.key: one.name for one in self.desk.outlets}
        channel = names.get(args.get("channel", ""), args.get("channel", ""))
        return crisis.line(t, case, args["what"], by, when, channel, args.get("reason", ""))

    async def _told(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case = await self._case(session, post)
        return crisis.told(t, case, post.args["what"], await self._who(session, post.args))

    async def _alarm(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case, args = await self._case(session, post), post.args
        when = t.moment(datetime.fromisoformat(args["at"]))
        return crisis.alarm(t, case, await self._who(session, args), when)

    async def _who(self, session: AsyncSession, args: dict[str, str]) -> str:
        return (await people.names(session, [args["by"]]))[args["by"]]

    async def _text(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """What one channel shows. A drill's flag that differs from the incident's is never sent."""
        row = await bulletins.get(session, post.args["bulletin"])
        assert row is not None
        if row.state != State.APPROVED and post.verb != posts.REMOVE:
            return Drop("stopped")
        incident = await incidents.get(session, row.incident_id)
        if incident is None or incident.drill != row.drill:
            return Drop("drill mismatch")
        return await self._shown(session, row, post.args["channel"])

    async def _shown(self, session: AsyncSession, row: Bulletin, channel: str) -> Message:
        given = row.texts.get(channel, {})
        site = channel == self.desk.settings.crisis.website
        url = "" if site else await self._address(session, row.incident_id)
        alt = self._alt(row, channel)
        return Message(
            text=self._filled(str(given.get("text") or ""), channel, url),
            title=str(given.get("title") or ""),
            link=url,
            image=f"{self.desk.public_url}/kris/bild/{gallery.name(row.id or 0, row.digest)}" if alt else "",
            alt=compose.fill(alt, url),
            drill=row.drill,
            over=row.kind == "end",
        )

    def _alt(self, row: Bulletin, channel: str) -> str:
        """What the picture says, where one is shown: the channel's own, or the one that is there anyway."""
        own = str(row.texts.get(channel, {}).get("alt") or "")
        platform = next((one.platform for one in self.desk.outlets if one.key == channel), "")
        if own or platform not in PICTURED:
            return own
        return next((str(one["alt"]) for one in row.texts.values() if one.get("alt")), "")

    def _filled(self, text: str, channel: str, url: str) -> str:
        """The text with the address; where that leaves no room, the website's own, or none: the advice goes out."""
        filled = [compose.fill(text, one) for one in (url, self.desk.settings.municipality.website, "")]
        limit = next((one.limit for one in drafting.surfaces(self.desk, drill=False) if one.key == channel), None)
        if limit is None:
            return filled[0]
        return next((one for one in filled if limit.length(one) <= limit.characters), filled[0])

    async def _address(self, session: AsyncSession, incident_id: int) -> str:
        """Where the website tells of it; the website itself while that is not known."""
        website = self.desk.settings.crisis.website
        known = await posts.address(session, publishing.out(incident_id, website)) if website else ""
        return known or self.desk.settings.municipality.website

    async def _mark(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """An earlier post says that there is a newer one."""
        row = await bulletins.get(session, post.args["bulletin"])
        before = await session.get(Post, post.thread_id) if post.thread_id else None
        old = await bulletins.get(session, before.args["bulletin"]) if before else None
        if row is None or old is None or row.state != State.APPROVED:
            return Drop("stopped")
        message = await self._shown(session, old, post.args["channel"])
        key = "crisis.mark.end" if row.kind == "end" else "crisis.mark"
        said = self._public(key, time=self._public.moment(row.decided or row.asked), text=message.text)
        return Message(said, title=message.title, link=message.link, drill=row.drill)

    async def _hand(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        case = await self._case(session, post)
        found = await board.read(session, self.desk, case.incident, self.desk.now())
        mine = [one for one in found.lines if one.outlet.key == post.args["channel"]]
        if not mine or case.id != (found.current.id if found.current else None):
            return self._called_off(post, found, t)
        row = await bulletins.get(session, case.id)
        assert row is not None
        shown = await self._shown(session, row, post.args["channel"])
        return crisis_hand.hand(t, mine[0], case, shown.text)

    def _called_off(self, post: Post, found: board.Board, t: Speak) -> Outcome:
        newest = found.current.decided if found.current else None
        if post.remote is None or _at_rest(post, newest):
            return Drop("called off")
        names = {one.key: one.name for one in self.desk.outlets}
        return crisis_hand.hand_off(t, names.get(post.args["channel"], post.args["channel"]))

    async def _spread(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """Its carrier wants to know which message to announce."""
        row = await bulletins.get(session, post.args["bulletin"])
        return Message(str(post.args["bulletin"])) if row and row.state == State.APPROVED else Drop("stopped")

    async def _announce(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """The newest message that this announcement stands for: follow-ups without new advice edit it."""
        every = await bulletins.in_state(session, post.args["incident"], State.APPROVED, State.STOPPED)
        own = next(one for one in every if one.id == post.args["bulletin"])
        row = _newest_of(own, every)
        if row.state != State.APPROVED and post.remote is None:
            return Drop("stopped")
        url = await self._address(session, row.incident_id)
        text = str(row.texts.get(drafting.SLACK.key, {}).get("text") or "")
        return crisis_hand.announcement(t, row, text, url, asks=_applies(every))

    async def _warning(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        """A warning from outside, and the way to begin."""
        shown = await keeping.shown(session, post.args["warning"], post.args["version"])
        return Drop("forgotten") if shown is None else warning.card(t, shown)


def _settled(case: rules.Bulletin) -> datetime | None:
    """When a message was decided for the last time."""
    return None if case.state is State.ASKED else case.stopped or case.decided


def _at_rest(post: Post, settled: datetime | None) -> bool:
    """Whether a card has been shown anew well after the last thing that could change it.

    An incident's old questions would else be shown anew at every event, before the live board.
    """
    return post.remote is not None and settled is not None and post.due > settled + REST


def _applies(every: list[Bulletin]) -> bool:
    """Whether something still holds: neither ended nor all of it stopped."""
    return any(one.state == State.APPROVED for one in every) and all(one.kind != Kind.END for one in every)


def _newest_of(own: Bulletin, every: list[Bulletin]) -> Bulletin:
    """The last message before the next one that was announced anew; what was stopped changes nothing."""
    shown = own
    for one in every:
        if one.number > own.number:
            if one.anew:
                break
            shown = one if one.state == State.APPROVED else shown
    return shown
