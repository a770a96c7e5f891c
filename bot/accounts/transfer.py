"""Accounts from a file and to a file, for the department's first hour and its last."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import spreadsheet
from bot.accounts import register
from bot.accounts.register import Existing
from bot.desk import Desk
from bot.errors import DeskError
from storage import people, units
from storage.people import Person

COLUMNS = ("unit", "platform", "name", "address", "purpose", "owner", "substitute", "login_place")
REQUIRED = ("unit", "platform", "name", "address", "purpose", "owner")
WRITTEN = ("name", "platform", "address", "purpose", "unit")


class BadFile(DeskError):
    """The file cannot be taken: one line that names the row and what is wrong with it."""


async def import_file(desk: Desk, file: Path, *, by: str = "import") -> int:
    """Enter every account of a CSV file; all of them or none. How many; raises BadFile.

    Columns as in ``COLUMNS``, separated by ; or , in UTF-8; people by e-mail address, units by name,
    platforms by key or visible name.
    """
    rows = list(_rows(file))
    now = desk.now()
    async with desk.db.write() as session:
        for number, row in enumerate(rows, 2):
            await _enter(session, desk, row, number, by, now)
    return len(rows)


def _rows(file: Path) -> Iterable[Mapping[str, str]]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{file}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    separator = ";" if text.partition("\n")[0].count(";") else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
    if missing:
        raise BadFile(f"{file}: row 1 lacks {', '.join(missing)}; the columns are {', '.join(COLUMNS)}")
    return [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]


async def _enter(
    session: AsyncSession, desk: Desk, row: Mapping[str, str], number: int, by: str, now: datetime
) -> None:
    existing = await _existing(session, desk, row, number)
    problems = await register.problems_of(session, desk, existing)
    if problems:
        wrong = ", ".join(f"{name} ({problem.key})" for name, problem in problems.items())
        raise BadFile(f"row {number}: {wrong}")
    await register.enter(session, by, existing, now)


async def _existing(session: AsyncSession, desk: Desk, row: Mapping[str, str], number: int) -> Existing:
    unit = await units.by_name(session, row["unit"])
    if unit is None:
        raise BadFile(f"row {number}: there is no unit {row['unit']!r}")
    wanted = [_spelt(one) for one in (row["owner"], row["substitute"]) if one]
    known = await people.by_who(session, wanted)
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise BadFile(f"row {number}: {unknown[0]} is not known in Slack")
    return Existing(
        unit=unit.id,
        platform=_platform(desk, row["platform"]),
        name=row["name"],
        address=row["address"],
        purpose=row["purpose"],
        owner=_id(known, row["owner"]),
        substitute=_id(known, row["substitute"]),
        login_place=row["login_place"],
    )


def _spelt(who: str) -> str:
    return who.lower() if "@" in who else who


def _id(known: Mapping[str, Person], who: str) -> str:
    return known[_spelt(who)].slack_id if who else ""


def _platform(desk: Desk, text: str) -> str:
    shown = {name.casefold(): key for key, name in desk.settings.accounts.platforms.items()}
    return shown.get(text.casefold(), text.casefold())


async def exported(desk: Desk, ending: str) -> tuple[int, str]:
    """The register as text for a file with this ending (.csv or .json), and how many accounts it holds.

    Raises BadFile for another ending.
    """
    lines = [asdict(one) for one in await register.lines(desk)]
    if ending == ".json":
        return len(lines), json.dumps(lines, ensure_ascii=False, indent=2)
    if ending == ".csv":
        return len(lines), spreadsheet.text(WRITTEN, ([line[name] for name in WRITTEN] for line in lines))
    raise BadFile(f"the file's name must end in .csv or .json, not {ending or 'nothing'}")
