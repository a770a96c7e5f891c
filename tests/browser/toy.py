"""A small app to try the page with: one command, forms with every kind of field, cards, a home."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.seed import ChannelSeed, GroupSeed, PersonSeed, Seed, TeamSeed

JSON = dict[str, Any]
UNITS = ["Biblioteket", "Centralskolan", "Kulturskolan", "Simhallen", "Vatten och avlopp", "Äldreomsorgen"]
PLATFORMS = ["Facebook", "Instagram", "YouTube"]
PURPOSE = "Vi berättar om programmet, visar nya böcker och svarar på frågor om öppettider."

HEAD, COMMS, WRITER, GUEST, ENGLISH = "U00000HEAD", "U0000COMMS", "U000WRITER", "U0000GUEST", "U00ENGLISH"
LOBBY, DESK, OTHER, CLOSED = "C000000LOBBY", "C0000000DESK", "C00000000BIB", "C0000000GONE"


def seed() -> Seed:
    """Return a small municipality, its people named by function."""
    return Seed(
        team=TeamSeed(name="Sjöviks kommun"),
        people=(
            PersonSeed(WRITER, "Bibliotekarie", "bibliotekarie@sjovik.example"),
            PersonSeed(HEAD, "Enhetschef biblioteket", "chef.bibliotek@sjovik.example"),
            PersonSeed(COMMS, "Kommunikatör", "kommunikator@sjovik.example"),
            PersonSeed(GUEST, "Praktikant", "praktikant@sjovik.example", guest=True),
            PersonSeed(ENGLISH, "English-speaking editor", "editor@sjovik.example", locale="en-GB"),
        ),
        groups=(GroupSeed("S000000KOMM", "kommunikation", (COMMS,)),),
        channels=(
            ChannelSeed(LOBBY, "allmänt", members=(WRITER, HEAD, COMMS, GUEST, ENGLISH), bot_is_member=True),
            ChannelSeed(DESK, "kommunikation", private=True, members=(COMMS, HEAD), bot_is_member=True),
            ChannelSeed(OTHER, "biblioteket", members=(HEAD,)),
            ChannelSeed(CLOSED, "sommar-2025", members=(WRITER, HEAD, COMMS), archived=True),
        ),
    )


MANIFEST: JSON = {
    "display_information": {"name": "kanalvakt"},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
    "features": {
        "slash_commands": [
            {
                "command": "/konto",
                "description": "Ansök om och se konton i sociala medier",
                "usage_hint": "[ansök | mina | visa KONTO | lista]",
            },
            {"command": "/kommentar", "description": "Kommentarer som väntar på svar", "usage_hint": "[kö | mina]"},
            {"command": "/kris", "description": "Krisläge", "usage_hint": "[starta | status]"},
            {"command": "/komm", "description": "Allt annat, och hjälp", "usage_hint": "[hjälp | status]"},
        ],
        "shortcuts": [
            {"name": "Ansök om konto", "type": "global", "callback_id": "apply", "description": "Öppna ansökan"},
            {"name": "Lägg i kommentarskön", "type": "message", "callback_id": "queue", "description": "Till kön"},
        ],
    },
}


def text(words: str) -> JSON:
    """Return a plain text object."""
    return {"type": "plain_text", "text": words}


def option(words: str, value: str | None = None, **more: Any) -> JSON:
    """Return an option."""
    return {"text": text(words), "value": value or words, **more}


def button(action_id: str, words: str, **more: Any) -> JSON:
    """Return a button."""
    return {"type": "button", "action_id": action_id, "text": text(words), "value": "14", **more}


def field(block_id: str, label: str, element: JSON, **more: Any) -> JSON:
    """Return an input block; its element's action id is "it"."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": text(label),
        "element": {"action_id": "it", **element},
        **more,
    }


def application() -> JSON:
    """Return the first form: what an application asks for."""
    return {
        "type": "modal",
        "callback_id": "application",
        "title": text("Ansök om konto"),
        "submit": text("Fortsätt"),
        "close": text("Avbryt"),
        "notify_on_close": True,
        "blocks": [
            {
                "type": "section",
                "block_id": "intro",
                "text": {
                    "type": "mrkdwn",
                    "text": "Tar ungefär tio minuter. Vi sparar efter varje steg, så du kan pausa och "
                    "fortsätta från `/konto mina`.",
                },
            },
            field(
                "unit",
                "Vilken enhet gäller det?",
                {"type": "external_select", "min_query_length": 0, "placeholder": text("Sök enhet")},
            ),
            field(
                "platform",
                "Plattform",
                {
                    "type": "static_select",
                    "options": [option(name) for name in PLATFORMS],
                },
            ),
            field("name", "Kontots namn", {"type": "plain_text_input", "max_length": 30}),
            field(
                "purpose",
                "Vad ska kontot vara bra för?",
                {"type": "plain_text_input", "multiline": True, "max_length": 400},
                hint=text("Minst 40 tecken. Syftet visas i kommunens förteckning."),
            ),
            {
                "type": "actions",
                "block_id": "more",
                "elements": [
                    button("push", "Läs riktlinjerna"),
                    button("grow", "Lägg till fält"),
                ],
            },
        ],
    }


