"""Filling in what is on the screen, by label and visible text, as a person does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, time
from typing import Any

from bot.sandbox import inputs

JSON = dict[str, Any]
Suggest = Callable[[JSON, JSON, str], Awaitable[list[JSON]]]
"""Asks the bot for options: (block, element, typed text) → options."""


class Surprise(AssertionError):
    """What was asked for is not on the screen; the sentence says what is."""


def field(view: JSON, name: str) -> tuple[JSON, JSON]:
    """Return (block, element) by label, block_id or action_id. Raises Surprise."""
    found = list(inputs.elements(view["blocks"]))
    for block, element in found:
        if name in (_label(block), block["block_id"], element["action_id"]):
            return block, element
    names = ", ".join(repr(_label(block) or element["action_id"]) for block, element in found)
    raise Surprise(f"there is no field {name!r}; there are: {names or 'none'}")


def _label(block: JSON) -> str:
    return str((block.get("label") or {}).get("text", ""))


def button(blocks: Iterable[JSON], name: str) -> tuple[JSON, JSON]:
    """Return (block, element) by action_id or by the text of a button. Raises Surprise."""
    found = list(inputs.elements(blocks))
    for block, element in found:
        if name in (element["action_id"], element.get("text", {}).get("text")):
            return block, element
    names = ", ".join(repr(e.get("text", {}).get("text") or e["action_id"]) for _, e in found)
    raise Surprise(f"there is nothing to press called {name!r}; there is: {names or 'nothing'}")


async def entry(block: JSON, element: JSON, value: Any, people: dict[str, str], suggest: Suggest) -> JSON:
    """Return a value in the shape the door takes. `people` maps names to ids. Raises Surprise."""
    kind = inputs.KINDS.get(element["type"])
    if kind is None:
        raise Surprise(f"a {element['type']} cannot be filled in")
    several = _several(element, value) if kind.many else [value]
    if value is None:
        return {"type": element["type"], kind.key: kind.empty}
    chosen = [await _one(block, element, kind.key, one, people, suggest) for one in several]
    return {"type": element["type"], kind.key: chosen if kind.many else chosen[0]}


def _several(element: JSON, value: Any) -> list[Any]:
    """A single value stands for a list of one; True and False tick all boxes or none."""
    if isinstance(value, bool):
        return [option["value"] for option in inputs.options(element)] if value else []
    return list(value) if isinstance(value, (list, tuple, set)) else [] if value is None else [value]


async def _one(block: JSON, element: JSON, key: str, value: Any, people: dict[str, str], suggest: Suggest) -> Any:
    if "option" in key:
        known = inputs.options(element)
        if "external" in element["type"]:
            known = await suggest(block, element, str(value))
        return _pick(known, str(value))
    if "user" in key:
        return people.get(str(value), value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value if isinstance(value, (dict, int)) and key != "value" else str(value)


def _pick(options: list[JSON], text: str) -> JSON:
    for exact in (True, False):
        for option in options:
            shown = option["text"]["text"]
            if text in (option["value"], shown) or (not exact and text.lower() in shown.lower()):
                return option
    offered = ", ".join(repr(option["text"]["text"]) for option in options)
    raise Surprise(f"there is no option {text!r}; offered: {offered or 'nothing'}")
