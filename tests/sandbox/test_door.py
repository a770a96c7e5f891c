"""What a person can do, cannot do, and what the bot is told of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.driver import Admin, Person, Surprise
from bot.sandbox.server import Sandbox
from tests.sandbox.world import (
    GONE,
    GUEST,
    HEAD,
    STAFF,
    STRANGER,
    actions,
    bolt,
    button,
    connected,
    field,
    option,
    section,
    text,
)

COLOURS = [option("Röd", "red"), option("Blå", "blue")]


class Bot:
    """A Bolt app that writes down every action and answers as its tests say."""

    def __init__(self, app: AsyncApp) -> None:
        self.app = app
        self.heard: list[dict] = []
        self.options: list[dict] = COLOURS
        app.action(re.compile(".*"))(self._action)
        app.options({"action_id": "unit"})(self._suggest)
        app.command("/konto")(self._command)
        app.shortcut("report")(self._action)

    async def _action(self, ack, body):
        self.heard.append(body)
        await ack()

    async def _suggest(self, ack, body):
        self.heard.append(body)
        await ack(options=self.options)

    async def _command(self, ack, body):
        self.heard.append(body)
        await ack()


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    one = Bot(bolt(sandbox))
    async with connected(one.app):
        yield one


async def card(bot: Bot, *blocks: dict, channel: str = "C0KOMM") -> dict:
    return (await bot.app.client.chat_postMessage(channel=channel, text="Kort", blocks=list(blocks))).data


GATE = actions(button("Godkänn", "approve", "7", style="primary"), button("Avslå", "reject", "7"), block_id="gate")


async def test_a_button_tells_the_bot_what_was_pressed_where_by_whom(bot: Bot, head: Person):
    said = await card(bot, GATE)
    message = await head.sees("Kort", "C0KOMM")
    assert await head.click(message, "Godkänn") == {"ok": True}
    (body,) = bot.heard
    (action,) = body["actions"]
    assert (action["action_id"], action["block_id"], action["value"], action["type"]) == (
        "approve",
        "gate",
        "7",
        "button",
    )
    assert body["container"] == {
        "type": "message",
        "message_ts": said["ts"],
        "channel_id": "C0KOMM",
        "is_ephemeral": False,
    }
    assert (body["user"]["id"], body["user"]["team_id"]) == (HEAD, "T0000000001")
    assert body["channel"] == {"id": "C0KOMM", "name": "komm"}
    assert body["message"]["ts"] == said["ts"]
    assert body["response_url"].startswith("http://127.0.0.1")
    assert body["trigger_id"]


async def test_a_button_in_a_thread_tells_of_its_root(bot: Bot, head: Person):
    root = await card(bot, section("x"))
    await bot.app.client.chat_postMessage(channel="C0KOMM", text="Svar", blocks=[GATE], thread_ts=root["ts"])
    message = await head.sees("Svar", "C0KOMM", thread=root["ts"])
    await head.click(message, "Avslå")
    assert bot.heard[0]["container"]["thread_ts"] == root["ts"]
    assert bot.heard[0]["message"]["thread_ts"] == root["ts"]


async def test_an_ephemeral_message_does_not_travel_along(bot: Bot, head: Person):
    await bot.app.client.chat_postEphemeral(channel="C0KOMM", user=HEAD, text="Kort", blocks=[GATE])
    await head.click(await head.sees("Kort", "C0KOMM"), "Godkänn")
    assert "message" not in bot.heard[0]
    assert bot.heard[0]["container"]["is_ephemeral"]


async def test_a_button_that_is_gone_cannot_be_pressed_except_on_a_stale_page(bot: Bot, head: Person):
    said = await card(bot, GATE)
    seen = await head.sees("Kort", "C0KOMM")
    await bot.app.client.chat_update(channel="C0KOMM", ts=said["ts"], text="Avgjort", blocks=[section("Avgjort")])
    with pytest.raises(Surprise, match="nothing to press called 'approve'"):
        await head.click(seen, "Godkänn")
    assert bot.heard == []
    assert (await head.click(seen, "Godkänn", stale=True))["ok"]
    assert bot.heard[0]["actions"][0]["value"] == "7"
    assert bot.heard[0]["message"]["text"] == "Avgjort"


async def test_a_message_that_is_gone_cannot_be_touched(bot: Bot, head: Person):
    said = await card(bot, GATE)
    seen = await head.sees("Kort", "C0KOMM")
    await bot.app.client.chat_delete(channel="C0KOMM", ts=said["ts"])
    with pytest.raises(Surprise, match="the message is not there"):
        await head.click(seen, "Godkänn", stale=True)


async def test_who_sees_no_message_presses_no_button(bot: Bot, head: Person, sandbox: Sandbox):
    await card(bot, GATE, channel="G0VI")
    message = await head.sees("Kort", "G0VI")
    for user in (STAFF, GUEST):
        with pytest.raises(Surprise, match="sees no channel"):
            await Person(sandbox.base_url, user).click(message, "Godkänn")


async def test_a_stranger_clicks_in_a_shared_channel_as_a_stranger(bot: Bot, sandbox: Sandbox):
    """The bot must look at the team of whoever clicked."""
    await card(bot, GATE, channel="C0GRANN")
    neighbour = Person(sandbox.base_url, STRANGER)
    await neighbour.click(await neighbour.sees("Kort", "C0GRANN"), "Godkänn")
    assert bot.heard[0]["user"]["team_id"] == "T0OTHER"
    assert bot.heard[0]["team"]["id"] == "T0000000001"
    told = await neighbour.command("/konto", "C0GRANN")
    assert told["code"] == "home_team_only"


async def test_the_deactivated_do_nothing(sandbox: Sandbox):
    with pytest.raises(Surprise, match="deactivated"):
        await Person(sandbox.base_url, GONE).command("/konto", "C0ALLA")
    with pytest.raises(Surprise, match="no person"):
        await Person(sandbox.base_url, "U0NONE").command("/konto", "C0ALLA")


async def test_selects_tell_what_was_chosen(bot: Bot, head: Person):
    await card(
        bot,
        actions(
            {"type": "static_select", "action_id": "colour", "options": COLOURS},
            {"type": "users_select", "action_id": "who"},
            {"type": "datepicker", "action_id": "day"},
            {"type": "checkboxes", "action_id": "many", "options": COLOURS},
        ),
        section("x", accessory={"type": "overflow", "action_id": "more", "options": COLOURS}),
    )
    message = await head.sees("Kort", "C0KOMM")
    await head.click(message, "colour", choose="Blå")
    await head.click(message, "who", choose="Bibliotekarie")
    await head.click(message, "day", choose="2026-11-21")
    await head.click(message, "many", choose=["Röd", "Blå"])
    await head.click(message, "more", choose="Röd")
    told = [body["actions"][0] for body in bot.heard]
    assert told[0]["selected_option"]["value"] == "blue"
    assert told[1]["selected_user"] == STAFF
    assert told[2]["selected_date"] == "2026-11-21"
    assert [one["value"] for one in told[3]["selected_options"]] == ["red", "blue"]
    assert told[4]["selected_option"]["value"] == "red"


async def test_nobody_chooses_what_is_not_offered(bot: Bot, head: Person):
    await card(bot, actions({"type": "static_select", "action_id": "colour", "options": COLOURS}))
    message = await head.sees("Kort", "C0KOMM")
    with pytest.raises(Surprise, match="offered: 'Röd', 'Blå'"):
        await head.click(message, "colour", choose="Grön")
    with pytest.raises(Surprise, match="there is no option 'green'"):
        await head.click(message, "colour", selected_option={"value": "green"})
    assert bot.heard == []


async def test_options_are_asked_for_as_one_types(bot: Bot, head: Person):
    unit = {"type": "external_select", "action_id": "unit", "min_query_length": 2}
    await card(bot, section("Enhet", accessory=unit, block_id="b"))
    message = await head.sees("Kort", "C0KOMM")
    block = message["blocks"][0]
    assert await head.suggest(message, block, unit, "R") == []
    assert bot.heard == []
    await head.click(message, "unit", choose="Röd")
    asked, pressed = bot.heard
    assert (asked["type"], asked["value"], asked["action_id"]) == ("block_suggestion", "Röd", "unit")
    assert pressed["actions"][0]["selected_option"] == COLOURS[0]
    bot.options = [option("x" * 76, "1")]
    with pytest.raises(Surprise, match="must be less than 76 characters"):
        await head.suggest(message, block, unit, "Röd")


async def test_an_input_in_a_message_waits_for_its_button(bot: Bot, head: Person):
    typed = {"type": "plain_text_input", "action_id": "t"}
    await card(bot, field("Skäl", typed, block_id="why"), actions(button("Skicka", "go"), block_id="b"))
    message = await head.sees("Kort", "C0KOMM")
    with pytest.raises(Surprise, match="does nothing until"):
        await head.click(message, "t", choose="x")
    await head.click(message, "Skicka", state={"why": {"t": {"type": "plain_text_input", "value": "Därför"}}})
    assert bot.heard[0]["state"]["values"]["why"]["t"]["value"] == "Därför"


async def test_a_command_carries_what_slack_tells(bot: Bot, head: Person, sandbox: Sandbox):
    await head.command("/konto  ansök nu ")
    (body,) = bot.heard
    assert (body["text"], body["channel_name"], body["channel_id"]) == (
        "ansök nu",
        "directmessage",
        await head.dm(),
    )
    assert (body["team_id"], body["is_enterprise_install"]) == ("T0000000001", "false")
    assert "thread_ts" not in body


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("C0OLD", "archived"),
        ("G0CHEF", "sees no channel"),
        ("C0READ", "not a member"),
        ("C0NONE", "sees no channel"),
    ],
)
async def test_a_command_needs_a_place_to_be_typed_in(sandbox: Sandbox, place: str, why: str):
    who = HEAD if place == "C0OLD" else STAFF
    with pytest.raises(Surprise, match=why):
        await Person(sandbox.base_url, who).command("/konto", place)


MANIFEST = {
    "display_information": {"name": "Kanalvakt"},
    "features": {
        "slash_commands": [
            {"command": "/konto", "description": "Konton", "usage_hint": "ansök | mina | visa <konto>"}
        ],
        "shortcuts": [{"name": "Rapportera", "type": "message", "callback_id": "report", "description": "x"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}


async def test_the_manifest_brings_commands_shortcuts_and_scopes(bot: Bot, sandbox: Sandbox, head: Person):
    await Admin(sandbox.base_url).install(MANIFEST)
    state = await head.state()
    assert state["commands"] == [
        {
            "command": "/konto",
            "description": "Konton",
            "usage_hint": "ansök | mina | visa <konto>",
            "words": [
                {"word": "ansök", "hint": "", "description": ""},
                {"word": "mina", "hint": "", "description": ""},
                {"word": "visa", "hint": "<konto>", "description": ""},
            ],
        }
    ]
    assert state["shortcuts"] == [
        {"callback_id": "report", "name": "Rapportera", "type": "message", "description": "x"}
    ]
    assert (await head.command("/kris", "C0KOMM"))["code"] == "unknown_command"
    assert (await head.command("/konto", "C0KOMM"))["ok"]
    assert sandbox.hub.workspace.scopes == {"commands", "chat:write"}
    with pytest.raises(Surprise, match="not an app manifest"):
        await Admin(sandbox.base_url).install({"x": 1})


async def test_a_manifest_may_say_what_the_words_of_a_command_do(sandbox: Sandbox, head: Person):
    """The key is the sandbox's own; it goes before the usage hint."""
    mine = {"word": "visa", "hint": "KONTO", "description": "Se ett konto"}
    command = {"command": "/konto", "usage_hint": "ansök | visa", "words": [mine, "lista"]}
    await Admin(sandbox.base_url).install({"features": {"slash_commands": [command]}})
    (found,) = (await head.state())["commands"]
    assert found["words"] == [mine, {"word": "lista", "hint": "", "description": ""}]


