"""The rules of text, options, confirmations and interactive elements (limits: docs, slack.md §1.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.sandbox.rules import (
    JSON,
    Check,
    Report,
    anything,
    array,
    flag,
    matching,
    number,
    objects,
    one_of,
    shape,
    string,
    typed,
)

ID = string(255)
OPTIONS = 100
CHOICES = 10
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def plain(most: int) -> Check:
    """A plain_text object."""
    return typed({"plain_text": shape({"type": anything, "text": string(most)}, {"emoji": flag})})


def text(most: int) -> Check:
    """A text object, plain or mrkdwn."""
    return typed(
        {
            "plain_text": shape({"type": anything, "text": string(most)}, {"emoji": flag}),
            "mrkdwn": shape({"type": anything, "text": string(most)}, {"verbatim": flag}),
        }
    )


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(words: Check, *, url: bool = False) -> Check:
    """One thing to choose; only overflow menus may link."""
    optional = {"description": text(75)} | ({"url": string(3000)} if url else {})
    return shape({"text": words, "value": string(150)}, optional)


OPTION = option(plain(75))
RICH_OPTION = option(text(75))
GROUP = shape({"label": plain(75), "options": array(OPTION, OPTIONS)})


def is_date(value: str) -> bool:
    """Whether a text is a day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


_DAY = matching(is_date, "a date, YYYY-MM-DD")
_CLOCK = matching(lambda value: bool(_TIME.fullmatch(value)), "a time, HH:mm")
_NUMERIC = matching(_is_number, "a number in a string")


def element(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *more: Check) -> Check:
    """An interactive element; action_id may be left to Slack."""
    return shape({"type": one_of(kind), **required}, {"action_id": ID, **optional}, *more)


def begins_with_own(initial: str) -> Check:
    """What is chosen from the beginning must be one of the options."""

    def check(report: Report, pointer: str, value: JSON) -> None:
        chosen = value.get(initial)
        if chosen is None:
            return
        known = [*value.get("options", ())]
        known += [one for group in value.get("option_groups", ()) for one in group["options"]]
        several = isinstance(chosen, list)
        for index, one in enumerate(chosen if several else [chosen]):
            if one not in known:
                place = f"{pointer}/{initial}/{index}" if several else f"{pointer}/{initial}"
                report.add(place, "initial", "must be one of the options")

    return check


def _either_list(report: Report, pointer: str, value: JSON) -> None:
    given = [name for name in ("options", "option_groups") if value.get(name) is not None]
    if len(given) != 1:
        report.add(pointer, "options", "needs exactly one of options and option_groups")


def _same_value(report: Report, pointer: str, value: JSON) -> None:
    seen: set[str] = set()
    for place, one in objects(value, pointer):
        if "/initial_" in place or "value" not in one or "text" not in one or place == pointer:
            continue
        if one["value"] in seen:
            report.add(f"{place}/value", "duplicate", f"duplicate option value: {one['value']}")
        seen.add(one["value"])


def _lengths(report: Report, pointer: str, value: JSON) -> None:
    least, most = value.get("min_length") or 0, value.get("max_length") or 3000
    if least > most:
        report.add(f"{pointer}/min_length", "range", "must not exceed max_length")
    begun = value.get("initial_value")
    if begun and not least <= len(begun) <= most:
        report.add(f"{pointer}/initial_value", "initial", f"must have {least} to {most} characters")


_FOCUS = {"focus_on_load": flag}
_ASKED = {"confirm": CONFIRM}
_TAKEN = {**_FOCUS, **_ASKED}
_HOLDER = {"placeholder": plain(150), **_TAKEN}
_STATIC = {"options": array(OPTION, OPTIONS), "option_groups": array(GROUP, OPTIONS)}
_SEVERAL = {"max_selected_items": number(1, 100)}
_QUERY = {"min_query_length": number(0, 100)}
_WHERE = {
    "filter": shape(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": flag,
            "exclude_bot_users": flag,
        },
    ),
    "default_to_current_conversation": flag,
}
_LINK = {"response_url_enabled": flag}
_DISPATCH = {
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}
    )
}
_WRITTEN = {"placeholder": plain(150), **_FOCUS, **_DISPATCH}
_IDS = array(ID, 100, 0)


def _picture(report: Report, pointer: str, value: JSON) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        report.add(pointer, "missing", "needs exactly one of image_url and slack_file")


FILE = shape({}, {"id": string(255), "url": string(3000)})
IMAGE = shape(
    {"type": one_of("image"), "alt_text": string(2000)},
    {"image_url": string(3000), "slack_file": FILE},
    _picture,
)

