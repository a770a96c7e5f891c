"""/komm enheter: the units and the department, looked at and changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import department
from bot import units as seats
from bot.channels import errors
from bot.department import DepartmentForm, Mailbox
from bot.desk import Desk
from bot.directory import Directory
from bot.seed import spelling
from bot.units import UnitForm
from handlers.boundary import Boundary
from handlers.cards import account as account_cards
from handlers.cards import units as cards
from handlers.click import Click, Outcome, Update, number
from handlers.words import HOME, Words
from storage import units


@dataclass(frozen=True)
class Units:
    """Listeners of units and department: each parses, makes one call, and answers."""

    desk: Desk
    directory: Directory

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(HOME, "enheter", "units", self.show, "help.komm.units")
        boundary.action(cards.EDIT, self.edit)
        boundary.action(cards.NEW, self.new)
        boundary.action(cards.DEPARTMENT, self.open_department)
        boundary.action(cards.PAGE, self.page)
        boundary.suggest(cards.PARENT, self.suggest_parents)
        boundary.suggest(cards.GROUP, self.suggest_groups)
        boundary.view(cards.SAVE, self.saved)
        boundary.view(cards.SAVE_DEPARTMENT, self.saved_department)

    async def show(self, click: Click) -> None:
        """The units, or those whose name or nämnd has the typed words in it."""
        rows = await seats.listing(self.desk, click.person, now=click.now)
        await click.say(cards.listing(click.t, rows, click.text))

    async def page(self, click: Click) -> None:
        """The next units of the list."""
        rows = await seats.listing(self.desk, click.person, now=click.now)
        wanted, start = str(click.payload.get("q", "")), number(click.payload, "p")
        await click.say(cards.listing(click.t, rows, wanted, start))

    async def edit(self, click: Click) -> None:
        """A unit to change."""
        row, parent = await seats.opened(self.desk, click.person, number(click.payload, "u"), now=click.now)
        await click.open(cards.unit_form(click.t, row, parent))

    async def new(self, click: Click) -> None:
        """An empty unit."""
        await seats.listing(self.desk, click.person, now=click.now)  # refuses those who may not
        await click.open(cards.unit_form(click.t))

    async def saved(self, click: Click) -> Outcome:
        """A unit was sent."""
        form = unit_form(click.values)
        await self.directory.all_known([one for one in (form.head, form.deputy) if one])
        if form.head_email and not form.head:
            await self.directory.find(spelling(form.head_email))
        unit_id = number(click.meta, "u") if "u" in click.meta else None
        done = await seats.save(self.desk, click.person, unit_id, form, now=click.now)
        words = click.t("units.saved", unit=done.unit.name)
        if done.asked:
            words += " " + click.t.n("units.asked", done.asked)
        return Update(account_cards.done(click.t, words))

    async def suggest_parents(self, click: Click) -> list[dict[str, Any]]:
        """Units that may stand above this one."""
        async with self.desk.db.read() as session:
            everyone = await units.everyone(session)
        return cards.parent_options(click.t, everyone, click.text, click.meta.get("u"))

    async def open_department(self, click: Click) -> None:
        """The department to change."""
        now = await department.open_for(self.desk, click.person, now=click.now)
        await click.open(cards.department_form(click.t, now))

    async def suggest_groups(self, click: Click) -> list[dict[str, Any]]:
        """Slack's user groups; none where the plan or the scope does not give any."""
        try:
            answer = await click.api.call("usergroups.list")
        except errors.ChannelError:
            return cards.group_options(click.t, [], "")
        groups = [(one["id"], one["handle"]) for one in answer["usergroups"]]
        return cards.group_options(click.t, groups, click.text)

    async def saved_department(self, click: Click) -> Outcome:
        """The department was sent."""
        form = department_form(click.values)
        named = [*form.members, *form.crisis_deciders, form.manager or ""]
        await self.directory.all_known([one for one in named if one])
        if form.group:
            await self.directory.forget_group(form.group)
        await department.save(self.desk, click.person, form, now=click.now)
        return Update(account_cards.done(click.t, click.t("units.department.saved")))


def unit_form(values: Mapping[str, Any]) -> UnitForm:
    """What was entered, by field."""
    parent = values.get("parent")
    return UnitForm(
        name=_text(values, "name"),
        board=_text(values, "board"),
        parent=int(parent) if parent and parent != cards.NOTHING else None,
        channel=values.get("channel"),
        head=values.get("head"),
        head_email=_text(values, "head_email"),
        head_name=_text(values, "head_name"),
        head_title=_text(values, "head_title"),
        deputy=values.get("deputy"),
    )


def department_form(values: Mapping[str, Any]) -> DepartmentForm:
    """What was entered, by field."""
    group = values.get("group")
    return DepartmentForm(
        members=tuple(values.get("members") or ()),
        group=group if group and group != cards.NOTHING else None,
        manager=values.get("manager"),
        registrar=Mailbox(_text(values, "registrar_name"), spelling(_text(values, "registrar_email"))),
        contact_centre=Mailbox(
            _text(values, "contact_centre_name"), spelling(_text(values, "contact_centre_email"))
        ),
        crisis_deciders=tuple(values.get("crisis_deciders") or ()),
        channel=values.get("channel"),
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()
