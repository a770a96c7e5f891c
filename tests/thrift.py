"""What every test would pay for anew though it is the same each time, and is paid for once a process.

Nothing is left out by it: the same code runs on what was prepared the first time.
"""

import functools
import gc
import signal
import ssl
from collections.abc import Callable
from typing import Any

import certifi
from sqlalchemy import URL, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.texts import Texts
from storage import engine as engines


def settle() -> None:
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def begin() -> None:
    """From now on."""
    _interrupts()
    _authorities()
    _catalogues()
    _statements()


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


def _statements() -> None:
    """Statements are compiled once, not for every test's engine, as in a desk that has been up for a while.

    SQLAlchemy's mappers also keep what they compiled for each dialect ever met: a heap that grows with every
    test, until a collection of its garbage keeps the loop for longer than a person at a form may wait.
    """
    known: dict[str, Engine] = {}

    def share(engine: Engine) -> None:
        first = known.get(engine.driver)
        if first is None:  # known once its dialect has met a database
            event.listen(engine, "connect", lambda *_: known.setdefault(engine.driver, engine))
        else:
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache

    engine, file_reader = engines._engine, engines._file_reader

    def shared_engine(url: URL, pool_size: int) -> AsyncEngine:
        made = engine(url, pool_size)
        share(made.sync_engine)
        return made

    def shared_file_reader(url: URL) -> Engine:
        made = file_reader(url)
        share(made)
        return made

    engines._engine, engines._file_reader = shared_engine, shared_file_reader
