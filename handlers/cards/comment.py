"""Comments as people see them in Slack: the post's card, its comments below, reminders, an answer's fate."""

from collections.abc import Mapping, Sequence

from bot.channels.message import Message
from bot.comments import rules
from bot.comments.ladder import Step
from bot.comments.moderating import REPLACED
from bot.comments.rules import Case
from bot.comments.session import Plan
from bot.comments.states import Act, State
from bot.texts import Speak
from handlers.cards import comment_guard as guard
from handlers.cards import comment_session, kit
from handlers.cards.kit import Block
from storage import moderations, replies
from storage.moderations import Moderation
from storage.publications import Publication
from storage.replies import Reply

HIDE, REMOVE, FORWARD = "hide", "remove", "forward"
REPLY, TAKE, NO_REPLY, NEED, LATER, HAND_OVER = (
    "comment.reply",
    "comment.take",
    "comment.no_reply",
    "comment.need",
    "later",
    "hand_over",
)
POST_DONE, QUEUE, PUT_THERE, MORE = "comment.post_done", "comment.queue", "comment.put_there", "comment.more"
AGREE, STAYS, DONE_THERE, COMPLETE, SHOW = (
    "comment.agree",
    "comment.stays",
    "comment.done_there",
    "comment.complete",
    "show",
)
OPEN_ACTS: Mapping[str, Act] = {REPLY: Act.ANSWER, NO_REPLY: Act.CLOSE, NEED: Act.NEED}
SHOWN = 600  # characters of a comment on its card


def post(
    t: Speak,
    row: Publication,
    account: str,
    tally: Mapping[str, int],
    answers: Sequence[str],
    plan: Plan | None = None,
) -> Message:
    """The card of a post: what it says, how many wait, who answers; the plan of a question session."""
    waiting = tally.get(State.WAITING, 0)
    title = kit.say(t, "comment.card.title", account=account)
    words = kit.esc(kit.cut(" ".join(row.words.split()), 150)) or kit.esc(t("comment.post.unknown"))
    counted = t.n("comment.post.waiting", waiting) if waiting else t("comment.post.none")
    done = sum(tally.get(state, 0) for state in (State.ANSWERED, State.CLOSED))
    small = [t.n("comment.post.done", done)] if done else []
    small += [kit.say(t, "comment.post.answers", names=t.names(answers))] if answers and waiting else []
    link = str(kit.link(row.link, t("comment.open"))) if row.link else ""
    buttons = [
        kit.button(t("btn.queue"), QUEUE, {"p": row.id}) if waiting else None,
        kit.button(t("btn.post_done"), POST_DONE, {"p": row.id}, confirm=_sure(t, waiting)) if waiting else None,
        comment_session.button(t, row.id or 0, plan) if waiting or (plan and not plan.over) else None,
    ]
    planned = comment_session.lines(t, plan)
    blocks = [
        kit.section(f"*{title}*\n{words}" + (f"\n{link}" if link else "")),
        kit.section(f"*{counted}*"),
        *([kit.context(*small)] if small else []),
        *([kit.section("\n".join(planned))] if planned else []),
        *kit.actions("comment.post", buttons),
    ]
    return kit.message(blocks, title, words, counted, *small, *planned)


def _sure(t: Speak, waiting: int) -> Block:
    text = t.n("comment.post_done.sure", waiting)
    return kit.confirm(t("btn.post_done"), text, t("btn.post_done"), t("btn.cancel"))


def one(t: Speak, case: Case, on_its_way: Reply | None = None, *, named: bool = True) -> Message:
    """A comment with its buttons; the text is gone from here once it is hidden or removed.

    A notice about it is not ``named``: who wrote stands with the comment alone.
    """
    head, body = _head(t, case, named=named), _body(t, case)
    state = _state(t, case, on_its_way)
    blocks = [
        kit.section(f"{head}\n{body}" if body else head),
        *([kit.context(state)] if state else []),
        *kit.actions(f"comment.{case.id}", _buttons(t, case, on_its_way)),
    ]
    return kit.message(blocks, head, body, state)


def _head(t: Speak, case: Case, *, named: bool = True) -> str:
    when = t.moment(case.written)
    name = case.author if case.shown and named else ""
    who = kit.esc(name or t("comment.somebody"))
    link = f" · {kit.link(case.link, t('comment.open'))}" if case.link else ""
    return f"*{who}* · {kit.esc(when)}{link}"


