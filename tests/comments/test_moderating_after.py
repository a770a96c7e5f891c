"""What follows a hiding: evidence that lacks something, the registrar, report numbers, and reminders until then."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.comments import completing, moderating
from bot.comments.moderating import HIDE, Given
from bot.comments.rules import Case
from bot.errors import Refused
from bot.texts import Texts
from handlers.cards import comment as cards
from handlers.cards import comment_guard as guard
from handlers.comment_guard import GuardRenderer
from storage import duties, log, moderations, posts
from storage.moderations import Moderation
from tests import town
from tests.comments.conftest import Desks
from tests.comments.test_acting import MAY, MAY_NOT
from tests.comments.test_forwarding import appoint, changed

SV = Texts.load().language("sv")
SECRET = Given("b", why="Diagnos", no_shot="Borta", secrecy=True)
DIARY = Given("", diary="KS 2026/12")


async def hidden(here: Desks, given: Given = SECRET) -> tuple[Case, Moderation]:
    case = await here.comment("Hon är sjukskriven för diagnos")
    made = await moderating.order(here.desk, town.COMMS, case.id, HIDE, given, now=here.clock())
    return await here.case(case.remote), made


async def kept(here: Desks, made: Moderation) -> Moderation:
    async with here.desk.db.read() as session:
        found = await moderations.get(session, made.id or 0)
    assert found is not None
    return found


async def drawn(here: Desks, kind: str) -> list[Any]:
    renderer, found = GuardRenderer(here.desk), await here.owed(kind)
    async with here.desk.db.read() as session:
        return [await renderer.kinds[kind](session, one, SV) for one in found]


async def send(here: Desks, made: Moderation, who: str = town.COMMS) -> None:
    await completing.to_registrar(here.desk, who, made.id or 0, now=here.clock())


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        (SECRET, ("diary",)),
        (Given("b", why="Adress", no_shot="Borta"), ()),
        (Given("b", why="Diagnos", no_shot="Borta", secrecy=True, diary="KS 2026/1"), ()),
        (Given("b", secrecy=True), ("why", "shot", "diary")),
    ],
)
async def test_what_is_secret_lacks_a_number(here: Desks, given: Given, lacks: tuple[str, ...]) -> None:
    """Somebody's personal data alone need not be registered."""
    case, _ = await hidden(here, given)
    assert lacks == case.lacks
    shown = str(cards.one(SV, case).blocks)
    assert ("diary" in lacks) == ("Skicka till registrator" in shown)


@pytest.mark.parametrize("way", ["diary", "registrar"])
async def test_a_number_or_the_registrar_closes_it(here: Desks, way: str) -> None:
    """And nobody is reminded any more."""
    await appoint(here, duties.REGISTRAR, town.OTHER_HEAD)
    case, made = await hidden(here)
    if way == "diary":
        await completing.complete(here.desk, town.EDITOR, made.id or 0, DIARY, now=here.clock())
    else:
        await send(here, made)
    after = await here.case(case.remote)
    assert ((), None) == (after.lacks, (await kept(here, made)).next_at)


async def test_until_then_a_reminder_once_a_working_day(here: Desks) -> None:
    """To whoever hid it and to the department; none on a day when nobody works."""
    case, made = await hidden(here)
    days = []
    for _ in range(9 * 4):
        here.later(hours=6)
        before = len(await here.owed(completing.LACKING))
        await completing.tick(here.desk, here.clock())
        await completing.tick(here.desk, here.clock())
        after = await here.owed(completing.LACKING)
        if len(after) > before:
            days.append(here.desk.office.local_date(here.clock()))
            assert {town.COMMS, town.CHANNEL} == {one.dest for one in after[before:]}
    assert len(days) == len(set(days)) >= 5
    assert all(here.desk.office.is_working_day(day) for day in days)
    assert all(one.quiet for one in await here.owed(completing.LACKING))
    shown = str(await drawn(here, completing.LACKING))
    assert (True, False, False) == (made.ref in shown, "Invånare" in shown, "sjukskriven" in shown)
    await completing.complete(here.desk, town.COMMS, made.id or 0, DIARY, now=here.clock())
    here.later(days=7)
    before = len(await here.owed(completing.LACKING))
    await completing.tick(here.desk, here.clock())
    assert before == len(await here.owed(completing.LACKING))
    assert case.id == made.comment_id


async def test_the_registrar_in_slack(here: Desks) -> None:
    """A card with the evidence behind a button; no text and no name in it."""
    await appoint(here, duties.REGISTRAR, town.OTHER_HEAD)
    _, made = await hidden(here)
    await send(here, made)
    [post], [card] = await here.owed(completing.REGISTRAR), await drawn(here, completing.REGISTRAR)
    assert ("slack", town.OTHER_HEAD) == (post.via, post.dest)
    assert (True, False, False) == (guard.PROOF in str(card), "Invånare" in str(card), "sjukskriven" in str(card))


