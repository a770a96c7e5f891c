"""Messages about an incident's life: the promised next word, who watches, the drill that was broken off."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channels.message import Message
from bot.channels.outlet import Outlet
from bot.crisis.states import Kind
from bot.texts import Speak
from handlers.cards import kit
from handlers.cards.crisis import FOLLOWS
from handlers.cards.crisis_board import WATCH
from handlers.cards.kit import Block
from storage.incidents import Incident


def name(t: Speak, incident: Incident) -> str:
    """ "Krisläge: Dricksvatten, Centrum", with ÖVNING first in a drill."""
    words = t("crisis.board.title", event=t(f"event.{incident.event}"), place=incident.place)
    return f"{t('drill.prefix')} · {words}" if incident.drill else words


def promise(t: Speak, incident: Incident, at: datetime, now: datetime) -> Message:
    """The promised next word is near, or has not come; two buttons to keep it."""
    if at <= now:
        said = t("life.promise.late", time=t.time(at))
    else:
        said = t.n("crisis.next_due", -((now - at) // timedelta(minutes=1)), time=t.time(at))
    title = kit.esc(name(t, incident))
    row = [
        _follow(t, incident, Kind.NOTHING_NEW, "primary"),
        _follow(t, incident, Kind.UPDATE),
    ]
    return kit.message([kit.section(f"*{title}*\n{said}"), *kit.actions("crisis.promise", row)], title, said)


def _follow(t: Speak, incident: Incident, kind: Kind, style: str = "") -> Block:
    action_id, text = FOLLOWS[kind]
    return kit.button(t(text), action_id, {"i": incident.id, "k": str(kind)}, style=style)


def unwatched(t: Speak, incident: Incident, until: datetime) -> Message:
    """The office has closed and nobody watches."""
    title, said = kit.esc(name(t, incident)), t("life.unwatched", time=t.moment(until))
    button = kit.button(t("btn.watch"), WATCH, {"i": incident.id}, style="primary")
    return kit.message([kit.section(f"*{title}*\n{said}"), *kit.actions("crisis.unwatched", [button])], title, said)


def line(t: Speak, what: str, by: str, when: str) -> Message:
    """One line of the thread about the incident itself."""
    words = kit.say(t, f"life.line.{what}", name=by, time=when)
    return kit.message([kit.section(words)], words)


def aborted(t: Speak, incident: Incident) -> Message:
    """To everybody who took part in the drill, or was told of it."""
    words = kit.say(t, "drill.aborted", what=name(t, incident))
    return kit.message([kit.section(words)], words)


def ahead(t: Speak, incident: Incident, words: str) -> Message:
    """Before a drill."""
    title, said = kit.esc(name(t, incident)), kit.esc(words)
    return kit.message([kit.section(f"*{title}*\n{said}")], title, said)


def ahead_words(t: Speak, until: datetime | None, shown: Sequence[str], missing: Sequence[str]) -> str:
    """What is said before a drill. ``missing``: whom no message reaches, so that the reader has to tell them."""
    said = [t("drill.ahead"), t("drill.ahead.until", time=t.moment(until)) if until else ""]
    said += [t("drill.ahead.shown", channels=t.names(shown))] if shown else []
    said += [t("drill.ahead.calls")]
    said += [t("drill.ahead.missing", names=t.names(missing))] if missing else []
    return " ".join(filter(None, said))


def sign(t: Speak, incident: Incident, outlet: Outlet, what: str, rows: Sequence[str], *, person: bool) -> Message:
    """That a shared sign shows something of ours, or no longer does."""
    title = kit.esc(name(t, incident))
    said = kit.say(t, f"sign.{what}", sign=outlet.name, rows=" / ".join(rows))
    if not person:
        said += " " + kit.say(t, "sign.pass_on", name=outlet.co_owner)
    return kit.message([kit.section(f"*{title}*\n{said}")], title, said)
