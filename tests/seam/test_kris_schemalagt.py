"""Held posts through signed payloads: what people press once the crisis is over, and what they see."""

from datetime import timedelta
from typing import Any

import pytest

from bot.crisis.facts import Kind
from bot.demo import town
from bot.sandbox.platforms.facebook import Facebook
from tests.seam.conftest import Scene
from tests.seam.test_kris_liv import _publish

pytestmark = [
    pytest.mark.parametrize("outside", [True], ids=["street"]),
    pytest.mark.parametrize("mode", ["http"], indirect=True),
    pytest.mark.slow,
]


def _facebook(scene: Scene) -> Facebook:
    found = next(one for one in scene.sandbox.platforms if isinstance(one, Facebook))
    assert isinstance(found, Facebook)
    return found


async def _thread(scene: Scene, words: str) -> dict[str, Any]:
    """What the crisis's thread says."""
    comms = scene.person(town.SOCIAL)
    board = await _board(scene)
    return await comms.sees(words, town.DEPARTMENT_CHANNEL, thread=board["ts"])


async def _board(scene: Scene) -> dict[str, Any]:
    comms = scene.person(town.SOCIAL)

    async def look() -> dict[str, Any] | None:
        every = await comms.messages(town.DEPARTMENT_CHANNEL)
        return next((one for one in every if "crisis.note" in str(one["blocks"])), None)

    found: dict[str, Any] = await comms.eventually(look, what="the board")
    return found


async def test_one_held_post_is_published_and_the_other_given_a_new_time(scene: Scene) -> None:
    """Not both at once; a bad time is refused at its field; afterwards nothing is left to press."""
    facebook, now = _facebook(scene), scene.desk.desk.now()
    for number, text in enumerate(("Marknad", "Konsert"), start=1):
        facebook.plan(text, (now + timedelta(hours=number)).timestamp())
    incident = await _publish(scene)
    await scene.desk.schedule.tick()
    card = await _thread(scene, "Hållet. Går ut")
    assert "Schemalägg om" not in str(card["blocks"])
    await _publish(scene, Kind.END, incident, now="Proverna är bra.")
    comms, other = scene.person(town.SOCIAL), scene.person(town.WEB)
    card = await _thread(scene, "Schemalägg om")
    assert (await comms.click(card, "Publicera"))["ok"]
    card = await _thread(scene, "Kommunikatör sociala medier valde det.")
    assert ["Marknad"] == [one.text for one in facebook.visible() if one.text in ("Marknad", "Konsert")]
    assert (await other.click(card, "Publicera"))["ok"]
    await other.sees(
        "Ett annat inlägg går ut på kontot ungefär nu.", town.DEPARTMENT_CHANNEL, thread=card["thread_ts"]
    )
    assert (await other.click(card, "Schemalägg om"))["ok"]
    form = await other.window("Schemalägg om")
    late = await other.submit(form, {"at": int((now - timedelta(hours=1)).timestamp())})
    assert ["at"] == list(late["errors"])
    wanted = int((now + timedelta(days=2)).timestamp())
    assert "closed" == (await other.submit(form, {"at": wanted}))["result"]
    await scene.desk.schedule.tick()
    card = await _thread(scene, "Kommunikatör webb valde det.")
    assert [("Konsert", wanted)] == [(one.text, int(one.at)) for one in facebook.scheduled()]
    assert "Släng" not in str(card["blocks"])


async def test_what_waits_is_shown_on_request_and_an_old_button_says_so(scene: Scene) -> None:
    """/kris status; then a post is dropped, and the second click is told."""
    facebook, now = _facebook(scene), scene.desk.desk.now()
    facebook.plan("Se <!channel>", (now + timedelta(hours=1)).timestamp())
    incident = await _publish(scene)
    await scene.desk.schedule.tick()
    comms = scene.person(town.SOCIAL)
    await comms.command("/kris status")
    shown = await comms.sees("Hållet. Går ut")
    assert "”Se &lt;!channel&gt;”" in str(shown)
    await _publish(scene, Kind.END, incident, now="Proverna är bra.")
    card = await _thread(scene, "Schemalägg om")
    assert (await comms.click(card, "Släng"))["ok"]
    after = await _thread(scene, "Slängt")
    assert [] == facebook.scheduled()
    await comms.click(card, "Släng", stale=True)
    await comms.sees("Det är redan avgjort för inlägget.", town.DEPARTMENT_CHANNEL, thread=after["thread_ts"])
