"""What does not work, as data: people, units, accounts, and the delivery room."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot import status
from bot.delivery import outbox
from bot.delivery.room import Facts, LaneFacts
from bot.delivery.worker import Parked
from bot.errors import Refused, Text
from bot.seed import CASE
from bot.status import DEPARTMENT, OPERATOR, SLACK_ADMIN, Place, Trouble
from storage import duties, people, posts, units
from storage.engine import Database
from storage.posts import Post
from tests import town
from tests.desk.conftest import Office
from tests.test_texts import SV

LANE = LaneFacts("slack", "desk", True, 0, 0, 0, 0, None)


async def found(office: Office) -> list[Trouble]:
    return await status.troubles(office.desk, office.room_state, office.clock())


async def keys(office: Office) -> list[str]:
    return [one.key for one in await found(office)]


async def tidy(db: Database) -> None:
    """Give the town's two odd units heads in Slack, so that nothing is wrong."""
    async with db.write() as session:
        for unit in await units.everyone(session):
            if unit.name in ("Simhallen", "Utan chef"):
                unit.head = town.OTHER
                session.add(unit)


@pytest.fixture
async def well(office: Office) -> Office:
    """An office in which everything works."""
    await tidy(office.desk.db)
    return office


async def post(office: Office, dest: str, state: str, reason: str | None = None, **more: Any) -> Post:
    """A message that has come to this state."""
    number = more.pop("number", 1)
    way = {
        posts.REFUSED: [posts.WAITING, posts.SENDING, posts.REFUSED],
        posts.DONE: [posts.WAITING, posts.SENDING, posts.DONE],
        posts.ASKING: [posts.WAITING, posts.SENDING, posts.UNKNOWN, posts.ASKING],
    }[state]
    remote = {"remote": "1.1"} if state == posts.DONE else {}
    async with office.desk.db.write() as session:
        row = await outbox.send(
            session, kind="k", dest=dest, topic=f"t{number}", args={}, now=more.pop("now", office.clock())
        )
        assert row.id is not None
        for before, after in pairwise(way):
            await posts.move(session, row.id, before, after, reason=reason, **remote, **more)
    async with office.desk.db.read() as session:
        return await session.get_one(Post, row.id)


async def test_nothing_is_wrong_when_everything_works(well: Office) -> None:
    """An empty list."""
    assert await found(well) == []


async def test_what_people_outside_are_told_of_is_what_does_not_work(office: Office) -> None:
    """Seats, duties and accounts without anybody are vacancies; a message that nobody can find is a fault."""
    await town.change(office.desk.db, town.DEPUTY, deleted=True)
    async with office.desk.db.write() as session:
        await duties.replace(session, duties.MANAGER, ["okand@exempel.example"])
    await office.account(substitute="")
    assert [one.key for one in await found(office) if one.fault] == []
    row = await post(office, town.HEAD, posts.ASKING, started=office.clock())
    office.room = Facts([], [row], {})
    assert [one.key for one in await found(office) if one.fault] == ["status.asking"]


def test_every_vacancy_is_a_trouble_that_is_told() -> None:
    """A misspelt key would make a fault of it again."""
    assert set(SV.texts) >= status.VACANCIES


async def test_an_absence_alone_is_no_trouble(well: Office) -> None:
    """The deputy stands in."""
    await town.away(well.desk.db, town.HEAD, date(2026, 11, 23), date(2026, 11, 27))
    assert await keys(well) == []


async def test_a_unit_where_nobody_can_decide_is_named(well: Office) -> None:
    """No head, nobody above; and a head who is away with no deputy and nobody above."""
    async with well.desk.db.write() as session:
        empty = await units.by_name(session, "Utan chef")
        assert empty is not None
        empty.head = None
    await town.away(well.desk.db, town.OTHER_HEAD, date(2026, 11, 23), date(2026, 11, 23))
    assert await found(well) == [
        Trouble("status.unit.nobody", {"unit": "Skolan"}, DEPARTMENT),
        Trouble("status.unit.nobody", {"unit": "Utan chef"}, DEPARTMENT),
    ]


