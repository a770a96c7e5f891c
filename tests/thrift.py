"""What every test would pay for anew though it is the same each time, and is paid for once a process.

Nothing is left out by it: the same code runs on what was prepared the first time.
"""

import functools
import signal
import ssl
from collections.abc import Callable
from typing import Any

import certifi

from bot.texts import Texts


def begin() -> None:
    """From now on."""
    _interrupts()
    _authorities()
    _catalogues()


def _interrupts() -> None:
    """Python's own handler under another name.

    asyncio puts its own in place of the usual one for every fixture and every test, and describes the
    finished task each time it takes it out again: the whole desk, with every setting, in words.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: signal.default_int_handler(number, frame))


def _authorities() -> None:
    """The world's certificate authorities are read once, not for every client of a loopback address."""
    read = ssl.create_default_context
    usual = functools.cache(lambda: read(cafile=certifi.where()))

    def create_default_context(*given: Any, **more: Any) -> ssl.SSLContext:
        return usual() if not given and more == {"cafile": certifi.where()} else read(*given, **more)

    ssl.create_default_context = create_default_context


def _catalogues() -> None:
    """The catalogues of the package are read once."""
    read: Callable[..., Texts] = Texts.load
    usual = functools.cache(lambda: read())
    Texts.load = staticmethod(lambda folder=None: read(folder) if folder else usual())  # type: ignore[method-assign]
