"""The whole application in Chromium, before the real desk: what a person reads, types and presses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from bot import stage
from bot.app import Kanalvakt
from bot.delivery.settings import Settings
from bot.demo import konto, town
from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.browser.conftest import Visit, visiting
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser
LOBBY = "C0ALLMANT1"
QUICK = Settings(dest_interval_s=0.01, card_interval_s=0.05)
PLACE = "lösenordsvalvet, mapp Bibliotek"
Demo = tuple[Sandbox, Kanalvakt]


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """The demo as it is shown to people, only quicker to send."""
    async with stage.set_up(stage.Stage(tmp_path / "demo", tuning=QUICK)) as (sandbox, desk):
        sandbox.hub.limits.on = False  # this is about what people see, not about pace
        yield sandbox, desk


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browser: Browser, demo: Demo) -> AsyncIterator[Visit]:
    """Open the demo's page as somebody."""
    async with visiting(browser, demo[0].base_url, LOBBY) as open_as:
        yield open_as


async def start_application(screen: Screen) -> None:
    """By the suggestions alone: three letters, Enter, two letters, Enter, and Enter to send."""
    keyboard = screen.page.keyboard
    await screen.composer.focus()
    await keyboard.type("/kon")
    await expect(screen.options).to_have_count(1)
    await keyboard.press("Enter")
    await expect(screen.composer).to_have_value("/konto ")
    await keyboard.type("an")
    await keyboard.press("Enter")
    await expect(screen.composer).to_have_value("/konto ansök ")
    await keyboard.press("Enter")
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()


async def next_step(screen: Screen, heading: str) -> None:
    """Save this step and see the next."""
    await screen.dialog.get_by_role("button", name="Spara och fortsätt").click()
    await expect(screen.dialog.get_by_text(heading)).to_be_visible()


async def choose(screen: Screen, label: str, typed: str, wanted: str) -> None:
    """Choose in a combobox by typing."""
    await screen.dialog.get_by_role("combobox", name=label).press_sequentially(typed)
    await screen.options.filter(has_text=wanted).click()


async def fill_first(screen: Screen, purpose: str) -> None:
    """What and why."""
    form, given = screen.dialog, konto.FIRST
    await choose(screen, "Enhet", "bibl", "Biblioteket")
    await form.get_by_label("Plattform").select_option(label="Facebook")
    await form.get_by_label("Vad ska kontot heta?").fill(konto.ACCOUNT)
    await form.get_by_label("Vad ska kontot vara bra för?").fill(purpose)
    await form.get_by_label("Vad vinner verksamheten").fill(given["benefit"])
    await form.get_by_label("Vem ska följa kontot?").fill(given["audience"])
    await form.get_by_label("Räcker ett konto som redan finns?").fill(given["existing"])


async def fill_second(screen: Screen) -> None:
    """Who does the work."""
    form = screen.dialog
    await choose(screen, "Vilka är redaktörer?", "bibliotekarie", "Bibliotekarie")
    await choose(screen, "Vilka är redaktörer?", "bibliotekspedagog", "Bibliotekspedagog")
    await choose(screen, "Vem svarar när du är borta?", "bibliotekspedagog", "Bibliotekspedagog")
    await form.get_by_label("Hur många timmar").fill("2,5")
    await form.get_by_label("Vi läser kommentarerna").check()
    await form.get_by_role("radiogroup", name="Kommer barn").get_by_label("Nej").check()


async def fill_third(screen: Screen) -> None:
    """Check, and promise."""
    form = screen.dialog
    await form.get_by_label("Vilka mål har ni").fill("500 följare och svar inom ett dygn före sommaren.")
    await form.get_by_label("Kontot är kommunens").check()
    await form.get_by_label("Ja, den är gjord").check()
    await form.get_by_label("När startar kontot?").fill("2027-01-11")
    await form.get_by_label("Jag har läst").check()


