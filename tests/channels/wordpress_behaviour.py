"""What must hold of the WordPress channel, whoever answers: the local vendor or the real thing."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.channels.errors import Gone, Refused, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.channels.wordpress import WordPress, WordPressSettings, slug_of

SINCE = datetime.now(UTC) - timedelta(minutes=2)
WATER = Message(
    "Koka vattnet i Träslövsläge.\n\n- Koka\n- Hämta", title="Koka vattnet", link="https://varberg.se/v"
)


@dataclass
class Site:
    """A WordPress to be tested against. ``lose_answers`` switches answers to writes of posts off and on."""

    api_url: str
    user: str
    password: str
    banner_page: int
    lose_answers: Callable[[bool], None]

    def __post_init__(self) -> None:
        self.opened: list[WordPress] = []

    def channel(self, *, password: str | None = None, **chosen: Any) -> WordPress:
        """The channel as an operator sets it up; the fixture closes it."""
        keyring = Keyring({"WP_USER": self.user, "WP_PASSWORD": self.password if password is None else password})
        given = {"api_url": self.api_url, "banner_page": self.banner_page} | chosen
        settings = WordPressSettings(
            key="website", name="Webbplatsen", user_env="WP_USER", token_env="WP_PASSWORD", **given
        )
        made = WordPress(settings, keyring)
        self.opened.append(made)
        return made

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        """Another door to the site than the channel's: what a person in wp-admin would see or do."""
        address = httpx.URL(f"{self.api_url}/wp/v2/{path}").copy_merge_params(given.pop("params", {}))
        async with httpx.AsyncClient(auth=(self.user, self.password), trust_env=False, timeout=30) as client:
            answer = await client.request(method, address, **given)
        answer.raise_for_status()
        return answer.json()

    async def posts(self, key: str) -> list[dict[str, Any]]:
        """Every published post whose slug is the key's, or the key's with a number."""
        listed = await self.ask("GET", "posts", params={"per_page": "100", "context": "edit"})
        return [post for post in listed if post["slug"].startswith(slug_of(key))]

    async def banner(self) -> str:
        """What the banner page holds."""
        page = await self.ask("GET", f"pages/{self.banner_page}", params={"context": "edit"})
        return str(page["content"]["raw"])


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


