"""Message content from any source: checked as Slack checks it, then given the ids Slack gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import blocks as block_kit
from bot.sandbox.errors import ApiError, invalid
from bot.sandbox.stamps import random_id

JSON = dict[str, Any]
TEXT_KEPT = 40_000
BLOCKS_TOTAL = 12_000
METADATA_BYTES = 16_000
_INTERACTIVE = {"actions", "section", "input"}


@dataclass
class Content:
    """What a message says. `blocks` None means that none were given."""

    text: str = ""
    blocks: list[JSON] | None = None
    attachments: list[JSON] = field(default_factory=list)
    metadata: JSON | None = None


def read(given: Mapping[str, Any]) -> Content:
    """Return the content of a message. Raises ApiError as chat.postMessage does."""
    text = str(given.get("text") or "")
    markdown = given.get("markdown_text")
    if markdown is not None:
        return _markdown(markdown, given)
    found = given.get("blocks")
    if not text and not found and not given.get("attachments"):
        raise ApiError("no_text")
    problems = block_kit.check_message({"blocks": found} if found is not None else {})
    if any(problem.rule == "total" for problem in problems):
        raise ApiError("msg_blocks_too_long")
    if problems:
        raise invalid("invalid_blocks", problems)
    blocks = stamp(found) if found is not None else None
    return Content(text[:TEXT_KEPT], blocks, given.get("attachments") or [], _metadata(given))


def _markdown(markdown: str, given: Mapping[str, Any]) -> Content:
    if given.get("text") or given.get("blocks"):
        raise ApiError("markdown_text_conflict")
    if len(markdown) > BLOCKS_TOTAL:
        raise ApiError("msg_too_long")
    return Content(markdown, None, [], _metadata(given))


def _metadata(given: Mapping[str, Any]) -> JSON | None:
    metadata = given.get("metadata")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if not metadata.get("event_type"):
        raise ApiError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return metadata


def stamp(blocks: list[JSON]) -> list[JSON]:
    """Give every block and every element the id that Slack makes up where the app gave none."""
    for block in blocks:
        block.setdefault("block_id", random_id("", 5))
        _stamp_elements(block)
    return blocks


def _stamp_elements(block: JSON) -> None:
    if block["type"] not in _INTERACTIVE:
        return
    single = [block[name] for name in ("element", "accessory") if isinstance(block.get(name), dict)]
    for element in [*single, *block.get("elements", [])]:
        if element["type"] != "image":
            element.setdefault("action_id", random_id("", 5))
