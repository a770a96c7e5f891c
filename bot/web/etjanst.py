"""`POST /webhooks/etjanst`: applications from the municipality's own e-service, signed.

Answers are JSON: 201 with the case; 200 with the case that this reference already has; 409 with the
account it looks like; 422 with a key and a Swedish sentence at each field; 401, 400, 413 for what is no
application at all; 503 when Slack cannot be asked who somebody is (send it again).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiohttp import web

from bot.accounts import applying, form
from bot.accounts.lookalikes import Known
from bot.channels.errors import ChannelError
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Invalid, Problem
from bot.texts import Speak
from bot.web import request as requests
from bot.web import signature
from bot.web.request import Request
from bot.web.signature import Forged
from storage import applications, people, units
from storage.applications import Application
from storage.people import Person
from storage.units import Unit

log = structlog.get_logger(__name__)
LARGEST: Final = 256 * 1024  # bytes
PATIENCE_S: Final = "60"  # Retry-After


class Etjanst:
    """The e-service's door."""

    def __init__(
        self,
        desk: Desk,
        directory: Directory,
        speak: Speak,
        say: Callable[[Speak, Problem], str],
        secret: str,
    ) -> None:
        self._desk, self._directory, self._secret = desk, directory, secret
        self._speak, self._say = speak, say

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where it stands."""
        router.add_post("/webhooks/etjanst", self.take)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Check signature and form, resolve people, submit."""
        body = await request.clone(client_max_size=LARGEST).read()
        try:
            self._check(request, body)
            parsed = requests.parse(requests.read(body))
        except Forged as forged:
            log.warning("signature refused", action="signature_refused", path=request.path, why=forged.why)
            return self._answer(401, "signature")
        except requests.Malformed:
            return self._answer(400, "malformed")
        try:
            return await self._apply(parsed) if isinstance(parsed, Request) else self._invalid(parsed)
        except Invalid as invalid:
            return self._invalid(invalid.problems)
        except ChannelError as error:
            log.warning("Slack not reached", action="etjanst_waits", error=repr(error))
            return self._answer(503, "later", headers={"Retry-After": PATIENCE_S})

    def _check(self, request: web.Request, body: bytes) -> None:
        timestamp = request.headers.get(signature.TIMESTAMP, "")
        given = request.headers.get(signature.SIGNATURE, "")
        signature.check(self._secret, timestamp, given, body, self._desk.now())

    async def _apply(self, request: Request) -> web.Response:
        reference = (request.reference or "").strip()
        earlier = await self._earlier(reference)
        if earlier is not None:
            return _case(earlier, 200)
        requester, data = await self._data(request)
        alike = await applying.lookalike(self._desk, data)
        if alike is not None:
            # our own twin, sent twice at once, is no look-alike
            twin = await self._earlier(reference)
            return _case(twin, 200) if twin else self._alike(alike)
        return await self._submit(requester, data, reference)

    async def _submit(self, requester: str, data: Mapping[str, Any], reference: str) -> web.Response:
        now = self._desk.now()
        row = await applying.submit(self._desk, requester, data, now=now, reference=reference)
        log.info("application taken", action="etjanst_taken", case=row.id)
        return _case(row, 201 if row.created == now else 200)

    async def _earlier(self, reference: str) -> Application | None:
        async with self._desk.db.read() as session:
            return await applications.of_reference(session, reference)

    async def _data(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Who asks, and the form with Slack ids and the unit's number. Raises Invalid."""
        named = [request.requester, request.substitute, *request.editors]
        found = await self._people({address.strip() for address in named if address and address.strip()})
        unit = await self._unit(request.unit)
        problems = _unknown_people(request, found)
        if unit is None and request.unit not in (None, ""):
            problems["unit"] = Problem("form.unit_gone")
        data = {
            **request.model_dump(include=set(form.NAMES)),
            "unit": unit.id if unit else None,
            "substitute": found.get((request.substitute or "").strip()),
            "editors": [slack_id for one in request.editors if (slack_id := found.get(one.strip()))],
            "lookalike": request.lookalike_confirmed,
        }
        requester = found.get((request.requester or "").strip(), "")
        await self._raise_problems(requester, data, problems)
        return requester, data

    async def _raise_problems(self, requester: str, data: Mapping[str, Any], problems: dict[str, Problem]) -> None:
        """Everything that is wrong, at once: the whole form, and the people who could not be found."""
        found: dict[str, Problem] = {}
        for step in range(1, form.LAST_STEP + 1):
            found |= await applying.check_step(self._desk, requester, data, step, self._desk.now())
        if found or problems:
            raise Invalid(found | problems)

    async def _people(self, addresses: Iterable[str]) -> dict[str, str]:
        """Slack ids by address as it was written; addresses without a usable person are left out."""
        found: dict[str, str] = {}
        for address in addresses:
            person = await self._person(address.lower())
            if person is not None and not (person.deleted or person.bot or person.foreign):
                found[address] = person.slack_id
        return found

    async def _person(self, address: str) -> Person | None:
        async with self._desk.db.read() as session:
            known = (await people.by_who(session, [address])).get(address)
        return known or await self._directory.find(address)

    async def _unit(self, given: str | int | None) -> Unit | None:
        """The unit by number, or by name whatever its case."""
        text = str(given or "").strip()
        async with self._desk.db.read() as session:
            everyone = await units.everyone(session)
        fitting = (unit for unit in everyone if text in (str(unit.id), unit.name))
        near = (unit for unit in everyone if text and unit.name.casefold() == text.casefold())
        return next(fitting, None) or next(near, None)

    def _alike(self, known: Known) -> web.Response:
        account = {
            "name": known.name,
            "platform": self._desk.settings.accounts.platforms.get(known.platform, known.platform),
            "address": known.address,
            "unit": known.unit,
        }
        sentence = self._speak("account.lookalike", account=known.name, unit=known.unit)
        return web.json_response({"error": "lookalike", "sentence": sentence, "account": account}, status=409)

    def _invalid(self, problems: Mapping[str, Problem]) -> web.Response:
        fields = {
            name: {"key": problem.key, "sentence": self._say(self._speak, problem)}
            for name, problem in problems.items()
        }
        return self._answer(422, "invalid", fields=fields)

    def _answer(
        self, status: int, name: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> web.Response:
        body = {"error": name, "sentence": self._speak(f"etjanst.{name}"), **more}
        return web.json_response(body, status=status, headers=headers)


def _unknown_people(request: Request, found: Mapping[str, str]) -> dict[str, Problem]:
    """A problem at each field that names somebody who cannot be found."""
    named: dict[str, Sequence[str | None]] = {
        "requester": [request.requester],
        "substitute": [request.substitute],
        "editors": request.editors,
    }
    problems = {}
    for field, addresses in named.items():
        unknown = [one.strip() for one in addresses if one and one.strip() and one.strip() not in found]
        if unknown:
            problems[field] = Problem("etjanst.person", emails=unknown)
    return problems


def _case(row: Application, status: int) -> web.Response:
    return web.json_response({"case": row.id, "reference": row.reference, "state": row.state}, status=status)
