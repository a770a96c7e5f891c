"""Weekend watch and question sessions through the workspace's own doors."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, or_, select, update

from bot.clock import DAY
from bot.comments import retiming, weekend
from bot.comments import session as sessions
from bot.demo import town
from bot.sandbox.driver import Person
from storage.comments import Comment
from storage.posts import Post
from storage.sessions import QuestionSession
from storage.watches import WeekendWatch
from tests.seam import test_kommentar_ny
from tests.seam.conftest import Scene
from tests.seam.test_kommentar_ny import ACCOUNT, ACCOUNT_FIELD, LIBRARY_CHANNEL, TEXT

pytestmark = pytest.mark.heavy
scene = test_kommentar_ny.scene  # the library has an account that no interface reads
TITLE, WHO = "Helgbevakning", "Vem bevakar?"
STARTS, ENDS, FIRST, THEN, FROM = "Börjar", "Slutar", "Vem svarar först?", "Vem tar över?", "Från kl."


async def _watches(scene: Scene) -> list[WeekendWatch]:
    async with scene.desk.db.read() as session:
        return list((await session.exec(select(WeekendWatch))).all())


async def _set(scene: Scene) -> None:
    """The next days off are the graphic designer's."""
    comms = scene.person(town.SOCIAL)
    await comms.command("/kommentar helg")
    sent = await comms.submit(await comms.window(TITLE), {WHO: town.DESIGN})
    assert "update" == sent["result"]
    assert "Grafisk formgivare bevakar" in str((await comms.window("Klart"))["blocks"])


async def hurried(scene: Scene) -> None:
    """What was owed at an instant to come, or when the office opens, goes out now."""
    now = scene.desk.desk.now()
    async with scene.desk.db.write() as session:
        owed = update(Post).where(or_(col(Post.due) > now, col(Post.quiet)))
        await session.exec(owed.values(due=now, quiet=False))


async def test_a_watch_is_set_asked_about_received_and_taken_away(scene: Scene) -> None:
    """The watcher says yes where they are asked; the form lists it with its button."""
    await _set(scene)
    watcher, comms = scene.person(town.DESIGN), scene.person(town.SOCIAL)
    [row] = await _watches(scene)
    await weekend.tick(scene.desk.desk, weekend.begins(scene.desk.desk, row) - timedelta(hours=1))
    await hurried(scene)
    asked = await watcher.sees("Du har helgbevakningen")
    await watcher.click(asked, "Jag tar det")
    await watcher.sees("Tack, du bevakar")
    await comms.command("/kommentar weekend")
    view = await comms.window(TITLE)
    assert "Har sagt ja." in str(view["blocks"])
    await comms.click(view, "Ta bort")
    await watcher.sees("är borttagen")
    assert [True] == [one.removed is not None for one in await _watches(scene)]


async def test_what_is_wrong_stands_at_its_field(scene: Scene) -> None:
    """The days are somebody's already; an office day is no day off. What was typed stays."""
    await _set(scene)
    comms = scene.person(town.SOCIAL)
    [row] = await _watches(scene)
    await comms.command("/kommentar helg")
    given = {WHO: town.WEB, "Från och med": row.first.isoformat(), "Till och med": row.last.isoformat()}
    wrong = await comms.submit(await comms.window(TITLE), given)
    assert ("errors", ["first"]) == (wrong["result"], list(wrong["errors"]))
    assert "Grafisk formgivare har redan vakten" in wrong["errors"]["first"]
    assert 1 == len(await _watches(scene))


async def test_others_are_told_whom_to_ask(scene: Scene) -> None:
    """No form opens for a librarian."""
    librarian = scene.person(town.LIBRARIAN)
    await librarian.command("/kommentar helg")
    await librarian.sees("kommunikations")
    assert await librarian.view() is None


async def _asked(scene: Scene) -> dict[str, Any]:
    """Somebody asks the library; the card of the post in its channel."""
    teacher, librarian = scene.person(town.TEACHER), scene.person(town.LIBRARIAN)
    await teacher.command("/kommentar ny")
    given = {ACCOUNT_FIELD: ACCOUNT, TEXT: "Har ni öppet i jul?", "Vad står i inlägget?": "Fråga oss på torsdag!"}
    await teacher.submit(await teacher.window("Ny kommentar i kön"), given)
    return await librarian.sees("Fråga oss på torsdag!", LIBRARY_CHANNEL)


