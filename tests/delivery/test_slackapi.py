"""The one door to Slack: every kind of answer becomes one kind of error."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.channels import scopes
from bot.channels.errors import (
    ChannelError,
    Gone,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    Unknown,
)
from bot.channels.slackapi import PATIENCE_S, SlackApi
from bot.sandbox.api.gate import methods
from bot.sandbox.seed import ChannelSeed, Seed
from bot.sandbox.server import Sandbox


class Odd:
    """A server that answers exactly as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = {"ok": True}
        self.status, self.headers, self.content_type = 200, dict[str, str](), "application/json"
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.hang_up = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.method == "POST" else None
        self.asked.append((request.method, request.match_info["method"], dict(request.query), body))
        if self.hang_up and request.transport is not None:
            request.transport.abort()
        answer = self.answer.pop(0) if isinstance(self.answer, list) else self.answer
        if not isinstance(answer, str):
            return web.json_response(answer, status=self.status, headers=self.headers)
        return web.Response(text=answer, status=self.status, headers=self.headers, content_type=self.content_type)


@pytest.fixture
async def odd() -> AsyncIterator[tuple[Odd, SlackApi]]:
    server = Odd()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api = SlackApi("xoxb-1", base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/api/", timeout_s=1)
    yield server, api
    await api.close()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("ratelimited", Throttled),
        ("rate_limited", Throttled),
        ("channel_not_found", Refused),
        ("not_in_channel", Refused),
        ("is_archived", Refused),
        ("restricted_action", Refused),
        ("restricted_action_read_only_channel", Refused),
        ("restricted_action_thread_locked", Refused),
        ("ekm_access_denied", Refused),
        ("msg_too_long", Refused),
        ("msg_blocks_too_long", Refused),
        ("invalid_blocks", Refused),
        ("no_text", Refused),
        ("too_many_attachments", Refused),
        ("message_limit_exceeded", Refused),
        ("metadata_too_large", Refused),
        ("messages_tab_disabled", Refused),
        ("slack_connect_canvas_sharing_blocked", Refused),
        ("team_not_found", Refused),
        ("missing_scope", Refused),
        ("cant_update_message", Refused),
        ("edit_window_closed", Refused),
        ("message_not_found", Gone),
        ("internal_error", Unknown),
        ("fatal_error", Unknown),
        ("service_unavailable", Unknown),
        ("request_timeout", Unknown),
        ("token_expired", TokenDead),
        ("token_revoked", TokenDead),
        ("account_inactive", TokenDead),
        ("invalid_auth", TokenDead),
        ("not_authed", TokenDead),
    ],
)
async def test_each_word_of_slack_has_its_type(
    odd: tuple[Odd, SlackApi], word: str, error: type[ChannelError]
) -> None:
    """Whatever may partly have been done is unknown; the rest surely was not."""
    server, api = odd
    server.answer = {"ok": False, "error": word}
    with pytest.raises(error) as caught:
        await api.call("chat.postMessage", channel="C1", text="x")
    assert type(caught.value) is error
    assert len(server.asked) == 1  # the SDK's own retries are off
    assert api.counts["chat.postMessage", error.__name__.lower()] == 1


@pytest.mark.parametrize(
    ("status", "answer", "content_type"),
    [
        (500, {"ok": False, "error": "internal_error"}, ""),
        (502, "<html>bad gateway</html>", "text/html"),
        (503, "try later", "text/plain"),
        (200, "not json at all", "application/json"),
        (200, "a gateway's page", "text/plain"),
        (200, "<html>", "text/html"),
        (404, "", "text/plain"),
    ],
)
async def test_an_answer_that_is_none_is_unknown(
    odd: tuple[Odd, SlackApi], status: int, answer: Any, content_type: str
) -> None:
    """A gateway in between, or Slack in trouble: the post may have been stored."""
    server, api = odd
    server.status, server.answer, server.content_type = status, answer, content_type
    with pytest.raises(Unknown):
        await api.call("chat.postMessage", channel="C1", text="x")


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("nonsense", PATIENCE_S), (None, PATIENCE_S)])
async def test_retry_after_is_read_from_its_header(
    odd: tuple[Odd, SlackApi], header: str | None, seconds: float
) -> None:
    """Without one that can be read the lane is patient."""
    server, api = odd
    server.status, server.answer = 429, {"ok": False, "error": "ratelimited"}
    server.headers = {"Retry-After": header} if header else {}
    with pytest.raises(Throttled) as caught:
        await api.call("chat.postMessage", channel="C1", text="x")
    assert caught.value.retry_after == seconds


