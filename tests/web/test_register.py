"""The public register: the page, JSON and CSV."""

import csv
import io
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.accounts.register import Line
from bot.desk import Desk
from bot.spreadsheet import harmless
from bot.web import language
from bot.web.register import in_columns, matches, sections, web_address
from storage import accounts
from storage.accounts import Account
from storage.engine import Database
from tests.town import EDITOR, OTHER, Clock
from tests.web.conftest import TEXTS, Open, add

Site = TestClient[web.Request, web.Application]
LINE = Line("Bibblan berättar", "Instagram", "https://www.instagram.com/bibblan", "Tips.", "Biblioteket")
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """A page as a screen reader walks through it: headings, links, labels, and whether tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.links: dict[str, dict[str, str | None]] = {}
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if any(tag[0] == "h" and tag[1:].isdigit() for tag in self.open):
            level, words = self.headings[-1]
            self.headings[-1] = (level, " ".join(f"{words} {data}".split()))
        link = next((attrs for tag, attrs in reversed(self.tags) if tag == "a"), None)
        if "a" in self.open and link is not None:
            self.links[data.strip()] = link

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


async def page(site: Site, address: str = "/register", **headers: str) -> Page:
    answer = await site.get(address, headers=headers)
    assert answer.status == 200
    found = Page(await answer.text())
    assert found.open == []
    return found


@pytest.fixture
async def town_of_three(desk: Desk, units: dict[str, int]) -> dict[str, int]:
    await add(desk, units["Biblioteket"], "Bibblan berättar")
    await add(desk, units["Biblioteket"], "Läsklubben", platform="facebook", address="https://facebook.com/las")
    await add(desk, units["Simhallen"], "Badhuset", purpose="Vattentemperatur & <script>öppettider</script>")
    return units


async def test_the_accounts_stand_by_unit_with_purpose_and_address(site: Site, town_of_three: Any) -> None:
    """A resident sees whether an account is the municipality's own."""
    shown = await page(site)
    assert shown.headings == [
        (1, "Exempelkommunen i sociala medier"),
        (2, "Biblioteket"),
        (3, "Läsklubben Facebook"),
        (3, "Bibblan berättar Instagram"),
        (2, "Simhallen"),
        (3, "Badhuset Instagram"),
        (2, "Bra att veta"),
    ]
    assert shown.links["facebook.com/las"] == {"href": "https://facebook.com/las", "rel": "noopener"}
    assert "3 konton" in shown.text
    assert "Visar vad som händer hos oss." in shown.text


async def test_the_page_can_be_used_without_eyes_mouse_or_script(site: Site, town_of_three: Any) -> None:
    """Language, title, skip link, landmarks, a labelled search, and headings that skip no level."""
    shown = await page(site)
    assert shown.all("html") == [{"lang": "sv"}]
    assert shown.all("script") == []
    assert [len(shown.all(tag)) for tag in ("title", "header", "main", "footer", "h1")] == [1] * 5
    assert shown.all("a")[0] == {"class": "skip", "href": "#main"}
    assert shown.all("main")[0]["id"] == "main"
    [label], [search] = shown.all("label"), [one for one in shown.all("input") if one["type"] == "search"]
    assert label["for"] == search["id"]
    levels = [level for level, _ in shown.headings]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in shown.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {one["aria-labelledby"] for one in shown.all("section")} <= set(ids)


async def test_what_people_wrote_is_text_never_markup(site: Site, town_of_three: Any) -> None:
    """A purpose with a script in it is shown as written."""
    html = await (await site.get("/register")).text()
    assert "Vattentemperatur &amp; &lt;script&gt;öppettider&lt;/script&gt;" in html
    assert "<script" not in html


async def test_the_search_itself_is_text_too(site: Site, town_of_three: Any) -> None:
    """A link with markup in its search cannot put anything on the page."""
    html = await (await site.get("/register", params={"q": '"><script>alert(1)</script>'})).text()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


