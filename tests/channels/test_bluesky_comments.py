"""Replies on Bluesky, against the local server."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.bluesky import BlueskySettings
from bot.channels.elsewhere import Kind
from bot.channels.errors import Refused, Throttled
from bot.channels.heard import Verb
from bot.channels.message import Message
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk.bluesky import BlueskyTalk
from bot.sandbox.platforms.bluesky import Bluesky
from tests.channels.conftest import Listen
from tests.channels.talk_behaviour import ANSWER, KEY, TalkBehaviour, first_look, look, own, told

DAY_S = 86_400.0
NAME = "3jzfcijpj2z2a"


@pytest.fixture
async def local(listen: Listen) -> Bluesky:
    platform = Bluesky(token="hemligt")
    await listen(platform)
    text = Message("Badhuset öppnar på lördag.").text
    platform.add(text, id=NAME, more={"cid": "bafyfirst", "record": {"text": text}})
    return platform


@pytest.fixture
def post(local: Bluesky) -> str:
    return local.uri(NAME)


@pytest.fixture
async def talk(local: Bluesky) -> AsyncIterator[BlueskyTalk]:
    chosen = BlueskySettings(
        key="bluesky",
        name="Bluesky",
        api_url=local.base_url,
        site_url=local.base_url,
        token_env="SKY",
        identifier=local.handle,
    )
    one = BlueskyTalk(chosen, Keyring({"SKY": "hemligt"}), timeout_s=5.0)
    yield one
    await one.close()


class TestBluesky(TalkBehaviour):
    """As on every platform."""


async def test_answers_to_old_posts_come_by_notifications(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """The thread is not watched any more. They are walked back page by page, and a new process goes on."""
    local.items[0].at -= 60 * DAY_S
    local.remarks.add(NAME, "Längesen.").at -= 59 * DAY_S
    began = await first_look(talk)
    for number in range(230):
        local.remarks.add(NAME, f"Fråga {number}?")
    first = await talk.comments(began.cursor)
    assert first.more
    local.remarks.add(NAME, "Sist?")
    rest = await look(talk, first)
    again = await look(talk, rest)
    heard = [one for page in (first, rest, again) for one in page.heard]
    assert {*(f"Fråga {number}?" for number in range(230)), "Sist?"} == {one.text for one in heard}
    assert {(post, "Badhuset öppnar på lördag.")} == {(one.post, one.post_text) for one in heard}


async def test_the_threadgate_hides_and_shows(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """As often as you like; others that are hidden stay so. Done in the app, it is told."""
    began = await first_look(talk)
    one, other = (local.remarks.add(NAME, text) for text in ("Dumt!", "Dummare!"))
    page = await look(talk, began)
    for hidden in (True, True):
        await talk.hide(one.id, hidden=hidden)
    await talk.hide(other.id, hidden=True)
    assert [True, True] == [one.hidden, other.hidden]
    page = await look(talk, page)
    assert {(Verb.HIDE, "Dumt!"), (Verb.HIDE, "Dummare!")} == set(told(page))
    await talk.hide(one.id, hidden=False)
    assert [False, True] == [one.hidden, other.hidden]
    assert [(Verb.SHOW, "Dumt!"), (Verb.SEEN, "Dumt!")] == told(await look(talk, page))


async def test_a_full_gate_and_one_that_somebody_else_moved(
    local: Bluesky, talk: BlueskyTalk, post: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is refused; the second is surely not written, so it is tried again."""
    remark = local.remarks.add(NAME, "Dumt!")
    await talk.hide(remark.id, hidden=True)
    local.gates[NAME]["hiddenReplies"] = [f"at://did:plc:x/app.bsky.feed.post/{n}" for n in range(300)]
    with pytest.raises(Refused) as full:
        await talk.hide(remark.id, hidden=True)
    assert "too_many_hidden" == full.value.reason
    local.gates[NAME]["hiddenReplies"] = []
    monkeypatch.setattr(local, "read_gate", lambda name: local.dead_token() if not name else _stale(local, name))
    with pytest.raises(Throttled):
        await talk.hide(remark.id, hidden=True)


def _stale(local: Bluesky, name: str):  # type: ignore[no-untyped-def] # aiohttp's answer
    answer = Bluesky.read_gate(local, name)
    local.gates[name] = local.gates[name] | {"createdAt": "2026-11-21T08:00:00.000Z"}
    return answer


async def test_what_bluesky_cannot_do(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """Others' posts stay; our own answer can be taken away, and the same key makes no second one."""
    asked = local.remarks.add(NAME, "När?")
    assert Can.TAKE_DOWN not in talk.can
    with pytest.raises(Refused):
        await talk.take_down(asked.id)
    sent = [await talk.reply(asked.id, ANSWER, KEY) for _ in range(2)]
    assert [sent[0].remote] == [one.id for one in own(local)]
    assert sent[0] == sent[1]
    await talk.take_down(sent[0].remote)
    assert [] == own(local)


async def test_mentions_are_counted(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """Those nobody has read in the app; answers in our own threads are comments."""
    local.letter("mentions", "Hej!").read = True
    local.letter("mentions", "Hallå!")
    local.remarks.add(NAME, "När?")
    [found] = await talk.elsewhere()
    assert (Kind.MENTIONS, 1, True) == (found.kind, found.count, found.oldest is not None)
    assert "hallå" not in str(found).lower()


async def test_one_odd_reply_does_not_stop_the_others(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """It is left out; the rest is read."""
    began = await first_look(talk)
    local.remarks.add(NAME, "Udda", more={"record": {"text": 7, "reply": {"root": {"uri": post}}}})
    local.remarks.add(NAME, "Rak?")
    assert [(Verb.SEEN, "Rak?")] == told(await look(talk, began))


async def test_a_session_that_runs_out_is_renewed(local: Bluesky, talk: BlueskyTalk, post: str) -> None:
    """Nobody notices."""
    began = await first_look(talk)
    local.expire()
    local.remarks.add(NAME, "När?")
    assert [(Verb.SEEN, "När?")] == told(await look(talk, began))
