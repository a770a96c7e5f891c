"""What follows a hiding: the evidence page, the registrar, reports, and the alarm about suspected child abuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.comments import cases, completing, evidence, forgetting, proof
from bot.comments.rules import Case
from bot.delivery.outcome import Drop
from bot.desk import Desk
from bot.errors import Refused
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import comment_guard as cards
from handlers.click import Click, Close, Outcome, number
from handlers.words import Act
from storage import moderations
from storage.moderations import Moderation
from storage.posts import Post


@dataclass(frozen=True)
class Guards:
    """Listeners of what follows a hiding."""

    desk: Desk

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.action(cards.PROOF, self.proof)
        boundary.action(cards.TO_REGISTRAR, self.to_registrar)
        boundary.view(cards.REPORTED, self.reported)

    @property
    def choices(self) -> Mapping[str, Act]:
        """What they do of the comment's menu."""
        return {cards.REPORT: self.report}

    async def proof(self, click: Click) -> None:
        """*Öppna beviset*: an address for this person, for a while."""
        chosen = number(click.payload, "m")
        made, address = await proof.address(self.desk, click.person, chosen, now=click.now)
        await click.say(cards.proof(click.t, made, address))

    async def to_registrar(self, click: Click) -> None:
        """*Skicka till registrator*."""
        await completing.to_registrar(self.desk, click.person, number(click.payload, "m"), now=click.now)
        await click.say(Message(click.t("guard.registrar.sent")))

    async def report(self, click: Click) -> None:
        """*Anmäl*: what to do, and room for the numbers."""
        comment_id = number(click.payload, "c")
        async with self.desk.db.read() as session:
            newest = await moderations.newest(session, comment_id)
        if newest is None:
            raise Refused("comment.unknown_one")
        made, case = await completing.look(self.desk, click.person, newest.id or 0, now=click.now)
        await click.open(cards.report(click.t, case, made))

    async def reported(self, click: Click) -> Outcome:
        """The numbers were written."""
        platform, police = (str(click.values.get(name) or "") for name in ("platform_report", "police_report"))
        chosen = number(click.meta, "m")
        await completing.report(self.desk, click.person, chosen, platform, police, now=click.now)
        return Close()


class GuardRenderer:
    """Draws what moderating owes people. None of it names who wrote, or says what was written."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Any] = {
            forgetting.ALARM: self._alarm,
            completing.LACKING: self._lacking,
            completing.REGISTRAR: self._registrar,
            completing.RETURNED: self._returned,
        }

    async def _read(self, session: AsyncSession, post: Post) -> tuple[Case, Moderation]:
        made = await completing.found(session, post.args["moderation"])
        return await cases.read(session, self.desk, made.comment_id, self.desk.now()), made

    async def _alarm(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        case = await cases.read(session, self.desk, post.args["comment"], self.desk.now())
        return cards.alarm(t, case, await forgetting.mailed(session, case.id))

    async def _lacking(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        case, made = await self._read(session, post)
        lacks = "diary" in evidence.missing(made)
        if not lacks and post.remote is None:
            return Drop("registered")
        return cards.lacking(t, case, made, lacks=lacks)

    async def _registrar(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        case, made = await self._read(session, post)
        if post.via == "slack" and not post.args["email"]:
            return cards.registrar(t, case, made)
        until = self.desk.now() + proof.FOR_MAIL
        address = proof.signed(self.desk, made, proof.MAILED, until)
        mail = cards.letter(t, case, made, address, proof.FOR_MAIL.days)
        return cards.to_mail(t, mail, post.args["email"]) if post.args["email"] else mail

    async def _returned(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.returned(t, (await self._read(session, post))[1])
