"""What signs and feeds are told, and the picture that Instagram fetches."""

import io

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bot.crisis.facts import Kind
from bot.crisis.gallery import Gallery
from bot.crisis.handling import Touch, remove
from bot.crisis.standings import Standings
from bot.crisis.submitting import submit
from bot.texts import Texts
from bot.web.pictures import Pictures
from storage import posts
from tests import town
from tests.crisis.conftest import SIGN, SITE, Staff

TEXTS = Texts.load()


async def _carried_out(staff: Staff, *channels: str) -> None:
    """The deliveries to these channels are done."""
    for row in await staff.rows("crisis.text"):
        if row.via in channels and row.state == posts.WAITING:
            async with staff.desk.db.write() as session:
                await posts.move(session, row.id or 0, posts.WAITING, posts.DONE, remote="1", link="https://w/1")


async def test_nothing_stands_before_something_is_published(staff: Staff) -> None:
    """Neither what is proposed nor what is approved and still on its way."""
    board = Standings(staff.desk, TEXTS.language("sv"))
    case = await staff.submit()
    assert [] == await board.standing()
    await staff.approve(case)
    assert [] == await board.standing()


async def test_what_is_published_stands_with_its_link(staff: Staff) -> None:
    """From the first delivery on; a sign's rows only once its own delivery is done."""
    board = Standings(staff.desk, TEXTS.language("sv"))
    await staff.publish()
    await _carried_out(staff, SITE)
    [one] = await board.standing()
    assert ("Centrum", "https://w/1", (), False) == (one.area, one.link, one.rows[SIGN], one.over)


async def test_a_sign_shows_its_rows_until_they_are_taken_away(staff: Staff) -> None:
    """By the removal's own delivery."""
    board = Standings(staff.desk, TEXTS.language("sv"))
    draft = staff.draft()
    texts = {**draft.texts, SIGN: {"text": "KOKA VATTNET", "rows": ["KOKA VATTNET"]}}
    case = await staff.approve(
        await submit(staff.desk, town.COMMS, type(draft)(draft.kind, draft.facts, texts), now=staff.clock())
    )
    await _carried_out(staff, SITE, SIGN)
    [one] = await board.standing()
    assert ("KOKA VATTNET",) == one.rows[SIGN]
    await remove(staff.desk, Touch(case.id, SIGN, town.COMMS), now=staff.clock())
    await _carried_out(staff, SIGN)
    [one] = await board.standing()
    assert () == one.rows[SIGN]


async def test_the_end_is_told_as_the_end(staff: Staff) -> None:
    """With the instants of everything that was said before."""
    board = Standings(staff.desk, TEXTS.language("sv"))
    case = await staff.publish()
    await _carried_out(staff, SITE)
    await staff.publish(Kind.END, incident=case.incident, now="Proverna är bra.")
    await _carried_out(staff, SITE)
    [one] = await board.standing()
    assert (True, 2, 1) == (one.over, one.number, len(one.earlier))


@pytest.mark.parametrize(("approved", "status"), [(True, 200), (False, 404)])
async def test_the_picture_is_there_once_the_message_is_approved(staff: Staff, approved: bool, status: int) -> None:
    """A JPEG at an address that nobody guesses."""
    draft = staff.draft()
    texts = {**draft.texts, "instagram": {"title": "Koka vattnet", "text": "Koka det. {url}", "alt": "Koka."}}
    case = await submit(staff.desk, town.COMMS, type(draft)(draft.kind, draft.facts, texts), now=staff.clock())
    if approved:
        await staff.approve(case)
    app = web.Application()
    Pictures(staff.desk, Gallery(staff.desk)).mount(app.router)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get(f"/kris/bild/{case.id}-{case.digest[:12]}.jpg")
        assert status == answer.status
        if approved:
            assert "JPEG" == Image.open(io.BytesIO(await answer.read())).format
        assert 404 == (await client.get(f"/kris/bild/{case.id}-{'0' * 12}.jpg")).status
        assert 404 == (await client.get("/kris/bild/oddname.jpg")).status
