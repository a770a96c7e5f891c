"""A town in a process of its own: the Slack workspace and every local platform beside it.

Run as ``python -m tests.faults.crisis_town SEED [--state FILE]``; says in one line of JSON where it listens
and which channels lead to its platforms.
"""

import argparse
import asyncio
import io
import json
import signal
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image

from bot.demo import outside
from bot.hosting import Host
from bot.sandbox.platforms import receiver
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox

HOST = "127.0.0.1"
COUNCIL, CINEMA = "lansstyrelsen", "biografen"


async def serve(seed: Path, state: Path | None) -> None:
    """Until told to stop."""
    platforms = [*outside.platforms(), receiver.Receiver(COUNCIL), receiver.Receiver(CINEMA)]
    sandbox = Sandbox(Seed.load(seed), state_file=state, platforms=platforms)
    url = await sandbox.start()
    gallery = await _gallery()
    channels = [*outside.channels(sandbox.platforms), *_receivers(url)]
    told = {"url": url, "public_url": f"http://{HOST}:{gallery.address[1]}", "channels": channels}
    print(json.dumps(told), flush=True)
    done = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, done.set)
    await done.wait()
    await gallery.close()
    await sandbox.stop()


def _receivers(url: str) -> list[dict[str, Any]]:
    """One that promises to do the same webhook once, and one that promises nothing."""
    common = {"platform": "webhook", "token_env": "INTRANAT_SECRET"}
    return [
        {"key": COUNCIL, "name": "Länsstyrelsen", "idempotent": True, **_at(url, COUNCIL), **common},
        {"key": CINEMA, "name": "Biografens skylt", **_at(url, CINEMA), **common},
    ]


def _at(url: str, name: str) -> dict[str, str]:
    return {"api_url": f"{url}/platform/{name}{receiver.PATH}"}


async def _gallery() -> Host:
    """Serves a picture where the desk would: it must be there while the desk is dead."""
    file = io.BytesIO()
    Image.new("RGB", (1080, 1080), "#444444").save(file, "JPEG")

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=file.getvalue(), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/kris/bild/{name}", picture)
    host = Host(app, shutdown_s=1)
    await host.open(HOST, 0)
    return host


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=Path)
    parser.add_argument("--state", type=Path)
    given = parser.parse_args()
    asyncio.run(serve(given.seed, given.state))
