"""The e-service's door: signed applications in, cases and sentences out."""

import asyncio
import hashlib
import hmac
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from sqlmodel import select
from structlog.testing import capture_logs

from bot.accounts import form
from bot.channels.errors import Unknown
from bot.desk import Desk
from bot.directory import Directory
from bot.web import signature
from bot.web.request import Request
from storage.applications import Application
from storage.decisions import Decision
from storage.engine import Database
from storage.posts import Post
from tests import town
from tests.town import EDITOR, REQUESTER, Clock
from tests.web.conftest import NEWCOMER, SECRET, Open, add, encoded, signed

Site = TestClient[web.Request, web.Application]
WHERE = "/webhooks/etjanst"


def mail(slack_id: str) -> str:
    return f"{slack_id.lower()}@exempel.example"


def application(**changed: Any) -> dict[str, Any]:
    """What the e-service sends."""
    content = town.form(0, unit="Biblioteket", substitute=mail(EDITOR), editors=[mail(REQUESTER), mail(EDITOR)])
    return {"reference": "ET-2026-0001", "requester": mail(REQUESTER), **content, **changed}


async def send(site: Site, clock: Clock, data: Any) -> ClientResponse:
    body = data if isinstance(data, bytes) else encoded(data)
    return await site.post(WHERE, data=body, headers=signed(body, clock()))


async def cases(db: Database) -> list[Application]:
    async with db.read() as session:
        return list((await session.exec(select(Application))).all())


async def test_a_signed_application_becomes_a_case(
    site: Site, clock: Clock, db: Database, units: dict[str, int]
) -> None:
    """People are resolved by address, the unit by name; decisions and messages are owed as from Slack."""
    answer = await send(site, clock, application())
    assert answer.status == 201
    [case] = await cases(db)
    assert await answer.json() == {"case": case.id, "reference": "ET-2026-0001", "state": "waiting"}
    assert (case.requester, case.unit_id) == (REQUESTER, units["Biblioteket"])
    assert case.content["editors"] == [REQUESTER, EDITOR]
    assert case.content["substitute"] == EDITOR
    assert case.content["hours"] == 2.5
    async with db.read() as session:
        assert len((await session.exec(select(Decision))).all()) == 2
        assert (await session.exec(select(Post))).first() is not None


async def test_the_same_reference_again_is_the_same_case(
    site: Site, clock: Clock, db: Database, units: dict[str, int]
) -> None:
    """An e-service that got no answer may send again, as often as it likes."""
    first = await (await send(site, clock, application())).json()
    again = await send(site, clock, application(name="Ett annat namn"))
    assert (again.status, await again.json()) == (200, first)
    assert len(await cases(db)) == 1


async def test_the_same_reference_ten_times_at_once_is_one_case(
    open_site: Open, clock: Clock, db: Database, units: dict[str, int]
) -> None:
    """And none of the ten is told that it looks like itself."""
    site = await open_site()
    answers = await asyncio.gather(*(send(site, clock, application()) for _ in range(10)))
    assert {answer.status for answer in answers} <= {200, 201}
    assert len({(await answer.json())["case"] for answer in answers}) == 1
    assert len(await cases(db)) == 1


async def test_a_unit_by_number_and_a_newcomer_that_slack_knows(
    site: Site, clock: Clock, db: Database, units: dict[str, int]
) -> None:
    """Who is not in the desk's memory is looked up in Slack by address, whatever its case."""
    data = application(unit=units["Skolan"], requester=NEWCOMER.upper())
    answer = await send(site, clock, data)
    assert answer.status == 201, await answer.text()
    [case] = await cases(db)
    assert (case.requester, case.unit_id) == ("U0NY", units["Skolan"])