async def test_the_page_is_told_what_groups_are_called(head: Person):
    assert {"id": "S0KOMM", "handle": "komm"} in (await head.state())["groups"]


async def test_a_message_shortcut_carries_the_message(bot: Bot, sandbox: Sandbox, head: Person):
    await Admin(sandbox.base_url).install(MANIFEST)
    await head.say("Titta", "C0KOMM")
    message = await head.sees("Titta", "C0KOMM")
    assert (await head.shortcut("report", message))["ok"]
    assert (bot.heard[0]["type"], bot.heard[0]["message"]["text"]) == ("message_action", "Titta")
    with pytest.raises(Surprise, match="no global shortcut"):
        await head.shortcut("report")


async def test_what_has_no_listener_fails_on_the_persons_screen(
    bot: Bot, head: Person, monkeypatch: pytest.MonkeyPatch
):
    """Over a socket Bolt sends nothing at all for it, so the person waits three seconds."""
    monkeypatch.setattr("bot.sandbox.sockets.ACK_SECONDS", 0.2)
    answer = await head.command("/okänt", "C0KOMM")
    assert answer["code"] == "operation_timeout"


async def test_channels_are_shown_to_those_who_may_see_them(sandbox: Sandbox, head: Person):
    async def seen(user: str) -> set[str]:
        channels = (await Person(sandbox.base_url, user).state())["channels"]
        return {channel["id"] for channel in channels if channel["kind"] in ("public", "private")}

    assert await seen(STAFF) == {"C0ALLA", "C0KOMM", "C0OLD", "C0READ", "C0GRANN"}
    assert await seen(HEAD) == await seen(STAFF) | {"G0CHEF", "G0VI"}
    assert await seen(GUEST) == set()
    assert await seen(STRANGER) == {"C0GRANN"}


