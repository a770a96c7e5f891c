"""What every conversation does, whatever the platform: each test file gives ``local``, ``talk`` and ``post``."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.conversation import Page, Talk
from bot.channels.errors import Gone, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can
from bot.sandbox.platforms.talking import Talking
from bot.sandbox.platforms.thread_remarks import ThreadRemarks

KEY = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119"
ANSWER = "Hej! Vi öppnar 10 & stänger 15 <i morgon>."


async def first_look(talk: Talk) -> Page:
    """The look that begins: nothing has been written yet."""
    page = await talk.comments({})
    assert [] == list(page.heard)
    return page


async def look(talk: Talk, before: Page) -> Page:
    """The next look, to its end."""
    page = await talk.comments(before.cursor)
    heard = list(page.heard)
    while page.more:
        page = await talk.comments(page.cursor)
        heard += page.heard
    return Page(heard, page.cursor)


def told(page: Page) -> list[tuple[Verb, str]]:
    return [(one.verb, one.text) for one in page.heard]


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


class TalkBehaviour:
    """Inherited by one class for each platform."""

    async def test_a_comment_is_heard_once_with_what_it_stands_under(
        self, local: Talking, talk: Talk, post: str
    ) -> None:
        """Who, what, when, under which post, and where people read it; the next look tells nothing."""
        began = await first_look(talk)
        local.remarks.add(post_name(local), "När öppnar ni?", author="Förälder")
        page = await look(talk, began)
        [one] = page.heard
        assert ("När öppnar ni?", "Förälder", post, False, "") == (
            one.text,
            one.author,
            one.post,
            one.own,
            one.parent,
        )
        assert "Badhuset" in one.post_text
        assert one.link.startswith("http")
        assert one.written is not None
        assert abs((one.written - datetime.now(UTC)).total_seconds()) < 120
        assert [] == told(await look(talk, page))

    async def test_what_came_during_an_outage_is_read_afterwards(
        self, local: Talking, talk: Talk, post: str
    ) -> None:
        """The cursor stands; nothing between two looks is lost, however many there were."""
        began = await first_look(talk)
        for number in range(130):
            local.remarks.add(post_name(local), f"Fråga {number}?")
        page = await look(talk, began)
        assert {f"Fråga {number}?" for number in range(130)} == {one.text for one in page.heard}

    async def test_answers_to_residents_and_our_own_are_told_apart(
        self, local: Talking, talk: Talk, post: str
    ) -> None:
        """An answer names what it answers; what the account wrote itself is its own."""
        began = await first_look(talk)
        asked = local.remarks.add(post_name(local), "När öppnar ni?")
        local.remarks.add(post_name(local), "Tio, tror jag.", parent=asked.id)
        local.remarks.add(post_name(local), "Klockan tio.", parent=asked.id, **ours(local))
        heard = {one.text: (one.parent, one.own) for one in (await look(talk, began)).heard}
        assert {"När öppnar ni?": ("", False)} | {
            "Tio, tror jag.": (asked.id, False),
            "Klockan tio.": (asked.id, True),
        } == heard

    async def test_what_was_taken_away_there_is_told(self, local: Talking, talk: Talk, post: str) -> None:
        """Once; the others stand."""
        began = await first_look(talk)
        gone, stays = (local.remarks.add(post_name(local), text) for text in ("Fel", "Rätt"))
        page = await look(talk, began)
        local.remarks.remove(gone)
        page = await look(talk, page)
        assert [(Verb.REMOVE, gone.id)] == [(one.verb, one.remote) for one in page.heard]
        assert [] == told(await look(talk, page))
        assert (None, stays.id) == (await talk.look(gone.id), remote(await talk.look(stays.id)))

    async def test_an_answer_stands_below_the_comment(self, local: Talking, talk: Talk, post: str) -> None:
        """With its text as it was written, and it is read back as our own."""
        began = await first_look(talk)
        asked = local.remarks.add(post_name(local), "När öppnar ni?")
        sent = await talk.reply(asked.id, ANSWER, KEY)
        assert sent.remote == own(local)[0].id
        [answer] = [one for one in (await look(talk, began)).heard if one.own]
        assert (sent.remote, asked.id) == (answer.remote, answer.parent)
        assert answer.text.endswith(ANSWER)

    async def test_a_lost_answer_is_found_again(self, local: Talking, talk: Talk, post: str) -> None:
        """It stands there, though nobody heard that it does: the finder looks, and nothing is sent twice."""
        asked, other = (local.remarks.add(post_name(local), text) for text in ("När?", "Var?"))
        assert await talk.find_reply(asked.id, ANSWER, KEY, since()) is None
        local.faults.set(drop_after_store=1)
        with pytest.raises(Unknown):
            await talk.reply(asked.id, ANSWER, KEY)
        local.faults.set(drop_after_store=0)
        found = await talk.find_reply(asked.id, ANSWER, KEY, since())
        assert found is not None
        assert [found.remote] == [one.id for one in own(local)]
        assert await talk.find_reply(other.id, f"{ANSWER} Ja.", KEY[::-1], since()) is None

    async def test_nothing_can_be_done_to_what_is_gone(self, local: Talking, talk: Talk, post: str) -> None:
        """Answering and hiding say so; taking away is done already."""
        asked = local.remarks.add(post_name(local), "När öppnar ni?")
        local.remarks.remove(asked)
        with pytest.raises(Gone):
            await talk.reply(asked.id, ANSWER, KEY)
        if Can.HIDE in talk.can:
            with pytest.raises(Gone):
                await talk.hide(asked.id, hidden=True)
        if Can.TAKE_DOWN in talk.can:
            await talk.take_down(asked.id)

    async def test_a_dead_token_and_too_much_haste(self, local: Talking, talk: Talk, post: str) -> None:
        """Each is told for what it is; afterwards the same cursor reads on."""
        began = await first_look(talk)
        local.remarks.add(post_name(local), "När öppnar ni?")
        local.faults.set(throttle=1)
        with pytest.raises(Throttled):
            await talk.comments(began.cursor)
        local.faults.set(throttle=0)
        kill(local, dead=True)
        with pytest.raises(TokenDead):
            await talk.comments(began.cursor)
        kill(local, dead=False)
        assert [(Verb.SEEN, "När öppnar ni?")] == told(await look(talk, began))

    async def test_figures(self, local: Talking, talk: Any, post: str) -> None:
        """Followers, and of each post what the platform counts."""
        local.remarks.add(post_name(local), "När öppnar ni?")
        for _ in range(3):
            local.audience.heart(post_name(local))
        found = await talk.measure(since())
        [one] = found.posts
        assert (post, 1) == (one.remote, one.comments)
        assert "Badhuset" in one.words
        assert one.link.startswith("http")
        assert abs((one.published - datetime.now(UTC)).total_seconds()) < 120
        assert self.figures == (found.followers, one.reactions)
        assert [] == list((await talk.measure(datetime.now(UTC) + timedelta(hours=1))).posts)

    figures: tuple[int | None, int | None] = (1200, 3)


def kill(local: Talking, *, dead: bool) -> None:
    """Somebody revokes the token, or mends it; sessions that are open end with it."""
    local.faults.revoked = dead


def post_name(local: Talking) -> str:
    """The only post's id on the wall."""
    return local.items[0].id


def ours(local: Talking) -> dict[str, Any]:
    """The account writes; on Bluesky the address tells whose it is."""
    address = {"id": local.uri("3jzfcijpj2z2b")} if isinstance(local, ThreadRemarks) else {}
    return {"own": True, "author": "kommunen", **address}


def own(local: Talking) -> list[Any]:
    return [one for one in local.remarks.everything if one.own and not one.removed]


def remote(heard: Heard | None) -> str:
    assert heard is not None
    return heard.remote
