"""Sending on: to whom, when they are open, once; and the answer comes back into the thread."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.comments import acting, forwarding, moderating, replying, targets
from bot.comments.forwarding import ANSWER, CARD, LINE, MAIL, TABLE, Given, Move, NotAllowed
from bot.comments.moderating import Given as Reason
from bot.comments.rules import Case
from bot.delivery.outcome import Drop
from bot.desk import Desk
from bot.errors import Invalid, Refused
from bot.people import Role
from bot.texts import Texts
from handlers.cards import comment_forward as cards
from handlers.comment_forward import ForwardRenderer
from storage import duties, forwardings, log, posts, replies
from storage.forwardings import Forwarding
from tests import town
from tests.comments.conftest import Desks

SV = Texts.load().language("sv")
EXPERT = Given("expert", person=town.OTHER_HEAD, note="Vilka tider gäller?")
MAIL_CHANNEL = {
    "platform": "mail",
    "key": "mejl-press",
    "name": "Presslistan",
    "host": "127.0.0.1",
    "sender": "press@exempel.example",
    "recipients": ["redaktion@tidning.example"],
}


async def forward(here: Desks, case: Case, given: Given = EXPERT, who: str = town.COMMS) -> Forwarding:
    return await forwarding.forward(here.desk, who, case.id, given, now=here.clock())


async def answer(here: Desks, made: Forwarding, who: str = town.OTHER_HEAD, text: str = "Tio till arton.") -> None:
    await forwarding.answer(here.desk, who, made.id or 0, text, now=here.clock())


async def kept(here: Desks, made: Forwarding) -> Forwarding:
    async with here.desk.db.read() as session:
        found = await forwardings.get(session, made.id or 0)
        assert found is not None
        return found


def changed(desk: Desk, *, mail: bool = False, **comments: Any) -> Desk:
    """The same desk with a mail channel, or other settings for comments."""
    given = {**desk.settings.model_dump(exclude={"office"}), "channels": [MAIL_CHANNEL] if mail else []}
    given["comments"] = {**given["comments"], **comments}
    return replace(desk, settings=desk.settings.model_validate(given))


async def appoint(here: Desks, role: str, who: str) -> None:
    async with here.desk.db.write() as session:
        await duties.appoint(session, role, who, "Funktionsbrevlådan")


async def drawn(here: Desks, kind: str) -> list[Any]:
    """Every delivery of a kind, as its receiver would see it."""
    renderer = ForwardRenderer(here.desk)
    found = await here.owed(kind)
    async with here.desk.db.read() as session:
        return [await renderer.kinds[kind](session, post, SV) for post in found]


async def test_an_expert_in_slack_is_asked(here: Desks) -> None:
    """A card for them, a receipt in the thread, the clock as it was."""
    case = await here.comment("Vilka tider gäller? <!channel>", author="Förälder")
    made = await forward(here, case)
    [card], [line] = await here.owed(CARD), await here.owed(LINE)
    assert (town.OTHER_HEAD, town.CHANNEL, "Rektor") == (card.dest, line.dest, made.name)
    [shown], [receipt] = await drawn(here, CARD), await drawn(here, LINE)
    assert "Skickat till Rektor. Svaret kommer tillbaka hit." in receipt.text
    assert "Vilka tider gäller? &lt;!channel&gt;" in shown.text
    assert "Förälder" not in str(shown)
    assert (case.due, case.state) == ((after := await here.case(case.remote)).due, after.state)


@pytest.mark.parametrize("who", [town.OTHER_HEAD, town.GUEST, town.STRANGER, town.GONE, "U0NOBODY"])
async def test_who_does_not_answer_on_the_account_sends_nothing_on(here: Desks, who: str) -> None:
    """Nothing is written then."""
    case = await here.comment()
    with pytest.raises(Refused, match=r"err\.right"):
        await forward(here, case, Given("expert", person=town.HEAD), who)
    with pytest.raises(Refused, match=r"err\.right"):
        await forwarding.offer(here.desk, who, case.id, now=here.clock())
    assert [] == await here.owed(LINE)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given("nowhere"), "target"),
        (Given("authority"), "target"),
        (Given("expert"), "person"),
        (Given("expert", person=town.GUEST), "person"),
        (Given("expert", person=town.GONE), "person"),
        (Given("expert", person=town.COMMS), "person"),
        (replace(EXPERT, hold=True, holding=" "), "holding"),
        (replace(EXPERT, hold=True, holding="a" * 8001), "holding"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(here: Desks, given: Given, field: str) -> None:
    """And nothing has gone anywhere."""
    case = await here.comment()
    with pytest.raises(Invalid) as refused:
        await forward(here, case, given)
    assert [field] == list(refused.value.problems)
    assert ([], []) == (await here.owed(LINE), await here.owed(replying.ANSWER))


async def test_the_resident_hears_that_somebody_is_looking(here: Desks) -> None:
    """In the same transaction; the comment goes on waiting."""
    case = await here.comment()
    await forward(here, case, replace(EXPERT, hold=True, holding="Vi kollar."))
    [owed] = await here.owed(replying.ANSWER)
    async with here.desk.db.read() as session:
        [reply] = await replies.of_comment(session, case.id)
    assert (owed.id, "Vi kollar.", True) == (reply.post_id, reply.text, reply.holding)
    assert "waiting" == (await here.case(case.remote)).state


async def test_received_and_answered(here: Desks) -> None:
    """Each step is seen in the thread; the answer is a message of its own there and to who asked."""
    case = await here.comment()
    made = await forward(here, case)
    here.later(minutes=10)
    await forwarding.receive(here.desk, town.OTHER_HEAD, made.id or 0, now=here.clock())
    assert "Rektor tog emot" in (await drawn(here, LINE))[0].text
    await answer(here, made)
    assert {town.CHANNEL, town.COMMS} == {post.dest for post in await here.owed(ANSWER)}
    shown = (await drawn(here, ANSWER))[0]
    assert "Tio till arton." in shown.text
    assert cards.USE in str(shown.blocks)
    assert "Besvarat av Rektor" in (await drawn(here, LINE))[0].text
    assert cards.REPLY not in str((await drawn(here, CARD))[0].blocks)
    async with here.desk.db.read() as session:
        entries = await log.of_case(session, f"comment:{case.id}")
    assert ["comment.forwarded", "forward.received", "forward.answered"] == [one.action for one in entries]
    assert Role.EXPERT == entries[-1].role
    assert "Tio till arton." not in str([one.detail for one in entries])


async def test_only_the_receiver_receives(here: Desks) -> None:
    """Who answers on the account may enter an answer that came by telephone; strangers nothing."""
    made = await forward(here, await here.comment())
    for who in (town.COMMS, town.GUEST, "U0NOBODY"):
        with pytest.raises(Refused, match=r"err\.right"):
            await forwarding.receive(here.desk, who, made.id or 0, now=here.clock())
    with pytest.raises(Refused, match=r"err\.right"):
        await answer(here, made, "U0NOBODY")
    await answer(here, made, town.REQUESTER, "De ringde: tio till arton.")
    assert (forwardings.ANSWERED, town.REQUESTER) == ((row := await kept(here, made)).state, row.answered_by)


async def test_two_clicks_are_one(here: Desks) -> None:
    """Sent on, received and answered once each, however near the clicks are."""
    case = await here.comment()
    twice = await asyncio.gather(forward(here, case), forward(here, case), return_exceptions=True)
    [made] = [one for one in twice if isinstance(one, Forwarding)]
    [refused] = [one for one in twice if isinstance(one, Refused)]
    assert "forward.already" == refused.key
    receiving = (forwarding.receive(here.desk, town.OTHER_HEAD, made.id or 0, now=here.clock()) for _ in range(2))
    results = await asyncio.gather(*receiving, return_exceptions=True)
    assert ["forward.received"] == [one.key for one in results if isinstance(one, Refused)]
    results = await asyncio.gather(answer(here, made), answer(here, made, text="Nej."), return_exceptions=True)
    assert ["forward.answered"] == [one.key for one in results if isinstance(one, Refused)]
    await forward(here, case)


@pytest.mark.parametrize("state", forwardings.STATES)
@pytest.mark.parametrize("act", list(Move))
async def test_the_table_is_the_only_way(here: Desks, state: str, act: Move) -> None:
    """What the table lacks is a bug, and changes nothing."""
    made = await forward(here, await here.comment())
    async with here.desk.db.write() as session:
        row = await forwardings.get(session, made.id or 0)
        assert row is not None
        await forwardings.change(session, row, state=state)
        if (state, act) in TABLE:
            await forwarding.move(session, row, act)
            assert TABLE[state, act] == row.state
        else:
            with pytest.raises(NotAllowed):
                await forwarding.move(session, row, act)
            assert state == row.state


async def test_closed_until_they_open(here: Desks) -> None:
    """The contact centre opens on Tuesday at eight: until then it is queued, and the thread says so."""
    await appoint(here, duties.CONTACT_CENTRE, town.OTHER)
    here.clock.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # kl. 18 in Stockholm
    made = await forward(here, await here.comment(), Given("contact_centre"))
    [card] = await here.owed(CARD)
    opens = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert (opens, opens, town.OTHER) == (made.due, card.due, card.dest)
    assert "har stängt. Vi skickar när de öppnar tisdag 24 november kl. 08.00." in (await drawn(here, LINE))[0].text


@pytest.mark.parametrize("how", ["closed", "hidden"])
async def test_what_was_settled_while_they_were_closed_is_not_sent(here: Desks, how: str) -> None:
    """Nobody is asked in the morning for what was answered in the evening."""
    await appoint(here, duties.CONTACT_CENTRE, town.OTHER)
    here.clock.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    case = await here.comment()
    await forward(here, case, Given("contact_centre"))
    here.later(minutes=1)
    if how == "closed":
        await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
    else:
        await moderating.order(here.desk, town.COMMS, case.id, "hide", Reason("a"), now=here.clock())
    [drawing] = await drawn(here, CARD)
    assert Drop("answered" if how == "closed" else "gone") == drawing


async def test_a_targets_own_hours(here: Desks) -> None:
    """Open on working days at the times in the settings; public holidays are closed."""
    gata = {"key": "gata", "name": "Gata", "kind": "fault", "who": town.OTHER, "hours": ["09:00-11:00"]}
    here.desk = changed(here.desk, targets=[gata])
    here.clock.now = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)  # Christmas Eve
    made = await forward(here, await here.comment(), Given("gata"))
    assert datetime(2026, 12, 28, 8, 0, tzinfo=UTC) == made.due


async def test_the_registrar_gets_a_mail_with_a_number(here: Desks) -> None:
    """By the mail channel's server; the number stands in the subject, and whoever reads the answer enters it."""
    here.desk = changed(here.desk, mail=True)
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    case = await here.comment("Jag vill klaga på rutan. <b>")
    made = await forward(here, case, Given("registrar"))
    [mail] = await here.owed(MAIL)
    assert ("letters", "registrator@exempel.example") == (mail.via, mail.dest)
    [letter] = await drawn(here, MAIL)
    assert letter.title.startswith(f"K-2026-{made.id:04}: ")
    assert "Jag vill klaga på rutan. <b>" in letter.text
    assert cards.REPLY in str((await drawn(here, LINE))[0].blocks)
    await answer(here, made, town.COMMS)
    assert forwardings.ANSWERED == (await kept(here, made)).state


