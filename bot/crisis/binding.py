"""What an approval is bound to: a hash of everything that will be shown."""

import hashlib
import json
from collections.abc import Mapping

from bot.crisis.compose import Fitted
from bot.crisis.facts import Kind


def content_hash(kind: Kind, texts: Mapping[str, Fitted], *, announcement: str, drill: bool) -> str:
    """SHA-256 (hex) of every channel's title, text, alternative text and rows, of the announcement in
    Slack, of the kind and of the drill's flag.

    The order of the channels does not matter. ``{url}`` stays in the texts, so the address that is filled
    in after the gate changes nothing; neither do measurements, which are no part of what is read.
    """
    shown = {key: [one.title, one.text, one.alt, list(one.rows)] for key, one in texts.items()}
    content = {"kind": kind.value, "drill": drill, "announcement": announcement, "texts": shown}
    spelling = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()
