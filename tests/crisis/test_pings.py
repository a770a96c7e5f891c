"""The daily question: who is asked when, what counts as an outage, and that it is told once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import select

from bot import app as roof
from bot import status
from bot.channels.errors import ChannelError, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.facebook import FacebookSettings
from bot.channels.mastodon import Mastodon, MastodonSettings
from bot.channels.message import Message
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.slackapi import SlackApi
from bot.crisis import pings
from bot.crisis.pings import AT_ONCE, Fault, Heard, Pings
from bot.delivery.outcome import Drop
from bot.delivery.room import Facts
from bot.desk import Desk
from bot.directory import Directory
from bot.sandbox.platforms.mastodon import Mastodon as Local
from bot.sandbox.seed import PersonSeed, Seed
from bot.sandbox.server import Sandbox
from bot.settings import Environment
from bot.status import OPERATOR, Trouble
from bot.texts import Texts
from handlers.render import Renderer
from storage import facts
from storage.engine import Database
from storage.posts import Post
from tests import town

NOON, NIGHT = datetime(2026, 11, 23, 11, tzinfo=UTC), datetime(2026, 11, 23, 1, tzinfo=UTC)
DEAD = TokenDead("FACEBOOK_TOKEN is not set")


class Door:
    """A channel that answers its ping as it is told to."""

    can = frozenset({Can.PUBLISH, Can.PING})

    def __init__(self, name: str, answer: BaseException | None = None) -> None:
        self.name, self.answer, self.asked, self.together = name, answer, 0, [0, 0]

    async def ping(self) -> str:
        self.asked += 1
        self.together[0] += 1
        self.together[1] = max(self.together)
        await asyncio.sleep(0.001)
        self.together[0] -= 1
        if self.answer is not None:
            raise self.answer
        return "@kommunen"


class Mute(Door):
    """A channel that cannot be asked."""

    can = frozenset({Can.PUBLISH})


class Watchman:
    """A desk with one door and a process that asks there."""

    def __init__(self, desk: Desk, clock: town.Clock) -> None:
        self.desk, self.clock = desk, clock
        self.door = Door("facebook")
        self.pings = Pings([self.door])  # type: ignore[list-item]

    def restart(self) -> None:
        self.pings = Pings([self.door])  # type: ignore[list-item]

    async def tick(self, **later: float) -> int:
        """So much later; gives how often the door was asked in all."""
        self.clock.now += timedelta(**later)
        await self.pings.tick(self.desk, self.clock.now)
        return self.door.asked

    async def heard(self) -> Heard:
        async with self.desk.db.read() as session:
            return (await pings.standing(session))["facebook"]

    async def told(self) -> list[Post]:
        async with self.desk.db.read() as session:
            return list((await session.exec(select(Post).where(Post.kind == pings.KIND))).all())


@pytest.fixture
async def watchman(db: Database) -> Watchman:
    clock = town.Clock(NOON)
    await town.settle(db)
    outlet = Outlet("facebook", "Kommunens Facebook", "facebook", responsible="u0kom2@exempel.example")
    return Watchman(replace(town.desk(db, clock), outlets=(outlet,)), clock)


async def test_a_channel_that_works_is_asked_once_a_day_by_daylight(watchman: Watchman) -> None:
    """At the start, and then every morning from six o'clock, also after a restart."""
    assert 1 == await watchman.tick()
    watchman.restart()
    assert 1 == await watchman.tick(hours=7, minutes=59)
    assert 1 == await watchman.tick(hours=9, minutes=59)  # 05.58
    assert 2 == await watchman.tick(minutes=2)
    assert 2 == await watchman.tick(hours=13)


async def test_after_a_start_what_is_old_is_asked_also_at_night(watchman: Watchman) -> None:
    """A desk that stood still for days does not wait for the morning."""
    watchman.clock.now = NIGHT
    assert 1 == await watchman.tick()
    assert 1 == await watchman.tick(hours=1)
    watchman.restart()
    assert 1 == await watchman.tick(minutes=1)
    watchman.restart()
    assert 2 == await watchman.tick(days=1)


async def test_a_channel_that_did_not_work_is_asked_right_after_a_start(watchman: Watchman) -> None:
    """A token in the environment is changed by a restart."""
    watchman.door.answer = DEAD
    await watchman.tick()
    watchman.restart()
    watchman.door.answer = None
    assert 2 == await watchman.tick(minutes=1)
    assert None is (await watchman.heard()).fault


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (DEAD, Fault.TOKEN),
        (Refused("rest_cannot_publish", "the user may not"), Fault.REFUSED),
        (NotSent("ConnectError"), Fault.AWAY),
        (Unknown("HTTP 503"), Fault.AWAY),
        (Throttled(30), Fault.AWAY),
        (TimeoutError(), Fault.AWAY),
    ],
)
async def test_every_no_is_told_apart(watchman: Watchman, answer: Exception, fault: Fault) -> None:
    """What is to be mended depends on it; the reason is kept."""
    watchman.door.answer = answer
    await watchman.tick()
    heard = await watchman.heard()
    assert (fault, str(answer) or "TimeoutError", NOON) == (heard.fault, heard.reason, heard.since)
    assert (fault is not Fault.AWAY) == heard.lasting


