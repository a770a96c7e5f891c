"""Blocking: never without a documented act, a reason, an end, a second person; and somebody is to undo it."""

import ast
import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.comments import blocking, moderating
from bot.comments.moderating import HIDE, Given
from bot.errors import Invalid, Refused
from bot.texts import Texts
from handlers.comment_block import BlockRenderer
from storage import blocks, log
from storage.blocks import Block
from tests import town
from tests.comments.conftest import Desks
from tests.comments.test_acting import MAY, MAY_NOT

ROOT = Path(__file__).parent.parent.parent
SV = Texts.load().language("sv")
DOCUMENTED = Given("a", why="Hot mot personal", shot="Mappen Borttagna inlägg")
TODAY = town.MONDAY.date()
MONTH = TODAY + timedelta(days=30)


async def hidden(here: Desks, given: Given = DOCUMENTED) -> int:
    case = await here.comment("Jag vet var du bor")
    await moderating.order(here.desk, town.COMMS, case.id, HIDE, given, now=here.clock())
    return case.id


async def propose(
    here: Desks, number: int, who: str = town.COMMS, reason: str = "Återkommande hot", until: date | None = MONTH
) -> Block:
    return await blocking.propose(here.desk, who, number, reason, until, now=here.clock())


async def standing(here: Desks) -> Block:
    """One that was asked for, agreed to and done."""
    made = await propose(here, await hidden(here))
    await blocking.agree(here.desk, town.COMMS2, made.id or 0, now=here.clock())
    await blocking.done(here.desk, town.COMMS, made.id or 0, now=here.clock())
    return await kept(here, made)


async def kept(here: Desks, made: Block) -> Block:
    async with here.desk.db.read() as session:
        found = await blocks.get(session, made.id or 0)
    assert found is not None
    return found


async def drawn(here: Desks, kind: str) -> list[Any]:
    """Every delivery of a kind, with whom it is for."""
    renderer, found = BlockRenderer(here.desk), await here.owed(kind)
    async with here.desk.db.read() as session:
        return [(one.dest, await renderer.kinds[kind](session, one, SV)) for one in found]


async def test_two_people_and_a_hand(here: Desks) -> None:
    """Asked in the thread, agreed by another, done by whoever asked, lifted by anybody; all in the log."""
    made = await propose(here, await hidden(here))
    [(place, asked)] = await drawn(here, blocking.ASK)
    assert (town.CHANNEL, True) == (place, "Återkommande hot" in asked.text)
    await blocking.agree(here.desk, town.COMMS2, made.id or 0, now=here.clock())
    [(person, hand)] = await drawn(here, blocking.HAND)
    assert (town.COMMS, True) == (person, "Klart" in str(hand.blocks))
    await blocking.done(here.desk, town.COMMS, made.id or 0, now=here.clock())
    await blocking.lift(here.desk, town.EDITOR, made.id or 0, now=here.clock())
    after = await kept(here, made)
    assert (blocks.LIFTED, town.EDITOR, None) == (after.state, after.lifted_by, after.next_at)
    async with here.desk.db.read() as session:
        said = [one for one in await log.of_case(session, f"comment:{made.comment_id}") if "block" in one.action]
    assert ["block.asked", "block.agreed", "block.on", "block.lifted"] == [one.action for one in said]
    assert "Återkommande hot" not in str([one.detail for one in said])


async def test_nothing_names_who_wrote_or_what(here: Desks) -> None:
    """The cards point to the evidence."""
    await standing(here)
    shown = [one for kind in (blocking.ASK, blocking.HAND) for one in await drawn(here, kind)]
    assert (2, []) == (len(shown), [one for one in shown if "Invånare" in str(one) or "var du bor" in str(one)])


@pytest.mark.parametrize(
    ("reason", "until", "field"),
    [
        (" ", MONTH, "reason"),
        ("Hot", None, "until"),
        ("Hot", TODAY, "until"),
        ("Hot", TODAY + timedelta(days=366), "until"),
    ],
)
async def test_never_without_reason_and_end(here: Desks, reason: str, until: date | None, field: str) -> None:
    """It is said at the field, and nothing has changed."""
    number = await hidden(here)
    with pytest.raises(Invalid) as invalid:
        await propose(here, number, reason=reason, until=until)
    assert ({field}, []) == (set(invalid.value.problems), await here.owed(blocking.ASK))


@pytest.mark.parametrize(
    ("given", "why"),
    [(None, "block.undocumented"), (Given("a"), "block.lacks"), (Given("d", why="Reklam"), "block.undocumented")],
)
async def test_never_without_a_documented_act(here: Desks, given: Given | None, why: str) -> None:
    """Nothing hidden, evidence that lacks something, a colleague who has not agreed yet."""
    number = (await here.comment()).id if given is None else await hidden(here, given)
    with pytest.raises(Refused, match=why):
        await propose(here, number)


async def test_what_was_shown_again_blocks_nobody(here: Desks) -> None:
    """It was a mistake."""
    number = await hidden(here)
    await moderating.show_again(here.desk, town.COMMS, number, now=here.clock())
    with pytest.raises(Refused, match=r"block\.undocumented"):
        await propose(here, number)


