"""Slack over HTTP: signed requests reach Bolt, forged ones do not."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.sandbox.server import Sandbox
from bot.settings import SettingsError
from tests.web.conftest import SIGNING, Open

Site = TestClient[web.Request, web.Application]
WHERE = "/slack/events"
COMMAND = urlencode(
    {
        "command": "/konto",
        "text": "mina å",
        "user_id": "U0NY",
        "team_id": "T0000000001",
        "trigger_id": "1.2",
        "response_url": "",
    }
).encode()
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on which database it is."""
    return sqlite_url


class Heard:
    """A Bolt app that remembers what reached it."""

    def __init__(self, slack: Sandbox) -> None:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
        self.app = AsyncApp(client=client, signing_secret=SIGNING)
        self.texts: list[str] = []

        @self.app.command("/konto")
        async def konto(ack: Any, body: dict[str, Any]) -> None:
            self.texts.append(body["text"])
            await ack("Hej")


@pytest.fixture
def heard(slack: Sandbox) -> Heard:
    return Heard(slack)


@pytest.fixture
async def site(open_site: Open, heard: Heard) -> Site:
    return await open_site(slack=heard.app, slack_signing_secret=SIGNING)


def signed(body: bytes, *, age: int = 0, secret: str = SIGNING, kind: str = FORM) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    mark = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={mark}",
        "Content-Type": kind,
    }


async def test_a_signed_command_reaches_its_listener(site: Site, heard: Heard) -> None:
    """And the listener's answer goes back in the response."""
    answer = await site.post(WHERE, data=COMMAND, headers=signed(COMMAND))
    assert (answer.status, await answer.text()) == (200, "Hej")
    assert heard.texts == ["mina å"]


async def test_slacks_challenge_is_echoed(site: Site) -> None:
    """Without it Slack does not take the address."""
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    answer = await site.post(WHERE, data=body, headers=signed(body, kind="application/json"))
    assert (answer.status, await answer.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(COMMAND, age=301),
        signed(COMMAND, secret="fel"),
        signed(COMMAND + b" "),
        signed(COMMAND) | {"X-Slack-Signature": "v0=å"},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "nyss"},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": ""},
    ],
    ids=["none", "old", "other secret", "other body", "not ascii", "no number", "empty"],
)
async def test_forged_or_old_signatures_are_refused_and_logged(
    site: Site, heard: Heard, headers: dict[str, str]
) -> None:
    """401, a line in the log, and no listener hears of it."""
    with capture_logs() as logs:
        answer = await site.post(WHERE, data=COMMAND, headers=headers)
    assert answer.status == 401
    assert [one["action"] for one in logs] == ["signature_refused"]
    await asyncio.sleep(0.05)
    assert heard.texts == []


async def test_nobody_gets_past_the_signature_by_asking_for_a_certificate_check(site: Site) -> None:
    """Bolt answers ssl_check unsigned; this app is not distributed and needs no such thing."""
    assert (await site.post(WHERE, data=b"ssl_check=1", headers={"Content-Type": FORM})).status == 401


@pytest.mark.parametrize("body", [b"payload=%7B", b"{", b"\xff", b"payload=" + b"[" * 200_000])
async def test_a_signed_but_malformed_payload_is_refused_plainly(site: Site, body: bytes) -> None:
    """400, not a failure of ours."""
    with capture_logs() as logs:
        answer = await site.post(WHERE, data=body, headers=signed(body))
    assert answer.status == 400
    assert [one["action"] for one in logs] == ["payload_malformed"]


async def test_in_socket_mode_there_is_no_such_door(open_site: Open) -> None:
    """Nothing is mounted that nobody uses."""
    site = await open_site()
    assert (await site.post(WHERE, data=COMMAND, headers=signed(COMMAND))).status == 404


async def test_without_a_signing_secret_http_mode_does_not_start(open_site: Open, heard: Heard) -> None:
    """An open door that checks nothing would be worse than none."""
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET"):
        await open_site(slack=heard.app)
