"""What the local platforms show is kept in a folder: after a restart, also by force, they stand as they stood."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import structlog

from bot.sandbox.platforms.base import Platform

log = structlog.get_logger(__name__)


def keep(platforms: Iterable[Platform], folder: Path) -> None:
    """Give each platform what it had, and write it down from now on before it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    for platform in platforms:
        file = folder / f"{platform.name}.json"
        if file.exists():
            _recall(platform, file)
        platform.changed = partial(_write, platform, file)


def _recall(platform: Platform, file: Path) -> None:
    """What another version wrote is not worth a demo that does not start: it begins anew."""
    empty = platform.kept()
    try:
        platform.restore(json.loads(file.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as odd:
        log.warning("platform begins anew", action="platform_anew", platform=platform.name, error=repr(odd))
        platform.restore(empty)


def _write(platform: Platform, file: Path) -> None:
    """Whole and at once: whoever is killed in between leaves the older file."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(platform.kept(), ensure_ascii=False), "utf-8")
    fresh.replace(file)
