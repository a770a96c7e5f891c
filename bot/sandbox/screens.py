"""Windows on people's screens: stacks of modal views, and App Home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import inputs
from bot.sandbox.errors import ApiError
from bot.sandbox.stamps import Clock, random_id
from bot.sandbox.workspace import Workspace

JSON = dict[str, Any]
STACK_LIMIT = 3


@dataclass(eq=False)
class View:
    """An open view: what the app sent (`content`), and what the person has typed (`typed`)."""

    id: str
    user: str
    content: JSON
    hash: str
    previous_id: str | None = None
    root_id: str = ""
    typed: inputs.Values = field(default_factory=dict)
    offered: dict[tuple[str, str], dict[str, JSON]] = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        """The app's own name for it, or nothing."""
        return str(self.content.get("external_id") or "")

    @property
    def is_home(self) -> bool:
        """Whether it is App Home rather than a modal."""
        return bool(self.content["type"] == "home")


class Screens:
    """Every person's open views."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._stacks: dict[str, list[View]] = {}
        self._views: dict[str, View] = {}
        self._homes: dict[str, View] = {}
        self._offers: dict[tuple[str, str, str, str], dict[str, JSON]] = {}
        for user, record in workspace.homes.items():
            self._homes[user] = self._views[record["id"]] = View(**record, root_id=record["id"])

    def offered(self, user: str, ts: str, block_id: str, action_id: str) -> dict[str, JSON]:
        """Return the options suggested to this person in a message so far; callers add to it."""
        return self._offers.setdefault((user, ts, block_id, action_id), {})

    def stack(self, user: str) -> list[View]:
        """Return a person's open modals, the visible one last."""
        return self._stacks.get(user, [])

    def home(self, user: str) -> View | None:
        """Return what the app published on this person's App Home."""
        return self._homes.get(user)

    def find(self, view_id: str) -> View | None:
        """Return an open view by its id."""
        return self._views.get(view_id)

    def find_external(self, external_id: str) -> View | None:
        """Return an open view by the app's own name for it."""
        return next((view for view in self._open() if view.external_id == external_id), None)

    def _open(self) -> Iterator[View]:
        return (view for stack in self._stacks.values() for view in stack)

    def open(self, user: str, content: JSON) -> View:
        """Show a modal in place of any that were open."""
        self._refuse_duplicate(content)
        self.clear(user)
        return self._stack(user, content)

    def push(self, user: str, content: JSON) -> View:
        """Show a modal upon the open ones. Raises ApiError when there are none or already three."""
        stack = self.stack(user)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= STACK_LIMIT:
            raise ApiError("push_limit_reached")
        self._refuse_duplicate(content)
        return self._stack(user, content)

    def _refuse_duplicate(self, content: JSON, besides: View | None = None) -> None:
        external = content.get("external_id")
        found = self.find_external(external) if external else None
        if found is not None and found is not besides:
            raise ApiError("duplicate_external_id")

    def _stack(self, user: str, content: JSON) -> View:
        stack = self._stacks.setdefault(user, [])
        view = View(random_id("V"), user, content, self._hash())
        view.root_id = stack[0].id if stack else view.id
        view.previous_id = stack[-1].id if stack else None
        stack.append(view)
        self._views[view.id] = view
        return view

    def update(self, view: View, content: JSON, expected: str | None) -> View:
        """Replace a view's content; what was typed stays where block and action keep their ids.

        Raises ApiError("hash_conflict") when `expected` names another state than the present.
        """
        if expected and expected != view.hash:
            raise ApiError("hash_conflict")
        self._refuse_duplicate(content, besides=view)
        view.content, view.hash = content, self._hash()
        view.typed = _still_fitting(view)
        return view

    def publish(self, user: str, content: JSON, expected: str | None) -> View:
        """Show this on a person's App Home."""
        view = self._homes.get(user)
        if view is None:
            if expected:
                raise ApiError("hash_conflict")
            view = View(random_id("V"), user, content, self._hash())
            view.root_id = view.id
            self._homes[user] = self._views[view.id] = view
        self.update(view, content, expected)
        self._workspace.keep_home(user, {"id": view.id, "user": user, "content": content, "hash": view.hash})
        return view

    def close(self, view: View) -> None:
        """Take a modal away; what lay below shows again with what was typed."""
        self._stacks[view.user].remove(view)
        del self._views[view.id]

    def clear(self, user: str) -> list[View]:
        """Take all modals away; return them, the visible one first."""
        gone = list(reversed(self.stack(user)))
        for view in gone:
            self.close(view)
        return gone

    def _hash(self) -> str:
        return f"{int(self._clock())}.{random_id('', 8)}"

    def to_slack(self, view: View) -> JSON:
        """Return a view object as payloads and answers carry it."""
        team, bot = self._workspace.team, self._workspace.bot
        content = view.content
        told: JSON = {
            "id": view.id,
            "team_id": team.id,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "external_id": view.external_id,
            "state": {"values": inputs.state(content["blocks"], view.typed)},
            "hash": view.hash,
            "title": content.get("title"),
            "submit": content.get("submit"),
            "close": content.get("close"),
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "app_id": bot.app_id,
            "app_installed_team_id": team.id,
            "bot_id": bot.bot_id,
        }
        return told


def _still_fitting(view: View) -> inputs.Values:
    """Return what was typed into fields that are still there: same block, same action, same kind."""
    kept: inputs.Values = {}
    for block, element in inputs.holding(view.content["blocks"]):
        value = view.typed.get(block["block_id"], {}).get(element["action_id"])
        if value is not None and value["type"] == element["type"]:
            kept.setdefault(block["block_id"], {})[element["action_id"]] = value
    return kept
