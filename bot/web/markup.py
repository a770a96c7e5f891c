"""XML that is always well-formed, whatever people wrote."""

import re
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.clock import ZONE

# What XML 1.0 cannot hold, however it is written.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def put(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add a child with this text, last."""
    child = SubElement(parent, name, {key: _FORBIDDEN.sub("", value) for key, value in attributes.items()})
    child.text = _FORBIDDEN.sub("", text) or None
    return child


def document(root: Element) -> bytes:
    """The whole document in UTF-8, with its declaration."""
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def moment(t: datetime) -> str:
    """ "2026-11-23T10:00:00+01:00": Stockholm, whole seconds, never "Z". ``t`` is aware."""
    return t.astimezone(ZONE).isoformat(timespec="seconds")
