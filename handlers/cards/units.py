"""The units with their seats, and the forms that change them and the department."""

from collections.abc import Sequence
from itertools import chain

from bot.channels.message import Message
from bot.department import Mailbox, Now
from bot.folding import fold
from bot.texts import Speak
from bot.units import Row, Seat, Standing
from handlers.cards import forms, kit
from handlers.cards.account import unit_options
from handlers.cards.desk import room_for
from handlers.cards.kit import Block
from storage.units import Unit

EDIT, NEW, DEPARTMENT, PAGE = "units.edit", "units.new", "units.department", "units.page"
PARENT, GROUP = "units.parent", "units.group"  # external selects
SAVE, SAVE_DEPARTMENT = "units.save", "units.department.save"  # forms
NOTHING = "0"  # "no parent": an external select cannot be emptied on every client
MOST = 99


def listing(t: Speak, rows: Sequence[Row], wanted: str = "", start: int = 0) -> Message:
    """The units by nämnd from a place in the list, as many as fit; vacancies marked, each with its button."""
    found = [row for row in rows if all(word in _searched(row.unit) for word in fold(wanted).split())]
    found.sort(key=lambda row: (fold(row.unit.board), fold(row.unit.name)))
    start = max(0, min(start, len(found) - 1))
    groups = [_group(t, row, first=at == start or row.unit.board != found[at - 1].unit.board)
              for at, row in enumerate(found) if at >= start]  # fmt: skip
    shown = room_for(groups)
    blocks = [kit.header(t("units.title")), *chain.from_iterable(groups[:shown])]
    if not groups:
        blocks.append(kit.section(kit.say(t, "units.none_such", wanted=wanted) if rows else t("units.empty")))
    left = len(found) - start - shown
    if left > 0:
        blocks.append(kit.context(t.n("units.more", left)))
    lines = [block["text"]["text"] for block in blocks if "text" in block]
    return kit.message([*blocks, *_below(t, wanted, start + shown if left > 0 else None)], *lines)


def _group(t: Speak, row: Row, *, first: bool) -> list[Block]:
    """A unit, under the name of its nämnd when it is the first of it."""
    heading = kit.header(row.unit.board or t("units.no_board"))
    one = kit.section(_row(t, row), _button(t, "btn.units.edit", EDIT, u=row.unit.id))
    return [heading, one] if first else [one]


def _searched(unit: Unit) -> str:
    return fold(f"{unit.name} {unit.board}")


def _below(t: Speak, wanted: str, following: int | None) -> list[Block]:
    turn = {"q": wanted[:100], "p": following}
    row = [
        _button(t, "btn.units.new", NEW),
        _button(t, "btn.units.department", DEPARTMENT),
        _button(t, "btn.units.next", PAGE, **turn) if following else None,
    ]
    return kit.actions("units", row)


def _button(t: Speak, key: str, action_id: str, **value: object) -> Block:
    return kit.button(t(key), action_id, dict(value))


def _row(t: Speak, row: Row) -> str:
    title = row.unit.head_title or t("units.head")
    head, deputy = kit.Raw(seat(t, row.head)), kit.Raw(seat(t, row.deputy))
    return "\n".join(
        (
            f"*{kit.esc(row.unit.name)}*",
            kit.say(t, "units.line", title=title[:1].upper() + title[1:], seat=head),
            kit.say(t, "units.line", title=t("units.deputy"), seat=deputy),
        )
    )


def seat(t: Speak, one: Seat) -> str:
    """Who sits there, and in bold what is wrong with it."""
    date = t.iso(one.until) if one.until else ""
    return kit.say(t, f"seat.{one.standing}", name=kit.cut(one.name, 80), date=date)


def unit_form(t: Speak, row: Row | None = None, parent: Unit | None = None) -> Block:
    """A unit to change, or an empty one to enter."""
    unit = row.unit if row else Unit(name="")
    blocks = [
        forms.field("name", t("units.name"), forms.text(unit.name, limit=200)),
        forms.field(
            "board", t("units.board"), forms.text(unit.board, limit=200), hint=t("units.board.hint"), optional=True
        ),
        forms.field("parent", t("units.parent"), _parent(t, parent), hint=t("units.parent.hint"), optional=True),
        *_head(t, row),
        forms.field(
            "deputy",
            t("units.deputy"),
            forms.person(_usable(row.deputy) if row else None),
            hint=t("units.deputy.hint"),
            optional=True,
        ),
        forms.field(
            "channel", t("units.channel"), forms.channel(unit.channel), hint=t("units.channel.hint"), optional=True
        ),
    ]
    title = t("units.change.modal.title") if row else t("units.new.modal.title")
    return forms.view(t, SAVE, title, blocks, submit=t("btn.save"), meta={"u": unit.id} if row else {})


