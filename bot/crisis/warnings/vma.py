"""Sveriges Radio's VMA API v3: CAP alerts as JSON, the first source of every VMA.

The whole list is asked for, not the part of our area: a Cancel has no area, and a list filtered by area
might leave it out. The list is short, and which codes are ours is decided here.
"""

from typing import Any, Final

from bot.crisis.warnings.found import (
    Found,
    Places,
    Reading,
    Unreadable,
    ident,
    instant,
    items,
    keyed,
    line,
    link,
    prose,
)
from bot.warning_settings import Warnings

SOURCE: Final = "vma"
COUNTRY: Final = frozenset({"00", "SE"})  # said in so many words; no area at all is not the whole country
ACTUAL: Final = "actual"
RANKS: Final = {"alert": 0, "update": 1, "cancel": 2}
HEADLINE: Final = 160


def address(chosen: Warnings) -> str:
    """Where the alerts are."""
    return f"{chosen.vma_api_url.rstrip('/')}/alerts"


def read(body: Any, places: Places, chosen: Warnings) -> Reading:
    """Every actual alert, oldest first. Tests and exercises are left out. Raises Unreadable."""
    alerts = keyed(body).get("alerts", ...)
    if not isinstance(alerts, list):
        raise Unreadable("no list of alerts")
    actual = [one for one in map(keyed, alerts) if not _known_as_other(one)]
    found = [_found(one, places) for one in actual]
    placed = [one for one in found if one is not None]
    homeless = sum(one.here is None and not (one.cancelled or one.update) for one in placed)
    return Reading(tuple(sorted(placed, key=order)), len(found) - len(placed) + homeless)


def order(one: Found) -> tuple[str, bool, bool]:
    """By the sender's clock; of the same second, the end comes last."""
    return (one.sent.isoformat() if one.sent else "", one.update, one.cancelled)


def _known_as_other(alert: dict[str, Any]) -> bool:
    """Test, Exercise, System, Draft. An entry without status is odd, not harmless."""
    return line(alert.get("status")).lower() not in (ACTUAL, "")


def _found(alert: dict[str, Any], places: Places) -> Found | None:
    number, kind = ident(alert.get("identifier")), line(alert.get("msgtype")).lower()
    if not number or kind not in RANKS or not line(alert.get("status")):
        return None
    referred = references(alert.get("references"))
    info = chosen_language([keyed(one) for one in items(alert.get("info"))])
    areas = [keyed(one) for one in items(info.get("area"))]
    return Found(
        source=SOURCE,
        ident=number,
        version=number,
        names=tuple(dict.fromkeys((number, *referred))),
        incident=ident(alert.get("incidents")),
        status=line(alert.get("status")),
        sent=instant(alert.get("sent")),
        cancelled=kind == "cancel",
        update=kind == "update",
        areas=tuple(filter(None, (line(one.get("areadesc")) for one in areas))),
        here=_here([code for one in areas for code in codes(one)], places),
        **_said(info),
    )


def _said(info: dict[str, Any]) -> dict[str, Any]:
    text = "\n\n".join(filter(None, (prose(info.get("description")), prose(info.get("instruction")))))
    event = line(info.get("event"))
    return {
        "event": event,
        "headline": line(info.get("headline"), HEADLINE) or line(text.partition("\n")[0], HEADLINE) or event,
        "text": text,
        "level": line(info.get("severity")).upper(),
        "expires": instant(info.get("expires")),
        "link": link(info.get("web")),
    }


def references(value: Any) -> list[str]:
    """The numbers referred to. Each reference is "sender,number,sent"; the sent there is not trusted."""
    parts = [one.split(",") for one in line(value, 2000).split()]
    return [ident(one[1] if len(one) > 1 else one[0]) for one in parts if any(one)]


def codes(area: dict[str, Any]) -> list[str]:
    """The area's codes, with the zeros that numbers lose."""
    found = [line(keyed(one).get("value")).upper() for one in items(area.get("geocode"))]
    return [f"0{code}" if code.isdecimal() and len(code) in (1, 3) else code for code in found if code]


def _here(stated: list[str], places: Places) -> bool | None:
    ours = {places.municipality, places.county, *COUNTRY}
    return None if not stated else not ours.isdisjoint(stated)


def chosen_language(infos: list[dict[str, Any]]) -> dict[str, Any]:
    """The Swedish block; else the English one, else the first; {} where a Cancel has none."""
    for wanted in ("sv", "en"):
        for one in infos:
            if line(one.get("language")).lower().startswith(wanted):
                return one
    return infos[0] if infos else {}
