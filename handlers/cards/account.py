"""Lists, single accounts, and the form for accounts that were there before the desk."""

from collections.abc import Sequence

from bot.accounts.mine import Mine
from bot.accounts.register import Line
from bot.channels.message import Message
from bot.folding import fold
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.application import OPEN
from handlers.cards.application_form import UNIT
from handlers.cards.kit import Block
from storage.accounts import Account
from storage.own import Own
from storage.units import Unit

MOST = 100
SHOWN = 12
Platforms = dict[str, str]


def unit_options(units: Sequence[Unit], typed: str) -> list[Block]:
    """Units whose name or board has every typed word in it; those that begin so come first."""
    wanted = fold(typed).split()
    found = [unit for unit in units if all(word in fold(f"{unit.name} {unit.board}") for word in wanted)]
    found.sort(key=lambda unit: not fold(unit.name).startswith(fold(typed)))
    return [forms.option(str(unit.id), unit.name) for unit in found[:MOST]]


def mine(t: Speak, found: Mine, platforms: Platforms) -> Message:
    """Drafts with a button to go on, applications with their state, accounts, decisions that wait."""
    if found.empty:
        return kit.message([kit.section(t("mine.nothing"))], t("mine.nothing"))
    blocks = [kit.header(t("mine.title"))]
    lines = [t("mine.title")]
    for one in found.to_decide[:SHOWN]:
        words = kit.say(t, "mine.to_decide", account=one.name, date=t.iso(one.at))
        blocks.append(kit.section(words, _open(t, one)))
        lines.append(words)
    for draft in found.drafts[:SHOWN]:
        words = kit.say(t, "mine.draft", account=draft.name or t("mine.unnamed"), date=t.iso(draft.at))
        blocks += [kit.section(words), *_draft_buttons(t, draft)]
        lines.append(words)
    running = {one.name for one in found.accounts}
    for case in [one for one in found.applications if one.name not in running or one.state != "live"][:SHOWN]:
        words = kit.say(
            t,
            "mine.application",
            account=case.name,
            state=t(f"state.{case.state}"),
            date=t.iso(case.at),
        )
        blocks.append(kit.section(words, _open(t, case)))
        lines.append(words)
    for account in found.accounts[:SHOWN]:
        words = _line(t, account.name, platforms.get(account.platform, account.platform), account.address)
        blocks.append(kit.section(words))
        lines.append(words)
    return kit.message(blocks, *lines)


def _open(t: Speak, case: Own) -> Block:
    return kit.button(t("btn.open"), OPEN, {"a": int(case.key)})


def _draft_buttons(t: Speak, draft: Own) -> list[Block]:
    go_on = kit.button(t("btn.resume"), "draft.resume", {"d": draft.key}, style="primary")
    sure = kit.confirm(t("btn.drop_draft"), t("draft.drop.confirm"), t("btn.drop_draft"), t("btn.cancel"))
    away = kit.button(t("btn.drop_draft"), "draft.drop", {"d": draft.key}, confirm=sure)
    return kit.actions(f"draft.{draft.key}", [go_on, away])


def listing(t: Speak, lines: Sequence[Line], url: str) -> Message:
    """The register in Slack: as much as fits, and the page with all of it."""
    if not lines:
        words = kit.say(t, "list.nothing", url=kit.Raw(f"<{url}>"))
        return kit.message([kit.section(words)], words)
    title = t.n("list.title", len(lines))
    shown = [kit.esc(one.unit) + ": " + _line(t, one.name, one.platform, one.address) for one in lines[:40]]
    rest = kit.say(t, "list.all", url=kit.Raw(f"<{url}>"))
    blocks = [kit.header(title)]
    blocks += [kit.section("\n".join(shown[at : at + 8])) for at in range(0, len(shown), 8)]
    return kit.message([*blocks, kit.context(rest)], title, *shown, rest)


def _line(t: Speak, name: str, platform: str, address: str) -> str:
    return f"*{kit.esc(name)}* ({kit.esc(platform)}) {kit.esc(address)}"


def account(
    t: Speak, one: Account, unit: str, names: dict[str, str], platforms: Platforms, *, inside: bool
) -> Message:
    """One account with its people; where its login is kept is for its own and the department (``inside``)."""
    pairs = [
        (t("show.unit"), unit),
        (t("show.platform"), platforms.get(one.platform, one.platform)),
        (t("show.address"), one.address),
        (t("show.purpose"), one.purpose),
        (t("show.owner"), names.get(one.owner, one.owner)),
        (t("show.substitute"), names.get(one.substitute or "", t("show.nobody"))),
        (t("show.editors"), t.names([names.get(who, who) for who in one.editors]) or t("show.nobody")),
    ]
    if inside:
        pairs.append((t("show.login_place"), one.login_place or t("show.unknown")))
    blocks = [kit.header(one.name)]
    blocks += [kit.section("\n".join(kit.pair(label, kit.cut(text, 900)) for label, text in pairs))]
    return kit.message(blocks, kit.esc(one.name), *(f"{label}: {kit.esc(text)}" for label, text in pairs))


def which(t: Speak, own: Sequence[Own], lines: Sequence[Line], platforms: Platforms, url: str) -> Message:
    """How to ask for one account, with one's own to choose from; ``lines`` are the whole register."""
    if not lines:
        return listing(t, lines, url)
    how = kit.say(t, "show.which", account=(own[0] if own else lines[0]).name)
    mine = [_line(t, one.name, platforms.get(one.platform, one.platform), one.address) for one in own[:SHOWN]]
    listed = [t("show.own"), *mine] if mine else []
    blocks = [kit.section(how), *([kit.section("\n".join(listed))] if listed else []), kit.context(t("show.all"))]
    return kit.message(blocks, how, *listed, t("show.all"))


def register_form(t: Speak, platforms: Platforms) -> Block:
    """An account that was there before the desk."""
    select = {**forms.external(placeholder=t("form.unit.placeholder")), "action_id": UNIT}
    address = forms.text(limit=400, placeholder="https://")
    return forms.view(
        t,
        "account.register",
        t("register.form.title"),
        [
            kit.section(t("register.form.intro")),
            forms.field("unit", t("form.unit"), select),
            forms.field("platform", t("form.platform"), forms.select(list(platforms.items()))),
            forms.field("name", t("register.form.name"), forms.text(limit=120)),
            forms.field("address", t("form.address.label"), address, hint=t("form.address.hint")),
            forms.field("purpose", t("show.purpose"), forms.text(lines=True), hint=t("register.form.purpose")),
            forms.field("owner", t("show.owner"), forms.person()),
            forms.field("substitute", t("show.substitute"), forms.person(), optional=True),
            forms.field("editors", t("show.editors"), forms.persons(), optional=True),
            forms.field(
                "login_place",
                t("credentials.place.label"),
                forms.text(limit=400),
                hint=t("credentials.place.hint"),
                optional=True,
            ),
        ],
        submit=t("btn.save"),
    )


def done(t: Speak, words: str) -> Block:
    """Says that it worked; nothing that stands below it is worth going back to."""
    return {**forms.view(t, "desk.done", t("desk.done"), [kit.section(kit.esc(words))]), "clear_on_close": True}
