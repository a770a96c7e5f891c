"""Block Kit as Slack checks it: every limit, at its edge and beyond it."""

# ruff: noqa: E501 (tables read best one case a line)

from __future__ import annotations

import pytest

from bot.sandbox.blocks import check_message, check_options, check_view
from tests.sandbox.world import actions, button, field, modal, option, section, text

OPTIONS = [option("Ja", "yes"), option("Nej", "no")]


def select(**more) -> dict:
    return {"type": "static_select", "action_id": "s", "options": OPTIONS, **more}


def static(count: int) -> dict:
    return select(options=[option(f"Val {n}", str(n)) for n in range(count)])


def written(**more) -> dict:
    return {"type": "plain_text_input", "action_id": "t", **more}


def choice(kind: str, count: int = 2, **more) -> dict:
    options = [option(f"Val {n}", str(n)) for n in range(count)]
    return {"type": kind, "action_id": "c", "options": options, **more}


def confirm(**more) -> dict:
    sure = {
        "title": text("Säkert?"),
        "text": text("Det går inte att ångra."),
        "confirm": text("Ja"),
        "deny": text("Nej"),
    }
    return sure | more


def rich(*parts) -> dict:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def table(rows: int, columns: int) -> dict:
    cell = {"type": "raw_text", "text": "1"}
    return {"type": "table", "rows": [[cell] * columns for _ in range(rows)]}


def picture(**more) -> dict:
    return {"type": "image", "image_url": "https://bild.test/a.png", "alt_text": "En bild", **more}


