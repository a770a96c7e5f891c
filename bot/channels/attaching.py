"""A picture beside a text, on platforms that take one: worth a try, never worth the text."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from bot.channels.errors import ChannelError
from bot.channels.picture import NoFont, NotPicturable

Source = Callable[[str], Awaitable[bytes | None]]  # a message's ``image`` → its bytes; None when there is none
SHARE: Final = 0.5  # of the time a request may take; the rest is the text's
T = TypeVar("T")
log = structlog.get_logger(__name__)


async def nothing(image: str) -> bytes | None:
    """There are no pictures."""
    return None


async def tried(upload: Awaitable[T | None], channel: str, timeout_s: float) -> T | None:
    """What uploading a picture gave; None when it did not work, or not in its share of ``timeout_s``."""
    try:
        async with asyncio.timeout(timeout_s * SHARE):
            return await upload
    except (ChannelError, TimeoutError, NotPicturable, NoFont) as error:
        log.warning("without its picture", action="picture_left_out", channel=channel, error=type(error).__name__)
        return None
