"""Pictures that were uploaded to a local platform, and what residents' browsers load of them."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web


@dataclass
class Attached:
    """One upload. ``text`` is its alternative text where the vendor takes it with the file."""

    id: str
    kind: str
    body: bytes
    text: str = ""

    def shown(self) -> web.Response:
        """The file itself."""
        return web.Response(body=self.body, content_type=self.kind, headers={"Cache-Control": "max-age=3600"})

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"body": base64.b64encode(self.body).decode()}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Attached:
        """What `to_json` gave."""
        return cls(**said | {"body": base64.b64decode(said["body"])})


def dumped(files: dict[str, Attached]) -> list[dict[str, Any]]:
    """All of them, as JSON."""
    return [one.to_json() for one in files.values()]


def loaded(said: list[dict[str, Any]]) -> dict[str, Attached]:
    """All of them again, by id."""
    return {one["id"]: Attached.from_json(one) for one in said}
