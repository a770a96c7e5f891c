"""Messages on the page: what they show, and what their buttons do."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


async def test_a_thread_is_read_answered_and_closed_with_the_keyboard(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ny ansökan")
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Beslut behövs", thread_ts=root["ts"])
    screen = await visit(shapes.WRITER)
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


async def test_a_message_taller_than_the_phone_is_read_from_its_beginning(visit: Visit, app: toy.Toy) -> None:
    """And what one asks for oneself afterwards is brought into sight."""
    words = "\n".join(["Rad"] * 60)
    await app.client.chat_postMessage(channel=shapes.LOBBY, text=f"Det första\n{words}")
    screen = await visit(shapes.WRITER, phone=True)
    await expect(screen.messages.get_by_text("Kanalvakt").last).to_be_in_viewport()
    await screen.command("/konto mina")
    await expect(screen.messages.get_by_text("Du har inga konton än")).to_be_in_viewport()


async def test_a_command_in_a_thread_is_explained_and_not_sent(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ny ansökan")
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Beslut behövs", thread_ts=root["ts"])
    screen = await visit(shapes.WRITER)
    await screen.messages.get_by_role("button", name="1 svar").click()
    await screen.page.keyboard.type("/konto mina")
    await screen.page.keyboard.press("Enter")
    await expect(screen.thread.get_by_text("Kommandon fungerar inte i trådar")).to_be_visible()
    await expect(screen.thread.get_by_label("Svara i tråden")).to_have_value("/konto mina")


async def test_an_ephemeral_answer_is_seen_by_one_and_can_be_put_away(visit: Visit) -> None:
    writer, head = await visit(shapes.WRITER), await visit(shapes.HEAD)
    await writer.command("/konto mina")
    mine = writer.messages.filter(has_text="Bara du ser det här")
    await expect(mine).to_contain_text("Du har inga konton än")
    await expect(mine.locator("strong")).to_have_text("inga")
    await expect(head.messages).to_have_count(0)
    await mine.get_by_role("button", name="Ta bort").click()
    await expect(mine).to_have_count(0)


async def test_a_confirmed_button_acts_once_and_a_declined_one_not_at_all(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    screen = await visit(shapes.HEAD)
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
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Knappar", blocks=shapes.buttons("slow"))
    screen = await visit(shapes.HEAD)
    button = screen.messages.get_by_role("button", name="slow")
    await button.dblclick()
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.click(force=True)
    await expect(button).not_to_have_attribute("aria-busy", "true")
    assert len(app.acts) == 1


async def test_a_button_nobody_answers_ends_with_a_sentence(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Knappar", blocks=shapes.buttons("dead"))
    screen = await visit(shapes.HEAD)
    await screen.messages.get_by_role("button", name="dead").click()
    await expect(screen.page.get_by_role("alert")).to_contain_text("Appen svarade inte inom tre sekunder")


async def test_a_button_that_is_gone_meanwhile_is_still_answered_by_the_app(visit: Visit, app: toy.Toy) -> None:
    """The page has not yet heard of the change: what it shows is what is pressed."""
    posted = await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    screen = await visit(shapes.HEAD)
    screen.expected = ("400", "ERR_FAILED")
    reject = screen.messages.get_by_role("button", name="Avslå")
    await expect(reject).to_be_visible()
    await screen.page.route("**/door/messages*", lambda route: route.abort())
    place = {"channel": shapes.LOBBY, "ts": posted["ts"]}
    await app.client.chat_update(**place, text="Klart", blocks=shapes.card(buttons=False))
    await screen.page.wait_for_timeout(200)
    await screen.page.unroute("**/door/messages*")
    await reject.click()
    answer = screen.messages.filter(has_text="Ditt klick ändrade ingenting")
    await expect(answer).to_contain_text("Bara du ser det här")
    await expect(reject).to_have_count(0)


async def test_a_half_typed_year_is_not_sent(visit: Visit, app: toy.Toy) -> None:
    """Browsers call 0002, 0020 and 0202 dates on the way to 2026; only what is left standing is chosen."""
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Fält", blocks=shapes.crowded())
    screen = await visit(shapes.HEAD)
    type_years = """(field) => { field.focus();
        for (const year of ["0002", "0020", "0202", "2026"]) {
            field.value = `${year}-11-21`;
            field.dispatchEvent(new Event("change", { bubbles: true }));
        }
        field.blur(); }"""
    await screen.messages.locator("input[type=date]").evaluate(type_years)
    await expect(screen.messages.filter(has_text="Bara du ser det här")).to_have_count(1)
    assert [body["actions"][0]["selected_date"] for body in app.acts] == ["2026-11-21"]


async def test_an_overflow_menu_works_with_arrows(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    screen = await visit(shapes.HEAD)
    await screen.messages.locator(".actions [aria-haspopup=menu]").press("Enter")
    await screen.page.keyboard.press("ArrowDown")
    assert (await screen.focused())["text"] == "Visa hela ansökan"
    await screen.page.keyboard.press("Enter")
    await expect(screen.messages.filter(has_text="Bara du ser det här")).to_have_count(1)
    assert app.acts[0]["actions"][0]["selected_option"]["value"] == "full"


async def test_shortcuts_are_offered_in_the_composer_and_at_messages(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Är det öppet på söndag?")
    screen = await visit(shapes.WRITER)
    await screen.messages.first.hover()
    await screen.messages.first.get_by_role("button", name="Fler val").click()
    await screen.page.get_by_role("menuitem", name="Lägg i kommentarskön").click()
    await expect(screen.messages.filter(has_text="Kommentaren ligger i kön")).to_have_count(1)
    assert app.acts[0]["message"]["text"] == "Är det öppet på söndag?"
    await screen.page.get_by_role("button", name="Genvägar").click()
    await screen.page.get_by_role("menuitem", name="Ansök om konto").click()
    await expect(screen.page.get_by_role("dialog", name="Ansök om konto")).to_be_visible()


async def test_text_from_people_and_apps_never_becomes_markup(visit: Visit, app: toy.Toy, sandbox: Sandbox) -> None:
    bad = "<img src=x onerror=\"document.title='fel'\"> *fet* <javascript:alert(1)|länk>"
    await Person(sandbox.base_url, shapes.COMMS).say(bad, shapes.LOBBY)
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": bad}]}
    blocks: list[shapes.JSON] = [
        {"type": "header", "text": shapes.text(bad[:100])},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "<javascript:alert(1)|länk> <https://sjovik.example|bra>"},
        },
        {"type": "rich_text", "elements": [element]},
    ]
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="x", blocks=blocks)
    screen = await visit(shapes.WRITER)
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
    (f"<@{shapes.COMMS}>", '<span class="mention">@Kommunikatör</span>'),
    (f"<@{shapes.WRITER}>", '<span class="mention mention-me">@Bibliotekarie</span>'),
    (
        f"<#{shapes.LOBBY}>",
        f'<button type="button" class="mention mention-link" data-go="{shapes.LOBBY}">#allmänt</button>',
    ),
    ("<!subteam^S9|@komm>", '<span class="mention">@komm</span>'),
    ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
    (":okänd_sak: 12:30:45", ":okänd_sak: 12:30:45"),
]


async def test_mrkdwn_is_read_as_slack_reads_it(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    render = """async (text) => { const { mrkdwn } = await import('/page/mrkdwn.js');
        const { lookup } = await import('/page/names.js');
        const box = document.createElement('div'); box.append(...mrkdwn(text, lookup)); return box.innerHTML; }"""
    shown = {text: await screen.page.evaluate(render, text) for text, _ in MRKDWN}
    assert shown == dict(MRKDWN)


async def test_dates_in_messages_are_told_in_swedish_and_stockholm_time(visit: Visit, app: toy.Toy) -> None:
    text = "Svara senast <!date^1793520000^{date_long} kl. {time}|okänt>"
    await app.client.chat_postMessage(channel=shapes.LOBBY, text=text)
    screen = await visit(shapes.WRITER)
    await expect(screen.messages.first).to_contain_text("Svara senast söndag 1 november 2026 kl. 09.00")


async def test_a_link_to_a_message_opens_it_here_in_its_thread(visit: Visit, app: toy.Toy) -> None:
    root = await app.client.chat_postMessage(channel=shapes.DESK, text="Ansökan")
    reply = await app.client.chat_postMessage(channel=shapes.DESK, text="Beslutet", thread_ts=root["ts"])
    link = await app.client.chat_getPermalink(channel=shapes.DESK, message_ts=reply["ts"])
    await app.client.chat_postMessage(channel=shapes.LOBBY, text=f"Se <{link['permalink']}|ärendet>")
    screen = await visit(shapes.HEAD)
    await screen.messages.get_by_role("link", name="ärendet").click()
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("kommunikation")
    await expect(screen.thread.get_by_text("Beslutet")).to_be_visible()
