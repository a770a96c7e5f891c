"""Answers on Mastodon, against the local server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.channels.elsewhere import Kind
from bot.channels.errors import Refused, Unknown
from bot.channels.heard import Verb
from bot.channels.mastodon import MastodonSettings
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk.mastodon import MastodonTalk
from bot.sandbox.platforms.mastodon import Mastodon
from tests.channels.conftest import Listen
from tests.channels.talk_behaviour import ANSWER, KEY, TalkBehaviour, first_look, look, own, told

DAY_S = 86_400.0


@pytest.fixture
async def local(listen: Listen) -> Mastodon:
    platform = Mastodon(token="hemligt")
    await listen(platform)
    platform.add("Badhuset öppnar på lördag.")
    return platform


@pytest.fixture
def post(local: Mastodon) -> str:
    return local.items[0].id


@pytest.fixture
async def talk(local: Mastodon) -> AsyncIterator[MastodonTalk]:
    chosen = MastodonSettings(key="mastodon", name="Mastodon", api_url=local.base_url, token_env="TOOT")
    one = MastodonTalk(chosen, Keyring({"TOOT": "hemligt"}), timeout_s=5.0)
    yield one
    await one.close()


class TestMastodon(TalkBehaviour):
    """As on every platform."""


async def test_an_edit_is_told(local: Mastodon, talk: MastodonTalk, post: str) -> None:
    """With the text as it is now."""
    began = await first_look(talk)
    remark = local.remarks.add(post, "När öppnar ni?")
    page = await look(talk, began)
    local.remarks.edit(remark, "Och på söndag?")
    assert [(Verb.SEEN, "Och på söndag?")] == told(await look(talk, page))


async def test_answers_to_old_posts_come_by_notifications(local: Mastodon, talk: MastodonTalk, post: str) -> None:
    """The thread is not watched any more; whoever answers there mentions the account. Page after page."""
    local.items[0].at -= 60 * DAY_S
    local.remarks.add(post, "Längesen.").at -= 59 * DAY_S
    began = await first_look(talk)
    for number in range(95):
        local.remarks.add(post, f"Fråga {number}?")
    page = await look(talk, began)
    assert {f"Fråga {number}?" for number in range(95)} == {one.text for one in page.heard}
    assert {(post, "Badhuset öppnar på lördag.")} == {(one.post, one.post_text) for one in page.heard}
    assert [] == told(await look(talk, page))


async def test_a_message_is_never_read(local: Mastodon, talk: MastodonTalk, post: str) -> None:
    """Neither as a notification nor in a thread; a mention elsewhere is no comment."""
    local.letter("mentions", "Först")
    began = await first_look(talk)
    local.letter("messages", "Hemligt")
    local.letter("mentions", "Hej @kommunen")
    local.remarks.add(post, "Också hemligt", more={"visibility": "direct"})
    assert [] == told(await look(talk, began))


async def test_nobody_else_sees_what_was_asked_in_a_small_circle(
    local: Mastodon, talk: MastodonTalk, post: str
) -> None:
    """The answer is seen by no more people than the question, and names who is answered."""
    asked = local.remarks.add(post, "När?", author="Åsa", more={"visibility": "private"})
    await talk.reply(asked.id, ANSWER, KEY)
    [answer] = own(local)
    assert ("private", f"@asa@annan.example {ANSWER}") == (answer.more["visibility"], answer.text)
    await talk.reply(asked.id, ANSWER, KEY)
    assert 1 == len(own(local))


async def test_what_mastodon_cannot_do(local: Mastodon, talk: MastodonTalk, post: str) -> None:
    """Others' statuses stay; our own answer can be taken away."""
    asked = local.remarks.add(post, "Dumt!")
    assert not {Can.HIDE, Can.TAKE_DOWN} & talk.can
    with pytest.raises(Refused):
        await talk.hide(asked.id, hidden=True)
    with pytest.raises(Refused):
        await talk.take_down(asked.id)
    sent = await talk.reply(asked.id, ANSWER, KEY)
    await talk.take_down(sent.remote)
    await talk.take_down(sent.remote)
    assert [] == own(local)


async def test_messages_and_mentions_are_counted(local: Mastodon, talk: MastodonTalk, post: str) -> None:
    """Unread conversations, and mentions outside our threads that nobody has read; never their text."""
    local.letter("messages", "Hemligt").read = True
    local.letter("messages", "Också hemligt")
    seen = local.letter("mentions", "Hej @kommunen")
    local.remarks.add(post, "När?")
    local.letter("mentions", "Hallå @kommunen")
    found = await talk.elsewhere()
    assert [(Kind.MESSAGES, 1), (Kind.MENTIONS, 2)] == [(one.kind, one.count) for one in found]
    assert all(one.oldest and one.link.startswith(local.base_url) for one in found)
    assert "hemligt" not in str(found).lower()
    local.marker = seen.id
    assert 1 == (await talk.elsewhere())[1].count


async def test_one_odd_status_does_not_stop_the_others(
    local: Mastodon, talk: MastodonTalk, post: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out; the rest is read."""
    began, whole = await first_look(talk), local.answer
    local.remarks.add(post, "Udda")
    local.remarks.add(post, "Rak?")
    odd = {"account": "ingen"}
    monkeypatch.setattr(local, "answer", lambda one: whole(one) | (odd if one.text == "Udda" else {}))
    assert [(Verb.SEEN, "Rak?")] == told(await look(talk, began))


class Raving(Mastodon):
    """Something in front of the server answers in its place."""

    async def _notifications(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})


async def test_what_is_no_list_is_an_unknown_answer(listen: Listen) -> None:
    """Then nothing is known to be missing, and the cursor stands."""
    chosen = MastodonSettings(
        key="mastodon", name="Mastodon", api_url=await listen(Raving(token="hemligt")), token_env="TOOT"
    )
    async with closing(MastodonTalk(chosen, Keyring({"TOOT": "hemligt"}), timeout_s=5.0)) as talk:
        with pytest.raises(Unknown):
            await talk.comments({})


@asynccontextmanager
async def closing(talk: MastodonTalk) -> AsyncIterator[MastodonTalk]:
    yield talk
    await talk.close()
