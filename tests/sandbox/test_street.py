"""The residents' street: local platforms in the sandbox, what stands on them, and their switches."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.platforms.bluesky import Bluesky
from bot.sandbox.platforms.mastodon import Mastodon
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox


class Telegraph(Mastodon):
    """A platform that also listens somewhere else."""

    name = "telegraph"
    title = "Telegrafen"

    def __init__(self) -> None:
        super().__init__()
        self.life: list[str] = []

    async def start(self) -> None:
        self.life.append("started")

    async def stop(self) -> None:
        self.life.append("stopped")


@pytest.fixture
def mastodon() -> Mastodon:
    return Mastodon(token="nyckel")


@pytest.fixture
async def sandbox(seed: Seed, mastodon: Mastodon) -> AsyncIterator[Sandbox]:
    workspace = Sandbox(seed, platforms=[mastodon, Bluesky()])
    await workspace.start()
    yield workspace
    await workspace.stop()


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.base_url) as session:
        yield session


async def seen(http: aiohttp.ClientSession) -> dict:
    async with http.get("/street.json") as answer:
        return {one["name"]: one for one in (await answer.json())["platforms"]}


async def test_a_platform_answers_at_its_address_and_shows_on_the_street(
    sandbox: Sandbox, http, mastodon: Mastodon
):
    """A post through the vendor's interface is an item on the street at once."""
    assert f"{sandbox.base_url}/platform/mastodon" == mastodon.base_url
    headers = {"Authorization": "Bearer nyckel", "Idempotency-Key": "k1"}
    form = {"status": "Koka vattnet.\nHämta vid torget."}
    async with http.post("/platform/mastodon/api/v1/statuses", headers=headers, json=form) as answer:
        status = await answer.json()
    shown = (await seen(http))["mastodon"]
    assert ("Mastodon", "#563acc") == (shown["title"], shown["color"])
    [item] = shown["items"]
    assert (status["id"], form["status"], "k1", True) == (item["id"], item["text"], item["key"], item["seen"])
    async with http.get(status["url"], allow_redirects=False) as answer:
        assert f"{mastodon.base_url}/wall#mastodon-{status['id']}" == answer.headers["Location"]


async def test_what_was_edited_removed_or_is_late_says_so(http, mastodon: Mastodon):
    """Newest first; scripts also see what residents do not."""
    edited, removed, late = mastodon.add("Fel"), mastodon.add("Bort"), mastodon.add("Sen")
    mastodon.edit(edited, "Rätt")
    removed.removed = True
    late.at += 60
    items = (await seen(http))["mastodon"]["items"]
    assert [("Sen", False), ("Bort", False), ("Rätt", True)] == [(one["text"], one["seen"]) for one in items]
    assert (["Fel"], True) == (items[2]["edits"], items[1]["removed"])


async def test_nothing_of_the_vendors_own_extras_leaks(http, mastodon: Mastodon):
    mastodon.add("x", more={"bytes": b"\x00", "recipients": ["press@tidningen.example"]})
    [item] = (await seen(http))["mastodon"]["items"]
    assert "more" not in item
    assert ["press@tidningen.example"] == item["to"]


async def test_switches_are_set_one_by_one_and_told(http, mastodon: Mastodon):
    async with http.post("/street/mastodon/faults", json={"drop_after_store": 1}) as answer:
        assert (200, True) == (answer.status, (await answer.json())["ok"])
    async with http.post("/street/mastodon/faults", json={"revoked": True}) as answer:
        assert 1 == (await answer.json())["drop_after_store"]["probability"]
    assert (await seen(http))["mastodon"]["faults"]["revoked"]
    async with http.get("/platform/mastodon/api/v1/accounts/verify_credentials") as answer:
        assert 401 == answer.status
    assert not (await seen(http))["bluesky"]["faults"]["revoked"]


@pytest.mark.parametrize("body", ['{"weather": 1}', '{"throttle": "ofta"}', "[1]", "inte json", "7"])
async def test_an_odd_switch_is_refused_and_changes_nothing(http, mastodon: Mastodon, body: str):
    before = mastodon.faults.to_json()
    async with http.post("/street/mastodon/faults", data=body) as answer:
        assert (400, False) == (answer.status, (await answer.json())["ok"])
    assert before == mastodon.faults.to_json()


async def test_switches_of_a_platform_that_is_not_there(http):
    async with http.post("/street/myspace/faults", json={"revoked": True}) as answer:
        assert 404 == answer.status


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_another_site_may_not_flip_switches(http, mastodon: Mastodon, origin: str):
    headers = {"Origin": origin}
    async with http.post("/street/mastodon/faults", json={"revoked": True}, headers=headers) as answer:
        assert 400 == answer.status
    assert not mastodon.faults.revoked