FINE = {
    "no blocks": [],
    "section at its limit": [section("x" * 3000)],
    "section with fields": [{"type": "section", "fields": [text("x" * 2000)] * 5}],
    "ten fields": [{"type": "section", "fields": [text("x")] * 10}],
    "section with expand": [section("x", expand=True)],
    "verbatim": [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": True}}],
    "header at its limit": [{"type": "header", "text": text("x" * 150)}],
    "divider": [{"type": "divider"}],
    "ten context elements": [{"type": "context", "elements": [text("x")] * 9 + [picture()]}],
    "25 buttons": [actions(*(button("x" * 75, f"b{n}", "v" * 2000) for n in range(25)))],
    "button with everything": [actions(button("x", "b", url="https://a.test", style="danger", confirm=confirm(style="danger"), accessibility_label="Läs"))],
    "100 options": [actions(static(100))],
    "option at its limits": [actions(select(options=[option("x" * 75, "v" * 150) | {"description": text("d" * 75)}]))],
    "option groups": [actions({"type": "static_select", "action_id": "s", "option_groups": [{"label": text("Grupp"), "options": OPTIONS}]})],
    "initial option": [actions(select(initial_option=OPTIONS[1]))],
    "external select": [actions({"type": "external_select", "action_id": "e", "min_query_length": 0, "initial_option": OPTIONS[0]})],
    "people and places": [actions(*({"type": kind, "action_id": kind, "placeholder": text("Välj")} for kind in ("users_select", "multi_users_select", "conversations_select", "channels_select", "multi_external_select", "multi_conversations_select", "multi_channels_select")))],
    "ten checkboxes": [actions(choice("checkboxes", 10))],
    "radio with markup": [actions({"type": "radio_buttons", "action_id": "r", "options": [{"text": text("*Ja*", "mrkdwn"), "value": "1"}]})],
    "date and time": [actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-21"}, {"type": "timepicker", "action_id": "t", "initial_time": "08:00", "timezone": "Europe/Stockholm"})],
    "overflow of five": [section("x", accessory=choice("overflow", 5))],
    "section accessory": [section("x", accessory=picture())],
    "input in a message": [field("Skäl", written(multiline=True, min_length=0, max_length=3000))],
    "image": [picture(title=text("Titel"))],
    "image from Slack": [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "En bild"}],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "table at its limits": [table(100, 20)],
    "rich text": [rich({"type": "text", "text": "Hej ", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}, {"type": "link", "url": "https://a.test"}, {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "då"})],
    "rich list": [{"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}]}],
    "50 blocks": [{"type": "divider"}] * 50,
    "12 000 characters": [section("x" * 3000)] * 4,
}  # fmt: skip

WRONG = {
    "not a list": ("x", "/blocks", "type"),
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks", "too_many"),
    "unknown block": ([{"type": "accordion"}], "/blocks/0/type", "unsupported_type"),
    "no type": ([{}], "/blocks/0/type", "unsupported_type"),
    "a string for a block": (["x"], "/blocks/0", "type"),
    "unknown key": ([section("x", colour="red")], "/blocks/0", "unknown_field"),
    "long section": ([section("x" * 3001)], "/blocks/0/text/text", "too_long"),
    "empty text": ([section("")], "/blocks/0/text/text", "too_short"),
    "text of no kind": ([{"type": "section", "text": {"type": "text", "text": "x"}}], "/blocks/0/text/type", "unsupported_type"),
    "emoji in mrkdwn": ([{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}], "/blocks/0/text", "unknown_field"),
    "verbatim in plain text": ([{"type": "section", "text": {"type": "plain_text", "text": "x", "verbatim": True}}], "/blocks/0/text", "unknown_field"),
    "section of nothing": ([{"type": "section"}], "/blocks/0", "missing"),
    "long field": ([{"type": "section", "fields": [text("x" * 2001)]}], "/blocks/0/fields/0/text", "too_long"),
    "eleven fields": ([{"type": "section", "fields": [text("x")] * 11}], "/blocks/0/fields", "too_many"),
    "long header": ([{"type": "header", "text": text("x" * 151)}], "/blocks/0/text/text", "too_long"),
    "markup in header": ([{"type": "header", "text": text("x", "mrkdwn")}], "/blocks/0/text/type", "unsupported_type"),
    "eleven in context": ([{"type": "context", "elements": [text("x")] * 11}], "/blocks/0/elements", "too_many"),
    "button in context": ([{"type": "context", "elements": [button("x", "b")]}], "/blocks/0/elements/0/type", "unsupported_type"),
    "empty actions": ([actions()], "/blocks/0/elements", "too_few"),
    "26 elements": ([actions(*(button("x", f"b{n}") for n in range(26)))], "/blocks/0/elements", "too_many"),
    "long button": ([actions(button("x" * 76, "b"))], "/blocks/0/elements/0/text/text", "too_long"),
    "long value": ([actions(button("x", "b", "v" * 2001))], "/blocks/0/elements/0/value", "too_long"),
    "number as value": ([actions(button("x", "b", 7))], "/blocks/0/elements/0/value", "type"),
    "long url": ([actions(button("x", "b", url="https://" + "x" * 3000))], "/blocks/0/elements/0/url", "too_long"),
    "green button": ([actions(button("x", "b", style="success"))], "/blocks/0/elements/0/style", "choice"),
    "button with markup": ([actions({"type": "button", "action_id": "b", "text": text("x", "mrkdwn")})], "/blocks/0/elements/0/text/type", "unsupported_type"),
    "long accessibility label": ([actions(button("x", "b", accessibility_label="x" * 76))], "/blocks/0/elements/0/accessibility_label", "too_long"),
    "long action_id": ([actions(button("x", "b" * 256))], "/blocks/0/elements/0/action_id", "too_long"),
    "long block_id": ([section("x", block_id="b" * 256)], "/blocks/0/block_id", "too_long"),
    "repeated block_id": ([section("x", block_id="b"), section("y", block_id="b")], "/blocks/1/block_id", "duplicate"),
    "repeated action_id": ([actions(button("x", "b"), button("y", "b"))], "/blocks/0/elements/1/action_id", "duplicate"),
    "long confirm title": ([actions(button("x", "b", confirm=confirm(title=text("x" * 101))))], "/blocks/0/elements/0/confirm/title/text", "too_long"),
    "long confirm text": ([actions(button("x", "b", confirm=confirm(text=text("x" * 301))))], "/blocks/0/elements/0/confirm/text/text", "too_long"),
    "long confirm button": ([actions(button("x", "b", confirm=confirm(deny=text("x" * 31))))], "/blocks/0/elements/0/confirm/deny/text", "too_long"),
    "confirm without deny": ([actions(button("x", "b", confirm={"title": text("x")}))], "/blocks/0/elements/0/confirm", "missing"),
    "101 options": ([actions(static(101))], "/blocks/0/elements/0/options", "too_many"),
    "no options": ([actions(select(options=[]))], "/blocks/0/elements/0/options", "too_few"),
    "neither options nor groups": ([actions({"type": "static_select", "action_id": "s"})], "/blocks/0/elements/0", "options"),
    "long option": ([actions(select(options=[option("x" * 76, "v")]))], "/blocks/0/elements/0/options/0/text/text", "too_long"),
    "long option value": ([actions(select(options=[option("x", "v" * 151)]))], "/blocks/0/elements/0/options/0/value", "too_long"),
    "long description": ([actions(select(options=[option("x", "v") | {"description": text("d" * 76)}]))], "/blocks/0/elements/0/options/0/description/text", "too_long"),
    "url in a select": ([actions(select(options=[option("x", "v") | {"url": "https://a.test"}]))], "/blocks/0/elements/0/options/0", "unknown_field"),
    "long group label": ([actions({"type": "static_select", "action_id": "s", "option_groups": [{"label": text("x" * 76), "options": OPTIONS}]})], "/blocks/0/elements/0/option_groups/0/label/text", "too_long"),
    "initial option of another list": ([actions(select(initial_option=option("Kanske", "maybe")))], "/blocks/0/elements/0/initial_option", "initial"),
    "initial options of another list": ([actions(choice("checkboxes", initial_options=[option("Kanske", "maybe")]))], "/blocks/0/elements/0/initial_options/0", "initial"),
    "long placeholder": ([actions(select(placeholder=text("x" * 151)))], "/blocks/0/elements/0/placeholder/text", "too_long"),
    "eleven checkboxes": ([actions(choice("checkboxes", 11))], "/blocks/0/elements/0/options", "too_many"),
    "eleven radio buttons": ([actions(choice("radio_buttons", 11))], "/blocks/0/elements/0/options", "too_many"),
    "overflow of six": ([section("x", accessory=choice("overflow", 6))], "/blocks/0/accessory/options", "too_many"),
    "impossible date": ([actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"})], "/blocks/0/elements/0/initial_date", "format"),
    "impossible time": ([actions({"type": "timepicker", "action_id": "t", "initial_time": "24:00"})], "/blocks/0/elements/0/initial_time", "format"),
    "text input in actions": ([actions(written())], "/blocks/0/elements/0/type", "unsupported_type"),
    "text input as accessory": ([section("x", accessory=written())], "/blocks/0/accessory/type", "unsupported_type"),
    "button in input": ([field("x", button("x", "b"))], "/blocks/0/element/type", "unsupported_type"),
    "long label": ([field("x" * 2001, written())], "/blocks/0/label/text", "too_long"),
    "long hint": ([field("x", written(), hint=text("x" * 2001))], "/blocks/0/hint/text", "too_long"),
    "max_length 3001": ([field("x", written(max_length=3001))], "/blocks/0/element/max_length", "range"),
    "min over max": ([field("x", written(min_length=9, max_length=8))], "/blocks/0/element/min_length", "range"),
    "initial value too long for it": ([field("x", written(max_length=2, initial_value="abc"))], "/blocks/0/element/initial_value", "initial"),
    "number without decimals said": ([field("x", {"type": "number_input", "action_id": "n"})], "/blocks/0/element", "missing"),
    "number that is none": ([field("x", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "få"})], "/blocks/0/element/min_value", "format"),
    "image without words": ([{"type": "image", "image_url": "https://a.test"}], "/blocks/0", "missing"),
    "image from nowhere": ([{"type": "image", "alt_text": "x"}], "/blocks/0", "missing"),
    "long alt text": ([picture(alt_text="x" * 2001)], "/blocks/0/alt_text", "too_long"),
    "101 rows": ([table(101, 1)], "/blocks/0/rows", "too_many"),
    "21 columns": ([table(1, 21)], "/blocks/0/rows/0", "too_many"),
    "two tables": ([table(1, 1), table(1, 1)], "/blocks", "only_one_table_allowed"),
    "long markdown": ([{"type": "markdown", "text": "x" * 12_001}], "/blocks/0/text", "too_long"),
    "rich text of another kind": ([rich({"type": "video"})], "/blocks/0/elements/0/elements/0/type", "unsupported_type"),
    "broadcast to all the world": ([rich({"type": "broadcast", "range": "world"})], "/blocks/0/elements/0/elements/0/range", "choice"),
    "more than 12 000 characters": ([section("x" * 3000)] * 4 + [section("x")], "/blocks", "total"),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_what_slack_takes_is_taken(name: str):
    assert check_message({"blocks": FINE[name]}) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_slack_refuses_is_refused_at_its_place(name: str):
    blocks, pointer, rule = WRONG[name]
    found = [(problem.pointer, problem.rule) for problem in check_message({"blocks": blocks})]
    assert (pointer, rule) in found


def test_every_fault_is_named_not_only_the_first():
    blocks = [section(""), {"type": "header", "text": text("x" * 151)}]
    assert [problem.pointer for problem in check_message({"blocks": blocks})] == [
        "/blocks/0/text/text",
        "/blocks/1/text/text",
    ]


PURPOSE = field("Syfte", written())
VIEWS_WRONG = {
    "not an object": ("x", "/view", "type"),
    "another type": (modal(PURPOSE) | {"type": "popup"}, "/view/type", "choice"),
    "no title": ({"type": "modal", "blocks": [section("x")]}, "/view", "missing"),
    "no blocks": ({"type": "modal", "title": text("x")}, "/view", "missing"),
    "empty blocks": (modal(submit=None), "/view/blocks", "too_few"),
    "long title": (modal(PURPOSE, title="x" * 25), "/view/title/text", "too_long"),
    "long submit": (modal(PURPOSE, submit="x" * 25), "/view/submit/text", "too_long"),
    "long close": (modal(PURPOSE, close=text("x" * 25)), "/view/close/text", "too_long"),
    "long metadata": (modal(PURPOSE, private_metadata="x" * 3001), "/view/private_metadata", "too_long"),
    "long callback_id": (modal(PURPOSE, callback_id="x" * 256), "/view/callback_id", "too_long"),
    "long external_id": (modal(PURPOSE, external_id="x" * 256), "/view/external_id", "too_long"),
    "input without submit": (modal(PURPOSE, submit=None), "/view", "submit"),
    "submit_disabled": (modal(PURPOSE, submit_disabled=True), "/view", "unknown_field"),
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "/view/blocks", "too_many"),
    "markdown": (modal({"type": "markdown", "text": "x"}), "/view/blocks/0/type", "unsupported_type"),
    "table": (modal(table(1, 1)), "/view/blocks/0/type", "unsupported_type"),
    "two in focus": (
        modal(field("A", written(focus_on_load=True)), field("B", written(focus_on_load=True))),
        "/view/blocks/1/element/focus_on_load",
        "focus",
    ),
    "repeated block_id": (
        modal(field("A", written(), block_id="b"), field("B", written(), block_id="b")),
        "/view/blocks/1/block_id",
        "duplicate",
    ),
    "home with a title": (
        {"type": "home", "title": text("Hem"), "blocks": [section("x")]},
        "/view",
        "unknown_field",
    ),
    "empty home": ({"type": "home", "blocks": []}, "/view/blocks", "too_few"),
}


@pytest.mark.parametrize("name", VIEWS_WRONG)
def test_a_view_slack_refuses_is_refused_at_its_place(name: str):
    view, pointer, rule = VIEWS_WRONG[name]
    assert (pointer, rule) in [(problem.pointer, problem.rule) for problem in check_view(view)]


@pytest.mark.parametrize(
    "view",
    [
        modal(PURPOSE, title="x" * 24, submit="x" * 24, close=text("x" * 24), private_metadata="x" * 3000),
        modal(section("Läser in …"), submit=None),
        modal(*[{"type": "divider"}] * 100, submit=None, clear_on_close=True, notify_on_close=True),
        {"type": "home", "blocks": [section("x"), table(1, 1), field("Sök", written(), dispatch_action=True)]},
    ],
)
def test_a_view_slack_takes_is_taken(view: dict):
    assert check_view(view) == []


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        ({"options": OPTIONS}, True),
        ({"options": []}, True),
        ({"option_groups": [{"label": text("Grupp"), "options": OPTIONS}]}, True),
        ({}, False),
        ({"options": [option(f"Val {n}", str(n)) for n in range(101)]}, False),
        ({"options": [option("x" * 76, "1")]}, False),
        ("x", False),
    ],
)
def test_suggested_options_are_checked_like_others(body: object, fine: bool):
    assert (check_options(body) == []) is fine
