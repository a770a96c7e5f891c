"""What is one person's own: drafts, applications, accounts, and decisions that wait for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import tell
from bot.accounts.states import Gate, State
from bot.desk import Desk
from storage import accounts, applications, decisions, drafts
from storage.accounts import Account
from storage.applications import Application
from storage.decisions import Decision
from storage.drafts import Draft
from storage.posts import Post


@dataclass(frozen=True)
class Mine:
    """Everything of a person's own, newest first."""

    drafts: list[Draft]
    applications: list[Application]
    accounts: list[Account]
    to_decide: list[Application]

    @property
    def empty(self) -> bool:
        """There is nothing at all."""
        return not (self.drafts or self.applications or self.accounts or self.to_decide)


async def mine(desk: Desk, slack_id: str, now: datetime) -> Mine:
    """Four short queries, no lock."""
    async with desk.db.read() as session:
        return Mine(
            drafts=await drafts.of_person(session, slack_id, now),
            applications=await applications.of_person(session, slack_id),
            accounts=await accounts.of_person(session, slack_id),
            to_decide=await _to_decide(session, slack_id),
        )


async def _to_decide(session: AsyncSession, slack_id: str) -> list[Application]:
    """Waiting applications whose head's decision this person has been asked for."""
    query = (
        select(Application)
        .join(Decision, col(Decision.application_id) == Application.id)
        .where(
            Application.state == State.WAITING,
            Decision.gate == Gate.HEAD,
            Decision.version == Application.version,
            Decision.outcome == decisions.WAITING,
            select(Post.id)
            .where(Post.kind == tell.HEAD, Post.dest == slack_id)
            .where(Post.topic == "application:" + cast(col(Application.id), String) + "/head")
            .exists(),
        )
    )
    return list((await session.exec(query)).all())