@pytest.mark.parametrize("path", ["/street", "/platform/mastodon/wall", "/street/street.js", "/street/street.css"])
async def test_the_page_may_run_nothing_but_its_own_files(http, path: str):
    async with http.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert 200 == answer.status
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/street/street.html", "/street/..%2fstreet.py", "/platform/mastodon/nothing"])
async def test_nothing_else_is_served(http, path: str):
    async with http.get(path) as answer:
        assert 404 == answer.status


async def test_residents_press_hearts_and_write_elsewhere(http, mastodon: Mastodon):
    """Under a post that is there, and of a kind that there is; the page shows the hearts, and no letter."""
    post = mastodon.add("Koka vattnet.").id
    for count in (1, 2):
        async with http.post("/street/mastodon/hearts", json={"post": post}) as answer:
            assert (200, count) == (answer.status, (await answer.json())["hearts"])
    async with http.post("/street/mastodon/letters", json={"kind": "messages", "text": "Hemligt"}) as answer:
        assert 200 == answer.status
    shown = (await seen(http))["mastodon"]
    assert ({post: 2}, False) == (shown["hearts"], "Hemligt" in str(shown))
    assert ["Hemligt"] == [one.text for one in mastodon.audience.unread("messages")]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("hearts", {"post": "0"}),
        ("hearts", {}),
        ("letters", {"kind": "poems", "text": "x"}),
        ("letters", {"kind": "messages", "text": " "}),
        ("remarks", {"post": "0", "text": "x"}),
    ],
)
async def test_what_residents_cannot_do(http, mastodon: Mastodon, what: str, body: dict):
    """It is refused, and nothing is kept."""
    before = mastodon.kept()
    async with http.post(f"/street/mastodon/{what}", json=body) as answer:
        assert (400, before) == (answer.status, mastodon.kept())


async def test_another_site_may_not_write(http, mastodon: Mastodon):
    headers, body = {"Origin": "https://elsewhere.example"}, {"kind": "messages", "text": "Hej"}
    async with http.post("/street/mastodon/letters", json=body, headers=headers) as answer:
        assert (400, []) == (answer.status, mastodon.audience.letters)


async def test_a_remarks_address_leads_to_its_post(http, mastodon: Mastodon):
    post = mastodon.add("Koka vattnet.").id
    remark = mastodon.remarks.add(post, "Hur länge?").id
    async with http.get(f"/platform/mastodon/@nisse/{remark}", allow_redirects=False) as answer:
        assert f"{mastodon.base_url}/wall#mastodon-{post}" == answer.headers["Location"]


async def test_where_the_accounts_own_people_read_leads_to_the_wall(http, mastodon: Mastodon):
    async with http.get("/platform/mastodon/notifications", allow_redirects=False) as answer:
        assert f"{mastodon.base_url}/wall" == answer.headers["Location"]


async def test_a_removed_post_has_no_address(http, mastodon: Mastodon):
    item = mastodon.add("Bort")
    item.removed = True
    async with http.get(f"/platform/mastodon/@kommunen/{item.id}") as answer:
        assert 404 == answer.status


async def test_without_platforms_the_street_is_empty(seed: Seed):
    workspace = Sandbox(seed)
    async with aiohttp.ClientSession(await workspace.start()) as http:
        assert {} == await seen(http)
    await workspace.stop()


async def test_two_platforms_of_one_name_are_refused(seed: Seed):
    workspace = Sandbox(seed, platforms=[Mastodon(), Mastodon()])
    with pytest.raises(ValueError, match="one name"):
        await workspace.start()
    await workspace.stop()


async def test_what_listens_elsewhere_starts_and_stops_with_the_street(seed: Seed):
    telegraph = Telegraph()
    workspace = Sandbox(seed, platforms=[telegraph, Mastodon()])
    await workspace.start()
    assert ["started"] == telegraph.life
    await workspace.stop()
    assert ["started", "stopped"] == telegraph.life


async def test_the_account_publishes_with_the_platforms_own_tools(http, mastodon: Mastodon):
    """Not through the interface: so that residents have something to write below."""
    async with http.post("/street/mastodon/items", json={"text": "Badhuset öppnar."}) as answer:
        made = await answer.json()
    assert (["Badhuset öppnar."], []) == ([one.text for one in mastodon.items], mastodon.calls)
    async with http.post("/street/mastodon/remarks", json={"post": made["id"], "text": "När?"}) as answer:
        assert 200 == answer.status
    for given in ({}, {"text": "  "}):
        async with http.post("/street/mastodon/items", json=given) as answer:
            assert 400 == answer.status