async def test_contact_report_and_public_records_are_on_the_page(site: Site, town_of_three: Any) -> None:
    """Whom to ask, where to report, and what becomes of what you write."""
    shown = await page(site)
    assert "Fråga oss innan du litar på det" in shown.text
    assert "Anmäl den här" in shown.text
    assert "blir allmän handling" in shown.text
    assert shown.links["kontaktcenter@exempel.example"]["href"] == "mailto:kontaktcenter@exempel.example"
    assert "https://www.exempel.example/personuppgifter" in shown.links


async def test_the_accessibility_statement_is_linked_when_there_is_one(open_site: Open, units: Any) -> None:
    """The law on access to digital public service asks for it."""
    address = "https://www.exempel.example/tillganglighet"
    shown = await page(await open_site(accessibility_url=address))
    assert shown.links["Tillgänglighetsredogörelse"]["href"] == address
    assert "Tillgänglighetsredogörelse" not in (await page(await open_site())).links


async def test_no_person_is_in_the_register(site: Site, town_of_three: Any) -> None:
    """Owners, substitutes and editors are the department's business."""
    for address in ("/register", "/register.json", "/register.csv"):
        text = await (await site.get(address)).text()
        assert OTHER not in text
        assert EDITOR not in text
        assert "Handläggare" not in text


@pytest.mark.parametrize(
    ("q", "found"),
    [("bibblan", 1), ("BIBBLAN instagram", 1), ("lasklubben", 1), ("simhallen", 1), ("facebook.com", 1), (" ", 3)],
)
async def test_a_search_finds_by_every_word(site: Site, town_of_three: Any, q: str, found: int) -> None:
    """In name, platform, address, purpose or unit, whatever the case; å is found as a."""
    shown = await page(site, f"/register?q={q}")
    assert len([level for level, _ in shown.headings if level == 3]) == found


async def test_a_search_without_result_says_so_and_shows_the_way_back(site: Site, town_of_three: Any) -> None:
    """An account that is not found may be false: the contact line stays on the page."""
    shown = await page(site, "/register?q=kommunens+lotteri")
    assert "Inget av kommunens konton stämmer med ”kommunens lotteri”." in shown.text
    assert shown.links["Visa alla konton"]["href"] == "/register"
    assert "Fråga oss innan du litar på det" in shown.text


async def test_an_empty_register_says_so(site: Site, units: Any) -> None:
    """On the first day."""
    assert "Det finns inga konton i förteckningen än." in (await page(site)).text


async def test_english_by_address_or_by_browser(site: Site, town_of_three: Any) -> None:
    """The address goes before the browser; Swedish when neither says anything."""
    assert (await page(site)).all("html") == [{"lang": "sv"}]
    browser = await page(site, **{"Accept-Language": "en-GB,en;q=0.9,sv;q=0.5"})
    assert browser.headings[0] == (1, "Exempelkommunen on social media")
    swedish = await page(site, "/register?lang=sv", **{"Accept-Language": "en"})
    assert swedish.all("html") == [{"lang": "sv"}]
    english = await page(site, "/register?lang=en&q=bad")
    assert [one["lang"] for one in english.all("section")] == ["sv"]  # what people wrote stays Swedish
    assert english.links["På svenska"]["href"] == "/register?lang=sv&q=bad"
    assert {"type": "hidden", "name": "lang", "value": "en"} in english.all("input")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "sv"),
        ("*", "sv"),
        ("sv-SE,en;q=0.5", "sv"),
        ("en;q=0.8, sv;q=0.9", "sv"),
        ("nb-NO,en;q=0.9", "sv"),
        ("de-DE,de;q=0.9", "en"),
        ("en;q=0", "sv"),
        (";;;,,q=nonsense," * 100, "sv"),
    ],
)
def test_a_browsers_languages_are_read_as_people_mean_them(header: str, expected: str) -> None:
    """The most wanted one decides; who reads Norwegian reads Swedish; nonsense is Swedish."""
    assert language.of_header(header) == expected


