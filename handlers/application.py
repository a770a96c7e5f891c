"""The buttons of an application: decide, explain, re-route, withdraw, go live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.accounts import applying, deciding, drafts, form, register, rules
from bot.accounts.deciding import Outside, Verdict
from bot.accounts.rules import Case
from bot.accounts.states import Act, Gate
from bot.channels.message import Message
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Invalid, Problem, Refused
from handlers.account import Accounts
from handlers.boundary import Boundary
from handlers.cards import account as account_cards
from handlers.cards import application, kit
from handlers.cards import application_form as views
from handlers.click import Clear, Click, Close, Outcome, Update, notice, number
from storage import units

REASONS = {Act.NO: "reject", Act.RETURN: "return"}


@dataclass(frozen=True)
class Applications:
    """Listeners behind the cards of an application."""

    desk: Desk
    directory: Directory
    accounts: Accounts

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.action(application.APPROVE, self.approve)
        boundary.action(application.REJECT, self.ask_why(Act.NO))
        boundary.action(application.RETURN, self.ask_why(Act.RETURN))
        boundary.action(application.FULL, self.full)
        boundary.action(application.OPEN, self.open)
        boundary.action(application.RECORD, self.ask_record)
        boundary.action(application.LATER, self.later)
        boundary.action(application.WRONG_HEAD, self.ask_wrong_head)
        boundary.action(application.EDIT, self.edit)
        boundary.action(application.AGAIN, self.again)
        boundary.action(application.WITHDRAW, self.withdraw)
        boundary.action(application.LIVE, self.ask_live)
        boundary.view("application.reason", self.explained)
        boundary.view("application.recorded", self.recorded)
        boundary.view("application.rerouted", self.rerouted)
        boundary.view("application.lived", self.lived)

    async def approve(self, click: Click) -> None:
        """Yes, from one of the two gates."""
        case = await deciding.decide(self.desk, _verdict(click, click.payload, Act.YES), now=click.now)
        if click.inside:  # nothing else follows in an open window
            await click.update(notice(click.t, self._card(click, case).head(click.person)))

    def ask_why(self, act: Act) -> Any:
        """No, or not yet: ask for the reason first, but only those who may give it."""

        async def ask(click: Click) -> None:
            case = await deciding.may_decide(self.desk, _verdict(click, click.payload, act), now=click.now)
            payload = {**click.payload, "act": str(act)}
            unknown = case.requester_name == case.requester  # nothing but an id
            reader = click.t("desk.requester") if unknown else case.requester_name
            await click.open(views.reason(click.t, REASONS[act], payload, reader))

        return ask

    async def explained(self, click: Click) -> Outcome:
        """The reason was sent."""
        reason = str(click.values.get("reason") or "").strip()
        if not reason:
            raise Invalid({"reason": Problem("decision.needs_reason")})
        verdict = _verdict(click, click.meta, Act(click.meta["act"]), reason)
        await deciding.decide(self.desk, verdict, now=click.now)
        return Clear()

    async def full(self, click: Click) -> None:
        """The whole application, to read."""
        case = await deciding.may_read(self.desk, click.person, number(click.payload, "a"), now=click.now)
        card = self._card(click, case)
        history = [kit.esc(line) for line in card.status().split("\n")]
        title = card.title()
        await click.open(views.full(click.t, title, [*self._head_lines(click, case), *card.full_lines()], history))

    def _head_lines(self, click: Click, case: Case) -> list[tuple[str, str]]:
        shown = application.platform(click.t, case, self.desk.settings.accounts.platforms)
        return [
            (click.t("show.name"), case.name),
            (click.t("show.platform"), shown),
            (click.t("show.unit"), case.unit),
            (click.t("show.requester"), case.requester_name),
        ]

    def _card(self, click: Click, case: Case) -> application.Application:
        rules = self.desk.settings.accounts
        return application.Application(click.t, case, rules.platforms, self.desk.public_url)

    async def open(self, click: Click) -> None:
        """The case from a list: the requester's own card, or the decider's."""
        case = await deciding.may_read(self.desk, click.person, number(click.payload, "a"), now=click.now)
        card = self._card(click, case)
        mine = case.requester == click.person
        await click.say(card.mine() if mine else card.head(click.person))

    async def ask_record(self, click: Click) -> None:
        """A head answered outside Slack: the department enters it."""
        await deciding.may_record(self.desk, _verdict(click, click.payload, Act.YES), now=click.now)
        today = self.desk.office.local_date(click.now).isoformat()
        await click.open(views.record(click.t, click.payload, today))

    async def recorded(self, click: Click) -> Outcome:
        """The answer was sent."""
        values = click.values
        answered = form.day(values.get("answered"))
        if answered is None or not values.get("outcome"):
            raise Invalid({"answered": Problem("form.needed")})
        reason = str(values.get("reason") or "")
        act = Act(values["outcome"])
        if act is not Act.YES and not reason.strip():
            raise Invalid({"reason": Problem("decision.needs_reason")})
        outside = Outside(answered, str(values.get("reference") or ""))
        await deciding.record(self.desk, _verdict(click, click.meta, act, reason), outside, now=click.now)
        return Close()

    async def later(self, click: Click) -> None:
        """Remind me on the next working day."""
        payload = click.payload
        when = await deciding.snooze(self.desk, click.person, number(payload, "a"), _gate(payload), now=click.now)
        await click.say(Message(click.t("decision.snoozed", time=click.t.moment(when))))

    async def ask_wrong_head(self, click: Click) -> None:
        """Not mine to decide: whose then?"""
        case_id = number(click.payload, "a")
        await deciding.check(self.desk, click.person, case_id, rules.reroute, now=click.now)
        await click.open(views.wrong_head(click.t, click.payload))

    async def rerouted(self, click: Click) -> Outcome:
        """A unit was named, or the department is asked to find out."""
        unit, case_id = click.values.get("unit"), number(click.meta, "a")
        if unit:
            case = await deciding.reroute(self.desk, click.person, case_id, int(unit), now=click.now)
            words = self._card(click, case).passed_on()
        else:
            await deciding.wrong_head(self.desk, click.person, case_id, now=click.now)
            words = click.t("wrong_head.told")
        return Update(account_cards.done(click.t, words))

    async def edit(self, click: Click) -> None:
        """The requester changes what was asked for."""
        case = await self._own(click)
        meta = {"draft": drafts.new_id(), "edit": case.id, "version": case.version}
        await self._reopen(click, case.content, meta)

    async def again(self, click: Click) -> None:
        """A new application with the text of one that ended."""
        case = await self._own(click)
        await self._reopen(click, case.content, {"draft": drafts.new_id()})

    async def _own(self, click: Click) -> Case:
        case = await deciding.may_read(self.desk, click.person, number(click.payload, "a"), now=click.now)
        if case.requester != click.person:
            raise Refused("application.not_yours")
        return case

    async def _reopen(self, click: Click, content: Mapping[str, Any], meta: dict[str, Any]) -> None:
        """Everything typed before is a draft first, so that later steps find it."""
        again = {**content, "guidelines": None} if "edit" not in meta else dict(content)
        await drafts.save(
            self.desk, click.person, meta["draft"], 1, again, application_id=meta.get("edit"), now=click.now
        )
        async with self.desk.db.read() as session:
            unit = await units.get(session, int(content["unit"]))
        name = unit.name if unit else ""
        await click.open(self.accounts.form(click).step(1, again, meta, unit=name))

    async def withdraw(self, click: Click) -> None:
        """The requester takes it back."""
        await applying.withdraw(self.desk, click.person, number(click.payload, "a"), now=click.now)

    async def ask_live(self, click: Click) -> None:
        """The account is running: where?"""
        case_id = number(click.payload, "a")
        case = await deciding.check(self.desk, click.person, case_id, rules.go_live, now=click.now)
        await click.open(views.live(click.t, {"a": case.id}, case.name))

    async def lived(self, click: Click) -> Outcome:
        """Address and place were sent: the account enters the register."""
        values = click.values
        await register.go_live(
            self.desk,
            click.person,
            number(click.meta, "a"),
            address=str(values.get("address") or ""),
            login_place=str(values.get("login_place") or ""),
            now=click.now,
        )
        return Clear()


def _gate(payload: Mapping[str, Any]) -> Gate:
    try:
        return Gate(payload.get("g", ""))
    except ValueError:
        raise Refused("err.unknown_button") from None


def _verdict(click: Click, payload: Mapping[str, Any], act: Act, reason: str = "") -> Verdict:
    return Verdict(number(payload, "a"), _gate(payload), act, click.person, str(payload.get("h", "")), reason)
