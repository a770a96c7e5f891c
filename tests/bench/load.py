"""An open loop of signed slash commands, and the sink that takes what the desk answers."""

import asyncio
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.hosting import Host

SECRET, TEAM, PERSON = "bench", "T1", "U0REQ"
HOST = "127.0.0.1"
SHUTDOWN_S = 60.0


@dataclass
class Sink:
    """Answers as Slack would, and counts the replies at response urls."""

    replies: int = 0
    host: Host | None = field(default=None)
    url: str = ""

    async def start(self) -> None:
        """Listen on a free port."""
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._api)
        application.router.add_post("/reply", self._reply)
        self.host = Host(application, shutdown_s=SHUTDOWN_S)
        await self.host.open(HOST, 0)
        self.url = f"http://{HOST}:{self.host.address[1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self.host:
            await self.host.close()

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body: dict[str, Any] = {"ok": True}
        if method == "auth.test":
            body |= {"team_id": TEAM, "user_id": "UBOT", "bot_id": "BBOT", "team": "x", "user": "x", "url": "x"}
        elif method == "chat.postMessage":
            body |= {"ts": f"{time.time():.6f}", "channel": "D0"}
        elif method == "conversations.open":
            body |= {"channel": {"id": "D0"}}
        elif method.startswith("users."):
            body = {"ok": False, "error": "users_not_found"}
        return web.json_response(body)

    async def _reply(self, _request: web.Request) -> web.Response:
        self.replies += 1
        return web.Response(text="ok")


class Caller:
    """Sends `/konto mina` as Slack does, signed."""

    def __init__(self, base: str, sink: str, session: aiohttp.ClientSession) -> None:
        self._url, self._sink, self._session = f"{base}/slack/events", sink, session
        self._signer = SignatureVerifier(SECRET)

    async def call(self, started: float | None = None) -> float:
        """One command; seconds from when it should have been sent to its acknowledgement."""
        body = urllib.parse.urlencode(
            {
                "command": "/konto",
                "text": "mina",
                "team_id": TEAM,
                "user_id": PERSON,
                "channel_id": "C1",
                "trigger_id": "1.2.3",
                "response_url": f"{self._sink}/reply",
                "api_app_id": "A1",
            }
        )
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": self._signer.generate_signature(timestamp=stamp, body=body) or "",
        }
        begin = started if started is not None else time.perf_counter()
        async with self._session.post(self._url, data=body, headers=headers) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"acknowledged with {response.status}")
        return time.perf_counter() - begin

    async def open_loop(self, rate: float, seconds: float) -> list[float]:
        """Commands at a fixed rate, whether or not earlier ones were answered; the times in order."""
        loop = asyncio.get_running_loop()
        begin = time.perf_counter() + 0.05
        tasks = []
        for number in range(int(rate * seconds)):
            at = begin + number / rate
            delay = at - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(delay)
            tasks.append(loop.create_task(self.call(at)))
        return sorted(await asyncio.gather(*tasks))

    async def burst(self, many: int) -> float:
        """That many at once; the slowest, in seconds."""
        return max(await asyncio.gather(*(self.call() for _ in range(many))))
