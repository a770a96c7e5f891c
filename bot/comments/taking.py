"""Taking in what platforms tell: one row per comment, whatever arrives twice or in whatever order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.lookalikes import address_key
from bot.channels.heard import Heard, Verb
from bot.comments import cases, hands, marks, need, tell, timing, topics
from bot.comments.hands import Hands
from bot.comments.pace import Pace
from bot.comments.states import Act, State, allowed
from bot.desk import Desk
from bot.people import Role
from storage import accounts, comments, publications, replies
from storage.comments import Comment, Wording
from storage.publications import WORDS, Publication

NAME, LONGEST = 200, 20_000  # characters kept of a name, and of a comment


@dataclass
class Batch:
    """What is the same for all changes of one channel in one transaction."""

    session: AsyncSession
    desk: Desk
    channel: str
    account: int | None
    now: datetime
    pace: Pace
    _posts: dict[str, tuple[Publication, Hands]]

    async def post(self, heard: Heard) -> tuple[Publication, Hands]:
        """The post a change is about, and who answers for it."""
        if heard.post not in self._posts:
            fresh = Publication(
                channel=self.channel,
                remote=heard.post,
                account_id=self.account,
                words=heard.post_text[:WORDS],
                link=heard.post_link,
                first_heard=self.now,
            )
            row, learned = await publications.taken_in(self.session, fresh)
            if learned:
                await tell.post_follows(self.session, row.id or 0)
            self._posts[heard.post] = row, await hands.of(self.session, self.desk, row, self.now)
        return self._posts[heard.post]

    async def clock(self, publication_id: int, since: datetime) -> dict[str, Any]:
        """The clock of a comment under this post that begins to wait."""
        live = await timing.live(self.session, publication_id)
        return cases.clock(self.desk, self.channel, min(since, self.now), self.pace, live)


async def take_in(desk: Desk, channel: str, heard: Iterable[Heard], *, now: datetime) -> None:
    """Keep changes of one channel, in the order given; ``now`` is UTC. One transaction."""
    async with desk.db.write() as session:
        await within(session, desk, channel, heard, now)


async def within(session: AsyncSession, desk: Desk, channel: str, heard: Iterable[Heard], now: datetime) -> None:
    """The same inside a transaction that is open."""
    pace, account = await timing.read(session, desk, now), await _account(session, desk, channel)
    batch = Batch(session, desk, channel, account, now, pace, {})
    for one in heard:
        await _one(batch, one)


async def _account(session: AsyncSession, desk: Desk, channel: str) -> int | None:
    """The register's account behind a channel: the one with the address the file gives."""
    if channel.startswith("account:"):
        return int(channel.removeprefix("account:"))
    outlet = next((one for one in desk.outlets if one.key == channel), None)
    wanted = address_key(outlet.account) if outlet and outlet.account else ""
    known = await accounts.live(session) if wanted else []
    return next((one.id for one, _ in known if address_key(one.address) == wanted), None)


async def _one(batch: Batch, heard: Heard) -> None:
    known = await comments.by_remote(batch.session, batch.channel, heard.remote)
    if known is None:
        await _fresh(batch, heard)
        return
    if heard.post_text:  # a webhook does not tell what the post says; whoever reads it does
        await batch.post(heard)
    await _again(batch, known, heard)


async def _fresh(batch: Batch, heard: Heard) -> None:
    """A comment nobody had heard of. One that is told of only when it goes leaves a row without text."""
    post, whose = await batch.post(heard)
    gone = heard.verb in (Verb.REMOVE, Verb.HIDE)
    state = State.GONE if gone else await _begins(batch, heard)
    clock = await batch.clock(post.id or 0, heard.written or batch.now) if state is State.WAITING else {}
    row = await comments.add(batch.session, _row(batch, post, heard, state, clock))
    if row is None:  # another process was faster
        return
    if heard.own:
        await _answered_there(batch, row)
    if state is State.WAITING:
        await tell.arrived(batch.session, batch.desk, post, row, whose, batch.now)


async def _begins(batch: Batch, heard: Heard) -> State:
    if not need.answer(heard, batch.desk.settings.comments, to_resident=await _to_resident(batch, heard)):
        return State.QUIET
    below = await comments.conversation(batch.session, batch.channel, heard.remote)
    return State.ANSWERED if any(one.own and one.parent == heard.remote for one in below) else State.WAITING


async def _to_resident(batch: Batch, heard: Heard) -> bool:
    """Does it answer another resident, in a conversation where the account has not spoken?"""
    if not heard.parent:
        return False
    beside = await comments.conversation(batch.session, batch.channel, heard.parent)
    return not any(one.own for one in beside)


