"""Instagram's webhook beside its polling: forged ones out, strangers kept, and each comment once from both."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.channels.facebook import FacebookSettings
from bot.channels.instagram import InstagramSettings
from bot.channels.settings import Keyring
from bot.channels.talk.instagram import InstagramTalk, heard
from bot.comments import arriving, taking
from bot.comments.inbox import Inbox
from bot.comments.states import State
from bot.sandbox.platforms.instagram import ACCOUNT_ID, USERNAME, Instagram
from bot.sandbox.platforms.picture_remarks import APP_SECRET
from bot.sandbox.platforms.remarks import Remark
from bot.web import hooks
from bot.web.hooks import MetaHooks
from storage import arrivals
from storage.arrivals import Arrival
from storage.comments import Comment
from tests.comments.conftest import Desks

KEY, DOOR = "instagram", "/webhooks/instagram"
ENVIRONMENT = {
    "IG": "hemligt",
    "IG_SECRET": APP_SECRET,
    "IG_WORD": "handslag",
    "FB_SECRET": "annat",
    "FB_WORD": "x",
}
PAGE = FacebookSettings(
    key="facebook", name="Facebook", page_id="104", app_secret_env="FB_SECRET", verify_token_env="FB_WORD"
)
Site = TestClient[web.Request, web.Application]


@pytest.fixture
async def local() -> AsyncIterator[Instagram]:
    platform = Instagram(token="hemligt")
    app = web.Application()
    app.add_routes(platform.routes())
    async with TestServer(app, host="127.0.0.1") as server:
        platform.base_url = f"http://127.0.0.1:{server.port}"
        platform.add("Badhuset öppnar på lördag.")
        yield platform


@pytest.fixture
def chosen(local: Instagram) -> InstagramSettings:
    return InstagramSettings(
        key=KEY,
        name="Instagram",
        api_url=local.base_url,
        token_env="IG",
        account_id=ACCOUNT_ID,
        username=USERNAME,
        app_secret_env="IG_SECRET",
        verify_token_env="IG_WORD",
    )


@pytest.fixture
async def site(here: Desks, chosen: InstagramSettings) -> AsyncIterator[Site]:
    application = web.Application()
    MetaHooks(here.desk, [PAGE, chosen], Keyring(ENVIRONMENT), Inbox(here.desk, {})).mount(application.router)
    async with TestClient(TestServer(application)) as client:
        yield client


async def send(site: Site, body: bytes, headers: dict[str, str], door: str = DOOR) -> int:
    answer = await site.post(door, data=body, headers=headers)
    return answer.status


async def kept(here: Desks) -> list[Arrival]:
    async with here.desk.db.read() as session:
        return list((await session.exec(select(Arrival))).all())


async def taken_in(here: Desks, chosen: InstagramSettings) -> dict[str, Comment]:
    await arriving.work_off(here.desk, {KEY: partial(heard, chosen)}, here.clock())
    async with here.desk.db.read() as session:
        rows = (await session.exec(select(Comment).where(col(Comment.channel) == KEY))).all()
    assert len(rows) == len({one.remote for one in rows})
    return {one.remote: one for one in rows}


@pytest.mark.parametrize(("word", "status"), [("handslag", 200), ("x", 403), ("gissning", 403)])
async def test_the_handshake(site: Site, word: str, status: int) -> None:
    """Each platform has its own word; the other's opens nothing here."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "4711"}
    assert status == (await site.get(DOOR, params=asked)).status


@pytest.mark.parametrize("secret", ["annat", "gissning", ""])
async def test_the_forged_are_turned_away(here: Desks, site: Site, secret: str) -> None:
    """401, also for what the other platform's secret signed; nothing of it is kept."""
    body = b'{"object": "instagram", "entry": []}'
    assert 401 == await send(site, body, {hooks.SIGNATURE: hooks.sign(secret, body)})
    assert 401 == await send(site, body, {})
    assert [] == await kept(here)


