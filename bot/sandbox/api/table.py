"""The table of methods: who answers, which scope opens it, how often it may be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.api.args import Args
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier

JSON = dict[str, Any]
Handler = Callable[[Hub, Args], JSON]


@dataclass(frozen=True)
class Method:
    """One method. Any one of `scopes` opens it; `stores` marks those that leave something behind."""

    handler: Handler
    scopes: tuple[str, ...]
    tier: Tier
    stores: bool = False
    app_token: bool = False
    open: bool = False


class Table(dict[str, Method]):
    """Methods by name."""

    def method(
        self,
        name: str,
        tier: Tier,
        *scopes: str,
        stores: bool = False,
        app_token: bool = False,
        open: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Enter the decorated function under a method's name."""

        def enter(handler: Handler) -> Handler:
            self[name] = Method(handler, scopes, tier, stores, app_token, open)
            return handler

        return enter