async def apply(screen: Screen) -> None:
    """All three steps, one field wrong first: it is said there, and nothing typed is lost."""
    await start_application(screen)
    await fill_first(screen, "Synas mer.")
    await screen.dialog.get_by_role("button", name="Spara och fortsätt").click()
    purpose = screen.dialog.get_by_label("Vad ska kontot vara bra för?")
    await expect(purpose).to_have_accessible_description(re.compile("Du har 10 av minst 40 tecken"))
    await expect(purpose).to_be_focused()
    await expect(purpose).to_have_value("Synas mer.")
    await expect(screen.dialog.get_by_role("combobox", name="Enhet")).to_have_value("Biblioteket")
    await expect(screen.dialog.get_by_label("Vad ska kontot heta?")).to_have_value(konto.ACCOUNT)
    await purpose.fill(konto.FIRST["purpose"])
    await next_step(screen, "Steg 2 av 3")
    await fill_second(screen)
    await next_step(screen, "Steg 3 av 3")
    await fill_third(screen)
    await screen.dialog.get_by_role("button", name="Skicka").click()
    await expect(screen.dialog).to_have_count(0)


def card(screen: Screen) -> Locator:
    """The message that is headed by the application."""
    heading = screen.page.get_by_role("heading", name=f"Ansökan: {konto.ACCOUNT} på Facebook")
    return screen.messages.filter(has=heading)


async def to_the_desk(screen: Screen) -> None:
    """Open the conversation with Kanalvakt; on a phone the list of places comes first."""
    menu = screen.page.get_by_role("button", name="Visa kanaler")
    if await menu.is_visible():
        await menu.tap()
    await screen.page.get_by_role("link", name="Kanalvakt").click()
    await screen.page.get_by_role("link", name="Meddelanden", exact=True).click()


async def say_yes(place: Locator, screen: Screen) -> None:
    """Press Godkänn and confirm it."""
    await place.get_by_role("button", name="Godkänn", exact=True).click()
    question = screen.page.get_by_role("alertdialog")
    await expect(question).to_contain_text(f"Du godkänner {konto.ACCOUNT} för Biblioteket.")
    await question.get_by_role("button", name="Ja, godkänn").click()


async def approve_by_phone(screen: Screen) -> None:
    """The head's promise and buttons stand together on the small screen; one yes is enough."""
    await to_the_desk(screen)
    ask = card(screen)
    yes = ask.get_by_role("button", name="Godkänn", exact=True)
    await yes.scroll_into_view_if_needed()
    await expect(ask.get_by_text("lägger 2,5 timmar i veckan")).to_be_in_viewport()
    await expect(ask.get_by_text("Bibliotekspedagog svarar vid frånvaro")).to_be_in_viewport()
    assert await screen.too_wide() == []
    await say_yes(ask, screen)
    await expect(yes).to_have_count(0)
    await expect(ask).to_contain_text("Enhetschef biblioteket godkände")


async def open_thread(screen: Screen) -> Locator:
    """The thread of the card in the department's channel; returns the question in it."""
    await card(screen).locator(".thread-link").click()
    question = screen.thread.locator(".message").filter(has_text="En av er beslutar här")
    await expect(question).to_be_visible()
    return question


async def go_live(screen: Screen) -> None:
    """Both said yes: a secret is refused where a place is asked for, and then the account is running."""
    await to_the_desk(screen)
    await expect(screen.messages.filter(has_text="Båda har sagt ja").last).to_be_visible()
    await card(screen).get_by_role("button", name="Kontot är igång").click()
    await screen.dialog.get_by_label("Kontots webbadress").fill(konto.WEB_ADDRESS)
    place = screen.dialog.get_by_label("Var förvaras inloggningen?")
    await place.fill("lösenord: Hemligt123!")
    await screen.dialog.get_by_role("button", name="Spara").click()
    await expect(place).to_have_accessible_description(re.compile("kan vara ett lösenord"))
    await place.fill(PLACE)
    await screen.dialog.get_by_role("button", name="Spara").click()
    await expect(screen.dialog).to_have_count(0)
    await expect(screen.messages.filter(has_text="är igång och finns i förteckningen").last).to_be_visible()


