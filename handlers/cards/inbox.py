"""Inboxes beside the comments: how much waits in each, since when, and where it is read."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.texts import Speak
from handlers.cards import kit
from storage.inboxes import Inbox

Inboxes = Sequence[tuple[str, Sequence[Inbox]]]  # by the channel's name


def lines(t: Speak, found: Inboxes, when: Callable[[datetime], str]) -> list[str]:
    """A line for each channel; ``when`` says an instant."""
    return [f"*{kit.esc(name)}*: {' · '.join(_kind(t, one, when) for one in rows)}" for name, rows in found]


def _kind(t: Speak, one: Inbox, when: Callable[[datetime], str]) -> str:
    words = t.n(f"digest.inbox.{one.kind}", one.count)
    shown = kit.link(one.link, words) if one.link else kit.Raw(kit.esc(words))
    if one.oldest is None:
        return shown
    return kit.say(t, "digest.inbox.oldest", what=shown, time=when(one.oldest))
