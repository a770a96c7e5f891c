"""The demo's stage, part of the roof: the sandbox workspace and the desk in one process."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from rich.console import Console

from bot import app as roof
from bot.app import Kanalvakt
from bot.channels.settings import Keyring
from bot.delivery.settings import Settings as DeliverySettings
from bot.demo import kommentar, konto, kris, outside, town
from bot.manifest import manifest as slack_manifest
from bot.sandbox.forms import Surprise
from bot.sandbox.platforms import keeping
from bot.sandbox.server import Sandbox
from bot.schedule import TICK
from bot.settings import Environment, Settings

HOST = "127.0.0.1"
TOKEN, APP_TOKEN, SIGNING = "xoxb-sandbox", "xapp-sandbox", "sandbox"  # the sandbox's, no secrets
SCRIPT_TICK_S = 2.0
SCRIPTS: dict[str, type[konto.Play | kris.Play | kommentar.Play]] = {
    "konto": konto.Play,
    "kris": kris.Play,
    "kommentar": kommentar.Play,
}


@dataclass(frozen=True)
class Stage:
    """Where the demo keeps its things and where it listens; port 0 takes free ones."""

    folder: Path
    port: int = 0
    database_url: str | None = None
    http: bool = False
    tuning: DeliverySettings | None = None  # tests hurry
    outside: bool = True  # local platforms beside the workspace
    tick_s: float = TICK.total_seconds()  # a script hurries


def environment(stage: Stage, api_url: str, port: int) -> Environment:
    """The environment of a desk that lives in the sandbox; nothing of the machine's own is read."""
    given = {
        "slack_bot_token": TOKEN,
        "slack_signing_secret": SIGNING,
        "slack_api_url": api_url,
        "database_url": stage.database_url or f"sqlite:///{stage.folder / 'kanalvakt.db'}",
        "host": HOST,
        "port": port,
        "public_url": f"http://{HOST}:{port}",
        "log_key": _key(stage.folder),
        "etjanst_secret": "demo",
    }
    if not stage.http:
        given["slack_app_token"] = APP_TOKEN
    return Environment(**given)  # type: ignore[arg-type]


def _key(folder: Path) -> str:
    """The log's key stays with the demo's data."""
    file = folder / "log.key"
    if not file.exists() or not file.read_text():  # empty: killed in between
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text().strip()


@asynccontextmanager
async def set_up(stage: Stage) -> AsyncIterator[tuple[Sandbox, Kanalvakt]]:
    """Sandbox and desk, up and talking; both are taken down at the end, whatever happened."""
    stage.folder.mkdir(parents=True, exist_ok=True)
    platforms = outside.platforms() if stage.outside else []
    keeping.keep(platforms, stage.folder / "outside")
    outside.furnish(platforms)
    port = stage.port + 1 if stage.port else free_port()
    sandbox = Sandbox(
        town.workspace(),
        state_file=stage.folder / "workspace.jsonl",
        signing_secret=SIGNING,
        bot_token=TOKEN,
        app_token=APP_TOKEN,
        bot_url=f"http://{HOST}:{port}/slack/events" if stage.http else None,
        platforms=platforms,
    )
    await sandbox.start(HOST, stage.port)
    desk = roof.build(
        Settings.model_validate(_settings(sandbox)),
        environment(stage, sandbox.api_url, port),
        tuning=stage.tuning,
        keyring=Keyring(outside.KEYS),
    )
    try:
        desk.schedule.every = timedelta(seconds=stage.tick_s)
        await _install(sandbox, manifest_of(desk, socket_mode=not stage.http))
        await desk.start()
        outside.listen(sandbox.platforms, desk.desk.public_url)
        yield sandbox, desk
    finally:
        await desk.stop()
        await sandbox.stop()


def _settings(sandbox: Sandbox) -> dict[str, Any]:
    """The town's file, with channels to the local platforms that stand beside the workspace."""
    if not sandbox.platforms:
        return town.settings()
    channels = outside.channels(sandbox.platforms)
    return {**town.settings(), "channels": channels, "crisis": outside.crisis(), "comments": {"poll_s": 10}}


