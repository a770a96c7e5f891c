"""/konto: apply, register, look things up; and the forms behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import people as people_roles
from bot.accounts import applying, cases, drafts, form, lookalikes, mine, register
from bot.accounts.register import Existing
from bot.channels.message import Message
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Invalid, Refused
from handlers import sentences
from handlers.boundary import Boundary
from handlers.cards import account as account_cards
from handlers.cards.application_form import STEP, UNIT, ApplicationForm
from handlers.click import Clear, Click, Errors, Outcome, Push, Update
from handlers.words import Words
from storage import accounts, units

COMMAND = "/konto"
OPEN = "account.open"  # the global shortcut
RESUME, DROP = "draft.resume", "draft.drop"
REGISTER = "account.register"


@dataclass(frozen=True)
class Accounts:
    """Listeners of the account room: each parses, makes one call, and answers."""

    desk: Desk
    directory: Directory

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "ansök", "apply", self.apply, "help.account.apply")
        words.add(COMMAND, "mina", "mine", self.mine, "help.account.mine")
        words.add(COMMAND, "lista", "list", self.list, "help.account.list")
        words.add(COMMAND, "visa", "show", self.show, "help.account.show")
        words.add(COMMAND, "registrera", "register", self.open_register, "help.account.register")
        boundary.command(COMMAND, words.listener(COMMAND, "ansök"))
        boundary.shortcut(OPEN, self.apply)
        for number in range(1, form.LAST_STEP + 1):
            boundary.view(f"{STEP}{number}", self.step)
        boundary.closed(f"{STEP}1", self.closed)  # the lowest of the stack, so it is said once
        boundary.suggest(UNIT, self.suggest_units)
        boundary.action(RESUME, self.resume)
        boundary.action(DROP, self.drop)
        boundary.view(REGISTER, self.registered)

    def form(self, click: Click) -> ApplicationForm:
        """The form in the clicker's language, with the municipality's own settings."""
        rules, town = self.desk.settings.accounts, self.desk.settings.municipality
        return ApplicationForm(
            click.t,
            website=town.website.partition("//")[2],
            guidelines=town.guidelines_url or "",
            days=rules.answer_days,
            platforms=rules.platforms,
            relay=rules.relay_account,
            minimum_posts=rules.minimum_posts_per_week,
        )

    async def apply(self, click: Click) -> None:
        """Open step 1 at once, from memory."""
        await click.open(self.form(click).step(1, {}, {"draft": drafts.new_id()}))

    async def step(self, click: Click) -> Outcome:
        """A step was sent: save what was typed, check it, go on or say what is wrong at its field."""
        number = int(click.callback.removeprefix(STEP))
        draft = await drafts.save(
            self.desk,
            click.person,
            click.meta["draft"],
            number,
            click.values,
            application_id=click.meta.get("edit"),
            now=click.now,
        )
        wrong = await applying.check_step(self.desk, click.person, draft.data, number, click.now)
        if wrong:
            return Errors({at: sentences.problem(click.t, one) for at, one in wrong.items()})
        if number == 1:
            alike = await applying.lookalike(self.desk, draft.data, click.meta.get("edit"))
            if alike is not None:
                return await self._confirm_lookalike(click, draft.data, alike)
        if number < form.LAST_STEP:
            return Push(self.form(click).step(number + 1, draft.data, click.meta))
        return await self._send(click, draft.data)

    async def closed(self, click: Click) -> None:
        """The form was closed half-way: say where the draft is, if a step was saved."""
        row = await drafts.load(self.desk, click.person, str(click.meta.get("draft")), click.now)
        if row is not None:
            await click.say(Message(click.t("account.draft.saved")))

    async def _confirm_lookalike(self, click: Click, data: Mapping[str, Any], alike: lookalikes.Known) -> Outcome:
        name = await self._unit_name(data.get("unit"))
        view = self.form(click).step(1, data, click.meta, unit=name, lookalike=alike)
        return Update(view)

    async def _unit_name(self, unit_id: Any) -> str:
        if not unit_id:
            return ""
        async with self.desk.db.read() as session:
            unit = await units.get(session, int(unit_id))
        return unit.name if unit else ""

    async def _send(self, click: Click, data: Mapping[str, Any]) -> Outcome:
        named = [*(data.get("editors") or []), data.get("substitute"), click.person]
        await self.directory.all_known([one for one in named if one])
        try:
            await self._submit(click, data)
        except Invalid as error:
            return self._elsewhere(click, error)
        return Clear()

    async def _submit(self, click: Click, data: Mapping[str, Any]) -> None:
        if "edit" in click.meta:
            await applying.edit(
                self.desk,
                click.person,
                click.meta["edit"],
                data,
                seen_version=click.meta["version"],
                now=click.now,
            )
            await drafts.drop(self.desk, click.person, click.meta["draft"])
        else:
            await applying.submit(self.desk, click.person, data, now=click.now, draft_id=click.meta["draft"])

    def _elsewhere(self, click: Click, error: Invalid) -> Errors:
        """A problem in an earlier step is said where the person is, naming the step."""
        here, first = {}, ""
        for name, problem in error.problems.items():
            words = sentences.problem(click.t, problem)
            if form.step_of(name) == form.LAST_STEP:
                here[name] = words
            elif not first:
                first = click.t("form.earlier_step", step=form.step_of(name), problem=words)
        return Errors(here if not first else {**here, "goals": first})

    async def suggest_units(self, click: Click) -> list[dict[str, Any]]:
        """Units whose name or board has the typed words in it."""
        async with self.desk.db.read() as session:
            everyone = await units.everyone(session)
        return account_cards.unit_options(everyone, click.text)

    async def resume(self, click: Click) -> None:
        """Go on with a draft where it was left."""
        row = await drafts.load(self.desk, click.person, str(click.payload.get("d")), click.now)
        if row is None:
            raise Refused("draft.gone")
        meta: dict[str, Any] = {"draft": row.id}
        if row.application_id:
            meta |= {"edit": row.application_id, "version": await self._version(row.application_id, click)}
        name = await self._unit_name(row.data.get("unit"))
        await click.open(self.form(click).step(1, row.data, meta, unit=name))

    async def _version(self, application_id: int, click: Click) -> int:
        async with self.desk.db.read() as session:
            return (await cases.read(session, self.desk, application_id, click.now)).version

    async def drop(self, click: Click) -> None:
        """Throw a draft away."""
        await drafts.drop(self.desk, click.person, str(click.payload.get("d")))
        await self.mine(click)

    async def mine(self, click: Click) -> None:
        """What is the person's own."""
        found = await mine.mine(self.desk, click.person, click.now)
        platforms = self.desk.settings.accounts.platforms
        await click.say(account_cards.mine(click.t, found, platforms))

    async def list(self, click: Click) -> None:
        """Every account of the municipality, by unit."""
        lines = await register.lines(self.desk)
        await click.say(account_cards.listing(click.t, lines, f"{self.desk.public_url}/register"))

    async def show(self, click: Click) -> None:
        """One account: the one whose name is most like what was typed."""
        if not click.text.strip():
            return await self._ask_which(click)
        async with self.desk.db.read() as session:
            found = await accounts.live(session)
        known = [lookalikes.Known(a.name, a.address, a.platform, u.name) for a, u in found]
        best = lookalikes.nearest(click.text, known)
        if best is None:
            raise Refused("account.none_such", name=click.text)
        account, unit = found[best]
        people = [one for one in (account.owner, account.substitute, *account.editors) if one]
        inside = click.person in people or await self._department(click)
        await self.directory.all_known(people)
        names = {one: self.directory.name(one) for one in people}
        await click.say(
            account_cards.account(
                click.t, account, unit.name, names, self.desk.settings.accounts.platforms, inside=inside
            )
        )

    async def _ask_which(self, click: Click) -> None:
        own = (await mine.mine(self.desk, click.person, click.now)).accounts
        lines = await register.lines(self.desk)
        platforms, url = self.desk.settings.accounts.platforms, f"{self.desk.public_url}/register"
        await click.say(account_cards.which(click.t, own, lines, platforms, url))

    async def _department(self, click: Click) -> bool:
        async with self.desk.db.read() as session:
            return (await people_roles.actor(session, click.person, click.now)).department

    async def open_register(self, click: Click) -> None:
        """The department enters an account that is already there; others are told before they type."""
        async with self.desk.db.read() as session:
            register.only_department(await people_roles.actor(session, click.person, click.now))
        await click.open(account_cards.register_form(click.t, self.desk.settings.accounts.platforms))

    async def registered(self, click: Click) -> Outcome:
        """The existing account was sent."""
        values = click.values
        await self.directory.all_known([one for one in (values.get("owner"), values.get("substitute")) if one])
        existing = Existing(
            unit=int(values["unit"]) if values.get("unit") else None,
            platform=values.get("platform") or "",
            name=values.get("name") or "",
            address=values.get("address") or "",
            purpose=values.get("purpose") or "",
            owner=values.get("owner") or "",
            substitute=values.get("substitute") or "",
            editors=values.get("editors") or [],
            login_place=values.get("login_place") or "",
        )
        account = await register.register_existing(self.desk, click.person, existing, now=click.now)
        words = click.t("account.live", account=account.name, url=f"{self.desk.public_url}/register")
        return Update(account_cards.done(click.t, words))
