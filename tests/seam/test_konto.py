"""The application through real payloads: what people see, and what the rows say."""

import asyncio

import pytest

from bot.accounts import cases
from bot.accounts.states import State
from bot.demo import konto, town
from storage import log
from tests.seam.conftest import Scene

ROUNDS = 100


async def _state(scene: Scene, number: int | None) -> State:
    assert number is not None
    async with scene.desk.db.read() as session:
        return (await cases.read(session, scene.desk.desk, number, scene.desk.desk.now())).state


async def test_the_whole_application(scene: Scene) -> None:
    """From the command to the register, as the demo plays it."""
    told: list[str] = []
    play = konto.Play(
        scene.sandbox.base_url, scene.desk.desk.public_url, lambda who, words: told.append(words)
    )
    await play.run()
    assert any("Båda har sagt ja" in words for words in told)


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_the_same_button_twice_at_once(scene: Scene) -> None:
    """One effect and one "redan beslutat", a hundred times of a hundred."""
    head = scene.person(town.LIBRARY)
    for turn in range(ROUNDS):
        row = await scene.apply(f"Konto nummer {turn}")
        card = await scene.head_card(f"Konto nummer {turn}")
        await asyncio.gather(head.click(card, "Godkänn"), head.click(card, "Godkänn"))
        await head.eventually(lambda n=row.id: _logged(scene, n, 2), what="one decision")
    said = [one for one in await head.messages() if "Redan beslutat" in one["text"]]
    assert ROUNDS == len(said)


async def _logged(scene: Scene, number: int | None, many: int) -> bool:
    async with scene.desk.db.read() as session:
        return len(await log.of_case(session, f"application:{number}")) == many


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_the_two_different_decisions_at_once(scene: Scene) -> None:
    """Approved, a hundred times of a hundred."""
    head, comms = scene.person(town.LIBRARY), scene.person(town.SOCIAL)
    for turn in range(ROUNDS):
        name = f"Konto nummer {turn}"
        row = await scene.apply(name)
        card, ask = await scene.head_card(name), await scene.ask(name)
        await asyncio.gather(head.click(card, "Godkänn"), comms.click(ask, "Godkänn"))
        await head.eventually(lambda n=row.id: _logged(scene, n, 3), what="both decisions")
        assert await _state(scene, row.id) is State.APPROVED
