"""Webhooks: who signs is heard, what came is kept before the 200, and what cannot be read is not lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bot.channels.facebook import FacebookSettings
from bot.channels.heard import Heard
from bot.channels.settings import Keyring
from bot.comments import arriving
from bot.comments.inbox import Inbox
from bot.comments.states import State
from bot.web import hooks
from bot.web.hooks import MetaHooks
from storage import arrivals, comments
from storage.arrivals import Arrival
from storage.comments import Comment
from tests.comments.conftest import CHANNEL, Desks

PAGE, SECRET, WORD = "104", "apphemlighet", "handslag"
SETTINGS = FacebookSettings(
    key=CHANNEL, name="Facebook", page_id=PAGE, app_secret_env="APP_SECRET", verify_token_env="VERIFY"
)
Site = TestClient[web.Request, web.Application]
READERS = {CHANNEL: lambda change: hooks.facebook.heard(SETTINGS, change)}


def change(number: int, text: str = "När öppnar ni?", verb: str = "add", **more: Any) -> dict[str, Any]:
    value = {
        "item": "comment",
        "verb": verb,
        "comment_id": f"104_1_{number}",
        "post_id": "104_1",
        "parent_id": "104_1",
        "from": {"id": "9", "name": "Invånare"},
        "message": text,
        "created_time": 1_795_424_400,
    }
    return {"field": "feed", "value": value | more}


def body(*changes: Any, page: str = PAGE) -> bytes:
    entry = {"id": page, "time": 1_795_424_400, "changes": list(changes)}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


@pytest.fixture
async def site(here: Desks) -> AsyncIterator[Site]:
    application = web.Application()
    keyring = Keyring({"APP_SECRET": SECRET, "VERIFY": WORD})
    MetaHooks(here.desk, [SETTINGS], keyring, Inbox(here.desk, {})).mount(application.router)
    async with TestClient(TestServer(application)) as client:
        yield client


async def send(site: Site, raw: bytes, secret: str = SECRET) -> int:
    answer = await site.post("/webhooks/facebook", data=raw, headers={hooks.SIGNATURE: hooks.sign(secret, raw)})
    return answer.status


async def kept(here: Desks) -> list[Arrival]:
    async with here.desk.db.read() as session:
        return list((await session.exec(select(Arrival).order_by(Arrival.id))).all())  # type: ignore[arg-type]


async def taken_in(here: Desks) -> list[Comment]:
    await arriving.work_off(here.desk, READERS, here.clock())
    async with here.desk.db.read() as session:
        return list((await session.exec(select(Comment).order_by(Comment.id))).all())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "word", "status"), [("subscribe", WORD, 200), ("subscribe", "gissning", 403), ("", WORD, 403)]
)
async def test_the_handshake(site: Site, mode: str, word: str, status: int) -> None:
    """Whoever knows our word gets its challenge back."""
    asked = {"hub.mode": mode, "hub.verify_token": word, "hub.challenge": "4711"}
    answer = await site.get("/webhooks/facebook", params=asked)
    assert status == answer.status
    if status == 200:
        assert "4711" == await answer.text()


@pytest.mark.parametrize("signature", ["", "sha256=0", "sha1=abc", "sha256=åäö"])
async def test_the_forged_are_turned_away(here: Desks, site: Site, signature: str) -> None:
    """401, and nothing of it is kept."""
    answer = await site.post("/webhooks/facebook", data=body(change(1)), headers={hooks.SIGNATURE: signature})
    assert (401, []) == (answer.status, await kept(here))


@pytest.mark.heavy
async def test_kept_before_the_answer_and_read_afterwards(here: Desks, site: Site) -> None:
    """A body of many changes; the same body again changes nothing."""
    raw = body(*(change(number) for number in range(250)))
    assert [200, 200] == [await send(site, raw), await send(site, raw)]
    assert {arrivals.NEW} == {one.state for one in await kept(here)}
    found = await taken_in(here)
    assert (250, {State.WAITING}) == (len(found), {one.state for one in found})
    assert {arrivals.DONE} == {one.state for one in await kept(here)}


async def test_what_cannot_be_read_is_kept_and_counted(here: Desks, site: Site) -> None:
    """A comment without an id, a body that is none, a Page that is not ours; the good ones go on."""
    assert 200 == await send(site, body(change(1), change(2, comment_id=None), change(3)))
    assert 200 == await send(site, b"\xff{")
    assert 200 == await send(site, body(change(4), page="999"))
    assert ["104_1_1", "104_1_3"] == [one.remote for one in await taken_in(here)]
    async with here.desk.db.read() as session:
        assert {CHANNEL: 1, f"facebook{hooks.STRANGE}": 2} == await arrivals.odd(session)


async def test_other_things_than_comments_are_no_comments(here: Desks, site: Site) -> None:
    """Likes and posts are told by the same hook."""
    assert 200 == await send(site, body(change(1, item="reaction"), {"field": "mention", "value": {}}, change(2)))
    assert ["104_1_2"] == [one.remote for one in await taken_in(here)]


async def test_the_page_itself_is_not_answered(here: Desks, site: Site) -> None:
    """Its own comment arrives as well, and answers the resident's."""
    own = change(2, "Klockan tio.", parent_id="104_1_1", **{"from": {"id": PAGE, "name": "Kommunen"}})
    assert 200 == await send(site, body(own, change(1)))
    first, second = sorted(await taken_in(here), key=lambda one: one.remote)
    assert (State.ANSWERED, State.QUIET, True) == (first.state, second.state, second.own)