@pytest.mark.parametrize("mail", [True, False])
async def test_the_registrar_s_mailbox(here: Desks, mail: bool) -> None:
    """By mail with an address that expires; without a mail channel whoever pressed mails it."""
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    here.desk = changed(here.desk, mail=mail)
    _, made = await hidden(here)
    await send(here, made)
    [post], [letter] = await here.owed(completing.REGISTRAR), await drawn(here, completing.REGISTRAR)
    assert (town.COMMS if not mail else "registrator@exempel.example") == post.dest
    shown = str(letter)
    assert (True, False, False) == (f"/bevis/{made.ref}?" in shown, "Invånare" in shown, "sjukskriven" in shown)
    assert ("Mejla det här till registrator@exempel.example" in shown) is not mail


async def test_without_a_registrar_it_says_so(here: Desks) -> None:
    """Nothing is changed."""
    case, made = await hidden(here)
    with pytest.raises(Refused, match=r"guard\.registrar\.none"):
        await send(here, made)
    assert ("diary",) == (await here.case(case.remote)).lacks


async def test_what_did_not_reach_the_registrar_is_owed_again(here: Desks) -> None:
    """Whoever sent it hears of it, it lacks again, and the next try is a new one."""
    await appoint(here, duties.REGISTRAR, town.OTHER_HEAD)
    case, made = await hidden(here)
    await send(here, made)
    [post] = await here.owed(completing.REGISTRAR)
    async with here.desk.db.write() as session:
        await posts.move(session, post.id or 0, posts.WAITING, posts.REFUSED, reason="no such person")
        await completing.settled(session, here.desk, post, posts.REFUSED)
    assert [town.COMMS] == [one.dest for one in await here.owed(completing.RETURNED)]
    assert made.ref in str(await drawn(here, completing.RETURNED))
    assert ("diary",) == (await here.case(case.remote)).lacks
    await send(here, made)
    assert 2 == len(await here.owed(completing.REGISTRAR))


async def test_two_clicks_send_it_once(here: Desks) -> None:
    """The second hears who was faster."""
    await appoint(here, duties.REGISTRAR, town.OTHER_HEAD)
    _, made = await hidden(here)
    both: list[Any] = await asyncio.gather(
        *(send(here, made, who) for who in (town.COMMS, town.COMMS2)), return_exceptions=True
    )
    assert ({"NoneType", "Refused"}, 1) == (
        {type(one).__name__ for one in both},
        len(await here.owed(completing.REGISTRAR)),
    )


async def test_report_numbers_are_kept_with_the_evidence(here: Desks) -> None:
    """And in the log; the form says what to do, by class."""
    case, made = await hidden(here, Given("a", why="Hot", shot="Mappen"))
    await completing.report(here.desk, town.EDITOR, made.id or 0, " FB-77 ", "", now=here.clock())
    await completing.report(here.desk, town.COMMS, made.id or 0, "", "5000-K1-26", now=here.clock())
    after = await kept(here, made)
    assert ("FB-77", "5000-K1-26") == (after.platform_report, after.police_report)
    async with here.desk.db.read() as session:
        said = [one.action for one in await log.of_case(session, f"comment:{case.id}")]
    assert 2 == said.count("comment.reported")
    form = str(guard.report(SV, case, after))
    assert all(one in form for one in ("114 14", "polisen.se", "FB-77", "5000-K1-26"))
    _, child = await hidden(here, Given("child"))
    assert "Spara ingen bild" in str(guard.report(SV, await here.case((await here.row(case.id)).remote), child))


Deed = Callable[[Desks, str, Moderation], Awaitable[object]]


async def _complete(here: Desks, who: str, made: Moderation) -> None:
    await completing.complete(here.desk, who, made.id or 0, DIARY, now=here.clock())


async def _report(here: Desks, who: str, made: Moderation) -> None:
    await completing.report(here.desk, who, made.id or 0, "1", "2", now=here.clock())


async def _look(here: Desks, who: str, made: Moderation) -> object:
    return await completing.look(here.desk, who, made.id or 0, now=here.clock())


async def _show(here: Desks, who: str, made: Moderation) -> None:
    await moderating.show_again(here.desk, who, made.comment_id, now=here.clock())


async def _registrar(here: Desks, who: str, made: Moderation) -> None:
    await send(here, made, who)


@pytest.mark.heavy
@pytest.mark.parametrize("deed", [_complete, _report, _look, _registrar, _show])
async def test_every_role_against_every_act(here: Desks, deed: Deed) -> None:
    """Whoever may hide may do it; nobody else, and nothing has changed then."""
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    _, made = await hidden(here)
    before = await kept(here, made)
    for who in MAY_NOT:
        with pytest.raises(Refused, match=r"err\.right"):
            await deed(here, who, made)
    assert before == await kept(here, made)
    for who in MAY:
        await deed(here, who, (await hidden(here))[1])


async def test_a_card_says_where_the_evidence_is(here: Desks) -> None:
    """In place of the text; with the way to it, and what may be done further."""
    case, made = await hidden(here)
    shown = str(cards.one(SV, case).blocks)
    wanted = (f"Borttagen, bevis {made.ref}", "Öppna beviset", "Anmäl", "Blockera", "Visa igen")
    assert [] == [one for one in wanted if one not in shown]
    assert here.clock() + timedelta(days=1) == (await kept(here, made)).next_at
