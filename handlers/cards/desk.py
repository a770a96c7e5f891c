"""Help, status, the first hour, and App Home."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from bot.accounts.mine import Mine
from bot.channels.message import Message
from bot.start import Mend, Step
from bot.status import Place, Trouble
from bot.texts import Speak
from handlers import sentences
from handlers.cards import inbox, kit
from handlers.cards.application import FULL, OPEN
from handlers.cards.inbox import Inboxes
from handlers.cards.kit import Block
from handlers.words import Word

THERE, NOT_THERE = "status.there", "status.not_there"
WORD = "desk.word"  # a button that does what a sub-word does
HOME_WORDS = {"desk.word.apply": "ansök", "desk.word.away": "frånvaro", "desk.word.help": "hjälp"}
MENDS = {
    Mend.DEPARTMENT: "units.department",
    Mend.UNITS: WORD,
    Mend.ACCOUNT: WORD,
}
SHOWN, BUDGET = 20, 9500  # of groups, and of their characters; the rest of a message is heading and footer
AT_HOME = 10
Group = tuple[str, Sequence[Word]]  # a command and its words


def help_(t: Speak, groups: Sequence[Group]) -> Message:
    """What one can do, by what one wants to do, in the words one types."""
    blocks, lines = [kit.header(t("help.title"))], [t("help.title")]
    for command, words in groups:
        name = f"help.group.{command.lstrip('/')}"
        heading = f"*{t(name) if name in t.texts else command}*"
        said = [f"`{command} {word.shown}` {kit.esc(t(word.text))}" for word in words]
        blocks.append(kit.section("\n".join([heading, *said])))
        lines += [heading, *said]
    blocks.append(kit.context(t("help.anywhere")))
    return kit.message(blocks, *lines, t("help.anywhere"))


def spoken(t: Speak, key: str, values: Mapping[str, Any]) -> str:
    """A text of ours with values of every kind, as markup: channels by link, all else escaped."""
    return kit.say(t, key, **{name: _shown(t, value) for name, value in values.items()})


def _shown(t: Speak, value: Any) -> str:
    if isinstance(value, Place) and value.id[:1] in ("C", "G"):
        return kit.Raw(f"<#{kit.esc(value.id)}>")
    return kit.cut(sentences.spoken(t, value), 400)


def room_for(groups: Sequence[Sequence[Block]], most: int = SHOWN) -> int:
    """How many of these groups of blocks a message takes, so that the rest can be counted; at least one."""
    size = 0
    for number, group in enumerate(groups[:most]):
        size += len(json.dumps(group, ensure_ascii=False))
        if size > BUDGET:
            return max(number, 1)
    return min(len(groups), most)


def status(t: Speak, troubles: Sequence[Trouble], inboxes: Inboxes = ()) -> Message:
    """That everything works, or each trouble with who can mend it; and what waits beside the comments."""
    boxes = [f"*{t('digest.inbox')}*", *inbox.lines(t, inboxes, t.moment)] if inboxes else []
    beside = [kit.section("\n".join(boxes))] if boxes else []
    if not troubles:
        return kit.message([kit.section(t("status.ok")), *beside], t("status.ok"), *boxes)
    title = t.n("status.title", len(troubles))
    said = [trouble(t, one) for one in troubles]
    groups = [[kit.section(words), *_looked(t, one)] for words, one in zip(said, troubles, strict=True)]
    shown = room_for(groups)
    blocks, lines = [kit.header(title), *chain.from_iterable(groups[:shown])], [title, *said[:shown]]
    left = len(troubles) - shown
    if left > 0:
        more = t.n("status.more", left)
        blocks.append(kit.context(more))
        lines.append(more)
    return kit.message([*blocks, *beside], *lines, *boxes)


def trouble(t: Speak, one: Trouble) -> str:
    """What is wrong, and who can mend it, as markup."""
    words = spoken(t, one.key, one.values)
    return words if one.mender is None else f"{words} {t('status.mender', who=t(one.mender.key))}"


def _looked(t: Speak, one: Trouble) -> list[Block]:
    if one.post is None:
        return []
    value = {"p": one.post}
    row = [
        kit.button(t("btn.status.there"), THERE, value, style="primary"),
        kit.button(t("btn.status.not_there"), NOT_THERE, value),
    ]
    return kit.actions(f"asking.{one.post}", row)


def status_short(t: Speak, well: bool) -> Message:
    """What people outside the department are told."""
    words = t("status.ok") if well else t("status.short")
    return kit.message([kit.section(words)], words)


def start(t: Speak, steps: Sequence[Step]) -> Message:
    """The first hour: what is left with a button or who can mend it, then what is done."""
    left, done = [one for one in steps if not one.done], [one for one in steps if one.done]
    intro = t("start.intro") if left else t("start.ready")
    blocks, lines = [kit.header(t("start.title")), kit.section(intro)], [t("start.title"), intro]
    for one in left:
        words = "○ " + spoken(t, one.key, one.values)
        if one.mend is None and one.mender is not None:
            words += " " + t("status.mender", who=t(one.mender.key))
        blocks.append(kit.section(words, _mend(t, one.mend)))
        lines.append(words)
    ticked = ["✓ " + spoken(t, one.key, one.values) for one in done]
    if ticked:
        blocks += [kit.divider(), kit.section("\n".join([f"*{t('start.done')}*", *ticked]))]
        lines += [t("start.done"), *ticked]
    return kit.message(blocks, *lines)


def _mend(t: Speak, mend: Mend | None) -> Block | None:
    if mend is None:
        return None
    word = {Mend.UNITS: "enheter", Mend.ACCOUNT: "registrera"}.get(mend, "")
    return kit.button(t(f"btn.start.{mend}"), MENDS[mend], {"w": word})


def home(t: Speak, found: Mine) -> Block:
    """App Home: what waits for me, and the three things most people come for."""
    apply = kit.button(t("account.open"), "desk.word.apply", {}, style="primary")
    away = kit.button(t("btn.home.away"), "desk.word.away", {})
    help_me = kit.button(t("btn.home.help"), "desk.word.help", {})
    waiting = _waiting(t, found)
    nothing = [kit.section(t("home.nothing"))]
    blocks = [
        kit.header(t("help.title")),
        *kit.actions("home", [apply, away, help_me]),
        kit.header(t("home.title")),
        *(waiting or nothing),
        kit.context(t("home.more")),
    ]
    return {"type": "home", "blocks": blocks}


def _waiting(t: Speak, found: Mine) -> list[Block]:
    """Decisions that wait for me, drafts to go on with, and my applications that are still open."""
    rows = []
    for one in found.to_decide:
        words = kit.say(t, "mine.to_decide", account=one.name, date=t.iso(one.at))
        rows.append(kit.section(words, kit.button(t("btn.open"), OPEN, {"a": int(one.key)})))
    for draft in found.drafts:
        name = draft.name or t("mine.unnamed")
        words = kit.say(t, "mine.draft", account=kit.cut(name, 120), date=t.iso(draft.at))
        rows.append(kit.section(words, kit.button(t("btn.resume"), "draft.resume", {"d": draft.key})))
    for one in found.still_open:
        state = t(f"state.{one.state}")
        words = kit.say(t, "mine.application", account=one.name, state=state, date=t.iso(one.at))
        rows.append(kit.section(words, kit.button(t("btn.full"), FULL, {"a": int(one.key)})))
    return rows[:AT_HOME]