class Behaviour:
    """The tests; a subclass gives the fixture ``site``."""

    async def test_a_message_becomes_a_news_item_with_headline_paragraphs_list_and_link(self, site, key):
        """What is typed in Slack stands on the website, as HTML, under a slug made of the key."""
        sent = await site.channel().send("website", None, WATER, key)
        [post] = await site.posts(key)
        assert str(post["id"]) == sent.remote
        assert post["link"] == sent.link
        assert slug_of(key) == post["slug"]
        assert post["title"]["raw"] == "Koka vattnet"
        assert (
            post["content"]["raw"].replace("\n", "") == "<p>Koka vattnet i Träslövsläge.</p>"
            "<ul><li>Koka</li><li>Hämta</li></ul>"
            '<p><a href="https://varberg.se/v">varberg.se/v</a></p>'
        )

    async def test_whatever_is_written_stays_text(self, site, key):
        """Tags, entities, short codes, backslashes and emoji come out as they went in."""
        odd = "<script>alert(1)</script> [gallery] \\n &amp; \"citat\" 'x' 100 % 😀 a<b"
        await site.channel().send("website", None, Message(odd, title="<b>A</b> & [x]"), key)
        [post] = await site.posts(key)
        assert "<script" not in post["content"]["raw"]
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &#91;gallery&#93; \\n &amp;amp;" in post["content"]["raw"]
        assert "😀 a&lt;b" in post["content"]["raw"]
        assert post["title"]["raw"] == "&lt;b&gt;A&lt;/b&gt; &amp; &#91;x&#93;"
        assert "&#91;gallery&#93;" in post["content"]["rendered"]

    async def test_categories_and_sticky_are_as_set(self, site, key):
        """A crisis news item stands where the operator wants it."""
        await site.channel(categories=(1,), sticky=True).send("website", None, WATER, key)
        [post] = await site.posts(key)
        assert [1] == post["categories"]
        assert post["sticky"] is True

    async def test_the_banner_shows_the_whole_message_and_leads_to_the_news_item(self, site, key):
        """No advice is cut in the banner."""
        sent = await site.channel().send("website", None, WATER, key)
        banner = await site.banner()
        assert "<strong>Koka vattnet</strong>" in banner
        assert "<li>Hämta</li>" in banner
        assert f'href="{sent.link}"' in banner

    async def test_an_update_changes_news_item_and_banner_and_may_be_repeated(self, site, key):
        """Asked twice, it is the same as once."""
        channel = site.channel()
        sent = await channel.send("website", None, WATER, key)
        for _ in range(2):
            await channel.update("website", sent.remote, Message("Vattnet kan drickas.", title="Över"))
        [post] = await site.posts(key)
        assert post["content"]["raw"] == "<p>Vattnet kan drickas.</p>"
        assert post["title"]["raw"] == "Över"
        assert "Vattnet kan drickas." in await site.banner()

    async def test_the_end_takes_the_banner_down_and_leaves_the_news_item(self, site, key):
        """What is over is told, and warned of no more; a newer crisis keeps its own banner."""
        channel = site.channel()
        sent = await channel.send("website", None, WATER, key)
        ended = Message("Vattnet kan drickas.", title="Över", over=True)
        await channel.update("website", sent.remote, ended)
        [post] = await site.posts(key)
        assert ("Över", "") == (post["title"]["raw"], await site.banner())
        await channel.send("website", None, Message("Håll er inne.", title="Rök"), uuid.uuid4().hex)
        await channel.update("website", sent.remote, ended)
        assert "Håll er inne." in await site.banner()

    async def test_a_removed_news_item_is_gone_and_the_banner_is_empty(self, site, key):
        """Removing what is removed is no error; changing it is Gone; looking for it finds nothing."""
        channel = site.channel()
        sent = await channel.send("website", None, WATER, key)
        for _ in range(2):
            await channel.remove("website", sent.remote)
        assert [] == await site.posts(key)
        assert "" == await site.banner()
        assert await channel.find("website", None, key, SINCE, WATER) is None
        with pytest.raises(Gone):
            await channel.update("website", sent.remote, WATER)
        assert "" == await site.banner()

    async def test_removing_an_older_news_item_leaves_the_banner_of_a_newer_one(self, site, key):
        """Two crises at once: the end of the first does not take down the warning of the second."""
        channel = site.channel()
        first = await channel.send("website", None, WATER, key)
        second = await channel.send("website", None, Message("Håll er inne.", title="Rök"), uuid.uuid4().hex)
        await channel.remove("website", first.remote)
        assert "Håll er inne." in await site.banner()
        await channel.remove("website", second.remote)
        assert "" == await site.banner()

    async def test_the_banner_can_be_set_and_emptied_by_itself(self, site):
        """Idempotent, for the end of a crisis."""
        channel = site.channel()
        for _ in range(2):
            await channel.banner(Message("Stanna inne.", title="Varning"))
            assert "Stanna inne." in await site.banner()
        for _ in range(2):
            await channel.banner(None)
            assert "" == await site.banner()

    async def test_a_failing_banner_leaves_the_news_item_known_and_is_set_right_by_the_next_update(
        self, site, key, caplog
    ):
        """The page does not exist at first: the news item is sent all the same, and the channel says so."""
        broken = site.channel(banner_page=987654)
        sent = await broken.send("website", None, WATER, key)
        assert [sent.remote] == [str(post["id"]) for post in await site.posts(key)]
        assert broken.banner_behind is True
        await broken.update("website", sent.remote, WATER)
        assert broken.banner_behind is True
        whole = site.channel()
        await whole.update("website", sent.remote, WATER)
        assert whole.banner_behind is False
        assert "<strong>Koka vattnet</strong>" in await site.banner()

    async def test_a_lost_answer_is_unknown_and_the_finder_finds_exactly_that_one(self, site, key):
        """Two messages with the same text, one of them lost: the key tells them apart."""
        channel = site.channel()
        other = uuid.uuid4().hex
        await channel.send("website", None, WATER, other)
        assert await channel.find("website", None, key, SINCE, WATER) is None
        site.lose_answers(True)
        with pytest.raises(Unknown):
            await channel.send("website", None, WATER, key)
        site.lose_answers(False)
        found = await channel.find("website", None, key, SINCE, WATER)
        [post] = await site.posts(key)
        assert found is not None
        assert (str(post["id"]), post["link"]) == (found.remote, found.link)

    async def test_sent_again_blindly_there_is_still_one(self, site, key):
        """A late success shows by the slug: the second post goes, the first one is adopted."""
        channel = site.channel()
        site.lose_answers(True)
        with pytest.raises(Unknown):
            await channel.send("website", None, WATER, key)
        site.lose_answers(False)
        sent = await channel.send("website", None, WATER, key)
        [post] = await site.posts(key)
        assert (slug_of(key), str(post["id"])) == (post["slug"], sent.remote)

    async def test_what_a_person_unpublished_is_gone_and_not_found(self, site, key):
        """The desk does not publish again what somebody took down by hand; the board says so."""
        channel = site.channel()
        sent = await channel.send("website", None, WATER, key)
        await site.ask("POST", f"posts/{sent.remote}", json={"status": "draft"})
        with pytest.raises(Gone, match="draft"):
            await channel.update("website", sent.remote, WATER)
        assert await channel.find("website", None, key, SINCE, WATER) is None

    async def test_an_update_of_what_never_was_is_gone(self, site):
        """The vendor's own 404, not any."""
        with pytest.raises(Gone, match="rest_post_invalid_id"):
            await site.channel().update("website", "987654", WATER)

    @pytest.mark.parametrize("act", ["send", "update", "remove", "find", "ping"])
    async def test_a_wrong_password_is_a_dead_token_and_does_not_show(self, site, key, act):
        """Whatever is asked."""
        channel = site.channel(password="hemligt fel")
        asked = {
            "send": lambda: channel.send("website", None, WATER, key),
            "update": lambda: channel.update("website", "1", WATER),
            "remove": lambda: channel.remove("website", "1"),
            "find": lambda: channel.find("website", None, key, SINCE, WATER),
            "ping": channel.ping,
        }
        with pytest.raises(TokenDead) as caught:
            await asked[act]()
        assert "hemligt" not in str(caught.value)

    async def test_ping_gives_the_users_name(self, site):
        """The password, the rights, the categories and the banner's page are there."""
        assert site.user == await site.channel(categories=(1,)).ping()

    @pytest.mark.parametrize(
        ("chosen", "reason"), [({"banner_page": 987654}, "banner_page"), ({"categories": (1, 987)}, "categories")]
    )
    async def test_ping_notices_what_the_settings_name_and_the_site_lacks(self, site, chosen, reason):
        """Before it is needed, for WordPress itself would leave it out without a word."""
        with pytest.raises(Refused) as caught:
            await site.channel(**chosen).ping()
        assert reason == caught.value.reason
        assert "987" in caught.value.detail

    @pytest.mark.parametrize("act", ["send", "update", "find", "ping"])
    async def test_an_address_without_wordpress_behind_it_is_refused(self, site, key, act):
        """A wrong address is no lost answer, and says nothing of what is there."""
        channel = site.channel(api_url=f"{site.api_url}/elsewhere")
        asked = {
            "send": lambda: channel.send("website", None, WATER, key),
            "update": lambda: channel.update("website", "1", WATER),
            "find": lambda: channel.find("website", None, key, SINCE, WATER),
            "ping": channel.ping,
        }
        with pytest.raises(Refused):
            await asked[act]()
