"""How many Slack channels an approval reaches: counted before there was ever an announcement."""

from datetime import timedelta

from bot.channels.slackapi import SlackApi
from bot.crisis import spread
from bot.crisis.spread import Headcount
from bot.desk import Desk
from bot.sandbox.seed import ChannelSeed, Seed
from bot.sandbox.server import Sandbox
from storage import facts
from storage.engine import Database
from tests import town

CHANNELS = [ChannelSeed("C1", "one"), ChannelSeed("C2", "two"), ChannelSeed("C3", "old", archived=True)]


async def _about(desk: Desk) -> int:
    async with desk.db.read() as session:
        return await spread.about(session, desk, drill=False)


async def test_the_channels_are_counted_at_the_start_and_once_a_day(db: Database) -> None:
    """The first approver is told about how many; archived channels do not count."""
    clock, sandbox = town.Clock(), Sandbox(Seed(channels=CHANNELS))
    await sandbox.start()
    desk, api = town.desk(db, clock), SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    headcount = Headcount(desk, api)
    await headcount.tick(clock())
    assert 2 == await _about(desk)
    async with db.write() as session:
        await facts.put(session, spread.COUNT, 0)
    for hours, counted in ((1, 0), (20, 2)):
        await headcount.tick(clock() + timedelta(hours=hours))
        assert counted == await _about(desk)
    await api.close()
    await sandbox.stop()


async def test_a_count_that_failed_is_tried_again_after_a_while(db: Database) -> None:
    """Nothing breaks, the number known before stands, and Slack is not asked at every tick."""
    clock, sandbox = town.Clock(), Sandbox(Seed(channels=CHANNELS))
    await sandbox.start()
    sandbox.hub.faults.set(error_5xx=1)
    desk, api = town.desk(db, clock), SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    headcount = Headcount(desk, api)
    await headcount.tick(clock())
    sandbox.hub.faults.set(error_5xx=0)
    for minutes, counted in ((0, 0), (9, 0), (11, 2)):
        await headcount.tick(clock() + timedelta(minutes=minutes))
        assert counted == await _about(desk)
    await api.close()
    await sandbox.stop()
