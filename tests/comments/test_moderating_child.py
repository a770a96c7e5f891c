"""Suspected child abuse: the right people hear of it at once, and nothing of the text is left in any table."""

import json
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select, update

from bot.channels import letters
from bot.channels.heard import Heard, Verb
from bot.comments import arriving, completing, forgetting, forwarding, moderating, reading, replying
from bot.comments.moderating import HIDE, REMOVE, Given
from bot.comments.rules import Case
from bot.crisis import duty
from bot.texts import Texts
from handlers.comment_guard import GuardRenderer
from storage import arrivals, duties, forwardings, moderations, posts, replies, rota
from storage.blocks import Block
from storage.posts import Post
from tests import town
from tests.comments.conftest import CHANNEL, POST, Desks

SV = Texts.load().language("sv")
TEXT, BEFORE, AUTHOR = (
    "En hemsk text på åtta ord som ingen får spara",
    "En hemsk text i första lydelsen",
    "Avsändare Åtta",
)
MARKS = ("hemsk", "Avsändare", "\\u00e5tta ord")


def change(remote: str, text: str, verb: str = "add", parent: str = POST) -> dict[str, Any]:
    """As a platform's webhook tells it."""
    return {"comment_id": remote, "message": text, "verb": verb, "from": {"name": AUTHOR}, "parent_id": parent}


def read(told: Any) -> Heard:
    verb = {"add": Verb.ADD, "edited": Verb.EDIT}[told["verb"]]
    return Heard(told["comment_id"], POST, verb, text=told["message"], author=told["from"]["name"])


async def told(here: Desks, *changes: dict[str, Any]) -> None:
    """The webhook brings something, and it is worked off."""
    async with here.desk.db.write() as session:
        await arrivals.add_all(session, [arriving.row(CHANNEL, one, here.clock()) for one in changes])
    await arriving.work_off(here.desk, {CHANNEL: read}, here.clock())


async def left(here: Desks) -> list[str]:
    """Every row of every table in which something of the text stands, as the database has it."""
    found = []
    async with here.desk.db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in await (await session.connection()).execute(table.select()):
                shown = json.dumps(dict(row._mapping), default=str, ensure_ascii=False)
                found += [f"{table.name}: {shown}"] if any(mark in shown for mark in MARKS) else []
    return found


async def everywhere(here: Desks) -> Case:
    """The text in everything that can hold it."""
    remote = f"{POST}_77"
    await told(here, change(remote, BEFORE), change(remote, TEXT, "edited"))
    case = await here.case(remote)
    now, number = here.clock(), case.id
    await replying.keep_draft(here.desk, town.COMMS, number, f"Utkast: {TEXT}", now=now)
    made = await forwarding.forward(
        here.desk, town.COMMS, number, forwarding.Given("expert", person=town.OTHER_HEAD, note=TEXT), now=now
    )
    await forwarding.answer(here.desk, town.OTHER_HEAD, made.id or 0, TEXT, now=now)
    back = await reading.ask(here.desk, town.COMMS, number, town.COMMS2, TEXT, now=now)
    await reading.give_back(here.desk, town.COMMS2, back.id or 0, TEXT, now=now)
    sent = await replying.send(here.desk, town.COMMS, number, f"Du skrev: {TEXT}", now=now, holding=True)
    async with here.desk.db.write() as session:
        row = await session.get_one(replies.Reply, sent.id)
        row.state = replies.SENT
        session.add(row)
        digest = await posts.freeze(session, {"text": f"Du skrev: {TEXT}", "blocks": []})
        await session.exec(update(Post).where(col(Post.id) == sent.post_id).values(body=digest))
    first = await moderating.order(here.desk, town.COMMS, number, HIDE, Given("a", why=TEXT, shot=TEXT), now=now)
    async with here.desk.db.write() as session:
        given: dict[str, Any] = {
            "comment_id": number,
            "moderation_id": first.id or 0,
            "until": now.date(),
            "by": town.COMMS,
        }
        session.add(Block(**given, reason=TEXT, at=now))
    return case


async def test_nothing_of_the_text_is_left_in_any_table(here: Desks) -> None:
    """Not in what came in, was drafted, read, sent on, answered, sent, kept as evidence, nor typed now."""
    case = await everywhere(here)
    before = {one.partition(":")[0] for one in await left(here)}
    tables = {"arrival", "comment", "wording", "answer_draft", "reading", "forwarding", "reply", "body"}
    assert set() == {*tables, "moderation", "block"} - before - {"answer_draft"}
    given = Given("child", why=TEXT, shot=TEXT, no_shot=TEXT)
    await moderating.order(here.desk, town.COMMS, case.id, REMOVE, given, now=here.clock())
    assert [] == await left(here)
    async with here.desk.db.read() as session:
        [sent] = await replies.of_comment(session, case.id)
    assert "Du skrev: […]" in sent.text


async def test_it_does_not_come_back(here: Desks) -> None:
    """Told once more, told anew, edited there, completed here: still nothing."""
    case = await everywhere(here)
    made = await moderating.order(here.desk, town.COMMS, case.id, REMOVE, Given("child"), now=here.clock())
    await told(here, change(case.remote, TEXT), change(case.remote, TEXT, "edited", "annat"))
    await told(here, change(case.remote, f"{TEXT}!", "edited"))
    await here.take(here.heard(TEXT, remote=case.remote, author=AUTHOR))
    filled = Given("", why=TEXT, shot=TEXT, diary="KS 2026/9")
    await completing.complete(here.desk, town.COMMS, made.id or 0, filled, now=here.clock())
    assert [] == await left(here)
    async with here.desk.db.read() as session:
        kept = await moderations.get(session, made.id or 0)
    assert kept is not None
    assert ("KS 2026/9", {"link", "written"}) == (kept.diary, set(kept.evidence))