async def test_unread_messages_are_counted_until_they_are_read(head: Person, staff: Person):
    for n in range(3):
        await head.say(f"{n}", "C0KOMM")

    async def unread(person: Person) -> int:
        channels = (await person.state())["channels"]
        return next(channel["unread"] for channel in channels if channel["id"] == "C0KOMM")

    assert (await unread(head), await unread(staff)) == (0, 3)
    await staff.messages("C0KOMM")
    assert await unread(staff) == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"channel": "C0READ", "text": "x"}, "read-only"),
        ({"channel": "C0OLD", "text": "x"}, "archived"),
        ({"channel": "C0KOMM", "text": " "}, "nothing to send"),
        ({"channel": "C0KOMM", "text": "x", "thread_ts": "1.000001"}, "thread is not there"),
    ],
)
async def test_people_cannot_write_everywhere(sandbox: Sandbox, given: dict, why: str):
    with pytest.raises(Surprise, match=why):
        await Person(sandbox.base_url, HEAD).call("POST", "message", {"person": HEAD, **given})


async def test_another_site_in_the_same_browser_is_turned_away(sandbox: Sandbox):
    url, evil = f"{sandbox.base_url}/door/faults", {"Origin": "https://evil.test"}
    async with aiohttp.ClientSession() as session, session.post(url, json={"throttle": 1}, headers=evil) as answer:
        assert answer.status == 400
    assert sandbox.hub.faults.to_json()["throttle"]["probability"] == 0


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
async def test_nonsense_at_the_door_is_refused(sandbox: Sandbox, body: str):
    url = f"{sandbox.base_url}/door/command"
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)


