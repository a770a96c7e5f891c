"""Those who warn: Sveriges Radio, Krisinformation.se and SMHI, each with its shapes and its oddities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.base import Handler, Platform

JSON = dict[str, Any]
VMA, KRISINFORMATION, SMHI = "/vma/api/v3", "/krisinformation/v3", "/smhi/ibww/api/version/1"
SENDER = "https://vmaapi.sr.se/api/v3"
WINTER = timezone(timedelta(hours=1))
COLORS = {"MESSAGE": "Meddelande", "YELLOW": "Gul", "ORANGE": "Orange", "RED": "Röd"}


class Alerts(Platform):
    """Three read-only interfaces without keys: ``/vma``, ``/krisinformation`` and ``/smhi``.

    What they answer are the lists ``alerts``, ``entries`` and ``events``, as anybody has put them there.
    """

    name = "alerts"
    title = "Varningar utifrån"
    color = "#8a1c1c"

    def __init__(
        self, *, place: str = "Göteborgs kommun", code: str = "1480", county: int = 14, **more: Any
    ) -> None:
        super().__init__(**more)
        self.place, self.code, self.county = place, code, county  # where, unless something else is said
        self.alerts: list[JSON] = []
        self.entries: list[JSON] = []
        self.events: list[JSON] = []
        self.raw: dict[str, bytes] = {}  # by call: what is answered instead, verbatim
        self.retry_after = ""  # as a header on refusals, when set
        self.max_age = 0
        self.unchanged: list[str] = []  # calls that were answered with 304

    def routes(self) -> list[web.RouteDef]:
        """The three interfaces, below this platform's address."""
        return [
            web.get(f"{VMA}/alerts", self.call("vma", self._answering("vma", self._vma))),
            web.get(
                KRISINFORMATION + "/{feed}",
                self.call("krisinformation", self._answering("krisinformation", self._news)),
            ),
            web.get(f"{SMHI}/warning.json", self.call("smhi", self._answering("smhi", self._smhi))),
        ]

    def authorized(self, request: web.Request) -> bool:
        """None of them asks who one is."""
        return True

    def dead_token(self) -> web.Response:
        """What is said to those who are shut out."""
        return web.json_response({"message": "Forbidden"}, status=403)

    def throttled(self) -> web.Response:
        """What is said to who looks too often."""
        return web.Response(status=429, text="Too Many Requests", headers=self._wait())

    def broken(self) -> web.Response:
        """A page of the server in front, not JSON."""
        return web.Response(status=503, text="<h1>503</h1>", content_type="text/html", headers=self._wait())

    def _wait(self) -> dict[str, str]:
        return {"Retry-After": self.retry_after} if self.retry_after else {}

    def _answering(self, call: str, body: Callable[[web.Request], Any]) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            told = body(request)
            content = self.raw.get(call) or json.dumps(told).encode()
            tag = _tag(content if call in self.raw else told)
            headers = {"ETag": tag}
            if self.max_age:
                headers["Cache-Control"] = f"public, max-age={self.max_age}"
            if request.headers.get("If-None-Match") == tag:
                self.unchanged.append(call)
                return web.Response(status=304, headers=headers)
            return web.Response(body=content, content_type="application/json", headers=headers)

        return answer

    def _vma(self, request: web.Request) -> JSON:
        wanted = request.query.get("geocode")
        shown = [one for one in self.alerts if not wanted or wanted in _geocodes(one)]
        return {"timestamp": _local(self.now()), "alerts": shown}

    def _news(self, request: web.Request) -> list[JSON]:
        flag = {"vmas": "isvma", "testvmas": "istestvma"}.get(request.match_info["feed"])
        return [one for one in self.entries if not flag or _lower(one).get(flag) is True]

    def _smhi(self, _request: web.Request) -> list[JSON]:
        return self.events

    def now(self) -> datetime:
        """The sources' own clock (UTC)."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def alert(self, description: str, *, code: str = "", kind: str = "Alert", **changed: Any) -> JSON:
        """Sveriges Radio puts an alert into its list, newest first, and on the wall."""
        number = f"SRCAP{self.now():%Y%m%d%H%M}{self.next_id()}I"
        made: JSON = {
            "identifier": number,
            "sender": SENDER,
            "sent": _local(self.now()),
            "status": "Actual",
            "msgType": kind,
            "scope": "Public",
            "references": None,
            "incidents": number.replace("SRCAP", "SRVMA"),
            "info": [info(description, code or self.code, place=self.place)],
            **changed,
        }
        self.alerts.insert(0, made)
        self.add(description, id=number, title=f"VMA ({kind}, {made['status']})")
        return made

    def cancel(self, original: JSON, **changed: Any) -> JSON:
        """A Cancel: without info, and with the time of the original as another clock shows it."""
        return self.alert(
            "Faran är över.",
            kind="Cancel",
            **{"info": None, "references": _reference(original), "incidents": original["incidents"], **changed},
        )

    def update(self, original: JSON, description: str, **changed: Any) -> JSON:
        """An Update that refers to an earlier message."""
        more = {"references": _reference(original), "incidents": original["incidents"], **changed}
        return self.alert(description, kind="Update", **more)

    def entry(self, headline: str, *, area: str | None = None, pascal: bool = False, **changed: Any) -> JSON:
        """Krisinformation.se puts an entry into its list; keys in camelCase, or PascalCase as they once were."""
        made = {
            "identifier": self.next_id(),
            "pushMessage": headline,
            "updated": self.now().isoformat(),
            "published": self.now().isoformat(),
            "headline": headline,
            "preamble": "",
            "bodyText": f"<p>{headline}</p>",
            "area": [
                {
                    "type": "Municipality",
                    "description": self.place if area is None else area,
                    "coordinate": "11.97,57.7 0",
                }
            ],
            "web": "https://www.krisinformation.se/",
            "language": "sv",
            "event": "Viktigt meddelande till allmänheten",
            "senderName": "Krisinformation.se",
            "push": True,
            "bodyLinks": [],
            "sourceID": 0,
            "isVma": True,
            "isTestVma": False,
            **changed,
        }
        if pascal:
            made = {name[0].upper() + name[1:]: value for name, value in made.items()}
            made["Area"] = [{name.title(): value for name, value in one.items()} for one in made["Area"]]
        self.entries.insert(0, made)
        self.add(headline, title="Krisinformation.se")
        return made

    def event(
        self, text: str, *, level: str = "ORANGE", code: str = "WIND", counties: tuple[int, ...] = ()
    ) -> JSON:
        """SMHI warns. Every other event draws its border as a FeatureCollection."""
        number = int(self.next_id())
        part = {
            "id": number + 6000,
            "approximateStart": _zulu(self.now()),
            "approximateEnd": _zulu(self.now() + timedelta(hours=12)),
            "published": _zulu(self.now()),
            "created": _zulu(self.now()),
            "areaName": {"sv": "Västra Götalands län", "en": "Västra Götaland County"},
            "warningLevel": level_of(level),
            "eventDescription": {"sv": text, "en": text, "code": code},
            "affectedAreas": [
                {"id": one, "sv": f"Län {one}", "en": f"County {one}"} for one in counties or (self.county,)
            ],
            "descriptions": [
                {"title": {"sv": "Vad händer?", "en": "What happens?", "code": "HAPPENS"}, "text": {"sv": text}}
            ],
            "area": border(collection=number % 2 == 0),
        }
        made = {
            "id": number,
            "normalProbability": True,
            "event": {"sv": text, "en": text, "code": code, "mhoClassification": {"sv": "", "code": "MET"}},
            "descriptions": [],
            "warningAreas": [part],
        }
        self.events.append(made)
        self.add(text, title=f"SMHI · {COLORS[level]}")
        return made


def info(description: str, code: str, language: str = "sv-SE", *, place: str = "Göteborgs kommun") -> JSON:
    """One language of an alert."""
    return {
        "language": language,
        "category": ["Safety"],
        "event": "Viktigt meddelande till allmänheten (VMA)",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "expires": None,
        "senderName": "Sveriges Radio",
        "description": description,
        "instruction": None,
        "web": "https://sverigesradio.se/vma",
        "area": [{"areaDesc": place, "geocode": [{"valueName": "Kommun", "value": code}]}],
    }


def level_of(level: str) -> JSON:
    """A warning level in SMHI's words."""
    return {"sv": COLORS[level], "en": level.title(), "code": level}


def border(*, collection: bool) -> JSON:
    """Where SMHI warns, drawn in one of its two ways."""
    shape = {"type": "MultiPolygon", "coordinates": [[[[11.9, 57.6], [12.1, 57.6], [12.0, 57.8], [11.9, 57.6]]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    return {"type": "FeatureCollection", "features": [feature]} if collection else feature


def _tag(told: Any) -> str:
    """Stands for what is told; the time of telling is no part of it."""
    said = told.get("alerts") if isinstance(told, dict) else told
    return f'W/"{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"'


def _reference(original: JSON) -> str:
    sent = datetime.fromisoformat(original["sent"]) - timedelta(hours=2)
    return f"{SENDER},{original['identifier']},{sent.isoformat()}"


def _geocodes(alert: JSON) -> list[str]:
    areas = [area for one in alert["info"] or [] for area in one["area"]]
    return [code["value"] for area in areas for code in area["geocode"]]


def _lower(entry: JSON) -> JSON:
    return {name.lower(): value for name, value in entry.items()}


def _local(t: datetime) -> str:
    return t.astimezone(WINTER).isoformat(timespec="seconds")


def _zulu(t: datetime) -> str:
    return t.isoformat(timespec="milliseconds").replace("+00:00", "Z")
