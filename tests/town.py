"""A small municipality in the database: people by function, units, a department of three."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bot.clock import OfficeClock
from bot.desk import Desk
from bot.settings import Settings
from storage import absences, duties, people, units
from storage.engine import Database
from storage.people import Person

TEAM = "T1"
REQUESTER, HEAD, DEPUTY, PARENT = "U0REQ", "U0HEAD", "U0DEP", "U0PAR"
COMMS, COMMS2, MANAGER = "U0KOM1", "U0KOM2", "U0CHEF"
GUEST, GONE, STRANGER, OTHER, EDITOR = "U0GUEST", "U0GONE", "U0FOREIGN", "U0OTHER", "U0EDIT"
OTHER_HEAD = "U0HEAD2"
CHANNEL = "C0KOMM"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # kl. 10 in Stockholm, an ordinary working day

NAMES = {
    REQUESTER: "Bibliotekarie",
    HEAD: "Enhetschef biblioteket",
    DEPUTY: "Ställföreträdare biblioteket",
    PARENT: "Verksamhetschef kultur",
    COMMS: "Kommunikatör ett",
    COMMS2: "Kommunikatör två",
    MANAGER: "Kommunikationschef",
    GUEST: "Konsult",
    GONE: "Slutat",
    STRANGER: "Annan arbetsyta",
    OTHER: "Handläggare",
    EDITOR: "Bibliotekspedagog",
    OTHER_HEAD: "Rektor",
}


class Clock:
    """The wall clock, moved by hand."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def settings(**accounts: Any) -> Settings:
    """A municipality's file."""
    return Settings.model_validate(
        {
            "municipality": {
                "name": "Exempelkommunen",
                "website": "https://www.exempel.example",
                "contact": "kontaktcenter@exempel.example",
                "records_url": "https://www.exempel.example/personuppgifter",
                "guidelines_url": "https://www.exempel.example/riktlinjer",
            },
            "slack": {"department_channel": CHANNEL},
            "department": {"people": [COMMS, COMMS2, MANAGER]},
            "accounts": accounts,
        }
    )


def desk(db: Database, now: Callable[[], datetime] | None = None, **accounts: Any) -> Desk:
    """A desk on this database."""
    chosen = settings(**accounts)
    return Desk(db, chosen, OfficeClock(chosen.office), b"key", "http://desk.test", now or Clock())


async def settle(db: Database) -> dict[str, int]:
    """Move everybody in; the units' numbers by name."""
    async with db.write() as session:
        for slack_id, name in NAMES.items():
            session.add(
                Person(
                    slack_id=slack_id,
                    team_id=TEAM,
                    email=f"{slack_id.lower()}@exempel.example",
                    name=name,
                    locale="sv-SE",
                    guest=slack_id == GUEST,
                    deleted=slack_id == GONE,
                    foreign=slack_id == STRANGER,
                    seen=MONDAY,
                )
            )
        for who in (COMMS, COMMS2, MANAGER):
            session.add(duties.Duty(role=duties.DEPARTMENT, who=who))
        return await _units(session)


async def _units(session: Any) -> dict[str, int]:
    culture = units.Unit(name="Kultur", board="Kulturnämnden", head=PARENT, head_title="verksamhetschef")
    school = units.Unit(name="Skolan", board="Skolnämnden", head=OTHER_HEAD, head_title="rektor")
    session.add_all((culture, school))
    await session.flush()
    library = units.Unit(
        name="Biblioteket",
        board="Kulturnämnden",
        parent_id=culture.id,
        head=f"{HEAD.lower()}@exempel.example",
        head_title="enhetschef",
        deputy=DEPUTY,
    )
    pool = units.Unit(
        name="Simhallen", board="Kulturnämnden", head="simchef@exempel.example", head_name="Chef simhallen"
    )
    empty = units.Unit(name="Utan chef", board="Kulturnämnden")
    session.add_all((library, pool, empty))
    await session.flush()
    return {unit.name: unit.id or 0 for unit in (culture, school, library, pool, empty)}


async def away(db: Database, slack_id: str, first: date, last: date) -> None:
    """Somebody is away, both dates included."""
    async with db.write() as session:
        session.add(
            absences.Absence(slack_id=slack_id, first=first, last=last, entered_by=slack_id, entered=MONDAY)
        )


async def change(db: Database, slack_id: str, **values: Any) -> None:
    """Slack says something new of a person."""
    async with db.write() as session:
        person = await people.get(session, slack_id)
        assert person is not None
        for name, value in values.items():
            setattr(person, name, value)
        session.add(person)


def form(unit: int, /, **changed: Any) -> dict[str, Any]:
    """A complete application."""
    return {
        "unit": str(unit),
        "platform": "facebook",
        "name": "Biblioteket berättar",
        "purpose": "Visa vad som händer på biblioteket och svara på frågor om lån.",
        "benefit": "Fler hittar hit.",
        "audience": "Barnfamiljer",
        "existing": "Nej, vi behöver egen dialog.",
        "editors": [REQUESTER, EDITOR],
        "substitute": EDITOR,
        "hours": "2,5",
        "posts": None,
        "ready": True,
        "children": "no",
        "children_routine": "",
        "goals": "500 följare.",
        "public": "yes",
        "public_reason": "",
        "private": True,
        "personal_data": "done",
        "start": "2027-01-11",
        "until": None,
        "guidelines": True,
        **changed,
    }
