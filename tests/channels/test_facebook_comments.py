"""Comments of the local Facebook Page: what its conversation reads, answers and counts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.elsewhere import Kind
from bot.channels.errors import Refused, Unknown
from bot.channels.facebook import FacebookSettings
from bot.channels.settings import Keyring
from bot.channels.talk.facebook import FacebookTalk
from bot.sandbox.platforms.facebook import PAGE_ID, Facebook
from tests.channels.conftest import Listen
from tests.channels.talk_behaviour import ANSWER, KEY, own, since


@pytest.fixture
async def local(listen: Listen) -> Facebook:
    platform = Facebook(token="hemligt")
    await listen(platform)
    platform.add("Badhuset öppnar på lördag.")
    return platform


@pytest.fixture
def post(local: Facebook) -> str:
    return local.items[0].id


@pytest.fixture
async def talk(local: Facebook) -> AsyncIterator[FacebookTalk]:
    chosen = FacebookSettings(
        key="facebook", name="Facebook", api_url=local.base_url, token_env="FB", page_id=PAGE_ID, lag_s=0.1
    )
    one = FacebookTalk(chosen, Keyring({"FB": "hemligt"}), timeout_s=9.0)
    yield one
    await one.close()


async def test_more_than_one_look_can_hold(local: Facebook, talk: FacebookTalk, post: str) -> None:
    """What does not fit is read in the next look: the cursor stays where the reading was cut off."""
    for number in range(1_100):
        local.remarks.add(post, f"Fråga {number}?").at -= 1_300 - number
    page = await talk.comments({})
    assert page.more
    heard = {one.text for one in page.heard}
    while page.more:
        page = await talk.comments(page.cursor)
        heard |= {one.text for one in page.heard}
    assert {f"Fråga {number}?" for number in range(1_100)} == heard


async def test_a_lost_answer_is_found_again(local: Facebook, talk: FacebookTalk, post: str) -> None:
    """Below the comment it answers, and nowhere else."""
    asked, other = (local.remarks.add(post, text) for text in ("När?", "Var?"))
    local.faults.set(drop_after_store=1)
    with pytest.raises(Unknown):
        await talk.reply(asked.id, ANSWER, KEY)
    local.faults.set(drop_after_store=0)
    found = await talk.find_reply(asked.id, ANSWER, KEY, since())
    assert [one.id for one in own(local)] == [found.remote if found else ""]
    assert await talk.find_reply(other.id, ANSWER, KEY, since()) is None


async def test_figures(local: Facebook, talk: FacebookTalk, post: str) -> None:
    """Followers, and reactions, comments and shares of each post; shares that nobody tells are none."""
    local.remarks.add(post, "När?")
    local.audience.heart(post)
    local.audience.heart(post)
    found = await talk.measure(since())
    [one] = found.posts
    assert (1200, post, 2, 1, 0) == (found.followers, one.remote, one.reactions, one.comments, one.shares)
    local.audience.shares[post] = 4
    assert 4 == (await talk.measure(since())).posts[0].shares
    assert abs((one.published - datetime.now(UTC)).total_seconds()) < 120


async def test_what_is_written_elsewhere_is_counted(local: Facebook, talk: FacebookTalk) -> None:
    """Unread messages, and what nobody has answered lately; never what it says."""
    for kind in ("messages", "mentions", "reviews", "visitors"):
        local.letter(kind, "Hemligt")
        local.letter(kind, "Läst").read = kind != "reviews"
    old = local.letter("visitors", "Gammalt")
    old.at -= timedelta(days=40).total_seconds()
    found = {one.kind: one.count for one in await talk.elsewhere()}
    assert {Kind.MESSAGES: 1, Kind.VISITORS: 1, Kind.MENTIONS: 1, Kind.REVIEWS: 2} == found
    assert "hemligt" not in str(await talk.elsewhere()).lower()
    assert all(one.oldest and one.link.startswith(local.base_url) for one in await talk.elsewhere())


async def test_a_kind_that_the_token_may_not_read_is_left_out(
    local: Facebook, talk: FacebookTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are counted all the same."""
    whole = talk._graph.each

    def each(path: str, **asked: object):  # type: ignore[no-untyped-def] # as the Graph's
        if path.endswith("conversations"):
            raise Refused("200", "pages_messaging is missing")
        return whole(path, **asked)

    monkeypatch.setattr(talk._graph, "each", each)
    assert {Kind.VISITORS, Kind.MENTIONS, Kind.REVIEWS} == {one.kind for one in await talk.elsewhere()}
