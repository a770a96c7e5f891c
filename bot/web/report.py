"""The monthly report on one printed page, its charts and its workbook, at a signed address that expires."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from aiohttp import web

from bot.desk import Desk
from bot.errors import Refused
from bot.report import charts, drafting, links, words, workbook
from bot.report.drafting import Report
from bot.report.links import For
from bot.report.states import State
from bot.texts import Speak, Texts
from bot.web import guard
from bot.web.pages import Pages

POLICY: Final = guard.HEADERS["Content-Security-Policy"] + "; img-src 'self'"
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT: Final = 24  # charts and workbooks, of some 50 kB each
ROOMY: Final = 600  # characters; with more, everything is set smaller so that it stays one page
STYLE: Final = "/static/report.css"


class Reports:
    """``/rapport/<token>``, ``/rapport/<token>/<chart>.png`` and ``/rapport/<token>/rapport.xlsx``."""

    def __init__(self, desk: Desk, texts: Texts, pages: Pages) -> None:
        self._desk, self._pages = desk, pages
        self._t = texts.language(desk.settings.slack.language)
        self._made: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._brush = asyncio.Lock()  # one at a time; whoever comes meanwhile waits for what is being made
        self._style = pages.asset("report.css")

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get(STYLE, self.style)
        router.add_get(f"{links.PLACE}/{{token}}", self.page)
        router.add_get(f"{links.PLACE}/{{token}}/rapport.xlsx", self.workbook)
        router.add_get(f"{links.PLACE}/{{token}}/{{chart}}.png", self.chart)

    async def style(self, _request: web.Request) -> web.StreamResponse:
        """The page's own style sheet."""
        return web.Response(body=self._style, content_type="text/css", charset="utf-8")

    async def page(self, request: web.Request) -> web.StreamResponse:
        """One A4 page, also on the screen."""
        report = await self._report(request)
        shown = self._pages.render("report.html", self._pages.voice(request), **self._values(request, report))
        return web.Response(text=shown, content_type="text/html", headers={"X-Robots-Tag": "noindex"})

    def _values(self, request: web.Request, report: Report) -> dict[str, object]:
        t, numbers, town = self._t, report.numbers, self._desk.settings.municipality
        here = f"{self._pages.prefix}{links.PLACE}/{request.match_info['token']}"
        pictures = [(f"{here}/{name}.png", words.alt(t, name, numbers)) for name in charts.shown(numbers)]
        texts = [(t("month.comment"), report.comment), (t("month.asks"), report.asks)]
        missing = words.missing(t, numbers)
        return {
            "speak": t,
            "style": f"{self._pages.prefix}{STYLE}",
            "title": words.title(t, numbers),
            "by": t("month.made_by", municipality=town.name, day=t.iso(numbers.until)),
            "draft": status(t, report),
            "facts": words.facts(t, numbers),
            "months": words.months(t, numbers),
            "said": words.said(t, numbers, self._desk.settings.report.balance_percent),
            "texts": [(heading, words.paragraphs(text)) for heading, text in texts if text],
            "pictures": pictures,
            "missing": missing,
            "dense": len(report.comment) + len(report.asks) + sum(map(len, missing)) > ROOMY,
            "how": [t("month.how"), t("month.answered.how")],
        }

    async def workbook(self, request: web.Request) -> web.StreamResponse:
        """The Excel file."""
        report = await self._report(request)
        body = await self._kept(report, "xlsx", lambda: workbook.made(self._t, report))
        name = f"rapport-{report.numbers.month}.xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=body, content_type=SHEET, headers=headers)

    async def chart(self, request: web.Request) -> web.StreamResponse:
        """A chart; Slack fetches it from outside."""
        report, name = await self._report(request), request.match_info["chart"]
        if name not in charts.shown(report.numbers):
            raise web.HTTPNotFound
        body = await self._kept(report, name, lambda: charts.draw(name, self._t, report.numbers))
        return web.Response(body=body, content_type="image/png", headers={guard.CROSS_ORIGIN: "cross-origin"})

    async def _kept(self, report: Report, what: str, make: Callable[[], bytes]) -> bytes:
        """Made once for the same content, beside the event loop."""
        key = (report.digest, what)
        async with self._brush:
            if key not in self._made:
                self._made[key] = await asyncio.to_thread(make)
            self._made.move_to_end(key)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return self._made[key]

    async def _report(self, request: web.Request) -> Report:
        """What the address opens; whoever has none, or one that is over, learns nothing."""
        now = self._desk.now()
        opens = links.read(self._desk, request.match_info["token"], now)
        if opens is None:
            raise web.HTTPNotFound
        try:
            report = await drafting.found(self._desk, opens.period, now)
        except Refused:
            raise web.HTTPNotFound from None
        if opens.whom is For.MANAGEMENT and report.state is not State.SENT:
            raise web.HTTPNotFound
        return report


def status(t: Speak, report: Report) -> str:
    """A draft says that it is one."""
    if report.version == 0:
        return t("month.live", day=t.iso(report.numbers.until))
    return "" if report.state is State.SENT else t("month.draft.page")


async def allow(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """The exception to the guard, for the report's own charts; to be called after `guard.protect`."""
    if request.path.startswith(links.PLACE + "/") and response.status == 200:
        response.headers["Content-Security-Policy"] = POLICY
