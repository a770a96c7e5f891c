"""Road-side signs: what a player is shown, and what it never is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.channels.errors import CannotLook, Refused
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.channels.signs import Sign, SignSettings, dangerous
from bot.crisis.compose import Surface, refit
from bot.crisis.facts import Kind
from bot.crisis.warn import warnings
from bot.desk import Desk
from bot.web.pages import Pages
from bot.web.signs import Signs
from tests.chromium import launched
from tests.crisis.crises import NOW, SV, crisis
from tests.town import MONDAY, Clock
from tests.web.board import Site, Wall, later, site_of, water

SIGN = SignSettings(key="e20", name="E20-skylten", idle="Välkommen till\nExempelkommunen")
BLACK = SignSettings(key="svart", name="Svarta skylten", upper=False)
INDOORS = SignSettings(key="hall", name="Skärmen i stadshuset", drill=True)
DOWN = OperationalError("SELECT", {}, Exception("gone"))


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY + timedelta(minutes=40))


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, wall: Wall) -> AsyncIterator[Site]:
    def mount(desk: Desk, pages: Pages, router: web.UrlDispatcher) -> None:
        Signs(desk, pages, wall, {one.key: one for one in (SIGN, BLACK, INDOORS)}).mount(router)

    async with site_of(tmp_path, clock, mount) as client:
        yield client


async def rows(site: Site, sign: str = "e20") -> list[str]:
    answer = await site.get(f"/skylt/{sign}.json")
    assert answer.status == 200
    found = await answer.json()
    page = await (await site.get(f"/skylt/{sign}")).text()
    assert found["rows"] == [line.split(">")[1].split("<")[0] for line in page.splitlines() if "<text" in line]
    return list(found["rows"])


async def test_a_sign_shows_the_message_s_rows_for_it(site: Site, wall: Wall) -> None:
    """In capitals where the sign has only those; page and JSON say the same."""
    wall.found = [water(rows={"e20": ("Åsbo", "Koka  vattnet", ""), "svart": ("Koka vattnet",)})]
    assert ["ÅSBO", "KOKA VATTNET"] == await rows(site)
    assert ["Koka vattnet"] == await rows(site, "svart")


async def test_with_nothing_on_a_sign_has_its_ordinary_words_or_is_black(site: Site, wall: Wall) -> None:
    """Nothing on means nothing of ours."""
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)
    assert [] == await rows(site, "svart")
    wall.found = [water(rows={"annan": ("Koka vattnet",)})]
    assert [] == await rows(site, "svart")


async def test_a_sign_is_given_back_when_it_is_over(site: Site, wall: Wall, clock: Clock) -> None:
    """Called off, withdrawn, or past its time."""
    wall.found = [water(over=True)]
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)
    wall.found = [water(expires=clock() + timedelta(minutes=1))]
    assert ["ÅSBO", "KOKA VATTNET", "HÄMTA VID TORGET"] == await rows(site)
    clock.now += timedelta(minutes=1)
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)


async def test_the_json_has_a_stable_shape(site: Site, wall: Wall, clock: Clock) -> None:
    """Signs with programs of their own read it, on any site."""
    wall.found = [water(expires=clock() + timedelta(hours=1))]
    answer = await site.get("/skylt/e20.json")
    found = await answer.json()
    assert {
        "sign": "e20",
        "on": True,
        "rows": ["ÅSBO", "KOKA VATTNET", "HÄMTA VID TORGET"],
        "until": "2026-11-23T10:40:00+00:00",
        "idle": ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"],
    } == {key: value for key, value in found.items() if key != "page"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    wall.found = []
    found = await (await site.get("/skylt/e20.json")).json()
    assert (False, None) == (found["on"], found["until"])


async def test_of_two_incidents_the_worse_then_the_newer_has_the_sign(site: Site, wall: Wall) -> None:
    """There is room for one."""
    mild = later(incident=4, severity="Minor", rows={"e20": ("Mild",)})
    wall.found = [mild, water(rows={"e20": ("Svår",)})]
    assert ["SVÅR"] == await rows(site)
    wall.found = [water(rows={"e20": ("Först",)}), later(incident=4, rows={"e20": ("Sedan",)})]
    assert ["SEDAN"] == await rows(site)


async def test_a_drill_is_seen_only_on_signs_marked_for_it_and_says_what_it_is(site: Site, wall: Wall) -> None:
    """Whatever the composer wrote; and what is real goes first."""
    drill = {"e20": ("Koka vattnet",), "hall": ("Koka vattnet",)}
    wall.found = [water(drill=True, severity="Extreme", rows=drill)]
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)
    assert ["ÖVNING", "KOKA VATTNET"] == await rows(site, "hall")
    wall.found = [*wall.found, later(incident=4, severity="Minor", rows={"hall": ("På riktigt",)})]
    assert ["PÅ RIKTIGT"] == await rows(site, "hall")
    wall.found = [water(drill=True, rows={"hall": ("Övning: koka vattnet",)})]
    assert ["ÖVNING: KOKA VATTNET"] == await rows(site, "hall")


CONTACTS = [
    "Ring 112",
    "RING 0512-310 00",
    "0512-31 000",
    "08 123 456 78",
    "+46 512 310 00",
    "070–123 45 67",
    "+46512\u00ad31000",
    "０５１２ ３１０００",
    "310 00 00",
    "113 13",
    "VÅRDGUIDEN 1177",
    "Tel: 31000",
    "sms till 71 456",
    "exempel.se/kris",
    "EXEMPELKOMMUNEN.SE",
    "www.exempel.example",
    "https://x",
    "kris@exempel",
    "exempel\u200b.se",
    "krisinformation．nu",
]


@pytest.mark.parametrize("row", CONTACTS)
def test_the_composer_counts_as_too_many_what_the_page_would_withhold(row: str) -> None:
    """One rule: whoever writes a text for the sign learns of it before anybody approves it."""
    surface = Surface("e20", "Skylten", "sign", rows=3, characters=40)
    said = refit(surface, f"Koka vattnet\n{row}")
    assert said.over > 0
    assert [("e20", "warn.sign_contact")] == [
        (one.channel, one.problem.key)
        for one in warnings(crisis(), Kind.FIRST, [surface], {"e20": said}, SV, now=NOW)
    ]


@pytest.mark.parametrize("row", CONTACTS)
async def test_nothing_to_dial_or_look_up_is_on_a_sign(site: Site, wall: Wall, row: str) -> None:
    """Nobody dials while driving; the other rows stay, and the log says so once, without the row."""
    assert dangerous(row)
    wall.found = [water(rows={"e20": ("Koka vattnet", row)})]
    with capture_logs() as logged:
        assert ["KOKA VATTNET"] == await rows(site)
    assert [("e20", 3)] == [
        (one["sign"], one["incident"]) for one in logged if one["action"] == "sign_row_withheld"
    ]
    assert row not in str(logged)


@pytest.mark.parametrize(
    "row",
    [
        "KOKA VATTNET",
        "E20 AVSTÄNGD KL. 07.00–18.30",
        "VÄG 184 STÄNGD TILL 2026-11-23",
        "VÄG 112 STÄNGD",
        "112 METER FRITT",
        "2026-11-23 KL. 14.00",
        "23/11 14.00–16.30",
        "HÄMTA 10 LITER",
        "30 000 UTAN STRÖM",
        "STANNA INNE. SE UPP",
        "TRAFIKPLATS 71, 72 OCH 73",
        "-20 GRADER",
        "RING GRANNEN",
    ],
)
def test_advice_with_numbers_in_it_stays(row: str) -> None:
    """Times, dates, roads and amounts are what signs are for."""
    assert not dangerous(row)


async def test_a_message_of_nothing_but_numbers_leaves_the_sign_as_it_was(site: Site, wall: Wall) -> None:
    """An idle text is no better off: it is looked through too."""
    wall.found = [water(rows={"e20": ("0512-310 00",)})]
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)


async def test_the_page_needs_no_cookie_and_lets_any_player_frame_it(site: Site, wall: Wall) -> None:
    """Its own script and style, nobody else's; the guard's other headers stay."""
    wall.found = [water(rows={"e20": ("<script>alert(1)</script>",)})]
    answer = await site.get("/skylt/e20")
    html = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert ["Set-Cookie" in answer.headers, "<script>alert" in html.casefold()] == [False, False]
    assert "script-src 'self'" in policy
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy
    assert "style=" not in html
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    elsewhere = await site.get("/skylt/e6")
    assert "script-src" not in elsewhere.headers["Content-Security-Policy"]
    for part in ("/static/sign.js", "/static/sign.css"):
        assert part in html
        assert (await site.get(part)).status == 200


@pytest.mark.parametrize("address", ["/skylt/e20", "/skylt/e20.json"])
async def test_who_has_it_already_is_told_so(site: Site, wall: Wall, address: str) -> None:
    """A tag for what stands; another when it changes."""
    first = await site.get(address)
    again = await site.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (304, b"") == (again.status, await again.read())
    wall.found = [water()]
    changed = await site.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert 200 == changed.status


async def test_an_unknown_sign_is_not_there(site: Site) -> None:
    """Neither page nor data."""
    assert [404, 404] == [(await site.get(f"/skylt/e6{end}")).status for end in ("", ".json")]


async def test_while_the_database_is_away_a_sign_shows_what_stood(site: Site, wall: Wall, clock: Clock) -> None:
    """And still ends it in time."""
    wall.found = [water(expires=clock() + timedelta(minutes=5))]
    await rows(site)
    wall.trouble = DOWN
    assert ["ÅSBO", "KOKA VATTNET", "HÄMTA VID TORGET"] == await rows(site)
    clock.now += timedelta(minutes=5)
    assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await rows(site)


async def test_before_anything_is_known_the_page_is_black_and_the_data_says_it_knows_nothing(
    site: Site, wall: Wall
) -> None:
    """An error page has no place on a road; the script keeps what it shows when it reads 503."""
    wall.trouble = DOWN
    page = await site.get("/skylt/e20")
    assert (200, False) == (page.status, "<text" in await page.text())
    data = await site.get("/skylt/e20.json")
    assert (503, "10") == (data.status, data.headers["Retry-After"])


async def test_the_delivery_room_finds_a_sign_always_ready() -> None:
    """The page reads the database, so there is nothing to send; a drill is still refused."""
    sign = Sign(SIGN, Keyring({}))
    sent = await sign.send(await sign.place("e20"), None, Message("Koka vattnet"), "77")
    assert ("77", "e20") == (sent.remote, sent.place)
    await sign.update("e20", "77", Message("Koka vattnet"))
    await sign.remove("e20", "77")
    assert ("E20-skylten", True) == (await sign.ping(), sign.idempotent)
    for act in (
        sign.send("e20", None, Message("x", drill=True), "1"),
        sign.update("e20", "1", Message("x", drill=True)),
    ):
        with pytest.raises(Refused):
            await act
    with pytest.raises(CannotLook):
        await sign.find("e20", None, "77", MONDAY, None)
    await sign.close()


@pytest.mark.parametrize("wrong", [{"rows": 0}, {"characters": 3}, {"key": "E20"}, {"key": "e20.json"}])
def test_a_sign_that_cannot_be_stops_at_the_start(wrong: dict[str, Any]) -> None:
    """No rows, no room, or a key that no address can hold."""
    with pytest.raises(ValidationError):
        SignSettings(**{"key": "e20", "name": "E20", **wrong})


@pytest.mark.browser
async def test_a_player_keeps_showing_and_stops_in_time(site: Site, wall: Wall, clock: Clock) -> None:
    """In a real browser: large type, new words without reloading, and nothing lost when the line is.

    What has an end ends without the desk, too.
    """
    async with launched() as browser:
        page = await browser.new_page(viewport={"width": 1920, "height": 360})
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        await page.clock.install()
        await page.goto(str(site.make_url("/skylt/e20")))
        shown = page.locator("text")
        assert ["VÄLKOMMEN TILL", "EXEMPELKOMMUNEN"] == await shown.all_text_contents()
        clock.now = datetime.now(UTC)  # the player goes by the clock of the answer, which is the machine's
        wall.found = [water(expires=clock.now + timedelta(seconds=55))]
        await page.clock.run_for(10_000)
        await page.get_by_text("KOKA VATTNET").wait_for()
        boxes = [await one.bounding_box() for one in await shown.all()]
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 1920 for box in boxes)
        assert sum(box["height"] for box in boxes if box) > 0.8 * 360
        await page.context.set_offline(True)
        for _ in range(3):
            async with page.expect_event("requestfailed"):
                await page.clock.run_for(10_000)
        assert ["ÅSBO", "KOKA VATTNET", "HÄMTA VID TORGET"] == await shown.all_text_contents()
        for _ in range(3):
            async with page.expect_event("requestfailed"):
                await page.clock.run_for(10_000)
        await page.get_by_text("EXEMPELKOMMUNEN").wait_for()
        await page.context.set_offline(False)
        wall.found = [later(rows={"e20": ("Nya prov",)})]
        async with page.expect_event("requestfinished"):
            await page.clock.run_for(10_000)
        await page.get_by_text("NYA PROV").wait_for()
    assert [] == wrong
