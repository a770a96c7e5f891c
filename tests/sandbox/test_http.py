"""Signed HTTP: signatures, bodies, retries, the challenge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import http_delivery
from bot.sandbox.driver import Admin, Person
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, client_for, field, modal


class Ear:
    """An address that writes down what it hears and answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[web.BaseRequest, bytes]] = []
        self.answers: list[web.Response] = []
        self.app: AsyncApp | None = None
        self.url = ""

    async def listen(self, request: web.BaseRequest) -> web.StreamResponse:
        self.heard.append((request, await request.read()))
        if self.app is not None:
            answer = await self.app.async_dispatch(await to_bolt_request(request))
            return await to_aiohttp_response(answer)
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear = Ear()
    server = web.ServerRunner(web.Server(ear.listen))
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    ear.url = f"http://127.0.0.1:{server.addresses[0][1]}/slack/events"
    yield ear
    await server.cleanup()


@pytest.fixture
async def sandbox(seed: Seed, ear: Ear) -> AsyncIterator[Sandbox]:
    workspace = Sandbox(seed, signing_secret="hemligt", bot_url=ear.url)
    await workspace.start()
    workspace.hub.delivery.retry_after_s = (0, 0.01, 0.02)
    yield workspace
    await workspace.stop()


async def heard(ear: Ear, head: Person, count: int) -> None:
    await head.eventually(lambda: len(ear.heard) >= count)


async def test_a_command_is_a_signed_form(head: Person, ear: Ear):
    ear.answers = [web.json_response({"text": "Inga konton"})]
    answer = await head.command("/konto mina konton", "C0KOMM")
    request, body = ear.heard[0]
    assert SignatureVerifier("hemligt").is_valid_request(body, dict(request.headers))
    assert not SignatureVerifier("annat").is_valid_request(body, dict(request.headers))
    form = parse_qs(body.decode())
    assert (form["command"], form["text"], form["user_id"]) == (["/konto"], ["mina konton"], [HEAD])
    assert answer["ack"]["text"] == "Inga konton"


async def test_plain_text_is_an_answer_too(head: Person, ear: Ear):
    ear.answers = [web.Response(text="Inga konton")]
    assert (await head.command("/konto", "C0KOMM"))["ack"]["text"] == "Inga konton"


@pytest.mark.parametrize("status", [201, 401, 404, 500])
async def test_any_other_status_is_an_error_to_the_person(head: Person, ear: Ear, status: int):
    ear.answers = [web.Response(status=status)]
    assert (await head.command("/konto", "C0KOMM"))["code"] == "http_service_error"


async def test_a_slow_answer_is_an_error_to_the_person(head: Person, ear: Ear, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_delivery, "ACK_SECONDS", 0.0)
    assert (await head.command("/konto", "C0KOMM"))["code"] == "operation_timeout"


async def test_a_dead_bot_is_an_error_to_the_person(sandbox: Sandbox, seed: Seed):
    workspace = Sandbox(seed, signing_secret="hemligt", bot_url="http://127.0.0.1:9/slack/events")
    await workspace.start()
    try:
        person = Person(workspace.base_url, HEAD)
        assert (await person.command("/konto", "C0KOMM"))["code"] == "dispatch_failed"
        assert (await person.state())["bot"] == {
            "connected": False,
            "mode": "http",
            "user": "U0000000BOT",
            "name": "kanalvakt",
        }
    finally:
        await workspace.stop()


async def test_an_event_is_told_again_with_number_and_reason(head: Person, ear: Ear):
    ear.answers = [web.Response(status=500), web.Response(status=500), web.Response()]
    await head.open_home()
    await heard(ear, head, 3)
    told = [(r.headers.get("x-slack-retry-num"), r.headers.get("x-slack-retry-reason")) for r, _ in ear.heard]
    assert told == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({body for _, body in ear.heard}) == 1


async def test_a_bot_may_ask_not_to_be_told_again(head: Person, ear: Ear):
    ear.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]
    await head.open_home()
    await heard(ear, head, 1)
    await asyncio.sleep(0.1)
    assert len(ear.heard) == 1


async def test_an_event_is_given_up_after_three_retries(head: Person, ear: Ear):
    ear.answers = [web.Response(status=500) for _ in range(9)]
    await head.open_home()
    await heard(ear, head, 4)
    await asyncio.sleep(0.1)
    assert len(ear.heard) == 4


async def test_the_address_must_echo_a_challenge(sandbox: Sandbox, ear: Ear):
    admin, manifest = Admin(sandbox.base_url), {"display_information": {"name": "x"}}
    assert (await admin.install(manifest))["verified"] is False
    ear.app = AsyncApp(client=client_for(sandbox), signing_secret="hemligt")
    assert (await admin.install(manifest))["verified"] is True


async def test_bolt_answers_over_http_as_over_a_socket(sandbox: Sandbox, ear: Ear, head: Person):
    app = ear.app = AsyncApp(client=client_for(sandbox), signing_secret="hemligt")
    typed = {"type": "plain_text_input", "action_id": "text"}

    @app.command("/konto")
    async def open_form(ack, body, client):
        await ack()
        view = modal(field("Syfte", typed, block_id="purpose"), callback_id="apply")
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("apply")
    async def submitted(ack, view, client):
        await ack()
        said = view["state"]["values"]["purpose"]["text"]["value"]
        await client.chat_postMessage(channel="C0KOMM", text=said)

    assert (await head.command("/konto", "C0KOMM"))["ok"]
    view = await head.window("Ansökan")
    assert (await head.submit(view, {"Syfte": "Åäö & <b>"}))["result"] == "closed"
    await head.sees("Åäö & <b>", "C0KOMM")
