"""The parts of the sandbox in one hand; built by `server.Sandbox`, given to every method and door."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Faults
from bot.sandbox.feed import Feed
from bot.sandbox.limits import Limits
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.screens import Screens
from bot.sandbox.sockets import Sockets
from bot.sandbox.stamps import Clock
from bot.sandbox.triggers import Triggers
from bot.sandbox.workspace import Workspace


@dataclass
class Hub:
    """Everything a method or a door may need."""

    workspace: Workspace
    screens: Screens
    triggers: Triggers
    urls: ResponseUrls
    feed: Feed
    faults: Faults
    limits: Limits
    sockets: Sockets
    delivery: Delivery
    clock: Clock
    bot_token: str
    app_token: str
    base_url: str = ""
