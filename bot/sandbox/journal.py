"""State that outlives the process: one JSON line per changed record, the last line of a key wins."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Key = tuple[str, str]


class Journal:
    """An append-only file of records.

    Each line is written with one unbuffered system call, so a killed process loses nothing it had
    answered for; a line torn by the kill is cut off at the next opening.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None

    def open(self) -> dict[Key, Any]:
        """Return the newest value of every record, rewrite the file without the older ones."""
        if self._path is None:
            return {}
        records = dict(_read(self._path)) if self._path.exists() else {}
        records = {key: value for key, value in records.items() if value is not None}
        _rewrite(self._path, records)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        return records

    def put(self, kind: str, key: str, value: Any) -> None:
        """Append a record; a value of None deletes it."""
        if self._file is not None:
            os.write(self._file, _line(kind, key, value))

    def close(self) -> None:
        """Close the file; later puts are ignored."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _line(kind: str, key: str, value: Any) -> bytes:
    return json.dumps([kind, key, value], separators=(",", ":")).encode() + b"\n"


def _read(path: Path) -> Iterator[tuple[Key, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return
            try:
                kind, key, value = json.loads(line)
            except ValueError:
                return
            yield (kind, key), value


def _rewrite(path: Path, records: dict[Key, Any]) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as out:
        for (kind, key), value in records.items():
            out.write(_line(kind, key, value))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
