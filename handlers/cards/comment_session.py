"""Question sessions as people see them: the plan on the post's card and in its form, the topics, how it went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.channels.message import Message
from bot.clock import ZONE
from bot.comments.session import HOSTS, Plan, Result
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block

OPEN, PLANNED, ROW, DROP, SORT = "session.open", "session.planned", "session.row", "session.drop", "session.sort"
QUEUE = "comment.queue"
NO_TOPIC = "-"
SHORT = 100  # characters of the post


def button(t: Speak, publication: int, plan: Plan | None) -> Block:
    """On the post's card: plan a session, or change the plan."""
    return kit.button(t("btn.session.change" if plan else "btn.session"), OPEN, {"p": publication})


def lines(t: Speak, plan: Plan | None) -> list[str]:
    """The plan on the post's card: when, who, and the topics with their numbers."""
    if plan is None:
        return []
    key = "session.was" if plan.over else "session.is"
    found = [kit.say(t, key, starts=t.moment(plan.starts), ends=_until(t, plan))]
    if not plan.over:
        found.append(kit.esc(_who(t, plan)))
    counted = _counted(t, [(one, n) for one, n in plan.topics.items() if n])
    return [*found, *([kit.say(t, "session.topics.counted", topics=counted)] if counted else [])]


def _until(t: Speak, plan: Plan) -> str:
    same = plan.starts.astimezone(ZONE).date() == plan.ends.astimezone(ZONE).date()
    return t.time(plan.ends) if same else t.moment(plan.ends)


def _who(t: Speak, plan: Plan) -> str:
    if len(plan.hosts) == 1:
        return t("session.host.one", name=plan.hosts[0][0])
    return t(
        "session.host.many",
        names=t.names([t("session.from_then", name=n, time=t.time(at)) for n, _, at in plan.hosts]),
    )


def _counted(t: Speak, topics: Sequence[tuple[str, int]]) -> str:
    return t.names([t("session.topic", topic=one, n=t.number(n)) for one, n in topics])


def form(t: Speak, publication: int, plan: Plan | None, rows: int = 0) -> Block:
    """When, who answers, and the topics. ``rows``: of people who answer."""
    hosts = plan.hosts if plan else ()
    rows = min(max(rows, len(hosts), 2), HOSTS)
    blocks = [
        kit.context(kit.esc(t("session.intro"))),
        forms.field("starts", t("session.starts"), _instant(plan.starts if plan else None)),
        forms.field("ends", t("session.ends"), _instant(plan.ends if plan else None)),
        *[block for n in range(rows) for block in _row(t, n, hosts[n] if n < len(hosts) else None)],
        *(kit.actions("rows", [kit.button(t("btn.session.row"), ROW, {})]) if rows < HOSTS else []),
        forms.field(
            "topics",
            t("session.topics"),
            forms.text("\n".join(plan.topics) if plan else "", lines=True),
            hint=t("session.topics.hint"),
            optional=True,
        ),
        *(_drop(t, publication) if plan else []),
    ]
    meta: dict[str, Any] = {"p": publication, "n": rows}
    return forms.view(t, PLANNED, t("session.title"), blocks, submit=t("btn.save"), meta=meta)


def _instant(chosen: datetime | None) -> Block:
    made: Block = {"type": "datetimepicker"}
    return {**made, "initial_date_time": int(chosen.timestamp())} if chosen else made


def _row(t: Speak, n: int, host: tuple[str, str, datetime] | None) -> list[Block]:
    """Who answers, and from when; the first one from the beginning."""
    who = forms.person(host[1] if host else None)
    if n == 0:
        return [forms.field("host-0", t("session.host.first"), who)]
    at: Block = {"type": "timepicker"}
    if host:
        at["initial_time"] = host[2].astimezone(ZONE).strftime("%H:%M")
    return [
        forms.field(f"host-{n}", t("session.host.then"), who, optional=True),
        forms.field(f"from-{n}", t("session.host.from"), at, optional=True),
    ]


def _drop(t: Speak, publication: int) -> list[Block]:
    sure = kit.confirm(t("session.drop"), t("session.drop.sure"), t("btn.session.drop"), t("btn.cancel"))
    return kit.actions("drop", [kit.button(t("btn.session.drop"), DROP, {"p": publication}, confirm=sure)])


def done(t: Speak, plan: Plan) -> Block:
    """It is planned."""
    words = kit.esc(t("session.done", starts=t.moment(plan.starts), ends=_until(t, plan), n=t.number(plan.minutes)))
    return {**forms.view(t, "desk.done", t("desk.done"), [kit.section(words)]), "clear_on_close": True}


def topic(t: Speak, comment_id: int, topics: Sequence[str], chosen: str | None) -> list[Block]:
    """In the form for an answer: which of the plan's topics it is about; saved when chosen."""
    if not topics:
        return []
    options = [(NO_TOPIC, t("session.topic.none")), *((one, one) for one in topics)]
    menu = {**forms.select(options, chosen), "action_id": SORT}
    menu["placeholder"] = kit.plain(t("session.topic.choose"), 150)
    return [{"type": "actions", "block_id": f"topic-{comment_id}", "elements": [menu]}]


def host(t: Speak, plan: Plan, person: str) -> Message:
    """To somebody who answers: when, what the post says, and the questions."""
    starts = [at for _, one, at in plan.hosts if one == person]
    ends = {
        at: then
        for (_, _, at), then in zip(plan.hosts, [*(at for _, _, at in plan.hosts[1:]), plan.ends], strict=True)
    }
    spans = t.names([t("session.span", starts=t.time(at), ends=t.time(ends[at])) for at in starts])
    words = kit.say(t, "session.told", date=t.date(starts[0]), spans=spans, n=plan.minutes)
    post = kit.esc(kit.cut(" ".join(plan.post.split()), SHORT))
    link = str(kit.link(plan.link, t("comment.open"))) if plan.link else ""
    shown = "\n".join(filter(None, (words, f">{post}" if post else "", link)))
    small = kit.esc(t("session.told.small"))
    queue = kit.button(t("btn.session.questions"), QUEUE, {"p": plan.publication}, style="primary")
    return kit.message(
        [kit.section(shown), kit.context(small), *kit.actions("session", [queue])], words, post, small
    )


def no_host(t: Speak, plan: Plan) -> Message:
    """Somebody else answers, or nobody does."""
    words = kit.say(t, "session.told.not", date=t.date(plan.starts))
    return kit.message([kit.section(words)], words)


def summary(t: Speak, publication: int, found: Result, text: str) -> Message:
    """How it went, in figures alone; what to do now, and the words to end with."""
    counted = ", ".join([t.n("session.asked", found.asked), t.n("session.answered", found.answered)])
    words = kit.esc(t("session.over", counted=counted))
    about = _counted(t, list(found.topics.items()))
    topics = [kit.say(t, "session.topics.counted", topics=about)] if about else []
    left = kit.esc(t.n("session.left", found.waiting)) if found.waiting else kit.esc(t("session.left.none"))
    end, quoted = kit.esc(t("session.closing")), f"```{kit.esc(text)}```"
    queue = kit.button(t("btn.session.questions"), QUEUE, {"p": publication}) if found.waiting else None
    blocks = [
        kit.section("\n".join([f"*{words}*", *topics, left])),
        kit.section(f"{end}\n{quoted}"),
        *kit.actions("session.over", [queue]),
    ]
    return kit.message(blocks, words, *topics, left, end, kit.esc(text))