@asynccontextmanager
async def at_work(here: Desks) -> AsyncIterator[Inbox]:
    inbox = Inbox(here.desk, READERS)
    running = asyncio.create_task(inbox.run())
    yield inbox
    inbox.stop()
    await running


async def until_worked_off(here: Desks, many: int) -> None:
    for _ in range(500):
        if [arrivals.DONE] * many == [one.state for one in await kept(here)]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not worked off: {[one.state for one in await kept(here)]}")


async def test_the_inbox_works_off_at_once(here: Desks) -> None:
    """Without waiting for the tick."""
    async with at_work(here) as inbox:
        await inbox.keep(CHANNEL, [change(1)], now=here.clock())
        await until_worked_off(here, 1)


async def test_what_a_stop_left_is_the_ticks(here: Desks) -> None:
    """Kept by a desk that was stopped before it looked; the next one finds it."""
    await Inbox(here.desk, READERS).keep(CHANNEL, [change(1)], now=here.clock())
    async with at_work(here) as inbox:
        await inbox.tick(here.clock())
        await until_worked_off(here, 1)


async def test_who_comes_together_is_kept_together(here: Desks) -> None:
    """Many at the door at the same time share a commit; each is told when it is done."""
    commits = []
    here.desk.db.committed.append(lambda: commits.append(1))
    inbox = Inbox(here.desk, READERS)
    await asyncio.gather(*(inbox.keep(CHANNEL, [change(n)], now=here.clock()) for n in range(50)))
    assert (50, True) == (len(await kept(here)), len(commits) < 5)


async def test_what_could_not_be_kept_is_said_to_everybody(here: Desks) -> None:
    """Nobody gets a 200 for what the database refused; the next ones are kept."""
    inbox, broken = Inbox(here.desk, READERS), cast("str", None)
    together = [inbox.keep(source, [change(n)], now=here.clock()) for n, source in enumerate((CHANNEL, broken))]
    results = await asyncio.gather(*together, return_exceptions=True)
    assert [IntegrityError, IntegrityError] == [type(one) for one in results]
    await inbox.keep(CHANNEL, [change(3)], now=here.clock())
    assert 1 == len(await kept(here))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_any_order_duplication_and_cut(here: Desks, site: Site, data: st.DataObject) -> None:
    """However Meta cuts, repeats and shuffles its batches: every comment once, as it last was."""
    mark = data.draw(st.integers(0, 10**9))
    story = [change(f"{mark}{n}", text, verb) for n, text, verb in STORY]  # type: ignore[arg-type]
    told = data.draw(st.permutations([*story, *story]))
    cut = data.draw(st.integers(1, len(told)))
    for at in range(0, len(told), cut):
        assert 200 == await send(site, body(*told[at : at + cut]))
        if data.draw(st.booleans()):
            await taken_in(here)
    await taken_in(here)
    async with here.desk.db.read() as session:
        found = [await comments.by_remote(session, CHANNEL, f"104_1_{mark}{n}") for n in (1, 2, 3)]
    assert ["Och på söndag?", "👍", ""] == [one.text if one and one.state != State.GONE else "" for one in found]


STORY = (
    (1, "När öppnar ni?", "add"),
    (1, "Och på söndag?", "edited"),
    (2, "👍", "add"),
    (3, "Dumt!", "add"),
    (3, "", "remove"),
)


async def test_letters_that_no_database_keeps(here: Desks, site: Site) -> None:
    """NUL and half a pair are left out of what is shown; nothing is stuck for them."""
    assert 200 == await send(site, body(change(1, "Hej\x00 \ud83d då?")))
    assert ["Hej  då?"] == [one.text for one in await taken_in(here)]


async def test_what_cannot_be_stored_holds_up_nothing(here: Desks, site: Site) -> None:
    """An id as long as a novel is odd; its neighbours are comments, and the next ones come."""
    assert 200 == await send(site, body(change(1), change(2, comment_id="1" * 400), change(3)))
    assert ["104_1_1", "104_1_3"] == [one.remote for one in await taken_in(here)]
    assert [arrivals.DONE, arrivals.ODD, arrivals.DONE] == [one.state for one in await kept(here)]


async def test_one_that_breaks_the_transaction_is_odd_alone(here: Desks, site: Site) -> None:
    """Found only when it is stored: the others of its bundle are taken in, and it is not tried for ever."""

    def reader(change: Mapping[str, Any]) -> Heard | None:
        read = READERS[CHANNEL](change)
        naive = datetime(2026, 11, 23, 9)
        return replace(read, written=naive) if read and read.remote.endswith("_2") else read

    assert 200 == await send(site, body(*(change(number) for number in (1, 2, 3))))
    await arriving.work_off(here.desk, {CHANNEL: reader}, here.clock())
    assert [arrivals.DONE, arrivals.ODD, arrivals.DONE] == [one.state for one in await kept(here)]
    assert ["104_1_1", "104_1_3"] == [one.remote for one in await taken_in(here)]