def _parent(t: Speak, parent: Unit | None) -> Block:
    chosen = (str(parent.id), parent.name) if parent else None
    return {**forms.external(chosen, placeholder=t("units.parent.placeholder")), "action_id": PARENT}


def parent_options(t: Speak, units: Sequence[Unit], typed: str, own: int | None) -> list[Block]:
    """What may be chosen as the unit above: all others, and none at all."""
    top = forms.option(NOTHING, t("units.parent.none"))
    return [top, *unit_options([one for one in units if one.id != own], typed)[:MOST]]


def _head(t: Speak, row: Row | None) -> list[Block]:
    """In Slack by choosing; outside by address and name. Whoever cannot be head any more is said first."""
    unit, head = (row.unit, row.head) if row else (Unit(name=""), Seat(Standing.VACANT))
    outside = head.standing is Standing.OUTSIDE
    warning = kit.say(t, "units.head.now", seat=kit.Raw(seat(t, head)))
    gone = head.standing in (Standing.DELETED, Standing.UNFIT)
    email = unit.head if outside and "@" in (unit.head or "") else ""
    titles = forms.text(unit.head_title, limit=120)
    return [
        *([kit.section(warning)] if gone else []),
        forms.field("head", t("units.head.in_slack"), forms.person(_usable(head)), optional=True),
        forms.field("head_title", t("units.head.title"), titles, hint=t("units.head.title.hint"), optional=True),
        forms.field(
            "head_email",
            t("units.head.email"),
            forms.text(email, limit=300),
            hint=t("units.head.email.hint"),
            optional=True,
        ),
        forms.field(
            "head_name",
            t("units.head.name"),
            forms.text(unit.head_name if outside else "", limit=200),
            optional=True,
        ),
    ]


def _usable(one: Seat) -> str | None:
    return one.person if one.standing in (Standing.HERE, Standing.AWAY) else None


def department_form(t: Speak, now: Now) -> Block:
    """The department: who belongs to it, its duties, its channel."""
    form, missing = now.form, []
    if now.unresolved:
        names = kit.cut(t.names(list(now.unresolved)), 2000)
        missing = [kit.section(kit.say(t, "units.department.unresolved", names=names))]
    chosen = (form.group, form.group) if form.group else None
    group = {**forms.external(chosen, placeholder=t("units.group.placeholder")), "action_id": GROUP}
    blocks = [
        *missing,
        forms.field("channel", t("units.department.channel"), forms.channel(form.channel)),
        forms.field("members", t("units.department.members"), forms.persons(form.members), optional=True),
        forms.field("group", t("units.group"), group, hint=t("units.group.hint"), optional=True),
        forms.field("manager", t("units.department.manager"), forms.person(form.manager), optional=True),
        forms.field(
            "crisis_deciders",
            t("units.department.crisis"),
            forms.persons(form.crisis_deciders),
            hint=t("units.department.crisis.hint"),
            optional=True,
        ),
        *_mailbox(t, "registrar", form.registrar),
        *_mailbox(t, "contact_centre", form.contact_centre),
    ]
    title = t("units.department.modal.title")
    return forms.view(t, SAVE_DEPARTMENT, title, blocks, submit=t("btn.save"))


def _mailbox(t: Speak, role: str, given: Mailbox) -> list[Block]:
    return [
        forms.field(f"{role}_name", t(f"units.{role}.name"), forms.text(given.name, limit=200), optional=True),
        forms.field(f"{role}_email", t(f"units.{role}.email"), forms.text(given.email, limit=300), optional=True),
    ]


def group_options(t: Speak, groups: Sequence[tuple[str, str]], typed: str) -> list[Block]:
    """Slack's user groups (id, handle) whose handle has the typed letters in it, and none at all."""
    found = [(one, handle) for one, handle in groups if fold(typed.lstrip("@")) in fold(handle)]
    none = forms.option(NOTHING, t("units.group.none"))
    return [none, *(forms.option(one, f"@{handle}") for one, handle in found[:MOST])]
