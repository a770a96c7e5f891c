"""SMHI's impact-based warnings: one list of everything that applies now, changed in place.

Events and their warnings are nested. What concerns our county in one event is one warning here, with the
highest level of its parts. An event that has left the list applies no more: there is no cancel.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from bot.crisis.warnings.found import Found, Places, Reading, ident, instant, items, keyed, line, objects, prose
from bot.warning_settings import Warnings

SOURCE: Final = "smhi"
LEVELS: Final = ("MESSAGE", "YELLOW", "ORANGE", "RED")
PAGE: Final = "https://www.smhi.se/vader/prognoser-och-varningar/varningar-och-meddelanden"
LANGUAGES: Final = ("sv", "en")
Part = dict[str, Any]


def address(chosen: Warnings) -> str:
    """Where the list is."""
    return f"{chosen.smhi_api_url.rstrip('/')}/warning.json"


def read(body: Any, places: Places, chosen: Warnings) -> Reading:
    """Every event with a part for our county, of the chosen codes and levels. Raises Unreadable."""
    found, odd = [], 0
    for event in map(keyed, objects(body)):
        number = ident(event.get("id"))
        parts = [keyed(one) for one in items(event.get("warningareas"))]
        odd += not number
        odd += sum(_puzzling(one, places) for one in parts)
        ours = [one for one in parts if _ours(one, event, places, chosen)]
        if number and ours:
            found.append(_found(number, event, ours))
    return Reading(tuple(found), odd)


def _ours(part: Part, event: Part, places: Places, chosen: Warnings) -> bool:
    level = level_of(part)
    if level not in LEVELS or LEVELS.index(level) < LEVELS.index(chosen.smhi_min_level):
        return False
    if chosen.smhi_codes and not set(chosen.smhi_codes) & _codes(part, event):
        return False
    return county(places.county) in _counties(part)


def _counties(part: Part) -> set[str]:
    return {county(keyed(one).get("id")) for one in items(part.get("affectedareas"))} - {""}


def _puzzling(part: Part, places: Places) -> bool:
    """Whether a part may concern us but does not say where, or how serious it is."""
    counties = _counties(part)
    return not counties or (county(places.county) in counties and level_of(part) not in LEVELS)


def county(value: Any) -> str:
    """The county's number as SMHI writes it: 5 for "05"."""
    return line(value).lstrip("0")


def level_of(part: Part) -> str:
    """The code of a part's level."""
    return line(keyed(part.get("warninglevel")).get("code")).upper()


def _codes(part: Part, event: Part) -> set[str]:
    both = (keyed(part.get("eventdescription")), keyed(event.get("event")))
    return {line(one.get("code")).upper() for one in both} - {""}


def _found(number: str, event: Part, parts: list[Part]) -> Found:
    worst = max(parts, key=lambda one: LEVELS.index(level_of(one)))
    described = keyed(worst.get("eventdescription"))
    name = _word(described) or _word(keyed(event.get("event")))
    return Found(
        source=SOURCE,
        ident=number,
        version=number,
        names=(number,),
        event=name,
        headline=name,
        text=_text(worst) or _text(event),
        areas=tuple(dict.fromkeys(filter(None, (_word(keyed(one.get("areaname"))) for one in parts)))),
        level=level_of(worst),
        sent=max(_instants(parts, "published", "created"), default=None),
        onset=min(_instants(parts, "approximatestart"), default=None),
        expires=_end(parts),
        status="Actual",
        link=PAGE,
        code=line(described.get("code")).upper() or line(keyed(event.get("event")).get("code")).upper(),
    )


def _word(named: Part) -> str:
    return next(filter(None, (line(named.get(language)) for language in LANGUAGES)), "")


def _text(holder: Part) -> str:
    said = []
    for one in map(keyed, items(holder.get("descriptions"))):
        title, text = _word(keyed(one.get("title"))), keyed(one.get("text"))
        body = next(filter(None, (prose(text.get(language)) for language in LANGUAGES)), "")
        said.append("\n".join(filter(None, (title, body))) if body else "")
    return "\n\n".join(filter(None, said))


def _instants(parts: Iterable[Part], *names: str) -> list[datetime]:
    each = (next(filter(None, (instant(one.get(name)) for name in names)), None) for one in parts)
    return [one for one in each if one]


def _end(parts: list[Part]) -> datetime | None:
    """When the last part ends; None when one of them does not say."""
    ends = _instants(parts, "approximateend")
    return max(ends) if len(ends) == len(parts) else None