async def test_without_a_mail_channel_the_text_is_handed_over(here: Desks) -> None:
    """The receipt carries address and text; nothing is said to have been sent by itself."""
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    await forward(here, await here.comment(), Given("registrar"))
    [line] = await drawn(here, LINE)
    assert "Mejla till registrator@exempel.example själv" in str(line.blocks)
    assert ([], []) == (await here.owed(MAIL), await here.owed(CARD))


async def test_a_mail_that_did_not_get_there(here: Desks) -> None:
    """The receipt says so, and it can be sent again."""
    here.desk = changed(here.desk, mail=True)
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    case = await here.comment()
    made = await forward(here, case, Given("registrar"))
    async with here.desk.db.write() as session:
        await posts.move(session, made.post_id or 0, posts.WAITING, posts.SENDING, started=here.clock())
        await posts.move(session, made.post_id or 0, posts.SENDING, posts.REFUSED, reason="550")
    assert "Det gick inte fram" in (await drawn(here, LINE))[0].text
    assert made.id != (await forward(here, case, Given("registrar"))).id


async def test_a_sensitive_account_sends_only_a_link(here: Desks) -> None:
    """Neither text nor name leaves the platform, in Slack or by mail."""
    here.desk = changed(here.desk, mail=True, places=[{"key": "facebook", "sensitive": True}])
    await appoint(here, duties.REGISTRAR, "registrator@exempel.example")
    case = await here.comment("Jag mår dåligt", link="https://facebook.com/1")
    for given in (EXPERT, Given("registrar")):
        await forward(here, case, given)
    for shown in [*await drawn(here, CARD), *await drawn(here, MAIL), *await drawn(here, LINE)]:
        assert "mår dåligt" not in str(shown)
    assert "https://facebook.com/1" in str(await drawn(here, CARD))