async def test_a_channel_that_never_answers_is_given_up(
    watchman: Watchman, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick goes on."""
    monkeypatch.setattr(pings, "PATIENCE_S", 0.0)
    await watchman.tick()
    assert Fault.AWAY is (await watchman.heard()).fault


async def test_a_mistake_of_ours_in_one_channel_does_not_hold_up_the_others(watchman: Watchman) -> None:
    """It is raised after the others were asked and kept, and not asked again at the next tick."""
    broken = Door("trasig", KeyError("x"))
    watchman.pings = Pings([broken, watchman.door])  # type: ignore[list-item]
    with pytest.raises(ExceptionGroup) as raised:
        await watchman.tick()
    assert [broken.answer] == list(raised.value.exceptions)
    assert None is (await watchman.heard()).fault
    await watchman.tick(seconds=30)
    assert 1 == broken.asked


async def test_what_cannot_be_asked_is_not_asked(watchman: Watchman) -> None:
    """A channel says what it can do."""
    mute = Mute("tyst")
    watchman.pings = Pings([mute])  # type: ignore[list-item]
    await watchman.tick()
    assert 0 == mute.asked


async def test_only_a_few_are_asked_at_once(watchman: Watchman) -> None:
    """All of them, though, in one tick."""
    doors, together = [Door(f"d{n}") for n in range(3 * AT_ONCE)], [0, 0]
    for door in doors:
        door.together = together
    watchman.pings = Pings(doors)  # type: ignore[arg-type]
    await watchman.tick()
    assert [1] * len(doors) == [door.asked for door in doors]
    assert AT_ONCE == together[1]


async def test_no_transaction_is_open_while_a_channel_is_asked(watchman: Watchman) -> None:
    """Another writer gets in while a channel thinks."""
    written = []

    async def ping() -> str:
        async with asyncio.timeout(2), watchman.desk.db.write() as session:
            await facts.put(session, "meanwhile", 1)
        written.append(1)
        return ""

    watchman.door.ping = ping  # type: ignore[method-assign]
    await watchman.tick()
    assert [1] == written


async def test_a_dead_token_is_told_once_to_whoever_is_responsible(watchman: Watchman) -> None:
    """By e-mail address; not at every question, not after a restart; again when it has worked in between."""
    watchman.door.answer = DEAD
    await watchman.tick()
    for _ in range(3):
        watchman.restart()
        await watchman.tick(hours=2)
    assert [(town.COMMS2, {"channel": "facebook", "outage": 1})] == [
        (one.dest, one.args) for one in await watchman.told()
    ]
    watchman.door.answer = None
    await watchman.tick(days=1)
    watchman.door.answer = DEAD
    await watchman.tick(days=1)
    assert [1, 2] == sorted(one.args["outage"] for one in await watchman.told())


async def test_silence_is_told_when_it_lasts(watchman: Watchman) -> None:
    """Asked every quarter of an hour until half an hour has passed, then every hour."""
    watchman.door.answer = NotSent("ConnectError")
    asked = [await watchman.tick()]
    told = [len(await watchman.told())]
    for _ in range(9):
        asked.append(await watchman.tick(minutes=10))
        told.append(len(await watchman.told()))
    assert [1, 1, 2, 2, 3, 3, 3, 3, 3, 3] == asked
    assert [0, 0, 0, 0, 1, 1, 1, 1, 1, 1] == told
    assert 4 == await watchman.tick(minutes=10)


async def test_silence_that_passes_is_never_told(watchman: Watchman) -> None:
    """A server that is started anew is no news."""
    watchman.door.answer = NotSent("ConnectError")
    await watchman.tick()
    await watchman.tick(minutes=15)
    watchman.door.answer = None
    await watchman.tick(minutes=15)
    assert [] == await watchman.told()


@pytest.mark.parametrize("responsible", ["", "okand@exempel.example", town.GONE])
async def test_without_anybody_responsible_the_departments_channel_is_told(
    watchman: Watchman, responsible: str
) -> None:
    """Nobody named, nobody found, somebody who has left."""
    if responsible == town.GONE:
        await town.change(watchman.desk.db, town.GONE, deleted=True)
    [outlet] = watchman.desk.outlets
    watchman.desk = replace(watchman.desk, outlets=(replace(outlet, responsible=responsible),))
    watchman.door.answer = DEAD
    await watchman.tick()
    assert [town.CHANNEL] == [one.dest for one in await watchman.told()]


async def test_two_replicas_tell_once_and_count_one_outage(watchman: Watchman) -> None:
    """Both ask, both hear no; the second finds the answer kept."""
    watchman.door.answer = DEAD
    others = [Pings([watchman.door]) for _ in range(3)]  # type: ignore[list-item]
    await asyncio.gather(*(one.tick(watchman.desk, NOON) for one in others))
    assert 1 == len(await watchman.told())
    assert 1 == (await watchman.heard()).outage


async def nothing_else() -> Facts:
    return Facts([], [], {})


async def own_troubles(watchman: Watchman) -> list[Trouble]:
    found = await status.troubles(watchman.desk, nothing_else, watchman.clock.now)
    return [one for one in found if one.key.startswith("status.ping")]


async def test_status_names_a_channel_that_does_not_work(watchman: Watchman) -> None:
    """With its reason and since when, as a fault; until it works, and never a channel that is gone."""
    assert [] == await own_troubles(watchman)
    watchman.door.answer = DEAD
    await watchman.tick()
    await watchman.tick(hours=2)
    values = {"channel": "Kommunens Facebook", "time": NOON, "reason": DEAD.reason}
    [trouble] = await own_troubles(watchman)
    assert (Trouble("status.ping.token", values, OPERATOR), True) == (trouble, trouble.fault)
    kept, watchman.desk = watchman.desk, replace(watchman.desk, outlets=())
    assert [] == await own_troubles(watchman)
    watchman.desk, watchman.door.answer = kept, None
    await watchman.tick(hours=2)
    assert [] == await own_troubles(watchman)


async def test_the_message_says_what_to_mend_and_then_that_it_works(watchman: Watchman) -> None:
    """Where the token lies, by name; what is not sent yet is dropped once the channel works."""
    chosen = FacebookSettings(key="facebook", name="Facebook", page_id="1", token_env="FB_TOKEN")
    settings = watchman.desk.settings.model_copy(update={"channels": (chosen,)})
    watchman.desk = replace(watchman.desk, settings=settings)
    api = SlackApi("xoxb-1")
    render = Renderer(watchman.desk, Directory(watchman.desk, api), Texts.load())
    watchman.door.answer = TokenDead("<!channel> expired")
    await watchman.tick()
    [post] = await watchman.told()
    sent = Post(**(post.model_dump() | {"remote": "1.1"}))
    async with watchman.desk.db.read() as session:
        told = await render(session, post)
    assert isinstance(told, Message)
    assert "FB_TOKEN" in told.text
    assert "måndag 23 november kl. 12.00" in told.text
    assert "&lt;!channel&gt; expired" in told.text
    watchman.door.answer = None
    await watchman.tick(hours=1)
    async with watchman.desk.db.read() as session:
        assert Drop("over") == await render(session, post)
        mended = await render(session, sent)
    assert isinstance(mended, Message)
    assert "Kommunens Facebook fungerar igen." == mended.text
    await api.close()


async def test_a_sent_message_is_shown_anew_when_the_channel_works(watchman: Watchman) -> None:
    """Its card is wanted once more, so that nobody mends what is mended."""
    watchman.door.answer = DEAD
    await watchman.tick()
    [before] = await watchman.told()
    watchman.door.answer = None
    await watchman.tick(hours=1)
    [after] = await watchman.told()
    assert before.want < after.want


async def test_the_running_desk_asks_by_its_tick(tmp_path: Path) -> None:
    """It is one of the schedule's steps."""
    environment = Environment(
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        log_key="k" * 32,
        database_url=f"sqlite:///{tmp_path / 'x.db'}",
    )
    desk = roof.build(town.settings(), environment)
    assert "pings" in dict(desk.schedule.steps)
    await desk.stop()


async def test_a_token_that_a_real_server_no_longer_takes(watchman: Watchman) -> None:
    """Heard as what it is, over the network; and as well once it is taken again."""
    local = Local(token="hemligt")
    application = web.Application()
    application.add_routes(local.routes())
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    chosen = MastodonSettings(
        key="facebook", name="Mastodon", api_url=f"http://127.0.0.1:{server.port}", token_env="MASTODON"
    )
    channel = Mastodon(chosen, Keyring({"MASTODON": "hemligt"}))
    watchman.pings = Pings([channel])
    local.faults.revoked = True
    await watchman.tick()
    assert Fault.TOKEN is (await watchman.heard()).fault
    local.faults.revoked = False
    await watchman.tick(hours=1)
    assert None is (await watchman.heard()).fault
    await channel.close()
    await server.close()


def test_what_was_heard_survives_the_database() -> None:
    """Every field, with and without a fault."""
    for fault in (None, Fault.AWAY):
        heard = Heard(NOON, NIGHT, fault, "HTTP 503", 3, True)
        assert heard == Heard.load(heard.dump())


def test_every_error_of_a_channel_has_a_fault() -> None:
    """Whatever a channel raises on purpose is caught as one."""
    assert {Refused, TokenDead, NotSent, Unknown, Throttled} <= set(ChannelError.__subclasses__())


async def test_whoever_is_responsible_is_looked_up_in_slack_with_the_others(watchman: Watchman) -> None:
    """Also somebody with no other role at the desk, however the address is spelt."""
    [outlet] = watchman.desk.outlets
    desk = replace(watchman.desk, outlets=(replace(outlet, responsible="Webb@exempel.example"),))
    sandbox = Sandbox(Seed(people=(PersonSeed("U0WEBB", "Webbredaktör", "webb@exempel.example"),)))
    await sandbox.start()
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    await Directory(desk, api).sweep(NOON)
    async with desk.db.read() as session:
        assert "U0WEBB" == await pings.whom(session, desk, desk.outlets[0].responsible)
    await api.close()
    await sandbox.stop()
