"""/kommentar and the buttons under comments."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.comments import acting, cases, completing, hands, moderating, queueing, replying, tell
from bot.comments import session as plans
from bot.comments.ladder import Step
from bot.comments.moderating import Given
from bot.comments.rules import Case
from bot.comments.states import State
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.errors import Refused
from bot.texts import Speak
from handlers.answer_form import AnswerForm
from handlers.boundary import Boundary
from handlers.cards import comment as cards
from handlers.cards import comment_forms as views
from handlers.click import Click, Close, Outcome, Update, notice, number
from handlers.words import Act, Words
from storage import comments, moderations, posts, replies
from storage.moderations import Moderation
from storage.posts import Post
from storage.publications import Publication
from storage.replies import Reply

COMMAND = "/kommentar"
SKIPPED = 150  # comments passed over in one sitting that the form remembers
Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Comments:
    """Listeners of the comments room."""

    desk: Desk
    form: AnswerForm
    forward: Act
    seldom: Mapping[str, Act] = field(default_factory=dict)  # further choices of the menu

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "kö", "queue", self.queue, "help.kommentar.queue")
        boundary.command(COMMAND, words.listener(COMMAND, "kö"))
        boundary.action(cards.REPLY, self.reply)
        boundary.action(cards.TAKE, self.take)
        boundary.action(cards.NO_REPLY, self.no_reply)
        boundary.action(cards.NEED, self.need)
        boundary.action(cards.MORE, self.more)
        boundary.action(cards.AGREE, self.agree)
        boundary.action(cards.STAYS, self.stays)
        boundary.action(cards.DONE_THERE, self.done_there)
        boundary.action(cards.COMPLETE, self.complete)
        boundary.view(views.MODERATED, self.moderated)
        boundary.view(views.COMPLETED, self.completed)
        boundary.action(cards.POST_DONE, self.post_done)
        boundary.action(cards.QUEUE, self.queue)
        boundary.action(cards.PUT_THERE, self.put_there)
        boundary.action(views.NEXT, self.following)
        boundary.action(views.SKIP_REPLY, self.closed_in_queue)
        boundary.view(views.ANSWERED, self.answered)
        boundary.view(views.BY_HAND, self.put_there_in_queue)
        boundary.view(views.LATER_UNTIL, self.put_off)
        boundary.view(views.HANDED, self.handed_over)

    async def reply(self, click: Click) -> None:
        """*Svara*: the form."""
        found = await replying.begin(self.desk, click.person, number(click.payload, "c"), now=click.now)
        await click.open(await self.form.view(click, found, {}))

    async def answered(self, click: Click) -> Outcome:
        """The answer was sent; in the queue the next comment comes."""
        reply = await self.form.send(click)
        if not click.meta.get("q"):
            return Close()
        if reply is not None and reply.state == replies.BY_HAND:
            case = await moderating.seen(self.desk, reply.comment_id, now=click.now)
            return Update(views.by_hand(click.t, case, reply, _queue(click.meta)))
        return await self._onward(click)

    async def put_there_in_queue(self, click: Click) -> Outcome:
        """*Klart* in the queue: it was put there by hand, and on to the next."""
        await replying.done_by_hand(self.desk, click.person, number(click.meta, "r"), now=click.now)
        return await self._onward(click)

    async def queue(self, click: Click) -> None:
        """`/kommentar kö`, or the queue of one post."""
        await click.open(await self._next(click, {"q": 1, "p": click.payload.get("p", 0), "skip": []}))

    async def following(self, click: Click) -> None:
        """*Nästa kommentar*: this one is left for later."""
        await click.update(await self._next(click, self._past(click)))

    async def closed_in_queue(self, click: Click) -> None:
        """*Inget svar behövs*, and on to the next."""
        await acting.close(self.desk, click.person, number(click.payload, "c"), now=click.now)
        await click.update(await self._next(click, _queue(click.meta)))

    async def _onward(self, click: Click) -> Outcome:
        return Update(await self._next(click, self._past(click)))

    def _past(self, click: Click) -> dict[str, Any]:
        skip = [*click.meta.get("skip", []), click.meta.get("c")][-SKIPPED:]
        return {**_queue(click.meta), "skip": skip}

    async def _next(self, click: Click, meta: dict[str, Any]) -> dict[str, Any]:
        found = await queueing.upcoming(
            self.desk,
            click.person,
            now=click.now,
            skip=meta.get("skip", []),
            publication=int(meta.get("p") or 0),
        )
        if found is None:
            return views.empty(click.t)
        writing = await replying.begin(self.desk, click.person, found, now=click.now)
        return await self.form.view(click, writing, meta)

    async def take(self, click: Click) -> None:
        """*Jag tar den*."""
        await acting.take(self.desk, click.person, number(click.payload, "c"), now=click.now)

    async def no_reply(self, click: Click) -> None:
        """*Inget svar behövs*."""
        await acting.close(self.desk, click.person, number(click.payload, "c"), now=click.now)

    async def need(self, click: Click) -> None:
        """*Behöver svar*: the clock starts."""
        await acting.need(self.desk, click.person, number(click.payload, "c"), now=click.now)

    async def post_done(self, click: Click) -> None:
        """*Klart med hela inlägget*."""
        closed = await acting.close_all(self.desk, click.person, number(click.payload, "p"), now=click.now)
        await click.say(Message(click.t.n("comment.post_done.said", closed)))

    async def more(self, click: Click) -> None:
        """The menu: what is seldom done."""
        chosen = {
            cards.LATER: self.later,
            cards.HAND_OVER: self.hand_over,
            cards.FORWARD: self.forward,
            cards.HIDE: self.moderate,
            cards.REMOVE: self.moderate,
            cards.SHOW: self.show_again,
            **self.seldom,
        }.get(str(click.payload.get("a")))
        if chosen is None:
            raise Refused("err.unknown_button")
        await chosen(click)

    async def moderate(self, click: Click) -> None:
        """*Dölj*, *Ta bort*: why, and what evidence there is."""
        act = str(click.payload["a"])
        case = await moderating.look(self.desk, click.person, number(click.payload, "c"), act, now=click.now)
        await click.open(views.moderate(click.t, case, act, _under(click)))

    async def moderated(self, click: Click) -> Outcome:
        """The form was sent; of suspected child abuse it says what to do now."""
        given, act = _given(click), str(click.meta.get("a"))
        comment_id = number(click.meta, "c")
        await moderating.order(self.desk, click.person, comment_id, act, given, now=click.now)
        if given.klass != "child":
            return await self._done(click)
        case = await moderating.seen(self.desk, comment_id, now=click.now)
        manager = await moderating.manager(self.desk)
        words = click.t("abuse.child", platform=case.hands.platform_name, manager=manager)
        return Update(notice(click.t, Message(words)))

    async def agree(self, click: Click) -> None:
        """*Håller med*."""
        await moderating.agree(self.desk, click.person, number(click.payload, "m"), now=click.now)

    async def stays(self, click: Click) -> None:
        """*Låt stå*."""
        await moderating.decline(self.desk, click.person, number(click.payload, "m"), now=click.now)

    async def done_there(self, click: Click) -> None:
        """*Klart*: it was done on the platform by hand."""
        await moderating.done_by_hand(self.desk, click.person, number(click.payload, "m"), now=click.now)

    async def complete(self, click: Click) -> None:
        """*Komplettera beviset*."""
        made, _ = await completing.look(self.desk, click.person, number(click.payload, "m"), now=click.now)
        await click.open(views.complete(click.t, made))

    async def completed(self, click: Click) -> Outcome:
        """What was missing was written."""
        given = _given(click)
        await completing.complete(self.desk, click.person, number(click.meta, "m"), given, now=click.now)
        return Close()

    async def show_again(self, click: Click) -> None:
        """*Visa igen*."""
        await moderating.show_again(self.desk, click.person, number(click.payload, "c"), now=click.now)

    async def later(self, click: Click) -> None:
        """*Påminn mig senare*: when."""
        await click.open(views.later(click.t, number(click.payload, "c"), _under(click)))

    async def put_off(self, click: Click) -> Outcome:
        """The time was chosen."""
        until = click.now + timedelta(hours=int(click.values.get("hours") or 1))
        await acting.later(self.desk, click.person, number(click.meta, "c"), until, now=click.now)
        return await self._done(click)

    async def hand_over(self, click: Click) -> None:
        """*Lämna över*: to whom."""
        await click.open(views.hand_over(click.t, number(click.payload, "c"), _under(click)))

    async def handed_over(self, click: Click) -> Outcome:
        """Somebody was chosen."""
        to = str(click.values.get("person") or "")
        await acting.hand_over(self.desk, click.person, number(click.meta, "c"), to, now=click.now)
        return await self._done(click)

    async def _done(self, click: Click) -> Outcome:
        """The form closes; the queue below it, if there is one, has gone on to the next comment."""
        under = click.meta.get("u")
        if under:
            skip = [*under.get("skip", []), click.meta.get("c")][-SKIPPED:]
            await click.beneath(await self._next(click, {**under, "skip": skip}))
        return Close()

    async def put_there(self, click: Click) -> None:
        """*Klart*: the answer was put on the platform by hand."""
        await replying.done_by_hand(self.desk, click.person, number(click.payload, "r"), now=click.now)


def _queue(meta: dict[str, Any]) -> dict[str, Any]:
    """What one comment of the queue leaves to the next."""
    return {name: meta[name] for name in ("q", "p", "skip") if name in meta}


def _under(click: Click) -> dict[str, Any] | None:
    """What the queue carries, when the form opens on top of it."""
    return _queue(click.meta) if click.inside and click.meta.get("q") else None


def _given(click: Click) -> Given:
    """What the form about hiding says."""
    values = {name: str(click.values.get(name) or "") for name in ("klass", "why", "shot", "no_shot", "diary")}
    secrecy = bool(click.values["secrecy"]) if "secrecy" in click.values else None
    return Given(**values, secrecy=secrecy)


class CommentRenderer:
    """Draws everything of the comments room."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {
            tell.POST: self._post,
            tell.ONE: self._one,
            tell.BURST: self._burst,
            tell.REMINDER: self._reminder,
            tell.REPORT: self._vanished,
            tell.HANDED: self._handed,
            tell.FARES: self._fares,
            replying.ANSWER: self._answer,
            tell.SECOND: self._second,
            tell.HAND: self._by_hand,
            moderating.KIND: self._act,
        }

    async def _publication(
        self, session: AsyncSession, post: Post
    ) -> tuple[Publication, hands.Hands, dict[str, int]]:
        row = await session.get_one(Publication, post.args["publication"])
        whose = await hands.of(session, self.desk, row, self.desk.now())
        return row, whose, await comments.tally(session, row.id or 0)

    async def _post(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        row, whose, tally = await self._publication(session, post)
        first = whose.first()
        names = await people.names(session, list(first))
        plan = await plans.of(session, row.id or 0, self.desk.now())
        return cards.post(t, row, whose.account, tally, [names[one] for one in first], plan)

    async def _burst(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        row, whose, tally = await self._publication(session, post)
        return cards.burst(t, row, whose.account, tally)

    async def _one(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        case = await cases.read(session, self.desk, post.args["comment"], self.desk.now())
        return cards.one(t, case, await replies.open_one(session, case.id))

    async def _reminder(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """One that has not gone out is dropped once it is answered; one that stands says so."""
        case = await cases.read(session, self.desk, post.args["comment"], self.desk.now())
        if case.state is not State.WAITING:
            return Drop("answered") if post.remote is None else cards.settled(t, case)
        return cards.reminder(t, case, Step(post.args["step"]), post.args["person"])

    async def _vanished(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        return cards.vanished(t, await cases.read(session, self.desk, post.args["comment"], self.desk.now()))

    async def _handed(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        case = await cases.read(session, self.desk, post.args["comment"], self.desk.now())
        by = (await people.names(session, [post.args["by"]]))[post.args["by"]]
        return cards.handed(t, case, by)

    async def _fares(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        reply = await session.get_one(Reply, post.args["reply"])
        case = await cases.read(session, self.desk, reply.comment_id, self.desk.now())
        carried = await session.get(Post, reply.post_id) if reply.post_id else None
        return cards.fares(t, case, reply, _fate(reply, carried, self.desk.now()), carried.link if carried else "")

    async def _moderation(self, session: AsyncSession, post: Post) -> tuple[Case, Moderation]:
        made = await session.get_one(Moderation, post.args["moderation"])
        return await cases.read(session, self.desk, made.comment_id, self.desk.now()), made

    async def _second(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        case, made = await self._moderation(session, post)
        if made.state != moderations.PROPOSED and post.remote is None:
            return Drop("decided")
        return cards.second(t, case, made)

    async def _by_hand(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        return cards.by_hand(t, *await self._moderation(session, post))

    async def _act(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """What is asked of the platform stands in the destination; nothing is said."""
        case, made = await self._moderation(session, post)
        return Message(post.dest) if moderating.wanted(made, case.state) else Drop(moderating.REPLACED)

    async def _answer(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """What the platform gets. One who was hidden or removed meanwhile is not answered."""
        reply = await session.get_one(Reply, post.args["reply"])
        case = await cases.read(session, self.desk, reply.comment_id, self.desk.now())
        if case.state in (State.HIDDEN, State.REMOVED, State.GONE):
            return Drop("gone")
        return Message(reply.text)


def _fate(reply: Reply, carried: Post | None, now: datetime) -> str:
    """sent, refused, by_hand; unknown while it is looked for; late when it is being tried again."""
    if reply.state != replies.WRITTEN or carried is None:
        return reply.state
    if carried.state in (posts.UNKNOWN, posts.ASKING):
        return "unknown"
    return "late" if carried.state == posts.WAITING and carried.tries else "sending"