def _body(t: Speak, case: Case) -> str:
    open_still = case.state in (State.WAITING, State.QUIET)  # later the marks tell nothing more
    marks = " · ".join(t(f"flag.{mark}") for mark in case.marks) if open_still else ""
    note = f"_{kit.esc(marks)}_ {kit.esc(t('flag.note'))}" if marks else ""
    if not case.shown:
        return "\n".join(filter(None, (guard.taken_out(t, case), note)))
    said = kit.esc(kit.cut(case.text, SHOWN)) or kit.esc(t("comment.textless"))
    quoted = "\n".join(f">{line}" for line in said.splitlines())
    return f"{quoted}\n{note}" if note else quoted


def _state(t: Speak, case: Case, on_its_way: Reply | None) -> str:
    if on_its_way is not None:
        return kit.say(t, "comment.on_its_way", name=case.name(on_its_way.by))
    if case.state is State.WAITING:
        due = kit.say(t, "comment.due", time=t.moment(case.due)) if case.due else ""
        taken = kit.say(t, "comment.taken", name=case.name(case.taken)) if case.taken else ""
        later = kit.say(t, "comment.later.till", time=t.moment(case.later)) if case.later else ""
        return " · ".join(filter(None, (due, taken, later)))
    if case.state in (State.HIDDEN, State.REMOVED) and case.moderation is not None:
        return _moderated(t, case, case.moderation)
    if case.settled and case.settled_by:
        return kit.say(
            t, f"comment.is.{case.state}.by", name=case.name(case.settled_by), time=t.moment(case.settled)
        )
    return t(f"comment.is.{case.state}")


def _moderated(t: Speak, case: Case, made: Moderation) -> str:
    """Who hid it, where the evidence is, and what is missing of it."""
    done = made.state == moderations.DONE
    if case.state is State.HIDDEN:
        key = "hide.done" if done else "hide.undone"
    else:
        key = "remove.done" if done else "remove.undone"
    said = t(key, platform=case.hands.platform_name, ref=made.ref)
    lacks = t.names([t(f"hide.lacks.{one}") for one in case.lacks])
    later = [t("hide.later", missing=lacks)] if case.lacks else []
    return kit.esc(" ".join([t("hide.by", name=case.name(made.by), time=t.moment(made.at)), said, *later]))


def _buttons(t: Speak, case: Case, on_its_way: Reply | None) -> list[Block]:
    """What may be done now, whoever looks; the click checks who it was."""
    value, found = {"c": case.id}, []
    waits = case.state is State.WAITING
    if on_its_way is None and rules.may(rules.check_open, case, Act.ANSWER):
        found.append(kit.button(t("btn.reply"), REPLY, value, style="primary" if waits else ""))
    if waits:
        found += [] if case.taken else [kit.button(t("btn.take"), TAKE, value)]
        found.append(kit.button(t("btn.no_reply"), NO_REPLY, value))
    elif rules.may(rules.check_open, case, Act.NEED):
        found.append(kit.button(t("btn.need"), NEED, value))
    if case.lacks:
        found.append(kit.button(t("btn.complete"), COMPLETE, {"m": case.moderation.id if case.moderation else 0}))
    return [*found, *guard.buttons(t, case), *menu(t, case)]


def menu(t: Speak, case: Case, *, forward: bool = True) -> list[Block]:
    """What is seldom done, in a menu. ``forward``: unless a button beside it does that."""
    acts = {
        LATER: Act.CLOSE,
        HAND_OVER: Act.CLOSE,
        FORWARD: Act.ANSWER,
        HIDE: Act.HIDE,
        REMOVE: Act.REMOVE,
        SHOW: Act.SHOW,
    }
    left_out = {*(() if case.state is State.WAITING else (LATER, HAND_OVER)), *(() if forward else (FORWARD,))}
    shown = [
        (t(f"btn.{name}"), {"c": case.id, "a": name})
        for name, act in acts.items()
        if rules.may(rules.check_open, case, act) and name not in left_out
    ]
    shown += guard.choices(t, case)
    return [kit.overflow(MORE, shown)] if shown else []


def burst(t: Speak, row: Publication, account: str, tally: Mapping[str, int]) -> Message:
    """Many came at once: one card for all, and the queue."""
    words = t.n("comment.burst", tally.get(State.WAITING, 0), account=account)
    button = kit.button(t("btn.queue"), QUEUE, {"p": row.id}, style="primary")
    return kit.message([kit.section(kit.esc(words)), *kit.actions("comment.burst", [button])], words)


