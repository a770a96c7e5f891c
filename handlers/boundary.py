"""The one boundary around every listener: acknowledge, parse, call, and let nothing escape.

Bolt forgets an acknowledgement when a listener raises shortly after it, and the person sees "failed";
and it looks for acknowledgements only every 10 ms. So a listener acknowledges and returns at once
(``process_before_response``), its work goes on in a task of ours, and no exception may reach Bolt. A
known error becomes a friendly sentence where the person is; an unknown one a short reference, shown
and logged.
"""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import department
from bot.channels import errors
from bot.channels.slackapi import SlackApi
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Invalid, Refused
from bot.texts import Speak, Texts
from handlers import sentences
from handlers.click import Clear, Click, Close, Errors, Outcome, Push, Update, notice, quoted, state_values
from storage import events

log = structlog.get_logger(__name__)
GREETING = 0.5  # seconds; a trigger lives for three, and everybody is greeted once
PATIENCE = 2.5  # seconds a submitted form may take before the person is told to try again; Slack waits for three
Act = Callable[[Click], Awaitable[None]]
Submit = Callable[[Click], Awaitable[Outcome]]
Suggest = Callable[[Click], Awaitable[list[dict[str, Any]]]]
Notice = Callable[[Mapping[str, Any]], Awaitable[None]]
Name = str | re.Pattern[str]
T = TypeVar("T")