BUTTON = element(
    "button",
    {"text": plain(75)},
    {
        **_ASKED,
        "value": string(2000),
        "url": string(3000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)

SELECTS: dict[str, Check] = {
    "static_select": element(
        "static_select",
        {},
        {**_HOLDER, **_STATIC, "initial_option": OPTION},
        _either_list,
        _same_value,
        begins_with_own("initial_option"),
    ),
    "multi_static_select": element(
        "multi_static_select",
        {},
        {**_HOLDER, **_STATIC, **_SEVERAL, "initial_options": array(OPTION, OPTIONS)},
        _either_list,
        _same_value,
        begins_with_own("initial_options"),
    ),
    "external_select": element("external_select", {}, {**_HOLDER, **_QUERY, "initial_option": OPTION}),
    "multi_external_select": element(
        "multi_external_select",
        {},
        {**_HOLDER, **_QUERY, **_SEVERAL, "initial_options": array(OPTION, OPTIONS)},
    ),
    "users_select": element("users_select", {}, {**_HOLDER, "initial_user": ID}),
    "multi_users_select": element("multi_users_select", {}, {**_HOLDER, **_SEVERAL, "initial_users": _IDS}),
    "conversations_select": element(
        "conversations_select", {}, {**_HOLDER, **_WHERE, **_LINK, "initial_conversation": ID}
    ),
    "multi_conversations_select": element(
        "multi_conversations_select", {}, {**_HOLDER, **_WHERE, **_SEVERAL, "initial_conversations": _IDS}
    ),
    "channels_select": element("channels_select", {}, {**_HOLDER, **_LINK, "initial_channel": ID}),
    "multi_channels_select": element(
        "multi_channels_select", {}, {**_HOLDER, **_SEVERAL, "initial_channels": _IDS}
    ),
}

PICKERS: dict[str, Check] = {
    "datepicker": element("datepicker", {}, {**_HOLDER, "initial_date": _DAY}),
    "timepicker": element("timepicker", {}, {**_HOLDER, "initial_time": _CLOCK, "timezone": string(100)}),
    "datetimepicker": element(
        "datetimepicker", {}, {**_TAKEN, "initial_date_time": number(1_000_000_000, 9_999_999_999)}
    ),
    "checkboxes": element(
        "checkboxes",
        {"options": array(RICH_OPTION, CHOICES)},
        {**_TAKEN, "initial_options": array(RICH_OPTION, CHOICES)},
        _same_value,
        begins_with_own("initial_options"),
    ),
    "radio_buttons": element(
        "radio_buttons",
        {"options": array(RICH_OPTION, CHOICES)},
        {**_TAKEN, "initial_option": RICH_OPTION},
        _same_value,
        begins_with_own("initial_option"),
    ),
}

OVERFLOW = element("overflow", {"options": array(option(plain(75), url=True), 5)}, _ASKED, _same_value)

WRITING: dict[str, Check] = {
    "plain_text_input": element(
        "plain_text_input",
        {},
        {
            **_WRITTEN,
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        _lengths,
    ),
    "number_input": element(
        "number_input",
        {"is_decimal_allowed": flag},
        {**_WRITTEN, "initial_value": _NUMERIC, "min_value": _NUMERIC, "max_value": _NUMERIC},
    ),
    "url_text_input": element("url_text_input", {}, {**_WRITTEN, "initial_value": string(3000, 0)}),
    "email_text_input": element("email_text_input", {}, {**_WRITTEN, "initial_value": string(3000, 0)}),
    "rich_text_input": element("rich_text_input", {}, {**_WRITTEN, "initial_value": anything}),
}

IN_ACTIONS: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **PICKERS}
IN_SECTION: dict[str, Check] = {name: check for name, check in IN_ACTIONS.items() if name != "datetimepicker"} | {
    "image": IMAGE
}
IN_INPUT: dict[str, Check] = {**SELECTS, **PICKERS, **WRITING}
IN_CONTEXT: dict[str, Check] = {"image": IMAGE, "plain_text": text(3000), "mrkdwn": text(3000)}


def suggestions(report: Report, body: Any) -> None:
    """Check what an app answers to block_suggestion; no option at all is fine."""
    group = shape({"label": plain(75), "options": array(OPTION, OPTIONS, 0)})
    lists = {"options": array(OPTION, OPTIONS, 0), "option_groups": array(group, OPTIONS, 0)}
    shape({}, lists, _either_list)(report, "", body)
