"""Comments on a WordPress site, against the local one."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.errors import Gone, Unknown
from bot.channels.heard import Verb
from bot.channels.settings import Keyring
from bot.channels.talk.wordpress import WordPressTalk
from bot.channels.wordpress import WordPressSettings
from bot.sandbox.platforms.site_remarks import status
from bot.sandbox.platforms.wordpress import WordPress
from tests.channels.conftest import Listen
from tests.channels.talk_behaviour import ANSWER, KEY, TalkBehaviour, first_look, look, own, since, told

DAY_S = 86_400.0


@pytest.fixture
async def local(listen: Listen) -> WordPress:
    platform = WordPress(token="hemligt")
    await listen(platform)
    more = {"status": "publish", "slug": "badhuset", "sticky": False, "categories": [1]}
    title = "Badhuset öppnar på lördag"
    platform.add("Från klockan tio.", title=title, more=more | {"title": title, "content": "<p>Från tio.</p>"})
    return platform


@pytest.fixture
def post(local: WordPress) -> str:
    return local.items[0].id


@pytest.fixture
async def talk(local: WordPress) -> AsyncIterator[WordPressTalk]:
    chosen = WordPressSettings(
        key="webb",
        name="Webb",
        api_url=f"{local.base_url}/wp-json",
        user_env="USER",
        token_env="PASSWORD",
    )
    one = WordPressTalk(chosen, Keyring({"USER": "kanalvakt", "PASSWORD": "hemligt"}), timeout_s=5.0)
    yield one
    await one.close()


class TestWordPress(TalkBehaviour):
    """As on every platform."""

    figures = (None, None)


async def test_an_edit_is_told(local: WordPress, talk: WordPressTalk, post: str) -> None:
    """With the text as it is now."""
    began = await first_look(talk)
    remark = local.remarks.add(post, "När öppnar ni?")
    page = await look(talk, began)
    local.remarks.edit(remark, "Och <b>på</b> söndag?")
    assert [(Verb.SEEN, "Och <b>på</b> söndag?")] == told(await look(talk, page))


async def test_what_waits_for_approval_arrives_and_an_answer_approves_it(
    local: WordPress, talk: WordPressTalk, post: str
) -> None:
    """To us it is a comment like any other; whoever answers it in public shows it."""
    began = await first_look(talk)
    local.remarks.held = True
    remark = local.remarks.add(post, "När öppnar ni?")
    assert "hold" == status(remark)
    page = await look(talk, began)
    assert [(Verb.SEEN, "När öppnar ni?")] == told(page)
    await talk.reply(remark.id, ANSWER, KEY)
    assert "approved" == status(remark)
    heard = [one for one in (await look(talk, page)).heard if not one.own]
    assert [Verb.SHOW, Verb.SEEN] == [one.verb for one in heard]


@pytest.mark.parametrize("thrown", ["spam", "trash"])
async def test_held_thrown_away_and_brought_back(
    local: WordPress, talk: WordPressTalk, post: str, thrown: str
) -> None:
    """From here as often as you like, though WordPress fails to set what is set; done there, it is told."""
    began = await first_look(talk)
    remark = local.remarks.add(post, "Dumt!")
    page = await look(talk, began)
    for hidden in (True, True, False, False):
        await talk.hide(remark.id, hidden=hidden)
        assert ("hold" if hidden else "approved") == status(remark)
    local.set_status(remark, "hold")
    page = await look(talk, page)
    assert [(Verb.HIDE, "Dumt!")] == told(page)
    local.set_status(remark, thrown)
    page = await look(talk, page)
    assert [(Verb.REMOVE, remark.id)] == [(one.verb, one.remote) for one in page.heard]
    with pytest.raises(Gone):
        await talk.hide(remark.id, hidden=False)
    assert thrown == status(remark)


@pytest.mark.parametrize(("keeps", "left"), [(True, False), (False, True)])
async def test_taken_down(local: WordPress, talk: WordPressTalk, post: str, keeps: bool, left: bool) -> None:
    """Into the trash; where the site keeps none, for good. Twice is once."""
    local.keeps_trash = keeps
    remark = local.remarks.add(post, "Dumt!")
    await talk.take_down(remark.id)
    await talk.take_down(remark.id)
    assert (True, left) == (remark.removed, bool(remark.more.get("deleted")))


async def test_the_same_answer_twice_is_looked_for(local: WordPress, talk: WordPressTalk, post: str) -> None:
    """WordPress refuses it, for it stands there already."""
    asked = local.remarks.add(post, "När?")
    sent = await talk.reply(asked.id, ANSWER, KEY)
    with pytest.raises(Unknown):
        await talk.reply(asked.id, ANSWER, KEY)
    found = await talk.find_reply(asked.id, ANSWER, KEY, since())
    assert sent.remote == (found.remote if found else None)
    assert 1 == len(own(local))


async def test_spam_is_not_heard_and_old_ones_are_not_gone(
    local: WordPress, talk: WordPressTalk, post: str
) -> None:
    """What was never a comment is none; what grows older than the look reaches still stands."""
    began = await first_look(talk)
    local.set_status(local.remarks.add(post, "Köp klockor"), "spam")
    remark = local.remarks.add(post, "När?")
    page = await look(talk, began)
    assert [(Verb.SEEN, "När?")] == told(page)
    remark.at -= 40 * DAY_S
    page = await look(talk, page)
    assert ([], {}) == (told(page), page.cursor["stood"])


async def test_one_odd_comment_does_not_stop_the_others(
    local: WordPress, talk: WordPressTalk, post: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out; so is a pingback. The rest is read."""
    began, whole = await first_look(talk), local._shape
    for text in ("Udda", "Ping", "Rak?"):
        local.remarks.add(post, text)
    odd = {"Udda": {"date_gmt": "nyss"}, "Ping": {"type": "pingback"}}
    monkeypatch.setattr(local, "_shape", lambda one: whole(one) | odd.get(one.text, {}))
    assert [(Verb.SEEN, "Rak?")] == told(await look(talk, began))
