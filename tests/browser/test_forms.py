"""Modal forms on the page: every field, every refusal, nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.conftest import Visit
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser


async def start_application(screen: Screen) -> None:
    await screen.command("/konto ansök")
    await expect(screen.dialog).to_be_visible()


async def test_what_is_missing_is_said_at_its_field_and_the_first_one_gets_the_keyboard(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    await screen.page.get_by_role("button", name="Fortsätt").click()
    platform = screen.page.get_by_label("Plattform")
    await expect(platform).to_have_attribute("aria-invalid", "true")
    await expect(platform).to_have_accessible_description("Välj något här.")
    assert "Vilken enhet" in (await screen.focused())["label"]
    await platform.select_option(label="Instagram")
    await expect(platform).not_to_have_attribute("aria-invalid", "true")


async def fill_application(screen: Screen, purpose: str) -> None:
    unit = screen.page.get_by_role("combobox", name="Vilken enhet")
    await unit.click()
    await screen.options.filter(has_text="Biblioteket").click()
    await screen.page.get_by_label("Plattform").select_option(label="Instagram")
    await screen.page.get_by_label("Kontots namn").fill("Sjöviks bibliotek")
    await screen.page.get_by_label("Vad ska kontot").fill(purpose)


async def test_an_error_from_the_app_stands_at_its_field_and_nothing_typed_is_lost(
    visit: Visit, app: toy.Toy
) -> None:
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    await fill_application(screen, "För kort")
    await screen.page.get_by_role("button", name="Fortsätt").click()
    purpose = screen.page.get_by_label("Vad ska kontot")
    await expect(purpose).to_have_accessible_description(re.compile("minst 40 tecken"))
    await expect(purpose).to_be_focused()
    await expect(screen.page.get_by_label("Kontots namn")).to_have_value("Sjöviks bibliotek")
    await purpose.fill(shapes.PURPOSE)
    await screen.page.get_by_role("button", name="Fortsätt").click()
    await expect(screen.page.get_by_role("dialog", name="Steg 2 av 3")).to_be_visible()
    assert app.submitted[0]["unit"]["it"]["selected_option"]["value"] == "Biblioteket"
    assert app.submitted[0]["platform"]["it"]["selected_option"]["text"]["text"] == "Instagram"
    assert app.submitted[0]["purpose"]["it"]["value"] == shapes.PURPOSE


async def test_what_the_app_adds_instead_of_going_on_is_brought_into_sight(visit: Visit, app: toy.Toy) -> None:
    """On a phone the new question lies under the fold, and without it nothing would seem to have happened."""
    screen = await visit(shapes.WRITER, phone=True)
    await start_application(screen)
    await fill_application(screen, shapes.PURPOSE)
    await screen.page.get_by_label("Kontots namn").fill(shapes.TWIN)
    await screen.page.get_by_role("button", name="Fortsätt").tap()
    await expect(screen.dialog.get_by_text("Det finns redan ett konto")).to_be_in_viewport()
    await screen.dialog.get_by_label("Vi behöver ändå").check()
    await screen.page.get_by_role("button", name="Fortsätt").tap()
    await expect(screen.page.get_by_role("dialog", name="Steg 2 av 3")).to_be_visible()
    assert "twin" in app.submitted[0]


async def test_an_external_select_asks_the_app_while_one_types(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    unit = screen.page.get_by_role("combobox", name="Vilken enhet")
    keyboard = screen.page.keyboard
    await expect(unit).to_be_focused()
    await keyboard.type("skol")
    options = screen.options
    await expect(options).to_have_count(2)
    assert "Centralskolan" in await screen.active_option()
    await keyboard.press("ArrowDown")
    assert "Kulturskolan" in await screen.active_option()
    await keyboard.press("Enter")
    await expect(unit).to_have_value("Kulturskolan")
    await expect(unit).to_have_attribute("aria-expanded", "false")
    await keyboard.type("xyz")
    await expect(screen.page.get_by_text("Inget stämmer in på det du skrev")).to_be_visible()
    await keyboard.press("Escape")
    await expect(unit).to_have_value("Kulturskolan")
    await expect(screen.dialog).to_be_visible()


async def test_an_open_list_stays_at_its_field_while_the_form_scrolls(visit: Visit) -> None:
    """A keyboard that opens on a phone, or a field that moves into sight, scrolls; the list must not vanish."""
    screen = await visit(shapes.WRITER)
    await screen.command("/konto allt")
    editors = screen.page.get_by_role("combobox", name="Redaktörer")
    await editors.click()
    await expect(screen.options.first).to_be_visible()
    await screen.page.locator(".modal-body").evaluate("(body) => body.scrollBy(0, 30)")
    await screen.page.wait_for_timeout(100)
    await expect(screen.options.first).to_be_visible()
    field, panel = await editors.bounding_box(), await screen.page.locator(".pop:popover-open").bounding_box()
    assert field is not None
    assert panel is not None
    assert 0 <= panel["y"] - (field["y"] + field["height"]) <= 10


async def test_a_pushed_view_closes_back_to_the_form_with_what_was_typed(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    await fill_application(screen, "Utkast")
    await screen.page.get_by_role("button", name="Läs riktlinjerna").click()
    await expect(screen.page.get_by_role("dialog", name="Riktlinjer")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()
    await expect(screen.page.get_by_label("Vad ska kontot")).to_have_value("Utkast")
    await expect(screen.page.get_by_role("combobox", name="Vilken enhet")).to_have_value("Biblioteket")
    await expect(screen.page.get_by_role("button", name="Läs riktlinjerna")).to_be_focused()
    await screen.page.keyboard.press("Escape")
    await expect(screen.dialog).to_have_count(0)
    assert [body["view"]["callback_id"] for body in app.closed] == ["application"]


async def test_an_updated_view_keeps_what_was_typed_and_where_the_keyboard_is(
    visit: Visit, app: toy.Toy, sandbox: Sandbox
) -> None:
    """The app changes the form while somebody writes in the middle of a field it draws anew."""
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    await fill_application(screen, shapes.PURPOSE)
    purpose = screen.page.get_by_label("Vad ska kontot")
    await purpose.press("Control+Home")
    view = await Person(sandbox.base_url, shapes.WRITER).view()
    assert view is not None
    await app.grow(view["id"])
    await expect(purpose).to_have_accessible_description("Berätta vad följarna får här.")
    await screen.page.keyboard.type("Hej. ")
    await expect(purpose).to_have_value(f"Hej. {shapes.PURPOSE}")
    await screen.page.get_by_label("Vem är kontot till för?").fill("Alla")
    await screen.page.get_by_role("button", name="Fortsätt").click()
    await expect(screen.page.get_by_role("dialog", name="Steg 2 av 3")).to_be_visible()
    held = {block: fields["it"] for block, fields in app.submitted[0].items()}
    assert held["purpose"]["value"] == f"Hej. {shapes.PURPOSE}"
    assert held["unit"]["selected_option"]["value"] == "Biblioteket"
    assert held["name"]["value"] == "Sjöviks bibliotek"
    assert held["extra"]["value"] == "Alla"


async def test_a_reload_in_the_middle_of_a_form_brings_the_form_back(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await start_application(screen)
    await fill_application(screen, "Utkast")
    await screen.page.get_by_role("button", name="Lägg till fält").click()
    await expect(screen.page.get_by_label("Vem är kontot till för?")).to_be_visible()
    await screen.page.reload()
    await expect(screen.page.get_by_label("Vad ska kontot")).to_have_value("Utkast")
    await expect(screen.page.get_by_role("combobox", name="Vilken enhet")).to_have_value("Biblioteket")


async def test_every_kind_of_field_reaches_the_app_in_its_shape(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(shapes.WRITER)
    page = screen.page
    await screen.command("/konto allt")
    for name in ("Bibliotekarie", "Kommunikatör"):
        await page.get_by_role("combobox", name="Redaktörer").fill(name)
        await screen.options.filter(has_text=name).click()
    await page.get_by_role("combobox", name="Vem svarar").fill("Enhetschef")
    await page.keyboard.press("Enter")
    await page.get_by_label("Vet inte").check()
    await page.get_by_label("Alla kan läsa").check()
    await page.get_by_label("Timmar i veckan").fill("4")
    await page.get_by_label("E-postadress").fill("bibliotek@sjovik.example")
    await page.get_by_label("Webbsida").fill("https://sjovik.example")
    await page.get_by_label("Från och med").fill("2026-12-01")
    await page.get_by_label("Klockan").fill("08:30")
    await page.get_by_role("combobox", name="Ämnen").fill("sim")
    await page.keyboard.press("Enter")
    await screen.dialog.get_by_role("button", name="Skicka").click()
    await expect(screen.dialog).to_have_count(0)
    held = {block: fields["it"] for block, fields in app.submitted[0].items()}
    assert held["editors"]["selected_users"] == [shapes.WRITER, shapes.COMMS]
    assert held["substitute"]["selected_user"] == shapes.HEAD
    assert held["children"]["selected_option"]["value"] == "Vet inte"
    assert [one["value"] for one in held["promises"]["selected_options"]] == ["Alla kan läsa utan att logga in"]
    assert held["hours"]["value"] == "4"
    assert held["mail"]["value"] == "bibliotek@sjovik.example"
    assert held["site"]["value"] == "https://sjovik.example"
    assert held["start"]["selected_date"] == "2026-12-01"
    assert held["time"]["selected_time"] == "08:30"
    assert [one["value"] for one in held["topics"]["selected_options"]] == ["Simhallen"]


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("Timmar i veckan", "0", "Skriv minst 1."),
        ("Timmar i veckan", "två", "Skriv en siffra."),
        ("E-postadress", "bibliotek", "Skriv en e-postadress, till exempel namn@kommun.se."),
        ("Webbsida", "sjovik.example", "Skriv en hel webbadress, till exempel https://kommun.se."),
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused_in_swedish(
    visit: Visit, label: str, value: str, sentence: str
) -> None:
    screen = await visit(shapes.WRITER)
    await screen.command("/konto allt")
    await screen.page.get_by_label(label).fill(value)
    await screen.dialog.get_by_role("button", name="Skicka").click()
    await expect(screen.page.get_by_label(label)).to_have_accessible_description(sentence)


async def test_a_decimal_comma_is_a_number(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    await screen.command("/konto allt")
    hours = screen.page.get_by_label("Timmar i veckan")
    await hours.fill("2,5")
    await screen.dialog.get_by_role("button", name="Skicka").click()
    await expect(hours).to_have_accessible_description("Skriv ett heltal.")