async def test_a_vacant_unit_with_somebody_above_is_named_more_mildly(well: Office) -> None:
    """The unit above decides, and says so."""
    async with well.desk.db.write() as session:
        empty = await units.by_name(session, "Utan chef")
        assert empty is not None
        empty.head, empty.parent_id = None, well.units["Kultur"]
    assert await found(well) == [Trouble("status.unit.vacant", {"unit": "Utan chef"}, DEPARTMENT)]


async def test_people_who_cannot_hold_their_role_are_named_with_it(well: Office) -> None:
    """Deactivated, not in Slack, a guest: in a unit and in the department."""
    await town.change(well.desk.db, town.DEPUTY, deleted=True)
    await town.change(well.desk.db, town.PARENT, guest=True)
    async with well.desk.db.write() as session:
        await duties.replace(session, duties.MANAGER, ["okand@exempel.example"])
        await duties.appoint(session, duties.REGISTRAR, "registrator@exempel.example", "Registrator")
    assert [(one.key, one.values["name"], one.values["state"]) for one in await found(well)] == [
        ("status.duty", "okand@exempel.example", Text("standing.outside")),
        ("status.deputy", "Ställföreträdare biblioteket", Text("standing.deleted")),
        ("status.head", "Verksamhetschef kultur", Text("standing.unfit")),
    ]


async def test_a_department_of_nobody_and_a_stale_group_are_named(well: Office) -> None:
    """Never read, and read long ago."""
    async with well.desk.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, ["S0KOMM"])
    assert await keys(well) == ["status.department.empty", "status.group.unread"]
    old = well.clock() - timedelta(minutes=16)
    async with well.desk.db.write() as session:
        await people.save_group(session, "S0KOMM", [town.COMMS], old)
    values = {"group": "S0KOMM", "time": old}
    assert await found(well) == [Trouble("status.group.stale", values, OPERATOR)]


async def test_an_account_on_which_nobody_answers_is_named(well: Office) -> None:
    """Owner and substitute away at once, until the first of them is back; no substitute; no owner."""
    await well.account()
    await well.account(name="Ensam", substitute="")
    await well.account("Skolan", owner=town.OTHER, name="Skolan")
    await town.away(well.desk.db, town.REQUESTER, date(2026, 11, 20), date(2026, 11, 30))
    await town.away(well.desk.db, town.EDITOR, date(2026, 11, 23), date(2026, 11, 24))
    await town.change(well.desk.db, town.OTHER, deleted=True)
    today = date(2026, 11, 23)
    troubles = [one for one in await found(well) if "account" in one.values]
    assert troubles == [
        Trouble("absence.gap", {"account": "Biblioteket", "from": today, "to": date(2026, 11, 24)}, DEPARTMENT),
        Trouble("absence.gap", {"account": "Ensam", "from": today, "to": date(2026, 11, 30)}, DEPARTMENT),
        Trouble("absence.gap", {"account": "Skolan", "from": today, "to": date(2026, 11, 24)}, DEPARTMENT),
    ]
    well.clock.now += timedelta(days=14)
    troubles = [one for one in await found(well) if "account" in one.values]
    assert [(one.key, one.values["account"]) for one in troubles] == [
        ("status.account.substitute", "Ensam"),
        ("status.account.owner", "Skolan"),
    ]


async def test_a_channel_that_refuses_is_named_with_slack_s_reason(well: Office) -> None:
    """The department's own channel, and another destination, each once; until something comes through."""
    await post(well, town.CHANNEL, posts.REFUSED, "not_in_channel", number=1)
    await post(well, town.HEAD, posts.REFUSED, "user_deactivated", number=2)
    await post(well, town.HEAD, posts.REFUSED, "new_word: more", number=3)
    own, other = await found(well)
    assert own == Trouble(
        "status.channel.refused",
        {
            "channel": Place(town.CHANNEL),
            "reason": Text("status.reason.not_in_channel"),
            "code": "not_in_channel",
        },
        DEPARTMENT,
    )
    assert (other.key, str(other.values["dest"])) == ("status.refused", "Enhetschef biblioteket")
    assert (other.values["reason"], other.values["code"]) == (Text("status.reason.other"), "new_word: more")
    await post(well, town.CHANNEL, posts.DONE, number=4)
    await post(well, town.HEAD, posts.DONE, number=5)
    assert await found(well) == []


