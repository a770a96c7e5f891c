"""A small app to try the page with: one command, forms with every kind of field, cards, a home."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.seed import ChannelSeed, GroupSeed, PersonSeed, Seed, TeamSeed
from tests.browser import shapes
from tests.browser.shapes import CLOSED, COMMS, DESK, ENGLISH, GUEST, HEAD, LOBBY, OTHER, WRITER

JSON = dict[str, Any]


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
            await self.client.views_open(trigger_id=body["trigger_id"], view=shapes.application())
        elif word == "allt":
            await ack()
            await self.client.views_open(trigger_id=body["trigger_id"], view=shapes.everything())
        elif word == "mina":
            await ack()
            await respond("Du har *inga* konton än. Skriv `/konto ansök` för att söka ett.")
        else:
            await ack(f"Jag känner inte till ”{word}”. Prova `ansök`, `mina` eller `lista`.")

    async def _units(self, ack: Any, payload: JSON) -> None:
        typed = payload["value"].lower()
        hits = [
            shapes.option(unit, description=shapes.text("Kultur- och fritidsnämnden"))
            for unit in shapes.UNITS
            if typed in unit.lower()
        ]
        await ack(options=hits)

    async def _applied(self, ack: Any, view: JSON) -> None:
        values = view["state"]["values"]
        if len(values["purpose"]["it"]["value"]) < 40:
            await ack(response_action="errors", errors={"purpose": "Berätta lite mer, minst 40 tecken."})
            return
        if values["name"]["it"]["value"] == shapes.TWIN and "twin" not in values:
            await ack(response_action="update", view=shapes.with_twin())
            return
        self.submitted.append(values)
        await ack(response_action="update", view=shapes.everything())

    async def _finished(self, ack: Any, view: JSON, body: JSON) -> None:
        await ack()
        self.submitted.append(view["state"]["values"])
        await self.client.chat_postMessage(channel=body["user"]["id"], text="Tack, din ansökan är inskickad.")

    async def _closed(self, ack: Any, body: JSON) -> None:
        await ack()
        self.closed.append(body)

    async def _push(self, ack: Any, body: JSON) -> None:
        await ack()
        await self.client.views_push(trigger_id=body["trigger_id"], view=shapes.guidelines())

    async def _grow(self, ack: Any, body: JSON) -> None:
        await ack()
        await self.grow(body["view"]["id"])

    async def grow(self, view_id: str) -> None:
        """Change the open application: one field more, another hint at the purpose, same ids."""
        grown = shapes.application()
        purpose = next(block for block in grown["blocks"] if block["block_id"] == "purpose")
        purpose["hint"] = shapes.text("Berätta vad följarna får här.")
        grown["blocks"].insert(-1, shapes.field("extra", "Vem är kontot till för?", {"type": "plain_text_input"}))
        await self.client.views_update(view_id=view_id, view=grown)

    async def _approve(self, ack: Any, body: JSON) -> None:
        await ack()
        self.acts.append(body)
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        done = shapes.card("Godkänd av båda", buttons=False)
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
        await self.client.views_publish(user_id=event["user"], view=shapes.home())

    async def _apply(self, ack: Any, body: JSON) -> None:
        await ack()
        await self.client.views_open(trigger_id=body["trigger_id"], view=shapes.application())

    async def _queue(self, ack: Any, body: JSON, respond: Any) -> None:
        await ack()
        self.acts.append(body)
        await respond("Kommentaren ligger i kön.", replace_original=False)
