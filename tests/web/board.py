"""A board that says what a test tells it to, and the site's own parts around it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.crisis.standing import Standing
from bot.desk import Desk
from bot.web import guard, signs
from bot.web.pages import Pages
from storage.engine import Database
from tests import town
from tests.town import MONDAY
from tests.web.conftest import TEXTS

Site = TestClient[web.Request, web.Application]


class Wall:
    """What stands, as a test says; ``trouble`` is raised instead."""

    def __init__(self, *found: Standing) -> None:
        self.found: Sequence[Standing] = found
        self.trouble: Exception | None = None

    async def standing(self) -> list[Standing]:
        if self.trouble:
            raise self.trouble
        return list(self.found)


def water(**changed: Any) -> Standing:
    """Tap water in Åsbo is not safe; published at ten in Stockholm on a Monday."""
    values: dict[str, Any] = {
        "incident": 3,
        "number": 1,
        "kind": "first",
        "event": "Vatten",
        "headline": "Koka vattnet i Åsbo",
        "text": "Vi har fått uppgifter om bakterier i dricksvattnet.",
        "advice": "Koka vattnet innan du dricker det.",
        "area": "Åsbo, inte Vik",
        "sent": MONDAY,
        "first_sent": MONDAY,
        "expires": None,
        "drill": False,
        "over": False,
        "link": "https://www.exempel.example/k/7F3",
        "rows": {"e20": ("Åsbo", "Koka vattnet", "Hämta vid torget")},
        **changed,
    }
    return Standing(**values)


def later(minutes: float = 30, **changed: Any) -> Standing:
    """The second message about the water."""
    sent = MONDAY + timedelta(minutes=minutes)
    return water(**{"number": 2, "kind": "update", "sent": sent, "text": "Nya prov tas i kväll.", **changed})


@asynccontextmanager
async def site_of(
    folder: Path, now: town.Clock, mount: Callable[[Desk, Pages, web.UrlDispatcher], None], public_url: str = ""
) -> AsyncIterator[Site]:
    """A site with the guard and the friendly boundary, and with what ``mount`` adds."""
    database = Database(f"sqlite:///{folder / 'unused.db'}")
    desk = town.desk(database, now)
    desk = Desk(desk.db, desk.settings, desk.office, desk.log_key, public_url or desk.public_url, now)
    pages = Pages(desk, TEXTS)
    app = web.Application(middlewares=[pages.friendly])
    app.on_response_prepare.append(guard.protect)
    app.on_response_prepare.append(signs.allow)
    mount(desk, pages, app.router)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client
    await database.close()