@dataclass
class Boundary:
    """Registers listeners, each wrapped; and remembers what is registered (manifest and tests ask)."""

    app: AsyncApp
    desk: Desk
    api: SlackApi
    directory: Directory
    texts: Texts
    commands: dict[str, Act] = field(default_factory=dict)
    actions: dict[str, Act] = field(default_factory=dict)
    views: dict[str, Submit] = field(default_factory=dict)
    options: dict[str, Suggest] = field(default_factory=dict)
    shortcuts: dict[str, Act] = field(default_factory=dict)
    closings: dict[str, Act] = field(default_factory=dict)
    events: dict[str, Notice] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def command(self, name: str, act: Act) -> None:
        """A slash command."""
        self.commands[name] = act

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._after(self._act(act, body, body.get("user_id", "")))

        self.app.command(name)(listener)

    def action(self, action_id: Name, act: Act) -> None:
        """A button or any other element that acts at once."""
        _record(self.actions, action_id, act)

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._after(self._act(act, body, body["user"]["id"], meet=True))

        self.app.action(action_id)(listener)

    def shortcut(self, callback_id: Name, act: Act) -> None:
        """A global or message shortcut."""
        _record(self.shortcuts, callback_id, act)

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._after(self._act(act, body, body["user"]["id"]))

        self.app.shortcut(callback_id)(listener)

    def view(self, callback_id: Name, submit: Submit) -> None:
        """A form: validated and committed before its one acknowledgement."""
        _record(self.views, callback_id, submit)

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await _answer(ack, await self._submit(submit, body))

        self.app.view(callback_id)(listener)

    def closed(self, callback_id: str, act: Act, *, always: bool = False) -> None:
        """A form was closed altogether; ``always``: also by one step back. Slack does not promise to tell."""
        self.closings[callback_id] = act

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            if always or body.get("is_cleared"):
                self._after(self._act(act, body, body["user"]["id"]))

        self.app.view_closed(callback_id)(listener)

    def suggest(self, action_id: Name, suggest: Suggest) -> None:
        """Suggestions for an external select."""
        _record(self.options, action_id, suggest)

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack(options=await self._suggest(suggest, body))

        self.app.options(action_id)(listener)

    def event(self, name: str, notice: Notice) -> None:
        """An event; each event id is taken once."""
        self.events[name] = notice

        async def listener(body: dict[str, Any], event: dict[str, Any]) -> None:
            await self._notice(notice, name, body, event)

        self.app.event(name)(listener)

    def close_gate(self) -> None:
        """Last: whatever no listener knows gets a sentence instead of silence."""
        anything = re.compile(".*")
        self.action(anything, _stale)
        self.view(anything, _stale_view)
        self.shortcut(anything, _stale)
        self.suggest(anything, _nothing)

    def click(self, body: Mapping[str, Any], person: str) -> Click:
        """Slack's payload as a click. Takes what is in memory: nothing is asked of anybody."""
        action = (body.get("actions") or [{}])[0]
        view = body.get("view") or {}
        channel = body.get("channel") or {}
        return Click(
            person=person,
            t=self.voice(person),
            now=self.desk.now(),
            api=self.api,
            trigger=body.get("trigger_id", ""),
            text=body.get("text", "") if "command" in body else body.get("value") or "",
            value=_action_value(action),
            channel=body.get("channel_id") or channel.get("id", ""),
            message=body.get("message") or {},
            view=view,
            values=state_values(view.get("state") or {}),
            response_url=body.get("response_url", ""),
            thread=_thread(body.get("container") or {}),
            callback=body.get("callback_id") or view.get("callback_id", ""),
        )

    def voice(self, person: str) -> Speak:
        """The person's language."""
        return self.texts.language(self.directory.language(person))

    def _after(self, work: Coroutine[Any, Any, None]) -> None:
        """Work after the acknowledgement, in a task that is kept until it ends (Bolt keeps none)."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _act(self, act: Act, body: Mapping[str, Any], person: str, *, meet: bool = False) -> None:
        await self._greet(person, patient=meet)
        click = self.click(body, person)
        error = await attempt(self._admitted(act, click, body))
        if error is not None:
            error = await self._explained(error, person)
            answered = await attempt(click.tell(self._sentence(click.t, error, body)))
            if answered is not None:
                log.warning("no answer possible", action="answer_failed", error=repr(answered))
        await self._meet(person)

    async def _admitted(self, work: Callable[[Click], Awaitable[T]], click: Click, body: Mapping[str, Any]) -> T:
        self._admit(body, click.person)
        return await work(click)

    async def _explained(self, error: Exception, person: str) -> Exception:
        """A refusal says whom to ask; that is looked up when it is said, never where it is decided."""
        if not isinstance(error, Refused):
            return error
        return await attempt(department.naming_manager(self.desk, error, person))

    async def _submit(self, submit: Submit, body: Mapping[str, Any]) -> Outcome:
        click = self.click(body, body["user"]["id"])
        match await attempt(self._in_time(submit, click, body)):
            case TimeoutError():
                log.warning("form too slow", action="form_slow", callback=click.callback)
                return _kept(click, click.t("err.slow"))
            case Invalid(problems=problems):
                return Errors({at: sentences.problem(click.t, one) for at, one in problems.items()})
            case Exception() as error:
                error = await self._explained(error, click.person)
                return _kept(click, self._sentence(click.t, error, body, "err.kept"))
            case outcome:
                return outcome

    async def _in_time(self, submit: Submit, click: Click, body: Mapping[str, Any]) -> Outcome:
        self._admit(body, click.person)
        async with asyncio.timeout(PATIENCE):
            await self._meet(click.person)
            return await submit(click)

    async def _suggest(self, suggest: Suggest, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        click = self.click(body, body["user"]["id"])
        found = await attempt(self._admitted(suggest, click, body))
        if isinstance(found, Exception):
            self._sentence(click.t, found, body)
            return []
        return found

    async def _notice(self, notice: Notice, name: str, body: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        error = await attempt(self._once(notice, body.get("event_id", ""), event))
        if error is not None:
            log.error("event failed", action="event_failed", event_name=name, error=repr(error))

    async def _once(self, notice: Notice, event_id: str, event: Mapping[str, Any]) -> None:
        if await self._first_time(event_id):
            await notice(event)

    async def _first_time(self, event_id: str) -> bool:
        if not event_id:
            return True
        async with self.desk.db.write() as session:
            return await events.first_time(session, event_id, self.desk.now())

    def _admit(self, body: Mapping[str, Any], person: str) -> None:
        """Only people of our own workspace; an org-wide install is not ours either."""
        user = body.get("user") or {}
        team = user.get("team_id") or body.get("team_id") or (body.get("team") or {}).get("id")
        if body.get("is_enterprise_install") in (True, "true") or not person:
            raise Refused("err.org")
        if self.directory.team_id and team and team != self.directory.team_id:
            raise Refused("err.foreign")

    def _sentence(self, t: Speak, error: Exception, body: Mapping[str, Any], unknown: str = "err.unsure") -> str:
        """What the person reads about an error; the unknown ones get a reference and a log line."""
        if isinstance(error, Refused):
            return sentences.refusal(t, error)
        if isinstance(error, Invalid):
            return " ".join(sentences.problem(t, one) for one in error.problems.values())
        reference = secrets.token_hex(3).upper()
        if isinstance(error, errors.ChannelError):
            log.warning("slack refused", action="slack_refused", ref=reference, error=repr(error))
            return t("err.slack", ref=reference)
        log.error(
            "listener failed",
            action="listener_failed",
            ref=reference,
            kind=body.get("type") or body.get("command"),
            error=type(error).__name__,
            exc_info=error,
        )
        return t(unknown, ref=reference, place=t("desk.place"))

    async def _greet(self, person: str, *, patient: bool) -> None:
        """First contact: name and language are asked for, briefly where a form waits to be opened."""
        if patient:
            await self._meet(person)
        elif not self.directory.remembers(person):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GREETING):
                    await self._meet(person)

    async def _meet(self, person: str) -> None:
        """Know who clicked before they decide anything; a stranger to the desk would count as a guest."""
        if not person or self.directory.remembers(person):
            return
        found = await attempt(self.directory.known(person))
        if isinstance(found, Exception):
            log.warning("person not read", action="person_unread", error=type(found).__name__)

    async def drain(self) -> None:
        """Wait for what runs in the background."""
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def attempt(work: Awaitable[T]) -> T | Exception:
    """What the work gives, or what it raised: the boundary's one net, under everything people set off."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001  # the boundary
        return error


