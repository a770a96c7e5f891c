"""The form for a comment that no interface brings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.comments.rules import Case
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage.accounts import Account
from storage.units import Unit

ENTERED, ACCOUNT = "comment.entered", "comment.new_account"
Platforms = Mapping[str, str]


def form(
    t: Speak, key: str, *, text: str = "", link: str = "", written: datetime | None = None, account: str = ""
) -> Block:
    """The form; ``key`` makes one comment of it however often it is sent. ``account``: a name to begin with."""
    picker: Block = {"type": "datetimepicker"}
    if written:
        picker["initial_date_time"] = int(written.timestamp())
    choose = {**forms.external(placeholder=t("comment.new.account.placeholder")), "action_id": ACCOUNT}
    blocks = [
        kit.context(kit.esc(t("comment.new.intro"))),
        forms.field("account", t("comment.new.account"), choose),
        forms.field("text", t("comment.new.text"), forms.text(text, lines=True)),
        forms.field(
            "author", t("comment.new.author"), forms.text(), hint=t("comment.new.author.hint"), optional=True
        ),
        forms.field("link", t("comment.new.link"), forms.text(link, placeholder="https://"), optional=True),
        forms.field("written", t("comment.new.written"), picker, hint=t("comment.new.written.hint"), optional=True),
        forms.field("post", t("comment.new.post"), forms.text(), hint=t("comment.new.post.hint"), optional=True),
    ]
    return forms.view(t, ENTERED, t("comment.new.title"), blocks, submit=t("btn.save"), meta={"k": key})


def options(t: Speak, found: Sequence[tuple[Account, Unit]], platforms: Platforms) -> list[Block]:
    """Accounts to choose from: name, platform and unit."""
    return [forms.option(str(one.id), _name(one, unit, platforms)) for one, unit in found]


def _name(one: Account, unit: Unit, platforms: Platforms) -> str:
    return f"{kit.cut(one.name, 40)} ({platforms.get(one.platform, one.platform)}), {unit.name}"


def entered(t: Speak, case: Case, names: Sequence[str]) -> Block:
    """It is in the queue, and who answers."""
    said: dict[str, Any] = {"account": case.hands.account, "platform": case.hands.platform_name}
    words = t("comment.new.done", **said)
    who = t("comment.new.done.who", names=t.names(names)) if names else t("comment.new.done.nobody")
    view = forms.view(t, "desk.done", t("desk.done"), [kit.section(kit.esc(f"{words} {who}"))])
    return {**view, "clear_on_close": True}
