"""Krisinformation.se API v3: a list at the top, keys in any case, places by name.

It passes Sveriges Radio's VMA on. Where both tell of the same one, Sveriges Radio is believed.
"""

from datetime import timedelta
from typing import Any, Final

from bot.crisis.warnings.found import (
    Found,
    Places,
    Reading,
    ident,
    instant,
    items,
    keyed,
    line,
    link,
    objects,
    place,
    unmarked,
)
from bot.warning_settings import Warnings

SOURCE: Final = "krisinformation"
VMA: Final = "VMA"
LONG: Final = 8  # signs of a number that means one thing only
CLOSE: Final = timedelta(minutes=30)  # between a VMA on the air and its copy
SAME: Final = 120  # letters of the opening that are compared …
FEW: Final = 40  # … and fewer than these may be a common phrase
COUNTIES: Final = {
    "01": "Stockholms län",
    "03": "Uppsala län",
    "04": "Södermanlands län",
    "05": "Östergötlands län",
    "06": "Jönköpings län",
    "07": "Kronobergs län",
    "08": "Kalmar län",
    "09": "Gotlands län",
    "10": "Blekinge län",
    "12": "Skåne län",
    "13": "Hallands län",
    "14": "Västra Götalands län",
    "17": "Värmlands län",
    "18": "Örebro län",
    "19": "Västmanlands län",
    "20": "Dalarnas län",
    "21": "Gävleborgs län",
    "22": "Västernorrlands län",
    "23": "Jämtlands län",
    "24": "Västerbottens län",
    "25": "Norrbottens län",
}


def address(chosen: Warnings) -> str:
    """Where the list is; of all counties, since which are ours is decided here."""
    base = f"{chosen.krisinformation_api_url.rstrip('/')}/{chosen.krisinformation_feed}"
    return f"{base}?format=json&language=sv&allCounties=true"


def read(body: Any, places: Places, chosen: Warnings) -> Reading:
    """Every entry in Swedish that is no test. Raises Unreadable."""
    all_vma = chosen.krisinformation_feed == "vmas"
    entries = [one for one in map(keyed, objects(body)) if not _test(one) and _swedish(one)]
    found = [_found(one, places, all_vma) for one in entries]
    placed = [one for one in found if one is not None]
    homeless = sum(one.here is None and one.level == VMA for one in placed)
    return Reading(tuple(placed), len(found) - len(placed) + homeless)


def _test(entry: dict[str, Any]) -> bool:
    return entry.get("istestvma") is True


def _swedish(entry: dict[str, Any]) -> bool:
    return line(entry.get("language")).lower()[:2] in ("", "sv")


def _found(entry: dict[str, Any], places: Places, all_vma: bool) -> Found | None:
    number = ident(entry.get("identifier"))
    if not number:
        return None
    areas = [keyed(one) for one in items(entry.get("area"))]
    text = "\n\n".join(filter(None, (unmarked(entry.get("preamble")), unmarked(entry.get("bodytext")))))
    pushed = line(entry.get("pushmessage"))
    return Found(
        source=SOURCE,
        ident=number,
        version=number,
        names=(number,),
        incident=ident(entry.get("sourceid")),  # whose, not which: entries may share it
        event=line(entry.get("event")),
        headline=line(entry.get("headline")) or pushed or line(text.partition("\n")[0]),
        text=text or pushed,
        areas=tuple(filter(None, (line(one.get("description")) for one in areas))),
        level=VMA if all_vma or entry.get("isvma") is True else "",
        sent=instant(entry.get("published")) or instant(entry.get("updated")),
        status="Actual",
        link=link(entry.get("web")) or _first_link(entry),
        here=_here(areas, places),
    )


def _first_link(entry: dict[str, Any]) -> str:
    return next(filter(None, (link(keyed(one).get("url")) for one in items(entry.get("bodylinks")))), "")


def _here(areas: list[dict[str, Any]], places: Places) -> bool | None:
    stated = [(line(one.get("type")).lower(), place(line(one.get("description")))) for one in areas]
    ours = {
        "county": {place(COUNTIES.get(places.county, "")), places.county},
        "municipality": {*map(place, places.names), places.municipality},
    }
    known = [(kind, name) for kind, name in stated if kind == "country" or (kind in ours and name)]
    return any(kind == "country" or name in ours[kind] for kind, name in known) if known else None


def same(original: Found, copy: Found) -> bool:
    """Whether the copy tells of Sveriges Radio's warning: by number, by words, or by the time of day."""
    if copy.level != VMA:
        return False
    known, said = ({*one.names, one.incident} - {""} for one in (original, copy))
    if any(number in name for number in known if len(number) >= LONG for name in said):
        return True
    if original.cancelled:
        return False  # nothing else of it is known, or it is over and this is the next one
    opening = _letters(original.text)[:SAME]
    if len(opening) >= FEW and opening in _letters(copy.text):
        return True
    return bool(original.sent and copy.sent and abs(original.sent - copy.sent) <= CLOSE)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
