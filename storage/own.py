"""What is one person's own, across the nouns: one statement, read without a session.

People look here often (a command, App Home), so it costs one round trip and builds no entities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    bindparam,
    cast,
    exists,
    literal,
    select,
    union_all,
)
from sqlmodel import col

from storage import base
from storage.accounts import LIVE, Account
from storage.applications import Application
from storage.decisions import WAITING, Decision
from storage.drafts import Draft
from storage.engine import Database
from storage.posts import Post

DRAFT, APPLICATION, ACCOUNT, TO_DECIDE = "draft", "application", "account", "to_decide"
HEAD_CARD: Final = "application.head"  # the kind of post by which somebody is asked for a head's decision
NONE: Final = literal("", String)


@dataclass(frozen=True)
class Own:
    """One thing: a draft (since ``saved``), an application, an account, a decision that waits."""

    kind: str
    key: str
    name: str
    state: str
    platform: str
    address: str
    at: datetime


def _columns(kind: str, key: Any, name: Any, at: Any, *more: Any) -> list[Any]:
    state, platform, address = (*more, NONE, NONE, NONE)[:3]
    return [
        literal(kind, String).label("kind"),
        cast(key, String).label("key"),
        name.label("name"),
        state.label("state"),
        platform.label("platform"),
        address.label("address"),
        at.label("at"),
    ]


def _drafts() -> Select[Any]:
    name = col(Draft.data)["name"].as_string()
    query = select(*_columns(DRAFT, col(Draft.id), name, col(Draft.saved)))
    now = bindparam("now", type_=base.UtcDateTime())
    return query.where(col(Draft.person) == bindparam("me"), col(Draft.expires) > now)


def _applications() -> Select[Any]:
    name = col(Application.content)["name"].as_string()
    state = col(Application.state)
    query = select(*_columns(APPLICATION, col(Application.id), name, col(Application.created), state))
    return query.where(col(Application.requester) == bindparam("me"))


def _accounts() -> Select[Any]:
    more = (col(Account.state), col(Account.platform), col(Account.address))
    query = select(*_columns(ACCOUNT, col(Account.id), col(Account.name), col(Account.entered), *more))
    mine = (col(Account.owner) == bindparam("me")) | (col(Account.substitute) == bindparam("me"))
    return query.where(mine, col(Account.state) == LIVE)


def _to_decide() -> Select[Any]:
    """Waiting applications whose head's decision the person has been asked for."""
    name = col(Application.content)["name"].as_string()
    topic = "application:" + cast(col(Application.id), String) + "/head"
    asked = exists().where(col(Post.kind) == HEAD_CARD, col(Post.topic) == topic, col(Post.dest) == bindparam("me"))
    query = select(*_columns(TO_DECIDE, col(Application.id), name, col(Application.asked)))
    return query.join(Decision, col(Decision.application_id) == col(Application.id)).where(
        col(Application.state) == WAITING,
        col(Decision.gate) == "head",
        col(Decision.version) == col(Application.version),
        col(Decision.outcome) == WAITING,
        asked,
    )


QUERY: Final[CompoundSelect[Any]] = union_all(_drafts(), _applications(), _accounts(), _to_decide())


async def of(db: Database, slack_id: str, now: datetime) -> Sequence[Own]:
    """Everything of the person's own, newest first."""
    rows = await db.rows(QUERY, me=slack_id, now=now)
    found = [Own(**{**row._asdict(), "name": row.name or ""}) for row in rows]
    return sorted(found, key=lambda one: one.at, reverse=True)
