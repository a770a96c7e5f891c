"""The residents' street, in a real Chromium: what people see of the platforms outside Slack."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.sandbox.platforms.bluesky import Bluesky
from bot.sandbox.platforms.mastodon import Mastodon
from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser
NARROW = ViewportSize(width=320, height=640)
EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>'
WATER = "Koka vattnet i Ängby.\nHämta dricksvatten vid torget."
Open = Callable[..., Awaitable[Screen]]


@pytest.fixture
def mastodon() -> Mastodon:
    return Mastodon()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(mastodon: Mastodon) -> AsyncIterator[Sandbox]:
    workspace = Sandbox(toy.seed(), platforms=[mastodon, Bluesky()])
    await workspace.start()
    yield workspace
    await workspace.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def open_street(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Open]:
    """Open one of the street's pages; afterwards it may not have complained."""
    screens: list[Screen] = []

    async def visit(path: str = "/street", *, dark: bool = False) -> Screen:
        page: Page = await browser.new_page(viewport=DESKTOP, color_scheme="dark" if dark else "light")
        screen = await Screen.open(page, sandbox.base_url)
        screens.append(screen)
        await page.goto(sandbox.base_url + path)
        await expect(page.get_by_role("region").first).to_be_visible()
        return screen

    yield visit
    for screen in screens:
        assert screen.complaints == []
        assert screen.elsewhere == []


def panel(page: Page, title: str = "Mastodon") -> Locator:
    return page.get_by_role("region", name=title, exact=True)


async def test_what_is_published_appears_by_itself_with_the_newest_first(open_street: Open, mastodon: Mastodon):
    """Line breaks stay, the platform is announced, and whoever is reading keeps the keyboard."""
    mastodon.add(WATER, title="Viktigt om vattnet", link="https://kommunen.example/vatten")
    page = (await open_street()).page
    items = panel(page).get_by_role("article")
    await expect(items).to_have_count(1)
    assert WATER == await items.locator(".said").evaluate("node => node.innerText")
    await expect(panel(page, "Bluesky").get_by_text("Inget publicerat än.")).to_be_visible()
    link = items.get_by_role("link", name="https://kommunen.example/vatten")
    await link.focus()
    mastodon.add("Vattnet är bra igen.")
    await expect(items).to_have_count(2)
    await expect(items.first).to_contain_text("Vattnet är bra igen.")
    await expect(page.locator("#announcer")).to_have_text("Nytt på Mastodon.")
    await expect(link).to_be_focused()


async def test_an_edit_is_marked_and_the_earlier_text_folded_away(open_street: Open, mastodon: Mastodon):
    item = mastodon.add("Koka vattnet i Ängsby.")
    page = (await open_street()).page
    await expect(panel(page).get_by_text("redigerad")).to_have_count(0)
    mastodon.edit(item, "Koka vattnet i Ängby.")
    await expect(panel(page).get_by_text("redigerad")).to_be_visible()
    await expect(panel(page).get_by_text("Koka vattnet i Ängsby.")).to_be_hidden()
    await panel(page).get_by_text("Tidigare text (1)").click()
    await expect(panel(page).get_by_text("Koka vattnet i Ängsby.")).to_be_visible()
    mastodon.edit(item, "Koka vattnet i hela Ängby.")
    await expect(panel(page).get_by_text("Tidigare text (2)")).to_be_visible()
    await expect(panel(page).get_by_text("Koka vattnet i Ängsby.")).to_be_visible()
    item.removed = True
    await expect(panel(page).get_by_role("article")).to_have_count(0)
    await expect(panel(page).get_by_text("Borttaget (1)")).to_be_visible()


async def test_what_somebody_wrote_is_only_ever_text(open_street: Open, mastodon: Mastodon):
    """Markup is shown as it was typed; an address that is not of the web leads nowhere."""
    item = mastodon.add(EVIL, title=EVIL, link="javascript:alert(1)", image="javascript:alert(1)", alt=EVIL)
    mastodon.edit(item, EVIL + " igen")
    page = (await open_street()).page
    await expect(panel(page).locator(".said")).to_have_text(EVIL + " igen")
    assert 0 == await page.locator("article img, article script, [href^=javascript]").count()


