"""The workspace as a real Bolt app meets it, over Socket Mode."""

from __future__ import annotations

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.sandbox.world import actions, bolt, button, connected, field, modal, section


def application(sandbox: Sandbox):
    app = bolt(sandbox)
    purpose = {"type": "plain_text_input", "action_id": "text"}

    @app.command("/konto")
    async def apply(ack, body, client):
        await ack()
        view = modal(field("Syfte", purpose, block_id="purpose"), callback_id="apply")
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("apply")
    async def first(ack, view):
        if len(view["state"]["values"]["purpose"]["text"]["value"]) < 10:
            await ack(response_action="errors", errors={"purpose": "Skriv mer."})
            return
        second = modal(section("Stämmer det?"), title="Granska", callback_id="confirm")
        await ack(response_action="push", view=second)

    @app.view("confirm")
    async def confirm(ack, body, client):
        await ack(response_action="clear")
        card = [section("Ny ansökan"), actions(button("Godkänn", "approve", "7"), block_id="gate")]
        await client.chat_postMessage(channel="C0KOMM", text="Ny ansökan", blocks=card)

    @app.action("approve")
    async def approve(ack, body, client):
        await ack()
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(
            **place, text="Godkänd", blocks=[section(f"Godkänd {body['actions'][0]['value']}")]
        )
        await client.chat_postMessage(channel=place["channel"], thread_ts=place["ts"], text="Klart")

    return app


async def test_an_application_goes_from_command_to_decision(sandbox: Sandbox, staff: Person, head: Person):
    """Command, modal, error at its field, pushed step, card with a button, edited card, thread."""
    async with connected(application(sandbox)):
        assert (await staff.command("/konto ansök", "C0KOMM"))["ok"]
        view = await staff.window("Ansökan")
        short = await staff.submit(view, {"Syfte": "kort"})
        assert short == {"result": "errors", "errors": {"purpose": "Skriv mer."}, "asked": True}
        assert (await staff.submit(view, {"Syfte": "Visa nya böcker"}))["result"] == "push"
        assert (await staff.submit(await staff.window("Granska")))["result"] == "cleared"
        assert await staff.view() is None
        card = await head.sees("Ny ansökan", "C0KOMM")
        assert (await head.click(card, "Godkänn"))["ok"]
        edited = await head.sees("Godkänd 7", "C0KOMM")
        assert edited["edited"]
        await head.sees("Klart", "C0KOMM", thread=card["ts"])