@pytest.mark.parametrize("path", ["/page/..%2fserver.py", "/page/.hidden", "/page/none.js", "/page/%2e%2e/seed.py"])
async def test_only_the_pages_own_files_are_served(sandbox: Sandbox, path: str):
    async with aiohttp.ClientSession() as session, session.get(sandbox.base_url + path) as answer:
        assert answer.status == 404


async def test_the_page_runs_nothing_from_elsewhere(sandbox: Sandbox, tmp_path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "index.html").write_text("<title>Sandbox</title>")
    monkeypatch.setattr("bot.sandbox.door.routes.PAGE", tmp_path)
    async with aiohttp.ClientSession() as session, session.get(sandbox.base_url + "/") as answer:
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
        assert "<title>" in await answer.text()


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("", "channel=C0KOMM&at=1790000000.000001"),
        ("?thread_ts=1780000000.000002&cid=C0KOMM", "channel=C0KOMM&thread=1780000000.000002&at=1790000000.000001"),
    ],
)
async def test_a_permalink_opens_the_page_at_its_place(sandbox: Sandbox, query: str, place: str):
    link = f"{sandbox.base_url}/archives/C0KOMM/p1790000000000001{query}"
    async with aiohttp.ClientSession() as session, session.get(link, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/#{place}"


async def test_the_page_hears_what_changes(sandbox: Sandbox, head: Person, staff: Person, bot: Bot):
    url = f"{sandbox.base_url}/door/events"
    async with aiohttp.ClientSession() as session, session.get(url, params={"person": STAFF}) as stream:
        await stream.content.readuntil(b"\n\n")
        said = await head.say("Hej", "C0KOMM")
        await head.say("Hemligt", "G0VI")
        await bot.app.client.views_publish(user_id=STAFF, view={"type": "home", "blocks": [section("x")]})
        first = (await stream.content.readuntil(b"\n\n")).decode()
        second = (await stream.content.readuntil(b"\n\n")).decode()
    assert f'"ts": "{said["ts"]}"' in first
    assert '"type": "message"' in first
    assert '"type": "home"' in second


async def test_a_confirmation_travels_with_its_button(bot: Bot, head: Person):
    sure = {"title": text("Säkert?"), "text": text("Ja?"), "confirm": text("Ja"), "deny": text("Nej")}
    await card(bot, actions(button("Godkänn", "approve", confirm=sure)))
    message = await head.sees("Kort", "C0KOMM")
    assert message["blocks"][0]["elements"][0]["confirm"] == sure
