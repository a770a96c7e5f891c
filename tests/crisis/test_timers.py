"""Scheduled posts while a crisis lasts: listed, held before their time, and said plainly where that fails."""

from dataclasses import replace
from datetime import timedelta

from bot.crisis import strays, timers
from bot.crisis.facts import Kind
from handlers.cards import crisis as cards
from storage import held
from tests import town
from tests.crisis.accounts import HOUR, MINUTE, Watch, listen, watch
from tests.crisis.conftest import SITE
from tests.test_texts import SV

__all__ = ["listen", "watch"]
EVERY = timedelta(seconds=120)
MONTH = timedelta(days=28)


async def test_what_is_due_soon_is_held_and_the_rest_left_alone(watch: Watch) -> None:
    """What lay apart still lies apart, weeks away; tomorrow's post may still go out as planned."""
    watch.plan(HOUR, "Marknad")
    watch.plan(2 * HOUR, "Konsert")
    watch.plan(26 * HOUR, "I morgon")
    watch.plan(20 * 24 * HOUR, "Om tre veckor")
    incident = (await watch.staff.publish()).incident
    now = watch.staff.clock()
    await watch.look()
    assert [
        ("I morgon", now + 26 * HOUR),
        ("Om tre veckor", now + 20 * 24 * HOUR),
        ("Marknad", now + HOUR + MONTH),
        ("Konsert", now + 2 * HOUR + MONTH),
    ] == watch.scheduled()
    assert [("Marknad", held.HELD), ("Konsert", held.HELD), ("I morgon", held.LISTED)] == [
        (one.words, one.state) for one in await watch.rows(incident)
    ]


async def test_the_list_stands_in_the_thread_once_and_tells_everything(watch: Watch) -> None:
    """Which account, when, the first words; what is held; and which accounts nobody can read from here."""
    watch.plan(HOUR, "Se <@U1> & <https://x.example|här>")
    await watch.staff.publish()
    await watch.look()
    await watch.look(EVERY)
    [post] = await watch.staff.rows(timers.CARD)
    assert (town.CHANNEL, True) == (post.dest, post.thread_id is not None)
    card = await watch.card()
    assert "*Facebook*, planerat måndag 23 november kl. 11.00: ”Se &lt;@U1&gt; &amp;" in card.text
    assert "Hållet. Går ut måndag 21 december kl. 11.00 om ingen väljer något annat." in card.text
    assert "/posts/" in card.text
    assert "Kan inte läsas här: X och YouTube." in card.text
    assert "Publicera" not in str(card.blocks)


async def test_what_comes_into_reach_later_is_held_then(watch: Watch) -> None:
    """The crisis goes on; so does the look."""
    watch.plan(7 * HOUR)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    assert [held.LISTED] == await watch.states(incident)
    await watch.look(HOUR)
    assert [held.HELD] == await watch.states(incident)


async def test_a_drill_holds_nothing(watch: Watch) -> None:
    """Ordinary posting goes on."""
    watch.plan(HOUR)
    await watch.staff.publish(drill=True, ends_at=town.MONDAY + 3 * HOUR)
    await watch.look()
    assert ([], []) == (await watch.staff.rows(timers.CARD), watch.local.calls)


async def test_a_municipality_may_choose_to_hold_by_hand(watch: Watch) -> None:
    """Then the list warns, and nothing is touched."""
    crisis = watch.staff.desk.settings.crisis.model_copy(update={"hold_scheduled": False})
    settings = watch.staff.desk.settings.model_copy(update={"crisis": crisis})
    watch.staff.desk = replace(watch.staff.desk, settings=settings)
    watch.plan(HOUR)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    assert [held.LISTED] == await watch.states(incident)
    assert "Går ut måndag 23 november kl. 11.00 om ingen stoppar det." in (await watch.card()).text
    assert "post.update" not in watch.local.calls


async def test_a_post_that_may_not_be_touched_makes_the_board_red(watch: Watch) -> None:
    """Made by another app: the platform refuses, and somebody has to stop it there."""
    watch.local.others.add(watch.plan(HOUR).id)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    assert [held.STUCK] == await watch.states(incident)
    assert "Kan inte hållas härifrån. Går ut måndag 23 november kl. 11.00" in (await watch.card()).text
    board = await watch.staff.board(incident)
    assert board.red
    assert "1 schemalagt inlägg går inte att hålla härifrån." in cards.Incident(SV, board, SITE).message().text


async def test_the_board_counts_what_is_held(watch: Watch) -> None:
    """Beside those who have paused."""
    watch.plan(HOUR)
    watch.plan(2 * HOUR)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    said = cards.Incident(SV, await watch.staff.board(incident), SITE).message().text
    assert "2 schemalagda inlägg hålls tillbaka." in said


