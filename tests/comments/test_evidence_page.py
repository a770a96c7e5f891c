"""The evidence page: for the department alone, at an address that expires, and every reading is logged."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import col, update

from bot.comments import arriving, completing, moderating, proof
from bot.comments.moderating import HIDE, Given
from bot.comments.rules import Case
from bot.errors import Refused
from bot.texts import Texts
from bot.web import guard
from bot.web.pages import Pages
from bot.web.proof import Proofs
from storage import arrivals, duties, log
from storage.moderations import Moderation
from tests import town
from tests.comments.conftest import CHANNEL, Desks
from tests.comments.test_acting import MAY_NOT

THREAT = Given("a", why="Hot mot personal", shot="Mappen Borttagna inlägg")
TEXT = "Jag vet var <b>du</b> bor"
Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def site(here: Desks) -> AsyncIterator[Client]:
    """The page alone, behind the guard that all pages have."""
    texts = Texts.load()
    pages = Pages(here.desk, texts)
    app = web.Application(middlewares=[pages.friendly])
    app.on_response_prepare.append(guard.protect)
    Proofs(here.desk, texts, pages).mount(app.router)
    async with TestClient(TestServer(app)) as client:
        yield client


async def hidden(here: Desks, given: Given = THREAT, text: str = TEXT) -> tuple[Case, Moderation]:
    case = await here.comment(text)
    made = await moderating.order(here.desk, town.COMMS, case.id, HIDE, given, now=here.clock())
    return case, made


async def address(here: Desks, made: Moderation, who: str = town.COMMS2) -> str:
    _, found = await proof.address(here.desk, who, made.id or 0, now=here.clock())
    parts = urlsplit(found)
    return f"{parts.path}?{parts.query}"


async def actions(here: Desks, case: Case) -> list[tuple[str, str]]:
    async with here.desk.db.read() as session:
        entries = await log.of_case(session, f"comment:{case.id}")
        return [(one.actor, one.action) for one in entries if one.action.startswith("evidence")]


async def test_the_page_holds_everything_and_its_reading_is_logged(here: Desks, site: Client) -> None:
    """Text, author, reason, numbers, and the line of the log that binds it; text is escaped."""
    case, made = await hidden(here)
    await completing.report(here.desk, town.COMMS, made.id or 0, "FB-77", "5000-K1-26", now=here.clock())
    answer = await site.get(await address(here, made))
    page = await answer.text()
    async with here.desk.db.read() as session:
        [entry] = [one for one in await log.of_case(session, f"comment:{case.id}") if "digest" in one.detail]
    wanted = ("Jag vet var &lt;b&gt;du&lt;/b&gt; bor", "Invånare", "Hot mot personal", "FB-77", "5000-K1-26")
    assert [] == [one for one in (*wanted, made.digest, entry.digest, "Stämmer med loggen.") if one not in page]
    assert (200, "no-store") == (answer.status, answer.headers["Cache-Control"])
    assert [(town.COMMS2, "evidence.link"), (town.COMMS2, "evidence.opened")] == await actions(here, case)


async def test_the_same_as_json(here: Desks, site: Client) -> None:
    """By name, with the line of the log as it was hashed: whoever has it can prove the digest."""
    case, made = await hidden(here, Given("b", why="Diagnos", no_shot="Borta", diary="KS 2026/12"))
    path = (await address(here, made)).replace("?", ".json?")
    found = json.loads(await (await site.get(path)).text())
    assert (TEXT, "KS 2026/12", "whole") == (found["evidence"]["text"], found["diary"], found["checked"])
    line = {name: found["log"][name] for name in ("case", "seq", "at", "actor", "role", "action", "detail")}
    assert log.link(found["log"]["before"], line) == found["log"]["digest"]
    assert {"actor": town.COMMS, "case": f"comment:{case.id}"}.items() <= line.items()


async def test_evidence_that_was_changed_says_so(here: Desks, site: Client) -> None:
    """The log knows what it was."""
    _, made = await hidden(here)
    async with here.desk.db.write() as session:
        forged: dict[str, Any] = {**made.evidence, "text": "Något snällt"}
        await session.exec(update(Moderation).where(col(Moderation.id) == made.id).values(evidence=forged))
    assert "Beviset har ändrats efter beslutet." in await (await site.get(await address(here, made))).text()


async def test_what_the_platform_sent_is_bound_too(here: Desks, site: Client) -> None:
    """Its own message is kept as it came, and the page gives its checksum."""
    case, made = await hidden(here)
    came = arriving.row(CHANNEL, {"comment_id": case.remote, "message": TEXT}, here.clock())
    other = arriving.row(CHANNEL, {"comment_id": f"{case.remote}9", "parent_id": case.remote}, here.clock())
    async with here.desk.db.write() as session:
        await arrivals.add_all(session, [came, other])
    page = await (await site.get(await address(here, made))).text()
    assert (True, False) == (came.digest in page, other.digest in page)


@pytest.mark.parametrize("change", ["late", "signature", "reader", "other", "nothing", "head"])
async def test_an_address_that_is_not_ours_opens_nothing(here: Desks, site: Client, change: str) -> None:
    """Too late, forged, for somebody else, of another evidence: 404, and no line in the log."""
    case, made = await hidden(here)
    await hidden(here)
    path = await address(here, made)
    if change == "late":
        here.later(minutes=31)
    path = {
        "signature": path[:-1] + ("0" if path[-1] != "0" else "1"),
        "reader": path.replace(town.COMMS2, town.COMMS),
        "other": path.replace(made.ref, "B-0002"),
        "nothing": path.partition("?")[0],
    }.get(change, path)
    answer = await (site.head(path) if change == "head" else site.get(path))
    assert 404 == answer.status
    assert [(town.COMMS2, "evidence.link")] == await actions(here, case)


@pytest.mark.parametrize(
    "who", [*MAY_NOT, town.REQUESTER, town.EDITOR, town.OTHER, town.HEAD, town.DEPUTY, town.PARENT]
)
async def test_only_the_department_gets_an_address(here: Desks, who: str) -> None:
    """Not even those who hid it."""
    case, made = await hidden(here)
    with pytest.raises(Refused, match=r"err\.right"):
        await proof.address(here.desk, who, made.id or 0, now=here.clock())
    assert [] == await actions(here, case)


async def test_who_left_the_department_reads_no_more(here: Desks, site: Client) -> None:
    """The right is looked at when the page is opened."""
    _, made = await hidden(here)
    path = await address(here, made)
    async with here.desk.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, [town.COMMS])
    assert 404 == (await site.get(path)).status


async def test_the_registrar_reads_what_was_sent_there(here: Desks, site: Client) -> None:
    """By a button, or by the address in the mail; nothing else."""
    async with here.desk.db.write() as session:
        await duties.appoint(session, duties.REGISTRAR, town.OTHER_HEAD, "Registrator")
    _, made = await hidden(here, Given("b", secrecy=True))
    mailed = proof.signed(here.desk, made, proof.MAILED, here.clock() + timedelta(days=7))
    assert 404 == (await site.get(mailed.removeprefix("http://desk.test"))).status
    await completing.to_registrar(here.desk, town.COMMS, made.id or 0, now=here.clock())
    assert 200 == (await site.get(await address(here, made, town.OTHER_HEAD))).status
    assert 200 == (await site.get(mailed.removeprefix("http://desk.test"))).status


async def test_of_suspected_child_abuse_the_page_has_link_and_time(here: Desks, site: Client) -> None:
    """And says why there is no more."""
    _, made = await hidden(here, Given("child", why=TEXT, shot=TEXT), "Något")
    page = await (await site.get(await address(here, made))).text()
    assert ("Något" not in page, True) == (True, "sparas bara länk och tid" in page)
    assert "Jag vet" not in page
    assert "Stämmer med loggen." in page
