"""A choice for each held post: one at a time, by somebody, and never said to be out before it is."""

from datetime import timedelta

import pytest

from bot.crisis import report, timers
from bot.crisis.choosing import Choice
from bot.delivery.outcome import Drop
from bot.errors import Invalid, Refused
from handlers.cards.crisis_report import plain
from storage import held, log
from tests import town
from tests.crisis.accounts import HOUR, MINUTE, Watch, listen, watch
from tests.test_texts import SV

__all__ = ["listen", "watch"]


async def test_while_the_crisis_lasts_there_is_nothing_to_choose(watch: Watch) -> None:
    """Neither a button nor a way round it."""
    watch.plan(HOUR)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    [row] = await watch.rows(incident)
    with pytest.raises(Refused, match=r"held\.still_on"):
        await watch.choose(row, Choice.PUBLISH)
    assert [] == watch.standing()


async def test_published_is_said_when_it_is(watch: Watch) -> None:
    """The choice is written down, carried out, and confirmed; the log knows who chose."""
    incident, [row] = await watch.ended("Marknad")
    assert "Välj för varje inlägg" in (await watch.card()).text
    assert "Schemalägg om" in str((await watch.card()).blocks)
    await watch.choose(row, Choice.PUBLISH)
    assert "valde att publicera. Det är inte bekräftat än." in (await watch.card()).text
    assert [] == watch.standing()
    await watch.look()
    assert (["Marknad"], [held.PUBLISHED]) == (watch.standing(), await watch.states(incident))
    assert "Kommunikatör ett valde det." in (await watch.card()).text
    async with watch.staff.desk.db.read() as session:
        done = [(one.action, one.actor) for one in await log.of_case(session, f"incident:{incident}")]
    assert ("incident.held_publishing", town.COMMS) in done
    assert ("incident.held_published", town.COMMS) in done


async def test_the_report_tells_what_became_of_each_post(watch: Watch) -> None:
    """Held, chosen, out: by whom, when, on which account."""
    incident, [row] = await watch.ended("Marknad")
    await watch.choose(row, Choice.PUBLISH)
    await watch.look()
    async with watch.staff.desk.db.read() as session:
        said = plain(SV, await report.read(session, watch.staff.desk, incident))
    when = "måndag 23 november kl. 10.00"
    assert f"Ett schemalagt inlägg på Facebook hölls från {when}." in said
    assert f"Kommunikatör ett valde att publicera ett hållet inlägg på Facebook {when}." in said
    assert f"Det hållna inlägget på Facebook gick ut {when}." in said


async def test_two_posts_are_never_let_out_at_once(watch: Watch) -> None:
    """The second has to wait a quarter of an hour, or be given a time of its own."""
    _, [first, second] = await watch.ended("Marknad", "Konsert")
    await watch.choose(first, Choice.PUBLISH)
    with pytest.raises(Refused, match=r"held\.too_close"):
        await watch.choose(second, Choice.PUBLISH)
    await watch.look()
    await watch.look(14 * MINUTE)
    with pytest.raises(Refused, match=r"held\.too_close"):
        await watch.choose(second, Choice.PUBLISH)


async def test_after_a_while_the_next_may_go(watch: Watch) -> None:
    """One at a time."""
    _, [first, second] = await watch.ended("Marknad", "Konsert")
    await watch.choose(first, Choice.PUBLISH)
    await watch.look()
    await watch.look(15 * MINUTE)
    await watch.choose(second, Choice.PUBLISH)
    await watch.look()
    assert ["Konsert", "Marknad"] == watch.standing()


async def test_a_new_time_is_set_and_two_are_kept_apart(watch: Watch) -> None:
    """And neither in the past nor beyond what platforms take."""
    incident, [first, second] = await watch.ended("Marknad", "Konsert")
    wanted = watch.staff.clock() + 24 * HOUR
    for bad in (watch.staff.clock() + 14 * MINUTE, watch.staff.clock() + timedelta(days=61), None):
        with pytest.raises(Invalid):
            await watch.choose(first, Choice.MOVE, bad)
    await watch.choose(first, Choice.MOVE, wanted)
    await watch.look()
    with pytest.raises(Invalid):
        await watch.choose(second, Choice.MOVE, wanted + 14 * MINUTE)
    assert [held.MOVED, held.HELD] == await watch.states(incident)
    assert ("Marknad", wanted) in watch.scheduled()


async def test_what_is_dropped_is_gone(watch: Watch) -> None:
    """From the platform too."""
    incident, [row] = await watch.ended("Marknad")
    await watch.choose(row, Choice.DROP)
    await watch.look()
    assert ([], [], [held.DROPPED]) == (watch.scheduled(), watch.standing(), await watch.states(incident))