Deed = Callable[[Desks, str, int], Awaitable[object]]


async def _propose(here: Desks, who: str, number: int) -> object:
    return await propose(here, number, who)


async def _with(here: Desks, who: str, number: int, steps: list[Any]) -> object:
    made = await propose(here, number, town.MANAGER)
    for step in steps[:-1]:
        await step(here.desk, town.COMMS2, made.id or 0, now=here.clock())
    return await steps[-1](here.desk, who, made.id or 0, now=here.clock())


async def _agree(here: Desks, who: str, number: int) -> object:
    return await _with(here, who, number, [blocking.agree])


async def _decline(here: Desks, who: str, number: int) -> object:
    return await _with(here, who, number, [blocking.decline])


async def _done(here: Desks, who: str, number: int) -> object:
    return await _with(here, who, number, [blocking.agree, blocking.done])


async def _lift(here: Desks, who: str, number: int) -> object:
    return await _with(here, who, number, [blocking.agree, blocking.done, blocking.lift])


@pytest.mark.heavy
@pytest.mark.parametrize("deed", [_propose, _agree, _decline, _done, _lift])
async def test_every_role_against_every_act(here: Desks, deed: Deed) -> None:
    """Whoever may hide may do it; nobody else."""
    for who in MAY_NOT:
        with pytest.raises(Refused, match=r"err\.right"):
            await deed(here, who, await hidden(here))
    for who in MAY:
        if who != town.MANAGER or deed is _propose:
            await deed(here, who, await hidden(here))


@pytest.mark.parametrize("decide", [blocking.agree, blocking.decline])
async def test_nobody_decides_on_their_own(here: Desks, decide: Any) -> None:
    """Not even the department."""
    made = await propose(here, await hidden(here))
    with pytest.raises(Refused, match=r"hide\.own"):
        await decide(here.desk, town.COMMS, made.id or 0, now=here.clock())
    assert blocks.PROPOSED == (await kept(here, made)).state


async def test_two_clicks_at_once(here: Desks) -> None:
    """One counts; the other hears how it stands. Asked twice it is one, too."""
    number = await hidden(here)
    asked: list[Any] = await asyncio.gather(
        *(propose(here, number, who) for who in (town.COMMS, town.EDITOR)), return_exceptions=True
    )
    assert {"Block", "Refused"} == {type(one).__name__ for one in asked}
    [made] = [one for one in asked if isinstance(one, Block)]
    for step, who in ((blocking.agree, (town.COMMS2, town.HEAD)), (blocking.lift, (town.COMMS, town.COMMS2))):
        both = await asyncio.gather(
            *(step(here.desk, one, made.id or 0, now=here.clock()) for one in who), return_exceptions=True
        )
        assert {"NoneType", "Refused"} == {type(one).__name__ for one in both}


async def test_somebody_is_reminded_a_week_before_at_the_end_and_until_it_is_lifted(here: Desks) -> None:
    """Whoever asked and the department, on working days; *Klart* ends it."""
    made = await standing(here)
    told = []
    for _ in range(40 * 4):
        here.later(hours=6)
        before = len(await here.owed(blocking.REVIEW))
        await blocking.tick(here.desk, here.clock())
        if len(await here.owed(blocking.REVIEW)) > before:
            told.append(here.desk.office.local_date(here.clock()))
    week, end = MONTH - timedelta(days=7), MONTH
    assert [week, end] == told[:2]
    assert all(here.desk.office.is_working_day(day) for day in told)
    assert {town.COMMS, town.CHANNEL} == {one.dest for one in await here.owed(blocking.REVIEW)}
    assert all("Invånare" not in str(one) for one in await drawn(here, blocking.REVIEW))
    await blocking.lift(here.desk, town.COMMS2, made.id or 0, now=here.clock())
    before = len(await here.owed(blocking.REVIEW))
    here.later(days=14)
    await blocking.tick(here.desk, here.clock())
    assert before == len(await here.owed(blocking.REVIEW))


ADDS_UP = {"group_by", "order_by", "count", "where", "distinct", "Counter", "groupby", "sorted"}


def _adds_up(file: Path) -> bool:
    """Is somewhere in this file something grouped, sorted, found or counted by who wrote?"""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    named = [one for one in calls if getattr(one.func, "attr", getattr(one.func, "id", "")) in ADDS_UP]
    given = [part for call in named for value in call.args for part in ast.walk(value)]
    return any(isinstance(part, ast.Attribute) and part.attr == "author" for part in given)


def test_nothing_is_listed_or_counted_by_who_wrote(tmp_path: Path) -> None:
    """No query and no sorting names the author, nor does the blocking's table; the local vendors are not ours."""
    files = [file for room in ("storage", "bot", "handlers") for file in (ROOT / room).rglob("*.py")]
    ours = [file for file in files if "sandbox" not in file.parts]
    bad = tmp_path / "bad.py"
    bad.write_text("select(Comment.author, func.count()).group_by(Comment.author)")
    assert (True, []) == (_adds_up(bad), [file.name for file in ours if _adds_up(file)])
    assert "author" not in Block.model_fields
