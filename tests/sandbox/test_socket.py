"""Socket Mode: tickets, envelopes, acknowledgements, lost connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import delivery, sockets
from bot.sandbox.driver import Admin, Person
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, bolt, connected


@asynccontextmanager
async def line(client: AsyncWebClient) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare connection, greeted."""
    url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert hello["type"] == "hello"
        yield socket


async def test_a_ticket_opens_one_connection(client: AsyncWebClient):
    url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url):
            pass
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(url)


async def test_an_acknowledgement_may_carry_an_answer(client: AsyncWebClient, head: Person):
    async with line(client) as socket:
        asked = asyncio.create_task(head.command("/konto mina", "C0KOMM"))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        payload = envelope["payload"]
        assert (payload["command"], payload["text"], payload["user_id"]) == ("/konto", "mina", HEAD)
        assert payload["channel_name"] == "komm"
        await socket.send_json({"envelope_id": "another", "payload": {"text": "Fel"}})
        await socket.send_str("nonsense")
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Inga konton"}})
        answer = await asked
    assert (answer["ack"]["text"], answer["ack"]["ephemeral"]) == ("Inga konton", True)


async def test_an_answer_after_three_seconds_is_too_late(
    client: AsyncWebClient, head: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "ACK_SECONDS", 0.1)
    async with line(client) as socket:
        asked = asyncio.create_task(head.command("/konto mina", "C0KOMM"))
        envelope = await socket.receive_json()
        answer = await asked
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Sent"}})
    assert answer["error"] == '/konto failed with the error "operation_timeout"'
    assert await head.messages("C0KOMM") == []


def test_the_bot_has_three_seconds():
    assert delivery.ACK_SECONDS == 3.0


async def test_without_a_connection_the_person_is_told(head: Person):
    answer = await head.command("/konto mina", "C0KOMM")
    assert answer["error"] == '/konto failed with the error "dispatch_failed"'


async def test_a_connection_lost_before_the_answer_is_told(client: AsyncWebClient, head: Person):
    async with line(client) as socket:
        asked = asyncio.create_task(head.command("/konto mina", "C0KOMM"))
        await socket.receive_json()
    assert (await asked)["code"] == "dispatch_failed"


async def test_envelopes_are_shared_out_each_to_one_connection(client: AsyncWebClient, head: Person):
    async with line(client) as one, line(client) as other:
        asked = [asyncio.create_task(head.command(f"/konto {n}", "C0KOMM")) for n in range(6)]
        texts = []
        for socket in (one, other):
            for _ in range(3):
                envelope = await socket.receive_json()
                texts.append(envelope["payload"]["text"])
                await socket.send_json({"envelope_id": envelope["envelope_id"]})
        answers = await asyncio.gather(*asked)
    assert sorted(texts) == ["0", "1", "2", "3", "4", "5"]
    assert all(answer == {"ok": True, "ack": None} for answer in answers)


async def test_the_eleventh_connection_is_turned_away(client: AsyncWebClient):
    async with aiohttp.ClientSession() as session:
        taken = []
        for _ in range(11):
            url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
            taken.append(await session.ws_connect(url))
        told = [await socket.receive_json() for socket in taken]
    assert [one.get("num_connections") for one in told[:10]] == list(range(1, 11))
    assert told[10] == {"type": "disconnect", "reason": "too_many_websockets"}


@pytest.mark.parametrize("switch", ["socket_drop", "socket_refresh"])
async def test_bolt_comes_back_after_its_connection_ends(sandbox: Sandbox, head: Person, switch: str):
    app = bolt(sandbox)

    @app.command("/konto")
    async def answer(ack):
        await ack("Här")

    async with connected(app) as (handler,):
        old = handler.client.current_session
        await Admin(sandbox.base_url).faults(**{switch: True})

        async def renewed() -> bool:
            return handler.client.current_session is not old and sandbox.hub.sockets.connected

        await head.eventually(renewed)
        assert (await head.command("/konto", "C0KOMM"))["ack"]["text"] == "Här"


async def test_an_event_is_told_again_until_it_is_acknowledged(
    sandbox: Sandbox, client: AsyncWebClient, head: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "ACK_SECONDS", 0.05)
    sandbox.hub.delivery.retry_after_s = (0, 0.01, 0.02)
    async with line(client) as socket:
        await head.open_home()
        seen = [await socket.receive_json() for _ in range(3)]
        await socket.send_json({"envelope_id": seen[-1]["envelope_id"]})
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.2)
    assert [envelope["retry_attempt"] for envelope in seen] == [0, 1, 2]
    assert [envelope["retry_reason"] for envelope in seen] == ["", "http_timeout", "http_timeout"]
    assert len({envelope["payload"]["event_id"] for envelope in seen}) == 1
    assert len({envelope["envelope_id"] for envelope in seen}) == 3


def test_an_event_is_retried_at_once_after_a_minute_and_after_five():
    assert delivery.RETRY_AFTER_S == (0.0, 60.0, 300.0)


async def test_the_envelope_is_json_text(client: AsyncWebClient, head: Person):
    async with line(client) as socket:
        asked = asyncio.create_task(head.command("/konto å ä ö", "C0KOMM"))
        envelope = json.loads(await socket.receive_str())
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await asked
    assert envelope["payload"]["text"] == "å ä ö"
