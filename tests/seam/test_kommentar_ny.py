"""Comments brought in by hand, through the workspace's own doors."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.accounts import register
from bot.accounts.register import Existing
from bot.demo import town
from handlers.comment_new import SHORTCUT
from storage import units
from storage.comments import Comment
from tests.seam.conftest import Scene

ACCOUNT = "Biblioteket på Snapchat"
TITLE, ACCOUNT_FIELD, TEXT = "Ny kommentar i kön", "Konto", "Vad skrev personen?"
LINK, WRITTEN = "Länk till kommentaren", "När skrevs den?"
LIBRARY_CHANNEL = "C0BIBLIO01"


@pytest.fixture
async def scene(scene: Scene) -> Scene:
    """The library has an account that no interface reads."""
    async with scene.desk.db.read() as session:
        unit = await units.by_name(session, "Biblioteket")
    assert unit is not None
    existing = Existing(
        unit=unit.id,
        platform="snapchat",
        name=ACCOUNT,
        address="https://www.snapchat.com/add/biblioteket",
        purpose="Visa vad som händer.",
        owner=town.LIBRARIAN,
        substitute=town.EDUCATOR,
    )
    await scene.desk.directory.all_known([town.LIBRARIAN, town.EDUCATOR])
    await register.register_existing(scene.desk.desk, town.SOCIAL, existing, now=scene.desk.desk.now())
    return scene


async def _rows(scene: Scene) -> list[Comment]:
    async with scene.desk.db.read() as session:
        return list((await session.exec(select(Comment))).all())


async def test_a_question_is_brought_in_answered_by_hand_and_closed(scene: Scene) -> None:
    """A teacher heard it; the library's own see it in their channel and answer where it was asked."""
    teacher, librarian = scene.person(town.TEACHER), scene.person(town.LIBRARIAN)
    await teacher.command("/kommentar ny Har ni öppet i jul?")
    view = await teacher.window(TITLE)
    sent = await teacher.submit(view, {ACCOUNT_FIELD: ACCOUNT, "Namn": "Elev", "Vad står i inlägget?": "Jultider"})
    assert "update" == sent["result"]
    done = await teacher.window("Klart")
    assert "Svarar nu: Bibliotekarie." in str(done["blocks"])
    root = await librarian.sees("Jultider", LIBRARY_CHANNEL)
    card = await librarian.sees("Har ni öppet i jul?", LIBRARY_CHANNEL, thread=root["ts"])
    await librarian.click(card, "Svara")
    form = await librarian.window("Svara")
    await librarian.submit(form, {"Svar": "Ja, till kl. 15."})
    mine = await librarian.sees("Ja, till kl. 15.")
    await librarian.click(mine, "Klart")
    await librarian.sees("Besvarad av", LIBRARY_CHANNEL, thread=root["ts"])
    assert ["answered"] == [one.state for one in await _rows(scene)]


async def test_a_slack_message_fills_the_form(scene: Scene) -> None:
    """Its words as they were typed, its link and its time; twice by two people is one."""
    educator, librarian = scene.person(town.EDUCATOR), scene.person(town.LIBRARIAN)
    link = "https://www.snapchat.com/t/abc?x=1&y=2"
    message = await educator.say(f"<3 Hittade en fråga: Lånar ni ut surfplattor? {link}", LIBRARY_CHANNEL)
    posted = await educator.sees("Lånar ni ut", LIBRARY_CHANNEL)
    assert message["ok"]
    for who in (educator, librarian):
        await who.shortcut(SHORTCUT, posted)
        view = await who.window(TITLE)
        shown = {one["block_id"]: one.get("element", {}) for one in view["blocks"]}
        assert (f"<3 Hittade en fråga: Lånar ni ut surfplattor? {link}", link, int(float(posted["ts"]))) == (
            shown["text"]["initial_value"],
            shown["link"]["initial_value"],
            shown["written"]["initial_date_time"],
        )
        await who.submit(view, {ACCOUNT_FIELD: ACCOUNT})
        await who.window("Klart")
    [row] = await _rows(scene)
    assert (link, int(float(posted["ts"]))) == (row.link, int(row.written.timestamp()))


async def test_bad_input_stands_at_its_field_and_everything_typed_stays(scene: Scene) -> None:
    """A link that is none, a time that has not come; what is missing the client says itself."""
    teacher = scene.person(town.TEACHER)
    await teacher.command("/kommentar ny")
    view = await teacher.window(TITLE)
    tomorrow = int((scene.desk.desk.now() + timedelta(days=1)).timestamp())
    given: dict[str, Any] = {ACCOUNT_FIELD: ACCOUNT, TEXT: "När då?"}
    wrong = await teacher.submit(view, {**given, LINK: "snapchat.com/x", WRITTEN: tomorrow})
    assert ("errors", {"link", "written"}) == (wrong["result"], set(wrong["errors"]))
    assert "har inga mellanslag" in wrong["errors"]["link"]
    mended = await teacher.submit(view, {**given, LINK: "https://snapchat.com/x", WRITTEN: None})
    assert ("update", 1) == (mended["result"], len(await _rows(scene)))


async def test_the_same_form_sent_twice_is_one(scene: Scene) -> None:
    """Two clicks at once, or a client that tries again."""
    teacher = scene.person(town.TEACHER)
    await teacher.command("/kommentar ny")
    view = await teacher.window(TITLE)
    given = {ACCOUNT_FIELD: ACCOUNT, TEXT: "När öppnar ni?"}
    await asyncio.gather(teacher.submit(view, given), teacher.submit(view, given), return_exceptions=True)
    assert 1 == len(await _rows(scene))


async def test_a_guest_is_told_whom_to_ask(scene: Scene) -> None:
    """No form opens."""
    guest = scene.person(town.CONSULTANT)
    await guest.command("/kommentar ny")
    assert "Be någon som är anställd" in (await guest.sees("gäst"))["text"]
    assert (None, []) == (await guest.view(), await _rows(scene))
