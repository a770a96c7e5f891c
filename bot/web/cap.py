"""A message as CAP 1.2 (OASIS, urn:oasis:names:tc:emergency:cap:1.2). The order of the elements is law."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from bot.crisis.standing import SEVERITIES, Standing
from bot.web.markup import moment, put

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
URGENCIES: Final = ("Immediate", "Expected", "Future", "Past", "Unknown")
CERTAINTIES: Final = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
CATEGORIES: Final = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE"),
    "Other",
)
# A municipality's message is not one of these, and must not be taken for one.
_VMA = re.compile(r"\bvma\b|viktigt meddelande", re.IGNORECASE)


@dataclass(frozen=True)
class Issuer:
    """Who sends: a name without spaces, one for people, where to ask, what an event is called that may not
    be named, and the municipality's code (four digits, or empty).
    """

    sender: str
    name: str
    contact: str
    event: str
    code: str = ""


def alert(issuer: Issuer, infos: list[Standing]) -> Element:
    """One message in one or more languages. ``infos`` are the same message, at least one."""
    one = infos[0]
    root = Element("alert", {"xmlns": NAMESPACE})
    put(root, "identifier", identifier(one, one.number) + ("-over" if one.over else ""))
    put(root, "sender", issuer.sender)
    put(root, "sent", moment(one.sent))
    put(root, "status", "Exercise" if one.drill else "Actual")
    put(root, "msgType", _kind(one))
    put(root, "scope", "Public")
    if _kind(one) != "Alert":
        put(root, "references", " ".join(references(issuer, one)))
    put(root, "incidents", f"kris-{one.incident}")
    for info in infos:
        _info(root, issuer, info)
    return root


def identifier(one: Standing, number: int) -> str:
    """The name of an incident's message; the day keeps it apart from those of an earlier database."""
    return f"kris-{moment(one.first_sent)[:10]}-{one.incident}-{number}"


def references(issuer: Issuer, one: Standing) -> list[str]:
    """The messages that this one replaces, as far as it is known when they were sent."""
    sent = one.earlier or (one.first_sent,)
    return [f"{issuer.sender},{identifier(one, number)},{moment(at)}" for number, at in enumerate(sent, 1)]


def _kind(one: Standing) -> str:
    if one.over:
        return "Cancel"
    return "Update" if one.number > 1 else "Alert"


def _info(root: Element, issuer: Issuer, one: Standing) -> None:
    info = put(root, "info")
    for name, value in _facts(issuer, one).items():
        if value:
            put(info, name, value)
    area = put(info, "area")
    put(area, "areaDesc", one.area or issuer.name)
    if issuer.code:
        geocode = put(area, "geocode")
        put(geocode, "valueName", "Kommun")
        put(geocode, "value", issuer.code)


def _facts(issuer: Issuer, one: Standing) -> Mapping[str, str]:
    """In the order of the schema; what is empty is left out."""
    return {
        "language": one.language,
        "category": _one_of(CATEGORIES, one.category),
        "event": one.event if one.event.strip() and not _VMA.search(one.event) else issuer.event,
        "responseType": "AllClear" if one.over else "",
        "urgency": "Past" if one.over else _one_of(URGENCIES, one.urgency),
        "severity": _one_of(SEVERITIES, one.severity),
        "certainty": _one_of(CERTAINTIES, one.certainty),
        "effective": moment(one.sent),
        "expires": moment(one.expires) if one.expires else "",
        "senderName": issuer.name,
        "headline": one.headline,
        "description": one.text,
        "instruction": one.advice,
        "web": one.link if urlsplit(one.link).scheme in ("http", "https") else "",
        "contact": issuer.contact,
    }


def _one_of(words: tuple[str, ...], word: str) -> str:
    """The word, or the one for what cannot be said, which stands last."""
    return word if word in words else words[-1]
