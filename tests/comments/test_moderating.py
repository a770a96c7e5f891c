"""Hiding and removing: never without evidence, never by one person alone where it is criticism."""

import asyncio
import hashlib
import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from bot.channels import registry
from bot.channels.answering import WATCH
from bot.channels.protocol import Can
from bot.comments import completing, moderating, rules, tell
from bot.comments.moderating import HIDE, REMOVE, Given
from bot.comments.rules import Case
from bot.comments.states import Act, State
from bot.delivery.outcome import Drop
from bot.errors import Invalid, Refused
from bot.texts import Texts
from handlers.comment import CommentRenderer
from storage import comments, log, moderations, posts
from storage.moderations import Moderation
from tests import town
from tests.comments.conftest import CHANNEL, Desks
from tests.comments.test_acting import MAY, MAY_NOT

SV = Texts.load().language("sv")
THREAT = Given("a", why="Hot mot personal", shot="Mappen Borttagna inlägg")


async def order(
    here: Desks, case: Case, given: Given = THREAT, act: str = HIDE, who: str = town.COMMS
) -> Moderation:
    return await moderating.order(here.desk, who, case.id, act, given, now=here.clock())


async def act(here: Desks, number: int) -> Moderation:
    async with here.desk.db.read() as session:
        found = await moderations.get(session, number)
    assert found is not None
    return found


async def ends(here: Desks, state: str) -> None:
    """What the platform said to the last request."""
    carried = (await here.owed(moderating.KIND))[-1]
    async with here.desk.db.write() as session:
        await moderating.settled(session, here.desk, carried, state)


async def test_hidden_at_once_with_the_comment_as_evidence(here: Desks) -> None:
    """The platform is asked, the text is out of Slack, and the evidence's hash stands in the log."""
    case = await here.comment("Jag vet var du bor")
    made = await order(here, case)
    hidden = await here.case(case.remote)
    assert (State.HIDDEN, made.id, ()) == (hidden.state, hidden.moderation.id, hidden.lacks)  # type: ignore[union-attr]
    [carried] = await here.owed(moderating.KIND)
    assert (f"{CHANNEL}{WATCH}", f"hide:{case.remote}") == (carried.via, carried.dest)
    assert ("Jag vet var du bor", "Invånare") == (made.evidence["text"], made.evidence["author"])
    spelling = json.dumps(made.evidence, ensure_ascii=False, sort_keys=True)
    assert hashlib.sha256(spelling.encode()).hexdigest() == made.digest
    async with here.desk.db.read() as session:
        [entry] = [one for one in await log.of_case(session, f"comment:{case.id}") if "hide" in one.action]
    assert (made.digest, None) == (entry.detail["digest"], entry.detail.get("text"))


async def test_hiding_is_never_refused_for_what_is_missing(here: Desks) -> None:
    """It follows afterwards, and the comment says what lacks until then; secrecy wants a diary number."""
    case = await here.comment("Hon är sjukskriven för diagnos")
    made = await order(here, case, Given("b", secrecy=True))
    assert ("why", "shot", "diary") == (await here.case(case.remote)).lacks
    given = Given("", why="Sekretess", no_shot="Redan borta", diary="Skickat till registrator")
    await completing.complete(here.desk, town.COMMS2, made.id or 0, given, now=here.clock())
    assert () == (await here.case(case.remote)).lacks
    assert "b" == (await act(here, made.id or 0)).klass


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (HIDE, Given(""), "klass"),
        (HIDE, Given("x"), "klass"),
        (HIDE, Given("d"), "why"),
        (REMOVE, Given("c", why="Reklam"), "shot"),
    ],
)
async def test_what_the_form_cannot_do_without(here: Desks, kind: str, given: Given, field: str) -> None:
    """The error stands at its field, and nothing has changed."""
    case = await here.comment()
    with pytest.raises(Invalid) as invalid:
        await order(here, case, given, kind)
    assert ({field}, State.WAITING) == (set(invalid.value.problems), (await here.case(case.remote)).state)