async def _install(sandbox: Sandbox, manifest: dict[str, Any]) -> None:
    """Install the app in the workspace, as an administrator would."""
    async with httpx.AsyncClient() as admin:
        answer = await admin.put(f"{sandbox.base_url}/door/manifest", json=manifest)
        answer.raise_for_status()


def manifest_of(desk: Kanalvakt, *, socket_mode: bool) -> dict[str, Any]:
    """The manifest of what is registered."""
    url = f"{desk.desk.public_url}/slack/events"
    return slack_manifest(desk.boundary, desk.words, socket_mode=socket_mode, request_url=url)


def manifest(*, socket_mode: bool, public_url: str) -> dict[str, Any]:
    """The manifest for a real workspace. Nothing is opened for it."""
    known = Environment(
        slack_bot_token=SecretStr(TOKEN),
        slack_signing_secret=SecretStr(SIGNING),
        log_key=SecretStr(secrets.token_hex(32)),
        database_url=SecretStr("sqlite:///unused.db"),
        host=HOST,
        port=0,
        public_url=public_url or f"http://{HOST}",
    )
    desk = roof.build(Settings.model_validate(town.settings()), known)
    return manifest_of(desk, socket_mode=socket_mode)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def show(stage: Stage, console: Console, stop: asyncio.Event) -> None:
    """Open the demo for people until ``stop``; says where to click."""
    async with set_up(stage) as (sandbox, desk):
        outside.open_day(sandbox.platforms)
        console.print(
            "\n[bold]Kanalvakt är igång.[/bold] Allt sker på den här datorn, inget skickas någonstans.\n\n"
            f"  1. Öppna arbetsytan:   {sandbox.base_url}\n"
            "  2. Välj [bold]Bibliotekarie[/bold] uppe till vänster och skriv  /konto ansök\n"
            "  3. Byt till [bold]Enhetschef biblioteket[/bold] och godkänn i direktmeddelandet\n"
            "  4. Byt till [bold]Kommunikatör sociala medier[/bold] och godkänn i tråden i #kommunikation\n"
            f"  5. Se förteckningen:   {desk.desk.public_url}/register\n\n"
            "  Kris: välj [bold]Kommunikatör sociala medier[/bold], skriv  /kris start  och låt\n"
            "  [bold]Kommunikationschef[/bold] granska. Det som publiceras syns här:\n"
            f"     invånarnas kanaler   {sandbox.base_url}/street\n"
            f"     skylten vid infarten {desk.desk.public_url}/skylt/skylt-norr\n"
            f"     flödena              {desk.desk.public_url}/feeds/kris.atom\n\n"
            f"  Kommentarer: skriv som invånare under ett inlägg på {sandbox.base_url}/platform/facebook/wall\n"
            "  och svara i tråden i #kommunikation, eller med  /kommentar kö\n"
            "  Dagens läge: /komm idag  och  /komm mina.  Månadens rapport: /komm rapport\n\n"
            "Avsluta med Ctrl-C.\n"
        )
        await stop.wait()
    console.print("Kanalvakt är avslutad.")


async def play(stage: Stage, script: str, console: Console) -> None:
    """Play a script through the workspace's doors. Raises Surprise when something did not happen."""
    if script not in SCRIPTS:
        raise Surprise(f"there is no script {script!r}; there is: {', '.join(SCRIPTS)}")

    def say(who: str, words: str) -> None:
        console.print(f"[bold]{who}[/bold]")
        for line in words.split("\n"):
            console.print(f"    {line}", markup=False)

    async with set_up(replace(stage, tick_s=SCRIPT_TICK_S)) as (sandbox, desk):
        await SCRIPTS[script](sandbox.base_url, desk.desk.public_url, say).run()
    console.print("\nAllt som skulle hända har hänt.", style="bold green")
