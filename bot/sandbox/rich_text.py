"""The rules of rich_text and table blocks."""

from __future__ import annotations

from bot.sandbox.elements import ID
from bot.sandbox.rules import Check, anything, array, flag, number, one_of, shape, string, typed

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
_PARTS = 3000

INLINE: dict[str, Check] = {
    "text": shape({"type": anything, "text": string(_PARTS)}, {"style": _STYLE}),
    "link": shape(
        {"type": anything, "url": string(3000)},
        {"text": string(_PARTS), "unsafe": flag, "style": _STYLE},
    ),
    "user": shape({"type": anything, "user_id": ID}, {"style": _STYLE}),
    "usergroup": shape({"type": anything, "usergroup_id": ID}, {"style": _STYLE}),
    "channel": shape({"type": anything, "channel_id": ID}, {"style": _STYLE}),
    "emoji": shape({"type": anything, "name": ID}, {"unicode": ID, "style": _STYLE}),
    "broadcast": shape({"type": anything, "range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "color": shape({"type": anything, "value": ID}, {"style": _STYLE}),
    "date": shape(
        {"type": anything, "timestamp": number(0, 1 << 40), "format": string(255)},
        {"url": string(3000), "fallback": string(255), "style": _STYLE},
    ),
}

_LINE = array(typed(INLINE), _PARTS, 0)
_BORDER = number(0, 1)
_SECTION = shape({"type": anything, "elements": _LINE})

RICH: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": shape({"type": anything, "elements": _LINE}, {"border": _BORDER}),
    "rich_text_preformatted": shape(
        {"type": anything, "elements": array(typed({name: INLINE[name] for name in ("text", "link")}), _PARTS, 0)},
        {"border": _BORDER, "language": ID},
    ),
    "rich_text_list": shape(
        {
            "type": anything,
            "style": one_of("bullet", "ordered"),
            "elements": array(typed({"rich_text_section": _SECTION}), _PARTS),
        },
        {"indent": number(0, 8), "offset": number(0, 1 << 20), "border": _BORDER},
    ),
}

RICH_TEXT = shape({"type": anything, "elements": array(typed(RICH), _PARTS)}, {"block_id": ID})

_CELL = typed(
    {
        "raw_text": shape({"type": anything, "text": string(3000, 0)}),
        "raw_number": shape({"type": anything, "number": anything}, {"text": string(3000)}),
        "rich_text": shape({"type": anything, "elements": array(typed(RICH), _PARTS)}),
    }
)
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})

TABLE = shape(
    {"type": anything, "rows": array(array(_CELL, 20), 100)},
    {"block_id": ID, "column_settings": array(_COLUMN, 20)},
)
