"""Small makers of modal pieces: inputs by kind, and the view around them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.texts import Speak
from handlers.cards.kit import Block, plain

TEXT_LIMIT = 3000
Options = Sequence[tuple[str, str]]


def view(
    t: Speak,
    callback: str,
    title: str,
    blocks: list[Block],
    *,
    submit: str | None = None,
    meta: Mapping[str, Any] | None = None,
    tell_close: bool = False,
) -> Block:
    """A modal. Without ``submit`` it only shows something. ``tell_close``: we hear when it is closed."""
    made: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "close": plain(t("btn.cancel") if submit else t("btn.close"), 24),
        "blocks": blocks[:100],
        "private_metadata": json.dumps(meta or {}, separators=(",", ":")),
    }
    if submit:
        made["submit"] = plain(submit, 24)
    if tell_close:
        made["notify_on_close"] = True
    return made


def field(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = False, dispatch: bool = False
) -> Block:
    """An input with its label. ``dispatch``: it also acts at once when it is changed."""
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": {"action_id": name, **element},
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, 2000)
    if dispatch:
        made["dispatch_action"] = True
    return made


def text(value: Any = None, *, lines: bool = False, limit: int = TEXT_LIMIT, placeholder: str = "") -> Block:
    """A text field; the desk, not Slack, says what is too short or too long, so that nothing is lost."""
    made: Block = {"type": "plain_text_input", "multiline": lines, "max_length": limit}
    if value not in (None, ""):
        made["initial_value"] = str(value)[:limit]
    if placeholder:
        made["placeholder"] = plain(placeholder, 150)
    return made


def select(options: Options, chosen: Any = None, *, radio: bool = False) -> Block:
    """One of a few."""
    made: Block = {
        "type": "radio_buttons" if radio else "static_select",
        "options": [option(value, shown) for value, shown in options],
    }
    found = next((option(value, shown) for value, shown in options if value == chosen), None)
    return {**made, "initial_option": found} if found else made


def tick(shown: str, on: bool = False) -> Block:
    """A single box to tick."""
    only = option("yes", shown)
    made: Block = {"type": "checkboxes", "options": [only]}
    return {**made, "initial_options": [only]} if on else made


def external(chosen: tuple[str, str] | None = None, *, least: int = 0, placeholder: str = "") -> Block:
    """One of many; the desk suggests as the person types."""
    made: Block = {"type": "external_select", "min_query_length": least}
    if chosen:
        made["initial_option"] = option(*chosen)
    if placeholder:
        made["placeholder"] = plain(placeholder, 150)
    return made


def person(chosen: str | None = None) -> Block:
    """One person."""
    made: Block = {"type": "users_select"}
    return {**made, "initial_user": chosen} if chosen else made


def persons(chosen: Sequence[str] = ()) -> Block:
    """Several people."""
    made: Block = {"type": "multi_users_select"}
    return {**made, "initial_users": list(chosen)} if chosen else made


def channel(chosen: str | None = None) -> Block:
    """A channel, public or private."""
    made: Block = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return {**made, "initial_conversation": chosen} if chosen else made


def date(chosen: str | None = None) -> Block:
    """A date."""
    made: Block = {"type": "datepicker"}
    return {**made, "initial_date": chosen} if chosen else made


def option(value: str, shown: str) -> Block:
    """One choice."""
    return {"text": plain(shown, 75), "value": value}
