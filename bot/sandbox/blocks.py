"""Block Kit as Slack checks it: which blocks, how many, how long, on which surface.

Lengths are counted in code points. Pointers begin at the payload: /blocks/0/text/text in a message,
/view/blocks/0/text/text in a view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bot.sandbox import elements
from bot.sandbox.elements import ID, IMAGE, plain, text
from bot.sandbox.problems import Problem
from bot.sandbox.rich_text import RICH_TEXT, TABLE
from bot.sandbox.rules import (
    JSON,
    Check,
    Report,
    anything,
    array,
    flag,
    objects,
    one_of,
    shape,
    string,
    typed,
)

IN_MESSAGE = 50
IN_VIEW = 100
TOTAL = 12_000
_BASE: dict[str, Check] = {"type": anything}
_NAME: dict[str, Check] = {"block_id": ID}


def _says_something(report: Report, pointer: str, value: JSON) -> None:
    if not value.get("text") and not value.get("fields"):
        report.add(pointer, "missing", "missing required field: text or fields")


def _one_picture(report: Report, pointer: str, value: JSON) -> None:
    picture = {name: value[name] for name in ("type", "alt_text", "image_url", "slack_file") if name in value}
    IMAGE(report, pointer, picture)


BLOCKS: dict[str, Check] = {
    "section": shape(
        _BASE,
        {
            **_NAME,
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": typed(elements.IN_SECTION),
            "expand": flag,
        },
        _says_something,
    ),
    "header": shape({**_BASE, "text": plain(150)}, _NAME),
    "divider": shape(_BASE, _NAME),
    "context": shape({**_BASE, "elements": array(typed(elements.IN_CONTEXT), 10)}, _NAME),
    "actions": shape({**_BASE, "elements": array(typed(elements.IN_ACTIONS), 25)}, _NAME),
    "input": shape(
        {**_BASE, "label": plain(2000), "element": typed(elements.IN_INPUT)},
        {**_NAME, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "image": shape(
        {**_BASE, "alt_text": string(2000)},
        {**_NAME, "title": plain(2000), "image_url": string(3000), "slack_file": elements.FILE},
        _one_picture,
    ),
    "rich_text": RICH_TEXT,
    "markdown": shape({**_BASE, "text": string(TOTAL)}, _NAME),
    "table": TABLE,
}
_VIEW_ONLY_NOT = {"markdown", "table"}
SURFACES: dict[str, Check] = {
    "message": typed(BLOCKS),
    "modal": typed({name: check for name, check in BLOCKS.items() if name not in _VIEW_ONLY_NOT}),
    "home": typed({name: check for name, check in BLOCKS.items() if name != "markdown"}),
}

_VIEW_FIELDS: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_MODAL = shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": anything},
    {**_VIEW_FIELDS, "submit": plain(24), "close": plain(24), "clear_on_close": flag, "notify_on_close": flag},
)
_HOME = shape({"type": one_of("home"), "blocks": anything}, _VIEW_FIELDS)


def check_message(payload: JSON) -> list[Problem]:
    """Return what Slack would refuse in a message's `blocks`; an absent list is fine."""
    blocks = payload.get("blocks")
    if blocks is None:
        return []
    report = Report("message")
    array(SURFACES["message"], IN_MESSAGE, 0)(report, "/blocks", blocks)
    if not report.problems:
        _ids(report, "/blocks", blocks)
        if sum(block["type"] == "table" for block in blocks) > 1:
            report.add("/blocks", "only_one_table_allowed", "only one table allowed")
        if length(blocks) > TOTAL:
            report.add("/blocks", "total", f"all texts together must be less than {TOTAL + 1} characters")
    return report.problems


def check_view(view: Any) -> list[Problem]:
    """Return what Slack would refuse in a view (a modal, or App Home)."""
    if not isinstance(view, dict):
        return [Problem("/view", "type", "must be an object")]
    surface = "home" if view.get("type") == "home" else "modal"
    report = Report(surface)
    (_HOME if surface == "home" else _MODAL)(report, "/view", view)
    array(SURFACES[surface], IN_VIEW)(report, "/view/blocks", view.get("blocks", []))
    if not report.problems:
        _whole_view(report, view)
    return report.problems


def _whole_view(report: Report, view: JSON) -> None:
    blocks = view["blocks"]
    _ids(report, "/view/blocks", blocks)
    if view["type"] == "modal" and not view.get("submit") and any(b["type"] == "input" for b in blocks):
        report.add("/view", "submit", "a modal with input blocks needs submit")
    focused = [place for place, part in objects(blocks, "/view/blocks") if part.get("focus_on_load")]
    for place in focused[1:]:
        report.add(f"{place}/focus_on_load", "focus", "only one element may have the focus")


def check_options(body: Any) -> list[Problem]:
    """Return what Slack would refuse in the answer to block_suggestion."""
    report = Report("options")
    elements.suggestions(report, body)
    return report.problems


def length(blocks: Any) -> int:
    """Return the code points of every text in some blocks."""
    return sum(len(part["text"]) for _, part in objects(blocks) if isinstance(part.get("text"), str))


def _ids(report: Report, pointer: str, blocks: list[JSON]) -> None:
    """block_id is unique in the payload, action_id in its block."""
    for name in _repeated(block.get("block_id") for block in blocks):
        places = [index for index, block in enumerate(blocks) if block.get("block_id") == name]
        for index in places[1:]:
            report.add(f"{pointer}/{index}/block_id", "duplicate", f"duplicate block_id: {name}")
    for index, block in enumerate(blocks):
        if block["type"] == "actions":
            _action_ids(report, f"{pointer}/{index}/elements", block["elements"])


def _action_ids(report: Report, pointer: str, found: list[JSON]) -> None:
    seen: set[str] = set()
    for index, element in enumerate(found):
        name = element.get("action_id")
        if name and name in seen:
            report.add(f"{pointer}/{index}/action_id", "duplicate", f"duplicate action_id: {name}")
        seen.add(name or "")


def _repeated(names: Iterable[str | None]) -> list[str]:
    return [name for name, times in Counter(names).items() if name and times > 1]
