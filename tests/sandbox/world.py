"""Parts the sandbox's tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox

HEAD, STAFF, GUEST, GONE, STRANGER = "U0HEAD", "U0STAFF", "U0GUEST", "U0GONE", "U0STRANGER"


class Clock:
    """Seconds since 1970 UTC, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


def client_for(sandbox: Sandbox, token: str = "xoxb-sandbox") -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=sandbox.api_url, timeout=10, retry_handlers=[])


def bolt(sandbox: Sandbox) -> AsyncApp:
    return AsyncApp(client=client_for(sandbox), signing_secret=sandbox.signing_secret)


@asynccontextmanager
async def connected(app: AsyncApp, connections: int = 1) -> AsyncIterator[list[AsyncSocketModeHandler]]:
    """Run an app over Socket Mode."""
    handlers = [AsyncSocketModeHandler(app, "xapp-sandbox") for _ in range(connections)]
    for handler in handlers:
        await handler.connect_async()
    try:
        yield handlers
    finally:
        for handler in handlers:
            await handler.close_async()


async def refusal(call) -> dict:
    """Return the body of a refused call."""
    try:
        answer = await call
    except SlackApiError as error:
        return error.response.data
    raise AssertionError(f"not refused: {answer.data}")


def text(words: str, kind: str = "plain_text") -> dict:
    return {"type": kind, "text": words}


def section(words: str, **more) -> dict:
    return {"type": "section", "text": text(words, "mrkdwn"), **more}


def button(words: str, action_id: str, value: str = "1", **more) -> dict:
    return {"type": "button", "text": text(words), "action_id": action_id, "value": value, **more}


def actions(*elements, **more) -> dict:
    return {"type": "actions", "elements": list(elements), **more}


def field(label: str, element: dict, **more) -> dict:
    return {"type": "input", "label": text(label), "element": element, **more}


def modal(*blocks, title: str = "Ansökan", submit: str | None = "Skicka", **more) -> dict:
    view = {"type": "modal", "title": text(title), "blocks": list(blocks), **more}
    return view | ({"submit": text(submit)} if submit else {})


def option(words: str, value: str) -> dict:
    return {"text": text(words), "value": value}
