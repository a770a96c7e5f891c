"""The page of the sandbox workspace, in a real Chromium, against the real sandbox."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.browser import toy
from tests.browser.conftest import Visit
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser

LONG_ENOUGH = toy.PURPOSE


async def start_application(screen: Screen) -> None:
    await screen.command("/konto ansök")
    await expect(screen.dialog).to_be_visible()


async def test_a_command_is_found_and_sent_with_the_keyboard_alone(visit: Visit) -> None:
    """Typing / offers commands, arrows choose, Tab takes, then its words; Enter opens the form."""
    screen = await visit(toy.WRITER)
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
    await expect(options).to_have_text(["/konto ansök", "/konto mina", "/konto visa", "/konto lista"])
    await keyboard.type("anso")
    await expect(options).to_have_count(1)
    await keyboard.press("Enter")
    await expect(screen.composer).to_have_value("/konto ansök ")
    await keyboard.press("Enter")
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()
    assert "Vilken enhet" in (await screen.focused())["label"]
    await expect(screen.composer).to_have_value("")


async def test_escape_puts_suggestions_away_and_keeps_the_text(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    await screen.page.keyboard.type("/ko")
    await expect(screen.composer).to_have_attribute("aria-expanded", "true")
    await screen.page.keyboard.press("Escape")
    await expect(screen.composer).to_have_attribute("aria-expanded", "false")
    await expect(screen.composer).to_have_value("/ko")


async def test_what_is_missing_is_said_at_its_field_and_the_first_one_gets_the_keyboard(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
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
    screen = await visit(toy.WRITER)
    await start_application(screen)
    await fill_application(screen, "För kort")
    await screen.page.get_by_role("button", name="Fortsätt").click()
    purpose = screen.page.get_by_label("Vad ska kontot")
    await expect(purpose).to_have_accessible_description(re.compile("minst 40 tecken"))
    await expect(purpose).to_be_focused()
    await expect(screen.page.get_by_label("Kontots namn")).to_have_value("Sjöviks bibliotek")
    await purpose.fill(LONG_ENOUGH)
    await screen.page.get_by_role("button", name="Fortsätt").click()
    await expect(screen.page.get_by_role("dialog", name="Steg 2 av 3")).to_be_visible()
    assert app.submitted[0]["unit"]["it"]["selected_option"]["value"] == "Biblioteket"
    assert app.submitted[0]["platform"]["it"]["selected_option"]["text"]["text"] == "Instagram"
    assert app.submitted[0]["purpose"]["it"]["value"] == LONG_ENOUGH


async def test_an_external_select_asks_the_app_while_one_types(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
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


async def test_a_pushed_view_closes_back_to_the_form_with_what_was_typed(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(toy.WRITER)
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


async def test_an_updated_view_keeps_what_was_typed_and_where_the_keyboard_is(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    await start_application(screen)
    await fill_application(screen, "Utkast")
    await screen.page.get_by_role("button", name="Lägg till fält").click()
    await expect(screen.page.get_by_label("Vem är kontot till för?")).to_be_visible()
    await expect(screen.page.get_by_label("Vad ska kontot")).to_have_value("Utkast")
    await expect(screen.page.get_by_label("Plattform")).to_have_value("1")
    await expect(screen.page.get_by_role("button", name="Lägg till fält")).to_be_focused()


async def test_a_reload_in_the_middle_of_a_form_brings_the_form_back(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    await start_application(screen)
    await fill_application(screen, "Utkast")
    await screen.page.get_by_role("button", name="Lägg till fält").click()
    await expect(screen.page.get_by_label("Vem är kontot till för?")).to_be_visible()
    await screen.page.reload()
    await expect(screen.page.get_by_label("Vad ska kontot")).to_have_value("Utkast")
    await expect(screen.page.get_by_role("combobox", name="Vilken enhet")).to_have_value("Biblioteket")


async def test_every_kind_of_field_reaches_the_app_in_its_shape(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(toy.WRITER)
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
    assert held["editors"]["selected_users"] == [toy.WRITER, toy.COMMS]
    assert held["substitute"]["selected_user"] == toy.HEAD
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
    screen = await visit(toy.WRITER)
    await screen.command("/konto allt")
    await screen.page.get_by_label(label).fill(value)
    await screen.dialog.get_by_role("button", name="Skicka").click()
    await expect(screen.page.get_by_label(label)).to_have_accessible_description(sentence)


async def test_a_thread_is_read_answered_and_closed_with_the_keyboard(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=toy.LOBBY, text="Ny ansökan")
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Beslut behövs", thread_ts=root["ts"])
    screen = await visit(toy.WRITER)
    link = screen.messages.get_by_role("button", name="1 svar")
    await link.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.thread).to_be_visible()
    await expect(screen.thread.locator(".message")).to_have_count(2)
    await expect(screen.thread.get_by_label("Svara i tråden")).to_be_focused()
    await screen.page.keyboard.type("Jag tittar på den")
    await screen.page.keyboard.press("Enter")
    await expect(screen.thread.locator(".message")).to_have_count(3)
    await expect(screen.messages.get_by_role("button", name="2 svar")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.thread).to_be_hidden()
    assert (await screen.focused())["key"] == f"thread/{root['ts']}"


async def test_a_command_in_a_thread_is_explained_and_not_sent(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=toy.LOBBY, text="Ny ansökan")
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Beslut behövs", thread_ts=root["ts"])
    screen = await visit(toy.WRITER)
    await screen.messages.get_by_role("button", name="1 svar").click()
    await screen.page.keyboard.type("/konto mina")
    await screen.page.keyboard.press("Enter")
    await expect(screen.thread.get_by_text("Kommandon fungerar inte i trådar")).to_be_visible()
    await expect(screen.thread.get_by_label("Svara i tråden")).to_have_value("/konto mina")


async def test_what_others_do_appears_without_a_reload(visit: Visit, sandbox: Sandbox, app: toy.Toy) -> None:
    """A message in the open channel is shown and said; one elsewhere marks its channel as unread."""
    screen = await visit(toy.COMMS)
    await Person(sandbox.base_url, toy.WRITER).say("Hej på er", toy.LOBBY)
    await expect(screen.messages.get_by_text("Hej på er")).to_be_visible()
    await expect(screen.page.locator("#announcer")).to_have_text("Nytt meddelande från Bibliotekarie: Hej på er")
    await app.client.chat_postMessage(channel=toy.DESK, text="Ny ansökan")
    await expect(screen.page.get_by_role("link", name="kommunikation 1 olästa")).to_be_visible()
    await expect(screen.page).to_have_title(re.compile(r"^\(1\)"))
    await screen.page.get_by_role("link", name="kommunikation 1 olästa").click()
    await expect(screen.messages.get_by_text("Ny ansökan")).to_be_visible()
    await expect(screen.page.locator(".badge")).to_have_count(0)


async def test_an_ephemeral_answer_is_seen_by_one_and_can_be_put_away(visit: Visit) -> None:
    writer, head = await visit(toy.WRITER), await visit(toy.HEAD)
    await writer.command("/konto mina")
    mine = writer.messages.filter(has_text="Bara du ser det här")
    await expect(mine).to_contain_text("Du har inga konton än")
    await expect(mine.locator("strong")).to_have_text("inga")
    await expect(head.messages).to_have_count(0)
    await mine.get_by_role("button", name="Ta bort").click()
    await expect(mine).to_have_count(0)


async def test_a_confirmed_button_acts_once_and_a_declined_one_not_at_all(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    screen = await visit(toy.HEAD)
    approve = screen.messages.get_by_role("button", name="Godkänn", exact=True)
    await approve.click()
    question = screen.page.get_by_role("alertdialog", name="Godkänn ansökan")
    await expect(question).to_contain_text("Alla berörda ser ditt beslut")
    await expect(question.get_by_role("button", name="Inte än")).to_be_focused()
    await screen.page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    assert app.acts == []
    await approve.click()
    await question.get_by_role("button", name="Ja, godkänn").click()
    await expect(screen.messages.get_by_text("Godkänd av båda")).to_be_visible()
    await expect(approve).to_have_count(0)
    assert len(app.acts) == 1


async def test_a_button_that_waits_says_so_and_takes_no_second_press(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Knappar", blocks=toy.buttons("slow"))
    screen = await visit(toy.HEAD)
    button = screen.messages.get_by_role("button", name="slow")
    await button.dblclick()
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.click(force=True)
    await expect(button).not_to_have_attribute("aria-busy", "true")
    assert len(app.acts) == 1


async def test_a_button_nobody_answers_ends_with_a_sentence(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Knappar", blocks=toy.buttons("dead"))
    screen = await visit(toy.HEAD)
    await screen.messages.get_by_role("button", name="dead").click()
    await expect(screen.page.get_by_role("alert")).to_contain_text("Appen svarade inte inom tre sekunder")


async def test_a_button_that_is_gone_meanwhile_is_still_answered_by_the_app(visit: Visit, app: toy.Toy) -> None:
    """The page has not yet heard of the change: what it shows is what is pressed."""
    posted = await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    screen = await visit(toy.HEAD)
    screen.expected = ("400", "ERR_FAILED")
    reject = screen.messages.get_by_role("button", name="Avslå")
    await expect(reject).to_be_visible()
    await screen.page.route("**/door/messages*", lambda route: route.abort())
    place = {"channel": toy.LOBBY, "ts": posted["ts"]}
    await app.client.chat_update(**place, text="Klart", blocks=toy.card(buttons=False))
    await screen.page.wait_for_timeout(200)
    await screen.page.unroute("**/door/messages*")
    await reject.click()
    answer = screen.messages.filter(has_text="Ditt klick ändrade ingenting")
    await expect(answer).to_contain_text("Bara du ser det här")
    await expect(reject).to_have_count(0)


async def test_an_overflow_menu_works_with_arrows(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    screen = await visit(toy.HEAD)
    await screen.messages.locator(".actions [aria-haspopup=menu]").press("Enter")
    await screen.page.keyboard.press("ArrowDown")
    assert (await screen.focused())["text"] == "Visa hela ansökan"
    await screen.page.keyboard.press("Enter")
    await expect(screen.messages.filter(has_text="Bara du ser det här")).to_have_count(1)
    assert app.acts[0]["actions"][0]["selected_option"]["value"] == "full"


async def test_shortcuts_are_offered_in_the_composer_and_at_messages(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Är det öppet på söndag?")
    screen = await visit(toy.WRITER)
    await screen.messages.first.hover()
    await screen.messages.first.get_by_role("button", name="Fler val").click()
    await screen.page.get_by_role("menuitem", name="Lägg i kommentarskön").click()
    await expect(screen.messages.filter(has_text="Kommentaren ligger i kön")).to_have_count(1)
    assert app.acts[0]["message"]["text"] == "Är det öppet på söndag?"
    await screen.page.get_by_role("button", name="Genvägar").click()
    await screen.page.get_by_role("menuitem", name="Ansök om konto").click()
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()


async def test_app_home_is_published_when_it_is_opened_and_its_buttons_act(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(toy.HEAD)
    await screen.page.get_by_role("link", name="kanalvakt").click()
    await screen.page.get_by_role("link", name="Hem").click()
    await expect(screen.page.get_by_role("heading", name="Det här väntar på dig")).to_be_visible()
    await screen.page.get_by_role("button", name="Öppna").click()
    await expect(screen.page.get_by_role("button", name="Öppna")).not_to_have_attribute("aria-busy", "true")
    assert app.acts[0]["view"]["type"] == "home"


async def test_text_from_people_and_apps_never_becomes_markup(visit: Visit, app: toy.Toy, sandbox: Sandbox) -> None:
    bad = "<img src=x onerror=\"document.title='fel'\"> *fet* <javascript:alert(1)|länk>"
    await Person(sandbox.base_url, toy.COMMS).say(bad, toy.LOBBY)
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": bad}]}
    blocks: list[toy.JSON] = [
        {"type": "header", "text": toy.text(bad[:100])},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "<javascript:alert(1)|länk> <https://sjovik.example|bra>"},
        },
        {"type": "rich_text", "elements": [element]},
    ]
    await app.client.chat_postMessage(channel=toy.LOBBY, text="x", blocks=blocks)
    screen = await visit(toy.WRITER)
    await expect(screen.messages).to_have_count(2)
    await expect(screen.messages.locator("img:not([src='page/icon.svg'])")).to_have_count(0)
    assert await screen.messages.locator("a").evaluate_all("links => links.map((link) => link.href)") == [
        "https://sjovik.example/"
    ]
    await expect(screen.messages.first.locator("strong")).to_have_text("fet")
    await expect(screen.messages.last.locator(".rich strong")).to_have_count(0)


MRKDWN = [
    (
        "*fet* och _kursiv_ ~struken~ `kod`",
        "<strong>fet</strong> och <em>kursiv</em> <s>struken</s> <code>kod</code>",
    ),
    ("2*3*4 och a_b_c", "2*3*4 och a_b_c"),
    ("*_båda_*", "<strong><em>båda</em></strong>"),
    ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    ("&gt; citat\nsvar", '<blockquote class="quote">citat</blockquote>svar'),
    ("```a *b*\nc```", '<pre class="fence"><code>a *b*\nc</code></pre>'),
    ("``` oavslutat", "``` oavslutat"),
    ("ett\ntvå", "ett<br>två"),
    (f"<@{toy.COMMS}>", '<span class="mention">@Kommunikatör</span>'),
    (f"<@{toy.WRITER}>", '<span class="mention mention-me">@Bibliotekarie</span>'),
    (
        f"<#{toy.LOBBY}>",
        f'<button type="button" class="mention mention-link" data-go="{toy.LOBBY}">#allmänt</button>',
    ),
    ("<!subteam^S9|@komm>", '<span class="mention">@komm</span>'),
    ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
    (":okänd_sak: 12:30:45", ":okänd_sak: 12:30:45"),
]


async def test_mrkdwn_is_read_as_slack_reads_it(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    render = """async (text) => { const { mrkdwn } = await import('/page/mrkdwn.js');
        const { lookup } = await import('/page/names.js');
        const box = document.createElement('div'); box.append(...mrkdwn(text, lookup)); return box.innerHTML; }"""
    shown = {text: await screen.page.evaluate(render, text) for text, _ in MRKDWN}
    assert shown == dict(MRKDWN)


async def test_dates_in_messages_are_told_in_swedish_and_stockholm_time(visit: Visit, app: toy.Toy) -> None:
    text = "Svara senast <!date^1793520000^{date_long} kl. {time}|okänt>"
    await app.client.chat_postMessage(channel=toy.LOBBY, text=text)
    screen = await visit(toy.WRITER)
    await expect(screen.messages.first).to_contain_text("Svara senast söndag 1 november 2026 kl. 09.00")


async def test_a_link_to_a_message_opens_it_here_in_its_thread(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=toy.DESK, text="Ansökan")
    reply = await app.client.chat_postMessage(channel=toy.DESK, text="Beslutet", thread_ts=root["ts"])
    link = await app.client.chat_getPermalink(channel=toy.DESK, message_ts=reply["ts"])
    await app.client.chat_postMessage(channel=toy.LOBBY, text=f"Se <{link['permalink']}|ärendet>")
    screen = await visit(toy.HEAD)
    await screen.messages.get_by_role("link", name="ärendet").click()
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("kommunikation")
    await expect(screen.thread.get_by_text("Beslutet")).to_be_visible()


async def test_the_page_speaks_the_language_of_the_person(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    html = screen.page.locator("html")
    await expect(html).to_have_attribute("lang", "sv")
    await screen.page.get_by_label("Du är").select_option(label="English-speaking editor")
    await expect(html).to_have_attribute("lang", "en")
    await expect(screen.page.get_by_role("button", name="Shortcuts")).to_be_visible()
    await expect(screen.page.get_by_label("You are", exact=True)).to_have_value(toy.ENGLISH)


async def test_the_page_says_when_the_app_is_away_and_when_it_is_back(visit: Visit, app: toy.Toy) -> None:
    screen = await visit(toy.WRITER)
    away = screen.page.get_by_text("Appen är inte ansluten")
    await expect(away).to_have_count(0)
    await app.stop()
    await expect(away).to_be_visible()
    await app.start()
    await expect(away).to_have_count(0)


async def test_a_failed_command_says_why_and_gives_the_text_back(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    await screen.command("/okänt nu")
    await expect(screen.page.get_by_role("alert")).to_contain_text("/okänt är inget kommando här")
    await expect(screen.composer).to_have_value("/okänt nu")


async def test_disturbances_are_switched_on_shown_and_taken_away(visit: Visit, sandbox: Sandbox) -> None:
    screen = await visit(toy.WRITER)
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
    assert sandbox.hub.workspace.people[toy.HEAD].deleted
    await page.keyboard.press("Escape")
    await expect(page.locator("#faults")).to_be_hidden()


async def test_whoever_is_deactivated_leaves_the_chair(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    await screen.page.get_by_role("button", name="Störningar").click()
    screen.expected = ("400",)
    await screen.page.get_by_role("button", name="Avaktivera").click()
    await expect(screen.page.get_by_label("Du är")).to_have_value(toy.HEAD)
    await expect(screen.page.get_by_text("Bibliotekarie är avaktiverad")).to_be_visible()


async def test_an_archived_channel_can_be_read_and_not_written_in(visit: Visit) -> None:
    screen = await visit(toy.WRITER, toy.CLOSED)
    await expect(screen.page.get_by_text("Kanalen är arkiverad")).to_be_visible()
    await expect(screen.composer).to_have_count(0)


async def test_a_public_channel_can_be_joined(visit: Visit) -> None:
    screen = await visit(toy.WRITER, toy.OTHER)
    await screen.page.get_by_role("button", name="Gå med").click()
    await expect(screen.composer).to_be_visible()


async def test_go_to_finds_a_channel_by_typing(visit: Visit) -> None:
    screen = await visit(toy.HEAD)
    await screen.page.keyboard.press("Control+k")
    await screen.page.keyboard.type("komm")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("kommunikation")
    await expect(screen.dialog).to_have_count(0)


async def test_on_a_phone_nothing_needs_sideways_scrolling(visit: Visit, app: toy.Toy) -> None:
    """Channel, channel list, thread, form, disturbances and home all fit in 360 pixels."""
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Fält", blocks=toy.crowded())
    root = await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Beslut", thread_ts=root["ts"], blocks=toy.card())
    screen = await visit(toy.HEAD, phone=True)
    page = screen.page
    await expect(screen.messages).to_have_count(2)
    assert await screen.too_wide() == []
    await screen.messages.get_by_role("button", name="1 svar").click()
    await expect(screen.thread.locator(".message")).to_have_count(2)
    assert await screen.too_wide() == []
    box = await screen.thread.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (0, 360, 740)
    await screen.thread.get_by_role("button", name="Stäng").click()
    await screen.composer.fill("/konto ansök")
    await page.get_by_role("button", name="Skicka").click()
    await page.get_by_role("button", name="Fortsätt").click()
    await expect(page.get_by_label("Plattform")).to_have_attribute("aria-invalid", "true")
    assert await screen.too_wide() == []
    await screen.dialog.get_by_role("button", name="Stäng").first.click()
    await page.get_by_role("button", name="Visa kanaler").click()
    await expect(page.get_by_label("Du är")).to_be_visible()
    await page.wait_for_timeout(250)
    assert await screen.too_wide() == []
    await page.get_by_role("button", name="Störningar").click()
    await expect(page.locator("#faults")).to_be_visible()
    assert await screen.too_wide() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_has_a_name_and_enough_contrast(visit: Visit, app: toy.Toy, dark: bool) -> None:
    """Channel with every block, thread, forms with errors, open lists, drawer: named, no twin ids, WCAG AA."""
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Fält", blocks=toy.crowded())
    root = await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Beslut", thread_ts=root["ts"], blocks=toy.card())
    screen = await visit(toy.HEAD, dark=dark)

    await expect(screen.page.get_by_role("heading", level=1)).to_have_count(1)
    await screen.command("/konto mina")
    await expect(screen.messages).to_have_count(3)
    await screen.messages.get_by_role("button", name="1 svar").click()
    await expect(screen.thread.locator(".message")).to_have_count(2)
    await screen.page.locator("#stage .composer-input, #foot .composer-input").fill("/k")
    assert await screen.faults() == []
    await screen.page.get_by_role("button", name="Störningar").click()
    assert await screen.faults() == []
    for words, send in (("/konto ansök", "Fortsätt"), ("/konto allt", "Skicka")):
        await screen.command(words)
        await screen.dialog.get_by_role("button", name=send).click()
        await expect(screen.dialog.get_by_role("alert")).to_be_visible()
        await screen.dialog.get_by_role("combobox").first.click()
        await expect(screen.options.first).to_be_visible()
        assert await screen.faults() == []
        await screen.page.keyboard.press("Escape")
        await screen.page.keyboard.press("Escape")
        await expect(screen.dialog).to_have_count(0)


async def test_tab_reaches_every_control_and_the_focus_is_seen(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=toy.LOBBY, text="Ansökan", blocks=toy.card())
    screen = await visit(toy.HEAD)
    await expect(screen.messages).to_have_count(1)
    await screen.page.locator("body").evaluate("() => document.activeElement.blur()")
    seen, bare = set(), []
    for _ in range(40):
        await screen.page.keyboard.press("Tab")
        here = await screen.focused()
        if here["key"] in seen or here["tag"] == "BODY":
            break
        seen.add(here["key"])
        if not here["ringed"]:
            bare.append(here["key"])
    assert bare == []
    assert {"skip", "person", "faults", "decide/approve", "decide/reject", "decide/rest", "composer/"} <= seen


async def test_the_page_may_load_nothing_from_elsewhere(visit: Visit) -> None:
    screen = await visit(toy.WRITER)
    answer = await screen.page.request.get(screen.base_url + "/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\son\w+=|<script(?![^>]*src=)", await answer.text())