async def test_a_session_is_planned_from_the_posts_card_and_its_questions_get_topics(scene: Scene) -> None:
    """Two who answer, two topics; the first one is told, answers from the message, and chooses a topic."""
    card = await _asked(scene)
    librarian, host = scene.person(town.LIBRARIAN), scene.person(town.CULTURE)
    now = scene.desk.desk.now()
    await librarian.click(card, "Frågestund")
    view = await librarian.window("Frågestund")
    ends, half = now + timedelta(hours=2), scene.desk.desk.office.local(now + timedelta(hours=1))
    given = {
        STARTS: int(now.timestamp()),
        ENDS: int(ends.timestamp()),
        FIRST: town.CULTURE,
        THEN: town.EDUCATOR,
        FROM: half.strftime("%H:%M"),
        "Ämnen att räkna": "Öppettider\nBöcker\n",
    }
    sent = await librarian.submit(view, given)
    assert "update" == sent["result"]
    told = await host.sees("Du svarar på frågestunden")
    await librarian.sees("Svarar: Verksamhetschef kultur från", LIBRARY_CHANNEL)
    await host.click(told, "Öppna frågorna")
    form = await host.window("Kommentarskön")
    await host.click(form, "session.sort", choose="Öppettider")
    await librarian.sees("Ämnen: Öppettider (1)", LIBRARY_CHANNEL)
    await sessions.tick(scene.desk.desk, ends + timedelta(minutes=1))
    await hurried(scene)
    line = await librarian.sees("Frågestunden är slut: 1 fråga, 0 besvarade.", LIBRARY_CHANNEL, thread=card["ts"])
    assert "Tack för alla frågor!" in line["text"]
    async with scene.desk.db.read() as session:
        [row] = (await session.exec(select(Comment))).all()
    assert "Öppettider" == row.topic


async def _with_rows(who: Person, rows: int) -> dict[str, Any] | None:
    """The form, once it has room for so many who answer."""
    view = await who.view()
    found = [one for one in view["blocks"] if str(one["block_id"]).startswith("host-")] if view else []
    return view if len(found) == rows else None


async def test_the_form_grows_keeps_its_mistakes_and_a_double_click_is_one_plan(scene: Scene) -> None:
    """One more who answers; a session that ends before it begins; then twice at once."""
    card = await _asked(scene)
    librarian = scene.person(town.LIBRARIAN)
    await librarian.click(card, "Frågestund")
    await librarian.click(await librarian.window("Frågestund"), "En till som svarar")
    view = await librarian.eventually(lambda: _with_rows(librarian, 3))
    now = scene.desk.desk.now()
    given: dict[str, Any] = {STARTS: int(now.timestamp()), FIRST: town.LIBRARIAN}
    wrong = await librarian.submit(view, {**given, ENDS: int((now - timedelta(hours=1)).timestamp())})
    assert ("errors", ["ends"]) == (wrong["result"], list(wrong["errors"]))
    right = {**given, ENDS: int((now + DAY / 2).timestamp())}
    await asyncio.gather(librarian.submit(view, right), librarian.submit(view, right), return_exceptions=True)
    async with scene.desk.db.read() as session:
        assert 1 == len((await session.exec(select(QuestionSession))).all())
    await retiming.tick(scene.desk.desk, scene.desk.desk.now())
    await librarian.click(await librarian.sees("Ändra frågestunden", LIBRARY_CHANNEL), "Ändra frågestunden")
    await librarian.click(await librarian.window("Frågestund"), "Ta bort frågestunden")
    await librarian.window("Kanalvakt")
    async with scene.desk.db.read() as session:
        assert [True] == [one.dropped is not None for one in (await session.exec(select(QuestionSession))).all()]


@pytest.mark.parametrize("alias", ["helg", "weekend", "HELG"])
async def test_the_word_is_known_under_komm_too(scene: Scene, alias: str) -> None:
    """In capitals, in English."""
    comms = scene.person(town.SOCIAL)
    await comms.command(f"/komm {alias}")
    await comms.window(TITLE)