@pytest.mark.parametrize(
    ("choice", "call", "after"),
    [
        (Choice.PUBLISH, "post.update", held.PUBLISHED),
        (Choice.MOVE, "post.update", held.MOVED),
        (Choice.DROP, "post.delete", held.DROPPED),
    ],
)
async def test_a_lost_answer_is_said_plainly_and_found_out(
    watch: Watch, choice: Choice, call: str, after: str
) -> None:
    """It was done; nobody asks for it a second time."""
    incident, [row] = await watch.ended("Marknad")
    asked = watch.local.calls.count(call)
    watch.local.faults.set(drop_after_store={"probability": 1, "methods": [call]})
    await watch.choose(row, choice, watch.staff.clock() + 24 * HOUR if choice is Choice.MOVE else None)
    await watch.look()
    assert "Vi vet inte om det" in (await watch.card()).text.replace("Vi vet inte om den", "Vi vet inte om det")
    await watch.look(MINUTE)
    assert [after] == await watch.states(incident)
    assert asked + 1 == watch.local.calls.count(call)


async def test_what_could_not_be_done_in_time_is_chosen_anew(watch: Watch) -> None:
    """No post goes out by surprise an hour after somebody pressed."""
    incident, [row] = await watch.ended("Marknad")
    watch.local.faults.set(error_5xx={"probability": 1, "stored": 0, "methods": ["post.update"]})
    await watch.choose(row, Choice.PUBLISH)
    await watch.look()
    assert [held.PUBLISHING] == await watch.states(incident)
    watch.local.faults.set(error_5xx=0)
    await watch.look(HOUR)
    assert ([held.HELD], []) == (await watch.states(incident), watch.standing())
    assert "Valet hann inte utföras. Inget ändrades. Välj igen." in (await watch.card()).text


async def test_a_new_crisis_stops_a_choice_that_was_not_carried_out(watch: Watch) -> None:
    """It waits again."""
    incident, [row] = await watch.ended("Marknad")
    await watch.choose(row, Choice.PUBLISH)
    await watch.staff.publish(what="Rör har brustit")
    await watch.look()
    assert ([held.HELD], []) == (await watch.states(incident), watch.standing())


async def test_a_refusal_is_told_with_the_platforms_word(watch: Watch) -> None:
    """Nothing changed; the choice is open again."""
    incident, [row] = await watch.ended("Marknad")
    watch.local.others.add(row.remote)
    await watch.choose(row, Choice.PUBLISH)
    await watch.look()
    assert [held.HELD] == await watch.states(incident)
    assert "Det gick inte: 100/33" in (await watch.card()).text


async def test_what_somebody_has_done_on_the_platform_meanwhile_counts(watch: Watch) -> None:
    """Published there, or taken away there."""
    incident, [first, second] = await watch.ended("Marknad", "Konsert")
    waiting = {one.id: one for one in watch.local.scheduled()}
    waiting[first.remote].at = watch.staff.clock().timestamp()
    waiting[second.remote].removed = True
    await watch.choose(first, Choice.DROP)
    await watch.choose(second, Choice.PUBLISH)
    await watch.look()
    assert [held.WENT, held.GONE] == await watch.states(incident)


async def test_a_day_later_the_thread_is_reminded_once(watch: Watch) -> None:
    """In office hours; and not of what somebody has chosen meanwhile."""
    _, [row] = await watch.ended("Marknad")
    await watch.look(14 * HOUR)
    assert [] == await watch.staff.rows(timers.WAITING)
    await watch.look(12 * HOUR)
    await watch.look(MINUTE)
    [post] = await watch.staff.rows(timers.WAITING)
    assert (town.CHANNEL, True) == (post.dest, post.thread_id is not None)
    assert "1 schemalagt inlägg väntar fortfarande på ett val." in (await watch.drawn(timers.WAITING)).text
    await watch.choose(row, Choice.DROP)
    assert Drop("chosen") == await watch.draw(post)


async def test_who_chooses_and_only_once(watch: Watch) -> None:
    """The department and the deciders; the second click is told."""
    _, [row] = await watch.ended("Marknad")
    with pytest.raises(Refused, match=r"err\.right"):
        await watch.choose(row, Choice.DROP, by=town.HEAD)
    await watch.choose(row, Choice.PUBLISH)
    with pytest.raises(Refused, match=r"held\.under_way"):
        await watch.choose(row, Choice.DROP, by=town.COMMS2)
    await watch.look()
    with pytest.raises(Refused, match=r"held\.already"):
        await watch.choose(row, Choice.DROP, by=town.COMMS2)


async def test_what_is_not_held_cannot_be_chosen_for(watch: Watch) -> None:
    """It goes out as planned, and the platform's own tool is the place to change that."""
    watch.plan(8 * HOUR)
    incident, _ = await watch.ended()
    [row] = await watch.rows(incident)
    assert held.LISTED == row.state
    with pytest.raises(Refused, match=r"held\.not_held"):
        await watch.choose(row, Choice.DROP)
    with pytest.raises(held.ForbiddenMove):
        async with watch.staff.desk.db.write() as session:
            await held.move(session, row, held.PUBLISHED)