async def test_an_address_in_the_text_is_a_link_without_the_full_stop(open_street: Open, mastodon: Mastodon):
    mastodon.add("Mer på https://kommunen.example/vatten?a=1&b=2. Eller https://kommunen.example!")
    page = (await open_street()).page
    await expect(panel(page).locator(".said a")).to_have_count(2)
    links = await panel(page).locator(".said a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert ["https://kommunen.example/vatten?a=1&b=2", "https://kommunen.example"] == links


async def test_trouble_is_switched_on_and_off_with_the_keyboard(open_street: Open, mastodon: Mastodon):
    page = (await open_street()).page
    await panel(page).get_by_text("Krångel", exact=True).focus()
    await page.keyboard.press("Enter")
    switches = [panel(page).get_by_role("button", name=name) for name in ("Nyckeln dör", "Långsam", "Tappade svar")]
    for switch in switches:
        await expect(switch).to_have_attribute("aria-pressed", "false")
        await switch.press("Space")
        await expect(switch).to_have_attribute("aria-pressed", "true")
        await expect(switch).to_be_focused()
    told = mastodon.faults.to_json()
    assert (True, 4000, 1) == (told["revoked"], told["slow_ms"]["ms"], told["drop_after_store"]["probability"])
    await expect(panel(page).get_by_text("Krångel: nyckeln dör, långsam, tappade svar")).to_be_visible()
    for switch in switches:
        await switch.press("Space")
        await expect(switch).to_have_attribute("aria-pressed", "false")
    assert not mastodon.faults.revoked


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_fits_and_can_be_read(open_street: Open, mastodon: Mastodon, dark: bool):
    """No sideways scrolling even for words without a break; names, ids and contrast as on the other pages."""
    item = mastodon.add("Äldre")
    mastodon.edit(item, "Donaudampfschifffahrtsgesellschaft" * 4 + " https://kommunen.example/" + "x" * 120)
    mastodon.add("x", title="Rubrik" * 20, link="https://kommunen.example/" + "y" * 150)
    screen = await open_street(dark=dark)
    page = screen.page
    await panel(page).get_by_text("Tidigare text").click()
    await panel(page).get_by_text("Krångel", exact=True).click()
    await panel(page).get_by_role("button", name="Nyckeln dör").click()
    await expect(panel(page).get_by_text("Krångel: nyckeln dör")).to_be_visible()
    for size in (DESKTOP, PHONE, NARROW):
        await page.set_viewport_size(size)
        assert [] == await screen.too_wide()
        assert [] == await screen.faults()


async def test_a_long_wall_shows_its_newest_and_leads_to_the_rest(open_street: Open, mastodon: Mastodon):
    for number in range(20):
        mastodon.add(f"Inlägg {number}")
    page = (await open_street()).page
    await expect(panel(page).get_by_role("article")).to_have_count(5)
    await panel(page).get_by_role("link", name="Visa 15 äldre på Mastodon").click()
    await expect(page.get_by_role("article")).to_have_count(20)
    await expect(page).to_have_title("Mastodon – utanför Slack")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mastodon")
    await page.get_by_role("link", name="Alla kanaler").click()
    await expect(page.get_by_role("region")).to_have_count(2)


async def test_the_public_address_of_a_post_leads_to_it(open_street: Open, mastodon: Mastodon):
    sought = mastodon.add("Det här är det")
    for number in range(30):
        mastodon.add(f"Nyare {number}")
    page = (await open_street(f"/platform/mastodon/@kommunen/{sought.id}")).page
    await expect(page.locator(".sought")).to_have_text(re.compile("Det här är det"))
    await expect(page.locator(".sought")).to_be_in_viewport()


async def test_the_page_says_when_the_sandbox_is_gone(open_street: Open, sandbox: Sandbox):
    screen = await open_street()
    screen.expected = ("ERR_CONNECTION", "Failed to load")
    await sandbox.stop()
    await expect(screen.page.get_by_text("tappat kontakten")).to_be_visible()


async def test_the_workspace_leads_to_the_street_and_back(browser: Browser, open_street: Open, sandbox: Sandbox):
    """The link stands in the top bar; it fits on a phone, too."""
    for size in (DESKTOP, PHONE, NARROW):
        screen = await Screen.open(await browser.new_page(viewport=size), sandbox.base_url)
        await screen.go(shapes.WRITER, shapes.LOBBY)
        await expect(screen.page.locator("#bar").get_by_role("link", name="Utanför Slack")).to_be_visible()
        assert [] == await screen.too_wide()
        assert [] == await screen.faults()
        await screen.page.locator("#bar").get_by_role("link", name="Utanför Slack").click()
        await expect(screen.page.get_by_role("region")).to_have_count(2)
        await screen.page.get_by_role("link", name="Till Slack").click()
        await expect(screen.page.locator("#stage .timeline")).to_be_visible()
        assert [] == screen.complaints


async def test_without_platforms_there_is_no_way_to_the_street(browser: Browser):
    workspace = Sandbox(toy.seed())
    screen = await Screen.open(await browser.new_page(), await workspace.start())
    async with screen.page.expect_response("**/street.json"):
        await screen.go(shapes.WRITER, shapes.LOBBY)
    await expect(screen.page.get_by_role("link", name="Utanför Slack")).to_have_count(0)
    await workspace.stop()