async def test_a_missing_scope_is_for_slack_s_administrator(well: Office) -> None:
    """Nobody in the department can grant it."""
    await post(well, town.CHANNEL, posts.REFUSED, "missing_scope: chat:write")
    (trouble,) = await found(well)
    assert trouble.mender == SLACK_ADMIN


async def test_old_refusals_are_history(well: Office) -> None:
    """After a week they are no longer news."""
    await post(well, town.HEAD, posts.REFUSED, "user_not_found", now=well.clock() - timedelta(days=8))
    assert await found(well) == []


async def test_a_message_that_only_a_person_can_find_is_quoted(well: Office) -> None:
    """Where, when, its first words, and the number that the buttons carry."""
    async with well.desk.db.write() as session:
        body = await posts.freeze(session, {"text": "Ansökan om  Biblioteket " + "ä" * 300})
    row = await post(well, town.HEAD, posts.ASKING, started=well.clock(), body=body)
    well.room = Facts([], [row], {})
    (trouble,) = await found(well)
    assert (trouble.key, trouble.post, trouble.mender) == ("status.asking", row.id, None)
    assert trouble.values["text"].startswith("Ansökan om Biblioteket ä")
    assert len(trouble.values["text"]) == status.QUOTE + 1


async def test_an_answer_settles_the_message_once_and_is_logged(well: Office) -> None:
    """There: done. Not there: sent again. The second answer changes nothing."""
    here = await post(well, town.HEAD, posts.ASKING, number=1)
    gone = await post(well, town.HEAD, posts.ASKING, number=2)
    await status.answer(well.desk, town.COMMS, here.id or 0, there=True, now=well.clock())
    await status.answer(well.desk, town.COMMS, gone.id or 0, there=False, now=well.clock())
    with pytest.raises(Refused) as refused:
        await status.answer(well.desk, town.COMMS2, here.id or 0, there=False, now=well.clock())
    assert refused.value.key == "status.answered"
    async with well.desk.db.read() as session:
        states = [(await session.get_one(Post, one.id)).state for one in (here, gone)]
    assert states == [posts.DONE, posts.WAITING]
    logged = [(one.action, one.actor, one.detail["there"]) for one in await well.logged(CASE)]
    assert logged == [("post.answered", town.COMMS, True), ("post.answered", town.COMMS, False)]


NOW = town.MONDAY
LONG_AGO = NOW - timedelta(minutes=11)


@pytest.mark.parametrize(
    ("lane", "expected", "mender"),
    [
        (LANE, [], None),
        (replace(LANE, oldest_waiting=NOW - timedelta(minutes=9)), [], None),
        (replace(LANE, oldest_waiting=LONG_AGO), ["status.lane.slow"], OPERATOR),
        (replace(LANE, oldest_waiting=LONG_AGO, owner=None), ["status.lane.nobody"], OPERATOR),
        (replace(LANE, pauses={"all": "token_revoked"}), ["status.lane.dead"], OPERATOR),
        (replace(LANE, pauses={"all": "unreachable"}), ["status.lane.unreachable"], OPERATOR),
        (
            replace(LANE, pauses={"send": "ratelimited"}, oldest_waiting=LONG_AGO),
            ["status.lane.pause"],
            None,
        ),
        (replace(LANE, trouble="KeyError at x:1"), ["status.lane.trouble"], OPERATOR),
    ],
)
def test_what_keeps_a_lane_is_told_with_who_can_mend_it(
    lane: LaneFacts, expected: list[str], mender: Text | None
) -> None:
    """A dead key, no connection, a rest that passes, nobody who sends, a worker that fails."""
    troubles = status.lane_troubles(lane, NOW)
    assert [one.key for one in troubles] == expected
    assert [one.mender for one in troubles] == [mender for _ in expected]


async def test_messages_that_could_not_be_made_are_counted(well: Office) -> None:
    """Their kinds once each, for whoever runs the desk."""
    parked = {n: Parked("application.card", "KeyError", 1, NOW) for n in (1, 2)}
    well.room = Facts([LANE], [], parked)
    values = {"n": 2, "kinds": ["application.card"]}
    assert await found(well) == [Trouble("status.parked", values, OPERATOR)]