async def test_criticism_needs_a_second_person(here: Desks) -> None:
    """It stands until somebody else agrees; never the one who asked, and never twice."""
    case, given = await here.comment("Ni är hopplösa!"), Given("d", why="Upprepad reklam")
    made = await order(here, case, given)
    number = made.id or 0
    assert (State.WAITING, []) == ((await here.case(case.remote)).state, await here.owed(moderating.KIND))
    with pytest.raises(Refused, match="hide.own"):
        await moderating.agree(here.desk, town.COMMS, number, now=here.clock())
    with pytest.raises(Refused, match="hide.asked"):
        await order(here, case, given, who=town.COMMS2)
    await moderating.agree(here.desk, town.COMMS2, number, now=here.clock())
    assert (State.HIDDEN, town.COMMS2) == ((await here.case(case.remote)).state, (await act(here, number)).second)
    with pytest.raises(Refused):
        await moderating.decline(here.desk, town.HEAD, number, now=here.clock())


async def test_criticism_may_stay(here: Desks) -> None:
    """A second person says no: it waits for an answer as before."""
    case = await here.comment("Ni är hopplösa!")
    made = await order(here, case, Given("d", why="Tråkig"))
    await moderating.decline(here.desk, town.COMMS2, made.id or 0, now=here.clock())
    assert (State.WAITING, None) == ((after := await here.case(case.remote)).state, after.moderation)
    assert [town.CHANNEL] == [one.dest for one in await here.owed(tell.SECOND)]


async def test_of_suspected_child_abuse_nothing_is_kept(here: Desks) -> None:
    """Link and time only, also in earlier wordings."""
    case = await here.comment("Något")
    await here.edited(case, "Något annat")
    made = await order(here, case, Given("child"))
    row = await here.row(case.id)
    assert ("", "", {"link", "written"}) == (row.text, row.author, set(made.evidence))
    async with here.desk.db.read() as session:
        assert [] == await comments.wordings(session, case.id)


@pytest.mark.parametrize(("said", "state"), [(posts.DONE, "done"), (posts.REFUSED, "by_hand")])
async def test_what_the_platform_says(here: Desks, said: str, state: str) -> None:
    """Done; or a person has to do it there, and says so."""
    case = await here.comment()
    made = await order(here, case)
    await ends(here, said)
    assert state == (await act(here, made.id or 0)).state
    if state == "by_hand":
        assert [town.COMMS] == [one.dest for one in await here.owed(tell.HAND)]
        await moderating.done_by_hand(here.desk, town.COMMS, made.id or 0, now=here.clock())
        assert "done" == (await act(here, made.id or 0)).state


async def test_where_the_platform_removes_nothing_from_here(here: Desks) -> None:
    """A person does it by hand; the desk's decision stands all the same."""
    case = await here.comment()
    made = await order(here, case, act=REMOVE)
    assert (State.REMOVED, "by_hand", []) == (
        (await here.case(case.remote)).state,
        (await act(here, made.id or 0)).state,
        await here.owed(moderating.KIND),
    )


@pytest.mark.parametrize(("platform", "removes"), [("facebook", True), ("youtube", True), ("x", False)])
async def test_nobody_is_led_into_what_the_platform_lets_only_authors_do(
    here: Desks, platform: str, removes: bool
) -> None:
    """There *Ta bort* neither shows nor works; hiding does."""
    case = await here.comment()
    there = replace(case, hands=replace(case.hands, platform=platform))
    assert (removes, True) == (
        rules.may(rules.check_open, there, Act.REMOVE),
        rules.may(rules.check_open, there, Act.HIDE),
    )


def test_no_channel_removes_what_only_authors_remove() -> None:
    """The two places where it is written agree."""
    claims = {get_args(one.model_fields["platform"].annotation)[0]: talk for one, talk in registry.TALKS.items()}
    assert rules.ONLY_AUTHORS < claims.keys()
    assert not [name for name in rules.ONLY_AUTHORS if Can.TAKE_DOWN in claims[name].can]


async def test_shown_again(here: Desks) -> None:
    """A mistake is undone on the platform; what is removed is not."""
    case = await here.comment()
    await order(here, case)
    await moderating.show_again(here.desk, town.COMMS2, case.id, now=here.clock())
    assert State.CLOSED == (await here.case(case.remote)).state
    assert ["hide", "show"] == [one.dest.partition(":")[0] for one in await here.owed(moderating.KIND)]
    await order(here, case, act=REMOVE)
    with pytest.raises(Refused, match="comment.already"):
        await moderating.show_again(here.desk, town.COMMS2, case.id, now=here.clock())


async def test_every_role(here: Desks) -> None:
    """Whoever may answer may hide; nobody else."""
    case = await here.comment()
    for who in MAY_NOT:
        with pytest.raises(Refused, match="err.right"):
            await order(here, case, who=who)
    for who in MAY:
        await order(here, await here.comment(), who=who)


