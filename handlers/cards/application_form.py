"""The application's three steps as forms, filled with what was typed before."""

from collections.abc import Mapping
from typing import Any

from bot.accounts.lookalikes import Known
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block

STEP = "application.step"  # callback ids: application.step1 … 3
UNIT = "application.unit"  # the external select's action id
BACK_OPTIONS = ("yes", "no")
Data = Mapping[str, Any]


class ApplicationForm:
    """Draws a step in one language; ``data`` is the draft, ``meta`` travels with the view."""

    def __init__(
        self,
        t: Speak,
        *,
        website: str,
        guidelines: str,
        days: int,
        platforms: dict[str, str],
        relay: str | None = None,
        minimum_posts: int | None = None,
    ) -> None:
        self.t, self.website, self.guidelines, self.days = t, website, guidelines, days
        self.platforms, self.relay, self.minimum_posts = platforms, relay, minimum_posts

    def step(self, number: int, data: Data, meta: Data, unit: str = "", lookalike: Known | None = None) -> Block:
        """Step 1, 2 or 3."""
        if number == 1:
            blocks = self._one(data, unit, lookalike)
        else:
            blocks = self._who(data) if number == 2 else self._check(data)
        submit = self.t("btn.send") if number == 3 else self.t("btn.next_step")
        heading = kit.context(f"*{self.t(f'account.step.{number}')}*")
        return forms.view(
            self.t,
            f"{STEP}{number}",
            self.t("account.modal.title"),
            [heading, *blocks],
            submit=submit,
            meta=meta,
            tell_close=number == 1,
        )

    def _one(self, data: Data, unit: str, lookalike: Known | None) -> list[Block]:
        chosen = (str(data["unit"]), unit) if data.get("unit") and unit else None
        select = {**forms.external(chosen, placeholder=self.t("form.unit.placeholder")), "action_id": UNIT}
        picked = forms.field("unit", self.t("form.unit"), select)
        intro = kit.section(kit.say(self.t, "account.intro", days=self.days))
        return [intro, picked, *self._what(data), *self._alike(data, lookalike)]

    def _what(self, data: Data) -> list[Block]:
        t = self.t
        options = list(self.platforms.items())
        existing_hint = t("account.existing.hint")
        if self.relay:
            existing_hint = t("form.existing.relay", relay=self.relay)
        purpose_hint = t("account.purpose.hint", website=self.website)
        return [
            forms.field("platform", t("form.platform"), forms.select(options, data.get("platform"))),
            forms.field("name", t("form.name"), forms.text(data.get("name"), limit=200), hint=t("form.name.hint")),
            self._long("purpose", data, t("account.purpose.label"), purpose_hint),
            self._long("benefit", data, t("form.benefit"), t("form.benefit.hint")),
            forms.field(
                "audience",
                t("form.audience"),
                forms.text(data.get("audience")),
                hint=t("form.audience.hint"),
            ),
            self._long("existing", data, t("account.existing.label"), existing_hint),
        ]

    def _alike(self, data: Data, lookalike: Known | None) -> list[Block]:
        if lookalike is None and not data.get("lookalike"):
            return []
        box = forms.tick(self.t("form.lookalike.tick"), bool(data.get("lookalike")))
        made = forms.field("lookalike", self.t("form.lookalike"), box, optional=True)
        if lookalike is None:
            return [made]
        words = kit.say(self.t, "account.lookalike", account=lookalike.name, unit=lookalike.unit)
        return [kit.section(f"*{words}*"), made]

    def _who(self, data: Data) -> list[Block]:
        t = self.t
        posts = []
        if self.minimum_posts is not None:
            hint = t("form.posts.hint", least=self.minimum_posts)
            posts = [
                forms.field("posts", t("form.posts.label"), forms.text(data.get("posts"), limit=10), hint=hint)
            ]
        children = forms.select(self._choices("children"), data.get("children"), radio=True)
        return [
            forms.field(
                "editors",
                t("form.editors.label"),
                forms.persons(data.get("editors") or ()),
                hint=t("form.editors.hint"),
            ),
            forms.field("substitute", t("account.substitute.label"), forms.person(data.get("substitute"))),
            forms.field(
                "hours",
                t("form.hours.label"),
                forms.text(_shown(data.get("hours")), limit=10),
                hint=t("form.hours.hint"),
            ),
            *posts,
            self._tick("ready", data, "form.ready.label", "form.ready.tick"),
            forms.field("children", t("account.children.label"), children),
            self._long(
                "children_routine", data, t("form.routine.label"), t("account.children.hint"), optional=True
            ),
        ]

    def _check(self, data: Data) -> list[Block]:
        t = self.t
        public = forms.select(self._choices("public"), data.get("public") or "yes", radio=True)
        personal = forms.select(self._choices("personal_data"), data.get("personal_data"), radio=True)
        return [
            self._long("goals", data, t("form.goals"), t("form.goals.hint")),
            forms.field("public", t("form.public"), public),
            self._long("public_reason", data, t("form.public_reason.label"), "", optional=True),
            self._tick("private", data, "form.private.label", "account.private.check"),
            forms.field("personal_data", t("form.personal_data"), personal, hint=t("form.personal_data.hint")),
            forms.field("start", t("form.start"), forms.date(data.get("start"))),
            forms.field(
                "until",
                t("form.until.label"),
                forms.date(data.get("until")),
                hint=t("form.until.hint"),
                optional=True,
            ),
            *self._guidelines(data),
        ]

    def _guidelines(self, data: Data) -> list[Block]:
        """The tick, and under it where to read: a hint of the field's own could not be clicked."""
        here = kit.say(self.t, "form.guidelines.hint", url=kit.Raw(f"<{kit.esc(self.guidelines)}>"))
        box = forms.tick(self.t("form.guidelines.tick"), data.get("guidelines") is True)
        made = forms.field("guidelines", self.t("form.guidelines.label"), box)
        return [made, kit.context(here)] if self.guidelines else [made]

    def _tick(self, name: str, data: Data, label: str, words: str) -> Block:
        box = forms.tick(self.t(words), data.get(name) is True)
        return forms.field(name, self.t(label), box)

    def _long(self, name: str, data: Data, label: str, hint: str, *, optional: bool = False) -> Block:
        return forms.field(name, label, forms.text(data.get(name), lines=True), hint=hint, optional=optional)

    def _choices(self, name: str) -> list[tuple[str, str]]:
        values = ("done", "unclear") if name == "personal_data" else BACK_OPTIONS
        return [(value, self.t(f"choice.{name}.{value}")) for value in values]


