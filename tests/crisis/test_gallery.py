"""The pictures of crisis messages: there before the vendor asks."""

import io
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bot.channels import picture
from bot.channels.outlet import Outlet
from bot.crisis import gallery
from bot.crisis.gallery import Gallery
from bot.crisis.rules import Bulletin
from bot.crisis.submitting import Draft, submit
from bot.texts import Texts
from bot.web.pictures import Pictures
from handlers.crisis_render import CrisisRenderer
from storage import bulletins
from tests import town
from tests.crisis.conftest import Staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SHOWN = {"title": "Koka vattnet", "text": "Koka det. {url}", "alt": "Vit text: Koka det."}


@pytest.fixture
def strokes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what was drawn."""
    found, draw = list[str](), picture.text_picture

    def noted(title: str, text: str, *, drill: bool) -> bytes:
        found.append(title)
        return draw(title, text, drill=drill)

    monkeypatch.setattr(picture, "text_picture", noted)
    return found


async def _asked(staff: Staff) -> Bulletin:
    draft = staff.draft()
    texts = {**draft.texts, "instagram": SHOWN, "mastodon": {"text": "Koka vattnet."}}
    return await submit(staff.desk, town.COMMS, Draft(draft.kind, draft.facts, texts), now=staff.clock())


async def test_it_is_drawn_while_the_approver_reads_and_only_once(staff: Staff, strokes: list[str]) -> None:
    """The vendor's request finds it; before the approval nobody sees it."""
    case, kept, app = await _asked(staff), Gallery(staff.desk), web.Application()
    Pictures(staff.desk, kept).mount(app.router)
    address = f"/kris/bild/{gallery.name(case.id, case.digest)}"
    async with TestClient(TestServer(app)) as client:
        await kept.prepare(case.id, case.digest)
        assert 404 == (await client.get(address)).status
        await staff.approve(case)
        answer = await client.get(address)
        assert "JPEG" == Image.open(io.BytesIO(await answer.read())).format
        assert await kept.of(f"https://kommunen.example{address}")
    assert [SHOWN["title"]] == strokes


async def test_whoever_asks_first_after_a_restart_has_it_drawn(staff: Staff, strokes: list[str]) -> None:
    """Nothing was lost: it is in the database."""
    case = await _asked(staff)
    assert await Gallery(staff.desk).of(gallery.name(case.id, case.digest))
    assert 1 == len(strokes)


@pytest.mark.parametrize("name", ["", "odd.jpg", "1-000000000000.jpg", "99-000000000000.jpg"])
async def test_an_unknown_name_is_no_picture(staff: Staff, name: str) -> None:
    """Another text's, or nobody's."""
    await _asked(staff)
    assert await Gallery(staff.desk).of(f"https://kommunen.example/kris/bild/{name}") is None


async def test_what_cannot_be_drawn_stops_nobody_from_approving(staff: Staff) -> None:
    """A text in a script without a font: the approver's window is open all the same."""
    draft = staff.draft()
    texts = {**draft.texts, "instagram": {**SHOWN, "text": "\u0628" * 20}}
    case = await submit(staff.desk, town.COMMS, Draft(draft.kind, draft.facts, texts), now=staff.clock())
    await Gallery(staff.desk).prepare(case.id, case.digest)


async def test_mastodon_and_bluesky_show_the_picture_that_is_there_anyway(staff: Staff) -> None:
    """With the words of the channel it was drawn for; elsewhere there is none."""
    more = tuple(Outlet(one, one.title(), one) for one in ("instagram", "mastodon", "bluesky"))
    desk = replace(staff.desk, outlets=(*staff.desk.outlets, *more))
    case = await _asked(staff)
    renderer = CrisisRenderer(desk, Texts.load())
    async with desk.db.read() as session:
        row = await bulletins.get(session, case.id)
        assert row is not None
        shown = {one: await renderer._shown(session, row, one) for one in ("instagram", "mastodon", "bluesky", "x")}
    assert [SHOWN["alt"]] * 3 + [""] == [one.alt for one in shown.values()]
    assert 2 == len({one.image for one in shown.values()})