def _record(table: dict[str, Any], name: Name, listener: Any) -> None:
    """Remember a listener by its name; a pattern is no promise to anybody."""
    if isinstance(name, str):
        table[name] = listener


def _thread(container: Mapping[str, Any]) -> str:
    """The thread below whose first message a button stands; on that message itself one is in the channel."""
    begun = str(container.get("thread_ts") or "")
    return begun if begun != container.get("message_ts") else ""


def _action_value(action: Mapping[str, Any]) -> str:
    if action.get("selected_option"):
        return str(action["selected_option"]["value"])
    for key in ("value", "selected_user", "selected_date", "selected_channel"):
        if action.get(key):
            return str(action[key])
    return ""


def _kept(click: Click, sentence: str) -> Outcome:
    """Keep the form open: an error stands at its first input, since nowhere else is allowed.

    A window without inputs has nothing to lose: it says the sentence instead.
    """
    inputs = [block["block_id"] for block in click.view.get("blocks", []) if block.get("type") == "input"]
    return Errors({inputs[0]: sentence}) if inputs else Update(notice(click.t, quoted(sentence)))


async def _answer(ack: AsyncAck, outcome: Outcome) -> None:
    match outcome:
        case Close():
            await ack()
        case Clear():
            await ack(response_action="clear")
        case Errors(at):
            await ack(response_action="errors", errors=at)
        case Push(view):
            await ack(response_action="push", view=view)
        case Update(view):
            await ack(response_action="update", view=view)


async def _stale(click: Click) -> None:
    raise Refused("err.unknown_button")


async def _stale_view(click: Click) -> Outcome:
    raise Refused("err.unknown_button")


async def _nothing(click: Click) -> list[dict[str, Any]]:
    return []
