"""The application through real payloads: what people see, and what the rows say."""

import asyncio
import os
import re
from typing import Any

import pytest

from bot.accounts import cases
from bot.accounts.states import State
from bot.demo import konto, town
from bot.sandbox.driver import Person
from storage import log
from tests.seam.conftest import Scene

ROUNDS = int(os.environ.get("KANALVAKT_ROUNDS", "100"))


async def _state(scene: Scene, number: int | None) -> State:
    assert number is not None
    async with scene.desk.db.read() as session:
        return (await cases.read(session, scene.desk.desk, number, scene.desk.desk.now())).state


async def test_the_whole_application(scene: Scene) -> None:
    """From the command to the register, as the demo plays it."""
    told: list[str] = []
    play = konto.Play(scene.sandbox.base_url, scene.desk.desk.public_url, lambda who, words: told.append(words))
    await play.run()
    assert any("Båda har sagt ja" in words for words in told)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_the_same_button_twice_at_once(scene: Scene) -> None:
    """One effect and one "redan beslutat", every time."""
    head = scene.person(town.LIBRARY)
    cases = [(await scene.apply(_name(turn))).id for turn in range(ROUNDS)]
    cards = await _cards(scene, head)
    for turn in range(ROUNDS):
        await asyncio.gather(*(head.click(cards[_name(turn)], "Godkänn") for _ in range(2)))
    for number in cases:
        await head.eventually(lambda n=number: _logged(scene, n, 2), what="one decision")
    await head.eventually(lambda: _refused(head), what="a refusal for every second click")


async def _refused(head: Person) -> bool:
    await asyncio.sleep(0.5)
    said = [one for one in await head.messages() if "Redan beslutat" in one["text"]]
    return len(said) == ROUNDS


def _name(turn: int) -> str:
    return f"Konto nummer {turn:03}"


async def _cards(scene: Scene, who: Person, channel: str | None = None) -> dict[str, dict[str, Any]]:
    """Every card that somebody sees in a place, by the account it is about."""

    found: dict[str, dict[str, Any]] = {}
    while len(found) < ROUNDS:  # the test's own time-out ends it
        await asyncio.sleep(0.5)
        for one in await who.messages(channel):
            named = re.search(r"Konto nummer \d{3}", one["text"])
            if named and one["blocks"]:
                found.setdefault(named.group(), one)
    return found


async def _logged(scene: Scene, number: int | None, many: int) -> bool:
    async with scene.desk.db.read() as session:
        return len(await log.of_case(session, f"application:{number}")) == many


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_the_two_different_decisions_at_once(scene: Scene) -> None:
    """Approved, every time."""
    head, comms = scene.person(town.LIBRARY), scene.person(town.SOCIAL)
    cases = [(await scene.apply(_name(turn))).id for turn in range(ROUNDS)]
    cards = await _cards(scene, head)
    roots = await _cards(scene, comms, town.DEPARTMENT_CHANNEL)
    asks = {}
    for name, root in roots.items():
        asks[name] = await comms.sees("Godkänn", town.DEPARTMENT_CHANNEL, thread=root["ts"], timeout=60)
    for turn in range(ROUNDS):
        name = _name(turn)
        await asyncio.gather(head.click(cards[name], "Godkänn"), comms.click(asks[name], "Godkänn"))
    for number in cases:
        await head.eventually(lambda n=number: _logged(scene, n, 3), what="both decisions")
        assert await _state(scene, number) is State.APPROVED
