"""The application form: three steps, and what each field must hold.

Fields follow what Swedish municipalities ask for when a unit wants an account of its own: purpose,
at least two editors, somebody who answers when the owner is away, time set aside.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.errors import Problem

PURPOSE_MIN = 40
SHORT, LONG = 120, 1500
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """What the form is checked against: local date, requester, the department's own rules."""

    today: date
    requester: str
    platforms: frozenset[str]
    minimum_posts: int | None = None


Check = Callable[[Any, Data, Setting], Problem | None]


@dataclass(frozen=True)
class Field:
    """A field, the step it stands in, and its rule."""

    name: str
    step: int
    check: Check


def _needed(value: Any, _data: Data, _setting: Setting) -> Problem | None:
    empty = value is None or value == [] or (isinstance(value, str) and not value.strip())
    return Problem("form.needed") if empty else None


def _text(limit: int = LONG, least: int = 1) -> Check:
    def check(value: Any, _data: Data, _setting: Setting) -> Problem | None:
        text = str(value or "").strip()
        if not text:
            return Problem("form.needed")
        if len(text) < least:
            return Problem("form.short", least=least, n=len(text))
        return Problem("form.long", limit=limit, n=len(text)) if len(text) > limit else None

    return check


def _platform(value: Any, _data: Data, setting: Setting) -> Problem | None:
    known = isinstance(value, str) and value in setting.platforms
    return None if known else Problem("form.needed")


def _editors(value: Any, _data: Data, _setting: Setting) -> Problem | None:
    return None if len(set(value or [])) >= 2 else Problem("form.editors")


def _substitute(value: Any, data: Data, setting: Setting) -> Problem | None:
    if not value:
        return Problem("form.needed")
    return Problem("form.substitute") if value == setting.requester else None


def _hours(value: Any, _data: Data, _setting: Setting) -> Problem | None:
    hours = number(value)
    return None if hours is not None and 0 < hours <= 40 else Problem("form.hours")


def _tick(key: str) -> Check:
    return lambda value, _data, _setting: None if value is True else Problem(key)


def _choice(*options: str) -> Check:
    return lambda value, _data, _setting: None if value in options else Problem("form.needed")


def _routine(value: Any, data: Data, _setting: Setting) -> Problem | None:
    missing = data.get("children") == "yes" and not str(value or "").strip()
    return Problem("form.routine") if missing else None


def _public_reason(value: Any, data: Data, _setting: Setting) -> Problem | None:
    missing = data.get("public") == "no" and not str(value or "").strip()
    return Problem("form.public_reason") if missing else None


def _posts(value: Any, _data: Data, setting: Setting) -> Problem | None:
    if setting.minimum_posts is None:
        return None
    posts = number(value)
    enough = posts is not None and posts >= setting.minimum_posts
    return None if enough else Problem("form.posts", least=setting.minimum_posts)


def _start(value: Any, _data: Data, _setting: Setting) -> Problem | None:
    return None if day(value) else Problem("form.needed")


def _until(value: Any, data: Data, _setting: Setting) -> Problem | None:
    end, start = day(value), day(data.get("start"))
    return Problem("form.until") if end and start and end <= start else None


FIELDS = (
    Field("unit", 1, _needed),
    Field("platform", 1, _platform),
    Field("name", 1, _text(SHORT, 2)),
    Field("purpose", 1, _text(LONG, PURPOSE_MIN)),
    Field("benefit", 1, _text()),
    Field("audience", 1, _text()),
    Field("existing", 1, _text()),
    Field("editors", 2, _editors),
    Field("substitute", 2, _substitute),
    Field("hours", 2, _hours),
    Field("posts", 2, _posts),
    Field("ready", 2, _tick("form.ready")),
    Field("children", 2, _choice("yes", "no")),
    Field("children_routine", 2, _routine),
    Field("goals", 3, _text()),
    Field("public", 3, _choice("yes", "no")),
    Field("public_reason", 3, _public_reason),
    Field("private", 3, _tick("form.private")),
    Field("personal_data", 3, _choice("done", "unclear")),
    Field("start", 3, _start),
    Field("until", 3, _until),
    Field("guidelines", 3, _tick("form.guidelines")),
)
NAMES = frozenset(field.name for field in FIELDS)
LAST_STEP = max(field.step for field in FIELDS)


def problems(data: Data, setting: Setting, step: int | None = None) -> dict[str, Problem]:
    """What is wrong with a step (or with the whole form), by field; empty when nothing is."""
    found = {}
    for field in FIELDS:
        if step is None or field.step == step:
            problem = field.check(data.get(field.name), data, setting)
            if problem is not None:
                found[field.name] = problem
    return found


def step_of(name: str) -> int:
    """The step in which a field stands."""
    return next(field.step for field in FIELDS if field.name == name)


def clean(data: Data) -> dict[str, Any]:
    """The content of a complete form in one spelling: trimmed, numbers as numbers, nothing foreign."""
    content: dict[str, Any] = {}
    for name in sorted(NAMES):
        value = data.get(name)
        content[name] = value.strip() if isinstance(value, str) else value
    content["hours"] = number(content["hours"])
    content["posts"] = number(content["posts"])
    content["unit"] = int(content["unit"])
    for name in ("start", "until"):  # one spelling: a date picker takes no other
        date_given = day(content[name])
        content[name] = date_given.isoformat() if date_given else None
    content["editors"] = list(dict.fromkeys(content["editors"]))
    return content


def digest(content: Data) -> str:
    """The hash that binds an approval to what was read."""
    text = json.dumps(dict(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def number(value: Any) -> float | None:
    """A number as Swedes write it ("2,5"), or None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value or "").strip().replace(",", ".").replace("\u00a0", "").replace(" ", "")
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text) else None


def day(value: Any) -> date | None:
    """A date written 2026-11-21, or None."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
