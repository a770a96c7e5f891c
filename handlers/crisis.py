"""/kris: from the facts to every channel, and everything that can be done meanwhile."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import people
from bot.channels.message import Message
from bot.crisis import board, deciding, drafting, duty, facts, handling, rules, sketches, spread, submitting, warn
from bot.crisis import plan as plans
from bot.crisis.compose import Fitted
from bot.crisis.deciding import Yes
from bot.crisis.facts import Facts, Kind
from bot.crisis.gallery import Gallery
from bot.crisis.handling import Touch
from bot.crisis.journal import write_down
from bot.crisis.sketches import Sketch
from bot.crisis.states import State
from bot.crisis.submitting import Draft
from bot.crisis.warnings import keeping, proposal
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.texts import Texts
from handlers.boundary import Boundary
from handlers.cards import crisis as cards
from handlers.cards import crisis_forms as views
from handlers.cards import kit
from handlers.cards.warning import FROM_WARNING
from handlers.click import Clear, Click, Close, Outcome, Push, Update, number
from handlers.words import Words
from storage import bulletins, incidents

COMMAND = "/kris"
Acting = Callable[[Desk, Touch], Awaitable[None]]


@dataclass(frozen=True)
class Crises:
    """Listeners of crisis mode: each parses, makes one call, and answers."""

    desk: Desk
    texts: Texts
    gallery: Gallery

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "start", "begin", self.start, "help.kris.start")
        words.add(COMMAND, "läge", "state", self.state, "help.kris.state")
        words.add(COMMAND, "logg", "log", self.log, "help.kris.log")
        words.add(COMMAND, "avsluta", "end", self.end, "help.kris.end")
        boundary.command(COMMAND, words.listener(COMMAND, "läge"))
        boundary.shortcut("message.crisis_log", self.log_message)
        boundary.action(cards.START, self.start)
        boundary.action(FROM_WARNING, self.from_warning)
        boundary.action(cards.REVIEW, self.review)
        boundary.action(cards.TEXTS, self.read)
        boundary.action(cards.EDIT, self.edit)
        boundary.action(cards.WITHDRAW, self.withdraw)
        boundary.action(cards.EMERGENCY, self.ask_alone)
        boundary.action(cards.RETURN, self.ask_return)
        boundary.action(cards.STOP, self.stop)
        boundary.action(cards.OVERRIDE, self.ask_override)
        boundary.action(cards.HANDLE, self.handle)
        boundary.action(cards.HAND_DONE, self.hand_done)
        boundary.action(cards.NOTE, self.ask_note)
        boundary.action(cards.PAUSED, self.paused)
        for action_id, _ in cards.FOLLOWS.values():
            boundary.action(action_id, self.follow)
        boundary.view(views.FACTS, self.facts)
        boundary.view(views.TEXTS, self.submit)
        boundary.view(views.REVIEWED, self.reviewed)
        boundary.view(views.ALONE, self.alone)
        boundary.view(views.RETURNED, self.returned)
        boundary.view(views.REASON, self.explained)
        boundary.view(views.LOGGED, self.logged)
        boundary.view(views.REMOVED, self.removed)

    async def start(self, click: Click) -> None:
        """The facts of something new."""
        await self._right(click)
        known = Facts(event="", confirmed_at=click.now)
        await click.open(views.facts(click.t, Kind.FIRST, known, {}))

    async def from_warning(self, click: Click) -> None:
        """A warning from outside: its facts, for people to check. Nothing has begun."""
        await self._right(click)
        async with self.desk.db.read() as session:
            shown = await keeping.shown(session, number(click.payload, "w"))
        if shown is None:
            raise Refused("err.unknown_button")
        known = proposal.facts(shown.found, self.texts.language("sv"))
        await click.open(views.facts(click.t, Kind.FIRST, known, {}))

    async def _right(self, click: Click) -> None:
        async with self.desk.db.read() as session:
            cast = await duty.cast(session, self.desk, click.now)
            rules.belongs(await people.actor(session, click.person, click.now), cast.everybody)

    async def state(self, click: Click) -> None:
        """What is on, each with its board; and the way to begin."""
        boards = await self._boards(click, *incidents.OPEN)
        async with self.desk.db.read() as session:
            cast = await duty.cast(session, self.desk, click.now)
            actor = await people.actor(session, click.person, click.now)
        await click.say(cards.overview(click.t, boards, start=rules.may(rules.belongs, actor, cast.everybody)))

    async def _boards(self, click: Click, *states: str) -> list[board.Board]:
        async with self.desk.db.read() as session:
            found = await incidents.in_state(session, *states)
            return [await board.read(session, self.desk, one.id or 0, click.now) for one in found]

    async def end(self, click: Click) -> None:
        """The last message of what is on; of several people choose."""
        await self._right(click)
        boards = await self._boards(click, incidents.ON)
        if not boards:
            raise Refused("crisis.none_on")
        if len(boards) > 1:
            return await click.say(cards.which(click.t, boards))
        await self._follow(click, boards[0].incident.id or 0, Kind.END)

    async def facts(self, click: Click) -> Outcome:
        """The facts were sent: every channel's text comes on top."""
        meta, kind = click.meta, Kind(click.meta["k"])
        known = await self._known(click, kind)
        problems = facts.check(known, kind=kind, now=click.now)
        if problems:
            raise Invalid(problems)
        sketch = Sketch(click.person, kind, known, meta.get("i"), meta.get("b"))
        number_ = await sketches.save(self.desk, sketch, now=click.now)
        return Push(await self._texts_view(click, sketch, number_))

    async def _known(self, click: Click, kind: Kind) -> Facts:
        """What was typed; a follow-up goes on from what was said before."""
        values = dict(click.values)
        if kind is Kind.FIRST:
            return facts.from_form(values)
        before = await self._last(number(click.meta, "i"))
        mode = "drill" if before.drill else "real"
        typed = facts.from_form({**before.to_json(), **values, "mode": mode})
        return replace(typed, drill=before.drill, languages=())

    async def _last(self, incident: int) -> Facts:
        """The facts of the incident's newest message."""
        async with self.desk.db.read() as session:
            rows = await bulletins.of_incident(session, incident)
        if not rows:
            raise Refused("crisis.unknown")
        return replace(Facts.from_json(rows[-1].facts), news="", wrong="", right="", now="", rescue=False)

    async def _texts_view(self, click: Click, sketch: Sketch, number_: str) -> dict[str, Any]:
        public = self.texts.language("sv")
        surfaces = drafting.surfaces(self.desk, drill=sketch.facts.drill)
        fitted = drafting.compose_all(self.desk, public, sketch.kind, sketch.facts, now=click.now)
        fitted |= await self._bettered(sketch)
        warned = warn.warnings(sketch.facts, sketch.kind, surfaces, fitted, public, now=click.now)
        return views.texts(click.t, surfaces, fitted, warned, {"s": number_})

    async def _bettered(self, sketch: Sketch) -> dict[str, Fitted]:
        """The texts of a message that is bettered with the same facts stay as they were made."""
        if sketch.bulletin is None:
            return {}
        async with self.desk.db.read() as session:
            row = await bulletins.get(session, sketch.bulletin)
        if row is None or Facts.from_json(row.facts) != sketch.facts:
            return {}
        return {key: Fitted.from_json(text) for key, text in row.texts.items()}

    async def submit(self, click: Click) -> Outcome:
        """All texts were read: ask a colleague."""
        sketch = await sketches.load(self.desk, click.person, str(click.meta.get("s")))
        fitted, problems = drafting.refit_all(self.desk, click.values, drill=sketch.facts.drill)
        if problems:
            raise Invalid(problems)
        texts = {key: one.to_json() for key, one in fitted.items()}
        draft = Draft(sketch.kind, sketch.facts, texts, incident=sketch.incident)
        if sketch.bulletin is None:
            await submitting.submit(self.desk, click.person, draft, now=click.now)
        else:
            await submitting.edit(self.desk, click.person, sketch.bulletin, draft, now=click.now)
        return Clear()

    async def follow(self, click: Click) -> None:
        """Update, nothing new, correction or end of something that is on."""
        await self._right(click)
        await self._follow(click, number(click.payload, "i"), _kind(click))

    async def _follow(self, click: Click, incident: int, kind: Kind) -> None:
        """The form, unless it could not be sent: it is on, and nothing else waits for its approval."""
        async with self.desk.db.read() as session:
            found = await incidents.get(session, incident)
            if found is None or found.state != incidents.ON:
                raise Refused("crisis.not_on")
            if await bulletins.in_state(session, incident, State.ASKED, State.RETURNED):
                raise Refused("crisis.already_asked")
        known = replace(await self._last(incident), confirmed_at=click.now, next_at=None)
        await click.open(views.facts(click.t, kind, known, {"i": incident}))

    async def edit(self, click: Click) -> None:
        """Better a message that waits for its approval."""
        case = await self._case(click)
        known, meta = Facts.from_json(case.facts), {"b": case.id, "i": case.incident}
        mode = "drill" if known.drill else "real"
        await click.open(views.facts(click.t, case.kind, known, meta, mode=mode))

    async def _case(self, click: Click) -> rules.Bulletin:
        number_ = number(click.payload, "b")
        return await deciding.may_look(self.desk, click.person, number_, now=click.now)

    async def withdraw(self, click: Click) -> None:
        """The submitter takes it back."""
        await submitting.withdraw(self.desk, click.person, number(click.payload, "b"), now=click.now)

    async def review(self, click: Click) -> None:
        """Every text, and the tick. The right is checked before anything is opened."""
        case = await self._case(click)
        await click.open(await self._review(click, case, anew=_seen(click) != case.seen))
        await self.gallery.prepare(case.id, case.digest)  # while they read

    async def _review(self, click: Click, case: rules.Bulletin, *, anew: bool) -> dict[str, Any]:
        """The texts as they are now, whichever were read before."""
        async with self.desk.db.read() as session:
            rules.approve(case, await people.actor(session, click.person, click.now), case.seen)
            about = await spread.about(session, self.desk, drill=case.drill)
        uncounted = self.desk.settings.crisis.announce and not case.drill and not about
        reached = plans.reached(self.desk.outlets, case.skipped, drill=case.drill)
        slack = None if uncounted else about
        return views.review(click.t, case, self._names(), len(reached), slack, anew=anew)

    def _names(self) -> dict[str, str]:
        return {one.key: one.name for one in self.desk.outlets} | {"slack": "Slack"}

    async def read(self, click: Click) -> None:
        """Every text, only to read."""
        await click.open(views.read(click.t, await self._case(click), self._names()))

    async def reviewed(self, click: Click) -> Outcome:
        """The colleague has read everything: it goes out. Other texts meanwhile: those are shown."""
        case = await deciding.may_look(self.desk, click.person, number(click.meta, "b"), now=click.now)
        seen = str(click.meta.get("h", ""))
        if case.state is State.ASKED and seen != case.seen:
            return Update(await self._review(click, case, anew=True))
        tick = views.ticked(seen)
        if click.values.get(tick) is not True:
            raise Invalid({tick: Problem("crisis.read.needed")})
        patience = str(click.values.get("without") or "no")
        yes = Yes(
            number(click.meta, "b"),
            click.person,
            seen,
            without_site_s=int(patience) if patience.isdecimal() else None,
        )
        await deciding.approve(self.desk, yes, now=click.now)
        return Clear()

    async def ask_alone(self, click: Click) -> None:
        """Nobody has time to look: type the place."""
        case = await self._case(click)
        async with self.desk.db.read() as session:
            rules.decider(case, await people.actor(session, click.person, click.now))
        await click.open(views.alone(click.t, case))
        await self.gallery.prepare(case.id, case.digest)

    async def alone(self, click: Click) -> Outcome:
        """The place was typed."""
        yes = Yes(number(click.meta, "b"), click.person, str(click.meta.get("h", "")))
        try:
            await deciding.emergency(self.desk, yes, str(click.values.get("place") or ""), now=click.now)
        except Refused as refused:
            raise Invalid({"place": Problem(refused.key, **refused.values)}) from None
        return Clear()

    async def ask_return(self, click: Click) -> None:
        """Not yet: what has to be changed?"""
        case = await self._case(click)
        async with self.desk.db.read() as session:
            rules.approve(case, await people.actor(session, click.person, click.now), _seen(click))
        meta = {"b": case.id, "h": case.seen}
        await click.open(views.reason(click.t, views.RETURNED, click.t("btn.hand_back"), meta))

    async def returned(self, click: Click) -> Outcome:
        """The reason was sent."""
        reason = str(click.values.get("reason") or "")
        if not reason.strip():
            raise Invalid({"reason": Problem("decision.needs_reason")})
        meta = click.meta
        await deciding.hand_back(
            self.desk, click.person, number(meta, "b"), str(meta.get("h", "")), reason, now=click.now
        )
        return Close()

    async def stop(self, click: Click) -> None:
        """*Stoppa utskicket*."""
        await handling.stop(self.desk, click.person, number(click.payload, "b"), now=click.now)

    async def ask_override(self, click: Click) -> None:
        """Go on without the website: why?"""
        case = await self._case(click)
        meta = {"b": case.id, "a": "override"}
        await click.open(views.reason(click.t, views.REASON, cards.without(click.t, case), meta))

    async def handle(self, click: Click) -> None:
        """One channel's menu on the board."""
        touch, act = _touch(click, click.payload), str(click.payload.get("a", ""))
        await self._right(click)
        if act == "remove":
            shown = self._names().get(touch.channel, touch.channel)
            return await click.open(views.remove(click.t, shown, {"b": touch.bulletin, "c": touch.channel}))
        if act == "skip":
            meta = {"b": touch.bulletin, "c": touch.channel, "a": act}
            await click.open(views.reason(click.t, views.REASON, click.t("crisis.act.skip"), meta))
            return
        await self._acts(act)(touch, click)

    def _acts(self, act: str) -> Callable[[Touch, Click], Awaitable[None]]:
        desk = self.desk
        table: dict[str, Callable[[Touch, Click], Awaitable[None]]] = {
            "retry": lambda touch, click: handling.retry(desk, touch, now=click.now),
            "hand": lambda touch, click: handling.take_by_hand(desk, touch, now=click.now),
            "there": lambda touch, click: handling.answer(desk, touch, True, now=click.now),
            "not_there": lambda touch, click: handling.answer(desk, touch, False, now=click.now),
        }
        if act not in table:
            raise Refused("err.unknown_button")
        return table[act]

    async def removed(self, click: Click) -> Outcome:
        """They are sure: what the channel shows is taken away."""
        await handling.remove(self.desk, _touch(click, click.meta), now=click.now)
        return Close()

    async def explained(self, click: Click) -> Outcome:
        """A reason for leaving a channel out, or for going on without the website."""
        meta, reason = click.meta, str(click.values.get("reason") or "")
        if meta.get("a") == "override":
            await handling.override_gate(self.desk, click.person, number(meta, "b"), reason, now=click.now)
        else:
            await handling.skip(self.desk, _touch(click, meta), reason, now=click.now)
        return Close()

    async def hand_done(self, click: Click) -> None:
        """*Klart*: published by hand."""
        await handling.done_by_hand(self.desk, _touch(click, click.payload), now=click.now)

    async def log(self, click: Click) -> None:
        """A line for the crisis log, typed after the word or in a form."""
        incident = await self._only(click)
        if not click.text.strip():
            await click.open(views.note(click.t, {"i": incident}))
            return
        await write_down(self.desk, click.person, incident, click.text, now=click.now)
        await click.say(Message(click.t("crisis.noted")))

    async def _only(self, click: Click) -> int:
        """The newest incident that is open. Raises Refused when none is."""
        await self._right(click)
        async with self.desk.db.read() as session:
            found = await incidents.in_state(session, *incidents.OPEN)
        if not found:
            raise Refused("crisis.none")
        return found[-1].id or 0

    async def log_message(self, click: Click) -> None:
        """*Lägg i krisloggen*: a message of somebody's becomes a line."""
        incident = await self._only(click)
        await click.open(views.note(click.t, {"i": incident}, kit.unesc(str(click.message.get("text") or ""))))

    async def ask_note(self, click: Click) -> None:
        """The button on the board."""
        await self._right(click)
        await click.open(views.note(click.t, {"i": number(click.payload, "i")}))

    async def logged(self, click: Click) -> Outcome:
        """The line was sent."""
        text = str(click.values.get("note") or "")
        if not text.strip():
            raise Invalid({"note": Problem("form.needed")})
        await write_down(self.desk, click.person, number(click.meta, "i"), text, now=click.now)
        return Close()

    async def paused(self, click: Click) -> None:
        """*Jag har pausat*."""
        await handling.paused(self.desk, click.person, number(click.payload, "i"), now=click.now)
        await click.say(Message(click.t("crisis.paused.thanks")))


def _touch(click: Click, carried: Mapping[str, Any]) -> Touch:
    return Touch(number(carried, "b"), str(carried.get("c", "")), click.person)


def _kind(click: Click) -> Kind:
    try:
        return Kind(str(click.payload.get("k")))
    except ValueError:
        raise Refused("err.unknown_button") from None


def _seen(click: Click) -> str:
    return str(click.payload.get("h", ""))