async def test_what_came_of_others_stays(here: Desks) -> None:
    """An answer to it, and a comment whose id begins alike, are their own."""
    remote = f"{POST}_7"
    await told(here, change(remote, TEXT), change(f"{remote}7", "Hej"), change("9", "Nej!", parent=remote))
    case = await here.case(remote)
    await moderating.order(here.desk, town.COMMS, case.id, REMOVE, Given("child"), now=here.clock())
    async with here.desk.db.read() as session:
        bodies = [json.loads(one.body) for one in (await session.exec(select(arrivals.Arrival))).all()]
    assert ["Hej", "Nej!"] == sorted(one["message"] for one in bodies if one)
    assert "Nej!" == (await here.case("9")).text


async def test_what_waits_to_be_taken_in_is_forgotten_too(here: Desks) -> None:
    """The edit had come, and nobody had looked at it."""
    remote = f"{POST}_7"
    await told(here, change(remote, BEFORE))
    case = await here.case(remote)
    async with here.desk.db.write() as session:
        await arrivals.add_all(session, [arriving.row(CHANNEL, change(remote, TEXT, "edited"), here.clock())])
    await moderating.order(here.desk, town.COMMS, case.id, REMOVE, Given("child"), now=here.clock())
    await arriving.work_off(here.desk, {CHANNEL: read}, here.clock())
    assert [] == await left(here)


@pytest.mark.parametrize("klass", ["a", "b", "c"])
async def test_of_other_classes_everything_is_kept_as_evidence(here: Desks, klass: str) -> None:
    """They are taken out of Slack, not destroyed: what came in stays until a decision weeds it."""
    case = await everywhere(here)
    before = await left(here)
    given = Given(klass, why="Skäl", shot="Mappen")
    await moderating.order(here.desk, town.COMMS, case.id, REMOVE, given, now=here.clock())
    tables = {one.partition(":")[0] for one in await left(here)}
    assert {"arrival", "comment", "wording", "moderation"} <= tables
    assert len([one for one in before if one.startswith("arrival")]) == 2


async def alarmed(here: Desks) -> list[str]:
    case = await here.comment(TEXT, author=AUTHOR, link="https://fb.example/1")
    await moderating.order(here.desk, town.EDITOR, case.id, HIDE, Given("child"), now=here.clock())
    return [one.dest for one in await here.owed(forgetting.ALARM)]


async def _manager(here: Desks, *, away: bool) -> None:
    async with here.desk.db.write() as session:
        await duties.replace(session, duties.MANAGER, [town.MANAGER])
    if away:
        today = here.desk.office.local_date(here.clock())
        await town.away(here.desk.db, town.MANAGER, today, today)


async def test_the_manager_hears_of_it_at_once(here: Desks) -> None:
    """In the night, too: link, time, platform, what to do; no text, no name."""
    await _manager(here, away=False)
    here.later(hours=14)
    assert [town.MANAGER] == await alarmed(here)
    [post] = await here.owed(forgetting.ALARM)
    assert (False, here.clock()) == (post.quiet, post.due)
    async with here.desk.db.read() as session:
        shown = await GuardRenderer(here.desk).kinds[forgetting.ALARM](session, post, SV)
    wanted = ("https://fb.example/1", "Facebook", "114 14", "112", "Spara ingen bild")
    assert [] == [one for one in wanted if one not in shown.text]
    assert [] == [one for one in MARKS if one in str(shown)]


async def test_whoever_is_on_duty_hears_of_it_when_the_manager_is_away(here: Desks) -> None:
    """The manager still has the message when they are back."""
    await _manager(here, away=True)
    async with here.desk.db.write() as session:
        await duties.replace(session, duties.CRISIS_DECIDER, [town.COMMS2])
        await rota.assign(session, duty.week_of(here.desk, here.clock()), town.COMMS2)
    assert [town.MANAGER, town.COMMS2] == await alarmed(here)


async def test_where_nobody_is_on_duty_the_department_hears_of_it(here: Desks) -> None:
    """Those who are there; with no manager at all, everybody."""
    assert [town.MANAGER, town.COMMS, town.COMMS2] == sorted(
        await alarmed(here), key=lambda one: one != town.MANAGER
    )
    await _manager(here, away=True)
    assert {town.MANAGER, town.COMMS, town.COMMS2} == set(await alarmed(here))


async def test_whose_mailbox_has_the_text_is_said(here: Desks) -> None:
    """Nobody can call a mail back from here."""
    await _manager(here, away=False)
    case = await here.comment(TEXT)
    made = await forwarding.forward(
        here.desk, town.COMMS, case.id, forwarding.Given("expert", person=town.OTHER_HEAD), now=here.clock()
    )
    async with here.desk.db.write() as session:
        row = await forwardings.get(session, made.id or 0)
        assert row is not None
        await forwardings.change(session, row, mail=letters.NAME, name="Registrator")
        await session.exec(update(Post).where(col(Post.id) == made.post_id).values(state=posts.DONE))
    await moderating.order(here.desk, town.COMMS, case.id, HIDE, Given("child"), now=here.clock())
    [post] = await here.owed(forgetting.ALARM)
    async with here.desk.db.read() as session:
        shown = await GuardRenderer(here.desk).kinds[forgetting.ALARM](session, post, SV)
    assert "redan mejlats till Registrator" in shown.text