def reminder(t: Speak, case: Case, step: Step, person: str) -> Message:
    """A step of the ladder, to one person, with the comment and its buttons."""
    due = t.moment(case.due) if case.due else ""
    key = {Step.HALF: "remind.half", Step.SOON: "remind.soon"}.get(step, "remind.overdue")
    if step in (Step.HEAD, Step.DEPARTMENT):
        key = f"remind.{step}"
    words = kit.say(t, key, account=case.hands.account, time=due, substitute=case.name(person))
    shown = one(t, case, named=False)
    return kit.message([kit.section(f"*{words}*"), *shown.blocks], words, shown.text)


def settled(t: Speak, case: Case) -> Message:
    """A reminder whose comment has been dealt with."""
    words = kit.say(t, "remind.settled", account=case.hands.account)
    out, state = guard.taken_out(t, case), _state(t, case, None)
    return kit.message([kit.section("\n".join(filter(None, (words, out)))), kit.context(state)], words, out)


def handed(t: Speak, case: Case, by: str) -> Message:
    """Somebody gave it to the reader."""
    words = kit.say(t, "comment.handed", name=by, account=case.hands.account)
    shown = one(t, case, named=False)
    return kit.message([kit.section(f"*{words}*"), *shown.blocks], words, shown.text)


def vanished(t: Speak, case: Case) -> Message:
    """It is gone, and not by us."""
    words = kit.say(t, "comment.vanished", account=case.hands.account, time=t.moment(case.written))
    return kit.message([kit.section(words)], words)


def fares(t: Speak, case: Case, reply: Reply, state: str, link: str) -> Message:
    """How an answer fares, to the one who wrote it; the text is never lost."""
    platform, there = case.hands.platform_name, case.link or case.post_link
    words = {
        "sent": kit.say(t, "comment.sent", link=kit.address(link or there)),
        "by_hand": to_copy(t, case),
        "refused": kit.say(t, "comment.failed", platform=platform, reason=reply.reason or "?"),
        "unknown": kit.say(t, "comment.unknown", platform=platform),
        "late": kit.say(t, "comment.retry", platform=platform),
    }.get(state, kit.say(t, "comment.sending", platform=platform))
    quoted = "" if state == "sent" or case.out else f"```{kit.esc(reply.text)}```"
    by_hand = state in (replies.BY_HAND, replies.REFUSED)
    button = kit.button(t("btn.done"), PUT_THERE, {"r": reply.id}, style="primary")
    blocks = [kit.section(words), *([kit.section(quoted)] if quoted else [])]
    blocks += kit.actions("comment.fares", [button if by_hand else None])
    return kit.message(blocks, words, reply.text if quoted else "")


def second(t: Speak, case: Case, made: Moderation) -> Message:
    """Criticism is to be hidden: does somebody else agree? Then what was said."""
    words = kit.say(t, f"hide.second.{made.act}", name=case.name(made.by), why=made.why)
    if made.state != moderations.PROPOSED:
        no = made.state == moderations.DECLINED
        said = "" if made.reason == REPLACED else t("hide.second.no" if no else "hide.second.yes")
        out = guard.taken_out(t, case)
        blocks = [kit.section("\n".join(filter(None, (words, out)))), *([kit.context(said)] if said else [])]
        return kit.message(blocks, words, out, said)
    body = _body(t, case)
    value = {"m": made.id}
    row = [
        kit.button(t("btn.agree"), AGREE, value, style="danger"),
        kit.button(t("btn.stays"), STAYS, value),
    ]
    keep = t("hide.keep")
    blocks = [kit.section(f"{words}\n{body}"), kit.context(keep), *kit.actions("comment.second", row)]
    return kit.message(blocks, words, body, keep)


def to_copy(t: Speak, case: Case) -> str:
    """What to do where the platform takes no answer from here; some comments have no link."""
    there, platform = kit.address(case.link or case.post_link), case.hands.platform_name
    if not there:
        return kit.say(t, "comment.by_hand.no_link", platform=platform)
    return kit.say(t, "comment.by_hand", platform=platform, link=there)


def by_hand(t: Speak, case: Case, made: Moderation) -> Message:
    """The platform did not do it from here."""
    words = kit.say(
        t,
        f"hide.by_hand.{made.act}",
        platform=case.hands.platform_name,
        link=kit.address(case.link) or t("guard.no_link"),
    )
    if made.state != moderations.BY_HAND:
        words = t("hide.by_hand.done")
        return kit.message([kit.section(kit.esc(words))], words)
    button = kit.button(t("btn.done"), DONE_THERE, {"m": made.id}, style="primary")
    return kit.message([kit.section(words), *kit.actions("comment.hand", [button])], words)