async def test_the_json_has_a_stable_shape_and_may_be_read_from_anywhere(site: Site, town_of_three: Any) -> None:
    """Other sites of the municipality show the list."""
    answer = await site.get("/register.json")
    lines = await answer.json()
    assert [list(line) for line in lines] == [["name", "platform", "address", "purpose", "unit"]] * 3
    assert lines[0] == {
        "name": "Läsklubben",
        "platform": "Facebook",
        "address": "https://facebook.com/las",
        "purpose": "Visar vad som händer hos oss.",
        "unit": "Biblioteket",
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_the_csv_opens_in_a_swedish_spreadsheet(site: Site, town_of_three: Any) -> None:
    """Byte order mark, semicolons, and a name for the file."""
    answer = await site.get("/register.csv")
    raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Namn", "Plattform", "Adress", "Syfte", "Enhet"]
    assert rows[2][:2] == ["Bibblan berättar", "Instagram"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="register.csv"'
    assert (await (await site.get("/register.csv?lang=en")).text()).splitlines()[0].endswith('"Unit"')


@pytest.mark.parametrize("cell", ["=1+1", "+46", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    """An account may be called @something; a spreadsheet must not calculate it."""
    assert harmless(cell) == f"'{cell}"
    assert harmless("Bibblan =) 1") == "Bibblan =) 1"
    text = in_columns(TEXTS.language("sv"), [Line(cell, "X", "https://x.com/a", "s", "e")]).decode("utf-8-sig")
    assert next(iter(list(csv.reader(io.StringIO(text), delimiter=";"))[1])) == f"'{cell}"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "https://", "//x.se", "http://[", "@x"]
)
def test_only_web_addresses_become_links(address: str) -> None:
    """Whatever came into the table, a click goes nowhere strange."""
    assert web_address(address) is None
    [section] = sections([Line("n", "X", address, "s", "e")])
    assert section.accounts[0].link is None


def test_every_word_of_a_search_must_match() -> None:
    """Words in any order, from any column."""
    assert matches(LINE, "biblioteket TIPS")
    assert not matches(LINE, "biblioteket badhus")


@pytest.mark.parametrize("address", ["/register", "/register.json", "/register.csv"])
async def test_who_has_the_register_already_is_told_so(
    site: Site, desk: Desk, clock: Clock, town_of_three: dict[str, int], address: str
) -> None:
    """By tag and by date; and a changed register is sent again although no second has passed."""
    first = await site.get(address)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f"W/{tag}"}, {"If-Modified-Since": date}):
        again = await site.get(address, headers=headers)
        assert (again.status, await again.read()) == (304, b"")
        assert again.headers["ETag"] == tag
    await add(desk, town_of_three["Skolan"], "Skolköket")
    for headers in (
        {"If-None-Match": tag},
        {"If-Modified-Since": date},
        {"If-None-Match": tag} | {"If-Modified-Since": date},
    ):
        changed = await site.get(address, headers=headers)
        assert changed.status == 200
        assert "Skolköket" in await changed.text()


async def test_a_closed_account_leaves_the_register(
    site: Site, db: Database, desk: Desk, town_of_three: Any
) -> None:
    """Also for who asks by date, although nothing was entered since."""
    date = (await site.get("/register.json")).headers["Last-Modified"]
    async with db.write() as session:
        [(account, _), *_] = await accounts.live(session)
        closing = await session.get_one(Account, account.id)
        closing.state = accounts.CLOSED
        session.add(closing)
    answer = await site.get("/register.json", headers={"If-Modified-Since": date})
    assert answer.status == 200
    assert account.name not in await answer.text()


async def test_a_head_request_gets_the_headers_alone(site: Site, units: Any) -> None:
    """Link checkers ask so."""
    answer = await site.head("/register")
    assert (answer.status, await answer.read()) == (200, b"")


async def test_addresses_follow_a_public_address_with_a_path(open_site: Open, units: Any) -> None:
    """Behind a proxy the register may live under a path of the municipality's own site."""
    shown = await page(await open_site(public_url="https://www.exempel.example/kanaler"))
    assert shown.all("form")[0]["action"] == "/kanaler/register"
    assert shown.links["JSON"]["href"] == "/kanaler/register.json"
    assert (shown.all("link")[0]["href"] or "").startswith("/kanaler/static/style.css?v=")
