"""Comments entered by hand: what somebody saw where no interface brings it, put into the same queue."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.heard import Heard
from bot.comments import cases, hands, taking, tell, timing
from bot.comments.rules import Case
from bot.comments.states import Act, State
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.folding import fold
from bot.people import Actor, Role
from storage import accounts, comments, publications
from storage.accounts import LIVE, Account
from storage.comments import Comment
from storage.units import Unit

BY_HAND = "hand"
NAME, LINK = 200, 500  # characters of a name, and of an address
SOON = timedelta(minutes=5)  # clocks differ; what is further ahead is a slip of the hand
OLDEST = timedelta(days=365)


@dataclass(frozen=True)
class Entry:
    """What the form says. ``written``: aware UTC, None for now; ``post``: what the account's own post says."""

    account: int | None
    text: str
    author: str = ""
    link: str = ""
    post: str = ""
    written: datetime | None = None


async def admit(desk: Desk, actor_id: str, *, now: datetime) -> None:
    """Raise Refused for guests: everybody else in the workspace may bring a resident's question in."""
    async with desk.db.read() as session:
        _full(await people.actor(session, actor_id, now))


async def suggestions(desk: Desk, typed: str, limit: int = 100) -> Sequence[tuple[Account, Unit]]:
    """Live accounts whose name, platform, unit or address has every typed word in it."""
    async with desk.db.read() as session:
        found = await accounts.live(session)
    names, wanted = desk.settings.accounts.platforms, fold(typed).split()

    def words(account: Account, unit: Unit) -> str:
        platform = names.get(account.platform, account.platform)
        return fold(f"{account.name} {platform} {unit.name} {account.address}")

    return [one for one in found if all(word in words(*one) for word in wanted)][:limit]


async def enter(desk: Desk, actor_id: str, entry: Entry, key: str, *, now: datetime) -> Case:
    """Put it into the queue, once for each ``key`` and account: the same form sent twice is one comment.

    It waits for an answer whatever it says: somebody thought that it needs one. Raises Refused for guests,
    Invalid with problems by field (account, text, author, link, written).
    """
    async with desk.db.write() as session:
        actor = await people.actor(session, actor_id, now)
        _full(actor)
        problems = await _problems(session, entry, now)
        if problems:
            raise Invalid(problems)
        channel, remote = f"account:{entry.account}", f"{BY_HAND}:{key}"
        row = await comments.by_remote(session, channel, remote)
        if row is None:
            await taking.within(session, desk, channel, [_heard(entry, remote, now)], now)
            row = await comments.by_remote(session, channel, remote)
            assert row is not None
            await _entered(session, desk, row, actor, now)
        return await cases.view(session, desk, row, now)


def _full(actor: Actor) -> None:
    if not actor.full:
        raise Refused("comment.new.guest")


async def _entered(session: AsyncSession, desk: Desk, row: Comment, actor: Actor, now: datetime) -> None:
    post = await publications.get(session, row.publication_id)
    assert post is not None
    whose = await hands.of(session, desk, post, now)
    if row.state == State.QUIET:
        found, live = await timing.read(session, desk, now), await timing.live(session, row.publication_id)
        clock = cases.clock(desk, row.channel, row.written, found, live)
        await cases.move(session, row, Act.NEED, **clock)
        await tell.arrived(session, desk, post, row, whose, now)
    await cases.note(session, row, now, actor.id, "comment.entered", whose.role(actor) or Role.REQUESTER)


def _heard(entry: Entry, remote: str, now: datetime) -> Heard:
    link = entry.link.strip()
    return Heard(
        remote=remote,
        post=_post(entry, remote),
        text=entry.text.strip(),
        author=entry.author.strip(),
        written=min(entry.written or now, now),
        link=link,
        post_text=entry.post.strip(),
        post_link=link,
    )


def _post(entry: Entry, remote: str) -> str:
    """Comments whose post says the same stand below one card; one whose post nobody knows has its own."""
    words = " ".join(fold(entry.post).split())
    if words or entry.link.strip():
        told = f"words:{words}" if words else f"link:{entry.link.strip()}"
        return f"{BY_HAND}:{hashlib.sha256(told.encode()).hexdigest()[:32]}"
    return remote


async def _problems(session: AsyncSession, entry: Entry, now: datetime) -> dict[str, Problem]:
    found = {
        "account": await _account_problem(session, entry.account),
        "text": None if entry.text.strip() else Problem("form.needed"),
        "author": _long(entry.author, NAME),
        "link": _link_problem(entry.link.strip()),
        "written": _time_problem(entry.written, now),
    }
    return {name: problem for name, problem in found.items() if problem is not None}


async def _account_problem(session: AsyncSession, account_id: int | None) -> Problem | None:
    if account_id is None:
        return Problem("form.needed")
    account = await accounts.get(session, account_id)
    return None if account is not None and account.state == LIVE else Problem("comment.new.account_gone")


def _long(text: str, limit: int) -> Problem | None:
    return Problem("form.long", limit=limit, n=len(text.strip())) if len(text.strip()) > limit else None


def _link_problem(link: str) -> Problem | None:
    if link and (not link.startswith(("https://", "http://")) or any(sign.isspace() for sign in link)):
        return Problem("comment.new.link.wrong")
    return _long(link, LINK)


def _time_problem(written: datetime | None, now: datetime) -> Problem | None:
    if written is None:
        return None
    if written > now + SOON:
        return Problem("comment.new.written.ahead")
    return Problem("comment.new.written.old") if written < now - OLDEST else None
