"""The evidence of one act as a page to print, and as JSON, at a signed address that expires."""

from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from bot.comments import proof
from bot.comments.proof import Proof
from bot.desk import Desk
from bot.errors import Refused
from bot.texts import Speak, Texts
from bot.web.pages import Pages
from storage import log, moderations

STYLE: Final = "/static/proof.css"
NOWHERE: Final = {"X-Robots-Tag": "noindex, noarchive"}
Row = tuple[str, str]


class Proofs:
    """``/bevis/<ref>`` and ``/bevis/<ref>.json``."""

    def __init__(self, desk: Desk, texts: Texts, pages: Pages) -> None:
        self._desk, self._pages = desk, pages
        self._t = texts.language(desk.settings.slack.language)
        self._style = pages.asset("proof.css")

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get(STYLE, self.style)
        router.add_get(f"{proof.PLACE}/{{ref:B-[0-9]+}}", self.page)
        router.add_get(f"{proof.PLACE}/{{ref:B-[0-9]+}}.json", self.data)

    async def style(self, _request: web.Request) -> web.StreamResponse:
        """The page's own style sheet."""
        return web.Response(body=self._style, content_type="text/css", charset="utf-8")

    async def page(self, request: web.Request) -> web.StreamResponse:
        """One page, to be printed."""
        found = await self._proof(request, "page")
        t, prefix = self._t, self._pages.prefix
        shown = self._pages.render(
            "proof.html",
            self._pages.voice(request),
            speak=t,
            style=f"{prefix}{STYLE}",
            title=t("proof.title", ref=found.made.ref),
            intro=t("proof.intro", municipality=self._desk.settings.municipality.name),
            said=found.made.evidence.get("text"),
            earlier=found.made.evidence.get("earlier") or [],
            forgotten="text" not in found.made.evidence,
            facts=facts(t, found),
            binding=binding(t, found),
            read=t("proof.read", name=_reader(t, found), time=_moment(t, found.read_at)),
            json=f"{prefix}{proof.PLACE}/{found.made.ref}.json?{request.query_string}",
        )
        return web.Response(text=shown, content_type="text/html", headers=NOWHERE)

    async def data(self, request: web.Request) -> web.StreamResponse:
        """The same, for another system; the log's line as it was hashed."""
        found = await self._proof(request, "json")
        name = f'attachment; filename="{found.made.ref}.json"'
        return web.json_response(as_json(found), headers={**NOWHERE, "Content-Disposition": name})

    async def _proof(self, request: web.Request, what: str) -> Proof:
        """What the address opens; whoever has none, or one that is over, learns nothing."""
        now = self._desk.now()
        opens = proof.read(self._desk, request.match_info["ref"], request.query, now)
        if opens is None or request.method != "GET":
            raise web.HTTPNotFound
        try:
            return await proof.opened(self._desk, opens, what, now=now)
        except Refused:
            raise web.HTTPNotFound from None


def facts(t: Speak, found: Proof) -> list[Row]:
    """What is known, line by line; what nobody has said is left out."""
    made, case, kept = found.made, found.case, found.made.evidence
    rows = [
        ("author", kept.get("author", "")),
        ("account", case.hands.account),
        ("platform", case.hands.platform_name),
        ("link", kept.get("link", "")),
        ("post", kept.get("post", "")),
        ("written", _moment(t, case.written)),
        ("act", t(f"proof.act.{made.act}")),
        ("by", _person(t, found, made.by, made.at)),
        ("second", _person(t, found, made.second, made.seconded)),
        ("state", _state(t, found)),
        ("lifted", _person(t, found, made.lifted_by, made.lifted)),
        ("klass", t(f"proof.klass.{made.klass}")),
        ("secrecy", t("proof.yes") if made.secrecy else ""),
        ("why", made.why),
        ("shot", made.shot),
        ("no_shot", made.no_shot),
        ("platform_report", made.platform_report or ""),
        ("police_report", made.police_report or ""),
        ("diary", made.diary),
        ("registrar", _person(t, found, made.registrar_by, made.registrar)),
    ]
    return [(t(f"proof.{name}"), said) for name, said in rows if said]


def _state(t: Speak, found: Proof) -> str:
    made = found.made
    settled = _moment(t, made.settled) if made.settled else ""
    return t(f"proof.state.{made.state}", **({"time": settled} if made.state == moderations.DONE else {}))


def _person(t: Speak, found: Proof, who: str | None, at: datetime | None) -> str:
    if not who or at is None:
        return ""
    return t("proof.person", name=found.names.get(who, who), time=_moment(t, at))


def _reader(t: Speak, found: Proof) -> str:
    mailed = found.read_by == proof.MAILED
    return t("proof.registrar_name") if mailed else found.names.get(found.read_by, found.read_by)


def _moment(t: Speak, at: datetime) -> str:
    """With the year: it is read for years."""
    return f"{t.iso(at)} {t.time(at)}"


def binding(t: Speak, found: Proof) -> list[Row]:
    """The checksums, and the line of the log that holds them."""
    rows = [(t("proof.digest"), f"{found.made.digest} {t(f'proof.{verdict(found)}')}")]
    if found.entry is not None:
        rows += [
            (
                t("proof.entry", case=found.entry.case, seq=found.entry.seq),
                f"{found.entry.action} {found.entry.at.astimezone(UTC).isoformat()}",
            ),
            (t("proof.chain"), found.entry.before),
            (t("proof.line"), found.entry.digest),
        ]
    return rows + [(t("proof.raw", time=_moment(t, one.received)), one.digest) for one in found.raw]


def verdict(found: Proof) -> str:
    """whole, broken, or unwhole where the text was erased on purpose."""
    entry = found.entry
    bound = entry is not None and found.chained and entry.detail.get("digest") == found.made.digest
    if found.whole and bound:
        return "whole"
    return "unwhole" if bound and "text" not in found.made.evidence else "broken"


def as_json(found: Proof) -> dict[str, Any]:
    """All of it by name, instants in UTC."""
    made, entry = found.made, found.entry
    hidden = {"id", "comment_id", "post_id", "next_at", "by", "second", "registrar_by", "lifted_by"}
    named = {
        name: found.names.get(who, who)
        for name in ("by", "second", "registrar_by", "lifted_by")
        if (who := getattr(made, name))
    }
    return {
        "ref": made.ref,
        "account": found.case.hands.account,
        "platform": found.case.hands.platform,
        **made.model_dump(mode="json", exclude=hidden),
        **named,
        "checked": verdict(found),
        "log": {**log.facts_of(entry), "before": entry.before, "digest": entry.digest} if entry else None,
        "raw": [{"received": one.received.isoformat(), "sha256": one.digest} for one in found.raw],
    }
