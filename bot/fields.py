"""The kinds of values in the municipality's file; each error says what is expected."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('expected a web address like "https://www.example.se"')
    return value


def matching(pattern: str, expected: str) -> Any:
    """A string of that pattern; the error says what is expected instead of showing the pattern."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


Text = Annotated[str, Field(min_length=1)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
Email = Annotated[str, matching(EMAIL, 'an e-mail address like "namn@example.se"')]
Who = Annotated[str, matching(rf"{EMAIL}|[UW][A-Z0-9]+", 'an e-mail address or a Slack user id like "U0123ABC"')]
Channel = Annotated[str, matching(r"[CG][A-Z0-9]+", 'a Slack channel id like "C0123ABC" (not the name)')]
Group = Annotated[str, matching(r"S[A-Z0-9]+", 'a Slack user group id like "S0123ABC"')]
Team = Annotated[str, matching(r"[TE][A-Z0-9]+", 'a Slack workspace id like "T0123ABC"')]
Key = Annotated[str, matching(r"[a-z][a-z0-9_-]*", "a key of small letters a-z, digits, - and _")]
WorkingDays = Annotated[int, Field(ge=1, le=250)]
CalendarDays = Annotated[int, Field(ge=1, le=366)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Table(BaseModel):
    """A table of the file: frozen, and every key in it is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
