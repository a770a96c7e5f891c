"""The count afterwards: the ledger's rows against what really stands, destination by destination."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels import mail
from bot.channels.mail import MailSettings
from bot.channels.settings import ChannelSettings
from bot.channels.webhook import WebhookSettings
from bot.crisis import publishing
from storage import posts
from storage.posts import Post
from tests import town
from tests.faults import crisis_work
from tests.faults.crisis_town import CINEMA, COUNCIL

WALLS = {"webb": "wordpress", **{one: one for one in ("intranat", COUNCIL, CINEMA)}}
JSON = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What there is: rows of the ledger, items by platform, messages in Slack.

    ``said``: the words that only one bulletin has, by its number in the database. ``channels``: how many are told.
    """

    rows: Sequence[Post]
    walls: Mapping[str, Sequence[JSON]]
    messages: Sequence[JSON]
    said: Mapping[int, str] = field(default_factory=dict)
    channels: int = crisis_work.CHANNELS


def wrong(found: Found, chosen: Sequence[ChannelSettings]) -> list[str]:
    """Every destination that has two, or none though somebody could have looked; empty: all is well."""
    sent = [one for one in found.rows if one.verb == posts.SEND]
    outside = [one for channel in chosen for one in _channel(channel, sent, found.walls)]
    strays, changes = _strays(found, chosen, sent), _changes(found)
    last = [fault for channel in chosen for fault in _last(found, channel)]
    return [*outside, *strays, *_slack(sent, found.messages), *_announced(found), *changes, *last]


def _channel(channel: ChannelSettings, sent: Sequence[Post], walls: Mapping[str, Sequence[JSON]]) -> list[str]:
    """One platform's deliveries, each against its items. What the desk serves itself stands when it is done."""
    mine = [one for one in sent if one.via == channel.key]
    wall = _wall(channel)
    if wall not in walls:
        return []
    counted = [(one, sum(_is(one, item, channel) for item in walls[wall])) for one in mine]
    return [fault for one, times in counted for fault in _judged(one, times, asks=_nobody_can_look(channel))]


def _judged(post: Post, times: int, *, asks: bool) -> list[str]:
    """Done: exactly one. Asking, where nobody can look: one or none. Not sent: none."""
    allowed = {posts.DONE: {1}, posts.ASKING: {0, 1} if asks else set(), posts.DROPPED: {0}}
    if times in allowed.get(post.state, set()):
        return []
    return [f"{post.kind} {post.dest} by {post.via}: {times}, and the ledger says {post.state} ({post.reason})"]


def _nobody_can_look(channel: ChannelSettings) -> bool:
    match channel:
        case MailSettings():
            return True
        case WebhookSettings():
            return not (channel.readable or channel.idempotent)
    return False


def _wall(channel: ChannelSettings) -> str:
    return "mail" if isinstance(channel, MailSettings) else WALLS.get(channel.key, channel.key)


def _is(post: Post, item: JSON, channel: ChannelSettings) -> bool:
    """By the key where the platform keeps one, else by the id it gave."""
    match channel:
        case MailSettings():
            return bool(item["key"] == mail.message_id(channel, post.key))
        case WebhookSettings():
            return bool(item["key"] == post.key)
    return post.remote is not None and post.remote.rpartition("/")[2] == str(item["id"]).rpartition("/")[2]


def _strays(found: Found, chosen: Sequence[ChannelSettings], sent: Sequence[Post]) -> list[str]:
    """What stands on a platform though no delivery knows of it: the second of two."""
    return [
        f"{wall}: {item['id']} is nobody's"
        for wall, items in found.walls.items()
        for item in items
        if not item["removed"] and not _known(wall, item, chosen, sent)
    ]


def _known(wall: str, item: JSON, chosen: Sequence[ChannelSettings], sent: Sequence[Post]) -> bool:
    channels = {one.key: one for one in chosen if _wall(one) == wall}
    return any(_is(one, item, channels[one.via]) for one in sent if one.via in channels)


def _slack(sent: Sequence[Post], messages: Sequence[JSON]) -> list[str]:
    """Every message of ours against its delivery id; nothing where nothing may be."""
    times = Counter(_key(one) for one in messages)
    ours = [one for one in sent if one.via == "slack"]
    faults = [fault for one in ours for fault in _judged(one, times[one.key], asks=False) if not _later(one)]
    intruded = [one["channel"] for one in messages if one["channel"] in crisis_work.LEFT_OUT and _key(one)]
    strays = set(times) - {"", *(one.key for one in ours)}
    return [*faults, *(f"told {one}" for one in intruded), *(f"{one} is nobody's" for one in strays)]


def _later(post: Post) -> bool:
    """The next decider would have been asked in some minutes."""
    return post.state == posts.WAITING and post.due > post.created and post.tries == 0


def _key(message: JSON) -> str:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("id") or "")


def _announced(found: Found) -> list[str]:
    """Every channel that should be told is owed its announcement, and no other."""
    told = {one.dest for one in found.rows if one.kind == publishing.ANNOUNCE}
    meant = {*crisis_work.channels(found.channels), town.CHANNEL}
    return [f"{one}: not meant, or not told" for one in sorted(told ^ meant)]


def _changes(found: Found) -> list[str]:
    """Changes of what stands are carried out, too; what was taken away is gone in any case."""
    every = {one.id: one for one in found.rows}
    changes = [one for one in found.rows if one.verb != posts.SEND]
    undone = [one for one in changes if one.state != posts.DONE and not _pointless(one, every)]
    return [f"{one.verb} of {one.via}: {one.state} ({one.reason})" for one in undone]


def _pointless(post: Post, every: Mapping[int | None, Post]) -> bool:
    """It changes what was never sent, or what a person is asked about; or a newer text came before it."""
    of = every[post.thread_id]
    if (post.state, of.state) == (posts.WAITING, posts.ASKING):
        return True
    newer = [one for one in every.values() if (one.topic, one.dest) == (post.topic, post.dest)]
    late = post.verb == posts.UPDATE and any(one.seq > post.seq for one in newer)
    return post.state == posts.DROPPED and (of.state == posts.DROPPED or late)


def _last(found: Found, channel: ChannelSettings) -> list[str]:
    """On a platform the newest text stands, and what was taken away is gone."""
    wall = _wall(channel)
    mine = [one for one in found.rows if one.via == channel.key and one.kind == publishing.TEXT]
    if wall not in found.walls or not mine:
        return []
    shown = {one.id: [item for item in found.walls[wall] if _is(one, item, channel)] for one in mine}
    gone = [one.thread_id for one in mine if (one.verb, one.state) == (posts.REMOVE, posts.DONE)]
    stays = [item for post in gone for item in shown.get(post, ()) if not item["removed"]]
    return [*(f"{wall}: {item['id']} was to be taken away" for item in stays), *_newest(found, mine, shown)]


def _newest(found: Found, mine: Sequence[Post], shown: Mapping[int | None, Sequence[JSON]]) -> list[str]:
    newest = max((one for one in mine if one.verb != posts.REMOVE), key=lambda one: (one.seq, one.id or 0))
    words = found.said.get(newest.args["bulletin"], "")
    items = (
        shown[newest.id if newest.verb == posts.SEND else newest.thread_id] if newest.state == posts.DONE else []
    )
    said = [json.dumps({**item, "edits": []}, ensure_ascii=False) for item in items]
    return [f"{newest.via} shows an older text: {one}" for one in said if words not in one]
