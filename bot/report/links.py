"""Addresses of a report's page, workbook and charts: signed, for one month, and good until a date."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.desk import Desk
from bot.report.period import Period

PLACE: Final = "/rapport"
_WRITTEN: Final = re.compile(r"([dm])(20\d\d-(?:0[1-9]|1[0-2]))-(\d{8})-([0-9a-f]{40})")


class For(StrEnum):
    """Who was given the address: the department also sees drafts, management only what was sent."""

    DEPARTMENT = "d"
    MANAGEMENT = "m"


@dataclass(frozen=True)
class Pass:
    """What an address opens."""

    period: Period
    whom: For


def address(desk: Desk, period: Period, whom: For, now: datetime) -> str:
    """The address of the page, without a slash at its end; good for the days that the settings say."""
    until = desk.office.local_date(now) + timedelta(days=desk.settings.report.link_days)
    return f"{desk.public_url}{PLACE}/{_token(desk, period, whom, until)}"


def read(desk: Desk, token: str, now: datetime) -> Pass | None:
    """What the token opens; None for one that is not ours or whose time is over."""
    found = _WRITTEN.fullmatch(token)
    if found is None:
        return None
    whom, period = For(found[1]), Period.read(found[2])
    try:
        until = date.fromisoformat(found[3])
    except ValueError:
        return None
    right = _token(desk, period, whom, until)
    in_time = desk.office.local_date(now) <= until
    return Pass(period, whom) if hmac.compare_digest(right, token) and in_time else None


def _token(desk: Desk, period: Period, whom: For, until: date) -> str:
    signed = f"{whom}{period}-{until:%Y%m%d}"
    digest = hmac.new(desk.log_key, f"report-link:{signed}".encode(), hashlib.sha256).hexdigest()
    return f"{signed}-{digest[:40]}"