async def test_what_the_local_platform_tells_is_a_comment(
    here: Desks, site: Site, local: Instagram, chosen: InstagramSettings
) -> None:
    """Signed as Meta does, kept before the 200, delivered twice; the account's own answer answers."""
    post = local.items[0].id
    asked = local.remarks.add(post, "När öppnar ni?", author="förälder")
    own = local.remarks.add(post, "Klockan tio.", parent=asked.id, own=True, author=USERNAME)
    for remark in (own, asked, asked):
        assert 200 == await send(site, *local.word("add", remark))
    assert {arrivals.NEW} == {one.state for one in await kept(here)}
    rows = await taken_in(here, chosen)
    assert (State.ANSWERED, "När öppnar ni?", "förälder") == (
        rows[asked.id].state,
        rows[asked.id].text,
        rows[asked.id].author,
    )
    assert (State.QUIET, True) == (rows[own.id].state, rows[own.id].own)


async def test_strangers_and_odd_ones_are_kept(
    here: Desks, site: Site, local: Instagram, chosen: InstagramSettings
) -> None:
    """Another account's, the other platform's object, a comment without a post: counted, and nobody's comment."""
    value = {"id": "5", "text": "När?", "media": {"id": "M"}}
    good = {"field": "comments", "value": value}
    told: list[tuple[str, dict[str, Any]]] = [
        ("999", good),
        (ACCOUNT_ID, good | {"value": {"id": "6"}}),
        (ACCOUNT_ID, {"field": "story_insights", "value": {}}),
    ]
    bodies = [{"object": KEY, "entry": [{"id": who, "time": 1, "changes": [change]}]} for who, change in told]
    for one in [*bodies, {"object": "page", "entry": []}]:
        raw = json.dumps(one).encode()
        assert 200 == await send(site, raw, {hooks.SIGNATURE: hooks.sign(APP_SECRET, raw)})
    assert {} == await taken_in(here, chosen)
    async with here.desk.db.read() as session:
        assert {KEY: 1, f"{KEY}{hooks.STRANGE}": 2} == await arrivals.odd(session)


class Both:
    """Residents write; a webhook may come late, twice or never; a look comes when it comes."""

    def __init__(self, here: Desks, site: Site, local: Instagram, chosen: InstagramSettings) -> None:
        self.here, self.site, self.local, self.chosen = here, site, local, chosen
        self.talk = InstagramTalk(chosen, Keyring(ENVIRONMENT), timeout_s=5.0)
        self.cursor: dict[str, Any] = {}
        self.waiting: list[tuple[bytes, dict[str, str]]] = []
        self.post = local.add("Ett inlägg till.").id

    def write(self, text: str, **more: Any) -> Remark:
        remark = self.local.remarks.add(self.post, text, **more)
        self.waiting.append(self.local.word("add", remark))
        return remark

    async def look(self) -> None:
        page = await self.talk.comments(self.cursor)
        await taking.take_in(self.here.desk, KEY, page.heard, now=self.here.clock())
        self.cursor = dict(page.cursor)

    async def hooks(self, data: st.DataObject) -> None:
        """Some of what is under way arrives: shuffled, repeated, or lost on the way."""
        told = data.draw(st.lists(st.sampled_from(self.waiting), max_size=6)) if self.waiting else []
        for body, headers in told:
            assert 200 == await send(self.site, body, headers)
        if data.draw(st.booleans()):
            await taken_in(self.here, self.chosen)


@pytest.mark.heavy
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_both_ways_in_any_order(
    here: Desks, site: Site, local: Instagram, chosen: InstagramSettings, data: st.DataObject
) -> None:
    """However hooks and looks mix: every comment once, answered ones answered, what is gone gone."""
    both = Both(here, site, local, chosen)
    await both.look()
    asked = [both.write(f"Fråga {number}?") for number in range(3)]
    await both.hooks(data)
    if data.draw(st.booleans()):
        await both.look()
    await both.hooks(data)
    both.write("Klockan tio.", parent=asked[0].id, own=True, author=USERNAME)
    await both.hooks(data)
    await both.look()
    local.remarks.remove(asked[1])
    await both.hooks(data)
    await both.look()
    await both.hooks(data)
    rows = await taken_in(here, chosen)
    await both.talk.close()
    assert [State.ANSWERED, State.GONE, State.WAITING] == [rows[one.id].state for one in asked]
    assert ["Fråga 0?", "Fråga 1?", "Fråga 2?"] == [rows[one.id].text for one in asked]
