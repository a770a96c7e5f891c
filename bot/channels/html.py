"""Plain text as safe HTML: paragraphs, lists, clickable links. Pure; whatever people wrote stays text."""

import html
import itertools
import re
import textwrap
from collections.abc import Iterable
from typing import Final

from bot.channels.message import Message

LONGEST_HEADLINE: Final = 100  # characters, where the text must lend one
_ADDRESS: Final = re.compile(r"(?<![\w@/.])(?:https?://|www\.)[^\s<>\"“”»«]+", re.IGNORECASE)
_END_OF_SENTENCE: Final = ".,;:!?…'’*"
_PAIRS: Final = {")": "(", "]": "["}
_LINE: Final = re.compile(r"\r\n|[\r\n\u2028\u2029]")
_BULLET: Final = re.compile(r"\s*[-•*]\s+(?=\S)")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def escaped(text: str) -> str:
    """The text for use between tags or in a quoted attribute; control characters are dropped."""
    return html.escape(_CONTROL.sub("", text), quote=True)


def anchor(address: str, text: str = "") -> str:
    """A link; its text is the address as people say it when none is given.

    An address that is not http(s) becomes plain text, never a link.
    """
    shown = escaped(text or re.sub(r"^https?://", "", address, flags=re.IGNORECASE).rstrip("/"))
    target = f"https://{address}" if address.lower().startswith("www.") else address
    if not re.match(r"https?://[^\s/]", target, re.IGNORECASE):
        return shown
    return f'<a href="{escaped(target)}">{shown}</a>'


def linked(text: str) -> str:
    """The text on one line, with its web addresses clickable."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = _without_ending(found.group())
        pieces += [escaped(text[end : found.start()]), anchor(address, address)]
        end = found.start() + len(address)
    return "".join([*pieces, escaped(text[end:])])


def _without_ending(address: str) -> str:
    """Without what belongs to the sentence: a full stop, a bracket that was opened before the address."""
    while address[-1] in _END_OF_SENTENCE or (
        address[-1] in _PAIRS and address.count(address[-1]) > address.count(_PAIRS[address[-1]])
    ):
        address = address[:-1]
    return address


def paragraphs(text: str) -> str:
    """Blank lines part paragraphs, other line breaks are kept, lines with a dash or dot become a list."""
    lines = [line.rstrip() for line in _LINE.split(text)]
    parts = itertools.groupby(lines, key=bool)
    return "\n".join(_part(list(group)) for filled, group in parts if filled)


def _part(lines: list[str]) -> str:
    groups = itertools.groupby(lines, key=lambda line: bool(_BULLET.match(line)))
    return "\n".join(_list(group) if bullets else _paragraph(group) for bullets, group in groups)


def _paragraph(lines: Iterable[str]) -> str:
    return f"<p>{'<br>'.join(linked(line.strip()) for line in lines)}</p>"


def _list(lines: Iterable[str]) -> str:
    items = (linked(_BULLET.sub("", line, count=1)) for line in lines)
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def body(message: Message) -> str:
    """The message's text and, unless the text has it already, its link; no headline.

    Another language than Swedish is marked, so that a screen reader pronounces it as such.
    """
    text = paragraphs(message.text)
    if message.link and message.link not in message.text:
        text = f"{text}\n<p>{anchor(message.link)}</p>"
    if message.language.lower().split("-")[0] == "sv":
        return text
    return f'<div lang="{escaped(message.language)}">\n{text}\n</div>'


def headline(message: Message) -> str:
    """The title as plain text, on one line; for a message without one, the beginning of its text."""
    if message.title.strip():
        return " ".join(message.title.split())
    first = next((line for line in _LINE.split(message.text) if line.strip()), "")
    return textwrap.shorten(_BULLET.sub("", first, count=1), LONGEST_HEADLINE, placeholder=" …")