async def test_throttling_without_json_is_throttling(odd: tuple[Odd, SlackApi]) -> None:
    """Slack's edge answers 429 as plain text at times."""
    server, api = odd
    server.status, server.answer, server.headers = 429, "slow down {", {"Retry-After": "3"}
    for kind in ("text/plain", "application/json", "text/html"):
        server.content_type = kind
        with pytest.raises(Throttled) as caught:
            await api.call("chat.postMessage", channel="C1", text="x")
        assert caught.value.retry_after == 3


async def test_a_dropped_connection_is_unknown_and_a_refused_one_is_not_sent(
    odd: tuple[Odd, SlackApi],
) -> None:
    """The difference decides whether to look first."""
    server, api = odd
    server.hang_up = True
    with pytest.raises(Unknown):
        await api.call("chat.postMessage", channel="C1", text="x")
    assert len(server.asked) == 1
    nobody = SlackApi("xoxb-1", base_url="http://127.0.0.1:1/api/")
    with pytest.raises(NotSent):
        await nobody.call("chat.postMessage", channel="C1", text="x")
    await nobody.close()


async def test_refusals_carry_what_mends_them(odd: tuple[Odd, SlackApi]) -> None:
    """The missing scope, or the place in the blocks."""
    server, api = odd
    server.answer = {"ok": False, "error": "missing_scope", "needed": "im:write", "provided": "chat:write"}
    with pytest.raises(Refused, match="missing_scope: im:write"):
        await api.call("conversations.open", users="U1")
    server.answer = {
        "ok": False,
        "error": "invalid_blocks",
        "response_metadata": {"messages": ["no more than 50 items [json-pointer:/blocks]"]},
    }
    with pytest.raises(Refused, match="json-pointer:/blocks"):
        await api.call("chat.postMessage", channel="C1", text="x")


async def test_a_method_without_a_line_in_the_table_is_not_called(odd: tuple[Odd, SlackApi]) -> None:
    """So the scopes asked for at installation can never be too few."""
    server, api = odd
    with pytest.raises(scopes.NotInTable):
        await api.call("files.delete", file="F1")
    assert server.asked == []


async def test_reads_are_queries_and_writes_are_json(odd: tuple[Odd, SlackApi]) -> None:
    """What is None is left out; truth is 1 in a query."""
    server, api = odd
    await api.call("conversations.history", channel="C1", inclusive=True, cursor=None)
    await api.call("chat.postMessage", channel="C1", blocks=[], thread_ts=None)
    assert server.asked == [
        ("GET", "conversations.history", {"channel": "C1", "inclusive": "1"}, None),
        ("POST", "chat.postMessage", {}, {"channel": "C1", "blocks": []}),
    ]


async def test_pages_go_on_through_an_empty_one(odd: tuple[Odd, SlackApi]) -> None:
    """Slack filters after it has cut the page: only the missing cursor is the end."""
    server, api = odd
    server.answer = [
        {"ok": True, "channels": [{"id": "C1"}], "response_metadata": {"next_cursor": "two"}},
        {"ok": True, "channels": [], "response_metadata": {"next_cursor": "three"}},
        {"ok": True, "channels": [{"id": "C2"}], "response_metadata": {"next_cursor": ""}},
    ]
    found = [one["id"] async for one in api.pages("conversations.list", "channels", exclude_archived=True)]
    assert found == ["C1", "C2"]
    assert [asked[2].get("cursor") for asked in server.asked] == [None, "two", "three"]


async def test_the_scopes_of_the_table_are_enough_for_every_method() -> None:
    """A workspace that grants exactly these lets each method of the table through its gate."""
    sandbox = Sandbox(Seed(channels=[ChannelSeed("C1", "one")], scopes=scopes.scopes()))
    await sandbox.start()
    sandbox.hub.limits.on = False
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    lacking = []
    for method in scopes.SCOPES:
        try:
            await api.call(method)
        except Refused as refused:
            if refused.reason in ("missing_scope", "unknown_method"):
                lacking.append((method, str(refused)))
    await api.close()
    await sandbox.stop()
    assert lacking == []
    assert set(scopes.SCOPES) <= set(methods())
