"""Measuring: once a day and channel, again when it failed, and never a made-up day."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.report import measuring
from bot.report.measuring import Measures
from storage import figures
from storage.figures import FigureLook, PostFigures
from tests.report.conftest import Here

MORNING = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # kl. 06.30
TODAY = date(2026, 11, 23)


def told(remote: str = "1", **more: object) -> dict[str, object]:
    """A post as the platform tells of it."""
    given = {"remote": remote, "published": "2026-11-20T09:00:00+00:00", "reactions": 50, "words": "Nu öppnar vi."}
    return {**given, **more}


async def rows(here: Here) -> list[PostFigures]:
    async with here.desk.db.read() as session:
        return list((await session.exec(select(PostFigures).order_by(PostFigures.remote))).all())  # type: ignore[arg-type]


async def test_every_channel_is_measured_once_a_day(here: Here) -> None:
    """However many ticks there are."""
    here.at(MORNING)
    measures = Measures(here.talks)
    for _ in range(3):
        await measures.tick(here.desk, here.clock())
        here.later(hours=2)
    assert ["facebook", "mastodon"] == sorted(name for name, _ in here.platform.asked)
    assert [("facebook", "2026-11-23", 1000), ("mastodon", "2026-11-23", 200)] == await here.measured(TODAY)


async def test_two_replicas_measure_once(here: Here) -> None:
    """Both tick at the same instant."""
    here.at(MORNING)
    await asyncio.gather(*(Measures(here.talks).tick(here.desk, here.clock()) for _ in range(2)))
    assert ["facebook", "mastodon"] == sorted(name for name, _ in here.platform.asked)


@pytest.mark.parametrize("hour", [4, 20])
async def test_nothing_is_measured_at_night(here: Here, hour: int) -> None:
    """The slot is from 06:30 until 19:00 in Stockholm."""
    here.at(datetime(2026, 11, 23, hour, 0, tzinfo=UTC))
    await Measures(here.talks).tick(here.desk, here.clock())
    assert [] == here.platform.asked


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_channel_that_fails_is_tried_again_and_holds_up_no_other(here: Here, status: int) -> None:
    """When it works again before the evening, the day is there."""
    here.at(MORNING)
    here.platform.status["facebook"] = status
    await Measures(here.talks).tick(here.desk, here.clock())
    assert [("mastodon", "2026-11-23", 200)] == await here.measured(TODAY)
    async with here.desk.db.read() as session:
        look = await figures.look(session, "facebook")
    assert look is not None
    assert (1, None) == (look.failures, look.done)
    assert look.trouble
    del here.platform.status["facebook"]
    here.later(hours=2, minutes=5)
    await Measures(here.talks).tick(here.desk, here.clock())
    assert [("facebook", "2026-11-23", 1000), ("mastodon", "2026-11-23", 200)] == await here.measured(TODAY)


async def test_it_waits_longer_each_time(here: Here) -> None:
    """A quarter of an hour, then half an hour; and never less than the vendor asks."""
    here.at(MORNING)
    here.platform.status["facebook"] = 500
    waits = []
    for _ in range(3):
        await Measures(here.talks).tick(here.desk, here.clock())
        async with here.desk.db.read() as session:
            look = await session.get_one(FigureLook, "facebook")
        waits.append(look.next_at - here.clock())
        here.at(look.next_at)
    assert [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)] == waits
    here.platform.status["facebook"] = 429
    await Measures(here.talks).tick(here.desk, here.clock())
    async with here.desk.db.read() as session:
        look = await session.get_one(FigureLook, "facebook")
    assert timedelta(hours=2) == look.next_at - here.clock()


async def test_a_day_that_was_missed_stays_missing(here: Here) -> None:
    """The next day's look makes nothing up for it."""
    here.at(MORNING)
    here.platform.status["facebook"] = 401
    await Measures(here.talks).tick(here.desk, here.clock())
    del here.platform.status["facebook"]
    here.at(MORNING + timedelta(days=1))
    await Measures(here.talks).tick(here.desk, here.clock())
    found = await here.measured(TODAY, TODAY + timedelta(days=1))
    assert [("facebook", "2026-11-24", 1000)] == [one for one in found if one[0] == "facebook"]


async def test_a_post_is_one_row_that_follows_the_platform(here: Here) -> None:
    """What the platform no longer tells stays as it was last told."""
    here.at(MORNING)
    here.platform.posts["facebook"] = [told(reactions=50, shares=3, link="https://x.example/1")]
    await Measures(here.talks).tick(here.desk, here.clock())
    here.platform.posts["facebook"] = [told(reactions=61, words="")]
    here.at(MORNING + timedelta(days=1))
    await Measures(here.talks).tick(here.desk, here.clock())
    [row] = await rows(here)
    assert (61, 3, "Nu öppnar vi.", "https://x.example/1") == (row.reactions, row.shares, row.words, row.link)
    assert date(2026, 11, 24) == row.seen


async def test_what_a_platform_does_not_tell_is_not_a_zero(here: Here) -> None:
    """Followers and reactions may be unknown; a negative number is no figure."""
    here.at(MORNING)
    here.platform.followers["facebook"] = None
    here.platform.posts["facebook"] = [told("1", reactions=None), told("2", reactions=-1), told("3", reactions=0)]
    await Measures(here.talks).tick(here.desk, here.clock())
    assert ("facebook", "2026-11-23", None) in await here.measured(TODAY)
    assert [None, None, 0] == [one.reactions for one in await rows(here)]


async def test_posts_are_asked_for_far_enough_back(here: Here) -> None:
    """On the first working day of a month its predecessor's first post still counts its reactions."""
    here.at(datetime(2026, 11, 2, 6, 0, tzinfo=UTC))
    await Measures(here.talks).tick(here.desk, here.clock())
    assert datetime.fromisoformat(here.platform.asked[0][1]) < datetime(2026, 10, 1, tzinfo=UTC)


async def test_only_what_can_be_measured_is_asked(here: Here) -> None:
    """A talk without METRICS has no such method."""

    class Mute:
        name, can = "mute", frozenset[object]()

    here.at(MORNING)
    await Measures([*here.talks, Mute()]).tick(here.desk, here.clock())  # type: ignore[list-item]
    assert "mute" not in {name for name, _ in here.platform.asked}


def test_words_fit_every_database() -> None:
    """No control signs, no halves of signs; one line."""
    assert "Hej på er 😀" == measuring.tidy("Hej\n\x00på\u00a0\ud83d er\t😀 ")