async def test_everything_that_is_wrong_is_told_at_its_field(
    site: Site, clock: Clock, db: Database, units: dict[str, int]
) -> None:
    """A machine gets keys, a person Swedish sentences; nothing is stored."""
    wrong = application(purpose="kort", unit="Månbasen", editors=[mail(REQUESTER)], hours=0, ready=False)
    answer = await send(site, clock, wrong)
    assert answer.status == 422
    told = await answer.json()
    assert {name: field["key"] for name, field in told["fields"].items()} == {
        "unit": "form.unit_gone",
        "purpose": "form.short",
        "editors": "form.editors",
        "hours": "form.hours",
        "ready": "form.ready",
    }
    assert all(len(field["sentence"]) > 10 for field in told["fields"].values())
    assert told["sentence"] == "Ansökan är inte komplett. Inget är sparat."
    assert await cases(db) == []


async def test_an_empty_application_lacks_everything_but_what_may_be_empty(
    site: Site, clock: Clock, units: dict[str, int]
) -> None:
    """Reference and requester first; then the form."""
    assert set((await (await send(site, clock, {})).json())["fields"]) == {"reference", "requester"}
    only = {"reference": "1", "requester": mail(REQUESTER)}
    fields = (await (await send(site, clock, only)).json())["fields"]
    may_be_empty = {"posts", "children_routine", "public_reason", "until"}
    assert set(fields) == set(form.NAMES) - may_be_empty


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("requester", "ingen@exempel.example"),
        ("requester", mail(town.GONE)),
        ("requester", mail(town.STRANGER)),
        ("substitute", "ingen@exempel.example"),
        ("editors", [mail(REQUESTER), mail(EDITOR), "ingen@exempel.example"]),
    ],
)
async def test_people_who_are_not_in_slack_are_named(
    site: Site, clock: Clock, db: Database, units: dict[str, int], field: str, value: Any
) -> None:
    """Unknown, deactivated or somebody else's: the address is said back."""
    answer = await send(site, clock, application(**{field: value}))
    assert answer.status == 422
    told = (await answer.json())["fields"][field]
    assert told["key"] == "etjanst.person"
    assert (value if isinstance(value, str) else value[-1]) in told["sentence"]
    assert await cases(db) == []


async def test_a_guest_may_apply(site: Site, clock: Clock, db: Database, units: dict[str, int]) -> None:
    """But never decide; that is looked after elsewhere."""
    assert (await send(site, clock, application(requester=mail(town.GUEST)))).status == 201


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("hours", {"a": 1}, "etjanst.wrong_type"),
        ("hours", True, "etjanst.wrong_type"),
        ("platform", ["facebook"], "etjanst.wrong_type"),
        ("ready", "true", "etjanst.wrong_type"),
        ("editors", "a@b.se", "etjanst.wrong_type"),
        ("purpose", "noll\x00tecken" * 10, "etjanst.wrong_type"),
        ("reference", "r" * 81, "etjanst.wrong_type"),
        ("reference", "  ", "form.needed"),
        ("syfte", "Felstavat fält", "etjanst.unknown_field"),
        ("start", "11 januari", "form.needed"),
        ("until", "2020-01-01", "form.until"),
    ],
)
async def test_odd_values_are_refused_at_their_field(
    site: Site, clock: Clock, db: Database, units: dict[str, int], field: str, value: Any, key: str
) -> None:
    """Nothing is guessed, nothing reaches the database, nothing breaks."""
    answer = await send(site, clock, application(**{field: value}))
    assert answer.status == 422
    assert (await answer.json())["fields"][field]["key"] == key
    assert await cases(db) == []


async def test_half_a_letter_is_refused(site: Site, clock: Clock, units: dict[str, int]) -> None:
    """JSON can spell a surrogate that no database can store."""
    body = encoded(application()).replace(b"Barnfamiljer", rb"\ud83d")
    answer = await send(site, clock, body)
    assert (answer.status, list((await answer.json())["fields"])) == (422, ["audience"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000])
async def test_what_is_no_json_object_is_malformed(site: Site, clock: Clock, body: bytes) -> None:
    """Also when it is signed."""
    answer = await send(site, clock, body)
    assert (answer.status, (await answer.json())["error"]) == (400, "malformed")


