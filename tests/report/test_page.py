"""The report's page, charts and workbook at their signed address: for who was given it, and for a time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.report import charts, drafting, links
from bot.report.links import For, Pass
from bot.texts import Texts
from bot.web import guard
from bot.web import report as page
from bot.web.pages import Pages
from bot.web.report import Reports
from storage import reports
from storage.reports import MonthlyReport
from tests import town
from tests.report import example
from tests.report.conftest import Here
from tests.report.example import MADE, OCTOBER

TEXTS = Texts.load()


async def frozen(here: Here, comment: str = "") -> None:
    """The example month as a draft."""
    here.at(MADE)
    async with here.desk.db.write() as session:
        numbers = example.numbers().model_dump(mode="json")
        await reports.add(session, MonthlyReport(month="2026-10", numbers=numbers, made=MADE, comment=comment))


async def sent(here: Here) -> None:
    """And management has it."""
    found = await drafting.found(here.desk, OCTOBER, here.clock())
    await drafting.send(here.desk, town.MANAGER, OCTOBER, found.digest, now=here.clock())


def site(here: Here) -> TestClient[web.Request, web.Application]:
    pages = Pages(here.desk, TEXTS)
    app = web.Application(middlewares=[pages.friendly])
    app.on_response_prepare.append(guard.protect)
    app.on_response_prepare.append(page.allow)
    Reports(here.desk, TEXTS, pages).mount(app.router)
    return TestClient(TestServer(app))


def address(here: Here, whom: For = For.DEPARTMENT) -> str:
    return links.address(here.desk, OCTOBER, whom, here.clock()).removeprefix(here.desk.public_url)


async def test_the_page_shows_the_report(here: Here) -> None:
    """The figures, the manager's words as words, and every chart with its alternative text."""
    await frozen(here, "<script>alert(1)</script>")
    async with site(here) as client:
        answer = await client.get(address(here))
        text = await answer.text()
    assert 200 == answer.status
    assert "Sociala medier i oktober 2026" in text
    assert "Utkast, inte skickat." in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert 4 == text.count(".png")
    assert 4 == text.count('alt="Stapeldiagram')
    assert ("no-store", "noindex") == (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"])
    assert "img-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_charts_and_workbook_stand_below_it(here: Here) -> None:
    """Each of its own kind; what is no chart is not there."""
    await frozen(here)
    async with site(here) as client:
        for name in charts.NAMES:
            answer = await client.get(f"{address(here)}/{name}.png")
            assert ("image/png", b"\x89PNG") == (answer.content_type, (await answer.read())[:4])
            assert "cross-origin" == answer.headers[guard.CROSS_ORIGIN]
        book = await client.get(f"{address(here)}/rapport.xlsx")
        assert b"PK" == (await book.read())[:2]
        assert 'attachment; filename="rapport-2026-10.xlsx"' == book.headers["Content-Disposition"]
        assert 404 == (await client.get(f"{address(here)}/annat.png")).status


async def test_managements_address_opens_nothing_before_it_was_sent(here: Here) -> None:
    """And the draft's word is gone afterwards."""
    await frozen(here)
    async with site(here) as client:
        assert 404 == (await client.get(address(here, For.MANAGEMENT))).status
        await sent(here)
        answer = await client.get(address(here, For.MANAGEMENT))
        assert 200 == answer.status
        assert "Utkast" not in await answer.text()


async def test_an_address_is_good_for_a_time(here: Here) -> None:
    """Its last day included."""
    await frozen(here)
    given = address(here)
    async with site(here) as client:
        here.later(days=90)
        assert 200 == (await client.get(given)).status
        here.later(days=1)
        for one in (given, f"{given}/engagement.png", f"{given}/rapport.xlsx"):
            assert 404 == (await client.get(one)).status


async def test_nobody_guesses_or_alters_an_address(here: Here) -> None:
    """Another month, another reader, a later day, another desk's key: all unknown."""
    token = address(here).rpartition("/")[2]
    read = links.read(here.desk, token, here.clock())
    assert Pass(OCTOBER, For.DEPARTMENT) == read
    whom, year, month_, until, digest = token[0], token[1:5], *token[6:].split("-")
    altered = [
        f"m{token[1:]}",
        f"{whom}{year}-09-{until}-{digest}",
        f"{whom}{year}-{month_}-{int(until) + 1}-{digest}",
        f"{whom}{year}-{month_}-99999999-{digest}",
        f"{token[:-1]}{'0' if token[-1] != '0' else '1'}",
        token.upper(),
        f"{token}0",
        "",
    ]
    assert [None] * len(altered) == [links.read(here.desk, one, here.clock()) for one in altered]
    assert links.read(replace(here.desk, log_key=b"another"), token, here.clock()) is None


@pytest.mark.parametrize("ahead", [0, 40])
async def test_a_month_without_a_draft_shows_its_numbers_as_they_stand(here: Here, ahead: int) -> None:
    """For the department; a month that has not begun has no page."""
    here.at(MADE)
    month = OCTOBER if not ahead else OCTOBER.after.after
    given = links.address(here.desk, month, For.DEPARTMENT, here.clock()).removeprefix(here.desk.public_url)
    async with site(here) as client:
        answer = await client.get(given)
        assert (404 if ahead else 200) == answer.status
        if not ahead:
            assert "Siffrorna som de är nu, till och med 2026-10-31" in await answer.text()


async def test_a_chart_is_drawn_once_for_many_readers(here: Here) -> None:
    """Beside the event loop, and kept by its content."""
    await frozen(here)
    async with site(here) as client:
        first = await (await client.get(f"{address(here)}/topics.png")).read()
        here.later(days=1)
        assert first == await (await client.get(f"{address(here)}/topics.png")).read()
    assert timedelta(0) < here.clock() - MADE
