"""The set piece: one crisis in a town of three hundred Slack channels and every platform there is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.channels import registry
from bot.channels.protocol import Channel
from bot.channels.settings import ChannelSettings, Keyring
from bot.clock import OfficeClock
from bot.crisis import deciding, drafting, rules, submitting
from bot.crisis.deciding import Yes
from bot.crisis.facts import Facts, Kind
from bot.crisis.submitting import Draft
from bot.demo import outside
from bot.desk import Desk, utc_now
from bot.memory import StoredMemory
from bot.sandbox.seed import ChannelSeed, PersonSeed, Seed, TeamSeed
from bot.settings import Settings
from bot.texts import Texts
from storage import duties
from storage.engine import Database
from tests import town

CHANNELS = 300
SAID = {Kind.UPDATE: "Tankbil på torget.", Kind.END: "Vattnet är rent."}  # what only that message says
WEBSITE = "webb"
DECIDERS = (town.MANAGER, town.COMMS, town.COMMS2)
LEFT_OUT = ("C9ARKIV1", "C9ARKIV2", "C9EXTERN", "C9LASES", "C9PRIVAT")  # nobody may be told anything there


def channels(many: int) -> list[str]:
    """The ids of the channels that are told."""
    return [f"C{number:05}" for number in range(many)]


def seed(many: int = CHANNELS) -> Seed:
    """The workspace: every tenth channel private with the bot inside, every third public one joined."""
    open_ones = [
        ChannelSeed(one, one.lower(), private=number % 10 == 0, bot_is_member=number % 10 == 0 or number % 3 == 0)
        for number, one in enumerate(channels(many))
    ]
    archived, old, shared, read_only, private = LEFT_OUT
    others = [
        ChannelSeed(town.CHANNEL, "kommunikation", members=DECIDERS, bot_is_member=True),
        ChannelSeed(archived, "arkiv", archived=True),
        ChannelSeed(old, "gammalt", archived=True, bot_is_member=True),
        ChannelSeed(shared, "extern", ext_shared=True, bot_is_member=True),
        ChannelSeed(read_only, "endast-lasning", read_only=True),
        ChannelSeed(private, "stangd", private=True),
    ]
    people = [PersonSeed(one, name, f"{one.lower()}@exempel.example") for one, name in town.NAMES.items()]
    return Seed(TeamSeed(town.TEAM), people=people, channels=[*open_ones, *others])


def settings(tables: Sequence[dict[str, Any]], *, hurry: bool = True) -> Settings:
    """The municipality's file, with channels to the town's platforms."""
    plain = town.settings().model_dump(mode="json", exclude_unset=True)
    chosen = [_hurried(one) for one in tables] if hurry else [dict(one) for one in tables]
    for one in chosen:
        if "responsible" in one:
            one["responsible"] = town.COMMS2
    return Settings.model_validate({**plain, "channels": chosen, "crisis": {"website": WEBSITE}})


def _hurried(table: dict[str, Any]) -> dict[str, Any]:
    """Waits of half a minute shortened; no banner, which takes more time than a request has here."""
    changed = {name: value for name, value in table.items() if name != "banner_page"}
    if table["platform"] in ("facebook", "instagram"):
        changed |= {"patience_s": 1.0}
    return changed | ({"lag_s": 0.4} if "lag_s" in table else {})


def desk(db: Database, chosen: Settings, public_url: str) -> Desk:
    """The desk of that town."""
    outlets = registry.outlets(chosen.channels, carriers(db, chosen.channels, timeout_s=1))
    return Desk(db, chosen, OfficeClock(chosen.office), b"key", public_url, utc_now, outlets)


def carriers(db: Database, chosen: Sequence[ChannelSettings], *, timeout_s: float) -> list[Channel]:
    """The channels with an interface."""
    keys = Keyring(outside.KEYS)
    return registry.build(chosen, keys, memory=StoredMemory(db), timeout_s=timeout_s)


async def settle(db: Database) -> None:
    """People move in; three of them decide in a crisis."""
    await town.settle(db)
    async with db.write() as session:
        session.add_all(duties.Duty(role=duties.CRISIS_DECIDER, who=one) for one in DECIDERS)


async def propose(desk: Desk, texts: Texts, *, only: str | None = None) -> Yes:
    """Submitted by one; the click by which another approves it. ``only``: all channels but that are skipped."""
    return await _proposed(desk, _drafted(desk, texts, Kind.FIRST, only))


async def publish(desk: Desk, texts: Texts, kind: Kind = Kind.FIRST, incident: int | None = None) -> rules.Bulletin:
    """Submitted by one, approved by another; from here on every delivery is owed."""
    draft = replace(_drafted(desk, texts, kind), incident=incident)
    return await deciding.approve(desk, await _proposed(desk, draft), now=desk.now())


async def _proposed(desk: Desk, draft: Draft) -> Yes:
    case = await submitting.submit(desk, town.COMMS, draft, now=desk.now())
    return Yes(case.id, town.MANAGER, case.seen)


def _drafted(desk: Desk, texts: Texts, kind: Kind, only: str | None = None) -> Draft:
    """The desk's own proposal of texts, unchanged."""
    now = desk.now()
    facts = Facts(
        event="water",
        what="Bakterier i dricksvattnet",
        where="Centrum",
        where_not="Norrby",
        confirmed_by="VA-jouren",
        confirmed_at=now - timedelta(minutes=20),
        next_at=now + timedelta(hours=4),
        news=SAID[kind] if kind is Kind.UPDATE else "",
        now=SAID[kind] if kind is Kind.END else "",
    )
    fitted = drafting.compose_all(desk, texts.language("sv"), kind, facts, now=now)
    shown = {
        key: {"title": one.title, "text": one.text, "alt": one.alt, "rows": list(one.rows)}
        for key, one in fitted.items()
    }
    skipped = {one.key: "prov" for one in desk.outlets if only not in (None, one.key)}
    return Draft(kind, facts, shown, skipped)
