"""What people read: short, in their language, within Slack's limits, and without a word of a resident's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.errors import Text
from bot.sandbox.blocks import check_message
from bot.status import Trouble
from bot.texts import Speak
from handlers.cards import digest as cards
from handlers.cards.comment import QUEUE
from storage.inboxes import Inbox
from tests import town
from tests.digest.conftest import EARLY, EN, LIBRARY, SCHOOL, SECRET, SV, YOUTH, Morning

MONDAY = date(2026, 11, 23)


async def test_nothing_waits(morning: Morning) -> None:
    """It says so, and who answers, and what the days since brought."""
    found = cards.department(SV, await morning.department())
    assert [
        "Dagens läge, måndag 23 november",
        "*Inget väntar. Alla har fått svar.*",
        "*Vem svarar idag*",
        "Alla 4 konton har någon som svarar.",
        "*Saknar ersättare*",
        "Skolan",
        "*Sedan fredag 20 november*",
        "Kom in: 0 · Fick svar: 0, varav 0 i tid · Behövde inget svar: 0 · Dolda eller borttagna: 0",
    ] == found.text.splitlines()
    assert QUEUE not in str(found.blocks)


@pytest.mark.parametrize(
    ("t", "lines"),
    [
        (
            SV,
            [
                "*1 kommentar skulle ha fått svar. 1 väntar på svar. På 1 konto svarar ingen.*",
                "Ingen svarar på Skolan. Frågorna går till Rektor.",
                "Biblioteket berättar: Bibliotekspedagog svarar. Bibliotekarie är borta till fredag 27 november.",
                "På 2 konton till svarar den som brukar.",
                "Borta idag: Handläggare.",
                "*Biblioteket berättar* (<#C0BIBLIO>): 1 skulle ha fått svar fredag 20 november kl. 07.45",
                "*Unga*: 1 väntar, äldst från idag kl. 06.45, svara senast imorgon kl. 06.45",
            ],
        ),
        (
            EN,
            [
                "*1 comment should have been answered. 1 waits for an answer. On 1 account nobody answers.*",
                "Nobody answers on Skolan. Questions go to Rektor.",
                "Biblioteket berättar: Bibliotekspedagog answers. Bibliotekarie is away until Friday 27 November.",
                "On 2 more accounts the usual people answer.",
                "Away today: Handläggare.",
                "*Biblioteket berättar* (<#C0BIBLIO>): 1 was due Friday 20 November at 07:45",
                "*Unga*: 1 waiting, the oldest from today at 06:45, answer by tomorrow at 06:45",
            ],
        ),
    ],
)
async def test_a_busy_morning(morning: Morning, t: Speak, lines: list[str]) -> None:
    """Headline, gaps first, what is late, what waits; with a button to the queue."""
    await town.away(morning.desk.db, town.REQUESTER, MONDAY, MONDAY + timedelta(days=4))
    await town.away(morning.desk.db, town.OTHER, MONDAY, MONDAY)
    await morning.write(days=4)
    await morning.write(YOUTH, hours=1)
    found = cards.department(t, await morning.department())
    said = found.text.splitlines()
    assert lines == [one for one in said if one in lines]
    assert QUEUE in str(found.blocks)


async def test_inboxes_are_counted_and_linked(morning: Morning) -> None:
    """What they hold stays where it is."""
    link = "https://facebook.com/inbox"
    await morning.add(
        Inbox(channel=LIBRARY, kind="messages", count=3, oldest=EARLY - timedelta(days=1), link=link, seen=EARLY)
    )
    await morning.add(Inbox(channel=LIBRARY, kind="reviews", count=1, seen=EARLY))
    found = cards.department(SV, await morning.department())
    expected = f"*Facebook*: <{link}|3 meddelanden>, äldst från igår kl. 07.45 · 1 recension"
    assert expected in found.text.splitlines()


async def test_one_persons_own(morning: Morning) -> None:
    """What they have taken apart from what is theirs first; nothing of others."""
    await morning.write(hours=1)
    await morning.write(SCHOOL, hours=1)
    found = cards.mine(SV, await morning.mine(town.REQUESTER))
    assert [
        "Det här väntar på dig",
        "*Väntar på svar*",
        "*Biblioteket berättar*: 1 väntar, äldst från idag kl. 06.45, svara senast imorgon kl. 06.45",
    ] == found.text.splitlines()
    assert QUEUE in str(found.blocks)


async def test_one_who_has_nothing(morning: Morning) -> None:
    """Whoever asks is told so."""
    assert "Inget väntar på dig just nu." == cards.mine(SV, await morning.mine(town.COMMS)).text


@pytest.mark.parametrize("channel", [LIBRARY, YOUTH])
async def test_no_resident_is_in_it(morning: Morning, channel: str) -> None:
    """Neither name nor text, on any account, in any digest."""
    await morning.write(channel, SECRET, hours=1)
    shown = [
        cards.department(SV, await morning.department()),
        cards.department(SV, await morning.of_units("Biblioteket", "Kultur")),
        cards.mine(SV, await morning.mine(town.REQUESTER)),
        cards.mine(SV, await morning.mine(town.MANAGER)),
    ]
    said = str([(one.text, one.blocks) for one in shown])
    assert [] == [word for word in (SECRET, "dotter", "Invånare", "Nu har vi") if word in said]


async def test_what_does_not_work_has_its_part(morning: Morning) -> None:
    """With who can mend it."""
    found = await morning.department()
    trouble = Trouble("status.lane.unreachable", {"via": "Facebook"}, Text("mender.operator"))
    shown = cards.department(SV, replace(found, troubles=(trouble,)))
    assert "*Fungerar inte just nu*" in shown.text.splitlines()


async def test_a_very_busy_town_fits_in_a_message(morning: Morning) -> None:
    """Eight lines of a part, the others as a number; Slack takes it."""
    await morning.write(hours=1)
    found = await morning.department()
    [pile] = found.waiting
    many = tuple(replace(pile, account=f"Ett konto med ett ganska långt namn, nummer {n}") for n in range(60))
    names = tuple(f"Konto nummer {n}" for n in range(300))
    shown = cards.department(SV, replace(found, late=many, waiting=many, no_substitute=names))
    assert [] == check_message({"text": shown.text, "blocks": shown.blocks})
    assert (2, 1) == (shown.text.count("52 till"), shown.text.count("288 till"))
    assert QUEUE in str(shown.blocks)