def _row(batch: Batch, post: Publication, heard: Heard, state: State, clock: dict[str, Any]) -> Comment:
    chosen = batch.desk.settings.comments
    return Comment(
        channel=batch.channel,
        remote=heard.remote,
        publication_id=post.id or 0,
        parent=heard.parent,
        author=heard.author[:NAME],
        own=heard.own,
        text=heard.text[:LONGEST],
        link=heard.link,
        marks=[str(mark) for mark in marks.of(heard.text, chosen)],
        topic=topics.of(heard.text, chosen),
        written=heard.written or batch.now,
        received=batch.now,
        state=state,
        **clock,
    )


async def _again(batch: Batch, row: Comment, heard: Heard) -> None:
    """A comment that is known: edited, taken away, or merely told of once more."""
    if row.forgotten is not None and heard.verb not in (Verb.REMOVE, Verb.HIDE, Verb.SHOW):
        return
    match heard.verb:
        case Verb.REMOVE | Verb.HIDE:
            await _vanish(batch, row)
        case Verb.SHOW:
            await _back(batch, row)
        case Verb.ADD:
            await _said_before(batch, row, heard)
        case _:
            await _reworded(batch, row, heard)


async def _vanish(batch: Batch, row: Comment) -> None:
    """What we hid or removed ourselves is no news; anything else is reported."""
    if row.state in (State.HIDDEN, State.REMOVED) or not allowed(State(row.state), Act.VANISH):
        return
    was_open = row.state == State.WAITING
    await cases.move(batch.session, row, Act.VANISH)
    await cases.note(batch.session, row, batch.now, Role.DESK, "comment.vanished", Role.DESK)
    post = await publications.get(batch.session, row.publication_id)
    assert post is not None
    if was_open or not row.own:
        whose = await hands.of(batch.session, batch.desk, post, batch.now)
        await tell.vanished(batch.session, post, row, whose, batch.now)
    await tell.changed(batch.session, row)


async def _back(batch: Batch, row: Comment) -> None:
    """It stands there again; whoever thinks that it needs an answer can say so."""
    for act in (Act.RETURN, Act.SHOW):
        if allowed(State(row.state), act):
            await cases.move(batch.session, row, act)
            await cases.note(batch.session, row, batch.now, Role.DESK, "comment.back", Role.DESK)
            await tell.changed(batch.session, row)
            return


async def _said_before(batch: Batch, row: Comment, heard: Heard) -> None:
    """An addition that comes after its own edit: what it said before. Whose it was may be new, too."""
    if heard.own and not row.own:
        await comments.change(batch.session, row, own=True)
    kept = {one.text for one in await comments.wordings(batch.session, row.id or 0)} | {row.text, ""}
    if heard.text[:LONGEST] not in kept:
        batch.session.add(Wording(comment_id=row.id or 0, text=heard.text[:LONGEST], until=batch.now))


async def _reworded(batch: Batch, row: Comment, heard: Heard) -> None:
    """Keep what it said before; one that has become a question starts the clock."""
    if not heard.text or heard.text[:LONGEST] == row.text:
        return
    await comments.keep_wording(batch.session, row, batch.now)
    found = [str(mark) for mark in marks.of(heard.text, batch.desk.settings.comments)]
    topic = topics.of(heard.text, batch.desk.settings.comments)
    given = {"text": heard.text[:LONGEST], "marks": found, "topic": topic, "edited": batch.now}
    await comments.change(batch.session, row, **given)
    await _asks_now(batch, row, heard)
    await tell.pressing(batch.session, batch.desk, row, batch.now)
    await tell.changed(batch.session, row)


async def _asks_now(batch: Batch, row: Comment, heard: Heard) -> None:
    if row.state != State.QUIET or row.own or await _begins(batch, heard) is not State.WAITING:
        return
    await cases.move(batch.session, row, Act.NEED, **await batch.clock(row.publication_id, batch.now))
    post, whose = await batch.post(heard)
    await tell.arrived(batch.session, batch.desk, post, row, whose, batch.now)


async def _answered_there(batch: Batch, own: Comment) -> None:
    """The account answered in the platform's own app: the question it answers has its answer."""
    if not own.parent:
        return
    for one in await comments.conversation(batch.session, batch.channel, own.parent):
        if await replies.only_holds(batch.session, one.id or 0, own.remote, own.text):
            continue  # it says that an answer will come
        row = await comments.locked(batch.session, one.id or 0)
        if row and row.state == State.WAITING and not row.own and row.written <= own.written:
            await cases.move(batch.session, row, Act.ANSWER, settled=batch.now)
            await cases.note(batch.session, row, batch.now, Role.DESK, "comment.answered_there", Role.DESK)
            await tell.changed(batch.session, row)
