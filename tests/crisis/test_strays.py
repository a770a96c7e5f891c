"""What our accounts publish during a crisis without crisis mode: told once, and nothing of our own by mistake."""

from datetime import timedelta

from bot.crisis import strays
from bot.crisis.states import State
from storage import posts
from storage.posts import Body, Post
from tests import town
from tests.crisis.accounts import MINUTE, Watch, listen, watch
from tests.crisis.conftest import FACEBOOK

__all__ = ["listen", "watch"]
EVERY = timedelta(seconds=120)


async def test_a_post_of_somebody_elses_is_told_once_with_link_and_time(watch: Watch) -> None:
    """However often it is seen."""
    await watch.staff.publish()
    watch.local.add("Veckans <katt>")
    await watch.look(MINUTE)
    for _ in range(3):
        await watch.look(EVERY)
    [post] = await watch.staff.rows(strays.STRAY)
    assert (town.CHANNEL, True) == (post.dest, post.thread_id is not None)
    said = await watch.drawn(strays.STRAY)
    assert "Publicerat på *Facebook* under krisen måndag 23 november kl. 10.00, inte av krisläget" in said.text
    assert "”Veckans &lt;katt&gt;”" in said.text
    assert f"{watch.local.base_url}/posts/" in said.text


async def _ours(watch: Watch, state: str, text: str, remote: str | None) -> None:
    """A delivery of the desk's own to the Page."""
    async with watch.staff.desk.db.write() as session:
        body = await posts.freeze(session, {"text": text})
        await session.flush()
        session.add(
            Post(
                via=FACEBOOK,
                dest=FACEBOOK,
                kind="crisis.text",
                topic="incident:99/out/facebook",
                prio=0,
                due=town.MONDAY,
                created=town.MONDAY,
                state=state,
                remote=remote,
                body=body,
            )
        )
    assert Body.__tablename__ == "body"


async def test_what_crisis_mode_has_sent_is_no_stray(watch: Watch) -> None:
    """Known by its id, whichever incident it belongs to."""
    await watch.staff.publish()
    await _ours(watch, posts.DONE, "Koka vattnet", watch.local.add("Koka vattnet").id)
    await watch.look(MINUTE)
    assert [] == await watch.staff.rows(strays.STRAY)


async def test_while_a_delivery_of_ours_is_unsure_nobody_is_accused(watch: Watch) -> None:
    """Its answer was lost; once it is known, the other post is told."""
    await watch.staff.publish()
    ours = watch.local.add("Koka vattnet")
    watch.local.add("Veckans katt")
    await _ours(watch, posts.UNKNOWN, "Koka vattnet", None)
    await watch.look(MINUTE)
    assert [] == await watch.staff.rows(strays.STRAY)
    [row] = [one for one in await watch.staff.rows("crisis.text") if one.topic.startswith("incident:99")]
    async with watch.staff.desk.db.write() as session:
        await posts.move(session, row.id or 0, posts.UNKNOWN, posts.DONE, remote=ours.id)
    await watch.look(EVERY)
    assert ["Veckans katt"] == [one.args["words"] for one in await watch.staff.rows(strays.STRAY)]


async def test_a_delivery_that_a_person_has_seen_is_known_by_its_words(watch: Watch) -> None:
    """Nobody ever told us its id."""
    await watch.staff.publish()
    watch.local.add("Koka  vattnet\n\nhttps://kommunen.example/vatten")
    await _ours(watch, posts.DONE, "Koka vattnet", None)
    await watch.look(MINUTE)
    assert [] == await watch.staff.rows(strays.STRAY)


async def test_what_stood_before_the_crisis_is_nobodys_fault(watch: Watch) -> None:
    """Nor is what comes after it."""
    watch.local.add("Förra veckans katt")
    watch.staff.clock.now += MINUTE
    case = await watch.staff.publish()
    await watch.look(MINUTE)
    assert State.APPROVED is case.state
    assert [] == await watch.staff.rows(strays.STRAY)
