"""A small workspace, and a bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Person
from bot.sandbox.seed import ChannelSeed, GroupSeed, PersonSeed, Seed
from bot.sandbox.server import Sandbox
from tests.sandbox.world import GONE, GUEST, HEAD, STAFF, STRANGER, Clock, client_for


@pytest.fixture
def seed() -> Seed:
    return Seed(
        people=(
            PersonSeed(HEAD, "Enhetschef biblioteket", "chef@kommunen.test", title="Enhetschef"),
            PersonSeed(STAFF, "Bibliotekarie", "bibliotekarie@kommunen.test", locale="en-GB"),
            PersonSeed(GUEST, "Konsult", "konsult@byran.test", guest=True),
            PersonSeed(GONE, "Avslutad tjänst", "borta@kommunen.test", deleted=True),
            PersonSeed(STRANGER, "Grannkommunen", "granne@grannen.test", team_id="T0OTHER"),
        ),
        groups=(GroupSeed("S0KOMM", "komm", (HEAD,)), GroupSeed("S0OLD", "gamla", (), disabled=True)),
        channels=(
            ChannelSeed("C0ALLA", "alla", members=(HEAD, STAFF), general=True),
            ChannelSeed("C0KOMM", "komm", members=(HEAD, STAFF), bot_is_member=True),
            ChannelSeed("C0OLD", "arkivet", members=(HEAD,), archived=True, bot_is_member=True),
            ChannelSeed("C0READ", "anslag", members=(HEAD,), read_only=True, bot_is_member=True),
            ChannelSeed("C0GRANN", "grannar", members=(HEAD, STRANGER), ext_shared=True, bot_is_member=True),
            ChannelSeed("G0CHEF", "chefer", private=True, members=(HEAD,)),
            ChannelSeed("G0VI", "vi", private=True, members=(HEAD,), bot_is_member=True),
        ),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(seed: Seed, clock: Clock) -> AsyncIterator[Sandbox]:
    workspace = Sandbox(seed, signing_secret="hemligt", clock=clock)
    await workspace.start()
    yield workspace
    await workspace.stop()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncWebClient:
    return client_for(sandbox)


@pytest.fixture
def head(sandbox: Sandbox) -> Person:
    return Person(sandbox.base_url, HEAD)


@pytest.fixture
def staff(sandbox: Sandbox) -> Person:
    return Person(sandbox.base_url, STAFF)
