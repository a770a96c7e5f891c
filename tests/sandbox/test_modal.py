"""Submitting and closing: every answer a bot can give, and what people cannot send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.sandbox.driver import Person, Surprise
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, STAFF, actions, bolt, button, connected, field, modal, option, section

TYPED = {"type": "plain_text_input", "action_id": "text"}
PURPOSE = field("Syfte", TYPED, block_id="purpose")
NEXT = modal(section("Nästa"), field("Mål", TYPED, block_id="goal"), title="Steg 2", callback_id="form")
OPTIONS = [option("Ja", "yes"), option("Nej", "no")]


class Bot:
    """Answers every submission with `answer`; writes down what it heard."""

    def __init__(self, app) -> None:
        self.app = app
        self.answer: dict = {}
        self.heard: list[dict] = []
        app.view("form")(self._submitted)
        app.view_closed("form")(self._closed)
        app.action("add")(self._pressed)
        app.options("unit")(self._suggest)

    async def _submitted(self, ack, body):
        self.heard.append(body)
        await ack(**self.answer)

    async def _closed(self, ack, body):
        self.heard.append(body)
        await ack()

    async def _pressed(self, ack, body):
        self.heard.append(body)
        await ack()

    async def _suggest(self, ack):
        await ack(options=[option("Biblioteket", "7"), option("Badhuset", "8")])

    def values(self) -> dict:
        return self.heard[-1]["view"]["state"]["values"]


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    one = Bot(bolt(sandbox))
    async with connected(one.app):
        yield one


@pytest.fixture
def show(sandbox: Sandbox, bot: Bot, head: Person) -> Callable:
    async def show(*blocks: dict, **more) -> dict:
        trigger_id = sandbox.hub.triggers.issue(HEAD)
        view = modal(*blocks, callback_id="form", **more)
        return (await bot.app.client.views_open(trigger_id=trigger_id, view=view))["view"]

    return show


async def test_an_empty_answer_closes_the_window(bot: Bot, head: Person, show):
    view = await show(PURPOSE, private_metadata="C0KOMM")
    assert await head.submit(view, {"Syfte": "Böcker"}) == {"result": "closed"}
    assert await head.view() is None
    told = bot.heard[0]["view"]
    assert (told["private_metadata"], told["callback_id"], told["id"]) == ("C0KOMM", "form", view["id"])
    assert bot.heard[0]["trigger_id"]
    assert bot.values() == {"purpose": {"text": {"type": "plain_text_input", "value": "Böcker"}}}


async def test_errors_keep_the_window_and_what_was_typed(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "errors", "errors": {"purpose": "Skriv mer."}}
    answer = await head.submit(await show(PURPOSE), {"Syfte": "B"})
    assert answer == {"result": "errors", "errors": {"purpose": "Skriv mer."}, "asked": True}
    kept = (await head.view())["state"]["values"]["purpose"]["text"]["value"]
    assert kept == "B"


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"intro": "Här får fel inte stå."}},
        {"response_action": "errors", "errors": {"purpose": "Ett", "nowhere": "Två"}},
        {"response_action": "errors", "errors": {"purpose": ""}},
        {"response_action": "dance"},
        {"response_action": "update", "view": modal(section("x"), title="x" * 25)},
        {"response_action": "push", "view": {"type": "home", "blocks": [section("x")]}},
    ],
)
async def test_a_faulty_answer_fails_on_the_persons_screen(bot: Bot, head: Person, show, answer: dict):
    """Errors may stand only at input blocks. The window stays open with everything typed."""
    bot.answer = answer
    failed = await head.submit(await show(section("x", block_id="intro"), PURPOSE), {"Syfte": "Böcker"})
    assert failed["result"] == "failed"
    assert "We had some trouble connecting" in failed["error"]
    assert (await head.view())["state"]["values"]["purpose"]["text"]["value"] == "Böcker"


async def test_an_update_replaces_the_window(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "update", "view": NEXT}
    view = await show(PURPOSE)
    answer = await head.submit(view, {"Syfte": "Böcker"})
    assert (answer["result"], answer["view"]["id"]) == ("update", view["id"])
    assert (await head.view())["title"]["text"] == "Steg 2"


async def test_closing_a_pushed_window_shows_the_one_below_as_it_was_left(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "push", "view": NEXT}
    first = await show(PURPOSE)
    answer = await head.submit(first, {"Syfte": "Böcker"})
    assert (answer["result"], answer["view"]["previous_view_id"]) == ("push", first["id"])
    await head.close()
    below = await head.view()
    assert below["id"] == first["id"]
    assert below["state"]["values"]["purpose"]["text"]["value"] == "Böcker"


async def test_a_fourth_window_is_not_pushed(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "push", "view": NEXT}
    await head.submit(await show(PURPOSE), {"Syfte": "x"})
    await head.submit(await head.window("Steg 2"), {"Mål": "x"})
    failed = await head.submit(await head.window("Steg 2"), {"Mål": "x"})
    assert (failed["result"], failed["code"]) == ("failed", "push_limit_reached")


async def test_clear_closes_them_all(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "push", "view": NEXT}
    await head.submit(await show(PURPOSE), {"Syfte": "x"})
    bot.answer = {"response_action": "clear"}
    assert (await head.submit(None, {"Mål": "x"}))["result"] == "cleared"
    assert await head.view() is None


async def test_a_submit_without_answer_fails_and_keeps_everything(
    bot: Bot, head: Person, show, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.sandbox.sockets.ACK_SECONDS", 0.2)
    bot.answer = {"response_action": "push", "view": NEXT}
    await head.submit(await show(PURPOSE), {"Syfte": "x"})
    await bot.app.client.views_update(view_id=(await head.view())["id"], view=NEXT | {"callback_id": "nobody"})
    failed = await head.submit(None, {"Mål": "Många besökare"})
    assert (failed["result"], failed["code"]) == ("failed", "operation_timeout")
    assert (await head.view())["state"]["values"]["goal"]["text"]["value"] == "Många besökare"


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        (TYPED, None, "required"),
        (TYPED, "   ", "required"),
        ({**TYPED, "min_length": 40}, "kort", "at least 40"),
        ({**TYPED, "max_length": 3}, "lång", "at most 3"),
        ({"type": "number_input", "action_id": "n", "is_decimal_allowed": False}, "1.5", "whole"),
        (
            {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "2"},
            "1",
            "at least 2",
        ),
        (
            {"type": "number_input", "action_id": "n", "is_decimal_allowed": True, "max_value": "2"},
            "2.5",
            "at most 2",
        ),
        ({"type": "number_input", "action_id": "n", "is_decimal_allowed": True}, "många", "number"),
        ({"type": "email_text_input", "action_id": "m"}, "ingen", "email"),
        ({"type": "url_text_input", "action_id": "u"}, "ingen", "URL"),
        (
            {"type": "multi_static_select", "action_id": "s", "options": OPTIONS, "max_selected_items": 1},
            ["Ja", "Nej"],
            "at most 1",
        ),
        ({"type": "checkboxes", "action_id": "c", "options": OPTIONS}, [], "required"),
        ({"type": "users_select", "action_id": "u"}, None, "required"),
    ],
)
async def test_slacks_own_client_refuses_before_the_bot_is_asked(
    bot: Bot, head: Person, show, element: dict, value: object, complaint: str
):
    answer = await head.submit(await show(field("Fält", element, block_id="b")), {"Fält": value})
    assert (answer["result"], answer["asked"]) == ("errors", False)
    assert complaint in answer["errors"]["b"]
    assert bot.heard == []


async def test_what_is_optional_may_be_empty_and_comes_as_null(bot: Bot, head: Person, show):
    elements = {
        "text": TYPED,
        "date": {"type": "datepicker", "action_id": "a"},
        "one": {"type": "static_select", "action_id": "a", "options": OPTIONS},
        "many": {"type": "checkboxes", "action_id": "a", "options": OPTIONS},
        "who": {"type": "users_select", "action_id": "a"},
    }
    blocks = [field(name, one, block_id=name, optional=True) for name, one in elements.items()]
    assert (await head.submit(await show(*blocks)))["result"] == "closed"
    values = {block: next(iter(fields.values())) for block, fields in bot.values().items()}
    assert values["text"]["value"] is None
    assert values["date"]["selected_date"] is None
    assert values["one"]["selected_option"] is None
    assert values["many"]["selected_options"] == []
    assert values["who"]["selected_user"] is None


async def test_what_the_app_suggested_is_sent_unless_changed(bot: Bot, head: Person, show):
    begun = [
        field("Text", {**TYPED, "initial_value": "Förslag"}, block_id="text"),
        field(
            "Val",
            {"type": "static_select", "action_id": "a", "options": OPTIONS, "initial_option": OPTIONS[0]},
            block_id="one",
        ),
    ]
    await head.submit(await show(*begun), {"Val": "Nej"})
    assert bot.values()["text"]["text"]["value"] == "Förslag"
    assert bot.values()["one"]["a"]["selected_option"]["value"] == "no"


async def test_every_kind_of_field_is_filled_in_by_label_and_visible_text(bot: Bot, head: Person, show):
    elements = {
        "Text": TYPED,
        "Tal": {"type": "number_input", "action_id": "a", "is_decimal_allowed": False},
        "Adress": {"type": "url_text_input", "action_id": "a"},
        "E-post": {"type": "email_text_input", "action_id": "a"},
        "Val": {"type": "radio_buttons", "action_id": "a", "options": OPTIONS},
        "Flera": {"type": "multi_static_select", "action_id": "a", "options": OPTIONS},
        "Rutor": {"type": "checkboxes", "action_id": "a", "options": OPTIONS},
        "Enhet": {"type": "external_select", "action_id": "unit"},
        "Enheter": {"type": "multi_external_select", "action_id": "unit"},
        "Vem": {"type": "users_select", "action_id": "a"},
        "Vilka": {"type": "multi_users_select", "action_id": "a"},
        "Var": {"type": "conversations_select", "action_id": "a", "response_url_enabled": True},
        "Kanal": {"type": "channels_select", "action_id": "a"},
        "Dag": {"type": "datepicker", "action_id": "a"},
        "Klockan": {"type": "timepicker", "action_id": "a"},
    }
    blocks = [field(name, one, block_id=name) for name, one in elements.items()]
    given = {
        "Text": "Hej",
        "Tal": 5,
        "Adress": "https://a.test",
        "E-post": "a@b.test",
        "Val": "Ja",
        "Flera": ["Nej"],
        "Rutor": True,
        "Enhet": "Biblioteket",
        "Enheter": ["Badhuset"],
        "Vem": "Bibliotekarie",
        "Vilka": [HEAD],
        "Var": "C0KOMM",
        "Kanal": "C0ALLA",
        "Dag": "2026-11-21",
        "Klockan": "08:00",
    }
    assert (await head.submit(await show(*blocks), given))["result"] == "closed"
    values = {block: list(next(iter(fields.values())).values())[1] for block, fields in bot.values().items()}
    assert values == {
        "Text": "Hej",
        "Tal": "5",
        "Adress": "https://a.test",
        "E-post": "a@b.test",
        "Val": OPTIONS[0],
        "Flera": [OPTIONS[1]],
        "Rutor": OPTIONS,
        "Enhet": option("Biblioteket", "7"),
        "Enheter": [option("Badhuset", "8")],
        "Vem": STAFF,
        "Vilka": [HEAD],
        "Var": "C0KOMM",
        "Kanal": "C0ALLA",
        "Dag": "2026-11-21",
        "Klockan": "08:00",
    }
    (url,) = bot.heard[-1]["response_urls"]
    assert (url["channel_id"], url["block_id"]) == ("C0KOMM", "Var")


async def test_an_external_option_must_have_been_offered(bot: Bot, head: Person, show):
    view = await show(field("Enhet", {"type": "external_select", "action_id": "unit"}, block_id="b"))
    with pytest.raises(Surprise, match="offered: 'Biblioteket', 'Badhuset'"):
        await head.submit(view, {"Enhet": "Okänd enhet"})
    forged = {"b": {"unit": {"type": "external_select", "selected_option": option("Rådhuset", "9")}}}
    with pytest.raises(Surprise, match="there is no option '9'"):
        await head.call("POST", "submit", {"person": HEAD, "view_id": view["id"], "state": forged})


async def test_a_field_that_is_not_there_is_named_with_those_that_are(head: Person, show):
    with pytest.raises(Surprise, match="there is no field 'Mål'; there are: 'Syfte'"):
        await head.submit(await show(PURPOSE), {"Mål": "x"})


async def test_a_button_in_a_window_carries_the_state(bot: Bot, head: Person, show):
    view = await show(PURPOSE, actions(button("Lägg till", "add"), block_id="more"))
    await head.click(view, "Lägg till", values={"Syfte": "Böcker"})
    body = bot.heard[0]
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert bot.values()["purpose"]["text"]["value"] == "Böcker"
    assert "channel" not in body
    assert "response_url" not in body


async def test_closing_is_told_only_if_asked_for(bot: Bot, head: Person, show):
    await show(PURPOSE)
    await head.close()
    await show(PURPOSE, notify_on_close=True)
    await head.close()

    async def told() -> list[dict]:
        return bot.heard

    await head.eventually(told)
    assert [(body["type"], body["is_cleared"]) for body in bot.heard] == [("view_closed", False)]


@pytest.mark.parametrize("how", ["all", "clear_on_close"])
async def test_closing_the_whole_stack_tells_of_each_window(bot: Bot, head: Person, show, how: str):
    noted = {"notify_on_close": True, "callback_id": "form"}
    bot.answer = {
        "response_action": "push",
        "view": NEXT | noted | {"clear_on_close": how == "clear_on_close"},
    }
    await head.submit(await show(PURPOSE, notify_on_close=True), {"Syfte": "x"})
    bot.heard.clear()
    await head.close(all=how == "all")
    assert await head.view() is None
    await head.eventually(lambda: len(bot.heard) == 2)
    assert {body["is_cleared"] for body in bot.heard} == {True}


async def test_another_persons_window_is_out_of_reach(head: Person, staff: Person, show):
    view = await show(PURPOSE)
    with pytest.raises(Surprise, match="the window is not open"):
        await staff.submit(view, {"Syfte": "x"})


async def test_only_the_window_on_top_is_submitted(bot: Bot, head: Person, show):
    bot.answer = {"response_action": "push", "view": NEXT}
    first = await show(PURPOSE)
    await head.submit(first, {"Syfte": "x"})
    with pytest.raises(Surprise, match="the window is not open"):
        await head.submit(first, {"Syfte": "y"})


async def test_a_window_without_submit_is_not_submitted(head: Person, show):
    view = await show(section("Läser in …"), submit=None)
    with pytest.raises(Surprise, match="nothing to submit"):
        await head.submit(view)


async def test_without_a_window_there_is_nothing_to_close(head: Person, sandbox: Sandbox):
    with pytest.raises(Surprise, match="no window is open"):
        await head.close()


async def test_a_window_closed_meanwhile_stays_closed(bot: Bot, head: Person, show, sandbox: Sandbox):
    """The person gives up while the bot still thinks; its late step does not come back."""
    view = await show(PURPOSE)
    bot.answer = {"response_action": "push", "view": NEXT}
    sandbox.hub.delivery.transport = Slow(sandbox.hub.delivery.transport, head)
    assert (await head.submit(view, {"Syfte": "x"}))["result"] == "closed"
    assert await head.view() is None


class Slow:
    """The way to the bot, on which the person closes the window before the answer is back."""

    mode, connected = "socket", True

    def __init__(self, way, person: Person) -> None:
        self._way = way
        self._person = person

    async def deliver(self, envelope):
        answer = await self._way.deliver(envelope)
        await self._person.close()
        return answer