def everything() -> JSON:
    """Return a form with the remaining kinds of fields."""
    options = [option("Ja"), option("Nej"), option("Vet inte", description=text("Vi hör av oss"))]
    return {
        "type": "modal",
        "callback_id": "everything",
        "title": text("Steg 2 av 3"),
        "submit": text("Skicka"),
        "close": text("Tillbaka"),
        "blocks": [
            field("editors", "Redaktörer", {"type": "multi_users_select"}),
            field("substitute", "Vem svarar när du är borta?", {"type": "users_select"}),
            field("children", "Kommer barn eller elever att synas?", {"type": "radio_buttons", "options": options}),
            field(
                "promises",
                "Det här lovar vi",
                {
                    "type": "checkboxes",
                    "options": [
                        option("Alla kan läsa utan att logga in"),
                        option("Kontot sköts inte privat", description=text("Det är kommunens konto.")),
                    ],
                },
            ),
            field(
                "hours", "Timmar i veckan", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}
            ),
            field("mail", "E-postadress", {"type": "email_text_input"}, optional=True),
            field("site", "Webbsida", {"type": "url_text_input"}, optional=True),
            field("start", "Från och med", {"type": "datepicker"}, optional=True),
            field("time", "Klockan", {"type": "timepicker"}, optional=True),
            field(
                "topics",
                "Ämnen",
                {"type": "multi_static_select", "options": [option(unit) for unit in UNITS]},
                optional=True,
            ),
        ],
    }


def guidelines() -> JSON:
    """Return a view that is pushed above the form."""
    words = "Svara inom *en arbetsdag*.\n• Kritik ska få stå kvar\n• Inga personuppgifter"
    return {
        "type": "modal",
        "callback_id": "guidelines",
        "title": text("Riktlinjer"),
        "close": text("Tillbaka"),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": words}}],
    }


def card(state: str = "Väntar på två beslut", *, buttons: bool = True) -> list[JSON]:
    """Return the blocks of a case card."""
    confirm = {
        "title": text("Godkänn ansökan"),
        "text": text("Du godkänner Sjöviks bibliotek för Biblioteket. Alla berörda ser ditt beslut."),
        "confirm": text("Ja, godkänn"),
        "deny": text("Inte än"),
    }
    fields = [
        ("Enhet", "Biblioteket"),
        ("Sökande", f"<@{WRITER}>"),
        ("Timmar i veckan", "4"),
        ("Svarar vid frånvaro", f"<@{HEAD}>"),
    ]
    blocks: list[JSON] = [
        {"type": "header", "block_id": "head", "text": text("Ansökan: Sjöviks bibliotek på Instagram")},
        {
            "type": "section",
            "block_id": "facts",
            "text": {"type": "mrkdwn", "text": f"*Syfte*\n{PURPOSE}"},
            "fields": [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in fields],
        },
        {
            "type": "context",
            "block_id": "state",
            "elements": [{"type": "mrkdwn", "text": f":hourglass_flowing_sand: {state} · ärende 2026-014"}],
        },
    ]
    if buttons:
        blocks.append(
            {
                "type": "actions",
                "block_id": "decide",
                "elements": [
                    button("approve", "Godkänn", style="primary", confirm=confirm),
                    {
                        "type": "button",
                        "action_id": "reject",
                        "text": text("Avslå"),
                        "style": "danger",
                        "value": "14",
                    },
                    {"type": "button", "action_id": "return", "text": text("Begär komplettering"), "value": "14"},
                    {
                        "type": "overflow",
                        "action_id": "rest",
                        "options": [option("Fel chef?", "wrong"), option("Visa hela ansökan", "full")],
                    },
                ],
            }
        )
    return blocks


def home() -> JSON:
    """Return App Home."""
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": text("Det här väntar på dig")},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*Sjöviks bibliotek på Instagram*\nVäntar på ditt beslut sedan igår",
                },
                "accessory": button("open", "Öppna"),
            },
            {"type": "divider"},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": ":white_check_mark: Allt fungerar"}]},
        ],
    }


def buttons(*names: str) -> list[JSON]:
    """Return one row of buttons, each called by its action id."""
    return [{"type": "actions", "block_id": "row", "elements": [button(name, name) for name in names]}]


def crowded() -> list[JSON]:
    """Return a message with every kind of block that is wide or odd."""
    long = "Kommunikationsavdelningenskrisinformationssamordnare" * 2
    choices = [option(unit) for unit in UNITS]
    cells = [[{"type": "raw_text", "text": word} for word in (name, "3", "fredag 27 november")] for name in UNITS]
    written = [{"type": "text", "text": f"Skrivet: {long}"}]
    rich = [{"type": f"rich_text_{kind}", "elements": written} for kind in ("section", "preformatted", "quote")]
    linked = f":warning: {long} <https://sjovik.example/a/b|länk> `/konto mina`\n> citat"
    return [
        {"type": "header", "text": text("Dagens läge, lördag 2026-11-21")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": linked},
            "accessory": {"type": "static_select", "action_id": "pick", "options": choices},
        },
        {"type": "section", "fields": [{"type": "mrkdwn", "text": f"*{unit}*\n{long}"} for unit in UNITS]},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<@{COMMS}> i <#{LOBBY}> :bell:"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "datepicker", "action_id": "day"},
                {"type": "users_select", "action_id": "who", "placeholder": text("Vem?")},
                {"type": "button", "action_id": "long", "text": text("En knapp med en ganska lång text på")},
            ],
        },
        {"type": "table", "rows": cells},
    ]


