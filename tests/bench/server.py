"""A server under load, in a process of its own: the desk, or a bare Bolt listener as its ceiling.

`python -m tests.bench.server ours|bare|quick PORT SINK_URL FOLDER`
"""

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import app as roof
from bot.accounts import applying, drafts
from bot.settings import Environment, Settings
from storage import facts, migrate
from storage.engine import Database
from tests import town
from tests.bench.load import SECRET, TEAM

HOST = "127.0.0.1"


async def bare(port: int, sink: str, *, quick: bool = False) -> None:
    """Bolt, one listener, one acknowledgement; ``quick``: without Bolt's wait of up to 10 ms for it."""
    client = AsyncWebClient("xoxb-bench", base_url=f"{sink}/api/", retry_handlers=[])
    bolt = AsyncApp(client=client, signing_secret=SECRET, process_before_response=quick)

    @bolt.command("/konto")
    async def konto(ack: AsyncAck) -> None:
        await ack()

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    application = web.Application()
    application.router.add_post("/slack/events", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    await asyncio.Event().wait()


async def ours(port: int, sink: str, folder: Path) -> None:
    """The whole desk over HTTP, with something of the person's own in the database."""
    environment = Environment(
        slack_bot_token="xoxb-bench",
        slack_signing_secret=SECRET,
        slack_api_url=f"{sink}/api/",
        database_url=f"sqlite:///{folder / 'desk.db'}",
        host=HOST,
        port=port,
        public_url=f"http://{HOST}:{port}",
        log_key="k" * 64,
    )
    settings: Settings = town.settings()
    desk = roof.build(settings, environment)
    await migrate.upgrade(desk.db)
    await _something_of_ones_own(desk)
    await desk.start()
    await asyncio.Event().wait()


async def _something_of_ones_own(desk: roof.Kanalvakt) -> None:
    db: Database = desk.db
    units = await town.settle(db)
    now = desk.desk.now()
    async with db.write() as session:
        await facts.put(session, facts.SEEDED, True)
    for turn in range(3):
        form = town.form(units["Biblioteket"], name=f"Konto {turn}")
        await applying.submit(desk.desk, town.REQUESTER, form, now=now)
    await drafts.save(desk.desk, town.REQUESTER, drafts.new_id(), 1, {"name": "Utkast"}, now=now)


def main() -> None:
    """Serve until killed."""
    which, port, sink, folder = sys.argv[1:5]
    if which in ("bare", "quick"):
        asyncio.run(bare(int(port), sink, quick=which == "quick"))
    else:
        asyncio.run(ours(int(port), sink, Path(folder)))


assert TEAM == town.TEAM

if __name__ == "__main__":
    main()