def _shown(value: Any) -> Any:
    """2.0 as the 2 that was typed."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def reason(t: Speak, act: str, meta: Data, requester: str) -> Block:
    """Why no, or what is missing."""
    box = forms.field(
        "reason",
        t("decision.reason.label"),
        forms.text(lines=True),
        hint=t("decision.reason.hint", requester=requester),
    )
    return forms.view(t, "application.reason", t(f"btn.{act}"), [box], submit=t(f"btn.{act}.send"), meta=meta)


def record(t: Speak, meta: Data, today: str) -> Block:
    """An answer that a head gave outside Slack."""
    outcomes = [(one, t(f"outcome.{one}")) for one in ("yes", "no", "return")]
    return forms.view(
        t,
        "application.recorded",
        t("btn.record_answer"),
        [
            kit.section(t("record.intro")),
            forms.field("outcome", t("record.outcome"), forms.select(outcomes, radio=True)),
            forms.field("answered", t("record.answered"), forms.date(today)),
            forms.field("reference", t("record.reference"), forms.text(limit=200), hint=t("record.reference.hint")),
            forms.field(
                "reason",
                t("decision.reason.label"),
                forms.text(lines=True),
                hint=t("record.reason.hint"),
                optional=True,
            ),
        ],
        submit=t("btn.save"),
        meta=meta,
    )


def wrong_head(t: Speak, meta: Data) -> Block:
    """Whose decision is it then?"""
    select = {**forms.external(placeholder=t("form.unit.placeholder")), "action_id": UNIT}
    return forms.view(
        t,
        "application.rerouted",
        t("btn.wrong_head"),
        [
            kit.section(t("wrong_head.intro")),
            forms.field("unit", t("wrong_head.unit"), select, hint=t("wrong_head.hint"), optional=True),
        ],
        submit=t("btn.forward_case"),
        meta=meta,
    )


def live(t: Speak, meta: Data, account: str) -> Block:
    """The account is running: where it is, and where its login is kept."""
    return forms.view(
        t,
        "application.lived",
        t("btn.live"),
        [
            kit.section(kit.say(t, "live.intro", account=account)),
            forms.field(
                "address",
                t("form.address.label"),
                forms.text(limit=400, placeholder="https://"),
                hint=t("form.address.hint"),
            ),
            forms.field(
                "login_place",
                t("credentials.place.label"),
                forms.text(limit=400),
                hint=t("credentials.place.hint"),
            ),
        ],
        submit=t("btn.save"),
        meta=meta,
    )


def full(t: Speak, title: str, lines: list[tuple[str, str]], history: list[str]) -> Block:
    """The whole application, to read."""
    blocks = [kit.header(title)]
    blocks += [kit.section(kit.cut(kit.pair(label, text), 2900)) for label, text in lines]
    if history:
        blocks += [kit.divider(), kit.section(kit.cut("\n".join(history), 2900))]
    return forms.view(t, "application.shown", t("show.title"), blocks)
