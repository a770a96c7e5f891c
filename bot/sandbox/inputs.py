"""Values that people enter: their shape per element, and what Slack's own client refuses to send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import Refused

JSON = dict[str, Any]
Values = dict[str, dict[str, JSON]]
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Kind:
    """How one type of element carries its value, and what it begins with."""

    key: str
    initial: str
    many: bool = False

    @property
    def empty(self) -> Any:
        """What is sent when nothing is entered."""
        return [] if self.many else None


KINDS: dict[str, Kind] = {
    "plain_text_input": Kind("value", "initial_value"),
    "number_input": Kind("value", "initial_value"),
    "url_text_input": Kind("value", "initial_value"),
    "email_text_input": Kind("value", "initial_value"),
    "rich_text_input": Kind("rich_text_value", "initial_value"),
    "static_select": Kind("selected_option", "initial_option"),
    "external_select": Kind("selected_option", "initial_option"),
    "radio_buttons": Kind("selected_option", "initial_option"),
    "overflow": Kind("selected_option", "initial_option"),
    "multi_static_select": Kind("selected_options", "initial_options", many=True),
    "multi_external_select": Kind("selected_options", "initial_options", many=True),
    "checkboxes": Kind("selected_options", "initial_options", many=True),
    "users_select": Kind("selected_user", "initial_user"),
    "multi_users_select": Kind("selected_users", "initial_users", many=True),
    "conversations_select": Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Kind("selected_conversations", "initial_conversations", many=True),
    "channels_select": Kind("selected_channel", "initial_channel"),
    "multi_channels_select": Kind("selected_channels", "initial_channels", many=True),
    "datepicker": Kind("selected_date", "initial_date"),
    "timepicker": Kind("selected_time", "initial_time"),
    "datetimepicker": Kind("selected_date_time", "initial_date_time"),
}


def elements(blocks: Iterable[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Yield every (block, interactive element) of some blocks."""
    for block in blocks:
        single = [block[name] for name in ("element", "accessory") if isinstance(block.get(name), dict)]
        several = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*single, *several]:
            if "action_id" in element:
                yield block, element


def holding(blocks: Iterable[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Yield every (block, element) that holds a value."""
    return ((block, e) for block, e in elements(blocks) if e["type"] in KINDS and e["type"] != "overflow")


def state(blocks: Iterable[JSON], typed: Values) -> Values:
    """Return state.values: what was entered, else what the app suggested, else null."""
    values: Values = {}
    for block, element in holding(blocks):
        entered = typed.get(block["block_id"], {}).get(element["action_id"])
        values.setdefault(block["block_id"], {})[element["action_id"]] = entered or initial(element)
    return values


def initial(element: JSON) -> JSON:
    """Return the value an element begins with."""
    kind = KINDS[element["type"]]
    return {"type": element["type"], kind.key: element.get(kind.initial, kind.empty)}


def entry(element: JSON, given: JSON, offered: dict[str, JSON]) -> JSON:
    """Return the value as Slack sends it. Options are matched by their value.

    Raises Refused when the person cannot have chosen this.
    """
    kind = KINDS[element["type"]]
    chosen = given.get(kind.key, kind.empty)
    if "option" in kind.key:
        chosen = _chosen(element, kind, chosen, offered)
    elif chosen is not None and not isinstance(chosen, list if kind.many else str | int | dict):
        raise Refused(f"{element['action_id']}: {kind.key} has another shape")
    if isinstance(chosen, str) and not chosen:
        chosen = None
    return {"type": element["type"], kind.key: chosen}


def _chosen(element: JSON, kind: Kind, chosen: Any, offered: dict[str, JSON]) -> Any:
    known = {option["value"]: option for option in options(element)} | offered
    for begun in _begun(element, kind):
        known.setdefault(begun["value"], begun)
    if kind.many:
        return [_known(element, option, known) for option in chosen or []]
    return _known(element, chosen, known) if chosen else None


def _begun(element: JSON, kind: Kind) -> list[JSON]:
    begun = element.get(kind.initial) or []
    return begun if isinstance(begun, list) else [begun]


def _known(element: JSON, option: Any, known: dict[str, JSON]) -> JSON:
    value = option.get("value") if isinstance(option, dict) else option
    if value not in known:
        raise Refused(f"{element['action_id']}: there is no option {value!r}")
    return known[value]


def options(element: JSON) -> list[JSON]:
    """Return the options an element lists itself, its groups flattened."""
    groups = element.get("option_groups") or []
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def complaints(blocks: Iterable[JSON], values: Values) -> dict[str, str]:
    """Return what Slack's client itself refuses to submit: {block_id: sentence}."""
    found: dict[str, str] = {}
    for block in blocks:
        element = block.get("element")
        if block["type"] != "input" or element is None or element["type"] not in KINDS:
            continue
        value = values[block["block_id"]][element["action_id"]][KINDS[element["type"]].key]
        sentence = _complaint(element, value, optional=bool(block.get("optional")))
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _complaint(element: JSON, value: Any, *, optional: bool) -> str | None:
    if value in (None, [], "") or (isinstance(value, str) and not value.strip()):
        return None if optional else "Please complete this required field."
    check = _CHECKS.get(element["type"])
    return check(element, value) if check else None


def _length(element: JSON, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"This field must be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"This field must be at most {element.get('max_length', 3000)} characters."
    return None


def _number(element: JSON, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


def _address(element: JSON, value: str) -> str | None:
    return None if _MAIL.fullmatch(value) else "Please enter a valid email address."


def _link(element: JSON, value: str) -> str | None:
    return None if re.match(r"https?://\S+$", value) else "Please enter a valid URL."


def _count(element: JSON, value: list[Any]) -> str | None:
    most = element.get("max_selected_items")
    return f"Please choose at most {most}." if most and len(value) > most else None


_CHECKS: dict[str, Callable[[JSON, Any], str | None]] = {
    "plain_text_input": _length,
    "number_input": _number,
    "email_text_input": _address,
    "url_text_input": _link,
    "multi_static_select": _count,
    "multi_external_select": _count,
    "multi_users_select": _count,
    "multi_conversations_select": _count,
    "multi_channels_select": _count,
}