class Toy:
    """The app, connected over Socket Mode."""

    def __init__(self, api_url: str) -> None:
        client = AsyncWebClient(token="xoxb-sandbox", base_url=api_url, retry_handlers=[])
        self.app = AsyncApp(client=client)
        self.client = client
        self.submitted: list[JSON] = []
        self.acts: list[JSON] = []
        self.closed: list[JSON] = []
        self._listen()

    async def start(self) -> None:
        """Connect."""
        self._handler = AsyncSocketModeHandler(self.app, "xapp-sandbox", web_client=self.client)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Disconnect."""
        await self._handler.close_async()  # type: ignore[no-untyped-call]

    def _listen(self) -> None:
        app = self.app
        app.command("/konto")(self._konto)
        app.options("it")(self._units)
        app.view("application")(self._applied)
        app.view("everything")(self._finished)
        app.view_closed("application")(self._closed)
        app.action("push")(self._push)
        app.action("grow")(self._grow)
        app.action("approve")(self._approve)
        app.action("slow")(self._slow)
        for name in ("reject", "return", "rest", "open", "pick", "day"):
            app.action(name)(self._noted)
        app.event("app_home_opened")(self._home)
        app.shortcut("apply")(self._apply)
        app.shortcut("queue")(self._queue)

    async def _konto(self, ack: Any, body: JSON, respond: Any) -> None:
        word = body["text"].strip()
        if word == "ansök":
            await ack()
            await self.client.views_open(trigger_id=body["trigger_id"], view=application())
        elif word == "allt":
            await ack()
            await self.client.views_open(trigger_id=body["trigger_id"], view=everything())
        elif word == "mina":
            await ack()
            await respond("Du har *inga* konton än. Skriv `/konto ansök` för att söka ett.")
        else:
            await ack(f"Jag känner inte till ”{word}”. Prova `ansök`, `mina` eller `lista`.")

    async def _units(self, ack: Any, payload: JSON) -> None:
        typed = payload["value"].lower()
        hits = [
            option(unit, description=text("Kultur- och fritidsnämnden")) for unit in UNITS if typed in unit.lower()
        ]
        await ack(options=hits)

    async def _applied(self, ack: Any, view: JSON) -> None:
        values = view["state"]["values"]
        if len(values["purpose"]["it"]["value"]) < 40:
            await ack(response_action="errors", errors={"purpose": "Berätta lite mer, minst 40 tecken."})
            return
        self.submitted.append(values)
        await ack(response_action="update", view=everything())

    async def _finished(self, ack: Any, view: JSON, body: JSON) -> None:
        await ack()
        self.submitted.append(view["state"]["values"])
        await self.client.chat_postMessage(channel=body["user"]["id"], text="Tack, din ansökan är inskickad.")

    async def _closed(self, ack: Any, body: JSON) -> None:
        await ack()
        self.closed.append(body)

    async def _push(self, ack: Any, body: JSON) -> None:
        await ack()
        await self.client.views_push(trigger_id=body["trigger_id"], view=guidelines())

    async def _grow(self, ack: Any, body: JSON) -> None:
        await ack()
        grown = application()
        grown["blocks"].insert(-1, field("extra", "Vem är kontot till för?", {"type": "plain_text_input"}))
        await self.client.views_update(view_id=body["view"]["id"], view=grown)

    async def _approve(self, ack: Any, body: JSON) -> None:
        await ack()
        self.acts.append(body)
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        done = card("Godkänd av båda", buttons=False)
        await self.client.chat_update(**place, text="Godkänd", blocks=done)

    async def _slow(self, ack: Any, body: JSON) -> None:
        await asyncio.sleep(1)
        await ack()
        self.acts.append(body)

    async def _noted(self, ack: Any, body: JSON, respond: Any) -> None:
        await ack()
        self.acts.append(body)
        if "response_url" in body:
            await respond(
                "Redan beslutat av Kommunikatör kl. 09.14. Ditt klick ändrade ingenting.", replace_original=False
            )

    async def _home(self, event: JSON) -> None:
        await self.client.views_publish(user_id=event["user"], view=home())

    async def _apply(self, ack: Any, body: JSON) -> None:
        await ack()
        await self.client.views_open(trigger_id=body["trigger_id"], view=application())

    async def _queue(self, ack: Any, body: JSON, respond: Any) -> None:
        await ack()
        self.acts.append(body)
        await respond("Kommentaren ligger i kön.", replace_original=False)
