"""`python -m bot.sandbox`: the workspace on its own, so that a bot can die without it."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, required=True, help="JSON file with people and channels")
    parser.add_argument("--state", type=Path, help="file that keeps everything over restarts")
    parser.add_argument("--bot-url", help="tell the bot over signed HTTP here; default: Socket Mode")
    parser.add_argument("--signing-secret", default="sandbox")
    return parser.parse_args()


async def _serve(chosen: argparse.Namespace) -> None:
    sandbox = Sandbox(
        Seed.load(chosen.seed),
        state_file=chosen.state,
        signing_secret=chosen.signing_secret,
        bot_url=chosen.bot_url,
    )
    url = await sandbox.start(chosen.host, chosen.port)
    print(url, flush=True)  # noqa: T201 (the one line that whoever started it waits for)
    done = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, done.set)
    await done.wait()
    await sandbox.stop()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
