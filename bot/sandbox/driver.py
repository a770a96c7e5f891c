"""A person in the workspace, for scripts and tests: types, clicks, reads, over the door."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from bot.sandbox import forms, inputs
from bot.sandbox.forms import Surprise

__all__ = ["Admin", "Person", "Surprise"]

JSON = dict[str, Any]
_LOOK_EVERY_S = 0.03


class Door:
    """The line to the sandbox.

    Without a `session` each call opens and closes its own connection, so nothing needs closing.
    """

    def __init__(self, base_url: str, session: aiohttp.ClientSession | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = session

    async def call(self, verb: str, path: str, given: JSON) -> JSON:
        """Send one request to /door/{path} and return its answer. Raises Surprise when it is refused."""
        if self._session is not None:
            return await self._send(self._session, verb, path, given)
        async with aiohttp.ClientSession() as session:
            return await self._send(session, verb, path, given)

    async def _send(self, session: aiohttp.ClientSession, verb: str, path: str, given: JSON) -> JSON:
        url = f"{self.base_url}/door/{path}"
        asking = verb == "GET"
        async with session.request(
            verb, url, params=given if asking else None, json=None if asking else given
        ) as response:
            answer: JSON = await response.json()
            if response.status != 200:
                raise Surprise(answer.get("error", f"the door answered {response.status}"))
            return answer


class Admin(Door):
    """Who runs the workspace: installs the app, moves people, throws the fault switches."""

    async def install(self, manifest: JSON) -> JSON:
        """Install the app with this manifest. Returns {ok, scopes, verified}."""
        return await self.call("PUT", "manifest", manifest)

    async def faults(self, **switches: Any) -> JSON:
        """Set some switches (`faults.Faults.set`, limits, socket_drop …). Returns all of them."""
        return await self.call("POST", "faults", switches)

    async def person(self, user_id: str, **changes: Any) -> JSON:
        """Change a person, or admit a new one (`name` needed)."""
        return await self.call("POST", f"people/{user_id}", changes)

    async def channel(self, channel_id: str, **changes: Any) -> JSON:
        """Change a channel (archived, name, read_only, invite, kick), or open a new one (`name`)."""
        return await self.call("POST", f"channels/{channel_id}", changes)

    async def group(self, group_id: str, **changes: Any) -> JSON:
        """Change a user group (members, handle, disabled), or make one."""
        return await self.call("POST", f"groups/{group_id}", changes)


class Person(Door):
    """Someone at a screen. Every method raises Surprise when what is asked for is not on it."""

    def __init__(self, base_url: str, user_id: str, session: aiohttp.ClientSession | None = None) -> None:
        super().__init__(base_url, session)
        self.user_id = user_id
        self._people: dict[str, str] = {}
        self._dm = ""

    async def _call(self, verb: str, path: str, given: JSON | None = None) -> JSON:
        return await self.call(verb, path, {"person": self.user_id, **(given or {})})

    async def state(self) -> JSON:
        """Return everything around the messages (channels, people, commands, switches)."""
        return await self._call("GET", "state")

    async def dm(self) -> str:
        """Return the id of this person's direct message with the bot."""
        if not self._dm:
            channels = (await self.state())["channels"]
            self._dm = str(next(channel["id"] for channel in channels if channel["kind"] == "app"))
        return self._dm

    async def channel(self, name: str) -> str:
        """Return the id of a channel by its name, with or without #."""
        channels = (await self.state())["channels"]
        for channel in channels:
            if name.lstrip("#") in (channel["name"], channel["id"]):
                return str(channel["id"])
        raise Surprise(f"there is no channel {name!r}")

    async def messages(self, channel: str | None = None, thread: str | None = None) -> list[JSON]:
        """Return the messages of a channel (None: the bot's direct message) or a thread, oldest first."""
        where = {"channel": channel or await self.dm()} | ({"thread": thread} if thread else {})
        answer = await self._call("GET", "messages", where)
        return list(answer["messages"])

    async def view(self) -> JSON | None:
        """Return the visible modal, or None."""
        stack = (await self._call("GET", "views"))["stack"]
        return stack[-1] if stack else None

    async def home(self) -> JSON | None:
        """Return what the bot published on App Home, or None."""
        view: JSON | None = (await self._call("GET", "home"))["view"]
        return view

    async def say(self, text: str, channel: str | None = None, thread: str | None = None) -> JSON:
        """Write a message, or a reply in a thread."""
        where = {"channel": channel or await self.dm(), "text": text}
        return await self._call("POST", "message", where | ({"thread_ts": thread} if thread else {}))

    async def command(self, text: str, channel: str | None = None) -> JSON:
        """Run a slash command. Returns {ok, ack, error?}; Slack's own error is not a Surprise."""
        return await self._call("POST", "command", {"channel": channel or await self.dm(), "text": text})

    async def shortcut(self, callback_id: str, message: JSON | None = None) -> JSON:
        """Use a global shortcut, or a message's."""
        place = {"message": _place(message)} if message else {}
        return await self._call("POST", "shortcut", {"callback_id": callback_id, **place})

    async def open_home(self) -> JSON:
        """Look at App Home."""
        return await self._call("POST", "home", {})

    async def click(
        self,
        where: JSON,
        name: str,
        *,
        choose: Any = None,
        values: Mapping[str, Any] | None = None,
        stale: bool = False,
        **value: Any,
    ) -> JSON:
        """Press what stands in a message or view, by action_id or visible text.

        `choose` picks in a select or sets a date; `values` fills in other fields of the view first;
        `stale` presses what `where` still shows although it may be gone. Other keywords go as they
        are (selected_user="U1"). Returns {ok, error?}.
        """
        block, element = forms.button(where["blocks"], name)
        press: JSON = {"block_id": block["block_id"], "action_id": element["action_id"], **value}
        if choose is not None:
            press |= await self._entry(where, block, element, choose)
        if stale:
            press |= {"stale": True, "element": element}
        if values:
            press["state"] = await self.fill(where, values)
        return await self._call("POST", "action", press | _target(where))

    async def fill(self, view: JSON, values: Mapping[str, Any]) -> JSON:
        """Return the state of a view with these fields filled in, by label, block_id or action_id."""
        state: JSON = {}
        for name, value in values.items():
            block, element = forms.field(view, name)
            entry = await self._entry(view, block, element, value)
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
        return state

    async def _entry(self, where: JSON, block: JSON, element: JSON, value: Any) -> JSON:
        async def suggest(block: JSON, element: JSON, text: str) -> list[JSON]:
            return await self.suggest(where, block, element, text)

        if "user" in element["type"] and not self._people:
            self._people = {one["name"]: one["id"] for one in (await self.state())["people"]}
        return await forms.entry(block, element, value, self._people, suggest)

    async def suggest(self, where: JSON, block: JSON, element: JSON, text: str) -> list[JSON]:
        """Type into an external select and return the options offered, groups flattened."""
        asked = {"block_id": block["block_id"], "action_id": element["action_id"], "value": text}
        answer = await self._call("POST", "suggest", asked | _target(where))
        if answer.get("error"):
            raise Surprise(answer["error"])
        return inputs.options(answer)

    async def submit(self, view: JSON | None = None, values: Mapping[str, Any] | None = None) -> JSON:
        """Fill in and submit the visible modal. Returns {result, errors?, view?, error?}."""
        view = view or await self._visible()
        state = await self.fill(view, values or {})
        return await self._call("POST", "submit", {"view_id": view["id"], "state": state})

    async def close(self, *, all: bool = False) -> JSON:
        """Close the visible modal, or the whole stack."""
        view = await self._visible()
        return await self._call("POST", "close", {"view_id": view["id"], "all": all})

    async def _visible(self) -> JSON:
        view = await self.view()
        if view is None:
            raise Surprise("no window is open")
        return view

    async def eventually(
        self,
        predicate: Callable[[], Any],
        timeout: float = 10,  # noqa: ASYNC109 (it polls, and says what it saw last)
        what: str = "",
    ) -> Any:
        """Ask again and again until the answer is truthy; return it. Raises Surprise after `timeout` s."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            found = predicate()
            seen = await found if inspect.isawaitable(found) else found
            if seen:
                return seen
            if loop.time() > deadline:
                raise Surprise(f"waited {timeout} s in vain for {what or predicate}; last seen: {seen!r}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def sees(
        self,
        text: str,
        channel: str | None = None,
        thread: str | None = None,
        timeout: float = 10,  # noqa: ASYNC109
    ) -> JSON:
        """Wait until a message holding this text (in its text or blocks) is there; return the newest."""
        where = channel or await self.dm()
        seen: list[JSON] = []

        async def look() -> JSON | None:
            seen[:] = await self.messages(where, thread)
            return next((one for one in reversed(seen) if text in _all_text(one)), None)

        try:
            found: JSON = await self.eventually(look, timeout)
        except Surprise:
            shown = "; ".join(repr(_all_text(one)[:80]) for one in seen[-5:])
            raise Surprise(f"nobody said {text!r} within {timeout} s; last: {shown or 'nothing'}") from None
        return found

    async def window(self, title: str | None = None, timeout: float = 10) -> JSON:  # noqa: ASYNC109
        """Wait until a modal (with this title) is visible; return it."""

        async def look() -> JSON | None:
            view = await self.view()
            shown = view["title"]["text"] if view else None
            return view if view and title in (None, shown) else None

        found: JSON = await self.eventually(look, timeout, f"a window {title or ''}".strip())
        return found


def _place(message: JSON) -> JSON:
    return {"channel": message["channel"], "ts": message["ts"]}


def _target(where: JSON) -> JSON:
    return {"message": _place(where)} if "ts" in where else {"view_id": where["id"]}


def _all_text(thing: Any) -> str:
    """Return every text of a message: its own, and those in its blocks."""
    if isinstance(thing, dict):
        own = [thing["text"]] if isinstance(thing.get("text"), str) else []
        return "\n".join([*own, *(_all_text(part) for part in thing.values() if isinstance(part, dict | list))])
    return "\n".join(_all_text(part) for part in thing if isinstance(part, dict | list))
