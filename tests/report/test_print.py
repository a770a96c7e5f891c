"""The page before a real browser: one A4 page whatever is in it, readable on a telephone, nothing from outside."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from bot.report import drafting, links, month
from bot.report.links import For
from bot.report.month import Rows, Said, Source
from bot.report.numbers import Numbers
from bot.texts import Texts
from bot.web import guard
from bot.web import report as page
from bot.web.pages import Pages
from bot.web.report import Reports
from storage import reports
from storage.reports import MonthlyReport
from tests.browser.screen import PROBES
from tests.report import example
from tests.report.conftest import Here
from tests.report.example import GOAL, HOUR, MADE, OCTOBER, OFFICE, post

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),  # where the browser is
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
WORDS = "Snöröjningen gav många frågor, och vi svarade på dem alla. "
PAGES = re.compile(rb"/Type\s*/Page\b")


def crowded() -> Numbers:
    """Forty accounts with long names, half of them unmeasured now and then; many topics."""
    sources = [Source(str(n), f"Verksamheten med det långa namnet {n}", f"Enheten {n}") for n in range(40)]
    lacking = {n for n in range(31) if n % 3 == 0}
    days = [day for day in OCTOBER.days if day.day not in lacking]
    followers = {one.channel: dict.fromkeys(days, 100 + 7 * int(one.channel)) for one in sources}
    posts = [post(one.channel, OCTOBER.begins + 50 * HOUR, 7) for one in sources]
    said = [Said(OCTOBER.begins + n * HOUR, "quiet", f"Enheten {n % 12}", "", f"Ämne {n % 11}") for n in range(500)]
    names = [f"Konto som inte mäts och har ett långt namn {n}" for n in range(12)]
    found = month.compiled(Rows(sources, followers, posts, said, names), OCTOBER, OFFICE, GOAL, MADE)
    return found.model_copy(update={"before": example.numbers().before})


MONTHS = {
    "usual": (example.numbers(), WORDS * 3, WORDS),
    "just below dense": (example.numbers(), WORDS * 5, WORDS * 3),
    "all the words": (example.numbers(), (WORDS * 20)[:700], (WORDS * 20)[:500]),
    "many lines": (example.numbers(), "\n".join("abcdefghij" * 3 for _ in range(20)), "a\n" * 240),
    "tall charts": (crowded().model_copy(update={"unmeasured": ()}), WORDS * 3, WORDS),
    "crowded": (crowded(), (WORDS * 20)[:700], (WORDS * 20)[:500]),
    "one long word": (example.numbers(), "a" * 700, "b" * 500),
    "nothing": (month.compiled(Rows(), OCTOBER, OFFICE, GOAL, MADE), "", ""),
}


@asynccontextmanager
async def shown(here: Here, browser: Browser, given: Sequence[object], width: int = 794) -> AsyncIterator[Page]:
    """The month's page, opened as the department."""
    numbers, comment, asks = given
    assert isinstance(numbers, Numbers)
    here.at(MADE)
    async with here.desk.db.write() as session:
        row = MonthlyReport(
            month="2026-10",
            numbers=numbers.model_dump(mode="json"),
            made=MADE,
            comment=str(comment),
            asks=str(asks),
        )
        await reports.add(session, row)
    desk = replace(here.desk, public_url="")
    pages, app = Pages(desk, Texts.load()), web.Application()
    app.on_response_prepare.append(guard.protect)
    app.on_response_prepare.append(page.allow)
    Reports(desk, Texts.load(), pages).mount(app.router)
    async with TestServer(app) as server:
        complaints: list[str] = []
        elsewhere: list[str] = []
        view = await browser.new_page(viewport={"width": width, "height": 1123})
        await view.add_init_script(path=PROBES)
        view.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        view.on("requestfailed", lambda request: elsewhere.append(request.url))
        where = links.address(desk, OCTOBER, For.DEPARTMENT, MADE)
        await view.goto(f"{str(server.make_url('/')).rstrip('/')}{where}")
        await view.wait_for_load_state("networkidle")
        yield view
        assert [] == [one for one in complaints if "favicon" not in one and "404" not in one]
        assert [] == elsewhere


@pytest.mark.parametrize("name", MONTHS)
async def test_it_is_one_printed_page(here: Here, browser: Browser, name: str) -> None:
    """On A4, whatever the manager wrote and however much is missing."""
    async with shown(here, browser, MONTHS[name]) as view:
        pdf = await view.pdf(prefer_css_page_size=True, print_background=True)
        assert 1 == len(PAGES.findall(pdf))


@pytest.mark.parametrize("name", ["usual", "crowded", "one long word"])
@pytest.mark.parametrize("width", [320, 794, 1280])
async def test_nothing_sticks_out(here: Here, browser: Browser, name: str, width: int) -> None:
    """On a telephone and on a desk; every chart is there, and everything is dark enough to read."""
    async with shown(here, browser, MONTHS[name], width) as view:
        assert [] == list(await view.evaluate("probes.wide()"))
        assert [] == list(await view.evaluate("[...probes.nameless(), ...probes.pale()]"))
        loaded = await view.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 1000)")
        assert loaded
        assert 4 == await view.evaluate("document.images.length")


async def test_what_was_frozen_is_what_one_reads(here: Here, browser: Browser) -> None:
    """The figures and the words of the row."""
    async with shown(here, browser, MONTHS["usual"]) as view:
        found = await drafting.found(here.desk, OCTOBER, MADE)
        text = await view.inner_text("main")
        assert "Engagemangsgrad 6 % (mål 5–7 %, 16 inlägg): inom målet." in text.replace("\u00a0", " ")
        assert found.comment.strip() in text