async def test_an_application_becomes_an_account_in_the_register(
    enter: Visit, demo: Demo, browser: Browser
) -> None:
    """The requester by keyboard and mouse, the head by phone, the communicator in the thread, the resident."""
    requester = await enter(town.LIBRARIAN)
    await apply(requester)
    head = await enter(town.LIBRARY, phone=True)
    await approve_by_phone(head)
    comms = await enter(town.SOCIAL, town.DEPARTMENT_CHANNEL)
    question = await open_thread(comms)
    await expect(question).to_contain_text("@Kommunikatör sociala medier")
    await say_yes(question, comms)
    await expect(question.get_by_role("button")).to_have_count(0)
    await expect(card(comms).first).to_contain_text("Godkänd av båda")
    await go_live(requester)
    await stands_in_the_register(browser, f"{demo[1].desk.public_url}/register")


async def stands_in_the_register(browser: Browser, address: str) -> None:
    """What a resident sees, in Swedish and without a complaint of the browser's."""
    page = await browser.new_page(locale="sv-SE")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(address)
    unit = page.get_by_role("region", name="Biblioteket")
    await expect(unit.get_by_role("heading", name=f"{konto.ACCOUNT} Facebook")).to_be_visible()
    await expect(unit.get_by_text(konto.FIRST["purpose"])).to_be_visible()
    await expect(unit.get_by_role("link")).to_have_attribute("href", konto.WEB_ADDRESS)
    assert complaints == []


async def test_two_who_press_at_once_and_twice_give_one_decision(enter: Visit, demo: Demo) -> None:
    """A double click opens the question once; of two who say yes together, one hears who was first."""
    sandbox, desk = demo
    await konto.Play(sandbox.base_url, desk.desk.public_url, lambda who, words: None).apply(
        Person(sandbox.base_url, town.LIBRARIAN)
    )
    screens = [await enter(one, town.DEPARTMENT_CHANNEL) for one in (town.SOCIAL, town.PRESS)]
    questions = [await open_thread(one) for one in screens]
    for screen, question in zip(screens, questions, strict=True):
        await question.get_by_role("button", name="Godkänn", exact=True).dblclick()
        await expect(screen.page.get_by_role("alertdialog")).to_have_count(1)
    yes = [one.page.get_by_role("button", name="Ja, godkänn") for one in screens]
    await asyncio.gather(*(one.dblclick() for one in yes))
    for question in questions:
        await expect(question.get_by_role("button")).to_have_count(0)
    said = screens[0].thread.locator(".message").filter(has_text="(Kommunikationsavdelningens beslut)")
    await expect(said).to_have_count(3)  # the card, the question, and one line
    assert await heard(screens, "Redan beslutat av") == 1


async def heard(screens: list[Screen], words: str) -> int:
    """How many of the screens say so, as soon as one does."""
    for _ in range(50):
        count = sum([await one.page.get_by_text(words).count() for one in screens])
        if count:
            return count
        await asyncio.sleep(0.1)
    return 0


async def test_a_form_closed_half_way_is_resumed_from_ones_own_list(enter: Visit) -> None:
    """The first step is kept as a draft; the desk says where, and everything typed comes back."""
    screen = await enter(town.LIBRARIAN)
    await start_application(screen)
    await fill_first(screen, konto.FIRST["purpose"])
    await next_step(screen, "Steg 2 av 3")
    await screen.dialog.get_by_role("button", name="Stäng").click()
    await expect(screen.dialog).to_have_count(0)
    await to_the_desk(screen)
    await expect(screen.messages.filter(has_text="Utkastet är sparat")).to_have_count(1)
    await screen.command("/konto mina")
    mine = screen.messages.filter(has_text=f"Utkast: {konto.ACCOUNT}")
    await mine.get_by_role("button", name="Fortsätt").click()
    await expect(screen.dialog.get_by_label("Vad ska kontot heta?")).to_have_value(konto.ACCOUNT)
    await expect(screen.dialog.get_by_label("Vad ska kontot vara bra för?")).to_have_value(konto.FIRST["purpose"])
    await expect(screen.dialog.get_by_role("combobox", name="Enhet")).to_have_value("Biblioteket")
    await expect(screen.dialog.get_by_label("Plattform").locator("option:checked")).to_have_text("Facebook")