async def test_two_at_once(here: Desks) -> None:
    """One hides it; the other hears who was faster."""
    case = await here.comment()
    both: list[Any] = await asyncio.gather(
        *(order(here, case, who=who) for who in (town.COMMS, town.COMMS2)), return_exceptions=True
    )
    assert [Moderation, Refused] == sorted((type(one) for one in both), key=lambda kind: kind.__name__)
    assert 1 == len(await here.owed(moderating.KIND))


async def test_what_is_worse_than_criticism_does_not_wait_for_a_colleague(here: Desks) -> None:
    """Somebody asked about criticism; then somebody sees the threat in it: hiding is never refused."""
    case = await here.comment("Ni är hopplösa, och jag vet var du bor")
    asked = await order(here, case, Given("d", why="Reklam"))
    await order(here, case, THREAT, who=town.EDITOR)
    assert (State.HIDDEN, "declined") == (
        (await here.case(case.remote)).state,
        (await act(here, asked.id or 0)).state,
    )
    with pytest.raises(Refused, match=r"comment\.already"):
        await moderating.agree(here.desk, town.COMMS2, asked.id or 0, now=here.clock())


@pytest.mark.parametrize(
    ("said", "state"), [(posts.DONE, "done"), (posts.REFUSED, "by_hand"), (posts.DROPPED, "by_hand")]
)
async def test_showing_again_fares_as_hiding_does(here: Desks, said: str, state: str) -> None:
    """Refused: whoever asked does it there and presses *Klart*, once."""
    case = await here.comment()
    await order(here, case)
    await moderating.show_again(here.desk, town.COMMS2, case.id, now=here.clock())
    shown = (await here.owed(moderating.KIND))[-1].args["moderation"]
    await ends(here, said)
    assert state == (await act(here, shown)).state
    if state == "done":
        return
    [told] = await here.owed(tell.HAND)
    async with here.desk.db.read() as session:
        card = await CommentRenderer(here.desk).kinds[tell.HAND](session, told, SV)
    assert (town.COMMS2, True) == (told.dest, "visar den inte igen härifrån" in card.text)  # type: ignore[union-attr]
    both: list[Any] = await asyncio.gather(
        *(moderating.done_by_hand(here.desk, who, shown, now=here.clock()) for who in (town.COMMS2, town.COMMS)),
        return_exceptions=True,
    )
    assert ({"NoneType", "Refused"}, "done") == (
        {type(one).__name__ for one in both},
        (await act(here, shown)).state,
    )


async def test_where_nothing_is_shown_from_here_a_person_does_it(here: Desks) -> None:
    """A platform that hides nothing shows nothing."""
    case = await here.comment()
    await order(here, case)
    blind = replace(here.desk, outlets=())
    await moderating.show_again(blind, town.COMMS2, case.id, now=here.clock())
    assert [town.COMMS2] == [one.dest for one in await here.owed(tell.HAND)]


async def test_a_hiding_that_was_taken_back_is_not_asked_for_any_more(here: Desks) -> None:
    """The platform stood still; what waits and is no longer wanted is dropped, and nobody has to do it by hand."""
    case = await here.comment()
    made = await order(here, case)
    await moderating.show_again(here.desk, town.COMMS2, case.id, now=here.clock())
    [hide, show] = await here.owed(moderating.KIND)
    async with here.desk.db.read() as session:
        draw = CommentRenderer(here.desk).kinds[moderating.KIND]
        assert Drop(moderating.REPLACED) == await draw(session, hide, SV)
        assert show.dest == (await draw(session, show, SV)).text  # type: ignore[union-attr]
    async with here.desk.db.write() as session:
        await posts.move(session, hide.id or 0, posts.WAITING, posts.DROPPED, reason=moderating.REPLACED)
    async with here.desk.db.write() as session:
        await moderating.settled(session, here.desk, hide, posts.DROPPED)
    assert ("done", []) == ((await act(here, made.id or 0)).state, await here.owed(tell.HAND))


@pytest.mark.parametrize("given", [Given("a"), Given("b"), Given("c"), Given("child")])
async def test_what_the_moves_lack_cannot_happen(here: Desks, given: Given) -> None:
    """One table for all acts."""
    made = await order(here, await here.comment(), given)
    async with here.desk.db.write() as session:
        row = await moderations.get(session, made.id or 0)
        assert row is not None
        with pytest.raises(moderations.ForbiddenMove):
            await moderations.move(session, row, moderations.PROPOSED)
