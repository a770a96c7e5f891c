"""The page of the sandbox workspace, in a real Chromium, against the real sandbox."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


async def test_a_command_is_found_and_sent_with_the_keyboard_alone(visit: Visit) -> None:
    """Typing / offers commands, arrows choose, Tab takes, then its words; Enter opens the form."""
    screen = await visit(shapes.WRITER)
    keyboard = screen.page.keyboard
    await expect(screen.composer).to_be_focused()
    await keyboard.type("/k")
    options = screen.page.get_by_role("listbox", name="Kommandon").locator("[role=option]")
    await expect(options).to_have_count(4)
    await keyboard.press("ArrowDown")
    assert "/kommentar" in await screen.active_option()
    await keyboard.press("ArrowUp")
    await keyboard.press("Tab")
    await expect(screen.composer).to_have_value("/konto ")
    words = options.locator(".option-label")
    await expect(words).to_have_text(["/konto ansök", "/konto mina", "/konto visa", "/konto lista"])
    await keyboard.type("anso")
    await expect(options).to_have_count(1)
    await keyboard.press("Enter")
    await expect(screen.composer).to_have_value("/konto ansök ")
    await keyboard.press("Enter")
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()
    assert "Vilken enhet" in (await screen.focused())["label"]
    await expect(screen.composer).to_have_value("")


async def test_escape_puts_suggestions_away_and_keeps_the_text(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await screen.page.keyboard.type("/ko")
    await expect(screen.composer).to_have_attribute("aria-expanded", "true")
    await screen.page.keyboard.press("Escape")
    await expect(screen.composer).to_have_attribute("aria-expanded", "false")
    await expect(screen.composer).to_have_value("/ko")


async def test_what_others_do_appears_without_a_reload(visit: Visit, sandbox: Sandbox, app: toy.Toy) -> None:
    """A message in the open channel is shown and said; one elsewhere marks its channel as unread."""
    screen = await visit(shapes.COMMS)
    await Person(sandbox.base_url, shapes.WRITER).say("Hej på er", shapes.LOBBY)
    await expect(screen.messages.get_by_text("Hej på er")).to_be_visible()
    await expect(screen.page.locator("#announcer")).to_have_text("Nytt meddelande från Bibliotekarie: Hej på er")
    await app.client.chat_postMessage(channel=shapes.DESK, text="Ny ansökan")
    await expect(screen.page.get_by_role("link", name="kommunikation 1 olästa")).to_be_visible()
    await expect(screen.page).to_have_title(re.compile(r"^\(1\)"))
    await screen.page.get_by_role("link", name="kommunikation 1 olästa").click()
    await expect(screen.messages.get_by_text("Ny ansökan")).to_be_visible()
    await expect(screen.page.locator(".badge")).to_have_count(0)


async def test_app_home_is_published_when_it_is_opened_and_its_buttons_act(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(shapes.HEAD)
    await screen.page.get_by_role("link", name="kanalvakt").click()
    await screen.page.get_by_role("link", name="Hem").click()
    await expect(screen.page.get_by_role("heading", name="Det här väntar på dig")).to_be_visible()
    await screen.page.get_by_role("button", name="Öppna").click()
    await expect(screen.page.get_by_role("button", name="Öppna")).not_to_have_attribute("aria-busy", "true")
    assert app.acts[0]["view"]["type"] == "home"


async def test_the_page_speaks_the_language_of_the_person(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    html = screen.page.locator("html")
    await expect(html).to_have_attribute("lang", "sv")
    await screen.page.get_by_label("Du är").select_option(label="English-speaking editor")
    await expect(html).to_have_attribute("lang", "en")
    await expect(screen.page.get_by_role("button", name="Shortcuts")).to_be_visible()
    await expect(screen.page.get_by_label("You are", exact=True)).to_have_value(shapes.ENGLISH)


async def test_the_page_says_when_the_app_is_away_and_when_it_is_back(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(shapes.WRITER)
    away = screen.page.get_by_text("Appen är inte ansluten")
    await expect(away).to_have_count(0)
    await app.stop()
    await expect(away).to_be_visible()
    await app.start()
    await expect(away).to_have_count(0)


async def test_a_failed_command_says_why_and_gives_the_text_back(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await screen.command("/okänt nu")
    await expect(screen.page.get_by_role("alert")).to_contain_text("/okänt är inget kommando här")
    await expect(screen.composer).to_have_value("/okänt nu")


async def test_disturbances_are_switched_on_shown_and_taken_away(visit: Visit, sandbox: Sandbox) -> None:
    screen = await visit(shapes.WRITER)
    page = screen.page
    await page.get_by_role("button", name="Störningar").click()
    await page.get_by_label("Serverfel (5xx)").select_option(label="30 % av anropen")
    await expect(page.get_by_text("Störningar är på")).to_be_visible()
    assert sandbox.hub.faults.to_json()["error_5xx"]["probability"] == 0.3
    await page.get_by_role("button", name="Ta bort alla störningar").click()
    await expect(page.get_by_text("Störningar är på")).to_have_count(0)
    assert sandbox.hub.faults.to_json()["error_5xx"]["probability"] == 0
    await page.get_by_label("Person", exact=True).select_option(label="Enhetschef biblioteket")
    await page.get_by_role("button", name="Avaktivera").click()
    await expect(page.get_by_role("button", name="Aktivera igen")).to_be_visible()
    assert sandbox.hub.workspace.people[shapes.HEAD].deleted
    await page.keyboard.press("Escape")
    await expect(page.locator("#faults")).to_be_hidden()


async def test_whoever_is_deactivated_leaves_the_chair(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await screen.page.get_by_role("button", name="Störningar").click()
    screen.expected = ("400",)
    await screen.page.get_by_role("button", name="Avaktivera").click()
    await expect(screen.page.get_by_label("Du är")).to_have_value(shapes.HEAD)
    await expect(screen.page.get_by_text("Bibliotekarie är avaktiverad")).to_be_visible()


async def test_an_archived_channel_can_be_read_and_not_written_in(visit: Visit) -> None:
    screen = await visit(shapes.WRITER, shapes.CLOSED)
    await expect(screen.page.get_by_text("Kanalen är arkiverad")).to_be_visible()
    await expect(screen.composer).to_have_count(0)


async def test_a_public_channel_can_be_joined(visit: Visit) -> None:
    screen = await visit(shapes.WRITER, shapes.OTHER)
    await screen.page.get_by_role("button", name="Gå med").click()
    await expect(screen.composer).to_be_visible()


async def test_go_to_finds_a_channel_by_typing(visit: Visit) -> None:
    screen = await visit(shapes.HEAD)
    await screen.page.keyboard.press("Control+k")
    await screen.page.keyboard.type("komm")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("kommunikation")
    await expect(screen.dialog).to_have_count(0)
