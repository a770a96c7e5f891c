"""One thing a person did in Slack, and the surfaces on which they can be answered."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.channels import errors
from bot.channels.message import Message
from bot.channels.slackapi import SlackApi
from bot.errors import Refused
from bot.texts import Speak

View = dict[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Click:
    """A command, button, shortcut or submitted form, parsed; no Slack shapes reach further than here."""

    person: str
    t: Speak
    now: datetime
    api: SlackApi
    trigger: str = ""
    text: str = ""
    value: str = ""
    channel: str = ""
    message: Mapping[str, Any] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    response_url: str = ""
    thread: str = ""  # the thread in which the button stands; "" in the channel itself
    callback: str = ""

    @property
    def inside(self) -> bool:
        """Whether it was done inside an open form."""
        return self.view.get("type") == "modal"

    @property
    def meta(self) -> dict[str, Any]:
        """What the view carries from step to step."""
        return json.loads(self.view.get("private_metadata") or "{}") if self.view else {}

    @property
    def payload(self) -> dict[str, Any]:
        """What the button carries; {} when it is not ours."""
        try:
            found = json.loads(self.value or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    async def say(self, message: Message) -> None:
        """Answer only the one who acted, where they are. Best effort: nothing may depend on it."""
        if self.thread and await self._say_in_thread(message):
            return
        if self.response_url:
            answer = {"response_type": "ephemeral", "replace_original": False, "text": message.text}
            await self.api.respond(self.response_url, {**answer, "blocks": message.blocks})
        elif self.view and self.trigger:
            await self.open(notice(self.t, message))
        else:
            await self.api.call("chat.postMessage", channel=self.person, text=message.text)

    async def _say_in_thread(self, message: Message) -> bool:
        """Whether Slack took it. A response_url is good anywhere, but its private answers miss the thread."""
        with contextlib.suppress(errors.ChannelError):
            await self.api.call(
                "chat.postEphemeral",
                channel=self.channel,
                user=self.person,
                thread_ts=self.thread,
                text=message.text,
                blocks=message.blocks or None,
            )
            return True
        return False

    async def tell(self, sentence: str) -> None:
        """Say a sentence in which people's words may stand: nothing in it is a mention or a link."""
        await self.say(quoted(sentence))

    async def open(self, view: View) -> None:
        """Open a form, on top of the one that is open; the trigger is good once and for three seconds."""
        method = "views.push" if self.inside else "views.open"
        await self.api.call(method, trigger_id=self.trigger, view=view)

    async def update(self, view: View) -> None:
        """Show the open form anew; what is typed in unchanged fields stays."""
        await self.api.call("views.update", view_id=self.view["id"], hash=self.view.get("hash"), view=view)

    async def beneath(self, view: View) -> None:
        """Show the form below this one anew: what a person comes back to."""
        await self.api.call("views.update", view_id=self.view["previous_view_id"], view=view)


@dataclass(frozen=True)
class Close:
    """The form was taken; it closes."""


@dataclass(frozen=True)
class Clear:
    """The form was taken; the whole stack closes."""


@dataclass(frozen=True)
class Errors:
    """The form stays with everything typed; a sentence at each block."""

    at: dict[str, str]


@dataclass(frozen=True)
class Push:
    """The next step goes on top."""

    view: View


@dataclass(frozen=True)
class Update:
    """The same form, shown anew."""

    view: View


Outcome = Close | Clear | Errors | Push | Update


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000], "verbatim": True}}


def quoted(sentence: str) -> Message:
    """A sentence in which people's words may stand, as Slack shows it letter by letter."""
    shown = sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Message(shown, [_paragraph(shown)])


def notice(t: Speak, message: Message) -> View:
    """A small form that only says something."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": t("desk.notice")},
        "close": {"type": "plain_text", "text": t("btn.close")},
        "blocks": message.blocks or [_paragraph(message.text)],
    }


def number(payload: Mapping[str, Any], name: str) -> int:
    """A number that a button or a form carries; Refused when it is not one of ours."""
    try:
        return int(payload[name])
    except (KeyError, TypeError, ValueError):
        raise Refused("err.unknown_button") from None


def state_values(state: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed or chosen, by block id: strings, lists, True for a single tick, None for nothing."""
    values = state.get("values") or {}
    return {block: _value(next(iter(actions.values()))) for block, actions in values.items() if actions}


def _value(element: Mapping[str, Any]) -> Any:
    kind = element.get("type", "")
    if kind == "checkboxes":
        return bool(element.get("selected_options"))
    for single in ("selected_option",):
        if single in element:
            option = element[single]
            return option["value"] if option else None
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or []]
    for key in ("selected_users", "selected_user", "selected_channel", "selected_conversation"):
        if key in element:
            return element[key]
    for key in ("selected_date", "selected_time", "selected_date_time", "value"):
        if key in element:
            return element[key]
    return None
