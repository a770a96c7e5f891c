"""What the e-service may send: the fields of the form, and who is who by e-mail."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import Problem

NEEDED: Final = ("reference", "requester")


class Malformed(ValueError):
    """The body is not a JSON object in UTF-8."""


def _storable(text: str) -> str:
    """Databases keep no NUL, and half a surrogate pair is no letter."""
    if "\x00" in text:
        raise ValueError("NUL")
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_storable)]
Address = Annotated[str, AfterValidator(_storable), Field(max_length=254)]


class Request(BaseModel):
    """One application. ``unit`` is a name or a number, people are e-mail addresses, dates 2026-11-21.

    Only the types are checked here; what a field must hold is the form's business.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    reference: Annotated[Text, Field(max_length=80)] | None = None
    requester: Address | None = None
    lookalike_confirmed: bool = False
    unit: Text | int | None = None
    platform: Text | None = None
    name: Text | None = None
    purpose: Text | None = None
    benefit: Text | None = None
    audience: Text | None = None
    existing: Text | None = None
    editors: Annotated[list[Address], Field(max_length=20)] = Field(default_factory=list)
    substitute: Address | None = None
    hours: Text | float | None = None
    posts: Text | float | None = None
    ready: bool | None = None
    children: Text | None = None
    children_routine: Text | None = None
    goals: Text | None = None
    public: Text | None = None
    public_reason: Text | None = None
    private: bool | None = None
    personal_data: Text | None = None
    start: Text | None = None
    until: Text | None = None
    guidelines: bool | None = None


def read(body: bytes) -> Mapping[str, Any]:
    """The JSON object in the body; raises `Malformed`."""
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from None
    if not isinstance(found, dict):
        raise Malformed(type(found).__name__)
    return found


def parse(found: Mapping[str, Any]) -> Request | dict[str, Problem]:
    """The request, or what is wrong with its types, by field."""
    try:
        request = Request.model_validate(found)
    except ValidationError as error:
        return dict(_problem(one["loc"], one["type"]) for one in error.errors(include_url=False))
    lacking = [name for name in NEEDED if not (getattr(request, name) or "").strip()]
    return {name: Problem("form.needed") for name in lacking} or request


def _problem(place: tuple[int | str, ...], kind: str) -> tuple[str, Problem]:
    field = str(place[0])
    if kind == "extra_forbidden":
        return field[:80], Problem("etjanst.unknown_field")
    return field, Problem("etjanst.wrong_type")
