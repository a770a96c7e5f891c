"""What stands now, read from the database: for signs and feeds."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.crisis import cases, compose
from bot.crisis.facts import Facts
from bot.crisis.standing import Standing
from bot.crisis.states import Kind, State
from bot.desk import Desk
from bot.texts import Speak
from storage import bulletins, incidents, posts
from storage.bulletins import Bulletin
from storage.incidents import Incident
from storage.posts import Post

KEEP: Final = timedelta(days=30)  # how long the feed tells of what is over
CATEGORIES: Final = {
    "water": "Health",
    "power": "Infra",
    "fire": "Fire",
    "weather": "Met",
    "it": "Infra",
    "trust": "Other",
    "other": "Safety",
}


class Standings:
    """The board behind ``/skylt`` and ``/feeds``: only what has been published, and not removed."""

    def __init__(self, desk: Desk, t: Speak) -> None:
        self._desk, self._t = desk, t

    async def standing(self) -> list[Standing]:
        """Every incident's present message, drills and lately ended ones too."""
        async with self._desk.db.read() as session:
            found = await incidents.in_state(session, incidents.ON, incidents.OVER)
            recent = [one for one in found if one.ended is None or self._desk.now() - one.ended < KEEP]
            every = [await self._of(session, one) for one in recent]
        return [one for one in every if one is not None]

    async def _of(self, session: AsyncSession, incident: Incident) -> Standing | None:
        out = await bulletins.in_state(session, incident.id or 0, State.APPROVED, State.STOPPED)
        rows = await posts.under(session, f"{cases.topic(incident.id or 0)}/out")
        told = [one for one in out if _published(one, rows)]
        if not told:
            return None
        return self._standing(incident, told, rows)

    def _standing(self, incident: Incident, told: Sequence[Bulletin], rows: Sequence[Post]) -> Standing:
        newest, facts = told[-1], Facts.from_json(told[-1].facts)
        shown = _feed_text(newest, self._desk)
        sent = [one.decided or one.asked for one in told]
        return Standing(
            incident=incident.id or 0,
            number=newest.number,
            kind=newest.kind,
            event=self._t(f"event.{incident.event}"),
            headline=str(shown.get("title") or facts.what),
            text=compose.fill(str(shown.get("text") or ""), ""),
            advice=facts.advice,
            area=incident.place,
            sent=sent[-1],
            first_sent=sent[0],
            expires=None,
            drill=incident.drill,
            over=incident.state == incidents.OVER or newest.kind == Kind.END,
            link=_link(rows, self._desk),
            category=CATEGORIES.get(incident.event, "Safety"),
            rows={one.key: _sign(told, rows, one.key) for one in self._desk.outlets if one.platform == "sign"},
            earlier=tuple(sent[:-1]),
        )


def _published(row: Bulletin, rows: Sequence[Post]) -> bool:
    """At least one of its deliveries has been carried out."""
    return any(one.args.get("bulletin") == row.id and one.state == posts.DONE for one in rows)


def _feed_text(row: Bulletin, desk: Desk) -> dict[str, object]:
    """What the feed's own channel says, else the website's."""
    feeds = [one.key for one in desk.outlets if one.platform == "feed"]
    for key in (*feeds, desk.settings.crisis.website or ""):
        if row.texts.get(key):
            return dict(row.texts[key])
    return dict(next(iter(row.texts.values()), {}))


def _link(rows: Sequence[Post], desk: Desk) -> str:
    """Where the website tells of it."""
    website = desk.settings.crisis.website
    links = [one.link for one in rows if one.via == website and one.link]
    return links[-1] if links else desk.settings.municipality.website


def _sign(told: Sequence[Bulletin], rows: Sequence[Post], key: str) -> tuple[str, ...]:
    """A sign's rows since its delivery was carried out; none once it was taken away or given back."""
    mine = [one for one in rows if one.via == key and one.state == posts.DONE]
    if not mine or mine[-1].verb == posts.REMOVE:
        return ()
    by_id = {one.id: one for one in told}
    row = by_id.get(mine[-1].args.get("bulletin"))
    return tuple(row.texts.get(key, {}).get("rows") or ()) if row else ()
