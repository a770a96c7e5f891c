"""The first hour: what is missing, who can mend it, and what is done."""

from dataclasses import replace
from typing import Any

import pytest

from bot import department, start
from bot.channels.errors import NotSent, Refused, Throttled
from bot.clock import Span
from bot.start import ChannelState, Mend, Step
from bot.status import SLACK_ADMIN
from tests import town
from tests.desk.api import Slack
from tests.desk.conftest import Office
from tests.desk.test_department import FORM
from tests.desk.test_status import tidy


async def steps(office: Office, api: Slack | None = None) -> dict[str, Step]:
    found = await start.steps(office.desk, town.COMMS, api or Slack(), now=office.clock())  # type: ignore[arg-type]
    return {one.name: one for one in found}


async def test_a_new_desk_sees_what_is_left_and_how_to_mend_it(office: Office) -> None:
    """Duties without anybody, units without heads, no account, an address nobody can open."""
    found = await steps(office)
    left = {name: one.mend for name, one in found.items() if not one.done}
    assert left == {
        "manager": Mend.DEPARTMENT,
        "registrar": Mend.DEPARTMENT,
        "contact_centre": Mend.DEPARTMENT,
        "crisis": Mend.DEPARTMENT,
        "heads": Mend.UNITS,
        "deputies": Mend.UNITS,
        "accounts": Mend.ACCOUNT,
        "url": None,
    }
    assert found["heads"].values == {"names": ["Simhallen", "Utan chef"], "n": 2}
    assert {name for name, one in found.items() if one.done} == {
        *("channel", "department", "units", "hours", "guidelines", "scopes")
    }


async def test_nothing_is_left_when_all_is_in_place(office: Office) -> None:
    """Every step ticked."""
    await tidy(office.desk.db)
    await department.save(office.desk, town.COMMS, FORM, now=office.clock())
    for name in office.units:
        unit = await office.unit(name)
        async with office.desk.db.write() as session:
            unit.deputy = town.REQUESTER
            session.add(unit)
    await office.account()
    office.desk = replace(office.desk, public_url="https://konton.exempel.example")
    assert [one.key for one in (await steps(office)).values() if not one.done] == []


async def test_whoever_is_not_found_in_slack_is_listed(office: Office) -> None:
    """By the address in the file, so that it can be corrected."""
    await town.change(office.desk.db, town.COMMS2, deleted=True)
    await town.change(office.desk.db, town.MANAGER, deleted=True)
    found = await steps(office)
    assert not found["department"].done
    assert found["unresolved"].values == {"names": [town.COMMS2, town.MANAGER]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"channel": {"is_member": True}}, ChannelState.READY),
        ({"channel": {"is_member": False}}, ChannelState.READY),
        ({"channel": {"is_member": False, "is_private": True}}, ChannelState.CLOSED),
        ({"channel": {"is_member": True, "is_archived": True}}, ChannelState.ARCHIVED),
        (Refused("channel_not_found"), ChannelState.CLOSED),
        (Refused("missing_scope", "channels:read"), ChannelState.UNREAD),
        (NotSent("down"), ChannelState.UNREAD),
        (Throttled(3), ChannelState.UNREAD),
    ],
)
async def test_the_channel_is_as_slack_says(answer: Any, expected: ChannelState) -> None:
    """A public channel the bot is not in will do: it joins by itself. Slack's errors are an answer too."""
    seen = await start.look(Slack({"conversations.info": answer}), "C1", town.COMMS)  # type: ignore[arg-type]
    assert seen.channel is expected


async def test_without_a_channel_slack_is_not_asked_for_it() -> None:
    """It is simply not chosen."""
    slack = Slack()
    seen = await start.look(slack, "", town.COMMS)  # type: ignore[arg-type]
    assert (seen.channel, slack.asked) == (ChannelState.NONE, ["users.info", "usergroups.list"])


async def test_missing_scopes_are_found_by_asking(office: Office) -> None:
    """Slack names what it needs; whoever administers Slack can grant it."""
    missing = Refused("missing_scope", "usergroups:read")
    found = await steps(office, Slack({"usergroups.list": missing}))
    scopes = found["scopes"]
    assert (scopes.done, scopes.values, scopes.mender) == (False, {"scopes": ["usergroups:read"]}, SLACK_ADMIN)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://konton.kommunen.se", True),
        ("http://konton.kommunen.se", False),
        ("https://localhost:8080", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
        ("", False),
    ],
)
def test_an_address_is_reachable_by_its_form(url: str, expected: bool) -> None:
    """https, and a name that is not this machine's own."""
    assert start.reachable(url) is expected


def test_hours_are_written_by_the_wall_clock() -> None:
    """As on a Swedish door."""
    assert start.clock(Span(8 * 60, 16 * 60 + 30)) == "08.00–16.30"
