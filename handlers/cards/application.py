"""What people see of an application: the case card, the questions to the deciders, the requester's own."""

from typing import Any

from bot.accounts import rules
from bot.accounts.rules import Case, GateView
from bot.accounts.states import Act, Gate, State
from bot.channels.message import Message
from bot.people import Actor, Role
from bot.texts import Speak
from handlers.cards import kit
from handlers.cards.kit import Block

OPEN = "application.open"  # the card with its buttons, from a list
APPROVE, REJECT, RETURN = "application.approve", "application.reject", "application.return"
FULL, RECORD, LATER, WRONG_HEAD = (
    "application.full",
    "application.record",
    "application.later",
    "application.wrong_head",
)
EDIT, WITHDRAW, LIVE, AGAIN = (
    "application.edit",
    "application.withdraw",
    "application.live",
    "application.again",
)
TOLD = {
    "approved": "account.yes",
    "rejected": "account.no",
    "expired": "account.expired",
    "live": "account.live",
}
ANYBODY = Actor("-", "-", department=True)  # whoever in the department may look at a shared card


def platform(t: Speak, case: Case, platforms: dict[str, str]) -> str:
    """The platform's visible name."""
    key = str(case.content.get("platform", ""))
    return platforms.get(key, key)


class Application:
    """Draws one case in one language."""

    def __init__(self, t: Speak, case: Case, platforms: dict[str, str], public_url: str) -> None:
        self.t, self.case, self.platforms, self.url = t, case, platforms, public_url

    def card(self) -> Message:
        """The case card in the department's channel: it shows and follows; its thread decides."""
        blocks = [
            self._header(),
            kit.section(self.promise()),
            *self._details(),
            kit.section(self.status()),
            *kit.actions("case", [self._full(), self._live_button(ANYBODY)]),
            self._footer(),
        ]
        return self._message(blocks)

    def ask(self, members: tuple[str, ...]) -> Message:
        """The question to the department, in the thread, mentioning those who may press."""
        if self._closed(Gate.COMMS):
            said = self._gate_line(self.case.comms)
            return self._message([kit.section(said), *self._record_row()], said)
        who = [one for one in members if one not in (self.case.requester, self.case.head.by)]
        words = kit.say(self.t, "ask.comms", names=kit.mention(*who), account=self.case.name)
        return self._message(
            [kit.section(words), *self._buttons(Gate.COMMS), *self._record_row()], words, self.promise()
        )

    def head(self, person: str) -> Message:
        """Card and buttons for one who may give the head's decision; the promise and the buttons come first."""
        mine = next((one for one in self.case.head.deciders if one.id == person), None)
        open_to_me = mine is not None and not self._closed(Gate.HEAD)
        why = self._why_me(mine.role) if mine and open_to_me else ""
        blocks = [
            self._header(),
            kit.section(self.promise()),
            *(self._buttons(Gate.HEAD) if open_to_me else []),
            *([kit.context(why)] if why else []),
            kit.section(self.status()),
            *self._details(),
            *kit.actions("more", self._more(open_to_me)),
            self._footer(),
        ]
        return self._message(blocks)

    def _why_me(self, role: Role) -> str:
        """Why the question comes to somebody other than the unit's own head."""
        case = self.case
        if role is Role.PARENT:
            return kit.say(self.t, "decision.above", unit=case.unit)
        if role is not Role.DEPUTY:
            return ""
        key = "decision.deputy.own" if case.requester_name == case.head_name else "decision.deputy"
        return kit.say(self.t, key, head=case.head_name, account=case.name)

    def mine(self) -> Message:
        """The requester's own card: how it stands and what they can do."""
        blocks = [
            self._header(),
            kit.section(self._receipt()),
            kit.section(self.status()),
            *kit.actions("mine", self._own_buttons()),
            self._footer(),
        ]
        return self._message(blocks, kit.esc(self.title()), self._receipt(), self.status())

    def passed_on(self) -> str:
        """Where the head's decision lies now, for the one who sent it on; plain text."""
        if self.case.outside and not self.case.head.deciders:
            return self.t("wrong_head.outside", account=self.case.name, head=self.case.head_name)
        return self.t("wrong_head.passed_on", account=self.case.name, names=self._deciders(self.case.head))

    def older(self) -> Message:
        """A question about an earlier text: it has been asked anew."""
        words = kit.say(self.t, "ask.older", account=self.case.name)
        return self._message([kit.section(words)], words)

    def promise(self) -> str:
        """What a yes promises: unit, hours, editors, substitute."""
        content = self.case.content
        return kit.say(
            self.t,
            "account.card.promise",
            requester=self.case.requester_name,
            unit=self.case.unit,
            account=self.case.name,
            hours=content.get("hours") or 0,
            editors=self._names(content.get("editors") or []),
            substitute=self._names([content.get("substitute")]),
        )

    def status(self) -> str:
        """The state, and both decisions."""
        lines = [f"*{self.t(f'state.{self.case.state}')}*"]
        lines += [self._gate_line(one) for one in (self.case.head, self.case.comms)]
        return "\n".join(lines)

    def full_lines(self) -> list[tuple[str, str]]:
        """The whole application, label and text, in the order of the form."""
        content = self.case.content
        order = (
            "purpose", "benefit", "audience", "existing", "goals", "hours", "posts", "editors",
            "substitute", "children", "children_routine", "public", "public_reason", "personal_data",
            "start", "until",
        )  # fmt: skip
        return [(self.t(f"show.{name}"), self._shown(name, content.get(name))) for name in order if self._has(name)]

    def _has(self, name: str) -> bool:
        return self.case.content.get(name) not in (None, "", []) or name == "until"

    def _shown(self, name: str, value: Any) -> str:
        if name in ("children", "public", "personal_data"):
            return self.t(f"choice.{name}.{value}")
        if name in ("editors", "substitute"):
            return self._names(value if isinstance(value, list) else [value])
        if name == "until" and not value:
            return self.t("choice.permanent")
        return self.t.number(value) if isinstance(value, int | float) else str(value)

    def _names(self, ids: list[Any]) -> str:
        return self.t.names([self.case.names.get(one, one) for one in ids if one])

    def _header(self) -> Block:
        return kit.header(self.title())

    def title(self) -> str:
        """Which account, on which platform."""
        shown = platform(self.t, self.case, self.platforms)
        return self.t("account.card.title", account=self.case.name, platform=shown)

    def _details(self) -> list[Block]:
        content = self.case.content
        lines = [kit.pair(self.t("show.purpose"), kit.cut(str(content.get("purpose", "")), 600))]
        lines += [kit.pair(self.t("show.audience"), kit.cut(str(content.get("audience", "")), 200))]
        if content.get("children") == "yes":
            routine = kit.cut(str(content.get("children_routine", "")), 200)
            lines.append(kit.pair(self.t("show.children_yes"), routine))
        if content.get("resembles"):
            lines.append(kit.pair(self.t("show.resembles"), kit.cut(str(content["resembles"]), 200)))
        if content.get("personal_data") == "unclear":
            lines.append(f"*{self.t('show.personal_data_unclear')}*")
        return [kit.section("\n".join(lines))]

    def _gate_line(self, one: GateView) -> str:
        label = self.t(f"decision.{one.gate}")
        if one.waiting and self.case.state is State.WAITING:
            if one.gate is Gate.COMMS:  # its name already says whom it waits for
                return self.t("gate.waiting.comms", decision=label)
            return kit.say(self.t, "gate.waiting", decision=label, names=self._deciders(one))
        if one.waiting or one.outcome == "void":
            returned = self.case.state is State.RETURNED
            return self.t("gate.void.returned" if returned else "gate.void", decision=label)
        return decided(self.t, self.case, one, self.t.moment(one.at) if one.at else "", 500)

    def _deciders(self, one: GateView) -> str:
        if one.gate is Gate.COMMS:
            return self.t("desk.department")
        others = [d.name for d in one.deciders if d.id != self.case.requester]
        return self.t.names(others) if others else self.case.head_name

    def _closed(self, gate: Gate) -> bool:
        return not rules.may(rules.check_open, self.case, Act.YES, gate)

    def _value(self, gate: Gate | None = None) -> dict[str, Any]:
        value: dict[str, Any] = {"a": self.case.id, "h": self.case.seen, "v": self.case.version}
        return {**value, "g": str(gate)} if gate else value

    def _buttons(self, gate: Gate) -> list[Block]:
        value = self._value(gate)
        asking = self.t("decision.confirm", **self._confirm_values())
        ask = kit.confirm(
            self.t("btn.approve"), asking, self.t("decision.confirm.ok"), self.t("decision.confirm.cancel")
        )
        row = [
            kit.button(self.t("btn.approve"), APPROVE, value, style="primary", confirm=ask),
            kit.button(self.t("btn.reject"), REJECT, value, style="danger"),
            kit.button(self.t("btn.return"), RETURN, value),
        ]
        return kit.actions(f"decide.{gate}", row)

    def _confirm_values(self) -> dict[str, str]:
        return {
            "account": kit.cut(self.case.name, 60),
            "unit": kit.cut(self.case.unit, 60),
            "requester": kit.cut(self.case.requester_name, 60),
        }

    def _record_row(self) -> list[Block]:
        if not self.case.outside or self._closed(Gate.HEAD):
            return []
        record = kit.button(self.t("btn.record_answer"), RECORD, self._value(Gate.HEAD))
        words = kit.say(self.t, "ask.outside", head=self.case.head_name)
        return [kit.section(words), *kit.actions("record", [record])]

    def _more(self, open_to_me: bool) -> list[Block | None]:
        wrong = kit.button(self.t("btn.wrong_head"), WRONG_HEAD, self._value(Gate.HEAD))
        later = kit.button(self.t("btn.later"), LATER, self._value(Gate.HEAD))
        return [self._full(), wrong if open_to_me else None, later if open_to_me else None]

    def _full(self) -> Block:
        return kit.button(self.t("btn.full"), FULL, self._value())

    def _live_button(self, actor: Actor) -> Block | None:
        if not rules.may(rules.go_live, self.case, actor):
            return None
        return kit.button(self.t("btn.live"), LIVE, self._value(), style="primary")

    def _own_buttons(self) -> list[Block | None]:
        me = Actor(self.case.requester, self.case.requester_name)
        ended = self.case.state in (State.REJECTED, State.EXPIRED, State.WITHDRAWN)
        withdraw = kit.button(
            self.t("btn.withdraw"),
            WITHDRAW,
            self._value(),
            confirm=kit.confirm(
                self.t("btn.withdraw"),
                self.t("withdraw.confirm", account=kit.cut(self.case.name, 60)),
                self.t("btn.withdraw.ok"),
                self.t("decision.confirm.cancel"),
            ),
        )
        return [
            self._live_button(me),
            self._full(),
            kit.button(self.t("btn.edit"), EDIT, self._value()) if rules.may(rules.edit, self.case, me) else None,
            kit.button(self.t("btn.again"), AGAIN, self._value()) if ended else None,
            withdraw if rules.may(rules.withdraw, self.case, me) else None,
        ]

    def _receipt(self) -> str:
        who = self._deciders(self.case.head)
        if self.case.state is State.WAITING and self.case.answer_by:
            return kit.say(self.t, "account.submitted", head=who, date=self.t.iso(self.case.answer_by))
        words = kit.say(self.t, f"mine.{self.case.state}", account=self.case.name, head=who)
        return words + "\n" + self.t("live.checklist") if self.case.state is State.APPROVED else words

    def _footer(self) -> Block:
        words = kit.say(self.t, "case.footer", id=str(self.case.id), version=str(self.case.version))
        if self.case.state is State.WAITING and self.case.expires:
            words += " " + kit.say(self.t, "case.expires", date=self.t.iso(self.case.expires))
        return kit.context(words)

    def _message(self, blocks: list[Block], *lines: str) -> Message:
        text = lines or (kit.esc(self.title()), self.promise(), self.status())
        return kit.message(blocks, *text)


