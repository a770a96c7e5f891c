"""Small makers of Block Kit pieces. People's text goes in escaped and verbatim, never parsed."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.channels.message import Message
from bot.texts import Speak

Block = dict[str, Any]
SECTION, BUTTON, TITLE, TOTAL, BLOCKS, TEXT = 3000, 75, 24, 11_500, 50, 3900


class Raw(str):
    """Text that is markup already: a mention, a link. Never made of people's text."""


def esc(text: str) -> str:
    """People's text for a mrkdwn place: Slack's three characters, once."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unesc(text: str) -> str:
    """People's words as they typed them, of a message that Slack gave us."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def say(t: Speak, key: str, **values: Any) -> str:
    """A text of ours with people's words in it, escaped."""
    return t(key, **{name: _safe(t, value) for name, value in values.items()})


def _safe(t: Speak, value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    return esc(t.number(value) if isinstance(value, int | float) else str(value))


def mention(*ids: str) -> Raw:
    """Mentions that notify."""
    return Raw(" ".join(f"<@{one}>" for one in ids))


def link(url: str, text: str) -> Raw:
    """A link with a name."""
    return Raw(f"<{esc(url)}|{esc(text).replace('|', '¦')}>")


def address(url: str) -> Raw:
    """A link that shows where it leads."""
    return Raw(f"<{esc(url)}>") if url else Raw("")


def cut(text: str, limit: int) -> str:
    """The text within a limit, an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = SECTION) -> Block:
    """Plain text; nothing in it is parsed."""
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": False}


def mrkdwn(text: str) -> Block:
    """Our markup; #words and @words in it stay words."""
    return {"type": "mrkdwn", "text": cut(text, SECTION) or " ", "verbatim": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return {**block, "accessory": accessory} if accessory else block


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def pair(label: str, text: str) -> str:
    """A label in bold and people's text under it."""
    return f"*{esc(label)}*\n{esc(text)}"


def button(
    text: str, action_id: str, value: dict[str, Any], *, style: str = "", confirm: Block | None = None
) -> Block:
    """A button; ``value`` is what the click brings back."""
    made: Block = {
        "type": "button",
        "text": plain(text, BUTTON),
        "action_id": action_id,
        "value": json.dumps(value, separators=(",", ":")),
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def overflow(action_id: str, choices: Iterable[tuple[str, dict[str, Any]]]) -> Block:
    """A menu of what is seldom done; each choice with what it brings back."""
    options = [
        {"text": plain(text, BUTTON), "value": json.dumps(value, separators=(",", ":"))} for text, value in choices
    ]
    return {"type": "overflow", "action_id": action_id, "options": options}


def confirm(title: str, text: str, yes: str, no: str, *, style: str = "primary") -> Block:
    """Ask once before the click counts."""
    return {
        "style": style,
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def actions(block_id: str, buttons: Iterable[Block | None]) -> list[Block]:
    """A row of those buttons that show; no row without buttons."""
    shown = [one for one in buttons if one]
    return [{"type": "actions", "block_id": block_id, "elements": shown}] if shown else []


def message(blocks: Sequence[Block], *lines: str) -> Message:
    """A message within Slack's limits; ``lines`` are its full plain text for screen readers."""
    return Message(cut("\n".join(line for line in lines if line), TEXT), fit(blocks))


def fit(blocks: Sequence[Block], most: int = BLOCKS) -> list[Block]:
    """As many blocks as Slack takes in one message. Buttons are never the ones left out."""
    kept, size = [], sum(_size(one) for one in blocks if one["type"] == "actions")
    for block in blocks:
        size += 0 if block["type"] == "actions" else _size(block)
        if block["type"] == "actions" or size <= TOTAL:
            kept.append(block)
    return kept[:most]


def _size(block: Block) -> int:
    return len(json.dumps(block, ensure_ascii=False))
