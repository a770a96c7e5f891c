"""Refused destinations: the stand-ins, the replies, and the reasons."""

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.errors import Refused
from tests.delivery.conftest import Desk


async def test_a_refused_card_and_its_lines_go_to_the_fallback(desk: Desk) -> None:
    """The department's channel is closed: its members get card and lines as direct messages, in order."""
    desk.vendor.by_place["C1"] = Refused("is_archived")
    desk.fallbacks["department"] = ["U1", "U2"]
    card = await desk.send("C1", "card", kind="card", card=True, fallback="department")
    for number in range(3):
        await desk.send("C1", f"line {number}", thread=card)
    async with desk.at_work():
        rows = await desk.settled()
    told = ["card", "line 0", "line 1", "line 2"]
    assert (desk.vendor.texts("D-U1"), desk.vendor.texts("D-U2")) == (told, told)
    assert [row.state for row in rows[:4]] == ["refused", "dropped", "dropped", "dropped"]
    assert [row.reason for row in rows[:4]] == ["is_archived", "moved", "moved", "moved"]
    roots = [one.remote for one in desk.vendor.stored if one.text == "card"]
    assert sorted({one.thread for one in desk.vendor.stored if one.thread}) == sorted(roots)


async def test_a_line_owed_after_the_refusal_also_goes_to_the_stand_ins(desk: Desk) -> None:
    """Whoever still answers in the old thread is led to the new ones."""
    desk.vendor.by_place["C1"] = Refused("is_archived")
    desk.fallbacks["department"] = ["U1"]
    card = await desk.send("C1", "card", kind="card", card=True, fallback="department")
    async with desk.at_work():
        await desk.becomes(card, "refused")
        await desk.settled()
        late = await desk.send("C1", "late line", thread=card)
        await desk.becomes(late, "dropped")
        await desk.settled()
    assert desk.vendor.texts("D-U1") == ["card", "late line"]


async def test_without_a_fallback_the_replies_are_dropped_with_a_reason(desk: Desk) -> None:
    """Nobody waits for a thread that will never be."""
    desk.vendor.by_place["C1"] = Refused("channel_not_found")
    card = await desk.send("C1", "card", kind="card", card=True)
    line = await desk.send("C1", "line", thread=card)
    async with desk.at_work():
        assert (await desk.becomes(line, "dropped")).reason == "thread refused"
    assert desk.vendor.stored == []


async def test_a_fallback_that_is_refused_too_ends_there(desk: Desk) -> None:
    """Stand-ins have no stand-ins: no circle, and every line comes to an end."""
    desk.vendor.by_place["C1"] = Refused("is_archived")
    desk.vendor.nowhere["U1"] = Refused("account_deactivated")
    desk.fallbacks["department"] = ["U1"]
    card = await desk.send("C1", "card", kind="card", card=True, fallback="department")
    await desk.send("C1", "line", thread=card)
    async with desk.at_work():
        rows = await desk.settled()
        rows = await desk.settled()
    assert {row.state for row in rows} <= {"refused", "dropped"}
    assert desk.vendor.stored == []


async def test_a_deactivated_person_is_refused_before_anything_is_sent(desk: Desk) -> None:
    """Slack would take the message without a word; so it is not asked."""
    desk.vendor.nowhere["U1"] = Refused("account_deactivated")
    post = await desk.send("U1", "x")
    async with desk.at_work():
        row = await desk.becomes(post, "refused")
    assert (row.reason, row.tries) == ("account_deactivated", 0)
    assert desk.vendor.asked == []


async def test_a_stand_in_that_has_the_card_already_gets_the_lines_only_once(desk: Desk) -> None:
    """The head had the card as a direct message all along."""
    desk.vendor.by_place["C1"] = Refused("is_archived")
    desk.fallbacks["department"] = ["U1"]
    own = await desk.send("U1", "card", kind="card", card=True)
    card = await desk.send("C1", "card", kind="card", card=True, fallback="department")
    await desk.send("U1", "line", thread=own)
    await desk.send("C1", "line", thread=card)
    await desk.send("C1", "only here", thread=card)
    async with desk.at_work():
        await desk.becomes(card, "refused")
        await desk.settled()
    assert desk.vendor.texts("D-U1") == ["card", "line", "only here"]


async def test_a_refused_line_with_a_fallback_goes_there_by_itself(desk: Desk) -> None:
    """The card stands; only its thread is locked."""
    card = await desk.send("C1", "card", kind="card", card=True)
    desk.fallbacks["requester"] = ["U1"]
    async with desk.at_work():
        await desk.becomes(card, "done")
        desk.vendor.by_place["C1"] = Refused("thread_locked")
        await desk.send("C1", "line", thread=card, fallback="requester")
        await desk.settled()
        await desk.until(card, lambda _: bool(desk.vendor.texts("D-U1")))
    assert desk.vendor.texts("D-U1") == ["line"]


async def test_a_fallback_that_breaks_stops_nobody_and_is_asked_again(desk: Desk) -> None:
    """The refused post is parked with a reason; once mended, the stand-ins get it."""
    desk.vendor.by_place["C1"] = Refused("is_archived")
    mended = []

    async def fallback(session: AsyncSession, name: str) -> list[str]:
        if not mended:
            raise KeyError(name)
        return mended

    desk.fallback = fallback  # type: ignore[method-assign]
    card = await desk.send("C1", "card", kind="card", card=True, fallback="department")
    async with desk.at_work() as room:
        await desk.until(card, lambda row: (row.reason or "").startswith("KeyError"))
        assert list((await room.state()).parked) == [card.id]
        await desk.becomes(await desk.send("C2", "other"), "done")
        mended.append("U1")
        await desk.until(card, lambda _: bool(desk.vendor.texts("D-U1")))
        await desk.settled()