def recorded(one: GateView) -> bool:
    """Whether this is a head's answer from outside Slack, entered by the department."""
    return one.gate is Gate.HEAD and one.role == Role.COMMS


def decided(t: Speak, case: Case, one: GateView, when: str, most: int) -> str:
    """Who decided what, when and why; an answer from outside is the head's, and says who entered it."""
    values = {"name": one.by_name, "time": when, "reason": kit.cut(one.reason, most)}
    if recorded(one):
        return kit.say(t, f"decision.recorded.{one.outcome}", head=case.head_name, **values)
    return kit.say(t, f"decision.line.{one.outcome}", decision=t(f"decision.{one.gate}"), **values)


def line(t: Speak, case: Case, what: str, by: str, given: GateView | None, when: str) -> Message:
    """A line in a thread about the case."""
    if what == "decided" and given is not None:
        words = decided(t, case, given, when, 2000)
    else:
        words = kit.say(
            t, f"line.{what}", name=by, account=case.name, unit=case.unit, head=case.head_name, time=when
        )
    return kit.message([kit.section(words)], words)


def told(t: Speak, case: Case, what: str, given: GateView | None, url: str, days: int) -> Message:
    """What the requester is told."""
    words = kit.say(
        t,
        TOLD.get(what) or f"told.{what}",
        account=case.name,
        name=_decider(case, given) if given else "",
        reason=kit.cut(given.reason, 2000) if given else "",
        url=kit.Raw(f"<{url}>"),
        days=days,
    )
    return kit.message([kit.section(words)], words)


def _decider(case: Case, given: GateView) -> str:
    return case.head_name if recorded(given) else given.by_name


def reminder(t: Speak, case: Case, gate: Gate, members: tuple[str, ...]) -> Message:
    """A reminder to whoever keeps the case waiting."""
    since = t.iso(case.asked) if case.asked else ""
    words = kit.say(t, "decision.remind", account=case.name, date=since)
    who = [one for one in members if one not in (case.requester, case.head.by)]
    if gate is Gate.COMMS and who:
        words = f"{kit.mention(*who)} {words}"
    return kit.message([kit.section(words)], words)
