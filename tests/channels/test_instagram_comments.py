"""Comments on Instagram, against the local account."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.elsewhere import Kind
from bot.channels.errors import Refused
from bot.channels.heard import Unreadable, Verb
from bot.channels.instagram import InstagramSettings
from bot.channels.settings import Keyring
from bot.channels.talk.instagram import InstagramTalk, heard
from bot.sandbox.platforms.instagram import ACCOUNT_ID, Instagram
from tests.channels.conftest import Listen
from tests.channels.talk_behaviour import TalkBehaviour, first_look, look, since, told


@pytest.fixture
async def local(listen: Listen) -> Instagram:
    platform = Instagram(token="hemligt")
    await listen(platform)
    platform.add("Badhuset öppnar på lördag.")
    return platform


@pytest.fixture
def post(local: Instagram) -> str:
    return local.items[0].id


@pytest.fixture
def chosen(local: Instagram) -> InstagramSettings:
    return InstagramSettings(
        key="instagram", name="Instagram", api_url=local.base_url, token_env="IG", account_id=ACCOUNT_ID
    )


@pytest.fixture
async def talk(chosen: InstagramSettings) -> AsyncIterator[InstagramTalk]:
    one = InstagramTalk(chosen, Keyring({"IG": "hemligt"}), timeout_s=5.0)
    yield one
    await one.close()


class TestInstagram(TalkBehaviour):
    """As on every platform."""


async def test_hidden_shown_and_removed(local: Instagram, talk: InstagramTalk, post: str) -> None:
    """From here, as often as you like; done on Instagram itself it is told."""
    began = await first_look(talk)
    remark = local.remarks.add(post, "Dumt!")
    page = await look(talk, began)
    for hidden in (True, True, False):
        await talk.hide(remark.id, hidden=hidden)
        assert hidden == remark.hidden
    remark.hidden = True
    page = await look(talk, page)
    assert [(Verb.HIDE, "Dumt!")] == told(page)
    remark.hidden = False
    assert [(Verb.SHOW, "Dumt!"), (Verb.SEEN, "Dumt!")] == told(await look(talk, page))
    await talk.take_down(remark.id)
    assert remark.removed


async def test_our_own_comment_cannot_be_hidden(local: Instagram, talk: InstagramTalk, post: str) -> None:
    """It is there, so that is a refusal and not Gone."""
    own = local.remarks.add(post, "Klockan tio.", own=True)
    with pytest.raises(Refused):
        await talk.hide(own.id, hidden=True)


async def test_an_answer_to_an_answer_is_found_in_its_thread(
    local: Instagram, talk: InstagramTalk, post: str
) -> None:
    """Instagram puts it below the first comment."""
    asked = local.remarks.add(post, "När?")
    again = local.remarks.add(post, "Och på söndag?", parent=asked.id)
    sent = await talk.reply(again.id, "Tio.", "k")
    found = await talk.find_reply(again.id, "Tio.", "k", since())
    assert (sent.remote, again.id) == (found.remote if found else None, found.place if found else None)


async def test_messages_and_mentions_are_counted(local: Instagram, talk: InstagramTalk) -> None:
    """How many and since when; what is read does not wait."""
    read, waits = local.letter("messages", "Hemligt"), local.letter("messages", "Också hemligt")
    read.read = True
    local.letter("mentions", "@kommunen!")
    found = {one.kind: (one.count, one.oldest is not None) for one in await talk.elsewhere()}
    assert {Kind.MESSAGES: (1, True), Kind.MENTIONS: (1, True)} == found
    assert "hemligt" not in str(await talk.elsewhere()).lower()
    waits.read = True
    assert 0 == (await talk.elsewhere())[0].count


async def test_one_odd_comment_does_not_stop_the_others(
    local: Instagram, talk: InstagramTalk, post: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out; the rest is read."""
    began, whole = await first_look(talk), local.comment
    local.remarks.add(post, "Udda")
    local.remarks.add(post, "Rak?")
    strange = lambda one: whole(one) | ({"timestamp": "nyss"} if one.text == "Udda" else {})  # noqa: E731
    monkeypatch.setattr(local, "comment", strange)
    assert [(Verb.SEEN, "Rak?")] == told(await look(talk, began))


def change(**more: Any) -> dict[str, Any]:
    value = {"id": "5", "text": "När?", "from": {"id": "9", "username": "nisse"}, "media": {"id": "M"}}
    return {"field": "comments", "time": 1_795_424_400, "value": value | more}


def test_a_webhooks_change_is_a_comment(chosen: InstagramSettings) -> None:
    """Who, what, where, when; an answer names what it answers."""
    one = heard(chosen, change(parent_id="4"))
    assert one is not None
    assert ("5", "M", "När?", "nisse", "4", False) == (
        one.remote,
        one.post,
        one.text,
        one.author,
        one.parent,
        one.own,
    )
    assert one.written is not None
    bare = heard(chosen, change(**{"from": None, "text": None}))
    assert bare is not None
    assert ("", "") == (bare.author, bare.text)


@pytest.mark.parametrize("author", [{"id": ACCOUNT_ID}, {"id": "7", "username": "Kommunen"}])
def test_our_own_is_known_by_number_or_name(chosen: InstagramSettings, author: dict[str, str]) -> None:
    """For Meta may number the account anew."""
    one = heard(chosen.model_copy(update={"username": "kommunen"}), change(**{"from": author}))
    assert one is not None
    assert one.own


@pytest.mark.parametrize("odd", [{"id": None}, {"media": None}, {"media": {}}])
def test_what_says_it_is_a_comment_and_is_none(chosen: InstagramSettings, odd: dict[str, Any]) -> None:
    """It is kept as odd."""
    with pytest.raises(Unreadable):
        heard(chosen, change(**odd))


def test_other_things_are_no_comments(chosen: InstagramSettings) -> None:
    """Mentions and insights are told by the same hook."""
    assert heard(chosen, {"field": "mentions", "value": {"media_id": "1"}}) is None
