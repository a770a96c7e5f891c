"""What every answer has in common: headers, plain refusals, no traceback."""

import re
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from bot.settings import Environment
from bot.texts import Texts
from bot.web.app import Site as Served
from storage.engine import Database
from tests.web.conftest import Parts

Site = TestClient[web.Request, web.Application]
HTML = {"Accept": "text/html"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on which database it is."""
    return sqlite_url


@pytest.mark.parametrize(
    "address", ["/register", "/register.json", "/livez", "/metrics", "/static/style.css", "/no"]
)
async def test_every_answer_has_the_security_headers(site: Site, units: Any, address: str) -> None:
    """Refusals too; no script from anywhere, no frame, no guessing of types, no version of the server."""
    headers = (await site.get(address)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script" not in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "kanalvakt"


async def test_health_is_never_cached_and_not_for_other_sites(site: Site) -> None:
    """Only the register is for everybody."""
    headers = (await site.get("/livez")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


async def test_the_page_loads_its_style_and_nothing_else(site: Site, units: Any) -> None:
    """Whatever it names is its own, and is there."""
    html = await (await site.get("/register")).text()
    assert re.findall(r'src="|style="|@import|url\(', html) == []
    [style] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    answer = await site.get(style)
    assert (answer.status, answer.content_type) == (200, "text/css")
    css = await answer.text()
    assert "prefers-color-scheme: dark" in css
    assert "url(" not in css
    again = await site.get(style, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_the_bare_address_leads_to_the_register(site: Site) -> None:
    """There is no start page."""
    answer = await site.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/register")


@pytest.mark.parametrize(
    ("method", "address", "status", "title"),
    [("GET", "/nowhere", 404, "Sidan finns inte"), ("GET", "/../etc/passwd", 404, "Sidan finns inte")],
)
async def test_a_page_that_is_not_there_is_a_plain_page(
    site: Site, method: str, address: str, status: int, title: str
) -> None:
    """In the visitor's language, with the way to the register."""
    answer = await site.request(method, address, headers=HTML)
    html = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert f"<h1>{title}</h1>" in html
    assert 'href="/register"' in html
    english = await site.request(method, address, headers=HTML | {"Accept-Language": "en"})
    assert "There is no such page" in await english.text()


async def test_the_wrong_method_says_which_are_right(site: Site) -> None:
    """405 with Allow, for programs as JSON."""
    answer = await site.post("/register", data=b"x")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert (await answer.json())["error"] == "method"
    assert (await site.get("/webhooks/etjanst", headers=HTML)).status == 405


async def test_a_failure_of_ours_is_a_plain_page_with_a_code(site: Site, db: Database) -> None:
    """The visitor gets a code, the log the cause; no traceback, no names of tables."""
    await db.close()
    db.engine = Database("postgresql://127.0.0.1:1/nowhere").engine
    with capture_logs() as logs:
        answer = await site.get("/register", headers=HTML)
    html = await answer.text()
    assert answer.status == 500
    assert "Något gick fel hos oss" in html
    [line] = [one for one in logs if one["action"] == "page_failed"]
    assert line["ref"] in html
    assert "Traceback" not in html
    assert "sqlalchemy" not in html.lower()
    await db.close()


async def test_the_site_listens_and_closes(desk: Any, directory: Any, parts: Parts) -> None:
    """As the roof runs it: on a port of the system's choice, twice in a row."""
    environment = Environment(port=0, slack_app_token="xapp-1")
    for _ in range(2):
        served = Served(
            desk, Texts.load(), directory, environment, health=parts.pulse(), say=lambda t, one: one.key
        )
        await served.start()
        assert served.port > 0
        await served.stop()
    with pytest.raises(ValueError, match="not started"):
        _ = served.port