async def test_a_lost_answer_is_not_taken_for_held(watch: Watch) -> None:
    """It is confirmed by the next look."""
    watch.plan(HOUR)
    watch.local.faults.set(drop_after_store={"probability": 1, "methods": ["post.update"]})
    incident = (await watch.staff.publish()).incident
    await watch.look()
    assert [held.HOLDING] == await watch.states(incident)
    assert "Det är inte bekräftat än." in (await watch.card()).text
    await watch.look(EVERY)
    assert [held.HELD] == await watch.states(incident)
    assert 1 == watch.local.calls.count("post.update")


async def test_a_request_that_was_lost_on_its_way_is_made_again(watch: Watch) -> None:
    """The look shows that nothing has happened."""
    watch.plan(HOUR)
    watch.local.faults.set(error_5xx={"probability": 1, "stored": 0, "methods": ["post.update"]})
    incident = (await watch.staff.publish()).incident
    await watch.look()
    assert [held.HOLDING] == await watch.states(incident)
    watch.local.faults.set(error_5xx=0)
    await watch.look(EVERY)
    assert [held.HELD] == await watch.states(incident)


async def test_a_crisis_that_ends_before_a_hold_is_confirmed_leaves_no_loose_end(watch: Watch) -> None:
    """It was held after all: it waits for a choice."""
    watch.plan(HOUR)
    watch.local.faults.set(drop_after_store={"probability": 1, "methods": ["post.update"]})
    incident = (await watch.staff.publish()).incident
    await watch.look()
    await watch.staff.publish(Kind.END, incident=incident, now="Bra.", next_at=None)
    await watch.look(MINUTE)
    assert [held.HELD] == await watch.states(incident)


async def test_a_timer_that_cannot_be_read_is_named(watch: Watch) -> None:
    """Until it can be read again."""
    watch.local.faults.set(revoked=True)
    await watch.staff.publish()
    await watch.look()
    assert "Facebook kunde inte läsas: 190/463." in (await watch.card()).text
    watch.local.faults.set(revoked=False)
    await watch.look(EVERY)
    assert "kunde inte läsas" not in (await watch.card()).text


async def test_what_somebody_takes_away_on_the_platform_is_gone_here_too(watch: Watch) -> None:
    """And a post moved there by hand is held again when its new time is near."""
    first, second = watch.plan(HOUR, "Ett"), watch.plan(2 * HOUR, "Två")
    incident = (await watch.staff.publish()).incident
    await watch.look()
    first.removed = True
    second.at = (watch.staff.clock() + 3 * HOUR).timestamp()
    await watch.look(EVERY)
    rows = await watch.rows(incident)
    assert [("Ett", held.GONE), ("Två", held.HELD)] == [(one.words, one.state) for one in rows]
    assert rows[1].until == rows[1].at + MONTH


async def test_one_that_got_through_is_told_as_published_meanwhile(watch: Watch) -> None:
    """Its time came before anybody could stop it."""
    watch.local.others.add(watch.plan(HOUR, "Marknad").id)
    incident = (await watch.staff.publish()).incident
    await watch.look()
    await watch.look(2 * HOUR)
    assert [held.WENT] == await watch.states(incident)
    assert "Gick ut, men inte härifrån." in (await watch.card()).text
    said = await watch.drawn(strays.STRAY)
    assert "Publicerat på *Facebook* under krisen måndag 23 november kl. 11.00" in said.text
    pauses = (await watch.staff.board(incident)).pauses
    assert pauses is not None
    assert 0 == pauses.stuck


async def test_accounts_are_not_looked_at_at_every_tick(watch: Watch) -> None:
    """The platforms count every question."""
    await watch.staff.publish()
    for _ in range(8):
        await watch.look(timedelta(seconds=30))
    assert 2 == watch.local.calls.count("scheduled_posts")


async def test_without_a_crisis_nobody_looks(watch: Watch) -> None:
    """A proposal is no crisis yet."""
    watch.plan(HOUR)
    await watch.staff.submit()
    await watch.look()
    assert [] == watch.local.calls


async def test_the_next_crisis_leaves_alone_what_waits_for_a_choice(watch: Watch) -> None:
    """And holds what the first one had only listed."""
    watch.plan(HOUR, "Hållet")
    watch.plan(8 * HOUR, "Senare")
    first = (await watch.staff.publish()).incident
    await watch.look()
    await watch.staff.publish(Kind.END, incident=first, now="Bra.", next_at=None)
    second = (await watch.staff.publish(what="Rör har brustit")).incident
    await watch.look(3 * HOUR)
    assert [held.HELD, held.LISTED] == await watch.states(first)
    assert [("Senare", held.HELD)] == [(one.words, one.state) for one in await watch.rows(second)]