async def test_a_lookalike_is_pointed_out_and_may_be_confirmed(
    site: Site, clock: Clock, desk: Desk, db: Database, units: dict[str, int]
) -> None:
    """The e-service shows which account it is; a second time with a tick goes through."""
    await add(
        desk, units["Skolan"], "Biblioteket Berättar", address="https://www.instagram.com/biblioteketberattar"
    )
    refused = await send(site, clock, application())
    assert refused.status == 409
    told = await refused.json()
    assert told["account"] == {
        "name": "Biblioteket Berättar",
        "platform": "Instagram",
        "address": "https://www.instagram.com/biblioteketberattar",
        "unit": "Skolan",
    }
    assert "Biblioteket Berättar" in told["sentence"]
    assert await cases(db) == []
    assert (await send(site, clock, application(lookalike_confirmed=True))).status == 201


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({signature.SIGNATURE: "v1=" + "0" * 64}, "wrong"),
        ({signature.SIGNATURE: "v1=å"}, "wrong"),
        ({signature.SIGNATURE: ""}, "missing"),
        ({signature.TIMESTAMP: ""}, "missing"),
        ({signature.TIMESTAMP: "nu"}, "wrong"),
        ({signature.TIMESTAMP: "9" * 400}, "wrong"),
    ],
)
async def test_a_forged_signature_is_refused_and_logged(
    site: Site, clock: Clock, db: Database, units: dict[str, int], changed: dict[str, str], why: str
) -> None:
    """401, a line in the log, nothing stored."""
    body = encoded(application())
    with capture_logs() as logs:
        answer = await site.post(WHERE, data=body, headers={**signed(body, clock()), **changed})
    assert (answer.status, (await answer.json())["error"]) == (401, "signature")
    assert [(one["action"], one["why"]) for one in logs] == [("signature_refused", why)]
    assert await cases(db) == []


@pytest.mark.parametrize(("late", "status"), [(299, 201), (301, 401), (-299, 201), (-301, 401)])
async def test_a_signature_is_good_for_five_minutes(
    site: Site, clock: Clock, units: dict[str, int], late: float, status: int
) -> None:
    """Neither an old request nor one from the future is taken."""
    body = encoded(application())
    answer = await site.post(WHERE, data=body, headers=signed(body, clock(), late=late))
    assert answer.status == status


async def test_a_changed_body_or_another_secret_does_not_fit(site: Site, clock: Clock, units: Any) -> None:
    """The signature covers every byte."""
    body = encoded(application())
    changed = await site.post(WHERE, data=body + b" ", headers=signed(body, clock()))
    other = await site.post(WHERE, data=body, headers=signed(body, clock(), secret="fel"))
    assert (changed.status, other.status) == (401, 401)


def test_the_signature_is_what_the_manual_says() -> None:
    """HMAC-SHA256 over v1:<timestamp>:<body>, so that others can write it too."""
    expected = hmac.new(SECRET.encode(), b'v1:1790000000:{"a": 1}', hashlib.sha256).hexdigest()
    assert signature.sign(SECRET, 1790000000, b'{"a": 1}') == f"v1={expected}"


async def test_too_much_is_refused_unread(site: Site, clock: Clock, units: Any) -> None:
    """More than 256 kB is no application."""
    body = encoded(application(goals="x" * 256 * 1024))
    answer = await site.post(WHERE, data=body, headers=signed(body, clock()))
    assert (answer.status, (await answer.json())["error"]) == (413, "large")


async def test_without_a_secret_there_is_no_door(open_site: Open, clock: Clock) -> None:
    """A municipality without such an e-service shows nothing to attack."""
    site = await open_site(etjanst_secret=None)
    assert (await send(site, clock, application())).status == 404


async def test_while_slack_is_away_the_e_service_is_asked_to_wait(
    site: Site, clock: Clock, db: Database, directory: Directory, units: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An honest applicant is not told that nobody knows them."""

    async def away(_email: str) -> None:
        raise Unknown("TimeoutError")

    monkeypatch.setattr(directory, "find", away)
    answer = await send(site, clock, application(requester=NEWCOMER))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert await cases(db) == []


def test_the_door_takes_exactly_the_fields_of_the_form() -> None:
    """A field that the form gains must come in here too."""
    assert set(Request.model_fields) == set(form.NAMES) | {"reference", "requester", "lookalike_confirmed"}