async def test_what_is_hidden_is_gone_from_the_receivers_card(here: Desks) -> None:
    """Every copy follows; the answer is still taken."""
    case = await here.comment("Jag vet var du bor")
    made = await forward(here, case)
    before = (await here.owed(CARD))[0].want
    async with here.desk.db.write() as session:
        await posts.move(session, made.post_id or 0, posts.WAITING, posts.SENDING, started=here.clock())
        await posts.move(session, made.post_id or 0, posts.SENDING, posts.DONE, remote="1.1")
    await moderating.order(here.desk, town.COMMS, case.id, "hide", Reason("a"), now=here.clock())
    [card] = await here.owed(CARD)
    assert before < card.want
    assert "var du bor" not in str(await drawn(here, CARD))


async def test_the_targets_are_those_who_can_be_reached(here: Desks) -> None:
    """Experts and other authorities always; the rest where the settings or the department name them."""
    await appoint(here, duties.CONTACT_CENTRE, town.OTHER)
    nobody = {"key": "gata", "name": "Gata", "kind": "fault"}
    here.desk = changed(here.desk, targets=[nobody, {**nobody, "key": "park", "email": "park@exempel.example"}])
    async with here.desk.db.read() as session:
        found = await targets.every(session, here.desk)
    assert ["expert", "contact_centre", "authority", "park"] == [one.key for one in found]


async def test_a_receiver_who_left_is_not_sent_to(here: Desks) -> None:
    """What a target was is looked up when it is used."""
    await appoint(here, duties.CONTACT_CENTRE, town.OTHER)
    await town.change(here.desk.db, town.OTHER, deleted=True)
    with pytest.raises(Invalid):
        await forward(here, await here.comment(), Given("contact_centre"))


async def test_later_answers_do_not_wait_for_anybody(here: Desks) -> None:
    """The comment may be answered while somebody is still asked; their answer still comes."""
    case = await here.comment()
    made = await forward(here, case)
    here.clock.now += timedelta(hours=1)
    await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
    await answer(here, made)
    assert forwardings.ANSWERED == (await kept(here, made)).state
