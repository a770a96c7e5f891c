"""A server under load, in a process of its own: the desk, or what it is measured against.

`python -m tests.bench.server ours|bare|quick|hook|core PORT SINK_URL FOLDER`
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Column, Integer, MetaData, Table, Text

from bot import app as roof
from bot.accounts import applying, drafts
from bot.channels.facebook import FacebookSettings
from bot.channels.settings import Keyring
from bot.hosting import Host
from bot.settings import Environment
from storage import facts, migrate
from storage.engine import Database
from tests import town
from tests.bench.load import HOST, SECRET, SHUTDOWN_S, TEAM

HOOKS, PAGE = "/webhooks/facebook", "104"


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
    await _serve(application, port)


async def _serve(application: web.Application, port: int) -> None:
    host = Host(application, shutdown_s=SHUTDOWN_S)
    await host.open(HOST, port)
    await asyncio.Event().wait()


async def ours(port: int, sink: str, folder: Path) -> None:
    """The whole desk over HTTP, with something of the person's own in the database."""
    desk = roof.build(town.settings(), _environment(port, sink, folder, "ours"))
    await migrate.upgrade(desk.db)
    await _something_of_ones_own(desk)
    await desk.start()
    await asyncio.Event().wait()


async def hook(port: int, sink: str, folder: Path) -> None:
    """The whole desk with a Facebook Page, whose webhooks it takes and works off."""
    settings = town.settings().model_copy(update={"channels": (FacebookSettings.model_validate(_page(sink)),)})
    environment = _environment(port, sink, folder, "hook")
    desk = roof.build(settings, environment, keyring=Keyring({"TOKEN": "page", "APP_SECRET": SECRET}))
    await migrate.upgrade(desk.db)
    await town.settle(desk.db)
    async with desk.db.write() as session:
        await facts.put(session, facts.SEEDED, True)
    await desk.start()
    await asyncio.Event().wait()


def _page(sink: str) -> dict[str, Any]:
    secrets = {"token_env": "TOKEN", "app_secret_env": "APP_SECRET"}
    return {"key": "facebook", "name": "Facebook", "api_url": sink, "page_id": PAGE, **secrets}


async def core(port: int, folder: Path) -> None:
    """The same web server and engine; one committed Core insert for each request, nothing else."""
    db = Database(address(str(folder), "core"))
    table = Table("kept", MetaData(), Column("id", Integer, primary_key=True), Column("body", Text))
    async with db.engine.begin() as connection:
        await connection.run_sync(table.create)

    async def take(request: web.Request) -> web.Response:
        raw = await request.read()
        async with db.write() as session:
            await (await session.connection()).execute(table.insert(), {"body": raw.decode()})
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_post(HOOKS, take)
    await _serve(application, port)


def address(folder: str, which: str) -> str:
    """A server's database."""
    return f"sqlite:///{Path(folder) / which}.db"


def _environment(port: int, sink: str, folder: Path, which: str) -> Environment:
    return Environment(
        slack_bot_token="xoxb-bench",
        slack_signing_secret=SECRET,
        slack_api_url=f"{sink}/api/",
        database_url=address(str(folder), which),
        host=HOST,
        port=port,
        public_url=f"http://{HOST}:{port}",
        log_key="k" * 64,
    )


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
    at = int(port)
    serve = {
        "bare": lambda: bare(at, sink),
        "quick": lambda: bare(at, sink, quick=True),
        "ours": lambda: ours(at, sink, Path(folder)),
        "hook": lambda: hook(at, sink, Path(folder)),
        "core": lambda: core(at, Path(folder)),
    }
    asyncio.run(serve[which]())


assert TEAM == town.TEAM

if __name__ == "__main__":
    main()
